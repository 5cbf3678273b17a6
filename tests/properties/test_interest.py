"""What holds for all interest: parts add up, no day is charged twice, the order of events and the host do not matter."""

import datetime as dt
import decimal
import pickle
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.fees import FeeRule, FeeTier, Tiering
from receivables.policies.finance_charges import average_daily_balance
from receivables.policies.interest import Compounding, CountedDays, InterestTerms, accrue, claim
from receivables.policies.interest_first import pay_interest_first
from receivables.policies.interest_rates import Fixing, RateBound, RateRule, Reset, Wording
from receivables.values.dates import add_days, add_months
from receivables.values.daycounts import DayCount
from receivables.values.money import Money, Rounding
from receivables.values.rates import RateTable

DUE = dt.date(2023, 5, 10)
DAY = dt.timedelta(1)
HOSTILE = decimal.Context(prec=1, rounding=decimal.ROUND_UP, traps=[decimal.Inexact, decimal.Rounded])

cents = st.integers(0, 10**7)
distances = st.integers(0, 900)
percents = st.decimals(0, 30, places=2)
counted = st.sampled_from(CountedDays)


def table(rows: list[tuple[dt.date, Decimal]]) -> RateTable:
    return RateTable.from_rows([(dt.date(2000, 1, 1), Decimal(1)), *rows], name="base", source="test")


tables = st.lists(
    st.tuples(st.dates(dt.date(2022, 7, 1), dt.date(2026, 6, 30)), st.decimals(-3, 12, places=2)),
    max_size=8,
    unique_by=lambda row: row[0],
).map(table)

rules = st.one_of(
    percents.map(RateRule.fixed),
    st.builds(
        RateRule,
        base=tables,
        margin=st.one_of(st.decimals(0, 10, places=1), tables),
        wording=st.sampled_from(Wording),
        reset=st.sampled_from(Reset),
        fixing=st.sampled_from(Fixing),
        cap=st.none() | st.builds(RateBound, percent=percents),
    ),
)

simple_terms = st.builds(
    InterestTerms,
    id=st.just("terms"),
    rate=rules,
    day_count=st.sampled_from(DayCount),
    per_days=st.sampled_from([None, None, 30]),
    counted=counted,
    bears=st.sampled_from([frozenset({"principal"}), frozenset({"principal", "fee"})]),
    rounding=st.sampled_from(Rounding),
    step=st.sampled_from([1, 5]),
    stops_after_months=st.sampled_from([None, None, 12]),
)
any_terms = st.builds(attrs.evolve, simple_terms, compounding=st.sampled_from(Compounding))

changes = st.lists(
    st.builds(
        BalanceChange,
        on=st.integers(-20, 900).map(lambda days: DUE + dt.timedelta(days)),
        amount=st.integers(-(10**6), 10**6).map(lambda minor: Money.from_minor(minor, "EUR")),
        of=st.sampled_from(["principal", "principal", "fee", "interest"]),
        from_start=st.sampled_from([False, False, False, True]),
    ),
    max_size=6,
)
histories = st.builds(lambda minor, moved: BalanceHistory(Money.from_minor(minor, "EUR"), tuple(moved)), cents, changes)


def after(days: int) -> dt.date:
    return DUE + dt.timedelta(days)


@given(histories, any_terms, distances, distances)
def test_the_parts_of_a_period_add_up_to_the_whole(history, terms, one, other):
    middle, end = sorted([after(one), after(other)])
    whole = accrue(history, terms, due_on=DUE, until=end)
    first = accrue(history, terms, due_on=DUE, until=middle)
    rest = accrue(history, terms, due_on=DUE, until=end, since=middle)
    assert first.exact + rest.exact == whole.exact
    assert first.days + rest.days == whole.days


@given(histories, any_terms, distances)
def test_no_day_is_in_two_segments(history, terms, days):
    accrual = accrue(history, terms, due_on=DUE, until=after(days))
    for segment in accrual.segments:
        assert segment.first_day <= segment.last_day
        assert segment.days >= 0
    for earlier, later in pairwise(accrual.segments):
        assert earlier.last_day < later.first_day
    if accrual.segments:
        offset = 1 if terms.counted is CountedDays.AFTER_DUE else 0
        assert accrual.segments[0].first_day >= DUE + offset * DAY
        assert accrual.segments[-1].last_day <= after(days) - (1 - offset) * DAY


@given(histories, any_terms, st.lists(distances, min_size=1, max_size=6))
def test_claims_one_after_the_other_are_never_more_than_one_claim_at_the_end(history, terms, days):
    claimed = Money.zero("EUR")
    for end in sorted(days):
        claimed += claim(accrue(history, terms, due_on=DUE, until=after(end)), claimed)
    assert claimed == accrue(history, terms, due_on=DUE, until=after(max(days))).total


@given(histories, any_terms, distances, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(history, terms, days, random):
    shuffled = list(history.changes)
    random.shuffle(shuffled)
    other = attrs.evolve(history, changes=tuple(shuffled))
    assert accrue(other, terms, due_on=DUE, until=after(days)) == accrue(history, terms, due_on=DUE, until=after(days))


@given(histories, any_terms, distances, distances)
def test_interest_never_falls_as_time_goes_by(history, terms, one, other):
    sooner, later = sorted([after(one), after(other)])
    soon = accrue(history, terms, due_on=DUE, until=sooner)
    late = accrue(history, terms, due_on=DUE, until=later)
    assert Fraction(0) <= soon.exact <= late.exact


@given(histories, any_terms, distances)
def test_the_decimal_context_of_the_host_does_not_matter(history, terms, days):
    expected = accrue(history, terms, due_on=DUE, until=after(days))
    shown = str(expected), expected.rows(), expected.total
    with decimal.localcontext(HOSTILE):
        fresh = pickle.loads(pickle.dumps(terms))
        accrual = accrue(history, fresh, due_on=DUE, until=after(days))
        assert (str(accrual), accrual.rows(), accrual.total) == shown


@given(histories, simple_terms, distances)
def test_simple_interest_is_what_each_day_by_itself_would_bear(history, terms, days):
    """The oracle adds up day by day, and knows nothing of segments."""
    terms = attrs.evolve(terms, day_count=DayCount.ACT_365F, per_days=None, stops_after_months=None)
    offset = dt.timedelta(1 if terms.counted is CountedDays.AFTER_DUE else 0)
    exact = Fraction(0)
    for number in range(days):
        edge = after(number)
        bearing = [c for c in history.changes if c.of in terms.bears and (c.from_start or c.on <= edge)]
        minor = max(0, history.principal.minor + sum(c.amount.minor for c in bearing))
        first_day = DUE + offset
        rate = terms.rate.on(first_day if terms.rate.fixing is Fixing.AT_DEFAULT else edge + offset)
        exact += minor * rate / 36500
    assert accrue(history, terms, due_on=DUE, until=after(days)).exact == exact


@given(histories, any_terms, distances)
def test_what_was_paid_by_the_due_date_bears_nothing(history, terms, days):
    paid = [c for c in history.changes if c.on <= DUE and c.amount.is_negative and c.of != "fee"]
    payment = BalanceChange.payment(DUE, history.principal)
    settled = BalanceHistory.of(history.principal, payment, *paid)
    assert accrue(settled, terms, due_on=DUE, until=after(days)).segments == ()
    assert accrue(history, terms, due_on=DUE, until=DUE).total == Money.zero("EUR")


@given(cents, percents, distances, st.dates(dt.date(2019, 1, 1), dt.date(2039, 12, 31)))
def test_a_year_is_a_year_by_anniversaries_whether_it_leaps_or_not(minor, percent, days, due_on):
    terms = InterestTerms.fixed(str(percent), day_count=DayCount.ACT_ACT_YEAR)
    debt = BalanceHistory.of(Money.from_minor(minor, "EUR"))
    year = accrue(debt, terms, due_on=due_on, until=add_months(due_on, 12))
    assert year.exact == minor * Fraction(percent) / 100


@given(cents, percents, st.sampled_from(list(Compounding)[1:]), st.integers(0, 40))
def test_compounded_interest_is_the_power_of_the_period(minor, percent, compounding, periods):
    """Periods of equal length only: 30 days of 360, years by anniversaries, and months of a 30-day calendar."""
    day_count, share, step = {
        Compounding.EVERY_30_DAYS: (DayCount.ACT_360, Fraction(30, 360), lambda n: add_days(DUE, 30 * n)),
        Compounding.MONTHLY: (DayCount.THIRTY_E_360, Fraction(1, 12), lambda n: add_months(DUE, n)),
        Compounding.YEARLY: (DayCount.ACT_ACT_YEAR, Fraction(1), lambda n: add_months(DUE, 12 * n)),
    }[compounding]
    rate = RateRule.fixed(str(percent))
    terms = InterestTerms(id="terms", rate=rate, day_count=day_count, compounding=compounding)
    debt = BalanceHistory.of(Money.from_minor(minor, "EUR"))
    growth = (1 + Fraction(percent) / 100 * share) ** periods - 1
    assert accrue(debt, terms, due_on=DUE, until=step(periods)).exact == minor * growth


@given(rules, distances, distances)
def test_runs_of_a_rate_hold_every_day_once_and_its_own_rate(rule, one, other):
    first, last = sorted([after(one), after(other)])
    runs = list(rule.runs(first, last))
    assert (runs[0].first_day, runs[-1].last_day) == (first, last)
    assert all(later.first_day == earlier.last_day + DAY for earlier, later in pairwise(runs))
    for run in runs:
        day = run.first_day
        wanted = rule.on(first) if rule.fixing is Fixing.AT_DEFAULT else rule.on(day)
        assert rule.on(run.last_day) == wanted or rule.fixing is Fixing.AT_DEFAULT
        assert run.quote.percent == wanted


@given(rules, st.lists(distances, min_size=1, max_size=5), distances)
def test_what_a_rate_says_of_a_day_does_not_depend_on_what_was_asked_before(rule, asked, days):
    fresh = attrs.evolve(rule)
    for earlier in asked:
        rule.quote(after(earlier))
    assert rule.quote(after(days)) == fresh.quote(after(days))


payments = st.lists(
    st.builds(
        lambda days, minor: BalanceChange.payment(after(days), Money.from_minor(minor, "EUR")),
        st.integers(-10, 400),
        st.integers(1, 10**6),
    ),
    max_size=6,
)


@given(cents, payments, percents, st.integers(0, 400))
def test_every_cent_of_a_payment_is_interest_principal_or_left_over(minor, paid, percent, days):
    history = BalanceHistory(Money.from_minor(minor, "EUR"), tuple(paid))
    terms = InterestTerms.fixed(str(percent))
    result = pay_interest_first(history, terms, due_on=DUE, until=after(days))
    for step in result.payments:
        assert step.to_interest + step.to_principal + step.left_over == step.paid
        assert not any(
            part.is_negative for part in (step.to_interest, step.to_principal, step.left_over, step.principal)
        )
    used = Money.total((step.to_principal for step in result.payments), "EUR")
    assert result.principal + used == history.principal


@given(cents, st.lists(st.tuples(st.integers(0, 29), st.integers(-(10**5), 10**5)), max_size=8))
def test_the_average_is_the_mean_of_the_daily_balances(minor, events):
    first_day = dt.date(2026, 6, 1)
    moved = [BalanceChange(on=first_day + day * DAY, amount=Money.from_minor(m, "EUR")) for day, m in events]
    opening = Money.from_minor(minor, "EUR")
    average = average_daily_balance(opening, moved, first_day=first_day, last_day=dt.date(2026, 6, 30))
    daily = [minor + sum(m for day, m in events if day <= number) for number in range(30)]
    assert average.exact == Fraction(sum(daily), 30)
    assert sum(span.days for span in average.spans) == 30


def eur(minor: int) -> Money:
    return Money.from_minor(minor, "EUR")


fee_rules = st.builds(
    lambda edges, tiering, low, more, percent, tax: FeeRule(
        id="fee",
        percent=percent,
        tiers=tuple(
            FeeTier(above=eur(above), inclusive=inclusive, fixed=eur(fixed), percent=share)
            for above, inclusive, fixed, share in sorted(edges)
        ),
        tiering=tiering,
        minimum=(eur(low),),
        legal_cap=(eur(low + more),),
        tax_percent=tax,
    ),
    st.lists(
        st.tuples(cents, st.booleans(), st.integers(0, 10**4), percents), max_size=4, unique_by=lambda edge: edge[0]
    ),
    st.sampled_from(Tiering),
    st.integers(0, 10**4),
    st.integers(0, 10**5),
    percents,
    percents,
)


@given(fee_rules, cents)
def test_a_fee_stays_within_its_limits_and_its_parts_explain_it(rule, minor):
    fee = rule.fee(eur(minor))
    assert rule.minimum[0] <= fee.net <= rule.legal_cap[0]
    assert fee.gross == fee.net + fee.tax
    assert fee.limited or fee.net == Money.from_minor(sum((part.amount for part in fee.parts), Fraction(0)), "EUR")


@given(fee_rules, cents, cents)
def test_slices_never_charge_less_for_more(rule, one, other):
    rule = attrs.evolve(rule, tiering=Tiering.SLICES)
    less, more = sorted([one, other])
    assert rule.fee(eur(less)).net <= rule.fee(eur(more)).net


@given(fee_rules, cents)
def test_fees_do_not_depend_on_the_decimal_context(rule, minor):
    expected = rule.fee(eur(minor))
    shown = str(expected), expected.rows()
    with decimal.localcontext(HOSTILE):
        fee = pickle.loads(pickle.dumps(rule)).fee(eur(minor))
        assert (str(fee), fee.rows()) == shown


@pytest.mark.parametrize("name", ["terms", "accrual"])
def test_what_was_asked_for_does_not_change_equality_or_pickles(name):
    rows = [("2020-01-01", "2"), ("2024-01-01", "3")]
    terms = InterestTerms(id="t", rate=RateRule(base=RateTable.from_rows(rows, name="base", source="test")))
    unused = pickle.dumps(terms)
    accrual = accrue(BalanceHistory.of(eur(10**6)), terms, due_on=DUE, until=after(500))
    assert accrual.exact
    value = {"terms": terms, "accrual": accrual}[name]
    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
    assert pickle.dumps(terms) == unused
