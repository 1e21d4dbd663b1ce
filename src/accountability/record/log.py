"""The record itself: rows are added at its end, read, checked, written out and asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from itertools import groupby

import sqlalchemy as sa

from ..answer import LIVE, Assessment, Obligation, checked_statuses
from ..assessment import assess
from ..errors import StoreError, quoted
from ..event import Event
from ..outcome import Outcome
from ..policy import LIBRARY_EVENTS
from . import projection
from .basis import Basis
from .database import Database, Step
from .evidence import checked, taken_in, written_out
from .projection import Owed
from .replay import Replay
from .row import BASIS, SOURCE, Head, Row
from .rows import CHUNK, ROWS, basis_of, day_of, head_of, pages, read
from .tables import keys, rows


class Record:
    """The append-only log of one ledger in a database: what was told, when, and what it was answered from.

    `Record("sqlite:///record.db")` opens one that exists; a `Ledger` with a `store` begins one and adds to it. It may be
    open in many processes and threads. Every method raises StoreError when the database can not be used, and
    IntegrityError when the record is not what was written.
    """

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open the record at the address; where there is none, begin an empty one if `create`."""
        self.url = url
        self._database = Database(url, create=create)
        self._replay: Replay | None = None

    def __repr__(self) -> str:
        return f"Record({self._database.name!r})"

    def close(self) -> None:
        """Close the connections to the database; the next question opens new ones."""
        self._database.close()

    # -- what stands in it ------------------------------------------------------------------------------------------

    @property
    def day(self) -> date | None:
        """The current day: the latest day advanced to or on which an event was known; None for an empty record."""
        with self._database.reading() as connection:
            return day_of(connection)

    def head(self) -> Head:
        """Return the position and digest of the last row; kept outside, they tell later whether the log was cut."""
        with self._database.reading() as connection:
            return head_of(connection)

    def rows(self, since: int = 0, *, key: str | None = None) -> Iterator[Row]:
        """Yield the rows after the position, in order; with `key` (``case/K1``, ``person/m1``) those that name it."""
        asked = ROWS
        if key is not None:
            asked = asked.join(keys, keys.c.position == rows.c.position).where(keys.c.key == key)
        with self._database.reading() as connection:
            yield from read(connection, since, asked)

    def events(self, *, key: str | None = None) -> tuple[Event, ...]:
        """Return the events in the order in which they were recorded; with `key` those that name it, see `rows`."""
        return tuple(row.event for row in self.rows(key=key) if not row.is_own)

    def basis(self, position: int | None = None) -> Basis:
        """Return the policy, parameters and organization from which was answered at the position (default the last)."""
        asked = ROWS.where(rows.c.source == SOURCE, rows.c.type == BASIS)
        if position is not None:
            asked = asked.where(rows.c.position <= self._known(position))
        with self._database.reading() as connection:
            found = connection.execute(asked.order_by(rows.c.position.desc()).limit(1)).one_or_none()
        if found is None:
            raise StoreError(f"{self._database.shown} holds nothing yet; submit an event or advance first")
        return self._basis_of(Row(*found).event.fields)

    def _known(self, position: int, first: int = 1) -> int:
        """Return the position when the record has it; raises StoreError."""
        last = self.head().position
        if type(position) is not int or not first <= position <= last:
            raise StoreError(f"{quoted(position)} is no position of {self._database.shown}; write {first} to {last}")
        return position

    def _basis_of(self, named: Mapping[str, str]) -> Basis:
        with self._database.reading() as connection:
            return basis_of(connection, named)

    # -- what was answered ------------------------------------------------------------------------------------------

    def assessment(self, position: int | None = None) -> Assessment:
        """Return the whole answer as it stood at the position (default the last): on what was known then, from the
        law, the parameters and the organization of then.

        Of a position within a step it is the answer before that step was whole. Raises StoreError for an empty record.
        """
        asked = ROWS if position is None else ROWS.where(rows.c.position <= self._known(position))
        with self._database.reading() as connection:
            replay = Replay(partial(basis_of, connection))
            replay.take(read(connection, asked=asked))
        if replay.twofold is None:
            raise StoreError(f"{self._database.shown} holds nothing yet; submit an event or advance first")
        return replay.twofold.assessment(replay.day)

    def case(self, name: str) -> tuple[Obligation, ...]:
        """Return the obligations of one case as of the current day, with their reasons, in the order of an assessment.

        They are worked out from the events of the case and those that may concern all (changes of the organization,
        retractions, extensions), which the index finds: what else was told is not read, however long the log is.
        """
        asked = ROWS.where(
            sa.or_(
                rows.c.position.in_(sa.select(keys.c.position).where(keys.c.key == f"case/{name}")),
                rows.c.type.in_(LIBRARY_EVENTS),
            )
        )
        with self._database.reading() as connection:
            day = day_of(connection)
            found = [row.event for row in read(connection, asked=asked) if not row.is_own]
        if day is None:
            return ()
        basis = self.basis()
        answer = assess(basis.policy, basis.parameters, basis.organization, found, day)
        return tuple(duty for duty in answer.obligations if duty.case == name)

    def changes(self, since: int = 0) -> Iterator[Outcome]:
        """Yield the outcome of each step after the position, in order and skipping none, each with its own `position`.

        A follower keeps the `position` of the last outcome that it has dealt with and asks again from there: so each
        reaches it at least once, and the same position is always the same outcome. The steps before `since` are worked
        out first, unless this record has just been followed up to there.
        """
        self._known(since, first=0)
        replay, self._replay = self._replay, None
        if replay is None or replay.position > since:
            replay = Replay(self._basis_of)
        try:
            for step in self._steps(replay.position):
                outcome = replay.take(step)
                if replay.position > since:
                    yield outcome.at(replay.position)
        except Exception:
            replay = None  # it may have taken half of a step
            raise
        finally:
            self._replay = replay

    def _steps(self, since: int) -> Iterator[list[Row]]:
        """Yield the rows of each step after the position; nothing is kept open between two of them."""
        while True:
            with self._database.reading() as connection:
                found = next(pages(connection, since), [])
                if len(found) == CHUNK:
                    last = found[-1]
                    found += read(connection, last.position, ROWS.where(rows.c.batch == last.batch))
            for _, step in groupby(found, key=lambda row: row.batch):
                yield list(step)
            if len(found) < CHUNK:
                return
            since = found[-1].position

    def due(
        self, within: int, *, unit: str | None = None, post: str | None = None, person: str | None = None
    ) -> tuple[Owed, ...]:
        """Return what is owed and due up to `within` days after the current day, inclusive, the first due first.

        What is overdue is among it, and, last, what has no due day that anybody can tell. `unit` is the bearing unit,
        `post` and `person` answer for it.
        """
        if within < 0:
            raise StoreError(f"{quoted(within)} is no number of days to come; write 0 or more")
        with self._database.reading() as connection:
            day = day_of(connection)
            last = projection.last_day(day, within) if day is not None else None
            return projection.owed(connection, last=last, unit=unit, post=post, person=person)

    def obligations(
        self, *, status: str | Iterable[str] = LIVE, unit: str | None = None, post: str | None = None,
        person: str | None = None, case: str | None = None,
    ) -> tuple[Owed, ...]:  # fmt: skip
        """Return the obligations as of the current day that fit all that is given; those still owed unless `status` is."""
        statuses = checked_statuses(status)
        with self._database.reading() as connection:
            return projection.owed(connection, statuses=statuses, unit=unit, post=post, person=person, case=case)

    def open_cases(self) -> tuple[str, ...]:
        """Return the cases in which something is still owed, in order."""
        with self._database.reading() as connection:
            return projection.open_cases(connection)

    def overdue_by_unit(self) -> dict[str | None, int]:
        """Return for each bearing unit how many of its obligations are overdue; None stands for no known unit."""
        with self._database.reading() as connection:
            return projection.overdue_by_unit(connection)

    def counts(self) -> dict[str, int]:
        """Return how many obligations there are of each status that occurs."""
        with self._database.reading() as connection:
            return projection.counts(connection)

    def rebuild(self) -> None:
        """Work out again, from the log alone, what `due`, `obligations` and the counts answer from."""
        with self._database.writing() as step:
            self._rebuild(step.connection)
            step.commit()

    @staticmethod
    def _rebuild(connection: sa.Connection) -> None:
        replay = Replay(partial(basis_of, connection))
        replay.take(read(connection))
        projection.put_all(connection, replay.obligations())

    # -- evidence ---------------------------------------------------------------------------------------------------

    def verify(self, head: Head | str | None = None) -> Head:
        """Check every row, digest and document of the record against its content, and return where the log ends.

        With `head`, kept outside since an earlier day, also that the log still holds what it held then. Raises
        IntegrityError that names the first bad row and what is wrong with it.
        """
        outside = Head.parse(head) if isinstance(head, str) else head
        with self._database.reading() as connection:
            found = checked(connection, outside)
            self._database.check_file(connection)
        return found

    def export(self) -> Iterator[str]:
        """Yield the record as lines of canonical JSON: the same lines from whatever database.

        A document stands before the first row that names it.
        """
        with self._database.reading() as connection:
            yield from written_out(connection)

    def import_(self, lines: Iterable[str | bytes]) -> Head:
        """Take in the lines that `export` gave, all or none; the record must be empty. Returns its head.

        Raises StoreError for a line that can not be read, IntegrityError for one that is not what was recorded.
        """
        with self._database.writing() as step:
            if head_of(step.connection) != Head():
                raise StoreError(f"{self._database.shown} is not empty; import into a new record")
            head = taken_in(step.connection, lines)
            if head == Head():
                raise StoreError("there is no row to take in; name the lines that `export` gave")
            self._rebuild(step.connection)
            step.commit()
        return head

    # -- adding to it, for a ledger ---------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Step]:
        """Give a step in which the record is locked for all others; what it does not commit is not recorded."""
        return self._database.writing()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection on which one state of the record is read."""
        return self._database.reading()
