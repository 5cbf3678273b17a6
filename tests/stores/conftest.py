"""The databases of the tests of durable stores."""

import pytest
from tests.postgres import NotHere, running


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of the tests' own, or a word why there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        with running() as found:
            yield found
    except NotHere as absent:
        pytest.skip(str(absent))
