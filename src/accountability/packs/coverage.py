"""How much of its document a pack accounts for: every passage, every norm, and the rules that scenarios fire.

A pack that formalises a whole document has a ``source.toml`` beside its law: the digest of each passage of the document
in its order, the ids of the norms read out of it, and for each passage that no clause quotes as a whole where it is
quoted in part, or why it is left out. So a reader sees that nothing is silently missing, and the pack carries no text
of the source but what it quotes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from ..clause import Clause
from ..errors import PackError, quoted
from ..plain import LIMITS, Limits
from ..policy import Policy
from .folder import read_file
from .reading import REASONS, plain_text, read_packs
from .table import Table, read_table
from .testing import run_scenarios

SOURCE = "source.toml"
_ENDS = re.compile("[。;；!！?？\n]")


@frozen
class Coverage:
    """What became of one document: its passages and norms, and the rules of its pack.

    `open` are the digests of passages, and `undecided` the norms, of which the pack says nothing; `left_out` counts the
    passages without a rule by their reason, `reasons` the norms without one.
    """

    id: str
    pack: str
    passages: int
    norms: int
    formalised: int
    adopted_only: int
    not_formalised: int
    rules: int
    fired: int
    open: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    unfired: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(factory=dict)
    reasons: Mapping[str, int] = field(factory=dict)

    @property
    def accounted(self) -> int:
        """How many passages are quoted, or left out with a reason."""
        return self.passages - len(self.open)


def passages_of(text: str) -> Iterator[str]:
    """Yield the digests of the passages of a text: cut at the ends of sentences and lines, without white space."""
    for passage in _ENDS.split(text):
        plain = plain_text(passage)
        if plain:
            yield hashlib.sha256(plain.encode()).hexdigest()[:16]


def coverage(folders: Sequence[Path], limits: Limits = LIMITS) -> list[Coverage]:
    """Return the coverage of each pack that has a ``source.toml``. Raises PackError, also when none of them has."""
    if folders and not any((folder / SOURCE).is_file() for folder in folders):
        problem = f"{folders[0]}: the pack has no {quoted(SOURCE)}, so there is no document to compare it with"
        raise PackError(f"{problem}; write one, as docs/writing-packs.md says")
    return [_coverage(folder, limits) for folder in folders if (folder / SOURCE).is_file()]


def _coverage(folder: Path, limits: Limits) -> Coverage:
    policy, source = read_packs([folder], limits), _read(folder, limits)
    quoted_whole = {digest for clause in policy.clauses for digest in passages_of(clause.whole)}
    passages, left = source.texts("passages"), _left_out(source, policy)
    rules = {rule.clause.ref: rule for rule in policy.rules}
    only = {ref for ref in rules if not any(_stands(rule) for rule in policy.rules if rule.clause.ref == ref)}
    notes = {norm: note.reason for note in policy.not_formalised for norm in note.norms}
    norms = source.texts("norms")
    tested = run_scenarios([folder], limits)
    reasons = Counter(notes[norm] for norm in norms if norm not in rules and norm in notes)
    return Coverage(
        id=source.needed("document", '`document = "1"`'),
        pack=policy.packs[0].id,
        passages=len(passages),
        norms=len(norms),
        formalised=sum(norm in rules for norm in norms),
        adopted_only=sum(norm in only for norm in norms),
        not_formalised=reasons.total(),
        rules=len(policy.rules),
        fired=len(policy.rules) - len(tested.unfired_rules),
        open=tuple(digest for digest in passages if digest not in quoted_whole and digest not in left),
        undecided=tuple(norm for norm in norms if norm not in rules and norm not in notes),
        unfired=tested.unfired_rules,
        left_out=Counter(reason for digest, reason in left.items() if reason and digest in passages),
        reasons=reasons,
    )


def _stands(rule: Any) -> bool:
    return bool(getattr(rule, "adopted", True))


def _read(folder: Path, limits: Limits) -> Table:
    file = read_file(folder.resolve(), SOURCE, f"{folder}/{SOURCE}", limits.pack_bytes)
    source = read_table(file.text, SOURCE, file.path, 0, limits)
    source.closed("document", "passages", "norms", "part")
    return source


def _left_out(source: Table, policy: Policy) -> dict[str, str]:
    """Return why a passage has no clause of its own, by digest; nothing where a clause quotes a part of it."""
    clauses: dict[str, Clause] = {clause.ref: clause for clause in policy.clauses}
    parts = source.values.get("part", [])
    if not isinstance(parts, list):
        source.wrong("part", "a list of tables `[[part]]`")
    found: dict[str, str] = {}
    for part in parts:
        if not isinstance(part, dict):
            source.wrong("part", "a list of tables `[[part]]`")
        table = evolve(source, values=part, what="`[[part]]`", path=("part",))
        table.closed("digest", "clause", "reason", "note")
        digest, clause = table.needed("digest", '`digest = "0123456789abcdef"`'), table.optional("clause")
        reason = table.one_of("reason", REASONS, "reason")
        if (clause is None) == (reason is None):
            table.fail(f"the passage {quoted(digest)} is quoted in a clause or left out; write `clause` or `reason`")
        if clause is not None and clause not in clauses:
            table.known(clause, clauses, "clause of the pack", "clause")
        found[digest] = reason or ""
    return found
