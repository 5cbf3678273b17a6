"""What a customer can ask for, and what nobody can mean."""

import datetime as dt

import pytest

from receivables import Money, ReceivablesError
from receivables.documents.request import ContactsRequest, DefermentRequest, PlanRequest, PromiseRequest
from receivables.errors import CardNumberRefused, InvalidValue, WrongType

DAY = dt.date(2026, 7, 31)
EUR = Money.of("100", "EUR")
HEAD = {"id": "R-1", "account": "ACME"}
GOOD = {
    PromiseRequest: {**HEAD, "amount": EUR, "pay_by": DAY, "items": ("INV-1",)},
    DefermentRequest: {**HEAD, "item": "INV-1", "until": DAY},
    PlanRequest: {**HEAD, "items": ("INV-1",), "count": 3, "first_on": DAY},
    ContactsRequest: {**HEAD, "contacts": ()},
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_note_is_kept_out_of_what_is_printed(kind):
    assert "ill since May" not in repr(kind(**GOOD[kind], note="ill since May"))


@pytest.mark.parametrize("kind", GOOD)
def test_a_card_number_in_a_note_is_refused(kind):
    with pytest.raises(CardNumberRefused, match=r"411111\*\*\*\*\*\*1111"):
        kind(**GOOD[kind], note="charge 4111 1111 1111 1111")


@pytest.mark.parametrize(
    ("kind", "fields", "error", "says"),
    [
        (PromiseRequest, {"amount": Money.of(0, "EUR")}, InvalidValue, "0.00 EUR"),
        (PromiseRequest, {"amount": 100}, WrongType, "100"),
        (PromiseRequest, {"pay_by": dt.datetime(2026, 7, 31)}, WrongType, "datetime"),
        (PromiseRequest, {"items": ("INV-1", "INV-1")}, InvalidValue, "each item once"),
        (DefermentRequest, {"item": " "}, InvalidValue, "blank"),
        (PlanRequest, {"items": ()}, InvalidValue, "at least one item"),
        (PlanRequest, {"count": 0}, InvalidValue, "at least 1"),
        (PlanRequest, {"count": 1201}, InvalidValue, "at most 1200"),
        (PlanRequest, {"every_months": 13}, InvalidValue, "at most 12"),
        (PlanRequest, {"first": -EUR}, InvalidValue, "-100.00 EUR"),
        (ContactsRequest, {"contacts": ("post",)}, WrongType, "'post'"),
        (ContactsRequest, {"language": ""}, InvalidValue, "blank"),
    ],
)
def test_what_nobody_can_mean_is_a_typed_error_that_shows_it(kind, fields, error, says):
    with pytest.raises(error, match=says) as caught:
        kind(**{**GOOD[kind], **fields})
    assert isinstance(caught.value, ReceivablesError)
