"""Blocks of law files turned into rules: each key checked against the words that the packs declare."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from ..clause import Clause
from ..errors import quoted
from ..finding import FINDINGS
from ..rule import Band, EscalationRule, Gate, LiabilityRule, RelationRule, Role, Rule, Scale, Selector, Time
from ..walk import FIRST_RESPONSIBLE, RolePost
from .duty_block import check_sections, read_duty
from .lint_block import read_lint
from .patterns import all_fields, fields_of, read_conditions, read_pattern
from .table import Table
from .vocabulary import RESERVED, Vocabulary
from .writing import HOW_TO_WRITE_OF, PLACES, Writing, title_of, word_of

_PATHS = ("party_relation", "business_relation", "local.kind", "line.kind")
_BODIES = ("local", "line", "none")
REASONS = ("overdue", "vacant_post", "max_returns_exceeded")


def read_rule(writing: Writing, kind: str, table: Table, clause: Clause) -> Rule:
    """Return the rule that a block is; every rule may stand under choices, or be a practice to be adopted."""
    table = evolve(table, also=("chosen", "adopted") if kind != "role" else ("adopted",))
    rule = _READERS[kind](writing, table, clause)
    return evolve(rule, chosen=writing.chosen(table), adopted=table.flag("adopted", True))


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
    name, is_ = role_name(table, writing.vocabulary)
    table.closed("id", "title", "name", "is", "portfolio", "text")
    title = title_of(table, clause, name.replace("_", " "))
    return Role(table.id("id", '`id = "P1-2a"`'), clause, title, name, is_)


def role_name(table: Table, vocabulary: Vocabulary) -> tuple[str, RolePost]:
    """Return the name that a role block gives, and the post that bears it."""
    name = word_of(table, "name", '`name = "first_responsible"`')
    if name in RESERVED or name in vocabulary.kinds or name in vocabulary.posts:
        table.fail(f"the name {quoted(name)} has another meaning already; rename the role", "name")
    text = table.needed("is", '`is = "secretary of branch"`')
    words = text.split()
    if len(words) != 3 or words[1] != "of":
        table.fail(f"{quoted(text)} is no post of a kind of unit; write for example `secretary of branch`", "is")
    portfolio = table.optional("portfolio")
    post = None if words[0] == "leader" and portfolio is not None else words[0]
    if post == "leader" and post not in vocabulary.posts:
        table.missing("portfolio", 'what the leader is in charge of, `portfolio = "…"`')
    if post is not None:
        table.known(post, {*vocabulary.posts, FIRST_RESPONSIBLE}, "kind of post", "is")
    return name, RolePost(post, table.known(words[2], vocabulary.kinds, "kind of unit", "is"), portfolio)


def _gate(writing: Writing, table: Table, clause: Clause) -> Gate:
    table.closed("id", "title", "on", "needs", "parts", "requires", "within", "same", "finding", "text")
    on = read_pattern(table, "on", writing.vocabulary)
    needs, parts = read_pattern(table, "needs", writing.vocabulary), table.texts("parts")
    if on is None:
        table.missing("on", '`on = "award.proposed"`')
    requires = read_conditions(table, "requires", on.events, writing.vocabulary)
    if (needs is not None) + bool(parts) + (requires is not None) != 1:
        table.fail(
            "a gate asks for an earlier event, for parts, or for what the event itself must be; "
            "write one of `needs`, `parts` and `requires`"
        )
    for key in ("within", "same"):
        if needs is None and key in table.values:
            table.fail(f"{quoted(key)} says more of the earlier event; add `needs` or remove it", key)
    types = [writing.vocabulary.events[event] for event in (*on.events, *(needs.events if needs is not None else ()))]
    same = table.texts("same")
    for name in same:
        table.known(name, all_fields(types), "field of all these events", "same")
    check_sections(table, parts, on, writing.vocabulary)
    finding = table.one_of("finding", FINDINGS, "code of a finding")
    title = title_of(table, clause, f"gate under {clause.ref}")
    usual = "basis_missing" if needs is not None else "report_incomplete" if parts else "decision_irregular"
    return Gate(
        table.id("id", '`id = "P1-2a.gate"`'), clause, title, on, finding or usual, needs, parts, requires,
        writing.time(table, "within"), same,
    )  # fmt: skip


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


def _relation(writing: Writing, table: Table, clause: Clause) -> RelationRule:
    table.closed("id", "title", "when", "lead", "guide", "text")
    inner = table.table("when")
    if not inner.values:
        table.missing("when", '`when = { party_relation = "属地", business_relation = "垂直" }`')
    inner.closed(*_PATHS)
    when = []
    for path in inner.values:
        value = inner.values[path]
        values = inner.texts(path) if isinstance(value, list) else (inner.needed(path, "a text"),)
        for each in values if path.endswith(".kind") else ():
            inner.known(each, writing.vocabulary.kinds, "kind of unit", path)
        when.append((path, values))
    lead, guide = (table.one_of(key, _BODIES, "body") for key in ("lead", "guide"))
    if lead is None or lead == "none":
        table.missing("lead", 'who leads, `lead = "local"` or `lead = "line"`')
    if guide == lead:
        table.fail("one body leads and guides; name the other one, or `none`", "guide")
    title = title_of(table, clause, f"relation under {clause.ref}")
    return RelationRule(table.id("id", '`id = "P1-2a"`'), clause, title, tuple(sorted(when)), lead, guide or "none")


_READERS: dict[str, Callable[[Writing, Table, Clause], Rule]] = {
    "duty": read_duty,
    "escalation": _escalation,
    "liability": _liability,
    "role": _role,
    "gate": _gate,
    "scale": _scale,
    "band": _band,
    "lint": read_lint,
    "relation": _relation,
}
