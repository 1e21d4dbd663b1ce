"""Which events concern whom: each known event matched against the law, and the keys whose folds read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from attrs import define, field, frozen

from .calendar import Span
from .errors import nearest
from .event import Event
from .event_type import EventType
from .fold import FoldKey, Known, Selected
from .keyed import always_names_its_key, key_of, named_keys
from .matching import CrossCheckedMatcher, Disagreement, Matched, Matcher, facts_of
from .organization_changes import ORGANIZATION_EVENTS
from .origin import start_of, starting_unit
from .policy import LIBRARY_EVENTS, Policy
from .recurring import GRADED
from .rule import Counter, Duty, Each, Gate, LiabilityRule, Rule, Scale
from .subjects import ASSIGNED, Subject, contacts_assigned, subjects_acting, subjects_counted, subjects_graded
from .track import Matter, Scene

_DAY = timedelta(days=1)
_MOST_MATCHED = 1_000
_OWN = frozenset(("case", "date", "id", "type"))
_DONE = frozenset({"event.retracted", "deadline.extended", "liability.decided", *ORGANIZATION_EVENTS})
"""The events that the library itself acts upon, whatever the law."""


@frozen(eq=False)
class TypeLaw:
    """What the law says about events of one type, worked out once.

    `triggers` and `musts` are the duties that such an event may open and perform, by the name of their pattern, `directed`
    those triggers that are owed to the unit that acted, `apart` the musts that are not counted per case, `findings`,
    `scales`, `gates` and `counts` the others that read it; `about` the duties on whose subjects it has a bearing; `places`
    its fields that name units (True) and posts. `always` is what is matched whatever the fields say. `acted_upon` tells that
    the library itself does something with them, `by_folds` that they say nothing but what the folds say that read them,
    `is_step` that in a case they do nothing but perform and open duties, unless these have a stage, `of_case` that nothing
    but the fold of their case reads them. `matched` remembers what was matched by the fields that `own` names, when the
    patterns ask for nothing else.
    `selected` remembers what was selected of the last ones.
    """

    declared: EventType | None
    paths: tuple[str, ...]
    read: bool
    opens_case: bool
    triggers: tuple[tuple[str, Duty], ...]
    directed: tuple[tuple[str, Duty], ...]
    musts: tuple[tuple[str, Duty], ...]
    apart: tuple[tuple[str, Duty], ...]
    findings: tuple[tuple[str, LiabilityRule], ...]
    scales: tuple[tuple[str, Scale], ...]
    gates: tuple[tuple[str, Gate], ...]
    counts: tuple[tuple[str, Duty, Counter], ...]
    about: tuple[Duty, ...]
    places: tuple[tuple[str, bool, bool], ...]
    always: Matched | None
    performs: frozenset[str] | None
    acted_upon: bool
    by_folds: bool
    is_step: bool
    of_case: bool
    own: tuple[str, ...]
    matched: dict[tuple[object, ...], Matched] = field(factory=dict)
    selected: dict[tuple[frozenset[str], bool], Selected] = field(factory=dict)


@define(eq=False)
class Router:
    """Matches events and finds the folds that read them."""

    policy: Policy
    matcher: Matcher
    duties: Mapping[str, Duty] = field(init=False)
    repeating: frozenset[str] = field(init=False)
    disagreements: list[tuple[Event, Disagreement]] = field(factory=list, init=False)
    _types: dict[str, TypeLaw] = field(factory=dict, init=False)
    _apart: dict[str, bool] = field(factory=dict, init=False)
    _force: dict[str, tuple[date, date]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.duties = self.policy.duties
        self.repeating = frozenset(
            event for d in self.duties.values() if d.repeated is not None and d.on is not None for event in d.on.events
        )
        types = dict(self.policy.event_types)
        for duty in self.duties.values():
            self._apart[duty.id] = always_names_its_key(duty, types)
        for rule in self.policy.rules:
            first, last = self.policy.force(rule.clause)
            self._force[rule.id] = first or date.min, last or date.max

    def applies(self, rule: str, day: date) -> bool:
        """Tell whether the rule with this id is in force on the day."""
        first, last = self._force[rule]
        return first <= day <= last

    def stands(self, scene: Scene, rule: Rule, day: date) -> bool:
        """Tell whether the rule is in force on the day, and its choices have the values that it asks for."""
        return self.applies(rule.id, day) and scene.is_chosen(rule, day)

    def is_repeated(self, scene: Scene, duty: Duty, days: Callable[[int], date | None], day: date) -> bool:
        """Tell whether the trigger of a day is at least the needed one within the span.

        `days` gives the day of the n-th last trigger, the one of the day being the first; None when there are fewer.
        """
        assert duty.repeated is not None
        times: object = duty.repeated.times
        span: object = duty.repeated.within.span
        if isinstance(times, str):
            use = scene.value(times, day)
            times = use.value if use is not None else None
        if duty.repeated.within.parameter is not None:
            use = scene.value(duty.repeated.within.parameter, day)
            span = use.value if use is not None else None
        first = days(times) if isinstance(times, int) and isinstance(span, Span) else None
        return first is not None and isinstance(span, Span) and scene.policy.calendar.add(first, span).day >= day

    def type(self, name: str) -> TypeLaw:
        """Return what the law says about events of the type."""
        return self._types.get(name) or self._type(name)

    def selected(self, scene: Scene, event: Event, type_: TypeLaw) -> Selected:
        """Match an event against the rules in force on its day."""
        matched, day = type_.always, event.date
        if matched is None:
            matched = self._matched(scene, event, type_)
        key = matched.selected, event.case is None
        found = type_.selected.get(key)
        if (
            found is None
            or not found.since <= day <= found.until
            or (found.matched is not matched and found.matched.cannot_tell != matched.cannot_tell)
        ):
            found = self._selected(scene, event, type_, matched)
            if not type_.directed and not any(duty.parts for _, duty in type_.musts):
                type_.selected[key] = found
        return found

    def _selected(self, scene: Scene, event: Event, type_: TypeLaw, matched: Matched) -> Selected:
        selected, day = matched.selected, event.date
        since, until, triggers = scene.same_since(day), scene.same_until(day), []
        for name, duty in type_.triggers:
            first, last = self._force[duty.id]
            if day < first:
                until = min(until, first - _DAY)
            elif day > last:
                since = max(since, last + _DAY)
            else:
                since, until = max(since, first), min(until, last)
                if name in selected and scene.is_chosen(duty, day):
                    triggers.append(duty)
        if type_.directed and scene.choice("guide_may_assign", day).value == "false":
            guided = self._guided(scene, event, matched)
            triggers = [duty for duty in triggers if duty not in guided]
        performs = type_.performs
        if performs is None:
            performs = frozenset(
                [duty.id for name, duty in type_.musts if name in selected and self._is_act(scene, duty, event)]
            )
        read = type_.read or (type_.opens_case and event.case is not None)
        found = Selected(type_.declared, matched, tuple(triggers), performs, read, since, until, type_.by_folds)
        found.is_step = type_.is_step and not any(duty.stage or duty.missing for duty in found.opens)
        return found

    def _matched(self, scene: Scene, event: Event, type_: TypeLaw) -> Matched:
        """Match the facts of an event; where these are its own fields, as those of an earlier one with the same values."""
        if not type_.own:
            return self._match(event, facts_of(event, type_.declared, type_.paths, scene.view(event.date)))
        fields = event.fields
        key = (*[value for name in type_.own for value in (type(fields.get(name)), fields.get(name))],)
        found = type_.matched.get(key)
        if found is None:
            if len(type_.matched) >= _MOST_MATCHED:
                type_.matched.clear()
            facts = facts_of(event, type_.declared, type_.paths, scene.view(event.date))
            found = type_.matched[key] = self._match(event, facts)
        return found

    def _match(self, event: Event, facts: dict[str, object]) -> Matched:
        matcher = self.matcher
        if not isinstance(matcher, CrossCheckedMatcher):
            return matcher.match(event.type, facts)
        before = matcher.disagreed
        matched = matcher.match(event.type, facts)
        if matcher.disagreed > before:
            self.disagreements.append((event, matcher.disagreements[-1]))
        return matched

    def _is_act(self, scene: Scene, duty: Duty, event: Event) -> bool:
        """Tell whether the event is an act at all, where it lacks parts that the rule asks for."""
        if not duty.parts or scene.choice("missing_section", event.date).value == "report_incomplete":
            return True
        named = event.get("sections", ())
        return all(part in named for part in duty.parts)

    def _type(self, name: str) -> TypeLaw:
        declared, policy = self.policy.event_types.get(name), self.policy
        duties = list(self.duties.values())
        musts = tuple((f"{duty.id}:must", duty) for duty in duties if name in duty.must.events)
        fields = declared.fields if declared is not None else {}
        paths = self.matcher.paths(name)
        about = tuple(d for d in duties if d.each is not None and _bears_on(name, d))
        always = self.matcher.match(name, {}) if not paths and not self.matcher.compares else None
        findings = tuple((f"{r.id}:on", r) for r in policy.liabilities if r.on is not None and name in r.on.events)
        scales = tuple((f"{r.id}:on", r) for r in policy.scales.values() if name in r.on.events)
        gates = tuple((f"{r.id}:{part}", r) for r in policy.gates for part, events in _read_by(r) if name in events)
        counts = tuple(_counted(name, duties, policy.counters))
        triggers = [duty for duty in duties if duty.on is not None and name in duty.on.events]
        apart = tuple((n, d) for n, d in musts if d.recurrence or (d.on and not d.per.startswith("case")))
        directed = tuple((f"{d.id}:on", d) for d in triggers if declared is not None and _is_towards(d, declared.actor))
        may_support = declared is None or "clause" in fields
        is_apart = any(not duty.per.startswith("case") or duty.repeated is not None for duty in triggers)
        speaks = name in _DONE or bool(scales or findings) or may_support
        found = TypeLaw(
            declared, paths, self.matcher.reads(name) or name in LIBRARY_EVENTS or bool(about),
            declared is not None and declared.opens_case,
            triggers=tuple((f"{d.id}:on", d) for d in triggers),
            directed=directed,
            musts=musts,
            apart=apart,
            findings=findings,
            scales=scales,
            gates=gates,
            counts=counts,
            about=about,
            places=tuple((key, t.name == "unit", t.many) for key, t in fields.items() if t.name in ("unit", "post")),
            always=always,
            performs=None if always is None or any(d.parts for _, d in musts) else frozenset(d.id for _, d in musts),
            acted_upon=name in _DONE,
            by_folds=not speaks and not gates,
            of_case=always is not None and not (speaks or gates or about or counts or apart or directed or is_apart),
            own=() if self.matcher.compares or not _OWN.isdisjoint(paths) or any("." in path for path in paths) else paths,
            is_step=declared is not None and self.matcher.reads(name) and _is_step(declared),
        )  # fmt: skip
        self._types[name] = found
        return found

    def keys(self, scene: Scene, known: Known, type_: TypeLaw) -> tuple[FoldKey, ...]:
        """Return the keys whose folds read the event."""
        event, law = known.event, known.law
        keys: list[FoldKey] = [("case", event.case)] if event.case is not None else []
        for duty in law.keyed:
            key = key_of(duty, known)
            if key is not None:
                keys.append(("keyed", duty.id, key if self._apart[duty.id] else ""))
        for _, duty in type_.apart:
            if duty.id not in law.performs:
                continue
            if duty.recurrence is not None:
                if self._force[duty.id][0] != date.min:
                    keys.extend([("each", duty.id, *subject) for subject in subjects_acting(scene, duty, known)])
            else:
                named = named_keys(duty, known) if self._apart[duty.id] else [""]
                keys.extend([("keyed", duty.id, key) for key in named or ()])
        for name, duty, counter in type_.counts:
            if name in law.matched.selected and duty.each is not None and self._force[duty.id][0] != date.min:
                found = subjects_counted(scene, duty.each, counter, event)
                keys.extend(("each", duty.id, *subject) for subject in found)
        for duty in type_.about:
            if duty.each is not None and self._force[duty.id][0] != date.min:
                is_assigned = event.type == ASSIGNED
                found = contacts_assigned(scene, duty.each, event) if is_assigned else _graded(scene, duty.each, event)
                keys.extend(("each", duty.id, *subject) for subject in found)
        if type_.gates:
            keys.extend([("gate", gate.id) for name, gate in type_.gates if name in law.matched.selected])
        return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)

    def directives(self, scene: Scene, known: Known) -> list[tuple[str, str, dict[str, str]]]:
        """Return the finding that the event sets a task for a unit that its author only guides, with the details."""
        guided = self._guided(scene, known.event, known.matched)
        detail = {"guide": str(known.actor), "rule": ", ".join(duty.id for duty in guided)}
        return [("directive_from_guiding_unit", known.event.id, detail)] if guided else []

    def _guided(self, scene: Scene, event: Event, matched: Matched) -> list[Duty]:
        """Return the duties towards the author of the event that it sets for a unit which he guides and does not lead."""
        found = []
        for name, duty in self.type(event.type).directed:
            if name not in matched.selected or not self.stands(scene, duty, event.date):
                continue
            view, matter = scene.view(event.date), Matter("", event.date, event.known)
            start = start_of(scene, duty.bearer.start, matter, event)
            place = starting_unit(scene, matter, start, view)[0] if start is not None else None
            bearer, author = duty.bearer.unit(view, place), event.get(duty.to.start) if duty.to is not None else None
            if bearer is not None and author == view.guide(bearer) and view.superior(bearer) != author:
                found.append(duty)
        return found

    def knows_places(self, scene: Scene, event: Event, type_: TypeLaw) -> bool:
        """Tell, at little cost, that the organization has had each unit and post that the event names."""
        fields, organization = event.fields, scene.organization
        for name, is_unit, many in type_.places:
            place = fields.get(name)
            if place is not None and (many or place not in (organization.units if is_unit else organization.posts)):
                return False
        return True

    def unknown_places(self, scene: Scene, event: Event, type_: TypeLaw) -> list[tuple[str, str, dict[str, str]]]:
        """Return each unit or post that the event names and the organization has never had, with the details."""
        found: list[tuple[str, str, dict[str, str]]] = []
        for name, is_unit, many in type_.places:
            value = event.fields.get(name)
            if value is None:
                continue
            places: Mapping[str, object] = scene.organization.units if is_unit else scene.organization.posts
            if not many and value in places:
                continue
            for place in value if many else (value,):
                if place not in places:
                    scene.asked.add(place)
                    detail = {"event": event.id, "field": name, **near(place, places)}
                    found.append(("organization_fact_required", place, detail))
        return found


def _is_step(declared: EventType) -> bool:
    """Tell whether events of the type can neither open a case nor end or send back what is under way in it."""
    has_outcome = declared.outcome is not None or "outcome" in declared.fields
    return not (has_outcome or declared.opens_case or declared.name in LIBRARY_EVENTS)


def _is_towards(duty: Duty, actor: str | None) -> bool:
    """Tell whether the duty is owed to the very unit that acted, as a task is to the one that set it."""
    return duty.to is not None and not duty.to.steps and duty.to.post is None and duty.to.start == actor


def _read_by(gate: Gate) -> tuple[tuple[str, tuple[str, ...]], ...]:
    needs = gate.needs.events if gate.needs is not None else ()
    return ("on", gate.on.events), ("needs", needs)


def _bears_on(name: str, duty: Duty) -> bool:
    """Tell whether events of the type tell something of the subjects of the duty: a contact point, a grade."""
    assert duty.each is not None
    if name == ASSIGNED:
        return duty.each.contact
    return name == GRADED and any(condition.path == "unit.grade" for condition in duty.where)


def _graded(scene: Scene, each: Each, event: Event) -> Iterator[Subject]:
    unit = event.get("unit")
    return subjects_graded(scene, each, unit) if isinstance(unit, str) else iter(())


def _counted(name: str, duties: Iterable[Duty], counters: Mapping[str, Counter]) -> Iterator[tuple[str, Duty, Counter]]:
    """Yield the patterns of counters that events of the type may fit, each with a duty that keeps a bound on the count."""
    for duty in duties:
        counter = counters.get(duty.keep.count or "") if duty.keep is not None else None
        if counter is not None:
            yield from ((key, duty, counter) for key, found in counter.patterns().items() if name in found.events)


def near(word: str, known: Mapping[str, object]) -> dict[str, str]:
    """Return the known word nearest to `word` as a detail, nothing when none is near."""
    found = nearest(word, known)
    return {"nearest": found.removeprefix(", did you mean `").removesuffix("`?")} if found else {}
