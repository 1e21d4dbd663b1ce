"""Who leads and who guides, bodies that act for others, roles, rules under a choice, practices, and gates."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import accountability as a
from accountability.organization_facts import Ground
from accountability.organization_file import read_organization, write_organization
from accountability.packs.lint import lint
from accountability.packs.reading import read_packs
from accountability.reports.reading import reading

FOLDER = Path(__file__).parent / "packs" / "leading"
UNITS: list[dict[str, Any]] = [
    {"id": "city", "kind": "committee", "led_by": "top", "posts": [{"kind": "secretary", "holder": "an"}]},
    {"id": "top", "kind": "committee", "posts": [{"kind": "secretary", "holder": "bo"}]},
    {"id": "tax", "kind": "line", "led_by": "top"},
    {"id": "grp", "kind": "group", "led_by": "top"},
    {"id": "csc", "kind": "bureau", "acts_for": "city"},
    {"id": "plen", "kind": "plenum", "organ_of": "city"},
    {
        "id": "x", "kind": "branch", "led_by": [{"unit": "grp", "to": "2024-12-31"}], "local": "city", "line": "tax",
        "party_relation": [{"ground": "属地", "from": "2025-01-01"}], "business_relation": "垂直",
        "posts": [
            {"kind": "secretary", "holder": "cai"}, {"kind": "head", "holder": "du"},
            {"kind": "member", "leader": True, "portfolio": "plans", "holder": "en"},
        ],
    },
]  # fmt: skip
POLICY = a.Policy.load(FOLDER)


def ask(
    events: list[a.Event],
    as_of: str = "2025-03-31",
    units: list[dict[str, Any]] = UNITS,
    adopt: tuple[str, ...] = (),
    **parameters: object,
) -> a.Assessment:
    """Return the answer of the ledger, which equals that of the definition, on these events."""
    given = {"escalate_after": "0d", "merit_lasts": "30d", **parameters}
    policy = a.Policy.load(FOLDER, parameters=given, adopt=adopt)
    organization = read_organization({"units": units}, "test")
    answer = a.assess(policy, policy.parameters, organization, events, as_of)
    ledger = a.Ledger(policy, organization)
    for event in events:
        ledger.submit(event)
    ledger.advance(to=as_of)
    assert a.to_data(ledger.assessment()) == a.to_data(answer)
    return answer


def led(answer: a.Assessment) -> list[tuple[str, str, str | None]]:
    """Return who leads and who guides whom."""
    return [(each.unit, each.lead, each.guide) for each in answer.relations]


def codes(answer: a.Assessment) -> list[tuple[str, str]]:
    """Return the findings but those about events without a rule."""
    return [(f.code, f.about) for f in answer.findings if f.code != "no_rule_for_event"]


def refused(event: a.Event) -> bool:
    """Tell whether a change is refused by the definition, and by the ledger."""
    organization = read_organization({"units": UNITS}, "test")
    with pytest.raises(a.OrganizationError, match="event `r`: "):
        a.Ledger(POLICY, organization).submit(event)
    answer = a.assess(POLICY, POLICY.parameters, organization, [event], "2025-03-31")
    return [each.result for each in answer.events] == ["refused"]


# -- who leads and who guides -----------------------------------------------------------------------------------------


def test_who_leads_follows_from_the_grounds_of_the_day() -> None:
    """The local committee leads from the day on which the ground is recorded; before it, what was recorded stands."""
    answer = ask([])
    assert led(answer) == [("x", "city", "tax")]
    reasons = answer.relations[0].because
    assert (reasons.rule, reasons.clause.ref) == ("R-1a", "R-1a")
    assert Ground("x", "party_relation", "属地", date(2025, 1, 1)) in reasons.path
    assert led(ask([], "2024-12-31")) == []


def test_a_change_of_the_grounds_told_as_an_event_changes_who_leads() -> None:
    """From the day of the event the line leads, and an escalation goes to it; told late, it is the same."""
    turn = a.Event("relation.changed", id="t", date="2025-02-01", relation="local", from_="city", to="x", ground="垂直")
    asked = a.Event("plan.asked", id="p", date="2025-03-01", unit="x")
    answer = ask([turn, asked])
    assert led(answer) == [("x", "tax", "city")]
    assert [(e.from_unit, e.to_unit) for e in answer.escalations] == [("x", "tax")]
    assert led(ask([], "2025-01-31")) == [("x", "city", "tax")]
    late = a.Event("relation.changed", id="t", date="2025-02-01", recorded="2025-03-20", relation="local", from_="city",
                   to="x", ground="垂直")  # fmt: skip
    assert [e.to_unit for e in ask([asked, late]).escalations] == ["tax"]


@pytest.mark.parametrize("change", [{"line": "grp", "party_relation": "垂直"}, {"line": []}, {"business_relation": []}])
def test_nobody_leads_where_no_rule_fits_or_a_body_is_missing(change: dict[str, object]) -> None:
    """A group can not lead, a body is missing, a ground is missing: a finding and no guess, whatever was recorded."""
    units = [*UNITS[:-1], {**UNITS[-1], "led_by": "top", **change}]
    answer = ask([a.Event("plan.asked", id="p", date="2025-03-01", unit="x")], units=units)
    assert (led(answer), answer.escalations) == ([], ())
    assert ("undetermined_lead", "x") in codes(answer)


def test_a_unit_without_grounds_keeps_its_leading_unit() -> None:
    """Without recorded grounds what is recorded stands, and nothing is derived."""
    plain = {key: value for key, value in UNITS[-1].items() if not key.endswith("_relation")}
    answer = ask(
        [a.Event("plan.asked", id="p", date="2025-03-01", unit="x")], units=[*UNITS[:-1], {**plain, "led_by": "grp"}]
    )
    assert (led(answer), [e.to_unit for e in answer.escalations]) == ([], ["grp"])


def test_a_unit_never_leads_the_one_that_leads_it() -> None:
    """Where the unit stands above the body that would lead it, nobody can say who leads."""
    units = [{**UNITS[0], "led_by": "x"}, *UNITS[1:]]
    answer = ask([], units=units)
    assert (led(answer), codes(answer)) == ([], [("undetermined_lead", "x")])
    turned = ask([a.Event("unit.moved", id="m", date="2025-02-01", unit="top", to="x")])
    assert led(turned) == []


def test_a_body_that_is_merged_hands_on_the_units_that_it_led() -> None:
    """The unit into which the local committee is merged leads in its place."""
    merged = a.Event("unit.merged", id="m", date="2025-02-01", units=["city"], into="top")
    assert led(ask([merged])) == [("x", "top", "tax")]


@pytest.mark.parametrize("binds", ["true", "false"])
def test_a_task_of_a_guiding_unit_is_found_and_binds_as_chosen(binds: str) -> None:
    """The finding stands either way; where it binds, the overdue task goes to the unit that leads."""
    tasks = [a.Event("task.assigned", id=by, date="2025-03-01", to="x", by=by) for by in ("tax", "city")]
    answer = ask(tasks, guide_may_assign=binds)
    assert codes(answer) == [("directive_from_guiding_unit", "tax")]
    expected = ["city", "tax"] if binds == "true" else ["city"]
    assert sorted(o.to for o in answer.obligations if o.to is not None) == expected
    assert {e.to_unit for e in answer.escalations} == {"city"}


def test_the_grounds_of_a_unit_are_written_as_they_are_read() -> None:
    """What is written of an organization with grounds and bodies reads as the same facts."""
    organization = read_organization({"units": UNITS}, "test")
    again = read_organization(write_organization(organization), "again")
    assert (again.grounds, set(again.relations)) == (organization.grounds, set(organization.relations))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"party_relation": [{"ground": "属地"}, {"ground": "垂直"}]}, "`party_relation` of `x` is"),
        ({"party_relation": [{"from": "2025-01-01"}]}, "the ground is missing"),
        ({"local": "nowhere"}, "which is not there"),
    ],
)
def test_contradicting_grounds_are_refused(facts: dict[str, object], message: str) -> None:
    """Two grounds on one day, a ground without a word, and an unknown body are refused."""
    with pytest.raises(a.OrganizationError, match=message):
        read_organization({"units": [{"id": "x", "kind": "branch", **facts}]}, "test")


@pytest.mark.parametrize("change", [{"relation": "leads", "to": "x"}, {"relation": "line", "from_": "x", "to": "x"}])
def test_a_relation_that_names_nobody_or_itself_is_refused(change: dict[str, str]) -> None:
    """A relation without a unit that stands in it, and a unit that is its own body, are refused as a change."""
    assert refused(a.Event("relation.changed", id="r", date="2025-02-01", **change))


def test_the_bodies_of_a_unit_may_be_ended() -> None:
    """A change that names no body ends it; the ground that comes with it stands."""
    ended = a.Event("relation.changed", id="r", date="2025-02-01", relation="line", to="x", ground="属地")
    assert codes(ask([ended])) == [("undetermined_lead", "x")]


# -- a body that acts for another ------------------------------------------------------------------------------------


def test_a_body_that_acts_for_another_has_its_posts_superior_and_organs() -> None:
    """The standing committee of a committee answers by its secretary, towards its superior and through its organs."""
    view = read_organization({"units": UNITS}, "test").on(date(2025, 1, 1))
    assert [post.id for post in view.posts("csc", "secretary")] == ["city.secretary"]
    assert (view.superior("csc"), view.organs("csc"), view.stands_in("an", "csc")) == ("top", ["plen"], True)


def test_bodies_that_act_for_one_another_are_refused() -> None:
    """Who acts for a unit can not stand above it: in the file and as an event."""
    with pytest.raises(a.OrganizationError, match="cycle"):
        read_organization({"units": [*UNITS[1:], {**UNITS[0], "acts_for": "csc"}]}, "test")
    back = a.Event("relation.changed", id="r", date="2025-02-01", relation="acts_for", from_="city", to="csc")
    assert refused(back)


# -- roles, choices of rules, practices -------------------------------------------------------------------------------

ASKED = a.Event("plan.asked", id="p", date="2025-03-01", unit="x")


@pytest.mark.parametrize(("chosen", "post"), [("unit_head", "x.head"), ("party_secretary", "x.secretary")])
def test_the_first_responsible_person_is_the_head_or_the_secretary(chosen: str, post: str) -> None:
    """The choice says whose post is meant, the reasons cite it, and the role clause makes that post answer."""
    (duty,) = ask([ASKED], first_responsible_is=chosen).obligations
    assert duty.post == post and duty.because.answers is not None and duty.because.answers.ref == "R-3b"
    assert {("first_responsible_is", chosen), ("pace", "slow")} <= {(u.name, u.value) for u in duty.because.parameters}


def test_in_a_unit_without_a_head_it_is_the_secretary() -> None:
    """Without a head post the secretary is the first responsible person, whatever is chosen."""
    posts = [post for post in UNITS[-1]["posts"] if post["kind"] != "head"]
    (duty,) = ask([ASKED], units=[*UNITS[:-1], {**UNITS[-1], "posts": posts}]).obligations
    assert duty.post == "x.secretary"


def test_a_role_at_the_head_of_a_walk_names_its_post() -> None:
    """The role names the leader with its portfolio, and of another kind of unit the post that it is there."""
    (duty,) = ask([ASKED], pace="fast").obligations
    assert (duty.rule, duty.post, duty.person) == ("R-3a.fast", "x.member", "en")
    other = a.Event("plan.asked", id="p", date="2025-03-01", unit="city")
    assert ask([other], pace="fast").obligations[0].post == "city.secretary"
    nobody = a.Event("plan.asked", id="p", date="2025-03-01", unit="tax")
    assert codes(ask([nobody], pace="fast")) == [("organization_fact_required", "tax")]


def test_a_rule_stands_only_under_its_choice_and_why_not_says_so() -> None:
    """One of the two rules stands, as chosen on the day of the trigger; the other says under which choice it would."""
    values = (
        a.ParameterValue("pace", "fast", to=date(2025, 2, 28)), a.ParameterValue("pace", "slow", from_=date(2025, 3, 1)),
    )  # fmt: skip
    policy = POLICY.with_parameters(a.Parameters(values))
    ledger = a.Ledger(policy, read_organization({"units": UNITS}, "test"))
    ledger.submit(a.Event("plan.asked", id="p", date="2025-02-28", unit="x"))
    ledger.submit(a.Event("plan.asked", id="q", date="2025-03-01", unit="city"))
    assert [(o.rule, o.due) for o in ledger.assessment().obligations] == [
        ("R-3a.fast", date(2025, 3, 5)), ("R-3a.slow", date(2025, 3, 11)),
    ]  # fmt: skip
    told = ledger.why_not("R-3a.fast", "city", language="en")
    assert told == "Rule R-3a.fast stands only where the choice pace is “fast”; on 2025-03-01 it is “slow”."


def test_a_practice_of_any_kind_of_rule_stands_once_it_is_adopted() -> None:
    """A liability that nobody adopted names nobody; adopted, its walk without a post means the secretary."""
    assert ask([ASKED]).liabilities == ()
    (candidate,) = ask([ASKED], adopt=("R-3d",)).liabilities
    assert (candidate.person, candidate.post) == ("an", "city.secretary")


# -- gates ------------------------------------------------------------------------------------------------------------


def award(**fields: object) -> a.Event:
    """Return an award proposed on 31 March."""
    return a.Event("award.proposed", id="w", date="2025-03-31", unit="x", **fields)


@pytest.mark.parametrize(
    ("day", "person", "lacks"), [("2025-03-01", "fu", False), ("2025-02-28", "fu", True), ("2025-03-01", "ge", True)]
)
def test_a_gate_asks_for_a_recent_basis_about_the_same_person(day: str, person: str, lacks: bool) -> None:
    """An assessment of another person, or one that is too old, is no basis."""
    assessed = a.Event("merit.assessed", id="m", date=day, unit="x", person=person)
    answer = ask([assessed, award(person="fu", collective=True)])
    assert codes(answer) == ([("basis_missing", "w")] if lacks else [])


def test_a_gate_without_its_span_says_which_parameter_is_missing() -> None:
    """Nobody knows how old a basis may be: the parameter is required, and no number takes its place."""
    policy = a.Policy.load(FOLDER)
    organization = read_organization({"units": UNITS}, "test")
    events = [a.Event("merit.assessed", id="m", date="2025-03-01", unit="x"), award(collective=True)]
    answer = a.assess(policy, policy.parameters, organization, events, "2025-03-31")
    assert codes(answer) == [("parameter_required", "merit_lasts")]


@pytest.mark.parametrize(
    ("fields", "found", "result"),
    [({"collective": True}, [], "no_effect"), ({"collective": False}, [("decision_irregular", "w")], "fired"),
     ({}, [], "cannot_tell")],
)  # fmt: skip
def test_a_gate_on_the_event_itself(fields: dict[str, bool], found: list[object], result: str) -> None:
    """A decision that was not taken as it must be is a breach; where nobody can tell, that is said and not guessed."""
    assessed = a.Event("merit.assessed", id="m", date="2025-03-30", unit="x")
    answer = ask([assessed, award(**fields)])
    assert codes(answer) == found
    assert next(event.result for event in answer.events if event.id == "w") == result


# -- several packs, readings ------------------------------------------------------------------------------------------


def test_the_law_of_each_pack_has_its_own_days() -> None:
    """Days in force may be given by pack; an unknown pack is refused."""
    policy = a.Policy.load(FOLDER, in_force={"leading": ("2025-06-01", None)})
    assert policy.force(policy.rules[0].clause) == (date(2025, 6, 1), None)
    with pytest.raises(a.PackError, match="no pack `leadings` is loaded, did you mean `leading`"):
        a.Policy.load(FOLDER, in_force={"leadings": (None, None)})


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "zh",
            [
                "由地方党委领导，由业务主管部门党组织指导。",
                "仅在选择项 `pace` 为“slow”时适用",
                "须有同一组织在先的“考核”，人员相同",
                "分管plans的班子成员",
                "未采用",
            ],
        ),
        (
            "en",
            [
                "the local committee leads, the body of the line guides.",
                "only where the choice `pace` is “slow”",
                "of the same person, no older than",
                "leader in charge of plans",
                "[not adopted",
            ],
        ),
    ],
)
def test_each_rule_reads_as_a_sentence(language: str, sentences: list[str]) -> None:
    """Relations, gates, roles, rules under a choice and practices read in both languages."""
    whole = read_packs([FOLDER])
    told = reading(POLICY, language, not_adopted=[rule for rule in whole.rules if not rule.adopted])
    for sentence in sentences:
        assert sentence in told


# -- what can not be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "1-law.md",
            'chosen = { pace = "slow" }',
            'chosen = { pase = "slow" }',
            "`pase` is no choice, did you mean `pace`",
        ),
        ("1-law.md", 'chosen = { pace = "slow" }', 'chosen = { pace = "slo" }', "`slo` is no choice for `pace`"),
        ("1-law.md", 'chosen = { pace = "slow" }', 'chosen = { merit_lasts = "1d" }', "takes a choice"),
        ("1-law.md", 'lead  = "local"', 'lead  = "none"', "has no `lead`"),
        ("1-law.md", 'guide = "line"', 'guide = "local"', "one body leads and guides"),
        ("1-law.md", "when  = { party_relation", "when  = { party_relations", "did you mean `party_relation`"),
        ("1-law.md", '"line.kind" = "line"', '"line.kind" = "lines"', "did you mean `line`"),
        ("1-law.md", 'same   = ["person"]', 'same   = ["persons"]', "did you mean `person`"),
        (
            "1-law.md",
            'needs  = "merit.assessed"',
            "requires = { collective = true }",
            "`within` says more of the earlier event",
        ),
        ("1-law.md", "requires = { collective = true }", "requires = {}", "at least one condition"),
        ("1-law.md", "requires = { collective = true }", 'parts = ["x"]\nneeds = "merit.assessed"', "write one of"),
        ("1-law.md", 'portfolio = "plans"', "", "has no `portfolio`"),
        ("1-law.md", 'name  = "branch_first"', 'name  = "first_responsible"', "has another meaning already"),
        ("1-law.md", 'name  = "branch_first"', 'name  = "branch_first"\nchosen = {}', "`chosen` is no key"),
        ("1-law.md", "superior of unit", "superiors of unit", "did you mean `superior`"),
        ("pack.toml", "linked = {", "leads = {", "`leads` in `relations` has another meaning already"),
    ],
)
def test_a_wrong_word_is_refused_at_its_place(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    """Each wrong word of the new blocks is refused with file and line, and with what to write."""
    for each in FOLDER.iterdir():
        text = each.read_text(encoding="utf-8")
        assert each.name != file or old in text
        (tmp_path / each.name).write_text(text.replace(old, new, 1) if each.name == file else text, encoding="utf-8")
    with pytest.raises(a.PackError, match=re.escape(message)) as caught:
        read_packs([tmp_path])
    assert re.match(rf"{re.escape(str(tmp_path / file))}:\d+: ", str(caught.value))


def test_what_a_second_pack_sets_differently_is_told(tmp_path: Path) -> None:
    """A duty that two packs set differently is a finding, and lint shows what each pack adds and chooses."""
    toml = (FOLDER / "pack.toml").read_text(encoding="utf-8").replace('id = "leading"', 'id = "house"')
    toml = toml.partition("[parameters")[0] + '[parameters.guide_may_assign]\nchoice = "false"\n'
    (tmp_path / "pack.toml").write_text(toml, encoding="utf-8")
    law = (FOLDER / "1-law.md").read_text(encoding="utf-8")
    duty = (
        law[law.index('```toml duty\nid     = "R-1c') :]
        .partition("```\n\n")[0]
        .replace("10d", "5d")
        .replace("R-1c", "H-1c")
    )
    text = "## Tasks {#H-1}\nA task is carried out within 5 days.\n\n"
    (tmp_path / "law.md").write_text(f"{text}{duty.replace('within 10 days', 'within 5 days')}```\n", encoding="utf-8")
    policy = a.Policy.load(FOLDER, tmp_path)
    answer = a.assess(policy, policy.parameters, read_organization({"units": UNITS}, "test"), [], "2025-03-31")
    assert codes(answer) == [("duties_differ", "H-1c.task")]
    told = {problem.code: str(problem) for problem in lint(policy) if problem.severity == "note"}
    assert "the pack `house` chooses `false` for `guide_may_assign` in all packs" in told["choice-for-all"]
    assert "`R-1c.task` asks for the same as `H-1c.task`" in told["duties-differ"] and "rules-added" in told


@pytest.mark.parametrize("superior", ["bo", "an"])
def test_an_escalation_names_the_choice_under_which_its_clause_stands(superior: str) -> None:
    """The way up under a duty's own clause names the duty's choices, whether it goes to another person or to the same."""
    units = [
        {**unit, "posts": [{"kind": "secretary", "holder": superior}]} if unit["id"] == "top" else unit
        for unit in UNITS
    ]
    answer = ask([a.Event("plan.asked", date="2025-03-01", unit="city")], units=units)
    (escalation,) = [each for each in answer.escalations if each.reason == "overdue"]
    (duty,) = [each for each in answer.obligations if each.id == escalation.obligation]
    assert escalation.clause == duty.clause
    named = {use.name for use in duty.because.parameters if use.choice}
    assert named & {use.name for use in escalation.because.parameters if use.choice}
