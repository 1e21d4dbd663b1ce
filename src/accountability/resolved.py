"""The answer about one duty, and how a finding is told from others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from .answer import Because, Cause, Escalation, Finding, Liability, Note, Obligation
from .bearer import Bearer
from .breach import WayUp, cause, plain_escalation
from .clause import Clause
from .due import Deadline
from .event import Event
from .finding import finding
from .fold import Found
from .organization_facts import Unit
from .quick import maker
from .track import Track

Vacancy = tuple[str, date]
FindingKey = tuple[str, str, str | None]


_NONE: Any = MappingProxyType({})
_obligation, _reasons = maker(Obligation), maker(Because)


class Plain:
    """The answer about one duty as of a day of which nothing is to be said but its status; here of one that is open.

    The obligation itself is written out when it is asked for. `wakes` is the next day on which the answer may change
    although nothing happens, None when it can not. `answers` is the clause that makes the post answer for its body. A
    duty that went up has the `way` it went and the day on which it was `raised`.
    """

    __slots__ = ("_kept", "answers", "bearer", "due", "raised", "status", "track", "unit", "wakes", "way")

    performed: date | None = None
    outcome: str | None = None
    act: Event | None = None
    ended_by: Event | None = None
    needless: date | None = None
    blocked_by: tuple[str, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    liabilities: tuple[Liability, ...] = ()
    findings: Mapping[FindingKey, Finding] = _NONE
    vacancies: Mapping[Vacancy, tuple[date, Bearer]] = _NONE
    looked_at: tuple[str, ...] = ()
    more: tuple[Resolved, ...] = ()

    def __init__(
        self, track: Track, unit: Unit | None, bearer: Bearer, due: Deadline, status: str,
        answers: Clause | None = None, wakes: date | None = None, way: WayUp | None = None, raised: date | None = None,
    ) -> None:  # fmt: skip
        self.track = track
        self.unit = unit
        self.bearer = bearer
        self.due = due
        self.status = status
        self.answers = answers
        self.wakes = wakes
        self.way = way
        self.raised = raised
        self._kept: Obligation | None = None

    @property
    def id(self) -> str:
        """The id of the obligation."""
        return self.track.id

    @property
    def due_day(self) -> date | None:
        """The due day as it stands."""
        return self.due.first

    @property
    def order(self) -> tuple[date, date, str]:
        """Where the obligation stands in an assessment."""
        return self.track.opened, self.due_day or date.max, self.track.id

    @property
    def obligation(self) -> Obligation:
        """The obligation, as it stood when this was resolved."""
        if self._kept is not None:
            return self._kept
        track, bearer = self.track, self.bearer
        rule, period = track.rule, track.period
        written: Obligation = _obligation(
            track.id, rule.id, rule.clause, rule.title, rule.act, self.unit, bearer.post, bearer.person, bearer.to,
            track.matter.case, period.key if period is not None else None, track.round,
            track.opened, track.known, self.due_day, self.due.computation.provisional,
            self.status, self.performed, self.outcome, self.blocked_by, (Plain.because, self),
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


class Done(Plain):
    """The answer about a duty that was performed, or that ended, of which nothing more is to be said."""

    __slots__ = ("act", "ended_by", "needless", "outcome", "performed")

    def __init__(
        self, track: Track, unit: Unit | None, bearer: Bearer, due: Deadline, status: str,
        answers: Clause | None = None, wakes: date | None = None, way: WayUp | None = None, raised: date | None = None,
    ) -> None:  # fmt: skip
        Plain.__init__(self, track, unit, bearer, due, status, answers, wakes, way, raised)
        self.performed = track.performed
        self.outcome = track.outcome
        self.act = track.act
        self.ended_by = track.ended_by
        self.needless = track.ended if track.ended_by is None else None


class Resolved(Done):
    """The answer about a duty of which there may be more to say: what it waits for, findings, and what follows.

    `looked_at` are the duties that wait for this one, `more` the answers about the duties to designate that it brings
    with it. `says_more` tells that anything is said beside the status.
    """

    __slots__ = (
        "_due_day", "blocked_by", "escalations", "findings", "liabilities", "looked_at", "more", "says_more", "vacancies",
    )  # fmt: skip

    def __init__(
        self, track: Track, unit: Unit | None, bearer: Bearer, due: Deadline, status: str,
        answers: Clause | None, due_day: date | None, blocked_by: tuple[str, ...],
    ) -> None:  # fmt: skip
        super().__init__(track, unit, bearer, due, status, answers)
        self._due_day = due_day
        self.blocked_by = blocked_by
        self.escalations: tuple[Escalation, ...] = ()
        self.liabilities: tuple[Liability, ...] = ()
        self.findings: Mapping[FindingKey, Finding] = _NONE
        self.vacancies: Mapping[Vacancy, tuple[date, Bearer]] = _NONE
        self.looked_at: tuple[str, ...] = ()
        self.more: tuple[Resolved, ...] = ()
        self.says_more = False

    @property
    def due_day(self) -> date | None:
        """The due day as it stands."""
        return self._due_day


def late_knowledge(track: Track, due: Deadline) -> tuple[Note, ...]:
    """Say that the due day had passed before anybody could know of the duty."""
    late = due.first is not None and due.first < track.known
    return (Note("due_before_known", track.known.isoformat()),) if late else ()


def bound(found: Found, case: str | None) -> tuple[FindingKey, Finding]:
    """Return a finding and what tells it from others: its code, its subject, and the case (said once in it) or duty."""
    once = found.code in ("recusal", "no_quorum_after_recusal", "same_body_two_stages", "vacant_post")
    made = finding(found.code, found.about, dict(found.detail), found.track, case, found.unit, found.day)
    return (found.code, found.about, case if once else found.track), made
