"""How long `import accountability` takes beside `import attrs, cattrs`, in milliseconds over a bare interpreter.

Each run is a new interpreter, and the three programs take turns, so that a busy machine slows them alike. Prints one
line of JSON: the medians of whole runs, and `ratio`, which is what `import accountability` adds to a bare interpreter
divided by what `import attrs, cattrs` adds. Usage: ``python benchmarks/import_time.py [RUNS]``, RUNS at least 15.
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from time import perf_counter

PROGRAMS = {"bare": "pass", "attrs_cattrs": "import attrs, cattrs", "accountability": "import accountability"}


def milliseconds(program: str) -> float:
    """Return how long a new interpreter takes for the program."""
    begin = perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return (perf_counter() - begin) * 1000


def measured(runs: int) -> dict[str, float]:
    """Return the median of each program over the runs, after one that fills the caches, and their ratio."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for run in range(runs + 1):
        for name, program in PROGRAMS.items():
            taken = milliseconds(program)
            if run:
                times[name].append(taken)
    bare, attrs_cattrs, accountability = (median(times[name]) for name in PROGRAMS)
    return {
        "bare_ms": round(bare, 1),
        "attrs_cattrs_ms": round(attrs_cattrs, 1),
        "accountability_ms": round(accountability, 1),
        "ratio": round((accountability - bare) / (attrs_cattrs - bare), 2),
    }


if __name__ == "__main__":
    print(json.dumps(measured(max(15, int(sys.argv[1]) if sys.argv[1:] else 25))))
