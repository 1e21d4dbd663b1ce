"""What a host asks for often, without loading the record: the obligations as of the current day, in a table.

The step that changes an obligation writes it here in the same transaction. The table can be thrown away: `Record.rebuild`
works it out again from the log, with the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa
from attrs import fields, frozen

from ..answer import LIVE, Obligation
from ..assessment import Altered
from .tables import add, obligations


@frozen
class Owed:
    """An obligation as of the current day of its record, without its reasons; see `Obligation` for what each value means.

    `clause` is the reference of the clause, `unit` the id of the bearing unit, `counterparty` that of `Obligation.to`.
    `Ledger.find` with its `id` gives the obligation with its reasons.
    """

    id: str
    rule: str
    clause: str
    act: str
    unit: str | None
    post: str | None
    person: str | None
    counterparty: str | None
    case: str | None
    period: str | None
    round: int
    opened: date
    known: date
    due: date | None
    provisional: bool
    status: str
    performed: date | None
    outcome: str | None


_COLUMNS = tuple(attribute.name for attribute in fields(Owed))
_DAYS = ("opened", "known", "due", "performed")


def put(connection: sa.Connection, changed: Iterable[Altered]) -> None:
    """Write the obligations that have changed."""
    changed = list(changed)
    add(connection, _GONE, [(each.id,) for each in changed if each.stood])
    add(connection, _NEW, [_written(each.now) for each in changed if each.now is not None])


def put_all(connection: sa.Connection, standing: Iterable[Obligation]) -> None:
    """Write these obligations and no others."""
    connection.execute(sa.delete(obligations))
    add(connection, _NEW, [_written(obligation) for obligation in standing])


_GONE = sa.delete(obligations).where(obligations.c.id == sa.bindparam("gone"))
_NEW = sa.insert(obligations).values({name: sa.bindparam(name) for name in _COLUMNS})


def _written(duty: Obligation) -> tuple[object, ...]:
    """Return the values of the columns."""
    return (
        duty.id, duty.rule, duty.clause.ref, duty.act, duty.unit.id if duty.unit is not None else None,
        duty.post, duty.person, duty.to, duty.case, duty.period, duty.round,
        duty.opened.isoformat(), duty.known.isoformat(), duty.due and duty.due.isoformat(), duty.provisional,
        duty.status, duty.performed and duty.performed.isoformat(), duty.outcome,
    )  # fmt: skip


def owed(
    connection: sa.Connection,
    *,
    statuses: Iterable[str] = LIVE,
    last: date | None = None,
    **wanted: str | None,
) -> tuple[Owed, ...]:
    """Return the obligations with these statuses and names (`unit`, `post`, `person`, `case`), the first due first.

    With `last` only those due up to that day, inclusive, and those whose due day nobody can tell, which come last.
    """
    columns, asked = obligations.c, sa.select(*(obligations.c[name] for name in _COLUMNS))
    asked = asked.where(columns.status.in_(list(statuses)))
    for name, value in wanted.items():
        if value is not None:
            asked = asked.where(columns[name] == value)
    if last is not None:
        asked = asked.where(sa.or_(columns.due.is_(None), columns.due <= last.isoformat()))
    found = [_read(row) for row in connection.execute(asked)]
    return tuple(sorted(found, key=lambda each: (each.due or date.max, each.opened, each.id)))


def _read(row: sa.Row[tuple[object, ...]]) -> Owed:
    values = dict(zip(_COLUMNS, row, strict=True))
    days = {name: date.fromisoformat(str(values[name])) for name in _DAYS if values[name] is not None}
    return Owed(**{**values, **days})  # type: ignore[arg-type]  # the columns have these types


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many obligations there are of each status."""
    status = obligations.c.status
    asked = sa.select(status, sa.func.count()).group_by(status)
    return dict(sorted((str(name), int(number)) for name, number in connection.execute(asked)))


def overdue_by_unit(connection: sa.Connection) -> dict[str | None, int]:
    """Return how many obligations of each bearing unit are overdue; under None those that no unit is known to bear."""
    unit = obligations.c.unit
    asked = sa.select(unit, sa.func.count()).where(obligations.c.status == "overdue").group_by(unit)
    return dict(
        sorted(((name, int(number)) for name, number in connection.execute(asked)), key=lambda each: each[0] or "")
    )


def open_cases(connection: sa.Connection) -> tuple[str, ...]:
    """Return the cases in which something is still owed, in order."""
    asked = (
        sa.select(obligations.c.case).where(obligations.c.status.in_(LIVE), obligations.c.case.is_not(None)).distinct()
    )
    return tuple(sorted(str(case) for (case,) in connection.execute(asked)))


def last_day(day: date, within: int) -> date:
    """Return the last day of so many days from a day on; day 0 is the day itself."""
    return min(day, date.max - timedelta(days=within)) + timedelta(days=within)
