"""Gates: a decision, an award or a report that must rest on something (meaning.md, section 10). They never decide."""

from __future__ import annotations

from bisect import bisect_right, insort
from datetime import date

from .answer import Finding
from .calendar import Span
from .event import Event
from .finding import finding_from
from .fold import Fold, Known
from .rule import Gate
from .track import Scene

_Key = tuple[object, ...]
"""The unit that an event is about, and its values of the fields that must agree."""


class GateFold(Fold):
    """The events that one gate lets pass or not; `lacking` holds the findings, by the event that lacks something."""

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.gate: Gate = next(gate for gate in scene.policy.gates if gate.id == key[1])
        self.lacking: dict[tuple[str, str], Finding] = {}
        self._basis: dict[_Key, list[date]] = {}
        self._tested: dict[_Key, list[Known]] = {}

    def add(self, known: Known) -> bool:
        """Take one more event, in whatever order."""
        gate, event, selected = self.gate, known.event, known.matched.selected
        if f"{gate.id}:needs" in selected:
            for about in {known.about, None}:
                key = self._key(about, event)
                insort(self._basis.setdefault(key, []), event.date)
                for each in self._tested.get(key, ()):
                    self._test(each)
        if f"{gate.id}:on" in selected and self.scene.stands(gate, event.date):
            self._tested.setdefault(self._key(known.about, event), []).append(known)
            self._test(known)
        return True

    def _key(self, about: str | None, event: Event) -> _Key:
        return about, *(event.get(name) for name in self.gate.same)

    def _test(self, known: Known) -> None:
        gate, event, code = self.gate, known.event, self.gate.finding
        missing, about = "", event.id
        if gate.needs is not None:
            missing, parameter = self._missing_basis(known)
            code, about = ("parameter_required", parameter) if parameter is not None else (code, about)
        elif gate.requires is not None:
            missing = self._not_as_required(known)
        else:
            missing = self._missing_parts(known)
        self.scene.told[event.key] = None
        if missing:
            detail = {"rule": gate.id, "missing": missing}
            detail |= {use.name: str(use.value) for use in self.scene.chosen(gate, event.date)}
            self.lacking[event.key] = finding_from(event, code, about, detail, known.about)
        else:
            self.lacking.pop(event.key, None)

    def _missing_parts(self, known: Known) -> str:
        named = known.event.get("sections", ())
        return ", ".join(part for part in self.gate.parts if part not in named)

    def _not_as_required(self, known: Known) -> str:
        """Return which fields the event must have otherwise, nothing where it is as required or nobody can tell."""
        requires, name = self.gate.requires, f"{self.gate.id}:requires"
        assert requires is not None
        fits = name in known.matched.selected or name in known.matched.cannot_tell
        return "" if fits else ", ".join(dict.fromkeys(condition.path for condition in requires.where))

    def _missing_basis(self, known: Known) -> tuple[str, str | None]:
        """Return which events would be a basis, or nothing when there is one, not later and not too old.

        The second part is the parameter without which nobody knows how old it may be.
        """
        gate, day = self.gate, known.event.date
        assert gate.needs is not None
        lacking = ", ".join(gate.needs.events)
        basis = self._basis.get(self._key(known.about, known.event), [])
        place = bisect_right(basis, day)
        if not place:
            return lacking, None
        span: object = gate.within.span if gate.within is not None else None
        if gate.within is not None and gate.within.parameter is not None:
            use = self.scene.value(gate.within.parameter, day)
            if use is None:
                return lacking, gate.within.parameter.rpartition(".")[2]
            span = use.value
        is_too_old = isinstance(span, Span) and self.scene.policy.calendar.add(basis[place - 1], span).day < day
        return lacking if is_too_old else "", None
