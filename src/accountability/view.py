"""The organization as it stands on one day: who leads whom, who holds which post, who belongs where.

A view remembers the facts that it used (for the reasons) and how long its answers hold (for the timeline of a duty).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .organization import Organization
    from .organization_facts import Fact, Post, Relation, Tenure, Unit
    from .organization_live import LiveOrganization
    from .organization_tables import Tables

_DAY = timedelta(days=1)
_F = TypeVar("_F", bound="Fact")


def members_of(unit: str) -> str:
    """Return the name under which the members of a unit are asked about: no unit, post or person is called so."""
    return f"members of {unit}"


class View:
    """The organization on one day.

    `until` is the last day on which the facts that bear on the answers given so far all stand as they do on `day`: so
    long every one of these answers is the same. `facts` are the dated facts used, in the order in which they were read.
    A relation, tenure or post stands only while the unit or post that it needs exists. `asked` collects the ids of the
    units, posts and persons asked about: while no fact about one of them changes, the answers stay the same.
    """

    __slots__ = ("_organization", "asked", "day", "facts", "until")

    def __init__(self, organization: Organization | LiveOrganization, day: date, asked: set[str] | None = None) -> None:
        self._organization = organization
        self.day = day
        self.until = date.max
        self.facts: dict[Fact, None] = {}
        self.asked: set[str] = set() if asked is None else asked

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

    def _relations(self, name: str, kind: str, *, of: str) -> list[Relation]:
        """Return the relations of the kind of which the unit is the ``source`` or the ``target``."""
        self.asked.add(name)
        graph = self._organization._graphs.get(kind)
        if graph is None or name not in graph:
            return []
        edges = graph.succ[name] if of == "source" else graph.pred[name]
        return self._standing(fact for data in edges.values() for fact in data["facts"])

    def unit(self, name: str) -> Unit | None:
        """Return the unit if it exists on the day."""
        self.asked.add(name)
        unit = self._organization.units.get(name)
        return unit if unit is not None and self._standing((unit,), used=False) else None

    def unit_ever(self, name: str) -> Unit | None:
        """Return the unit, whether or not it exists on the day: its kind does not change."""
        self.asked.add(name)
        return self._organization.units.get(name)

    def superior(self, name: str) -> str | None:
        """Return the id of the unit that leads this one, or of the unit whose organ it is, or None at the top."""
        for unit in self._acting_chain(name):
            for relation in self._relations(unit, "leads", of="target"):
                if self.unit(relation.source) is not None:
                    return relation.source
            for relation in self._relations(unit, "organ_of", of="source"):
                if self.unit(relation.target) is not None:
                    return relation.target
        return None

    def acted_for(self, name: str) -> str | None:
        """Return the unit for which this one acts: its posts, organs and superior stand for what this one lacks."""
        found = [r.target for r in self._relations(name, "acts_for", of="source") if self.unit(r.target) is not None]
        return min(found, default=None)

    def _acting_chain(self, name: str) -> Iterator[str]:
        """Yield the unit, the one for which it acts, the one for which that one acts, and so on."""
        unit: str | None = name
        while unit is not None:
            yield unit
            unit = self.acted_for(unit)

    def of_same_level(self, name: str) -> list[str]:
        """Return the units that are recorded to be of the same level, in the order of their ids."""
        found = {r.target for r in self._relations(name, "same_level", of="source")}
        found |= {r.source for r in self._relations(name, "same_level", of="target")}
        return sorted(found)

    def guide(self, name: str) -> str | None:
        """Return the id of the unit that guides this one, None when none does."""
        found = [r.source for r in self._relations(name, "guides", of="target") if self.unit(r.source) is not None]
        return min(found, default=None)

    def ground(self, unit: str, relation: str) -> str | None:
        """Return on what the party or the business relation of the unit rests, None where that is not recorded."""
        self.asked.add(unit)
        grounds = (each for each in self._organization._grounds.get(unit, ()) if each.relation == relation)
        return next((each.ground for each in self._standing(grounds)), None)

    def body(self, unit: str, kind: str) -> str | None:
        """Return the body of the place (``local``) or of the line to which the unit belongs; None where not just one."""
        found = [r.source for r in self._relations(unit, kind, of="target") if self.unit(r.source) is not None]
        return found[0] if len(found) == 1 else None

    def above(self, name: str) -> Iterator[str]:
        """Yield the superior, the superior of the superior, and so on to the top."""
        superior = self.superior(name)
        while superior is not None:
            yield superior
            superior = self.superior(superior)

    def below(self, name: str) -> Iterator[str]:
        """Yield every unit of which this one is the superior, directly or not: siblings together, ordered by id."""
        waiting = [name]
        while waiting:
            unit = waiting.pop()
            led = {relation.target for relation in self._relations(unit, "leads", of="source")}
            led |= {relation.source for relation in self._relations(unit, "organ_of", of="target")}
            siblings = [each for each in sorted(led) if self.unit(each) is not None and self.superior(each) == unit]
            yield from siblings
            waiting.extend(reversed(siblings))

    def organs(self, name: str) -> list[str]:
        """Return the organs of the unit, else those of the unit for which it acts, in the order of their ids."""
        for unit in self._acting_chain(name):
            if found := sorted(relation.source for relation in self._relations(unit, "organ_of", of="target")):
                return found
        return []

    def related(self, name: str, kind: str) -> list[str]:
        """Return the units to which this one stands in the relation `kind`, in the order of their ids."""
        return sorted({relation.target for relation in self._relations(name, kind, of="source")})

    def successors(self, name: str) -> list[Relation]:
        """Return the relations `succeeds` of the units that took over from this one, on or before the day."""
        relations = self._relations(name, "succeeds", of="target")
        return sorted(relations, key=lambda relation: (relation.from_, relation.source))

    def posts(self, unit: str, kind: str | None = None) -> list[Post]:
        """Return the posts of the unit (of one kind) on the day, in the order of their ids.

        A unit without posts that acts for another one has the posts of that one.
        """
        if self.unit(unit) is None:
            return []
        own = self._organization._posts
        bearer = next((each for each in self._acting_chain(unit) if each in own), unit)
        posts = [p for p in own.get(bearer, ()) if kind is None or p.kind == kind]
        return sorted(self._standing(posts, used=False), key=lambda post: post.id)

    def post(self, name: str) -> Post | None:
        """Return the post if it and its unit exist on the day."""
        self.asked.add(name)
        post = self._organization.posts.get(name)
        if post is None or not self._standing((post,), used=False):
            return None
        return post if self.unit(post.unit) is not None else None

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
        if self.post(post) is None:
            return None
        standing = sorted(self._standing(self._organization._tenures.get(post, ()), used=False), key=lambda t: t.slot)
        regular = [tenure for tenure in standing if not tenure.acting]
        chosen = next((tenure for tenure in standing if tenure.acting), None)
        if chosen is None and regular:
            chosen = regular[0]
            self.asked.add(chosen.person)
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
        self.asked.add(post)
        tenures = self._organization._tenures.get(post, ())
        self._standing(tenures, used=False)
        return max((t.to + _DAY for t in tenures if t.to < self.day), default=date.min)

    def titular(self, post: str) -> str | None:
        """Return the person to whom the post belongs on the day, absent or not; without one, who acts for it."""
        if self.post(post) is None:
            return None
        standing = self._standing(self._organization._tenures.get(post, ()), used=False)
        tenure = min(standing, key=lambda t: (t.acting, t.slot), default=None)
        return tenure.person if tenure is not None else None

    def members(self, unit: str) -> list[str]:
        """Return the persons who belong to the unit on the day, in the order of their ids."""
        self.asked.add(members_of(unit))
        if self.unit(unit) is None:
            return []
        return sorted({m.person for m in self._standing(self._organization.belonging(unit), used=False)})

    def unit_of(self, person: str) -> str | None:
        """Return the unit to which the person belongs on the day."""
        self.asked.add(person)
        standing = self._standing(self._organization._memberships.get(person, ()))
        return standing[-1].unit if standing else None

    def committee(self, unit: str) -> tuple[str, ...] | None:
        """Return the persons on the unit's committee: none when it is recorded to have none, None when not recorded."""
        self.asked.add(unit)
        seats = self._standing(self._organization._committees.get(unit, ()), used=False)
        return tuple(sorted({seat.person for seat in seats if seat.person is not None})) if seats else None

    def stands_in(self, person: str, unit: str) -> bool:
        """Tell whether the person holds a post of the unit or sits on its committee on the day."""
        self.asked.add(person)
        units = []
        for each in self._acting_chain(unit):
            units.append(each)
            if each in self._organization._posts:
                break
        return any(self._serves(person, each) for each in reversed(units))

    def _serves(self, person: str, unit: str) -> bool:
        posts = self._organization.posts
        held = [t for t in self._organization._held.get(person, ()) if posts[t.post].unit == unit]
        seated = [s for s in self._organization._seated.get(person, ()) if s.unit == unit]
        return bool(self._standing(held)) | bool(self._standing(seated))

    # -- what checks of the whole organization ask --------------------------------------------------------------------

    @property
    def tables(self) -> Tables:
        """The tables of the organization, with the entries of all days."""
        return self._organization.tables

    def units(self, kinds: Container[str] | None = None) -> list[Unit]:
        """Return the units (of these kinds) that exist on the day, in the order of their ids."""
        units = (unit for _, unit in sorted(self._organization.units.items()))
        return [unit for unit in units if unit.from_ <= self.day <= unit.to and (kinds is None or unit.kind in kinds)]

    def held(self, person: str) -> list[Tenure]:
        """Return the tenures of the person that stand on the day."""
        return [t for t in self._organization._held.get(person, ()) if t.from_ <= self.day <= t.to]

    def left(self, person: str) -> date | None:
        """Return the last day on which the person held a post, where that is over."""
        return max((t.to for t in self._organization._held.get(person, ()) if t.to < self.day), default=None)

    def with_members(self) -> set[str]:
        """Return the units to which somebody belongs on the day."""
        memberships = self._organization._memberships.values()
        return {m.unit for each in memberships for m in each if m.from_ <= self.day <= m.to}

    def targets(self, kind: str) -> dict[str, list[str]]:
        """Return who stands in the relation `kind` to each unit on the day, in the order of ids."""
        graph = self._organization._graphs.get(kind)
        found: dict[str, set[str]] = {}
        for source, target, data in graph.edges(data=True) if graph is not None else ():
            if any(fact.from_ <= self.day <= fact.to for fact in data["facts"]):
                found.setdefault(target, set()).add(source)
        return {target: sorted(sources) for target, sources in found.items()}
