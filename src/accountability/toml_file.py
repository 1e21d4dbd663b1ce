"""TOML files of a host: read with care, and every table and key of them knows its line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from functools import cached_property, lru_cache
from typing import Any, NoReturn

from attrs import field, frozen

from .errors import AccountabilityError, quoted
from .plain import LIMITS, Limits, check_plain
from .text_file import read_text

_STRINGS = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|' + r"'[^'\n]*+'?")  # possessive, so that it is linear
_TOML_PLACE = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")
_WIDE_EXPONENT = re.compile(r"[0-9][eE][+-]?[0-9_]{10}")
_LONG_NUMBER = re.compile(r"(?<![0-9_])[0-9_]{1000}")
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*[=.]")
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^\s.\"']+)")
_QUOTES = "\"'"
_LAST_STEP = re.compile(r"(?:\.[^.\[\]]+|\[\d+\])$")


@frozen
class TomlFile:
    """A TOML file: its name, its text and its data, which are plain (see `plain.check_plain`)."""

    name: str
    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    def place(self, path: str = "") -> str:
        """Return ``file:line`` of the table or key at `path` (``units[2].name``), else of what holds it."""
        while path and path not in self._lines:
            shorter = _LAST_STEP.sub("", path)
            path = shorter if shorter != path else ""
        return f"{self.name}:{self._lines[path]}" if path else self.name

    @cached_property
    def _lines(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        table, last = "", dict[str, int]()  # last: the number of the last table of each list of tables
        for number, line in enumerate(self.text.split("\n"), start=1):
            header = _HEADER.fullmatch(line)
            if header and (words := [next(filter(None, word), "") for word in _WORD.findall(header[2])]):
                table = ""
                for part in words[:-1]:
                    table = f"{table}.{part}" if table else part
                    table += f"[{last[table]}]" if table in last else ""
                table = f"{table}.{words[-1]}" if table else words[-1]
                lines.setdefault(table, number)
                if header[1] == "[[":
                    last[table] = last.get(table, -1) + 1
                    table += f"[{last[table]}]"
                    lines[table] = number
            elif key := _KEY.match(line):
                lines.setdefault(f"{table}.{key[1].strip(_QUOTES)}" if table else key[1].strip(_QUOTES), number)
        return lines


def read_toml(
    path: str | os.PathLike[str], *, error: type[AccountabilityError], most: int = 0, limits: Limits = LIMITS
) -> TomlFile:
    """Read a TOML file in UTF-8, of plain data; else raise `error`, whose message begins with ``file:line``.

    Decimals become `Decimal`, dates stay dates, and a byte order mark is passed over. It has at most `most` bytes
    (`limits.file_bytes` unless given).
    """
    name = os.fspath(path)

    def refuse(problem: str, line: int) -> NoReturn:
        raise error(f"{name}:{line}: {problem}") from None

    most = most or limits.file_bytes
    text = read_text(path, error=error, most=most).replace("\r\n", "\n")
    file = TomlFile(name, text, parse_toml(text, refuse, limits))
    try:
        check_plain(
            file.data, where="", error=error, limits=limits, max_bytes=4 * most
        )  # JSON has more marks than TOML
    except error as problem:  # its message is `: `units.0.name` is ...`
        at = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", str(problem).split("`")[1])
        raise error(f"{file.place(at)}{problem}") from None
    return file


def parse_toml(text: str, refuse: Callable[[str, int], NoReturn], limits: Limits) -> dict[str, Any]:
    """Return the data of a TOML text; else call `refuse` with what is wrong and the line, from 1."""
    deep = _deep_key(limits.key_parts)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") >= limits.key_parts and deep.search(_STRINGS.sub(lambda found: found[0][0] * 2, line)):
            refuse(f"a key has more than {limits.key_parts} parts; flatten it", number)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError:
        refuse("the lists and tables are nested too deep; flatten them", _deepest(text))
    except DecimalException:
        at = _line_of(_WIDE_EXPONENT, text)
        refuse(f"{_shown(text, at)} has a number with an exponent that can not be kept; write it out", at)
    except ValueError as problem:
        found = _TOML_PLACE.search(str(problem))
        if found is None:
            at = _line_of(_LONG_NUMBER, text)
            refuse(f"{_shown(text, at)} has a number that is too long; write it as text", at)
        lines = text.split("\n")
        at, column = (int(found[1]), int(found[2])) if found[1] else (len(lines), len(lines[-1]) + 1)
        said = quoted(_TOML_PLACE.sub("", str(problem)), 200)[1:-1]
        advice = _advice(lines[at - 1], column, said)
        refuse(f"{_shown(text, at)} is not TOML: {said}, at column {column}; {advice}", at)


def _advice(line: str, column: int, said: str) -> str:
    """Return what to do about a line that is not TOML, as far as it can be told."""
    if any(word in said for word in ("Cannot overwrite", "Cannot declare", "Duplicate")):
        return "keep one of the two"
    rest = line[column - 1 :]
    if said.startswith("Expected '='"):
        return "write `key = value`"
    if said == "Invalid value" and rest[:1].isalpha():
        return "write texts in quotation marks"
    return "correct the line" if rest.strip() else "close what is open"


@lru_cache(maxsize=8)
def _deep_key(parts: int) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|\"\"|'')[ \t]*\.[ \t]*){{{parts}}}")


def _shown(text: str, line: int) -> str:
    return quoted(text.split("\n")[line - 1].strip())


def _line_of(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _deepest(text: str) -> int:
    """Return the line with the most brackets."""
    lines = text.split("\n")
    return max(range(len(lines)), key=lambda i: lines[i].count("[") + lines[i].count("{")) + 1
