"""The debt that bears interest, day by day: what it was at first, and the dated changes since.

A change counts from the end of its day: a payment of 16 May still leaves the whole debt to bear interest on 16 May,
because the last day of interest is the value date. Changes of one day are netted, so their order does not matter.
A balance below zero bears nothing: what was paid too much is a credit of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Self, final

from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

KINDS: Final = frozenset({"principal", "fee", "interest"})
"""What a change is a change of. Terms say which of them bear interest."""


@final
@frozen(kw_only=True)
class BalanceChange:
    """A dated change of a debt: below zero it reduces, above zero it adds.

    ``from_start`` is for a credit on an amount that never bore interest: it counts from the first day, whenever it was
    given. ``of`` says what it changes: the principal, a fee, or interest.

    >>> str(BalanceChange.payment(dt.date(2026, 5, 16), Money.of(400, "EUR")).amount)
    '-400.00 EUR'

    Errors: `WrongType`, `InvalidValue`.
    """

    on: dt.date
    amount: Money
    of: str = "principal"
    from_start: bool = False
    reference: str = ""

    def __attrs_post_init__(self) -> None:
        checks.day("change.on", self.on)
        checks.instance("change.amount", self.amount, Money, "Money")
        checks.one_of("change.of", self.of, KINDS)
        checks.instance("change.from_start", self.from_start, bool, "true or false")
        checks.text("change.reference", self.reference, empty=True)

    @classmethod
    def payment(cls, on: dt.date, amount: Money, *, of: str = "principal", reference: str = "") -> Self:
        """A payment: ``on`` is the bank's value date, the last day that the amount bears interest."""
        return cls(on=on, amount=-_not_negative("payment.amount", amount), of=of, reference=reference)

    @classmethod
    def credit(cls, on: dt.date, amount: Money, *, bore_interest: bool, reference: str = "") -> Self:
        """A credit note: on an amount that was owed until then, or on one that never bore interest."""
        reduced = -_not_negative("credit.amount", amount)
        return cls(on=on, amount=reduced, from_start=not bore_interest, reference=reference)

    @classmethod
    def charge(cls, on: dt.date, amount: Money, *, of: str = "principal", reference: str = "") -> Self:
        """A later charge: it bears interest from the day after ``on``, if the terms let its kind bear any."""
        return cls(on=on, amount=_not_negative("charge.amount", amount), of=of, reference=reference)


@final
@frozen
class BalanceHistory:
    """A debt and its changes, in any order.

    >>> history = BalanceHistory.of(Money.of(2400, "EUR"), BalanceChange.payment(
    ...     dt.date(2026, 3, 30), Money.of(1200, "EUR")))
    >>> history.on(dt.date(2026, 3, 30)), history.on(dt.date(2026, 3, 31))
    (Money.of('2400.00', 'EUR'), Money.of('1200.00', 'EUR'))

    Errors: `CurrencyMismatch`, `InvalidValue` for a debt below zero.
    """

    principal: Money
    changes: tuple[BalanceChange, ...] = ()

    def __attrs_post_init__(self) -> None:
        _not_negative("history.principal", self.principal)
        checks.sequence("history.changes", self.changes, BalanceChange, "BalanceChange")
        for change in self.changes:
            if change.amount.currency != self.currency:
                raise CurrencyMismatch(self.principal, change.amount)

    @classmethod
    def of(cls, principal: Money, *changes: BalanceChange) -> Self:
        """A debt and its changes."""
        return cls(principal, changes)

    @property
    def currency(self) -> Currency:
        """The one currency of the debt and its changes."""
        return self.principal.currency

    def on(self, day: dt.date) -> Money:
        """The principal during a day, before the changes of that day."""
        moved = (c.amount.minor for c in self.changes if c.of == "principal" and (c.from_start or c.on < day))
        return Money(self.principal.minor + sum(moved), self.currency)

    def opening(self, kinds: Iterable[str]) -> int:
        """What the debt was from the first day: less the credits on what never bore interest. In minor units."""
        return self.principal.minor + sum(c.amount.minor for c in self.changes if c.from_start and c.of in kinds)

    def moves(self, kinds: Iterable[str]) -> Mapping[dt.date, int]:
        """The net change of each day, of these kinds, in minor units; days without a net change are left out."""
        if not self.changes:
            return {}
        net: defaultdict[dt.date, int] = defaultdict(int)
        for change in self.changes:
            if change.of in kinds and not change.from_start:
                net[change.on] += change.amount.minor
        return {day: minor for day, minor in net.items() if minor}


class FreeDays(NamedTuple):
    """Days on which a debt, or so much of it in minor units, bears no interest: a deferment, an extension.

    Both days are included; ``last`` ``None`` is without an end, ``amount`` ``None`` all of the debt and of what was
    compounded.

    >>> free = (FreeDays(dt.date(2026, 3, 1), dt.date(2026, 3, 31), 400), FreeDays(dt.date(2026, 3, 20), None, 100))
    >>> [bearing(1200, free, dt.date(2026, *day)) for day in ((2, 28), (3, 1), (3, 31), (4, 1))]
    [1200, 800, 700, 1100]
    """

    first: dt.date
    last: dt.date | None = None
    amount: int | None = None

    def covers(self, day: dt.date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day and (self.last is None or day <= self.last)


def bearing(debt: int, free: Iterable[FreeDays], day: dt.date) -> int | None:
    """What of a debt bears interest on a day, in minor units: never less than zero; ``None`` where all of it is free."""
    amounts = [each.amount for each in free if each.covers(day)]
    rest = debt
    for amount in amounts:
        if amount is None:
            return None
        rest -= amount
    return max(rest, 0)


def _not_negative(field: str, amount: Money) -> Money:
    checks.instance(field, amount, Money, "Money")
    if amount.is_negative:
        raise InvalidValue(field, str(amount), "must not be below zero")
    return amount
