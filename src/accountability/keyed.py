"""The fold of duties that are counted per unit, post, person or event, each triggered by an event."""

from __future__ import annotations

from datetime import date

from .bearer import borne_by
from .event import Event
from .event_type import EventType
from .fold import RESULTS, Fold, Known, track_id, unset
from .origin import predecessors
from .rule import Duty
from .track import Matter, Scene, Track


class KeyedFold(Fold):
    """The duties of one rule: those of one key where every act names its key, else those of all its keys.

    While a duty of a key is open, a further trigger opens no second one; after it, it opens the next round. Counted
    per event, each trigger opens its own.
    """

    awake = True

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.rule = scene.policy.duties[key[1]]
        self.rounds: dict[str, int] = {}
        self.live: dict[str, Track] = {}
        self._today: tuple[Known, ...] = ()
        self._touched: tuple[Track, ...] = ()
        self._day: date | None = None

    def add(self, known: Known) -> bool:
        """Take one more event, unless it is dated before one that was taken."""
        day = known.event.date
        if self._day is not None and day < self._day:
            return False
        if day != self._day:
            self._day, self._today, self._touched = day, (known,), ()
        else:
            self._rewind(day)
            self._today = tuple(sorted((*self._today, known), key=lambda each: each.order))
        acts = [each for each in self._today if self.rule.id in each.performs and not self._perform(each)]
        for each in self._today:
            if self.rule in each.triggers:
                self._trigger(each)
        for each in acts:
            self._perform(each)
        return True

    def _rewind(self, day: date) -> None:
        """Undo what the events of the day did, so that they can be applied together with one more."""
        for known in self._today:
            self.results.pop(known.event.key, None)
            self.scene.told[known.event.key] = None
        for track in self._touched:
            self.scene.changed[track.id] = None
            key = track.matter.key
            if track.opened == day:
                if self.tracks.pop(track.id, None) is not None:
                    self.rounds[key] -= 1
                if self.live.get(key) is track:
                    del self.live[key]
            elif track.performed == day:
                track.act = track.performed = track.outcome = None
                self.live[key] = track
        self._touched = ()

    def _trigger(self, known: Known) -> None:
        rule, event = self.rule, known.event
        key = key_of(rule, known)
        if key is None:
            return
        if key in self.live:
            self._say(event, "no_effect")
            return
        matter = _matter(key, event)
        round_ = self.rounds[key] = self.rounds.get(key, 0) + 1
        start = self.start(rule, matter, event)
        track = Track(rule, track_id(rule, key, round_), matter, event.date, event.known, event, start, round_)
        track.missing = unset(self.scene, rule, start)
        self.open(track)
        self.live[key] = track
        self._touched = (*self._touched, track)
        self._say(event, "fired")

    def _perform(self, known: Known) -> bool:
        """Let the act serve one duty of the rule, the earliest open one that it is about; tell whether there was one."""
        named = named_keys(self.rule, known)
        if named is None:
            tracks = sorted(self.live.values(), key=lambda track: (track.opened, track.id))
        else:
            tracks = [self.live[key] for key in named if key in self.live]
        for track in tracks:
            if known.event.date >= track.opened and self._answers(track, known, named is not None):
                self.perform(track, known)
                del self.live[track.matter.key]
                self._touched = (*self._touched, track)
                self._say(known.event, "performed")
                return True
        return False

    def _answers(self, track: Track, known: Known, named: bool) -> bool:
        """Tell whether the bearer did the act; where nobody says who did, whether it is about the key."""
        if known.actor is None:
            return named
        bearer = borne_by(self.scene, track, known.event.date)
        if known.actor in (bearer.unit, bearer.post, bearer.person) and bearer.unit is not None:
            return True
        return bearer.base is not None and known.actor in predecessors(self.scene.view(known.event.date), bearer.base)

    def _say(self, event: Event, result: str) -> None:
        before = self.results.get(event.key)
        if before is None or RESULTS.index(result) < RESULTS.index(before[0]):
            self.result(event, result)


def key_of(rule: Duty, known: Known) -> str | None:
    """Return what a duty of the rule is counted per: the unit that its trigger is about, a post, a person, the event."""
    if rule.per == "unit":
        return known.about
    key = known.event.id if rule.per == "event" else known.event.get(rule.per)
    return key if isinstance(key, str) else None


def _matter(key: str, event: Event) -> Matter:
    """The matter of a key; the person whom its trigger is about must stand aside in it."""
    matter = Matter(key=key, opened=event.date, known=event.known, opener=event, person=event.get("person"))
    if matter.person is not None:
        matter.recused = {matter.person: event.date}
    return matter


def named_keys(rule: Duty, known: Known) -> list[str] | None:
    """Return the keys that an act names, or None when its type has no place for one or it is left empty."""
    if rule.per == "unit":
        return [known.about] if known.about is not None else None
    if rule.per == "event":
        fields = known.declared.fields if known.declared is not None else {}
        names = [known.event.get(name) for name, type_ in fields.items() if type_.name == "event"]
        return [name for name in names if name is not None] or None
    key = known.event.get(rule.per)
    return [key] if isinstance(key, str) else []


def always_names_its_key(rule: Duty, types: dict[str, EventType]) -> bool:
    """Tell whether each event that may perform a duty of the rule names one key, so that keys can be folded apart."""
    for name in rule.must.events:
        declared = types.get(name)
        if declared is None:
            return False
        if rule.per == "unit":
            about = declared.fields.get(declared.about)
            if about is None or about.optional or about.many:
                return False
        elif rule.per == "event":
            named = [type_ for type_ in declared.fields.values() if type_.name == "event"]
            if len(named) != 1 or named[0].optional or named[0].many:
                return False
    return True
