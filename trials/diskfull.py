"""A disk that is full, broken, locked or read-only, a lost connection: is the error typed and true, and does it go on?

Run: ``python trials/diskfull.py [--rounds 40] [--faults 300]``.

- limits: the files may not grow any more (RLIMIT_FSIZE); `submit` raises StoreError, what was acknowledged can be read,
  and when the limit is lifted the next `submit` works.
- faults: one write, cut or sync after the other fails as on a full and as on a broken disk (`calls.c`), from the first
  one of a new record on; an error that says that nothing was recorded is true, and repeating goes on.
- locked: another process holds the record for writing, longer than a step waits (SQLite and PostgreSQL).
- readonly: the file, or its folder, can not be written by the user.
- terminated: the server ends the connections, at a wait for the lock and at random moments (PostgreSQL).

Prints one line of JSON; ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import calls
import common
import sqlalchemy as sa
import writer

from accountability import Ledger, StoreError
from accountability.record import database
from accountability.record.log import Record
from accountability.record.row import Head

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from databases import fresh_postgres, postgres_server

CALLS = 150
"""About how many writes, cuts and syncs a record of four steps takes."""
NOTHING = "nothing of this step was recorded"


def refused(ledger: Ledger, step: int, figures: Counter[str], word: str = "", file: Path | None = None) -> bool:
    """Submit a step; when it is refused, count what is wrong with the error and with what can be read after it.

    With the `file` of the record also with what another process would find there if this one died now.
    """
    record = writer.record_of(ledger)
    before = record.head()
    try:
        ledger.submit(*common.batch("d", step))
        return False
    except StoreError as problem:
        said, text = problem.recorded, str(problem)
    figures["refused"] += 1
    figures["unknown"] += said is None
    figures["untrue"] += said is False and (record.head() if file is None else _found(file)) != before
    figures["unclear"] += (said is False) != (NOTHING in text) or word not in text
    try:
        figures["unreadable"] += len(list(record.rows())) < before.position
        if before.position:
            ledger.assessment()
    except StoreError:
        figures["unreadable"] += 1
    return True


def _found(file: Path) -> Head:
    """Return the head of a copy of the file, which SQLite must set right as after a crash."""
    with common.scratch() as copied:
        for each in (file, file.with_name(file.name + "-wal")):
            if each.exists():
                shutil.copy(each, copied)
        record = Record(f"sqlite:///{copied / file.name}")
        head = record.verify()
        record.close()
        return head


def _ends_well(store: str, steps: int, figures: Counter[str]) -> None:
    """Count what is wrong with a record in which so many steps must stand."""
    record = Record(store)
    record.verify()
    found, torn, doubled = common.steps_of(record.rows())
    figures["lost"] += len(set(range(steps)).difference(found.get("d", ())))
    figures["torn"] += torn
    figures["doubled"] += doubled
    figures["differs_from_rebuild"] += not common.same_as_rebuilt(record)
    record.close()


def _figures(**more: int) -> Counter[str]:
    names = ("refused", "unknown", "untrue", "unclear", "unreadable", "lost", "torn", "doubled", "differs_from_rebuild")
    return Counter({**dict.fromkeys(names, 0), **more})


def limits(rounds: int, seed: int = 1) -> dict[str, Any]:
    """Let files not grow beyond a limit, lift it, and again; return the figures."""
    chance, figures = random.Random(seed), _figures(rounds=rounds, stuck=0)
    with common.scratch() as folder:
        store, step = f"sqlite:///{folder / 'record.db'}", 0
        ledger = common.ledger(store)
        ledger.submit(*common.batch("d", step))
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        for _ in range(rounds):
            largest = max(file.stat().st_size for file in folder.iterdir() if not file.name.endswith("-shm"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + chance.randrange(60_000), unlimited[1]))
            try:
                while True:
                    step += 1
                    if refused(ledger, step, figures, file=folder / "record.db"):
                        break
                refused(ledger, step, figures)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            figures["stuck"] += refused(ledger, step, Counter())
        writer.record_of(ledger).close()
        _ends_well(store, step + 1, figures)
    return dict(figures)


def faults(count: int, seed: int = 1) -> dict[str, Any]:
    """Run `_faults` in a process whose system calls can be made to fail."""
    with common.scratch() as folder:
        noted = {"LD_PRELOAD": str(calls.library(folder)), "TRIAL_FOLDER": str(folder / "disk")}
        given = ("--within", folder, "--faults", count, "--seed", seed)
        process = common.started("diskfull.py", *given, env=noted, stdout=subprocess.PIPE)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError("the process with faults failed")
    return json.loads(said)


def _faults(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Let calls fail, each at first and then some at random, and return the figures."""
    chance, figures = random.Random(seed), _figures(faults=count, stuck=0, unmade=0)
    fail = ctypes.CDLL(str(folder / "calls.so")).trial_fail
    for number in range(count):
        disk = folder / "disk"
        disk.mkdir()
        store = f"sqlite:///{disk / 'record.db'}"
        many, error = chance.choice((1, 1, 2, 5, 30)), chance.choice((5, 28))
        fail(number + 1 if number < CALLS <= count else chance.randint(1, CALLS), many, error)
        ledger = None
        for _ in range(200):
            try:
                ledger = ledger or common.ledger(store)
                break
            except StoreError:
                figures["unmade"] += 1
        assert ledger is not None
        for step in range(4):
            tries = 0
            while refused(ledger, step, figures, file=disk / "record.db"):
                tries += 1
                if tries > 200:
                    figures["stuck"] += 1
                    break
            if step == 2:
                writer.record_of(ledger).close()  # which moves what was written from the WAL into the file
        fail(0, 0, 0)
        _ends_well(store, 4, figures)
        writer.record_of(ledger).close()
        for file in disk.iterdir():
            figures["left_over"] += file.name != "record.db"
            file.unlink()
        disk.rmdir()
    return dict(figures)


@contextmanager
def _waiting(seconds: float) -> Iterator[None]:
    """Let steps wait for others no longer than this."""
    before, database.WAIT = database.WAIT, seconds  # type: ignore[assignment]
    try:
        yield
    finally:
        database.WAIT = before


def locked(store: str) -> dict[str, Any]:
    """Hold the record for writing and return what a writer and a reader meet with."""
    figures = _figures(stuck=0)
    with _waiting(1):
        ledger = common.ledger(store)
        ledger.submit(*common.batch("d", 0))
        with _held(store):
            begun = time.monotonic()
            figures["not_refused"] += not refused(ledger, 1, figures, "submit again")
            figures["waited_too_long"] += time.monotonic() - begun > 30
        figures["stuck"] += refused(ledger, 1, Counter())
        writer.record_of(ledger).close()
    _ends_well(store, 2, figures)
    return dict(figures)


@contextmanager
def _held(store: str) -> Iterator[None]:
    """Hold the record as another program would."""
    if store.startswith("sqlite"):
        other = sqlite3.connect(str(sa.make_url(store).database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    engine = sa.create_engine(store)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM accountability_record FOR UPDATE")
        yield
    engine.dispose()


def readonly() -> dict[str, Any]:
    """Take the right to write away from the file and then from its folder; return what a writer meets with."""
    figures = _figures(stuck=0, read=0, not_refused=0)
    with common.scratch() as scratch:
        folder = scratch / "disk"
        folder.mkdir()
        if os.geteuid() == 0:  # who may do everything can not be refused anything
            scratch.chmod(0o755)
            os.chown(folder, 65534, 65534)
        _as_nobody(lambda: _readonly(folder, figures), figures)
    return dict(figures)


def _as_nobody(work: Callable[[], None], figures: Counter[str]) -> None:
    """Do the work in another process, as a user without rights when this one is root, and take over its figures."""
    _load()
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
            os.write(writes, json.dumps(figures).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(writes)
    with os.fdopen(reads) as said:
        text = said.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the process of the other user failed")
    figures.update(json.loads(text))


def _load() -> None:
    """Use a record once, and so load what another user may be unable to read."""
    with common.scratch() as folder:
        ledger = common.ledger(f"sqlite:///{folder / 'record.db'}")
        ledger.submit(*common.batch("d", 0))
        ledger.assessment()
        record = writer.record_of(ledger)
        record.verify()
        record.close()


def _readonly(folder: Path, figures: Counter[str]) -> None:
    file = folder / "record.db"
    store = f"sqlite:///{file}"
    ledger = common.ledger(store)
    ledger.submit(*common.batch("d", 0))
    writer.record_of(ledger).close()
    for path, mode, usual in ((file, 0o444, 0o644), (folder, 0o555, 0o755)):
        path.chmod(mode)
        try:
            writer.record_of(common.ledger(store)).close()
            ledger.submit(*common.batch("d", 1))
            figures["not_refused"] += 1
        except StoreError as problem:
            figures["refused"] += 1
            figures["unclear"] += "writable" not in str(problem)
        try:
            record = Record(store)
            figures["read"] += len(record.events()) == len(common.batch("d", 0))
            record.close()
        except StoreError as problem:  # SQLite can not read a record in WAL mode in a folder in which it can not write
            figures["unclear"] += "writable" not in str(problem)
        for each in (path, *folder.glob("record.db-*")):  # SQLite makes those with the rights of the file
            each.chmod(usual)
        figures["stuck"] += refused(ledger, 0, Counter())
        writer.record_of(ledger).close()
    _ends_well(store, 1, figures)


def terminated(store: str, rounds: int, seed: int = 1) -> dict[str, Any]:
    """Let the server end the connections of a writer, so many times, and return the figures."""
    chance, figures = random.Random(seed), _figures(rounds=rounds, stuck=0, not_refused=0)
    ledger = common.ledger(store)
    ledger.submit(*common.batch("d", 0))
    engine = sa.create_engine(store, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )

    def terminate(only: str = "") -> int:
        with engine.connect() as connection:
            return len(connection.exec_driver_sql(others + only).all())

    with _held(store):
        answer: list[bool] = []
        waiting = threading.Thread(target=lambda: answer.append(refused(ledger, 1, figures, "submit again")))
        waiting.start()
        while not terminate(" AND wait_event_type = 'Lock'"):
            time.sleep(0.01)
        waiting.join()
        figures["not_refused"] += answer != [True]
    ended, step = threading.Event(), 0

    def disturb() -> None:
        while not ended.is_set():
            time.sleep(chance.uniform(0, 0.3))
            terminate()
            figures["terminations"] += 1

    logging.disable(logging.CRITICAL)  # the driver writes down what it could not close
    disturbing = threading.Thread(target=disturb)
    disturbing.start()
    while figures["terminations"] < rounds:
        step += 1
        writer.submit(ledger, common.batch("d", step), retry=True, say=lambda _: figures.update(unknown=1))
    ended.set()
    disturbing.join()
    logging.disable(logging.NOTSET)
    figures["stuck"] += refused(ledger, step + 1, Counter())
    writer.record_of(ledger).close()
    engine.dispose()
    _ends_well(store, step + 2, figures)
    return {**figures, "steps": step + 2}


def broken(figures: dict[str, Any]) -> list[str]:
    """Return the promises that the figures break."""
    names = ("untrue", "unclear", "unreadable", "lost", "torn", "doubled", "differs_from_rebuild", "stuck", "not_refused",
             "waited_too_long", "left_over")  # fmt: skip
    return common.named(figures, names)


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often the limit is set and lifted")
    parser.add_argument("--faults", type=int, default=300, help="how many calls fail; 0 to leave it out")
    parser.add_argument("--terminations", type=int, default=100, help="how often connections end; 0 without PostgreSQL")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.within is not None:
        print(json.dumps(_faults(given.within, given.faults, given.seed)))
        return
    figures: dict[str, Any] = {"trial": "diskfull", "limits": limits(given.rounds, given.seed)}
    if given.faults:
        figures["faults"] = faults(given.faults, given.seed) if calls.can_be_logged() else "no C compiler"
    with common.scratch() as folder:
        figures["locked_sqlite"] = locked(f"sqlite:///{folder / 'record.db'}")
    figures["readonly"] = readonly()
    if given.terminations and postgres_server() is None:
        figures["terminated"] = "no server"
    elif given.terminations:
        with fresh_postgres() as store:
            figures["locked_postgres"] = locked(store)
        with fresh_postgres() as store:
            figures["terminated"] = terminated(store, given.terminations, given.seed)
    common.finish(figures, broken(figures))


if __name__ == "__main__":
    main()
