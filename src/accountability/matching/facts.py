"""The flat facts of an event: its own fields, and what a dotted path finds in the organization on its day."""

from __future__ import annotations

from collections.abc import Iterable

from ..event import Event
from ..event_type import EventType
from ..organization_facts import GROUNDS
from ..view import View

Found = tuple[str, object]
"""What a path has reached: a type (``unit``, ``post``, ``person``, ``value``) and the id or value."""

ATTRIBUTES: dict[str, dict[str, str]] = {
    "unit": {
        "kind": "value",
        "subkind": "value",
        "superior": "unit",
        "guide": "unit",
        "party_relation": "value",
        "business_relation": "value",
    },
    "post": {
        "kind": "value",
        "head": "value",
        "leader": "value",
        "portfolio": "value",
        "part_time": "value",
        "acting": "value",
        "unit": "unit",
        "holder": "person",
    },
    "person": {"unit": "unit"},
}
"""For each type that a field may have, the attributes that a dotted path may ask of it, and their types."""


def facts_of(event: Event, declared: EventType | None, paths: Iterable[str], view: View) -> dict[str, object]:
    """Return the fact at each path; a path that finds nothing is absent, so that its condition cannot tell."""
    facts: dict[str, object] = {}
    for path in paths:
        name, *attributes = path.split(".")
        fields = declared.fields if declared is not None else {}
        kind = fields[name].name if name in fields else _IMPLICIT.get(name, "value")
        fact = fact_of(view, kind, event.get(name), attributes)
        if fact is not None:
            facts[path] = fact
    return facts


def fact_of(view: View, kind: str, value: object, attributes: Iterable[str]) -> object:
    """Return what the attributes lead to from a value of that type, one after the other; None when one finds nothing."""
    found: Found = (kind, value)
    for attribute in attributes:
        if found[1] is None:
            break
        found = _attribute(view, found, attribute)
    return found[1]


_IMPLICIT = {"unit": "unit", "case": "case"}


def _attribute(view: View, found: Found, attribute: str) -> Found:
    kind, name = found[0], str(found[1])
    type_ = ATTRIBUTES.get(kind, {}).get(attribute)
    if type_ is None:
        return "value", None
    if kind == "unit":
        if attribute == "superior":
            return type_, view.superior(name)
        if attribute == "guide":
            return type_, view.guide(name)
        if attribute in GROUNDS:
            return type_, view.ground(name, attribute)
        return type_, getattr(view.unit_ever(name), attribute, None)
    if kind == "person":
        return type_, view.unit_of(name)
    if attribute == "holder":
        return type_, view.holder(name)
    source = view.tenure(name) if attribute in ("part_time", "acting") else view.post(name)
    return type_, getattr(source, attribute, None)
