"""S07: a customer is merged into another; nothing is copied, nothing is sent again, and it can be taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables import (
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
)
from receivables.documents.promise import Promise
from receivables.errors import InvalidValue
from receivables.facts.dunning import NoticeQueued
from receivables.policies.credit import exposure_of
from receivables.policies.fees import FeeRule
from receivables.reports.lateness import paid_late, weighted_days_late
from receivables.testing import FixedClock, RecordingNotifier

GBP = Currency.of("GBP")
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=5,
    steps=(
        DunningStep(name="L1", days_after_due=3),
        DunningStep(name="L2", days_after_due=21),
        DunningStep(name="L3", days_after_due=45, fee=FeeRule.flat("L3", Money.of(40, "GBP"))),
    ),
)
CREDIT = CreditPolicy(id="standard", version=1)


def gbp(amount: str) -> Money:
    return Money.of(amount, "GBP")


def june(day: int) -> dt.date:
    return dt.date(2026, 6, day)


class Beta:
    """C1 and C2 as they stood on 10 June."""

    def __init__(self) -> None:
        self.clock = FixedClock.on(dt.date(2026, 4, 1))
        self.notifier = RecordingNotifier()
        self.store = MemoryStore()
        self.app = Receivables(
            store=self.store, notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(POLICY, CREDIT)
        )
        for id, limit in (("C1", "5000"), ("C2", "8000")):
            self.app.open_account(Customer(id=id), key=f"open {id}")
            self.app.set_limit(self.limit(id, limit), key=f"limit {id}")
        self.invoice("C1", "INV-11", "1800", dt.date(2026, 5, 1))
        self.invoice("C2", "INV-21", "2500", june(5))
        self.pay("C1", "P-1", "300")
        for day in (dt.date(2026, 5, 4), dt.date(2026, 5, 22)):
            self.run(day)
        self.on(june(6))
        promise = Promise(
            id="PTP-1", account="C2", amount=gbp("2500"), made_on=june(6), pay_by=june(19), items=("INV-21",)
        )
        self.app.make_promise(promise, key="promise")
        self.on(june(10))

    def on(self, day: dt.date) -> None:
        self.clock.instant = dt.datetime.combine(day, dt.time(9), dt.UTC)

    def run(self, day: dt.date) -> list[NoticeQueued]:
        self.on(day)
        found = [notice for each in self.app.run_dunning(day) for notice in each.notices]
        sent = [each.notice for each in self.app.deliver() if each.outcome == "sent"]
        assert {notice.key for notice in found} <= set(sent)
        assert len(sent) == len(set(sent))
        return found

    def limit(self, account: str, amount: str, on: dt.date = dt.date(2026, 4, 1)) -> CreditLimit:
        return CreditLimit(account=account, currency=GBP, amount=gbp(amount), valid_from=on)

    def invoice(self, account: str, number: str, total: str, due_on: dt.date) -> None:
        invoice = Invoice.due(
            number=number, account=account, issued_on=dt.date(2026, 4, 1), total=gbp(total), due_on=due_on
        )
        self.app.issue_invoice(invoice, key=f"issue {number}")

    def pay(self, account: str, id: str, amount: str, on: dt.date | None = None) -> None:
        value_date = on or self.clock.instant.date()
        payment = Payment(id=id, account=account, amount=gbp(amount), value_date=value_date)
        self.app.receive_payment(payment, key=f"pay {id}")

    def merge(self, **more: object) -> Beta:
        asked = {
            "limits": (self.limit("C1", "8000", june(10)),),
            "reason": "one company",
            "by": "ann",
            "approver": "bob",
            "key": "merge",
        }
        self.app.merge_accounts("C1", "C2", **{**asked, **more})  # type: ignore[arg-type]
        return self

    def separate(self) -> None:
        self.app.separate_accounts("C1", "C2", reason="two after all", by="ann", approver="bob", key="separate")


@pytest.fixture
def beta() -> Beta:
    return Beta()


def test_1_a_merge_has_a_maker_and_another_checker_and_c2_is_an_alias_for_ever(beta):
    before = {id: beta.store.facts(id) for id in ("C1", "C2")}
    with pytest.raises(InvalidValue, match="another person"):
        beta.merge(approver="ann")
    with pytest.raises(InvalidValue, match="must name the person"):
        beta.merge(by=None)
    assert {id: beta.store.facts(id) for id in ("C1", "C2")} == before
    beta.merge()
    beta.on(june(11))
    invoice = Invoice.due(number="INV-22", account="C2", issued_on=june(11), total=gbp("70"), due_on=june(30))
    receipt = beta.app.issue_invoice(invoice, key="issue INV-22")
    assert receipt.account == "C1"
    assert beta.app.account("C2") == beta.app.account("C1")
    assert beta.app.view("C2", june(11)) == beta.app.view("C1", june(11))
    assert beta.app.view("C1", june(11)).open("INV-22") == gbp("70")
    assert beta.store.facts("C2")[-1].invoice.account == "C2"


def test_2_exposure_is_the_sum_and_the_limit_is_the_one_that_was_chosen(beta):
    beta.merge()
    view = beta.app.view("C1", june(10))
    assert exposure_of(view, GBP, less_on_account=False) == 4_300_00
    standing = CREDIT.standing(view, GBP)
    assert (standing.exposure, standing.limit) == (4_000_00, 8_000_00)
    assert 100 * standing.exposure / standing.limit == 50.0


def test_2_a_merge_without_a_word_about_the_limit_is_refused(beta):
    before = {id: beta.store.facts(id) for id in ("C1", "C2")}
    with pytest.raises(InvalidValue, match="must say the limit of the whole in GBP"):
        beta.merge(limits=())
    assert {id: beta.store.facts(id) for id in ("C1", "C2")} == before


def test_2_no_limit_at_all_can_be_chosen_too(beta):
    unlimited = CreditLimit(account="C1", currency=GBP, amount=None, valid_from=june(10))
    beta.merge(limits=(unlimited,))
    assert CREDIT.standing(beta.app.view("C1", june(10)), GBP).limit is None


def test_3_levels_stay_with_their_items_and_a_letter_asks_for_fees_by_the_items_own_level(beta):
    beta.merge()
    ladders = beta.app.view("C1", june(10)).ladder_of
    assert ladders["INV-11"].step == "L2"
    assert "INV-21" not in ladders
    (letter,) = beta.run(june(20))
    steps = {line.item: line.step for line in letter.lines}
    assert (steps["INV-11"], steps["INV-21"]) == ("L3", "L1")
    assert [(charge.item, charge.amount) for charge in letter.charges] == [("INV-11", gbp("40"))]


def test_4_aging_goes_by_the_items_and_the_promise_remains(beta):
    beta.merge()
    view = beta.app.view("C1", june(10))
    rows = {row["item"]: row for row in view_rows(view)}
    assert (rows["INV-11"]["days"], rows["INV-21"]["days"]) == (40, 5)
    (promise,) = view.promises
    assert (promise.items, promise.status) == (("INV-21",), "open")


def view_rows(view):
    return [
        {"item": item.id, "days": (view.as_of - item.due_on).days}
        for book in view.books
        for item in book.items
        if item.kind == "invoice"
    ]


def test_5_nothing_is_sent_again_because_the_customer_changed(beta):
    beta.invoice("C2", "INV-23", "100", june(2))
    assert [line.item for notice in beta.run(june(9)) for line in notice.claimed] == ["INV-23"]
    sent = len(beta.notifier.notices)
    beta.on(june(10))
    beta.merge()
    for day in (10, 11, 12):
        assert beta.run(june(day)) == []
    assert list(beta.app.run_dunning(june(12), all_accounts=True)) != []
    assert len(beta.notifier.notices) == sent


def test_5_a_letter_that_was_under_way_goes_out_once(beta):
    beta.invoice("C2", "INV-23", "100", june(2))
    beta.on(june(9))
    (run,) = [each for each in beta.app.run_dunning(june(9)) if each.notices]
    sent = len(beta.notifier.notices)
    beta.on(june(10))
    beta.merge()
    assert [(each.account, each.outcome) for each in beta.app.deliver()] == [("C1", "sent")]
    assert list(beta.app.deliver()) == []
    assert beta.notifier.notices[sent:] == list(run.notices)
    assert beta.app.view("C1", june(10)).ladder_of["INV-23"].step == "L1"


def test_6_behavior_is_recombined_from_items(beta):
    paid = (("C1", "1000", 10), ("C1", "2000", 40), ("C1", "500", 0), ("C2", "4000", 5))
    for at, (account, amount, late) in enumerate(paid):
        due_on = dt.date(2026, 4, 20)
        beta.invoice(account, f"OLD-{at}", amount, due_on)
        beta.pay(account, f"Q-{at}", amount, due_on + dt.timedelta(days=late))
        beta.app.apply(account, f"Q-{at}", f"OLD-{at}", gbp(amount), key=f"apply {at}")
    alone = [weighted_days_late(paid_late(beta.app.account(id), GBP, june(10))) for id in ("C1", "C2")]
    beta.merge()
    together = weighted_days_late(paid_late(beta.app.account("C1"), GBP, june(10)))
    assert f"{float(together):.2f}" == "14.67"
    assert f"{float(sum(alone) / 2):.2f}" == "15.36"


def test_7_before_the_merge_there_are_two_customers_for_ever(beta):
    before = {id: beta.app.view(id, june(9), june(9)) for id in ("C1", "C2")}
    assert before["C2"].balance(GBP) == gbp("2500")
    beta.merge()
    assert {id: beta.app.view(id, june(9), june(9)) for id in ("C1", "C2")} == before
    assert beta.app.view("C2", june(10), june(9)).account == "C2"
    c2 = beta.app.account("C2", own=True)
    assert c2.view(june(10)).merged_into == "C1"
    assert c2.view(june(10)).books == ()
    assert c2.view(june(9)).open("INV-21") == gbp("2500")


def test_7_a_merge_can_be_taken_back_because_nothing_was_rewritten(beta):
    alone = {id: beta.app.view(id, june(30)) for id in ("C1", "C2")}
    beta.merge()
    beta.on(june(12))
    beta.separate()
    again = {id: beta.app.view(id, june(30)) for id in ("C1", "C2")}
    assert [again[id].books for id in again] == [alone[id].books for id in alone]
    assert again["C2"] == alone["C2"]
    assert [limit.amount for limit in again["C1"].limits] == [gbp("5000"), gbp("8000")]
    assert beta.app.view("C2", june(11)).account == "C1"
    beta.on(june(15))
    beta.pay("C2", "P-2", "2500")
    receipt = beta.app.apply("C2", "P-2", "INV-21", gbp("2500"), key="apply P-2")
    assert receipt.account == "C2"
    assert beta.app.view("C1", june(15)).balance(GBP) == alone["C1"].balance(GBP)
