import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import CardNumberRefused, InvalidValue, ReceivablesError, WrongType
from receivables.values import checks

DAY = dt.date(2024, 5, 3)
NAIVE = dt.datetime(2024, 5, 3, 12)
AWARE = NAIVE.replace(tzinfo=dt.UTC)

PASS = [
    (checks.text, ("f", "INV-1")),
    (checks.optional_text, ("f", None)),
    (checks.optional_text, ("f", "INV-1")),
    (checks.day, ("f", DAY)),
    (checks.optional_day, ("f", None)),
    (checks.optional_day, ("f", DAY)),
    (checks.instant, ("f", AWARE)),
    (checks.whole, ("f", -3)),
    (checks.instance, ("f", DAY, dt.date, "a date")),
    (checks.sequence, ("f", (1, 2), int, "ints")),
    (checks.sequence, ("f", (), int, "ints")),
    (checks.one_of, ("f", "a", ("a", "b"))),
]

REFUSE = [
    (checks.text, ("f", 5), WrongType),
    (checks.text, ("f", None), WrongType),
    (checks.text, ("f", b"x"), WrongType),
    (checks.text, ("f", ""), InvalidValue),
    (checks.text, ("f", " \n"), InvalidValue),
    (checks.text, ("f", "x" * (checks.LONGEST_TEXT + 1)), InvalidValue),
    (checks.text, ("f", "card 4111 1111 1111 1111"), CardNumberRefused),
    (checks.optional_text, ("f", ""), InvalidValue),
    (checks.day, ("f", NAIVE), WrongType),
    (checks.day, ("f", AWARE), WrongType),
    (checks.day, ("f", "2024-05-03"), WrongType),
    (checks.optional_day, ("f", NAIVE), WrongType),
    (checks.instant, ("f", DAY), WrongType),
    (checks.instant, ("f", NAIVE), InvalidValue),
    (checks.whole, ("f", True), WrongType),
    (checks.whole, ("f", 1.0), WrongType),
    (checks.instance, ("f", "x", dt.date, "a date"), WrongType),
    (checks.sequence, ("f", [1], int, "ints"), WrongType),
    (checks.sequence, ("f", (1, "x"), int, "ints"), WrongType),
    (checks.one_of, ("f", "c", ("a", "b")), InvalidValue),
    (checks.one_of, ("f", 1, ("a", "b")), WrongType),
]


@pytest.mark.parametrize(("check", "arguments"), PASS)
def test_what_is_right_passes(check, arguments):
    check(*arguments)


@pytest.mark.parametrize(("check", "arguments", "error"), REFUSE)
def test_what_is_wrong_is_refused_by_field(check, arguments, error):
    with pytest.raises(error) as caught:
        check(*arguments)
    assert caught.value.field.startswith("f")
    assert str(caught.value).startswith("f")


def test_a_member_of_a_sequence_is_named_by_its_place():
    with pytest.raises(WrongType, match=r"lines\[1\]: must be ints, got 'x' \(str\)"):
        checks.sequence("lines", (1, "x"), int, "ints")


def test_an_empty_text_passes_where_it_may():
    checks.text("f", "", empty=True)
    with pytest.raises(CardNumberRefused):
        checks.text("f", "4111111111111111", empty=True)


def test_whole_numbers_have_two_bounds_that_belong_to_the_range():
    checks.whole("f", 1, least=1, most=3)
    checks.whole("f", 3, least=1, most=3)
    with pytest.raises(InvalidValue, match="at least 1"):
        checks.whole("f", 0, least=1, most=3)
    with pytest.raises(InvalidValue, match="at most 3"):
        checks.whole("f", 4, least=1, most=3)


@given(st.text(max_size=30), st.sampled_from(["", "x" * checks.LONGEST_TEXT]))
def test_no_error_ever_shows_a_card_number(before, padding):
    value = f"{before} 4111 1111 1111 1111 {padding}"
    with pytest.raises(ReceivablesError) as caught:
        checks.text("memo", value)
    assert "4111 1111" not in str(caught.value)
    assert "4111 1111" not in repr(caught.value)
    assert "41111111" not in repr(caught.value)
