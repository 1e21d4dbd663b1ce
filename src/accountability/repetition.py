"""Triggers that open a duty only when they are repeated (`repeated`): how often there was one within the span."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from typing import Any

from .event import Event
from .fold import Known
from .keyed import key_of
from .knowledge import EventKey
from .routing import Router
from .track import Scene


class Repetition:
    """The triggers by duty and key, in the order of their days.

    `again` holds the events that must be matched anew, for one came or went before them.
    """

    def __init__(self, scene: Scene, router: Router) -> None:
        self._scene, self._router = scene, router
        self._history: dict[tuple[str, str], list[tuple[date, date, EventKey]]] = {}
        self.again: dict[EventKey, None] = {}

    def often_enough(self, known: Known) -> Known:
        """Leave out the duties that only a repeated trigger opens, where it is not yet repeated often enough."""
        out = []
        for duty in known.triggers:
            if duty.repeated is None:
                continue
            key = duty.id, (known.about if duty.per == "event" else key_of(duty, known)) or ""
            history = self._history.setdefault(key, [])
            order = known.event.date, known.event.known, known.event.key
            place = bisect_left(history, order) if history and order <= history[-1] else len(history)
            if history[place : place + 1] != [order]:
                history.insert(place, order)
                for *_, later in history[place + 1 :]:
                    self.again[later] = None

            def nth_last(n: int, history: list[Any] = history, place: int = place) -> date | None:
                return history[place + 1 - n][0] if n <= place + 1 else None

            if not self._router.is_repeated(self._scene, duty, nth_last, known.event.date):
                out.append(duty.id)
        if not out:
            return known
        law = known.law.without.get(tuple(out))
        if law is None:
            law = known.law.without[tuple(out)] = known.law.leaving_out(out)
        return Known(known.event, law)

    def remove(self, event: Event) -> None:
        """Forget a trigger; those after it are matched anew."""
        order = event.date, event.known, event.key
        for history in self._history.values() if event.type in self._router.repeating else ():
            place = bisect_left(history, order)
            if history[place : place + 1] == [order]:
                del history[place]
                self.again.update(dict.fromkeys(later for *_, later in history[place:]))
