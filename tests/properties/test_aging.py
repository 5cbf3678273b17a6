"""Aging against a loop over the items, on accounts that chance made, with edges that chance chose."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Customer, Installment, Invoice, Money, Payment, Schedule, aging, fold
from receivables.testing import strategies
from receivables.testing.strategies import CURRENCIES, FIRST_DAY

EDGES = st.sets(st.integers(1, 200), min_size=1, max_size=5).map(lambda edges: tuple(sorted(edges)))


def days_after_first(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


def naive(view, edges) -> dict[tuple[str, str], tuple[int, int]]:
    """(currency, bucket) -> (minor units, items), one item after the other."""
    starts = [1, *(edge + 1 for edge in edges)]
    names = [*(f"{start}-{edge}" for start, edge in zip(starts, edges, strict=False)), f"{edges[-1]}+"]
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for book in view.books:
        for item, open_ in zip(book.items, book.open, strict=True):
            overdue = (view.as_of - (item.due_on or item.document_on)).days
            late = next((name for name, edge in zip(names, edges, strict=False) if overdue <= edge), names[-1])
            key = (book.currency.code, "current" if overdue <= 0 else late)
            before = found.get(key, (0, 0))
            found[key] = (before[0] + open_, before[1] + 1)
    return found


@given(strategies.histories(), st.integers(-15, 300), EDGES)
def test_every_bucket_is_what_a_loop_over_the_items_gives(history, day, edges):
    view = fold(history).view(days_after_first(day))
    expected = naive(view, edges)
    report = aging(view, edges=edges)
    for currency in CURRENCIES:
        total = report.total(currency)
        for name in report.buckets:
            minor, count = expected.get((currency.code, name), (0, 0))
            assert (total.buckets[name].minor, total.counts[name]) == (minor, count)


@given(strategies.histories(), st.integers(-15, 300), EDGES)
def test_buckets_less_what_is_on_account_are_the_balance_of_the_account(history, day, edges):
    view = fold(history).view(days_after_first(day))
    report = aging(view, edges=edges)
    assert report.currencies == view.currencies
    for currency in view.currencies:
        total = report.total(currency.code)
        assert total.balance == view.balance(currency)
        assert total.open == view.open_total(currency) == Money.total(total.amounts, currency)
        assert total.on_account == view.on_account(currency)
        assert total.count == sum(len(book.items) for book in view.books if book.currency == currency)


@given(st.lists(strategies.histories(most=12), max_size=4), st.integers(0, 200))
def test_many_accounts_are_the_sum_of_each(histories, day):
    views = [fold(history).view(days_after_first(day)) for history in histories]
    together = aging(views)
    for currency in CURRENCIES:
        each = [aging(view).total(currency) for view in views]
        assert together.total(currency).balance == Money.total((total.balance for total in each), currency)
        for name in together.buckets:
            parts = (total.buckets[name] for total in each)
            assert together.total(currency).buckets[name] == Money.total(parts, currency)
    assert len(together.rows()) == sum(len(aging(view).rows()) for view in views)


@given(strategies.histories(), st.integers(0, 200), EDGES)
def test_rows_say_the_same_as_totals(history, day, edges):
    view = fold(history).view(days_after_first(day))
    report = aging(iter([view]), edges=edges)
    for row in report.rows():
        total = report.total(row["currency"], "ACME")
        assert row["account"] == "ACME"
        assert [row[name] for name in report.buckets] == [str(money.amount) for money in total.amounts]
        assert Money.of(row["balance"], total.currency) == view.balance(total.currency)
    assert [{"account": "ACME", **row} for row in report.totals()] == sorted(
        report.rows(), key=lambda row: str(row["currency"])
    )


@given(strategies.histories(), st.integers(0, 200))
def test_a_later_edge_never_empties_the_first_overdue_bucket(history, day):
    """The first overdue bucket never shrinks when its edge moves up."""
    view = fold(history).view(days_after_first(day))
    for young, old in pairwise((10, 20, 30)):
        for currency in view.currencies:
            assert (
                aging(view, edges=(young,)).total(currency).amounts[1]
                <= aging(view, edges=(old,)).total(currency).amounts[1]
            )


def test_the_same_day_in_many_forms_is_one_bucket():
    """Items due on one day, some of one invoice, some without a date, and a payment of the same day."""
    day, eur = dt.date(2026, 3, 1), Money.of(1, "EUR")
    parts = Schedule(installments=(Installment(amount=eur, due_on=day), Installment(amount=eur, baseline="delivery")))
    account = Account.of(
        Customer(id="A"),
        invoices=[
            Invoice(number="1", account="A", issued_on=day, total=eur + eur, schedule=parts),
            Invoice.due(number="2", account="A", issued_on=day, total=eur, due_on=day),
        ],
        payments=[Payment(id="P", account="A", amount=eur, value_date=day)],
    )
    for overdue, bucket in ((0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (91, "90+")):
        total = aging(account.view(day + dt.timedelta(days=overdue))).total("EUR")
        assert total.counts[bucket] == 3
        assert total.buckets[bucket] == eur * 3
        assert total.balance == eur * 2
