"""Why a rule gave no obligation: the first condition that failed, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from .answer import Assessment, Obligation
from .condition import Condition, compiled
from .errors import PackError, nearest, quoted
from .event import Event
from .explanation import Teller
from .matching import facts_of
from .organization import Organization
from .organization_facts import Post, Unit
from .policy import Policy
from .rule import Duty
from .subjects import falls_on


def why_not(
    policy: Policy,
    organization: Organization,
    events: Iterable[Event],
    answer: Assessment,
    rule: str,
    key: str,
    language: str = "zh",
) -> str:
    """Return, in a sentence for each duty meant, the first condition for which it gave no obligation for `key`.

    `rule` is the id of a duty or the norm id of its clause; `key` a case, unit, post, person, period or event id.
    Raises PackError for a rule that is not loaded or is no duty.
    """
    duties = [duty for duty in policy.duties.values() if rule in (duty.id, duty.clause.ref)]
    if not duties:
        others = [each.id for each in policy.rules if rule in (each.id, each.clause.ref)]
        what = (
            f"{quoted(others[0])} opens no obligations; ask about a duty"
            if others
            else f"no loaded duty has the id {quoted(rule)}"
        )
        raise PackError(what + nearest(rule, policy.duties))
    known = sorted(events, key=lambda e: (e.date, e.key))
    asked = _Question(policy, organization, known, answer, key, Teller(policy, organization, language))
    return asked.teller.words["space"].join(asked.answer(duty) for duty in duties)


class _Question:
    """One question: the key, what is known, and the language to answer in."""

    def __init__(
        self,
        policy: Policy,
        organization: Organization,
        events: list[Event],
        answer: Assessment,
        key: str,
        teller: Teller,
    ) -> None:
        self.policy, self.organization, self.events = policy, organization, events
        self.assessment, self.key, self.teller = answer, key, teller

    def answer(self, duty: Duty) -> str:
        """Return the first condition that failed for one duty."""
        say = self.teller.say
        standing = [o for o in self.assessment.obligations if o.rule == duty.id and self.key in _keys(o)]
        if standing:
            return say("why_exists", id=standing[0].id, status=self.teller.labels[standing[0].status])
        if duty.each is not None:
            return self._recurring(duty)
        if duty.on is None:
            return say("why_opened_by_library", rule=duty.id)
        mentioned = [e for e in self.events if self.key in (e.case, e.id, *_texts(e))]
        triggers = [e for e in mentioned if e.type in duty.on.events]
        if not triggers:
            types = [
                say("why_event_type", title=self.teller.event_title(type_), type=type_) for type_ in duty.on.events
            ]
            return say("why_no_event", rule=duty.id, types=self.teller.phrases.words["or"].join(types), key=self.key)
        return self._event(duty, triggers[0])

    def _recurring(self, duty: Duty) -> str:
        say = self.teller.say
        first, last = self.policy.force(duty.clause)
        if first is None:
            return say("why_no_force", rule=duty.id)
        if not first <= self.assessment.as_of <= (last or self.assessment.as_of):
            return say("why_not_in_force", ref=duty.clause.ref, day=self.assessment.as_of)
        if told := self._not_chosen(duty, self.assessment.as_of):
            return told
        known: dict[str, Unit | Post] = {**self.organization.units, **self.organization.posts}
        subject = known.get(self.key)
        falls = subject is not None and duty.each is not None and falls_on(self.organization, duty.each, subject)
        if duty.keep is not None and falls:
            return say("why_bound_holds", rule=duty.id, key=self.key)
        kind = self.teller.phrases.kind(duty.each.kind) if duty.each is not None else ""
        return say("why_not_each", rule=duty.id, kind=kind, key=self.key)

    def _not_chosen(self, duty: Duty, day: date) -> str:
        """Say under which choice the rule would stand, where that was made otherwise on the day; else nothing."""
        for name, value in duty.chosen:
            use = self.policy.value(name, day, self.policy.parameters)
            if use is not None and use.value != value:
                return self.teller.say(
                    "why_not_chosen", rule=duty.id, name=name, value=value, chosen=use.value, day=day
                )
        return ""

    def _event(self, duty: Duty, event: Event) -> str:
        say = self.teller.say
        if event.date > self.assessment.as_of or event.known > self.assessment.known_as_of:
            return say("why_not_known", id=event.id, day=event.known, as_of=self.assessment.as_of)
        if not self.policy.applies(duty.clause, event.date):
            return say("why_not_in_force", ref=duty.clause.ref, day=event.date)
        if told := self._not_chosen(duty, event.date):
            return told
        assert duty.on is not None
        paths = [condition.path for condition in duty.on.where]
        facts = facts_of(event, self.policy.event_types.get(event.type), paths, self.organization.on(event.date))
        for condition in duty.on.where:
            if compiled(condition)(facts) is not True:
                told = self._condition(condition, event)
                fact = self._fact(condition, event, facts)
                return say("why_condition", id=event.id, rule=duty.id, condition=told, fact=fact)
        results = {(e.source, e.id): self.teller.labels[e.result] for e in self.assessment.events}
        return say(
            "why_no_effect", id=event.id, rule=duty.id, result=results.get(event.key, self.teller.words["unknown"])
        )

    def _condition(self, condition: Condition, event: Event) -> str:
        phrases = self.teller.phrases
        path, owner = phrases.path(condition.path, (event.type,))
        if condition.operator == "present":
            return self.teller.say("must_present" if condition.value is True else "must_absent", path=path)
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        shown = phrases.words["or"].join(phrases.plain(value, owner) for value in values)
        return self.teller.say(f"must_{condition.operator}", path=path, value=shown)

    def _fact(self, condition: Condition, event: Event, facts: Mapping[str, object]) -> str:
        fact = facts.get(condition.path)
        if fact is None:
            return self.teller.words["not_given" if condition.operator == "present" else "unknown"]
        phrases = self.teller.phrases
        return phrases.plain(fact, phrases.path(condition.path, (event.type,))[1])


def _keys(obligation: Obligation) -> set[str | None]:
    """Return the words by which people may mean an obligation."""
    parts = {part.replace("%2F", "/").replace("%25", "%") for part in obligation.id.split("/")}
    unit = obligation.unit.id if obligation.unit is not None else None
    return {*parts, obligation.case, obligation.period, unit, obligation.post}


def _texts(event: Event) -> list[str]:
    return [value for value in event.fields.values() if isinstance(value, str)]
