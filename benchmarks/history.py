"""What one more event costs on a key with a short and with a long history.

Run: ``python benchmarks/history.py``. Prints one line of JSON: the microseconds of one event in date order (a meeting of
a unit, which performs a duty and opens the next) after 100 and after 10,000 earlier ones.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import timedelta
from pathlib import Path

from peers import FIRST, organization
from workload import branches, parents

from accountability import Event, Ledger, Policy

MEASURED = 200
"""How many events are timed after the earlier ones; their median counts."""


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


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--earlier", type=int, nargs=2, default=(100, 10_000))
    earlier = parser.parse_args().earlier
    policy = Policy.load(Path(__file__).parent / "peers", in_force=(FIRST, None))
    print(json.dumps({"earlier": list(earlier), "microseconds": [one_more(policy, count) for count in earlier]}))


if __name__ == "__main__":
    main()
