"""Which events concern whom: each known event matched against the law, and the keys whose folds read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from attrs import define, field, frozen

from .calendar import Span
from .errors import nearest
from .event import Event
from .event_type import EventType
from .fold import Known
from .keyed import always_names_its_key, key_of, named_keys
from .matching import CrossCheckedMatcher, Disagreement, Matched, Matcher, facts_of
from .policy import LIBRARY_EVENTS, Policy
from .recurring import subjects_acting
from .rule import Duty, Gate, LiabilityRule, Scale
from .track import Scene

FoldKey = tuple[str, ...]
"""``case`` and the case; ``keyed``, the rule and the key; ``each``, the rule and the unit or post; ``gate``, the gate and the unit."""


@frozen(eq=False)
class _Type:
    """What the law says about events of one type, worked out once."""

    declared: EventType | None
    paths: tuple[str, ...]
    read: bool
    opens_case: bool
    triggers: tuple[tuple[str, Duty], ...]
    musts: Mapping[str, str]
    places: tuple[tuple[str, bool, bool], ...]
    always: Matched | None


@define(eq=False)
class Router:
    """Matches events and finds the folds that read them."""

    policy: Policy
    matcher: Matcher
    duties: Mapping[str, Duty] = field(init=False)
    gates: Mapping[str, Gate] = field(init=False)
    findings: Mapping[str, LiabilityRule] = field(init=False)
    scales: Mapping[str, Scale] = field(init=False)
    repeating: frozenset[str] = field(init=False)
    disagreements: list[tuple[Event, Disagreement]] = field(factory=list, init=False)
    _types: dict[str, _Type] = field(factory=dict, init=False)
    _apart: dict[str, bool] = field(factory=dict, init=False)
    _force: dict[str, tuple[date, date]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.duties = self.policy.duties
        self.gates = {gate.id: gate for gate in self.policy.gates}
        self.findings = {rule.id: rule for rule in self.policy.liabilities if rule.on is not None}
        self.scales = {f"{scale.id}:on": scale for scale in self.policy.scales.values()}
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

    def known(self, scene: Scene, event: Event) -> Known:
        """Match an event against the rules in force on its day."""
        type_ = self._types.get(event.type) or self._type(event.type)
        matched = type_.always
        if matched is None:
            facts = facts_of(event, type_.declared, type_.paths, scene.view(event.date))
            matched = self._match(event, facts)
        selected = matched.selected
        triggers = tuple(
            duty for name, duty in type_.triggers if name in selected and self.applies(duty.id, event.date)
        )
        performs = frozenset(
            rule for name, rule in type_.musts.items() if name in selected and self._is_act(scene, rule, event)
        )
        read = type_.read or (type_.opens_case and event.case is not None)
        return Known(event, type_.declared, matched, triggers, performs, read)

    def _match(self, event: Event, facts: dict[str, object]) -> Matched:
        matcher = self.matcher
        if not isinstance(matcher, CrossCheckedMatcher):
            return matcher.match(event.type, facts)
        before = matcher.disagreed
        matched = matcher.match(event.type, facts)
        if matcher.disagreed > before:
            self.disagreements.append((event, matcher.disagreements[-1]))
        return matched

    def _is_act(self, scene: Scene, rule: str, event: Event) -> bool:
        """Tell whether the event is an act at all, where it lacks parts that the rule asks for."""
        parts = self.duties[rule].parts
        if not parts or scene.choice("missing_section", event.date).value == "report_incomplete":
            return True
        named = event.get("sections", ())
        return all(part in named for part in parts)

    def _type(self, name: str) -> _Type:
        declared = self.policy.event_types.get(name)
        triggers, musts = [], {}
        for duty in self.duties.values():
            if duty.on is not None and name in duty.on.events:
                triggers.append((f"{duty.id}:on", duty))
            if name in duty.must.events:
                musts[f"{duty.id}:must"] = duty.id
        fields = declared.fields if declared is not None else {}
        places = tuple((key, t.name == "unit", t.many) for key, t in fields.items() if t.name in ("unit", "post"))
        paths = self.matcher.paths(name)
        found = _Type(
            declared, paths, self.matcher.reads(name) or name in LIBRARY_EVENTS,
            declared is not None and declared.opens_case, tuple(triggers), musts, places,
            self.matcher.match(name, {}) if not paths and not self.matcher.compares else None,
        )  # fmt: skip
        self._types[name] = found
        return found

    def keys(self, scene: Scene, known: Known) -> list[FoldKey]:
        """Return the keys whose folds read the event."""
        event = known.event
        keys: list[FoldKey] = [("case", event.case)] if event.case is not None else []
        for duty in known.triggers:
            if duty.recurrence is None and not duty.per.startswith("case"):
                key = key_of(duty, known)
                if key is not None:
                    keys.append(("keyed", duty.id, key if self._apart[duty.id] else ""))
        for rule in known.performs:
            duty = self.duties[rule]
            if duty.recurrence is not None:
                if self._force[rule][0] != date.min:
                    keys.extend(("each", rule, subject) for subject in subjects_acting(scene, duty, known))
            elif duty.on is not None and not duty.per.startswith("case"):
                named = named_keys(duty, known) if self._apart[rule] else [""]
                keys.extend(("keyed", rule, key) for key in named or ())
        if self.gates:
            for name in known.matched.selected:
                rule = name.rpartition(":")[0]
                if rule in self.gates:
                    keys.append(("gate", rule))
        return list(dict.fromkeys(keys)) if len(keys) > 1 else keys

    def unknown_places(self, scene: Scene, event: Event) -> list[tuple[str, dict[str, str]]]:
        """Return each unit or post that the event names and the organization has never had, with the details."""
        type_ = self._types.get(event.type) or self._type(event.type)
        found: list[tuple[str, dict[str, str]]] = []
        for name, is_unit, many in type_.places:
            value = event.fields.get(name)
            if value is None:
                continue
            places: Mapping[str, object] = scene.organization.units if is_unit else scene.organization.posts
            for place in value if many else (value,):
                scene.asked.add(place)
                if place not in places:
                    found.append((place, {"event": event.id, "field": name, **near(place, places)}))
        return found


def near(word: str, known: Mapping[str, object]) -> dict[str, str]:
    """Return the known word nearest to `word` as a detail, nothing when none is near."""
    found = nearest(word, known)
    return {"nearest": found.removeprefix(", did you mean `").removesuffix("`?")} if found else {}
