"""Evidence: a record checked against its content, written out as lines, and taken in from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from ..errors import IntegrityError, StoreError
from ..plain import WRITTEN, canonical, read_json
from .basis import digest_of
from .row import BASIS, Head, Row, read_row
from .rows import CHUNK, WHAT, document, insert, keep, pages, read
from .tables import keys


def checked(connection: sa.Connection, outside: Head | None) -> Head:
    """Check every row, document and key against the content, and the head kept outside; return where the log ends."""
    at, batch = Head(), 0
    for page in pages(connection):
        for row in page:
            row.check(at, batch)
            for digest in _named(row):
                if digest_of(document(connection, digest)) != digest:
                    raise row.bad(f"the document {digest[:12]}…, from which was answered, is not what it was")
            at, batch = Head(row.position, row.digest), row.batch
            if outside is not None and outside.position == at.position and outside != at:
                raise row.bad("its digest is not the one kept outside; the log was written anew")
        _check_keys(connection, page, keys.c.position.between(page[0].position, page[-1].position))
    if outside is not None and outside.position > at.position:
        lost = at.position + 1
        raise IntegrityError(f"row {lost} is missing: the log was cut, it had {outside.position} rows", lost)
    _check_keys(connection, [], ~keys.c.position.between(1, at.position))
    return at


def _named(row: Row) -> list[str]:
    """Return the digests of the documents that the row names."""
    return [str(row.event.fields.get(what)) for what in WHAT] if row.is_own and row.type == BASIS else []


def _check_keys(connection: sa.Connection, page: list[Row], where: sa.ColumnElement[bool]) -> None:
    """Check that the index by key says there what the rows of the page say."""
    found: dict[int, set[str]] = {}
    for position, key in connection.execute(sa.select(keys.c.position, keys.c.key).where(where)):
        found.setdefault(position, set()).add(str(key))
    for row in page:
        if found.pop(row.position, set()) != set(row.keys.split()):
            raise row.bad("it is not found by the keys it names, for the index by key was changed")
    for position in found:
        raise IntegrityError(f"row {position} is in the index by key and not in the log", position)


def written_out(connection: sa.Connection) -> Iterator[str]:
    """Yield the lines of the record; a document stands before the first row that names it."""
    known = set[str]()
    for row in read(connection):
        for digest in _named(row):
            if digest not in known:
                known.add(digest)
                text = document(connection, digest)
                data = read_json(text, where=f"document {digest[:12]}…", error=IntegrityError, limits=WRITTEN)
                yield canonical({"digest": digest, "document": data})
        yield canonical(row.data())


def taken_in(connection: sa.Connection, lines: Iterable[str | bytes]) -> Head:
    """Add the rows and documents of the lines to an empty record, each checked; return where the log ends."""
    at, batch, known, held = Head(), 0, set[str](), list[Row]()
    for number, line in enumerate(lines, start=1):
        where = f"line {number}"
        data = read_json(line, where=where, error=StoreError, limits=WRITTEN)
        if isinstance(data, Mapping) and "document" in data:
            text = canonical(data["document"])
            if digest_of(text) != data.get("digest"):
                raise IntegrityError(f"{where}: the document is not what its digest says")
            known.add(keep(connection, text))
            continue
        row = read_row(data, where)
        row.check(at, batch)
        if not known.issuperset(_named(row)):
            raise row.bad("a document that it names does not stand before it")
        at, batch = Head(row.position, row.digest), row.batch
        held.append(row)
        if len(held) == CHUNK:
            insert(connection, held)
            held.clear()
    insert(connection, held)
    return at
