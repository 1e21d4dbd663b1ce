"""Clauses: the law as it stands in the source, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen


@frozen
class Clause:
    """A clause: the verbatim `text` that a rule formalises, where it stands, and the days on which it is in force.

    `ref` is the norm id (``P1-5-3b``); `heading` is the clause of the law file that holds it (``P1-5-3``) and `whole`
    the whole text under that heading. `from_` and `to` are inclusive, None when the source gives no day.
    """

    ref: str
    text: str
    heading: str
    whole: str
    source: str
    pack: str
    file: str
    line: int
    from_: date | None = None
    to: date | None = None


@frozen
class NotFormalised:
    """A part of a clause that has no rule, and the reason: definition, heading, rhetoric, excluded, ...

    `norms` are the norm ids that are decided by it.
    """

    clause: Clause
    reason: str
    note: Mapping[str, str]
    norms: tuple[str, ...] = ()
