"""Submits to a record beside a bare insert of the same bytes, in the same run, one event and a hundred per commit.

The bare insert is a program that writes the content of the events into a table of two columns through the driver, with
the same durability. Run: ``python benchmarks/record.py --events 2000 [--postgres URL]``; the PostgreSQL database must be
empty. Prints one line of JSON for each database and size of commit; `ratio` is how much of the speed of the bare insert
is left, `p50` and `p99` are milliseconds of a submit.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers import FIRST, event, organization
from workload import branches, parents, records

from accountability import Event, Ledger, Policy, write_event
from accountability.plain import canonical

Insert = Callable[[list[str]], None]


def batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the items in groups of that size."""
    return (items[start : start + size] for start in range(0, len(items), size))


def bare_sqlite(path: Path) -> Insert:
    """Return what inserts texts into a table of an SQLite file and commits."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (position INTEGER PRIMARY KEY, content TEXT NOT NULL)")

    def insert(texts: list[str]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare (content) VALUES (?)", [(text,) for text in texts])
        connection.execute("COMMIT")

    return insert


def bare_postgres(url: str) -> Insert:
    """Return what inserts texts into a table of a PostgreSQL database and commits."""
    import psycopg

    connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
    connection.execute("DROP TABLE IF EXISTS bare")
    connection.execute("CREATE TABLE bare (position BIGSERIAL PRIMARY KEY, content TEXT NOT NULL)")
    connection.commit()

    def insert(texts: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bare (content) VALUES (%s)", [(text,) for text in texts])
        connection.commit()

    return insert


def timed(groups: Iterator[Any], step: Callable[[Any], object]) -> list[float]:
    """Return the seconds of each step."""
    times = []
    for group in groups:
        begun = time.perf_counter()
        step(group)
        times.append(time.perf_counter() - begun)
    return times


def measured(name: str, bare: Insert, ledger: Ledger, events: Sequence[Event], size: int) -> dict[str, Any]:
    """Return the figures of one database and one size of commit."""
    texts = [canonical(write_event(each)) for each in events]
    by_hand = timed(batches(texts, size), bare)
    times = sorted(timed(batches(events, size), ledger.submit))
    return {
        "database": name,
        "events_per_commit": size,
        "events_per_second": round(len(events) / sum(times)),
        "bare_events_per_second": round(len(events) / sum(by_hand)),
        "ratio": round(sum(by_hand) / sum(times), 2),
        "p50": round(1000 * times[len(times) // 2], 2),
        "p99": round(1000 * times[len(times) * 99 // 100], 2),
    }


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--events", type=int, default=2000, help="with one event per commit; ten times as many in batches"
    )
    parser.add_argument("--postgres", help="the address of an empty database, postgresql+psycopg://…")
    given = parser.parse_args()
    parent = parents()
    leaves = branches(parent)
    policy = Policy.load(Path(__file__).parent / "peers", in_force=(FIRST, None))
    for size, count in ((1, given.events), (100, 10 * given.events)):
        told = [event(record, parent) for record in records(count, leaves)]
        events = [each for each in told if isinstance(each, Event)]
        with TemporaryDirectory() as folder:
            chosen = [("sqlite", f"sqlite:///{folder}/record.db", bare_sqlite(Path(folder) / "bare.db"))]
            if given.postgres:
                schema = f"{given.postgres}?options=-csearch_path%3Dsize{size}"
                chosen.append(("postgresql", schema, bare_postgres(given.postgres)))
                import psycopg

                with psycopg.connect(given.postgres.replace("+psycopg", ""), autocommit=True) as connection:
                    connection.execute(f"CREATE SCHEMA size{size}")
            for name, url, bare in chosen:
                ledger = Ledger(policy, organization(parent, set(leaves)), matcher="python", store=url)
                ledger.advance(FIRST)
                print(json.dumps(measured(name, bare, ledger, events, size)), flush=True)


if __name__ == "__main__":
    main()
