"""The durability trials at a small size; `make trials` runs them at full size."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from databases import NO_SERVER, postgres_server

TRIALS = Path(__file__).parent.parent / "trials"


def figures_of(trial: str, **sizes: object) -> dict[str, Any]:
    """Run a trial at these sizes and return its figures; no promise may be broken."""
    given = [text for name, size in sizes.items() for text in (f"--{name}", str(size))]
    ran = subprocess.run([sys.executable, TRIALS / f"{trial}.py", *given], capture_output=True, text=True)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    figures: dict[str, Any] = json.loads(ran.stdout)
    if "skipped" in figures:
        pytest.skip(figures["skipped"])
    return figures


def needs_postgres() -> None:
    """Skip the test where there is no PostgreSQL server."""
    if postgres_server() is None:
        pytest.skip(NO_SERVER)


def test_a_power_cut_loses_nothing_acknowledged() -> None:
    """After a power cut every acknowledged step is there and none is torn; with a weaker setting some are lost."""
    figures = figures_of("powercuts", cuts=20, sessions=1, steps=12)
    assert figures["cuts"] == 20
    assert all(control["lost_cuts"] + control["damaged"] > 0 for control in figures["controls"].values())


def test_a_killed_process_loses_and_doubles_nothing() -> None:
    """A process killed at a random moment leaves a record to which the next one adds, also when it was just begun."""
    figures = figures_of("kills", kills=8, beginnings=8, servers=0)
    assert figures["kills"]["acknowledged"] > 0


def test_a_killed_server_loses_and_doubles_nothing() -> None:
    """A PostgreSQL server that dies in each of three ways keeps what was acknowledged; what is sent again is no double."""
    figures = figures_of("kills", kills=0, beginnings=0, servers=3)
    if isinstance(figures["servers"], str):
        pytest.skip(figures["servers"])
    assert figures["servers"]["acknowledged"] >= 3


def test_many_writers_share_one_file() -> None:
    """Processes and threads that write to one SQLite record get each event in once, and a follower misses none."""
    figures = figures_of("writers", processes=3, sqlite=8, postgres=0, threaded=4, rounds=3)
    assert figures["sqlite"]["processes"]["rows"] == 3 * 8 + 1


def test_many_writers_share_one_server() -> None:
    """Processes and threads that write to one PostgreSQL record get each event in once, and a follower misses none."""
    needs_postgres()
    figures = figures_of("writers", processes=3, sqlite=0, postgres=8, threaded=4, rounds=2)
    assert figures["postgres"]["processes"]["rows"] == 3 * 8 + 1


def test_every_change_of_the_file_is_found() -> None:
    """A flipped bit or an edit that a reader would see is found, and an honest log is never accused."""
    figures = figures_of("flips", step=211, edits=0.1, steps=2, honest=4, workers=1)
    assert figures["flips"]["changed"] > 20 and figures["edits"]["edits"] > 40


def test_a_full_or_broken_disk_is_told_and_survived() -> None:
    """A write that fails raises a StoreError which says truly what was recorded, and the next one works."""
    figures = figures_of("diskfull", rounds=2, faults=8, terminations=0)
    assert figures["limits"]["refused"] >= 2


def test_a_lost_connection_is_told_and_survived() -> None:
    """A connection that the server ends raises a StoreError, and the same ledger goes on with a new one."""
    needs_postgres()
    figures = figures_of("diskfull", rounds=0, faults=0, terminations=5)
    assert figures["terminated"]["steps"] > 2
