"""The record itself: rows are added at its end, read, checked, written out and asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from itertools import chain, groupby
from typing import Any

import sqlalchemy as sa
from attrs import astuple, fields

from ..answer import LIVE, Assessment, Obligation
from ..assessment import assess
from ..errors import IntegrityError, StoreError, quoted
from ..event import Event
from ..event_type import EventType
from ..outcome import Outcome
from ..plain import WRITTEN, canonical, read_json
from ..policy import LIBRARY_EVENTS
from . import projection
from .basis import Basis, digest_of
from .database import Database, Step
from .projection import Owed
from .replay import Replay
from .row import BASIS, SOURCE, Head, Row, chained, keys_of, read_row
from .tables import add, documents, keys, rows

_COLUMNS = [rows.c[attribute.name] for attribute in fields(Row)]
_ROWS = sa.select(*_COLUMNS)
_CHUNK = 1000
_WHAT = ("policy", "parameters", "organization")


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
            return _day(connection)

    def head(self) -> Head:
        """Return the position and digest of the last row; kept outside, they tell later whether the log was cut."""
        with self._database.reading() as connection:
            return head_of(connection)

    def rows(self, since: int = 0, *, key: str | None = None) -> Iterator[Row]:
        """Yield the rows after the position, in order; with `key` (``case/K1``, ``person/m1``) those that name it."""
        asked = _ROWS
        if key is not None:
            asked = asked.join(keys, keys.c.position == rows.c.position).where(keys.c.key == key)
        with self._database.reading() as connection:
            yield from _read(connection, since, asked)

    def events(self, *, key: str | None = None) -> tuple[Event, ...]:
        """Return the events in the order in which they were recorded; with `key` those that name it, see `rows`."""
        return tuple(row.event for row in self.rows(key=key) if not row.is_own)

    def basis(self, position: int | None = None) -> Basis:
        """Return the policy, parameters and organization from which was answered at the position (default the last)."""
        asked = _ROWS.where(rows.c.source == SOURCE, rows.c.type == BASIS)
        if position is not None:
            asked = asked.where(rows.c.position <= position)
        with self._database.reading() as connection:
            found = connection.execute(asked.order_by(rows.c.position.desc()).limit(1)).one_or_none()
        if found is None:
            raise StoreError(f"{quoted(self._database.name)} holds nothing yet; submit an event or advance first")
        return self._basis_of(Row(*found).event.fields)

    def _basis_of(self, named: Mapping[str, str]) -> Basis:
        with self._database.reading() as connection:
            return _basis(connection, named)

    def assessment(self, position: int | None = None) -> Assessment:
        """Return the whole answer as it stood at the position (default the last): on what was known then, from the
        law, the parameters and the organization of then.

        Of a position within a step it is the answer before that step was whole. Raises StoreError for an empty record.
        """
        asked = _ROWS if position is None else _ROWS.where(rows.c.position <= position)
        with self._database.reading() as connection:
            replay = Replay(partial(_basis, connection))
            replay.take(_read(connection, asked=asked))
        if replay.twofold is None:
            raise StoreError(f"{quoted(self._database.name)} holds nothing yet; submit an event or advance first")
        return replay.twofold.assessment(replay.day)

    def case(self, name: str) -> tuple[Obligation, ...]:
        """Return the obligations of one case as of the current day, with their reasons, in the order of an assessment.

        They are worked out from the events of the case and those that may concern all (changes of the organization,
        retractions, extensions), which the index finds: what else was told is not read, however long the log is.
        """
        asked = _ROWS.where(
            sa.or_(
                rows.c.position.in_(sa.select(keys.c.position).where(keys.c.key == f"case/{name}")),
                rows.c.type.in_(LIBRARY_EVENTS),
            )
        )
        with self._database.reading() as connection:
            day = _day(connection)
            found = [row.event for row in _read(connection, asked=asked) if not row.is_own]
        if day is None:
            return ()
        basis = self.basis()
        answer = assess(basis.policy, basis.parameters, basis.organization, found, day)
        return tuple(duty for duty in answer.obligations if duty.case == name)

    # -- what was answered ------------------------------------------------------------------------------------------

    def changes(self, since: int = 0) -> Iterator[Outcome]:
        """Yield the outcome of each step after the position, in order and skipping none, each with its own `position`.

        A follower keeps the `position` of the last outcome that it has dealt with and asks again from there: so each
        reaches it at least once, and the same position is always the same outcome. The steps before `since` are worked
        out first, unless this record has just been followed up to there.
        """
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
                found = next(_pages(connection, since), [])
                if len(found) == _CHUNK:
                    last = found[-1]
                    found += _read(connection, last.position, _ROWS.where(rows.c.batch == last.batch))
            for _, step in groupby(found, key=lambda row: row.batch):
                yield list(step)
            if len(found) < _CHUNK:
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
            day = _day(connection)
            last = projection.last_day(day, within) if day is not None else None
            return projection.owed(connection, last=last, unit=unit, post=post, person=person)

    def obligations(
        self, *, status: str | Iterable[str] = LIVE, unit: str | None = None, post: str | None = None,
        person: str | None = None, case: str | None = None,
    ) -> tuple[Owed, ...]:  # fmt: skip
        """Return the obligations as of the current day that fit all that is given; those still owed unless `status` is."""
        statuses = [status] if isinstance(status, str) else list(status)
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
        replay = Replay(partial(_basis, connection))
        replay.take(_read(connection))
        projection.put_all(connection, replay.obligations())

    # -- evidence ---------------------------------------------------------------------------------------------------

    def verify(self, head: Head | str | None = None) -> Head:
        """Check every row, digest and document of the record against its content, and return where the log ends.

        With `head`, kept outside since an earlier day, also that the log still holds what it held then. Raises
        IntegrityError that names the first bad row and what is wrong with it.
        """
        outside = Head.parse(head) if isinstance(head, str) else head
        with self._database.reading() as connection:
            at, batch = Head(), 0
            for page in _pages(connection):
                for row in page:
                    row.check(at, batch)
                    if row.is_own and row.type == BASIS:
                        for what in _WHAT:
                            self._check_document(connection, row, str(row.event.fields.get(what)))
                    at, batch = Head(row.position, row.digest), row.batch
                    if outside is not None and outside.position == at.position and outside != at:
                        raise row.bad("its digest is not the one kept outside; the log was written anew")
                self._check_keys(connection, page)
            if outside is not None and outside.position > at.position:
                lost = at.position + 1
                raise IntegrityError(f"row {lost} is missing: the log was cut, it had {outside.position} rows", lost)
            self._check_keys(connection, [], at.position)
            self._database.check_file(connection)
        return at

    @staticmethod
    def _check_document(connection: sa.Connection, row: Row, digest: str) -> None:
        text = _document(connection, digest)
        if digest_of(text) != digest:
            raise row.bad(f"the document {digest[:12]}…, from which was answered, is not what it was")

    @staticmethod
    def _check_keys(connection: sa.Connection, page: list[Row], last: int = 0) -> None:
        """Check that the index by key says what the rows of the page say, and that it names no row after the `last`."""
        where = (
            keys.c.position.between(page[0].position, page[-1].position) if page else ~keys.c.position.between(1, last)
        )
        found: dict[int, set[str]] = {}
        for position, key in connection.execute(sa.select(keys.c.position, keys.c.key).where(where)):
            found.setdefault(position, set()).add(str(key))
        for row in page:
            if found.pop(row.position, set()) != set(row.keys.split()):
                raise row.bad("it is not found by the keys it names, for the index by key was changed")
        for position in found:
            raise IntegrityError(f"row {position} is in the index by key and not in the log", position)

    def export(self) -> Iterator[str]:
        """Yield the record as lines of canonical JSON: the same lines from whatever database.

        A document stands before the first row that names it.
        """
        written = set[str]()
        with self._database.reading() as connection:
            for row in _read(connection):
                if row.is_own and row.type == BASIS:
                    for what in _WHAT:
                        digest = str(row.event.fields[what])
                        if digest not in written:
                            written.add(digest)
                            data = read_json(
                                _document(connection, digest), where=what, error=IntegrityError, limits=WRITTEN
                            )
                            yield canonical({"digest": digest, "document": data})
                yield canonical(row.data())

    def import_(self, lines: Iterable[str | bytes]) -> Head:
        """Take in the lines that `export` gave, all or none; the record must be empty. Returns its head.

        Raises StoreError for a line that can not be read, IntegrityError for one that is not what was recorded.
        """
        with self._database.writing() as step:
            if head_of(step.connection) != Head():
                raise StoreError(f"{quoted(self._database.name)} is not empty; import into a new record")
            at, batch, known, held = Head(), 0, set[str](), list[Row]()
            for number, line in enumerate(lines, start=1):
                where = f"line {number}"
                data = read_json(line, where=where, error=StoreError, limits=WRITTEN)
                if isinstance(data, Mapping) and "document" in data:
                    text = canonical(data["document"])
                    if digest_of(text) != data.get("digest"):
                        raise IntegrityError(f"{where}: the document is not what its digest says")
                    step.connection.execute(documents.insert().values(digest=digest_of(text), content=text))
                    known.add(digest_of(text))
                    continue
                row = read_row(data, where)
                row.check(at, batch)
                if (
                    row.is_own
                    and row.type == BASIS
                    and not known.issuperset(str(row.event.fields.get(w)) for w in _WHAT)
                ):
                    raise row.bad("a document that it names does not stand before it")
                at, batch = Head(row.position, row.digest), row.batch
                held.append(row)
                if len(held) == _CHUNK:
                    _insert(step.connection, held)
                    held.clear()
            _insert(step.connection, held)
            self._rebuild(step.connection)
            step.commit()
        return at

    # -- adding to it, for a ledger ---------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Step]:
        """Give a step in which the record is locked for all others; what it does not commit is not recorded."""
        return self._database.writing()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection on which one state of the record is read."""
        return self._database.reading()

    @staticmethod
    def rows_from(connection: sa.Connection, position: int) -> Iterator[Row]:
        """Yield the row at the position and those after it."""
        return _read(connection, position - 1)

    @staticmethod
    def append(
        connection: sa.Connection, head: Head, events: Sequence[Event], declared: Mapping[str, EventType],
        documents_: Mapping[str, str],
    ) -> Head:  # fmt: skip
        """Add the events as one step after the head, with the documents that they name; return the new head."""
        for text in documents_.values():
            digest = digest_of(text)
            if not connection.execute(sa.select(documents.c.digest).where(documents.c.digest == digest)).first():
                connection.execute(documents.insert().values(digest=digest, content=text))
        added = list(chained(((event, keys_of(event, declared)) for event in events), head))
        _insert(connection, added)
        return Head(added[-1].position, added[-1].digest)


# -- within a connection ----------------------------------------------------------------------------------------------


def head_of(connection: sa.Connection) -> Head:
    """Return where the log ends."""
    asked = sa.select(rows.c.position, rows.c.digest).order_by(rows.c.position.desc()).limit(1)
    found = connection.execute(asked).one_or_none()
    return Head(*found) if found is not None else Head()


def _day(connection: sa.Connection) -> date | None:
    last = sa.select(rows.c.batch).order_by(rows.c.position.desc()).limit(1).scalar_subquery()
    found = connection.execute(sa.select(sa.func.max(rows.c.recorded)).where(rows.c.position >= last)).scalar_one()
    return date.fromisoformat(found) if found is not None else None


def _pages(connection: sa.Connection, since: int = 0, asked: sa.Select[Any] = _ROWS) -> Iterator[list[Row]]:
    """Yield the rows after the position in their order, a thousand at a time."""
    while True:
        next_ = asked.where(rows.c.position > since).order_by(rows.c.position).limit(_CHUNK)
        page = [Row(*found) for found in connection.execute(next_)]
        if page:
            yield page
        if len(page) < _CHUNK:
            return
        since = page[-1].position


def _read(connection: sa.Connection, since: int = 0, asked: sa.Select[Any] = _ROWS) -> Iterator[Row]:
    """Yield the rows after the position in their order."""
    return chain.from_iterable(_pages(connection, since, asked))


def _basis(connection: sa.Connection, named: Mapping[str, str]) -> Basis:
    return Basis.of({what: _document(connection, named[what]) for what in _WHAT})


def _document(connection: sa.Connection, digest: str) -> str:
    found = connection.execute(sa.select(documents.c.content).where(documents.c.digest == digest)).scalar_one_or_none()
    if found is None:
        raise IntegrityError(f"the document {digest[:12]}…, from which was answered, is missing; restore the record")
    return str(found)


_NEW_ROW = rows.insert().values({column.name: sa.bindparam(column.name) for column in _COLUMNS})
_NEW_KEY = keys.insert().values(key=sa.bindparam("key"), position=sa.bindparam("position"))


def _insert(connection: sa.Connection, added: list[Row]) -> None:
    add(connection, _NEW_ROW, [astuple(row) for row in added])
    add(connection, _NEW_KEY, [(key, row.position) for row in added for key in row.keys.split()])
