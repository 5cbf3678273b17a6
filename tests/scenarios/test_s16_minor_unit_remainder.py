"""S16: the minor-unit remainder of three installments: JPY, KWD, CHF in cash, EUR, negative."""

import datetime as dt
from fractions import Fraction

import pytest

from receivables.documents.shares import Division
from receivables.documents.terms import PaymentTerms
from receivables.errors import WrongType
from receivables.values.money import Money, Rounding

ISSUED = dt.date(2026, 1, 31)
THIRDS = "weight 1: 1 month; weight 1: 2 months; weight 1: 3 months"

TABLE = [
    ("100000", "JPY", THIRDS, ["33333", "33333", "33334"]),
    ("-100000", "JPY", THIRDS, ["-33333", "-33333", "-33334"]),
    ("100.000", "KWD", THIRDS, ["33.333", "33.333", "33.334"]),
    ("5.47", "EUR", "33.34%: net 0; 33.33%: net 30; 33.33%: net 60", ["1.82", "1.82", "1.83"]),
    ("30000.00", "EUR", THIRDS, ["10000.00", "10000.00", "10000.00"]),
    (
        "30000.00",
        "EUR",
        "33.334%: net 0; 33.333%: net 30; 33.333%: net 60",
        ["10000.20", "9999.90", "9999.90"],
    ),
    ("8.00", "CHF", THIRDS + " [step 5]", ["2.65", "2.65", "2.70"]),
    (
        "1000.00",
        "EUR",
        "400.00 EUR: net 0; weight 33: net 30; weight 33: net 60; weight 34: net 90",
        ["400.00", "198.00", "198.00", "204.00"],
    ),
    ("1000.00", "EUR", "50%: net 0; 50.00 EUR: net 30; balance: net 60", ["500.00", "50.00", "450.00"]),
]


@pytest.mark.parametrize(("total", "currency", "terms", "expected"), TABLE)
def test_the_table_of_splits(total: str, currency: str, terms: str, expected: list[str]) -> None:
    amount = Money.of(total, currency)
    schedule = PaymentTerms.parse(terms).resolve(ISSUED, amount)
    assert [str(part.amount.amount) for part in schedule.installments] == expected
    assert schedule.total == amount


@pytest.mark.parametrize(
    ("remainder", "expected"), [("first", ["33334", "33333", "33333"]), ("largest", ["33334", "33333", "33333"])]
)
def test_the_place_of_the_remainder_is_policy(remainder: str, expected: list[str]) -> None:
    terms = PaymentTerms.parse(f"{THIRDS} [remainder {remainder}]")
    assert isinstance(terms.division, Division)
    parts = terms.resolve(ISSUED, Money.of(100000, "JPY")).installments
    assert [str(part.amount.amount) for part in parts] == expected


def test_interest_is_whole_yen_by_the_mode_of_the_policy() -> None:
    principal, rate = Money.of(100000, "JPY"), Fraction(3 * 17, 100 * 365)
    assert principal.times(rate) == Money.of(140, "JPY")
    assert principal.times(rate, rounding=Rounding.DOWN) == Money.of(139, "JPY")


def test_floats_are_refused_at_the_boundary() -> None:
    assert Money.of("179.99", "EUR") + Money.of("69.99", "EUR") - Money.of("249.98", "EUR") == Money.zero("EUR")
    with pytest.raises(WrongType):
        Money.of(179.99, "EUR")  # type: ignore[arg-type]
