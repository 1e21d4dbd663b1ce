"""The database of a record: opened with the settings on which its promises rest, and refused without them.

SQLite runs in WAL mode with `synchronous` FULL (without it a power cut loses what was acknowledged) and foreign keys on;
PostgreSQL with `fsync` and `synchronous_commit` on and UTF-8. Whatever goes wrong comes out as a StoreError.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import finalize

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from ..errors import AccountabilityError, IntegrityError, StoreError, one_line, quoted
from . import tables

WAIT = 60
"""Seconds for which a step waits for others that write to the same record."""

SETTINGS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
"""What SQLite must answer about itself."""
_WHY = {
    "journal_mode": "readers would block writers; close other programs and set `PRAGMA journal_mode=WAL` on the file",
    "synchronous": "a power cut would lose what was acknowledged; leave `synchronous` at FULL",
    "foreign_keys": "the keys of the log would not be checked; leave `foreign_keys` on",
    "fsync": "a crash would lose what was acknowledged; set `fsync = on` for the server",
    "synchronous_commit": "a crash would lose what was acknowledged; set `synchronous_commit = on` for this user",
    "server_encoding": "it can not hold every text; make a database with the encoding UTF8",
}
_SERVER = {"fsync": ("on",), "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
           "server_encoding": ("UTF8",)}  # fmt: skip
_ADVICE = (
    ("i/o error", "see that the disk works and has space, and submit again"),
    ("full", "free some space and submit again"),
    ("locked", "another program holds it; submit again when that is done"),
    ("lock timeout", "another program holds it; submit again when that is done"),
    ("readonly", "make the file, those with `-wal` and `-shm` beside it and its folder writable"),
    ("read-only", "make the database writable"),
    ("unable to open", "see that its folder is there and writable"),
    ("not a database", "it is no SQLite file; name the file of a record, or a new one"),
    ("malformed", "it is damaged; restore the record from a copy"),
    ("connect", "see that the server runs and takes connections, and submit again"),
    ("terminat", "see that the server runs, and submit again"),
)


_NOT_WRITTEN = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
"""Errors of SQLite after which a step is surely not recorded: the mark of a commit is what it writes last."""


class Database:
    """One record's database. Steps that write are one after the other, in all processes."""

    def __init__(self, url: str, *, create: bool) -> None:
        """Open it; where there is no record yet, make an empty one if `create`. Raises StoreError."""
        self._url, self._path = _url(url)
        self.name = self._url.render_as_string(hide_password=True)
        self.shown = quoted(self.name, _LONGEST)
        if self._path is not None:
            _check_file(self._path, create)
        self._engine = self._made(self._url)
        self._process = [os.getpid()]
        self._file: tuple[int, int] | None = None
        finalize(self, _finish, self._engine, self._process)
        try:
            with self._told("nothing was recorded", damaged=StoreError):
                if self._path is not None and not self._path.exists():
                    self._begin_file(self._path)
                self._prepare(create)
            self._ours()
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Tell whether it is an SQLite file."""
        return self._path is not None

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection on which everything is read from one state of the record."""
        with self._told("nothing was lost"), self._ours().connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Step]:
        """Give a step that holds the record locked; what it does not commit is not recorded."""
        with self._told("nothing of this step was recorded") as told, self._ours().connect() as connection:
            connection = self._alone(connection)
            connection.execute(sa.select(tables.about.c.version).with_for_update())
            self._check_settings(connection)
            yield Step(connection, told)

    def _alone(self, connection: sa.Connection) -> sa.Connection:
        """Let the connection write, which waits for others at most so long, and then reads what they have written."""
        if self.is_sqlite:
            return connection.execution_options(writes=True)
        connection = connection.execution_options(isolation_level="READ COMMITTED")
        connection.execute(sa.select(sa.func.set_config("lock_timeout", f"{WAIT}s", True)))
        return connection

    def _ours(self) -> sa.Engine:
        """Return the engine; after a fork a new one, for connections can not be shared between processes."""
        if self._process != [os.getpid()]:
            self._engine.dispose(close=False)
            self._process[:] = [os.getpid()]
        if self._path is not None:
            self._check_same(self._path)
        return self._engine

    def _check_same(self, path: Path) -> None:
        """Refuse a file that was removed or replaced while it was open: what is written to the old one is lost."""
        try:
            found = os.stat(path)
        except OSError as problem:
            self._engine.dispose()
            raise StoreError(f"{self.shown} is not there any more ({problem.strerror}); restore it") from None
        before, self._file = self._file, (found.st_dev, found.st_ino)
        if before not in (None, self._file):
            self._engine.dispose()
            raise StoreError(
                f"{self.shown} was replaced by another file while it was open; nothing of this step was recorded, "
                "verify the file and submit again"
            )

    def _made(self, url: sa.URL) -> sa.Engine:
        try:
            if not self.is_sqlite:
                return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
            engine = sa.create_engine(url, connect_args={"timeout": WAIT}, hide_parameters=True)
        except ImportError as problem:
            extra = " (`pip install 'accountability[postgres]'`)" if problem.name == "psycopg" else ""
            raise StoreError(f"{self.shown} needs the package {quoted(problem.name)}; install it{extra}") from None
        sa.event.listen(engine, "connect", _connected)
        sa.event.listen(engine, "begin", _begun)
        return engine

    def _begin_file(self, path: Path) -> None:
        """Make the file of a new record, under another name until it is whole: nobody ever finds half of one."""
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
        engine = self._made(self._url.set(database=str(unfinished)))
        try:
            with engine.connect() as connection:
                self._make(connection)
                found = connection.connection.cursor().execute("PRAGMA journal_mode=WAL").fetchone()[0]
            engine.dispose()
            if found != SETTINGS["journal_mode"]:
                self._refuse("journal_mode", found)
            _named(unfinished, path)
        except OSError as problem:
            raise StoreError(f"no record can be made at {quoted(path, _LONGEST)}: {problem.strerror}") from None
        finally:
            engine.dispose()
            for rest in ("", "-wal", "-shm", "-journal"):
                unfinished.with_name(unfinished.name + rest).unlink(missing_ok=True)

    def _prepare(self, create: bool) -> None:
        """Make the tables where there are none, and those of an older version new; check the settings."""
        with self._engine.connect() as connection:
            version = self._version(connection)
            connection.rollback()
            if version is None and not create:
                raise StoreError(f"{self.shown} holds no record; name the database of one")
            if self.is_sqlite and version is None:  # the file may be one of the host's
                connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
            self._check_settings(connection)
            connection.rollback()
            if version is not None and version > tables.VERSION:
                raise StoreError(
                    f"{self.shown} is a record of version {version}, and this library knows up to {tables.VERSION}; "
                    "install a newer one"
                )
            if version != tables.VERSION:
                self._make(connection)

    def _make(self, connection: sa.Connection) -> None:
        """Make the tables, or bring them from version to version, while no other process does."""
        connection = self._alone(connection)
        if not self.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
        version = self._version(connection)
        if version is None:
            tables.metadata.create_all(connection)
            connection.execute(tables.about.insert().values(one=1, version=tables.VERSION))
            version = tables.VERSION
        for older in range(version, tables.VERSION):
            tables.MIGRATIONS[older](connection)
            connection.execute(tables.about.update().values(version=older + 1))
        connection.commit()

    def _version(self, connection: sa.Connection) -> int | None:
        """Return the version of the tables, None where there are none."""
        if not sa.inspect(connection).has_table(tables.about.name):
            return None
        found = connection.execute(sa.select(tables.about.c.version)).scalars().all()
        known = range(min(tables.MIGRATIONS, default=tables.VERSION), 2**31)
        if len(found) != 1 or not isinstance(found[0], int) or found[0] not in known:
            raise StoreError(f"{self.shown} is damaged: it does not say its version; restore it from a copy")
        return found[0]

    def _check_settings(self, connection: sa.Connection) -> None:
        """Refuse a database whose settings would break the promises."""
        if self.is_sqlite:
            for name, needed in SETTINGS.items():
                found = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()).lower()
                if found != needed and not (name == "synchronous" and found == "3"):
                    self._refuse(name, found)
        else:
            for name, allowed in _SERVER.items():
                found = str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
                if found not in allowed:
                    self._refuse(name, found)

    def check_file(self, connection: sa.Connection) -> None:
        """Let SQLite check its file, whose indexes could be damaged while every row is whole; raises IntegrityError."""
        if self.is_sqlite:
            said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
            if said != "ok":
                raise IntegrityError(f"{self.shown} is damaged: {one_line(said)}; restore it from a copy")

    def _refuse(self, name: str, found: str) -> None:
        raise StoreError(f"{self.shown} has `{name}` at {quoted(found)}, with which {_WHY[name]}")

    @contextmanager
    def _told(self, kept: str, damaged: type[AccountabilityError] = IntegrityError) -> Iterator[_Told]:
        """Turn what the database raises into a StoreError that says what was recorded, or into `damaged`."""
        told = _Told(kept)
        try:
            yield told
        except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as problem:
            reason = one_line(str(getattr(problem, "orig", None) or problem).strip().partition("\n")[0])
            if (isinstance(problem, DBAPIError) and "malformed" in reason) or "decode" in reason:
                raise damaged(f"{self.shown} is damaged: {reason}; restore it from a copy") from None
            if isinstance(problem, DBAPIError):
                self._engine.dispose()
            advice = next((say for word, say in _ADVICE if word in reason.lower()), "see the log of the database")
            raise StoreError(f"{self.shown} can not be used: {reason}; {told.kept}, {advice}", told.recorded) from None


def _finish(engine: sa.Engine, process: list[int]) -> None:
    """Close the connections of a record that nobody needs any more; those of another process are left to it."""
    engine.dispose(close=process == [os.getpid()])


class _Told:
    """What a StoreError says of what was recorded."""

    def __init__(self, kept: str) -> None:
        self.kept = kept
        self.recorded: bool | None = False


class Step:
    """A transaction that holds the record locked."""

    def __init__(self, connection: sa.Connection, told: _Told) -> None:
        self.connection = connection
        self._told = told

    def commit(self) -> None:
        """Record the step. When this raises StoreError it may be unknown whether it was recorded."""
        kept, self._told.kept = (
            self._told.kept,
            "it is not known whether this step was recorded: submitting it again is safe",
        )
        self._told.recorded = None
        try:
            self.connection.commit()
        except DBAPIError as problem:
            if getattr(problem.orig, "sqlite_errorname", None) in _NOT_WRITTEN:
                self._told.kept, self._told.recorded = kept, False
            raise
        self._told.kept, self._told.recorded = kept, False


_LONGEST = 500
"""How much of an address a message shows: paths are long, and the end of them matters."""
_MAKING = 7_221_365_402_381
"""The number of the lock under which the tables are made in PostgreSQL."""
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
_FORMS = "write `sqlite:///record.db` or `postgresql+psycopg://user@host/name`"


def _url(text: str) -> tuple[sa.URL, Path | None]:
    """Return the URL and, for SQLite, the path of its file, which stays the same wherever the program goes."""
    try:
        url = sa.make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, AttributeError, ValueError, TypeError):
        raise StoreError(f"{quoted(text, _LONGEST)} is no address of a record; {_FORMS}") from None
    if url.drivername not in _DRIVERS:
        raise StoreError(f"{quoted(url.drivername)} names no database that is known; {_FORMS}")
    if backend != "sqlite":
        return url, None
    if url.query:
        problem = "the settings of the record can not be chosen"
        raise StoreError(f"{quoted(text, _LONGEST)} has options after `?`, but {problem}; write `sqlite:///record.db`")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or "\0" in url.database:
        raise StoreError(
            f"{quoted(text, _LONGEST)} names no file, and what is kept in memory is no record; write `sqlite:///record.db`"
        )
    path = Path(url.database).absolute()
    return url.set(database=str(path)), path


def _check_file(path: Path, create: bool) -> None:
    """Refuse a file that is no record: it must not become one by mistake, for all cases would seem to be gone."""
    try:
        size = path.stat().st_size if path.exists() else None
        if path.is_dir():
            raise StoreError(f"{quoted(path, _LONGEST)} is a folder; name the file of a record")
        if size is not None and not os.access(path, os.R_OK):
            raise StoreError(f"{quoted(path, _LONGEST)} can not be read; make it readable")
    except OSError as problem:
        raise StoreError(f"{quoted(path, _LONGEST)} can not be read: {problem.strerror}") from None
    if size == 0:
        raise StoreError(
            f"{quoted(path, _LONGEST)} is an empty file and no record; name the file of one, or remove it to begin anew"
        )
    if size is None and not create:
        raise StoreError(f"there is no record at {quoted(path, _LONGEST)}; name the file of one")
    if size is None and not path.parent.is_dir():
        raise StoreError(f"there is no folder {quoted(path.parent, _LONGEST)}; make it first")


def _named(unfinished: Path, path: Path) -> None:
    """Give a whole file its name, unless another process has made the record first."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os.replace(unfinished, path)


def _connected(connection: Any, _: object) -> None:
    """Prepare a connection to SQLite; transactions are begun by `_begun`, not by the driver."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begun(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
