"""What the journal remembers of amounts in a foreign currency: each use of an item or a credit, and what was posted for it.

Which share of a carrying amount a use releases depends on what came before it by its *effective* day (see
`receivables.state.carrying`). Something that is recorded late, or taken back from a later day, moves the shares of others by
a cent. So for each use there is what has to stand in the books on each day, and what was posted so far; the difference is
posted with the fact that made it.

Entries in the foreign currency have the account ``exchange`` on their other side, and those in the book currency too. What
stands there in the book currency is what all that is foreign is carried at. Where a rate is missing no gain and no loss is
posted: what the item was carried at stays with the money.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import final

from attrs import define, field

from receivables.documents.exchange import ExchangeRate
from receivables.state.carrying import ROUNDING
from receivables.values.currencies import Currency
from receivables.values.money import Money

BY_PAYMENT = frozenset({"bank_fee", "withheld_tax"})
"""The parts of a settlement that count by the rate of the payment that they came with."""

BookAmounts = dict[tuple[dt.date, str], int]
"""Day and account -> so much in the book currency, in minor units: a debit above zero."""

Timeline = list[tuple[dt.date, int | None]]
"""What a use releases from which day on; ``None`` from when it is not in force."""


@final
@define(eq=False)
class ForeignUse:
    """So much of an item, of a credit or of both, that is in force from a day on and perhaps until another.

    ``contra`` is what it is worth to whom: accounts with weights. ``value`` is the worth itself where a rate gives it,
    ``payer`` the credit by whose rate it counts without being a use of it.
    """

    kind: str
    amount: int
    start: dt.date
    order: tuple[dt.date, dt.datetime, bool, bool, int]
    contra: tuple[tuple[str, int], ...] = ()
    value: int | None = None
    end: dt.date | None = None
    item: Holding | None = None
    credit: Holding | None = None
    payer: Holding | None = None
    of_item: Timeline = field(factory=list)
    of_credit: Timeline = field(factory=list)
    posted: BookAmounts = field(factory=dict)
    accounts: tuple[str, str, str] = ("", "", "")
    """Gain, loss and the other side."""

    @property
    def holdings(self) -> Iterator[Holding]:
        """The item and the credit of which it is a use, as far as their carrying amounts are known."""
        if self.item is not None:
            yield self.item
        if self.credit is not None:
            yield self.credit


@final
@define(eq=False)
class Holding:
    """An item or a credit in a foreign currency with its carrying amount, and what used it in effective order.

    A credit that was converted has what its ``origin`` released, on each day.
    """

    amount: int
    book: Currency
    base: int = 0
    origin: ForeignUse | None = None
    uses: list[ForeignUse] = field(factory=list)
    left: int = field(init=False)
    rest: int = field(init=False)
    whole: int = field(init=False)
    simple: bool = True
    """Whether nothing was ever taken back from a later day, so that a share never changes by itself."""
    derived: list[Holding] = field(factory=list)
    priced: list[ForeignUse] = field(factory=list)
    """What counts by its rate, and is no use of it."""

    def __attrs_post_init__(self) -> None:
        self.left, self.rest, self.whole = self.amount, self.base, self.base

    def base_on(self, day: dt.date) -> int:
        """The carrying amount that it had at first, as of a day."""
        return self.base if self.origin is None else _on(self.origin.of_credit, day) or 0

    def share(self, amount: int, day: dt.date) -> int:
        """What so much of it stands for by the rate with which it arose."""
        return ROUNDING.quotient(self.base_on(day) * amount, self.amount) if self.amount else 0

    def add(self, use: ForeignUse) -> bool:
        """Add a use; whether it came last, so that the shares of the others stay as they are."""
        last = self.simple and self.origin is None and (not self.uses or self.uses[-1].order <= use.order)
        insort(self.uses, use, key=attrgetter("order"))
        if last:
            timeline(use, self).append((use.start, self._released(use)))
        return last

    def _released(self, use: ForeignUse) -> int:
        share = self._share(use.amount)
        self.left, self.rest = self.left - use.amount, self.rest - share
        return share

    def _share(self, part: int) -> int:
        """As in `receivables.state.carrying`: the last takes what is left, and what comes back comes by the first rate."""
        if part < 0:
            back = max(0, self.left - part) - max(0, self.left)
            return ROUNDING.quotient(-self.whole * back, self.amount)
        if part >= self.left:
            return self.rest
        return ROUNDING.quotient(self.rest * part, self.left)

    def again(self) -> Iterator[ForeignUse]:
        """Work out all shares anew; gives the uses whose share changed."""
        before = [(use, list(timeline(use, self))) for use in self.uses]
        for use in self.uses:
            timeline(use, self).clear()
        for day in [dt.date.max] if self.simple and self.origin is None else self._turning_days():
            self._chain(day)
        return (use for use, known in before if timeline(use, self) != known)

    def _turning_days(self) -> Sequence[dt.date]:
        days = {use.start for use in self.uses} | {use.end for use in self.uses if use.end is not None}
        if self.origin is not None:
            days |= {day for day, _ in self.origin.of_credit}
        return sorted(days)

    def _chain(self, day: dt.date) -> None:
        self.left = self.amount
        self.rest = self.whole = self.base_on(day)
        for use in self.uses:
            if use.start > day:
                break
            there = use.end is None or day < use.end
            share = self._released(use) if there else None
            known = timeline(use, self)
            if not known or known[-1][1] != share:
                known.append((use.start if not known else day, share))


def timeline(use: ForeignUse, holding: Holding) -> Timeline:
    """What a use releases of one of its two sides."""
    return use.of_item if use.item is holding else use.of_credit


def _on(known: Timeline, day: dt.date) -> int | None:
    return next((share for since, share in reversed(known) if since <= day), None)


# What is posted -------------------------------------------------------------------------------------------------------


def added(use: ForeignUse) -> BookAmounts:
    """Add a use to its item and its credit; gives what is to be posted for it, and for all that it moved."""
    changed = {id(use): use}
    again = [holding for holding in use.holdings if not holding.add(use)]
    return _posted(_changed(again, changed))


def ended(use: ForeignUse, day: dt.date) -> BookAmounts:
    """Take a use back from a day on; from its own first day on it never was."""
    if day <= use.start:
        for holding in use.holdings:
            holding.uses.remove(use)
        use.of_item.clear()
        use.of_credit.clear()
    else:
        use.end = day
        for holding in use.holdings:
            holding.simple = False
    return _posted(_changed(list(use.holdings), {id(use): use}))


def _changed(holdings: list[Holding], found: dict[int, ForeignUse]) -> Iterable[ForeignUse]:
    """All uses that are worth something else now, down to what was made of converted credits."""
    while holdings:
        holding = holdings.pop()
        for use in holding.again():
            found[id(use)] = use
        found.update((id(use), use) for use in holding.priced)
        holdings.extend(holding.derived)
    return found.values()


def _posted(uses: Iterable[ForeignUse]) -> BookAmounts:
    """The difference between what has to stand there and what does."""
    moved: BookAmounts = {}
    for use in uses:
        wanted = _wanted(use)
        for place in wanted.keys() | use.posted.keys():
            minor = wanted.get(place, 0) - use.posted.get(place, 0)
            if minor:
                moved[place] = moved.get(place, 0) + minor
        use.posted = wanted
    return {place: minor for place, minor in moved.items() if minor}


def _wanted(use: ForeignUse) -> BookAmounts:
    """What is to be posted for a use on each day on which something about it changes."""
    days = sorted({day for day, _ in (*use.of_item, *use.of_credit)})
    wanted: BookAmounts = {}
    before: dict[str, int] = {}
    for day in days:
        after = _standing(use, day)
        for account in before.keys() | after.keys():
            wanted[day, account] = after.get(account, 0) - before.get(account, 0)
        before = after
    return wanted


def _standing(use: ForeignUse, day: dt.date) -> dict[str, int]:
    """What stands in the books for a use on a day, by account."""
    released = _on(use.of_item, day) if use.item is not None else None
    given = _on(use.of_credit, day) if use.credit is not None else None
    if use.kind == "allocation":
        return _allocated(use, released, given)
    if use.item is not None:
        return {} if released is None else _of_item(use, released, day)
    return {} if given is None else _of_credit(use, given)


def _allocated(use: ForeignUse, released: int | None, given: int | None) -> dict[str, int]:
    """What the credit gave up for what the item gave up; nothing where either is not known."""
    if released is None or given is None or not _one_book(use.item, use.credit):
        return {}
    return _difference(use, given - released, given - released)


def _one_book(one: Holding | None, other: Holding | None) -> bool:
    return one is not None and other is not None and one.book == other.book


def _of_item(use: ForeignUse, released: int, day: dt.date) -> dict[str, int]:
    """A part that was closed without money: for what the item carried, by the rate of the payment, or for nothing."""
    value = released
    if use.kind == "exchange_difference":
        value = 0
    elif use.kind in BY_PAYMENT and use.payer is not None and _one_book(use.item, use.payer):
        value = use.payer.share(use.amount, day)
    return _add(_difference(use, -released, value - released), parted(value, use.contra))


def _of_credit(use: ForeignUse, given: int) -> dict[str, int]:
    """What was used of a credit elsewhere: given back or converted for a value, or kept for what it stood for."""
    if use.contra:
        return _add({use.accounts[2]: given}, {account: -part for account, part in parted(given, use.contra).items()})
    return {} if use.value is None else _difference(use, given - use.value, given - use.value)


def _difference(use: ForeignUse, other: int, gained: int) -> dict[str, int]:
    """So much on the other side, and the gain or the loss."""
    gain, loss, exchange = use.accounts
    return _add({exchange: other}, {gain if gained > 0 else loss: -gained})


def _add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    for account, minor in other.items():
        one[account] = one.get(account, 0) + minor
    return {account: minor for account, minor in one.items() if minor}


def parted(minor: int, weights: Iterable[tuple[str, int]]) -> dict[str, int]:
    """An amount over accounts by weights, so that the parts add up to it; weights may be below zero, their sum is not.

    >>> parted(100, [("net", 2000), ("tax", 400)])
    {'net': 83, 'tax': 17}
    """
    told = list(weights)
    whole = sum(weight for _, weight in told)
    parts: dict[str, int] = {}
    until = placed = 0
    for account, weight in told:
        until += weight
        reached = ROUNDING.quotient(minor * until, whole) if whole else 0
        parts[account] = parts.get(account, 0) + reached - placed
        placed = reached
    return parts


def refunded(amount: Money, rate: ExchangeRate | None, book: Currency) -> int | None:
    """What a refund comes to in the book currency by its rate."""
    if rate is None or not rate.is_between(amount.currency, book):
        return None
    return rate.convert(amount).minor
