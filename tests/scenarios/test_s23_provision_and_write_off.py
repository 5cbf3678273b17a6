"""S23: what is set aside at the end of June, a write-off in July with the authority for it, and money in September after all.

Points 1 to 4. Point 5, what a credit bureau is told, is told elsewhere.
"""

import datetime as dt
from decimal import Decimal

import pytest

from receivables import (
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    aging,
)
from receivables.documents.loss import SpecificAllowance
from receivables.errors import NotAuthorized, OverApplied
from receivables.facts.loss import Recovered, WrittenOff
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.provision import LossRates, ProvisionPolicy
from receivables.reports.losses import loss_report
from receivables.reports.provision import allowance_movement, provision
from receivables.testing import FixedClock, RecordingNotifier

CLOSING = dt.date(2026, 6, 30)
WRITTEN_OFF = dt.date(2026, 7, 15)
RECOVERED = dt.date(2026, 9, 10)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


MATRIX = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
LADDER = DunningPolicy(id="standard", version=1, steps=(DunningStep(name="first", days_after_due=7),))
AUTHORITY = AuthorityPolicy(
    id="authority",
    version=1,
    roles=(Role(name="collector", persons=("ann",)), Role(name="manager", persons=("bob",))),
    rules=(
        AuthorityRule(kind="write_off", role="collector", up_to=eur(1000), window_days=30),
        AuthorityRule(kind="write_off", role="manager", up_to=eur(10000), window_days=30),
    ),
)
LEDGER = {"GOOD": ((10, 10_000), (-15, 4_000), (-45, 2_000), (-75, 1_000)), "BROKE": ((-120, 3_000),)}
"""Customer -> the days until the due date, and the amount, of each invoice on the day of the closing."""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock.on(CLOSING)


@pytest.fixture
def service(store: MemoryStore, clock: FixedClock) -> Receivables:
    service = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        clock=clock,
        policies=PolicyBook.of(MATRIX, LADDER, AUTHORITY, WriteOffPolicy(id="losses", version=1)),
        transaction=store.transaction,
    )
    for customer, invoices in LEDGER.items():
        service.open_account(Customer(id=customer), key=f"open {customer}")
        for at, (days, amount) in enumerate(invoices, 1):
            due_on = CLOSING + dt.timedelta(days=days)
            invoice = Invoice.due(
                number=f"{customer}-{at}",
                account=customer,
                issued_on=due_on - dt.timedelta(days=30),
                total=eur(amount),
                due_on=due_on,
            )
            service.issue_invoice(invoice, key=f"issue {invoice.number}")
    return service


@pytest.fixture
def prudent(service: Receivables) -> Receivables:
    """All of what the insolvent customer owes is set aside by itself."""
    whole = SpecificAllowance(id="SA-1", account="BROKE", item="BROKE-1", percent=Decimal(100), code="insolvent")
    service.set_allowance(whole, on=CLOSING, key="set aside")
    return service


def go_to(clock: FixedClock, day: dt.date) -> None:
    clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)


def views(service: Receivables, day: dt.date):
    return [service.view(account, day) for account in LEDGER]


def accounts(service: Receivables):
    return [service.account(account) for account in LEDGER]


# 1: the matrix, and what is set aside by itself


def test_the_matrix_sets_aside_a_share_of_each_bucket(service):
    found = provision(views(service, CLOSING), MATRIX)
    assert [line.allowance for line in found.lines] == [eur(50), eur(80), eur(100), eur(150), eur(1500)]
    assert found.required("EUR") == eur(1880)


def test_an_item_with_an_allowance_of_its_own_leaves_the_matrix(prudent):
    found = provision(views(prudent, CLOSING), MATRIX)
    assert (found.matrix("EUR"), found.specific("EUR"), found.required("EUR")) == (eur(380), eur(3000), eur(3380))


# 2: the write-off


@pytest.fixture
def written_off(prudent: Receivables, clock: FixedClock) -> Receivables:
    go_to(clock, WRITTEN_OFF)
    prudent.write_off("BROKE", "BROKE-1", "insolvent", on=WRITTEN_OFF, key="lost", by="ann", approver="bob")
    return prudent


def test_what_was_set_aside_bears_the_write_off_and_the_profit_nothing(written_off, store):
    (fact,) = [fact for fact in store.facts("BROKE") if isinstance(fact, WrittenOff)]
    assert (fact.amount, fact.allowance_used, fact.expense) == (eur(3000), eur(3000), eur(0))
    closing = provision(views(written_off, WRITTEN_OFF), MATRIX)
    assert closing.specific("EUR") == eur(0)
    moved = allowance_movement(
        accounts(written_off), "EUR", opening=eur(3380), closing=eur(380), since=CLOSING, until=WRITTEN_OFF
    )
    assert (moved.used, moved.expense, moved.closing) == (eur(3000), eur(0), eur(380))


def test_receivables_fall_by_what_was_written_off_from_its_day_on(written_off):
    assert aging(views(written_off, CLOSING)).total("EUR").open == eur(20_000)
    assert aging(views(written_off, WRITTEN_OFF)).total("EUR").open == eur(17_000)


def test_it_is_written_off_and_never_paid(written_off):
    view = written_off.view("BROKE", WRITTEN_OFF)
    assert view.status("BROKE-1") == "written_off"
    assert view.balance("EUR") == eur(0)
    assert written_off.view("BROKE", CLOSING).status("BROKE-1") == "open"


def test_no_letter_goes_out_on_what_was_written_off(written_off):
    assert not [
        each
        for each in written_off.run_dunning(WRITTEN_OFF, all_accounts=True)
        if each.account == "BROKE" and each.notices
    ]
    assert not written_off.view("BROKE", WRITTEN_OFF).notices


# 3: the authority


def test_a_collector_alone_cannot_write_off_three_thousand(prudent, clock):
    go_to(clock, WRITTEN_OFF)
    with pytest.raises(NotAuthorized):
        prudent.write_off("BROKE", "BROKE-1", "insolvent", on=WRITTEN_OFF, key="lost", by="ann")
    assert prudent.view("BROKE", WRITTEN_OFF).open("BROKE-1") == eur(3000)


def test_three_times_a_thousand_within_a_month_is_three_thousand(prudent, clock):
    go_to(clock, WRITTEN_OFF)
    part = eur(1000)
    prudent.write_off("BROKE", "BROKE-1", "insolvent", amount=part, on=WRITTEN_OFF, key="1", by="ann")
    go_to(clock, WRITTEN_OFF + dt.timedelta(days=10))
    with pytest.raises(NotAuthorized):
        prudent.write_off("BROKE", "BROKE-1", "insolvent", amount=part, on=WRITTEN_OFF, key="2", by="ann")
    prudent.write_off("BROKE", "BROKE-1", "insolvent", amount=part, on=WRITTEN_OFF, key="2", by="ann", approver="bob")
    assert prudent.view("BROKE", clock.now().date()).open("BROKE-1") == eur(1000)


# 4: the recovery


@pytest.fixture
def recovered(written_off: Receivables, clock: FixedClock) -> Receivables:
    go_to(clock, RECOVERED)
    payment = Payment(id="P-1", account="BROKE", amount=eur(1200), value_date=RECOVERED)
    written_off.receive_payment(payment, key="pay")
    written_off.recover("BROKE", "P-1", "BROKE-1", key="recover")
    return written_off


def test_a_recovery_is_income_and_the_rest_stays_written_off(recovered, store):
    (fact,) = [fact for fact in store.facts("BROKE") if isinstance(fact, Recovered)]
    assert (fact.amount, fact.income) == (eur(1200), eur(1200))
    (loss,) = recovered.view("BROKE", RECOVERED).losses
    assert (loss.written_off, loss.recovered, loss.left) == (300_000, 120_000, 180_000)


def test_no_letter_restarts_after_a_recovery(recovered):
    for days in range(0, 60, 20):
        list(recovered.run_dunning(RECOVERED + dt.timedelta(days=days), all_accounts=True))
    assert not recovered.view("BROKE", RECOVERED + dt.timedelta(days=60)).notices


def test_every_way_of_reading_gives_the_same_balance(recovered):
    view = recovered.view("BROKE", RECOVERED)
    assert (view.balance("EUR"), view.open_total("EUR"), view.on_account("EUR")) == (eur(0), eur(0), eur(0))
    assert "BROKE-1" not in view.places
    assert view.status("BROKE-1") == "written_off"
    assert aging(view).total("EUR").balance == eur(0)
    (line,) = loss_report([recovered.account("BROKE")], RECOVERED).lines
    assert (line.item, line.document, line.account) == ("BROKE-1", "BROKE-1", "BROKE")
    assert (line.written_off, line.recovered, line.left) == (eur(3000), eur(1200), eur(1800))
    item = next(item for item in recovered.account("BROKE").ledger.items if item.document == "BROKE-1")
    assert recovered.account("BROKE").cash.open_of(item.id, item.amount) == 0


def test_no_more_is_recovered_than_was_written_off(recovered):
    payment = Payment(id="P-2", account="BROKE", amount=eur(2000), value_date=RECOVERED)
    recovered.receive_payment(payment, key="pay more")
    with pytest.raises(OverApplied) as caught:
        recovered.recover("BROKE", "P-2", "BROKE-1", amount=eur(2000), key="too much")
    assert caught.value.available == eur(1800)
    recovered.recover("BROKE", "P-2", "BROKE-1", key="the rest")
    view = recovered.view("BROKE", RECOVERED)
    assert (view.status("BROKE-1"), view.on_account("EUR")) == ("settled", eur(200))


def test_a_recovery_whose_payment_comes_back_is_written_off_again(recovered, clock):
    go_to(clock, RECOVERED + dt.timedelta(days=5))
    recovered.return_payment("BROKE", "P-1", "returned", "no_funds", on=clock.now().date(), key="back")
    view = recovered.view("BROKE", clock.now().date())
    assert view.status("BROKE-1") == "written_off"
    assert [loss.left for loss in view.losses] == [300_000]
    assert view.balance("EUR") == eur(0)


# 5: what a credit bureau is told belongs to the reports to bureaus
