"""What the library answers: obligations, escalations, liabilities and findings, each with its reasons.

Everything here is frozen, and plain data once passed through `to_data`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import cattrs
from attrs import field, frozen

from .calendar import Span
from .clause import Clause
from .errors import EventError, nearest, quoted
from .organization_facts import BEGINNING, FOREVER, Fact, Unit
from .parameters import Use
from .quick import Reasoned, reasoned

STATUSES = ("fulfilled", "fulfilled_late", "cancelled", "undetermined", "blocked", "overdue", "pending")
LIVE = ("undetermined", "blocked", "overdue", "pending")
"""The statuses of an obligation that is still owed."""


def checked_statuses(asked: str | Iterable[str]) -> set[str]:
    """Return one status or several as a set; raises EventError for one that is not known."""
    statuses = {asked} if isinstance(asked, str) else set(asked)
    for each in sorted(statuses - set(STATUSES)):
        raise EventError(
            f"{quoted(each)} is no status{nearest(each, STATUSES) or '.'} Use one of {', '.join(STATUSES)}"
        )
    return statuses


@frozen(weakref_slot=False)
class Cause:
    """An event in the reasons: its part (`trigger`, `act`, `ended`, `extension`, `support`, ...), id, type and day."""

    part: str
    source: str
    id: str
    type: str
    date: datetime.date
    recorded: datetime.date


@frozen(weakref_slot=False)
class Computation:
    """How a due day came about: `start` is day 0, `span` what was counted from it, `restarted` when it began anew."""

    start: date | None
    span: str | None
    provisional: bool = False
    restarted: tuple[date, ...] = ()
    moved_from: date | None = None


@frozen(weakref_slot=False)
class Note:
    """Something the answer rests on that is no rule: a code of the findings, and whom or what it is about."""

    code: str
    about: str


@frozen(weakref_slot=False)
class Because:
    """The reasons of an answer.

    `answers` is the clause that makes the post answer for its body, None where the pack chose it. `path` holds the
    dated facts of the organization that were used, `breach` the id of the earlier obligation that was breached.
    """

    rule: str
    clause: Clause
    events: tuple[Cause, ...] = ()
    path: tuple[Fact, ...] = ()
    parameters: tuple[Use, ...] = ()
    computation: Computation | None = None
    answers: Clause | None = None
    notes: tuple[Note, ...] = ()
    breach: str | None = None


@reasoned
@frozen(weakref_slot=False)
class Obligation(Reasoned):
    """Somebody must do something by a day.

    `unit` is the body, `post` the id of the post that answers for it and `person` its holder (on the day asked, or on
    the day of the act); `to` is the id of the counterparty. `due` is inclusive: overdue begins the next day. `opened`
    is the day of the triggering fact, `known` the day on which it was known. `outcome` says how it was performed.
    """

    id: str
    rule: str
    clause: Clause
    title: Mapping[str, str]
    act: str
    unit: Unit | None
    post: str | None
    person: str | None
    to: str | None
    case: str | None
    period: str | None
    round: int
    opened: date
    known: date
    due: date | None
    provisional: bool
    status: str
    performed: date | None
    outcome: str | None
    blocked_by: tuple[str, ...]
    because: Because

    @property
    def live(self) -> bool:
        """Tell whether it is still owed."""
        return self.status in LIVE


@reasoned
@frozen(weakref_slot=False)
class Escalation(Reasoned):
    """A breach, a vacancy or too many returns, brought before the superior on the day `day`."""

    id: str
    reason: str
    from_unit: str
    to_unit: str
    to_post: str | None
    to_person: str | None
    clause: Clause
    day: date
    obligation: str | None
    because: Because


@reasoned
@frozen(weakref_slot=False)
class Liability(Reasoned):
    """A candidate for a human decision, never a verdict.

    `at` is the first overdue day, or the day of the finding. `decided` is what people decided: ``confirmed``,
    ``not_held``, or None while nobody has.
    """

    id: str
    person: str | None
    post: str
    clause: Clause
    at: date
    obligation: str | None
    because: Because
    decided: str | None = None
    decided_by: str | None = None
    document: str | None = None
    level: str = "candidate"


@frozen(weakref_slot=False)
class Finding:
    """Something people should know; `about` is the id it is about, `rests_on` the duty, `detail` fills its text."""

    code: str
    about: str
    grade: str
    rests_on: str | None = None
    case: str | None = None
    unit: str | None = None
    day: date | None = None
    detail: Mapping[str, str] = field(factory=dict)


@reasoned
@frozen(weakref_slot=False)
class Rating(Reasoned):
    """The rating of a unit by a score: `result` is the name of the band, ``undetermined`` or ``not_rated``.

    `clause` is that of the band, or of the scale where no band was found. `score` is the one that was compared with the
    bands: capped, and rounded where that is chosen; `given` the one that was told.
    """

    id: str
    scale: str
    unit: str | None
    event: str
    date: datetime.date
    given: Decimal
    score: Decimal
    veto: bool
    result: str
    title: Mapping[str, str]
    clause: Clause
    because: Because


@frozen(weakref_slot=False)
class Led:
    """Who leads and who guides a unit on the day asked, as its recorded grounds say; `guide` is None where nobody does."""

    unit: str
    lead: str
    guide: str | None
    clause: Clause
    because: Because


@frozen(weakref_slot=False)
class EventAnswer:
    """What became of an event: fired, performed, no_effect, no_rule, orphan, cannot_tell or refused, and why."""

    source: str
    id: str
    type: str
    result: str
    detail: str = ""


@frozen(weakref_slot=False)
class Assessment:
    """The whole answer as of a day, on what was known on a day; every list is in a fixed order."""

    as_of: date
    known_as_of: date
    obligations: tuple[Obligation, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    liabilities: tuple[Liability, ...] = ()
    findings: tuple[Finding, ...] = ()
    events: tuple[EventAnswer, ...] = ()
    ratings: tuple[Rating, ...] = ()
    relations: tuple[Led, ...] = ()


converter = cattrs.Converter(omit_if_default=False)
converter.register_unstructure_hook(date, lambda d: None if d in (BEGINNING, FOREVER) else d.isoformat())
converter.register_unstructure_hook(Span, str)
converter.register_unstructure_hook(Decimal, str)


def to_data(answer: Any) -> Any:
    """Return any answer as plain data that `json.dumps` takes: days as ISO text, open ends as None."""
    return converter.unstructure(answer)
