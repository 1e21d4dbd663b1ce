"""The definition: what is owed, by whom, by when, under which clause, and why, as a pure function (meaning.md).

No clock, no randomness, no file, and no order of arrival has a part in the answer. The ledger, the reports and the
command line are faster or handier ways to this same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from weakref import WeakKeyDictionary

from attrs import evolve

from .answer import Assessment, EventAnswer, Finding, Liability, Obligation
from .breach import cause, finding_liability
from .calendar import parse_date
from .case import fold_case
from .errors import nearest
from .event import Event, typed
from .finding import FINDINGS
from .fold import Fold, Known
from .gate import gate_findings
from .keyed import fold_rule
from .knowledge import Knowledge, known_events
from .matching import PythonMatcher, facts_of
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS, changed
from .parameters import Parameters
from .policy import LIBRARY_EVENTS, Policy
from .recurring import fold_recurring
from .resolve import Resolution
from .track import Scene

_MATCHERS: WeakKeyDictionary[Policy, PythonMatcher] = WeakKeyDictionary()
_RESULTS = ("fired", "performed", "cannot_tell", "no_effect", "orphan", "no_rule", "refused")


def assess(
    policy: Policy,
    parameters: Parameters,
    organization: Organization,
    events: Iterable[Event],
    as_of: date | str,
    known_as_of: date | str | None = None,
) -> Assessment:
    """Return the assessment as of a day (inclusive), on what was known on `known_as_of` (default: the same day).

    Raises PackError when a parameter does not fit the policy, EventError when a field does not fit its declared type.
    """
    day = parse_date(as_of)
    known_day = parse_date(known_as_of) if known_as_of is not None else day
    policy.check(parameters)
    knowledge = known_events([typed(event, policy.event_types) for event in events], day, known_day)
    answer = _assess(policy, parameters, organization, knowledge, day, known_day)
    if knowledge.retracted:
        answer = _with_trail(
            answer, _assess(policy, parameters, organization, knowledge.unretracted(), day, known_day), knowledge
        )
    return answer


def organization_after(base: Organization, events: Iterable[Event], policy: Policy) -> Organization:
    """Return the organization after all the changes among the events, those that are refused left out."""
    knowledge = known_events([typed(event, policy.event_types) for event in events], date.max, date.max)
    return changed(base, [event for event in knowledge.events if event.type in ORGANIZATION_EVENTS])[0]


def _assess(
    policy: Policy, parameters: Parameters, base: Organization, knowledge: Knowledge, as_of: date, known_as_of: date
) -> Assessment:
    changes = [event for event in knowledge.events if event.type in ORGANIZATION_EVENTS]
    organization, refused = changed(base, changes) if changes else (base, {})
    scene = Scene(policy, parameters, organization, as_of, known_as_of)
    known = [_known(scene, event) for event in knowledge.events if event.key not in refused]
    folds = _folds(scene, known)
    extensions: dict[str, list[Event]] = {}
    for each in known:
        if each.event.type == "deadline.extended":
            extensions.setdefault(each.event.get("obligation"), []).append(each.event)
    resolution = Resolution(scene, folds, extensions)
    for fold in folds:
        resolution.fold(fold)
    resolution.vacancies_found()
    results = _results(known, folds)
    retracting = {event.key for event in knowledge.retractions}
    for each in known:
        if each.event.type == "event.retracted":
            results[each.event.key] = ("fired" if each.event.key in retracting else "orphan", "")
    liabilities = _liabilities(scene, known, resolution, results)
    for event in (e for events in extensions.values() for e in events):
        results[event.key] = ("fired", "") if event.get("obligation") in resolution.obligations else ("orphan", "")
    gates = gate_findings(scene, known)
    for each, _ in gates:
        results[each.event.key] = ("fired", "")
    findings = [*resolution.findings.values(), *(finding for _, finding in gates)]
    findings += _event_findings(policy, known, knowledge, results)
    findings += [*_unknown_places(scene, known), *_without_force(policy)]
    return Assessment(
        as_of,
        known_as_of,
        obligations=tuple(sorted(resolution.obligations.values(), key=_by_day)),
        escalations=tuple(sorted(resolution.escalations.values(), key=lambda e: (e.day, e.id))),
        liabilities=tuple(sorted(liabilities, key=lambda c: (c.at, c.id))),
        findings=tuple(sorted(findings, key=lambda f: (f.code, f.about, f.case or "", f.rests_on or ""))),
        events=_event_answers(knowledge, results, refused),
    )


def _by_day(obligation: Obligation) -> tuple[date, date, str]:
    return obligation.opened, obligation.due or date.max, obligation.id


def _known(scene: Scene, event: Event) -> Known:
    """Match an event against the rules in force on its day."""
    policy = scene.policy
    matcher = _MATCHERS.get(policy)
    if matcher is None:
        matcher = _MATCHERS[policy] = PythonMatcher(policy.patterns())
    declared = policy.event_types.get(event.type)
    facts = facts_of(event, declared, matcher.paths(event.type), scene.view(event.date))
    matched = matcher.match(event.type, facts)
    triggers = tuple(
        duty
        for duty in policy.duties.values()
        if f"{duty.id}:on" in matched.selected and policy.applies(duty.clause, event.date)
    )
    performs = frozenset(name.removesuffix(":must") for name in matched.selected if name.endswith(":must"))
    opens = declared is not None and declared.opens_case and event.case is not None
    read = opens or matcher.reads(event.type) or event.type in LIBRARY_EVENTS
    return Known(event, declared, matched, triggers, performs, read)


def _folds(scene: Scene, known: list[Known]) -> list[Fold]:
    cases: dict[str, list[Known]] = {}
    for each in known:
        if each.event.case is not None:
            cases.setdefault(each.event.case, []).append(each)
    folds = [fold_case(scene, case, events) for case, events in sorted(cases.items())]
    for duty in scene.policy.duties.values():
        if duty.recurrence is not None:
            folds.extend(fold_recurring(scene, duty, known))
        elif duty.on is not None and not duty.per.startswith("case"):
            folds.extend(fold_rule(scene, duty, known))
    return folds


def _results(known: list[Known], folds: list[Fold]) -> dict[tuple[str, str], tuple[str, str]]:
    """Say of every event the one thing that became of it, the strongest of what its keys say."""
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for fold in folds:
        for key, result in fold.results.items():
            told.setdefault(key, []).append(result)
    results: dict[tuple[str, str], tuple[str, str]] = {}
    for each in known:
        event = each.event
        said = told.get(event.key, [])
        if not said and event.type in ORGANIZATION_EVENTS:
            said = [("fired", "")]
        if not said:
            unclear = each.read and bool(each.matched.cannot_tell)
            said = [("cannot_tell" if unclear else "no_effect" if each.read else "no_rule", "")]
        results[event.key] = min(said, key=lambda result: _RESULTS.index(result[0]))
    return results


def _liabilities(
    scene: Scene, known: list[Known], resolution: Resolution, results: dict[tuple[str, str], tuple[str, str]]
) -> list[Liability]:
    """Add the candidates of finding events, the findings that support one, and what people decided."""
    found = dict(resolution.liabilities)
    rules = {rule.id: rule for rule in scene.policy.liabilities if rule.on is not None}
    for each in known:
        event = each.event
        about = (event.case, event.get("clause"))
        selected = [rule for id_, rule in sorted(rules.items()) if f"{id_}:on" in each.matched.selected]
        if None not in about:
            for liability in [c for c in found.values() if _supported(c, resolution, *about)]:
                because = evolve(liability.because, events=(*liability.because.events, cause("support", event)))
                found[liability.id] = evolve(liability, because=because)
                results[event.key] = ("fired", "")
            continue
        for rule in selected:
            opened = finding_liability(scene, rule, event) if scene.policy.applies(rule.clause, event.date) else None
            if opened is not None:
                found[opened.id] = opened
                results[event.key] = ("fired", "")
    for each in sorted(known, key=lambda k: (k.event.known, k.event.date, k.event.key)):
        if each.event.type == "liability.decided":
            _decide(found, each.event, results)
    return list(found.values())


def _supported(liability: Liability, resolution: Resolution, case: str | None, clause: str | None) -> bool:
    duty = resolution.obligations.get(liability.obligation or "")
    return duty is not None and duty.case == case and clause in (duty.clause.ref, duty.rule)


def _decide(found: dict[str, Liability], event: Event, results: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Record a decision on a candidate; nobody decides on himself."""
    liability = found.get(event.get("liability"))
    if liability is None:
        results[event.key] = ("orphan", "")
    elif event.get("by") == liability.person:
        results[event.key] = ("no_effect", "nobody decides on himself")
    else:
        because = evolve(liability.because, events=(*liability.because.events, cause("decision", event)))
        found[liability.id] = evolve(
            liability,
            because=because,
            decided=event.get("outcome"),
            decided_by=event.get("by"),
            document=event.get("document"),
        )
        results[event.key] = ("fired", "")


def _event_findings(
    policy: Policy, known: list[Known], knowledge: Knowledge, results: dict[tuple[str, str], tuple[str, str]]
) -> list[Finding]:
    found = []
    for each in known:
        event, (result, _) = each.event, results[each.event.key]
        code = {"no_rule": "no_rule_for_event", "orphan": "orphan_event"}.get(result)
        if code is not None:
            detail = {"type": event.type, **(_near(event.type, policy.event_types) if each.declared is None else {})}
            found.append(_event_finding(code, event, detail))
    found.extend(_event_finding("possible_duplicate", event, {"type": event.type}) for event in knowledge.duplicates)
    return found


def _unknown_places(scene: Scene, known: list[Known]) -> list[Finding]:
    """Return a finding for each unit or post that an event names and the organization has never had."""
    found: dict[tuple[str, str | None], Finding] = {}
    for each in known:
        fields = each.declared.fields if each.declared is not None else {}
        for name, type_ in fields.items():
            places = scene.organization.units if type_.name == "unit" else scene.organization.posts
            value = each.event.get(name)
            for place in value if type_.many and value is not None else (value,):
                if type_.name in ("unit", "post") and place is not None and place not in places:
                    detail = {"event": each.event.id, "field": name, **_near(place, places)}
                    grade = FINDINGS["organization_fact_required"].grade
                    finding = Finding(
                        "organization_fact_required", place, grade, None, each.event.case, None, each.event.date, detail
                    )
                    found.setdefault((place, each.event.case), finding)
    return list(found.values())


def _without_force(policy: Policy) -> list[Finding]:
    """Return one finding when recurring rules have no first day in force, so that nothing is owed under them."""
    rules = [d.id for d in policy.duties.values() if d.recurrence is not None and policy.force(d.clause)[0] is None]
    grade = FINDINGS["parameter_required"].grade
    return [Finding("parameter_required", "in_force", grade, detail={"rules": ", ".join(rules)})] if rules else []


def _near(word: str, known: Iterable[str]) -> dict[str, str]:
    near = nearest(word, known)
    return {"nearest": near.removeprefix(", did you mean `").removesuffix("`?")} if near else {}


def _event_finding(code: str, event: Event, detail: dict[str, str]) -> Finding:
    return Finding(code, event.id, FINDINGS[code].grade, None, event.case, None, event.date, detail)


def _event_answers(
    knowledge: Knowledge, results: dict[tuple[str, str], tuple[str, str]], refused: dict[tuple[str, str], str]
) -> tuple[EventAnswer, ...]:
    answers = [
        EventAnswer(e.source, e.id, e.type, *results.get(e.key, ("refused", refused.get(e.key, ""))))
        for e in knowledge.events
    ]
    answers += [EventAnswer(e.source, e.id, e.type, "no_effect", "possible duplicate") for e in knowledge.duplicates]
    answers += [EventAnswer(e.source, e.id, e.type, "no_effect", "retracted") for e in knowledge.retracted]
    answers += [EventAnswer(e.source, e.id, e.type, "refused", "same id, other content") for e in knowledge.conflicting]
    return tuple(sorted(answers, key=lambda a: (a.source, a.id, a.result)))


def _with_trail(answer: Assessment, before: Assessment, knowledge: Knowledge) -> Assessment:
    """Keep, as cancelled, the duties that stood only on what was retracted."""
    standing = {obligation.id for obligation in answer.obligations}
    causes = tuple(cause("retraction", event) for event in knowledge.retractions)
    trail = [
        evolve(
            o,
            status="cancelled",
            performed=None,
            outcome=None,
            because=evolve(o.because, events=(*o.because.events, *causes)),
        )
        for o in before.obligations
        if o.id not in standing
    ]
    return evolve(answer, obligations=tuple(sorted((*answer.obligations, *trail), key=_by_day)))
