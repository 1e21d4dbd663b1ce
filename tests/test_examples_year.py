"""What the three examples of a year tell is what the command in their README answers; expected values are by hand."""

from __future__ import annotations

import calendar
import contextlib
import io
import json
import re
import shlex
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from accountability.cli import main

ROOT = Path(__file__).parent.parent
NAMES = ("township", "company", "province")
# Status, how many: counted from the clauses, the periods that the sample parameters set, and the events.
TOTALS = {
    "township": {"fulfilled": 55, "fulfilled_late": 5, "overdue": 1, "undetermined": 4},
    "company": {"fulfilled": 2, "fulfilled_late": 2, "pending": 3, "undetermined": 1},
    "province": {"fulfilled": 27, "fulfilled_late": 5, "overdue": 3, "pending": 2, "undetermined": 1},
}
ESCALATED = {"township": 4, "company": 2, "province": 5}
CANDIDATES = {"township": 2, "company": 0, "province": 7}


def readme(name: str) -> str:
    return (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8")


def command(name: str) -> list[str]:
    """Return the arguments of the one command of the README."""
    (block,) = re.findall(r"```sh\n(.*?)```", readme(name), re.DOTALL)
    program, *arguments = shlex.split(block.replace("\\\n", " "))
    assert program == "accountability"
    return arguments


@cache
def answer(name: str, as_of: str = "") -> tuple[int, dict[str, Any]]:
    """Run the command of the README, on its own day unless another is given."""
    arguments = [*command(name), "--format", "json"]
    if as_of:
        arguments += ["--as-of", as_of]
    out = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out):
        code = main(arguments)
    return code, json.loads(out.getvalue())


def duty(name: str, id: str, as_of: str = "") -> tuple[str | None, str, str | None]:
    """Return the due day, the status and the day of the act of one obligation."""
    (found,) = [item for item in answer(name, as_of)[1]["obligations"] if item["id"] == id]
    return found["due"], found["status"], found["performed"]


def escalations(name: str) -> set[tuple[str, str, str, str, str]]:
    return {
        (item["day"], item["reason"], item["from_unit"], item["to_post"], item["clause"]["ref"])
        for item in answer(name)[1]["escalations"]
    }


def candidates(name: str) -> set[tuple[str, str, str, str, str | None]]:
    return {
        (item["at"], item["person"], item["post"], item["clause"]["ref"], item["decided"])
        for item in answer(name)[1]["liabilities"]
    }


def findings(name: str, as_of: str = "") -> Counter[tuple[str, str]]:
    """Return how often each code is found about each subject (the id with which `about` begins), without the notices."""
    found = [item for item in answer(name, as_of)[1]["findings"] if item["grade"] != "notice"]
    return Counter((item["code"], item["about"].split()[0]) for item in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_a_year_counts(name: str) -> None:
    """No event of an example is refused, an orphan or without a rule, and each line of its file is accounted for."""
    code, found = answer(name)
    lines = (ROOT / "examples" / name / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert code == 1 and len(found["events"]) == len(lines)
    assert {item["result"] for item in found["events"]} == {"fired", "performed", "no_effect"}


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_an_example_is_read_by_its_command(name: str) -> None:
    """The folder of an example holds its README and what the command of the README reads, and nothing else."""
    read = [ROOT / word for word in command(name) if word.startswith(f"examples/{name}/")]
    read = [inner for path in read for inner in (path.iterdir() if path.is_dir() else [path])]
    held = {path for path in (ROOT / "examples" / name).rglob("*") if path.is_file()}
    assert held == {*read, ROOT / "examples" / name / "README.md"}


@pytest.mark.parametrize("name", NAMES)
def test_the_totals_of_the_readme_are_those_of_the_answer(name: str) -> None:
    """How many obligations, escalations and candidates a README counts is how many there are."""
    found, totals = answer(name)[1], TOTALS[name]
    assert Counter(item["status"] for item in found["obligations"]) == totals
    assert (len(found["escalations"]), len(found["liabilities"])) == (ESCALATED[name], CANDIDATES[name])
    (first, count), *rest = totals.items()
    told = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in rest)
    sentence = (
        f"It exits 1. Of {sum(totals.values())} obligations, {count} are {first}, {told}; "
        f"{ESCALATED[name]} escalations, {CANDIDATES[name]} candidates."
    )
    assert sentence in " ".join(readme(name).split())


@pytest.mark.parametrize("name", NAMES)
def test_the_days_of_the_readme_are_those_of_the_year(name: str) -> None:
    """Each day that a README names is a day of an event, of the answer, or of the organization and the parameters."""
    months = calendar.month_name[1:]
    told = re.findall(rf"(\d+) ({'|'.join(months)})", " ".join(readme(name).split()))
    read = [ROOT / word for word in command(name) if word.startswith(f"examples/{name}/")]
    files = [inner for path in read for inner in (path.rglob("*") if path.is_dir() else [path])]
    known = json.dumps(answer(name)[1]) + "".join(path.read_text(encoding="utf-8") for path in files)
    assert len(told) > 5
    assert [day for day, month in told if f"-{months.index(month) + 1:02}-{int(day):02}" not in known] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_words_in_code_of_the_readme_are_in_the_example(name: str) -> None:
    """Each finding, parameter, unit and pack that a README names stands in the answer, in the command or in the files."""
    text = re.sub(r"```sh\n.*?```", "", readme(name), flags=re.DOTALL)
    days = {"township": "2025-12-31", "company": "2025-06-05"}
    known = json.dumps([answer(name)[1], answer(name, days.get(name, ""))[1]]) + " ".join(command(name))
    words = set(re.findall(r"`([^`]+)`", text)) - {"check", "explain", "--format json", "--as-of 2025-06-05"}
    assert [word for word in words - {"--as-of 2025-12-31"} if word not in known] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_host_names_its_document(name: str) -> None:
    """Each parameter of a host that an answer rests on is a sample and says who set it in which document."""
    found = answer(name)[1]
    uses = [use for item in found["obligations"] + found["ratings"] for use in item["because"]["parameters"]]
    quantities = [use for use in uses if not use["choice"]]
    assert quantities and all(use["origin"] == "host" for use in quantities)
    assert all(use["sample"] and use["set_by"] and use["document"] for use in uses if use["origin"] == "host")


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        # signed on 3 April, the town's last day is 31 March
        ("P2-0-1.general_branch/v2/2025", ("2025-03-31", "fulfilled_late", "2025-04-03")),
        ("P2-0-1.general_branch/v1/2025", ("2025-03-31", "fulfilled", "2025-02-12")),
        ("P2-1-4b.branch/s2/2025", ("2025-03-31", "fulfilled_late", "2025-05-20")),
        # the half-year ends on 30 June; the publication of July names it
        ("P2-1-2d.village_committee/vc2/2025-H1", ("2025-06-30", "fulfilled_late", "2025-07-03")),
        # beside the assessment of 20 July, 3 days
        ("P2-2-1b.model_branches/lg/2025-H1", ("2025-07-23", "fulfilled_late", "2025-07-25")),
        # on the due day itself: 30 June + 15 days, 31 December + 15 days
        ("P2-1-2b.branch/s2/2025-H1", ("2025-07-15", "fulfilled", "2025-07-15")),
        ("P2-1-2b.general_branch/v2/2025", ("2026-01-15", "fulfilled", "2026-01-15")),
        # 1 September + 60 days; + 10 and + 30 days from 1 October
        ("P2-1-5a.keep/s1", ("2025-10-31", "fulfilled", "2025-10-01")),
        ("P2-1-5b.register/ge", ("2025-10-11", "fulfilled", "2025-10-09")),
        ("P2-1-5b.train/ge", ("2025-10-31", "fulfilled", "2025-10-20")),
        # extended from 15 to 30 September
        ("P2-1-3b.by_date/task-s2", ("2025-09-30", "fulfilled", "2025-09-28")),
        ("P2-1-3b.by_date/task-v2", ("2025-10-31", "fulfilled_late", "2025-11-20")),
        # the second hearing of the half-year performs
        ("P2-2-1c.hear/tc/2025-H1", ("2025-06-30", "fulfilled", "2025-05-14")),
        ("P5-1-1.study/tc/2025-07", ("2025-07-31", "overdue", None)),
        ("P5-1-1.study/tc/2025-08", ("2025-08-31", "fulfilled", "2025-08-14")),
        ("P2-1-2c.general_branch/v1", (None, "undetermined", None)),
    ],
)
def test_the_duties_of_the_town(id: str, expected: tuple[str | None, str, str | None]) -> None:
    """Each duty of the town's story has the due day, status and day of the act that the letter and the town give it."""
    assert duty("township", id) == expected


def test_the_town_may_ask_why() -> None:
    """With `explain` and the id of a duty, the command of the README tells its clause and both its days."""
    out = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out):
        assert main(["explain", *command("township")[1:], "P2-1-4b.branch/s2/2025"]) == 0
    assert all(word in out.getvalue() for word in ("P2-1-4b", "2025-03-31", "2025-05-20"))


def test_what_goes_up_from_the_town() -> None:
    """A delay goes up after the town's five days, a vacancy on the first day, and what is done before does not."""
    assert escalations("township") == {
        ("2025-04-06", "overdue", "s2", "tc.secretary", "P2-1-1b"),
        ("2025-08-06", "overdue", "tc", "cc.secretary", "P5-1-1"),
        ("2025-09-01", "vacant_post", "v2", "tc.secretary", "P2-1-2a"),
        ("2025-11-06", "overdue", "v2", "tc.secretary", "P2-1-1b"),
    }


def test_who_may_be_answerable_in_the_town() -> None:
    """The first responsible person in office at the breach is a candidate, a decision stays beside it, a vacancy has none."""
    assert candidates("township") == {
        ("2025-04-01", "he", "v2.secretary", "P2-1-1b", "not_held"),
        ("2025-04-01", "gu", "s2.head", "P2-1-1b", None),
    }


def test_what_is_found_in_the_town() -> None:
    """What lacks a basis, a part or a parameter is found, and the lints of the letter on its last day in force."""
    found = Counter(
        [
            ("basis_missing", "admitted-lin"),
            ("decision_irregular", "alone"),
            ("report_incomplete", "matter-v2"),
            ("report_incomplete", "targets-v2"),
            ("vacant_post", "v2.secretary"),
        ]
        + [("parameter_required", "life_meeting_every")] * 4
    )
    assert findings("township") == found
    lints = Counter([("two_responsible_persons", "s1"), ("leader_without_portfolio", "s1.deputy")])
    assert findings("township", "2025-12-31") == found + lints


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        # four years from 15 March 2021, then from 11 March 2025; three from 1 June 2022
        ("P3-2-2.term/d1", ("2025-03-15", "fulfilled", "2025-03-10")),
        ("P3-2-2.term/d1/2", ("2029-03-11", "pending", None)),
        ("P3-2-2.term/d2", ("2027-04-01", "pending", None)),
        ("P3-2-3.term/c1", ("2025-06-01", "fulfilled_late", "2025-06-20")),
        # three years from 1 November 2022, extended
        ("P3-2-3.term/c2", ("2026-03-01", "pending", None)),
        # 3 March + 60 days; 10 June + 90 days
        ("P8-3-1.establish/open-store", ("2025-05-02", "fulfilled_late", "2025-05-12")),
        ("P8-3-1.dissolve/line", ("2025-09-08", "fulfilled", "2025-08-31")),
        ("P8-3-1.establish/open-grid", (None, "undetermined", None)),
    ],
)
def test_the_duties_of_the_company(id: str, expected: tuple[str | None, str, str | None]) -> None:
    """Each duty of the company's story has the due day, status and day of the act that the text and the college give it."""
    assert duty("company", id) == expected


def test_what_goes_up_in_the_company() -> None:
    """A delay of the county company goes to the unit above it, one of the department to the college; nobody is named."""
    assert escalations("company") == {
        ("2025-05-08", "overdue", "dep", "col.head", "P8-3-1"),
        ("2025-06-07", "overdue", "c1", "d1.secretary", "P3-2-3"),
    }
    assert not candidates("company")


def test_the_b_holder_bears_while_the_a_holder_is_away() -> None:
    """On 5 June the term of the county company is overdue and du bears it, at the end of the year dong did the act."""
    persons = {
        day: item["person"]
        for day in ("2025-06-05", "2025-12-31")
        for item in answer("company", day)[1]["obligations"]
        if item["id"] == "P3-2-3.term/c1"
    }
    assert duty("company", "P3-2-3.term/c1", "2025-06-05") == ("2025-06-01", "overdue", None)
    assert persons == {"2025-06-05": "du", "2025-12-31": "dong"}


def test_an_extension_counts_from_the_day_on_which_it_was_given() -> None:
    """Before the extension of 20 October the term of the other county company is due on 1 November."""
    assert duty("company", "P3-2-3.term/c2", "2025-10-19") == ("2025-11-01", "pending", None)


def test_the_ratings_of_the_company() -> None:
    """Points are capped, fall half-open into the bands of the text, and a veto gives no rating."""
    ratings = {item["unit"]: (item["given"], item["score"], item["result"]) for item in answer("company")[1]["ratings"]}
    assert ratings == {
        "d1": ("103", "100", "五星级"),
        "d2": ("89.5", "89.5", "达标"),
        "c1": ("84.99", "84.99", "不达标"),
        "c2": ("97", "97", "not_rated"),
    }
    notices = {(item["code"], item["about"]) for item in answer("company")[1]["findings"] if item["grade"] == "notice"}
    assert {("band_gap", "(89,90)"), ("band_gap", "(94,95)"), ("band_overlap", "85")} <= notices


def test_what_is_found_in_the_company() -> None:
    """What lacks a part, a duty, a power or a parameter is found; a power granted in September ends its finding."""
    found = Counter(
        [
            ("elements_missing", "co"),
            ("elements_missing", "d2"),
            ("elements_missing", "store"),
            ("hollow_unit", "tro"),
            ("post_without_duty", "tro.director"),
            ("title_only", "dep.leader"),
            ("orphan_duty", "师资建设"),
            ("layer_without_decisions", "中层"),
            ("report_incomplete", "charter-1"),
            ("report_incomplete", "charter-1"),
            ("report_incomplete", "part-chu"),
            ("report_incomplete", "rules-co"),
            ("report_incomplete", "sheet-c2"),
            ("parameter_required", "establish_within"),
        ]
    )
    assert findings("company") == found
    told = " ".join(item["about"] for item in answer("company")[1]["findings"] if item["code"] == "elements_missing")
    assert all(element in told for element in ("政工部门", "工作手册", "专业教育资源调配权"))
    assert ("duty_without_power", "dep.responsible") in findings("company", "2025-08-31")
    assert ("relation_missing", "c2") in findings("company", "2025-10-14")


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        # 3 March + 30 days; the day that the directive sets
        ("P7-2-11a.carry_out/order-city", ("2025-04-02", "fulfilled", "2025-03-28")),
        ("P7-2-11a.by_date/order-bur", ("2025-06-30", "fulfilled_late", "2025-07-04")),
        ("P7-2-4.task/task-v1", ("2025-04-30", "fulfilled_late", "2025-05-20")),
        # 31 May + 60 days; 1 April and 10 June + 90 days; 10 and 12 March + 60 days
        ("P7-2-13a.fill/x.secretary", ("2025-07-30", "fulfilled_late", "2025-08-15")),
        ("P7-2-13b.rectify/y", ("2025-06-30", "fulfilled", "2025-06-20")),
        ("P7-2-13b.rectify/v2", ("2025-09-08", "fulfilled", "2025-09-01")),
        ("P7-2-14a.dispose/m1", ("2025-05-09", "fulfilled", "2025-04-25")),
        ("P7-2-14a.dispose/m2", ("2025-05-11", "fulfilled", "2025-05-06")),
        # the bound fails on the first day in force: 1 January + 30 days
        ("P7-3-2a.contact_point.group/bur.secretary", ("2025-01-31", "fulfilled_late", "2025-02-05")),
        ("P7-3-2a.contact_point.department/dep.secretary", ("2025-01-31", "overdue", None)),
        # the second visit of the half-year performs
        ("P7-3-2c.visit.committee/city.secretary/x/2025-H1", ("2025-06-30", "fulfilled", "2025-06-05")),
        ("P7-3-2c.visit.committee/city.deputy/v1/2025-H1", ("2025-06-30", "overdue", None)),
        ("P7-3-2c.visit.committee/city.deputy/v1/2025-H2", ("2025-12-31", "fulfilled", "2025-11-18")),
        ("P7-3-1b.meet.leading_group/lg/2025-H2", ("2025-12-31", "pending", None)),
        ("P7-3-6b.solve/problem-v2", ("2026-01-04", "pending", None)),
        # 10, 8 and 20 December + 7 days
        ("P7-4-1a.report/csc/2025", ("2025-12-31", "fulfilled", "2025-12-10")),
        ("P7-4-1b.report/csc/2025", ("2025-12-17", "fulfilled_late", "2025-12-29")),
        ("P7-4-2b.copy.group/bur/2025", ("2025-12-15", "fulfilled", "2025-12-12")),
        ("P7-4-2a.report.department/dep/2025", ("2025-12-31", "fulfilled", "2025-12-20")),
        ("P7-4-2b.copy.department/dep/2025", ("2025-12-27", "overdue", None)),
        ("P7-2-15c.consider/han", (None, "undetermined", None)),
    ],
)
def test_the_duties_of_the_city(id: str, expected: tuple[str | None, str, str | None]) -> None:
    """Each duty of the city's story has the due day, status and day of the act that the opinion and the city give it."""
    assert duty("province", id) == expected


def test_what_goes_up_from_the_city() -> None:
    """A delay goes to the leading body after the city's five days, that of a guided unit to its leader, not its guide."""
    assert escalations("province") == {
        ("2025-02-06", "overdue", "dep", "city.secretary", "P7-3-2a"),
        ("2025-05-06", "overdue", "v1", "city.secretary", "P7-2-4"),
        ("2025-07-06", "overdue", "city", "prc.secretary", "P7-3-2c"),
        ("2025-08-05", "overdue", "city", "prc.secretary", "P7-2-13a"),
        ("2025-12-23", "overdue", "city", "prc.secretary", "P7-4-1b"),
    }


def test_who_may_be_answerable_in_the_city() -> None:
    """The holder of the post at each breach of a committee or group is a candidate, and one of them is decided."""
    assert candidates("province") == {
        ("2025-02-01", "deng", "bur.secretary", "P7-2-6", "not_held"),
        ("2025-02-01", "fan", "dep.secretary", "P7-2-6", None),
        ("2025-07-01", "cui", "city.deputy", "P7-2-6", None),
        ("2025-07-01", "deng", "bur.secretary", "P7-2-6", None),
        ("2025-07-31", "bai", "city.secretary", "P7-2-6", None),
        ("2025-12-18", "bai", "city.secretary", "P7-2-6", None),
        ("2025-12-28", "fan", "dep.secretary", "P7-2-6", None),
    }


def test_what_is_found_in_the_city_and_who_leads() -> None:
    """A party group above a unit that is vertical in both is no leader by guess; the rest of the story is found as told."""
    assert {(item["unit"], item["lead"], item["guide"]) for item in answer("province")[1]["relations"]} == {
        ("v1", "city", "bur"),
        ("v2", "dep", "city"),
    }
    # the report without suggestions is found twice: by the clause on contents, and by the duty that asks for the parts
    assert findings("province") == Counter(
        [
            ("basis_missing", "disposed-m2"),
            ("leader_without_portfolio", "dep.secretary"),
            ("report_incomplete", "wrote-csc"),
            ("report_incomplete", "wrote-csc"),
            ("weak_unit_without_contact_point", "v2"),
            ("parameter_required", "consider_within"),
            ("undetermined_lead", "v4"),
        ]
    )
    notices = {(item["code"], item["about"]) for item in answer("province")[1]["findings"] if item["grade"] == "notice"}
    assert notices == {("directive_from_guiding_unit", "task-v1")}
