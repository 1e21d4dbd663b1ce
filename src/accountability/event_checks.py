"""The checks of one event against the organization of its day (meaning.md, section 10); silent without their table."""

from __future__ import annotations

from collections.abc import Callable

from .event import Event
from .grounds import Flaw, Grounds
from .rule import Lint

EventCheck = Callable[[Grounds, Lint, Event], Flaw | None]


def decision_at_wrong_level(grounds: Grounds, lint: Lint, event: Event) -> Flaw | None:
    """A decision was taken by a unit of another layer than the one to which its kind belongs."""
    unit = grounds.actor(event)
    due = lint.arguments["layers"].get(event.get("kind"))
    layer = grounds.layer(unit, event.date) if unit is not None else None
    if due is None or layer is None or layer == due:
        return None
    return Flaw(event.id, unit=unit, detail={"layer": layer, "due_layer": due})


def escalated_own_matter(grounds: Grounds, _: Lint, event: Event) -> Flaw | None:
    """A unit passed up a matter for which it is itself competent."""
    unit, matter = grounds.actor(event), event.get("matter")
    if unit is None or matter is None or not grounds.is_competent(unit, matter, event.date):
        return None
    return Flaw(event.id, unit=unit, detail={"matter": matter})


def escalated_without_options(grounds: Grounds, _: Lint, event: Event) -> Flaw | None:
    """A unit passed up a new matter and gave no options for the decision."""
    return Flaw(event.id, unit=grounds.actor(event)) if event.get("new") and not event.get("options") else None
