"""Duties that keep a bound, conditions on whom a duty falls, contact points, and the bearers of recurring duties."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import scenario_file
from hypothesis import given, settings
from hypothesis import strategies as st

import accountability as a
from accountability.organization_tables import Grade
from accountability.packs.lint import lint
from accountability.packs.reading import read_packs
from accountability.reports.reading import reading
from accountability.why_not import why_not

KEEPING = Path(__file__).parent / "packs" / "keeping"
POLICY = a.Policy.load(KEEPING)
FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)
UNITS = [
    a.Unit("top", "office"),
    a.Unit("sec", "section"),
    *(a.Unit(f"t{n}", "team") for n in (1, 2, 3)),
]
POSTS = [
    a.Post("top.secretary", "top", "secretary", head=True, leader=True),
    a.Post("top.deputy-a", "top", "deputy", leader=True),
    a.Post("top.deputy-b", "top", "deputy"),
    a.Post("sec.secretary", "sec", "secretary"),
    *(a.Post(f"t{n}.secretary", f"t{n}", "secretary") for n in (1, 2, 3)),
]
LEADS = [a.Relation("leads", "top", "sec"), *(a.Relation("leads", "sec", f"t{n}") for n in (1, 2, 3))]
TENURES = [
    a.Tenure("top.secretary", "an"),
    a.Tenure("top.deputy-a", "bo"),
    a.Tenure("top.deputy-b", "ce"),
    a.Tenure("sec.secretary", "du"),
    a.Tenure("t1.secretary", "en", part_time=True),
    a.Tenure("t2.secretary", "fu"),
]
MEMBERS = [a.Membership("m1", "t1"), a.Membership("m2", "t1", to=date(2025, 3, 31)), a.Membership("m3", "t2")]
VALUES: dict[str, object] = {
    "restore_within": "30d", "members_least": 2, "part_time_most": 40, "inspector": "top", "report_day": "03-10",
    "escalate_after": "0d",
}  # fmt: skip


def organization(**more: Any) -> a.Organization:
    """Return an office with a section and three teams, the third one without a secretary in office."""
    facts = {"tenures": TENURES, "memberships": MEMBERS, "relations": LEADS, **more}
    return a.Organization.build(units=UNITS, posts=POSTS, **facts)


def answer(rules: list[str], events: list[a.Event], as_of: str, **more: Any) -> a.Assessment:
    """Return the answer under some rules of the pack; a parameter of None is left out."""
    given = {**VALUES, **more.pop("values", {})}
    parameters = a.Parameters.of({name: value for name, value in given.items() if value is not None})
    parameters = more.pop("parameters", parameters)
    policy = POLICY.only(rules).in_force_between(*more.pop("in_force", (None, None)))
    return a.assess(policy, parameters, more.pop("organization", organization()), events, as_of, **more)


def shown(found: a.Assessment, *names: str) -> list[tuple[Any, ...]]:
    """Return, for each obligation, its id and the attributes with these names, days as text."""
    return [(o.id, *(str(v) if isinstance(v := getattr(o, n), date) else v for n in names)) for o in found.obligations]


def codes(found: a.Assessment) -> list[tuple[str, str]]:
    """Return the findings: their codes and what they are about."""
    return [(finding.code, finding.about) for finding in found.findings]


def told(number: int, day: str, id_: str = "told", **more: Any) -> a.Event:
    """Return the event that tells how many helpers the section has."""
    return a.Event("helpers.told", id=id_, date=day, unit="sec", number=number, **more)


def added(day: str, id_: str, **more: Any) -> a.Event:
    """Return the event of a helper who is added."""
    return a.Event("helper.added", id=id_, date=day, unit="sec", **more)


def left(day: str, id_: str, **more: Any) -> a.Event:
    """Return the event of a helper who leaves."""
    return a.Event("helper.left", id=id_, date=day, unit="sec", **more)


# -- counts that events keep ------------------------------------------------------------------------------------------


def test_a_bound_that_fails_opens_a_duty_which_is_done_when_it_holds_again() -> None:
    """The event that makes the number too small is the cause, the one that restores it the act; the number itself is enough."""
    events = [told(3, "2025-01-01"), left("2025-02-03", "l"), added("2025-02-20", "a")]
    assert answer(["K-1"], events, "2025-02-02").obligations == ()
    (duty,) = answer(["K-1"], events, "2025-02-19").obligations
    assert (duty.unit and duty.unit.id, duty.post, duty.person, duty.to) == ("sec", "sec.secretary", "du", "top")
    assert (duty.opened, duty.due, duty.status) == (date(2025, 2, 3), date(2025, 3, 5), "pending")
    assert [(cause.part, cause.id) for cause in duty.because.events] == [("trigger", "l")]
    found = answer(["K-1"], events, "2025-02-20")
    assert shown(found, "status", "performed") == [("K-1.helpers/sec", "fulfilled", "2025-02-20")]
    assert {e.id: e.result for e in found.events} == {"told": "no_effect", "l": "fired", "a": "performed"}


def test_each_time_the_bound_fails_is_a_round() -> None:
    """While a duty is open a further failure opens none; after it, the next one is round two."""
    days = [told(3, "2025-01-01"), left("2025-02-01", "l1"), left("2025-02-02", "l2"), added("2025-02-03", "a1")]
    days += [added("2025-02-04", "a2"), left("2025-02-10", "l3")]
    assert shown(answer(["K-1"], days, "2025-04-01"), "status", "round") == [
        ("K-1.helpers/sec", "fulfilled", 1),
        ("K-1.helpers/sec/2", "overdue", 2),
    ]
    found = answer(["K-1"], days, "2025-04-01")
    assert [(e.obligation, e.day) for e in found.escalations] == [("K-1.helpers/sec/2", date(2025, 3, 13))]


def test_what_happens_within_a_day_counts_at_its_end() -> None:
    """A helper who leaves on the day on which another comes opens nothing; a number told that day comes first."""
    same = [told(3, "2025-01-01"), left("2025-02-01", "l"), added("2025-02-01", "a")]
    assert answer(["K-1"], same, "2025-02-01").obligations == ()
    first = [told(3, "2025-02-01"), left("2025-02-01", "l")]
    assert [status for _, status in shown(answer(["K-1"], first, "2025-02-01"), "status")] == ["cancelled", "pending"]


def test_a_count_that_nobody_has_told_is_undetermined() -> None:
    """Until an event tells the number the duty is undetermined and says so; then that is over, and changes nothing more."""
    found = answer(["K-1"], [left("2025-01-20", "l")], "2025-02-01")
    assert shown(found, "status", "due") == [("K-1.helpers/sec/unclear-2025-01-01", "undetermined", None)]
    assert codes(found) == [("count_unknown", "K-1.helpers/sec/unclear-2025-01-01")]
    enough = answer(["K-1"], [told(4, "2025-02-01")], "2025-02-01")
    assert (shown(enough, "status"), codes(enough)) == ([("K-1.helpers/sec/unclear-2025-01-01", "cancelled")], [])
    few = answer(["K-1"], [told(2, "2025-02-01")], "2025-02-01")
    assert shown(few, "status", "due") == [
        ("K-1.helpers/sec/unclear-2025-01-01", "cancelled", None),
        ("K-1.helpers/sec", "pending", "2025-03-03"),
    ]


def test_what_was_counted_before_the_force_counts_from_its_first_day() -> None:
    """A number that was too small before the law came into force opens the duty on its first day."""
    (duty,) = answer(["K-1"], [told(1, "2024-11-30")], "2025-01-01").obligations
    assert (duty.opened, duty.due) == (FIRST, date(2025, 1, 31))


def test_no_duty_opens_after_the_force_and_an_open_one_lives_on() -> None:
    """After the last day in force nothing opens, but what was open is still overdue and can be done."""
    force = ("2025-01-01", "2025-03-31")
    late = [told(3, "2025-01-01"), left("2025-04-01", "l")]
    assert answer(["K-1"], late, "2025-06-01", in_force=force).obligations == ()
    open_ = [told(3, "2025-01-01"), left("2025-03-31", "l")]
    assert shown(answer(["K-1"], open_, "2025-06-01", in_force=force), "status") == [("K-1.helpers/sec", "overdue")]
    done = answer(["K-1"], [*open_, added("2025-06-01", "a")], "2025-06-01", in_force=force)
    assert shown(done, "status", "performed") == [("K-1.helpers/sec", "fulfilled_late", "2025-06-01")]


def test_late_knowledge_and_retractions_give_the_answer_of_what_is_known() -> None:
    """A helper who is told of late was there in time, and a departure that is retracted opened nothing in the end."""
    events = [told(3, "2025-01-01"), left("2025-02-03", "l"), added("2025-02-02", "a", recorded="2025-02-10")]
    assert [s for _, s in shown(answer(["K-1"], events, "2025-02-09"), "status")] == ["pending"]
    assert answer(["K-1"], events, "2025-02-10").obligations == ()
    retracted = [*events[:2], a.Event("event.retracted", id="r", date="2025-02-05", target="l")]
    assert [s for _, s in shown(answer(["K-1"], retracted, "2025-02-05"), "status")] == ["cancelled"]


def test_an_open_duty_passes_to_the_unit_that_takes_over() -> None:
    """After a merger the successor bears what was open, and its helpers restore the number."""
    merged = a.Event("unit.merged", id="m", date="2025-02-10", units=["sec"], into="new")
    more = a.Event("helper.added", id="n", date="2025-02-15", unit="new")
    found = answer(["K-1"], [told(2, "2025-01-01"), merged, more], "2025-02-15")
    duty = next(o for o in found.obligations if o.id == "K-1.helpers/sec")
    assert (duty.unit and duty.unit.id, duty.status, duty.performed) == ("new", "fulfilled_late", date(2025, 2, 15))


# -- members, shares, parameters --------------------------------------------------------------------------------------


def graded(unit: str, grade: str, day: str, id_: str = "g") -> a.Event:
    """Return the event by which a unit is graded."""
    return a.Event("unit.graded", id=id_, date=day, unit=unit, grade=grade)


def test_members_are_counted_from_the_dated_facts() -> None:
    """The team that loses a member falls below the number on the day after the member's last one, without any event."""
    found = answer(["K-2"], [graded("t1", "weak", "2025-01-01")], "2025-04-01")
    assert shown(found, "opened", "due") == [("K-2.members/t1", "2025-04-01", "2025-05-01")]
    assert ("members_least", 2) in [(use.name, use.value) for use in found.obligations[0].because.parameters]
    joined = a.Event("member.joined", id="j", date="2025-04-10", person="m9", unit="t1")
    done = answer(["K-2"], [graded("t1", "weak", "2025-01-01"), joined], "2025-04-10")
    assert shown(done, "status", "performed") == [("K-2.members/t1", "fulfilled", "2025-04-10")]


def test_where_nobody_graded_a_unit_it_cannot_be_told_and_nothing_is_owed() -> None:
    """A condition that cannot be told opens nothing and is reported; one that does not hold opens nothing."""
    found = answer(["K-2"], [graded("t2", "good", "2025-01-01"), graded("t1", "weak", "2025-05-01", "h")], "2025-01-02")
    assert found.obligations == ()
    assert codes(found) == [("organization_fact_required", "t1"), ("organization_fact_required", "t3")]


def test_a_grade_opens_and_ends_what_is_asked_of_weak_units_only() -> None:
    """The day on which a unit becomes weak is the first on which the bound is asked of it, and a better grade ends that."""
    events = [graded("t2", "weak", "2025-02-01"), graded("t2", "good", "2025-02-20", "h")]
    assert ("K-2.members/t2", "2025-02-01", "pending") in shown(
        answer(["K-2"], events, "2025-02-19"), "opened", "status"
    )
    assert ("K-2.members/t2", "cancelled") in shown(answer(["K-2"], events, "2025-02-20"), "status")


def test_a_missing_number_is_a_missing_parameter() -> None:
    """Without the number of the bound the duty is undetermined; from the day on which the number is given it is not."""
    events = [graded("t2", "weak", "2025-01-01")]
    found = answer(["K-2"], events, "2025-02-01", values={"members_least": None})
    assert ("K-2.members/t2/unclear-2025-01-01", "undetermined") in shown(found, "status")
    assert ("parameter_required", "members_least") in codes(found)
    later = a.Parameters((a.ParameterValue("members_least", 1, from_=date(2025, 2, 1)),))
    found = answer(["K-2"], events, "2025-02-01", parameters=later)
    assert ("K-2.members/t2/unclear-2025-01-01", "cancelled") in shown(found, "status")
    assert ("parameter_required", "members_least") not in codes(found)


def test_an_open_duty_keeps_the_number_of_the_day_on_which_it_opened() -> None:
    """A number that is lowered while the duty is open does not perform it; a new failure is measured by the new number."""
    values = (
        a.ParameterValue("members_least", 2, to=date(2025, 2, 9)),
        a.ParameterValue("members_least", 1, from_=date(2025, 2, 10)),
    )
    found = answer(["K-2"], [graded("t2", "weak", "2025-01-01")], "2025-03-01", parameters=a.Parameters(values))
    assert ("K-2.members/t2", "undetermined", None) in shown(found, "status", "performed")


def test_a_share_is_compared_in_per_cent_of_the_posts_of_which_it_can_be_told() -> None:
    """One of two secretaries is a part-timer: more than 40 and not more than 50 per cent; the vacant post does not count."""
    assert shown(answer(["K-3"], [], "2025-01-01"), "post", "due") == [("K-3.part_time/sec", None, "2025-01-31")]
    assert answer(["K-3"], [], "2025-01-01", values={"part_time_most": 50}).obligations == ()
    assumed = a.Event("post.assumed", id="p", date="2025-01-20", post="t3.secretary", person="go")
    found = answer(["K-3"], [assumed], "2025-01-20")
    assert shown(found, "status", "performed") == [("K-3.part_time/sec", "fulfilled", "2025-01-20")]


# -- contact points ---------------------------------------------------------------------------------------------------


def assigned(leader: str, unit: str, day: str) -> a.Event:
    """Return the event by which a leader takes a unit as contact point."""
    return a.Event("contact_point.assigned", id=f"c-{leader}-{unit}", date=day, leader=leader, unit=unit)


def visit(leader: str, unit: str, day: str, **more: Any) -> a.Event:
    """Return the event of a visit."""
    return a.Event("visit.done", id=f"v-{leader}-{unit}-{day}", date=day, leader=leader, unit=unit, **more)


def test_each_leader_sets_a_contact_point_and_visits_it() -> None:
    """The duty to set one falls on the post of each leader; visits begin with the assignment and count for their unit."""
    events = [assigned("an", "t1", "2025-01-15"), visit("an", "t1", "2025-02-10"), visit("bo", "t1", "2025-02-10")]
    found = answer(["K-4"], events, "2025-04-01")
    assert shown(found, "post", "person", "to", "opened", "due", "status") == [
        ("K-4.set/top.deputy-a", "top.deputy-a", "bo", None, "2025-01-01", "2025-01-31", "overdue"),
        ("K-4.set/top.secretary", "top.secretary", "an", None, "2025-01-01", "2025-01-31", "fulfilled"),
        ("K-4.visit/top.secretary/t1/2025-Q1", "top.secretary", "an", "t1", "2025-01-15", "2025-03-31", "fulfilled"),
        ("K-4.visit/top.secretary/t1/2025-Q2", "top.secretary", "an", "t1", "2025-04-01", "2025-06-30", "pending"),
    ]


def test_the_first_period_of_a_contact_point_may_be_the_next_one() -> None:
    """Where only whole periods count, the visits begin with the quarter after the assignment."""
    found = answer(
        ["K-4.visit"[:3]], [assigned("an", "t1", "2025-01-15")], "2025-04-01", values={"first_period": "whole"}
    )
    assert [o.period for o in found.obligations if o.act == "visit_contact_point"] == ["2025-Q2"]


def test_a_leader_who_has_left_leaves_the_contact_point_to_a_vacant_post() -> None:
    """After the leader left, the visits stay with his post, which is vacant; his successor must set a contact point."""
    gone = a.Event("post.vacated", id="g", date="2025-02-28", post="top.secretary")
    events = [assigned("an", "t1", "2025-01-15"), assigned("bo", "t2", "2025-01-15"), gone]
    found = answer(["K-4"], events, "2025-03-01")
    assert ("K-4.visit/top.secretary/t1/2025-Q1", None, "pending") in shown(found, "person", "status")
    assert ("vacant_post", "top.secretary") in codes(found)
    new = a.Event("post.assumed", id="n", date="2025-03-10", post="top.secretary", person="ho")
    found = answer(["K-4"], [*events, new], "2025-03-10")
    assert ("K-4.set/top.secretary/2", "ho", "2025-03-10", "2025-04-09") in shown(found, "person", "opened", "due")


def test_a_recorded_contact_is_a_contact_point() -> None:
    """A contact that the organization records is visited from the first day in force on, without any event."""
    recorded = organization(relations=[*LEADS, a.Relation("contact", "bo", "t3", date(2025, 2, 1))])
    found = answer(["K-4"], [visit("bo", "t3", "2025-02-20")], "2025-03-01", organization=recorded)
    assert ("K-4.visit/top.deputy-a/t3/2025-Q1", "2025-02-01", "fulfilled") in shown(found, "opened", "status")


# -- recurring duties -------------------------------------------------------------------------------------------------


def test_only_units_with_the_grade_owe_the_report() -> None:
    """The grade of the day on which a quarter's duty opens decides; the day of the year lies within the quarter."""
    events = [graded("t1", "weak", "2025-01-01"), graded("t2", "poor", "2025-02-01", "h")]
    found = answer(["K-5"], events, "2025-04-01")
    assert shown(found, "due", "status") == [
        ("K-5.report/t1/2025-Q1", "2025-03-10", "overdue"),
        ("K-5.report/t1/2025-Q2", "2025-06-30", "pending"),
        ("K-5.report/t2/2025-Q2", "2025-06-30", "pending"),
    ]


def test_a_late_grade_changes_what_was_owed() -> None:
    """A grade that is told of late counts from its day."""
    late = a.Event("unit.graded", id="g", date="2025-01-01", recorded="2025-02-01", unit="t1", grade="weak")
    assert answer(["K-5"], [late], "2025-01-31").obligations == ()
    assert [o.period for o in answer(["K-5"], [late], "2025-02-01").obligations] == ["2025-Q1"]


def test_a_recorded_grade_counts_until_an_event_gives_another() -> None:
    """A grade that the organization records opens the bound on its first day and ends it after its last."""
    recorded = organization(grades=[Grade("t2", "weak", date(2025, 2, 1), date(2025, 2, 27))])
    found = answer(["K-2"], [], "2025-02-27", organization=recorded)
    assert shown(found, "opened", "status") == [("K-2.members/t2", "2025-02-01", "pending")]
    found = answer(["K-2"], [], "2025-02-28", organization=recorded)
    assert shown(found, "status") == [("K-2.members/t2", "cancelled")]
    found = answer(["K-5"], [graded("t2", "good", "2025-03-31")], "2025-04-01", organization=recorded)
    assert found.obligations == ()


def test_each_of_two_posts_bears_its_own_duty() -> None:
    """Where a duty falls on posts and the post bears it, each deputy has his own and performs his own."""
    plan = a.Event("plan.written", id="p", date="2025-02-01", post="top.deputy-b")
    assert shown(answer(["K-6"], [plan], "2025-02-01"), "post", "person", "status") == [
        ("K-6.plan/top.deputy-a/2025", "top.deputy-a", "bo", "pending"),
        ("K-6.plan/top.deputy-b/2025", "top.deputy-b", "ce", "fulfilled"),
    ]


def test_an_act_without_actor_serves_the_unit_that_it_is_about() -> None:
    """An event that does not say who acted performs the duty of the unit it is about."""
    done = a.Event("room.checked", id="r", date="2025-01-20", unit="sec")
    found = answer(["K-7"], [done], "2025-01-31")
    assert ("K-7.room/sec/2025-01", "fulfilled") in shown(found, "status")


def test_another_unit_may_bear_a_recurring_duty() -> None:
    """A parameter or a walk names the bearer, and only the bearer performs; without the parameter it is undetermined."""
    own = a.Event("inspection.done", id="o", date="2025-02-01", by="sec", unit="sec")
    done = a.Event("inspection.done", id="i", date="2025-02-02", by="top", unit="sec")
    found = {
        o.act: o for o in answer(["K-7"], [own, done], "2025-03-01").obligations if o.period in ("2025-H1", "2025-Q1")
    }
    inspect, below = found["inspect"], found["inspect_below"]
    assert (inspect.unit and inspect.unit.id, inspect.post, inspect.performed) == (
        "top",
        "top.secretary",
        date(2025, 2, 2),
    )
    assert (below.post, below.performed) == ("top.secretary", date(2025, 2, 2))
    missing = answer(["K-7"], [], "2025-03-01", values={"inspector": None})
    assert ("K-7.inspect/sec/2025-H1", "undetermined") in shown(missing, "status")
    assert ("parameter_required", "inspector") in codes(missing)


def test_the_day_of_a_finished_period_comes_after_it() -> None:
    """On a finished year the report is due on the next such day after the year."""
    found = answer(["K-7"], [], "2025-12-31")
    assert ("K-7.report/sec/2025", "2025-12-31", "2026-03-10") in shown(found, "opened", "due")


# -- the ledger -------------------------------------------------------------------------------------------------------

LEDGER = POLICY.only(["K-1", "K-2", "K-3", "K-4", "K-5"])


def exported(found: a.Assessment) -> str:
    """Return an answer as the text that a host would export."""
    return json.dumps(a.to_data(found), ensure_ascii=False, sort_keys=True)


@st.composite
def histories(draw: Any) -> list[a.Event]:
    """Events that change counts, grades and posts, in any order; some are late, some on one day, some retracted."""
    kinds = ["told", "added", "left", "left", "graded", "assigned", "visit", "joined", "gone", "assumed", "retracted"]
    kinds += ["merged"] if draw(st.booleans()) else []
    events: list[a.Event] = []
    for number in range(draw(st.integers(1, 14))):
        kind, days = draw(st.sampled_from(kinds)), draw(st.integers(-20, 60))
        late = draw(st.sampled_from([None, None, None, 0, 5, 40]))
        day = FIRST + days * DAY
        own = {"id": f"e{number}", "date": day, "recorded": day + late * DAY if late is not None else None}
        unit = draw(st.sampled_from(["sec", "sec", "sec", "t1", "new"]))
        team, person = draw(st.sampled_from(["t1", "t2"])), draw(st.sampled_from(["an", "bo", "ho"]))
        if kind == "told":
            events.append(a.Event("helpers.told", unit=unit, number=draw(st.integers(1, 4)), **own))
        elif kind in ("added", "left"):
            events.append(a.Event(f"helper.{kind}", unit=unit, **own))
        elif kind == "graded":
            events.append(a.Event("unit.graded", unit=team, grade=draw(st.sampled_from(["weak", "good"])), **own))
        elif kind == "assigned":
            events.append(a.Event("contact_point.assigned", leader=person, unit=team, **own))
        elif kind == "visit":
            events.append(a.Event("visit.done", leader=person, unit=team, **own))
        elif kind == "joined":
            events.append(a.Event("member.joined", person=draw(st.sampled_from(["m3", "m9"])), unit=team, **own))
        elif kind == "gone":
            events.append(a.Event("post.vacated", post=draw(st.sampled_from(["top.secretary", "t2.secretary"])), **own))
        elif kind == "assumed":
            post = draw(st.sampled_from(["top.secretary", "top.deputy-a", "t3.secretary"]))
            events.append(a.Event("post.assumed", post=post, person=person, **own))
        elif kind == "merged":
            into = draw(st.sampled_from(["new", "t1"]))
            events.append(a.Event("unit.merged", units=[draw(st.sampled_from(["sec", "t2"]))], into=into, **own))
        elif events:
            events.append(a.Event("event.retracted", target=draw(st.sampled_from(events)).id, **own))
    return list(draw(st.permutations(events)))


@st.composite
def numbers(draw: Any) -> a.Parameters:
    """The parameters; the numbers of the bounds may be missing, or change on a day."""
    values = [a.ParameterValue(n, v) for n, v in VALUES.items() if n not in ("members_least", "part_time_most")]
    for name, settings_of in (("members_least", [1, 2]), ("part_time_most", [40, 60])):
        day = FIRST + draw(st.integers(0, 40)) * DAY
        if draw(st.integers(0, 3)):
            values.append(a.ParameterValue(name, draw(st.sampled_from(settings_of)), to=day))
        if draw(st.integers(0, 3)):
            values.append(a.ParameterValue(name, draw(st.sampled_from(settings_of)), from_=day + DAY))
    return a.Parameters(tuple(values))


@settings(max_examples=60)
@given(histories(), numbers(), st.lists(st.sampled_from([0, 0, 1, 3, 20, 45]), min_size=1, max_size=5))
def test_the_ledger_says_of_bounds_what_assess_says(
    events: list[a.Event], parameters: a.Parameters, pauses: list[int]
) -> None:
    """After every event of a random history, late, retracted or out of order, the ledger's answer equals `assess`."""
    base = organization()
    ledger = a.Ledger(LEDGER, base, parameters=parameters)
    for number, each in enumerate(events):
        known = each if ledger.day is None or each.known >= ledger.day else each.recorded_on(ledger.day)
        try:
            ledger.submit(known)
        except (a.ConflictError, a.OrganizationError):
            continue
        if pause := pauses[number % len(pauses)]:
            assert ledger.day is not None
            ledger.advance(ledger.day + pause * DAY)
        day = ledger.day
        assert day is not None
        expected = a.assess(LEDGER, parameters, base, ledger.events[::-1], day, day)
        assert exported(ledger.assessment()) == exported(expected)


# -- the scenarios of the policy --------------------------------------------------------------------------------------

SCENARIOS = scenario_file.read(Path(__file__).parent / "scenarios" / "scenarios.yaml")
CHECKS = list(scenario_file.checks(SCENARIOS, only=["S27", "S31", "S39"]))


@pytest.mark.parametrize(("scenario", "check"), [pytest.param(s, c, id=f"{s['id']}.{n}") for s, n, c in CHECKS])
def test_scenarios_of_counts_halves_and_contact_points(scenario: dict[str, Any], check: dict[str, Any]) -> None:
    """The half-yearly meeting, the number of activists and the contact points are answered as the file says."""
    assert scenario_file.run_check(SCENARIOS, scenario, check) == []


# -- what packs may say -----------------------------------------------------------------------------------------------


def spoilt(folder: Path, old: str, new: str) -> Path:
    """Return a copy of the pack in which one text is another one."""
    found = 0
    for file in KEEPING.iterdir():
        text = file.read_text(encoding="utf-8")
        found += old in text
        (folder / file.name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert found == 1
    return folder


REFUSED = [
    ('count = "helpers"', 'count = "helper"', "`helper` is no count, did you mean `helpers`?"),
    ('share = "part_time"', 'share = "full_time"', "`full_time` is no share"),
    ("at_least = 3 }", "at_least = 3, at_most = 9 }", "a bound has one number"),
    ("at_least = 3 }", 'at_least = "some" }', "`some` is neither a number nor a parameter"),
    ("at_least = 3 }", 'at_least = "restore_within" }', "is a span; `at_least` takes a count"),
    ('count = "helpers", ', 'count = "helpers", share = "part_time", ', "write one of `count` and `share`"),
    ('act = "restore_helpers"', 'act = "restore_helpers"\nmust = "helper.added"', "remove `must`"),
    ('act = "restore_helpers"', 'act = "restore_helpers"\nstage = "review"', "`stage` is for the duties of a case"),
    ('each = "leader post of office"\nbearer = "post"\nact = "set', 'each = "office"\nbearer = "unit"\nact = "set', "is one per person"),
    ('"unit.grade" = "weak"', '"units.grade" = "weak"', "did you mean `unit`?"),
    ('"unit.grade" = "weak"', '"post.kind" = "deputy"', "`post.kind` is nothing that can be asked here"),
    ('"unit.grade" = "weak"', '"unit.size" = 3', "asks for `size` of a unit"),
    ('value = "number"', 'value = "numbers"', "did you mean `number`?"),
    ('up = "helper.added"', 'up = "helper.add"', "did you mean `helper.added`?"),
    ('per = "leader"', 'per = "person"', "is no unit, post or person that all the events"),
    ('starts = 0\nup = "contact_point.assigned"', 'up = "contact_point.assigned"', "`starts = 0`, or the event that tells"),
    ('[counts.helpers]', '[counts.members]', "the library counts `members` itself"),
    ('act = "inspect"\nmust = "inspection.done"', 'act = "inspect"\nmust = "report.filed"', "and not for whom"),
    ('must = "room.checked"', 'must = "room.checked"\nparts = ["door"]', "has no `sections`"),
    ('must = "room.checked"', 'must = "room.checked"\nmissing = "inspector"', "`missing` is for the duties of a case"),
    ('must = "room.checked"', 'must = "room.checked"\nwithout_committee = "room.checked"', "of the stage `convene`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_makes_no_sense_is_refused_at_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A wrong word about counts, bounds and conditions is refused with file, line and the nearest known word."""
    with pytest.raises(a.PackError, match=r"\.(md|toml):\d+: ") as caught:
        read_packs([spoilt(tmp_path, old, new)])
    assert message in str(caught.value)


def test_lint_finds_numbers_of_bounds_and_counts_that_nobody_uses(tmp_path: Path) -> None:
    """A number of a bound must stand in the clause, and a count is there to be kept."""
    assert lint(read_packs([KEEPING])) == []
    wrong = read_packs([spoilt(tmp_path, 'count = "helpers", at_least = 3', 'count = "members", at_least = 5')])
    assert [(problem.code, problem.severity) for problem in lint(wrong)] == [
        ("number-not-in-text", "error"),
        ("unused-count", "warning"),
    ]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "助手人数低于3时"), ("en", "once the number of helpers is below 3")]
)
def test_a_bound_reads_as_a_sentence(language: str, words: str) -> None:
    """People read when a bound fails, in Chinese and English."""
    assert words in reading(POLICY, language)


def test_why_not_says_that_the_bound_holds() -> None:
    """Asked why nothing is owed, the library says that the number is within its bound."""
    found = answer(["K-1"], [told(3, "2025-01-01")], "2025-02-01")
    policy = POLICY.only(["K-1"])
    assert "within its bound for sec" in why_not(policy, organization(), [], found, "K-1", "sec", "en")


# -- what must be done first ------------------------------------------------------------------------------------------

FIRST_LAW = """
## First {#L-1}
科室由上级每季度先检查,然后每季度总结;小组每季度报告,机关在科室检查、小组报告之后每季度汇总。

```toml duty
id = "L-1.check"
every = "quarter"
each = "section"
bearer = "superior of unit"
act = "check_first"
must = "inspection.done"
```
```toml duty
id = "L-1.sum"
every = "quarter"
each = "section"
bearer = "secretary of unit"
act = "sum_up"
must = "report.filed"
after = "L-1.check"
```
```toml duty
id = "L-1.teams"
every = "quarter"
each = "team"
bearer = "unit"
act = "report_up"
must = "report.filed"
```
```toml duty
id = "L-1.rooms"
every = "quarter"
each = "section"
bearer = "unit"
act = "check_rooms"
must = "room.checked"
```
```toml duty
id = "L-1.office"
every = "quarter"
each = "office"
bearer = "unit"
act = "collect"
must = "report.filed"
after = { duty = "L-1.teams", each = "KIND" }
```
```toml duty
id = "L-1.office_too"
every = "quarter"
each = "office"
bearer = "unit"
act = "collect_too"
must = "report.filed"
after = { duty = "L-1.teams", each = "team" }
```
"""


def with_law(folder: Path, law: str) -> a.Policy:
    """Return the pack with one more law file."""
    for file in KEEPING.iterdir():
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "2-more.md").write_text(law, encoding="utf-8")
    return a.Policy.load(folder)


@pytest.mark.parametrize(("kind", "blocking"), [("team", ("t1", "t2", "t3")), ("section", ())])
def test_only_units_of_the_kind_block(tmp_path: Path, kind: str, blocking: tuple[str, ...]) -> None:
    """A duty waits for the units of the kind that it names, whatever kind another duty waits for."""
    policy = with_law(tmp_path, FIRST_LAW.replace("KIND", kind)).only(["L-1"])
    found = {o.act: o for o in a.assess(policy, a.Parameters(), organization(), [], "2025-02-01").obligations}
    assert (found["collect"].blocked_by, found["collect_too"].blocked_by) == (blocking, ("t1", "t2", "t3"))


def test_a_duty_waits_for_what_another_unit_does_for_the_same_one(tmp_path: Path) -> None:
    """Without a kind a duty waits for the same unit's other duty, which its superior bears."""
    policy = with_law(tmp_path, FIRST_LAW.replace("KIND", "team")).only(["L-1"])
    done = a.Event("inspection.done", id="i", date="2025-02-03", by="top", unit="sec")
    before = {o.act: o for o in a.assess(policy, a.Parameters(), organization(), [], "2025-02-01").obligations}
    after = {o.act: o for o in a.assess(policy, a.Parameters(), organization(), [done], "2025-02-03").obligations}
    assert (before["sum_up"].status, before["sum_up"].blocked_by) == ("blocked", ("top",))
    assert (after["check_first"].status, after["sum_up"].status) == ("fulfilled", "pending")


GATE = '\n## Gate {#L-2}\n报告应写明数量。\n\n```toml gate\nid = "L-2.gate"\non = "report.filed"\nparts = ["number"]\n```\n'
CHOICE = '[parameters.level]\ntitle = { zh = "级", en = "level" }\nchoices = ["skip", "ask"]\nchoice = "skip"\n'
LEVEL = """
## Level {#L-3}
先检查。

```toml duty
id = "L-3.level"
on = "inspection.done"
per = "case"
bearer = "secretary of unit"
act = "look"
must = "room.checked"
within = "restore_within"
missing = "level"
```
"""


def test_parts_need_a_field_and_a_missing_level_the_known_choices(tmp_path: Path) -> None:
    """A gate with parts on an event without sections is refused, and so is a choice that says nothing about a level."""
    with pytest.raises(a.PackError, match=r"2-more\.md:8: the event `report\.filed` has no `sections`"):
        with_law(tmp_path, GATE)
    text = (KEEPING / "pack.toml").read_text(encoding="utf-8")
    with pytest.raises(a.PackError, match=r"2-more\.md:\d+: no parameter|`level`"):
        with_law(tmp_path, LEVEL)
    (tmp_path / "pack.toml").write_text(f"{text}\n{CHOICE}", encoding="utf-8")
    with pytest.raises(a.PackError, match=r"2-more\.md:\d+: `ask` of `level` says nothing about a missing level"):
        a.Policy.load(tmp_path)


CHOSEN = """
## Chosen {#L-4}
助手应有3名以上。

```toml duty
id = "L-4.chosen"
chosen = { first_period = "whole" }
keep = { count = "helpers", at_least = 3 }
each = "section"
bearer = "unit"
act = "restore"
within = "restore_within"
```
"""


def test_a_bound_that_stands_by_a_choice_opens_only_where_it_is_chosen(tmp_path: Path) -> None:
    """From the day on which the choice has the value the bound is kept, and what is open then lives on."""
    policy = with_law(tmp_path, CHOSEN).only(["L-4"])
    events = [told(2, "2025-01-01"), told(4, "2025-04-01", "later"), left("2025-04-01", "l"), left("2025-04-01", "m")]
    chosen = a.ParameterValue("first_period", "whole", from_=date(2025, 2, 1), to=date(2025, 2, 28))
    parameters = a.Parameters((chosen, a.ParameterValue("restore_within", "30d")))
    found = a.assess(policy, parameters, organization(), events[:1], "2025-03-31")
    assert shown(found, "opened", "status") == [("L-4.chosen/sec", "2025-02-01", "overdue")]
    assert a.assess(policy, parameters, organization(), events[:1], "2025-01-31").obligations == ()
    ledger = a.Ledger(policy, organization(), parameters=parameters)
    for event in events:
        ledger.submit(event)
        again = a.assess(policy, parameters, organization(), ledger.events, str(ledger.day), str(ledger.day))
        assert exported(ledger.assessment()) == exported(again)


def test_a_walk_to_several_units_is_refused(tmp_path: Path) -> None:
    """A bearer is one unit; several are written as `each`."""
    old = 'bearer = "secretary of superior of unit"'
    with pytest.raises(a.PackError, match="names several units"):
        read_packs([spoilt(tmp_path, old, 'bearer = "each team under unit"')])
