"""The bounds of what a customer may arrange alone, and what it is shown of the reasons."""

from decimal import Decimal

import pytest

from receivables import Choice, Customer, Money, PolicyBook, Reason, codec
from receivables.errors import InvalidValue, WrongType
from receivables.policies.arrangements import CODES, REFERABLE, SHOWN, ArrangementPolicy, shown

EUR = Money.of("100", "EUR")


def policy(**fields):
    return ArrangementPolicy(**{"id": "portal", "version": 1, **fields})


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"longest_promise_days": -1}, InvalidValue, "-1"),
        ({"promise_tolerance_days": 10**9}, InvalidValue, "36525"),
        ({"alert_dispute_days": 10**9}, InvalidValue, "36525"),
        ({"most_installments": 1.5}, WrongType, "1.5"),
        ({"most_amounts": (EUR, EUR)}, InvalidValue, "each currency once"),
        ({"least_installments": (-EUR,)}, InvalidValue, "-100.00 EUR"),
        ({"most_amounts": ("100",)}, WrongType, "'100'"),
        ({"first_least_percent": Decimal(101)}, InvalidValue, "101"),
        ({"promise_tolerance_percent": Decimal(100)}, InvalidValue, "below 100"),
        ({"defers_interest": 1}, WrongType, "1"),
        ({"refers": frozenset({"above_open"})}, InvalidValue, "above_open"),
        ({"contact_changes": frozenset({"address"})}, InvalidValue, "address"),
        ({"alert_dispute_days": True}, WrongType, "True"),
    ],
)
def test_bounds_that_cannot_be_are_typed_errors(fields, error, says):
    with pytest.raises(error, match=says):
        policy(**fields)


def test_every_code_has_words_for_the_customer_and_none_is_left_over():
    assert {row.shown_as for row in CODES.values()} == set(SHOWN)


def test_a_code_is_refused_unless_the_policy_hands_it_to_a_person():
    refers = policy(refers=REFERABLE)
    for code, row in CODES.items():
        assert policy().answers_with(code) == ("refused" if row.leads_to == "policy" else row.leads_to)
        assert refers.answers_with(code) == ("referred" if row.leads_to == "policy" else row.leads_to)


@pytest.mark.parametrize("code", ["barred", "above_authority", "no_policy", "later_entry", "contact_change"])
def test_what_is_the_creditors_business_is_shown_without_its_code_and_figure(code):
    (found,) = shown((Reason(code=code, amount=EUR, days=7),))
    assert found.code == "needs_person"
    assert code not in SHOWN[found.code]
    assert (found.amount, found.days) == (None, None)


def test_a_reason_is_shown_once_though_two_say_it():
    assert [each.code for each in shown((Reason(code="not_kept"), Reason(code="too_many_not_kept")))] == ["not_kept"]


def test_a_code_of_a_later_version_shows_nothing_of_itself():
    assert [each.code for each in shown((Reason(code="score_too_low", days=3),))] == ["needs_person"]
    assert shown((Reason(code="score_too_low", days=3),))[0].days is None


def test_the_book_chooses_it_by_segment_and_keeps_its_settings():
    small, large = policy(), policy(id="large", most_amounts=(EUR,), refers=frozenset({"too_long"}))
    choices = (
        Choice(kind="arrangement", policy="portal"),
        Choice(kind="arrangement", policy="large", segment="large"),
    )
    book = PolicyBook.of(small, large, choices=choices)
    assert book.arrangement_for(Customer(id="ACME")) == small
    assert book.arrangement_for(Customer(id="ACME", segment="large")) == large
    assert PolicyBook.of().arrangement_for(Customer(id="ACME")) is None
    assert codec.read_settings(codec.settings_text(large)) == large


def test_what_waiting_cannot_cure_is_shown_as_such_without_its_figure():
    (found,) = shown((Reason(code="barred", retryable=False),))
    assert not found.retryable
