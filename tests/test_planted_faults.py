"""The tests would notice: twenty faults, each a change of one line, every one of which a test finds.

They are run by `make faults` (some minutes), each in a copy of the package; `make test` sees that they can be planted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "accountability"


@frozen
class Fault:
    """A wrong line in place of a right one in a file, what it would do to people, and the test that finds it."""

    file: str
    right: str
    wrong: str
    harm: str
    test: str


FAULTS = [
    Fault("condition.py", "                answer = None", "                answer = True",
          "what cannot be told is taken as true", "test_matching.py"),
    Fault("condition.py", "fact >= operand),", "fact > operand),",
          "a limit that is just reached does not count", "test_matching.py"),
    Fault("calendar.py", "due = self._working_day_from(due.day + _ONE_DAY, due.provisional)",
          "due = self._working_day_from(due.day, due.provisional)", "working days do not pass", "test_calendar.py"),
    Fault("calendar.py", "return day in self.work or (day.weekday() < 5 and day not in self.rest)",
          "return day.weekday() < 5 and day not in self.rest", "make-up days are not worked", "test_calendar.py"),
    Fault("calendar.py", "years, month = divmod(day.month - 1 + count, 12)",
          "years, month = divmod(day.month + count, 12)", "every month is a month too long", "test_calendar.py"),
    Fault("organization.py", "                if fact.to < fact.from_:", "                if fact.to <= fact.from_:",
          "a tenure of one day is refused", "test_organization.py"),
    Fault("organization.py", "                    if later.from_ <= earlier.to:",
          "                    if later.from_ < earlier.to:", "two superiors on one day", "test_organization.py"),
    Fault("view.py", "            elif fact.to >= self.day:", "            elif fact.to > self.day:",
          "the successor is blamed for the last day", "test_organization.py"),
    Fault("view.py", "                self.until = min(self.until, fact.from_ - _DAY)",
          "                self.until = min(self.until, fact.from_)", "an answer is kept a day too long", "test_guarantees.py"),
    Fault("due.py", '        if clock.value == "recorded_date":', '        if clock.value == "recorded":',
          "time runs before anybody could know", "test_scenarios.py"),
    Fault("due.py", '                if choice.value == "restart" and after.from_ <= due.day:',
          '                if choice.value == "restart" and after.from_ < due.day:', "a new unit has no time", "test_chain.py"),
    Fault("due.py", "        found = evolve(found, first=unblocked)", "        pass",
          "overdue while it could not be done", "test_chain.py"),
    Fault("knowledge.py", "    for event in (e for e in events if e.known <= known_as_of):",
          "    for event in (e for e in events if e.date <= known_as_of):", "hindsight in past answers", "test_guarantees.py"),
    Fault("knowledge.py", "                first = min((*same, event), key=_first)", "                first = same[0]",
          "the order of arrival decides", "test_guarantees.py"),
    Fault("ledger.py", "        if day is not None and event.known < day:",
          "        if day is not None and event.date < day:", "imports are refused", "test_incremental.py"),
    Fault("record/row.py", "        previous = own", "        previous = head.digest",
          "rows of one step can be exchanged unseen", "test_record.py"),
    Fault("record/row.py", "        if self.previous != before.digest:", "        if False:",
          "rows can be moved unseen", "test_record.py"),
    Fault("record/recorder.py", "        if moved:\n            projection", "        if False:\n            projection",
          "what is due answers from the old law", "test_record.py"),
    Fault("record/database.py", '    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")',
          '    connection.exec_driver_sql("BEGIN")', "two writers take one position", "test_record.py"),
    Fault("record/projection.py", "columns.due <= last.isoformat()", "columns.due < last.isoformat()",
          "what is due on the last day asked is left out", "test_record.py"),
]  # fmt: skip


def planted(fault: Fault, folder: Path) -> Path:
    """Copy the package into the folder with the fault in it, and return the folder from which it is imported."""
    copy = folder / "src" / "accountability"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    path = copy / fault.file
    text = path.read_text(encoding="utf-8")
    assert text.count(fault.right) == 1, f"{fault.right!r} stands {text.count(fault.right)} times in {fault.file}"
    path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
    return copy.parent


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.harm)
def test_every_fault_can_be_planted(fault: Fault) -> None:
    """Each right line stands once in its file, so that the fault is what it says."""
    text = (PACKAGE / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.right) == 1
    assert fault.wrong != fault.right
    compile(text.replace(fault.right, fault.wrong), fault.file, "exec")


@pytest.mark.skipif("ACCOUNTABILITY_FAULTS" not in os.environ, reason="twenty runs of tests; `make faults` does them")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.harm)
def test_every_planted_fault_is_found(fault: Fault, tmp_path: Path) -> None:
    """With the fault in the package, the test named beside it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", f"tests/{fault.test}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(planted(fault, tmp_path)), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout[-2000:]
    assert " failed" in done.stdout


def test_there_are_twenty_faults_of_every_part() -> None:
    """The faults are in the calendar, the conditions, the organization, the ledger, the record and what counts."""
    assert len(FAULTS) >= 20
    parts = {"calendar", "condition", "organization", "view", "due", "knowledge", "ledger", "record"}
    assert {Path(fault.file).parts[0].removesuffix(".py") for fault in FAULTS} == parts
