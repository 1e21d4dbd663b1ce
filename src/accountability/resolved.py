"""The answer about one duty, and how a finding is told from others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from attrs import define

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


def late_knowledge(track: Track, due: Deadline) -> tuple[Note, ...]:
    """Say that the due day had passed before anybody could know of the duty."""
    late = due.first is not None and due.first < track.known
    return (Note("due_before_known", track.known.isoformat()),) if late else ()


def bound(found: Found, case: str | None) -> tuple[FindingKey, Finding]:
    """Return a finding and what tells it from others: its code, its subject, and the case (said once in it) or duty."""
    once = found.code in ("recusal", "no_quorum_after_recusal", "same_body_two_stages", "vacant_post")
    made = finding(found.code, found.about, dict(found.detail), found.track, case, found.unit, found.day)
    return (found.code, found.about, case if once else found.track), made
