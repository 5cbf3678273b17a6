"""Aging by document date, in months, item by item, and grouped: how each is asked for and what it says."""

import datetime as dt
import pickle
from itertools import islice

import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import Account, Customer, Installment, Invoice, Payment, Schedule, aging
from receivables.errors import InvalidValue, WrongType
from receivables.reports.aging_buckets import Buckets
from receivables.reports.aging_detail import ON_ACCOUNT, AgedItem, aging_detail
from receivables.reports.aging_grouped import NOBODY, aging_by, regrouped

DAY = dt.date(2026, 3, 31)


def owing(id: str, issued: str, due: str, amount: int = 100, **customer: str) -> Account:
    """An account with one invoice of this year."""
    dates = [dt.date.fromisoformat(f"2026-{text}") for text in (issued, due)]
    invoice = Invoice.due(number=f"{id}-1", account=id, issued_on=dates[0], total=eur(amount), due_on=dates[1])
    return Account.of(Customer(id=id, **customer), invoices=[invoice])


# By document date -----------------------------------------------------------------------------------------------------


def test_by_document_date_an_invoice_of_today_is_in_the_first_bucket_and_there_is_no_current():
    report = aging(owing("A", "03-31", "04-30").view(DAY), by="document")
    assert report.buckets == ("0-30", "31-60", "61-90", "90+")
    assert report.total("EUR").buckets["0-30"] == report.total("EUR").not_due == eur(100)
    assert report.title == "aging by document date as of 2026-03-31"


@pytest.mark.parametrize(
    ("issued", "bucket"), [("03-01", "0-30"), ("02-28", "31-60"), ("01-30", "31-60"), ("01-29", "61-90")]
)
def test_days_count_from_the_document_whatever_its_due_date(issued, bucket):
    views = [owing("A", issued, due).view(DAY) for due in ("03-15", "05-31")]
    assert [aging(view, by="document").total("EUR").buckets[bucket] for view in views] == [eur(100), eur(100)]


def test_what_is_not_due_stands_beside_the_buckets_of_document_dates():
    views = [owing("A", "01-05", "02-04").view(DAY), owing("B", "01-05", "06-30", 40).view(DAY)]
    rows = aging(views, by="document").rows()
    assert [(row["61-90"], row["not due"], row["open"]) for row in rows] == [
        ("100.00", "0.00", "100.00"),
        ("40.00", "40.00", "40.00"),
    ]
    assert "not due" not in aging(views).rows()[0]
    assert aging(views).total("EUR").not_due == eur(40)


# In months ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "due", "bucket"),
    [
        ("03-31", "03-31", "current"),
        ("03-31", "03-30", "0-1 months"),
        ("03-31", "02-28", "0-1 months"),
        ("03-31", "02-27", "1-2 months"),
        ("03-31", "01-31", "1-2 months"),
        ("03-31", "01-30", "2+ months"),
        ("03-15", "02-15", "0-1 months"),
        ("03-15", "02-14", "1-2 months"),
    ],
)
def test_months_are_calendar_months_back_from_the_date_of_the_report(as_of, due, bucket):
    date = dt.date.fromisoformat(f"2026-{as_of}")
    total = aging(owing("A", "01-05", due).view(date), edges=(1, 2), unit="months").total("EUR")
    assert {name for name, money in total.buckets.items() if not money.is_zero} == {bucket}


def test_nothing_is_older_than_the_first_day_that_there_is():
    assert Buckets(edges=(1, 100), unit="months").cuts(dt.date(2, 1, 31)) == [0, 335 + 30, 365 + 31]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"unit": "weeks"}, InvalidValue),
        ({"by": "posting"}, InvalidValue),
        ({"unit": "months", "edges": (1, 1)}, InvalidValue),
        ({"unit": "months", "edges": (1_201,)}, InvalidValue),
        ({"unit": None}, WrongType),
    ],
)
def test_buckets_that_cannot_be_are_refused_at_once(arguments, error):
    for report in (aging, aging_detail):
        with pytest.raises(error):
            report([], **arguments)


# The items ------------------------------------------------------------------------------------------------------------


def test_an_item_is_a_row_with_its_document_its_days_and_its_bucket():
    (item,) = aging_detail(owing("ACME", "01-05", "02-04").view(DAY))
    assert item.row() == {
        "account": "ACME",
        "number": "ACME-1",
        "item": "ACME-1",
        "kind": "invoice",
        "issued": "2026-01-05",
        "due": "2026-02-04",
        "days": 55,
        "bucket": "31-60",
        "currency": "EUR",
        "open": "100.00",
        "disputed": "0.00",
        "planned": "0.00",
        "promised": "0.00",
    }
    assert pickle.loads(pickle.dumps(item)) == item
    assert type(item) is AgedItem


def test_each_installment_is_a_row_oldest_first_and_one_without_a_date_ages_from_the_document():
    parts = Schedule(
        installments=(
            Installment(amount=eur(50), due_on=dt.date(2026, 4, 30)),
            Installment(amount=eur(30), due_on=dt.date(2026, 2, 28)),
            Installment(amount=eur(20), baseline="delivery"),
        )
    )
    invoice = Invoice(number="I", account="A", issued_on=dt.date(2026, 1, 10), total=eur(100), schedule=parts)
    rows = list(aging_detail(Account.of(Customer(id="A"), invoices=[invoice]).view(DAY)))
    assert [(row.id, row.open, row.days, row.bucket, row.due_on) for row in rows] == [
        ("I/3", 2_000, 80, "61-90", None),
        ("I/2", 3_000, 31, "31-60", dt.date(2026, 2, 28)),
        ("I/1", 5_000, -30, "current", dt.date(2026, 4, 30)),
    ]
    assert {row.number for row in rows} == {"I"}


def test_a_credit_is_a_row_below_zero_without_days():
    payment = Payment(id="P", account="A", amount=eur(30), value_date=DAY)
    (row,) = aging_detail(Account.of(Customer(id="A"), payments=[payment]).view(DAY))
    assert (row.id, row.kind, row.bucket, row.open, row.days, row.row()["due"]) == (
        "P",
        "payment",
        ON_ACCOUNT,
        -3_000,
        None,
        None,
    )


def test_rows_are_made_as_they_are_asked_for():
    def views():
        yield owing("A", "01-05", "02-04").view(DAY)
        raise AssertionError("nobody asked for a second account")

    assert [row.account for row in islice(aging_detail(views()), 1)] == ["A"]


def test_views_of_two_dates_do_not_mix_in_a_stream():
    account = owing("A", "01-05", "02-04")
    with pytest.raises(InvalidValue, match="must all be of 2026-03-31"):
        list(aging_detail([account.view(DAY), account.view(day(0))]))


@pytest.fixture
def arranged() -> World:
    """INV-1 with 400.00 disputed and 250.00 promised, and INV-2 in a plan of two installments."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", -40)
    world.dispute("D", "INV-1", "400")
    world.promise("P", "INV-1", "250", 9)
    world.agree("PP", "INV-2", (10, "150"), (40, "150"))
    return world


def test_what_is_disputed_or_promised_stands_in_the_row_of_its_item(arranged):
    rows = {row.id: row for row in aging_detail(arranged.app.view("ACME", TODAY), by="origin")}
    assert (rows["INV-1"].open, rows["INV-1"].disputed, rows["INV-1"].promised) == (100_000, 40_000, 25_000)
    assert (rows["INV-2"].open, rows["INV-2"].planned, rows["INV-2"].days) == (30_000, 30_000, 40)


def test_what_ages_by_a_plan_is_a_row_for_each_installment(arranged):
    rows = [row for row in aging_detail(arranged.app.view("ACME", TODAY)) if row.id == "INV-2"]
    assert [(row.open, row.planned, row.days, row.bucket) for row in rows] == [
        (15_000, 15_000, -10, "current"),
        (15_000, 15_000, -40, "current"),
    ]
    assert rows[0].row()["due"] == day(10).isoformat()


# Grouped --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def views():
    return [
        owing("A", "01-05", "02-04", 100, segment="retail", group="HOLDING").view(DAY),
        owing("B", "01-05", "03-04", 50, segment="trade", group="HOLDING").view(DAY),
        owing("C", "01-05", "02-04", 7, segment="retail").view(DAY),
    ]


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("account", [("A", "100.00"), ("B", "50.00"), ("C", "7.00")]),
        ("customer", [("A", "100.00"), ("B", "50.00"), ("C", "7.00")]),
        ("segment", [("retail", "107.00"), ("trade", "50.00")]),
        ("group", [(NOBODY, "7.00"), ("HOLDING", "150.00")]),
        ("company", [(NOBODY, "157.00")]),
    ],
)
def test_accounts_are_grouped_by_what_their_customer_says(views, key, lines):
    report = aging_by(key, views)
    assert [(row[key], row["open"]) for row in report.rows()] == lines
    assert report.total("EUR") == aging(views).total("EUR")


def test_accounts_are_grouped_by_any_function_or_mapping_under_a_name(views):
    by_amount = aging_by(lambda view: "large" if view.balance("EUR") > eur(60) else "small", views, name="size")
    assert [(row["size"], row["open"]) for row in by_amount.rows()] == [("large", "100.00"), ("small", "57.00")]
    by_collector = aging_by({"A": "Ann", "B": "Ann"}, views, name="collector")
    assert [(row["collector"], row["open"]) for row in by_collector.rows()] == [(NOBODY, "7.00"), ("Ann", "150.00")]
    assert by_collector.total("EUR", "Ann").buckets["1-30"] == eur(50)


def test_what_is_disputed_is_grouped_with_its_account(arranged):
    view = arranged.app.view("ACME", TODAY)
    report = aging_by("segment", [view])
    assert report.total("EUR").disputed == aging(view).total("EUR").disputed == eur(400)
    assert report.rows()[0]["disputed"] == "400.00"


def test_a_report_that_is_there_can_be_grouped_without_its_views(views):
    report = regrouped(aging(views), {"A": "north", "C": "north"}, "region")
    assert [(row["region"], row["open"]) for row in report.rows()] == [(NOBODY, "50.00"), ("north", "107.00")]


@pytest.mark.parametrize(("key", "error"), [("size", InvalidValue), (5, WrongType)])
def test_what_is_no_key_is_refused(views, key, error):
    with pytest.raises(error):
        aging_by(key, views)


def test_views_of_one_date_are_one_stream():
    both = [owing(id, "01-05", "02-04").view(DAY) for id in ("A", "B")]
    assert [row.account for row in aging_detail(both)] == ["A", "B"]
