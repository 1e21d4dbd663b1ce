"""The checks of the organization and of single events: each found and not found, and silent without its table."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import accountability as a
from accountability.answer import to_data
from accountability.checks import CHECKS
from accountability.finding import FINDINGS
from accountability.organization_file import read_organization, write_organization
from accountability.packs.reading import read_packs
from accountability.packs.testing import run_scenarios
from accountability.reports.reading import reading

DAY = date(2025, 3, 31)

WORDS = """
[pack]
id = "house"
version = "1"
title = { zh = "章程", en = "charter" }
source = "charter"

[kinds]
board  = { zh = "总部", en = "board" }
office = { zh = "部门", en = "office" }
shop   = { zh = "基层", en = "shop" }
group  = { zh = "小组", en = "group" }

[relations]
assigned = { zh = "负责", en = "assigned" }

[posts]
secretary = { zh = "书记", en = "secretary" }
head      = { zh = "负责人", en = "head" }
deputy    = { zh = "副职", en = "deputy" }

[parameters.least]
type  = "share"
word  = "share"
title = { zh = "比例", en = "least share" }

[parameters.soon]
type  = "span"
title = { zh = "期限", en = "time" }

[events."decision.recorded"]
actor = "unit"
fields = { unit = "unit", kind = ["concept", "rule", "execution"] }

[events."problem.escalated"]
actor = "from"
fields = { from = "unit", to = "unit", matter = "text", new = "bool?", options = "list of text?" }

[events."standard.published"]
actor = "by"
fields = { by = "unit", unit = "unit?", kind = "text?", topics = "list of text?", pages = "int?" }

[events."unit.graded"]
fields = { unit = "unit", grade = "text" }

[events."contact_point.assigned"]
actor = "leader"
fields = { leader = "person", unit = "unit" }
"""

DECISION = 'on = "decision.recorded"\nwith = { layers = { concept = "高层", rule = "中层" } }'
ELEMENTS = 'with = { each = "office", event = "standard.published", field = "kind", elements = ["aims", "means"] }'
PASSED_UP = 'on = "problem.escalated"'
SHARE = 'with = { layer = "中层", share = "least" }'
WHAT: dict[str, str] = {
    "unit_without_superior": 'with = { kinds = ["office", "shop"] }',
    "body_missing": 'with = { of = "office", kind = "group" }',
    "post_missing": 'with = { of = "office", post = "secretary" }',
    "elements_missing": ELEMENTS,
    "layer_without_decisions": SHARE,
    "relation_missing": 'with = { each = ["office", "shop"], relation = "assigned" }',
    "decision_at_wrong_level": DECISION,
    "escalated_own_matter": PASSED_UP,
    "escalated_without_options": PASSED_UP,
}
"""What the block of each check says beside its name, where it says more."""


def lint(check: str, rest: str | None = None, id_: str = "A-1a.lint") -> str:
    """Return the block of a check."""
    more = WHAT.get(check, "") if rest is None else rest
    return f'```toml lint\nid = "{id_}"\ncheck = "{check}"\n{more}\n```\n'


@cache
def policy(*blocks: str) -> a.Policy:
    """Return the policy of these blocks; all stand under one clause of the pack."""
    with TemporaryDirectory() as folder:
        return a.Policy.load(written(Path(folder), *blocks))


def written(folder: Path, *blocks: str) -> Path:
    """Write the pack of these blocks."""
    (folder / "pack.toml").write_text(WORDS, encoding="utf-8")
    text = "# Law\n\n## One {#A-1}\nEach share of the house is in order.\n\n" + "".join(blocks)
    (folder / "1-law.md").write_text(text, encoding="utf-8")
    return folder


def organization(**lists: Any) -> a.Organization:
    """Return the organization of these lists of the organization file, with the units of a small house unless given."""
    units = [
        {"id": "top", "kind": "board"},
        {"id": "mid", "kind": "office", "led_by": "top"},
        {"id": "low", "kind": "shop", "led_by": "mid"},
    ]
    return read_organization({"units": units, **lists}, "organization")


def posts(*ids: str, **flags: Any) -> list[dict[str, Any]]:
    """Return posts, each held by the person of its own name."""
    return [{"id": each, "unit": each.partition(".")[0], "holder": f"p-{each}", **flags} for each in ids]


def event(type_: str, day: str, **fields: Any) -> a.Event:
    """Return an event, its sender under `from_`; its id is its type and day."""
    given = {key.rstrip("_"): value for key, value in fields.items()}
    known = {key: given.pop(key) for key in ("id", "recorded", "case") if key in given}
    return a.Event(type_, **{"id": f"{type_}-{day}", "date": day, **known, **given})


def found(
    law: a.Policy, where: a.Organization, events: list[a.Event] | None = None, day: date | str = DAY,
    known: date | str | None = None, **values: Any,
) -> list[tuple[str, str]]:  # fmt: skip
    """Return the codes and subjects of what the checks find on a day."""
    answer = a.assess(law, a.Parameters.of(values), where, events or [], day, known)
    return [(f.code, f.about) for f in answer.findings if f.code in CHECKS or f.code == "parameter_required"]


def check(name: str, where: a.Organization, events: list[a.Event] | None = None, **more: Any) -> list[str]:
    """Return what one check, written as usual, is about on a day."""
    result = found(policy(lint(name)), where, events, **more)
    assert {code for code, _ in result} <= {name}
    return [about for _, about in result]


# -- duties and powers ------------------------------------------------------------------------------------------------

HOUSE = posts("top.head", "mid.head", "low.head", head=True) + posts("mid.deputy", "low.deputy")


def test_a_duty_without_its_powers_names_the_powers_that_are_lacking() -> None:
    """A post that bears a duty lacks the powers that it does not itself hold; who has them all is not found."""
    duties = [
        {"duty": "plan", "bearer": "mid.deputy", "required_powers": ["draft", "spend", "sign"]},
        {"duty": "care", "bearer": "low.head", "required_powers": ["spend"]},
    ]
    powers = [
        {"power": p, "holder": h} for p, h in (("draft", "mid.deputy"), ("sign", "mid.head"), ("spend", "low.head"))
    ]
    where = organization(posts=HOUSE, duties=duties, powers=powers)
    assert check("duty_without_power", where) == ["mid.deputy lacks spend, sign"]
    assert check("duty_without_power", organization(posts=HOUSE, duties=duties)) == []
    assert check("duty_without_power", organization(posts=HOUSE, powers=powers)) == []


def test_the_lacking_powers_of_several_duties_of_a_post_stand_in_one_finding() -> None:
    """One post with two duties gives one finding with the powers that either needs, each once."""
    duties = [
        {"duty": "plan", "bearer": "mid.head", "required_powers": ["draft", "spend"]},
        {"duty": "care", "bearer": "mid.head", "required_powers": ["spend", "sign"]},
    ]
    where = organization(posts=HOUSE, duties=duties, powers=[{"power": "draft", "holder": "mid.head"}])
    assert check("duty_without_power", where) == ["mid.head lacks spend, sign"]


def test_a_post_without_duty_has_a_position_or_is_a_title_only() -> None:
    """A post without duty is found as a position where it heads its unit or holds a power, else as a title only."""
    where = organization(
        posts=HOUSE,
        duties=[{"duty": "plan", "bearer": "top.head"}, {"duty": "care", "bearer": "low.deputy", "primary": False}],
        powers=[{"power": "sign", "holder": "mid.deputy"}],
    )
    assert check("post_without_duty", where) == ["low.head", "mid.deputy", "mid.head"]
    assert check("title_only", where) == []
    where = organization(posts=HOUSE, duties=[{"duty": "plan", "bearer": "top.head"}])
    assert check("title_only", where) == ["low.deputy", "mid.deputy"]
    assert check("post_without_duty", where) == ["low.head", "mid.head"]


def test_a_duty_is_an_orphan_without_a_responsible_post_that_exists() -> None:
    """A duty is an orphan where it names nobody, a post that is not there, or somebody who only assists."""
    duties = [
        {"duty": "nobody"},
        {"duty": "unknown", "bearer": "mid.clerk"},
        {"duty": "assisted", "bearer": "mid.deputy", "primary": False},
        {"duty": "borne", "bearer": "mid.head"},
        {"duty": "borne", "bearer": "mid.deputy", "primary": False},
    ]
    where = organization(posts=HOUSE, duties=duties)
    assert check("orphan_duty", where) == ["assisted", "nobody", "unknown"]
    assert check("several_primaries", where) == []


def test_several_primaries_are_several_posts_that_exist_and_are_responsible() -> None:
    """A duty with two responsible posts is found, and not while one of them does not exist any more."""
    duties = [{"duty": "plan", "bearer": "mid.head"}, {"duty": "plan", "bearer": "low.head"}]
    where = organization(posts=HOUSE, duties=duties)
    assert check("several_primaries", where) == ["plan"]
    closed = event("unit.closed", "2025-02-28", unit="low")
    assert check("several_primaries", where, [closed]) == []
    assert check("several_primaries", where, [closed], day="2025-02-28") == ["plan"]


def test_a_unit_is_hollow_whose_posts_have_neither_duty_nor_power() -> None:
    """A unit with posts of which none has a duty or a power is hollow; one without posts is not."""
    where = organization(
        posts=posts("top.head", "mid.head", "mid.deputy"),
        duties=[{"duty": "plan", "bearer": "top.head"}],
        powers=[{"power": "sign", "holder": "top.head"}],
    )
    assert check("hollow_unit", where) == ["mid"]
    with_power = organization(
        posts=posts("top.head", "mid.head", "mid.deputy"),
        duties=[{"duty": "plan", "bearer": "top.head"}],
        powers=[{"power": "sign", "holder": "mid.deputy"}],
    )
    assert check("hollow_unit", with_power) == []


@pytest.mark.parametrize(
    "name", ["duty_without_power", "post_without_duty", "title_only", "orphan_duty", "several_primaries", "hollow_unit"]
)
def test_checks_of_duties_are_silent_without_the_table(name: str) -> None:
    """Where no duties are recorded, or none has begun, nothing is said of them."""
    powers = [{"power": "sign", "holder": "mid.head"}]
    assert check(name, organization(posts=HOUSE, powers=powers)) == []
    later = [{"duty": "plan", "from": "2025-04-01", "required_powers": ["sign"]}]
    assert check(name, organization(posts=HOUSE, powers=powers, duties=later)) == []


def test_entries_of_tables_are_dated() -> None:
    """A duty that has ended counts no more, and its post has none from the next day on."""
    duties = [{"duty": "plan", "bearer": "mid.head", "to": "2025-03-30"}, {"duty": "care", "bearer": "top.head"}]
    where = organization(posts=posts("top.head", "mid.head", head=True), duties=duties)
    assert check("post_without_duty", where, day="2025-03-30") == []
    assert check("post_without_duty", where, day="2025-03-31") == ["mid.head"]


# -- posts ------------------------------------------------------------------------------------------------------------


def test_two_responsible_persons_stand_where_the_first_is_not_the_secretary() -> None:
    """With the head of the unit as the first responsible person, a unit with another secretary has two."""
    both = posts("mid.head", head=True) + posts("mid.secretary")
    where = organization(posts=both)
    assert check("two_responsible_persons", where, first_responsible_is="unit_head") == ["mid"]
    assert check("two_responsible_persons", where, first_responsible_is="party_secretary") == []
    same = [{"id": f"mid.{kind}", "unit": "mid", "holder": "one"} for kind in ("head", "secretary")]
    assert check("two_responsible_persons", organization(posts=same)) == []
    assert check("two_responsible_persons", organization(posts=posts("mid.secretary"))) == []
    vacated = event("post.vacated", "2025-03-01", post="mid.head")
    assert check("two_responsible_persons", where, [vacated]) == []


def test_a_leader_without_a_portfolio_is_found_where_portfolios_are_recorded() -> None:
    """A leader without portfolio is found, others are not; without any portfolio recorded nothing is said."""
    leaders = posts("mid.head", leader=True) + posts("mid.deputy")
    recorded = posts("mid.secretary", leader=True, portfolio="staff")
    assert check("leader_without_portfolio", organization(posts=leaders + recorded)) == ["mid.head"]
    assert check("leader_without_portfolio", organization(posts=leaders)) == []


def test_a_post_is_missing_where_it_is_not_there_or_not_held() -> None:
    """A unit of the kind lacks the post without one, and from the day after it was vacated until it is assumed."""
    assert check("post_missing", organization()) == ["mid lacks secretary"]
    where = organization(posts=posts("mid.secretary"))
    changes = [
        event("post.vacated", "2025-02-10", post="mid.secretary"),
        event("post.assumed", "2025-03-10", post="mid.secretary", person="zhou", recorded="2025-03-20"),
    ]
    assert check("post_missing", where, changes, day="2025-02-10") == []
    assert check("post_missing", where, changes, day="2025-02-11") == ["mid lacks secretary"]
    assert check("post_missing", where, changes, day="2025-03-15") == ["mid lacks secretary"]
    assert check("post_missing", where, changes, day="2025-03-15", known="2025-03-20") == []


# -- units ------------------------------------------------------------------------------------------------------------


def test_a_unit_without_superior_is_found_among_the_kinds_that_are_named() -> None:
    """A unit of a named kind that nobody leads is found; the top, of another kind, is not."""
    units = [
        {"id": "top", "kind": "board"},
        {"id": "mid", "kind": "office"},
        {"id": "low", "kind": "shop", "led_by": "mid"},
    ]
    where = read_organization({"units": units}, "organization")
    assert check("unit_without_superior", where) == ["mid"]
    moved = event("unit.moved", "2025-03-01", unit="mid", to="top")
    assert check("unit_without_superior", where, [moved]) == []
    assert check("unit_without_superior", where, [moved], day="2025-02-28") == ["mid"]


def test_a_body_is_missing_without_an_organ_of_that_kind() -> None:
    """A unit needs an organ of the kind; an organ of another kind, or a unit that it leads, is none."""
    units = [
        {"id": "mid", "kind": "office"},
        {"id": "two", "kind": "office"},
        {"id": "g1", "kind": "group", "organ_of": "mid", "to": "2025-03-30"},
        {"id": "g2", "kind": "shop", "organ_of": "two"},
        {"id": "g3", "kind": "group", "led_by": "two"},
    ]
    where = read_organization({"units": units}, "organization")
    assert check("body_missing", where, day="2025-03-30") == ["two lacks group"]
    assert check("body_missing", where) == ["mid lacks group", "two lacks group"]


def test_a_relation_is_missing_where_nobody_stands_in_it_to_the_unit() -> None:
    """Each unit of the kinds needs somebody who stands in the relation to it on the day."""
    related = [
        {"relation": "assigned", "source": "top", "target": "mid"},
        {"relation": "assigned", "source": "low", "target": "top", "from": "2025-03-01"},
    ]
    assert check("relation_missing", organization(relations=related)) == ["low lacks assigned"]
    changed = event("relation.changed", "2025-03-01", relation="assigned", from_="mid", to="low")
    assert check("relation_missing", organization(relations=related), [changed]) == []


def test_a_manager_is_one_sided_without_subordinates_or_without_a_superior() -> None:
    """A unit of the lowest layer leads somebody and is led; members count as subordinates; other layers are not asked."""
    layers = [{"unit": "top", "layer": "高层"}, {"unit": "low", "layer": "基层"}]
    assert check("one_sided_manager", organization(layers=layers)) == ["low lacks subordinates"]
    members = [{"person": "wu", "unit": "low", "from": "2025-03-31"}]
    assert check("one_sided_manager", organization(layers=layers, members=members)) == []
    assert check("one_sided_manager", organization(layers=layers, members=members), day="2025-03-30") != []
    assert check("one_sided_manager", organization(layers=[{"unit": "top", "layer": "基层"}])) == ["top lacks superior"]
    assert check("one_sided_manager", organization()) == []


def test_the_lowest_layer_may_have_another_name() -> None:
    """With `layer` the host's own word for the lowest layer is meant."""
    law = policy(lint("one_sided_manager", 'with = { layer = "ground" }'))
    where = organization(layers=[{"unit": "low", "layer": "ground"}, {"unit": "mid", "layer": "基层"}])
    assert found(law, where) == [("one_sided_manager", "low lacks subordinates")]


# -- contact points ---------------------------------------------------------------------------------------------------


def test_a_weak_unit_needs_a_contact_point() -> None:
    """A unit whose last grade is weak is found unless it is somebody's contact point; without a grade nothing is said."""
    name, graded = "weak_unit_without_contact_point", event("unit.graded", "2025-02-01", unit="low", grade="weak")
    assert check(name, organization()) == []
    assert check(name, organization(), [graded]) == ["low"]
    assert check(name, organization(), [graded], day="2025-01-31") == []
    contact = event("contact_point.assigned", "2025-03-01", unit="low", leader="wu")
    assert check(name, organization(), [graded, contact]) == []
    related = [{"relation": "contact", "source": "wu", "target": "low", "to": "2025-03-30"}]
    assert check(name, organization(relations=related), [graded], day="2025-03-30") == []
    assert check(name, organization(relations=related), [graded]) == ["low"]


def test_the_last_grade_counts_and_a_late_one_from_the_day_it_is_known() -> None:
    """Grades come from the table and from events; the last one on or before the day counts, as far as it is known."""
    name = "weak_unit_without_contact_point"
    table = organization(grades=[{"unit": "low", "grade": "weak", "from": "2025-01-01"}])
    better = event("unit.graded", "2025-02-01", unit="low", grade="good", recorded="2025-03-20")
    assert check(name, table) == ["low"]
    assert check(name, table, [better], day="2025-03-10") == ["low"]
    assert check(name, table, [better], day="2025-03-10", known="2025-03-20") == []
    worse = event("unit.graded", "2025-03-25", unit="low", grade="weak")
    assert check(name, table, [better, worse]) == ["low"]
    retracted = event("event.retracted", "2025-03-26", target=worse.id)
    assert check(name, table, [better, worse, retracted]) == []
    later = organization(grades=[{"unit": "low", "grade": "good", "from": "2025-03-26"}])
    assert check(name, later, [worse]) == []


def test_other_grades_may_be_weak() -> None:
    """With `grades` the pack says which grades are weak."""
    law = policy(lint("weak_unit_without_contact_point", 'with = { grades = ["C", "D"] }'))
    events = [
        event("unit.graded", "2025-03-01", unit=unit, grade=grade) for unit, grade in (("low", "D"), ("mid", "B"))
    ]
    events = [a.Event(e.type, id=f"g{n}", date="2025-03-01", **e.fields) for n, e in enumerate(events)]
    assert found(law, organization(), events) == [("weak_unit_without_contact_point", "low")]


def test_a_contact_point_needs_a_leader_in_office() -> None:
    """A contact point whose leaders have all left the leadership is found, with who left and when; one left is enough."""
    name = "contact_point_without_leader"
    leaders = posts("mid.head", "mid.deputy", leader=True) + posts("mid.secretary")
    assigned = [
        event("contact_point.assigned", "2025-01-10", id="c1", unit="low", leader="p-mid.head"),
        event("contact_point.assigned", "2025-01-10", id="c2", unit="low", leader="p-mid.deputy"),
    ]
    left = event("post.vacated", "2025-02-10", post="mid.head")
    both = [left, event("post.vacated", "2025-03-10", post="mid.deputy")]
    where = organization(posts=leaders)
    assert check(name, where, assigned) == []
    assert check(name, where, [*assigned, left]) == []
    assert check(name, where, [*assigned, *both], day="2025-03-10") == []
    assert check(name, where, [*assigned, *both]) == ["low (p-mid.deputy left 2025-03-10, p-mid.head left 2025-02-10)"]
    secretary = event("contact_point.assigned", "2025-01-10", unit="mid", leader="p-mid.secretary")
    assert check(name, where, [secretary]) == ["mid (p-mid.secretary)"]
    assert check(name, organization(posts=posts("mid.secretary")), [secretary]) == []


# -- what events tell of units ----------------------------------------------------------------------------------------


def test_elements_are_missing_that_no_event_about_the_unit_or_by_it_names() -> None:
    """The events about a unit or by it name all elements; silent while nobody told such an event."""
    name = "elements_missing"
    assert check(name, organization()) == []
    other = event("standard.published", "2025-01-01", by="top", kind="aims")
    assert check(name, organization(), [other]) == ["mid lacks aims, means"]
    by = event("standard.published", "2025-02-01", by="mid", kind="aims")
    about = event("standard.published", "2025-03-01", by="top", unit="mid", kind="means")
    assert check(name, organization(), [by]) == ["mid lacks means"]
    assert check(name, organization(), [by, about], day="2025-02-28") == ["mid lacks means"]
    assert check(name, organization(), [by, about]) == []


def test_a_list_names_several_elements() -> None:
    """A field that holds a list names each of its texts."""
    law = policy(lint("elements_missing", ELEMENTS.replace('"kind"', '"topics"')))
    told = event("standard.published", "2025-02-01", by="mid", topics=["means", "aims"])
    assert found(law, organization(), [told]) == []


def test_a_layer_takes_too_few_decisions_below_its_share() -> None:
    """The share of the layer in all decisions of known layers is compared; decisions of other units do not count."""
    layers = [{"unit": "top", "layer": "高层"}, {"unit": "mid", "layer": "中层"}]
    taken = [
        event("decision.recorded", f"2025-03-0{n}", unit=unit, kind="rule")
        for n, unit in enumerate(("top", "top", "top", "mid", "low"), 1)
    ]
    where, name = organization(layers=layers), "layer_without_decisions"
    assert check(name, where, taken, least=25) == []
    assert check(name, where, taken, least=26) == ["中层"]
    assert check(name, where, taken, day="2025-03-03", least=1) == ["中层"]
    assert check(name, where, [], least=26) == []
    assert check(name, organization(), taken, least=26) == []


def test_a_share_that_nobody_has_set_is_asked_for() -> None:
    """Without the share, the finding is the missing parameter and no guess."""
    where = organization(layers=[{"unit": "top", "layer": "高层"}])
    taken = event("decision.recorded", "2025-03-01", unit="top", kind="rule")
    assert found(policy(lint("layer_without_decisions")), where, [taken]) == [("parameter_required", "least")]


# -- checks of one event ----------------------------------------------------------------------------------------------


def test_a_decision_is_at_the_wrong_level_on_another_layer_than_the_due_one() -> None:
    """A kind of decision belongs to a layer; kinds that the lint does not name and units without layer are not asked."""
    layers = [
        {"unit": "top", "layer": "高层", "to": "2025-03-10"},
        {"unit": "top", "layer": "中层", "from": "2025-03-11"},
    ]
    where, name = organization(layers=layers), "decision_at_wrong_level"
    right = event("decision.recorded", "2025-03-10", unit="top", kind="concept", id="d1")
    wrong = event("decision.recorded", "2025-03-11", unit="top", kind="concept", id="d2")
    free = event("decision.recorded", "2025-03-10", unit="top", kind="execution", id="d3")
    unknown = event("decision.recorded", "2025-03-10", unit="low", kind="concept", id="d4")
    assert check(name, where, [right, wrong, free, unknown]) == ["d2"]
    assert check(name, organization(), [right, wrong, free, unknown]) == []


def test_an_own_matter_is_passed_up_where_the_sender_is_competent_on_that_day() -> None:
    """A matter of one's own competence that is passed up is found, on the days on which one is competent for it."""
    table = [{"unit": "low", "matter": "shifts", "from": "2025-02-01"}]
    events = [
        event("problem.escalated", "2025-01-31", from_="low", to="mid", matter="shifts", id="e1"),
        event("problem.escalated", "2025-02-01", from_="low", to="mid", matter="shifts", id="e2"),
        event("problem.escalated", "2025-02-02", from_="low", to="mid", matter="budget", id="e3"),
        event("problem.escalated", "2025-02-02", from_="mid", to="top", matter="shifts", id="e4"),
    ]
    assert check("escalated_own_matter", organization(competence=table), events) == ["e2"]
    assert check("escalated_own_matter", organization(), events) == []


def test_a_new_matter_is_passed_up_with_options() -> None:
    """A new matter without options is found; one with options, and one that is not new, is not."""
    events = [
        event("problem.escalated", "2025-02-01", from_="low", to="mid", matter="a", new=True, id="e1"),
        event("problem.escalated", "2025-02-02", from_="low", to="mid", matter="b", new=True, options=["x"], id="e2"),
        event("problem.escalated", "2025-02-03", from_="low", to="mid", matter="c", id="e3"),
        event("problem.escalated", "2025-02-04", from_="low", to="mid", matter="d", new=True, options=[], id="e4"),
    ]
    assert check("escalated_without_options", organization(), events) == ["e1", "e4"]


def test_a_check_of_an_event_looks_only_at_the_events_that_its_conditions_select() -> None:
    """The conditions of `on` narrow the events; an event that does not meet them is not checked."""
    law = policy(lint("escalated_without_options", 'on = { event = "problem.escalated", "from.kind" = "office" }'))
    events = [
        event("problem.escalated", "2025-02-01", from_="low", to="mid", matter="a", new=True, id="e1"),
        event("problem.escalated", "2025-02-01", from_="mid", to="top", matter="a", new=True, id="e2"),
    ]
    assert found(law, organization(), events) == [("escalated_without_options", "e2")]


# -- all checks -------------------------------------------------------------------------------------------------------


def test_every_check_has_a_finding_of_its_name_of_grade_breach() -> None:
    """Each check gives the finding of its name, which counts as non-compliance."""
    assert {name: FINDINGS[name].grade for name in CHECKS} == dict.fromkeys(CHECKS, "breach")


def test_one_code_and_subject_give_one_finding_that_cites_every_clause() -> None:
    """Two lints with the same check give one finding about one subject, with both rules and clauses."""
    law = policy(lint("orphan_duty"), lint("orphan_duty", id_="A-1b.lint"))
    answer = a.assess(law, a.Parameters(), organization(duties=[{"duty": "plan"}]), [], DAY)
    [finding] = answer.findings
    assert (finding.code, finding.about) == ("orphan_duty", "plan")
    assert finding.detail == {"rules": "A-1a.lint, A-1b.lint", "clauses": "A-1a, A-1b"}


def test_lints_that_lack_different_elements_of_one_unit_give_one_finding() -> None:
    """What several lints find lacking in a unit stands in one finding."""
    law = policy(lint("elements_missing"), lint("elements_missing", ELEMENTS.replace("means", "ends"), "A-1b.lint"))
    told = event("standard.published", "2025-01-01", by="top", kind="aims")
    assert found(law, organization(), [told]) == [("elements_missing", "mid lacks aims, means, ends")]


def test_a_lint_stands_only_while_its_law_is_in_force() -> None:
    """A check of the organization needs its law in force on the day, a check of an event on the day of the event."""
    where = organization(duties=[{"duty": "plan"}])
    law = policy(lint("orphan_duty")).in_force_between("2025-01-01", "2025-03-30")
    assert found(law, where, day="2025-03-30") == [("orphan_duty", "plan")]
    assert found(law, where) == []
    passed = [
        event("problem.escalated", day, from_="low", to="mid", matter="a", new=True, id=day)
        for day in ("2025-03-30", "2025-03-31")
    ]
    law = policy(lint("escalated_without_options")).in_force_between("2025-01-01", "2025-03-30")
    assert found(law, where, passed) == [("escalated_without_options", "2025-03-30")]


def test_a_practice_stands_only_once_it_is_adopted() -> None:
    """A lint with ``adopted = false`` says nothing unless the host adopts it by its id or norm."""
    with TemporaryDirectory() as name:
        folder = written(Path(name), lint("orphan_duty", "adopted = false"), lint("hollow_unit", id_="A-1b.lint"))
        where = organization(duties=[{"duty": "plan"}])
        assert found(a.Policy.load(folder), where) == []
        for adopted in ("A-1a", "A-1a.lint"):
            assert found(a.Policy.load(folder, adopt=[adopted]), where) == [("orphan_duty", "plan")]


def test_retracted_and_doubled_events_do_not_count_twice() -> None:
    """An event that was retracted is not checked, nor is one that tells the same fact of its case again."""
    first, again = (
        event("problem.escalated", "2025-02-01", from_="low", to="mid", matter="a", new=True, case="K", id=id_)
        for id_ in ("e1", "e2")
    )
    law = policy(lint("escalated_without_options"))
    assert found(law, organization(), [first, again]) == [("escalated_without_options", "e1")]
    retracted = event("event.retracted", "2025-02-02", target="e1")
    assert found(law, organization(), [first, retracted]) == []
    assert found(law, organization(), [first, again, retracted]) == [("escalated_without_options", "e2")]


@pytest.mark.parametrize("name", ["weak_unit_without_contact_point", "elements_missing", "layer_without_decisions"])
def test_events_that_a_check_reads_are_not_without_a_rule(name: str) -> None:
    """An event that only a check of the organization reads has no finding that no rule reads it."""
    events = [
        event("unit.graded", "2025-02-01", unit="low", grade="good"),
        event("standard.published", "2025-02-01", by="mid", kind="aims"),
        event("decision.recorded", "2025-02-01", unit="top", kind="rule"),
    ]
    answer = a.assess(policy(lint(name)), a.Parameters(), organization(), events, DAY)
    results = {e.type: e.result for e in answer.events}
    read = {event for pattern in policy(lint(name)).patterns().values() for event in pattern.events}
    assert read
    assert {type_ for type_, result in results.items() if result == "no_effect"} == read & results.keys()


def test_the_ledger_answers_as_assess_does() -> None:
    """After every step the ledger finds what `assess` finds, also when facts come late."""
    law = policy(*(lint(name, id_=f"A-1{chr(97 + n)}.lint") for n, name in enumerate(sorted(CHECKS))))
    law = law.with_parameters({"least": 50})
    lists: dict[str, Any] = {
        "posts": posts("mid.head", "low.head", head=True, leader=True),
        "duties": [{"duty": "plan", "bearer": "mid.head"}],
        "layers": [{"unit": "top", "layer": "高层"}, {"unit": "mid", "layer": "中层"}],
    }
    events = [
        event("decision.recorded", "2025-01-05", unit="top", kind="rule", recorded="2025-02-10"),
        event("unit.graded", "2025-01-10", unit="low", grade="weak"),
        event("contact_point.assigned", "2025-01-15", unit="low", leader="p-mid.head", recorded="2025-03-01"),
        event("post.vacated", "2025-01-20", post="mid.head", recorded="2025-03-05"),
        event("unit.closed", "2025-03-20", unit="low"),
    ]
    ledger = a.Ledger(law, organization(**lists), matcher="python")
    for number, each in enumerate(sorted(events, key=lambda e: e.known), 1):
        ledger.submit(each)
        told = sorted(events, key=lambda e: e.known)[:number]
        expected = a.assess(law, law.parameters, organization(**lists), told, each.known)
        assert to_data(ledger.assessment()) == to_data(expected)


def test_the_order_of_events_and_entries_never_matters() -> None:
    """Events and entries of tables in the opposite order give the same findings."""
    law = policy(lint("duty_without_power"), lint("weak_unit_without_contact_point", id_="A-1b.lint"))
    duties = [{"duty": d, "bearer": "mid.head", "required_powers": [p]} for d, p in (("a", "x"), ("b", "y"))]
    powers = [{"power": "z", "holder": "mid.head"}]
    grades = [event("unit.graded", f"2025-02-0{n}", unit="low", grade=g) for n, g in ((1, "weak"), (2, "good"))]
    one = a.assess(law, a.Parameters(), organization(posts=HOUSE, duties=duties, powers=powers), grades, DAY)
    other = organization(posts=HOUSE[::-1], duties=duties[::-1], powers=powers)
    assert {f.about.partition(" ")[0] for f in one.findings} == {"mid.head"}
    two = a.assess(law, a.Parameters(), other, grades[::-1], DAY)
    assert to_data(two.findings) == to_data(one.findings)


def test_tables_are_written_as_they_are_read() -> None:
    """The plain data of an organization with tables gives the same tables again."""
    where = organization(
        posts=HOUSE,
        duties=[
            {"duty": "plan", "bearer": "mid.head", "required_powers": ["x", "y"], "primary": False, "to": "2025-12-31"},
            {"duty": "care"},
        ],
        powers=[{"power": "x", "holder": "mid.head", "from": "2025-01-01"}],
        competence=[{"unit": "low", "matter": "shifts"}],
        layers=[{"unit": "low", "layer": "基层"}],
        grades=[{"unit": "low", "grade": "weak"}],
    )
    assert where.tables.duties[0] == a.Charge("plan", "mid.head", ("x", "y"), False, to=date(2025, 12, 31))
    assert read_organization(write_organization(where), "again").tables == where.tables


def test_tables_may_be_csv_files(tmp_path: Path) -> None:
    """Each table may be a file of the folder; the powers of a duty stand in one cell."""
    files = {
        "units": "id,kind\nmid,office\n",
        "posts": "unit,id\nmid,mid.head\n",
        "tenures": "post,person\n",
        "memberships": "person,unit\n",
        "duties": "duty,bearer,required_powers,primary\nplan,mid.head,x、y; z,否\ncare,,,\n",
        "powers": "power,holder,from\nx,mid.head,2025-01-01\n",
        "competence": "unit,matter\nmid,shifts\n",
        "layers": "unit,layer\nmid,中层\n",
        "grades": "unit,grade,from\nmid,weak,2025-02-01\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    tables = a.Organization.load(tmp_path).tables
    assert tables.duties == (a.Charge("plan", "mid.head", ("x", "y", "z"), False), a.Charge("care"))
    assert tables.powers == (a.Power("x", "mid.head", date(2025, 1, 1)),)
    assert (tables.competence, tables.layers) == ((a.Competence("mid", "shifts"),), (a.Layer("mid", "中层"),))
    assert tables.grades == (a.Grade("mid", "weak", date(2025, 2, 1)),)


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ({"duties": [{"bearer": "mid.head"}]}, r"duties\[0\]: `duty` is missing"),
        ({"duties": [{"duty": " "}]}, r"duties\[0\].duty: `duty` is missing"),
        ({"duties": [{"duty": "a", "required_powers": [1]}]}, r"duties\[0\].required_powers: .* is no list of texts"),
        ({"duties": [{"duty": "a", "primary": "no"}]}, r"duties\[0\].primary: `no` is neither true nor false"),
        ({"duties": [{"duty": "a", "power": "x"}]}, r"duties\[0\].power: the key `power` is not known"),
        ({"powers": [{"power": "x", "holder": "mid.hea"}]}, r"powers\[0\]: .*`mid.hea`.*did you mean `mid.head`\?"),
        ({"layers": [{"unit": "midd", "layer": "x"}]}, r"layers\[0\]: .*`midd`.*did you mean `mid`\?"),
        ({"grades": [{"unit": "mid"}]}, r"grades\[0\]: `grade` is missing"),
        ({"competence": [{"unit": "mid", "mater": "x"}]}, r"mater: .*did you mean `matter`\?"),
        (
            {"grades": [{"unit": "mid", "grade": "x", "from": "2025-02-01", "to": "2025-01-01"}]},
            r"grades\[0\]: grade of `mid` ends on 2025-01-01 before it begins",
        ),
    ],
)
def test_a_wrong_entry_of_a_table_is_refused_at_its_place(lists: dict[str, Any], words: str) -> None:
    """A table with an unknown key, a missing one, a value of another type or an unknown unit or post is refused."""
    with pytest.raises(a.OrganizationError, match=words):
        organization(posts=HOUSE, **lists)


# -- the block --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CHECKS))
def test_every_check_reads_and_is_one_sentence(name: str) -> None:
    """Each check reads into a rule, and `read` says in both languages what it looks for and the finding."""
    law = policy(lint(name))
    [rule] = law.lints
    assert rule.check == name and set(rule.arguments) <= set(CHECKS[name].arguments)
    for language in ("zh", "en"):
        [line] = [line for line in reading(law, language).splitlines() if "**A-1a.lint**" in line]
        assert FINDINGS[name].text[language] in line and "{" not in line and "None" not in line


def block(check: str, *lines: str) -> str:
    return "\n".join([f'check = "{check}"', *lines])


ON = 'on = "decision.recorded"'
ARGUMENTS: dict[str, tuple[str, str, str, str]] = {
    "of a check that takes none": ("orphan_duty", 'of = "office"', "of", "it takes none"),
    "unknown": ("post_missing", 'off = "office", post = "head"', "off", "did you mean `of`?"),
    "missing": ("post_missing", 'of = "office"', "post", "needs the argument"),
    "unknown kind": ("post_missing", 'of = "offices", post = "head"', "offices", "did you mean `office`?"),
    "unknown kind in a list": ("unit_without_superior", 'kinds = ["shops"]', "shops", "did you mean `shop`?"),
    "no kinds": ("unit_without_superior", "kinds = []", "kinds", "or a list of kinds"),
    "unknown post": ("post_missing", 'of = "office", post = "haed"', "haed", "did you mean `head`?"),
    "parameter of another type": ("layer_without_decisions", 'layer = "x", share = "soon"', "soon", "takes a share"),
    "share as a number": ("layer_without_decisions", 'layer = "x", share = 20', "share", "a text"),
    "unknown parameter": ("layer_without_decisions", 'layer = "x", share = "lest"', "lest", "did you mean `least`?"),
    "nearly a relation": ("relation_missing", 'each = "shop", relation = "contacts"', "contacts", "mean `contact`?"),
}
BAD: dict[str, tuple[str, str, str]] = {
    "unknown check": (block("orphan_duties"), "orphan_duties", "did you mean `orphan_duty`?"),
    "no check": ('title = { zh = "无", en = "none" }', "check", "write `check ="),
    "unknown key": (block("orphan_duty", "wit = {}"), "wit", "did you mean `with`?"),
    "unknown event": (
        block("elements_missing", ELEMENTS.replace("published", "publishd")),
        "standard.publishd",
        "did you mean `standard.published`?",
    ),
    "unknown field": (
        block("elements_missing", ELEMENTS.replace('"kind"', '"kinds"')), "kinds", "did you mean `kind`?"
    ),
    "field that is no text": (
        block("elements_missing", ELEMENTS.replace('"kind"', '"pages"')), "pages", "is no text of the event"
    ),
    "no elements": (
        block("elements_missing", ELEMENTS.replace('"aims", "means"', "")), "elements", "at least one text"
    ),
    "event for a check of the organization": (
        block("orphan_duty", 'on = "unit.graded"'), "orphan_duty", "leave `on` out"
    ),
    "no event for a check of one": (block("escalated_own_matter"), "on", "write the events"),
    "event without the field": (
        block("escalated_own_matter", 'on = "unit.graded"'), "matter", "which `unit.graded` has not"
    ),
    "layers that are no table": (
        block("decision_at_wrong_level", ON, 'with = { layers = "x" }'), "layers", "a table"
    ),
    "no layers": (block("decision_at_wrong_level", ON, "with = { layers = {} }"), "layers", "a table of kinds"),
    "kind of decision that the event has not": (
        block("decision_at_wrong_level", ON, 'with = { layers = { ruel = "x" } }'), "ruel", "did you mean `rule`?"
    ),
    "adopted that is no truth": (block("orphan_duty", 'adopted = "no"'), "adopted", "true or false"),
    **{
        f"argument, {case}": (block(check, f"with = {{ {text} }}"), word, advice)
        for case, (check, text, word, advice) in ARGUMENTS.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD))
def test_a_bad_block_is_refused_at_its_line_with_what_to_do(case: str, tmp_path: Path) -> None:
    """A block with a wrong word, a missing one or one of another type is refused with file, line and advice."""
    rest, word, advice = BAD[case]
    folder = written(tmp_path, f'```toml lint\nid = "A-1a.lint"\n{rest}\n```\n')
    with pytest.raises(a.PackError) as caught:
        read_packs([folder])
    message = str(caught.value)
    assert re.match(rf"{re.escape(str(folder / '1-law.md'))}:(6|[6-9]|1\d): ", message)
    assert f"`{word}`" in message and advice in message and "\n" not in message


def test_scenarios_of_packs_compare_ratings_and_know_which_lints_fired(tmp_path: Path) -> None:
    """A scenario lists ratings exactly, and a lint, a scale and the band of a rating count as fired."""
    folder = written(
        tmp_path,
        lint("orphan_duty"),
        '```toml scale\nid = "A-1b.scale"\non = "score.given"\nscore = "score"\n```\n',
        '```toml band\nid = "A-1c"\nof = "A-1b.scale"\nname = { zh = "好", en = "good" }\nat_least = 50\n```\n',
        '```toml band\nid = "A-1d"\nof = "A-1b.scale"\nname = { zh = "差", en = "poor" }\nat_most = 50\n```\n',
        '```toml scenario\nname = "one"\norganization = { units = [{ id = "u", kind = "shop" }], duties = [{ duty = "plan" }] }\n'
        'events = [{ id = "s", type = "score.given", date = "2025-01-01", unit = "u", score = "70.5" }]\n\n'
        "[[checks]]\nas_of = 2025-01-02\nRATINGS\nnone = true\n```\n",
    )
    words = (folder / "pack.toml").read_text(encoding="utf-8")
    words += '\n[events."score.given"]\nfields = { unit = "unit", score = "decimal" }\n'
    (folder / "pack.toml").write_text(words, encoding="utf-8")
    law = (folder / "1-law.md").read_text(encoding="utf-8")

    def tested(ratings: str) -> tuple[int, int, tuple[str, ...]]:
        (folder / "1-law.md").write_text(law.replace("RATINGS", ratings), encoding="utf-8")
        result = run_scenarios([folder])
        return result.passed, result.failed, result.unfired_rules

    right = 'ratings = [{ unit = "u", event = "s", result = "好", score = "70.5", clause = "A-1c", rule = "A-1c" }]'
    assert tested(right) == (1, 0, ("A-1d",))
    assert tested(right.replace("好", "差"))[1] == 1
    assert tested("ratings = []")[1] == 1
    assert tested(right.replace("A-1c", "A-1d"))[1] == 1
