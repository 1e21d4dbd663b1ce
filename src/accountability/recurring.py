"""The folds of duties that recur, per unit or post: by period, or from the last act (meaning.md, sections 2 and 3)."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from .bearer import borne_by
from .calendar import LAST_DAY, Period, periods, window
from .condition import all_of
from .fold import DAY, Fold, Known, day_after, track_id
from .matching.facts import fact_of
from .organization_facts import Post
from .origin import predecessors, start_of
from .rule import Recurrence
from .track import Matter, Scene, Track
from .view import View

GRADED = "unit.graded"
"""The event that gives a unit a grade, in its field `grade`."""

_PICKS = {"H1": "half-year", "H2": "half-year", "Q1": "quarter", "Q2": "quarter", "Q3": "quarter", "Q4": "quarter"}


class EachFold(Fold):
    """The duties of one rule for one unit or post on which it falls: what recurring and keeping duties share.

    The rule falls on its subject from `begin` on, while the subject exists (until `ends`) and the rule is in force (until
    `last`).
    """

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.rule = scene.policy.duties[key[1]]
        assert self.rule.each is not None
        self.each = self.rule.each
        organization = scene.organization
        subject = organization.units.get(key[2]) or organization.posts[key[2]]
        scene.asked.add(subject.id)
        self.subject = subject
        self.unit = subject.unit if isinstance(subject, Post) else subject.id
        first, last = scene.policy.force(self.rule.clause)
        self.begin = max(first, subject.from_) if first is not None else date.max
        self.last = last or date.max
        self.ends = subject.to
        if isinstance(subject, Post):
            home = organization.units[subject.unit]
            scene.asked.add(home.id)
            self.begin, self.ends = max(self.begin, home.from_), min(self.ends, home.to)
        self.matter = Matter("/".join(key[2:]), self.begin, self.begin)
        kind, start = "post" if isinstance(subject, Post) else "unit", self.rule.bearer.start
        self.walks_from: tuple[str, str] | None = (kind, subject.id)
        if start not in ("unit", "post", "contact"):
            self.walks_from = start_of(scene, start, self.matter, None)
        own = isinstance(subject, Post) and start == "post" and not self.rule.bearer.steps
        self.post = subject.id if own and self.rule.bearer.post == getattr(subject, "kind", None) else None
        self._grades: list[tuple[date, date, tuple[str, str], str]] = []

    def id(self, round_: int = 1) -> str:
        """Return the id of a duty of the subject."""
        first, *rest = (track_id(self.rule, part, 1) for part in self.key[2:])
        whole = "/".join((first, *(each.partition("/")[2] for each in rest)))
        return f"{whole}/{round_}" if round_ > 1 else whole

    def begun(self, id_: str, opened: date, **more: Any) -> Track:
        """Return a duty of the subject that opens on a day; without a bearer where nobody has set his parameter."""
        start = self.walks_from
        if start is None and more.get("missing") is None:
            more["missing"] = self.rule.bearer.start.rpartition(".")[2]
        given = {"known": max(opened, self.matter.known), "trigger": None, **more}
        return Track(self.rule, id_, self.matter, opened, start=start, post=self.post, **given)

    def filled(self, known: Iterable[Known]) -> Fold:
        """Take these events, given in any order: first what says on whom the rule falls."""
        ordered = sorted(known, key=lambda k: k.order)
        for acts in (False, True):
            for each in ordered:
                if self.is_act(each) is acts:
                    self.add(each)
        self.wake()
        return self

    def is_act(self, known: Known) -> bool:
        """Tell whether the event is more than one that says on whom the rule falls."""
        return known.event.type != GRADED

    def grade(self, known: Known) -> None:
        """Take a grade that the unit was given."""
        event = known.event
        insort(self._grades, (event.date, event.known, event.key, str(event.get("grade", ""))))
        self.result(event, "no_effect")

    def grade_on(self, view: View) -> str | None:
        """Return the grade that the unit was given last by the day of the view: by an event, else as it is recorded."""
        told = bisect_right(self._grades, view.day, key=lambda each: each[0])
        if told:
            return self._grades[told - 1][3] or None
        recorded = [fact for fact in view.tables.grades if fact.unit == self.unit]
        for fact in recorded:  # the answer holds until one begins or ends
            edges = [fact.to] if fact.from_ == date.min else [fact.from_ - DAY, fact.to]
            view.until = min([view.until, *(day for day in edges if day >= view.day)])
        standing = [fact for fact in recorded if fact.from_ <= view.day <= fact.to]
        return max(standing, key=lambda fact: (fact.from_, fact.grade)).grade if standing else None

    def asks(self, view: View) -> bool | None:
        """Tell whether the rule asks the subject for anything on the day of the view: None when that cannot be told."""
        if not self.rule.where:
            return True
        facts: dict[str, object] = {}
        for condition in self.rule.where:
            kind, *attributes = condition.path.split(".")
            if attributes == ["grade"]:
                fact: object = self.grade_on(view)
            else:
                fact = fact_of(view, kind, self.unit if kind == "unit" else self.subject.id, attributes)
            if fact is not None:
                facts[condition.path] = fact
        answer = all_of(self.rule.where)(facts)
        if answer is None:
            paths = dict.fromkeys(condition.path for condition in self.rule.where if condition.path not in facts)
            detail = {"rule": self.rule.id, "missing": ", ".join(paths)}
            self.find("organization_fact_required", self.matter.key, day=view.day, detail=detail)
        return answer

    def in_scope(self, view: View) -> bool:
        """Tell whether the subject stands below a unit of the kind that the rule names."""
        if self.each.under is None:
            return True
        above = (view.unit(name) for name in view.above(self.unit))
        return any(found is not None and found.kind == self.each.under for found in above)

    def falls(self, day: date) -> bool:
        """Tell whether the duty that would open on the day does; where it does not, report what is to be said."""
        if self.each.under is None and not self.rule.where:
            return True
        view = self.scene.view(day)
        if not self.in_scope(view):
            self.find("unit_not_in_scope", self.subject.id, day=day, detail={"clause": self.rule.clause.ref})
            return False
        return self.asks(view) is True


class RecurringFold(EachFold):
    """The duties of one recurring rule for one unit or post on which it falls."""

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        assert self.rule.recurrence is not None
        self.recurrence = self.rule.recurrence
        self.acts: dict[str, list[tuple[date, date, tuple[str, str], Known]]] = {}
        self._seen = self.begin  # the first day whose periods have not been looked at

    def add(self, known: Known) -> bool:
        """Take one more act of the subject, in whatever order: it serves one period."""
        if not self.is_act(known):
            if known.event.date < self._seen and self._seen > self.begin:
                return False
            self.grade(known)
            return True
        self._open_owed()
        track = self._served(known)
        if track is None:
            self.result(known.event, "no_effect")
            return True
        acts = self.acts.setdefault(track.id, [])
        event = known.event
        insort(acts, (event.date, event.known, event.key, known), key=lambda act: act[:3])
        needed = self._count(track)
        for place, (*_, each) in enumerate(acts):
            self.result(each.event, "performed" if place < needed else "no_effect")
        if len(acts) >= needed:
            self.perform(track, acts[needed - 1][3])
        self.scene.changed[track.id] = None
        return True

    def wake(self) -> None:
        """Open the duties of the periods that have come."""
        self._open_owed()

    def _open_owed(self) -> None:
        scene = self.scene
        end = min(scene.as_of, self.ends, self.last)
        if self.begin > end or self._seen > end:
            self.wakes = (
                self.begin if not self.tracks and scene.as_of < self.begin <= min(self.last, self.ends) else self.wakes
            )
            return
        missing = _missing(scene, self.recurrence, self.begin)
        if missing is not None:
            if self.falls(self.begin):
                self.open(self.begun(self.id(), self.begin, missing=missing))
            self._seen, self.wakes = date.max, None
            return
        for period, opened in self._owed(end):
            id_ = f"{self.id()}/{period.key.replace('/', '..')}"
            if id_ not in self.tracks and self.falls(opened):
                self.open(self.begun(id_, opened, period=period, end_of_period=period.last))
        self._seen = day_after(end)
        self.wakes = self._next_opening(end)

    def _owed(self, end: date) -> Iterator[tuple[Period, date]]:
        """Yield each period that is owed, not looked at before, and the day on which its duty opens."""
        for period in self._periods(self._seen, end):
            opened = period.last if self.recurrence.finished else max(period.first, self.begin)
            if not self._seen <= opened <= end or period.last > self.last:
                continue
            if period.first < self.begin and self.scene.choice("first_period", self.begin).value == "whole":
                continue
            yield period, opened

    def _next_opening(self, end: date) -> date | None:
        """Return the next day on which a further duty may be owed, None when there is none."""
        if end < self.scene.as_of:
            return None
        horizon = min(end.replace(year=end.year + 2, day=min(end.day, 28)), LAST_DAY)
        found = self._periods(end, horizon, ahead=True)
        return min((day for p in found if (day := p.last if self.recurrence.finished else p.first) > end), default=None)

    def _periods(self, first: date, last: date, ahead: bool = False) -> Iterator[Period]:
        scene, recurrence = self.scene, self.recurrence
        use = scene.value(recurrence.window or recurrence.parameter or "", self.begin)
        if use is not None and isinstance(use.value, tuple):
            for year in range(first.year - 1, last.year + 1):
                period = window(year, *use.value)
                if period.last >= first and period.first <= last:
                    yield period
            return
        kinds = [str(use.value)] if use is not None else [recurrence.every] if recurrence.every is not None else []
        anchor = self._anchor()
        picked = sorted({_PICKS.get(pick, pick) for pick in recurrence.picks}) or kinds
        for kind in picked:
            wanted = {pick for pick in recurrence.picks if _PICKS.get(pick) == kind}
            count = 0
            for period in periods(kind, first, last, anchor=anchor, calendar=scene.policy.calendar):
                if not wanted or kind in recurrence.picks or period.key.rpartition("-")[2] in wanted:
                    yield period
                    count += 1
                    if ahead and count == 2:
                        break

    def _anchor(self) -> date | None:
        word = self.recurrence.anchor
        if word not in ("calendar", "rolling"):
            use = self.scene.value(word, self.begin)
            word = str(use.value) if use is not None else "calendar"
        return self.begin if word == "rolling" else None

    def _served(self, known: Known) -> Track | None:
        """Return the duty that an act serves: of the period that it names, else of the one that holds its date."""
        event, chosen = known.event, None
        named = event.get("period") or event.get("year")
        if named is not None:
            chosen = self._latest(
                (t for t in self.tracks.values() if t.period and t.period.key == str(named)), event.date
            )
        elif self.recurrence.finished:
            chosen = self._latest(
                (t for t in self.tracks.values() if t.period and t.period.last <= event.date), event.date
            )
        else:
            holding = (t for t in self.tracks.values() if t.period is not None and _holds(t.period, event.date))
            chosen = self._latest(holding, event.date)
        return chosen if chosen is not None and self._by_bearer(chosen, known) else None

    @staticmethod
    def _latest(tracks: Iterable[Track], day: date) -> Track | None:
        return max((t for t in tracks if t.opened <= day), key=lambda t: (t.opened, t.id), default=None)

    def _by_bearer(self, track: Track, known: Known) -> bool:
        """Tell whether the bearer did the act, or nobody says who did and it is about the subject."""
        actor, day = known.actor, known.event.date
        if actor is None:
            return True
        bearer = borne_by(self.scene, track, day)
        if track.own_post is not None:
            return actor in (bearer.post, bearer.person)
        body = bearer.base if bearer.base is not None else self.matter.key
        return actor in (bearer.unit, bearer.post, bearer.person) or actor in predecessors(self.scene.view(day), body)

    def _count(self, track: Track) -> int:
        at_least = self.recurrence.at_least
        if isinstance(at_least, int):
            return at_least
        use = self.scene.value(at_least, track.opened)
        if use is None or not isinstance(use.value, int):
            track.missing = at_least.rpartition(".")[2]
            return 1
        return use.value


class LastActFold(RecurringFold):
    """The duties of a rule that recurs from the last act: one at a time, the next one opened by the act."""

    _last: tuple[date, date, tuple[str, str]] | None = None

    def add(self, known: Known) -> bool:
        """Take one more act, unless it is dated before one that was taken."""
        if not self.is_act(known):
            if self._seen > self.begin:
                return False
            self.grade(known)
            return True
        self._seen = date.max
        order = (known.event.date, known.event.known, known.event.key)
        if self._last is not None and order < self._last:
            return False
        self._open_owed()
        self._last = order
        track = self.tracks[next(reversed(self.tracks))] if self.tracks else None
        if (
            track is None
            or track.missing is not None
            or known.event.date < track.opened
            or not self._by_bearer(track, known)
        ):
            self.result(known.event, "no_effect")
            return True
        self.perform(track, known)
        self.result(known.event, "performed")
        self._next(known.event.date, track.round + 1)
        return True

    def _open_owed(self) -> None:
        if not self.tracks:
            self._next(self.begin, 1)

    def _next(self, day: date, round_: int) -> None:
        """Open the duty that counts from a day, when the rule, the unit and the force still stand."""
        if day > min(self.scene.as_of, self.ends, self.last):
            self.wakes = day if not self.tracks and self.scene.as_of < day <= min(self.ends, self.last) else None
            return
        self.wakes, self._seen = None, date.max
        if self.falls(day):
            missing = _missing(self.scene, self.recurrence, day)
            self.open(self.begun(self.id(round_), day, missing=missing, round=round_))


def _holds(period: Period, day: date) -> bool:
    """Tell whether the day lies in the period; that of a yearly window is the whole year."""
    return period.first <= day <= period.last or (period.kind == "window" and period.key == str(day.year))


def _missing(scene: Scene, recurrence: Recurrence, start: date) -> str | None:
    """Return the parameter without which nobody knows the periods, or None."""
    name = recurrence.window or recurrence.parameter
    return name.rpartition(".")[2] if name is not None and scene.value(name, start) is None else None
