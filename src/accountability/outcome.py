"""What one step of a ledger changed: the answers of which something else is said than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from .answer import Escalation, EventAnswer, Finding, Liability, Obligation, Rating, converter
from .assessment import TwoFold, event_answers
from .collected import Kept, finding_order
from .event import Event
from .fold import Said
from .knowledge import EventKey
from .quick import maker
from .resolved import Plain

_ESCALATED = ("escalated",)
_PERFORMED = ("fulfilled", "fulfilled_late")
_T = TypeVar("_T")
_Duty = Plain | Obligation


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
    - `position`: where the record ends after the step, when there is one; a follower asks for what came after it.
    - `withdrawn`: ids of escalations and candidates that no longer stand, after a retraction or later knowledge.

    It never changes afterwards. What costs time to write out (the obligations with their reasons) is written out when
    it is first read.
    """

    day: date
    candidates: tuple[Liability, ...] = ()
    findings: tuple[Finding, ...] = ()
    decided: tuple[Liability, ...] = ()
    ratings: tuple[Rating, ...] = ()
    withdrawn: tuple[str, ...] = ()
    _changed: Sequence[tuple[_Duty, str | None]] = field(default=(), repr=False)
    _escalated: Sequence[Escalation | Plain] = field(default=(), repr=False)
    _told: Sequence[tuple[Event, Said]] = field(default=(), repr=False)
    _written: dict[tuple[str, ...], tuple[Any, ...]] = field(factory=dict, repr=False)
    position: int | None = None

    def at(self, position: int) -> Outcome:
        """Return the same outcome, of the step that ends at this position of a record."""
        return evolve(self, position=position)

    @property
    def events(self) -> tuple[EventAnswer, ...]:
        """What became of each submitted event."""
        return event_answers(self._told)

    @property
    def opened(self) -> tuple[Obligation, ...]:
        """The obligations that stand now and did not before."""
        if not self._changed:
            return ()
        found = self._written.get(())
        if found is None:
            found = self._written[()] = _in_order([duty for duty, before in self._changed if before is None])
        return found

    @property
    def fulfilled(self) -> tuple[Obligation, ...]:
        """The obligations that are performed now and were not before."""
        return self._now(*_PERFORMED)

    @property
    def overdue(self) -> tuple[Obligation, ...]:
        """The obligations that are overdue now and were not before."""
        return self._now("overdue")

    @property
    def cancelled(self) -> tuple[Obligation, ...]:
        """The obligations that are cancelled now and were not before."""
        return self._now("cancelled")

    def _now(self, *statuses: str) -> tuple[Obligation, ...]:
        found = self._written.get(statuses)
        if found is None:
            found = self._written[statuses] = _in_order(
                [duty for duty, before in self._changed if duty.status in statuses and before not in statuses]
            )
        return found

    @property
    def escalated(self) -> tuple[Escalation, ...]:
        """The escalations that stand now and did not before."""
        if not self._escalated:
            return ()
        found = self._written.get(_ESCALATED)
        if found is None:
            made = [each.escalation if isinstance(each, Plain) else each for each in self._escalated]
            if len(made) > 1:
                made.sort(key=lambda each: (each.day, each.id))
            found = self._written[_ESCALATED] = tuple(made)
        return found


def _in_order(duties: list[_Duty]) -> tuple[Obligation, ...]:
    """Return the obligations, written out, in the order in which an assessment has them."""
    if not duties:
        return ()
    if len(duties) > 1:
        duties.sort(key=_place)
    return tuple([duty if isinstance(duty, Obligation) else duty.obligation for duty in duties])


_SHOWN = (
    "day", "position", "events",
    "opened", "fulfilled", "overdue", "cancelled", "escalated", "candidates", "findings", "decided", "ratings", "withdrawn",
)  # fmt: skip


def _data(outcome: Outcome) -> dict[str, Any]:
    return {name: converter.unstructure(getattr(outcome, name)) for name in _SHOWN}


converter.register_unstructure_hook(Outcome, _data)


_outcome = maker(Outcome)


def outcome_of(twofold: TwoFold, day: date, given: Iterable[EventKey], more: Iterable[Finding] = ()) -> Outcome:
    """Return what has changed in an evaluation since it was last asked; `given` are the keys of the events submitted."""
    collected = twofold.main.collected
    changed: list[tuple[_Duty, str | None]] = []
    escalated: list[Escalation | Plain] = []
    gone: list[str] = []
    standing, duties = collected.obligations.standing, collected.obligations.before
    for id_, was in duties.items():
        now = standing.get(id_)
        if now is not None:
            changed.append((now, was.status if was is not None else None))
            if now.way is not None:
                if was is None or was.way is None:
                    escalated.append(now)
                continue
        if was is not None and was.way is not None:
            gone.append(f"escalation/{id_}/overdue")
    if twofold.trail is not None:
        changed = _with_trail(twofold)
    if gone or more or collected.has_changed_more():
        return _whole(twofold, day, given, list(more), changed, escalated, gone)
    outcome: Outcome = _outcome(day, (), (), (), (), (), changed, escalated, twofold.told_of(given), {}, None)
    duties.clear()
    return outcome


def _whole(
    twofold: TwoFold, day: date, given: Iterable[EventKey], findings: list[Finding],
    changed: list[tuple[_Duty, str | None]], escalated: list[Escalation | Plain], gone: list[str],
) -> Outcome:  # fmt: skip
    """Return the outcome with what has changed beside the duties and their escalations."""
    collected = twofold.main.collected
    candidates: Iterable[Liability] = ()
    rated: Iterable[Rating] = ()
    decided: list[Liability] = []
    if gone or collected.escalations.before:
        new: list[Escalation] = _new(collected.escalations, gone)
        escalated += new
        _settle(escalated, gone)
    if collected.liabilities.before:
        candidates = sorted(_new(collected.liabilities, gone), key=lambda c: (c.at, c.id))
        for id_, before in collected.liabilities.before.items():
            now = collected.liabilities.standing.get(id_)
            if now is not None and now.decided is not None and (before is None or before.decided != now.decided):
                decided.append(now)
    if collected.ratings.before:
        rated = sorted(_new(collected.ratings, []), key=lambda r: (r.date, r.id))
    for key, was in collected.findings_before.items():
        if was is None and (finding := collected.finding(key)) is not None:
            findings.append(finding)
    outcome: Outcome = _outcome(
        day,
        tuple(candidates),
        tuple(sorted(findings, key=finding_order)) if findings else (),
        tuple(sorted(decided, key=lambda c: (c.at, c.id))) if decided else (),
        tuple(rated),
        tuple(sorted(gone)) if gone else (),
        changed,
        escalated,
        twofold.told_of(given),
        {},
        None,
    )
    twofold.forget_changes()
    return outcome


def _settle(escalated: list[Escalation | Plain], gone: list[str]) -> None:
    """Leave out what stood before on a plain duty and stands now on another one, or the other way round."""
    if escalated and gone:
        new = {each.escalation.id if isinstance(each, Plain) else each.id for each in escalated}
        both = new.intersection(gone)
        gone[:] = [id_ for id_ in gone if id_ not in both]
        if both:
            escalated[:] = [e for e in escalated if (e.escalation if isinstance(e, Plain) else e).id not in both]


def _new(kept: Kept[_T], gone: list[str]) -> list[_T]:
    """Return what stands now and did not before; add the ids of what no longer stands to `gone`."""
    new = []
    for id_, before in kept.before.items():
        now = kept.standing.get(id_)
        if now is None and before is not None:
            gone.append(id_)
        elif now is not None and before is None:
            new.append(now)
    return new


def _with_trail(twofold: TwoFold) -> list[tuple[_Duty, str | None]]:
    """Return the obligations of which something has changed, those of the trail too, with their status before."""
    assert twofold.trail is not None
    main = twofold.main.collected.obligations
    trail, found = twofold.trail.collected.obligations, list[tuple[_Duty, str | None]]()
    for id_ in dict.fromkeys((*main.before, *trail.before)):
        was = main.before[id_] if id_ in main.before else main.standing.get(id_)
        told = trail.before[id_] if id_ in trail.before else trail.standing.get(id_)
        status = was.status if was is not None else "cancelled" if told is not None else None
        now, still = main.standing.get(id_), trail.standing.get(id_)
        if now is not None:
            found.append((now, status))
        elif still is not None:
            found.append((twofold.cancelled(still), status))
    trail.before.clear()
    return found


def _place(duty: _Duty) -> tuple[date, date, str]:
    return duty.order if isinstance(duty, Plain) else (duty.opened, duty.due or date.max, duty.id)
