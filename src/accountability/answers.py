"""From folds and events to the answers that stand: duties resolved, vacancies, candidates, ratings, moved due days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from heapq import heappush

from .answer import Liability
from .breach import finding_liability
from .collected import Collected
from .event import Event
from .fold import Fold, FoldKey, Known
from .knowledge import EventKey
from .readers import Readers
from .resolve import Resolver
from .resolved import Plain, Resolved, Vacancy, bound
from .routing import Router, TypeLaw
from .rule import LiabilityRule, Scale
from .scale import rating, rating_id
from .track import Owner, Scene


class Answers:
    """The answers of an evaluation, and which of them must be worked out anew (`tracks`, `vacancies`).

    `folds` and `members`, the events that each reads, are those of the evaluation. `wakes` holds, by the day, the tracks
    and the folds (by their key) that then have something to say although nothing happens; `days` is a heap of these days.
    """

    def __init__(
        self, scene: Scene, router: Router, readers: Readers,
        folds: Mapping[FoldKey, Fold], members: Mapping[FoldKey, Mapping[EventKey, Known]],
    ) -> None:  # fmt: skip
        self.collected = Collected(told=scene.told)
        self.tracks: dict[str, None] = {}
        self.vacancies: dict[Vacancy, None] = {}
        self.wakes: dict[date, list[str | FoldKey]] = {}
        self.days: list[date] = []
        self._scene, self._router, self._readers = scene, router, readers
        self._folds, self._members = folds, members
        self._extensions: dict[str, list[Event]] = {}
        self._resolver = Resolver(scene, self._extensions)
        self._met: dict[Vacancy, dict[str, tuple[date, Plain]]] = {}

    def home(self, obligation: str) -> FoldKey | None:
        """Return the key of the fold to which an obligation belongs."""
        resolved = self.collected.obligations.standing.get(obligation)
        return resolved.track.home if resolved is not None else None

    # -- what an event alone says -----------------------------------------------------------------------------------

    def take(self, owner: Owner, event: Event, known: Known, law: TypeLaw) -> None:
        """Take over what an event alone says: candidates, ratings, moved due days, decisions of people."""
        clause = event.fields.get("clause")
        if event.case is not None and clause is not None:
            self.tracks.update(dict.fromkeys(self._breached(event.case)))
        elif law.findings:
            candidates = self._candidates(event, known, law.findings)
            if candidates or owner in self.collected.answerable:
                self.collected.answer(owner, [(each, ()) for each in candidates])
        if law.scales:
            self._rate(event, known, law.scales)
        if event.type == "deadline.extended":
            extensions = self._extensions.setdefault(event.get("obligation"), [])
            if event not in extensions:
                extensions.append(event)
            self.tracks[self._main(event.get("obligation"))] = None
        elif event.type == "liability.decided":
            decisions = self.collected.decisions.setdefault(event.get("liability"), [])
            if event not in decisions:
                decisions.append(event)
            self.collected.settle(event.get("liability"))

    def take_back(self, owner: Owner, event: Event) -> None:
        """Take back what an event alone said."""
        self.collected.find(owner, {})
        self.collected.answer(owner, [])
        self._rate(event, None, self._router.type(event.type).scales)
        if event.case is not None and event.fields.get("clause") is not None:
            self.tracks.update(dict.fromkeys(self._breached(event.case)))
        if event.type == "deadline.extended":
            self._extensions[event.get("obligation")].remove(event)
            self.tracks[self._main(event.get("obligation"))] = None
        elif event.type == "liability.decided":
            self.collected.decisions[event.get("liability")].remove(event)
            self.collected.settle(event.get("liability"))

    def _rate(self, event: Event, known: Known | None, scales: Iterable[tuple[str, Scale]]) -> None:
        """Rate by the scales that read the event; take the ratings back where nothing is known of it any more."""
        for name, scale in scales:
            is_rated = (
                known is not None
                and name in known.matched.selected
                and self._router.stands(self._scene, scale, event.date)
            )
            id_ = rating_id(scale, event)
            if is_rated or id_ in self.collected.ratings.standing:
                unit = known.about if known is not None else None
                self.collected.ratings.put(id_, rating(self._scene, scale, event, unit) if is_rated else None)

    def _candidates(self, event: Event, known: Known, rules: Iterable[tuple[str, LiabilityRule]]) -> list[Liability]:
        found = []
        for name, rule in rules:
            if name in known.matched.selected and self._router.stands(self._scene, rule, event.date):
                liability = finding_liability(self._scene, rule, event)
                if liability is not None:
                    found.append(liability)
        return found

    def supports(self, event: Event) -> bool:
        """Tell whether the event, a finding, names the case and the clause of a duty for which somebody may answer."""
        clause = event.fields.get("clause")
        if event.case is None or clause is None:
            return False
        fold = self._folds.get(("case", event.case))
        for id_ in fold.tracks if fold is not None else ():
            for resolved in self._all(id_):
                rule = resolved.track.rule
                if resolved.liabilities and clause in (rule.clause.ref, rule.id):
                    return True
        return False

    # -- what a fold says -------------------------------------------------------------------------------------------

    def take_fold(self, key: FoldKey, fold: Fold) -> None:
        """Resolve the tracks of a fold that changed, and take over what else it says."""
        changed = self._scene.changed
        if changed:
            tracks = list(changed)
            changed.clear()
            if not fold.tracks.keys() >= set(tracks):
                for track in tracks:
                    if track not in fold.tracks:
                        self.drop(track)
            self._resolve(fold, tracks)
        if fold.wakes is not None:
            self._wake_on(fold.wakes, key)
        if fold.findings or fold.exceeded is not None:
            found = dict(bound(each, key[1] if key[0] == "case" else None) for each in reversed(fold.findings))
            escalation, more = self._resolver.exceeded(fold)
            self.collected.find(key, found | dict(more))
            self.collected.escalate(key, () if escalation is None else (escalation,))

    def drop(self, track: str) -> None:
        """Forget a track, what stands on it, and what was said of it."""
        for resolved in self._all(track):
            self._collect(resolved.id, resolved, None)
        self.tracks.update(dict.fromkeys(self._resolver.precedence.drop(track)))

    def wake(self, id_: str, day: date, *, now: bool) -> None:
        """Have a track worked out anew, when it has something to say on the day; a plain one `now`, when asked."""
        kept = self.collected.obligations
        answer = kept.standing.get(id_)
        if answer is None or (answer.wakes != day and not any(each.wakes == day for each in answer.more)):
            return
        track = answer.track
        if not now or track.bearing is None or track.missing is not None:
            self.tracks[id_] = None
            return
        self._readers.listen(track.home)
        later = self._resolver.plain(track)
        if self._scene.asked:
            self._readers.note(track.home)
        if later is None:
            self.tracks[id_] = None
            return
        if later.wakes is not None:
            self._wake_on(later.wakes, id_)
        kept.standing[id_] = later
        if id_ not in kept.before:
            kept.before[id_] = answer

    def resolve(self, track: str) -> None:
        """Work out anew the answer about a track, if it still stands."""
        answer = self.collected.obligations.standing.get(track)
        if answer is None or answer.track.serves is not None:
            return
        key = answer.track.home
        self._readers.listen(key)
        self._resolve(self._folds[key], (track,))
        if self._scene.asked:
            self._readers.note(key)

    def _resolve(self, fold: Fold, tracks: Iterable[str]) -> None:
        """Resolve tracks of a fold: all of them where its duties share the designations of conveners."""
        if fold.entangled:
            tracks = list(fold.tracks)
            fold.designated = frozenset()
        kept, resolve = self.collected.obligations, self._resolver.resolve
        standing, extended = kept.standing, self._extensions
        for id_ in tracks:
            track = fold.tracks.get(id_)
            if track is None:
                continue
            answer, old = resolve(fold, track), standing.get(id_)
            if answer.wakes is not None:
                self._wake_on(answer.wakes, id_)
            says_more = isinstance(answer, Resolved) and answer.says_more
            if says_more or extended or (isinstance(old, Resolved) and old.says_more):
                if answer.more and not fold.entangled:
                    fold.entangled = True
                    self._resolve(fold, ())
                    return
                self._store(id_, old, answer)
            else:
                standing[id_] = answer
                if id_ not in kept.before:
                    kept.before[id_] = old
        if fold.entangled:
            self.collected.told.update(dict.fromkeys(self._members[fold.key]))

    def _wake_on(self, day: date, what: str | FoldKey) -> None:
        """Have a track or a fold asked again on a day."""
        waiting = self.wakes.get(day)
        if waiting is None:
            self.wakes[day] = [what]
            heappush(self.days, day)
        else:
            waiting.append(what)

    def _store(self, track: str, old: Plain | None, answer: Plain) -> None:
        """Let the answer about a track stand, with what follows from it."""
        self._collect(track, old, answer)
        if answer.looked_at:
            self.tracks.update(dict.fromkeys(answer.looked_at))
        if answer.more or (old is not None and old.more):
            before = {each.id: each for each in old.more} if old is not None else {}
            for each in answer.more:
                self._collect(each.id, before.pop(each.id, None), each)
                if each.wakes is not None:
                    self._wake_on(each.wakes, track)
            for id_, gone in before.items():
                self._collect(id_, gone, None)

    def _collect(self, id_: str, old: Plain | None, new: Plain | None) -> None:
        """Let an obligation stand with what follows from it, or nothing."""
        collected = self.collected
        collected.obligations.put(id_, new)
        if self._extensions and (old is None) != (new is None):
            for event in self._extensions.get(id_, ()):
                collected.told[event.key] = None
        if (new is not None and new.findings) or (old is not None and old.findings):
            collected.find(id_, new.findings if new is not None else {})
        collected.carry_up(old.escalations if old is not None else (), new.escalations if new is not None else ())
        if (new is not None and new.liabilities) or (old is not None and old.liabilities):
            liabilities = new.liabilities if new is not None else ()
            collected.answer(id_, [(each, self._support(new)) for each in liabilities])
            for event in self._supporting(new or old):
                collected.told[event.key] = None
        if old is not None:
            for vacancy in old.vacancies:
                self._met[vacancy].pop(id_, None)
                self.vacancies[vacancy] = None
        if new is not None:
            for vacancy, (day, _) in new.vacancies.items():
                self._met.setdefault(vacancy, {})[id_] = day, new
                self.vacancies[vacancy] = None

    def _support(self, resolved: Plain | None) -> tuple[Event, ...]:
        """Return the findings that support a candidate: those that name both his case and the clause of the duty."""
        assert resolved is not None
        rule = resolved.track.rule
        clauses = (rule.clause.ref, rule.id)
        return tuple(e for e in self._supporting(resolved) if e.fields["clause"] in clauses)

    def _supporting(self, resolved: Plain | None) -> list[Event]:
        """Return the events of the case of a duty that name a clause."""
        case = resolved.track.matter.case if resolved is not None else None
        members = self._members.get(("case", case), {}) if case is not None else {}
        found = [known.event for known in members.values() if known.event.fields.get("clause") is not None]
        return sorted(found, key=lambda e: (e.known, e.date, e.key))

    def vacant(self, vacancy: Vacancy) -> None:
        """Escalate a vacancy once, from the duty that met it first."""
        owner = ("vacancy", vacancy[0], vacancy[1].isoformat())
        self._readers.listen(owner)
        met = self._met.get(vacancy)
        if not met:
            self._met.pop(vacancy, None)
            self.collected.escalate(owner, ())
            self.collected.find(owner, {})
            return
        day, resolved = min(met.values(), key=lambda each: (each[0], each[1].id))
        _, bearer = resolved.vacancies[vacancy]
        escalation, found = self._resolver.vacant(vacancy, day, resolved.track, bearer)
        self.collected.escalate(owner, () if escalation is None else (escalation,))
        self.collected.find(owner, dict(found))
        self._readers.note(owner)

    # -- which tracks -----------------------------------------------------------------------------------------------

    def _main(self, track: str) -> str:
        """Return the duty with which a duty is resolved: a duty to designate with the one that it serves."""
        resolved = self.collected.obligations.standing.get(track)
        served = resolved.track.serves if resolved is not None else None
        return served.id if served is not None else track

    def _breached(self, case: str) -> list[str]:
        """Return the tracks of the case for which somebody may answer."""
        fold = self._folds.get(("case", case))
        return [id_ for id_ in fold.tracks if any(r.liabilities for r in self._all(id_))] if fold is not None else []

    def _all(self, track: str) -> tuple[Plain, ...]:
        """Return the answer about a track and those about the duties that it brings with it."""
        answer = self.collected.obligations.standing.get(track)
        return () if answer is None else (answer, *answer.more) if answer.more else (answer,)
