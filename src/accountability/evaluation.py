"""The evaluation: folds kept per key, and what must be worked out anew when events or days come (design: fold per key).

Fed with all events at once it is the definition of `assess`; fed event by event it gives the same answers at a cost
that does not depend on the length of the record, for an event re-evaluates only the keys that read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from heapq import heappop

from .answer import Finding, Led
from .answers import Answers
from .bounds import each_fold
from .case import CaseFold
from .event import Event
from .finding import finding_from
from .fold import Fold, FoldKey, Known
from .gate import GateFold
from .keyed import KeyedFold
from .knowledge import EventKey, Telling
from .leading import Leading
from .matching import Disagreement, Matcher
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS
from .organization_live import LiveOrganization
from .parameters import Parameters
from .policy import Policy
from .readers import Readers
from .repetition import Repetition
from .routing import Router, TypeLaw
from .sayings import Sayings
from .subjects import subjects
from .track import Scene


class Evaluation:
    """The answers about what was told, as of a day, kept up to date.

    A `partial` one holds the duties that recur only where an act was told. All events told are dated, and known, not
    after the day. `known` holds the events that count. When anything is raised from `take`, the evaluation is spoilt; make a new one.
    """

    def __init__(
        self, policy: Policy, parameters: Parameters, base: Organization, day: date, matcher: Matcher,
        telling: Telling | None = None, partial: bool = False,
    ) -> None:  # fmt: skip
        self.scene = Scene(policy, parameters, base, day)
        self.base = base
        self.telling = telling if telling is not None else Telling()
        self.folds: dict[FoldKey, Fold] = {}
        self.refolded = 0
        self._router = Router(policy, matcher)
        self._repetition = Repetition(self.scene, self._router)
        self._readers = Readers(self.scene)
        self._members: dict[FoldKey, dict[EventKey, Known]] = {}
        self._answers = Answers(self.scene, self._router, self._readers, self.folds, self._members)
        self.collected = self._answers.collected
        self._live: LiveOrganization | None = None
        self.known: dict[EventKey, Known] = {}
        self._sayings = Sayings(policy, self.telling, self._router, self._answers, self.folds, self.known)
        self._twice: set[EventKey] = set()
        self._dirty: dict[FoldKey, dict[EventKey, Known] | None] = {}
        self._partial = partial
        self._begun = False
        if policy.relations:
            self.live_organization()

    @property
    def refused(self) -> dict[EventKey, str]:
        """The changes that contradict the organization, each with the reason."""
        return self._live.refused if self._live is not None else {}

    def live_organization(self) -> LiveOrganization:
        """Return the organization as events change it."""
        if self._live is None:
            leading = Leading(self.scene) if self.scene.policy.relations else None
            self._live = self.scene.organization = LiveOrganization(self.base, leading)
        return self._live

    def who_leads(self) -> tuple[tuple[Led, ...], tuple[Finding, ...]]:
        """Return who leads and guides whom where that is derived, and the findings about units without an answer."""
        leading = self._live.leading if self._live is not None else None
        return leading.answers(self.scene.as_of) if leading is not None else ((), ())

    def disagreements(self) -> list[tuple[Event, Disagreement]]:
        """Return, once, the events about which the two matchers said different things."""
        found = self._router.disagreements
        if found:
            self._router.disagreements = []
        return found

    def members(self, key: FoldKey) -> Iterable[EventKey]:
        """Return the events that the fold of a key reads."""
        return self._members.get(key, {})

    def events_of(self, obligation: str) -> Iterable[EventKey]:
        """Return the events of the key by which an obligation is counted."""
        key = self._answers.home(obligation)
        return self.members(key) if key is not None else ()

    def keys(self, event: EventKey) -> tuple[FoldKey, ...]:
        """Return the keys whose folds read the event."""
        known = self.known.get(event)
        return known.keys if known is not None else ()

    # -- what comes -----------------------------------------------------------------------------------------------

    def take(self, events: Sequence[Event], day: date) -> None:
        """Take further events, in any order, and let the days pass to `day`."""
        self.scene.as_of, answers = day, self._answers
        if not (len(events) == 1 and self._begun and self._takes_alone(events[0])) and (events or not self._begun):
            self._take_any(events)
        while self._repetition.again:
            again, self._repetition.again = self._repetition.again, {}
            for key in again:
                if key in self.known:
                    self._place(self.telling.events[key])
        if answers.days and answers.days[0] <= day:
            self._pass_time(day)
        if self._dirty or answers.tracks or answers.vacancies:
            self._settle()
        told = self.collected.told
        for key in told:
            self._sayings.say(key)
        told.clear()

    def _takes_alone(self, event: Event) -> bool:
        """Take one event of which all that follows is that it counts, and continue the folds; tell whether it is one."""
        type_, key, router = self._router.type(event.type), event.key, self._router
        if type_.acted_upon or not self.telling.adds(event):
            return False
        if not type_.of_case or not router.knows_places(self.scene, event, type_):
            self._place(event, type_)
            return True
        known = self.known[key] = Known(event, router.selected(self.scene, event, type_))
        told = self.collected.told
        told[key] = None
        if event.case is not None:
            fold_key = ("case", event.case)
            known.keys = (fold_key,)
            members = self._members.get(fold_key)
            if members is None:
                self._members[fold_key] = {key: known}
            else:
                members[key] = known
            fold = self._fold(fold_key, (known,))
            if fold is not None and self._sayings.is_said_by(fold, known):
                del told[key]
        return True

    def _take_any(self, events: Sequence[Event]) -> None:
        """Take events that may tell a fact again, take others back or change the organization."""
        counting, ceasing = self.telling.add(events)
        if self.telling.has_retractions:
            for event in events:
                self.collected.told.update(dict.fromkeys(self.telling.aiming_at(event.key)))
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

    def _note_duplicates(self) -> None:
        """Report the events that tell a fact of their case again."""
        now = self.telling.duplicates
        for key in self._twice - now.keys():
            self.collected.find(("twice", *key), {})
        for key in now.keys() - self._twice:
            event, code = now[key], "possible_duplicate"
            found = finding_from(event, code, event.id, {"type": event.type})
            self.collected.find(("twice", *key), {(code, event.id, f"event/{event.source}"): found})
        self._twice = set(now)

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
        readers = self.scene.forget(touched) | self._readers.of(touched)
        for owner in sorted(readers):
            if owner[0] == "event":
                if owner[1:] in self.known:
                    self._place(self.telling.events[owner[1], owner[2]])
            elif owner[0] == "vacancy":
                self._answers.vacancies[owner[1], date.fromisoformat(owner[2])] = None
            else:
                self._dirty[owner] = None
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
                    self._dirty[key] = None

    def _place(self, event: Event, type_: TypeLaw | None = None) -> None:
        """Match an event and give it to the folds that read it; again when facts that it reads have changed."""
        key, scene, router = event.key, self.scene, self._router
        owner = ("event", *key)
        self._readers.listen(owner)
        if type_ is None:
            type_ = router.type(event.type)
        known = Known(event, router.selected(scene, event, type_))
        if known.law.repeated:
            known = self._repetition.often_enough(known)
        keys = known.keys = router.keys(scene, known, type_)
        places = router.unknown_places(scene, event, type_) if type_.places else []
        if type_.directed:
            places += router.directives(scene, known)
        if places:
            self._sayings.unknown[key] = places
        elif self._sayings.unknown:
            self._sayings.unknown.pop(key, None)
        if type_.findings or type_.scales or type_.acted_upon or "clause" in event.fields:
            self._answers.take(owner, event, known, type_)
        if scene.asked:
            self._readers.note(owner)
        self.collected.told[key] = None
        old = self.known.get(key)
        self.known[key] = known
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
                    self._dirty[fold_key] = None
            elif (given := self._dirty.setdefault(fold_key, {})) is not None:
                given[key] = known

    def _remove(self, event: Event) -> None:
        """Take an event away from the folds that read it."""
        key = event.key
        known = self.known.pop(key, None)
        if known is None:
            return
        for fold_key in known.keys:
            self._leave(fold_key, key)
        self._repetition.remove(event)
        self.collected.told.pop(key, None)
        self._sayings.forget(key)
        self._answers.take_back(("event", *key), event)

    def _leave(self, fold_key: FoldKey, event: EventKey) -> None:
        self._members.get(fold_key, {}).pop(event, None)
        given = self._dirty.get(fold_key)
        if given is None or given.pop(event, None) is None:
            self._dirty[fold_key] = None

    # -- what is worked out anew ----------------------------------------------------------------------------------

    def _pass_time(self, day: date) -> None:
        """Wake what has something to say because days have passed."""
        answers = self._answers
        while answers.days and answers.days[0] <= day:
            when = heappop(answers.days)
            for each in answers.wakes.pop(when):
                if isinstance(each, str):
                    answers.wake(each, when, now=not self._dirty)
                elif each in self.folds and self.folds[each].wakes == when:
                    self._dirty.setdefault(each, {})

    def _settle(self) -> None:
        """Fold and resolve until nothing is left that must be worked out anew."""
        answers = self._answers
        while True:
            if self._dirty:
                folds, self._dirty = self._dirty, {}
                for key, given in folds.items():
                    self._fold(key, given.values() if given is not None else None)
            elif answers.tracks:
                tracks, answers.tracks = answers.tracks, {}
                for track in tracks:
                    answers.resolve(track)
            elif answers.vacancies:
                vacancies, answers.vacancies = answers.vacancies, {}
                for vacancy in vacancies:
                    answers.vacant(vacancy)
            else:
                break

    def _fold(self, key: FoldKey, given: Collection[Known] | None) -> Fold | None:
        """Continue a fold with the events given, in the order of their days, or fold the key anew; return the fold."""
        self._readers.listen(key)
        fold, scene = self.folds.get(key), self.scene
        if fold is None or given is None or not self._continue(fold, given):
            fold = self._fold_anew(key, fold)
        if fold is not None:
            self._answers.take_fold(key, fold)
        if scene.asked:
            self._readers.note(key)
        return fold

    def _fold_anew(self, key: FoldKey, old: Fold | None) -> Fold | None:
        """Fold the events of the key from their beginning; return the fold in the place of the old one."""
        members = self._members.setdefault(key, {})
        scene, self.refolded = self.scene, self.refolded + (old is not None)
        scene.changed.clear()
        fold = self._new(key)
        if fold is None:
            self.folds.pop(key, None)
        else:
            self.folds[key] = fold.filled(members.values())
        if old is not None:
            for track in old.tracks.keys() - (fold.tracks.keys() if fold is not None else set()):
                self._answers.drop(track)
            self.collected.told.update(dict.fromkeys(event for event in old.results if event in self.known))
            self.collected.find(key, {})
            self.collected.escalate(key, ())
        if fold is not None:
            scene.changed = dict.fromkeys(fold.tracks)
        return fold

    @staticmethod
    def _continue(fold: Fold, given: Collection[Known]) -> bool:
        """Give the events to the fold; tell whether it could take them."""
        for known in sorted(given, key=lambda each: each.order) if len(given) > 1 else given:
            if not fold.add(known):
                return False
        if not (given and fold.awake):
            fold.wake()
        return True

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
