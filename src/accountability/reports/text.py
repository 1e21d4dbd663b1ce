"""An assessment as text: a line for each answer, its id last, so that it can be asked for again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ..answer import Assessment, Escalation, Finding, Led, Liability, Obligation, Rating
from ..errors import one_line
from ..finding import FINDINGS
from .details import details
from .names import Names

GROUPS = ("overdue", "undetermined", "blocked", "pending")
"""The live statuses, in the order in which people should see them."""

_REST = ("fulfilled", "fulfilled_late", "cancelled")
_GRADES = ("breach", "open", "notice")
_SEPARATOR = " | "

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "sample": "注意：使用了示例参数。示例参数并非来源的规定，以下结果不得作为正式结论。",
        "as_of": "截至 {as_of}，知悉截至 {known_as_of}",
        "obligations": "责任事项：现有 {live} 项未了",
        "overdue": "逾期",
        "undetermined": "未定",
        "blocked": "受阻",
        "pending": "待办",
        "fulfilled": "已履行",
        "fulfilled_late": "逾期履行",
        "cancelled": "已撤销",
        "rest": "其余：{counts}",
        "list": "、",
        "no_due": "未定",
        "provisional": "{due}（暂定）",
        "nobody": "责任主体未定",
        "no_holder": "{post}（现无任职人）",
        "holder": "{post} {person}",
        "case": "案件 {case}",
        "period": "期间 {period}",
        "round": "第{round}轮",
        "after": "须先由 {units} 履行",
        "escalations": "上报督办：{count} 项",
        "reason_overdue": "逾期",
        "reason_vacant_post": "岗位空缺",
        "reason_no_bearer": "无人可承担",
        "reason_max_returns_exceeded": "退回次数超限",
        "candidates": "责任线索：{count} 项（待组织认定，不是结论）",
        "undecided": "待组织认定",
        "decided": "{outcome}（{by}，{document}）",
        "decided_confirmed": "已认定",
        "decided_not_held": "不予追究",
        "ratings": "评定：{count} 项",
        "score": "得分 {score}",
        "veto": "一项否决",
        "relations": "领导与指导关系：{count} 项",
        "leads": "{unit}：{lead}领导",
        "leads_and_guides": "{unit}：{lead}领导，{guide}指导",
        "findings": "提示：{count} 项",
        "breach": "违规",
        "open": "未定",
        "notice": "注意",
        "events": "事件：{count} 件（{counts}）",
        "fired": "起效",
        "performed": "履行",
        "no_effect": "未产生效果",
        "no_rule": "无规则对应",
        "orphan": "无所属案件",
        "cannot_tell": "无法判断",
        "refused": "拒收",
        "exit": "结论：{meaning}",
        "exit_0": "合规",
        "exit_1": "有逾期事项或违规提示",
        "exit_2": "有事件被拒收，以上结果未计入",
        "exit_3": "有未定事项，尚不能得出结论",
        "due": "{first} 至 {last} 到期或已逾期：{count} 项",
        "none": "无",
    },
    "en": {
        "sample": "Note: sample parameters are used. They are no rule of the source; what follows is no official result.",
        "as_of": "As of {as_of}, known as of {known_as_of}",
        "obligations": "Obligations: {live} live",
        "overdue": "overdue",
        "undetermined": "undetermined",
        "blocked": "blocked",
        "pending": "pending",
        "fulfilled": "fulfilled",
        "fulfilled_late": "fulfilled late",
        "cancelled": "cancelled",
        "rest": "the rest: {counts}",
        "list": ", ",
        "no_due": "open",
        "provisional": "{due} (provisional)",
        "nobody": "bearer not determined",
        "no_holder": "{post} (no holder at present)",
        "holder": "{post} {person}",
        "case": "case {case}",
        "period": "period {period}",
        "round": "round {round}",
        "after": "waits for {units}",
        "escalations": "Escalations: {count}",
        "reason_overdue": "overdue",
        "reason_vacant_post": "vacant post",
        "reason_no_bearer": "no bearer",
        "reason_max_returns_exceeded": "too many returns",
        "candidates": "Candidates: {count} (for people to decide; no verdict)",
        "undecided": "for people to decide",
        "decided": "{outcome} ({by}, {document})",
        "decided_confirmed": "confirmed",
        "decided_not_held": "not held answerable",
        "ratings": "Ratings: {count}",
        "score": "score {score}",
        "veto": "vetoed",
        "relations": "Who leads: {count}",
        "leads": "{unit}: {lead} leads",
        "leads_and_guides": "{unit}: {lead} leads, {guide} guides",
        "findings": "Findings: {count}",
        "breach": "breach",
        "open": "open",
        "notice": "notice",
        "events": "Events: {count} ({counts})",
        "fired": "fired",
        "performed": "performed",
        "no_effect": "no effect",
        "no_rule": "no rule",
        "orphan": "orphan",
        "cannot_tell": "cannot tell",
        "refused": "refused",
        "exit": "Result: {meaning}",
        "exit_0": "compliant",
        "exit_1": "something is overdue, or a finding is a breach",
        "exit_2": "events were refused and have no part in this answer",
        "exit_3": "something is undetermined, so nothing can be concluded",
        "due": "Due from {first} to {last}, or overdue: {count}",
        "none": "none",
    },
}


def assessment_text(answer: Assessment, names: Names, code: int) -> str:
    """Return the whole answer in lines: what is live first, what follows from it, and the result in words."""
    return "\n".join(_Writer(names).assessment(answer, code))


def due_text(obligations: Iterable[Obligation], names: Names, first: date, last: date) -> str:
    """Return the obligations that are due up to `last`, in the order given."""
    return "\n".join(_Writer(names).due(list(obligations), first, last))


class _Writer:
    def __init__(self, names: Names) -> None:
        self.names, self.words = names, WORDS[names.language]

    def assessment(self, answer: Assessment, code: int) -> Iterator[str]:
        yield self._say("as_of", as_of=answer.as_of, known_as_of=answer.known_as_of)
        statuses = Counter(o.status for o in answer.obligations)
        yield self._say("obligations", live=sum(statuses[status] for status in GROUPS))
        for status in GROUPS:
            if statuses[status]:
                yield f"  {self.words[status]} {statuses[status]}"
                live = [o for o in answer.obligations if o.status == status]
                yield from (f"    {self.obligation(o)}" for o in sorted(live, key=by_due))
        yield f"  {self._say('rest', counts=self._counts(_REST, statuses))}"
        yield self._say("escalations", count=len(answer.escalations))
        yield from (f"  {self.escalation(each)}" for each in answer.escalations)
        yield self._say("candidates", count=len(answer.liabilities))
        yield from (f"  {self.candidate(each)}" for each in answer.liabilities)
        if answer.ratings:
            yield self._say("ratings", count=len(answer.ratings))
            yield from (f"  {self.rating(each)}" for each in answer.ratings)
        if answer.relations:
            yield self._say("relations", count=len(answer.relations))
            yield from (f"  {self.relation(each)}" for each in answer.relations)
        yield self._say("findings", count=len(answer.findings))
        for grade in _GRADES:
            yield from (f"  {self.finding(each)}" for each in answer.findings if each.grade == grade)
        results = Counter(event.result for event in answer.events)
        counts = self._counts(sorted(results), results) or self.words["none"]
        yield self._say("events", count=len(answer.events), counts=counts)
        for event in answer.events:
            if event.result == "refused":
                yield f"  {self._line(self.words['refused'], event.source, event.id, self.names.event(event.type), event.detail)}"
        yield self._say("exit", meaning=self.words[f"exit_{code}"])

    def due(self, obligations: list[Obligation], first: date, last: date) -> Iterator[str]:
        yield self._say("due", first=first, last=last, count=len(obligations))
        for each in obligations:
            yield f"  {self._line(self.words[each.status], self.obligation(each))}"

    def obligation(self, item: Obligation) -> str:
        body = self.names.unit(item.unit.id) if item.unit is not None else self.words["nobody"]
        return self._line(
            self._day(item),
            body,
            item.title[self.names.language],
            self._post(item.post, item.person),
            self._say("case", case=item.case) if item.case is not None else "",
            self._say("period", period=item.period) if item.period is not None else "",
            self._say("round", round=item.round) if item.round > 1 else "",
            self._say("after", units=self._units(item.blocked_by)) if item.blocked_by else "",
            item.clause.ref,
            item.id,
        )

    def escalation(self, item: Escalation) -> str:
        way = f"{self.names.unit(item.from_unit)} → {self.names.unit(item.to_unit)}"
        reason = self.words.get(f"reason_{item.reason}", item.reason)
        return self._line(
            str(item.day), reason, way, self._post(item.to_post, item.to_person), item.clause.ref, item.id
        )

    def candidate(self, item: Liability) -> str:
        decided = self.words["undecided"]
        if item.decided is not None:
            outcome = self.words.get(f"decided_{item.decided}", item.decided)
            decided = self._say("decided", outcome=outcome, by=item.decided_by, document=item.document)
        person = self.names.person(item.person) if item.person is not None else ""
        return self._line(str(item.at), person, self.names.post(item.post), decided, item.clause.ref, item.id)

    def rating(self, item: Rating) -> str:
        unit = self.names.unit(item.unit) if item.unit is not None else ""
        score = self.words["veto"] if item.veto else self._say("score", score=item.given)
        return self._line(str(item.date), unit, item.title[self.names.language], score, item.clause.ref, item.id)

    def relation(self, item: Led) -> str:
        word = "leads" if item.guide is None else "leads_and_guides"
        unit, lead = self.names.unit(item.unit), self.names.unit(item.lead)
        guide = self.names.unit(item.guide) if item.guide is not None else ""
        return self._line(self._say(word, unit=unit, lead=lead, guide=guide), item.clause.ref)

    def finding(self, item: Finding) -> str:
        kind = FINDINGS.get(item.code)
        text = kind.text[self.names.language] if kind is not None else item.code
        case = self._say("case", case=item.case) if item.case is not None else ""
        detail = self.words["list"].join(details(self.names, item.detail))
        about = self.names.about(item.about) if item.about else ""
        return self._line(self.words[item.grade], text, about, detail, case, item.rests_on or "", item.code)

    def _day(self, item: Obligation) -> str:
        if item.due is None:
            return self.words["no_due"]
        return self._say("provisional", due=item.due) if item.provisional else str(item.due)

    def _post(self, post: str | None, person: str | None) -> str:
        if post is None:
            return ""
        if person is None:
            return self._say("no_holder", post=self.names.post(post))
        return self._say("holder", post=self.names.post(post), person=self.names.person(person))

    def _units(self, names: Iterable[str]) -> str:
        return self.words["list"].join(map(self.names.unit, names))

    def _counts(self, kinds: Iterable[str], counted: Mapping[str, int]) -> str:
        return self.words["list"].join(f"{self.words[kind]} {counted[kind]}" for kind in kinds)

    def _say(self, word: str, /, **values: object) -> str:
        return self.words[word].format(**values)

    @staticmethod
    def _line(*parts: str) -> str:
        return one_line(_SEPARATOR.join(part for part in parts if part))


def by_due(item: Obligation) -> tuple[date, str]:
    """Order obligations by their due day, those without one last."""
    return item.due or date.max, item.id
