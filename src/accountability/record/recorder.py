"""Between a ledger and its record: what others wrote comes in, and what the ledger takes is written before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from threading import RLock

import sqlalchemy as sa

from ..answer import Obligation
from ..assessment import Altered
from ..errors import EventError, IntegrityError, quoted
from ..event import Event
from . import projection
from .basis import Basis
from .database import Step
from .log import Record
from .row import ADVANCED, BASIS, SOURCE, Head, own_event
from .rows import append, keep, read

Follow = Callable[[Sequence[Event], date], None]
"""How a ledger takes what others recorded: their events, and the current day after them."""


class Recorder:
    """The record as one ledger sees it: up to which row it has read, and under which basis it writes."""

    def __init__(self, record: Record, basis: Basis) -> None:
        self.record = record
        self.head = Head()
        self._day = date.min
        self._basis = basis
        self._last_basis: Mapping[str, str] | None = None
        self._lock = RLock()
        self._step: Step | None = None
        self._is_read = False

    @contextmanager
    def reading(self, follow: Follow) -> Iterator[None]:
        """Let one thread read the ledger, after what others recorded has come in."""
        with self._lock:
            if self._is_read or self._step is not None:
                yield
                return
            with self.record.reading() as connection:
                self._catch_up(connection, follow)
            self._is_read = True
            try:
                yield
            finally:
                self._is_read = False

    @contextmanager
    def writing(self, follow: Follow) -> Iterator[None]:
        """Let one thread of all processes write, after what others recorded has come in."""
        with self._lock, self.record.writing() as step:
            self._catch_up(step.connection, follow)
            self._step = step
            try:
                yield
            finally:
                self._step = None

    def _catch_up(self, connection: sa.Connection, follow: Follow) -> None:
        """Take the rows after the last one read, which must still stand."""
        found = read(connection, self.head.position - 1)
        head, day, basis, events = self.head, self._day, self._last_basis, list[Event]()
        if head.position:
            last = next(found, None)
            if last is None or last.digest != head.digest:
                raise IntegrityError(
                    f"row {head.position} is not what it was when this ledger read it; the log was cut or written anew",
                    head.position,
                )
        for row in found:
            if row.position != head.position + 1 or row.previous != head.digest:
                raise row.bad("it does not follow the row before it")
            event = row.event
            if not row.is_own:
                events.append(event)
            elif row.type == BASIS:
                basis = event.fields
            head, day = Head(row.position, row.digest), max(day, event.known)
        if head != self.head:
            follow(events, day)
            self.head, self._day, self._last_basis = head, day, basis

    def keep(
        self, events: Sequence[Event], day: date, altered: Iterable[Altered],
        standing: Callable[[], Sequence[Obligation]],
    ) -> Head:  # fmt: skip
        """Record a step of the ledger and commit it; return where the log ends then.

        `altered` are the obligations that it changed, `standing` gives all. When this raises, the ledger must not count
        the events. Until the ledger has counted them and says so by `confirm`, they are still to come in.
        """
        assert self._step is not None
        for event in events:
            if event.source == SOURCE:
                raise EventError(
                    f"event {quoted(event.id)}: the source {quoted(SOURCE)} is the record's own; use another"
                )
        told = [event.recorded_on(event.known) for event in events]
        advances = day != max([self._day, *(event.known for event in events)])
        if not told and not advances:
            return self.head
        connection, moved = self._step.connection, self._last_basis != self._basis.digests
        if moved:
            told.insert(0, own_event(BASIS, day, self.head.position + 1, **self._basis.digests))
        if advances:
            told.append(own_event(ADVANCED, day, self.head.position + 1 + len(told)))
        if moved:
            for text in self._basis.documents.values():
                keep(connection, text)
        head = append(connection, self.head, told, self._basis.policy.event_types)
        if moved:
            projection.put_all(connection, standing())
        else:
            projection.put(connection, altered)
        self._step.commit()
        return head

    def confirm(self, head: Head, day: date) -> None:
        """Take the step that ends there as read, under the basis of this ledger."""
        if head != self.head:
            self.head, self._day, self._last_basis = head, day, self._basis.digests
