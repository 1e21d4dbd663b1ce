"""The facts of an organization while events change them: each change is made, or taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, TypeVar

from attrs import evolve

from .errors import OrganizationError, nearest, quoted
from .organization import Organization
from .organization_facts import Fact, Ground, Membership, Post, Relation, Unit

SUPERIOR = ("leads", "organ_of")
"""The kinds of relation that give a unit its superior."""

BODIES = {"local": "party_relation", "line": "business_relation"}
"""The bodies that may lead or guide a unit, each with the relation of the unit whose ground is told with it."""

_DAY = timedelta(days=1)
_F = TypeVar("_F", bound=Fact)


class Draft:
    """The facts of an organization by what they are about, to be changed by one event after the other.

    Units and posts by id, tenures by post, memberships and absences by person; relations by kind and unit: the lower
    unit for those that give the superior, the unit that acts for another, else the target.
    What was put since the last `keep` can be taken back.
    """

    def __init__(self, organization: Organization) -> None:
        self.before = organization
        self.units = dict(organization.units)
        self.posts = dict(organization.posts)
        self.tenures = dict(organization._tenures)
        self.memberships = dict(organization._memberships)
        self.absences = dict(organization._absences)
        self.grounds: dict[str, tuple[Ground, ...]] = dict(organization._grounds)
        self.relations: dict[tuple[str, str], tuple[Relation, ...]] = {}
        for relation in organization.relations:
            self.relations[_home(relation)] = (*self.relations.get(_home(relation), ()), relation)
        self.kept: list[tuple[dict[Any, Any], Any, Any]] = []
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    def put(self, table: dict[Any, Any], key: Any, value: object) -> None:
        """Write the value at the key of one of the tables, or remove it where it is None."""
        self._undo.append((table, key, table.pop(key, None)))
        if value is not None:
            table[key] = value

    def keep(self) -> None:
        """Keep what was put; it can not be taken back any more. `kept` tells each table, key and value before."""
        first: dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]] = {}
        for table, key, old in self._undo:
            first.setdefault((id(table), key), (table, key, old))
        self.kept = list(first.values())
        self._undo.clear()

    def take_back(self, to: int = 0) -> None:
        """Take back what was put since the last `keep`, or since there were `to` entries of it."""
        while len(self._undo) > to:
            table, key, value = self._undo.pop()
            table.pop(key, None)
            if value is not None:
                table[key] = value

    @property
    def put_since(self) -> int:
        """How many entries were put since the last `keep`."""
        return len(self._undo)

    def organization(self) -> Organization:
        """Return the organization of these facts."""
        return evolve(
            self.before,
            units=self.units,
            posts=self.posts,
            tenures=_all(self.tenures),
            memberships=_all(self.memberships),
            absences=_all(self.absences),
            relations=_all(self.relations),
            grounds=_all(self.grounds),
        )

    def unit(self, name: str, day: date) -> Unit:
        """Return the unit, which must exist on the day."""
        unit = self.known_unit(name)
        if not unit.from_ <= day <= unit.to:
            raise OrganizationError(f"unit {quoted(name)} does not exist on {day}; correct the id or the day")
        return unit

    def known_unit(self, name: str) -> Unit:
        """Return the unit, which must be known."""
        if name not in self.units:
            hint = nearest(name, self.units) or "; add it or correct the id"
            raise OrganizationError(f"unit {quoted(name)} is not there{hint}")
        return self.units[name]

    def known_post(self, name: str, otherwise: str) -> Post:
        """Return the post, which must be known."""
        if name not in self.posts:
            raise OrganizationError(f"post {quoted(name)} is not there{nearest(name, self.posts) or otherwise}")
        return self.posts[name]

    def above(self, name: str, day: date) -> Iterator[str]:
        """Yield the superior, the superior of the superior, and so on to the top."""
        superior = self.superior(name, day)
        while superior is not None:
            yield superior
            superior = self.superior(superior, day)

    def lasting(self, name: str, day: date, without: Container[str] = ()) -> str | None:
        """Return the nearest unit above that stands on from the day, as of the day, else, at the top, as of the eve."""
        above = list(self.above(name, day)) or self.above(name, day - _DAY)
        return next((unit for unit in above if unit not in without and self.units[unit].to >= day), None)

    def superior(self, name: str, day: date) -> str | None:
        """Return the superior of the unit on the day, as `View.superior` does."""
        unit: str | None = name
        while unit is not None:
            for kind in SUPERIOR:
                for relation in self.relations.get((kind, unit), ()):
                    above = self.units[_above(relation)]
                    if relation.from_ <= day <= relation.to and above.from_ <= day <= above.to:
                        return above.id
            acting = (r.target for r in self.relations.get(("acts_for", unit), ()) if r.from_ <= day <= r.to)
            unit = min(acting, default=None)
        return None

    def begin(self, unit: Unit, superior: str | None) -> None:
        """Add a unit, and its superior from its first day on."""
        if unit.id in self.units:
            raise OrganizationError(f"unit {quoted(unit.id)} is there already; give the new unit another id")
        if unit.id in self.posts:
            raise OrganizationError(f"{quoted(unit.id)} is the id of a post; give the new unit another id")
        self.put(self.units, unit.id, unit)
        if superior is not None:
            self.lead(Relation("leads", superior, unit.id, unit.from_))

    def lead(self, new: Relation) -> None:
        """From its first day on let `new`, alone of its kind, give the unit its superior.

        The relation until then ends on the eve; `new` ends on the eve of the next one that is known already.
        """
        self.unit(new.source, new.from_)
        self.unit(new.target, new.from_)
        new, kept = fitted(new, self.relations.get(_home(new), ()))
        self.refuse_cycle(new)
        self.put(self.relations, _home(new), (*kept, new))

    def refuse_cycle(self, new: Relation) -> None:
        """Refuse a relation that would let its lower unit stand above itself on some day."""
        waiting, seen = [(_above(new), new.from_, new.to)], set[tuple[str, date, date]]()
        while waiting:
            unit, first, last = waiting.pop()
            if unit == _home(new)[1]:
                problem = f"a cycle on {first}: {quoted(_above(new))} stands under {quoted(unit)}"
                raise OrganizationError(f"the leading units would form {problem}; name another unit or day")
            for relation in (r for kind in (*SUPERIOR, "acts_for") for r in self.relations.get((kind, unit), ())):
                state = (_above(relation), max(first, relation.from_), min(last, relation.to))
                if state[1] <= state[2] and state not in seen:
                    seen.add(state)
                    waiting.append(state)

    def close(self, name: str, last: date, heir: str | None = None) -> None:
        """End the unit, its posts, tenures and relations on `last`; the units that it led pass to the heir, if any."""
        unit = self.unit(name, last)
        touched = [home for home, relations in self.relations.items() if any(name in _ends(r) for r in relations)]
        led = [(kind, lower) for kind, lower in touched if kind in SUPERIOR and lower not in (name, heir)]
        led = [home for home in led if name == (self.superior(home[1], last + _DAY) or self.superior(home[1], last))]
        for home in touched:
            self.put(self.relations, home, _ended(self.relations[home], last, lambda r: name in _ends(r)))
        for post in [post for post in self.posts.values() if post.unit == name]:
            self.put(self.posts, post.id, next(iter(_ended((post,), last)), None))
            tenures = _ended(self.tenures.get(post.id, ()), last) if post.id in self.posts else ()
            self.put(self.tenures, post.id, tenures)
        self.put(self.units, name, evolve(unit, to=last))
        if heir is not None:
            for kind, lower in (home for home in led if self.units[home[1]].to > last):
                source, target = (heir, lower) if kind == "leads" else (lower, heir)
                self.lead(Relation(kind, source, target, last + _DAY))
            for kind, lower in (home for home in touched if home[0] in BODIES and self.units[home[1]].to > last):
                if lower != heir and any(r.source == name and r.to == last for r in self.relations[kind, lower]):
                    self.attach(Relation(kind, heir, lower, last + _DAY))

    def members(self, unit: str, day: date) -> list[str]:
        """Return the persons who belong to the unit on the day."""
        standing = (m for m in _all(self.memberships) if m.unit == unit and m.from_ <= day <= m.to)
        return sorted({membership.person for membership in standing})

    def move_member(self, person: str, unit: str, first: date) -> None:
        """From `first` on let the person belong to the unit; the membership until then ends on the eve."""
        new, kept = fitted(Membership(person, unit, first), self.memberships.get(person, ()))
        self.put(self.memberships, person, (*kept, new))

    def end_member(self, person: str, last: date) -> None:
        """End the membership of the person that stands on `last`."""
        memberships = self.memberships[person]
        self.put(self.memberships, person, tuple(cut(m, last) if m.from_ <= last <= m.to else m for m in memberships))

    def attach(self, new: Relation) -> None:
        """From its first day on let `new` be the one relation of its kind of the unit, as `lead` does."""
        new, kept = fitted(new, self.relations.get(_home(new), ()))
        self.put(self.relations, _home(new), (*kept, new))

    def detach(self, kind: str, unit: str, last: date) -> None:
        """End the relation of the kind that the unit has."""
        self.put(self.relations, (kind, unit), _ended(self.relations.get((kind, unit), ()), last))

    def ground(self, new: Ground) -> None:
        """From its first day on let the relation of the unit rest on this ground."""
        all_ = self.grounds.get(new.unit, ())
        new, kept = fitted(new, (each for each in all_ if each.relation == new.relation))
        others = (each for each in all_ if each.relation != new.relation)
        self.put(self.grounds, new.unit, (*others, *kept, new))

    def relate(self, new: Relation) -> None:
        """Add a relation beside those that stand; refuse a succession that would lead back to the unit that ended."""
        heirs, seen = [new.source] if new.kind == "succeeds" else [], set[str]()
        while heirs:
            unit = heirs.pop()
            if unit == new.target:
                problem = f"would form a cycle: {quoted(new.source)} passed to {quoted(unit)} already"
                raise OrganizationError(f"the units that take over {problem}; name another unit")
            if unit not in seen:
                seen.add(unit)
                heirs += [relation.source for relation in self.relations.get(("succeeds", unit), ())]
        self.put(self.relations, _home(new), (*self.relations.get(_home(new), ()), new))


def _home(relation: Relation) -> tuple[str, str]:
    return relation.kind, relation.source if relation.kind in ("organ_of", "acts_for") else relation.target


def _above(relation: Relation) -> str:
    return relation.source if relation.kind == "leads" else relation.target


def _ends(relation: Relation) -> tuple[str, ...]:
    """Return the units without which the relation can not stand; a succession outlives them."""
    return (relation.source, relation.target) if relation.kind != "succeeds" else ()


def _all(table: dict[Any, tuple[_F, ...]]) -> tuple[_F, ...]:
    return tuple(fact for facts in table.values() for fact in facts)


def cut(fact: _F, last: date) -> _F:
    """Return the fact, ended on `last` where it would stand longer."""
    return evolve(fact, to=min(fact.to, last))


def _ended(facts: Iterable[_F], last: date, which: Callable[[_F], bool] = lambda _: True) -> tuple[_F, ...]:
    """Return the facts, those meant ended on `last`, without those that would begin after it."""
    return tuple(cut(f, last) if which(f) else f for f in facts if not which(f) or f.from_ <= last)


def fitted(new: _F, others: Iterable[_F]) -> tuple[_F, list[_F]]:
    """Return the new fact, and those that stay beside it: it ends the one before, and the one after ends it."""
    kept: list[_F] = []
    for other in others:
        if other.from_ > new.from_:
            new = cut(new, other.from_ - _DAY)
        elif other.from_ < new.from_:
            other = cut(other, new.from_ - _DAY)
        else:
            continue
        kept.append(other)
    return new, kept
