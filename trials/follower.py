"""A process that follows a record while others write to it: each outcome it was given, in order.

Run by `writers.py`: ``python trials/follower.py STORE``. Prints ``ready``; after a line of input it asks once more, and
prints the position and the ids of the events of each outcome as one line of JSON.
"""

from __future__ import annotations

import json
import os
import select
import sys

from accountability.record.log import Record


def main() -> None:
    """Follow, and print what was given."""
    record, since, given, ends = Record(sys.argv[1]), 0, [], False
    os.write(1, b"ready\n")
    while True:
        for outcome in record.changes(since=since):
            since = outcome.position
            given.append([since, [event.id for event in outcome.events]])
        if ends:
            break
        ends = bool(select.select([sys.stdin], [], [], 0.05)[0])
    record.close()
    print(json.dumps(given))


if __name__ == "__main__":
    main()
