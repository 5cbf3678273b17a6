"""What sales bring by a pattern of months: what cannot be sold is refused."""

import datetime as dt

import pytest

from receivables import Money
from receivables.errors import InvalidValue
from receivables.policies.forecast_pattern import CollectionPattern
from receivables.reports.forecast_collections import collections

JANUARY = dt.date(2026, 1, 1)


def test_sales_below_zero_are_refused_and_no_sales_bring_nothing():
    pattern = CollectionPattern.of(0, 40, 60)
    with pytest.raises(InvalidValue, match="must not be below zero"):
        collections([(JANUARY, Money.of(5, "EUR")), (JANUARY, Money.of(-5, "EUR"))], pattern)
    assert collections([(JANUARY, Money.of(0, "EUR"))], pattern).collected(JANUARY, "EUR") == Money.of(0, "EUR")
