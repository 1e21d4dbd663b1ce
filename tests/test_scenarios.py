"""Scenarios of document 1, and some of others, are answered as they say; the runner notices each change of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import scenario_file
import yaml

import accountability as a

FILE = Path(__file__).parent / "scenarios" / "scenarios.yaml"
OWN = FILE.with_name("chain.yaml")
DATA: dict[str, Any] = scenario_file.read(FILE)
DATA["scenarios"] += scenario_file.read(OWN)["scenarios"]
DAY = timedelta(days=1)
Check = dict[str, Any]


def norms() -> set[str]:
    """Return the norm ids that the pack of document 1 formalises."""
    return {rule.clause.ref for rule in a.Policy.shipped("university").rules}


def is_loaded(scenario: dict[str, Any]) -> bool:
    """Tell whether the pack has a rule for each entry of a scenario about document 1; the July-1 round may be missing."""
    return "P1-4-1d" not in scenario["rules"] or "P1-4-1d" in norms()


OTHERS = ["S27", "S35", "S37"]
"""Scenarios of other documents: a half-year of meetings, who leads and guides, a body that acts for another one."""
CHECKS = [each for each in scenario_file.checks(DATA, ["1"]) if is_loaded(each[0])]
CHECKS += list(scenario_file.checks(DATA, only=OTHERS))


def named(scenario: dict[str, Any], number: int) -> str:
    """Return the name of a check: the id and title of its scenario, and its number."""
    return f"{scenario['id']}.{number} {scenario['title']}"


@pytest.mark.parametrize(
    ("scenario", "check"), [pytest.param(s, check, id=named(s, number)) for s, number, check in CHECKS]
)
def test_scenario_is_answered_as_it_says(scenario: dict[str, Any], check: Check) -> None:
    """The library answers a check of a scenario exactly as the file says."""
    assert scenario_file.run_check(DATA, scenario, check) == []


def test_scenarios_of_document_1_are_run() -> None:
    """No check of document 1 is left out but those of rules that the pack does not have."""
    found = [scenario["id"] for scenario, _, _ in CHECKS]
    assert len(found) >= 30
    assert {"S01", "S10", "S15", "S25", "S32", "S40"} <= set(found)


# -- the runner notices each expectation that is changed --------------------------------------------------------------

LISTS = ("obligations", "escalations", "liability", "findings", "relations")
ADDED: dict[str, dict[str, Any]] = {
    "obligations": {"clause": "P1-5-3b", "act": "hold_committee_meeting", "unit": "U.NONE", "status": "pending"},
    "escalations": {"from_unit": "U.B11", "to_unit": "U.NONE", "reason": "overdue"},
    "liability": {"clause": "P1-5-2b", "person": "nobody"},
    "findings": {"code": "no_bearer", "about": "U.NONE"},
    "relations": {"unit": "U.NONE", "lead": "U.PC", "guide": None},
}


def altered(key: str, value: Any) -> Any:
    """Return another value for a fact that a check expects."""
    if isinstance(value, date):
        return value + DAY
    if value is None:
        return date(2025, 1, 1) if key in ("due", "performed", "at", "earliest") else "another"
    if key == "status":
        return "overdue" if value != "overdue" else "pending"
    return "another"


def changed(check: Check) -> Iterator[tuple[str, str, Check]]:
    """Yield copies of a check, each with one expectation changed: the list, the key or what was done, and the copy."""

    def copied() -> Check:
        return copy.deepcopy(check)

    for name in LISTS:
        for number, entry in enumerate(check.get(name, ())):
            for key in entry:
                one = copied()
                one[name][number][key] = altered(key, entry[key])
                yield name, key, one
            one = copied()
            del one[name][number]
            if name != "obligations" or entry.get("status") in scenario_file.LIVE:
                yield name, "one less", one
        if name in check:
            one = copied()
            one[name].append(ADDED[name])
            yield name, "one more", one
    for number, entry in enumerate(check.get("obligations", ())):
        one = copied()
        keys = ("clause", "act", "unit", "case")
        one.setdefault("not_yet", []).append({key: entry[key] for key in keys if key in entry})
        yield "not_yet", f"obligation {number}", one


ALTERATIONS = [
    pytest.param(scenario, number, one, id=f"{scenario['id']}.{number} {name} {key} {place}")
    for scenario, number, check in CHECKS
    for place, (name, key, one) in enumerate(changed(check))
]


@cache
def answered(id_: str, number: int) -> a.Assessment:
    """Return the answer to a check of the file; what a check expects has no part in it."""
    scenario, check = next((s, c) for s, n, c in CHECKS if (s["id"], n) == (id_, number))
    return scenario_file.answer(DATA, scenario, check)


@pytest.mark.parametrize(("scenario", "number", "check"), ALTERATIONS)
def test_runner_notices_a_changed_expectation(scenario: dict[str, Any], number: int, check: Check) -> None:
    """A check with one date, status, person, clause, escalation or finding changed fails."""
    assert scenario_file.compare(check, answered(scenario["id"], number)) != []


def test_every_kind_of_expectation_is_changed() -> None:
    """Each list, and each key of its entries that matters, is among the changed expectations."""
    kinds = {(name, key) for _, _, check in CHECKS for name, key, _ in changed(check)}
    wanted = {
        "obligations": ("clause", "act", "unit", "post", "person", "to", "due", "status", "performed", "outcome"),
        "escalations": ("from_unit", "to_unit", "to_post", "reason", "clause", "earliest", "one less"),
        "liability": ("clause", "person", "post", "at", "level", "one less"),
        "findings": ("code", "about", "one less"),
    }
    assert {(name, key) for name, keys in wanted.items() for key in (*keys, "one more")} <= kinds


# -- checks of the organization and ratings ---------------------------------------------------------------------------

STRUCTURE = list(scenario_file.checks(DATA, only=["L01", "L03", "S33"]))


@pytest.mark.parametrize(
    ("scenario", "check"), [pytest.param(s, check, id=named(s, number)) for s, number, check in STRUCTURE]
)
def test_a_check_of_tables_or_scores_is_answered_as_it_says(scenario: dict[str, Any], check: Check) -> None:
    """The library finds what the scenarios with tables and scores say, and no more."""
    assert scenario_file.run_check(DATA, scenario, check) == []


@pytest.mark.parametrize(
    ("scenario", "check"), [pytest.param(s, check, id=named(s, number)) for s, number, check in STRUCTURE]
)
def test_runner_notices_a_changed_finding_or_rating(scenario: dict[str, Any], check: Check) -> None:
    """A check with one finding or rating changed, one less or one more fails."""
    answer = scenario_file.answer(DATA, scenario, check)
    one = copy.deepcopy(check)
    for number in range(len(check.get("ratings", ()))):
        one["ratings"][number]["expect"] = "another"
        assert len(scenario_file.compare(one, answer)) == number + 1
    if "ratings" in check:
        assert scenario_file.compare({**check, "ratings": check["ratings"][:-1]}, answer) != []
    for number in range(len(check.get("findings", ()))):
        less = [each for n, each in enumerate(check["findings"]) if n != number]
        assert scenario_file.compare({**check, "findings": less}, answer) != []


def test_without_its_table_a_check_of_a_scenario_finds_nothing() -> None:
    """L01 and L03 without their facts give no finding, so the facts of the file are what is read."""
    for scenario in (scenario_of("L01"), scenario_of("L03")):
        del scenario["facts"]
        [check] = scenario["checks"]
        assert scenario_file.run_check(DATA, scenario, {**check, "findings": []}) == []
        assert scenario_file.run_check(DATA, scenario, check) != []


# -- the runner itself ------------------------------------------------------------------------------------------------


def written(folder: Path, *scenarios: dict[str, Any]) -> str:
    """Return the path of a file of these scenarios."""
    path = folder / "scenarios.yaml"
    path.write_text(yaml.safe_dump({**DATA, "scenarios": list(scenarios)}, allow_unicode=True), encoding="utf-8")
    return str(path)


def scenario_of(id_: str) -> dict[str, Any]:
    """Return a copy of a scenario of the file."""
    return copy.deepcopy(next(scenario for scenario in DATA["scenarios"] if scenario["id"] == id_))


def test_runner_counts_what_passed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runner prints the numbers of passed and failed checks last, and returns 0 when none failed."""
    assert scenario_file.main([written(tmp_path, scenario_of("S01"), scenario_of("S03"))]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"


def test_runner_returns_1_when_a_check_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runner prints each difference with its scenario and returns 1 when a check failed."""
    wrong = scenario_of("S03")
    wrong["checks"][1]["obligations"][0]["due"] += DAY
    assert scenario_file.main([written(tmp_path, scenario_of("S01"), wrong)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 passed, 1 failed"
    assert len(lines) > 1
    assert all(line.startswith("S03 check 2, as of 2025-03-11: ") for line in lines[:-1])


def test_runner_reports_an_error_of_the_library_as_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario that the library refuses fails, with the error, and the others are still run."""
    wrong = scenario_of("S02")
    wrong["params"] = {"no_such_parameter": "7d"}
    assert scenario_file.main([written(tmp_path, wrong, scenario_of("S01"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("S02 check 1, as of 2025-03-12: PackError: ")
    assert lines[1:] == ["1 passed, 1 failed"]


def test_only_documents_leaves_others_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --only-documents, a scenario with a rule of another document is not run."""
    other = scenario_of("S03")
    other["rules"].append("P7-4")
    path = written(tmp_path, scenario_of("S01"), other, scenario_of("S27"))
    assert scenario_file.main([path, "--only-documents", "1"]) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed\n"
    assert len(list(scenario_file.checks(yaml.safe_load(Path(path).read_text(encoding="utf-8"))))) == 5


def test_only_leaves_other_scenarios_out(capsys: pytest.CaptureFixture[str]) -> None:
    """With --only, the named scenarios alone are run."""
    assert scenario_file.main([str(FILE), "--only", "S01", "S03"]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"
