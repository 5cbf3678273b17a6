"""Check digits, and the card numbers that they give away: Luhn, modulo 97, and what counts as a card number in free text.

The lowest layer, below the errors: a message that shows a value must not show a card number. Nothing here raises.

What counts as a card number is a judgment between a leak and refusing honest references, one in ten of which is
Luhn-valid by chance. All of these must hold:

- 13 to 19 ASCII digits that no letter or digit touches; a longer unbroken run of digits holds no card;
- written in one piece, or with single blanks or hyphens in the groups that cards are printed in (4-4-4-4, 4-6-5 and
  so on), or as a whole in groups of at most six; two invoice numbers of eight digits side by side are no card;
- a first part and a length that some card network issues, which no date such as 20240131 begins with;
- the Luhn check digit;
- not a part of a valid creditor reference or IBAN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SHORTEST_CARD: Final = 13
LONGEST_CARD: Final = 19
LONGEST_GROUP: Final = 6
MASK_FIRST: Final = 6
MASK_LAST: Final = 4

_ANY = frozenset(range(SHORTEST_CARD, LONGEST_CARD + 1))
_LONG = frozenset(range(16, LONGEST_CARD + 1))

# (first prefix, last prefix, network, lengths); the first row that fits is the network, so special rows come first.
# Source: ISO/IEC 7812-1 for the form, the networks' published issuer ranges for the rest.
_NETWORKS: Final[tuple[tuple[str, str, str, frozenset[int]], ...]] = (
    ("1", "1", "uatp", frozenset({15})),
    ("2200", "2204", "mir", _LONG),
    ("2221", "2720", "mastercard", frozenset({16})),
    ("300", "305", "diners", _LONG | {14}),
    ("3095", "3095", "diners", _LONG | {14}),
    ("34", "34", "amex", frozenset({15})),
    ("3528", "3589", "jcb", _LONG),
    ("36", "36", "diners", _LONG | {14}),
    ("37", "37", "amex", frozenset({15})),
    ("38", "39", "diners", _LONG | {14}),
    ("4", "4", "visa", frozenset({13, 16, 18, 19})),
    ("5018", "5018", "maestro", _ANY),
    ("5020", "5020", "maestro", _ANY),
    ("5038", "5038", "maestro", _ANY),
    ("5893", "5893", "maestro", _ANY),
    ("50", "50", "maestro", _LONG),
    ("51", "55", "mastercard", frozenset({16})),
    ("56", "58", "maestro", _LONG),
    ("6011", "6011", "discover", _LONG),
    ("62", "62", "unionpay", _LONG),
    ("6304", "6304", "maestro", _ANY),
    ("644", "649", "discover", _LONG),
    ("65", "65", "discover", _LONG),
    ("6759", "6759", "maestro", _ANY),
    ("6761", "6763", "maestro", _ANY),
    ("6", "6", "maestro", _LONG),
    ("81", "81", "unionpay", _LONG),
    ("82", "82", "rupay", frozenset({16})),
    ("9792", "9792", "troy", frozenset({16})),
)

SEPARATORS = " \u00a0-"
_TOUCHES = r"[^\W_]"
# Cheap enough for every text field: ordinary text has no 13 digits in a row and is done after one C-level scan.
_MANY_DIGITS = re.compile(rf"[0-9](?:[{SEPARATORS}]?[0-9]){{{SHORTEST_CARD - 1}}}")
_RUN = re.compile(rf"(?<!{_TOUCHES})[0-9]++(?:[{SEPARATORS}][0-9]++)*(?!{_TOUCHES})")
_GROUP = re.compile(r"[0-9]+")
_PRINTED = re.compile(r"(?:4,){2,4}[1-7]|4,6,[45]|4,3,3,3")
# A look-ahead, so that matches may overlap: the word before a reference can look like the start of one.
_MODULO_97 = re.compile(rf"(?<!{_TOUCHES})(?=([A-Za-z]{{2}}[0-9]{{2}}(?:[{SEPARATORS}]?[0-9A-Za-z]){{1,30}}))")

_DIGITS = re.compile(r"[0-9]+")
CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}")

# The digit as it is, and the sum of the digits of its double: the two weights of the Luhn sum.
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


# Card numbers


def luhn_valid(number: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the digits before it.

    >>> luhn_valid("4111111111111111"), luhn_valid("4111111111111112")
    (True, False)

    Source: ISO/IEC 7812-1, annex B. Text other than two or more ASCII digits is not valid.
    """
    return len(number) > 1 and _DIGITS.fullmatch(number) is not None and luhn_sum(number) % 10 == 0


def card_network(number: str) -> str | None:
    """Name the network that issues numbers of this first part and length; the check digit is not looked at.

    >>> card_network("378282246310005"), card_network("2024013112345678")
    ('amex', None)
    """
    for first, last, network, lengths in _NETWORKS:
        if first <= number[: len(first)] <= last and len(number) in lengths:
            return network
    return None


def find_card_number(text: str) -> str | None:
    """Find the first payment card number in free text; digits only, without its blanks and hyphens.

    >>> find_card_number("paid with 4111 1111 1111 1111 on 3 May")
    '4111111111111111'
    >>> find_card_number("order 4111111111111112, reference RF18 5390 0754 7034") is None
    True

    What counts as a card number is said at the top of this module.
    """
    if not _may_hold_card(text):
        return None
    return next((number for _, _, number in _cards(text)), None)


def hide(number: str, first: int = MASK_FIRST, last: int = MASK_LAST) -> str:
    """A card number with an asterisk for each digit between the first few and the last few.

    >>> hide("4242424242424242", first=0)
    '************4242'
    """
    return number[:first] + "*" * (len(number) - first - last) + number[len(number) - last :]


def hide_cards(text: str, first: int = MASK_FIRST, last: int = MASK_LAST) -> str:
    """The text with every card number in it hidden, as in `hide`.

    >>> hide_cards("paid with 4111 1111 1111 1111, order 4111111111111112")
    'paid with 411111******1111, order 4111111111111112'
    """
    if not _may_hold_card(text):
        return text
    parts, done = [], 0
    for start, end, number in _cards(text):
        parts += [text[done:start], hide(number, first, last)]
        done = end
    return "".join(parts) + text[done:]


# Check digits


def luhn_sum(number: str) -> int:
    """The digits added up, from the right each second one doubled and its digits added; a multiple of ten is valid."""
    digits = [ord(char) - 48 for char in reversed(number)]
    return sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])


def modulo_97(rearranged: str) -> str:
    """ISO/IEC 7064 modulo 97-10 over letters read as 10 to 35."""
    digits = "".join(str(int(char, 36)) for char in rearranged) + "00"
    return f"{98 - int(digits) % 97:02d}"


def is_modulo_97(form: re.Pattern[str], plain: str) -> bool:
    """Whether a compact reference has this form, and at its third and fourth place the digits that belong there."""
    return form.fullmatch(plain) is not None and modulo_97(plain[4:] + plain[:2]) == plain[2:4]


# Helpers


def _may_hold_card(text: str) -> bool:
    return len(text) >= SHORTEST_CARD and _MANY_DIGITS.search(text) is not None


def _cards(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each card number stands, and its digits; left to right, without overlap."""
    spared = None
    for run in _RUN.finditer(text):
        at = run.start()
        for start, end, number in _candidates(run):
            if start < at or not _is_card(number):
                continue
            spared = _spared(text) if spared is None else spared
            if not any(left <= start and end <= right for left, right in spared):
                yield start, end, number
                at = end


def _is_card(number: str) -> bool:
    return card_network(number) is not None and luhn_valid(number)


def _candidates(run: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Every stretch of whole groups that is written as a card may be, of 13 to 19 digits."""
    groups = list(_GROUP.finditer(run.string, run.start(), run.end()))
    for first in range(len(groups)):
        digits, shape = "", ""
        for last in range(first, len(groups)):
            digits += groups[last][0]
            shape += f",{len(groups[last][0])}"
            if len(digits) > LONGEST_CARD:
                break
            whole = first == 0 and last == len(groups) - 1
            if len(digits) >= SHORTEST_CARD and _written_as_card(shape[1:], whole):
                yield groups[first].start(), groups[last].end(), digits


def _written_as_card(shape: str, whole: bool) -> bool:
    """Shapes are group lengths: ``16`` is one piece, ``4,6,5`` is the way of American Express."""
    if "," not in shape or _PRINTED.fullmatch(shape) is not None:
        return True
    return whole and all(int(length) <= LONGEST_GROUP for length in shape.split(","))


def _spared(text: str) -> list[tuple[int, int]]:
    """Where valid creditor references and IBANs stand: with blanks, their groups look like a card's."""
    spans = []
    for match in _MODULO_97.finditer(text):
        ends = [end for end in range(match.end(1), match.start() + 4, -1) if _ends_token(text, end)]
        valid = (end for end in ends if _is_reference(text[match.start() : end]))
        spans += [(match.start(), end) for end in valid]
    return spans


def _ends_token(text: str, end: int) -> bool:
    return text[end - 1] not in SEPARATORS and not text[end : end + 1].isalnum()


def _is_reference(text: str) -> bool:
    plain = "".join(text.replace("-", "").split()).upper()
    return is_modulo_97(CREDITOR_REFERENCE, plain) or is_modulo_97(IBAN, plain)
