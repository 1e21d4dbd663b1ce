"""A record worked out again, step by step, each step under the law and the organization that answered then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from ..answer import Assessment, Escalation, Liability, Obligation, Rating
from ..assessment import TwoFold, python_matcher
from ..errors import IntegrityError, quoted
from ..event import Event, typed
from ..knowledge import EventKey
from ..outcome import Outcome, outcome_of
from ..plain import WRITTEN
from .basis import Basis
from .row import ADVANCED, BASIS, Row


class Replay:
    """The answers of a record after some of its steps; `basis_of` gives what a basis row names."""

    def __init__(self, basis_of: Callable[[Mapping[str, str]], Basis]) -> None:
        self.position = 0
        self.day = date.min
        self.basis: Basis | None = None
        self.events: dict[EventKey, Event] = {}
        self.twofold: TwoFold | None = None
        self._basis_of = basis_of

    def take(self, rows: Iterable[Row]) -> Outcome:
        """Take the rows of one step or of several, and return what they changed; of no row nothing comes."""
        fresh, basis, day, row = list[Event](), self.basis, self.day, None
        for row in rows:
            event = row.event
            self.day = max(self.day, event.known)
            if not row.is_own:
                fresh.append(event)
            elif row.type == BASIS:
                self.basis = self._basis_of(event.fields)
            elif row.type != ADVANCED:
                raise row.bad(f"it is of the type {quoted(row.type)}, which this library does not know")
            self.position = row.position
        if row is None:
            return Outcome(self.day)
        if self.basis is None:
            raise IntegrityError("the record does not begin with the law under which it answers; restore it", 1)
        fresh = [typed(event, self.basis.policy.event_types, limits=WRITTEN) for event in fresh]
        before = self.twofold.assessment(self.day) if self.twofold is not None and basis is not self.basis else None
        if self.twofold is None or before is not None:
            policy = self.basis.policy
            matcher = python_matcher(policy)
            self.twofold = TwoFold(policy, self.basis.parameters, self.basis.organization, day, matcher)
            if before is not None:
                self.events = {
                    key: typed(event, policy.event_types, limits=WRITTEN) for key, event in self.events.items()
                }
                self.twofold.take(list(self.events.values()), day)
        self.twofold.take(fresh, self.day)
        self.events |= {event.key: event for event in fresh}
        given = [event.key for event in fresh]
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
        changed=[(o, statuses.get(o.id)) for o in now.obligations],
        escalated=[each for each in now.escalations if each.id not in old],
        told=twofold.told_of(given),
    )


def _ids(answers: Iterable[Escalation | Liability | Rating]) -> list[str]:
    return [answer.id for answer in answers]
