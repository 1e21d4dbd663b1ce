"""Hypothesis strategies of small worlds: an organization, parameters, the events of a few cases, and the days asked.

They lean towards what is interesting: cases that get to the decision, overdue duties, returns, recusals, vacancies,
events that come late or twice, retractions, and changes of the organization while a case is open. Days are counted
from `FIRST`; the same few persons hold many posts, so that they meet themselves in their cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from attrs import evolve, fields, frozen
from hypothesis import strategies as st

import accountability as a
from accountability.assessment import assess
from accountability.parameters import Parameter

FIRST = date(2025, 2, 3)
PEOPLE = tuple(f"p{n}" for n in range(10))
POLICY = a.Policy.shipped("university")
POLICIES = {
    "always": POLICY,
    "from": evolve(POLICY, in_force=(date(2025, 1, 1), None)),
    "within": evolve(POLICY, in_force=(date(2025, 1, 15), date(2025, 5, 31))),
}
"""The same law without days, from a day on, and within days; by name, so that another process can find it again."""

Draw = Callable[[st.SearchStrategy[Any]], Any]
T = TypeVar("T")


def on(number: int) -> date:
    """Return the day that many days after the first."""
    return FIRST + timedelta(days=number)


FACTS = ("tenures", "memberships", "seats", "absences", "relations")


def code(fact: Any) -> str:
    """Return Python code for a dated fact or a value, what is left at its default left out."""
    names = [(f.name, getattr(fact, f.name), f.default) for f in fields(type(fact))]
    given = [f"{name}={plain(value)}" for name, value, default in names if value != default]
    return f"a.{type(fact).__name__}({', '.join(given)})"


def code_of_event(event: a.Event) -> str:
    """Return Python code for an event."""
    own = {"id": event.id, "date": event.date, "recorded": event.recorded, "case": event.case}
    source = {"source": event.source} if event.source != "host" else {}
    given = {**{k: v for k, v in own.items() if v is not None}, **source, **_keywords(event.fields)}
    return f"a.Event({event.type!r}, {', '.join(f'{name}={plain(value)}' for name, value in given.items())})"


def plain(value: Any) -> str:
    """Return Python code for a value; days as ISO text."""
    if isinstance(value, date):
        return f"date.fromisoformat('{value}')"
    return repr(list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value)


@frozen(eq=False, repr=False)
class World:
    """All that an assessment is a function of; `law` names one of `POLICIES`. Its text is Python code that makes it."""

    law: str
    parameters: a.Parameters
    organization: a.Organization
    events: tuple[a.Event, ...]
    as_of: date
    known_as_of: date

    @property
    def policy(self) -> a.Policy:
        """The policy of the law."""
        return POLICIES[self.law]

    def assess(self, events: Iterable[a.Event] | None = None, **other: Any) -> a.Assessment:
        """Return the assessment of this world, some of it replaced."""
        given = {
            "policy": self.policy,
            "parameters": self.parameters,
            "organization": self.organization,
            "as_of": self.as_of,
            "known_as_of": self.known_as_of,
            **other,
        }
        return assess(events=self.events if events is None else events, **given)

    def __repr__(self) -> str:
        facts = {name: getattr(self.organization, name) for name in FACTS}
        lines = [f"World({self.law!r}, a.Parameters(("]
        lines += [f"    {code(value)}," for value in self.parameters.values]
        lines += [")), a.Organization.build("]
        for name, found in {"units": self.organization.units, "posts": self.organization.posts}.items():
            lines += [f"    {name}=[{', '.join(map(code, found.values()))}],"]
        lines += [f"    {name}=[{', '.join(map(code, found))}]," for name, found in facts.items() if found]
        lines += ["), (", *(f"    {code_of_event(event)}," for event in self.events)]
        return "\n".join([*lines, f"), date.fromisoformat('{self.as_of}'), date.fromisoformat('{self.known_as_of}'))"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Let Hypothesis show a failing world as this code, and not field by field."""
        printer.text(repr(self))

    def value(self, name: str, day: date) -> Any:
        """Return the value of a parameter in force on a day, None for a quantity that is missing."""
        use = self.policy.value(name, day, self.parameters)
        return use.value if use is not None else None


def often(usual: T, *others: T, weight: int = 6) -> st.SearchStrategy[T]:
    """Draw the usual value `weight` times as often as each of the others."""
    return st.sampled_from([usual] * weight + list(others))


def gaps() -> st.SearchStrategy[int]:
    """Days between two steps: often none or few, sometimes so many that things become overdue."""
    return st.sampled_from([0, 0, 1, 1, 2, 2, 3, 4, 6, 9, 15, 40])


# -- organizations ----------------------------------------------------------------------------------------------------


@st.composite
def organizations(draw: Draw) -> a.Organization:
    """A committee with its organ, at most three general branches and six branches, some directly under the committee."""
    units, leads = [a.Unit("PC", "party_committee"), a.Unit("OD", "organ", "组织部")], []
    relations = [a.Relation("organ_of", "OD", "PC")]
    posts = [a.Post("OD.head", "OD", "head", head=True)]
    above = draw(st.integers(0, 7)) == 0
    if above:
        units.append(a.Unit("TOP", "party_committee"))
        leads.append(("TOP", "PC"))
    general = [f"G{n}" for n in range(1, 1 + draw(often(1, 2, 2, 3, 0, weight=3)))]
    branches = [f"B{n}" for n in range(1, 1 + draw(often(2, 1, 3, 4, 6, weight=3)))]
    units += [a.Unit(name, "general_branch") for name in general] + [a.Unit(name, "branch") for name in branches]
    leads += [("PC", name) for name in general]
    for name in branches:
        parent = draw(st.sampled_from([*(general * 3), "PC", *([None] if draw(st.integers(0, 9)) == 0 else [])]))
        if parent is not None:
            leads.append((parent, name))
    relations += [a.Relation("leads", source, target) for source, target in leads]
    tenures: list[a.Tenure] = draw(terms("OD.head"))
    absences: list[a.Absence] = []
    seats: list[a.Seat] = []
    for unit in units[:1] + units[2:]:
        kinds = ["secretary"] if draw(st.booleans()) else ["secretary", "deputy"]
        if draw(st.integers(0, 19)) == 0:
            kinds = []
        for kind in kinds:
            posts.append(a.Post(f"{unit.id}.{kind}", unit.id, kind))
            tenures += draw(terms(f"{unit.id}.{kind}"))
        holders = [t.person for t in tenures if t.post.startswith(f"{unit.id}.")]
        seats += draw(committees(unit.id, holders))
    for tenure in tenures:
        if tenure.slot == "B":
            first = draw(st.integers(0, 40))
            absent = next(t.person for t in tenures if t.post == tenure.post and t.slot == "A")
            absences.append(a.Absence(absent, on(first), on(first + draw(st.integers(0, 40)))))
    secretaries = {t.person: t.post.partition(".")[0] for t in tenures if t.post[0] == "B"}
    memberships = []
    for person in PEOPLE:
        own = [secretaries[person]] * 2 if person in secretaries else []
        memberships += draw(belongings(person, [*branches, *own]))
    return a.Organization.build(
        units=units,
        posts=posts,
        tenures=tenures,
        memberships=memberships,
        seats=seats,
        relations=relations,
        absences=absences,
    )


@st.composite
def terms(draw: Draw, post: str) -> list[a.Tenure]:
    """The tenures of a post: one holder, a change, a gap, an acting or a B holder, the last one gone, or none ever."""
    pattern = draw(often("one", "change", "gap", "acting", "stand_in", "gone", "none", weight=7))
    if pattern == "none":
        return []
    first, other = draw(st.permutations(PEOPLE))[:2]
    day = draw(st.integers(-5, 60))
    part_time = draw(st.integers(0, 3)) == 0
    until = on(day) if pattern in ("change", "gap", "gone") else date.max
    tenures = [a.Tenure(post, first, on(-400), until, part_time=part_time)]
    if pattern == "change":
        tenures.append(a.Tenure(post, other, on(day + 1)))
    elif pattern == "gap":
        tenures.append(a.Tenure(post, other, on(day + 2 + draw(st.integers(0, 20)))))
    elif pattern == "acting":
        tenures.append(a.Tenure(post, other, on(day), on(day + draw(st.integers(0, 40))), acting=True))
    elif pattern == "stand_in":
        tenures.append(a.Tenure(post, other, on(-400), slot="B"))
    return tenures


@st.composite
def committees(draw: Draw, unit: str, holders: Sequence[str]) -> list[a.Seat]:
    """The committee of a unit: not recorded, recorded to be none, or its post holders and a few others."""
    what = draw(often("some", "unrecorded", "unrecorded", "none", weight=6))
    if what == "unrecorded":
        return []
    others = draw(st.lists(st.sampled_from(PEOPLE), max_size=3))
    persons = sorted({*holders[:1], *others}) if what == "some" else []
    return [a.Seat(unit, person) for person in persons] or [a.Seat(unit, None)]


@st.composite
def belongings(draw: Draw, person: str, branches: Sequence[str]) -> list[a.Membership]:
    """The memberships of a person: one branch, no branch, or one after the other."""
    pattern = draw(often("one", "none", "two", weight=6))
    if pattern == "none":
        return []
    if pattern == "one":
        return [a.Membership(person, draw(st.sampled_from(branches)), on(-400))]
    day = draw(st.integers(0, 60))
    first, second = draw(st.sampled_from(branches)), draw(st.sampled_from(branches))
    return [a.Membership(person, first, on(-400), on(day)), a.Membership(person, second, on(day + 1))]


# -- parameters -------------------------------------------------------------------------------------------------------

_SPANS = ("7d", "1d", "3d", "10d", "30d", "5wd", "20wd", "1m", "1y")


def settings_of(parameter: Parameter, units: Sequence[str]) -> st.SearchStrategy[Any]:
    """Draw a value that fits the declaration of a parameter: every choice, and many quantities."""
    if parameter.is_choice:
        filled = []
        for choice in parameter.choices:
            filled += (
                [choice.replace("<unit>", unit) for unit in units] if "<unit>" in choice else [choice] * len(units)
            )
        return st.sampled_from([c.replace("<n>", n) for c in filled for n in ("123" if "<n>" in c else "1")])
    if parameter.name == "escalate_after":
        return st.sampled_from(["0d", "0d", "1d", "5d", "3wd", "1m"])
    values: dict[str, st.SearchStrategy[Any]] = {
        "span": st.sampled_from(_SPANS),
        "count": st.integers(0, 2),
        "unit": st.sampled_from(units),
        "period": st.sampled_from(["quarter", "month", "half-year", "year"]),
        "day": st.sampled_from(["02-20", "03-01", "03-05", "02-29", "06-30"]),
        "window": st.sampled_from([["02-10", "03-10"], ["02-10", "03-10"], ["06-20", "07-10"]]),
    }
    return values[parameter.type]


IDLE = {
    "fractional_policy", "overlap_policy", "veto_result", "cap", "missing_section", "first_responsible_is", "guide_may_assign",
}  # fmt: skip
"""Choices that no rule of the university asks for."""


@st.composite
def parameters(draw: Draw, organization: a.Organization) -> a.Parameters:
    """Nearly all quantities and some choices: a few quantities are missing, a few change on a day."""
    values = []
    units = sorted(organization.units)
    quantities = sorted(name for name, parameter in POLICY.declared.items() if not parameter.is_choice)
    choices = sorted(set(POLICY.declared) - set(quantities) - IDLE)
    missing = draw(st.sets(st.sampled_from(quantities), max_size=3))
    changed = draw(st.sets(st.sampled_from(quantities), max_size=2))
    chosen = draw(st.sets(st.sampled_from(choices), min_size=10))
    for name in sorted({*quantities, *chosen} - missing):
        values_of = settings_of(POLICY.declared[name], units)
        if name not in changed:
            values.append(a.ParameterValue(name, draw(values_of)))
            continue
        day = draw(st.integers(0, 40))
        values.append(a.ParameterValue(name, draw(values_of), to=on(day), document="2024-1"))
        values.append(a.ParameterValue(name, draw(values_of), from_=on(day + 1), document="2025-7"))
    return a.Parameters(tuple(values))


# -- histories --------------------------------------------------------------------------------------------------------


class Writer:
    """Writes the events of a history and numbers them."""

    def __init__(self, draw: Draw, organization: a.Organization) -> None:
        self.draw, self.organization = draw, organization
        self.events: list[a.Event] = []

    def write(self, type_: str, day: int, **fields: Any) -> a.Event:
        """Add an event; most are recorded on their day, some late."""
        late = self.draw(often(None, None, 0, 2, 10, 35, weight=7))
        recorded = on(day + late) if late is not None else None
        source = self.draw(often("host", "oa", weight=9))
        event = a.Event(type_, id=f"e{len(self.events) + 1}", source=source, date=on(day), recorded=recorded, **fields)
        self.events.append(event)
        return event

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of the items."""
        found: T = self.draw(st.sampled_from(items))
        return found

    def happens(self, times: int) -> bool:
        """Draw whether something happens that happens that often in ten times."""
        return bool(self.draw(st.integers(0, 9)) >= 10 - times)

    def units(self, *kinds: str) -> list[str]:
        """Return the units of the kinds, or all."""
        return [unit.id for unit in self.organization.units.values() if not kinds or unit.kind in kinds]

    def superior(self, unit: str, kind: str, day: int) -> str | None:
        """Return the nearest unit of the kind above a unit."""
        view = self.organization.on(on(day))
        return next((u for u in view.above(unit) if self.organization.units[u].kind == kind), None)


def write_case(write: Writer, case: str) -> None:
    """Write the events of one case: the chain in its order, with returns, and what else comes between."""
    draw = write.draw
    day = draw(st.integers(0, 20))
    person = write.pick(concerned(write.organization))
    branch = write.organization.on(on(day)).unit_of(person) or write.pick(write.units("branch"))
    general = write.superior(branch, "general_branch", day)
    committee = write.superior(branch, "party_committee", day) or "PC"
    if write.happens(1) and "OD" in write.organization.units:
        general = general or "OD"
    reporter = write.pick([None, "p8", "p9"])
    problem = write.write("member.problem", day, case=case, person=person, reported_by=reporter)
    held = {t.person for t in write.organization.tenures if t.post == f"{branch}.secretary"}
    if person in held and write.happens(5):
        write.write(
            "convener.designated", day + write.pick([1, 2, 9]), case=case, unit=branch, person=write.pick(PEOPLE)
        )
    stage = "meet"
    for _ in range(draw(often(9, 3, 6, 14, weight=3))):
        if write.happens(2):
            write_aside(write, case, day, branch, person, problem)
        if write.happens(1):
            return
        day += draw(gaps())
        stage = write_step(write, case, day, stage, branch, general, committee)
        if stage == "end" and not write.happens(1):
            return
    if write.happens(3):
        write_aside(write, case, day, branch, person, problem)


def concerned(organization: a.Organization) -> list[str]:
    """Return whom a case may be about: every member, and those who hold a post of their own branch more often."""
    members = sorted({m.person for m in organization.memberships}) or ["p0"]
    posts = organization.posts
    own = {(m.person, m.unit) for m in organization.memberships}
    holders = [t.person for t in organization.tenures if (t.person, posts[t.post].unit) in own]
    return members + holders * 3


def write_step(write: Writer, case: str, day: int, stage: str, branch: str, general: str | None, committee: str) -> str:
    """Write the next event of a chain, and return the stage after it."""
    turn = write.draw(often("go", "stay", "stranger", weight=18))
    if turn == "stay":
        return stage
    reviewer = general or committee
    if turn == "stranger":
        branch = reviewer = committee = write.pick(write.units())
    if stage == "meet":
        kind = write.draw(often("支委会", "支部大会", weight=8))
        write.write("meeting.held", day, case=case, unit=branch, kind=kind)
        return "submit"
    if stage in ("submit", "rework"):
        write.write("doc.submitted", day, case=case, from_=branch, to=reviewer, kind="处理意见")
        return "review" if general is not None else "decide"
    if stage == "review":
        outcome = write.draw(often("agree", "disagree", "disagree", "returned", "returned", "both", weight=7))
        if outcome == "both":
            write.write("review.done", day, case=case, unit=reviewer, outcome="agree")
        if outcome in ("returned", "both"):
            write.write("doc.returned", day, case=case, unit=reviewer, to=branch, reason="facts unclear")
            return "rework"
        write.write("review.done", day, case=case, unit=reviewer, outcome=outcome)
        return "forward" if outcome == "agree" or write.happens(5) else "rework"
    if stage == "forward":
        write.write("doc.submitted", day, case=case, from_=reviewer, to=committee)
        return "decide"
    outcome = write.draw(often("approved", "rejected", "returned", "returned", weight=4))
    if outcome == "returned":
        write.write("doc.returned", day, case=case, unit=committee, to=write.pick([None, branch, reviewer]))
        return write.pick(["review", "rework"])
    write.write(f"decision.{outcome}", day, case=case, unit=committee)
    return "end" if outcome == "approved" or write.happens(6) else "rework"


def write_aside(write: Writer, case: str, day: int, branch: str, person: str, problem: a.Event) -> None:
    """Write something that comes between the steps of a case."""
    what = write.pick(["recusal", "recusal", "designated", "designated", "withdrawn", "inspected", "joined", "appeal"])
    later = max(0, day + write.pick([-2, 0, 0, 1, 3]))
    holders = sorted({t.person for t in write.organization.tenures}) or ["p1"]
    if what == "recusal":
        persons = draw_some(write, holders)
        write.write("recusal.declared", later, case=case, persons=persons)
    elif what == "designated":
        write.write("convener.designated", later, case=case, unit=branch, person=write.pick(PEOPLE))
    elif what == "withdrawn":
        by = write.pick([None, "p9", problem.get("reported_by"), problem.get("reported_by")])
        write.write("report.withdrawn", later, case=case, by=by)
    elif what == "inspected":
        clause = write.pick([None, "P1-5-3b", "P1-5-3d", "P1-5-3d.review", "P1-5-3e"])
        write.write("inspection.finding", later, case=case, by="PC", unit=branch, clause=clause)
    elif what == "joined":
        write.write("member.problem", later, case=case, person=write.pick(PEOPLE))
    else:
        write.write("appeal.filed", later, case=case, person=person, to=branch)


def draw_some(write: Writer, persons: Sequence[str]) -> list[str]:
    """Draw one to three of the persons."""
    found: list[str] = write.draw(st.lists(st.sampled_from(persons), min_size=1, max_size=3, unique=True))
    return found


def write_other(write: Writer) -> None:
    """Write an event of no case: a finding about a holder, a task, an inspection, or one that no rule knows."""
    day = write.draw(st.integers(0, 60))
    what = write.pick(["finding"] * 4 + ["task"] * 3 + ["inspection", "inspected", "unknown", "orphan"])
    posts = sorted(p for p, post in write.organization.posts.items() if post.kind == "secretary" and p[0] in "BG")
    if what == "finding" and posts:
        post = write.pick(posts)
        person = write.organization.on(on(day)).holder(post) or write.pick(PEOPLE)
        kind = write.draw(often("unfit", "cannot_do_both", "insufficient_performance", "inattention", weight=2))
        write.write("finding.recorded", day, person=person, post=post, kind=kind, by="PC")
        if write.happens(5):
            write.write("post.vacated", day + write.draw(st.integers(0, 40)), post=post)
    elif what == "task":
        to = write.pick([*write.units("general_branch") * 4, *write.units("branch")])
        due = write.pick([None, on(day + 7)])
        task = write.write(
            "task.assigned", day, to=to, by="PC", kind="key work", key=write.pick([True, True, True, None]), due=due
        )
        if write.happens(6):
            write.write("task.closed", day + write.draw(gaps()), to=to, task=task.id)
    elif what == "inspection":
        period = write.pick([None, "2025-Q1", "2025", "2025-03"])
        units = write.units("general_branch") or ["PC"]
        write.write("inspection.done", day, by=write.pick(units), unit=write.pick(write.units("branch")), period=period)
    elif what == "inspected":
        write.write("inspection.finding", day, by="PC", unit=write.pick(write.units("branch")))
    elif what == "unknown":
        write.write("report.published", day, unit="PC", case=write.pick([None, "K1"]))
    else:
        write.write("review.done", day, unit="PC", outcome="agree", case="K-unknown")


def write_proposal(write: Writer) -> None:
    """Write an award, an appointment, a term or a meeting that should rest on a result or contain a part."""
    day, unit = write.draw(st.integers(0, 40)), write.pick(write.units("branch", "general_branch"))
    what = write.pick(["award", "award", "cadre", "term", "meeting", "report", "business"])
    if what in ("award", "cadre"):
        if write.happens(5):
            write.write("assessment.result", max(0, day + write.pick([-3, 0, 2])), unit=unit, result="good")
        if what == "award":
            write.write("award.proposed", day, unit=unit)
        else:
            write.write("cadre.proposed", day, unit=unit, person=write.pick(PEOPLE), matter="奖惩")
    elif what == "term":
        write.write("term.started", day, unit=unit)
        if write.happens(5):
            write.write("targets.set", day + write.draw(gaps()), unit=unit)
    elif what == "meeting":
        write.write("meeting.held", day, unit=unit, kind="民主生活会", sections=write.pick([None, ["考核结果"]]))
    elif what == "report":
        write.write(
            "report.filed", day, from_=unit, to="PC", kind="述职报告", sections=write.pick([None, ["考核结果"]])
        )
    else:
        write.write("business.assessed", day, unit=unit, sections=write.pick([None, ["党建"]]))


def write_round(write: Writer) -> None:
    """Write the events of the yearly examination: opened, self-assessments, ranking, summary, verification, report."""
    day = write.draw(st.integers(5, 20))
    for unit in ("PC", *write.units("general_branch")):
        if write.happens(5):
            write.write("assessment.opened", day, unit=unit)
    for unit in write.units("branch"):
        if write.happens(7):
            write.write("assessment.self_filed", day + write.draw(gaps()), unit=unit)
        if write.happens(3):
            write.write("appraisal.held", day + write.draw(gaps()), unit=unit)
    for unit in write.units("general_branch"):
        for step in (write_ranking, write_summary, write_verification, write_report):
            day += write.draw(gaps())
            if write.happens(2):
                break
            step(write, day, unit)


def write_ranking(write: Writer, day: int, unit: str) -> None:
    """Write that a general branch ranked its branches."""
    write.write("assessment.ranked", day, by=unit, order=write.units("branch"))


def write_summary(write: Writer, day: int, unit: str) -> None:
    """Write that a general branch filed its summary."""
    write.write("doc.filed", day, from_=unit, to="OD", kind=write.draw(often("assessment_summary", "work_plan")))


def write_verification(write: Writer, day: int, unit: str) -> None:
    """Write that the organ verified the results of a general branch, and perhaps found a problem."""
    write.write("assessment.verified", day, by="OD", of=unit)
    if write.happens(5):
        problem = write.write("problem.raised", day, by="OD", unit=write.pick(write.units("branch")))
        if write.happens(5):
            write.write("problem.solved", day + write.draw(gaps()), by="OD", problem=problem.id)


def write_report(write: Writer, day: int, unit: str) -> None:
    """Write that the organ reported to the committee."""
    write.write("report.filed", day, from_="OD", to="PC", year=write.pick([None, "2025"]))


def write_change(write: Writer) -> None:
    """Write a change of the organization while the cases are open."""
    day = write.draw(st.integers(0, 50))
    often_told = ["assumed", "vacated", "transferred", "split"]
    what = write.pick([*often_told, *often_told, "merged", "moved", "left", "absence", "closed", "created"])
    open_cases = [event for event in write.events if event.type == "member.problem"]
    branches = write.units("branch")
    posts = sorted(write.organization.posts)
    if what == "assumed" and posts:
        acting = write.pick([None, None, True])
        write.write("post.assumed", day, post=write.pick(posts), person=write.pick(PEOPLE), acting=acting)
    elif what == "vacated" and posts:
        write.write("post.vacated", day, post=write.pick(posts))
    elif what == "transferred":
        write.write("member.transferred", day, person=write.pick(PEOPLE), to=write.pick(branches))
    elif what == "split":
        problem = write.pick(open_cases)
        home = write.organization.on(problem.date).unit_of(problem.get("person"))
        old = home if home is not None and write.happens(7) else write.pick(branches)
        new = [f"{old}.1", f"{old}.2"]
        members = {person: write.pick(new) for person in PEOPLE if write.happens(5)}
        write.write("unit.split", day, unit=old, into=new, members=members)
        for unit in new:
            if write.happens(7):
                person, post = write.pick(PEOPLE), f"{unit}.secretary"
                write.write("post.assumed", day, post=post, person=person, unit=unit, kind="secretary")
    elif what == "merged":
        into = write.pick([*branches, "B-new"])
        write.write(
            "unit.merged", day, units=[write.pick(branches), into] if into in branches else branches[:2], into=into
        )
    elif what == "moved":
        write.write(
            "unit.moved",
            day,
            unit=write.pick(branches),
            to=write.pick(write.units("general_branch", "party_committee")),
        )
    elif what == "left":
        write.write("member.left", day, person=write.pick(PEOPLE))
    elif what == "absence":
        person = write.pick(PEOPLE)
        write.write("absence.started", day, person=person)
        if write.happens(6):
            write.write("absence.ended", day + 10, person=person)
    elif what == "closed":
        write.write("unit.closed", day, unit=write.pick(branches))
    elif what == "created":
        write.write("unit.created", day, unit="B-created", kind="branch", superior="PC")


def write_again(write: Writer) -> None:
    """Tell a fact again, under its id or another, or otherwise under its id; or retract it, or the retraction."""
    event = write.pick(write.events)
    day = max(0, (event.known - FIRST).days + write.pick([-1, 0, 0, 1, 5, 30]))
    what = write.pick(["same", "same", "fact", "fact", "retracted", "retracted", "unretracted", "conflict"])
    if what == "same":
        write.events.append(event.recorded_on(on(day)))
    elif what == "conflict":
        key: dict[str, Any] = {"id": event.id, "source": event.source, "case": event.case, "recorded": on(day)}
        write.events.append(a.Event(event.type, date=event.date - timedelta(days=1), **key, **_keywords(event.fields)))
    elif what == "fact":
        write.write(event.type, (event.date - FIRST).days, case=event.case, **_keywords(event.fields))
    else:
        source = event.source if event.source != "host" else None
        retraction = write.write("event.retracted", day, target=event.id, source_=source, reason="in error")
        if what == "unretracted":
            write.write("event.retracted", day + write.pick([0, 2]), target=retraction.id, source_=retraction.source)


def _keywords(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as keywords of an event: one underscore at the end is dropped there."""
    return {f"{name}_": value for name, value in fields.items()}


def write_decisions(write: Writer, given: World) -> None:
    """Extend deadlines of duties and decide candidates, by the ids that the library gave them."""
    answer = given.assess(write.events, as_of=on(120), known_as_of=on(160))
    duties = [o for o in answer.obligations if o.case is not None] or list(answer.obligations)
    if duties:
        duty = write.pick(duties)
        day = (duty.opened - FIRST).days + write.pick([0, 2, 8, 30])
        due = on(day + write.pick([-3, 0, 5, 20]))
        write.write("deadline.extended", max(0, day), obligation=duty.id, due=due, by="PC", document="2025-9")
    if answer.liabilities:
        liability = write.pick(answer.liabilities)
        day = (liability.at - FIRST).days + write.pick([0, 5])
        outcome, by = write.pick(["confirmed", "not_held"]), write.pick(["PC", liability.person or "PC"])
        write.write(
            "liability.decided", max(0, day), liability=liability.id, outcome=outcome, by=by, document="2025-10"
        )


@st.composite
def histories(draw: Draw, given: World) -> tuple[a.Event, ...]:
    """The events of one to three cases and of what happens beside them, in an order of no meaning."""
    write = Writer(draw, given.organization)
    for number in range(1, 1 + draw(often(1, 2, 3, weight=2))):
        write_case(write, f"K{number}")
    for _ in range(draw(often(1, 0, 2, weight=1))):
        write_other(write)
    if draw(often(False, True, weight=2)):
        write_proposal(write)
    if draw(often(False, True, weight=5)):
        write_round(write)
    for _ in range(draw(often(0, 1, 2, weight=2))):
        write_change(write)
    if draw(often(False, True, weight=3)):
        write_decisions(write, given)
    for _ in range(draw(often(0, 1, 2, weight=2))):
        write_again(write)
    return tuple(write.events)


@st.composite
def worlds(draw: Draw) -> World:
    """A whole world, asked on some day, mostly about what was known on that day."""
    organization = draw(organizations())
    chosen = draw(parameters(organization))
    law = draw(often("always", "from", "within", weight=2))
    empty = World(law, chosen, organization, (), FIRST, FIRST)
    events = draw(histories(empty))
    last = max((event.known for event in events), default=FIRST)
    as_of = draw(st.one_of(st.integers(0, 120).map(on), st.integers(-5, 45).map(lambda n: last + timedelta(days=n))))
    apart = draw(often(0, -10, 20, 400, weight=6))
    return evolve(empty, events=events, as_of=as_of, known_as_of=as_of + timedelta(days=apart))
