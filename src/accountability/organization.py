"""The dated organization: units, posts, who held which post when, memberships, committees and relations.

Every fact is dated ``from_``..``to``, both days inclusive; an open end is `BEGINNING` or `FOREVER`. Units, posts and
relations live in a networkx graph; persons, tenures, memberships and seats live beside it, for there are many more of
them. An `Organization` never changes: a change of it is a new one. It is asked through a `View` of one day, which
remembers the facts that it used (for the reasons) and how long its answers hold (for the timeline of a duty).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

import networkx as nx
from attrs import field, frozen

from .errors import OrganizationError, nearest, quoted

BEGINNING = date.min
FOREVER = date.max
_DAY = timedelta(days=1)

RELATIONS = ("leads", "guides", "organ_of", "acts_for", "same_level", "contact", "succeeds")


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


Fact = Unit | Post | Tenure | Membership | Seat | Absence | Relation
_F = TypeVar("_F", Unit, Post, Tenure, Membership, Seat, Absence, Relation)


def _grouped(facts: Iterable[_F], key: str) -> dict[str, tuple[_F, ...]]:
    groups: dict[str, list[_F]] = {}
    for fact in facts:
        name = getattr(fact, key)
        if name is not None:
            groups.setdefault(name, []).append(fact)
    return {name: tuple(sorted(items, key=lambda fact: fact.from_)) for name, items in groups.items()}


@frozen(eq=False)
class Organization:
    """The organization as a set of dated facts; every contradiction in it is refused when it is built.

    Raises OrganizationError, naming the ids, for a fact that ends before it begins, an id used twice, an unknown end
    of a relation, a cycle of leading units, two leading units on one day, a unit that leads itself, and overlapping
    tenures in one slot of a post.
    """

    units: Mapping[str, Unit] = field(factory=dict)
    posts: Mapping[str, Post] = field(factory=dict)
    tenures: tuple[Tenure, ...] = ()
    memberships: tuple[Membership, ...] = ()
    seats: tuple[Seat, ...] = ()
    absences: tuple[Absence, ...] = ()
    relations: tuple[Relation, ...] = ()
    persons: Mapping[str, Person] = field(factory=dict)
    _graph: nx.MultiDiGraph[str] = field(init=False, repr=False)
    _tenures: Mapping[str, tuple[Tenure, ...]] = field(init=False, repr=False)
    _held: Mapping[str, tuple[Tenure, ...]] = field(init=False, repr=False)
    _memberships: Mapping[str, tuple[Membership, ...]] = field(init=False, repr=False)
    _committees: Mapping[str, tuple[Seat, ...]] = field(init=False, repr=False)
    _seated: Mapping[str, tuple[Seat, ...]] = field(init=False, repr=False)
    _absences: Mapping[str, tuple[Absence, ...]] = field(init=False, repr=False)
    _posts: Mapping[str, tuple[Post, ...]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        put("_tenures", _grouped(self.tenures, "post"))
        put("_held", _grouped(self.tenures, "person"))
        put("_memberships", _grouped(self.memberships, "person"))
        put("_committees", _grouped(self.seats, "unit"))
        put("_seated", _grouped(self.seats, "person"))
        put("_absences", _grouped(self.absences, "person"))
        put("_posts", _grouped(self.posts.values(), "unit"))
        put("_graph", self._checked_graph())

    @classmethod
    def build(
        cls,
        *,
        units: Iterable[Unit] = (),
        posts: Iterable[Post] = (),
        persons: Iterable[Person] = (),
        **facts: Iterable[Fact],
    ) -> Organization:
        """Build an organization from facts in any order; ``tenures=``, ``memberships=``, ``seats=``, ``relations=``.

        Raises OrganizationError when an id is given twice or the facts contradict each other.
        """
        return cls(
            units=_by_id(units, "unit"),
            posts=_by_id(posts, "post"),
            persons=_by_id(persons, "person"),
            **{name: tuple(items) for name, items in facts.items()},  # type: ignore[arg-type]  # attrs names them
        )

    @staticmethod
    def load(path: str) -> Organization:
        """Read an organization from a TOML or JSON file; see `accountability.organization_file`."""
        from .organization_file import load_organization

        return load_organization(path)

    def on(self, day: date) -> View:
        """Return the organization as it stands on `day`."""
        return View(self, day)

    def known_ids(self) -> Iterator[str]:
        """Every id of a unit or post, for the nearest word in messages."""
        yield from self.units
        yield from self.posts

    # -- checks ------------------------------------------------------------------------------------------------

    def _checked_graph(self) -> nx.MultiDiGraph[str]:
        for facts in (self.units.values(), self.posts.values(), self.tenures, self.memberships, self.seats,
                      self.absences, self.relations):  # fmt: skip
            for fact in facts:
                if fact.to < fact.from_:
                    raise OrganizationError(f"{_named(fact)} ends on {fact.to} before it begins on {fact.from_}; swap the days")
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.add_nodes_from(self.units)
        for post in self.posts.values():
            self._known(post.unit, "unit", f"post {quoted(post.id)}")
            if post.id in self.units:
                raise OrganizationError(f"{quoted(post.id)} is the id of a unit and of a post; rename one")
            graph.add_edge(post.id, post.unit, "post_of", facts=(post,))
        for tenure in self.tenures:
            self._known(tenure.post, "post", f"the tenure of {quoted(tenure.person)}")
        for membership in self.memberships:
            self._known(membership.unit, "unit", f"the membership of {quoted(membership.person)}")
        for seat in self.seats:
            self._known(seat.unit, "unit", f"the committee seat of {quoted(seat.person)}")
        for relation in self.relations:
            if relation.kind != "contact":
                self._known(relation.source, "unit", f"relation {quoted(relation.kind)}")
            self._known(relation.target, "unit", f"relation {quoted(relation.kind)}")
            if relation.source == relation.target:
                raise OrganizationError(f"unit {quoted(relation.source)} stands in relation `{relation.kind}` to itself; name another unit")
            known = graph.get_edge_data(relation.source, relation.target, relation.kind, {"facts": ()})["facts"]
            graph.add_edge(relation.source, relation.target, relation.kind, facts=(*known, relation))
        for holders in self._tenures.values():
            _check_slots(holders)
        self._check_leading(graph)
        return graph

    def _known(self, name: str, what: str, where: str) -> None:
        known: Mapping[str, object] = self.units if what == "unit" else self.posts
        if name not in known:
            raise OrganizationError(f"{where} names {what} {quoted(name)}, which is not there{nearest(name, known)} Add it or correct the id")

    def _check_leading(self, graph: nx.MultiDiGraph[str]) -> None:
        upward: dict[str, list[Relation]] = {}
        for relation in self.relations:
            if relation.kind in ("leads", "organ_of"):
                upward.setdefault(_below(relation), []).append(relation)
        for unit, relations in upward.items():
            leads = sorted((r for r in relations if r.kind == "leads"), key=lambda r: r.from_)
            for earlier, later in zip(leads, leads[1:], strict=False):
                if later.from_ <= earlier.to:
                    raise OrganizationError(
                        f"unit {quoted(unit)} has two leading units, {quoted(earlier.source)} and {quoted(later.source)}, "
                        f"on {later.from_}; end the first or record the second as `guides`"
                    )
        both = nx.DiGraph((_below(r), _above(r)) for relations in upward.values() for r in relations)
        for knot in nx.strongly_connected_components(both):
            if len(knot) > 1:
                self._check_knot([r for unit in knot for r in upward.get(unit, ())])

    @staticmethod
    def _check_knot(relations: list[Relation]) -> None:
        """Refuse a cycle of leading units that exists on one day; one that never exists at once is no cycle."""
        for day in sorted({r.from_ for r in relations}):
            standing = nx.DiGraph((_below(r), _above(r)) for r in relations if r.from_ <= day <= r.to)
            try:
                cycle = nx.find_cycle(standing)
            except nx.NetworkXNoCycle:
                continue
            names = " leads ".join(quoted(above) for _, above in reversed(cycle))
            raise OrganizationError(f"the leading units form a cycle: {names} leads {quoted(cycle[-1][1])}; remove one of these relations")


def _below(relation: Relation) -> str:
    return relation.target if relation.kind == "leads" else relation.source


def _above(relation: Relation) -> str:
    return relation.source if relation.kind == "leads" else relation.target


_N = TypeVar("_N", Unit, Post, Person)


def _by_id(facts: Iterable[_N], what: str) -> dict[str, _N]:
    found: dict[str, _N] = {}
    for fact in facts:
        if fact.id in found:
            raise OrganizationError(f"{what} {quoted(fact.id)} is given twice; give each id once")
        found[fact.id] = fact
    return found


def _named(fact: Fact) -> str:
    if isinstance(fact, Unit | Post):
        return f"{type(fact).__name__.lower()} {quoted(fact.id)}"
    if isinstance(fact, Relation):
        return f"relation `{fact.kind}` of {quoted(fact.source)} to {quoted(fact.target)}"
    return f"{type(fact).__name__.lower()} of {quoted(fact.person)}"


def _check_slots(tenures: tuple[Tenure, ...]) -> None:
    last: dict[tuple[bool, str], Tenure] = {}
    for tenure in tenures:
        before = last.get((tenure.acting, tenure.slot))
        if before is not None and tenure.from_ <= before.to:
            raise OrganizationError(
                f"post {quoted(tenure.post)} is held by {quoted(before.person)} and by {quoted(tenure.person)} on {tenure.from_}; "
                "end the first tenure on the eve of the second"
            )
        last[tenure.acting, tenure.slot] = tenure


class View:
    """The organization on one day.

    `until` is the last day for which every answer given so far stays the same; `facts` are the dated facts used, in
    the order in which they were read.
    """

    __slots__ = ("_organization", "day", "facts", "until")

    def __init__(self, organization: Organization, day: date) -> None:
        self._organization = organization
        self.day = day
        self.until = FOREVER
        self.facts: dict[Fact, None] = {}

    def _standing(self, facts: Iterable[_F], used: bool = True) -> list[_F]:
        """Return the facts that stand on the day, and narrow `until` to the eve of the next change."""
        standing = []
        for fact in facts:
            if fact.from_ > self.day:
                self.until = min(self.until, fact.from_ - _DAY)
            elif fact.to >= self.day:
                self.until = min(self.until, fact.to)
                standing.append(fact)
                if used:
                    self.facts[fact] = None
        return standing

    def _relations(self, name: str, kind: str, upward: bool) -> list[Relation]:
        graph = self._organization._graph
        sides = graph.succ if upward else graph.pred
        facts = [fact for edges in sides[name].values() for key, data in edges.items() if key == kind for fact in data["facts"]]
        return self._standing(facts) if name in graph else []

    def unit(self, name: str) -> Unit | None:
        """Return the unit if it exists on the day."""
        unit = self._organization.units.get(name)
        return unit if unit is not None and self._standing((unit,), used=False) else None

    def superior(self, name: str) -> str | None:
        """Return the id of the unit that leads this one, or of the unit whose organ it is, or None at the top."""
        for relation in self._relations(name, "leads", upward=False):
            return relation.source
        for relation in self._relations(name, "organ_of", upward=True):
            return relation.target
        return None

    def above(self, name: str) -> Iterator[str]:
        """Yield the superior, the superior of the superior, and so on to the top."""
        superior = self.superior(name)
        while superior is not None:
            yield superior
            superior = self.superior(superior)

    def below(self, name: str) -> Iterator[str]:
        """Yield every unit of which this one is the superior, directly or not, in the order of their ids."""
        waiting = [name]
        while waiting:
            unit = waiting.pop()
            led = {r.target for r in self._relations(unit, "leads", upward=True)}
            led |= {r.source for r in self._relations(unit, "organ_of", upward=False)}
            led = {each for each in led if self.unit(each) is not None and self.superior(each) == unit}
            yield from sorted(led)
            waiting.extend(sorted(led, reverse=True))

    def organs(self, name: str) -> list[str]:
        """Return the organs of the unit, in the order of their ids."""
        return sorted(relation.source for relation in self._relations(name, "organ_of", upward=False))

    def related(self, name: str, kind: str) -> list[str]:
        """Return the units to which this one stands in the relation `kind`, in the order of their ids."""
        return sorted(relation.target for relation in self._relations(name, kind, upward=True))

    def successors(self, name: str) -> list[Relation]:
        """Return the relations `succeeds` of the units that took over from this one, on or before the day."""
        graph = self._organization._graph
        facts = [f for edges in graph.pred[name].values() for key, data in edges.items() if key == "succeeds" for f in data["facts"]]
        return sorted(self._standing(facts), key=lambda r: (r.from_, r.source))

    def posts(self, unit: str, kind: str | None = None) -> list[Post]:
        """Return the posts of the unit (of one kind), in the order of their ids."""
        posts = [p for p in self._organization._posts.get(unit, ()) if kind is None or p.kind == kind]
        return sorted(self._standing(posts, used=False), key=lambda post: post.id)

    def post(self, name: str) -> Post | None:
        """Return the post if it exists on the day."""
        post = self._organization.posts.get(name)
        return post if post is not None and self._standing((post,), used=False) else None

    def responsible_post(self, unit: str) -> Post | None:
        """Return the post meant by a unit named without one: its secretary, else its head."""
        posts = self.posts(unit)
        for post in posts:
            if post.kind == "secretary":
                return post
        for post in posts:
            if post.head or post.kind == "head":
                return post
        return None

    def tenure(self, post: str) -> Tenure | None:
        """Return the tenure of the one who bears for the post on the day: acting, else A, else B while A is absent."""
        standing = self._standing(self._organization._tenures.get(post, ()), used=False)
        regular = sorted((t for t in standing if not t.acting), key=lambda t: t.slot)
        chosen = next((t for t in standing if t.acting), None)
        if chosen is None and regular:
            chosen = regular[0]
            if len(regular) > 1 and self._standing(self._organization._absences.get(chosen.person, ())):
                chosen = regular[1]
        if chosen is not None:
            self.facts[chosen] = None
        return chosen

    def holder(self, post: str) -> str | None:
        """Return the person who bears for the post on the day, or None when it is vacant."""
        tenure = self.tenure(post)
        return tenure.person if tenure is not None else None

    def vacant_since(self, post: str) -> date:
        """Return the first day of the vacancy in which the day lies; `BEGINNING` when nobody held the post before."""
        ends = [t.to for t in self._organization._tenures.get(post, ()) if t.to < self.day]
        return max(ends) + _DAY if ends else BEGINNING

    def unit_of(self, person: str) -> str | None:
        """Return the unit to which the person belongs on the day."""
        standing = self._standing(self._organization._memberships.get(person, ()))
        return standing[-1].unit if standing else None

    def committee(self, unit: str) -> tuple[str, ...] | None:
        """Return the persons on the unit's committee; empty when it is recorded to have none; None when not recorded."""
        seats = self._standing(self._organization._committees.get(unit, ()), used=False)
        return tuple(sorted(seat.person for seat in seats if seat.person is not None)) if seats else None

    def stands_in(self, person: str, unit: str) -> bool:
        """Tell whether the person holds a post of the unit or sits on its committee on the day."""
        posts = self._organization.posts
        held = [t for t in self._organization._held.get(person, ()) if posts[t.post].unit == unit]
        seated = [s for s in self._organization._seated.get(person, ()) if s.unit == unit]
        return bool(self._standing(held)) | bool(self._standing(seated))
