"""The exchange slice: what items and credits in a foreign currency stand for in the creditor's books.

Only documents that name a rate have an entry here, so an account in one currency costs nothing more. What is left of a
carrying amount follows from the allocations, and is worked out by `receivables.reports.exchange` for a date.

The parts of an invoice together stand for what its total stands for: each part takes the difference between what all up
to it and all before it come to by the rate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import final

from attrs import frozen

from receivables.documents.exchange import ExchangeRate
from receivables.documents.invoice import Invoice
from receivables.facts.cash import CreditArrived, PaymentReceived, RefundMade
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued, ItemTakenOver
from receivables.state.entry import Entry, Placement
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(weakref_slot=False)
class CarriedItem(Entry):
    """What an item stood for in the book currency when it arose, in minor units, and by which rate."""

    item: str
    amount: int
    currency: Currency
    rate: ExchangeRate
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class CarriedCredit(Entry):
    """What a credit stood for in the book currency when it arose, in minor units; without a rate where it brought that
    from another account.
    """

    credit: str
    amount: int
    currency: Currency
    rate: ExchangeRate | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class RefundRate(Entry):
    """By which rate a refund went out."""

    use: str
    rate: ExchangeRate
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Exchange:
    """The carrying amounts of items and credits in one column, and the rates of refunds, in log order."""

    carried: tuple[CarriedItem | CarriedCredit, ...] = ()
    refund_rates: tuple[RefundRate, ...] = ()

    @property
    def carried_items(self) -> tuple[CarriedItem, ...]:
        """The carrying amounts of items."""
        return tuple(each for each in self.carried if isinstance(each, CarriedItem))

    @property
    def carried_credits(self) -> tuple[CarriedCredit, ...]:
        """The carrying amounts of credits."""
        return tuple(each for each in self.carried if isinstance(each, CarriedCredit))

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The book currencies of the carrying amounts, in log order: plans see to it that there is one at most."""
        return tuple(dict.fromkeys(each.currency for each in self.carried))

    def currencies_on(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[Currency, ...]:
        """As `currencies`, of what was carried on a date, as known at an instant."""
        return tuple(dict.fromkeys(each.currency for each in self.carried if each.seen(as_of, known_at)))


def _books(invoice: Invoice, rate: ExchangeRate) -> Iterator[Money]:
    """What each part of an invoice stands for; below zero for one that takes back."""
    until = Money.zero(invoice.total.currency)
    before = Money.zero(rate.other(until.currency))
    for part in invoice.schedule.installments:
        until += part.amount
        book = rate.convert(until)
        yield book - before
        before = book


def _invoice(fact: InvoiceIssued) -> Iterable[CarriedItem | CarriedCredit]:
    """An entry for each part: a part that takes back is a credit."""
    rate = fact.invoice.book_rate
    if rate is None:
        return ()
    day, known = fact.effective_on, fact.recorded_at
    return [
        CarriedItem(id, book.minor, book.currency, rate, day, known)
        if part.amount.minor >= 0
        else CarriedCredit(id, -book.minor, book.currency, rate, day, known)
        for (id, part), book in zip(fact.invoice.items(), _books(fact.invoice, rate), strict=True)
    ]


def _taken_over(fact: ItemTakenOver) -> Iterable[CarriedItem]:
    item, rate = fact.item, fact.item.book_rate
    if rate is None:
        return ()
    book = rate.convert(item.open)
    return (CarriedItem(item.id, book.minor, book.currency, rate, fact.effective_on, fact.recorded_at),)


def _credit_note(fact: CreditNoteIssued) -> Iterable[CarriedCredit]:
    note = fact.credit_note
    return _credit(note.number, note.total, note.book_rate, fact.effective_on, fact.recorded_at)


def _payment(fact: PaymentReceived) -> Iterable[CarriedCredit]:
    payment = fact.payment
    if payment.book_rate is None:
        return ()
    return _credit(payment.id, payment.amount, payment.book_rate, fact.effective_on, fact.recorded_at)


def _credit(
    id: str, amount: Money, rate: ExchangeRate | None, day: dt.date, known: dt.datetime
) -> Iterable[CarriedCredit]:
    if rate is None:
        return ()
    book = rate.convert(amount)
    return (CarriedCredit(id, book.minor, book.currency, rate, day, known),)


def _arrived(fact: CreditArrived) -> Iterable[CarriedCredit]:
    book = fact.book
    if book is None:
        return ()
    return (CarriedCredit(fact.id, book.minor, book.currency, None, fact.effective_on, fact.recorded_at),)


def _refund(fact: RefundMade) -> Iterable[RefundRate]:
    rate = fact.book_rate
    return () if rate is None else (RefundRate(fact.id, rate, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    InvoiceIssued: (("carried", _invoice),),
    ItemTakenOver: (("carried", _taken_over),),
    CreditNoteIssued: (("carried", _credit_note),),
    PaymentReceived: (("carried", _payment),),
    CreditArrived: (("carried", _arrived),),
    RefundMade: (("refund_rates", _refund),),
}
