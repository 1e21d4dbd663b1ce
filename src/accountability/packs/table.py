"""Tables of TOML in pack files: each knows its place, so that every refusal names the line of the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from attrs import evolve, frozen

from ..errors import PackError, nearest, quoted
from ..plain import LIMITS, Limits, check_id, check_plain
from ..toml_file import parse_toml

_HEADER = re.compile(r"\s*\[+([^\[\]]+)\]+\s*(?:#.*)?")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"[^"]*+"|'[^']*+'""")
_LEADING = re.compile(rf"\s*((?:{_KEY.pattern})(?:\s*\.\s*(?:{_KEY.pattern}))*+)\s*=")
_INLINE = re.compile(rf"[{{,]\s*+({_KEY.pattern})\s*+[.=]")


@frozen
class Table:
    """A table of TOML: its values, the file and the line before its text, and what it is, such as ``duty``.

    `also` are keys that are known in it beside those of its kind.
    """

    values: Mapping[str, Any]
    what: str
    file: str
    line: int
    text: str
    path: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    limits: Limits = LIMITS

    def fail(self, problem: str, *keys: str) -> NoReturn:
        """Refuse the pack at the line of the key that `keys` lead to, or at the table itself."""
        raise PackError(f"{self.place(*keys)}: {problem}") from None

    def place(self, *keys: str) -> str:
        """Return ``file:line`` of a key, or of the table itself."""
        return f"{self.file}:{max(1, self.line + _line_of(self.text, (*self.path, *keys)))}"

    def closed(self, *known: str) -> None:
        """Refuse a key that is not known here."""
        known = (*known, *self.also)
        for key in self.values:
            if key not in known:
                advice = f"; the keys are {', '.join(map(quoted, known))}"
                self.fail(f"{quoted(key)} is no key of {self.what}{nearest(key, known) or advice}", key)

    def missing(self, key: str, example: str) -> NoReturn:
        """Refuse the table because the key is not there."""
        self.fail(f"{self.what} has no {quoted(key)}; write {example}")

    def wrong(self, key: str, meaning: str) -> NoReturn:
        """Refuse the value of the key because it is not `meaning`."""
        self.fail(f"{quoted(key)} of {self.what} is {quoted(self.values[key])}; write {meaning}", key)

    def optional(self, key: str) -> str | None:
        """Return the text at the key, None when there is none."""
        value = self.values.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self.wrong(key, "a text in quotation marks")
        return value

    def needed(self, key: str, example: str) -> str:
        """Return the text at the key; its absence is refused, showing the example."""
        value = self.optional(key)
        return self.missing(key, example) if value is None else value

    def id(self, key: str, example: str) -> str:
        """Return the id at the key: letters, digits, ``.``, ``_`` and ``-``."""
        return self.checked(self.needed(key, example), key, key)

    def checked(self, word: str, what: str, *keys: str) -> str:
        """Return the word when it is an id of ASCII letters, digits, ``.``, ``_`` and ``-``; `what` says of what."""
        check_id(word, what=what, where=self.place(*keys), error=PackError, limits=self.limits)
        if not re.fullmatch("[A-Za-z0-9._-]+", word):
            self.fail(f"the {what} {quoted(word)} is no id; use letters a to z, digits, `.`, `_` and `-`", *keys)
        return word

    def flag(self, key: str, default: bool) -> bool:
        """Return the truth value at the key."""
        value = self.values.get(key, default)
        return value if isinstance(value, bool) else self.wrong(key, "true or false")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts at the key; empty when there is none."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.wrong(key, "a list of texts")
        if len(set(value)) < len(value):
            self.wrong(key, "each text once")
        return tuple(value)

    def one_of(self, key: str, known: Iterable[str], what: str) -> str | None:
        """Return the text at the key when it is a known one; None when there is none."""
        value = self.optional(key)
        return None if value is None else self.known(value, known, what, key)

    def known(self, word: str, known: Iterable[str], what: str, *keys: str) -> str:
        """Return the word when it is a known one; `what` says of what."""
        words = sorted(known)
        if word not in words:
            advice = f"; use one of {', '.join(map(quoted, words[:12]))}" if words else "; declare it in pack.toml"
            self.fail(f"{quoted(word)} is no {what}{nearest(word, words) or advice}", *keys)
        return word

    def table(self, key: str, what: str | None = None) -> Table:
        """Return the table at the key, empty when there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.wrong(key, "a table")
        return evolve(self, values=value, what=what or f"`{key}` of {self.what}", path=(*self.path, key), also=())

    def tables(self, key: str, what: str) -> dict[str, Table]:
        """Return the tables in the table at the key, by name."""
        whole = self.table(key)
        return {name: whole.table(name, f"{what} {quoted(name)}") for name in whole.values}

    def titles(self, key: str = "title") -> dict[str, str] | None:
        """Return what users see in Chinese and English, None when there is none."""
        if key in self.values and not isinstance(self.values[key], dict):
            self.wrong(key, '`{ zh = "…", en = "…" }`')
        return self.table(key).both_titles() if key in self.values else None

    def both_titles(self) -> dict[str, str]:
        """Return the Chinese and English text that this table is."""
        self.closed("zh", "en")
        return {language: self.needed(language, '`{ zh = "…", en = "…" }`') for language in ("zh", "en")}


def read_table(text: str, what: str, file: str, line: int, limits: Limits = LIMITS) -> Table:
    """Read the TOML that follows the line of the file."""

    def refuse(problem: str, at: int) -> NoReturn:
        raise PackError(f"{file}:{line + at}: {problem}") from None

    values = parse_toml(text, refuse, limits)
    table = Table(values, what, file, line, text, limits=limits)
    try:
        check_plain(values, where="", error=PackError, limits=limits, max_bytes=4 * limits.pack_bytes)
    except PackError as problem:  # its message is `: `pack.version` is ...`
        raise PackError(f"{table.place(*_keys(values, str(problem).split('`')[1]))}{problem}") from None
    return table


def _keys(values: object, path: str) -> list[str]:
    """Return the keys that a path joined by full stops leads through; a key may hold full stops itself."""
    keys: list[str] = []
    while isinstance(values, dict):
        key = next((key for key in values if f"{path}.".startswith(f"{key}.")), None)
        if key is None:
            break
        keys.append(key)
        values, path = values[key], path[len(key) + 1 :]
    return keys


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line, counted from 1, on which the last key of the path that is found stands; 0 for none."""
    lines = _lines(text)
    return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 0)


@lru_cache(maxsize=64)
def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key, as far as line by line it can be seen."""
    header: tuple[str, ...] = ()
    lines: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _HEADER.fullmatch(line):
            path = header = _words(found[1])
        elif found := _LEADING.match(line):
            path = (*header, *_words(found[1]))
            for key in _INLINE.findall(line):
                lines.setdefault((*path, *_words(key)), number)
        else:
            continue
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], number)
    return lines


def _words(key: str) -> tuple[str, ...]:
    return tuple(word.strip("\"'") for word in _KEY.findall(key))
