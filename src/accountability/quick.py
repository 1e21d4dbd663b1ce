"""Frozen answers made as fast as open ones.

An attrs class that is frozen sets each attribute through `object.__setattr__`, at six times the cost. A ledger makes
many answers, all from values that are already right; so it fills an open twin of the same slots, then makes it what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import fields

T = TypeVar("T")


class Reasoned:
    """An answer whose reasons, `because`, are made when they are first read, of a function and what it is given."""

    __slots__ = ("_reasons",)


def reasoned(cls: type[T]) -> type[T]:
    """Have answers of the class, which is `Reasoned`, make their reasons when they are first read.

    `__getattr__` would do it too, but of a class that has it every attribute is read slowly.
    """
    place: Any = vars(cls)["because"]

    def because(self: Any) -> Any:
        try:
            return place.__get__(self)
        except AttributeError:
            make, *given = self._reasons
            found = make(*given)
            place.__set__(self, found)
            object.__setattr__(self, "_reasons", None)
            return found

    setattr(cls, "because", property(because, place.__set__))  # noqa: B010 - no attribute of every class
    return cls


def maker(cls: type[T]) -> Callable[..., T]:
    """Return a function that makes an instance of a frozen attrs class of all its attributes, in their order.

    It runs neither converters nor validators. The class must have slots and no weak references (``weakref_slot=False``).
    Of a reasoned one it takes, instead of the reasons, what they are made of: a function and its arguments.
    """
    names = [attribute.name for attribute in fields(cls)]  # type: ignore[arg-type]  # an attrs class
    if issubclass(cls, Reasoned):
        names[names.index("because")] = "_reasons"
    twin = type(cls.__name__, cls.__bases__, {"__slots__": cls.__slots__})  # type: ignore[attr-defined]  # so has an attrs class
    lines = [f"def make({', '.join(names)}):", "    made = new(twin)"]
    lines += [f"    made.{name} = {name}" for name in names]
    lines += ["    made.__class__ = cls", "    return made"]
    space: dict[str, Any] = {"new": object.__new__, "twin": twin, "cls": cls}
    exec("\n".join(lines), space)
    found: Callable[..., T] = space["make"]
    return found
