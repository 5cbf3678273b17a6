"""Due rules, installments and amounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.cases import reading
from tests.cases.reading import day, money, plain
from tests.cases.unsupported import Unsupported

from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import BusinessDay, Days, Months, Postponed
from receivables.documents.payment_days import Band, Bands, Closing, PaymentDay, PeriodStart
from receivables.documents.schedule import Installment, Schedule
from receivables.documents.shares import apportion_twice
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.documents.terms_reading import Dialect, read_days
from receivables.values.dates import ClosedPeriods
from receivables.values.money import Money

Case = dict[str, Any]

TODAY = dt.date(2024, 2, 10)
"""What ``<today>`` means where a case gives its dates relative to it."""
NOMINAL = "1000.00"
"""A total for cases that ask for dates only."""


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by what the input holds; the first row that fits answers."""
    given = case["input"]
    for keys, respond in _RESPONSES:
        if keys <= given.keys():
            return respond(case)
    raise Unsupported(f"no payment terms are said by {sorted(given)}")


# Dates and amounts by lines or steps ------------------------------------------------------------------------------


def _general(case: Case) -> dict[str, Any]:
    given, terms = case["input"], reading.terms(case)
    return _found(terms, given) | {"term": str(terms)}


def _found(terms: PaymentTerms, given: Case, **reference: Any) -> dict[str, Any]:
    """Everything that a case may ask of terms: dates of one or more invoices, amounts, the count."""
    dates = given.get("invoice_dates") or [given.get("invoice_date", "<today>")]
    total, net = _total(given)
    schedules = [terms.resolve(_issued(text), total, net=net, **reference) for text in dates]
    relative = any(text == "<today>" for text in dates)
    return _shown([part for schedule in schedules for part in schedule.installments], relative)


def _shown(parts: list[Installment], relative: bool) -> dict[str, Any]:
    due = [_due(part, relative) for part in parts]
    amounts = [plain(part.amount) for part in parts]
    return {
        "due_date": due[0],
        "due_dates": due,
        "amounts": amounts,
        "instalments": [{"due_date": date, "amount": amount} for date, amount in zip(due, amounts, strict=True)],
        "instalment_count": len(parts),
    }


def _due(part: Installment, relative: bool) -> str:
    if part.due_on is None:
        return f"<{part.baseline}>"
    return f"<today>+{(part.due_on - TODAY).days}D" if relative else str(part.due_on)


def _issued(text: str) -> dt.date:
    return TODAY if text == "<today>" else day(text)


def _total(given: Case) -> tuple[Money, Money | None]:
    if "net" in given:
        net = money(given["net"])
        return net + money(given.get("tax", "0")), net
    return money(given.get("total", NOMINAL)), None


def _two_currencies(case: Case) -> dict[str, Any]:
    given, terms = case["input"], reading.terms(case)
    foreign, company = money(given["total_foreign"], "USD"), money(given["total_company"])
    shares = [part.share for part in terms.parts]
    both = apportion_twice(shares, foreign, company, division=terms.division)
    return {name: [plain(part) for part in parts] for name, parts in zip(("foreign", "company"), both, strict=True)}


# Holidays ---------------------------------------------------------------------------------------------------------


def _closed(case: Case) -> dict[str, Any]:
    """A due date in a closed period moves behind it; payment days are looked for once more from there."""
    given = case["input"]
    periods = tuple(tuple(_month_day(edge) for edge in period) for period in given["customer_holidays"])
    rule = reading.rule(given["steps"])
    again = tuple(step for step in rule.steps if isinstance(step, PaymentDay))
    terms = PaymentTerms.of(*rule.steps, BusinessDay(calendar="customer"), *again)
    return _found(terms, given, calendars={"customer": ClosedPeriods(periods=periods)})


def _month_day(text: str) -> tuple[int, int]:
    month, number = text.split("-")
    return int(month), int(number)


def _postponed(case: Case) -> dict[str, Any]:
    given = case["input"]
    table = tuple((day(holiday), day(later)) for holiday, later in given["holidays"].items())
    rule = reading.rule(given.get("steps", ()), Postponed(table=table))
    return _found(PaymentTerms(parts=(Part(due=rule),)), given)


# Days of the month --------------------------------------------------------------------------------------------------


def _payment_days(case: Case) -> dict[str, Any]:
    given = case["input"]
    payment_day = PaymentDay(days=tuple(sorted(set(given["payment_days"]))), most_days=given.get("max_days"))
    terms = PaymentTerms(parts=(Part(due=reading.rule(given.get("steps", ()), payment_day)),))
    return _found(terms, given | {"invoice_date": given["document_date"]})


def _equal_parts(case: Case) -> dict[str, Any]:
    given = case["input"]
    every = reading.step(f"+{given['gap']}")
    if not isinstance(every, Months | Days):
        raise Unsupported(f"installments every {given['gap']}")
    then = (PaymentDay(days=tuple(sorted(set(given["payment_days"]))), most_days=given.get("max_days")),)
    terms = PaymentTerms.installments(given["instalments"], every=every, then=then if given["payment_days"] else ())
    return _found(terms, given | {"invoice_date": given["document_date"]})


def _cut_off(case: Case) -> dict[str, Any]:
    given = case["input"]
    cut_off, due = reading.day_number(given["cutoff_day"]), reading.day_number(given["due_day"])
    return _found(PaymentTerms.proximo(due, months=given["months"], cut_off=cut_off), given)


def _bands(case: Case) -> dict[str, Any]:
    given = case["input"]
    rows = (Band(through=row["to"], day=row["day"], months_ahead=row.get("months", 0)) for row in given["bands"])
    rule = DueRule.of(Bands(bands=tuple(rows)))
    if "days" in given:
        return {"due_days": [rule.apply(TODAY.replace(month=1, day=number)).day for number in given["days"]]}
    return _found(PaymentTerms(parts=(Part(due=rule),)), given)


def _period_start(case: Case) -> dict[str, Any]:
    given = case["input"]
    start = PeriodStart(days=tuple(sorted(set(given["period_starts"]))), following=True)
    return _found(PaymentTerms.of(start, Days(count=given["days"])), given)


def _closing(case: Case) -> dict[str, Any]:
    given = case["input"]
    terms = PaymentTerms.closing(
        reading.day_number(given["closing_day"]), months=given["months"], pay_day=reading.day_number(given["pay_day"])
    )
    return _found(terms, {"invoice_date": given.get("closing_date", given.get("invoice_date"))})


def _deliveries(case: Case) -> dict[str, Any]:
    given = case["input"]
    rule = DueRule.of(Closing(day=reading.day_number(given["closing_day"])))
    return {"closing_dates": [str(rule.apply(day(delivery))) for delivery in given["deliveries"]]}


def _texts(case: Case) -> dict[str, Any]:
    found = {read_days(text) for text in case["input"]["texts"]}
    return {"days": list(found.pop()) if len(found) == 1 else sorted(found)}


# Notation and the rest ----------------------------------------------------------------------------------------------


def _formula(case: Case) -> dict[str, Any]:
    given = case["input"]
    terms = PaymentTerms.parse(given["formula"], Dialect.DATE_FORMULA)
    return {"date": _found(terms, {"invoice_date": given["reference"]})["due_date"]}


def _two_readings(case: Case) -> dict[str, Any]:
    given = case["input"]
    text = f"{given['days']} jours fin de mois"
    dialects = {"days_then_eom": Dialect.DAYS_FIRST, "eom_then_days": Dialect.TRADE}
    return {name: _found(PaymentTerms.parse(text, way), given)["due_date"] for name, way in dialects.items()}


def _awaited(case: Case) -> dict[str, Any]:
    line = case["input"]["line"]
    name = line["reference"]
    terms = PaymentTerms(parts=(Part(share=reading.share(line), due=DueRule.of(baseline=name)), Part()))
    known = case["input"].get(name)
    dates = {} if known is None else {name: day(known)}
    part = terms.resolve(TODAY, money(NOMINAL), dates=dates).installments[0]
    return {
        "status": "dated" if part.is_dated else "pending",
        "due_date": None if part.due_on is None else str(part.due_on),
    }


def _rescheduled(case: Case) -> dict[str, Any]:
    given = case["input"]
    wanted, open_amount = given["new_schedule"], money(given["open_amount"])
    every = reading.step(f"+{wanted['period']}")
    if not isinstance(every, Months | Days):
        raise Unsupported(f"installments every {wanted['period']}")
    schedule: Schedule = PaymentTerms.installments(wanted["count"], every=every).resolve(TODAY, open_amount)
    return {
        "open_lines": len(schedule.installments),
        "line_amounts": [plain(part.amount) for part in schedule.installments],
        "invoice_open_amount": plain(schedule.total),
    }


def _fallback(case: Case) -> dict[str, Any]:
    given = case["input"]
    chain = (given[key] for key in ("order_term", "partner_term", "default_term"))
    return {"term": str(PaymentTerms.first_of(*(text and PaymentTerms.parse(text) for text in chain)))}


_RESPONSES: tuple[tuple[set[str], Callable[[Case], dict[str, Any]]], ...] = (
    ({"formula"}, _formula),
    ({"texts"}, _texts),
    ({"deliveries"}, _deliveries),
    ({"closing_day", "pay_day"}, _closing),
    ({"cutoff_day", "due_day"}, _cut_off),
    ({"bands"}, _bands),
    ({"period_starts"}, _period_start),
    ({"instalments", "gap"}, _equal_parts),
    ({"payment_days"}, _payment_days),
    ({"customer_holidays"}, _closed),
    ({"holidays"}, _postponed),
    ({"default_term"}, _fallback),
    ({"new_schedule"}, _rescheduled),
    ({"line"}, _awaited),
    ({"total_foreign"}, _two_currencies),
    ({"days"}, _two_readings),
    ({"lines"}, _general),
    ({"steps"}, _general),
)
