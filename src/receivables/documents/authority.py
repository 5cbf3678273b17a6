"""What needs authority, and what is asked of those who have it: a request to approve one deed, before it is done.

A request names the deed by its kind, what it is about and the amount. It is granted or refused by others than the one who
asks, lapses on a day of its own, and is used once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple, final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money


class Deed(NamedTuple):
    """What a kind of deed is, and whether several add up: a limit is a level, so the next one takes its place."""

    says: str
    adds_up: bool = True


DEEDS: Final[Mapping[str, Deed]] = {
    "limit": Deed("a credit limit is set or offered; the amount is the level that it comes to", adds_up=False),
    "order_release": Deed("an order is let through although the credit policy holds it"),
    "write_off": Deed("a receivable is written off, or a settlement gives up what is short"),
    "waiver": Deed("a charge is given up or taken back"),
    "refund": Deed("money is given back to the customer"),
    "merge": Deed("accounts are merged, separated or split"),
    "transfer": Deed("money goes to another account"),
    "plan": Deed("a payment plan is agreed, or performs again"),
    "bureau": Deed("a debt is reported outward, or placed with an agency"),
    "risk_class": Deed("a person gives a customer another risk class than its score"),
}
"""Kind of deed -> what it is. An authority matrix has rules for some or all of them."""


@final
@frozen(kw_only=True)
class ApprovalRequest:
    """May I do this? ``subject`` is the id of what it is about: a charge, a credit, an item, an order, an account.

    Where a kind is of several deeds, what is done stands before the id: ``merge BETA``, ``separate BETA``, ``split to BETA``.
    The ``subject`` of a `NotAuthorized` is the one to ask for.

    ``amount`` is the most that the deed may come to; ``None`` where it has none, or has no bound.

    >>> ApprovalRequest(id="A-1", account="ACME", kind="write_off", subject="INV-1", amount=Money.of("3000", "EUR")).kind
    'write_off'

    Errors: `InvalidValue` for an unknown kind or a negative amount.
    """

    id: str
    account: str
    kind: str
    subject: str
    amount: Money | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("approval.id", self.id)
        checks.text("approval.account", self.account)
        checks.one_of("approval.kind", self.kind, tuple(DEEDS))
        checks.text("approval.subject", self.subject)
        check_amount("approval.amount", self.amount)
        checks.text("approval.note", self.note, empty=True)


@final
@frozen(kw_only=True, weakref_slot=False)
class DeedDone:
    """A deed of the past as a matrix counts it: its kind, who did it, on which day and how much."""

    kind: str
    by: str
    amount: Money | None
    on: dt.date


def check_amount(field: str, amount: object) -> None:
    """``None``, or an amount that is not negative."""
    if amount is None:
        return
    checks.instance(field, amount, Money, "money, or None")
    if isinstance(amount, Money) and amount.minor < 0:
        raise InvalidValue(field, str(amount), "must not be negative")
