"""Ageing and metrics: buckets, days overdue, what is paid of installments, DSO and the other published figures.

An input that gives documents becomes an account; one that gives totals goes into the formulas.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tests.cases.areas import forecast_cases
from tests.cases.reading import CURRENCY, day, money, plain
from tests.cases.unsupported import Unsupported

from receivables import Account, Allocation, Customer, Installment, Invoice, Money, Payment, Schedule, View, aging
from receivables.documents.exchange import ExchangeRate
from receivables.policies.appropriation import OLDEST_FIRST, Debt, appropriate
from receivables.policies.exchange import ExchangePolicy
from receivables.reports import metrics_formulas as formulas
from receivables.reports.aging_detail import aging_detail
from receivables.reports.revaluation import revalue

Case = dict[str, Any]
Input = Mapping[str, Any]

TODAY = dt.date(2026, 3, 31)
LATER = dt.date(2026, 4, 30)


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic, and for ageing by what the input names."""
    if case["topic"] == "forecast":
        return forecast_cases.answer(case)
    if case["topic"] == "ageing":
        name = next((name for name in _AGEING if name in case["input"]), None)
        if name is None:
            raise Unsupported(f"no ageing is said by {sorted(case['input'])}")
        return _AGEING[name](case["input"])
    if case["topic"] not in _TOPICS:
        raise Unsupported(f"the topic {case['topic']} is not mapped yet")
    return _TOPICS[case["topic"]](case["input"])


def _account(*invoices: Invoice, payments: tuple[Payment, ...] = ()) -> Account:
    """An account on which each payment is applied to the invoices, oldest first."""
    account = Account.of(Customer(id="A"), invoices=invoices, payments=payments)
    made: list[Allocation] = []
    left = {id: part.amount for invoice in invoices for id, part in invoice.items()}
    for payment in payments:
        debts = [Debt(item=id, open=rest, due_on=TODAY) for id, rest in left.items() if not rest.is_zero]
        for each in appropriate(payment.amount, debts, OLDEST_FIRST, on=TODAY) if debts else ():
            made.append(Allocation(source=payment.id, item=each.item, amount=each.amount))
            left[each.item] -= each.amount
    return Account.of(Customer(id="A"), invoices=invoices, payments=payments, allocations=made) if made else account


def _invoice(number: str, amount: str, due_on: dt.date = TODAY, issued_on: dt.date | None = None) -> Invoice:
    return Invoice.due(number=number, account="A", issued_on=issued_on or due_on, total=money(amount), due_on=due_on)


def _payment(id: str, amount: str, on: dt.date = TODAY) -> Payment:
    return Payment(id=id, account="A", amount=money(amount), value_date=on)


# Ageing -------------------------------------------------------------------------------------------------------------


def _months(given: Input) -> dict[str, Any]:
    """Buckets of calendar months, by the number of the month; what is not due is in none."""
    as_of = day(given["as_of"])
    first = min(day(entry["due"]) for entry in given["entries"])
    invoices = [
        _invoice(str(at), entry["amount"], day(entry["due"]), first) for at, entry in enumerate(given["entries"])
    ]
    total = aging(_account(*invoices).view(as_of), edges=tuple(range(1, 24)), unit="months").total(CURRENCY)
    return {
        "buckets": {str(at): plain(amount) for at, amount in enumerate(total.amounts) if not amount.is_zero},
        "total": plain(total.balance),
    }


def _overpaid(given: Input) -> dict[str, Any]:
    """What is paid too much is on account; the balance has it below zero."""
    account = _account(_invoice("I", given["invoice"]), payments=(_payment("P", given["payment"]),))
    return {"outstanding": plain(aging(account.view(TODAY)).total(CURRENCY).balance)}


def _paid_later(given: Input) -> dict[str, Any]:
    """A payment of a later day is in no report of today: it shows in one of that day."""
    payments = tuple(_payment(f"P{at}", amount, LATER) for at, amount in enumerate(given["future_payments"]))
    account = _account(_invoice("I", given["invoice"]), payments=payments)
    now, then = (aging(account.view(on)).total(CURRENCY).open for on in (TODAY, LATER))
    return {"remaining": plain(then), "future": plain(now - then)}


def _revalued(given: Input) -> dict[str, Any]:
    """An item in dollars, recorded at one rate and revalued at another."""

    def rate(figure: str) -> ExchangeRate:
        return ExchangeRate.of("USD", "INR", figure, on=TODAY, source="the case")

    total = Money.of(given["usd"], "USD")
    invoice = Invoice.due(
        number="I", account="A", issued_on=TODAY, total=total, due_on=TODAY, book_rate=rate(given["rate"])
    )
    account = Account.of(Customer(id="A"), invoices=[invoice])
    closing = ExchangePolicy(id="closing", version=1)
    (row,) = revalue(account, TODAY, [rate(given["revalued_rate"])], closing).rows()
    return {"balance": row["value"], "gain": row["unrealized"]}


def _installments(given: Input) -> dict[str, Any]:
    """Each installment ages by itself; money goes to the oldest first."""
    parts = money(given["invoice"]).split([int(share) for share in given["terms"]])
    days = [TODAY + dt.timedelta(days=30 * at) for at in range(len(parts))]
    schedule = Schedule(
        installments=tuple(Installment(amount=part, due_on=on) for part, on in zip(parts, days, strict=True))
    )
    invoice = Invoice(number="I", account="A", issued_on=TODAY, total=money(given["invoice"]), schedule=schedule)
    rows = {row.id: row for row in aging_detail(_paid(invoice, given["payment"]))}
    return {"rows": [_row(part.amount, rows[id].open if id in rows else 0) for id, part in invoice.items()]}


def _paid(invoice: Invoice, payment: str) -> View:
    return _account(invoice, payments=(_payment("P", payment),)).view(TODAY)


def _row(invoiced: Money, open_: int) -> dict[str, str]:
    rest = Money(open_, invoiced.currency)
    return {"invoiced": plain(invoiced), "paid": plain(invoiced - rest), "outstanding": plain(rest)}


def _past_due(given: Input) -> dict[str, Any]:
    """Due today is not past due."""
    account = _account(_invoice("I", "100", day(given["due"])))
    rows = [row for on in given["on"] for row in aging_detail(account.view(day(on)))]
    assert [row.bucket == "current" for row in rows] == [row.days is None or row.days <= 0 for row in rows]
    return {"past_due_days": [row.days for row in rows]}


# Figures ------------------------------------------------------------------------------------------------------------


def _dso(given: Input) -> dict[str, Any]:
    sales = given["sales"] if isinstance(given["sales"], list) else [given["sales"]]
    sold, days = Money.total(map(money, sales), CURRENCY), int(given["days"])
    owed = money(given["ar"])
    if "current_ar" not in given:
        return {"dso": formulas.dso(owed, sold, days).rounded(2)}
    current = money(given["current_ar"])
    return {
        "dso": formulas.dso(owed, sold, days).rounded(0),
        "best_possible_dso": formulas.best_possible_dso(current, sold, days).rounded(0),
        "average_days_delinquent": formulas.average_days_delinquent(owed, current, sold, days).rounded(0),
    }


def _countback(given: Input) -> dict[str, Any]:
    sales = [(money(amount), days) for amount, days in given["sales_latest_first"]]
    return {"dso": formulas.countback_dso(money(given["ar"]), sales).rounded(2)}


def _effectiveness(given: Input) -> dict[str, Any]:
    names = ("beginning_ar", "credit_sales", "ending_ar", "ending_current_ar")
    return {"cei_percent": formulas.collection_effectiveness(*(money(given[name]) for name in names)).rounded(2)}


def _turnover(given: Input) -> dict[str, Any]:
    sales, average = money(given["sales"]), money(given["average_ar"])
    return {
        "turnover": formulas.turnover(sales, average).rounded(2),
        "days": formulas.days_of_turnover(sales, average, given["year"]).rounded(2),
    }


def _days_late(given: Input) -> dict[str, Any]:
    return {"average_days_late": formulas.mean_days("days_late", (days for _, days in given["receipts"])).rounded(1)}


_AGEING: dict[str, Callable[[Input], dict[str, Any]]] = {
    "revalued_rate": _revalued,
    "entries": _months,
    "future_payments": _paid_later,
    "payment": _overpaid,
}

_TOPICS: dict[str, Callable[[Input], dict[str, Any]]] = {
    "ageing_terms": _installments,
    "delinquency": _past_due,
    "dso": _dso,
    "dso_countback": _countback,
    "cei": _effectiveness,
    "turnover": _turnover,
    "days_late": _days_late,
}
