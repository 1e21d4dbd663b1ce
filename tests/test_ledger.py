"""The ledger: all or nothing, idempotent, never back in time, and what each outcome says."""

from __future__ import annotations

import json

import pytest

import accountability as a

U = "examples/university/"


@pytest.fixture
def ledger() -> a.Ledger:
    """A ledger of the example university with its sample parameters."""
    return a.Ledger(
        a.Policy.shipped("university", parameters=U + "parameters.sample.toml"),
        a.Organization.load(U + "university.toml"),
    )


def problem(**more: object) -> a.Event:
    """The event that opens case K-2."""
    given = {"id": "p", "date": "2025-03-03", "person": "m-2", "case": "K-2", **more}
    return a.Event("member.problem", **given)  # type: ignore[arg-type]


def test_a_case_goes_from_opened_to_overdue_to_decided(ledger: a.Ledger) -> None:
    """Submitting, advancing and deciding each say exactly what they changed."""
    opened = ledger.submit(problem())
    assert [d.id for d in opened.opened] == ["P1-5-3b.meet/K-2"]
    assert [(e.id, e.result) for e in opened.events] == [("p", "fired")]
    assert ledger.advance("2025-03-10").overdue == ()
    late = ledger.advance("2025-03-11")
    assert [d.id for d in late.overdue] == ["P1-5-3b.meet/K-2"]
    assert [(e.from_unit, e.to_post, e.day.isoformat()) for e in late.escalated] == [
        ("b-stud", "gb-cs.secretary", "2025-03-11")
    ]
    (candidate,) = late.candidates
    assert (candidate.person, candidate.post, candidate.clause.ref) == ("p-lan", "b-stud.secretary", "P1-5-2b")
    decision = a.Event(
        "liability.decided", date="2025-03-12", liability=candidate.id, outcome="not_held", by="gb-cs", document="9"
    )
    assert [(c.decided, c.decided_by, c.document) for c in ledger.submit(decision).decided] == [
        ("not_held", "gb-cs", "9")
    ]


def test_nobody_decides_on_himself(ledger: a.Ledger) -> None:
    """A decision by the candidate himself is recorded and decides nothing."""
    ledger.submit(problem())
    (candidate,) = ledger.advance("2025-03-11").candidates
    own = a.Event(
        "liability.decided",
        id="own",
        date="2025-03-12",
        liability=candidate.id,
        outcome="not_held",
        by="p-lan",
        document="9",
    )
    outcome = ledger.submit(own)
    assert outcome.decided == () and outcome.events[0].result == "no_effect"


def test_a_known_event_changes_nothing(ledger: a.Ledger) -> None:
    """Sending an event again is answered and changes nothing."""
    ledger.submit(problem())
    before = ledger.assessment()
    outcome = ledger.submit(problem())
    assert (outcome.opened, outcome.findings) == ((), ()) and ledger.assessment() == before and len(ledger.events) == 1


def test_other_content_under_a_known_id_is_refused(ledger: a.Ledger) -> None:
    """The same id with other content is a ConflictError, and nothing of the batch is kept."""
    ledger.submit(problem())
    fresh = a.Event("meeting.held", id="m", date="2025-03-05", unit="b-stud", kind="支委会", case="K-2")
    with pytest.raises(a.ConflictError, match="`p` from `host` is known with other content"):
        ledger.submit(fresh, problem(person="m-1"))
    assert [e.id for e in ledger.events] == ["p"]
    assert [d.id for d in ledger.submit(fresh).fulfilled] == ["P1-5-3b.meet/K-2"]


def test_no_past_answer_changes(ledger: a.Ledger) -> None:
    """An event recorded before the current day is refused; one without a recorded day is known from the current day on."""
    ledger.advance("2025-03-20")
    with pytest.raises(a.EventError, match="recorded on 2025-03-04, before the ledger's current day 2025-03-20"):
        ledger.submit(problem(recorded="2025-03-04"))
    ledger.submit(problem())
    assert ledger.events[0].known.isoformat() == "2025-03-20"
    assert ledger.assessment(as_of="2025-03-12").obligations == ()
    assert [d.status for d in ledger.assessment(as_of="2025-03-12", known_as_of="2025-03-20").obligations] == [
        "overdue"
    ]
    with pytest.raises(a.EventError, match="can not go back to `2025-03-19`"):
        ledger.advance("2025-03-19")


def test_a_change_that_contradicts_the_organization_is_refused(ledger: a.Ledger) -> None:
    """A change of an unknown unit is an OrganizationError that names the nearest one, and leaves the record as it was."""
    with pytest.raises(a.OrganizationError, match="event `x`: unit `b-studd` is not there, did you mean `b-stud`"):
        ledger.submit(a.Event("unit.moved", id="x", date="2025-01-01", unit="b-studd", to="pc"))
    assert ledger.events == () and ledger.day is None
    assert ledger.submit(problem()).opened


def test_a_retraction_withdraws_escalation_and_candidate(ledger: a.Ledger) -> None:
    """When the problem is retracted, its duty is cancelled and what followed from it no longer stands."""
    ledger.submit(problem())
    ledger.advance("2025-03-11")
    outcome = ledger.submit(a.Event("event.retracted", date="2025-03-12", target="p", reason="other person"))
    assert [d.id for d in outcome.cancelled] == ["P1-5-3b.meet/K-2"]
    assert outcome.withdrawn == (
        "escalation/P1-5-3b.meet/K-2/overdue",
        "liability/P1-5-3b.meet/K-2/p-lan",
    )
    assert ledger.assessment(as_of="2025-03-11", known_as_of="2025-03-11").escalations != ()


def test_obligations_can_be_asked_for(ledger: a.Ledger) -> None:
    """Obligations are found by unit, post, person, status, case and day, alone or together."""
    ledger.submit(problem(), problem(id="q", person="m-1", case="K-1"))
    ledger.advance("2025-03-11")

    def ids(**given: object) -> list[str]:
        return [d.id for d in ledger.obligations(**given)]  # type: ignore[arg-type]

    both = ["P1-5-3b.meet/K-1", "P1-5-3b.meet/K-2"]
    assert [i for i in ids() if i.startswith("P1-5-3b")] == both
    assert ids(unit="b-stud") == ids(post="b-stud.secretary") == ids(person="p-lan") == ids(case="K-2") == both[1:]
    assert ids(status="overdue") == ids(due_before="2025-03-11", status=["overdue", "pending"]) == both
    assert ids(due_before="2025-03-10") == [] and ids(person="p-lan", case="K-1") == []
    with pytest.raises(a.EventError, match="`late` is no status"):
        ledger.obligations(status="late")


def test_a_duty_that_nobody_needs_any_more_says_so() -> None:
    """When the recused secretary is replaced, the duty to designate a convener ends, and its reasons say since when."""
    policy = a.Policy.shipped("university", parameters={"designate_within": "5d", "hold_within": "9d"})
    ledger = a.Ledger(policy, a.Organization.load(U + "university.toml"))
    ledger.submit(
        problem(person="p-han", case="K-9"), a.Event("member.joined", date="2025-01-01", person="p-han", unit="b-teach")
    )
    ledger.submit(a.Event("post.assumed", date="2025-03-05", post="b-teach.secretary", person="p-jin"))
    designate = ledger.find("P1-5-3b.meet.designate/K-9")
    assert isinstance(designate, a.Obligation) and designate.status == "cancelled"
    assert "自2025-03-05起不再需要" in ledger.explain(designate)
    assert "no longer needed from 2025-03-05 on" in ledger.explain(designate, "en")


def test_everything_becomes_plain_data(ledger: a.Ledger) -> None:
    """Outcomes and assessments become JSON without help, days as ISO text."""
    ledger.submit(problem())
    outcome = ledger.advance("2025-03-11")
    data = json.loads(json.dumps(a.to_data(outcome), ensure_ascii=False))
    assert data["day"] == "2025-03-11" and data["overdue"][0]["due"] == "2025-03-10"
    assert json.dumps(a.to_data(ledger.assessment()))


def test_reasons_and_why_not_name_clause_day_and_condition(ledger: a.Ledger) -> None:
    """`explain` gives body, holder, day and clause; `why_not` gives the first condition that failed."""
    ledger.submit(problem())
    (late,) = ledger.advance("2025-03-11").overdue
    told = ledger.explain(late)
    for part in (
        "计算机学生党支部",
        "p-lan",
        "2025-03-10",
        "自2025-03-03起7日",
        "P1-2-5",
        "P1-5-3b",
        "示例参数",
        "来源对此未作规定",
    ):
        assert part in told
    assert "7 days from 2025-03-03" in ledger.explain(late.id, language="en")
    assert "meeting.held" in ledger.why_not("P1-5-3d.submit", "K-2", language="en")
    held = a.Event("meeting.held", id="m", date="2025-03-12", unit="b-stud", kind="支部大会", case="K-2")
    ledger.submit(held)
    assert "kind is 支委会" in ledger.why_not("P1-5-3d.submit", "K-2", language="en")
    with pytest.raises(
        a.EventError, match=r"nothing here has the id `P1-5-3b\.meet/K-3`, did you mean `P1-5-3b\.meet/K-2`"
    ):
        ledger.explain("P1-5-3b.meet/K-3")
