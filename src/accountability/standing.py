"""What stands in an evaluation: its folds, the answers about their duties, and what is said of each event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from heapq import heappush

from .answer import Finding, Led, Liability
from .collected import Collected
from .event import Event
from .finding import FINDINGS
from .fold import RESULTS, Fold, FoldKey, Known, Said
from .gate import GateFold
from .knowledge import EventKey, Telling
from .leading import Leading
from .matching import Disagreement, Matcher
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS
from .organization_live import LiveOrganization
from .parameters import Parameters
from .policy import Policy
from .resolve import FindingKey, Resolved, Resolver, Vacancy
from .routing import Router, TypeLaw, near
from .scale import rating_id
from .track import Owner, Scene

_FIRED = ("fired", "")
_REPORTED = {"no_rule": "no_rule_for_event", "orphan": "orphan_event"}


class Standing:
    """The folds by key, and all answers that stand on them; `Evaluation` says what must be worked out anew.

    A `partial` one holds the duties that recur only where an act was told.
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
        self._readers: dict[str, set[Owner]] = {}
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

    def _all(self, track: str) -> tuple[Resolved, ...]:
        """Return the answer about a track and those about the duties that it brings with it."""
        answer = self.collected.obligations.standing.get(track)
        return () if answer is None else (answer, *answer.more) if answer.more else (answer,)

    def _main(self, track: str) -> str:
        """Return the duty with which a duty is resolved: a duty to designate with the one that it serves."""
        resolved = self.collected.obligations.standing.get(track)
        served = resolved.track.serves if resolved is not None else None
        return served.id if served is not None else track

    def _of_case(self, case: str) -> list[str]:
        fold = self.folds.get(("case", case))
        return [id_ for id_ in fold.tracks if any(r.liabilities for r in self._all(id_))] if fold is not None else []

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

    def _wake(self, when: date, what: str | FoldKey) -> None:
        """Have a duty or a fold worked out anew on a day."""
        waiting = self._wakes.get(when)
        if waiting is None:
            self._wakes[when] = [what]
            heappush(self._days, when)
        else:
            waiting.append(what)

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

    def _ask(self, owner: Owner) -> None:
        """Begin to note what the owner asks of the organization."""
        self.scene.owner = owner
        if self.scene.asked:
            self.scene.asked.clear()

    def _read(self, owner: Owner) -> None:
        """Note that the owner's answers rest on facts about the units, posts and persons that were asked about."""
        readers = self._readers
        for name in self.scene.asked:
            found = readers.get(name)
            if found is None:
                readers[name] = {owner}
            else:
                found.add(owner)
