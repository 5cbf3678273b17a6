"""What is left of the carrying amounts on a date: of each item and each credit in a foreign currency.

1. What uses an item or a credit releases its share of the carrying amount, in the order of effective dates, and of one day
   in the order of the log. The use that takes the last of it takes what is left, so all releases and the rest are always
   the amount that it began with.
2. What was taken back releases nothing: only what is in force on the date counts.
3. A credit in the book currency stands for itself. One that was converted stands for what its source released.
4. Where a document came without a rate, its carrying amount is not known, and nothing is guessed.

Shares are rounded half up to minor units of the book currency.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple, Protocol, final

from attrs import frozen

from receivables.documents.exchange import Carrying, ExchangeRate
from receivables.errors import CurrencyMismatch
from receivables.state.cash import AllocationEntry, Cash, CreditEntry, Reduction, Use
from receivables.state.exchange import Exchange
from receivables.state.invoice import Item, Ledger
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding

ROUNDING = Rounding.HALF_UP
"""How a share of a carrying amount is rounded."""


class _Slices(Protocol):
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cash(self) -> Cash: ...
    @property
    def exchange(self) -> Exchange: ...


class _Use(NamedTuple):
    """So much of an item or a credit; what has no id of its own is never taken back."""

    id: str | None
    amount: int


@final
@frozen(weakref_slot=False)
class Carried:
    """An item or a credit with its carrying amount and what each use released of it, in minor units.

    ``book`` and ``book_left`` are ``None`` where the carrying amount is not known. ``there`` is false for a payment whose
    money is not there, or went back.
    """

    id: str
    currency: Currency
    amount: int
    left: int
    book: int | None
    book_left: int | None
    book_currency: Currency
    rate: ExchangeRate | None
    released: Mapping[str, int]
    there: bool = True

    @property
    def original(self) -> Carrying | None:
        """The amount that it arose with, and what that stood for."""
        return self._carrying(self.amount, self.book)

    @property
    def remaining(self) -> Carrying | None:
        """What is open or left, and what that stands for."""
        return self._carrying(self.left, self.book_left)

    def _carrying(self, foreign: int, book: int | None) -> Carrying | None:
        if book is None:
            return None
        return Carrying(foreign=Money(max(0, foreign), self.currency), book=Money(book, self.book_currency))

    def share(self, amount: int) -> int | None:
        """What so much of it stands for by the rate with which it arose."""
        return None if self.book is None else ROUNDING.quotient(self.book * amount, self.amount)


@final
@frozen(kw_only=True)
class CarriedBooks:
    """All items and credits of an account that concern a foreign currency, by id, with what is in force on a date."""

    currency: Currency | None = None
    items: Mapping[str, Carried] = {}
    credits: Mapping[str, Carried] = {}
    allocations: tuple[AllocationEntry, ...] = ()
    differences: tuple[Reduction, ...] = ()
    uses: tuple[Use, ...] = ()


def carried_on(account: _Slices, as_of: dt.date, known_at: dt.datetime | None) -> CarriedBooks:
    """The carrying amounts of an account on a date; nothing where no document until then names a rate.

    Raises `CurrencyMismatch` where its documents were recorded with rates to several book currencies.
    """
    currencies = account.exchange.currencies_on(as_of, known_at)
    if not currencies:
        return CarriedBooks()
    if len(currencies) > 1:
        raise CurrencyMismatch(*currencies[:2])
    cash, book = account.cash, currencies[0]
    undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
    allocations = [each for each in cash.allocations if each.seen(as_of, known_at) and each.id not in undone]
    uses = [each for each in cash.uses if each.seen(as_of, known_at) and each.id not in undone]
    reductions = list(cash.reductions_on(as_of, known_at))
    credits = [entry for entry in cash.credits if entry.seen(as_of, known_at)]
    gone = {id for id, status in cash.statuses(as_of, known_at).items() if status != "settled"}
    items = [item for item in account.ledger.items if item.seen(as_of, known_at) and item.currency != book]
    return CarriedBooks(
        currency=book,
        items=_items(items, account.exchange, _in_order(allocations, reductions, of_items=True), book),
        credits=_credits(credits, account.exchange, _in_order(allocations, uses), uses, gone, book),
        allocations=tuple(allocations),
        differences=tuple(each for each in reductions if each.id is not None),
        uses=tuple(uses),
    )


def _in_order(
    allocations: Iterable[AllocationEntry], others: Iterable[Reduction | Use], *, of_items: bool = False
) -> Mapping[str, list[_Use]]:
    """What used each item or each credit, in effective order; of one day as it was recorded, money before the rest.

    What an item is more by, because it was recovered, comes before the money that settles it.
    """
    entries: list[AllocationEntry | Reduction | Use] = [*allocations, *others]
    entries.sort(key=lambda each: (each.effective_on, each.recorded_at, each.amount > 0))
    found: dict[str, list[_Use]] = {}
    for entry in entries:
        name = "item" if of_items else "source"
        found.setdefault(getattr(entry, name), []).append(_Use(entry.id, entry.amount))
    return found


def _items(
    items: Iterable[Item], exchange: Exchange, uses: Mapping[str, list[_Use]], book: Currency
) -> Mapping[str, Carried]:
    known = {each.item: (each.amount, each.rate) for each in exchange.carried_items}
    return {item.id: _carried(item, known.get(item.id, (None, None)), uses.get(item.id, ()), book) for item in items}


def _credits(
    credits: Iterable[CreditEntry],
    exchange: Exchange,
    by_credit: Mapping[str, list[_Use]],
    uses: Iterable[Use],
    gone: Set[str],
    book: Currency,
) -> Mapping[str, Carried]:
    """In log order: what a credit was converted from stands before it."""
    known = {each.credit: (each.amount, each.rate) for each in exchange.carried_credits}
    sources = {use.id: use.source for use in uses if use.kind == "conversion"}
    found: dict[str, Carried] = {}
    for entry in credits:
        amount: tuple[int | None, ExchangeRate | None] = known.get(entry.id, (None, None))
        if entry.currency == book:
            amount = (entry.amount, None)
        elif entry.id in sources and sources[entry.id] in found:
            amount = (found[sources[entry.id]].released.get(entry.id), None)
        found[entry.id] = _carried(entry, amount, by_credit.get(entry.id, ()), book, entry.id not in gone)
    return found


def _carried(
    it: Item | CreditEntry,
    known: tuple[int | None, ExchangeRate | None],
    uses: Iterable[_Use],
    book: Currency,
    there: bool = True,
) -> Carried:
    amount, rate = known
    left, rest = it.amount, amount
    released = {}
    for id, part in uses:
        if rest is not None and id is not None:
            share = _released(rest, part, left, it.amount, amount or 0)
            released[id] = share
            rest -= share
        left -= part
    return Carried(it.id, it.currency, it.amount, left, amount, rest, book, rate, released, there)


def _released(rest: int, part: int, left: int, whole: int, book: int) -> int:
    """What a use releases of the carrying amount; the last takes all. One below zero gives back by the rate of the whole.

    Nothing comes back of what was taken off twice: a payment that was known late can stand before a loss that was taken
    back since.
    """
    if part < 0:
        return ROUNDING.quotient(book * (max(0, left) - max(0, left - part)), whole)
    return rest if part >= left else ROUNDING.quotient(rest * part, left)
