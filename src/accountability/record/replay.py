"""A record worked out again, step by step, each step under the law and the organization that answered then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from attrs import evolve

from ..answer import Assessment, Escalation, Liability, Obligation, Rating
from ..assessment import TwoFold, python_matcher
from ..errors import IntegrityError, quoted
from ..event import Event, typed
from ..knowledge import EventKey
from ..outcome import Outcome, outcome_of
from ..plain import WRITTEN
from ..policy import Policy
from .basis import Basis
from .row import ADVANCED, BASIS, NO_DIGEST, Row


class Replay:
    """The answers of a record after some of its steps; `basis_of` gives what a basis row names."""

    def __init__(self, basis_of: Callable[[Mapping[str, str]], Basis]) -> None:
        self.position, self.digest = 0, NO_DIGEST
        self.day = date.min
        self.basis: Basis | None = None
        self.events: list[Event] = []
        self.twofold: TwoFold | None = None
        self._basis_of = basis_of

    def take(self, rows: Iterable[Row]) -> Outcome:
        """Take the rows of one step or of several, and return what they changed; of no row nothing comes."""
        told, basis, day, row = list[Event](), self.basis, self.day, None
        for row in rows:
            if (row.position, row.previous) != (self.position + 1, self.digest):
                raise row.bad("it does not follow the row before it, as this follower read that")
            event = row.event
            self.day = max(self.day, event.known)
            if not row.is_own:
                told.append(event)
            elif row.type == BASIS:
                self.basis = self._basis_of(event.fields)
            elif row.type != ADVANCED:
                raise row.bad(f"it is of the type {quoted(row.type)}, which this library does not know")
            self.position, self.digest = row.position, row.digest
        if row is None:
            return Outcome(self.day)
        if self.basis is None:
            raise IntegrityError("the record does not begin with the law under which it answers; restore it", 1)
        before = self.twofold.assessment(self.day) if self.twofold is not None and basis is not self.basis else None
        policy = self.basis.policy
        if self.twofold is None or before is not None:
            matcher = python_matcher(policy)
            self.twofold = TwoFold(policy, self.basis.parameters, self.basis.organization, day, matcher)
            if before is not None:
                self.twofold.take(_typed(policy, self.events), day)
        self.twofold.take(_typed(policy, told), self.day)
        self.events += told
        given = [event.key for event in told]
        if before is None:
            return outcome_of(self.twofold, self.day, given)
        self.twofold.forget_changes()
        return _between(before, self.twofold, self.day, given)

    def obligations(self) -> list[Obligation]:
        """Return all obligations as of the day, those that stood only on something retracted among them."""
        return [] if self.twofold is None else self.twofold.obligations()


def _between(was: Assessment, twofold: TwoFold, day: date, given: list[EventKey]) -> Outcome:
    """Return what the answers under a new basis say that those before did not."""
    now = twofold.assessment(day)
    statuses = {o.id: o.status for o in was.obligations}
    old = {*_ids(was.escalations), *_ids(was.liabilities), *_ids(was.ratings)}
    new = {*_ids(now.escalations), *_ids(now.liabilities)}
    decided = {each.id: each.decided for each in was.liabilities}
    return Outcome(
        day,
        candidates=tuple(each for each in now.liabilities if each.id not in old),
        findings=tuple(each for each in now.findings if each not in was.findings),
        decided=tuple(each for each in now.liabilities if each.decided not in (None, decided.get(each.id))),
        ratings=tuple(each for each in now.ratings if each.id not in old),
        withdrawn=tuple(sorted({*_ids(was.escalations), *_ids(was.liabilities)} - new)),
        changed=[*((o, statuses.get(o.id)) for o in now.obligations), *_fallen(was, now)],
        escalated=[each for each in now.escalations if each.id not in old],
        told=twofold.told_of(given),
    )


def _ids(answers: Iterable[Escalation | Liability | Rating]) -> list[str]:
    return [answer.id for answer in answers]


def _fallen(was: Assessment, now: Assessment) -> Iterator[tuple[Obligation, str]]:
    """Yield what was owed under the law before and is not known to the new one, as cancelled."""
    known = {duty.id for duty in now.obligations}
    return ((evolve(duty, status="cancelled"), duty.status) for duty in was.obligations if duty.id not in known)


def _typed(policy: Policy, events: Iterable[Event]) -> list[Event]:
    """Return the events with their fields as the policy declares them."""
    return [typed(event, policy.event_types, limits=WRITTEN) for event in events]
