"""The organization: its facts and checks, the view of one day, its changes, and the files that hold it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountability.errors import OrganizationError
from accountability.event import Event, typed
from accountability.organization import (
    BEGINNING,
    FOREVER,
    Absence,
    Fact,
    Membership,
    Organization,
    Person,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)
from accountability.organization_changes import ORGANIZATION_EVENTS, changed
from accountability.organization_file import load_organization, read_organization, write_organization
from accountability.view import View

HOSTILE = Path(__file__).parent / "hostile" / "org"
START = date(2025, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def after(days: int) -> date:
    return START + timedelta(days)


TODAY = day("2025-03-10")


def units(*ids: str) -> list[Unit]:
    return [Unit(name, "branch") for name in ids]


def leads(*pairs: str) -> list[Relation]:
    return [Relation("leads", *pair.split(">")) for pair in pairs]


def university(**facts: Iterable[Fact]) -> Organization:
    """A committee over two general branches; three branches; an organ of the committee; the usual posts."""
    return Organization.build(
        units=[
            Unit("PC", "party_committee"),
            Unit("OD", "organ"),
            Unit("GB1", "general_branch"),
            Unit("GB2", "general_branch"),
            Unit("B11", "branch"),
            Unit("B12", "branch"),
            Unit("B21", "branch"),
        ],
        posts=[
            Post("PC.secretary", "PC", "secretary"),
            Post("OD.head", "OD", "head"),
            Post("GB1.secretary", "GB1", "secretary"),
            Post("GB1.deputy", "GB1", "deputy"),
            Post("B11.secretary", "B11", "secretary"),
            Post("B12.secretary", "B12", "secretary"),
        ],
        **{
            "relations": [
                *leads("PC>GB1", "PC>GB2", "GB1>B11", "GB1>B12", "GB2>B21"),
                Relation("organ_of", "OD", "PC"),
            ],
            "tenures": [
                Tenure("PC.secretary", "zhang", day("2022-01-01")),
                Tenure("GB1.secretary", "li", day("2022-01-01")),
                Tenure("GB1.deputy", "wang", day("2022-01-01")),
                Tenure("B11.secretary", "chen", day("2023-01-01")),
                Tenure("B12.secretary", "wu", day("2023-01-01"), part_time=True),
            ],
            "memberships": [Membership("m1", "B11", day("2020-01-01")), Membership("m3", "B12", day("2023-09-01"))],
            "seats": [Seat("B11", "chen"), Seat("B11", "liu"), Seat("B12", None)],
            **facts,
        },
    )


def facts_of(organization: Organization) -> dict[str, list[str]]:
    """All facts of the organization, without order."""
    o = organization
    groups = {
        "units": o.units.values(),
        "posts": o.posts.values(),
        "persons": o.persons.values(),
        "tenures": o.tenures,
        "memberships": o.memberships,
        "seats": o.seats,
        "absences": o.absences,
        "relations": o.relations,
    }
    return {name: sorted(map(str, facts)) for name, facts in groups.items()}


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
    organization = university(tenures=[Tenure("B11.secretary", "chen", to=day("2025-02-28"))])
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
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_facts_changes_neither_answers_nor_reasons(random: Any) -> None:
    """The same facts in any order give the same answers, resting on the same facts read in the same order."""

    def answers(organization: Organization) -> tuple[Any, ...]:
        view = organization.on(TODAY)
        found = [query(view) for query in QUERIES]
        return found, list(view.facts), view.until

    groups = written_facts(university(absences=[Absence("chen", START), Absence("chen", TODAY)]))
    shuffled = {name: random.sample(facts, len(facts)) for name, facts in groups.items()}
    assert answers(Organization.build(**shuffled)) == answers(Organization.build(**groups))


def written_facts(organization: Organization) -> dict[str, list[Any]]:
    o = organization
    return {
        "units": list(o.units.values()),
        "posts": list(o.posts.values()),
        "tenures": list(o.tenures),
        "memberships": list(o.memberships),
        "seats": list(o.seats),
        "absences": list(o.absences),
        "relations": list(o.relations),
    }


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


@pytest.mark.parametrize("question", ["superior", "holder", "unit_of", "unit", "committee"])
@given(lengths=runs)
@settings(max_examples=40, deadline=None)
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
        "unit": lambda: build(units=[Unit("x", "branch", from_=facts[0][0], to=facts[0][1])] if facts else []),
        "committee": lambda: build(units=everywhere, seats=[Seat("x", v, f, t) for f, t, v in facts]),
    }
    organization = build_one[question]()
    if question == "unit":
        spans = timeline(
            [((f - START).days, None) if n == 0 else ((t - f).days + 1, "x") for f, t, _ in facts[:1] for n in (0, 1)]
        )
    ask: dict[str, Callable[[View], object]] = {
        "superior": lambda view: view.superior("x"),
        "holder": lambda view: view.holder("p"),
        "unit_of": lambda view: view.unit_of("m"),
        "unit": lambda view: view.unit("x") and "x",
        "committee": lambda view: (view.committee("x") or (None,))[0],
    }
    for number in range(-1, 26):
        today = after(number)
        view = organization.on(today)
        expected = next((value, last) for first, last, value in spans if first <= today <= last)
        assert (ask[question](view), view.until) == expected


@st.composite
def spans_of_days(draw: st.DrawFn, most: int = 3) -> list[tuple[date, date]]:
    """Disjoint spans of days, some of them with open ends."""
    cuts = sorted(draw(st.sets(st.integers(0, 24), max_size=2 * most)))
    pairs = [(after(a), after(b)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    if pairs and draw(st.booleans()):
        pairs[0] = (BEGINNING, pairs[0][1])
    if pairs and draw(st.booleans()):
        pairs[-1] = (pairs[-1][0], FOREVER)
    return pairs


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    """Random organizations of four units, whose facts come and go within 25 days."""
    names = ["PC", "GB1", "B11", "OD"]
    people = ["li", "chen", "m1"]
    some = st.sampled_from
    found: list[Unit] = []
    for name in names:
        first, last = draw(
            some([(BEGINNING, FOREVER), (after(5), FOREVER), (BEGINNING, after(18)), (after(3), after(9))])
        )
        found.append(Unit(name, "branch", "", None, first, last))
    posts = [Post(f"{n}.{k}", n, k) for n in names[:3] for k in ("secretary", "deputy")]
    posts.append(Post("GB1.head", "GB1", "head", "", True, False, None, after(4), after(20)))
    relations = [
        Relation("leads", names[draw(st.integers(0, number - 1))], names[number], *span)
        for number in (1, 2, 3)
        for span in draw(spans_of_days())
    ]
    relations += [Relation("organ_of", "OD", "PC", *span) for span in draw(spans_of_days())]
    relations += [Relation("guides", draw(some(["PC", "B11"])), "GB1", *span) for span in draw(spans_of_days())]
    relations += [Relation("succeeds", "B11", "GB1", first) for first, _ in draw(spans_of_days(1))]
    tenures = [
        Tenure(post.id, draw(some(people)), *span, False, acting, slot)
        for post in posts[::2]
        for acting, slot in ((False, "A"), (False, "B"), (True, "A"))
        for span in draw(spans_of_days(2))
    ]
    return Organization.build(
        units=found,
        posts=posts,
        relations=relations,
        tenures=tenures,
        memberships=[Membership(p, draw(some(names)), *span) for p in people for span in draw(spans_of_days())],
        seats=[Seat(n, draw(some([*people, None])), *span) for n in names for span in draw(spans_of_days(2))],
        absences=[Absence(p, *span) for p in people for span in draw(spans_of_days(1))],
    )


@given(organizations(), st.integers(0, 25), st.sampled_from(QUERIES))
@settings(max_examples=300, deadline=None)
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
        assert any(
            view.until in (fact.to, fact.from_ - timedelta(1))
            for fact in everything
            if fact.from_ > BEGINNING or fact.to < FOREVER
        )


@given(organizations(), st.integers(0, 25))
@settings(max_examples=150, deadline=None)
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
@settings(max_examples=200, deadline=None)
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
    """A cycle of a thousand units is refused without listing a thousand names."""
    names = [f"u{n}" for n in range(1000)]
    ring = leads(*(f"{a}>{b}" for a, b in zip(names, [*names[1:], names[0]], strict=True)))
    with pytest.raises(OrganizationError) as refused:
        Organization.build(units=units(*names), relations=ring)
    assert len(str(refused.value)) < 200


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


# -- changes -----------------------------------------------------------------------------------------------------------


def change(type_: str, on: str, **fields: Any) -> Event:
    return typed(Event(type_, date=on, **fields), ORGANIZATION_EVENTS)


def after_changes(*events: Event, **facts: Iterable[Fact]) -> Organization:
    """The university after the changes, none of which may be refused."""
    organization, refused = changed(university(**facts), events)
    assert refused == {}
    return organization


def test_a_created_unit_begins_on_the_day_under_its_superior() -> None:
    """The day of `unit.created` is the first day of the unit and of its leading."""
    organization = after_changes(
        change("unit.created", "2025-03-10", unit="B22", kind="branch", superior="GB2", name="新支部")
    )
    assert organization.on(day("2025-03-09")).unit("B22") is None
    assert organization.on(TODAY).unit("B22") == Unit("B22", "branch", "新支部", None, TODAY)
    assert organization.on(TODAY).superior("B22") == "GB2"


def test_a_closed_unit_ends_on_the_day_with_its_posts_tenures_and_relations() -> None:
    """The day of `unit.closed` is the last day on which the unit, its holders and its leading stand."""
    organization = after_changes(change("unit.closed", "2025-03-10", unit="GB1"))
    last, next_day = organization.on(TODAY), organization.on(day("2025-03-11"))
    assert (last.holder("GB1.secretary"), last.superior("GB1"), last.superior("B11")) == ("li", "PC", "GB1")
    assert next_day.unit("GB1") is None
    assert next_day.holder("GB1.secretary") is None
    assert next_day.superior("GB1") is None
    assert next_day.superior("B11") is None


def test_what_would_begin_after_the_unit_is_closed_is_dropped() -> None:
    """Posts, tenures and relations that the record dates after the last day of the unit never begin."""
    late = day("2025-09-01")
    organization, refused = changed(
        Organization.build(
            units=units("a", "b"),
            posts=[Post("b.head", "b", "head", from_=late), Post("b.secretary", "b", "secretary")],
            tenures=[Tenure("b.head", "li"), Tenure("b.secretary", "li", late)],
            relations=[Relation("leads", "a", "b", late)],
        ),
        [change("unit.closed", "2025-03-10", unit="b")],
    )
    assert refused == {}
    assert set(organization.posts) == {"b.secretary"}
    assert organization.tenures == ()
    assert organization.relations == ()


def test_a_moved_unit_stands_under_the_new_superior_from_the_day_on() -> None:
    """The old leading ends on the eve of `unit.moved`."""
    organization = after_changes(change("unit.moved", "2025-03-10", unit="B11", to="GB2"))
    assert organization.on(day("2025-03-09")).superior("B11") == "GB1"
    assert organization.on(TODAY).superior("B11") == "GB2"


def test_a_merger_moves_members_led_units_and_succession() -> None:
    """The merged units end on the eve; members and led units pass to the new unit under the same superior."""
    organization = after_changes(
        change("unit.merged", "2025-03-10", units=["GB1", "GB2"], into="GB", kind="general_branch")
    )
    eve, view = organization.on(day("2025-03-09")), organization.on(TODAY)
    assert (eve.unit("GB"), view.unit("GB1"), view.unit("GB2")) == (None, None, None)
    assert eve.superior("B11") == "GB1"
    assert [view.superior(unit) for unit in ("B11", "B12", "B21", "GB")] == ["GB", "GB", "GB", "PC"]
    assert [relation.source for relation in view.successors("GB1")] == ["GB"]
    members = after_changes(change("unit.merged", "2025-03-10", units=["B11", "B12"], into="B11"))
    assert members.on(day("2025-03-09")).unit_of("m3") == "B12"
    assert [members.on(TODAY).unit_of(person) for person in ("m1", "m3")] == ["B11", "B11"]
    assert members.on(TODAY).superior("B11") == "GB1"


def test_a_merger_into_a_unit_below_puts_it_in_the_place_of_the_one_above() -> None:
    """A unit that takes over the unit that leads it stands under the superior of that unit, with its other units."""
    organization = after_changes(change("unit.merged", "2025-03-10", units=["GB1"], into="B11"))
    view = organization.on(TODAY)
    assert (view.superior("B11"), view.superior("B12")) == ("PC", "B11")


def test_a_merger_of_a_unit_and_its_superior_goes_under_the_next_one() -> None:
    """When a branch and its general branch become one, the new unit stands under the committee."""
    organization = after_changes(change("unit.merged", "2025-03-10", units=["B11", "GB1"], into="N"))
    view = organization.on(TODAY)
    assert (view.superior("N"), view.superior("B12"), view.unit("B11")) == ("PC", "N", None)


def test_an_organ_passes_to_the_heir_as_an_organ() -> None:
    """The organs of a merged committee are organs of the new one."""
    organization = after_changes(change("unit.merged", "2025-03-10", units=["PC"], into="PC2"))
    assert organization.on(TODAY).organs("PC2") == ["OD"]
    assert organization.on(TODAY).superior("GB1") == "PC2"


def test_a_split_gives_each_member_to_his_destination() -> None:
    """The members named go to their new units, the others to none, and every new unit succeeds the old one."""
    memberships = [Membership("m1", "B11"), Membership("m2", "B11"), Membership("m5", "B11")]
    organization = after_changes(
        change("unit.split", "2025-03-10", unit="B11", into=["B14", "B15"], members={"m1": "B14", "m2": "B15"}),
        memberships=memberships,
    )
    eve, view = organization.on(day("2025-03-09")), organization.on(TODAY)
    assert [eve.unit_of(person) for person in ("m1", "m2", "m5")] == ["B11", "B11", "B11"]
    assert [view.unit_of(person) for person in ("m1", "m2", "m5")] == ["B14", "B15", None]
    assert [relation.source for relation in view.successors("B11")] == ["B14", "B15"]
    assert [view.superior(unit) for unit in ("B14", "B15")] == ["GB1", "GB1"]
    found = view.unit("B14")
    assert found is not None
    assert found.kind == "branch"


def test_an_assumed_post_ends_the_tenure_before_it_on_the_eve() -> None:
    """The day of `post.assumed` is the first day of the new holder and the day after the last of the old one."""
    organization = after_changes(
        change("post.assumed", "2025-03-10", post="B11.secretary", person="liu", part_time=True)
    )
    assert organization.on(day("2025-03-09")).holder("B11.secretary") == "chen"
    assert organization.on(TODAY).tenure("B11.secretary") == Tenure("B11.secretary", "liu", TODAY, part_time=True)


def test_an_assumed_post_of_a_new_kind_is_made_in_its_unit() -> None:
    """A post that is not there begins with its first holder, when the event names its unit."""
    organization = after_changes(change("post.assumed", "2025-03-10", post="B21.deputy", person="kong", unit="B21"))
    assert organization.posts["B21.deputy"] == Post("B21.deputy", "B21", "deputy", from_=TODAY)
    assert organization.on(TODAY).holder("B21.deputy") == "kong"


def test_the_acting_time_ends_when_a_regular_holder_comes() -> None:
    """An acting holder bears from his day on, and a regular holder after him ends the acting time on the eve."""
    acting = change("post.assumed", "2025-03-01", post="B11.secretary", person="liu", acting=True)
    regular = change("post.assumed", "2025-03-10", post="B11.secretary", person="zhou")
    organization = after_changes(acting, regular)
    found = [organization.on(day(d)).holder("B11.secretary") for d in ("2025-02-28", "2025-03-09", "2025-03-10")]
    assert found == ["chen", "liu", "zhou"]


def test_a_late_acting_time_ends_where_the_record_has_a_regular_holder() -> None:
    """Acting that is learned of late does not reach into the tenure of a regular holder who came after it."""
    tenures = [Tenure("B11.secretary", "zhou", day("2025-03-10"))]
    acting = change(
        "post.assumed", "2025-03-01", post="B11.secretary", person="liu", acting=True, recorded="2025-09-01"
    )
    organization = after_changes(acting, tenures=tenures)
    assert organization.on(day("2025-03-09")).holder("B11.secretary") == "liu"
    assert organization.on(TODAY).holder("B11.secretary") == "zhou"


def test_a_vacated_post_is_held_to_the_end_of_the_day() -> None:
    """The day of `post.vacated` is the last day of the tenure."""
    organization = after_changes(change("post.vacated", "2025-03-10", post="B11.secretary", person="chen"))
    assert organization.on(TODAY).holder("B11.secretary") == "chen"
    assert organization.on(day("2025-03-11")).holder("B11.secretary") is None
    assert organization.on(day("2025-03-11")).vacant_since("B11.secretary") == day("2025-03-11")


def test_members_join_transfer_and_leave() -> None:
    """A member belongs from the day of joining, to the new unit from the day of transfer, and to none after leaving."""
    organization = after_changes(
        change("member.joined", "2025-03-01", person="m7", unit="B11"),
        change("member.transferred", "2025-03-10", person="m7", from_="B11", to="B12"),
        change("member.left", "2025-03-20", person="m7", unit="B12"),
    )
    days = ("2025-02-28", "2025-03-01", "2025-03-09", "2025-03-10", "2025-03-20", "2025-03-21")
    found = [organization.on(day(d)).unit_of("m7") for d in days]
    assert found == [None, "B11", "B11", "B12", "B12", None]


def test_leaving_does_not_undo_a_membership_that_begins_later() -> None:
    """Whoever leaves a unit on the eve of a recorded new membership belongs to the new unit."""
    memberships = [Membership("m1", "B11", to=day("2025-06-30")), Membership("m1", "B12", day("2025-03-11"))]
    memberships[0] = Membership("m1", "B11", to=TODAY)
    organization = after_changes(change("member.left", "2025-03-10", person="m1"), memberships=memberships)
    assert organization.on(TODAY).unit_of("m1") == "B11"
    assert organization.on(day("2025-03-11")).unit_of("m1") == "B12"


def test_an_absence_stands_from_its_first_to_its_last_day() -> None:
    """`absence.started` names the first day away and `absence.ended` the last one."""
    organization = after_changes(
        change("absence.started", "2025-03-08", person="chen"),
        change("absence.ended", "2025-03-10", person="chen"),
        tenures=[Tenure("B11.secretary", "chen"), Tenure("B11.secretary", "liu", slot="B")],
    )
    days = ("2025-03-07", "2025-03-08", "2025-03-10", "2025-03-11")
    assert [organization.on(day(d)).holder("B11.secretary") for d in days] == ["chen", "liu", "liu", "chen"]


def test_a_changed_relation_keeps_matter_and_ground() -> None:
    """`relation.changed` makes a relation of any kind; one that gives the superior takes the place of the old one."""
    organization = after_changes(
        change(
            "relation.changed", "2025-03-10", relation="leads", source_="PC", target="B11", ground="属地", matter="党建"
        ),
        change("relation.changed", "2025-03-10", relation="guides", source_="GB2", target="B11", ground="垂直"),
        change("relation.changed", "2025-03-10", relation="organ_of", source_="OD", target="GB1"),
    )
    assert Relation("leads", "PC", "B11", TODAY, FOREVER, "党建", "属地") in organization.relations
    assert Relation("guides", "GB2", "B11", TODAY, FOREVER, None, "垂直") in organization.relations
    view = organization.on(TODAY)
    assert (view.superior("B11"), view.superior("OD")) == ("PC", "GB1")
    assert organization.on(day("2025-03-09")).superior("OD") == "PC"


def test_a_change_learned_late_stands_between_those_around_it() -> None:
    """A move that became known after a later one holds from its own day to the eve of that one."""
    early = change("unit.moved", "2025-02-01", unit="B11", to="GB2", recorded="2025-09-01")
    late = change("unit.moved", "2025-03-10", unit="B11", to="PC")
    organization = after_changes(late, early)
    found = [organization.on(day(d)).superior("B11") for d in ("2025-01-31", "2025-02-01", "2025-03-09", "2025-03-10")]
    assert found == ["GB1", "GB2", "GB2", "PC"]


def test_a_change_does_not_reach_into_what_the_record_has_for_later() -> None:
    """A new holder, superior or unit of a member holds only until the next one that is recorded already."""
    organization = after_changes(
        change("post.assumed", "2025-03-01", post="B11.secretary", person="liu"),
        change("member.transferred", "2025-03-01", person="m1", to="B21"),
        change("unit.moved", "2025-03-01", unit="B11", to="GB2"),
        tenures=[Tenure("B11.secretary", "zhou", TODAY)],
        memberships=[Membership("m1", "B12", TODAY)],
        relations=[Relation("leads", "PC", "B11", TODAY)],
    )
    eve, view = organization.on(day("2025-03-09")), organization.on(TODAY)
    assert (eve.holder("B11.secretary"), eve.unit_of("m1"), eve.superior("B11")) == ("liu", "B21", "GB2")
    assert (view.holder("B11.secretary"), view.unit_of("m1"), view.superior("B11")) == ("zhou", "B12", "PC")


REFUSED = [
    (change("unit.created", "2025-03-10", unit="B11", kind="branch"), "unit `B11` is there already"),
    (change("unit.created", "2025-03-10", unit="N", kind="branch", superior="GB9"), "unit `GB9` does not exist"),
    (change("unit.moved", "2025-03-10", unit="PC", to="B11"), "the leading units form a cycle on 2025-03-10"),
    (change("unit.moved", "2025-03-10", unit="B11", to="GB9"), "unit `GB9` does not exist on 2025-03-10, did you mean"),
    (change("unit.moved", "2025-03-10", unit="B11", to="B11"), "unit `B11` stands in the relation `leads` to itself"),
    (change("unit.closed", "2025-03-10", unit="Q"), "unit `Q` does not exist on 2025-03-10; correct the id or the day"),
    (change("unit.merged", "2025-03-10", units=["B11", "Q"], into="N"), "unit `Q` does not exist on 2025-03-09"),
    (change("unit.merged", "2025-03-10", units=[], into="N"), "no unit is merged into `N`"),
    (change("unit.merged", "2025-03-10", units=["B11"], into="B11"), "no unit is merged into `B11`"),
    (change("unit.split", "2025-03-10", unit="B11", into=["B11", "N"]), "unit `B11` is split into itself or nothing"),
    (change("unit.split", "2025-03-10", unit="B11", into=[]), "unit `B11` is split into itself or nothing"),
    (
        change("unit.split", "2025-03-10", unit="B11", into=["N"], members={"m1": "M"}),
        "members pass to `M`, which is none of the units that `B11` is split into",
    ),
    (change("unit.split", "2025-03-10", unit="B11", into=["N"], members={"m1": ["N"]}), "members pass to"),
    (
        change("relation.changed", "2025-03-10", relation="guides", source_="GB2", target="Q"),
        "relation `guides` of `GB2` to `Q` names the unit `Q`, which is not there",
    ),
    (change("post.assumed", "2025-03-10", post="B11.head", person="x"), "post `B11.head` is not there"),
    (change("post.assumed", "2025-03-10", post="Q.head", person="x", unit="Q"), "post `Q.head` names the unit `Q`"),
    (change("post.assumed", "2025-03-10", post="B11.secretary", person="x", slot="C"), "has the slot `C`"),
    (
        change("post.vacated", "2025-03-10", post="B11.secretary", person="wu"),
        "post `B11.secretary` is not held by `wu`",
    ),
    (change("post.vacated", "2022-03-10", post="B11.secretary"), "post `B11.secretary` is not held by anybody"),
    (change("post.vacated", "2025-03-10", post="B11.secretry"), "post `B11.secretry` is not there, did you mean"),
    (change("member.joined", "2025-03-10", person="m1", unit="Q"), "unit `Q` does not exist"),
    (
        change("member.transferred", "2025-03-10", person="m1", from_="B12", to="B21"),
        "person `m1` does not belong to `B12` on 2025-03-10",
    ),
    (change("member.left", "2025-03-10", person="m1", unit="B12"), "person `m1` does not belong to `B12`"),
    (change("member.left", "2025-03-10", person="x"), "person `x` does not belong to any unit on 2025-03-10"),
    (change("absence.ended", "2025-03-10", person="x"), "person `x` is not absent on 2025-03-10"),
]


@pytest.mark.parametrize(
    ("event", "reason"), REFUSED, ids=[f"{event.type}-{n}" for n, (event, _) in enumerate(REFUSED)]
)
def test_a_change_that_contradicts_what_stands_is_refused_and_changes_nothing(event: Event, reason: str) -> None:
    """The refused event is named by its key with the reason, and the organization stays as it was."""
    before = university()
    organization, refused = changed(before, [event])
    assert organization is before
    assert set(refused) == {event.key}
    assert reason in refused[event.key]


def test_a_post_of_a_closed_unit_can_not_be_assumed() -> None:
    """After the last day of a unit nobody takes over a post of it, old or new."""
    closed = change("unit.closed", "2025-03-01", unit="B11")
    old = change("post.assumed", "2025-03-10", post="B11.secretary", person="liu")
    new = change("post.assumed", "2025-03-10", post="B11.deputy", person="liu", unit="B11")
    organization, refused = changed(university(), [old, closed, new])
    assert set(refused) == {old.key, new.key}
    assert set(refused.values()) == {"unit `B11` does not exist on 2025-03-10; correct the id or the day"}
    assert "B11.deputy" not in organization.posts


def test_a_post_that_has_ended_can_not_be_assumed() -> None:
    """A post is assumed only on a day on which it exists."""
    organization = Organization.build(units=units("a"), posts=[Post("a.head", "a", "head", to=day("2025-01-31"))])
    event = change("post.assumed", "2025-03-10", post="a.head", person="li")
    assert changed(organization, [event])[1] == {
        event.key: "post `a.head` does not exist on 2025-03-10; correct the day or name another post"
    }


def test_events_of_other_types_change_nothing() -> None:
    """What is no change of the organization is passed over, and is not refused either."""
    before = university()
    assert changed(before, [Event("member.problem", date="2025-03-10", person="m1")]) == (before, {})


CHANGES = [
    change("unit.created", "2025-02-01", unit="B22", kind="branch", superior="GB2"),
    change("unit.created", "2025-02-01", unit="B23", kind="branch", superior="B22"),
    change("unit.merged", "2025-03-01", units=["B12", "B22"], into="B30", name="联合支部"),
    change("unit.split", "2025-04-01", unit="B11", into=["B14", "B15"], members={"m1": "B14", "m7": "B15"}),
    change("unit.moved", "2025-04-01", unit="B14", to="GB2"),
    change("unit.moved", "2025-05-01", unit="GB2", to="GB1"),
    change("unit.moved", "2025-05-02", unit="GB1", to="GB2"),
    change("unit.closed", "2025-06-01", unit="B21"),
    change("relation.changed", "2025-02-03", relation="guides", source_="GB2", target="B11"),
    change("member.joined", "2025-02-01", person="m7", unit="B11"),
    change("member.transferred", "2025-02-20", person="m3", to="B11", recorded="2025-08-01"),
    change("member.left", "2025-07-01", person="m1"),
    change("post.assumed", "2025-02-10", post="B11.secretary", person="liu", acting=True),
    change("post.assumed", "2025-02-15", post="B11.secretary", person="zhou"),
    change("post.assumed", "2025-02-15", post="B11.secretary", person="qian"),
    change("post.assumed", "2025-04-01", post="B14.secretary", person="zhou", unit="B14"),
    change("post.vacated", "2025-03-15", post="B11.secretary"),
    change("absence.started", "2025-02-01", person="li"),
    change("absence.ended", "2025-02-07", person="li"),
]


@given(st.permutations(CHANGES), st.integers(0, len(CHANGES)))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_changes_come_never_matters(events: list[Event], count: int) -> None:
    """Any set of changes gives the same organization and refuses the same events, in whatever order it is given."""
    chosen = events[:count]
    organization, refused = changed(university(), chosen)
    again, refused_again = changed(university(), sorted(chosen, key=lambda event: event.content))
    assert facts_of(again) == facts_of(organization)
    assert refused_again == refused


# -- files -------------------------------------------------------------------------------------------------------------

WHOLE = """
[[persons]]
id = "zhang"
name = "张三"
[[persons]]
id = "li"
[[persons]]
id = "wang"

[[units]]
id = "U.PC"
name = "学校党委"
kind = "party_committee"
committee = ["zhang", { person = "li", from = 2024-01-01, to = 2024-12-31 }]

[[units.posts]]
kind = "secretary"
holder = "zhang"

[[units]]
id = "U.GB1"
kind = "general_branch"
subkind = "teaching"
from = 2020-09-01
to = "2030-08-31"
led_by = [{ unit = "U.PC", from = 2020-09-01, ground = "隶属" }]
guided_by = "U.OD"
same_level = ["U.OD"]
committee = []

[[units.posts]]
id = "U.GB1.s"
kind = "secretary"
name = "书记"
head = true
leader = true
portfolio = "党建"
from = 2021-01-01
holders = [
    { person = "li", from = 2022-01-01, to = 2023-12-31, part_time = true },
    { person = "wang", from = 2024-01-01, acting = true },
    { person = "zhang", slot = "B" },
]

[[units]]
id = "U.OD"
kind = "organ"
organ_of = "U.PC"
acts_for = "U.PC"

[[posts]]
id = "U.OD.head"
unit = "U.OD"

[[holders]]
post = "U.OD.head"
person = "wang"

[[tenures]]
post = "U.OD.head"
person = "li"
slot = "B"

[[members]]
person = "li"
unit = "U.GB1"
from = 2010-01-01

[[absences]]
person = "wang"
from = 2025-03-01
to = 2025-03-31

[[relations]]
relation = "succeeds"
source = "U.GB1"
target = "U.OD"
from = 2020-09-01
matter = "party"
"""


def the_whole() -> Organization:
    """The organization of `WHOLE`, written out by hand."""
    return Organization.build(
        persons=[Person("zhang", "张三"), Person("li"), Person("wang")],
        units=[
            Unit("U.PC", "party_committee", "学校党委"),
            Unit("U.GB1", "general_branch", "", "teaching", day("2020-09-01"), day("2030-08-31")),
            Unit("U.OD", "organ"),
        ],
        posts=[
            Post("U.PC.secretary", "U.PC", "secretary"),
            Post("U.GB1.s", "U.GB1", "secretary", "书记", True, True, "党建", day("2021-01-01")),
            Post("U.OD.head", "U.OD", "head"),
        ],
        tenures=[
            Tenure("U.PC.secretary", "zhang"),
            Tenure("U.GB1.s", "li", day("2022-01-01"), day("2023-12-31"), part_time=True),
            Tenure("U.GB1.s", "wang", day("2024-01-01"), acting=True),
            Tenure("U.GB1.s", "zhang", slot="B"),
            Tenure("U.OD.head", "wang"),
            Tenure("U.OD.head", "li", slot="B"),
        ],
        memberships=[Membership("li", "U.GB1", day("2010-01-01"))],
        seats=[Seat("U.PC", "zhang"), Seat("U.PC", "li", day("2024-01-01"), day("2024-12-31")), Seat("U.GB1", None)],
        absences=[Absence("wang", day("2025-03-01"), day("2025-03-31"))],
        relations=[
            Relation("leads", "U.PC", "U.GB1", day("2020-09-01"), ground="隶属"),
            Relation("guides", "U.OD", "U.GB1"),
            Relation("same_level", "U.GB1", "U.OD"),
            Relation("organ_of", "U.OD", "U.PC"),
            Relation("acts_for", "U.OD", "U.PC"),
            Relation("succeeds", "U.GB1", "U.OD", day("2020-09-01"), matter="party"),
        ],
    )


def save(folder: Path, text: str | bytes, name: str = "org.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_says_every_fact(tmp_path: Path) -> None:
    """Every key of the form is read as the fact that it stands for, from TOML and by `Organization.load`."""
    path = save(tmp_path, WHOLE)
    assert facts_of(load_organization(path)) == facts_of(the_whole())
    assert facts_of(Organization.load(str(path))) == facts_of(the_whole())


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    """An organization written as JSON, with a byte order mark or without, is read as it was in TOML."""
    text = json.dumps(write_organization(the_whole()), ensure_ascii=False)
    assert facts_of(load_organization(save(tmp_path, text, "org.json"))) == facts_of(the_whole())
    marked = save(tmp_path, b"\xef\xbb\xbf" + text.encode(), "marked.json")
    assert facts_of(load_organization(marked)) == facts_of(the_whole())
    toml = save(tmp_path, b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert facts_of(load_organization(toml)) == facts_of(the_whole())


@given(organizations())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_with_equal_facts(organization: Organization) -> None:
    """An organization written as plain data and read again has the same facts, also through JSON."""
    data = write_organization(organization)
    assert facts_of(read_organization(data, "host")) == facts_of(organization)
    assert facts_of(read_organization(json.loads(json.dumps(data)), "host")) == facts_of(organization)


def test_a_committee_that_was_recorded_to_be_none_for_a_time_is_written_and_read() -> None:
    """Seats of persons and days without a committee stand beside each other in one list."""
    seats = [Seat("B11", None, to=day("2024-12-31")), Seat("B11", "chen", day("2025-01-01")), Seat("B12", None)]
    organization = university(seats=seats)
    assert write_organization(organization)["units"][4]["committee"] == [
        {"to": "2024-12-31"},
        {"person": "chen", "from": "2025-01-01"},
    ]
    assert facts_of(read_organization(write_organization(organization), "host")) == facts_of(organization)


def test_persons_that_changes_brought_are_registered_when_written() -> None:
    """Where persons are listed, a person that only an event named is listed too, so that the data can be read."""
    organization = Organization.build(units=units("a"), persons=[Person("li")], memberships=[Membership("wu", "a")])
    assert write_organization(organization)["persons"] == [{"id": "li"}, {"id": "wu"}]
    assert read_organization(write_organization(organization), "host").memberships == organization.memberships


def test_nothing_means_absent() -> None:
    """A key whose value is null is as if it were not there."""
    data = {"units": [{"id": "a", "kind": "branch", "to": None, "led_by": None, "committee": None}], "persons": None}
    assert facts_of(read_organization(data, "host")) == facts_of(Organization.build(units=units("a")))


UNIT = '[[units]]\nid = "U.PC"\nkind = "committee"\n'
POST = '[[units.posts]]\nkind = "secretary"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[unit]]\n", "1: unit: the key `unit` is not known, did you mean `units`?"),
        ("units = 3", "1: units: `3` is no list; write a list of tables"),
        ("units = [3]", "1: units[0]: `3` is no table; write one with the keys `id`, `name`, `kind`, `subkind`, "),
        ("[[units]]\nkind = 'x'\n", "1: units[0]: `id` is missing; add it"),
        ("[[units]]\nid = 'x'\n", "1: units[0]: `kind` is missing; add it"),
        (UNIT + "leader = 'x'\n", "4: units[0].leader: the key `leader` is not known; the keys are `id`, "),
        (UNIT + "ledby = 'x'\n", "4: units[0].ledby: the key `ledby` is not known, did you mean `led_by`?"),
        (UNIT + "name = 3\n", "4: units[0].name: `3` is no text; write it in quotation marks"),
        (UNIT + f"name = '{'x' * 513}'\n", "4: units[0].name: `xxx"),
        (UNIT + "from = 2025-02-30\n", "4: `from = 2025-02-30` is not TOML: "),
        (UNIT + "from = '2025-02-30'\n", "4: units[0].from: `2025-02-30` is no date; write YYYY-MM-DD"),
        (UNIT + "from = 1899-12-31\n", "4: units[0].from: `1899-12-31` is no date; write YYYY-MM-DD"),
        (UNIT + "to = 2025-01-01T00:00:00\n", "4: `units.0.to` is of the kind `datetime`"),
        (UNIT + "from = 2025-02-01\nto = 2025-01-31\n", "1: units[0]: unit `U.PC` ends on 2025-01-31 before it begins"),
        (UNIT + "led_by = 5\n", "4: units[0].led_by: `5` is no list; write a list of tables"),
        (UNIT + "led_by = ['U.P C']\n", "4: units[0].led_by[0].unit: the unit `U.P C` looks like `U.PC`"),
        (UNIT + "led_by = 'U.PC '\n", "4: units[0].led_by[0].unit: the unit `U.PC ` (U+0020 SPACE) looks like `U.PC`"),
        (UNIT + "led_by = 'u.pc'\n", "4: units[0].led_by[0].unit: the unit `u.pc` looks like `U.PC`"),
        (UNIT + "led_by = 'U.PC'\n", "1: units[0]: unit `U.PC` stands in the relation `leads` to itself"),
        (
            UNIT + "led_by = [{ unit = 'U.X', form = 2025-01-01 }]\n",
            "4: units[0].led_by[0].form: the key `form` is not",
        ),
        (UNIT + "led_by = 'U.PD'\n", "1: units[0]: relation `leads` of `U.PD` to `U.PC` names the unit `U.PD`"),
        (UNIT + "committee = [3]\n", "4: units[0].committee[0]: `3` is no table"),
        (UNIT + UNIT, "4: units[1]: unit `U.PC` is given twice; give each id once"),
        (UNIT + "[[units.posts]]\nname = 'x'\n", "4: units[0].posts[0]: `kind` is missing; add it"),
        (UNIT + POST + "head = 'yes'\n", "6: units[0].posts[0].head: `yes` is neither true nor false"),
        (UNIT + POST + "holders = ['a b']\n", "6: units[0].posts[0].holders[0].person: the person `a b` holds U+0020"),
        (
            UNIT + POST + "holders = [{ person = 'li', slot = 'C' }]\n",
            "6: units[0].posts[0].holders[0].slot: `C` is no slot; write `A` or `B`",
        ),
        (
            UNIT + POST + "holders = ['li', 'wu']\n",
            "4: units[0].posts[0]: post `U.PC.secretary` is held by `li` and by `wu` from the beginning",
        ),
        (UNIT + "[[posts]]\nid = 'p'\n", "4: posts[0]: `unit` is missing; add it"),
        (UNIT + "[[holders]]\npost = 'p'\nperson = 'li'\n", " tenure of `li` names the post `p`, which is not there"),
        (
            UNIT + "[[relations]]\nrelation = 'lead'\nsource = 'a'\ntarget = 'b'\n",
            "5: relations[0].relation: no relation `lead` is known, did you mean `leads`?",
        ),
        (
            UNIT + POST + "holder = 'lee'\n[[persons]]\nid = 'li'\n",
            "6: units[0].posts[0].holder[0].person: no person `lee` is listed; add it to `persons`",
        ),
        ("x = [", "2: `` is not TOML: Invalid value; correct the line"),
        ("x = 1\nx = 2", "2: `x = 2` is not TOML: Cannot overwrite a value; correct the line"),
        ("x = " + "[" * 5000, " the lists and tables are nested too deep; flatten them"),
        ("x" + ".x" * 5000 + " = 1", "1: a key has more than 16 parts; flatten it"),
        ("x = 1e9999999999999999999", " a number has an exponent that can not be kept; write it out"),
        ("x = 1" + "0" * 5000, "1: `x = 1000"),
        ("x = nan", "1: `x` is no finite number that can be kept"),
        ('x = "\\u0000"', "1: `x` holds a NUL character or a lone surrogate; remove it"),
        (b"a = 1\nx = '\xff'", "2: the text is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    """The message begins with file and line, names the path of the entry, and is one line whatever the file holds."""
    path = save(tmp_path, text)
    with pytest.raises(OrganizationError) as refused:
        load_organization(path)
    assert str(refused.value).startswith(f"{path}:{message}")
    assert "\n" not in str(refused.value)


def test_a_bad_json_file_is_refused_with_the_path_of_the_entry(tmp_path: Path) -> None:
    """JSON has no lines to name; the message begins with the file and the path."""
    path = save(tmp_path, '{"units": [{"id": "a", "kind": "k", "led_by": [{"unt": "b"}]}]}', "org.json")
    with pytest.raises(OrganizationError) as refused:
        load_organization(path)
    expected = f"{path}: units[0].led_by[0].unt: the key `unt` is not known, did you mean `unit`?"
    assert str(refused.value) == expected
    for text, message in (
        ("[]", "`[]` is no table"),
        ("{", "the text is not JSON at line 1"),
        ('{"a":1}', "the key `a`"),
    ):
        with pytest.raises(OrganizationError, match=f"{path}: {message}".replace("[", r"\[").replace("]", r"\]")):
            load_organization(save(tmp_path, text, "org.json"))


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, an unknown kind of file and a file over 256 MB are refused by name."""
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    for path, message in (
        (tmp_path / "no.toml", "the file can not be read: No such file or directory; correct the path"),
        (tmp_path, "the kind of file is not known; name a file that ends in `.toml` or `.json`"),
        (big, "the file is longer than 268435456 bytes; split it"),
        (Path("a\0.toml"), "the file can not be read: embedded null byte; correct the path"),
    ):
        with pytest.raises(OrganizationError) as refused:
            load_organization(path)
        assert str(refused.value) == f"{path}: {message}"


def test_plain_data_of_a_host_is_read_with_its_own_name_in_messages() -> None:
    """A host may build an organization from its own source; what is not plain is refused by the name it gives."""
    with pytest.raises(OrganizationError, match=r"^hr database: `units.0.name` is a float; "):
        read_organization({"units": [{"id": "a", "kind": "k", "name": 1.5}]}, "hr database")
    with pytest.raises(OrganizationError, match=r"^hr database: units\[0\]: `kind` is missing; add it$"):
        read_organization({"units": [{"id": "a"}]}, "hr database")


def test_ids_that_only_look_alike_are_refused_by_both_names() -> None:
    """Letters of another script, case, and characters without width make no other id."""
    for twin in ("pа", "PA", "ра", "p\u200ba", "ｐａ"):
        with pytest.raises(OrganizationError, match="looks like `pa`"):
            read_organization({"persons": [{"id": "pa"}, {"id": twin}]}, "host")
    chinese = read_organization({"persons": [{"id": "李"}, {"id": "季"}]}, "host")
    assert set(chinese.persons) == {"李", "季"}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=6)
    | st.dates()
    | st.sampled_from(["a", "b", "c"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "unit", "person", "led_by", "posts", "holders", "from", "to", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["units", "posts", "holders", "members", "persons", "relations"]), plain))
@settings(max_examples=200, deadline=None)
def test_whatever_plain_data_holds_it_is_read_or_refused(data: dict[str, Any]) -> None:
    """No data makes the reader fail otherwise than with an OrganizationError in one line."""
    try:
        read_organization(data, "host")
    except OrganizationError as refused:
        assert str(refused).startswith("host: ")
        assert "\n" not in str(refused)


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text("[]{}=\"'\n.,#\\ax0", max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: Any, at: int, cut: int, put: str) -> None:
    """A file with characters cut out or put in is still an organization, or is refused by its name."""
    path = save(tmp_path_factory.getbasetemp(), WHOLE[:at] + put + WHOLE[at + cut :], "damaged.toml")
    try:
        load_organization(path)
    except OrganizationError as refused:
        assert str(refused).startswith(f"{path}:")
        assert "\n" not in str(refused)


# -- hostile files -----------------------------------------------------------------------------------------------------


def translated(data: dict[str, Any]) -> dict[str, Any]:
    """Write a case of the hostile collection in our keys.

    Its `leader` is a head post, its instants are days (a tenure ends on the eve of `until`), its `deputy` is a B holder
    and whom a person reports to is the unit above. Posts of units that a case leaves out belong to another case.
    """
    known = {unit["id"]: dict(unit) for unit in data["units"]}
    found: list[dict[str, Any]] = []
    for unit in data["units"]:
        entry = {"id": unit["id"], "name": unit.get("name"), "kind": "unit", "led_by": unit["parent"]}
        if unit["leader"] is not None:
            entry["posts"] = [{"kind": "leader", "head": True, "holder": unit["leader"]}]
        found.append(entry)
    posts: list[dict[str, Any]] = []
    for post in data["posts"]:
        if post["unit"] not in known:
            continue
        holder = {"person": post["holder"]}
        if "from" in post:
            holder["from"] = post["from"][:10]
            if "until" in post:
                holder["to"] = str(day(post["until"][:10]) - timedelta(1))
            chief = next((each for each in posts if each["id"] == "chief"), None)
            if chief is None:
                posts.append(chief := {"id": "chief", "unit": post["unit"], "kind": "chief", "holders": []})
            chief["holders"].append(holder)
            continue
        holders = [holder, *([{"person": post["deputy"], "slot": "B"}] if "deputy" in post else [])]
        posts.append({"id": post["id"], "unit": post["unit"], "kind": "clerk", "holders": holders})
        above = next((p["unit"] for p in data["posts"] if p["holder"] == post.get("reports_to")), None)
        if above is not None and known[post["unit"]]["parent"] is None:
            next(each for each in found if each["id"] == post["unit"])["led_by"] = above
    return {"units": found, "posts": posts, "persons": data["persons"]}


def load_case(folder: Path, name: str) -> Organization:
    data = json.loads((HOSTILE / name).read_text(encoding="utf-8"))
    return load_organization(save(folder, json.dumps(translated(data)), name))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("002-unit-its-own-parent.json", "unit `a` stands in the relation `leads` to itself"),
        ("003-two-parents.json", "units[4]: unit `z` is given twice; give each id once"),
        ("004-orphan-parent-missing.json", "names the unit `nowhere`, which is not there"),
        ("006-person-leads-own-superior-loop.json", "the leading units form a cycle"),
        ("008-leader-not-a-person.json", "no person `ghost` is listed; add it to `persons`"),
        ("011-post-two-holders.json", "posts[1]: post `t3` is given twice; give each id once"),
        ("012-tenure-overlap.json", "post `chief` is held by `p3` and by `p2` on 2026-05-01"),
        ("013-tenure-ends-before-start.json", "tenure of `p3` ends on 2025-12-31 before it begins on 2026-06-01"),
        ("018-homoglyph-person-ids.json", "the person `pа` (U+0430 CYRILLIC SMALL LETTER A) looks like `pa`"),
        ("021-trailing-space-and-zero-width-id.json", "the person `p1 ` (U+0020 SPACE) looks like `p1`"),
        ("024-terminal-escape-names.json", "`persons.3.name` holds a NUL character or a lone surrogate; remove it"),
    ],
)
def test_a_hostile_file_is_refused_and_a_good_one_works_right_after(tmp_path: Path, name: str, message: str) -> None:
    """The refusal says what is wrong in one line that begins with the file; nothing of it is kept."""
    with pytest.raises(OrganizationError) as refused:
        load_case(tmp_path, name)
    assert str(refused.value).startswith(f"{tmp_path / name}: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(load_case(tmp_path, "000-control-valid.json").units) == 3


def test_the_control_is_accepted(tmp_path: Path) -> None:
    """The valid organization that the hostile ones are compared with gives its chain and its holders."""
    view = load_case(tmp_path, "000-control-valid.json").on(TODAY)
    assert list(view.above("u2")) == ["u1", "u0"]
    assert [view.holder(post) for post in ("u0.leader", "u1.leader", "u2.leader", "t3")] == ["p0", "p1", "p2", "p3"]


def test_two_tops_are_accepted(tmp_path: Path) -> None:
    """A forest is an organization: each top has nobody above (005)."""
    view = load_case(tmp_path, "005-two-roots.json").on(TODAY)
    assert (view.superior("r1"), view.superior("r2")) == (None, None)


def test_one_person_may_lead_three_levels(tmp_path: Path) -> None:
    """One holder of the posts of three levels is accepted; the units above stay three (007)."""
    view = load_case(tmp_path, "007-same-person-leads-three-levels.json").on(TODAY)
    assert {view.holder(f"{unit}.leader") for unit in ("y", *view.above("y"))} == {"p0"}
    assert list(view.above("y")) == ["x", "r"]


def test_units_without_leaders_are_accepted(tmp_path: Path) -> None:
    """A unit without a responsible post has none, all the way up, and nothing fails (009)."""
    view = load_case(tmp_path, "009-unit-without-leader-all-the-way-up.json").on(TODAY)
    assert [view.responsible_post(unit) for unit in ("x", *view.above("x"))] == [None, None]


def test_a_person_without_a_post_is_accepted(tmp_path: Path) -> None:
    """Whoever holds nothing and belongs nowhere is still a person of the organization (010)."""
    organization = load_case(tmp_path, "010-person-in-no-post.json")
    assert "p4" in organization.persons
    assert organization.on(TODAY).unit_of("p4") is None


def test_on_every_day_around_a_change_one_person_holds_the_post(tmp_path: Path) -> None:
    """Days are inclusive, not instants: the old holder's last day is the eve of the new one's first (014)."""
    organization = load_case(tmp_path, "014-tenure-boundary-instant.json")
    found = [organization.on(day(d)).holder("chief") for d in ("2026-03-01", "2026-03-02", "2026-03-03")]
    assert found == ["p3", "p2", "p2"]


def test_names_are_kept_as_they_are(tmp_path: Path) -> None:
    """Markup and templates in names are text like any other (022)."""
    persons = load_case(tmp_path, "022-html-in-names.json").persons
    assert persons["p0"].name == "<script>alert(1)</script>"
    assert persons["p3"].name == "{{7*7}} ${7*7} <%= 7*7 %>"


def test_control_characters_in_names_are_kept_and_never_break_a_message(tmp_path: Path) -> None:
    """Apart from NUL, control characters in names are accepted; a message that quotes them stays one line (024)."""
    data = translated(json.loads((HOSTILE / "024-terminal-escape-names.json").read_text(encoding="utf-8")))
    data["persons"][3]["name"] = "no nul"
    organization = read_organization(data, "host")
    assert organization.persons["p2"].name == "line1\nline2 [OK] all clear"
    data["persons"][2]["name"] = "line1\nline2 \x1b[2J" + "x" * 600
    with pytest.raises(OrganizationError) as refused:
        read_organization(data, "host")
    assert "`line1\\nline2 \\x1b[2Jxxx" in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_name_of_a_million_characters_is_refused(tmp_path: Path) -> None:
    """A name is at most 512 characters long (025)."""
    text = json.dumps({"persons": [{"id": "p0", "name": "x" * 1_000_000}]})
    with pytest.raises(OrganizationError, match="is longer than 16384 characters; shorten it"):
        load_organization(save(tmp_path, text, "org.json"))


def test_a_key_given_twice_is_refused() -> None:
    """Of two values for one key neither is chosen (026)."""
    with pytest.raises(OrganizationError, match="the key `leader` is given twice in one object; keep one"):
        load_organization(HOSTILE / "026-duplicate-json-keys.json")


def test_standing_in_goes_one_step(tmp_path: Path) -> None:
    """When everybody is away and each stands in for the next, a post falls to its B holder and no further (029)."""
    data = json.loads((HOSTILE / "029-secretary-of-self-deputy-cycle.json").read_text(encoding="utf-8"))
    away = [{"person": f"p{n}", "from": "2025-01-01"} for n in range(3)]
    view = read_organization({**translated(data), "absences": away}, "host").on(TODAY)
    assert [view.holder(post) for post in "abc"] == ["p1", "p2", "p0"]


@pytest.mark.parametrize("depth", [3000, 100_000])
def test_a_deep_chain_is_read_and_walked_without_recursion(tmp_path: Path, depth: int) -> None:
    """From the lowest of very many units the way up and the way down are found in one pass (015, 016)."""
    chain = [{"id": f"u{n}", "kind": "unit", "led_by": f"u{n - 1}" if n else None} for n in range(depth)]
    view = load_organization(save(tmp_path, json.dumps({"units": chain}), "chain.json")).on(TODAY)
    assert sum(1 for _ in view.above(f"u{depth - 1}")) == depth - 1
    assert sum(1 for _ in view.below("u0")) == depth - 1


def test_a_star_of_fifty_thousand_units_is_read_and_walked(tmp_path: Path) -> None:
    """Very many units under one are read, listed, and climbed from each in turn (017)."""
    star = [{"id": f"u{n:05}", "kind": "unit", "led_by": "u00000" if n else None} for n in range(50_000)]
    organization = load_organization(save(tmp_path, json.dumps({"units": star}), "star.json"))
    below = list(organization.on(TODAY).below("u00000"))
    assert below == [f"u{n:05}" for n in range(1, 50_000)]
    assert all(list(organization.on(TODAY).above(unit)) == ["u00000"] for unit in below)
