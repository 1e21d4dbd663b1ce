"""Which events are known on a day: once each, without what was retracted, and never in the order they came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from .event import Event


@frozen
class Knowledge:
    """The events that an assessment is about, those set aside, and why.

    `events` are used; `retracted` are not, by the `retractions` among the events; `duplicates` tell a fact of their
    case again; `conflicting` have the id of another event and other content.
    """

    events: tuple[Event, ...]
    retracted: tuple[Event, ...] = ()
    retractions: tuple[Event, ...] = ()
    duplicates: tuple[Event, ...] = ()
    conflicting: tuple[Event, ...] = ()

    def unretracted(self) -> Knowledge:
        """Return the knowledge as it would be had nothing been retracted."""
        events, duplicates = _without_duplicates([*self.events, *self.retracted, *self.duplicates])
        return Knowledge(events, duplicates=duplicates, conflicting=self.conflicting)


def known_events(events: Iterable[Event], as_of: date, known_as_of: date) -> Knowledge:
    """Return what is known on `known_as_of` of what happened up to `as_of`, both inclusive.

    A retraction counts as soon as it is known, whatever `as_of`; it may itself be retracted.
    """
    kept: dict[tuple[str, str], Event] = {}
    conflicting: list[Event] = []
    for event in sorted((e for e in events if e.known <= known_as_of), key=_order):
        first = kept.setdefault(event.key, event)
        if first is not event and first.content != event.content:
            conflicting.append(event)
    retracted = _retracted([e for e in kept.values() if e.type == "event.retracted"])
    happened = [e for e in kept.values() if e.date <= as_of or e.type == "event.retracted"]
    gone = [e for e in happened if e.key in retracted]
    events_, duplicates = _without_duplicates([e for e in happened if e.key not in retracted])
    return Knowledge(
        events_,
        retracted=tuple(e for e in gone if e.date <= as_of),
        retractions=tuple(e for e in events_ if e.type == "event.retracted" and _target(e) in kept),
        duplicates=duplicates,
        conflicting=tuple(conflicting),
    )


def _order(event: Event) -> tuple[date, str, date, tuple[str, str]]:
    return event.known, event.content, event.date, event.key


def _target(retraction: Event) -> tuple[str, str]:
    return retraction.get("source", retraction.source), retraction.get("target")


def _retracted(retractions: list[Event]) -> set[tuple[str, str]]:
    """Return the ids retracted by retractions that stand; of those that retract each other the one known last stands."""
    targets = {r.key: _target(r) for r in retractions}
    waiting = sorted(retractions, key=_order, reverse=True)
    standing: set[tuple[str, str]] = set()
    fallen: set[tuple[str, str]] = set()
    while waiting:
        undecided = {r.key for r in waiting}
        free = [r for r in waiting if not any(targets[key] == r.key for key in undecided - {r.key})]
        for retraction in free or waiting[:1]:
            waiting.remove(retraction)
            if any(targets[key] == retraction.key for key in standing):
                fallen.add(retraction.key)
            else:
                standing.add(retraction.key)
    return {targets[key] for key in standing}


def _without_duplicates(events: list[Event]) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Tell the events from those that state the same fact of the same case again under another id."""
    seen: dict[str, Event] = {}
    kept, duplicates = [], []
    for event in sorted(events, key=lambda e: (e.known, e.date, e.key)):
        if event.case is None or seen.setdefault(event.content, event) is event:
            kept.append(event)
        else:
            duplicates.append(event)
    return tuple(kept), tuple(duplicates)
