"""PostgreSQL for the tests: an empty database on a server that is given, or found on this machine.

ACCOUNTABILITY_TEST_POSTGRES names the server, `postgresql+psycopg://user@host:port/db`; its user makes databases there,
whose names begin with `acc_trial_`, and drops them. Without it a server on 127.0.0.1:5432 is taken that lets in the
current user or `postgres` without a password; else the tests that need one are skipped and say so.
"""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import sqlalchemy as sa

VARIABLE = "ACCOUNTABILITY_TEST_POSTGRES"
NO_SERVER = f"no PostgreSQL server: name one in {VARIABLE}, postgresql+psycopg://user@host:port/db"
_MAY_CREATE = "SELECT 1 / (rolcreatedb OR rolsuper)::int FROM pg_roles WHERE rolname = current_user"
"""Fails for a user who may not make databases."""


@cache
def postgres_server() -> str | None:
    """Return the address of a database on a server in which databases can be made, None where there is no server.

    One that is named in the environment but can not be used is an error: its tests were asked for.
    """
    named = os.environ.get(VARIABLE)
    if named:
        _run(named, _MAY_CREATE)
        return named
    for user in dict.fromkeys((getpass.getuser(), "postgres")):
        url = f"postgresql+psycopg://{user}@127.0.0.1:5432/postgres"
        try:
            _run(url, _MAY_CREATE)
        except (sa.exc.DBAPIError, ImportError):
            continue
        return url
    return None


@contextmanager
def fresh_postgres(server: str | None = None) -> Iterator[str]:
    """Give the address of a new, empty database on the server, and drop it afterwards whoever is still connected."""
    server = server or postgres_server()
    if server is None:
        raise RuntimeError(NO_SERVER)
    name = f"acc_trial_{os.getpid()}_{secrets.token_hex(4)}"
    _run(server, f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    """Run one statement outside of a transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
