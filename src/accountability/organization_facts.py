"""The dated facts of an organization: who is what, who held which post when, what stands in which relation.

Every fact is dated ``from_``..``to``, both days inclusive; an open end is `BEGINNING` or `FOREVER`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from attrs import frozen

BEGINNING = date.min
FOREVER = date.max

RELATIONS = ("leads", "guides", "organ_of", "acts_for", "same_level", "contact", "succeeds", "local", "line")
GROUNDS = ("party_relation", "business_relation")
"""The relations of a unit whose grounds tell who leads it: of its party organization, and of its business."""


@frozen
class Person:
    """A person of the host's register; the id is all that the answers need, the name is for people."""

    id: str
    name: str = ""


@frozen
class Unit:
    """A unit of the organization; `kind` is a word of the pack (branch, general_branch, ...)."""

    id: str
    kind: str
    name: str = ""
    subkind: str | None = None
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Post:
    """A post of a unit; `head` heads the unit, `leader` belongs to its leadership (班子成员)."""

    id: str
    unit: str
    kind: str
    name: str = ""
    head: bool = False
    leader: bool = False
    portfolio: str | None = None
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Tenure:
    """A person holds a post from the first day `from_` to the last day `to`.

    `slot` is ``A`` or ``B``: the B holder bears while A is absent. An `acting` holder bears for the acting time.
    """

    post: str
    person: str
    from_: date = BEGINNING
    to: date = FOREVER
    part_time: bool = False
    acting: bool = False
    slot: str = "A"


@frozen
class Membership:
    """A person belongs to a unit (of party members: the branch of their 组织关系)."""

    person: str
    unit: str
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Seat:
    """A person sits on the committee of a unit; `person` is None when it is recorded that there is no committee."""

    unit: str
    person: str | None
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Absence:
    """A person is away; the B holder of a post bears meanwhile."""

    person: str
    from_: date
    to: date = FOREVER


@frozen
class Relation:
    """`source` stands in relation `kind` to `target`: it leads it, is an organ of it, succeeds it, ..."""

    kind: str
    source: str
    target: str
    from_: date = BEGINNING
    to: date = FOREVER
    matter: str | None = None
    ground: str | None = None


@frozen
class Ground:
    """On what the party or the business `relation` of a unit rests: 属地, 垂直, ... Its bodies are ``local`` and ``line``."""

    unit: str
    relation: str
    ground: str
    from_: date = BEGINNING
    to: date = FOREVER


Fact = Unit | Post | Tenure | Membership | Seat | Absence | Relation | Ground
_F = TypeVar("_F", Unit, Post, Tenure, Membership, Seat, Absence, Relation, Ground)


def in_order(facts: Iterable[_F]) -> tuple[_F, ...]:
    """Return facts by their first day, and those of one day by what they say: never by the order of the file."""
    found = tuple(facts)
    return tuple(sorted(found, key=order)) if len(found) > 1 else found


def order(fact: Fact) -> tuple[date, str]:
    """Return where a fact stands among others: its first day, then what it says."""
    return fact.from_, fact.id if isinstance(fact, Post) else str(fact)
