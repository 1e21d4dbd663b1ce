"""The evaluation: folds kept per key, and what must be worked out anew when events or days come (design: fold per key).

Fed with all events at once it is the definition of `assess`; fed event by event it gives the same answers at a cost
that does not depend on the length of the record, for an event re-evaluates only the keys that read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from heapq import heappop

from .answer import Finding, Led
from .answers import Answers
from .bounds import each_fold
from .case import CaseFold
from .event import Event
from .finding import FINDINGS
from .fold import RESULTS, Fold, Known
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
from .resolved import FindingKey
from .routing import FoldKey, Router, near
from .scale import rating_id
from .subjects import subjects
from .track import Scene

Said = tuple[str, str]


class Evaluation:
    """The answers about what was told, as of a day, kept up to date.

    A `partial` one holds the duties that recur only where an act was told. All events told are dated, and known, not
    after the day. When anything is raised from `take`, the evaluation is spoilt; make a new one.
    """

    def __init__(
        self, policy: Policy, parameters: Parameters, base: Organization, day: date, matcher: Matcher,
        telling: Telling | None = None, partial: bool = False,
    ) -> None:  # fmt: skip
        self.scene = Scene(policy, parameters, base, day)
        self.base = base
        self.telling = telling if telling is not None else Telling()
        self.results: dict[EventKey, Said] = {}
        self.keys: dict[EventKey, list[FoldKey]] = {}
        self.folds: dict[FoldKey, Fold] = {}
        self.refolded = 0
        self._router = Router(policy, matcher)
        self._repetition = Repetition(self.scene, self._router)
        self._readers = Readers(self.scene)
        self._members: dict[FoldKey, dict[EventKey, Known]] = {}
        self._answers = Answers(self.scene, self._router, self._readers, self.folds, self._members)
        self.collected = self._answers.collected
        self._live: LiveOrganization | None = None
        self._known: dict[EventKey, Known] = {}
        self._unknown: dict[EventKey, list[tuple[str, str, dict[str, str]]]] = {}
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
        found, self._router.disagreements = self._router.disagreements, []
        return found

    def members(self, key: FoldKey) -> Iterable[EventKey]:
        """Return the events that the fold of a key reads."""
        return self._members.get(key, {})

    def events_of(self, obligation: str) -> Iterable[EventKey]:
        """Return the events of the key by which an obligation is counted."""
        key = self._answers.home(obligation)
        return self.members(key) if key is not None else ()

    # -- what comes -----------------------------------------------------------------------------------------------

    def take(self, events: Iterable[Event], day: date) -> None:
        """Take further events, in any order, and let the days pass to `day`."""
        self.scene.as_of = day
        events = list(events)
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
        while self._repetition.again:
            again, self._repetition.again = self._repetition.again, {}
            for key in again:
                if key in self._known:
                    self._place(self.telling.events[key])
        self._pass_time(day)
        self._settle()

    def _note_duplicates(self) -> None:
        """Report the events that tell a fact of their case again."""
        now = self.telling.duplicates
        for key in self._twice - now.keys():
            self.collected.find(("twice", *key), {})
        for key in now.keys() - self._twice:
            event, code = now[key], "possible_duplicate"
            finding = Finding(
                code, event.id, FINDINGS[code].grade, None, event.case, None, event.date, {"type": event.type}
            )
            self.collected.find(("twice", *key), {(code, event.id, f"event/{event.source}"): finding})
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

    def _place(self, event: Event) -> None:
        """Match an event and give it to the folds that read it; again when facts that it reads have changed."""
        key, scene = event.key, self.scene
        owner = ("event", *key)
        asked = self._readers.listen(owner)
        known = self._repetition.often_enough(self._router.known(scene, event))
        keys = self._router.keys(scene, known)
        places = [*self._router.unknown_places(scene, event), *self._router.directives(scene, known)]
        if places:
            self._unknown[key] = places
        else:
            self._unknown.pop(key, None)
        self._answers.take(owner, event, known)
        self._readers.note(owner, asked)
        self.collected.told[key] = None
        old, self._known[key] = self._known.get(key), known
        old_keys, self.keys[key] = self.keys.get(key, ()), keys
        for fold_key in old_keys:
            if fold_key not in keys:
                self._leave(fold_key, key)
        changed = old is None or not old.is_matched_as(known)
        for fold_key in keys:
            self._members.setdefault(fold_key, {})[key] = known
            if fold_key in old_keys:
                if changed:
                    self._dirty[fold_key] = None
            elif (given := self._dirty.setdefault(fold_key, {})) is not None:
                given[key] = known

    def _remove(self, event: Event) -> None:
        """Take an event away from the folds that read it."""
        key = event.key
        if key not in self._known:
            return
        owner = ("event", *key)
        for fold_key in self.keys.pop(key):
            self._leave(fold_key, key)
        del self._known[key]
        self._repetition.remove(event)
        self.results.pop(key, None)
        self.collected.told.pop(key, None)
        self._unknown.pop(key, None)
        self._answers.take_back(owner, event)
        self._readers.forget(owner)

    def _leave(self, fold_key: FoldKey, event: EventKey) -> None:
        self._members.get(fold_key, {}).pop(event, None)
        given = self._dirty.get(fold_key)
        if given is None or given.pop(event, None) is None:
            self._dirty[fold_key] = None

    # -- what is worked out anew ----------------------------------------------------------------------------------

    def _pass_time(self, day: date) -> None:
        """Wake what has something to say because days have passed."""
        wakes = self._answers.wakes
        while wakes and wakes[0][0] <= day:
            when, key, track = heappop(wakes)
            if track:
                self._answers.wake(track, when)
            elif key in self.folds and self.folds[key].wakes == when:
                self._dirty.setdefault(key, {})

    def _settle(self) -> None:
        """Fold and resolve until nothing is left that must be worked out anew."""
        answers = self._answers
        while self._dirty or answers.tracks or answers.vacancies:
            if self._dirty:
                folds, self._dirty = self._dirty, {}
                for key, given in folds.items():
                    self._fold(key, given)
            elif answers.tracks:
                tracks, answers.tracks = answers.tracks, {}
                for track in tracks:
                    answers.resolve(track)
            else:
                vacancies, answers.vacancies = answers.vacancies, {}
                for vacancy in vacancies:
                    answers.vacant(vacancy)
        events = list(self.collected.told)
        self.collected.told.clear()
        for event in events:
            self._say(event)

    def _fold(self, key: FoldKey, given: dict[EventKey, Known] | None) -> None:
        """Continue a fold with the events given, in the order of their days, or fold the key anew."""
        asked = self._readers.listen(key)
        fold = self.folds.get(key)
        if fold is not None and given is not None:
            ordered: Iterable[Known] = given.values()
            if len(given) > 1:
                ordered = sorted(ordered, key=lambda k: k.order)
            if all(map(fold.add, ordered)):
                fold.wake()
                self._answers.take_fold(key, fold, [id_ for id_ in fold.changed if id_ in fold.tracks])
                self._readers.note(key, asked)
                return
        members = self._members.setdefault(key, {})
        old, self.refolded = fold, self.refolded + (fold is not None)
        fold = self._new(key)
        if fold is None:
            self.folds.pop(key, None)
        else:
            self.folds[key] = fold.filled(members.values())
        if old is not None:
            for track in old.tracks.keys() - (fold.tracks.keys() if fold is not None else set()):
                self._answers.drop(track)
            self.collected.told.update(dict.fromkeys(event for event in old.results if event in self._known))
            self.collected.find(key, {})
            self.collected.escalate(key, ())
        if fold is not None:
            self._answers.take_fold(key, fold, list(fold.tracks))
        self._readers.note(key, asked)

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

    # -- what is said of events -------------------------------------------------------------------------------------

    def _say(self, key: EventKey) -> None:
        """Say the one thing that became of an event, and report it when no rule or no case takes it."""
        known = self._known.get(key)
        if known is None:
            return
        said = self.results[key] = self._said(known)
        owner, event = ("event", *key), known.event
        code = {"no_rule": "no_rule_for_event", "orphan": "orphan_event"}.get(said[0])
        found: dict[FindingKey, Finding] = {}
        if code is not None:
            types = self.scene.policy.event_types
            detail = {"type": event.type, **(near(event.type, types) if known.declared is None else {})}
            found[code, event.id, f"event/{event.source}"] = Finding(
                code, event.id, FINDINGS[code].grade, None, event.case, None, event.date, detail
            )
        for code, place, detail in self._unknown.get(key, ()):
            found[code, place, f"place/{event.case or ''}"] = Finding(
                code, place, FINDINGS[code].grade, None, event.case, None, event.date, detail
            )
        for fold_key in self.keys[key]:
            fold = self.folds.get(fold_key)
            if isinstance(fold, GateFold) and key in fold.lacking:
                finding = fold.lacking[key]
                found[finding.code, finding.about, f"{fold_key[1]}/{event.source}"] = finding
        self.collected.find(owner, found)

    def _said(self, known: Known) -> Said:
        event = known.event
        if event.type == "event.retracted" and not self.telling.ignores_retractions:
            return ("fired" if self.telling.stands(event) else "orphan"), ""
        folds = [fold for key in self.keys[event.key] if (fold := self.folds.get(key)) is not None]
        if any(isinstance(fold, GateFold) and event.key in fold.lacking for fold in folds):
            return "fired", ""
        if event.type == "deadline.extended":
            exists = event.get("obligation") in self.collected.obligations.standing
            return ("fired" if exists else "orphan"), ""
        if event.type == "liability.decided":
            return self.collected.decided.get(event.key, ("orphan", ""))
        scales = self._router.type(event.type).scales
        if scales and any(rating_id(scale, event) in self.collected.ratings.standing for _, scale in scales):
            return "fired", ""
        if event.type in ORGANIZATION_EVENTS:
            return "fired", ""
        if ("event", *event.key) in self.collected.answerable or self._answers.supports(event):
            return "fired", ""
        if any(event.key in fold.designated for fold in folds):
            return "performed", ""
        said = [fold.results[event.key] for fold in folds if event.key in fold.results]
        if said:
            return min(said, key=lambda each: RESULTS.index(each[0])) if len(said) > 1 else said[0]
        unclear = known.read and bool(known.matched.cannot_tell)
        return ("cannot_tell" if unclear else "no_effect" if known.read else "no_rule"), ""
