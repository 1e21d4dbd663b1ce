"""Faults of the record that the trials found, each in its smallest form."""

from __future__ import annotations

import resource
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

import accountability as a
from accountability.record import database
from accountability.record.log import Record

U = "examples/university/"
POLICY = a.Policy.shipped("university", parameters=U + "parameters.sample.toml")
ORGANIZATION = a.Organization.load(U + "university.toml")


def ledger(url: str) -> a.Ledger:
    """Return a ledger on a record."""
    return a.Ledger(POLICY, ORGANIZATION, store=url)


def problem(number: int) -> a.Event:
    """Return a problem of a member, in a case of its own."""
    return a.Event("member.problem", date="2025-03-03", id=f"p{number}", person="m-2", case=f"C{number}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file of a record with one event, which nobody holds open."""
    written = ledger(f"sqlite:///{tmp_path / 'record.db'}")
    written.submit(problem(1))
    assert written.record is not None
    written.record.close()
    return tmp_path / "record.db"


def by_hand(file: Path, statement: str, *values: object) -> None:
    """Change the file as nobody should."""
    connection = sqlite3.connect(file)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_a_new_file_has_its_name_only_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a new record is whole nothing stands at its path: others would take it for an empty file or a damaged one."""
    path, seen = tmp_path / "record.db", list[bool]()
    named = database._named

    def watched(unfinished: Path, path: Path) -> None:
        seen.extend([path.exists(), Record(f"sqlite:///{unfinished}").verify() == a.record.row.Head()])
        named(unfinished, path)

    monkeypatch.setattr(database, "_named", watched)
    Record(f"sqlite:///{path}", create=True).close()
    assert seen == [False, True]
    assert [each.name for each in tmp_path.iterdir()] == ["record.db"]


def test_who_comes_second_takes_the_file_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that another process has begun meanwhile, and already written to, is not replaced."""
    path, url = tmp_path / "record.db", f"sqlite:///{tmp_path / 'record.db'}"
    named = database._named

    def late(unfinished: Path, path: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(database, "_named", named)
            ledger(url).submit(problem(1))
        named(unfinished, path)

    for linked in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(database, "_named", late)
            if not linked:
                patch.setattr("os.link", lambda *paths: _raise(OSError("no links")))
            second = ledger(url)
        assert [event.id for event in second.events] == ["p1"]
        assert second.record is not None
        second.record.close()
        path.unlink()


def _raise(problem: Exception) -> None:
    raise problem


def test_a_record_that_does_not_say_its_version_is_refused(file: Path) -> None:
    """What stands where the version should is a StoreError on opening, whatever it is."""
    for value in ("x", b"\xff", 1.5, 0, -1):
        by_hand(file, "UPDATE accountability_record SET version = ?", value)
        with pytest.raises(a.StoreError):
            Record(f"sqlite:///{file}")
    by_hand(file, "DELETE FROM accountability_record")
    with pytest.raises(a.StoreError, match="does not say its version"):
        Record(f"sqlite:///{file}")


def test_a_key_of_another_type_is_found(file: Path) -> None:
    """A key that has become bytes is an IntegrityError, as every other change of the index."""
    by_hand(file, "UPDATE accountability_key SET key = CAST(key AS BLOB) WHERE key LIKE 'case/%'")
    with pytest.raises(a.IntegrityError, match="not found by the keys"):
        Record(f"sqlite:///{file}").verify()


def test_a_schema_that_is_no_text_is_told(file: Path) -> None:
    """A file whose description of a table is no longer UTF-8 is a StoreError or IntegrityError, not a UnicodeError."""
    data = file.read_bytes()
    at = data.index(b"CREATE TABLE accountability_key")
    for offset in range(at, at + 40):
        file.write_bytes(data[:offset] + bytes([data[offset] ^ 0x80]) + data[offset + 1 :])
        with pytest.raises((a.StoreError, a.IntegrityError)):
            Record(f"sqlite:///{file}").verify()


def test_a_full_disk_records_nothing_and_says_so(file: Path) -> None:
    """When SQLite can not write a commit, nothing was recorded, which the error says; a reader after a crash agrees."""
    written = ledger(f"sqlite:///{file}")
    assert written.record is not None
    head, before = written.record.head(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(a.StoreError, match="nothing of this step was recorded, see that the disk works") as told:
            written.submit(problem(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.value.recorded is False
    assert written.record.head() == head
    written.submit(problem(2))
    assert [event.id for event in written.events] == ["p1", "p2"]
    written.record.verify()


def test_the_isolation_that_a_server_chooses_changes_nothing(postgres: str) -> None:
    """Where transactions are serializable by default, a writer that waited still sees what the other has written."""
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = sa.make_url(postgres).database
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    engine.dispose()
    first, second = ledger(postgres), ledger(postgres)
    first.submit(problem(0))
    failed: list[Exception] = []

    def write(of: a.Ledger, numbers: range) -> None:
        try:
            for number in numbers:
                of.submit(problem(number))
        except a.AccountabilityError as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=write, args=given) for given in ((first, range(1, 9)), (second, range(9, 17)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(event.id for event in first.events) == sorted(f"p{number}" for number in range(17))


def test_a_step_does_not_wait_for_ever_on_a_server(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the record, a step raises StoreError after the time that it waits, and works then."""
    monkeypatch.setattr(database, "WAIT", 1)
    written = ledger(postgres)
    written.submit(problem(1))
    engine = sa.create_engine(postgres)
    with engine.connect() as other:
        other.exec_driver_sql("SELECT * FROM accountability_record FOR UPDATE")
        with pytest.raises(a.StoreError, match="nothing of this step was recorded, another program holds it") as told:
            written.submit(problem(2))
    engine.dispose()
    assert told.value.recorded is False
    written.submit(problem(2))
    assert [event.id for event in written.events] == ["p1", "p2"]
