"""Currencies: a code and a number of decimals, by value.

`Currency.of` knows the codes of ISO 4217, withdrawn ones included, since old invoices stay readable. A host makes its
own with `Currency("BTC", 8)`. There is no registry: nothing that one part of a process does changes what another sees.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final, NamedTuple, final

import attrs

from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.values.currency_table import ROWS

MOST_DECIMALS: Final = 18

_CODE = re.compile(r"[A-Z0-9]{1,12}")


@final
@attrs.frozen
class Currency:
    """A currency: its code, and how many decimals its amounts have.

    >>> Currency.of("JPY")
    Currency('JPY', 0)
    >>> Currency("BTC", 8) == Currency("BTC", 8)
    True

    Units: ``exponent`` is the number of decimals, 0 to 18. Errors: `WrongType`, `InvalidValue`.
    """

    code: str
    exponent: int

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.code, str):
            raise WrongType("currency.code", self.code, "text")
        if _CODE.fullmatch(self.code) is None:
            raise InvalidValue("currency.code", self.code, "must be 1 to 12 capitals A-Z and digits")
        if type(self.exponent) is not int:
            raise WrongType("currency.exponent", self.exponent, "a whole number")
        if not 0 <= self.exponent <= MOST_DECIMALS:
            raise InvalidValue("currency.exponent", self.exponent, f"must be between 0 and {MOST_DECIMALS}")

    @staticmethod
    def of(code: str) -> Currency:
        """Look up a code of ISO 4217, in use or withdrawn; the same code gives the same object.

        >>> Currency.of("DEM").exponent
        2

        Errors: `UnknownId` for a code that ISO 4217 does not have or has without decimals (gold, testing).
        """
        if not isinstance(code, str):
            raise WrongType("currency", code, "a currency code")
        if (currency := _CURRENCIES.get(code)) is None:
            raise UnknownId("currency", code, f"write {code.upper()!r}" if code.upper() in _CURRENCIES else None)
        return currency

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"Currency({self.code!r}, {self.exponent})"


class IsoCurrency(NamedTuple):
    """What ISO 4217 says of a code; ``withdrawn`` is a month such as ``2002-03``, empty while the code is in use."""

    code: str
    numeric: str
    exponent: int
    withdrawn: str


def iso_currency(code: str) -> IsoCurrency:
    """Give the row of a code in ISO 4217.

    >>> iso_currency("DEM")
    IsoCurrency(code='DEM', numeric='276', exponent=2, withdrawn='2002-03')

    Errors: `UnknownId`. Source: ISO 4217 lists one and three.
    """
    if (row := _ROWS.get(code)) is None:
        raise UnknownId("currency", code)
    return row


_ROWS: Final = MappingProxyType({row[0]: IsoCurrency(*row) for row in ROWS})
_CURRENCIES: Final = MappingProxyType({row.code: Currency(row.code, row.exponent) for row in _ROWS.values()})
