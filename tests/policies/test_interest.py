"""Interest by hand-checked figures: days, segments, rates, compounding, claims, and what is refused."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.errors import CurrencyMismatch, InvalidValue, ReceivablesError, WrongType
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.finance_charges import FinanceChargeTerms, average_daily_balance
from receivables.policies.interest import (
    MOST_PERIODS,
    Compounding,
    CountedDays,
    InterestTerms,
    accrue,
    claim,
)
from receivables.policies.interest_first import pay_interest_first
from receivables.policies.interest_rates import Fixing, RateBound, RateRule, Reset, Wording, percent_text
from receivables.values.daycounts import DayCount
from receivables.values.money import Money, Rounding
from receivables.values.rates import RateTable


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def debt(amount: str, *changes: BalanceChange) -> BalanceHistory:
    return BalanceHistory.of(eur(amount), *changes)


def paid(on: str, amount: str, of: str = "principal") -> BalanceChange:
    return BalanceChange.payment(day(on), eur(amount), of=of)


def base(*rows: tuple[str, ...], name: str = "base rate") -> RateTable:
    return RateTable.from_rows(rows, name=name, source="central bank")


def total(history: BalanceHistory, terms: InterestTerms, due_on: str, until: str) -> Money:
    return accrue(history, terms, due_on=day(due_on), until=day(until)).total


NINE = InterestTerms.fixed("9")
EIGHT = InterestTerms.fixed("8")


# Days


def test_the_day_after_the_due_date_is_the_first_and_the_value_date_the_last():
    accrual = accrue(debt("1000"), EIGHT, due_on=day("2026-04-01"), until=day("2026-05-16"))
    (segment,) = accrual.segments
    assert (segment.first_day, segment.last_day, accrual.days) == (day("2026-04-02"), day("2026-05-16"), 45)
    assert accrual.first_day == day("2026-04-02")


def test_a_payment_on_the_due_date_leaves_nothing_to_bear_interest():
    accrual = accrue(debt("1000", paid("2026-04-01", "1000")), EIGHT, due_on=day("2026-04-01"), until=day("2026-06-01"))
    assert accrual.total == eur(0)
    assert (accrual.segments, accrual.first_day, accrual.days) == ((), None, 0)


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [(DayCount.ACT_365F, "63.56"), (DayCount.ACT_ACT_ISDA, "63.39"), (DayCount.THIRTY_E_360, "66.67")],
)
def test_a_leap_february_by_three_day_counts(day_count, interest):
    terms = InterestTerms.fixed("8", day_count=day_count)
    assert total(debt("10000"), terms, "2028-02-01", "2028-03-01") == eur(interest)


def test_thirty_day_months_are_measured_from_the_due_date_so_that_a_part_payment_adds_no_day():
    """By 30/360 US, 15 February to 31 March is 46 days, and 28 February is 13 of them, whatever was paid then."""
    terms = InterestTerms.fixed("36", day_count=DayCount.THIRTY_360_US)
    history = debt("1000", paid("2026-02-28", "500"))
    accrual = accrue(history, terms, due_on=day("2026-02-15"), until=day("2026-03-31"))
    assert [segment.days for segment in accrual.segments] == [13, 33]
    assert accrual.total == eur("29.50")


def test_the_due_date_counts_and_the_last_day_does_not_where_the_terms_say_so():
    terms = InterestTerms(
        id="charge",
        rate=RateRule(base=base(("2024-01-01", "1.5"), ("2024-01-16", "2.0"))),
        per_days=30,
        counted=CountedDays.FROM_DUE,
    )
    accrual = accrue(debt("1000"), terms, due_on=day("2024-01-01"), until=day("2024-01-31"))
    assert [(str(s.first_day), str(s.last_day), s.days) for s in accrual.segments] == [
        ("2024-01-01", "2024-01-15", 15),
        ("2024-01-16", "2024-01-30", 15),
    ]
    assert accrual.total == eur("17.50")
    assert terms.says == "simple, percent for 30 days"


# The balance


def test_a_backdated_payment_shortens_the_interest():
    """An invoice of 1,200 due on 4 February; the file of the 27th says that it was paid on the 20th."""
    known_then = debt("1200")
    known_now = debt("1200", paid("2026-02-20", "1200"))
    assert total(known_then, NINE, "2026-02-04", "2026-02-25") == eur("6.21")
    assert total(known_now, NINE, "2026-02-04", "2026-02-25") == eur("4.73")
    assert total(debt("1200", paid("2026-02-26", "1200")), NINE, "2026-02-04", "2026-03-20") == eur("6.51")


def test_a_credit_on_what_was_disputed_rightly_never_bore_interest():
    """2,400 half paid before it was due, and 480 of the rest credited: only 720 bore interest."""
    credited = BalanceChange.credit(day("2026-04-10"), eur(480), bore_interest=False)
    history = debt("2400", paid("2026-03-30", "1200"), credited)
    assert total(history, EIGHT, "2026-04-01", "2026-04-27") == eur("4.10")
    bore = BalanceChange.credit(day("2026-04-10"), eur(480), bore_interest=True)
    assert total(debt("2400", paid("2026-03-30", "1200"), bore), EIGHT, "2026-04-01", "2026-04-27") == eur("5.05")


def test_the_balance_of_a_day_leaves_out_what_never_bore_interest():
    credited = BalanceChange.credit(day("2026-04-10"), eur(480), bore_interest=False)
    assert debt("2400", credited).on(day("2026-04-01")) == eur(1920)


def test_a_later_charge_bears_interest_from_the_day_after_it():
    accrual = accrue(
        debt("1000", BalanceChange.charge(day("2026-04-11"), eur(100))),
        EIGHT,
        due_on=day("2026-04-01"),
        until=day("2026-04-21"),
    )
    assert [(str(s.first_day), str(s.principal)) for s in accrual.segments] == [
        ("2026-04-02", "1000.00 EUR"),
        ("2026-04-12", "1100.00 EUR"),
    ]


@pytest.mark.parametrize(("of", "interest"), [("principal", "220.00"), ("fee", "210.00"), ("interest", "210.00")])
def test_fees_and_interest_bear_none_unless_the_terms_say_so(of, interest):
    history = debt("2100", BalanceChange.charge(day("2025-01-01"), eur(100), of=of))
    plain = InterestTerms.fixed("10")
    assert total(history, plain, "2025-01-01", "2026-01-01") == eur(interest)
    both = InterestTerms(id="t", rate=plain.rate, bears=frozenset({"principal", "fee", "interest"}))
    assert total(history, both, "2025-01-01", "2026-01-01") == eur("220.00")


def test_what_was_paid_too_much_bears_nothing_and_is_used_by_a_later_charge():
    later = BalanceChange.charge(day("2026-04-21"), eur(700))
    history = debt("1000", paid("2026-04-11", "1500"), later)
    accrual = accrue(history, EIGHT, due_on=day("2026-04-01"), until=day("2026-05-01"))
    assert [str(s.principal) for s in accrual.segments] == ["1000.00 EUR", "200.00 EUR"]


def test_changes_of_one_day_that_cancel_each_other_cut_nothing():
    history = debt("1000", paid("2026-04-11", "300"), BalanceChange.charge(day("2026-04-11"), eur(300)))
    assert len(accrue(history, EIGHT, due_on=day("2026-04-01"), until=day("2026-05-01")).segments) == 1


# Rates


def test_a_floating_rate_cuts_the_period_where_it_changes():
    rule = RateRule(base=base(("2024-01-01", "3.62"), ("2024-07-01", "3.37")), margin=Decimal(9))
    accrual = accrue(debt("1000"), InterestTerms(id="t", rate=rule), due_on=day("2024-06-20"), until=day("2024-07-10"))
    assert [(s.days, percent_text(s.quote.percent)) for s in accrual.segments] == [(10, "12.62"), (10, "12.37")]
    assert accrual.exact == Fraction(100_000 * 10 * (1262 + 1237), 365 * 10_000)


def test_a_rate_that_is_fixed_at_default_stays():
    rule = RateRule(
        base=base(("2024-11-07", "4.75"), ("2025-02-06", "4.5"), ("2025-05-08", "4.25")),
        margin=Decimal(8),
        reset=Reset.HALF_YEAR_EVE,
        fixing=Fixing.AT_DEFAULT,
    )
    accrual = accrue(debt("10000"), InterestTerms(id="t", rate=rule), due_on=day("2025-02-28"), until=day("2025-09-30"))
    (segment,) = accrual.segments
    assert (segment.days, accrual.total) == (214, eur("747.53"))
    assert str(segment.quote) == "12.75 %: base rate 4.75 % on 2024-12-31 + 8 points"


def test_percent_over_multiplies_and_points_over_add():
    table = base(("2004-01-01", "1.14"))
    both = [RateRule(base=table, margin=Decimal(5), wording=wording) for wording in (Wording.PERCENT, Wording.POINTS)]
    assert [str(rule.quote(day("2004-02-01"))) for rule in both] == [
        "1.197 %: base rate 1.14 % from 2004-01-01 + 5 % of it",
        "6.14 %: base rate 1.14 % from 2004-01-01 + 5 points",
    ]


def test_a_dated_margin_is_read_on_the_day_of_interest():
    margin = base(("2020-01-01", "2"), ("2024-04-16", "3"), name="margin")
    rule = RateRule(base=base(("2020-01-01", "1")), margin=margin, reset=Reset.HALF_YEAR_START)
    runs = list(rule.runs(day("2024-04-01"), day("2024-08-01")))
    assert [(str(run.first_day), percent_text(run.quote.percent)) for run in runs] == [
        ("2024-04-01", "3"),
        ("2024-04-16", "4"),
    ]


def test_floor_and_cap_are_said():
    legal = base(("2024-01-01", "5.07"), ("2024-07-01", "4.92"), name="legal rate")
    floor = RateBound(percent=legal, times=3, source="3 times the legal rate")
    rule = RateRule(base=Decimal(10), floor=floor, cap=RateBound(percent=Decimal(15), source="usury"))
    assert str(rule.quote(day("2024-08-01"))) == "14.76 %: agreed, raised to the floor (3 times the legal rate)"
    with pytest.raises(InvalidValue, match=r"rate.cap: must not be below the floor 15.21, got '15'"):
        rule.on(day("2024-02-01"))
    capped = RateRule(base=Decimal(20), cap=RateBound(percent=Decimal(15)))
    assert str(capped.quote(day("2024-08-01"))) == "15 %: agreed, lowered to the cap"


def test_a_negative_rate_bears_nothing_unless_the_floor_is_taken_away():
    negative = RateRule(base=base(("2020-01-01", "-0.5")))
    assert total(debt("1000"), InterestTerms(id="t", rate=negative), "2023-01-01", "2024-01-01") == eur(0)
    below = RateRule(base=negative.base, floor=None)
    assert total(debt("1000"), InterestTerms(id="t", rate=below), "2023-01-01", "2024-01-01") == eur("-5.00")


def test_a_rate_that_is_missing_for_a_day_is_an_error_and_never_the_last_one():
    table = base(("2025-01-01", "2025-06-30", "2.27"), name="German base rate")
    floating = InterestTerms(id="t", rate=RateRule(base=table))
    assert accrue(debt("1000"), floating, due_on=day("2025-05-01"), until=day("2025-06-30")).segments
    with pytest.raises(InvalidValue, match="German base rate ends on 2025-06-30, got '2025-07-01'"):
        accrue(debt("1000"), floating, due_on=day("2025-05-01"), until=day("2025-07-01"))
    with pytest.raises(InvalidValue, match="German base rate begins on 2025-01-01, got '2024-12-31'"):
        accrue(debt("1000"), floating, due_on=day("2024-12-30"), until=day("2025-01-15"))
    locked = InterestTerms(id="t", rate=RateRule(base=table, fixing=Fixing.AT_DEFAULT))
    assert accrue(debt("1000"), locked, due_on=day("2025-05-01"), until=day("2027-07-01")).days == 791


# Compounding


def test_a_year_of_interest_is_added_when_the_year_has_ended():
    terms = InterestTerms(
        id="NL", rate=RateRule.fixed("8"), day_count=DayCount.ACT_ACT_YEAR, compounding=Compounding.YEARLY
    )
    accrual = accrue(debt("1000"), terms, due_on=day("2024-02-29"), until=day("2026-02-28"))
    assert accrual.total == eur("166.40")
    assert [str(row["compounded"]) for row in accrual.rows()] == ["0.0000", "80.0000"]
    assert " and 80.0000 of interest: 86.4000" in str(accrual)


def test_what_was_paid_of_the_interest_is_not_compounded():
    terms = InterestTerms(
        id="NL", rate=RateRule.fixed("8"), day_count=DayCount.ACT_ACT_YEAR, compounding=Compounding.YEARLY
    )
    early = debt("1000", paid("2024-06-30", "30", of="interest"))
    late = debt("1000", paid("2025-01-01", "80", of="interest"))
    assert total(early, terms, "2024-01-01", "2026-01-01") == eur("164.00")
    assert total(late, terms, "2024-01-01", "2026-01-01") == eur("160.00")


def test_a_claim_of_the_interest_adds_nothing_to_what_is_compounded_and_hides_no_payment():
    terms = InterestTerms(
        id="NL", rate=RateRule.fixed("8"), day_count=DayCount.ACT_ACT_YEAR, compounding=Compounding.YEARLY
    )
    claimed = BalanceChange.charge(day("2025-01-01"), eur(80), of="interest")
    assert total(debt("1000", claimed), terms, "2024-01-01", "2026-01-01") == eur("166.40")
    both = debt("1000", claimed, paid("2025-01-01", "80", of="interest"))
    assert total(both, terms, "2024-01-01", "2026-01-01") == eur("160.00")


def test_compounded_interest_goes_on_after_the_principal_is_paid():
    terms = InterestTerms(
        id="NL", rate=RateRule.fixed("8"), day_count=DayCount.ACT_ACT_YEAR, compounding=Compounding.YEARLY
    )
    assert total(debt("1000", paid("2025-01-01", "1000")), terms, "2024-01-01", "2026-01-01") == eur("86.40")


def test_the_federal_formula_for_more_than_thirty_days():
    """P(1 + r/12)^n * (1 + r/360 * d) - P: 45 days are one period of 30 days and 15 days."""
    terms = InterestTerms(
        id="US", rate=RateRule.fixed("6.5"), day_count=DayCount.ACT_360, compounding=Compounding.EVERY_30_DAYS
    )
    accrual = accrue(debt("1500"), terms, due_on=day("2023-04-01"), until=day("2023-05-16"))
    rate = Fraction(65, 1000)
    assert accrual.exact == 150_000 * ((1 + rate / 12) * (1 + rate / 360 * 15) - 1)
    assert accrual.total == eur("12.21")


def test_interest_ends_where_the_law_stops_it():
    terms = InterestTerms(id="US", rate=RateRule.fixed("6"), day_count=DayCount.ACT_360, stops_after_months=12)
    at_end = total(debt("1000"), terms, "2023-04-01", "2024-04-01")
    assert at_end == total(debt("1000"), terms, "2023-04-01", "2031-01-01") == eur("61.00")
    rest = accrue(debt("1000"), terms, due_on=day("2023-04-01"), until=day("2031-01-01"), since=day("2025-01-01"))
    assert rest.total == eur(0)


# Totals and claims


def test_interest_is_rounded_once_and_not_by_the_day():
    """5,000.00 at 12.25 % for 101 days: a daily amount of 1.68 would give 169.68."""
    assert total(debt("5000"), InterestTerms.fixed("12.25"), "2026-01-01", "2026-04-12") == eur("169.49")


@pytest.mark.parametrize(("rounding", "yen"), [(Rounding.HALF_UP, 140), (Rounding.DOWN, 139)])
def test_the_rounding_is_a_setting(rounding, yen):
    terms = InterestTerms(id="t", rate=RateRule.fixed("3"), rounding=rounding)
    history = BalanceHistory.of(Money.of(100_000, "JPY"))
    accrual = accrue(history, terms, due_on=day("2026-01-01"), until=day("2026-01-18"))
    assert accrual.total == Money.of(yen, "JPY")
    assert accrual.rows()[0]["amount"] == "139.7260"


def test_cash_steps():
    terms = InterestTerms(id="t", rate=RateRule.fixed("5"), step=5)
    history = BalanceHistory.of(Money.of(100, "CHF"))
    assert accrue(history, terms, due_on=day("2026-01-01"), until=day("2026-03-01")).total == Money.of("0.80", "CHF")


def test_a_claim_is_the_total_to_date_less_what_was_claimed():
    claimed = eur(0)
    for until, wanted in (("2026-02-25", "6.21"), ("2026-03-11", "4.15"), ("2026-03-11", "0.00")):
        found = claim(accrue(debt("1200"), NINE, due_on=day("2026-02-04"), until=day(until)), claimed)
        assert found == eur(wanted)
        claimed += found


def test_a_claim_that_turned_out_too_high_is_below_zero():
    known_now = accrue(
        debt("1200", paid("2026-02-20", "1200")), NINE, due_on=day("2026-02-04"), until=day("2026-02-27")
    )
    assert claim(known_now, eur("6.21")) == eur("-1.48")


def test_a_claim_needs_the_whole_and_one_currency():
    part = accrue(debt("1200"), NINE, due_on=day("2026-02-04"), until=day("2026-03-01"), since=day("2026-02-20"))
    with pytest.raises(InvalidValue, match=r"accrual\.since"):
        claim(part, eur(0))
    whole = accrue(debt("1200"), NINE, due_on=day("2026-02-04"), until=day("2026-03-01"))
    with pytest.raises(CurrencyMismatch):
        claim(whole, Money.zero("USD"))


def test_rows_say_which_rate_and_which_terms_gave_a_segment():
    terms = InterestTerms(id="contract", source="clause 7", rate=RateRule.fixed("9"))
    (row,) = accrue(debt("1200"), terms, due_on=day("2026-02-04"), until=day("2026-02-25")).rows()
    assert row == {
        "from": day("2026-02-05"),
        "to": day("2026-02-25"),
        "days": 21,
        "principal": "1200.00",
        "compounded": "0.0000",
        "currency": "EUR",
        "rate_percent": "9",
        "amount": "6.2137",
        "because": "9 %: agreed",
        "terms": "contract",
        "source": "clause 7",
        "counted": "simple, ACT/365F",
    }


# Interest first


@pytest.mark.parametrize(
    ("principal_left", "later_interest"),
    [("220.00", "5.42"), ("40.00", "0.99"), ("0.00", "0.00")],
)
def test_what_a_payment_was_used_for_decides_the_interest_that_follows(principal_left, later_interest):
    """10,000 at 10 %, a fee of 40 and interest of 180: the same 10,000 paid in three orders, and 90 days later."""
    tenth = InterestTerms.fixed("10")
    assert total(debt(principal_left), tenth, "2026-01-01", "2026-04-01") == eur(later_interest)


def test_a_payment_that_does_not_cover_the_interest_leaves_the_principal_alone():
    history = debt("10000", paid("2026-04-11", "10"), paid("2026-05-11", "5000"))
    result = pay_interest_first(history, NINE, due_on=day("2026-04-01"), until=day("2026-05-11"))
    first, second = result.payments
    assert (first.to_interest, first.to_principal) == (eur(10), eur(0))
    assert second.to_interest == eur("88.63")
    assert (result.principal, result.interest) == (eur("5088.63"), eur(0))
    assert result.rows()[0]["to_interest"] == "10.00 EUR"


def test_what_is_more_than_principal_and_interest_is_left_over():
    result = pay_interest_first(
        debt("1000", paid("2026-04-11", "1500")), NINE, due_on=day("2026-04-01"), until=day("2026-05-11")
    )
    assert result.payments[0].left_over == eur("497.53")
    assert result.balance == eur(0)


def test_interest_first_is_simple():
    terms = InterestTerms(id="t", rate=RateRule.fixed(5), compounding=Compounding.MONTHLY)
    with pytest.raises(InvalidValue, match=r"terms\.compounding: must be simple"):
        pay_interest_first(debt("1"), terms, due_on=day("2026-01-01"), until=day("2026-02-01"))


# Finance charges


def test_a_purchase_counts_on_its_own_day():
    events = [("2026-05-02", "85.61"), ("2026-05-09", "-280.00"), ("2026-05-17", "31.22"), ("2026-05-29", "49.25")]
    moved = [BalanceChange(on=day(on), amount=Money.of(amount, "USD")) for on, amount in events]
    may = average_daily_balance(
        Money.of("579.30", "USD"), moved, first_day=day("2026-05-01"), last_day=day("2026-05-31")
    )
    assert may.average == Money.of("474.28", "USD")
    assert may.rows()[0] == {"from": day("2026-05-01"), "to": day("2026-05-01"), "days": 1, "balance": "579.30"}
    charge = FinanceChargeTerms(id="card", source="agreement", percent=Decimal("1.9")).on_average(may)
    assert charge.amount == Money.of("9.01", "USD")
    assert charge.rows()[0]["because"] == "1.9 % of an average daily balance of 474.28 USD"


def test_a_minimum_charge_is_for_those_who_owe_anything():
    terms = FinanceChargeTerms(id="card", percent=Decimal("1.5"), minimum=eur("0.50"))
    assert terms.on_balance_due(eur(10)).amount == eur("0.50")
    assert terms.on_balance_due(eur(10)).because.endswith("raised to the minimum")
    assert terms.on_balance_due(eur(0)).amount == terms.on_balance_due(eur(-10)).amount == eur(0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ([paid("2026-05-01", "1")], r"changes\[0\]\.on"),
        ([paid("2026-06-15", "1"), paid("2026-07-01", "1")], r"changes\[1\]\.on"),
    ],
)
def test_an_event_outside_of_the_period_is_refused(changes, field):
    with pytest.raises(InvalidValue, match=field):
        average_daily_balance(eur(1), changes, first_day=day("2026-06-01"), last_day=day("2026-06-30"))


def test_a_period_has_one_currency_and_runs_forward():
    june = {"first_day": day("2026-06-01"), "last_day": day("2026-06-30")}
    with pytest.raises(CurrencyMismatch):
        average_daily_balance(Money.of(1, "USD"), [paid("2026-06-02", "1")], **june)
    with pytest.raises(InvalidValue, match="last_day"):
        average_daily_balance(eur(1), [], first_day=day("2026-06-02"), last_day=day("2026-06-01"))


# What is refused


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: InterestTerms.fixed(8.5), "rate.base"),
        (lambda: InterestTerms.fixed("8%"), "rate.base"),
        (lambda: RateRule(base=8), "rate.base"),
        (lambda: RateRule(base=Decimal("NaN")), "rate.base"),
        (lambda: RateRule(base=Decimal(8), margin=1.5), "rate.margin"),
        (lambda: RateRule(base=Decimal(8), reset="daily"), "rate.reset"),
        (lambda: RateRule(base=Decimal(8), floor=Decimal(0)), "rate.floor"),
        (lambda: RateRule(base=Decimal(8), cap=RateBound(percent=Decimal(-1))), "rate.cap"),
        (lambda: RateBound(percent=Decimal(1), times=0), "bound.times"),
        (lambda: InterestTerms(id="", rate=NINE.rate), "terms.id"),
        (lambda: InterestTerms(id="t", rate=Decimal(9)), "terms.rate"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, day_count="ACT/365"), "terms.day_count"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, per_days=0), "terms.per_days"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, per_days=-30), "terms.per_days"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, step=0), "terms.step"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, stops_after_months=0), "terms.stops_after_months"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, bears=frozenset()), "terms.bears"),
        (lambda: InterestTerms(id="t", rate=NINE.rate, bears=frozenset({"tax"})), "terms.bears"),
        (
            lambda: InterestTerms(
                id="t", rate=NINE.rate, bears=frozenset({"interest"}), compounding=Compounding.MONTHLY
            ),
            "terms.bears",
        ),
        (lambda: BalanceHistory.of(eur(-1)), "history.principal"),
        (lambda: BalanceHistory.of(Decimal(1)), "history.principal"),
        (lambda: BalanceHistory(eur(1), [paid("2026-01-01", "1")]), "history.changes"),
        (lambda: paid("2026-01-01", "-5"), "payment.amount"),
        (lambda: BalanceChange(on=dt.datetime(2026, 1, 1), amount=eur(1)), "change.on"),
        (lambda: BalanceChange(on=day("2026-01-01"), amount=1.5), "change.amount"),
        (lambda: BalanceChange(on=day("2026-01-01"), amount=eur(1), of="tax"), "change.of"),
        (lambda: FinanceChargeTerms(id="t", percent=Decimal(-1)), "terms.percent"),
        (lambda: FinanceChargeTerms(id="t", percent=1.5), "terms.percent"),
    ],
)
def test_bad_settings_are_refused_and_name_the_field(make, field):
    with pytest.raises(ReceivablesError) as refused:
        make()
    assert isinstance(refused.value, InvalidValue | WrongType)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"due_on": "2026-04-02", "until": "2026-04-01"}, "accrue.until"),
        ({"due_on": "2026-04-02", "until": "2026-05-01", "since": "2026-04-01"}, "accrue.since"),
        ({"due_on": "2026-04-02", "until": "2026-05-01", "since": "2026-05-02"}, "accrue.until"),
    ],
)
def test_reversed_periods_are_refused(dates, field):
    with pytest.raises(InvalidValue) as refused:
        accrue(debt("1"), NINE, **{name: day(text) for name, text in dates.items()})
    assert refused.value.field == field


def test_a_time_is_not_a_date():
    with pytest.raises(WrongType, match=r"accrue\.until"):
        accrue(debt("1"), NINE, due_on=day("2026-04-02"), until=dt.datetime(2026, 5, 1))


def test_currencies_are_never_mixed():
    with pytest.raises(CurrencyMismatch):
        BalanceHistory.of(Money.of(1, "USD"), paid("2026-01-01", "1"))


def test_a_percentage_has_an_end():
    with pytest.raises(InvalidValue, match="must be a decimal with an end"):
        percent_text(Fraction(1, 3))


def test_compounding_is_bounded():
    terms = InterestTerms(id="t", rate=RateRule.fixed(0), compounding=Compounding.MONTHLY)
    with pytest.raises(InvalidValue, match=f"must be within {MOST_PERIODS} periods of 1900-01-01"):
        accrue(debt("1"), terms, due_on=day("1900-01-01"), until=day("2026-01-01"))
