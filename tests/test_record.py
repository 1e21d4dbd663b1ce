"""The record: what was acknowledged stands, once, in one order, and every change of it is seen. On both databases."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from databases import NO_SERVER, fresh_postgres, postgres_server
from hypothesis import given, settings
from strategies import World, worlds

import accountability as a
from accountability.answer import STATUSES
from accountability.plain import Limits
from accountability.record import tables
from accountability.record.database import Database

U = "examples/university/"
POLICY = a.Policy.shipped("university", parameters=U + "parameters.sample.toml")
ORGANIZATION = a.Organization.load(U + "university.toml")
EVENTS = sorted(a.read_events(U + "events.jsonl", POLICY.event_types), key=lambda event: event.known)
Fresh = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Give a function that gives the address of a record not yet begun."""
    numbers = count()
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"
        return
    if postgres_server() is None:
        pytest.skip(NO_SERVER)
    with fresh_postgres() as url:
        engine = sa.create_engine(url)

        def schema() -> str:
            name = f"s{next(numbers)}"
            with engine.begin() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {name}")
            return f"{url}?options=-csearch_path%3D{name}"

        yield schema
        engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of an SQLite record not yet begun."""
    return tmp_path / "record.db"


def ledger(url: str, **more: Any) -> a.Ledger:
    """Open a ledger of the example university on a record."""
    return a.Ledger(POLICY, ORGANIZATION, store=url, matcher="python", **more)


def record(of: a.Ledger) -> a.Record:
    """Return the record of a ledger that has one."""
    assert of.record is not None
    return of.record


def told(url: str) -> a.Ledger:
    """Return a ledger on a record that holds the events of the example, up to the first of September."""
    filled = ledger(url)
    for event in EVENTS:
        filled.submit(event)
    filled.advance("2025-09-01")
    return filled


def exported(answer: Any) -> str:
    """Return an answer as the text that a host would export."""
    return json.dumps(a.to_data(answer), ensure_ascii=False, sort_keys=True)


def in_memory() -> a.Ledger:
    """Return a ledger in memory that was told the same as `told`."""
    kept = a.Ledger(POLICY, ORGANIZATION, matcher="python")
    for event in EVENTS:
        kept.submit(event)
    kept.advance("2025-09-01")
    return kept


def problem(number: int, **more: Any) -> a.Event:
    """A problem of a member, in a case of its own."""
    given = {"date": "2025-03-03", "person": "m-2", "case": f"C{number}", "id": f"p{number}", **more}
    return a.Event("member.problem", **given)


# -- the same answers ---------------------------------------------------------------------------------------------------


def test_a_record_opened_again_gives_the_same_answer(fresh: Fresh) -> None:
    """A ledger opened on a record answers, byte for byte, as one in memory that was told the same."""
    url = fresh()
    written, kept = told(url), in_memory()
    assert exported(written.assessment()) == exported(ledger(url).assessment()) == exported(kept.assessment())
    assert ledger(url).events == kept.events
    assert ledger(url).day == date(2025, 9, 1)
    past = {"as_of": "2025-03-12", "known_as_of": "2025-03-08"}
    assert exported(ledger(url).assessment(**past)) == exported(kept.assessment(**past))


def test_a_record_of_days_alone_can_be_restarted(fresh: Fresh) -> None:
    """A ledger opened on a record without events goes on as the one in memory: what recurs opens once."""
    url, law = fresh(), a.Policy.shipped("university", parameters=POLICY.parameters, in_force=("2025-01-01", None))
    kept = a.Ledger(law, ORGANIZATION, matcher="python")
    for day in ("2025-01-01", "2025-03-01", "2025-07-01"):
        outcome = a.Ledger(law, ORGANIZATION, store=url, matcher="python").advance(day)
        assert {**a.to_data(outcome), "position": None} == a.to_data(kept.advance(day))
    assert {o.id for o in a.Record(url).obligations()} == {o.id for o in kept.assessment().obligations if o.live}


def test_the_outcome_of_a_step_is_that_of_a_ledger_in_memory(fresh: Fresh) -> None:
    """A step on a record says what changed as a step in memory does, and where it ends."""
    written, kept = ledger(fresh()), a.Ledger(POLICY, ORGANIZATION, matcher="python")
    for number, event in enumerate(EVENTS, start=2):  # row 1 says from what is answered
        outcome = written.submit(event)
        assert outcome.position == number
        assert {**a.to_data(outcome), "position": None} == a.to_data(kept.submit(event))


def test_what_others_recorded_comes_in_before_an_answer(fresh: Fresh) -> None:
    """Two ledgers on one record each answer from what both recorded, whoever began."""
    url = fresh()
    one, other = ledger(url), ledger(url)
    one.submit(problem(1))
    assert [o.case for o in other.assessment().obligations] == ["C1"]
    assert [o.case for o in other.submit(problem(2)).opened] == ["C2"]
    other.advance("2025-03-11")
    assert one.day == date(2025, 3, 11)
    assert one.submit(problem(3)).day == date(2025, 3, 11)
    assert exported(one.assessment()) == exported(other.assessment()) == exported(ledger(url).assessment())
    assert len(one.obligations(status="overdue")) == len(other.obligations(status="overdue")) == 3


def test_an_event_sent_again_is_recorded_once(fresh: Fresh) -> None:
    """The same event sent twice, from wherever, stands in one row; nothing opens again."""
    url = fresh()
    first = ledger(url)
    first.submit(problem(1))
    before = record(first).head()
    assert first.submit(problem(1)).opened == ledger(url).submit([problem(1), problem(1)]).opened == ()
    assert record(first).head() == before


def test_what_was_recorded_is_read_whatever_the_limits_of_the_reader(fresh: Fresh) -> None:
    """An event that one host took in under wider limits is read by every ledger on the record, and verified."""
    url, long = fresh(), "字" * 20_000
    wide = ledger(url, limits=Limits(text=30_000, event_bytes=200_000))
    wide.submit(a.Event("letter.sent", date="2025-03-03", id="l", text="x"), problem(1))
    wide.submit({"type": "letter.sent", "date": "2025-03-03", "id": "m", "text": long})
    for event in (ledger(url).events[-1], record(ledger(url)).events()[-1]):
        assert event.get("text") == long
    with pytest.raises(a.EventError, match="is longer than 16384 characters"):
        ledger(url).submit({"type": "letter.sent", "date": "2025-03-04", "id": "n", "text": long})
    record(wide).verify()


def test_one_id_with_two_contents_is_refused(fresh: Fresh) -> None:
    """An event with a known source and id but other content is a ConflictError, whoever recorded the first."""
    url = fresh()
    ledger(url).submit(problem(1))
    other = ledger(url)
    with pytest.raises(a.ConflictError, match="`p1` from `host` is known with other content"):
        other.submit(problem(2), problem(1, person="m-1"))
    assert [event.id for event in other.events] == ["p1"]
    assert len(list(record(other).rows())) == 2


OWN = a.Event("x", date="2025-01-01", source="accountability:record")


@pytest.mark.parametrize("bad", [{"type": "member.problem", "date": "2025-03-03"}, {"type": "x"}, OWN])
def test_bad_input_records_nothing(fresh: Fresh, bad: Any) -> None:
    """Of a submit with one bad event nothing is recorded, and a good one works right after it."""
    written = ledger(fresh())
    with pytest.raises(a.EventError):
        written.submit(problem(1), bad)
    assert record(written).head() == a.Head()
    assert [o.case for o in written.submit(problem(1)).opened] == ["C1"]
    record(written).verify()


def test_a_change_that_the_organization_refuses_records_nothing(fresh: Fresh) -> None:
    """An impossible change of the organization is an OrganizationError and leaves no row."""
    written = told(fresh())
    head, before = record(written).head(), exported(written.assessment())
    with pytest.raises(a.OrganizationError):
        written.submit(a.Event("post.vacated", date="2025-09-02", post="b-stud.secretary", person="nobody"))
    assert record(written).head() == head
    assert exported(written.assessment()) == before


def test_a_batch_is_one_step(fresh: Fresh) -> None:
    """Events submitted together share their batch, which a follower gets as one outcome."""
    written = ledger(fresh())
    written.submit(problem(1), problem(2), problem(3))
    written.submit(problem(4))
    assert [(row.position, row.batch) for row in record(written).rows()] == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 5)]
    assert [(o.position, len(o.opened)) for o in record(written).changes()] == [(4, 3), (5, 1)]


def test_threads_may_share_a_ledger_or_have_their_own(fresh: Fresh) -> None:
    """Four threads on one ledger and four with their own add to one record without a gap."""
    url = fresh()
    shared = ledger(url)

    def work(own: a.Ledger, first: int) -> None:
        for number in range(first, first + 5):
            own.submit(problem(number))
            assert own.assessment().obligations

    ledgers = [shared] * 4 + [ledger(url) for _ in range(4)]
    threads = [threading.Thread(target=work, args=(own, 100 * n)) for n, own in enumerate(ledgers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record(shared).verify().position == 41
    assert len(shared.assessment().obligations) == 40
    assert exported(shared.assessment()) == exported(ledger(url).assessment())


# -- what stands in the record ------------------------------------------------------------------------------------------


def test_an_auditor_can_recompute_the_chain(fresh: Fresh) -> None:
    """Each digest is the SHA-256 of five lines: the digest before, position, batch, keys and content."""
    filled = told(fresh())
    previous = "0" * 64
    for number, row in enumerate(record(filled).rows(), start=1):
        lines = (previous, str(number), str(row.batch), row.keys, row.content)
        assert row.position == number
        assert row.previous == previous
        assert row.digest == hashlib.sha256("\n".join(lines).encode()).hexdigest()
        previous = row.digest
    assert record(filled).head() == a.Head(number, previous) == record(filled).verify()


def test_rows_are_found_by_what_they_name(fresh: Fresh) -> None:
    """The rows of a case, a person or a unit are found without reading the others."""
    filled = record(told(fresh()))
    of_case = [event.id for event in filled.events(key="case/K-1")]
    assert of_case == [event.id for event in EVENTS if event.case == "K-1"]
    assert [e.case for e in filled.events(key="person/m-2")] == [e.case for e in EVENTS if e.get("person") == "m-2"]
    assert filled.events(key="case/nowhere") == ()


def test_the_record_tells_from_what_was_answered(fresh: Fresh) -> None:
    """The law, the parameters and the organization of each day can be had again and give the same answer."""
    url = fresh()
    first = ledger(url)
    first.submit(problem(1))
    answered, position = exported(first.assessment()), record(first).head().position
    stricter = POLICY.parameters.with_values({"hold_within": "2d"})
    second = ledger(url, parameters=stricter)
    outcome = second.advance("2025-03-06")
    assert [duty.case for duty in outcome.overdue] == ["C1"]
    assert [row.type for row in record(second).rows(since=position)] == ["record.basis", "record.advanced"]
    assert exported(record(first).assessment(position)) == answered
    assert exported(record(first).assessment()) == exported(second.assessment())
    old, new = record(first).basis(position), record(first).basis()
    for basis, days in ((old, "7d"), (new, "2d")):
        value = basis.policy.value("hold_within", date(2025, 3, 3), basis.parameters)
        assert value is not None
        assert str(value.value) == days
        assert basis.policy.packs == POLICY.packs
        assert basis.organization.units == ORGANIZATION.units
        assert basis.organization.tenures == ORGANIZATION.tenures


def test_the_basis_of_every_kind_of_policy_can_be_had_again(fresh: Fresh) -> None:
    """A policy with chosen rules, days in force, adopted practices and a calendar of its own answers again as it did."""
    calendar = a.Calendar().extended(year=2025, rest=["2025-03-06"], work=["2025-03-08"])
    from attrs import evolve

    policies = [
        a.Policy.shipped("university", rules=["P1-5-3"], in_force=("2025-01-01", None)),
        a.Policy.shipped("university", in_force={"university": (None, "2025-12-31")}),
        evolve(POLICY, calendar=calendar),
        a.Policy.shipped("university", parameters={"hold_within": "3wd", "july1_window": ["06-20", "07-10"]}),
    ]
    for policy in policies:
        url = fresh()
        written = a.Ledger(policy, ORGANIZATION, store=url, matcher="python")
        written.submit(problem(1))
        written.advance("2025-08-01")
        assert exported(record(written).assessment()) == exported(written.assessment())
        basis = record(written).basis()
        again = a.Ledger(basis.policy, basis.organization, parameters=basis.parameters, store=url, matcher="python")
        again.advance("2025-08-02")
        assert [row.type for row in record(again).rows(since=3)] == ["record.advanced"]  # no new basis


def test_another_policy_can_be_compared_over_a_record(fresh: Fresh) -> None:
    """The events of a record under two policies differ exactly where the second one says so."""
    filled = told(fresh())
    stricter = POLICY.with_parameters(POLICY.parameters.with_values({"hold_within": "1d"}))
    events = record(filled).events()
    after = a.assess(stricter, stricter.parameters, ORGANIZATION, events, "2025-09-01")
    changes = a.compare(record(filled).assessment(), after)
    assert {change.kind for change in changes} <= {"obligation", "escalation", "candidate"}
    assert ("P1-5-3b.meet/K-2", "2025-03-04") in [(c.id, (c.after or {}).get("due")) for c in changes]


def test_the_export_is_the_same_from_every_database_and_can_be_taken_in(fresh: Fresh, file: Path) -> None:
    """The lines of an export are taken in by a record elsewhere, which exports the same bytes and answers alike."""
    filled = told(fresh())
    lines = list(record(filled).export())
    copy, elsewhere = a.Record(fresh(), create=True), a.Record(f"sqlite:///{file}", create=True)
    for target in (copy, elsewhere):
        assert target.import_(lines) == record(filled).head()
        assert list(target.export()) == lines
        assert exported(target.assessment()) == exported(filled.assessment())
        assert target.obligations() == record(filled).obligations()
        assert target.verify() == record(filled).head()


def test_two_databases_export_the_same_bytes(tmp_path: Path) -> None:
    """The same history, told to SQLite and to PostgreSQL, is exported as the same bytes."""
    if postgres_server() is None:
        pytest.skip(NO_SERVER)
    with fresh_postgres() as url:
        lines = [list(record(told(each)).export()) for each in (url, f"sqlite:///{tmp_path}/record.db")]
    assert lines[0] == lines[1]


def test_a_damaged_export_is_refused_whole(fresh: Fresh) -> None:
    """Of an export with a changed, missing or strange line nothing is taken in."""
    lines = list(record(told(fresh())).export())
    for number, broken in [
        (4, lines[4].replace("2025", "2024", 1)),
        (4, ""),
        (4, "{}"),
        (4, '{"digest":"0","document":{}}'),
        (0, lines[0].replace("支委会", "委员会", 1)),
        (0, '{"digest":"0","document":{}}'),
        (5, lines[4]),
    ]:
        target = a.Record(fresh(), create=True)
        with pytest.raises((a.StoreError, a.IntegrityError)):
            target.import_([*lines[:number], broken, *lines[number + 1 :]])
        assert target.head() == a.Head()
        assert list(target.rows()) == []
        target.import_(lines)
        with pytest.raises(a.StoreError, match="is not empty"):
            target.import_(lines)
    with pytest.raises(a.StoreError, match="there is no row to take in"):
        a.Record(fresh(), create=True).import_(lines[:3])


# -- followers and questions --------------------------------------------------------------------------------------------


def test_a_follower_gets_every_outcome_once_and_in_order(fresh: Fresh) -> None:
    """Asked from where it stopped, `changes` gives each later step, equal to what its `submit` returned."""
    url = fresh()
    writer, given, seen = ledger(url), [], []
    follower, since = a.Record(url), 0
    for number in range(1, 13):
        given.append(writer.submit(problem(number, date=f"2025-03-{number:02}")))
        if number % 3 == 0:
            for outcome in follower.changes(since):
                seen.append(outcome)
                since = outcome.position or 0
    assert [exported(outcome) for outcome in seen] == [exported(outcome) for outcome in given]
    assert list(follower.changes(since)) == []
    late = list(a.Record(url).changes(given[7].position or 0))
    assert [exported(outcome) for outcome in late] == [exported(outcome) for outcome in given[8:]]


def test_a_follower_may_stop_in_the_middle_and_ask_again(fresh: Fresh) -> None:
    """Outcomes that a follower did not deal with come again, with the same positions."""
    filled = record(told(fresh()))
    whole = [(o.position, exported(o)) for o in filled.changes()]
    for outcome in filled.changes():
        if outcome.position == whole[3][0]:
            break
    assert [(o.position, exported(o)) for o in filled.changes(whole[2][0] or 0)] == whole[3:]


def test_a_follower_learns_what_another_law_changes(fresh: Fresh) -> None:
    """A step under another policy says what it opened, and what stands no longer."""
    url = fresh()
    ledger(url).submit(problem(1))
    ledger(url).advance("2025-03-11")
    without = a.Policy.shipped("university", parameters=POLICY.parameters.with_values({"hold_within": "30d"}))
    a.Ledger(without, ORGANIZATION, store=url, matcher="python").advance("2025-03-12")
    *_, last = a.Record(url).changes()
    assert last.withdrawn == (
        "escalation/P1-5-3b.meet/C1/overdue",
        "liability/P1-5-2b/b-stud.secretary/P1-5-3b.meet/C1/overdue",
    ) or all("P1-5-3b.meet/C1" in id_ for id_ in last.withdrawn)
    assert last.opened == ()


def test_a_follower_outlives_laws_that_read_one_field_differently(fresh: Fresh, tmp_path: Path) -> None:
    """Each step is worked out from the event as it was recorded, whatever the law before it made of its fields."""
    url, laws = fresh(), []
    for kind in ("text", "decimal"):
        folder = tmp_path / kind
        shutil.copytree("tests/packs/good", folder)
        with (folder / "pack.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[events."thing.measured"]\nfields = {{ v = "{kind}" }}\n')
        laws.append(a.Policy.load(folder))
    one, other = (a.Ledger(law, ORGANIZATION, store=url, matcher="python") for law in laws)
    one.submit(a.Event("thing.measured", date="2025-03-03", id="1", v="3.10"))
    other.advance("2025-03-05")
    one.advance("2025-03-06")
    assert [o.position for o in a.Record(url).changes()] == [2, 4, 6]
    assert exported(a.Record(url).assessment()) == exported(one.assessment())


def test_a_follower_learns_what_nobody_owes_under_a_new_law(fresh: Fresh) -> None:
    """A duty that the new law does not know is told as cancelled to who followed it."""
    url = fresh()
    ledger(url).submit(problem(1))
    fewer = a.Policy.shipped("university", rules=["P1-1-1"])
    a.Ledger(fewer, ORGANIZATION, store=url, matcher="python").advance("2025-03-05")
    *_, last = a.Record(url).changes()
    assert [(o.case, o.status) for o in last.cancelled] == [("C1", "cancelled")]
    assert a.Record(url).obligations() == ()


def test_a_follower_does_not_go_on_over_other_rows(fresh: Fresh) -> None:
    """A follower that has read a row refuses to go on when the log is another, or shorter than where it stood."""
    url = fresh()
    follower, position = record(told(url)), 0
    for outcome in follower.changes():
        position = outcome.position or 0
    with pytest.raises(a.StoreError, match=f"`{position + 1}` is no position .*write 0 to {position}"):
        list(follower.changes(position + 1))
    ledger(url).submit(problem(9, date="2025-09-02"))
    by_hand(url, f"UPDATE accountability_event SET previous = '{'1' * 64}' WHERE position = {position + 1}")
    with pytest.raises(a.IntegrityError, match=f"row {position + 1} .*as this follower read that"):
        list(follower.changes(position))


@pytest.mark.parametrize("position", [0, -1, 10_000, True, "2025-03-03", date(2025, 3, 3), 2**70])
def test_what_is_no_position_is_refused(fresh: Fresh, position: Any) -> None:
    """A day, a text or a number beyond the log is no position, and never answered with another one."""
    filled = record(told(fresh()))
    for asked in (filled.assessment, filled.basis):
        with pytest.raises(a.StoreError, match=r"is no position of .*; write 1 to 9"):
            asked(position)


def test_a_status_that_does_not_exist_is_refused(fresh: Fresh) -> None:
    """A misspelt status never reads as nothing owed."""
    with pytest.raises(a.EventError, match="`overdu` is no status, did you mean `overdue`"):
        record(told(fresh())).obligations(status="overdu")


def test_questions_are_answered_without_loading_the_record(fresh: Fresh) -> None:
    """Due, open and overdue obligations, cases and counts are those of the assessment."""
    url = fresh()
    filled, asked = told(url), a.Record(url)
    obligations = filled.assessment().obligations
    owed = [o for o in obligations if o.live]
    assert {o.id for o in asked.obligations()} == {o.id for o in owed}
    assert asked.open_cases() == tuple(sorted({o.case for o in owed if o.case is not None}))
    overdue = [o for o in obligations if o.status == "overdue"]
    units = [o.unit.id for o in overdue if o.unit is not None]
    assert asked.overdue_by_unit() == {unit: units.count(unit) for unit in sorted(set(units))}
    statuses = [o.status for o in obligations]
    assert asked.counts() == {status: statuses.count(status) for status in sorted(set(statuses))}
    assert asked.obligations(case="K-2", status="overdue")[0].id == "P1-5-3b.meet/K-2"
    for person in {o.person for o in owed}:
        assert {o.id for o in asked.due(3650, person=person)} == {o.id for o in owed if person in (None, o.person)}


def test_due_counts_days_inclusively(fresh: Fresh) -> None:
    """What is due on the last of the days asked is among the answer, what is due a day later is not."""
    url = fresh()
    ledger(url).submit(problem(1))  # due 2025-03-10
    asked = a.Record(url)
    assert [o.due for o in asked.due(7)] == [date(2025, 3, 10)]
    assert asked.due(6) == ()
    assert asked.due(7, unit="b-stud", post="b-stud.secretary") == asked.due(7)
    assert asked.due(7, unit="pc") == ()
    with pytest.raises(a.StoreError, match="`-1`"):
        asked.due(-1)


def test_what_nobody_can_date_is_always_due(fresh: Fresh) -> None:
    """An obligation without a due day that anybody can tell is among what is due: silence is no leave."""
    url = fresh()
    a.Ledger(a.Policy.shipped("university"), ORGANIZATION, store=url, matcher="python").submit(problem(1))
    (only,) = a.Record(url).due(0)
    assert (only.status, only.due) == ("undetermined", None)


# -- tampering ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE accountability_event SET content = replace(content, 'K-2', 'K-9') WHERE position = 3", "row 3"),
        ("UPDATE accountability_event SET type = 'x.y' WHERE position = 4", "row 4 .*`type` is `x.y`"),
        ("UPDATE accountability_event SET date = '2020-01-01' WHERE position = 4", "row 4 .*`date`"),
        ("UPDATE accountability_event SET keys = 'case/K-9' WHERE position = 4", "row 4"),
        ("UPDATE accountability_event SET batch = 1 WHERE position = 4", "row 4"),
        ("UPDATE accountability_event SET position = 40 WHERE position = 4", "row 4 is missing|row 40"),
        ("UPDATE accountability_document SET content = replace(content, '支', '枝')", "row 1 .*document"),
        ("DELETE FROM accountability_document", "document"),
        ("DELETE FROM accountability_key WHERE position = 3", "row 3 .*not found by the keys"),
        ("INSERT INTO accountability_key VALUES ('case/none', 3)", "row 3"),
        ("DELETE FROM accountability_event WHERE position = 5", "row 6 .*row 5 is missing"),
    ],
)
def test_every_change_is_found_and_named(fresh: Fresh, change: str, said: str) -> None:
    """Whatever is changed in the tables by hand, `verify` names the row and what is wrong with it."""
    url = fresh()
    head = record(told(url)).verify()
    by_hand(url, change)
    with pytest.raises(a.IntegrityError, match=said):
        a.Record(url).verify()
    with pytest.raises(a.IntegrityError):
        a.Record(url).verify(head)


def test_a_row_that_was_forged_whole_is_found_at_the_next_one(fresh: Fresh) -> None:
    """Whoever changes a row and its digest would have to change all that follow: the next row tells."""
    url = fresh()
    filled = record(told(url))
    row = next(row for row in filled.rows() if row.position == 3)
    content = row.content.replace("K-2", "K-9")
    lines = (row.previous, "3", str(row.batch), row.keys, content)
    forged = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    by_hand(url, f"UPDATE accountability_event SET content = '{content}', digest = '{forged}' WHERE position = 3")
    with pytest.raises(a.IntegrityError, match="row 4 is not what was recorded: it does not follow the row before it"):
        a.Record(url).verify()


def test_what_is_due_follows_a_new_law_at_once(fresh: Fresh) -> None:
    """The first step under other parameters works out anew what is owed in all cases, also those it does not touch."""
    url = fresh()
    ledger(url).submit(problem(1))
    stricter = ledger(url, parameters=POLICY.parameters.with_values({"hold_within": "2d"}))
    stricter.submit(problem(2, date="2025-03-04"))
    assert [(o.case, o.due) for o in a.Record(url).obligations()] == [
        ("C1", date(2025, 3, 5)),
        ("C2", date(2025, 3, 6)),
    ]


def by_hand(url: str, *changes: str) -> None:
    """Change the tables as nobody should, the keys of the log left alone."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for change in changes:
            connection.exec_driver_sql(change)
        connection.commit()
    engine.dispose()


def test_a_tail_that_was_cut_is_found_with_the_head_outside(fresh: Fresh) -> None:
    """A log whose last rows are gone is whole in itself; the head kept outside tells what is missing."""
    url = fresh()
    head = record(told(url)).head()
    last = f"position >= {head.position}"
    by_hand(url, f"DELETE FROM accountability_key WHERE {last}", f"DELETE FROM accountability_event WHERE {last}")
    assert a.Record(url).verify().position == head.position - 1
    with pytest.raises(a.IntegrityError, match=f"row {head.position} is missing: the log was cut"):
        a.Record(url).verify(str(head))


def test_a_log_written_anew_is_found_with_the_head_outside(fresh: Fresh) -> None:
    """A log forged from the beginning is whole in itself; the head kept outside tells that it is another."""
    head = record(told(fresh())).head()
    url = fresh()
    forged = ledger(url)
    for event in EVENTS[1:]:
        forged.submit(event)
    forged.submit(problem(77, date="2025-08-01"))
    forged.advance("2025-09-01")
    assert record(forged).verify().position >= head.position
    with pytest.raises(a.IntegrityError, match=f"row {head.position} .*written anew"):
        a.Record(url).verify(head)
    with pytest.raises(a.StoreError, match="`x` is no head"):
        a.Record(url).verify("x")


def test_a_ledger_notices_a_log_that_was_cut_under_it(fresh: Fresh) -> None:
    """A ledger that has read a row refuses to go on when that row is gone or another."""
    url = fresh()
    filled = told(url)
    assert filled.assessment().obligations
    last = record(filled).head().position
    by_hand(
        url,
        f"DELETE FROM accountability_key WHERE position = {last}",
        f"DELETE FROM accountability_event WHERE position = {last}",
    )
    with pytest.raises(a.IntegrityError, match=f"row {last} is not what it was"):
        filled.submit(problem(1))


# -- opening ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    """An empty file, a damaged one, another file and a folder are refused, and stay as they were."""
    bad = {
        "empty.db": b"",
        "zeros.db": b"SQLite format 3\0" + bytes(4080),
        "text.db": b"this is a letter and no database at all, however long it may be" * 20,
    }
    (tmp_path / "folder").mkdir()
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    for name in (*bad, "folder", "nowhere/record.db"):
        for opened in (lambda url: ledger(url), a.Record):
            with pytest.raises(a.StoreError) as told_:
                opened(f"sqlite:///{tmp_path}/{name}")
            assert name.partition("/")[0] in str(told_.value)
            assert "\n" not in str(told_.value)
    assert {name: (tmp_path / name).read_bytes() for name in bad} == bad


def test_a_record_is_begun_only_by_a_ledger(file: Path) -> None:
    """Reading, verifying or exporting what is not there is a StoreError and makes no file."""
    with pytest.raises(a.StoreError, match="there is no record at"):
        a.Record(f"sqlite:///{file}")
    assert not file.exists()


def test_a_record_may_live_in_the_database_of_its_host(file: Path) -> None:
    """Tables of the host stay as they are beside those of the record."""
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE staff (name TEXT)")
        connection.execute("INSERT INTO staff VALUES ('li')")
    connection.close()
    with pytest.raises(a.StoreError, match="holds no record"):
        a.Record(f"sqlite:///{file}")
    record(told(f"sqlite:///{file}")).verify()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM staff").fetchall() == [("li",)]
    connection.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("record.db", "`record.db` is no address of a record"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "what is kept in memory is no record"),
        ("sqlite:///record.db?synchronous=OFF", "can not be chosen"),
        ("nosuch://x/y", "names no database that is known"),
        ("mysql://x/y", "names no database that is known"),
        ("postgresql://x/y", "names no database that is known"),
        ("", "is no address"),
    ],
)
def test_an_address_that_names_no_record_is_refused(address: str, said: str) -> None:
    """Each wrong address is a StoreError that says what to write."""
    with pytest.raises(a.StoreError, match=said) as told_:
        ledger(address)
    assert "write `sqlite:///record.db`" in str(told_.value)


def test_settings_that_lose_data_are_refused_with_the_reason(file: Path) -> None:
    """A file that was taken out of WAL mode is refused, and the reason named."""
    told(f"sqlite:///{file}").record.close()  # type: ignore[union-attr]  # it has one
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    connection.close()
    with pytest.raises(a.StoreError, match="`journal_mode` at `delete`, with which readers would block writers"):
        ledger(f"sqlite:///{file}")


def test_synchronous_off_is_refused_in_every_step(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that does not wait for the disk is refused before anything is written on it."""
    from accountability.record import database

    def careless(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA foreign_keys=ON")

    monkeypatch.setattr(database, "_connected", careless)
    with pytest.raises(a.StoreError, match="a power cut would lose what was acknowledged"):
        ledger(f"sqlite:///{file}")


def test_a_server_that_loses_data_is_refused_with_the_reason(postgres: str) -> None:
    """A PostgreSQL user who does not wait for the disk is refused, and the reason named."""
    with pytest.raises(a.StoreError, match="`synchronous_commit` at `off`, with which a crash would lose"):
        ledger(f"{postgres}?options=-csynchronous_commit%3Doff")


def test_a_record_of_a_newer_library_is_refused(fresh: Fresh) -> None:
    """A record of a version that this library does not know is not touched."""
    url = fresh()
    told(url)
    by_hand(url, f"UPDATE accountability_record SET version = {tables.VERSION + 1}")
    for opened in (ledger, a.Record):
        with pytest.raises(a.StoreError, match=f"version {tables.VERSION + 1}, .*install a newer one"):
            opened(url)


def test_a_record_of_an_older_library_is_brought_up_to_date(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes the tables of an older version new runs once, in one transaction, and the log stays as it is."""
    url = fresh()
    head = record(told(url)).head()
    runs: list[int] = []

    def step(connection: sa.Connection) -> None:
        runs.append(connection.execute(sa.select(sa.func.count()).select_from(tables.rows)).scalar_one())

    monkeypatch.setattr(tables, "MIGRATIONS", {tables.VERSION: step})
    monkeypatch.setattr(tables, "VERSION", tables.VERSION + 1)
    assert ledger(url).day == ledger(url).day == date(2025, 9, 1)
    assert runs == [head.position]
    assert a.Record(url).verify(head) == head


def test_a_policy_without_files_can_not_be_recorded(file: Path) -> None:
    """A policy that was not read from packs could not be had again, so the first step is refused."""
    policy = a.Policy(packs=(), rules=POLICY.rules, declared=POLICY.declared, event_types=POLICY.event_types)
    written = a.Ledger(policy, ORGANIZATION, store=f"sqlite:///{file}", matcher="python")
    with pytest.raises(a.StoreError, match="was not read from the files of packs"):
        written.submit(problem(1))
    assert record(written).head() == a.Head()


# -- when the database fails --------------------------------------------------------------------------------------------


def test_a_commit_that_fails_leaves_the_ledger_as_it_was(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a commit fails, the error says that it is not known what was recorded, and the same submit again is right."""
    written = ledger(fresh())
    written.submit(problem(1))
    before = exported(written.assessment())
    with monkeypatch.context() as patch:
        patch.setattr(sa.Connection, "commit", failing)
        with pytest.raises(a.StoreError, match="submitting it again is safe") as told_:
            written.submit(problem(2))
    assert told_.value.recorded is None
    assert exported(written.assessment()) == before
    assert [o.case for o in written.submit(problem(2)).opened] == ["C2"]
    record(written).verify()


def test_a_commit_that_succeeds_unheard_is_not_done_twice(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the connection is lost after the commit, the events stand once, and submitting them again changes nothing."""
    written = ledger(fresh())
    written.submit(problem(1))
    commit = sa.Connection.commit

    def unheard(connection: sa.Connection) -> None:
        commit(connection)
        failing(connection)

    with monkeypatch.context() as patch:
        patch.setattr(sa.Connection, "commit", unheard)
        with pytest.raises(a.StoreError, match="it is not known whether"):
            written.submit(problem(2))
    assert written.submit(problem(2)).opened == ()
    assert [e.id for e in written.events] == ["p1", "p2"]
    assert sorted(o.case or "" for o in written.assessment().obligations) == ["C1", "C2"]
    record(written).verify()


def test_an_interrupt_right_after_the_commit_loses_nothing(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the host is interrupted between the commit and the answer, the ledger still comes to count the events once."""
    from accountability.record.recorder import Recorder

    written, keep = ledger(fresh()), Recorder.keep
    written.submit(problem(1))

    def interrupted(self: Recorder, *step: Any) -> a.Head:
        keep(self, *step)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "keep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            written.submit(problem(2))
    assert written.submit(problem(2)).opened == ()
    assert [o.case for o in written.submit(problem(3)).opened] == ["C3"]
    assert [e.id for e in written.events] == ["p1", "p2", "p3"]
    assert len(written.assessment().obligations) == 3
    record(written).verify()


def failing(connection: sa.Connection) -> None:
    """Fail as a database does whose connection is lost."""
    raise sa.exc.OperationalError("COMMIT", {}, Exception("connection lost"))


def test_a_locked_file_is_a_store_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the file, a step says so and records nothing; afterwards it works."""
    from accountability.record import database

    monkeypatch.setattr(database, "WAIT", 0.05)
    written = ledger(f"sqlite:///{file}")
    written.submit(problem(1))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(a.StoreError, match="locked; nothing of this step was recorded, another program") as told_:
        written.submit(problem(2))
    assert told_.value.recorded is False
    assert [o.case for o in written.assessment().obligations] == ["C1"]
    holder.execute("ROLLBACK")
    holder.close()
    assert [o.case for o in written.submit(problem(2)).opened] == ["C2"]


def test_a_file_that_is_replaced_under_a_ledger_is_noticed(file: Path) -> None:
    """When the file is put back from a copy or removed, the next step is refused: what it wrote would be lost."""
    written = ledger(f"sqlite:///{file}")
    written.submit(problem(1))
    with sqlite3.connect(file) as source, sqlite3.connect(file.with_name("copy.db")) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    written.submit(problem(2))
    file.with_name("copy.db").replace(file)
    for rest in ("-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)
    with pytest.raises(a.StoreError, match="was replaced by another file while it was open; nothing of this step"):
        written.submit(problem(3))
    with pytest.raises(a.IntegrityError, match="is not what it was when this ledger read it"):
        written.submit(problem(3))
    file.unlink()
    with pytest.raises(a.StoreError, match="is not there any more"):
        written.submit(problem(3))
    assert not file.exists()


def test_a_child_process_opens_connections_of_its_own(file: Path) -> None:
    """After a fork, parent and child go on with the same ledger and do not disturb each other."""
    written = ledger(f"sqlite:///{file}")
    written.submit(problem(1))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            written.submit(problem(2))
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    written.submit(problem(3))
    assert [e.id for e in written.events] == ["p1", "p2", "p3"]
    record(written).verify()


# -- random histories ---------------------------------------------------------------------------------------------------


@settings(max_examples=max(1, settings().max_examples // 4))
@given(world=worlds())
def test_every_step_of_every_history_can_be_restarted(world: World) -> None:
    """After each step a ledger opened anew answers as the one that goes on and as one in memory; so does a follower."""
    with TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:  # no disk to wait for
        restarted_after_each_step(world, f"sqlite:///{folder}/record.db")


def restarted_after_each_step(world: World, url: str) -> None:
    """Tell a world to a record, and ask it again after each step."""

    def opened(**more: Any) -> a.Ledger:
        return a.Ledger(world.policy, world.organization, parameters=world.parameters, matcher="python", **more)

    written, kept, given_ = opened(store=url), opened(), list[a.Outcome]()
    for event in sorted(world.events, key=lambda e: e.known):
        try:
            outcome = kept.submit(event)
        except (a.ConflictError, a.OrganizationError) as problem:
            with pytest.raises(type(problem)):
                written.submit(event)
            continue
        given_.append(written.submit(event))
        assert {**a.to_data(given_[-1]), "position": None} == a.to_data(outcome)
        restarted = opened(store=url)
        assert exported(restarted.assessment()) == exported(kept.assessment())
        record(restarted).close()
    log = record(written)
    log.verify()
    steps: dict[int | None, str] = {}
    for outcome in given_:  # what was known already has the position of the last row, and is no step
        steps.setdefault(outcome.position, exported(outcome))
    assert {o.position: exported(o) for o in log.changes()} == steps
    if kept.day is not None:
        assert exported(log.assessment()) == exported(kept.assessment()) == exported(written.assessment())
        whole = written.assessment()
        for case in {o.case for o in whole.obligations if o.case is not None}:
            assert log.case(case) == tuple(o for o in whole.obligations if o.case == case)
        shown = log.obligations(status=STATUSES)
        log.rebuild()
        assert log.obligations(status=STATUSES) == shown
    log.close()


def test_two_processes_that_begin_at_once_begin_one_record(fresh: Fresh) -> None:
    """Whoever comes second finds the tables made by the first."""
    url = fresh()
    errors: list[BaseException] = []

    def begin() -> None:
        try:
            Database(url, create=True).close()
        except BaseException as problem:
            errors.append(problem)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert a.Record(url).head() == a.Head()
