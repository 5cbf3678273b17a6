"""S01: a payment that becomes known late undoes an escalation, its fee and its interest claim; the letter stays."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables import (
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
from receivables.facts.charge import ChargeReversed
from receivables.facts.dunning import NoticeSent, StepsAnnulled
from receivables.plans.charges import accrued
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.testing import FixedClock, RecordingNotifier

POLICY = DunningPolicy(
    id="standard",
    version=1,
    interest=InterestTerms.fixed("9"),
    steps=(
        DunningStep(name="L1", days_after_due=7),
        DunningStep(name="L2", days_after_due=21, fee=FeeRule.flat("L2", Money.of(15, "EUR")), claims_interest=True),
        DunningStep(name="L3", days_after_due=35, effects=frozenset({"hold"})),
    ),
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def february(day: int) -> dt.date:
    return dt.date(2026, 2, day)


class Alfa:
    """Alfa GmbH: INV-1 over 1,200.00, due on 4 February, L1 and L2 sent; then the bank file of 27 February."""

    def __init__(self) -> None:
        self.clock = FixedClock.on(dt.date(2026, 1, 5))
        self.notifier = RecordingNotifier()
        self.store = MemoryStore()
        self.app = Receivables(
            store=self.store, notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(POLICY)
        )
        self.app.open_account(Customer(id="ALFA"), key="open")
        invoice = Invoice(
            number="INV-1",
            account="ALFA",
            issued_on=dt.date(2026, 1, 5),
            total=eur("1200"),
            terms=PaymentTerms.net(30),
        )
        self.app.issue_invoice(invoice, key="INV-1")
        for day in range(4, 28):
            self.run(february(day))

    def run(self, day: dt.date) -> None:
        self.clock.instant = dt.datetime.combine(day, dt.time(9), dt.UTC)
        assert [result.error for result in self.app.run_dunning(day) if result.error] == []
        assert {result.outcome for result in self.app.deliver()} <= {"sent"}

    def pay(self, value_date: dt.date) -> None:
        payment = Payment(id="P", account="ALFA", amount=eur("1200"), value_date=value_date)
        self.app.receive_payment(payment, key="P")
        self.app.apply("ALFA", "P", "INV-1", eur("1200"), key="apply P")

    def balance(self, as_of: dt.date, known_at: dt.date | None = None) -> Money:
        return self.app.view("ALFA", as_of, known_at).balance("EUR")


@pytest.fixture
def alfa() -> Alfa:
    return Alfa()


def test_the_second_letter_demands_the_rest_the_fee_and_the_interest_to_date(alfa: Alfa) -> None:
    first, second = alfa.notifier.notices
    assert (first.template, first.as_of, first.demanded) == ("L1", february(11), eur("1200"))
    assert (second.template, second.as_of, second.demanded) == ("L2", february(25), eur("1221.21"))
    assert {charge.kind: charge.amount for charge in second.charges} == {"fee": eur("15"), "interest": eur("6.21")}
    (segment,) = next(charge for charge in second.charges if charge.kind == "interest").segments
    assert (segment.first_day, segment.last_day, segment.days) == (february(5), february(25), 21)


def test_the_backdated_payment_annuls_the_step_and_reverses_what_it_charged(alfa: Alfa) -> None:
    alfa.pay(february(20))
    facts = alfa.store.facts("ALFA")
    (annulled,) = [fact for fact in facts if isinstance(fact, StepsAnnulled)]
    assert (annulled.items, annulled.effective_on) == (("INV-1",), february(25))
    reversals = [fact.amount for fact in facts if isinstance(fact, ChargeReversed)]
    assert sorted(reversals, key=lambda money: money.minor) == [eur("6.21"), eur("15")]
    assert {fact.recorded_at.date() for fact in facts if isinstance(fact, StepsAnnulled | ChargeReversed)} == {
        february(27)
    }
    assert len([fact for fact in facts if isinstance(fact, NoticeSent)]) == 2
    assert alfa.balance(february(27)) == eur("0")
    ladder = alfa.app.view("ALFA", february(27)).ladder_of["INV-1"]
    assert (ladder.step, ladder.pending) == ("L1", None)


def test_exactly_one_retraction_goes_out_however_often_the_day_runs(alfa: Alfa) -> None:
    alfa.pay(february(20))
    for _ in range(3):
        alfa.run(february(27))
    alfa.run(february(28))
    assert [notice.template for notice in alfa.notifier.notices] == ["L1", "L2", "retraction"]
    assert alfa.notifier.notices[2].retracts == alfa.notifier.notices[1].key
    assert alfa.notifier.notices[2].charges == ()


def test_the_reports_say_what_was_known_and_what_is(alfa: Alfa) -> None:
    alfa.pay(february(20))
    assert alfa.balance(february(25), february(25)) == eur("1221.21")
    assert alfa.balance(february(25), february(27)) == eur("0")
    view = alfa.app.view("ALFA", february(19), february(27))
    assert view.balance("EUR") == eur("1200")
    assert aging(view).total("EUR").buckets["1-30"] == eur("1200")
    assert (february(19) - dt.date(2026, 2, 4)).days == 15


def test_interest_that_accrued_and_was_not_claimed_can_be_shown(alfa: Alfa) -> None:
    alfa.pay(february(20))
    account = alfa.app.account("ALFA")
    shown = accrued(account, account.ledger.items[0], POLICY, february(27))
    assert shown is not None
    assert (shown.days, shown.total) == (16, eur("4.73"))


def test_a_payment_after_the_letter_leaves_the_step_and_its_charges(alfa: Alfa) -> None:
    alfa.pay(february(26))
    assert not [fact for fact in alfa.store.facts("ALFA") if isinstance(fact, StepsAnnulled | ChargeReversed)]
    receipt = alfa.app.claim_interest("ALFA", "INV-1", february(26), key="rest of the interest")
    assert receipt.outcome == "recorded"
    assert alfa.balance(february(27)) == eur("21.51")
    again = alfa.app.claim_interest("ALFA", "INV-1", february(27), key="once more")
    assert again.outcome == "nothing to claim"
