"""The back-test of the forecast: the library is ahead of the due date and the average, learns nothing from later, and says so."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("forecast_cash")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()
LATEST = dt.date(2019, 12, 31)


@pytest.fixture(scope="module")
def ledger(shared_data: Any) -> list[Any]:
    return example.rows_of(shared_data("ledger_distributor/closed_invoices.csv"))


@pytest.fixture(scope="module")
def december(ledger: list[Any]) -> Any:
    return example.split(ledger, LATEST)


@pytest.fixture(scope="module")
def answers(december: Any) -> Any:
    return example.ask(december)


def test_the_seeded_ledger_is_told_without_other_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["--no-boosting"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("without gradient boosting")
    assert "boosting  " not in out
    assert "cash forecast as of 2019-12-31" in out


def test_the_error_on_the_real_ledger_is_far_below_the_due_date_and_below_the_average(
    december: Any, answers: Any
) -> None:
    library = example.error(december, answers.dates)
    assert library < 0.6 * example.error(december, example.by_due_date(december))
    assert library < 0.8 * example.error(december, example.by_average(december))
    assert library < 2.45


def test_bands_and_probabilities_of_the_real_ledger_hold_what_they_say(answers: Any) -> None:
    assert 0.8 <= sum(answers.within) / len(answers.within) <= 0.95
    said, always = example.brier(answers.late)
    assert said < 0.7 * always
    for row in example.calibration(answers.late):
        if row["invoices"] >= 100:
            assert abs(float(row["mean said"]) - float(row["late"])) < 20, row


def test_cash_of_the_real_ledger_comes_within_its_bands(december: Any) -> None:
    found = example.cash(december)
    inside = example.within_bands(december, found)
    assert sum(inside["days"]) >= 0.75 * len(inside["days"])
    assert sum(inside["weeks"]) >= 0.75 * len(inside["weeks"])


def test_what_became_known_after_the_split_changes_nothing(ledger: list[Any], december: Any) -> None:
    """Each later payment moved to a day of its own: what is learned is the same."""
    later = [
        row if row.cleared_on <= LATEST else row._replace(cleared_on=LATEST + dt.timedelta(days=1 + at % 90))
        for at, row in enumerate(ledger)
    ]
    assert example.split(later, LATEST).behavior == december.behavior


def test_boosting_on_the_same_features_is_not_far_ahead(december: Any, answers: Any) -> None:
    pytest.importorskip("sklearn")
    library = example.error(december, answers.dates)
    assert library < 1.05 * example.error(december, example.by_boosting(december))


def test_every_method_knows_that_what_is_open_is_paid_after_the_split(december: Any, answers: Any) -> None:
    for dates in (answers.dates, example.by_due_date(december), example.by_average(december)):
        assert min(dates) > LATEST
        assert all(example.BANK_DAYS.is_business_day(day) for day in set(dates))
