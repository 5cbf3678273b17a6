import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import InvalidValue, WrongType
from receivables.values import references as refs

CASES = json.loads((Path(__file__).parents[1] / "cases" / "data" / "identifiers.json").read_text(encoding="utf-8"))
ALPHANUMERIC = string.digits + string.ascii_uppercase

# Numbers that payment processors publish for testing, by network.
TEST_CARDS = {
    "4111111111111111": "visa",
    "4222222222222": "visa",
    "5555555555554444": "mastercard",
    "2223003122003222": "mastercard",
    "378282246310005": "amex",
    "30569309025904": "diners",
    "38520000023237": "diners",
    "3566002020360505": "jcb",
    "6011111111111117": "discover",
    "6200000000000005": "unionpay",
    "6304000000000000": "maestro",
    "6799990100000000019": "maestro",
    "2200000000000004": "mir",
    "135410014004955": "uatp",
}


# The reference cases: one way to ask each, by topic and by what is expected.


def masked(case: dict[str, Any]) -> str:
    first = 0 if "last 4" in case["rule"] and "first" not in case["rule"] else refs.MASK_FIRST
    if "text" in case:
        return refs.mask_cards(case["text"], first=first)
    return refs.mask(case["pan"], first=first)


ASK: dict[tuple[str, str], Callable[[dict[str, Any]], object]] = {
    ("creditor_reference", "valid"): lambda case: refs.is_creditor_reference(case["reference"]),
    ("creditor_reference", "formatted"): lambda case: refs.grouped(case["reference"]),
    ("creditor_reference", "check_digits"): lambda case: refs.creditor_reference_check_digits(case["reference_body"]),
    ("luhn", "valid"): lambda case: refs.luhn_valid(case["number"]),
    ("luhn", "check_digit"): lambda case: refs.luhn_check_digit(case["number"]),
    ("card", "luhn_valid"): lambda case: refs.luhn_valid(case["pan"]),
    ("card", "network"): lambda case: refs.card_network(case["pan"]),
    ("card", "length"): lambda case: len(refs.find_card_number(case["pan"]) or ""),
    ("masking", "masked"): masked,
    ("iban", "valid"): lambda case: refs.is_iban(case["iban"]),
    ("lei", "valid"): lambda case: refs.is_lei(case["lei"]),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_reference_cases_hold(case):
    answers = {key: ASK[case["topic"], key](case["input"]) for key in case["expected"]}
    assert answers == case["expected"]


def test_every_reference_case_is_there():
    assert len({case["id"] for case in CASES}) == 28


# Cards


@pytest.mark.parametrize(("number", "network"), TEST_CARDS.items())
def test_a_card_number_is_found_bare_grouped_and_in_a_sentence(number, network):
    assert refs.card_network(number) == network
    for written in (number, refs.grouped(number), refs.grouped(number).replace(" ", "-")):
        assert refs.find_card_number(written) == number
        assert refs.find_card_number(f"paid with {written}, thanks") == number
        assert refs.find_card_number(f"(card:{written})") == number


@pytest.mark.parametrize(
    "text",
    [
        "3782 822463 10005",
        "3056 930902 5904",
        "411111-111111-1111",
        "41 11 11 11 11 11 11 11",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111 1111 1111 1111 123",
        "2024-05-03 4111 1111 1111 1111",
        "order 12 4111 1111 1111 1111 0527",
        "card_4111111111111111",
        "RF18 5390 0754 7034 and 4111 1111 1111 1111",
    ],
)
def test_a_card_number_is_found_in_the_ways_people_write_it(text):
    assert refs.find_card_number(text) in {"4111111111111111", "378282246310005", "30569309025904"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INV-2024-000123",
        "4111111111111112",  # the check digit is wrong
        "41111111111111111111",  # a longer run of digits
        "9784111111111111111199",
        "INV4111111111111111",  # touched by letters
        "4111111111111111A",
        "4111  1111  1111  1111",  # not single blanks
        "4111.1111.1111.1111",
        "0000000000000000",  # Luhn-valid, issued by nobody
        "20240131123455",  # a date and a counter
        "490154203237518",  # the serial number of a telephone
        "40001234 40001230",  # two invoice numbers that happen to add up
        "RF18 5390 0754 7034",
        "rf18 5390 0754 7034",
        "DE89 3704 0044 0532 0130 00",
        "ID12 DE89 3704 0044 0532 0130 00",
    ],
)
def test_what_only_looks_like_a_card_number_is_left_alone(text):
    assert refs.find_card_number(text) is None
    assert refs.mask_cards(text) == text


@pytest.mark.parametrize("digits", ["0000000000000000", "20240131123455", "490154203237518", "4000123440001230"])
def test_those_examples_are_refused_by_more_than_the_check_digit(digits):
    assert refs.luhn_valid(digits)


def test_a_creditor_reference_is_spared_even_if_its_digits_are_a_card_number():
    reference = refs.grouped(refs.creditor_reference("4111111111111111"))
    assert refs.find_card_number(reference[5:]) == "4111111111111111"
    assert refs.find_card_number(f"your reference {reference}, thanks") is None
    assert refs.find_card_number("RF99 4111 1111 1111 1111") == "4111111111111111"


def test_invoice_numbers_that_begin_with_a_year_are_never_refused():
    assert not any(refs.find_card_number(f"{year}{n:09d}") for year in range(1990, 2061) for n in range(0, 900, 7))


@given(st.sampled_from(sorted(TEST_CARDS)), st.text(" ,.;:/()€\n", max_size=5), st.text(" ,.;:/()€\n", max_size=5))
def test_a_card_number_is_found_between_any_punctuation(number, before, after):
    assert refs.find_card_number(f"card{before or ' '}{number}{after}") == number


@given(st.integers(min_value=1).filter(lambda n: n < 10**18).map(str))
def test_the_check_digit_that_is_made_is_the_one_that_is_checked(body):
    digit = refs.luhn_check_digit(body)
    assert refs.luhn_valid(body + digit)
    assert not any(refs.luhn_valid(body + other) for other in string.digits if other != digit)


@given(st.text() | st.text("0123456789 -", max_size=40) | st.text("04157 RF-", max_size=40))
def test_a_text_is_masked_if_and_only_if_it_holds_a_card_number(text):
    found = refs.find_card_number(text)
    assert (found is None) == (refs.mask_cards(text) == text)
    assert found is None or (refs.luhn_valid(found) and refs.card_network(found))


@pytest.mark.parametrize("text", ["4000 " * 2000, "1 " * 5000, "4" * 10_000, "RF18 4111 1111 " * 600])
def test_long_texts_of_digits_are_searched_to_the_end(text):
    assert refs.find_card_number(text + "x 5555555555554444") is not None


def test_a_mask_shows_at_most_six_and_four():
    assert refs.mask("4111111111111111") == "411111******1111"
    assert refs.mask("4111 1111 1111 1111", first=0, last=0) == "*" * 16
    assert refs.mask("123456789012") == "*" * 12
    for bounds in ({"first": 7}, {"last": 5}, {"first": -1}):
        with pytest.raises(InvalidValue, match="mask"):
            refs.mask("4111111111111111", **bounds)


def test_every_card_number_of_a_text_is_masked():
    text = "4111111111111111 5555555555554444 and 3782 822463 10005"
    assert refs.mask_cards(text, first=0) == "************1111 ************4444 and ***********0005"


@pytest.mark.parametrize("body", ["", "12a", "１２３", "12 3"])
def test_a_check_digit_of_anything_but_digits_is_refused(body):
    assert not refs.luhn_valid(body)
    with pytest.raises(InvalidValue):
        refs.luhn_check_digit(body)


# References with check digits modulo 97


@given(st.text(ALPHANUMERIC, min_size=1, max_size=21))
def test_a_creditor_reference_that_is_made_is_valid_in_every_spelling(body):
    reference = refs.creditor_reference(body)
    for spelling in (reference, refs.grouped(reference), reference.lower(), f" {reference} "):
        assert refs.is_creditor_reference(spelling)
        assert refs.normalized_creditor_reference(spelling) == reference


@given(st.text(ALPHANUMERIC, min_size=1, max_size=21), st.data())
def test_one_wrong_digit_spoils_a_creditor_reference(body, data):
    reference = refs.creditor_reference(body)
    at = data.draw(st.sampled_from([i for i in range(2, len(reference)) if reference[i].isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in string.digits if digit != reference[at]]))
    assert not refs.is_creditor_reference(reference[:at] + other + reference[at + 1 :])


def test_check_digits_that_only_pass_the_remainder_test_are_refused():
    """97 more or less leaves the same remainder: 00, 01 and 99 are no check digits."""
    twins = {"00": "97", "01": "98", "99": "02"}
    for body in map(str, range(1, 300)):
        reference = refs.creditor_reference(body)
        for wrong, right in twins.items():
            if reference[2:4] == right:
                assert not refs.is_creditor_reference(f"RF{wrong}{body}")


@pytest.mark.parametrize("body", ["", "INV-1001", "Ä", "1" * 22, "١٢٣"])
def test_a_body_that_cannot_be_a_creditor_reference_is_refused(body):
    with pytest.raises(InvalidValue, match="reference"):
        refs.creditor_reference(body)


@pytest.mark.parametrize("text", ["", "RF", "RF18", "XX18539007547034", "RF1８539007547034", "RF17539007547034"])
def test_what_is_no_creditor_reference_is_not_normalized(text):
    assert not refs.is_creditor_reference(text)
    with pytest.raises(InvalidValue, match="reference"):
        refs.normalized_creditor_reference(text)


def test_ibans_and_leis_are_made_with_the_check_digits_that_are_checked():
    assert refs.iban("FR", "20041010050500013M02606") == "FR1420041010050500013M02606"
    assert refs.iban("CH", "0076 2011 6238 52957") == "CH9300762011623852957"
    assert refs.lei("213800WWNILTD76WIX") == "213800WWNILTD76WIX72"
    assert refs.is_iban("ch93 0076 2011 6238 5295 7")


@pytest.mark.parametrize(("country", "bban"), [("D", "1"), ("de", "1"), ("DE", ""), ("DE", "1" * 31), ("DE", "1-2")])
def test_what_cannot_be_an_iban_is_refused(country, bban):
    with pytest.raises(InvalidValue):
        refs.iban(country, bban)


def test_a_lei_has_eighteen_characters_before_the_check_digits():
    with pytest.raises(InvalidValue, match="lei"):
        refs.lei("213800WWNILTD76WI")
    assert not refs.is_lei("213800WWNILTD76WIX7X")


def test_a_reference_that_is_no_text_is_refused():
    with pytest.raises(WrongType, match="reference"):
        refs.is_creditor_reference(18539007547034)
