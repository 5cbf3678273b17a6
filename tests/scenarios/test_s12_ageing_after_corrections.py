"""S12: the ageing report of last quarter after corrections.

Everything is recorded through the service, with the clock set to the day on which it became known.
"""

import datetime as dt
from itertools import pairwise

import pytest

from receivables import (
    Account,
    Allocation,
    CreditNote,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    aging,
)
from receivables.reports.bridge import Bridge, bridge
from receivables.reports.metrics import metrics
from receivables.reports.metrics_formulas import best_possible_dso, countback_dso, dso
from receivables.testing import FixedClock, RecordingNotifier


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


class Desk:
    """The service with a clock that goes from day to day; every entry has its own key."""

    def __init__(self) -> None:
        self.clock = FixedClock.on(day("01-02"))
        self.service = Receivables(
            store=MemoryStore(), notifier=RecordingNotifier(), clock=self.clock, policies=PolicyBook()
        )
        self.service.open_account(Customer(id="ACME"), key="open")

    def on(self, text: str) -> Receivables:
        self.clock.instant = FixedClock.on(day(text), hour=10).instant
        return self.service

    def invoice(self, known: str, number: str, amount: int, issued: str, due: str) -> None:
        invoice = Invoice.due(number=number, account="ACME", issued_on=day(issued), total=eur(amount), due_on=day(due))
        self.on(known).issue_invoice(invoice, key=f"invoice {number}")

    def payment(self, known: str, id: str, amount: int, value_date: str) -> None:
        payment = Payment(id=id, account="ACME", amount=eur(amount), value_date=day(value_date))
        self.on(known).receive_payment(payment, key=f"payment {id}")

    def apply(self, known: str, source: str, item: str, amount: int) -> str:
        receipt = self.on(known).apply("ACME", source, item, eur(amount), key=f"{source} to {item}")
        return receipt.ids[0]


@pytest.fixture(scope="module")
def desk() -> Desk:
    desk = Desk()
    desk.invoice("01-16", "INV-1", 1_000, "01-16", "02-15")
    desk.invoice("02-18", "INV-2", 2_000, "02-18", "03-20")
    desk.invoice("03-11", "INV-3", 500, "03-11", "04-10")
    desk.payment("03-26", "P1", 1_000, "03-25")
    misapplied = desk.apply("03-26", "P1", "INV-1", 1_000)
    desk.payment("04-05", "P2", 2_000, "03-30")
    desk.apply("04-05", "P2", "INV-2", 2_000)
    desk.on("04-08").unapply("ACME", misapplied, key="P1 was misapplied")
    desk.apply("04-08", "P1", "INV-3", 500)
    note = CreditNote(number="CN-1", account="ACME", issued_on=day("04-12"), total=eur(200), against="INV-1")
    desk.on("04-12").issue_credit_note(note, key="CN-1")
    desk.invoice("04-15", "INV-4", 300, "03-28", "03-28")
    return desk


TABLE = [
    ("03-31", "03-31", ("500.00", "2000.00", "0.00", "0.00"), "0.00", "2500.00"),
    ("03-31", "04-06", ("500.00", "0.00", "0.00", "0.00"), "0.00", "500.00"),
    ("03-31", "04-09", ("0.00", "0.00", "1000.00", "0.00"), "500.00", "500.00"),
    ("03-31", "04-20", ("0.00", "300.00", "1000.00", "0.00"), "500.00", "800.00"),
    ("04-20", "04-20", ("0.00", "300.00", "0.00", "800.00"), "500.00", "600.00"),
]


@pytest.mark.parametrize(("as_of", "known_at", "buckets", "on_account", "balance"), TABLE)
def test_the_report_of_each_day_as_it_was_known_on_each_day(desk, as_of, known_at, buckets, on_account, balance):
    total = aging(desk.service.view("ACME", day(as_of), day(known_at))).total("EUR")
    assert [str(money.amount) for money in total.amounts] == [*buckets, "0.00"]
    assert str(total.on_account.amount) == on_account
    assert str(total.balance.amount) == balance


def test_the_filed_report_stays_what_it_was_for_ever(desk):
    filed = desk.service.view("ACME", day("03-31"), day("03-31"))
    facts = desk.service.account("ACME")
    assert filed == facts.view(day("03-31"), dt.datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC))
    assert aging(filed).total("EUR").balance == eur(2_500)


def test_the_bridge_from_the_filed_report_to_todays_view_names_what_became_known(desk):
    known = [day("03-31"), day("04-06"), day("04-09"), day("04-20")]
    balances = [desk.service.view("ACME", day("03-31"), at).balance("EUR") for at in known]
    late_bank_file, reapplied, late_invoice = (after - before for before, after in pairwise(balances))
    assert (late_bank_file, reapplied, late_invoice) == (eur(-2_000), eur(0), eur(300))
    assert balances[-1] == eur(2_500) - eur(2_000) + eur(300) == eur(800)


def test_the_payment_that_was_applied_again_keeps_its_value_date(desk):
    before = desk.service.view("ACME", day("03-24"), day("04-20"))
    assert before.open("INV-3") == eur(500)
    assert before.credits == ()
    after = desk.service.view("ACME", day("03-25"), day("04-20"))
    assert "INV-3" in after.closed
    assert after.open("INV-1") == eur(1_000)
    assert after.credit("P1").remaining == eur(500).minor


def test_the_credit_note_is_in_no_view_of_march(desk):
    assert desk.service.view("ACME", day("03-31")).open("INV-1") == eur(1_000)
    assert desk.service.view("ACME", day("04-11")).open("INV-1") == eur(1_000)
    assert desk.service.view("ACME", day("04-12")).open("INV-1") == eur(800)


def test_nothing_was_known_before_it_was_recorded(desk):
    assert desk.service.view("ACME", day("03-31"), day("01-01")).customer is None
    assert desk.service.view("ACME", day("03-31"), day("03-25")).credits == ()
    assert desk.service.view("ACME", day("04-20"), day("04-14")).open_total("EUR") == eur(800)


# Point 5: the vector of OCA/account-financial-reporting 546 ---------------------------------------------------------

APRIL = dt.date(2019, 4, 30)


@pytest.fixture(scope="module")
def vector() -> Receivables:
    clock = FixedClock.on(dt.date(2019, 1, 2))
    service = Receivables(store=MemoryStore(), notifier=RecordingNotifier(), clock=clock, policies=PolicyBook())
    service.open_account(Customer(id="ACME"), key="open")

    def pay(id: str, amount: int, on: dt.date) -> None:
        clock.instant = FixedClock.on(on).instant
        service.receive_payment(Payment(id=id, account="ACME", amount=eur(amount), value_date=on), key=id)

    def issue(number: str, amount: int, on: dt.date) -> None:
        clock.instant = FixedClock.on(on).instant
        due = on + dt.timedelta(days=30)
        invoice = Invoice.due(number=number, account="ACME", issued_on=on, total=eur(amount), due_on=due)
        service.issue_invoice(invoice, key=number)

    pay("FEB", 1_000, dt.date(2019, 2, 15))
    for number in range(1, 6):
        issue(f"MAR-{number}", 10_000, dt.date(2019, 3, 15))
    issue("APR", 100_000, dt.date(2019, 4, 15))
    pay("MAY", 49_000, dt.date(2019, 5, 15))
    service.apply("ACME", "FEB", "MAR-1", eur(1_000), key="a0")
    service.apply("ACME", "MAY", "MAR-1", eur(9_000), key="a1")
    for number in range(2, 6):
        service.apply("ACME", "MAY", f"MAR-{number}", eur(10_000), key=f"a{number}")
    return service


def test_what_was_reconciled_in_may_is_open_in_april_as_april_knew_it(vector):
    total = aging(vector.view("ACME", APRIL, APRIL)).total("EUR")
    assert total.buckets["current"] == eur(100_000)
    assert total.buckets["1-30"] == eur(50_000)
    assert total.on_account == eur(1_000)
    assert total.balance == eur(149_000)


def test_todays_knowledge_moves_the_early_payment_to_its_invoice_and_keeps_the_total(vector):
    total = aging(vector.view("ACME", APRIL)).total("EUR")
    assert total.buckets["1-30"] == eur(49_000)
    assert total.on_account == eur(0)
    assert total.balance == eur(149_000)


def test_after_the_reconciliation_only_the_last_invoice_is_open(vector):
    view = vector.view("ACME", dt.date(2019, 5, 31))
    assert list(view.places) == ["APR"]
    assert view.balance("EUR") == eur(100_000)


def test_the_same_vector_from_plain_documents_gives_the_same_report():
    """Without a store every document counts as known on its own date, and so does an application."""
    march, april = dt.date(2019, 3, 15), dt.date(2019, 4, 15)
    numbers = [(f"MAR-{number}", 10_000, march) for number in range(1, 6)] + [("APR", 100_000, april)]
    account = Account.of(
        Customer(id="ACME"),
        invoices=[
            Invoice.due(
                number=number, account="ACME", issued_on=on, total=eur(amount), due_on=on + dt.timedelta(days=30)
            )
            for number, amount, on in numbers
        ],
        payments=[
            Payment(id="FEB", account="ACME", amount=eur(1_000), value_date=dt.date(2019, 2, 15)),
            Payment(id="MAY", account="ACME", amount=eur(49_000), value_date=dt.date(2019, 5, 15)),
        ],
        allocations=[
            Allocation(source="FEB", item="MAR-1", amount=eur(1_000)),
            Allocation(source="MAY", item="MAR-1", amount=eur(9_000)),
            *(Allocation(source="MAY", item=f"MAR-{number}", amount=eur(10_000)) for number in range(2, 6)),
        ],
    )
    assert aging(account.view(APRIL)).total("EUR").balance == eur(149_000)
    assert account.view(dt.date(2019, 5, 31)).balance("EUR") == eur(100_000)


# Point 1: the bridge ----------------------------------------------------------------------------------------------------

BRIDGE = [
    ("late_invoice", ("0.00", "300.00", "0.00", "0.00"), "0.00", "300.00"),
    ("late_payment", ("0.00", "-2000.00", "0.00", "0.00"), "0.00", "-2000.00"),
    ("re_application", ("-500.00", "0.00", "1000.00", "0.00"), "500.00", "0.00"),
]


def bridge_to(desk: Desk, known_from: str, known_to: str) -> Bridge:
    return bridge(desk.service.account("ACME"), day("03-31"), day(known_from), day(known_to))


def test_the_bridge_says_bucket_by_bucket_what_became_known(desk):
    found = bridge_to(desk, "03-31", "04-20")
    for line, (code, buckets, on_account, balance) in zip(found.by_code(), BRIDGE, strict=True):
        assert line.code == code
        assert [str(Money(minor, line.currency).amount) for minor in line.buckets] == [*buckets, "0.00"]
        assert str(Money(line.on_account, line.currency).amount) == on_account
        assert str(line.balance.amount) == balance
    before, after = (report.total("EUR").balance for report in (found.before, found.after))
    assert before + Money.total((line.balance for line in found.lines), "EUR") == after == eur(800)


@pytest.mark.parametrize(
    ("known_from", "known_to", "code"),
    [
        ("03-31", "04-06", "late_payment"),
        ("04-06", "04-09", "re_application"),
        ("04-09", "04-20", "late_invoice"),
    ],
)
def test_the_bridge_from_each_report_to_the_next_has_one_cause(desk, known_from, known_to, code):
    assert {line.code for line in bridge_to(desk, known_from, known_to).lines} == {code}


def test_the_credit_note_of_april_is_in_no_bridge_of_march(desk):
    assert "CN-1" not in {line.id for line in bridge_to(desk, "03-31", "04-30").lines}


# Point 4: DSO -----------------------------------------------------------------------------------------------------------

SALES = [(2_000, 31), (1_500, 28), (1_000, 31)]
"""The credit sales of the quarter as the story gives them, March first, with the days of the months."""


@pytest.mark.parametrize(
    ("known_at", "simple", "countback", "best"),
    [
        ("03-31", "50.0", "40.3", "10.0"),
        ("04-06", "10.0", "7.8", "10.0"),
        ("04-09", "10.0", "7.8", "0.0"),
        ("04-20", "16.0", "12.4", "0.0"),
    ],
)
def test_the_dso_of_the_quarter_depends_on_what_was_known_and_on_the_method(desk, known_at, simple, countback, best):
    total = aging(desk.service.view("ACME", day("03-31"), day(known_at))).total("EUR")
    owed, current, sold = total.balance, total.buckets["current"], eur(4_500)
    assert dso(owed, sold, 90).rounded(1) == simple
    assert countback_dso(owed, [(eur(amount), days) for amount, days in SALES]).rounded(1) == countback
    assert best_possible_dso(current, sold, 90).rounded(1) == best


def test_a_metric_of_the_account_carries_its_date_its_knowledge_and_its_method(desk):
    """By the invoices of the story the quarter sold 3,500.00 as March knew it, and 300.00 more since."""
    filed, today = (
        metrics(desk.service.account("ACME"), day("03-31"), "EUR", known_at=day(at))["dso"] for at in ("03-31", "04-20")
    )
    assert (filed.rounded(), today.rounded()) == ("64.29", "18.95")
    assert (filed.numerator, filed.denominator, filed.factor) == (2_500, 3_500, 90)
    assert (filed.name, filed.method, filed.window_days, filed.as_of) == ("dso", "simple", 90, day("03-31"))
    assert filed.known_at == dt.datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    assert today.known_at == dt.datetime(2026, 4, 20, 23, 59, 59, 999_999, tzinfo=dt.UTC)
