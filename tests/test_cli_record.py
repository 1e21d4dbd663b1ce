"""The command line on records: verify, export, import, and a record in the place of organization and events."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

import accountability as a
from accountability.cli import main

U = "examples/university/"
PARAMETERS = U + "parameters.sample.toml"
QUESTION = ["--pack", "university", "--params", PARAMETERS, "--as-of", "2025-03-12"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a record that holds the events of the example university."""
    policy = a.Policy.shipped("university", parameters=PARAMETERS)
    address = f"sqlite:///{tmp_path}/record.db"
    ledger = a.Ledger(policy, a.Organization.load(U + "university.toml"), store=address, matcher="python")
    for event in sorted(a.read_events(U + "events.jsonl", policy.event_types), key=lambda event: event.known):
        ledger.submit(event)
    ledger.advance("2025-03-12")
    return address


def test_verify_prints_the_head_to_keep(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An honest record gives its head and 0, also beside the head that was kept."""
    assert main(["verify", url]) == 0
    head = capsys.readouterr().out.strip()
    assert head == str(a.Record(url).head())
    assert main(["verify", url, "--head", head]) == 0


def test_verify_names_the_bad_row(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that was changed, or is not the one of the head, gives 1 and one line that says why."""
    head = str(a.Record(url).head())
    other = "9" if head[-1] != "9" else "8"
    assert main(["verify", url, "--head", head[:-1] + other]) == 1
    assert "written anew" in capsys.readouterr().out
    with sqlite3.connect(tmp_path / "record.db") as connection:
        connection.execute("UPDATE accountability_event SET date = '2020-01-01' WHERE position = 3")
    connection.close()
    assert main(["verify", url]) == 1
    said = capsys.readouterr().out
    assert said.startswith("row 3 is not what was recorded: its `date` is `2020-01-01`")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "sqlite:///nowhere/record.db"],
        ["verify", "record.db"],
        ["export", "sqlite:///nowhere/record.db"],
        ["import", "nowhere.jsonl", "sqlite:///nowhere/record.db"],
        ["check", "sqlite:///nowhere/record.db", "sqlite:///nowhere/record.db", *QUESTION],
    ],
)
def test_what_can_not_be_opened_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A record or file that is not there gives 2, nothing on stdout, and one line on stderr."""
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("accountability: ")
    assert "`" in told.err
    assert told.err.count("\n") == 1


def test_a_head_that_is_none_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A head that can not be read gives 2: nothing was checked."""
    assert main(["verify", url, "--head", "latest"]) == 2
    assert "`latest` is no head; write `position:digest`" in capsys.readouterr().err


def test_an_export_is_taken_in_elsewhere(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `export` prints, `import` takes into a new record with the same head, which is refused a second time."""
    assert main(["export", url]) == 0
    lines = capsys.readouterr().out
    (tmp_path / "lines.jsonl").write_text(lines, encoding="utf-8")
    target = f"sqlite:///{tmp_path}/copy.db"
    assert main(["import", str(tmp_path / "lines.jsonl"), target]) == 0
    assert capsys.readouterr().out.strip() == str(a.Record(url).head())
    assert main(["export", target]) == 0
    assert capsys.readouterr().out == lines
    assert main(["import", str(tmp_path / "lines.jsonl"), target]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_a_question_can_be_asked_of_a_record(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` on a record prints what it prints on the files that the record was told from."""
    files = [U + "university.toml", U + "events.jsonl"]
    answers = []
    for source in ([url, url], files, [files[0], url]):
        assert main(["check", *source, *QUESTION, "--format", "json"]) == 1
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1] == answers[2]


def test_two_policies_are_compared_over_a_record(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`diff` on a record says which answers another value of a parameter would have changed."""
    assert main(["diff", url, url, *QUESTION, "--to-param", "hold_within=1d", "--format", "json"]) == 0
    changes = json.loads(capsys.readouterr().out)
    assert "P1-5-3b.meet/K-2" in json.dumps(changes)
