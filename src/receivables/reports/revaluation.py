"""Revaluation at a closing: what open items and credits in foreign currencies are worth by the rates of a day.

The difference to the carrying amount is not realized, and leaves the carrying amount alone: the next payment realizes
against that. An item is worth more to the creditor as its currency rises; a credit, which is owed to the customer, costs
more. Rates come from the caller; which one counts is the policy's, and where none does, or the document itself came
without one, the row says so by its reason and is in no total.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import final

from attrs import field, frozen

from receivables.documents.exchange import ExchangeRate, Revaluation
from receivables.documents.reason import Reason
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.exchange import CarryingLine, exchange_result
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class RevaluedLine:
    """An open item or credit with its carrying amount, and its value by a closing rate or the reason why there is none."""

    carried: CarryingLine
    revaluation: Revaluation | None
    reason: Reason | None = None

    @property
    def unrealized(self) -> Money | None:
        """The gain that is not realized, or below zero the loss: a credit that is worth more costs more."""
        if self.revaluation is None:
            return None
        difference = self.revaluation.difference
        return difference if self.carried.side == "item" else -difference

    def row(self) -> dict[str, object]:
        """The line as a plain dict, with the rate, its date and its source."""
        made, kept = self.revaluation, self.carried.remaining
        return {
            "side": self.carried.side,
            "id": self.carried.id,
            "open": str(self.carried.open),
            "carrying": None if kept is None else str(kept.book.amount),
            "value": None if made is None else str(made.value.amount),
            "unrealized": None if self.unrealized is None else str(self.unrealized.amount),
            "rate": None if made is None else f"{made.rate.rate:f} {made.rate.base}/{made.rate.quote}",
            "of": None if made is None else made.rate.on.isoformat(),
            "source": None if made is None else made.rate.source,
            "reason": None if self.reason is None else str(self.reason),
        }


@final
@frozen(kw_only=True)
class RevaluationReport:
    """The revaluation of an account at a closing; ``currency`` is the book currency, ``None`` where nothing is carried."""

    account: str
    as_of: dt.date
    known_at: dt.datetime | None
    currency: Currency | None
    policy: str
    version: int
    lines: tuple[RevaluedLine, ...] = field(repr=False)

    @property
    def unrealized(self) -> Money | None:
        """The sum of what is not realized; what could not be revalued is not in it."""
        return self._sum("item", "credit")

    @property
    def of_items(self) -> Money | None:
        """The part of it on what the customer owes."""
        return self._sum("item")

    @property
    def of_credits(self) -> Money | None:
        """The part of it on what is on account."""
        return self._sum("credit")

    @property
    def unknown(self) -> tuple[RevaluedLine, ...]:
        """The lines that could not be revalued, each with its reason."""
        return tuple(line for line in self.lines if line.revaluation is None)

    def _sum(self, *sides: str) -> Money | None:
        if self.currency is None:
            return None
        found = (line.unrealized for line in self.lines if line.carried.side in sides)
        return Money.total((each for each in found if each is not None), self.currency)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per open item and credit in a foreign currency."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        known = "" if self.known_at is None else f", as known at {self.known_at.isoformat()}"
        return f"revaluation of {self.account} in {self.currency} as of {self.as_of}{known}"

    def __str__(self) -> str:
        if self.currency is None:
            return f"revaluation of {self.account} as of {self.as_of}: no document names a rate"
        method = f"closing rates by the policy {self.policy}/{self.version}; carrying amounts stay as they are"
        total = f"unrealized {self.unrealized}, not known: {len(self.unknown)}"
        return f"{self.title}\n{text_table(self.rows(), 'nothing open in a foreign currency')}\n{total}\n{method}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def revalue(
    account: Account,
    as_of: dt.date,
    closing_rates: Iterable[ExchangeRate],
    policy: ExchangePolicy,
    *,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> RevaluationReport:
    """The unrealized differences of an account at a closing, by the rates that the policy takes.

    >>> from receivables import Customer, Invoice
    >>> at = lambda rate, day: ExchangeRate.of("EUR", "USD", rate, on=dt.date(2026, 2, day), source="ECB")
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 2, 2), book_rate=at("1.10", 2),
    ...                       total=Money.of("300", "USD"), due_on=dt.date(2026, 3, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> policy = ExchangePolicy(id="ECB", version=1)
    >>> report = revalue(account, dt.date(2026, 2, 28), [at("1.08", 28)], policy)
    >>> str(report.unrealized), report.rows()[0]["rate"], report.rows()[0]["of"]
    ('5.05 EUR', '1.08 EUR/USD', '2026-02-28')
    >>> print(revalue(account, dt.date(2026, 2, 28), [at("1.08", 27)], policy).lines[0].reason)
    rate_stale (1 days)

    Raises `CurrencyMismatch` where the documents name rates to several book currencies: plans refuse that.
    """
    checks.instance("revalue.policy", policy, ExchangePolicy, "an exchange policy")
    rates = tuple(closing_rates)
    checks.sequence("revalue.closing_rates", rates, ExchangeRate, "rates")
    result = exchange_result(account, as_of, known_at, zone=zone)
    return RevaluationReport(
        account=result.account,
        as_of=as_of,
        known_at=result.known_at,
        currency=result.currency,
        policy=policy.id,
        version=policy.version,
        lines=tuple(_lines(result.open, result.currency, rates, policy, as_of)),
    )


def _lines(
    carried: Iterable[CarryingLine],
    book: Currency | None,
    rates: tuple[ExchangeRate, ...],
    policy: ExchangePolicy,
    as_of: dt.date,
) -> Iterator[RevaluedLine]:
    for each in carried:
        if each.remaining is None or book is None:
            yield RevaluedLine(carried=each, revaluation=None, reason=each.reason)
            continue
        rate, reason = policy.rate(rates, each.open.currency, book, as_of)
        made = None if rate is None else each.remaining.revalue(rate, policy.rounding)
        yield RevaluedLine(carried=each, revaluation=made, reason=reason)
