"""A folder of CSV files as HR systems export them: one file for each kind of fact, one row for each fact.

A row is an entry of the organization file (see `organization_file`), and its columns, in any order, are the keys of the
entry. An empty cell is absent, and so is a row of empty cells.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, NoReturn

from attrs import field, frozen

from .calendar import parse_date
from .errors import OrganizationError, nearest, quoted
from .plain import LIMITS, Limits
from .text_file import read_text

_FILES = {
    "units.csv": (
        "units",
        "id kind",
        "name subkind from to led_by organ_of acts_for same_level guided_by "
        "party_relation business_relation local line",
    ),
    "posts.csv": ("posts", "unit", "id kind name head leader portfolio from to holder"),
    "tenures.csv": ("tenures", "post person", "from to part_time acting slot"),
    "memberships.csv": ("members", "person unit", "from to"),
    "relations.csv": ("relations", "relation source target", "from to matter ground"),
    "committees.csv": ("committees", "unit person", "from to"),
    "persons.csv": ("persons", "id", "name"),
    "absences.csv": ("absences", "person", "from to"),
    "duties.csv": ("duties", "duty", "bearer required_powers primary from to"),
    "powers.csv": ("powers", "power holder", "from to"),
    "competence.csv": ("competence", "unit matter", "from to"),
    "layers.csv": ("layers", "unit layer", "from to"),
    "grades.csv": ("grades", "unit grade", "from to"),
}
"""For each file: the list of the organization file that it is, the columns that it needs, and the others it may have."""

_NEEDED = ("units.csv", "posts.csv", "tenures.csv", "memberships.csv")
_PATH = re.compile(r"([a-z]+)\[([0-9]+)\](?:\.([a-z_]+))?.*")
_OPEN = re.compile(r"9999([-/.]?)12\1(?:31)")  # what HR systems write for an end that is open

_Cell = Callable[[str], object]


@frozen
class CsvFolder:
    """A folder of CSV files: its name, its data in the form of the organization file, and the line of each entry."""

    name: str
    data: Mapping[str, list[dict[str, Any]]] = field(repr=False)
    _lines: Mapping[str, list[int]] = field(repr=False)

    def place(self, path: str = "") -> str:
        """Return ``file:line: column`` of the entry or key at `path` (``units[2].name``), else the folder."""
        if not (found := _PATH.fullmatch(path)):
            return self.name
        file = next(file for file, (key, *_) in _FILES.items() if key == found[1])
        place = f"{os.path.join(self.name, file)}:{self._lines[found[1]][int(found[2])]}"
        return f"{place}: {found[3]}" if found[3] else place


def read_folder(path: str | os.PathLike[str], limits: Limits = LIMITS) -> CsvFolder:
    """Read ``units.csv``, ``posts.csv``, ``tenures.csv`` and ``memberships.csv``, and the other files that are there.

    The files are in UTF-8, with a byte order mark or without, and separate their cells by commas. Hidden files are
    passed over. Raises OrganizationError, whose message begins with ``file:line``, the line where the row starts.
    """
    name = os.fspath(path)
    try:
        found = sorted(file for file in os.listdir(name) if not file.startswith((".", "~$")))  # ~$: open in Excel
    except OSError as problem:
        raise OrganizationError(f"{name}: the folder can not be read: {problem.strerror}; correct the path") from None
    for file in found:
        if file not in _FILES:
            hint = nearest(file.lower(), _FILES) or f"; the files are {_list(_FILES)}"
            raise OrganizationError(f"{name}: the file {quoted(file)} is not known{hint}")
    for file in _NEEDED:
        if file not in found:
            columns = _list(" ".join(_FILES[file][1:]).split())
            raise OrganizationError(f"{name}: the file `{file}` is missing; add it, with the columns {columns}")
    data: dict[str, list[dict[str, Any]]] = {}
    lines: dict[str, list[int]] = {}
    for file in found:
        key, needed, others = _FILES[file]
        data[key], lines[key] = _read(os.path.join(name, file), needed.split(), others.split(), limits)
    return CsvFolder(name, data, lines)


def _read(file: str, needed: list[str], others: list[str], limits: Limits) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the entries of the file, and the line on which each starts."""
    text = read_text(file, error=OrganizationError, most=limits.file_bytes)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        _refuse(file, line, "the text holds a NUL character; remove it and save it as UTF-8")
    rows = _rows(file, text, limits.text)
    line, heading = next(rows, (1, []))
    if not heading:
        _refuse(file, line, f"the file is empty; begin it with a row of the columns {_list(needed + others)}")
    columns = _columns(heading, needed, others, lambda problem: _refuse(file, line, problem))
    entries, lines = list[dict[str, Any]](), list[int]()
    for line, row in rows:
        if len(row) > len(columns):
            problem = f"the row has {len(row)} cells and the heading {len(columns)}; put a cell that holds a comma"
            _refuse(file, line, f"{quoted(row[len(columns)])} is too much, for {problem} in quotation marks")
        entry, column = dict[str, Any](), ""
        try:
            for (column, read), cell in zip(columns, row, strict=False):  # missing cells at the end are empty
                if cell and (value := read(cell)) != "":
                    entry[column] = value
        except ValueError as problem:
            _refuse(file, line, f"{column}: {problem}" if column else str(problem))
        entries.append(entry)
        lines.append(line)
    return entries, lines


def _refuse(file: str, line: int, problem: str) -> NoReturn:
    raise OrganizationError(f"{file}:{line}: {problem}") from None


def _list(words: Iterable[str]) -> str:
    return ", ".join(map(quoted, words))


def _rows(file: str, text: str, longest: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the line on which it starts."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    too_long = f"a cell is longer than {longest} characters; shorten it, or close its quotation mark"
    line = 1
    try:
        for row in rows:
            if any(map(str.strip, row)):
                if max(map(len, row)) > longest:
                    _refuse(file, line, too_long)
                yield line, row
            line = rows.line_num + 1
    except csv.Error as problem:
        if "field limit" in str(problem):
            _refuse(file, line, too_long)
        start = quoted(next(islice(io.StringIO(text, newline=""), line - 1, None), "").strip())
        said = "a quoted cell does not end" if "end of data" in str(problem) else "a quoted cell goes on after its end"
        _refuse(file, line, f"{start} is not CSV: {said}; write a quotation mark inside a quoted cell twice")


def _columns(
    heading: list[str], needed: list[str], others: list[str], refuse: Callable[[str], NoReturn]
) -> list[tuple[str, _Cell]]:
    """Return the name of each column and how its cells are read; a column without a name holds nothing."""
    known, names = [*needed, *others], [name.strip() for name in heading]
    for number, name in enumerate(names):
        if name and name not in known:
            if len(names) == 1 and (marks := re.findall("[;\t|]", name)):
                refuse(f"{quoted(name)} separates its columns by {quoted(marks[0])}; save the file with commas")
            hint = nearest(name.lower(), known) or f"; remove it, for the columns are {_list(known)}"
            refuse(f"the column {quoted(name)} is not known{hint}")
        if name and name in names[:number]:
            refuse(f"the column {quoted(name)} is given twice; keep one")
    for name in needed:
        if name not in names:
            refuse(f"the column {quoted(name)} is missing; add it")
    return [(name, _CELLS.get(name, str.strip)) for name in names]


# -- cells ------------------------------------------------------------------------------------------------------------


def _nothing(cell: str) -> str:
    if cell.strip():
        raise ValueError(f"{quoted(cell)} stands in a column without a name; name the column or remove the cell")
    return ""


_FLAGS = {"true": True, "false": False, "是": True, "否": False}


def _flag(cell: str) -> object:
    word = cell.strip().lower()
    if word and word not in _FLAGS:
        hint = nearest(word, _FLAGS) or f"; write one of {_list(_FLAGS)}"
        raise ValueError(f"{quoted(cell)} is neither true nor false{hint}")
    return _FLAGS.get(word, "")


_DAY = re.compile(
    "([0-9]{4})(?:([-/.])([0-9]{1,2})\\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
)
_YEAR_LAST = re.compile("([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")


@lru_cache(maxsize=4096)  # the days of a large organization recur
def _day(cell: str) -> date | str:
    """Return the day that is written as year, month, day; any other order may mean another day and is refused."""
    text = cell.strip()
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
        with suppress(ValueError):
            return parse_date(date(year, month, day))
    elif found := _YEAR_LAST.fullmatch(text):
        one, other, year = map(int, found.groups())
        days = set[date]()
        for month, day in ((one, other), (other, one)):
            with suppress(ValueError):
                days.add(date(year, month, day))
        if days:
            advice = " or ".join(quoted(day) for day in sorted(days))
            raise ValueError(f"{quoted(text)} does not begin with the year; write {advice}")
    return parse_date(text) if text else ""


def _list_of_words(cell: str) -> list[str] | str:
    return [word for word in map(str.strip, re.split("[;；、]", cell)) if word] or ""


def _last_day(cell: str) -> date | str:
    return "" if _OPEN.fullmatch(cell.strip()) else _day(cell)


_CELLS: dict[str, _Cell] = {
    **dict.fromkeys(("name", "portfolio", "matter", "ground"), str),
    **dict.fromkeys(("head", "leader", "part_time", "acting", "primary"), _flag),
    "required_powers": _list_of_words,
    "from": _day,
    "to": _last_day,
    "": _nothing,
}
"""How a cell is read, by its column; blanks around an id are passed over, a text for people is kept as it is."""
