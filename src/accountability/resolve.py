"""From the track of a duty to its answer: who bears it, its status, and what follows from a breach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import define, evolve

from .answer import Because, Cause, Escalation, Finding, Liability, Note, Obligation
from .bearer import Bearer, bearer_on, bearing_of, designations, timeline
from .breach import (
    Climb,
    WayUp,
    bearer_at,
    candidates,
    cause,
    escalation_rules,
    overdue_escalations,
    place_of,
    plain_escalation,
    way_up,
)
from .clause import Clause
from .due import Deadline, deadline
from .event import Event
from .finding import FINDINGS
from .fold import DAY, Fold, Found, day_after
from .organization import BEGINNING, FOREVER, Unit
from .parameters import Use
from .precedence import Precedence
from .quick import maker
from .roles import Answering, named_post
from .rule import Duty, Pattern, Time
from .track import Scene, Track

Vacancy = tuple[str, date]
FindingKey = tuple[str, str, str | None]


_NONE: Any = MappingProxyType({})
_obligation, _reasons = maker(Obligation), maker(Because)


@define(eq=False)
class Resolved:
    """The answer about one duty as of a day; the obligation itself is written out when it is asked for.

    `wakes` is the next day on which the answer may change although nothing happens, None when it can not. `answers`
    is the clause that makes the post answer for its body; `looked_at` are the duties that wait for this one, `more` the
    answers about the duties to designate that it brings with it. `says_more` tells that anything is said
    beside the status; a plain duty that went up has the `way` it went and the day on which it was `raised`.
    """

    unit: Unit | None
    answers: Clause | None
    track: Track
    bearer: Bearer
    due: Deadline
    due_day: date | None
    status: str
    performed: date | None
    outcome: str | None
    act: Event | None
    ended_by: Event | None
    needless: date | None
    blocked_by: tuple[str, ...]
    wakes: date | None
    escalations: tuple[Escalation, ...] = ()
    liabilities: tuple[Liability, ...] = ()
    findings: Mapping[FindingKey, Finding] = _NONE
    vacancies: Mapping[Vacancy, tuple[date, Bearer]] = _NONE
    looked_at: tuple[str, ...] = ()
    more: tuple[Resolved, ...] = ()
    says_more: bool = False
    way: WayUp | None = None
    raised: date | None = None
    _kept: Obligation | None = None

    @property
    def id(self) -> str:
        """The id of the obligation."""
        return self.track.id

    @property
    def order(self) -> tuple[date, date, str]:
        """Where the obligation stands in an assessment."""
        return self.track.opened, self.due_day or date.max, self.track.id

    @property
    def obligation(self) -> Obligation:
        """The obligation, as it stood when this was resolved."""
        if self._kept is not None:
            return self._kept
        track, rule, bearer, period = self.track, self.track.rule, self.bearer, self.track.period
        written: Obligation = _obligation(
            track.id, rule.id, rule.clause, rule.title, rule.act, self.unit, bearer.post, bearer.person, bearer.to,
            track.matter.case, period.key if period is not None else None, track.round,
            track.opened, track.known, self.due_day, self.due.computation.provisional,
            self.status, self.performed, self.outcome, self.blocked_by, (Resolved.because, self),
        )  # fmt: skip
        return written

    @property
    def escalation(self) -> Escalation:
        """The escalation of a plain duty."""
        assert self.way is not None and self.raised is not None
        return plain_escalation(self.track, self.way, self.raised)

    def kept(self) -> Obligation:
        """Return the obligation, and keep it for the next time."""
        if self._kept is None:
            self._kept = self.obligation
        return self._kept

    def because(self) -> Because:
        """Return the reasons."""
        track, due, bearer = self.track, self.due, self.bearer
        causes: list[Cause] = []
        opener = track.matter.opener
        if opener is not None and opener is not track.trigger:
            causes.append(cause("case", opener))
        if track.trigger is not None:
            causes.append(cause("trigger", track.trigger))
        causes.extend(cause("extension", event) for _, _, event in due.extensions)
        if self.act is not None:
            causes.append(cause("act", self.act))
        if self.ended_by is not None:
            causes.append(cause("ended", self.ended_by))
        notes = bearer.notes
        if due.first is not None and due.first < track.known:
            notes = (*notes, *late_knowledge(track, due))
        if self.needless is not None:
            notes = (*notes, Note("need_ended", str(self.needless)))
        uses = due.uses
        if bearer.uses or track.uses:
            uses = tuple(dict.fromkeys((*uses, *bearer.uses, *track.uses)))
        return _reasons(
            track.rule.id, track.rule.clause, tuple(causes), bearer.facts, uses, due.computation,
            self.answers, notes, track.serves.id if track.serves is not None else None,
        )  # fmt: skip


class Resolver:
    """Resolves the tracks of one scene. `extensions` are the events by which due days were moved, by obligation."""

    def __init__(self, scene: Scene, extensions: Mapping[str, list[Event]]) -> None:
        self.scene = scene
        self.extensions = extensions
        self.precedence = Precedence(scene.policy)
        self._simple: dict[str, bool] = {}
        self._answering = Answering(scene)

    def resolve(self, fold: Fold, track: Track) -> Resolved:
        """Return the answer about a track of the fold, and with it those about the duties to designate that it brings."""
        if track.missing is None and (track.bearing is not None or (track.line is None and self._begins_plain(track))):
            plain = self._plain(track)
            if plain is not None:
                return plain
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
            scene.organization.units[bearer.unit] if bearer.unit is not None else None,
            self._answers(bearer, track.opened) if self._answering.any else None,
            track, bearer, due, due_day, self._status(track, due, end, due_day, bearer, blocked_by),
            track.performed, track.outcome, track.act, track.ended_by,
            track.ended if track.ended_by is None else None, blocked_by if track.last is None else (), None,
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
            resolved.more = tuple(self._designations(fold, resolved, line))
        resolved.says_more = bool(
            resolved.findings
            or resolved.escalations
            or resolved.liabilities
            or resolved.vacancies
            or resolved.looked_at
            or resolved.more
        )
        return resolved

    def _begins_plain(self, track: Track) -> bool:
        """Tell whether all that can be said of a new duty is that it is done, late, or goes up once; note who bears it."""
        scene, rule = self.scene, track.rule
        is_simple = self._simple.get(rule.id)
        if is_simple is None:
            is_simple = self._simple[rule.id] = self._is_simple(rule)
        if not is_simple or self.extensions:
            return False
        found = bearing_of(scene, track, track.opened)
        if found is None or not found[0].is_plain or found[0].bearer.until < scene.as_of:
            return False
        bearing = found[0]
        line = [bearer_on(scene, track, track.opened)] if found[1] else bearing.line
        due = scene.deadlines.get((rule.id, track.opened, track.known, track.end_of_period))
        if due is None:
            due = deadline(scene, track, line)
        if due.first is None or due.first < track.known or due.extensions:
            return False
        track.line, track.due, track.bearing = line, due, bearing
        return True

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

    def _plain(self, track: Track) -> Resolved | None:
        """Return the answer about such a duty, None when it takes a closer look after all."""
        line, due, bearing, as_of = track.line, track.due, track.bearing, self.scene.as_of
        assert line is not None and due is not None and due.first is not None and bearing is not None
        bearer, first, last = line[0], due.first, track.performed or track.ended
        end = as_of if last is None or last > as_of else last
        if len(line) > 1 or bearer.until < end or self.extensions:
            return None
        if last is None and end <= first and bearer.until == FOREVER and not self._answering.any:
            return Resolved(
                bearing.unit, None, track, bearer, due, first, "pending", None, None, None, None, None, (), first + DAY
            )
        wakes: date | None = None
        way: WayUp | None = None
        raised: date | None = None
        if end > first:
            raised, way = first + DAY, bearing.way
            if way is None or way.edged or not way.since <= raised <= way.until:
                way = way_up(self.scene, track, bearing, bearer, raised)
                if way is None:
                    return None
            way.readers.add(self.scene.owner)
            if way.span.count:
                raised = self.scene.policy.calendar.add(raised, way.span).day
                if raised > way.until or raised < way.since:
                    return None
            if raised > end:
                way, wakes, raised = None, raised, None
        answers = self._answers(bearer, track.opened) if self._answering.any else None
        if last is None:
            if bearer.until < FOREVER:
                wakes = min(wakes or FOREVER, bearer.until + DAY)
            if end <= first and (wakes is None or first < wakes):
                wakes = first + DAY
            return Resolved(
                bearing.unit, answers, track, bearer, due, first, "pending" if end <= first else "overdue",
                None, None, None, None, None, (), wakes, way=way, raised=raised,
            )  # fmt: skip
        status = (
            "cancelled" if track.performed is None else "fulfilled" if track.performed <= first else "fulfilled_late"
        )
        return Resolved(
            bearing.unit, answers, track, bearer, due, first, status, track.performed, track.outcome, track.act,
            track.ended_by, track.ended if track.ended_by is None else None, (), None, way=way, raised=raised,
        )  # fmt: skip

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

    # -- designations of a convener ------------------------------------------------------------------------------

    def _designations(self, fold: Fold, resolved: Resolved, line: list[Bearer]) -> list[Resolved]:
        """Open the superior's duty to designate a convener on each day from which on there was none."""
        served, matter = resolved.track, resolved.track.matter
        answers: list[Resolved] = []
        open_until: date | None = None
        round_ = 0
        for bearer in line:
            day, needless = bearer.from_, _needless(line, bearer.from_)
            if not bearer.designates or bearer.unit is None or (open_until is not None and day <= open_until):
                continue
            standing = designations(matter, self.scene.view(day), bearer.unit)
            if any(e.date < day or (e.date == day and e.key in fold.designated) for e in standing):
                continue
            round_ += 1
            track = self._designate(served, day, round_, bearer.unit)
            last = min(served.last or date.max, needless - DAY if needless is not None else date.max)
            later = [e for e in matter.designated if day <= e.date <= last]
            acts = [
                e
                for e in later
                if e in designations(matter, self.scene.view(e.date), _unit_on(line, e.date, bearer.unit))
            ]
            act = min(acts, key=lambda e: (e.date, e.key), default=None)
            if act is not None:
                track.perform(act, None)
                fold.designated |= {act.key}
            else:
                self._end_need(track, served, needless)
            open_until = track.last or date.max
            answers.append(self.resolve(fold, track))
        return answers

    @staticmethod
    def _end_need(track: Track, served: Track, needless: date | None) -> None:
        """End a duty to designate when what it serves ends, or when nobody need be designated any more."""
        if needless is not None and (served.last is None or needless <= served.last):
            track.end(None, needless)
        elif served.last is not None:
            track.end(served.act or served.ended_by, served.last)

    def _designate(self, served: Track, day: date, round_: int, unit: str) -> Track:
        """Return the duty; it is known once the served duty and the recusal of the holder are."""
        rule = _designating(served.rule)
        id_ = f"{rule.id}/{served.id.partition('/')[2]}" + (f"/{round_}" if round_ > 1 else "")
        view = self.scene.view(day)
        post = named_post(self.scene, served.rule.bearer, unit, view)
        holder = view.holder(post.id) if post is not None else None
        told = [e.known for e in served.matter.recusals if holder in (e.get("person"), *(e.get("persons") or ()))]
        known = max(served.known, min(told, default=day))
        return Track(
            rule, id_, served.matter, day, known, served.trigger, served.start, round_, serves=served, home=served.home
        )

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


def late_knowledge(track: Track, due: Deadline) -> tuple[Note, ...]:
    """Say that the due day had passed before anybody could know of the duty."""
    late = due.first is not None and due.first < track.known
    return (Note("due_before_known", track.known.isoformat()),) if late else ()


def _missing_parts(track: Track) -> list[Found]:
    assert track.act is not None
    named = track.act.get("sections", ())
    missing = ", ".join(part for part in track.rule.parts if part not in named)
    detail = {"rule": track.rule.id, "missing": missing}
    return [Found("report_incomplete", track.act.id, track.performed, track=track.id, detail=detail)] if missing else []


def bound(found: Found, case: str | None) -> tuple[FindingKey, Finding]:
    """Return a finding and what tells it from others: its code, its subject, and the case (said once in it) or duty."""
    once = found.code in ("recusal", "no_quorum_after_recusal", "same_body_two_stages", "vacant_post")
    grade = FINDINGS[found.code].grade
    finding = Finding(found.code, found.about, grade, found.track, case, found.unit, found.day, dict(found.detail))
    return (found.code, found.about, case if once else found.track), finding


_Noted = TypeVar("_Noted", Escalation, Liability)


def _noted(answer: _Noted, late: tuple[Note, ...]) -> _Noted:
    if not late:
        return answer
    return evolve(answer, because=evolve(answer.because, notes=(*answer.because.notes, *late)))


def _needless(line: list[Bearer], day: date) -> date | None:
    """Return the first day after `day` on which nobody need be designated any more."""
    return next((bearer.from_ for bearer in line if bearer.from_ > day and not bearer.designates), None)


def _unit_on(line: list[Bearer], day: date, otherwise: str) -> str:
    bearer = bearer_at(line, day)
    return bearer.unit if bearer is not None and bearer.unit is not None else otherwise


def _designating(rule: Duty) -> Duty:
    """Return the duty of the superior to designate a convener for a duty of the rule."""
    return evolve(
        rule,
        id=f"{rule.id}.designate",
        title={"zh": "指定召集人", "en": "designate a convener"},
        act="designate_convener",
        must=Pattern(("convener.designated",)),
        within=Time(parameter="designate_within"),
        stage=None,
        to=None,
        by=None,
        with_=None,
        after=None,
        parts=(),
    )
