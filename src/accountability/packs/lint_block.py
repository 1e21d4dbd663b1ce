"""The block ``lint``: a check of the library by name, with its arguments checked against the words of the packs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..checks import CHECKS, Check
from ..clause import Clause
from ..errors import nearest, quoted
from ..event_type import EventType
from ..organization_facts import RELATIONS
from ..rule import Lint, Pattern
from .patterns import read_pattern
from .table import Table
from .writing import Writing, title_of

_KEYS = ("id", "title", "check", "on", "with", "adopted", "text")


def read_lint(writing: Writing, table: Table, clause: Clause) -> Lint:
    """Return the lint that a block is."""
    table.closed(*_KEYS)
    name = table.known(table.needed("check", '`check = "orphan_duty"`'), CHECKS, "check of the library", "check")
    check = CHECKS[name]
    inner = table.table("with")
    arguments = _arguments(writing, inner, name, check)
    return Lint(
        id=table.id("id", '`id = "P1-2a.lint"`'),
        clause=clause,
        title=title_of(table, clause, name.replace("_", " ")),
        check=name,
        on=_events(writing, table, name, check, arguments),
        arguments=arguments,
        adopted=table.flag("adopted", True),
    )


def _events(writing: Writing, table: Table, name: str, check: Check, arguments: dict[str, Any]) -> Pattern | None:
    """Return the events that the check is about, or reads."""
    known = writing.vocabulary.events
    if check.of_event is None:
        if "on" in table.values:
            table.fail(f"{quoted(name)} is a check of the organization, not of an event; leave `on` out", "on")
        named = (arguments["event"],) if "event" in arguments else tuple(each for each in check.reads if each in known)
        return Pattern(named) if named else None
    on = read_pattern(table, "on", writing.vocabulary) or table.missing("on", 'the events, `on = "problem.escalated"`')
    for event in on.events:
        for field in check.fields:
            if field not in known[event].fields:
                table.fail(f"{quoted(name)} reads the field {quoted(field)}, which {quoted(event)} has not", "on")
        for kind in arguments.get("layers", ()):
            choices = known[event].fields["kind"].choices or (kind,)
            table.table("with").table("layers").known(kind, choices, f"kind of {quoted(event)}", kind)
    return on


def _arguments(writing: Writing, table: Table, name: str, check: Check) -> dict[str, Any]:
    """Return the arguments of the check, each read as its type."""
    for key in table.values:
        if key not in check.arguments:
            known = ", ".join(map(quoted, check.arguments))
            advice = nearest(key, check.arguments) or (f"; it takes {known}" if known else "; it takes none")
            table.fail(f"{quoted(key)} is no argument of the check {quoted(name)}{advice}", key)
    found: dict[str, Any] = {}
    for key, type_ in check.arguments.items():
        if key in table.values:
            found[key] = _READERS[type_.rstrip("?")](writing, table, key, found)
        elif not type_.endswith("?"):
            table.fail(f"the check {quoted(name)} needs the argument {quoted(key)}; write it in `with`")
    return found


def _kinds(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> tuple[str, ...]:
    value = table.values[key]
    kinds = table.texts(key) if isinstance(value, list) else (table.needed(key, ""),)
    if not kinds:
        table.wrong(key, "a kind of unit, or a list of kinds")
    return tuple(table.known(kind, writing.vocabulary.kinds, "kind of unit", key) for kind in kinds)


def _kind(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    return table.known(table.needed(key, ""), writing.vocabulary.kinds, "kind of unit", key)


def _post(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    return table.known(table.needed(key, ""), writing.vocabulary.posts, "kind of post", key)


def _relation(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    known = {*RELATIONS, *writing.vocabulary.relations}
    return table.known(table.needed(key, ""), known, "relation", key)


def _event(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    return table.known(table.needed(key, ""), writing.vocabulary.events, "type of event", key)


def _field(writing: Writing, table: Table, key: str, found: dict[str, Any]) -> str:
    declared: EventType = writing.vocabulary.events[found["event"]]
    fields = {name for name, field in declared.fields.items() if field.name in ("text", "choice")}
    return table.known(table.needed(key, ""), fields, f"text of the event {quoted(declared.name)}", key)


def _texts(_writing: Writing, table: Table, key: str, _: dict[str, Any]) -> tuple[str, ...]:
    return table.texts(key) or table.wrong(key, "a list of at least one text")


def _text(_writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    return table.needed(key, "")


def _share(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> str:
    what = "no parameter of the type `share`"
    return writing.parameter(table, key, table.needed(key, ""), ("share",), what)[0]


def _layers(writing: Writing, table: Table, key: str, _: dict[str, Any]) -> dict[str, str]:
    layers = table.table(key)
    if not layers.values:
        table.wrong(key, 'a table of kinds and layers, `{ rule = "中层" }`')
    return {kind: layers.needed(kind, "the name of a layer") for kind in layers.values}


_READERS: dict[str, Callable[[Writing, Table, str, dict[str, Any]], Any]] = {
    "kinds": _kinds,
    "kind": _kind,
    "post": _post,
    "relation": _relation,
    "event": _event,
    "field": _field,
    "texts": _texts,
    "text": _text,
    "share": _share,
    "layers": _layers,
}
