"""The words in the checks of a scenario that nobody has: a rule, a status or a finding that can never be answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..answer import STATUSES
from ..errors import nearest, quoted
from ..finding import FINDINGS
from ..policy import Policy

LISTS = ("obligations", "not_yet", "escalations", "liabilities", "findings", "relations", "ratings")
"""The keys of a check that hold entries."""


def unknown_words(policy: Policy, checks: object) -> Iterator[str]:
    """Yield a sentence for each rule, status and code of the checks that no policy, or not this one, can answer."""
    rules = {rule.id for rule in policy.rules}
    known = (("rule", "rule of these packs", rules), ("status", "status", STATUSES), ("code", "finding", FINDINGS))
    for check in checks if isinstance(checks, list) else ():
        entries = [entry for key in LISTS for entry in _list(check, key) if isinstance(entry, dict)]
        for key, what, words in known:
            for word in dict.fromkeys(entry[key] for entry in entries if isinstance(entry.get(key), str)):
                if word and word.removesuffix(".designate" if key == "rule" else "") not in words:
                    yield f"{quoted(word)} is no {what}{nearest(word, words) or _advice(words)}"


def _advice(words: Collection[str]) -> str:
    return f"; use one of {', '.join(map(quoted, words))}" if len(words) < 10 else "; correct it"


def _list(check: object, key: str) -> list[object]:
    entries = check.get(key) if isinstance(check, dict) else None
    return entries if isinstance(entries, list) else []
