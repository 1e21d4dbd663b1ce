"""Matching: the three-valued conditions, and that the two matchers select the same rules (guarantee 13)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountability
from accountability import Policy
from accountability.condition import OPERATORS, Condition, all_of, compiled, parse_condition
from accountability.errors import MatcherError
from accountability.matching import CrossCheckedMatcher, Matched, PythonMatcher, matcher_for
from accountability.packs.reading import read_packs
from accountability.rule import Pattern

WITHOUT_DURABLE = sys.version_info >= (3, 13)
needs_durable = pytest.mark.skipif(WITHOUT_DURABLE, reason="durable_rules 2.0.28 does not import on Python 3.13")
if not WITHOUT_DURABLE:  # there it must be installed: the extra `test` requires it
    from accountability.matching import durable
    from accountability.matching.durable import DurableMatcher

LAW = Path(accountability.__file__).parent / "rules"
PACKS = sorted(path.name for path in LAW.iterdir() if (path / "pack.toml").is_file())
UNIVERSITY = Policy.shipped("university").patterns()
TYPES = sorted({event for pattern in UNIVERSITY.values() for event in pattern.events})
DAY = date(2025, 3, 3)
KINDS: dict[str, tuple[Any, ...]] = {
    "text": ("95", "True", "2025-03-03", "number 95", "truth True", f"day {DAY.toordinal()}", "党支部", "", 'a "b" \\'),
    "truth": (True, False),
    "number": (95, 1, 0, -1, Decimal(95), Decimal("1.0"), Decimal("1.5"), 2**63 - 1, -(2**63), 2**63, Decimal("1E+30")),
    "day": (DAY, date(2025, 3, 4), date.min, date.max),
}
"""Values of each type, chosen so that those of different types look alike."""
VALUES = [(kind, value) for kind, values in KINDS.items() for value in values]
ORDERS = {
    "at_least": lambda fact, value: fact >= value,
    "at_most": lambda fact, value: fact <= value,
    "above": lambda fact, value: fact > value,
    "below": lambda fact, value: fact < value,
}


def holds(operator: str, fact: object, value: Any) -> bool | None:
    """Return what one comparison says of one fact."""
    return compiled(Condition("x", operator, value))({"x": fact})


def one(*where: Condition) -> dict[str, Pattern]:
    """Return a single pattern ``p`` about the event ``e``."""
    return {"p": Pattern(("e",), where)}


SELECTED = Matched(frozenset({"p"}), frozenset())
CANNOT_TELL = Matched(frozenset(), frozenset({"p"}))
NOTHING = Matched(frozenset(), frozenset())

# -- conditions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first, second", [*product((True, False, None), repeat=2)])
def test_a_conjunction_is_false_when_one_is_false_else_unclear_when_one_is(
    first: bool | None, second: bool | None
) -> None:
    """All-of is false when a part is false, else cannot tell when a part cannot be told, else true."""
    facts = {name: value for name, value in (("a", first), ("b", second)) if value is not None}
    answer = all_of((Condition("a", "is", True), Condition("b", "is", True)))(facts)
    assert answer is (False if False in (first, second) else None if None in (first, second) else True)


def test_no_conditions_hold() -> None:
    """A pattern without conditions holds on every event of its types."""
    assert all_of(())({}) is True


@pytest.mark.parametrize("operator", [operator for operator in OPERATORS if operator != "present"])
def test_a_missing_fact_can_not_be_compared(operator: str) -> None:
    """A comparison with a fact that is missing cannot tell, whatever the operator."""
    value = ("a",) if operator == "in" else "a"
    assert compiled(Condition("x", operator, value))({"y": "a"}) is None


def test_present_asks_only_whether_there_is_a_fact() -> None:
    """`present` is true or false, never cannot tell."""
    for is_wanted in (True, False):
        test = compiled(Condition("x", "present", is_wanted))
        assert test({"x": False}) is is_wanted
        assert test({}) is not is_wanted


@pytest.mark.parametrize("kind, value", VALUES)
def test_equality_keeps_types_apart(kind: str, value: Any) -> None:
    """A fact equals a value only of its own type: a truth value is no number, a number no text; 1 is 1.0."""
    for other, fact in VALUES:
        is_same = kind == other and fact == value
        assert holds("is", fact, value) is is_same
        assert holds("not", fact, value) is not is_same
        assert holds("in", fact, ("never", value)) is is_same


@pytest.mark.parametrize("operator", sorted(ORDERS))
def test_only_numbers_and_days_have_an_order(operator: str) -> None:
    """Order compares numbers with numbers and days with days; of anything else it cannot tell."""
    for (kind, fact), (other, value) in product(VALUES, repeat=2):
        is_ordered = kind == other and kind in ("number", "day")
        assert holds(operator, fact, value) is (ORDERS[operator](fact, value) if is_ordered else None)


def test_conditions_are_read_as_packs_write_them() -> None:
    """A value is `is`, a list is `in`, a table is its comparisons."""
    assert parse_condition("x", "a") == (Condition("x", "is", "a"),)
    assert parse_condition("x", ["a", 1]) == (Condition("x", "in", ("a", 1)),)
    assert parse_condition("x", {"above": 1, "at_most": 3}) == (
        Condition("x", "above", 1),
        Condition("x", "at_most", 3),
    )


@pytest.mark.parametrize(
    "value, message",
    [({"at_leest": 1}, "did you mean `at_least`"), ({"present": 1}, "true or false"), ({"not": ["a"]}, "can not")],
)
def test_a_wrong_condition_says_what_to_write(value: object, message: str) -> None:
    """A condition that can not be read is an error that names what would do."""
    with pytest.raises(ValueError, match=message):
        parse_condition("x", value)


# -- both matchers ----------------------------------------------------------------------------------------------------

PATHS = ("a", "b.kind", "c")
EVENTS = ("e", "党.会")
ODD = ("x" * 10_000, "x" * 10_001, "x" * 70_000, "\ud800", "\x00", "\n", "{", 1.5, ("a",), None)
"""Facts at and beyond what durable_rules can be given."""

values = st.sampled_from([value for _, value in VALUES]) | st.integers(-3, 3) | st.dates() | st.text(max_size=5)


@st.composite
def conditions(draw: Any) -> Condition:
    """A condition as the language has them, on one of a few paths."""
    path, operator = draw(st.sampled_from(PATHS)), draw(st.sampled_from(OPERATORS))
    if operator == "present":
        return Condition(path, operator, draw(st.booleans()))
    return Condition(path, operator, tuple(draw(st.lists(values, max_size=3))) if operator == "in" else draw(values))


patterns = st.dictionaries(
    st.sampled_from([f"r{n}:on" for n in range(12)]),
    st.builds(
        Pattern,
        st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2).map(tuple),
        st.lists(conditions(), max_size=4).map(tuple),
    ),
    min_size=1,
)


def facts_for(found: Mapping[str, Pattern], paths: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Facts of some of the paths; two times in three a value that a pattern names for that path."""
    named: dict[str, list[Any]] = {path: [] for path in paths}
    for condition in (each for pattern in found.values() for each in pattern.where):
        if condition.path in named:
            value = condition.value
            named[condition.path] += value if isinstance(value, tuple) else [value]
    return st.fixed_dictionaries(
        {},
        optional={
            path: st.sampled_from(values_) | st.sampled_from(values_) | values | st.sampled_from(ODD)
            if values_
            else values
            for path, values_ in named.items()
        },
    )


@needs_durable
@settings(max_examples=min(settings.default.max_examples, 1_000))  # every ruleset that is built leaks 86 KB and more
@given(patterns, st.data())
def test_both_matchers_select_the_same_rules(found: dict[str, Pattern], data: st.DataObject) -> None:
    """Guarantee 13: Both matchers select the same rules, and of the same rules they cannot tell."""
    python, other = PythonMatcher(found), DurableMatcher(found)
    for event in EVENTS:
        assert (python.reads(event), python.paths(event)) == (other.reads(event), other.paths(event))
    for event, facts in data.draw(
        st.lists(st.tuples(st.sampled_from((*EVENTS, "other")), facts_for(found, PATHS)), min_size=5, max_size=15)
    ):
        assert other.match(event, facts) == python.match(event, facts), (event, facts)
    assert other.failed == 0


@needs_durable
def test_both_matchers_compare_every_value_with_every_value() -> None:
    """Every comparison with a value of each type is told alike of a fact of every type, of odd facts, and of none."""
    found = {"r:present": Pattern(("e",), (Condition("x", "present", True),))}
    found["r:absent"] = Pattern(("e",), (Condition("x", "present", False),))
    for operator, (number, (_, value)) in product(("is", "not", *ORDERS), enumerate(VALUES)):
        found[f"r{number}:{operator}"] = Pattern(("e",), (Condition("x", operator, value),))
    python, other = PythonMatcher(found), DurableMatcher(found)
    for facts in [{}, *({"x": fact} for _, fact in VALUES), *({"x": fact} for fact in ODD)]:
        assert other.match("e", facts) == python.match("e", facts), facts
    assert other.failed == 0


@cache
def shipped(pack: str) -> tuple[dict[str, Pattern], PythonMatcher, DurableMatcher]:
    """Return the patterns of a shipped pack and both matchers of them, made once."""
    law = read_packs([LAW / pack])
    found = dict(law.adopting(rule.id for rule in law.rules if not rule.adopted).patterns())
    return found, PythonMatcher(found), DurableMatcher(found)


@needs_durable
@pytest.mark.parametrize("pack", PACKS)
@settings(max_examples=max(20, settings.default.max_examples // len(PACKS)))
@given(data=st.data())
def test_both_matchers_select_the_same_rules_of_each_shipped_pack(pack: str, data: st.DataObject) -> None:
    """Both matchers select the same rules of a shipped pack, whatever the facts."""
    found, python, other = shipped(pack)
    event = data.draw(st.sampled_from(sorted({event for pattern in found.values() for event in pattern.events})))
    for facts in data.draw(st.lists(facts_for(found, python.paths(event)), min_size=5, max_size=10)):
        assert other.match(event, facts) == python.match(event, facts)
    assert other.failed == 0


@needs_durable
@pytest.mark.parametrize("pack", PACKS)
def test_every_pattern_of_each_shipped_pack_is_selected_by_both(pack: str) -> None:
    """Facts that fit a pattern of a shipped pack select it, by either matcher."""
    found, python, other = shipped(pack)
    for name, pattern in found.items():
        facts: dict[str, object] = {}
        for condition in pattern.where:
            value = condition.value[0] if isinstance(condition.value, tuple) else condition.value
            if condition.operator == "not":
                value = "another"
            if condition.operator != "present" or value:
                facts[condition.path] = DAY if condition.operator == "present" else value
        for event in pattern.events:
            assert name in other.match(event, facts).selected
            assert other.match(event, facts) == python.match(event, facts)
    assert other.failed == 0


@needs_durable
def test_many_rules_on_one_event_all_fire() -> None:
    """Patterns that fit one event are all selected, even when one ruleset of the engine could not hold them."""
    many = {f"r{n}": Pattern(("e",), (Condition("x", "above", -n), Condition("y", "not", f"t{n}"))) for n in range(200)}
    for n in range(40):
        many[f"wide{n}"] = Pattern(("e",), tuple(Condition(f"p{n}.{m}", "is", m) for m in range(20)))
    many["long"] = Pattern(("e",), tuple(Condition(f"q{m}", "is", m) for m in range(300)))
    facts = {"x": 1, "y": "t", **{f"p{n}.{m}": m for n in range(40) for m in range(20)}}
    facts |= {f"q{m}": m for m in range(300)}
    other = DurableMatcher(many)
    assert other.match("e", facts) == Matched(frozenset(many), frozenset())
    assert other.match("e", {**facts, "q299": 0, "y": "t7"}).selected == frozenset(many) - {"long", "r7"}
    assert other.failed == 0


# -- what the engine is not asked -------------------------------------------------------------------------------------


@needs_durable
@pytest.mark.parametrize(
    "condition, fact, expected",
    [
        (Condition("x", "in", ("a", "b")), "b", SELECTED),
        (Condition("x", "in", ("a", "b")), "c", NOTHING),
        (Condition("x", "is", Decimal("1.5")), Decimal("1.50"), SELECTED),
        (Condition("x", "above", Decimal("1.5")), 2, SELECTED),
        (Condition("x", "at_most", 2**63), 2**63 - 1, SELECTED),
        (Condition("x", "below", "b"), "a", CANNOT_TELL),
        (Condition("x", "is", "y" * 70_000), "y" * 70_000, SELECTED),
        (Condition("x", "not", "\ud800"), "\ud801", SELECTED),
    ],
)
def test_what_the_engine_can_not_express_is_residue(
    condition: Condition, fact: object, expected: Matched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list, a decimal, an order of texts and a value out of bounds are left to the closures."""
    other = DurableMatcher(one(condition))
    assert other.residue == {"p": (condition,)}
    assert other.match("e", {"x": fact}) == expected
    monkeypatch.setattr(durable._Ruleset, "fired", lambda self, written: frozenset({"p"}))
    assert other.match("e", {"x": fact}) == expected


@needs_durable
@pytest.mark.parametrize(
    "condition, fact, expected",
    [
        (Condition("x", "not", "a"), "y" * 70_000, SELECTED),
        (Condition("x", "above", 1), Decimal("1.5"), SELECTED),
        (Condition("x", "above", 1), 2**64, SELECTED),
        (Condition("x", "not", 1), ("a",), SELECTED),
        (Condition("x", "not", DAY), datetime(2025, 3, 3), SELECTED),
        (Condition("x", "above", 1), "a", CANNOT_TELL),
        (Condition("x", "is", "a"), None, CANNOT_TELL),
    ],
)
def test_facts_that_the_engine_can_not_be_given_go_the_python_way(
    condition: Condition, fact: object, expected: Matched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a fact is missing or can not be written for the engine, the closures decide, whatever fires."""
    other = DurableMatcher(one(condition))
    assert other.residue == {"p": ()}
    assert other.match("e", {"x": fact}) == expected
    monkeypatch.setattr(durable._Ruleset, "fired", lambda self, written: frozenset())
    assert other.match("e", {"x": fact}) == expected


@needs_durable
def test_the_same_patterns_share_their_rulesets() -> None:
    """Equal patterns have one matcher, and patterns that differ only in the type of a value have two."""
    number, truth = one(Condition("x", "is", 1)), one(Condition("x", "is", True))
    assert durable.durable_matcher(number) is durable.durable_matcher(dict(number))
    assert durable.durable_matcher(number) is not durable.durable_matcher(truth)
    assert durable.durable_matcher(truth).match("e", {"x": True}) == SELECTED


# -- when the engine fails --------------------------------------------------------------------------------------------


@needs_durable
def test_a_silent_ruleset_is_rebuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a step of the clock has made the engine silent for good, its ruleset is rebuilt and the rules fire again."""
    import durable.engine as engine

    other, real, calls = DurableMatcher(one(Condition("x", "is", "a"))), engine._unix_now, []

    def stepping() -> float:
        calls.append(None)
        return real() + (11 if len(calls) == 2 else 0)

    monkeypatch.setattr(engine, "_unix_now", stepping)
    for _ in range(3):
        assert other.match("e", {"x": "a"}) == SELECTED
    (ruleset,) = other._rulesets["e"]
    assert (ruleset.builds, other.failed) == (2, 0)


@needs_durable
def test_an_engine_that_fails_for_good_leaves_the_closures_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the engine fails again and again, every answer is still right, counted, and few rulesets are built."""

    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(durable.Ruleset, "assert_fact", broken)
    other = DurableMatcher(one(Condition("x", "is", "a")))
    for _ in range(50):
        assert other.match("e", {"x": "a"}) == SELECTED
    (ruleset,) = other._rulesets["e"]
    assert (ruleset.builds, other.failed) == (durable.BUILDS, 50)


@needs_durable
def test_what_the_engine_swallows_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception inside an action, which the engine swallows, is not taken for a rule that did not fire."""

    def action(self: Any, name: str) -> Any:
        def fire(_context: object) -> None:
            if name == "q":
                raise RuntimeError
            self.names.append(name)

        return fire

    monkeypatch.setattr(durable._Firings, "action", action)
    other = DurableMatcher({**one(Condition("x", "is", "a")), "q": Pattern(("e",))})
    assert other.match("e", {"x": "a"}).selected == {"p", "q"}
    assert other.failed == 1


@needs_durable
def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt that comes while the rules fire is raised, and the next event is matched as ever."""
    import durable.engine as engine

    other = DurableMatcher(one(Condition("x", "is", "a")))
    with monkeypatch.context() as patch:

        def interrupted() -> float:
            raise KeyboardInterrupt

        patch.setattr(engine, "_unix_now", interrupted)
        with pytest.raises(KeyboardInterrupt):
            other.match("e", {"x": "a"})
    assert other.match("e", {"x": "a"}) == SELECTED


# -- the cross-check --------------------------------------------------------------------------------------------------


class Liar:
    """A second matcher that is right but for one event type."""

    def __init__(self, found: Mapping[str, Pattern]) -> None:
        self.matcher = PythonMatcher(found)
        self.reads, self.paths = self.matcher.reads, self.matcher.paths
        self.rebuilt = 0

    def match(self, event_type: str, facts: Mapping[str, object]) -> Matched:
        """Return the answer, or nothing for the event ``lie``."""
        return NOTHING if event_type == "lie" else self.matcher.match(event_type, facts)

    def rebuild(self) -> None:
        """Count."""
        self.rebuilt += 1


LIED = {"p": Pattern(("e", "lie"), (Condition("x", "is", "a"),))}


def test_a_disagreement_is_reported_and_the_python_answer_stands() -> None:
    """When the matchers disagree, Python's answer stands, the disagreement is kept, and the other one is rebuilt."""
    liar = Liar(LIED)
    checked = CrossCheckedMatcher(PythonMatcher(LIED), liar)
    assert (checked.reads("e"), checked.reads("f"), checked.paths("e")) == (True, False, ("x",))
    assert checked.match("e", {"x": "a"}) == SELECTED
    assert (checked.agreed, list(checked.disagreements)) == (1, [])
    assert checked.match("lie", {"x": "a"}) == SELECTED
    (found,) = checked.disagreements
    assert (found.event_type, found.facts, found.python, found.durable) == ("lie", {"x": "a"}, SELECTED, NOTHING)
    assert (checked.agreed, checked.disagreed, liar.rebuilt) == (1, 1, 1)


def test_strict_raises_at_a_disagreement() -> None:
    """With `strict` a disagreement is an error that names the event, the facts and what each one selects."""
    checked = CrossCheckedMatcher(PythonMatcher(LIED), Liar(LIED), strict=True)
    assert checked.match("e", {"x": "a"}) == SELECTED
    with pytest.raises(
        MatcherError, match=r"The two matchers disagree; `lie` with `x = 'a'`.* `p`, durable_rules none"
    ):
        checked.match("lie", {"x": "a"})


def test_disagreements_do_not_fill_the_memory() -> None:
    """All disagreements are counted, and the last thousand kept."""
    checked = CrossCheckedMatcher(PythonMatcher(LIED), Liar(LIED))
    for _ in range(1_500):
        checked.match("lie", {"x": "a"})
    assert (checked.disagreed, len(checked.disagreements)) == (1_500, 1_000)


@needs_durable
@pytest.mark.parametrize("lie", [frozenset(), frozenset({"q"}), frozenset({"p", "q"})])
def test_a_wrong_engine_is_found_out(lie: frozenset[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """When the engine itself fires too few, other or too many rules, the cross-check says so and rebuilds it."""
    found = {"p": Pattern(("e",), (Condition("x", "is", "a"),)), "q": Pattern(("e",), (Condition("x", "is", "b"),))}
    other = DurableMatcher(found)
    checked = CrossCheckedMatcher(PythonMatcher(found), other)
    with monkeypatch.context() as patch:
        patch.setattr(durable._Firings, "take", lambda self: lie)
        assert checked.match("e", {"x": "a"}) == SELECTED
    assert (checked.disagreed, other._rulesets["e"][0].engine) == (1, None)
    assert checked.match("e", {"x": "a"}) == SELECTED
    assert (checked.agreed, other._rulesets["e"][0].builds) == (1, 2)


# -- the choice -------------------------------------------------------------------------------------------------------


@needs_durable
@pytest.mark.parametrize("which", ["auto", "durable"])
def test_where_durable_rules_is_installed_every_event_is_compared(which: str) -> None:
    """Below Python 3.13 the matcher compares every event of the shipped pack, and they agree."""
    matcher = matcher_for(UNIVERSITY, which, strict=True)
    assert isinstance(matcher, CrossCheckedMatcher)
    for event in TYPES:
        matcher.match(event, {"kind": "支委会", "from.kind": "branch"})
    assert (matcher.agreed, matcher.disagreed) == (len(TYPES), 0)


def test_without_durable_rules_python_matches_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where durable_rules is missing, `auto` is the Python matcher, and `durable` an error that says how to install."""
    monkeypatch.setitem(sys.modules, "accountability.matching.durable", None)
    assert isinstance(matcher_for(LIED), PythonMatcher)
    with pytest.raises(MatcherError, match=r"pip install accountability\[durable\].*3\.13.*C compiler"):
        matcher_for(LIED, "durable")


def test_python_alone_can_be_chosen() -> None:
    """`python` is the Python matcher alone, and an unknown matcher is an error with the nearest word."""
    assert isinstance(matcher_for(LIED, "python"), PythonMatcher)
    with pytest.raises(MatcherError, match="did you mean `python`"):
        matcher_for(LIED, "pyton")


@given(st.lists(conditions().filter(lambda c: c.operator != "present"), max_size=4), st.data())
def test_what_is_told_without_a_fact_stays_so_with_it(where: list[Condition], data: st.DataObject) -> None:
    """An answer that is told while a fact is missing is the same whatever that fact turns out to be."""
    test = all_of(tuple(where))
    facts = data.draw(facts_for(one(*where), PATHS))
    for path in facts:
        answer = test({other: fact for other, fact in facts.items() if other != path})
        assert answer is None or answer is test(facts)
