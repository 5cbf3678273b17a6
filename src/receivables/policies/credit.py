"""Credit policy: what counts against a limit, and what an order is answered.

The exposure is what is open, plus what approved orders reserve, less what is on account. A limit of ``None`` is unlimited
and a limit of zero is zero. Everything that does not depend on the order is worked out once, as the `CreditStanding`
of an account in a currency; an order is then one comparison.

The reasons, in order of precedence: ``hold``, ``no_limit``, ``limit_expired``, ``overdue``, ``limit_exceeded``,
``group_limit_exceeded``, ``near_limit``. A decision lists all that apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from functools import cached_property
from typing import final

from attrs import frozen

from receivables.documents.credit import CreditLimit
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


class CreditOutcome(Enum):
    """What an order is answered, from best to worst."""

    APPROVED = "approved"
    WARNED = "warned"
    HELD = "held"
    REFUSED = "refused"


ANSWERS = ("approve", "hold", "refuse")
_OUTCOME_OF = {"warn": CreditOutcome.WARNED, "hold": CreditOutcome.HELD, "refuse": CreditOutcome.REFUSED}
_APPROVED = CreditOutcome.APPROVED


@final
@frozen
class CreditDecision:
    """The answer to an order, with every reason; ``approved`` is true for a warning too.

    The reasons are worked out when someone looks: most orders are approved, and most decisions are only counted.

    >>> standing = CreditStanding(policy=CreditPolicy(id="standard", version=1), account="ACME",
    ...                           currency=Currency.of("EUR"), limit=100_000, exposure=90_000, group=None, blocks=(),
    ...                           free=10_000, bound=10_000)
    >>> decision = standing.check(Money.of(150, "EUR"))
    >>> decision.approved, str(decision)
    (False, 'held: limit_exceeded (50.00 EUR)')
    """

    standing: CreditStanding
    amount: int | None
    """Minor units, or ``None`` where nothing speaks against it."""

    @property
    def approved(self) -> bool:
        """Whether the order may go ahead."""
        return self.amount is None or self.standing.allows(self.amount)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons, in order of precedence."""
        return () if self.amount is None else self.standing.reasons(self.amount)

    @cached_property
    def outcome(self) -> CreditOutcome:
        """The answer."""
        return self.standing.outcome(self.reasons)

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        return f"{self.outcome.value}: {because}" if because else self.outcome.value


@final
@frozen(kw_only=True)
class CreditPolicy:
    """How orders are checked against limits.

    ``hold_overdue_days``: an item overdue for more than so many days holds every order (``None``: overdue items do
    not matter). ``warn_percent``: an approved order that takes the exposure above this share of the limit is warned.
    ``exceeded`` and ``no_limit`` say what is answered where the limit is exceeded, and where none was ever set.

    >>> CreditPolicy(id="standard", version=1, hold_overdue_days=30).exceeded
    'hold'
    """

    id: str
    version: int
    hold_overdue_days: int | None = None
    warn_percent: int | None = None
    exceeded: str = "hold"
    no_limit: str = "hold"
    count_orders: bool = True
    less_on_account: bool = True

    def __attrs_post_init__(self) -> None:
        checks.text("credit_policy.id", self.id)
        checks.whole("credit_policy.version", self.version, least=1)
        if self.hold_overdue_days is not None:
            checks.whole("credit_policy.hold_overdue_days", self.hold_overdue_days, least=0)
        if self.warn_percent is not None:
            checks.whole("credit_policy.warn_percent", self.warn_percent, least=1, most=100)
        checks.one_of("credit_policy.exceeded", self.exceeded, ("hold", "refuse"))
        checks.one_of("credit_policy.no_limit", self.no_limit, ANSWERS)
        checks.instance("credit_policy.count_orders", self.count_orders, bool, "true or false")
        checks.instance("credit_policy.less_on_account", self.less_on_account, bool, "true or false")

    def standing(self, view: View, currency: str | Currency, group: GroupStanding | None = None) -> CreditStanding:
        """The exposure, the limit and the blocks of an account in a currency; ``group`` adds the group's.

        >>> import datetime as dt
        >>> from receivables import Account, CreditLimit, Customer, Invoice
        >>> invoice = Invoice.due(number="1", account="ACME", issued_on=dt.date(2026, 1, 5),
        ...                       total=Money.of(6500, "EUR"), due_on=dt.date(2026, 2, 4))
        >>> limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(10_000, "EUR"),
        ...                     valid_from=dt.date(2026, 1, 1))
        >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], limits=[limit])
        >>> policy = CreditPolicy(id="standard", version=1)
        >>> standing = policy.standing(account.view(dt.date(2026, 1, 31)), "EUR")
        >>> print(standing.check(Money.of(3500, "EUR")))
        approved
        >>> print(standing.check(Money.of(4500, "EUR")))
        held: limit_exceeded (1000.00 EUR)
        """
        money = Currency.of(currency) if isinstance(currency, str) else currency
        limit, expired_on = limit_on(view.limits, money, view.as_of)
        amount = limit.minor if isinstance(limit, Money) else None
        exposure = exposure_of(view, money, orders=self.count_orders, less_on_account=self.less_on_account)
        blocks = tuple(self._blocks(view, money, limit is _NOT_SET, expired_on))
        return CreditStanding(
            policy=self,
            account=view.account,
            currency=money,
            limit=amount,
            exposure=exposure,
            group=group,
            blocks=blocks,
            free=_room(self.warn_percent or 100, amount, exposure, blocks, group),
            bound=_room(100, amount, exposure, blocks, group),
        )

    def _blocks(self, view: View, currency: Currency, unset: bool, expired_on: dt.date | None) -> list[Reason]:
        """The reasons that hold whatever the amount, in order of precedence."""
        reasons = []
        if view.holds and view.stopping("credit"):
            reasons.append(Reason(code="hold"))
        if unset and self.no_limit != "approve":
            reasons.append(Reason(code="no_limit"))
        if expired_on is not None:
            reasons.append(Reason(code="limit_expired", days=(view.as_of - expired_on).days))
        days = oldest_overdue_days(view)
        if self.hold_overdue_days is not None and days > self.hold_overdue_days:
            reasons.append(Reason(code="overdue", days=days))
        return reasons


class _NotSet(Enum):
    NOT_SET = "not set"


_NOT_SET = _NotSet.NOT_SET


def limit_on(
    limits: tuple[CreditLimit, ...], currency: Currency, as_of: dt.date
) -> tuple[Money | _NotSet | None, dt.date | None]:
    """The limit in a currency on a date, and since when it is expired where it is.

    The base limit that began last counts, and of one day the one set last. Temporary increases add to it while they
    are valid and lapse by their date alone; one without an amount lifts the limit for so long. An expired base limit
    leaves a limit of zero.
    """
    base: CreditLimit | None = None
    extra: int | None = 0
    for limit in limits:
        if limit.currency != currency or limit.valid_from > as_of:
            continue
        valid = limit.valid_to is None or as_of <= limit.valid_to
        if limit.kind == "base" and (base is None or limit.valid_from >= base.valid_from):
            base = limit
        elif limit.kind == "temporary" and valid:
            extra = None if extra is None or limit.amount is None else extra + limit.amount.minor
    if base is None:
        return _NOT_SET, None
    expired_on = base.valid_to if base.valid_to is not None and as_of > base.valid_to else None
    amount = Money.zero(currency) if expired_on else base.amount
    return (None if amount is None or extra is None else Money(amount.minor + extra, currency)), expired_on


def exposure_of(view: View, currency: Currency, *, orders: bool = True, less_on_account: bool = True) -> int:
    """What an account uses of its credit in a currency, in minor units: open items and orders, less unapplied cash."""
    exposure = sum(book.total for book in view.books if book.currency == currency)
    if orders:
        exposure += sum(order.reserved for order in view.orders if order.order.amount.currency == currency)
    if less_on_account:
        exposure -= sum(credit.remaining for credit in view.credits if credit.currency == currency)
    return exposure


def oldest_overdue_days(view: View) -> int:
    """How many days the oldest dated open item is overdue, zero where none is: due today is not overdue.

    What a payment plan covers is as overdue as its oldest unpaid installment, while the plan performs.
    """
    today = view.as_of.toordinal()
    if view.replanned:
        days = [view.aged_from(item.id) for book in view.books for item in book.items if item.due_on]
        return max(0, today - min(days, default=today))
    dues = (next((due for due, item in zip(b.due, b.items, strict=True) if item.due_on), today) for b in view.books)
    return max(0, today - min(dues, default=today))


@final
@frozen(kw_only=True)
class GroupStanding:
    """The common limit of a group in a currency and what all its members use, in minor units."""

    group: str
    limit: int | None
    exposure: int


@final
@frozen(kw_only=True)
class CreditStanding:
    """Where an account stands in a currency; everything about a decision that does not depend on the order.

    ``limit`` and ``exposure`` are minor units, ``limit`` ``None`` is unlimited. ``free`` is the largest amount that is
    approved without any reason, ``bound`` the largest that is approved at all: ``None`` where there is no bound, below
    zero where nothing is.
    """

    policy: CreditPolicy
    account: str
    currency: Currency
    limit: int | None
    exposure: int
    group: GroupStanding | None
    blocks: tuple[Reason, ...]
    free: int | None
    bound: int | None

    def check(self, amount: Money) -> CreditDecision:
        """The answer to an order of this amount; reserves nothing. `InvalidValue` for a negative amount."""
        currency = self.currency
        if amount.currency is not currency and amount.currency != currency:
            raise CurrencyMismatch(amount, currency.code)
        minor, free = amount.minor, self.free
        if minor < 0:
            raise InvalidValue("order.amount", str(amount), "must not be negative")
        if free is None or minor <= free:
            return self.clear
        return CreditDecision(self, minor)

    @cached_property
    def clear(self) -> CreditDecision:
        """The answer to every order that nothing speaks against."""
        return CreditDecision(self, None)

    def allows(self, amount: int) -> bool:
        """Whether an order of so many minor units is approved, with a warning or without."""
        return self.bound is None or amount <= self.bound

    def reasons(self, amount: int) -> tuple[Reason, ...]:
        """What speaks against an order of so many minor units, in order of precedence."""
        if self.free is None or amount <= self.free:
            return ()
        found = [*self.blocks]
        own, common = self._shortfall(amount), self._group_shortfall(amount)
        if own > 0:
            found.append(Reason(code="limit_exceeded", amount=Money(own, self.currency)))
        if common > 0:
            found.append(Reason(code="group_limit_exceeded", amount=Money(common, self.currency)))
        if not found:
            found.append(Reason(code="near_limit", amount=Money(-own, self.currency)))
        return tuple(found)

    def outcome(self, reasons: Sequence[Reason]) -> CreditOutcome:
        """The answer that reasons come to: the worst of what the policy says to each."""
        answers = {
            "limit_exceeded": self.policy.exceeded,
            "group_limit_exceeded": self.policy.exceeded,
            "no_limit": self.policy.no_limit,
            "near_limit": "warn",
        }
        given = {answers.get(reason.code, "hold") for reason in reasons}
        return next((_OUTCOME_OF[answer] for answer in ("refuse", "hold", "warn") if answer in given), _APPROVED)

    def _shortfall(self, amount: int) -> int:
        return 0 if self.limit is None else self.exposure + amount - self.limit

    def _group_shortfall(self, amount: int) -> int:
        group = self.group
        return 0 if group is None or group.limit is None else group.exposure + amount - group.limit

    @property
    def utilization_percent(self) -> int | None:
        """The exposure as a whole percentage of the limit, rounded down; ``None`` where there is no limit to divide by."""
        return self.exposure * 100 // self.limit if self.limit else None

    def rows(self) -> list[dict[str, object]]:
        """The standing as plain dicts."""
        limit = None if self.limit is None else str(Money(self.limit, self.currency).amount)
        return [
            {
                "account": self.account,
                "currency": self.currency.code,
                "limit": limit,
                "exposure": str(Money(self.exposure, self.currency).amount),
                "utilization_percent": self.utilization_percent,
                "blocks": tuple(map(str, self.blocks)),
            }
        ]


def _room(
    percent: int, limit: int | None, exposure: int, blocks: tuple[Reason, ...], group: GroupStanding | None
) -> int | None:
    """The largest amount up to a share of the limit and within the group's: ``None`` for no bound, -1 for nothing."""
    if blocks:
        return -1
    bounds = []
    if limit is not None:
        bounds.append(limit * percent // 100 - exposure)
    if group is not None and group.limit is not None:
        bounds.append(group.limit - group.exposure)
    return min(bounds, default=None)
