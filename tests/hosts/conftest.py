"""Fixtures of the Django host: Django set up once, a database of its own for each test."""

import os
import sys
import time
from importlib import import_module

import pytest
from tests.hosts.django_world import EXAMPLE, Databases, Host


@pytest.fixture(scope="session")
def django():
    """Django with the example's settings, or a word that it is absent. Its settings move the process to their time zone: that is taken back."""
    pytest.importorskip("django", reason="django is not installed")
    zone = os.environ.get("TZ")
    sys.path.insert(0, str(EXAMPLE))
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_site.settings"
    try:
        import_module("django").setup()
        _zone(zone)
        utils = import_module("django.test.utils")
        utils.setup_test_environment(debug=False)
        yield import_module("django")
        import_module("django.db").connections.close_all()
        utils.teardown_test_environment()
    finally:
        _zone(zone)
        del os.environ["DJANGO_SETTINGS_MODULE"]
        sys.path.remove(str(EXAMPLE))


def _zone(name):
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()


@pytest.fixture(scope="session")
def sqlite(django, tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql(django, postgres, tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("none"), postgres)


@pytest.fixture
def host(sqlite, monkeypatch):
    """The host on SQLite, on the day of the tests."""
    yield from a_host(sqlite, monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request, django, monkeypatch):
    """The host on each of the two databases."""
    yield from a_host(request.getfixturevalue(request.param), monkeypatch)


def a_host(databases, monkeypatch):
    databases.fresh()
    found = Host()
    monkeypatch.setattr(found.ledger, "CLOCK", found.clock)
    yield found
    import_module("django.db").connections.close_all()


@pytest.fixture
def settings_of():
    """Changes settings for a test."""
    made = []

    def change(**values):
        override = import_module("django.test.utils").override_settings(**values)
        override.enable()
        made.append(override)

    yield change
    for override in reversed(made):
        override.disable()
