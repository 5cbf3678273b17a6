"""Payments that cover interest first: the United States Rule, and the order of BGB section 367(1).

A payment pays the interest that is owed on its day, and only the rest reduces the debt that bears interest. Interest
that a payment does not cover stays owed and bears none. Interest is rounded when it is paid: money has changed hands.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple, final

from attrs import evolve, frozen

from receivables.errors import InvalidValue
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.interest import Accrual, Compounding, InterestTerms, accrue, claim
from receivables.values.dates import add_days
from receivables.values.money import Money


class InterestPayment(NamedTuple):
    """How one payment was used, and what it left."""

    on: dt.date
    paid: Money
    to_interest: Money
    to_principal: Money
    left_over: Money
    principal: Money


@final
@frozen
class InterestFirst:
    """Payments that covered interest first, and the interest to the end on what they left of the debt."""

    payments: tuple[InterestPayment, ...]
    accrual: Accrual
    principal: Money
    interest: Money

    @property
    def balance(self) -> Money:
        """Principal and interest that are still owed."""
        return self.principal + self.interest

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per payment."""
        return [{name: _plain(value) for name, value in payment._asdict().items()} for payment in self.payments]

    def __str__(self) -> str:
        lines = [f"  {p.on}: {p.paid}, interest {p.to_interest}, principal {p.to_principal}" for p in self.payments]
        return "\n".join([f"owed: principal {self.principal}, interest {self.interest}", *lines])


def pay_interest_first(
    history: BalanceHistory, terms: InterestTerms, *, due_on: dt.date, until: dt.date
) -> InterestFirst:
    """Use each payment for the interest that is owed on its day, and the rest for the principal.

    >>> from receivables.values.daycounts import DayCount
    >>> note = BalanceHistory.of(Money.of(10500, "USD"), BalanceChange.payment(dt.date(2025, 4, 7), Money.of(4620, "USD")))
    >>> terms = InterestTerms.fixed("9.5", day_count=DayCount.ACT_360)
    >>> paid = pay_interest_first(note, terms, due_on=dt.date(2025, 1, 1), until=dt.date(2025, 8, 29))
    >>> print(paid)
    owed: principal 6146.00 USD, interest 233.55 USD
      2025-04-07: 4620.00 USD, interest 266.00 USD, principal 4354.00 USD

    The payments are the reductions of the principal in the history that do not count from the start. Errors: as
    `accrue`, and `InvalidValue` where interest is compounded.
    """
    if terms.compounding is not Compounding.NONE:
        raise InvalidValue("terms.compounding", terms.compounding.value, "must be simple")
    payments = [c for c in history.changes if _is_payment(c) and c.on <= until]
    known = evolve(history, changes=tuple(c for c in history.changes if not _is_payment(c)))
    covered, steps = Money.zero(history.currency), list[InterestPayment]()
    for payment in sorted(payments, key=lambda change: change.on):
        step = _pay(known, terms, due_on, payment, covered)
        covered += step.to_interest
        reduction = BalanceChange.payment(payment.on, step.to_principal, reference=payment.reference)
        known = evolve(known, changes=(*known.changes, reduction))
        steps.append(step)
    accrual = accrue(known, terms, due_on=due_on, until=until)
    return InterestFirst(tuple(steps), accrual, _rest(known, until), claim(accrual, covered))


def _is_payment(change: BalanceChange) -> bool:
    return change.of == "principal" and change.amount.is_negative and not change.from_start


def _pay(
    history: BalanceHistory, terms: InterestTerms, due_on: dt.date, payment: BalanceChange, covered: Money
) -> InterestPayment:
    paid, principal = -payment.amount, _rest(history, payment.on)
    accrual = accrue(history, terms, due_on=due_on, until=max(payment.on, due_on))
    to_interest = min(paid, max(claim(accrual, covered), Money.zero(history.currency)))
    to_principal = min(paid - to_interest, principal)
    left_over = paid - to_interest - to_principal
    return InterestPayment(payment.on, paid, to_interest, to_principal, left_over, principal - to_principal)


def _rest(history: BalanceHistory, day: dt.date) -> Money:
    """The principal at the end of a day, not below zero."""
    return max(history.on(add_days(day, 1)), Money.zero(history.currency))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Money) else value
