"""What all tests share: how long Hypothesis searches, and where the published ledgers stand.

``HYPOTHESIS_PROFILE`` names the search: ``default`` while writing, ``ci`` (the same examples in every run, so that a
red run is red again), ``brief`` (a quarter of them, for further versions of the same packages), ``long`` for `.ci/long`.
``pytest --hypothesis-profile`` overrides it.

``HOST_DECIMAL=3,ROUND_UP`` is a host whose decimal context has that precision and rounding: every test runs in it.
"""

import decimal
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.postgres import NotHere, Postgres, running

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("brief", settings.get_profile("ci"), max_examples=25)
settings.register_profile(
    "long", deadline=None, max_examples=2_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

HOST_DECIMAL = os.environ.get("HOST_DECIMAL", "")


@pytest.fixture(autouse=bool(HOST_DECIMAL))
def context_of_the_host(request):
    """The decimal context that ``HOST_DECIMAL`` says; no result may depend on it."""
    if request.node.get_closest_marker("own_decimals"):
        yield
        return
    digits, rounding = HOST_DECIMAL.split(",")
    with decimal.localcontext(decimal.Context(prec=int(digits), rounding=rounding)):
        yield


SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Finds a published ledger, such as ``shared_data("ledger_ibm/truth.json")``, or skips and says which is absent.

    The data belong to others and are no part of this repository; they stand beside it, in ``../shared/data``.
    """

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"the published data are absent: ../shared/data/{name}")
        return path

    return find


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own on loopback, or a word why there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        with running() as found:
            yield found
    except NotHere as absent:
        pytest.skip(str(absent))
