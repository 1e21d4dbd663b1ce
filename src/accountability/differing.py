"""What several packs of one policy say differently about one matter: both stand, and people should know."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from .answer import Finding
from .finding import finding
from .policy import Policy
from .rule import Duty


def differing_duties(policy: Policy) -> Iterator[Finding]:
    """Yield a finding for each two duties of different packs that ask the same of the same bearer, by another time or act."""
    by_matter: dict[object, list[Duty]] = {}
    for duty in policy.duties.values():
        matter = (duty.act, duty.on, duty.recurrence, duty.each, duty.stage, duty.bearer.text, duty.chosen)
        by_matter.setdefault(matter, []).append(duty)
    for duties in by_matter.values():
        for one, other in combinations(duties, 2):
            if one.clause.pack != other.clause.pack and _says(one) != _says(other):
                detail = {"rule": one.id, "other": other.id, "pack": one.clause.pack, "other_pack": other.clause.pack}
                yield finding("duties_differ", one.id, detail)


def _says(duty: Duty) -> tuple[object, ...]:
    return duty.within, duty.by, duty.with_, duty.must, duty.per, duty.after, duty.parts, duty.to and duty.to.text
