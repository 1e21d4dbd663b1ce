"""Types of events: what their fields may hold, and what an event of a type means beside them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import field, frozen

from .calendar import parse_date
from .errors import EventError, nearest, quoted
from .plain import LIMITS, Limits, Refusal, check_id, check_plain

V = TypeVar("V")
Day = datetime.date | str


class ReadOnly(dict[str, V]):
    """A mapping that can not be changed; it equals any mapping of the same items and hashes when its values do."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("this mapping can not be changed; make another one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # a dict does not, for it can be changed
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def _fields(items: Mapping[str, FieldType]) -> Mapping[str, FieldType]:
    return ReadOnly(items)


def _texts(items: Mapping[str, str]) -> Mapping[str, str]:
    return ReadOnly(items)


def frozen_value(value: object) -> Any:
    if isinstance(value, Mapping):
        return ReadOnly({name: frozen_value(value[name]) for name in sorted(value)})
    return tuple(map(frozen_value, value)) if isinstance(value, list | tuple) else value


def read_day(value: object, what: str, where: str, error: Refusal = EventError) -> datetime.date:
    try:
        return parse_date(value)
    except ValueError as problem:
        raise error(f"{where}: the {what} {problem}") from None


ADDRESS = "?=&,"  # what the ids and sources of events may hold beside the marks of an id: they are often addresses
_IDS = ("unit", "person", "post", "case", "event", "obligation", "liability")
_MEANING = {name: f"the id of one {name}" for name in _IDS} | {
    "date": "a day such as `2025-03-31`",
    "text": "a text",
    "int": "a whole number",
    "decimal": "a decimal, as a number or as a text such as `85.5`",
    "bool": "true or false",
    "choice": "one of",
    "map": "an object of ids and plain values",
}
_PLAIN: dict[str, type] = {"int": int, "bool": bool, "decimal": Decimal, "date": datetime.date}
_CHECKED: dict[str, set[str]] = {name: set() for name in _IDS}
"""Ids that were checked under the usual limits, so that those of a busy unit are not checked again and again."""
_MOST_CHECKED = 200_000


@frozen
class FieldType:
    """What a field of an event may hold (a parameter or the column of a table likewise); `many`: a list of these."""

    name: str
    choices: tuple[str, ...] = ()
    many: bool = False
    optional: bool = False

    def __attrs_post_init__(self) -> None:
        if self.name not in _MEANING:
            words = sorted(word for word in _MEANING if word != "choice")
            advice = nearest(self.name, words) or f"; use one of {', '.join(map(quoted, words))}, or a list of texts"
            raise ValueError(f"{quoted(self.name)} is no type of a field{advice}")
        if bool(self.choices) != (self.name == "choice") or len(set(self.choices)) < len(self.choices):
            raise ValueError(f"the choices {quoted(list(self.choices))} can not be used; list each allowed text once")

    @classmethod
    def parse(cls, declaration: object) -> FieldType:
        """Read ``person``, ``person?`` (optional), ``list of unit``, or a list of allowed texts (with ``?`` last)."""
        if isinstance(declaration, list) and all(isinstance(item, str) for item in declaration):
            optional = declaration[-1:] == ["?"]
            return cls("choice", tuple(declaration[:-1] if optional else declaration), optional=optional)
        if not isinstance(declaration, str) or declaration.rstrip("?").endswith("choice"):
            raise ValueError(f"{quoted(declaration)} is no type of a field; write its word, or a list of allowed texts")
        word = declaration.removesuffix("?").removeprefix("list of ")
        return cls(word, many=declaration.startswith("list of "), optional=declaration.endswith("?"))

    def __str__(self) -> str:
        meaning = " ".join([_MEANING[self.name], ", ".join(map(quoted, self.choices))]).strip()
        return f"a list, each item {meaning}" if self.many else meaning

    def read(self, value: object, *, where: str, error: Refusal = EventError, limits: Limits = LIMITS) -> Any:
        """Return `value` as this type (a list as a tuple), or raise `error` saying what was expected."""
        check_plain(value, where=where, error=error, limits=limits)
        if not self.many:
            return self._read_one(value, where, error, limits)
        if not isinstance(value, list | tuple):
            raise error(f"{where}: {quoted(value)} is not {self}")
        return tuple(self._read_one(item, where, error, limits) for item in value)

    def holds(self, value: object) -> bool:
        """Tell, at little cost, that the value is one of this type as it stands; where not told, `read` decides."""
        if self.many:
            return False
        kind = type(value)
        if kind is str:
            if self.name in _CHECKED:
                return value in _CHECKED[self.name]
            return self.name == "text" or value in self.choices
        return kind is _PLAIN.get(self.name)

    def _read_one(self, value: object, where: str, error: Refusal, limits: Limits) -> Any:
        match self.name, value:
            case ("text", str()) | ("bool", bool()):
                return value
            case "choice", str() if value in self.choices:
                return value
            case ("int", int()) | ("decimal", Decimal()) if not isinstance(value, bool):
                return value
            case "decimal", int() if not isinstance(value, bool):
                return Decimal(value)
            case "decimal", str() if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value):
                check_plain(Decimal(value), where=where, error=error, limits=limits)
                return Decimal(value)
            case "date", str() | datetime.date():
                return read_day(value, "date", where, error)
            case "map", Mapping():
                for key in value:
                    check_id(key, what="key", where=where, error=error, limits=limits)
                return frozen_value(value)
            case what, str() if what in _IDS:
                longest = limits.name if what in ("obligation", "liability") else limits.id  # made of several ids
                marks = "" if what in _IDS[:4] else ADDRESS
                check_id(value, what=what, where=where, error=error, limits=limits, also=marks, longest=longest)
                if limits is LIMITS:
                    checked = _CHECKED[what]
                    if len(checked) >= _MOST_CHECKED:
                        checked.clear()
                    checked.add(value)
                return value
        hint = nearest(value, self.choices) if isinstance(value, str) else ""
        raise error(f"{where}: {quoted(value)} is not {self}{hint}")


@frozen
class EventType:
    """A declared type of events: its typed fields, and what such an event does beside them.

    `case`, `date` and `unit` are known to every event. `opens_case`: such an event may be the first of its case.
    `outcome`: how the act was done that such an event performs (``approved``); without it the event's field ``outcome``
    says so. `actor`: the field that names the unit which acted; `about`: the one that names the unit it is about.
    """

    name: str
    fields: Mapping[str, FieldType] = field(factory=dict, converter=_fields)
    title: Mapping[str, str] = field(factory=dict, converter=_texts)
    opens_case: bool = False
    outcome: str | None = None
    actor: str | None = None
    about: str = "unit"
    told: tuple[tuple[str, FieldType, type | None, set[str] | None], ...] = field(init=False, repr=False, eq=False)
    """Each field with its type, and what tells at little cost that a value is of the type."""

    def __attrs_post_init__(self) -> None:
        told = []
        for name, type_ in self.fields.items():
            is_own = type_.many or name in ("case", "date", "id", "type")
            plain = None if is_own else _PLAIN.get(type_.name, str if type_.name in (*_IDS, "text") else None)
            told.append((name, type_, plain, _CHECKED.get(type_.name)))
        object.__setattr__(self, "told", tuple(told))
        for name in ("id", "type", "recorded"):
            if name in self.fields:
                raise ValueError(f"{quoted(self.name)} declares a field `{name}`, which every event has; rename it")
        for word in (self.actor, self.about):
            if word is not None and word not in (known := ["unit", *self.fields]):
                raise ValueError(f"{quoted(self.name)} has no field {quoted(word)}{nearest(word, known)}")
