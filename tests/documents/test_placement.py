"""The terms of a collection agency: steps in one currency, each above the one before."""

from decimal import Decimal

import pytest

from receivables import Money
from receivables.documents.placement import CommissionStep, CommissionTerms
from receivables.errors import InvalidValue


def step(above, currency="EUR", percent="5"):
    return CommissionStep(above=Money.of(above, currency), percent=Decimal(percent))


@pytest.mark.parametrize(
    ("steps", "match"),
    [
        ((step(1000), step(2000, "USD")), "must be in one currency"),
        ((step(2000), step(1000)), "must rise"),
        ((step(1000), step(1000)), "must rise"),
    ],
)
def test_steps_that_do_not_go_together_are_refused(steps, match):
    with pytest.raises(InvalidValue, match=match):
        CommissionTerms(percent=Decimal(10), steps=steps)


def test_steps_of_one_currency_that_rise_are_taken():
    terms = CommissionTerms(percent=Decimal(10), steps=(step(1000), step(2000, percent="2")))
    assert terms.commission(Money.of(3000, "EUR"), Money.of(0, "EUR")) == Money.of(100 + 50 + 20, "EUR")
