"""What a forecast learns from: when invoices were paid, from accounts or from rows that a host imports.

Only what was known counts. An item counts with the shares in which it was paid, by value dates against its due date; what
is still open counts as open until then, and what went without money (a credit note, a write-off) as open until its day. What
was ever disputed says nothing about how a customer pays and is left out, as are charges and items without a due date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.state.account import Account, joined_on
from receivables.state.view import View
from receivables.values import checks


@final
@frozen(kw_only=True)
class PaymentRecord:
    """One invoice, or a share of one: when it was due, and when it was paid or went without money; open without a day.

    ``issued_on`` is the day since which it is known to be there; ``recorded_at`` the instant at which the payment became
    known. Where they are missing, the invoice is known from its due date and the payment from its own day.

    >>> PaymentRecord(customer="ACME", due_on=dt.date(2026, 2, 4), paid_on=dt.date(2026, 2, 9)).days_late
    5
    """

    customer: str
    due_on: dt.date
    paid_on: dt.date | None = None
    segment: str = ""
    issued_on: dt.date | None = None
    recorded_at: dt.datetime | None = None
    by_payment: bool = True
    share: Fraction = Fraction(1)

    def __attrs_post_init__(self) -> None:
        checks.text("payment_record.customer", self.customer)
        checks.day("payment_record.due_on", self.due_on)
        checks.optional_day("payment_record.paid_on", self.paid_on)
        checks.text("payment_record.segment", self.segment, empty=True)
        checks.optional_day("payment_record.issued_on", self.issued_on)
        if self.recorded_at is not None:
            checks.instant("payment_record.recorded_at", self.recorded_at)
        checks.instance("payment_record.by_payment", self.by_payment, bool, "true or false")
        checks.instance("payment_record.share", self.share, Fraction, "a fraction")
        if not 0 < self.share <= 1:
            raise InvalidValue("payment_record.share", self.share, "must be more than zero and at most one")

    @property
    def days_late(self) -> int | None:
        """The days from the due date to the payment, below zero where it came early; ``None`` while it is open."""
        return None if self.paid_on is None else (self.paid_on - self.due_on).days


def payment_records(account: Account, view: View) -> Iterator[PaymentRecord]:
    """How an account paid, by what its view knows: one record per share of an item.

    Of 1,000.00 due on 4 February, 400.00 came five days late; the rest was open on 1 March.

    >>> from receivables import Allocation, Customer, Invoice, Money, Payment
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(1000, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> paid = Payment(id="P-1", account="ACME", amount=Money.of(400, "EUR"), value_date=dt.date(2026, 2, 9))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[paid],
    ...                      allocations=[Allocation(source="P-1", item="INV-1", amount=Money.of(400, "EUR"))])
    >>> for record in payment_records(account, account.view(dt.date(2026, 3, 1))):
    ...     print(record.paid_on, record.share)
    2026-02-09 2/5
    None 3/5

    Errors: `InvalidValue` for the view of another account.
    """
    if view.account != account.id:
        raise InvalidValue("payment_records.view", view.account, f"must be of account {account.id!r}")
    as_of, known_at = view.as_of, view.known_at
    joined = joined_on(account, as_of, known_at)
    segment = view.customer.segment if view.customer is not None else ""
    disputed = {item for state in view.disputes for item in state.items}
    dates = joined.ledger.due_dates(as_of, known_at)
    gone = _gone(joined, as_of, known_at)
    for item in joined.ledger.items:
        due_on = dates.get(item.id, item.due_on)
        if item.kind != "invoice" or due_on is None or item.id in disputed or not item.seen(as_of, known_at):
            continue
        for paid_on, minor, by_payment in _parts(item.amount, gone.get(item.id, [])):
            yield PaymentRecord(
                customer=view.account,
                due_on=due_on,
                paid_on=paid_on,
                segment=segment,
                issued_on=item.document_on,
                by_payment=by_payment,
                share=Fraction(minor, item.amount),
            )


_Part = tuple[dt.date | None, int, bool]
"""When so much of an item went, in minor units, and whether by a payment; no day for what is open."""


def _gone(account: Account, as_of: dt.date, known_at: dt.datetime | None) -> dict[str, list[_Part]]:
    """What went of each item by a date, in the order of the log."""
    paid_on = {credit.id: credit.effective_on for credit in account.cash.credits if credit.kind == "payment"}
    undone = {entry.allocation for entry in account.cash.undoings if entry.seen(as_of, known_at)}
    found: dict[str, list[_Part]] = {}
    for made in account.cash.allocations:
        if made.id not in undone and made.seen(as_of, known_at):
            day = paid_on.get(made.source, made.effective_on)
            found.setdefault(made.item, []).append((day, made.amount, made.source in paid_on))
    for less in account.cash.reductions_on(as_of, known_at):
        parts = found.setdefault(less.item, [])
        if less.amount < 0:
            found[less.item] = list(_less(parts, -less.amount))
        else:
            parts.append((less.effective_on, less.amount, False))
    return found


def _less(parts: list[_Part], back: int) -> Iterator[_Part]:
    """The parts without what came back of those that no payment settled, the last of them first."""
    later = sum(minor for _, minor, by_payment in parts if not by_payment)
    for day, minor, by_payment in parts:
        later -= 0 if by_payment else minor
        taken = 0 if by_payment else min(minor, max(0, back - later))
        yield day, minor - taken, by_payment


def _parts(amount: int, gone: list[_Part]) -> Iterator[_Part]:
    """The parts of an item, what is open last; an item of nothing has none, and what was taken back is no part."""
    rest = amount
    for day, minor, by_payment in gone:
        taken = min(minor, rest)
        rest -= taken
        if taken > 0:
            yield day, taken, by_payment
    if rest > 0:
        yield None, rest, True
