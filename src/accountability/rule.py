"""Rules: what the clauses say, as data. Frozen classes without behaviour beyond validation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from .calendar import Span
from .clause import Clause
from .condition import Condition
from .walk import RolePost, Walk

STAGES = ("convene", "submit", "rework", "review", "forward", "decide")
"""The stages of a chain, in its order: meet, submit, rework; review, forward; decide."""

CONVENING = ("convene", "submit", "rework")
BODIES = {
    "convene": "convene",
    "submit": "convene",
    "rework": "convene",
    "review": "review",
    "forward": "review",
    "decide": "decide",
}
"""For each stage the stage whose body acts in it: the branch, the reviewing body, the deciding body."""


Chosen = tuple[tuple[str, str], ...]
"""The choices, by name, under which a rule stands, each with the value that it must have."""


@frozen
class Pattern:
    """Which events: one of these types, and all conditions hold."""

    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()


@frozen
class Time:
    """A time as a rule gives it: a span from the text, a parameter, or a date field of the triggering event."""

    span: Span | None = None
    parameter: str | None = None
    field: str | None = None


@frozen
class Recurrence:
    """A duty that recurs: the period (or the parameter that names it), the periods picked, and how often in each.

    With the `anchor` ``last_act`` it is due a `span` (or the parameter that gives one) after the last act.
    """

    every: str | None = None
    span: Span | None = None
    parameter: str | None = None
    window: str | None = None
    picks: tuple[str, ...] = ()
    at_least: int | str = 1
    finished: bool = False
    anchor: str = "calendar"


@frozen
class Each:
    """On whom a recurring duty falls: the units of a kind (under one of another kind), or the posts of a kind in them.

    `post` is a kind of post, ``post`` any; `leader` keeps only members of the leadership. With `contact` it falls on each
    contact point of the holder of the post.
    """

    kind: str
    under: str | None = None
    post: str | None = None
    leader: bool = False
    contact: bool = False


@frozen
class Counter:
    """A number that events keep: `sets` tell it (each with the field that holds it), `ups` raise it by one, `downs` lower it.

    `per` is the field of these events that names whose number it is, and `type` the type of that field. It begins with
    `starts`, or is unknown until an event tells it.
    """

    name: str
    title: Mapping[str, str]
    per: str
    type: str
    sets: tuple[tuple[Pattern, str], ...] = ()
    ups: tuple[Pattern, ...] = ()
    downs: tuple[Pattern, ...] = ()
    starts: int | None = None

    def patterns(self) -> dict[str, Pattern]:
        """Return the patterns of its events, by the names under which a matcher knows them."""
        kinds = {"set": [pattern for pattern, _ in self.sets], "up": self.ups, "down": self.downs}
        return {f"count/{self.name}:{k}{n}": p for k, found in kinds.items() for n, p in enumerate(found)}


@frozen
class Share:
    """How many of the posts of a selection, below a unit, are as the conditions say, in per cent."""

    name: str
    title: Mapping[str, str]
    of: Each
    where: tuple[Condition, ...]


MEMBERS = "members"
"""The count that needs no declaration: how many persons belong to the unit."""


@frozen
class Keep:
    """A bound that must hold: a count, or a share, is at least or at most a number, or a parameter that gives it."""

    count: str | None = None
    share: str | None = None
    at_least: int | str | None = None
    at_most: int | str | None = None

    @property
    def number(self) -> int | str:
        """The number, or the name of its parameter."""
        found = self.at_least if self.at_least is not None else self.at_most
        assert found is not None
        return found


@frozen
class After:
    """What must be done first: that duty, of the bearer's unit or of each unit of a kind under it."""

    duty: str
    each: str | None = None


@frozen
class Repeated:
    """Only a trigger that is at least the `times`-th of its key within a span opens the duty."""

    times: int | str
    within: Time


@frozen
class With:
    """At the same time as another duty of the unit: `within` a tolerance after its act or, while undone, its due day."""

    duty: str
    within: Time


@frozen
class Duty:
    """Somebody must do something by a time.

    `on` (an event), `recurrence`, `keep` (a bound that fails) or nothing (opened by a return) say when it opens; `each` on
    whom a recurring or keeping duty falls, `where` what these must be on the day on which it opens; `bearer` and `to` are
    walks; `must` is the event that performs it (a keeping duty has none); `per` is what is counted. `missing` names the
    choice for a level that is missing; `without_committee` is the act that counts as `must` in a unit without a
    committee, where that is chosen. `parts` are what the act must name among its sections.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    act: str
    bearer: Walk
    must: Pattern
    per: str
    on: Pattern | None = None
    recurrence: Recurrence | None = None
    each: Each | None = None
    to: Walk | None = None
    within: Time | None = None
    by: str | None = None
    stage: str | None = None
    missing: str | None = None
    without_committee: Pattern | None = None
    after: After | None = None
    with_: With | None = None
    repeated: Repeated | None = None
    parts: tuple[str, ...] = ()
    adopted: bool = True
    chosen: Chosen = ()
    keep: Keep | None = None
    where: tuple[Condition, ...] = ()

    @property
    def time_parameter(self) -> str | None:
        """The parameter on which the due day rests, None when the law gives the time or a field of an event does."""
        if self.with_ is not None:
            return self.with_.within.parameter
        if self.by is not None:
            return None if self.by[:1].isdigit() else self.by
        if self.within is not None:
            return self.within.parameter
        return self.recurrence.parameter if self.recurrence is not None else None


@frozen
class Selector:
    """On which duties an escalation or a liability bears: one duty, or the bearers of a kind of post and of unit.

    `post` and `unit` are None for any; `superior` asks for a unit that has one.
    """

    duty: str | None = None
    post: str | None = None
    unit: str | None = None
    superior: bool = False

    @property
    def rank(self) -> int:
        """How specific it is: one duty 3, a kind of post in a kind of unit 2, a kind of unit 1, any 0."""
        if self.duty is not None:
            return 3
        return (self.unit is not None) + (self.unit is not None and self.post is not None)

    def selects(self, duty: str, post: str | None, unit: str, superior: bool) -> bool:
        """Tell whether a duty borne by that kind of post in that kind of unit (with a superior or not) is meant."""
        if self.duty is not None:
            return duty == self.duty
        return (
            (self.unit is None or self.unit == unit)
            and (self.post is None or self.post == post)
            and (superior or not self.superior)
        )


@frozen
class EscalationRule:
    """A breach goes `level` levels up from the bearer's unit after a wait; empty `reasons` match every reason."""

    id: str
    clause: Clause
    title: Mapping[str, str]
    of: Selector
    reasons: tuple[str, ...] = ()
    wait: Time = field(factory=lambda: Time(parameter="escalate_after"))
    level: int = 1
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class LiabilityRule:
    """Who is a candidate when such a duty is overdue (`of`), or such a finding event is known (`on`).

    `post` is a walk to another post than the bearer's, when the clause names one.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    of: Selector | None = None
    on: Pattern | None = None
    post: Walk | None = None
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class Role:
    """A name for whoever answers: the post, in the kind of unit `is_.unit`, that the clause makes answer for its body."""

    id: str
    clause: Clause
    title: Mapping[str, str]
    name: str
    is_: RolePost
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class Gate:
    """An event must rest on an earlier one about the same unit (`needs`), name certain `parts` among its sections, or
    itself be as `requires` says.

    The earlier event may be as old as `within`, and has the same values in the fields `same`. Without all that the event
    gives the `finding`; a gate never decides.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    on: Pattern
    finding: str
    needs: Pattern | None = None
    parts: tuple[str, ...] = ()
    requires: Pattern | None = None
    within: Time | None = None
    same: tuple[str, ...] = ()
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class Scale:
    """An event that gives a score: the decimal field or fields that are added up, and the field of a veto.

    The bands of the scale are rules of their own, each with its clause.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    on: Pattern
    score: tuple[str, ...]
    veto: str | None = None
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class Band:
    """A band of a scale as the text gives it: from `at_least` to `at_most`, both inclusive, None where it is open."""

    id: str
    clause: Clause
    title: Mapping[str, str]
    of: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class Lint:
    """A check of the library by name, on the organization of a day or, with `on`, on each event that it selects.

    `arguments` are those of the check, a list as a tuple. A check of the organization that reads events has them in `on`.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    check: str
    on: Pattern | None = None
    arguments: Mapping[str, Any] = field(factory=dict)
    adopted: bool = True
    chosen: Chosen = ()


@frozen
class RelationRule:
    """Who leads and who guides a unit whose recorded relations are as `when` says: ``local``, ``line`` or ``none``.

    `when` holds for each path (``party_relation``, ``business_relation``, ``local.kind``, ``line.kind``) the values of
    which it must have one.
    """

    id: str
    clause: Clause
    title: Mapping[str, str]
    when: tuple[tuple[str, tuple[str, ...]], ...]
    lead: str
    guide: str
    adopted: bool = True
    chosen: Chosen = ()


Rule = Duty | EscalationRule | LiabilityRule | Role | Gate | Scale | Band | Lint | RelationRule
