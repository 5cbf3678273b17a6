"""What can be paid, how, under which reference, and with which discount on which day."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import (
    Account,
    Customer,
    DiscountWindow,
    Installment,
    Invoice,
    Money,
    Payment,
    Remittance,
    Schedule,
)
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.policies.matching import MatchingPolicy, propose
from receivables.reports.payment_options import PaymentOption, payment_choices, reference_of
from receivables.values.references import is_creditor_reference

IBAN = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def world():
    world = World()
    world.open("ACME")
    world.invoice("INV1", "900", -10)
    world.invoice("INV-2", "300", 20)
    world.invoice("INV3", Money.of("80", "USD"), 5)
    return world


def choices(world, **more):
    return payment_choices(world.app.view("ACME", world.today), **more)


def discounted(*, percent=2, until=14, disputed=None):
    """1,200 with 2 percent for two weeks, and 1 percent for three."""
    windows = (
        DiscountWindow(until=day(until), percent=Decimal(percent), amount=eur(24), grace_until=day(until + 3)),
        DiscountWindow(until=day(until + 7), percent=Decimal(1), amount=eur(12)),
    )
    part = Installment(amount=eur(1200), due_on=day(30), discounts=windows)
    world = World()
    world.open("ACME")
    invoice = Invoice(
        number="INV-4", account="ACME", issued_on=TODAY, total=eur(1200), schedule=Schedule(installments=(part,))
    )
    world.app.issue_invoice(invoice, key="issue")
    if disputed:
        world.dispute("D", "INV-4", disputed)
    return world


@pytest.mark.parametrize("number", ["INV1", "1", "A" * 21])
def test_a_number_that_fits_is_paid_under_a_creditor_reference_that_ends_with_it(number):
    reference = reference_of(number)
    assert is_creditor_reference(reference)
    assert reference[4:] == number


@pytest.mark.parametrize("number", ["INV-1", "inv1", "INV 1", "A" * 22, "Ä1", "INV/1"])
def test_a_number_that_does_not_fit_stands_as_it_is(number):
    assert reference_of(number) == number


def test_the_hosts_own_references_come_first(world):
    found = choices(world, references={"INV1": "000123", "ACME": "C-7"})
    assert [each.reference for each in found.items] == ["000123", "INV-2", reference_of("INV3")]
    assert {each.reference for each in found.totals} == {"C-7"}
    assert choices(world).totals[0].reference == reference_of("ACME")
    assert found.totals[0].references == ("000123", "INV-2")


def test_each_currency_has_its_total_and_the_ways_that_take_it(world):
    bank = PaymentOption(method="transfer", currencies=("EUR",), account=IBAN, payee="Blau GmbH")
    card = PaymentOption(method="card")
    found = choices(world, options=(bank, card))
    assert [(each.pay_now, each.options) for each in found.totals] == [
        (eur(1200), (bank, card)),
        (Money.of(80, "USD"), (card,)),
    ]
    assert [row["methods"] for row in found.rows()] == ["transfer, card", "transfer, card", "card"]


def test_some_items_are_chosen_and_one_of_another_account_is_unknown(world):
    world.open("OTHER")
    world.invoice("INV-X", "5", 5, "OTHER")
    assert [each.item for each in choices(world, items=("INV-2",)).items] == ["INV-2"]
    with pytest.raises(UnknownId, match="INV-X"):
        choices(world, items=("INV-X",))


def test_what_is_disputed_is_not_asked_for(world):
    world.dispute("D-1", "INV1", "200")
    world.dispute("D-2", "INV-2")
    assert [(each.item, each.pay_now) for each in choices(world).items if each.item != "INV3"] == [("INV1", eur(700))]


@pytest.mark.parametrize(("on", "pay_now", "until"), [(14, 1176, 14), (15, 1188, 21), (21, 1188, 21), (22, 1200, None)])
def test_a_discount_is_offered_up_to_the_last_day_of_its_window_and_not_in_its_grace(on, pay_now, until):
    (line,) = choices(discounted().at(on)).items
    assert (line.amount, line.pay_now) == (eur(1200), eur(pay_now))
    assert line.discount_until == (None if until is None else day(until))


def test_a_discount_is_of_what_is_left_and_none_is_offered_on_a_disputed_item():
    world = discounted()
    world.settle("INV-4", "200")
    assert choices(world).items[0].pay_now == eur(980)
    (line,) = choices(discounted(disputed="100")).items
    assert (line.discount, line.pay_now) == (None, eur(1100))


def test_the_total_holds_until_the_first_discount_in_it_ends():
    world = discounted()
    world.invoice("INV-5", "100", 10)
    (total,) = choices(world).totals
    assert (total.amount, total.pay_now, total.until) == (eur(1300), eur(1276), day(14))


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"method": "barter"}, InvalidValue, "barter"),
        ({"account": "DE89 3704 0044 0532 0130 01"}, InvalidValue, "check digits"),
        ({"currencies": "EUR"}, WrongType, "EUR"),
        ({"payee": ""}, InvalidValue, "blank"),
    ],
)
def test_an_option_that_cannot_be_is_a_typed_error(fields, error, says):
    with pytest.raises(error, match=says):
        PaymentOption(**{"method": "transfer", **fields})


def test_an_account_with_nothing_to_pay_says_so():
    view = Account.of(Customer(id="ACME")).view(dt.date(2026, 1, 1))
    assert "nothing to pay" in str(payment_choices(view))
    assert payment_choices(view)._repr_html_().startswith("<table>")


@pytest.mark.parametrize("number", ["INV1", "INV-2", "20260017"])
def test_a_payment_under_the_reference_that_is_shown_finds_its_invoice(number):
    invoices = [
        Invoice.due(number=each, account="ACME", issued_on=TODAY, total=eur(100), due_on=day(20))
        for each in ("INV1", "INV-2", "20260017")
    ]
    view = Account.of(Customer(id="ACME"), invoices=invoices).view(day(5))
    shown = next(each.reference for each in payment_choices(view).items if each.item == number)
    paid = Payment(
        id="P", account="ACME", amount=eur(100), value_date=day(5), remittance=Remittance(text=f"{shown} thanks")
    )
    found = propose(paid, view, MatchingPolicy(id="standard", version=1))
    assert [(each.item, each.amount) for each in found.posting.allocations] == [(number, eur(100))]
