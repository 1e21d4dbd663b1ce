"""A PostgreSQL server of the trials' own, which they may kill."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import common
import sqlalchemy as sa

HOW = ("kill", "immediate", "backend")
"""How a server can die: its first process is killed, it is told to stop at once, or the process of a connection is."""


def _programs() -> Path | None:
    """Return the folder with the programs of a server, None where none is installed."""
    found = shutil.which("initdb")
    folders = (
        [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _user() -> str | None:
    """Return the user under whom a server runs; None for the current one, for it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def can_be_started() -> bool:
    """Tell whether a server is installed here and can be started."""
    return _programs() is not None and (os.geteuid() != 0 or _user() is not None)


class Server:
    """A server that listens on a free port of this machine; `url` is the address of its database."""

    def __init__(self, folder: Path) -> None:
        programs = _programs()
        assert programs is not None
        self._programs, self._data = programs, folder / "data"
        self._as: dict[str, Any] = {}
        if (user := _user()) is not None:
            folder.chmod(0o755)
            entry = pwd.getpwnam(user)
            self._as = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            self._data.mkdir()
            os.chown(self._data, entry.pw_uid, entry.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://trial@127.0.0.1:{self._port}/postgres"
        command = [
            programs / "initdb",
            "-D",
            self._data,
            "-U",
            "trial",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._as)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                command = [
                    self._programs / "postgres",
                    "-D",
                    self._data,
                    "-p",
                    str(self._port),
                    "-k",
                    "",
                    "-h",
                    "127.0.0.1",
                ]
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                self._process = subprocess.Popen(command, cwd="/", **quiet, **self._as)
            if self._answers():
                return
            time.sleep(0.05)
        raise RuntimeError("the server does not start")

    def _answers(self) -> bool:
        return bool(_asked(self.url, "SELECT 1"))

    def stop(self, how: str) -> None:
        """Let it die in one of the ways `HOW`, and wait for the end of it."""
        assert self._process is not None
        if how == "backend":
            pids = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            for pid in _asked(self.url, pids):
                os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.05)
            return
        self._process.send_signal(signal.SIGKILL if how == "kill" else signal.SIGQUIT)
        self._process.wait()


def _asked(url: str, question: str) -> list[Any]:
    """Return the first column of an answer, none when there is no answer."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            return list(connection.exec_driver_sql(question).scalars())
    except sa.exc.DBAPIError:
        return []
    finally:
        engine.dispose()


@contextmanager
def own_server() -> Iterator[Server]:
    """Give a server that has been started, and stop it at the end."""
    with common.scratch() as folder:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
