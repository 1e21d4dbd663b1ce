"""Which events are known on a day: once each, without what was retracted, and never in the order they came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import define, field, frozen

from .event import Event

EventKey = tuple[str, str]


@frozen
class Knowledge:
    """What is known: the events that have happened, the keys of those still `ahead`, and the `conflicting` ones."""

    events: tuple[Event, ...]
    ahead: frozenset[EventKey]
    conflicting: tuple[Event, ...]


def known_events(events: Iterable[Event], as_of: date, known_as_of: date) -> Knowledge:
    """Return what is known on `known_as_of` of what happened up to `as_of`, both inclusive.

    A retraction counts as soon as it is known, whatever `as_of`. Of events with one id and several contents the one
    recorded first (then the smaller content) is kept; the others conflict.
    """
    kept: dict[EventKey, Event] = {}
    conflicting: list[Event] = []
    for event in (e for e in events if e.known <= known_as_of):
        first = kept.get(event.key)
        if first is None:
            kept[event.key] = event
            continue
        if _order(event) < _order(first):
            kept[event.key], event, first = event, first, event
        if event.content != first.content:
            conflicting.append(event)
    happened = tuple(e for e in kept.values() if e.date <= as_of or e.type == "event.retracted")
    ahead = kept.keys() - {e.key for e in happened}
    return Knowledge(happened, frozenset(ahead), tuple(sorted(conflicting, key=_order)))


def _order(event: Event) -> tuple[date, str, date, EventKey]:
    return event.known, event.content, event.date, event.key


def target(retraction: Event) -> EventKey:
    """Return the source and id of what a retraction retracts."""
    return retraction.get("source", retraction.source), retraction.get("target")


@define(eq=False)
class Telling:
    """The events told so far, and which of them count: without what was retracted, or tells a fact of a case again.

    Of events that tell the same fact of the same case under several ids the one known first counts; the others are
    `duplicates`. With `ignores_retractions` everything counts that was ever told.
    """

    ignores_retractions: bool = False
    ahead: frozenset[EventKey] = frozenset()
    events: dict[EventKey, Event] = field(factory=dict)
    retracted: set[EventKey] = field(factory=set)
    duplicates: dict[EventKey, Event] = field(factory=dict)
    _retractions: dict[EventKey, Event] = field(factory=dict)
    _aiming: dict[EventKey, list[EventKey]] = field(factory=dict)
    _same: dict[tuple[str, str, date], tuple[EventKey, ...]] = field(factory=dict)

    def adds(self, event: Event) -> bool:
        """Take one more event, whose key is new, if all that follows is that it counts; tell whether so."""
        key = event.key
        if key in self._aiming or event.type == "event.retracted":
            return False
        if event.case is not None:
            fact = (event.case, event.type, event.date)
            if fact in self._same:
                return False
            self._same[fact] = (key,)
        self.events[key] = event
        return True

    def add(self, events: Iterable[Event]) -> tuple[list[Event], list[Event]]:
        """Take further events, whose keys are new; return those that count now and did not, and the other way round."""
        counting: dict[EventKey, Event] = {}
        ceasing: dict[EventKey, Event] = {}
        fresh = list(events)
        retractions = [e for e in fresh if e.type == "event.retracted"] if not self.ignores_retractions else []
        for event in fresh:
            self.events[event.key] = event
        if retractions:
            for event in retractions:
                self._retractions[event.key] = event
                self._aiming.setdefault(target(event), []).append(event.key)
            before, self.retracted = self.retracted, _retracted(list(self._retractions.values()))
            new = {event.key for event in fresh}
            for key in (self.retracted - before) - new:
                if key in self.events:
                    self._cease(self.events[key], counting, ceasing)
            for key in (before - self.retracted) - new:
                if key in self.events:
                    self._count(self.events[key], counting, ceasing)
        for event in fresh:
            if event.key not in self.retracted:
                self._count(event, counting, ceasing)
        return list(counting.values()), list(ceasing.values())

    def _count(self, event: Event, counting: dict[EventKey, Event], ceasing: dict[EventKey, Event]) -> None:
        """Let the event count, unless one that counts tells the same."""
        if event.case is not None:
            fact = (event.case, event.type, event.date)
            alike = self._same.get(fact, ())
            same = [e for e in map(self.events.__getitem__, alike) if e.content == event.content]
            self._same[fact] = (*alike, event.key)
            if same:
                first = min((*same, event), key=_first)
                if first is not event:
                    self.duplicates[event.key] = event
                    return
                other = next(e for e in same if e.key not in self.duplicates)
                self.duplicates[other.key] = other
                _move(other, counting, ceasing)
        _move(event, ceasing, counting)

    def _cease(self, event: Event, counting: dict[EventKey, Event], ceasing: dict[EventKey, Event]) -> None:
        """Let the event count no more; one that tells the same takes its place."""
        counted = self.duplicates.pop(event.key, None) is None
        if event.case is not None:
            fact = (event.case, event.type, event.date)
            self._same[fact] = alike = tuple(key for key in self._same[fact] if key != event.key)
            same = [e for e in map(self.events.__getitem__, alike) if e.content == event.content]
            if counted and same:
                heir = min(same, key=_first)
                del self.duplicates[heir.key]
                _move(heir, ceasing, counting)
        if counted:
            _move(event, counting, ceasing)

    @property
    def standing_retractions(self) -> list[Event]:
        """The retractions that stand and retract an event that is known."""
        return [e for e in self._retractions.values() if self.stands(e)]

    @property
    def has_retractions(self) -> bool:
        """Tell whether any retraction was told."""
        return bool(self._retractions)

    def aiming_at(self, key: EventKey) -> list[EventKey]:
        """Return the retractions that name the event."""
        return self._aiming.get(key, [])

    def stands(self, retraction: Event) -> bool:
        """Tell whether the retraction counts and retracts an event that is known."""
        if retraction.key in self.retracted or retraction.key in self.duplicates:
            return False
        return target(retraction) in self.events or target(retraction) in self.ahead


def _first(event: Event) -> tuple[date, date, EventKey]:
    return event.known, event.date, event.key


def _move(event: Event, from_: dict[EventKey, Event], to: dict[EventKey, Event]) -> None:
    if from_.pop(event.key, None) is None:
        to[event.key] = event


def _retracted(retractions: list[Event]) -> set[EventKey]:
    """Return the ids retracted by retractions that stand; of those that retract each other the one known last stands."""
    targets = {r.key: target(r) for r in retractions}
    by_target: dict[EventKey, set[EventKey]] = {}
    for key, aim in targets.items():
        if aim in targets and aim != key:
            by_target.setdefault(aim, set()).add(key)
    standing = {key for key in targets if key not in by_target and targets[key] not in targets}
    waiting = sorted((r for r in retractions if r.key not in standing), key=_order, reverse=True)
    fallen: set[EventKey] = set()
    while waiting:
        undecided = {r.key for r in waiting}
        free = [r for r in waiting if not by_target.get(r.key, set()) & undecided]
        for retraction in free or waiting[:1]:
            waiting.remove(retraction)
            is_retracted = any(key in standing for key in by_target.get(retraction.key, ()))
            (fallen if is_retracted else standing).add(retraction.key)
    return {targets[key] for key in standing}
