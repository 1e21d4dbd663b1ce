"""How the cost of the ledger grows: ten times the events, and one more event on a key with a long history.

Run: ``python benchmarks/growth.py``. Prints one line of JSON: the seconds for the workload of the peers at both sizes
and their quotient, and the microseconds of one event in date order (a meeting of a unit, which performs a duty and opens
the next) after 100 and after 10,000 earlier ones.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from peers import FIRST, event, organization
from workload import branches, parents, records

from accountability import Event, Ledger, Policy

MEASURED = 200
"""How many events are timed after the earlier ones; their median counts."""


def seconds(policy: Policy, count: int) -> float:
    """Return how long the ledger takes for the workload of so many events, taken one by one."""
    parent = parents()
    leaves = branches(parent)
    events = [event(record, parent) for record in records(count, leaves)]
    ledger = Ledger(policy, organization(parent, set(leaves)), matcher="python")
    ledger.advance(FIRST)
    gc.collect()
    begun = time.perf_counter()
    for each in events:
        if isinstance(each, Event):
            ledger.submit(each)
        else:
            ledger.advance(each)
    return time.perf_counter() - begun


def one_more(policy: Policy, earlier: int) -> float:
    """Return the microseconds of one more meeting of a unit that has met so often before, on a day each."""
    parent = parents(12)
    leaves = branches(parent)
    meetings = [
        Event("meeting.held", date=FIRST + timedelta(day), id=f"m{day}", unit=f"U{leaves[0]}")
        for day in range(earlier + MEASURED)
    ]
    ledger = Ledger(policy, organization(parent, set(leaves)), matcher="python")
    taken = []
    for meeting in meetings:
        begun = time.perf_counter()
        ledger.submit(meeting)
        taken.append(time.perf_counter() - begun)
    return round(statistics.median(taken[earlier:]) * 1e6, 1)


def measured(small: int, large: int, short: int, long: int) -> dict[str, Any]:
    """Return the figures."""
    policy = Policy.load(Path(__file__).parent / "peers", in_force=(FIRST, None))
    taken = [seconds(policy, small), seconds(policy, large)]
    return {
        "events": [small, large],
        "seconds": [round(each, 3) for each in taken],
        "growth": round(taken[1] / taken[0], 2),
        "earlier": [short, long],
        "microseconds_of_one_more": [one_more(policy, short), one_more(policy, long)],
    }


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs=2, default=(10_000, 100_000))
    parser.add_argument("--earlier", type=int, nargs=2, default=(100, 10_000))
    given = parser.parse_args()
    print(json.dumps(measured(*given.events, *given.earlier)))


if __name__ == "__main__":
    main()
