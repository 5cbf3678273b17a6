"""Aging: what is open by how long it is overdue, per account and currency, with what is on account beside it.

Due today is not overdue. With edges of 30, 60 and 90 days the buckets are ``current``, ``1-30``, ``31-60``, ``61-90`` and
``90+``; edges can count calendar months as well, and days since the document (see `receivables.reports.aging_buckets`). An
item without a due date counts from its document date. Per currency the buckets less what is on account are the account's
balance, always; currencies are never added.

What a payment plan covers ages by the installments while the plan performs, and by its own due date otherwise; asked for
by ``origin`` it ages by its own due date always. The total is the same.

What is disputed, planned or promised is open, so it stands in its bucket. How much of the open amount that is stands
beside it, in columns that are there where something is; by document date, so does what is not due.

Beside this summary there are the items (`receivables.reports.aging_detail`), the summary by group, segment or collector
(`receivables.reports.aging_grouped`), and the amounts in the currency of the books (`receivables.reports.aging_book`).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import final

from attrs import field, frozen

from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.reports.aging_buckets import EDGES, Buckets, by_document
from receivables.reports.table import headed, html_table, text_table
from receivables.state.view import Book, View, each_view
from receivables.values.currencies import Currency
from receivables.values.money import Money

AGREED: Mapping[str, str] = {"disputed": "dispute", "planned": "plan", "promised": "promise"}
"""Name of a figure -> the kind of arrangement that keeps so much of the open amount back."""

FIGURES = ("not_due", *AGREED)
"""The parts of what is open that stand beside the buckets."""

DATES: Mapping[str, str] = {"plan": "due date", "origin": "original due date", "document": "document date"}
"""What an aging is by, in words."""

Line = tuple[str, Currency, tuple[int, ...], tuple[int, ...], int]
"""Account, currency, amounts per bucket and items per bucket (oldest first), and what is on account, in minor units."""

Agreed = tuple[str, Currency, str, int]
"""Account, currency, a name of `FIGURES`, and so much of what is open, in minor units."""

Unvalued = tuple[str, str, str, Money, Reason]
"""Account, ``item`` or ``credit``, its id, what is open or left of it, and why it has no value in the book currency."""


@final
@frozen(kw_only=True)
class AgingTotal:
    """One currency of an aging: amounts per bucket by name, open and on account, and how many items there are.

    ``disputed``, ``planned`` and ``promised`` are parts of what is open; no amount is in two of them. So is ``not_due``,
    which by due date is the first bucket.
    """

    currency: Currency
    names: tuple[str, ...]
    amounts: tuple[Money, ...]
    items: tuple[int, ...]
    on_account: Money
    disputed: Money
    planned: Money
    promised: Money
    not_due: Money

    @property
    def buckets(self) -> dict[str, Money]:
        """The amount of each bucket by its name, youngest first."""
        return dict(zip(self.names, self.amounts, strict=True))

    @property
    def counts(self) -> dict[str, int]:
        """The number of items in each bucket by its name."""
        return dict(zip(self.names, self.items, strict=True))

    @property
    def open(self) -> Money:
        """The sum of the buckets."""
        return Money.total(self.amounts, self.currency)

    @property
    def count(self) -> int:
        """How many items are open."""
        return sum(self.items)

    @property
    def balance(self) -> Money:
        """Open less on account: what the control account says."""
        return self.open - self.on_account


@final
@frozen(kw_only=True)
class Aging:
    """The aging of one or many accounts on a date, as known at an instant.

    ``edges``, ``by`` and ``unit`` are those of its `Buckets`. ``of`` says of what a line is: an ``account``, or what they were
    grouped by. ``valuation`` says in which amounts: of the ``document``, or in the book currency at ``transaction`` or
    ``closing`` rates; then ``unvalued`` has what has no value in it, and is in no total.
    """

    as_of: dt.date | None
    known_at: dt.datetime | None
    edges: tuple[int, ...]
    lines: tuple[Line, ...] = field(repr=False)
    by: str = "plan"
    agreed: tuple[Agreed, ...] = field(default=(), repr=False)
    unit: str = "days"
    of: str = "account"
    valuation: str = "document"
    unvalued: tuple[Unvalued, ...] = field(default=(), repr=False)

    @cached_property
    def buckets(self) -> tuple[str, ...]:
        """The names of the buckets, youngest first.

        >>> aging([], edges=(15, 45)).buckets
        ('current', '1-15', '16-45', '45+')
        """
        return Buckets(edges=self.edges, by=self.by, unit=self.unit).names

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The names of `FIGURES` of which there is something beside the buckets, in their order."""
        there = {name for _, _, name, _ in self.agreed}
        return tuple(name for name in FIGURES if name in there)

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies that occur, by code."""
        return tuple(sorted({line[1] for line in self.lines}, key=lambda currency: currency.code))

    def total(self, currency: str | Currency, account: str | None = None) -> AgingTotal:
        """One currency, of all accounts or of one; where they were grouped, of one group."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        lines = [line for line in self.lines if line[1] == wanted and account in (None, line[0])]
        sums = [sum(column) for column in zip(*(line[2] for line in lines), strict=True)] or [0] * len(self.buckets)
        counts = [sum(column) for column in zip(*(line[3] for line in lines), strict=True)] or [0] * len(self.buckets)
        agreed = dict.fromkeys(FIGURES, 0)
        for who, of, name, minor in self.agreed:
            if of == wanted and account in (None, who):
                agreed[name] += minor
        return self._total((account or "", wanted, tuple(sums), tuple(counts), sum(line[4] for line in lines)), agreed)

    def _total(self, line: Line, agreed: Mapping[str, int]) -> AgingTotal:
        """The columns of a line, oldest first, as named buckets, youngest first."""
        _, currency, sums, counts, on_account = line
        not_due = agreed.get("not_due", 0) if self.by == "document" else sums[-1]
        return AgingTotal(
            currency=currency,
            names=self.buckets,
            amounts=tuple(Money(minor, currency) for minor in reversed(sums)),
            items=tuple(reversed(counts)),
            on_account=Money(on_account, currency),
            **{name: Money(agreed.get(name, 0), currency) for name in AGREED},
            not_due=Money(not_due, currency),
        )

    def totals(self) -> list[dict[str, object]]:
        """One plain dict per currency."""
        return [self._row({}, self.total(currency)) for currency in self.currencies]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per account or group, and currency, amounts as decimal texts; all have the same columns."""
        return list(self._rows())

    def _rows(self) -> Iterator[dict[str, object]]:
        agreed: dict[tuple[str, Currency], dict[str, int]] = {}
        for account, currency, name, minor in self.agreed:
            agreed.setdefault((account, currency), {})[name] = minor
        for line in self.lines:
            yield self._row({self.of: line[0]}, self._total(line, agreed.get(line[:2], {})))

    def _row(self, head: dict[str, object], total: AgingTotal) -> dict[str, object]:
        """A total as a plain dict, with the same columns for all of this aging."""
        buckets = {name: str(money.amount) for name, money in total.buckets.items()}
        parts = {name.replace("_", " "): str(getattr(total, name).amount) for name in self.figures}
        return {
            **head,
            "currency": total.currency.code,
            **buckets,
            "open": str(total.open.amount),
            **parts,
            "on account": str(total.on_account.amount),
            "balance": str(total.balance.amount),
        }

    @property
    def title(self) -> str:
        """What it is, in words."""
        rates = "" if self.valuation == "document" else f", in the book currency at {self.valuation} rates"
        return f"aging by {DATES[self.by]} as of {self.as_of}{rates}" if self.as_of else "aging of nothing"

    def __str__(self) -> str:
        table = text_table(self.totals(), "nothing open and nothing on account")
        missing = f"\nwithout a value, and in no total: {len(self.unvalued)}" if self.unvalued else ""
        return f"{self.title}\n{table}{missing}"

    def _repr_html_(self) -> str:
        return html_table(self.totals(), headed(self.title))


def aging(
    views: View | Iterable[View], *, edges: tuple[int, ...] = EDGES, by: str = "plan", unit: str = "days"
) -> Aging:
    """The aging of the accounts whose views are given; all views must be of one date.

    With ``by="origin"`` payment plans are left aside, with ``by="document"`` due dates are. Edges count ``days`` or calendar
    ``months``.

    >>> from receivables import Account, Customer, Invoice, Money
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> print(aging(account.view(dt.date(2026, 2, 11))))
    aging by due date as of 2026-02-11
    currency  current     1-30  31-60  61-90   90+     open  on account  balance
    EUR          0.00  1200.00   0.00   0.00  0.00  1200.00        0.00  1200.00

    Raises `InvalidValue` for edges that do not rise, or for views of different dates.
    """
    buckets = Buckets(edges=edges, by=by, unit=unit)
    lines: list[Line] = []
    agreed: list[Agreed] = []
    first: View | None = None
    cuts: list[int] = []
    for view in each_view("aging.views", views):
        if first is None:
            first = view
            cuts = buckets.cuts(view.as_of)
        elif view.as_of != first.as_of or view.known_at != first.known_at:
            raise InvalidValue("aging.views", view.as_of.isoformat(), f"must all be of {first.as_of}")
        start = len(lines)
        _add_lines(lines, view, view.books if by != "document" else tuple(map(by_document, view.books)), cuts)
        if view.replanned and by == "plan":
            lines[start:] = _replan(lines[start:], view, cuts)
        if view.withheld:
            agreed.extend(_agreed(view))
        if by == "document":
            agreed.extend(_not_due(view))
    return Aging(
        as_of=first.as_of if first else None,
        known_at=first.known_at if first else None,
        edges=edges,
        lines=tuple(lines),
        by=by,
        agreed=tuple(agreed),
        unit=unit,
    )


def _add_lines(lines: list[Line], view: View, books: tuple[Book, ...], cuts: list[int]) -> None:
    """A line per currency: the days are sorted and the amounts summed up, so a bucket is two look-ups."""
    credits = _on_account(view) if view.credits else None
    for book in books:
        due, running = book.due, book.running
        at = amount = 0
        sums, counts = [], []
        for cut in cuts:
            place = bisect_left(due, cut, at)
            reached = running[place]
            sums.append(reached - amount)
            counts.append(place - at)
            at, amount = place, reached
        sums.append(running[-1] - amount)
        counts.append(len(due) - at)
        on_account = credits.pop(book.currency, 0) if credits else 0
        lines.append((view.account, book.currency, tuple(sums), tuple(counts), on_account))
    if credits:
        nothing = (0,) * (len(cuts) + 1)
        lines.extend((view.account, currency, nothing, nothing, minor) for currency, minor in credits.items())


def _replan(lines: Iterable[Line], view: View, cuts: list[int]) -> Iterator[Line]:
    """Move what ages by a plan from the bucket of its due date to that of its installment, in the lines of a view.

    An item counts once, where its oldest part is.
    """
    for account, currency, amounts, items, on_account in lines:
        sums, counts = list(amounts), list(items)
        for item, parts in view.replanned_of.items():
            book, at = view.places[item]
            if book.currency != currency:
                continue
            origin = bisect_right(cuts, book.due[at])
            for part in parts:
                sums[origin] -= part.amount
                sums[bisect_right(cuts, part.plan_due)] += part.amount
            counts[origin] -= 1
            counts[bisect_right(cuts, view.aged_from(item))] += 1
        yield account, currency, tuple(sums), tuple(counts), on_account


def _agreed(view: View) -> Iterator[Agreed]:
    """How much of what is open arrangements keep back, by currency and figure."""
    found: dict[tuple[Currency, str], int] = {}
    figures = {kind: name for name, kind in AGREED.items()}
    for part in view.withheld:
        if part.kind in figures:
            key = (view.places[part.item][0].currency, figures[part.kind])
            found[key] = found.get(key, 0) + part.amount
    return ((view.account, currency, name, minor) for (currency, name), minor in found.items())


def _not_due(view: View) -> Iterator[Agreed]:
    """How much of what is open is not due, by currency, where it does not stand in a bucket of its own."""
    today = view.as_of.toordinal()
    for book in view.books:
        not_due = book.total - book.running[bisect_left(book.due, today)]
        if not_due:
            yield view.account, book.currency, "not_due", not_due


def _on_account(view: View) -> dict[Currency, int]:
    found: dict[Currency, int] = {}
    for credit in view.credits:
        found[credit.currency] = found.get(credit.currency, 0) + credit.remaining
    return found
