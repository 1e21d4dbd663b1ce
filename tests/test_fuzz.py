"""Fuzz of every reader: valid input that was damaged, and text at random, give a value or an error of the library.

`make fuzz` runs many more examples than the suite (ACCOUNTABILITY_HISTORIES=N: N for each reader). What a fuzz found is a
test of its own, in tests/test_hostile.py.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from accountability import Event, Ledger, Organization, Policy
from accountability.cli import main
from accountability.errors import AccountabilityError
from accountability.event import iter_lines, read_event, write_event
from accountability.organization_file import read_organization, write_organization
from accountability.packs.coverage import coverage
from accountability.packs.lint import lint
from accountability.packs.reading import read_whole
from accountability.packs.testing import run_scenarios
from accountability.parameter_file import load_parameters, template
from accountability.plain import canonical, read_json
from accountability.reports.event_schema import event_schema
from accountability.reports.reading import reading

HERE = Path(__file__).parent
PACKS = [HERE / "packs" / name for name in ("good", "keeping", "applications", "leading")]
PACKS += [HERE.parent / "src" / "accountability" / "rules" / name for name in ("layers", "company")]
LEAVES = set(AccountabilityError.__subclasses__())

# -- damage ------------------------------------------------------------------------------------------------------------

_VALUES = [
    "-1", "0", "1", "101", "2.5", "true", "nan", "-inf", "1e999", "1e-99999999999999999999", "9223372036854775808",
    "[]", "[[]]", "{}", "[{}]", "[1, 'a']", "{ a = 1 }", '""', '"x"', '" "', "'''a\nb'''", '["a", "a"]', '["?"]',
    '{ zh = "x", en = "y" }', '{ event = "a.b" }', '{ not = "x" }', '{ at_least = "x" }', '{ window = "x" }',
    "2024-02-29", "0001-01-01", "9999-12-31", "2024-02-30", "12:30:45", "1979-05-27T07:32:00Z", '"2024-01-01"',
    '"0d"', '"-1d"', '"101y"', '"36525wd"', '"1m"', '"02-29"', '"13-40"', '"9"', '"unit"', '"post of unit"', '"each team under x"',
    '"superior of superior of unit"', '"contact of leader post of team"', '"\\u0000"', '"\\ud800"', '"' + "x" * 600 + '"',
    "[" * 40 + "]" * 40, "\u202e", "null", '"a":1,"a":2', '"\u0430bc"', '"p３"',
]  # fmt: skip
_TOKENS = [
    *_VALUES, "{#A-1}", "```", "~~~", "```toml duty", "# x {#C-9}", "\n", "\r", "\r\n", "\0", "\x1b[2J", "\ufeff", "\u200b",
    "\ud800", "é", "e\u0301", "ﬁ", "\U0001f600", '"', "'", "\\", "]", "[", "[[", "=", ".", ",", ";", "#", "-", "--", "%s", "{0}",
    "/", "..", "../../etc/passwd", "/dev/null", "<script>", "999999999999999999999999", "a." * 20,
]  # fmt: skip
_PIECE = re.compile(r"\"[^\"\n]*\"|\w+|[^\w\s]|\n")
_VALUE = re.compile(r"(?<== )[^\n]+|(?<=: )(?:\"[^\"\n]*\"|[^,{}\[\]\n]+)")


@st.composite
def damaged(draw: DrawFn, text: str) -> bytes:
    """Draw the text with some damage: parts cut, doubled, moved or exchanged, hostile tokens put in, bytes flipped."""
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        how = draw(
            st.sampled_from(["value", "value", "swap", "swap", "piece", "line", "cut line", "cut", "double", "insert"])
        )
        pattern = {"value": _VALUE, "swap": _VALUE, "piece": _PIECE}.get(how)
        found = list(pattern.finditer(text)) if pattern is not None else []
        if how in ("value", "piece") and found:
            at = draw(st.sampled_from(found))
            text = text[: at.start()] + draw(st.sampled_from(_VALUES if how == "value" else _TOKENS)) + text[at.end() :]
        elif how == "swap" and found:
            at, other = draw(st.sampled_from(found)), draw(st.sampled_from(found))
            text = text[: at.start()] + other[0] + text[at.end() :]
        elif how in ("line", "cut line"):
            lines = text.split("\n")
            line = lines.pop(draw(st.integers(0, len(lines) - 1)))
            if how == "line":
                lines.insert(draw(st.integers(0, len(lines))), line)
                lines.insert(draw(st.integers(0, len(lines))), line)
            text = "\n".join(lines)
        else:
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 40)))
            put = draw(st.sampled_from(_TOKENS)) if how == "insert" else text[start:end] * (how == "double")
            text = text[:start] + put + text[start if how == "insert" else (end if how == "cut" else start) :]
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data and draw(st.integers(0, 9)) == 0:
        data[draw(st.integers(0, len(data) - 1))] ^= draw(st.integers(1, 255))
    return bytes(data)


def anything(text: str) -> st.SearchStrategy[bytes]:
    """Draw the text with some damage, or, now and then, text that has nothing to do with it."""
    wild = st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode) | st.binary(max_size=60)
    return st.one_of(*[damaged(text)] * 9, wild)


@contextmanager
def refused_at_most() -> Iterator[None]:
    """Let an error of the library pass when it is a leaf and one line; any other exception is a fault of the reader."""
    try:
        yield
    except AccountabilityError as problem:
        assert type(problem) in LEAVES
        assert str(problem).strip() and "\n" not in str(problem)


@contextmanager
def damaged_copy(folder: Path, name: str, data: bytes) -> Iterator[Path]:
    """Give a copy of the folder in which one file holds other bytes."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(folder, Path(place) / "pack"))
        (copy / name).write_bytes(data)
        yield copy


# -- packs -------------------------------------------------------------------------------------------------------------

_FILES = [(pack, path.name) for pack in PACKS for path in sorted(pack.iterdir())]


@given(st.data())
def test_a_damaged_pack_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever a file of a pack holds, the pack is read, linted, shown and tested, or refused with a PackError."""
    folder, name = data.draw(st.sampled_from(_FILES))
    content = data.draw(anything((folder / name).read_text(encoding="utf-8")))
    with damaged_copy(folder, name, content) as copy, refused_at_most():
        policy, scenarios = read_whole([copy])
        lint(policy, scenarios)
        reading(policy, "en")
        template(policy)
        event_schema(policy.event_types, "en")
        run_scenarios([copy])
        coverage([copy])


# -- organizations -----------------------------------------------------------------------------------------------------

POLICY = Policy.load(PACKS[0], parameters={"meet_within": "7d", "escalate_after": "0d"})
REPORT = Event("incident.reported", date="2024-03-01", person="m1", severity="low", case="K1")
ORGANIZATION = """\
[[persons]]
id = "p0"
name = "Li"
[[persons]]
id = "p1"
[[persons]]
id = "m1"
[[units]]
id = "c"
kind = "company"
committee = []
[[units.posts]]
kind = "secretary"
holder = "p0"
[[units]]
id = "d"
name = "Department"
kind = "department"
from = 2020-01-01
led_by = [{ unit = "c", from = 2020-01-01, ground = "x" }]
guided_by = "c"
committee = ["p0", { person = "p1", to = 2024-12-31 }]
[[units.posts]]
kind = "manager"
head = true
holders = [{ person = "p0", to = 2024-03-31 }, { person = "p1", from = 2024-04-01, acting = true }]
[[units]]
id = "t"
kind = "team"
led_by = "d"
organ_of = "d"
acts_for = "c"
same_level = ["d"]
local = "d"
party_relation = "x"
[[units.posts]]
id = "t.manager"
kind = "manager"
portfolio = "all"
[[tenures]]
post = "t.manager"
person = "p1"
slot = "B"
from = 2024-01-01
[[members]]
person = "m1"
unit = "t"
from = 2023-01-01
[[absences]]
person = "p1"
from = 2024-02-01
to = 2024-02-20
[[relations]]
relation = "succeeds"
source = "t"
target = "c"
from = 2024-01-01
[[duties]]
duty = "safety"
bearer = "t.manager"
required_powers = ["stop"]
[[powers]]
power = "stop"
holder = "t.manager"
[[layers]]
unit = "t"
layer = "low"
[[grades]]
unit = "t"
grade = "weak"
from = 2024-01-01
"""
STANDING = read_organization(tomllib.loads(ORGANIZATION), "organization")
JSON = canonical(write_organization(STANDING)).replace(",", ",\n").replace(":", ": ")
CSV = {
    "units.csv": "id,kind,name,from,to,led_by\nc,company,,,,\nd,department,D,2020-01-01,,c\nt,team,T,2020/1/1,9999-12-31,d\n",
    "posts.csv": 'id,unit,kind,name,head,holder\nd.m,d,manager,"the, head",true,p0\n,t,manager,,是,\n',
    "tenures.csv": "post,person,from,to,acting,slot\nt.manager,p1,2024-01-01,,,B\n",
    "memberships.csv": "person,unit,from,to\nm1,t,2023年1月2日,\n",
    "duties.csv": "duty,bearer,required_powers\nsafety,t.manager,stop;start\n",
}


def used(organization: Organization) -> None:
    """Write the organization, read it again, and answer under it."""
    again = read_organization(write_organization(organization), "again")
    assert write_organization(again) == write_organization(organization)
    ledger = Ledger(POLICY, organization, matcher="python")
    ledger.submit(REPORT)
    ledger.advance("2024-04-02")
    ledger.assessment()


@given(data=anything(ORGANIZATION), end=st.sampled_from([".toml", ".toml", ".toml", ".json", ".csv"]))
def test_a_damaged_organization_file_is_read_or_refused(data: bytes, end: str) -> None:
    """Whatever a TOML file of an organization holds, it is read, written again and used, or refused."""
    with tempfile.TemporaryDirectory() as place, refused_at_most():
        path = Path(place) / f"organization{end}"
        path.write_bytes(data)
        used(Organization.load(path))


@given(anything(JSON))
def test_a_damaged_organization_in_json_is_read_or_refused(data: bytes) -> None:
    """Whatever a JSON file of an organization holds, it is read, written again and used, or refused."""
    with tempfile.TemporaryDirectory() as place, refused_at_most():
        path = Path(place) / "organization.json"
        path.write_bytes(data)
        used(Organization.load(path))


@given(st.data())
def test_a_damaged_organization_in_csv_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever a file of a CSV folder holds, the organization is read, written again and used, or refused."""
    name = data.draw(st.sampled_from(sorted(CSV)))
    with tempfile.TemporaryDirectory() as place, refused_at_most():
        for file, text in CSV.items():
            (Path(place) / file).write_text(text, encoding="utf-8")
        (Path(place) / name).write_bytes(data.draw(anything(CSV[name])))
        used(Organization.load(place))


# -- events ------------------------------------------------------------------------------------------------------------

EVENTS = """\
{"id": "e1", "type": "incident.reported", "date": "2024-03-01", "person": "m1", "severity": "low", "case": "K1", "amount": 1.5}
{"specversion": "1.0", "id": "e2", "source": "/oa", "type": "meeting.held", "time": "2024-03-02T09:00:00+08:00", "subject": "K1", \
"data": {"unit": "t", "kind": "team", "persons": ["p1"]}}
{"id": "e3", "type": "unit.merged", "date": "2024-03-05", "units": ["t"], "into": "d"}
{"id": "e4", "type": "relation.changed", "date": "2024-03-06", "relation": "succeeds", "from": "c", "to": "d"}
{"id": "e5", "type": "post.assumed", "date": "2024-03-06", "recorded": "2024-03-09", "post": "d.manager", "person": "p1"}
{"id": "e6", "type": "event.retracted", "date": "2024-03-07", "target": "e1", "source_": "host"}
{"id": "e7", "type": "deadline.extended", "date": "2024-03-07", "obligation": "C-1-1a.meet/K1", "due": "2024-06-01", \
"by": "x", "document": "y"}
{"id": "e8", "type": "recusal.declared", "date": "2024-03-07", "case": "K1", "persons": ["p1"]}
{"id": "e9", "type": "unit.split", "date": "2024-03-08", "unit": "d", "into": ["d1", "d2"], "members": {"m1": "d1"}}
{"id": "e10", "type": "nobody.declared", "date": "2024-03-08", "deep": [[[{"a": null}]]], "x": 9223372036854775807}
"""


@given(anything(EVENTS))
def test_damaged_lines_of_events_are_read_or_refused(data: bytes) -> None:
    """Whatever lines of events hold, each is recorded or refused, and a refused one leaves the ledger as it was."""
    ledger = Ledger(POLICY, STANDING, matcher="python")
    for number, event in iter_lines(data, POLICY.event_types):
        if isinstance(event, AccountabilityError):
            assert f"events:{number}: " in str(event) and "\n" not in str(event)
            continue
        assert read_event(written(event)) == event
        before = ledger.events, ledger.day
        try:
            ledger.submit(event)
        except AccountabilityError as problem:
            assert type(problem) in LEAVES and "\n" not in str(problem)
            assert (ledger.events, ledger.day) == before
    with refused_at_most():
        ledger.advance("2024-06-02")
        ledger.assessment()


def written(event: Event) -> object:
    """Return what is read from the line of JSON that the event is written as."""
    return read_json(canonical(write_event(event)), where="line", error=AccountabilityError)


# -- parameters --------------------------------------------------------------------------------------------------------

PARAMETERS = """\
sample = true
[meet_within]
value = "7d"
set_by = "the board"
document = "minutes 3"
[[train_every]]
value = "year"
to = 2023-12-31
[[train_every]]
value = "half-year"
from = 2024-01-01
["company.audit_window"]
value = ["06-20", "07-10"]
[missing_level]
value = "substitute:d"
[trainer]
value = "c"
[quorum]
value = "more_than_half_of_unrecused"
"""


@given(anything(PARAMETERS))
def test_a_damaged_file_of_parameters_is_read_or_refused(data: bytes) -> None:
    """Whatever a file of parameters holds, it is read and used by the policy, or refused with a PackError."""
    with tempfile.TemporaryDirectory() as place, refused_at_most():
        path = Path(place) / "parameters.toml"
        path.write_bytes(data)
        policy = POLICY.with_parameters(load_parameters(path))
        reading(policy, "zh")
        ledger = Ledger(policy, STANDING, matcher="python")
        ledger.submit(REPORT)
        ledger.advance("2024-06-02")
        ledger.assessment()


# -- command line ------------------------------------------------------------------------------------------------------

_LINES = [
    "check ORG EVENTS --pack PACK --params PARAMS --as-of 2024-04-01 --known-as-of 2024-03-05 --format json --language en",
    "due ORG EVENTS --pack PACK --param meet_within=7d --as-of 2024-03-04 --within 30d --unit t",
    "diff ORG EVENTS --pack PACK --as-of 2024-04-01 --to-param meet_within=9d --to-pack PACK --in-force 2024-01-01 -",
    "explain ORG EVENTS --pack PACK --as-of 2024-04-01 --all --rules C-1 --adopt C-2b",
    "why-not ORG EVENTS C-1-1a.meet K1 --pack PACK --as-of 2024-04-01",
    "lint PACK --format json --coverage",
    "read PACK --language en",
    "params PACK",
    "test PACK",
    "schema PACK",
]
_WORDS = [
    *_TOKENS, "-", "--", "-h", "--version", "--as-of", "2024-13-01", "--param", "=", "a=b=c", "meet_within=", "K1", "ORG",
    "EVENTS", "PACK", "PARAMS", "check", "chekc", "university", "--limit", "depth=0", "event_bytes=9", "--pack", "--all",
    "--format", "xml", "--within", "--in-force", "--rules", "--adopt", "", " ", "PACK/pack.toml", "/nowhere",
]  # fmt: skip


@pytest.fixture(scope="module")
def files() -> Iterator[dict[str, str]]:
    """Good files for the words that stand for them."""
    with tempfile.TemporaryDirectory() as place:
        for name, text in (("ORG.toml", ORGANIZATION), ("EVENTS.jsonl", EVENTS), ("PARAMS.toml", PARAMETERS)):
            (Path(place) / name).write_text(text, encoding="utf-8")
        found = {path.stem: str(path) for path in Path(place).iterdir()}
        yield {**found, "PACK": str(PACKS[0])}


def ran(arguments: list[str]) -> tuple[int, str]:
    """Run the command line; return its exit code and what it wrote to stderr."""
    err = io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(EVENTS.encode()))
    with redirect_stdout(io.StringIO()), redirect_stderr(err), mock.patch.object(sys, "stdin", stdin):
        return main(arguments), err.getvalue()


@given(st.data())
def test_a_damaged_command_line_is_answered_or_refused(files: dict[str, str], data: st.DataObject) -> None:
    """Whatever the words of a command line are, it is answered, or refused with exit code 2 in one line on stderr."""
    words = data.draw(st.sampled_from(_LINES)).split()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        how = data.draw(st.sampled_from(["drop", "double", "other", "further", "damage"]))
        word, other = words[at], data.draw(st.sampled_from(_WORDS))
        put = {"drop": [], "double": [word, word], "other": [other], "further": [word, other]}.get(how)
        if put is None:
            put = [data.draw(damaged(word)).decode("utf-8", "surrogateescape")]
        words[at : at + 1] = put
        words = words or [""]
    code, err = ran([files.get(word, word) for word in words])
    assert code in (0, 1, 2, 3), err
    assert "Traceback" not in err and err.count("\n") <= 1
    if code == 2 and words[0] != "lint":
        assert err.startswith("accountability: ")


@given(st.data())
def test_a_command_on_damaged_files_answers_or_refuses(files: dict[str, str], data: st.DataObject) -> None:
    """Whatever the files of a command hold, it answers, or refuses in one line on stderr; the good files work right after."""
    name, text = data.draw(st.sampled_from([("ORG", ORGANIZATION), ("EVENTS", EVENTS), ("PARAMS", PARAMETERS)]))
    end = {"ORG": ".toml", "EVENTS": ".jsonl", "PARAMS": ".toml"}[name]
    words = data.draw(st.sampled_from(_LINES[:5])).split()
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"damaged{end}"
        path.write_bytes(data.draw(anything(text)))
        named = {**files, name: str(path)}
        code, err = ran([named.get(word, word) for word in words])
    assert code in (0, 1, 2, 3), err
    assert "Traceback" not in err and err.count("\n") <= 1
    if code == 2:  # an answer may stand beside it, when single events contradict the organization
        assert err.startswith("accountability: ")
    assert ran([files.get(word, word) for word in _LINES[0].split()])[0] in (0, 1, 3)
