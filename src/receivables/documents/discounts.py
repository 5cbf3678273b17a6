"""Cash discounts: how terms offer them, and whether a payment earned one.

Whether a discount is earned depends on the bank's value date, the amount, and the windows frozen on the invoice, and on
nothing else: not on the day when the bank file was read, and not on terms that were changed since. Every amount that a
payment leaves is explained: the discount granted, a tolerance used, what stays open, what is left on the payment; the
parts add up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Self, final

import attrs

from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import Days
from receivables.documents.schedule import DiscountWindow, Installment, check_percent, read_percent
from receivables.documents.shares import PLAIN, Division, plain
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.dates import add_days
from receivables.values.money import Money, Rounding, exact

MOST_GRACE_DAYS = 366


# The offer ------------------------------------------------------------------------------------------------------


@final
class DiscountBase(Enum):
    """What the percentage is of: countries and systems differ, so the rule has a name."""

    GROSS = "gross"
    """Of the amount with tax; the tax is corrected when the discount is taken."""
    NET = "net"
    """Of the amount without tax; the tax stays as it was."""
    REDUCED = "reduced"
    """Of the amount without tax, on an invoice whose tax was computed on the discounted amount from the start."""


@final
@attrs.frozen(kw_only=True)
class Discount:
    """One tier of a cash discount in payment terms: a percentage, or a flat amount, by a date.

    >>> two_ten = Discount.of("2", Days(count=10))
    >>> str(two_ten.due.date(dt.date(2026, 5, 4)))
    '2026-05-14'

    ``grace_days`` are calendar days after the last day on which the creditor still lets it pass.
    """

    percent: Decimal | None = None
    amount: Money | None = None
    due: DueRule
    grace_days: int = 0
    base: DiscountBase = DiscountBase.GROSS

    def __attrs_post_init__(self) -> None:
        if (self.percent is None) == (self.amount is None):
            raise InvalidValue("discount.percent", self.percent, "must be given, or else a flat amount")
        if self.percent is not None:
            check_percent("discount.percent", self.percent)
        if self.amount is not None and self.amount.minor <= 0:
            raise InvalidValue("discount.amount", str(self.amount), "must be more than zero")
        checks.instance("discount.due", self.due, DueRule, "a due rule")
        checks.whole("discount.grace_days", self.grace_days, least=0, most=MOST_GRACE_DAYS)
        checks.instance("discount.base", self.base, DiscountBase, "a DiscountBase")

    @classmethod
    def of(
        cls, percent: Decimal | str | int, *steps: Days, grace_days: int = 0, base: DiscountBase = DiscountBase.GROSS
    ) -> Self:
        """A percentage by a number of days from the invoice date."""
        return cls(
            percent=read_percent("discount.percent", percent), due=DueRule.of(*steps), grace_days=grace_days, base=base
        )

    def window(
        self,
        amount: Money,
        until: dt.date | str,
        *,
        total: Money,
        net: Money | None = None,
        discountable: Money | None = None,
        division: Division = PLAIN,
    ) -> DiscountWindow | None:
        """The window for an installment of that amount; ``None`` for zero percent, which is no discount.

        `until` is the last day, or the name of the baseline that is awaited. `discountable` is what the percentage is
        of where some lines are excluded: an amount with tax or without it, as the base says.
        """
        if self.percent is not None and self.percent.is_zero():
            return None
        base = self._base(amount, total, net, discountable)
        last = None if isinstance(until, str) else until
        return DiscountWindow(
            until=last,
            percent=self.percent,
            amount=self._granted(amount, base, division),
            grace_until=add_days(last, self.grace_days) if last is not None and self.grace_days else None,
            base=base,
            baseline=until if isinstance(until, str) else None,
        )

    @cached_property
    def rate(self) -> Fraction:
        """The percentage as an exact part of one."""
        return exact("discount.percent", self.percent) / 100

    def _base(self, amount: Money, total: Money, net: Money | None, discountable: Money | None) -> Money:
        """The part of an installment that is discounted: all of it, or its share of what is."""
        whole = discountable if discountable is not None else (total if self.base is DiscountBase.GROSS else net)
        if whole is None:
            raise InvalidValue("terms.net", None, "must be given: a discount is on the net amount")
        return whole if amount == total else whole.times(amount.ratio(total))

    def _granted(self, amount: Money, base: Money, division: Division) -> Money:
        if self.amount is not None:
            flat = self.amount if amount.minor >= 0 else -self.amount
            return flat if abs(flat) <= abs(amount) else amount
        discount = base.times(self.rate)
        return (
            discount if division.step == 1 else amount - (amount - discount).rounded(division.step, division.rounding)
        )

    def __str__(self) -> str:
        size = f"{plain(self.percent)}%" if self.amount is None else str(self.amount)
        grace = f" grace {self.grace_days}" if self.grace_days else ""
        return size + (f" on {self.base.value}" if self.base is not DiscountBase.GROSS else "") + grace


# Was it earned --------------------------------------------------------------------------------------------------


@final
class DiscountStatus(Enum):
    """What became of the discount of an installment."""

    NONE = "no_discount"
    EARNED = "earned"
    IN_GRACE = "in_grace"
    UNEARNED = "unearned_discount"
    """Kept back after the last day; it stays open."""
    NOT_TAKEN = "not_taken"
    """Paid without it."""
    NOT_EARNED_IN_PART = "part_payment"
    """Paid in part, under a rule that grants the discount only to payment in full."""


@final
class PartPayments(Enum):
    """What a part payment inside the window earns."""

    FULL_ONLY = "full_only"
    """Nothing, until the payments reach the discounted amount."""
    PRO_RATA = "pro_rata"
    """Its share: 98 paid under a discount of 2 percent settles 100."""


@final
@attrs.frozen(kw_only=True)
class DiscountRules:
    """How a creditor judges payments under a discount.

    ``tolerance`` is a difference, either way, that is let go with the payment. ``late_allowed`` lets a payment within
    the days of grace have the discount. ``unclaimed_granted`` grants it to who paid in full as well, and leaves the
    surplus on the payment.
    """

    part_payments: PartPayments = PartPayments.FULL_ONLY
    tolerance: Money | None = None
    late_allowed: bool = True
    unclaimed_granted: bool = False


STRICT = DiscountRules()


@final
@attrs.frozen(kw_only=True)
class DiscountOutcome:
    """What one payment does to one installment. ``paid + discount + tolerance + open - left_on_payment`` is what was open.

    A negative ``tolerance`` is a small overpayment that is kept.
    """

    status: DiscountStatus
    discount: Money
    tolerance: Money
    open: Money
    left_on_payment: Money
    window: DiscountWindow | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing stays open."""
        return self.open.minor == 0

    @property
    def is_late(self) -> bool:
        """Whether the discount was granted in the days of grace."""
        return self.status is DiscountStatus.IN_GRACE


def eligible(
    installment: Installment, paid_on: dt.date, *, late_allowed: bool = True
) -> tuple[DiscountStatus, DiscountWindow | None]:
    """The best window that is still open on the bank's value date, and whether in time or in grace.

    Without an open window, the status is `UNEARNED` with the window that lapsed last, or `NONE`.
    """
    windows = installment.discounts
    in_time = [window for window in windows if window.until is None or paid_on <= window.until]
    late = [window for window in windows if late_allowed and window.last_day and paid_on <= window.last_day]
    for status, candidates in ((DiscountStatus.EARNED, in_time), (DiscountStatus.IN_GRACE, late)):
        if candidates:
            return status, max(candidates, key=lambda window: abs(window.amount))
    if not windows:
        return DiscountStatus.NONE, None
    return DiscountStatus.UNEARNED, max(windows, key=lambda window: window.last_day or dt.date.max)


def discount_on(installment: Installment, window: DiscountWindow, base: Money) -> Money:
    """The discount of a window where credit notes left only `base` of the installment to be discounted.

    >>> window = DiscountWindow(until=dt.date(2026, 5, 14), percent=Decimal(2), amount=Money.of("24.00", "EUR"))
    >>> part = Installment(amount=Money.of("1200.00", "EUR"), due_on=dt.date(2026, 6, 3), discounts=(window,))
    >>> str(discount_on(part, window, Money.of("1080.00", "EUR")))
    '21.60 EUR'
    """
    if base == installment.amount:
        return window.amount
    if window.percent is None:
        return window.amount.times(base.ratio(installment.amount))
    whole = window.base if window.base is not None else installment.amount
    return whole.times(base.ratio(installment.amount) * exact("percent", window.percent) / 100)


def settle(
    installment: Installment,
    paid: Money,
    paid_on: dt.date,
    *,
    open: Money | None = None,
    base: Money | None = None,
    rules: DiscountRules = STRICT,
) -> DiscountOutcome:
    """What a payment with that value date settles of an installment.

    ``open`` is what is open before the payment, by default the whole installment. ``base`` is the part of the
    installment that can be discounted, by default what is open: after a credit note the reduced amount, after an
    earlier part payment under `PartPayments.FULL_ONLY` the whole installment again.

    >>> window = DiscountWindow(until=dt.date(2026, 5, 14), percent=Decimal(2), amount=Money.of("24.00", "EUR"))
    >>> part = Installment(amount=Money.of("1200.00", "EUR"), due_on=dt.date(2026, 6, 3), discounts=(window,))
    >>> late = settle(part, Money.of("1176.00", "EUR"), dt.date(2026, 5, 15))
    >>> late.status.value, str(late.open)
    ('unearned_discount', '24.00 EUR')
    """
    before = installment.amount if open is None else open
    if paid.minor < 0 or before.minor < 0:
        raise InvalidValue("settle.paid", str(paid if paid.minor < 0 else before), "must not be negative")
    status, window = eligible(installment, paid_on, late_allowed=rules.late_allowed)
    tolerance = Money.zero(before.currency) if rules.tolerance is None else rules.tolerance
    case = _Case(status=status, window=window, before=before, paid=paid, tolerance=tolerance)
    if window is None or status is DiscountStatus.UNEARNED:
        return case.without_discount()
    offered = min(discount_on(installment, window, before if base is None else base), before)
    if not rules.unclaimed_granted and case.is_in_full(offered):
        return case.without_discount()
    if before - offered - paid <= tolerance:
        return case.with_discount(offered)
    return _IN_PART[rules.part_payments](case, offered)


@attrs.frozen(kw_only=True)
class _Case:
    status: DiscountStatus
    window: DiscountWindow | None
    before: Money
    paid: Money
    tolerance: Money

    def is_in_full(self, offered: Money) -> bool:
        """Whether the payment meets the whole amount, and meets it better than the discounted one."""
        rest = self.before - self.paid
        return rest <= self.tolerance and abs(rest) <= abs(rest - offered)

    def without_discount(self) -> DiscountOutcome:
        """Pay in full, or keep back what was not earned."""
        short = self.status is DiscountStatus.UNEARNED and self.paid < self.before
        status = self.status if short or self.window is None else DiscountStatus.NOT_TAKEN
        return self._rest(status, Money.zero(self.before.currency))

    def with_discount(self, granted: Money) -> DiscountOutcome:
        """Keep back what was earned."""
        return self._rest(self.status, granted)

    def _rest(self, status: DiscountStatus, granted: Money) -> DiscountOutcome:
        """Let a small difference go, either way; leave a large one where it is."""
        rest = self.before - granted - self.paid
        if abs(rest) <= self.tolerance:
            return self.outcome(status, discount=granted, tolerance=rest)
        side = {"open": rest} if rest.minor > 0 else {"left_on_payment": -rest}
        return self.outcome(status, discount=granted, **side)

    def pro_rata(self, offered: Money) -> DiscountOutcome:
        """Settle in the proportion in which the whole would be settled."""
        settled = self.paid.times(self.before.ratio(self.before - offered))
        return self.outcome(self.status, discount=settled - self.paid, open=self.before - settled)

    def full_only(self, offered: Money) -> DiscountOutcome:
        """Grant nothing yet."""
        return self.outcome(DiscountStatus.NOT_EARNED_IN_PART, open=self.before - self.paid)

    def outcome(self, status: DiscountStatus, **amounts: Money) -> DiscountOutcome:
        """Fill in nothing for what is not named."""
        zero = Money.zero(self.before.currency)
        filled = {name: amounts.get(name, zero) for name in ("discount", "tolerance", "open", "left_on_payment")}
        return DiscountOutcome(status=status, window=self.window, **filled)


_IN_PART = {PartPayments.PRO_RATA: _Case.pro_rata, PartPayments.FULL_ONLY: _Case.full_only}


@final
@attrs.frozen(kw_only=True)
class JointOutcome:
    """What one payment does to several installments together."""

    discounts: tuple[Money, ...]
    tolerances: tuple[Money, ...]
    open: Money
    left_on_payment: Money

    @property
    def is_closed(self) -> bool:
        """Whether nothing stays open."""
        return self.open.minor == 0


def settle_together(
    installments: Sequence[Installment], paid: Money, paid_on: dt.date, rules: Sequence[DiscountRules]
) -> JointOutcome:
    """One payment for several installments: each has its own discount, and their tolerances are pooled.

    A difference within the pool closes all of them and is shared in proportion to their tolerances; a larger one stays
    open, or on the payment.
    """
    currency = paid.currency
    discounts = tuple(_granted(part, paid_on, own) for part, own in zip(installments, rules, strict=True))
    pool = [Money.zero(currency) if own.tolerance is None else own.tolerance for own in rules]
    due = Money.total((part.amount for part in installments), currency) - Money.total(discounts, currency)
    rest, zero = due - paid, Money.zero(currency)
    if rest.minor and abs(rest) <= Money.total(pool, currency):
        shares = rest.split([tolerance.minor for tolerance in pool], remainder="largest")
        return JointOutcome(discounts=discounts, tolerances=shares, open=zero, left_on_payment=zero)
    none = tuple(zero for _ in installments)
    return JointOutcome(discounts=discounts, tolerances=none, open=max(rest, zero), left_on_payment=max(-rest, zero))


def _granted(installment: Installment, paid_on: dt.date, rules: DiscountRules) -> Money:
    status, window = eligible(installment, paid_on, late_allowed=rules.late_allowed)
    if window is None or status is DiscountStatus.UNEARNED:
        return Money.zero(installment.amount.currency)
    return window.amount


# What it costs not to take it -----------------------------------------------------------------------------------

# Its own, so that the host's precision, rounding and traps do not matter.
_CONTEXT = Context(34, ROUND_HALF_EVEN, -999_999, 999_999, 1, 0, [], [])
_ONE, _HUNDRED = Decimal(1), Decimal(100)


def cost_of_forgoing(
    percent: Decimal | str | int, days: int, *, year_days: int = 365, compounded: bool = False, places: int = 2
) -> Decimal:
    """The yearly cost, in percent, of not taking a discount and paying that many days later instead.

    Simple: 2/98 x 360/20 for 2/10 net 30. Compounded: (1 + 2/98) to the power of 365/20, less one.

    >>> cost_of_forgoing(2, 20, year_days=360)
    Decimal('36.73')
    >>> cost_of_forgoing(2, 20, compounded=True, places=1)
    Decimal('44.6')
    """
    checks.whole("cost.days", days, least=1)
    checks.whole("cost.year_days", year_days, least=1)
    rate = read_percent("cost.percent", percent)
    if rate == 100:
        raise InvalidValue("cost.percent", rate, "must be less than 100")
    price = _CONTEXT.divide(rate, _CONTEXT.subtract(_HUNDRED, rate))
    periods = _CONTEXT.divide(Decimal(year_days), Decimal(days))
    cost = _CONTEXT.multiply(price, periods)
    if compounded:
        cost = _CONTEXT.subtract(_CONTEXT.power(_CONTEXT.add(_ONE, price), periods), _ONE)
    scaled = Rounding.HALF_UP.whole(exact("cost", cost) * 100 * 10**places)
    return Decimal(scaled).scaleb(-places, _CONTEXT)
