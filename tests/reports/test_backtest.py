"""Back-tests held to slower ways to the same figures."""

import datetime as dt
import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Allocation, Customer, Invoice, Money, Payment
from receivables.errors import InvalidValue, WrongType
from receivables.reports.backtest import Outcome, auc, backtest, ks, late_share_after, wilson

OUTCOMES = st.lists(
    st.builds(Outcome, points=st.integers(-5, 5), bad=st.booleans(), band=st.sampled_from("ABC")), max_size=40
)


def both(outcomes):
    return [each.points for each in outcomes if not each.bad], [each.points for each in outcomes if each.bad]


@given(outcomes=OUTCOMES)
def test_the_auc_is_the_share_of_pairs_that_stand_right(outcomes):
    good, bad = both(outcomes)
    pairs = [Fraction(1) if one > other else Fraction(1, 2) if one == other else 0 for one, other in product(good, bad)]
    assert auc(outcomes) == (Fraction(sum(pairs), len(pairs)) if pairs else None)


@given(outcomes=OUTCOMES)
def test_ks_is_the_greatest_distance_of_the_two_distributions(outcomes):
    good, bad = both(outcomes)
    gaps = [
        abs(
            Fraction(sum(each <= edge for each in bad), len(bad))
            - Fraction(sum(each <= edge for each in good), len(good))
        )
        for edge in range(-6, 6)
        if good and bad
    ]
    assert ks(outcomes) == max(gaps, default=None)


@given(outcomes=OUTCOMES)
def test_turned_round_and_stretched_scores(outcomes):
    turned = [Outcome(points=-3 * each.points + 7, bad=each.bad) for each in outcomes]
    assert ks(turned) == ks(outcomes)
    assert auc(turned) == (None if auc(outcomes) is None else 1 - auc(outcomes))


@given(outcomes=OUTCOMES)
def test_the_bands_add_up_to_all(outcomes):
    test = backtest(outcomes, bands="CBA")
    assert sum(band.count for band in test.bands) == test.count == len(outcomes)
    assert sum(band.bad for band in test.bands) == test.bad
    assert [band.name for band in test.bands] == [name for name in "CBA" if any(each.band == name for each in outcomes)]


@given(count=st.integers(1, 5_000), data=st.data())
def test_the_interval_is_wilsons_and_is_rounded_outward(count, data):
    bad = data.draw(st.integers(0, count))
    z, share = 1.959964, bad / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    low, high = wilson(bad, count)
    assert low <= Fraction(bad, count) <= high
    assert float(low) == pytest.approx(max(0, middle - reach), abs=3e-6)
    assert float(high) == pytest.approx(min(1, middle + reach), abs=3e-6)
    assert low <= middle - reach + 1e-12 or low == 0
    assert high >= middle + reach - 1e-12 or high == 1


def test_a_score_that_tells_nothing_and_one_that_tells_all():
    same = [Outcome(points=5, bad=bad) for bad in (True, False, False)]
    assert (backtest(same).auc, backtest(same).gini, backtest(same).ks) == (Fraction(1, 2), 0, 0)
    told = [Outcome(points=5 - 5 * bad, bad=bool(bad)) for bad in (1, 0, 0)]
    assert (backtest(told).auc, backtest(told).gini, backtest(told).ks) == (1, 1, 1)


def test_where_all_went_the_same_way_nothing_is_said():
    test = backtest([Outcome(points=1, bad=False)])
    assert (test.auc, test.gini, test.ks, test.base_rate) == (None, None, None, 0)
    assert "undefined" in test.title
    assert (backtest([]).base_rate, str(backtest([]))) == (None, f"{backtest([]).title}\nno band")


def test_a_band_is_calibrated_where_the_interval_has_what_was_expected():
    outcomes = [Outcome(points=1, bad=at < 2, band="A") for at in range(20)]
    for expected, calibrated in ((Fraction(1, 10), True), (Fraction(1, 2), False), (None, None)):
        test = backtest(outcomes, expected={} if expected is None else {"A": expected})
        assert test.bands[0].calibrated is calibrated
        assert test.rows()[0]["calibrated"] is calibrated


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidValue, match="'B'"):
        backtest([Outcome(points=1, bad=False, band="B")], bands=["A"])
    with pytest.raises(WrongType):
        Outcome(points=0.5, bad=False)
    with pytest.raises(WrongType):
        Outcome(points=1, bad=1)
    for wrong in ((0, 0), (2, 1), (-1, 1)):
        with pytest.raises(InvalidValue):
            wilson(*wrong)


# What followed ----------------------------------------------------------------------------------------------------------

START, END = dt.date(2026, 3, 31), dt.date(2026, 4, 30)


def account_of(*items):
    """Items as (amount, due, paid); the currency of all is the euro."""
    invoices, payments, allocations = [], [], []
    for at, (amount, due, paid) in enumerate(items):
        total = Money.of(amount, "EUR")
        invoices.append(
            Invoice.due(number=f"I{at}", account="ACME", issued_on=dt.date(2026, 1, 1), total=total, due_on=due)
        )
        if paid is not None:
            payments.append(Payment(id=f"P{at}", account="ACME", amount=total, value_date=paid))
            allocations.append(Allocation(source=f"P{at}", item=f"I{at}", amount=total))
    return Account.of(Customer(id="ACME"), invoices=invoices, payments=payments, allocations=allocations)


def april(number):
    return dt.date(2026, 4, number)


def test_only_what_fell_due_in_the_window_is_judged():
    account = account_of(
        (100, START, None), (300, april(1), april(1)), (100, END, END), (900, dt.date(2026, 5, 1), None)
    )
    assert late_share_after(account, START, END) == 0
    assert late_share_after(account, START - dt.timedelta(days=1), END) == Fraction(1, 5)


def test_late_is_beyond_the_days_and_what_is_open_counts_by_its_days_so_far():
    account = account_of((300, april(1), april(11)), (100, april(10), None))
    assert late_share_after(account, START, END, 9) == 1
    assert late_share_after(account, START, END, 10) == Fraction(1, 4)
    assert late_share_after(account, START, END, 20) == 0
    assert late_share_after(account, START, END, 20, judged_on=dt.date(2026, 5, 1)) == Fraction(1, 4)


def test_nothing_due_is_undefined_and_windows_that_cannot_be_are_refused():
    assert late_share_after(account_of(), START, END) is None
    with pytest.raises(InvalidValue, match="must be after"):
        late_share_after(account_of(), START, START)
    with pytest.raises(InvalidValue, match="must not be before"):
        late_share_after(account_of(), START, END, judged_on=START)
