"""The fold of duties that are counted per unit, post, person or event, each triggered by an event."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from .bearer import bearer_on, predecessors
from .event import Event
from .fold import Fold, Known
from .rule import Duty
from .track import Matter, Scene, Track


def fold_rule(scene: Scene, rule: Duty, known: Iterable[Known]) -> list[Fold]:
    """Fold the known events, in any order, into the duties of one rule, key by key.

    While a duty of a key is open, a further trigger opens no second one; after it, it opens the next round. Counted
    per event, each trigger opens its own.
    """
    folds: dict[str, Fold] = {}
    ordered = sorted(known, key=lambda k: (k.event.date, k.event.type, k.event.known, k.event.key))
    for _, same_day in groupby(ordered, key=lambda k: k.event.date):
        today = list(same_day)
        acts = [each for each in today if rule.id in each.performs and not _perform(folds, rule, each)]
        for each in today:
            if rule in each.triggers:
                _trigger(scene, folds, rule, each)
        for each in acts:
            _perform(folds, rule, each)
    return list(folds.values())


def _trigger(scene: Scene, folds: dict[str, Fold], rule: Duty, known: Known) -> None:
    key = _key(rule, known)
    if key is None:
        return
    fold = folds.get(key)
    if fold is None:
        fold = folds[key] = Fold(scene, _matter(key, known.event))
    if any(track.live for track in fold.tracks.values()):
        fold.result(known.event, "no_effect")
    else:
        _open(fold, rule, known.event)


def _key(rule: Duty, known: Known) -> str | None:
    """Return what a duty of the rule is counted per: the unit that its trigger is about, a post, a person, the event."""
    if rule.per == "unit":
        return known.about
    key = known.event.id if rule.per == "event" else known.event.get(rule.per)
    return key if isinstance(key, str) else None


def _matter(key: str, event: Event) -> Matter:
    """The matter of a key; the person whom its trigger is about must stand aside in it."""
    matter = Matter(key=key, opened=event.date, known=event.known, opener=event, person=event.get("person"))
    if matter.person is not None:
        matter.recused[matter.person] = event.date
    return matter


def _open(fold: Fold, rule: Duty, event: Event) -> None:
    id_ = fold.track_id(rule, len(fold.tracks) + 1)
    start = fold.start(rule, event)
    fold.tracks[id_] = Track(rule, id_, fold.matter, event.date, event.known, event, start, len(fold.tracks) + 1)
    fold.result(event, "fired")


def _perform(folds: dict[str, Fold], rule: Duty, known: Known) -> bool:
    """Let the act serve one duty of the rule, the earliest open one that it is about; tell whether there was one."""
    tracks = [(track.opened, track.id, fold, track) for fold in folds.values() for track in fold.tracks.values()]
    for opened, _, fold, track in sorted(tracks, key=lambda each: each[:2]):
        if track.live and known.event.date >= opened and _answers(fold, track, rule, known):
            track.perform(known.event, known.outcome)
            fold.result(known.event, "performed")
            return True
    return False


def _answers(fold: Fold, track: Track, rule: Duty, known: Known) -> bool:
    """Tell whether the bearer did the act and it is about the key; one that names no key is about a duty of its actor."""
    named = _named(rule, known)
    if named is not None and fold.matter.key not in named:
        return False
    if known.actor is None:
        return named is not None
    bearer = bearer_on(fold.scene, track, known.event.date)
    if bearer.unit is not None and known.actor == bearer.unit:
        return True
    return bearer.base is not None and known.actor in predecessors(fold.scene.view(known.event.date), bearer.base)


def _named(rule: Duty, known: Known) -> list[str] | None:
    """Return the keys that an act names, or None when its type has no place for one or it is left empty."""
    if rule.per == "unit":
        return [known.about] if known.about is not None else None
    if rule.per == "event":
        fields = known.declared.fields if known.declared is not None else {}
        names = [known.event.get(name) for name, type_ in fields.items() if type_.name == "event"]
        return [name for name in names if name is not None] or None
    key = known.event.get(rule.per)
    return [key] if isinstance(key, str) else []
