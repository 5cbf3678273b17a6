"""A provision matrix: what it takes, what it refuses, and rates from experience."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from receivables import Customer, Money, PolicyBook, Rounding
from receivables.codec import read_settings, settings_text
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.book import Choice
from receivables.policies.provision import (
    AllowanceMovement,
    ForwardLooking,
    LossRates,
    ProvisionPolicy,
    Roll,
    flow_rates,
    in_percent,
    loss_rate,
)

RATES = LossRates.of("0.5", 2, 5, 15, 50)


def eur(amount):
    return Money.of(amount, "EUR")


def policy(**more):
    return ProvisionPolicy(**{"id": "matrix", "version": 1, "rates": (RATES,), **more})


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"rates": ()}, "one set for all"),
        ({"rates": (LossRates.of(1, 2, 3, 4, 5, segment="public"),)}, "one set for all"),
        ({"rates": (RATES, RATES)}, "one set for all"),
        ({"rates": (LossRates.of(1, 2),)}, "one for each of 5 buckets"),
        ({"edges": (30, 60)}, "one for each of 4 buckets"),
        ({"edges": (60, 30, 90)}, "must rise"),
        ({"edges": (0, 30, 90)}, "must rise"),
        ({"edges": ()}, "must rise"),
        ({"step": 0}, "at least 1"),
        ({"version": 0}, "at least 1"),
    ],
)
def test_a_matrix_that_cannot_be_is_refused(fields, match):
    with pytest.raises(InvalidValue, match=match):
        policy(**fields)


@pytest.mark.parametrize("percent", ["-1", "100.1", "NaN", "Infinity"])
def test_a_rate_is_between_nothing_and_all(percent):
    with pytest.raises(InvalidValue, match="from 0 to 100"):
        LossRates.of(percent)


@pytest.mark.parametrize("percent", [0.5, True])
def test_a_rate_is_no_float(percent):
    with pytest.raises(InvalidValue, match="must be a text"):
        LossRates.of(percent)


def test_a_half_is_rounded_as_the_policy_says():
    rates = (LossRates.of("4.5", 0, 0, 0, 0),)
    balances = [eur(2500), *[eur(0)] * 4]
    up = policy(rates=rates, step=100).allowances(balances)[0]
    even = policy(rates=rates, step=100, rounding=Rounding.HALF_EVEN).allowances(balances)[0]
    assert (up, even) == (eur(113), eur(112))


def test_another_number_of_buckets_is_refused():
    with pytest.raises(InvalidValue, match="one for each of 5 buckets"):
        policy().allowances([eur(1)])


def test_no_decimal_context_of_the_host_changes_a_rate():
    with localcontext() as context:
        context.prec = 2
        found = policy(rates=(LossRates.of("8.6957", 0, 0, 0, 0),)).allowances([eur(60_000), *[eur(0)] * 4])
        percent = in_percent(Fraction(86957, 1_000_000), places=4)
    assert (found[0], str(percent)) == (eur("5217.42"), "8.6957")


def test_a_policy_is_read_back_from_its_settings_and_chosen_by_company():
    forward = ForwardLooking(factor=Decimal("1.25"), reason="a downturn", source="a bank")
    own = policy(id="own", forward=forward, rounding=Rounding.HALF_EVEN)
    assert read_settings(settings_text(own)) == own
    choices = (
        Choice(kind="provision", policy="own", company="DE01"),
        Choice(kind="provision", policy="matrix"),
    )
    book = PolicyBook.of(policy(), own, choices=choices)
    assert book.provision_for(Customer(id="A", company="DE01")) == own
    assert book.provision_for(Customer(id="A", company="AT01")) == policy()
    assert PolicyBook.of().provision_for(Customer(id="A")) is None


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"factor": Decimal(-1)}, "from 0"),
        ({"reason": ""}, "must not be blank"),
        ({"source": " "}, "must not be blank"),
    ],
)
def test_what_is_to_be_different_needs_a_factor_a_reason_and_a_source(fields, match):
    with pytest.raises(InvalidValue, match=match):
        ForwardLooking(**{"factor": Decimal(1), "reason": "x", "source": "y", **fields})


def test_a_movement_that_does_not_add_up_is_refused():
    with pytest.raises(InvalidValue, match=r"must be 12\.00 EUR"):
        AllowanceMovement(opening=eur(10), expense=eur(5), used=eur(4), recovered=eur(1), closing=eur(13))


def test_a_movement_of_two_currencies_is_refused():
    with pytest.raises(CurrencyMismatch):
        AllowanceMovement.between(opening=eur(1), closing=Money.of(1, "USD"), used=eur(0), recovered=eur(0))


def test_a_rate_of_nothing_is_not_known():
    assert loss_rate(eur(5), eur(0)) is None
    with pytest.raises(CurrencyMismatch):
        loss_rate(eur(5), Money.of(1, "USD"))


def test_flow_rates_go_from_bucket_to_bucket_until_the_loss():
    rolls = [[Roll(1000, 200)], [Roll(200, 100)], [Roll(100, 40)]]
    assert flow_rates(rolls) == (Fraction(1, 25), Fraction(1, 5), Fraction(2, 5))
    assert flow_rates(rolls, lost=Fraction(1, 2))[0] == Fraction(1, 50)


def test_a_bucket_that_never_held_anything_makes_the_younger_ones_unknown():
    assert flow_rates([[Roll(1000, 200)], [Roll(0, 0)], [Roll(100, 40)]]) == (None, None, Fraction(2, 5))
    assert flow_rates([]) == ()


def test_no_more_rolls_on_than_was_there():
    assert flow_rates([[Roll(100, 500)], [Roll(100, -20)]]) == (Fraction(0), Fraction(0))
