"""The command line: what each command prints, and the exit code that scripts rely on."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from accountability import Assessment, Finding, Organization, Parameters, Policy, read_event
from accountability.answer import EventAnswer
from accountability.assessment import assess
from accountability.cli import main
from accountability.reports.verdict import exit_code

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "packs" / "good"

ORGANIZATION = """
[[units]]
id = "PC"
name = "学校党委"
kind = "party_committee"
committee = ["an", "bai", "cui"]
posts = [{ kind = "secretary", holder = "an" }]

[[units]]
id = "GB"
name = "甲党总支"
kind = "general_branch"
led_by = "PC"
committee = ["deng", "fan", "gao"]
posts = [{ kind = "secretary", holder = "deng" }]

[[units]]
id = "B1"
name = "甲一党支部"
kind = "branch"
led_by = "GB"
committee = ["han", "jin", "kang"]
posts = [{ kind = "secretary", holder = "han" }]

[[units]]
id = "B2"
name = "甲二党支部"
kind = "branch"
led_by = "GB"
committee = ["lan", "mei", "ning"]
posts = [{ kind = "secretary", holder = "lan" }]

[[members]]
person = "m1"
unit = "B1"

[[members]]
person = "m2"
unit = "B2"
"""
PROBLEM = {"id": "e1", "type": "member.problem", "date": "2025-03-03", "case": "K1", "person": "m1"}
SECOND = {"id": "e2", "type": "member.problem", "date": "2025-03-05", "case": "K2", "person": "m2"}
MEETING = {"id": "e3", "type": "meeting.held", "date": "2025-03-06", "case": "K2", "unit": "B2", "kind": "支委会"}
RULES = ("--rules", "P1-1-1", "P1-2-5", "P1-5-1d", "P1-5-2b", "P1-5-3")
WITHIN = ("--param", "hold_within=7d", "--param", "submit_within=3d", "--param", "escalate_after=0d")
SAMPLES = 'sample = true\n\n[hold_within]\nvalue = "7d"\nset_by = "od"\ndocument = "doc 1"\n\n[escalate_after]\nvalue = "0d"\n'


class Desk:
    """A folder with an organization and events, and the command line over it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.file("university.toml", ORGANIZATION)
        self.events(PROBLEM)

    def file(self, name: str, text: str) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def events(self, *events: dict[str, Any]) -> None:
        """Write the events as lines of JSON."""
        self.file("events.jsonl", "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command line and return exit code, stdout and stderr."""
        code = main(arguments)
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err

    def ask(self, command: str, day: str, *more: str) -> tuple[int, str, str]:
        """Run a command on the organization and the events, as of the day."""
        org, events = str(self.folder / "university.toml"), str(self.folder / "events.jsonl")
        return self.run(command, org, events, "--pack", "university", *RULES, "--as-of", day, *more)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk with one reported problem of a member of B1 on 3 March 2025."""
    return Desk(tmp_path, capsys)


def lines_with(text: str, *words: str) -> list[str]:
    """Return the lines that hold all the words."""
    return [line for line in text.splitlines() if all(word in line for word in words)]


# -- check: the verdict -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "code"), [("2025-03-09", 0), ("2025-03-10", 0), ("2025-03-11", 1)])
def test_a_duty_is_compliant_to_the_end_of_its_due_day(desk: Desk, day: str, code: int) -> None:
    """Seven days from 3 March end with 10 March: exit 0 on that day and 1 from the next on."""
    assert desk.ask("check", day, *WITHIN)[0] == code


def test_nothing_known_is_compliant(desk: Desk) -> None:
    """Before anything has happened there is no obligation, and the exit code is 0."""
    code, out, err = desk.ask("check", "2025-03-01", "--language", "en", *WITHIN)
    assert (code, err) == (0, "")
    assert "Obligations: 0 live" in out and "Result: compliant" in out


def test_a_missing_quantity_makes_the_answer_undetermined(desk: Desk) -> None:
    """Without parameters the duty stands without a due day, and the exit code is 3."""
    code, out, _ = desk.ask("check", "2025-06-01")
    assert code == 3
    assert lines_with(out, "未定 | 甲一党支部（B1）", "P1-5-3b.meet/K1")
    assert lines_with(out, "未定", "hold_within", "parameter_required")


def test_overdue_comes_before_undetermined(desk: Desk) -> None:
    """Where one duty is overdue and another undetermined, the exit code is 1 and the overdue one is printed first."""
    desk.events(PROBLEM, SECOND, MEETING)
    code, out, _ = desk.ask("check", "2025-03-20", "--param", "hold_within=7d", "--param", "escalate_after=0d")
    assert code == 1
    assert out.index("P1-5-3b.meet/K1") < out.index("P1-5-3d.submit/K2")
    assert [line.split()[0] for line in out.splitlines() if line.strip() in ("逾期 1", "未定 1")] == ["逾期", "未定"]


def test_the_exit_code_is_the_first_that_fits() -> None:
    """Of refused, overdue or breach, undetermined or open, and none of these, the first that fits gives 2, 1, 3 or 0."""
    day = date(2025, 3, 3)
    refused = EventAnswer("host", "e1", "member.problem", "refused")
    breach, open_, notice = (Finding("code", "about", grade) for grade in ("breach", "open", "notice"))
    assert exit_code(Assessment(day, day, events=(refused,), findings=(breach, open_))) == 2
    assert exit_code(Assessment(day, day, findings=(open_, breach, notice))) == 1
    assert exit_code(Assessment(day, day, findings=(notice, open_))) == 3
    assert exit_code(Assessment(day, day, findings=(notice,))) == 0


def test_an_undetermined_obligation_alone_is_enough(desk: Desk) -> None:
    """An undetermined obligation gives 3 even where no finding is beside it."""
    policy = Policy.shipped("university", rules=["P1-5-3"])
    organization = Organization.load(desk.folder / "university.toml")
    answer = assess(policy, policy.parameters, organization, [read_event(PROBLEM)], "2025-03-04")
    assert exit_code(evolve(answer, findings=())) == 3
    assert exit_code(evolve(answer, findings=(), obligations=())) == 0


def test_an_undetermined_bearer_makes_the_answer_undetermined(desk: Desk) -> None:
    """A problem of a person of no known branch is nobody's to bear: undetermined, exit 3, and listed last by `due`."""
    desk.events({**PROBLEM, "id": "e0", "case": "K0", "person": "stranger", "date": "2025-03-01"}, PROBLEM)
    assert desk.ask("check", "2025-03-03", *WITHIN)[0] == 3
    _, out, _ = desk.ask("due", "2025-03-03", "--within", "9d", *WITHIN)
    assert [line.rpartition("/")[2] for line in out.splitlines()[1:]] == ["K1", "K0"]


def test_a_finding_that_is_a_breach_is_no_compliance(desk: Desk) -> None:
    """A vacant post is a breach: the exit code is 1 though nothing is overdue yet."""
    desk.events({"id": "v", "type": "post.vacated", "date": "2025-02-28", "post": "B1.secretary"}, PROBLEM)
    code, out, _ = desk.ask("check", "2025-03-04", *WITHIN)
    assert code == 1
    assert lines_with(out, "违规", "B1.secretary", "vacant_post")
    assert lines_with(out, "岗位空缺", "甲一党支部（B1） → 甲党总支（GB）", "deng")


def test_a_refused_event_is_told_and_the_rest_answered(desk: Desk) -> None:
    """A change that contradicts the organization is refused input: exit 2, a line that names it, and the other answers."""
    desk.events(PROBLEM, {"id": "x1", "type": "unit.closed", "date": "2025-03-04", "unit": "B7"})
    code, out, err = desk.ask("check", "2025-03-05", *WITHIN)
    assert code == 2
    assert err.startswith("accountability: event `x1`") and "B7" in err and err.count("\n") == 1
    assert lines_with(out, "2025-03-10", "P1-5-3b.meet/K1") and lines_with(out, "拒收", "x1")


def test_an_internal_error_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw ends with exit 4 and one line that names its type; `--debug` shows the traceback too."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("accountability.cli.assess", fail)
    code, out, err = desk.ask("check", "2025-03-05")
    assert (code, out) == (4, "")
    assert err == "accountability: internal error, ZeroDivisionError: by\\nzero; `--debug` shows where\n"
    code, _, err = desk.ask("check", "2025-03-05", "--debug")
    assert code == 4 and "Traceback" in err


def test_an_interruption_is_no_internal_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with exit 130, as of any process that is interrupted, and without a traceback."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("accountability.cli.assess", interrupt)
    assert desk.ask("check", "2025-03-05") == (130, "", "accountability: interrupted\n")


# -- check: what it prints --------------------------------------------------------------------------------------------


def test_a_breach_goes_up_and_names_a_candidate_for_people(desk: Desk) -> None:
    """An overdue duty shows its escalation to the superior and its candidate, with the words that people decide."""
    _, zh, _ = desk.ask("check", "2025-03-11", *WITHIN)
    assert lines_with(zh, "2025-03-11 | 逾期", "甲一党支部（B1） → 甲党总支（GB）", "甲党总支书记 deng", "P1-5-2b")
    assert lines_with(zh, "责任线索：1 项", "待组织认定")
    assert lines_with(zh, "2025-03-11 | han | 甲一党支部书记 | 待组织认定 | P1-5-2b")
    _, en, _ = desk.ask("check", "2025-03-11", "--language", "en", *WITHIN)
    assert lines_with(en, "Candidates: 1", "for people to decide; no verdict")
    assert lines_with(en, "han | secretary of 甲一党支部 | for people to decide")


def test_what_people_decided_is_shown(desk: Desk) -> None:
    """A decided candidate shows the decision, who made it and its document."""
    decision = {
        "id": "d",
        "type": "liability.decided",
        "date": "2025-03-12",
        "liability": "liability/P1-5-3b.meet/K1/han",
    }
    desk.events(PROBLEM, {**decision, "outcome": "not_held", "by": "GB", "document": "2025-{by}"})
    _, out, _ = desk.ask("check", "2025-03-12", *WITHIN)
    assert lines_with(out, "han", "不予追究（GB，2025-{by}）")


def test_the_rest_is_counted(desk: Desk) -> None:
    """Duties that are no longer live are counted by status, and every event is counted by what became of it."""
    desk.events(PROBLEM, SECOND, MEETING)
    _, out, _ = desk.ask("check", "2025-03-07", "--language", "en", *WITHIN)
    assert "  the rest: fulfilled 1, fulfilled late 0, cancelled 0" in out.splitlines()
    assert lines_with(out, "Events: 3", "fired")


def test_a_blocked_duty_says_for_whom_it_waits(desk: Desk) -> None:
    """Ranking, due on 5 July, is blocked by the branch that has not assessed itself, and not overdue."""
    filed = {"id": "s1", "type": "assessment.self_filed", "date": "2025-06-25", "unit": "B1"}
    desk.events(filed)
    org, events = str(desk.folder / "university.toml"), str(desk.folder / "events.jsonl")
    window = (
        "--param",
        "july1_window=06-20,07-10",
        "--param",
        "self_assessment_due=06-30",
        "--param",
        "ranking_due=07-05",
    )
    force = ("--in-force", "2025-01-01", "-", "--as-of", "2025-07-06", "--language", "en")
    rules = ("--rules", "P1-4-1d", "P1-4-1e", "--param", "escalate_after=0d")
    code, out, _ = desk.run("check", org, events, "--pack", "university", *rules, *window, *force)
    assert code == 1  # the self-assessment of B2 was due on 30 June
    assert lines_with(out, "2025-07-05", "甲党总支 (GB)", "waits for 甲二党支部 (B2)", "P1-4-1e")
    assert "  blocked 1" in out.splitlines()


def test_json_is_the_plain_data_with_the_verdict(desk: Desk) -> None:
    """JSON holds the whole assessment, the exit code with its meaning, and whether sample parameters are used."""
    code, out, _ = desk.ask("check", "2025-03-11", "--format", "json", *WITHIN)
    data = json.loads(out)
    assert data["exit"] == {"code": code, "meaning": "something is overdue or a finding is a breach"}
    assert data["sample_parameters"] is False
    (duty,) = data["obligations"]
    assert (duty["id"], duty["due"], duty["status"]) == ("P1-5-3b.meet/K1", "2025-03-10", "overdue")
    assert {use["name"]: use["set_by"] for use in duty["because"]["parameters"]}["hold_within"] == "--param"
    assert data.keys() >= {"as_of", "known_as_of", "escalations", "liabilities", "findings", "events"}


def test_known_as_of_leaves_out_what_was_learned_later(desk: Desk) -> None:
    """A problem recorded on 10 March is not known as of 9 March, though it happened on the 3rd."""
    desk.events({**PROBLEM, "recorded": "2025-03-10"})
    early = desk.ask("check", "2025-03-09", "--language", "en", *WITHIN)
    late = desk.ask("check", "2025-03-09", "--known-as-of", "2025-03-10", "--language", "en", *WITHIN)
    assert "Obligations: 0 live" in early[1] and "Obligations: 1 live" in late[1]


def test_events_come_from_stdin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file name `-` reads the events from stdin, and a bad line there is named by its number."""
    org = str(desk.folder / "university.toml")
    question = ("check", org, "-", "--pack", "university", *RULES, "--as-of", "2025-03-11", *WITHIN)
    for text, code, told in ((json.dumps(PROBLEM), 1, ""), (f"{json.dumps(PROBLEM)}\n\n{{]", 2, "events:3: ")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        got, _, err = desk.run(*question)
        assert got == code and told in err


def test_a_name_can_not_forge_a_line(desk: Desk) -> None:
    """Line ends, escapes and marks of direction in a name are printed escaped, so that one line stays one line."""
    name = "甲一\\n逾期 99\\u001b[31m\\u202e\\u0085"
    desk.file("university.toml", ORGANIZATION.replace("甲一党支部", name))
    for command, more in (("check", ()), ("due", ("--within", "9d")), ("explain", ("--all",))):
        _, out, _ = desk.ask(command, "2025-03-11", *more, *WITHIN)
        assert lines_with(out, r"甲一\n逾期 99\x1b[31m\u202e\x85（B1）")
        assert all(line.isprintable() for line in out.split("\n"))
    _, out, _ = desk.ask("check", "2025-03-11", "--format", "json", *WITHIN)
    assert json.loads(out)["obligations"][0]["unit"]["name"] == "甲一\n逾期 99\x1b[31m\u202e\x85"
    assert all(line.isprintable() for line in out.split("\n"))


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("check", ()),
        ("due", ("--within", "9d")),
        ("explain", ("--all",)),
        ("explain", ("P1-5-3b.meet/K1",)),
        ("why-not", ("P1-5-3d.submit", "K1")),
    ],
)
def test_sample_parameters_are_said_first(desk: Desk, command: str, more: tuple[str, ...]) -> None:
    """Every text that rests on sample parameters begins with a line that says so, and no other does."""
    samples = desk.file("samples.toml", SAMPLES)
    _, out, _ = desk.ask(command, "2025-03-11", "--params", samples, *more)
    assert "示例参数" in out.splitlines()[0]
    _, out, _ = desk.ask(command, "2025-03-11", "--params", samples, "--language", "en", *more)
    assert "sample parameters are used" in out.splitlines()[0]
    _, out, _ = desk.ask(command, "2025-03-11", *more, *WITHIN)
    assert "示例参数" not in out


def test_sample_parameters_are_said_in_json(desk: Desk) -> None:
    """In JSON the key `sample_parameters` is true; a value of `--param` is none and stands before that of the file."""
    samples = desk.file("samples.toml", SAMPLES)
    _, out, _ = desk.ask("check", "2025-03-11", "--params", samples, "--format", "json")
    assert json.loads(out)["sample_parameters"] is True
    given = ("--param", "hold_within=1m", "--param", "escalate_after=2d")
    code, out, _ = desk.ask("check", "2025-03-11", "--params", samples, "--format", "json", *given)
    data = json.loads(out)
    assert (code, data["sample_parameters"], data["obligations"][0]["due"]) == (0, False, "2025-04-03")


# -- due, explain, why-not --------------------------------------------------------------------------------------------


def test_due_lists_what_is_due_soon_by_its_day(desk: Desk) -> None:
    """Live duties due up to the day are sorted by due day, overdue ones among them, undetermined ones last."""
    desk.events({**SECOND, "date": "2025-03-01"}, PROBLEM, {**PROBLEM, "id": "e9", "case": "K9", "date": "2025-03-09"})
    given = ("--param", "hold_within=7d", "--param", "escalate_after=0d", "--language", "en")
    code, out, _ = desk.ask("due", "2025-03-09", "--within", "1d", *given)
    ids = [line.rpartition(" | ")[2] for line in out.splitlines()[1:]]
    assert (code, ids) == (0, ["P1-5-3b.meet/K2", "P1-5-3b.meet/K1"])  # due on the 8th and the 10th, not the 16th
    _, out, _ = desk.ask("due", "2025-03-09", "--within", "7d", "--unit", "B1", *given)
    assert [line.split(" | ")[1] for line in out.splitlines()[1:]] == ["2025-03-10", "2025-03-16"]
    desk.events(PROBLEM, SECOND, MEETING)
    _, out, _ = desk.ask("due", "2025-03-09", "--within", "1d", *given)
    assert [line.split(" | ")[:2] for line in out.splitlines()[1:]] == [
        ["  pending", "2025-03-10"],
        ["  undetermined", "open"],
    ]
    assert "  未定 | 未定" in desk.ask("due", "2025-03-09", "--within", "1d", *given, "--language", "zh")[1]


def test_due_is_asked_for_a_unit_a_post_or_a_person(desk: Desk) -> None:
    """Only what the named unit, post or person owes is listed; in JSON too."""
    desk.events(PROBLEM, SECOND)
    for option, name, expected in (("--unit", "B1", "K1"), ("--post", "B2.secretary", "K2"), ("--person", "lan", "K2")):
        _, out, _ = desk.ask("due", "2025-03-09", "--within", "30d", "--format", "json", option, name, *WITHIN)
        assert [duty["case"] for duty in json.loads(out)["obligations"]] == [expected]


def test_a_kind_that_is_nearly_a_known_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A unit whose kind no pack declares, but nearly, is named on stderr with the nearest kind."""
    text = Path("examples/university/university.toml").read_text(encoding="utf-8")
    organization = tmp_path / "org.toml"
    organization.write_text(text.replace('kind = "branch"', 'kind = "brnch"', 1), encoding="utf-8")
    events = tmp_path / "none.jsonl"
    events.write_text("", encoding="utf-8")
    main(["check", str(organization), str(events), "--pack", "university", "--as-of", "2025-03-12"])
    assert (
        "unit `b-teach` has the kind `brnch`, which no pack declares, did you mean `branch`?" in capsys.readouterr().err
    )


def test_explain_says_who_when_and_why(desk: Desk) -> None:
    """The sentences name the body, the due day with its computation, the clause and the event."""
    code, out, _ = desk.ask("explain", "2025-03-11", "P1-5-3b.meet/K1", *WITHIN)
    assert code == 0 and len(out.splitlines()) == 1
    for words in ("甲一党支部（B1）", "2025-03-10", "7日", "hold_within=7d", "P1-5-3b", "若党员发生问题", "e1"):
        assert words in out
    _, out, _ = desk.ask("explain", "2025-03-11", "--language", "en", "liability/P1-5-3b.meet/K1/han", *WITHIN)
    assert "for a human decision, not a verdict" in out


def test_explain_all_tells_the_live_and_what_followed(desk: Desk) -> None:
    """With `--all` each live duty is told under its id, then each escalation and candidate; with none, that there is none."""
    _, out, _ = desk.ask("explain", "2025-03-11", "--all", *WITHIN)
    ids = [block.splitlines()[0] for block in out.split("\n\n")]
    assert ids == ["P1-5-3b.meet/K1", "escalation/P1-5-3b.meet/K1/overdue", "liability/P1-5-3b.meet/K1/han"]
    assert desk.ask("explain", "2025-03-01", "--all", "--language", "en")[1] == "none\n"


def test_why_not_names_what_is_missing(desk: Desk) -> None:
    """A duty that was not opened is answered with the events that would have opened it."""
    code, out, _ = desk.ask("why-not", "2025-03-11", "P1-5-3d.submit", "K1", *WITHIN)
    assert code == 0 and "P1-5-3d.submit" in out and "meeting.held" in out and "K1" in out


# -- lint, read, params, test, schema ---------------------------------------------------------------------------------

PACK = """
[pack]
id = "shop"
version = "1.0"
title = { zh = "店规", en = "Rules of a shop" }
source = "the notice at the door"

[kinds]
shop = { zh = "店", en = "shop" }
team = { zh = "组", en = "team" }

[posts]
secretary = { zh = "组长", en = "leader" }

[events."leak.found"]
title = { zh = "发现漏水", en = "a leak is found" }
opens_case = true
fields = { person = "person" }

[events."leak.fixed"]
title = { zh = "修好漏水", en = "a leak is fixed" }
actor = "unit"
fields = { unit = "unit" }

[parameters.fix_within]
type = "span"
word = "promptly"
title = { zh = "修理的期限", en = "time to fix" }
"""
LAW = """
## Leaks {#S-1}
A leak is promptly fixed. The leader answers for the team. Who is late answers to the shop.

```toml duty
id     = "S-1a.fix"
title  = { zh = "修好漏水", en = "fix the leak" }
on     = "leak.found"
per    = "case"
bearer = "secretary of team of person"
act    = "fix"
must   = "leak.fixed"
within = "fix_within"
text   = "A leak is promptly fixed"
```
```toml role
id   = "S-1b.role"
name = "answerable"
is   = "secretary of team"
text = "The leader answers for the team"
```
```toml escalation
id   = "S-1c.escalation"
of   = "post of team"
text = "Who is late answers to the shop"
```
"""
SCENARIO = """
```toml scenario
name = "a leak is not fixed"
parameters = { fix_within = "2d", escalate_after = "0d" }
events = [{ type = "leak.found", date = 2025-03-03, case = "K", person = "p" }]

[organization]
units = [
    { id = "S", kind = "shop", posts = [{ kind = "secretary", holder = "s" }] },
    { id = "T", kind = "team", led_by = "S", posts = [{ kind = "secretary", holder = "t" }] },
]
members = [{ person = "p", unit = "T" }]

[[checks]]
as_of = 2025-03-05
obligations = [{ rule = "S-1a.fix", unit = "T", person = "t", due = 2025-03-05, status = "pending", performed = "" }]
escalations = []
not_yet = [{ status = "overdue" }]
```
"""
OVERDUE = """
[[checks]]
as_of = 2025-03-06
obligations = [{ clause = "S-1a", due = 2025-03-05, status = "overdue" }]
escalations = [{ rule = "S-1c.escalation", from_unit = "T", to_unit = "S", to_person = "s", day = 2025-03-06 }]
liabilities = []
findings = []
```
"""
BOTH = SCENARIO.rstrip().removesuffix("```") + OVERDUE


def shop(desk: Desk, scenario: str = "", law: str = LAW) -> str:
    """Write the pack of the shop and return its folder."""
    desk.file("shop/pack.toml", PACK)
    return str(Path(desk.file("shop/law.md", law + scenario)).parent)


def test_lint_is_silent_on_the_shipped_pack(desk: Desk) -> None:
    """The shipped pack has no errors: exit 0."""
    code, out, err = desk.run("lint", "university")
    assert (code, err) == (0, "") and "error" not in out


def test_lint_names_file_and_line_like_a_compiler(desk: Desk) -> None:
    """A number that stands nowhere in the text is an error at the line of its block: exit 2, in JSON too."""
    law = LAW.replace('within = "fix_within"', 'within = "3d"')
    folder = shop(desk, law=law)
    line = law[: law.index("```toml duty")].count("\n") + 1
    code, out, _ = desk.run("lint", folder)
    assert code == 2
    (error,) = lines_with(out, ": error: ")
    assert error.startswith(f"{folder}/law.md:{line}: error: `3d`") and error.endswith("[number-not-in-text]")
    code, out, _ = desk.run("lint", folder, "--format", "json")
    (problem,) = [each for each in json.loads(out) if each["severity"] == "error"]
    assert (code, problem["file"], problem["line"]) == (2, f"{folder}/law.md", line)


def test_warnings_do_not_change_the_exit_code(desk: Desk) -> None:
    """Text that nothing covers is a warning: it is printed, and the exit code stays 0."""
    folder = shop(desk, law=LAW.replace("to the shop.", "to the shop. Customers are always welcome.", 1))
    code, out, _ = desk.run("lint", folder)
    assert code == 0 and lines_with(out, ": warning: ", "Customers are always welcome")


def test_read_shows_each_clause_with_a_sentence_for_each_rule(desk: Desk) -> None:
    """Under the text of the clause stands who must act, when, how soon by which value, and what performs it."""
    code, out, _ = desk.run("read", "university", "--param", "hold_within=7d")
    assert code == 0
    heading = out.index("\n### P1-5-3\n", out.index("\n## P1-5\n"))
    text = out.index("> 党支部对本支部党员负责,若党员发生问题,应及时召开支委会研究讨论,并提出处理意见", heading)
    (meet,) = lines_with(out[text:], "**P1-5-3b.meet**")
    for words in (
        "“党员发生问题”后，由有关人员所在党支部召开支委会研究讨论，书记负责",
        "期限为7日",
        "`hold_within`",
        "“召开会议”",
    ):
        assert words in meet
    assert "逾期的，依据 P1-5-2b 上报上一级" in meet and "责任线索（P1-5-2b，待组织认定）" in meet
    (submit,) = lines_with(out, "**P1-5-3d.submit**")
    assert "期限未定（`submit_within` 未设定）" in submit
    (note,) = lines_with(out, "“党支部对本支部党员负责”未形式化")
    assert "定义" in note


def test_read_shows_the_choices_and_who_chose_them(desk: Desk) -> None:
    """A choice shows its value and whether the host (with document and days), the pack or the library chose it."""
    values = '[[missing_level]]\nvalue = "skip"\nfrom = 2025-01-01\nset_by = "od"\ndocument = "doc 7"\n'
    _, out, _ = desk.run("read", "university", "--language", "en", "--params", desk.file("values.toml", values))
    (level,) = lines_with(out, "`missing_level`: ")
    assert "`skip` (chosen by the host, from 2025-01-01, under doc 7, set by od)" in level
    assert "on other days `undetermined` (chosen by the pack)" in level
    (clock,) = lines_with(out, "`clock_start`: ")
    assert "`event_date` (chosen by the library)" in clock
    (quantity,) = lines_with(out, "`hold_within`: ")
    assert "open" in quantity and "“及时”" in quantity


def test_read_says_when_values_are_samples(desk: Desk) -> None:
    """A reading with sample values begins with a line that says so, and each value says it again with its document."""
    _, out, _ = desk.run("read", "university", "--params", desk.file("samples.toml", SAMPLES))
    assert "示例" in out.splitlines()[0]
    (meet,) = lines_with(out, "**P1-5-3b.meet**")
    assert "7日（`hold_within`，依据doc 1，od设定，示例值）" in meet


def test_read_is_the_policy_that_runs(desk: Desk) -> None:
    """The paper binds to the pack by its digest, and every rule of the policy and every note has a line of its own."""
    policy = Policy.load(GOOD)
    for language in ("zh", "en"):
        _, out, _ = desk.run("read", str(GOOD), "--language", language)
        assert policy.packs[0].digest in out
        for rule in policy.rules:
            assert len(lines_with(out, f"- **{rule.id}** ")) == 1
        assert all(line.isprintable() for line in out.split("\n"))
    assert lines_with(out, "“Teams care for their members” is not formalised (rhetoric)")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "C-2d",
            (
                "For every team, each year, that team must report, by 06-30; its manager answers for it.",
                "once in each period",
            ),
        ),
        ("C-2b", ("For the manager of every department", "the manager of that department must be trained, before")),
        ("C-2e", ("within 1 month (in the source) after the end of that period", "every team under it must have done")),
        ("C-2a", ("For every team under a department, in periods that are open (`train_every` is not set)",)),
        ("C-1-1b.submit", ("towards the department above the team of the person concerned", "(`C-1-1a.meet`)")),
        ("C-1-2a.review", ("its “reviewer” answers for it", "“pages” is at least 10")),
        ("C-1-2b.rework", ("When the matter is sent back, ", "once in each round of a case")),
        ("C-1-3d.finding", ("the manager of the unit of that post becomes a candidate for a human decision",)),
        (
            "C-1-3b.team",
            ("any post of a team is overdue", "one level up under C-1-3b on the first overdue day (in the source)"),
        ),
    ],
)
def test_each_form_of_rule_has_its_sentence(desk: Desk, rule: str, words: tuple[str, ...]) -> None:
    """Recurring, triggered and rework duties, roles, escalations and liabilities are each told in words of their own."""
    _, out, _ = desk.run("read", str(GOOD), "--language", "en")
    (line,) = lines_with(out, f"**{rule}**")
    assert [each for each in words if each not in line] == []


def test_a_practice_that_nobody_adopted_is_shown_as_such(desk: Desk) -> None:
    """A reported practice is marked as not adopted, and once the host adopts it, as adopted."""
    _, out, _ = desk.run("read", str(GOOD), "--language", "en")
    (line,) = lines_with(out, "**C-2b**")
    assert "[not adopted:" in line and "At least 2 times in each period." in line
    _, out, _ = desk.run("read", str(GOOD), "--language", "en", "--adopt", "C-2b")
    (line,) = lines_with(out, "**C-2b**")
    assert "not adopted" not in line and "[a practice that the host has adopted]" in line


def test_params_prints_a_template_that_sets_nothing(desk: Desk) -> None:
    """The template names each open quantity beside its vague word, and loads as a file without values."""
    code, out, _ = desk.run("params", "university")
    assert code == 0 and "[hold_within]" in out and "及时" in out
    assert Parameters.load(desk.file("template.toml", out)).values == ()


def test_the_scenarios_of_the_shipped_pack_pass(desk: Desk) -> None:
    """Every scenario of the shipped pack passes, and together they fire every rule."""
    code, out, _ = desk.run("test", "university")
    assert code == 0 and out.endswith(" passed, 0 failed\n")
    assert "no scenario fires" not in out


def test_a_scenario_that_holds_passes(desk: Desk) -> None:
    """A pack whose scenario holds passes, a role counting as fired when its clause makes a post answer."""
    code, out, err = desk.run("test", shop(desk, BOTH))
    assert (code, out, err) == (0, "2 passed, 0 failed\n", "")


def test_a_vague_entry_never_takes_the_place_of_an_exact_one(desk: Desk) -> None:
    """Of two duties, the entry that names the case is matched first, wherever it stands; the other entry takes the rest."""
    found = '{ type = "leak.found", date = 2025-03-03, case = "L", person = "p" }'
    two = SCENARIO.replace('person = "p" }]', f'person = "p" }}, {found}]', 1)
    two = two.replace(
        'obligations = [{ rule = "S-1a.fix"', 'obligations = [{ act = "fix" }, { case = "K", rule = "S-1a.fix"'
    )
    assert desk.run("test", shop(desk, two))[0] == 0
    code, out, _ = desk.run("test", shop(desk, two.replace("{ act", '{ case = "K", act')))
    assert code == 1 and lines_with(out, "obligation missing: case K, act fix", "there is case L, act fix")


def test_rules_that_no_scenario_fires_are_named(desk: Desk) -> None:
    """Without the check in which the duty is overdue, its escalation and the clause of that are unfired."""
    code, out, _ = desk.run("test", shop(desk, SCENARIO))
    assert (code, out.splitlines()) == (
        0,
        [
            "rules that no scenario fires (1): S-1c.escalation",
            "clauses that no scenario fires (1): S-1c",
            "1 passed, 0 failed",
        ],
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('status = "overdue" }]\nesc', 'status = "pending" }]\nesc', "check 2: as of 2025-03-06: obligation missing"),
        ('[{ clause = "S-1a", due = 2025-03-05, status = "overdue" }]', "[]", "obligation not expected: id S-1a.fix/K"),
        ('obligations = [{ clause = "S-1a", due = 2025-03-05, status = "overdue" }]', "none = true", "none should be"),
        ('to_unit = "S", to_person', 'to_unit = "T", to_person', "escalation missing: rule S-1c.escalation"),
        ("findings = []", 'findings = [{ code = "recusal", about = "t" }]', "finding missing: code recusal, about t"),
        ("findings = []", 'not_yet = [{ act = "fix" }]', "obligation exists already: S-1a.fix/K"),
        ("findings = []", "finding = []", "`finding` is no key of a check, did you mean `findings`?"),
        ("findings = []", 'not_yet = [{ rule = "S-1a.fixx" }]', "no rule of these packs, did you mean `S-1a.fix`?"),
        ('status = "overdue" }]\nesc', 'status = "late" }]\nesc', "`late` is no status; use one of `fulfilled`"),
        ('rule = "S-1a.fix", unit', 'rulle = "S-1a.fix", unit', "did you mean `rule`?"),
        ('type = "leak.found"', 'type = "leak.found", color = "red"', "`leak.found` has no field `color`"),
        ('fix_within = "2d"', 'fix_withn = "2d"', "did you mean `fix_within`?"),
        ("[organization]", "[in_force]\nfrm = 2025-01-01\n[organization]", "did you mean `from`?"),
        ("as_of = 2025-03-06", 'as_of = "soon"', "`soon` is no date"),
        ('parameters = { fix', 'rules = ["S-2"]\nparameters = { fix', "no rule stands under `S-2`"),
    ],
)  # fmt: skip
def test_a_scenario_that_does_not_hold_is_told(desk: Desk, old: str, new: str, told: str) -> None:
    """Each difference is a line with file and line of the scenario; the last line counts, and the exit code is 1."""
    assert BOTH.count(old) == 1
    folder = shop(desk, BOTH.replace(old, new))
    line = LAW.count("\n") + 2
    code, out, err = desk.run("test", folder)
    assert (code, err) == (1, "")
    assert any(
        each.startswith(f"{folder}/law.md:{line}: a leak is not fixed, check ") for each in lines_with(out, told)
    )
    assert out.splitlines()[-1].endswith(" failed") and not out.endswith(" 0 failed\n")


def test_a_scenario_may_name_a_file_of_the_pack_alone(desk: Desk) -> None:
    """The organization of a scenario may be a file in the folder of the pack, and no file outside of it."""
    inline = BOTH[BOTH.index("[organization]") : BOTH.index("[[checks]]")]
    named = BOTH.replace(inline, "").replace("events = [", 'organization = "org.toml"\nevents = [')
    desk.file("shop/org.toml", inline.replace("[organization]", ""))
    assert desk.run("test", shop(desk, named))[0] == 0
    code, out, _ = desk.run("test", shop(desk, named.replace("org.toml", "../university.toml")))
    assert code == 1 and "lies outside the pack" in out


def test_the_schema_says_what_each_event_must_hold(desk: Desk) -> None:
    """Each declared type has a schema with its needed fields, its allowed texts and nothing beside them."""
    code, out, _ = desk.run("schema", "university")
    schema = json.loads(out)
    assert code == 0 and schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["$defs"]) == set(Policy.shipped("university").event_types)
    meeting = schema["$defs"]["meeting.held"]
    assert meeting["properties"]["type"] == {"const": "meeting.held"}
    assert {"id", "source", "specversion", "time", "type", "data"} == set(meeting["required"])
    data = meeting["properties"]["data"]
    assert data["required"] == ["kind", "unit"] and data["additionalProperties"] is False
    assert "支委会" in data["properties"]["kind"]["enum"]


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("--language", "fr"), "argument --language: invalid choice: 'fr'"),
        (("--frmat", "json"), "unrecognized arguments: --frmat json"),
        (("--known-as-of", "2025-02-30"), "argument --known-as-of: `2025-02-30` is no date"),
        (("--in-force", "2025-01-01", "soon"), "argument --in-force: `soon` is no date"),
        (("--in-force", "2025-02-01", "2025-01-01"), "--in-force: 2025-01-01 lies before 2025-02-01"),
        (("--param", "hold_within"), "`hold_within` is no parameter; write `name=value`"),
        (("--param", "hold_withn=7d"), "no loaded pack has a parameter `hold_withn`, did you mean `hold_within`?"),
        (("--param", "hold_within=7x"), "`7x` is no span"),
        (("--param", "max_returns=many"), "`many` is no count"),
        (("--param", "clock_start=recorded"), "did you mean `recorded_date`?"),
        (("--pack", "univeristy"), "no pack `univeristy` is shipped, did you mean `university`?"),
        (("--pack", "./nowhere"), "nowhere/pack.toml:1: there is no such folder"),
        (("--params", "nowhere.toml"), "nowhere.toml: "),
        (("--rules", "P1-5-9"), "no rule stands under `P1-5-9`, did you mean `P1-5-"),
        (("--adopt", "P1-5-3bb"), "no rule `P1-5-3bb` can be adopted"),
        (("one", "too", "many"), "unrecognized arguments: one too many"),
        (("bad\nword\x1b[31m",), "bad\\nword\\x1b[31m"),
    ],
)
def test_a_bad_option_is_one_line(desk: Desk, more: tuple[str, ...], told: str) -> None:
    """What can not be understood is refused with one line that quotes it, and exit 2."""
    code, out, err = desk.ask("check", "2025-03-05", *more)
    assert (code, out) == (2, "")
    assert err.startswith("accountability: ") and told in err
    assert err.count("\n") == 1 and err[:-1].isprintable()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("university.toml", None, "university.toml: the file can not be read"),
        ("university.toml", "[[units]\n", "university.toml:1: "),
        ("university.toml", ORGANIZATION.replace('id = "PC"', 'id = "PC"\nled_by = "B1"'), "cycle"),
        ("university.toml", ORGANIZATION.replace('led_by = "PC"', 'led_by = "PCC"'), "did you mean `PC`?"),
        ("events.jsonl", None, "events.jsonl"),
        ("events.jsonl", f"{json.dumps(PROBLEM)}\n{{\n", "events.jsonl:2: "),
        ("events.jsonl", json.dumps({**PROBLEM, "persn": "x"}), "events.jsonl:1: event `e1`"),
        ("events.jsonl", json.dumps({**PROBLEM, "date": "03.03.2025"}), "events.jsonl:1: event `e1`: the date"),
    ],
)
def test_a_bad_file_is_named_with_its_line(desk: Desk, name: str, text: str | None, told: str) -> None:
    """A file that is missing or wrong is refused with one line that names file and line, and exit 2."""
    if text is None:
        (desk.folder / name).unlink()
    else:
        desk.file(name, text)
    code, out, err = desk.ask("check", "2025-03-05", *WITHIN)
    assert (code, out) == (2, "")
    assert err.startswith("accountability: ") and told in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "required: COMMAND"),
        (("chek",), "`chek` is no command, did you mean `check`?"),
        (("frobnicate",), "; the commands are check, "),
        (("lint",), "required: PACK"),
        (("check", "a", "b", "--pack", "university"), "required: --as-of"),
        (("check", "a", "b", "--as-of", "2025-01-01"), "required: --pack"),
    ],
)
def test_a_command_line_that_is_not_understood_is_one_line(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    """A missing or unknown command or argument is refused with one line, and exit 2."""
    code, out, err = desk.run(*arguments)
    assert (code, out) == (2, "") and told in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "more", "told"),
    [
        ("explain", (), "the id of an answer or `--all`"),
        ("explain", ("P1-5-3b.meet/K1", "--all"), "the id of an answer or `--all`"),
        ("explain", ("P1-5-3b.meet/K",), "did you mean `P1-5-3b.meet/K1`?"),
        ("why-not", ("P1-5-3b.met", "K1"), "did you mean `P1-5-3b.meet`?"),
        ("due", (), "required: --within"),
        ("due", ("--within", "soon"), "`soon` is no span"),
        ("due", ("--within", "9d", "--unit", "B3"), "the organization has no unit `B3`"),
        ("due", ("--within", "9d", "--post", "B1.secretry"), "did you mean `B1.secretary`?"),
        ("due", ("--within", "9d", "--person", "hann"), "did you mean `han`?"),
    ],
)
def test_a_question_about_nothing_is_refused(desk: Desk, command: str, more: tuple[str, ...], told: str) -> None:
    """An id that is not there is refused with the nearest known one, and exit 2, rather than answered with nothing."""
    code, out, err = desk.ask(command, "2025-03-05", *more, *WITHIN)
    assert (code, out) == (2, "") and told in err and err.count("\n") == 1


@pytest.mark.parametrize("command", ["lint", "read", "params", "test", "schema"])
def test_a_broken_pack_is_refused_by_every_command(desk: Desk, command: str) -> None:
    """A pack that can not be read is refused with file and line: one line, exit 2."""
    folder = shop(desk, law=LAW.replace("per    =", "pr     ="))
    code, out, err = desk.run(command, folder)
    line = LAW[: LAW.index("per    =")].count("\n") + 1
    assert (code, out) == (2, "")
    assert err.startswith(f"accountability: {folder}/law.md:{line}: `pr` is no key") and err.count("\n") == 1


# -- as a process -----------------------------------------------------------------------------------------------------


def process(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
    """Start `python -m accountability` with only these variables in its environment."""
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ.get("PATH", ""), **more}
    command = [sys.executable, "-m", "accountability", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_output_is_utf_8_whatever_the_locale(desk: Desk) -> None:
    """Under an ASCII locale the Chinese text is still written as UTF-8, and the exit code is the verdict."""
    org, events = str(desk.folder / "university.toml"), str(desk.folder / "events.jsonl")
    question = ("check", org, events, "--pack", "university", *RULES, "--as-of", "2025-03-11", *WITHIN)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    running = process(*question, **ascii_only)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (1, b"")
    assert "甲一党支部（B1）" in out.decode("utf-8")


def test_a_reader_who_leaves_is_no_error() -> None:
    """When the reader of the pipe closes it early, the command ends without a word and with its own exit code."""
    for arguments in (("schema", "university"), ("test", str(GOOD)), ("--help",)):
        running = process(*arguments)
        assert running.stdout is not None and running.stderr is not None
        if arguments[0] == "schema":
            running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == (1 if arguments[0] == "test" else 0)
        running.stderr.close()


def test_help_tells_the_exit_codes() -> None:
    """`--help` lists the commands and what the exit codes mean, and ends with 0."""
    running = process("--help")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")
    text = " ".join(out.decode().split())
    assert "why-not" in text and "3 something is undetermined" in text
