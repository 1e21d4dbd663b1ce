"""Organizations for the tests: a small university, random ones, and their facts without order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from accountability.organization import Organization
from accountability.organization_facts import (
    BEGINNING,
    FOREVER,
    Absence,
    Fact,
    Membership,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)

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
