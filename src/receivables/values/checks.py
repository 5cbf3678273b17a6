"""Checks at the edge, used by every document and fact: each names the field and shows the value.

They are plain functions called from ``__attrs_post_init__``, because attrs validators can be switched off for a whole
process. They look at exact types: a ``datetime`` is not a date and ``True`` is not a number here.
"""

from __future__ import annotations

import datetime as dt

from receivables.errors import CardNumberRefused, InvalidValue, WrongType
from receivables.values.references import find_card_number, mask

LONGEST_TEXT = 10_000


def text(field: str, value: object, *, empty: bool = False) -> None:
    """A string that is not blank and holds no card number."""
    if not isinstance(value, str):
        raise WrongType(field, value, "text")
    if not empty and not value.strip():
        raise InvalidValue(field, value, "must not be blank")
    if len(value) > LONGEST_TEXT:
        # Not even the start of the text is shown: it has not been searched for card numbers.
        raise InvalidValue(field, f"a text of {len(value)}", f"must have at most {LONGEST_TEXT} characters")
    no_card(field, value)


def no_card(field: str, value: str) -> None:
    """A text without a card number; the error shows it masked."""
    if (card := find_card_number(value)) is not None:
        raise CardNumberRefused(field, mask(card))


def optional_text(field: str, value: object) -> None:
    """``None``, or a string as in `text`."""
    if value is not None:
        text(field, value)


def day(field: str, value: object) -> None:
    """A date without a time."""
    if type(value) is not dt.date:
        raise WrongType(field, value, "a date without a time")


def optional_day(field: str, value: object) -> None:
    """``None``, or a date without a time."""
    if value is not None:
        day(field, value)


def instant(field: str, value: object) -> None:
    """A datetime that knows its zone."""
    if not isinstance(value, dt.datetime):
        raise WrongType(field, value, "a datetime with a zone")
    if value.utcoffset() is None:
        raise InvalidValue(field, value, "must have a zone")


def whole(field: str, value: object, *, least: int | None = None, most: int | None = None) -> None:
    """An int, not a bool, between two bounds."""
    if type(value) is not int:
        raise WrongType(field, value, "a whole number")
    if least is not None and value < least:
        raise InvalidValue(field, value, f"must be at least {least}")
    if most is not None and value > most:
        raise InvalidValue(field, value, f"must be at most {most}")


def instance(field: str, value: object, kind: type | tuple[type, ...], wanted: str) -> None:
    """An instance of one class, said in words."""
    if not isinstance(value, kind):
        raise WrongType(field, value, wanted)


def sequence(field: str, value: object, kind: type, wanted: str) -> None:
    """A tuple whose members are all of one class; texts hold no card number."""
    if not isinstance(value, tuple):
        raise WrongType(field, value, f"a tuple of {wanted}")
    for index, member in enumerate(value):
        instance(f"{field}[{index}]", member, kind, wanted)
        if isinstance(member, str):
            no_card(f"{field}[{index}]", member)


def pairs(field: str, value: object, wanted: str) -> None:
    """A tuple whose members are all tuples of two."""
    if not isinstance(value, tuple):
        raise WrongType(field, value, f"a tuple of {wanted}")
    for index, member in enumerate(value):
        if not (isinstance(member, tuple) and len(member) == 2):
            raise WrongType(f"{field}[{index}]", member, wanted)


def one_of(field: str, value: object, choices: frozenset[str] | tuple[str, ...]) -> None:
    """A text out of a named few."""
    if not isinstance(value, str):
        raise WrongType(field, value, "text")
    if value not in choices:
        no_card(field, value)
        raise InvalidValue(field, value, "must be one of " + ", ".join(sorted(choices)))
