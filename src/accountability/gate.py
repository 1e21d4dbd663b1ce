"""Gates: a decision, an award or a report that must rest on something (meaning.md, section 10). They never decide."""

from __future__ import annotations

from .answer import Finding
from .finding import FINDINGS
from .fold import Known
from .rule import Gate
from .track import Scene


def gate_findings(scene: Scene, known: list[Known]) -> list[tuple[Known, Finding]]:
    """Return each event that lacks what a gate in force on its day asks for, with the finding."""
    found = []
    for gate in scene.policy.gates:
        reached = [
            k
            for k in known
            if f"{gate.id}:on" in k.matched.selected and scene.policy.applies(gate.clause, k.event.date)
        ]
        for each in reached:
            missing = _missing_parts(gate, each) if gate.needs is None else _missing_basis(gate, each, known)
            if missing:
                event, grade = each.event, FINDINGS[gate.finding].grade
                detail = {"rule": gate.id, "missing": missing}
                finding = Finding(gate.finding, event.id, grade, None, event.case, each.about, event.date, detail)
                found.append((each, finding))
    return found


def _missing_parts(gate: Gate, known: Known) -> str:
    named = known.event.get("sections", ())
    return ", ".join(part for part in gate.parts if part not in named)


def _missing_basis(gate: Gate, known: Known, others: list[Known]) -> str:
    """Return which events would be a basis, or nothing when there is one about the same unit, not later."""
    assert gate.needs is not None
    for other in others:
        fits = f"{gate.id}:needs" in other.matched.selected and other.event.date <= known.event.date
        if fits and (known.about is None or other.about == known.about):
            return ""
    return ", ".join(gate.needs.events)
