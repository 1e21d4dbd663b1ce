"""The verdict on an answer, as an exit code that scripts can rely on."""

from __future__ import annotations

from ..answer import Assessment
from ..errors import nearest, quoted
from ..organization import Organization
from ..policy import Policy

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


def strange_kinds(organization: Organization, policy: Policy) -> list[str]:
    """Return a sentence for each kind of unit or post that no pack declares and that is near to one declared."""
    units = {unit.kind: f"unit {quoted(unit.id)}" for unit in organization.units.values()}
    posts = {post.kind: f"post {quoted(post.id)}" for post in organization.posts.values()}
    found = []
    for kinds, known in ((units, policy.kinds), (posts, policy.posts)):
        for kind, name in sorted(kinds.items()):
            near = nearest(kind, known) if kind not in known else ""
            if near:
                found.append(f"{name} has the kind {quoted(kind)}, which no pack declares{near}")
    return found
