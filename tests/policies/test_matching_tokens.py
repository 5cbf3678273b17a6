"""Reading what a payer wrote: whole tokens and nothing inside them, amounts, days, and the keys of a number."""

import datetime as dt

import pytest

from receivables.policies.matching_tokens import MOST_TOKENS, creditor_references, keys_in, keys_of, known_keys, read


def kinds(text: str, number: str) -> list[str]:
    """How a number is found in a text, the best way first."""
    return [key.kind for key in keys_in(read(text).tokens, known_keys(*keys_of(number)))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1814", "1814"),
        ("inv. 1814, thanks", "1814"),
        ("(1814)", "1814"),
        ("1001,1002,1814", "1814"),
        ("#1814/", "1814"),
        ("Invoice:INV-2026-00147", "INV-2026-00147"),
        ("inv-2026-00147", "INV-2026-00147"),
        ("INV/2026/00147", "INV-2026-00147"),
        ("INV 2026 00147", "INV-2026-00147"),
        ("INV202600147", "INV-2026-00147"),
        ("INV-2026-147", "INV-2026-00147"),
        ("RE 7/26", "RE-7/26"),
        ("０１８１４", "1814"),
        ("Rechnung Ä-17", "Ä-17"),
        ("INV-6/2", "INV-6/2"),
    ],
)
def test_a_whole_token_is_a_reference_however_it_is_written(text, number):
    assert kinds(text, number)[0] == "reference"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1814", "14"),
        ("1814", "181"),
        ("2026-14", "14"),
        ("14-2026", "14"),
        ("14.00", "14"),
        ("1.814,00 EUR", "1814"),
        ("1,814.00", "1814"),
        ("1814,50", "1814"),
        ("INV-18145", "INV-1814"),
        ("INV-62", "INV-6"),
        ("1-81-4", "18-14x"),
        ("", "14"),
        ("---", "14"),
    ],
)
def test_what_only_contains_a_number_is_no_reference(text, number):
    assert kinds(text, number) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [("2026-00147", "INV-2026-00147"), ("1814", "INV-1814"), ("INV-1814", "1814"), ("RE1814", "1814")],
)
def test_a_number_without_its_letters_is_weaker(text, number):
    assert kinds(text, number)[0] == "bare_reference"


def test_other_letters_are_another_number():
    assert kinds("CN-1814", "INV-1814") == []


def test_neighbors_that_only_together_make_a_number_are_weaker():
    assert kinds("INV-2026-0 0147", "INV-2026-00147") == ["joined_reference"]
    assert kinds("18 14", "1814") == ["joined_reference"]


def test_longer_stretches_come_first_so_that_a_part_is_not_taken_for_the_whole():
    known = known_keys([*keys_of("INV-2026-147")[0], *keys_of("2026")[0], *keys_of("INV-2026")[0]], [])
    found = keys_in(read("INV 2026 147").tokens, known)
    assert [key.text for key in found if key.kind == "reference"] == ["INV 2026 147", "INV 2026", "2026"]


def test_amounts_are_read_in_both_ways_of_writing_them():
    assert read("1.814,00 and 1,814.00 and 12.5 and 7,250").amounts == {(181400, 2), (7250, 3)}


def test_a_list_of_numbers_is_not_an_amount():
    assert [token.exact for token in read("1001,1002,14").tokens] == ["1001", "1002", "14"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-03-05", {dt.date(2026, 3, 5)}),
        ("vom 31.3.2026", {dt.date(2026, 3, 31)}),
        ("3/31/26", {dt.date(2026, 3, 31)}),
        ("05.03.26", {dt.date(2026, 3, 5), dt.date(2026, 5, 3)}),
        ("2026-02-30 and 99.99.2026", set()),
    ],
)
def test_days_are_read_in_every_order_that_they_can_have(text, days):
    assert read(text).days == days


def test_a_creditor_reference_is_found_with_blanks_and_with_its_check_digits_right():
    assert list(creditor_references(read("RF18 5390 0754 7034 and RF19 5390 0754 7034").tokens)) == [
        (0, 4, "539007547034")
    ]


def test_a_very_long_text_is_read_up_to_a_bound():
    assert len(read("7 " * (MOST_TOKENS + 50)).tokens) == MOST_TOKENS


def test_a_number_of_signs_alone_has_no_key():
    assert keys_of("--/--") == ((), ())
