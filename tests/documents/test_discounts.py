"""Whether a payment earned a discount, what is left, and what the discount does to the tax."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables.documents.discount_tax import TaxedLine, TaxShare, discountable_amount, split_amount, split_percent
from receivables.documents.discounts import (
    DiscountBase,
    DiscountRules,
    DiscountStatus,
    PartPayments,
    cost_of_forgoing,
    discount_on,
    eligible,
    settle,
    settle_together,
)
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.documents.terms import PaymentTerms
from receivables.errors import InvalidValue, WrongType
from receivables.values.money import Money

D = dt.date
ISSUED = D(2026, 5, 4)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def installment(text: str, total: str = "1000") -> Installment:
    return PaymentTerms.parse(text).resolve(ISSUED, eur(total)).installments[0]


TWO_TEN = installment("2/10 grace 2, net 30")
TIERS = installment("2/10, 1/20, net 60")
BOTH_DAYS = (D(2026, 5, 14), D(2026, 5, 16))
TOLERANT = DiscountRules(tolerance=eur(5))


@pytest.mark.parametrize(
    ("paid_on", "late_allowed", "status"),
    [
        (D(2026, 5, 3), True, DiscountStatus.EARNED),
        (D(2026, 5, 14), False, DiscountStatus.EARNED),
        (D(2026, 5, 15), True, DiscountStatus.IN_GRACE),
        (D(2026, 5, 16), True, DiscountStatus.IN_GRACE),
        (D(2026, 5, 16), False, DiscountStatus.UNEARNED),
        (D(2026, 5, 17), True, DiscountStatus.UNEARNED),
    ],
)
def test_the_last_day_counts_and_grace_follows(paid_on: dt.date, late_allowed: bool, status: DiscountStatus) -> None:
    assert eligible(TWO_TEN, paid_on, late_allowed=late_allowed)[0] is status


def test_the_best_open_tier_is_taken_and_the_last_lapsed_one_named() -> None:
    assert eligible(TIERS, D(2026, 5, 14))[1] == TIERS.discounts[0]
    assert eligible(TIERS, D(2026, 5, 15)) == (DiscountStatus.EARNED, TIERS.discounts[1])
    assert eligible(TIERS, D(2026, 5, 25)) == (DiscountStatus.UNEARNED, TIERS.discounts[1])
    assert eligible(installment("net 30"), ISSUED) == (DiscountStatus.NONE, None)


def test_a_window_that_has_not_begun_is_open() -> None:
    waiting = installment("2/10 ROG")
    assert eligible(waiting, D(2026, 12, 31)) == (DiscountStatus.EARNED, waiting.discounts[0])


# (paid, on, rules, status, discount, tolerance, open, left on the payment)
PAYMENTS = [
    ("980", D(2026, 5, 14), DiscountRules(), "earned", "20", "0", "0", "0"),
    ("980", D(2026, 5, 16), DiscountRules(), "in_grace", "20", "0", "0", "0"),
    ("980", D(2026, 5, 17), DiscountRules(), "unearned_discount", "0", "0", "20", "0"),
    ("1000", D(2026, 5, 14), DiscountRules(), "not_taken", "0", "0", "0", "0"),
    ("1000", D(2026, 5, 17), DiscountRules(), "not_taken", "0", "0", "0", "0"),
    ("1010", D(2026, 5, 17), DiscountRules(), "not_taken", "0", "0", "0", "10"),
    ("1000", D(2026, 5, 14), DiscountRules(unclaimed_granted=True), "earned", "20", "0", "0", "20"),
    ("975", D(2026, 5, 14), TOLERANT, "earned", "20", "5", "0", "0"),
    ("985", D(2026, 5, 14), TOLERANT, "earned", "20", "-5", "0", "0"),
    ("995", D(2026, 5, 14), TOLERANT, "not_taken", "0", "5", "0", "0"),
    ("974", D(2026, 5, 14), TOLERANT, "part_payment", "0", "0", "26", "0"),
    ("990", D(2026, 5, 14), DiscountRules(), "earned", "20", "0", "0", "10"),
    ("490", D(2026, 5, 14), DiscountRules(part_payments=PartPayments.PRO_RATA), "earned", "10", "0", "500", "0"),
    ("490", D(2026, 5, 17), DiscountRules(part_payments=PartPayments.PRO_RATA), "unearned_discount", "0", "0", "510", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("paid", "on", "rules", "status", "discount", "tolerance", "open_", "left"), PAYMENTS)
def test_a_payment_is_explained_to_the_cent(
    paid: str, on: dt.date, rules: DiscountRules, status: str, discount: str, tolerance: str, open_: str, left: str
) -> None:
    outcome = settle(TWO_TEN, eur(paid), on, rules=rules)
    assert outcome.status.value == status
    assert (outcome.discount, outcome.tolerance) == (eur(discount), eur(tolerance))
    assert (outcome.open, outcome.left_on_payment) == (eur(open_), eur(left))
    assert eur(paid) + outcome.discount + outcome.tolerance + outcome.open - outcome.left_on_payment == eur(1000)


def test_without_a_discount_a_payment_only_pays() -> None:
    outcome = settle(installment("net 30"), eur(400), ISSUED)
    assert (outcome.status, outcome.open, outcome.is_late) == (DiscountStatus.NONE, eur(600), False)


def test_a_small_discount_within_the_tolerance_is_still_a_discount() -> None:
    small = installment("0.3/10 net 30")
    outcome = settle(small, eur(997), ISSUED, rules=TOLERANT)
    assert (outcome.status, outcome.discount, outcome.tolerance) == (DiscountStatus.EARNED, eur(3), eur(0))


def test_payments_under_full_only_earn_when_they_reach_the_discounted_amount() -> None:
    first = settle(TWO_TEN, eur(500), D(2026, 5, 6))
    assert first.open == eur(500)
    second = settle(TWO_TEN, eur(480), D(2026, 5, 14), open=first.open, base=eur(1000))
    assert (second.discount, second.open) == (eur(20), eur(0))


def test_a_credit_note_lowers_the_base() -> None:
    net_base = PaymentTerms.parse("2/10 on net, net 30").resolve(ISSUED, eur(1200), net=eur(1000)).installments[0]
    assert discount_on(net_base, net_base.discounts[0], eur(1200)) == eur(20)
    assert discount_on(net_base, net_base.discounts[0], eur(600)) == eur(10)
    flat = installment("50 EUR until 10 days, net 30")
    assert discount_on(flat, flat.discounts[0], eur(500)) == eur(25)
    bare = Installment(
        amount=eur(1000), due_on=ISSUED, discounts=(DiscountWindow(until=ISSUED, percent=Decimal(2), amount=eur(20)),)
    )
    assert discount_on(bare, bare.discounts[0], eur(900)) == eur(18)


def test_negative_amounts_are_not_payments() -> None:
    for paid, before in ((eur(-1), eur(5)), (eur(1), eur(-5))):
        with pytest.raises(InvalidValue, match="must not be negative"):
            settle(TWO_TEN, paid, ISSUED, open=before)


def test_several_installments_pool_their_tolerances() -> None:
    parts, rules = [TWO_TEN, installment("net 30")], [TOLERANT, TOLERANT]
    within = settle_together(parts, eur(1970), ISSUED, rules)
    assert within.is_closed
    assert (within.discounts, within.tolerances) == ((eur(20), eur(0)), (eur(5), eur(5)))
    short = settle_together(parts, eur(1969), ISSUED, rules)
    assert (short.open, short.left_on_payment, short.is_closed) == (eur(11), eur(0), False)
    over = settle_together(parts, eur(2000), ISSUED, [DiscountRules(), TOLERANT])
    assert (over.open, over.left_on_payment) == (eur(0), eur(20))
    late = settle_together(parts, eur(2000), D(2026, 6, 1), rules)
    assert late.discounts == (eur(0), eur(0))


# Tax

LINES = [
    TaxedLine(net=eur(1000), tax_percents=(Decimal(20),)),
    TaxedLine(net=eur(500), tax_percents=(Decimal(5),), tax_fixed=eur("0.05")),
    TaxedLine(net=eur(100), tax_percents=(Decimal(20),), discountable=False),
]


def test_a_gross_discount_lowers_the_tax_of_each_rate() -> None:
    split = split_percent(LINES, 2)
    assert split.by_line == (eur(20), eur(10), eur(0))
    assert split.by_rate == (
        TaxShare(percent=Decimal(20), amount=eur(4)),
        TaxShare(percent=Decimal(5), amount=eur("0.50")),
    )
    assert (split.total, split.tax_total) == (eur("1845.05"), eur("245.05"))
    assert (split.discount, split.pay) == (eur("34.50"), eur("1810.55"))


def test_a_net_discount_leaves_the_tax_and_a_reduced_invoice_has_less_from_the_start() -> None:
    net = split_percent(LINES, 2, DiscountBase.NET)
    assert (net.discount, net.tax, net.pay) == (eur(30), eur(0), eur("1815.05"))
    reduced = split_percent(LINES, 2, DiscountBase.REDUCED)
    assert (reduced.tax_total, reduced.discount, reduced.pay) == (eur("240.55"), eur(30), eur("1810.55"))


def test_lines_that_are_excluded_are_not_discounted_in_the_schedule_either() -> None:
    total, counted = split_percent(LINES, 2).total, discountable_amount(LINES)
    assert counted == eur(1725)
    terms = PaymentTerms.parse("50%: 2/10 net 30; balance: net 60")
    first = terms.resolve(ISSUED, total, discountable=counted).installments[0]
    assert first.discounts[0].amount == eur("17.25")
    with pytest.raises(InvalidValue, match=r"terms\.discountable"):
        terms.resolve(ISSUED, eur(1), discountable=counted)


def test_an_amount_is_split_in_proportion_and_adds_up() -> None:
    split = split_amount(LINES, eur("12.34"))
    assert split.net + split.tax == eur("12.34") == split.discount
    assert split.by_line[2] == eur(0)


def test_lines_are_needed_and_checked() -> None:
    with pytest.raises(InvalidValue, match=r"discount\.lines"):
        split_percent([], 2)
    with pytest.raises(WrongType, match=r"line\.net"):
        TaxedLine(net=5)  # type: ignore[arg-type]


def test_a_document_without_a_discountable_line_gives_no_discount() -> None:
    assert split_percent(LINES[2:], 2).discount == eur(0)


# The cost of forgoing


@pytest.mark.parametrize(
    ("percent", "days", "options", "expected"),
    [
        (2, 20, {"year_days": 360}, "36.73"),
        (3, 45, {"year_days": 360}, "24.74"),
        (2, 40, {"compounded": True}, "20.24"),
        ("0.5", 365, {}, "0.50"),
        (0, 20, {}, "0.00"),
    ],
)
def test_not_taking_a_discount_has_a_yearly_price(
    percent: int | str, days: int, options: dict[str, int], expected: str
) -> None:
    assert str(cost_of_forgoing(percent, days, **options)) == expected


def test_a_discount_of_everything_or_for_no_days_has_no_price() -> None:
    for percent, days in ((100, 20), (2, 0)):
        with pytest.raises(InvalidValue):
            cost_of_forgoing(percent, days)
