"""The formulas on plain figures: what they take, what they refuse, and when they are undefined."""

import pickle
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Money
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.reports import metrics_formulas as formulas
from receivables.reports.metrics_value import UNDEFINED_CODES, Metric, decimal_text

AMOUNTS = st.integers(0, 10**9)


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    "kind", [int, Decimal, Fraction, str, eur], ids=["int", "decimal", "fraction", "text", "money"]
)
def test_amounts_are_money_or_any_exact_number(kind):
    metric = formulas.dso(kind(2500), kind(4500), 90)
    assert metric.value == 50
    assert (metric.currency is None) == (kind is not eur)


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ((2500.0, 4500), WrongType),
        ((True, 4500), WrongType),
        ((None, 4500), WrongType),
        ((eur(1), 4500), WrongType),
        ((Decimal("NaN"), 4500), InvalidValue),
        (("many", 4500), InvalidValue),
        ((eur(1), Money.of(1, "USD")), CurrencyMismatch),
    ],
)
def test_what_is_no_amount_is_refused(amounts, error):
    with pytest.raises(error):
        formulas.dso(*amounts, 90)


@pytest.mark.parametrize("days", [0, -1])
def test_a_period_has_a_day_at_least(days):
    for formula in (formulas.dso, formulas.best_possible_dso, formulas.days_of_turnover):
        with pytest.raises(InvalidValue):
            formula(1, 1, days)
    with pytest.raises(InvalidValue):
        formulas.countback_dso(1, [(1, days)])


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        (formulas.dso(1, 0, 90), "nothing_sold"),
        (formulas.best_possible_dso(1, 0, 90), "nothing_sold"),
        (formulas.average_days_delinquent(1, 1, 0, 90), "nothing_sold"),
        (formulas.countback_dso(1, []), "sales_too_small"),
        (formulas.collection_effectiveness(0, 0, 0, 0), "nothing_to_collect"),
        (formulas.turnover(1, 0), "nothing_receivable"),
        (formulas.days_of_turnover(0, 1), "nothing_sold"),
        (formulas.percent_current(0, 0), "nothing_open"),
        (formulas.bad_debt_ratio(0, 0), "nothing_sold"),
        (formulas.mean_days("days_late", []), "nothing_paid"),
        (formulas.weighted_days("days_late", []), "nothing_paid"),
        (formulas.top_share([], 3), "nothing_open"),
        (formulas.herfindahl([-5]), "nothing_open"),
    ],
)
def test_nothing_to_divide_by_is_an_answer_with_a_reason(metric, code):
    assert (metric.value, metric.rounded(), metric.reason.code) == (None, None, code)
    assert str(metric).endswith(f"undefined, {code}")
    assert code in dict(UNDEFINED_CODES)


def test_count_back_takes_all_days_of_a_month_without_sales_that_it_passes():
    assert formulas.countback_dso(150, [(100, 31), (0, 28), (100, 31)]).value == 31 + 28 + Fraction(31, 2)
    assert formulas.countback_dso(100, [(100, 31), (0, 28), (100, 31)]).value == 31
    assert formulas.countback_dso(0, []).value == formulas.countback_dso(-5, [(1, 30)]).value == 0


@given(AMOUNTS, AMOUNTS.filter(bool), st.integers(1, 366))
def test_count_back_over_one_period_is_the_simple_dso_as_far_as_the_sales_reach(owed, sold, days):
    counted = formulas.countback_dso(owed, [(sold, days)]).value
    assert counted == (formulas.dso(owed, sold, days).value if owed <= sold else None)


@given(AMOUNTS, AMOUNTS, AMOUNTS.filter(bool), st.integers(1, 366))
def test_days_delinquent_are_dso_less_best_possible(owed, current, sold, days):
    whole, best = formulas.dso(owed, sold, days).value, formulas.best_possible_dso(current, sold, days).value
    assert formulas.average_days_delinquent(owed, current, sold, days).value == whole - best


@given(st.lists(AMOUNTS, min_size=1, max_size=30).filter(any), st.integers(1, 40))
def test_shares_lie_between_one_customer_and_all_alike(balances, largest):
    share, index = formulas.top_share(balances, largest).value, formulas.herfindahl(balances).value
    count = sum(1 for balance in balances if balance)
    assert min(Fraction(100), Fraction(100 * largest, count)) <= share <= 100
    assert Fraction(10_000, count) <= index <= 10_000


def test_a_figure_is_rounded_half_up_only_where_it_is_written():
    metric = formulas.dso(1, 3, 1)
    assert (metric.value, metric.rounded(6), metric.rounded(0)) == (Fraction(1, 3), "0.333333", "0")
    assert [decimal_text(Fraction(value, 2), 0) for value in (1, -1, 3)] == ["1", "-1", "2"]
    assert decimal_text(Fraction(-1, 1000), 2) == "0.00"
    with localcontext() as context:
        context.prec = 2
        assert decimal_text(Fraction(123456789, 1000), 3) == "123456.789"
    with pytest.raises(InvalidValue):
        decimal_text(Fraction(1), -1)


def test_a_metric_is_a_value():
    metric = formulas.dso(eur(1), eur(3), 30)
    assert pickle.loads(pickle.dumps(metric)) == metric
    assert hash(metric) == hash(formulas.dso(eur(1), eur(3), 30))
    with pytest.raises(InvalidValue):
        Metric(name="x", method="y", unit="miles", numerator=1, denominator=1)
    with pytest.raises(InvalidValue):
        Metric(name="x", method="y", unit="days", numerator=1, denominator=0, undefined="bad luck")
