"""Events and plain data: what is read, what is refused with its place and reason, and when two events are one."""

from __future__ import annotations

import hashlib
import itertools
import json
import pickle
import string
import time
import tracemalloc
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from accountability.errors import AccountabilityError, EventError
from accountability.event import Event, iter_lines, read_event, read_events, typed, write_event, written_event
from accountability.event_type import EventType, FieldType
from accountability.plain import LIMITS, Limits, canonical, check_id, check_plain, read_json

HOSTILE = Path(__file__).parent / "hostile"
OVERDUE_FIELDS = {
    "task": "text",
    "days": "int?",
    "unit": "unit?",
    "amount": "decimal?",
    "limit": "decimal?",
    "reason": "text?",
}
OVERDUE = EventType("task.overdue", {name: FieldType.parse(text) for name, text in OVERDUE_FIELDS.items()})
DECLARED = {"task.overdue": OVERDUE}
GOOD = (HOSTILE / "events" / "000-control-valid.jsonl").read_text().strip()


def cloud(**changes: object) -> dict[str, Any]:
    """Return the CloudEvents object of the control case with some attributes changed."""
    return {**json.loads(GOOD), **changes}


def flat(**changes: object) -> dict[str, Any]:
    """Return a problem of a member in the plain form with some keys changed."""
    return {"id": "e1", "date": "2025-03-03", "type": "member.problem", "person": "m1", "case": "K1", **changes}


def test_the_first_bad_line_stops_read_events() -> None:
    """`read_events` raises the first error, which begins with file and line."""
    path = HOSTILE / "events" / "038-half-line-at-end.jsonl"
    with pytest.raises(EventError) as refused:
        read_events(path)
    assert str(refused.value).startswith(f"{path}:2: ")


def test_numbers_are_kept_as_they_were_written() -> None:
    """`0.1` and `0.30000000000000004` are read as these very decimals and written as the same text."""
    (event,) = read_events(HOSTILE / "events" / "005-float-precision-vs-decimal.jsonl", DECLARED)
    assert (event.get("amount"), event.get("limit")) == (Decimal("0.1"), Decimal("0.30000000000000004"))
    assert '"amount":0.1,"limit":0.30000000000000004' in canonical(write_event(event))


def test_equal_lines_are_equal_events_and_sources_tell_events_apart() -> None:
    """A repeated line gives an equal event; the same id of another source is another key."""
    one, same = read_events(HOSTILE / "events" / "020-duplicate-same-content.jsonl")
    assert (one, hash(one)) == (same, hash(same))
    ours, theirs = read_events(HOSTILE / "events" / "022-same-id-other-source.jsonl")
    assert (ours.key, theirs.key) == (("/oa/tasks", "e-1"), ("/crm", "e-1"))
    assert ours != theirs


def test_the_date_is_the_one_written_not_the_one_in_utc() -> None:
    """An event at 09:00+23:59 is of the day that is written, though in UTC it is still the day before."""
    lines = (HOSTILE / "events" / "016-offset-odd.jsonl").read_bytes().splitlines()
    assert read_events([lines[0]])[0].date == date(2026, 3, 2)


def test_keys_of_python_and_javascript_are_plain_names() -> None:
    """A field `__class__` of an undeclared type is kept as data and reaches no attribute of the event."""
    (event,) = read_events(HOSTILE / "events" / "033-prototype-and-dunder-keys.jsonl")
    assert event.get("__class__") == "x"
    assert event.get("__proto__") == {"admin": True}
    assert event.get("__dict__") is None


@pytest.mark.parametrize(
    "time_",
    [
        "2025-03-03T09:00:00+08:00",
        "2025-03-03t23:59:59z",
        "2025-03-03T00:00:00.123456789Z",
        "2025-03-03T00:00:00-23:59",
    ],
)
def test_an_rfc_3339_time_gives_its_date(time_: str) -> None:
    """A time with date, time and offset is read, with fractions, in either letter case, with any offset below a day."""
    assert read_event(cloud(time=time_)).date == date(2025, 3, 3)


@pytest.mark.parametrize(
    "time_",
    [
        "2025-03-03T23:59:60Z",
        "2025-02-29T00:00:00Z",
        "2025-03-03T09:00Z",
        "2025-03-03T09:60:00Z",
        "2025-03-03T09:00:00+0800",
        "2025-03-03T09:00:00+08:60",
        "2025-3-3T09:00:00Z",
        "２０２５-03-03T09:00:00Z",
        "2025-W10-1T09:00:00Z",
        "20250303T090000Z",
        " 2025-03-03T09:00:00Z",
        "2025-03-03T09:00:00Z\n",
        "2025-03-03T09:00:00.Z",
        "1899-12-31T09:00:00Z",
        "2201-01-01T09:00:00Z",
        "",
    ],
)
def test_an_impossible_or_half_time_is_refused(time_: str) -> None:
    """No leap second, no 29 February 2025, no missing part, no basic form, no foreign digits, no other century."""
    with pytest.raises(EventError, match=r"^event `e-1`: the time "):
        read_event(cloud(time=time_))


def test_a_cloud_event_is_read_by_its_names() -> None:
    """`time`, `subject`, `data` and the extension `recordedtime` give date, case, fields and recorded date."""
    event = read_event(cloud(recordedtime="2026-03-09T01:00:00+08:00", traceparent="00-ab", dataschema="x:y"))
    assert event.key == ("/oa/tasks", "e-1")
    assert (event.type, event.date, event.recorded) == ("task.overdue", date(2026, 3, 2), date(2026, 3, 9))
    assert (event.case, event.fields) == ("person/p3", {"task": "T-7", "days": 4, "unit": "u2"})


def test_the_case_in_data_goes_before_the_subject() -> None:
    """`case` in `data` is the case and no field; the subject may then be any text."""
    event = read_event(cloud(subject="a text, with spaces", data={"case": "K1", "task": "T"}))
    assert (event.case, dict(event.fields)) == ("K1", {"task": "T"})
    assert read_event(cloud(data={"case": None})).case == "person/p3"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (cloud(recordedtim="2026-03-09T00:00:00Z"), "`recordedtim` is no attribute .*, did you mean `recordedtime`"),
        (cloud(Subject="K1"), "`Subject` is no attribute .*, did you mean `subject`"),
        (cloud(data_base64="AA=="), "`data_base64` is no attribute"),
        (cloud(extension={"a": 1}), "`extension` is no attribute .*; put it into `data`"),
        (cloud(data=[1]), "`data` is .*; write an object of fields"),
        (cloud(datacontenttype="text/xml"), "the datacontenttype `text/xml` can not be read"),
        (cloud(datacontenttype=1), "the datacontenttype `1` can not be read"),
        (cloud(specversion=1), "the specversion `1` can not be read"),
        (cloud(id=None), "`id` is missing"),
        (cloud(id=7), "the id of the kind `int` is no id"),
        (cloud(source=""), "the source `` is no id"),
        ({k: v for k, v in cloud().items() if k != "time"}, "`time` is missing"),
        (flat(type=None), "`type` is missing"),
        (flat(date="2025-02-30"), "the date `2025-02-30` is no date"),
        (flat(date="2025-03-03T00:00:00Z"), "the date .* is no date"),
        (flat(date=20250303), "the date `20250303` is no date"),
        (flat(recorded="soon"), "the recorded date `soon` is no date"),
        (flat(case_="K2"), "`case` can not be a field"),
        (flat(score=0.5), "`score` is a float; write decimals as text or Decimal"),
        (flat(score=float("nan")), "`score` is a float"),
        (flat(score=Decimal("NaN")), "`score` is no finite number"),
        (flat(score=Decimal("1E+64")), "`score` has more than 64 digits"),
        (flat(tags={"a"}), "`tags` is of the kind `set`"),
        (flat(at=datetime(2025, 3, 3)), "`at` is of the kind `datetime`"),
        (flat(raw=b"x"), "`raw` is of the kind `bytes`"),
        ({**flat(), 7: "x"}, "has a key of the kind `int`"),
        ([flat()], "is no event; write an object"),
        ("member.problem", "is no event; write an object"),
        (None, "is no event; write an object"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(data: object, message: str) -> None:
    """Each fault of an event is one sentence that quotes the value and names the nearest known word."""
    with pytest.raises(EventError, match=message) as refused:
        read_event(data)
    assert str(refused.value).startswith("event")


def test_the_plain_form_holds_fields_beside_the_events_own_words() -> None:
    """Type, date, id, source, recorded and case are the event's own; all else is a field; `source_` is the field."""
    event = read_event(
        {"type": "event.retracted", "date": date(2025, 4, 1), "target": "e1", "source_": "/oa", "reason": None}
    )
    assert (event.source, event.case, event.recorded) == ("host", None, None)
    assert event.fields == {"source": "/oa", "target": "e1"}
    assert event.get("source") == "/oa"


def test_an_event_made_by_hand_is_the_event_that_was_read() -> None:
    """The constructor takes the same words as the plain form; a trailing underscore makes Python's words usable."""
    made = Event(
        "doc.submitted",
        id="e3",
        date="2025-03-09",
        recorded="2025-03-20",
        case="K1",
        from_="U.B11",
        to="U.GB1",
        kind=None,
    )
    given = {"id": "e3", "date": "2025-03-09", "recorded": "2025-03-20", "case": "K1", "from": "U.B11", "to": "U.GB1"}
    assert made == read_event({"type": "doc.submitted", **given})
    assert dict(made.fields) == {"from": "U.B11", "to": "U.GB1"}
    assert (made.get("from"), made.get("case"), made.get("date")) == ("U.B11", "K1", date(2025, 3, 9))
    assert (made.get("kind"), made.get("kind", "none")) == (None, "none")
    with pytest.raises(EventError, match="`from` is given twice"):
        Event("doc.submitted", date="2025-03-09", **{"from": "a", "from_": "b"})


def test_an_event_is_known_from_the_later_of_its_two_days() -> None:
    """The day of knowledge is the recorded date, unless the fact came later; `recorded_on` changes nothing else."""
    event = Event("a.b", date="2025-03-03", id="e1")
    assert event.known == date(2025, 3, 3)
    later = event.recorded_on("2025-03-20")
    assert (later.known, later.recorded, event.recorded) == (date(2025, 3, 20), date(2025, 3, 20), None)
    assert event.recorded_on("2025-01-01").known == date(2025, 3, 3)
    assert (later.key, later.content) == (event.key, event.content)
    assert later != event
    with pytest.raises(EventError, match=r"^event `e1`: the recorded date"):
        event.recorded_on("tomorrow")


def test_an_event_without_an_id_is_named_by_its_content() -> None:
    """The id is `auto-` and 16 hex digits of the SHA-256 of the canonical content, the same on every machine."""
    event = Event("a.b", date="2025-03-03", x=1)
    content = '{"case":null,"date":"2025-03-03","fields":{"x":1},"type":"a.b"}'
    assert event.content == content
    assert event.id == "auto-" + hashlib.sha256(content.encode()).hexdigest()[:16]
    assert event.id == Event("a.b", date="2025-03-03", x=Decimal("1.0"), recorded="2025-04-01").id
    assert event.id != Event("a.b", date="2025-03-03", x=2).id


def test_an_event_can_not_be_changed_and_travels_between_processes() -> None:
    """Attributes, fields and their parts are read-only; a pickled event comes back equal."""
    event = Event("a.b", date="2025-03-03", order=["x", "y"], parts={"k": [1]})
    with pytest.raises(FrozenInstanceError):
        event.type = "c.d"  # type: ignore[misc]
    with pytest.raises(TypeError):
        event.fields["order"] = ()  # type: ignore[index]
    assert (event.get("order"), event.get("parts")["k"]) == (("x", "y"), (1,))
    assert pickle.loads(pickle.dumps(event)) == event
    assert hash(event.fields) == hash(pickle.loads(pickle.dumps(event)).fields)
    assert write_event(event)["data"] == {"order": ["x", "y"], "parts": {"k": [1]}}


def test_declared_fields_are_read_as_their_types() -> None:
    """Ids, days, decimals, lists, choices and maps come out as text, `date`, `Decimal`, tuple, text and mapping."""
    fields = {
        "by": "unit",
        "due": "date",
        "score": "decimal",
        "order": "list of unit",
        "kind": ["支委会", "支部大会", "?"],
        "collective": "bool",
        "year": "int",
        "weights": "map",
        "target": "event",
        "obligation": "obligation",
    }
    declared = {"a.b": EventType("a.b", {name: FieldType.parse(text) for name, text in fields.items()})}
    given = {
        "by": "组织部.head",
        "due": "2025-04-30",
        "score": "85.50",
        "order": ["U.B11", "U.B12"],
        "kind": "支委会",
        "collective": False,
        "year": 2025,
        "weights": {"U.B11": 1},
        "target": "/oa?id=1",
        "obligation": "P1-5-3b/" + "K" * 200,
    }
    event = typed(Event("a.b", date="2025-01-01", **given), declared)
    assert dict(event.fields) == {
        **given,
        "due": date(2025, 4, 30),
        "score": Decimal("85.5"),
        "order": ("U.B11", "U.B12"),
    }
    assert typed(event, declared) == event
    assert FieldType("decimal").read(3, where="x") == Decimal(3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tsk": "x"}, "`task.overdue` has no field `tsk`, did you mean `task`?"),
        ({"recoded": "x"}, "`task.overdue` has no field `recoded`, did you mean `recorded`?"),
        ({"zzzzzz": "x"}, "`task.overdue` has no field `zzzzzz`; it has `unit`, `task`, "),
        ({"date_": "2025-01-01"}, "has no field `date`"),
        ({"task": None}, "`task.overdue` needs the field `task`; give a text"),
        ({"task": 7}, "the field `task`: `7` is not a text"),
        ({"days": True}, "the field `days`: `True` is not a whole number"),
        ({"days": "4"}, "the field `days`: `4` is not a whole number"),
        ({"days": Decimal("4.5")}, "the field `days`: `4.5` is not a whole number"),
        ({"amount": "1e3"}, "the field `amount`: `1e3` is not a decimal"),
        ({"amount": "9" * 65}, "the field `amount`: .* has more than 64 digits"),
        ({"amount": True}, "the field `amount`: `True` is not a decimal"),
        ({"unit": "a b"}, "the field `unit`: the unit `a b` holds U[+]0020 .SPACE"),
        ({"unit": ["u2"]}, "the field `unit`: .* is not the id of one unit"),
    ],
)
def test_a_field_that_does_not_fit_is_refused(changes: dict[str, object], message: str) -> None:
    """The message names the event, the field in backticks, and what was expected or the nearest known field."""
    event = read_event({"id": "e-1", "type": "task.overdue", "date": "2026-03-02", "task": "T-7", **changes})
    with pytest.raises(EventError, match=message) as refused:
        typed(event, DECLARED)
    assert str(refused.value).startswith("event `e-1`: ")


def test_unit_and_case_are_known_to_every_event() -> None:
    """A declared type takes a unit without declaring it; a declared case must be there unless it is optional."""
    plain = EventType("a.b", {}, actor="unit")
    assert typed(Event("a.b", date="2025-01-01", unit="U.B11"), {"a.b": plain}).get("unit") == "U.B11"
    needs = {"a.b": evolve(plain, fields={"case": FieldType("case")})}
    with pytest.raises(EventError, match=r"`a.b` needs the field `case`"):
        typed(Event("a.b", date="2025-01-01"), needs)
    event = typed(Event("a.b", date="2025-01-01", case="K1"), needs)
    assert (event.case, dict(event.fields)) == ("K1", {})


def test_an_event_of_an_undeclared_type_is_kept_as_it_came() -> None:
    """Nothing is known of its fields, so nothing is refused; the policy reports the type later."""
    event = read_event(cloud(type="no.such.type"))
    assert typed(event, DECLARED) is event


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("person", FieldType("person")),
        ("person?", FieldType("person", optional=True)),
        ("list of unit", FieldType("unit", many=True)),
        ("list of unit?", FieldType("unit", many=True, optional=True)),
        (["agree", "disagree"], FieldType("choice", ("agree", "disagree"))),
        (["agree", "?"], FieldType("choice", ("agree",), optional=True)),
    ],
)
def test_a_field_type_is_read_from_its_declaration(declaration: object, expected: FieldType) -> None:
    """A word, a question mark for optional, `list of`, or the list of the allowed texts."""
    assert FieldType.parse(declaration) == expected


@pytest.mark.parametrize(
    "declaration",
    ["persn", "", "list of", "list of list of unit", "person??", "choice", [], ["?"], ["a", "a"], ["a", 1], 7, None],
)
def test_a_field_type_that_does_not_exist_is_refused(declaration: object) -> None:
    """What is no type of a field is a `ValueError` of one sentence."""
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        FieldType.parse(declaration)
    with pytest.raises(ValueError, match="did you mean `person`"):
        FieldType.parse("persn")


def test_a_type_of_events_is_checked_when_it_is_declared() -> None:
    """No field may take the name of what every event has, and the actor is a field."""
    with pytest.raises(ValueError, match="declares a field `id`"):
        EventType("a.b", {"id": FieldType("text")})
    with pytest.raises(ValueError, match="has no field `frm`, did you mean `from`"):
        EventType("a.b", {"from": FieldType("unit")}, actor="frm")
    assert hash(OVERDUE) == hash(pickle.loads(pickle.dumps(OVERDUE)))


@pytest.mark.parametrize(
    "text", ["U.B11", "组织部.head", "e-1", "a/b:c#d@e+f_g%20~", "二〇二五", "é", "отдел", "x" * 128]
)
def test_an_id_is_letters_digits_and_a_few_marks(text: str) -> None:
    """Latin and Chinese may stand together, and any one other script alone; an id is returned unchanged."""
    assert check_id(text, what="unit", where="here", error=EventError) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no id; write a text of 1 to 128 characters"),
        ("x" * 129, "no id; write a text of 1 to 128 characters"),
        (None, "of the kind `NoneType` is no id"),
        (5, "of the kind `int` is no id"),
        ("a b", "U+0020 (SPACE)"),
        ("a\u3000b", "U+3000 (IDEOGRAPHIC SPACE)"),
        ("a\n", "U+000A"),
        ("a\u200b", "U+200B (ZERO WIDTH SPACE)"),
        ("a\u202eb", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("a\ufeff", "U+FEFF"),
        ("\ud800", "U+D800"),
        ("\u115f", "U+115F (HANGUL CHOSEONG FILLER)"),
        ("a'b", "U+0027 (APOSTROPHE)"),
        ("a?b", "U+003F"),
        ("p３", "not in normal form; write `p3`"),
        ("e\u0301", "not in normal form; write `é`"),
        ("ａ", "not in normal form; write `a`"),
        ("١", "U+0661 (ARABIC-INDIC DIGIT ONE)"),
        ("р1a", "mixes letters of CYRILLIC and LATIN"),
        ("αb", "mixes letters of GREEK and LATIN"),
        ("组р", "mixes letters of CJK and CYRILLIC"),
        ("\u0958", "is not in normal form; use letters that have one"),
    ],
)
def test_an_id_that_can_be_mistaken_is_refused(text: object, message: str) -> None:
    """Nothing invisible, no look-alike, no second spelling: the character or the normal form is named."""
    with pytest.raises(EventError) as refused:
        check_id(text, what="unit", where="here", error=EventError)
    assert str(refused.value).startswith("here: the unit ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": {"then": 1, "then": 2}}', "the key `then` is given twice"),
        ("[NaN]", "`NaN` is not JSON"),
        ("[-Infinity]", "`-Infinity` is not JSON"),
        ("[-9223372036854775809]", "`-9223372036854775809` is beyond 64 bit"),
        ("[" + "9" * 5000 + "]", "is beyond 64 bit"),
        ("[1e999999999999999999999]", "is no finite number"),
        ("[1e64]", "has more than 64 digits"),
        ("[0." + "1" * 65 + "]", "has more than 64 digits"),
        ("[" * 33 + "]" * 33, "is nested deeper than 32"),
        ("[" * 100_000, "is nested deeper than 32"),
        ('{"a":' * 100_000, "is nested deeper than 32"),
        ('["\\ud800"]', "`0` holds a NUL character or a lone surrogate"),
        ('["\ud800"]', "`0` holds a NUL character or a lone surrogate"),
        ('{"a\\u0000": 1}', "has a key .* that holds a NUL character"),
        ('{"' + "k" * 513 + '": 1}', "has a key .* that is longer than 512 characters"),
        ('["' + "t" * 16_385 + '"]', "is longer than 16384 characters"),
        ("{'a': 1}", "is not JSON at line 1 column 2"),
        ("[1,\n2\n3]", "is not JSON at line 3 column 1"),
        ("", "is not JSON at line 1 column 1"),
        ("[1] [2]", "is not JSON at line 1 column 5"),
        (b'["\xed\xa0\x80"]', "is not UTF-8 at byte 3"),
        ("[1]".encode("utf-16"), "is not UTF-8 at byte 1"),
        (b'["\\' + b'\\"' * 30_000, "is not JSON"),
    ],
    ids=itertools.count(1),
)
def test_a_text_that_is_not_strict_json_is_refused(text: str | bytes, message: str) -> None:
    """The message begins with the place and says what is wrong, in less than a second."""
    start = time.perf_counter()
    with pytest.raises(EventError, match=message) as refused:
        read_json(text, where="f.json", error=EventError)
    assert str(refused.value).startswith("f.json: ")
    assert time.perf_counter() - start < 1


def test_what_is_strict_json_is_read_exactly() -> None:
    """The widest whole numbers, decimals of any writing, a byte order mark and brackets in texts are read as such."""
    read = read_json(
        '\ufeff{"a":[-9223372036854775808,9223372036854775807,1.10,1e2,true,null,"{[\\"[["]}',
        where="f",
        error=EventError,
    )
    assert read == {"a": [-(2**63), 2**63 - 1, Decimal("1.10"), Decimal(100), True, None, '{[\\"[['.replace("\\", "")]}
    assert isinstance(read["a"][3], Decimal)
    deepest = read_json("[" * 32 + "]" * 32, where="f", error=EventError)
    check_plain(deepest, where="f", error=EventError)
    with pytest.raises(EventError, match="is nested deeper than 32"):
        check_plain([deepest], where="f", error=EventError)
    texts = '["' + "[" * 100 + '"]'
    assert read_json(texts, where="f", error=EventError) == ["[" * 100]


def test_structures_that_share_or_hold_themselves_are_bounded() -> None:
    """A list that holds itself is too deep, and ten levels of ten shared lists are too long: both refused at once."""
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(EventError, match="is nested deeper than 32"):
        read_event(flat(parts=loop))
    bomb: object = "lol"
    for _ in range(10):
        bomb = [bomb] * 10
    with pytest.raises(EventError, match="makes the whole longer than 65536 bytes"):
        read_event(flat(parts=bomb))


@pytest.mark.parametrize(
    ("number", "text"),
    [  # RFC 8785, 3.2.2.3 and its appendix B, as far as decimals have these values
        ("1E30", "1e+30"),
        ("4.50", "4.5"),
        ("2e-3", "0.002"),
        ("0.000000000000000000000000001", "1e-27"),
        ("0.000001", "0.000001"),
        ("1E-7", "1e-7"),
        ("-0.0000033333333333333333", "-0.0000033333333333333333"),
        ("999999999999999900000.5", "999999999999999900000.5"),
        ("1E21", "1e+21"),
        ("-1.5E-9", "-1.5e-9"),
        ("-0", "0"),
    ],
)
def test_numbers_are_written_as_rfc_8785_says(number: str, text: str) -> None:
    """A decimal is written in the form of ECMAScript, with all its digits, and read as the same number."""
    assert canonical(Decimal(number)) == text
    assert read_json(text, where="n", error=EventError) == Decimal(number)


def test_keys_are_sorted_as_rfc_8785_says() -> None:
    """Keys are in the order of their UTF-16 units, in which a character beyond the first plane comes before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    written = canonical(dict.fromkeys(keys, 0))
    assert list(json.loads(written)) == ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_the_canonical_text_is_one_for_equal_data() -> None:
    """Keys are sorted, numbers in their shortest exact form, days ISO text; text outside ASCII stays readable."""
    value = {
        "b": [Decimal("1.50"), Decimal("-0.0"), Decimal("1E+2"), 3, True, None],
        "a": date(2025, 3, 3),
        "组": "支部",
    }
    assert canonical(value) == '{"a":"2025-03-03","b":[1.5,0,100,3,true,null],"组":"支部"}'
    assert canonical(Decimal("1E+20")) == "100000000000000000000.0"
    for value in (0.5, Decimal("NaN"), {1}):
        with pytest.raises(TypeError):
            canonical(value)


def test_a_line_over_the_limit_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    """A line of 64 MB is an error that names the limit, costs no memory of its size, and hides no other line."""
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(GOOD.encode() + b"\n")
        for _ in range(64):
            file.write(b" " * 2**20)
        file.write(b"\n" + GOOD.encode() + b"\r\n")
    tracemalloc.start()
    found = list(iter_lines(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(number, type(event)) for number, event in found] == [(1, Event), (2, EventError), (3, Event)]
    assert str(found[1][1]).startswith(f"{path}:2: the text is longer than 65536 bytes")
    assert peak < 4 * 2**20


def test_an_event_may_be_as_long_as_the_limit_and_no_longer() -> None:
    """The limit counts the bytes of the line; what the constructor takes can be written as such a line."""
    texts = {f"t{n}": "字" * 5_000 for n in range(4)}
    room = 65_536 - len(canonical(write_event(Event("a.b", date="2025-01-01", id="e", **texts, rest=""))).encode())
    fits = Event("a.b", date="2025-01-01", id="e", **texts, rest="x" * (room - 8))
    assert read_events([canonical(write_event(fits))]) == (fits,)
    with pytest.raises(EventError, match=r"^event `e`: .* longer than 65536 bytes"):
        Event("a.b", date="2025-01-01", id="e", **texts, rest="x" * (room + 1))


def test_a_number_too_long_to_be_printed_is_refused_like_any_other() -> None:
    """A whole number of 5,001 digits in a host's own object is an `EventError`, wherever it stands."""
    for wrong in ({"id": 10**5000}, {"date": 10**5000}, {"person": 10**5000}, {10**5000: 1}):
        with pytest.raises(EventError):
            read_event({**flat(), **wrong})
    with pytest.raises(EventError, match=r"^event: the id of the kind `int` is no id"):
        Event("a.b", date="2025-01-01", id=10**5000)  # type: ignore[arg-type]


def test_limits_are_the_hosts_to_set() -> None:
    """Every limit is a positive whole number that a host may change, and readers keep to the one given."""
    assert (LIMITS.event_bytes, LIMITS.file_bytes, LIMITS.depth, LIMITS.keys) == (65_536, 256 * 2**20, 32, 1000)
    assert (LIMITS.text, LIMITS.name, LIMITS.id) == (16_384, 512, 128)
    with pytest.raises(EventError, match="of 1 to 2 characters"):
        read_event(flat(id="e12"), limits=Limits(id=2))
    with pytest.raises(EventError, match="longer than 100 bytes"):
        read_events([GOOD], limits=Limits(event_bytes=100))
    for bad in (0, -1, "9"):
        with pytest.raises((ValueError, TypeError)):
            Limits(depth=bad)  # type: ignore[arg-type]


def test_a_json_file_holds_one_list_of_events(tmp_path: Path) -> None:
    """In a `.json` file items are numbered instead of lines, whatever the layout of the text."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps([flat(), flat(date="x")], indent=2), encoding="utf-8")
    (first, good), (second, bad) = iter_lines(path)
    assert (first, second, good) == (1, 2, read_event(flat()))
    assert str(bad).startswith(f"{path}:2: event `e1`: the date `x` is no date")


@pytest.mark.parametrize("name", ["absent.jsonl", ".", "nul\0.jsonl"])
def test_a_file_that_can_not_be_read_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    """A missing file, a folder and an impossible path raise `EventError`."""
    with pytest.raises(EventError, match="can not be read"):
        read_events(f"{tmp_path}/{name}")


def test_lines_come_from_a_file_from_bytes_or_from_the_host(tmp_path: Path) -> None:
    """The same lines give the same events by path, as bytes, and as an iterable of text, bytes or objects."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(f"\ufeff{GOOD}\r\n\r\n  \n".encode())
    expected = (read_event(cloud()),)
    assert read_events(path) == read_events(str(path)) == read_events(path.read_bytes()) == expected
    assert read_events([GOOD]) == read_events([GOOD.encode()]) == read_events(iter([cloud()])) == expected  # type: ignore[list-item]


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).filter(
    lambda name: not name.endswith("_") and name not in {"self", "type", "date", "id", "source", "recorded", "case"}
)
IDS = st.text(string.ascii_letters + string.digits + "._-:/#@+%~" + "组织部", min_size=1, max_size=20)
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**30), max_value=10**30),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    DAYS,
)
PLAIN = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(NAMES, part, max_size=4), max_leaves=12
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw any event that a host could make."""
    fields = draw(st.dictionaries(NAMES, PLAIN, max_size=5))
    optional = {name: draw(st.none() | IDS) for name in ("id", "source", "case")}
    return Event(draw(IDS), date=draw(DAYS), recorded=draw(st.none() | DAYS), **optional, **fields)


@given(events())
def test_an_event_that_is_written_and_read_is_the_same(event: Event) -> None:
    """Reading what was written, as an object or as a line of text, gives an equal event with the same content."""
    wire = write_event(event)
    assert read_event(wire) == event
    assert read_events([canonical(wire)]) == (event,)
    assert written_event(canonical(wire)) == event
    assert written_event(canonical(wire)).known == event.known
    assert hash(read_event(wire)) == hash(event)


@given(events(), st.randoms())
def test_the_content_does_not_depend_on_the_order_of_fields(event: Event, random: Any) -> None:
    """Fields in any order give the same content, the same derived id and an equal event."""
    wire = write_event(event)
    shuffled = list(wire["data"].items())
    random.shuffle(shuffled)
    other = read_event({**wire, "data": dict(shuffled)})
    assert (other, other.content, list(other.fields)) == (event, event.content, list(event.fields))


@given(events(), events())
def test_events_are_equal_exactly_when_key_recorded_and_content_are(one: Event, other: Event) -> None:
    """Two events are one when source, id, recorded date and content agree, and then their hashes agree."""
    same = (one.key, one.recorded, one.content) == (other.key, other.recorded, other.content)
    assert (one == other) is same
    assert not same or hash(one) == hash(other)


@given(PLAIN)
def test_canonical_text_reads_back_to_the_same_canonical_text(value: object) -> None:
    """What is plain has a text that is strict JSON and stands for the same value."""
    check_plain(value, where="x", error=EventError)
    text = canonical(value)
    assert canonical(read_json(text, where="x", error=EventError)) == text


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from([*cloud(), *flat(), "x"]), part, max_size=6)
    ),
    max_leaves=10,
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise_anything_but_our_errors(data: bytes) -> None:
    """Whatever the bytes, reading them gives events or an error of the library."""
    try:
        read_events(data, DECLARED)
    except AccountabilityError as problem:
        assert str(problem).startswith("events:")


@given(st.lists(st.text(max_size=80) | JSON_LIKE.map(json.dumps) | st.binary(max_size=40), max_size=4))
def test_no_lines_raise_anything_but_our_errors(lines: list[str | bytes]) -> None:
    """Each line that is not blank gives one event or one error of the library."""
    for number, found in iter_lines(lines, DECLARED):
        assert isinstance(found, Event) or str(found).startswith(f"events:{number}: ")


@given(JSON_LIKE, st.dictionaries(st.sampled_from([*cloud(), *flat()]), JSON_LIKE, max_size=3))
def test_no_object_raises_anything_but_our_errors(data: object, changes: dict[str, object]) -> None:
    """Whatever a host hands over, reading it gives an event or an `EventError`."""
    for given_ in (data, cloud(**changes), flat(**changes)):
        try:
            typed(read_event(given_), DECLARED)
        except EventError as problem:
            assert str(problem).startswith("event")


@given(st.text(max_size=20))
def test_an_id_is_accepted_only_in_its_one_spelling(text: str) -> None:
    """What passes as an id is printable, holds no space, and is its own normal form."""
    try:
        check_id(text, what="id", where="x", error=EventError)
    except EventError:
        return
    assert text.isprintable() and not any(c.isspace() for c in text)
    assert text == unicodedata.normalize("NFKC", text)
