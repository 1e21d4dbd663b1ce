"""The durability trials at a small size; `make trials` runs them at full size."""

from __future__ import annotations

import sqlalchemy as sa


def test_a_fresh_database_is_empty(postgres: str) -> None:
    """A database for a test holds no tables and can hold every text."""
    engine = sa.create_engine(postgres)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
        assert connection.exec_driver_sql("SHOW server_encoding").scalar_one() == "UTF8"
    engine.dispose()
