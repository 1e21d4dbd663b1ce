"""Hypothesis profiles: the same examples on every run, or, with ACCOUNTABILITY_HISTORIES=N, N random ones per property.

The fixture `postgres` is the address of an empty database, see `databases`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from databases import NO_SERVER, fresh_postgres, postgres_server
from hypothesis import HealthCheck, Phase, settings

settings.register_profile("default", deadline=None, derandomize=True, max_examples=80, print_blob=True)
settings.register_profile("found", settings.get_profile("default"), phases=[Phase.explicit, Phase.generate])
histories = os.environ.get("ACCOUNTABILITY_HISTORIES")
if histories is None:  # for a planted fault it is enough that it is found, however large the example
    settings.load_profile("found" if "ACCOUNTABILITY_FAULTS" in os.environ else "default")
else:
    settings.register_profile(
        "long",
        deadline=None,
        derandomize=False,
        max_examples=int(histories),
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("long")


@pytest.fixture
def postgres() -> Iterator[str]:
    """Give the address of an empty PostgreSQL database; without a server the test is skipped."""
    if postgres_server() is None:
        pytest.skip(NO_SERVER)
    with fresh_postgres() as url:
        yield url
