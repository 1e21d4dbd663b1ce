"""Two assessments beside each other: what another policy, other parameters or another day of knowledge would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from .answer import Assessment, Escalation, Liability, Obligation, Rating

_FIELDS = {
    "obligation": ("act", "unit", "post", "person", "to", "due", "status", "performed", "outcome", "clause"),
    "escalation": ("reason", "from_unit", "to_unit", "to_post", "to_person", "day", "clause"),
    "candidate": ("person", "post", "at", "clause", "decided"),
    "rating": ("unit", "score", "result", "clause"),
}


@frozen
class Change:
    """An answer that differs: only in the first (`after` is None), only in the second (`before` is None), or in values.

    `before` and `after` hold the values that differ, all of them where the answer stands on one side alone. `unit` and
    `person` are whom it is about.
    """

    kind: str
    id: str
    unit: str | None
    person: str | None
    before: Mapping[str, str] | None = field(default=None)
    after: Mapping[str, str] | None = field(default=None)


def compare(first: Assessment, second: Assessment) -> tuple[Change, ...]:
    """Return how the second assessment differs from the first, by unit and person.

    Obligations, escalations, candidates and ratings are told apart by their ids; reasons are not compared.
    """
    changes = [
        *_compared("obligation", first.obligations, second.obligations),
        *_compared("escalation", first.escalations, second.escalations),
        *_compared("candidate", first.liabilities, second.liabilities),
        *_compared("rating", first.ratings, second.ratings),
    ]
    return tuple(sorted(changes, key=lambda c: (c.unit or "", c.person or "", c.kind, c.id)))


_Answer = Obligation | Escalation | Liability | Rating


def _compared(kind: str, first: Iterable[_Answer], second: Iterable[_Answer]) -> Iterable[Change]:
    before, after = {each.id: each for each in first}, {each.id: each for each in second}
    for id_ in before.keys() | after.keys():
        one, other = (_values(kind, side[id_]) if id_ in side else None for side in (before, after))
        if one == other:
            continue
        if one is not None and other is not None:
            differ = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
            one, other = ({name: side.get(name, "") for name in sorted(differ)} for side in (one, other))
        item = after.get(id_) or before[id_]
        yield Change(kind, id_, *_whose(item), one, other)


def _values(kind: str, item: _Answer) -> dict[str, str]:
    return {name: text for name in _FIELDS[kind] if (text := _text(getattr(item, name)))}


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "ref", getattr(value, "id", value))) if value is not None else ""


def _whose(item: _Answer) -> tuple[str | None, str | None]:
    if isinstance(item, Obligation):
        return item.unit.id if item.unit is not None else None, item.person
    if isinstance(item, Escalation):
        return item.from_unit, item.to_person
    if isinstance(item, Liability):
        return item.post.rpartition(".")[0] or item.post, item.person
    return item.unit, None
