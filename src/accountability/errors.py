"""The errors of the library: one base class and a leaf per layer.

Every message is one sentence that names the place (file and line, or event), quotes the user's own value in
backticks, gives the nearest known word where there is one, and says what to do. Bad input leaves the state as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice, takewhile
from unicodedata import category


class AccountabilityError(Exception):
    """Any error that this library raises on purpose; catch it to catch them all."""


class PackError(AccountabilityError):
    """A pack, a law file or a parameter file is wrong; the message begins with ``file:line``."""


class OrganizationError(AccountabilityError):
    """The organization, or a change of it, contradicts itself; the message names the unit, post or person.

    `fact` is the dated fact that contradicts the others, where one does; readers of files find its place by it.
    """

    def __init__(self, message: str = "", fact: object = None) -> None:
        super().__init__(message)
        self.fact = fact


class EventError(AccountabilityError):
    """An event can not be read; the message names the event or its line."""


class ConflictError(AccountabilityError):
    """An event has the ``(source, id)`` of a known one but other content."""


class LimitError(AccountabilityError):
    """An input is larger or deeper than the documented limits allow."""


class StoreError(AccountabilityError):
    """The database of a record can not be used; the message says what was and what was not recorded.

    `recorded` is False when nothing of the step was recorded, and None when that can not be known, for the connection
    was lost while the step was being committed; then submit the same events again: none is recorded twice.
    """

    def __init__(self, message: str = "", recorded: bool | None = False) -> None:
        super().__init__(message)
        self.recorded = recorded


class IntegrityError(AccountabilityError):
    """A record is not what was written; the message names the first bad row and what is wrong with it.

    `position` is that of the row, None when the damage can not be placed.
    """

    def __init__(self, message: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


_COMPARED = 400_000  # characters times characters: a message must not take seconds


def nearest(word: str, known: Iterable[object]) -> str:
    """Return ``", did you mean `x`?"`` for the known word nearest to `word`, or ``""`` when none is near.

    Of very many or very long words only those that begin and end most like `word` are compared closely.
    """
    if len(word) > 512:
        return ""
    candidates = [text for text in map(str, islice(known, 20_000)) if len(text) <= 512]
    pairs = len(word) * max(map(len, candidates), default=0)
    most = max(_COMPARED // max(pairs, 1), 10)
    if len(candidates) > most:
        candidates = nlargest(most, candidates, key=lambda text: _alike(word, text))
    found = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return f", did you mean `{found[0]}`?" if found else ""


def _alike(word: str, text: str) -> int:
    """Return how many characters the two share at their beginnings and at their ends."""
    return _shared(zip(word, text, strict=False)) + _shared(zip(reversed(word), reversed(text), strict=False))


def _shared(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def one_line(text: str) -> str:
    """Return the text with what a terminal would act on or not show written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if _is_safe(c) else c.encode("unicode_escape").decode() for c in text)


def _is_safe(character: str) -> bool:
    return character.isprintable() or category(character) == "Zs"


def quoted(value: object, limit: int = 80) -> str:
    """Return `value` on one line in backticks, control characters escaped and cut after `limit` characters."""
    shown = str(value) if not isinstance(value, int) or abs(value) < 10**80 else "a number of more than 80 digits"
    text = one_line(shown[: limit + 1])
    return f"`{text[:limit]}…`" if len(text) > limit else f"`{text}`"


class MatcherError(AccountabilityError):
    """The two matchers disagree, or the one asked for is not installed."""
