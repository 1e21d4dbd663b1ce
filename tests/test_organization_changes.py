"""Changes of the organization told as events: what each one does, late or not, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from organizations import TODAY, after, day, facts_of, units, university, written_facts

from accountability.event import Event, typed
from accountability.organization import Organization
from accountability.organization_changes import ORGANIZATION_EVENTS, changed
from accountability.organization_facts import FOREVER, Fact, Membership, Post, Relation, Tenure, Unit


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


def test_a_merger_moves_only_those_who_belong_on_the_eve() -> None:
    """Members of other units, and those who left before or come later, stay where they are."""
    memberships = [
        Membership("m1", "B11"),
        Membership("gone", "B11", to=day("2025-03-08")),
        Membership("last", "B11", to=day("2025-03-09")),
        Membership("later", "B11", day("2025-03-10")),
        Membership("other", "B21"),
    ]
    organization = after_changes(
        change("unit.merged", "2025-03-10", units=["B11"], into="B12"), memberships=memberships
    )
    view = organization.on(TODAY)
    found = {person: view.unit_of(person) for person in ("m1", "gone", "last", "later", "other")}
    assert found == {"m1": "B12", "gone": None, "last": "B12", "later": "B11", "other": "B21"}


def test_a_unit_can_be_changed_on_its_first_and_on_its_last_day() -> None:
    """What exists from a day to a day can be moved, joined and taken over on both of them, and not around them."""
    before = Organization.build(
        units=[*units("a", "b"), Unit("x", "branch", from_=day("2025-03-01"), to=day("2025-03-10"))],
        posts=[Post("x.head", "x", "head", from_=day("2025-03-02"), to=day("2025-03-09"))],
    )
    days = ("2025-02-28", "2025-03-01", "2025-03-02", "2025-03-09", "2025-03-10", "2025-03-11")

    def accepted(type_: str, **fields: Any) -> list[str]:
        return [on for on in days if not changed(before, [change(type_, on, **fields)])[1]]

    assert accepted("unit.moved", unit="x", to="a") == list(days[1:5])
    assert accepted("member.joined", person="m", unit="x") == list(days[1:5])
    assert accepted("unit.closed", unit="x") == list(days[1:5])
    assert accepted("post.assumed", post="x.head", person="li") == list(days[2:4])
    assert accepted("unit.split", unit="a", into=["x"]) == list(days[1:5])
    assert accepted("unit.merged", units=["a"], into="x") == list(days[1:5])
    assert accepted("unit.merged", units=["x"], into="a") == list(days[2:])


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


def test_new_units_stand_where_the_old_ones_would() -> None:
    """What comes of a split or merger is led by whoever would lead the old unit on that day, if there is one."""
    relations = [
        Relation("leads", "GB1", "B11", to=day("2025-03-09")),
        Relation("leads", "GB2", "B11", day("2025-03-10")),
        Relation("leads", "X", "B12"),
        Relation("organ_of", "OD", "PC"),
    ]
    base = university(relations=relations[:2] + relations[3:])
    facts = written_facts(base)
    facts["units"].append(Unit("X", "general_branch", to=day("2025-03-08")))
    organization, refused = changed(
        Organization.build(**{**facts, "relations": relations}),
        [
            change("unit.split", "2025-03-10", unit="B11", into=["N1"]),
            change("unit.merged", "2025-03-10", units=["B12"], into="N2"),
            change("unit.merged", "2025-03-10", units=["OD"], into="N3"),
        ],
    )
    assert refused == {}
    view = organization.on(TODAY)
    assert [view.superior(unit) for unit in ("N1", "N2", "N3")] == ["GB2", None, "PC"]


@pytest.mark.parametrize("ids", ["12", "21"])
def test_mergers_of_one_day_on_two_levels_fit_together(ids: str) -> None:
    """Branches and their general branches may merge on one day: the new branch stands under the new general branch."""
    branches = change("unit.merged", "2025-03-10", units=["B11", "B12"], into="N", id=f"e{ids[0]}")
    general = change("unit.merged", "2025-03-10", units=["GB1", "GB2"], into="GB", id=f"e{ids[1]}")
    split = change("unit.split", "2025-03-10", unit="B21", into=["B22"])
    view = after_changes(branches, general, split).on(TODAY)
    assert [view.superior(unit) for unit in ("N", "B22", "GB")] == ["GB", "GB", "PC"]
    assert list(view.below("GB")) == ["B22", "N"]


def test_a_unit_is_split_on_the_day_after_its_superior_was_closed() -> None:
    """Where the superior ended on the eve, the new units stand under whoever is left above it."""
    relations = [Relation("leads", "PC", "GB1"), Relation("leads", "GB1", "B11")]
    closed = change("unit.closed", "2025-03-09", unit="GB1")
    split = change("unit.split", "2025-03-10", unit="B11", into=["N"])
    view = after_changes(closed, split, relations=relations).on(TODAY)
    assert (view.unit("GB1"), view.superior("N")) == (None, "PC")


def test_two_units_may_change_places_and_be_split_at_once() -> None:
    """A unit that comes under its former unit on the day of a split is not above the new units of that one."""
    relations = [Relation("leads", "GB1", "B11", to=day("2025-03-09")), Relation("leads", "B11", "GB1", TODAY)]
    view = after_changes(change("unit.split", "2025-03-10", unit="B11", into=["N"]), relations=relations).on(TODAY)
    assert (view.superior("N"), view.superior("GB1")) == ("GB1", None)


def test_what_is_recorded_for_later_is_not_given_to_the_heir() -> None:
    """A unit that the record puts under another one from the day of the merger on stays there."""
    relations = [
        Relation("leads", "GB1", "B11", to=day("2025-03-09")),
        Relation("leads", "PC", "B11", TODAY),
        Relation("leads", "GB1", "B12"),
    ]
    organization = after_changes(change("unit.merged", "2025-03-10", units=["GB1"], into="GB2"), relations=relations)
    assert [organization.on(TODAY).superior(unit) for unit in ("B11", "B12")] == ["PC", "GB2"]


def test_acting_begun_on_the_day_of_a_regular_holder_bears() -> None:
    """Of an acting and a regular holder from one day on the acting one bears, in whatever order they are told."""
    regular = change("post.assumed", "2025-03-10", post="B11.secretary", person="zhou", id="e2")
    for number in ("e1", "e3"):
        acting = change("post.assumed", "2025-03-10", post="B11.secretary", person="liu", acting=True, id=number)
        assert after_changes(regular, acting).on(TODAY).holder("B11.secretary") == "liu"


def test_a_b_holder_does_not_end_the_acting_time() -> None:
    """Whoever assumes the B slot of a post leaves those of the A slot as they are, and they him."""
    acting = change("post.assumed", "2025-03-01", post="B11.secretary", person="liu", acting=True)
    other = change("post.assumed", "2025-03-10", post="B11.secretary", person="zhou", slot="B")
    later = change("post.assumed", "2025-03-20", post="B11.secretary", person="qian")
    organization = after_changes(acting, other, later)
    found = [organization.on(day(d)).holder("B11.secretary") for d in ("2025-03-10", "2025-03-20")]
    assert found == ["liu", "qian"]
    assert Tenure("B11.secretary", "zhou", TODAY, slot="B") in organization.tenures


def test_a_change_of_places_is_no_cycle() -> None:
    """A unit may come under one that it led before, from the day after that ended on."""
    before = Organization.build(
        units=units("a", "b", "c"),
        relations=[Relation("leads", "a", "b", to=day("2025-06-30")), Relation("leads", "b", "c")],
    )
    possible = change("unit.moved", "2025-07-01", unit="a", to="c")
    organization, refused = changed(before, [possible])
    assert refused == {}
    assert list(organization.on(day("2025-07-01")).above("a")) == ["c", "b"]
    for on in ("2025-06-30", "2025-01-01"):
        early = change("unit.moved", on, unit="a", to="c")
        reason = f"the leading units would form a cycle on {on}: `c` stands under `a`; name another unit or day"
        assert changed(before, [early])[1] == {early.key: reason}


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
    assert organization.on(TODAY).tenure("B21.deputy") == Tenure("B21.deputy", "kong", TODAY)
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


def test_a_member_can_leave_on_the_first_and_on_the_last_day() -> None:
    """Leaving is possible on every day of a membership, both ends included, and on no other day."""
    before = university(memberships=[Membership("m1", "B11", day("2025-03-01"), day("2025-03-10"))])
    days = ("2025-02-28", "2025-03-01", "2025-03-10", "2025-03-11")
    left = [on for on in days if not changed(before, [change("member.left", on, person="m1")])[1]]
    assert left == ["2025-03-01", "2025-03-10"]


def test_a_transfer_names_the_unit_of_its_day_or_of_the_eve() -> None:
    """Whoever left or joined on the very day of a transfer, or on its eve, is transferred from that unit."""
    memberships = [Membership("m1", "B11", to=day("2025-03-09")), Membership("m3", "B12", TODAY)]
    for person, unit, possible in (
        ("m1", "B11", True),
        ("m3", "B12", True),
        ("m1", "B12", False),
        ("m3", "B11", False),
        ("m9", "B12", True),
    ):
        event = change("member.transferred", "2025-03-10", person=person, from_=unit, to="B21")
        assert (not changed(university(memberships=memberships), [event])[1]) is possible
    early = change("member.transferred", "2025-03-12", person="m1", from_="B12", to="B21")
    organization, refused = changed(university(memberships=memberships), [early])
    assert refused == {}
    assert organization.on(day("2025-03-12")).unit_of("m1") == "B21"


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
        change("relation.changed", "2025-03-10", relation="leads", from_="PC", to="B11", ground="属地", matter="党建"),
        change("relation.changed", "2025-03-10", relation="guides", from_="GB2", to="B11", ground="垂直"),
        change("relation.changed", "2025-03-10", relation="organ_of", from_="OD", to="GB1"),
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
    (
        change("unit.created", "2025-03-10", unit="N", kind="branch", superior="GB9"),
        "unit `GB9` is not there, did you mean",
    ),
    (
        change("unit.moved", "2025-03-10", unit="PC", to="B11"),
        "form a cycle on 2025-03-10: `B11` stands under `PC`",
    ),
    (change("unit.moved", "2025-03-10", unit="B11", to="GB9"), "unit `GB9` is not there, did you mean"),
    (
        change("unit.moved", "2025-03-10", unit="B11", to="B11"),
        "form a cycle on 2025-03-10: `B11` stands under `B11`",
    ),
    (change("unit.closed", "2025-03-10", unit="Q"), "unit `Q` is not there; add it or correct the id"),
    (change("unit.merged", "2025-03-10", units=["B11", "Q"], into="N"), "unit `Q` is not there"),
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
        change("relation.changed", "2025-03-10", relation="guides", from_="GB2", to="Q"),
        "unit `Q` is not there",
    ),
    (
        change("relation.changed", "2025-03-10", relation="guides", from_="GB2", to="GB2"),
        "unit `GB2` can not be related to itself; name another unit",
    ),
    (
        change("relation.changed", "2025-03-10", relation="guides", from_="Q", to="GB2"),
        "unit `Q` is not there; add it or correct the id",
    ),
    (change("unit.created", "2025-03-10", unit="B11.secretary", kind="x"), "`B11.secretary` is the id of a post"),
    (change("post.assumed", "2025-03-10", post="B11", person="x", unit="B11"), "`B11` is the id of a unit"),
    (change("post.assumed", "2025-03-10", post="B11.head", person="x"), "post `B11.head` is not there"),
    (change("post.assumed", "2025-03-10", post="Q.head", person="x", unit="Q"), "unit `Q` is not there"),
    (change("post.assumed", "2025-03-10", post="B11.secretary", person="x", slot="C"), "`C` is no slot of a post"),
    (
        change("post.vacated", "2025-03-10", post="B11.secretary", person="wu"),
        "post `B11.secretary` is not held by `wu`",
    ),
    (change("post.vacated", "2022-03-10", post="B11.secretary"), "post `B11.secretary` is not held by anybody"),
    (change("post.vacated", "2025-03-10", post="B11.secretry"), "post `B11.secretry` is not there, did you mean"),
    (change("member.joined", "2025-03-10", person="m1", unit="Q"), "unit `Q` is not there"),
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
    change("relation.changed", "2025-02-03", relation="guides", from_="GB2", to="B11"),
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
def test_the_order_in_which_changes_come_never_matters(events: list[Event], count: int) -> None:
    """Any set of changes gives the same organization and refuses the same events, in whatever order it is given."""
    chosen = events[:count]
    organization, refused = changed(university(), chosen)
    again, refused_again = changed(university(), sorted(chosen, key=lambda event: event.content))
    assert facts_of(again) == facts_of(organization)
    assert refused_again == refused


IDS = {
    "unit": ["PC", "OD", "GB1", "GB2", "B11", "B12", "N1", "N2"],
    "person": ["li", "chen", "wu", "m1", "m3"],
    "post": ["PC.secretary", "GB1.deputy", "B11.secretary", "B12.secretary", "N1.secretary"],
    "text": ["leads", "organ_of", "guides", "A", "B"],
}


@st.composite
def random_changes(draw: st.DrawFn) -> list[Event]:
    """Up to eight changes of any type within ten days, most of them possible, some of them not."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 8))):
        type_ = draw(st.sampled_from(sorted(ORGANIZATION_EVENTS)))
        fields: dict[str, Any] = {}
        for name, declared in ORGANIZATION_EVENTS[type_].fields.items():
            ids = st.sampled_from(IDS.get(declared.name, ["x"]))
            if declared.optional and draw(st.booleans()):
                continue
            if declared.many:
                fields[f"{name}_"] = draw(st.lists(ids, max_size=3))
            elif declared.name == "map":
                fields[name] = draw(st.dictionaries(st.sampled_from(IDS["person"]), st.sampled_from(IDS["unit"])))
            else:
                fields[f"{name}_"] = draw(st.booleans() if declared.name == "bool" else ids)
        events.append(change(type_, str(after(draw(st.integers(0, 9)))), id=f"e{number}", **fields))
    return events


@given(random_changes())
def test_no_changes_leave_an_organization_that_contradicts_itself(events: list[Event]) -> None:
    """Whatever changes are told, those that are not refused can stand together, and alone give the same."""
    organization, refused = changed(university(), events)
    again, refused_again = changed(university(), [event for event in reversed(events) if event.key not in refused])
    assert facts_of(again) == facts_of(organization)
    assert refused_again == {}
    for number in range(11):
        view = organization.on(after(number))
        for unit in organization.units:
            assert view.superior(unit) is None or view.unit(str(view.superior(unit))) is not None
        for post in organization.posts:
            assert view.holder(post) is None or view.post(post) is not None


def test_many_changes_of_a_large_organization_are_told_at_once() -> None:
    """Thousands of changes cost about as much as the organization itself, not that times their number."""
    members = [Membership(f"p{n}", f"u{n % 500}") for n in range(20_000)]
    large = Organization.build(units=units(*(f"u{n}" for n in range(500))), memberships=members)
    moves = [change("member.transferred", "2025-03-10", person=f"p{n}", to="u0") for n in range(3000)]
    organization, refused = changed(large, moves)
    assert refused == {}
    view = organization.on(TODAY)
    assert sum(view.unit_of(f"p{n}") == "u0" for n in range(20_000)) == 3000 + 17_000 // 500
