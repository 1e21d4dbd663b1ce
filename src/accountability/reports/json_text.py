"""Answers as JSON: the plain data of `to_data` and what a script wants beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from ..answer import Assessment, Obligation, to_data
from ..packs.problem import Problem
from .verdict import MEANINGS


def json_text(data: object) -> str:
    """Return plain data as indented JSON, in which every character that cannot be printed is escaped."""
    lines = json.dumps(data, ensure_ascii=False, indent=2).split("\n")
    return "\n".join(line if line.isprintable() else "".join(map(_escaped, line)) for line in lines)


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def assessment_json(answer: Assessment, code: int, *, sample: bool) -> str:
    """Return the whole answer with its exit code; `sample` tells that sample parameters are used."""
    verdict = {"code": code, "meaning": MEANINGS[code]}
    return json_text({"exit": verdict, "sample_parameters": sample, **to_data(answer)})


def due_json(obligations: Iterable[Obligation], first: date, last: date, *, sample: bool) -> str:
    """Return the obligations that are due up to `last`, in the order given."""
    days = {"from": first.isoformat(), "to": last.isoformat()}
    return json_text({"sample_parameters": sample, **days, "obligations": [to_data(o) for o in obligations]})


def problems_json(problems: Iterable[Problem]) -> str:
    """Return the problems of packs, each with its file and line."""
    return json_text([_problem(problem) for problem in problems])


def _problem(problem: Problem) -> dict[str, object]:
    file, _, line = problem.place.rpartition(":")
    told = {"severity": problem.severity, "code": problem.code, "message": problem.message}
    return {"file": file, "line": int(line), **told}
