"""TOML files of a host: read with care, and every table and key of them knows its line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException
from functools import cached_property
from typing import Any, NoReturn

from attrs import field, frozen

from .errors import AccountabilityError, quoted
from .plain import LIMITS, check_plain
from .text_file import read_text

_STRINGS = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|' + r"'[^'\n]*+'?")  # possessive, so that it is linear
_DEEP_KEY = re.compile(r"(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|\"\"|'')[ \t]*\.[ \t]*){16}")
_TOML_PLACE = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")
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
    path: str | os.PathLike[str], *, error: type[AccountabilityError], most: int = LIMITS.file_bytes
) -> TomlFile:
    """Read a TOML file in UTF-8, of plain data; else raise `error`, whose message begins with ``file:line``.

    Decimals become `Decimal`, dates stay dates, and a byte order mark is passed over.
    """
    name = os.fspath(path)

    def refuse(problem: str, line: int = 0) -> NoReturn:
        raise error(f"{name}:{line}: {problem}" if line else f"{name}: {problem}") from None

    text = read_text(path, error=error, most=most).replace("\r\n", "\n")
    for number, line_of_text in _without_strings(text):
        if _DEEP_KEY.search(line_of_text):
            refuse("a key has more than 16 parts; flatten it", number)
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except RecursionError:
        refuse("the lists and tables are nested too deep; flatten them")
    except DecimalException:
        refuse("a number has an exponent that can not be kept; write it out")
    except ValueError as problem:
        found = _TOML_PLACE.search(str(problem))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        said = _TOML_PLACE.sub("", str(problem)) if found else "a number is too long"
        shown = quoted(text.split("\n")[line - 1].strip())
        refuse(f"{shown} is not TOML: {quoted(said, 200)[1:-1]}; correct the line", line)
    file = TomlFile(name, text, data)
    try:
        check_plain(data, where="", error=error)
    except error as problem:  # its message is `: `units.0.name` is ...`
        at = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", str(problem).split("`")[1])
        raise error(f"{file.place(at)}{problem}") from None
    return file


def _without_strings(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") >= 16:
            yield number, _STRINGS.sub(lambda string: string[0][0] * 2, line)
