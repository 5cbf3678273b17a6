"""Payments, remittances, payment methods and allocations."""

import copy
import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Allocation, Money, Payment, PaymentMethod, Remittance
from receivables.documents.payment import METHODS
from receivables.errors import CardNumberRefused, InvalidValue, WrongType
from receivables.testing import strategies

DAY = dt.date(2026, 2, 20)
PAYMENT = {"id": "P", "account": "A", "amount": Money.of(5, "EUR"), "value_date": DAY}
CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", "", InvalidValue),
        ("id", CARD, CardNumberRefused),
        ("account", None, WrongType),
        ("amount", 5, WrongType),
        ("amount", 5.0, WrongType),
        ("amount", Money.of(0, "EUR"), InvalidValue),
        ("amount", Money.of(-5, "EUR"), InvalidValue),
        ("value_date", dt.datetime(2026, 2, 20), WrongType),
        ("value_date", "2026-02-20", WrongType),
        ("value_date", None, WrongType),
        ("booked_on", dt.datetime(2026, 2, 20), WrongType),
        ("method", "barter", InvalidValue),
        ("method", None, WrongType),
        ("payer", "", InvalidValue),
        ("remittance", "INV-1", WrongType),
        ("bank_line", "", InvalidValue),
        ("bank_line", f"line {CARD}", CardNumberRefused),
    ],
)
def test_a_payment_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        Payment(**{**PAYMENT, field: value})
    assert caught.value.field == f"payment.{field}"
    assert "1111 1111" not in str(caught.value)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_payment_is_taken(method):
    assert Payment(**PAYMENT, method=method).method == method


def test_the_smallest_amount_is_a_payment():
    assert Payment(**{**PAYMENT, "amount": Money.of("0.01", "EUR")}).amount.minor == 1


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"references": ["INV-1"]}, WrongType, "remittance.references"),
        ({"references": (5,)}, WrongType, "remittance.references[0]"),
        ({"references": ("INV-1", " ")}, InvalidValue, "remittance.references[1]"),
        ({"text": None}, WrongType, "remittance.text"),
        ({"text": f"card {CARD} thanks"}, CardNumberRefused, "remittance.text"),
    ],
)
def test_a_remittance_that_cannot_be_is_refused_by_field(fields, error, named):
    with pytest.raises(error) as caught:
        Remittance(**fields)
    assert caught.value.field == named


def test_the_text_of_a_payer_is_not_printed_by_chance():
    assert "Ann" not in repr(Payment(**PAYMENT, remittance=Remittance(text="from Ann")))


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"token": ""}, InvalidValue, "method.token"),
        ({"token": CARD}, CardNumberRefused, "method.token"),
        ({"brand": 5}, WrongType, "method.brand"),
        ({"last_four": "42"}, InvalidValue, "method.last_four"),
        ({"last_four": "42424"}, InvalidValue, "method.last_four"),
        ({"last_four": "４２４２"}, InvalidValue, "method.last_four"),
        ({"last_four": "42x2"}, InvalidValue, "method.last_four"),
        ({"last_four": 4242}, WrongType, "method.last_four"),
        ({"expires": "05/27"}, WrongType, "method.expires"),
    ],
)
def test_a_stored_method_holds_a_token_and_no_more_than_may_be_shown(fields, error, named):
    with pytest.raises(error) as caught:
        PaymentMethod(**{"token": "tok_1", **fields})
    assert caught.value.field == named


def test_a_method_may_show_nothing_at_all():
    assert PaymentMethod(token="tok_1").last_four == ""
    assert PaymentMethod(token="tok_1", last_four="4242", expires=DAY).expires == DAY


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("source", "", InvalidValue),
        ("item", None, WrongType),
        ("amount", Money.of(0, "EUR"), InvalidValue),
        ("amount", Money.of(-1, "EUR"), InvalidValue),
        ("amount", "1", WrongType),
    ],
)
def test_an_allocation_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        Allocation(**{"source": "P", "item": "I", "amount": Money.of(1, "EUR"), field: value})
    assert caught.value.field == f"allocation.{field}"


@given(st.one_of(strategies.payments(), strategies.allocations()))
def test_payments_survive_pickling_and_deep_copies(document):
    for again in (pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):
        assert again == document
        assert hash(again) == hash(document)
