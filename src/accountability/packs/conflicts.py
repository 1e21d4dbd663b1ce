"""Rules that stand in each other's way: twins, rules that never win, endless triggers, conditions that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product

import networkx as nx

from ..condition import Condition
from ..errors import quoted
from ..policy import Policy
from ..rule import BODIES, STAGES, Duty, EscalationRule, LiabilityRule, Pattern, Rule, Selector
from .problem import Problem, place_of

_ROUNDS_END = ("case", "case round")  # a case has one round, and one more with each return, of which there is a maximum


def patterns_of(rule: Rule) -> Iterator[tuple[str, Pattern]]:
    """Yield the patterns of the rule, each with its key."""
    for key in ("on", "must", "needs", "requires", "without_committee"):
        pattern = getattr(rule, key, None)
        if pattern is not None:
            yield key, pattern


def twins(policy: Policy) -> Iterator[Problem]:
    """Two duties of the same act, key and trigger; two liabilities on the same finding."""
    known: dict[object, Rule] = {}
    for rule in sorted(policy.rules, key=lambda rule: rule.id):
        if isinstance(rule, Duty):
            key: object = (
                rule.act, rule.per, rule.on, rule.recurrence, rule.each, rule.stage, rule.chosen, rule.keep, rule.where,
            )  # fmt: skip
            what, code = "demands the same act on the same occasion as", "same-duty"
        elif isinstance(rule, LiabilityRule) and rule.on is not None:
            key = (rule.on, rule.post and rule.post.text, rule.chosen)
            what, code = "finds the same candidate on the same event as", "never-wins"
        else:
            continue
        twin = known.setdefault(key, rule)
        if twin is not rule:
            problem = (
                f"{quoted(rule.id)} {what} {quoted(twin.id)} at {place_of(twin.clause)}; keep one, or set them apart"
            )
            yield Problem(place_of(rule.clause), code, problem, "warning" if code == "same-duty" else "error")


def never_wins(policy: Policy) -> Iterator[Problem]:
    """Escalations and liabilities that another rule always beats."""
    rules: list[EscalationRule | LiabilityRule] = [*policy.escalations, *policy.liabilities]
    by_selector: dict[Selector | None, list[EscalationRule | LiabilityRule]] = {}
    for rule in rules:
        by_selector.setdefault(rule.of, []).append(rule)
    for rule in rules:
        others = (other for selector in _wider(rule.of) for other in by_selector.get(selector, ()))
        other = next((other for other in others if other is not rule and _beats(other, rule)), None)
        if other is not None:
            always = f"for {quoted(other.id)} at {place_of(other.clause)} always does"
            problem = f"{quoted(rule.id)} can never win, {always}; narrow `of` or drop one"
            yield Problem(place_of(rule.clause), "never-wins", problem)


def _wider(selector: Selector | None) -> Iterator[Selector]:
    """Yield the selectors that select all that this one does, itself among them."""
    if selector is not None and selector.duty is not None:
        yield selector
    elif selector is not None:
        for post, unit, superior in product(
            *({None, selector.post}, {None, selector.unit}, {False, selector.superior})
        ):
            yield Selector(None, post, unit, superior)


def _beats(other: EscalationRule | LiabilityRule, rule: EscalationRule | LiabilityRule) -> bool:
    """Tell whether the other, which selects as much, wins whenever the rule could."""
    if type(other) is not type(rule) or other.of is None or rule.of is None:
        return False
    if (-other.of.rank, other.id) > (-rule.of.rank, rule.id) or not set(other.chosen) <= set(rule.chosen):
        return False
    if isinstance(other, EscalationRule) and isinstance(rule, EscalationRule):
        covers = not other.reasons or (rule.reasons and set(rule.reasons) <= set(other.reasons))
        if other.level != rule.level or not covers:
            return False
    first, last = (other.clause.from_ or date.min, other.clause.to or date.max)
    return first <= (rule.clause.from_ or date.min) and (rule.clause.to or date.max) <= last


def chains(policy: Policy) -> Iterator[Problem]:
    """Staged duties of one pack that find a body in different ways: several chains, of which the first one's body counts."""
    firsts: dict[tuple[str, str], Duty] = {}
    staged = [duty for duty in policy.duties.values() if duty.stage is not None]
    for duty in sorted(staged, key=lambda duty: (STAGES.index(duty.stage or ""), place_of(duty.clause), duty.id)):
        first = firsts.setdefault((duty.clause.pack, BODIES[duty.stage or ""]), duty)
        if (duty.bearer.start, duty.bearer.steps) != (first.bearer.start, first.bearer.steps):
            other = f"{quoted(first.id)} at {place_of(first.clause)}"
            problem = f"{quoted(duty.id)} finds its body otherwise than {other}, whose body stands for both"
            problem = f"{problem}; leave `stage` out of one of the two chains, or write it into a pack of its own"
            yield Problem(place_of(duty.clause), "several-chains", problem, "warning")


def endless(policy: Policy) -> Iterator[Problem]:
    """Duties that trigger one another without end."""
    open_ended = [d for d in policy.duties.values() if d.on is not None and d.per not in _ROUNDS_END]
    triggers = [(one.id, other.id) for one in open_ended for other in open_ended if _leads_to(one, other)]
    for first, names in circles(triggers):
        problem = f"{names} trigger one another without end; count one per `case`, or set them apart"
        yield Problem(place_of(policy.duties[first].clause), "endless-trigger", problem)


def circles(edges: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each set of rules that lead to one another: the first of their ids, and all of them in words."""
    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    for knot in nx.strongly_connected_components(graph):
        first, *others = sorted(knot)
        if others or graph.has_edge(first, first):
            yield first, " and ".join(map(quoted, (first, *(others or [first]))))


def _leads_to(one: Duty, other: Duty) -> bool:
    """Tell whether the act of `one` can trigger `other`."""
    if other.on is None or not set(one.must.events) & set(other.on.events):
        return False
    return not contradictory((*one.must.where, *other.on.where))


def unreachable(policy: Policy) -> Iterator[Problem]:
    """Patterns that no event can fit."""
    for rule in policy.rules:
        for key, pattern in patterns_of(rule):
            if contradictory(pattern.where):
                problem = f"no event can fit `{key}` of {quoted(rule.id)}, for its conditions contradict each other"
                yield Problem(place_of(rule.clause), "unreachable", f"{problem}; correct them")


def contradictory(conditions: Iterable[Condition]) -> bool:
    """Tell whether no event can meet all the conditions."""
    by_path: dict[str, list[Condition]] = {}
    for condition in conditions:
        by_path.setdefault(condition.path, []).append(condition)
    return any(_none_fits(found) for found in by_path.values())


def _none_fits(conditions: list[Condition]) -> bool:
    given = {condition.operator for condition in conditions}
    absent = any(c.operator == "present" and c.value is False for c in conditions)
    if absent and (given != {"present"} or any(c.value is True for c in conditions)):
        return True
    allowed = [
        set(c.value if isinstance(c.value, tuple) else (c.value,)) for c in conditions if c.operator in ("is", "in")
    ]
    if allowed:
        left = set.intersection(*allowed)
        return not any(all(_fits(value, c) for c in conditions) for value in left)
    low = [(c.value, c.operator == "above") for c in conditions if c.operator in ("at_least", "above")]
    high = [(c.value, c.operator == "below") for c in conditions if c.operator in ("at_most", "below")]
    return any(_less(b, a) or (a == b and (a_out or b_out)) for a, a_out in low for b, b_out in high)


def _less(one: object, other: object) -> bool:
    if isinstance(one, date) and isinstance(other, date):
        return one < other
    return isinstance(one, int | Decimal) and isinstance(other, int | Decimal) and one < other


def _fits(value: object, condition: Condition) -> bool:
    match condition.operator:
        case "not":
            return value != condition.value
        case "at_least":
            return not _less(value, condition.value)
        case "at_most":
            return not _less(condition.value, value)
        case "above":
            return _less(condition.value, value)
        case "below":
            return _less(value, condition.value)
    return True
