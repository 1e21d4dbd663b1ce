"""Lint: what a policy says that its author can hardly have meant; each problem names the line, like a compiler.

What can not be read at all is refused by `read_packs`; here stands what reads well and still is wrong or unfinished.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from math import floor

from ..calendar import Span
from ..differing import differing_duties
from ..errors import nearest, quoted
from ..parameters import LIBRARY, Parameter
from ..policy import Policy
from ..rule import Band, Duty, EscalationRule, Lint, Rule
from ..scale import unsettled
from .conflicts import chains, endless, never_wins, patterns_of, twins, unreachable
from .numerals import names_day, names_number, names_span
from .problem import Problem, place_of
from .reading import PackScenario, plain_text
from .scenario_words import unknown_words

_POINTS = "。、，,；;：:！!？?. \n"
_WORD = re.compile(r"[a-z0-9]+|[^\W_]", re.IGNORECASE)


def lint(policy: Policy, scenarios: Iterable[PackScenario] = ()) -> list[Problem]:
    """Return the problems of a policy and of its scenarios, in the order of their places."""
    found = [problem for check in _CHECKS for problem in check(policy)]
    found.extend(_scenario_words(policy, scenarios))
    return sorted(set(found), key=lambda p: (*_in_order(p.place), p.code, p.message))


def _in_order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def _coverage(policy: Policy) -> Iterator[Problem]:
    """Text that no rule and no note covers, and clauses with neither."""
    quotes: dict[tuple[str, str], list[str]] = {}
    for clause in [each.clause for each in (*policy.rules, *policy.not_formalised)]:
        quotes.setdefault((clause.pack, clause.heading), []).append(plain_text(clause.text))
    for clause in policy.clauses:
        if not clause.whole:
            continue
        known = quotes.get((clause.pack, clause.heading))
        if known is None:
            problem = f"the clause {quoted(clause.ref)} has neither a rule nor a note; write one, or `not-formalised`"
            yield Problem(place_of(clause), "clause-without-rule", problem)
            continue
        for stretch in _uncovered(clause.whole, known):
            problem = f"no rule and no note covers {quoted(stretch)}; quote it in one, or write `not-formalised`"
            yield Problem(place_of(clause), "uncovered-text", problem, "warning")


def _uncovered(whole: str, quotes: Iterable[str]) -> Iterator[str]:
    """Yield the stretches of at least two words that no quotation covers; a Chinese character counts as a word."""
    normal = unicodedata.normalize("NFKC", whole)
    places = [i for i, character in enumerate(normal) if not character.isspace()]
    plain = "".join(normal[i] for i in places)
    covered = bytearray(len(plain))
    for quote in quotes:
        start = plain.find(quote)
        while start >= 0:
            covered[start : start + len(quote)] = b"\1" * len(quote)
            start = plain.find(quote, start + max(len(quote), 1))
    start = 0
    while start < len(plain):
        end = covered.find(1, start)
        end = len(plain) if end < 0 else end
        stretch = normal[places[start] : places[end - 1] + 1] if start < end else ""
        if len(_WORD.findall(stretch)) > 1:
            yield stretch.strip(_POINTS)
        start = next((i for i in range(end, len(plain)) if not covered[i]), len(plain))


def _numbers(policy: Policy) -> Iterator[Problem]:
    """Numbers come from the law or from a parameter."""
    for rule in policy.rules:
        whole = rule.clause.whole
        for written in _literals(rule):
            if isinstance(written, Span):
                known = written.is_zero or names_span(whole, written)
            else:
                known = names_day(whole, written) if isinstance(written, str) else names_number(whole, written)
            if not known:
                problem = f"{quoted(written)} of {quoted(rule.id)} does not stand in the text of its clause"
                yield Problem(place_of(rule.clause), "number-not-in-text", f"{problem}; {_instead(rule, written)}")


def _instead(rule: Rule, written: Span | str | int | Decimal) -> str:
    """Return what to do with a number that the clause does not name; not every one can be a parameter."""
    if isinstance(rule, Band):
        return "write the limits of the band as the clause names them"
    if isinstance(rule, EscalationRule) and isinstance(written, int):
        return "write as many levels as the clause names"
    return "make it a parameter"


def _literals(rule: Rule) -> Iterator[Span | str | int | Decimal]:
    beside, repeated = getattr(rule, "with_", None), getattr(rule, "repeated", None)
    times = [getattr(rule, "within", None), getattr(rule, "wait", None)]
    for time in (*times, *(each.within for each in (beside, repeated) if each is not None)):
        if time is not None and time.span is not None:
            yield time.span
    if repeated is not None and isinstance(repeated.times, int) and repeated.times > 1:
        yield repeated.times
    if isinstance(rule, Band):
        yield from (limit for limit in (rule.at_least, rule.at_most) if limit is not None)
    if isinstance(rule, Duty):
        if rule.by is not None and rule.by[0].isdigit():
            yield rule.by
        if rule.recurrence is not None and rule.recurrence.span is not None:
            yield rule.recurrence.span
        at_least = rule.recurrence.at_least if rule.recurrence is not None else 1
        number = rule.keep.number if rule.keep is not None else at_least
        if isinstance(number, int) and number > 1:
            yield number
    if isinstance(rule, EscalationRule) and rule.level > 1:
        yield rule.level
    for _, pattern in patterns_of(rule):
        for condition in pattern.where:
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            yield from (v for v in values if isinstance(v, int | Decimal) and not isinstance(v, bool))


def _quantities(policy: Policy) -> Iterator[Problem]:
    """Quantities that no rule uses, and those whose vague word is not shown."""
    users: dict[str, list[Rule]] = {}
    for rule in policy.rules:
        for name in _parameters(rule):
            declared = policy.declaration(name)
            if declared is not None:
                users.setdefault(f"{declared.pack}.{declared.name}", []).append(rule)
    for parameter in policy.declared.values():
        if parameter.is_choice or parameter.pack == "library":
            continue
        rules = users.get(f"{parameter.pack}.{parameter.name}", [])
        if not rules:
            problem = f"no rule uses the quantity {quoted(parameter.name)}; use it or drop it"
            yield Problem(f"{parameter.pack}/pack.toml:1", "unused-quantity", problem, "warning")
        elif problem := _word_problem(parameter, rules):
            yield Problem(place_of(rules[0].clause), "quantity-without-word", problem, "warning")


def _word_problem(parameter: Parameter, rules: list[Rule]) -> str:
    name = quoted(parameter.name)
    if not parameter.word:
        return f"the quantity {name} does not say which word of the clause it stands for; add `word` in pack.toml"
    word = plain_text(parameter.word).lower()
    if not any(word in plain_text(rule.clause.whole).lower() for rule in rules):
        return (
            f"{quoted(parameter.word)}, the word of the quantity {name}, stands in no clause that uses it; correct it"
        )
    return ""


def _parameters(rule: Rule) -> Iterator[str]:
    """Yield the names of the parameters that the rule uses."""
    yield from (name for name, _ in rule.chosen)
    beside, repeated = getattr(rule, "with_", None), getattr(rule, "repeated", None)
    times = [getattr(rule, "within", None), getattr(rule, "wait", None)]
    times += [each.within for each in (beside, repeated) if each is not None]
    for time in times:
        if time is not None and time.parameter is not None:
            yield time.parameter
    if repeated is not None and isinstance(repeated.times, str):
        yield repeated.times
    for walk in (getattr(rule, "bearer", None), getattr(rule, "to", None), getattr(rule, "post", None)):
        if walk is not None and not isinstance(walk, str):
            yield walk.start
    if isinstance(rule, Lint) and "share" in rule.arguments:
        yield rule.arguments["share"]
    if isinstance(rule, Duty):
        recurrence = rule.recurrence
        parts = (recurrence.parameter, recurrence.window, recurrence.at_least, recurrence.anchor) if recurrence else ()
        number = rule.keep.number if rule.keep is not None else None
        yield from (part for part in (*parts, rule.by, rule.missing, number) if isinstance(part, str))


def _counts(policy: Policy) -> Iterator[Problem]:
    """Counts and shares that no rule uses."""
    used = {(r.keep.count, r.keep.share) for r in policy.duties.values() if r.keep is not None}
    for what, names, place in (("count", policy.counters, 0), ("share", policy.shares, 1)):
        for name in sorted(set(names) - {each[place] for each in used}):
            problem = f"no rule keeps a bound of the {what} {quoted(name)}; use it or drop it"
            yield Problem(f"{policy.packs[0].id}/pack.toml:1", "unused-count", problem, "warning")


def _bands(policy: Policy) -> Iterator[Problem]:
    """Bands between which whole numbers are missing, or that share more than one score: slips rather than the text."""
    for bands in policy.bands.values():
        for code, lower, higher in unsettled(bands):
            names = f"{quoted(lower.id)} at {place_of(lower.clause)} and {quoted(higher.id)}"
            last, first = lower.at_most, higher.at_least
            if code == "band_gap" and last is not None and first is not None and floor(last) + 1 < first:
                problem = f"the scores above {quoted(last)} and below {quoted(first)} stand in no band, between {names}"
            elif code == "band_overlap" and not _meet(lower, higher):
                problem = f"some scores stand in two bands, {names}"
            else:
                continue
            problem = f"{problem}; correct the limits, or leave it to the choices where the clause says so"
            name = "band-gap" if code == "band_gap" else "band-overlap"
            yield Problem(place_of(higher.clause), name, problem, "warning")


def _meet(lower: Band, higher: Band) -> bool:
    """Tell whether the bands share one score alone, as `60 to 85` and `85 to 90` do."""
    return lower.at_most is not None and lower.at_most == higher.at_least


def _scenario_words(policy: Policy, scenarios: Iterable[PackScenario]) -> Iterator[Problem]:
    """Rules, parameters and events that a scenario names and the policy does not have."""
    for scenario in scenarios:
        rules, parameters, events = (scenario.data.get(key) for key in ("rules", "parameters", "events"))
        place = f"{scenario.pack}/{scenario.file}:{scenario.line}"
        for name in rules if isinstance(rules, list) else ():
            if not policy.has(str(name)):
                hint = nearest(str(name), (rule.clause.ref for rule in policy.rules))
                yield Problem(place, "scenario-word", f"no rule stands under {quoted(name)}{hint}")
        for name in parameters if isinstance(parameters, dict) else ():
            if policy.declaration(policy.named_in(scenario.pack, name)) is None:
                known = [declared.name for declared in policy.declared.values()]
                yield Problem(place, "scenario-word", f"no pack has a parameter {quoted(name)}{nearest(name, known)}")
        for event in events if isinstance(events, list) else ():
            name = event.get("type") if isinstance(event, dict) else None
            if isinstance(name, str) and name not in policy.event_types:
                hint = nearest(name, policy.event_types)
                yield Problem(place, "scenario-word", f"no pack has an event {quoted(name)}{hint}", "warning")
        for message in unknown_words(policy, scenario.data.get("checks")):
            yield Problem(place, "scenario-word", message)


def _together(policy: Policy) -> Iterator[Problem]:
    """What each of several packs changes: choices that it makes for others, duties that it sets differently."""
    if len(policy.packs) < 2:
        return
    for pack in policy.packs:
        made = [p for key, p in policy.declared.items() if key in LIBRARY and p.pack == pack.id]
        for parameter in made:
            problem = f"the pack {quoted(pack.id)} chooses {quoted(parameter.choice)} for {quoted(parameter.name)} in all packs"
            yield Problem(f"{pack.id}/pack.toml:1", "choice-for-all", problem, "note")
        count = sum(rule.clause.pack == pack.id for rule in policy.rules)
        yield Problem(f"{pack.id}/pack.toml:1", "rules-added", f"the pack {quoted(pack.id)} adds {count} rules", "note")
    for finding in differing_duties(policy):
        one, other = policy.duties[finding.detail["rule"]], policy.duties[finding.detail["other"]]
        problem = f"{quoted(other.id)} asks for the same as {quoted(one.id)} at {place_of(one.clause)}, but differently"
        yield Problem(place_of(other.clause), "duties-differ", f"{problem}; both stand", "note")


_CHECKS: tuple[Callable[[Policy], Iterator[Problem]], ...] = (
    _coverage,
    _numbers,
    twins,
    never_wins,
    endless,
    chains,
    unreachable,
    _quantities,
    _together,
    _counts,
    _bands,
)
