"""From a proposal of matching to the commands that record it.

The commands come in this order: the money moves to the account that the proposal is for, the credit notes that the payer
took off are applied, the items that are paid in full beside discounted ones are paid, and the rest settles the others, so
that the settlement policy explains the difference. None of them takes anything back: what a human allocated stays as it is.

What matching may post, settlement records to the cent or not at all: where the settlement policy would place the money
otherwise, or something was recorded since the proposal, the answer is ``refused`` and the money waits on the account. What a
person decides, the settlement policy explains as it does any payment.

Each command is a commit of its own, unless the host gives them inside a transaction; given again they go on where they
stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from receivables.documents.payment import Allocation, Payment
from receivables.errors import InvalidValue
from receivables.plans.cash_commands import Settle, Transfer
from receivables.plans.commands import Apply, Command
from receivables.policies.matching_proposals import Proposal
from receivables.values import checks
from receivables.values.money import Money

RULE = "matched"
"""The rule that is named on an allocation that was not settled by the settlement policy."""


def posting(
    proposal: Proposal, payment: Payment, *, key: str, by: str | None = None, left: Money | None = None
) -> tuple[Command, ...]:
    """The commands that record what a proposal says about a payment, in the order in which they are to be given.

    >>> import datetime as dt
    >>> from receivables.documents.reason import Reason
    >>> paid = Payment(id="P-1", account="suspense", amount=Money.of(100, "EUR"), value_date=dt.date(2026, 3, 2))
    >>> part = Allocation(source="P-1", item="INV-1", amount=Money.of(100, "EUR"))
    >>> sure = Proposal(account="ACME", allocations=(part,), difference=Money.zero("EUR"), kind="exact_amount",
    ...                 points=120, reasons=(Reason(code="reference"),), post=True)
    >>> for command in posting(sure, paid, key="match P-1"):
    ...     print(type(command).__name__, command.account, command.source, command.key)
    Transfer suspense P-1 match P-1/transfer
    Settle ACME match P-1/transfer#1 match P-1/settle

    The money of a payment that stands in another account is transferred as of its value date, all that is ``left`` of
    it; by default that is all of it. The keys follow from ``key``: the same proposal posted twice is recorded once.

    A proposal that may not be posted by itself needs the person who decided, ``by``.

    Errors: `WrongType`; `InvalidValue` where nobody is named for a proposal that is only a suggestion, or where the
    proposal is for another payment.
    """
    checks.instance("posting.proposal", proposal, Proposal, "a proposal")
    checks.instance("posting.payment", payment, Payment, "a payment")
    checks.text("posting.key", key)
    if not proposal.post and by is None:
        against = ", ".join(map(str, proposal.against))
        raise InvalidValue("posting.by", by, f"must name who decided on what is not posted by itself ({against})")
    strangers = [each.source for each in proposal.allocations if each.source != payment.id]
    if strangers:
        raise InvalidValue("posting.payment", payment.id, f"must be the payment of the proposal, {strangers[0]!r}")
    return tuple(_commands(proposal, payment, key, by, payment.amount if left is None else left))


def _commands(proposal: Proposal, payment: Payment, key: str, by: str | None, left: Money) -> Iterator[Command]:
    source = payment.id
    if proposal.account != payment.account:
        moved = f"{key}/transfer"
        yield Transfer(
            of=payment.account, source=source, amount=left, to=proposal.account, on=payment.value_date, key=moved, by=by
        )
        source = f"{moved}#1"
    settled = _settled(proposal)
    applied = [each for each in proposal.allocations if each.item not in settled]
    own = [attrs.evolve(each, source=source) for each in applied]
    for ordinal, each in enumerate((*proposal.credits, *own), 1):
        yield _apply(proposal.account, each, f"{key}/apply {ordinal}", by)
    if settled:
        stated = payment.remittance.deductions
        deductions = tuple(each for each in stated if each.item is None or each.item in settled)
        yield Settle(
            of=proposal.account,
            source=source,
            items=settled,
            deductions=deductions,
            expected=tuple(each for each in proposal.allocations if each.item in settled) if proposal.post else (),
            key=f"{key}/settle",
            by=by,
        )


def _settled(proposal: Proposal) -> tuple[str, ...]:
    """The items that the settlement policy looks at: of a payment with discounts, the ones that are discounted.

    Where more is missing than the discounts, the tolerance is for all the items together.
    """
    paid = tuple(dict.fromkeys(each.item for each in proposal.allocations))
    taken = [reason.amount for reason in proposal.reasons if reason.code == "discount"]
    if proposal.kind == "discount" and taken != [-proposal.difference]:
        return paid
    return tuple(item for item in paid if item in proposal.discounted) or paid


def _apply(account: str, allocation: Allocation, key: str, by: str | None) -> Apply:
    return Apply(of=account, allocation=attrs.evolve(allocation, rule=RULE), key=key, by=by)
