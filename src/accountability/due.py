"""Due days: from the trigger day to the last day of a duty, restarted by a change of unit, moved by an extension."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from .answer import Computation
from .bearer import Bearer
from .calendar import DueDay, Span, day_of_year
from .event import Event
from .parameters import Use
from .rule import Duty, Time
from .track import Scene, Track

if TYPE_CHECKING:
    from .precedence import First

_DAY = timedelta(days=1)


@frozen
class Deadline:
    """The due day of a duty over time: `first` as the rule gives it, then as each extension sets it.

    `missing` names the parameter or fact without which there is none; `uses` are the parameters that it rests on.
    """

    first: date | None
    computation: Computation
    uses: tuple[Use, ...] = ()
    missing: str | None = None
    extensions: tuple[tuple[date, date, Event], ...] = ()
    over: date = field(init=False, eq=False, repr=False)
    """The day after the first due day, on which it has passed."""

    def __attrs_post_init__(self) -> None:
        has_end = self.first is not None and self.first < date.max
        object.__setattr__(self, "over", self.first + _DAY if self.first is not None and has_end else date.max)

    def on(self, day: date) -> date | None:
        """Return the due day as it stood on `day`: an extension counts from the day on which it was recorded."""
        due = self.first
        for since, extended, _ in self.extensions:
            if since <= day:
                due = extended
        return due

    def overdue_on(self, day: date) -> bool:
        """Tell whether the due day, as it stood on `day`, had passed."""
        due = self.on(day)
        return due is not None and due < day

    def streaks(self) -> list[date]:
        """Return the first day of each stretch of days on which it was overdue, one for each due day that passed."""
        dues = (self.first, *(due for _, due, _ in self.extensions))
        starts = {due + _DAY for due in dues if due is not None} | {since for since, _, _ in self.extensions}
        return [day for day in sorted(starts) if self.overdue_on(day) and not self.overdue_on(day - _DAY)]

    def lasts(self, first: date, last: date) -> bool:
        """Tell whether it was overdue on every day from `first` to `last`."""
        return all(
            self.overdue_on(day)
            for day in (first, last, *(since for since, _, _ in self.extensions if first <= since <= last))
        )

    def first_overdue(self, after: date, last: date) -> date | None:
        """Return the first day from `after` to `last` on which it was overdue, or None."""
        candidates = {since for since, _, _ in self.extensions} | {after}
        candidates |= {due + _DAY for due in (self.first, *(due for _, due, _ in self.extensions)) if due is not None}
        return next((day for day in sorted(candidates) if after <= day <= last and self.overdue_on(day)), None)


def deadline(
    scene: Scene,
    track: Track,
    line: list[Bearer],
    extensions: Sequence[Event] = (),
    unblocked: date | None = None,
    beside: First | None = None,
) -> Deadline:
    """Return the due day of a track whose bearers over time are `line`.

    It is not before the day on which the track was `unblocked`, and depends on the duty `beside` which it is due.
    """
    time = track.rule.within
    is_common = (
        track.rule.with_ is None
        and track.missing is None
        and (time is None or time.field is None)
        and len({b.base for b in line}) == 1
    )
    key = (track.rule.id, track.opened, track.known, track.end_of_period)
    found = scene.deadlines.get(key) if is_common else None
    if found is None:
        found = _by_rule(scene, track, line, beside)
        if is_common:
            scene.deadlines[key] = found
    if unblocked is not None and found.first is not None and found.first < unblocked:
        found = evolve(found, first=unblocked)
    if extensions:
        moved = tuple((e.known, e.get("due"), e) for e in sorted(extensions, key=lambda e: (e.known, e.date, e.key)))
        found = evolve(found, extensions=moved)
    return found


def _by_rule(scene: Scene, track: Track, line: list[Bearer], beside: First | None) -> Deadline:
    rule, opened = track.rule, track.opened
    nothing = Computation(None, None)
    if track.missing is not None:
        return Deadline(None, nothing, missing=track.missing)
    if rule.by is not None:
        return _by_day(scene, track)
    if rule.with_ is not None:
        return _with(scene, track, beside)
    if rule.recurrence is not None and rule.recurrence.anchor == "last_act":
        return _after_last_act(scene, track)
    if rule.within is None:
        if track.end_of_period is None:
            return Deadline(None, nothing)
        return _settled(scene, rule, DueDay(track.end_of_period), nothing, (), opened)
    time, uses, missing = resolved(scene, rule.within, track)
    if missing is not None:
        return Deadline(None, nothing, missing=missing)
    if isinstance(time, date):
        return Deadline(time, Computation(None, None))
    assert isinstance(time, Span)
    start = opened
    if track.period is not None:
        start = track.period.last
    else:
        clock = scene.choice("clock_start", opened)
        uses = (*uses, clock)
        if clock.value == "recorded_date":
            start = max(opened, track.known)
    due = scene.policy.calendar.add(start, time)
    restarted = []
    if len(line) > 1 and track.serves is None:
        choice = scene.choice("on_unit_change_clock", opened)
        for before, after in pairwise(line):
            if before.base != after.base and None not in (before.base, after.base):
                uses = (*uses, choice) if choice not in uses else uses
                if choice.value == "restart" and after.from_ <= due.day:
                    due = scene.policy.calendar.add(after.from_, time)
                    restarted.append(after.from_)
    return _settled(scene, rule, due, Computation(start, str(time), restarted=tuple(restarted)), uses, opened)


def _with(scene: Scene, track: Track, beside: First | None) -> Deadline:
    """Within a tolerance after the act of the duty beside it or, while that is undone, after its due day."""
    assert track.rule.with_ is not None
    span, uses, missing = resolved(scene, track.rule.with_.within, track)
    if not isinstance(span, Span):
        return Deadline(None, Computation(None, None), missing=missing)
    start = (beside.track.performed or beside.due.on(scene.as_of)) if beside is not None else None
    if start is None:
        return Deadline(None, Computation(None, None), missing=track.rule.with_.duty)
    due = scene.policy.calendar.add(start, span)
    return _settled(scene, track.rule, due, Computation(start, str(span)), uses, track.opened)


def _after_last_act(scene: Scene, track: Track) -> Deadline:
    """So long after the last act, on whose day the duty opened."""
    recurrence = track.rule.recurrence
    assert recurrence is not None
    time = Time(recurrence.span, recurrence.parameter)
    span, uses, _ = resolved(scene, time, track)
    assert isinstance(span, Span)
    due = scene.policy.calendar.add(track.opened, span)
    return _settled(scene, track.rule, due, Computation(track.opened, str(span)), uses, track.opened)


def _by_day(scene: Scene, track: Track) -> Deadline:
    """A day of the year: the next such day from the trigger on.

    Of a finished period it is the next one after the period; within one shorter than a year the last day of that stands
    in where the period has no such day.
    """
    assert track.rule.by is not None
    text = track.rule.by
    uses: tuple[Use, ...] = ()
    if not text[:1].isdigit():
        use = scene.value(text, track.opened)
        if use is None:
            return Deadline(None, Computation(None, None), missing=text)
        text, uses = str(use.value), (use,)
    period, finished = track.period, track.rule.recurrence is not None and track.rule.recurrence.finished
    start = period.last + _DAY if period is not None and finished else track.opened
    day = day_of_year(start.year, text)
    if day < start:
        day = day_of_year(start.year + 1, text)
    if period is not None and not finished:
        is_over = day.year > period.first.year if period.kind == "window" else day > period.last
        day = period.last if is_over else day
    return _settled(scene, track.rule, DueDay(day), Computation(None, text), uses, track.opened)


def _settled(scene: Scene, rule: Duty, due: DueDay, made: Computation, uses: tuple[Use, ...], opened: date) -> Deadline:
    """Apply the choice about due days that are rest days."""
    holiday = scene.choice("holiday_rule", opened)
    moved = scene.policy.calendar.on_rest_day(due, str(holiday.value))
    if holiday.value != "keep":
        uses = (*uses, holiday)
    made = evolve(made, provisional=moved.provisional, moved_from=due.day if moved.day != due.day else None)
    return Deadline(moved.day, made, uses)


def resolved(scene: Scene, time: Time, track: Track) -> tuple[Span | date | None, tuple[Use, ...], str | None]:
    """Return the span or day that a rule's time stands for, the parameter used, and the name of one that is missing."""
    if time.span is not None:
        return time.span, (), None
    if time.field is not None:
        day = track.trigger.get(time.field) if track.trigger is not None else None
        return (day, (), None) if isinstance(day, date) else (None, (), time.field)
    assert time.parameter is not None
    use = scene.value(time.parameter, track.opened)
    if use is None:
        return None, (), time.parameter.rpartition(".")[2]
    assert isinstance(use.value, Span)
    return use.value, (use,), None
