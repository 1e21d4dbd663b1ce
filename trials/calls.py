"""The system calls of a process on the files of one folder: written down by `calls.c`, and read again."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

_HEAD = struct.Struct("<cHQI")


@frozen
class Call:
    """One call that succeeded: its kind (see `calls.c`), the file, the offset or size, and the data or other name.

    The kind ``a`` is an acknowledgement, whose number stands in `offset`.
    """

    kind: str
    name: str
    offset: int
    data: bytes


def can_be_logged() -> bool:
    """Tell whether this machine has what it takes: Linux and a C compiler."""
    return sys.platform == "linux" and shutil.which("cc") is not None


def library(folder: Path) -> Path:
    """Compile `calls.c` into the folder and return the library."""
    built = folder / "calls.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(built), str(source), "-ldl"], check=True)
    return built


def read(log: Path) -> Iterator[Call]:
    """Yield the calls in the order in which they happened."""
    data, at = log.read_bytes(), 0
    while at < len(data):
        kind, named, offset, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name, at = data[at : at + named].decode(), at + named
        yield Call(kind.decode(), name, offset, data[at : at + length])
        at += length
