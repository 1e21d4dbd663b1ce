"""How the time grows with the length of the record, on the workload of `peers.py`.

An event in date order costs the same however long the history is, so ten times the events should take about ten times
the time. Prints one line of JSON: the events of the short and the long run, the seconds of each, `growth`, the seconds
of the long run over those of the short one, and `hand_growth`, the same of the hand-written program beside it.
Run: ``python benchmarks/growth.py [--events 10000] [--times 10]``.
"""

from __future__ import annotations

import argparse
import json

from peers import measured


def main() -> None:
    """Read the command line, run twice, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    counts = [given.events, given.events * given.times]
    runs = [measured(count, "python") for count in counts]
    seconds = [run["events"] / run["events_per_second"] for run in runs]
    by_hand = [run["events"] / run["hand_events_per_second"] for run in runs]
    answer = {
        "events": counts,
        "seconds": [round(each, 2) for each in seconds],
        "growth": round(seconds[1] / seconds[0], 2),
        "hand_growth": round(by_hand[1] / by_hand[0], 2),
        "same_output": all(run["same_output"] for run in runs),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
