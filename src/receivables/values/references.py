"""References that carry check digits: card numbers (to refuse and mask), creditor references, IBANs and LEIs.

Three rules. The library never keeps a card number: `find_card_number` finds one in free text so that the text can be
refused, and `mask` shows at most the first six and the last four digits. A reference is compared in its compact form:
capitals, without blanks. Check digits are computed again and compared, never only tested modulo 97, because 00, 01
and 99 would pass such a test as well.

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

from receivables.errors import InvalidValue, WrongType

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

_SEPARATORS = " \u00a0-"
_TOUCHES = r"[^\W_]"
# Cheap enough for every text field: ordinary text has no 13 digits in a row and is done after one C-level scan.
_MANY_DIGITS = re.compile(rf"[0-9](?:[{_SEPARATORS}]?[0-9]){{{SHORTEST_CARD - 1}}}")
_RUN = re.compile(rf"(?<!{_TOUCHES})[0-9]++(?:[{_SEPARATORS}][0-9]++)*(?!{_TOUCHES})")
_GROUP = re.compile(r"[0-9]+")
_PRINTED = re.compile(r"(?:4,){2,4}[1-7]|4,6,[45]|4,3,3,3")
# A look-ahead, so that matches may overlap: the word before a reference can look like the start of one.
_MODULO_97 = re.compile(rf"(?<!{_TOUCHES})(?=([A-Za-z]{{2}}[0-9]{{2}}(?:[{_SEPARATORS}]?[0-9A-Za-z]){{1,30}}))")

_DIGITS = re.compile(r"[0-9]+")
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_RF_BODY = re.compile(r"[0-9A-Z]{1,21}")
_RF = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
_BBAN = re.compile(r"[0-9A-Z]{1,30}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}")
_LEI_BODY = re.compile(r"[0-9A-Z]{18}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")

# The digit as it is, and the sum of the digits of its double: the two weights of the Luhn sum.
_LUHN_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


# Cards


def luhn_valid(number: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the digits before it.

    >>> luhn_valid("4111111111111111"), luhn_valid("4111111111111112")
    (True, False)

    Source: ISO/IEC 7812-1, annex B. Text other than two or more ASCII digits is not valid.
    """
    return len(number) > 1 and _is(_DIGITS, number) and _luhn_sum(number) % 10 == 0


def luhn_check_digit(body: str) -> str:
    """Give the digit that makes ``body`` Luhn-valid when it is put behind.

    >>> luhn_check_digit("142857")
    '2'

    Errors: `InvalidValue` for anything but digits. Source: ISO/IEC 7812-1, annex B.
    """
    if not _is(_DIGITS, body):
        raise InvalidValue("number", body, "must be digits only")
    return str(-_luhn_sum(body + "0") % 10)


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
    if len(text) < SHORTEST_CARD or _MANY_DIGITS.search(text) is None:
        return None
    return next((number for _, _, number in _cards(text)), None)


def mask(card: str, *, first: int = MASK_FIRST, last: int = MASK_LAST) -> str:
    """Show at most the first six and the last four digits of a card number, an asterisk for each digit between.

    >>> mask("378282246310005")
    '378282*****0005'
    >>> mask("4242 4242 4242 4242", first=0)
    '************4242'

    Text too short to be a card number is masked wholly. Errors: `InvalidValue` for more digits than the rule allows.
    Source: PCI DSS 3.2.1 requirement 3.3, PCI DSS 4.0 requirement 3.4.1.
    """
    _at_most("first", first, MASK_FIRST)
    _at_most("last", last, MASK_LAST)
    number = "".join(char for char in card if char not in _SEPARATORS)
    if len(number) < SHORTEST_CARD:
        return "*" * len(number)
    return number[:first] + "*" * (len(number) - first - last) + number[len(number) - last :]


def mask_cards(text: str, *, first: int = MASK_FIRST, last: int = MASK_LAST) -> str:
    """Mask every card number in free text and leave the rest as it is.

    >>> mask_cards("paid with 4111 1111 1111 1111, order 4111111111111112", first=0)
    'paid with ************1111, order 4111111111111112'
    """
    parts, done = [], 0
    for start, end, number in _cards(text):
        parts += [text[done:start], mask(number, first=first, last=last)]
        done = end
    return "".join(parts) + text[done:]


# Creditor references


def creditor_reference(body: str) -> str:
    """Make the ISO 11649 creditor reference of a body of 1 to 21 letters and digits, in compact form.

    >>> creditor_reference("539007547034")
    'RF18539007547034'

    Errors: `InvalidValue` for any other body. Source: ISO 11649; check digits by ISO/IEC 7064, modulo 97-10.
    """
    return "RF" + creditor_reference_check_digits(body) + compact(body)


def creditor_reference_check_digits(body: str) -> str:
    """Give the two check digits of the creditor reference with this body.

    >>> creditor_reference_check_digits("539007547034")
    '18'
    """
    if not _is(_RF_BODY, plain := compact(body)):
        raise InvalidValue("reference", body, "must be 1 to 21 letters A-Z and digits")
    return _check_digits(plain + "RF")


def is_creditor_reference(text: str) -> bool:
    """Say whether this is an ISO 11649 creditor reference with the right check digits; blanks do not matter.

    >>> is_creditor_reference("RF18 5390 0754 7034"), is_creditor_reference("RF17 5390 0754 7034")
    (True, False)
    """
    plain = compact(text)
    return _is(_RF, plain) and _check_digits(plain[4:] + "RF") == plain[2:4]


def normalized_creditor_reference(text: str) -> str:
    """Give the compact form under which creditor references are compared and matched.

    >>> normalized_creditor_reference("rf18 5390 0754 7034")
    'RF18539007547034'

    Errors: `InvalidValue` if it is not a creditor reference.
    """
    if not is_creditor_reference(text):
        raise InvalidValue("reference", text, "must be a creditor reference with right check digits")
    return compact(text)


def grouped(reference: str) -> str:
    """Write a reference or IBAN the way it is printed: in groups of four.

    >>> grouped("RF18539007547034")
    'RF18 5390 0754 7034'
    """
    plain = compact(reference)
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


# IBAN and LEI


def iban(country: str, bban: str) -> str:
    """Make the IBAN of a domestic account number (BBAN) in compact form.

    >>> iban("DE", "370400440532013000")
    'DE89370400440532013000'

    The domestic structure of each country is not checked. Errors: `InvalidValue`. Source: ISO 13616-1.
    """
    if not _is(_COUNTRY, country):
        raise InvalidValue("country", country, "must be two letters A-Z")
    if not _is(_BBAN, plain := compact(bban)):
        raise InvalidValue("bban", bban, "must be 1 to 30 letters A-Z and digits")
    return country + _check_digits(plain + country) + plain


def is_iban(text: str) -> bool:
    """Say whether this has the form and the check digits of an IBAN; blanks do not matter.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE89370400440532013001")
    (True, False)
    """
    plain = compact(text)
    return _is(_IBAN, plain) and _check_digits(plain[4:] + plain[:2]) == plain[2:4]


def lei(body: str) -> str:
    """Make the legal entity identifier of its first 18 characters.

    >>> lei("0YPKKE5F0QW6RC51HE")
    '0YPKKE5F0QW6RC51HE09'

    Errors: `InvalidValue`. Source: ISO 17442-1.
    """
    if not _is(_LEI_BODY, plain := compact(body)):
        raise InvalidValue("lei", body, "must be 18 letters A-Z and digits before the check digits")
    return plain + _check_digits(plain)


def is_lei(text: str) -> bool:
    """Say whether this is a legal entity identifier with the right check digits.

    >>> is_lei("213800WWNILTD76WIX72"), is_lei("213800WWNILTD76WIX73")
    (True, False)
    """
    plain = compact(text)
    return _is(_LEI, plain) and _check_digits(plain[:18]) == plain[18:]


def compact(reference: str) -> str:
    """Give a reference in capitals and without blanks.

    >>> compact(" rf18 5390 ")
    'RF185390'
    """
    if not isinstance(reference, str):
        raise WrongType("reference", reference, "text")
    return "".join(reference.split()).upper()


# Helpers


def _is(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _at_most(field: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise InvalidValue(f"mask.{field}", value, f"must be between 0 and {most}")


def _luhn_sum(number: str) -> int:
    digits = [ord(char) - 48 for char in reversed(number)]
    return sum(digits[::2]) + sum(_LUHN_DOUBLED[digit] for digit in digits[1::2])


def _check_digits(rearranged: str) -> str:
    """ISO/IEC 7064 modulo 97-10 over letters read as 10 to 35."""
    digits = "".join(str(int(char, 36)) for char in rearranged) + "00"
    return f"{98 - int(digits) % 97:02d}"


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
    if "," not in shape or _is(_PRINTED, shape):
        return True
    return whole and all(int(length) <= LONGEST_GROUP for length in shape.split(","))


def _spared(text: str) -> list[tuple[int, int]]:
    """Where valid creditor references and IBANs stand: with blanks, their groups look like a card's."""
    spans = []
    for match in _MODULO_97.finditer(text):
        ends = [end for end in range(match.end(1), match.start() + 4, -1) if _ends_token(text, end)]
        valid = (end for end in ends if _is_modulo_97(text[match.start() : end]))
        spans += [(match.start(), end) for end in valid]
    return spans


def _ends_token(text: str, end: int) -> bool:
    return text[end - 1] not in _SEPARATORS and not text[end : end + 1].isalnum()


def _is_modulo_97(text: str) -> bool:
    plain = text.replace("-", "")
    return is_creditor_reference(plain) or is_iban(plain)
