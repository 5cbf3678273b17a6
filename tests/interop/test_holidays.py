"""Calendars written out from the package `holidays`."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest

from receivables import Money, PaymentTerms
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.values.dates import Roll

holidays = pytest.importorskip("holidays", reason="the extra receivables[holidays] is not installed")

from receivables.interop.holidays import business_calendar  # noqa: E402


def test_ascension_day_moves_a_german_discount_date_to_the_next_day() -> None:
    german = business_calendar("DE", [2026], subdivision="BY")
    terms = PaymentTerms.net(10).rolled(Roll.FOLLOWING, "DE")
    schedule = terms.resolve(dt.date(2026, 5, 4), Money.of(100, "EUR"), calendars={"DE": german})
    assert schedule.installments[0].due_on == dt.date(2026, 5, 15)


def test_a_holiday_of_one_part_of_a_country_is_a_workday_in_another() -> None:
    corpus_christi = dt.date(2026, 6, 4)
    assert not business_calendar("DE", [2026], subdivision="BY").is_business_day(corpus_christi)
    assert business_calendar("DE", [2026], subdivision="BE").is_business_day(corpus_christi)


def test_the_weekend_is_an_argument() -> None:
    friday = dt.date(2026, 11, 20)
    assert business_calendar("AE", [2026]).is_business_day(friday)
    assert not business_calendar("AE", [2026], weekend=frozenset({4, 5})).is_business_day(friday)


def test_a_year_that_was_not_written_out_is_refused_and_not_taken_for_a_year_without_holidays() -> None:
    with pytest.raises(InvalidValue, match="2027-01-01"):
        business_calendar("DE", [2026]).is_business_day(dt.date(2027, 1, 1))


@pytest.mark.parametrize(
    ("country", "years", "error"),
    [
        ("XX", [2026], UnknownId),
        ("DE", [], InvalidValue),
        ("DE", [2024, 2026], InvalidValue),
        ("DE", ["2026"], WrongType),
    ],
)
def test_what_cannot_be_written_out_is_a_typed_error(country: str, years: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        business_calendar(country, years)


def test_it_is_a_value() -> None:
    calendar = business_calendar("DE", [2025, 2026])
    assert pickle.loads(pickle.dumps(calendar)) == calendar
    assert hash(calendar) == hash(business_calendar("DE", [2026, 2025]))
