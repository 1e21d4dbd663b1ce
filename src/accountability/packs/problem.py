"""Problems that lint reports: each with its place, as a compiler has it."""

from __future__ import annotations

from attrs import frozen

from ..clause import Clause


@frozen(order=True)
class Problem:
    """A problem: its place (``pack/file:line``), a code, one sentence, and ``error``, ``warning`` or ``note``."""

    place: str
    code: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]"


def place_of(clause: Clause) -> str:
    """Return where a clause, or the rule that has it, stands."""
    return f"{clause.pack}/{clause.file}:{clause.line}"
