"""Who leads and who guides a unit, derived from the grounds of its relations (meaning.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from attrs import evolve, field, frozen

from .answer import Because, Finding, Led
from .finding import finding
from .organization_facts import BEGINNING, FOREVER, GROUNDS, Fact, Ground, Relation
from .organization_live import LiveOrganization
from .rule import RelationRule
from .track import Scene
from .view import View

_DAY = timedelta(days=1)
_KINDS = ("leads", "guides")


@frozen
class Stretch:
    """The days on which the grounds of a unit stay as they are, and what follows from them.

    `rule` is None where nobody can say who leads; `why` tells what is recorded or missing.
    """

    unit: str
    from_: date
    to: date
    rule: RelationRule | None
    lead: str | None = None
    guide: str | None = None
    facts: tuple[Fact, ...] = ()
    why: Mapping[str, str] = field(factory=dict)

    def relation(self, kind: str, source: str, matter: str, ground: str | None) -> Relation:
        """Return a derived fact of these days."""
        return Relation(kind, source, self.unit, self.from_, self.to, matter, ground)


class Leading:
    """Derives who leads and who guides the units whose grounds are recorded; the others keep what is recorded."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._stretches: dict[str, tuple[Stretch, ...]] = {}

    def settle(self, organization: LiveOrganization) -> set[str]:
        """Let the derived facts stand in the organization; return the ids of the units for which they have changed."""
        before, self._stretches = self._stretches, {}
        units = sorted({*organization._grounds, *before})
        found = {unit: tuple(self._stretches_of(organization, unit)) for unit in units}
        for unit, stretches in found.items():
            for kind in _KINDS:
                organization.replace(kind, unit, _outside(organization.recorded(kind, unit), stretches))
        for unit, stretches in found.items():
            self._stretches[unit] = tuple(
                part for each in stretches for part in self._without_cycle(organization, each)
            )
            for kind in _KINDS:
                derived = [r for each in self._stretches[unit] for r in _derived(each, kind)]
                recorded = _outside(organization.recorded(kind, unit), stretches)
                organization.replace(kind, unit, (*recorded, *derived))
        touched = set()
        for unit in units:
            old, new = before.get(unit, ()), self._stretches[unit]
            if old != new:
                bodies = {name for each in (*old, *new) for name in (each.lead, each.guide) if name is not None}
                recorded_leaders = {relation.source for relation in organization.recorded("leads", unit)}
                touched |= {unit, *bodies, *recorded_leaders}
        return touched

    def answers(self, day: date) -> tuple[tuple[Led, ...], tuple[Finding, ...]]:
        """Return who leads and guides on the day, and the findings about units of which nobody can say."""
        led, findings = [], []
        standing = (each for found in self._stretches.values() for each in found if each.from_ <= day <= each.to)
        for each in sorted(standing, key=lambda stretch: stretch.unit):
            if each.rule is None or each.lead is None:
                findings.append(finding("undetermined_lead", each.unit, dict(each.why), unit=each.unit, day=day))
            else:
                uses = self.scene.chosen(each.rule, day)
                because = Because(each.rule.id, each.rule.clause, path=each.facts, parameters=uses)
                led.append(Led(each.unit, each.lead, each.guide, each.rule.clause, because))
        return tuple(led), tuple(findings)

    def _stretches_of(self, organization: LiveOrganization, unit: str) -> Iterator[Stretch]:
        """Yield the stretches of a unit, without those on which no ground is recorded or no rule is in force."""
        day = BEGINNING
        while True:
            view = View(organization, day)
            found = self._on(view, unit)
            until = min(view.until, self._until(day))
            if found is not None:
                yield evolve(found, to=until)
            if until == FOREVER:
                return
            day = until + _DAY

    def _on(self, view: View, unit: str) -> Stretch | None:
        facts: dict[str, str] = {}
        for relation in GROUNDS:
            ground = view.ground(unit, relation)
            if ground is not None:
                facts[relation] = ground
        rules = [rule for rule in self.scene.policy.relations if self.scene.stands(rule, view.day)]
        if not facts or not rules or view.unit(unit) is None:
            return None
        bodies: dict[str, str | None] = {"none": None}
        for name in ("local", "line"):
            bodies[name] = body = view.body(unit, name)
            found = view.unit(body) if body is not None else None
            if found is not None:
                facts[f"{name}.kind"] = found.kind
        fitting = [rule for rule in rules if all(facts.get(path) in values for path, values in rule.when)]
        rule = min(fitting, key=lambda each: (-len(each.when), each.id), default=None)
        stretch = Stretch(unit, view.day, view.day, None, facts=tuple(view.facts), why=facts)
        if rule is None or any((each.lead, each.guide) != (rule.lead, rule.guide) for each in fitting):
            return stretch
        lead, guide = bodies[rule.lead], bodies[rule.guide]
        if lead in (None, unit) or guide == unit or (guide is None and rule.guide != "none"):
            return stretch
        return evolve(stretch, rule=rule, lead=lead, guide=guide)

    def _until(self, day: date) -> date:
        """Return the last day until which the same rules are in force and the same choices are made."""
        edges = [edge for edge in self.scene.edges if edge > day]
        for rule in self.scene.policy.relations:
            first, last = self.scene.policy.force(rule.clause)
            edges += [edge for edge in (first, last + _DAY if last is not None else None) if edge and edge > day]
        return min(edges) - _DAY if edges else FOREVER

    def _without_cycle(self, organization: LiveOrganization, stretch: Stretch) -> Iterator[Stretch]:
        """Yield the stretch, undetermined on the days on which the unit stands above the one that would lead it."""
        day = stretch.from_
        while stretch.lead is not None and day <= stretch.to:
            view = View(organization, day)
            is_above = stretch.unit in view.above(stretch.lead)
            until = min(view.until, stretch.to)
            part = evolve(stretch, from_=day, to=until)
            yield evolve(part, rule=None, lead=None, guide=None, why={"below": str(stretch.lead)}) if is_above else part
            if until == FOREVER:
                return
            day = until + _DAY
        if stretch.lead is None:
            yield stretch


def _derived(stretch: Stretch, kind: str) -> Iterator[Relation]:
    grounds = {fact.relation: fact.ground for fact in stretch.facts if isinstance(fact, Ground)}
    source = stretch.lead if kind == "leads" else stretch.guide
    if source is not None:
        yield stretch.relation(kind, source, "party", grounds.get("party_relation"))


def _outside(recorded: Iterable[Relation], stretches: Iterable[Stretch]) -> list[Relation]:
    """Return the recorded relations on the days on which nothing is derived."""
    left = list(recorded)
    for stretch in stretches:
        parts: list[Relation] = []
        for relation in left:
            if relation.to < stretch.from_ or stretch.to < relation.from_:
                parts.append(relation)
                continue
            if relation.from_ < stretch.from_:
                parts.append(evolve(relation, to=stretch.from_ - _DAY))
            if stretch.to < relation.to:
                parts.append(evolve(relation, from_=stretch.to + _DAY))
        left = parts
    return left
