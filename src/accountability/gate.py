"""Gates: a decision, an award or a report that must rest on something (meaning.md, section 10). They never decide."""

from __future__ import annotations

from datetime import date

from .answer import Finding
from .finding import FINDINGS
from .fold import Fold, Known
from .rule import Gate
from .track import Scene


class GateFold(Fold):
    """The events that one gate lets pass or not; `lacking` holds the findings, by the event that lacks something."""

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.gate: Gate = next(gate for gate in scene.policy.gates if gate.id == key[1])
        self.lacking: dict[tuple[str, str], Finding] = {}
        self._basis: dict[str | None, date] = {}
        self._tested: dict[str | None, list[Known]] = {}

    def add(self, known: Known) -> bool:
        """Take one more event, in whatever order."""
        gate, event, selected = self.gate, known.event, known.matched.selected
        if f"{gate.id}:needs" in selected:
            for about in {known.about, None}:
                first = self._basis.get(about)
                if first is None or event.date < first:
                    self._basis[about] = event.date
                    for each in self._tested.get(about, ()):
                        self._test(each)
        if f"{gate.id}:on" in selected and self.scene.policy.applies(gate.clause, event.date):
            self._tested.setdefault(known.about, []).append(known)
            self._test(known)
        return True

    def _test(self, known: Known) -> None:
        gate, event = self.gate, known.event
        missing = self._missing_parts(known) if gate.needs is None else self._missing_basis(known)
        self.scene.told[event.key] = None
        if missing:
            grade, detail = FINDINGS[gate.finding].grade, {"rule": gate.id, "missing": missing}
            self.lacking[event.key] = Finding(
                gate.finding, event.id, grade, None, event.case, known.about, event.date, detail
            )
        else:
            self.lacking.pop(event.key, None)

    def _missing_parts(self, known: Known) -> str:
        named = known.event.get("sections", ())
        return ", ".join(part for part in self.gate.parts if part not in named)

    def _missing_basis(self, known: Known) -> str:
        """Return which events would be a basis, or nothing when there is one about the same unit, not later."""
        first = self._basis.get(known.about)
        assert self.gate.needs is not None
        return "" if first is not None and first <= known.event.date else ", ".join(self.gate.needs.events)
