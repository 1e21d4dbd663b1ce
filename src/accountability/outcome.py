"""What one step of a ledger changed: the answers of which something else is said than before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from attrs import field, frozen

from .answer import Escalation, EventAnswer, Finding, Liability, Obligation, Rating, converter
from .assessment import TwoFold
from .collected import Kept
from .knowledge import EventKey
from .quick import maker
from .resolved import Resolved

_PERFORMED = ("fulfilled", "fulfilled_late")
_T = TypeVar("_T")
_Duty = Resolved | Obligation


@frozen(eq=False, weakref_slot=False)
class Outcome:
    """What one `submit` or `advance` changed in the answer, as of the ledger's current day.

    - `day`: the current day after it.
    - `events`: for each submitted event what became of it (fired, performed, no_effect, no_rule, orphan, cannot_tell).
    - `opened`: obligations that stand now and did not before, in whatever status.
    - `fulfilled`: obligations performed now and not before, in time or late.
    - `overdue`: obligations overdue now and not before.
    - `cancelled`: obligations cancelled now and not before.
    - `escalated`: escalations that stand now and did not before.
    - `candidates`: liabilities, each a candidate for a human decision, that stand now and did not before.
    - `findings`: findings that stand now and did not before.
    - `decided`: candidates about which a human decision is recorded now and was not, or was another, before.
    - `ratings`: ratings by a score that stand now and did not before.
    - `withdrawn`: ids of escalations and candidates that no longer stand, after a retraction or later knowledge.

    It never changes afterwards. What costs time to write out (the obligations with their reasons) is written out when
    it is first read.
    """

    day: date
    events: tuple[EventAnswer, ...] = ()
    escalated: tuple[Escalation, ...] = ()
    candidates: tuple[Liability, ...] = ()
    findings: tuple[Finding, ...] = ()
    decided: tuple[Liability, ...] = ()
    ratings: tuple[Rating, ...] = ()
    withdrawn: tuple[str, ...] = ()
    _changed: tuple[tuple[_Duty, str | None, str], ...] = field(default=(), repr=False)

    @cached_property
    def opened(self) -> tuple[Obligation, ...]:
        """The obligations that stand now and did not before."""
        return tuple(_written(duty) for duty, before, _ in self._changed if before is None)

    @cached_property
    def fulfilled(self) -> tuple[Obligation, ...]:
        """The obligations that are performed now and were not before."""
        return self._now(*_PERFORMED)

    @cached_property
    def overdue(self) -> tuple[Obligation, ...]:
        """The obligations that are overdue now and were not before."""
        return self._now("overdue")

    @cached_property
    def cancelled(self) -> tuple[Obligation, ...]:
        """The obligations that are cancelled now and were not before."""
        return self._now("cancelled")

    def _now(self, *statuses: str) -> tuple[Obligation, ...]:
        found = (duty for duty, before, now in self._changed if now in statuses and before not in statuses)
        return tuple(_written(duty) for duty in found)


_SHOWN = (
    "day", "events",
    "opened", "fulfilled", "overdue", "cancelled", "escalated", "candidates", "findings", "decided", "ratings", "withdrawn",
)  # fmt: skip


def _data(outcome: Outcome) -> dict[str, Any]:
    return {name: converter.unstructure(getattr(outcome, name)) for name in _SHOWN}


converter.register_unstructure_hook(Outcome, _data)


def _written(duty: _Duty) -> Obligation:
    return duty if isinstance(duty, Obligation) else duty.obligation


_outcome = maker(Outcome)


def outcome_of(twofold: TwoFold, day: date, given: Iterable[EventKey], more: Iterable[Finding] = ()) -> Outcome:
    """Return what has changed in an evaluation since it was last asked; `given` are the keys of the events submitted."""
    collected = twofold.main.collected
    escalated, gone = _new(collected.escalations)
    candidates, withdrawn = _new(collected.liabilities)
    rated, _ = _new(collected.ratings)
    decided = []
    for id_, before in collected.liabilities.before.items():
        now = collected.liabilities.standing.get(id_)
        if now is not None and now.decided is not None and (before is None or before.decided != now.decided):
            decided.append(now)
    findings = list(more)
    for key, was in collected.findings_before.items():
        if was is None and (finding := collected.finding(key)) is not None:
            findings.append(finding)
    outcome = _outcome(
        day,
        twofold.event_answers(given),
        tuple(sorted(escalated, key=lambda e: (e.day, e.id))) if escalated else (),
        tuple(sorted(candidates, key=lambda c: (c.at, c.id))) if candidates else (),
        tuple(sorted(findings, key=lambda f: (f.code, f.about, f.case or "", f.rests_on or ""))) if findings else (),
        tuple(sorted(decided, key=lambda c: (c.at, c.id))) if decided else (),
        tuple(sorted(rated, key=lambda r: (r.date, r.id))) if rated else (),
        tuple(sorted([*gone, *withdrawn])) if gone or withdrawn else (),
        _duties(twofold),
    )
    twofold.forget_changes()
    return outcome


def _new(kept: Kept[_T]) -> tuple[list[_T], list[str]]:
    """Return what stands now and did not before, and the ids of what no longer stands."""
    new, gone = [], []
    for id_, before in kept.before.items():
        now = kept.standing.get(id_)
        if now is None and before is not None:
            gone.append(id_)
        elif now is not None and before is None:
            new.append(now)
    return new, gone


def _duties(twofold: TwoFold) -> tuple[tuple[_Duty, str | None, str], ...]:
    """Return the obligations of which something has changed, in order, with their status before and now."""
    main = twofold.main.collected.obligations
    if twofold.trail is None:
        changed = [
            (now, before.status if before is not None else None, now.status)
            for id_, before in main.before.items()
            if (now := main.standing.get(id_)) is not None
        ]
        return tuple(sorted(changed, key=lambda each: each[0].order) if len(changed) > 1 else changed)
    trail, found = twofold.trail.collected.obligations, list[tuple[_Duty, str | None, str]]()
    for id_ in dict.fromkeys((*main.before, *trail.before)):
        was = main.before[id_] if id_ in main.before else main.standing.get(id_)
        told = trail.before[id_] if id_ in trail.before else trail.standing.get(id_)
        status = was.status if was is not None else "cancelled" if told is not None else None
        now, still = main.standing.get(id_), trail.standing.get(id_)
        if now is not None:
            found.append((now, status, now.status))
        elif still is not None:
            found.append((twofold.cancelled(still), status, "cancelled"))
    return tuple(sorted(found, key=lambda each: _place(each[0])))


def _place(duty: _Duty) -> tuple[date, date, str]:
    return duty.order if isinstance(duty, Resolved) else (duty.opened, duty.due or date.max, duty.id)
