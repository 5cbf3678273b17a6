"""Interest, finance charges, fixed sums and day counts.

An input without dates (a number of days, a number of years) is put on dates from `START`; what is counted depends on
their distance only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
from tests.cases.reading import day, money, plain
from tests.cases.unsupported import Unsupported

from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.fees import FeeRule
from receivables.policies.finance_charges import AverageBalance, FinanceChargeTerms, average_daily_balance
from receivables.policies.interest import Accrual, Compounding, CountedDays, InterestTerms, accrue
from receivables.policies.interest_first import pay_interest_first
from receivables.policies.interest_rates import RateRule, Wording, percent_text
from receivables.policies.regimes import FRENCH_LEGAL_RATE, regime
from receivables.values.dates import add_days, add_months
from receivables.values.daycounts import DayCount
from receivables.values.money import Money, Rounding
from receivables.values.rates import RateTable

Case = dict[str, Any]
Input = Mapping[str, Any]

START = dt.date(2023, 1, 1)
YEARS = {360: DayCount.ACT_360, 365: DayCount.ACT_365F}
CONVENTIONS = {each.value: each for each in DayCount} | {
    "actual/actual ISDA": DayCount.ACT_ACT_ISDA,
    "actual/365 fixed": DayCount.ACT_365F,
    "actual/360": DayCount.ACT_360,
}
WORDINGS = {"percentage points": Wording.POINTS, "%": Wording.PERCENT, "percent": Wording.PERCENT}
COUNTRIES = {"uk": ("GB", "GBP"), "us": ("US-federal", "USD"), "nl": ("NL", "EUR")}
FRACTION_PLACES = 10


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by what the input holds; the first row that fits answers."""
    given = case["input"]
    for keys, respond in _RESPONSES:
        if keys <= given.keys():
            return respond(case)
    raise Unsupported(f"no interest is said by {sorted(given)}")


def _country(case: Case) -> tuple[str, str]:
    """The regime and the currency of the law that a case is about."""
    return COUNTRIES.get(case["topic"].split("_")[0], ("", "EUR"))


def _table(rows: list[tuple[str, str]], name: str) -> RateTable:
    return RateTable.from_rows(rows, name=name, source="the case")


# Rates of the laws ------------------------------------------------------------------------------------------------------


def _by_half_year(case: Case) -> dict[str, Any]:
    """The rate that starts the day after the reference date."""
    given, law = case["input"], regime(_country(case)[0])
    rates = _table([(given["reference_date"], given["base_rate"])], law.reference)
    first_day = add_days(day(given["reference_date"]), 1)
    return {"rate": percent_text(law.terms(rates, arose_on=first_day).rate.on(first_day))}


def _by_ecb(case: Case) -> dict[str, Any]:
    """The European directive, or the French code, with the reference rate of a half-year."""
    given, law = case["input"], regime({"eu": "EU", "fr": "FR"}[case["topic"]])
    on = dt.date(2024, 1, 1)
    rates = _table([(str(on), given["ecb_reference"])], law.reference)
    terms = law.terms(rates, arose_on=on, margin=Decimal(given["margin"]))
    fixed_sum = law.compensation(money("1000.00"), arose_on=on)
    assert fixed_sum is not None
    return {"rate": percent_text(terms.rate.on(on)), "compensation": plain(fixed_sum.gross)}


def _by_base_rate(case: Case) -> dict[str, Any]:
    """Germany: the margin is the one of the day on which the obligation arose."""
    given, found = case["input"], {}
    for name, id in (("consumer", "DE-consumer"), ("business", "DE")):
        rates, on = _table([(given["from"], given["base_rate"])], regime(id).reference), day(given["from"])
        found[name] = percent_text(regime(id).terms(rates, arose_on=on).rate.on(on))
    return found


def _by_wording(case: Case) -> dict[str, Any]:
    """What a judgment grants, read to the letter."""
    given, rates = case["input"], []
    base = _table([(str(START), given["base_rate"])], "base rate")
    for text in given["wording"]:
        match = re.fullmatch(r"([\d.]+) (%|percent|percentage points) over base", text)
        if match is None:
            raise Unsupported(f"the wording {text!r}")
        rule = RateRule(base=base, margin=Decimal(match[1]), wording=WORDINGS[match[2]])
        rates.append(percent_text(rule.on(START)))
    return {"rates": rates}


def _french_floor(case: Case) -> dict[str, Any]:
    """What an agreed rate of nothing is raised to."""
    legal = _table([(str(START), case["input"]["legal_rate"])], FRENCH_LEGAL_RATE)
    terms = regime("FR").contract_terms(0, arose_on=START, floor_rates=legal)
    return {"minimum_rate": percent_text(terms.rate.on(START))}


def _fixed_sum(id: str, key: str, currency: str, named: str) -> Callable[[Case], dict[str, Any]]:
    def respond(case: Case) -> dict[str, Any]:
        fee = regime(id).compensation(money(case["input"][key], currency), arose_on=dt.date(2024, 1, 2))
        assert fee is not None
        return {named: plain(fee.gross)}

    return respond


# Interest ---------------------------------------------------------------------------------------------------------------


def _accrued(terms: InterestTerms, amount: Money, due_on: dt.date, until: dt.date) -> Accrual:
    return accrue(BalanceHistory.of(amount), terms, due_on=due_on, until=until)


def _locked(case: Case) -> dict[str, Any]:
    """The United Kingdom: the rate of the half-year in which interest starts."""
    given, (id, currency) = case["input"], _country(case)
    starts, law = day(given["interest_starts"]), regime(id)
    terms = law.terms(_table(list(given["base_on"].items()), law.reference), arose_on=starts)
    accrual = _accrued(terms, money(given["principal"], currency), add_days(starts, -1), day(given["until"]))
    rates = {percent_text(segment.quote.percent) for segment in accrual.segments}
    return {"rate": ", ".join(sorted(rates)), "days": accrual.days, "interest": plain(accrual.total)}


def _for_days(case: Case) -> dict[str, Any]:
    """A principal, a rate, a number of days and a year of days; with the fixed sum of the law if there is one."""
    given, (id, currency) = case["input"], _country(case)
    principal = money(given["principal"], currency)
    terms = InterestTerms.fixed(given["rate"], day_count=YEARS[given["year"]])
    if id == "US-federal":
        rates = _table([(str(START), given["rate"])], regime(id).reference)
        terms = regime(id).terms(rates, arose_on=START)
        assert terms.day_count is YEARS[given["year"]]
    interest = _accrued(terms, principal, START, add_days(START, given["days"])).total
    fee = regime(id).compensation(principal, arose_on=START) if id else None
    found = {"interest": plain(interest), "total": plain(interest)}
    return found if fee is None else found | {"fixed_sum": plain(fee.gross), "total": plain(interest + fee.gross)}


def _dates(case: Case) -> dict[str, Any]:
    """The days between a due date and a payment."""
    given, (_, currency) = case["input"], _country(case)
    accrual = _accrued(InterestTerms.fixed(1), money("1000.00", currency), day(given["due"]), day(given["paid"]))
    return {"first_day": str(accrual.first_day), "days": accrual.days}


def _years(case: Case) -> dict[str, Any]:
    """Simple, and as the Dutch law compounds."""
    given, law = case["input"], regime(_country(case)[0])
    table = _table([(str(START), "0")], law.reference)
    terms = attrs.evolve(law.terms(table, arose_on=START), rate=RateRule.fixed(given["rate"]))
    end = add_months(START, 12 * given["years"])
    totals = {
        name: _accrued(attrs.evolve(terms, compounding=compounding), money(given["principal"]), START, end).total
        for name, compounding in (("simple", Compounding.NONE), ("annual_compound", law.compounding))
    }
    return {name: plain(total) for name, total in totals.items()}


def _interest_first(case: Case) -> dict[str, Any]:
    """The United States Rule."""
    given = case["input"]
    payments = [
        BalanceChange.payment(add_days(START, each["day"]), money(each["amount"], "USD")) for each in given["payments"]
    ]
    history = BalanceHistory.of(money(given["principal"], "USD"), *payments)
    terms = InterestTerms.fixed(given["rate"], day_count=YEARS[given["year"]])
    paid = pay_interest_first(history, terms, due_on=START, until=add_days(START, given["days"]))
    return {
        "interest_to_payment": plain(paid.payments[-1].to_interest),
        "adjusted_principal": plain(paid.principal),
        "final_interest": plain(paid.interest),
        "maturity_balance": plain(paid.balance),
    }


def _without_type(case: Case) -> dict[str, Any]:
    """A reminder without a type has neither rate nor fee."""
    given = case["input"]
    principal = money(given["outstanding"])
    terms = InterestTerms.fixed(given["rate"] or 0)
    interest = _accrued(terms, principal, START, add_days(START, given["overdue_days"])).total
    fee = FeeRule.flat("dunning", *([money(given["dunning_fee"])] if given["dunning_fee"] else [])).fee(principal)
    return {"interest": plain(interest), "dunning_amount": plain(interest + fee.gross)}


# Finance charges --------------------------------------------------------------------------------------------------------


def _average(case: Case) -> dict[str, Any]:
    given = case["input"]
    average = _average_of(given)
    charge = FinanceChargeTerms(id="statement", percent=Decimal(given.get("monthly_rate", "0"))).on_average(average)
    return {"average_daily_balance": plain(average.average), "finance_charge": plain(charge.amount)}


def _average_of(given: Input) -> AverageBalance:
    """Events carry a month and a day, or a day of the period."""
    events = [(_event_day(text), money(amount, "USD")) for text, amount in given["events"]]
    changes = [BalanceChange(on=on, amount=amount) for on, amount in events]
    first_day = events[0][0].replace(day=1)
    last_day = add_days(first_day, given["period_days"] - 1)
    opening = money(given.get("opening", "0.00"), "USD")
    return average_daily_balance(opening, changes, first_day=first_day, last_day=last_day)


def _event_day(text: str) -> dt.date:
    """A day of a month is put into one of thirty days."""
    month, _, number = text.rpartition("-")
    return dt.date(START.year, int(month or 6), int(number))


def _charge_for_days(case: Case) -> dict[str, Any]:
    """A percentage for a period of days, for the days overdue."""
    given = case["input"]
    terms = InterestTerms(id="finance charge", rate=RateRule.fixed(given["rate"]), per_days=given["period_days"])
    end = add_days(START, given["days_overdue"])
    return {"interest": plain(_accrued(terms, money(given["balance"]), START, end).total)}


def _charge_on_due(case: Case) -> dict[str, Any]:
    given = case["input"]
    if given["method"] != "balance_due":
        raise Unsupported(f"the method {given['method']} without a period")
    charge = FinanceChargeTerms(id="balance due", percent=Decimal(given["rate"])).on_balance_due(
        money(given["balance"])
    )
    return {"interest": plain(charge.amount)}


def _several_rates(case: Case) -> dict[str, Any]:
    """That system counts the due date and not the day of the document."""
    given = case["input"]
    terms = InterestTerms(
        id="finance charge",
        rate=RateRule(base=_table([tuple(row) for row in given["rates"]], "rates of the terms")),
        per_days=given["period_days"],
        counted=CountedDays.FROM_DUE,
    )
    accrual = _accrued(terms, money(given["balance"]), day(given["due"]), day(given["document_date"]))
    return {"interest": plain(accrual.total)}


# Day counts -------------------------------------------------------------------------------------------------------------


def _day_count(case: Case) -> dict[str, Any]:
    given = case["input"]
    if given["convention"] not in CONVENTIONS:
        raise Unsupported(f"the day count {given['convention']}")
    convention, dates = CONVENTIONS[given["convention"]], (day(given["from"]), day(given["to"]))
    scaled = Rounding.HALF_UP.whole(convention.fraction(*dates) * 10**FRACTION_PLACES)
    return {"days": convention.days(*dates), "year_fraction": str(Decimal(scaled).scaleb(-FRACTION_PLACES))}


_RESPONSES: tuple[tuple[set[str], Callable[[Case], dict[str, Any]]], ...] = (
    ({"convention"}, _day_count),
    ({"debt"}, _fixed_sum("GB", "debt", "GBP", "fixed_sum")),
    ({"debt_pln"}, _fixed_sum("PL", "debt_pln", "PLN", "compensation_eur")),
    ({"reference_date"}, _by_half_year),
    ({"base_on"}, _locked),
    ({"ecb_reference"}, _by_ecb),
    ({"wording"}, _by_wording),
    ({"from", "base_rate"}, _by_base_rate),
    ({"legal_rate"}, _french_floor),
    ({"payments"}, _interest_first),
    ({"principal", "days"}, _for_days),
    ({"principal", "years"}, _years),
    ({"due", "paid"}, _dates),
    ({"outstanding"}, _without_type),
    ({"events"}, _average),
    ({"rates"}, _several_rates),
    ({"period_days", "days_overdue"}, _charge_for_days),
    ({"method"}, _charge_on_due),
)
