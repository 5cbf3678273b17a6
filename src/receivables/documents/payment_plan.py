"""What a customer pays in parts: a plan over several open items, with a day and an amount for each installment.

While a plan performs, what it covers is not dunned, and ages by the plan. The money is applied to the items as ever; a plan
only reads what settled them. A default is the debt of before, from its own due dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import final

import attrs
from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.dates import add_days
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class PlanInstallment:
    """So much by a day.

    >>> str(PlanInstallment(due_on=dt.date(2026, 4, 1), amount=Money.of("300", "EUR")).amount)
    '300.00 EUR'
    """

    due_on: dt.date
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.day("installment.due_on", self.due_on)
        checks.instance("installment.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("installment.amount", str(self.amount), "must be more than zero")


@final
@frozen(kw_only=True)
class PaymentPlan:
    """Whole items, invoices and charges, paid in installments.

    Each installment has ``grace_days`` after its day. ``waives`` are charges among the items that are given up on condition
    that the plan is kept; the installments add up to what is open of the other items.

    >>> april, may = dt.date(2026, 4, 1), dt.date(2026, 5, 1)
    >>> plan = PaymentPlan(
    ...     id="PP-1", account="ACME", items=("INV-1", "INV-2"), agreed_on=dt.date(2026, 3, 10),
    ...     installments=(PlanInstallment(due_on=april, amount=Money.of("300", "EUR")),
    ...                   PlanInstallment(due_on=may, amount=Money.of("200", "EUR"))))
    >>> plan.total, plan.grace_days
    (Money.of('500.00', 'EUR'), 0)

    Due dates that do not rise are `InvalidValue`, amounts in two currencies `CurrencyMismatch`.
    """

    id: str
    account: str
    items: tuple[str, ...]
    agreed_on: dt.date
    installments: tuple[PlanInstallment, ...]
    grace_days: int = 0
    waives: tuple[str, ...] = ()
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("plan.id", self.id)
        checks.text("plan.account", self.account)
        checks.day("plan.agreed_on", self.agreed_on)
        checks.whole("plan.grace_days", self.grace_days, least=0)
        checks.text("plan.note", self.note, empty=True)
        for name, ids in (("items", self.items), ("waives", self.waives)):
            checks.sequence(f"plan.{name}", ids, str, "item ids")
            if len(set(ids)) != len(ids):
                raise InvalidValue(f"plan.{name}", ids, "must name each item once")
        if not self.items:
            raise InvalidValue("plan.items", self.items, "must name an item")
        if other := sorted(set(self.waives) - set(self.items)):
            raise InvalidValue("plan.waives", other[0], "must be one of the items")
        _check_installments(self.agreed_on, self.installments)
        add_days(self.installments[-1].due_on, self.grace_days)  # its last day is one that there is

    @property
    def total(self) -> Money:
        """What the installments add up to."""
        return Money.total((each.amount for each in self.installments), self.installments[0].amount.currency)

    @property
    def owed_items(self) -> tuple[str, ...]:
        """The items that are paid in installments: those that are not waived."""
        return tuple(item for item in self.items if item not in self.waives)


def _check_installments(agreed_on: dt.date, installments: Iterable[PlanInstallment]) -> None:
    checks.sequence("plan.installments", installments, PlanInstallment, "installments")
    found = tuple(installments)
    if not found:
        raise InvalidValue("plan.installments", found, "must have an installment")
    if found[0].due_on < agreed_on:
        raise InvalidValue("plan.installments", found[0].due_on.isoformat(), f"must not be due before {agreed_on}")
    for one, next_ in pairwise(found):
        if next_.due_on <= one.due_on:
            raise InvalidValue("plan.installments", next_.due_on.isoformat(), f"must be due after {one.due_on}")
        if next_.amount.currency != one.amount.currency:
            raise CurrencyMismatch(one.amount, next_.amount)
