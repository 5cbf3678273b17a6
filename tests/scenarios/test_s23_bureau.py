"""S23, point 5: what a credit bureau is told of a debt that was given up, and of what came in on it after all."""

import datetime as dt

import pytest

from receivables import (
    CreditLimit,
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
from receivables.documents.dispute import Dispute
from receivables.errors import NotAuthorized
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.bureau import BureauPolicy, BureauRules
from receivables.policies.credit import CreditPolicy
from receivables.policies.losses import WriteOffPolicy
from receivables.reports.bureau import bureau_list
from receivables.testing import FixedClock, RecordingNotifier

DUE = dt.date(2026, 3, 2)
WRITTEN_OFF = dt.date(2026, 7, 15)
REPORTED = dt.date(2026, 7, 20)
RECOVERED = dt.date(2026, 9, 10)

REGISTER = BureauPolicy(
    id="register",
    version=1,
    bureau="trade register",
    rules=(BureauRules(valid_from=dt.date(2020, 1, 1), days_overdue=90, update_days=30),),
)
AUTHORITY = AuthorityPolicy(
    id="authority",
    version=1,
    roles=(Role(name="manager", persons=("bob",)),),
    rules=(AuthorityRule(kind="bureau", role="manager", up_to=Money.of(10_000, "EUR")),),
)
BOOK = PolicyBook.of(
    REGISTER,
    AUTHORITY,
    DunningPolicy(id="standard", version=1, steps=(DunningStep(name="first", days_after_due=7),)),
    WriteOffPolicy(id="losses", version=1),
    CreditPolicy(id="credit", version=1),
)


def eur(amount):
    return Money.of(amount, "EUR")


@pytest.fixture
def clock():
    return FixedClock.on(DUE)


def go_to(clock, day):
    clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)


@pytest.fixture
def service(clock):
    store = MemoryStore()
    service = Receivables(
        store=store, notifier=RecordingNotifier(), clock=clock, policies=BOOK, transaction=store.transaction
    )
    service.open_account(Customer(id="BROKE"), key="open")
    limit = CreditLimit(account="BROKE", currency=Currency.of("EUR"), amount=eur(0), valid_from=DUE)
    service.set_limit(limit, key="limit", by="bob")
    invoice = Invoice.due(number="INV-1", account="BROKE", issued_on=DUE, total=eur(3000), due_on=DUE)
    service.issue_invoice(invoice, key="issue")
    go_to(clock, WRITTEN_OFF)
    service.write_off("BROKE", "INV-1", "insolvent", on=WRITTEN_OFF, key="lost", by="ann", approver="bob")
    return service


@pytest.fixture
def reported(service, clock):
    go_to(clock, REPORTED)
    receipt = service.report_debt("BROKE", key="report", by="ann", approver="bob")
    assert receipt.outcome == "reported"
    return service


def owed(service, day):
    (line,) = [line for line in bureau_list([service.account("BROKE")], BOOK, day).lines if line.report]
    return [(each.kind, each.since, each.due_by, each.balance) for each in line.owed]


def test_what_was_given_up_is_reported_in_full_as_a_loss(reported):
    (state,) = reported.view("BROKE", REPORTED).bureau
    assert (state.report.balance, state.report.code, state.status) == (eur(3000), "97", "reported")
    assert owed(reported, REPORTED) == []


def test_a_recovery_owes_an_update_of_the_balance(reported, clock):
    go_to(clock, RECOVERED)
    payment = Payment(id="P-1", account="BROKE", amount=eur(1200), value_date=RECOVERED)
    reported.receive_payment(payment, key="pay")
    assert owed(reported, RECOVERED) == []  # the money is on account, and settles nothing yet
    reported.recover("BROKE", "P-1", "INV-1", key="recover")
    assert owed(reported, RECOVERED) == [("balance", RECOVERED, dt.date(2026, 10, 10), eur(1800))]
    receipt = reported.update_report("BROKE", "report#1", key="tell", by="ann")
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("updated", ["balance"])
    assert owed(reported, RECOVERED) == []
    (state,) = reported.view("BROKE", RECOVERED).bureau
    assert (state.status, state.balance) == ("corrected", 180_000)
    (line,) = bureau_list([reported.account("BROKE")], BOOK, dt.date(2026, 12, 1)).lines
    assert line.told == eur(1800)


def test_an_update_that_is_not_told_is_late_after_its_days(reported, clock):
    go_to(clock, RECOVERED)
    reported.receive_payment(Payment(id="P-1", account="BROKE", amount=eur(1200), value_date=RECOVERED), key="pay")
    reported.recover("BROKE", "P-1", "INV-1", key="recover")
    accounts = [reported.account("BROKE")]
    assert not bureau_list(accounts, BOOK, dt.date(2026, 10, 10)).late().lines
    assert bureau_list(accounts, BOOK, dt.date(2026, 10, 11)).late().lines


def test_a_debt_that_was_disputed_when_it_was_to_be_reported_is_not(service, clock):
    """The dispute came before the write-off, and nobody settled it."""
    invoice = Invoice.due(number="INV-2", account="BROKE", issued_on=DUE, total=eur(500), due_on=DUE)
    service.issue_invoice(invoice, key="issue INV-2")
    dispute = Dispute(id="D-1", account="BROKE", item="INV-2", reason="quality", opened_on=WRITTEN_OFF)
    service.open_dispute(dispute, key="dispute", by="ann")
    go_to(clock, REPORTED)
    receipt = service.report_debt("BROKE", ["INV-2"], key="report", by="ann", approver="bob")
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("not_reportable", ["disputed"])
    assert not service.view("BROKE", REPORTED).bureau


def test_a_dispute_that_becomes_known_late_and_was_there_when_it_was_reported_owes_the_withdrawal(clock, service):
    invoice = Invoice.due(number="INV-2", account="BROKE", issued_on=DUE, total=eur(500), due_on=DUE)
    service.issue_invoice(invoice, key="issue INV-2")
    go_to(clock, REPORTED)
    service.report_debt("BROKE", ["INV-2"], key="report", by="ann", approver="bob")
    known = REPORTED + dt.timedelta(days=3)
    go_to(clock, known)
    dispute = Dispute(id="D-1", account="BROKE", item="INV-2", reason="quality", opened_on=WRITTEN_OFF)
    service.open_dispute(dispute, key="dispute", by="ann")
    assert owed(service, known) == [("withdrawal", known, known, eur(500))]
    service.withdraw_report("BROKE", "report#1", "disputed", key="back", by="ann", approver="bob")
    assert owed(service, known) == []
    assert service.view("BROKE", known).bureau[0].status == "withdrawn"


def test_nobody_reports_without_authority(service, clock):
    go_to(clock, REPORTED)
    with pytest.raises(NotAuthorized):
        service.report_debt("BROKE", key="report", by="ann")
    assert not service.view("BROKE", REPORTED).bureau


def test_the_limit_stays_zero_until_a_person_changes_it(reported, clock):
    go_to(clock, RECOVERED)
    payment = Payment(id="P-1", account="BROKE", amount=eur(3000), value_date=RECOVERED)
    reported.receive_payment(payment, key="pay")
    reported.recover("BROKE", "P-1", "INV-1", key="recover")
    reported.update_report("BROKE", "report#1", key="tell", by="ann")
    list(reported.run_dunning(RECOVERED, all_accounts=True))
    view = reported.view("BROKE", RECOVERED)
    assert [limit.amount for limit in view.limits] == [eur(0)]
    assert (view.bureau[0].status, view.bureau[0].balance) == ("closed", 0)
