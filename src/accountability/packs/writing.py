"""What the blocks of a pack are read with: times, walks and duties, checked against the words that the packs declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from attrs import field, frozen

from ..calendar import Span
from ..clause import Clause
from ..errors import PackError, nearest, quoted
from ..parameters import Parameter
from ..plain import check_id
from ..rule import Time
from ..walk import Walk, parse_walk
from .table import Table
from .vocabulary import Vocabulary

PLACES = ("unit", "post", "person")
HOW_TO_WRITE_OF = "write a duty, `secretary of branch`, `post of branch` or `post of unit with superior`"
_T = TypeVar("_T")


@frozen(eq=False)
class Writing:
    """What the blocks of one pack are read with; `duties` and `scales` collect what rules name, to be checked last."""

    pack: str
    vocabulary: Vocabulary
    duties: list[tuple[Table, str, str]] = field(factory=list)
    scales: list[tuple[Table, str, str]] = field(factory=list)

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
            span = read(table, key, lambda: Span.parse(text))
            if span.is_zero and not zero:
                table.fail(f"{quoted(text)} leaves no time; write a longer span", key)
            return Time(span=span)
        return Time(
            parameter=self.parameter(table, key, text, ("span",), "neither a span such as `7d` nor a parameter")[0]
        )

    def chosen(self, table: Table) -> tuple[tuple[str, str], ...]:
        """Return the choices under which a rule stands, each with the value that it must have."""
        inner, found = table.table("chosen"), []
        for key in inner.values:
            name, declared = self.parameter(inner, key, key, ("choice",), "no choice")
            try:
                found.append((name, str(declared.read(inner.values[key]))))
            except ValueError as problem:
                inner.fail(str(problem), key)
        return tuple(sorted(found))

    def walk(self, table: Table, key: str, starts: Iterable[str]) -> Walk | None:
        """Return the walk at the key, None when it is absent."""
        text = table.optional(key)
        if text is None:
            return None
        walk = read(table, key, lambda: parse_walk(text, self.vocabulary.words, sorted(starts)))
        if walk.each is not None:
            table.fail(f"{quoted(text)} names several units; name one, and write the others as `each`", key)
        return walk

    def duty_named(self, table: Table, key: str, name: str) -> str:
        """Return the id of a duty, which is checked when all are read."""
        self.duties.append((table, key, name))
        return name


def check_names(writings: Iterable[Writing], duties: Iterable[str], scales: Iterable[str]) -> None:
    """Refuse a rule that names a duty, or a scale, which no pack has."""
    known, ratings = set(duties), set(scales)
    for writing in writings:
        for table, key, name in writing.scales:
            if name not in ratings:
                table.fail(f"{quoted(name)} is no scale{nearest(name, ratings) or '; write the id of a scale'}", key)
        for table, key, name in writing.duties:
            if name not in known:
                advice = f"; {HOW_TO_WRITE_OF}" if key == "of" else "; write the id of a loaded duty"
                table.fail(f"{quoted(name)} is no duty{nearest(name, known) or advice}", key)


def read(table: Table, key: str, reader: Callable[[], _T]) -> _T:
    try:
        return reader()
    except ValueError as problem:
        table.fail(str(problem), key)


def title_of(table: Table, clause: Clause, english: str) -> dict[str, str]:
    return table.titles() or {"zh": clause.text, "en": english}


def word_of(table: Table, key: str, example: str) -> str:
    word = table.needed(key, example)
    return check_id(word, what=key, where=table.place(key), error=PackError, limits=table.limits)
