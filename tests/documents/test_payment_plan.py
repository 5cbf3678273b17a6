"""Payment plans as documents: what cannot be one is refused with the value that is wrong."""

import datetime as dt

import pytest
from tests.service.world import TODAY, day, eur

from receivables import Money
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType


def parts(*installments):
    return tuple(PlanInstallment(due_on=day(n), amount=eur(amount)) for n, amount in installments)


def plan(**more):
    fields = {"id": "PP-1", "account": "ACME", "items": ("INV-1",), "agreed_on": TODAY}
    return PaymentPlan(**{**fields, "installments": parts((30, 100), (60, 100)), **more})


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"items": ()}, r"plan.items: must name an item, got \(\)"),
        ({"items": ("INV-1", "INV-1")}, "plan.items: must name each item once"),
        ({"waives": ("FEE",)}, "plan.waives: must be one of the items, got 'FEE'"),
        ({"installments": ()}, "plan.installments: must have an installment"),
        ({"installments": parts((30, 1), (30, 1))}, "must be due after 2026-04-01, got '2026-04-01'"),
        ({"installments": parts((30, 1), (9, 1))}, "must be due after 2026-04-01, got '2026-03-11'"),
        ({"installments": parts((-1, 1))}, "must not be due before 2026-03-02, got '2026-03-01'"),
        ({"grace_days": -1}, "plan.grace_days: must be at least 0, got -1"),
        ({"id": " "}, "plan.id: must not be blank"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(more, shown):
    with pytest.raises(InvalidValue, match=shown):
        plan(**more)


def test_a_plan_has_one_currency():
    dollars = PlanInstallment(due_on=day(90), amount=Money.of(5, "USD"))
    with pytest.raises(CurrencyMismatch, match=r"100.00 EUR and 5.00 USD"):
        plan(installments=(*parts((30, 100)), dollars))


@pytest.mark.parametrize("amount", [0, -1])
def test_an_installment_is_more_than_nothing(amount):
    with pytest.raises(InvalidValue, match=r"installment.amount: must be more than zero"):
        PlanInstallment(due_on=TODAY, amount=eur(amount))


def test_an_instant_is_no_due_date():
    with pytest.raises(WrongType, match="installment.due_on"):
        PlanInstallment(due_on=dt.datetime(2026, 3, 2), amount=eur(1))


def test_what_is_waived_is_not_paid_in_installments():
    assert plan(items=("INV-1", "FEE"), waives=("FEE",)).owed_items == ("INV-1",)
