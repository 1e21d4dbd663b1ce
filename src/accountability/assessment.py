"""The definition: what is owed, by whom, by when, under which clause, and why, as a pure function (meaning.md).

No clock, no randomness, no file, and no order of arrival has a part in the answer. The ledger, the reports and the
command line are faster or handier ways to this same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from weakref import WeakKeyDictionary

from attrs import evolve, frozen

from .answer import Assessment, EventAnswer, Finding, Obligation
from .breach import cause
from .calendar import parse_date
from .checks import structure_findings
from .collected import finding_order
from .differing import differing_duties
from .evaluation import Evaluation
from .event import Event, typed
from .finding import finding
from .fold import Said
from .knowledge import EventKey, Telling, known_events, target
from .matching import Matcher, PythonMatcher
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS, changed
from .parameters import Parameters
from .policy import Policy
from .resolved import Plain
from .scale import band_findings

_ALWAYS = {*ORGANIZATION_EVENTS, "deadline.extended"}
_MATCHERS: WeakKeyDictionary[Policy, PythonMatcher] = WeakKeyDictionary()


def assess(
    policy: Policy,
    parameters: Parameters,
    organization: Organization,
    events: Iterable[Event],
    as_of: date | str,
    known_as_of: date | str | None = None,
    *,
    matcher: Matcher | None = None,
) -> Assessment:
    """Return the assessment as of a day (inclusive), on what was known on `known_as_of` (default: the same day).

    `matcher` compares the Python matcher with another one, see `accountability.matching`; it never changes the answer.

    Raises PackError when a parameter does not fit the policy, EventError when a field does not fit its declared type.
    """
    day = parse_date(as_of)
    known_day = parse_date(known_as_of) if known_as_of is not None else day
    policy.check(parameters)
    given = [typed(event, policy.event_types) for event in events]
    knowledge = known_events(given, day, known_day)
    telling = Telling(ahead=knowledge.ahead)
    evaluation = TwoFold(policy, parameters, organization, day, matcher or python_matcher(policy), telling)
    evaluation.take(knowledge.events, day)
    answer = evaluation.assessment(known_day)
    conflicting = [
        EventAnswer(e.source, e.id, e.type, "refused", "same id, other content") for e in knowledge.conflicting
    ]
    return evolve(answer, events=_in_order([*answer.events, *conflicting])) if conflicting else answer


def organization_after(base: Organization, events: Iterable[Event], policy: Policy) -> Organization:
    """Return the organization after all the changes among the events, those that are refused left out."""
    known = known_events([typed(event, policy.event_types) for event in events], date.max, date.max)
    counting, _ = Telling().add(known.events)
    return changed(base, [event for event in counting if event.type in ORGANIZATION_EVENTS])[0]


def python_matcher(policy: Policy) -> PythonMatcher:
    """Return the Python matcher of the policy, compiled once."""
    matcher = _MATCHERS.get(policy)
    if matcher is None:
        matcher = _MATCHERS[policy] = PythonMatcher(policy.patterns())
    return matcher


@frozen
class Altered:
    """An obligation of which something else is said: whether it may have stood before, and as it stands now."""

    id: str
    stood: bool
    now: Obligation | None


class TwoFold:
    """An evaluation of what counts and, once something is retracted, one of what was ever told in the same keys.

    What stands in the second and not in the first stood only on what was retracted; it stays visible as cancelled.
    """

    def __init__(
        self, policy: Policy, parameters: Parameters, base: Organization, day: date, matcher: Matcher,
        telling: Telling | None = None,
    ) -> None:  # fmt: skip
        self.main = Evaluation(policy, parameters, base, day, matcher, telling)
        self.trail: Evaluation | None = None
        self._keys: set[tuple[str, ...]] = set()
        self._all = False
        self._policy, self._parameters, self._base = policy, parameters, base

    def take(self, events: Sequence[Event], day: date) -> None:
        """Take further events, in any order, and let the days pass to `day`."""
        telling, main = self.main.telling, self.main
        before = set(telling.retracted) if telling.retracted else telling.retracted
        main.take(events, day)
        if telling.retracted:
            gone = (telling.retracted - before) | {e.key for e in events if e.key in telling.retracted}
            self._take_trail(events, gone & telling.events.keys(), day)

    def _take_trail(self, events: Sequence[Event], gone: set[EventKey], day: date) -> None:
        """Tell the second evaluation all about the keys by which something retracted was read."""
        told, main = self.main.telling.events, self.main
        if self.trail is None:
            telling = Telling(ignores_retractions=True)
            matcher = python_matcher(self._policy)
            self.trail = Evaluation(self._policy, self._parameters, self._base, day, matcher, telling, partial=True)
            events = list(told.values())
        self._all = self._all or any(told[key].type in ORGANIZATION_EVENTS for key in gone)
        more = [e for e in events if e.type in _ALWAYS or not self._keys.isdisjoint(main.keys(e.key))]
        self._tell(told.values() if self._all else [*more, *(told[key] for key in sorted(gone))], day)
        keys = {fold for event in gone for fold in self.trail.keys(event)} - self._keys
        self._keys |= keys
        self._tell([told[event] for fold in sorted(keys) for event in main.members(fold)], day)

    def _tell(self, events: Iterable[Event], day: date) -> None:
        assert self.trail is not None
        known = self.trail.telling.events
        self.trail.take(list({e.key: e for e in events if e.key not in known}.values()), day)

    def forget_changes(self) -> None:
        """Take what stands now as what stood before."""
        self.main.collected.forget_changes()
        if self.trail is not None:
            self.trail.collected.forget_changes()

    # -- the answer -------------------------------------------------------------------------------------------------

    def assessment(self, known_as_of: date) -> Assessment:
        """Return the whole answer."""
        main, collected = self.main, self.main.collected
        escalations = [*collected.escalations.standing.values()]
        escalations += [each.escalation for each in collected.obligations.standing.values() if each.way is not None]
        findings = [finding for key in collected.findings if (finding := collected.finding(key)) is not None]
        findings += [*without_force(main.scene.policy), *band_findings(main.scene.policy), *self._structure()]
        findings += differing_duties(main.scene.policy)
        relations, undetermined = main.who_leads()
        findings += undetermined
        return Assessment(
            main.scene.as_of,
            known_as_of,
            obligations=tuple(sorted(self.obligations(), key=lambda o: (o.opened, o.due or date.max, o.id))),
            escalations=tuple(sorted(escalations, key=lambda e: (e.day, e.id))),
            liabilities=tuple(sorted(collected.liabilities.standing.values(), key=lambda c: (c.at, c.id))),
            findings=tuple(sorted(findings, key=finding_order)),
            events=event_answers(self.told_of(main.telling.events)),
            ratings=tuple(sorted(collected.ratings.standing.values(), key=lambda r: (r.date, r.id))),
            relations=relations,
        )

    def obligations(self) -> list[Obligation]:
        """Return all obligations, those that stood only on what was retracted as cancelled."""
        standing = self.main.collected.obligations.standing.values()
        return [*(resolved.kept() for resolved in standing), *map(self.cancelled, self.trailing())]

    def altered(self) -> list[Altered]:
        """Return the obligations of which something else is said than before."""
        main = self.main.collected.obligations
        trail = self.trail.collected.obligations if self.trail is not None else None
        found = []
        for id_ in dict.fromkeys((*main.before, *(trail.before if trail is not None else ()))):
            now = main.standing.get(id_)
            still = trail.standing.get(id_) if trail is not None else None
            stood = trail is not None or main.before[id_] is not None
            shown = now.obligation if now is not None else self.cancelled(still) if still is not None else None
            found.append(Altered(id_, stood, shown))
        return found

    def _structure(self) -> list[Finding]:
        """Return what the checks of the organization, and of the events that count, find."""
        main, telling, scene = self.main, self.main.telling, self.main.scene
        out = telling.retracted | telling.duplicates.keys() | main.refused.keys()
        counting = (event for key, event in telling.events.items() if key not in out)
        return structure_findings(scene.policy, scene.parameters, scene.organization, counting, scene.as_of)

    def trailing(self) -> list[Plain]:
        """Return what stood only on what was retracted."""
        if self.trail is None:
            return []
        standing = self.main.collected.obligations.standing
        return [r for id_, r in self.trail.collected.obligations.standing.items() if id_ not in standing]

    def cancelled(self, resolved: Plain) -> Obligation:
        """Return an obligation of the trail, with the retractions that took away what it stood on."""
        retractions = self.main.telling.standing_retractions
        assert self.trail is not None
        events = self.trail.events_of(resolved.id)
        own = [r for r in retractions if target(r) in events] or retractions
        causes = tuple(cause("retraction", event) for event in sorted(own, key=lambda e: (e.known, e.date, e.key)))
        obligation = resolved.obligation
        because = evolve(obligation.because, events=(*obligation.because.events, *causes))
        return evolve(obligation, status="cancelled", performed=None, outcome=None, because=because)

    def told_of(self, keys: Iterable[EventKey]) -> list[tuple[Event, Said]]:
        """Return the events with these keys, each with what became of it."""
        main, telling, found = self.main, self.main.telling, []
        for key in keys:
            known = main.known.get(key)
            if known is not None and known.said is not None:
                found.append((known.event, known.said))
            else:
                if key in telling.duplicates:
                    said = ("no_effect", "possible duplicate")
                elif key in telling.retracted:
                    said = ("no_effect", "retracted")
                else:
                    said = ("refused", main.refused.get(key, ""))
                found.append((telling.events[key], said))
        return found


def event_answers(told: Iterable[tuple[Event, Said]]) -> tuple[EventAnswer, ...]:
    """Return what became of the events as answers, in their order."""
    return _in_order(EventAnswer(event.source, event.id, event.type, *said) for event, said in told)


def _in_order(answers: Iterable[EventAnswer]) -> tuple[EventAnswer, ...]:
    return tuple(sorted(answers, key=lambda a: (a.source, a.id, a.result)))


def without_force(policy: Policy) -> list[Finding]:
    """Return one finding when recurring rules have no first day in force, so that nothing is owed under them."""
    rules = [d.id for d in policy.duties.values() if d.each is not None and policy.force(d.clause)[0] is None]
    return [finding("parameter_required", "in_force", {"rules": ", ".join(rules)})] if rules else []
