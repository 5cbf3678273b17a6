"""Early-payment discounts: dates, amounts, tax, tolerance, part payments, the cost of forgoing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
from tests.cases import reading
from tests.cases.reading import BASES, day, money, plain
from tests.cases.unsupported import Unsupported

from receivables.documents.discount_tax import DiscountSplit, TaxedLine, split_amount, split_percent
from receivables.documents.discounts import (
    Discount,
    DiscountBase,
    DiscountOutcome,
    DiscountRules,
    DiscountStatus,
    PartPayments,
    cost_of_forgoing,
    discount_on,
    eligible,
    settle,
    settle_together,
)
from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import Days
from receivables.documents.schedule import DiscountWindow, Installment, Schedule
from receivables.documents.shares import Share, apportion_twice
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.errors import InvalidValue
from receivables.values.money import Money, exact

Case = dict[str, Any]

TODAY = dt.date(2024, 2, 10)
LATER = dt.date(2024, 12, 31)


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by what the input holds; the first row that fits answers."""
    given = case["input"]
    for keys, respond in _RESPONSES:
        if keys <= given.keys():
            return respond(case)
    raise Unsupported(f"no discount is said by {sorted(given)}")


# By the notation of terms -------------------------------------------------------------------------------------------


def _by_term(case: Case) -> dict[str, Any]:
    given = case["input"]
    terms = PaymentTerms.parse(given["term"])
    if "year" in given:
        return _yearly_cost(case, terms)
    issued = day(given.get("invoice_date", given.get("goods_date", str(TODAY))))
    dates = {"receipt": day(given["goods_date"])} if "goods_date" in given else {}
    total = money(given.get("amount", given.get("total", "1000.00")))
    schedule = terms.resolve(issued, total, dates=dates)
    return _dates(schedule) | _paid(given, schedule, issued)


def _dates(schedule: Schedule) -> dict[str, Any]:
    part = schedule.installments[0]
    until = part.discounts[0].until if part.discounts else None
    return {"discount_date": None if until is None else str(until), "net_date": str(part.due_on)}


def _paid(given: Case, schedule: Schedule, issued: dt.date) -> dict[str, Any]:
    part = schedule.installments[0]
    if "paid_after_days" in given:
        outcome = settle(part, money(given["payment"]), issued + dt.timedelta(given["paid_after_days"]))
        return {"invoice_status": "paid" if outcome.is_closed else "partial", "open": plain(outcome.open)}
    if "paid" not in given:
        return {}
    status, window = eligible(part, day(given["paid"]))
    granted = window.amount if window is not None and status is not DiscountStatus.UNEARNED else None
    return {"pay_amount": plain(part.amount if granted is None else part.amount - granted)}


def _by_periods(case: Case) -> dict[str, Any]:
    given = case["input"]
    terms = PaymentTerms.net(given["net_days"]).with_discount(given["percent"], Days(count=given["discount_days"]))
    return _yearly_cost(case, terms)


def _yearly_cost(case: Case, terms: PaymentTerms) -> dict[str, Any]:
    given, part = case["input"], terms.resolve(TODAY, money("1000.00")).installments[0]
    window = part.discounts[0]
    places = -Decimal(case["expected"]["annual_percent"]).as_tuple().exponent
    cost = cost_of_forgoing(
        window.percent,
        (part.due_on - window.until).days,
        year_days=given["year"],
        compounded=given.get("compounded", False),
        places=places,
    )
    return {"annual_percent": str(cost)}


def _by_days(case: Case) -> dict[str, Any]:
    given = case["input"]
    issued = day(given.get("invoice_date", given.get("posting_date")))
    terms = PaymentTerms.net(given.get("credit_days", 30))
    terms = terms.with_discount(given.get("percent", "2"), Days(count=given["discount_days"]))
    return _dates(terms.resolve(issued, money("1000.00")))


# By amounts ---------------------------------------------------------------------------------------------------------


def _whole(case: Case) -> dict[str, Any]:
    """One installment with one percentage, on the gross or the net amount."""
    given = case["input"]
    net = money(given["net"]) if "net" in given else None
    total = money(given["total"]) if net is None else net + money(given["tax"])
    base = BASES[given.get("mode", given.get("base", "included"))]
    terms = PaymentTerms.net(30).with_discount(given["percent"], Days(count=10), base=base)
    window = terms.resolve(TODAY, total, net=net).installments[0].discounts[0]
    return {"discount": plain(window.amount), "pay_amount": plain(total - window.amount)}


def _split(case: Case) -> dict[str, Any]:
    """A document split over its tax rates."""
    given = case["input"]
    rows = given.get("lines", [given])
    base = BASES[given.get("mode", given.get("base", "included"))]
    split = _split_of(given, [_line(row) for row in rows], base)
    return {
        "total": plain(split.total),
        "tax": plain(split.tax_total),
        "pay_amount": plain(split.pay),
        "discount": plain(split.discount),
        "discount_net": plain(split.net),
        "discount_tax": plain(split.tax),
        "discount_by_line": [plain(amount) for amount in split.by_line],
        "tax_adjustments": [plain(share.amount) for share in split.by_rate],
    }


def _split_of(given: Case, lines: list[TaxedLine], base: DiscountBase) -> DiscountSplit:
    if "discount_amount" in given:
        return split_amount(lines, money(given["discount_amount"]))
    return split_percent(lines, given["percent"], base)


def _line(row: Case) -> TaxedLine:
    rates = row.get("tax_percents", [row["tax_percent"]] if "tax_percent" in row else [])
    fixed = money(row["tax_fixed"]) if "tax_fixed" in row else None
    excluded = row.get("discount_excluded", False)
    return TaxedLine(
        net=money(row["net"]), tax_percents=tuple(map(Decimal, rates)), tax_fixed=fixed, discountable=not excluded
    )


def _credited(case: Case) -> dict[str, Any]:
    """A credit note lowers what the discount is counted on."""
    given = case["input"]
    total = split_percent([_line(given)], given["percent"]).total
    terms = PaymentTerms.net(30).with_discount(given["percent"], Days(count=10))
    part = terms.resolve(TODAY, total).installments[0]
    rest = total - money(given["refund_total"])
    return {
        "residual_before": plain(total),
        "pay_before": plain(total - part.discounts[0].amount),
        "residual_after": plain(rest),
        "pay_after": plain(rest - discount_on(part, part.discounts[0], rest)),
    }


def _in_part(case: Case) -> dict[str, Any]:
    given = case["input"]
    part = _installment(given["amount"], TODAY, percent=given["percent"])
    paid_on = TODAY if given["inside_period"] else LATER
    paid = money(given["payment"])
    outcome = settle(part, paid, paid_on, rules=DiscountRules(part_payments=PartPayments.PRO_RATA))
    return {"credit": plain(paid + outcome.discount), "open_after": plain(outcome.open)}


def _two_currencies(case: Case) -> dict[str, Any]:
    """What is paid after the discount is a share of both totals, on the cash step of the first."""
    given = case["input"]
    division = reading.division(case)
    kept = Share.percent(100 - Decimal(given["percent"]))
    totals = money(given["total_foreign"], "USD"), money(given["total_company"])
    foreign, company = apportion_twice([kept, Share.balance()], *totals, division=division)
    return {"pay_foreign": plain(foreign[0]), "pay_company": plain(company[0])}


def _per_part(case: Case) -> dict[str, Any]:
    """Every installment with a discount of its own."""
    given, terms = case["input"], reading.terms(case)
    net, tax = money(given["net"]), money(given["tax"])
    parts = terms.resolve(TODAY, net + tax, net=net).installments
    return {"amounts": [plain(part.amount) for part in parts], "pay_if_discounted": [_if_discounted(p) for p in parts]}


def _per_part_twice(case: Case) -> dict[str, Any]:
    given, terms = case["input"], reading.terms(case)
    net = money(given["net_foreign"], "USD")
    total = net + money(given["tax_foreign"], "USD")
    company = money(given["net_company"]) + money(given["tax_company"])
    shares = [part.share for part in terms.parts]
    both = apportion_twice(shares, total, company, rate=Decimal(given["rate"]), division=terms.division)
    parts = terms.resolve(TODAY, total, net=net).installments
    return {
        "foreign": [plain(amount) for amount in both[0]],
        "company": [plain(amount) for amount in both[1]],
        "pay_foreign": [_if_discounted(part) for part in parts],
    }


def _if_discounted(part: Installment) -> str | None:
    return plain(part.amount - part.discounts[0].amount) if part.discounts else None


def _exchange(case: Case) -> dict[str, Any]:
    """The discount of a foreign item, at the rate of the invoice, beside an exchange difference booked by the caller."""
    given = case["input"]
    part = _installment(given["total_usd"], TODAY, percent=given["percent"], currency="USD")
    rate = exact("rate", given["invoice_rate"])
    allocated, discount = (
        Money.from_minor(amount.minor * rate, "INR") for amount in (part.amount, part.discounts[0].amount)
    )
    rest = allocated - discount - money(given["fx_booked_company"], "INR")
    return {
        "allocated_company": plain(allocated),
        "discount_company": plain(discount),
        "net_of_discount_and_fx": plain(rest),
    }


# Tolerance and grace ------------------------------------------------------------------------------------------------


def _tolerance(case: Case) -> dict[str, Any]:
    given = case["input"]
    part = _offer(given, given["invoice"])
    rules = _rules(given, late=given.get("accept_late_discount", True))
    outcome = settle(part, money(given["payment"]), day(given["payment_date"]), rules=rules)
    return _settled(outcome)


def _settled(outcome: DiscountOutcome) -> dict[str, Any]:
    late = outcome.discount if outcome.is_late else Money.zero(outcome.discount.currency)
    return {
        "invoice_closed": outcome.is_closed,
        "closed": outcome.is_closed,
        "discount_taken": plain(outcome.discount),
        "discount": plain(outcome.discount),
        "late_discount": plain(late),
        "tolerance": plain(outcome.tolerance),
        "left_on_payment": plain(outcome.left_on_payment),
        "left_on_invoice": plain(outcome.open),
    }


def _grace(case: Case) -> dict[str, Any]:
    given = case["input"]
    until = day(given["discount_date"])
    grace = DueRule.of(reading.step(f"+{given['grace']}")).apply(until)
    part = _installment(given["invoice"], until, percent=given["percent"], grace_until=grace)
    outcome = settle(part, money(given["payment"]), day(given["payment_date"]))
    return _settled(outcome) | {"late_discount": outcome.is_late}


def _joint(case: Case) -> dict[str, Any]:
    given = case["input"]
    parts = [_offer(row, row["amount"]) for row in given["invoices"]]
    choices = _choices(given)
    rules = [_rules(row, late=late) for row, late in zip(given["invoices"], choices, strict=True)]
    outcome = settle_together(parts, money(given["payment"]), day(given["payment_date"]), rules)
    granted = [plain(discount) for discount in outcome.discounts if discount.minor]
    return {
        "discounts_granted": granted,
        "closed": outcome.is_closed,
        "tolerance_split": [plain(amount) for amount in outcome.tolerances],
        "left_on_payment": plain(outcome.left_on_payment),
        "left_open": plain(outcome.open),
    }


_PLACES = ("first", "second", "third")


def _choices(given: Case) -> list[bool]:
    """Which late discounts the operator lets pass: "accept both", "accept second", "accept late 60", "decline ..."."""
    words = (given.get("choice") or "decline all").split()
    accepts, rows = words[0] == "accept", given["invoices"]
    named = [
        index
        for index, row in enumerate(rows)
        if words[-1] in ("both", "all", "late") or words[-1] == _PLACES[index] or words[-1] == row["discount"]
    ]
    return [accepts if index in named else False for index in range(len(rows))]


def _batch(case: Case) -> dict[str, Any]:
    """Several documents paid at once; one whose window has lapsed gives no discount."""
    given = case["input"]
    base = BASES[given["mode"]]
    splits = [split_percent([_line(row)], given["percent"], base) for row in given["invoices"]]
    kept = [split for split, row in zip(splits, given["invoices"], strict=True) if not row.get("discount_expired")]
    total, discount = (Money.total(amounts, reading.CURRENCY) for amounts in _amounts(splits, kept))
    return {"total": plain(total), "discount": plain(discount), "pay_amount": plain(total - discount)}


def _amounts(splits: list[DiscountSplit], kept: list[DiscountSplit]) -> tuple[list[Money], list[Money]]:
    return [split.total for split in splits], [split.discount for split in kept]


def _offer(row: Case, amount: str) -> Installment:
    """An invoice whose discount is an amount, by a date, with a later date up to which it may pass."""
    until, grace = day(row["discount_date"]), day(row["discount_tolerance_date"])
    window = DiscountWindow(until=until, amount=money(row["discount"]), grace_until=grace)
    return Installment(amount=money(amount), due_on=LATER, discounts=(window,))


def _rules(row: Case, *, late: bool) -> DiscountRules:
    return DiscountRules(tolerance=money(row["tolerance"]), late_allowed=late, unclaimed_granted=True)


def _installment(
    amount: str, until: dt.date, *, percent: str, currency: str = reading.CURRENCY, grace_until: dt.date | None = None
) -> Installment:
    total = money(amount, currency)
    offer = Discount.of(percent, Days(count=0))
    window = offer.window(total, until, total=total, net=None)
    windows = () if window is None else (attrs.evolve(window, grace_until=grace_until),)
    return Installment(amount=total, due_on=LATER, discounts=windows)


def _frozen(case: Case) -> dict[str, Any]:
    """Terms and the schedule that came of them cannot be changed in place."""
    terms = PaymentTerms(parts=(Part(discounts=(Discount.of(2, Days(count=10)),)),))
    schedule = terms.resolve(TODAY, money("1000.00"))
    targets = (terms.parts[0].discounts[0], schedule.installments[0].discounts[0])
    for target in targets:
        try:
            target.percent = Decimal(3)
        except attrs.exceptions.FrozenInstanceError:
            continue
        return {"error": None}
    raise InvalidValue("discount.percent", 3, "must not be changed in place")


_RESPONSES: tuple[tuple[set[str], Callable[[Case], dict[str, Any]]], ...] = (
    ({"action"}, _frozen),
    ({"term"}, _by_term),
    ({"net_days", "discount_days", "year"}, _by_periods),
    ({"discount_days"}, _by_days),
    ({"invoices", "choice"}, _joint),
    ({"invoices", "mode"}, _batch),
    ({"invoice", "grace"}, _grace),
    ({"invoice", "tolerance"}, _tolerance),
    ({"total_usd"}, _exchange),
    ({"total_foreign"}, _two_currencies),
    ({"net_foreign"}, _per_part_twice),
    ({"net", "tax", "lines"}, _per_part),
    ({"refund_total"}, _credited),
    ({"amount", "payment", "inside_period"}, _in_part),
    ({"lines"}, _split),
    ({"tax_percent"}, _split),
    ({"tax_percents"}, _split),
    ({"percent"}, _whole),
)
