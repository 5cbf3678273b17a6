"""What counts in the metrics: what is sold, paid, promised, contested, held and given up, and in which window."""

import datetime as dt
import pickle
from fractions import Fraction

import pytest
from tests.service.world import World, day, eur

from receivables import Account, CreditNote, Customer, Installment, Invoice, Money, Schedule, fold
from receivables.documents.charge import Charge
from receivables.documents.promise import Promise
from receivables.documents.settlement import SettlementPart
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.facts.cash import DifferenceSettled
from receivables.facts.charge import ChargeRaised
from receivables.reports.metrics import Metrics, metrics, months_back
from receivables.reports.metrics_sums import FIGURES, MOVEMENTS, sums_of

START = day(0)
NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


@pytest.fixture
def world() -> World:
    """An account that opened on 2 March 2026, with 1,000.00 due after 10 days and 500.00 due after 30."""
    world = World()
    world.open()
    world.invoice("INV-1", 1000, 10)
    world.invoice("INV-2", 500, 30)
    return world


def of(world: World, on: int, window: int = 90, **more) -> Metrics:
    return metrics(world.app.account("ACME"), day(on), "EUR", window_days=window, **more)


def roll_forward(found: Metrics) -> dict[str, str]:
    return {name: str(money.amount) for name, money in found.sums.roll_forward()}


# Windows and balances -----------------------------------------------------------------------------------------------------


def test_the_last_day_is_in_a_window_and_the_day_before_its_first_is_not(world):
    assert [of(world, 20, window).sums["sales"] for window in (20, 21)] == [0, 150_000]
    assert roll_forward(of(world, 20, 20)) == {"opening": "1500.00", "closing": "1500.00"}
    assert roll_forward(of(world, 20, 21)) == {"opening": "0.00", "sales": "1500.00", "closing": "1500.00"}


def test_what_is_on_account_is_taken_off_the_receivables_unless_it_is_asked_otherwise(world):
    world.pay("P", 300)
    found = of(world, 5)
    assert (found.receivables, found["dso"].value) == (eur(1200), Fraction(1200 * 90, 1500))
    gross = metrics(world.app.account("ACME"), day(5), "EUR", net=False)
    assert (gross.receivables, gross["dso"].value) == (eur(1500), Fraction(90))


def test_every_movement_has_its_name(world):
    world.at(5).pay("P", 700)
    world.apply("P", "INV-1", 600)
    world.pay("P-2", 90)
    world.app.refund("ACME", "P-2", amount=eur(40), on=day(5), key="refund")
    note = CreditNote(number="CN", account="ACME", issued_on=day(6), total=eur(25), against="INV-2")
    world.at(6).app.issue_credit_note(note, key="CN")
    world.at(8).app.return_payment("ACME", "P", "returned", "AC04", on=day(8), key="back")
    world.at(9).app.write_off(
        "ACME", "INV-1", "insolvent", on=day(9), key="w", by="ann", approver="bob", amount=eur(100)
    )
    assert roll_forward(of(world, 7)) == {
        "opening": "0.00",
        "sales": "1500.00",
        "collections": "-790.00",
        "credit_notes": "-25.00",
        "refunds": "40.00",
        "closing": "725.00",
    }
    assert roll_forward(of(world, 9, 2)) == {
        "opening": "725.00",
        "returned": "700.00",
        "written_off": "-100.00",
        "closing": "1325.00",
    }


def test_a_merger_is_a_movement_of_its_own(world):
    world.open("BETA")
    world.invoice("OLD", 70, 10, account="BETA")
    world.at(20).app.merge_accounts("ACME", "BETA", reason="one firm", by="ann", approver="bob", key="m")
    assert roll_forward(of(world, 20, 5)) == {"opening": "1500.00", "merged": "70.00", "closing": "1570.00"}


def test_what_is_known_later_changes_nothing_of_what_was_said_before(world):
    world.at(20).pay("LATE", 1000, on=8)
    world.apply("LATE", "INV-1", 1000)
    before, after = of(world, 15, known_at=day(15)), of(world, 15)
    assert (before["dso"].rounded(), after["dso"].rounded()) == ("90.00", "30.00")
    assert before["days_to_pay"].reason.code == "nothing_paid"
    assert after["days_to_pay"].rounded() == "8.00"
    assert before.title.endswith("as known at 2026-03-17 23:59")


def test_the_month_of_the_date_counts_its_days_so_far_and_a_month_without_sales_all_of_its_days(world):
    months = [(str(amount.amount), days) for amount, days in months_back(of(world, 40).sums)]
    assert months == [("0.00", 11), ("1500.00", 31)]
    assert of(world, 40)["countback_dso"].rounded() == "42.00"
    assert list(months_back(sums_of([], START, "EUR"))) == []


# Paid ---------------------------------------------------------------------------------------------------------------------


def test_an_invoice_is_paid_on_the_day_of_its_last_part_and_amounts_count_on_their_own(world):
    world.at(10).settle("INV-1", 400)
    world.at(20).settle("INV-1", 600)
    found = of(world, 20)
    assert (found["days_to_pay_of_invoices"].rounded(), found["days_to_pay"].rounded()) == ("20.00", "16.00")
    assert (found["days_late_of_invoices"].rounded(), found["days_late"].rounded()) == ("10.00", "6.00")
    assert (of(world, 15)["days_to_pay_of_invoices"].value, of(world, 15)["days_to_pay"].rounded()) == (None, "10.00")


def test_early_is_no_day_late_but_where_it_is_said(world):
    world.at(6).settle("INV-1", 1000)
    world.at(36).settle("INV-2", 500)
    found = of(world, 36)
    assert (found["days_late_of_invoices"].rounded(), found["days_late_or_early"].rounded()) == ("3.00", "1.00")
    assert found["percent_late"].rounded(0) == "50"


def test_an_invoice_settled_by_a_credit_note_alone_was_not_paid(world):
    note = CreditNote(number="CN", account="ACME", issued_on=day(6), total=eur(500), against="INV-2")
    world.at(6).app.issue_credit_note(note, key="CN")
    assert of(world, 6).sums["paid_count"] == of(world, 6).sums["paid"] == 0


def test_what_was_written_off_never_counts_as_paid_not_even_when_it_is_recovered(world):
    world.at(10).settle("INV-1", 900)
    world.app.write_off("ACME", "INV-1", "insolvent", on=day(10), key="w", by="ann", approver="bob")
    world.at(20).pay("R", 100)
    world.app.recover("ACME", "R", "INV-1", key="r")
    found = of(world, 20)
    assert (found.sums["paid_count"], found.sums["paid"]) == (0, 90_000)
    assert found["bad_debt_ratio"].rounded(4) == "6.6667"
    assert roll_forward(found) == {
        "opening": "0.00",
        "sales": "1500.00",
        "collections": "-1000.00",
        "written_off": "-100.00",
        "recovered": "100.00",
        "closing": "500.00",
    }


def test_losses_of_other_books_add_to_those_of_the_accounts(world):
    found = Metrics(sums=of(world, 20).sums, written_off=eur(15))
    assert found["bad_debt_ratio"].rounded() == "1.00"
    with pytest.raises(CurrencyMismatch):
        _ = Metrics(sums=of(world, 20).sums, written_off=Money.of(15, "USD")).figures


def test_an_allocation_that_was_taken_back_never_was_a_payment(world):
    made = world.at(10).settle("INV-1", 1000).ids[0]
    world.at(12).app.unapply("ACME", made, key="undo")
    assert of(world, 12).sums["paid"] == of(world, 12).sums["paid_count"] == 0
    assert of(world, 12, known_at=day(11)).sums["paid_count"] == 1


# Overdue ------------------------------------------------------------------------------------------------------------------


def test_days_overdue_are_weighted_by_what_is_open(world):
    found = of(world, 40)
    assert found["days_overdue"].value == Fraction(1000 * 30 + 500 * 10, 1500)
    assert found["oldest_days_overdue"].rounded(0) == "30"
    assert of(world, 5)["oldest_days_overdue"].rounded(0) == "-5"
    assert of(world, 5)["days_overdue"].reason.code == "nothing_overdue"
    assert of(world, 15)["percent_current"].rounded() == "33.33"


def test_what_a_plan_covers_is_overdue_by_its_installments(world):
    world.at(20).agree("PP", "INV-1", (35, "500"), (65, "500"))
    found = of(world, 25)
    assert (found.sums["current"], found.sums["overdue_days"], found["oldest_days_overdue"].rounded(0)) == (
        150_000,
        0,
        "-5",
    )


# Promises, disputes, orders -------------------------------------------------------------------------------------------------


def test_promises_count_on_the_day_that_decided_them(world):
    world.promise("KEPT", "INV-1", 600, 8)
    world.promise("BROKEN", "INV-2", 200, 9)
    world.at(8).settle("INV-1", 600)
    world.at(30)
    found = of(world, 30)
    assert (found["promises_kept"].rounded(), found["promises_kept_of_amount"].rounded()) == ("50.00", "75.00")
    assert of(world, 30, 21)["promises_kept"].reason.code == "no_promise_decided"


def test_a_dispute_cycles_from_the_day_it_was_opened_to_the_day_it_ended(world):
    world.at(2).dispute("D-1", "INV-1", 100)
    world.at(3).dispute("D-2", "INV-2", 100)
    world.at(12).app.resolve_dispute("ACME", "D-1", "rejected", on=day(12), key="over")
    found = of(world, 20)
    assert (found["dispute_days"].rounded(0), found.sums["disputes_open"]) == ("10", 1)
    assert of(world, 11).sums["disputes_open"] == 2
    assert of(world, 20, 8)["dispute_days"].reason.code == "no_dispute_ended"


def test_an_order_is_held_from_its_decision_until_it_is_decided_anew_or_closed(world):
    world.limit(1600)
    world.at(1).order("SO-1", 50)
    world.order("SO-2", 400)
    world.order("SO-3", 900)
    world.order("SO-4", 200)
    world.at(5).settle("INV-1", 1000)
    world.at(6).app.release_order("ACME", "SO-3", on=day(6), key="no more")
    found = of(world, 6)
    assert (found.sums["orders"], found.sums["orders_held"]) == (4, 3)
    assert found["orders_held"].rounded() == "75.00"
    assert [found.sums[name] for name in ("holds_ended", "orders_freed", "held_days")] == [3, 2, 4 + 4 + 5]
    assert (found["orders_freed"].rounded(), found["days_held"].rounded()) == ("66.67", "4.33")
    assert [of(world, on).sums["orders_waiting"] for on in (4, 5, 6)] == [3, 1, 0]
    assert of(world, 4)["days_held"].reason.code == "no_hold_ended"


def test_a_hold_that_stops_credit_counts_from_its_day_to_its_end(world):
    world.at(1).hold("H-1", stops=frozenset({"credit"}))
    world.at(2).hold("H-2", item="INV-1", kind="deferment")
    world.at(3).hold("H-3", item="INV-2")
    world.at(8).app.release_hold("ACME", "H-1", on=day(8), key="lifted")
    found = of(world, 10)
    assert [found.sums[name] for name in ("stops", "stops_in_force", "stops_ended")] == [2, 1, 1]
    assert found["days_stopped"].rounded(0) == "7"
    assert of(world, 7)["days_stopped"].reason.code == "no_stop_ended"


# Many accounts --------------------------------------------------------------------------------------------------------------


def test_concentration_is_by_account_and_who_has_a_balance_owes_nothing(world):
    for id, amount in (("BETA", 300), ("GAMMA", 200)):
        world.open(id)
        world.invoice(f"INV-{id}", amount, 10, account=id)
    world.open("DELTA")
    world.pay("P-D", 1_000, "DELTA")
    accounts = [world.app.account(id) for id in ("ACME", "BETA", "GAMMA", "DELTA")]
    found = Metrics(sums=sums_of(accounts, day(5), "EUR"), largest=2)
    assert found["top_share"].rounded() == "90.00"
    assert found["herfindahl"].rounded() == "5950.00"
    assert found.receivables == eur(1_000)


def test_sums_can_be_sent_and_added_up_in_any_order(world):
    world.open("BETA")
    world.invoice("INV-B", 300, 10, account="BETA")
    one, other = (sums_of(world.app.account(id), day(5), "EUR") for id in ("ACME", "BETA"))
    assert pickle.loads(pickle.dumps(one)) + other == other + one
    assert (one + other)["accounts"] == 2


def test_sums_of_two_questions_do_not_mix(world):
    sums = of(world, 5).sums
    with pytest.raises(InvalidValue, match="same question"):
        _ = sums + of(world, 6).sums
    with pytest.raises(InvalidValue, match="same question"):
        _ = sums + of(world, 5, 30).sums
    with pytest.raises(CurrencyMismatch):
        _ = sums + sums_of([], day(5), "USD")


# How it looks ---------------------------------------------------------------------------------------------------------------


def test_nothing_at_all_has_a_reason_for_every_figure():
    found = metrics(Account.of(Customer(id="A")), START, "EUR")
    assert {figure.name: figure.rounded() for figure in found.figures if figure.value is not None} == {
        "countback_dso": "0.00"
    }
    assert found["dso"].row() == {
        "metric": "dso",
        "value": None,
        "unit": "days",
        "method": "simple",
        "currency": "EUR",
        "window": 90,
        "as of": "2026-03-02",
        "known at": None,
        "undefined": "nothing_sold",
    }


def test_it_reads_as_a_table_of_figures_with_their_methods(world):
    lines = str(of(world, 5)).splitlines()
    assert lines[0] == "metrics in EUR of 90 days up to 2026-03-07"
    assert lines[2].split() == ["dso", "90.00", "days", "simple"]
    assert "<td>best_possible_dso</td>" in of(world, 5)._repr_html_()


def test_a_figure_that_there_is_not_is_refused(world):
    with pytest.raises(InvalidValue, match="must be one of"):
        _ = of(world, 5)["quick_ratio"]
    with pytest.raises(InvalidValue, match="must be one of"):
        _ = of(world, 5).sums["profit"]


@pytest.mark.parametrize("window", [0, -1, 1.5])
def test_a_window_that_cannot_be_is_refused(world, window):
    with pytest.raises((InvalidValue, WrongType)):
        of(world, 5, window)


@pytest.mark.parametrize("as_of", [None, "2026-03-02", dt.datetime(2026, 3, 2)])
def test_a_date_that_is_none_is_refused(world, as_of):
    with pytest.raises(WrongType, match=r"metrics\.as_of"):
        metrics(world.app.account("ACME"), as_of, "EUR")


def test_every_sum_is_explained():
    assert set(MOVEMENTS) <= set(FIGURES)
    assert all(FIGURES.values())
    assert dt.timedelta(days=5) == day(5) - START


def test_a_fee_is_no_sale_and_a_discount_is_no_difference(world):
    charge = ChargeRaised(
        charge=Charge(id="F", item="INV-1", document="INV-1", kind="fee", amount=eur(15)),
        effective_on=day(2),
        recorded_at=NOW,
    )
    kinds = ("discount_earned", "tolerance")
    parts = [
        DifferenceSettled(
            id=kind,
            source="P",
            part=SettlementPart(item="INV-1", kind=kind, amount=eur(10), reason="x"),
            settlement="s",
            effective_on=day(3),
            recorded_at=NOW,
        )
        for kind in kinds
    ]
    account = fold([charge, *parts], world.app.account("ACME"))
    found = metrics(account, day(20), "EUR", window_days=90)
    assert roll_forward(found) == {
        "opening": "0.00",
        "sales": "1500.00",
        "charges": "15.00",
        "discounts": "-10.00",
        "differences": "-10.00",
        "closing": "1495.00",
    }
    assert found["dso"].value == Fraction(1495 * 90, 1500)


def test_a_promise_in_another_currency_is_not_counted(world):
    world.invoice("INV-USD", Money.of(80, "USD"), 30)
    other = Promise(
        id="OTHER", account="ACME", amount=Money.of(80, "USD"), made_on=day(0), pay_by=day(5), items=("INV-USD",)
    )
    world.app.make_promise(other, key="other")
    world.promise("BROKEN", "INV-1", 600, 8)
    world.at(30)
    assert (of(world, 30).sums["promises"], of(world, 30).sums["promised"]) == (1, 60_000)


def test_a_hold_that_ended_before_the_window_is_not_of_it(world):
    world.limit(1600)
    world.at(1).order("SO-1", 400)
    world.at(6).app.release_order("ACME", "SO-1", on=day(6), key="no more")
    assert [of(world, 20, window).sums["holds_ended"] for window in (14, 15)] == [0, 1]


def test_what_has_no_due_date_is_paid_and_neither_early_nor_late(world):
    waits = Schedule(installments=(Installment(amount=eur(70), baseline="delivery"),))
    world.app.issue_invoice(
        Invoice(number="INV-W", account="ACME", issued_on=day(0), total=eur(70), schedule=waits), key="issue"
    )
    world.at(4).settle("INV-W", 70)
    found = of(world, 20)
    assert (found["days_to_pay"].rounded(), found["days_to_pay_of_invoices"].rounded()) == ("4.00", "4.00")
    assert [found.sums[name] for name in ("paid", "paid_dated", "paid_count", "paid_dated_count")] == [7_000, 0, 1, 0]
