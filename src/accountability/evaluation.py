"""The evaluation: folds kept per key, and what must be worked out anew when events or days come (design: fold per key).

Fed with all events at once it is the definition of `assess`; fed event by event it gives the same answers at a cost
that does not depend on the length of the record, for an event re-evaluates only the keys that read it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from heapq import heappop, heappush
from typing import Any

from attrs import evolve

from .answer import Finding, Led, Liability
from .bounds import each_fold
from .breach import finding_liability
from .case import CaseFold
from .collected import Collected
from .event import Event
from .finding import FINDINGS
from .fold import RESULTS, Fold, Known
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
from .resolve import Resolver
from .resolved import FindingKey, Resolved, Vacancy, bound
from .routing import FoldKey, Router, near
from .rule import LiabilityRule, Scale
from .scale import rating, rating_id
from .subjects import subjects
from .track import Scene

_Owner = tuple[str, ...]
"""A fold, by its key; ``event`` with its source and id; ``vacancy`` with its post and first day."""

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
        self.collected = Collected()
        self.results: dict[EventKey, Said] = {}
        self.keys: dict[EventKey, list[FoldKey]] = {}
        self.folds: dict[FoldKey, Fold] = {}
        self.refolded = 0
        self._router = Router(policy, matcher)
        self._extensions: dict[str, list[Event]] = {}
        self._resolver = Resolver(self.scene, self._extensions)
        self._live: LiveOrganization | None = None
        self._known: dict[EventKey, Known] = {}
        self._members: dict[FoldKey, dict[EventKey, Known]] = {}
        self._home: dict[str, FoldKey] = {}
        self._answers: dict[str, Resolved] = {}
        self._wakes: list[tuple[date, FoldKey, str]] = []
        self._vacancies: dict[Vacancy, dict[str, tuple[date, Resolved]]] = {}
        self._readers: dict[str, set[_Owner]] = {}
        self._asked: dict[_Owner, set[str]] = {}
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
        key = self._home.get(self._main(obligation))
        return self.members(key) if key is not None else ()

    # -- what comes -----------------------------------------------------------------------------------------------

    def take(self, events: Iterable[Event], day: date) -> None:
        """Take further events, in any order, and let the days pass to `day`."""
        self.scene.as_of = day
        events = list(events)
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
        while self._again:
            again, self._again = self._again, {}
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
        readers = self.scene.forget(touched).union(*(self._readers.get(name, ()) for name in touched))
        for owner in sorted(readers):
            if owner[0] == "event":
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

    def _place(self, event: Event) -> None:
        """Match an event and give it to the folds that read it; again when facts that it reads have changed."""
        key, scene = event.key, self.scene
        owner = scene.owner = ("event", *key)
        asked = scene.asked = set[str]()
        known = self._often_enough(self._router.known(scene, event))
        keys = self._router.keys(scene, known)
        places = [*self._router.unknown_places(scene, event), *self._router.directives(scene, known)]
        self._by_event(owner, event, known, places)
        if asked:
            self._read(owner, asked)
        self._dirty_events[key] = None
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
                    self._dirty_folds[fold_key] = None
            elif (given := self._dirty_folds.setdefault(fold_key, {})) is not None:
                given[key] = known

    def _often_enough(self, known: Known) -> Known:
        """Leave out the duties that only a repeated trigger opens, where it is not yet repeated often enough."""
        repeated = [duty for duty in known.triggers if duty.repeated is not None]
        if not repeated:
            return known
        out = []
        for duty in repeated:
            key = duty.id, (known.about if duty.per == "event" else key_of(duty, known)) or ""
            history = self._history.setdefault(key, [])
            order = known.event.date, known.event.known, known.event.key
            place = bisect_left(history, order)
            if history[place : place + 1] != [order]:
                history.insert(place, order)
                for *_, later in history[place + 1 :]:
                    self._again[later] = None

            def nth_last(n: int, history: list[Any] = history, place: int = place) -> date | None:
                return history[place + 1 - n][0] if n <= place + 1 else None

            if not self._router.is_repeated(self.scene, duty, nth_last, known.event.date):
                out.append(duty)
        return evolve(known, triggers=tuple(duty for duty in known.triggers if duty not in out))

    def _by_event(
        self, owner: _Owner, event: Event, known: Known, places: list[tuple[str, str, dict[str, str]]]
    ) -> None:
        """Note what an event alone says: places that nobody knows, candidates, extensions, decisions."""
        if places:
            self._unknown[event.key] = places
        else:
            self._unknown.pop(event.key, None)
        clause = event.fields.get("clause")
        if event.case is not None and clause is not None:
            self._dirty_tracks.update(dict.fromkeys(self._of_case(event.case)))
        elif rules := self._router.type(event.type).findings:
            candidates = self._candidates(event, known, rules)
            if candidates or owner in self.collected.answerable:
                self.collected.answer(owner, [(each, ()) for each in candidates])
        if scales := self._router.type(event.type).scales:
            self._rate(event, known, scales)
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
        answer = self._answers.get(track)
        return () if answer is None else (answer, *answer.more) if answer.more else (answer,)

    def _remove(self, event: Event) -> None:
        """Take an event away from the folds that read it."""
        key = event.key
        if key not in self._known:
            return
        owner = ("event", *key)
        for fold_key in self.keys.pop(key):
            self._leave(fold_key, key)
        del self._known[key]
        for history in self._history.values() if event.type in self._router.repeating else ():
            place = bisect_left(history, (event.date, event.known, key))
            if history[place : place + 1] == [(event.date, event.known, key)]:
                del history[place]
                self._again.update(dict.fromkeys(later for *_, later in history[place:]))
        self.results.pop(key, None)
        self._dirty_events.pop(key, None)
        self._unknown.pop(key, None)
        self.collected.find(owner, {})
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
        self._forget(owner)

    def _leave(self, fold_key: FoldKey, event: EventKey) -> None:
        self._members.get(fold_key, {}).pop(event, None)
        given = self._dirty_folds.get(fold_key)
        if given is None or given.pop(event, None) is None:
            self._dirty_folds[fold_key] = None

    # -- what is worked out anew ----------------------------------------------------------------------------------

    def _pass_time(self, day: date) -> None:
        """Wake what has something to say because days have passed."""
        while self._wakes and self._wakes[0][0] <= day:
            when, key, track = heappop(self._wakes)
            if track:
                answer = self._answers.get(track)
                if answer is not None and (
                    answer.wakes == when or (answer.more and any(each.wakes == when for each in answer.more))
                ):
                    self._dirty_tracks[track] = None
            elif key in self.folds and self.folds[key].wakes == when:
                self._dirty_folds.setdefault(key, {})

    def _settle(self) -> None:
        """Fold and resolve until nothing is left that must be worked out anew."""
        while self._dirty_folds or self._dirty_tracks or self._dirty_vacancies:
            if self._dirty_folds:
                folds, self._dirty_folds = self._dirty_folds, {}
                for key, given in folds.items():
                    self._fold(key, given)
            elif self._dirty_tracks:
                tracks, self._dirty_tracks = self._dirty_tracks, {}
                for track in tracks:
                    if track in self._home:
                        self._resolve_again(track)
            else:
                vacancies, self._dirty_vacancies = self._dirty_vacancies, {}
                for vacancy in vacancies:
                    self._vacant(vacancy)
        events, self._dirty_events = self._dirty_events | self.collected.told, {}
        self.collected.told.clear()
        for event in events:
            self._say(event)

    def _fold(self, key: FoldKey, given: dict[EventKey, Known] | None) -> None:
        """Continue a fold with the events given, in the order of their days, or fold the key anew."""
        asked, self.scene.owner = set[str](), key
        self.scene.asked = asked
        fold = self.folds.get(key)
        if fold is not None and given is not None:
            ordered: Iterable[Known] = given.values()
            if len(given) > 1:
                ordered = sorted(ordered, key=lambda k: k.order)
            if all(map(fold.add, ordered)):
                fold.wake()
                self._after(key, fold, [id_ for id_ in fold.changed if id_ in fold.tracks])
                self._read(key, asked)
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
                self._drop(track)
            self._dirty_events.update(dict.fromkeys(event for event in old.results if event in self._known))
            self.collected.find(key, {})
            self.collected.escalate(key, ())
        if fold is not None:
            self._after(key, fold, list(fold.tracks))
        self._read(key, asked)

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
        if fold.changed:
            for track in [track for track in fold.changed if track not in fold.tracks]:
                self._drop(track)
            fold.changed.clear()
        if tracks:
            self._resolve(key, [track for track in tracks if track in fold.tracks])
        if fold.told:
            self._dirty_events.update(fold.told)
            fold.told.clear()
        if fold.wakes is not None:
            heappush(self._wakes, (fold.wakes, key, ""))
        if fold.findings or fold.exceeded is not None:
            found = dict(bound(each, key[1] if key[0] == "case" else None) for each in reversed(fold.findings))
            escalation, more = self._resolver.exceeded(fold)
            self.collected.find(key, found | dict(more))
            self.collected.escalate(key, () if escalation is None else (escalation,))

    def _resolve_again(self, track: str) -> None:
        key = self.scene.owner = self._home[track]
        asked = self.scene.asked = set[str]()
        self._resolve(key, (track,))
        self._read(key, asked)

    def _resolve(self, key: FoldKey, tracks: Iterable[str]) -> None:
        """Resolve tracks of a fold: all of them where its duties share the designations of conveners."""
        fold = self.folds[key]
        if fold.entangled:
            tracks = list(fold.tracks)
            fold.designated = frozenset()
        for id_ in tracks:
            track = fold.tracks[id_]
            answer = self._resolver.resolve(fold, track)
            if answer.more and not fold.entangled:
                fold.entangled = True
                self._resolve(key, ())
                return
            self._home[id_] = key
            self._store(key, id_, answer)
        if fold.entangled:
            self._dirty_events.update(dict.fromkeys(self._members[key]))

    def _store(self, key: FoldKey, track: str, answer: Resolved) -> None:
        old = self._answers.get(track)
        self._answers[track] = answer
        self._collect(track, old, answer)
        if answer.wakes is not None:
            heappush(self._wakes, (answer.wakes, key, track))
        if answer.looked_at:
            self._dirty_tracks.update(dict.fromkeys(answer.looked_at))
        if answer.more or (old is not None and old.more):
            before = {each.id: each for each in old.more} if old is not None else {}
            for each in answer.more:
                self._collect(each.id, before.pop(each.id, None), each)
                if each.wakes is not None:
                    heappush(self._wakes, (each.wakes, key, track))
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
        if (new is not None and new.escalations) or (old is not None and old.escalations):
            collected.escalate(id_, new.escalations if new is not None else ())
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
        self._answers.pop(track, None)
        self._home.pop(track, None)
        self._dirty_tracks.update(dict.fromkeys(self._resolver.precedence.drop(track)))

    def _vacant(self, vacancy: Vacancy) -> None:
        """Escalate a vacancy once, from the duty that met it first."""
        owner = self.scene.owner = ("vacancy", vacancy[0], vacancy[1].isoformat())
        asked = self.scene.asked = set[str]()
        met = self._vacancies.get(vacancy)
        if not met:
            self._vacancies.pop(vacancy, None)
            self.collected.escalate(owner, ())
            self.collected.find(owner, {})
            self._forget(owner)
            return
        day, resolved = min(met.values(), key=lambda each: (each[0], each[1].id))
        _, bearer = resolved.vacancies[vacancy]
        escalation, found = self._resolver.vacant(vacancy, day, resolved.track, bearer)
        self.collected.escalate(owner, () if escalation is None else (escalation,))
        self.collected.find(owner, dict(found))
        self._read(owner, asked)

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
        if ("event", *event.key) in self.collected.answerable or self._supports(event):
            return "fired", ""
        if any(event.key in fold.designated for fold in folds):
            return "performed", ""
        said = [fold.results[event.key] for fold in folds if event.key in fold.results]
        if said:
            return min(said, key=lambda each: RESULTS.index(each[0])) if len(said) > 1 else said[0]
        unclear = known.read and bool(known.matched.cannot_tell)
        return ("cannot_tell" if unclear else "no_effect" if known.read else "no_rule"), ""

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

    def _read(self, owner: _Owner, names: set[str]) -> None:
        """Note that the owner's answers rest on facts about these units, posts and persons."""
        if not names:
            return
        known = self._asked.get(owner)
        if known is None:
            known = self._asked[owner] = set()
        new = names - known
        if new:
            known |= new
            for name in new:
                readers = self._readers.get(name)
                if readers is None:
                    readers = self._readers[name] = set()
                readers.add(owner)

    def _forget(self, owner: _Owner) -> None:
        for name in self._asked.pop(owner, ()):
            self._readers[name].discard(owner)
