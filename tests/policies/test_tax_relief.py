"""The rules of tax relief as data, and where an item stands by the day of supply."""

import datetime as dt

import attrs
import pytest

from receivables import Account, Customer, Invoice, Money
from receivables.codec import read_settings, settings_text
from receivables.errors import InvalidValue
from receivables.policies.tax_relief import (
    CODES,
    DE_VAT,
    TAX_RELIEF_REGIMES,
    UK_VAT,
    relief_positions,
)


@pytest.mark.parametrize("regime", TAX_RELIEF_REGIMES.values(), ids=TAX_RELIEF_REGIMES)
def test_a_regime_names_its_law_and_is_read_back(regime):
    assert regime.law
    assert regime.source
    assert read_settings(settings_text(regime)) == regime


def test_the_later_of_supply_and_due_date_counts():
    supplied, due = dt.date(2025, 10, 15), dt.date(2025, 9, 1)
    assert UK_VAT.earliest(supplied, due) == dt.date(2026, 4, 15)
    assert UK_VAT.earliest(due, supplied) == dt.date(2026, 4, 15)


def test_months_are_cut_to_the_end_of_a_short_one():
    assert UK_VAT.earliest(dt.date(2025, 8, 31), dt.date(2025, 8, 1)) == dt.date(2026, 2, 28)


def test_a_country_without_a_waiting_time_has_none_and_no_last_day():
    day = dt.date(2026, 3, 2)
    assert (DE_VAT.earliest(day, day), DE_VAT.latest(day, day)) == (day, None)


def test_a_debt_of_before_the_rules_is_not_covered():
    before = dt.date(2009, 3, 31)
    assert not UK_VAT.covers(before, before)
    assert UK_VAT.covers(before, dt.date(2009, 4, 1))
    assert DE_VAT.covers(before, before)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"wait_months": -1}, "at least 0"),
        ({"claim_months": 5}, "must not end before the waiting time"),
        ({"source": ""}, "must not be blank"),
        ({"version": 0}, "at least 1"),
    ],
)
def test_a_regime_that_cannot_be_is_refused(fields, match):
    with pytest.raises(InvalidValue, match=match):
        attrs.evolve(UK_VAT, **fields)


def test_an_account_without_losses_has_no_positions():
    invoice = Invoice.due(
        number="I", account="A", issued_on=dt.date(2026, 1, 5), total=Money.of(5, "GBP"), due_on=dt.date(2026, 2, 4)
    )
    account = Account.of(Customer(id="A"), invoices=[invoice])
    assert relief_positions(account, UK_VAT, dt.date(2026, 12, 31)) == ()


def test_every_standing_is_explained():
    assert all(CODES.values())
