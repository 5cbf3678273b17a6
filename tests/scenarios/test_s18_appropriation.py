"""S18: a part payment that names nothing, under three legal orders.

Principal 10,000.00 that bears 10 percent, a dunning fee of 40.00, interest of 180.00 claimed to date. 10,000.00 arrives.
The same 220.00 is left three times, and costs three different things in the next 90 days.
"""

import datetime as dt
from decimal import Decimal

import pytest

from receivables.policies.appropriation import (
    BGB_367,
    BGB_497,
    OLDEST_FIRST,
    PRINCIPAL_FIRST,
    AppropriationOrder,
    Debt,
    appropriate,
    left_open,
)
from receivables.policies.balances import BalanceHistory
from receivables.policies.interest import InterestTerms, accrue
from receivables.values.dates import add_days
from receivables.values.money import Money

PAID_ON = dt.date(2026, 3, 2)
TEN = Decimal(10)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


DEBTS = (
    Debt(item="INV-1", open=eur(10_000), due_on=dt.date(2025, 12, 31), rate_percent=TEN),
    Debt(item="INV-1/fee", kind="fee", parent="INV-1", open=eur(40), due_on=dt.date(2026, 2, 1)),
    Debt(item="INV-1/interest", kind="interest", parent="INV-1", open=eur(180), due_on=dt.date(2026, 2, 28)),
)

TABLE = [
    (BGB_367, "0.00", "0.00", "220.00", "5.42"),
    (BGB_497, "0.00", "180.00", "40.00", "0.99"),
    (PRINCIPAL_FIRST, "40.00", "180.00", "0.00", "0.00"),
]


@pytest.mark.parametrize(
    ("order", "fee", "interest", "principal", "future"), TABLE, ids=lambda each: getattr(each, "id", None)
)
def test_the_table_of_orders(order: AppropriationOrder, fee: str, interest: str, principal: str, future: str) -> None:
    placements = appropriate(eur(10_000), DEBTS, order, on=PAID_ON)
    open = {debt.kind: debt.open for debt in left_open(DEBTS, placements)}
    assert open == {"fee": eur(fee), "interest": eur(interest), "principal": eur(principal)}
    assert Money.total(open.values(), "EUR") == eur(220)
    terms = InterestTerms.fixed(TEN)
    to_come = accrue(BalanceHistory.of(open["principal"]), terms, due_on=PAID_ON, until=add_days(PAID_ON, 90))
    assert to_come.total == eur(future)


def test_each_cent_says_which_rule_placed_it() -> None:
    placements = appropriate(eur(10_000), DEBTS, BGB_497, on=PAID_ON)
    assert [str(each) for each in placements] == [
        "40.00 EUR on INV-1/fee: costs before principal (BGB s. 497(3))",
        "9960.00 EUR on INV-1: principal before interest (BGB s. 497(3))",
    ]
    assert Money.total((each.amount for each in placements), "EUR") == eur(10_000)


INVOICES = (
    Debt(item="JAN", open=eur(900), due_on=dt.date(2026, 1, 5), rate_percent=Decimal(5)),
    Debt(item="FEB", open=eur(900), due_on=dt.date(2026, 2, 5), rate_percent=Decimal(9)),
    Debt(item="MAR", open=eur(900), due_on=dt.date(2026, 3, 5)),
)

AMONG = [
    ((), ("oldest_due",), ["JAN", "FEB"], "oldest_due"),
    (("FEB",), ("oldest_due",), ["FEB", "JAN"], "designated"),
    ((), ("current_first", "oldest_due"), ["MAR", "JAN"], "current_first"),
    ((), ("most_burdensome", "oldest_due"), ["FEB", "JAN"], "most_burdensome"),
]


@pytest.mark.parametrize(("designated", "among", "expected", "rule"), AMONG, ids=[row[-1] for row in AMONG])
def test_among_several_invoices_the_order_decides_and_is_named(designated, among, expected, rule) -> None:
    order = AppropriationOrder(id="own", version=1, among=among)
    placements = appropriate(eur(1_000), INVOICES, order, on=dt.date(2026, 3, 9), designated=designated)
    assert [(each.item, each.amount) for each in placements] == list(zip(expected, [eur(900), eur(100)], strict=True))
    assert placements[0].rule == rule


def test_without_a_word_the_oldest_is_paid_first() -> None:
    assert [each.item for each in appropriate(eur(2_700), INVOICES, OLDEST_FIRST, on=PAID_ON)] == ["JAN", "FEB", "MAR"]
