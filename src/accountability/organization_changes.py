"""Changes of the organization told as events: assumed, vacated, merged, split, moved, transferred, also late.

The day of `post.vacated`, `member.left`, `unit.closed` and `absence.ended` is the last day of what ends; the day of
every other change is the first day of what begins. The order in which the events came never matters: they are applied
in the order of their days. A change that contradicts what stands is refused, with its reason, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from attrs import evolve

from .errors import OrganizationError, nearest, quoted
from .event import Event
from .event_type import EventType, FieldType
from .organization import FOREVER, Absence, Membership, Organization, Post, Relation, Tenure, Unit

_DAY = timedelta(days=1)

_FIELDS: dict[str, dict[str, str]] = {
    "unit.created": {"unit": "unit", "kind": "text", "name": "text?", "superior": "unit?", "subkind": "text?"},
    "unit.merged": {"units": "list of unit", "into": "unit", "kind": "text?", "name": "text?"},
    "unit.split": {"unit": "unit", "into": "list of unit", "members": "map?"},
    "unit.moved": {"unit": "unit", "to": "unit"},
    "relation.changed": {"relation": "text", "source": "unit", "target": "unit", "matter": "text?", "ground": "text?"},
    "member.joined": {"person": "person", "unit": "unit"},
    "member.transferred": {"person": "person", "from": "unit?", "to": "unit"},
    "post.assumed": {
        "post": "post",
        "person": "person",
        "unit": "unit?",
        "kind": "text?",
        "acting": "bool?",
        "part_time": "bool?",
        "slot": "text?",
    },
    "absence.started": {"person": "person"},
    "absence.ended": {"person": "person"},
    "post.vacated": {"post": "post", "person": "person?"},
    "member.left": {"person": "person", "unit": "unit?"},
    "unit.closed": {"unit": "unit"},
}
ORGANIZATION_EVENTS: dict[str, EventType] = {
    name: EventType(name=name, fields={key: FieldType.parse(type_) for key, type_ in fields.items()})
    for name, fields in _FIELDS.items()
}
"""The event types that change the organization, in the order in which those of one day apply."""

_RANK = {name: rank for rank, name in enumerate(_FIELDS)}


def changed(organization: Organization, events: Iterable[Event]) -> tuple[Organization, dict[tuple[str, str], str]]:
    """Return the organization after the events, and for each refused event (by source and id) the reason.

    The same set of events gives the same organization, in whatever order they are given. Events of other types change
    nothing.
    """
    refused: dict[tuple[str, str], str] = {}
    changes = (event for event in events if event.type in _CHANGES)
    for event in sorted(changes, key=lambda e: (e.date, _RANK[e.type], e.known, e.key)):
        try:
            organization = _CHANGES[event.type](organization, event)
        except OrganizationError as error:
            refused[event.key] = str(error)
    return organization, refused


def _begin_unit(organization: Organization, unit: Unit) -> Organization:
    if unit.id in organization.units:
        raise OrganizationError(f"unit {quoted(unit.id)} is there already; give the new unit another id")
    return evolve(organization, units={**organization.units, unit.id: unit})


def _existing(organization: Organization, name: str, day: date) -> Unit:
    unit = organization.on(day).unit(name)
    if unit is None:
        hint = "" if name in organization.units else nearest(name, organization.units)
        raise OrganizationError(f"unit {quoted(name)} does not exist on {day}{hint or '; correct the id or the day'}")
    return unit


def _lead(organization: Organization, new: Relation) -> Organization:
    """From its first day on, `new` alone of its kind (``leads``, ``organ_of``) gives the unit its superior.

    The relation until then ends on the eve; `new` ends on the eve of the next one that is known already.
    """
    below = "target" if new.kind == "leads" else "source"
    kept: list[Relation] = []
    for relation in organization.relations:
        if relation.kind == new.kind and getattr(relation, below) == getattr(new, below):
            if relation.from_ > new.from_:
                new = evolve(new, to=min(new.to, relation.from_ - _DAY))
            elif relation.from_ == new.from_:
                continue
            elif relation.to >= new.from_:
                relation = evolve(relation, to=new.from_ - _DAY)
        kept.append(relation)
    return evolve(organization, relations=(*kept, new))


def _close(organization: Organization, name: str, last: date, heir: str | None = None) -> Organization:
    """End the unit, its posts, tenures and relations on `last`; the units that it led pass to the heir, if any."""
    unit = _existing(organization, name, last)
    view = organization.on(last)
    organs = view.organs(name)
    led = [each for each in (*view.related(name, "leads"), *organs) if view.superior(each) == name and each != heir]
    posts = {
        post.id: evolve(post, to=min(post.to, last)) if post.unit == name else post
        for post in organization.posts.values()
        if post.unit != name or post.from_ <= last
    }
    tenures = tuple(
        evolve(tenure, to=min(tenure.to, last)) if posts[tenure.post].unit == name else tenure
        for tenure in organization.tenures
        if tenure.post in posts and (posts[tenure.post].unit != name or tenure.from_ <= last)
    )
    relations = tuple(
        evolve(relation, to=min(relation.to, last)) if _ends_with(relation, name) else relation
        for relation in organization.relations
        if not _ends_with(relation, name) or relation.from_ <= last
    )
    units = {**organization.units, name: evolve(unit, to=last)}
    organization = evolve(organization, units=units, posts=posts, tenures=tenures, relations=relations)
    if heir is not None:
        for each in dict.fromkeys(led):
            kind, source, target = ("organ_of", each, heir) if each in organs else ("leads", heir, each)
            organization = _lead(organization, Relation(kind, source, target, last + _DAY))
    return organization


def _ends_with(relation: Relation, unit: str) -> bool:
    return unit in (relation.source, relation.target) and relation.kind != "succeeds"


def _succeed(organization: Organization, old: str, new: str, day: date) -> Organization:
    return evolve(organization, relations=(*organization.relations, Relation("succeeds", new, old, day)))


def _move_member(organization: Organization, person: str, unit: str, first: date) -> Organization:
    """From `first` on the person belongs to `unit`; the membership until then ends on the eve."""
    new = Membership(person, unit, first)
    kept: list[Membership] = []
    for membership in organization.memberships:
        if membership.person == person:
            if membership.from_ > first:
                new = evolve(new, to=min(new.to, membership.from_ - _DAY))
            elif membership.from_ == first:
                continue
            elif membership.to >= first:
                membership = evolve(membership, to=first - _DAY)
        kept.append(membership)
    return evolve(organization, memberships=(*kept, new))


def _end_member(organization: Organization, person: str, last: date) -> Organization:
    memberships = tuple(
        evolve(m, to=last) if m.person == person and m.from_ <= last < m.to else m for m in organization.memberships
    )
    return evolve(organization, memberships=memberships)


def _members(organization: Organization, unit: str, day: date) -> list[str]:
    return sorted({m.person for m in organization.memberships if m.unit == unit and m.from_ <= day <= m.to})


def _created(organization: Organization, event: Event) -> Organization:
    unit = Unit(event.get("unit"), event.get("kind"), event.get("name", ""), event.get("subkind"), from_=event.date)
    organization = _begin_unit(organization, unit)
    superior = event.get("superior")
    if superior is None:
        return organization
    _existing(organization, superior, event.date)
    return _lead(organization, Relation("leads", superior, unit.id, event.date))


def _merged(organization: Organization, event: Event) -> Organization:
    eve, into, units = event.date - _DAY, event.get("into"), event.get("units")
    old = [_existing(organization, unit, eve) for unit in units]
    if not set(units) - {into}:
        raise OrganizationError(f"no unit is merged into {quoted(into)}; name in `units` those that end")
    is_new = into not in organization.units
    above = list(organization.on(eve).above(units[0] if is_new else into))
    superior = next((unit for unit in above if unit not in units), None)
    if is_new:
        kind, name = event.get("kind", old[0].kind), event.get("name", "")
        organization = _begin_unit(organization, Unit(into, kind, name, old[0].subkind, from_=event.date))
    _existing(organization, into, event.date)
    if superior is not None and (is_new or superior != above[0]):
        organization = _lead(organization, Relation("leads", superior, into, event.date))
    for unit in dict.fromkeys(units):
        if unit == into:
            continue
        members = _members(organization, unit, eve)
        organization = _succeed(_close(organization, unit, eve, heir=into), unit, into, event.date)
        for person in members:
            organization = _move_member(organization, person, into, event.date)
    return organization


def _split(organization: Organization, event: Event) -> Organization:
    eve, name, into = event.date - _DAY, event.get("unit"), event.get("into")
    old = _existing(organization, name, eve)
    superior = organization.on(eve).superior(name)
    destinations = dict(event.get("members") or {})
    unknown = [unit for unit in destinations.values() if unit not in into]
    if unknown:
        raise OrganizationError(
            f"members pass to {quoted(unknown[0])}, which is none of the units that {quoted(name)} is split into"
        )
    if name in into or not into:
        raise OrganizationError(f"unit {quoted(name)} is split into itself or nothing; give each new unit its own id")
    for unit in dict.fromkeys(into):
        if unit not in organization.units:
            organization = _begin_unit(organization, Unit(unit, old.kind, "", old.subkind, from_=event.date))
            if superior is not None:
                organization = _lead(organization, Relation("leads", superior, unit, event.date))
        _existing(organization, unit, event.date)
        organization = _succeed(organization, name, unit, event.date)
    for person in _members(organization, name, eve):
        if person in destinations:
            organization = _move_member(organization, person, destinations[person], event.date)
        else:
            organization = _end_member(organization, person, eve)
    return _close(organization, name, eve)


def _moved(organization: Organization, event: Event) -> Organization:
    _existing(organization, event.get("unit"), event.date)
    _existing(organization, event.get("to"), event.date)
    return _lead(organization, Relation("leads", event.get("to"), event.get("unit"), event.date))


def _closed(organization: Organization, event: Event) -> Organization:
    return _close(organization, event.get("unit"), event.date)


def _related(organization: Organization, event: Event) -> Organization:
    kind, source, target = event.get("relation"), event.get("source"), event.get("target")
    relation = Relation(kind, source, target, event.date, FOREVER, event.get("matter"), event.get("ground"))
    if kind in ("leads", "organ_of"):
        return _lead(organization, relation)
    return evolve(organization, relations=(*organization.relations, relation))


def _assumed(organization: Organization, event: Event) -> Organization:
    post, first = event.get("post"), event.date
    if post not in organization.posts:
        unit = event.get("unit")
        if unit is None:
            hint = nearest(post, organization.posts) or "; add `unit` to make the post"
            raise OrganizationError(f"post {quoted(post)} is not there{hint}")
        kind = event.get("kind", post.rpartition(".")[2])
        organization = evolve(organization, posts={**organization.posts, post: Post(post, unit, kind, from_=first)})
    _existing(organization, organization.posts[post].unit, first)
    if organization.on(first).post(post) is None:
        raise OrganizationError(f"post {quoted(post)} does not exist on {first}; correct the day or name another post")
    part_time, acting, slot = event.get("part_time", False), event.get("acting", False), event.get("slot", "A")
    new = Tenure(post, event.get("person"), first, FOREVER, part_time, acting, slot)
    kept: list[Tenure] = []
    for tenure in organization.tenures:
        if (tenure.post, tenure.slot) == (post, slot):
            is_same = tenure.acting == acting
            if tenure.from_ > first and (is_same or acting):  # a regular holder ends the acting time
                new = evolve(new, to=min(new.to, tenure.from_ - _DAY))
            elif is_same and tenure.from_ == first:
                continue
            elif tenure.from_ < first <= tenure.to and (is_same or tenure.acting):
                tenure = evolve(tenure, to=first - _DAY)
        kept.append(tenure)
    return evolve(organization, tenures=(*kept, new))


def _vacated(organization: Organization, event: Event) -> Organization:
    post, person, last = event.get("post"), event.get("person"), event.date
    if post not in organization.posts:
        hint = nearest(post, organization.posts) or "; correct the id"
        raise OrganizationError(f"post {quoted(post)} is not there{hint}")
    held = [
        tenure
        for tenure in organization.tenures
        if tenure.post == post and tenure.from_ <= last <= tenure.to and person in (None, tenure.person)
    ]
    if not held:
        who = quoted(person) if person is not None else "anybody"
        raise OrganizationError(f"post {quoted(post)} is not held by {who} on {last}; correct the day or the person")
    tenures = tuple(evolve(tenure, to=last) if tenure in held else tenure for tenure in organization.tenures)
    return evolve(organization, tenures=tenures)


def _joined(organization: Organization, event: Event) -> Organization:
    _existing(organization, event.get("unit"), event.date)
    return _move_member(organization, event.get("person"), event.get("unit"), event.date)


def _transferred(organization: Organization, event: Event) -> Organization:
    person, first = event.get("person"), event.date
    _existing(organization, event.get("to"), first)
    belongs = {
        m.unit for m in organization.memberships if m.person == person and m.from_ <= first and m.to >= first - _DAY
    }
    if event.get("from") is not None and belongs and event.get("from") not in belongs:
        raise OrganizationError(_no_member(person, event.get("from"), first))
    return _move_member(organization, person, event.get("to"), first)


def _left(organization: Organization, event: Event) -> Organization:
    person, last, unit = event.get("person"), event.date, event.get("unit")
    belongs = {m.unit for m in organization.memberships if m.person == person and m.from_ <= last <= m.to}
    if unit not in belongs if unit is not None else not belongs:
        raise OrganizationError(_no_member(person, unit, last))
    return _end_member(organization, person, last)


def _no_member(person: str, unit: str | None, day: date) -> str:
    where = f"to {quoted(unit)}" if unit is not None else "to any unit"
    return f"person {quoted(person)} does not belong {where} on {day}; correct the day, the person or the unit"


def _absent(organization: Organization, event: Event) -> Organization:
    return evolve(organization, absences=(*organization.absences, Absence(event.get("person"), event.date)))


def _present(organization: Organization, event: Event) -> Organization:
    person, last = event.get("person"), event.date
    if not any(a.person == person and a.from_ <= last <= a.to for a in organization.absences):
        raise OrganizationError(f"person {quoted(person)} is not absent on {last}; correct the day or the person")
    absences = tuple(
        evolve(a, to=last) if a.person == person and a.from_ <= last < a.to else a for a in organization.absences
    )
    return evolve(organization, absences=absences)


_CHANGES: dict[str, Callable[[Organization, Event], Organization]] = {
    "unit.created": _created,
    "unit.merged": _merged,
    "unit.split": _split,
    "unit.moved": _moved,
    "relation.changed": _related,
    "member.joined": _joined,
    "member.transferred": _transferred,
    "post.assumed": _assumed,
    "absence.started": _absent,
    "absence.ended": _present,
    "post.vacated": _vacated,
    "member.left": _left,
    "unit.closed": _closed,
}
