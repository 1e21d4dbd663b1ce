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
from .event import Event, EventType, FieldType
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

    The same set of events gives the same organization, in whatever order they are given.
    """
    refused: dict[tuple[str, str], str] = {}
    for event in sorted(events, key=lambda e: (e.date, _RANK[e.type], e.known, e.key)):
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
        raise OrganizationError(f"unit {quoted(name)} does not exist on {day}{nearest(name, organization.units)}")
    return unit


def _lead(organization: Organization, unit: str, superior: str, day: date) -> Organization:
    """From `day` on the unit is led by `superior`; the leading until then ends on the eve."""
    kept: list[Relation] = []
    end = FOREVER
    for relation in organization.relations:
        if relation.kind == "leads" and relation.target == unit:
            if relation.from_ > day:
                end = min(end, relation.from_ - _DAY)
            elif relation.from_ == day:
                continue
            elif relation.to >= day:
                relation = evolve(relation, to=day - _DAY)
        kept.append(relation)
    return evolve(organization, relations=(*kept, Relation("leads", superior, unit, day, end)))


def _close(organization: Organization, name: str, last: date, heir: str | None = None) -> Organization:
    """End the unit and its tenures on `last`; the units that it led pass to the heir, when there is one."""
    unit = _existing(organization, name, last)
    led = [u for u in organization.on(last).below(name) if organization.on(last).superior(u) == name]
    relations = tuple(
        evolve(r, to=last) if name in (r.source, r.target) and r.kind != "succeeds" and r.from_ <= last < r.to else r
        for r in organization.relations
    )
    tenures = tuple(
        evolve(t, to=last) if organization.posts[t.post].unit == name and t.from_ <= last < t.to else t
        for t in organization.tenures
        if not (organization.posts[t.post].unit == name and t.from_ > last)
    )
    posts = {p.id: evolve(p, to=last) if p.unit == name and p.to > last else p for p in organization.posts.values()}
    organization = evolve(
        organization,
        units={**organization.units, name: evolve(unit, to=last)},
        posts=posts,
        tenures=tenures,
        relations=relations,
    )
    if heir is not None:
        for each in led:
            organization = _lead(organization, each, heir, last + _DAY)
    return organization


def _succeed(organization: Organization, old: str, new: str, day: date) -> Organization:
    return evolve(organization, relations=(*organization.relations, Relation("succeeds", new, old, day)))


def _move_member(organization: Organization, person: str, unit: str | None, first: date) -> Organization:
    """From `first` on the person belongs to `unit`, or to none; an earlier membership ends on the eve."""
    kept: list[Membership] = []
    end = FOREVER
    for membership in organization.memberships:
        if membership.person == person:
            if membership.from_ > first:
                end = min(end, membership.from_ - _DAY)
            elif membership.from_ == first:
                continue
            elif membership.to >= first:
                membership = evolve(membership, to=first - _DAY)
        kept.append(membership)
    if unit is not None:
        kept.append(Membership(person, unit, first, end))
    return evolve(organization, memberships=tuple(kept))


def _members(organization: Organization, unit: str, day: date) -> list[str]:
    return sorted({m.person for m in organization.memberships if m.unit == unit and m.from_ <= day <= m.to})


def _created(organization: Organization, event: Event) -> Organization:
    unit = Unit(event.get("unit"), event.get("kind"), event.get("name", ""), event.get("subkind"), from_=event.date)
    organization = _begin_unit(organization, unit)
    superior = event.get("superior")
    return _lead(organization, unit.id, superior, event.date) if superior is not None else organization


def _merged(organization: Organization, event: Event) -> Organization:
    eve, into, units = event.date - _DAY, event.get("into"), event.get("units")
    first = _existing(organization, units[0], eve)
    superior = organization.on(eve).superior(units[0])
    if into not in organization.units:
        kind, name = event.get("kind", first.kind), event.get("name", "")
        organization = _begin_unit(organization, Unit(into, kind, name, first.subkind, from_=event.date))
        if superior is not None:
            organization = _lead(organization, into, superior, event.date)
    for unit in units:
        if unit == into:
            continue
        members = _members(organization, unit, eve)
        organization = _succeed(_close(organization, unit, eve, heir=into), unit, into, event.date)
        for person in members:
            organization = _move_member(organization, person, into, event.date)
    return organization


def _split(organization: Organization, event: Event) -> Organization:
    eve, name = event.date - _DAY, event.get("unit")
    old = _existing(organization, name, eve)
    superior = organization.on(eve).superior(name)
    destinations = dict(event.get("members") or {})
    unknown = sorted(set(destinations.values()) - set(event.get("into")))
    if unknown:
        raise OrganizationError(f"members pass to {quoted(unknown[0])}, which is none of the units that {quoted(name)} is split into")
    for unit in event.get("into"):
        if unit == name:
            raise OrganizationError(f"unit {quoted(name)} is split into itself; give each new unit an id of its own")
        if unit not in organization.units:
            organization = _begin_unit(organization, Unit(unit, old.kind, "", old.subkind, from_=event.date))
            if superior is not None:
                organization = _lead(organization, unit, superior, event.date)
        organization = _succeed(organization, name, unit, event.date)
    for person in _members(organization, name, eve):
        organization = _move_member(organization, person, destinations.get(person), event.date)
    return _close(organization, name, eve)


def _moved(organization: Organization, event: Event) -> Organization:
    _existing(organization, event.get("unit"), event.date)
    _existing(organization, event.get("to"), event.date)
    return _lead(organization, event.get("unit"), event.get("to"), event.date)


def _closed(organization: Organization, event: Event) -> Organization:
    return _close(organization, event.get("unit"), event.date)


def _related(organization: Organization, event: Event) -> Organization:
    kind, source, target = event.get("relation"), event.get("source"), event.get("target")
    if kind == "leads":
        return _lead(organization, target, source, event.date)
    relation = Relation(kind, source, target, event.date, FOREVER, event.get("matter"), event.get("ground"))
    return evolve(organization, relations=(*organization.relations, relation))


def _assumed(organization: Organization, event: Event) -> Organization:
    post, first = event.get("post"), event.date
    if post not in organization.posts:
        unit = event.get("unit")
        if unit is None:
            raise OrganizationError(f"post {quoted(post)} is not there{nearest(post, organization.posts)} Add `unit` to make the post")
        kind = event.get("kind", post.rpartition(".")[2])
        organization = evolve(organization, posts={**organization.posts, post: Post(post, unit, kind, from_=first)})
    new = Tenure(
        post, event.get("person"), first, FOREVER, event.get("part_time", False), event.get("acting", False), event.get("slot", "A")
    )
    kept: list[Tenure] = []
    for tenure in organization.tenures:
        if tenure.post == post and (tenure.acting, tenure.slot) == (new.acting, new.slot):
            if tenure.from_ > first:
                new = evolve(new, to=min(new.to, tenure.from_ - _DAY))
            elif tenure.from_ == first:
                continue
            elif tenure.to >= first:
                tenure = evolve(tenure, to=first - _DAY)
        elif tenure.post == post and tenure.acting and not new.acting and tenure.from_ < first <= tenure.to:
            tenure = evolve(tenure, to=first - _DAY)  # the new holder ends the acting time
        kept.append(tenure)
    return evolve(organization, tenures=(*kept, new))


def _vacated(organization: Organization, event: Event) -> Organization:
    post, person, last = event.get("post"), event.get("person"), event.date
    if post not in organization.posts:
        raise OrganizationError(f"post {quoted(post)} is not there{nearest(post, organization.posts)}")
    held = [t for t in organization.tenures if t.post == post and t.from_ <= last <= t.to and person in (None, t.person)]
    if not held:
        raise OrganizationError(f"post {quoted(post)} is not held by {quoted(person or 'anybody')} on {last}; correct the day or the person")
    tenures = tuple(evolve(t, to=last) if t in held else t for t in organization.tenures)
    return evolve(organization, tenures=tenures)


def _joined(organization: Organization, event: Event) -> Organization:
    _existing(organization, event.get("unit"), event.date)
    return _move_member(organization, event.get("person"), event.get("unit"), event.date)


def _transferred(organization: Organization, event: Event) -> Organization:
    _existing(organization, event.get("to"), event.date)
    return _move_member(organization, event.get("person"), event.get("to"), event.date)


def _left(organization: Organization, event: Event) -> Organization:
    return _move_member(organization, event.get("person"), None, event.date + _DAY)


def _absent(organization: Organization, event: Event) -> Organization:
    return evolve(organization, absences=(*organization.absences, Absence(event.get("person"), event.date)))


def _present(organization: Organization, event: Event) -> Organization:
    person, last = event.get("person"), event.date
    absences = tuple(evolve(a, to=last) if a.person == person and a.from_ <= last < a.to else a for a in organization.absences)
    return evolve(organization, absences=absences)


_CHANGES: dict[str, Callable[[Organization, Event], Organization]] = dict(
    zip(
        _FIELDS,
        (_created, _merged, _split, _moved, _related, _joined, _transferred, _assumed, _absent, _present, _vacated, _left, _closed),
        strict=True,
    )
)


