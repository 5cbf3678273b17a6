"""Forecasts of histories that chance made: all that is open stands somewhere, and nothing later is ever used."""

import datetime as dt

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import Money, fold
from receivables.policies.forecast import ForecastPolicy
from receivables.policies.forecast_pattern import CollectedShare, CollectionPattern
from receivables.reports.forecast import forecast
from receivables.reports.forecast_behavior import learn
from receivables.reports.forecast_collections import collections
from receivables.reports.forecast_history import PaymentRecord, payment_records
from receivables.reports.forecast_items import announced_payments
from receivables.testing import strategies
from receivables.testing.strategies import CURRENCIES, FIRST_DAY
from receivables.values.dates import FixedCalendar

CALENDARS = st.builds(
    FixedCalendar,
    weekend=st.sets(st.integers(0, 6), max_size=6),
    holidays=st.sets(st.integers(0, 300).map(lambda n: FIRST_DAY + dt.timedelta(days=n)), max_size=20),
)
POLICIES = st.builds(
    ForecastPolicy,
    id=st.just("cash"),
    version=st.just(1),
    disputed=st.sampled_from(("excluded", "delayed")),
    dispute_delay_days=st.integers(0, 120),
    pending_days=st.integers(0, 10),
    without_history=st.sampled_from(("undefined", "due_date")),
    largest=st.integers(0, 4),
    spread_percent=st.sampled_from((100, 155, 900)),
    bands=st.just((5, 10, 50, 90, 95)),
)


@st.composite
def records(draw: st.DrawFn, most: int = 12) -> tuple[PaymentRecord, ...]:
    """Imported rows, some open, some of the customer that the histories are of."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        due_on = FIRST_DAY + dt.timedelta(days=draw(st.integers(-60, 60)))
        late = draw(st.none() | st.integers(-70, 400))
        paid_on = None if late is None else due_on + dt.timedelta(days=late)
        found.append(PaymentRecord(customer=draw(st.sampled_from(("ACME", "BETA"))), due_on=due_on, paid_on=paid_on))
    return tuple(found)


@st.composite
def asked(draw: st.DrawFn):
    """An account, a view of it, what its and imported history teach, and a day."""
    account = fold(draw(strategies.histories(most=20)))
    as_of = FIRST_DAY + dt.timedelta(days=draw(st.integers(0, 120)))
    view = account.view(as_of)
    behavior = learn([*payment_records(account, view), *draw(records())], as_of=as_of)
    return account, view, behavior, as_of + dt.timedelta(days=draw(st.integers(1, 90)))


@given(asked(), POLICIES, CALENDARS)
@settings(max_examples=60)
def test_all_that_is_open_is_expected_later_never_disputed_or_undefined(case, policy, calendar):
    account, view, behavior, until = case
    announced = list(announced_payments(account, view))
    found = forecast(view, behavior, policy, until, calendar=calendar, announced=announced)
    assert {total.currency for total in found.totals} == set(view.currencies)
    for total in found.totals:
        assert total.open == view.open_total(total.currency)
        assert total.on_account == view.on_account(total.currency)
        assert total.expected == Money.total((money for _, money in total.by_source), total.currency)
        parts = (total.expected, total.later, total.never, total.disputed, total.undefined)
        assert all(money.minor >= 0 for money in parts)


@given(asked(), POLICIES, CALENDARS)
@settings(max_examples=60)
def test_days_sum_to_weeks_and_weeks_to_what_is_expected_and_bands_rise(case, policy, calendar):
    _, view, behavior, until = case
    found = forecast(view, behavior, policy, until, calendar=calendar)
    for total in found.totals:
        weeks = [line for line in found.weeks if line.currency == total.currency]
        days = [line for line in found.days if line.currency == total.currency]
        assert Money.total((week.expected for week in weeks), total.currency) == total.expected
        for week in weeks:
            mine = (line.expected for line in days if week.start <= line.start <= week.end)
            assert Money.total(mine, total.currency) == week.expected
        for line in (*weeks, *days):
            figures = [money.minor for money in line.bands]
            assert figures == sorted(figures)
            assert figures[0] >= 0
            assert figures[-1] <= total.open.minor
            assert 0 <= line.expected.minor <= total.open.minor


@given(asked(), POLICIES, st.integers(1, 40))
@settings(max_examples=40)
def test_a_longer_forecast_says_the_same_of_the_first_days(case, policy, more):
    _, view, behavior, until = case
    every_day = FixedCalendar(weekend=frozenset())
    short = forecast(view, behavior, policy, until, calendar=every_day)
    long = forecast(view, behavior, policy, until + dt.timedelta(days=more), calendar=every_day)
    assert set(short.days) <= set(long.days)
    for total in short.totals:
        after = long.total(total.currency)
        assert after.expected >= total.expected
        assert abs((after.never - total.never).minor) <= len(view.places)
        assert (after.disputed, after.undefined) == (total.disputed, total.undefined)


@given(asked(), POLICIES, CALENDARS)
@settings(max_examples=40)
def test_rolling_to_business_days_moves_cash_to_later_days_and_changes_no_total(case, policy, calendar):
    _, view, behavior, until = case
    rolled = forecast(view, behavior, policy, until, calendar=calendar)
    plain = forecast(view, behavior, policy, until, calendar=FixedCalendar(weekend=frozenset()))
    for total in rolled.totals:
        before = plain.total(total.currency)
        assert total.expected <= before.expected
        assert total.expected + total.later == before.expected + before.later
        assert (total.never, total.undefined, total.disputed) == (before.never, before.undefined, before.disputed)


@given(strategies.histories(most=25), st.integers(0, 120), st.integers(0, 120), POLICIES)
@settings(max_examples=60)
def test_a_forecast_of_the_past_never_uses_what_was_recorded_later(history, day, known, policy):
    """With the facts of later cut off, everything is the same: what is learned, and what is forecast."""
    as_of, known_on = (FIRST_DAY + dt.timedelta(days=number) for number in (day, known))
    now = fold(history)
    view = now.view(as_of, known_on)
    then = fold(fact for fact in history if fact.recorded_at <= view.known_at)
    found = []
    for account in (now, then):
        seen = account.view(as_of, known_on)
        behavior = learn(payment_records(account, seen), as_of=as_of, known_at=known_on)
        announced = list(announced_payments(account, seen))
        found.append(forecast(seen, behavior, policy, as_of + dt.timedelta(days=30), announced=announced))
    assert found[0] == found[1]


@given(records(), records(), st.integers(-30, 200))
def test_learning_in_parts_is_learning_at_once_in_any_order(one, other, day):
    as_of = FIRST_DAY + dt.timedelta(days=day)
    together = learn([*one, *other], as_of=as_of)
    assert learn(one, as_of=as_of) + learn(other, as_of=as_of) == together == learn([*other, *one], as_of=as_of)


@given(records(), st.integers(-30, 200))
def test_rows_of_the_future_teach_what_they_taught_when_it_was_the_future(rows, day):
    """A payment after the day is as good as none, and so is a row that nobody could know of."""
    as_of = FIRST_DAY + dt.timedelta(days=day)
    cut = [
        attrs.evolve(row, paid_on=None if row.paid_on is None or row.paid_on > as_of else row.paid_on)
        for row in rows
        if row.due_on <= as_of or (row.paid_on is not None and row.paid_on <= as_of)
    ]
    assert learn(rows, as_of=as_of) == learn(cut, as_of=as_of)


SHARES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 50), st.integers(0, 100)), min_size=1, max_size=5)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 10**9), st.sampled_from(CURRENCIES)), max_size=6),
    SHARES,
    st.integers(0, 100),
)
def test_collected_discounted_and_lost_is_what_was_sold(sales, shares, credit):
    whole = max(100, sum(percent for _, percent, _ in shares))
    rest = 100 - sum(percent * 100 // whole for _, percent, _ in shares)
    pattern = CollectionPattern.of(
        bad=rest,
        credit=credit,
        more=[CollectedShare.of(months, percent * 100 // whole, discount=less) for months, percent, less in shares],
    )
    sold = [(FIRST_DAY + dt.timedelta(days=day), Money(minor, currency)) for day, minor, currency in sales]
    found = collections(sold, pattern)
    for currency in {money.currency for _, money in sold}:
        lines = [line for line in found.lines if line.collected.currency == currency]
        came = Money.total((line.collected + line.discounts for line in lines), currency)
        lost = Money.total((money for money in found.never if money.currency == currency), currency)
        assert came + lost == Money.total((money for _, money in sold if money.currency == currency), currency)
