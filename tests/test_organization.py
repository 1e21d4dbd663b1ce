"""The organization: what a view of one day answers, how long the answer holds, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from organizations import (
    START,
    TODAY,
    after,
    day,
    leads,
    organizations,
    spans_of_days,
    units,
    university,
    written_facts,
)

from accountability.errors import OrganizationError
from accountability.organization import Organization
from accountability.organization_facts import (
    BEGINNING,
    FOREVER,
    Absence,
    Membership,
    Person,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)
from accountability.view import View

# -- the view of one day -----------------------------------------------------------------------------------------------


def test_superior_is_the_leading_unit_else_the_unit_whose_organ_it_is() -> None:
    """A unit stands under the unit that leads it, an organ under the unit whose organ it is, and the top under none."""
    view = university().on(TODAY)
    assert view.superior("B11") == "GB1"
    assert view.superior("OD") == "PC"
    assert view.superior("PC") is None


def test_leading_comes_before_organ_of() -> None:
    """A unit that is led by one unit and an organ of another stands under the one that leads it."""
    relations = [*leads("a>x"), Relation("organ_of", "x", "b")]
    organization = Organization.build(units=units("a", "b", "x"), relations=relations)
    assert organization.on(TODAY).superior("x") == "a"
    assert list(organization.on(TODAY).below("b")) == []


def test_above_climbs_to_the_top() -> None:
    """The units above a branch are its general branch and the committee, nearest first."""
    assert list(university().on(TODAY).above("B11")) == ["GB1", "PC"]


def test_below_lists_siblings_together_in_the_order_of_their_ids() -> None:
    """Under a unit come its own units by id, then those of the first, then those of the second."""
    assert list(university().on(TODAY).below("PC")) == ["GB1", "GB2", "OD", "B11", "B12", "B21"]


def test_below_goes_deep_before_it_goes_on() -> None:
    """The whole tree under the first sibling is listed before any unit under the second one."""
    organization = Organization.build(
        units=units("r", "a", "b", "x", "y", "deep"), relations=leads("r>b", "r>a", "a>x", "x>deep", "b>y")
    )
    assert list(organization.on(TODAY).below("r")) == ["a", "b", "x", "deep", "y"]


def test_a_superior_that_does_not_exist_is_none() -> None:
    """A relation to a unit that has ended gives no superior, and nobody below."""
    organization = Organization.build(
        units=[Unit("a", "branch", to=day("2024-12-31")), Unit("x", "branch")], relations=leads("a>x")
    )
    assert organization.on(day("2024-12-31")).superior("x") == "a"
    assert organization.on(day("2025-01-01")).superior("x") is None
    assert list(organization.on(day("2025-01-01")).below("a")) == []


def test_what_is_not_there_is_answered_with_nothing() -> None:
    """Ids that the organization does not know lead to no unit, post, person or relation, and raise nothing."""
    view = university().on(TODAY)
    assert view.unit("no") is None
    assert view.post("no") is None
    assert view.superior("no") is None
    assert list(view.above("no")) == list(view.below("no")) == []
    assert view.organs("no") == view.related("no", "guides") == view.successors("no") == view.posts("no") == []
    assert view.holder("no") is None
    assert view.unit_of("no") is None
    assert view.committee("no") is None
    assert view.responsible_post("no") is None
    assert view.vacant_since("no") == BEGINNING
    assert not view.stands_in("no", "no")
    assert view.until == FOREVER
    assert not view.facts


def test_a_tenure_counts_on_both_of_its_end_days() -> None:
    """A holder holds the post on the first and on the last day, and not on the days around them."""
    organization = university(tenures=[Tenure("B11.secretary", "chen", day("2025-02-01"), day("2025-03-10"))])
    found = {d: organization.on(day(d)).holder("B11.secretary") for d in ("2025-01-31", "2025-02-01", "2025-03-11")}
    assert found == {"2025-01-31": None, "2025-02-01": "chen", "2025-03-11": None}
    assert organization.on(day("2025-03-10")).holder("B11.secretary") == "chen"


def test_an_acting_holder_bears() -> None:
    """While somebody acts in a post, he bears for it and not its regular holder."""
    acting = Tenure("B11.secretary", "liu", day("2025-03-01"), day("2025-03-31"), acting=True)
    organization = university(tenures=[Tenure("B11.secretary", "chen"), acting])
    assert organization.on(day("2025-02-28")).holder("B11.secretary") == "chen"
    assert organization.on(day("2025-03-31")).tenure("B11.secretary") == acting
    assert organization.on(day("2025-04-01")).holder("B11.secretary") == "chen"


def test_the_b_holder_bears_while_the_a_holder_is_absent() -> None:
    """B bears on the days of A's absence only, and alone when there is no A."""
    tenures = [Tenure("B11.secretary", "liu", slot="B"), Tenure("B11.secretary", "chen", to=day("2025-06-30"))]
    absence = Absence("chen", day("2025-03-10"), day("2025-03-12"))
    organization = university(tenures=tenures, absences=[absence])
    days = ("2025-03-09", "2025-03-10", "2025-03-12", "2025-03-13", "2025-07-01")
    found = [organization.on(day(d)).holder("B11.secretary") for d in days]
    assert found == ["chen", "liu", "liu", "chen", "liu"]
    view = organization.on(TODAY)
    view.holder("B11.secretary")
    assert list(view.facts) == [absence, tenures[0]]


def test_absence_alone_does_not_vacate_a_post() -> None:
    """A holder without a B holder bears although he is away."""
    organization = university(absences=[Absence("chen", day("2025-03-01"))])
    assert organization.on(TODAY).holder("B11.secretary") == "chen"


def test_a_post_ends_with_its_unit() -> None:
    """When a unit has ended, its posts are none and nobody holds them, whatever their own days say."""
    organization = Organization.build(
        units=[Unit("b", "branch", to=day("2025-03-09"))],
        posts=[Post("b.secretary", "b", "secretary")],
        tenures=[Tenure("b.secretary", "chen")],
    )
    eve, view = organization.on(day("2025-03-09")), organization.on(TODAY)
    assert (eve.holder("b.secretary"), eve.until) == ("chen", day("2025-03-09"))
    assert (view.post("b.secretary"), view.posts("b"), view.holder("b.secretary")) == (None, [], None)


def test_vacant_since_the_day_after_the_last_holder() -> None:
    """A vacancy begins on the day after the last tenure, and reaches from the beginning where there was none."""
    early = Tenure("B11.secretary", "liu", day("2020-01-01"), day("2022-12-31"))
    organization = university(tenures=[Tenure("B11.secretary", "chen", day("2024-01-01"), day("2025-02-28")), early])
    assert organization.on(day("2023-12-31")).vacant_since("B11.secretary") == day("2023-01-01")
    view = organization.on(TODAY)
    assert view.vacant_since("B11.secretary") == day("2025-03-01")
    assert view.vacant_since("B12.secretary") == BEGINNING


def test_the_responsible_post_is_the_secretary_else_the_head() -> None:
    """A unit named without a post means its secretary, else its head post, else the post of the kind head."""
    organization = Organization.build(
        units=units("a", "b", "c", "d"),
        posts=[
            Post("a.head", "a", "head"),
            Post("a.secretary", "a", "secretary"),
            Post("b.director", "b", "director", head=True),
            Post("c.head", "c", "head"),
            Post("d.clerk", "d", "clerk"),
        ],
    )
    found = [organization.on(TODAY).responsible_post(unit) for unit in "abcd"]
    assert [post and post.id for post in found] == ["a.secretary", "b.director", "c.head", None]


def test_posts_are_listed_by_kind_and_id() -> None:
    """The posts of a unit come in the order of their ids, all of them or those of one kind."""
    view = university().on(TODAY)
    assert [post.id for post in view.posts("GB1")] == ["GB1.deputy", "GB1.secretary"]
    assert [post.id for post in view.posts("GB1", "secretary")] == ["GB1.secretary"]
    assert list(view.facts) == []


def test_unit_of_is_the_unit_of_the_day() -> None:
    """A person belongs to the unit of the membership that stands on the day, and between memberships to none."""
    memberships = [
        Membership("m1", "B12", day("2025-03-10")),
        Membership("m1", "B11", day("2020-01-01"), day("2025-03-08")),
    ]
    organization = university(memberships=memberships)
    found = [organization.on(day(d)).unit_of("m1") for d in ("2025-03-08", "2025-03-09", "2025-03-10")]
    assert found == ["B11", None, "B12"]


def test_unit_of_does_not_depend_on_the_order_of_the_facts() -> None:
    """Of two memberships that stand on one day the later one counts, and of equal ones always the same."""
    later = [Membership("m", "B11", START), Membership("m", "B12", after(1))]
    equal = [Membership("m", "B11", START), Membership("m", "B12", START)]
    for memberships, unit in ((later, "B12"), (equal, "B12")):
        for given_order in (memberships, memberships[::-1]):
            assert university(memberships=given_order).on(TODAY).unit_of("m") == unit


def test_a_committee_is_its_persons_or_none_or_not_recorded() -> None:
    """A committee that is recorded to be none is empty; where nothing is recorded the answer is None."""
    view = university().on(TODAY)
    assert view.committee("B11") == ("chen", "liu")
    assert view.committee("B12") == ()
    assert view.committee("B21") is None


def test_a_person_sits_on_a_committee_once() -> None:
    """Two seats of one person on one day count as one."""
    seats = [Seat("B11", "chen"), Seat("B11", "chen", day("2025-01-01")), Seat("B11", "ai", day("2025-04-01"))]
    assert university(seats=seats).on(TODAY).committee("B11") == ("chen",)


def test_successors_are_those_on_or_before_the_day() -> None:
    """A unit is succeeded from the day of the relation on, by the earliest successors first."""
    relations = [
        Relation("succeeds", "B21", "B12", day("2025-03-11")),
        Relation("succeeds", "GB2", "B12", day("2025-03-10")),
    ]
    organization = university(relations=relations)
    assert [r.source for r in organization.on(TODAY).successors("B12")] == ["GB2"]
    assert [r.source for r in organization.on(day("2025-03-11")).successors("B12")] == ["GB2", "B21"]
    assert organization.on(day("2025-03-09")).successors("B12") == []


def test_a_person_stands_in_a_unit_by_post_or_seat() -> None:
    """Whoever holds any post of the unit or sits on its committee on the day stands in it, and nobody else."""
    seats = [Seat("B11", "liu", day("2025-03-11"))]
    organization = university(seats=seats)
    view = organization.on(TODAY)
    assert view.stands_in("chen", "B11")
    assert view.stands_in("wang", "GB1")
    assert not view.stands_in("liu", "B11")
    assert not view.stands_in("m1", "B11")
    assert view.until == TODAY
    assert organization.on(day("2025-03-11")).stands_in("liu", "B11")


def test_related_names_each_unit_once() -> None:
    """Two relations of one kind to one unit, for two matters, give that unit once; organs come by id."""
    relations = [
        Relation("guides", "GB1", "B21", matter="party"),
        Relation("guides", "GB1", "B21", matter="business"),
        Relation("organ_of", "OD", "PC"),
        Relation("organ_of", "B21", "PC"),
    ]
    view = university(relations=relations).on(TODAY)
    assert view.related("GB1", "guides") == ["B21"]
    assert view.related("GB1", "supervises") == []
    assert view.organs("PC") == ["B21", "OD"]


def test_a_view_remembers_the_facts_that_it_used() -> None:
    """The reasons of an answer are the dated facts it rests on, in the order in which they were read."""
    organization = university()
    view = organization.on(TODAY)
    assert view.unit_of("m1") == "B11"
    assert view.superior("B11") == "GB1"
    assert view.holder("GB1.secretary") == "li"
    assert list(view.facts) == [
        Membership("m1", "B11", day("2020-01-01")),
        Relation("leads", "GB1", "B11"),
        Tenure("GB1.secretary", "li", day("2022-01-01")),
    ]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_neither_answers_nor_reasons(random: Any) -> None:
    """The same facts in any order give the same answers, resting on the same facts read in the same order."""

    def answers(organization: Organization) -> tuple[Any, ...]:
        views = [organization.on(TODAY) for _ in QUERIES]
        found = [query(view) for query, view in zip(QUERIES, views, strict=True)]
        return found, [list(view.facts) for view in views], [view.until for view in views]

    groups = written_facts(university(absences=[Absence("chen", START), Absence("chen", TODAY)]))
    shuffled = {name: random.sample(facts, len(facts)) for name, facts in groups.items()}
    assert answers(Organization.build(**shuffled)) == answers(Organization.build(**groups))


QUERIES: list[Callable[[View], object]] = [
    *(lambda view, u=u: view.superior(u) for u in ("PC", "GB1", "B11", "OD")),  # type: ignore[misc]
    *(lambda view, u=u: list(view.above(u)) for u in ("PC", "GB1", "B11", "OD")),  # type: ignore[misc]
    *(lambda view, u=u: list(view.below(u)) for u in ("PC", "GB1", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: view.unit(u) for u in ("PC", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: view.posts(u) for u in ("PC", "GB1", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: view.responsible_post(u) for u in ("PC", "GB1", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: view.committee(u) for u in ("PC", "GB1", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: view.successors(u) for u in ("PC", "GB1", "B11")),  # type: ignore[misc]
    *(lambda view, u=u: (view.organs(u), view.related(u, "guides")) for u in ("PC", "GB1")),  # type: ignore[misc]
    *(lambda view, p=p: view.tenure(p) for p in ("PC.secretary", "GB1.secretary", "B11.secretary")),  # type: ignore[misc]
    *(lambda view, p=p: view.vacant_since(p) if view.holder(p) is None else None for p in ("PC.secretary",)),  # type: ignore[misc]
    *(lambda view, m=m: view.unit_of(m) for m in ("li", "chen", "m1")),  # type: ignore[misc]
    *(lambda view, m=m: view.stands_in(m, "B11") for m in ("li", "chen")),  # type: ignore[misc]
]


# -- how long an answer holds ------------------------------------------------------------------------------------------

runs = st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, "a", "b", "c"])), min_size=1, max_size=6)


def timeline(lengths: list[tuple[int, str | None]]) -> list[tuple[date, date, str | None]]:
    """Turn lengths and values into spans, from the beginning to the end of time, whose neighbours differ."""
    spans: list[tuple[date, date, str | None]] = [(BEGINNING, after(-1), None)]
    first = START
    for length, value in [*lengths, (0, None)]:
        last = first + timedelta(length - 1) if length else FOREVER
        if spans[-1][2] == value:
            spans[-1] = (spans[-1][0], last, value)
        else:
            spans.append((first, last, value))
        first += timedelta(length)
    return spans


@pytest.mark.parametrize("question", ["superior", "holder", "unit_of", "committee"])
@given(lengths=runs)
def test_until_is_exactly_the_last_day_on_which_the_answer_holds(
    question: str, lengths: list[tuple[int, str | None]]
) -> None:
    """Where neighbouring facts differ, `until` is the last day of the answer, neither earlier nor later."""
    spans = timeline(lengths)
    facts = [(first, last, value) for first, last, value in spans if value is not None]
    build = Organization.build
    everywhere = units("a", "b", "c", "x")
    build_one: dict[str, Callable[[], Organization]] = {
        "superior": lambda: build(units=everywhere, relations=[Relation("leads", v, "x", f, t) for f, t, v in facts]),
        "holder": lambda: build(
            units=everywhere, posts=[Post("p", "x", "head")], tenures=[Tenure("p", v, f, t) for f, t, v in facts]
        ),
        "unit_of": lambda: build(units=everywhere, memberships=[Membership("m", v, f, t) for f, t, v in facts]),
        "committee": lambda: build(units=everywhere, seats=[Seat("x", v, f, t) for f, t, v in facts]),
    }
    organization = build_one[question]()
    ask: dict[str, Callable[[View], object]] = {
        "superior": lambda view: view.superior("x"),
        "holder": lambda view: view.holder("p"),
        "unit_of": lambda view: view.unit_of("m"),
        "committee": lambda view: (view.committee("x") or (None,))[0],
    }
    for number in range(-1, 26):
        today = after(number)
        view = organization.on(today)
        expected = next((value, last) for first, last, value in spans if first <= today <= last)
        assert (ask[question](view), view.until) == expected


@given(organizations(), st.integers(0, 25), st.sampled_from(QUERIES))
def test_every_answer_holds_until_its_last_day(
    organization: Organization, number: int, query: Callable[[View], object]
) -> None:
    """From the day asked to `until` answer and facts stay the same, and on the next day some fact begins or ends."""
    view = organization.on(after(number))
    answer, facts = query(view), list(view.facts)
    for later in range(number, 27):
        if after(later) <= view.until:
            then = organization.on(after(later))
            assert (query(then), list(then.facts)) == (answer, facts)
            assert then.until == view.until
    if view.until != FOREVER:
        everything = [fact for group in written_facts(organization).values() for fact in group]
        assert any(view.until == fact.to or view.until + timedelta(1) == fact.from_ for fact in everything)


@given(organizations(), st.integers(0, 25))
def test_the_holder_is_the_acting_else_a_else_b_while_a_is_absent(organization: Organization, number: int) -> None:
    """A second reading of the tenures, day by day and without any index, finds the same holder of every post."""
    today = after(number)
    for post in organization.posts.values():
        unit = organization.units[post.unit]
        standing = [t for t in organization.tenures if t.post == post.id and t.from_ <= today <= t.to]
        exists = post.from_ <= today <= post.to and unit.from_ <= today <= unit.to
        by_slot = {("acting" if t.acting else t.slot): t.person for t in standing if exists}
        a_is_away = any(a.person == by_slot.get("A") and a.from_ <= today <= a.to for a in organization.absences)
        order = ["acting", "B", "A"] if a_is_away else ["acting", "A", "B"]
        expected = next((by_slot[slot] for slot in order if slot in by_slot), None)
        assert organization.on(today).holder(post.id) == expected


# -- the checks --------------------------------------------------------------------------------------------------------

A_TO_JUNE = Relation("leads", "a", "b", BEGINNING, day("2025-06-30"))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"relations": leads("a>a")}, "unit `a` stands in the relation `leads` to itself; name another unit"),
        (
            {"relations": leads("a>b", "b>c", "c>a")},
            "the leading units form a cycle from the beginning: `a` leads `b` leads `c` leads `a`; "
            "remove or end one of these relations",
        ),
        (
            {"relations": [*leads("a>b"), Relation("organ_of", "a", "b", day("2025-02-01"))]},
            "the leading units form a cycle on 2025-02-01: `a` leads `b` leads `a`; "
            "remove or end one of these relations",
        ),
        (
            {"relations": [A_TO_JUNE, Relation("leads", "c", "b", day("2025-06-30"))]},
            "unit `b` has two leading units, `a` and `c`, on 2025-06-30; "
            "end the first on the eve of the second or record the second as `guides`",
        ),
        (
            {"relations": [Relation("organ_of", "a", "b"), Relation("organ_of", "a", "c")]},
            "unit `a` has two units whose organ it is, `b` and `c`, from the beginning; "
            "end the first on the eve of the second or record the second as `guides`",
        ),
        (
            {"relations": leads("a>bb")},
            "relation `leads` of `a` to `bb` names the unit `bb`, which is not there, did you mean `b`?",
        ),
        (
            {"relations": leads("zzz>b")},
            "relation `leads` of `zzz` to `b` names the unit `zzz`, which is not there; add it or correct the id",
        ),
        (
            {"relations": [Relation("leads", "a", "b", day("2025-02-01"), day("2025-01-31"))]},
            "relation `leads` of `a` to `b` ends on 2025-01-31 before it begins on 2025-02-01; correct one of the days",
        ),
        (
            {"posts": [Post("p", "q", "head")]},
            "post `p` names the unit `q`, which is not there; add it or correct the id",
        ),
        ({"posts": [Post("a", "b", "head")]}, "`a` is the id of a unit and of a post; rename one"),
        ({"units": units("a", "a")}, "unit `a` is given twice; give each id once"),
        (
            {"posts": [Post("p", "a", "head"), Post("p", "b", "head")]},
            "post `p` is given twice; give each id once",
        ),
        ({"persons": [Person("li"), Person("li")]}, "person `li` is given twice; give each id once"),
        (
            {"tenures": [Tenure("a.heed", "li")], "posts": [Post("a.head", "a", "head")]},
            "tenure of `li` names the post `a.heed`, which is not there, did you mean `a.head`?",
        ),
        (
            {"memberships": [Membership("li", "q")]},
            "membership of `li` names the unit `q`, which is not there; add it or correct the id",
        ),
        (
            {"seats": [Seat("q", None)]},
            "seat of `nobody` names the unit `q`, which is not there; add it or correct the id",
        ),
        (
            {"posts": [Post("p", "a", "head")], "tenures": [Tenure("p", "li", slot="C")]},
            "tenure of `li` has the slot `C`; write `A` or `B`",
        ),
        (
            {
                "posts": [Post("p", "a", "head")],
                "tenures": [Tenure("p", "wang", day("2025-03-01")), Tenure("p", "li", to=day("2025-03-01"))],
            },
            "post `p` is held by `li` and by `wang` on 2025-03-01; end the first tenure on the eve of the second",
        ),
        (
            {"absences": [Absence("li", day("2025-03-02"), day("2025-03-01"))]},
            "absence of `li` ends on 2025-03-01 before it begins on 2025-03-02; correct one of the days",
        ),
    ],
)
def test_a_contradiction_is_refused_in_one_sentence(facts: dict[str, Any], message: str) -> None:
    """Whatever contradicts itself is refused when the organization is built, naming the ids and what to do."""
    with pytest.raises(OrganizationError) as refused:
        Organization.build(**{"units": units("a", "b", "c"), **facts})
    assert str(refused.value) == message


def test_a_cycle_needs_one_day_on_which_it_is_closed() -> None:
    """A led b until June and b leads a from July on: that is a change, and no cycle."""
    relations = [A_TO_JUNE, Relation("leads", "b", "c"), Relation("leads", "c", "a", day("2025-07-01"))]
    organization = Organization.build(units=units("a", "b", "c"), relations=relations)
    assert list(organization.on(day("2025-06-30")).above("c")) == ["b", "a"]
    assert list(organization.on(day("2025-07-01")).above("a")) == ["c", "b"]
    with pytest.raises(OrganizationError, match="cycle on 2025-06-30: `"):
        Organization.build(
            units=units("a", "b", "c"), relations=[*relations[:2], Relation("leads", "c", "a", day("2025-06-30"))]
        )


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), spans_of_days(1)), max_size=7), st.booleans())
def test_a_cycle_is_refused_exactly_when_it_stands_on_some_day(
    links: list[tuple[int, int, list[tuple[date, date]]]], organ: bool
) -> None:
    """Walking up from every unit on every day finds a way back to it exactly when the organization is refused."""
    relations = [
        Relation("leads" if number or not organ else "organ_of", f"u{a}", f"u{b}", *span)
        for number, (a, b, spans) in enumerate(links)
        for span in spans
        if a != b
    ]
    cyclic = double = False
    for today in (BEGINNING, *map(after, range(26)), FOREVER):
        standing = [r for r in relations if r.from_ <= today <= r.to]
        up = [(r.target, r.source) if r.kind == "leads" else (r.source, r.target) for r in standing]
        led = [r.target for r in standing if r.kind == "leads"]
        double = double or len(set(led)) < len(led)
        for unit in "u0", "u1", "u2", "u3":
            reached, waiting = set[str](), [unit]
            while waiting:
                above = {high for low, high in up if low == waiting[-1]} - reached
                waiting.pop()
                reached |= above
                waiting += above
            cyclic = cyclic or unit in reached
    try:
        Organization.build(units=units("u0", "u1", "u2", "u3"), relations=relations)
    except OrganizationError:
        assert cyclic or double
    else:
        assert not cyclic and not double


def test_a_long_cycle_is_named_in_a_short_sentence() -> None:
    """Of a cycle of more than five units the first four are named, and where it closes."""
    for size, named in (
        (5, "`u0` leads `u1` leads `u2` leads `u3` leads `u4` leads `u0`"),
        (6, "`u0` leads `u1` leads `u2` leads `u3` leads … leads `u0`"),
        (1000, "`u0` leads `u1` leads `u2` leads `u3` leads … leads `u0`"),
    ):
        names = [f"u{n}" for n in range(size)]
        ring = leads(*(f"{a}>{b}" for a, b in zip(names, [*names[1:], names[0]], strict=True)))
        with pytest.raises(OrganizationError, match=f"the beginning: {named}; remove or end one"):
            Organization.build(units=units(*names), relations=ring)


def test_a_contact_need_not_be_a_unit() -> None:
    """The source of a contact is a leader: a person or post, not a unit of the organization."""
    organization = university(relations=[Relation("contact", "PC.secretary", "B11")])
    assert organization.on(TODAY).related("PC.secretary", "contact") == ["B11"]


def test_acting_and_regular_tenures_may_overlap_and_so_may_a_and_b() -> None:
    """Only two tenures of the same kind in the same slot of a post contradict each other."""
    tenures = [
        Tenure("B11.secretary", "chen"),
        Tenure("B11.secretary", "liu", slot="B"),
        Tenure("B11.secretary", "zhou", acting=True),
    ]
    assert university(tenures=tenures).on(TODAY).holder("B11.secretary") == "zhou"
