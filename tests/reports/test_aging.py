"""How an aging is asked for, and how it looks."""

import datetime as dt

import pytest

from receivables import Account, Currency, Customer, Invoice, Money, Payment, aging
from receivables.errors import InvalidValue, UnknownId, WrongType

DAY = dt.date(2026, 2, 11)


def account(id: str = "ACME", **amounts: int) -> Account:
    """An account with one invoice per currency, due 30 days before `DAY`, and a payment of one unit in dollars."""
    due = DAY - dt.timedelta(days=30)
    invoices = [
        Invoice.due(number=code, account=id, issued_on=due, total=Money.of(amount, code), due_on=due)
        for code, amount in amounts.items()
    ]
    payment = Payment(id="P", account=id, amount=Money.of(1, "USD"), value_date=DAY)
    return Account.of(Customer(id=id), invoices=invoices, payments=[payment])


def test_an_aging_reads_as_a_table_by_currency():
    assert str(aging(account(EUR=1200, JPY=7).view(DAY))) == (
        "aging by due date as of 2026-02-11\n"
        "currency  current     1-30  31-60  61-90   90+     open  on account  balance\n"
        "EUR          0.00  1200.00   0.00   0.00  0.00  1200.00        0.00  1200.00\n"
        "JPY             0        7      0      0     0        7           0        7\n"
        "USD          0.00     0.00   0.00   0.00  0.00     0.00        1.00    -1.00"
    )


def test_rows_are_plain_texts_with_the_account_first():
    row = aging(account(EUR=5).view(DAY)).rows()[0]
    assert row == {
        "account": "ACME",
        "currency": "EUR",
        "current": "0.00",
        "1-30": "5.00",
        "31-60": "0.00",
        "61-90": "0.00",
        "90+": "0.00",
        "open": "5.00",
        "on account": "0.00",
        "balance": "5.00",
    }


def test_an_aging_of_nothing_says_so():
    report = aging([])
    assert str(report) == "aging of nothing\nnothing open and nothing on account"
    assert report.rows() == report.totals() == []
    assert report.currencies == ()
    assert report.total("EUR").balance == Money.zero("EUR")
    assert report.total("EUR").counts == dict.fromkeys(("current", "1-30", "31-60", "61-90", "90+"), 0)


def test_an_account_without_anything_open_gives_no_row_but_its_date():
    report = aging(Account.of(Customer(id="A")).view(DAY))
    assert str(report).startswith("aging by due date as of 2026-02-11")
    assert report.rows() == []


def test_a_notebook_shows_a_table_with_numbers_to_the_right():
    shown = aging(account(EUR=5).view(DAY))._repr_html_()
    assert shown.startswith("<table><caption>Aging by due date as of 2026-02-11</caption>")
    assert '<td style="text-align:right">5.00</td>' in shown
    assert "<td>EUR</td>" in shown
    assert shown.count("<tr>") == 3


def test_a_notebook_shows_an_aging_of_nothing_without_a_date_that_is_none():
    assert "None" not in aging([])._repr_html_()


def test_one_account_of_many_can_be_asked_for():
    report = aging([account("A", EUR=5).view(DAY), account("B", EUR=7).view(DAY)])
    assert report.total("EUR").open == Money.of(12, "EUR")
    assert report.total("EUR", "B").open == Money.of(7, "EUR")
    assert report.total("EUR", "C").open == Money.zero("EUR")
    assert report.total(Currency.of("EUR"), "A").buckets["1-30"] == Money.of(5, "EUR")


def test_currencies_are_told_apart_by_their_decimals_too():
    odd = Currency("EUR", 3)
    day = dt.date(2026, 1, 1)
    both = Account.of(
        Customer(id="A"),
        invoices=[
            Invoice.due(number="1", account="A", issued_on=day, total=Money.of(1, "EUR"), due_on=day),
            Invoice.due(number="2", account="A", issued_on=day, total=Money.of(1, odd), due_on=day),
        ],
    )
    report = aging(both.view(DAY))
    assert len(report.rows()) == 2
    assert report.total("EUR").open == Money.of(1, "EUR")
    assert report.total(odd).open == Money.of(1, odd)


def test_a_currency_that_iso_does_not_know_must_be_given_as_a_currency():
    with pytest.raises(UnknownId):
        aging([]).total("XYZ1")


@pytest.mark.parametrize(
    ("edges", "names"),
    [
        ((30, 60, 90), ("current", "1-30", "31-60", "61-90", "90+")),
        ((1,), ("current", "1-1", "1+")),
        ((7, 8), ("current", "1-7", "8-8", "8+")),
        ((15, 45, 60, 120, 365), ("current", "1-15", "16-45", "46-60", "61-120", "121-365", "365+")),
    ],
)
def test_buckets_are_named_after_their_edges(edges, names):
    assert aging([], edges=edges).buckets == names


@pytest.mark.parametrize(
    ("edges", "error"),
    [
        ((), InvalidValue),
        ((30, 30), InvalidValue),
        ((60, 30), InvalidValue),
        ((0, 30), InvalidValue),
        ((-1,), InvalidValue),
        ((True, 30), WrongType),
        ((30.0,), WrongType),
        (("30",), WrongType),
        ([30, 60], WrongType),
        (30, WrongType),
        (None, WrongType),
    ],
)
def test_edges_that_do_not_rise_are_refused(edges, error):
    with pytest.raises(error) as caught:
        aging([], edges=edges)
    assert caught.value.field.startswith("aging.edges")


def test_views_of_two_dates_do_not_mix():
    views = [account("A", EUR=1).view(DAY), account("B", EUR=1).view(DAY + dt.timedelta(days=1))]
    with pytest.raises(InvalidValue, match="must all be of 2026-02-11"):
        aging(views)


def test_views_known_at_two_instants_do_not_mix():
    views = [account("A", EUR=1).view(DAY, DAY), account("B", EUR=1).view(DAY)]
    with pytest.raises(InvalidValue):
        aging(views)


def test_an_aging_carries_what_it_was_asked_for():
    report = aging(account(EUR=1).view(DAY, DAY), edges=(10,))
    assert (report.as_of, report.edges) == (DAY, (10,))
    assert report.known_at == dt.datetime(2026, 2, 11, 23, 59, 59, 999_999, tzinfo=dt.UTC)
