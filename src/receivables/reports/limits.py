"""Credit limits to look after: those that are due for review, expire or have expired, and were renewed; and their history.

1. A limit is due for review from its review date on, and for some days before where one asks for them.
2. It expires on the day after its last one. A later limit of the same kind and currency renews it.
3. Every limit that was ever set stands in the history, with who set it, who agreed, and when it was recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, final

from attrs import field, frozen

from receivables.documents.credit import CreditLimit
from receivables.policies.limits import base_on
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.state.credit import LimitEntry, LimitWithdrawal
from receivables.state.view import View
from receivables.values import checks

STATUSES: Final = ("expired", "review_overdue", "expires", "due_for_review", "in_force")
"""What can be said of a limit, the most urgent first."""


@final
@frozen(kw_only=True)
class LimitLine:
    """A limit that counts on a date, or did until it expired: what is to be done about it, and in how many days.

    ``days`` is below zero where the day is past, ``None`` where there is none. ``renews`` says that it followed another one.
    """

    limit: CreditLimit
    status: str
    days: int | None
    renews: bool
    segment: str = ""
    group: str = ""

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        limit = self.limit
        return {
            "account": limit.account,
            "kind": limit.kind,
            "currency": limit.currency.code,
            "amount": None if limit.amount is None else str(limit.amount.amount),
            "valid_from": limit.valid_from,
            "valid_to": limit.valid_to,
            "review_on": limit.review_on,
            "status": self.status,
            "days": self.days,
            "renews": self.renews,
            "maker": limit.maker,
            "approver": limit.approver,
        }


@final
@frozen(kw_only=True)
class LimitList:
    """The limits of many accounts on a date, the most urgent first."""

    as_of: dt.date | None
    within_days: int
    lines: tuple[LimitLine, ...] = field(repr=False)

    def due(self) -> LimitList:
        """Only those that somebody has to do something about."""
        return self._with(line for line in self.lines if line.status != "in_force")

    def of_person(self, person: str) -> LimitList:
        """Only those that a person set or agreed to: the list of a manager."""
        return self._with(line for line in self.lines if person in (line.limit.maker, line.limit.approver))

    def renewed(self) -> LimitList:
        """Only those that followed an earlier limit."""
        return self._with(line for line in self.lines if line.renews)

    def _with(self, lines: Iterable[LimitLine]) -> LimitList:
        return LimitList(as_of=self.as_of, within_days=self.within_days, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per limit."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return "credit limits" + (f" on {self.as_of}" if self.as_of else "")

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no limit was set')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"C{self.title[1:]}")


def limit_list(views: Iterable[View], *, within_days: int = 30) -> LimitList:
    """The limits of accounts, with what is due today or within so many days.

    >>> from receivables import Currency, Customer, Money
    >>> day = dt.date(2026, 3, 2)
    >>> limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(10_000, "EUR"), valid_from=day,
    ...                     review_on=dt.date(2026, 9, 1), maker="ann", approver="bob")
    >>> account = Account.of(Customer(id="ACME"), limits=[limit])
    >>> [[(line.status, line.days) for line in limit_list([account.view(on)]).lines]
    ...  for on in (day, dt.date(2026, 8, 10), dt.date(2026, 9, 2))]
    [[('in_force', 183)], [('due_for_review', 22)], [('review_overdue', -1)]]
    """
    checks.whole("limits.within_days", within_days, least=0)
    lines: list[LimitLine] = []
    as_of: dt.date | None = None
    for view in views:
        as_of = view.as_of
        lines.extend(_lines(view, within_days))
    lines.sort(key=_urgency)
    return LimitList(as_of=as_of, within_days=within_days, lines=tuple(lines))


def _urgency(line: LimitLine) -> tuple[int, int, str, str, str]:
    days = line.days if line.days is not None else dt.date.max.toordinal()
    return STATUSES.index(line.status), days, line.limit.account, line.limit.currency.code, line.limit.kind


def _lines(view: View, within_days: int) -> Iterator[LimitLine]:
    """The base and the insured limit that count in each currency, and every increase that is not long over."""
    for currency in sorted({limit.currency for limit in view.limits}, key=lambda each: each.code):
        for kind in ("base", "insured"):
            found = base_on(view.limits, currency, view.as_of, kind)
            if found is not None:
                yield _line(view, found, within_days)
        for limit in view.limits:
            if limit.kind == "temporary" and limit.currency == currency and not _long_over(limit, view, within_days):
                yield _line(view, limit, within_days)


def _long_over(limit: CreditLimit, view: View, days: int) -> bool:
    return limit.valid_to is not None and (view.as_of - limit.valid_to).days > days


def _line(view: View, limit: CreditLimit, within_days: int) -> LimitLine:
    status, days = _status(limit, view.as_of, within_days)
    earlier = (each for each in view.limits if (each.kind, each.currency) == (limit.kind, limit.currency))
    renews = limit.kind != "temporary" and any(each.valid_from < limit.valid_from for each in earlier)
    customer = view.customer
    return LimitLine(
        limit=limit,
        status=status,
        days=days,
        renews=renews,
        segment=customer.segment if customer is not None else "",
        group=(customer.group or "") if customer is not None else "",
    )


def _status(limit: CreditLimit, on: dt.date, within_days: int) -> tuple[str, int | None]:
    """What is the most urgent: it expired, was to be reviewed, will expire, is to be reviewed."""
    ends = None if limit.valid_to is None else (limit.valid_to - on).days
    review = None if limit.review_on is None else (limit.review_on - on).days
    known: tuple[tuple[str, int | None, bool], ...] = (
        ("expired", ends, ends is not None and ends < 0),
        ("review_overdue", review, review is not None and review < 0),
        ("expires", ends, ends is not None and ends <= within_days),
        ("due_for_review", review, review is not None and review <= within_days),
    )
    found = next(((status, days) for status, days, holds in known if holds), None)
    return found or ("in_force", min((each for each in (ends, review) if each is not None), default=None))


@final
@frozen(kw_only=True)
class LimitHistory:
    """Everything that was ever decided about the limits of an account, in the order in which it was recorded."""

    account: str
    entries: tuple[LimitEntry | LimitWithdrawal, ...] = field(repr=False)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per decision."""
        return [_history_row(entry) for entry in self.entries]

    def __str__(self) -> str:
        return f"limits of {self.account}\n{text_table(self.rows(), 'no limit was set')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Limits of {self.account}")


def limit_history(account: Account, known_at: dt.datetime | None = None) -> LimitHistory:
    """The limits of an account as they were set and withdrawn, by what was known at an instant.

    >>> from receivables import Currency, Customer, Money
    >>> limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(10_000, "EUR"),
    ...                     valid_from=dt.date(2026, 3, 2), maker="ann", approver="bob")
    >>> history = limit_history(Account.of(Customer(id="ACME"), limits=[limit]))
    >>> [(row["deed"], row["amount"], row["approver"]) for row in history.rows()]
    [('set', '10000.00', 'bob')]
    """
    entries = (entry for entry in account.credit.limits if known_at is None or entry.recorded_at <= known_at)
    return LimitHistory(account=account.id, entries=tuple(entries))


def _history_row(entry: LimitEntry | LimitWithdrawal) -> dict[str, object]:
    limit = entry.limit if isinstance(entry, LimitEntry) else None
    amount = limit.amount if limit is not None else None
    return {
        "deed": "withdrawn" if limit is None else "set",
        "kind": entry.kind if isinstance(entry, LimitWithdrawal) else entry.limit.kind,
        "currency": (entry.currency if isinstance(entry, LimitWithdrawal) else entry.limit.currency).code,
        "amount": None if amount is None else str(amount.amount),
        "from": entry.effective_on,
        "to": limit.valid_to if limit is not None else None,
        "maker": limit.maker if limit is not None else entry.by,
        "approver": entry.approver if isinstance(entry, LimitWithdrawal) else entry.limit.approver,
        "by": entry.by,
        "recorded_at": entry.recorded_at,
    }
