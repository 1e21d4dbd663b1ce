"""Reasons in words: whole sentences in Chinese and English that can be pasted into an official paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from .answer import Because, Cause, Escalation, Finding, Liability, Note, Obligation, Rating
from .calendar import Span
from .clause import Clause
from .errors import EventError, nearest, quoted
from .finding import FINDINGS
from .organization import Organization
from .organization_facts import (
    BEGINNING,
    FOREVER,
    Absence,
    Fact,
    Ground,
    Membership,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)
from .parameters import Use
from .policy import Policy
from .reports.details import details
from .reports.names import Names
from .reports.phrases import Phrases, capital, inner
from .reports.text import WORDS as LABELS
from .wording import WORDS

LANGUAGES = ("zh", "en")


def explain(
    item: Obligation | Escalation | Liability | Rating | Finding,
    policy: Policy,
    organization: Organization,
    language: str = "zh",
) -> str:
    """Return the reasons of an answer as sentences; raises EventError for a language other than ``zh`` and ``en``."""
    teller = Teller(policy, organization, language)
    if isinstance(item, Obligation):
        return teller.obligation(item)
    if isinstance(item, Escalation):
        return teller.escalation(item)
    if isinstance(item, Liability):
        return teller.liability(item)
    if isinstance(item, Rating):
        return teller.rating(item)
    return teller.finding(item)


class Teller:
    """Tells answers in one language, with the names of the organization and the words of the policy."""

    def __init__(self, policy: Policy, organization: Organization, language: str) -> None:
        if language not in LANGUAGES:
            raise EventError(
                f"{quoted(language)} is no language here{nearest(language, LANGUAGES) or '.'} Use `zh` or `en`"
            )
        self.policy, self.organization, self.language = policy, organization, language
        self.words: Mapping[str, str] = WORDS[language]
        self.labels: Mapping[str, str] = LABELS[language]
        self.phrases, self.names = Phrases(policy, language), Names(organization, policy, language)
        self.unit, self.post, self.person = self.names.unit, self.names.post, self.names.person

    # -- the kinds of answer -------------------------------------------------------------------------------------

    def obligation(self, item: Obligation) -> str:
        """Body, who answers for it, act, due day with its computation, status, cause, path and what it rests on."""
        parts = [self._who(item), self._due(item), self._status(item)]
        if item.because.breach is not None:
            parts.append(self.say("serves", id=item.because.breach))
        parts += [self._clause(item.clause), self._events(item.because.events), self._path(item.because.path)]
        parts.append(self._notes(item.because.notes))
        return self._joined(parts)

    def escalation(self, item: Escalation) -> str:
        """From whom to whom, since when, why, under which clause, and the parameters."""
        target = self.post(item.to_post) if item.to_post is not None else self.unit(item.to_unit)
        reason = self.words[f"reason_{item.reason}"]
        head = self.say(
            "escalation", day=item.day, from_unit=self.unit(item.from_unit), to_unit=self.unit(item.to_unit),
            target=target, person=self._holder(item.to_person), reason=reason,
        )  # fmt: skip
        late = self.words["rests_late"] if item.reason == "overdue" else ""
        parts = [head, self._rests(item.because, late), self._parameters(item.because.parameters)]
        parts += [self._clause(item.clause), self._path(item.because.path), self._notes(item.because.notes)]
        return self._joined(parts)

    def liability(self, item: Liability) -> str:
        """Who may be answerable, for which post, since when; that people decide, and what they decided."""
        outcome = self.words.get(f"decided_{item.decided}", str(item.decided))
        state = self.words["undecided"]
        if item.decided is not None:
            state = self.say("decided", by=self.unit(str(item.decided_by)), document=item.document, outcome=outcome)
        head = self.say(
            "liability", person=self.person(item.person), post=self.post(item.post), at=item.at, state=state
        )
        parts = [head, self._rests(item.because), self._parameters(item.because.parameters), self._clause(item.clause)]
        parts += [self._events(item.because.events), self._path(item.because.path), self._notes(item.because.notes)]
        return self._joined(parts)

    def rating(self, item: Rating) -> str:
        """Which unit was rated how, by which score, under which clause, and the choices that settled it."""
        given = self.say("rating_given", given=item.given) if item.given != item.score else ""
        head = self.say(
            "rating", unit=self.unit(item.unit) if item.unit is not None else self.words["nobody"],
            result=item.title[self.language], day=item.date,
            score=self.words["rating_veto"] if item.veto else self.say("rating_score", score=item.score, given=given),
        )  # fmt: skip
        return self._joined(
            [
                head,
                self._parameters(item.because.parameters),
                self._clause(item.clause),
                self._events(item.because.events),
            ]
        )

    def finding(self, item: Finding) -> str:
        """What was found, about whom or what, and where."""
        kind = FINDINGS[item.code]
        detail = self.words["list"].join(details(self.names, item.detail))
        about = self.say("about", about=self.names.about(item.about)) if item.about else ""
        return self._joined(
            [
                self.say("finding", text=kind.text[self.language], about=about),
                self.say("finding_detail", detail=detail) if detail else "",
                self.say("finding_case", case=item.case) if item.case is not None else "",
            ]
        )

    # -- the parts of a sentence ---------------------------------------------------------------------------------

    def _who(self, item: Obligation) -> str:
        body = self.unit(item.unit.id) if item.unit is not None else self.words["nobody"]
        title = item.title[self.language]
        fronts = [
            self.say("in_case", case=item.case) if item.case is not None else "",
            self.say("in_round", round=item.round) if item.round > 1 else "",
            self.say("in_period", period=item.period) if item.period is not None else "",
        ]
        front = self.words["comma"].join(part for part in fronts if part)
        answers = ""
        if item.post is not None:
            source = (
                self.say("by_clause", ref=item.because.answers.ref, text=inner(item.because.answers.text))
                if item.because.answers is not None
                else self.words["by_pack"]
            )
            answers = self.say("answers", post=self.post(item.post), holder=self._holder(item.person), source=source)
        front = self.say("front", parts=capital(front)) if front else ""
        return self.say("who", front=front, body=body, title=title, to=self._to(item), answers=answers)

    def _to(self, item: Obligation) -> str:
        if item.to is None:
            return ""
        unit = self.organization.units.get(item.to)
        named = unit is not None and self.phrases.names_kind(item.title[self.language], unit.kind)
        return self.say("to_named" if named else "to", to=self.unit(item.to))

    def _due(self, item: Obligation) -> str:
        made = item.because.computation
        if item.due is None:
            return self._joined([self._open(item), self._parameters(item.because.parameters)])
        told = []
        if made is not None and made.start is not None and made.span is not None:
            span = Span.parse(made.span)
            told.append(self.say("computed", start=made.start, span=span.words(self.language), raw=made.span))
            told += [self.say("restarted", day=day) for day in made.restarted]
        if made is not None and made.moved_from is not None:
            told.append(self.say("moved", day=made.moved_from))
        if item.provisional:
            told.append(self.words["provisional"])
        how = self.words["comma"].join(told)
        extended = [cause for cause in item.because.events if cause.part == "extension"]
        if extended:
            last = extended[-1]
            before = self.say("extended_from", how=how) if how else ""
            how = self.say("extended", id=last.id, day=last.date, before=before)
        elif how:
            how = self.say("in_brackets", how=how)
        return self._joined([self.say("due", due=item.due, how=how), self._parameters(item.because.parameters)])

    def _open(self, item: Obligation) -> str:
        """Say that there is no due day, and which parameter it waits for."""
        rule = self.policy.duties.get(item.rule)
        name = rule.time_parameter if rule is not None else None
        if name is None or name in (use.name for use in item.because.parameters):
            return self.words["due_open"]
        return self.say("due_waits", name=name, title=self.names.parameter(name))

    def _parameters(self, uses: Iterable[Use]) -> str:
        """Each quantity in a sentence; all choices in one clause, grouped by who chose."""
        known = list(uses)
        chosen: dict[str, list[str]] = {}
        for use in known:
            if use.choice:
                chosen.setdefault(use.origin, []).append(self._use(use))
        groups = [
            self.say("chosen", who=self.words[f"origin_{origin}"], choices=self.words["comma_list"].join(told))
            for origin, told in chosen.items()
        ]
        quantities = [self._use(use) for use in known if not use.choice]
        return self._joined(
            [*quantities, self.say("choices", groups=self.words["semicolon"].join(groups)) if groups else ""]
        )

    def _use(self, use: Use) -> str:
        declared = self.policy.declaration(use.name)
        title = declared.title[self.language] if declared is not None else use.name
        facts = {
            "document": use.document or self.words["no_document"],
            "set_by": use.set_by or self.words["not_said"],
            "sample": self.words["sample_inside" if use.choice else "sample"] if use.sample else "",
        }
        if not use.choice:
            return self.say("quantity", title=capital(title), name=use.name, value=use.value, **facts)
        host = self.say("choice_host", **facts) if use.origin == "host" else ""
        return self.say("choice", title=title, name=use.name, value=use.value, host=host)

    def _status(self, item: Obligation) -> str:
        outcome = ""
        if item.outcome is not None:
            outcome = self.say("outcome", outcome=self.words.get(f"outcome_{item.outcome}", item.outcome))
        return self.say(
            f"status_{item.status}",
            performed=item.performed,
            outcome=outcome,
            blocked=self.words["list"].join(map(self.unit, item.blocked_by)),
        )

    def _clause(self, clause: Clause) -> str:
        return self.say("clause", ref=clause.ref, text=inner(clause.text), source=self.phrases.source(clause.source))

    def _rests(self, because: Because, late: str = "") -> str:
        if because.breach is None:
            return ""
        rule, _, key = because.breach.partition("/")
        duty = self.policy.duties.get(rule.removesuffix(".designate"))
        title = (
            duty.title[self.language]
            if duty is not None and not rule.endswith(".designate")
            else self.words["designate"]
        )
        due = next((note.about for note in because.notes if note.code == "due"), None)
        when = self.say("rests_due", due=due) if due is not None else late
        return self.say("rests", id=because.breach, title=title, key=key, due=when)

    def _events(self, causes: Iterable[Cause]) -> str:
        told = [
            self.say(
                "event", part=self.words[f"part_{cause.part}"], title=self.event_title(cause.type), id=cause.id, day=cause.date,
                late=self.say("recorded", day=cause.recorded) if cause.recorded > cause.date else "",
            )
            for cause in causes
        ]  # fmt: skip
        return self.say("events", events=self.words["list"].join(told)) if told else ""

    def event_title(self, type_: str) -> str:
        """Return the title of a type of events, or its name."""
        declared = self.policy.event_types.get(type_)
        return declared.title.get(self.language, type_) if declared is not None else type_

    def _path(self, facts: Iterable[Fact]) -> str:
        told = [self._fact(fact) for fact in facts]
        return self.say("path", path=self.words["list"].join(told)) if told else ""

    def _fact(self, fact: Fact) -> str:
        if isinstance(fact, Relation):
            word = f"relation_{fact.kind}" if f"relation_{fact.kind}" in self.words else "relation_other"
            kind = self.policy.relation_words.get(fact.kind, {}).get(self.language, fact.kind)
            what = self.say(word, source=self.unit(fact.source), target=self.unit(fact.target), kind=kind)
        elif isinstance(fact, Ground):
            what = self.say(f"ground_{fact.relation}", unit=self.unit(fact.unit), ground=fact.ground)
        elif isinstance(fact, Tenure):
            how = "acting" if fact.acting else "holds"
            what = self.say(how, person=self.person(fact.person), post=self.post(fact.post))
        elif isinstance(fact, Membership):
            what = self.say("belongs", person=self.person(fact.person), unit=self.unit(fact.unit))
        elif isinstance(fact, Seat):
            what = self.say("sits", person=self.person(fact.person), unit=self.unit(fact.unit))
        elif isinstance(fact, Absence):
            what = self.say("absent", person=self.person(fact.person))
        else:
            assert isinstance(fact, Unit | Post)
            what = fact.name or fact.id
        return what + self._days(fact.from_, fact.to)

    def _days(self, first: date, last: date) -> str:
        if first == BEGINNING and last == FOREVER:
            return ""
        if last == FOREVER:
            return self.say("since", first=first)
        if first == BEGINNING:
            return self.say("until", last=last)
        return self.say("from_to", first=first, last=last)

    def _notes(self, notes: Iterable[Note]) -> str:
        told = [
            self.say("note", text=FINDINGS[note.code].text[self.language], about=self.names.about(note.about))
            for note in notes
            if note.code in FINDINGS
        ]
        told += [self.say("need_ended", day=note.about) for note in notes if note.code == "need_ended"]
        return self.say("notes", notes=self.words["list"].join(told)) if told else ""

    def _holder(self, person: str | None) -> str:
        return self.say("holder", person=self.person(person)) if person is not None else self.words["no_holder"]

    # -- sentences -----------------------------------------------------------------------------------------------

    def say(self, word: str, **values: object) -> str:
        """Return the sentence of that name with its places filled."""
        return self.words[word].format(**values)

    def _joined(self, parts: Iterable[str]) -> str:
        return self.words["space"].join(part for part in parts if part)
