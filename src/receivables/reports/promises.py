"""How often a customer keeps what it promises: by promises and by amounts, over a window of days.

A promise counts once, on the day that decided it: when enough had come, or its last day. One that is open, withdrawn or
lapsed says nothing about the customer and does not count. Nothing that counts gives ``None``: undefined, not zero.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.reports.table import html_table, text_table
from receivables.state.promise import PromiseState
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

DECIDED = ("kept", "partly_kept", "broken")
"""The statuses that count."""


@final
@frozen(kw_only=True)
class PromiseLine:
    """One promise that was decided: what came in time, and what of it was missing by then."""

    promise: str
    status: str
    decided_on: dt.date
    paid: Money
    missing: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "promise": self.promise,
            "status": self.status,
            "decided_on": self.decided_on,
            "currency": self.paid.currency.code,
            "paid": str(self.paid.amount),
            "missing": str(self.missing.amount),
        }


@final
@frozen(kw_only=True)
class PromisesKept:
    """The promises of an account that were decided from ``since`` to ``as_of``, as known at ``known_at``."""

    account: str
    since: dt.date
    as_of: dt.date
    known_at: dt.datetime | None
    lines: tuple[PromiseLine, ...] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many promises were kept, kept in part, and broken."""
        return {status: sum(line.status == status for line in self.lines) for status in DECIDED}

    @property
    def by_count(self) -> Fraction | None:
        """The share of the promises that were kept in full, or ``None`` where none was decided."""
        return Fraction(self.counts["kept"], len(self.lines)) if self.lines else None

    def by_amount(self, currency: str | Currency) -> Fraction | None:
        """The share of the promised money in a currency that came in time, or ``None`` where none was promised.

        What a credit note took off is not counted as promised, nor is what a tolerance spares.
        """
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        mine = [line for line in self.lines if line.paid.currency == wanted]
        paid = sum(line.paid.minor for line in mine)
        promised = paid + sum(line.missing.minor for line in mine)
        return Fraction(paid, promised) if promised else None

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per promise, in the order in which they were decided."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        kept = f"{self.counts['kept']} of {len(self.lines)} kept" if self.lines else "undefined"
        return f"promises of {self.account} decided from {self.since} to {self.as_of}: {kept}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no promise was decided')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"P{self.title[1:]}")


def promises_kept(view: View, *, since: dt.date) -> PromisesKept:
    """Which promises were kept that were decided from a day up to the date of a view.

    Of two promises over 100.00 the first was kept, and of the second 40.00 came in time: half of the promises, and 140 of
    200 parts of the money. A payment that becomes known late changes both.

    >>> from receivables import Account, Allocation, Customer, Invoice, Payment, fold
    >>> from receivables.documents.promise import Promise
    >>> from receivables.facts.promise import PromiseMade
    >>> day = lambda number: dt.date(2026, 3, number)
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=day(1), total=Money.of(200, "EUR"), due_on=day(1))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[
    ...     Payment(id=f"P-{on}", account="ACME", amount=Money.of(much, "EUR"), value_date=day(on))
    ...     for on, much in ((4, 100), (9, 40))], allocations=[
    ...     Allocation(source=f"P-{on}", item="INV-1", amount=Money.of(much, "EUR")) for on, much in ((4, 100), (9, 40))])
    >>> account = fold([
    ...     PromiseMade(promise=Promise(id=f"PTP-{by}", account="ACME", amount=Money.of(100, "EUR"), made_on=day(2),
    ...                                 pay_by=day(by)), items=("INV-1",), last_day=day(by), effective_on=day(2),
    ...                 recorded_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC)) for by in (5, 10)], account)
    >>> report = promises_kept(account.view(day(20)), since=day(1))
    >>> report.by_count, report.by_amount("EUR"), report.by_amount("USD")
    (Fraction(1, 2), Fraction(7, 10), None)

    Errors: `InvalidValue` for a window that begins after the date of the view.
    """
    checks.day("promises_kept.since", since)
    if since > view.as_of:
        raise InvalidValue("promises_kept.since", since.isoformat(), f"must not be after {view.as_of}")
    lines = [_line(state) for state in view.promises if state.status in DECIDED]
    found = sorted(
        (line for line in lines if line.decided_on >= since), key=lambda line: (line.decided_on, line.promise)
    )
    return PromisesKept(account=view.account, since=since, as_of=view.as_of, known_at=view.known_at, lines=tuple(found))


def _line(state: PromiseState) -> PromiseLine:
    currency = state.promise.amount.currency
    missing = 0 if state.status == "kept" else state.changes[-1][1]
    assert state.decided_on is not None  # only an open promise has none
    return PromiseLine(
        promise=state.promise.id,
        status=state.status,
        decided_on=state.decided_on,
        paid=Money(state.paid, currency),
        missing=Money(missing, currency),
    )
