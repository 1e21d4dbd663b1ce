"""Two matchers on every event: the Python one answers, the other one is compared with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import frozen

from ..condition import Facts
from ..errors import MatcherError, quoted
from .python import Matched

KEPT = 1_000
"""How many disagreements are kept: the last ones."""


class Matcher(Protocol):
    """Selects, for the type and facts of an event, the patterns that it fits."""

    compares: bool
    """Whether each event is compared with another matcher, so that none may be left out."""

    def reads(self, event_type: str, /) -> bool:
        """Tell whether any pattern is about events of the type."""
        ...

    def paths(self, event_type: str, /) -> tuple[str, ...]:
        """Return the paths whose facts the patterns of the type ask for."""
        ...

    def match(self, event_type: str, facts: Facts, /) -> Matched:
        """Return the patterns selected by the facts, and those of which it cannot be told."""
        ...


class SecondMatcher(Matcher, Protocol):
    """A matcher that can be made anew after it was wrong."""

    def rebuild(self) -> None:
        """Drop what may have gone wrong inside."""
        ...


@frozen
class Disagreement:
    """An event of which the two matchers say different things: its type and facts, and what each one says."""

    event_type: str
    facts: Mapping[str, object]
    python: Matched
    durable: Matched

    def __str__(self) -> str:
        facts = ", ".join(f"{path} = {fact!r}" for path, fact in sorted(self.facts.items())) or "no facts"
        differ = self.python.selected ^ self.durable.selected or self.python.cannot_tell ^ self.durable.cannot_tell
        return (
            f"{quoted(self.event_type)} with {quoted(facts, 400)}: of {_names(differ)} Python selects "
            f"{_names(self.python.selected & differ)}, durable_rules {_names(self.durable.selected & differ)}"
        )


def _names(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in sorted(names)[:5]) or "none"


class CrossCheckedMatcher:
    """Answers as the Python matcher does, and asks durable_rules the same on every event.

    `agreed` counts the events on which they agree, `disagreed` the others, of which the last ones are in
    `disagreements`; after one the rulesets of durable_rules are rebuilt. `strict` raises instead.
    """

    compares = True

    def __init__(self, python: Matcher, durable: SecondMatcher, strict: bool = False) -> None:
        self.agreed = 0
        self.disagreed = 0
        self.disagreements: deque[Disagreement] = deque(maxlen=KEPT)
        self.strict = strict
        self._python, self._durable = python, durable

    def reads(self, event_type: str) -> bool:
        """Tell whether any pattern is about events of the type."""
        return self._python.reads(event_type)

    def paths(self, event_type: str) -> tuple[str, ...]:
        """Return the paths whose facts the patterns of the type ask for."""
        return self._python.paths(event_type)

    def match(self, event_type: str, facts: Facts) -> Matched:
        """Return the answer of the Python matcher.

        Raises MatcherError when durable_rules gives another one and `strict` is set.
        """
        answer, other = self._python.match(event_type, facts), self._durable.match(event_type, facts)
        if answer == other:
            self.agreed += 1
            return answer
        found = Disagreement(event_type, dict(facts), answer, other)
        self.disagreed += 1
        self.disagreements.append(found)
        self._durable.rebuild()
        if self.strict:
            raise MatcherError(f'The two matchers disagree; {found}. Go on with the matcher "python" and report it')
        return answer
