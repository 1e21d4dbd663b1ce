"""Patterns in blocks (``on``, ``must``): event types and conditions, checked against what the packs declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import evolve

from ..calendar import parse_date
from ..condition import Condition, Value, parse_condition
from ..errors import nearest, quoted
from ..event_type import EventType, FieldType
from ..matching.facts import ATTRIBUTES
from ..rule import Pattern
from .table import Table
from .vocabulary import Vocabulary

_IMPLICIT = {"case": FieldType("case"), "unit": FieldType("unit"), "date": FieldType("date")}
_ORDERED = ("at_least", "at_most", "above", "below")
_FLAGS = ("head", "leader", "part_time", "acting")


def read_pattern(table: Table, key: str, vocabulary: Vocabulary, *, apart: str = "") -> Pattern | None:
    """Read which events the key means: ``"event.type"``, or a table of ``event`` and conditions; None when absent.

    The key `apart` of that table is no condition.
    """
    value = table.values.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        return Pattern((table.known(value, vocabulary.events, "type of event", key),))
    if not isinstance(value, dict):
        table.wrong(key, 'an event type, or `{ event = "…", … }`')
    inner = table.table(key)
    if isinstance(value.get("event"), str):
        events: tuple[str, ...] = (inner.needed("event", ""),)
    else:
        events = inner.texts("event") or inner.missing("event", '`event = "thing.happened"`')
    for event in events:
        inner.known(event, vocabulary.events, "type of event", "event")
    types = [vocabulary.events[event] for event in events]
    where: list[Condition] = []
    for path, operand in value.items():
        if path not in ("event", apart):
            where.extend(_conditions(inner, path, operand, types, vocabulary))
    return Pattern(events, tuple(where))


def read_conditions(table: Table, key: str, events: tuple[str, ...], vocabulary: Vocabulary) -> Pattern | None:
    """Read further conditions on the very events; None when the key is absent."""
    if key not in table.values:
        return None
    inner = table.table(key)
    types = [vocabulary.events[event] for event in events]
    where = [
        each for path, value in inner.values.items() for each in _conditions(inner, path, value, types, vocabulary)
    ]
    if not where:
        table.wrong(key, "at least one condition, `{ collective = true }`")
    return Pattern(events, tuple(where))


def all_fields(types: Iterable[EventType]) -> set[str]:
    """Return the fields that all the events have and that hold one value."""
    found = [{name for name, field in {**_IMPLICIT, **declared.fields}.items() if not field.many} for declared in types]
    return set.intersection(*found) if found else set()


def read_where(table: Table, key: str, vocabulary: Vocabulary, places: Iterable[str]) -> tuple[Condition, ...]:
    """Read the conditions on whom a rule falls: dotted paths that begin with one of `places` (``unit``, ``post``)."""
    inner, where, known = table.table(key), list[Condition](), sorted(places)
    subject = EventType("subject", {place: FieldType(place) for place in known})
    for path, operand in inner.values.items():
        place, dot, _ = path.partition(".")
        if place not in known or not dot:
            advice = f"; begin with {' or '.join(quoted(f'{each}.') for each in known)}"
            inner.fail(f"{quoted(path)} is nothing that can be asked here{nearest(place, known) or advice}", path)
        if path == "unit.grade":
            try:
                where.extend(_checked(inner, path, each, FieldType("text")) for each in parse_condition(path, operand))
            except ValueError as problem:
                inner.fail(str(problem), path)
        else:
            where.extend(_conditions(inner, path, operand, [subject], vocabulary))
    if key in table.values and not where:
        table.wrong(key, 'at least one condition, `{ "unit.kind" = "…" }`')
    return tuple(where)


def fields_of(types: Iterable[EventType], *kinds: str) -> set[str]:
    """Return the fields of these types of field that all the events have."""
    found = [
        {name for name, field in ({**_IMPLICIT, **declared.fields}).items() if field.name in kinds and not field.many}
        for declared in types
    ]
    return set.intersection(*found) if found else set()


def _conditions(
    table: Table, path: str, operand: Any, types: list[EventType], vocabulary: Vocabulary
) -> Iterable[Condition]:
    name, *attributes = path.split(".")
    conditions: tuple[Condition, ...] = ()
    for declared in types:
        fields: Mapping[str, FieldType] = {**_IMPLICIT, **declared.fields}
        if name not in fields:
            problem = f"the event {quoted(declared.name)} has no field {quoted(name)}"
            table.fail(problem + (nearest(name, fields) or f"; it has {', '.join(map(quoted, fields))}"), path)
        field = fields[name]
        kind = field.name
        for attribute in attributes:
            known = ATTRIBUTES.get("" if field.many else kind, {})
            if attribute not in known:
                advice = (
                    f"; it has {', '.join(map(quoted, known))}" if known else "; only a unit, post or person has facts"
                )
                table.fail(
                    f"{quoted(path)} asks for {quoted(attribute)} of a {kind}{nearest(attribute, known) or advice}",
                    path,
                )
            kind, owner = known[attribute], kind
        if isinstance(operand, dict) and (dotted := operand.keys() & ATTRIBUTES.get(kind, {}).keys()):
            whole = quoted(f'"{path}.{min(dotted)}"')
            table.fail(f"{quoted(path)} is read as a table; put the dotted path in quotation marks, {whole}", path)
        try:
            conditions = parse_condition(path, operand)
        except ValueError as problem:
            table.fail(str(problem), path)
        if not conditions or conditions[0].value == ():
            table.fail(f"{quoted(path)} is compared with nothing; write a value", path)
        if attributes and kind == "value":
            declared_words = vocabulary.kinds if owner == "unit" else vocabulary.posts
            field = _attribute_type(attributes[-1], declared_words)
        elif attributes:
            field = FieldType(kind)
        conditions = tuple(_checked(table, path, each, field) for each in conditions)
    return conditions


def _attribute_type(attribute: str, kinds: Mapping[str, object]) -> FieldType:
    if attribute == "kind":
        return FieldType("choice", tuple(kinds)) if kinds else FieldType("choice", ("",))
    return FieldType("bool" if attribute in _FLAGS else "text")


def _checked(table: Table, path: str, condition: Condition, field: FieldType) -> Condition:
    """Return the condition with its values as the declared type has them."""
    if condition.operator == "present":
        return condition
    if field.many or field.name == "map":
        table.fail(f"{quoted(path)} is {field}; only `present` can be asked of it", path)
    if condition.operator in _ORDERED and field.name not in ("int", "decimal", "date"):
        table.fail(f"{quoted(path)} is {field} and has no order; `{condition.operator}` is for numbers and days", path)
    if isinstance(condition.value, tuple):
        return evolve(condition, value=tuple(_value(table, path, each, field) for each in condition.value))
    return evolve(condition, value=_value(table, path, condition.value, field))


def _value(table: Table, path: str, value: Value, field: FieldType) -> Value:
    match field.name, value:
        case ("int" | "decimal", int() | Decimal()) | ("bool", bool()) if (field.name == "bool") == isinstance(
            value, bool
        ):
            return value
        case "choice", str() if value in field.choices:
            return value
        case "date", str() | date():
            try:
                return parse_date(value)
            except ValueError as problem:
                table.fail(f"{quoted(path)}: {problem}", path)
        case (("int" | "decimal" | "bool" | "choice" | "date"), _):
            hint = nearest(str(value), field.choices) or "; write such a value"
            table.fail(f"{quoted(value)} can not be the value of {quoted(path)}, which is {field}{hint}", path)
        case _, str():
            return value
    return table.fail(f"{quoted(value)} can not be the value of {quoted(path)}, which is {field}; write a text", path)
