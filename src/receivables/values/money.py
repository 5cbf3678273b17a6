"""Money: a whole number of minor units in one currency.

Three rules. Amounts are exact: everything is counted in ints and fractions, so no decimal context of the host can
change a figure, and floats are refused. Rounding happens only where it is asked for, by a named `Rounding`.
Currencies never mix, and nothing is converted in silence: zero does not equal ``0``, and money has no truth value.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, Never, final

import attrs

from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values.currencies import Currency

Remainder = Literal["last", "first", "largest"]

# More digits than any amount has; keeps a text or an exponent from outside from filling the memory.
MOST_DIGITS: Final = 60
_LARGEST: Final = 10**MOST_DIGITS - 1

_DECIMAL_TEXT = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_FORMAT = re.compile(r"(?P<align>(?:.?[<>^])?[0-9]*)(?P<comma>,?)", re.DOTALL)


class Rounding(enum.Enum):
    """How to get from an exact amount to a whole number of minor units.

    The halves and ``UP`` and ``DOWN`` look at the size and mirror for negatives; ``FLOOR`` and ``CEILING`` do not.

    >>> [Rounding.HALF_EVEN.whole(Fraction(n, 2)) for n in (5, -5, 7)]
    [2, -2, 4]
    >>> [mode.whole(Fraction(-5, 2)) for mode in (Rounding.HALF_UP, Rounding.FLOOR, Rounding.CEILING)]
    [-3, -3, -2]
    """

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    HALF_DOWN = "half_down"
    UP = "up"
    DOWN = "down"
    FLOOR = "floor"
    CEILING = "ceiling"

    def whole(self, value: int | Fraction) -> int:
        """Round to a whole number.

        >>> Rounding.HALF_UP.whole(Fraction(13973, 100))
        140
        """
        return self.quotient(value.numerator, value.denominator)

    def quotient(self, dividend: int, divisor: int) -> int:
        """Divide, and round to a whole number; the divisor is positive.

        >>> Rounding.HALF_EVEN.quotient(25, 10)
        2
        """
        negative = dividend < 0
        size, rest = divmod(-dividend if negative else dividend, divisor)
        if rest and _ROUNDS_UP[self](size, 2 * rest - divisor, negative):
            size += 1
        return -size if negative else size


# From (whole part, twice the rest less one, is it negative) to "one further from zero?", asked only if there is a rest.
_ROUNDS_UP: Final[dict[Rounding, Callable[[int, int, bool], bool]]] = {
    Rounding.HALF_UP: lambda size, half, negative: half >= 0,
    Rounding.HALF_EVEN: lambda size, half, negative: half > 0 or (half == 0 and size % 2 == 1),
    Rounding.HALF_DOWN: lambda size, half, negative: half > 0,
    Rounding.UP: lambda size, half, negative: True,
    Rounding.DOWN: lambda size, half, negative: False,
    Rounding.FLOOR: lambda size, half, negative: negative,
    Rounding.CEILING: lambda size, half, negative: not negative,
}


@final
@attrs.frozen(repr=False, weakref_slot=False)
class Money:
    """An amount in one currency.

    >>> Money.of("1234.56", "EUR") + Money.of(1, "EUR")
    Money.of('1235.56', 'EUR')
    >>> Money(123456, Currency.of("EUR")).amount
    Decimal('1234.56')

    Units: ``minor`` counts minor units: cents of a euro, whole yen, fils of a dinar. Errors: `WrongType`.
    """

    minor: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.minor) is not int:
            raise WrongType("money.minor", self.minor, "a whole number of minor units")
        if type(self.currency) is not Currency:
            raise WrongType("money.currency", self.currency, "a Currency")

    # Ways in

    @staticmethod
    def of(amount: str | int | Decimal, currency: str | Currency) -> Money:
        """Read an amount in major units.

        >>> Money.of("12.34", "EUR"), Money.of(5, "JPY"), Money.of(Decimal("0.0500"), "CHF")
        (Money.of('12.34', 'EUR'), Money.of('5', 'JPY'), Money.of('0.05', 'CHF'))
        >>> Money.of("12.345", "EUR")
        Traceback (most recent call last):
        receivables.errors.InvalidValue: amount: must have at most 2 decimals in EUR, got '12.345'

        Text is ASCII digits with an optional sign and point; ``12.340`` in euros is refused, because it may well mean
        twelve thousand. A `Decimal` counts by its value, so the zeros that a database column adds do no harm.
        Errors: `WrongType` (float, bool), `InvalidValue` with field ``amount``, `UnknownId` for the currency.
        """
        unit = _currency(currency)
        return _money(_read_minor(amount, unit), unit)

    @staticmethod
    def zero(currency: str | Currency) -> Money:
        """Give nothing, in a currency.

        >>> Money.zero("EUR") == 0, Money.zero("EUR") == Money.zero("USD")
        (False, False)
        """
        return _money(0, _currency(currency))

    @staticmethod
    def total(amounts: Iterable[Money], currency: str | Currency) -> Money:
        """Add up amounts of one currency; the sum of nothing is zero in that currency.

        >>> Money.total([Money.of(1, "EUR"), Money.of(2, "EUR")], "EUR")
        Money.of('3.00', 'EUR')

        Errors: `CurrencyMismatch`, `WrongType`.
        """
        unit, minor = _currency(currency), 0
        for amount in amounts:
            if type(amount) is not Money:
                raise WrongType("total", amount, "Money")
            if amount.currency is not unit and amount.currency != unit:
                raise CurrencyMismatch(unit, amount)
            minor += amount.minor
        return _money(minor, unit)

    @staticmethod
    def from_minor(
        minor: int | Fraction, currency: str | Currency, *, rounding: Rounding = Rounding.HALF_UP, step: int = 1
    ) -> Money:
        """Round an exact number of minor units, such as a sum of unrounded interest, to money.

        >>> Money.from_minor(Fraction(13973, 100), "JPY")
        Money.of('140', 'JPY')

        Units: minor units; ``step`` is the smallest amount in minor units (CHF in cash: 5).
        """
        if type(minor) is not int and not isinstance(minor, Fraction):
            raise WrongType("minor", minor, "a whole number or a Fraction")
        return _money(_to_step(minor.numerator, minor.denominator, rounding, step), _currency(currency))

    # Ways out

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact, with all decimals of the currency.

        >>> Money.of(3, "KWD").amount
        Decimal('3.000')
        """
        return Decimal(_digits(self, ""))

    @property
    def is_zero(self) -> bool:
        """Nothing at all."""
        return self.minor == 0

    @property
    def is_positive(self) -> bool:
        """More than zero."""
        return self.minor > 0

    @property
    def is_negative(self) -> bool:
        """Less than zero."""
        return self.minor < 0

    def __bool__(self) -> Never:
        """Refused: ``if amount:`` is mostly meant as "is there an amount" and fails at zero."""
        raise WrongType("truth", self, "asked by name: is_zero, is_positive, is_negative or is None")

    def __str__(self) -> str:
        return f"{_digits(self, '')} {self.currency.code}"

    def __repr__(self) -> str:
        return f"Money.of({_digits(self, '')!r}, {_currency_source(self.currency)})"

    def __format__(self, spec: str) -> str:
        """Write with an alignment and a width as for text, and a comma for groups of three.

        >>> f"[{Money.of('1234.5', 'EUR'):>14,}]"
        '[  1,234.50 EUR]'
        """
        if (match := _FORMAT.fullmatch(spec)) is None:
            raise InvalidValue("format", spec, "must be an alignment, a width and an optional comma")
        return format(f"{_digits(self, match['comma'])} {self.currency.code}", match["align"])

    # Exact arithmetic

    def __add__(self, other: Money) -> Money:
        return _money(self.minor + _minor_of(self, other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return _money(self.minor - _minor_of(self, other), self.currency)

    def __radd__(self, other: object) -> Never:
        """Only reached from something that is not money: `sum` starts at ``0``, which has no currency."""
        raise WrongType("sum", other, "Money; add up with Money.total(amounts, currency)")

    def __mul__(self, factor: int) -> Money:
        if type(factor) is not int:
            raise WrongType("factor", factor, "a whole number; use times() for others")
        return _money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return _money(-self.minor, self.currency)

    def __pos__(self) -> Money:
        return self

    def __abs__(self) -> Money:
        return _money(abs(self.minor), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < _minor_of(self, other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= _minor_of(self, other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > _minor_of(self, other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= _minor_of(self, other)

    def ratio(self, other: Money) -> Fraction:
        """Say how many times the other amount this is, exactly.

        >>> Money.of("1.00", "EUR").ratio(Money.of("3.00", "EUR"))
        Fraction(1, 3)

        Errors: `CurrencyMismatch`; `InvalidValue` if the other is zero.
        """
        divisor = _minor_of(self, other)
        if divisor == 0:
            raise InvalidValue("ratio", other, "must not be zero")
        return Fraction(self.minor, divisor)

    # Rounding, and what needs it

    def times(
        self, factor: int | Decimal | Fraction | str, *, rounding: Rounding = Rounding.HALF_UP, step: int = 1
    ) -> Money:
        """Multiply exactly, then round once.

        >>> Money.of("1000.00", "EUR").times("0.0512")
        Money.of('51.20', 'EUR')
        >>> Money.of(100000, "JPY").times(Fraction(3 * 17, 100 * 365), rounding=Rounding.DOWN)
        Money.of('139', 'JPY')

        Units: ``step`` is the smallest amount in minor units (CHF in cash: 5). Errors: `WrongType` (float, bool).
        """
        dividend, divisor = _read_ratio("factor", factor)
        return _money(_to_step(self.minor * dividend, divisor, rounding, step), self.currency)

    def rounded(self, step: int, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """Round to a multiple of ``step`` minor units.

        >>> Money.of("8.03", "CHF").rounded(5)
        Money.of('8.05', 'CHF')
        """
        return _money(_to_step(self.minor, 1, rounding, step), self.currency)

    def split(
        self, weights: Iterable[int | Decimal | Fraction], *, remainder: Remainder = "last", step: int = 1
    ) -> tuple[Money, ...]:
        """Split by weights into parts that always add up to the whole.

        Each part is its exact share cut down to a multiple of ``step``; what is left over goes to the last part, to
        the first, or one step each to the parts that lost most by the cut (the earlier one of two equals). A part of
        weight zero gets nothing. A negative amount gives the mirror image.

        >>> [str(part) for part in Money.of("100000", "JPY").split([1, 1, 1])]
        ['33333 JPY', '33333 JPY', '33334 JPY']
        >>> [str(part) for part in Money.of("8.00", "CHF").split([1, 1, 1], step=5)]
        ['2.65 CHF', '2.65 CHF', '2.70 CHF']

        Units: ``step`` in minor units. Errors: `WrongType`, `InvalidValue` (negative weights, or none above zero).
        """
        shares = _whole_weights(weights)
        _check_step(step)
        if remainder not in _CARRIERS:
            raise InvalidValue("remainder", remainder, "must be first, largest or last")
        parts, cuts = _cut(abs(self.minor), shares, step)
        left = abs(self.minor) - sum(parts)
        for index, extra in _CARRIERS[remainder](cuts, shares, left, step):
            parts[index] += extra
        sign = -1 if self.minor < 0 else 1
        return tuple(_money(sign * part, self.currency) for part in parts)


# Slot descriptors are the trusted way round the checks for figures that are ints by construction, in half the time.
_new = object.__new__
_set_minor = Money.__dict__["minor"].__set__
_set_currency = Money.__dict__["currency"].__set__


def _money(minor: int, currency: Currency) -> Money:
    money = _new(Money)
    _set_minor(money, minor)
    _set_currency(money, currency)
    return money


def exact(field: str, value: object) -> Fraction:
    """Give a number as an exact fraction, whatever the decimal context.

    >>> exact("rate", "5.12")
    Fraction(128, 25)

    Takes int, `Decimal`, `Fraction` and decimal text. Errors: `WrongType` (float, bool), `InvalidValue`.
    """
    return value if isinstance(value, Fraction) else Fraction(*_read_ratio(field, value))


# Helpers


def _currency(currency: str | Currency) -> Currency:
    return currency if type(currency) is Currency else Currency.of(currency)


def _minor_of(money: Money, other: object) -> int:
    """The other amount's minor units, once it is known to be money of the same currency."""
    if type(other) is not Money:
        raise WrongType("amount", other, "Money")
    if other.currency is not money.currency and other.currency != money.currency:
        raise CurrencyMismatch(money, other)
    return other.minor


def _power(exponent: int) -> int:
    ten: int = 10**exponent
    return ten


def _read_ratio(field: str, value: object) -> tuple[int, int]:
    if isinstance(value, Fraction):
        return value.numerator, value.denominator
    digits, exponent = _read(field, value)
    return (digits * _power(exponent), 1) if exponent >= 0 else (digits, _power(-exponent))


def _read_minor(amount: object, currency: Currency) -> int:
    digits, exponent = _read("amount", amount)
    shift = currency.exponent + exponent
    if shift >= 0:
        return digits * _power(shift)
    minor, excess = divmod(digits, _power(-shift))
    # The decimals of a text were written by somebody and may be thousands; those of a Decimal are only a value.
    if excess or isinstance(amount, str):
        raise InvalidValue("amount", amount, f"must have at most {currency.exponent} decimals in {currency}")
    return minor


def _read(field: str, value: object) -> tuple[int, int]:
    """Give a number as (digits, exponent of ten)."""
    if type(value) is int:
        return _read_int(field, value)
    if isinstance(value, str):
        return _read_text(field, value)
    if isinstance(value, Decimal):
        return _read_decimal(field, value)
    raise WrongType(field, value, "a decimal text, an int or a Decimal")


def _read_int(field: str, value: int) -> tuple[int, int]:
    if not -_LARGEST <= value <= _LARGEST:
        raise InvalidValue(field, value, f"must have at most {MOST_DIGITS} digits")
    return value, 0


def _read_text(field: str, value: str) -> tuple[int, int]:
    match = _DECIMAL_TEXT.fullmatch(value)
    if match is None:
        raise InvalidValue(field, value, "must be plain digits with an optional sign and decimal point")
    sign, whole, decimals = match[1], match[2], match[3] or ""
    if len(whole) + len(decimals) > MOST_DIGITS:
        raise InvalidValue(field, value, f"must have at most {MOST_DIGITS} digits")
    return int(sign + whole + decimals), -len(decimals)


def _read_decimal(field: str, value: Decimal) -> tuple[int, int]:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise InvalidValue(field, value, "must be a finite number")
    if not any(digits):
        return 0, 0
    if len(digits) + max(exponent, 0) > MOST_DIGITS or exponent < -MOST_DIGITS:
        raise InvalidValue(field, value, f"must have at most {MOST_DIGITS} digits")
    number = int("".join(map(str, digits)))
    return (-number if sign else number), exponent


def _digits(money: Money, group: str) -> str:
    """The amount as text without the code: sign, whole part, point and decimals."""
    sign = "-" if money.minor < 0 else ""
    decimals = money.currency.exponent
    whole, rest = divmod(abs(money.minor), 10**decimals)
    return f"{sign}{whole:{group}}" + (f".{rest:0{decimals}d}" if decimals else "")


def _currency_source(currency: Currency) -> str:
    """A code that can be looked up is shown as one, any other currency in full, so that a repr can be read back."""
    try:
        known = Currency.of(currency.code) == currency
    except LookupError:
        known = False
    return repr(currency.code) if known else repr(currency)


def _check_step(step: int) -> None:
    if type(step) is not int:
        raise WrongType("step", step, "a whole number of minor units")
    if step < 1:
        raise InvalidValue("step", step, "must be at least 1")


def _to_step(dividend: int, divisor: int, rounding: Rounding, step: int) -> int:
    _check_step(step)
    if type(rounding) is not Rounding:
        raise WrongType("rounding", rounding, "a Rounding")
    return rounding.quotient(dividend, divisor * step) * step


def _whole_weights(weights: Iterable[int | Decimal | Fraction]) -> list[int]:
    """The weights as ints in the same proportions."""
    weights = tuple(weights)
    shares = [_weight(f"weights[{index}]", weight) for index, weight in enumerate(weights)]
    if not any(shares):
        raise InvalidValue("weights", weights, "must have one above zero")
    scale = math.lcm(*(share.denominator for share in shares))
    return [share.numerator * (scale // share.denominator) for share in shares]


def _weight(field: str, weight: object) -> int | Fraction:
    if isinstance(weight, str):
        raise WrongType(field, weight, "an int, a Decimal or a Fraction")
    share = weight if type(weight) is int else exact(field, weight)
    if share < 0:
        raise InvalidValue(field, weight, "must not be negative")
    return share


def _cut(size: int, shares: list[int], step: int) -> tuple[list[int], list[int]]:
    """Each share of ``size`` cut down to a multiple of ``step``, and how much the cut took, in equal units."""
    unit = sum(shares) * step
    pairs = [divmod(size * share, unit) for share in shares]
    return [steps * step for steps, _ in pairs], [rest for _, rest in pairs]


_Extras = Iterable[tuple[int, int]]


def _to_last(cuts: list[int], shares: list[int], left: int, step: int) -> _Extras:
    return [(max(index for index, share in enumerate(shares) if share), left)]


def _to_first(cuts: list[int], shares: list[int], left: int, step: int) -> _Extras:
    return [(min(index for index, share in enumerate(shares) if share), left)]


def _to_largest(cuts: list[int], shares: list[int], left: int, step: int) -> _Extras:
    """One step each in the order of the cuts; the end, which may be less than a step, goes to the next."""
    order = sorted(range(len(cuts)), key=lambda index: -cuts[index])
    extras = [step] * (left // step) + [left % step]
    return zip(order, extras, strict=False)


_CARRIERS: Final[dict[str, Callable[[list[int], list[int], int, int], _Extras]]] = {
    "last": _to_last,
    "first": _to_first,
    "largest": _to_largest,
}
