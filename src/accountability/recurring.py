"""The folds of duties that recur, per unit or post: by period, or from the last act (meaning.md, sections 2 and 3)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import date

from .bearer import borne_by, predecessors, start_of
from .calendar import LAST_DAY, Period, periods, window
from .fold import Fold, Known, day_after, track_id
from .organization import Organization, Post, Unit
from .organization_live import LiveOrganization
from .rule import Duty, Each, Recurrence
from .track import Matter, Scene, Track
from .view import View

_PICKS = {"H1": "half-year", "H2": "half-year", "Q1": "quarter", "Q2": "quarter", "Q3": "quarter", "Q4": "quarter"}


class RecurringFold(Fold):
    """The duties of one recurring rule for one unit or post on which it falls."""

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.rule = scene.policy.duties[key[1]]
        assert self.rule.recurrence is not None and self.rule.each is not None
        self.recurrence, self.each = self.rule.recurrence, self.rule.each
        subject = scene.organization.units.get(key[2]) or scene.organization.posts[key[2]]
        scene.asked.add(subject.id)
        self.subject = subject
        first, last = scene.policy.force(self.rule.clause)
        self.last = last or date.max
        self.begin = max(first, subject.from_) if first is not None else date.max
        self.matter = Matter(key=subject.id, opened=self.begin, known=self.begin)
        kind = "post" if isinstance(subject, Post) else "unit"
        self.walks_from: tuple[str, str] | None = (kind, subject.id)
        if self.rule.bearer.start not in ("unit", "post"):
            self.walks_from = start_of(scene, self.rule.bearer.start, self.matter, None) or self.walks_from
        self.post = subject.id if kind == "post" and self.rule.bearer.start == "post" else None
        self.acts: dict[str, list[tuple[date, date, tuple[str, str], Known]]] = {}
        self._seen = self.begin  # the first day whose periods have not been looked at

    def add(self, known: Known) -> bool:
        """Take one more act of the subject, in whatever order: it serves one period."""
        self._open_owed()
        track = self._served(known)
        if track is None:
            self.result(known.event, "no_effect")
            return True
        acts = self.acts.setdefault(track.id, [])
        event = known.event
        insort(acts, (event.date, event.known, event.key, known), key=lambda act: act[:3])
        needed = self._count(track)
        track.partial_acts = [each[3].event for each in acts[:needed]]
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
        scene, rule = self.scene, self.rule
        end = min(scene.as_of, self.subject.to, self.last)
        if self.begin > end or self._seen > end:
            self.wakes = (
                self.begin
                if not self.tracks and scene.as_of < self.begin <= min(self.last, self.subject.to)
                else self.wakes
            )
            return
        missing = _missing(scene, self.recurrence, self.begin)
        if missing is not None:
            if self._in_scope(self.begin):
                self.open(self._track(track_id(rule, self.matter.key, 1), self.begin, missing=missing))
            self._seen, self.wakes = date.max, None
            return
        for period, opened in self._owed(end):
            if not self._in_scope(opened):
                self.find("unit_not_in_scope", self.subject.id, day=opened, detail={"clause": rule.clause.ref})
                continue
            id_ = f"{track_id(rule, self.matter.key, 1)}/{period.key.replace('/', '..')}"
            if id_ not in self.tracks:
                self.open(self._track(id_, opened, period))
        self._seen = day_after(end)
        self.wakes = self._next_opening(end)

    def _track(self, id_: str, opened: date, period: Period | None = None, missing: str | None = None) -> Track:
        return Track(
            self.rule, id_, self.matter, opened, opened, None, self.walks_from, post=self.post, period=period,
            end_of_period=period.last if period is not None else None, missing=missing,
        )  # fmt: skip

    def _in_scope(self, day: date) -> bool:
        if self.each.under is None:
            return True
        view = self.scene.view(day)
        unit = self.subject.unit if isinstance(self.subject, Post) else self.subject.id
        above = (view.unit(name) for name in view.above(unit))
        return any(found is not None and found.kind == self.each.under for found in above)

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
            holding = (t for t in self.tracks.values() if t.period and t.period.first <= event.date <= t.period.last)
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
        if self.post is not None:
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
        if day > min(self.scene.as_of, self.subject.to, self.last):
            self.wakes = day if not self.tracks and self.scene.as_of < day <= min(self.subject.to, self.last) else None
            return
        self.wakes = None
        if not self._in_scope(day):
            self.find("unit_not_in_scope", self.subject.id, day=day, detail={"clause": self.rule.clause.ref})
            return
        missing = _missing(self.scene, self.recurrence, day)
        track = self._track(track_id(self.rule, self.matter.key, round_), day, missing=missing)
        track.round = round_
        self.open(track)


def subjects(organization: Organization | LiveOrganization, each: Each) -> Iterator[Unit | Post]:
    """Yield the units or posts of the kind, whenever they exist."""
    if each.post is None:
        yield from (unit for unit in organization.units.values() if unit.kind == each.kind)
        return
    for post in organization.posts.values():
        if falls_on(organization, each, post):
            yield post


def falls_on(organization: Organization | LiveOrganization, each: Each, subject: Unit | Post) -> bool:
    """Tell whether a recurring duty falls on the unit or post, whenever it exists."""
    if isinstance(subject, Unit):
        return each.post is None and subject.kind == each.kind
    of_kind = each.post in ("post", subject.kind) and (subject.leader or not each.leader)
    return each.post is not None and of_kind and organization.units[subject.unit].kind == each.kind


def _missing(scene: Scene, recurrence: Recurrence, start: date) -> str | None:
    """Return the parameter without which nobody knows the periods, or None."""
    name = recurrence.window or recurrence.parameter
    return name.rpartition(".")[2] if name is not None and scene.value(name, start) is None else None


def subjects_acting(scene: Scene, rule: Duty, known: Known) -> tuple[str, ...]:
    """Return the units or posts of a recurring rule whose duty the act may serve.

    That is the unit that the event is about, where its type says so beside the actor; else whoever acted: the unit,
    or those to which its duties passed, the post, or the posts of the person.
    """
    actor, declared = known.actor, known.declared
    named = (
        known.about if declared is not None and (declared.actor is None or declared.about != declared.actor) else None
    )
    if actor is None and named is None:
        return ()
    key = ("subjects", rule.id, actor or "", named or "")
    found: tuple[str, ...] = scene.lasting_as(
        key, known.event.date, lambda view: _subjects_acting(scene, rule, actor, named, view)
    ).value
    return found


def _subjects_acting(scene: Scene, rule: Duty, actor: str | None, named: str | None, view: View) -> tuple[str, ...]:
    assert rule.each is not None
    organization, found = scene.organization, set[str]()
    for name in {actor, named} - {None}:
        assert name is not None
        if rule.each.post is None:
            found |= _heirs(view, name)
        else:
            view.asked.add(name)
            found |= {name, *(tenure.post for tenure in organization._held.get(name, ()))}
            if name in organization.units and name == named:
                found |= {post.id for post in view.posts(name)}
    return tuple(
        name
        for name in sorted(found)
        if (subject := organization.units.get(name) if rule.each.post is None else organization.posts.get(name)) is not None
        and falls_on(organization, rule.each, subject)
    )


def _heirs(view: View, unit: str) -> set[str]:
    """Return the unit and those to which its duties passed by the day."""
    waiting, seen = [unit], set[str]()
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(relation.source for relation in view.successors(each))
    return seen
