"""What two policies answer differently, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ..answer import to_data
from ..comparison import Change
from ..errors import one_line
from .json_text import json_text

_WORDS = {
    "zh": {
        "none": "两者结果相同。", "nobody": "（责任主体未定）", "only_first": "仅前者有", "only_second": "仅后者有", "empty": "（无）",
        "obligation": "责任事项", "escalation": "上报督办", "candidate": "责任线索", "rating": "评定",
    },
    "en": {
        "none": "Both give the same answer.", "nobody": "(bearer undetermined)", "only_first": "only in the first",
        "only_second": "only in the second", "empty": "(none)",
        "obligation": "obligation", "escalation": "escalation", "candidate": "candidate", "rating": "rating",
    },
}  # fmt: skip


def changes_json(changes: Sequence[Change]) -> str:
    """Return the changes as JSON."""
    return json_text({"changes": to_data(list(changes))})


def changes_text(changes: Sequence[Change], language: str) -> str:
    """Return the changes in lines, by unit and person."""
    words = _WORDS[language]
    if not changes:
        return words["none"]
    return "\n".join(_lines(changes, words))


def _lines(changes: Iterable[Change], words: Mapping[str, str]) -> Iterator[str]:
    for (unit, person), group in groupby(changes, key=lambda change: (change.unit, change.person)):
        yield one_line(" ".join(part for part in (unit or words["nobody"], person) if part))
        for change in group:
            yield one_line(f"  {words[change.kind]} {change.id}: {_told(change, words)}")


def _told(change: Change, words: Mapping[str, str]) -> str:
    if change.after is None or change.before is None:
        side = "only_first" if change.after is None else "only_second"
        values = change.before or change.after or {}
        return f"{words[side]} ({', '.join(f'{name} {value}' for name, value in values.items())})"
    pairs = ((name, value, change.after[name]) for name, value in change.before.items())
    return ", ".join(f"{name} {old or words['empty']} -> {new or words['empty']}" for name, old, new in pairs)
