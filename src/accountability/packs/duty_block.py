"""Duty blocks of law files turned into rules."""

from __future__ import annotations

from ..calendar import PERIOD_KINDS, Span, day_of_year
from ..clause import Clause
from ..condition import Condition
from ..errors import nearest, quoted
from ..rule import MEMBERS, STAGES, After, Duty, Each, Keep, Pattern, Recurrence, Repeated, With
from ..walk import Walk
from .patterns import fields_of, read_pattern, read_where
from .table import Table
from .vocabulary import Vocabulary
from .writing import PLACES, Writing, read, title_of, word_of

PICKS = (*PERIOD_KINDS, "H1", "H2", "Q1", "Q2", "Q3", "Q4")
PER = ("case", "case round", "unit", "post", "person", "event")
HOW_TO_WRITE_EACH = "write `branch`, `branch under party_committee`, `secretary of branch` or `leader post of branch`"


def read_duty(writing: Writing, table: Table, clause: Clause) -> Duty:
    table.closed(
        "id", "title", "on", "every", "window", "each", "per", "bearer", "to", "act", "must", "within", "by", "text",
        "at_least", "on_period", "anchor", "after", "with", "repeated", "parts", "stage", "missing",
        "without_committee", "keep", "where",
    )  # fmt: skip
    vocabulary = writing.vocabulary
    on, recurrence = read_pattern(table, "on", vocabulary), _recurrence(writing, table)
    keep, stage = _keep(writing, table), table.one_of("stage", STAGES, "stage")
    if sum(each is not None for each in (on, recurrence, keep)) > 1:
        table.fail(
            "a duty is triggered, recurs, or keeps a bound; keep one of `on`, `every`, `window` and `keep`", "on"
        )
    if on is None and recurrence is None and keep is None and stage != "rework":
        table.missing("on", 'the event that opens it, `on = "thing.happened"`, or `every = "year"`, or `keep = { … }`')
    is_each = recurrence is not None or keep is not None
    if is_each and stage is not None:
        table.fail("`stage` is for the duties of a case; remove it", "stage")
    triggers = [vocabulary.events[event] for event in on.events] if on is not None else []
    each, per = _each(writing, table, is_each), _per(table, on, recurrence, keep)
    starts = fields_of(triggers, *PLACES)
    if not is_each:
        starts |= {name for opener in vocabulary.openers for name in fields_of([opener], *PLACES)}
    elif each is not None:
        starts = {"unit", "post", "contact"} if each.contact else {"unit", "post"} if each.post else {"unit"}
    if per in PLACES and on is not None and per not in (fits := fields_of(triggers, per)):
        table.fail(
            f"the event has no field {quoted(per)} to count by{nearest(per, fits) or '; write another `per`'}", "per"
        )
    act = word_of(table, "act", 'what is done, `act = "hold_meeting"`')
    within = writing.time(table, "within", fields_of(triggers, "date") - {"date"})
    by = _by(writing, table)
    with_ = _with(writing, table)
    if sum(time is not None for time in (within, by, with_)) > 1:
        table.fail("a duty has one time; keep one of `within`, `by` and `with`", "by" if by is not None else "with")
    if within is None and by is None and with_ is None and (recurrence is None or recurrence.finished):
        table.missing("within", 'a span from the text or a parameter, `within = "hold_within"`')
    if keep is not None:
        _check_keep(writing, table, keep, each)
    if within is not None and recurrence is not None and not recurrence.finished:
        table.fail(
            'the time of a recurring duty ends with its period; add `on_period = "finished"` to count from there',
            "within",
        )
    parts = table.texts("parts")
    must = None if keep is not None else read_pattern(table, "must", vocabulary)
    if must is None and keep is None:
        table.missing("must", '`must = "thing.done"`')
    must = must or Pattern(())
    check_sections(table, parts, must, vocabulary)
    bearer = writing.walk(table, "bearer", starts) or table.missing(
        "bearer", '`bearer = "secretary of branch of person"`'
    )
    if recurrence is not None:
        _check_act(table, bearer, must, vocabulary)
    return Duty(
        id=table.id("id", '`id = "P1-2a"`'),
        clause=clause,
        title=title_of(table, clause, act.replace("_", " ")),
        act=act,
        bearer=bearer,
        must=must,
        per=per,
        on=on,
        recurrence=recurrence,
        each=each,
        to=writing.walk(table, "to", starts),
        within=within,
        by=by,
        stage=stage,
        missing=_missing(writing, table, per),
        without_committee=_without_committee(writing, table, stage),
        after=_after(writing, table),
        with_=with_,
        repeated=_repeated(writing, table, on is not None),
        parts=parts,
        keep=keep,
        where=_where(writing, table, each),
    )


def _with(writing: Writing, table: Table) -> With | None:
    if "with" not in table.values:
        return None
    inner = table.table("with")
    inner.closed("duty", "within")
    duty = writing.duty_named(inner, "duty", inner.needed("duty", "the id of a duty"))
    within = writing.time(inner, "within", zero=True)
    return With(duty, within or inner.missing("within", 'a span or a parameter, `within = "simultaneous_within"`'))


def _repeated(writing: Writing, table: Table, is_triggered: bool) -> Repeated | None:
    if "repeated" not in table.values:
        return None
    if not is_triggered:
        table.fail("`repeated` is for a duty that an event opens; add `on` or remove it", "repeated")
    inner = table.table("repeated")
    inner.closed("times", "within")
    times = inner.values.get("times")
    if isinstance(times, str):
        times = writing.parameter(inner, "times", times, ("count",), "neither a number nor a parameter")[0]
    elif isinstance(times, bool) or not isinstance(times, int) or times < 2:
        inner.fail(f"{quoted(times)} is no number of times; write a whole number from 2, or a parameter", "times")
    within = writing.time(inner, "within")
    return Repeated(times, within or inner.missing("within", 'a span or a parameter, `within = "1y"`'))


def _keep(writing: Writing, table: Table) -> Keep | None:
    if "keep" not in table.values:
        return None
    inner, vocabulary = table.table("keep"), writing.vocabulary
    inner.closed("count", "share", "at_least", "at_most")
    count = inner.one_of("count", {*vocabulary.counts, MEMBERS}, "count")
    share = inner.one_of("share", vocabulary.shares, "share")
    if (count is None) == (share is None):
        inner.fail("a bound is about a count or a share; write one of `count` and `share`", "share")
    if ("at_least" in inner.values) == ("at_most" in inner.values):
        inner.fail("a bound has one number; write one of `at_least` and `at_most`", "at_most")
    key = "at_least" if "at_least" in inner.values else "at_most"
    number = inner.values[key]
    if isinstance(number, str):
        type_ = "count" if share is None else "share"
        number = writing.parameter(inner, key, number, (type_,), "neither a number nor a parameter")[0]
    elif isinstance(number, bool) or not isinstance(number, int) or number < 0 or (share is not None and number > 100):
        inner.wrong(key, "a whole number from 0, or a parameter")
    return Keep(count, share, **{key: number})


def _check_keep(writing: Writing, table: Table, keep: Keep, each: Each | None) -> None:
    for key in ("must", "by", "with", "parts", "on_period", "anchor", "at_least", "repeated"):
        if key in table.values:
            problem = f"a duty that keeps a bound is done when the bound holds again, {quoted('within')} its time"
            table.fail(f"{problem}; remove {quoted(key)}", key)
    assert each is not None
    counter = writing.vocabulary.counts.get(keep.count or "")
    if each.contact:
        table.fail("a bound is kept by units or posts; write for example `leader post of branch`", "each")
    if counter is not None and counter.type != "unit" and each.post is None:
        problem = f"the count {quoted(counter.name)} is one per {counter.type}"
        table.fail(f"{problem}; let the duty fall on posts, as `leader post of branch`", "each")


def _where(writing: Writing, table: Table, each: Each | None) -> tuple[Condition, ...]:
    if "where" not in table.values:
        return ()
    if each is None:
        table.fail("`where` is for a duty that recurs or keeps a bound; write the conditions inside `on`", "where")
    return read_where(table, "where", writing.vocabulary, ("unit", "post") if each.post else ("unit",))


def _missing(writing: Writing, table: Table, per: str) -> str | None:
    text = table.optional("missing")
    if text is None:
        return None
    if not per.startswith("case"):
        table.fail("`missing` is for the duties of a case; remove it", "missing")
    name, declared = writing.parameter(table, "missing", text, ("choice",), "no parameter")
    unknown = sorted(set(declared.choices) - {"undetermined", "skip", "substitute:<unit>"})
    if unknown:
        known = "`undetermined`, `skip` and `substitute:<unit>`"
        table.fail(f"{quoted(unknown[0])} of {quoted(text)} says nothing about a missing level; use {known}", "missing")
    return name


def _without_committee(writing: Writing, table: Table, stage: str | None) -> Pattern | None:
    pattern = read_pattern(table, "without_committee", writing.vocabulary)
    if pattern is not None and stage != "convene":
        table.fail("`without_committee` is for a duty of the stage `convene`; remove it", "without_committee")
    return pattern


def check_sections(table: Table, parts: tuple[str, ...], pattern: Pattern, vocabulary: Vocabulary) -> None:
    """Refuse parts that are asked of events which have no field for them."""
    for event in pattern.events if parts else ():
        sections = vocabulary.events[event].fields.get("sections")
        if sections is None or sections.name != "text" or not sections.many:
            advice = 'add `sections = "list of text?"` to its fields'
            table.fail(f"the event {quoted(event)} has no `sections` that could name the parts; {advice}", "parts")


def _check_act(table: Table, bearer: Walk, must: Pattern, vocabulary: Vocabulary) -> None:
    """Refuse a recurring duty of another unit whose acts do not say for whom they are done."""
    own = bearer.start in ("unit", "post", "contact") and all(step.action == "to" for step in bearer.steps)
    for event in must.events if not own else ():
        declared = vocabulary.events[event]
        if declared.actor is not None and declared.about == declared.actor:
            problem = f"the event {quoted(event)} names who acts, {quoted(declared.actor)}, and not for whom"
            table.fail(f"{problem}, so it performs nothing that another unit bears; give it an `about`", "must")


def _per(table: Table, on: Pattern | None, recurrence: Recurrence | None, keep: Keep | None) -> str:
    if keep is not None:
        return table.one_of("per", (), "way to count a duty that keeps a bound; remove it") or "bound"
    if recurrence is not None:
        return table.one_of("per", ("period",), "way to count a recurring duty") or "period"
    if on is None:
        return table.one_of("per", ("case round",), "way to count a rework") or "case round"
    return table.one_of("per", PER, "way to count") or table.missing("per", f"one of {', '.join(map(quoted, PER))}")


def _recurrence(writing: Writing, table: Table) -> Recurrence | None:
    every, window = table.values.get("every"), table.optional("window")
    parameter: str | None = None
    span: Span | None = None
    picks: tuple[str, ...] = ()
    if every is None and window is None:
        for key in ("each", "at_least", "on_period", "anchor"):
            if key in table.values and "keep" not in table.values:
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
        is_chained = table.values.get("anchor") == "last_act"
        if is_chained and every[:1].isdigit():
            text, every = every, None
            span = read(table, "every", lambda: Span.parse(text))
        else:
            type_ = "span" if is_chained else "period"
            words = [*PERIOD_KINDS, *writing.vocabulary.parameter_names(type_)]
            if writing.vocabulary.parameter(every, writing.pack) is None:
                table.fail(f"{quoted(every)} is no period{nearest(every, words) or f'; write one of {words}'}", "every")
            parameter, every = writing.parameter(table, "every", every, (type_,), "no period")[0], None
    elif window is not None:
        window = writing.parameter(table, "window", window, ("window",), "no parameter")[0]
    at_least = table.values.get("at_least", 1)
    if isinstance(at_least, str):
        at_least = writing.parameter(table, "at_least", at_least, ("count",), "neither a number nor a parameter")[0]
    elif isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 1:
        table.wrong("at_least", "a whole number from 1, or a parameter")
    anchor = table.optional("anchor") or "calendar"
    if anchor == "last_act" and span is None and (parameter is None or at_least != 1):
        table.fail('a duty that counts from the last act has a span, as `every = "90d"`, and one act', "anchor")
    if anchor not in ("calendar", "rolling", "last_act"):
        what = "neither `calendar`, `rolling`, `last_act` nor a parameter"
        anchor = writing.parameter(table, "anchor", anchor, ("choice",), what)[0]
    finished = table.one_of("on_period", ("during", "finished"), "word for `on_period`") == "finished"
    return Recurrence(every, span, parameter, window, picks, at_least, finished, anchor)


def _each(writing: Writing, table: Table, is_each: bool) -> Each | None:
    return read_each(table, "each", writing.vocabulary) if is_each else None


def read_each(table: Table, key: str, vocabulary: Vocabulary) -> Each:
    """Read on whom a rule falls: units of a kind, the posts in them, or the contact points of these posts."""
    whole = table.needed(key, f'on whom it falls, `{key} = "branch"`')
    text = whole.removeprefix("contact of ")
    contact = text != whole
    rest, mark, under = text.partition(" under ")
    post, of, kind = rest.rpartition(" of ")
    leader = post.startswith("leader ")
    post = post.removeprefix("leader ")
    if contact and not post:
        table.fail(f"{quoted(whole)} names nobody; write for example `contact of leader post of branch`", key)
    if len(text.split()) != len(kind.split()) + bool(of) + bool(post) + leader + 2 * bool(mark) or not kind:
        table.fail(f"{quoted(whole)} names nobody; {HOW_TO_WRITE_EACH}", key)
    table.known(kind, vocabulary.kinds, "kind of unit", key)
    if mark:
        table.known(under, vocabulary.kinds, "kind of unit", key)
    if of:
        table.known(post, {*vocabulary.posts, "post"}, "kind of post", key)
    return Each(kind, under or None, post or None, leader, contact)


def _by(writing: Writing, table: Table) -> str | None:
    text = table.optional("by")
    if text is None:
        return None
    if text[:1].isdigit():
        read(table, "by", lambda: day_of_year(2024, text))
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
