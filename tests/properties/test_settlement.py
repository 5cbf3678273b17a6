"""What holds for all settlements, appropriations and exchanges: no cent appears, none is lost, nothing goes below zero."""

import datetime as dt
import decimal
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from receivables.documents.discount_tax import TaxedLine
from receivables.documents.discounts import DiscountRules, PartPayments
from receivables.documents.discounts import settle as settle_alone
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.documents.settlement import Deduction, Settlement, Tender
from receivables.policies.appropriation import (
    AMONG,
    LAWS,
    OLDEST_FIRST,
    PRINCIPAL_FIRST,
    AppropriationOrder,
    Debt,
    Source,
    appropriate,
    appropriate_all,
    left_open,
)
from receivables.policies.settlement import SHORT, SURPLUS, UNEARNED, SettlementItem, SettlementPolicy
from receivables.policies.settlement_rules import BORNE_BY, BankFees, Tolerance, WithheldTax
from receivables.values.currencies import Currency
from receivables.values.money import Money

UNTIL = dt.date(2026, 5, 14)
CURRENCIES = [Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD")]
days = st.dates(UNTIL - dt.timedelta(3), UNTIL + dt.timedelta(6))
minors = st.integers(0, 300_000)
percents = st.decimals(0, 100, places=2)


def amounts(currency: Currency, most: int = 300_000, least: int = 0) -> st.SearchStrategy[Money]:
    return st.integers(least, most).map(lambda minor: Money(minor, currency))


# Settlement


@st.composite
def items(draw, currency: Currency, name: str) -> SettlementItem:
    """An item with zero to two windows, perhaps paid in part already, with or without tax lines."""
    whole = draw(amounts(currency, least=1))
    windows = tuple(
        DiscountWindow(
            until=UNTIL,
            percent=None,
            amount=draw(amounts(currency, whole.minor)),
            grace_until=draw(st.sampled_from([None, UNTIL + dt.timedelta(2)])),
        )
        for _ in range(draw(st.integers(0, 2)))
    )
    part = Installment(amount=whole, due_on=UNTIL, discounts=windows)
    line = TaxedLine(net=whole, tax_percents=(Decimal(20),))
    return SettlementItem(
        item=name,
        open=draw(amounts(currency, whole.minor)),
        installment=part,
        lines=draw(st.sampled_from([(), (line,)])),
    )


@st.composite
def policies(draw, currency: Currency) -> SettlementPolicy:
    few = amounts(currency, 5_000).map(lambda amount: (amount,))
    flags = st.booleans()
    tolerance = st.builds(Tolerance, amount=few, percent=st.none() | percents, yearly_cap=st.just(()) | few)
    withheld = st.builds(WithheldTax, percent=percents, on_net=flags, assumed=flags)
    fees = st.builds(BankFees, most=few, borne_by=st.sampled_from(BORNE_BY), assumed=flags)
    return draw(
        st.builds(
            SettlementPolicy,
            id=st.just("any"),
            version=st.just(1),
            tolerance=st.none() | tolerance,
            grace_accepted=flags,
            unearned=st.sampled_from(UNEARNED),
            part_payments=st.sampled_from(PartPayments),
            unclaimed_granted=flags,
            withheld=st.none() | withheld,
            bank_fees=st.none() | fees,
            exchange_percent=st.none() | percents,
            short=st.sampled_from(SHORT),
            surplus=st.sampled_from(SURPLUS),
        )
    )


@st.composite
def settlements(draw) -> tuple[SettlementPolicy, list[SettlementItem], Tender, Money]:
    currency = draw(st.sampled_from(CURRENCIES))
    chosen = [draw(items(currency, name)) for name in "ABC"[: draw(st.integers(1, 3))]]
    total = sum(each.open.minor for each in chosen)
    near = st.integers(max(total - 5_000, 0), total + 5_000).map(lambda minor: Money(minor, currency))
    said = st.builds(
        Deduction,
        amount=amounts(currency, least=1),
        code=st.just("rebate"),
        item=st.none() | st.sampled_from([each.item for each in chosen]),
    )
    tender = Tender(
        paid=draw(near | amounts(currency, total + 1_000)),
        paid_on=draw(days),
        deductions=tuple(draw(st.lists(said, max_size=2))),
        withheld=draw(st.none() | amounts(currency)),
        certificate=draw(st.sampled_from([None, "CU-1"])),
        bank_fee=draw(st.none() | amounts(currency, 5_000)),
        converted=draw(st.booleans()),
    )
    return draw(policies(currency)), chosen, tender, draw(amounts(currency, 5_000))


@given(settlements())
def test_the_parts_sum_to_the_difference_and_no_item_goes_below_zero(case):
    policy, chosen, tender, used = case
    settlement = policy.settle(chosen, tender, used=used)
    assert sum(part.amount.minor for part in settlement.parts) == settlement.difference.minor
    kept = sum(part.amount.minor for part in settlement.parts if part.item is None and part.settles)
    assert tender.paid.minor == settlement.applied.minor + settlement.on_account.minor - kept
    for item, after in zip(chosen, settlement.items, strict=True):
        assert (after.item, after.open) == (item.item, item.open)
        assert 0 <= after.cash.minor <= item.open.minor
        closed = sum(part.amount.minor for part in settlement.parts if part.item == item.item and part.settles)
        assert item.open.minor == after.cash.minor + closed + settlement.open_of(item.item).minor
    assert all(part.tax.minor <= part.amount.minor for part in settlement.parts if part.taxes)


@given(settlements())
def test_nothing_is_on_account_while_an_item_is_short_but_for_a_refused_payment(case):
    policy, chosen, tender, used = case
    settlement = policy.settle(chosen, tender, used=used)
    short = [part for part in settlement.parts if part.kind in ("short_payment", "discount_unearned")]
    if settlement.on_account.is_positive:
        assert {part.reason for part in short if not part.settles} <= {"part_payment_refused"}


@given(settlements())
def test_the_tolerance_is_kept_and_so_is_its_cap(case):
    policy, chosen, tender, used = case
    settlement = policy.settle(chosen, tender, used=used)
    spent = abs(settlement.of_kind("tolerance"))
    if spent.is_positive:
        total = Money.total((each.open for each in chosen), tender.paid.currency)
        left = policy.tolerance.left(used)
        assert spent <= policy.tolerance.limit(total)
        assert left is None or spent <= left


@given(settlements(), st.integers(1, 6), st.sampled_from([decimal.ROUND_UP, decimal.ROUND_FLOOR]))
def test_the_decimal_context_of_the_host_does_not_matter(case, precision, rounding):
    policy, chosen, tender, used = case
    expected = policy.settle(chosen, tender, used=used)
    with decimal.localcontext() as context:
        context.prec, context.rounding = precision, rounding
        assert policy.settle(chosen, tender, used=used) == expected


@given(items(CURRENCIES[0], "A"), minors, days, st.sampled_from(PartPayments), st.booleans(), st.booleans())
def test_one_item_settles_as_the_discount_of_its_terms_says(item, paid, on, share, late, unclaimed):
    policy = SettlementPolicy(
        id="any", version=1, part_payments=share, grace_accepted=late, unclaimed_granted=unclaimed
    )
    rules = DiscountRules(part_payments=share, late_allowed=late, unclaimed_granted=unclaimed)
    money = Money(paid, CURRENCIES[0])
    expected = settle_alone(item.installment, money, on, open=item.open, rules=rules)
    settlement: Settlement = policy.settle([item], Tender(paid=money, paid_on=on))
    granted = settlement.of_kind("discount_earned") + settlement.of_kind("discount_in_grace")
    assert (granted, settlement.open, settlement.on_account) == (
        expected.discount,
        expected.open,
        expected.left_on_payment,
    )


# Appropriation


@st.composite
def debts(draw, currency: Currency) -> list[Debt]:
    found = []
    for at in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["principal", "fee", "interest"]))
        found.append(
            Debt(
                item=f"I{at}",
                kind=kind,
                parent=None if kind == "principal" else f"I{draw(st.integers(0, 5))}",
                open=draw(amounts(currency)),
                due_on=draw(st.none() | st.sampled_from([UNTIL, UNTIL + dt.timedelta(40)])),
                rate_percent=draw(st.sampled_from([Decimal(0), Decimal("9.12")])),
                secured=draw(st.booleans()),
            )
        )
    return found


kind_orders = st.permutations(["fee", "interest", "principal"]).map(tuple)
orders = st.sampled_from([*LAWS, OLDEST_FIRST, PRINCIPAL_FIRST]) | st.builds(
    AppropriationOrder,
    id=st.just("any"),
    version=st.just(1),
    kinds=st.just(()) | kind_orders,
    among=st.lists(st.sampled_from(list(AMONG)), max_size=3).map(tuple),
    debt_by_debt=st.booleans(),
    designation=st.sampled_from(["item", "debt", "ignored"]),
    ties=st.sampled_from(["in_order", "pro_rata"]),
)


@given(st.data(), st.sampled_from(CURRENCIES), orders)
def test_every_cent_is_placed_once_up_to_what_is_open(data, currency, order):
    owed = data.draw(debts(currency))
    amount = data.draw(amounts(currency, 900_000))
    named = data.draw(st.lists(st.sampled_from([each.item for each in owed]), max_size=2, unique=True))
    placements = appropriate(amount, owed, order, on=UNTIL, designated=named)
    placed = Money.total((each.amount for each in placements), currency)
    assert placed == min(amount, Money.total((each.open for each in owed), currency))
    assert all(not each.open.is_negative for each in left_open(owed, placements))
    assert len({each.item for each in placements}) == len(placements)


@given(st.data(), st.sampled_from(CURRENCIES), orders.filter(lambda order: order.ties == "in_order"))
def test_two_payments_go_where_one_of_their_sum_goes(data, currency, order):
    """But for the rule `smallest`, which looks at what is open, and so at what the first payment left."""
    if "smallest" in order.among:
        return
    owed = data.draw(debts(currency))
    first, second = data.draw(amounts(currency)), data.draw(amounts(currency))
    twice = appropriate_all([Source("1", first), Source("2", second)], owed, order, on=UNTIL)
    once = appropriate(first + second, owed, order, on=UNTIL)
    assert [each.open for each in left_open(owed, twice)] == [each.open for each in left_open(owed, once)]
