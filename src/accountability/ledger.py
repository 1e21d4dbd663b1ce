"""The ledger: the record of one organization under one policy, and its current answer.

It keeps events in memory and answers by recomputing the definition; every answer equals `assess` on the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from attrs import frozen

from .answer import STATUSES, Assessment, Escalation, EventAnswer, Finding, Liability, Obligation
from .assessment import assess, organization_after
from .calendar import parse_date
from .errors import ConflictError, EventError, OrganizationError, nearest, quoted
from .event import Event, read_event, typed
from .explanation import explain
from .organization import Organization
from .organization_changes import changed
from .parameters import Parameters
from .policy import Policy
from .why_not import why_not


@frozen
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
    - `withdrawn`: ids of escalations and candidates that no longer stand, after a retraction or later knowledge.
    """

    day: date
    events: tuple[EventAnswer, ...] = ()
    opened: tuple[Obligation, ...] = ()
    fulfilled: tuple[Obligation, ...] = ()
    overdue: tuple[Obligation, ...] = ()
    cancelled: tuple[Obligation, ...] = ()
    escalated: tuple[Escalation, ...] = ()
    candidates: tuple[Liability, ...] = ()
    findings: tuple[Finding, ...] = ()
    decided: tuple[Liability, ...] = ()
    withdrawn: tuple[str, ...] = ()


class Ledger:
    """A record of events with its current day: the latest day advanced to, or on which an event was known."""

    def __init__(self, policy: Policy, organization: Organization, *, parameters: Parameters | None = None) -> None:
        self.policy = policy
        self.organization = organization
        self.parameters = parameters if parameters is not None else policy.parameters
        policy.check(self.parameters)
        self._events: dict[tuple[str, str], Event] = {}
        self._day: date | None = None
        self._current: Assessment | None = None

    @property
    def day(self) -> date | None:
        """The current day, None before the first event or advance."""
        return self._day

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of the record, each with the day on which it was recorded."""
        return tuple(self._events.values())

    def submit(self, *events: Event | Mapping[str, Any] | Iterable[Event | Mapping[str, Any]]) -> Outcome:
        """Record events, all or none, and return what they changed.

        An event without `recorded` is recorded on its date or on the current day, whichever is later. One that is
        known already (same source, id and content) changes nothing.

        Raises EventError (it can not be read, or was recorded before the current day), ConflictError (same source and
        id, other content) and OrganizationError (the change contradicts the organization); then nothing is kept.
        """
        given = [self._read(event) for event in _each(events)]
        record = dict(self._events)
        for event in given:
            known = record.setdefault(event.key, event)
            if known.content != event.content:
                raise ConflictError(
                    f"event {quoted(event.id)} from {quoted(event.source)} is known with other content; "
                    "give the correction an id of its own and retract the first"
                )
        fresh = {event.key for event in given if event.key not in self._events}
        day = max([self._day or date.min, *(record[key].known for key in fresh)])
        if day == date.min:
            return Outcome(day)
        self._check_changes(record, fresh)
        answer = assess(self.policy, self.parameters, self.organization, record.values(), day)
        return self._become(record, day, answer, {event.key for event in given})

    def _check_changes(self, record: Mapping[tuple[str, str], Event], fresh: set[tuple[str, str]]) -> None:
        """Refuse a fresh change that contradicts what stands when it is recorded.

        One that only later knowledge contradicts (a retraction, an earlier change told later) is kept: so a record can
        be replayed at once as it was written event by event.
        """
        if not fresh & changed(self.organization, record.values())[1].keys():
            return
        standing = [event for key, event in record.items() if key not in fresh]
        for key in (key for key in record if key in fresh):
            standing.append(record[key])
            refused = changed(self.organization, standing)[1]
            if key in refused:
                raise OrganizationError(f"event {quoted(key[1])}: {refused[key]}")

    def advance(self, to: date | str) -> Outcome:
        """Let the days pass up to `to`, inclusive, and return what became overdue or was escalated.

        Raises EventError when `to` lies before the current day.
        """
        day = parse_date(to)
        if self._day is not None and day < self._day:
            raise EventError(
                f"the ledger stands at {self._day} and can not go back to {quoted(day)}; ask `assessment(as_of=…)` for the past"
            )
        return self._become(
            self._events,
            day,
            assess(self.policy, self.parameters, self.organization, self._events.values(), day),
            set(),
        )

    def assessment(self, as_of: date | str | None = None, known_as_of: date | str | None = None) -> Assessment:
        """Return the whole answer as of a day (default the current day), on what was known then (default the same day).

        Nothing is known of days to come: for a later day the answer is a forecast on what is known on the current day,
        and says so in its `known_as_of`. Raises EventError when `known_as_of` lies after the current day.
        """
        if as_of is None and known_as_of is None and self._current is not None:
            return self._current
        if self._day is None:
            raise EventError("the ledger has no day yet; submit an event or advance first")
        day = parse_date(as_of) if as_of is not None else self._day
        if known_as_of is None:
            known_as_of = min(day, self._day)
        elif parse_date(known_as_of) > self._day:
            raise EventError(
                f"{quoted(known_as_of)} lies after the ledger's current day {self._day}; nothing is known yet of later days"
            )
        return assess(self.policy, self.parameters, self.organization, self._events.values(), day, known_as_of)

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
        statuses = {status} if isinstance(status, str) else set(status) if status is not None else set(STATUSES)
        for each in sorted(statuses - set(STATUSES)):
            raise EventError(
                f"{quoted(each)} is no status{nearest(each, STATUSES) or '.'} Use one of {', '.join(STATUSES)}"
            )
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

    def explain(self, item: Obligation | Escalation | Liability | Finding | str, language: str = "zh") -> str:
        """Return the reasons of an answer, or of the answer with this id as of the current day, in whole sentences."""
        return explain(
            item if not isinstance(item, str) else self.find(item), self.policy, self.organization_on(), language
        )

    def why_not(self, rule: str, key: str, language: str = "zh") -> str:
        """Return the first condition for which a rule gave no obligation for a key (a case, a unit, a post)."""
        return why_not(
            self.policy, self.organization_on(), self._events.values(), self.assessment(), rule, key, language
        )

    def find(self, id_: str) -> Obligation | Escalation | Liability:
        """Return the obligation, escalation or candidate with this id as of the current day; raises EventError."""
        answer = self.assessment()
        items: tuple[Obligation | Escalation | Liability, ...]
        items = (*answer.obligations, *answer.escalations, *answer.liabilities)
        for item in items:
            if item.id == id_:
                return item
        raise EventError(f"nothing here has the id {quoted(id_)}{nearest(id_, [item.id for item in items])}")

    def organization_on(self) -> Organization:
        """Return the organization after the recorded changes."""
        return organization_after(self.organization, self._events.values(), self.policy)

    def _read(self, event: Event | Mapping[str, Any]) -> Event:
        """Return a typed event with the day on which it is recorded."""
        read = event if isinstance(event, Event) else read_event(event)
        read = typed(read, self.policy.event_types)
        if read.key in self._events and read.content == self._events[read.key].content:
            return self._events[read.key]
        if read.recorded is None:
            return read.recorded_on(max(read.date, self._day) if self._day is not None else read.date)
        if self._day is not None and read.known < self._day:
            raise EventError(
                f"event {quoted(read.id)} was recorded on {read.recorded}, before the ledger's current day {self._day}; "
                "leave `recorded` out, or import before advancing"
            )
        return read

    def _become(
        self, record: dict[tuple[str, str], Event], day: date, answer: Assessment, given: set[tuple[str, str]]
    ) -> Outcome:
        before = self._current
        self._events, self._day, self._current = record, day, answer
        return _difference(before, answer, given)


def _each(events: Iterable[Any]) -> Iterable[Event | Mapping[str, Any]]:
    for event in events:
        if isinstance(event, Event | Mapping):
            yield event
        else:
            yield from event


_Item = TypeVar("_Item", Obligation, Escalation, Liability)


def _by_id(items: Iterable[_Item]) -> dict[str, _Item]:
    return {item.id: item for item in items}


def _difference(before: Assessment | None, after: Assessment, given: set[tuple[str, str]]) -> Outcome:
    """Return what is in the second answer and not in the first."""
    first = before if before is not None else Assessment(after.as_of, after.known_as_of)
    duties, escalated, candidates = _by_id(first.obligations), _by_id(first.escalations), _by_id(first.liabilities)
    findings = set(_finding_keys(first.findings))

    def now(*statuses: str) -> tuple[Obligation, ...]:
        return tuple(
            o
            for o in after.obligations
            if o.status in statuses and (o.id not in duties or duties[o.id].status not in statuses)
        )

    gone = (set(escalated) | set(candidates)) - set(_by_id(after.escalations)) - set(_by_id(after.liabilities))
    return Outcome(
        after.as_of,
        events=tuple(e for e in after.events if (e.source, e.id) in given),
        opened=tuple(o for o in after.obligations if o.id not in duties),
        fulfilled=now("fulfilled", "fulfilled_late"),
        overdue=now("overdue"),
        cancelled=now("cancelled"),
        escalated=tuple(e for e in after.escalations if e.id not in escalated),
        candidates=tuple(c for c in after.liabilities if c.id not in candidates),
        findings=tuple(
            f for f, key in zip(after.findings, _finding_keys(after.findings), strict=True) if key not in findings
        ),
        decided=tuple(
            c
            for c in after.liabilities
            if c.decided is not None and (c.id not in candidates or candidates[c.id].decided != c.decided)
        ),
        withdrawn=tuple(sorted(gone)),
    )


def _finding_keys(findings: Iterable[Finding]) -> list[tuple[str, str, str | None, str | None]]:
    return [(f.code, f.about, f.case, f.rests_on) for f in findings]
