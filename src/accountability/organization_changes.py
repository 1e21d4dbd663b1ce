"""Changes of the organization told as events: assumed, vacated, merged, split, moved, transferred, also late.

The day of `post.vacated`, `member.left`, `unit.closed` and `absence.ended` is the last day of what ends; the day of
every other change is the first day of what begins. The order in which the events came never matters: they are applied
in the order of their days. A change that contradicts what stands is refused, with its reason, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from .errors import OrganizationError, quoted
from .event import Event
from .event_type import EventType, FieldType
from .organization import Organization
from .organization_draft import BODIES, SUPERIOR, Draft, cut, fitted
from .organization_facts import FOREVER, Absence, Ground, Post, Relation, Tenure, Unit

_DAY = timedelta(days=1)

_FIELDS: dict[str, dict[str, str]] = {
    "unit.created": {"unit": "unit", "kind": "text", "name": "text?", "superior": "unit?", "subkind": "text?"},
    "unit.merged": {"units": "list of unit", "into": "unit", "kind": "text?", "name": "text?"},
    "unit.split": {"unit": "unit", "into": "list of unit", "members": "map?"},
    "unit.moved": {"unit": "unit", "to": "unit"},
    "relation.changed": {"relation": "text", "from": "unit?", "to": "unit", "matter": "text?", "ground": "text?"},
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
_TITLES = {
    "unit.created": ("设立组织", "a unit is created"),
    "unit.merged": ("组织合并", "units are merged"),
    "unit.split": ("组织分立", "a unit is split"),
    "unit.moved": ("改变领导关系", "a unit comes under another one"),
    "relation.changed": ("组织关系变更", "a relation of units changes"),
    "member.joined": ("成员加入", "a member joins"),
    "member.transferred": ("转移组织关系", "a member is transferred"),
    "post.assumed": ("到任", "a post is assumed"),
    "absence.started": ("离岗", "a person is absent"),
    "absence.ended": ("返岗", "a person is back"),
    "post.vacated": ("离任", "a post is vacated"),
    "member.left": ("成员离开", "a member leaves"),
    "unit.closed": ("撤销组织", "a unit is closed"),
}
ORGANIZATION_EVENTS: dict[str, EventType] = {
    name: EventType(
        name,
        {key: FieldType.parse(type_) for key, type_ in fields.items()},
        dict(zip(("zh", "en"), _TITLES[name], strict=True)),
    )
    for name, fields in _FIELDS.items()
}
"""The event types that change the organization, in the order in which those of one day apply."""

_RANK = {name: rank for rank, name in enumerate(_FIELDS)}


def changed(organization: Organization, events: Iterable[Event]) -> tuple[Organization, dict[tuple[str, str], str]]:
    """Return the organization after the events, and for each refused event (by source and id) the reason.

    The same set of events gives the same organization, in whatever order they are given. Events of other types change
    nothing. The cost grows with the facts and the events, not with their product.
    """
    refused: dict[tuple[str, str], str] = {}
    changes = sorted((e for e in events if e.type in _CHANGES), key=change_order)
    draft = Draft(organization)
    for event in changes:
        refusal = apply_change(draft, event)
        if refusal is not None:
            refused[event.key] = refusal
    return draft.organization() if len(refused) < len(changes) else organization, refused


def change_order(event: Event) -> tuple[date, int, date, tuple[str, str]]:
    """Return where a change stands among all changes: by its day, and on one day by what it is."""
    return event.date, _RANK[event.type], event.known, event.key


def apply_change(draft: Draft, event: Event) -> str | None:
    """Apply one change to the draft; return the reason when it contradicts what stands, and then change nothing."""
    refusal = try_change(draft, event)
    if refusal is None:
        draft.keep()
    return refusal


def try_change(draft: Draft, event: Event) -> str | None:
    """Put one change into the draft, to be kept or taken back; return the reason when it contradicts what stands."""
    before = draft.put_since
    try:
        _CHANGES[event.type](draft, event)
    except OrganizationError as error:
        draft.take_back(before)
        return str(error)
    return None


def _created(draft: Draft, event: Event) -> None:
    unit = Unit(event.get("unit"), event.get("kind"), event.get("name", ""), event.get("subkind"), from_=event.date)
    draft.begin(unit, event.get("superior"))


def _merged(draft: Draft, event: Event) -> None:
    eve, into, units = event.date - _DAY, event.get("into"), event.get("units")
    old = [draft.unit(unit, eve) for unit in units]
    if not set(units) - {into}:
        raise OrganizationError(f"no unit is merged into {quoted(into)}; name in `units` those that end")
    is_new = into not in draft.units
    superior = draft.lasting(units[0] if is_new else into, event.date, without=units)
    if is_new:
        kind, name = event.get("kind", old[0].kind), event.get("name", "")
        draft.begin(Unit(into, kind, name, old[0].subkind, from_=event.date), superior)
    elif superior is not None and draft.superior(into, event.date) in units:
        draft.lead(Relation("leads", superior, into, event.date))
    draft.unit(into, event.date)
    for unit in dict.fromkeys(units):
        if unit == into:
            continue
        members = draft.members(unit, eve)
        draft.close(unit, eve, heir=into)
        draft.relate(Relation("succeeds", into, unit, event.date))
        for person in members:
            draft.move_member(person, into, event.date)


def _split(draft: Draft, event: Event) -> None:
    eve, name, into = event.date - _DAY, event.get("unit"), event.get("into")
    old = draft.unit(name, eve)
    superior = draft.lasting(name, event.date)
    destinations = dict(event.get("members") or {})
    unknown = [unit for unit in destinations.values() if unit not in into]
    if unknown:
        problem = f"which is none of the units that {quoted(name)} is split into"
        raise OrganizationError(f"members pass to {quoted(unknown[0])}, {problem}; correct `members` or `into`")
    if name in into or not into:
        raise OrganizationError(f"unit {quoted(name)} is split into itself or nothing; give each new unit its own id")
    for unit in dict.fromkeys(into):
        if unit not in draft.units:
            draft.begin(Unit(unit, old.kind, "", old.subkind, from_=event.date), superior)
        draft.unit(unit, event.date)
        draft.relate(Relation("succeeds", unit, name, event.date))
    for person in draft.members(name, eve):
        if person in destinations:
            draft.move_member(person, destinations[person], event.date)
        else:
            draft.end_member(person, eve)
    draft.close(name, eve)


def _moved(draft: Draft, event: Event) -> None:
    draft.lead(Relation("leads", event.get("to"), event.get("unit"), event.date))


def _closed(draft: Draft, event: Event) -> None:
    draft.close(event.get("unit"), event.date)


def _related(draft: Draft, event: Event) -> None:
    kind, source, target = event.get("relation"), event.get("from"), event.get("to")
    if kind in BODIES:
        _attached(draft, event, kind, source, target)
        return
    if source is None:
        raise OrganizationError(f"the relation {quoted(kind)} has no `from`; name who stands in it to {quoted(target)}")
    relation = Relation(kind, source, target, event.date, FOREVER, event.get("matter"), event.get("ground"))
    if kind in SUPERIOR:
        draft.lead(relation)
        return
    if kind != "contact":  # a leader is the contact of a unit
        draft.known_unit(source)
    draft.known_unit(target)
    if source == target:
        raise OrganizationError(f"unit {quoted(source)} can not be related to itself; name another unit")
    if kind == "acts_for":
        draft.refuse_cycle(relation)
    draft.relate(relation)


def _attached(draft: Draft, event: Event, kind: str, body: str | None, unit: str) -> None:
    """Tell the local body or the body of the line of a unit, none where nobody is named, and the ground of the relation."""
    draft.unit(unit, event.date)
    if body == unit:
        raise OrganizationError(f"unit {quoted(unit)} can not be its own {kind} body; name another unit")
    if body is None:
        draft.detach(kind, unit, event.date - _DAY)
    else:
        draft.unit(body, event.date)
        draft.attach(Relation(kind, body, unit, event.date, FOREVER, event.get("matter")))
    if event.get("ground") is not None:
        draft.ground(Ground(unit, BODIES[kind], event.get("ground"), event.date))


def _assumed(draft: Draft, event: Event) -> None:
    name, first, unit, slot = event.get("post"), event.date, event.get("unit"), event.get("slot", "A")
    if name not in draft.posts and unit is not None:
        if name in draft.units:
            raise OrganizationError(f"{quoted(name)} is the id of a unit; give the new post another id")
        draft.put(draft.posts, name, Post(name, unit, event.get("kind", name.rpartition(".")[2]), from_=first))
    post = draft.known_post(name, "; add `unit` to make the post")
    draft.unit(post.unit, first)
    if not post.from_ <= first <= post.to:
        raise OrganizationError(f"post {quoted(name)} does not exist on {first}; correct the day or name another post")
    if slot not in ("A", "B"):
        raise OrganizationError(f"{quoted(slot)} is no slot of a post; write `A` or `B`")
    part_time, acting = event.get("part_time", False), event.get("acting", False)
    new = Tenure(name, event.get("person"), first, FOREVER, part_time, acting, slot)
    tenures = draft.tenures.get(name, ())
    new, kept = fitted(new, [t for t in tenures if (t.slot, t.acting) == (slot, acting)])
    for other in tenures:
        if other.slot == slot and other.acting != acting:  # a regular holder ends the acting time
            if acting and other.from_ > first:
                new = cut(new, other.from_ - _DAY)
            elif other.acting and other.from_ < first:
                other = cut(other, first - _DAY)
        if (other.slot, other.acting) != (slot, acting):
            kept.append(other)
    draft.put(draft.tenures, name, (*kept, new))


def _vacated(draft: Draft, event: Event) -> None:
    post, person, last = event.get("post"), event.get("person"), event.date
    draft.known_post(post, "; correct the id")
    tenures = draft.tenures.get(post, ())
    held = [tenure for tenure in tenures if tenure.from_ <= last <= tenure.to and person in (None, tenure.person)]
    if not held:
        who = quoted(person) if person is not None else "anybody"
        raise OrganizationError(f"post {quoted(post)} is not held by {who} on {last}; correct the day or the person")
    draft.put(draft.tenures, post, tuple(cut(tenure, last) if tenure in held else tenure for tenure in tenures))


def _joined(draft: Draft, event: Event) -> None:
    draft.unit(event.get("unit"), event.date)
    draft.move_member(event.get("person"), event.get("unit"), event.date)


def _transferred(draft: Draft, event: Event) -> None:
    person, first, left = event.get("person"), event.date, event.get("from")
    draft.unit(event.get("to"), first)
    memberships = draft.memberships.get(person, ())
    belongs = {m.unit for m in memberships if m.from_ <= first and m.to >= first - _DAY}
    if left is not None and belongs and left not in belongs:
        raise OrganizationError(_no_member(person, left, first))
    draft.move_member(person, event.get("to"), first)


def _left(draft: Draft, event: Event) -> None:
    person, last, unit = event.get("person"), event.date, event.get("unit")
    belongs = {m.unit for m in draft.memberships.get(person, ()) if m.from_ <= last <= m.to}
    if unit not in belongs if unit is not None else not belongs:
        raise OrganizationError(_no_member(person, unit, last))
    draft.end_member(person, last)


def _no_member(person: str, unit: str | None, day: date) -> str:
    where = f"to {quoted(unit)}" if unit is not None else "to any unit"
    return f"person {quoted(person)} does not belong {where} on {day}; correct the day, the person or the unit"


def _absent(draft: Draft, event: Event) -> None:
    person = event.get("person")
    draft.put(draft.absences, person, (*draft.absences.get(person, ()), Absence(person, event.date)))


def _present(draft: Draft, event: Event) -> None:
    person, last = event.get("person"), event.date
    absences = draft.absences.get(person, ())
    if not any(absence.from_ <= last <= absence.to for absence in absences):
        raise OrganizationError(f"person {quoted(person)} is not absent on {last}; correct the day or the person")
    draft.put(draft.absences, person, tuple(cut(a, last) if a.from_ <= last <= a.to else a for a in absences))


_CHANGES: dict[str, Callable[[Draft, Event], None]] = {
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
