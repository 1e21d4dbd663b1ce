"""A duty that waits for another one of its case, whose bearer stands aside."""

from __future__ import annotations

from pathlib import Path

import pytest

import accountability as a
from accountability.organization_file import read_organization

ORGANIZATION = read_organization(
    {
        "units": [
            {"id": "c", "kind": "company", "posts": [{"kind": "manager", "holder": "an"}]},
            {"id": "dep", "kind": "department", "led_by": "c", "posts": [{"kind": "manager", "holder": "bo"}]},
            {"id": "team", "kind": "team", "led_by": "dep", "posts": [{"kind": "manager", "holder": "cai"}]},
        ],
        "members": [{"person": "cai", "unit": "team"}],
    },
    "test",
)


@pytest.mark.parametrize(("kind", "met"), [("team", "fulfilled"), ("department", "overdue")])
def test_duties_that_share_designations_and_wait_for_each_other_come_to_rest(kind: str, met: str) -> None:
    """The manager whom the case is about convenes nothing, and the report waits for the meeting: both are answered.

    The duties of such a case are resolved together; one that comes first calls those that wait only with news.
    """
    policy = a.Policy.load(
        Path(__file__).parent / "packs" / "good",
        parameters={"meet_within": "7d", "designate_within": "3d", "escalate_after": "0d"},
    )
    record = a.Ledger(policy, ORGANIZATION, matcher="python")
    case = {"case": "K", "source": "host"}
    record.submit(a.Event("incident.reported", date="2025-03-03", id="i", person="cai", severity="low", **case))
    record.submit(a.Event("meeting.held", date="2025-03-04", id="m", unit="team", kind=kind, persons=["an"], **case))
    record.advance("2025-03-25")
    stand = {o.rule: o.status for o in record.assessment().obligations if o.case == "K"}
    assert (stand["C-1-1a.meet"], stand["C-1-1b.submit"]) == (met, "overdue")
    same = a.assess(policy, policy.parameters, ORGANIZATION, record.events, "2025-03-25")
    assert a.to_data(record.assessment()) == a.to_data(same)
