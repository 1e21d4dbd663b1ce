"""What the README and the examples say is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from organizations import facts_of

from accountability import Organization

ROOT = Path(__file__).parent.parent


def run(*command: str) -> str:
    """Run Python in the checkout and return what it printed."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout


def test_the_readme_program_prints_what_the_readme_says() -> None:
    """The program of the README runs and prints the lines that stand below it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    promised = re.search(r"This prints\n\n```text\n(.*?)```", readme, re.DOTALL)
    assert program is not None and promised is not None
    printed = run("-X", "utf8", "-c", program[1]).splitlines()
    expected = promised[1].splitlines()
    assert len(printed) == len(expected)
    for line, promise in zip(printed, expected, strict=True):
        assert line.startswith(promise.removesuffix("…"))


def test_the_host_example_shows_a_duty_and_records_a_decision() -> None:
    """The host example opens a duty, escalates it, shows it to its holder and records that nobody is held answerable."""
    printed = run("-X", "utf8", "examples/university/host.py")
    assert "opened: 计算机学生党支部 b-stud.secretary hold_committee_meeting due 2025-03-10 under P1-5-3b" in printed
    assert "escalated: b-stud -> gb-cs.secretary because of overdue" in printed
    assert "decided: p-lan not_held by gb-cs" in printed


def test_the_demo_fits_a_screen_and_warns_first() -> None:
    """The demo begins with its two warnings, shows dates only with parameters, and fits on about one screen."""
    lines = run("-X", "utf8", "examples/university/demo.py").splitlines()
    assert "示例参数不是来源的规定" in lines[0]
    assert "没有支部大会表决、听取申辩和申诉" in lines[1]
    split = next(i for i, line in enumerate(lines) if line.startswith("二、"))
    without, with_sample = "\n".join(lines[:split]), "\n".join(lines[split:])
    assert "期限2025" not in without and without.count("期限未定:缺少参数") == 3
    # 3 March + 7 days = 10 March, overdue on the 11th; 9 March + 10 days; the library branch: 7 March + 30 days
    for expected in (
        "期限2025-03-10",
        "2025-03-11起上报督办",
        "期限2025-03-19",
        "期限2025-04-06",
        "missing_level=skip",
    ):
        assert expected in with_sample
    assert len(lines) <= 45


def test_the_demo_speaks_english() -> None:
    """The English demo gives the same days and the same warning."""
    printed = run("-X", "utf8", "examples/university/demo.py", "--language", "en")
    assert "no vote of the members' meeting, hearing or appeal" in printed
    assert "due 2025-03-10" in printed and "candidate for a human decision: p-lan" in printed


def test_the_csv_sample_is_the_same_organization_as_the_toml_sample() -> None:
    """The folder of CSV files of the invented university says every fact of university.toml, and no other."""
    folder = Organization.load(ROOT / "examples" / "university" / "organization")
    whole = Organization.load(ROOT / "examples" / "university" / "university.toml")
    assert facts_of(folder) == facts_of(whole)
    assert len(folder.units) == 6 and len(folder.seats) == 15
