"""What the creditor sends: a notice to a customer, with every item, its amount and its step, and nothing personal.

The content is frozen when the notice is queued and is the same at each attempt to deliver it. ``key`` names the letter:
a notifier that sees the same key twice sends once.
"""

from __future__ import annotations

import datetime as dt
from typing import final

from attrs import frozen

from receivables.documents.charge import Charge
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True, weakref_slot=False)
class PolicyRef:
    """Which settings decided: a policy's id, its version, and the digest of its settings.

    >>> str(PolicyRef(id="standard", version=3, digest="9f" * 32))
    'standard/3'
    """

    id: str
    version: int
    digest: str

    def __str__(self) -> str:
        return f"{self.id}/{self.version}"


@final
@frozen(kw_only=True, weakref_slot=False)
class NoticeLine:
    """One item on a notice: what is open of it, since when, and the step that it takes.

    ``step`` is ``None`` for an item that is listed for information only. ``ladder_from`` is the due date from which
    the ladder of the item counts; with the item and the step it makes the step's key. ``times`` counts how often the
    step was taken with this one, ``pay_by`` is the day up to which the letter asks to be paid, ``effects`` names what
    follows when it was sent, ``charges`` what the step claims besides the amount.

    >>> NoticeLine(item="INV-1", document="INV-1", amount=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4),
    ...            ladder_from=dt.date(2026, 2, 4), step="first").key
    'INV-1/first/2026-02-04'
    """

    item: str
    document: str
    amount: Money
    due_on: dt.date
    ladder_from: dt.date
    step: str | None = None
    policy: PolicyRef | None = None
    times: int = 1
    pay_by: dt.date | None = None
    effects: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()

    @property
    def key(self) -> str:
        """The key of the step: item, step and ladder start, without the policy's version; a repeated step is counted."""
        again = f"#{self.times}" if self.times > 1 else ""
        return f"{self.item}/{self.step}{again}/{self.ladder_from.isoformat()}"


@final
@frozen(kw_only=True, weakref_slot=False)
class Notice:
    """A letter to one customer in one currency, on one channel and in one language.

    >>> due = dt.date(2026, 2, 4)
    >>> line = NoticeLine(item="INV-1", document="INV-1", amount=Money.of("1200", "EUR"), due_on=due, ladder_from=due,
    ...                   step="first")
    >>> Notice(key="4f1", account="ACME", customer="ACME", currency=Currency.of("EUR"), channel="email", language="en",
    ...        template="first", as_of=dt.date(2026, 2, 11), lines=(line,)).demanded
    Money.of('1200.00', 'EUR')

    ``audience`` is ``customer``, or ``staff`` for an alert to the creditor's own people. ``recipient`` is the host's
    reference of the contact, or ``None`` where the customer has none for the channel.
    """

    key: str
    account: str
    customer: str
    currency: Currency
    channel: str
    language: str
    template: str
    as_of: dt.date
    lines: tuple[NoticeLine, ...]
    recipient: str | None = None
    audience: str = "customer"
    retracts: str | None = None
    """The key of the letter that this one takes back."""

    @property
    def claimed(self) -> tuple[NoticeLine, ...]:
        """The lines that take a step; the others are information."""
        return tuple(line for line in self.lines if line.step is not None)

    @property
    def total(self) -> Money:
        """The sum of the lines that take a step, without charges."""
        return Money.total((line.amount for line in self.claimed), self.currency)

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The fees and interest that the letter claims besides."""
        return tuple(charge for line in self.lines for charge in line.charges)

    @property
    def demanded(self) -> Money:
        """All that the letter demands: the lines that take a step, and their charges."""
        return self.total + Money.total((charge.amount for charge in self.charges), self.currency)
