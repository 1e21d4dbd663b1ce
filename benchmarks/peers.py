"""The ledger beside the hand-written program, on the workload by which rules engines are compared.

Both take the same events one by one, in memory and in their own form (records there, `Event` here), and give the same
multiset of answers. Run: ``python benchmarks/peers.py --events 100000 [--matcher durable]``. Prints one line of JSON;
the ratio of speeds is the figure that holds on other machines.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from workload import MEASURES, Hand, Output, Record, branches, parents, records, secretary

from accountability import Event, Ledger, Organization, Policy, Post, Relation, Tenure, Unit

FIRST = date(2025, 1, 1)


def organization(parent: dict[int, int | None], leaves: set[int]) -> Organization:
    """Return the units with their secretaries."""
    return Organization.build(
        units=[Unit(f"U{unit}", "branch" if unit in leaves else "committee") for unit in parent],
        posts=[Post(f"U{unit}.secretary", f"U{unit}", "secretary") for unit in parent],
        tenures=[Tenure(f"U{unit}.secretary", secretary(unit)) for unit in parent],
        relations=[Relation("leads", f"U{above}", f"U{unit}") for unit, above in parent.items() if above is not None],
    )


def event(record: Record, parent: dict[int, int | None]) -> Event | date:
    """Return a record as the ledger takes it: an event, or the day to which a tick advances."""
    day = FIRST + timedelta(days=record["day"])
    if record["type"] == "tick":
        return day
    fields: dict[str, Any] = {k: v for k, v in record.items() if k in ("person", "severity", "score", "veto")}
    if "score" in fields:
        fields["score"] = Decimal(str(fields["score"]))
    if record["type"] == "review.passed":
        fields["by"] = f"U{parent[record['unit']]}"
    return Event(
        record["type"], date=day, id=f"F{record['id']}", case=record.get("case"), unit=f"U{record['unit']}", **fields
    )


class Collector:
    """Takes down what the outcomes say, in the words of the hand-written program."""

    def __init__(self) -> None:
        self.out: list[Output] = []

    def take(self, outcome: Any) -> None:
        """Add what one outcome opened, escalated, rated and found."""
        out = self.out
        for duty in outcome.opened:
            if duty.rule != "R8":
                out.append((duty.rule, duty.person, duty.unit.id, duty.case or duty.id.partition("/")[2], duty.due))
            elif duty.round > 1:  # the first duties, of the day on which the rule came into force, are no answer
                out.append(("R8", duty.person, duty.unit.id, "periodic", duty.due))
        for escalation in outcome.escalated:
            rule, _, key = escalation.obligation.partition("/")
            case = "periodic" if rule == "R8" else key
            out.append(("R6", escalation.to_person, escalation.from_unit, (rule, case), None))
        for candidate in outcome.candidates:
            measure = MEASURES[int(candidate.because.rule[-1])]
            out.append(("R4", candidate.person, candidate.post.partition(".")[0], measure, None))
        for rating in outcome.ratings:
            out.append(("R7", "S" + rating.unit[1:], rating.unit, rating.result, None))


def same(hand: list[Output], ledger: list[Any]) -> bool:
    """Tell whether both programs gave the same multiset of answers."""

    def plain(found: list[Any]) -> Counter[Any]:
        return Counter(
            (rule, who, str(unit).removeprefix("U"), case, (due - FIRST).days if isinstance(due, date) else due)
            for rule, who, unit, case, due in found
        )

    return plain(hand) == plain(ledger)


def measured(count: int, matcher: str) -> dict[str, Any]:
    """Run both programs on so many events and return the figures."""
    parent = parents()
    leaves = branches(parent)
    told = list(records(count, leaves))
    events = [event(record, parent) for record in told]
    policy = Policy.load(Path(__file__).parent / "peers", in_force=(FIRST, None))
    ledger, collector = Ledger(policy, organization(parent, set(leaves)), matcher=matcher), Collector()
    collector.take(ledger.advance(FIRST))
    hand = Hand(parent, leaves)
    gc.collect()
    begun = time.perf_counter()
    for record in told:
        hand.post(record)
    by_hand = time.perf_counter() - begun
    gc.collect()
    begun = time.perf_counter()
    for each in events:
        collector.take(ledger.submit(each) if isinstance(each, Event) else ledger.advance(each))
    by_ledger = time.perf_counter() - begun
    return {
        "events": count,
        "same_output": same(hand.out, collector.out),
        "events_per_second": round(count / by_ledger),
        "hand_events_per_second": round(count / by_hand),
        "ratio": round(by_ledger / by_hand, 2),
        "matcher": matcher,
    }


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--matcher", choices=("python", "durable"), default="python")
    given = parser.parse_args()
    print(json.dumps(measured(given.events, given.matcher)))


if __name__ == "__main__":
    main()
