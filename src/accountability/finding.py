"""The findings: their codes, grades and texts.

**breach** counts as non-compliance, **open** as undetermined, **notice** changes no exit code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from .answer import Finding
from .event import Event


@frozen
class FindingKind:
    """A kind of finding: its grade and its text in Chinese and English."""

    grade: str
    text: Mapping[str, str]


def _kind(grade: str, zh: str, en: str) -> FindingKind:
    return FindingKind(grade, {"zh": zh, "en": en})


FINDINGS: dict[str, FindingKind] = {
    "parameter_required": _kind("open", "缺少参数，无法确定", "a parameter is missing, so it cannot be determined"),
    "organization_fact_required": _kind("open", "缺少组织事实", "a fact of the organization is missing"),
    "bearer_undetermined": _kind("open", "责任主体不能确定", "who bears it cannot be determined"),
    "count_unknown": _kind("open", "数量未知", "the count is not known yet"),
    "no_bearer": _kind("breach", "无人可承担，转上一级", "nobody can bear it; it goes one level up"),
    "vacant_post": _kind("breach", "岗位空缺", "the post is vacant"),
    "no_escalation_target": _kind("notice", "无上级可报", "there is no superior to escalate to"),
    "escalation_to_same_person": _kind("notice", "上下级为同一人", "the same person stands on both sides"),
    "recusal": _kind("notice", "应当回避", "must stand aside"),
    "no_quorum_after_recusal": _kind("notice", "回避后人数不足", "too few are left after recusal"),
    "same_body_two_stages": _kind("notice", "同一组织承担两个环节", "one body holds two stages"),
    "max_returns_exceeded": _kind("notice", "退回次数超限", "returned more often than allowed"),
    "review_not_agreed": _kind("notice", "复审不同意", "the review did not agree"),
    "reporter_withdrew": _kind("notice", "举报人撤回", "the reporter withdrew"),
    "transfer_during_open_case": _kind("notice", "在办期间转移组织关系", "transferred while the case is open"),
    "stage_skipped_missing_level": _kind(
        "notice", "缺少一级组织,环节略过", "a level is missing and its stage is skipped"
    ),
    "stage_substituted_missing_level": _kind(
        "notice", "缺少一级组织,由其他组织代行", "a level is missing; another unit stands in"
    ),
    "unit_not_in_scope": _kind("notice", "不在规定范围", "not within the wording of the clause"),
    "holder_changed_in_period": _kind("notice", "期间换人", "the holder changed within the period"),
    "due_before_known": _kind("notice", "知悉时已过期限", "due before it was known"),
    "basis_missing": _kind("breach", "缺少应当依据的结果", "the result that it must rest on is missing"),
    "decision_irregular": _kind("breach", "决策不合程序", "the decision was not taken as it must be"),
    "undetermined_lead": _kind("open", "领导关系不能确定", "who leads cannot be determined"),
    "directive_from_guiding_unit": _kind("notice", "指导单位下达任务", "a task set by a guiding unit"),
    "duties_differ": _kind("notice", "各规则包要求不一致", "two packs ask for it differently"),
    "report_incomplete": _kind("breach", "报告内容不全", "the report lacks required parts"),
    "band_gap": _kind("notice", "分数段空档", "no band holds these scores"),
    "band_overlap": _kind("notice", "分数段重叠", "two bands hold this score"),
    "duty_without_power": _kind("breach", "有责无权", "a duty without the powers that it needs"),
    "post_without_duty": _kind("breach", "有位无责", "a position without a duty"),
    "title_only": _kind("breach", "有名无实", "a title without duty and power"),
    "orphan_duty": _kind("breach", "责任无主", "a duty that nobody bears"),
    "several_primaries": _kind("breach", "多头负责", "several are responsible for one duty"),
    "hollow_unit": _kind("breach", "有机构无职责", "a unit without duty and power"),
    "two_responsible_persons": _kind("breach", "两个责任人", "the first responsible person is not the one who signs"),
    "leader_without_portfolio": _kind("breach", "班子成员无分工", "a leader without a portfolio"),
    "decision_at_wrong_level": _kind("breach", "决策层级不当", "a decision at the wrong level"),
    "escalated_own_matter": _kind("breach", "矛盾上交", "one's own matter is passed up"),
    "escalated_without_options": _kind("breach", "上报未附意见", "a new matter is passed up without options"),
    "weak_unit_without_contact_point": _kind("breach", "薄弱单位无联系点", "a weak unit without a contact point"),
    "contact_point_without_leader": _kind("breach", "联系点无联系人", "a contact point without a leader in office"),
    "unit_without_superior": _kind("breach", "隶属关系不明确", "no unit leads it"),
    "body_missing": _kind("breach", "缺少应设机构", "a body that must be there is missing"),
    "post_missing": _kind("breach", "缺少应设岗位或无人任职", "a post that must be held is missing or vacant"),
    "elements_missing": _kind("breach", "缺少应有内容", "required elements are missing"),
    "layer_without_decisions": _kind("breach", "该层级未实际决策", "the layer takes too few of the decisions"),
    "relation_missing": _kind("breach", "缺少应有关系", "nobody stands in the relation that must be there"),
    "one_sided_manager": _kind("breach", "有上无下或有下无上", "a manager without subordinates or without a superior"),
    "orphan_event": _kind("notice", "事件无所属案件", "the event belongs to no open case"),
    "no_rule_for_event": _kind("notice", "无规则对应", "no rule reads this event"),
    "matcher_disagreement": _kind("notice", "两套匹配结果不一致", "the two matchers disagree"),
    "possible_duplicate": _kind("notice", "疑似重复", "possibly the same fact twice"),
}
"""Every code of a finding that this version gives."""


def finding(
    code: str, about: str, detail: Mapping[str, str], rests_on: str | None = None, case: str | None = None,
    unit: str | None = None, day: date | None = None,
) -> Finding:  # fmt: skip
    """Return a finding of the code, with the grade that the code has."""
    return Finding(code, about, FINDINGS[code].grade, rests_on, case, unit, day, detail)


def finding_from(event: Event, code: str, about: str, detail: Mapping[str, str], unit: str | None = None) -> Finding:
    """Return a finding that an event gives rise to, in its case and on its day."""
    return finding(code, about, detail, case=event.case, unit=unit, day=event.date)
