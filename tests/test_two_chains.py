"""Two packs with a chain each, under one policy: a case goes the way of the pack that its opening event names."""

from __future__ import annotations

from pathlib import Path

import accountability as a
from accountability.organization_file import read_organization

HERE = Path(__file__).parent
SHIPPED = Path(a.__file__).parent / "rules" / "university"
ORGANIZATION = read_organization(
    {
        "units": [
            {"id": "board", "kind": "board", "posts": [{"kind": "head", "holder": "an"}]},
            {"id": "dep", "kind": "department", "led_by": "board", "posts": [{"kind": "head", "holder": "bo"}]},
            {"id": "team", "kind": "team", "led_by": "dep", "posts": [{"kind": "head", "holder": "cai"}]},
        ],
        "members": [{"person": "du", "unit": "team"}],
    },
    "test",
)
EVENTS = [
    a.Event("application.filed", date="2025-03-03", id="f", case="c", person="du"),
    a.Event("application.passed", date="2025-03-04", id="p", case="c", **{"from": "team", "to": "dep"}),
    a.Event("application.returned", date="2025-03-05", id="r", case="c", unit="dep"),
    a.Event("application.passed", date="2025-03-06", id="q", case="c", **{"from": "team", "to": "dep"}),
    a.Event("application.reviewed", date="2025-03-07", id="v", case="c", unit="dep"),
    a.Event("application.approved", date="2025-03-10", id="y", case="c", unit="board"),
]


def answers(*packs: Path) -> list[tuple[str, int, str | None, str, str]]:
    """Return the duties of the pack `applications` as they stand at the end, under the law of these packs."""
    policy = a.Policy.load(*packs)
    found = a.assess(policy, policy.parameters, ORGANIZATION, EVENTS, "2025-03-31").obligations
    return [(o.rule, o.round, o.person, str(o.due), o.status) for o in found if o.clause.pack == "applications"]


def test_each_case_goes_the_way_of_its_own_pack() -> None:
    """A second pack with a chain of its own changes nothing in the cases of the first (guarantee 12)."""
    alone = answers(HERE / "packs" / "applications")
    assert sorted(alone) == [
        ("A-1a", 1, "cai", "2025-03-05", "fulfilled"),
        ("A-1b", 2, "cai", "2025-03-10", "fulfilled"),
        ("A-1c", 1, "bo", "2025-03-07", "fulfilled"),
        ("A-1c", 2, "bo", "2025-03-09", "fulfilled"),
        ("A-1d", 2, "an", "2025-03-11", "fulfilled"),
    ]
    assert answers(HERE / "packs" / "applications", SHIPPED) == alone
