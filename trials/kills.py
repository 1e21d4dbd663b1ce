"""Killed processes: is anything lost that was acknowledged, or doubled when it is sent again?

Run: ``python trials/kills.py [--kills 100] [--servers 20]``.

- kills: a process that submits steps to an SQLite record is killed at a random moment, so many times; the next one sends
  the last steps again and goes on.
- beginnings: a process that begins a record is killed while it does; the next one must be able to begin.
- servers: a PostgreSQL server of its own is killed so often (its first process, all at once, or the process of a
  connection) and started again, while a process submits and repeats what raised StoreError.

Prints one line of JSON; ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import random
import select
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import common
import writer
from server import HOW, can_be_started, own_server

from accountability import AccountabilityError
from accountability.record.log import Record


def _forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Let a process of its own work, which is given where to write; return its id and where to read."""
    reads, writes = os.pipe()
    child = os.fork()
    if child:
        os.close(writes)
        return child, reads
    try:
        os.close(reads)
        work(writes)
    finally:
        os._exit(1)


def _killed(child: int, reads: int) -> list[str]:
    """Kill a process and return the lines that it had written."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reads) as said:
        return said.read().splitlines()


def kills(count: int, longest: float, seed: int = 1) -> dict[str, Any]:
    """Kill the writer of an SQLite record so many times and return the figures."""
    chance, begun, figures = random.Random(seed), time.monotonic(), Counter[str](kills=count)
    common.policy()
    with common.scratch() as folder:
        store, acknowledged = f"sqlite:///{folder / 'record.db'}", -1
        for number in range(count):
            first = max(0, acknowledged - 1)

            def work(writes: int, first: int = first) -> None:
                ledger = writer.opened(store)
                for step in range(first, 2**31):
                    ledger.submit(*common.batch("k", step))
                    os.write(writes, b"%d\n" % step)

            child, reads = _forked(work)
            answers = [os.read(reads, 64).decode() for _ in range(chance.choice((0, 1, 2, 3, 5, 8)))]
            time.sleep(chance.uniform(0, longest))
            said = [*"".join(answers).splitlines(), *_killed(child, reads)]
            figures["answers"] += len(said)
            figures["without_answer"] += not said
            acknowledged = max([acknowledged, *map(int, said)])
            if number % 10 == 9 or number == count - 1:
                _count(store, acknowledged, figures)
    return {**figures, "acknowledged": acknowledged + 1, "seconds": round(time.monotonic() - begun, 1)}


def _count(store: str, acknowledged: int, figures: Counter[str]) -> None:
    """Count what is wrong with a record in which the steps up to `acknowledged` must stand."""
    for name in ("lost", "torn", "doubled", "out_of_order", "damaged"):
        figures[name] += 0
    try:
        record = Record(store)
        record.verify()
        steps, torn, doubled = common.steps_of(record.rows())
        figures["differs_from_rebuild"] += not common.same_as_rebuilt(record)
        record.close()
    except AccountabilityError:
        figures["damaged"] += acknowledged >= 0
        return
    found = next(iter(steps.values()), [])
    figures["lost"] += len(set(range(acknowledged + 1)).difference(found))
    figures["torn"] += torn
    figures["doubled"] += doubled
    figures["out_of_order"] += found != list(range(len(found)))


def beginnings(count: int, seed: int = 1) -> dict[str, Any]:
    """Kill a process that begins a record so many times; return how often the next one could not begin.

    The first is left in peace; the others are killed within the shortest time that one of them took.
    """
    chance, unusable, unfinished, left, longest = random.Random(seed), 0, 0, 0, 60.0
    common.policy()
    for number in range(count + 1):
        with common.scratch() as folder:
            store = f"sqlite:///{folder / 'record.db'}"
            begun = time.monotonic()
            child, reads = _forked(lambda writes, store=store: os.write(writes, b"%d\n" % bool(common.ledger(store))))
            select.select([reads], [], [], chance.uniform(0, longest) if number else longest)
            taken = time.monotonic() - begun
            if _killed(child, reads):
                longest = min(longest, taken)
            else:
                unfinished += 1
            left += any(folder.iterdir()) and not (folder / "record.db").exists()
            try:
                ledger = common.ledger(store)
                ledger.submit(*common.batch("b", 0))
                record = writer.record_of(ledger)
                record.verify()
                record.close()
            except AccountabilityError:
                unusable += 1
    return {"kills": count, "unfinished": unfinished, "half_made": left, "unusable": unusable}


def servers(count: int, longest: float, seed: int = 1) -> dict[str, Any]:
    """Kill a PostgreSQL server so many times while a process writes, and return the figures."""
    chance, begun, figures = random.Random(seed), time.monotonic(), Counter[str](kills=count, unknown=0)
    with own_server() as server:
        sender = common.started(
            "writer.py", server.url, "p", 0, 0, "--retry", stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert sender.stdout is not None and sender.stderr is not None
        acknowledged = -1

        def answered() -> None:
            """Wait for the next acknowledgement."""
            nonlocal acknowledged
            for line in sender.stdout:
                figures["unknown"] += line == "unknown\n"
                if line.strip().isdigit():
                    acknowledged = int(line)
                    return
            raise RuntimeError(f"the writer ended: {sender.stderr.read()}")

        for number in range(count):
            for _ in range(3):
                answered()
            until = time.monotonic() + chance.uniform(0, longest)
            while time.monotonic() < until:
                answered()
            server.stop(HOW[number % len(HOW)])
            server.start()
        for _ in range(3):
            answered()
        sender.kill()
        rest, _ = sender.communicate()
        acknowledged = max([acknowledged, *(int(line) for line in rest.split() if line.isdigit())])
        figures["unknown"] += rest.count("unknown")
        _count(server.url, acknowledged, figures)
    return {**figures, "acknowledged": acknowledged + 1, "seconds": round(time.monotonic() - begun, 1)}


def broken(figures: dict[str, Any]) -> list[str]:
    """Return the promises that the figures break."""
    names = ("lost", "torn", "doubled", "out_of_order", "damaged", "unusable", "differs_from_rebuild")
    return common.named(figures, names)


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="how often the writer of an SQLite record is killed")
    parser.add_argument("--beginnings", type=int, default=100, help="how often one that begins a record is killed")
    parser.add_argument("--servers", type=int, default=20, help="how often a PostgreSQL server is killed")
    parser.add_argument(
        "--longest", type=float, default=0.05, help="the longest time, in seconds, from an answer to the kill"
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    figures: dict[str, Any] = {"trial": "kills", "kills": kills(given.kills, given.longest, given.seed)}
    figures["beginnings"] = beginnings(given.beginnings, given.seed)
    if given.servers and can_be_started():
        figures["servers"] = servers(given.servers, given.longest * 10, given.seed)
    elif given.servers:
        figures["servers"] = "no server is installed that could be started"
    common.finish(figures, broken(figures))


if __name__ == "__main__":
    main()
