"""Credit limits and orders."""

import copy
import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import CreditLimit, Currency, Money, Order
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.testing import strategies

DAY = dt.date(2026, 3, 2)
EARLIER = DAY - dt.timedelta(days=1)
LIMIT = {"account": "A", "currency": Currency.of("EUR"), "amount": Money.of(10, "EUR"), "valid_from": DAY}
ORDER = {"id": "SO", "account": "A", "amount": Money.of(10, "EUR"), "placed_on": DAY}


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"account": ""}, InvalidValue, "limit.account"),
        ({"currency": "EUR"}, WrongType, "limit.currency"),
        ({"amount": 10}, WrongType, "limit.amount"),
        ({"amount": Money.of("-0.01", "EUR")}, InvalidValue, "limit.amount"),
        ({"valid_from": None}, WrongType, "limit.valid_from"),
        ({"valid_from": dt.datetime(2026, 3, 2)}, WrongType, "limit.valid_from"),
        ({"valid_to": EARLIER}, InvalidValue, "limit.valid_to"),
        ({"valid_to": "2026-12-31"}, WrongType, "limit.valid_to"),
        ({"review_on": 5}, WrongType, "limit.review_on"),
        ({"kind": "soft"}, InvalidValue, "limit.kind"),
        ({"maker": ""}, InvalidValue, "limit.maker"),
        ({"maker": "ann", "approver": "ann"}, InvalidValue, "limit.approver"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_by_field(changes, error, named):
    with pytest.raises(error) as caught:
        CreditLimit(**{**LIMIT, **changes})
    assert caught.value.field == named


def test_a_limit_is_in_its_own_currency():
    with pytest.raises(CurrencyMismatch):
        CreditLimit(**{**LIMIT, "amount": Money.of(10, "USD")})


def test_none_and_zero_and_a_single_day_are_limits():
    assert CreditLimit(**{**LIMIT, "amount": None}).amount is None
    assert CreditLimit(**{**LIMIT, "amount": Money.of(0, "EUR")}).amount == Money.of(0, "EUR")
    assert CreditLimit(**LIMIT, valid_to=DAY).valid_to == DAY


def test_a_limit_without_a_maker_or_with_two_persons_is_taken():
    assert CreditLimit(**LIMIT, maker="ann", approver="bob").approver == "bob"
    assert CreditLimit(**LIMIT, approver="bob").maker is None


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"id": ""}, InvalidValue, "order.id"),
        ({"account": None}, WrongType, "order.account"),
        ({"amount": Money.of(0, "EUR")}, InvalidValue, "order.amount"),
        ({"amount": Money.of(-1, "EUR")}, InvalidValue, "order.amount"),
        ({"amount": 10.0}, WrongType, "order.amount"),
        ({"placed_on": dt.datetime(2026, 3, 2)}, WrongType, "order.placed_on"),
    ],
)
def test_an_order_that_cannot_be_is_refused_by_field(changes, error, named):
    with pytest.raises(error) as caught:
        Order(**{**ORDER, **changes})
    assert caught.value.field == named


@given(st.one_of(strategies.credit_limits(), strategies.orders()))
def test_documents_of_credit_survive_pickling_and_deep_copies(document):
    for again in (pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):
        assert again == document
        assert hash(again) == hash(document)
