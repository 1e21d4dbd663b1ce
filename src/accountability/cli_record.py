"""The commands of the command line about records in databases, and records as the source of a question."""

from __future__ import annotations

import argparse
import sys

from .cli_options import Result
from .errors import IntegrityError, StoreError, quoted
from .event import Event
from .organization import Organization
from .plain import Limits


def is_address(text: str) -> bool:
    """Tell whether the text is the address of a record rather than the name of a file."""
    return "://" in text


def organization_of(text: str, limits: Limits) -> Organization:
    """Return the organization of a file or folder, or the one from which a record answers."""
    if not is_address(text):
        return Organization.load(text, limits)
    from .record.log import Record

    return Record(text).basis().organization


def told_in(address: str) -> tuple[Event, ...]:
    """Return the events of a record."""
    from .record.log import Record

    return Record(address).events()


def verify(options: argparse.Namespace) -> Result:
    """Say where the record ends, or which row is not what was recorded; that gives the exit code 1."""
    from .record.log import Record

    try:
        head = Record(options.store).verify(options.head)
    except IntegrityError as problem:
        return Result(str(problem), 1)
    return Result(str(head))


def export(options: argparse.Namespace) -> Result:
    """Print the record line by line."""
    from .record.log import Record

    for line in Record(options.store).export():
        print(line)
    return Result("")


def import_(options: argparse.Namespace) -> Result:
    """Take in the lines, and say where the record ends."""
    from .record.log import Record

    if options.lines == "-":
        return Result(str(Record(options.store, create=True).import_(sys.stdin.buffer)))
    try:
        with open(options.lines, "rb") as lines:
            return Result(str(Record(options.store, create=True).import_(lines)))
    except (OSError, ValueError) as problem:  # a ValueError is a NUL in the path
        raise StoreError(f"{quoted(options.lines)} can not be read: {problem}") from None
