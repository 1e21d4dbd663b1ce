"""The duties of a superior to designate a convener, where that is chosen for a holder who stands aside (meaning.md 5)."""

from __future__ import annotations

from datetime import date

from attrs import evolve

from .bearer import Bearer, designations
from .breach import bearer_at
from .fold import DAY, Fold
from .roles import named_post
from .rule import Duty, Pattern, Time
from .track import Scene, Track


def designating(scene: Scene, fold: Fold, served: Track, line: list[Bearer]) -> list[Track]:
    """Open the superior's duty to designate a convener on each day from which on there was none."""
    matter = served.matter
    found: list[Track] = []
    open_until: date | None = None
    round_ = 0
    for bearer in line:
        day, needless = bearer.from_, _needless(line, bearer.from_)
        if not bearer.designates or bearer.unit is None or (open_until is not None and day <= open_until):
            continue
        standing = designations(matter, scene.view(day), bearer.unit)
        if any(e.date < day or (e.date == day and e.key in fold.designated) for e in standing):
            continue
        round_ += 1
        track = _designate(scene, served, day, round_, bearer.unit)
        last = min(served.last or date.max, needless - DAY if needless is not None else date.max)
        later = [e for e in matter.designated if day <= e.date <= last]
        acts = [e for e in later if e in designations(matter, scene.view(e.date), _unit_on(line, e.date, bearer.unit))]
        act = min(acts, key=lambda e: (e.date, e.key), default=None)
        if act is not None:
            track.perform(act, None)
            fold.designated |= {act.key}
        else:
            _end_need(track, served, needless)
        open_until = track.last or date.max
        found.append(track)
    return found


def _end_need(track: Track, served: Track, needless: date | None) -> None:
    """End a duty to designate when what it serves ends, or when nobody need be designated any more."""
    if needless is not None and (served.last is None or needless <= served.last):
        track.end(None, needless)
    elif served.last is not None:
        track.end(served.act or served.ended_by, served.last)


def _designate(scene: Scene, served: Track, day: date, round_: int, unit: str) -> Track:
    """Return the duty; it is known once the served duty and the recusal of the holder are."""
    rule = _designating(served.rule)
    id_ = f"{rule.id}/{served.id.partition('/')[2]}" + (f"/{round_}" if round_ > 1 else "")
    view = scene.view(day)
    post = named_post(scene, served.rule.bearer, unit, view)
    holder = view.holder(post.id) if post is not None else None
    told = [e.known for e in served.matter.recusals if holder in (e.get("person"), *(e.get("persons") or ()))]
    known = max(served.known, min(told, default=day))
    return Track(
        rule, id_, served.matter, day, known, served.trigger, served.start, round_, serves=served, home=served.home
    )


def _needless(line: list[Bearer], day: date) -> date | None:
    """Return the first day after `day` on which nobody need be designated any more."""
    return next((bearer.from_ for bearer in line if bearer.from_ > day and not bearer.designates), None)


def _unit_on(line: list[Bearer], day: date, otherwise: str) -> str:
    bearer = bearer_at(line, day)
    return bearer.unit if bearer is not None and bearer.unit is not None else otherwise


def _designating(rule: Duty) -> Duty:
    """Return the duty of the superior to designate a convener for a duty of the rule."""
    return evolve(
        rule,
        id=f"{rule.id}.designate",
        title={"zh": "指定召集人", "en": "designate a convener"},
        act="designate_convener",
        must=Pattern(("convener.designated",)),
        within=Time(parameter="designate_within"),
        stage=None,
        to=None,
        by=None,
        with_=None,
        after=None,
        parts=(),
    )
