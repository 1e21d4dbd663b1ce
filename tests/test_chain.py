"""What is owed in a discipline case, beside the scenarios: dissent, returns on one day, designations, windows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import accountability as a

ORGANIZATION = a.Organization.load(
    Path(a.__file__).parent / "rules" / "university" / "scenario.organization.toml"
)  # pc leads gb (deng, deputy fan), which leads b1 (han) and b2 (lan); pc leads b9
CHAIN = ("P1-1-1", "P1-2", "P1-5-1a", "P1-5-1d", "P1-5-2b", "P1-5-3")
GIVEN = {
    "hold_within": "7d", "submit_within": "3d", "review_within": "10d", "forward_within": "3d", "decide_within": "30d",
    "rework_within": "7d", "designate_within": "2d", "escalate_after": "0d", "max_returns": 1,
}  # fmt: skip


def asked(
    events: list[a.Event], as_of: str, rules: tuple[str, ...] = CHAIN, in_force: Any = None, **given: Any
) -> a.Assessment:
    """Return the assessment of the example organization under rules of document 1."""
    policy = a.Policy.shipped("university", rules=rules, in_force=in_force)
    return a.assess(policy, a.Parameters.of({**GIVEN, **given}), ORGANIZATION, events, as_of)


def problem(person: str = "m1") -> a.Event:
    """The event that opens case K."""
    return a.Event("member.problem", id="e1", date="2025-03-03", person=person, case="K")


def duties(answer: a.Assessment) -> dict[str, a.Obligation]:
    """Return the obligations by id."""
    return {o.id: o for o in answer.obligations}


def findings(answer: a.Assessment) -> set[tuple[str, str]]:
    """Return code and subject of the findings."""
    return {(f.code, f.about) for f in answer.findings}


def test_a_dissent_is_reported_although_no_review_was_owed() -> None:
    """A reviewing body that does not agree says so, whether or not a review was open."""
    events = [problem(), a.Event("review.done", id="e2", date="2025-03-05", unit="gb", outcome="no", case="K")]
    assert ("review_not_agreed", "K") in findings(asked(events, "2025-03-06", on_disagree="forward"))


def test_a_dissent_while_a_decision_is_open_is_as_a_return() -> None:
    """A review that does not agree sends back a file on its way to the decision, as a return by the same body does."""
    forwarded = a.Event("doc.submitted", id="e2", date="2025-03-05", from_="gb", to="pc", case="K")
    dissent = a.Event("review.done", id="e3", date="2025-03-06", unit="gb", outcome="no", case="K")
    answer = asked([problem(), forwarded, dissent], "2025-03-07")
    assert ("review_not_agreed", "K") in findings(answer)
    assert duties(answer)["P1-5-3e.decide/K"].status == "cancelled"
    assert duties(answer)["P1-5-3c.rework/K/2"].status == "pending"


def test_on_one_day_a_return_comes_after_the_agreement() -> None:
    """A body that agrees and returns on one day has sent the opinion back: nobody owes to forward it."""
    events = [
        problem(),
        a.Event("meeting.held", id="e2", date="2025-03-04", unit="b1", kind="支委会", case="K"),
        a.Event("doc.submitted", id="e3", date="2025-03-05", from_="b1", to="gb", case="K"),
        a.Event("review.done", id="e4", date="2025-03-06", unit="gb", outcome="agree", case="K"),
        a.Event("doc.returned", id="e5", date="2025-03-06", unit="gb", case="K"),
    ]
    found = duties(asked(events, "2025-03-07"))
    assert found["P1-5-3c.rework/K/2"].status == "pending"
    assert found["P1-5-3e.forward/K"].status == "cancelled"
    assert "P1-5-3e.forward/K/2" not in found


def test_a_rejection_returns_nothing_when_nothing_was_sent() -> None:
    """Where a rejection is a return, it needs something to return."""
    rejected = a.Event("decision.rejected", id="e2", date="2025-03-05", unit="pc", case="K")
    assert "P1-5-3d.review/K/2" not in duties(asked([problem(), rejected], "2025-03-06", on_reject="return"))


def test_a_designation_that_nobody_needs_any_more_performs_nothing() -> None:
    """A duty to designate that a vacancy has ended is not performed, and nobody becomes late, by a later designation."""
    events = [
        problem("han"),
        a.Event("post.vacated", id="v", date="2025-03-04", post="b1.secretary"),
        a.Event("convener.designated", id="d", date="2025-03-10", unit="b1", person="jin", case="K"),
    ]
    key = "P1-5-3b.meet.designate/K"
    before, after = asked(events[:2], "2025-03-09"), asked(events, "2025-03-10")
    assert duties(before)[key].status == duties(after)[key].status == "cancelled"
    assert [c for c in after.liabilities if c.obligation == key] == []


def test_a_need_for_a_convener_that_comes_back_is_owed_again() -> None:
    """When an acting secretary leaves and the recused one would convene again, the superior owes a designation anew."""
    events = [
        problem("han"),
        a.Event("post.assumed", id="t", date="2025-03-05", post="b1.secretary", person="x", acting=True),
        a.Event("post.vacated", id="u", date="2025-03-08", post="b1.secretary", person="x"),
    ]
    live = [o for o in asked(events, "2025-03-09").obligations if o.act == "designate_convener" and o.live]
    assert [(o.id, o.opened) for o in live] == [("P1-5-3b.meet.designate/K/2", date(2025, 3, 9))]


def test_a_vacancy_at_the_breach_names_nobody_for_a_change_of_holder() -> None:
    """A change of holder in the period is about the holder at the breach; with a vacant post there is none."""
    events = [
        problem(),
        a.Event("post.assumed", id="t", date="2025-03-05", post="b1.secretary", person="x"),
        a.Event("post.vacated", id="u", date="2025-03-08", post="b1.secretary"),
    ]
    answer = asked(events, "2025-03-11")
    assert answer.liabilities == ()
    assert "holder_changed_in_period" not in {code for code, _ in findings(answer)}


def test_the_end_of_a_period_that_is_a_rest_day_moves_where_that_is_chosen() -> None:
    """31 May 2025 is a Saturday and 2 June a holiday: a month's duty is due on 3 June under `next_working_day`."""
    given = {"inspect_every": "month", "holiday_rule": "next_working_day"}
    answer = asked([], "2025-05-31", ("P1-5-2a",), ("2025-01-01", None), **given)
    assert duties(answer)["P1-5-2a.inspect/gb/2025-05"].due == date(2025, 6, 3)


def test_a_missing_unit_parameter_is_reported_by_its_name() -> None:
    """A bearer whom a parameter names is not guessed: without it the duty has neither bearer nor due day."""
    found = a.Event(
        "finding.recorded", id="f", date="2025-03-03", person="han", post="b1.secretary", kind="unfit", by="gb"
    )
    answer = asked([found], "2025-03-06", ("P1-5-2c",), adjust_within="5d")
    assert ("parameter_required", "adjust_authority") in findings(answer)
    (duty,) = answer.obligations
    assert (duty.status, duty.due) == ("undetermined", None)


def test_a_change_of_the_organization_is_told_as_fired_though_it_performs() -> None:
    """The strongest of what an event did is what is told of it."""
    events = [
        a.Event(
            "finding.recorded", id="f", date="2025-03-03", person="han", post="b1.secretary", kind="unfit", by="gb"
        ),
        a.Event("post.vacated", id="v", date="2025-03-05", post="b1.secretary"),
    ]
    answer = asked(events, "2025-03-06", ("P1-5-2c",), adjust_within="5d", adjust_authority="pc")
    assert {e.id: e.result for e in answer.events}["v"] == "fired"
    assert [o.status for o in answer.obligations] == ["fulfilled"]


def test_an_act_after_the_window_but_in_its_year_is_late() -> None:
    """The period of a yearly window is the year: an act on 15 July performs the duty of the window to 10 July late."""
    held = a.Event("appraisal.held", id="p", date="2025-07-15", unit="b1")
    window = {"july1_window": ["06-20", "07-10"]}
    answer = asked([held], "2025-07-20", ("P1-4-2a",), ("2025-01-01", None), **window)
    assert duties(answer)["P1-4-2a.combine/b1/2025"].status == "fulfilled_late"


def test_a_unit_born_after_the_day_owes_by_the_end_of_the_period() -> None:
    """A branch merged on 3 July owes what was due on 30 June by the end of the window, not in the next year."""
    merged = a.Event("unit.merged", id="m", date="2025-07-03", units=["b1", "b2"], into="bn")
    given = {"july1_window": ["06-20", "07-10"], "self_assessment_due": "06-30"}
    answer = asked([merged], "2025-07-05", ("P1-4-1d",), ("2025-01-01", None), **given)
    assert duties(answer)["P1-4-1d.self_assess/bn/2025"].due == date(2025, 7, 10)


def test_a_block_that_ends_with_its_unit_ends_on_the_day_after_its_last_day() -> None:
    """When the branch that held up the ranking is closed on 8 July, the ranking is due on the 9th and nobody is late."""
    events = [
        a.Event("assessment.self_filed", id="s", date="2025-06-25", unit="b2"),
        a.Event("unit.closed", id="c", date="2025-07-08", unit="b1"),
    ]
    rules = ("P1-1-1", "P1-4-1d", "P1-4-1e", "P1-5-1a", "P1-5-1d")
    given = {"july1_window": ["06-20", "07-10"], "self_assessment_due": "06-30", "ranking_due": "07-05"}
    key = "P1-4-1e.rank/gb/2025"
    assert duties(asked(events, "2025-07-08", rules, ("2025-01-01", None), **given))[key].status == "blocked"
    answer = asked(events, "2025-07-09", rules, ("2025-01-01", None), **given)
    assert (duties(answer)[key].due, duties(answer)[key].status) == (date(2025, 7, 9), "pending")
    assert [c.id for c in (*answer.liabilities, *answer.escalations) if c.obligation == key] == []


def test_a_meeting_dated_before_the_opening_opens_no_submission_of_a_body_to_itself() -> None:
    """Where one body has come to hold two stages, a meeting dated before the case opens leads on as a later one does."""
    organization = a.Organization.build(
        units=[a.Unit("PC", "party_committee"), a.Unit("G1", "general_branch"), a.Unit("B1", "branch")],
        relations=[a.Relation("leads", "PC", "G1"), a.Relation("leads", "G1", "B1")],
        posts=[a.Post(f"{unit}.secretary", unit, "secretary") for unit in ("PC", "G1", "B1")],
        tenures=[a.Tenure(f"{unit}.secretary", f"s-{unit}") for unit in ("PC", "G1", "B1")],
        memberships=[a.Membership("m", "B1")],
        seats=[a.Seat("B1", "m")],
    )
    events = [
        a.Event("member.problem", id="e1", date="2025-03-03", person="m", case="K"),
        a.Event("meeting.held", id="e2", date="2025-03-01", unit="B1", kind="支委会", case="K"),
    ]
    policy = a.Policy.shipped("university", rules=CHAIN)
    answer = a.assess(policy, a.Parameters.of(GIVEN), organization, events, "2025-03-05")
    assert [o.id for o in answer.obligations if o.unit is not None and o.unit.id == o.to] == []


def test_a_withdrawal_dated_before_the_problem_leaves_what_it_ended() -> None:
    """Where a withdrawal closes the case, one dated before the problem leaves the meeting visible as cancelled."""
    events = [a.Event("report.withdrawn", id="w", date="2025-03-01", case="K"), problem()]
    answer = asked(events, "2025-03-04", withdrawal_by_reporter="close")
    assert {e.id: e.result for e in answer.events}["e1"] == "fired"
    assert duties(answer)["P1-5-3b.meet/K"].status == "cancelled"


def moved_branch() -> a.Organization:
    """Two general branches under one committee; branch B1, with member m, stands under the first."""
    units = {"PC": "party_committee", "G1": "general_branch", "G2": "general_branch", "B1": "branch"}
    return a.Organization.build(
        units=[a.Unit(name, kind) for name, kind in units.items()],
        relations=[a.Relation("leads", above, unit) for above, unit in (("PC", "G1"), ("PC", "G2"), ("G1", "B1"))],
        posts=[a.Post(f"{unit}.secretary", unit, "secretary") for unit in units],
        tenures=[a.Tenure(f"{unit}.secretary", f"s-{unit}") for unit in units],
        memberships=[a.Membership("m", "B1")],
    )


def test_an_opinion_is_owed_to_the_body_that_will_review_it() -> None:
    """When the branch comes under another general branch, its open submission is owed to that one."""
    events = [
        a.Event("member.problem", id="e1", date="2025-03-03", person="m", case="K"),
        a.Event("meeting.held", id="e2", date="2025-03-04", unit="B1", kind="支委会", case="K"),
        a.Event("unit.moved", id="t", date="2025-03-06", unit="B1", to="G2"),
    ]
    policy = a.Policy.shipped("university", rules=CHAIN)
    before, after = (
        duties(a.assess(policy, a.Parameters.of(GIVEN), moved_branch(), events, day))["P1-5-3d.submit/K"].to
        for day in ("2025-03-05", "2025-03-07")
    )
    assert (before, after) == ("G1", "G2")


def test_a_file_under_way_keeps_its_bodies_when_the_branch_falls_apart() -> None:
    """A split that leaves the member nowhere moves neither forward nor decision, whomever the case follows."""
    events = [
        problem(),
        a.Event("doc.submitted", id="s", date="2025-03-04", from_="b1", to="gb", case="K"),
        a.Event("unit.split", id="sp", date="2025-03-05", unit="b1", into=["x", "y"], members={}),
        a.Event("review.done", id="r", date="2025-03-06", unit="gb", outcome="agree", case="K"),
        a.Event("doc.submitted", id="f", date="2025-03-07", from_="gb", to="pc", case="K"),
    ]
    for follows in ("member", "originating_branch"):
        found = duties(asked(events, "2025-03-09", case_follows=follows))
        forward, decide = found["P1-5-3e.forward/K"], found["P1-5-3e.decide/K"]
        assert forward.unit is not None and decide.unit is not None
        assert (forward.unit.id, forward.to, forward.status) == ("gb", "pc", "fulfilled")
        assert (decide.unit.id, decide.status) == ("pc", "pending")


@pytest.mark.parametrize(
    ("day", "due"), [("2025-03-04", "2025-03-11"), ("2025-03-10", "2025-03-17"), ("2025-03-11", "2025-03-10")]
)
def test_the_clock_restarts_with_a_new_unit_while_it_is_not_overdue(day: str, due: str) -> None:
    """When the branch is split, also on the due day itself, the clock of the new one restarts; once overdue it does not."""
    policy = a.Policy.shipped(
        "university", rules=["P1-5-3b"], parameters={"hold_within": "7d", "on_unit_change_clock": "restart"}
    )
    organization = a.Organization.build(
        units=[a.Unit("pc", "party_committee"), a.Unit("b1", "branch")],
        relations=[a.Relation("leads", "pc", "b1")],
        memberships=[a.Membership("m1", "b1")],
    )
    events = [
        a.Event("member.problem", date="2025-03-03", person="m1", case="K1"),
        a.Event("unit.split", date=day, unit="b1", into=["b2", "b3"], members={"m1": "b3"}),
    ]
    (duty,) = a.assess(policy, policy.parameters, organization, events, "2025-03-12").obligations
    assert str(duty.due) == due
