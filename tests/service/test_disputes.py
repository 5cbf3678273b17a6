"""Disputes through the service: what is refused, what is kept back, and how a dispute ends."""

import datetime as dt

import pytest
from tests.service.world import TODAY, World, day, eur, picture

from receivables import CreditNote, Invoice, Money, PaymentTerms
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId, WrongType
from receivables.facts.dispute import DisputeResolved


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00, ten days overdue, and INV-2 over 300.00, due in twenty days."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20)
    return world


def test_what_is_disputed_splits_the_open_amount(world):
    world.dispute("D", "INV-1", "400")
    view = world.app.view("ACME", TODAY)
    assert (view.open("INV-1"), view.disputed("INV-1"), view.free("INV-1")) == (eur(1000), eur(400), eur(600))
    assert view.open_total("EUR") == eur(1300)


def test_without_an_amount_all_that_is_open_is_disputed(world):
    world.pay("P", "250")
    world.apply("P", "INV-1", "250")
    world.dispute("D", "INV-1")
    assert world.app.view("ACME", TODAY).disputed("INV-1") == eur(750)


def test_an_invoice_in_installments_is_disputed_as_a_whole(world):
    terms = PaymentTerms.parse("50%: net 10; balance: net 40")
    invoice = Invoice(number="INV-3", account="ACME", issued_on=day(-20), total=eur(800), terms=terms)
    world.app.issue_invoice(invoice, key="INV-3")
    world.dispute("D", "INV-3", "500")
    view = world.app.view("ACME", TODAY)
    assert [view.disputed(f"INV-3/{part}") for part in (1, 2)] == [eur(400), eur(100)]


def test_the_letter_is_about_the_rest(world):
    world.dispute("D", "INV-1", "400")
    world.run()
    (letter,) = world.queued()
    assert letter.total == eur(600)


def test_what_is_disputed_in_full_gets_no_letter(world):
    world.dispute("D", "INV-1")
    world.run()
    assert world.queued() == []
    rows = {row["item"]: row["reason"] for row in world.app.dunning_plan("ACME", TODAY).rows()}
    assert rows == {"INV-1": "disputed", "INV-2": "not_due"}


def test_a_letter_that_waits_is_taken_back_when_its_item_is_disputed(world):
    world.run()
    (letter,) = world.queued()
    world.dispute("D", "INV-1")
    (result,) = world.deliver()
    assert result.outcome == "cancelled"
    assert world.life(letter.key) == ["queued", "cancelled"]


def test_a_letter_that_waits_is_decided_anew_when_a_part_is_disputed(world):
    world.run()
    world.dispute("D", "INV-1", "400")
    outcomes = [result.outcome for _ in range(2) for result in world.deliver()]
    assert outcomes == ["cancelled", "sent"]
    assert world.notifier.notices[0].total == eur(600)


def test_a_dispute_that_was_there_before_the_letter_and_is_known_late_takes_it_back(world):
    world.run()
    world.deliver()
    world.at(3)
    world.dispute("D", "INV-1", opened_on=day(-1))
    world.deliver()
    letter, retraction = world.notifier.notices
    assert retraction.retracts == letter.key
    assert world.app.view("ACME", day(3)).ladder_of == {}


def test_a_dispute_of_the_day_of_the_letter_leaves_the_letter_alone(world):
    """Letters are what makes people call."""
    world.run()
    world.deliver()
    world.dispute("D", "INV-1", opened_on=TODAY)
    assert world.app.view("ACME", TODAY).ladder_of["INV-1"].step == "first"
    assert len(world.queued()) == 1


def test_a_rejected_dispute_lets_the_ladder_go_on(world):
    world.dispute("D", "INV-1")
    world.at(5)
    receipt = world.app.resolve_dispute("ACME", "D", "rejected", on=day(5), key="reject", by="ann")
    assert receipt.outcome == "rejected"
    world.run()
    assert [letter.total for letter in world.queued()] == [eur(1000)]


def test_a_dispute_ends_in_parts(world):
    world.dispute("D", "INV-1", "400")
    world.app.resolve_dispute("ACME", "D", "settled", amount=eur(150), on=TODAY, key="part")
    assert world.app.view("ACME", TODAY).disputed("INV-1") == eur(250)
    world.app.resolve_dispute("ACME", "D", "withdrawn", on=TODAY, key="rest")
    (state,) = world.app.view("ACME", TODAY).disputes
    assert (state.status, state.left, state.amount) == ("withdrawn", 0, 40000)
    with pytest.raises(UnknownId, match="open dispute: 'D'"):
        world.app.resolve_dispute("ACME", "D", "rejected", on=TODAY, key="again")


def test_a_credit_note_ends_so_much_of_the_dispute_as_it_took_off(world):
    world.dispute("D", "INV-1", "400")
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(150), against="INV-1")
    world.app.issue_credit_note(note, dispute="D", key="CN")
    view = world.app.view("ACME", TODAY)
    assert (view.open("INV-1"), view.disputed("INV-1"), view.free("INV-1")) == (eur(850), eur(250), eur(600))
    (ended,) = world.facts(DisputeResolved)
    assert (ended.outcome, ended.credit_note, ended.amount) == ("credited", "CN", eur(150))


def test_a_view_of_yesterday_does_not_know_of_the_dispute_of_today(world):
    world.at(1)
    world.dispute("D", "INV-1")
    assert world.app.view("ACME", TODAY).withheld == ()
    assert world.app.view("ACME", day(1), known_at=TODAY).withheld == ()
    assert len(world.app.view("ACME", day(1)).withheld) == 1


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"amount": "1000.01"}, OverApplied, "1000.01"),
        ({"amount": Money.of(5, "USD")}, CurrencyMismatch, "USD"),
        ({"item": "INV-9"}, UnknownId, "INV-9"),
        ({"opened_on": day(1)}, InvalidValue, "2026-03-03"),
        ({"opened_on": day(-41)}, InvalidValue, "2026-01-20"),
        ({"opened_on": dt.datetime(2026, 3, 1)}, WrongType, "2026, 3, 1"),
        ({"amount": "0"}, InvalidValue, "0.00"),
        ({"line": "B"}, InvalidValue, "None"),
    ],
)
def test_a_dispute_that_cannot_be_is_refused_and_leaves_nothing(world, fields, error, says):
    before = picture(world.store)
    fields = {"item": "INV-1", "amount": None, **fields}
    with pytest.raises(error, match=says.replace(".", r"\.")):
        world.dispute("D", **fields)
    assert picture(world.store) == before


def test_no_more_is_disputed_than_is_open_in_all(world):
    world.dispute("D", "INV-1", "700")
    with pytest.raises(OverApplied, match=r"300\.00 EUR"):
        world.dispute("E", "INV-1", "301")
    world.dispute("E", "INV-1", "300")
    assert world.app.view("ACME", TODAY).free("INV-1") == eur(0)


def test_an_id_is_used_once(world):
    world.dispute("D", "INV-1", "10")
    with pytest.raises(ClaimTaken, match="'D'"):
        world.app.open_dispute(world.app.view("ACME", TODAY).disputes[0].dispute, key="other")


def test_a_resolution_that_cannot_be_is_refused_and_leaves_nothing(world):
    world.dispute("D", "INV-1", "400")
    before = picture(world.store)
    resolve = world.app.resolve_dispute
    with pytest.raises(OverApplied, match=r"400\.01"):
        resolve("ACME", "D", "rejected", amount=eur("400.01"), on=TODAY, key="a")
    with pytest.raises(CurrencyMismatch):
        resolve("ACME", "D", "rejected", amount=Money.of(1, "USD"), on=TODAY, key="b")
    with pytest.raises(InvalidValue, match="2026-03-01"):
        resolve("ACME", "D", "rejected", on=day(-1), key="c")
    with pytest.raises(InvalidValue, match="credited"):
        resolve("ACME", "D", "credited", on=TODAY, key="d")
    with pytest.raises(UnknownId, match="'E'"):
        resolve("ACME", "E", "rejected", on=TODAY, key="e")
    assert picture(world.store) == before


def test_a_credit_note_about_something_else_ends_no_dispute(world):
    world.dispute("D", "INV-1", "400")
    before = picture(world.store)
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(50), against="INV-2")
    with pytest.raises(InvalidValue, match="'D'"):
        world.app.issue_credit_note(note, dispute="D", key="CN")
    assert picture(world.store) == before


def test_what_one_installment_is_disputed_for_is_not_promised_and_the_other_one_is_free(world):
    """500.00 of two installments of 400.00: all of the first, 100.00 of the second, whichever is asked for."""
    terms = PaymentTerms.parse("50%: net 10; balance: net 40")
    invoice = Invoice(number="INV-3", account="ACME", issued_on=day(-20), total=eur(800), terms=terms)
    world.app.issue_invoice(invoice, key="INV-3")
    world.dispute("D", "INV-3", "500")
    for item, free in (("INV-3/1", 0), ("INV-3/2", 300)):
        with pytest.raises(OverApplied, match=rf"{free}\.00 EUR available"):
            world.promise(f"P {item}", item, free + 1, 5)
    assert world.promise("P", "INV-3/2", 300, 5).outcome == "promised"


def test_a_credit_note_of_a_day_before_the_dispute_ends_no_part_of_it(world):
    world.dispute("D", "INV-1", "400")
    before = picture(world.store)
    note = CreditNote(number="CN", account="ACME", issued_on=day(-1), total=eur(50), against="INV-1")
    with pytest.raises(InvalidValue, match="must not be before 2026-03-02, got '2026-03-01'"):
        world.app.issue_credit_note(note, dispute="D", key="CN")
    assert picture(world.store) == before
