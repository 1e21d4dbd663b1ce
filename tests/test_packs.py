"""Packs: what reads, what is refused with its place, and what lint finds."""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountability
from accountability.calendar import Span
from accountability.condition import Condition
from accountability.errors import AccountabilityError, PackError
from accountability.packs.conflicts import contradictory
from accountability.packs.lint import lint
from accountability.packs.markdown import read_sections
from accountability.packs.numerals import names_day, names_span, numbers_in
from accountability.packs.reading import read_packs, read_whole
from accountability.packs.testing import run_scenarios
from accountability.policy import Policy
from accountability.rule import After, Duty, Each, EscalationRule, LiabilityRule, Recurrence, Role, Selector, Time
from accountability.walk import RolePost

GOOD = Path(__file__).parent / "packs" / "good"
FILES = ("pack.toml", "1-approval.md", "2-yearly.md")
SHIPPED = Path(__file__).parents[1] / "src" / "accountability" / "rules"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the good pack that a test may spoil."""
    return Path(shutil.copytree(GOOD, tmp_path / "pack"))


def edit(pack: Path, name: str, old: str, new: str) -> int:
    """Replace one text of a file and return the line on which it stands."""
    text = (pack / name).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    (pack / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refusal(*folders: Path) -> str:
    with pytest.raises(PackError) as caught:
        read_packs(list(folders))
    message = str(caught.value)
    assert "\n" not in message
    return message


def rule(policy: Policy, id_: str) -> Duty:
    found = next(each for each in policy.rules if each.id == id_)
    assert isinstance(found, Duty)
    return found


# ---- what a good pack means


def test_a_good_pack_reads_into_a_policy_with_all_its_rules() -> None:
    """A good pack reads into a policy that holds each of its rules once."""
    policy = read_packs([GOOD])
    kinds = [type(each).__name__ for each in policy.rules]
    assert {name: kinds.count(name) for name in kinds} == {
        "Duty": 9, "Role": 1, "EscalationRule": 2, "LiabilityRule": 2,
    }  # fmt: skip
    assert [each.ref for each in policy.clauses] == ["C-1", "C-1-1", "C-1-2", "C-1-3", "C-2"]
    assert set(policy.kinds) == {"company", "department", "team"}
    assert policy.declared["company.meet_within"].word == "promptly"


def test_a_clause_holds_the_law_word_for_word_and_a_rule_the_part_it_quotes() -> None:
    """The clause of a rule has its norm id, its quotation, the whole text under the heading, and its place."""
    policy = read_packs([GOOD])
    clause = rule(policy, "C-1-1b.submit").clause
    assert (clause.ref, clause.heading, clause.pack, clause.file) == ("C-1-1b", "C-1-1", "company", "1-approval.md")
    assert clause.text == "submits a report within five days"
    assert clause.whole.startswith("When an incident") and clause.whole.endswith("Teams care for their members.")
    assert "```" not in clause.whole and "\n" in clause.whole
    assert (clause.source, clause.from_, clause.to) == ("Handbook, 2024 edition", date(2024, 1, 1), None)
    lines = (GOOD / clause.file).read_text(encoding="utf-8").split("\n")
    assert lines[clause.line - 1] == "```toml duty"
    assert policy.not_formalised[0].clause.text == "Teams care for their members"


def test_a_triggered_duty_reads_with_its_event_walks_and_time() -> None:
    """A triggered duty has its pattern, its walks, its time, and what must be done first."""
    policy = read_packs([GOOD])
    duty = rule(policy, "C-1-1b.submit")
    assert duty.on is not None and duty.on.events == ("meeting.held",)
    assert duty.on.where == (Condition("unit.kind", "is", "team"),)
    assert (duty.bearer.start, duty.bearer.post) == ("person", "manager")
    assert (duty.within, duty.after) == (Time(span=Span(5, "d")), After("C-1-1a.meet"))
    assert rule(policy, "C-1-1a.meet").within == Time(parameter="meet_within")
    review = rule(policy, "C-1-2a.review")
    assert (review.missing, review.bearer.role, review.must.events) == (
        "missing_level", "reviewer", ("review.done", "report.returned"),
    )  # fmt: skip


def test_a_title_that_is_not_given_is_made_of_the_clause_and_the_act() -> None:
    """A duty without a title shows its clause in Chinese packs and its act in English."""
    duty = rule(read_packs([GOOD]), "C-2c")
    assert duty.title == {"zh": "Departments are audited around midsummer", "en": "audit"}


def test_a_rework_needs_no_trigger_and_counts_per_round() -> None:
    """A rework has no trigger of its own and is counted per round of the case."""
    duty = rule(read_packs([GOOD]), "C-1-2b.rework")
    assert (duty.on, duty.recurrence, duty.per) == (None, None, "case round")


@pytest.mark.parametrize(
    ("id_", "recurrence", "each"),
    [
        ("C-2a", Recurrence(parameter="train_every"), Each("team", "department")),
        (
            "C-2b",
            Recurrence(picks=("half-year", "year"), at_least=2, anchor="rolling"),
            Each("department", post="manager"),
        ),
        ("C-2c", Recurrence(window="audit_window"), Each("department")),
        ("C-2d", Recurrence("year"), Each("team")),
        ("C-2e", Recurrence("year", finished=True), Each("department")),
    ],
)
def test_a_recurring_duty_says_how_often_and_on_whom(id_: str, recurrence: Recurrence, each: Each) -> None:
    """A recurring duty has its periods and the units or posts on which it falls."""
    duty = rule(read_packs([GOOD]), id_)
    assert (duty.recurrence, duty.each, duty.per) == (recurrence, each, "period")


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("team", Each("team")),
        ("leader post of department", Each("department", post="post", leader=True)),
        ("deputy of team under company", Each("team", "company", "deputy")),
    ],
)
def test_each_names_units_posts_or_leaders(pack: Path, text: str, each: Each) -> None:
    """On whom a recurring duty falls is a kind of unit, the posts in it, or its leadership."""
    edit(pack, "2-yearly.md", 'each   = "department"\nbearer = "superior', f'each   = "{text}"\nbearer = "superior')
    assert rule(read_packs([pack]), "C-2c").each == each


def test_window_is_short_for_a_recurrence_in_a_window(pack: Path) -> None:
    """``window = "audit_window"`` and ``every = { window = "audit_window" }`` mean the same."""
    edit(pack, "2-yearly.md", 'every  = { window = "audit_window" }', 'window = "audit_window"')
    assert rule(read_packs([pack]), "C-2c") == rule(read_packs([GOOD]), "C-2c")


def test_escalations_liabilities_and_roles_read_with_their_selectors() -> None:
    """Escalations, liabilities and roles say on which posts and units they bear."""
    rules = {each.id: each for each in read_packs([GOOD]).rules}
    escalation, team = rules["C-1-3b.escalation"], rules["C-1-3b.team"]
    assert isinstance(escalation, EscalationRule) and isinstance(team, EscalationRule)
    assert (escalation.of, escalation.wait) == (Selector(superior=True), Time(parameter="escalate_after"))
    assert (team.of, team.reasons, team.wait) == (Selector(unit="team"), ("overdue",), Time(span=Span(0, "d")))
    liability, finding = rules["C-1-3c.liability"], rules["C-1-3d.finding"]
    assert isinstance(liability, LiabilityRule) and liability.of == Selector(post="manager", unit="team")
    assert isinstance(finding, LiabilityRule) and finding.on is not None and finding.post is not None
    assert finding.on.where[2] == Condition("post.unit.kind", "in", ("team", "department"))
    role = rules["C-1-3a.role"]
    assert isinstance(role, Role) and (role.name, role.is_) == ("reviewer", RolePost("manager", "department"))


def test_a_pack_may_set_a_choice_of_the_library() -> None:
    """A choice of the library that a pack sets is shown as the choice of that pack."""
    policy = read_packs([GOOD])
    use = policy.value("quorum", date(2024, 3, 1), policy.parameters)
    assert use is not None and (use.value, use.origin) == ("at_least_2_unrecused", "pack")


def test_scenarios_are_kept_as_they_were_written() -> None:
    """A scenario keeps its clause, its place and its data."""
    [scenario] = read_whole([GOOD])[1]
    assert (scenario.pack, scenario.clause, scenario.name) == ("company", "C-1-1", "no meeting is called")
    assert scenario.data["events"][0]["date"] == date(2024, 3, 1)
    assert (GOOD / scenario.file).read_text(encoding="utf-8").split("\n")[scenario.line - 1] == "```toml scenario"


def test_the_digest_depends_on_names_and_bytes_alone(pack: Path) -> None:
    """The digest of a pack is the same for equal files anywhere, and another after any change."""
    [first] = read_packs([GOOD]).packs
    assert read_packs([pack]).packs == (first,)
    (pack / "2-yearly.md").rename(pack / "3-yearly.md")
    [renamed] = read_packs([pack]).packs
    edit(pack, "1-approval.md", "Notes to the reader", "Notes for the reader")
    [changed] = read_packs([pack]).packs
    assert len({first.digest, renamed.digest, changed.digest}) == 3


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(pack: Path) -> None:
    """Line ends of Windows and a UTF-8 byte order mark give the same rules."""
    for name in FILES:
        data = (pack / name).read_bytes()
        (pack / name).write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert read_packs([pack]).rules == read_packs([GOOD]).rules


def test_a_policy_loads_packs_with_parameters_and_some_of_their_rules() -> None:
    """`Policy.load` takes folders, values of the parameters that the packs declare, and the norms to keep."""
    policy = Policy.load(GOOD, parameters={"meet_within": "7d", "company.train_every": "month"}, rules=["C-1-1"])
    assert sorted(policy.duties) == ["C-1-1a.meet", "C-1-1b.submit"]
    use = policy.value("meet_within", date(2024, 3, 1), policy.parameters)
    assert use is not None and use.value == Span(7, "d")
    with pytest.raises(PackError, match="did you mean `meet_within`"):
        Policy.load(GOOD, parameters={"meet_withn": "7d"})


def test_messages_stay_on_one_line_whatever_the_words_are(pack: Path) -> None:
    """A word with line ends and controls is shown escaped, on one line."""
    edit(pack, APPROVAL, '"meet_within"\nstage', '"a\\nb\\u0007"\nstage')
    assert "`a\\nb\\x07`" in refusal(pack)


def test_two_packs_share_their_words(tmp_path: Path, pack: Path) -> None:
    """Packs loaded together share kinds, posts and events that they declare alike."""
    other = second_pack(tmp_path, pack)
    policy = read_packs([pack, other])
    assert [each.id for each in policy.packs] == ["company", "annex"]
    assert rule(policy, "D-1-1a.meet").within == Time(parameter="annex.meet_within")


def second_pack(tmp_path: Path, pack: Path) -> Path:
    other = Path(shutil.copytree(pack, tmp_path / "annex"))
    (other / "2-yearly.md").unlink()
    edit(other, "pack.toml", 'id = "company"', 'id = "annex"')
    text = (other / "1-approval.md").read_text(encoding="utf-8")
    (other / "1-approval.md").write_text(text.replace("C-", "D-"), encoding="utf-8")
    return other


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('team       = { zh = "小组", en = "team" }', 'team       = { zh = "小组", en = "squad" }', "team"),
        ('outcome = "agree"', 'outcome = "fine"', "review.done"),
        ('choice = "at_least_2_unrecused"', 'choice = "at_least_3_unrecused"', "quorum"),
    ],
)
def test_packs_that_declare_a_word_differently_do_not_load_together(
    tmp_path: Path, pack: Path, old: str, new: str, word: str
) -> None:
    """A word that two packs declare differently is refused, naming both places."""
    other = second_pack(tmp_path, pack)
    edit(other, "pack.toml", old, new)
    message = refusal(pack, other)
    assert message.startswith(f"{other}/pack.toml:") and f"`{word}`" in message and f"at {pack}/pack.toml:" in message


def test_a_rule_id_is_given_once_over_all_packs(tmp_path: Path, pack: Path) -> None:
    """A rule id that stands twice is refused, naming both places."""
    line = edit(pack, "2-yearly.md", 'id       = "C-2b"', 'id       = "C-2a"')
    message = refusal(pack)
    assert message.startswith(f"{pack}/2-yearly.md:{line}: ") and "`C-2a`" in message
    assert f"first at {pack}/2-yearly.md:9;" in message


def test_a_pack_is_loaded_once(pack: Path) -> None:
    """The same pack twice is refused."""
    assert "`company` is loaded already" in refusal(pack, pack)


@pytest.mark.parametrize("folder", sorted(path.parent for path in SHIPPED.glob("*/pack.toml")), ids=lambda p: p.name)
def test_every_shipped_pack_reads_without_a_problem(folder: Path) -> None:
    """A pack that the library ships reads, and lint finds no error in it."""
    problems = lint(*read_whole([folder]))
    assert [str(each) for each in problems if each.severity == "error"] == []


# ---- what is refused, with file, line, the word, and the nearest known one

TOML, APPROVAL, YEARLY = FILES
SPOILED = tomllib.loads((GOOD.parent / "spoiled.toml").read_text(encoding="utf-8"))


def spoil(pack: Path, case: dict[str, str]) -> int:
    return edit(pack, case["file"], case["old"], case["new"])


@pytest.mark.parametrize("case", SPOILED["word"], ids=lambda case: case["case"])
def test_a_wrong_word_is_refused_at_its_line_with_the_nearest_known_one(pack: Path, case: dict[str, str]) -> None:
    """A wrong word is refused with file and line, the word as written, and the nearest known one or what to do."""
    line = spoil(pack, case)
    message = refusal(pack)
    assert message.startswith(f"{pack}/{case['file']}:{line}: ")
    assert f"`{case['word']}`" in message
    assert f"did you mean `{case['near']}`?" in message if "near" in case else "; " in message


MISSING = {
    "bearer": (APPROVAL, 'bearer = "manager of team of person"\nact    = "hold', 'act    = "hold'),
    "must": (APPROVAL, 'must   = { event = "meeting.held", kind = "team" }\n', ""),
    "per": (APPROVAL, 'per    = "case"\n', ""),
    "within": (APPROVAL, 'within = "meet_within"\n', ""),
    "on": (APPROVAL, 'on     = "incident.reported"\n', ""),
    "id": (APPROVAL, 'id     = "C-1-1a.meet"\n', ""),
    "each": (YEARLY, 'each   = "team under department"\n', ""),
    "of": (APPROVAL, 'of      = "post of unit with superior"\n', ""),
    "reason": (APPROVAL, 'reason = "rhetoric"\n', ""),
    "version": (TOML, 'version = "1.0"\n', ""),
    "title": (TOML, 'title = { zh = "公司审批办法", en = "Approval rules of a company" }\n', ""),
    "source": (TOML, 'source = "Handbook, 2024 edition"\n', ""),
    "choice": (TOML, 'choice  = "undetermined"\n', ""),
}


@pytest.mark.parametrize("key", MISSING)
def test_a_key_that_is_missing_is_asked_for_at_its_block(pack: Path, key: str) -> None:
    """A block that lacks a key is refused at its first line, with an example."""
    name, old, new = MISSING[key]
    before = (pack / name).read_text(encoding="utf-8").split("\n")[: edit(pack, name, old, new)]
    line = max(number for number, text in enumerate(before, start=1) if text.startswith(("```toml", "[")))
    message = refusal(pack)
    assert message.startswith(f"{pack}/{name}:{line}: ") and f"has no `{key}`" in message and "; write" in message


@pytest.mark.parametrize("case", SPOILED["keys"], ids=lambda case: case["words"])
def test_keys_that_do_not_go_together_are_refused(pack: Path, case: dict[str, str]) -> None:
    """Keys that contradict each other or stand in the wrong place are refused at their line."""
    spoil(pack, case)
    message = refusal(pack)
    assert re.match(rf"{re.escape(str(pack / case['file']))}:\d+: ", message) and case["words"] in message


# ---- files of a pack; the hostile ones stand in test_hostile.py


@pytest.mark.parametrize("data", ["名".encode("gbk"), "# law".encode("utf-16"), b"\xff\xfe\x00"])
def test_a_file_that_is_not_utf_8_is_refused(pack: Path, data: bytes) -> None:
    """A file in another encoding, with or without a byte order mark of it, is refused with the byte."""
    (pack / APPROVAL).write_bytes(b"# Law\n" + data)
    assert re.match(rf"{re.escape(str(pack / APPROVAL))}:2: byte \d+ is not UTF-8", refusal(pack))


def test_a_link_within_the_folder_reads_and_one_to_itself_is_refused(pack: Path) -> None:
    """A link to a file of the same pack reads; one that leads to itself is refused."""
    (pack / YEARLY).rename(pack / "yearly.text")
    (pack / YEARLY).symlink_to("yearly.text")
    assert len(read_packs([pack]).rules) == 14
    (pack / "3.md").symlink_to("3.md")
    assert "can not be read" in refusal(pack)


def test_a_folder_in_the_place_of_a_law_file_is_refused(pack: Path) -> None:
    """What is named like a law file and is none is refused."""
    (pack / "3-annex.md").mkdir()
    assert refusal(pack).startswith(f"{pack}/3-annex.md:1: this is no file")


def test_a_good_pack_reads_after_a_bad_one(pack: Path) -> None:
    """A refusal leaves nothing behind: the next good pack reads."""
    edit(pack, TOML, 'version = "1.0"', "version = 1")
    refusal(pack)
    assert read_packs([GOOD]).rules == read_packs([GOOD]).rules


# ---- Markdown


def test_blocks_are_no_part_of_the_clause_and_headings_end_it() -> None:
    """The prose of a clause leaves its blocks out, keeps its lines, and ends at the next heading."""
    text = "# Law\n\n## One {#A-1}\n  first  \n\nsecond\n\n```toml role\nname = 'x'\n```\n\nthird\n## Two\nfourth\n"
    law, one, two = read_sections(text, "law.md")
    assert (law.id, law.text) == (None, "")
    assert (one.id, one.title, one.text, one.line) == ("A-1", "One", "  first\n\nsecond\n\nthird", 3)
    assert [(block.kind, block.line, block.table.values) for block in one.blocks] == [("role", 8, {"name": "x"})]
    assert (two.id, two.text) == (None, "fourth")


# ---- lint


def codes(folder: Path) -> list[str]:
    return [f"{each.code} {each.severity}" for each in lint(*read_whole([folder]))]


def test_lint_finds_nothing_in_a_good_pack() -> None:
    """A good pack has no problems."""
    assert codes(GOOD) == []


@pytest.mark.parametrize("case", SPOILED["lint"], ids=lambda case: case["case"])
def test_lint_names_the_problem_and_its_line(pack: Path, case: dict[str, str]) -> None:
    """Lint reports what reads well and can hardly be meant, with its place and code."""
    spoil(pack, case)
    problems = [each for each in lint(*read_whole([pack])) if each.code == case["code"]]
    assert any(case["words"] in each.message for each in problems)
    assert all(re.fullmatch(r"company/[a-z0-9.-]+:\d+", each.place) for each in problems)


def added(pack: Path, *duties: str) -> list[str]:
    """Add a clause with duties, and return the codes and messages that lint then has."""
    blocks = "".join(f"\n```toml duty\n{duty}\n```\n" for duty in duties)
    with (pack / YEARLY).open("a", encoding="utf-8") as law:
        law.write(f"\n## More {{#C-3}}\nMore is to be done in due time.\n{blocks}")
    return [f"{each.code}: {each.message}" for each in lint(read_packs([pack]))]


def duty(id_: str, on: str, must: str, *more: str) -> str:
    lines = (
        f'id = "{id_}"',
        f"on = {on}",
        f"must = {must}",
        'bearer = "manager of unit"',
        'within = "meet_within"',
        *more,
    )
    return "\n".join(lines)


def test_duties_that_trigger_one_another_without_end_are_found(pack: Path) -> None:
    """Two duties whose acts trigger each other, counted without bound, are found with both ids."""
    problems = added(
        pack,
        duty("C-3a", '"meeting.held"', '"review.done"', 'per = "event"', 'act = "review"'),
        duty("C-3b", '"review.done"', '"meeting.held"', 'per = "unit"', 'act = "meet"'),
    )
    assert any(each.startswith("endless-trigger: `C-3a` and `C-3b`") for each in problems)


@pytest.mark.parametrize(
    ("on", "per"), [('"review.done"', "case"), ('"review.done"', "case round"), ('"report.returned"', "event")]
)
def test_a_chain_that_ends_is_no_endless_trigger(pack: Path, on: str, per: str) -> None:
    """Duties counted per case or round, or whose events differ, do not trigger one another without end."""
    problems = added(
        pack,
        duty("C-3a", '"meeting.held"', '"review.done"', 'per = "event"', 'act = "review"'),
        duty("C-3b", on, '"meeting.held"', f'per = "{per}"', 'act = "meet"'),
    )
    assert problems == []


def test_acts_of_contradicting_conditions_do_not_trigger(pack: Path) -> None:
    """An act whose conditions contradict those of a trigger does not count as triggering it."""
    problems = added(
        pack,
        duty("C-3a", '{ event = "meeting.held", kind = "team" }', '"review.done"', 'per = "event"', 'act = "review"'),
        duty(
            "C-3b", '"review.done"', '{ event = "meeting.held", kind = "department" }', 'per = "unit"', 'act = "meet"'
        ),
    )
    assert problems == []


@pytest.mark.parametrize("key", ["after = ", "within = "])
def test_duties_that_wait_for_one_another_are_refused(pack: Path, key: str) -> None:
    """Two duties each of which waits for the other, or has its time from the other, are refused: neither could end."""
    waits = [f'after = "C-3{x}"' if key == "after = " else f'with = {{ duty = "C-3{x}", within = "1d" }}' for x in "ba"]
    duties = [
        duty("C-3a", '"meeting.held"', '"training.held"', 'per = "case"', 'act = "train"', waits[0]),
        duty("C-3b", '"review.done"', '"training.held"', 'per = "case"', 'act = "learn"', 'after = "C-3a"'),
    ]
    if key == "within = ":
        duties[0] = duties[0].replace('within = "meet_within"\n', "")
    with pytest.raises(PackError, match=r"2-yearly.md:[0-9]+: `C-3a` and `C-3b` wait for one another"):
        added(pack, *duties)


def test_two_duties_of_the_same_act_and_trigger_are_shown_together(pack: Path) -> None:
    """Two duties of the same act, key and trigger are reported with both ids and the place of the other."""
    same = ('"meeting.held"', '"training.held"', 'per = "case"', 'act = "train"')
    problems = added(pack, duty("C-3a", *same), duty("C-3b", *same))
    assert any(re.match(r"same-duty: `C-3b` .* `C-3a` at company/2-yearly.md:\d+", each) for each in problems)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([("kind", "is", "a"), ("kind", "is", "b")], True),
        ([("kind", "is", "a"), ("kind", "in", ("a", "b"))], False),
        ([("kind", "is", "a"), ("kind", "not", "a")], True),
        ([("kind", "is", "a"), ("other", "is", "b")], False),
        ([("kind", "present", False), ("kind", "is", "a")], True),
        ([("kind", "present", False)], False),
        ([("n", "at_least", 3), ("n", "at_most", 3)], False),
        ([("n", "at_least", 3), ("n", "below", 3)], True),
        ([("n", "above", 3), ("n", "in", (2, 3))], True),
        ([("n", "below", 3), ("n", "in", (2, 3))], False),
        ([("d", "at_least", date(2024, 2, 1)), ("d", "at_most", date(2024, 1, 1))], True),
    ],
)
def test_contradictions_are_told(conditions: list[tuple[str, str, object]], expected: bool) -> None:
    """Conditions contradict when no value can meet all of them."""
    assert contradictory(Condition(path, operator, value) for path, operator, value in conditions) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("在7日内", 7),
        ("三十日内", 30),
        ("一百二十天", 120),
        ("十五个工作日", 15),
        ("二〇二五年", 2025),
        ("two weeks", 2),
        ("两次", 2),
    ],
)
def test_numbers_are_read_from_chinese_and_english(text: str, number: int) -> None:
    """Digits, Chinese numerals and English words give their number."""
    assert number in numbers_in(text)


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("within two weeks", "14d", True),
        ("每半年", "6m", True),
        ("半个月内", "15d", True),
        ("三年内", "36m", True),
        ("及时", "7d", False),
        ("三日内", "3wd", True),
        ("三年内", "1y", False),
        ("within five working days", "5m", False),
        ("within five months", "5d", False),
        ("within five months", "5m", True),
        ("三日内", "3y", False),
    ],
)
def test_a_span_is_found_in_the_words_of_the_law(text: str, span: str, expected: bool) -> None:
    """A span stands in a text in its own unit, or as weeks, half months, half years or years."""
    assert names_span(text, Span.parse(span)) is expected


def test_a_day_of_the_year_is_found_in_the_words_of_the_law() -> None:
    """A day of the year stands in a text as month and day, as a feast, or as the end of the year."""
    assert names_day("每年六月三十日前", "06-30") and names_day("七一前", "07-01") and names_day("年底前", "12-31")
    assert not names_day("及时", "06-30")


# ---- fuzz

_WORDS = sorted({word for name in FILES for word in re.findall(r"\S+", (GOOD / name).read_text(encoding="utf-8"))})
_BITS = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(_WORDS).map(str.encode),
    st.sampled_from(
        ["\0", "\ufeff", "```", "{#", '"', "'''", "[[", "]", "= ", "\r", "\n", "1e9", "-1d", "党", "\u202e"]
    ).map(str.encode),
)
_CHANGES = st.lists(
    st.tuples(st.sampled_from(FILES), st.integers(0, 6000), st.integers(0, 40), _BITS), min_size=1, max_size=4
)


@settings(max_examples=250, deadline=None)
@given(_CHANGES)
def test_no_change_of_bytes_raises_anything_but_our_errors(changes: list[tuple[str, int, int, bytes]]) -> None:
    """Whatever bytes change in a pack, it reads and lints, or is refused with one of our errors."""
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(shutil.copytree(GOOD, Path(folder) / "pack"))
        for name, start, length, new in changes:
            data = (pack / name).read_bytes()
            start %= len(data) + 1
            (pack / name).write_bytes(data[:start] + new + data[start + length :])
        try:
            lint(*read_whole([pack]))
        except AccountabilityError as error:
            assert "\n" not in str(error)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_no_exchange_of_words_raises_anything_but_our_errors(name: str, data: st.DataObject) -> None:
    """Whatever words change places in a pack, it reads and lints, or is refused with one of our errors."""
    text = (GOOD / name).read_text(encoding="utf-8")
    found = list(re.finditer(r'[^\s"]+|"[^"\n]*"', text))
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(st.sampled_from(found)), data.draw(st.sampled_from(found))
        text = text[: one.start()] + other[0] + text[one.end() :]
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(shutil.copytree(GOOD, Path(folder) / "pack"))
        (pack / name).write_text(text, encoding="utf-8")
        try:
            lint(*read_whole([pack]))
        except AccountabilityError as error:
            assert "\n" not in str(error)


def test_a_pack_of_ones_own_stands_beside_a_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy is loaded from folders and from shipped packs by name; a folder never takes the place of a shipped pack."""
    shutil.copytree(GOOD, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert [pack.id for pack in Policy.load("mine", "layers").packs] == ["company", "layers"]
    shutil.copytree(GOOD, tmp_path / "layers")
    assert [pack.id for pack in Policy.load("layers").packs] == ["layers"]
    assert [pack.id for pack in Policy.load(Path("layers")).packs] == ["company"]
    assert [pack.id for pack in Policy.load("./layers").packs] == ["company"]


def test_packs_that_declare_a_word_differently_are_told_in_what(pack: Path, tmp_path: Path) -> None:
    """The refusal of a word that two packs declare differently says which title, or which key of the event, differs."""
    other = Path(shutil.copytree(pack, tmp_path / "other"))
    edit(other, "pack.toml", 'id = "company"', 'id = "other"')
    edit(other, "pack.toml", "opens_case = true", "opens_case = false")
    assert "declare it alike in both packs, for `opens_case` differs" in refusal(pack, other)
    edit(other, "pack.toml", "[kinds]\n", '[kinds]\nunion = { zh = "工会", en = "union" }\n')
    edit(pack, "pack.toml", "[kinds]\n", '[kinds]\nunion = { zh = "工会", en = "a union" }\n')
    assert "for `en` is `union` here and `a union` there" in refusal(pack, other)


def test_two_chains_in_one_pack_are_told(pack: Path) -> None:
    """A second chain whose stages lie with other bodies is named by lint, for a pack has one body for each stage."""
    assert "several-chains warning" not in codes(pack)
    duty = (
        '\n```toml duty\nid = "C-1-1z.pass"\non = "incident.reported"\nper = "case"\nact = "pass"\nmust = "meeting.held"\n'
        'bearer = "manager of department above team of person"\nwithin = "meet_within"\nstage = "submit"\n```\n'
    )
    edit(pack, APPROVAL, "\n```toml scenario", duty + "\n```toml scenario")
    assert "several-chains warning" in codes(pack)


def test_a_parameter_that_several_packs_have_is_that_of_the_pack_of_the_scenario() -> None:
    """Packs that are loaded together may each have a parameter of one name: a scenario means that of its own pack."""
    rules = Path(accountability.__file__).parent / "rules"
    together = [rules / "township", rules / "province", rules / "university"]
    policy, scenarios = read_whole(together)
    assert policy.declaration("solve_within") is None
    assert policy.named_in("province", "solve_within") == "province.solve_within"
    assert [each for each in lint(policy, scenarios) if each.code == "scenario-word"] == []
    assert run_scenarios(together).failed == 0
