"""What every fold of a key shares: the known events it reads, the tracks it opens, and what becomes of each event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import ClassVar

from attrs import define, evolve, field, frozen

from .event import Event
from .event_type import EventType
from .matching import Matched
from .origin import start_of
from .parameters import Use
from .rule import Duty
from .track import Matter, Scene, Track

DAY = timedelta(days=1)

FoldKey = tuple[str, ...]
"""``case`` and the case; ``keyed``, the rule and the key; ``each``, the rule and the unit or post; ``gate`` and the gate."""

Said = tuple[str, str]
"""What became of an event, one of `RESULTS`, and a detail."""

RESULTS = ("fired", "performed", "cannot_tell", "no_effect", "orphan", "no_rule", "refused")
"""What may become of an event, the strongest first: the one thing that is said of it when several keys read it."""


INSTEAD = ":without_committee"
"""The end of the name of a pattern that counts as the act in a unit without a committee."""


@define(eq=False)
class Selected:
    """What the law selects of an event: the duties it triggers, and the ids of those it may perform.

    It is the same for all events of the type that fit the same patterns, from `since` to `until`; `without` remembers it
    with some duties left out. `opens` are those of the triggers that are counted per case,
    `keyed` those that are counted otherwise and do not recur; `instead` are the patterns that count in a unit without a committee.
    `by_folds` tells that only the folds that read it say what became of it, `is_step` that in an open case it does nothing
    but perform and open duties that have no stage.
    """

    declared: EventType | None
    matched: Matched
    triggers: tuple[Duty, ...]
    performs: frozenset[str]
    read: bool
    since: date = date.min
    until: date = date.max
    by_folds: bool = False
    is_step: bool = False
    without: dict[tuple[str, ...], Selected] = field(factory=dict)
    opens: tuple[Duty, ...] = field(init=False)
    instead: tuple[str, ...] = field(init=False)
    keyed: tuple[Duty, ...] = field(init=False)
    repeated: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.opens = tuple(duty for duty in self.triggers if duty.per.startswith("case"))
        self.keyed = tuple(d for d in self.triggers if d.recurrence is None and not d.per.startswith("case"))
        self.instead = tuple(name for name in sorted(self.matched.selected) if name.endswith(INSTEAD))
        self.repeated = any(duty.repeated is not None for duty in self.triggers)

    def leaving_out(self, duties: Iterable[str]) -> Selected:
        """Return the same without these duties among those triggered."""
        return evolve(self, triggers=tuple(duty for duty in self.triggers if duty.id not in duties), without={})


@define(eq=False)
class Known:
    """A known event with what the law selects of it, the keys whose folds read it, and what became of it."""

    event: Event
    law: Selected
    keys: tuple[FoldKey, ...] = ()
    said: Said | None = None

    @property
    def declared(self) -> EventType | None:
        """The type of the event, None when nobody declared it."""
        return self.law.declared

    @property
    def matched(self) -> Matched:
        """The patterns that the event fits."""
        return self.law.matched

    @property
    def triggers(self) -> tuple[Duty, ...]:
        """The duties that the event triggers."""
        return self.law.triggers

    @property
    def performs(self) -> frozenset[str]:
        """The ids of the duties that the event may perform."""
        return self.law.performs

    @property
    def read(self) -> bool:
        """Tell whether anything reads events of the type."""
        return self.law.read

    def selecting(self, triggers: tuple[Duty, ...], performs: frozenset[str]) -> Known:
        """Return the same event, of which the law selects other duties."""
        return evolve(self, law=evolve(self.law, triggers=triggers, performs=performs))

    @property
    def outcome(self) -> str | None:
        """The outcome of a stage that the event tells: that of its type, else its own field."""
        declared = self.law.declared
        return (declared.outcome if declared is not None else None) or self.event.fields.get("outcome")

    @property
    def actor(self) -> str | None:
        """The unit that acted, when the type of the event says where to find it and the event names it."""
        declared = self.law.declared
        if declared is None or declared.actor is None:
            return None
        actor = self.event.fields.get(declared.actor)
        return actor if isinstance(actor, str) else None

    @property
    def about(self) -> str | None:
        """The unit that the event is about."""
        declared = self.law.declared
        about = self.event.fields.get(declared.about if declared is not None else "unit")
        return about if isinstance(about, str) else None

    def is_matched_as(self, other: Known) -> bool:
        """Tell whether the law selects the same of both."""
        one, two = self.law, other.law
        return one is two or (one.matched, one.triggers, one.performs, one.read) == (
            two.matched, two.triggers, two.performs, two.read
        )  # fmt: skip

    @property
    def order(self) -> tuple[date, str, date, tuple[str, str]]:
        """Where the event stands among those of its key: by its day, then by what it is, never by its arrival."""
        event = self.event
        return event.date, event.type, event.known, event.key


@frozen
class Found:
    """A finding as a fold makes it, before it is bound to the duty that it rests on."""

    code: str
    about: str
    day: date | None = None
    unit: str | None = None
    track: str | None = None
    detail: Mapping[str, str] = field(factory=dict, hash=False)


_NO_EVENTS: frozenset[tuple[str, str]] = frozenset()
_SAID = {result: (result, "") for result in RESULTS}


class Fold:
    """The state of one key: its tracks by id, its findings, and the result of each of its events.

    What changes in it is noted in its scene. `designated` are the events by which a duty to designate a convener was performed;
    `entangled` folds are resolved as a whole, for their duties share such events. `wakes` is the next day on which the
    fold itself, and not only a due day of it, has something to say although nothing happens.
    """

    awake: ClassVar[bool] = False
    """Whether it says by itself, with each event that it takes, what is to be said because days have passed."""

    def __init__(self, key: FoldKey, scene: Scene) -> None:
        self.key = key
        self.scene = scene
        self.tracks: dict[str, Track] = {}
        self.results: dict[tuple[str, str], Said] = {}
        self.findings: tuple[Found, ...] = ()
        self.designated: frozenset[tuple[str, str]] = _NO_EVENTS
        self.exceeded: tuple[Event, str | None, Duty, Use, Track] | None = None
        self.wakes: date | None = None
        self.entangled = False

    def add(self, known: Known) -> bool:
        """Take one more event; tell whether that could be done, for else the key must be folded anew."""
        raise NotImplementedError

    def wake(self) -> None:
        """Say what is to be said because days have passed."""

    def filled(self, known: Iterable[Known]) -> Fold:
        """Take these events, given in any order, into the empty fold of a key; return the fold."""
        for each in sorted(known, key=lambda k: k.order):
            self.add(each)
        self.wake()
        return self

    def result(self, event: Event, result: str, detail: str = "") -> None:
        """Record what became of an event."""
        key = event.key
        self.results[key] = (result, detail) if detail else _SAID[result]
        self.scene.told[key] = None

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
            self.findings = (*self.findings, Found(code, about, day, unit, track, detail or {}))

    def open(self, track: Track) -> None:
        """Add a track, unless its rule stands under a choice that was made otherwise."""
        id_, scene = track.id, self.scene
        if track.rule.chosen:
            if not scene.is_chosen(track.rule, track.opened):
                return
            track.uses = tuple(dict.fromkeys((*track.uses, *scene.chosen(track.rule, track.opened))))
        track.home = self.key
        self.tracks[id_] = track
        scene.changed[id_] = None

    def perform(self, track: Track, known: Known) -> None:
        """Let the event perform a duty."""
        track.perform(known.event, known.outcome)
        self.scene.changed[track.id] = None

    def end_live(self, event: Event) -> None:
        """End every duty that is still open."""
        for track in self.tracks.values():
            if track.live:
                self.end(track, event)

    def end(self, track: Track, event: Event) -> None:
        """End a duty without an act."""
        track.end(event, event.date)
        self.scene.changed[track.id] = None

    def start(self, rule: Duty, matter: Matter, event: Event | None) -> tuple[str, str] | None:
        """Return where the walk of the bearer begins: the type and the id of the field, or parameter, it starts with."""
        return start_of(self.scene, rule.bearer.start, matter, event)


def unset(scene: Scene, rule: Duty, start: tuple[str, str] | None) -> str | None:
    """Return the parameter that names the bearer of a rule, where nobody has set it."""
    declared = scene.policy.declaration(rule.bearer.start) if start is None else None
    return declared.name if declared is not None else None


def track_id(rule: Duty, key: str, round_: int) -> str:
    """Return the id of a duty: the rule, the key and, from the second on, the round."""
    if "%" in key or "/" in key:
        key = key.replace("%", "%25").replace("/", "%2F")
    return f"{rule.id}/{key}/{round_}" if round_ > 1 else f"{rule.id}/{key}"


def day_after(day: date) -> date:
    """Return the day after."""
    return day + DAY if day < date.max else day
