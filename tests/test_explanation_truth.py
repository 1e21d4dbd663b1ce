"""What a sentence says of an answer is true of it: extended due days, acts that came late, what is missing, who leads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import accountability as a
from accountability.finding import FINDINGS
from accountability.organization_file import read_organization
from accountability.reports.names import Names
from accountability.reports.text import assessment_text

UNIVERSITY = a.Organization.load(Path(__file__).parent.parent / "examples" / "university" / "university.toml")
OPENED = a.Event("member.problem", date="2025-03-03", id="e", case="K", person="m-2")


def asked(events: list[a.Event], as_of: str, parameters: Mapping[str, object]) -> tuple[a.Policy, a.Assessment]:
    """Return the policy and the answer about the university."""
    policy = a.Policy.shipped("university", parameters=parameters, rules=["P1-1-1", "P1-2", "P1-5-3"])
    return policy, a.assess(policy, policy.parameters, UNIVERSITY, events, as_of)


def test_an_extended_due_day_is_not_said_to_be_the_computed_one() -> None:
    """Of an extended due day the extension is told, and the computation of the first one as that of the first one."""
    extended = a.Event(
        "deadline.extended", date="2025-03-05", id="x", obligation="P1-5-3b.meet/K", due="2025-03-20", by="gb-cs",
        document="D-1",
    )  # fmt: skip
    policy, answer = asked([OPENED, extended], "2025-03-06", {"hold_within": "7d"})
    (item,) = [each for each in answer.obligations if each.id == "P1-5-3b.meet/K"]
    english, chinese = (a.explain(item, policy, UNIVERSITY, language) for language in ("en", "zh"))
    assert (
        "Due on 2025-03-20, extended by event x of 2025-03-05; before, 7 days from 2025-03-03, which is day 0."
        in english
    )
    assert "期限为2025-03-20，由事件x于2025-03-05延期；原为自2025-03-03起7日，起算日为第0日。" in chinese


def test_an_escalation_says_that_the_duty_was_not_performed_by_then() -> None:
    """An escalation of a duty that was performed late does not say that it was never performed."""
    held = a.Event("meeting.held", date="2025-03-15", id="m", case="K", unit="b-stud", kind="支委会")
    policy, answer = asked([OPENED, held], "2025-03-20", {"hold_within": "7d", "escalate_after": "0d"})
    (escalation,), (candidate,) = answer.escalations, answer.liabilities
    assert (escalation.id, candidate.id) == ("escalation/P1-5-3b.meet/K/overdue", "liability/P1-5-3b.meet/K/p-lan")
    assert "(P1-5-3b.meet/K, K), not performed when it was due." in a.explain(escalation, policy, UNIVERSITY, "en")
    assert "（P1-5-3b.meet/K），届期未履行。" in a.explain(escalation, policy, UNIVERSITY, "zh")
    assert "due on 2025-03-10 and not performed by then." in a.explain(candidate, policy, UNIVERSITY, "en")
    assert "期限2025-03-10，届时未履行。" in a.explain(candidate, policy, UNIVERSITY, "zh")


def test_a_due_day_that_is_not_known_names_the_missing_parameter() -> None:
    """An obligation without a due day says which parameter nobody has set."""
    policy, answer = asked([OPENED], "2025-03-04", {})
    (item,) = [each for each in answer.obligations if each.id == "P1-5-3b.meet/K"]
    assert "No due day: the parameter time to hold the committee meeting (hold_within) is not set." in a.explain(
        item, policy, UNIVERSITY, "en"
    )
    assert "期限未定：参数" in a.explain(item, policy, UNIVERSITY, "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_of_an_answer_says_who_leads(language: str) -> None:
    """The text of an assessment names, for each unit whose lead is derived, who leads and who guides it."""
    organization = read_organization(
        {
            "units": [
                {"id": "k", "kind": "local_committee", "name": "市委"},
                {"id": "g", "kind": "party_group", "name": "局党组"},
                {
                    "id": "v", "kind": "grassroots_unit", "name": "甲", "party_relation": "属地",
                    "business_relation": "垂直", "local": "k", "line": "g",
                },
            ]
        },
        "test",
    )  # fmt: skip
    policy = a.Policy.shipped("province", rules=["P7-2-1", "P7-2-4", "P7-2-5"])
    answer = a.assess(policy, policy.parameters, organization, [], "2025-03-03")
    assert [(each.unit, each.lead, each.guide) for each in answer.relations] == [("v", "k", "g")]
    shown = assessment_text(answer, Names(organization, policy, language), 0)
    line = {"en": "甲 (v): 市委 (k) leads, 局党组 (g) guides", "zh": "甲（v）：市委（k）领导，局党组（g）指导"}[
        language
    ]
    assert line in shown


def test_each_detail_of_a_finding_has_words() -> None:
    """The reasons that no unit leads are told in words of the language, not in those of the file."""
    organization = read_organization(
        {"units": [{"id": "v", "kind": "grassroots_unit", "party_relation": "属地"}]}, "test"
    )
    policy = a.Policy.shipped("province", rules=["P7-2-1", "P7-2-4", "P7-2-5"])
    answer = a.assess(policy, policy.parameters, organization, [], "2025-03-03")
    (finding,) = [each for each in answer.findings if each.code == "undetermined_lead"]
    assert FINDINGS["undetermined_lead"].text["zh"] in a.explain(finding, policy, organization, "zh")
    assert "recorded" not in a.explain(finding, policy, organization, "zh")
    assert "party_relation" not in a.explain(finding, policy, organization, "zh")
