"""The Python matcher: conditions compiled to closures, indexed by event type. It is the definition."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ..condition import Facts, Test, all_of
from ..rule import Pattern


@frozen
class Matched:
    """The patterns that an event fits, and those of which it cannot be told."""

    selected: frozenset[str]
    cannot_tell: frozenset[str]


class PythonMatcher:
    """Selects, for the type and facts of an event, the patterns whose conditions all hold."""

    def __init__(self, patterns: Mapping[str, Pattern]) -> None:
        self._tests: dict[str, list[tuple[str, Test]]] = {}
        paths: dict[str, set[str]] = {}
        for name, pattern in sorted(patterns.items()):
            test = all_of(pattern.where)
            for event in pattern.events:
                self._tests.setdefault(event, []).append((name, test))
                paths.setdefault(event, set()).update(condition.path for condition in pattern.where)
        self._paths = {event: tuple(sorted(found)) for event, found in paths.items()}

    compares = False

    def reads(self, event_type: str) -> bool:
        """Tell whether any pattern is about events of the type."""
        return event_type in self._tests

    def paths(self, event_type: str) -> tuple[str, ...]:
        """Return the paths whose facts the patterns of the type ask for."""
        return self._paths.get(event_type, ())

    def match(self, event_type: str, facts: Facts) -> Matched:
        """Return the patterns selected by the facts, and those of which it cannot be told."""
        selected, unclear = [], []
        for name, test in self._tests.get(event_type, ()):
            answer = test(facts)
            if answer:
                selected.append(name)
            elif answer is None:
                unclear.append(name)
        return Matched(frozenset(selected), frozenset(unclear))
