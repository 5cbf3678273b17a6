"""Payments through the service: announced, settled, failed, returned; used elsewhere; and what follows from each."""

import datetime as dt

import pytest
from tests.service.world import TODAY, World, day, eur, picture

from receivables import CreditNote, MemoryStore, Money
from receivables.documents.exchange import ExchangeRate
from receivables.documents.payment import STATUSES, Designation
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.charge import ChargeRaised
from receivables.plans.cash_commands import RETURNS
from receivables.state.cash import LIFE

RATE = ExchangeRate.of("EUR", "USD", "1.0850", on=TODAY, source="ECB")


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00, ten days overdue, and INV-2 over 300.00, due in twenty days."""
    world = World()
    world.open()
    world.open("BETA")
    world.open("SUSPENSE")
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20)
    return world


def announced(world: World, id: str = "P", amount: str = "1000", item: str = "INV-1", **more: object) -> None:
    designated = (Designation(item=item, amount=eur(amount)),)
    world.pay(id, amount, method="card", designated=designated, **{"status": "pending", **more})


# Announced --------------------------------------------------------------------------------------------------------------


def test_announced_money_is_no_credit_and_is_not_dunned(world):
    announced(world)
    view = world.app.view("ACME", TODAY)
    assert (view.on_account("EUR"), view.open("INV-1"), view.free("INV-1")) == (eur(0), eur(1000), eur(0))
    rows = {row["item"]: row["reason"] for row in world.app.dunning_plan("ACME", TODAY).rows()}
    assert rows["INV-1"] == "payment_pending"


def test_announced_money_cannot_be_applied(world):
    announced(world)
    with pytest.raises(OverApplied, match="'P'"):
        world.apply("P", "INV-1", "1000")


def test_what_it_is_meant_for_cannot_be_paid_by_another(world):
    announced(world)
    world.pay("Q", "500")
    with pytest.raises(OverApplied, match="INV-1"):
        world.apply("Q", "INV-1", "500")
    with pytest.raises(OverApplied, match="INV-1"):
        announced(world, "R", "1")


def test_once_it_is_there_it_can_be_applied_from_that_day(world):
    announced(world)
    world.at(3)
    world.app.confirm_payment("ACME", "P", on=day(2), key="there")
    world.apply("P", "INV-1", "1000")
    assert "INV-1" in world.app.view("ACME", day(2)).closed
    assert world.app.view("ACME", day(1)).open("INV-1") == eur(1000)
    assert world.app.view("ACME", day(1)).on_account("EUR") == eur(0)


def test_a_credit_note_leaves_a_waived_fee_alone_that_money_is_on_its_way_for(world):
    world.open("STRICT", segment="strict")
    world.invoice("INV-S", "1000", -5, "STRICT")
    world.run(), world.deliver()
    fee = next(item.id for item in world.app.account("STRICT").ledger.items if item.kind == "fee")
    designated = (Designation(item=fee, amount=eur(10)),)
    world.pay("P", "10", "STRICT", status="pending", designated=designated)
    world.app.waive_charge("STRICT", fee, reason="goodwill", by="ann", approver="bob", key="waive")
    note = CreditNote(number="CN", account="STRICT", issued_on=TODAY, total=eur(1000), against="INV-S")
    world.app.issue_credit_note(note, key="CN")
    assert "INV-S" in world.app.view("STRICT", TODAY).closed


def test_one_that_failed_frees_what_it_was_meant_for(world):
    announced(world)
    world.at(1)
    world.app.fail_payment("ACME", "P", "declined", on=day(1), key="no")
    view = world.app.view("ACME", day(1))
    assert (view.free("INV-1"), view.on_account("EUR")) == (eur(1000), eur(0))
    world.settle("INV-1", "1000")
    with pytest.raises(UnknownId, match="'P'"):
        world.app.confirm_payment("ACME", "P", on=day(1), key="late")


def test_an_unknown_outcome_is_neither_success_nor_failure(world):
    announced(world, status="unknown")
    with pytest.raises(OverApplied):
        announced(world, "Q", "1000")
    with pytest.raises(OverApplied):
        world.apply("P", "INV-1", "1")
    world.app.confirm_payment("ACME", "P", on=TODAY, key="asked")
    world.apply("P", "INV-1", "1000")


# Returned ---------------------------------------------------------------------------------------------------------------


def test_a_returned_debit_opens_its_items_again_from_the_day_of_the_return(world):
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", "INV-1", "1000")
    world.at(5)
    receipt = world.app.return_payment("ACME", "P", "returned", "AC04", on=day(4), key="back")
    assert receipt.outcome == "returned"
    view = world.app.view("ACME", day(4))
    assert (view.open("INV-1"), view.item("INV-1").due_on, view.on_account("EUR")) == (eur(1000), day(-10), eur(0))
    assert "INV-1" in world.app.view("ACME", day(3)).closed
    assert "INV-1" in world.app.view("ACME", day(4), known_at=day(4)).closed


def test_a_payment_that_was_booked_by_mistake_never_was(world):
    world.pay("P", "1000")
    world.apply("P", "INV-1", "1000")
    world.at(5)
    world.app.return_payment("ACME", "P", "reversed", "wrong customer", on=day(5), key="oops")
    assert world.app.view("ACME", TODAY).open("INV-1") == eur(1000)
    assert world.app.view("ACME", TODAY, known_at=day(4)).closed == {"INV-1"}


def test_what_the_return_cost_is_a_fee_on_its_item(world):
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", "INV-1", "1000")
    world.app.return_payment("ACME", "P", "returned", "AM04", on=TODAY, fee=eur(4), key="back")
    (raised,) = world.facts(ChargeRaised)
    assert (raised.charge.kind, raised.charge.item, raised.charge.amount) == ("fee", "INV-1", eur(4))
    assert world.app.view("ACME", TODAY).balance("EUR") == eur(1304)


def test_what_the_return_of_money_for_a_charge_cost_is_a_fee_on_the_invoice(world):
    world.open("STRICT", segment="strict")
    world.invoice("INV-S", "1000", -5, "STRICT")
    world.run(), world.deliver()
    fee = next(item.id for item in world.app.account("STRICT").ledger.items if item.kind == "fee")
    world.pay("P", "10", "STRICT")
    world.apply("P", fee, "10", "STRICT")
    world.app.return_payment("STRICT", "P", "returned", "AC04", on=TODAY, fee=eur(3), key="back")
    raised = world.facts(ChargeRaised, account="STRICT")[-1].charge
    assert (raised.item, raised.amount) == ("INV-S", eur(3))


def test_the_ladder_goes_on_where_it_stood_after_a_return(world):
    world.run()
    world.deliver()
    world.at(2)
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", "INV-1", "1000")
    world.at(6)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(6), key="back")
    world.run()
    assert [notice.template for notice in world.queued()] == ["first", "second"]


def test_a_promise_that_was_kept_by_money_that_went_back_is_broken(world):
    world.promise("PTP", "INV-1", "1000", 4)
    world.at(3)
    world.pay("P", "1000", on=3, method="direct_debit")
    world.apply("P", "INV-1", "1000")
    world.at(8)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(8), key="back")
    assert world.app.view("ACME", day(8)).promises[0].status == "broken"


def test_money_that_was_given_back_is_not_returned(world):
    world.pay("P", "1000")
    world.app.refund("ACME", "P", eur(100), on=TODAY, key="give")
    with pytest.raises(InvalidValue, match="refund 'give#1'"):
        world.app.return_payment("ACME", "P", "returned", "AC04", on=TODAY, key="back")


def test_money_that_was_moved_is_returned_where_it_is(world):
    world.pay("P", "1000", "SUSPENSE")
    credit = world.app.transfer("SUSPENSE", "P", eur(1000), "ACME", on=TODAY, key="found").ids[0]
    world.apply(credit, "INV-1", "1000")
    with pytest.raises(InvalidValue, match="transfer 'found#1'"):
        world.app.return_payment("SUSPENSE", "P", "returned", "AC04", on=TODAY, key="there")
    world.app.return_payment("ACME", credit, "returned", "AC04", on=TODAY, key="here")
    view = world.app.view("ACME", TODAY)
    assert (view.open("INV-1"), view.on_account("EUR")) == (eur(1000), eur(0))


def test_the_bank_line_of_a_return_is_one_return(world):
    for id in ("P", "Q"):
        world.pay(id, "100", method="direct_debit")
    world.app.return_payment("ACME", "P", "returned", "AC04", on=TODAY, bank_line="line 9", key="back")
    with pytest.raises(ClaimTaken, match="line 9"):
        world.app.return_payment("ACME", "Q", "returned", "AC04", on=TODAY, bank_line="line 9", key="again")


# Used elsewhere ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def late(world) -> World:
    """P over 100.00, announced today, there in five days, which is now."""
    world.pay("P", "100", status="pending")
    world.at(5).app.confirm_payment("ACME", "P", on=day(5), key="there")
    return world


def balances(world: World) -> list[Money]:
    """What both customers owe together, from today to in six days."""
    pairs = [[world.app.view(id, day(offset)).balance("EUR") for id in ("ACME", "BETA")] for offset in range(7)]
    return [sum(pair, eur(0)) for pair in pairs]


def test_a_credit_that_is_moved_is_nowhere_before_its_money_was_there(late):
    before = balances(late)
    late.app.transfer("ACME", "P", eur(100), "BETA", on=day(5), key="move")
    assert balances(late) == before == [*[eur(1300)] * 5, *[eur(1200)] * 2]


def test_money_that_came_later_is_not_given_back_or_converted_before(late):
    app, before = late.app, picture(late.store)
    for ask in (
        lambda: app.refund("ACME", "P", eur(40), on=day(4), key="early"),
        lambda: app.convert("ACME", "P", eur(40), RATE, on=day(4), key="early"),
    ):
        with pytest.raises(InvalidValue, match="must be from 2026-03-07 to today"):
            ask()
    assert picture(late.store) == before
    app.convert("ACME", "P", eur(40), RATE, on=day(5), key="now")
    assert [app.view("ACME", day(on)).on_account("USD").minor for on in (4, 5)] == [0, 4340]


def test_a_refund_uses_the_credit(world):
    world.pay("P", "1000")
    world.app.refund("ACME", "P", eur(400), on=TODAY, reference="SEPA 1", key="give")
    assert world.app.view("ACME", TODAY).credit("P").remaining == 60000
    with pytest.raises(OverApplied, match=r"600\.00 EUR"):
        world.apply("P", "INV-1", "601")


def test_a_credit_in_another_currency_is_converted_first(world):
    world.pay("P", "100")
    world.invoice("INV-USD", Money.of("80", "USD"), 5)
    (credit,) = world.app.convert("ACME", "P", eur(50), RATE, on=TODAY, key="fx").ids
    view = world.app.view("ACME", TODAY)
    assert (view.on_account("EUR"), view.on_account("USD")) == (eur(50), Money.of("54.25", "USD"))
    world.app.apply("ACME", credit, "INV-USD", Money.of("54.25", "USD"), key="apply fx")
    assert world.app.view("ACME", TODAY).open("INV-USD") == Money.of("25.75", "USD")


def test_cash_that_nobody_could_place_moves_to_its_customer_in_one_commit(world):
    world.pay("P", "1000", "SUSPENSE")
    world.at(2)
    (credit,) = world.app.transfer("SUSPENSE", "P", eur(1000), "ACME", on=day(2), key="found").ids
    assert world.app.view("SUSPENSE", TODAY).on_account("EUR") == eur(0)
    assert world.app.view("ACME", TODAY).on_account("EUR") == eur(1000), "with the value date that it had"
    assert world.app.view("SUSPENSE", day(2), known_at=day(1)).on_account("EUR") == eur(1000)
    world.app.apply("ACME", credit, "INV-1", eur(1000), key="apply")
    assert "INV-1" in world.app.view("ACME", TODAY).closed


class FailsOnce(MemoryStore):
    """Refuses one commit, as a database does that is asked at the wrong moment."""

    armed = False

    def commit(self, commit: object) -> None:
        if self.armed:
            self.armed = False
            raise ConnectionError("gone")
        super().commit(commit)


def test_a_transfer_that_fails_moves_nothing(world):
    store = FailsOnce()
    other = World(store=store)
    other.open("SUSPENSE")
    other.open()
    other.pay("P", "1000", "SUSPENSE")
    before = picture(store)
    store.armed = True
    with pytest.raises(ConnectionError):
        other.app.transfer("SUSPENSE", "P", eur(1000), "ACME", on=TODAY, key="found")
    assert picture(store) == before
    other.app.transfer("SUSPENSE", "P", eur(1000), "ACME", on=TODAY, key="found")
    assert other.app.view("ACME", TODAY).on_account("EUR") == eur(1000)


# Refused ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda app: app.refund("ACME", "P", eur(101), on=TODAY, key="x"), OverApplied, r"101\.00"),
        (lambda app: app.refund("ACME", "P", eur(0), on=TODAY, key="x"), InvalidValue, r"0\.00"),
        (lambda app: app.refund("ACME", "P", Money.of(1, "USD"), on=TODAY, key="x"), CurrencyMismatch, "USD"),
        (lambda app: app.refund("ACME", "Z", eur(1), on=TODAY, key="x"), UnknownId, "'Z'"),
        (lambda app: app.refund("ACME", "P", eur(1), on=day(1), key="x"), InvalidValue, "2026-03-03"),
        (lambda app: app.refund("ACME", "P", eur(1), on=day(-1), key="x"), InvalidValue, "2026-03-01"),
        (lambda app: app.convert("ACME", "P", eur(101), RATE, on=TODAY, key="x"), OverApplied, r"101\.00"),
        (lambda app: app.transfer("ACME", "P", eur(1), "NOBODY", on=TODAY, key="x"), UnknownId, "NOBODY"),
        (lambda app: app.transfer("ACME", "P", eur(1), "ACME", on=TODAY, key="x"), InvalidValue, "ACME"),
        (lambda app: app.confirm_payment("ACME", "P", on=TODAY, key="x"), UnknownId, "'P'"),
        (lambda app: app.fail_payment("ACME", "Z", "no", on=TODAY, key="x"), UnknownId, "'Z'"),
        (lambda app: app.return_payment("ACME", "P", "stolen", "X", on=TODAY, key="x"), InvalidValue, "stolen"),
        (lambda app: app.return_payment("ACME", "P", "returned", "X", on=day(-1), key="x"), InvalidValue, "2026-03-01"),
        (lambda app: app.return_payment("ACME", "P", "returned", "X", on=day(9), key="x"), InvalidValue, "2026-03-11"),
        (
            lambda app: app.return_payment("ACME", "P", "reversed", "X", on=TODAY, fee=eur(4), key="x"),
            InvalidValue,
            "mistake of ours",
        ),
        (lambda app: app.appropriate("ACME", "P", designated=("Z",), key="x"), UnknownId, "'Z'"),
        (
            lambda app: app.return_payment("ACME", "P", "returned", "X", on=TODAY, fee=eur(4), key="x"),
            InvalidValue,
            r"4\.00",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(world, ask, error, says):
    world.pay("P", "100")
    before = picture(world.store)
    with pytest.raises(error, match=says):
        ask(world.app)
    assert picture(world.store) == before


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"designated": (Designation(item="INV-1", amount=eur(1)),)}, "INV-1"),
        ({"status": "pending", "designated": (Designation(item="INV-1", amount=eur(101)),)}, "exceed"),
        ({"status": "gone"}, "gone"),
        ({"conditional_until": dt.date(2026, 2, 1)}, "2026-02-01"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(world, fields, says):
    before = picture(world.store)
    with pytest.raises(InvalidValue, match=says):
        world.pay("P", "100", **fields)
    assert picture(world.store) == before


def test_an_item_is_never_open_below_zero_on_a_day_on_which_other_money_had_settled_it(world):
    """Money of 3 March replaces money that settled the item from the 2nd to the 5th: it counts from the 5th on."""
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", "INV-1", "1000")
    world.at(3)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(3), key="back")
    world.pay("Q", "1000", on=1)
    world.apply("Q", "INV-1", "1000")
    for offset in range(6):
        view = world.app.view("ACME", day(offset))
        assert "INV-1" in view.closed
        assert view.on_account("EUR") == eur(1000 if offset in (1, 2) else 0)


def test_what_fits_beside_money_that_went_back_counts_from_its_own_day(world):
    world.pay("P", "100", method="direct_debit")
    world.apply("P", "INV-1", "100")
    world.at(3)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(3), key="back")
    world.pay("Q", "900", on=1)
    world.apply("Q", "INV-1", "900")
    assert "INV-1" in world.app.view("ACME", day(1)).closed
    assert world.app.view("ACME", day(3)).open("INV-1") == eur(100)


# The life of a payment ---------------------------------------------------------------------------------------------------

WAYS = {
    "settled": lambda app: app.confirm_payment("ACME", "P", on=TODAY, key="settled"),
    "failed": lambda app: app.fail_payment("ACME", "P", "declined", on=TODAY, key="failed"),
    "returned": lambda app: app.return_payment("ACME", "P", "returned", "AC04", on=TODAY, key="returned"),
    "chargeback": lambda app: app.return_payment("ACME", "P", "chargeback", "4837", on=TODAY, key="chargeback"),
    "reversed": lambda app: app.return_payment("ACME", "P", "reversed", "twice", on=TODAY, key="reversed"),
}
"""Status -> the command that brings a payment there."""

BEFORE = {"pending": (), "unknown": (), "settled": (), "failed": ("failed",), **{at: (at,) for at in RETURNS}}
"""Status -> what has to happen to a payment so that it has it."""


@pytest.mark.parametrize("after", WAYS)
@pytest.mark.parametrize("before", LIFE)
def test_a_payment_lives_as_its_table_says_and_no_other_way(world, before, after):
    first = before if before in STATUSES else "pending" if before == "failed" else "settled"
    world.pay("P", "100", status=first)
    for step in BEFORE[before]:
        WAYS[step](world.app)
    assert world.app.account("ACME").cash.status_of("P") == before
    kept = picture(world.store)
    if after in LIFE[before]:
        WAYS[after](world.app)
        assert world.app.account("ACME").cash.status_of("P") == after
    elif after != before:  # the same command again gives its first receipt
        with pytest.raises(UnknownId, match="'P'"):
            WAYS[after](world.app)
        assert picture(world.store) == kept


def test_every_end_of_the_table_can_be_reached():
    assert {after for following in LIFE.values() for after in following} == set(WAYS)
    assert set(LIFE) == set(BEFORE)


def test_money_on_its_way_is_meant_for_items_in_its_own_currency(world):
    before = picture(world.store)
    meant = (Designation(item="INV-1", amount=Money.of(10, "USD")),)
    with pytest.raises(CurrencyMismatch, match=r"10\.00 USD and EUR"):
        world.pay("P", Money.of(100, "USD"), status="pending", method="card", designated=meant)
    assert picture(world.store) == before


def test_what_a_return_cost_is_in_the_currency_of_the_item(world):
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", "INV-1", "1000")
    before = picture(world.store)
    with pytest.raises(CurrencyMismatch, match=r"4\.00 USD and EUR"):
        world.app.return_payment("ACME", "P", "returned", "AM04", on=TODAY, fee=Money.of(4, "USD"), key="back")
    assert picture(world.store) == before
