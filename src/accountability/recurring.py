"""The fold of duties that recur: per unit or post and period (meaning.md, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from .bearer import predecessors
from .calendar import Period, periods, window
from .fold import Fold, Known, start_of
from .organization import Post, Unit
from .rule import Duty, Each, Recurrence
from .track import Matter, Scene, Track

_PICKS = {"H1": "half-year", "H2": "half-year", "Q1": "quarter", "Q2": "quarter", "Q3": "quarter", "Q4": "quarter"}


def fold_recurring(scene: Scene, rule: Duty, known: Iterable[Known]) -> list[Fold]:
    """Fold the known events, in any order, into the duties of one recurring rule, for each on whom it falls."""
    assert rule.recurrence is not None and rule.each is not None
    first, last = scene.policy.force(rule.clause)
    if first is None:
        return []
    acts = sorted((k for k in known if rule.id in k.performs), key=lambda k: (k.event.date, k.event.known, k.event.key))
    folds = []
    for subject in subjects(scene, rule.each):
        start = max(first, subject.from_)
        end = min(scene.as_of, subject.to, last or date.max)
        matter = Matter(key=subject.id, opened=start, known=start)
        fold = Fold(scene, matter)
        kind = "post" if isinstance(subject, Post) else "unit"
        walks_from = (kind, subject.id)
        if rule.bearer.start not in ("unit", "post"):
            walks_from = start_of(scene, rule.bearer.start, matter, None) or walks_from
        post = subject.id if kind == "post" and rule.bearer.start == "post" else None
        missing = _missing(scene, rule.recurrence, start)
        if missing is not None and start <= end and _in_scope(scene, rule.each, subject, start):
            id_ = fold.track_id(rule, 1)
            fold.tracks[id_] = Track(rule, id_, matter, start, start, None, walks_from, post=post, missing=missing)
        for period, opened in _owed(scene, rule, rule.recurrence, start, end, last) if missing is None else ():
            if not _in_scope(scene, rule.each, subject, opened):
                fold.find("unit_not_in_scope", subject.id, day=opened, detail={"clause": rule.clause.ref})
            else:
                id_ = f"{fold.track_id(rule, 1)}/{period.key.replace('/', '..')}"
                track = Track(
                    rule,
                    id_,
                    matter,
                    opened,
                    opened,
                    None,
                    walks_from,
                    post=post,
                    period=period,
                    end_of_period=period.last,
                )
                fold.tracks[id_] = track
        _perform(scene, rule, fold, [k for k in acts if _by(scene, subject, k)])
        if fold.tracks or fold.findings:
            folds.append(fold)
    return folds


def subjects(scene: Scene, each: Each) -> Iterator[Unit | Post]:
    """Yield, in the order of their ids, the units or posts of the kind, whenever they exist."""
    organization = scene.organization
    units = [unit for _, unit in sorted(organization.units.items()) if unit.kind == each.kind]
    if each.post is None:
        yield from units
        return
    names = {unit.id for unit in units}
    for _, post in sorted(organization.posts.items()):
        if post.unit in names and each.post in ("post", post.kind) and (post.leader or not each.leader):
            yield post


def _in_scope(scene: Scene, each: Each, subject: Unit | Post, day: date) -> bool:
    if each.under is None:
        return True
    view = scene.view(day)
    unit = subject.unit if isinstance(subject, Post) else subject.id
    above = (view.unit(name) for name in view.above(unit))
    return any(found is not None and found.kind == each.under for found in above)


def _owed(
    scene: Scene, rule: Duty, recurrence: Recurrence, start: date, end: date, last: date | None
) -> Iterator[tuple[Period, date]]:
    """Yield each period that is owed and the day on which its duty opens."""
    if start > end:
        return
    for period in _periods(scene, recurrence, start, end):
        opened = period.last if recurrence.finished else max(period.first, start)
        within = last is None or period.last <= last
        if opened > end or not within:
            continue
        if period.first < start and scene.choice("first_period", start).value == "whole":
            continue
        yield period, opened


def _missing(scene: Scene, recurrence: Recurrence, start: date) -> str | None:
    """Return the parameter without which nobody knows the periods, or None."""
    name = recurrence.window or recurrence.parameter
    return name.rpartition(".")[2] if name is not None and scene.value(name, start) is None else None


def _periods(scene: Scene, recurrence: Recurrence, start: date, end: date) -> Iterator[Period]:
    use = scene.value(recurrence.window or recurrence.parameter or "", start)
    if use is not None and isinstance(use.value, tuple):
        for year in range(start.year - 1, end.year + 1):
            period = window(year, *use.value)
            if period.last >= start and period.first <= end:
                yield period
        return
    kinds = [str(use.value)] if use is not None else [recurrence.every] if recurrence.every is not None else []
    anchor = _anchor(scene, recurrence, start)
    picked = sorted({_PICKS.get(pick, pick) for pick in recurrence.picks}) or kinds
    for kind in picked:
        wanted = {pick for pick in recurrence.picks if _PICKS.get(pick) == kind}
        for period in periods(kind, start, end, anchor=anchor, calendar=scene.policy.calendar):
            if not wanted or kind in recurrence.picks or period.key.rpartition("-")[2] in wanted:
                yield period


def _anchor(scene: Scene, recurrence: Recurrence, start: date) -> date | None:
    word = recurrence.anchor
    if word not in ("calendar", "rolling"):
        use = scene.value(word, start)
        word = str(use.value) if use is not None else "calendar"
    return start if word == "rolling" else None


def _by(scene: Scene, subject: Unit | Post, known: Known) -> bool:
    """Tell whether the act is the subject's: its unit acted, or its post or holder is named as the actor."""
    actor = known.actor
    if actor is None:
        return False
    if isinstance(subject, Post):
        return actor in (subject.id, scene.view(known.event.date).holder(subject.id))
    return actor in predecessors(scene.view(known.event.date), subject.id)


def _perform(scene: Scene, rule: Duty, fold: Fold, acts: list[Known]) -> None:
    """Let each act serve one period: the one that it names, else the one that holds its date (or finished last)."""
    assert rule.recurrence is not None
    tracks = sorted((t for t in fold.tracks.values() if t.period is not None), key=lambda t: t.opened)
    for known in acts:
        event = known.event
        named = event.get("period") or event.get("year")
        for track in tracks if named is not None else reversed(tracks):
            period = track.period
            assert period is not None
            if named is not None:
                serves = str(named) == period.key
            elif rule.recurrence.finished:
                serves = period.last <= event.date
            else:
                serves = period.first <= event.date <= period.last
            if serves and event.date >= track.opened:
                if track.live:
                    track.partial_acts.append(event)
                    if len(track.partial_acts) >= _count(scene, rule.recurrence, track):
                        track.perform(event, known.outcome)
                    fold.result(event, "performed")
                break
        else:
            fold.result(event, "no_effect")


def _count(scene: Scene, recurrence: Recurrence, track: Track) -> int:
    if isinstance(recurrence.at_least, int):
        return recurrence.at_least
    use = scene.value(recurrence.at_least, track.opened)
    if use is None or not isinstance(use.value, int):
        track.missing = recurrence.at_least.rpartition(".")[2]
        return 1
    return use.value
