"""Files that a host names: read as a whole, within the limits, and in UTF-8."""

from __future__ import annotations

import os

from .errors import AccountabilityError
from .plain import LIMITS


def read_bytes(
    path: str | os.PathLike[str], *, error: type[AccountabilityError], most: int = LIMITS.file_bytes
) -> bytes:
    """Return the bytes of a file of at most `most` bytes; else raise `error`, whose message begins with the path."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            content = file.read(most + 1) if os.fstat(file.fileno()).st_size <= most else None
    except (OSError, ValueError) as problem:  # a ValueError is a NUL in the path
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise error(f"{name}: the file can not be read: {reason}; correct the path") from None
    if content is None or len(content) > most:
        raise error(f"{name}: the file is longer than {most} bytes; split it or shorten it")
    return content


def read_text(path: str | os.PathLike[str], *, error: type[AccountabilityError], most: int = LIMITS.file_bytes) -> str:
    """Return the text of a file in UTF-8, its ends of lines as they are, without a byte order mark.

    Else raise `error`, whose message begins with the path, and with the line where the text is not UTF-8.
    """
    content = read_bytes(path, error=error, most=most)
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        perhaps = " (it may be GB18030)" if _is_gb18030(content) else ""
        raise error(f"{os.fspath(path)}:{line}: the text is not UTF-8{perhaps}; save it as UTF-8") from None


def _is_gb18030(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
