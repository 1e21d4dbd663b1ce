"""Duty blocks of law files turned into rules."""

from __future__ import annotations

from ..calendar import PERIOD_KINDS, Span, day_of_year
from ..clause import Clause
from ..errors import nearest, quoted
from ..rule import STAGES, After, Duty, Each, Recurrence, Repeated, With
from .patterns import fields_of, read_pattern
from .table import Table
from .writing import PLACES, Writing, read, title_of, word_of

PICKS = (*PERIOD_KINDS, "H1", "H2", "Q1", "Q2", "Q3", "Q4")
PER = ("case", "case round", "unit", "post", "person", "event")
HOW_TO_WRITE_EACH = "write `branch`, `branch under party_committee`, `secretary of branch` or `leader post of branch`"


def read_duty(writing: Writing, table: Table, clause: Clause) -> Duty:
    table.closed(
        "id", "title", "on", "every", "window", "each", "per", "bearer", "to", "act", "must", "within", "by", "text",
        "at_least", "on_period", "anchor", "after", "with", "repeated", "parts", "stage", "missing",
        "without_committee",
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
    starts = fields_of(triggers, *PLACES)
    if recurrence is None:
        starts |= {name for opener in vocabulary.openers for name in fields_of([opener], *PLACES)}
    elif each is not None:
        starts = {"unit", "post"} if each.post else {"unit"}
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
    if within is not None and recurrence is not None and not recurrence.finished:
        table.fail(
            'the time of a recurring duty ends with its period; add `on_period = "finished"` to count from there',
            "within",
        )
    missing = table.optional("missing")
    return Duty(
        id=table.id("id", '`id = "P1-2a"`'),
        clause=clause,
        title=title_of(table, clause, act.replace("_", " ")),
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
        with_=with_,
        repeated=_repeated(writing, table, on is not None),
        parts=table.texts("parts"),
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


def _per(writing: Writing, table: Table, untriggered: bool, recurrence: Recurrence | None) -> str:
    if recurrence is not None:
        return table.one_of("per", ("period",), "way to count a recurring duty") or "period"
    if untriggered:
        return table.one_of("per", ("case round",), "way to count a rework") or "case round"
    return table.one_of("per", PER, "way to count") or table.missing("per", f"one of {', '.join(map(quoted, PER))}")


def _recurrence(writing: Writing, table: Table) -> Recurrence | None:
    every, window = table.values.get("every"), table.optional("window")
    parameter: str | None = None
    span: Span | None = None
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


def _each(writing: Writing, table: Table, recurrence: Recurrence | None) -> Each | None:
    if recurrence is None:
        return None
    text = table.needed("each", 'on whom it falls, `each = "branch"`')
    vocabulary, (rest, mark, under) = writing.vocabulary, text.partition(" under ")
    post, of, kind = rest.rpartition(" of ")
    leader = post.startswith("leader ")
    post = post.removeprefix("leader ")
    if len(text.split()) != len(kind.split()) + bool(of) + bool(post) + leader + 2 * bool(mark) or not kind:
        table.fail(f"{quoted(text)} names nobody; {HOW_TO_WRITE_EACH}", "each")
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
