"""Reasons in words: whole sentences in Chinese and English that can be pasted into an official paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from .answer import Assessment, Because, Cause, Escalation, Finding, Liability, Note, Obligation
from .calendar import Span
from .clause import Clause
from .errors import EventError, PackError, nearest, quoted
from .event import Event
from .finding import FINDINGS
from .organization import (
    BEGINNING,
    FOREVER,
    Absence,
    Fact,
    Membership,
    Organization,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)
from .parameters import Use
from .policy import Policy
from .wording import WORDS

LANGUAGES = ("zh", "en")


def explain(
    item: Obligation | Escalation | Liability | Finding,
    policy: Policy,
    organization: Organization,
    language: str = "zh",
) -> str:
    """Return the reasons of an answer as sentences; raises EventError for a language other than ``zh`` and ``en``."""
    teller = _Teller(policy, organization, language)
    if isinstance(item, Obligation):
        return teller.obligation(item)
    if isinstance(item, Escalation):
        return teller.escalation(item)
    if isinstance(item, Liability):
        return teller.liability(item)
    return teller.finding(item)


class _Teller:
    """Tells answers in one language, with the names of the organization and the words of the policy."""

    def __init__(self, policy: Policy, organization: Organization, language: str) -> None:
        if language not in LANGUAGES:
            raise EventError(f"{quoted(language)} is no language here{nearest(language, LANGUAGES)} Use `zh` or `en`")
        self.policy, self.organization, self.language = policy, organization, language
        self.words: Mapping[str, str] = WORDS[language]

    # -- the four kinds of answer --------------------------------------------------------------------------------

    def obligation(self, item: Obligation) -> str:
        """Body, who answers for it, act, due day with its computation, status, cause, path and what it rests on."""
        parts = [self._who(item), self._due(item), self._status(item)]
        if item.because.breach is not None:
            parts.append(self._say("serves", id=item.because.breach))
        parts += [self._clause(item.clause), self._events(item.because.events), self._path(item.because.path)]
        parts.append(self._notes(item.because.notes))
        return self._joined(parts)

    def escalation(self, item: Escalation) -> str:
        """From whom to whom, since when, why, under which clause, and the parameters."""
        target = self.post(item.to_post) if item.to_post is not None else self.unit(item.to_unit)
        reason = self.words[f"reason_{item.reason}"]
        head = self._say(
            "escalation", day=item.day, from_unit=self.unit(item.from_unit), to_unit=self.unit(item.to_unit),
            target=target, person=self._holder(item.to_person), reason=reason,
        )  # fmt: skip
        parts = [head, self._rests(item.because), self._parameters(item.because.parameters)]
        parts += [self._clause(item.clause), self._path(item.because.path)]
        return self._joined(parts)

    def liability(self, item: Liability) -> str:
        """Who may be answerable, for which post, since when; that people decide, and what they decided."""
        head = self._say("liability", person=self.person(item.person), post=self.post(item.post), at=item.at)
        parts = [head, self._rests(item.because), self._parameters(item.because.parameters), self._clause(item.clause)]
        parts += [self._events(item.because.events), self._path(item.because.path)]
        if item.decided is not None:
            outcome = self.words.get(f"decided_{item.decided}", item.decided)
            parts.append(self._say("decided", by=item.decided_by, document=item.document, outcome=outcome))
        return self._joined(parts)

    def finding(self, item: Finding) -> str:
        """What was found, about whom or what, and where."""
        kind = FINDINGS[item.code]
        detail = self.words["list"].join(f"{key} {value}" for key, value in item.detail.items())
        return self._joined(
            [
                self._say("finding", text=kind.text[self.language], about=item.about, code=item.code),
                self._say("finding_detail", detail=detail) if detail else "",
                self._say("finding_case", case=item.case) if item.case is not None else "",
            ]
        )

    # -- the parts of a sentence ---------------------------------------------------------------------------------

    def _who(self, item: Obligation) -> str:
        body = self.unit(item.unit.id) if item.unit is not None else self.words["nobody"]
        title = item.title[self.language]
        to = self._say("to", to=self.unit(item.to)) if item.to is not None else ""
        case = self._say("in_case", case=item.case) if item.case is not None else ""
        period = self._say("in_period", period=item.period) if item.period is not None else ""
        round_ = self._say("in_round", round=item.round) if item.round > 1 else ""
        answers = ""
        if item.post is not None:
            source = (
                self._say("by_clause", ref=item.because.answers.ref, text=item.because.answers.text)
                if item.because.answers is not None
                else self.words["by_pack"]
            )
            answers = self._say("answers", post=self.post(item.post), holder=self._holder(item.person), source=source)
        return self._say("who", body=body, title=title, to=to, case=case, period=period, round=round_, answers=answers)

    def _due(self, item: Obligation) -> str:
        made = item.because.computation
        if item.due is None:
            return self.words["due_open"] + self._parameters(item.because.parameters)
        how = ""
        if made is not None and made.start is not None and made.span is not None:
            span = Span.parse(made.span)
            how = self._say("computed", start=made.start, span=span.words(self.language), raw=made.span)
            how += "".join(self._say("restarted", day=day) for day in made.restarted)
        if made is not None and made.moved_from is not None:
            how += self._say("moved", day=made.moved_from)
        if item.provisional:
            how += self.words["provisional"]
        return self._say("due", due=item.due, how=how) + self._parameters(item.because.parameters)

    def _parameters(self, uses: Iterable[Use]) -> str:
        return "".join(self._use(use) for use in uses)

    def _use(self, use: Use) -> str:
        if use.origin == "host":
            what = "choice_host" if use.choice else "quantity"
            document = use.document or self.words["no_document"]
            text = self._say(
                what, name=use.name, value=use.value, document=document, set_by=use.set_by or self.words["not_said"]
            )
            return text + (self.words["sample"] if use.sample else "")
        return self._say("choice", name=use.name, value=use.value, who=self.words[f"origin_{use.origin}"])

    def _status(self, item: Obligation) -> str:
        outcome = ""
        if item.outcome is not None:
            outcome = self._say("outcome", outcome=self.words.get(f"outcome_{item.outcome}", item.outcome))
        return self._say(
            f"status_{item.status}",
            performed=item.performed,
            outcome=outcome,
            blocked=self.words["list"].join(item.blocked_by),
        )

    def _clause(self, clause: Clause) -> str:
        return self._say("clause", ref=clause.ref, text=clause.text, source=clause.source)

    def _rests(self, because: Because) -> str:
        return self._say("rests", id=because.breach) if because.breach is not None else ""

    def _events(self, causes: Iterable[Cause]) -> str:
        told = [
            self._say(
                "event", part=self.words[f"part_{cause.part}"], title=self._event_title(cause.type), id=cause.id, day=cause.date,
                late=self._say("recorded", day=cause.recorded) if cause.recorded > cause.date else "",
            )
            for cause in causes
        ]  # fmt: skip
        return self._say("events", events=self.words["list"].join(told)) if told else ""

    def _event_title(self, type_: str) -> str:
        declared = self.policy.event_types.get(type_)
        return declared.title.get(self.language, type_) if declared is not None else type_

    def _path(self, facts: Iterable[Fact]) -> str:
        told = [self._fact(fact) for fact in facts]
        return self._say("path", path=self.words["list"].join(told)) if told else ""

    def _fact(self, fact: Fact) -> str:
        if isinstance(fact, Relation):
            what = self._say(f"relation_{fact.kind}", source=self.unit(fact.source), target=self.unit(fact.target))
        elif isinstance(fact, Tenure):
            how = "acting" if fact.acting else "holds"
            what = self._say(how, person=self.person(fact.person), post=self.post(fact.post))
        elif isinstance(fact, Membership):
            what = self._say("belongs", person=self.person(fact.person), unit=self.unit(fact.unit))
        elif isinstance(fact, Seat):
            what = self._say("sits", person=self.person(fact.person), unit=self.unit(fact.unit))
        elif isinstance(fact, Absence):
            what = self._say("absent", person=self.person(fact.person))
        else:
            assert isinstance(fact, Unit | Post)
            what = fact.name or fact.id
        return what + self._days(fact.from_, fact.to)

    def _days(self, first: date, last: date) -> str:
        if first == BEGINNING and last == FOREVER:
            return ""
        if last == FOREVER:
            return self._say("since", first=first)
        if first == BEGINNING:
            return self._say("until", last=last)
        return self._say("from_to", first=first, last=last)

    def _notes(self, notes: Iterable[Note]) -> str:
        told = [f"{FINDINGS[note.code].text[self.language]}({note.about})" for note in notes if note.code in FINDINGS]
        return self._say("notes", notes=self.words["list"].join(told)) if told else ""

    # -- names ---------------------------------------------------------------------------------------------------

    def unit(self, name: str) -> str:
        """Return the unit as people know it, its id behind the name."""
        unit = self.organization.units.get(name)
        return f"{unit.name}({name})" if unit is not None and unit.name else name

    def post(self, name: str) -> str:
        """Return the post as people know it."""
        post = self.organization.posts.get(name)
        if post is None:
            unit, _, kind = name.rpartition(".")
            return self.unit(unit) + self.words["acting_convener"] if kind == "acting_convener" else name
        unit_name = self.organization.units[post.unit].name or post.unit
        title = self.policy.posts.get(post.kind, {}).get(self.language, post.kind)
        return f"{post.name}({name})" if post.name else self._say("post", unit=unit_name, title=title)

    def person(self, name: str | None) -> str:
        """Return the person's name with the id behind it, or the id."""
        known = self.organization.persons.get(name) if name is not None else None
        return f"{known.name}({name})" if known is not None and known.name else str(name)

    def _holder(self, person: str | None) -> str:
        return self._say("holder", person=self.person(person)) if person is not None else self.words["no_holder"]

    # -- sentences -----------------------------------------------------------------------------------------------

    def _say(self, word: str, **values: object) -> str:
        return self.words[word].format(**values)

    def _joined(self, parts: Iterable[str]) -> str:
        return self.words["space"].join(part for part in parts if part)


def why_not(
    policy: Policy,
    organization: Organization,
    events: Iterable[Event],
    answer: Assessment,
    rule: str,
    key: str,
    language: str = "zh",
) -> str:
    """Return, in a sentence, the first condition for which `rule` gave no obligation for `key`.

    `rule` is a rule id or the norm id of its clause; `key` a case, unit, post, person or event id. Raises PackError for
    a rule that is not loaded.
    """
    from .condition import compiled
    from .matching import facts_of

    teller = _Teller(policy, organization, language)
    say = teller._say
    duties = [duty for duty in policy.duties.values() if rule in (duty.id, duty.clause.ref)]
    if not duties:
        raise PackError(f"no loaded duty has the id {quoted(rule)}{nearest(rule, policy.duties)}")
    duty = duties[0]
    standing = [o for o in answer.obligations if o.rule == duty.id and key in o.id.split("/")]
    if standing:
        return say("why_exists", id=standing[0].id, status=standing[0].status)
    if duty.on is None:
        return say("why_opened_by_library", rule=duty.id)
    mentioned = [e for e in events if key in (e.case, e.id, *(v for v in e.fields.values() if isinstance(v, str)))]
    candidates = [e for e in mentioned if e.type in duty.on.events]
    if not candidates:
        return say("why_no_event", rule=duty.id, types=teller.words["list"].join(duty.on.events), key=key)
    for event in sorted(candidates, key=lambda e: (e.date, e.key)):
        if event.date > answer.as_of or event.known > answer.known_as_of:
            return say("why_not_known", id=event.id, day=event.known, as_of=answer.as_of)
        if not policy.applies(duty.clause, event.date):
            return say("why_not_in_force", ref=duty.clause.ref, day=event.date)
        facts = facts_of(
            event, policy.event_types.get(event.type), [c.path for c in duty.on.where], organization.on(event.date)
        )
        for condition in duty.on.where:
            if compiled(condition)(facts) is not True:
                fact = facts.get(condition.path, teller.words["unknown"])
                return say(
                    "why_condition", id=event.id, path=condition.path, operator=condition.operator,
                    value=_shown(condition.value), fact=fact,
                )  # fmt: skip
    results = {(e.source, e.id): e.result for e in answer.events}
    event = candidates[0]
    return say("why_no_effect", id=event.id, rule=duty.id, result=results.get(event.key, teller.words["unknown"]))


def _shown(value: object) -> str:
    return " | ".join(map(str, value)) if isinstance(value, tuple) else str(value)
