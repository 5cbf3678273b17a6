"""What matching answers: proposals with points and reasons, the best first, and what was passed over.

A proposal is a suggestion unless ``post`` is true. The reasons say, in this order, how the items were named, how the
debtor was recognized, what the amount is to the items, and what else speaks for it; ``against`` says why it may not be
posted by itself.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.payment import Allocation
from receivables.documents.reason import Reason
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class Proposal:
    """One way to use a payment: so much of it on these items of one account.

    ``difference`` is the payment less what was open of the items that it is taken for: below zero the payment is short,
    and may reach only some of them, the oldest due first; above zero it leaves something over. ``kind`` is what the difference is taken for: ``exact_amount`` where there is none, else
    ``discount``, ``tolerance``, ``deduction`` (the payer states it), ``unearned_discount``, ``short_payment`` or ``overpayment``. ``credits`` are
    allocations of credit notes that the payer took off, to be made before the payment's own. ``discounted`` are the items
    of which a discount was taken off.

    >>> part = Allocation(source="P-1", item="INV-1", amount=Money.of(100, "EUR"))
    >>> because = (Reason(code="reference"), Reason(code="payer"), Reason(code="exact_amount"))
    >>> print(Proposal(account="ACME", allocations=(part,), difference=Money.zero("EUR"), kind="exact_amount",
    ...                points=120, reasons=because, post=True))
    post to ACME: 100.00 EUR on INV-1 (120 points: reference, payer, exact_amount)
    """

    account: str
    allocations: tuple[Allocation, ...]
    difference: Money
    kind: str
    points: int
    reasons: tuple[Reason, ...]
    credits: tuple[Allocation, ...] = ()
    against: tuple[Reason, ...] = ()
    post: bool = False
    discounted: tuple[str, ...] = ()

    @property
    def total(self) -> Money:
        """What it uses of the payment."""
        return Money.total((each.amount for each in self.allocations), self.difference.currency)

    @property
    def items(self) -> tuple[str, ...]:
        """The items that it pays on."""
        return tuple(dict.fromkeys(each.item for each in (*self.credits, *self.allocations)))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per allocation."""
        return [
            {
                "account": self.account,
                "source": each.source,
                "item": each.item,
                "amount": str(each.amount.amount),
                "currency": each.amount.currency.code,
                "kind": self.kind,
                "points": self.points,
                "post": self.post,
                "reasons": ", ".join(map(str, self.reasons)),
                "against": ", ".join(map(str, self.against)),
            }
            for each in (*self.credits, *self.allocations)
        ]

    def __str__(self) -> str:
        on = ", ".join(f"{each.amount} on {each.item}" for each in (*self.credits, *self.allocations))
        verb = "post" if self.post else "suggest"
        because = ", ".join(map(str, self.reasons))
        but = f"; not posted: {', '.join(map(str, self.against))}" if self.against else ""
        return f"{verb} to {self.account}: {on} ({self.points} points: {because}{but})"


@final
@frozen(kw_only=True)
class PassedOver:
    """An item that the payer named and that cannot be proposed, with the reason.

    ``settled``: nothing is open of it. ``reserved``: what is open is meant for a payment that is on its way.
    ``other_currency``: it is owed in another currency than was paid.

    >>> PassedOver(account="ACME", item="INV-1", reason=Reason(code="settled")).item
    'INV-1'
    """

    account: str
    item: str
    reason: Reason


@final
@frozen(kw_only=True)
class Proposals:
    """All proposals for one payment, the best first.

    ``gave_up`` says that the search for sets of items was stopped by its bounds: what it did not find may exist.

    >>> Proposals(payment="P-1").posting is None
    True
    """

    payment: str
    proposals: tuple[Proposal, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    gave_up: bool = False

    @property
    def best(self) -> Proposal | None:
        """The proposal with the most points, posted or not."""
        return self.proposals[0] if self.proposals else None

    @property
    def posting(self) -> Proposal | None:
        """The proposal that may be posted without a human, or ``None``."""
        return self.proposals[0] if self.proposals and self.proposals[0].post else None

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per allocation, with the rank of its proposal."""
        return [{"rank": rank, **row} for rank, each in enumerate(self.proposals, 1) for row in each.rows()]

    def __str__(self) -> str:
        lines = [f"{self.payment}: {'nothing found' if not self.proposals else ''}".rstrip()]
        lines += [f"  {each}" for each in self.proposals]
        lines += [f"  passed over {each.item} of {each.account}: {each.reason}" for each in self.passed_over]
        return "\n".join([*lines, "  the search gave up"] if self.gave_up else lines)
