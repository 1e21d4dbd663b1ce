"""What the trials share: a small policy and organization, batches of events that can be told apart, and the figures."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import accountability
from accountability import Event, Ledger, Organization, Policy, Post, Relation, Tenure, Unit
from accountability.answer import STATUSES
from accountability.record.log import Record
from accountability.record.row import Row

FIRST = date(2025, 1, 1)
BRANCHES = ("B1", "B2", "B3")
_NAME = re.compile(r"(.+):(\d+):(\d+)/(\d+)")


@cache
def policy() -> Policy:
    """Return the policy of the trials."""
    return Policy.load(Path(__file__).parent / "pack", in_force=(FIRST, None))


def organization() -> Organization:
    """Return a committee over three branches, each with a secretary."""
    units = ("PC", *BRANCHES)
    return Organization.build(
        units=[Unit(unit, "committee" if unit == "PC" else "branch") for unit in units],
        posts=[Post(f"{unit}.secretary", unit, "secretary") for unit in units],
        tenures=[Tenure(f"{unit}.secretary", f"s{unit}") for unit in units],
        relations=[Relation("leads", "PC", unit) for unit in BRANCHES],
    )


def ledger(store: str | None = None) -> Ledger:
    """Return a ledger of the trials, with its record at the address."""
    return Ledger(policy(), organization(), store=store, matcher="python")


def batch(writer: str, number: int, size: int | None = None) -> list[Event]:
    """Return the events of one step of a writer, always the same ones; one to four of them unless `size` is given.

    Their ids, ``writer:number:index/size``, tell whether all of a step are there.
    """
    chance = random.Random(f"{writer}:{number}")
    size = size if size is not None else chance.randint(1, 4)
    made = []
    for index in range(size):
        what = {"date": FIRST + timedelta(number // 8), "id": f"{writer}:{number}:{index}/{size}"}
        kind, unit = chance.random(), chance.choice(BRANCHES)
        if kind < 0.5:
            case, person = f"K{writer}-{number}-{index}", f"m{chance.randrange(40)}"
            made.append(Event("problem.reported", case=case, unit=unit, person=person, **what))
        elif kind < 0.8 and number:
            case = f"K{writer}-{chance.randrange(number)}-0"
            made.append(Event("opinion.proposed", case=case, unit=unit, **what))
        else:
            made.append(Event("meeting.held", unit=unit, **what))
    return made


def steps_of(rows: Iterable[Row]) -> tuple[dict[str, list[int]], int, int]:
    """Return the steps of each writer in the order of recording, how many are torn, and how many events doubled.

    A step is torn when some of its events are missing or stand in another step of the record.
    """
    found: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    seen = Counter[str]()
    for row in rows:
        if not row.is_own:
            named = _NAME.fullmatch(row.id)
            assert named is not None, row.id
            found.setdefault((named[1], int(named[2])), []).append((int(named[3]), int(named[4]), row.batch))
            seen[row.id] += 1
    steps: dict[str, list[int]] = {}
    torn = 0
    for (writer, number), parts in found.items():
        size, step = parts[0][1], parts[0][2]
        torn += sorted(parts) != [(index, size, step) for index in range(size)]
        steps.setdefault(writer, []).append(number)
    return steps, torn, sum(count - 1 for count in seen.values())


def same_as_rebuilt(record: Record) -> bool:
    """Tell whether the obligations in the database are those that a rebuild from the log gives."""
    before = record.obligations(status=STATUSES)
    record.rebuild()
    return before == record.obligations(status=STATUSES)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder, in memory where that is possible: what these trials cut off is no real disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="trial", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def started(script: str, *arguments: object, **more: Any) -> subprocess.Popen[str]:
    """Start another script of the trials in a process of its own, which uses the same library."""
    source = str(Path(accountability.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": source, **more.pop("env", {})}
    command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, **more)


def named(figures: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """Return the figures of these names that are not zero, in whatever part of the trial."""
    return [
        f"{what}: {name}: {found[name]}"
        for what, found in figures.items()
        if isinstance(found, dict)
        for name in names
        if found.get(name)
    ]


def finish(figures: Mapping[str, Any], broken: Iterable[str]) -> None:
    """Print the figures as one line of JSON with the promises that were broken; exit with 1 when there are any."""
    broken = list(broken)
    print(json.dumps({**figures, "broken": broken}, ensure_ascii=False))
    if broken:
        sys.exit(1)
