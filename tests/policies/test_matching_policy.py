"""The settings of matching: what they refuse, the tolerance that they give, and how they are chosen and kept."""

from decimal import Decimal

import pytest

from receivables import Choice, Currency, Customer, Money, PolicyBook, codec
from receivables.errors import InvalidValue, ReceivablesError, WrongType
from receivables.policies.matching_policy import MatchingPoints, MatchingPolicy

EUR = Currency.of("EUR")


def policy(**changes) -> MatchingPolicy:
    return MatchingPolicy(**({"id": "standard", "version": 1} | changes))


@pytest.mark.parametrize(
    ("tolerances", "percent", "total", "tolerance"),
    [
        ((), None, 100_000, 0),
        ((Money.of(5, "EUR"),), None, 100_000, 500),
        ((Money.of(5, "EUR"),), Decimal(1), 120_000, 500),
        ((Money.of(5, "EUR"),), Decimal(1), 20_000, 200),
        ((), Decimal("0.5"), 399, 1),
        ((Money.of(5, "USD"),), None, 100_000, 0),
    ],
    ids=["none", "amount", "amount is less", "percent is less", "percent, rounded down", "another currency"],
)
def test_the_tolerance_is_the_smaller_of_amount_and_percent(tolerances, percent, total, tolerance):
    assert policy(tolerances=tolerances, tolerance_percent=percent).tolerance(EUR, total) == tolerance


@pytest.mark.parametrize(
    ("changes", "error", "shown"),
    [
        ({"id": " "}, InvalidValue, "matching_policy.id"),
        ({"version": 0}, InvalidValue, "0"),
        ({"margin": 0}, InvalidValue, "matching_policy.margin"),
        ({"threshold": True}, WrongType, "True"),
        ({"references": frozenset({"guess"})}, InvalidValue, "guess"),
        ({"debtors": {"payer"}}, WrongType, "frozenset"),
        ({"amounts": frozenset({"subset_sum"})}, InvalidValue, "subset_sum"),
        ({"tolerances": (Money.of(1, "EUR"), Money.of(2, "EUR"))}, InvalidValue, "one amount per currency"),
        ({"tolerances": (Money.of(-1, "EUR"),)}, InvalidValue, "-1.00 EUR"),
        ({"tolerance_percent": Decimal(101)}, InvalidValue, "101"),
        ({"tolerance_percent": 0.5}, WrongType, "0.5"),
        ({"points": 5}, WrongType, "matching_policy.points"),
        ({"most_steps": 0}, InvalidValue, "most_steps"),
        ({"late_discount": 1}, WrongType, "late_discount"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_shown(changes, error, shown):
    with pytest.raises(ReceivablesError, match=shown) as caught:
        policy(**changes)
    assert isinstance(caught.value, error)


def test_points_below_zero_are_refused():
    with pytest.raises(InvalidValue, match=r"points\.alias"):
        MatchingPoints(alias=-1)


def test_a_search_cannot_be_allowed_to_post():
    """The names of searches are no amounts, so that an amount by itself can never be let through."""
    with pytest.raises(InvalidValue):
        policy(amounts=frozenset({"statement_total"}))


def test_the_settings_are_read_back_with_the_same_digest():
    full = policy(
        points=MatchingPoints(alias=25),
        references=frozenset({"reference"}),
        tolerances=(Money.of(5, "EUR"),),
        tolerance_percent=Decimal("0.5"),
    )
    again = codec.read_settings(codec.settings_text(full))
    assert again == full
    assert codec.policy_ref(again) == codec.policy_ref(full)
    assert codec.digest(policy()) != codec.digest(full)


def test_a_matching_policy_is_chosen_like_the_others():
    standard, strict = policy(), policy(id="strict")
    book = PolicyBook.of(
        standard,
        strict,
        choices=(Choice(kind="matching", policy="standard"), Choice(kind="matching", policy="strict", company="DE01")),
    )
    assert book.matching_for(Customer(id="ACME")) is standard
    assert book.matching_for(Customer(id="ACME", company="DE01")) is strict
    assert PolicyBook.of(standard, strict).matching_for(Customer(id="ACME")) is None


def test_the_digest_of_settings_never_changes():
    """Facts name a policy by its digest; a default that moves would make every stored one another policy."""
    told = codec.digest(policy(margin=15))
    assert told == "c69d7efba760a6845f5ef31ed43b40e2b4690d3f84be9132bf0aaac807385149"
