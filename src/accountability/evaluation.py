"""The evaluation: folds kept per key, and what must be worked out anew when events or days come (design: fold per key).

Fed with all events at once it is the definition of `assess`; fed event by event it gives the same answers at a cost
that does not depend on the length of the record, for an event re-evaluates only the keys that read it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from heapq import heappop, heappush
from typing import Any

from .answer import Finding, Led, Liability
from .bounds import each_fold
from .breach import finding_liability
from .case import CaseFold
from .collected import Collected
from .event import Event
from .finding import FINDINGS
from .fold import RESULTS, Fold, FoldKey, Known, Said
from .gate import GateFold
from .keyed import KeyedFold, key_of
from .knowledge import EventKey, Telling
from .leading import Leading
from .matching import Disagreement, Matcher
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS
from .organization_live import LiveOrganization
from .parameters import Parameters
from .policy import Policy
from .resolve import FindingKey, Resolved, Resolver, Vacancy, bound
from .routing import Router, TypeLaw, near
from .rule import LiabilityRule, Scale
from .scale import rating, rating_id
from .subjects import subjects
from .track import Scene

_Owner = tuple[str, ...]
"""A fold, by its key; ``event`` with its source and id; ``vacancy`` with its post and first day."""

_FIRED = ("fired", "")
_REPORTED = {"no_rule": "no_rule_for_event", "orphan": "orphan_event"}


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
        self.collected = Collected()
        self.folds: dict[FoldKey, Fold] = {}
        self.refolded = 0
        self._router = Router(policy, matcher)
        self._extensions: dict[str, list[Event]] = {}
        self._resolver = Resolver(self.scene, self._extensions)
        self._live: LiveOrganization | None = None
        self._known: dict[EventKey, Known] = {}
        self._members: dict[FoldKey, dict[EventKey, Known]] = {}
        self._wakes: dict[date, list[str | FoldKey]] = {}
        self._days: list[date] = []
        self._vacancies: dict[Vacancy, dict[str, tuple[date, Resolved]]] = {}
        self._readers: dict[str, set[_Owner]] = {}
        self._partial = partial
        self._begun = False
        self._dirty_folds: dict[FoldKey, dict[EventKey, Known] | None] = {}
        self._dirty_tracks: dict[str, None] = {}
        self._dirty_vacancies: dict[Vacancy, None] = {}
        self._dirty_events: dict[EventKey, None] = {}
        self._twice: set[EventKey] = set()
        self._history: dict[tuple[str, str], list[tuple[date, date, EventKey]]] = {}
        self._again: dict[EventKey, None] = {}
        self._unknown: dict[EventKey, list[tuple[str, str, dict[str, str]]]] = {}
        self._reported: set[EventKey] = set()
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
        resolved = self.collected.obligations.standing.get(obligation)
        return self.members(resolved.track.home) if resolved is not None else ()

    def keys(self, event: EventKey) -> tuple[FoldKey, ...]:
        """Return the keys whose folds read the event."""
        known = self._known.get(event)
        return known.keys if known is not None else ()

    def said(self, event: EventKey) -> Said | None:
        """Return what became of the event, None when it does not count."""
        known = self._known.get(event)
        return known.said if known is not None else None

    # -- what comes -----------------------------------------------------------------------------------------------

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
        self, owner: _Owner, event: Event, known: Known, type_: TypeLaw, places: list[tuple[str, str, dict[str, str]]]
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

    def _main(self, track: str) -> str:
        """Return the duty with which a duty is resolved: a duty to designate with the one that it serves."""
        resolved = self.collected.obligations.standing.get(track)
        served = resolved.track.serves if resolved is not None else None
        return served.id if served is not None else track

    def _of_case(self, case: str) -> list[str]:
        fold = self.folds.get(("case", case))
        return [id_ for id_ in fold.tracks if any(r.liabilities for r in self._all(id_))] if fold is not None else []

    def _all(self, track: str) -> tuple[Resolved, ...]:
        """Return the answer about a track and those about the duties that it brings with it."""
        answer = self.collected.obligations.standing.get(track)
        return () if answer is None else (answer, *answer.more) if answer.more else (answer,)

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

    # -- what is worked out anew ----------------------------------------------------------------------------------

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

    def _wake(self, when: date, what: str | FoldKey) -> None:
        """Have a duty or a fold worked out anew on a day."""
        waiting = self._wakes.get(when)
        if waiting is None:
            self._wakes[when] = [what]
            heappush(self._days, when)
        else:
            waiting.append(what)

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

    def _resolve_again(self, id_: str) -> None:
        answer = self.collected.obligations.standing.get(id_)
        if answer is None or answer.track.serves is not None:
            return
        key = answer.track.home
        self._ask(key)
        self._resolve(self.folds[key], (id_,))
        if self.scene.asked:
            self._read(key)

    def _resolve(self, fold: Fold, tracks: Iterable[str]) -> None:
        """Resolve tracks of a fold: all of them where its duties share the designations of conveners."""
        if fold.entangled:
            tracks = list(fold.tracks)
            fold.designated = frozenset()
        for id_ in tracks:
            track = fold.tracks.get(id_)
            if track is None:
                continue
            answer = self._resolver.resolve(fold, track)
            if answer.more and not fold.entangled:
                fold.entangled = True
                self._resolve(fold, ())
                return
            self._store(id_, answer)
        if fold.entangled:
            self._dirty_events.update(dict.fromkeys(self._members[fold.key]))

    def _store(self, track: str, answer: Resolved) -> None:
        """Let the answer about a track stand, with what follows from it."""
        kept = self.collected.obligations
        old = kept.standing.get(track)
        if answer.wakes is not None:
            self._wake(answer.wakes, track)
        if not (answer.says_more or self._extensions or (old is not None and old.says_more)):
            kept.standing[track] = answer
            if track not in kept.before:
                kept.before[track] = old
            return
        self._collect(track, old, answer)
        if answer.looked_at:
            self._dirty_tracks.update(dict.fromkeys(answer.looked_at))
        if answer.more or (old is not None and old.more):
            before = {each.id: each for each in old.more} if old is not None else {}
            for each in answer.more:
                self._collect(each.id, before.pop(each.id, None), each)
                if each.wakes is not None:
                    self._wake(each.wakes, track)
            for id_, gone in before.items():
                self._collect(id_, gone, None)

    def _collect(self, id_: str, old: Resolved | None, new: Resolved | None) -> None:
        """Let an obligation stand with what follows from it, or nothing."""
        collected = self.collected
        collected.obligations.put(id_, new)
        if self._extensions and (old is None) != (new is None):
            for event in self._extensions.get(id_, ()):
                self._dirty_events[event.key] = None
        if (new is not None and new.findings) or (old is not None and old.findings):
            collected.find(id_, new.findings if new is not None else {})
        collected.carry_up(old.escalations if old is not None else (), new.escalations if new is not None else ())
        if (new is not None and new.liabilities) or (old is not None and old.liabilities):
            liabilities = new.liabilities if new is not None else ()
            collected.answer(id_, [(each, self._support(each, new)) for each in liabilities])
            for event in self._supporting(new or old):
                self._dirty_events[event.key] = None
        if old is not None:
            for vacancy in old.vacancies:
                self._vacancies[vacancy].pop(id_, None)
                self._dirty_vacancies[vacancy] = None
        if new is not None:
            for vacancy, (day, _) in new.vacancies.items():
                self._vacancies.setdefault(vacancy, {})[id_] = day, new
                self._dirty_vacancies[vacancy] = None

    def _supporting(self, resolved: Resolved | None) -> list[Event]:
        """Return the events of the case of a duty that name a clause."""
        case = resolved.track.matter.case if resolved is not None else None
        members = self._members.get(("case", case), {}) if case is not None else {}
        found = [known.event for known in members.values() if known.event.fields.get("clause") is not None]
        return sorted(found, key=lambda e: (e.known, e.date, e.key))

    def _support(self, liability: Liability, resolved: Resolved | None) -> tuple[Event, ...]:
        """Return the findings that support a candidate: those that name both his case and the clause of the duty."""
        assert resolved is not None
        rule = resolved.track.rule
        clauses = (rule.clause.ref, rule.id)
        return tuple(e for e in self._supporting(resolved) if e.fields["clause"] in clauses)

    def _drop(self, track: str) -> None:
        """Forget a track, what stands on it, and what was said of it."""
        for resolved in self._all(track):
            self._collect(resolved.id, resolved, None)
        self._dirty_tracks.update(dict.fromkeys(self._resolver.precedence.drop(track)))

    def _vacant(self, vacancy: Vacancy) -> None:
        """Escalate a vacancy once, from the duty that met it first."""
        owner = ("vacancy", vacancy[0], vacancy[1].isoformat())
        self._ask(owner)
        met = self._vacancies.get(vacancy)
        if not met:
            self._vacancies.pop(vacancy, None)
            self.collected.escalate(owner, ())
            self.collected.find(owner, {})
            return
        day, resolved = min(met.values(), key=lambda each: (each[0], each[1].id))
        _, bearer = resolved.vacancies[vacancy]
        escalation, found = self._resolver.vacant(vacancy, day, resolved.track, bearer)
        self.collected.escalate(owner, () if escalation is None else (escalation,))
        self.collected.find(owner, dict(found))
        self._read(owner)

    # -- what is said of events -------------------------------------------------------------------------------------

    def _say(self, key: EventKey) -> None:
        """Say the one thing that became of an event, and report it when no rule or no case takes it."""
        known = self._known.get(key)
        if known is None:
            return
        event = known.event
        if known.law.by_folds and len(known.keys) == 1 and "clause" not in event.fields:
            fold = self.folds.get(known.keys[0])
            found_there = fold.results.get(key) if fold is not None and not fold.designated else None
            if found_there is not None and found_there[0] not in _REPORTED:
                known.said = found_there
                if not self._unknown and not self._reported:
                    return
        type_ = self._router.type(event.type)
        said = known.said = self._said(known, type_)
        if said[0] not in _REPORTED and not type_.gates and key not in self._unknown and key not in self._reported:
            return
        code = _REPORTED.get(said[0])
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
        for fold_key in known.keys:
            fold = self.folds.get(fold_key)
            if isinstance(fold, GateFold) and key in fold.lacking:
                finding = fold.lacking[key]
                found[finding.code, finding.about, f"{fold_key[1]}/{event.source}"] = finding
        self.collected.find(("event", *key), found)
        if found:
            self._reported.add(key)
        else:
            self._reported.discard(key)

    def _said(self, known: Known, type_: TypeLaw) -> Said:
        event = known.event
        folds = [fold for key in known.keys if (fold := self.folds.get(key)) is not None]
        if type_.acted_upon or type_.gates:
            said = self._said_by_itself(known, folds)
            if said is not None:
                return said
        if type_.scales and any(
            rating_id(scale, event) in self.collected.ratings.standing for _, scale in type_.scales
        ):
            return _FIRED
        if event.type in ORGANIZATION_EVENTS:
            return _FIRED
        if (type_.findings and ("event", *event.key) in self.collected.answerable) or self._supports(event):
            return _FIRED
        found: Said | None = None
        for fold in folds:
            if fold.designated and event.key in fold.designated:
                return "performed", ""
            said = fold.results.get(event.key)
            if said is not None and (found is None or RESULTS.index(said[0]) < RESULTS.index(found[0])):
                found = said
        if found is not None:
            return found
        unclear = known.read and bool(known.matched.cannot_tell)
        return ("cannot_tell" if unclear else "no_effect" if known.read else "no_rule"), ""

    def _said_by_itself(self, known: Known, folds: list[Fold]) -> Said | None:
        """Return what became of a retraction, of what a gate does not let pass, of an extension and of a decision."""
        event = known.event
        if event.type == "event.retracted" and not self.telling.ignores_retractions:
            return ("fired" if self.telling.stands(event) else "orphan"), ""
        if any(isinstance(fold, GateFold) and event.key in fold.lacking for fold in folds):
            return _FIRED
        if event.type == "deadline.extended":
            exists = event.get("obligation") in self.collected.obligations.standing
            return ("fired" if exists else "orphan"), ""
        if event.type == "liability.decided":
            return self.collected.decided.get(event.key, ("orphan", ""))
        return None

    def _supports(self, event: Event) -> bool:
        clause = event.fields.get("clause")
        if event.case is None or clause is None:
            return False
        fold = self.folds.get(("case", event.case))
        for id_ in fold.tracks if fold is not None else ():
            for resolved in self._all(id_):
                rule = resolved.track.rule
                if resolved.liabilities and clause in (rule.clause.ref, rule.id):
                    return True
        return False

    # -- who reads what ---------------------------------------------------------------------------------------------

    def _ask(self, owner: _Owner) -> None:
        """Begin to note what the owner asks of the organization."""
        self.scene.owner = owner
        if self.scene.asked:
            self.scene.asked.clear()

    def _read(self, owner: _Owner) -> None:
        """Note that the owner's answers rest on facts about the units, posts and persons that were asked about."""
        readers = self._readers
        for name in self.scene.asked:
            found = readers.get(name)
            if found is None:
                readers[name] = {owner}
            else:
                found.add(owner)
