"""Law files: Markdown in which a heading with an id opens a clause, to which the fenced blocks under it belong."""

from __future__ import annotations

import re
from typing import NoReturn

from attrs import frozen

from ..errors import PackError, nearest, quoted
from ..plain import LIMITS, Limits
from .table import Table, read_table

KINDS = (
    "duty", "escalation", "liability", "gate", "role", "scale", "band", "relation", "lint", "not-formalised", "scenario",
)  # fmt: skip
"""The kinds of blocks."""

_HEADING = re.compile(r"#{1,6}(?:[ \t](.*))?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(.*)")


@frozen
class Block:
    """A fenced block: its kind, and its table."""

    kind: str
    table: Table
    line: int


@frozen
class Section:
    """A heading, the prose under it word for word, and its blocks; `id` is None where the heading opens no clause."""

    id: str | None
    title: str
    text: str
    blocks: tuple[Block, ...]
    line: int


def read_sections(text: str, file: str, limits: Limits = LIMITS) -> tuple[Section, ...]:
    """Read the sections of a law file; `file` is its path for messages."""

    def refuse(line: int, problem: str) -> NoReturn:
        raise PackError(f"{file}:{line}: {problem}")

    sections: list[Section] = []
    heading: tuple[int, str, str | None] | None = None
    prose: list[str] = []
    blocks: list[Block] = []

    def close() -> None:
        if heading is not None:
            at, title, id_ = heading
            sections.append(Section(id_, title, _joined(prose), tuple(blocks), at))
        prose.clear()
        blocks.clear()

    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if fence := _FENCE.fullmatch(line):
            end = re.compile(rf" {{0,3}}{fence[1][0]}{{{len(fence[1])},}}[ \t]*")
            last = next((i for i in range(number, len(lines)) if end.fullmatch(lines[i])), None)
            if last is None:
                refuse(number, f"the block {quoted(line.strip())} has no end; close it with {quoted(fence[1])}")
            language, _, kind = fence[2].strip().partition(" ")
            kind = kind.strip()
            if language != "toml" or kind not in KINDS:
                near = nearest(kind, KINDS) if language == "toml" else ""
                advice = f"; write `toml` and one of {', '.join(map(quoted, KINDS))}"
                refuse(number, f"{quoted(fence[2].strip())} opens no block of a pack{near or advice}")
            if heading is None or heading[2] is None:
                refuse(
                    number,
                    f"the block {quoted(kind)} stands under no clause; give the heading above it an id, `{{#P1-2}}`",
                )
            table = read_table("\n".join(lines[number:last]), f"the block `{kind}`", file, number, limits)
            blocks.append(Block(kind, table, number))
            number = last + 1
        elif line.startswith("#"):
            found = _HEADING.fullmatch(line)
            if found is None:
                refuse(number, f"{quoted(line)} is no heading; write `## title {{#ID}}` with a space after `#`")
            close()
            title, mark, id_ = (found[1] or "").strip().rpartition("{#")
            if mark and not id_.endswith("}"):
                refuse(number, f"{quoted(line)} has an id without end; write `## title {{#ID}}`")
            heading = (number, title.strip(), id_[:-1]) if mark else (number, id_, None)
        elif "{#" in line:
            refuse(number, f"{quoted(line.strip())} holds an id outside a heading; write `## title {{#ID}}`")
        else:
            prose.append(line.rstrip())
    close()
    return tuple(sections)


def _joined(lines: list[str]) -> str:
    """Join the lines; blank ones at the ends fall away, and several in a row, such as around a block, count as one."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n"))
