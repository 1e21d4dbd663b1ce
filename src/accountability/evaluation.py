"""The evaluation: folds kept per key, and what must be worked out anew when events or days come (design: fold per key).

Fed with all events at once it is the definition of `assess`; fed event by event it gives the same answers at a cost
that does not depend on the length of the record, for an event re-evaluates only the keys that read it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from heapq import heappop
from typing import Any

from .answer import Liability
from .bounds import each_fold
from .breach import finding_liability
from .case import CaseFold
from .event import Event
from .fold import Fold, FoldKey, Known
from .gate import GateFold
from .keyed import KeyedFold, key_of
from .knowledge import EventKey
from .organization_changes import ORGANIZATION_EVENTS
from .resolve import bound
from .routing import TypeLaw
from .rule import LiabilityRule, Scale
from .scale import rating, rating_id
from .standing import Standing
from .subjects import subjects
from .track import Owner


class Evaluation(Standing):
    """The answers about what was told, as of a day, kept up to date.

    A `partial` one holds the duties that recur only where an act was told. All events told are dated, and known, not
    after the day. When anything is raised from `take`, the evaluation is spoilt; make a new one.
    """

    def take(self, events: Sequence[Event], day: date) -> None:
        """Take further events, in any order, and let the days pass to `day`."""
        self.scene.as_of = day
        type_ = self._router.type(events[0].type) if len(events) == 1 and self._begun else None
        if type_ is not None and not type_.acted_upon and self.telling.adds(events[0]):
            self._place(events[0], type_)
        elif events or not self._begun:
            self._take_any(events)
        while self._again:  # triggers that are repeated often enough now, or no more
            again, self._again = self._again, {}
            for key in again:
                if key in self._known:
                    self._place(self.telling.events[key])
        self._pass_time(day)
        self._settle()

    def _take_any(self, events: Sequence[Event]) -> None:
        """Take events that may tell a fact again, take others back or change the organization."""
        counting, ceasing = self.telling.add(events)
        if self.telling.has_retractions:
            for event in events:
                self._dirty_events.update(dict.fromkeys(self.telling.aiming_at(event.key)))
        if self._twice or self.telling.duplicates:
            self._note_duplicates()
        if not self._begun:
            self._begun = True
            self._begin_recurring(None)
        self._reorganize(counting, ceasing)
        refused = self.refused
        for event in ceasing:
            self._remove(event)
        for event in sorted(counting, key=lambda e: (e.date, e.known, e.key)) if len(counting) > 1 else counting:
            if event.key not in refused:
                self._place(event)

    def _reorganize(self, counting: list[Event], ceasing: list[Event]) -> None:
        """Apply the changes of the organization, and have worked out anew what read the facts that they touch."""
        changes = [e for e in counting if e.type in ORGANIZATION_EVENTS]
        gone = [e for e in ceasing if e.type in ORGANIZATION_EVENTS]
        if not changes and not gone:
            return
        live = self.live_organization()
        before = dict(live.refused)
        touched = live.change(changes, gone)
        moved = {event.key for event in (*counting, *ceasing)}
        for key in sorted(before.keys() ^ live.refused.keys()):
            if key in live.refused:
                self._remove(self.telling.events[key])
            elif key not in moved:
                self._place(self.telling.events[key])
        if not touched:
            return
        readers = self.scene.forget(touched).union(*(self._readers.get(name, ()) for name in touched))
        for owner in sorted(readers):
            if owner[0] == "event":
                if owner[1:] in self._known:
                    self._place(self.telling.events[owner[1], owner[2]])
            elif owner[0] == "vacancy":
                self._dirty_vacancies[owner[1], date.fromisoformat(owner[2])] = None
            else:
                self._dirty_folds[owner] = None
        self._begin_recurring(touched)

    def _begin_recurring(self, names: Iterable[str] | None) -> None:
        """Begin the folds of the duties that recur, for all units and posts or for those with these names."""
        if self._partial:
            return
        organization = self.scene.organization
        for duty in self._router.duties.values():
            if duty.each is None or self.scene.policy.force(duty.clause)[0] is None:
                continue
            for subject in subjects(organization, duty.each, names):
                key = ("each", duty.id, *subject)
                if key not in self.folds:
                    self._dirty_folds[key] = None

    def _place(self, event: Event, type_: TypeLaw | None = None) -> None:
        """Match an event and give it to the folds that read it; again when facts that it reads have changed."""
        key, scene, router = event.key, self.scene, self._router
        owner = ("event", *key)
        self._ask(owner)
        if type_ is None:
            type_ = router.type(event.type)
        known = Known(event, router.selected(scene, event, type_))
        if known.law.repeated:
            known = self._often_enough(known)
        keys = known.keys = router.keys(scene, known, type_)
        places = router.unknown_places(scene, event, type_) if type_.places else []
        if type_.directed:
            places += router.directives(scene, known)
        if places or type_.findings or type_.scales or type_.acted_upon or "clause" in event.fields or self._unknown:
            self._by_event(owner, event, known, type_, places)
        if scene.asked:
            self._read(owner)
        self._dirty_events[key] = None
        old = self._known.get(key)
        self._known[key] = known
        if old is not None:
            known.said = old.said
            for fold_key in old.keys:
                if fold_key not in keys:
                    self._leave(fold_key, key)
        changed = old is None or not old.is_matched_as(known)
        for fold_key in keys:
            members = self._members.get(fold_key)
            if members is None:
                members = self._members[fold_key] = {}
            members[key] = known
            if old is not None and fold_key in old.keys:
                if changed:
                    self._dirty_folds[fold_key] = None
            elif (given := self._dirty_folds.setdefault(fold_key, {})) is not None:
                given[key] = known

    def _often_enough(self, known: Known) -> Known:
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
                    self._again[later] = None

            def nth_last(n: int, history: list[Any] = history, place: int = place) -> date | None:
                return history[place + 1 - n][0] if n <= place + 1 else None

            if not self._router.is_repeated(self.scene, duty, nth_last, known.event.date):
                out.append(duty.id)
        if not out:
            return known
        law = known.law.without.get(tuple(out))
        if law is None:
            law = known.law.without[tuple(out)] = known.law.leaving_out(out)
        return Known(known.event, law)

    def _by_event(
        self, owner: Owner, event: Event, known: Known, type_: TypeLaw, places: list[tuple[str, str, dict[str, str]]]
    ) -> None:
        """Note what an event alone says: places that nobody knows, candidates, extensions, decisions."""
        if places:
            self._unknown[event.key] = places
        else:
            self._unknown.pop(event.key, None)
        clause = event.fields.get("clause")
        if event.case is not None and clause is not None:
            self._dirty_tracks.update(dict.fromkeys(self._of_case(event.case)))
        elif type_.findings:
            candidates = self._candidates(event, known, type_.findings)
            if candidates or owner in self.collected.answerable:
                self.collected.answer(owner, [(each, ()) for each in candidates])
        if type_.scales:
            self._rate(event, known, type_.scales)
        if event.type == "deadline.extended":
            self._extend(event, self._extensions.setdefault(event.get("obligation"), []))
        elif event.type == "liability.decided":
            decisions = self.collected.decisions.setdefault(event.get("liability"), [])
            if event not in decisions:
                decisions.append(event)
            self.collected.settle(event.get("liability"))

    def _rate(self, event: Event, known: Known | None, scales: Iterable[tuple[str, Scale]]) -> None:
        """Rate by the scales that read the event; take the ratings back where nothing is known of it any more."""
        for name, scale in scales:
            is_rated = (
                known is not None
                and name in known.matched.selected
                and self._router.stands(self.scene, scale, event.date)
            )
            id_ = rating_id(scale, event)
            if is_rated or id_ in self.collected.ratings.standing:
                unit = known.about if known is not None else None
                self.collected.ratings.put(id_, rating(self.scene, scale, event, unit) if is_rated else None)

    def _candidates(self, event: Event, known: Known, rules: Iterable[tuple[str, LiabilityRule]]) -> list[Liability]:
        found = []
        for name, rule in rules:
            if name in known.matched.selected and self._router.stands(self.scene, rule, event.date):
                liability = finding_liability(self.scene, rule, event)
                if liability is not None:
                    found.append(liability)
        return found

    def _extend(self, event: Event, extensions: list[Event]) -> None:
        if event not in extensions:
            extensions.append(event)
        track = event.get("obligation")
        self._dirty_tracks[self._main(track)] = None

    def _remove(self, event: Event) -> None:
        """Take an event away from the folds that read it."""
        key = event.key
        known = self._known.pop(key, None)
        if known is None:
            return
        owner = ("event", *key)
        for fold_key in known.keys:
            self._leave(fold_key, key)
        for history in self._history.values() if event.type in self._router.repeating else ():
            place = bisect_left(history, (event.date, event.known, key))
            if history[place : place + 1] == [(event.date, event.known, key)]:
                del history[place]
                self._again.update(dict.fromkeys(later for *_, later in history[place:]))
        self._dirty_events.pop(key, None)
        self._unknown.pop(key, None)
        self.collected.find(owner, {})
        self._reported.discard(key)
        self.collected.answer(owner, [])
        self._rate(event, None, self._router.type(event.type).scales)
        if event.case is not None and event.fields.get("clause") is not None:
            self._dirty_tracks.update(dict.fromkeys(self._of_case(event.case)))
        if event.type == "deadline.extended":
            self._extensions[event.get("obligation")].remove(event)
            self._dirty_tracks[self._main(event.get("obligation"))] = None
        elif event.type == "liability.decided":
            self.collected.decisions[event.get("liability")].remove(event)
            self.collected.settle(event.get("liability"))

    def _leave(self, fold_key: FoldKey, event: EventKey) -> None:
        self._members.get(fold_key, {}).pop(event, None)
        given = self._dirty_folds.get(fold_key)
        if given is None or given.pop(event, None) is None:
            self._dirty_folds[fold_key] = None

    def _pass_time(self, day: date) -> None:
        """Have worked out anew what may have changed because days have passed."""
        standing = self.collected.obligations.standing
        while self._days and self._days[0] <= day:
            when = heappop(self._days)
            for each in self._wakes.pop(when):
                if isinstance(each, str):
                    answer = standing.get(each)
                    if answer is not None and (
                        answer.wakes == when or (answer.more and any(more.wakes == when for more in answer.more))
                    ):
                        self._dirty_tracks[each] = None
                elif each in self.folds and self.folds[each].wakes == when:
                    self._dirty_folds.setdefault(each, {})

    def _settle(self) -> None:
        """Fold and resolve until nothing is left that must be worked out anew."""
        while True:
            if self._dirty_folds:
                folds, self._dirty_folds = self._dirty_folds, {}
                for key, given in folds.items():
                    self._fold(key, given)
            elif self._dirty_tracks:
                tracks, self._dirty_tracks = self._dirty_tracks, {}
                for track in tracks:
                    self._resolve_again(track)
            elif self._dirty_vacancies:
                vacancies, self._dirty_vacancies = self._dirty_vacancies, {}
                for vacancy in vacancies:
                    self._vacant(vacancy)
            else:
                break
        events, told = self._dirty_events, self.collected.told
        if told:
            events.update(told)
            told.clear()
        for event in events:
            self._say(event)
        events.clear()

    def _fold(self, key: FoldKey, given: dict[EventKey, Known] | None) -> None:
        """Continue a fold with the events given, in the order of their days, or fold the key anew."""
        self._ask(key)
        fold, scene = self.folds.get(key), self.scene
        if fold is not None and given is not None and self._continue(fold, given):
            self._after(key, fold, list(scene.changed))
            if scene.asked:
                self._read(key)
            return
        members = self._members.setdefault(key, {})
        old, self.refolded = fold, self.refolded + (fold is not None)
        scene.changed.clear()
        scene.told.clear()
        fold = self._new(key)
        if fold is None:
            self.folds.pop(key, None)
        else:
            self.folds[key] = fold.filled(members.values())
        if old is not None:
            for track in old.tracks.keys() - (fold.tracks.keys() if fold is not None else set()):
                self._drop(track)
            self._dirty_events.update(dict.fromkeys(event for event in old.results if event in self._known))
            self.collected.find(key, {})
            self.collected.escalate(key, ())
        if fold is not None:
            self._after(key, fold, list(fold.tracks))
        if scene.asked:
            self._read(key)

    @staticmethod
    def _continue(fold: Fold, given: dict[EventKey, Known]) -> bool:
        """Give the events to the fold; tell whether it could take them."""
        several = sorted(given.values(), key=lambda known: known.order) if len(given) > 1 else given.values()
        taken = all(map(fold.add, several))
        if taken and not (given and fold.awake):
            fold.wake()
        return taken

    def _new(self, key: FoldKey) -> Fold | None:
        """Return an empty fold for the key, None when nothing is counted by it any more."""
        if key[0] != "each" and not self._members[key]:
            return None
        if key[0] == "case":
            return CaseFold(key, self.scene)
        if key[0] == "keyed":
            return KeyedFold(key, self.scene)
        if key[0] == "gate":
            return GateFold(key, self.scene)
        return each_fold(key, self.scene, self._members[key].values())

    def _after(self, key: FoldKey, fold: Fold, tracks: list[str]) -> None:
        """Resolve the tracks of a fold that changed, and take over what else it says."""
        changed, told = self.scene.changed, self.scene.told
        for track in changed:
            if track not in fold.tracks:
                self._drop(track)
        changed.clear()
        if tracks:
            self._resolve(fold, tracks)
        if told:
            self._dirty_events.update(told)
            told.clear()
        if fold.wakes is not None:
            self._wake(fold.wakes, key)
        if fold.findings or fold.exceeded is not None:
            found = dict(bound(each, key[1] if key[0] == "case" else None) for each in reversed(fold.findings))
            escalation, more = self._resolver.exceeded(fold)
            self.collected.find(key, found | dict(more))
            self.collected.escalate(key, () if escalation is None else (escalation,))
