"""The organization as a folder of CSV files: what the rows say, how HR systems write them, and how bad ones are refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from organizations import day, facts_of, organizations

from accountability.cli import main
from accountability.errors import OrganizationError
from accountability.organization import Organization
from accountability.organization_facts import Absence, Membership, Person, Post, Relation, Seat, Tenure, Unit
from accountability.organization_file import load_organization, write_organization

EXAMPLES = Path(__file__).parent.parent / "examples" / "university"

FILES = {
    "units.csv": (
        "id,kind,name,subkind,from,to,led_by,organ_of,acts_for,same_level,guided_by\r\n"
        'pc,party_committee,"学校党委, 含""附属""\r\n医院",,,,,,,,\r\n'
        "\r\n"
        "gb-1,general_branch,,teaching,2020-09-01,2030-08-31,pc,,,od,od\r\n"
        "od,organ,组织部,,,,,pc,pc,,\r\n"
    ),
    "posts.csv": (
        "id,unit,kind,name,head,leader,portfolio,from,to,holder\r\n"
        ",pc,secretary,,,,,,,zhang\r\n"
        "gb-1.s,gb-1,secretary,书记,true,是,党建,2021-01-01,,\r\n"
        "od.head,od,,,TRUE,false,,,,\r\n"
    ),
    "tenures.csv": (
        "post,person,from,to,part_time,acting,slot\r\n"
        "gb-1.s,li,2022-01-01,2023-12-31,是,否,\r\n"
        "gb-1.s,wang,2024/1/1,9999-12-31,,true,A\r\n"
        "gb-1.s,zhang,,,,,B\r\n"
        "od.head,wang\r\n"
    ),
    "memberships.csv": "person,unit,from,to\r\nli,gb-1,20100101,\r\n,,,\r\n",
    "relations.csv": "relation,source,target,from,to,matter,ground\r\nsucceeds,gb-1,od,2020年9月1日,,party,合并\r\n",
    "committees.csv": "unit,person,from,to\r\npc,zhang,,\r\npc,li,2024-01-01,2024-12-31\r\ngb-1,,,2024.12.31\r\n",
    "persons.csv": "id,name\r\nzhang,张三\r\nli,\r\nwang,\r\n",
    "absences.csv": "person,from,to\r\nwang,2025-03-01,2025-03-31\r\n",
}


def the_whole() -> Organization:
    """The organization of `FILES`, written out by hand."""
    return Organization.build(
        persons=[Person("zhang", "张三"), Person("li"), Person("wang")],
        units=[
            Unit("pc", "party_committee", '学校党委, 含"附属"\r\n医院'),
            Unit("gb-1", "general_branch", "", "teaching", day("2020-09-01"), day("2030-08-31")),
            Unit("od", "organ", "组织部"),
        ],
        posts=[
            Post("pc.secretary", "pc", "secretary"),
            Post("gb-1.s", "gb-1", "secretary", "书记", True, True, "党建", day("2021-01-01")),
            Post("od.head", "od", "head", head=True),
        ],
        tenures=[
            Tenure("pc.secretary", "zhang"),
            Tenure("gb-1.s", "li", day("2022-01-01"), day("2023-12-31"), part_time=True),
            Tenure("gb-1.s", "wang", day("2024-01-01"), acting=True),
            Tenure("gb-1.s", "zhang", slot="B"),
            Tenure("od.head", "wang"),
        ],
        memberships=[Membership("li", "gb-1", day("2010-01-01"))],
        seats=[
            Seat("pc", "zhang"),
            Seat("pc", "li", day("2024-01-01"), day("2024-12-31")),
            Seat("gb-1", None, to=day("2024-12-31")),
        ],
        absences=[Absence("wang", day("2025-03-01"), day("2025-03-31"))],
        relations=[
            Relation("leads", "pc", "gb-1"),
            Relation("same_level", "gb-1", "od"),
            Relation("guides", "od", "gb-1"),
            Relation("organ_of", "od", "pc"),
            Relation("acts_for", "od", "pc"),
            Relation("succeeds", "gb-1", "od", day("2020-09-01"), matter="party", ground="合并"),
        ],
    )


def save(folder: Path, **files: str | bytes | None) -> Path:
    """Save the small organization below with these files put in its place, by the name without `.csv`; None for none."""
    small = {
        "units": "id,kind,led_by\npc,committee,\ngb,general_branch,pc\nb-1,branch,gb\n",
        "posts": "unit,kind\ngb,secretary\nb-1,secretary\n",
        "tenures": "post,person,from,to\ngb.secretary,li,,\nb-1.secretary,wu,2024-01-01,\n",
        "memberships": "person,unit\nm-1,b-1\n",
    }
    for name, text in {**small, **files}.items():
        if text is not None:
            (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(OrganizationError) as refused:
        load_organization(folder)
    return str(refused.value)


def test_a_folder_says_every_fact(tmp_path: Path) -> None:
    """Every column is read as the fact that it stands for, with a byte order mark or without, by `Organization.load`."""
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode("utf-8-sig"))
    assert facts_of(Organization.load(tmp_path)) == facts_of(the_whole())
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode())
    assert facts_of(Organization.load(str(tmp_path))) == facts_of(the_whole())


def test_four_files_are_enough(tmp_path: Path) -> None:
    """Without the other files there are no persons, absences, committees and further relations."""
    organization = load_organization(save(tmp_path))
    expected = Organization.build(
        units=[Unit("pc", "committee"), Unit("gb", "general_branch"), Unit("b-1", "branch")],
        posts=[Post("gb.secretary", "gb", "secretary"), Post("b-1.secretary", "b-1", "secretary")],
        tenures=[Tenure("gb.secretary", "li"), Tenure("b-1.secretary", "wu", day("2024-01-01"))],
        memberships=[Membership("m-1", "b-1")],
        relations=[Relation("leads", "pc", "gb"), Relation("leads", "gb", "b-1")],
    )
    assert facts_of(organization) == facts_of(expected)


def test_files_may_have_no_rows(tmp_path: Path) -> None:
    """A needed file with nothing but its heading says that there is none of its kind."""
    organization = load_organization(
        save(tmp_path, units="id,kind", posts="unit", tenures="post,person\n", memberships="person,unit\n\n")
    )
    assert facts_of(organization) == facts_of(Organization())


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    """What file managers and an open Excel leave in a folder is no part of the organization."""
    for name in (".DS_Store", ".~lock.units.csv#", "~$units.csv"):
        (tmp_path / name).write_bytes(b"\0\xff")
    assert len(load_organization(save(tmp_path)).units) == 3


def test_blanks_around_an_id_are_passed_over_and_a_text_is_kept(tmp_path: Path) -> None:
    """Padding around an id, a day, a truth value or a column name means nothing; a name keeps its blanks."""
    units = " id ,kind, name,from,led_by\n pc , committee, 党委 ,2020-01-01 ,\u3000\n"
    posts = "unit,kind,head\npc,secretary, true \n"
    organization = load_organization(
        save(tmp_path, units=units, posts=posts, tenures="post,person", memberships="person,unit")
    )
    assert list(organization.units.values()) == [Unit("pc", "committee", " 党委 ", None, day("2020-01-01"))]
    assert list(organization.posts.values()) == [Post("pc.secretary", "pc", "secretary", head=True)]


def test_columns_without_a_name_may_be_empty(tmp_path: Path) -> None:
    """The empty columns that a spreadsheet adds at the right are passed over."""
    units = "id,kind,,\npc,committee,,\ngb,general_branch, ,\nb-1,branch\n"
    assert len(load_organization(save(tmp_path, units=units)).units) == 3


@pytest.mark.parametrize(
    "text", ["2025-03-01", "2025-3-1", "2025/3/1", "2025/03/01", "2025.3.1", "20250301", "2025年3月1日", " 2025-03-01 "]
)
def test_a_day_is_written_year_first(tmp_path: Path, text: str) -> None:
    """Each form that begins with the year and goes on with the month is the first of March 2025."""
    folder = save(tmp_path, memberships=f"person,unit,from,to\nm-1,b-1,{text},{text}\n")
    assert load_organization(folder).memberships == (Membership("m-1", "b-1", date(2025, 3, 1), date(2025, 3, 1)),)


@pytest.mark.parametrize("text", ["", " ", "9999-12-31", "9999/12/31", "99991231"])
def test_the_last_day_of_all_is_an_open_end(tmp_path: Path, text: str) -> None:
    """HR systems write an open end as the last day of the year 9999; it says the same as an empty cell."""
    folder = save(tmp_path, memberships=f"person,unit,from,to\nm-1,b-1,2025-03-01,{text}\n")
    assert load_organization(folder).memberships == (Membership("m-1", "b-1", date(2025, 3, 1)),)


# -- random organizations, written in the ways of several systems -------------------------------------------------------


@frozen
class Style:
    """How a system writes CSV."""

    end: str
    mark: str
    quotes_all: bool
    blank_lines: bool
    reversed: bool
    day: str
    yes: str

    def cell(self, value: object) -> str:
        text = str(value)
        if isinstance(value, bool):
            text = self.yes
        if self.quotes_all or any(c in text for c in ',"\r\n'):
            text = '"' + text.replace('"', '""') + '"'
        return text

    def table(self, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
        ordered = sorted(columns, reverse=self.reversed)
        lines = [",".join(map(self.cell, ordered))]
        for row in rows:
            values = [self.days(row[c]) if c in ("from", "to") and c in row else row.get(c, "") for c in ordered]
            lines.append(",".join(map(self.cell, values)))
        return (self.mark + self.end.join([*lines, ""]) + self.end * self.blank_lines).encode()

    def days(self, iso: str) -> str:
        return date.fromisoformat(iso).strftime(self.day)


styles = st.builds(
    Style,
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    mark=st.sampled_from(["", "\ufeff"]),
    quotes_all=st.booleans(),
    blank_lines=st.booleans(),
    reversed=st.booleans(),
    day=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]),
    yes=st.sampled_from(["true", "TRUE", "是"]),
)
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6
) | st.sampled_from(['"', ",", "a\r\nb", '""', "\n", "党, 委", "'"])


@st.composite
def named_organizations(draw: st.DrawFn) -> Organization:
    """Random organizations whose facts have, beside ids and days, every other field that a file can say."""
    o = draw(organizations())
    some = st.none() | texts
    persons = [Person(name, draw(texts)) for name in ("li", "chen", "m1")] if draw(st.booleans()) else []
    return Organization.build(
        units=[evolve(u, name=draw(texts), subkind=draw(st.sampled_from([None, "s"]))) for u in o.units.values()],
        posts=[evolve(p, name=draw(texts), leader=draw(st.booleans()), portfolio=draw(some)) for p in o.posts.values()],
        persons=persons,
        tenures=[evolve(t, part_time=draw(st.booleans())) for t in o.tenures],
        memberships=o.memberships,
        seats=o.seats,
        absences=o.absences,
        relations=[evolve(r, matter=draw(some), ground=draw(some)) for r in o.relations],
    )


COLUMNS = {name: text.partition("\r\n")[0].split(",") for name, text in FILES.items()}


def write_folder(folder: Path, organization: Organization, style: Style) -> None:
    """Write the organization as CSV: the plain form of its facts, with the committees in a list of their own."""
    data = write_organization(organization)
    seats = []
    for unit in data["units"]:
        for seat in [{}] if (found := unit.pop("committee", None)) == [] else found or ():
            seats.append({"unit": unit["id"], **({"person": seat} if isinstance(seat, str) else seat)})
    data |= {"committees": seats, "memberships": data.pop("members", [])}
    for name, columns in COLUMNS.items():
        rows = data.get(name.removesuffix(".csv"), [])
        (folder / name).write_bytes(style.table(columns, rows))


@given(named_organizations(), styles)
def test_what_is_written_as_csv_is_read_with_equal_facts(
    tmp_path_factory: pytest.TempPathFactory, organization: Organization, style: Style
) -> None:
    """An organization written as CSV, in whatever of the usual ways, and read again has the same facts."""
    folder = tmp_path_factory.getbasetemp() / "written"
    folder.mkdir(exist_ok=True)
    write_folder(folder, organization, style)
    assert facts_of(load_organization(folder)) == facts_of(organization)


# -- what is refused ----------------------------------------------------------------------------------------------------

UNITS = (
    "`id`, `kind`, `name`, `subkind`, `from`, `to`, `led_by`, `organ_of`, `acts_for`, `same_level`, `guided_by`, "
    "`party_relation`, `business_relation`, `local`, `line`"
)
NO_DATE = "is no date; write YYYY-MM-DD between 1900 and 2200"
TWICE = "write a quotation mark inside a quoted cell twice"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        # the heading
        ("units", "", f"units.csv:1: the file is empty; begin it with a row of the columns {UNITS}"),
        ("units", "id,knd\n", "units.csv:1: the column `knd` is not known, did you mean `kind`?"),
        ("units", "ID,kind\n", "units.csv:1: the column `ID` is not known, did you mean `id`?"),
        (
            "units",
            "\n\nid,kind,电话\n",
            f"units.csv:3: the column `电话` is not known; remove it, for the columns are {UNITS}",
        ),
        ("units", "id,kind,id\n", "units.csv:1: the column `id` is given twice; keep one"),
        ("units", "id,name\npc,x\n", "units.csv:1: the column `kind` is missing; add it"),
        ("units", "id;kind\npc;x\n", "units.csv:1: `id;kind` separates its columns by `;`; save the file with commas"),
        # the form
        ("units", 'id,kind\npc,x\n"a,b\nc,d\n', f'units.csv:3: `"a,b` is not CSV: a quoted cell does not end; {TWICE}'),
        (
            "units",
            'id,kind\r\n"p"c,x\r\n',
            f'units.csv:2: `"p"c,x` is not CSV: a quoted cell goes on after its end; {TWICE}',
        ),
        (
            "units",
            'id,kind\rpc,x\r"p"c,x\r',
            f'units.csv:3: `"p"c,x` is not CSV: a quoted cell goes on after its end; {TWICE}',
        ),
        (
            "units",
            "id,kind,name\npc,committee,学校党委,附属\n",
            "units.csv:2: `附属` is too much, for the row has 4 cells and the heading 3; put a cell that holds a comma in quotation marks",
        ),
        (
            "units",
            "id,kind,\npc,x,\ngb,y,3\n",
            "units.csv:3: `3` stands in a column without a name; name the column or remove the cell",
        ),
        (
            "units",
            f'id,kind,name\npc,x,"a\nb"\ngb,y,{"长" * 16385}\n',
            "units.csv:4: a cell is longer than 16384 characters; shorten it, or close its quotation mark",
        ),
        (
            "units",
            'id,kind,name\npc,x,"' + "a,b\n" * 50_000,
            "units.csv:2: a cell is longer than 16384 characters; shorten it, or close its quotation mark",
        ),
        (
            "units",
            b"id,kind\npc,x\ngb,\0\n",
            "units.csv:3: the text holds a NUL character; remove it and save it as UTF-8",
        ),
        (
            "units",
            "id,kind,name\npc,x,学校党委\n".encode("gb18030"),
            "units.csv:2: the text is not UTF-8 (it may be GB18030); save it as UTF-8",
        ),
        ("units", b"id,kind\npc,x\n\n\xff\n", "units.csv:4: the text is not UTF-8; save it as UTF-8"),
        ("units", "id,kind\npc,x\n".encode("utf-16"), "units.csv:1: the text is not UTF-8; save it as UTF-8"),
        # cells
        ("units", "id,kind\n\npc,\n", "units.csv:3: `kind` is missing; add it"),
        ("units", "kind,id\nx,\n", "units.csv:2: `id` is missing; add it"),
        (
            "units",
            "id,kind\np c,x\n",
            "units.csv:2: id: the unit `p c` holds U+0020 (SPACE); use letters, digits and ._-:/#@+%~",
        ),
        (
            "units",
            "id,kind,led_by\npc,x,\ngb,x,PC\n",
            "units.csv:3: led_by: the unit `PC` looks like `pc`; write one of them",
        ),
        (
            "units",
            f'id,kind,name\npc,x,"a\nb"\ngb,x,{"x" * 513}\n',
            f"units.csv:4: name: `{'x' * 80}…` is longer than 512 characters; shorten it",
        ),
        ("posts", "unit,name\ngb,书记\n", "posts.csv:2: `kind` is missing; add it"),
        (
            "posts",
            "unit,kind,head\ngb,secretary,ture\n",
            "posts.csv:2: head: `ture` is neither true nor false, did you mean `true`?",
        ),
        (
            "posts",
            "unit,kind,leader\ngb,secretary,1\n",
            "posts.csv:2: leader: `1` is neither true nor false; write one of `true`, `false`, `是`, `否`",
        ),
        (
            "tenures",
            "post,person,slot\ngb.secretary,li,C\n",
            "tenures.csv:2: slot: `C` is no slot; write `A` or `B`, who bears while A is absent",
        ),
        (
            "relations",
            "relation,source,target\nlead,pc,gb\n",
            "relations.csv:2: relation: no relation `lead` is known, did you mean `leads`?",
        ),
        (
            "persons",
            "id,name\nli,\nwu,\nm1,\n",
            "memberships.csv:2: person: no person `m-1` is listed, did you mean `m1`?",
        ),
        # days
        (
            "memberships",
            "person,unit,from\nm-1,b-1,03/01/2025\n",
            "memberships.csv:2: from: `03/01/2025` does not begin with the year; write `2025-01-03` or `2025-03-01`",
        ),
        (
            "memberships",
            "person,unit,to\nm-1,b-1,25.3.2025\n",
            "memberships.csv:2: to: `25.3.2025` does not begin with the year; write `2025-03-25`",
        ),
        ("memberships", "person,unit,to\nm-1,b-1,31/31/2025\n", f"memberships.csv:2: to: `31/31/2025` {NO_DATE}"),
        ("memberships", "person,unit,from\nm-1,b-1,2025/2/30\n", f"memberships.csv:2: from: `2025/2/30` {NO_DATE}"),
        ("memberships", "person,unit,from\nm-1,b-1,25-3-1\n", f"memberships.csv:2: from: `25-3-1` {NO_DATE}"),
        ("memberships", "person,unit,from\nm-1,b-1,9999-12-31\n", f"memberships.csv:2: from: `9999-12-31` {NO_DATE}"),
        ("memberships", "person,unit,from\nm-1,b-1,45717\n", f"memberships.csv:2: from: `45717` {NO_DATE}"),
        # contradictions
        (
            "memberships",
            "person,unit,from,to\nm-1,b-1,2025-02-01,2025-01-31\n",
            "memberships.csv:2: membership of `m-1` ends on 2025-01-31 before it begins on 2025-02-01; correct one of the days",
        ),
        (
            "memberships",
            "person,unit\nm-1,b-2\n",
            "memberships.csv:2: membership of `m-1` names the unit `b-2`, which is not there, did you mean `b-1`?",
        ),
        (
            "units",
            "id,kind,led_by\npc,committee,\ngb,general_branch,pc\nb-1,branch,gb\ngb,x,\n",
            "units.csv:5: unit `gb` is given twice; give each id once",
        ),
        (
            "units",
            "id,kind,led_by\npc,committee,b-1\n\ngb,general_branch,pc\nb-1,branch,gb\n",
            "units.csv:5: led_by: the leading units form a cycle from the beginning: `b-1` leads `pc` leads `gb` leads `b-1`; "
            "remove or end one of these relations",
        ),
        (
            "units",
            "id,kind,led_by\npc,committee,\ngb,general_branch,pc\nb-1,branch,b-1\n",
            "units.csv:4: led_by: unit `b-1` stands in the relation `leads` to itself; name another unit",
        ),
        (
            "relations",
            "relation,source,target,from\nguides,pc,gb,\nleads,pc,b-1,2025-01-01\n",
            "relations.csv:3: unit `b-1` has two leading units, `gb` and `pc`, on 2025-01-01; "
            "end the first on the eve of the second or record the second as `guides`",
        ),
        (
            "tenures",
            "post,person,from,to\ngb.secretary,li,2024-01-01,2024-06-30\ngb.secretary,wu,2024-06-30,\n",
            "tenures.csv:3: post `gb.secretary` is held by `li` and by `wu` on 2024-06-30; "
            "end the first tenure on the eve of the second",
        ),
        (
            "tenures",
            "post,person\nb-1.secretry,wu\n",
            "tenures.csv:2: tenure of `wu` names the post `b-1.secretry`, "
            "which is not there, did you mean `b-1.secretary`?",
        ),
        (
            "committees",
            "unit,person\ngb,li\nb-2,wu\n",
            "committees.csv:3: seat of `wu` names the unit `b-2`, which is not there, did you mean `b-1`?",
        ),
        (
            "posts",
            "unit,kind,id\ngb,secretary,\nb-1,secretary,\ngb,clerk,pc\n",
            "posts.csv:4: `pc` is the id of a unit and of a post; rename one",
        ),
    ],
)
def test_a_bad_file_is_refused_with_the_place(tmp_path: Path, name: str, text: str | bytes, message: str) -> None:
    """The one sentence begins with the file and the line where the row starts, and says what to do."""
    said = refusal(save(tmp_path, **{name: text}))
    assert said == f"{tmp_path}/{message}"
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "posts",
            None,
            "the file `posts.csv` is missing; add it, with the columns "
            "`unit`, `id`, `kind`, `name`, `head`, `leader`, `portfolio`, `from`, `to`, `holder`",
        ),
        (
            "memberships",
            None,
            "the file `memberships.csv` is missing; add it, with the columns `person`, `unit`, `from`, `to`",
        ),
        ("unit", "id,kind\n", "the file `unit.csv` is not known, did you mean `units.csv`?"),
        ("Tenures (1)", "id\n", "the file `Tenures (1).csv` is not known, did you mean `tenures.csv`?"),
    ],
)
def test_a_missing_file_and_an_unknown_one_are_refused_by_name(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    """The needed files are told with their columns, for others the nearest known file."""
    assert refusal(save(tmp_path, **{name: text})) == f"{tmp_path}: {message}"


def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    """A folder holds the known files and nothing else; a workbook or a folder in their place is told of."""
    save(tmp_path)
    (tmp_path / "units.xlsx").write_bytes(b"PK")
    assert refusal(tmp_path) == f"{tmp_path}: the file `units.xlsx` is not known, did you mean `units.csv`?"
    (tmp_path / "units.xlsx").unlink()
    (tmp_path / "persons.csv").mkdir()
    expected = f"{tmp_path}/persons.csv: the file can not be read: Is a directory; correct the path"
    assert refusal(tmp_path) == expected
    (tmp_path / "2024").mkdir()
    tables = ("duties.csv", "powers.csv", "competence.csv", "layers.csv", "grades.csv")
    files = ", ".join(f"`{name}`" for name in (*FILES, *tables))
    assert refusal(tmp_path) == f"{tmp_path}: the file `2024` is not known; the files are {files}"


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    """Each file has at most 256 MB; a longer one is refused unread."""
    with (save(tmp_path) / "units.csv").open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    expected = f"{tmp_path}/units.csv: the file is longer than 268435456 bytes; split it or shorten it"
    assert refusal(tmp_path) == expected


def test_after_a_refusal_the_corrected_folder_is_read(tmp_path: Path) -> None:
    """Nothing of a refused folder is kept."""
    assert "did you mean `kind`?" in refusal(save(tmp_path, units="id,knd\n"))
    assert len(load_organization(save(tmp_path)).units) == 3


@given(
    st.sampled_from(sorted(FILES)),
    st.integers(0, 200),
    st.integers(0, 12),
    st.text(",\"'\n\r;\0 x9党\ud800", max_size=4),
)
def test_a_damaged_folder_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, cut: int, put: str
) -> None:
    """Files with characters cut out or put in are still an organization, or are refused in one line by their name."""
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    for each, text in FILES.items():
        whole = text[:at] + put + text[at + cut :] if each == name else text
        (folder / each).write_bytes(whole.encode("utf-8", "surrogatepass"))
    try:
        load_organization(folder)
    except OrganizationError as refused:
        assert str(refused).startswith(str(folder))
        assert len(str(refused).splitlines()) == 1


def test_the_command_line_takes_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """`check` says the same of the folder of CSV files as of the TOML file, and tells of a folder that is refused."""
    rest = [str(EXAMPLES / "events.jsonl"), "--pack", "university", "--as-of", "2025-03-12"]
    rest += ["--params", str(EXAMPLES / "parameters.sample.toml")]
    said = []
    for organization in ("university.toml", "organization"):
        code = main(["check", str(EXAMPLES / organization), *rest])
        said.append((code, capsys.readouterr()))
    assert said[0] == said[1]
    assert main(["check", str(EXAMPLES), *rest]) == 2
    assert f"accountability: {EXAMPLES}: the file `demo.py` is not known; the files are" in capsys.readouterr().err
