"""Which duties wait for which: `after` and `with` look at another duty of the same case or period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import define, field

from .bearer import Bearer
from .due import Deadline
from .policy import Policy
from .rule import Duty
from .track import Scene, Track

_Place = tuple[str, str, str]
"""The duty that comes first, its case or period, and the unit from which those who wait see it."""


@define(eq=False)
class First:
    """A duty that others wait for as it was noted: who bears it, its due day, and the days on which it was done or ended."""

    track: Track
    bearer: Bearer
    due: Deadline
    performed: date | None
    ended: date | None

    def is_as(self, other: First) -> bool:
        """Tell whether those who wait for it see nothing else in the other one."""
        same_days = (self.performed, self.ended) == (other.performed, other.ended)
        return self.track is other.track and same_days and self.bearer == other.bearer and self.due == other.due


@define(eq=False)
class Precedence:
    """The duties that come first, by the places from which they are seen, and those that wait at these places."""

    policy: Policy
    _first: dict[_Place, dict[str, First]] = field(factory=dict)
    _waiting: dict[_Place, dict[str, None]] = field(factory=dict)
    _places: dict[str, tuple[_Place, ...]] = field(factory=dict)
    _kinds: dict[str, set[str]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for duty in self.policy.duties.values():
            if duty.after is not None:
                self._kinds.setdefault(duty.after.duty, set()).add(duty.after.each or "")
            if duty.with_ is not None:
                self._kinds.setdefault(duty.with_.duty, set())

    def comes_first(self, rule: Duty) -> bool:
        """Tell whether any duty waits for those of the rule."""
        return rule.id in self._kinds

    def put(self, scene: Scene, track: Track, bearer: Bearer, due: Deadline) -> Iterator[str]:
        """Note a duty as it stands now; yield the ids of the duties that look at it, when they see something else."""
        places, now = (
            tuple(self._seen_from(scene, track, bearer)),
            First(track, bearer, due, track.performed, track.ended),
        )
        before = self._first[places[0]].get(track.id) if places == self._places.get(track.id) else None
        if before is not None and before.is_as(now):
            return
        yield from self.drop(track.id)
        self._places[track.id] = places
        for place in places:
            self._first.setdefault(place, {})[track.id] = now
            yield from self._waiting.get(place, ())

    def drop(self, track: str) -> Iterator[str]:
        """Forget a duty; yield the ids of the duties that looked at it."""
        for place in self._places.pop(track, ()):
            self._first[place].pop(track, None)
            yield from self._waiting.get(place, ())

    def blocks(self, scene: Scene, track: Track, bearer: Bearer) -> tuple[tuple[str, ...], date | None]:
        """Return the other units that have yet to do what must be done first, and the day on which all of it was done."""
        after = track.rule.after
        if after is None or bearer.base is None:
            return (), None
        undone, done = set(), []
        places = [bearer.base, f"={track.matter.key}"] if after.each is None else [bearer.base]
        for unit in (*places, "") if track.matter.case is not None else places:
            for first in self._at((after.duty, _key(track), unit), track):
                base = first.bearer.base
                if base is None:  # nobody has to do it any more
                    done.append(first.bearer.from_)
                    continue
                if base == bearer.base:
                    continue
                if after.each is not None and scene.organization.units[base].kind != after.each:
                    continue
                if first.track.live:
                    undone.add(base)
                elif first.track.performed is not None:
                    done.append(first.track.performed)
        return tuple(sorted(undone)), max(done, default=None)

    def beside(self, track: Track) -> First | None:
        """Return the duty at whose time the track is to be performed, of the same unit, case or period."""
        if track.rule.with_ is None:
            return None
        found = self._at((track.rule.with_.duty, _key(track), f"={track.matter.key}"), track)
        return min(found, key=lambda first: first.track.id, default=None)

    def _at(self, place: _Place, track: Track) -> list[First]:
        self._waiting.setdefault(place, {})[track.id] = None
        return list(self._first.get(place, {}).values())

    def _seen_from(self, scene: Scene, track: Track, bearer: Bearer) -> Iterator[_Place]:
        key = _key(track)
        yield track.rule.id, key, f"={track.matter.key}"
        base = bearer.base
        if base is None and track.line:  # as it was, for those whom it held up
            base = track.line[0].base
        if base is None:
            return
        kinds, view = self._kinds[track.rule.id], scene.view(track.opened)
        if "" in kinds:
            yield track.rule.id, key, "" if track.matter.case is not None else base
        unit = view.unit(base)
        if unit is not None and unit.kind in kinds:
            for above in view.above(base):
                yield track.rule.id, key, above


def _key(track: Track) -> str:
    return track.matter.case or (track.period.key if track.period is not None else "")
