"""What a host can ask for about money that was received: what became of it, what it settles, where else it goes."""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.exchange import ExchangeRate, check_book_rate
from receivables.documents.payment import Allocation
from receivables.documents.settlement import Deduction
from receivables.plans.commands import Command
from receivables.values import checks
from receivables.values.money import Money

RETURNS: Final = ("returned", "chargeback", "reversed")
"""Why money that was there is not any more: it came back, the scheme took it, or it was booked by mistake."""


@final
@frozen(kw_only=True)
class ConfirmPayment(Command):
    """Say that the money of a payment that was pending or unknown is there, from a day on.

    That day, not the one for which it was announced, decides on discounts and interest, and from when it can be used.

    ``bank_line`` is the line that says so, where that is another one than the payment was announced with: it is claimed.
    """

    of: str
    payment: str
    on: dt.date
    bank_line: str | None = None


@final
@frozen(kw_only=True)
class FailPayment(Command):
    """Say that a payment that was pending or unknown came to nothing."""

    of: str
    payment: str
    code: str
    on: dt.date
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class ReturnPayment(Command):
    """Say that money that was there went back: ``returned``, ``chargeback``, or ``reversed`` as booked by mistake.

    ``fee`` is what the return cost and the customer bears.
    """

    of: str
    payment: str
    kind: str
    code: str
    on: dt.date
    fee: Money | None = None
    bank_line: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.kind", self.kind, RETURNS)


@final
@frozen(kw_only=True)
class Settle(Command):
    """Settle items with what is left of a credit, and explain the difference by the settlement policy.

    The items are taken in their order. ``deductions``, ``withheld`` with its ``certificate`` and ``bank_fee`` are what the
    remittance or the bank says about what is missing. Where the money would go otherwise than ``expected``, because
    something else was recorded meanwhile, the answer is ``refused`` and nothing is.

    ``approver`` approves now what the settlement writes off, ``approval`` is a request about the ``source`` that was
    granted for it; where it writes nothing off, neither is asked for or used.
    """

    of: str
    source: str
    items: tuple[str, ...]
    deductions: tuple[Deduction, ...] = ()
    withheld: Money | None = None
    certificate: str | None = None
    bank_fee: Money | None = None
    expected: tuple[Allocation, ...] = ()
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class Appropriate(Command):
    """Place what is left of a credit on what is owed, by the order of appropriation of the policies.

    ``designated`` are the items that the debtor named.
    """

    of: str
    source: str
    designated: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class Refund(Command):
    """Give so much of a credit back to the customer; ``reference`` is the host's, of the payment that it makes.

    ``approver`` approves it now, ``approval`` is a request that was granted for it. ``book_rate`` is the rate by which money in a foreign currency leaves the creditor's books.
    """

    of: str
    source: str
    amount: Money
    on: dt.date
    reference: str | None = None
    book_rate: ExchangeRate | None = None
    approver: str | None = None
    approval: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        check_book_rate("command.book_rate", self.book_rate, self.amount.currency)


@final
@frozen(kw_only=True)
class Convert(Command):
    """Turn so much of a credit into another currency, at a rate of a day and a source."""

    of: str
    source: str
    amount: Money
    rate: ExchangeRate
    on: dt.date


@final
@frozen(kw_only=True)
class Transfer(Command):
    """Move so much of a credit to another account: cash that nobody could place finds its customer."""

    of: str
    source: str
    amount: Money
    to: str
    on: dt.date
    approver: str | None = None
    approval: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """The account that it goes to."""
        return (self.to,)
