"""From the tracks of the folds to the answer: who bears each duty, its status, and what follows from a breach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import evolve

from .answer import Because, Cause, Escalation, Finding, Liability, Note, Obligation
from .bearer import Bearer, base_unit, designations, named_post, starting_unit, timeline
from .breach import Climb, bearer_at, candidates, cause, escalation_rules, overdue_escalations, place_of
from .clause import Clause
from .due import Deadline, deadline
from .event import Event
from .finding import FINDINGS
from .fold import Fold, Found, start_of
from .organization import BEGINNING, Unit
from .parameters import Use
from .rule import Duty, Pattern, Time
from .track import Matter, Scene, Track

Vacancy = tuple[str, date]


class Resolution:
    """Collects the answer, track by track; what is said once for all tracks (a vacancy) is said at the end."""

    def __init__(self, scene: Scene, folds: Iterable[Fold], extensions: dict[str, list[Event]]) -> None:
        self.scene = scene
        self.tracks: dict[str, list[Track]] = {}
        for fold in folds:
            for track in fold.tracks.values():
                self.tracks.setdefault(track.rule.id, []).append(track)
        self.extensions = extensions
        self.obligations: dict[str, Obligation] = {}
        self.escalations: dict[str, Escalation] = {}
        self.liabilities: dict[str, Liability] = {}
        self.findings: dict[tuple[str, str, str | None], Finding] = {}
        self.vacancies: dict[Vacancy, tuple[date, Track, Bearer]] = {}

    def fold(self, fold: Fold) -> None:
        """Add the tracks and findings of one fold."""
        for track in list(fold.tracks.values()):
            self._track(fold, track)
        for found in fold.findings:
            self.find(found, fold.matter)
        if fold.exceeded is not None:
            self._exceeded(fold)

    # -- one duty ------------------------------------------------------------------------------------------------

    def _track(self, fold: Fold, track: Track) -> None:
        scene = self.scene
        end = min(track.last or scene.as_of, scene.as_of)
        line = timeline(scene, track, end)
        bearer = line[-1]
        blocked_by, unblocked = self._blocks(track, bearer)
        due = deadline(scene, track, line, self.extensions.get(track.id, []), unblocked)
        self._line_findings(fold, track, line)
        undetermined = track.missing if track.missing is not None else due.missing if due.on(end) is None else None
        if undetermined is not None:
            self.find(Found("parameter_required", undetermined, track.opened, track=track.id), fold.matter)
        if due.first is not None and due.first < track.known:
            self.find(Found("due_before_known", track.rule.clause.ref, track.known, track=track.id), fold.matter)
        breach = self._breach(track, line, due, end) if not blocked_by else None
        if breach is not None:
            self._breached(fold, track, line, due, breach)
        unclear = undetermined is not None or bearer.undetermined
        self.obligations[track.id] = self._obligation(track, bearer, due, end, unclear, blocked_by)
        self._designations(fold, track, line)

    def _line_findings(self, fold: Fold, track: Track, line: list[Bearer]) -> None:
        for bearer in line:
            for note in bearer.notes:
                about = note.about
                self.find(Found(note.code, about, bearer.from_, bearer.unit, track.id), fold.matter)
            if bearer.vacant_since is not None and bearer.post is not None:
                key = (bearer.post, bearer.vacant_since)
                known = self.vacancies.get(key)
                if known is None or (bearer.from_, track.id) < (known[0], known[1].id):
                    self.vacancies[key] = (bearer.from_, track, bearer)

    def _blocks(self, track: Track, bearer: Bearer) -> tuple[tuple[str, ...], date | None]:
        """Return the other units that have yet to do what must be done first, and the day on which all of it was done."""
        after = track.rule.after
        if after is None or bearer.base is None:
            return (), None
        undone, done = set(), []
        for first in self.tracks.get(after.duty, ()):
            key = first.matter.case, first.period.key if first.period is not None else None
            if key != (track.matter.case, track.period.key if track.period is not None else None):
                continue
            base, _ = base_unit(self.scene, first, self.scene.view(first.last or self.scene.as_of))
            if base is None or (
                after.each is not None and not self._is_below(base, after.each, bearer.base, first.opened)
            ):
                continue
            if first.live and base != bearer.base:
                undone.add(base)
            elif first.performed is not None and base != bearer.base:
                done.append(first.performed)
        return tuple(sorted(undone)), max(done, default=None)

    def _is_below(self, unit: str, kind: str, above: str, day: date) -> bool:
        view = self.scene.view(day)
        found = view.unit(unit)
        return found is not None and found.kind == kind and above in view.above(unit)

    def _breach(self, track: Track, line: list[Bearer], due: Deadline, end: date) -> date | None:
        """Return the first day on which the duty was overdue and its bearer known, or None."""
        if track.missing is not None:
            return None
        first = due.first_overdue(track.opened, end)
        while first is not None:
            bearer = bearer_at(line, first)
            if bearer is None or not bearer.undetermined:
                return first
            first = due.first_overdue(Fold.after(bearer.until), end) if bearer.until < end else None
        return None

    def _breached(self, fold: Fold, track: Track, line: list[Bearer], due: Deadline, breach: date) -> None:
        last = due.on(breach)
        assert last is not None
        escalations, found = overdue_escalations(self.scene, track, line, due, breach)
        liabilities, more = candidates(self.scene, track, line, breach, max(last, track.opened))
        late = self._late_knowledge(track, due)
        for escalation in escalations:
            because = evolve(escalation.because, notes=(*escalation.because.notes, *late))
            self.escalations[escalation.id] = evolve(escalation, because=because)
        for liability in liabilities:
            because = evolve(liability.because, notes=(*liability.because.notes, *late))
            self.liabilities[liability.id] = evolve(liability, because=because)
        for each in (*found, *more):
            self.find(each, fold.matter)

    @staticmethod
    def _status(track: Track, due: Deadline, end: date, unclear: bool, blocked: bool) -> str:
        """Return the first status, in the order of meaning.md 3, that fits."""
        if track.performed is not None:
            return "fulfilled_late" if due.overdue_on(track.performed) else "fulfilled"
        if track.ended is not None:
            return "cancelled"
        if unclear:
            return "undetermined"
        if blocked:
            return "blocked"
        return "overdue" if due.overdue_on(end) else "pending"

    def _obligation(
        self, track: Track, bearer: Bearer, due: Deadline, end: date, unclear: bool, blocked_by: tuple[str, ...]
    ) -> Obligation:
        rule, matter = track.rule, track.matter
        return Obligation(
            id=track.id, rule=rule.id, clause=rule.clause, title=rule.title, act=rule.act,
            unit=self._unit(bearer), post=bearer.post, person=bearer.person, to=self._counterparty(track, bearer),
            case=matter.case, period=track.period.key if track.period is not None else None, round=track.round,
            opened=track.opened, known=track.known, due=due.on(end), provisional=due.computation.provisional,
            status=self._status(track, due, end, unclear, bool(blocked_by)), performed=track.performed, outcome=track.outcome,
            blocked_by=blocked_by if track.live else (), because=self._because(track, bearer, due),
        )  # fmt: skip

    def _unit(self, bearer: Bearer) -> Unit | None:
        return self.scene.organization.units[bearer.unit] if bearer.unit is not None else None

    def _counterparty(self, track: Track, bearer: Bearer) -> str | None:
        """Return the unit to which the duty is owed; where a level is missing, the unit that takes its place."""
        walk = track.rule.to
        if walk is None or track.serves is not None:
            return None
        scene, view = self.scene, self.scene.view(track.opened)
        start = start_of(scene, walk.start, track.matter, track.trigger) or track.start
        if start is None:
            return None
        place, _ = starting_unit(scene, track.matter, start, view)
        unit = walk.unit(view, place)
        if unit is None and track.rule.missing is not None and bearer.base is not None:
            word, _, name = str(scene.choice(track.rule.missing, track.opened).value).partition(":")
            now = scene.view(bearer.from_)
            return name if word == "substitute" else now.superior(bearer.base) if word == "skip" else None
        return unit

    def _because(self, track: Track, bearer: Bearer, due: Deadline) -> Because:
        causes: list[Cause] = [cause("trigger", track.trigger)] if track.trigger is not None else []
        if track.matter.opener is not None and track.matter.opener is not track.trigger:
            causes.insert(0, cause("case", track.matter.opener))
        causes.extend(cause("extension", event) for _, _, event in due.extensions)
        if track.act is not None:
            causes.append(cause("act", track.act))
        if track.ended_by is not None:
            causes.append(cause("ended", track.ended_by))
        uses = tuple(dict.fromkeys((*due.uses, *bearer.uses, *track.uses)))
        return Because(
            track.rule.id, track.rule.clause, tuple(causes), bearer.facts, uses, due.computation,
            answers=self._answers(bearer), notes=(*bearer.notes, *self._late_knowledge(track, due), *self._needless(track)),
            breach=track.serves.id if track.serves is not None else None,
        )  # fmt: skip

    @staticmethod
    def _needless(track: Track) -> tuple[Note, ...]:
        """Say why a duty ended that no event ended: nobody needs it any more."""
        ended = track.ended is not None and track.ended_by is None
        return (Note("need_ended", str(track.ended)),) if ended else ()

    @staticmethod
    def _late_knowledge(track: Track, due: Deadline) -> tuple[Note, ...]:
        """Say that the due day had passed before anybody could know of the duty."""
        late = due.first is not None and due.first < track.known
        return (Note("due_before_known", track.known.isoformat()),) if late else ()

    def _answers(self, bearer: Bearer) -> Clause | None:
        """Return the role clause that makes the post answer for its body."""
        post = self.scene.organization.posts.get(bearer.post) if bearer.post is not None else None
        if post is None:
            return None
        unit = self.scene.organization.units[post.unit]
        return next((r.clause for r in self.scene.policy.roles if (r.post, r.unit) == (post.kind, unit.kind)), None)

    # -- what duties bring with them -----------------------------------------------------------------------------

    def _designations(self, fold: Fold, served: Track, line: list[Bearer]) -> None:
        """Open the superior's duty to designate a convener on each day from which on there was none."""
        matter = served.matter
        open_until: date | None = None
        round_ = 0
        for bearer in line:
            day = bearer.from_
            if not bearer.designates or bearer.unit is None or (open_until is not None and day <= open_until):
                continue
            used = [key for key, (result, _) in fold.results.items() if result == "performed"]
            standing = designations(matter, self.scene.view(day), bearer.unit)
            if any(e.date < day or (e.date == day and e.key in used) for e in standing):
                continue
            round_ += 1
            track = self._designate(served, day, round_, bearer.unit)
            later = [e for e in matter.designated if day <= e.date <= (served.last or e.date)]
            acts = [
                e
                for e in later
                if e in designations(matter, self.scene.view(e.date), _unit_on(line, e.date, bearer.unit))
            ]
            act = min(acts, key=lambda e: (e.date, e.key), default=None)
            if act is not None:
                track.perform(act, None)
                fold.result(act, "performed")
            else:
                self._end_need(track, served, line, day)
            open_until = track.performed or date.max
            self._track(fold, track)

    @staticmethod
    def _end_need(track: Track, served: Track, line: list[Bearer], day: date) -> None:
        """End a duty to designate when what it serves ends, or when nobody need be designated any more."""
        needless = next((b.from_ for b in line if b.from_ > day and not b.designates), None)
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
        return Track(rule, id_, served.matter, day, known, served.trigger, served.start, round_, serves=served)

    def _exceeded(self, fold: Fold) -> None:
        """Escalate from the returning unit: more returns than allowed."""
        assert fold.exceeded is not None
        event, unit, rule, use = fold.exceeded
        if unit is None:
            return
        returned = [t for t in fold.tracks.values() if t.rule.id == rule.id and t.act is event] or list(
            fold.tracks.values()
        )
        track = returned[0]
        view = self.scene.view(event.date)
        post = view.responsible_post(unit)
        bearer = Bearer(
            event.date, event.date, unit, unit, post.id if post else None, view.holder(post.id) if post else None
        )
        self._escalate_once(
            track, "max_returns_exceeded", event.date, bearer, track.id, (use,), (cause("trigger", event),)
        )

    def vacancies_found(self) -> None:
        """Escalate each vacancy once, on the first day on which a duty met it."""
        for (post, since), (day, track, bearer) in sorted(self.vacancies.items()):
            key = f"{post}/{since.isoformat() if since != BEGINNING else 'never'}"
            self._escalate_once(track, "vacant_post", day, bearer, key, (), ())

    def _escalate_once(
        self, track: Track, reason: str, day: date, bearer: Bearer, key: str,
        uses: tuple[Use, ...], events: tuple[Cause, ...],
    ) -> None:  # fmt: skip
        place = place_of(self.scene.view(day), self.scene, bearer)
        if place is None:
            return
        rules = escalation_rules(self.scene, track, reason, place)
        climb = Climb(self.scene, track, reason, day)
        climb.uses.extend(uses)
        escalation = climb.escalate(rules[0] if rules else None, bearer, place, key, events=events)
        if escalation is not None:
            self.escalations[escalation.id] = escalation
        for found in climb.findings:
            self.find(found, track.matter)

    def find(self, found: Found, matter: Matter) -> None:
        """Add a finding, once per code, subject and case (a recusal, a vacancy) or duty."""
        case = matter.case
        once = found.code in ("recusal", "no_quorum_after_recusal", "same_body_two_stages", "vacant_post")
        key = (found.code, found.about, case if once else found.track)
        if key not in self.findings:
            self.findings[key] = Finding(
                found.code,
                found.about,
                FINDINGS[found.code].grade,
                found.track,
                case,
                found.unit,
                found.day,
                dict(found.detail),
            )


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
    )
