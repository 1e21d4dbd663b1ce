"""Many writers on one record: is each acknowledged event there once, and does everybody see the same?

Run: ``python trials/writers.py [--processes 8] [--sqlite 250] [--postgres 500]``. On SQLite and, where there is a server
(see `tests/databases.py`), on PostgreSQL:

- processes: each submits so many events, one by one, to one record, while another process follows its changes. The rows
  are those acknowledged and the record's own first one, in positions without a gap; the follower skips none and repeats
  none; a fresh ledger answers what `assess` answers on all events, and the obligations are those of a rebuild.
- threads: four on one ledger, then four with a ledger each.
- beginnings: so many processes begin the same new record at the same moment; each finds it in order.

Prints one line of JSON; ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import common

from accountability import AccountabilityError, assess
from accountability.record.log import Record

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from databases import fresh_postgres, postgres_server

Fresh = Callable[[], AbstractContextManager[str]]


@contextmanager
def fresh_sqlite() -> Iterator[str]:
    """Give the address of a new record in a file."""
    with common.scratch() as folder:
        yield f"sqlite:///{folder / 'record.db'}"


def processes(store: str, writers: int, events: int) -> dict[str, Any]:
    """Let processes write and one follow; return the figures."""
    begun = time.monotonic()
    names = [f"w{number}" for number in range(writers)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [common.started("writer.py", store, name, 0, events, "--size", 1, "--wait", **pipes) for name in names]
    for writer in running:
        assert writer.stdout is not None
        writer.stdout.readline()
    follower = common.started("follower.py", store, **pipes)
    assert follower.stdout is not None
    follower.stdout.readline()
    for writer in running:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate() for writer in running]
    failed = [error.strip().splitlines()[-1] for _, error in said if error.strip()]
    acknowledged = {name: [int(line) for line in out.split()] for name, (out, _) in zip(names, said, strict=True)}
    given, error = follower.communicate("stop\n")
    failed += error.strip().splitlines()[-1:]
    followed = json.loads(given) if given else []
    figures = _checked(store, acknowledged)
    record = Record(store)
    rows = list(record.rows())
    record.close()
    steps = [list(step) for _, step in groupby(rows, key=lambda row: row.batch)]
    told = [[step[-1].position, [row.id for row in step if not row.is_own]] for step in steps]
    return {
        "writers": writers, "events_each": events, **figures, "follower_differs": followed != told, "failed": failed,
        "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip


def threads(store: str, count: int, events: int, *, own: bool) -> dict[str, Any]:
    """Let threads write through one ledger, or through one each; return the figures."""
    shared = common.ledger(store)
    acknowledged: dict[str, list[int]] = {f"t{number}": [] for number in range(count)}
    failed: list[str] = []

    def write(name: str) -> None:
        ledger = common.ledger(store) if own else shared
        try:
            for number in range(events):
                outcome = ledger.submit(*common.batch(name, number, 1))
                assert outcome.position is not None
                acknowledged[name].append(number)
                if number % 10 == 0:
                    assert ledger.assessment().as_of == ledger.day or own or count > 1
        except Exception as problem:
            failed.append(f"{type(problem).__name__}: {problem}")
        if own and ledger.record is not None:
            ledger.record.close()

    running = [threading.Thread(target=write, args=(name,)) for name in acknowledged]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    figures = _checked(store, acknowledged)
    figures["stale"] = shared.assessment() != common.ledger(store).assessment()
    assert shared.record is not None
    shared.record.close()
    return {"threads": count, "own_ledgers": own, "events_each": events, **figures, "failed": failed}


def _checked(store: str, acknowledged: dict[str, list[int]]) -> dict[str, Any]:
    """Return what stands in the record beside what was acknowledged."""
    record = Record(store)
    record.verify()
    rows = list(record.rows())
    told = {row.id: row.event for row in rows if not row.is_own}
    sent = {
        event.id: event for name, numbers in acknowledged.items() for n in numbers for event in common.batch(name, n, 1)
    }
    ledger = common.ledger(store)
    answer = ledger.assessment()
    union = [event.recorded_on(told[id_].known) for id_, event in sent.items() if id_ in told]
    direct = assess(common.policy(), common.policy().parameters, common.organization(), union, answer.as_of)
    figures = {
        "acknowledged": len(sent),
        "rows": len(rows),
        "own_rows": sum(row.is_own for row in rows),
        "lost": len(sent.keys() - told.keys()),
        "doubled": len(rows) - len({(row.source, row.id) for row in rows}),
        "gaps": [row.position for row in rows] != list(range(1, len(rows) + 1)),
        "changed": sum(told[id_].content != event.content for id_, event in sent.items() if id_ in told),
        "differs_from_assess": answer != direct,
        "differs_from_rebuild": not common.same_as_rebuilt(record),
    }
    record.close()
    assert ledger.record is not None
    ledger.record.close()
    return figures


def _begin(store: str, together: Any, said: Any) -> None:
    together.wait()
    try:
        ledger = common.ledger(store)
        ledger.submit(*common.batch(multiprocessing.current_process().name, 0, 1))
        said.put(None)
    except AccountabilityError as problem:
        said.put(str(problem))


def beginnings(fresh: Fresh, writers: int, rounds: int) -> dict[str, Any]:
    """Let processes begin the same record at once, so many times; return how often one of them failed."""
    context = multiprocessing.get_context("fork")
    common.policy()
    failed, lost = list[str](), 0
    for _ in range(rounds):
        with fresh() as store:
            together, said = context.Barrier(writers), context.SimpleQueue()
            running = [
                context.Process(target=_begin, args=(store, together, said), name=f"b{n}") for n in range(writers)
            ]
            for process in running:
                process.start()
            told = [said.get() for _ in running]
            for process in running:
                process.join()
            failed += [problem for problem in told if problem]
            record = Record(store)
            record.verify()
            lost += told.count(None) != len(record.events())
            record.close()
    return {"writers": writers, "rounds": rounds, "failed": sorted(set(failed)), "failures": len(failed), "lost": lost}


def trial(fresh: Fresh, writers: int, events: int, threaded: int, rounds: int) -> dict[str, Any]:
    """Run all trials of this file on one kind of database and return the figures."""
    figures = {}
    with fresh() as store:
        figures["processes"] = processes(store, writers, events)
    for own in (False, True):
        with fresh() as store:
            figures["threads_own_ledgers" if own else "threads_one_ledger"] = threads(store, 4, threaded, own=own)
    figures["beginnings"] = beginnings(fresh, writers, rounds)
    return figures


def broken(figures: dict[str, Any]) -> list[str]:
    """Return the promises that the figures break."""
    wrong = []
    for what, found in figures.items():
        for name in ("lost", "doubled", "gaps", "changed", "differs_from_assess", "differs_from_rebuild",
                     "follower_differs", "stale", "failed"):  # fmt: skip
            if found.get(name):
                wrong.append(f"{what}: {name}: {found[name]}")
        if "rows" in found and found["rows"] != found["acknowledged"] + found["own_rows"]:
            wrong.append(f"{what}: {found['rows']} rows for {found['acknowledged']} events")
        if "rows" in found and found["acknowledged"] != found["events_each"] * (
            found.get("writers") or found["threads"]
        ):
            wrong.append(f"{what}: only {found['acknowledged']} acknowledged")
    return wrong


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8, help="how many processes write")
    parser.add_argument("--sqlite", type=int, default=250, help="events of each on SQLite; 0 to leave it out")
    parser.add_argument("--postgres", type=int, default=500, help="events of each on PostgreSQL; 0 to leave it out")
    parser.add_argument("--threaded", type=int, default=100, help="events of each thread")
    parser.add_argument("--rounds", type=int, default=25, help="how often a record is begun by all at once")
    given = parser.parse_args()
    figures: dict[str, Any] = {"trial": "writers"}
    wrong = list[str]()
    if given.sqlite:
        figures["sqlite"] = trial(fresh_sqlite, given.processes, given.sqlite, given.threaded, given.rounds)
        wrong += [f"sqlite: {each}" for each in broken(figures["sqlite"])]
    if given.postgres and postgres_server() is None:
        figures["postgres"] = "no server"
    elif given.postgres:
        figures["postgres"] = trial(fresh_postgres, given.processes, given.postgres, given.threaded, given.rounds)
        wrong += [f"postgres: {each}" for each in broken(figures["postgres"])]
    common.finish(figures, wrong)


if __name__ == "__main__":
    main()
