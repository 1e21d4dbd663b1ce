"""The sentences of lints in a reading: one for each check of the library, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

ZH: Mapping[str, str] = {
    "lint": "{title}：{found}，提示“{finding}”，不作决定。",
    "lint_duty_without_power": "岗位承担职责而不具备该职责所需的权力的",
    "lint_post_without_duty": "岗位具有权力或者为单位负责人，而不承担任何职责的",
    "lint_title_only": "岗位既不承担职责，也不具有权力，又不是单位负责人的",
    "lint_orphan_duty": "职责未写明负责岗位，或者所写岗位不存在的",
    "lint_several_primaries": "一项职责有几个负责岗位的",
    "lint_hollow_unit": "单位设有岗位，而各岗位均无职责和权力的",
    "lint_two_responsible_persons": "按 `first_responsible_is` 所定的第一责任人与该单位书记不是同一人的",
    "lint_leader_without_portfolio": "班子成员没有分工的",
    "lint_weak_unit_without_contact_point": "最近一次评定等级为{grades}的单位没有联系点的",
    "lint_contact_point_without_leader": "联系点的联系人均已不在班子任职的",
    "lint_unit_without_superior": "{kinds}没有上一级组织的",
    "lint_body_missing": "{of}没有{kind}的",
    "lint_post_missing": "{of}没有{post}岗位，或者该岗位无人任职的",
    "lint_elements_missing": "与{each}有关的{on}的 `{field}` 未涵盖{elements}的",
    "lint_layer_without_decisions": "{layer}的{on}占各层级的比例低于{share}的",
    "lint_relation_missing": "没有任何一方对{each}具有关系 `{relation}` 的",
    "lint_one_sided_manager": "{layer}单位没有所属的单位和人员，或者没有上一级组织的",
    "lint_decision_at_wrong_level": "{on}的单位所在层级不合所定层级（{layers}）的",
    "lint_escalated_own_matter": "{on}，而该事项属于上交单位自身职权的",
    "lint_escalated_without_options": "{on}，属于新问题而未附供选择的意见的",
}
EN: Mapping[str, str] = {
    "lint": "{title}: where {found}, the finding is “{finding}”.",
    "lint_duty_without_power": "a post bears a duty and lacks a power that the duty needs",
    "lint_post_without_duty": "a post holds a power or heads its unit, and bears no duty",
    "lint_title_only": "a post bears no duty, holds no power and does not head its unit",
    "lint_orphan_duty": "a duty names no responsible post, or none that exists",
    "lint_several_primaries": "several posts are responsible for one duty",
    "lint_hollow_unit": "a unit has posts and none of them has a duty or a power",
    "lint_two_responsible_persons": "the first responsible person by `first_responsible_is` is not the secretary of the unit",
    "lint_leader_without_portfolio": "a member of the leadership has no portfolio",
    "lint_weak_unit_without_contact_point": "a unit whose last grade is {grades} is nobody's contact point",
    "lint_contact_point_without_leader": "none of those whose contact point a unit is stands in the leadership any more",
    "lint_unit_without_superior": "a {kinds} has no superior",
    "lint_body_missing": "a {of} has no {kind}",
    "lint_post_missing": "a {of} has no {post}, or nobody holds that post",
    "lint_elements_missing": "the events {on} of a {each} do not name in `{field}` all of {elements}",
    "lint_layer_without_decisions": "the share of {layer} in {on}, of all layers, is below {share}",
    "lint_relation_missing": "nobody stands in the relation `{relation}` to a {each}",
    "lint_one_sided_manager": "a unit of the layer {layer} has neither units nor members under it, or no superior",
    "lint_decision_at_wrong_level": "{on} is of a unit on another layer than the due one ({layers})",
    "lint_escalated_own_matter": "{on} is about a matter for which the unit itself is competent",
    "lint_escalated_without_options": "{on} is about a new matter and gives no options",
}
