"""What every fold of a key shares: the known events it reads, the tracks it opens, and what becomes of each event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from attrs import define, field, frozen

from .event import Event
from .event_type import EventType
from .matching import Matched
from .parameters import Use
from .rule import Duty
from .track import Matter, Scene, Track

_DAY = timedelta(days=1)


@frozen(eq=False)
class Known:
    """A known event with what its patterns select: the duties it triggers, and the ids of those it may perform."""

    event: Event
    declared: EventType | None
    matched: Matched
    triggers: tuple[Duty, ...]
    performs: frozenset[str]
    read: bool

    @property
    def outcome(self) -> str | None:
        """The outcome of a stage that the event tells: that of its type, else its own field."""
        declared = self.declared.outcome if self.declared is not None else None
        return declared or self.event.get("outcome")

    @property
    def actor(self) -> str | None:
        """The unit that acted, when the type of the event says where to find it and the event names it."""
        if self.declared is None or self.declared.actor is None:
            return None
        actor = self.event.get(self.declared.actor)
        return actor if isinstance(actor, str) else None

    @property
    def about(self) -> str | None:
        """The unit that the event is about."""
        about = self.event.get(self.declared.about if self.declared is not None else "unit")
        return about if isinstance(about, str) else None


@frozen
class Found:
    """A finding as a fold makes it, before it is bound to the duty that it rests on."""

    code: str
    about: str
    day: date | None = None
    unit: str | None = None
    track: str | None = None
    detail: Mapping[str, str] = field(factory=dict, hash=False)


@define(eq=False, slots=False)
class Fold:
    """The state of one key: its tracks by id, its findings, and the result of each of its events."""

    scene: Scene
    matter: Matter
    tracks: dict[str, Track] = field(factory=dict)
    findings: list[Found] = field(factory=list)
    results: dict[tuple[str, str], tuple[str, str]] = field(factory=dict)
    exceeded: tuple[Event, str | None, Duty, Use] | None = None

    def result(self, event: Event, result: str, detail: str = "") -> None:
        """Record what became of an event."""
        self.results[event.key] = (result, detail)

    def find(
        self,
        code: str,
        about: str,
        *,
        day: date | None = None,
        unit: str | None = None,
        track: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Record a finding, once."""
        if not any(found.code == code and found.about == about and found.track == track for found in self.findings):
            self.findings.append(Found(code, about, day, unit, track, detail or {}))

    def end_live(self, event: Event) -> None:
        """End every duty that is still open."""
        for track in self.tracks.values():
            if track.live:
                track.end(event, event.date)

    def track_id(self, rule: Duty, round_: int) -> str:
        """Return the id of a duty: the rule, the key and, from the second on, the round."""
        key = self.matter.key.replace("%", "%25").replace("/", "%2F")
        return f"{rule.id}/{key}" + (f"/{round_}" if round_ > 1 else "")

    def start(self, rule: Duty, event: Event | None) -> tuple[str, str] | None:
        """Return where the walk of the bearer begins: the type and the id of the field, or parameter, it starts with."""
        return start_of(self.scene, rule.bearer.start, self.matter, event)

    @staticmethod
    def after(day: date) -> date:
        """Return the day after."""
        return day + _DAY if day < date.max else day


def start_of(scene: Scene, name: str, matter: Matter, event: Event | None) -> tuple[str, str] | None:
    """Return the type and id that the word `name` stands for in a matter: a field of its events, or a parameter."""
    if name == "person" and matter.person is not None:
        return "person", matter.person
    for each in (event, matter.opener):
        value = each.get(name) if each is not None else None
        if each is not None and isinstance(value, str):
            declared = scene.policy.event_types.get(each.type)
            types = declared.fields if declared is not None else {}
            return (types[name].name if name in types else "unit"), value
    use = scene.value(name, event.date if event is not None else matter.opened)
    return ("unit", str(use.value)) if use is not None else None
