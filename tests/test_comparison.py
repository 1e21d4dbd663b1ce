"""What another policy would answer differently."""

from __future__ import annotations

import json

import accountability as a
from accountability.cli import main

U = "examples/university/"


def answer(**values: str) -> a.Assessment:
    """Return the example as of 12 March, with other values for some parameters."""
    policy = a.Policy.shipped("university", parameters=U + "parameters.sample.toml")
    policy = policy.with_parameters(policy.parameters.with_values(values))
    events = a.read_events(U + "events.jsonl", policy.event_types)
    return a.assess(policy, policy.parameters, a.Organization.load(U + "university.toml"), events, "2025-03-12")


def test_an_answer_compared_with_itself_has_no_change() -> None:
    """The same assessment differs in nothing."""
    assert a.compare(answer(), answer()) == ()


def test_a_longer_time_moves_due_days_and_takes_back_what_followed() -> None:
    """With 14 days instead of 7 the meeting is due on 17 March, and neither escalation nor candidate stands."""
    changes = a.compare(answer(), answer(hold_within="14d"))
    late = {c.kind: c for c in changes if "P1-5-3b.meet/K-2" in c.id}
    assert late["obligation"].before == {"due": "2025-03-10", "status": "overdue"}
    assert late["obligation"].after == {"due": "2025-03-17", "status": "pending"}
    assert (late["escalation"].unit, late["escalation"].after) == ("b-stud", None)
    assert (late["candidate"].person, late["candidate"].after) == ("p-lan", None)


def test_what_changes_one_way_changes_back_the_other_way() -> None:
    """Compared the other way round, each change has its sides exchanged."""
    there, back = a.compare(answer(), answer(hold_within="14d")), a.compare(answer(hold_within="14d"), answer())
    assert {(c.kind, c.id, str(c.before), str(c.after)) for c in there} == {
        (c.kind, c.id, str(c.after), str(c.before)) for c in back
    }


def test_the_command_says_what_changes(capsys) -> None:  # type: ignore[no-untyped-def]  # pytest's own fixture
    """`accountability diff` prints the changes by unit and person, or as JSON."""
    question = ["diff", U + "university.toml", U + "events.jsonl", "--pack", "university", "--as-of", "2025-03-12"]
    question += ["--params", U + "parameters.sample.toml", "--to-param", "hold_within=14d", "--language", "en"]
    assert main(question) == 0
    printed = capsys.readouterr().out
    assert "obligation P1-5-3b.meet/K-2: due 2025-03-10 -> 2025-03-17, status overdue -> pending" in printed
    assert main([*question, "--format", "json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {"obligation", "escalation", "candidate"} == {change["kind"] for change in changes}
