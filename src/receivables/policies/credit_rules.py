"""What a check asks of a credit policy, and of a group: so that checks need not know the class of the settings."""

from __future__ import annotations

from typing import Protocol, final

from attrs import frozen

from receivables.documents.credit import Order
from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.exposure import Exposure
from receivables.policies.limits import Granted
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class GroupStanding:
    """The common limit of a group in a currency and what all its members use, in minor units.

    ``unset`` says that the group has an account and no limit there, ``then`` is what they would use by the rates of the last
    approval, ``reason`` why what they use cannot be said.
    """

    group: str
    limit: int | None
    exposure: int
    unset: bool = False
    then: int | None = None
    rates: tuple[ExchangeRate, ...] = ()
    reason: Reason | None = None


class CreditRules(Protocol):
    """The settings of `receivables.policies.credit.CreditPolicy` that a check asks for, and what it says to a code."""

    @property
    def hold_overdue_days(self) -> int | None:
        """For how long an item may be overdue."""
        ...

    @property
    def overdue_share_percent(self) -> int | None:
        """How much of what is open may be overdue."""
        ...

    @property
    def returned_payment_days(self) -> int | None:
        """For how long a payment that came back counts."""
        ...

    @property
    def broken_promises(self) -> int | None:
        """How many broken promises stop an order."""
        ...

    @property
    def promise_days(self) -> int:
        """For how long a broken promise counts."""
        ...

    @property
    def stop_steps(self) -> frozenset[str]:
        """The dunning steps that stop an order."""
        ...

    @property
    def risk_classes(self) -> tuple[tuple[str, str], ...]:
        """Risk classes with the answer to each."""
        ...

    @property
    def warn_percent(self) -> int | None:
        """The share of the limit that is watched."""
        ...

    @property
    def agreed_terms(self) -> tuple[str, ...]:
        """The payment terms that an order may ask for."""
        ...

    @property
    def excluded_tags(self) -> frozenset[str]:
        """The tags of customers who are not checked."""
        ...

    @property
    def limit_currency(self) -> Currency | None:
        """The currency in which all exposure is limited."""
        ...

    @property
    def rate_policy(self) -> ExchangePolicy:
        """Which rates are taken."""
        ...

    @property
    def counted(self) -> frozenset[str]:
        """The components that count."""
        ...

    @property
    def parts(self) -> tuple[tuple[str, Money], ...]:
        """The parts of the limit, by component."""
        ...

    def answer(self, code: str) -> str:
        """What is answered to a code."""
        ...

    def leaves_out(self, order: Order) -> bool:
        """Whether an order is not checked."""
        ...

    def exposure(self, view: View, currency: Currency) -> Exposure:
        """The components in a currency."""
        ...

    def exposures(self, view: View) -> tuple[Exposure, ...]:
        """The components in every currency in which there is anything."""
        ...

    def granted(self, view: View, currency: Currency, group: GroupStanding | None = None) -> Granted:
        """The limit in a currency."""
        ...
