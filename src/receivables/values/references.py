"""References that carry check digits: card numbers (to refuse and mask), creditor references, IBANs and LEIs.

Three rules. The library never keeps a card number: `find_card_number` finds one in free text so that the text can be
refused, and `mask` shows at most the first six and the last four digits. A reference is compared in its compact form:
capitals, without blanks. Check digits are computed again and compared, never only tested modulo 97, because 00, 01
and 99 would pass such a test as well.

What counts as a card number is said in `receivables.check_digits`.
"""

from __future__ import annotations

import re

from receivables.check_digits import (
    CREDITOR_REFERENCE,
    IBAN,
    MASK_FIRST,
    MASK_LAST,
    SEPARATORS,
    SHORTEST_CARD,
    card_network,
    find_card_number,
    hide,
    hide_cards,
    is_modulo_97,
    luhn_sum,
    luhn_valid,
    modulo_97,
)
from receivables.errors import InvalidValue, WrongType

_DIGITS = re.compile(r"[0-9]+")
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_RF_BODY = re.compile(r"[0-9A-Z]{1,21}")
_BBAN = re.compile(r"[0-9A-Z]{1,30}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LEI_BODY = re.compile(r"[0-9A-Z]{18}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")


# Cards


def luhn_check_digit(body: str) -> str:
    """Give the digit that makes ``body`` Luhn-valid when it is put behind.

    >>> luhn_check_digit("142857")
    '2'

    Errors: `InvalidValue` for anything but digits. Source: ISO/IEC 7812-1, annex B.
    """
    if not _is(_DIGITS, body):
        raise InvalidValue("number", body, "must be digits only")
    return str(-luhn_sum(body + "0") % 10)


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
    number = "".join(char for char in card if char not in SEPARATORS)
    if len(number) < SHORTEST_CARD:
        return "*" * len(number)
    return hide(number, first, last)


def mask_cards(text: str, *, first: int = MASK_FIRST, last: int = MASK_LAST) -> str:
    """Mask every card number in free text and leave the rest as it is.

    >>> mask_cards("paid with 4111 1111 1111 1111, order 4111111111111112", first=0)
    'paid with ************1111, order 4111111111111112'
    """
    _at_most("first", first, MASK_FIRST)
    _at_most("last", last, MASK_LAST)
    if not isinstance(text, str):
        raise WrongType("text", text, "text")
    return hide_cards(text, first, last)


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
    return modulo_97(plain + "RF")


def is_creditor_reference(text: str) -> bool:
    """Say whether this is an ISO 11649 creditor reference with the right check digits; blanks do not matter.

    >>> is_creditor_reference("RF18 5390 0754 7034"), is_creditor_reference("RF17 5390 0754 7034")
    (True, False)
    """
    return is_modulo_97(CREDITOR_REFERENCE, compact(text))


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
    return country + modulo_97(plain + country) + plain


def is_iban(text: str) -> bool:
    """Say whether this has the form and the check digits of an IBAN; blanks do not matter.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE89370400440532013001")
    (True, False)
    """
    return is_modulo_97(IBAN, compact(text))


def lei(body: str) -> str:
    """Make the legal entity identifier of its first 18 characters.

    >>> lei("0YPKKE5F0QW6RC51HE")
    '0YPKKE5F0QW6RC51HE09'

    Errors: `InvalidValue`. Source: ISO 17442-1.
    """
    if not _is(_LEI_BODY, plain := compact(body)):
        raise InvalidValue("lei", body, "must be 18 letters A-Z and digits before the check digits")
    return plain + modulo_97(plain)


def is_lei(text: str) -> bool:
    """Say whether this is a legal entity identifier with the right check digits.

    >>> is_lei("213800WWNILTD76WIX72"), is_lei("213800WWNILTD76WIX73")
    (True, False)
    """
    plain = compact(text)
    return _is(_LEI, plain) and modulo_97(plain[:18]) == plain[18:]


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


__all__ = [
    "card_network",
    "compact",
    "creditor_reference",
    "creditor_reference_check_digits",
    "find_card_number",
    "grouped",
    "iban",
    "is_creditor_reference",
    "is_iban",
    "is_lei",
    "lei",
    "luhn_check_digit",
    "luhn_valid",
    "mask",
    "mask_cards",
    "normalized_creditor_reference",
]
