"""A process that submits step after step to a record and says each number when `submit` has returned.

Run by the other trials: ``python trials/writer.py STORE NAME FIRST COUNT``. It prints ``ready`` when its ledger is open
and then the number of each acknowledged step on a line of its own.
"""

from __future__ import annotations

import argparse
import os
import struct
import time

import common

from accountability import StoreError
from accountability.record import database


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
    while True:
        try:
            ledger = common.ledger(given.store)
            break
        except StoreError:
            if not given.retry:
                raise
            time.sleep(0.05)
    os.write(1, b"ready\n")
    if given.wait:
        input()
    last = given.first + given.count if given.count else 2**31
    for number in range(given.first, last):
        step = common.batch(given.name, number, given.size)
        while True:
            try:
                ledger.submit(*step)
                break
            except StoreError:
                if not given.retry:
                    raise
                time.sleep(0.05)
        if given.log:
            acknowledge(given.log, number)
        os.write(1, b"%d\n" % number)
    record = ledger.record
    assert record is not None
    record.close()


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
