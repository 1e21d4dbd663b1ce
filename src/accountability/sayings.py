"""What is said of each event: the one thing that became of it, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping

from .answer import Finding
from .answers import Answers
from .finding import finding_from
from .fold import RESULTS, Fold, FoldKey, Known, Said
from .gate import GateFold
from .knowledge import EventKey, Telling
from .organization_changes import ORGANIZATION_EVENTS
from .policy import Policy
from .resolved import FindingKey
from .routing import Router, TypeLaw, near
from .scale import rating_id

_FIRED = ("fired", "")
_REPORTED = {"no_rule": "no_rule_for_event", "orphan": "orphan_event"}


class Sayings:
    """Says what became of the events of an evaluation, whose `known` events and `folds` these are.

    `unknown` holds, by the event, what it names that the organization does not have.
    """

    def __init__(
        self, policy: Policy, telling: Telling, router: Router, answers: Answers,
        folds: Mapping[FoldKey, Fold], known: Mapping[EventKey, Known],
    ) -> None:  # fmt: skip
        self.unknown: dict[EventKey, list[tuple[str, str, dict[str, str]]]] = {}
        self._policy, self._telling, self._router, self._answers = policy, telling, router, answers
        self._folds, self._known = folds, known
        self._reported: set[EventKey] = set()

    def forget(self, key: EventKey) -> None:
        """Forget what was said of an event that does not count any more."""
        self.unknown.pop(key, None)
        self._reported.discard(key)

    def say(self, key: EventKey) -> None:
        """Say the one thing that became of an event, and report it when no rule or no case takes it."""
        known = self._known.get(key)
        if known is None:
            return
        if known.law.by_folds and len(known.keys) == 1 and key not in self.unknown:
            fold = self._folds.get(known.keys[0])
            if fold is not None and self.is_said_by(fold, known):
                return
        event = known.event
        type_ = self._router.type(event.type)
        said = known.said = self._said(known, type_)
        if said[0] not in _REPORTED and not type_.gates and key not in self.unknown and key not in self._reported:
            return
        code = _REPORTED.get(said[0])
        found: dict[FindingKey, Finding] = {}
        if code is not None:
            types = self._policy.event_types
            detail = {"type": event.type, **(near(event.type, types) if known.declared is None else {})}
            found[code, event.id, f"event/{event.source}"] = finding_from(event, code, event.id, detail)
        for code, place, detail in self.unknown.get(key, ()):
            found[code, place, f"place/{event.case or ''}"] = finding_from(event, code, place, detail)
        for fold_key in known.keys:
            fold = self._folds.get(fold_key)
            if isinstance(fold, GateFold) and key in fold.lacking:
                lacking = fold.lacking[key]
                found[lacking.code, lacking.about, f"{fold_key[1]}/{event.source}"] = lacking
        self._answers.collected.find(("event", *key), found)
        if found:
            self._reported.add(key)
        else:
            self._reported.discard(key)

    def is_said_by(self, fold: Fold, known: Known) -> bool:
        """Say of an event what the one fold that reads it says, unless more is to be said; tell whether that is all."""
        key = known.event.key
        said = fold.results.get(key)
        if said is None or fold.designated or said[0] in _REPORTED or key in self._reported:
            return False
        known.said = said
        return True

    def _said(self, known: Known, type_: TypeLaw) -> Said:
        event = known.event
        folds = [fold for key in known.keys if (fold := self._folds.get(key)) is not None]
        if type_.acted_upon or type_.gates:
            said = self._said_by_itself(known, folds)
            if said is not None:
                return said
        if type_.scales and any(
            rating_id(scale, event) in self._answers.collected.ratings.standing for _, scale in type_.scales
        ):
            return _FIRED
        if event.type in ORGANIZATION_EVENTS:
            return _FIRED
        if (type_.findings and ("event", *event.key) in self._answers.collected.answerable) or self._answers.supports(
            event
        ):
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
        if event.type == "event.retracted" and not self._telling.ignores_retractions:
            return ("fired" if self._telling.stands(event) else "orphan"), ""
        if any(isinstance(fold, GateFold) and event.key in fold.lacking for fold in folds):
            return _FIRED
        if event.type == "deadline.extended":
            exists = event.get("obligation") in self._answers.collected.obligations.standing
            return ("fired" if exists else "orphan"), ""
        if event.type == "liability.decided":
            return self._answers.collected.decided.get(event.key, ("orphan", ""))
        return None
