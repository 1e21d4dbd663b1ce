"""The workload by which rules engines are compared, and the program that a programmer would write by hand for it.

1,111 units in a tree of ten under each; branches are those without units below. Each unit has a secretary, each branch
five members. Events: problems become opinions and reviews; findings, scores and meetings; a tick moves the day. R5 is
borne by the superior, here and in the pack.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from typing import Any

UNITS = 1_111
MEASURES = {1: "谈话提醒", 2: "批评教育", 3: "通报批评", 4: "组织调整"}
SCORES = (96, 95, 94.5, 92, 90, 89, 86, 85, 84, 70)

Record = dict[str, Any]
Output = tuple[str, str, int, Any, int | None]


def parents(units: int = UNITS) -> dict[int, int | None]:
    """Return the superior of each unit."""
    return {0: None, **{unit: (unit - 1) // 10 for unit in range(1, units)}}


def branches(parent: dict[int, int | None]) -> list[int]:
    """Return the units that lead no other."""
    leading = set(parent.values())
    return [unit for unit in parent if unit not in leading]


def secretary(unit: int) -> str:
    """Return the secretary of a unit."""
    return f"S{unit}"


def records(count: int, leaves: list[int], seed: int = 1) -> Iterator[Record]:
    """Yield the events as plain records with a whole number for the day."""
    chance = random.Random(seed)
    reported: list[tuple[str, int]] = []
    proposed: list[tuple[str, int]] = []
    cases = day = 0
    for number in range(count):
        draw, unit = chance.random(), chance.choice(leaves)
        if number % 50 == 49:
            day += 3
            yield {"type": "tick", "day": day, "id": number}
            continue
        record: Record = {"day": day, "id": number}
        if draw < 0.25:
            cases += 1
            member = f"M{unit}:{chance.randrange(5)}"
            reported.append((f"C{cases}", unit))
            record |= {"type": "problem.reported", "case": f"C{cases}", "unit": unit, "person": member}
        elif draw < 0.42 and reported:
            case, unit = reported.pop(chance.randrange(len(reported)))
            proposed.append((case, unit))
            record |= {"type": "opinion.proposed", "case": case, "unit": unit}
        elif draw < 0.55 and proposed:
            case, unit = proposed.pop(chance.randrange(len(proposed)))
            record |= {"type": "review.passed", "case": case, "unit": unit}
        elif draw < 0.70:
            record |= {"type": "inspection.found", "unit": unit, "severity": chance.randint(1, 4)}
        elif draw < 0.85:
            score, veto = chance.choice(SCORES), chance.random() < 0.1
            record |= {"type": "assessment.scored", "unit": unit, "score": score, "veto": veto}
        else:
            record |= {"type": "meeting.held", "unit": unit}
        yield record


class Hand:
    """A dictionary of handlers and a heap of due days: fast, without reasons, history or late events."""

    def __init__(self, parent: dict[int, int | None], leaves: list[int]) -> None:
        self.parent = parent
        self.out: list[Output] = []
        self.open: dict[tuple[str, Any, int], tuple[int, Any, int]] = {}
        self.last: dict[int, int] = {}
        self.due: list[tuple[int, tuple[str, Any, int]]] = []
        self.handlers = {
            "problem.reported": self.problem,
            "opinion.proposed": self.opinion,
            "review.passed": self.review,
            "inspection.found": self.finding,
            "assessment.scored": self.score,
            "meeting.held": self.meeting,
            "tick": self.tick,
        }
        for unit in leaves:
            self.add("R8", unit, "periodic", 90)
        self.out.clear()

    def post(self, record: Record) -> None:
        """Take one event."""
        self.handlers[record["type"]](record)

    def add(self, rule: str, unit: int, case: Any, due: int) -> None:
        self.out.append((rule, secretary(unit), unit, case, due))
        key = (rule, case, unit)
        self.open[key] = (unit, case, due)
        heapq.heappush(self.due, (due, key))

    def up(self, unit: int, levels: int = 1) -> int:
        for _ in range(levels):
            above = self.parent[unit]
            if above is None:
                return unit
            unit = above
        return unit

    def problem(self, record: Record) -> None:
        self.add("R1", record["unit"], record["case"], record["day"] + 15)

    def opinion(self, record: Record) -> None:
        self.open.pop(("R1", record["case"], record["unit"]), None)
        self.add("R2", self.up(record["unit"]), record["case"], record["day"] + 15)

    def review(self, record: Record) -> None:
        above = self.up(record["unit"])
        self.open.pop(("R2", record["case"], above), None)
        self.add("R3", self.up(above), record["case"], record["day"] + 30)

    def finding(self, record: Record) -> None:
        unit, day = record["unit"], record["day"]
        self.out.append(("R4", secretary(unit), unit, MEASURES[record["severity"]], None))
        last = self.last.get(unit)
        if last is not None and day - last <= 365:
            self.add("R5", self.up(unit), f"F{record['id']}", day + 30)
        self.last[unit] = day

    def score(self, record: Record) -> None:
        unit, score = record["unit"], record["score"]
        band = "D" if record["veto"] or score < 85 else "C" if score < 90 else "B" if score < 95 else "A"
        self.out.append(("R7", secretary(unit), unit, band, None))

    def meeting(self, record: Record) -> None:
        self.open.pop(("R8", "periodic", record["unit"]), None)
        self.add("R8", record["unit"], "periodic", record["day"] + 90)

    def tick(self, record: Record) -> None:
        day = record["day"]
        while self.due and self.due[0][0] < day:
            due, key = heapq.heappop(self.due)
            found = self.open.get(key)
            if found is not None and found[2] == due:
                del self.open[key]
                self.out.append(("R6", secretary(self.up(found[0])), found[0], (key[0], found[1]), None))
