"""Every report can be looked at: rows for a data frame, a text, and an HTML table for a notebook."""

from __future__ import annotations

import html
import importlib
import inspect
import pkgutil

import pytest
from tests.service.world import BOOK, World, allowance, day, eur, furnished

from receivables import reports
from receivables.policies.accounts import AccountMap
from receivables.policies.forecast_pattern import CollectionPattern
from receivables.policies.provision import LossRates, ProvisionPolicy
from receivables.reports.backtest import Outcome, backtest
from receivables.reports.bureau import bureau_list
from receivables.reports.forecast_collections import collections
from receivables.reports.journal import journal
from receivables.reports.lifecycle import lifecycle
from receivables.reports.placements import placement_report
from receivables.reports.portal import due_when
from receivables.reports.portfolio import agenda, handover, portfolio
from receivables.reports.provision import provision


def classes():
    """Every class that a module of the reports defines and that gives rows."""
    for found in pkgutil.walk_packages(reports.__path__, "receivables.reports."):
        module = importlib.import_module(found.name)
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == found.name and not name.startswith("_"):
                yield kind


REPORTS = [kind for kind in classes() if hasattr(kind, "rows") or hasattr(kind, "_repr_html_")]


@pytest.mark.parametrize("kind", REPORTS, ids=lambda kind: kind.__name__)
def test_a_report_has_rows_a_text_and_a_table(kind):
    assert callable(getattr(kind, "rows", None)), "no rows()"
    assert "__str__" in vars(kind), "no str() of its own"
    assert callable(getattr(kind, "_repr_html_", None)), "no table for notebooks"
    assert "html_table" in inspect.getsource(kind._repr_html_), "not by the shared renderer"


def test_the_reports_that_everybody_knows_are_among_them():
    names = {kind.__name__ for kind in REPORTS}
    assert {"AccountStatement", "Aging", "Bridge", "CashForecast", "Metrics", "Provision", "Utilization"} <= names


# What they show -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world():
    return furnished()


def views(world):
    return [world.app.view(id, world.today) for id in world.app.accounts()]


def accounts(world):
    return [world.app.account(id) for id in world.app.accounts()]


MATRIX = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
FOLLOWED = [Outcome(points=points, bad=bad, band="AB"[bad]) for points, bad in ((600, False), (500, True))]
MADE = {
    "the debts of a bureau": lambda world: bureau_list(accounts(world), BOOK, world.today),
    "what is owed to a bureau": lambda world: bureau_list(accounts(world), BOOK, world.today).owed(),
    "placements": lambda world: placement_report(views(world)),
    "a portfolio": lambda world: portfolio(views(world), BOOK),
    "an agenda": lambda world: agenda(views(world), BOOK, within_days=30),
    "a handover": lambda world: handover(accounts(world), BOOK, "ann", world.today),
    "a life cycle": lambda world: lifecycle(accounts(world), BOOK, day(-30), day(2)),
    "what is due": lambda world: due_when(world.app.view("ACME", world.today)),
    "a provision": lambda world: provision(views(world), MATRIX),
    "a back-test": lambda world: backtest(FOLLOWED),
    "what sales bring": lambda world: collections([(day(0), eur(100))], CollectionPattern.of(0, 40, 60)),
    "an entry": lambda world: journal(world.store.facts("ACME"), AccountMap.standard()).entries[0],
}


@pytest.mark.parametrize("name", MADE)
def test_what_its_rows_say_stands_in_its_text_and_in_its_table(name, world):
    report = MADE[name](world)
    rows = report.rows()
    text, table = str(report), html.unescape(report._repr_html_())
    filled = {column for row in rows for column, value in row.items() if value not in (None, "")}
    assert [column for column in filled if f">{column}</th>" not in table] == []
    for row in rows:
        said = [value for value in row.values() if isinstance(value, str) and value]
        assert [value for value in said if value not in text or f">{value}</td>" not in table] == []


def test_allowances_for_claims_by_themselves_have_rows_of_their_own():
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.app.set_allowance(allowance("SA-1", "INV-1"), on=day(0), key="set")
    (row,) = provision([world.app.view("ACME", day(0))], MATRIX).specific_rows()
    assert (row["allowance of"], row["items"], row["open"], row["allowance"]) == ("SA-1", "INV-1", "1000.00", "500.00")
