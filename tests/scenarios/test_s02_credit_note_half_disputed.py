"""S02: a credit note against an invoice half paid and half disputed."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables import (
    CreditNote,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PaymentTerms,
    PolicyBook,
    Receivables,
    aging,
)
from receivables.documents.dispute import Dispute
from receivables.plans.charges import accrued
from receivables.policies.interest import InterestTerms
from receivables.testing import FixedClock, RecordingNotifier

POLICY = DunningPolicy(
    id="standard",
    version=1,
    interest=InterestTerms.fixed("8"),
    pauses=True,
    steps=(DunningStep(name="L1", days_after_due=7), DunningStep(name="L2", days_after_due=21, claims_interest=True)),
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def april(day: int) -> dt.date:
    return dt.date(2026, 4, day)


class Bravo:
    """INV-2 over 2,400.00, due on 1 April; 1,200.00 paid on 30 March, the other half disputed the day after."""

    def __init__(self, paid: str = "1200") -> None:
        self.clock = FixedClock.on(dt.date(2026, 3, 2))
        self.notifier = RecordingNotifier()
        self.app = Receivables(
            store=MemoryStore(), notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(POLICY)
        )
        self.app.open_account(Customer(id="BRAVO"), key="open")
        invoice = Invoice(
            number="INV-2",
            account="BRAVO",
            issued_on=dt.date(2026, 3, 2),
            total=eur("2400"),
            terms=PaymentTerms.net(30),
        )
        self.app.issue_invoice(invoice, key="INV-2")
        self.at(dt.date(2026, 3, 30))
        if eur(paid).minor:
            payment = Payment(id="P", account="BRAVO", amount=eur(paid), value_date=dt.date(2026, 3, 30))
            self.app.receive_payment(payment, key="P")
            self.app.apply("BRAVO", "P", "INV-2", eur(paid), key="apply")
        self.at(dt.date(2026, 3, 31))
        dispute = Dispute(
            id="D",
            account="BRAVO",
            item="INV-2",
            line="B",
            amount=eur("1200"),
            reason="quality",
            opened_on=dt.date(2026, 3, 31),
        )
        self.app.open_dispute(dispute, key="D")

    def at(self, day: dt.date) -> None:
        self.clock.instant = dt.datetime.combine(day, dt.time(9), dt.UTC)

    def run(self, first: dt.date, last: dt.date) -> None:
        for offset in range((last - first).days + 1):
            self.at(first + dt.timedelta(days=offset))
            list(self.app.run_dunning(self.clock.instant.date()))
            list(self.app.deliver())

    def credit(self) -> None:
        self.at(april(10))
        note = CreditNote(number="CN-2", account="BRAVO", issued_on=april(10), total=eur("480"), against="INV-2")
        self.app.issue_credit_note(note, dispute="D", key="CN-2")

    def reject_all(self) -> None:
        self.at(april(23))
        self.app.resolve_dispute("BRAVO", "D", "rejected", on=april(23), key="rejected")

    def reject(self) -> None:
        self.at(april(20))
        self.app.resolve_dispute("BRAVO", "D", "rejected", on=april(20), key="rejected")


@pytest.fixture
def bravo() -> Bravo:
    return Bravo()


def test_what_is_disputed_gets_no_letter_on_any_day(bravo: Bravo) -> None:
    bravo.run(april(1), dt.date(2026, 7, 1))
    assert bravo.notifier.notices == []
    (row,) = bravo.app.dunning_plan("BRAVO", april(20)).rows()
    assert (row["reason"], row["open"], row["dunnable"]) == ("disputed", "1200.00", "0.00")


def test_on_the_day_of_the_dispute_nothing_is_open_that_is_not_disputed(bravo: Bravo) -> None:
    view = bravo.app.view("BRAVO", dt.date(2026, 3, 31))
    assert (view.open("INV-2"), view.disputed("INV-2"), view.free("INV-2")) == (eur("1200"), eur("1200"), eur("0"))


def test_the_credit_note_reduces_the_disputed_part_and_never_the_paid_part(bravo: Bravo) -> None:
    bravo.credit()
    view = bravo.app.view("BRAVO", april(10))
    assert (view.open("INV-2"), view.disputed("INV-2")) == (eur("720"), eur("720"))
    assert view.on_account("EUR") == eur("0")
    before = bravo.app.view("BRAVO", april(9))
    assert (before.open("INV-2"), before.disputed("INV-2")) == (eur("1200"), eur("1200"))


def test_with_the_rejection_nothing_is_disputed_any_more(bravo: Bravo) -> None:
    bravo.credit()
    bravo.reject()
    view = bravo.app.view("BRAVO", april(20))
    assert (view.disputed("INV-2"), view.free("INV-2")) == (eur("0"), eur("720"))
    assert view.item("INV-2").due_on == april(1)
    (dispute,) = view.disputes
    assert (dispute.status, dispute.ended_on, dispute.amount, dispute.left) == ("rejected", april(20), 120000, 0)


def test_a_larger_credit_note_leaves_a_credit_and_never_a_negative_invoice(bravo: Bravo) -> None:
    """1,440.00, all of line B and 240.00 of A: 1,200.00 is open and applied, 240.00 is the customer's."""
    bravo.at(april(10))
    note = CreditNote(number="CN-2", account="BRAVO", issued_on=april(10), total=eur("1440"), against="INV-2")
    bravo.app.issue_credit_note(note, dispute="D", key="CN-2")
    view = bravo.app.view("BRAVO", april(10))
    assert view.books == ()
    assert view.credit("CN-2").remaining == 24000
    assert view.on_account("EUR") == eur("240")
    assert view.disputes[0].status == "credited"


def test_the_undisputed_rest_is_dunned_while_a_part_is_disputed() -> None:
    """The same invoice unpaid: 1,200.00 for A is dunned from the seventh day on, B is left out of the letter."""
    bravo = Bravo(paid="0")
    bravo.run(april(1), april(8))
    (letter,) = bravo.notifier.notices
    assert (letter.as_of, letter.total) == (april(8), eur("1200"))
    bravo.run(april(9), april(22))
    (_, second) = bravo.notifier.notices
    (charge,) = second.charges
    assert (second.template, second.as_of) == ("L2", april(22))
    assert charge.amount == eur("5.52")  # 21 days at 8 % on the 1,200.00 that nobody contests
    bravo.reject_all()
    found = bravo.app.account("BRAVO")
    assert accrued(found, found.ledger.items[0], POLICY, april(22)).total == eur("11.05")  # on all of it, it turns out


def test_the_due_date_and_the_age_stay_what_they_were(bravo: Bravo) -> None:
    bravo.credit()
    bravo.reject()
    view = bravo.app.view("BRAVO", april(27))
    assert view.item("INV-2").due_on == april(1)
    (row,) = aging(view).rows()
    assert row["1-30"] == "720.00"


def test_interest_runs_from_the_original_due_date_on_what_was_not_credited(bravo: Bravo) -> None:
    """720.00 at 8 % for the 26 days from 2 to 27 April; the credited 480.00 bear none."""
    bravo.credit()
    bravo.reject()
    account = bravo.app.account("BRAVO")
    found = accrued(account, account.ledger.items[0], POLICY, april(27))
    assert found is not None
    assert found.total == eur("4.10")


def test_after_the_dispute_the_rest_is_dunned(bravo: Bravo) -> None:
    bravo.credit()
    bravo.reject()
    bravo.run(april(20), april(27))
    letter = bravo.notifier.notices[0]
    assert (letter.template, letter.total) == ("L1", eur("720"))


def test_the_days_of_the_dispute_do_not_count_towards_the_step(bravo: Bravo) -> None:
    bravo.credit()
    bravo.reject()
    bravo.run(april(20), april(27))
    assert [letter.as_of for letter in bravo.notifier.notices] == [april(27)]
