"""The answers that stand, each with its owner (a duty, a key, an event, a vacancy), and what changed among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field

from .answer import Escalation, Finding, Liability, Rating
from .breach import cause
from .event import Event
from .resolved import FindingKey, Plain

_T = TypeVar("_T")


@define(eq=False)
class Kept(Generic[_T]):
    """Answers by id; `before` remembers what stood under each id that has changed since it was last emptied."""

    standing: dict[str, _T] = field(factory=dict)
    before: dict[str, _T | None] = field(factory=dict)

    def put(self, id_: str, answer: _T | None) -> None:
        """Let the answer stand under the id, or nothing."""
        old = self.standing.get(id_)
        if old is answer:
            return
        self.before.setdefault(id_, old)
        if answer is None:
            self.standing.pop(id_, None)
        else:
            self.standing[id_] = answer


@define(eq=False)
class Collected:
    """All answers that stand.

    A finding may be made by several owners; the earliest stands. A candidate stands with the findings that support it and
    the decisions of people about it: `answerable` tells which owners name candidates, `decided` what became of the events
    by which people decide, and `told` of which of them something else is said.
    """

    obligations: Kept[Plain] = field(factory=Kept)
    escalations: Kept[Escalation] = field(factory=Kept)
    liabilities: Kept[Liability] = field(factory=Kept)
    ratings: Kept[Rating] = field(factory=Kept)
    decisions: dict[str, list[Event]] = field(factory=dict)
    findings: dict[FindingKey, dict[object, Finding]] = field(factory=dict)
    findings_before: dict[FindingKey, Finding | None] = field(factory=dict)
    decided: dict[tuple[str, str], tuple[str, str]] = field(factory=dict)
    told: dict[tuple[str, str], None] = field(factory=dict)
    answerable: dict[object, tuple[str, ...]] = field(factory=dict)
    _found: dict[object, tuple[FindingKey, ...]] = field(factory=dict)
    _escalated: dict[object, tuple[str, ...]] = field(factory=dict)
    _candidates: dict[str, Liability | tuple[Liability, tuple[Event, ...]]] = field(factory=dict)

    def find(self, owner: object, found: Mapping[FindingKey, Finding]) -> None:
        """Let the owner make these findings and no others."""
        old = self._found.get(owner, ())
        if not old and not found:
            return
        for key in old:
            if key not in found:
                self._note(key)
                del self.findings[key][owner]
                if not self.findings[key]:
                    del self.findings[key]
        for key, finding in found.items():
            owners = self.findings.get(key)
            if owners is None or owners.get(owner) != finding:
                self._note(key)
                self.findings.setdefault(key, {})[owner] = finding
        if found:
            self._found[owner] = tuple(found)
        else:
            self._found.pop(owner, None)

    def _note(self, key: FindingKey) -> None:
        if key not in self.findings_before:
            self.findings_before[key] = self.finding(key)

    def finding(self, key: FindingKey) -> Finding | None:
        """Return the finding that stands under the key: of several the earliest."""
        owners = self.findings.get(key)
        if not owners:
            return None
        return min(owners.values(), key=_order) if len(owners) > 1 else next(iter(owners.values()))

    def carry_up(self, old: tuple[Escalation, ...], new: tuple[Escalation, ...]) -> None:
        """Let these escalations of a duty stand instead of those."""
        if old is new:
            return
        if old:
            ids = {each.id for each in new}
            for each in old:
                if each.id not in ids:
                    self.escalations.put(each.id, None)
        for each in new:
            self.escalations.put(each.id, each)

    def escalate(self, owner: object, escalations: Iterable[Escalation]) -> None:
        """Let the owner make these escalations and no others."""
        old, new = self._escalated.get(owner, ()), {each.id: each for each in escalations}
        for id_ in old:
            if id_ not in new:
                self.escalations.put(id_, None)
        for id_, escalation in new.items():
            self.escalations.put(id_, escalation)
        if new:
            self._escalated[owner] = tuple(new)
        elif old:
            del self._escalated[owner]

    def answer(self, owner: object, candidates: Iterable[tuple[Liability, tuple[Event, ...]]]) -> None:
        """Let the owner name these candidates, each with the events that support it, and no others."""
        old, new = self.answerable.get(owner, ()), {liability.id: (liability, by) for liability, by in candidates}
        for id_ in old:
            if id_ not in new:
                del self._candidates[id_]
                self.settle(id_)
        for id_, given in new.items():
            self._candidates[id_] = given if given[1] else given[0]
            self.settle(id_)
        if new:
            self.answerable[owner] = tuple(new)
        elif old:
            del self.answerable[owner]

    def settle(self, id_: str) -> None:
        """Work out a candidate with what supports it and what people decided; nobody decides on himself."""
        self.told.update(dict.fromkeys(event.key for event in self.decisions.get(id_, ())))
        given = self._candidates.get(id_)
        liability = None
        if given is not None:
            liability, support = given if isinstance(given, tuple) else (given, ())
            causes = [cause("support", event) for event in support]
            decided: Event | None = None
            for event in sorted(self.decisions.get(id_, ()), key=lambda e: (e.known, e.date, e.key)):
                if event.get("by") == liability.person:
                    self.decided[event.key] = ("no_effect", "nobody decides on himself")
                else:
                    decided = event
                    causes.append(cause("decision", event))
                    self.decided[event.key] = ("fired", "")
            if causes:
                because = liability.because
                liability = evolve(liability, because=evolve(because, events=(*because.events, *causes)))
            if decided is not None:
                liability = evolve(
                    liability,
                    decided=decided.get("outcome"),
                    decided_by=decided.get("by"),
                    document=decided.get("document"),
                )
        else:
            for event in self.decisions.get(id_, ()):
                self.decided[event.key] = ("orphan", "")
        self.liabilities.put(id_, liability)

    def has_changed_more(self) -> bool:
        """Tell whether anything has changed beside the obligations."""
        return bool(self.findings_before or self.escalations.before or self.liabilities.before or self.ratings.before)

    def forget_changes(self) -> None:
        """Take what stands now as what stood before."""
        before: dict[Any, Any]
        for before in (
            self.obligations.before, self.escalations.before, self.liabilities.before, self.ratings.before,
            self.findings_before,
        ):  # fmt: skip
            if before:
                before.clear()


def finding_order(finding: Finding) -> tuple[object, ...]:
    """Where a finding stands among all: those that only their day or detail tells apart have one order too."""
    return (finding.code, finding.about, finding.case or "", finding.rests_on or "", *_order(finding))


def _order(finding: Finding) -> tuple[date, str, str, str, str]:
    return (
        finding.day or date.min, finding.case or "", finding.rests_on or "", finding.unit or "", str(sorted(finding.detail.items()))
    )  # fmt: skip
