"""S25: a person is forgotten while debts and retention periods run, and neither totals nor the hash chain move."""

import datetime as dt
import sqlite3
from contextlib import contextmanager

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
from receivables.codec import plain, read
from receivables.documents.dispute import Dispute
from receivables.documents.erasure import ErasureEntry
from receivables.documents.invoice import InvoiceLine
from receivables.documents.payment import Remittance
from receivables.errors import ErasedSubject, ErasurePending, InvalidValue
from receivables.facts.erasure import ErasureAnswered, ErasureRequested
from receivables.plans.erasure import erasure_list
from receivables.policies.accounts import AccountMap
from receivables.policies.retention import RetentionPolicy
from receivables.reports.erasure import erasures
from receivables.reports.journal import journal
from receivables.stores.chain import verify
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl
from receivables.testing import FixedClock, RecordingNotifier

NAME = "Jana Novotna"
ASKED = dt.date(2026, 6, 1)
INVOICES = ((dt.date(2015, 11, 20), "4000.00"), (dt.date(2020, 3, 1), "8300.00"), (dt.date(2026, 4, 1), "150.00"))
BOOK = PolicyBook.of(
    RetentionPolicy.years("house", 10, law="10 full years after the end of the year"),
    DunningPolicy(
        id="standard",
        version=1,
        steps=(DunningStep(name="first", days_after_due=7), DunningStep(name="second", days_after_due=21)),
    ),
)


class OnSqlite:
    """A store on a connection, with a backup of it; each operation in a transaction of its own."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.executescript(ddl("sqlite"))
        self.store = DbapiStore(self.connection)

    @contextmanager
    def transaction(self):
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def dump(self):
        return "\n".join(self.connection.iterdump())

    @classmethod
    def restored(cls, dump):
        other = cls.__new__(cls)
        other.connection = sqlite3.connect(":memory:", isolation_level=None)
        other.connection.executescript(dump)
        other.store = DbapiStore(other.connection)
        return other


class InMemory:
    def __init__(self):
        self.store = MemoryStore()
        self.transaction = self.store.transaction


def app_on(host, on=ASKED, **more):
    return Receivables(
        store=host.store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(on),
        policies=BOOK,
        transaction=host.transaction,
        **more,
    )


def traded(host):
    """Three invoices, of which two are paid; the trader's name stands wherever somebody could write it."""
    app_on(host, INVOICES[0][0]).open_account(Customer(id="C-17"), key="open")
    for at, (issued, total) in enumerate(INVOICES, 1):
        app = app_on(host, issued)
        line = InvoiceLine(net=Money.of(total, "EUR"), tax=Money.of(0, "EUR"), description=f"repair at {NAME}'s")
        app.issue_invoice(
            Invoice(
                number=f"INV-{at}",
                account="C-17",
                issued_on=issued,
                total=Money.of(total, "EUR"),
                terms=PaymentTerms.net(30),
                lines=(line,),
            ),
            key=f"issue {at}",
        )
        if at == 1:
            day = issued + dt.timedelta(days=5)
            dispute = Dispute(
                id="D-1", account="C-17", item="INV-1", opened_on=day, reason="quality", note=f"{NAME} called"
            )
            app_on(host, day).open_dispute(dispute, key="dispute")
            app_on(host, day).resolve_dispute("C-17", "D-1", "rejected", reason=f"{NAME} agreed", on=day, key="resolve")
        if at < 3:
            paid_on = issued + dt.timedelta(days=20)
            payment = Payment(
                id=f"P-{at}",
                account="C-17",
                amount=Money.of(total, "EUR"),
                value_date=paid_on,
                remittance=Remittance(text=f"thanks, {NAME}"),
            )
            app = app_on(host, paid_on)
            app.receive_payment(payment, key=f"pay {at}")
            app.apply("C-17", f"P-{at}", f"INV-{at}", Money.of(total, "EUR"), key=f"apply {at}")
    return app_on(host)


@pytest.fixture(params=[OnSqlite, InMemory])
def host(request):
    return request.param()


def log(app):
    return tuple(app.history("C-17"))


def exported(host):
    return host.store.export("C-17", 0, 1000)


def books(app):
    view = app.view("C-17", ASKED)
    return str(aging([view])), view.balance("EUR"), journal(log(app), AccountMap.standard())


def test_each_document_is_answered_with_ground_and_date(host):
    app = traded(host)
    receipt = app.request_erasure("C-17", "E-1", key="erase")
    records = {record.id: record for record in app.view("C-17", ASKED).erasure.records if record.kind == "invoice"}
    assert records["INV-1"].erased
    assert records["INV-1"].until == dt.date(2025, 12, 31)
    assert (records["INV-2"].ground, records["INV-2"].until) == ("retention", dt.date(2030, 12, 31))
    assert records["INV-2"].review_on == dt.date(2031, 1, 1)
    assert (records["INV-3"].ground, records["INV-3"].until) == ("open_claim", dt.date(2036, 12, 31))
    assert (receipt.outcome, receipt.ids) == ("restricted", ("INV-2", "P-2", "INV-3"))
    assert app.view("C-17", ASKED).erasure.review_on == dt.date(2031, 1, 1)


def test_the_report_has_a_row_for_each_document_and_says_what_to_review(host):
    app = traded(host)
    app.request_erasure("C-17", "E-1", key="erase")
    report = erasures([app.view("C-17", ASKED)])
    rows = {row["document"]: (row["erased"], row["ground"], row["kept_until"]) for row in report.rows()}
    assert rows == {
        "INV-1": (True, "erased", None),
        "P-1": (True, "erased", None),
        "D-1": (True, "erased", None),
        "INV-2": (False, "retention", dt.date(2030, 12, 31)),
        "P-2": (False, "retention", dt.date(2030, 12, 31)),
        "INV-3": (False, "open_claim", dt.date(2036, 12, 31)),
    }
    assert [record.id for _, record in report.restricted] == ["INV-2", "P-2"]
    assert report.due(dt.date(2030, 12, 31)) == ()
    assert [record.id for _, record in report.due(dt.date(2031, 1, 1))] == ["INV-2", "P-2"]
    assert NAME not in str(report)
    assert "2030-12-31" in report._repr_html_()
    assert NAME not in report._repr_html_()


def test_what_may_go_is_gone_from_the_log_and_what_must_stay_is_there(host):
    app = traded(host)
    assert repr(log(app)).count(NAME) == 0
    texts = {fact.invoice.number: fact.invoice.lines[0].description for fact in log(app) if hasattr(fact, "invoice")}
    assert all(NAME in text for text in texts.values())
    app.request_erasure("C-17", "E-1", key="erase")
    invoices = {fact.invoice.number: fact.invoice.lines[0].description for fact in log(app) if hasattr(fact, "invoice")}
    assert NAME not in invoices["INV-1"]
    assert NAME in invoices["INV-2"]
    assert NAME in invoices["INV-3"]
    disputes = [fact for fact in log(app) if type(fact).__name__.startswith("Dispute")]
    assert disputes[0].dispute.note == disputes[1].reason == "[erased]"


def test_the_request_is_an_audit_fact_without_name(host):
    app = traded(host)
    app.request_erasure("C-17", "E-1", key="erase")
    asked, answered = [fact for fact in log(app) if isinstance(fact, ErasureRequested | ErasureAnswered)]
    assert NAME not in str(plain(answered))
    assert (asked.erasure, answered.policy.id, len(answered.texts)) == ("E-1", "house", 4)


def test_totals_reports_and_chain_are_what_they_were(host):
    app = traded(host)
    before, rows, head = books(app), exported(host), host.store.head("C-17")
    total = sum(fact.invoice.total.minor for fact in log(app) if hasattr(fact, "invoice"))
    app.request_erasure("C-17", "E-1", key="erase")
    assert total == sum(fact.invoice.total.minor for fact in log(app) if hasattr(fact, "invoice")) == 1_245_000
    assert books(app) == before
    after = exported(host)
    assert after[: len(rows)] == rows
    assert verify(after, [head, host.store.head("C-17")]) == ()
    assert NAME not in "".join(row.body for row in after)


def test_letters_go_out_for_the_open_claim_only(host):
    app = traded(host)
    app.request_erasure("C-17", "E-1", key="erase")
    (run,) = app.run_dunning(ASKED, all_accounts=True)
    assert [(line.item, str(line.amount)) for line in run.notices[0].lines] == [("INV-3", "150.00 EUR")]
    assert [result.outcome for result in app.deliver()] == ["sent"]


def test_a_letter_about_what_was_erased_is_refused_with_a_typed_error(host):
    """The payment of 2015 is returned eleven years later: there is a claim again, and nobody left to write to."""
    app = traded(host)
    app.request_erasure("C-17", "E-1", key="erase")
    app.return_payment("C-17", "P-1", "returned", "AC04", on=ASKED, key="return")
    day = ASKED + dt.timedelta(days=1)
    later = app_on(host, day)
    queued = [notice for run in later.run_dunning(day) for notice in run.notices]
    assert "INV-1" in {line.document for notice in queued for line in notice.lines}
    (result,) = later.deliver()
    assert (result.outcome, result.detail) == ("error", str(ErasedSubject("C-17", queued[0].key)))


def test_asked_again_after_all_is_paid_and_past_its_time_everything_goes(host):
    app = traded(host)
    app.request_erasure("C-17", "E-1", key="erase")
    paid_on = dt.date(2026, 7, 1)
    app = app_on(host, paid_on)
    payment = Payment(id="P-3", account="C-17", amount=Money.of(150, "EUR"), value_date=paid_on)
    app.receive_payment(payment, key="pay 3")
    app.apply("C-17", "P-3", "INV-3", Money.of(150, "EUR"), key="apply 3")
    assert app.request_erasure("C-17", "E-2", key="again").ids == ("INV-2", "P-2", "INV-3", "P-3")
    last = app_on(host, dt.date(2037, 1, 1)).request_erasure("C-17", "E-3", key="at last")
    assert (last.outcome, last.ids) == ("erased", ())
    assert not [
        text
        for fact in log(app)
        if hasattr(fact, "invoice")
        for text in [fact.invoice.lines[0].description]
        if NAME in text
    ]
    assert verify(exported(host)) == ()


def test_an_erasure_is_answered_once(host):
    app = traded(host)
    first = app.request_erasure("C-17", "E-1", key="erase")
    assert app.request_erasure("C-17", "E-1", key="erase") == first
    with pytest.raises(InvalidValue):
        app.request_erasure("C-17", "E-1", key="another key")


def test_a_restored_backup_takes_no_command_before_the_erasures_are_done_again():
    host = OnSqlite()
    app = traded(host)
    backup = host.dump()
    app.request_erasure("C-17", "E-1", key="erase")
    kept = [plain(entry) for entry in erasure_list("C-17", log(app))]  # what the host keeps apart from its backups

    restored = OnSqlite.restored(backup)
    erasures = [read(ErasureEntry, each) for each in kept]
    app = app_on(restored, ASKED + dt.timedelta(days=2), erasures=erasures)
    with pytest.raises(ErasurePending):
        app.open_dispute(
            Dispute(id="D-2", account="C-17", item="INV-3", opened_on=ASKED, reason="quality"), key="dispute 2"
        )
    assert [result.error for result in app.run_dunning(ASKED, all_accounts=True)] != [None]
    for entry in erasures:
        assert app.replay_erasure(entry, key=f"replay {entry.erasure}").outcome == "replayed"
    assert "[erased]" in [fact.invoice.lines[0].description for fact in log(app) if hasattr(fact, "invoice")]
    assert app.view("C-17", ASKED + dt.timedelta(days=2)).erasure.review_on == dt.date(2031, 1, 1)
    assert verify(exported(restored)) == ()
    assert [result.error for result in app.run_dunning(ASKED, all_accounts=True)] == [None]


def test_facts_that_came_after_the_backup_are_not_taken_for_others():
    """Somebody forgot the list: a new fact stands where an erased one stood before the backup was restored."""
    host = OnSqlite()
    app = app_on(host)
    app.open_account(Customer(id="C-17"), key="open")
    backup = host.dump()
    lines = (InvoiceLine(net=Money.of(5, "EUR"), tax=Money.of(0, "EUR"), description=NAME),)
    day = dt.date(2010, 1, 1)
    old = Invoice(
        number="OLD", account="C-17", issued_on=day, total=Money.of(5, "EUR"), terms=PaymentTerms.net(30), lines=lines
    )
    app.issue_invoice(old, key="old")
    app.receive_payment(Payment(id="P", account="C-17", amount=Money.of(5, "EUR"), value_date=day), key="pay")
    app.apply("C-17", "P", "OLD", Money.of(5, "EUR"), key="apply")
    app.request_erasure("C-17", "E-1", key="erase")
    (entry,) = erasure_list("C-17", log(app))
    assert len(entry.texts) == 1

    app = app_on(OnSqlite.restored(backup))
    new = Invoice(
        number="NEW", account="C-17", issued_on=ASKED, total=Money.of(5, "EUR"), terms=PaymentTerms.net(30), lines=lines
    )
    app.issue_invoice(new, key="new")
    app.replay_erasure(entry, key="replay")
    assert log(app)[1].invoice.lines[0].description == NAME
