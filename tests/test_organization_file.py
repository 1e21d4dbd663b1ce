"""The files that hold an organization: what they say, how a bad one is refused, and the hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from organizations import day, facts_of, organizations, units, university

from accountability.errors import OrganizationError
from accountability.organization import Organization
from accountability.organization_facts import Absence, Membership, Person, Post, Relation, Seat, Tenure, Unit
from accountability.organization_file import load_organization, read_organization, write_organization

WHOLE = """
[[persons]]
id = "zhang"
name = "张三"
[[persons]]
id = "li"
[[persons]]
id = "wang"

[[units]]
id = "U.PC"
name = "学校党委"
kind = "party_committee"
committee = ["zhang", { person = "li", from = 2024-01-01, to = 2024-12-31 }]

[[units.posts]]
kind = "secretary"
holder = "zhang"

[[units]]
id = "U.GB1"
kind = "general_branch"
subkind = "teaching"
from = 2020-09-01
to = "2030-08-31"
led_by = [{ unit = "U.PC", from = 2020-09-01, ground = "隶属" }]
guided_by = "U.OD"
same_level = ["U.OD"]
committee = []

[[units.posts]]
id = "U.GB1.s"
kind = "secretary"
name = "书记"
head = true
leader = true
portfolio = "党建"
from = 2021-01-01
holders = [
    { person = "li", from = 2022-01-01, to = 2023-12-31, part_time = true },
    { person = "wang", from = 2024-01-01, acting = true },
    { person = "zhang", slot = "B" },
]

[[units]]
id = "U.OD"
kind = "organ"
organ_of = "U.PC"
acts_for = "U.PC"

[[posts]]
id = "U.OD.head"
unit = "U.OD"

[[holders]]
post = "U.OD.head"
person = "wang"

[[tenures]]
post = "U.OD.head"
person = "li"
slot = "B"

[[members]]
person = "li"
unit = "U.GB1"
from = 2010-01-01

[[absences]]
person = "wang"
from = 2025-03-01
to = 2025-03-31

[[relations]]
relation = "succeeds"
source = "U.GB1"
target = "U.OD"
from = 2020-09-01
matter = "party"
"""


def the_whole() -> Organization:
    """The organization of `WHOLE`, written out by hand."""
    return Organization.build(
        persons=[Person("zhang", "张三"), Person("li"), Person("wang")],
        units=[
            Unit("U.PC", "party_committee", "学校党委"),
            Unit("U.GB1", "general_branch", "", "teaching", day("2020-09-01"), day("2030-08-31")),
            Unit("U.OD", "organ"),
        ],
        posts=[
            Post("U.PC.secretary", "U.PC", "secretary"),
            Post("U.GB1.s", "U.GB1", "secretary", "书记", True, True, "党建", day("2021-01-01")),
            Post("U.OD.head", "U.OD", "head"),
        ],
        tenures=[
            Tenure("U.PC.secretary", "zhang"),
            Tenure("U.GB1.s", "li", day("2022-01-01"), day("2023-12-31"), part_time=True),
            Tenure("U.GB1.s", "wang", day("2024-01-01"), acting=True),
            Tenure("U.GB1.s", "zhang", slot="B"),
            Tenure("U.OD.head", "wang"),
            Tenure("U.OD.head", "li", slot="B"),
        ],
        memberships=[Membership("li", "U.GB1", day("2010-01-01"))],
        seats=[Seat("U.PC", "zhang"), Seat("U.PC", "li", day("2024-01-01"), day("2024-12-31")), Seat("U.GB1", None)],
        absences=[Absence("wang", day("2025-03-01"), day("2025-03-31"))],
        relations=[
            Relation("leads", "U.PC", "U.GB1", day("2020-09-01"), ground="隶属"),
            Relation("guides", "U.OD", "U.GB1"),
            Relation("same_level", "U.GB1", "U.OD"),
            Relation("organ_of", "U.OD", "U.PC"),
            Relation("acts_for", "U.OD", "U.PC"),
            Relation("succeeds", "U.GB1", "U.OD", day("2020-09-01"), matter="party"),
        ],
    )


def save(folder: Path, text: str | bytes, name: str = "org.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_says_every_fact(tmp_path: Path) -> None:
    """Every key of the form is read as the fact that it stands for, from TOML and by `Organization.load`."""
    path = save(tmp_path, WHOLE)
    assert facts_of(load_organization(path)) == facts_of(the_whole())
    assert facts_of(Organization.load(str(path))) == facts_of(the_whole())


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    """An organization written as JSON, with a byte order mark or without, is read as it was in TOML."""
    text = json.dumps(write_organization(the_whole()), ensure_ascii=False)
    assert facts_of(load_organization(save(tmp_path, text, "org.json"))) == facts_of(the_whole())
    marked = save(tmp_path, b"\xef\xbb\xbf" + text.encode(), "marked.json")
    assert facts_of(load_organization(marked)) == facts_of(the_whole())
    toml = save(tmp_path, b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert facts_of(load_organization(toml)) == facts_of(the_whole())


@given(organizations())
def test_what_is_written_is_read_with_equal_facts(organization: Organization) -> None:
    """An organization written as plain data and read again has the same facts, also through JSON."""
    data = write_organization(organization)
    assert facts_of(read_organization(data, "host")) == facts_of(organization)
    assert facts_of(read_organization(json.loads(json.dumps(data)), "host")) == facts_of(organization)


def test_a_committee_that_was_recorded_to_be_none_for_a_time_is_written_and_read() -> None:
    """Seats of persons and days without a committee stand beside each other in one list."""
    seats = [Seat("B11", None, to=day("2024-12-31")), Seat("B11", "chen", day("2025-01-01")), Seat("B12", None)]
    organization = university(seats=seats)
    assert write_organization(organization)["units"][4]["committee"] == [
        {"to": "2024-12-31"},
        {"person": "chen", "from": "2025-01-01"},
    ]
    assert facts_of(read_organization(write_organization(organization), "host")) == facts_of(organization)


def test_a_committee_may_stand_in_a_list_of_its_own() -> None:
    """A seat says the same in the list of the file as beside its unit; without a person it records no committee."""
    data = {"units": [{"id": "a", "kind": "branch"}], "committees": [{"unit": "a", "person": "li"}, {"unit": "a"}]}
    assert read_organization(data, "host").seats == (Seat("a", "li"), Seat("a", None))


def test_persons_that_changes_brought_are_registered_when_written() -> None:
    """Where persons are listed, a person that only an event named is listed too, so that the data can be read."""
    organization = Organization.build(units=units("a"), persons=[Person("li")], memberships=[Membership("wu", "a")])
    assert write_organization(organization)["persons"] == [{"id": "li"}, {"id": "wu"}]
    assert read_organization(write_organization(organization), "host").memberships == organization.memberships


def test_nothing_means_absent() -> None:
    """A key whose value is null is as if it were not there."""
    data = {"units": [{"id": "a", "kind": "branch", "to": None, "led_by": None, "committee": None}], "persons": None}
    assert facts_of(read_organization(data, "host")) == facts_of(Organization.build(units=units("a")))


def test_a_name_may_be_as_long_as_the_limit() -> None:
    """A name of 512 characters is kept whole; one more is too long."""
    data = {"units": [{"id": "a", "kind": "branch", "name": "x" * 512}]}
    assert read_organization(data, "host").units["a"].name == "x" * 512


UNIT = '[[units]]\nid = "U.PC"\nkind = "committee"\n'
POST = '[[units.posts]]\nkind = "secretary"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[unit]]\n", "1: unit: the key `unit` is not known, did you mean `units`?"),
        ("units = 3", "1: units: `3` is no list; write a list of tables"),
        ("units = [3]", "1: units[0]: `3` is no table; write one with the keys `id`, `name`, `kind`, `subkind`, "),
        ("[[units]]\nkind = 'x'\n", "1: units[0]: `id` is missing; add it"),
        ("[[units]]\nid = 'x'\n", "1: units[0]: `kind` is missing; add it"),
        (UNIT + "leader = 'x'\n", "4: units[0].leader: the key `leader` is not known; the keys are `id`, "),
        (UNIT + "ledby = 'x'\n", "4: units[0].ledby: the key `ledby` is not known, did you mean `led_by`?"),
        (UNIT + "name = 3\n", "4: units[0].name: `3` is no text; write it in quotation marks"),
        (UNIT + f"name = '{'x' * 513}'\n", "4: units[0].name: `xxx"),
        (UNIT + "from = 2025-02-30\n", "4: `from = 2025-02-30` is not TOML: "),
        (UNIT + "from = '2025-02-30'\n", "4: units[0].from: `2025-02-30` is no date; write YYYY-MM-DD"),
        (UNIT + "from = 1899-12-31\n", "4: units[0].from: `1899-12-31` is no date; write YYYY-MM-DD"),
        (UNIT + "to = 2025-01-01T00:00:00\n", "4: `units.0.to` is of the kind `datetime`"),
        (UNIT + "from = 2025-02-01\nto = 2025-01-31\n", "1: units[0]: unit `U.PC` ends on 2025-01-31 before it begins"),
        (UNIT + "led_by = 5\n", "4: units[0].led_by: `5` is no list; write a list of tables"),
        (
            UNIT + "led_by = ['U.P C']\n",
            "4: units[0].led_by[0].unit: the unit `U.P C` (U+0020 SPACE) looks like `U.PC`",
        ),
        (UNIT + "led_by = 'U.PC '\n", "4: units[0].led_by[0].unit: the unit `U.PC ` (U+0020 SPACE) looks like `U.PC`"),
        (UNIT + "led_by = 'u.pc'\n", "4: units[0].led_by[0].unit: the unit `u.pc` looks like `U.PC`"),
        (UNIT + "led_by = 'U.PC'\n", "4: units[0].led_by[0]: unit `U.PC` stands in the relation `leads` to itself"),
        (
            UNIT + "led_by = [{ unit = 'U.X', form = 2025-01-01 }]\n",
            "4: units[0].led_by[0].form: the key `form` is not",
        ),
        (
            UNIT + "led_by = 'U.PD'\n",
            "4: units[0].led_by[0]: relation `leads` of `U.PD` to `U.PC` names the unit `U.PD`",
        ),
        (UNIT + "committee = [3]\n", "4: units[0].committee[0]: `3` is no table"),
        (UNIT + UNIT, "4: units[1]: unit `U.PC` is given twice; give each id once"),
        (UNIT + "[[units.posts]]\nname = 'x'\n", "4: units[0].posts[0]: `kind` is missing; add it"),
        (UNIT + POST + "head = 'yes'\n", "6: units[0].posts[0].head: `yes` is neither true nor false"),
        (UNIT + POST + "holders = ['a b']\n", "6: units[0].posts[0].holders[0].person: the person `a b` holds U+0020"),
        (
            UNIT + POST + "holders = [{ person = 'li', slot = 'C' }]\n",
            "6: units[0].posts[0].holders[0].slot: `C` is no slot; write `A` or `B`",
        ),
        (
            UNIT + POST + "holders = ['li', 'wu']\n",
            "6: units[0].posts[0].holders[1]: post `U.PC.secretary` is held by `li` and by `wu` from the beginning",
        ),
        (UNIT + "[[posts]]\nid = 'p'\n", "4: posts[0]: `unit` is missing; add it"),
        (UNIT + "[[holders]]\npost = 'p'\nperson = 'li'\n", "4: holders[0]: tenure of `li` names the post `p`, which"),
        (
            UNIT + "[[relations]]\nrelation = 'lead'\nsource = 'a'\ntarget = 'b'\n",
            "5: relations[0].relation: no relation `lead` is known, did you mean `leads`?",
        ),
        (
            UNIT + POST + "holder = 'lee'\n[[persons]]\nid = 'li'\n",
            "6: units[0].posts[0].holder[0].person: no person `lee` is listed; add it to `persons`",
        ),
        ("x = [", "1: `x = [` is not TOML: Invalid value, at column 6; close what is open"),
        ("x = 1\nx = 2", "2: `x = 2` is not TOML: Cannot overwrite a value, at column 6; keep one of the two"),
        ("x = " + "[" * 5000, "1: the lists and tables are nested too deep; flatten them"),
        ("x" + ".x" * 5000 + " = 1", "1: a key has more than 8 parts; flatten it"),
        (
            "x = 1e9999999999999999999",
            "1: `x = 1e9999999999999999999` has a number with an exponent that can not be kept; write it out",
        ),
        ("x = 1" + "0" * 5000, "1: `x = 1000"),
        ("x = nan", "1: `x` is no finite number that can be kept"),
        ('x = "\\u0000"', "1: `x` holds a NUL character or a lone surrogate; remove it"),
        (b"a = 1\nx = '\xff'", "2: the text is not UTF-8; save it as UTF-8"),
        ("a = 1\nx = '党委'".encode("gb18030"), "2: the text is not UTF-8 (it may be GB18030); save it as UTF-8"),
        (
            UNIT + "from = 2025-01-01\n[[members]]\nperson = 'li'\nunit = 'U.PC'\nfrom = 2025-02-01\nto = 2025-01-31\n",
            "5: members[0]: membership of `li` ends on 2025-01-31 before it begins on 2025-02-01; correct one of the days",
        ),
        (
            UNIT + "[[committees]]\nunit = 'U.PD'\nperson = 'li'\n",
            "4: committees[0]: seat of `li` names the unit `U.PD`, which is not there, did you mean `U.PC`?",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    """The message begins with file and line, names the path of the entry, and is one line whatever the file holds."""
    path = save(tmp_path, text)
    with pytest.raises(OrganizationError) as refused:
        load_organization(path)
    assert str(refused.value).startswith(f"{path}:{message}")
    assert "\n" not in str(refused.value)


def test_a_bad_json_file_is_refused_with_the_path_of_the_entry(tmp_path: Path) -> None:
    """JSON has no lines to name; the message begins with the file and the path."""
    path = save(tmp_path, '{"units": [{"id": "a", "kind": "k", "led_by": [{"unt": "b"}]}]}', "org.json")
    with pytest.raises(OrganizationError) as refused:
        load_organization(path)
    expected = f"{path}: units[0].led_by[0].unt: the key `unt` is not known, did you mean `unit`?"
    assert str(refused.value) == expected
    for text, message in (
        ("[]", "`[]` is no table"),
        ("{", "the text is not JSON at line 1"),
        ('{"a":1}', "a: the key `a` is not known; the keys are `units`"),
    ):
        with pytest.raises(OrganizationError, match=f"{path}: {message}".replace("[", r"\[").replace("]", r"\]")):
            load_organization(save(tmp_path, text, "org.json"))


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file, an unknown kind of file and a file over 256 MB are refused by name."""
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    for path, message in (
        (tmp_path / "no.toml", "the file can not be read: No such file or directory; correct the path"),
        (
            tmp_path / "units.csv",
            "the kind of file is not known; name a file that ends in `.toml` or `.json`, or a folder of `.csv` files",
        ),
        (big, "the file is longer than 268435456 bytes; split it or shorten it"),
        (Path("a\0.toml"), "the file can not be read: embedded null byte; correct the path"),
    ):
        with pytest.raises(OrganizationError) as refused:
            load_organization(path)
        assert str(refused.value) == f"{path}: {message}"


def test_plain_data_of_a_host_is_read_with_its_own_name_in_messages() -> None:
    """A host may build an organization from its own source; what is not plain is refused by the name it gives."""
    with pytest.raises(OrganizationError, match=r"^hr database: `units.0.name` is a float; "):
        read_organization({"units": [{"id": "a", "kind": "k", "name": 1.5}]}, "hr database")
    with pytest.raises(OrganizationError, match=r"^hr database: units\[0\]: `kind` is missing; add it$"):
        read_organization({"units": [{"id": "a"}]}, "hr database")


def test_ids_that_only_look_alike_are_refused_by_both_names() -> None:
    """Letters of another script, case, and characters without width make no other id."""
    for twin in ("pа", "PA", "ра", "p\u200ba", "ｐａ"):
        with pytest.raises(OrganizationError, match="looks like `pa`"):
            read_organization({"persons": [{"id": "pa"}, {"id": twin}]}, "host")
    chinese = read_organization({"persons": [{"id": "李"}, {"id": "季"}]}, "host")
    assert set(chinese.persons) == {"李", "季"}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=6)
    | st.dates()
    | st.sampled_from(["a", "b", "c"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "unit", "person", "led_by", "posts", "holders", "from", "to", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["units", "posts", "holders", "members", "persons", "relations"]), plain))
def test_whatever_plain_data_holds_it_is_read_or_refused(data: dict[str, Any]) -> None:
    """No data makes the reader fail otherwise than with an OrganizationError in one line."""
    try:
        read_organization(data, "host")
    except OrganizationError as refused:
        assert str(refused).startswith("host: ")
        assert "\n" not in str(refused)


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text("[]{}=\"'\n.,#\\ax0", max_size=4))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: Any, at: int, cut: int, put: str) -> None:
    """A file with characters cut out or put in is still an organization, or is refused by its name."""
    path = save(tmp_path_factory.getbasetemp(), WHOLE[:at] + put + WHOLE[at + cut :], "damaged.toml")
    try:
        load_organization(path)
    except OrganizationError as refused:
        assert str(refused).startswith(f"{path}:")
        assert "\n" not in str(refused)
