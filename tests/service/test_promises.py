"""Promises to pay through the service: kept back while open, judged by value dates, judged again, refused."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.service.world import TODAY, World, day, eur, picture

from receivables import CreditNote, Money
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.values.dates import FixedCalendar


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00, ten days overdue, and INV-2 over 300.00, five days overdue."""
    world = World(calendars={"bank": FixedCalendar()})
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", -5)
    return world


def status(world: World, offset: int, known: int | None = None) -> str:
    known_at = None if known is None else day(known)
    (state,) = world.app.view("ACME", day(offset), known_at=known_at).promises
    return state.status


def paid(world: World, id: str, amount: object, on: int, item: str = "INV-1") -> None:
    world.pay(id, amount, on=on)
    world.apply(id, item, amount)


def test_while_it_is_open_what_it_covers_is_not_dunned(world):
    world.promise("P", "INV-1", "1000", 4)
    (row, _) = world.app.dunning_plan("ACME", TODAY).rows()
    assert (row["reason"], row["dunnable"]) == ("promised", "0.00")
    world.at(4).run()
    assert [line.item for letter in world.queued() for line in letter.claimed] == ["INV-2"]


def test_the_day_after_its_last_day_the_item_is_dunned_and_the_run_finds_it(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(5).run()
    assert "INV-1" in [line.item for letter in world.queued() for line in letter.claimed]


@pytest.mark.parametrize(
    ("payments", "then"),
    [
        ([("1000", 4)], "kept"),
        ([("400", 1), ("600", 3)], "kept"),
        ([("999.99", 4)], "partly_kept"),
        ([("1000", 5)], "broken"),
        ([], "broken"),
    ],
)
def test_it_is_judged_by_the_value_dates_of_the_payments(world, payments, then):
    world.promise("P", "INV-1", "1000", 4)
    world.at(10)
    for at, (amount, on) in enumerate(payments):
        paid(world, f"P{at}", amount, on)
    assert status(world, 10) == then
    assert status(world, 0) == "open"


def test_it_is_judged_again_when_a_payment_becomes_known_late(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(9)
    assert status(world, 9) == "broken"
    paid(world, "P1", "1000", 3)
    assert status(world, 9) == "kept"
    assert status(world, 9, known=8) == "broken"


def test_a_payment_taken_back_breaks_it_again(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(4)
    paid(world, "P1", "1000", 4)
    assert status(world, 4) == "kept"
    world.app.unapply("ACME", "apply P1 INV-1 1000.00 EUR#1", key="undo")
    assert status(world, 4) == "open"
    assert status(world, 5) == "broken"


def test_the_calendar_moves_the_day_and_the_tolerance_is_added(world):
    """2026-03-07 is a Saturday: Monday the 9th, and one day more."""
    world.promise("P", "INV-1", "1000", 5, calendar="bank", tolerance_days=1)
    (state,) = world.app.view("ACME", TODAY).promises
    assert state.last_day == dt.date(2026, 3, 10)
    world.at(8)
    paid(world, "P1", "1000", 8)
    assert status(world, 8) == "kept"


def test_a_tolerance_in_percent_keeps_it_with_less(world):
    world.promise("P", "INV-1", "1000", 4, tolerance_percent=Decimal("2.5"))
    world.at(5)
    paid(world, "P1", "974.99", 4)
    assert status(world, 5) == "partly_kept"
    paid(world, "P2", "0.01", 4)
    assert status(world, 5) == "kept"


def test_a_debt_that_a_credit_note_took_away_breaks_no_promise(world):
    world.promise("P", "INV-1", "1000", 4)
    note = CreditNote(number="CN", account="ACME", issued_on=day(0), total=eur(1000), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    assert status(world, 9) == "lapsed"


def test_a_promise_is_about_the_rest_that_a_credit_note_left(world):
    world.promise("P", "INV-1", "1000", 4)
    note = CreditNote(number="CN", account="ACME", issued_on=day(0), total=eur(400), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    world.at(4)
    paid(world, "P1", "600", 4)
    assert status(world, 9) == "kept"


def test_money_counts_for_one_promise_only(world):
    world.promise("P", "INV-1", "500", 4)
    world.promise("Q", "INV-1", "500", 8)
    world.at(4)
    paid(world, "P1", "600", 4)
    states = {state.promise.id: (state.status, state.paid) for state in world.app.view("ACME", day(9)).promises}
    assert states == {"P": ("kept", 50000), "Q": ("partly_kept", 10000)}


def test_one_promise_on_two_items_is_shared_out_by_due_date(world):
    world.promise("P", "INV-1", "1100", 4, items=("INV-2", "INV-1"))
    view = world.app.view("ACME", TODAY)
    assert (view.free("INV-1"), view.free("INV-2")) == (eur(0), eur(200))


def test_without_items_it_is_on_all_that_is_open(world):
    world.promise("P", "INV-1", "1300", 4, items=())
    view = world.app.view("ACME", TODAY)
    assert view.promises[0].items == ("INV-1", "INV-2")
    assert {part.item for part in view.withheld} == {"INV-1", "INV-2"}


def test_a_withdrawn_promise_keeps_nothing_back(world):
    world.promise("P", "INV-1", "1000", 4)
    world.app.withdraw_promise("ACME", "P", on=TODAY, reason="another customer", key="back")
    assert world.app.view("ACME", TODAY).withheld == ()
    assert status(world, 9) == "withdrawn"
    with pytest.raises(UnknownId, match="open promise: 'P'"):
        world.app.withdraw_promise("ACME", "P", on=TODAY, reason="again", key="again")


def test_another_promise_after_a_broken_one_needs_another_person(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(6)
    before = picture(world.store)
    with pytest.raises(InvalidValue, match="'P', which was not kept"):
        world.promise("Q", "INV-1", "1000", 9, made_on=day(6))
    with pytest.raises(InvalidValue, match="another person"):
        world.promise("Q", "INV-1", "1000", 9, made_on=day(6), approver="ann")
    assert picture(world.store) == before
    world.promise("Q", "INV-1", "1000", 9, made_on=day(6), approver="bob")
    assert [state.status for state in world.app.view("ACME", day(6)).promises] == ["broken", "open"]


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"amount": "1000.01"}, OverApplied, "1000.01"),
        ({"pay_by": -1}, InvalidValue, "2026-03-01"),
        ({"pay_by": -1, "made_on": day(-3)}, InvalidValue, "before today"),
        ({"made_on": day(1)}, InvalidValue, "after today"),
        ({"made_on": day(-60)}, InvalidValue, "2026-01-01"),
        ({"items": ("INV-9",)}, UnknownId, "INV-9"),
        ({"items": ("INV-1", "INV-1")}, InvalidValue, "once"),
        ({"calendar": "moon"}, UnknownId, "moon"),
        ({"tolerance_percent": Decimal(100)}, InvalidValue, "100"),
        ({"tolerance_percent": Decimal("NaN")}, InvalidValue, "NaN"),
        ({"tolerance_days": -1}, InvalidValue, "-1"),
        ({"tolerance_days": 10**7}, InvalidValue, "10000000 days"),
        ({"tolerance_days": 10**30}, InvalidValue, "days"),
    ],
)
def test_a_promise_that_cannot_be_is_refused_and_leaves_nothing(world, fields, error, says):
    before = picture(world.store)
    fields = {"item": "INV-1", "amount": "1000", "pay_by": 4, **fields}
    with pytest.raises(error, match=says.replace(".", r"\.")):
        world.promise("P", **fields)
    assert picture(world.store) == before


def test_a_promise_to_the_end_of_the_calendar_stays_open(world):
    promised = Promise(id="P", account="ACME", items=("INV-1",), amount=eur(1000), made_on=TODAY, pay_by=dt.date.max)
    world.app.make_promise(promised, key="P")
    world.at(30).run()
    assert status(world, 30) == "open"
    assert not world.app.view("ACME", day(30)).free("INV-1").minor


def test_nothing_is_promised_twice(world):
    world.promise("P", "INV-1", "700", 4)
    with pytest.raises(OverApplied, match=r"300\.00 EUR"):
        world.promise("Q", "INV-1", "301", 4)
    with pytest.raises(ClaimTaken, match="'P'"):
        world.app.make_promise(world.app.view("ACME", TODAY).promises[0].promise, key="another key")


def test_a_promise_in_another_currency_is_refused(world):
    world.invoice("INV-USD", Money.of("80", "USD"), -5)
    with pytest.raises(CurrencyMismatch, match="USD"):
        world.promise("P", "INV-USD", "10", 4)


def test_what_a_plan_covers_is_not_promised_besides(world):
    parts = tuple(PlanInstallment(due_on=day(offset), amount=eur(500)) for offset in (5, 35))
    plan = PaymentPlan(id="PLAN", account="ACME", items=("INV-1",), agreed_on=day(0), installments=parts)
    world.app.agree_plan(plan, key="plan", by="ann")
    before = picture(world.store)
    with pytest.raises(InvalidValue, match="'PLAN' performs"):
        world.promise("P", "INV-1", "100", 4)
    assert picture(world.store) == before
    world.promise("Q", "INV-2", "300", 4, items=())
    assert world.app.view("ACME", TODAY).promises[0].items == ("INV-2",)


def test_a_promise_on_nothing_that_is_open_is_refused(world):
    before = picture(world.store)
    promise = Promise(id="P", account="ACME", amount=Money.of(5, "USD"), made_on=TODAY, pay_by=day(3))
    with pytest.raises(UnknownId, match="open item in: 'USD'"):
        world.app.make_promise(promise, key="P")
    assert picture(world.store) == before


def test_a_promise_is_not_withdrawn_before_it_was_made(world):
    world.promise("P", "INV-1", "1000", 4)
    with pytest.raises(InvalidValue, match="must not be before 2026-03-02, got '2026-03-01'"):
        world.app.withdraw_promise("ACME", "P", on=day(-1), reason="another customer", key="back")
    assert status(world, 0) == "open"
