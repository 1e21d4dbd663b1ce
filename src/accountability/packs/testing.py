"""The scenarios of packs: facts and the answer that they must give, run through the definition and compared.

A scenario has an `organization` (plain data, or the name of a file in the folder of the pack), `parameters`, `rules`
(norm ids; a reported practice takes part where its norm is named), `in_force` (a table of `from` and `to`), `events` in
their plain form, and `checks`. A check has `as_of` and perhaps `known_as_of`, and compares:

- `obligations`: each listed one stands, with the values given, and no other is live (``none = true`` says: none is);
- `escalations`, `liabilities`, `relations`, `ratings`, `findings` (by code and the first word of `about`): these and no others,
  when present;
- `not_yet`: obligations that do not exist.

An empty text means that there is none: ``person = ""``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from ..answer import Assessment, Escalation, Led, Liability, Obligation, Rating
from ..assessment import assess
from ..calendar import parse_date
from ..checks import CHECKS
from ..errors import AccountabilityError, PackError, nearest, quoted
from ..event import Event, read_event, typed
from ..organization import Organization
from ..organization_file import load_organization, read_organization
from ..plain import LIMITS, Limits
from ..policy import Policy
from .reading import PackScenario, read_whole
from .scenario_words import unknown_words

Facts = Mapping[str, object]
_Answer = Obligation | Escalation | Liability | Led | Rating

_CHECK = (
    "as_of",
    "known_as_of",
    "obligations",
    "none",
    "escalations",
    "liabilities",
    "findings",
    "relations",
    "ratings",
    "not_yet",
)
_OBLIGATION = (
    "id", "rule", "clause", "act", "unit", "post", "person", "to", "case", "period", "round", "opened", "due",
    "status", "performed", "outcome", "blocked_by",
)  # fmt: skip
_ESCALATION = ("id", "rule", "clause", "reason", "from_unit", "to_unit", "to_post", "to_person", "day", "obligation")
_LIABILITY = ("id", "rule", "clause", "person", "post", "at", "obligation", "decided", "decided_by", "document")
_FINDING = ("code", "about")
_RATING = ("rule", "clause", "scale", "unit", "event", "date", "result", "score", "given", "veto")
_RELATION = ("unit", "lead", "guide", "rule", "clause")
_ALIKE = ("clause", "rule", "act", "code", "person")


@frozen
class Difference:
    """What a scenario expects and the library does not answer: `place` is ``file:line``, `check` counts from 1."""

    place: str
    scenario: str
    check: int
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.scenario}, check {self.check}: {self.message}"


@frozen
class Tested:
    """How the scenarios went: checks passed and failed, and the rules and clauses (norm ids) that none of them fires."""

    passed: int
    failed: int
    differences: tuple[Difference, ...]
    unfired_rules: tuple[str, ...]
    unfired_clauses: tuple[str, ...]


def run_scenarios(folders: Sequence[Path], limits: Limits = LIMITS) -> Tested:
    """Run every scenario of the packs in the folders, which are loaded together.

    Raises PackError when a pack can not be read; a scenario that can not be run is a difference.
    """
    policy, scenarios = read_whole(folders, limits)
    homes = {pack.id: folder for pack, folder in zip(policy.packs, folders, strict=True)}
    fired, differences = set[str](), list[Difference]()
    passed = failed = 0
    for scenario in scenarios:
        home = homes[scenario.pack]
        place = f"{home}/{scenario.file}:{scenario.line}"
        for number, (messages, rules) in enumerate(_run(policy, scenario, home, limits), start=1):
            fired |= rules
            passed, failed = passed + (not messages), failed + bool(messages)
            differences += [Difference(place, scenario.name, number, message) for message in messages]
    unfired = sorted(rule.id for rule in policy.rules if rule.id not in fired)
    clauses = {rule.clause.ref for rule in policy.rules} - {r.clause.ref for r in policy.rules if r.id in fired}
    return Tested(passed, failed, tuple(differences), tuple(unfired), tuple(sorted(clauses)))


def _run(policy: Policy, scenario: PackScenario, home: Path, limits: Limits) -> Iterator[tuple[list[str], set[str]]]:
    """Yield, for each check, the differences and the ids of the rules that fired."""
    try:
        checks = _tables(scenario.data.get("checks", []), "checks")
        if not checks:
            raise PackError("the scenario has no `checks`; write what must be answered on a day")
        unknown = next(unknown_words(policy, checks), None)
        if unknown is not None:
            raise PackError(unknown)
        law = _law(policy, scenario.pack, scenario.data)
        organization = _organization(scenario.data.get("organization"), home, limits)
        told = _tables(scenario.data.get("events", []), "events")
        events = [_event(data, number, law, limits) for number, data in enumerate(told, start=1)]
    except (AccountabilityError, ValueError) as problem:
        yield [str(problem)], set()
        return
    for check in checks:
        try:
            _closed(check, _CHECK, "a check")
            as_of = parse_date(check.get("as_of", ""))
            answer = assess(law, law.parameters, organization, events, as_of, check.get("known_as_of"))
            where = f"as of {as_of}: "
            yield [where + message for message in _compared(check, answer)], _fired(law, answer)
        except (AccountabilityError, ValueError) as problem:
            yield [str(problem)], set()


# -- what a scenario says ---------------------------------------------------------------------------------------------


def _law(policy: Policy, pack: str, data: Mapping[str, Any]) -> Policy:
    """Return the policy under which the scenario stands."""
    rules, force, values = data.get("rules"), data.get("in_force", {}), data.get("parameters", {})
    if rules is not None and not (isinstance(rules, list) and all(isinstance(norm, str) for norm in rules)):
        raise PackError(f"`rules` is {quoted(rules)}; write a list of norms")
    named = set[str](rules or ())
    practices = {rule.clause.ref for rule in policy.rules if not rule.adopted}
    law = policy.adopting(named & practices)
    law = law if rules is None else law.only(sorted(named))
    _closed(force, ("from", "to"), "`in_force`")
    first, last = (parse_date(force[key]) if key in force else None for key in ("from", "to"))
    law = evolve(law, in_force=(first, last))
    if not isinstance(values, Mapping):
        raise PackError(f"`parameters` is {quoted(values)}; write a table of names and values")
    return law.with_parameters({law.named_in(pack, str(name)): value for name, value in values.items()})


def _organization(data: object, home: Path, limits: Limits) -> Organization:
    if isinstance(data, str):
        path = home / data
        if not path.resolve().is_relative_to(home.resolve()):
            raise PackError(f"the organization {quoted(data)} lies outside the pack; put the file into its folder")
        return load_organization(path, limits)
    if not isinstance(data, Mapping):
        raise PackError("the scenario has no `organization`; write it, or name a file in the folder of the pack")
    return read_organization(data, "organization", limits)


def _event(data: Mapping[str, Any], number: int, policy: Policy, limits: Limits) -> Event:
    where = f"event {number}"
    return typed(read_event(data, where=where, limits=limits), policy.event_types, where=where, limits=limits)


def _tables(value: object, key: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise PackError(f"`{key}` is {quoted(value)}; write a list of tables")
    return value


def _closed(table: object, known: Sequence[str], what: str) -> None:
    if not isinstance(table, Mapping):
        raise PackError(f"{what} is {quoted(table)}; write a table")
    for key in table:
        if key not in known:
            advice = nearest(key, known) or f"; the keys are {', '.join(map(quoted, known))}"
            raise PackError(f"{quoted(key)} is no key of {what}{advice}")


def _fired(policy: Policy, answer: Assessment) -> set[str]:
    """Return the rules that an answer rests on; a role, when its clause makes a post answer for a body."""
    items: list[_Answer] = [
        *answer.obligations,
        *answer.escalations,
        *answer.liabilities,
        *answer.relations,
        *answer.ratings,
    ]
    reasons = [item.because for item in items]
    cited = {because.answers for because in reasons}
    gates = {finding.detail.get("rule", "") for finding in answer.findings}
    lints = {r for f in answer.findings if f.code in CHECKS for r in f.detail.get("rules", "").split(", ")}
    rated = {name for rating in answer.ratings for name in (rating.scale, rating.because.rule)}
    rules = gates | lints | rated | {because.rule for because in reasons}
    return rules | {role.id for role in policy.roles if role.clause in cited}


# -- comparison -------------------------------------------------------------------------------------------------------


def _compared(check: Mapping[str, Any], answer: Assessment) -> Iterator[str]:
    none_live = check.get("none", False)
    if not isinstance(none_live, bool):
        raise PackError(f"`none` is {quoted(none_live)}; write `none = true`, or list the obligations")
    live = [_facts(o, _OBLIGATION) for o in answer.obligations if o.live]
    ended = [_facts(o, _OBLIGATION) for o in answer.obligations if not o.live]
    if none_live:
        yield from (f"obligation is live, though none should be: {facts['id']}" for facts in live)
        live, ended = [], [*live, *ended]
    yield from _differences(_entries(check, "obligations", _OBLIGATION), "obligation", live, ended)
    for entry in _entries(check, "not_yet", _OBLIGATION):
        yield from (f"obligation exists already: {facts['id']}" for facts in (*live, *ended) if _fits(entry, facts))
    found = dict.fromkeys((f.code, _first_word(f.about)) for f in answer.findings)
    lists: tuple[tuple[str, str, tuple[str, ...], list[Facts]], ...] = (
        ("escalations", "escalation", _ESCALATION, [_facts(e, _ESCALATION) for e in answer.escalations]),
        ("liabilities", "liability", _LIABILITY, [_facts(c, _LIABILITY) for c in answer.liabilities]),
        ("ratings", "rating", _RATING, [_rated(r) for r in answer.ratings]),
        ("relations", "relation", _RELATION, [_facts(r, _RELATION) for r in answer.relations]),
        ("findings", "finding", _FINDING, [dict(zip(_FINDING, each, strict=True)) for each in found]),
    )
    for key, what, known, actual in lists:
        if key in check:
            yield from _differences(_entries(check, key, known), what, actual)


def _entries(check: Mapping[str, Any], key: str, known: Sequence[str]) -> list[Facts]:
    """Return the entries, those that say most first, so that a vague one never takes the place of an exact one."""
    entries = sorted(_tables(check.get(key, []), key), key=len, reverse=True)
    for entry in entries:
        _closed(entry, known, f"an entry of `{key}`")
    return entries


def _differences(entries: list[Facts], what: str, listed: list[Facts], other: Iterable[Facts] = ()) -> Iterator[str]:
    """Match each entry with one answer; all of `listed` must be matched, those of `other` may be."""
    left = [*listed, *other]
    for entry in entries:
        found = next((facts for facts in left if _fits(entry, facts)), None)
        if found is not None:
            left.remove(found)
            continue
        near = [facts for facts in left if any(key in entry and _is(entry[key], facts.get(key), key) for key in _ALIKE)]
        yield f"{what} missing: {_shown(entry, entry)}" + "".join(f"; there is {_shown(n, entry)}" for n in near)
    yield from (f"{what} not expected: {_shown(facts)}" for facts in left if facts in listed)


def _fits(entry: Facts, actual: Facts) -> bool:
    return all(_is(value, actual[key], key) for key, value in entry.items())


def _is(expected: object, actual: object, key: str) -> bool:
    if key == "blocked_by":
        return ([expected] if isinstance(expected, str) else expected) == actual
    if key == "about":
        expected = _first_word(expected)
    return str(expected) == ("" if actual is None else str(actual))


def _shown(facts: Facts, keys: Iterable[str] = ()) -> str:
    wanted = list(keys) or [key for key, value in facts.items() if value not in (None, [])]
    return ", ".join(f"{key} {quoted(facts[key])[1:-1] or '(none)'}" for key in wanted)


def _facts(item: _Answer, keys: Iterable[str]) -> Facts:
    facts = {key: getattr(item, key) for key in keys if hasattr(item, key)}
    facts |= {"rule": item.because.rule, "clause": item.clause.ref}
    if isinstance(item, Obligation):
        unit = item.unit.id if item.unit is not None else None
        facts |= {"unit": unit, "blocked_by": list(item.blocked_by)}
    return facts


def _rated(rating: Rating) -> Facts:
    """Return the facts of a rating; `rule` is the one that was decisive, a band or the scale."""
    facts = {key: getattr(rating, key) for key in _RATING if hasattr(rating, key)}
    return {**facts, "rule": rating.because.rule, "clause": rating.clause.ref}


def _first_word(about: object) -> str:
    return str(about).split(" ")[0].split(":")[0]
