"""Orders of appropriation by hand-checked figures: designations, laws, ties, sources, and what is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables.errors import CurrencyMismatch, InvalidValue, ReceivablesError, WrongType
from receivables.policies.appropriation import (
    BGB_367,
    CODE_CIVIL,
    CODICE_CIVILE,
    COSTS_INTEREST_PRINCIPAL,
    LAWS,
    OLDEST_FIRST,
    AppropriationOrder,
    Debt,
    Placement,
    Source,
    appropriate,
    appropriate_all,
    left_open,
)
from receivables.values.money import Money

D = dt.date
ON = D(2026, 3, 2)
DUE = D(2026, 1, 31)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def debt(item: str, amount: int, due_on: dt.date | None = DUE, **more) -> Debt:
    return Debt(item=item, open=eur(amount), due_on=due_on, **more)


def fee(parent: str, amount: int) -> Debt:
    return Debt(item=f"{parent}/fee", kind="fee", parent=parent, open=eur(amount), due_on=D(2026, 2, 20))


def order(**settings) -> AppropriationOrder:
    return AppropriationOrder(id="own", version=1, **settings)


def placed(amount: int, debts, which: AppropriationOrder, **more) -> list[tuple[str, Money, str]]:
    found = appropriate(eur(amount), debts, which, on=ON, **more)
    return [(each.item, each.amount, each.rule) for each in found]


TWO = (debt("A", 100, D(2026, 1, 10)), fee("A", 10), debt("B", 100, D(2026, 1, 20)), fee("B", 10))


def test_one_debt_after_the_other_pays_the_costs_of_the_first_before_its_principal():
    assert placed(115, TWO, BGB_367) == [
        ("A/fee", eur(10), "kind"),
        ("A", eur(100), "oldest_due"),
        ("B/fee", eur(5), "kind"),
    ]


def test_by_kind_all_costs_of_the_account_come_before_any_principal():
    by_kind = order(kinds=COSTS_INTEREST_PRINCIPAL)
    assert placed(25, TWO, by_kind) == [
        ("A/fee", eur(10), "in_order"),
        ("B/fee", eur(10), "kind"),
        ("A", eur(5), "oldest_due"),
    ]


def test_without_kinds_a_fee_is_an_item_like_any_other():
    assert [item for item, *_ in placed(220, TWO, OLDEST_FIRST)] == ["A", "B", "A/fee", "B/fee"]


def test_a_designated_item_is_paid_before_the_costs_on_it_if_the_order_lets_the_debtor_decide():
    assert placed(105, TWO, order(kinds=COSTS_INTEREST_PRINCIPAL), designated=["B"]) == [
        ("B", eur(100), "designated"),
        ("A/fee", eur(5), "in_order"),
    ]


def test_a_designated_debt_is_paid_with_its_costs_first_under_the_civil_codes():
    """BGB s. 366(1) lets the debtor choose the debt, s. 367 not the principal before the costs."""
    assert placed(105, TWO, BGB_367, designated=["B"]) == [("B/fee", eur(10), "kind"), ("B", eur(95), "designated")]


def test_a_designation_can_be_ignored_by_agreement():
    assert placed(5, TWO, order(designation="ignored"), designated=["B"])[0][0] == "A"


def test_the_only_debt_still_says_that_it_was_designated():
    assert placed(5, [debt("A", 9)], OLDEST_FIRST, designated=["A"]) == [("A", eur(5), "designated")]
    assert placed(5, [debt("A", 9)], OLDEST_FIRST) == [("A", eur(5), "only")]


def test_the_rules_of_the_civil_codes_decide_one_after_the_other():
    debts = (
        debt("young", 10, D(2026, 2, 1)),
        debt("old", 10, D(2026, 1, 1)),
        debt("costly", 10, D(2026, 2, 1), rate_percent=Decimal("9.5")),
        debt("secured", 10, D(2025, 1, 1), rate_percent=Decimal(12), secured=True),
        debt("not due", 10, D(2026, 4, 1), rate_percent=Decimal(20)),
        debt("undated", 10, None, rate_percent=Decimal(20)),
    )
    assert placed(60, debts, BGB_367) == [
        ("costly", eur(10), "most_burdensome"),
        ("old", eur(10), "oldest_due"),
        ("young", eur(10), "least_secured"),
        ("secured", eur(10), "fallen_due"),
        ("not due", eur(10), "oldest_due"),
        ("undated", eur(10), "only"),
    ]
    assert [item for item, *_ in placed(20, debts, CODE_CIVIL)] == ["secured", "costly"]
    assert [item for item, *_ in placed(20, debts, CODICE_CIVILE)] == ["costly", "old"]


def test_debts_that_are_equal_by_every_rule_are_paid_in_proportion():
    debts = (debt("A", 100), debt("B", 200), fee("B", 30))
    assert placed(33, debts, BGB_367) == [("A", eur(10), "pro_rata"), ("B/fee", eur(23), "pro_rata")]
    assert placed(330, debts, BGB_367) == [("A", eur(100), "debt"), ("B/fee", eur(30), "kind"), ("B", eur(200), "only")]
    assert placed(33, debts, order(kinds=COSTS_INTEREST_PRINCIPAL)) == [
        ("B/fee", eur(30), "kind"),
        ("A", eur(3), "in_order"),
    ]


def test_the_smallest_first_closes_the_most_items():
    debts = (debt("A", 6000), debt("B", 3000), debt("C", 1500))
    found = placed(5000, debts, order(among=("smallest",)))
    assert found == [("C", eur(1500), "smallest"), ("B", eur(3000), "smallest"), ("A", eur(500), "only")]


def test_credit_notes_are_used_before_payments_and_the_debts_that_they_paid_are_gone():
    sources = [Source("P1", eur(50)), Source("P2", eur(50)), Source("CN", eur(30), "credit_note")]
    found = appropriate_all(sources, [debt("A", 60, D(2026, 1, 1)), debt("B", 60)], OLDEST_FIRST, on=ON)
    assert [(each.source, each.item, each.amount) for each in found] == [
        ("CN", "A", eur(30)),
        ("P1", "A", eur(30)),
        ("P1", "B", eur(20)),
        ("P2", "B", eur(40)),
    ]


def test_what_is_more_than_is_open_is_not_placed():
    found = appropriate(eur(500), [debt("A", 60)], OLDEST_FIRST, on=ON)
    assert [each.amount for each in found] == [eur(60)]
    assert [each.open for each in left_open([debt("A", 60)], found)] == [eur(0)]


def test_every_order_of_a_law_names_its_sources():
    assert all(law.source and law.among_source for law in LAWS)
    assert {law.designation for law in LAWS} == {"debt"}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: appropriate(Money.of(1, "USD"), [debt("A", 1)], OLDEST_FIRST, on=ON), CurrencyMismatch),
        (lambda: appropriate(eur(-1), [debt("A", 1)], OLDEST_FIRST, on=ON), InvalidValue),
        (lambda: appropriate(eur(1), [debt("A", 1), debt("A", 2)], OLDEST_FIRST, on=ON), InvalidValue),
        (lambda: appropriate(eur(1), [debt("A", 1)], OLDEST_FIRST, on=ON, designated=["B"]), InvalidValue),
        (lambda: order(kinds=("fee", "principal")), InvalidValue),
        (lambda: order(among=("alphabet",)), InvalidValue),
        (lambda: debt("A", -1), InvalidValue),
        (lambda: debt("A", 1, rate_percent=0.1), WrongType),
        (lambda: Placement(item="A", amount=eur(0), rule="only", because="x"), InvalidValue),
    ],
)
def test_misuse_is_refused(call, error):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, ReceivablesError)
