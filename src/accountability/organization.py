"""The dated organization: units, posts, who held which post when, memberships, committees and relations.

Every fact is dated ``from_``..``to``, both days inclusive; an open end is `BEGINNING` or `FOREVER`. The relations of
each kind are a networkx graph; persons, tenures, memberships and seats live beside them, for there are many more. An
`Organization` never changes: a change of it is a new one. It is asked through a `View` of one day, see `view`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen

from .errors import OrganizationError, nearest, quoted
from .organization_facts import (
    BEGINNING,
    Absence,
    Fact,
    Ground,
    Membership,
    Person,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
    in_order,
    order,
)
from .organization_tables import Charge, Competence, Entry, Grade, Layer, Power, Tables
from .plain import LIMITS, Limits
from .view import View

if TYPE_CHECKING:
    import networkx as nx

_F = TypeVar("_F", Unit, Post, Tenure, Membership, Seat, Absence, Relation, Ground)


def _grouped(facts: Iterable[_F], key: str) -> dict[str, tuple[_F, ...]]:
    groups: dict[str, list[_F]] = {}
    for fact in facts:
        name = getattr(fact, key)
        if name is not None:
            groups.setdefault(name, []).append(fact)
    return {name: in_order(items) for name, items in groups.items()}


@frozen(eq=False)
class Organization:
    """The organization as a set of dated facts; every contradiction in it is refused when it is built.

    Raises OrganizationError, naming the ids, for a fact that ends before it begins, an id used twice, an unknown end
    of a relation, a cycle of leading units, two leading units on one day, a unit that leads itself, an unknown slot,
    and overlapping tenures in one slot of a post.
    """

    units: Mapping[str, Unit] = field(factory=dict)
    posts: Mapping[str, Post] = field(factory=dict)
    tenures: tuple[Tenure, ...] = ()
    memberships: tuple[Membership, ...] = ()
    seats: tuple[Seat, ...] = ()
    absences: tuple[Absence, ...] = ()
    relations: tuple[Relation, ...] = ()
    persons: Mapping[str, Person] = field(factory=dict)
    tables: Tables = field(factory=Tables)
    grounds: tuple[Ground, ...] = ()
    _graphs: Mapping[str, nx.DiGraph[str]] = field(init=False, repr=False)
    _tenures: Mapping[str, tuple[Tenure, ...]] = field(init=False, repr=False)
    _held: Mapping[str, tuple[Tenure, ...]] = field(init=False, repr=False)
    _memberships: Mapping[str, tuple[Membership, ...]] = field(init=False, repr=False)
    _committees: Mapping[str, tuple[Seat, ...]] = field(init=False, repr=False)
    _seated: Mapping[str, tuple[Seat, ...]] = field(init=False, repr=False)
    _absences: Mapping[str, tuple[Absence, ...]] = field(init=False, repr=False)
    _posts: Mapping[str, tuple[Post, ...]] = field(init=False, repr=False)
    _grounds: Mapping[str, tuple[Ground, ...]] = field(init=False, repr=False)
    _belonging: dict[str, tuple[Membership, ...]] = field(factory=dict, init=False, repr=False)

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
        put("_grounds", _grouped(self.grounds, "unit"))
        self._check_facts()
        put("_graphs", self._relation_graphs())
        self._check_leading()
        self._check_succession()

    @classmethod
    def build(
        cls,
        *,
        units: Iterable[Unit] = (),
        posts: Iterable[Post] = (),
        persons: Iterable[Person] = (),
        duties: Iterable[Charge] = (),
        powers: Iterable[Power] = (),
        competence: Iterable[Competence] = (),
        layers: Iterable[Layer] = (),
        grades: Iterable[Grade] = (),
        **facts: Iterable[Fact],
    ) -> Organization:
        """Build an organization from facts in any order; ``tenures=``, ``memberships=``, ``seats=``, ``relations=``.

        Raises OrganizationError when an id is given twice or the facts contradict each other.
        """
        return cls(
            units=_by_id(units, "unit"),
            posts=_by_id(posts, "post"),
            persons=_by_id(persons, "person"),
            tables=Tables(tuple(duties), tuple(powers), tuple(competence), tuple(layers), tuple(grades)),
            **{name: tuple(items) for name, items in facts.items()},  # type: ignore[arg-type]  # attrs names them
        )

    @staticmethod
    def load(path: str | Path, limits: Limits = LIMITS) -> Organization:
        """Read an organization from a TOML or JSON file or a folder of CSV files; see `organization_file`."""
        from .organization_file import load_organization

        return load_organization(path, limits)

    def belonging(self, unit: str) -> tuple[Membership, ...]:
        """Return the memberships in the unit, of all days."""
        if not self._belonging and self.memberships:  # worked out when first asked for: there may be a million
            self._belonging.update(_grouped(self.memberships, "unit"))
        return self._belonging.get(unit, ())

    def on(self, day: date) -> View:
        """Return the organization as it stands on `day`."""
        return View(self, day)

    # -- checks ------------------------------------------------------------------------------------------------

    def _check_facts(self) -> None:
        for facts in (self.units.values(), self.posts.values(), self.tenures, self.memberships, self.seats,
                      self.absences, self.relations, self.tables.entries(), self.grounds):  # fmt: skip
            for fact in facts:
                if fact.to < fact.from_:
                    raise OrganizationError(
                        f"{_named(fact)} ends on {fact.to} before it begins on {fact.from_}; correct one of the days",
                        fact,
                    )
        for post in self.posts.values():
            self._known(post.unit, "unit", post)
            if post.id in self.units:
                raise OrganizationError(f"{quoted(post.id)} is the id of a unit and of a post; rename one", post)
        for tenure in self.tenures:
            self._known(tenure.post, "post", tenure)
        for membership in self.memberships:
            self._known(membership.unit, "unit", membership)
        for seat in self.seats:
            self._known(seat.unit, "unit", seat)
        for entry in self.tables.entries():
            if isinstance(entry, Power):
                self._known(entry.holder, "post", entry)
            elif not isinstance(entry, Charge):  # a duty whose bearer does not exist is what a check finds
                self._known(entry.unit, "unit", entry)
        for holders in self._tenures.values():
            _check_slots(holders)
        for grounds in self._grounds.values():
            self._known(grounds[0].unit, "unit", grounds[0])
            _check_grounds(grounds)

    def _known(self, name: str, what: str, fact: Fact | Entry) -> None:
        known: Mapping[str, object] = self.units if what == "unit" else self.posts
        if name not in known:
            hint = nearest(name, known) or "; add it or correct the id"
            raise OrganizationError(f"{_named(fact)} names the {what} {quoted(name)}, which is not there{hint}", fact)

    def _relation_graphs(self) -> dict[str, nx.DiGraph[str]]:
        import networkx as nx  # it takes longer to load than all the rest, and not every program builds an organization

        graphs: dict[str, nx.DiGraph[str]] = defaultdict(nx.DiGraph)
        for relation in sorted(self.relations, key=order):
            source, target = relation.source, relation.target
            if relation.kind != "contact":  # a leader is the contact of a unit
                self._known(source, "unit", relation)
            self._known(target, "unit", relation)
            if source == target:
                raise OrganizationError(
                    f"unit {quoted(source)} stands in the relation {quoted(relation.kind)} to itself; name another unit",
                    relation,
                )
            graph = graphs[relation.kind]
            if not graph.has_edge(source, target):
                graph.add_edge(source, target, facts=[])
            graph.edges[source, target]["facts"].append(relation)
        return dict(graphs)

    def _check_leading(self) -> None:
        """Refuse two leading units on one day, and a cycle that exists on one day; others are no cycle."""
        import networkx as nx

        upward = _grouped((r for r in self.relations if r.kind == "leads"), "target")
        organs = _grouped((r for r in self.relations if r.kind == "organ_of"), "source")
        for what, groups in (("leading units", upward), ("units whose organ it is", organs)):
            for unit, relations in groups.items():
                for earlier, later in pairwise(relations):
                    if later.from_ <= earlier.to:
                        both = f"{quoted(_above(earlier))} and {quoted(_above(later))}"
                        raise OrganizationError(
                            f"unit {quoted(unit)} has two {what}, {both}, {_since(later.from_)}; "
                            "end the first on the eve of the second or record the second as `guides`",
                            later,
                        )
        acting = _grouped((r for r in self.relations if r.kind == "acts_for"), "source")
        for unit, relations in (*organs.items(), *acting.items()):
            upward[unit] = (*upward.get(unit, ()), *relations)
        whole: nx.DiGraph[str] = nx.DiGraph((unit, _above(r)) for unit, relations in upward.items() for r in relations)
        for knot in nx.strongly_connected_components(whole):
            for relation in (r for unit in sorted(knot) if len(knot) > 1 for r in upward.get(unit, ())):
                if cycle := _cycle(relation, upward):
                    names = [quoted(unit) for unit in cycle]
                    names[4:-1] = ["…"] if len(names) > 6 else names[4:-1]
                    raise OrganizationError(
                        f"the leading units form a cycle {_since(relation.from_)}: {' leads '.join(names)}; "
                        "remove or end one of these relations",
                        relation,
                    )

    def _check_succession(self) -> None:
        """Refuse units that take over from one another in a circle: nobody would bear what they owe."""
        import networkx as nx

        graph = self._graphs.get("succeeds")
        for knot in nx.strongly_connected_components(graph) if graph is not None else ():
            if len(knot) > 1:
                first, *others = sorted(knot)
                taken = next(
                    r for r in self.relations if r.kind == "succeeds" and r.target == first and r.source in knot
                )
                names = " and ".join(map(quoted, [first, *others[:2]]))
                raise OrganizationError(
                    f"the units {names} take over from one another in a circle; remove one of these relations", taken
                )


def _cycle(start: Relation, upward: Mapping[str, tuple[Relation, ...]]) -> list[str]:
    """Return the units of the cycle that the relation closes on its first day, each leading the next, or none."""
    lowest, day = _below(start), start.from_
    leads = {_above(start): lowest}
    waiting = [_above(start)]
    while waiting and lowest not in leads:
        unit = waiting.pop()
        for relation in upward.get(unit, ()):
            if relation.from_ <= day <= relation.to and _above(relation) not in leads:
                leads[_above(relation)] = unit
                waiting.append(_above(relation))
    if lowest not in leads:
        return []
    cycle = [lowest, leads[lowest]]
    while cycle[-1] != lowest:
        cycle.append(leads[cycle[-1]])
    return cycle


def _since(day: date) -> str:
    return "from the beginning" if day == BEGINNING else f"on {day}"


def _below(relation: Relation) -> str:
    return relation.target if relation.kind == "leads" else relation.source


def _above(relation: Relation) -> str:
    return relation.source if relation.kind == "leads" else relation.target


_N = TypeVar("_N", Unit, Post, Person)


def _by_id(facts: Iterable[_N], what: str) -> dict[str, _N]:
    found: dict[str, _N] = {}
    for fact in facts:
        if fact.id in found:
            raise OrganizationError(f"{what} {quoted(fact.id)} is given twice; give each id once", fact)
        found[fact.id] = fact
    return found


def _named(fact: Fact | Entry) -> str:
    if isinstance(fact, Unit | Post):
        return f"{type(fact).__name__.lower()} {quoted(fact.id)}"
    if isinstance(fact, Relation):
        return f"relation `{fact.kind}` of {quoted(fact.source)} to {quoted(fact.target)}"
    if isinstance(fact, Charge | Power):
        return f"duty {quoted(fact.duty)}" if isinstance(fact, Charge) else f"power {quoted(fact.power)}"
    if isinstance(fact, Competence | Layer | Grade):
        return f"{type(fact).__name__.lower()} of {quoted(fact.unit)}"
    if isinstance(fact, Ground):
        return f"`{fact.relation}` of {quoted(fact.unit)}"
    return f"{type(fact).__name__.lower()} of {quoted(fact.person or 'nobody')}"


def _check_grounds(grounds: tuple[Ground, ...]) -> None:
    last: dict[str, Ground] = {}
    for ground in grounds:
        before = last.get(ground.relation)
        if before is not None and ground.from_ <= before.to:
            both = f"{quoted(before.ground)} and {quoted(ground.ground)}"
            problem = f"{_named(ground)} is {both} {_since(ground.from_)}"
            raise OrganizationError(f"{problem}; end the first on the eve of the second", ground)
        last[ground.relation] = ground


def _check_slots(tenures: tuple[Tenure, ...]) -> None:
    last: dict[tuple[bool, str], Tenure] = {}
    for tenure in tenures:
        if tenure.slot not in ("A", "B"):
            raise OrganizationError(f"{_named(tenure)} has the slot {quoted(tenure.slot)}; write `A` or `B`", tenure)
        before = last.get((tenure.acting, tenure.slot))
        if before is not None and tenure.from_ <= before.to:
            raise OrganizationError(
                f"post {quoted(tenure.post)} is held by {quoted(before.person)} and by {quoted(tenure.person)} "
                f"{_since(tenure.from_)}; end the first tenure on the eve of the second",
                tenure,
            )
        last[tenure.acting, tenure.slot] = tenure
