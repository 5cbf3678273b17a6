"""Every report adds up to the account, for random histories at random dates as known at random instants.

Buckets less what is on account are the balance by whatever date, edges and grouping; the items are what the summary says;
in the book currency the total is what the items and credits carry; the roll-forward names every movement.
"""

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from receivables import Money, aging, fold
from receivables.documents.exchange import ExchangeRate
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.aging_book import aging_in_book, at_closing_rates
from receivables.reports.aging_buckets import BY, Buckets
from receivables.reports.aging_detail import ON_ACCOUNT, aging_detail
from receivables.reports.aging_grouped import KEYS, aging_by
from receivables.reports.metrics import metrics
from receivables.reports.metrics_rolls import rolls
from receivables.reports.metrics_sums import sums_of
from receivables.testing import strategies
from receivables.testing.strategies import CURRENCIES, FIRST_DAY

EDGES = st.sets(st.integers(1, 40), min_size=1, max_size=4).map(lambda edges: tuple(sorted(edges)))
DAYS = st.integers(-5, 200)
UNITS = st.sampled_from(("days", "months"))
CODES = [currency.code for currency in CURRENCIES]


def day(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


@given(strategies.histories(), DAYS, EDGES, UNITS)
def test_by_document_date_every_bucket_is_what_a_loop_over_the_items_gives(history, as_of, edges, unit):
    view = fold(history).view(day(as_of))
    report, buckets = aging(view, edges=edges, unit=unit, by="document"), Buckets(edges=edges, unit=unit, by="document")
    for book in view.books:
        expected = dict.fromkeys(report.buckets, 0)
        for item, open_ in zip(book.items, book.open, strict=True):
            expected[buckets.name_of(item.document_on, view.as_of)] += open_
        total = report.total(book.currency)
        assert {name: money.minor for name, money in total.buckets.items()} == expected
        assert total.not_due == aging(view, by="origin").total(book.currency).buckets["current"]


@given(strategies.histories(), DAYS, DAYS, EDGES, UNITS, st.sampled_from(BY))
def test_buckets_less_what_is_on_account_are_the_balance_and_the_items_are_what_the_summary_says(
    history, as_of, known_at, edges, unit, by
):
    view = fold(history).view(day(as_of), day(known_at))
    report = aging(view, edges=edges, unit=unit, by=by)
    rows = list(aging_detail(view, edges=edges, unit=unit, by=by))
    assert report.currencies == view.currencies
    for currency in view.currencies:
        assert report.total(currency).open == view.open_total(currency)
        assert report.total(currency).balance == view.balance(currency)
        total, mine = report.total(currency), [row for row in rows if row.currency == currency]
        for name, money in total.buckets.items():
            assert sum(row.open for row in mine if row.bucket == name) == money.minor
        assert -sum(row.open for row in mine if row.bucket == ON_ACCOUNT) == total.on_account.minor
        for figure in ("disputed", "planned", "promised"):
            assert sum(getattr(row, figure) for row in mine) == getattr(total, figure).minor
        assert sum(row.open for row in mine) == total.balance.minor
    assert all(row.disputed + row.planned + row.promised <= row.open for row in rows if row.bucket != ON_ACCOUNT)


@given(st.lists(strategies.histories(most=12), max_size=4), DAYS, st.sampled_from(sorted(KEYS)))
def test_any_grouping_adds_up_to_all_accounts(histories, as_of, key):
    views = [fold(history).view(day(as_of)) for history in histories]
    together, grouped = aging(views), aging_by(key, views)
    by_number = aging_by(lambda view: str(len(view.books)), views)
    for currency in CURRENCIES:
        for report in (grouped, by_number):
            assert report.total(currency) == together.total(currency)
            parts = [report.total(currency, name) for name in {line[0] for line in report.lines}]
            assert Money.total((part.balance for part in parts), currency) == together.total(currency).balance


RATES = st.sampled_from(["0.5", "1", "1.25", "3"])


@given(strategies.histories(), DAYS, RATES, st.sampled_from(BY))
def test_at_closing_rates_every_item_and_credit_is_worth_its_amount_by_the_rate(history, as_of, rate, by):
    date = day(as_of)
    account, policy = fold(history), ExchangePolicy(id="closing", version=1)
    others = [currency for currency in CURRENCIES if currency.code != "EUR"]
    rates = [ExchangeRate.of(currency.code, "EUR", rate, on=date, source="test") for currency in others]
    view = account.view(date)
    valued = at_closing_rates(view, "EUR", rates, policy)
    assert valued.unvalued == ()
    amounts = [Money(open_, book.currency) for book in view.books for open_ in book.open]
    worth = [each if each.currency.code == "EUR" else convert(rates, each) for each in amounts]
    report = aging_in_book(account, date, "EUR", valuation="closing", rates=rates, policy=policy, by=by)
    total = report.total("EUR")
    assert total.open == Money.total(worth, "EUR")
    credits = [Money(credit.remaining, credit.currency) for credit in view.credits]
    on_account = [each if each.currency.code == "EUR" else convert(rates, each) for each in credits]
    assert total.balance == Money.total(worth, "EUR") - Money.total(on_account, "EUR")
    assert sum(row.open for row in aging_detail(valued.view, by=by)) == total.balance.minor
    assert total.disputed + total.planned + total.promised <= total.open


def convert(rates: list[ExchangeRate], amount: Money) -> Money:
    return next(rate for rate in rates if amount.currency in (rate.base, rate.quote)).convert(amount)


@given(strategies.histories(), DAYS, DAYS, st.integers(1, 120), st.sampled_from(CODES))
def test_the_roll_forward_names_every_movement(history, as_of, known_at, window, code):
    account = fold(history)
    sums = sums_of(account, day(as_of), code, window_days=window, known_at=day(known_at))
    first, *moved, last = sums.roll_forward()
    before = account.view(day(as_of - window), day(known_at)).balance(code)
    assert first == ("opening", before)
    assert last == ("closing", account.view(day(as_of), day(known_at)).balance(code))
    assert before + Money.total((money for _, money in moved), code) == last[1]
    assert "other" not in dict(moved)
    assert "merged" not in dict(moved)


@given(st.lists(strategies.histories(most=12), max_size=4), DAYS, st.sampled_from(CODES))
def test_sums_over_accounts_are_the_sums_of_each_in_any_order(histories, as_of, code):
    accounts = [fold(history) for history in histories]
    whole, parts = sums_of(accounts, day(as_of), code), sums_of([], day(as_of), code)
    for account in reversed(accounts):
        parts += sums_of(account, day(as_of), code)
    assert whole == parts
    assert whole["open"] == sum(account.view(day(as_of)).open_total(code).minor for account in accounts)
    assert whole["current"] <= whole["open"]


@given(strategies.histories(), DAYS, DAYS, st.sampled_from(CODES))
def test_every_metric_of_every_history_is_a_figure_or_has_a_reason(history, as_of, known_at, code):
    found = metrics(fold(history), day(as_of), code, known_at=day(known_at))
    for figure in found.figures:
        assert (figure.value is None) != (figure.reason is None)
        assert isinstance(figure.value, Fraction | None)
        assert (figure.as_of, figure.currency.code, figure.window_days) == (day(as_of), code, 90)
    assert len({figure.name for figure in found.figures}) == len(found.figures) == len(found.rows())


@given(strategies.histories(), DAYS, st.integers(1, 60), st.sampled_from(CODES))
def test_everything_in_a_bucket_is_somewhere_later(history, since, days, code):
    account = fold(history)
    found = rolls(account, day(since), day(since + days), code)
    before, after = (aging(account.view(day(at)), by="origin").total(code) for at in (since, since + days))
    for row in found.rows():
        assert found.start(row["from"]) == before.buckets[row["from"]].minor
    assert found.ends == {name: money.minor for name, money in after.buckets.items() if not money.is_zero}
    assert all(amount > 0 for amount in found.moved.values())
