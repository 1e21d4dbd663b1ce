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

    def __getattr__(self, name: str) -> Any:
        """Return the reasons, made now; every other name is no attribute."""
        if name != "because":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        make, *given = self._reasons
        found = make(*given)
        object.__setattr__(self, "because", found)
        object.__setattr__(self, "_reasons", None)
        return found


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
