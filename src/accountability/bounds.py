"""The folds of duties that keep a bound: a count, or a share, that must not fall below or rise above a number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import evolve, field, frozen

from .condition import all_of
from .contacts import ContactFold
from .fold import DAY, Fold, Known, day_after
from .matching.facts import fact_of
from .organization_facts import Post, Unit
from .parameters import Use
from .recurring import GRADED, EachFold, LastActFold, RecurringFold
from .rule import Counter, Share
from .subjects import ASSIGNED, falls_on, first_contact
from .track import Scene, Track
from .view import View

COUNT_UNKNOWN = "count_unknown"
"""What a duty lacks whose count nobody has told yet."""


def each_fold(key: tuple[str, ...], scene: Scene, members: Iterable[Known]) -> Fold | None:
    """Return an empty fold of a recurring or keeping duty for its subject, None when it does not fall on the subject."""
    duty, organization = scene.policy.duties[key[1]], scene.organization
    subject: Unit | Post | None = organization.units.get(key[2]) or organization.posts.get(key[2])
    if subject is None or duty.each is None or not falls_on(organization, duty.each, subject):
        return None
    if duty.each.contact:
        assigned = any(known.event.type == ASSIGNED for known in members)
        return ContactFold(key, scene) if assigned or first_contact(organization, key[2], key[3]) else None
    if duty.keep is not None:
        return BoundFold(key, scene)
    is_chained = duty.recurrence is not None and duty.recurrence.anchor == "last_act"
    return LastActFold(key, scene) if is_chained else RecurringFold(key, scene)


@frozen
class _Number:
    """A count as it stands: None while nobody has told it, and since when that is known."""

    value: int | None
    known: date


@frozen
class _Asked:
    """What the bound is compared with on a day: whose number, the number that it must keep or what is missing for it.

    `uses` is the parameter that gives the number. `applies` is False when nothing is asked of the subject, None when nobody
    holds the post whose holder is counted.
    """

    applies: bool | None
    whose: str | None = None
    limit: int | None = None
    missing: str | None = None
    uses: tuple[Use, ...] = ()


@frozen
class _State:
    """Where the fold stood before its last day: the duty that is open, the one that is undetermined, the rounds so far."""

    open: Track | None = None
    unclear: Track | None = None
    rounds: int = 0
    findings: int = 0
    numbers: dict[str, _Number | None] = field(factory=dict)


class BoundFold(EachFold):
    """The duties of one keeping rule for one unit or post: one opens when the bound fails, and is done when it holds.

    The days are looked at in stretches within which nothing changes. The last day on which something did is kept open, so
    that further events of that day are applied together with it; an event of an earlier day needs a new fold.
    """

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        assert self.rule.keep is not None
        self.keep = self.rule.keep
        self.counter: Counter | None = scene.policy.counters.get(self.keep.count or "")
        self.share: Share | None = scene.policy.shares.get(self.keep.share or "")
        self._numbers: dict[str, _Number] = {}
        self._state = self._before = _State()
        self._day = date.min  # the last day on which something changed
        self._today: list[Known] = []
        self._until = self.begin - DAY if self.begin > date.min else date.min  # the last day that was looked at

    def add(self, known: Known) -> bool:
        """Take one more event, unless it is dated before the last day on which something changed."""
        day = known.event.date
        if day < self._day or (day == self._day and not self._rewind()):
            return False
        if day > self._day:
            self._look(day - DAY)
            self._begin_day(day)
        self._today.append(known)
        self._today.sort(key=self._order)
        self._apply(day)
        return True

    def wake(self) -> None:
        """Look at the days that have passed."""
        self._look(self.scene.as_of)
        following = day_after(self._until)
        self.wakes = following if self.scene.as_of < following < date.max else None

    def _order(self, known: Known) -> tuple[int, date, tuple[str, str]]:
        """Return where an event stands in its day: grades, numbers that are told, what raises them, what lowers them."""
        kinds = [kind for kind, *_ in self._effects(known)]
        rank = min((("set", "up", "down").index(kind) for kind in kinds), default=3) + 1
        return (0 if known.event.type == GRADED else rank), known.event.known, known.event.key

    def _look(self, end: date) -> None:
        """Look at the days up to `end` on which no event is known."""
        while self._until < end:
            day = day_after(self._until)
            if day > min(self.last, self.ends) and self._state.open is None and self._state.unclear is None:
                self._until = date.max  # no further duty can open
                return
            self._begin_day(day)
            self._apply(day)

    def _begin_day(self, day: date) -> None:
        self._day, self._today = day, []
        self._before = evolve(self._state, findings=len(self.findings), numbers={})

    def _rewind(self) -> bool:
        """Undo what the last day did; tell whether that could be done."""
        if len(self.findings) > self._before.findings:
            return False
        before, now = self._before, self._state
        for name, number in before.numbers.items():
            if number is None:
                del self._numbers[name]
            else:
                self._numbers[name] = number
        before.numbers.clear()
        for track in {now.open, now.unclear} - {before.open, before.unclear, None}:
            assert track is not None
            del self.tracks[track.id]
            self.scene.changed[track.id] = None
        for track in (before.open, before.unclear):
            if track is not None:
                track.act = track.performed = track.outcome = track.ended = track.ended_by = None
                self.scene.changed[track.id] = None
        self._state = before
        for known in self._today:
            self.results.pop(known.event.key, None)
        return True

    def is_act(self, known: Known) -> bool:
        """Tell that all events are taken in the order of their days."""
        return True

    # -- what a day does ------------------------------------------------------------------------------------------

    def _apply(self, day: date) -> None:
        """Apply the events of the day, and what it brings by itself, and compare the bound at its end."""
        for known in self._today:
            if known.event.type == GRADED:
                self._grades = [each for each in self._grades if each[2] != known.event.key]
                self.grade(known)
        view = self.scene.view(day)
        asked = self._asked(view)
        holds, cause = self._holds(view, asked), None
        for known in self._today:
            self.result(known.event, "no_effect")
            if self._count(known):
                now = self._holds(view, asked)
                if now != holds:
                    holds, cause = now, known
        self._until = max(self._until, day - DAY)
        if day < self.begin:
            return
        self._until = self._stands_until(view)
        self._turn(day, asked, holds, cause)

    def _asked(self, view: View) -> _Asked:
        """Return what is asked on the day, before anything is counted."""
        if view.day < self.begin:
            return _Asked(False)
        if not self.in_scope(view) or self.asks(view) is not True:
            return _Asked(False)
        whose: str | None = self.unit
        if self.counter is not None and self.counter.type != "unit":
            whose = self.subject.id if self.counter.type == "post" else view.titular(self.subject.id)
            if whose is None:
                return _Asked(None)
        limit, uses, since = (
            self.keep.number,
            tuple[Use, ...](),
            self._state.open.opened if self._state.open is not None else view.day,
        )
        if isinstance(limit, str):
            use = self.scene.value(limit, since)
            if use is None or not isinstance(use.value, int):
                return _Asked(True, whose, missing=limit.rpartition(".")[2])
            limit, uses = use.value, (use,)
        return _Asked(True, whose, limit, uses=uses)

    def _holds(self, view: View, asked: _Asked) -> bool | None:
        """Tell whether the bound holds; None when something is missing or nothing is asked."""
        if not asked.applies or asked.limit is None:
            return None
        if self.share is not None:
            chosen, of = self._shared(view, self.share)
            few, many = 100 * chosen < asked.limit * of, 100 * chosen > asked.limit * of
        else:
            count = self._counted(view, asked)
            if count is None:
                return None
            few, many = count < asked.limit, count > asked.limit
        return not (few if self.keep.at_least is not None else many)

    def _counted(self, view: View, asked: _Asked) -> int | None:
        if self.counter is None:
            return len(view.members(self.unit))
        number = self._numbers.get(asked.whose or "")
        return number.value if number is not None else self.counter.starts

    def _shared(self, view: View, share: Share) -> tuple[int, int]:
        """Return how many posts below the unit are as the share says, and how many there are of which that can be told."""
        chosen = of = 0
        test = all_of(share.where)
        for name in view.below(self.unit):
            unit = view.unit(name)
            for post in view.posts(name) if unit is not None and unit.kind == share.of.kind else ():
                if share.of.post in ("post", post.kind) and (post.leader or not share.of.leader):
                    paths = {c.path: c.path.split(".") for c in share.where}
                    ids = {"unit": name, "post": post.id}
                    facts = {path: fact_of(view, way[0], ids[way[0]], way[1:]) for path, way in paths.items()}
                    answer = test({path: fact for path, fact in facts.items() if fact is not None})
                    chosen, of = chosen + (answer is True), of + (answer is not None)
        return chosen, of

    def _stands_until(self, view: View) -> date:
        """Return the last day on which, without a further event, the bound is as on the day of the view."""
        until = view.until
        if isinstance(self.keep.number, str) or self.rule.chosen:
            until = min(until, self.scene.same_until(view.day))
        return max(until, view.day)

    # -- counting -------------------------------------------------------------------------------------------------

    def _effects(self, known: Known) -> list[tuple[str, str]]:
        """Return what the event does to the count: ``set``, ``up`` or ``down``, and by which pattern."""
        patterns = self.counter.patterns() if self.counter is not None else {}
        found = [name for name in patterns if name in known.matched.selected]
        return [(name.rpartition(":")[2].rstrip("0123456789"), name) for name in found]

    def _count(self, known: Known) -> bool:
        """Let the event tell or change the number that it is about; tell whether it did."""
        if self.counter is None:
            return False
        whose = known.event.get(self.counter.per)
        if self.counter.type == "unit":
            whose = self.unit
        old = self._numbers.get(whose)
        value = old.value if old is not None else self.counter.starts
        effects = self._effects(known)
        for kind, name in effects:
            if kind == "set":
                value = known.event.get(self.counter.sets[int(name.rpartition("set")[2])][1])
            elif value is not None:
                value += 1 if kind == "up" else -1
        if not effects:
            return False
        self._before.numbers.setdefault(whose, old)
        since = max(known.event.known, old.known if old is not None else date.min)
        self._numbers[whose] = _Number(value if isinstance(value, int) else None, since)
        return True

    # -- opening and closing ----------------------------------------------------------------------------------------

    def _turn(self, day: date, asked: _Asked, holds: bool | None, cause: Known | None) -> None:
        """Open and close duties as the bound stands at the end of the day."""
        state = self._state
        if asked.applies is None:
            return  # nobody holds the post: what is open stays with it
        event = cause.event if cause is not None else None
        if not asked.applies:
            for track in (state.open, state.unclear):
                if track is not None:
                    self._close(track, cause, day)
            self._state = evolve(state, open=None, unclear=None)
            return
        missing = None if holds is not None else asked.missing or COUNT_UNKNOWN
        if state.unclear is not None and missing != state.unclear.missing:
            self._close(state.unclear, cause, day)
            state = evolve(state, unclear=None)
        may_open = day <= min(self.last, self.ends) and self.scene.is_chosen(self.rule, day)
        if holds and state.open is not None:
            state.open.act, state.open.performed = event, day
            state.open.outcome = cause.outcome if cause is not None else None
            self.scene.changed[state.open.id] = None
            state = evolve(state, open=None)
            if event is not None:
                self.result(event, "performed")
        elif holds is False and state.open is None and may_open:
            number = self._numbers.get(asked.whose or "")
            known = max(day, number.known if number is not None else day)
            round_ = state.rounds + 1
            track = self.begun(self.id(round_), day, known=known, trigger=event, round=round_, uses=asked.uses)
            state = evolve(state, open=track, rounds=round_)
            self._opened(track, cause)
        elif missing is not None and state.open is None and state.unclear is None and may_open:
            track = self.begun(f"{self.id()}/unclear-{day}", day, missing=missing, uses=asked.uses)
            state = evolve(state, unclear=track)
            self._opened(track, cause)
        self._state = state

    def _opened(self, track: Track, cause: Known | None) -> None:
        self.open(track)
        if cause is not None:
            self.result(cause.event, "fired")

    def _close(self, track: Track, cause: Known | None, day: date) -> None:
        """End a duty of which nothing is asked any more, or that is undetermined no longer."""
        track.end(cause.event if cause is not None else None, day)
        self.scene.changed[track.id] = None
        if cause is not None:
            self.result(cause.event, "fired")
