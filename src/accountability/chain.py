"""The chain of a case: the staged duties of its way, and the body that holds each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from .rule import BODIES, STAGES, Duty


@frozen(eq=False)
class Chain:
    """The staged duties of the way of a case: by stage, and for each body the first one, in the order of the chain."""

    staged: Mapping[str, list[Duty]]
    bodies: Mapping[str, Duty]

    @classmethod
    def of(cls, duties: Iterable[Duty]) -> Chain:
        """Return the chain of these duties, each of which has a stage."""
        staged: dict[str, list[Duty]] = {}
        for duty in duties:
            staged.setdefault(duty.stage or "", []).append(duty)
        bodies: dict[str, Duty] = {}
        for stage in STAGES:
            for duty in staged.get(stage, ()):
                bodies.setdefault(BODIES[stage], duty)
        return cls(staged, bodies)
