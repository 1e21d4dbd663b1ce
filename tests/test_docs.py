"""What the documents say is what the library does: their tables, their links and their examples."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from accountability.calendar import FIRST_DAY, LAST_DAY, Span
from accountability.checks import CHECKS
from accountability.errors import EventError, OrganizationError, PackError
from accountability.event import read_event, read_events, typed
from accountability.event_type import EventType, FieldType
from accountability.finding import FINDINGS
from accountability.fold import RESULTS as _RESULTS
from accountability.organization_changes import ORGANIZATION_EVENTS
from accountability.organization_csv import _FILES, _NEEDED
from accountability.organization_file import read_organization
from accountability.packs.lint import lint
from accountability.packs.markdown import KINDS
from accountability.packs.reading import REASONS, read_packs, read_whole
from accountability.packs.testing import run_scenarios
from accountability.plain import Limits
from accountability.policy import LIBRARY_EVENTS, Policy
from accountability.rule import STAGES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKS = ROOT / "src" / "accountability" / "packs"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return the text under a heading of a document, up to the next heading of its level or of a higher one."""
    lines = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", text_of(name)).split("\n")
    begin = lines.index(heading)
    level = heading.partition(" ")[0]
    ends = (i for i in range(begin + 1, len(lines)) if re.match(f"#{{1,{len(level)}}} ", lines[i]))
    return "\n".join(lines[begin + 1 : next(ends, len(lines))])


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables in the text, without their heads."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        is_head = lines[number + 1 : number + 2] and lines[number + 1].startswith("|---")
        if line.startswith("| ") and not is_head:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def table_in(text: str, head: str) -> str:
    """Return the first table of the text whose head begins so."""
    return next(part for part in text.split("\n\n") if part.strip().startswith(head))


def words(cell: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall("`([^`]+)`", cell)


def first_words(text: str) -> list[str]:
    """Return the words of the first column."""
    return [word for row in rows(text) for word in words(row[0])]


def declared(field: FieldType) -> str:
    """Return the type of a field as the tables write it."""
    name = "one of " + " ".join(f"`{word}`" for word in field.choices) if field.choices else field.name
    return ("list of " if field.many else "") + name + ("?" if field.optional else "")


def fields_of(event: EventType) -> str:
    return ", ".join(f"`{name}` {declared(field)}" for name, field in event.fields.items())


def keys_told(message: str) -> set[str]:
    """Return the keys that a refusal of an unknown key lists."""
    return set(words(message.partition("the keys are ")[2]))


# ---- links


@pytest.mark.parametrize("name", ["README.md", *sorted(f"docs/{path.name}" for path in DOCS.glob("*.md"))])
def test_every_relative_link_leads_to_a_file(name: str) -> None:
    """Each relative link of the README and of the documents leads to a file or folder that exists."""
    page = ROOT / name
    prose = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", prose)
    targets = [link.partition("#")[0] for link in links if not re.match("[a-z]+:", link)]
    assert [link for link in targets if link and not (page.parent / link).exists()] == []


# ---- writing-packs.md


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folder of the worked example, with the files that the document shows."""
    found = re.findall(r"(?ms)^File `([^`]+)`:\n\n(`{3,})\w+\n(.*?)\n\2$", text_of("writing-packs.md"))
    for name, _, text in found:
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    assert sorted(name for name, _, _ in found) == ["1-purchases.md", "house.organization.toml", "pack.toml"]
    return tmp_path


def test_the_worked_example_lints_clean(house: Path) -> None:
    """Lint finds nothing in the house pack of the document."""
    assert lint(*read_whole([house])) == []


def test_the_worked_example_passes_its_scenarios_and_fires_every_rule(house: Path) -> None:
    """The scenarios of the house pack pass, and each of its rules is fired by one of them."""
    tested = run_scenarios([house])
    assert (list(map(str, tested.differences)), tested.failed, tested.unfired_rules) == ([], 0, ())
    assert tested.passed == len(read_whole([house])[1]) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_of_each_block_are_those_of_the_document(kind: str, house: Path) -> None:
    """The table of a block lists exactly the keys that the reader of packs knows."""
    events = "on = 'report.filed'\nneeds = 'report.filed'" if kind == "gate" else ""
    role = "name = 'other'\nis = 'head of team'" if kind == "role" else ""
    law = f'## X {{#X}}\nWords.\n\n```toml {kind}\nid = "Xa"\n{events}\n{role}\nqqqqqq = 1\n```\n'
    (house / "2-more.md").write_text(law, encoding="utf-8")
    with pytest.raises(PackError, match="the keys are") as caught:
        read_packs([house])
    table = section("writing-packs.md", f"### {kind}").partition("| key of a check")[0]
    named = {word for row in rows(table) if len(row) == 3 for word in words(row[0])}
    if kind not in ("not-formalised", "scenario"):
        every = set(first_words(section("writing-packs.md", "### Keys of every rule")))
        named |= every - {"chosen"} if kind == "role" else every
    assert named == keys_told(str(caught.value))


@pytest.mark.parametrize(
    ("heading", "old"),
    [
        ("### `[pack]`", "[pack]"),
        ('### `[events."thing.happened"]`', '[events."report.filed"]'),
        ("### `[parameters.name]`", "[parameters.pass_within]"),
    ],
)
def test_the_keys_of_pack_toml_are_those_of_the_document(heading: str, old: str, house: Path) -> None:
    """The tables about pack.toml list exactly the keys that the reader of packs knows."""
    path = house / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, f"{old}\nqqqqqq = 1"), encoding="utf-8")
    with pytest.raises(PackError, match="qqqqqq") as caught:
        read_packs([house])
    assert set(first_words(table_in(section("writing-packs.md", heading), "| key"))) == keys_told(str(caught.value))


def test_the_words_of_stages_reasons_and_lint_are_those_of_the_library() -> None:
    """The document names every stage and every reason for a text without a rule, and only codes that lint has."""
    duty, note = section("writing-packs.md", "### duty"), section("writing-packs.md", "### not-formalised")
    assert [word for row in rows(duty) if words(row[0]) == ["stage"] for word in words(row[1])] == list(STAGES)
    assert [word for row in rows(note) if words(row[0]) == ["reason"] for word in words(row[2])] == list(REASONS)
    code = "".join((PACKS / name).read_text(encoding="utf-8") for name in ("lint.py", "conflicts.py"))
    told = set(first_words(section("writing-packs.md", "## What lint says")))
    assert told - {"unreachable"} == set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', code))
    assert "unreachable" in told and '"unreachable"' in code


def test_the_checks_of_lints_are_those_of_the_document() -> None:
    """The table of checks names every check of the library with exactly its arguments."""
    table = {
        words(row[0])[0]: set(words(row[2])) for row in rows(section("writing-packs.md", "### lint")) if len(row) == 4
    }
    table = {name: {word for word in told if word.isidentifier() and word.isascii()} for name, told in table.items()}
    assert table == {name: set(check.arguments) for name, check in CHECKS.items()}


# ---- organization.md


@pytest.mark.parametrize(
    ("heading", "data"),
    [
        ("units", {"units": [{"id": "u", "kind": "k", "qqqqqq": 1}]}),
        ("posts", {"posts": [{"id": "u.p", "unit": "u", "qqqqqq": 1}]}),
        ("holders and tenures", {"tenures": [{"post": "p", "person": "x", "qqqqqq": 1}]}),
        ("members", {"members": [{"person": "x", "unit": "u", "qqqqqq": 1}]}),
        ("committees", {"committees": [{"unit": "u", "qqqqqq": 1}]}),
        ("persons", {"persons": [{"id": "x", "qqqqqq": 1}]}),
        ("absences", {"absences": [{"person": "x", "qqqqqq": 1}]}),
        ("relations", {"relations": [{"qqqqqq": 1}]}),
        ("duties", {"duties": [{"qqqqqq": 1}]}),
        ("powers", {"powers": [{"qqqqqq": 1}]}),
        ("competence", {"competence": [{"qqqqqq": 1}]}),
        ("layers", {"layers": [{"qqqqqq": 1}]}),
        ("grades", {"grades": [{"qqqqqq": 1}]}),
        ("key of a link", {"units": [{"id": "u", "kind": "k", "led_by": [{"qqqqqq": 1}]}]}),
        ("key of a seat", {"units": [{"id": "u", "kind": "k", "committee": [{"qqqqqq": 1}]}]}),
    ],
)
def test_the_keys_of_the_organization_file_are_those_of_the_document(heading: str, data: dict[str, object]) -> None:
    """Each table about the organization file lists exactly the keys that its reader knows."""
    with pytest.raises(OrganizationError, match="qqqqqq") as caught:
        read_organization(data, "data")
    is_part = heading.startswith("key of")
    whole = section("organization.md", "### units" if is_part else f"### {heading}")
    assert set(first_words(table_in(whole, f"| {heading}" if is_part else "| key"))) == keys_told(str(caught.value))


def test_the_lists_of_the_organization_file_are_those_of_the_document() -> None:
    """The document names exactly the lists that an organization file may have."""
    with pytest.raises(OrganizationError, match="qqqqqq") as caught:
        read_organization({"qqqqqq": 1}, "data")
    told = section("organization.md", "## The lists of the file").partition("\n\n###")[0]
    assert set(words(told)) == keys_told(str(caught.value))


def test_the_csv_files_are_those_of_the_document() -> None:
    """The table of CSV files has each file with its list and its columns, and says which files and columns are needed."""
    table = {
        words(row[0])[0]: (row[0].endswith("needed"), *map(words, row[1:]))
        for row in rows(section("organization.md", "## A folder of CSV files"))
    }
    assert table == {
        file: (file in _NEEDED, [key], needed.split(), others.split()) for file, (key, needed, others) in _FILES.items()
    }


def test_the_columns_of_csv_files_are_keys_of_the_organization_file() -> None:
    """Each column of a CSV file is a key of the list that the file is."""
    for key, needed, others in _FILES.values():
        with pytest.raises(OrganizationError, match="qqqqqq") as caught:
            read_organization({key: [{"qqqqqq": 1}]}, "data")
        assert set(f"{needed} {others}".split()) <= keys_told(str(caught.value))


def test_the_organization_of_the_document_reads() -> None:
    """The example of an organization reads, with the superior and the holder that its comments name."""
    example = re.search(r"(?ms)^```toml\n(.*?)^```$", text_of("organization.md"))
    assert example is not None
    organization = read_organization(tomllib.loads(example[1]), "organization.md")
    assert set(organization.posts) == {"gb-1.secretary"}
    assert [(r.kind, r.source, r.target) for r in organization.relations] == [("leads", "pc", "gb-1")]


def test_the_changes_of_the_organization_are_those_of_the_document() -> None:
    """The table of changes has every organization event with its declared fields and the end that its day is."""
    table = list(rows(section("organization.md", "## Changes as events")))
    assert {words(row[0])[0]: row[2] for row in table} == {
        name: fields_of(event) for name, event in ORGANIZATION_EVENTS.items()
    }
    last = {words(row[0])[0] for row in table if row[1] == "last"}
    assert last == {"post.vacated", "member.left", "unit.closed", "absence.ended"}


# ---- events.md


def test_the_events_of_the_library_are_those_of_the_document() -> None:
    """The table of the library's events has each of them, with its declared fields."""
    table = rows(section("events.md", "## The events of the library"))
    assert {words(row[0])[0]: row[1] for row in table} == {
        name: fields_of(event) for name, event in LIBRARY_EVENTS.items() if name not in ORGANIZATION_EVENTS
    }


def reads(event: EventType) -> Iterator[str]:
    """Yield what the library takes from an event beside its fields, as the table writes it."""
    if event.opens_case:
        yield "opens a case"
    if event.actor is not None:
        yield f"actor `{event.actor}`"
    if event.about != "unit":
        yield f"about `{event.about}`"
    if event.outcome is not None:
        yield f"outcome `{event.outcome}`"


def test_the_events_of_the_university_pack_are_those_of_the_document() -> None:
    """The table of the pack's events has each of them, with its titles, its fields and what the library reads."""
    policy = Policy.shipped("university")
    table = rows(section("events.md", "## The events of the pack `university`"))
    assert {words(row[0])[0]: row[1:] for row in table} == {
        name: [event.title["zh"], event.title["en"], fields_of(event), ", ".join(reads(event))]
        for name, event in policy.event_types.items()
        if name not in LIBRARY_EVENTS
    }


def test_the_examples_of_events_read_and_both_forms_are_one_event() -> None:
    """Each example of an event reads under the shipped pack, and its two forms on the wire are equal."""
    types = Policy.shipped("university").event_types
    blocks = re.findall(r"(?ms)^```json\n(.*?)^```$", text_of("events.md"))
    events = [read_events(block.encode(), types) for block in blocks]
    assert [len(each) for each in events] == [1, 1, 3]
    assert events[0] == events[1]
    assert all(typed(read_event(json.loads(line)), types) for block in blocks for line in block.splitlines())


def test_the_results_of_events_are_those_of_the_document() -> None:
    """The document names every result of an event, the strongest first."""
    assert first_words(section("events.md", "## What becomes of an event")) == list(_RESULTS)


def test_the_limits_are_those_of_the_document() -> None:
    """The table of limits has each limit with its default, and the fixed bounds are those of the calendar."""
    table = {words(row[0])[0]: int(row[1]) for row in rows(text_of("limits.md")) if row[1].isdigit()}
    assert table == {field.name: field.default for field in attrs.fields(Limits)}
    fixed = section("limits.md", "## What is fixed")
    assert f"{FIRST_DAY} to {LAST_DAY}" in fixed
    for span in ("36525d", "36525wd", "1200m", "100y"):
        assert f"`{span}`" in fixed and not Span.parse(span).is_zero
        with pytest.raises(ValueError, match="over 100 years"):
            Span(Span.parse(span).count + 1, Span.parse(span).unit)


def test_the_limits_of_the_document_can_be_set_as_it_shows() -> None:
    """The example of the document runs, and each reader of it keeps to the limits that it is given."""
    (example,) = re.findall(r"(?s)```python\n(.*?)```", text_of("limits.md"))
    given: dict[str, Any] = {}
    exec(example, given)
    with pytest.raises(EventError, match="longer than 4096 characters"):
        given["ledger"].submit({"type": "a.b", "date": "2025-03-03", "note": "x" * 4097})
    with pytest.raises(OrganizationError, match="longer than 512 characters"):
        read_organization({"units": [{"id": "u", "kind": "k", "name": "x" * 513}]}, "host", given["limits"])
    read_organization({"units": [{"id": "u", "kind": "k", "name": "x" * 513}]}, "host", Limits(name=600))


# ---- vocabulary.md


def pairs(titles: Iterable[tuple[str, dict[str, str]]]) -> dict[str, list[str]]:
    return {word: [title["zh"], title["en"]] for word, title in titles}


def test_the_kinds_posts_and_roles_are_those_of_the_vocabulary() -> None:
    """The vocabulary has each kind of unit and post with its titles, and each role with the post that it is."""
    policy = Policy.shipped("university")
    for heading, known in (("## Kinds of units", policy.kinds), ("## Kinds of posts", policy.posts)):
        table = {words(row[0])[0]: row[1:] for row in rows(section("vocabulary.md", heading))}
        assert table == pairs((word, dict(title)) for word, title in known.items())
    roles = {words(row[0])[0]: row[1:] for row in rows(section("vocabulary.md", "## Roles"))}
    assert roles == {role.name: [f"{role.is_.post} of {role.is_.unit}", role.clause.ref] for role in policy.roles}


def test_the_acts_are_those_of_the_vocabulary() -> None:
    """The vocabulary has each act of the pack with its clauses and the events that perform it."""
    told: set[tuple[str, str, tuple[str, ...]]] = set()
    for row in rows(section("vocabulary.md", "## Acts")):
        events = tuple(words(row[3].partition(" with ")[0]))
        told |= {(clause, words(row[1])[0], events) for clause in row[0].split(", ")}
    duties = Policy.shipped("university").duties.values()
    assert told == {(duty.clause.ref, duty.act, duty.must.events) for duty in duties}


def test_the_parameters_are_those_of_the_vocabulary() -> None:
    """The vocabulary has each quantity with its type and word, and each choice with its values, the chosen first."""
    policy = Policy.shipped("university")
    quantities, choices = {}, {}
    for row in rows(section("vocabulary.md", "## Parameters")):
        if row[1].startswith("`"):
            choices[words(row[0])[0]] = (words(row[1])[0], set(words(row[1])), row[2] == "the library", row[3])
        else:
            quantities[words(row[0])[0]] = row[1:]
    assert quantities == {
        p.name: [p.type, p.word or "(of the library)", p.title["zh"]]
        for p in policy.declared.values()
        if not p.is_choice
    }
    assert choices == {
        p.name: (p.choice, set(p.choices), p.pack == "library", p.title["zh"])
        for p in policy.declared.values()
        if p.is_choice
    }


def test_the_codes_of_findings_are_those_of_the_vocabulary() -> None:
    """The vocabulary has each code of a finding with its grade and its Chinese text."""
    table = {words(row[0])[0]: (row[2], row[3]) for row in rows(section("vocabulary.md", "## Finding codes"))}
    assert table == {code: (kind.grade, kind.text["zh"]) for code, kind in FINDINGS.items()}
