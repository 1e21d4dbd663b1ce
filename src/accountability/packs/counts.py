"""Counts and shares of ``pack.toml`` turned into data: the events that change a count, the posts that make a share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from ..errors import PackError, quoted
from ..rule import MEMBERS, Counter, Pattern, Share
from .duty_block import read_each
from .patterns import fields_of, read_pattern, read_where
from .table import Table
from .vocabulary import Declarations, Vocabulary

_OWNERS = ("unit", "post", "person")


def read_counts(packs: Iterable[Declarations], vocabulary: Vocabulary) -> None:
    """Add the counts and shares of the packs to the vocabulary; a name that two declare otherwise is refused."""
    places: dict[str, str] = {}
    for pack in packs:
        for what, tables, known, reader in (
            ("count", pack.counts, vocabulary.counts, _count),
            ("share", pack.shares, vocabulary.shares, _share),
        ):
            for name, table in tables.items():
                found: Any = reader(name, table, vocabulary)
                if name in known and known[name] != found:
                    problem = f"the {what} {quoted(name)} is declared otherwise at {places[f'{what}.{name}']}"
                    raise PackError(f"{table.place()}: {problem}; declare it alike in both packs")
                known[name] = found
                places[f"{what}.{name}"] = table.place()


def _count(name: str, table: Table, vocabulary: Vocabulary) -> Counter:
    table.closed("title", "per", "set", "up", "down", "starts")
    if name == MEMBERS:
        table.fail(f"the library counts {quoted(MEMBERS)} itself; rename the count")
    sets, ups, downs = (_patterns(table, key, vocabulary) for key in ("set", "up", "down"))
    told = []
    for inner, pattern in sets:
        fields = fields_of([vocabulary.events[event] for event in pattern.events], "int")
        if inner is None:
            table.missing("set", '`{ event = "…", value = "…" }`, with the field that holds the number')
        field = inner.needed("value", "the field that holds the number")
        told.append((pattern, inner.known(field, fields, "whole number of the event", "value")))
    patterns = [pattern for _, pattern in (*sets, *ups, *downs)]
    if not patterns:
        table.missing("up", 'the event that raises the count, `up = "thing.added"`')
    per = table.needed("per", 'whose count it is, `per = "unit"`')
    types = [vocabulary.events[event] for pattern in patterns for event in pattern.events]
    kinds = [kind for kind in _OWNERS if per in fields_of(types, kind)]
    if not kinds:
        known = fields_of(types, *_OWNERS)
        table.known(per, known, "unit, post or person that all the events of the count name", "per")
    starts = table.values.get("starts")
    if starts is not None and (isinstance(starts, bool) or not isinstance(starts, int) or starts < 0):
        table.wrong("starts", "the number with which the count begins, from 0")
    if starts is None and not sets:
        table.missing("starts", "`starts = 0`, or the event that tells the number as `set`")
    title = table.titles() or table.missing("title", '`title = { zh = "…", en = "…" }`')
    return Counter(
        name, title, per, kinds[0], tuple(told), tuple(p for _, p in ups), tuple(p for _, p in downs), starts
    )


def _patterns(table: Table, key: str, vocabulary: Vocabulary) -> list[tuple[Table | None, Pattern]]:
    """Return the patterns at the key: one, or a list of them; each with its table where it is one."""
    value = table.values.get(key)
    values = value if isinstance(value, list) else [] if value is None else [value]
    found = []
    for each in values:
        one = evolve(table, values={key: each})
        pattern = read_pattern(one, key, vocabulary, apart="value" if key == "set" else "")
        assert pattern is not None
        found.append((one.table(key) if isinstance(each, dict) else None, pattern))
    return found


def _share(name: str, table: Table, vocabulary: Vocabulary) -> Share:
    table.closed("title", "of", "where")
    of = read_each(table, "of", vocabulary)
    if of.post is None or of.under is not None or of.contact:
        table.wrong("of", "the posts of a kind of unit, as `secretary of branch`")
    where = read_where(table, "where", vocabulary, ("unit", "post"))
    if not where:
        table.missing("where", 'which of them are meant, `where = { "post.part_time" = true }`')
    if any(condition.path == "unit.grade" for condition in where):
        table.fail("a share can not ask for `unit.grade`, which events tell; ask for another fact", "where")
    return Share(name, table.titles() or table.missing("title", '`title = { zh = "…", en = "…" }`'), of, where)
