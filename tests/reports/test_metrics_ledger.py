"""The metrics of a real ledger, on two dates: every published figure, of all and of single customers, to six decimals."""

import csv
import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from receivables import Account, Allocation, Customer, Invoice, Money, Payment, aging
from receivables.reports.metrics import Metrics, metrics

pytestmark = pytest.mark.own_decimals

DATES = ["2012-12-31", "2013-06-30"]
CUSTOMERS = ["1080-NDGAE", "4640-FGEJI", "6048-QPZCF", "6833-ETVHD", "5924-UOPGH"]

OF_METRICS = {
    "dso_90": "dso",
    "bpdso_90": "best_possible_dso",
    "add_dso": "average_days_delinquent",
    "add_settled_90": "days_late_of_invoices",
    "avg_days_late_signed_90": "days_late_or_early",
    "wadtp_90": "days_to_pay",
    "wadl_90": "days_late",
    "pct_late_90": "percent_late",
    "cei_90": "collection_effectiveness",
    "countback_dso": "countback_dso",
    "weighted_dpd_overdue": "days_overdue",
    "oldest_dpd": "oldest_days_overdue",
}
"""Published figure -> ours."""

OF_SUMS = {"open_total": "open", "sales_90": "sales", "ar_90_days_ago": "opening"}


def day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%m/%d/%Y").date()


def account(customer: str, rows: list[dict[str, str]]) -> Account:
    """One customer: every invoice is paid in full on the day on which it was settled."""
    invoices, payments, allocations = [], [], []
    for row in rows:
        number, total = row["invoiceNumber"], Money.of(row["InvoiceAmount"], "USD")
        issued_on, due_on = day(row["InvoiceDate"]), day(row["DueDate"])
        invoices.append(Invoice.due(number=number, account=customer, issued_on=issued_on, total=total, due_on=due_on))
        payments.append(Payment(id=number, account=customer, amount=total, value_date=day(row["SettledDate"])))
        allocations.append(Allocation(source=number, item=number, amount=total))
    return Account.of(Customer(id=customer), invoices=invoices, payments=payments, allocations=allocations)


@pytest.fixture(scope="module")
def accounts(shared_data: Callable[[str], Path]) -> dict[str, Account]:
    with shared_data("ledger_ibm/invoices.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["customerID"])
    return {id: account(id, list(group)) for id, group in groupby(rows, key=lambda row: row["customerID"])}


@pytest.fixture(scope="module")
def truth(shared_data: Callable[[str], Path]) -> dict[str, Any]:
    text = shared_data("ledger_ibm/truth.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)["asof"]
    return found


def assert_figures(
    found: Metrics, published: dict[str, Any], buckets: dict[str, Money], counts: dict[str, int]
) -> None:
    """Every figure that the file has, and no other."""
    ours: dict[str, Any] = {theirs: found[name].rounded(6) for theirs, name in OF_METRICS.items()}
    ours |= {theirs: found.sums.money(name).amount for theirs, name in OF_SUMS.items()}
    ours |= {"collections_90": -found.sums.money("collections").amount, "settled_count_90": found.sums["paid_count"]}
    ours |= {"open_count": sum(counts.values()), "rollforward_ok": len(found.sums.roll_forward()) <= 4}
    ours |= {"buckets": {name: money.amount for name, money in buckets.items()}, "bucket_counts": counts}
    assert ours.keys() == published.keys()
    for name, value in published.items():
        if isinstance(value, Decimal | int) and not isinstance(value, bool) and ours[name] is not None:
            assert Decimal(ours[name]) == value, name
        else:
            assert ours[name] == value, name


@pytest.mark.parametrize("as_of", DATES)
def test_every_published_figure_of_all_customers(accounts: dict[str, Account], truth: Any, as_of: str) -> None:
    date = dt.date.fromisoformat(as_of)
    total = aging(each.view(date) for each in accounts.values()).total("USD")
    found = metrics(accounts.values(), date, "USD")
    assert_figures(found, truth[as_of]["total"], total.buckets, total.counts)


@pytest.mark.parametrize("as_of", DATES)
@pytest.mark.parametrize("customer", CUSTOMERS)
def test_every_published_figure_of_a_customer(
    accounts: dict[str, Account], truth: Any, as_of: str, customer: str
) -> None:
    date = dt.date.fromisoformat(as_of)
    assert set(truth[as_of]["customers"]) == set(CUSTOMERS)
    total = aging(accounts[customer].view(date)).total("USD")
    found = metrics(accounts[customer], date, "USD")
    assert_figures(found, truth[as_of]["customers"][customer], total.buckets, total.counts)


def test_sums_of_parts_of_the_ledger_add_up_to_those_of_all(accounts: dict[str, Account]) -> None:
    date, all_accounts = dt.date(2012, 12, 31), list(accounts.values())
    whole = metrics(all_accounts, date, "USD").sums
    parts = [metrics(all_accounts[at::3], date, "USD").sums for at in range(3)]
    assert parts[0] + parts[1] + parts[2] == parts[2] + (parts[1] + parts[0]) == whole
