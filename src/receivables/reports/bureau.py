"""What bureaus know, what they have to be told, and what may be reported: rows for the file that the host makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import final

from attrs import field, frozen

from receivables.policies.book import PolicyBook
from receivables.policies.bureau import Owed, owed_to_bureau, standings
from receivables.policies.metro2 import NO_HISTORY, payment_profile
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account, known_until
from receivables.values import checks
from receivables.values.dates import add_months, end_of_month
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class BureauLine:
    """One debt: its status, what is owed on it, what the bureau was told last, and what it has to be told.

    ``status`` is that of the report, ``reportable``, or ``not_reportable`` with the first of its ``reasons``.
    """

    account: str
    bureau: str
    items: tuple[str, ...]
    status: str
    balance: Money
    told: Money | None
    told_on: dt.date | None
    owed: tuple[Owed, ...] = ()
    reasons: tuple[str, ...] = ()
    report: str | None = None

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "bureau": self.bureau,
            "report": self.report,
            "items": ", ".join(self.items),
            "status": self.status,
            "currency": self.balance.currency.code,
            "balance": str(self.balance.amount),
            "told": None if self.told is None else str(self.told.amount),
            "told_on": self.told_on,
            "owed": ", ".join(each.kind for each in self.owed),
            "due_by": min((each.due_by for each in self.owed), default=None),
            "reasons": ", ".join(self.reasons),
        }


@final
@frozen(kw_only=True)
class BureauReportList:
    """The debts of many accounts and how they stand with bureaus, on a date and as known at an instant."""

    as_of: dt.date
    known_at: dt.datetime | None
    lines: tuple[BureauLine, ...] = field(repr=False)

    def owed(self) -> BureauReportList:
        """Only what a bureau has to be told of, what is due first at the head."""
        lines = sorted((line for line in self.lines if line.owed), key=lambda line: min(o.due_by for o in line.owed))
        return BureauReportList(as_of=self.as_of, known_at=self.known_at, lines=tuple(lines))

    def late(self) -> BureauReportList:
        """Only what should have been told before the date."""
        lines = (line for line in self.lines if any(each.is_late(self.as_of) for each in line.owed))
        return BureauReportList(as_of=self.as_of, known_at=self.known_at, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per report, and per debt that is not reported."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"bureau reports on {self.as_of}\n{text_table(self.rows(), 'no debts')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Bureau reports on {self.as_of}")


def bureau_list(
    accounts: Iterable[Account],
    policies: PolicyBook,
    as_of: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    zone: dt.tzinfo = dt.UTC,
) -> BureauReportList:
    """How every debt stands with its bureau; customers without a bureau policy have only the reports that were made."""
    lines = [line for account in accounts for line in _lines(account, policies, as_of, known_at, zone)]
    return BureauReportList(as_of=as_of, known_at=known_until(known_at, zone), lines=tuple(lines))


def _lines(
    account: Account, policies: PolicyBook, as_of: dt.date, known_at: dt.date | dt.datetime | None, zone: dt.tzinfo
) -> Iterator[BureauLine]:
    view = account.view(as_of, known_at, zone=zone)
    policy = policies.bureau_for(view.customer) if view.customer is not None else None
    owed = owed_to_bureau(account, view, policy)
    for state in view.bureau:
        report = state.report
        mine = tuple(each for each in owed if each.report.id == report.id)
        told = Money(state.balance, report.balance.currency)
        yield BureauLine(
            account=account.id,
            bureau=report.bureau,
            items=report.items,
            status=state.status,
            balance=mine[0].balance if mine else told,
            told=told,
            told_on=state.told_on,
            owed=mine,
            report=report.id,
        )
    for standing in standings(account, view, policy) if policy is not None else ():
        codes = tuple(reason.code for reason in standing.reasons)
        if "already_reported" not in codes:
            yield BureauLine(
                account=account.id,
                bureau=policy.bureau if policy is not None else "",
                items=(standing.item,),
                status="not_reportable" if codes else "reportable",
                balance=standing.amount,
                told=None,
                told_on=None,
                reasons=codes,
            )


def payment_history(account: Account, as_of: dt.date, *, months: int = 24) -> str:
    """The profile of an account's payments: the last full month at the left, each by its oldest overdue day at its end.

    An invoice of January that is due on 4 February, on 30 April:

    >>> from receivables import Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(300, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> payment_history(Account.of(Customer(id="ACME"), invoices=[invoice]), dt.date(2026, 4, 30), months=5)
    '2100B'

    As known now. A month before the first item of the account says ``B``.
    """
    checks.whole("bureau.months", months, least=1, most=240)
    first = min((item.document_on for item in account.ledger.items), default=None)
    last = as_of if as_of == end_of_month(as_of) else end_of_month(add_months(as_of, -1))
    ends = [end_of_month(add_months(last, -back)) for back in range(months)]
    return payment_profile(_month(account, end) if first is not None and first <= end else NO_HISTORY for end in ends)


def _month(account: Account, end: dt.date) -> int:
    view = account.view(end)
    days = [end.toordinal() - book.due[0] for book in view.books]
    return max([0, *days])
