"""What a fold keeps: the scene of an assessment, the matter of a key, and the tracks of its duties."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attrs import define, field

from .calendar import Period
from .event import Event
from .organization import Organization
from .parameters import Parameters, Use
from .policy import Policy
from .rule import Duty
from .view import View

if TYPE_CHECKING:
    from .bearer import Bearing
    from .due import Deadline
    from .organization_live import LiveOrganization


@define(eq=False)
class Scene:
    """All that an assessment is a function of, but the events: the law, the values, the organization, the day.

    `asked` collects the ids of the units, posts and persons that a view was asked about. What is the same for many
    duties is worked out once: `bearings` holds who bears a duty of a rule from a place, `deadlines` its due days.
    """

    policy: Policy
    parameters: Parameters
    organization: Organization | LiveOrganization
    as_of: date
    asked: set[str] = field(factory=set)
    bearings: dict[tuple[str, str, str], Bearing] = field(factory=dict)
    bearings_of: dict[str, set[tuple[str, str, str]]] = field(factory=dict)
    deadlines: dict[tuple[object, ...], Deadline] = field(factory=dict)
    _edges: list[date] = field(init=False)
    _uses: dict[tuple[str, int], Use | None] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        given = self.parameters.values
        edges = {v.from_ for v in given} | {v.to + timedelta(1) for v in given if v.to is not None and v.to < date.max}
        self._edges = sorted(day for day in edges if day is not None)

    def forget(self, names: set[str]) -> None:
        """Work out anew what rests on facts about these units, posts and persons."""
        for name in names:
            for key in self.bearings_of.pop(name, ()):
                self.bearings.pop(key, None)

    def view(self, day: date) -> View:
        """Return the organization on a day."""
        return View(self.organization, day, self.asked)

    def epoch(self, day: date) -> int:
        """Return a number that is the same for days on which all parameters have the same values."""
        return bisect_right(self._edges, day) if self._edges else 0

    def value(self, name: str, day: date) -> Use | None:
        """Return the parameter in force on the day, or None for a quantity that nobody has set."""
        key = name, self.epoch(day)
        if key not in self._uses:
            self._uses[key] = self.policy.value(name, day, self.parameters)
        return self._uses[key]

    def choice(self, name: str, day: date) -> Use:
        """Return a choice; there is always one, the host's, the pack's or the library's."""
        use = self.value(name, day)
        if use is None:
            raise LookupError(f"`{name}` is no choice")
        return use


@define(eq=False)
class Matter:
    """What is known of one key: a case, or whatever else a duty is counted per.

    `recused` holds the persons who must stand aside, each with the first day; the person concerned from the beginning.
    `recusals` and `designated` hold the events by which persons stand aside and conveners were designated.
    """

    key: str
    opened: date
    known: date
    case: str | None = None
    opener: Event | None = None
    person: str | None = None
    recused: dict[str, date] = field(factory=dict)
    recusals: list[Event] = field(factory=list)
    designated: list[Event] = field(factory=list)
    ended: date | None = None

    def recused_on(self, day: date) -> frozenset[str]:
        """Return the persons who must stand aside on the day."""
        return frozenset(person for person, since in self.recused.items() if since <= day)

    def changes(self) -> list[date]:
        """Return the days on which somebody was recused or designated."""
        return [*self.recused.values(), *(event.date for event in self.designated)]


@define(eq=False)
class Track:
    """One obligation while its key is folded: what opened it, what performed or ended it.

    `start` is where its walks begin: a type (`person`, `unit`, `post`) and an id. `post` is the very post on which a
    recurring duty falls. `stand_in` is the unit that takes the
    place of a missing level; `uses` are the choices by which it was opened; `missing` names the choice or fact without
    which it is undetermined. `serves` is the duty for which a convener must be designated.
    """

    rule: Duty
    id: str
    matter: Matter
    opened: date
    known: date
    trigger: Event | None
    start: tuple[str, str] | None
    round: int = 1
    period: Period | None = None
    end_of_period: date | None = None
    post: str | None = None
    stand_in: str | None = None
    uses: tuple[Use, ...] = ()
    missing: str | None = None
    serves: Track | None = None
    act: Event | None = None
    performed: date | None = None
    outcome: str | None = None
    ended: date | None = None
    ended_by: Event | None = None
    partial_acts: list[Event] = field(factory=list)

    @property
    def live(self) -> bool:
        """Tell whether it is neither performed nor ended."""
        return self.performed is None and self.ended is None

    @property
    def last(self) -> date | None:
        """The day on which it was performed or ended."""
        return self.performed or self.ended

    def perform(self, event: Event, outcome: str | None) -> None:
        """Record the act that performs it."""
        self.act, self.performed, self.outcome = event, event.date, outcome

    def end(self, event: Event | None, day: date) -> None:
        """End it without an act: the case ended, or what it served did."""
        self.ended, self.ended_by = day, event
