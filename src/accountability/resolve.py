"""From the track of a duty to its answer: who bears it, its status, and what follows from a breach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from attrs import evolve

from .answer import Cause, Escalation, Finding, Liability, Note
from .bearer import Bearer, bearer_on, bearing_of, timeline
from .breach import (
    Climb,
    bearer_at,
    candidates,
    cause,
    escalation_rules,
    overdue_escalations,
    place_of,
    way_up,
)
from .clause import Clause
from .designating import designating
from .due import Deadline, deadline
from .event import Event
from .fold import DAY, Fold, Found, day_after
from .organization_facts import BEGINNING, FOREVER
from .parameters import Use
from .precedence import Precedence
from .resolved import Done, FindingKey, Plain, Resolved, Vacancy, bound, late_knowledge
from .roles import Answering
from .rule import Duty
from .track import Scene, Track


class Resolver:
    """Resolves the tracks of one scene. `extensions` are the events by which due days were moved, by obligation."""

    def __init__(self, scene: Scene, extensions: Mapping[str, list[Event]]) -> None:
        self.scene = scene
        self.extensions = extensions
        self.precedence = Precedence(scene.policy)
        self._simple: dict[str, bool] = {}
        self._answering = Answering(scene)

    def resolve(self, fold: Fold, track: Track) -> Plain:
        """Return the answer about a track of the fold, and with it those about the duties to designate that it brings."""
        if track.missing is None:
            plain = (
                self.plain(track) if track.bearing is not None else self._begun(track) if track.line is None else None
            )
            if plain is not None:
                return plain
        return self._resolve(fold, track)

    def _resolve(self, fold: Fold, track: Track) -> Resolved:
        """Return the answer about a track of which more may be to be said than its status."""
        track.bearing = None
        scene, rule = self.scene, track.rule
        end = track.last
        if end is None or end > scene.as_of:
            end = scene.as_of
        line = track.line
        if line is None or len(line) > 1 or line[0].until < end:
            line = timeline(scene, track, end)
        bearer = line[-1]
        due, blocked_by = self._due(track, line, bearer)
        due_day = due.on(end) if due.extensions else due.first
        resolved = Resolved(
            track, scene.organization.units[bearer.unit] if bearer.unit is not None else None, bearer, due,
            self._status(track, due, end, due_day, bearer, blocked_by),
            self._answers(bearer, track.opened) if self._answering.any else None,
            due_day, blocked_by if track.last is None else (),
        )  # fmt: skip
        if track.last is None:
            wakes = FOREVER if bearer.until == FOREVER else bearer.until + DAY
            if due_day is not None and scene.as_of <= due_day < wakes:
                wakes = due_day + DAY
            resolved.wakes = wakes if wakes < FOREVER else None
        if len(line) > 1 or not bearer.plain or due_day is None or due.first is None or due.first < track.known:
            self._say(
                resolved, line, track.missing if track.missing is not None or due_day is not None else due.missing
            )
        if not blocked_by and (due.extensions or (due_day is not None and due_day < end)):
            breach = _breach(track, line, due, end)
            if breach is not None:
                found = self._breached(resolved, line, breach)
                if found:
                    self._find(resolved, found)
        if rule.parts and track.act is not None:
            self._find(resolved, _missing_parts(track))
        if self.precedence.comes_first(rule):
            resolved.looked_at = tuple(self.precedence.put(scene, track, bearer, due))
        if track.matter.recused and any(each.designates for each in line):
            resolved.more = tuple(self._resolve(fold, each) for each in designating(scene, fold, track, line))
        resolved.says_more = bool(
            resolved.findings
            or resolved.escalations
            or resolved.liabilities
            or resolved.vacancies
            or resolved.looked_at
            or resolved.more
        )
        return resolved

    def _begun(self, track: Track) -> Plain | None:
        """Return the answer about a new duty when all that can be said of it is that it is done, late, or goes up once."""
        scene, rule = self.scene, track.rule
        is_simple = self._simple.get(rule.id)
        if is_simple is None:
            is_simple = self._simple[rule.id] = self._is_simple(rule)
        if not is_simple or self.extensions:
            return None
        opened, known, as_of = track.opened, track.known, scene.as_of
        found = bearing_of(scene, track, opened)
        if found is None:
            return None
        bearing, facts = found
        bearer = bearing.bearer
        if not bearing.is_plain or bearer.until < as_of:
            return None
        line = bearing.line
        if facts:
            bearer = bearer_on(scene, track, opened)
            line = [bearer]
        due = scene.deadlines.get((rule.id, opened, known, track.end_of_period))
        if due is None:
            due = deadline(scene, track, line)
        first = due.first
        if first is None or first < known or due.over == FOREVER or due.extensions:
            return None
        track.line, track.due, track.bearing = line, due, bearing
        if as_of > first or track.performed is not None or track.ended is not None:
            return self.plain(track)
        answers = self._answers(bearer, opened) if self._answering.any else None
        wakes = due.over if bearer.until > first else bearer.until + DAY
        return Plain(track, bearing.unit, bearer, due, "pending", answers, wakes)

    def _is_simple(self, rule: Duty) -> bool:
        """Tell whether duties of the rule wait for no others, ask for no parts, and name no candidate."""
        return (
            not rule.parts
            and rule.after is None
            and rule.with_ is None
            and (rule.within is None or rule.within.field is None)
            and not self.scene.policy.answerable
            and not self.precedence.comes_first(rule)
        )

    def plain(self, track: Track) -> Plain | None:
        """Return the answer about such a duty, None when it takes a closer look after all."""
        line, due, bearing, end = track.line, track.due, track.bearing, self.scene.as_of
        assert line is not None and due is not None and due.first is not None and bearing is not None
        bearer, first, last = line[0], due.first, track.performed or track.ended
        if last is not None and last < end:
            end = last
        if bearer.until < end or self.extensions:
            return None
        answers = self._answers(bearer, track.opened) if self._answering.any else None
        if end <= first:
            if last is None:
                wakes = due.over if bearer.until > first else bearer.until + DAY
                return Plain(track, bearing.unit, bearer, due, "pending", answers, wakes)
            return Done(
                track, bearing.unit, bearer, due, "cancelled" if track.performed is None else "fulfilled", answers
            )
        raised, way = due.over, bearing.way
        if way is None or way.edged or not way.since <= raised <= way.until:
            way = way_up(self.scene, track, bearing, bearer, raised)
            if way is None:
                return None
        if way.span.count:
            raised = self.scene.policy.calendar.add(raised, way.span).day
            if raised > way.until or raised < way.since:
                return None
        later = raised > end
        if last is not None:
            status = "cancelled" if track.performed is None else "fulfilled_late"
            if later:
                return Done(track, bearing.unit, bearer, due, status, answers)
            return Done(track, bearing.unit, bearer, due, status, answers, None, way, raised)
        ends = bearer.until + DAY if bearer.until < FOREVER else None
        if later:
            return Plain(
                track, bearing.unit, bearer, due, "overdue", answers, raised if ends is None else min(raised, ends)
            )
        return Plain(track, bearing.unit, bearer, due, "overdue", answers, ends, way, raised)

    def _due(self, track: Track, line: list[Bearer], bearer: Bearer) -> tuple[Deadline, tuple[str, ...]]:
        """Return the due day and the units that have yet to do what must be done first."""
        rule, extensions = track.rule, self.extensions.get(track.id, ()) if self.extensions else ()
        blocked_by: tuple[str, ...] = ()
        unblocked, beside = None, None
        if rule.after is not None:
            blocked_by, unblocked = self.precedence.blocks(self.scene, track, bearer)
        if rule.with_ is not None:
            beside = self.precedence.beside(track)
        due = track.due
        if (
            due is None
            or len(track.line or ()) > 1
            or extensions
            or due.extensions
            or rule.with_ is not None
            or rule.after is not None
        ):
            due = track.due = deadline(self.scene, track, line, extensions, unblocked, beside)
        return due, blocked_by

    def _say(self, resolved: Resolved, line: list[Bearer], undetermined: str | None) -> None:
        """Add what is to be said about who bore the duty, and about a due day that is not known or was past."""
        track, due = resolved.track, resolved.due
        found: list[Found] = []
        vacancies: dict[Vacancy, tuple[date, Bearer]] = {}
        for each in line:
            for note in each.notes:
                found.append(Found(note.code, note.about, each.from_, each.unit, track.id))
            if each.vacant_since is not None and each.post is not None:
                vacancies.setdefault((each.post, each.vacant_since), (each.from_, each))
        if undetermined is not None and (track.rule.keep is None or track.ended is None):
            what = (
                ("count_unknown", track.id) if undetermined == "count_unknown" else ("parameter_required", undetermined)
            )
            found.append(Found(*what, track.opened, track=track.id))
        if due.first is not None and due.first < track.known:
            found.append(Found("due_before_known", track.rule.clause.ref, track.known, track=track.id))
        if vacancies:
            resolved.vacancies = vacancies
        self._find(resolved, found)

    @staticmethod
    def _find(resolved: Resolved, found: list[Found]) -> None:
        findings = dict(resolved.findings)
        for each in found:
            key, finding = bound(each, resolved.track.matter.case)
            findings.setdefault(key, finding)
        resolved.findings = findings

    def _breached(self, resolved: Resolved, line: list[Bearer], breach: date) -> list[Found]:
        track, due = resolved.track, resolved.due
        last = due.on(breach)
        assert last is not None
        escalations, found, later = overdue_escalations(self.scene, track, line, due, breach)
        liabilities, more = candidates(self.scene, track, line, breach, max(last, track.opened))
        if due.first is not None and due.first < track.known:
            late = late_knowledge(track, due)
            escalations, liabilities = [_noted(e, late) for e in escalations], [_noted(c, late) for c in liabilities]
        resolved.escalations, resolved.liabilities = tuple(escalations), tuple(liabilities)
        if later is not None:
            resolved.wakes = min(resolved.wakes or FOREVER, later)
        return [*found, *more] if found or more else []

    @staticmethod
    def _status(
        track: Track, due: Deadline, end: date, due_day: date | None, bearer: Bearer, blocked: tuple[str, ...]
    ) -> str:
        """Return the first status, in the order of meaning.md 3, that fits."""
        if track.performed is not None:
            return "fulfilled_late" if due.overdue_on(track.performed) else "fulfilled"
        if track.ended is not None:
            return "cancelled"
        if due_day is None or track.missing is not None or bearer.undetermined:
            missing = track.missing is not None or due.missing is not None or bearer.undetermined
            if missing:
                return "undetermined"
        if blocked:
            return "blocked"
        return "overdue" if due_day is not None and due_day < end else "pending"

    def _answers(self, bearer: Bearer, opened: date) -> Clause | None:
        """Return the role clause that makes the post answer for its body."""
        post = self.scene.organization.posts.get(bearer.post) if bearer.post is not None else None
        return self._answering.clause(post, max(bearer.from_, opened)) if post is not None else None

    # -- what is said once for a fold, or for a vacancy --------------------------------------------------------------

    def exceeded(self, fold: Fold) -> tuple[Escalation | None, list[tuple[FindingKey, Finding]]]:
        """Escalate from the returning unit: more returns than allowed."""
        if fold.exceeded is None or fold.exceeded[1] is None:
            return None, []
        event, unit, _, use, track = fold.exceeded
        assert unit is not None
        view = self.scene.view(event.date)
        post = view.responsible_post(unit)
        holder = view.holder(post.id) if post is not None else None
        bearer = Bearer(event.date, event.date, unit, unit, post.id if post is not None else None, holder)
        causes = (cause("trigger", event),)
        return self._escalate_once(track, "max_returns_exceeded", event.date, bearer, track.id, (use,), causes)

    def vacant(
        self, vacancy: Vacancy, day: date, track: Track, bearer: Bearer
    ) -> tuple[Escalation | None, list[tuple[FindingKey, Finding]]]:
        """Escalate a vacancy, on the first day on which a duty met it."""
        post, since = vacancy
        key = f"{post}/{since.isoformat() if since != BEGINNING else 'never'}"
        return self._escalate_once(track, "vacant_post", day, bearer, key, (), ())

    def _escalate_once(
        self, track: Track, reason: str, day: date, bearer: Bearer, key: str,
        uses: tuple[Use, ...], events: tuple[Cause, ...],
    ) -> tuple[Escalation | None, list[tuple[FindingKey, Finding]]]:  # fmt: skip
        place = place_of(self.scene, bearer, day)
        if place is None:
            return None, []
        rules = escalation_rules(self.scene, track, reason, place)
        climb = Climb(self.scene, track, reason, day)
        climb.uses.extend(uses)
        escalation = climb.escalate(rules[0] if rules else None, bearer, place, key, events=events)
        return escalation, [bound(found, track.matter.case) for found in climb.findings]


def _breach(track: Track, line: list[Bearer], due: Deadline, end: date) -> date | None:
    """Return the first day on which the duty was overdue and its bearer known, or None."""
    if track.missing is not None:
        return None
    first = due.first_overdue(track.opened, end)
    while first is not None:
        bearer = bearer_at(line, first)
        if bearer is None or not bearer.undetermined:
            return first
        first = due.first_overdue(day_after(bearer.until), end) if bearer.until < end else None
    return None


def _missing_parts(track: Track) -> list[Found]:
    assert track.act is not None
    named = track.act.get("sections", ())
    missing = ", ".join(part for part in track.rule.parts if part not in named)
    detail = {"rule": track.rule.id, "missing": missing}
    return [Found("report_incomplete", track.act.id, track.performed, track=track.id, detail=detail)] if missing else []


_Noted = TypeVar("_Noted", Escalation, Liability)


def _noted(answer: _Noted, late: tuple[Note, ...]) -> _Noted:
    if not late:
        return answer
    return evolve(answer, because=evolve(answer.because, notes=(*answer.because.notes, *late)))
