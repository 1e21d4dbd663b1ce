"""Blocks of law files turned into rules: each key checked against the words that the packs declare."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ..clause import Clause
from ..errors import quoted
from ..finding import FINDINGS
from ..rule import Band, EscalationRule, Gate, LiabilityRule, Role, Rule, Scale, Selector, Time
from .duty_block import check_sections, read_duty
from .lint_block import read_lint
from .patterns import fields_of, read_pattern
from .table import Table
from .vocabulary import RESERVED, Vocabulary
from .writing import HOW_TO_WRITE_OF, PLACES, Writing, title_of, word_of

REASONS = ("overdue", "vacant_post", "max_returns_exceeded")


def read_rule(writing: Writing, kind: str, table: Table, clause: Clause) -> Rule:
    """Return the rule that a block is."""
    return _READERS[kind](writing, table, clause)


def _selector(writing: Writing, table: Table) -> Selector:
    text = table.needed("of", '`of = "secretary of branch"`')
    words = text.removesuffix(" with superior").split()
    superior = text.endswith(" with superior")
    if len(words) == 1 and not superior:
        return Selector(duty=writing.duty_named(table, "of", text))
    if len(words) != 3 or words[1] != "of":
        table.fail(f"{quoted(text)} selects nothing; {HOW_TO_WRITE_OF}", "of")
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
        title=title_of(table, clause, f"escalation under {clause.ref}"),
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
        title=title_of(table, clause, f"liability under {clause.ref}"),
        of=None if on is not None else _selector(writing, table),
        on=on,
        post=writing.walk(table, "post", {"unit"} if on is None else fields_of(events, *PLACES)),
    )


def _role(writing: Writing, table: Table, clause: Clause) -> Role:
    name, post, unit = role_name(table, writing.vocabulary)
    table.closed("id", "title", "name", "is", "text")
    title = title_of(table, clause, name.replace("_", " "))
    return Role(table.id("id", '`id = "P1-2a"`'), clause, title, name, post, unit)


def role_name(table: Table, vocabulary: Vocabulary) -> tuple[str, str, str]:
    """Return the name that a role block gives, and the kinds of post and unit that bear it."""
    name = word_of(table, "name", '`name = "first_responsible"`')
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
    check_sections(table, parts, on, writing.vocabulary)
    finding = table.one_of("finding", FINDINGS, "code of a finding")
    title = title_of(table, clause, f"gate under {clause.ref}")
    usual = "basis_missing" if needs is not None else "report_incomplete"
    return Gate(table.id("id", '`id = "P1-2a.gate"`'), clause, title, on, finding or usual, needs, parts)


def _scale(writing: Writing, table: Table, clause: Clause) -> Scale:
    table.closed("id", "title", "on", "score", "veto", "text")
    on = read_pattern(table, "on", writing.vocabulary) or table.missing("on", '`on = "assessment.scored"`')
    types = [writing.vocabulary.events[event] for event in on.events]
    value = table.values.get("score")
    fields = table.texts("score") if isinstance(value, list) else (table.needed("score", '`score = "score"`'),)
    for name in fields:
        table.known(name, fields_of(types, "decimal", "int"), "number of the event", "score")
    veto = table.one_of("veto", fields_of(types, "bool"), "field that is true or false")
    id_ = table.id("id", '`id = "P3-4.scale"`')
    return Scale(id_, clause, title_of(table, clause, f"scale under {clause.ref}"), on, fields, veto)


def _band(writing: Writing, table: Table, clause: Clause) -> Band:
    table.closed("id", "title", "of", "name", "at_least", "at_most", "text")
    scale = table.needed("of", 'the id of a scale, `of = "P3-4.scale"`')
    writing.scales.append((table, "of", scale))
    name = table.titles("name") or table.missing("name", '`name = { zh = "达标", en = "meets the standard" }`')
    ends: dict[str, Decimal | None] = {}
    for key in ("at_least", "at_most"):
        value = table.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
            table.wrong(key, "a number")
        ends[key] = None if value is None else Decimal(value)
    low, high = ends["at_least"], ends["at_most"]
    if low is None and high is None:
        table.missing("at_least", "the lowest or the highest score of the band")
    if low is not None and high is not None and high < low:
        table.fail(f"the band ends at {quoted(high)} below its beginning {quoted(low)}; swap them", "at_most")
    return Band(table.id("id", '`id = "P3-6"`'), clause, name, scale, low, high)


_READERS: dict[str, Callable[[Writing, Table, Clause], Rule]] = {
    "duty": read_duty,
    "escalation": _escalation,
    "liability": _liability,
    "role": _role,
    "gate": _gate,
    "scale": _scale,
    "band": _band,
    "lint": read_lint,
}
