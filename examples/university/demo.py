"""The demonstration: who must act, by when, under which clause and why (``--language en`` for English)."""

from __future__ import annotations

import argparse
from pathlib import Path

from accountability import Ledger, Obligation, Organization, Policy, assess, read_events
from accountability.matching import CrossCheckedMatcher

HERE = Path(__file__).parent
AS_OF = "2025-03-12"
ZH = {
    "warning": "示例参数不是来源的规定:来源只说“及时”,没有天数。",
    "chain": "此链是内部处理程序,不是完整的纪律处分程序:没有支部大会表决、听取申辩和申诉。",
    "without": "一、不设参数(截至{day}):责任主体、条款和下一步照样成立,期限未定",
    "with": "二、采用示例参数(截至{day})",
    "who": "  {case} {unit}{title}({post}) {due} [{status}]",
    "nobody": "(责任主体未定)",
    "open": "期限未定",
    "due": "期限{due}",
    "clause": "       {ref}“{text}”",
    "computed": ":自{start}起{span},{name}={value},依据《{document}》",
    "missing": ":缺少参数 {names}",
    "escalated": "       {day}起上报督办:{from_unit} → {to_post}({person}),{ref}“{text}”",
    "candidate": "       责任线索(待组织认定):{person},{post},{at}起,{ref}",
    "skipped": "       无党总支一级:{name}={value},依据《{document}》",
    "agreed": "两套匹配(Python、durable_rules)对{count}个事件结果一致。",
    "alone": "未安装durable_rules(需要Python 3.13以下和C编译器):由Python匹配单独进行。",
    "next": "下一步可试:",
    "pending": "待办", "overdue": "逾期", "undetermined": "未定",
}  # fmt: skip
EN = {
    "warning": "Sample parameters are no rule of the source: it says only 及时 (promptly) and gives no number of days.",
    "chain": "This chain is an internal handling procedure, not the full disciplinary procedure: "
    "no vote of the members' meeting, hearing or appeal.",
    "without": "1. Without parameters (as of {day}): bearers, clauses and next steps stand, due days are undetermined",
    "with": "2. With the sample parameters (as of {day})",
    "who": "  {case} {unit}: {title} ({post}), {due} [{status}]",
    "nobody": "(bearer undetermined)",
    "open": "no due day",
    "due": "due {due}",
    "clause": "       {ref} “{text}”",
    "computed": ": {span} from {start}, {name} = {value} by “{document}”",
    "missing": ": parameter {names} is missing",
    "escalated": "       escalated on {day}: {from_unit} → {to_post} ({person}), {ref} “{text}”",
    "candidate": "       candidate for a human decision: {person}, {post}, from {at}, {ref}",
    "skipped": "       no general branch above: {name} = {value} by “{document}”",
    "agreed": "Both matchers (Python and durable_rules) agree on {count} events.",
    "alone": "durable_rules is not installed (it needs Python below 3.13 and a C compiler): Python matches alone.",
    "next": "To try next:",
    "pending": "pending", "overdue": "overdue", "undetermined": "undetermined",
}  # fmt: skip
NEXT = """  .venv/bin/accountability explain {org} {events} --pack university --params {params} --as-of 2025-03-12 P1-5-3b.meet/K-2
  .venv/bin/accountability check {org} {events} --pack university --params {params} --as-of 2025-03-20   (exits 1: overdue)
  .venv/bin/accountability read university   .venv/bin/accountability params university   .venv/bin/python examples/university/host.py"""


def main() -> None:
    """Print the same cases twice: without parameters, and with the sample file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    words, language = (ZH, "zh") if parser.parse_args().language == "zh" else (EN, "en")
    print(words["warning"], words["chain"], sep="\n")
    for heading, parameters in (("without", None), ("with", HERE / "parameters.sample.toml")):
        print("\n" + words[heading].format(day=AS_OF))
        show(Policy.shipped("university", parameters=parameters), words, language)
    paths = {"org": "university.toml", "events": "events.jsonl", "params": "parameters.sample.toml"}
    shown = {name: f"examples/university/{path}" for name, path in paths.items()}
    print("\n" + words["next"], NEXT.format(**shown), sep="\n")
    print("\n" + compared(words))


def show(policy: Policy, words: dict[str, str], language: str) -> None:
    """Print what is live, with its clause, the computation of its day, and what follows from a breach."""
    events = read_events(HERE / "events.jsonl", policy.event_types)
    answer = assess(policy, policy.parameters, Organization.load(HERE / "university.toml"), events, AS_OF)
    for duty in answer.obligations:
        if not duty.live:
            continue
        unit = duty.unit.name if duty.unit is not None else words["nobody"]
        post = f"{duty.post} {duty.person}" if duty.post is not None else "-"
        due = due_text(duty, words, language, [f.about for f in answer.findings if f.rests_on == duty.id])
        print(
            words["who"].format(
                case=duty.case, unit=unit, title=duty.title[language], post=post, due=due, status=words[duty.status]
            )
        )
        print(words["clause"].format(ref=duty.clause.ref, text=duty.clause.text))
        for use in duty.because.parameters:
            if use.name == "missing_level" and use.document:
                print(words["skipped"].format(name=use.name, value=use.value, document=use.document))
        for escalation in answer.escalations:
            if escalation.obligation == duty.id:
                print(
                    words["escalated"].format(
                        day=escalation.day,
                        from_unit=escalation.from_unit,
                        to_post=escalation.to_post,
                        person=escalation.to_person,
                        ref=escalation.clause.ref,
                        text=escalation.clause.text,
                    )
                )
        for candidate in answer.liabilities:
            if candidate.obligation == duty.id:
                print(
                    words["candidate"].format(
                        person=candidate.person, post=candidate.post, at=candidate.at, ref=candidate.clause.ref
                    )
                )


def compared(words: dict[str, str]) -> str:
    """Run the events through a ledger and say on how many of them both matchers agree."""
    policy = Policy.shipped("university", parameters=HERE / "parameters.sample.toml")
    ledger = Ledger(policy, Organization.load(HERE / "university.toml"))
    ledger.submit(read_events(HERE / "events.jsonl", policy.event_types))
    if not isinstance(ledger.matcher, CrossCheckedMatcher):
        return words["alone"]
    if ledger.matcher.disagreed:
        raise SystemExit(f"the matchers disagree: {ledger.matcher.disagreements[0]}")
    return words["agreed"].format(count=ledger.matcher.agreed)


def due_text(duty: Obligation, words: dict[str, str], language: str, missing: list[str]) -> str:
    """Return the due day with its computation and the document behind it, or what is missing."""
    made = duty.because.computation
    if duty.due is None or made is None or made.start is None:
        return words["open"] + (words["missing"].format(names=", ".join(missing)) if missing else "")
    quantity = next(use for use in duty.because.parameters if not use.choice)
    span = quantity.value.words(language)
    return words["due"].format(due=duty.due) + words["computed"].format(
        start=made.start, span=span, name=quantity.name, value=quantity.value, document=quantity.document
    )


if __name__ == "__main__":
    main()
