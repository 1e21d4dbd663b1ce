"""The coverage of documents by their packs, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..packs.coverage import Coverage
from .json_text import json_text


def coverage_json(found: Sequence[Coverage]) -> str:
    """Return the coverage as JSON."""
    documents = [
        {
            "id": each.id,
            "pack": each.pack,
            "passages": each.passages,
            "passages_accounted": each.accounted,
            "norms": each.norms,
            "norms_formalised": each.formalised,
            "norms_adopted_only": each.adopted_only,
            "norms_not_formalised": each.not_formalised,
            "rules": each.rules,
            "rules_fired": each.fired,
            "open_passages": list(each.open),
            "undecided_norms": list(each.undecided),
            "unfired_rules": list(each.unfired),
        }
        for each in found
    ]
    decided = sum(each.formalised + each.not_formalised for each in found)
    return json_text(
        {"documents": documents, "norms_total": sum(each.norms for each in found), "norms_decided": decided}
    )


def coverage_text(found: Sequence[Coverage]) -> str:
    """Return the coverage as lines, each document with what is left out and why."""
    return "".join(f"{line}\n" for each in found for line in _told(each))


def _told(each: Coverage) -> Iterable[str]:
    yield (
        f"document {each.id} ({each.pack}): {each.accounted} of {each.passages} passages accounted for; "
        f"{each.norms} norms: {each.formalised} formalised ({each.adopted_only} only where adopted), "
        f"{each.not_formalised} not; {each.fired} of {each.rules} rules fired by scenarios"
    )
    for what, counts in (("passages left out", each.left_out), ("norms not formalised", each.reasons)):
        if counts:
            yield f"  {what}: " + ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
    for what, names in (
        ("open passages", each.open),
        ("undecided norms", each.undecided),
        ("unfired rules", each.unfired),
    ):
        if names:
            yield f"  {what}: {', '.join(names)}"
