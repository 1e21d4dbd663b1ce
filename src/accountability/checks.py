"""The checks that lints name, with their arguments, and the findings that they give (meaning.md, section 10).

One code and subject give one finding, which cites every clause. The findings are worked out whenever a whole assessment
is asked for, and rest on nothing but the organization of the day, its tables, and the events that count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import field, frozen

from . import event_checks, structure
from .answer import Finding
from .event import Event
from .event_checks import EventCheck
from .finding import finding
from .grounds import Flaw, Grounds
from .organization import Organization
from .organization_live import LiveOrganization
from .parameters import Parameters
from .policy import Policy
from .rule import Lint
from .structure import StructureCheck


@frozen
class Check:
    """A check: what it takes, the types of events that it reads by itself, and what it runs.

    The `arguments` have types: ``kinds`` (of units, one or a list), ``kind``, ``post`` (a kind of post), ``relation``,
    ``event`` (a type), ``field`` (of that event), ``texts``, ``text``, ``share`` (a parameter) and ``layers`` (the layer
    of each kind of decision); ``?`` marks those that may be absent. A check of one event needs the `fields`.
    """

    arguments: Mapping[str, str] = field(factory=dict)
    reads: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    of_organization: StructureCheck | None = None
    of_event: EventCheck | None = None


CHECKS: dict[str, Check] = {
    "duty_without_power": Check(of_organization=structure.duty_without_power),
    "post_without_duty": Check(of_organization=structure.post_without_duty),
    "title_only": Check(of_organization=structure.title_only),
    "orphan_duty": Check(of_organization=structure.orphan_duty),
    "several_primaries": Check(of_organization=structure.several_primaries),
    "hollow_unit": Check(of_organization=structure.hollow_unit),
    "two_responsible_persons": Check(of_organization=structure.two_responsible_persons),
    "leader_without_portfolio": Check(of_organization=structure.leader_without_portfolio),
    "weak_unit_without_contact_point": Check(
        {"grades": "texts?"},
        ("unit.graded", "contact_point.assigned"),
        of_organization=structure.weak_unit_without_contact_point,
    ),
    "contact_point_without_leader": Check(
        reads=("contact_point.assigned",), of_organization=structure.contact_point_without_leader
    ),
    "unit_without_superior": Check({"kinds": "kinds"}, of_organization=structure.unit_without_superior),
    "body_missing": Check({"of": "kinds", "kind": "kind"}, of_organization=structure.body_missing),
    "post_missing": Check({"of": "kinds", "post": "post"}, of_organization=structure.post_missing),
    "elements_missing": Check(
        {"each": "kinds", "event": "event", "field": "field", "elements": "texts"},
        of_organization=structure.elements_missing,
    ),
    "layer_without_decisions": Check(
        {"layer": "text", "share": "share"}, ("decision.recorded",), of_organization=structure.layer_without_decisions
    ),
    "relation_missing": Check({"each": "kinds", "relation": "relation"}, of_organization=structure.relation_missing),
    "one_sided_manager": Check({"layer": "text?"}, of_organization=structure.one_sided_manager),
    "decision_at_wrong_level": Check(
        {"layers": "layers"}, fields=("kind",), of_event=event_checks.decision_at_wrong_level
    ),
    "escalated_own_matter": Check(fields=("matter",), of_event=event_checks.escalated_own_matter),
    "escalated_without_options": Check(fields=("new", "options"), of_event=event_checks.escalated_without_options),
}
"""The checks by name; each gives the finding of its name."""

_Key = tuple[str, str, tuple[str, ...]]


def structure_findings(
    policy: Policy,
    parameters: Parameters,
    organization: Organization | LiveOrganization,
    events: Iterable[Event],
    day: date,
) -> list[Finding]:
    """Return the findings of all lints on a day; `events` are those that count, in any order."""
    if not policy.lints:
        return []
    counting = tuple(sorted(events, key=lambda e: (e.date, e.known, e.key)))
    grounds = Grounds(policy, parameters, organization, counting, day)
    found: dict[_Key, list[tuple[Lint, Flaw, Event | None]]] = {}
    for lint in policy.lints:
        for flaw, event in _flaws(grounds, lint):
            key = flaw.code or lint.check, flaw.subject, event.key if event is not None else ()
            found.setdefault(key, []).append((lint, flaw, event))
    return [_finding(code, each) for (code, *_), each in sorted(found.items(), key=lambda item: item[0])]


def _flaws(grounds: Grounds, lint: Lint) -> Iterator[tuple[Flaw, Event | None]]:
    check, applies = CHECKS[lint.check], grounds.policy.applies
    if check.of_event is not None:
        for event in grounds.selected(lint):
            if applies(lint.clause, event.date) and (flaw := check.of_event(grounds, lint, event)) is not None:
                yield flaw, event
    elif check.of_organization is not None and applies(lint.clause, grounds.day):
        yield from ((flaw, None) for flaw in check.of_organization(grounds, lint))


def _finding(code: str, found: list[tuple[Lint, Flaw, Event | None]]) -> Finding:
    """Return the one finding about a subject, whichever lints found it."""
    _, first, event = found[0]
    lacks = ", ".join(dict.fromkeys(word for _, flaw, _ in found for word in flaw.lacks))
    detail: dict[str, str] = {}
    for _, flaw, _ in found:
        for key, value in flaw.detail.items():
            detail[key] = ", ".join(dict.fromkeys([*filter(None, [detail.get(key)]), value]))
    if lacks:
        detail["missing"] = lacks
    detail["rules"] = ", ".join(dict.fromkeys(lint.id for lint, _, _ in found))
    detail["clauses"] = ", ".join(dict.fromkeys(lint.clause.ref for lint, _, _ in found))
    about = first.subject + (f" lacks {lacks}" if lacks else "") + (f" ({first.note})" if first.note else "")
    case, when = (event.case, event.date) if event is not None else (None, None)
    return finding(code, about, detail, None, case, first.unit, when)
