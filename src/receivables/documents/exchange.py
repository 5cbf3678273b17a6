"""Foreign currency: rates with their date and source, conversions, and the carrying amount of a foreign item.

Rules:

1. An item is settled in its own currency. A credit in another currency is converted first, by a `Conversion` that says
   how much became how much, on which day and by which rate.
2. The *carrying amount* is what an item stands for in the book currency, by the rate of its day. Each allocation releases
   its share of it; the last one releases what is left, so that nothing stays behind and nothing is released twice.
3. What was received in the book currency less what was released is the realized gain or loss. A bank fee is a cost of
   its own and no part of it.
4. A revaluation at a closing rate gives an unrealized difference and leaves the carrying amount alone.

Rates come from the caller. Nothing is rounded but by a named `Rounding`, and no decimal context matters.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Self, final

from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding, exact


@final
@frozen(kw_only=True)
class ExchangeRate:
    """What one unit of the base costs in the quote currency, on a day, and who says so.

    >>> rate = ExchangeRate.of("EUR", "USD", "1.0850", on=dt.date(2026, 3, 2), source="ECB")
    >>> print(rate)
    1 EUR = 1.0850 USD on 2026-03-02 (ECB)
    >>> str(rate.convert(Money.of("100.00", "EUR"))), str(rate.convert(Money.of("100.00", "USD")))
    ('108.50 USD', '92.17 EUR')

    Errors: `WrongType` (a float), `InvalidValue` for a rate that is not above zero, or one currency twice.
    """

    base: Currency
    quote: Currency
    rate: Decimal
    on: dt.date
    source: str

    def __attrs_post_init__(self) -> None:
        checks.instance("rate.base", self.base, Currency, "a currency")
        checks.instance("rate.quote", self.quote, Currency, "a currency")
        checks.instance("rate.rate", self.rate, Decimal, "a Decimal")
        checks.day("rate.on", self.on)
        checks.text("rate.source", self.source)
        if exact("rate.rate", self.rate) <= 0:
            raise InvalidValue("rate.rate", str(self.rate), "must be above zero")
        if self.base.code == self.quote.code:
            raise InvalidValue("rate.quote", self.quote.code, "must be another currency than the base")

    @classmethod
    def of(
        cls, base: str | Currency, quote: str | Currency, rate: str | Decimal | int, *, on: dt.date, source: str
    ) -> Self:
        """A rate from a plain decimal text; floats are refused."""
        exact("rate.rate", rate)
        return cls(base=_currency(base), quote=_currency(quote), rate=Decimal(rate), on=on, source=source)

    def convert(self, amount: Money, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """The amount in the other of the two currencies, exact and rounded once.

        >>> yen = ExchangeRate.of("KWD", "JPY", "512.345", on=dt.date(2026, 3, 2), source="bank")
        >>> str(yen.convert(Money.of("1.001", "KWD"))), str(yen.convert(Money.of("1000", "JPY"), Rounding.DOWN))
        ('513 JPY', '1.951 KWD')

        Errors: `CurrencyMismatch`.
        """
        factors = {self.base: (self.quote, self.factor), self.quote: (self.base, 1 / self.factor)}
        if amount.currency not in factors:
            raise CurrencyMismatch(amount, f"{self.base} and {self.quote}")
        to, factor = factors[amount.currency]
        scale = Fraction(10) ** (to.exponent - amount.currency.exponent)
        return Money.from_minor(amount.minor * factor * scale, to, rounding=rounding)

    @property
    def factor(self) -> Fraction:
        """The rate as an exact fraction."""
        return exact("rate.rate", self.rate)

    def other(self, currency: Currency) -> Currency:
        """The other of the two currencies; `CurrencyMismatch` for a third.

        >>> rate = ExchangeRate.of("EUR", "USD", "1.0850", on=dt.date(2026, 3, 2), source="ECB")
        >>> str(rate.other(Currency.of("USD")))
        'EUR'
        """
        pair = {self.base: self.quote, self.quote: self.base}
        if currency not in pair:
            raise CurrencyMismatch(currency, f"{self.base} and {self.quote}")
        return pair[currency]

    def is_between(self, one: Currency, other: Currency) -> bool:
        """Whether it converts between two currencies, in either direction."""
        return {one, other} == {self.base, self.quote}

    def age(self, on: dt.date) -> int:
        """How many days old it is on a day; below zero for a rate of a later day."""
        return (on - self.on).days

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate:f} {self.quote} on {self.on} ({self.source})"


@final
@frozen(kw_only=True)
class Conversion:
    """A credit in one currency that became a credit in another: explicit, dated, by a rate.

    >>> rate = ExchangeRate.of("EUR", "CHF", "3", on=dt.date(2026, 3, 2), source="agreed")
    >>> print(Conversion.by(rate, "CN-1", Money.of("333.00", "EUR"), on=dt.date(2026, 3, 3)))
    CN-1 on 2026-03-03: 333.00 EUR became 999.00 CHF, 1 EUR = 3 CHF on 2026-03-02 (agreed)

    Errors: `InvalidValue` for amounts that are not above zero, or that the rate and the rounding do not give.
    """

    source: str
    before: Money
    after: Money
    rate: ExchangeRate
    on: dt.date
    rounding: Rounding = Rounding.HALF_UP

    def __attrs_post_init__(self) -> None:
        checks.text("conversion.source", self.source)
        checks.day("conversion.on", self.on)
        checks.instance("conversion.rounding", self.rounding, Rounding, "a Rounding")
        for name in ("before", "after"):
            checks.instance(f"conversion.{name}", getattr(self, name), Money, "money")
            if not getattr(self, name).is_positive:
                raise InvalidValue(f"conversion.{name}", str(getattr(self, name)), "must be more than zero")
        expected = self.rate.convert(self.before, self.rounding)
        if self.after != expected:
            raise InvalidValue("conversion.after", str(self.after), f"must be {expected} by the rate")

    @classmethod
    def by(
        cls,
        rate: ExchangeRate,
        source: str,
        before: Money,
        *,
        on: dt.date,
        rounding: Rounding = Rounding.HALF_UP,
    ) -> Self:
        """Convert so much of a credit by a rate."""
        after = rate.convert(before, rounding)
        return cls(source=source, before=before, after=after, rate=rate, on=on, rounding=rounding)

    def __str__(self) -> str:
        return f"{self.source} on {self.on}: {self.before} became {self.after}, {self.rate}"


@final
@frozen(kw_only=True)
class Carrying:
    """What is open of an item, or left of a credit, in its own currency, and what that stands for in the book currency.

    >>> usd, eur = (lambda amount: Money.of(amount, "USD")), (lambda amount: Money.of(amount, "EUR"))
    >>> item = Carrying(foreign=usd("1000.00"), book=eur("920.00"))
    >>> first = item.settle_for(usd("333.33"), eur("310.00"))
    >>> print(first)
    333.33 USD: 310.00 EUR received, 306.66 EUR released, gain 3.34 EUR
    >>> print(first.after.settle_for(usd("666.67"), eur("600.00")))
    666.67 USD: 600.00 EUR received, 613.34 EUR released, loss 13.34 EUR
    """

    foreign: Money
    book: Money

    def __attrs_post_init__(self) -> None:
        for name in ("foreign", "book"):
            checks.instance(f"carrying.{name}", getattr(self, name), Money, "money")
            if getattr(self, name).is_negative:
                raise InvalidValue(f"carrying.{name}", str(getattr(self, name)), "must not be below zero")
        if self.foreign.is_zero and not self.book.is_zero:
            raise InvalidValue("carrying.book", str(self.book), "must be zero where nothing is open")

    @classmethod
    def by(cls, foreign: Money, rate: ExchangeRate, rounding: Rounding = Rounding.HALF_UP) -> Self:
        """The carrying amount of an item by the rate of its day."""
        return cls(foreign=foreign, book=rate.convert(foreign, rounding))

    def settle(
        self, part: Money, rate: ExchangeRate, *, bank_fee: Money | None = None, rounding: Rounding = Rounding.HALF_UP
    ) -> Realized:
        """Settle a part by the rate of the payment.

        >>> rate = ExchangeRate.of("EUR", "USD", "1.0850", on=dt.date(2026, 3, 2), source="bank")
        >>> item = Carrying(foreign=Money.of("1000.00", "USD"), book=Money.of("920.00", "EUR"))
        >>> paid = item.settle(Money.of("1000.00", "USD"), rate, bank_fee=Money.of("6.66", "EUR"))
        >>> print(paid)
        1000.00 USD: 921.66 EUR received, 920.00 EUR released, gain 1.66 EUR; bank fee 6.66 EUR
        >>> str(paid.on_bank)
        '915.00 EUR'
        """
        return self.settle_for(part, rate.convert(part, rounding), bank_fee=bank_fee, rounding=rounding)

    def settle_for(
        self, part: Money, received: Money, *, bank_fee: Money | None = None, rounding: Rounding = Rounding.HALF_UP
    ) -> Realized:
        """Settle a part for an amount in the book currency: what the bank gave, or what a credit stood for.

        ``received`` is before the bank's fee. Errors: `InvalidValue` for a part that is not above zero or more than is
        open, `CurrencyMismatch`.
        """
        if not Money.zero(part.currency) < part <= self.foreign:
            raise InvalidValue("carrying.part", str(part), f"must be above zero, and not more than {self.foreign}")
        is_last = part == self.foreign
        released = self.book if is_last else self.book.times(part.ratio(self.foreign), rounding=rounding)
        after = Carrying(foreign=self.foreign - part, book=self.book - released)
        return Realized(part=part, released=released, received=received, bank_fee=bank_fee, after=after)

    def revalue(self, rate: ExchangeRate, rounding: Rounding = Rounding.HALF_UP) -> Revaluation:
        """What it is worth by a closing rate. The carrying amount stays as it is.

        >>> closing = ExchangeRate.of("EUR", "USD", "1.10", on=dt.date(2026, 3, 31), source="ECB")
        >>> item = Carrying(foreign=Money.of("1000.00", "USD"), book=Money.of("920.00", "EUR"))
        >>> print(item.revalue(closing))
        1000.00 USD: 909.09 EUR, carried at 920.00 EUR, unrealized -10.91 EUR
        """
        return Revaluation(carrying=self, rate=rate, value=rate.convert(self.foreign, rounding))


@final
@frozen(kw_only=True)
class Realized:
    """What one allocation realized: the carrying amount that it released, and what was received for it.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> rest = Carrying(foreign=Money.of(0, "USD"), book=eur(0))
    >>> Realized(part=Money.of(10, "USD"), released=eur(9), received=eur(8), after=rest).loss
    Money.of('1.00', 'EUR')
    """

    part: Money
    released: Money
    received: Money
    after: Carrying
    bank_fee: Money | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("part", "released", "received"):
            checks.instance(f"realized.{name}", getattr(self, name), Money, "money")
            if getattr(self, name).is_negative:
                raise InvalidValue(f"realized.{name}", str(getattr(self, name)), "must not be below zero")
        checks.instance("realized.after", self.after, Carrying, "a carrying amount")
        if self.bank_fee is not None:
            checks.instance("realized.bank_fee", self.bank_fee, Money, "money")
            _check_fee(self.bank_fee, self.received)
        for amount in (self.released, self.after.book):
            if amount.currency != self.received.currency:
                raise CurrencyMismatch(self.received, amount)
        if self.part.currency != self.after.foreign.currency:
            raise CurrencyMismatch(self.part, self.after.foreign)

    @property
    def difference(self) -> Money:
        """The exchange difference: a gain above zero, a loss below."""
        return self.received - self.released

    @property
    def gain(self) -> Money:
        """The gain; zero for a loss."""
        return max(self.difference, Money.zero(self.received.currency))

    @property
    def loss(self) -> Money:
        """The loss, above zero; zero for a gain."""
        return max(-self.difference, Money.zero(self.received.currency))

    @property
    def on_bank(self) -> Money:
        """What is on the bank account: received less the bank's fee."""
        return self.received if self.bank_fee is None else self.received - self.bank_fee

    def __str__(self) -> str:
        result = f"loss {self.loss}" if self.difference.is_negative else f"gain {self.gain}"
        fee = "" if self.bank_fee is None else f"; bank fee {self.bank_fee}"
        return f"{self.part}: {self.received} received, {self.released} released, {result}{fee}"


@final
@frozen(kw_only=True)
class Revaluation:
    """A carrying amount and its value by a closing rate; the difference is not realized.

    >>> carrying = Carrying(foreign=Money.of("100.00", "USD"), book=Money.of("92.00", "EUR"))
    >>> carrying.revalue(ExchangeRate.of("USD", "EUR", "0.95", on=dt.date(2026, 3, 31), source="ECB")).difference
    Money.of('3.00', 'EUR')
    """

    carrying: Carrying
    rate: ExchangeRate
    value: Money

    def __attrs_post_init__(self) -> None:
        checks.instance("revaluation.carrying", self.carrying, Carrying, "a carrying amount")
        checks.instance("revaluation.rate", self.rate, ExchangeRate, "a rate")
        if self.value.currency != self.carrying.book.currency:
            raise CurrencyMismatch(self.value, self.carrying.book)

    @property
    def difference(self) -> Money:
        """The unrealized gain, or below zero the unrealized loss."""
        return self.value - self.carrying.book

    def __str__(self) -> str:
        return f"{self.carrying.foreign}: {self.value}, carried at {self.carrying.book}, unrealized {self.difference}"


def check_book_rate(field: str, rate: object, currency: Currency) -> None:
    """``None``, or a rate between the currency of a document and the book currency."""
    if rate is None:
        return
    if not isinstance(rate, ExchangeRate):
        raise WrongType(field, rate, "a rate")
    rate.other(currency)


def _currency(currency: str | Currency) -> Currency:
    return currency if isinstance(currency, Currency) else Currency.of(currency)


def _check_fee(fee: Money, received: Money) -> None:
    if not Money.zero(received.currency) <= fee <= received:
        raise InvalidValue("realized.bank_fee", str(fee), f"must be between zero and what was received, {received}")
