"""The parts of sentences about a policy: walks, events and their conditions, times, and parameters with their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from attrs import evolve

from ..calendar import Span
from ..condition import Condition
from ..matching.facts import ATTRIBUTES
from ..parameters import Parameter, ParameterValue, Setting
from ..policy import Policy
from ..rule import Counter, Duty, Each, Keep, Pattern, Recurrence, Role, Share, Time
from ..walk import FIRST_RESPONSIBLE, RolePost, Step, Walk
from .reading_words import WORDS

_REFERENCES = ("unit", "post", "person")
_INNER = str.maketrans("“”", "‘’")
_NUMBERED = re.compile(r"document ([0-9]+)")


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def inner(text: str) -> str:
    """Return the text on one line as it stands within quotation marks: its own become single ones."""
    return " ".join(text.split()).translate(_INNER)


class Phrases:
    """The phrases of one policy in one language (``zh`` or ``en``)."""

    def __init__(self, policy: Policy, language: str) -> None:
        self.policy, self.language = policy, language
        self.words = WORDS[language]

    def say(self, word: str, /, **values: object) -> str:
        """Return the words filled with the values."""
        return self.words[word].format(**values)

    def kind(self, name: str) -> str:
        """Return the title of a kind of unit."""
        return self.policy.kinds.get(name, {}).get(self.language, name)

    def post(self, name: str) -> str:
        """Return the title of a kind of post."""
        return self.policy.posts.get(name, {}).get(self.language, name)

    def names_kind(self, title: str, kind: str) -> bool:
        """Tell whether the title of a duty names units of that kind already, in full or short."""
        noun = self.kind(kind)
        short = noun[-3:] if self.language == "zh" else f"to the {noun.split()[-1]}"
        return noun in title or short in title

    def source(self, source: str) -> str:
        """Return the document that a clause stands in; its number in words of the language."""
        numbered = _NUMBERED.fullmatch(source)
        return self.say("numbered", number=numbered[1]) if numbered is not None else source

    def some(self, kind: str) -> str:
        """Return the title of a kind of unit as any one of them."""
        noun = self.kind(kind)
        return self.say("a", noun=noun, article="an" if noun[:1] in "aeiou" else "a")

    # -- events ----------------------------------------------------------------------------------------------------

    def pattern(self, pattern: Pattern) -> str:
        """Return which events are meant, with their conditions."""
        events = self.words["or"].join(self.say("quote", text=inner(self._event(name))) for name in pattern.events)
        where = self.words["semicolon"].join(self.condition(each, pattern.events) for each in pattern.where)
        return events + (self.say("brackets", text=where) if where else "")

    def _event(self, name: str) -> str:
        declared = self.policy.event_types.get(name)
        return declared.title.get(self.language, name) if declared is not None else name

    def condition(self, condition: Condition, events: Iterable[str]) -> str:
        """Return a condition on such events, or on whom a rule falls."""
        path, owner = self.path(condition.path, events)
        if condition.operator == "present":
            return self.say("present" if condition.value is True else "absent", path=path)
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        shown = self.words["or"].join(self._value(value, owner) for value in values)
        operator = condition.operator
        return self.say(f"cond_{operator}" if operator in ("at_least", "at_most") else operator, path=path, value=shown)

    def path(self, path: str, events: Iterable[str]) -> tuple[str, str]:
        """Return the path of a condition in words, and whose kind it asks for (``unit``, ``post``, else nothing)."""
        name, *attributes = path.split(".")
        kind = self.field_type(name, events)
        told, owner = self.field(name), kind
        for attribute in attributes:
            told = self.say("attribute", path=told, attribute=self.words.get(f"attribute_{attribute}", attribute))
            owner, kind = kind, ATTRIBUTES.get(kind, {}).get(attribute, "value")
        return told, owner if attributes and attributes[-1] == "kind" else ""

    def plain(self, value: object, owner: str) -> str:
        """Return a value in words: the title of a kind of unit or post, yes or no, else as it is."""
        if isinstance(value, bool):
            return self.words["true" if value else "false"]
        titles = self._titles(owner)
        return titles[str(value)][self.language] if str(value) in titles else str(value)

    def _value(self, value: str | int | bool | Decimal | date, owner: str) -> str:
        told = self.plain(value, owner)
        is_text = isinstance(value, str) and value not in self._titles(owner)
        return self.say("quote", text=inner(told)) if is_text else told

    def _titles(self, owner: str) -> Mapping[str, Mapping[str, str]]:
        return {"unit": self.policy.kinds, "post": self.policy.posts}.get(owner, {})

    def field(self, name: str) -> str:
        """Return a field of an event in words, its name in quotation marks where there are none."""
        return self.words.get(f"field_{name}") or self.say("quote", text=name)

    def field_type(self, name: str, events: Iterable[str]) -> str:
        """Return the type of a field of such events (``unit``, ``person``, ...)."""
        for event in events:
            declared = self.policy.event_types.get(event)
            if declared is not None and name in declared.fields:
                return declared.fields[name].name
        return name if name in ("unit", "post", "case", "date") else "value"

    # -- walks -----------------------------------------------------------------------------------------------------

    def walk(self, walk: Walk, rule: Duty | None = None) -> str:
        """Return the unit or post that a walk of the rule names."""
        if walk.is_alone_at("post"):
            return self.words["own_post"]
        place = self._start(walk, rule)
        for number, step in enumerate(walk.steps):
            place = self._step(step, place, walk, number)
        if walk.post is not None:
            return self.say("post_of", place=place, post=self.post(walk.post))
        return self.say("post_of", place=place, post=self.answering(walk)) if walk.role is not None else place

    def body(self, walk: Walk, rule: Duty) -> str:
        """Return the unit alone that a walk of the rule names."""
        return self.walk(evolve(walk, post=None, role=None), rule)

    def answering(self, walk: Walk) -> str:
        """Return the post of the body that answers, or the role in quotation marks; nothing for a body alone."""
        if walk.post is not None:
            return self.post(walk.post)
        return self.say("role_of", role=inner(self._role(walk.role))) if walk.role is not None else ""

    def _step(self, step: Step, place: str, walk: Walk, number: int) -> str:
        if step.action == "to" and number == 0 and walk.start == "person":
            return self.say("step_to_person", kind=self.kind(step.word))
        return self.say(f"step_{step.action}", place=place, kind=self.kind(step.word), word=step.word)

    def _start(self, walk: Walk, rule: Duty | None) -> str:
        name = walk.start
        events = rule.on.events if rule is not None and rule.on is not None else ()
        declared = self.policy.declaration(name)
        if declared is not None and declared.type == "unit" and self.field_type(name, events) == "value":
            value = self.amount(declared)
            return self.say("unit_parameter", title=declared.title[self.language], name=declared.name, value=value)
        if name == "unit" and rule is not None and rule.each is not None:
            return self.say("place_kind", kind=self.kind(rule.each.kind))
        if name == "contact" and rule is not None and rule.each is not None and rule.each.contact:
            return self.words["place_contact"]
        if name == "person":
            to_unit = bool(walk.steps) and walk.steps[0].action == "to"
            return self.words["place_person" if to_unit else "place_person_unit"]
        return self.words[f"place_{name}"] if name in _REFERENCES else self.say("the", noun=self.field(name))

    def _role(self, name: str) -> str:
        if name == FIRST_RESPONSIBLE:
            return self.words[name]
        titles = (rule.title for rule in self.policy.roles if rule.name == name)
        return next(titles, {}).get(self.language, name)

    def role_post(self, is_: RolePost) -> str:
        """Return the post that a role is."""
        if is_.post == FIRST_RESPONSIBLE:
            return self.say("first_responsible_as_chosen", choice=self.choice("first_responsible_is"))
        post = self.words["some_leader"] if is_.post is None else self.post(is_.post)
        return self.say("in_charge", post=post, portfolio=is_.portfolio) if is_.portfolio is not None else post

    def role(self, name: str | None) -> Role | None:
        """Return the rule of the role."""
        return next((rule for rule in self.policy.roles if rule.name == name), None)

    def each(self, each: Each) -> str:
        """Return on whom a recurring duty falls."""
        kind = self.kind(each.kind)
        unit = self.say("each_unit", kind=kind)
        if each.under is not None:
            unit = self.say("each_under", kind=kind, under=self.some(each.under))
        if each.post is None:
            return unit
        leader = self.words["each_leader"] if each.leader else ""
        post = self.words["any_post"] if each.post == "post" else self.post(each.post)
        told = self.say("each_post", each=unit, leader=leader, post=post)
        if each.leader and each.post == "post":
            told = self.say("each_leaders", each=unit)
        return self.say("each_contact", each=told) if each.contact else told

    def bound(self, keep: Keep, each: str) -> str:
        """Return when a bound fails."""
        counters: dict[str, Counter | Share] = {**self.policy.counters, **self.policy.shares}
        counted = counters.get(keep.count or keep.share or "")
        count = counted.title[self.language] if counted is not None else self.words["count_members"]
        number = keep.number if isinstance(keep.number, int) else self.setting(keep.number)
        number = f"{number}%" if keep.share is not None and isinstance(number, int) else number
        return self.say(
            "bound_at_least" if keep.at_least is not None else "bound_at_most", each=each, count=count, number=number
        )

    # -- times -----------------------------------------------------------------------------------------------------

    def within(self, rule: Duty) -> str:
        """Return how soon a duty must be done."""
        if rule.by is not None:
            if rule.by[:1].isdigit():
                return self.say("by_day", value=rule.by)
            known = self._values(rule.by)
            return self.say("by_day", value=self.setting(rule.by)) if known else self.say("within_open", name=rule.by)
        if rule.within is None:
            return self.words["by_period"]
        if rule.within.field is not None:
            return self.say("by_field", field=self.field(rule.within.field))
        value = self.time(rule.within)
        if value is None:
            return self.say("within_open", name=rule.within.parameter)
        return self.say("within_finished" if rule.recurrence is not None else "within", value=value)

    def time(self, time: Time) -> str | None:
        """Return a span of the text, or the value of its parameter; None when nobody has set it."""
        if time.span is not None:
            return self.say("from_text", value=time.span.words(self.language))
        assert time.parameter is not None
        return self.setting(time.parameter) if self._values(time.parameter) else None

    def recurrence(self, recurrence: Recurrence) -> str:
        """Return how often a duty recurs."""
        if recurrence.span is not None:
            return self.say("every_span", span=recurrence.span.words(self.language))
        name = recurrence.window or recurrence.parameter
        if name is not None:
            if not self._values(name):
                return self.say("every_open", name=name)
            value = self.setting(name)
            return self.say("every_window", value=value) if recurrence.window is not None else value
        picks = recurrence.picks or ((recurrence.every,) if recurrence.every is not None else ())
        return self.words["and"].join(self.words[f"every_{pick}"] for pick in picks)

    # -- parameters ------------------------------------------------------------------------------------------------

    def setting(self, name: str) -> str:
        """Return the values of a parameter that the host gives, with their days and documents; or that it is open."""
        declared = self.policy.declaration(name)
        values = self._values(name)
        return self._told(declared, values, "given") if declared and values else self.say("open", name=name)

    def amount(self, declared: Parameter) -> str:
        """Return the same without the name of the parameter."""
        values = self._values(declared.name, declared)
        return self._told(declared, values, "amount") if values else self.words["unset"]

    def _told(self, declared: Parameter, values: list[ParameterValue], word: str) -> str:
        return self.words["semicolon"].join(
            self.say(word, value=self._setting(declared, value), name=declared.name, facts=self._facts(value))
            for value in values
        )

    def choice(self, name: str) -> str:
        """Return what is in force of the choice of that name, and who chose it."""
        declared = self.policy.declaration(name)
        return self.chosen(declared) if declared is not None else self.words["unset"]

    def chosen(self, declared: Parameter) -> str:
        """Return the value of a choice and who chose it: the host on its days, the pack or the library on all others."""
        values = self._values(declared.name, declared)
        told = [self.say("by_host", value=v.value, facts=self._facts(v)) for v in values]
        if not values or any(v.from_ or v.to for v in values):
            who = "by_library" if declared.pack == "library" else "by_pack"
            others = self.say(who, value=declared.choice)
            told.append(f"{self.words['else']}{self.words['gap']}{others}" if values else others)
        return self.words["semicolon"].join(told)

    def _values(self, name: str, declared: Parameter | None = None) -> list[ParameterValue]:
        declared = declared if declared is not None else self.policy.declaration(name)
        return [v for v in self.policy.parameters.values if self.policy.declaration(v.name) == declared]

    def _facts(self, value: ParameterValue) -> str:
        facts = [
            self.days(value.from_, value.to),
            self.say("document", document=value.document) if value.document else "",
            self.say("set_by", set_by=value.set_by) if value.set_by else "",
            self.words["sample_value"] if value.sample else "",
        ]
        return "".join(self.words["comma"] + fact for fact in facts if fact)

    def days(self, first: date | None, last: date | None) -> str:
        """Return the days, inclusive, on which something holds; nothing when both ends are open."""
        ends = [self.say("from", first=first) if first else "", self.say("until", last=last) if last else ""]
        return self.words["gap"].join(end for end in ends if end)

    def _setting(self, declared: Parameter, value: ParameterValue) -> str:
        setting: Setting = declared.read(value.value)
        if isinstance(setting, Span):
            return setting.words(self.language)
        if isinstance(setting, tuple):
            return self.say("window", first=setting[0], last=setting[1])
        if declared.type == "share":
            return f"{setting}%"
        return self.words.get(f"every_{setting}", str(setting)) if declared.type == "period" else str(setting)
