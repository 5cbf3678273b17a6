"""What a forecast learns from an account: shares of items by value dates, and only what the view knows."""

import datetime as dt
from fractions import Fraction

import pytest
from tests.service.world import World, day, eur

from receivables import Account, CreditNote, Customer, Installment, Invoice, Schedule, fold
from receivables.documents.charge import Charge
from receivables.errors import InvalidValue, WrongType
from receivables.facts.cash import AllocationMade
from receivables.facts.charge import ChargeRaised
from receivables.reports.forecast_history import PaymentRecord, payment_records


@pytest.fixture
def world() -> World:
    world = World()
    world.open(segment="retail")
    world.invoice("INV-1", "1000", 0)
    return world


def records(world: World, offset: int, known: int | None = None) -> list[PaymentRecord]:
    known_at = None if known is None else day(known)
    view = world.app.view("ACME", day(offset), known_at=known_at)
    return list(payment_records(world.app.account("ACME"), view))


def said(world: World, offset: int, known: int | None = None) -> list[tuple[int | None, Fraction, bool]]:
    return [(each.days_late, each.share, each.by_payment) for each in records(world, offset, known)]


def test_an_open_item_is_a_record_without_a_day(world):
    (record,) = records(world, 3)
    assert (record.paid_on, record.share, record.customer, record.segment) == (None, 1, "ACME", "retail")
    assert record.issued_on <= record.due_on == day(0)


def test_a_payment_counts_by_its_value_date_and_not_by_the_day_of_its_import(world):
    world.at(9)
    world.pay("P", "1000", on=4)
    world.apply("P", "INV-1", "1000")
    assert said(world, 9) == [(4, Fraction(1), True)]


def test_shares_are_of_the_item_and_the_rest_is_open(world):
    world.at(5)
    world.settle("INV-1", "250")
    world.at(9)
    world.settle("INV-1", "500")
    assert said(world, 9) == [(5, Fraction(1, 4), True), (9, Fraction(1, 2), True), (None, Fraction(1, 4), True)]
    assert said(world, 8) == [(5, Fraction(1, 4), True), (None, Fraction(3, 4), True)]


def test_what_became_known_later_is_not_there_before(world):
    world.at(9)
    world.pay("P", "1000", on=4)
    world.apply("P", "INV-1", "1000")
    assert said(world, 5, known=5) == [(None, Fraction(1), True)]
    assert said(world, 5, known=9) == [(4, Fraction(1), True)]


def test_a_credit_note_takes_a_share_away_without_a_payment(world):
    world.at(6)
    note = CreditNote(number="CN", account="ACME", issued_on=day(6), total=eur("400"))
    world.app.issue_credit_note(note, key="CN")
    world.apply("CN", "INV-1", "400")
    assert said(world, 6) == [(6, Fraction(2, 5), False), (None, Fraction(3, 5), True)]


def test_what_was_ever_disputed_says_nothing(world):
    world.at(1)
    world.dispute("D", "INV-1", "100")
    assert said(world, 1) == []
    assert said(world, 0) == [(None, Fraction(1), True)]


def test_charges_and_items_without_a_due_date_are_left_out():
    parts = Schedule(installments=(Installment(amount=eur(10), baseline="delivery"),))
    waiting = Invoice(number="INV-1", account="ACME", issued_on=day(0), total=eur(10), schedule=parts)
    fee = Charge(id="FEE", item="INV-1", document="INV-1", kind="fee", amount=eur(5))
    raised = ChargeRaised(charge=fee, effective_on=day(1), recorded_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    account = fold([raised], Account.of(Customer(id="ACME"), invoices=[waiting]))
    view = account.view(day(60))
    assert view.balance("EUR") == eur(15)
    assert list(payment_records(account, view)) == []


def test_an_allocation_that_was_taken_back_was_no_payment(world):
    world.at(5)
    made = world.settle("INV-1", "1000")
    world.at(7)
    world.app.unapply("ACME", allocation_of(world), key="unapply")
    assert made.account == "ACME"
    assert said(world, 7) == [(None, Fraction(1), True)]


def allocation_of(world: World) -> str:
    (made,) = world.facts(AllocationMade)
    return made.id


def test_the_view_of_another_account_is_refused(world):
    world.open("BETA")
    with pytest.raises(InvalidValue, match="BETA"):
        list(payment_records(world.app.account("ACME"), world.app.view("BETA", day(1))))


def test_an_account_that_was_merged_away_says_nothing_and_the_whole_says_all(world):
    world.open("BETA")
    world.invoice("INV-2", "50", 0, account="BETA")
    world.at(2)
    world.app.merge_accounts("ACME", "BETA", reason="bought", key="merge", by="ann", approver="bob")
    assert len(records(world, 3)) == 2
    own = world.app.account("BETA", own=True)
    assert list(payment_records(own, own.view(day(3)))) == []
    assert len(list(payment_records(own, own.view(day(1))))) == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"customer": ""}, InvalidValue),
        ({"due_on": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, WrongType),
        ({"paid_on": "2026-01-01"}, WrongType),
        ({"segment": None}, WrongType),
        ({"issued_on": 5}, WrongType),
        ({"recorded_at": dt.datetime(2026, 1, 1)}, InvalidValue),
        ({"by_payment": 1}, WrongType),
        ({"share": 1}, WrongType),
        ({"share": Fraction(0)}, InvalidValue),
        ({"share": Fraction(3, 2)}, InvalidValue),
    ],
)
def test_a_record_that_cannot_be_is_refused(fields, error):
    with pytest.raises(error, match="payment_record"):
        PaymentRecord(**{"customer": "ACME", "due_on": day(0), **fields})


def test_what_was_given_up_and_came_after_all_is_no_part_that_went_before(world):
    for on, amount in ((5, 600), (6, 400)):
        world.at(on).app.write_off(
            "ACME", "INV-1", "insolvent", amount=eur(amount), on=day(on), key=f"w{on}", by="ann", approver="bob"
        )
    world.at(9).pay("P", "500")
    for number, (amount, expected) in enumerate(
        [
            (300, [(9, Fraction(3, 10), True), (5, Fraction(6, 10), False), (6, Fraction(1, 10), False)]),
            (200, [(9, Fraction(3, 10), True), (9, Fraction(2, 10), True), (5, Fraction(5, 10), False)]),
        ]
    ):
        world.app.recover("ACME", "P", "INV-1", amount=eur(amount), key=f"r{number}")
        assert said(world, 9) == expected
