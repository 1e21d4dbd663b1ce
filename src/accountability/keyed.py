"""The fold of duties that are counted per unit, post, person or event, each triggered by an event."""

from __future__ import annotations

from collections.abc import Iterable

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
    for each in sorted(known, key=lambda k: (k.event.date, k.event.type, k.event.known, k.event.key)):
        if rule in each.triggers:
            key = _key(rule, each.event)
            if key is None:
                continue
            fold = folds.get(key)
            if fold is None:
                fold = folds[key] = Fold(scene, _matter(key, each.event))
            if not any(track.live for track in fold.tracks.values()):
                _open(fold, rule, each.event)
            else:
                fold.result(each.event, "no_effect")
        if rule.id in each.performs:
            for fold in folds.values():
                _perform(fold, rule, each)
    # an act on the day of its trigger counts, whichever of the two was read first
    return list(folds.values())


def _key(rule: Duty, event: Event) -> str | None:
    key = event.id if rule.per == "event" else event.get(rule.per)
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


def _perform(fold: Fold, rule: Duty, known: Known) -> None:
    for track in fold.tracks.values():
        if track.live and known.event.date >= track.opened and _answers(fold, track, rule, known):
            track.perform(known.event, known.outcome)
            fold.result(known.event, "performed")


def _answers(fold: Fold, track: Track, rule: Duty, known: Known) -> bool:
    """Tell whether the act is about the key of the duty; per event, an act that names none is about its bearer."""
    event, declared = known.event, known.declared
    if rule.per != "event":
        return bool(event.get(rule.per) == fold.matter.key)
    fields = declared.fields if declared is not None else {}
    named = [event.get(name) for name, type_ in fields.items() if type_.name == "event" and event.get(name) is not None]
    if named:
        return fold.matter.key in named
    if known.actor is None:
        return False
    bearer = bearer_on(fold.scene, track, event.date)
    return bearer.base is not None and known.actor in predecessors(fold.scene.view(event.date), bearer.base)
