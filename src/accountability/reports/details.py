"""The details of a finding in words, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from .names import Names

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "clause": "条款",
        "count": "次数",
        "rules": "规则",
        "rule": "规则",
        "clauses": "条款",
        "missing": "缺少",
        "duties": "职责",
        "bearers": "负责岗位",
        "persons": "人员",
        "choice": "选择项",
        "grade": "等级",
        "contacts": "联系人",
        "layer": "所在层级",
        "due_layer": "所定层级",
        "matter": "事项",
        "share": "实际比例",
        "least": "最低比例",
        "guide": "指导单位",
        "below": "其下级",
        "party_relation": "党的组织关系",
        "business_relation": "业务工作关系",
        "local.kind": "地方党委类别",
        "line.kind": "业务主管部门党组织类别",
        "type": "事件类型",
        "event": "事件",
        "field": "字段",
        "nearest": "最接近的",
    },
    "en": {
        "clause": "clause",
        "count": "count",
        "rules": "rules",
        "rule": "rule",
        "clauses": "clauses",
        "missing": "lacks",
        "duties": "duties",
        "bearers": "bearers",
        "persons": "persons",
        "choice": "choice",
        "grade": "grade",
        "contacts": "contacts",
        "layer": "layer",
        "due_layer": "due layer",
        "matter": "matter",
        "share": "share",
        "least": "least share",
        "guide": "guiding unit",
        "below": "stands below",
        "party_relation": "party relation",
        "business_relation": "business relation",
        "local.kind": "kind of the local body",
        "line.kind": "kind of the body of the line",
        "type": "type",
        "event": "event",
        "field": "field",
        "nearest": "nearest",
    },
}
_LISTS = {"zh": "、", "en": ", "}
_GAPS = {"zh": "", "en": " "}


def details(names: Names, detail: Mapping[str, str]) -> list[str]:
    """Return each detail as a phrase: what it is, and the value with the names that people know."""
    words, gap = WORDS[names.language], _GAPS[names.language]
    return [
        f"{words[key]}{gap}{_value(names, key, value)}" if key in words else f"{key} {value}"
        for key, value in detail.items()
    ]


def _value(names: Names, key: str, value: str) -> str:
    if key in ("guide", "below"):
        return names.unit(value)
    if key.endswith(".kind"):
        return names.policy.kinds.get(value, {}).get(names.language, value)
    return value.replace(", ", _LISTS[names.language])
