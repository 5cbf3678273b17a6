"""What becomes of the difference between what is open and what was paid: a policy explains it, part by part.

The rules, in the order in which a difference is explained:

1. What the remittance or the bank says: deductions stay open and are disputed; tax withheld settles up to what may be
   withheld; a bank fee settles up to the most that the creditor bears. What goes beyond stays open with its own reason.
2. Cash discounts: by the bank's value date against the windows that are frozen on the item. Earned, and in the days of
   grace where the policy lets it pass, a discount settles. Taken too late, it stays open, unless the policy accepts it.
3. What is left and small: an exchange difference of a converted payment, an assumed bank fee, the tolerance. The first
   of them that covers *all* of what is left settles it; none settles a part of it.
4. The rest is a short payment: it stays open, it is written off, or the payment is refused, as the policy says. What was
   paid too much is on account, unless the policy keeps it.

The tolerance is the smaller of an amount and a percentage of what was open, and what is left of the cap of the customer
for the year. It is for the payment, not for each of its items: ten invoices in one payment let a few cents go once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple, Self, final

from attrs import define, evolve, field, frozen

from receivables.documents.discount_tax import TaxedLine, TaxShare, split_amount, split_percent
from receivables.documents.discounts import DiscountStatus, PartPayments, discount_on, eligible
from receivables.documents.reason import Reason
from receivables.documents.schedule import Installment, check_percent
from receivables.documents.settlement import DISCOUNTS, SettledItem, Settlement, SettlementPart, Tender
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.settlement_rules import BankFees, Tolerance, WithheldTax, percent_of
from receivables.values import checks
from receivables.values.money import Money, Rounding, exact

UNEARNED: Final = ("refuse", "accept")
SHORT: Final = ("open", "refuse", "write_off")
SURPLUS: Final = ("on_account", "tolerance", "write_off")


# The settings -----------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class SettlementItem:
    """What a policy has to know of an item that is to be settled.

    ``installment`` has the discount windows, ``discountable`` is what the discount is of, by default what is open: less
    after a credit note, the whole installment again after a part payment. ``lines`` are the tax lines of the document,
    where a discount lowers its tax; leave them out where the discount is on the net amount.

    >>> SettlementItem(item="INV-1", open=Money.of("100.00", "EUR")).lines
    ()
    """

    item: str
    open: Money
    installment: Installment | None = None
    discountable: Money | None = None
    lines: tuple[TaxedLine, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("item.item", self.item)
        checks.instance("item.open", self.open, Money, "money")
        if self.open.is_negative:
            raise InvalidValue("item.open", str(self.open), "must not be below zero")
        if self.installment is not None:
            checks.instance("item.installment", self.installment, Installment, "an installment")
        checks.sequence("item.lines", self.lines, TaxedLine, "tax lines")
        if self.discountable is not None:
            checks.instance("item.discountable", self.discountable, Money, "money")


@final
@frozen(kw_only=True)
class SettlementPolicy:
    """How differences are explained. Without any setting, every difference stays open or on account.

    ``grace_accepted``: a discount in the days of grace settles. ``unearned``: a discount that was taken too late is
    refused and stays open, or accepted. ``part_payments`` says what a part payment in time earns. ``unclaimed_granted``
    gives the discount to who paid in full as well. ``exchange_percent`` is the difference that the rate of a converted
    payment may make. ``short`` says what becomes of the rest, ``surplus`` of what was paid too much: ``tolerance`` keeps
    it where it is within the tolerance.

    >>> import datetime as dt
    >>> from receivables.documents.schedule import DiscountWindow
    >>> window = DiscountWindow(until=dt.date(2026, 5, 14), percent=Decimal(2), amount=Money.of("24.00", "EUR"))
    >>> part = Installment(amount=Money.of("1200.00", "EUR"), due_on=dt.date(2026, 6, 3), discounts=(window,))
    >>> policy = SettlementPolicy(id="EU", version=1,
    ...                           tolerance=Tolerance(amount=(Money.of("5.00", "EUR"),), percent=Decimal(1)))
    >>> late = Tender(paid=Money.of("1176.00", "EUR"), paid_on=dt.date(2026, 5, 15))
    >>> print(policy.settle([SettlementItem(item="INV-4", open=part.amount, installment=part)], late))
    1176.00 EUR paid on 2026-05-15 for 1200.00 EUR open: 24.00 EUR to explain, 24.00 EUR stays open
      INV-4: cash 1176.00 EUR of 1200.00 EUR
      INV-4: discount_unearned 24.00 EUR stays open: unearned_discount
      because: above_tolerance (5.00 EUR)
    """

    id: str
    version: int
    tolerance: Tolerance | None = None
    grace_accepted: bool = True
    unearned: str = "refuse"
    part_payments: PartPayments = PartPayments.FULL_ONLY
    unclaimed_granted: bool = False
    withheld: WithheldTax | None = None
    bank_fees: BankFees | None = None
    exchange_percent: Decimal | None = None
    short: str = "open"
    surplus: str = "on_account"

    def __attrs_post_init__(self) -> None:
        checks.text("settlement_policy.id", self.id)
        checks.whole("settlement_policy.version", self.version, least=1)
        for name, kind in _PARTS_OF_POLICY:
            if getattr(self, name) is not None:
                checks.instance(f"settlement_policy.{name}", getattr(self, name), kind, kind.__name__)
        for name in ("grace_accepted", "unclaimed_granted"):
            checks.instance(f"settlement_policy.{name}", getattr(self, name), bool, "true or false")
        for name, choices in (("unearned", UNEARNED), ("short", SHORT), ("surplus", SURPLUS)):
            checks.one_of(f"settlement_policy.{name}", getattr(self, name), choices)
        checks.instance("settlement_policy.part_payments", self.part_payments, PartPayments, "PartPayments")
        if self.exchange_percent is not None:
            check_percent("settlement_policy.exchange_percent", self.exchange_percent)

    def settle(self, items: Sequence[SettlementItem], tender: Tender, *, used: Money | None = None) -> Settlement:
        """Settle items by a payment, in the order in which they are given.

        ``used`` is what the tolerance let go for this customer in the year of the payment before.

        >>> import datetime as dt
        >>> item = SettlementItem(item="INV-1", open=Money.of("100.00", "EUR"))
        >>> policy = SettlementPolicy(id="all", version=1)
        >>> policy.settle([item], Tender(paid=Money.of("110.00", "EUR"), paid_on=dt.date(2026, 5, 4))).on_account
        Money.of('10.00', 'EUR')

        Errors: `InvalidValue` for no item, or an item that is given twice; `CurrencyMismatch`.
        """
        return _settle(self, tuple(items), tender, Money.zero(tender.paid.currency) if used is None else used)


_PARTS_OF_POLICY: Final[tuple[tuple[str, type], ...]] = (
    ("tolerance", Tolerance),
    ("withheld", WithheldTax),
    ("bank_fees", BankFees),
)


# Settling ---------------------------------------------------------------------------------------------------------------


class _Offer(NamedTuple):
    """The discount of an item on the day of the payment, in minor units, and whether it may be taken."""

    kind: str
    amount: int
    granted: bool


_NO_OFFER: Final = _Offer("", 0, False)

_KIND_OF: Final[Mapping[DiscountStatus, str]] = {
    DiscountStatus.EARNED: "discount_earned",
    DiscountStatus.IN_GRACE: "discount_in_grace",
    DiscountStatus.UNEARNED: "discount_unearned",
}

_REASON_OF: Final[Mapping[str, str]] = {
    "discount_earned": "discount_in_time",
    "discount_in_grace": "discount_in_grace",
    "discount_unearned": "unearned_accepted",
}


@define
class _Work:
    """The items on the way: what of each is not explained yet, in minor units, and the parts that are."""

    policy: SettlementPolicy
    items: tuple[SettlementItem, ...]
    tender: Tender
    used: Money
    left: list[int]
    cash: list[int]
    parts: list[SettlementPart] = field(factory=list)
    reasons: list[Reason] = field(factory=list)

    @classmethod
    def of(cls, policy: SettlementPolicy, items: tuple[SettlementItem, ...], tender: Tender, used: Money) -> Self:
        """Nothing explained and nothing applied yet."""
        return cls(policy, items, tender, used, [each.open.minor for each in items], [0] * len(items))

    def money(self, minor: int) -> Money:
        """So much, in the currency of the payment."""
        return Money(minor, self.tender.paid.currency)

    @property
    def total(self) -> Money:
        """What was open of all items before."""
        return Money.total((each.open for each in self.items), self.tender.paid.currency)

    @property
    def missing(self) -> int:
        """What is not explained yet by money or otherwise; zero where enough was paid."""
        return max(sum(self.left) - self.tender.paid.minor, 0)

    def explain(self, at: int, minor: int, kind: str, reason: str, *, settles: bool = True, text: str = "") -> None:
        """Explain so much of one item."""
        if minor <= 0:
            return
        self.left[at] -= minor
        amount, item = self.money(minor), self.items[at]
        taxes = _taxes(item, amount) if settles and kind in DISCOUNTS else ()
        self.parts.append(
            SettlementPart(
                kind=kind, item=item.item, amount=amount, reason=reason, settles=settles, taxes=taxes, text=text
            )
        )

    def spread(
        self,
        minor: int,
        kind: str,
        reason: str,
        *,
        among: Iterable[int] | None = None,
        settles: bool = True,
        text: str = "",
    ) -> None:
        """Explain so much of the items in their order, each up to what is left of it."""
        for at in range(len(self.items)) if among is None else among:
            placed = min(minor, self.left[at])
            self.explain(at, placed, kind, reason, settles=settles, text=text)
            minor -= placed

    def rest(self, kind: str, reason: str) -> None:
        """Explain all that is left of every item in one way."""
        for at, minor in enumerate(self.left):
            self.explain(at, minor, kind, reason)


def _settle(policy: SettlementPolicy, items: tuple[SettlementItem, ...], tender: Tender, used: Money) -> Settlement:
    _check_items(items, tender, used)
    work = _Work.of(policy, items, tender, used)
    _explain_what_was_said(work)
    limits = tuple(_limits(work))
    offers = [_offer(work, at) for at in range(len(items))]
    surplus = _pay(work, offers, max(limit for *_, limit in limits))
    _explain_rest(work, offers, limits)
    _explain_surplus(work, surplus)
    return _refused(work) if policy.short == "refuse" and _is_short(work) else _settlement(work)


def _settlement(work: _Work) -> Settlement:
    paid = [
        SettledItem(item=each.item, open=each.open, cash=work.money(cash))
        for each, cash in zip(work.items, work.cash, strict=True)
    ]
    return evolve(
        Settlement.explained(work.tender.paid, work.tender.paid_on, paid, work.parts),
        policy=work.policy.id,
        version=work.policy.version,
        reasons=tuple(work.reasons),
    )


# What was said


def _explain_what_was_said(work: _Work) -> None:
    """Deductions, tax withheld and bank fees, never more than is missing."""
    names = [each.item for each in work.items]
    for each in work.tender.deductions:
        among = None if each.item is None else [names.index(each.item)]
        placed = min(each.amount.minor, work.missing)
        work.spread(placed, "deduction", each.code, among=among, settles=False, text=each.text)
    _explain_withheld(work)
    _explain_bank_fee(work)


def _explain_withheld(work: _Work) -> None:
    rule, tender = work.policy.withheld, work.tender
    expected = [_expected(rule, each) for each in work.items]
    if tender.withheld is not None:
        said = min(tender.withheld.minor, work.missing)
    else:
        said = sum(expected) if rule is not None and rule.assumed and _is_just(work, sum(expected)) else 0
    reason = "certificate_pending" if tender.certificate is None else "certificate_received"
    for at, most in enumerate(expected):
        placed = min(said, most, work.left[at])
        work.explain(at, placed, "withheld_tax", reason)
        said -= placed
    work.spread(said, "withheld_tax", _why_not_withheld(rule, expected), settles=False)


def _is_just(work: _Work, expected: int) -> bool:
    """Whether what is missing is the tax, or the tax and the discounts that may be taken."""
    discounts = sum(offer.amount for at in range(len(work.items)) if (offer := _offer(work, at)).granted)
    return work.missing in (expected, expected + discounts)


def _why_not_withheld(rule: WithheldTax | None, expected: Sequence[int]) -> str:
    if rule is None:
        return "withholding_not_agreed"
    return "withheld_too_much" if any(expected) else "withholding_unknown"


def _expected(rule: WithheldTax | None, item: SettlementItem) -> int:
    """The tax that may be withheld of what is open; none where the net amount is needed and not known."""
    if rule is None or item.open.is_zero or (rule.on_net and not item.lines):
        return 0
    share = exact("withheld.percent", rule.percent) / 100
    return Rounding.HALF_UP.whole(item.open.minor * share * (_net_share(item) if rule.on_net else 1))


def _net_share(item: SettlementItem) -> Fraction:
    """The part of the amount that is no tax."""
    whole = split_percent(item.lines, 0).total
    return Money.total((line.net for line in item.lines), whole.currency).ratio(whole)


def _explain_bank_fee(work: _Work) -> None:
    said = work.money(0) if work.tender.bank_fee is None else work.tender.bank_fee
    fee = work.money(min(said.minor, work.missing))
    rule = work.policy.bank_fees
    borne = work.money(0) if rule is None else rule.bears(fee)
    work.spread(borne.minor, "bank_fee", "bank_fee")
    refused = "bank_fee_too_high" if borne.is_positive else "bank_fee_not_borne"
    work.spread((fee - borne).minor, "bank_fee", refused, settles=False)


# Discounts and money


def _offer(work: _Work, at: int) -> _Offer:
    """The discount of an item on the value date: never more than is left of it."""
    item, policy = work.items[at], work.policy
    if item.installment is None:
        return _NO_OFFER
    status, window = eligible(item.installment, work.tender.paid_on, late_allowed=policy.grace_accepted)
    if window is None:
        return _NO_OFFER
    base = item.open if item.discountable is None else item.discountable
    amount = min(discount_on(item.installment, window, base).minor, work.left[at])
    return _Offer(_KIND_OF[status], amount, status is not DiscountStatus.UNEARNED or policy.unearned == "accept")


def _pay(work: _Work, offers: Sequence[_Offer], slack: int) -> int:
    """Put the money on the items and grant the discounts; gives the surplus.

    The payer paid in full, or with the discounts that may be taken, or with all of them, also those that lapsed: what
    fits decides how much money each item needs. Otherwise it is a part payment.
    """
    paid, full = work.tender.paid.minor, sum(work.left)
    granted = [offer.amount if offer.granted else 0 for offer in offers]
    claimed = [offer.amount for offer in offers]
    if _is_in_full(work, full - paid, sum(granted), slack):
        return _place(work, work.left, paid)
    if full - sum(granted) - paid <= slack:
        return _place_with(work, offers, granted, granted, paid)
    if full - sum(claimed) - paid <= slack:
        return _place_with(work, offers, claimed, granted, paid)
    return _place_part(work, offers, granted, paid)


def _is_in_full(work: _Work, rest: int, granted: int, slack: int) -> bool:
    """Whether the payment meets the whole amount, and meets it better than the discounted one."""
    wanted = work.policy.unclaimed_granted and granted > 0
    return not wanted and rest <= slack and abs(rest) <= abs(rest - granted)


def _place(work: _Work, needs: Iterable[int], paid: int) -> int:
    for at, need in enumerate(list(needs)):
        minor = min(need, paid)
        work.cash[at] += minor
        work.left[at] -= minor
        paid -= minor
    return paid


def _place_with(work: _Work, offers: Sequence[_Offer], kept: Sequence[int], granted: Sequence[int], paid: int) -> int:
    """Keep back the discounts that were claimed; of one that is not granted, only what no money is there for."""
    surplus = _place(work, [left - amount for left, amount in zip(work.left, kept, strict=True)], paid)
    for at, amount in enumerate(granted):
        _grant(work, at, offers[at], amount)
    return _place(work, work.left, surplus)


def _place_part(work: _Work, offers: Sequence[_Offer], granted: Sequence[int], paid: int) -> int:
    """Items that got all they need have their discount; the one that got a part has what the policy says."""
    needs = [left - amount for left, amount in zip(work.left, granted, strict=True)]
    wholes = list(work.left)
    surplus = _place(work, needs, paid)
    for at, (offer, need, whole) in enumerate(zip(offers, needs, wholes, strict=True)):
        if granted[at] and work.cash[at] == need:
            _grant(work, at, offer, granted[at])
        elif granted[at] and work.cash[at]:
            _grant_part(work, at, offer, Fraction(whole, need))
    return surplus


def _grant_part(work: _Work, at: int, offer: _Offer, factor: Fraction) -> None:
    cash = work.cash[at]
    if work.policy.part_payments is PartPayments.PRO_RATA:
        _grant(work, at, offer, Rounding.HALF_UP.whole(cash * factor) - cash)
    else:
        work.reasons.append(Reason(code="discount_on_full_payment_only", amount=work.money(offer.amount)))


def _grant(work: _Work, at: int, offer: _Offer, minor: int) -> None:
    work.explain(at, minor, offer.kind, _REASON_OF.get(offer.kind, ""))


def _taxes(item: SettlementItem, amount: Money) -> tuple[TaxShare, ...]:
    shares = split_amount(_merged(item.lines), amount).by_rate if item.lines else ()
    return tuple(share for share in shares if not share.amount.is_zero)


def _merged(lines: Iterable[TaxedLine]) -> list[TaxedLine]:
    """One line for each tax, so that a line that takes something off is off what it belongs to."""
    merged: dict[tuple[object, ...], TaxedLine] = {}
    for line in lines:
        key = (line.tax_percents, line.tax_fixed is None, line.discountable)
        known = merged.get(key)
        merged[key] = line if known is None else evolve(known, net=known.net + line.net)
    return list(merged.values())


# What is left


def _limits(work: _Work) -> Iterator[tuple[str, str, int]]:
    """What may be let go: the kind, the reason, and up to how much of what is left in all."""
    policy, tender = work.policy, work.tender
    for kind, limit in _LIMITS.items():
        yield kind, kind, limit(policy, tender, work.total)
    yield "tolerance", "within_tolerance", _tolerance(work).minor


def _exchange_limit(policy: SettlementPolicy, tender: Tender, total: Money) -> int:
    percent = policy.exchange_percent if tender.converted else None
    return 0 if percent is None else percent_of(total, percent, Rounding.DOWN).minor


def _bank_fee_limit(policy: SettlementPolicy, tender: Tender, total: Money) -> int:
    rule = policy.bank_fees
    return 0 if rule is None or not rule.assumed or tender.bank_fee is not None else rule.bears(total).minor


_LIMITS: Final[Mapping[str, Callable[[SettlementPolicy, Tender, Money], int]]] = {
    "exchange_difference": _exchange_limit,
    "bank_fee": _bank_fee_limit,
}


def _tolerance(work: _Work) -> Money:
    """The tolerance within the cap of the year."""
    rule = work.policy.tolerance
    if rule is None:
        return work.money(0)
    limit, left = rule.limit(work.total), rule.left(work.used)
    return limit if left is None else min(limit, left)


def _explain_rest(work: _Work, offers: Sequence[_Offer], limits: Sequence[tuple[str, str, int]]) -> None:
    """All of the rest in the first way that covers it; else what stays open, each with its reason."""
    rest = sum(work.left)
    for kind, reason, limit in limits:
        if 0 < rest <= limit:
            return work.rest(kind, reason)
    if rest and work.policy.tolerance is not None:
        work.reasons.append(_why_not_tolerated(work, work.policy.tolerance, rest))
    if work.policy.short == "write_off":
        return work.rest("write_off", "written_off")
    slack = max(limit for *_, limit in limits)
    for at, offer in enumerate(offers):
        if not offer.granted and work.left[at] <= offer.amount + slack:
            kept = min(work.left[at], offer.amount)
            work.explain(at, kept, "discount_unearned", "unearned_discount", settles=False)
        work.explain(at, work.left[at], "short_payment", "short_payment", settles=False)
    return None


def _why_not_tolerated(work: _Work, rule: Tolerance, rest: int) -> Reason:
    limit = rule.limit(work.total)
    if rest <= limit.minor:
        return Reason(code="tolerance_cap_reached", amount=rule.left(work.used))
    return Reason(code="above_tolerance", amount=limit)


def _explain_surplus(work: _Work, surplus: int) -> None:
    """Keep it where the policy says so; what is not explained here is on account."""
    if surplus == 0 or work.policy.surplus == "on_account":
        return
    kind, reason = ("write_off", "written_off") if work.policy.surplus == "write_off" else ("tolerance", "surplus_kept")
    if kind == "write_off" or surplus <= _tolerance(work).minor:
        work.parts.append(SettlementPart(kind=kind, amount=work.money(-surplus), reason=reason))


# A payment that is refused


def _is_short(work: _Work) -> bool:
    return any(part.kind == "short_payment" for part in work.parts)


def _refused(work: _Work) -> Settlement:
    """Nothing is applied: the items stay open, and the money on account."""
    code, short = "part_payment_refused", [part.amount for part in work.parts if part.kind == "short_payment"]
    missing = Money.total(short, work.tender.paid.currency)
    fresh = _Work.of(work.policy, work.items, work.tender, work.used)
    for at, each in enumerate(work.items):
        fresh.explain(at, each.open.minor, "short_payment", code, settles=False)
    if work.tender.paid.is_positive:
        fresh.parts.append(SettlementPart(kind="overpayment", amount=-work.tender.paid, reason=code, settles=False))
    fresh.reasons.append(Reason(code=code, amount=missing))
    return _settlement(fresh)


# Checks -----------------------------------------------------------------------------------------------------------------


def _check_items(items: tuple[SettlementItem, ...], tender: Tender, used: Money) -> None:
    checks.instance("settle.tender", tender, Tender, "a tender")
    checks.sequence("settle.items", items, SettlementItem, "settlement items")
    names = [each.item for each in items]
    if not items or len(set(names)) != len(names):
        raise InvalidValue("settle.items", names, "must name at least one item, and each once")
    for amount in (used, *(each.open for each in items)):
        if amount.currency != tender.paid.currency:
            raise CurrencyMismatch(tender.paid, amount)
    for at, each in enumerate(tender.deductions):
        if each.item is not None and each.item not in names:
            raise InvalidValue(f"tender.deductions[{at}].item", each.item, "must be one of the items")
