"""The verdict on an answer, as an exit code that scripts can rely on."""

from __future__ import annotations

from ..answer import Assessment

MEANINGS = {
    0: "compliant",
    1: "something is overdue or a finding is a breach",
    2: "usage or refused input",
    3: "something is undetermined",
    4: "internal error",
}
"""What the exit codes mean; of 4, 2, 1, 3 and 0 the first that fits."""


def exit_code(answer: Assessment) -> int:
    """Return the first that fits: 2 an event is refused, 1 overdue or a breach, 3 undetermined or open, else 0."""
    statuses, grades = {o.status for o in answer.obligations}, {f.grade for f in answer.findings}
    if any(event.result == "refused" for event in answer.events):
        return 2
    if "overdue" in statuses or "breach" in grades:
        return 1
    return 3 if "undetermined" in statuses or "open" in grades else 0


def refusals(answer: Assessment) -> list[str]:
    """Return, for each refused event, a sentence that names it and says why."""
    refused = [event for event in answer.events if event.result == "refused"]
    return [f"event `{event.id}` from `{event.source}` is refused: {event.detail}" for event in refused]
