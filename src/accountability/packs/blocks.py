"""Blocks of law files turned into rules: each key checked against the words that the packs declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from attrs import field, frozen

from ..calendar import PERIOD_KINDS, Span, day_of_year
from ..clause import Clause
from ..errors import PackError, nearest, quoted
from ..finding import FINDINGS
from ..parameters import Parameter
from ..plain import check_id
from ..rule import (
    STAGES,
    After,
    Duty,
    Each,
    EscalationRule,
    Gate,
    LiabilityRule,
    Recurrence,
    Role,
    Rule,
    Selector,
    Time,
)
from ..walk import Walk, parse_walk
from .patterns import fields_of, read_pattern
from .table import Table
from .vocabulary import RESERVED, Vocabulary

PICKS = (*PERIOD_KINDS, "H1", "H2", "Q1", "Q2", "Q3", "Q4")
REASONS = ("overdue", "vacant_post", "max_returns_exceeded")
PER = ("case", "case round", "unit", "post", "person", "event")
_PLACES = ("unit", "post", "person")
_T = TypeVar("_T")
_HOW_TO_WRITE_EACH = "write `branch`, `branch under party_committee`, `secretary of branch` or `leader post of branch`"
_HOW_TO_WRITE_OF = "write a duty, `secretary of branch`, `post of branch` or `post of unit with superior`"


@frozen(eq=False)
class Writing:
    """What the blocks of one pack are read with; `duties` collects the duties that rules name, to be checked last."""

    pack: str
    vocabulary: Vocabulary
    duties: list[tuple[Table, str, str]] = field(factory=list)

    def rule(self, kind: str, table: Table, clause: Clause) -> Rule:
        """Return the rule that the block is."""
        reader: Callable[[Writing, Table, Clause], Rule] = _READERS[kind]
        return reader(self, table, clause)

    def parameter(self, table: Table, key: str, name: str, types: Iterable[str], what: str) -> tuple[str, Parameter]:
        """Return name and declaration of a parameter of one of the types; an unknown name is refused as `what`."""
        found = self.vocabulary.parameter(name, self.pack)
        if found is None:
            near, declaration = nearest(name, self.vocabulary.parameter_names(*types)), quoted(f"[parameters.{name}]")
            table.fail(f"{quoted(name)} is {what}{near or f'; declare it in pack.toml, under {declaration}'}", key)
        if found[1].type not in types:
            problem = f"the parameter {quoted(name)} is a {found[1].type}"
            table.fail(f"{problem}; {quoted(key)} takes a {' or '.join(types)}", key)
        return found

    def time(self, table: Table, key: str, dates: Iterable[str] = (), zero: bool = False) -> Time | None:
        """Return a span, a parameter, or one of the date fields; None when the key is absent."""
        value = table.values.get(key)
        if value is None:
            return None
        if isinstance(value, dict):
            inner = table.table(key)
            inner.closed("date")
            name = inner.needed("date", 'a field of the event, `{ date = "due" }`')
            return Time(field=inner.known(name, dates, "date of the event", "date"))
        text = table.needed(key, "")
        if text[:1].isdigit() or text.startswith("-"):
            span = _read(table, key, lambda: Span.parse(text))
            if span.is_zero and not zero:
                table.fail(f"{quoted(text)} leaves no time; write a longer span", key)
            return Time(span=span)
        return Time(
            parameter=self.parameter(table, key, text, ("span",), "neither a span such as `7d` nor a parameter")[0]
        )

    def walk(self, table: Table, key: str, starts: Iterable[str]) -> Walk | None:
        """Return the walk at the key, None when it is absent."""
        text = table.optional(key)
        if text is None:
            return None
        walk = _read(table, key, lambda: parse_walk(text, self.vocabulary.words, sorted(starts)))
        if walk.each is not None:
            table.fail(f"{quoted(text)} names several units; name one, and write the others as `each`", key)
        return walk

    def duty_named(self, table: Table, key: str, name: str) -> str:
        """Return the id of a duty, which is checked when all are read."""
        self.duties.append((table, key, name))
        return name


def check_duties(writings: Iterable[Writing], duties: Iterable[str]) -> None:
    """Refuse a rule that names a duty which no pack has."""
    known = set(duties)
    for writing in writings:
        for table, key, name in writing.duties:
            if name not in known:
                advice = f"; {_HOW_TO_WRITE_OF}" if key == "of" else "; write the id of a loaded duty"
                table.fail(f"{quoted(name)} is no duty{nearest(name, known) or advice}", key)


def _read(table: Table, key: str, reader: Callable[[], _T]) -> _T:
    try:
        return reader()
    except ValueError as problem:
        table.fail(str(problem), key)


def _title(table: Table, clause: Clause, english: str) -> dict[str, str]:
    return table.titles() or {"zh": clause.text, "en": english}


def _word(table: Table, key: str, example: str) -> str:
    word = table.needed(key, example)
    return check_id(word, what=key, where=table.place(key), error=PackError)


def _duty(writing: Writing, table: Table, clause: Clause) -> Duty:
    table.closed(
        "id", "title", "on", "every", "window", "each", "per", "bearer", "to", "act", "must", "within", "by", "text",
        "at_least", "on_period", "anchor", "after", "stage", "missing", "adopted", "without_committee",
    )  # fmt: skip
    vocabulary = writing.vocabulary
    on, recurrence = read_pattern(table, "on", vocabulary), _recurrence(writing, table)
    stage = table.one_of("stage", STAGES, "stage")
    if on is not None and recurrence is not None:
        table.fail("a duty is triggered or recurs; keep one of `on`, `every` and `window`", "on")
    if on is None and recurrence is None and stage != "rework":
        table.missing("on", 'the event that opens it, `on = "thing.happened"`, or `every = "year"`')
    triggers = [vocabulary.events[event] for event in on.events] if on is not None else []
    each, per = _each(writing, table, recurrence), _per(writing, table, on is None, recurrence)
    starts = fields_of(triggers, *_PLACES)
    if recurrence is None:
        starts |= {name for opener in vocabulary.openers for name in fields_of([opener], *_PLACES)}
    elif each is not None:
        starts = {"unit", "post"} if each.post else {"unit"}
    if per in _PLACES and on is not None and per not in (fits := fields_of(triggers, per)):
        table.fail(
            f"the event has no field {quoted(per)} to count by{nearest(per, fits) or '; write another `per`'}", "per"
        )
    act = _word(table, "act", 'what is done, `act = "hold_meeting"`')
    within = writing.time(table, "within", fields_of(triggers, "date") - {"date"})
    by = _by(writing, table)
    if within is not None and by is not None:
        table.fail("a duty has one time; keep `within` or `by`", "by")
    if within is None and by is None and (recurrence is None or recurrence.finished):
        table.missing("within", 'a span from the text or a parameter, `within = "hold_within"`')
    if within is not None and recurrence is not None and not recurrence.finished:
        table.fail(
            'the time of a recurring duty ends with its period; add `on_period = "finished"` to count from there',
            "within",
        )
    missing = table.optional("missing")
    return Duty(
        id=table.id("id", '`id = "P1-2a"`'),
        clause=clause,
        title=_title(table, clause, act.replace("_", " ")),
        act=act,
        bearer=writing.walk(table, "bearer", starts)
        or table.missing("bearer", '`bearer = "secretary of branch of person"`'),
        must=read_pattern(table, "must", vocabulary) or table.missing("must", '`must = "thing.done"`'),
        per=per,
        on=on,
        recurrence=recurrence,
        each=each,
        to=writing.walk(table, "to", starts),
        within=within,
        by=by,
        stage=stage,
        missing=missing and writing.parameter(table, "missing", missing, ("choice",), "no parameter")[0],
        without_committee=read_pattern(table, "without_committee", vocabulary),
        after=_after(writing, table),
        adopted=table.flag("adopted", True),
    )


def _per(writing: Writing, table: Table, untriggered: bool, recurrence: Recurrence | None) -> str:
    if recurrence is not None:
        return table.one_of("per", ("period",), "way to count a recurring duty") or "period"
    if untriggered:
        return table.one_of("per", ("case round",), "way to count a rework") or "case round"
    return table.one_of("per", PER, "way to count") or table.missing("per", f"one of {', '.join(map(quoted, PER))}")


def _recurrence(writing: Writing, table: Table) -> Recurrence | None:
    every, window = table.values.get("every"), table.optional("window")
    parameter: str | None = None
    picks: tuple[str, ...] = ()
    if every is None and window is None:
        for key in ("each", "at_least", "on_period", "anchor"):
            if key in table.values:
                table.fail(f'{quoted(key)} is for a duty that recurs; add `every = "year"` or remove it', key)
        return None
    if every is not None and window is not None:
        table.fail("a duty recurs in one way; keep `every` or `window`", "window")
    if isinstance(every, dict):
        inner = table.table("every")
        inner.closed("window")
        text = inner.needed("window", 'a parameter, `{ window = "july1_window" }`')
        window, every = writing.parameter(inner, "window", text, ("window",), "no parameter")[0], None
    elif isinstance(every, list):
        picks = table.texts("every") or table.wrong("every", "at least one period")
        for pick in picks:
            table.known(pick, PICKS, "period", "every")
        every = None
    elif every is not None and (every := table.needed("every", "")) not in PERIOD_KINDS:
        words = [*PERIOD_KINDS, *writing.vocabulary.parameter_names("period")]
        if writing.vocabulary.parameter(every, writing.pack) is None:
            table.fail(f"{quoted(every)} is no period{nearest(every, words) or f'; write one of {words}'}", "every")
        parameter, every = writing.parameter(table, "every", every, ("period",), "no period")[0], None
    elif window is not None:
        window = writing.parameter(table, "window", window, ("window",), "no parameter")[0]
    at_least = table.values.get("at_least", 1)
    if isinstance(at_least, str):
        at_least = writing.parameter(table, "at_least", at_least, ("count",), "neither a number nor a parameter")[0]
    elif isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 1:
        table.wrong("at_least", "a whole number from 1, or a parameter")
    anchor = table.optional("anchor") or "calendar"
    if anchor not in ("calendar", "rolling"):
        anchor = writing.parameter(
            table, "anchor", anchor, ("choice",), "neither `calendar`, `rolling` nor a parameter"
        )[0]
    finished = table.one_of("on_period", ("during", "finished"), "word for `on_period`") == "finished"
    return Recurrence(every, None, parameter, window, picks, at_least, finished, anchor)


def _each(writing: Writing, table: Table, recurrence: Recurrence | None) -> Each | None:
    if recurrence is None:
        return None
    text = table.needed("each", 'on whom it falls, `each = "branch"`')
    vocabulary, (rest, mark, under) = writing.vocabulary, text.partition(" under ")
    post, of, kind = rest.rpartition(" of ")
    leader = post.startswith("leader ")
    post = post.removeprefix("leader ")
    if len(text.split()) != len(kind.split()) + bool(of) + bool(post) + leader + 2 * bool(mark) or not kind:
        table.fail(f"{quoted(text)} names nobody; {_HOW_TO_WRITE_EACH}", "each")
    table.known(kind, vocabulary.kinds, "kind of unit", "each")
    if mark:
        table.known(under, vocabulary.kinds, "kind of unit", "each")
    if of:
        table.known(post, {*vocabulary.posts, "post"}, "kind of post", "each")
    return Each(kind, under or None, post or None, leader)


def _by(writing: Writing, table: Table) -> str | None:
    text = table.optional("by")
    if text is None:
        return None
    if text[:1].isdigit():
        _read(table, "by", lambda: day_of_year(2024, text))
        return text
    return writing.parameter(table, "by", text, ("day",), "neither a day of the year such as `06-30` nor a parameter")[
        0
    ]


def _after(writing: Writing, table: Table) -> After | None:
    value = table.values.get("after")
    if not isinstance(value, dict):
        text = table.optional("after")
        return None if text is None else After(writing.duty_named(table, "after", text))
    inner = table.table("after")
    inner.closed("duty", "each")
    each = inner.one_of("each", writing.vocabulary.kinds, "kind of unit")
    return After(writing.duty_named(inner, "duty", inner.needed("duty", "the id of a duty")), each)


def _selector(writing: Writing, table: Table) -> Selector:
    text = table.needed("of", '`of = "secretary of branch"`')
    words = text.removesuffix(" with superior").split()
    superior = text.endswith(" with superior")
    if len(words) == 1 and not superior:
        return Selector(duty=writing.duty_named(table, "of", text))
    if len(words) != 3 or words[1] != "of":
        table.fail(f"{quoted(text)} selects nothing; {_HOW_TO_WRITE_OF}", "of")
    post = table.known(words[0], {*writing.vocabulary.posts, "post"}, "kind of post", "of")
    unit = table.known(words[2], {*writing.vocabulary.kinds, "unit"}, "kind of unit", "of")
    return Selector(None, None if post == "post" else post, None if unit == "unit" else unit, superior)


def _escalation(writing: Writing, table: Table, clause: Clause) -> EscalationRule:
    table.closed("id", "title", "of", "reasons", "wait", "level", "text")
    reasons, level = table.texts("reasons"), table.values.get("level", 1)
    for reason in reasons:
        table.known(reason, REASONS, "reason", "reasons")
    if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 100:
        table.wrong("level", "how many levels up, a whole number from 1")
    return EscalationRule(
        id=table.id("id", '`id = "P1-2a.escalation"`'),
        clause=clause,
        title=_title(table, clause, f"escalation under {clause.ref}"),
        of=_selector(writing, table),
        reasons=reasons,
        wait=writing.time(table, "wait", zero=True) or Time(parameter="escalate_after"),
        level=level,
    )


def _liability(writing: Writing, table: Table, clause: Clause) -> LiabilityRule:
    table.closed("id", "title", "of", "on", "post", "text")
    on = read_pattern(table, "on", writing.vocabulary)
    if (on is None) == ("of" not in table.values):
        table.fail("a liability rests on a duty or on a finding; write one of `of` and `on`")
    events = [writing.vocabulary.events[event] for event in on.events] if on is not None else []
    return LiabilityRule(
        id=table.id("id", '`id = "P1-2a.liability"`'),
        clause=clause,
        title=_title(table, clause, f"liability under {clause.ref}"),
        of=None if on is not None else _selector(writing, table),
        on=on,
        post=writing.walk(table, "post", {"unit"} if on is None else fields_of(events, *_PLACES)),
    )


def _role(writing: Writing, table: Table, clause: Clause) -> Role:
    name, post, unit = role_name(table, writing.vocabulary)
    table.closed("id", "title", "name", "is", "text")
    title = _title(table, clause, name.replace("_", " "))
    return Role(table.id("id", '`id = "P1-2a"`'), clause, title, name, post, unit)


def role_name(table: Table, vocabulary: Vocabulary) -> tuple[str, str, str]:
    """Return the name that a role block gives, and the kinds of post and unit that bear it."""
    name = _word(table, "name", '`name = "first_responsible"`')
    if name in RESERVED or name in vocabulary.kinds or name in vocabulary.posts:
        table.fail(f"the name {quoted(name)} has another meaning already; rename the role", "name")
    text = table.needed("is", '`is = "secretary of branch"`')
    words = text.split()
    if len(words) != 3 or words[1] != "of":
        table.fail(f"{quoted(text)} is no post of a kind of unit; write for example `secretary of branch`", "is")
    post = table.known(words[0], vocabulary.posts, "kind of post", "is")
    return name, post, table.known(words[2], vocabulary.kinds, "kind of unit", "is")


def _gate(writing: Writing, table: Table, clause: Clause) -> Gate:
    table.closed("id", "title", "on", "needs", "parts", "finding", "text")
    on = read_pattern(table, "on", writing.vocabulary)
    needs, parts = read_pattern(table, "needs", writing.vocabulary), table.texts("parts")
    if on is None:
        table.missing("on", '`on = "award.proposed"`')
    if (needs is None) == (not parts):
        table.fail("a gate asks for an earlier event or for parts; write one of `needs` and `parts`")
    finding = table.one_of("finding", FINDINGS, "code of a finding")
    title = _title(table, clause, f"gate under {clause.ref}")
    usual = "basis_missing" if needs is not None else "report_incomplete"
    return Gate(table.id("id", '`id = "P1-2a.gate"`'), clause, title, on, finding or usual, needs, parts)


_READERS: dict[str, Callable[[Writing, Table, Clause], Rule]] = {
    "duty": _duty,
    "escalation": _escalation,
    "liability": _liability,
    "role": _role,
    "gate": _gate,
}
