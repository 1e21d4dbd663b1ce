"""Every case of the index of hostile inputs has the outcome that the index names, and what a fuzz found stays mended.

Index, organizations and events stand in tests/hostile; packs are written here in the format of packs, each as the
control pack (tests/packs/hostile) or the good one (tests/packs/good) with one text exchanged. Cases of the store are
tested with the store.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from organizations import TODAY, day, units

from accountability import Event, Ledger, Organization, Policy
from accountability.answer import Assessment
from accountability.cli import main
from accountability.errors import AccountabilityError, EventError, OrganizationError, PackError, nearest
from accountability.event import iter_lines, read_event, read_events, write_event
from accountability.organization_facts import Relation
from accountability.organization_file import load_organization, read_organization, write_organization
from accountability.packs.coverage import coverage
from accountability.packs.lint import lint
from accountability.packs.reading import read_packs, read_whole
from accountability.plain import canonical, read_json
from accountability.reports.reading import reading

HERE = Path(__file__).parent
HOSTILE = HERE / "hostile"
CONTROL = HERE / "packs" / "hostile"
GOOD = HERE / "packs" / "good"


@frozen
class Row:
    """One row of the index."""

    case: str
    outcome: str


def index() -> Iterator[Row]:
    with (HOSTILE / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["case"].startswith("store/"):
                yield Row(re.sub(r"\.(json|jsonl|yaml|json\.gz)$", "", row["case"]), row["outcome"])


OUTCOMES: dict[str, set[str]] = {
    "accept": {"accepted"},
    "refuse": {"refused"},
    "accept-report": {"reported"},
    "accept-once": {"accepted"},
    "accept-defined": {"accepted"},
    "accept-declared": {"accepted"},
    "accept-or-limit": {"accepted", "refused"},
    "accept-or-refuse": {"accepted", "refused"},
    "accept-rest": {"refused line"},
    "mixed": {"refused line"},
    "no-fire-report": {"reported"},
    "refuse-or-report": {"refused", "reported"},
    "refuse-or-bound": {"refused"},
    "refuse-or-declared": {"reported"},
}
"""What each outcome word of the index asks for."""

OTHERWISE = {
    "events/033-prototype-and-dunder-keys": ("refused", "undeclared fields of a declared type are refused"),
    "events/043-fullwidth-digits": ("refused", "ids that are not in normal form are refused, so never folded"),
    "pack/029-rules-trigger-each-other": (
        "refused",
        "lint refuses; no event of the engine's own keeps a cascade alive",
    ),
    "pack/034-escalate-to-named-missing-person": ("reported", "packs name posts and parameters, never persons"),
    "pack/038-homoglyph-event-type": ("refused", "ids of mixed script are refused, not only reported"),
}
"""The cases whose outcome is stricter than the index, or is given by another part of the library, and why."""

Check = Callable[[Path], str]
CHECKS: dict[str, Check] = {}


def case(*names: str) -> Callable[[Check], Check]:
    """Let the function check the cases of these names; it returns what became of the input."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


def policy(**parameters: object) -> Policy:
    return Policy.load(CONTROL, parameters={"office": "u0", "escalate_after": "0d", **parameters})


def ledger_of(organization: Organization, *, under: Policy | None = None) -> Ledger:
    return Ledger(under or policy(), organization, matcher="python")


def refused(error: type[AccountabilityError], place: str, words: str, action: Callable[[], object]) -> str:
    """Check that the action is refused by this very error, in one sentence that begins with the place."""
    with pytest.raises(AccountabilityError) as caught:
        action()
    message = str(caught.value)
    assert type(caught.value) is error
    assert re.match(place, message), message
    assert words in message, message
    assert "\n" not in message and len(message) < 700
    return "refused"


@pytest.mark.parametrize("row", list(index()), ids=lambda row: row.case)
def test_a_hostile_case_has_the_outcome_of_the_index(row: Row, tmp_path: Path) -> None:
    """The case ends as the index says, in seconds; a ledger beside it stays as it was, and good input works right after."""
    beside = ledger_of(control())
    beside.submit(*read_events(HOSTILE / "events" / "000-control-valid.jsonl"))
    before = beside.events, beside.day, beside.assessment()
    began = time.process_time()
    outcome = CHECKS[row.case](tmp_path)
    assert time.process_time() - began < 60
    assert outcome in {OTHERWISE[row.case][0]} if row.case in OTHERWISE else outcome in OUTCOMES[row.outcome]
    assert (beside.events, beside.day, beside.assessment()) == before
    assert (
        len(
            beside.submit({"type": "task.overdue", "date": "2026-03-03", "task": "T-8", "days": 3, "unit": "u2"}).opened
        )
        == 1
    )
    assert len(read_packs([CONTROL]).rules) == 4
    assert len(control().units) == 3


def test_every_row_of_the_index_has_a_check() -> None:
    """The checks and the index name the same cases."""
    assert CHECKS.keys() == {row.case for row in index()}


# -- organizations -----------------------------------------------------------------------------------------------------


def translated(data: dict[str, Any]) -> dict[str, Any]:
    """Write a case of the hostile collection in our keys.

    Its `leader` is a head post, its instants are days (a tenure ends on the eve of `until`), its `deputy` is a B holder
    and whom a person reports to is the unit above. Posts of units that a case leaves out belong to another case. Who
    holds a post belongs to its unit.
    """
    known = {unit["id"]: dict(unit) for unit in data["units"]}
    found: list[dict[str, Any]] = []
    for unit in data["units"]:
        entry = {"id": unit["id"], "name": unit.get("name"), "kind": "team", "led_by": unit["parent"]}
        if unit["leader"] is not None:
            entry["posts"] = [{"kind": "leader", "head": True, "holder": unit["leader"]}]
        found.append(entry)
    posts: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    for post in data["posts"]:
        if post["unit"] not in known:
            continue
        holder = {"person": post["holder"]}
        if "from" in post:
            holder["from"] = post["from"][:10]
            if "until" in post:
                holder["to"] = str(day(post["until"][:10]) - timedelta(1))
            chief = next((each for each in posts if each["id"] == "chief"), None)
            if chief is None:
                posts.append(chief := {"id": "chief", "unit": post["unit"], "kind": "clerk", "holders": []})
            chief["holders"].append(holder)
            continue
        holders = [holder, *([{"person": post["deputy"], "slot": "B"}] if "deputy" in post else [])]
        posts.append({"id": post["id"], "unit": post["unit"], "kind": "clerk", "holders": holders})
        members.append({"person": post["holder"], "unit": post["unit"]})
        above = next((p["unit"] for p in data["posts"] if p["holder"] == post.get("reports_to")), None)
        if above is not None and known[post["unit"]]["parent"] is None:
            next(each for each in found if each["id"] == post["unit"])["led_by"] = above
    return {"units": found, "posts": posts, "persons": data["persons"], "members": members}


def data_of(name: str) -> dict[str, Any]:
    return translated(json.loads((HOSTILE / "org" / f"{name}.json").read_text(encoding="utf-8")))


def load_case(folder: Path, name: str) -> Organization:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(data_of(name)), encoding="utf-8")
    return load_organization(path)


def control() -> Organization:
    return read_organization(data_of("000-control-valid"), "control")


def answered(
    organization: Organization, *events: Event, to: str = "2026-03-06", under: Policy | None = None
) -> Assessment:
    """Return what a ledger of the organization answers once the events are told and the day has come."""
    ledger = ledger_of(organization, under=under)
    ledger.submit(*events)
    ledger.advance(to)
    return ledger.assessment()


def late(unit: str, day: str = "2026-03-02", **fields: object) -> Event:
    return Event("task.overdue", date=day, task="T-7", days=4, unit=unit, **fields)  # type: ignore[arg-type]


REFUSED_ORGANIZATIONS = {
    "002-unit-its-own-parent": "unit `a` stands in the relation `leads` to itself",
    "003-two-parents": "units[4]: unit `z` is given twice; give each id once",
    "004-orphan-parent-missing": "names the unit `nowhere`, which is not there",
    "006-person-leads-own-superior-loop": "the leading units form a cycle",
    "008-leader-not-a-person": "no person `ghost` is listed; add it to `persons`",
    "011-post-two-holders": "posts[1]: post `t3` is given twice; give each id once",
    "012-tenure-overlap": "post `chief` is held by `p3` and by `p2` on 2026-05-01",
    "013-tenure-ends-before-start": "tenure of `p3` ends on 2025-12-31 before it begins on 2026-06-01",
    "018-homoglyph-person-ids": "the person `pа` (U+0430 CYRILLIC SMALL LETTER A) looks like `pa`",
    "021-trailing-space-and-zero-width-id": "the person `p1 ` (U+0020 SPACE) looks like `p1`",
}


def refuse_case(folder: Path, name: str, words: str) -> str:
    place = re.escape(f"{folder / name}.json: ")
    return refused(OrganizationError, place, words, lambda: load_case(folder, name))


for _name, _words in REFUSED_ORGANIZATIONS.items():
    CHECKS[f"org/{_name}"] = lambda folder, name=_name, words=_words: refuse_case(folder, name, words)  # type: ignore[misc]


@case("org/000-control-valid")
def _control(folder: Path) -> str:
    view = load_case(folder, "000-control-valid").on(TODAY)
    assert list(view.above("u2")) == ["u1", "u0"]
    assert [view.holder(post) for post in ("u0.leader", "u1.leader", "u2.leader", "t3")] == ["p0", "p1", "p2", "p3"]
    return "accepted"


@case("org/005-two-roots")
def _two_roots(folder: Path) -> str:
    """A forest is an organization, for `led_by` may be absent: each top has nobody above."""
    view = load_case(folder, "005-two-roots").on(TODAY)
    assert (view.superior("r1"), view.superior("r2")) == (None, None)
    return "accepted"


@case("org/007-same-person-leads-three-levels")
def _same_person(folder: Path) -> str:
    """An escalation goes to one level, once; in a case about himself the one who leads all levels hears of nothing."""
    organization = load_case(folder, "007-same-person-leads-three-levels")
    (told,) = answered(organization, late("y")).escalations
    assert (told.from_unit, told.to_unit, told.to_person) == ("y", "x", "p0")
    joined = Event("member.joined", date="2026-01-02", person="p0", unit="y")
    report = Event("person.reported", date="2026-03-02", person="p0", case="K")
    answer = answered(organization, joined, report)
    assert not [each for each in (*answer.escalations, *answer.obligations) if "p0" in _persons(each)]
    assert [each.about for each in answer.findings if each.code == "recusal"] == ["p0"]
    return "accepted"


def _persons(item: Any) -> set[str | None]:
    return {getattr(item, name, None) for name in ("person", "to_person")}


@case("org/009-unit-without-leader-all-the-way-up")
def _without_leader(folder: Path) -> str:
    """The escalation stands, from unit to unit, and says that it names no post and no person."""
    (told,) = answered(load_case(folder, "009-unit-without-leader-all-the-way-up"), late("x")).escalations
    assert (told.from_unit, told.to_unit, told.to_post, told.to_person) == ("x", "r", None, None)
    return "reported"


@case("org/010-person-in-no-post", "events/027-unknown-person")
def _no_post(folder: Path) -> str:
    """A report about somebody who belongs nowhere, or whom nobody knows, is kept and gives a finding, not an error."""
    organization = load_case(folder, "010-person-in-no-post")
    for person in ("p4", "p999"):
        ledger = ledger_of(organization)
        ledger.submit(Event("person.reported", date="2026-03-02", person=person, case="K"))
        answer = ledger.assessment()
        assert len(ledger.events) == 1
        assert [each.status for each in answer.obligations if each.act == "hear"] == ["undetermined"]
        assert ("organization_fact_required", "H-1b.hear/K") in {(each.code, each.about) for each in answer.findings}
    (event,) = read_events(HOSTILE / "events" / "027-unknown-person.jsonl", policy().event_types)
    assert event.case == "person/p999"
    return "reported"


@case("org/014-tenure-boundary-instant")
def _boundary(folder: Path) -> str:
    """Days are inclusive, not instants: the old holder's last day is the eve of the new one's first."""
    organization = load_case(folder, "014-tenure-boundary-instant")
    found = [organization.on(day(d)).holder("chief") for d in ("2026-03-01", "2026-03-02", "2026-03-03")]
    assert found == ["p3", "p2", "p2"]
    return "accepted"


@case("org/015-chain-3000-deep")
def _chain(folder: Path) -> str:
    """From TOML, JSON and CSV the chain is read, written, walked both ways, changed by events and answered about."""
    for path in written_chain(folder, 3000):
        organization = load_organization(path)
        view = organization.on(TODAY)
        assert sum(1 for _ in view.above("u2999")) == sum(1 for _ in view.below("u0")) == 2999
        assert write_organization(read_organization(write_organization(organization), "again")) == write_organization(
            organization
        )
    created = Event("unit.created", date="2026-01-05", unit="lowest", kind="team", superior="u2999")
    answer = answered(organization, created, late("u2999"))
    assert [(each.from_unit, each.to_unit) for each in answer.escalations] == [("u2999", "u2998")]
    closed = Event("unit.closed", date="2026-03-06", unit="u1500")
    assert [each.result for each in answered(organization, closed).events] == ["fired"]
    return "accepted"


def written_chain(folder: Path, length: int) -> list[Path]:
    """Write a chain of units, each led by the one before, as TOML, JSON and CSV."""
    chain = [(f"u{n}", f"u{n - 1}" if n else "") for n in range(length)]
    toml, json_, rows = folder / "chain.toml", folder / "chain.json", folder / "chain"
    entries = (
        f'[[units]]\nid = "{unit}"\nkind = "team"\n' + f'led_by = "{above}"\n' * bool(above) for unit, above in chain
    )
    posts = f'[[posts]]\nid = "t"\nunit = "{chain[-1][0]}"\nkind = "clerk"\nholder = "p3"\n'
    toml.write_text("".join(entries) + posts)
    listed = [{"id": unit, "kind": "team", "led_by": above or None} for unit, above in chain]
    post = {"id": "t", "unit": chain[-1][0], "kind": "clerk", "holder": "p3"}
    json_.write_text(json.dumps({"units": listed, "posts": [post]}))
    rows.mkdir()
    (rows / "units.csv").write_text("id,kind,led_by\n" + "".join(f"{unit},team,{above}\n" for unit, above in chain))
    (rows / "posts.csv").write_text(f"id,unit,kind,holder\nt,{chain[-1][0]},clerk,p3\n")
    (rows / "tenures.csv").write_text("post,person,from,to\n")
    (rows / "memberships.csv").write_text("person,unit\n")
    return [toml, json_, rows]


@case("org/016-chain-100000-deep")
def _long_chain(folder: Path) -> str:
    """The walks up and down take one step per unit, and the answer about the lowest unit does not climb the chain."""
    names = [f"u{n}" for n in range(100_000)]
    relations = [Relation("leads", above, below) for above, below in pairwise(names)]
    organization = Organization.build(units=units(*names), relations=relations)
    began = time.process_time()
    view = organization.on(TODAY)
    assert sum(1 for _ in view.above("u99999")) == sum(1 for _ in view.below("u0")) == 99_999
    assert time.process_time() - began < 5
    (told,) = answered(organization, Event("post.assumed", date="2026-01-05", post="t", unit="u99999", kind="clerk", person="p"),
                       late("u99999")).escalations  # fmt: skip
    assert told.to_unit == "u99998"
    return "accepted"


@case("org/017-star-50000-units")
def _star(folder: Path) -> str:
    """Very many units under one are read and listed in the order of their ids."""
    star = [{"id": f"u{n:05}", "kind": "team", "led_by": "u00000" if n else None} for n in range(50_000)]
    path = folder / "star.json"
    path.write_text(json.dumps({"units": star}))
    below = list(load_organization(path).on(TODAY).below("u00000"))
    assert below == [f"u{n:05}" for n in range(1, 50_000)]
    return "accepted"


@case("org/022-html-in-names")
def _markup(folder: Path) -> str:
    """Markup and templates in names are text like any other, kept as they are."""
    persons = load_case(folder, "022-html-in-names").persons
    assert persons["p0"].name == "<script>alert(1)</script>"
    assert persons["p3"].name == "{{7*7}} ${7*7} <%= 7*7 %>"
    return "accepted"


@case("org/024-terminal-escape-names")
def _terminal(folder: Path) -> str:
    """NUL is refused; other control characters are kept, and what people see of them is escaped and one line."""
    words = "`persons.3.name` holds a NUL character or a lone surrogate; remove it"
    refused(OrganizationError, re.escape(str(folder)), words, lambda: load_case(folder, "024-terminal-escape-names"))
    data = data_of("024-terminal-escape-names")
    data["persons"][3]["name"] = "no nul"
    assert read_organization(data, "host").persons["p2"].name == "line1\nline2 [OK] all clear"
    data["persons"][2]["name"] = "line1\nline2 \x1b[2J" + "x" * 600
    words = r"`line1\nline2 \x1b[2Jxxx"
    return refused(OrganizationError, "host: ", words, lambda: read_organization(data, "host"))


@case("org/025-name-1MB")
def _long_name(folder: Path) -> str:
    """A name of a million characters, and one of 513, are refused."""
    for length, most in ((1_000_000, 16_384), (513, 512)):
        data = {"persons": [{"id": "p0", "name": "x" * length}]}
        words = f"longer than {most} characters; shorten it"
        refused(OrganizationError, "host: ", words, lambda data=data: read_organization(data, "host"))  # type: ignore[misc]
    return "refused"


@case("org/026-duplicate-json-keys")
def _twice(folder: Path) -> str:
    path = HOSTILE / "org" / "026-duplicate-json-keys.json"
    words = "the key `leader` is given twice in one object; keep one"
    return refused(OrganizationError, re.escape(str(path)), words, lambda: load_organization(path))


@case("org/029-secretary-of-self-deputy-cycle")
def _standing_in(folder: Path) -> str:
    """When everybody is away and each stands in for the next, a post falls to its B holder and no further."""
    away = [{"person": f"p{n}", "from": "2025-01-01"} for n in range(3)]
    data = {**data_of("029-secretary-of-self-deputy-cycle"), "absences": away}
    view = read_organization(data, "host").on(TODAY)
    assert [view.holder(post) for post in "abc"] == ["p1", "p2", "p0"]
    data["relations"] = [{"relation": "acts_for", "source": one, "target": two} for one, two in ("xy", "yx")]
    data["units"] = [{"id": "x", "kind": "team"}, {"id": "y", "kind": "team"}]
    data["posts"] = data["members"] = []
    return refused(OrganizationError, "host: ", "form a cycle", lambda: read_organization(data, "host"))


# -- events ------------------------------------------------------------------------------------------------------------

# What each line of each hostile file gives: None is an event, a text is part of the message that refuses the line.
LINES: dict[str, list[str | None]] = {
    "000-control-valid": [None],
    "001-nan": ["`NaN` is not JSON"],
    "003-big-integer-5000-digits": ["is beyond 64 bit"],
    "004-int-beyond-64-bit": ["`9223372036854775808` is beyond 64 bit"],
    "005-float-precision-vs-decimal": [None],
    "006-lone-surrogate": ["`data.task` holds a NUL character or a lone surrogate"],
    "007-nul-in-text": ["`data.task` holds a NUL character or a lone surrogate"],
    "010-naive-time": ["write date, time and offset"],
    "011-date-only": ["write date, time and offset"],
    "012-far-future": ["between 1900 and 2200"],
    "013-far-past": ["between 1900 and 2200"],
    "016-offset-odd": [None, None, "write date, time and offset", "write date, time and offset", None],
    "017-time-24-00": ["write date, time and offset"],
    "018-time-as-number": ["the time `1772413200` can not be read"],
    "020-duplicate-same-content": [None, None],
    "022-same-id-other-source": [None, None],
    "025-event-before-person-joined": [None],
    "026-unknown-type": [None],
    "029-specversion-2": ["the specversion `2.0` can not be read"],
    "032-missing-field": [None],
    "033-prototype-and-dunder-keys": ["`task.overdue` has no field `__class__`"],
    "034-sql-in-ids": ["holds U+0027 (APOSTROPHE)", "holds U+0027 (APOSTROPHE)"],
    "035-html-in-data": [None],
    "036-log-line-forgery": [None],
    "037-bom-and-crlf": [None],
    "038-half-line-at-end": [None, "the text is not JSON at line 1 column 61"],
    "040-redos-text": [None],
    "041-hash-collision-keys": ["longer than 65536 bytes", "`data` has more than 1000 keys"],
    "043-fullwidth-digits": ["is not in normal form; write `person/p3`"],
    "044-clock-backward-receipts": [None] * 5,
    "046-bytes-not-utf8": ["the text is not UTF-8 at byte 188"],
    "047-empty-file": [],
}


def many_keys() -> bytes:
    """Return two lines of an event with very many keys, of more bytes than an event may have, and of fewer."""
    good = json.loads((HOSTILE / "events" / "000-control-valid.jsonl").read_text())
    keys = [
        {f"{prefix}{n}": n for n in range(count)} for prefix, count in (("key-of-some-length-", 50_000), ("k", 2_000))
    ]
    return b"\n".join(json.dumps({**good, "data": data}).encode() for data in keys)


def ledger_after(name: str, *before: Event) -> tuple[Ledger, list[EventError]]:
    """Submit each line of a hostile file to a ledger; return it with what was refused, each with its place."""
    source: Path | bytes = many_keys() if name.startswith("041") else HOSTILE / "events" / f"{name}.jsonl"
    ledger = ledger_of(control())
    ledger.submit(*before)
    began, problems = time.process_time(), list[EventError]()
    found = list(iter_lines(source, ledger.policy.event_types))
    assert time.process_time() - began < 5
    assert len(found) == len(LINES[name])
    for (number, event), message in zip(found, LINES[name], strict=True):
        if isinstance(event, EventError):
            assert message is not None and message in str(event), event
            assert re.match(rf".*:{number}: ", str(event)) and "\n" not in str(event)
            problems.append(event)
        else:
            assert message is None
            ledger.submit(event)
    return ledger, problems


def refuse_lines(name: str) -> str:
    """Check that each line of the file is refused, and that the ledger keeps nothing of it."""
    ledger, problems = ledger_after(name)
    assert ledger.events == () and len(problems) == len(LINES[name])
    return "refused"


for _name, _lines in LINES.items():
    if _lines and None not in _lines:
        CHECKS[f"events/{_name}"] = lambda _, name=_name: refuse_lines(name)  # type: ignore[misc]


@case("events/000-control-valid")
def _control_event(folder: Path) -> str:
    """One event and the control pack make one obligation, of the clerk p3, due three days later."""
    ledger, _ = ledger_after("000-control-valid")
    (owed,) = ledger.assessment().obligations
    assert (owed.person, owed.due, owed.clause.ref) == ("p3", date(2026, 3, 5), "H-1a")
    return "accepted"


@case("events/005-float-precision-vs-decimal")
def _decimals(folder: Path) -> str:
    """The numbers are these very decimals, also once the event is written and read again."""
    (event,) = ledger_after("005-float-precision-vs-decimal")[0].events
    again = read_event(read_json(canonical(write_event(event)), where="line", error=EventError))
    for each in (event, again):
        assert (each.get("amount"), each.get("limit")) == (Decimal("0.1"), Decimal("0.30000000000000004"))
    return "accepted"


@case("events/016-offset-odd")
def _offsets(folder: Path) -> str:
    """Each line is decided by itself: the second and the fifth are read though the third and the fourth are refused."""
    ledger, problems = ledger_after("016-offset-odd")
    assert [event.id for event in ledger.events] == ["a", "b", "e"]
    assert {event.date for event in ledger.events} == {date(2026, 3, 2)}
    assert len(problems) == 2
    return "refused line"


@case("events/020-duplicate-same-content")
def _once(folder: Path) -> str:
    ledger, _ = ledger_after("020-duplicate-same-content")
    assert (len(ledger.events), len(ledger.assessment().obligations)) == (1, 1)
    return "accepted"


@case("events/022-same-id-other-source")
def _other_source(folder: Path) -> str:
    """Both are recorded; that they tell the same fact of one case is a finding (meaning.md, section 7)."""
    ledger, _ = ledger_after("022-same-id-other-source")
    assert [event.key for event in ledger.events] == [("/oa/tasks", "e-1"), ("/crm", "e-1")]
    assert [each.code for each in ledger.assessment().findings] == ["possible_duplicate"]
    return "accepted"


@case("events/025-event-before-person-joined")
def _before_joining(folder: Path) -> str:
    """The holder on the day of the event bears the duty; where there was nobody, the post is vacant and says so."""
    data = data_of("000-control-valid")
    data["posts"][0]["holders"] = [{"person": "p3", "from": "2024-01-01"}]
    events = read_events(HOSTILE / "events" / "025-event-before-person-joined.jsonl")
    answer = answered(read_organization(data, "host"), *events, to="2020-01-02")
    assert [each.person for each in answer.obligations] == [None]
    assert [each.code for each in answer.findings] == ["vacant_post"]
    return "reported"


@case("events/026-unknown-type")
def _unknown_type(folder: Path) -> str:
    ledger, _ = ledger_after("026-unknown-type")
    answer = ledger.assessment()
    assert len(ledger.events) == 1 and answer.obligations == ()
    assert [(each.code, each.about) for each in answer.findings] == [("no_rule_for_event", "e-1")]
    return "reported"


@case("events/032-missing-field")
def _missing_field(folder: Path) -> str:
    """An event without the field that a condition asks for ends as `cannot_tell`, never as one that does not fit."""
    ledger, _ = ledger_after(
        "032-missing-field", Event("person.reported", date="2026-03-01", person="p3", case="person/p3")
    )
    assert {each.id: each.result for each in ledger.assessment().events}["e-1"] == "cannot_tell"
    return "reported"


@case("events/035-html-in-data", "events/040-redos-text")
def _kept_text(folder: Path) -> str:
    """The text is kept as it is; nothing matches it as a pattern."""
    (event,) = ledger_after("035-html-in-data")[0].events
    assert event.get("reason") == "</script><script>alert(1)</script>"
    (event,) = ledger_after("040-redos-text")[0].events
    assert event.get("task") == "a" * 40 + "!"
    return "accepted"


@case("events/036-log-line-forgery")
def _one_line(folder: Path) -> str:
    """An event with a line feed in a text is one line of the record."""
    (event,) = ledger_after("036-log-line-forgery")[0].events
    assert "\n" in event.get("task") and "\n" not in canonical(write_event(event))
    return "accepted"


@case("events/037-bom-and-crlf", "events/047-empty-file")
def _marks_and_nothing(folder: Path) -> str:
    assert len(ledger_after("037-bom-and-crlf")[0].events) == 1
    assert ledger_after("047-empty-file")[0].events == ()
    return "accepted"


@case("events/038-half-line-at-end")
def _half_line(folder: Path) -> str:
    """The first line is read, the cut one is told with its number, and `read_events` takes nothing of the file."""
    ledger, problems = ledger_after("038-half-line-at-end")
    path = HOSTILE / "events" / "038-half-line-at-end.jsonl"
    assert len(ledger.events) == len(problems) == 1
    refused(EventError, re.escape(f"{path}:2: "), "the text ends too early", lambda: read_events(path))
    return "refused line"


@case("events/044-clock-backward-receipts")
def _clock(folder: Path) -> str:
    """The times of day and of receipt never count; the day of the ledger never goes back, and nothing fires twice."""
    ledger, _ = ledger_after("044-clock-backward-receipts")
    assert [event.id for event in ledger.events] == ["k0", "k1", "k2", "k3", "k4"]
    told = ledger.submit(late("u2", "2026-02-20", id="early"))
    assert ledger.day == date(2026, 3, 2)
    refused(EventError, "the ledger stands at 2026-03-02", "`2026-03-01`", lambda: ledger.advance("2026-03-01"))
    assert [each.obligation for each in told.escalated] == ["H-1a.explain/early"]
    assert [each.obligation for each in ledger.advance("2026-03-06").escalated] == ["H-1a.explain/k0"]
    assert ledger.advance("2026-03-06").escalated == ledger.advance("2026-03-07").escalated == ()
    return "accepted"


# -- packs -------------------------------------------------------------------------------------------------------------

TOML, APPROVAL, YEARLY = "pack.toml", "1-approval.md", "2-yearly.md"
_WITHIN, _TEXT, _LONG = 'within = "5d"', 'text   = "submits', "Notes to the reader"

Edit = tuple[str, str, str, str]
"""The file of the good pack, the text there, what stands instead, and words of the message that refuses it."""

REFUSED_PACKS: dict[str, Sequence[Edit]] = {
    # TOML has no aliases, merge keys, tags or further documents; what is like them is no TOML
    "001-alias-bomb-billion-laughs": [(APPROVAL, _TEXT, f"a = &bomb [1, 2]\nb = [*bomb, *bomb]\n{_TEXT}", "is not TOML")],
    "002-merge-key-bomb": [
        (APPROVAL, _TEXT, f"<<: *bomb\n{_TEXT}", "is not TOML"),
        (TOML, "[kinds]", ".".join("a" * 100_000) + " = 1\n[kinds]", "more than 8 parts"),
        (TOML, "[kinds]", "".join(f"x{n}.a.a.a.a.a.a.a = 1\n" for n in range(5_000)) + "[kinds]", "has more than 1000 keys"),
    ],
    "003-alias-to-itself": [(APPROVAL, _TEXT, f"a = &a [*a]\n{_TEXT}", "is not TOML")],
    "004-deep-flow-nesting-20000": [
        (TOML, "[kinds]", "deep = " + "[" * 20_000 + "]" * 20_000 + "\n[kinds]", "nested too deep"),
        (TOML, "[kinds]", "deep = " + "{a=" * 5_000 + "1" + "}" * 5_000 + "\n[kinds]", "nested too deep"),
        (APPROVAL, _TEXT, "deep = " + "[" * 40 + "]" * 40 + f"\n{_TEXT}", "is nested deeper than 32"),
    ],
    "005-python-object-tag": [
        (APPROVAL, _TEXT, f"a = !!python/object/apply:os.system ['touch marker']\n{_TEXT}", "is not TOML")
    ],
    # no text of a pack is run: where a word is expected, an expression is no word
    "007-expression-import": [
        (APPROVAL, '"meet_within"\nstage', "\"__import__('os').system('id')\"\nstage", "neither a span such as `7d` nor")
    ],
    "008-expression-dunder-walk": [
        (APPROVAL, 'to     = "department above team of person"', 'to = "().__class__.__bases__[0]"', "begins with")
    ],
    "010-expression-power-tower": [
        (APPROVAL, "at_least = 10", "at_least = 9**9**9", "is not TOML"),
        (APPROVAL, "at_least = 10", "at_least = 1e999999999999999999999", "exponent"),
        (APPROVAL, "at_least = 10", "at_least = " + "9" * 5_000, "too long"),
    ],
    "011-expression-huge-string-multiply": [
        (APPROVAL, "at_least = 10", "at_least = \"'a' * 10**9\"", "can not be the value")
    ],
    "013-expression-1MB": [
        (APPROVAL, _LONG, "a" * 1_000_001, "is longer than 1000000 bytes; split it"),
        (APPROVAL, '"meet_within"\nstage', '"' + "1 + " * 200_000 + '1"\nstage', "is longer than 16384 characters"),
    ],
    "014-regex-redos": [
        (APPROVAL, '"unit.kind" = "team" }\nper', '"unit.kind" = { matches = "(a+)+$" } }\nper', "`matches` is no comparison")
    ],
    "015-regex-huge-repeat": [
        (APPROVAL, '"unit.kind" = "team" }\nper', '"unit.kind" = { regex = "a{9999999}" } }\nper', "`regex` is no comparison")
    ],
    # nothing includes anything
    "016-include-path-traversal": [(TOML, "[kinds]", 'include = "../../etc/passwd"\n[kinds]', "`include` is no key")],
    "017-include-absolute": [(APPROVAL, _TEXT, f'include = "/etc/passwd"\n{_TEXT}', "`include` is no key")],
    "021-duplicate-rule-id": [
        (APPROVAL, 'id     = "C-1-1b.submit"', 'id     = "C-1-1a.meet"', "the rule `C-1-1a.meet` is given twice, first at ")
    ],
    "022-duplicate-yaml-key": [
        (APPROVAL, 'within = "meet_within"', 'within = "meet_within"\nwithin = "1d"', "keep one of the two"),
        (TOML, "[kinds]", "[kinds]\nteam = 1\n[posts]\n[kinds]", "keep one of the two"),
    ],
    # nothing is typed by its looks
    "023-norway-and-octal": [
        (TOML, 'version = "1.0"', "version = 1.10", "`version` of the table `pack` is `1.10`"),
        (TOML, 'version = "1.0"', "version = NO", "write texts in quotation marks"),
        (YEARLY, 'by     = "06-30"', "by     = 12:30:45", "`time`"),
        (YEARLY, "at_least = 2", "at_least = 0755", "is not TOML"),
        (APPROVAL, "at_least = 10", "at_least = nan", "no finite number"),
    ],
    "025-negative-duration": [(APPROVAL, _WITHIN, 'within = "-5d"', "negative")],
    "026-zero-duration-loop": [(APPROVAL, _WITHIN, 'within = "0d"', "leaves no time")],
    "028-huge-duration": [
        (APPROVAL, _WITHIN, 'within = "101y"', "over 100 years"),
        (APPROVAL, _WITHIN, 'within = "36526d"', "over 100 years"),
        (APPROVAL, _WITHIN, 'within = "999999999999999999999999d"', "no span"),
    ],
    "033-unknown-role-function": [
        (APPROVAL, 'bearer = "manager of team of person"\nto', 'bearer = "superior(superior(person)"\nto', "begins with")
    ],
    "035-not-utf8": [(APPROVAL, _LONG, "\udcff\udcfe", "is not UTF-8; save the file as UTF-8")],
    "038-homoglyph-event-type": [
        (TOML, '[events."review.done"]', '[events."review.d\u043ene"]', "mixes letters of CYRILLIC and LATIN"),
        (APPROVAL, '"meeting.held", kind = "team" }', '"m\u0435\u0435ting.held", kind = "team" }', "did you mean `meeting.held`?"),
    ],
    "039-multi-document": [
        (TOML, "[kinds]", "---\n[kinds]", "is not TOML"),
        (TOML, "[kinds]", '[pack]\nid = "second"\n[kinds]', "keep one of the two"),
    ],
    "042-version-missing": [(TOML, 'version = "1.0"\n', "", "has no `version`; write")],
    "045-html-in-texts": [(APPROVAL, 'id     = "C-1-1b.submit"', 'id     = "C-1-1b.<img src=x>"', "U+003C"),
        (APPROVAL, _LONG, "Notes\0", "U+0000"),
        (APPROVAL, _LONG, "Notes\u202e", "U+202E"),
        (TOML, "[kinds]", "# \x1b[2J\n[kinds]", "U+001B"),
    ],
}  # fmt: skip


def edited(folder: Path, pack: Path, *edits: tuple[str, str, str]) -> Path:
    """Copy a pack into a new folder and exchange texts in it."""
    copy = Path(shutil.copytree(pack, folder / f"pack-{len(list(folder.iterdir()))}"))
    for name, old, new in edits:
        text = (copy / name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        (copy / name).write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    return copy


def refuse_edits(folder: Path, edits: Sequence[Edit]) -> str:
    for name, old, new, words in edits:
        pack = edited(folder, GOOD, (name, old, new))
        began = time.process_time()
        place = rf"{re.escape(str(pack / name))}:[1-9]\d*: "
        refused(PackError, place, words, lambda pack=pack: read_packs([pack]))  # type: ignore[misc]
        assert time.process_time() - began < 10
    return "refused"


for _name, _edits in REFUSED_PACKS.items():
    CHECKS[f"pack/{_name}"] = lambda folder, edits=_edits: refuse_edits(folder, edits)  # type: ignore[misc]


@case("pack/000-control-valid")
def _control_pack(folder: Path) -> str:
    assert lint(*read_whole([CONTROL])) == []
    return "accepted"


@case("pack/020-include-symlink")
def _links(folder: Path) -> str:
    """A file that leads out of the folder, or to itself, is refused without a word of its content; so is a folder."""
    secret = folder / "secret.md"
    secret.write_text("# the secret word\n")
    for target in (secret, Path("/etc/hostname"), Path("../secret.md")):
        pack = edited(folder, GOOD)
        (pack / "3-more.md").symlink_to(target)
        place = re.escape(f"{pack}/3-more.md:1: ")
        refused(PackError, place, "leads out of the pack", lambda pack=pack: read_packs([pack]))  # type: ignore[misc]
    pack = edited(folder, GOOD)
    (pack / "3-more.md").symlink_to("3-more.md")
    refused(PackError, re.escape(f"{pack}/3-more.md:1: "), "can not be read", lambda: read_packs([pack]))
    (pack / "3-more.md").unlink()
    os.mkfifo(pack / "3-more.md")
    return refused(PackError, re.escape(f"{pack}/3-more.md:1: "), "this is no file", lambda: read_packs([pack]))


@case("pack/036-utf16-with-bom")
def _utf16(folder: Path) -> str:
    pack = edited(folder, GOOD)
    (pack / APPROVAL).write_bytes((pack / APPROVAL).read_text(encoding="utf-8").encode("utf-16"))
    return refused(PackError, re.escape(f"{pack / APPROVAL}:1: "), "byte 1 is not UTF-8", lambda: read_packs([pack]))


@case("pack/040-empty")
def _empty(folder: Path) -> str:
    """A pack without rules, without law files, without pack.toml, and no pack at all are refused."""
    pack = edited(folder, GOOD)
    for name in (APPROVAL, YEARLY):
        (pack / name).write_text("")
    refused(PackError, re.escape(f"{pack}/pack.toml:"), "the pack is empty", lambda: read_packs([pack]))
    for name in (APPROVAL, YEARLY):
        (pack / name).unlink()
    refused(PackError, re.escape(f"{pack}/pack.toml:1: "), "the pack is empty", lambda: read_packs([pack]))
    (pack / TOML).unlink()
    refused(PackError, re.escape(f"{pack}/pack.toml:1: "), "has no `pack.toml`", lambda: read_packs([pack]))
    nowhere = folder / "nowhere"
    refused(PackError, re.escape(f"{nowhere}/pack.toml:1: "), "no such folder", lambda: read_packs([nowhere]))
    return refused(PackError, "no pack is named", "name the folder", lambda: read_packs([]))


def due_of(folder: Path, within: str, day: str) -> date | None:
    """Return the due day of a late task under the control pack with another span."""
    pack = edited(folder, CONTROL, ("1-tasks.md", 'within = "3d"', f'within = "{within}"'))
    under = Policy.load(pack, parameters={"office": "u0", "escalate_after": "0d"})
    (owed,) = answered(control(), late("u2", day), to=day, under=under).obligations
    return owed.due


@case("pack/027-month-duration-ambiguous")
def _months(folder: Path) -> str:
    """A month from 31 January ends on the last day of February, in a leap year and in another (meaning.md, section 2)."""
    assert due_of(folder, "1m", "2024-01-31") == date(2024, 2, 29)
    assert due_of(folder, "1m", "2025-01-31") == date(2025, 2, 28)
    assert due_of(folder, "1m", "2025-01-30") == date(2025, 2, 28)
    assert due_of(folder, "1m", "2025-02-28") == date(2025, 3, 28)
    return "accepted"


def lint_codes(pack: Path) -> dict[str, str]:
    return {problem.code: problem.message for problem in lint(*read_whole([pack]))}


@case("pack/029-rules-trigger-each-other")
def _endless(folder: Path) -> str:
    """Lint refuses duties that trigger one another, with both ids; each event that is told opens one duty of each rule."""
    more = CIRCLE.format(one='on = "task.explained"\nper = "event"', two='on = "task.overdue"\nper = "event"')
    pack = edited(folder, CONTROL, ("1-tasks.md", "```toml escalation", f"{more}\n```toml escalation"))
    assert "`H-1e.one` and `H-1f.two`" in lint_codes(pack)["endless-trigger"]
    assert main(["lint", str(pack)]) == 2
    under = Policy.load(pack, parameters={"office": "u0", "escalate_after": "0d"})
    ledger = ledger_of(control(), under=under)
    for number in range(3):
        events = [late("u2", case=f"K{number}"), Event("task.explained", date="2026-03-02", unit="u1", id=f"x{number}")]
        assert len(ledger.submit(*events).opened) <= 3
    return "refused"


CIRCLE = """
```toml duty
id     = "H-1e.one"
{one}
bearer = "leader of unit"
act    = "one"
must   = "task.overdue"
within = "3d"
```

```toml duty
id     = "H-1f.two"
{two}
bearer = "leader of unit"
act    = "two"
must   = "task.explained"
within = "3d"
```
"""


@case("pack/032-negation-cycle-unstratified")
def _waiting(folder: Path) -> str:
    """Duties that wait for one another, or for themselves, are refused: no order of them would be right."""
    on = 'on = "task.overdue"\nper = "event"\nafter = '
    for one, two, words in (
        ("two", "one", "`H-1e.one` and `H-1f.two` wait"),
        ("one", "one", "`H-1e.one` and `H-1e.one` wait"),
    ):
        ids = {"one": "H-1e.one", "two": "H-1f.two"}
        more = CIRCLE.format(one=f'{on}"{ids[one]}"', two=f'{on}"{ids[two]}"')
        pack = edited(folder, CONTROL, ("1-tasks.md", "```toml escalation", f"{more}\n```toml escalation"))
        place = rf"{re.escape(str(pack / '1-tasks.md'))}:\d+: "
        refused(PackError, place, words, lambda pack=pack: read_packs([pack]))  # type: ignore[misc]
    return "refused"


@case("pack/031-contradicting-rules")
def _contradiction(folder: Path) -> str:
    """Lint names both rules of one act on one occasion; both stand, in whatever order they are written."""
    law = (CONTROL / "1-tasks.md").read_text(encoding="utf-8")
    (first,) = re.findall(r'(?s)```toml duty\nid     = "H-1a.*?\n```\n', law)
    twin = first.replace("H-1a.explain", "H-1a.twin").replace('"3d"', '"9d"')
    answers = []
    for blocks in (f"{first}\n{twin}", f"{twin}\n{first}"):
        pack = edited(folder, CONTROL, ("1-tasks.md", first, blocks))
        message = lint_codes(pack)["same-duty"]
        assert "`H-1a.explain`" in message and "`H-1a.twin`" in message
        under = Policy.load(pack, parameters={"office": "u0", "escalate_after": "0d"})
        answers.append(
            [(each.id, each.due) for each in answered(control(), late("u2", id="e"), under=under).obligations]
        )
    assert answers[0] == answers[1]
    assert dict(answers[0]) == {"H-1a.explain/e": date(2026, 3, 5), "H-1a.twin/e": date(2026, 3, 11)}
    return "reported"


@case("pack/034-escalate-to-named-missing-person")
def _missing_body(folder: Path) -> str:
    """A pack can name no person; where a parameter names a unit that is not there, the duty stands and says so."""
    edit = (APPROVAL, 'of      = "post of team"', 'of      = "p17 of team"', "`p17` is no kind of post")
    refuse_edits(folder, [edit])
    report = Event("person.reported", date="2026-03-02", person="p3", case="K")
    answer = answered(control(), report, under=policy(office="nowhere"))
    assert [each.status for each in answer.obligations if each.act == "note"] == ["undetermined"]
    assert ("bearer_undetermined", "nowhere") in {(each.code, each.about) for each in answer.findings}
    return "reported"


@case("pack/043-retroactive-effective-date")
def _retroactive(folder: Path) -> str:
    """Law says from which day it applies: what happened before opens no duty, and only the host can say otherwise."""
    from_ = ("pack.toml", 'version = "1.0"', 'version = "1.0"\nfrom = 2026-04-01')
    under = Policy.load(edited(folder, CONTROL, from_), parameters={"office": "u0", "escalate_after": "0d"})
    assert answered(control(), late("u2"), under=under).obligations == ()
    ledger = ledger_of(control())
    ledger.submit(late("u2"))
    before = ledger.assessment("2026-03-02", "2026-03-02")
    ledger.advance("2026-05-01")
    assert ledger.assessment("2026-03-02", "2026-03-02") == before
    return "accepted"


def test_markup_in_titles_of_a_pack_is_text(tmp_path: Path) -> None:
    """Free texts may hold anything that can be seen; they are shown as they stand (pack/045)."""
    pack = edited(tmp_path, CONTROL, ("pack.toml", 'en = "Tasks"', 'en = "<b>{{7*7}}</b>"'))
    assert "<b>{{7*7}}</b>" in reading(read_packs([pack]), "en")


# -- faults that were found, each mended -------------------------------------------------------------------------------


def acting(length: int) -> dict[str, Any]:
    """Return units each of which acts for the one before; the first has the posts, a superior and an organ."""
    chain = [{"id": f"a{n}", "kind": "team", "acts_for": f"a{n - 1}" if n else None} for n in range(length)]
    chain[0] |= {"led_by": "top", "posts": [{"kind": "leader", "head": True, "holder": "p1"}]}
    ends = [{"id": "top", "kind": "team"}, {"id": "office", "kind": "team", "organ_of": "a0"}]
    return {"units": [*chain, *ends], "members": [{"person": "p3", "unit": f"a{length - 1}"}]}


def test_a_long_chain_of_units_that_act_for_one_another_is_walked_without_recursion() -> None:
    """The last of ten thousand units that act for one another has the posts, superior and organs of the first."""
    organization = read_organization(acting(10_000), "host")
    view = organization.on(TODAY)
    assert [post.id for post in view.posts("a9999")] == ["a0.leader"]
    assert (view.superior("a9999"), view.organs("a9999")) == ("top", ["office"])
    assert view.stands_in("p1", "a9999") and not view.stands_in("p3", "a9999")
    created = Event("unit.created", date="2026-01-05", unit="lowest", kind="team", superior="a9999")
    report = Event("person.reported", date="2026-03-02", person="p3", case="K")
    heard = [each for each in answered(organization, created, report).obligations if each.act == "hear"]
    assert [(each.person, each.status) for each in heard] == [("p1", "overdue")]


def test_units_that_take_over_from_one_another_in_a_circle_are_refused() -> None:
    """A circle of successions is refused, in an organization and as an event, for the duties would never find a bearer."""
    ended = [{"id": name, "kind": "team", "to": "2026-03-01"} for name in "abc"]
    pairs = [("b", "a"), ("c", "b"), ("a", "c")]
    data = {
        "units": ended,
        "members": [{"person": "p3", "unit": "a"}],
        "relations": [{"relation": "succeeds", "source": s, "target": t, "from": "2026-03-02"} for s, t in pairs],
    }
    words = "the units `a` and `b` and `c` take over from one another in a circle"
    refused(OrganizationError, "host: ", words, lambda: read_organization(data, "host"))
    data["relations"].pop()
    ledger = ledger_of(read_organization(data, "host"))
    told = {
        "type": "relation.changed",
        "date": "2026-03-02",
        "relation": "succeeds",
        "from": "a",
        "to": "c",
        "id": "e1",
    }
    refused(OrganizationError, "event `e1`: ", "`a` passed to `c` already", lambda: ledger.submit(told))
    assert ledger.events == ()
    report = Event("person.reported", date="2026-03-01", person="p3", case="K")
    assert {each.status for each in answered(read_organization(data, "host"), report).obligations} == {"undetermined"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 1\na = 2\n", ":2: `a = 2` is not TOML: Cannot overwrite a value, at column 6; keep one of the two"),
        ("a: 1", "at column 2; write `key = value`"),
        ("a = no", "at column 5; write texts in quotation marks"),
        ("a = [1,", "at column 8; close what is open"),
        ("a = 1e99999999999999999999", ":1: `a = 1e99999999999999999999` has a number with an exponent"),
        ("b = 1\na = 1" + "0" * 5000, ":2: `a = 1000"),
        ("b = 1\na = " + "[" * 5000, ":2: the lists and tables are nested too deep"),
        ("b = 1\n" + "a." * 8 + "a = 1", ":2: a key has more than 8 parts; flatten it"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line_its_column_and_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    """A message about TOML names line and column, quotes the line, and says what to do where that can be told."""
    path = tmp_path / "organization.toml"
    path.write_text(text, encoding="utf-8")
    refused(OrganizationError, re.escape(f"{path}:"), words, lambda: load_organization(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1', "the text ends too early, write the rest"),
        ("{'a': 1}", "at line 1 column 2: Expecting property name"),
        ('{\n"a": 1 "b": 2}', "at line 2 column 8: Expecting ',' delimiter; put a comma before it"),
        ('{"a" 1}', "put a colon before it"),
        ('{"a": True}', "texts stand in double quotation marks"),
        ('{"a": "x}', "close the quotation mark"),
        (r'{"a": "\q"}', r"write a backslash as `\\`"),
        ('{"a": "\n"}', r"write it as an escape such as `\n`"),
        ("[] []", "write one value, or one on each line"),
    ],
)
def test_what_is_no_json_is_told_with_its_line_its_column_and_what_to_do(text: str, words: str) -> None:
    """A message about JSON names line and column, and says what to do."""
    refused(
        EventError,
        "host: the text is not JSON at line ",
        words,
        lambda: read_json(text, where="host", error=EventError),
    )


def test_a_source_of_a_pack_is_read_with_the_same_care(tmp_path: Path) -> None:
    """`source.toml` is bounded, does not lead out of the folder, and has tables where tables are meant."""
    secret = tmp_path / "secret.toml"
    secret.write_text('document = "the secret word"\n')
    head = 'document = "1"\npassages = []\nnorms = []\n'
    for text, words in (
        ("", "leads out of the pack"),
        (f"{head}# {'x' * 1_000_000}", "is longer than 1000000 bytes"),
        (f"{head}part = [1]\n", "write a list of tables `[[part]]`"),
        (f"{head}[[part]]\ndigest = 1\n", "`digest`"),
    ):
        pack = edited(tmp_path, CONTROL)
        if text:
            (pack / "source.toml").write_text(text)
        else:
            (pack / "source.toml").symlink_to(secret)
        refused(PackError, re.escape(f"{pack}/source.toml:"), words, lambda pack=pack: coverage([pack]))  # type: ignore[misc]


def test_the_command_line_takes_other_limits_and_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--limit` bounds every reader of a command; a refusal is one line on stderr, nothing on stdout, and exit code 2."""
    (tmp_path / "org.json").write_text(json.dumps(data_of("000-control-valid")))
    files = [str(tmp_path / "org.json"), str(HOSTILE / "events" / "000-control-valid.jsonl")]
    question = ["check", *files, "--pack", str(CONTROL), "--as-of", "2026-03-04", "--param", "office=u0"]
    assert main(question) == 0
    capsys.readouterr()
    for limit, words in (
        ("event_bytes=100", "000-control-valid.jsonl:1: the text is longer than 100 bytes"),
        ("file_bytes=100", "org.json: the file is longer than 100 bytes"),
        ("pack_bytes=100", "the file is longer than 100 bytes; split it"),
        ("depth=1", "is nested deeper than 1"),
        ("id=4", "is no id; write a text of 1 to 4 characters"),
        ("name=5", "longer than 5 characters"),
        ("dept=1", "no limit `dept` is known, did you mean `depth`?"),
        ("depth=many", "the limit `depth` is `many`; write a whole number"),
        ("depth=0", "depth"),
        ("depth=201", "depth"),
        ("depth", "is no parameter"),
    ):
        assert main([*question, "--limit", limit]) == 2, limit
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("accountability: ") and told.err.count("\n") == 1
        assert words in told.err, told.err


def test_a_hint_among_very_many_long_words_takes_no_time() -> None:
    """The nearest of twenty thousand long words, all alike, is found in seconds, not in a minute."""
    middle = "".join(chr(97 + n * n % 7) for n in range(100))
    words = [f"unit-{n:05}-{middle[n % 50 :]}{middle[: n % 50]}-end" for n in range(20_000)]
    began = time.process_time()
    assert nearest(words[19_998].replace("unit", "umit"), words) == f", did you mean `{words[19_998]}`?"
    assert nearest("x" * 16_000, ["x" * 16_000]) == ""
    assert time.process_time() - began < 10


@pytest.mark.parametrize("line", ["[x{n}.a.a.a.a.a.a]", "x{n}.a.a.a.a.a.a.a = 1", "x{n} = [[],[[]]]", "[[x]]"])
def test_a_pack_of_very_many_tables_is_refused_in_bounded_memory(tmp_path: Path, line: str) -> None:
    """A quarter of a megabyte of TOML that makes as many tables as it can is refused within 400 MB and some seconds."""
    pack = edited(tmp_path, GOOD)
    lines = (line.format(n=number) for number in range(250_000 // len(line)))
    (pack / TOML).write_text((pack / TOML).read_text(encoding="utf-8") + "\n" + "\n".join(lines), encoding="utf-8")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)); "
        "from accountability.cli import main; sys.exit(main(['lint', sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(pack)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stderr
    assert re.fullmatch(rf"accountability: {re.escape(str(pack))}/pack.toml:\d+: .*\n", done.stderr)


@pytest.mark.parametrize("unit", ["u\0", "u0\u200b", "u\u04300", "u" * 129, "u 0", "<b>"])
def test_a_parameter_that_names_a_unit_holds_an_id(unit: str) -> None:
    """A unit named by a parameter, or by a choice that has a place for one, is an id like any other."""
    refused(PackError, "`office`: the unit ", "", lambda: policy(office=unit))
    good = Policy.load(GOOD)
    refused(
        PackError,
        "`missing_level`: ",
        "no choice",
        lambda: good.with_parameters({"missing_level": f"substitute:{unit}"}),
    )
    assert good.with_parameters({"missing_level": "substitute:u0", "trainer": "党委"}).parameters.values
