"""How an aging is asked for, and how it looks."""

import datetime as dt

import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import Account, CreditNote, Currency, Customer, Invoice, Money, Payment, aging
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
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


# What is disputed, planned or promised --------------------------------------------------------------------------------


@pytest.fixture
def arranged() -> World:
    """ACME with 400.00 of INV-1 disputed and 250.00 promised, and INV-2 in a plan that performs; BETA with nothing agreed."""
    world = World()
    world.open()
    world.open("BETA")
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", -40)
    world.invoice("INV-U", Money.of(70, "USD"), -1)
    world.invoice("INV-B", "50", -10, "BETA")
    world.dispute("D", "INV-1", "400")
    world.promise("P", "INV-1", "250", 9)
    world.agree("PP", "INV-2", (10, "150"), (40, "150"))
    return world


def test_what_is_disputed_of_an_item_in_a_plan_ages_from_its_own_due_date():
    world = World()
    world.open()
    world.invoice("INV-1", "900", -70)
    world.invoice("INV-2", "600", -10)
    world.dispute("D", "INV-1", "300")
    parts = tuple(PlanInstallment(due_on=day(at), amount=eur(600)) for at in (10, 20))
    plan = PaymentPlan(id="PP", account="ACME", items=("INV-1", "INV-2"), agreed_on=TODAY, installments=parts)
    world.app.agree_plan(plan, key="PP")
    total = aging(world.app.view("ACME", TODAY)).total("EUR")
    assert (total.buckets["current"], total.buckets["61-90"], total.open) == (eur(1200), eur(300), eur(1500))
    assert world.app.view("ACME", TODAY).aged_from("INV-2") == day(20).toordinal()


def test_what_is_agreed_stands_beside_the_buckets_and_takes_nothing_out_of_them(arranged):
    without = World()
    without.open()
    without.invoice("INV-1", "1000", -10)
    without.invoice("INV-2", "300", -40)
    plain = aging(without.app.view("ACME", TODAY)).total("EUR")
    total = aging(arranged.app.view("ACME", TODAY), by="origin").total("EUR")
    assert (total.disputed, total.planned, total.promised) == (eur(400), eur(300), eur(250))
    assert (total.buckets, total.open, total.balance) == (plain.buckets, plain.open, plain.balance)
    assert (plain.disputed, plain.planned, plain.promised) == (eur(0), eur(0), eur(0))


def test_only_what_there_is_has_a_column_and_all_rows_have_the_same(arranged):
    view = arranged.app.view("ACME", TODAY)
    arranged.app.resolve_dispute("ACME", "D", "rejected", on=day(1), key="over")
    later = aging([arranged.app.view(id, day(1)) for id in ("ACME", "BETA")])
    assert later.figures == ("planned", "promised")
    assert [list(row) for row in later.rows()] == [list(later.rows()[0])] * 3
    assert [row["promised"] for row in later.rows()] == ["250.00", "0.00", "0.00"]
    assert str(aging(view)).splitlines()[1:] == [
        "currency  current     1-30  31-60  61-90   90+     open  disputed  planned  promised  on account  balance",
        "EUR        300.00  1000.00   0.00   0.00  0.00  1300.00    400.00   300.00    250.00        0.00  1300.00",
        "USD          0.00    70.00   0.00   0.00  0.00    70.00      0.00     0.00      0.00        0.00    70.00",
    ]
    assert ">disputed</th>" in aging(view)._repr_html_()


def test_totals_of_one_account_and_of_all_count_what_is_agreed_of_each(arranged):
    arranged.dispute("D-B", "INV-B", "20", "BETA")
    report = aging([arranged.app.view(id, TODAY) for id in ("ACME", "BETA")])
    assert [report.total("EUR", id).disputed for id in ("ACME", "BETA", None)] == [eur(400), eur(20), eur(420)]
    assert report.total("USD").disputed == Money.zero("USD")


def test_no_amount_is_in_two_figures_and_together_they_are_at_most_what_is_open(arranged):
    """A credit note leaves 500.00 of INV-1 open: 400.00 are disputed, so 100.00 of the 250.00 are left to the promise."""
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(500), against="INV-1")
    arranged.app.issue_credit_note(note, key="CN")
    total = aging(arranged.app.view("ACME", TODAY)).total("EUR")
    assert (total.open, total.disputed, total.promised) == (eur(800), eur(400), eur(100))
