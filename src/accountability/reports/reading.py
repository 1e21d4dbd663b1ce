"""A policy as people read and sign it: each clause word for word, under it a sentence for each of its rules.

The sentences are made of the very objects that run, with the values of the parameters in force and who set them. What
nobody has set is shown as open; what is not formalised is shown with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..calendar import Span
from ..clause import Clause, NotFormalised
from ..errors import EventError, nearest, one_line, quoted
from ..finding import FINDINGS
from ..policy import Pack, Policy
from ..rule import (
    Band,
    Duty,
    EscalationRule,
    Gate,
    LiabilityRule,
    Lint,
    RelationRule,
    Role,
    Rule,
    Scale,
    Selector,
    Time,
)
from ..structure import LOWEST, WEAK
from .phrases import Phrases, capital, inner
from .reading_words import WORDS

_OF_TIME = re.compile(r"逾期|超期|过期|延误|不及时|未及时|不按|未按|\b(late|overdue|in time)\b")

Place = tuple[str | None, str | None]
"""A kind of post and a kind of unit; None for a post that is not named."""


def reading(policy: Policy, language: str = "zh", *, not_adopted: Iterable[Rule] = ()) -> str:
    """Return the policy in Markdown: packs, clauses with their rules, quantities and choices.

    `not_adopted` are reported practices that the policy leaves out; they are shown as such. Raises EventError for a
    language other than ``zh`` and ``en``.
    """
    if language not in WORDS:
        raise EventError(f"{quoted(language)} is no language here{nearest(language, WORDS)}; use `zh` or `en`")
    lines = _Reading(policy, language, tuple(not_adopted)).lines()
    return "\n".join(map(one_line, lines))


class _Reading(Phrases):
    def __init__(self, policy: Policy, language: str, not_adopted: tuple[Rule, ...]) -> None:
        super().__init__(policy, language)
        self.not_adopted = not_adopted

    def lines(self) -> Iterator[str]:
        if any(value.sample for value in self.policy.parameters.values):
            yield from (self.words["sample"], "")
        for pack in self.policy.packs:
            yield from self._head(pack)
            for clause in (c for c in self.policy.clauses if c.pack == pack.id):
                yield from self._clause(clause)
        yield from self._settings()
        yield self.words["sign"]

    def _head(self, pack: Pack) -> Iterator[str]:
        yield from (f"# {pack.title[self.language]}", "")
        yield self.say("head", id=pack.id, version=pack.version, source=self.source(pack.source))
        yield self.say("digest", digest=pack.digest)
        days = {self.days(*self.policy.force(c)) for c in self.policy.clauses if c.pack == pack.id} - {""}
        force = self.words["semicolon"].join(sorted(days))
        yield from (self.say("force", days=force) if force else self.words["force_open"], "")

    def _clause(self, clause: Clause) -> Iterator[str]:
        def under(each: Clause) -> bool:
            return (each.pack, each.heading) == (clause.pack, clause.ref)

        rules = [r for r in (*self.policy.rules, *self.not_adopted) if under(r.clause)]
        notes = [n for n in self.policy.not_formalised if under(n.clause)]
        yield from (f"{_heading(clause.ref)} {clause.ref}", "")
        if clause.whole:
            yield from (*(f"> {line}".rstrip() for line in clause.whole.split("\n")), "")
        told = [(r.clause.line, f"- **{r.id}** {self._rule(r)}") for r in rules]
        told += [(n.clause.line, f"- {self._note(n)}") for n in notes]
        yield from (line for _, line in sorted(told))
        if not told and clause.whole:
            yield self.words["no_rule"]
        if told or clause.whole:
            yield ""

    def _note(self, note: NotFormalised) -> str:
        reason = self.words.get(f"reason_{note.reason}", note.reason)
        text = note.note.get(self.language) or next(iter(note.note.values()), "")
        why = self.words["colon"] + text if text else ""
        return self.say("formalised_not", text=inner(note.clause.text), reason=reason, note=why)

    def _title(self, rule: Rule) -> str:
        return _flat(rule.title[self.language])

    def _capital(self, rule: Rule) -> str:
        return capital(self._title(rule))

    # -- one sentence per rule -------------------------------------------------------------------------------------

    def _rule(self, rule: Rule) -> str:
        """Return the sentence of a rule, under which choices it stands, and whether it is an adopted practice."""
        parts = [self._sentence(rule)]
        for name, value in rule.chosen:
            parts.append(self.say("under_choice", name=name, value=value, choice=self.choice(name)))
        if not rule.adopted:
            parts.append(self.words["not_adopted" if rule in self.not_adopted else "adopted"].strip())
        return self.words["gap"].join(parts)

    def _sentence(self, rule: Rule) -> str:
        if isinstance(rule, Duty):
            return self._duty(rule)
        if isinstance(rule, EscalationRule):
            return self._escalation(rule)
        if isinstance(rule, Gate):
            return self._gate(rule)
        if isinstance(rule, Scale | Band):
            return self._scale(rule)
        if isinstance(rule, Lint):
            return self._lint(rule)
        if isinstance(rule, RelationRule):
            return self._relation(rule)
        return self._liability(rule) if isinstance(rule, LiabilityRule) else self._role_rule(rule)

    def _relation(self, rule: RelationRule) -> str:
        told = []
        for path, values in rule.when:
            name, _, attribute = path.partition(".")
            shown = self.words["or"].join(self.kind(value) if attribute else value for value in values)
            path = (
                self.say("attribute", path=self.words[name], attribute=self.words["attribute_kind"])
                if attribute
                else self.words[name]
            )
            told.append(self.say("is", path=path, value=self.say("quote", text=shown)))
        guide = (
            self.words["guided_by_nobody"]
            if rule.guide == "none"
            else self.say("guided_by", body=self.words[rule.guide])
        )
        when = self.words["semicolon"].join(told)
        return self.say("relation", title=self._capital(rule), when=when, lead=self.words[rule.lead], guide=guide)

    def _gate(self, rule: Gate) -> str:
        on, title, code = self.pattern(rule.on), self._capital(rule), FINDINGS[rule.finding].text[self.language]
        if rule.needs is not None:
            same = self.words["list"].join(self.field(name) for name in rule.same)
            within = self.time(rule.within) if rule.within is not None else ""
            if within is None and rule.within is not None:
                within = self.say("open", name=rule.within.parameter)
            return self.say(
                "gate_needs", title=title, on=on, needs=self.pattern(rule.needs), finding=code,
                same=self.say("gate_same", same=same) if same else "",
                within=self.say("gate_within", within=within) if within else "",
            )  # fmt: skip
        if rule.requires is not None:
            where = self.words["semicolon"].join(self.condition(each, rule.on.events) for each in rule.requires.where)
            return self.say("gate_requires", title=title, on=on, where=where, finding=code)
        return self.say("gate_parts", title=title, on=on, parts=self.words["list"].join(rule.parts), finding=code)

    def _scale(self, rule: Scale | Band) -> str:
        if isinstance(rule, Scale):
            score = self.words["plus"].join(f"`{name}`" for name in rule.score)
            veto = (
                self.say("vetoed", veto=rule.veto, choice=self.choice("veto_result")) if rule.veto is not None else ""
            )
            return self.say("scale", title=self._capital(rule), on=self.pattern(rule.on), score=score, veto=veto)
        low, high = (None if end is None else format(end, "f") for end in (rule.at_least, rule.at_most))
        form = "band" if low is not None and high is not None else "band_from" if low is not None else "band_to"
        return self.say(form, low=low, high=high, title=self._title(rule), scale=rule.of)

    def _lint(self, rule: Lint) -> str:
        told = {key: self._argument(value) for key, value in rule.arguments.items()}
        for key in ("each", "of", "kinds", "kind"):
            if key in told:
                told[key] = self._kinds(rule.arguments[key])
        if "post" in told:
            told["post"] = self.post(rule.arguments["post"])
        if "share" in told:
            told["share"] = self.setting(rule.arguments["share"])
        on = self.pattern(rule.on) if rule.on is not None else ""
        found = self.say(f"lint_{rule.check}", **{"layer": LOWEST, "grades": self._argument(WEAK), **told, "on": on})
        title, code = self._capital(rule), FINDINGS[rule.check].text[self.language]
        mark = "" if rule.adopted else self.words["not_adopted" if rule in self.not_adopted else "adopted"].strip()
        return self.words["gap"].join(filter(None, [self.say("lint", title=title, found=found, finding=code), mark]))

    def _argument(self, value: object) -> str:
        if isinstance(value, Mapping):
            return self.words["list"].join(f"{key} = {item}" for key, item in value.items())
        return self.words["list"].join(map(str, value)) if isinstance(value, tuple) else str(value)

    def _kinds(self, value: str | tuple[str, ...]) -> str:
        return self.words["or"].join(self.kind(kind) for kind in ([value] if isinstance(value, str) else value))

    def _duty(self, rule: Duty) -> str:
        own = rule.each is not None and rule.each.post is not None  # a duty of the post itself, not of its unit
        post = "" if own else self.answering(rule.bearer)
        parts = [
            self.say(
                "duty", opens=self._opens(rule), bearer=(self.walk if own else self.body)(rule.bearer, rule), title=self._title(rule),
                to=self._to(rule), time=self.within(rule), answers=self.say("answers", post=post) if post else "",
            ),
            self._performed(rule),
            *self._conditions(rule),
            self._overdue(rule),
        ]  # fmt: skip
        return self.words["gap"].join(part for part in parts if part)

    def _to(self, rule: Duty) -> str:
        """Return towards whom a duty is done, unless its title says so."""
        if rule.to is None:
            return ""
        last = rule.to.steps[-1] if rule.to.steps else None
        title = self._title(rule)
        if last is not None and last.action in ("to", "above") and self.names_kind(title, last.word):
            return ""
        return (
            ""
            if last is not None and last.action == "superior" and self.words["superior"] in title
            else self.say("to", to=self.walk(rule.to, rule))
        )

    def _performed(self, rule: Duty) -> str:
        if rule.keep is not None:
            return self.words["restored"]
        return self.say("performed", pattern=self.pattern(rule.must), per=self.words[f"per_{rule.per}"])

    def _opens(self, rule: Duty) -> str:
        if rule.keep is not None and rule.each is not None:
            return self.bound(rule.keep, self.each(rule.each))
        if rule.on is not None:
            return self.say("on", pattern=self.pattern(rule.on))
        if rule.recurrence is None or rule.each is None:
            return self.words["rework"]
        anchor = rule.recurrence.anchor
        rolls = {"calendar": "", "last_act": "", "rolling": self.words["rolling"]}.get(anchor)
        rolls = self.say("anchored", name=anchor, choice=self.choice(anchor)) if rolls is None else rolls
        every = self.recurrence(rule.recurrence)
        return self.say("recurring", each=self.each(rule.each), every=every, anchor=rolls)

    def _conditions(self, rule: Duty) -> Iterator[str]:
        """What else a duty says: how often, without a committee, without a level, after which other duty."""
        count = rule.recurrence.at_least if rule.recurrence is not None else 1
        if count != 1:
            yield self.say("at_least", count=count if isinstance(count, int) else self.setting(count))
        if rule.where:
            yield self.say("where", where=self.words["semicolon"].join(self.condition(each, ()) for each in rule.where))
        if rule.without_committee is not None:
            pattern, choice = self.pattern(rule.without_committee), self.choice("no_committee")
            yield self.say("without_committee", pattern=pattern, choice=choice)
        if rule.missing is not None:
            yield self.say("missing", name=rule.missing, choice=self.choice(rule.missing))
        if rule.with_ is not None:
            other = self.policy.duties.get(rule.with_.duty)
            title = self._title(other) if other is not None else ""
            yield self.say("with", title=title, duty=rule.with_.duty, within=self.time(rule.with_.within) or "")
        if rule.repeated is not None:
            times = rule.repeated.times
            count = times if isinstance(times, int) else self.setting(times)
            yield self.say("repeated", times=count, within=self.time(rule.repeated.within) or "")
        if rule.parts:
            parts, choice = self.words["list"].join(rule.parts), self.choice("missing_section")
            yield self.say("parts", parts=parts, choice=choice)
        if rule.after is not None:
            first = self.policy.duties.get(rule.after.duty)
            title = self._title(first) if first is not None else ""
            kind = self.kind(rule.after.each) if rule.after.each is not None else ""
            yield self.say("after_each" if kind else "after", title=title, duty=rule.after.duty, kind=kind)

    def _escalation(self, rule: EscalationRule) -> str:
        reasons = self.words["or"].join(self.words[f"reason_{each}"] for each in rule.reasons)
        told = self.say(
            "escalation", title=self._capital(rule), of=self._selected(rule.of),
            reasons=reasons or self.words["reason_any"], climb=self._climb(rule, rule.clause.ref, self._wait(rule.wait)),
        )  # fmt: skip
        return told + self._interpreted(rule)

    def _liability(self, rule: LiabilityRule) -> str:
        title = self._capital(rule)
        if rule.on is not None:
            liable = self._liable(rule, self.words["holder_on_day"])
            return self.say("liability_on", title=title, pattern=self.pattern(rule.on), liable=liable)
        assert rule.of is not None
        liable = self._liable(rule, self.words["bearer_holder"])
        return self.say("liability", title=title, of=self._selected(rule.of), liable=liable) + self._interpreted(rule)

    def _interpreted(self, rule: EscalationRule | LiabilityRule) -> str:
        """Say that the clause itself does not speak of being overdue, where it does not."""
        return "" if _OF_TIME.search(rule.clause.text) else self.words["gap"] + self.words["interpreted"]

    def _role_rule(self, rule: Role) -> str:
        return self.say(
            "role", title=self._capital(rule), unit=self.some(rule.is_.unit or ""), post=self.role_post(rule.is_)
        )

    def _selected(self, of: Selector) -> str:
        if of.duty is not None:
            return self.say("of_duty", duty=of.duty)
        unit = self.some(of.unit) if of.unit is not None else self.words["any_unit"]
        post = self.say("the", noun=self.post(of.post)) if of.post is not None else self.words["any_post"]
        return self.say("of_post", unit=unit, post=post, superior=self.words["with_superior"] if of.superior else "")

    # -- what follows from a breach --------------------------------------------------------------------------------

    def _overdue(self, rule: Duty) -> str:
        """Where an overdue duty goes and who may be answerable; how soon stands under the rule of the escalation."""
        place = self._place(rule)
        if place is None:
            return self.words["overdue_unknown"]
        found: dict[int, EscalationRule] = {}
        for each in sorted(self.policy.escalations, key=lambda r: (-r.of.rank, r.id)):
            if (not each.reasons or "overdue" in each.reasons) and self._selects(each.of, rule, place):
                found.setdefault(each.level, each)
        climbs = [self._climb(each, each.clause.ref, "") for _, each in sorted(found.items())]
        if 1 not in found:
            climbs.insert(0, self._climb(None, rule.clause.ref, self._wait(Time(parameter="escalate_after"))))
        liable = [r for r in self.policy.liabilities if r.of is not None and self._selects(r.of, rule, place)]
        first = min(liable, key=lambda r: (-(r.of.rank if r.of is not None else 0), r.id), default=None)
        who = self.words["liable_nobody"]
        if first is not None and place[0] is not None:
            who = self._liable(first, self.words["bearer_holder"])
        return self.say("overdue", climb=self.words["semicolon"].join(climbs), liable=who)

    @staticmethod
    def _selects(of: Selector, rule: Duty, place: Place) -> bool:
        return of.selects(rule.id, place[0], str(place[1]), superior=True)

    def _place(self, rule: Duty) -> Place | None:
        """Return the kinds of post and unit that bear a duty, or None when they depend on facts."""
        walk, kind = rule.bearer, None
        if walk.steps:
            kind = walk.steps[-1].word if walk.steps[-1].action in ("to", "above", "under") else None
        elif walk.start in ("unit", "post") and rule.each is not None:
            kind = rule.each.kind
        elif rule.on is not None:
            kinds = (c.value for c in rule.on.where if (c.path, c.operator) == (f"{walk.start}.kind", "is"))
            kind = next((str(value) for value in kinds), None)
        role = self.role(walk.role)
        post = walk.post or (role.is_.post if role is not None else None)
        if rule.each is not None and walk.is_alone_at("post"):
            post = rule.each.post
        return (post, kind) if kind is not None else None

    def _climb(self, rule: EscalationRule | None, ref: str, wait: str) -> str:
        level = rule.level if rule is not None else 1
        up = self.words["level_1"] if level == 1 else self.say("level_n", level=level)
        return self.say("climb", ref=ref, level=up, wait=wait)

    def _wait(self, time: Time) -> str:
        """Return how long a breach waits before it goes up; no wait is said as such."""
        told, none = self.time(time), Span.parse("0d").words(self.language)
        if told is None:
            return self.say("wait_open", name=time.parameter)
        return self.words["at_once"] + told.removeprefix(none) if told.startswith(none) else self.say("wait", wait=told)

    def _liable(self, rule: LiabilityRule, holder: str) -> str:
        who = self.walk(rule.post) if rule.post is not None else holder
        return self.say("liable", ref=rule.clause.ref, who=who)

    # -- parameters ------------------------------------------------------------------------------------------------

    def _settings(self) -> Iterator[str]:
        declared = list(self.policy.declared.values())
        quantities = [each for each in declared if not each.is_choice]
        yield from (f"## {self.words['quantities']}", "")
        for each in quantities:
            word = self.say("word", word=inner(each.word)) if each.word else ""
            title, value = capital(each.title[self.language]), self.amount(each)
            yield f"- {self.say('quantity_line', title=title, name=each.name, value=value, word=word)}"
        yield from ("", f"## {self.words['choices']}", "")
        for each in (each for each in declared if each.is_choice):
            choices = self.words["list"].join(f"`{choice}`" for choice in each.choices)
            title = capital(each.title[self.language])
            yield f"- {self.say('choice_line', title=title, name=each.name, value=self.chosen(each), choices=choices)}"
        yield ""


def _heading(ref: str) -> str:
    """Return the mark of the heading: under the pack's, a clause below the one in which it stands."""
    return "#" * min(max(ref.count("-") + 1, 2), 6)


def _flat(text: str) -> str:
    return " ".join(text.split())
