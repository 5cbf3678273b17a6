"""Scores of a real ledger: well above chance, near to what scikit-learn makes of the same numbers, and without a leak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from examples import credit_scores as example

from receivables import Account

EVERY = 3
"""So many customers, one of which is looked at: a test takes seconds."""


@pytest.fixture(scope="module")
def accounts(shared_data: Callable[[str], Path]) -> list[Account]:
    """Every third customer of the distributor."""
    return example.read(shared_data("ledger_distributor/closed_invoices.csv"))[::EVERY]


@pytest.fixture(scope="module")
def found(accounts: list[Account]) -> list[example.Found]:
    """Two questions, at both levels."""
    return list(example.run(accounts, late=(0,)))


def test_scores_tell_late_payers_from_the_others(found: list[example.Found]) -> None:
    for each in found:
        assert each.test.auc is not None
        assert each.test.auc > 0.75, each.level
        assert each.test.ks is not None
        assert each.test.ks > 0.4, each.level
        assert each.test.base_rate is not None
        assert 0.2 < each.test.base_rate < 0.8


def test_a_table_of_points_is_about_as_good_as_the_models_of_scikit_learn(found: list[example.Found]) -> None:
    if not example.COMPARES:
        pytest.skip("scikit-learn is not installed")
    for each in found:
        assert set(each.others) == {"logistic regression", "gradient boosting"}
        assert all(each.test.auc is not None and each.test.auc > other - 0.06 for other in each.others.values()), each


def test_worse_classes_went_wrong_more_often(found: list[example.Found]) -> None:
    for each in found:
        rates = [band.rate for band in each.test.bands]
        assert rates[0] < rates[-1] / 2, each.level


def test_what_followed_the_fitting_was_over_before_the_judging() -> None:
    latest = max(example.FITTED_ON) + example.AFTER + (max(example.LATE_DAYS) + 1) * example.DAY
    assert latest <= example.JUDGED_ON


def test_features_know_nothing_of_what_came_after_the_day(shared_data: Callable[[str], Path]) -> None:
    """The ledger cut off on the day: rows that were due and cleared later are gone, and nobody's features change."""
    day = example.JUDGED_ON.isoformat()
    rows = example.rows_of(shared_data("ledger_distributor/closed_invoices.csv"))
    for customer in sorted(rows)[::40]:
        known = [row for row in rows[customer] if min(row["due_date"], row["clear_date"]) <= day]
        whole, cut = (example.account_of(customer, each) for each in (rows[customer], known))
        before = example.features_on(whole, example.JUDGED_ON)
        example._KNOWN.clear()
        assert example.features_on(cut, example.JUDGED_ON) == before


def test_without_the_ledger_the_example_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main([str(tmp_path / "none.csv")]) == 0
    assert "absent" in capsys.readouterr().out
