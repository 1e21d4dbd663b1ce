"""The ledger: the record of one organization under one policy, and its current answer.

It keeps the folds of all keys and continues them: a new event costs the same however long the record is. Every answer
equals `assess` on the same events. With a `store` the record is a log in a database, see `record`; else it lives in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from .answer import STATUSES, Assessment, Escalation, Finding, Liability, Obligation, Rating, checked_statuses
from .assessment import TwoFold, assess, organization_after
from .calendar import parse_date
from .errors import ConflictError, EventError, OrganizationError, nearest, quoted
from .event import Event, read_event, typed
from .explanation import explain
from .finding import finding_from
from .knowledge import EventKey
from .matching import matcher_for
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS, changed
from .outcome import Outcome, outcome_of
from .parameters import Parameters
from .plain import LIMITS, WRITTEN, Limits
from .policy import Policy
from .why_not import why_not

if TYPE_CHECKING:
    from .record.log import Record
    from .record.recorder import Recorder

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _up_to_date(method: Callable[Concatenate[Ledger, _P], _T]) -> Callable[Concatenate[Ledger, _P], _T]:
    """Let what others recorded come in before a question is answered; nothing to do for a ledger in memory."""

    @wraps(method)
    def answer(self: Ledger, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        if self._recorder is None:
            return method(self, *args, **kwargs)
        with self._recorder.reading(self._follow):
            return method(self, *args, **kwargs)

    return answer


class Ledger:
    """A record of events with its current day: the latest day advanced to, or on which an event was known.

    `matcher` is ``auto`` (compare each event with durable_rules where that is installed), ``python`` or ``durable``;
    when the two disagree the Python answer stands and the outcome carries the finding ``matcher_disagreement``, or,
    when `strict`, MatcherError is raised and nothing is kept. `limits` bound the events that it reads.

    `store` is the address of a database, ``sqlite:///record.db`` or ``postgresql+psycopg://…``, in which the record is
    kept, and begun where there is none. What `submit` and `advance` return is then recorded there; several ledgers, in
    threads, processes and on other machines, can add to one record, and each answers from what all of them recorded.
    Every method may then raise StoreError, and IntegrityError when the record is not what was written.
    """

    def __init__(
        self,
        policy: Policy,
        organization: Organization,
        *,
        parameters: Parameters | None = None,
        matcher: str = "auto",
        strict: bool = False,
        store: str | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self.policy = policy
        self.organization = organization
        self.parameters = parameters if parameters is not None else policy.parameters
        policy.check(self.parameters)
        self.limits = limits
        self.matcher = matcher_for(policy.patterns(), matcher, strict)
        self._events: dict[EventKey, Event] = {}
        self._day: date | None = None
        self._twofold: TwoFold | None = None
        self._current: Assessment | None = None
        self._recorder: Recorder | None = None
        if store is not None:
            from .record.basis import Basis
            from .record.log import Record
            from .record.recorder import Recorder

            self._recorder = Recorder(Record(store, create=True), Basis(policy, self.parameters, organization))

    @property
    def record(self) -> Record | None:
        """The record in the database, None for a ledger in memory."""
        return self._recorder.record if self._recorder is not None else None

    @property
    @_up_to_date
    def day(self) -> date | None:
        """The current day, None before the first event or advance."""
        return self._day

    @property
    @_up_to_date
    def events(self) -> tuple[Event, ...]:
        """The events of the record, each with the day on which it was recorded."""
        return tuple(e if e.recorded is not None else e.recorded_on(e.known) for e in self._events.values())

    def _follow(self, events: Sequence[Event], day: date) -> None:
        """Take what others recorded."""
        fresh = [event for event in events if event.key not in self._events]  # a step may have been interrupted
        events = [typed(event, self.policy.event_types, limits=WRITTEN) for event in fresh]
        twofold, self._twofold = self._twofold, None
        if twofold is not None:
            twofold.take(events, day)
            twofold.forget_changes()
            self._twofold = twofold
        self._events.update((event.key, event) for event in events)
        self._day, self._current = day, None

    def submit(self, *events: Event | Mapping[str, Any] | Iterable[Event | Mapping[str, Any]]) -> Outcome:
        """Record events, all or none, and return what they changed.

        An event without `recorded` is recorded on its date or on the current day, whichever is later. One that is
        known already (same source, id and content) changes nothing.

        Raises EventError (it can not be read, or was recorded before the current day), ConflictError (same source and
        id, other content), OrganizationError (the change contradicts the organization) and, when strict, MatcherError;
        then nothing is kept.
        """
        if self._recorder is None:
            return self._submit(events)
        with self._recorder.writing(self._follow):
            return self._submit(events)

    def _submit(self, events: tuple[Event | Mapping[str, Any] | Iterable[Event | Mapping[str, Any]], ...]) -> Outcome:
        if len(events) == 1 and isinstance(events[0], Event):
            outcome = self._submit_alone(events[0])
            if outcome is not None:
                return outcome
        given: dict[EventKey, None] = {}
        fresh: dict[EventKey, Event] = {}
        day = self._day or date.min
        for each in _each(events):
            event = each if isinstance(each, Event) else read_event(each, limits=self.limits)
            event = typed(event, self.policy.event_types, limits=self.limits)
            key = event.key
            known = self._events.get(key)
            if known is None or known.content != event.content:
                event = self._recorded(event)
                known = known or fresh.get(key)
                if known is None:
                    fresh[key] = event
                    if event.known > day:
                        day = event.known
                elif known.content != event.content:
                    raise ConflictError(
                        f"event {quoted(event.id)} from {quoted(event.source)} is known with other content; "
                        "give the correction an id of its own and retract the first"
                    )
            given[key] = None
        if day == date.min:
            return Outcome(day)
        if not ORGANIZATION_EVENTS.keys().isdisjoint(event.type for event in fresh.values()):
            self._check_changes(fresh)
        return self._become(list(fresh.values()), day, given)

    def _submit_alone(self, event: Event) -> Outcome | None:
        """Record one ordinary event that is not known yet; None when it takes a closer look."""
        event = typed(event, self.policy.event_types, limits=self.limits)
        if event.recorded is not None or event.key in self._events or event.type in ORGANIZATION_EVENTS:
            return None
        day = self._day
        if day is None or day <= event.date:
            day = event.date
        else:
            event = event.recorded_on(day)
        return self._become((event,), day, (event.key,))

    def _check_changes(self, fresh: Mapping[EventKey, Event]) -> None:
        """Refuse a fresh change that contradicts what stands when it is recorded.

        One that only later knowledge contradicts (a retraction, an earlier change told later) is kept: so a record can
        be replayed at once as it was written event by event.
        """
        changes = [event for event in fresh.values() if event.type in ORGANIZATION_EVENTS]
        telling = self._evaluated().main.telling
        if not any(event.type == "event.retracted" for event in fresh.values()) and not any(
            event.key in telling.retracted for event in changes
        ):
            live = self._evaluated().main.live_organization()
            refused = live.refusals(changes)
            if refused == {}:
                return
            if refused is not None and len(changes) == 1:
                raise OrganizationError(f"event {quoted(changes[0].id)}: {refused[changes[0].key]}")
        standing = [e for e in self._events.values() if e.key not in telling.retracted]
        if not fresh.keys() & changed(self.organization, [*standing, *fresh.values()])[1].keys():
            return
        for event in fresh.values():
            standing.append(event)
            refused = changed(self.organization, standing)[1]
            if event.key in refused:
                raise OrganizationError(f"event {quoted(event.id)}: {refused[event.key]}")

    def advance(self, to: date | str) -> Outcome:
        """Let the days pass up to `to`, inclusive, and return what became overdue or was escalated.

        Raises EventError when `to` lies before the current day.
        """
        day = parse_date(to)
        if self._recorder is None:
            return self._advance(day)
        with self._recorder.writing(self._follow):
            return self._advance(day)

    def _advance(self, day: date) -> Outcome:
        if self._day is not None and day < self._day:
            raise EventError(
                f"the ledger stands at {self._day} and can not go back to {quoted(day)}; ask `assessment(as_of=…)` for the past"
            )
        return self._become((), day, ())

    def _evaluated(self) -> TwoFold:
        """Return the evaluation of the record; made anew at first and after an error."""
        if self._twofold is None:
            day = self._day or date.min
            self._twofold = TwoFold(self.policy, self.parameters, self.organization, day, self.matcher)
            if self._day is not None:
                self._twofold.take(list(self._events.values()), day)
                self._twofold.forget_changes()
        return self._twofold

    def _become(self, fresh: Sequence[Event], day: date, given: Iterable[EventKey]) -> Outcome:
        twofold, self._twofold = self._twofold or self._evaluated(), None  # whatever is raised, it is made anew
        twofold.take(fresh, day)
        altered = twofold.altered() if self._recorder is not None else ()
        outcome = outcome_of(twofold, day, given, self._disagreements(twofold) if self.matcher.compares else ())
        head = self._recorder.keep(fresh, day, altered, twofold.obligations) if self._recorder is not None else None
        record = self._events
        for event in fresh:
            record[event.key] = event
        self._day, self._current, self._twofold = day, None, twofold
        if self._recorder is None or head is None:
            return outcome
        self._recorder.confirm(head, day)
        return outcome.at(head.position)

    @staticmethod
    def _disagreements(twofold: TwoFold) -> Iterable[Finding]:
        code, found = "matcher_disagreement", list[Finding]()
        for event, disagreement in twofold.main.disagreements():
            detail = {"type": event.type, "disagreement": str(disagreement)}
            found.append(finding_from(event, code, event.id, detail))
        return found

    @_up_to_date
    def assessment(self, as_of: date | str | None = None, known_as_of: date | str | None = None) -> Assessment:
        """Return the whole answer as of a day (default the current day), on what was known then (default the same day).

        Nothing is known of days to come: for a later day the answer is a forecast on what is known on the current day,
        and says so in its `known_as_of`. Raises EventError when `known_as_of` lies after the current day.
        """
        if self._day is None:
            raise EventError("the ledger has no day yet; submit an event or advance first")
        day = parse_date(as_of) if as_of is not None else self._day
        if day == self._day and known_as_of in (None, self._day):
            if self._current is None:
                self._current = self._evaluated().assessment(day)
            return self._current
        if known_as_of is None:
            known_as_of = min(day, self._day)
        elif parse_date(known_as_of) > self._day:
            raise EventError(
                f"{quoted(known_as_of)} lies after the ledger's current day {self._day}; nothing is known yet of later days"
            )
        return assess(self.policy, self.parameters, self.organization, self._events.values(), day, known_as_of)

    @_up_to_date
    def obligations(
        self,
        *,
        unit: str | None = None,
        post: str | None = None,
        person: str | None = None,
        status: str | Iterable[str] | None = None,
        case: str | None = None,
        due_before: date | str | None = None,
        as_of: date | str | None = None,
    ) -> tuple[Obligation, ...]:
        """Return the obligations that fit all that is given; `due_before` is a day that the due day lies before.

        Raises EventError for an unknown status.
        """
        statuses = checked_statuses(STATUSES if status is None else status)
        limit = parse_date(due_before) if due_before is not None else None
        if as_of is None and self._day is None:
            return ()
        return tuple(
            o
            for o in self.assessment(as_of).obligations
            if (unit is None or (o.unit is not None and o.unit.id == unit))
            and (post is None or o.post == post)
            and (person is None or o.person == person)
            and o.status in statuses
            and (case is None or o.case == case)
            and (limit is None or (o.due is not None and o.due < limit))
        )

    @_up_to_date
    def explain(self, item: Obligation | Escalation | Liability | Rating | Finding | str, language: str = "zh") -> str:
        """Return the reasons of an answer, or of the answer with this id as of the current day, in whole sentences."""
        return explain(
            item if not isinstance(item, str) else self.find(item), self.policy, self.organization_on(), language
        )

    @_up_to_date
    def why_not(self, rule: str, key: str, language: str = "zh") -> str:
        """Return the first condition for which a rule gave no obligation for a key (a case, a unit, a post)."""
        return why_not(
            self.policy, self.organization_on(), self._events.values(), self.assessment(), rule, key, language
        )

    @_up_to_date
    def find(self, id_: str) -> Obligation | Escalation | Liability | Rating:
        """Return the obligation, escalation, candidate or rating with this id as of the current day; raises EventError."""
        if self._day is not None:
            collected = self._evaluated().main.collected
            if id_ in collected.obligations.standing:
                return collected.obligations.standing[id_].kept()
            breached = collected.obligations.standing.get(id_.removeprefix("escalation/").removesuffix("/overdue"))
            if breached is not None and breached.way is not None:
                return breached.escalation
            found = collected.escalations.standing.get(id_) or collected.liabilities.standing.get(id_)
            if found is not None:
                return found
        answer = self.assessment()
        items: tuple[Obligation | Escalation | Liability | Rating, ...]
        items = (*answer.obligations, *answer.escalations, *answer.liabilities, *answer.ratings)
        for item in items:
            if item.id == id_:
                return item
        raise EventError(f"nothing here has the id {quoted(id_)}{nearest(id_, [item.id for item in items])}")

    @_up_to_date
    def organization_on(self) -> Organization:
        """Return the organization after the recorded changes."""
        return organization_after(self.organization, self._events.values(), self.policy)

    def _recorded(self, event: Event) -> Event:
        """Return the event with the day on which it is recorded; its own date where that is not earlier than today."""
        day = self._day
        if event.recorded is None:
            return event if day is None or day <= event.date else event.recorded_on(day)
        if day is not None and event.known < day:
            raise EventError(
                f"event {quoted(event.id)} was recorded on {event.recorded}, before the ledger's current day {day}; "
                "leave `recorded` out, or import before advancing"
            )
        return event


def _each(events: Iterable[Any]) -> Iterable[Event | Mapping[str, Any]]:
    for event in events:
        if isinstance(event, Event | Mapping):
            yield event
        else:
            yield from event
