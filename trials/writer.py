"""A process that submits step after step to a record and says each number when `submit` has returned.

Run by the other trials: ``python trials/writer.py STORE NAME FIRST COUNT``. It prints ``ready`` when its ledger is open
and then the number of each acknowledged step on a line of its own.
"""

from __future__ import annotations

import argparse
import os
import struct
import time
from collections.abc import Callable

import common

from accountability import Event, Ledger, StoreError
from accountability.record import database
from accountability.record.log import Record


def main() -> None:
    """Read the command line and submit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", help="the address of the record")
    parser.add_argument("name", help="the name of the writer, which its events bear")
    parser.add_argument("first", type=int, help="the number of the first step")
    parser.add_argument("count", type=int, help="how many steps; 0 for no end")
    parser.add_argument("--size", type=int, help="events per step; else one to four")
    parser.add_argument("--log", help="the log of system calls into which the acknowledgements go as well")
    parser.add_argument("--synchronous", help="another setting of SQLite than the one promised, as a control")
    parser.add_argument("--retry", action="store_true", help="submit again after a StoreError, until it is recorded")
    parser.add_argument("--wait", action="store_true", help="wait for a line of input before the first step")
    given = parser.parse_args()
    if given.synchronous:
        weaken(given.synchronous)
    ledger = opened(given.store, given.retry)
    print("ready", flush=True)
    if given.wait:
        input()
    last = given.first + given.count if given.count else 2**31
    for number in range(given.first, last):
        submit(ledger, common.batch(given.name, number, given.size), given.retry)
        if given.log:
            acknowledge(given.log, number)
        print(number, flush=True)
    record_of(ledger).close()


def opened(store: str, retry: bool = False) -> Ledger:
    """Return a ledger on the record, as soon as it can be used when `retry`."""
    while True:
        try:
            return common.ledger(store)
        except StoreError:
            if not retry:
                raise
            time.sleep(0.05)


def record_of(ledger: Ledger) -> Record:
    """Return the record of a ledger that has one."""
    assert ledger.record is not None
    return ledger.record


def submit(ledger: Ledger, step: list[Event], retry: bool, say: Callable[[str], object] = print) -> None:
    """Submit a step, again and again when `retry`; an error that says that nothing was recorded must be true."""
    head = None
    while True:
        try:
            if head is not None and record_of(ledger).head() != head:
                raise RuntimeError(f"the error said that nothing was recorded, but there is more than {head}")
            head = record_of(ledger).head() if retry else None
            ledger.submit(*step)
            return
        except StoreError as problem:
            if not retry:
                raise
            if problem.recorded is None:
                head = None
                say("unknown")
            time.sleep(0.02)


def weaken(synchronous: str) -> None:
    """Open SQLite with another setting and do not check it: so the trial shows that it can fail."""
    promised = database._connected

    def connected(connection: object, more: object) -> None:
        promised(connection, more)
        connection.execute(f"PRAGMA synchronous={synchronous}")  # type: ignore[attr-defined]

    database._connected = connected
    del database.SETTINGS["synchronous"]


def acknowledge(log: str, number: int) -> None:
    """Add an acknowledgement to the log of system calls, see `calls.c`."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, struct.pack("<cHQI", b"a", 0, number, 0))
    os.close(file)


if __name__ == "__main__":
    main()
