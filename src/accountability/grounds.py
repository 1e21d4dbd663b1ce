"""What checks look at: the organization on the day asked, its tables, and the events that count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TypeVar

from attrs import define, field, frozen

from .event import Event
from .matching import PythonMatcher, facts_of
from .organization import Organization
from .organization_live import LiveOrganization
from .organization_tables import Charge, Competence, Entry, Layer
from .parameters import Parameters, Use
from .policy import Policy
from .rule import Lint
from .view import View

_E = TypeVar("_E", bound=Entry)


@frozen
class Flaw:
    """What a check found: about whom, what is lacking, and what else people should know, by key.

    `note` stands in brackets behind the subject. `code` is another code than the name of the check.
    """

    subject: str
    lacks: tuple[str, ...] = ()
    note: str = ""
    unit: str | None = None
    detail: Mapping[str, str] = field(factory=dict, hash=False)
    code: str | None = None


@define(eq=False, slots=False)
class Grounds:
    """All that the checks of one assessment are a function of; `events` are those that count, in the order of days."""

    policy: Policy
    parameters: Parameters
    organization: Organization | LiveOrganization
    events: tuple[Event, ...]
    day: date

    # -- the organization ---------------------------------------------------------------------------------------------

    @cached_property
    def view(self) -> View:
        """The organization on the day asked."""
        return self.on(self.day)

    def on(self, day: date) -> View:
        """Return the organization on a day."""
        return View(self.organization, day)

    def has_begun(self, table: Iterable[Entry]) -> bool:
        """Tell whether a table says anything on the day asked: whether any of its entries has begun."""
        return any(entry.from_ <= self.day for entry in table)

    def standing(self, table: Iterable[_E], day: date | None = None) -> list[_E]:
        """Return the entries of a table that stand on a day, the day asked unless another is given."""
        on = self.day if day is None else day
        return [entry for entry in table if entry.from_ <= on <= entry.to]

    @cached_property
    def duties(self) -> list[Charge]:
        """The duties that stand on the day asked, in an order that does not depend on the file."""
        return sorted(self.standing(self.view.tables.duties), key=lambda d: (d.duty, d.bearer or "", d.from_, str(d)))

    @cached_property
    def charged(self) -> frozenset[str]:
        """The posts that bear a duty on the day asked."""
        return frozenset(duty.bearer for duty in self.duties if duty.bearer is not None)

    @cached_property
    def powers(self) -> dict[str, set[str]]:
        """The powers that each post holds on the day asked."""
        held: dict[str, set[str]] = {}
        for power in self.standing(self.view.tables.powers):
            held.setdefault(power.holder, set()).add(power.power)
        return held

    def layer(self, unit: str, day: date) -> str | None:
        """Return the layer of a unit on a day, None where it is not known; the entry that began last counts."""
        return max(((e.from_, e.layer) for e in self.standing(self._layers.get(unit, ()), day)), default=(day, None))[1]

    @cached_property
    def _layers(self) -> dict[str, list[Layer]]:
        found: dict[str, list[Layer]] = {}
        for entry in self.view.tables.layers:
            found.setdefault(entry.unit, []).append(entry)
        return found

    def is_competent(self, unit: str, matter: str, day: date) -> bool:
        """Tell whether the unit is recorded to be competent for the matter on a day."""
        return any(entry.matter == matter for entry in self.standing(self._competence.get(unit, ()), day))

    @cached_property
    def _competence(self) -> dict[str, list[Competence]]:
        found: dict[str, list[Competence]] = {}
        for entry in self.view.tables.competence:
            found.setdefault(entry.unit, []).append(entry)
        return found

    @cached_property
    def grades(self) -> dict[str, str]:
        """The last grade of each unit on or before the day asked; one told as an event wins over a table of its day."""
        tables = sorted(self.standing(self.view.tables.grades), key=lambda entry: (entry.from_, entry.grade))
        since = {entry.unit: entry.from_ for entry in tables}
        last = {entry.unit: entry.grade for entry in tables}
        for event in self.of("unit.graded"):
            unit, grade = event.get("unit"), event.get("grade")
            if isinstance(unit, str) and isinstance(grade, str) and event.date >= since.get(unit, event.date):
                last[unit] = grade
        return last

    @cached_property
    def contacts(self) -> dict[str, list[str]]:
        """The persons who are the contact of each unit on the day asked, from the organization and from events."""
        found = {unit: set(persons) for unit, persons in self.view.targets("contact").items()}
        for event in self.of("contact_point.assigned"):
            unit, leader = event.get("unit"), event.get("leader")
            if isinstance(unit, str) and isinstance(leader, str):
                found.setdefault(unit, set()).add(leader)
        return {unit: sorted(persons) for unit, persons in found.items()}

    # -- events and values --------------------------------------------------------------------------------------------

    def of(self, type_: str) -> list[Event]:
        """Return the events of the type."""
        return self._by_type.get(type_, [])

    @cached_property
    def _by_type(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.type, []).append(event)
        return found

    def selected(self, lint: Lint) -> list[Event]:
        """Return the events that the pattern of a lint selects."""
        if lint.on is None:
            return []
        matcher = PythonMatcher({lint.id: lint.on})
        found = []
        for event in (event for type_ in lint.on.events for event in self.of(type_)):
            declared, paths = self.policy.event_types.get(event.type), matcher.paths(event.type)
            if lint.id in matcher.match(event.type, facts_of(event, declared, paths, self.on(event.date))).selected:
                found.append(event)
        return found

    def actor(self, event: Event) -> str | None:
        """Return who acted, as the type of the event says; else the unit that the event is about."""
        declared = self.policy.event_types.get(event.type)
        actor = event.get(declared.actor) if declared is not None and declared.actor is not None else None
        return actor if isinstance(actor, str) else self.about(event)

    def about(self, event: Event) -> str | None:
        """Return the unit that the event is about."""
        declared = self.policy.event_types.get(event.type)
        about = event.get(declared.about if declared is not None else "unit")
        return about if isinstance(about, str) else None

    def value(self, name: str) -> Use | None:
        """Return the parameter in force on the day asked, None for a quantity that nobody has set."""
        return self.policy.value(name, self.day, self.parameters)
