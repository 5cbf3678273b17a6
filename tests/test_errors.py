import copy
import inspect
import pickle

import pytest

from receivables import errors
from receivables.errors import ReceivablesError

EXAMPLES = [
    (errors.InvalidValue("invoice.total", "-5", "must not be negative"), ValueError),
    (errors.WrongType("payment.value_date", 5, "a date"), TypeError),
    (errors.CurrencyMismatch("EUR", "USD"), ValueError),
    (errors.NotUnderstood("2/10 nit 30", 5, "net"), ValueError),
    (errors.CardNumberRefused("memo", "411111******1111"), ValueError),
    (errors.UnknownId("currency", "XYZ"), LookupError),
    (errors.UnknownId("currency", "eur", "write 'EUR'"), LookupError),
    (errors.ClaimTaken("invoice number", "R-1", "acme"), ValueError),
    (errors.OverApplied("item", "R-1/1", "10.00 EUR", "5.00 EUR"), ValueError),
    (errors.NotJoinable("merge", "C1", "C2", ("both have hold 'H-1'",)), ValueError),
    (
        errors.NotAuthorized("refund", "P-1", "ann", "bob", "500.00 EUR", "1100.00 EUR", "no_authority", ("manager",)),
        ValueError,
    ),
    (errors.RateUnavailable("rate_stale", ("USD", "EUR"), "2026-03-02", 4), LookupError),
    (errors.KeyReused("k1"), ValueError),
    (errors.StaleAccount("acme", 3, 4), RuntimeError),
    (errors.OpenTransaction(), RuntimeError),
    (errors.NoTransaction(), RuntimeError),
    (errors.ErasedSubject("C-17", "ab12"), ValueError),
    (errors.ErasurePending("C-17", ("E-1",)), RuntimeError),
    (errors.Undecodable("$.lines[2].net", None, "must be text"), ValueError),
]
LEAVES = [leaf for _, leaf in inspect.getmembers(errors, inspect.isclass) if leaf.__bases__[0] is ReceivablesError]
each = pytest.mark.parametrize(("error", "builtin"), EXAMPLES, ids=lambda value: getattr(value, "__name__", None))


def test_every_leaf_has_an_example_here():
    assert {type(error) for error, _ in EXAMPLES} == set(LEAVES)


@each
def test_an_error_is_caught_by_the_root_and_by_the_builtin_it_resembles(error, builtin):
    assert isinstance(error, ReceivablesError)
    assert isinstance(error, builtin)


@each
def test_a_message_is_one_line_in_lower_case_that_shows_every_value(error, builtin):
    message = str(error)
    assert message
    assert "\n" not in message
    assert message[0].islower() or not message[0].isalpha()
    shown = [value for name, value in vars(error).items() if value is not None]
    assert all(str(value) in message for value in shown)


@each
def test_an_error_survives_pickling_and_copying(error, builtin):
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_a_value_of_several_lines_is_shown_on_one():
    assert "\n" not in str(errors.InvalidValue("memo", "a\nb", "must be short"))


@pytest.mark.parametrize(
    "error",
    [errors.WrongType("steps", ["step"] * 1000, "a tuple of steps"), errors.InvalidValue("memo", "ab" * 1000, "no")],
)
def test_a_long_value_is_cut_in_the_message_and_whole_in_the_attribute(error):
    assert len(str(error)) < errors.LONGEST_SHOWN + 60
    assert f"{repr(error.value)[:100]}" in str(error)
    assert "..." in str(error)
    assert len(error.value) >= 1000


CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidValue("amount", CARD, "must be a number"),
        errors.WrongType("amount", [CARD], "a decimal text"),
        errors.WrongType("note", {"paid": {"with": CARD}}, "text"),
        errors.InvalidValue("amount", 4111111111111111, "must be less"),
        errors.NotUnderstood(f"net 30 by {CARD}", 7, "the end"),
        errors.UnknownId("currency", CARD),
        errors.Undecodable("$.memo", [CARD], "must be text"),
        *(errors.InvalidValue("memo", f"{'x' * before} {CARD}", "must be short") for before in range(160, 210)),
    ],
)
def test_a_card_number_in_what_was_given_is_masked_in_the_message_and_in_logs(error):
    for told in (str(error), repr(error), str(pickle.loads(pickle.dumps(error)))):
        assert "1111 1111" not in told
        assert "11111111" not in told


def test_a_card_number_is_masked_in_the_attribute_where_a_text_was_given():
    assert errors.InvalidValue("amount", CARD, "must be a number").value == "411111******1111"
    assert errors.NotUnderstood(f"net 30 by {CARD}", 7, "the end").text == "net 30 by 411111******1111"
    assert errors.UnknownId("currency", CARD).id == "411111******1111"


def test_a_reference_that_is_no_card_number_is_shown_as_it_is():
    assert "RF18 5390 0754 7034" in str(errors.InvalidValue("reference", "RF18 5390 0754 7034", "must be an IBAN"))
