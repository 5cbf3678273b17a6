"""What terms come to for one invoice: dated installments, each with the windows of its discounts.

A schedule is what the invoice stores. It holds dates and amounts, no rules: tomorrow's holiday list does not move
yesterday's due date, and terms that are changed later do not touch an invoice that was issued. An installment whose
baseline nobody knows yet (the goods have not arrived) has no date; a fact dates it later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Self, final

import attrs

from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, exact


@final
@attrs.frozen(kw_only=True)
class DiscountWindow:
    """One tier of a cash discount: how much may be kept back, and up to which day.

    ``until`` is the last day, included; ``grace_until`` the last day on which the creditor still lets it pass.
    ``amount`` is the discount on the whole installment. ``percent`` of ``base`` gave it; a flat discount has no
    percent. Where the window runs from an event that is not known yet, ``until`` is ``None`` and ``baseline`` names
    the event.

    >>> DiscountWindow(until=dt.date(2026, 5, 14), percent=Decimal(2), amount=Money.of("24.00", "EUR")).last_day
    datetime.date(2026, 5, 14)
    """

    until: dt.date | None = None
    percent: Decimal | None = None
    amount: Money
    grace_until: dt.date | None = None
    base: Money | None = None
    baseline: str | None = None

    def __attrs_post_init__(self) -> None:
        _dated_or_awaited("discount", "until", self.until, self.baseline)
        checks.instance("discount.amount", self.amount, Money, "money")
        checks.optional_day("discount.grace_until", self.grace_until)
        _check_grace(self.until, self.grace_until)
        if self.percent is not None:
            check_percent("discount.percent", self.percent)
        if self.base is not None:
            checks.instance("discount.base", self.base, Money, "money")
            _same_currency(self.amount, self.base)

    @property
    def last_day(self) -> dt.date | None:
        """The last day of the window with its grace, or ``None`` while its start is awaited."""
        return self.grace_until or self.until


@final
@attrs.frozen(kw_only=True)
class Installment:
    """One part of an invoice: how much, by when, and with which discounts.

    Without a date it names the ``baseline`` that it waits for. The amount is negative for a credit note, and for a
    last part that takes back what fixed parts exceed.

    >>> part = Installment(amount=Money.of("100.00", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> part.is_dated
    True
    """

    amount: Money
    due_on: dt.date | None = None
    discounts: tuple[DiscountWindow, ...] = ()
    baseline: str | None = None
    name: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.amount, Money):
            raise WrongType("installment.amount", self.amount, "money")
        if type(self.due_on) is not dt.date or self.baseline is not None:
            _dated_or_awaited("installment", "due_on", self.due_on, self.baseline)
        if self.name is not None:
            checks.text("installment.name", self.name)
        if self.discounts != ():
            checks.sequence("installment.discounts", self.discounts, DiscountWindow, "discount windows")
            for window in self.discounts:
                _check_discount(window.amount, self.amount)

    @property
    def is_dated(self) -> bool:
        """Whether its due date is known."""
        return self.due_on is not None


@final
@attrs.frozen(kw_only=True)
class Schedule:
    """The installments of one invoice, in the order of its terms; they add up to its total.

    >>> eur = Money.of("100.00", "EUR")
    >>> str(Schedule.single(eur, dt.date(2026, 2, 4)))
    '100.00 EUR due 2026-02-04'
    """

    installments: tuple[Installment, ...]

    def __attrs_post_init__(self) -> None:
        parts = self.installments
        if not isinstance(parts, tuple):
            raise WrongType("schedule.installments", parts, "a tuple of installments")
        if not parts:
            raise InvalidValue("schedule.installments", parts, "must have at least one installment")
        checks.sequence("schedule.installments", parts, Installment, "installments")
        for part in parts[1:]:
            _same_currency(parts[0].amount, part.amount)

    @classmethod
    def single(cls, amount: Money, due_on: dt.date, discounts: tuple[DiscountWindow, ...] = ()) -> Self:
        """One installment: the whole amount on one day."""
        return cls(installments=(Installment(amount=amount, due_on=due_on, discounts=discounts),))

    @classmethod
    def of(cls, parts: Sequence[tuple[Money, dt.date]]) -> Self:
        """Installments from plain pairs of amount and due date.

        >>> half = Money.of("50.00", "EUR")
        >>> str(Schedule.of([(half, dt.date(2026, 2, 4)), (half, dt.date(2026, 3, 4))]).total)
        '100.00 EUR'
        """
        return cls(installments=tuple(Installment(amount=amount, due_on=due_on) for amount, due_on in parts))

    @property
    def currency(self) -> Currency:
        """The one currency of all installments."""
        return self.installments[0].amount.currency

    @property
    def total(self) -> Money:
        """What the installments add up to."""
        return Money.total((part.amount for part in self.installments), self.currency)

    @property
    def due_dates(self) -> tuple[dt.date | None, ...]:
        """The due date of each installment, ``None`` where it is awaited."""
        return tuple(part.due_on for part in self.installments)

    @property
    def final_due_on(self) -> dt.date | None:
        """The latest due date, or ``None`` while one of them is awaited."""
        known = [part.due_on for part in self.installments if part.due_on is not None]
        return max(known) if len(known) == len(self.installments) else None

    @property
    def awaited(self) -> frozenset[str]:
        """The names of the events that installments or discounts wait for."""
        windows = (window.baseline for part in self.installments for window in part.discounts)
        return frozenset(name for name in (*(p.baseline for p in self.installments), *windows) if name is not None)

    def __str__(self) -> str:
        return "; ".join(_said(part) for part in self.installments)


# Checks ---------------------------------------------------------------------------------------------------------


def check_percent(field: str, value: object) -> None:
    """A Decimal from 0 to 100."""
    if not isinstance(value, Decimal):
        raise WrongType(field, value, "a Decimal")
    if not (value.is_finite() and 0 <= value <= 100):
        raise InvalidValue(field, value, "must be a percentage from 0 to 100")


def read_percent(field: str, value: Decimal | str | int) -> Decimal:
    """A percentage from a Decimal, a plain decimal text or an int; floats are refused."""
    exact(field, value)
    number = Decimal(value)
    check_percent(field, number)
    return number


def _dated_or_awaited(kind: str, date_field: str, date: object, baseline: object) -> None:
    checks.optional_day(f"{kind}.{date_field}", date)
    checks.optional_text(f"{kind}.baseline", baseline)
    if (date is None) == (baseline is None):
        raise InvalidValue(f"{kind}.{date_field}", date, "must be given, or else the baseline that it waits for")


def _check_grace(until: dt.date | None, grace_until: dt.date | None) -> None:
    if grace_until is not None and (until is None or grace_until < until):
        raise InvalidValue("discount.grace_until", grace_until, "must not lie before the end of the discount")


def _check_discount(discount: Money, amount: Money) -> None:
    _same_currency(discount, amount)
    inside = 0 <= discount.minor <= amount.minor or amount.minor <= discount.minor <= 0
    if not inside:
        raise InvalidValue("installment.discounts", discount, f"must lie between nothing and {amount}")


def _same_currency(left: Money, right: Money) -> None:
    if left.currency != right.currency:
        raise CurrencyMismatch(left, right)


def _said(part: Installment) -> str:
    due = f"due {part.due_on}" if part.due_on is not None else f"due when known: {part.baseline}"
    windows = "".join(f", less {window.amount} until {window.until or window.baseline}" for window in part.discounts)
    return f"{part.amount} {due}{windows}"
