"""Where a duty starts: the place that its walk begins at, the body that the law names, and what became of that body.

A body that was merged or split is followed to its successor, and a level that is missing to what was chosen for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .event import Event
from .parameters import Use
from .rule import CONVENING, Duty
from .track import Matter, Scene, Track
from .view import View


def base_unit(scene: Scene, track: Track, view: View) -> tuple[str | None, str | None]:
    """Return the body that the law names for the duty on the day of the view, and the unit where the way was lost."""
    walk = track.rule.bearer
    if track.stand_in is not None:
        return succeeded(scene, track.matter, track.stand_in, view)
    if track.start is None:
        return None, None
    opening = scene.view(track.opened)
    place, lost = starting_unit(scene, track.matter, track.start, opening)
    convening = track.rule.stage in CONVENING
    is_lost = lost is not None or follows_member(scene, track.matter)
    if place is None and is_lost and track.start[0] == "person" and track.rule.stage is not None and not convening:
        opening = scene.view(track.matter.opened)  # the bodies above a branch that fell apart are still known
        place = opening.unit_of(track.start[1])
    if place is None:
        return None, lost
    if convening and track.start[0] == "person" and follows_member(scene, track.matter):
        now = view.unit_of(track.start[1])
        then, _ = succeeded(scene, track.matter, place, view)
        if now is not None and now != then:
            return walk.unit(view, now), None
    unit = walk.unit(opening, place)
    view.facts.update(opening.facts)
    return succeeded(scene, track.matter, unit, view) if unit is not None else (None, None)


def follows_member(scene: Scene, matter: Matter) -> bool:
    """Tell whether the case goes with a member who is transferred."""
    return matter.case is not None and scene.choice("case_follows", matter.opened).value == "member"


def starting_unit(scene: Scene, matter: Matter, start: tuple[str, str], view: View) -> tuple[str | None, str | None]:
    """Return the unit at which a walk starts (of a person, of a post, or itself), or the unit where the way was lost."""
    kind, name = start
    if kind == "person":
        if matter.case is not None and name == matter.person:
            return home(scene, matter, view)
        return view.unit_of(name), None
    if kind == "post":
        post = view.post(name)
        return (post.unit, None) if post is not None else (None, None)
    return succeeded(scene, matter, name, view)


def start_of(scene: Scene, name: str, matter: Matter, event: Event | None) -> tuple[str, str] | None:
    """Return the type and id that the word `name` stands for in a matter: a field of its events, or a parameter."""
    if name == "person" and matter.person is not None:
        return "person", matter.person
    if name == "contact" and matter.contact is not None:
        return "unit", matter.contact
    opener = matter.opener
    for each in (event,) if opener is event else (event, opener):
        if each is None:
            continue
        value = each.fields.get(name)
        if value is None:
            value = each.get(name)
        if isinstance(value, str):
            declared = scene.policy.event_types.get(each.type)
            type_ = declared.fields.get(name) if declared is not None else None
            return (type_.name if type_ is not None else "unit"), value
    use = scene.value(name, event.date if event is not None else matter.opened)
    return ("unit", str(use.value)) if use is not None else None


def home(scene: Scene, matter: Matter, view: View) -> tuple[str | None, str | None]:
    """Return the unit of the member whom the case is about, as the case follows him or stays."""
    if matter.person is None:
        return None, None
    if follows_member(scene, matter):
        return view.unit_of(matter.person), None
    opening = scene.view(matter.opened)
    unit = opening.unit_of(matter.person)
    view.facts.update(opening.facts)
    return succeeded(scene, matter, unit, view) if unit is not None else (None, None)


def succeeded(scene: Scene, matter: Matter, unit: str, view: View) -> tuple[str | None, str | None]:
    """Return the unit to which the duties of `unit` have passed by the day; on a split, the one that has the member."""
    while view.unit(unit) is None:
        heirs = view.successors(unit)
        if len(heirs) > 1:
            first = scene.view(heirs[0].from_)
            member = first.unit_of(matter.person) if matter.person is not None else None
            heirs = [heir for heir in heirs if heir.source == member]
        if len(heirs) != 1:
            return None, unit
        unit = heirs[0].source
    return unit, None


def predecessors(view: View, unit: str) -> Iterator[str]:
    """Yield the unit and the units whose duties passed to it."""
    waiting, seen = [unit], set()
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            yield each
            waiting.extend(view.related(each, "succeeds"))


def body_unit(scene: Scene, matter: Matter, stage: str, day: date) -> str | None:
    """Return the unit that the law names for the body of a stage in the case, or None."""
    rule = scene.chain(matter).bodies.get(stage)
    if rule is None or matter.person is None:
        return None
    level = missing_level(scene, rule, matter, day)
    track = Track(rule, "", matter, day, day, None, ("person", matter.person), stand_in=stand_in(level))
    return base_unit(scene, track, scene.view(day))[0]


def missing_level(scene: Scene, rule: Duty, matter: Matter, day: date) -> Use | None:
    """Return the choice for a level that is missing above the member's unit on the day, or None when it is there."""
    if rule.missing is None or matter.person is None:
        return None
    view = scene.view(day)
    unit, _ = home(scene, matter, view)
    if unit is None or rule.bearer.unit(view, unit) is not None:
        return None
    return scene.choice(rule.missing, day)


def stand_in(level: Use | None) -> str | None:
    """Return the unit that stands in for a missing level, where that is chosen."""
    word, _, name = str(level.value if level is not None else "").partition(":")
    return name if word == "substitute" else None
