"""Explanations: the facts that each sentence must hold, in Chinese and English, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

import pytest

import accountability as a
from accountability import wording
from accountability.reports import names, reading_words, text

U = "examples/university/"
DUTY = "P1-5-3b.meet/K-2"


@pytest.fixture
def ledger() -> a.Ledger:
    """The example university with its samples (7 days to meet, 30 to decide, no wait); `b-lib` has no general branch."""
    return a.Ledger(
        a.Policy.shipped("university", parameters=U + "parameters.sample.toml"),
        a.Organization.load(U + "university.toml"),
    )


def late(ledger: a.Ledger) -> a.Ledger:
    """A problem of m-2, a member of b-stud, on 3 March; nobody has met by the 10th, so the 11th is overdue."""
    ledger.submit(a.Event("member.problem", id="p", date="2025-03-03", person="m-2", case="K-2"))
    ledger.advance("2025-03-11")
    return ledger


def direct(ledger: a.Ledger) -> a.Ledger:
    """A problem of m-3, a member of b-lib directly under the committee: its opinion of 7 March goes to the committee."""
    ledger.submit(a.Event("member.problem", id="q", date="2025-03-03", person="m-3", case="K-3"))
    ledger.submit(a.Event("meeting.held", id="r", date="2025-03-06", unit="b-lib", kind="支委会", case="K-3"))
    ledger.submit(a.Event("doc.submitted", id="s", date="2025-03-07", **{"from": "b-lib", "to": "pc"}, case="K-3"))
    return ledger


def missing(told: str, facts: tuple[str, ...]) -> list[str]:
    """Return the facts that the sentences do not hold."""
    return [fact for fact in facts if fact not in told]


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "zh",
            (
                "案件K-2：由计算机学生党支部（b-stud）召开支委会研究讨论",
                "由计算机学生党支部书记（p-lan）负责（依据P1-2-5“支部书记为主要责任人”）",
                "期限为2025-03-10（自2025-03-03起7日，起算日为第0日）",
                "召开支委会的期限（hold_within=7d）由学校党委组织部设定，依据示例:内部处理时限表 第1项（示例参数",
                "来源对此未作规定，由程序库选定：期限起算（clock_start）=event_date。",
                "现状：逾期。",
                "条款P1-5-3b（文件1）：“若党员发生问题,应及时召开支委会研究讨论”",
                "起因“党员发生问题”（p，2025-03-03）",
                "m-2的组织关系在计算机学生党支部（b-stud）（2023-09-01起）",
                "p-lan任计算机学生党支部书记（2023-01-01起）",
            ),
        ),
        (
            "en",
            (
                "Case K-2: 计算机学生党支部 (b-stud) must hold the branch committee meeting",
                "the secretary of 计算机学生党支部 (p-lan) answers for it (P1-2-5: “支部书记为主要责任人”)",
                "Due on 2025-03-10 (7 days from 2025-03-03, which is day 0)",
                "(hold_within = 7d) is set by 学校党委组织部 under 示例:内部处理时限表 第1项 (a sample parameter",
                "The source is silent here; the library chose: what starts a clock (clock_start) = event_date.",
                "Status: overdue.",
                "Clause P1-5-3b (document 1): “若党员发生问题,应及时召开支委会研究讨论”",
                "trigger: a problem of a member is reported (p, 2025-03-03)",
                "m-2 belongs to 计算机学生党支部 (b-stud) (since 2023-09-01)",
                "p-lan is secretary of 计算机学生党支部 (since 2023-01-01)",
            ),
        ),
    ],
)
def test_an_obligation_says_who_by_when_and_why(ledger: a.Ledger, language: str, facts: tuple[str, ...]) -> None:
    """Body, holder and what makes him answer, due day and computation, parameter, choice, status, clause, event, path."""
    assert missing(late(ledger).explain(DUTY, language), facts) == []


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "zh",
            (
                "案件K-3：由学校党委（pc）批准或不批准，由学校党委书记（p-an）负责（来源未指明由谁负责，由规则包选定）",
                "期限为2025-04-06（自2025-03-07起30日，起算日为第0日）",
                "（decide_within=30d）",
                "由程序库选定：期限起算（clock_start）=event_date；由使用单位选定：无党总支一级时（missing_level）=skip"
                "（依据示例:内部处理时限表 第12项，由学校党委组织部设定，示例参数，并非来源的规定）。",
                "学校党委（pc）领导图书馆直属党支部（b-lib）",
            ),
        ),
        (
            "en",
            (
                "Case K-3: 学校党委 (pc) must decide on the opinion; the secretary of 学校党委 (p-an) answers for it "
                "(the source does not say who; the pack chose the post)",
                "Due on 2025-04-06 (30 days from 2025-03-07, which is day 0)",
                "(decide_within = 30d)",
                "the library chose: what starts a clock (clock_start) = event_date; "
                "the host chose: when there is no general branch (missing_level) = skip "
                "(under 示例:内部处理时限表 第12项, set by 学校党委组织部, a sample parameter, no rule of the source).",
                "学校党委 (pc) leads 图书馆直属党支部 (b-lib)",
            ),
        ),
    ],
)
def test_choices_stand_together_under_who_chose(ledger: a.Ledger, language: str, facts: tuple[str, ...]) -> None:
    """All choices of an answer are one clause, those of the library first, those of the host with their document."""
    told = direct(ledger).explain("P1-5-3e.decide/K-3", language)
    assert missing(told, facts) == []
    assert told.count("来源对此未作规定") + told.count("The source is silent") == 1


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "zh",
            (
                "自2025-03-11起",
                "计算机学生党支部（b-stud）因逾期上报督办至计算机学院党总支（gb-cs），送计算机学院党总支书记（p-deng）",
                "“召开支委会研究讨论”（P1-5-3b.meet/K-2）",
                "（escalate_after=0d）由学校党委组织部设定，依据示例:内部处理时限表 第11项（示例参数",
                "条款P1-5-2b（文件1）：“若发现问题追究党支部书记责任”",
                "计算机学院党总支（gb-cs）领导计算机学生党支部（b-stud）",
            ),
        ),
        (
            "en",
            (
                "From 2025-03-11 on, 计算机学生党支部 (b-stud) is escalated to 计算机学院党总支 (gb-cs)",
                "the secretary of 计算机学院党总支 (p-deng)",
                "hold the branch committee meeting (P1-5-3b.meet/K-2",
                "(escalate_after = 0d) is set by 学校党委组织部 under 示例:内部处理时限表 第11项 (a sample parameter",
                "Clause P1-5-2b (document 1): “若发现问题追究党支部书记责任”",
                "计算机学院党总支 (gb-cs) leads 计算机学生党支部 (b-stud)",
            ),
        ),
    ],
)
def test_an_escalation_says_from_whom_to_whom_and_since_when(
    ledger: a.Ledger, language: str, facts: tuple[str, ...]
) -> None:
    """Day, both units, the holder addressed, the duty it rests on, the wait with its document, clause and path."""
    assert missing(late(ledger).explain(f"escalation/{DUTY}/overdue", language), facts) == []


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "zh",
            (
                "待组织认定，不是结论",
                "p-lan，计算机学生党支部书记，自2025-03-11起",
                "（P1-5-3b.meet/K-2），期限2025-03-10",
                "由程序库选定：责任线索的归属（liability_attribution）=holder_at_breach",
                "条款P1-5-2b（文件1）",
                "p-lan任计算机学生党支部书记（2023-01-01起）",
            ),
        ),
        (
            "en",
            (
                "for a human decision, not a verdict",
                "p-lan, as secretary of 计算机学生党支部, from 2025-03-11",
                "due on 2025-03-10",
                "the library chose: on whom a candidate falls (liability_attribution) = holder_at_breach",
                "Clause P1-5-2b (document 1)",
                "p-lan is secretary of 计算机学生党支部 (since 2023-01-01)",
            ),
        ),
    ],
)
def test_a_candidate_is_no_verdict(ledger: a.Ledger, language: str, facts: tuple[str, ...]) -> None:
    """Person, post, first overdue day, duty and due day, choice, clause and path; and that people decide."""
    assert missing(late(ledger).explain(f"liability/{DUTY}/p-lan", language), facts) == []


@pytest.mark.parametrize(
    ("language", "undecided", "facts"),
    [
        ("zh", "待组织认定", ("计算机学院党总支（gb-cs）", "不予追究", "计党〔2025〕9号", "d，2025-03-12", "p-lan")),
        (
            "en",
            "not a verdict",
            ("计算机学院党总支 (gb-cs)", "not held answerable", "计党〔2025〕9号", "d, 2025-03-12", "p-lan"),
        ),
    ],
)
def test_a_decided_candidate_says_by_whom_and_in_which_document(
    ledger: a.Ledger, language: str, undecided: str, facts: tuple[str, ...]
) -> None:
    """After the decision of the general branch stand its outcome and document, and no longer that it is open."""
    candidate = f"liability/{DUTY}/p-lan"
    decision = {"liability": candidate, "outcome": "not_held", "by": "gb-cs", "document": "计党〔2025〕9号"}
    late(ledger).submit(a.Event("liability.decided", id="d", date="2025-03-12", **decision))
    told = ledger.explain(candidate, language)
    assert missing(told, facts) == []
    assert undecided not in told


@pytest.mark.parametrize(
    ("language", "skipped", "open_"),
    [
        ("zh", "提示：缺少一级组织", "规则P1-4-1b.examine、P1-4-1c.lead"),
        (
            "en",
            "Finding: a level is missing and its stage is skipped: P1-5-3d.",
            "rules P1-4-1b.examine, P1-4-1c.lead",
        ),
    ],
)
def test_a_finding_says_what_about_what_and_where(ledger: a.Ledger, language: str, skipped: str, open_: str) -> None:
    """The skipped stage names clause and case, and the missing first day in force names the rules that wait for it."""
    found = {finding.code: finding for finding in direct(ledger).assessment().findings}
    told = ledger.explain(found["stage_skipped_missing_level"], language)
    assert missing(told, (skipped, "P1-5-3d", "K-3")) == []
    assert missing(ledger.explain(found["parameter_required"], language), ("in_force", open_)) == []


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "zh",
            (
                "事件t不满足规则P1-5-3d.submit的条件：种类须为支委会，实为支部大会",
                "规则P1-5-3d.review由“报送处理意见”（doc.submitted）触发，而K-2没有这样的事件",
            ),
        ),
        (
            "en",
            (
                "Event t does not meet the condition of rule P1-5-3d.submit that kind is 支委会; the fact is 支部大会",
                "Rule P1-5-3d.review is triggered by “the opinion is submitted” (doc.submitted), and K-2 has no such event",
            ),
        ),
    ],
)
def test_why_not_names_the_condition_and_the_fact(ledger: a.Ledger, language: str, facts: tuple[str, ...]) -> None:
    """A meeting of another kind and a missing opinion are told with titles, the ids beside them."""
    late(ledger).submit(a.Event("meeting.held", id="t", date="2025-03-12", unit="b-stud", kind="支部大会", case="K-2"))
    assert missing(ledger.why_not("P1-5-3d", "K-2", language), facts) == []


def test_why_not_gives_the_status_and_the_kinds_in_words(ledger: a.Ledger) -> None:
    """Chinese answers hold the Chinese status of a duty that stands, and the titles of kinds of units."""
    assert late(ledger).why_not("P1-5-3b.meet", "K-2") == "已有责任事项P1-5-3b.meet/K-2，现状为逾期。"
    sent = {"from": "b-stud", "to": "gb-cs"}
    ledger.submit(a.Event("doc.submitted", id="u", date="2025-03-12", **sent, case="K-2"))
    told = ledger.why_not("P1-5-3e.decide", "K-2")
    assert told == "事件u不满足规则P1-5-3e.decide的条件：接收方的类型须为党委，实为党总支。"


@pytest.mark.parametrize("words", [wording.WORDS, reading_words.WORDS, text.WORDS, names.WORDS])
def test_both_languages_have_the_same_words_with_the_same_places(words: Mapping[str, Mapping[str, str]]) -> None:
    """Each sentence stands in Chinese and in English and takes the same facts (only English has an article)."""

    def places(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name} - {"article"}

    zh, en = words["zh"], words["en"]
    assert zh.keys() == en.keys()
    assert [key for key in zh if places(zh[key]) != places(en[key])] == []


@pytest.mark.parametrize("words", [wording.WORDS, reading_words.WORDS, text.WORDS, names.WORDS])
def test_chinese_sentences_have_full_width_punctuation(words: Mapping[str, Mapping[str, str]]) -> None:
    """No Chinese sentence of the library holds a half-width comma, colon, semicolon or bracket."""
    assert [key for key, sentence in words["zh"].items() if any(mark in sentence for mark in ",:;()")] == []
