"""Simulated power cuts on an SQLite record: is anything lost that `submit` had acknowledged?

Run: ``python trials/powercuts.py [--cuts 400]``. A process of the unmodified library submits steps of one to four events
in several sessions, while a small C library (`calls.c`) writes down its system calls. Then the power is cut at points of
that log: the disk holds what was synced, and of what came later a random part, each write kept, dropped or torn at 512
bytes; names of files are on the disk when their folder was synced, of later ones the first few. From each such disk the
record is opened, checked, and the sender submits again what was not acknowledged.

Two controls show that the trial can fail: with `synchronous=OFF` and with `NORMAL`, which the library refuses,
acknowledged events must be lost. Prints one line of JSON; ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import calls
import common
from calls import Call

from accountability import AccountabilityError, IntegrityError
from accountability.record.log import Record

NAME = "record.db"
SECTOR = 512


class Disk:
    """A folder as a power cut would leave it: files and names that are safe, and what is not safe yet."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}  # as programs see them
        self._safe_names: dict[str, int] = {}
        self._moves: list[Call] = []
        self._safe: dict[int, bytearray] = {}
        self._later: dict[int, list[Call]] = {}
        self._made = 0

    def take(self, call: Call) -> None:
        """Let a call happen."""
        if call.name.endswith("-shm") or call.kind == "a":  # shared memory, which is made anew
            return
        if call.kind == "s":
            if call.name == ".":
                self._safe_names = dict(self.names)
                self._moves.clear()
            else:
                self._sync(self.names[call.name])
        elif call.kind in ("w", "t"):
            self._later[self.names[call.name]].append(call)
        else:
            if call.kind == "c":
                self._made += 1
                self._safe[self._made], self._later[self._made] = bytearray(), []
                call = Call("c", call.name, self._made, b"")
            self._moves.append(call)
            _move(self.names, call)

    def _sync(self, file: int) -> None:
        for call in self._later[file]:
            _apply(self._safe[file], call)
        self._later[file].clear()

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files that one power cut may leave at this point."""
        names = dict(self._safe_names)
        for move in self._moves[: chance.randint(0, len(self._moves))]:
            _move(names, move)
        left = {}
        share = chance.choice((0.0, 0.5, 0.5, 0.9, 1.0))
        for name, file in names.items():
            data = bytearray(self._safe[file])
            for call in self._later[file]:
                for part in _torn(call, chance, share):
                    _apply(data, part)
            left[name] = bytes(data)
        return left


def _move(names: dict[str, int], call: Call) -> None:
    if call.kind == "c":
        names[call.name] = call.offset
    elif call.kind == "u":
        names.pop(call.name, None)
    else:
        names[call.data.decode()] = names[call.name]
        if call.kind == "r":
            del names[call.name]


def _apply(data: bytearray, call: Call) -> None:
    if call.kind == "t":
        del data[call.offset :]
    end = call.offset + len(call.data)
    data.extend(bytes(max(0, end - len(data))))
    data[call.offset : end] = call.data


def _torn(call: Call, chance: random.Random, share: float) -> Iterator[Call]:
    """Yield what is left of an unsynced call: all, nothing, or of a write some sectors."""
    if call.kind == "w" and chance.random() < 0.2:
        at = call.offset
        while at < call.offset + len(call.data):
            end = min(at - at % SECTOR + SECTOR, call.offset + len(call.data))
            if chance.random() < 0.5:
                yield Call("w", call.name, at, call.data[at - call.offset : end - call.offset])
            at = end
    elif chance.random() < share:
        yield call


def trial(cuts: int, sessions: int, steps: int, synchronous: str | None = None, seed: int = 1) -> dict[str, Any]:
    """Write, cut the power at so many points, and return the figures."""
    chance, begun = random.Random(seed), time.monotonic()
    with common.scratch() as there:
        log = _written(there, sessions, steps, synchronous)
        figures: Counter[str] = Counter(cuts=cuts, steps=sessions * steps, calls=len(log))
        for name in ("lost_cuts", "lost_steps", "damaged", "torn", "doubled", "out_of_order", "unusable"):
            figures[name] = 0
        after = [at + 1 for at, call in enumerate(log) if call.kind == "a"]
        points = [chance.choice(after) if chance.random() < 0.4 else chance.randint(0, len(log)) for _ in range(cuts)]
        disk, at, acknowledged = Disk(), 0, -1
        for number, point in enumerate(sorted(points)):
            for call in log[at:point]:
                disk.take(call)
                acknowledged = call.offset if call.kind == "a" else acknowledged
            at = point
            image = there / f"cut{number}"
            image.mkdir()
            for name, data in disk.after_cut(chance).items():
                (image / name).write_bytes(data)
            _judge(image / NAME, acknowledged, figures)
    return {
        "trial": "powercuts", "synchronous": synchronous or "FULL", **figures, "seconds": round(time.monotonic() - begun, 1)
    }  # fmt: skip


def _written(there: Path, sessions: int, steps: int, synchronous: str | None) -> list[Call]:
    """Let a process write, session after session, and return its calls."""
    folder, log = there / "written", there / "log"
    folder.mkdir()
    noted = {"LD_PRELOAD": str(calls.library(there)), "TRIAL_FOLDER": str(folder), "TRIAL_LOG": str(log)}
    weaker = ("--synchronous", synchronous) if synchronous else ()
    for session in range(sessions):
        given = (f"sqlite:///{folder / NAME}", "w", session * steps, steps, "--log", log, *weaker)
        writer = common.started("writer.py", *given, env=noted, stdout=-3)
        if writer.wait():
            raise RuntimeError("the writer failed")
    return list(calls.read(log))


def _judge(file: Path, acknowledged: int, figures: Counter[str]) -> None:
    """Open the record that a cut has left and count what is wrong with it; step `acknowledged` was the last one."""
    store = f"sqlite:///{file}"
    if file.exists() or acknowledged >= 0:
        try:
            record = Record(store)
            record.verify()
            steps, torn, doubled = common.steps_of(record.rows())
            record.close()
        except AccountabilityError as problem:
            if acknowledged >= 0:
                figures["damaged" if isinstance(problem, IntegrityError) else "lost_cuts"] += 1
                return
        else:
            found = steps.get("w", [])
            lost = set(range(acknowledged + 1)).difference(found)
            figures["lost_cuts"] += bool(lost)
            figures["lost_steps"] += len(lost)
            figures["torn"] += torn
            figures["doubled"] += doubled
            figures["out_of_order"] += found != list(range(len(found)))
            if lost:
                return
    try:  # the sender goes on, and repeats what he got no answer for
        ledger = common.ledger(store)
        for number in range(max(0, acknowledged - 1), acknowledged + 4):
            ledger.submit(*common.batch("w", number))
        record = ledger.record
        assert record is not None
        record.verify()
        steps, torn, doubled = common.steps_of(record.rows())
        figures["torn"] += torn
        figures["doubled"] += doubled
        complete = set(range(acknowledged + 4)).issubset(steps["w"])
        figures["unusable"] += not complete or not common.same_as_rebuilt(record)
        record.close()
    except AccountabilityError:
        figures["unusable"] += 1


def broken(figures: dict[str, Any]) -> list[str]:
    """Return the promises that the figures break."""
    names = ("lost_cuts", "damaged", "torn", "doubled", "out_of_order", "unusable")
    return [f"{name}: {figures[name]}" for name in names if figures[name]]


def harmless(figures: dict[str, Any]) -> list[str]:
    """Return what is wrong with a control: it must lose something."""
    if figures["lost_cuts"] + figures["damaged"]:
        return []
    return [f"synchronous={figures['synchronous']} lost nothing: the trial can not tell"]


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=400, help="how many power cuts")
    parser.add_argument("--sessions", type=int, default=4, help="how often the writer opens and closes the record")
    parser.add_argument("--steps", type=int, default=100, help="how many steps it submits in each")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if not calls.can_be_logged():
        common.finish({"trial": "powercuts", "skipped": "it takes Linux and a C compiler"}, ())
        return
    figures = trial(given.cuts, given.sessions, given.steps, seed=given.seed)
    controls = [
        trial(max(10, given.cuts // 4), given.sessions, given.steps, how, given.seed) for how in ("OFF", "NORMAL")
    ]
    shown = {how["synchronous"]: {k: how[k] for k in ("cuts", "lost_cuts", "damaged")} for how in controls}
    wrong = [*broken(figures), *(each for control in controls for each in harmless(control))]
    common.finish({**figures, "controls": shown}, wrong)


if __name__ == "__main__":
    main()
