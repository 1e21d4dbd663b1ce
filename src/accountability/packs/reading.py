"""Reading packs: folders of ``pack.toml`` and literate law files become a policy.

Each heading with an id opens a clause, whose text is the prose under it, word for word; the blocks under it are its
rules. Whatever is not understood is refused with a `PackError` that names file and line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..clause import Clause, NotFormalised
from ..errors import PackError, quoted
from ..plain import LIMITS, Limits
from ..policy import Policy
from ..rule import Duty, Rule, Scale
from .blocks import read_rule, role_name
from .conflicts import circles
from .counts import read_counts
from .folder import PackFile, read_folder
from .markdown import Block, Section, read_sections
from .table import Table
from .vocabulary import Declarations, Vocabulary, merged, read_declarations
from .writing import Writing, check_names

REASONS = (
    "heading", "definition", "rhetoric", "narrative", "argument", "covered", "excluded", "permission", "guiding",
)  # fmt: skip
"""Why a part of a clause may have no rule."""

SCENARIO_KEYS = ("name", "organization", "parameters", "rules", "in_force", "events", "checks")


@frozen
class PackScenario:
    """A scenario of a pack: the clause under which it stands, its name, its place, and its data as written."""

    pack: str
    clause: str
    name: str
    file: str
    line: int
    data: Mapping[str, Any]


@frozen
class _LawFile:
    """One law file of a pack; `name` is its name in the folder and `path` the one for messages."""

    words: Declarations
    name: str
    path: str
    sections: tuple[Section, ...]


@frozen(eq=False)
class _Law:
    """What the law files hold, collected."""

    clauses: list[Clause] = field(factory=list)
    rules: list[Rule] = field(factory=list)
    notes: list[NotFormalised] = field(factory=list)
    scenarios: list[PackScenario] = field(factory=list)


Folder = Path | tuple[PackFile, ...]
"""Where a pack is: its folder, or the files that were read from one before."""


def read_packs(folders: Iterable[Folder], limits: Limits = LIMITS) -> Policy:
    """Read the packs in the folders into one policy without values for parameters. Raises PackError."""
    return read_whole(folders, limits)[0]


def read_whole(folders: Iterable[Folder], limits: Limits = LIMITS) -> tuple[Policy, list[PackScenario]]:
    """Read the packs as `read_packs` does, and with them their scenarios, in the order of their files."""
    files, vocabulary = _read_files(folders, limits)
    law = _read_law(files, vocabulary)
    policy = Policy(
        packs=tuple({words.pack.id: words.pack for words in (file.words for file in files)}.values()),
        rules=tuple(law.rules),
        clauses=tuple(law.clauses),
        not_formalised=tuple(law.notes),
        event_types=vocabulary.events,
        kinds=vocabulary.kinds,
        posts=vocabulary.posts,
        relation_words=vocabulary.relations,
        declared=vocabulary.parameters,
        counters=vocabulary.counts,
        shares=vocabulary.shares,
    )
    return policy, law.scenarios


@lru_cache(maxsize=4096)
def plain_text(text: str) -> str:
    """Return the text without white space and in normal form, in which quotations are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _read_files(folders: Iterable[Folder], limits: Limits) -> tuple[list[_LawFile], Vocabulary]:
    files, declared = [], []
    for folder in folders:
        found = read_folder(folder, limits) if isinstance(folder, Path) else folder
        words = read_declarations(found, limits)
        declared.append(words)
        for file in found:
            if file.name != "pack.toml":
                files.append(_LawFile(words, file.name, file.path, read_sections(file.text, file.path, limits)))
    if not declared:
        raise PackError("no pack is named; name the folder of at least one")
    return files, merged(declared)


def _read_law(files: list[_LawFile], vocabulary: Vocabulary) -> _Law:
    law = _Law()
    blocks: list[tuple[Clause, Block]] = []
    places: dict[tuple[str, str], str] = {}

    def claim(what: str, id_: str, place: str) -> None:
        if first := places.get((what, id_)):
            raise PackError(f"{place}: the {what} {quoted(id_)} is given twice, first at {first}; rename one")
        places[what, id_] = place

    for file in files:
        for section in file.sections:
            if section.id is not None:
                clause = _clause(file, section, section.id)
                claim("clause", clause.ref, f"{file.path}:{section.line}")
                law.clauses.append(clause)
                blocks.extend((clause, block) for block in section.blocks)
    for _, block in blocks:
        if block.kind == "role":
            name, is_ = role_name(block.table, vocabulary)
            if is_ not in vocabulary.roles.get(name, ()):
                vocabulary.roles[name] = (*vocabulary.roles.get(name, ()), is_)
    read_counts({file.words.pack.id: file.words for file in files}.values(), vocabulary)
    writings = {file.words.pack.id: Writing(file.words.pack.id, vocabulary) for file in files}
    for clause, block in blocks:
        if block.kind == "not-formalised":
            law.notes.append(_note(block, clause))
        elif block.kind == "scenario":
            law.scenarios.append(_scenario(block, clause))
        else:
            id_ = block.table.id("id", f'`id = "{clause.heading}a"`')
            claim("rule", id_, block.table.place("id"))
            law.rules.append(read_rule(writings[clause.pack], block.kind, block.table, _norm(block, clause, id_)))
    for pack, words in {file.words.pack.id: file.words for file in files}.items():
        if not any(rule.clause.pack == pack for rule in law.rules):
            problem = "the pack is empty, for no law file has a rule"
            raise PackError(f"{words.places['pack']}: {problem}; write a heading with an id and a duty under it")
    duties = (rule.id for rule in law.rules if isinstance(rule, Duty))
    check_names(writings.values(), duties, (rule.id for rule in law.rules if isinstance(rule, Scale)))
    for first, names in circles(_waits(law.rules)):
        problem = f"{names} wait for one another, so none can be done first; drop one `after` or `with`"
        raise PackError(f"{places['rule', first]}: {problem}")
    return law


def _waits(rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """Yield each duty with one on which its block or its due day rests."""
    for rule in rules:
        if isinstance(rule, Duty):
            yield from ((rule.id, other.duty) for other in (rule.after, rule.with_) if other is not None)


def _clause(file: _LawFile, section: Section, id_: str) -> Clause:
    if not re.fullmatch("[A-Za-z0-9_-]{1,128}", id_):
        raise PackError(
            f"{file.path}:{section.line}: the clause {quoted(id_)} is no id; use letters a to z, digits, `_` and `-`"
        )
    pack = file.words.pack
    return Clause(
        id_,
        section.text,
        id_,
        section.text,
        pack.source,
        pack.id,
        file.name,
        section.line,
        file.words.from_,
        file.words.to,
    )


def _quoted_clause(block: Block, clause: Clause, ref: str) -> Clause:
    """Return the part of the clause that the block quotes, the whole where it quotes none."""
    text = block.table.optional("text")
    if not clause.text:
        block.table.fail(f"the clause {quoted(clause.ref)} has no text; write it word for word under its heading")
    if text is not None and plain_text(text) not in plain_text(clause.text):
        block.table.fail(
            f"the text {quoted(text)} does not stand in the clause {quoted(clause.ref)}; quote it word for word", "text"
        )
    return Clause(
        ref,
        text or clause.text,
        clause.heading,
        clause.whole,
        clause.source,
        clause.pack,
        clause.file,
        block.line,
        clause.from_,
        clause.to,
    )


def _norm(block: Block, clause: Clause, id_: str) -> Clause:
    """Return the clause of a rule: its norm id is the id of the rule up to the first full stop."""
    norm = id_.partition(".")[0]
    own = norm.removeprefix(clause.heading)
    if not norm.startswith(clause.heading) or not re.fullmatch("[A-Za-z]*(?:-[0-9]+[A-Za-z]*)*", own):
        problem = f"the rule {quoted(id_)} does not belong to the clause {quoted(clause.heading)}"
        block.table.fail(f"{problem}; begin its id with {quoted(clause.heading)} or move it under its clause", "id")
    return _quoted_clause(block, clause, norm)


def _note(block: Block, clause: Clause) -> NotFormalised:
    table = block.table
    table.closed("text", "reason", "note", "norm")
    reason = table.one_of("reason", REASONS, "reason") or table.missing(
        "reason", f"one of {', '.join(map(quoted, REASONS))}"
    )
    note: dict[str, str]
    if isinstance(table.values.get("note"), dict):
        note = table.titles("note") or {}
    else:
        text = table.optional("note")
        note = {} if text is None else {"en": text}
    norms = table.texts("norm") if isinstance(table.values.get("norm"), list) else (table.optional("norm"),)
    for norm in norms:
        if norm is not None and not norm.startswith(clause.heading):
            table.fail(f"the norm {quoted(norm)} does not belong to the clause {quoted(clause.heading)}", "norm")
    return NotFormalised(_quoted_clause(block, clause, clause.heading), reason, note, tuple(filter(None, norms)))


def _scenario(block: Block, clause: Clause) -> PackScenario:
    table: Table = block.table
    table.closed(*SCENARIO_KEYS)
    name = table.needed("name", 'what it shows, `name = "the branch never meets"`')
    return PackScenario(clause.pack, clause.ref, name, clause.file, block.line, table.values)
