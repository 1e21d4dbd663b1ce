"""Conditions: a closed algebra over the flat facts of one event, three-valued (true, false, cannot tell).

A condition is a dotted path and a comparison. A table of conditions holds when all hold; an "or" is two rules. The
facts are flat: the path ``from.kind`` is one key. A path that has no fact makes the comparison *cannot tell* (None),
which is reported and never taken for false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from attrs import frozen

from .errors import nearest, quoted

Value = str | int | bool | Decimal | date
Facts = Mapping[str, object]
Test = Callable[[Facts], bool | None]

OPERATORS = ("is", "in", "not", "present", "at_least", "at_most", "above", "below")


@frozen
class Condition:
    """One comparison: the fact at `path` stands in relation `operator` to `value` (a tuple for ``in``)."""

    path: str
    operator: str
    value: Value | tuple[Value, ...]


def parse_condition(path: str, value: object) -> tuple[Condition, ...]:
    """Read the value of a condition as packs write it: a value, a list (one of), or a table of comparisons.

    Raises ValueError with one sentence.
    """
    if isinstance(value, list):
        return (Condition(path, "in", tuple(_scalar(path, each) for each in value)),)
    if not isinstance(value, dict):
        return (Condition(path, "is", _scalar(path, value)),)
    found = []
    for operator, operand in value.items():
        if operator not in OPERATORS[2:]:
            known = ", ".join(f"`{name}`" for name in OPERATORS[2:])
            raise ValueError(
                f"{quoted(operator)} is no comparison{nearest(operator, OPERATORS) or '.'} Use one of {known}"
            )
        if operator == "present" and not isinstance(operand, bool):
            raise ValueError(f"`present` of {quoted(path)} takes true or false, not {quoted(operand)}")
        found.append(Condition(path, operator, _scalar(path, operand)))
    return tuple(found)


def _scalar(path: str, value: object) -> Value:
    if isinstance(value, str | bool | int | Decimal | date):
        return value
    raise ValueError(
        f"{quoted(value)} can not be compared with {quoted(path)}; write a text, a whole number, true or false"
    )


def compiled(condition: Condition) -> Test:
    """Return the condition as a closure over flat facts."""
    path, operand = condition.path, condition.value
    if condition.operator == "present":
        return lambda facts: (path in facts) == operand
    compare = _COMPARISONS[condition.operator]

    def test(facts: Facts) -> bool | None:
        fact = facts.get(path)
        return None if fact is None else compare(fact, operand)

    return test


def all_of(conditions: tuple[Condition, ...]) -> Test:
    """Return the conjunction: false when one is false, else cannot tell when one can not be told, else true."""
    tests = tuple(compiled(condition) for condition in conditions)

    def conjunction(facts: Facts) -> bool | None:
        answer: bool | None = True
        for test in tests:
            result = test(facts)
            if result is False:
                return False
            if result is None:
                answer = None
        return answer

    return conjunction


def _same(fact: object, operand: object) -> bool:
    return (type(fact) is type(operand) and fact == operand) or (_number(fact) and _number(operand) and fact == operand)


def _number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _ordered(order: Callable[[object, object], bool]) -> Callable[[object, object], bool | None]:
    def compare(fact: object, operand: object) -> bool | None:
        comparable = (_number(fact) and _number(operand)) or (isinstance(fact, date) and isinstance(operand, date))
        return order(fact, operand) if comparable else None

    return compare


_COMPARISONS: dict[str, Callable[[object, object], bool | None]] = {
    "is": _same,
    "not": lambda fact, operand: not _same(fact, operand),
    "in": lambda fact, operand: any(_same(fact, each) for each in operand),  # type: ignore[attr-defined]  # a tuple
    "at_least": _ordered(lambda fact, operand: fact >= operand),  # type: ignore[operator]  # checked comparable
    "at_most": _ordered(lambda fact, operand: fact <= operand),  # type: ignore[operator]
    "above": _ordered(lambda fact, operand: fact > operand),  # type: ignore[operator]
    "below": _ordered(lambda fact, operand: fact < operand),  # type: ignore[operator]
}
