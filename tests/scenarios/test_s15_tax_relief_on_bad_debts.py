"""S15: tax on a bad debt is claimed back for what is unpaid, and repaid for what comes in late (UK)."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables import Customer, Invoice, MemoryStore, Money, Payment, PolicyBook, Receivables, Remittance, TaxPart
from receivables.documents.dispute import Dispute
from receivables.documents.exchange import ExchangeRate
from receivables.documents.loss import shared
from receivables.documents.schedule import Schedule
from receivables.errors import InvalidValue
from receivables.facts.loss import Recovered, ReliefBarred, ReliefClaimed, ReliefRepaid, WrittenOff
from receivables.policies.tax_relief import UK_VAT
from receivables.reports.tax_relief import relief_report
from receivables.testing import FixedClock, RecordingNotifier

SUPPLIED, DUE = dt.date(2025, 9, 1), dt.date(2025, 10, 1)
WRITTEN_OFF, EARLIEST, RECOVERED = dt.date(2026, 2, 15), dt.date(2026, 4, 1), dt.date(2026, 9, 15)


def gbp(amount: str | int) -> Money:
    return Money.of(amount, "GBP")


class Story:
    """An account, and a clock that goes from day to day."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock.on(SUPPLIED)
        self.app = Receivables(
            store=self.store, notifier=RecordingNotifier(), clock=self.clock, policies=PolicyBook.of(UK_VAT)
        )
        self.app.open_account(Customer(id="ACME"), key="open")

    def on(self, day: dt.date) -> Receivables:
        self.clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)
        return self.app

    def issue(self, number: str, parts: list[tuple[int, int, int]], supplied: dt.date = SUPPLIED) -> None:
        """Percent, net and tax of each rate."""
        taxes = tuple(TaxPart(percent=Decimal(percent), net=gbp(net), tax=gbp(tax)) for percent, net, tax in parts)
        total = gbp(sum(net + tax for _, net, tax in parts))
        due = supplied + (DUE - SUPPLIED)
        schedule = Schedule.single(total, due)
        invoice = Invoice(
            number=number, account="ACME", issued_on=supplied, total=total, taxes=taxes, schedule=schedule
        )
        self.on(supplied).issue_invoice(invoice, key=f"issue {number}")

    def pay(self, id: str, amount: int, day: dt.date, item: str | None = None, said: bool = True) -> None:
        """A payment, applied to an item, which it named or not."""
        told = Remittance(references=(item,)) if item is not None and said else Remittance()
        payment = Payment(id=id, account="ACME", amount=gbp(amount), value_date=day, remittance=told)
        self.on(day).receive_payment(payment, key=f"pay {id}")
        if item is not None:
            self.app.apply("ACME", id, item, gbp(amount), key=f"apply {id}")

    def facts(self, *kinds: type):
        return [fact for fact in self.store.facts("ACME") if isinstance(fact, kinds)]

    def position(self, item: str, day: dt.date):
        report = relief_report(self.app.account("ACME"), UK_VAT, day)
        return next(position for _, position in report.positions if position.item == item)


@pytest.fixture
def story() -> Story:
    """6,000.00 with a fifth of tax, 1,500.00 of it paid, the rest written off in February."""
    story = Story()
    story.issue("INV-15", [(20, 5000, 1000)])
    story.pay("P-1", 1500, dt.date(2025, 12, 1), "INV-15")
    story.on(WRITTEN_OFF).write_off("ACME", "INV-15", "insolvent", on=WRITTEN_OFF, key="lost", by="ann")
    return story


# 1 and 2: the write-off, and when the tax can be claimed


def test_the_tax_in_a_write_off_is_pending_and_the_rest_is_lost(story):
    (fact,) = story.facts(WrittenOff)
    assert (fact.amount, fact.relief, fact.expense) == (gbp(4500), gbp(750), gbp(3750))
    assert [(part.net, part.tax) for part in fact.taxes] == [(gbp(3750), gbp(750))]


@pytest.mark.parametrize("day", [WRITTEN_OFF, EARLIEST - dt.timedelta(days=1)])
def test_a_claim_that_comes_too_early_is_an_error(story, day):
    with pytest.raises(InvalidValue, match="must not be before 2026-04-01") as caught:
        story.on(day).claim_relief("ACME", "INV-15", on=day, key="claim")
    assert caught.value.field == "command.on"
    assert not story.facts(ReliefClaimed)


def test_the_tax_on_what_is_unpaid_can_be_claimed_from_the_first_day(story):
    position = story.position("INV-15", EARLIEST)
    assert (position.earliest, position.latest) == (EARLIEST, dt.date(2030, 4, 1))
    assert (position.status, position.claimable) == ("claimable", gbp(750))
    story.on(EARLIEST).claim_relief("ACME", "INV-15", on=EARLIEST, key="claim")
    (fact,) = story.facts(ReliefClaimed)
    assert (fact.amount, fact.unpaid) == (gbp(750), gbp(4500))
    assert (fact.supplied_on, fact.due_on) == (SUPPLIED, DUE)
    assert story.position("INV-15", EARLIEST).status == "claimed"


def test_the_last_day_is_four_years_and_six_months_after_the_later_date(story):
    last = dt.date(2030, 4, 1)
    with pytest.raises(InvalidValue, match="must not be after 2030-04-01"):
        story.on(last + dt.timedelta(days=1)).claim_relief("ACME", "INV-15", on=last + dt.timedelta(days=1), key="late")
    story.on(last).claim_relief("ACME", "INV-15", on=last, key="claim")
    assert [fact.amount for fact in story.facts(ReliefClaimed)] == [gbp(750)]


def test_nothing_is_claimed_twice(story):
    story.on(EARLIEST).claim_relief("ACME", "INV-15", on=EARLIEST, key="claim")
    with pytest.raises(InvalidValue, match="it is claimed"):
        story.app.claim_relief("ACME", "INV-15", on=EARLIEST, key="again")


# 3: money that comes in after all


@pytest.fixture
def claimed(story: Story) -> Story:
    story.on(EARLIEST).claim_relief("ACME", "INV-15", on=EARLIEST, key="claim")
    return story


def test_the_tax_in_a_late_recovery_is_repaid_and_the_rest_is_income(claimed):
    claimed.pay("P-2", 900, RECOVERED)
    claimed.app.recover("ACME", "P-2", "INV-15", key="recover")
    (recovered,) = claimed.facts(Recovered)
    assert (recovered.relief, recovered.income) == (gbp(150), gbp(750))
    position = claimed.position("INV-15", RECOVERED)
    assert (position.unpaid, position.claimed, position.tax) == (gbp(3600), gbp(600), gbp(600))


def test_tax_is_owed_back_once_however_often_one_looks(claimed):
    claimed.pay("P-2", 900, RECOVERED)
    claimed.app.recover("ACME", "P-2", "INV-15", key="recover")
    claimed.pay("P-3", 60, RECOVERED)
    claimed.app.recover("ACME", "P-3", "INV-15", key="recover a little")
    repaid = [fact.amount for fact in claimed.facts(ReliefRepaid)]
    assert Money.total(repaid, "GBP") == gbp(160)
    assert [fact.cause for fact in claimed.facts(ReliefRepaid)] == ["recovered"] * len(repaid)


def test_a_payment_that_comes_back_can_be_claimed_on_again(claimed):
    claimed.pay("P-2", 900, RECOVERED)
    claimed.app.recover("ACME", "P-2", "INV-15", key="recover")
    later = RECOVERED + dt.timedelta(days=3)
    claimed.on(later).return_payment("ACME", "P-2", "returned", "no_funds", on=later, key="back")
    position = claimed.position("INV-15", later)
    assert (position.status, position.claimable) == ("claimable", gbp(150))


# 4: several rates


def test_the_tax_in_what_is_unpaid_is_that_of_its_rates():
    parts = (
        TaxPart(percent=Decimal(20), net=gbp(1000), tax=gbp(200)),
        TaxPart(percent=Decimal(0), net=gbp(1000), tax=gbp(0)),
    )
    assert [part.tax for part in shared(parts, gbp(1100))] == [gbp(100), gbp(0)]


def test_half_of_a_mixed_invoice_gives_half_of_its_tax():
    story = Story()
    story.issue("MIXED", [(20, 1000, 200), (0, 1000, 0)])
    story.pay("P-1", 1100, dt.date(2025, 12, 1), "MIXED")
    story.on(WRITTEN_OFF).write_off("ACME", "MIXED", "insolvent", on=WRITTEN_OFF, key="lost")
    assert [fact.relief for fact in story.facts(WrittenOff)] == [gbp(100)]
    assert story.position("MIXED", EARLIEST).claimable == gbp(100)


# 5: a payment without a remittance is for the earliest supply, whatever it was applied to


@pytest.fixture
def two_supplies() -> Story:
    """Two invoices of 1,200.00; the money went on the later one, and the earlier one was written off."""
    story = Story()
    story.issue("EARLY", [(20, 1000, 200)])
    story.issue("LATE", [(20, 1000, 200)], dt.date(2025, 10, 1))
    return story


def test_money_for_nothing_in_particular_is_for_the_earliest_supply(two_supplies):
    two_supplies.pay("P-1", 1200, dt.date(2025, 12, 1), "LATE", said=False)
    two_supplies.on(WRITTEN_OFF).write_off("ACME", "EARLY", "insolvent", on=WRITTEN_OFF, key="lost")
    found = {each.item: each for _, each in relief_report(two_supplies.app.account("ACME"), UK_VAT, EARLIEST).positions}
    assert list(found) == ["LATE"]
    assert (found["LATE"].lost, found["LATE"].status) == (gbp(1200), "too_early")
    assert found["LATE"].earliest == dt.date(2026, 4, 30)
    view = two_supplies.app.view("ACME", WRITTEN_OFF)
    assert (view.status("EARLY"), view.status("LATE")) == ("written_off", "settled")


def test_money_that_says_what_it_is_for_is_for_that(two_supplies):
    two_supplies.pay("P-1", 1200, dt.date(2025, 12, 1), "LATE")
    two_supplies.on(WRITTEN_OFF).write_off("ACME", "EARLY", "insolvent", on=WRITTEN_OFF, key="lost")
    assert two_supplies.position("EARLY", EARLIEST).claimable == gbp(200)


@pytest.mark.parametrize(("said", "lost"), [(True, "EARLY"), (False, "LATE")])
def test_money_that_came_by_way_of_another_account_is_for_what_it_said(two_supplies, said, lost):
    """Money that stood in suspense until somebody knew whose it is."""
    day = dt.date(2025, 12, 1)
    app = two_supplies.on(day)
    app.open_account(Customer(id="suspense"), key="open suspense")
    told = Remittance(references=("LATE",)) if said else Remittance()
    payment = Payment(id="P-1", account="suspense", amount=gbp(1200), value_date=day, remittance=told)
    app.receive_payment(payment, key="pay P-1")
    (id,) = app.transfer("suspense", "P-1", gbp(1200), "ACME", on=day, key="move").ids
    app.apply("ACME", id, "LATE", gbp(1200), key="apply")
    two_supplies.on(WRITTEN_OFF).write_off("ACME", "EARLY", "insolvent", on=WRITTEN_OFF, key="lost")
    found = relief_report(two_supplies.app.account("ACME"), UK_VAT, EARLIEST).positions
    assert [each.item for _, each in found] == [lost]


@pytest.mark.parametrize(("said", "lost"), [(True, "EARLY"), (False, "LATE")])
def test_money_that_came_in_another_currency_is_for_what_it_said(two_supplies, said, lost):
    day = dt.date(2025, 12, 1)
    told = Remittance(references=("LATE",)) if said else Remittance()
    paid = Payment(id="P-1", account="ACME", amount=Money.of(1500, "USD"), value_date=day, remittance=told)
    app = two_supplies.on(day)
    app.receive_payment(paid, key="pay P-1")
    rate = ExchangeRate.of("USD", "GBP", "0.8", on=day, source="a bank")
    (id,) = app.convert("ACME", "P-1", paid.amount, rate, on=day, key="convert").ids
    app.apply("ACME", id, "LATE", gbp(1200), key="apply")
    two_supplies.on(WRITTEN_OFF).write_off("ACME", "EARLY", "insolvent", on=WRITTEN_OFF, key="lost")
    found = relief_report(two_supplies.app.account("ACME"), UK_VAT, EARLIEST).positions
    assert [each.item for _, each in found] == [lost]


# 6: what takes the right away


@pytest.mark.parametrize("cause", ["sold", "disputed"])
def test_a_debt_that_is_sold_or_disputed_again_gives_no_relief(story, cause):
    story.on(EARLIEST).bar_relief("ACME", "INV-15", cause, on=EARLIEST, key="bar")
    with pytest.raises(InvalidValue, match="it is barred"):
        story.app.claim_relief("ACME", "INV-15", on=EARLIEST, key="claim")
    assert [fact.relief for fact in story.facts(ReliefBarred)] == [gbp(750)]
    assert story.app.view("ACME", EARLIEST).losses[0].left == 450_000


def test_what_was_claimed_on_a_debt_that_is_sold_is_owed_back(claimed):
    claimed.on(RECOVERED).bar_relief("ACME", "INV-15", "sold", on=RECOVERED, key="sold")
    (repaid,) = claimed.facts(ReliefRepaid)
    assert (repaid.amount, repaid.cause, repaid.effective_on) == (gbp(750), "sold", RECOVERED)


def test_the_customer_still_owes_what_was_written_off(claimed):
    claimed.on(RECOVERED).bar_relief("ACME", "INV-15", "sold", on=RECOVERED, key="sold")
    claimed.pay("P-2", 900, RECOVERED)
    claimed.app.recover("ACME", "P-2", "INV-15", key="recover")
    (recovered,) = claimed.facts(Recovered)
    assert (recovered.relief, recovered.income) == (gbp(0), gbp(900))


def test_a_dispute_that_is_open_keeps_the_claim_back():
    story = Story()
    story.issue("INV-15", [(20, 5000, 1000)])
    dispute = Dispute(id="D-1", account="ACME", item="INV-15", reason="quality", opened_on=DUE, amount=gbp(100))
    story.on(DUE).open_dispute(dispute, key="dispute")
    story.on(WRITTEN_OFF).write_off("ACME", "INV-15", "insolvent", on=WRITTEN_OFF, key="lost")
    assert story.position("INV-15", EARLIEST).status == "disputed"
    with pytest.raises(InvalidValue, match="it is disputed"):
        story.on(EARLIEST).claim_relief("ACME", "INV-15", on=EARLIEST, key="claim")


# The account of the relief


def test_what_is_pending_is_what_was_neither_claimed_nor_lost_again(claimed):
    claimed.pay("P-2", 900, RECOVERED)
    claimed.app.recover("ACME", "P-2", "INV-15", key="recover")
    pending = Money.total(
        [
            *(fact.relief for fact in claimed.facts(WrittenOff)),
            *(-fact.amount for fact in claimed.facts(ReliefClaimed)),
            *(fact.amount for fact in claimed.facts(ReliefRepaid)),
            *(-fact.relief for fact in claimed.facts(Recovered)),
        ],
        "GBP",
    )
    assert pending == gbp(0)
