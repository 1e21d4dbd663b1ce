"""Duties outside a case: who may perform them, and when they fall due."""

from __future__ import annotations

import pytest

import accountability as a

UNITS = [
    a.Unit("pc", "party_committee"),
    a.Unit("od", "organ", "组织部"),
    a.Unit("gb", "general_branch"),
    a.Unit("b1", "branch"),
    a.Unit("b9", "branch"),
]
RELATIONS = [
    a.Relation("leads", "pc", "gb"),
    a.Relation("leads", "gb", "b1"),
    a.Relation("leads", "pc", "b9"),
    a.Relation("organ_of", "od", "pc"),
]
POSTS = [
    a.Post("pc.secretary", "pc", "secretary"),
    a.Post("od.head", "od", "head", head=True),
    a.Post("gb.secretary", "gb", "secretary"),
    a.Post("b1.secretary", "b1", "secretary"),
    a.Post("b9.secretary", "b9", "secretary"),
]
ORGANIZATION = a.Organization.build(
    units=UNITS,
    posts=POSTS,
    relations=RELATIONS,
    tenures=[a.Tenure(post.id, f"holder of {post.unit}".replace(" ", "-")) for post in POSTS],
)


def answer(rules: list[str], parameters: dict[str, object], events: list[a.Event], as_of: str) -> a.Assessment:
    """Return the answer under some rules of the university."""
    policy = a.Policy.shipped("university", rules=rules, parameters=parameters, in_force=("2025-01-01", None))
    return a.assess(policy, policy.parameters, ORGANIZATION, events, as_of)


def statuses(found: a.Assessment, rule: str) -> list[str]:
    """Return the statuses of the obligations of a rule."""
    return [o.status for o in found.obligations if o.rule == rule]


@pytest.mark.parametrize(("actor", "status"), [("gb", "pending"), ("b9", "pending"), ("od", "fulfilled")])
def test_only_the_bearer_verifies(actor: str, status: str) -> None:
    """A verification counts when the organ that owes it made it, not when the unit verified itself."""
    filed = a.Event("doc.filed", date="2025-07-02", from_="gb", to="od", kind="assessment_summary")
    verified = a.Event("assessment.verified", date="2025-07-05", by=actor, of="gb")
    found = answer(["P1-4-1g"], {"verify_within": "10d"}, [filed, verified], "2025-07-06")
    assert statuses(found, "P1-4-1g.verify") == [status]


@pytest.mark.parametrize(("actor", "status"), [("b9", "overdue"), ("gb", "fulfilled")])
def test_only_the_bearer_closes_its_task(actor: str, status: str) -> None:
    """A key task is closed by the unit to which it was assigned and by no other."""
    assigned = a.Event(
        "task.assigned", id="t", date="2025-03-03", to="gb", by="pc", kind="党建", key=True, due="2025-03-31"
    )
    closed = a.Event("task.closed", date="2025-03-20", to=actor, task="t")
    found = answer(["P1-5-1b"], {"escalate_after": "0d"}, [assigned, closed], "2025-04-01")
    assert statuses(found, "P1-5-1b.by_date") == [status]


def test_a_unit_that_nobody_knows_is_reported() -> None:
    """An event that names an unknown unit gives a finding with the nearest known one, and performs nothing."""
    assigned = a.Event(
        "task.assigned", id="t", date="2025-03-03", to="gb", by="pc", kind="党建", key=True, due="2025-03-31"
    )
    closed = a.Event("task.closed", date="2025-03-20", to="gbb", task="t")
    found = answer(["P1-5-1b"], {}, [assigned, closed], "2025-03-21")
    (finding,) = found.findings
    assert (finding.code, finding.about, finding.detail["nearest"]) == ("organization_fact_required", "gbb", "gb")
    assert statuses(found, "P1-5-1b.by_date") == ["pending"]


def test_a_retraction_without_target_is_an_orphan_and_one_with_a_target_fires() -> None:
    """A retraction fires when its target is known, and is an orphan until then."""
    late = a.Event("event.retracted", id="r1", date="2025-03-04", target="nothing")
    task = a.Event(
        "task.assigned", id="t", date="2025-03-03", to="gb", by="pc", kind="党建", key=True, due="2025-03-31"
    )
    good = a.Event("event.retracted", id="r2", date="2025-03-04", target="t")
    found = answer(["P1-5-1b"], {}, [late, task, good], "2025-03-05")
    assert {e.id: e.result for e in found.events} == {"r1": "orphan", "r2": "fired", "t": "no_effect"}
    assert [f.about for f in found.findings if f.code == "orphan_event"] == ["r1"]
    assert statuses(found, "P1-5-1b.by_date") == ["cancelled"]


def test_rules_without_a_first_day_are_named_in_one_finding() -> None:
    """Recurring rules owe nothing until the law has a first day, and one finding names them all."""
    policy = a.Policy.shipped(
        "university", rules=["P1-4-1b", "P1-4-1c"], parameters={"july1_window": ["06-20", "07-10"]}
    )
    found = a.assess(policy, policy.parameters, ORGANIZATION, [], "2025-07-01")
    assert found.obligations == ()
    assert [(f.code, f.about, f.detail["rules"]) for f in found.findings] == [
        ("parameter_required", "in_force", "P1-4-1b.examine, P1-4-1c.lead")
    ]


def test_the_law_is_not_in_force_backwards() -> None:
    """Days in force that are swapped, and a rule that no pack has, are refused and not taken for an empty law."""
    with pytest.raises(a.PackError, match="swap the days"):
        a.Policy.shipped("university", in_force=("2025-02-01", "2025-01-01"))
    with pytest.raises(a.PackError, match="the days in force: `soon`"):
        a.Policy.shipped("university", in_force=("soon", None))
    with pytest.raises(a.PackError, match="no rule stands under `P1-5-33`, did you mean `P1-5-3"):
        a.Policy.shipped("university", rules=["P1-5-33"])


def test_an_act_without_a_known_period_performs_nothing() -> None:
    """While nobody has said how often, the inspections are undetermined, and one that is made does not change that."""
    done = a.Event("inspection.done", date="2025-02-03", by="gb", unit="b1")
    found = answer(["P1-5-2a"], {}, [done], "2025-02-04")
    assert statuses(found, "P1-5-2a.inspect") == ["undetermined"]
    assert [(f.code, f.about) for f in found.findings] == [("parameter_required", "inspect_every")]
