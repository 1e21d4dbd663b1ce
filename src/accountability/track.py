"""What a fold keeps: the scene of an assessment, the matter of a key, and the tracks of its duties."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import define, field

from .calendar import Period
from .chain import Chain
from .event import Event
from .organization import Organization
from .parameters import Parameters, Use
from .policy import Policy
from .rule import Duty, Rule
from .view import View

if TYPE_CHECKING:
    from .bearer import Bearer, Bearing
    from .breach import WayUp
    from .due import Deadline
    from .organization_facts import Fact
    from .organization_live import LiveOrganization


Owner = tuple[str, ...]
"""Whose answer is worked out: the key of a fold; ``event``, source and id; ``vacancy``, its post and first day."""


@define(eq=False)
class Lasting:
    """An answer of the organization that is the same from `since` to `until`, and the dated facts used for it.

    `readers` are those who used it.
    """

    since: date
    until: date
    value: Any
    facts: tuple[Fact, ...]
    readers: set[Owner]


def _addressee(view: View, unit: str) -> tuple[str | None, str | None]:
    """Return the post meant by a unit named without one, and its holder."""
    post = view.responsible_post(unit)
    return (post.id, view.holder(post.id)) if post is not None else (None, None)


_ANSWERS: dict[str, Callable[[View, str], Any]] = {
    "superior": lambda view, unit: view.superior(unit),
    "addressee": _addressee,
    "holder": lambda view, post: view.holder(post),
}


@define(eq=False)
class Scene:
    """All that an assessment is a function of, but the events: the law, the values, the organization, the day.

    `asked` collects the ids of the units, posts and persons that a view was asked about. What is the same for many
    duties is worked out once: `bearings` holds who bears a duty of a rule from a place, `deadlines` its due days, `ways`
    where its breach goes.
    `owner` is whose answer is being worked out: it is remembered as a reader of what is shared. `changed` and `told` are
    the tracks and events about which a fold says something else, until the evaluation takes them over.
    """

    policy: Policy
    parameters: Parameters
    organization: Organization | LiveOrganization
    as_of: date
    owner: Owner = ()
    asked: set[str] = field(factory=set)
    changed: dict[str, None] = field(factory=dict)
    told: dict[tuple[str, str], None] = field(factory=dict)
    bearings: dict[tuple[str, ...], Bearing] = field(factory=dict)
    deadlines: dict[tuple[object, ...], Deadline] = field(factory=dict)
    ways: dict[tuple[str, ...], WayUp] = field(factory=dict)
    _lasting: dict[tuple[str, ...], Lasting] = field(factory=dict, init=False)
    _readers: dict[tuple[str, ...], set[Owner]] = field(factory=dict, init=False)
    _going: dict[tuple[str, ...], list[Bearing]] = field(factory=dict, init=False)
    _about: dict[str, set[tuple[str, ...]]] = field(factory=dict, init=False)
    _edges: list[date] = field(init=False)
    _uses: dict[tuple[str, int], Use | None] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        given = self.parameters.values
        edges = {v.from_ for v in given} | {v.to + timedelta(1) for v in given if v.to is not None and v.to < date.max}
        self._edges = sorted(day for day in edges if day is not None)

    @property
    def edges(self) -> list[date]:
        """The days on which a parameter takes another value."""
        return self._edges

    def share(self, key: tuple[str, ...], names: Iterable[str]) -> None:
        """Note that what is shared under the key rests on facts about these units, posts and persons."""
        for name in names:
            self._about.setdefault(name, set()).add(key)

    def readers(self, key: tuple[str, ...]) -> set[Owner]:
        """Return those who used what is shared under the key; whoever uses it is added."""
        return self._readers.setdefault(key, set())

    def use_way(self, key: tuple[str, ...], bearing: Bearing) -> None:
        """Note that all who use the bearing, also those still to come, use the way up that is shared under the key."""
        self._going.setdefault(key, []).append(bearing)

    def lasting(self, kind: str, name: str, day: date) -> Lasting:
        """Return an answer of the organization on a day: the ``superior`` or ``addressee`` of a unit, a post's ``holder``."""
        found = self._lasting.get((kind, name))
        if found is not None and found.since <= day <= found.until:
            found.readers.add(self.owner)
            return found
        return self.lasting_as((kind, name), day, lambda view: _ANSWERS[kind](view, name))

    def lasting_as(self, key: tuple[str, ...], day: date, answer: Callable[[View], Any]) -> Lasting:
        """Return what is answered under the key on a day; it is asked of a view only when it is not known already."""
        found = self._lasting.get(key)
        if found is None or not found.since <= day <= found.until:
            view = View(self.organization, day)
            value = answer(view)
            found = self._lasting[key] = Lasting(day, view.until, value, tuple(view.facts), self.readers(key))
            self.share(key, view.asked)
        found.readers.add(self.owner)
        return found

    def forget(self, names: Iterable[str]) -> set[Owner]:
        """Forget what rests on facts about these units, posts and persons; return who used it."""
        owners: set[Owner] = set()
        for name in names:
            for key in self._about.pop(name, ()):
                self.bearings.pop(key, None)
                self._lasting.pop(key, None)
                self.ways.pop(key, None)
                for bearing in self._going.pop(key, ()):
                    owners |= bearing.readers
                    bearing.way = None
                owners |= self._readers.pop(key, set())
        return owners

    def view(self, day: date) -> View:
        """Return the organization on a day."""
        return View(self.organization, day, self.asked)

    def epoch(self, day: date) -> int:
        """Return a number that is the same for days on which all parameters have the same values."""
        return bisect_right(self._edges, day) if self._edges else 0

    def same_since(self, day: date) -> date:
        """Return the first day from which on all parameters have the values that they have on the day."""
        place = self.epoch(day)
        return self._edges[place - 1] if place else date.min

    def same_until(self, day: date) -> date:
        """Return the last day up to which all parameters have the values that they have on the day."""
        place = self.epoch(day)
        return self._edges[place] - timedelta(1) if place < len(self._edges) else date.max

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

    def chain(self, matter: Matter) -> Chain:
        """Return the chain that a case goes."""
        return self.policy.chain(matter.opener.type if matter.opener is not None else None)

    def chosen(self, rule: Rule, day: date) -> tuple[Use, ...]:
        """Return the choices under which the rule stands, as they are on the day."""
        return tuple(self.choice(name, day) for name, _ in rule.chosen) if rule.chosen else ()

    def is_chosen(self, rule: Rule, day: date) -> bool:
        """Tell whether the choices under which the rule stands have its values on the day."""
        return not rule.chosen or all(self.choice(name, day).value == value for name, value in rule.chosen)

    def stands(self, rule: Rule, day: date) -> bool:
        """Tell whether the rule is in force on the day, and its choices have the values that it asks for."""
        return self.policy.applies(rule.clause, day) and self.is_chosen(rule, day)


_NOBODY: Mapping[str, date] = MappingProxyType({})


@define(eq=False)
class Matter:
    """What is known of one key: a case, or whatever else a duty is counted per.

    `recused` holds the persons who must stand aside, each with the first day; the person concerned from the beginning.
    `designated` holds the events by which conveners were designated. `plain` tells, once it is known, that nobody who
    holds anything stands aside and that nobody was designated. `contact` is the unit of a contact point.
    """

    key: str
    opened: date
    known: date
    case: str | None = None
    opener: Event | None = None
    person: str | None = None
    recused: Mapping[str, date] = _NOBODY
    _recusals: tuple[Event, ...] = ()
    designated: tuple[Event, ...] = ()
    ended: date | None = None
    plain: bool | None = None
    contact: str | None = None

    def recuse(self, person: str, since: date, event: Event) -> None:
        """Let a person stand aside from a day on, for what the event says."""
        since = min(since, self.recused.get(person, since))
        self.recused = {**self.recused, person: since} if self.recused else {person: since}
        if event is not self.opener:
            self._recusals = (*self._recusals, event)

    @property
    def recusals(self) -> tuple[Event, ...]:
        """The events by which persons stand aside."""
        opener = self.opener
        return self._recusals if opener is None or opener.get("person") is None else (opener, *self._recusals)

    def recused_on(self, day: date) -> frozenset[str]:
        """Return the persons who must stand aside on the day."""
        return frozenset(person for person, since in self.recused.items() if since <= day)


@define(eq=False)
class Track:
    """One obligation while its key is folded: what opened it, what performed or ended it.

    `start` is where its walks begin: a type (`person`, `unit`, `post`) and an id. `post` is the very post on which a
    recurring duty falls. `stand_in` is the unit that takes the
    place of a missing level; `uses` are the choices by which it was opened; `missing` names the choice or fact without
    which it is undetermined. `serves` is the duty for which a convener must be designated. `line` (who bore it so far)
    and `due` are worked out once; with a `bearing` nothing more is to be said about them. `home` is the key of its fold.
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
    line: list[Bearer] | None = None
    due: Deadline | None = None
    bearing: Bearing | None = None
    home: Owner = ()

    def forget(self) -> None:
        """Have worked out anew who bears it and its due day."""
        self.line = self.due = self.bearing = None

    @property
    def own_post(self) -> str | None:
        """The very post that bears: the one on which the duty falls, or the one that its bearer names alone."""
        walk = self.rule.bearer
        if self.post is not None or self.start is None or self.start[0] != "post":
            return self.post
        return self.start[1] if walk.is_alone_at(walk.start) else None

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
