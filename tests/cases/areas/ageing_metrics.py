"""Ageing and metrics: what an open item is worth at a closing; the rest of the area is not mapped yet."""

import datetime as dt
from typing import Any

from tests.cases.unsupported import Unsupported

from receivables import Account, Customer, Invoice, Money
from receivables.documents.exchange import ExchangeRate
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.revaluation import revalue

Case = dict[str, Any]

TODAY = dt.date(2026, 3, 31)


def answer(case: Case) -> dict[str, Any]:
    """Asked for by what the input names."""
    if "revalued_rate" in case["input"]:
        return _revalued(case)
    raise Unsupported("the area ageing_metrics is not mapped yet")


def _revalued(case: Case) -> dict[str, Any]:
    """An item in dollars, recorded at one rate and revalued at another."""
    given = case["input"]

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
