"""What follows from a breach: one escalation to the immediate superior, and candidates for a human decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from attrs import define, frozen

from .answer import Because, Cause, Escalation, Liability, Note
from .bearer import Bearer, Bearing
from .calendar import Span
from .clause import Clause
from .due import Deadline, resolved
from .event import Event
from .fold import Found
from .organization_facts import Fact
from .parameters import Use
from .quick import maker
from .roles import named_post, uses_of
from .rule import Duty, EscalationRule, LiabilityRule, Time
from .track import Scene, Track
from .view import View

_cause, _escalation, _reasons, _candidate_made = maker(Cause), maker(Escalation), maker(Because), maker(Liability)


def cause(part: str, event: Event) -> Cause:
    """Return an event as it stands in the reasons."""
    return _cause(part, event.source, event.id, event.type, event.date, event.known)


@frozen
class Place:
    """Where a bearer stands for the rules about breaches: the unit of the post, and the kinds of both."""

    unit: str
    unit_kind: str
    post: str | None
    post_kind: str | None
    superior: str | None


def place_of(scene: Scene, bearer: Bearer, day: date) -> Place | None:
    """Return where a bearer stands on the day, or None when no unit bears."""
    if bearer.unit is None:
        return None
    post = scene.organization.posts.get(bearer.post) if bearer.post is not None else None
    name = post.unit if post is not None else bearer.unit
    unit = scene.organization.units[name]
    kind = post.kind if post is not None else (bearer.post.rpartition(".")[2] if bearer.post is not None else None)
    return Place(name, unit.kind, bearer.post, kind, scene.lasting("superior", name, day).value)


def escalation_rules(scene: Scene, track: Track, reason: str, place: Place) -> list[EscalationRule]:
    """Return the rules that carry such a breach up: the most specific for the first level, and each further level."""
    found: dict[int, EscalationRule] = {}
    has_superior = place.superior is not None
    for rule in scene.policy.carrying_up(track.rule.id, reason, place.post_kind, place.unit_kind, has_superior):
        if rule.level not in found and scene.stands(rule, track.opened):
            found[rule.level] = rule
    return [found[level] for level in sorted(found)]


class Climb:
    """One way up from a unit on a day, with what was found on it."""

    def __init__(self, scene: Scene, track: Track, reason: str, day: date) -> None:
        self.scene, self.track, self.reason, self.day = scene, track, reason, day
        self.facts: dict[Fact, None] = {}
        self.findings: list[Found] = []
        self.uses: list[Use] = []

    def escalate(
        self, rule: EscalationRule | None, bearer: Bearer, place: Place, key: str, events: tuple[Cause, ...] = ()
    ) -> Escalation | None:
        """Return the escalation from the place to its superior, or None with a finding when there is none."""
        level = rule.level if rule is not None else 1
        target: str | None = place.unit
        for _ in range(level):
            target = self._ask("superior", target) if target is not None else None
        recused = self.track.matter.recused_on(self.day)
        while target is not None:
            post, person = self._addressee(target, recused)
            if person is None or person != bearer.person:
                break
            self.findings.append(Found("escalation_to_same_person", person, self.day, track=self.track.id))
            choice = self.scene.choice("escalate_same_person", self.track.opened)
            self.uses.append(choice)
            if choice.value == "report":
                break
            target = self._ask("superior", target)
        if target is None:
            self.findings.append(Found("no_escalation_target", place.unit, self.day, track=self.track.id))
            return None
        clause = rule.clause if rule is not None else self.track.rule.clause
        self.uses.extend(self.scene.chosen(rule if rule is not None else self.track.rule, self.track.opened))
        because = (
            _reasons, rule.id if rule is not None else self.track.rule.id, clause, events,
            tuple(self.facts), tuple(self.uses), None, None, (), self.track.id,
        )  # fmt: skip
        return _escalation(
            f"escalation/{key}/{self.reason}" + (f"/{level}" if level > 1 else ""),
            self.reason, place.unit, target, post, person, clause, self.day, self.track.id, because,
        )  # fmt: skip

    def _addressee(self, unit: str, recused: frozenset[str]) -> tuple[str | None, str | None]:
        """Return the superior's secretary, else head; the deputy when that is the person concerned; else the unit."""
        post, person = self._ask("addressee", unit)
        if person is None or person not in recused:
            return post, person
        for deputy in self.scene.view(self.day).posts(unit, "deputy"):
            person = self._ask("holder", deputy.id)
            if person is not None and person not in recused:
                return deputy.id, person
        return None, None

    def _ask(self, kind: str, name: str) -> Any:
        found = self.scene.lasting(kind, name, self.day)
        for fact in found.facts:
            self.facts[fact] = None
        return found.value


@define(eq=False)
class WayUp:
    """Where a breach in a matter in which nobody stands aside goes up, once: the same from `since` to `until`."""

    since: date
    until: date
    epoch: int
    span: Span
    rule: str
    clause: Clause
    from_: str
    to_: str
    post: str | None
    person: str | None
    facts: tuple[Fact, ...]
    uses: tuple[Use, ...]
    edged: bool
    """Whether parameters take other values in time, so that the epoch must be looked at."""


def way_up(scene: Scene, track: Track, bearing: Bearing, bearer: Bearer, day: date) -> WayUp | None:
    """Return where an overdue duty of a plain matter goes up on the day, None where that takes a closer look."""
    key = ("way", track.rule.id, bearer.unit or "", bearer.post or "", bearer.person or "")
    found = scene.ways.get(key)
    if found is None or not found.since <= day <= found.until or found.epoch != scene.epoch(track.opened):
        found = _way_up(scene, track, bearer, day)
        if found is None:
            return None
        scene.ways[key] = found
        scene.share(key, {bearer.unit or "", found.from_, found.to_, found.post or "", found.person or ""})
    if bearing.way is not found:
        bearing.way = found
        scene.use_way(key, bearing)
    return found


def _way_up(scene: Scene, track: Track, bearer: Bearer, day: date) -> WayUp | None:
    place = place_of(scene, bearer, day)
    if place is None or place.superior is None:
        return None
    rules = escalation_rules(scene, track, "overdue", place)
    if any(rule.level > 1 for rule in rules) or scene.policy.has_dated_rules:
        return None
    rule = rules[0] if rules else None
    span, uses, _ = resolved(scene, rule.wait if rule is not None else Time(parameter="escalate_after"), track)
    superior = scene.lasting("superior", place.unit, day)
    addressee = scene.lasting("addressee", place.superior, day)
    post, person = addressee.value
    if not isinstance(span, Span) or person is None or person == bearer.person:
        return None
    law: EscalationRule | Duty = rule if rule is not None else track.rule
    return WayUp(
        max(superior.since, addressee.since), min(superior.until, addressee.until), scene.epoch(track.opened), span,
        law.id, law.clause, place.unit, place.superior, post, person,
        tuple(dict.fromkeys((*superior.facts, *addressee.facts))), (*uses, *scene.chosen(law, track.opened)),
        bool(scene.edges),
    )  # fmt: skip


def plain_escalation(track: Track, way: WayUp, day: date) -> Escalation:
    """Return the escalation of an overdue duty on the day, the way up being known."""
    because = (_reasons, way.rule, way.clause, (), way.facts, way.uses, None, None, (), track.id)
    return _escalation(
        f"escalation/{track.id}/overdue", "overdue", way.from_, way.to_, way.post, way.person, way.clause, day, track.id, because
    )  # fmt: skip


def overdue_escalations(
    scene: Scene, track: Track, line: list[Bearer], due: Deadline, first: date
) -> tuple[list[Escalation], list[Found], date | None]:
    """Return the escalations of a duty that is overdue since `first`, unless it was performed or ended before their day.

    The last part is the next day on which there may be a further one, None when there is none.
    """
    at = bearer_at(line, first)
    here = place_of(scene, at, first) if at is not None else None
    if at is None or here is None:
        return [], [], None
    later: list[date] = []
    rules: list[EscalationRule | None] = [*escalation_rules(scene, track, "overdue", here)]
    if not any(rule is not None and rule.level == 1 for rule in rules):
        rules.insert(0, None)
    escalations, findings = [], []
    for rule in rules:
        span, uses, missing = resolved(
            scene, rule.wait if rule is not None else Time(parameter="escalate_after"), track
        )
        if not isinstance(span, Span):
            findings.append(Found("parameter_required", str(missing), first, track=track.id))
            continue
        end = min(track.last or scene.as_of, scene.as_of)
        starts = [first, *(start for start in due.streaks() if start > first)]
        days = [(start, scene.policy.calendar.add(start, span).day) for start in starts]
        later += [day for _, day in days if day > end] if track.last is None else []
        day = next((day for start, day in days if day <= end and due.lasts(start, day)), None)
        if day is None:
            continue
        bearer = bearer_at(line, day)
        place = here if day == first else place_of(scene, bearer, day) if bearer is not None else None
        if bearer is None or place is None:
            continue
        if day != first:
            level = rule.level if rule is not None else 1
            rule = next((r for r in escalation_rules(scene, track, "overdue", place) if r.level == level), rule)
        climb = Climb(scene, track, "overdue", day)
        climb.uses.extend(uses)
        escalation = climb.escalate(rule, bearer, place, track.id)
        findings.extend(climb.findings)
        if escalation is not None:
            escalations.append(escalation)
    return escalations, findings, min(later, default=None)


def bearer_at(line: Iterable[Bearer], day: date) -> Bearer | None:
    """Return who bore a duty on the day."""
    return next((bearer for bearer in line if bearer.from_ <= day <= bearer.until), None)


def candidates(
    scene: Scene, track: Track, line: list[Bearer], breached: date, due: date
) -> tuple[list[Liability], list[Found]]:
    """Return who may be answerable for a duty that was not performed by the end of `due`."""
    if len(line) == 1 and not scene.policy.answerable:
        return [], []
    choice = scene.choice("liability_attribution", track.opened)
    at_breach = bearer_at(line, due)
    holders: dict[tuple[str | None, str | None], tuple[Bearer, int]] = {}
    for bearer in line:
        same_post = at_breach is not None and bearer.post == at_breach.post
        if bearer.person is not None and bearer.from_ <= due and same_post:
            days = (min(bearer.until, due) - max(bearer.from_, track.opened)).days + 1
            before = holders.get((bearer.post, bearer.person), (bearer, 0))[1]
            holders[bearer.post, bearer.person] = (bearer, before + days)
    findings = _changed(track, at_breach, holders, breached)
    everyone = choice.value == "all_holders_in_period"
    chosen = [bearer for bearer, _ in holders.values()] if everyone else [at_breach] if at_breach is not None else []
    found = []
    for bearer in chosen:
        liability = _candidate(scene, track, bearer, breached, due, choice)
        if liability is not None:
            found.append(liability)
    return found, findings


def _changed(
    track: Track, at: Bearer | None, holders: dict[tuple[str | None, str | None], tuple[Bearer, int]], breached: date
) -> list[Found]:
    days = {str(person): str(count) for (_, person), (_, count) in holders.items()}
    if len(days) < 2 or at is None or at.person is None:
        return []
    return [Found("holder_changed_in_period", at.person, breached, track=track.id, detail=days)]


def _candidate(scene: Scene, track: Track, bearer: Bearer, breached: date, due: date, choice: Use) -> Liability | None:
    day = max(bearer.from_, min(due, bearer.until))
    place = place_of(scene, bearer, day)
    if place is None or bearer.post is None or bearer.person is None:
        return None
    has_superior = place.superior is not None
    rules = scene.policy.naming(track.rule.id, place.post_kind, place.unit_kind, has_superior)
    rule = next((rule for rule in rules if scene.stands(rule, track.opened)), None)
    if rule is None:
        return None
    post, person = bearer.post, bearer.person
    view, upward = scene.view(day), scene.lasting("superior", place.unit, day).facts
    if rule.post is not None:
        unit = rule.post.unit(view, place.unit)
        named = named_post(scene, rule.post, unit, view, track.opened)
        holder = view.holder(named.id) if named is not None else None
        if named is None or holder is None:
            return None
        post, person = named.id, holder
    because = Because(
        rule.id, rule.clause, path=tuple(dict.fromkeys((*bearer.facts, *upward, *view.facts))),
        parameters=(choice, *uses_of(scene, rule.post, track.opened), *scene.chosen(rule, track.opened)),
        breach=track.id, notes=(Note("due", due.isoformat()),),
    )  # fmt: skip
    return Liability(f"liability/{track.id}/{person}", person, post, rule.clause, breached, track.id, because)


def finding_liability(scene: Scene, rule: LiabilityRule, event: Event) -> Liability | None:
    """Return the candidate that a finding event opens on the holder of its date, or None when nobody held the post."""
    person: str | None
    if rule.post is None and "post" not in event.fields:
        unit = event.get("unit")
        found = scene.lasting("addressee", unit, event.date) if isinstance(unit, str) else None
        post, person = found.value if found is not None else (None, None)
        path = found.facts if found is not None else ()
    else:
        view = scene.view(event.date)
        post = _liable_post(scene, rule, event, view)
        person = view.holder(post) if post is not None else None
        path = tuple(view.facts)
    if post is None or person is None or event.get("person") not in (None, person):
        return None  # nobody held the post on the day of the finding, or it is about somebody else
    uses = (*uses_of(scene, rule.post, event.date), *scene.chosen(rule, event.date))
    because = (_found, rule, event, path, uses)
    id_ = f"liability/{rule.id}/{event.source}/{event.id}/{person}"
    return _candidate_made(id_, person, post, rule.clause, event.date, None, because, None, None, None, "candidate")


def _found(rule: LiabilityRule, event: Event, path: tuple[Fact, ...], uses: tuple[Use, ...]) -> Because:
    """Return the reasons of a candidate that a finding event opened."""
    because: Because = _reasons(rule.id, rule.clause, (cause("finding", event),), path, uses, None, None, (), None)
    return because


def _liable_post(scene: Scene, rule: LiabilityRule, event: Event, view: View) -> str | None:
    if rule.post is None:
        post = event.get("post")
        return post if isinstance(post, str) and view.post(post) is not None else None
    start = event.get(rule.post.start)
    if not isinstance(start, str):
        return None
    begin = view.post(start)
    unit = rule.post.unit(view, begin.unit if begin is not None else start)
    named = named_post(scene, rule.post, unit, view)
    return named.id if named is not None else None
