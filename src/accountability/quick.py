"""Frozen answers made as fast as open ones.

An attrs class that is frozen sets each attribute through `object.__setattr__`, at six times the cost. A ledger makes
many answers, all from values that are already right; so it fills an open twin of the same slots, then makes it what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import fields

T = TypeVar("T")


def maker(cls: type[T]) -> Callable[..., T]:
    """Return a function that makes an instance of a frozen attrs class of all its attributes, in their order.

    It runs neither converters nor validators. The class must have slots and no weak references (``weakref_slot=False``).
    """
    names = [attribute.name for attribute in fields(cls)]  # type: ignore[arg-type]  # an attrs class
    twin = type(cls.__name__, (), {"__slots__": cls.__slots__})  # type: ignore[attr-defined]  # so has an attrs class
    lines = [f"def make({', '.join(names)}):", "    made = new(twin)"]
    lines += [f"    made.{name} = {name}" for name in names]
    lines += ["    made.__class__ = cls", "    return made"]
    space: dict[str, Any] = {"new": object.__new__, "twin": twin, "cls": cls}
    exec("\n".join(lines), space)
    found: Callable[..., T] = space["make"]
    return found
