"""Rows and documents on a connection: read in their order, found by their keys, and added at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import sqlalchemy as sa
from attrs import astuple, fields

from ..errors import IntegrityError
from ..event import Event
from ..event_type import EventType
from .basis import Basis, digest_of
from .row import Head, Row, chained, keys_of
from .tables import add, documents, keys, rows

WHAT = ("policy", "parameters", "organization")
"""The documents that a row about the basis names."""
CHUNK = 1000
"""How many rows are read or written at a time."""
_COLUMNS = [rows.c[attribute.name] for attribute in fields(Row)]
ROWS = sa.select(*_COLUMNS)
"""All rows, to be narrowed."""
_NEW_ROW = rows.insert().values({column.name: sa.bindparam(column.name) for column in _COLUMNS})
_NEW_KEY = keys.insert().values(key=sa.bindparam("key"), position=sa.bindparam("position"))


def head_of(connection: sa.Connection) -> Head:
    """Return where the log ends."""
    asked = sa.select(rows.c.position, rows.c.digest).order_by(rows.c.position.desc()).limit(1)
    found = connection.execute(asked).one_or_none()
    return Head(*found) if found is not None else Head()


def day_of(connection: sa.Connection) -> date | None:
    """Return the current day, None for an empty record."""
    last = sa.select(rows.c.batch).order_by(rows.c.position.desc()).limit(1).scalar_subquery()
    found = connection.execute(sa.select(sa.func.max(rows.c.recorded)).where(rows.c.position >= last)).scalar_one()
    return date.fromisoformat(found) if found is not None else None


def pages(connection: sa.Connection, since: int = 0, asked: sa.Select[Any] = ROWS) -> Iterator[list[Row]]:
    """Yield the rows after the position in their order, a thousand at a time."""
    while True:
        next_ = asked.where(rows.c.position > since).order_by(rows.c.position).limit(CHUNK)
        page = [Row(*found) for found in connection.execute(next_)]
        if page:
            yield page
        if len(page) < CHUNK:
            return
        since = page[-1].position


def read(connection: sa.Connection, since: int = 0, asked: sa.Select[Any] = ROWS) -> Iterator[Row]:
    """Yield the rows after the position in their order."""
    return chain.from_iterable(pages(connection, since, asked))


def document(connection: sa.Connection, digest: str) -> str:
    """Return the text of a document; raises IntegrityError when it is missing."""
    found = connection.execute(sa.select(documents.c.content).where(documents.c.digest == digest)).scalar_one_or_none()
    if found is None:
        raise IntegrityError(f"the document {digest[:12]}…, from which was answered, is missing; restore the record")
    return str(found)


def basis_of(connection: sa.Connection, named: Mapping[str, str]) -> Basis:
    """Return the policy, parameters and organization whose digests are named."""
    return Basis.of({what: document(connection, named[what]) for what in WHAT})


def insert(connection: sa.Connection, added: Sequence[Row]) -> None:
    """Add rows, and the keys by which they are found."""
    add(connection, _NEW_ROW, [astuple(row) for row in added])
    add(connection, _NEW_KEY, [(key, row.position) for row in added for key in row.keys.split()])


def keep(connection: sa.Connection, text: str) -> str:
    """Let the document be there, and return its digest."""
    digest = digest_of(text)
    if connection.execute(sa.select(documents.c.digest).where(documents.c.digest == digest)).first() is None:
        connection.execute(documents.insert().values(digest=digest, content=text))
    return digest


def append(connection: sa.Connection, head: Head, events: Sequence[Event], declared: Mapping[str, EventType]) -> Head:
    """Add the events as one step after the head; return the new head."""
    added = list(chained(((event, keys_of(event, declared)) for event in events), head))
    insert(connection, added)
    return Head(added[-1].position, added[-1].digest)
