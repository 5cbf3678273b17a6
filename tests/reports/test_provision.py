"""What has to be set aside: by segment and currency, to the step of the policy, and from one closing to the next."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.service.world import LADDER, World, day, eur

from receivables import Account, Customer, Invoice, Money, PolicyBook
from receivables.documents.loss import SpecificAllowance
from receivables.errors import InvalidValue
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.provision import ForwardLooking, LossRates, ProvisionPolicy
from receivables.reports.aging import aging
from receivables.reports.provision import allowance_movement, provision

TODAY = dt.date(2026, 6, 30)
RATES = LossRates.of(0, 10, 20, 30, 100)
POLICY = ProvisionPolicy(id="matrix", version=1, rates=(RATES,))


def account(id, *owed, segment="", currency="EUR"):
    """An account that owes amounts, each due so many days before today."""
    invoices = [
        Invoice.due(
            number=f"{id}-{at}",
            account=id,
            issued_on=dt.date(2026, 1, 1),
            total=Money.of(amount, currency),
            due_on=TODAY - dt.timedelta(days=late),
        )
        for at, (late, amount) in enumerate(owed)
    ]
    return Account.of(Customer(id=id, segment=segment), invoices=invoices)


@pytest.mark.parametrize(
    ("late", "bucket"), [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)]
)
def test_an_item_is_provided_for_in_the_bucket_of_its_age(late, bucket):
    view = account("A", (late, 100)).view(TODAY)
    found = provision(view, POLICY)
    assert [line.balance.minor for line in found.lines].index(10_000) == bucket
    assert list(aging(view).total("EUR").counts.values()).index(1) == bucket


@pytest.mark.parametrize("late", [-5, 0, 1, 30, 31, 60, 61, 90, 91, 900])
def test_an_item_with_an_allowance_of_its_own_leaves_its_bucket_and_no_other(late):
    world = World()
    world.at(TODAY).open()
    for number, days in (("INV-1", late), ("INV-2", 45)):
        invoice = Invoice.due(
            number=number,
            account="ACME",
            issued_on=dt.date(2023, 1, 1),
            total=eur(100),
            due_on=TODAY - dt.timedelta(days=days),
        )
        world.app.issue_invoice(invoice, key=number)
    one = SpecificAllowance(id="SA", account="ACME", item="INV-1", percent=Decimal(40), code="insolvent")
    world.app.set_allowance(one, on=TODAY, key="set")
    found = provision(world.app.view("ACME", TODAY), POLICY)
    assert [line.balance.minor for line in found.lines] == [0, 0, 10_000, 0, 0]
    assert (found.specific("EUR"), found.open("EUR")) == (eur(40), eur(200))


def test_all_that_a_customer_owes_can_leave_the_matrix():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -10)
    world.invoice("INV-USD", Money.of(80, "USD"), -40)
    whole = SpecificAllowance(id="SA", account="ACME", percent=Decimal(50), code="insolvent")
    world.app.set_allowance(whole, on=day(0), key="set")
    found = provision(world.app.view("ACME", day(0)), POLICY)
    assert all(line.balance.is_zero for line in found.lines)
    assert (found.required("EUR"), found.required("USD")) == (eur(50), Money.of(40, "USD"))


def test_a_segment_has_its_own_rates_and_the_rest_has_those_of_all():
    public = LossRates.of(0, 1, 2, 3, 4, segment="public")
    policy = ProvisionPolicy(id="matrix", version=2, rates=(RATES, public))
    accounts = [account("A", (40, 100), segment="public"), account("B", (40, 100), segment="retail")]
    found = provision([each.view(TODAY) for each in accounts], policy)
    assert {line.segment: line.allowance for line in found.lines if line.bucket == "31-60"} == {
        "public": eur(2),
        None: eur(20),
    }


def test_each_bucket_is_rounded_by_itself_to_the_step():
    policy = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", "0.5", 0, 0, 0),), step=100)
    view = account("A", (0, "100.00"), (10, "99.99")).view(TODAY)
    assert [str(line.allowance) for line in provision(view, policy).lines[:2]] == ["1.00 EUR", "0.00 EUR"]


def test_what_is_expected_to_be_different_is_named_with_its_reason():
    forward = ForwardLooking(factor=Decimal("1.5"), reason="a strike", source="the board, 1 June")
    policy = ProvisionPolicy(id="matrix", version=1, rates=(RATES,), forward=forward)
    found = provision(account("A", (40, 100), (200, 100)).view(TODAY), policy)
    assert [line.allowance for line in found.lines if line.allowance.minor] == [eur(30), eur(100)]
    assert str(found).endswith("rates times 1.5: a strike (the board, 1 June)")


def test_currencies_are_never_added():
    accounts = [account("A", (40, 100)), account("B", (40, 100), currency="USD")]
    found = provision([each.view(TODAY) for each in accounts], POLICY)
    assert [currency.code for currency in found.currencies] == ["EUR", "USD"]
    assert (found.required("EUR"), found.required("USD")) == (eur(20), Money.of(20, "USD"))


def test_views_of_different_days_are_refused():
    one = account("A", (40, 100))
    with pytest.raises(InvalidValue, match="must all be of 2026-06-30"):
        provision([one.view(TODAY), one.view(TODAY - dt.timedelta(days=1))], POLICY)


def test_the_table_names_bucket_rate_and_allowance():
    found = provision(account("A", (40, 100)).view(TODAY), POLICY)
    assert str(found).splitlines()[0] == "provision as of 2026-06-30 by matrix/1"
    assert found.rows()[2] == {
        "segment": "all others",
        "bucket": "31-60",
        "currency": "EUR",
        "balance": "100.00",
        "rate": "20.0000",
        "allowance": "20.00",
    }
    assert found._repr_html_().startswith("<table><caption>Provision as of")
    assert "nothing open" in str(provision([], POLICY))


def test_an_allowance_moves_by_what_was_used_and_came_back():
    losses = WriteOffPolicy(id="losses", version=1, charge="allowance", recovery="allowance")
    world = World(policies=PolicyBook.of(LADDER, losses))
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.at(5)
    world.app.write_off("ACME", "INV-1", "insolvent", on=day(5), key="lost")
    world.at(20)
    world.pay("P-1", "400")
    world.app.recover("ACME", "P-1", "INV-1", key="back")
    world.at(30)
    world.app.return_payment("ACME", "P-1", "returned", "no_funds", on=day(30), key="return")

    def moved(since, until):
        found = allowance_movement(
            [world.app.account("ACME")],
            "EUR",
            opening=eur(1500),
            closing=eur(600),
            since=day(since),
            until=day(until),
        )
        return found.used, found.recovered, found.expense

    assert moved(0, 10) == (eur(1000), eur(0), eur(100))
    assert moved(0, 20) == (eur(1000), eur(400), eur(-300))
    assert moved(10, 20) == (eur(0), eur(400), eur(-1300))
    assert moved(20, 30) == (eur(0), eur(-400), eur(-500))


def test_a_movement_of_another_currency_leaves_the_write_off_out():
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.app.write_off("ACME", "INV-1", "insolvent", on=day(0), key="lost")
    zero = Money.zero("USD")
    found = allowance_movement(
        world.app.account("ACME"), "USD", opening=zero, closing=zero, since=day(-1), until=day(0)
    )
    assert found.row() == {
        "currency": "USD",
        "opening": "0.00",
        "expense": "0.00",
        "used": "0.00",
        "recovered": "0.00",
        "closing": "0.00",
    }
