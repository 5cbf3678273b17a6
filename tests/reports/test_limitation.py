"""The report of limitation: every open item once, the ones that lapse first on top."""

import datetime as dt

import pytest

from receivables import Account, Customer, Installment, Invoice, Money, Schedule
from receivables.errors import InvalidValue
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime
from receivables.reports.limitation import limitations

POLICY = LimitationPolicy(id="claims", version=2, regime=limitation_regime("DE"))
NOW = dt.date(2026, 12, 15)


def account(id="ACME"):
    def invoice(number, due_on, currency="EUR"):
        total = Money.of(100, currency)
        return Invoice.due(number=number, account=id, issued_on=due_on, total=total, due_on=due_on)

    waits = Schedule(installments=(Installment(amount=Money.of(7, "EUR"), baseline="delivery"),))
    total = Money.of(7, "EUR")
    waiting = Invoice(number="WAITS", account=id, issued_on=dt.date(2020, 1, 1), total=total, schedule=waits)
    invoices = [
        invoice("NEW", dt.date(2026, 5, 1)),
        invoice("NEAR", dt.date(2023, 5, 1), "USD"),
        invoice("OVER", dt.date(2022, 5, 1)),
        waiting,
    ]
    return Account.of(Customer(id=id), invoices=invoices)


def test_every_open_item_has_a_row_by_the_day_on_which_it_lapses():
    report = limitations(account(), account().view(NOW), POLICY)
    assert [(row["item"], row["status"], row["days_left"], row["warn"]) for row in report.rows()] == [
        ("OVER", "barred", -349, None),
        ("NEAR", "running", 16, 30),
        ("NEW", "not_started", 1112, None),
        ("WAITS", "not_started", None, None),
    ]
    assert [line.item for line in report.barred] == ["OVER"]
    assert [line.item for line in report.warned] == ["NEAR"]


def test_the_report_reads_as_a_table():
    report = limitations(account(), account().view(NOW), POLICY)
    assert str(report).splitlines()[:3] == [
        "limitation of ACME on 2026-12-15 by claims/2",
        "item   currency    open  due_on      status       ends_on     days_left  warn",
        "OVER   EUR       100.00  2022-05-01  barred       2025-12-31       -349",
    ]
    assert report._repr_html_().startswith("<table><caption>Limitation of ACME on 2026-12-15 by claims/2</caption>")


def test_an_account_without_open_items_has_no_rows():
    nobody = Account.of(Customer(id="ACME"))
    report = limitations(nobody, nobody.view(NOW), POLICY)
    assert report.rows() == []
    assert str(report).endswith("nothing to show")


def test_the_view_must_be_of_the_account():
    with pytest.raises(InvalidValue, match=r"limitations\.view"):
        limitations(account(), account("BETA").view(NOW), POLICY)
