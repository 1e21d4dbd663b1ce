"""A large organization from end to end: how long each part takes, how much memory, and how both grow with the size.

Run: ``python benchmarks/scale.py --units 100000 --members 1000000 --events 1000000``. It builds the organization, feeds a
ledger in memory event by event, asks it for the whole assessment, and lets `assess` work out the same from scratch; first
at a tenth of the size, each size in a process of its own. Prints a line of JSON for each part: `growth` is the time at the
full size as a multiple of that at a tenth, `memory_mb` the most memory that the process had used by then.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from peers import FIRST, event
from workload import branches, parents, records, secretary

from accountability import Event, Ledger, Membership, Organization, Policy, Post, Relation, Tenure, Unit, assess


def organization(parent: dict[int, int | None], leaves: list[int], members: int) -> Organization:
    """Return the units with their secretaries, and so many members spread evenly over the branches."""
    below = set(leaves)
    return Organization.build(
        units=[Unit(f"U{unit}", "branch" if unit in below else "committee") for unit in parent],
        posts=[Post(f"U{unit}.secretary", f"U{unit}", "secretary") for unit in parent],
        tenures=[Tenure(f"U{unit}.secretary", secretary(unit)) for unit in parent],
        relations=[Relation("leads", f"U{above}", f"U{unit}") for unit, above in parent.items() if above is not None],
        memberships=[
            Membership(f"M{leaves[n % len(leaves)]}:{n // len(leaves)}", f"U{leaves[n % len(leaves)]}")
            for n in range(members)
        ],
    )


def parts(units: int, members: int, events: int) -> Iterator[tuple[str, int]]:
    """Do one part after the other; yield its name and how many units, events or answers it was about."""
    parent = parents(units)
    leaves = branches(parent)
    base = organization(parent, leaves, members)
    yield "build", units
    policy = Policy.load(Path(__file__).parent / "peers", in_force=(FIRST, None))
    told = [event(record, parent) for record in records(events, leaves)]
    yield "make_events", events
    ledger = Ledger(policy, base, matcher="python")
    ledger.advance(FIRST)
    yield "first_day", units
    for each in told:
        if isinstance(each, Event):
            ledger.submit(each)
        else:
            ledger.advance(each)
    yield "submit", events
    answer = ledger.assessment()
    yield "assessment", len(answer.obligations)
    last = max(each if isinstance(each, date) else each.date for each in told)
    found = assess(policy, policy.parameters, base, [each for each in told if isinstance(each, Event)], last)
    yield "assess_from_scratch", len(found.obligations)


def run(units: int, members: int, events: int) -> None:
    """Run all parts and print the figures of each."""
    begun = time.perf_counter()
    for part, number in parts(units, members, events):
        now = time.perf_counter()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            json.dumps({"part": part, "number": number, "seconds": round(now - begun, 2), "memory_mb": memory}),
            flush=True,
        )
        begun = time.perf_counter()


def child(units: int, members: int, events: int) -> Iterator[dict[str, Any]]:
    """Yield the figures of each part, run in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--alone",
        "--units",
        str(units),
        "--members",
        str(members),
        "--events",
        str(events),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise SystemExit(process.returncode)


def main() -> None:
    """Read the command line, run at a tenth and at full size, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--alone", action="store_true", help="only this size, in this process, without growth")
    given = parser.parse_args()
    sizes = given.units, given.members, given.events
    if given.alone:
        run(*sizes)
        return
    small = {found["part"]: found for found in child(*(size // 10 for size in sizes))}
    for found in child(*sizes):
        before = small[found["part"]]
        growth = round(found["seconds"] / before["seconds"], 1) if before["seconds"] else None
        print(json.dumps({**found, "tenth_seconds": before["seconds"], "growth": growth}), flush=True)


if __name__ == "__main__":
    main()
