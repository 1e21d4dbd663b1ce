"""The tables of a record, and how an older record becomes one of this version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Delete,
    Dialect,
    ForeignKey,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.compiler import SQLCompiler

VERSION = 1
"""The version of the tables that this library writes."""

metadata = MetaData()

about = Table(
    "accountability_record",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)
"""One row: the version of the tables. Who writes to the record holds it locked."""

rows = Table(
    "accountability_event",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("batch", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("keys", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    UniqueConstraint("source", "id"),
)
"""The log, see `row.Row`; rows are added at its end and never changed."""

keys = Table(
    "accountability_key",
    metadata,
    Column("key", Text, primary_key=True),
    Column("position", BigInteger, ForeignKey(rows.c.position), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The positions at which a case, unit, post or person is named."""

documents = Table(
    "accountability_document",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Policies, parameters and organizations, by the SHA-256 of their text; rows of the log name them."""

obligations = Table(
    "accountability_obligation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("unit", Text),
    Column("post", Text),
    Column("person", Text),
    Column("counterparty", Text),
    Column("case", Text),
    Column("period", Text),
    Column("round", Integer, nullable=False),
    Column("opened", Text, nullable=False),
    Column("known", Text, nullable=False),
    Column("due", Text),
    Column("provisional", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("performed", Text),
    Column("outcome", Text),
)
"""The obligations as of the current day, without their reasons; worked out again from the log by `rebuild`."""

for _name in ("unit", "post", "person", "case"):
    Index(f"accountability_obligation_{_name}", obligations.c[_name])
Index("accountability_event_type", rows.c.type)
Index("accountability_obligation_due", obligations.c.status, obligations.c.due)

MIGRATIONS: dict[int, Callable[[Connection], None]] = {}
"""For each older version what makes its tables those of the next one, within one transaction."""


def add(connection: Connection, statement: Insert | Delete, values: Sequence[tuple[object, ...]]) -> None:
    """Execute a statement once for each tuple of values, which stand in the order of its parameters.

    It goes to the driver directly: a step may write thousands of rows, and to prepare each anew takes longer than to
    write it.
    """
    if not values:
        return
    text, names = _compiled(statement, connection.dialect)
    given: list[Any] = list(values) if names is None else [dict(zip(names, each, strict=True)) for each in values]
    connection.exec_driver_sql(text, given)


@lru_cache(maxsize=64)
def _compiled(statement: Insert | Delete, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """Return the text of a statement for the driver, and the names of its parameters where they are not positional."""
    compiled = statement.compile(dialect=dialect)
    if isinstance(compiled, SQLCompiler) and compiled.positional:
        return str(compiled), None
    return str(compiled), tuple(compiled.params)
