"""Settlements by hand-checked figures: every kind of difference, their order, their limits, and what is refused."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.documents.discount_tax import TaxedLine
from receivables.documents.discounts import PartPayments
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.documents.settlement import Deduction, SettledItem, Settlement, SettlementPart, Tender
from receivables.errors import CurrencyMismatch, InvalidValue, ReceivablesError
from receivables.policies.settlement import SettlementItem, SettlementPolicy
from receivables.policies.settlement_rules import CODES, BankFees, Tolerance, WithheldTax
from receivables.values.money import Money

D = dt.date
IN_TIME, LATE = D(2026, 5, 14), D(2026, 5, 20)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def policy(**settings) -> SettlementPolicy:
    return SettlementPolicy(id="own", version=3, **settings)


def tolerance(amount: str, percent: str | None = None, cap: str | None = None) -> Tolerance:
    return Tolerance(
        amount=(eur(amount),),
        percent=None if percent is None else Decimal(percent),
        yearly_cap=() if cap is None else (eur(cap),),
    )


def plain(item: str, open: str) -> SettlementItem:
    return SettlementItem(item=item, open=eur(open))


def discounted(item: str, open: str, discount: str) -> SettlementItem:
    window = DiscountWindow(until=IN_TIME, percent=None, amount=eur(discount))
    part = Installment(amount=eur(open), due_on=D(2026, 6, 3), discounts=(window,))
    return SettlementItem(item=item, open=eur(open), installment=part)


def taxed(item: str, net: str, percent: int) -> SettlementItem:
    line = TaxedLine(net=eur(net), tax_percents=(Decimal(percent),))
    return SettlementItem(item=item, open=eur(net) + eur(net).times(Decimal(percent) / 100), lines=(line,))


def settle(which: SettlementPolicy, items, paid: str, on: dt.date = IN_TIME, used: str | None = None, **said):
    tender = Tender(paid=eur(paid), paid_on=on, **said)
    return which.settle(items, tender, used=None if used is None else eur(used))


def parts(settlement: Settlement) -> list[tuple[str | None, str, Money, str]]:
    """Item, kind, amount and reason; a star behind the kind where it settles nothing."""
    return [
        (each.item, each.kind + ("" if each.settles else "*"), each.amount, each.reason) for each in settlement.parts
    ]


# The rest


def test_paid_to_the_cent_there_is_nothing_to_explain():
    settlement = settle(policy(), [plain("A", "100")], "100")
    assert (settlement.parts, settlement.reasons, settlement.difference) == ((), (), eur(0))


def test_without_settings_a_short_payment_stays_open_and_a_surplus_is_on_account():
    assert parts(settle(policy(), [plain("A", "100")], "99.99")) == [
        ("A", "short_payment*", eur("0.01"), "short_payment")
    ]
    over = settle(policy(), [plain("A", "100")], "110")
    assert parts(over) == [(None, "overpayment*", eur(-10), "overpayment")]
    assert (over.on_account, over.open, over.difference) == (eur(10), eur(0), eur(-10))


def test_the_tolerance_is_the_smaller_of_amount_and_percent():
    small = policy(tolerance=tolerance("5", "1"))
    assert parts(settle(small, [plain("A", "100")], "99")) == [("A", "tolerance", eur(1), "within_tolerance")]
    beyond = settle(small, [plain("A", "100")], "98.99")
    assert parts(beyond) == [("A", "short_payment*", eur("1.01"), "short_payment")]
    assert [str(reason) for reason in beyond.reasons] == ["above_tolerance (1.00 EUR)"]
    assert settle(small, [plain("A", "1000")], "995").is_closed
    assert not settle(small, [plain("A", "1000")], "994.99").is_closed


def test_the_cap_of_the_year_limits_what_is_let_go():
    capped = policy(tolerance=tolerance("5", cap="20"))
    assert settle(capped, [plain("A", "100")], "96", used="16").is_closed
    beyond = settle(capped, [plain("A", "100")], "96", used="16.01")
    assert beyond.open == eur(4)
    assert [str(reason) for reason in beyond.reasons] == ["tolerance_cap_reached (3.99 EUR)"]
    assert settle(capped, [plain("A", "100")], "99.99", used="21").reasons[0].amount == eur(0)


def test_the_tolerance_is_for_the_payment_and_not_for_each_item():
    small = policy(tolerance=tolerance("5"))
    items = [plain("A", "100"), plain("B", "100")]
    assert parts(settle(small, items, "195")) == [("B", "tolerance", eur(5), "within_tolerance")]
    assert settle(small, items, "192").open == eur(8)


def test_a_currency_without_an_amount_has_no_tolerance():
    item = SettlementItem(item="A", open=Money.of(100, "USD"))
    tender = Tender(paid=Money.of("99.99", "USD"), paid_on=IN_TIME)
    assert policy(tolerance=tolerance("5")).settle([item], tender).open == Money.of("0.01", "USD")


def test_a_small_surplus_can_be_kept_a_large_one_never_by_tolerance():
    keeps = policy(tolerance=tolerance("5"), surplus="tolerance")
    assert parts(settle(keeps, [plain("A", "100")], "105")) == [(None, "tolerance", eur(-5), "surplus_kept")]
    assert settle(keeps, [plain("A", "100")], "105.01").on_account == eur("5.01")


def test_the_rest_can_be_written_off_or_the_payment_refused():
    assert parts(settle(policy(short="write_off"), [plain("A", "100")], "10")) == [
        ("A", "write_off", eur(90), "written_off")
    ]
    refused = settle(policy(short="refuse"), [plain("A", "100")], "10")
    assert (refused.applied, refused.open, refused.on_account) == (eur(0), eur(100), eur(10))
    assert [str(reason) for reason in refused.reasons] == ["part_payment_refused (90.00 EUR)"]
    assert settle(policy(short="refuse"), [plain("A", "100")], "100").applied == eur(100)


# Discounts


def test_each_item_has_its_own_discount():
    items = [discounted("A", "1000", "20"), plain("B", "500"), discounted("C", "100", "3")]
    assert parts(settle(policy(), items, "1577")) == [
        ("A", "discount_earned", eur(20), "discount_in_time"),
        ("C", "discount_earned", eur(3), "discount_in_time"),
    ]


def test_discounts_that_lapsed_stay_open_where_they_were_kept_back():
    items = [discounted("A", "1000", "20"), discounted("C", "100", "3")]
    late = settle(policy(), items, "1077", LATE)
    assert parts(late) == [
        ("A", "discount_unearned*", eur(20), "unearned_discount"),
        ("C", "discount_unearned*", eur(3), "unearned_discount"),
    ]
    assert len(late.disputes) == 2


def test_a_lapsed_discount_can_be_accepted():
    late = settle(policy(unearned="accept"), [discounted("A", "1000", "20")], "980", LATE)
    assert parts(late) == [("A", "discount_unearned", eur(20), "unearned_accepted")]


def test_a_late_part_payment_claims_no_discount():
    late = settle(policy(), [discounted("A", "1000", "20")], "600", LATE)
    assert parts(late) == [("A", "short_payment*", eur(400), "short_payment")]


def test_a_few_cents_beyond_the_discount_are_tolerated():
    near = settle(policy(tolerance=tolerance("1")), [discounted("A", "1000", "20")], "979.50")
    assert parts(near) == [
        ("A", "discount_earned", eur(20), "discount_in_time"),
        ("A", "tolerance", eur("0.50"), "within_tolerance"),
    ]


def test_who_pays_in_full_takes_no_discount_unless_it_is_granted_anyway():
    assert settle(policy(), [discounted("A", "1000", "20")], "1000").parts == ()
    granted = settle(policy(unclaimed_granted=True), [discounted("A", "1000", "20")], "1000")
    assert (granted.of_kind("discount_earned"), granted.on_account) == (eur(20), eur(20))


def test_of_several_items_those_that_were_paid_in_full_have_their_discount():
    items = [discounted("A", "1000", "20"), discounted("B", "1000", "20")]
    part = settle(policy(), items, "1480")
    assert parts(part) == [
        ("A", "discount_earned", eur(20), "discount_in_time"),
        ("B", "short_payment*", eur(500), "short_payment"),
    ]
    assert [str(reason) for reason in part.reasons] == ["discount_on_full_payment_only (20.00 EUR)"]
    share = settle(policy(part_payments=PartPayments.PRO_RATA), items, "1470")
    assert parts(share)[1:] == [
        ("B", "discount_earned", eur(10), "discount_in_time"),
        ("B", "short_payment*", eur(500), "short_payment"),
    ]


def test_the_tax_in_a_discount_is_split_by_rate():
    lines = (
        TaxedLine(net=eur(1000), tax_percents=(Decimal(20),)),
        TaxedLine(net=eur(1000), tax_percents=(Decimal(10),)),
    )
    item = attrs.evolve(discounted("A", "2300", "46"), lines=lines)
    (part,) = settle(policy(), [item], "2254").parts
    assert [(str(share.percent), share.amount) for share in part.taxes] == [("20", eur(4)), ("10", eur(2))]
    assert (part.net, part.tax) == (eur(40), eur(6))


def test_a_line_that_takes_something_off_is_off_the_lines_of_its_rate():
    lines = tuple(TaxedLine(net=eur(net), tax_percents=(Decimal(20),)) for net in (1200, -200))
    item = attrs.evolve(discounted("A", "1200", "24"), lines=lines)
    (part,) = settle(policy(), [item], "1176").parts
    assert (part.net, part.tax) == (eur(20), eur(4))
    withholding = policy(withheld=WithheldTax(percent=Decimal(10)))
    assert settle(withholding, [item], "1100", LATE, withheld=eur(100)).of_kind("withheld_tax") == eur(100)


def test_a_discount_that_is_refused_changes_no_tax():
    item = attrs.evolve(discounted("A", "1200", "24"), lines=(TaxedLine(net=eur(1000), tax_percents=(Decimal(20),)),))
    (part,) = settle(policy(), [item], "1176", LATE).parts
    assert part.taxes == ()


# What was said


def test_a_stated_deduction_stays_open_and_is_disputed():
    said = Deduction(amount=eur(80), code="short_delivery", item="B", text="3 boxes")
    settlement = settle(policy(), [plain("A", "100"), plain("B", "100")], "120", deductions=(said,))
    assert parts(settlement) == [("B", "deduction*", eur(80), "short_delivery")]
    assert settlement.disputes == settlement.parts
    assert [(each.item, each.cash) for each in settlement.items] == [("A", eur(100)), ("B", eur(20))]


def test_a_deduction_explains_no_more_than_is_missing():
    said = Deduction(amount=eur(80), code="rebate")
    assert parts(settle(policy(), [plain("A", "100")], "70", deductions=(said,))) == [
        ("A", "deduction*", eur(30), "rebate")
    ]
    assert settle(policy(), [plain("A", "100")], "100", deductions=(said,)).parts == ()


def test_a_discount_is_earned_beside_a_deduction():
    said = Deduction(amount=eur(100), code="rebate")
    settlement = settle(policy(), [discounted("A", "1000", "20")], "880", deductions=(said,))
    assert [(each.kind, each.amount) for each in settlement.parts] == [
        ("deduction", eur(100)),
        ("discount_earned", eur(20)),
    ]


def test_tax_withheld_settles_up_to_its_percentage_of_the_net_amount():
    withholding = policy(withheld=WithheldTax(percent=Decimal(20)))
    item = taxed("A", "1000", 22)
    assert parts(settle(withholding, [item], "1020", withheld=eur(200))) == [
        ("A", "withheld_tax", eur(200), "certificate_pending")
    ]
    with_paper = settle(withholding, [item], "1020", withheld=eur(200), certificate="CU-7")
    assert with_paper.parts[0].reason == "certificate_received"
    too_much = settle(withholding, [item], "970", withheld=eur(250))
    assert parts(too_much)[1] == ("A", "withheld_tax*", eur(50), "withheld_too_much")
    assert too_much.open == eur(50)


def test_tax_withheld_without_a_rule_stays_open():
    settlement = settle(policy(), [plain("A", "100")], "90", withheld=eur(10))
    assert parts(settlement) == [("A", "withheld_tax*", eur(10), "withholding_not_agreed")]
    assert settlement.disputes == settlement.parts


def test_a_difference_that_is_just_the_tax_can_be_assumed_to_be_withheld():
    assumed = policy(withheld=WithheldTax(percent=Decimal(10), on_net=False, assumed=True))
    assert settle(assumed, [plain("A", "100")], "90").of_kind("withheld_tax") == eur(10)
    assert settle(assumed, [plain("A", "100")], "90.01").of_kind("withheld_tax") == eur(0)
    both = settle(assumed, [discounted("A", "1000", "20")], "880")
    assert (both.of_kind("withheld_tax"), both.of_kind("discount_earned")) == (eur(100), eur(20))


def test_tax_on_a_net_amount_that_nobody_knows_stays_open():
    withholding = policy(withheld=WithheldTax(percent=Decimal(20), assumed=True))
    assert parts(settle(withholding, [plain("A", "100")], "80", withheld=eur(20))) == [
        ("A", "withheld_tax*", eur(20), "withholding_unknown")
    ]
    assert parts(settle(withholding, [plain("A", "100")], "80")) == [("A", "short_payment*", eur(20), "short_payment")]


def test_a_rule_for_tax_withheld_changes_nothing_where_none_was():
    withholding = policy(withheld=WithheldTax(percent=Decimal(20)))
    assert settle(withholding, [plain("A", "100")], "100").parts == ()


def test_a_bank_fee_settles_up_to_what_the_creditor_bears():
    bears = policy(bank_fees=BankFees(most=(eur(15),)))
    assert parts(settle(bears, [plain("A", "1000")], "985", bank_fee=eur(15))) == [
        ("A", "bank_fee", eur(15), "bank_fee")
    ]
    assert parts(settle(bears, [plain("A", "1000")], "980", bank_fee=eur(20))) == [
        ("A", "bank_fee", eur(15), "bank_fee"),
        ("A", "bank_fee*", eur(5), "bank_fee_too_high"),
    ]
    customer = policy(bank_fees=BankFees(most=(eur(15),), borne_by="customer"))
    assert parts(settle(customer, [plain("A", "1000")], "985", bank_fee=eur(15))) == [
        ("A", "bank_fee*", eur(15), "bank_fee_not_borne")
    ]


def test_a_bank_fee_is_assumed_only_where_the_policy_says_so_and_the_bank_says_nothing():
    assumed = policy(bank_fees=BankFees(most=(eur(15),), assumed=True), tolerance=tolerance("20"))
    assert parts(settle(assumed, [plain("A", "1000")], "990")) == [("A", "bank_fee", eur(10), "bank_fee")]
    assert parts(settle(assumed, [plain("A", "1000")], "982")) == [("A", "tolerance", eur(18), "within_tolerance")]
    said = settle(assumed, [plain("A", "1000")], "990", bank_fee=eur(3))
    assert (said.of_kind("bank_fee"), said.of_kind("tolerance")) == (eur(3), eur(7))


def test_the_rate_of_a_converted_payment_may_make_a_difference():
    rates = policy(exchange_percent=Decimal(1))
    assert parts(settle(rates, [plain("A", "1000")], "991", converted=True)) == [
        ("A", "exchange_difference", eur(9), "exchange_difference")
    ]
    assert settle(rates, [plain("A", "1000")], "991").open == eur(9)
    assert settle(rates, [plain("A", "1000")], "989.99", converted=True).open == eur("10.01")


# What comes out


def test_a_settlement_is_read_as_rows_and_as_text():
    settlement = settle(policy(tolerance=tolerance("5")), [discounted("A", "1000", "20")], "990", LATE)
    assert settlement.rows() == [
        {"item": "A", "kind": "cash", "amount": "990.00", "currency": "EUR", "tax": None, "effect": "settled", "reason": "paid"},
        {"item": "A", "kind": "discount_unearned", "amount": "10.00", "currency": "EUR", "tax": None, "effect": "open", "reason": "unearned_discount"},
    ]  # fmt: skip
    assert str(settlement).splitlines() == [
        "990.00 EUR paid on 2026-05-20 for 1000.00 EUR open: 10.00 EUR to explain, 10.00 EUR stays open",
        "  A: cash 990.00 EUR of 1000.00 EUR",
        "  A: discount_unearned 10.00 EUR stays open: unearned_discount",
        "  because: above_tolerance (5.00 EUR)",
    ]
    assert (settlement.policy, settlement.version) == ("own", 3)


def test_every_reason_code_is_on_the_list():
    codes = {code for code, _ in CODES}
    assert len(codes) == len(CODES)
    bears = policy(bank_fees=BankFees(most=(eur(1),)), tolerance=tolerance("5", cap="1"))
    some = settle(bears, [discounted("A", "1000", "20")], "970", bank_fee=eur(2), withheld=eur(5))
    assert {each.reason for each in some.parts} | {each.code for each in some.reasons} <= codes


def part(**more) -> SettlementPart:
    return SettlementPart(**{"kind": "tolerance", "amount": eur(1), "reason": "x", "item": "A"} | more)


def one(cash: int, *told: SettlementPart, paid: int | None = None) -> Settlement:
    items = (SettledItem(item="A", open=eur(10), cash=eur(cash)),)
    return Settlement(paid=eur(cash if paid is None else paid), paid_on=LATE, items=items, parts=told)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: one(9), "settlement of A"),
        (lambda: one(9, part(amount=eur(2))), "settlement of A"),
        (lambda: one(10, paid=11), "settlement.paid"),
        (lambda: one(9, part(item="B")), "settlement.parts[0].item"),
        (lambda: one(11), "settled.cash"),
        (lambda: Settlement.explained(eur(1), LATE, ()), "settlement.items"),
        (
            lambda: Settlement.explained(eur(2), LATE, [SettledItem(item="A", open=eur(1), cash=eur(1))] * 2),
            "settlement.items",
        ),
        (lambda: part(amount=eur(-1)), "part.amount"),
        (lambda: part(item=None), "part.item"),
        (lambda: part(kind="deduction", settles=True), "part.settles"),
        (lambda: part(kind="gift"), "part.kind"),
        (lambda: settle(policy(), [], "1"), "settle.items"),
        (lambda: settle(policy(), [plain("A", "1"), plain("A", "1")], "1"), "settle.items"),
        (lambda: settle(policy(), [plain("A", "1")], "-1"), "tender.paid"),
        (
            lambda: settle(
                policy(), [plain("A", "9")], "1", deductions=(Deduction(amount=eur(1), code="x", item="B"),)
            ),
            "tender.deductions[0].item",
        ),
        (lambda: tolerance("-1"), "tolerance.amount"),
        (lambda: Tolerance(amount=(eur(1), eur(2))), "tolerance.amount"),
        (lambda: policy(short="ignore"), "settlement_policy.short"),
    ],
)
def test_misuse_names_the_field(call, field):
    with pytest.raises(InvalidValue) as caught:
        call()
    assert caught.value.field == field


def test_currencies_never_mix():
    for paid, item in (
        (Money.of(1, "USD"), plain("A", "1")),
        (eur(1), SettlementItem(item="A", open=Money.of(1, "USD"))),
    ):
        with pytest.raises(CurrencyMismatch) as caught:
            policy().settle([item], Tender(paid=paid, paid_on=LATE))
        assert isinstance(caught.value, ReceivablesError)
    with pytest.raises(CurrencyMismatch):
        Tender(paid=eur(1), paid_on=LATE, bank_fee=Money.of(1, "USD"))


def test_where_nothing_was_paid_a_refusal_leaves_nothing_on_account():
    refused = settle(policy(short="refuse"), [plain("A", "100")], "0")
    assert (refused.open, refused.on_account) == (eur(100), eur(0))
    assert parts(refused) == [("A", "short_payment*", eur(100), "part_payment_refused")]
