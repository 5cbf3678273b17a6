"""S13: leap-day and month-end terms."""

import datetime as dt
from fractions import Fraction

import pytest

from receivables.documents.terms import PaymentTerms
from receivables.values.dates import add_months
from receivables.values.daycounts import DayCount
from receivables.values.money import Money

D = dt.date

TABLE = [
    ("net 30", D(2028, 1, 30), D(2028, 2, 29)),
    ("net 30", D(2028, 1, 31), D(2028, 3, 1)),
    ("1 month", D(2028, 1, 31), D(2028, 2, 29)),
    ("1 month", D(2027, 1, 31), D(2027, 2, 28)),
    ("1 year", D(2028, 2, 29), D(2029, 2, 28)),
    ("45 days then EOM", D(2021, 9, 13), D(2021, 10, 31)),
    ("EOM then 45 days", D(2021, 9, 13), D(2021, 11, 14)),
    ("EOM then 45 days then next 15", D(2025, 3, 31), D(2025, 5, 15)),
    ("EOM then 1 month then EOM", D(2020, 6, 11), D(2020, 7, 31)),
    ("EOM then 1 month then EOM", D(2025, 2, 10), D(2025, 3, 31)),
    ("30 days then EOM then day 10 of next month", D(2016, 1, 14), D(2016, 3, 10)),
]


@pytest.mark.parametrize(("terms", "issued_on", "due_on"), TABLE)
def test_the_table_of_terms(terms: str, issued_on: dt.date, due_on: dt.date) -> None:
    assert PaymentTerms.parse(terms).resolve(issued_on, Money.of(1, "EUR")).due_dates == (due_on,)


def test_the_month_after_the_end_of_the_month_may_also_stick_to_it() -> None:
    sticky = PaymentTerms.parse("EOM then 1 month stick")
    assert sticky.resolve(D(2025, 2, 10), Money.of(1, "EUR")).due_dates == (D(2025, 3, 31),)


def test_the_order_of_the_steps_makes_two_terms() -> None:
    assert PaymentTerms.parse("45 days then EOM") != PaymentTerms.parse("EOM then 45 days")


def test_recurrence_counts_from_the_anchor_and_never_ratchets() -> None:
    anchor = D(2026, 1, 31)
    found = [add_months(anchor, n) for n in range(1, 5)]
    assert found == [D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30), D(2026, 5, 31)]
    leap = [add_months(D(2028, 2, 29), 12 * n) for n in range(1, 5)]
    assert leap == [D(2029, 2, 28), D(2030, 2, 28), D(2031, 2, 28), D(2032, 2, 29)]


INTEREST = [
    (DayCount.ACT_365F, "63.56"),
    (DayCount.ACT_ACT_ISDA, "63.39"),
    (DayCount.THIRTY_E_360, "66.67"),
]


@pytest.mark.parametrize(("basis", "expected"), INTEREST)
def test_interest_over_a_leap_february_depends_on_the_basis(basis: DayCount, expected: str) -> None:
    years = basis.fraction(D(2028, 2, 1), D(2028, 3, 1))
    assert Money.of("10000.00", "EUR").times(years * Fraction(8, 100)) == Money.of(expected, "EUR")
