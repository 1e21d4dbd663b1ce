"""The second matcher: the same patterns as flat rules of durable_rules, within the part of it that was measured right.

Each pattern is one rule: the event type and those comparisons that the engine can express. The facts of an event are
asserted, the rules fire, the facts are retracted; nothing stays in the engine. Three things are left to the closures of
the Python matcher:

* the *residue* of a pattern: an ``in`` (it would be an "or"), a decimal, an order of texts, overlong texts;
* what the engine can not be asked, because the rule needs a fact that is missing or that can not be written for it: so
  *cannot tell* is always said by the closures, for a rule only fires or does not;
* an event on which the engine fails twice: its rulesets are rebuilt when an expected firing is missing.

Types are kept apart by the encoding, for the engine takes ``"95"`` for 95 and True for 1: equality compares texts that
begin with the name of the type, order compares whole numbers in fields of their own for numbers and for days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from typing import Any

from attrs import define, field, frozen
from durable.engine import MessageNotHandledException, Ruleset  # type: ignore[import-untyped]  # it has no types

from ..condition import Condition, Facts, Test, all_of
from ..rule import Pattern
from .python import Matched, PythonMatcher

CHARACTERS = 10_000  # in a text: the engine compares modulo 65,536 bytes, and JSON may take six for a character
WHOLE = 2**63  # whole numbers are nearer to zero than this
RULES = 48  # in a ruleset: when more than 64 match one fact, none fires
TESTS = 200  # in a ruleset: about 512 different comparisons make it hang, about 250 fields are its limit
TESTS_OF_RULE = 32  # further ones are residue
BUILDS = 16  # of one ruleset: each leaks 86 KB or more; after that the closures decide alone

_ORDERS = {"at_least": "$gte", "at_most": "$lte", "above": "$gt", "below": "$lt"}


@frozen
class _Rule:
    """A pattern: its comparisons for the engine, the fields these need, the closure of the rest, and of the whole."""

    name: str
    tests: tuple[Mapping[str, object], ...]
    fields: frozenset[str]
    residue: Test
    whole: Test


class DurableMatcher:
    """Selects the same patterns as `PythonMatcher`, by durable_rules. Its rulesets are built when first needed.

    `residue` holds, by pattern, the conditions that the engine is not asked; `failed` counts how often it did not
    answer, so that the closures decided. One matcher may serve several threads; one at a time is in the engine.
    """

    compares = False

    def __init__(self, patterns: Mapping[str, Pattern]) -> None:
        python = PythonMatcher(patterns)
        self.reads, self.paths = python.reads, python.paths
        self.residue: dict[str, tuple[Condition, ...]] = {}
        self.failed = 0
        self._places: dict[str, int] = {}
        self._lock = Lock()
        rules: dict[str, list[_Rule]] = {}
        for name, pattern in sorted(patterns.items()):
            rule = self._rule(name, pattern)
            for event in pattern.events:
                rules.setdefault(event, []).append(rule)
        self._rulesets = {event: tuple(_rulesets(event, found)) for event, found in rules.items()}

    def match(self, event_type: str, facts: Facts) -> Matched:
        """Return the patterns selected by the facts, and those of which it cannot be told."""
        selected, unclear = [], []
        written = self._written(event_type, facts)
        for ruleset in self._rulesets.get(event_type, ()):
            with self._lock:
                fired = ruleset.fired(written)
                self.failed += fired is None
            for rule in ruleset.rules:
                if fired is not None and rule.name in fired:
                    answer = rule.residue(facts)
                elif fired is not None and rule.fields <= written.keys():
                    answer = False
                else:
                    answer = rule.whole(facts)
                if answer:
                    selected.append(rule.name)
                elif answer is None:
                    unclear.append(rule.name)
        return Matched(frozenset(selected), frozenset(unclear))

    def rebuild(self) -> None:
        """Drop the rulesets of the engine; each is built anew when it is next needed."""
        with self._lock:
            for rulesets in self._rulesets.values():
                for ruleset in rulesets:
                    ruleset.engine = None

    def _rule(self, name: str, pattern: Pattern) -> _Rule:
        tests: list[Mapping[str, object]] = []
        fields, residue = set(), []
        for condition in pattern.where:
            found = _test(condition, self._places.setdefault(condition.path, len(self._places)))
            if found is None or len(tests) == TESTS_OF_RULE:
                residue.append(condition)
            else:
                fields.add(found[0])
                tests.append(found[1])
        self.residue[name] = tuple(residue)
        return _Rule(name, tuple(tests), frozenset(fields), all_of(tuple(residue)), all_of(pattern.where))

    def _written(self, event_type: str, facts: Facts) -> dict[str, str | int]:
        """Return the facts as the fields of the engine; what can not be written for it has no field."""
        written: dict[str, str | int] = {}
        for path in self.paths(event_type):
            place, fact = self._places[path], facts.get(path)
            written[f"here{place}"] = int(path in facts)
            if (text := _text(fact)) is not None:
                written[f"value{place}"] = text
            if (order := _order(fact)) is not None:
                written[f"{order[0]}{place}"] = order[1]
        return written


@frozen
class _Key:
    """Patterns under their text: equal only when the types of their values are, too (True is not 1)."""

    text: str
    patterns: Mapping[str, Pattern] = field(eq=False)


def durable_matcher(patterns: Mapping[str, Pattern]) -> DurableMatcher:
    """Return the matcher of these patterns: the same one for the same patterns, since every ruleset built leaks."""
    return _compiled(_Key(repr(sorted(patterns.items())), dict(patterns)))


@lru_cache(maxsize=32)
def _compiled(key: _Key) -> DurableMatcher:
    return DurableMatcher(key.patterns)


# -- encoding ---------------------------------------------------------------------------------------------------------


def _test(condition: Condition, place: int) -> tuple[str, Mapping[str, object]] | None:
    """Return the field that a condition needs and its comparison for the engine, None when it is residue."""
    operator, operand = condition.operator, condition.value
    if operator == "present":
        return (f"here{place}", {f"here{place}": int(operand)}) if isinstance(operand, bool) else None
    if operator in _ORDERS:
        if (order := _order(operand)) is None:
            return None
        name = f"{order[0]}{place}"
        return name, {_ORDERS[operator]: {name: order[1]}}
    if operator not in ("is", "not") or (text := _text(operand)) is None:
        return None
    equal = {f"value{place}": text}
    return f"value{place}", equal if operator == "is" else {"$neq": equal}


def _text(value: object) -> str | None:
    """Return a text that only an equal value has, None when there is none that the engine may be given."""
    if type(value) is str:
        is_fit = len(value) <= CHARACTERS and value.encode(errors="ignore").decode() == value  # no lone surrogate
        return f"text {value}" if is_fit else None
    if type(value) is bool:
        return f"truth {value}"
    order = _order(value)
    return None if order is None else f"{order[0]} {order[1]}"


def _order(value: object) -> tuple[str, int] | None:
    """Return the order that a value belongs to and its whole number in it, None when the engine can not order it."""
    if type(value) is date:
        return "day", value.toordinal()
    if type(value) is int and -WHOLE < value < WHOLE:
        return "number", value
    if type(value) is Decimal and value.is_finite() and -WHOLE < value < WHOLE and value == int(value):
        return "number", int(value)
    return None


# -- the engine -------------------------------------------------------------------------------------------------------


class _Silent(Exception):
    """A fact matched a rule and no action ran, or not to its end: after a step of the clock that stays so for good."""


class _Firings:
    """What the engine tells of one fact. It swallows every exception of an action, so these are kept here."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.errors: list[BaseException] = []
        self.is_complete = False

    def clear(self) -> None:
        """Forget the fact before."""
        self.names.clear()
        self.errors.clear()
        self.is_complete = False

    def action(self, name: str) -> Callable[[Any], None]:
        """Return the action of a rule: exactly one positional parameter, else the engine takes it as asynchronous."""

        def fire(_context: Any) -> None:
            try:
                self.names.append(name)
            except BaseException as error:  # KeyboardInterrupt too: raised again by `take`
                self.errors.append(error)

        return fire

    def complete(self, error: object, state: Mapping[str, object] | None) -> None:
        """Take note of the end of all actions; the engine calls this."""
        if error is not None:
            self.errors.append(error if isinstance(error, BaseException) else _Silent(str(error)))
        self.is_complete = state is not None and "exception" not in state

    def take(self) -> frozenset[str]:
        """Return the names of the rules that fired; raise what was swallowed, or _Silent."""
        if self.errors:
            raise self.errors[0]
        if not self.is_complete or not self.names:
            raise _Silent
        return frozenset(self.names)


@define(eq=False)
class _Ruleset:
    """Some of the patterns about one event type, and the ruleset of the engine that holds them (None: to be built)."""

    event: str | None
    rules: tuple[_Rule, ...]
    engine: Any = None
    firings: _Firings = field(factory=_Firings)
    builds: int = 0
    _fields: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._fields = frozenset().union(*(rule.fields for rule in self.rules))

    def fired(self, written: Mapping[str, str | int]) -> frozenset[str] | None:
        """Return the names of the rules that fire on the facts, None when the engine can not be made to say."""
        if self.event is None:
            return None
        fact: dict[str, str | int] = {"id": "event", "event": self.event}
        fact.update((name, written[name]) for name in self._fields if name in written)
        for _ in range(2):
            try:
                if self.engine is None and not self._build():
                    return None
                return self._ask(fact)
            except BaseException as error:
                self.engine = None  # it may still hold the fact, or be silent for good
                if not isinstance(error, Exception):
                    raise
        return None

    def _ask(self, fact: Mapping[str, str | int]) -> frozenset[str]:
        self.firings.clear()
        try:
            state = self.engine.assert_fact(fact)
        except MessageNotHandledException:
            return frozenset()
        try:
            self.engine.do_actions(state, self.firings.complete)
        finally:
            self.engine.retract_fact(fact)
        return self.firings.take()

    def _build(self) -> bool:
        if self.builds == BUILDS:
            return False
        self.builds += 1
        self.firings = _Firings()  # a dropped ruleset keeps its own
        definitions = {}
        for number, rule in enumerate(self.rules):
            when: Mapping[str, object] = {"event": self.event}
            if rule.tests:
                when = {"$and": [when, *rule.tests]}
            definitions[f"r{number}"] = {"all": [{"m": when}], "run": self.firings.action(rule.name)}
        self.engine = Ruleset("accountability", None, definitions)
        return True


def _rulesets(event: str, rules: list[_Rule]) -> Iterator[_Ruleset]:
    """Split the rules about an event type into rulesets within the limits of the engine."""
    part: list[_Rule] = []
    for rule in rules:
        if len(part) == RULES or sum(len(each.tests) for each in (*part, rule)) + 1 > TESTS:
            yield _Ruleset(_text(event), tuple(part))
            part = []
        part.append(rule)
    yield _Ruleset(_text(event), tuple(part))
