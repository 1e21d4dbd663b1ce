"""The ledger works out anew what an event touches, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import accountability as a
from accountability.resolve import Resolver

U = "examples/university/"


def ledger() -> a.Ledger:
    """A ledger of the example university with its sample parameters."""
    policy = a.Policy.shipped("university", parameters=U + "parameters.sample.toml")
    return a.Ledger(policy, a.Organization.load(U + "university.toml"), matcher="python")


def problem(case: str, day: str, recorded: str | None = None, id_: str | None = None) -> a.Event:
    """A problem of a member of the student branch."""
    return a.Event("member.problem", id=id_ or f"p-{case}", date=day, recorded=recorded, person="m-2", case=case)


def meeting(case: str, day: str, recorded: str | None = None) -> a.Event:
    """The meeting of the branch about a case."""
    return a.Event("meeting.held", id=f"m-{case}", date=day, recorded=recorded, unit="b-stud", kind="支委会", case=case)


@contextmanager
def resolved(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the ids of the duties that are resolved meanwhile."""
    found: list[str] = []
    usual = Resolver.resolve

    def noting(self: Resolver, fold, track):  # type: ignore[no-untyped-def]  # as the method that it stands for
        found.append(track.id)
        return usual(self, fold, track)

    with monkeypatch.context() as patch:
        patch.setattr(Resolver, "resolve", noting)
        yield found


def cases(found: list[str]) -> set[str]:
    """Return the cases of duties."""
    return {id_.split("/")[1] for id_ in found}


@pytest.mark.parametrize("before", [1, 60])
def test_an_event_in_date_order_costs_the_same_however_long_the_record(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The meeting of one case resolves the duties of that case alone, after one other case and after sixty."""
    record = ledger()
    for number in range(before):
        record.submit(problem(f"K{number}", "2025-03-03"))
    record.submit(problem("X", "2025-03-04"))
    with resolved(monkeypatch) as found:
        record.submit(meeting("X", "2025-03-05"))
    assert sorted(found) == ["P1-5-3b.meet/X", "P1-5-3d.submit/X"]


def test_a_late_event_folds_its_own_case_anew_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that comes late re-evaluates the case that reads it; the answer is that of `assess`."""
    record = ledger()
    for case in ("A", "B", "C"):
        record.submit(problem(case, "2025-03-03"))
    record.advance("2025-03-20")
    with resolved(monkeypatch) as found:
        record.submit(meeting("B", "2025-03-07", recorded="2025-03-20"))
    assert cases(found) == {"B"}
    same = a.assess(record.policy, record.parameters, record.organization, record.events, "2025-03-20")
    assert a.to_data(record.assessment()) == a.to_data(same)


def test_a_retraction_folds_its_own_case_anew_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a retraction takes away is worked out in the case of its target alone."""
    record = ledger()
    for case in ("A", "B", "C"):
        record.submit(problem(case, "2025-03-03"))
    with resolved(monkeypatch) as found:
        record.submit(a.Event("event.retracted", id="r", date="2025-03-04", target="p-B", reason="in error"))
    assert cases(found) == {"B"}
    assert {o.case: o.status for o in record.assessment().obligations} == {
        "A": "pending", "B": "cancelled", "C": "pending"
    }  # fmt: skip


def test_a_change_of_the_organization_re_evaluates_its_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new secretary of the student branch concerns its cases; one of another branch concerns none of them."""
    record = ledger()
    for case in ("A", "B"):
        record.submit(problem(case, "2025-03-03"))
    with resolved(monkeypatch) as found:
        record.submit(a.Event("post.assumed", id="t", date="2025-03-04", post="b-lib.secretary", person="x-1"))
    assert cases(found) == set()
    with resolved(monkeypatch) as found:
        record.submit(a.Event("post.assumed", id="u", date="2025-03-05", post="b-stud.secretary", person="x-2"))
    assert cases(found) == {"A", "B"}
    assert {o.person for o in record.assessment().obligations} == {"x-2"}


def test_a_day_that_passes_resolves_what_becomes_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Advancing works out what becomes overdue on the way, and leaves alone what is due later."""
    record = ledger()
    record.submit(problem("A", "2025-03-03"))
    record.submit(problem("B", "2025-03-05"))
    with resolved(monkeypatch) as found:
        record.advance("2025-03-11")
    assert cases(found) == {"A"}


def test_an_error_on_the_way_leaves_the_ledger_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """When something breaks while an event is worked out, nothing is recorded and the next event is answered rightly."""
    record = ledger()
    record.submit(problem("A", "2025-03-03"))

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(Resolver, "resolve", broken)
        with pytest.raises(RuntimeError):
            record.submit(problem("B", "2025-03-03"))
    assert [e.id for e in record.events] == ["p-A"]
    outcome = record.submit(problem("C", "2025-03-04"))
    assert [o.id for o in outcome.opened] == ["P1-5-3b.meet/C"]
    same = a.assess(record.policy, record.parameters, record.organization, record.events, "2025-03-04")
    assert a.to_data(record.assessment()) == a.to_data(same)
