"""Every report can be looked at: rows for a data frame, a text, and an HTML table for a notebook."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from receivables import reports


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
