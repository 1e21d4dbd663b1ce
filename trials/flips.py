"""Tampering with a record: is every change that a reader would see found by `verify`, and is an honest log never accused?

Run: ``python trials/flips.py [--step 1] [--honest 300]``.

- flips: one random bit of every byte of a small SQLite record is changed. A reader sees a change when plain SQL gives other
  rows, documents or keys, or an error; `verify` must raise StoreError or IntegrityError then, and nothing else ever.
- edits: each value of each row, document and key is changed by SQL; rows are taken out, doubled, moved and exchanged.
- rewritten: the tail is cut off, and a log is written anew with a chain that fits; the head kept outside tells.
- honest: random logs, opened and closed, each verified with every head that was kept on the way: no alarm.

Prints one line of JSON; ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import common
import writer

from accountability import AccountabilityError, IntegrityError, StoreError
from accountability.record.log import Record
from accountability.record.row import Head, chained

READ = (
    "SELECT * FROM accountability_event ORDER BY position",
    "SELECT * FROM accountability_document ORDER BY digest",
    "SELECT * FROM accountability_key ORDER BY position, key",
)
OWED = "SELECT * FROM accountability_obligation ORDER BY id"
Seen = list[list[tuple[Any, ...]]]


def small_record(folder: Path, steps: int = 3, page: int = 512) -> Path:
    """Make a small record, all of it in one file with small pages, so that few bytes are unused."""
    file = folder / "record.db"
    ledger = common.ledger(f"sqlite:///{file}")
    for step in range(steps):
        ledger.submit(*common.batch("f", step, 2))
    ledger.advance(common.FIRST + timedelta(40))
    writer.record_of(ledger).close()
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in ("journal_mode=DELETE", f"page_size={page}"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("VACUUM")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return file


def seen(file: Path, *asked: str) -> Seen | None:
    """Return what plain SQL gives, None when SQLite can not read it."""
    connection = sqlite3.connect(file)
    try:
        return [connection.execute(each).fetchall() for each in asked]
    except (sqlite3.Error, UnicodeDecodeError, OverflowError):
        return None
    finally:
        connection.close()


def found(file: Path, head: Head | str | None = None) -> str | None:
    """Return the kind of error that `verify` raises, None when it finds nothing."""
    record = None
    try:
        record = Record(f"sqlite:///{file}")
        record.verify(head)
        return None
    except (IntegrityError, StoreError) as problem:
        return type(problem).__name__
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        if record is not None:
            record.close()


def _flipped(task: tuple[bytes, range, int]) -> Counter[str]:
    """Flip a bit in some of the bytes and return the figures."""
    raw, offsets, seed = task
    chance, figures = random.Random(seed), Counter[str]()
    with common.scratch() as folder:
        file = folder / "record.db"
        file.write_bytes(raw)
        base, owed = seen(file, *READ), seen(file, OWED)
        for offset in offsets:
            changed = bytearray(raw)
            changed[offset] ^= 1 << chance.randrange(8)
            for rest in folder.iterdir():
                rest.unlink()
            file.write_bytes(changed)
            now = seen(file, *READ)
            error = found(file)
            figures["flips"] += 1
            figures["changed"] += now != base
            figures["missed"] += now != base and error is None
            figures["found"] += error is not None
            if error is not None and error not in ("IntegrityError", "StoreError"):
                figures[f"untyped: {error}"[:200]] += 1
            figures["obligations_changed_unnoticed"] += error is None and now == base and seen(file, OWED) != owed
            if now != base and error is None:
                figures[f"missed at {offset}"] += 1
    return figures


def flips(step: int, workers: int, page: int, seed: int = 1) -> dict[str, Any]:
    """Flip a bit in every byte, or every so many, and return the figures."""
    begun = time.monotonic()
    with common.scratch() as folder:
        raw = small_record(folder, page=page).read_bytes()
    first = random.Random(seed).randrange(step)
    tasks = [(raw, range(first + step * part, len(raw), step * 64), seed + part) for part in range(64)]
    figures = Counter[str](missed=0)
    context = multiprocessing.get_context("spawn")
    if workers > 1:
        with context.Pool(workers) as pool:
            for part in pool.imap_unordered(_flipped, tasks):
                figures.update(part)
    else:
        for task in tasks:
            figures.update(_flipped(task))
    return {"bytes": len(raw), "page": page, **figures, "seconds": round(time.monotonic() - begun, 1)}


def edits(share: float, seed: int = 1) -> dict[str, Any]:
    """Change the record by SQL in every single way, or in a share of them, and return how many changes were found."""
    chance = random.Random(seed)
    figures = Counter[str](edits=0, missed=0)
    with common.scratch() as folder:
        file = small_record(folder, steps=4)
        raw, head = file.read_bytes(), Record(f"sqlite:///{file}").head()
        for statements in [each for each in _statements(file) if chance.random() < share]:
            for rest in folder.iterdir():
                rest.unlink()
            file.write_bytes(raw)
            connection = sqlite3.connect(file)
            try:
                for statement, values in statements:
                    connection.execute(statement, values)
                connection.commit()
            except sqlite3.IntegrityError:  # two rows with the same key
                figures["impossible"] += 1
                continue
            finally:
                connection.close()
            figures["edits"] += 1
            error = found(file, head)
            if error is None:
                figures["missed"] += 1
                figures[f"missed: {statements[0]}"[:200]] += 1
            elif error not in ("IntegrityError", "StoreError"):
                figures[f"untyped: {error}"[:200]] += 1
    return dict(figures)


_Statements = list[tuple[str, tuple[Any, ...]]]


def _statements(file: Path) -> Iterator[_Statements]:
    """Yield changes of the record, each as its statements."""
    tables = {"event": ("position",), "document": ("digest",), "key": ("key", "position")}
    for table, key in tables.items():
        name = f"accountability_{table}"
        connection = sqlite3.connect(file)
        asked = connection.execute(f"SELECT * FROM {name}")
        columns, held = [each[0] for each in asked.description], asked.fetchall()
        connection.close()
        where = " AND ".join(f"{column} = ?" for column in key)
        for row in held:
            at = tuple(row[columns.index(column)] for column in key)
            yield [(f"DELETE FROM {name} WHERE {where}", at)]
            for column, value in zip(columns, row, strict=True):
                for other in _others(value):
                    yield [(f"UPDATE {name} SET {column} = ? WHERE {where}", (other, *at))]
        if table == "event":
            last = max(row[0] for row in held)
            marks = ", ".join("?" * len(columns))
            for row in held:
                doubled = (last + 1, *row[1:3], row[3] + "'", *row[4:])
                yield [(f"INSERT INTO {name} VALUES ({marks})", doubled)]
                if row[0] < last:
                    yield [(f"UPDATE {name} SET position = ? WHERE position = ?", pair) for pair in
                           ((-1, row[0]), (row[0], row[0] + 1), (row[0] + 1, -1))]  # fmt: skip
                yield [(f"UPDATE {name} SET position = position + 1000 WHERE position >= ?", (row[0],))]
    yield [("INSERT INTO accountability_key VALUES ('person/nobody', 2)", ())]


def _others(value: Any) -> Iterator[Any]:
    """Yield values near this one."""
    if isinstance(value, int):
        yield from (value + 1, value - 1, str(value) + "x", value + 0.5)
    else:
        half = len(value) // 2
        changed = {value + " ", value[:-1], value.swapcase(), value[:half] + "0" + value[half + 1 :], value + "x"}
        yield from sorted(changed - {value})
        yield value.encode()


def rewritten(steps: int) -> dict[str, Any]:
    """Cut the tail off, and write the log anew with another event in it, for each row; return what was not found."""
    figures = Counter[str](cuts=0, cuts_missed=0, rewrites=0, rewrites_missed=0, chain_broken=0, alarms=0)
    with common.scratch() as folder:
        store = f"sqlite:///{folder / 'record.db'}"
        ledger = common.ledger(store)
        heads = []
        for step in range(steps):
            ledger.submit(*common.batch("r", step, 2))
            heads.append(writer.record_of(ledger).head())
        record = writer.record_of(ledger)
        rows = list(record.rows())
        record.close()
        raw = (folder / "record.db").read_bytes()
        figures["alarms"] += sum(found(folder / "record.db", str(head)) is not None for head in heads)

        def tampered(change: Callable[[sqlite3.Connection], object], kind: str, known: list[Head]) -> None:
            file = folder / "tampered.db"
            file.write_bytes(raw)
            connection = sqlite3.connect(file)
            change(connection)
            connection.commit()
            connection.close()
            figures["chain_broken"] += found(file) is not None
            for head in known:
                figures[kind] += 1
                figures[f"{kind}_missed"] += found(file, head) != "IntegrityError"
            file.unlink()

        for end in range(2, len(rows)):
            tampered(lambda connection, end=end: _cut(connection, end), "cuts", [h for h in heads if h.position > end])
        for number, row in enumerate(rows):
            if not row.is_own:
                event = row.event
                fields = {**event.fields, "unit": "B1" if event.fields["unit"] != "B1" else "B2"}
                other = type(event)(
                    event.type, date=event.date, id=event.id, recorded=event.recorded, case=event.case, **fields
                )

                def rewrite(connection: sqlite3.Connection, number: int = number, other: Any = other) -> None:
                    events = [other if n == number else each.event for n, each in enumerate(rows)]
                    _rewrite(connection, rows, events)

                tampered(rewrite, "rewrites", [head for head in heads if head.position > number])
    return dict(figures)


def _cut(connection: sqlite3.Connection, end: int) -> None:
    connection.execute("DELETE FROM accountability_key WHERE position > ?", (end,))
    connection.execute("DELETE FROM accountability_event WHERE position > ?", (end,))


def _rewrite(connection: sqlite3.Connection, rows: list[Any], events: list[Any]) -> None:
    """Write the log anew as one who knows how it is chained, and its index."""
    _cut(connection, 0)
    head = Head()
    batches: dict[int, list[tuple[Any, str]]] = {}
    for row, event in zip(rows, events, strict=True):
        named = {key for key in row.keys.split() if not key.startswith("unit/")}
        named |= {f"unit/{event.fields['unit']}"} if "unit" in event.fields else set()
        batches.setdefault(row.batch, []).append((event, " ".join(sorted(named))))
    for step in batches.values():
        for row in chained(step, head):
            values = (row.position, row.batch, row.source, row.id, row.type, row.date, row.recorded, row.keys, row.content,
                      row.previous, row.digest)  # fmt: skip
            connection.execute(f"INSERT INTO accountability_event VALUES ({', '.join('?' * 11)})", values)
            for key in row.keys.split():
                connection.execute("INSERT INTO accountability_key VALUES (?, ?)", (key, row.position))
            head = Head(row.position, row.digest)


def honest(count: int, seed: int = 1) -> dict[str, Any]:
    """Verify so many random honest logs, each with all of its earlier heads; return the alarms."""
    chance, figures = random.Random(seed), Counter[str](logs=0, heads=0, alarms=0)
    for _ in range(count):
        with common.scratch() as folder:
            file = folder / "record.db"
            ledger, heads = common.ledger(f"sqlite:///{file}"), list[Head]()
            for step in range(chance.randint(0, 12)):
                how = chance.random()
                try:
                    if how < 0.7:
                        ledger.submit(*common.batch(f"h{chance.randrange(3)}", step))
                    elif how < 0.85:
                        ledger.advance((ledger.day or common.FIRST) + timedelta(chance.randint(0, 30)))
                    else:
                        writer.record_of(ledger).close()
                        ledger = common.ledger(f"sqlite:///{file}")
                except AccountabilityError as problem:
                    figures["refused"] += 1
                    figures[f"refused: {problem}"[:200]] += 1
                heads.append(writer.record_of(ledger).head())
            figures["logs"] += 1
            figures["heads"] += len(heads)
            figures["alarms"] += any(found(file, head) is not None for head in (None, *heads))
            writer.record_of(ledger).close()
            figures["alarms"] += found(file, heads[-1] if heads else None) is not None
    return dict(figures)


def broken(figures: dict[str, Any]) -> list[str]:
    """Return the promises that the figures break."""
    wrong = [f"flips: missed: {figures['flips']['missed']}"] if figures["flips"]["missed"] else []
    wrong += [f"honest: refused: {figures['honest']['refused']}"] if figures["honest"].get("refused") else []
    wrong += [f"edits: missed: {figures['edits']['missed']}"] if figures["edits"]["missed"] else []
    wrong += [
        f"{what}: {name}"
        for what, found_ in figures.items()
        if isinstance(found_, dict)
        for name in found_
        if name.startswith("untyped") or (name.endswith(("alarms", "_missed")) and found_[name])
    ]
    return wrong


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=int, default=1, help="flip a bit in one of so many bytes")
    parser.add_argument("--edits", type=float, default=1.0, help="the share of the edits that is tried")
    parser.add_argument("--page", type=int, default=512, help="the size of a page of the file")
    parser.add_argument("--steps", type=int, default=12, help="how many steps the log has that is cut and rewritten")
    parser.add_argument("--honest", type=int, default=300, help="how many honest logs")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many processes flip bits")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    figures: dict[str, Any] = {"trial": "flips", "flips": flips(given.step, given.workers, given.page, given.seed)}
    figures |= {
        "edits": edits(given.edits, given.seed),
        "rewritten": rewritten(given.steps),
        "honest": honest(given.honest, given.seed),
    }
    common.finish(figures, broken(figures))


if __name__ == "__main__":
    main()
