"""The items of an aging: one row for each, streamed by account, with the bucket that it stands in.

The rows of an account add up to its line in the summary, bucket by bucket. An item that ages by the installments of a plan
has a row for each of them; what is on account has a row for each credit, below zero. So the sum of all rows is the balance.

Rows are made as they are asked for: a million items are never in memory at once.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise, repeat
from typing import NamedTuple

from receivables.errors import InvalidValue
from receivables.reports.aging import AGREED
from receivables.reports.aging_buckets import EDGES, Buckets, by_document
from receivables.state.view import Book, View, each_view
from receivables.values.currencies import Currency
from receivables.values.money import Money

ON_ACCOUNT = "on account"
"""The bucket of a credit."""


class AgedItem(NamedTuple):
    """One open item, or a part of one, with its bucket; amounts are minor units of ``currency``.

    ``days`` counts from the day from which it ages: below zero it is not due. ``number`` is the document,
    ``id`` the item or the credit; a credit has no days. ``disputed``, ``planned`` and ``promised`` are parts of ``open``.
    """

    account: str
    currency: Currency
    id: str
    number: str
    kind: str
    issued_on: dt.date | None
    due_on: dt.date | None
    days: int | None
    bucket: str
    open: int
    disputed: int = 0
    planned: int = 0
    promised: int = 0

    def row(self) -> dict[str, object]:
        """The item as a plain dict, amounts as decimal texts."""
        return {
            "account": self.account,
            "number": self.number,
            "item": self.id,
            "kind": self.kind,
            "issued": None if self.issued_on is None else self.issued_on.isoformat(),
            "due": None if self.due_on is None else self.due_on.isoformat(),
            "days": self.days,
            "bucket": self.bucket,
            "currency": self.currency.code,
            "open": _text(self.open, self.currency),
            "disputed": _text(self.disputed, self.currency),
            "planned": _text(self.planned, self.currency),
            "promised": _text(self.promised, self.currency),
        }


def aging_detail(
    views: View | Iterable[View], *, edges: tuple[int, ...] = EDGES, by: str = "plan", unit: str = "days"
) -> Iterator[AgedItem]:
    """The open items and credits of the views, account by account and oldest first; all views must be of one date.

    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> (item,) = aging_detail(account.view(dt.date(2026, 2, 11)))
    >>> item.number, item.days, item.bucket, item.row()["open"]
    ('INV-1', 7, '1-30', '1200.00')

    Raises `InvalidValue` for edges that do not rise, at once, and for views of different dates when they come up.
    """
    buckets = Buckets(edges=edges, by=by, unit=unit)
    return _streamed(each_view("aging.views", views), buckets)


def _streamed(views: Iterable[View], buckets: Buckets) -> Iterator[AgedItem]:
    first: View | None = None
    cuts: list[int] = []
    names = tuple(reversed(buckets.names))
    for view in views:
        if first is None:
            first, cuts = view, buckets.cuts(view.as_of)
        elif view.as_of != first.as_of or view.known_at != first.known_at:
            raise InvalidValue("aging.views", view.as_of.isoformat(), f"must all be of {first.as_of}")
        for book in view.books if buckets.by != "document" else map(by_document, view.books):
            rows = _rows(view, book, cuts, names)
            agreed = view.withheld or (view.replanned and buckets.by == "plan")
            yield from _agreed(view, rows, buckets) if agreed else rows
        yield from _credits(view)


def _rows(view: View, book: Book, cuts: list[int], names: tuple[str, ...]) -> list[AgedItem]:
    """The items of a book: its days are sorted, so the buckets follow one another."""
    places = [0, *(bisect_left(book.due, cut) for cut in cuts), len(book.due)]
    bucket = chain.from_iterable(
        repeat(name, end - start) for name, (start, end) in zip(names, pairwise(places), strict=True)
    )
    account, currency, today = view.account, book.currency, view.as_of.toordinal()
    make, row = tuple.__new__, AgedItem  # its own constructor, with defaults, costs twice as much
    return [
        make(
            row,
            (
                account,
                currency,
                it.id,
                it.document,
                it.kind,
                it.document_on,
                it.due_on,
                today - due,
                name,
                open_,
                0,
                0,
                0,
            ),
        )
        for it, due, open_, name in zip(book.items, book.due, book.open, bucket, strict=True)
    ]


def _agreed(view: View, rows: Iterable[AgedItem], buckets: Buckets) -> Iterator[AgedItem]:
    """The rows with what arrangements keep back; what ages by a plan is told apart by its installments."""
    for row in rows:
        held = view.withheld_of.get(row.id, ())
        kept = {name: sum(each.amount for each in held if each.kind == kind) for name, kind in AGREED.items()}
        parts = view.replanned_of.get(row.id, ()) if buckets.by == "plan" else ()
        yield from _split(row, [(part.plan_due, part.amount) for part in parts], kept, view.as_of, buckets)


def _split(
    row: AgedItem, parts: list[tuple[int, int]], kept: dict[str, int], as_of: dt.date, buckets: Buckets
) -> Iterator[AgedItem]:
    """One row for each installment, and one for what no plan covers: that has what is disputed first."""
    rest = row.open - sum(amount for _, amount in parts)
    shares = [*([(None, rest)] if rest or not parts else []), *parts]
    for day, amount in shares:
        mine, room = {}, amount
        for name in AGREED if day is None else ("planned", "promised", "disputed"):
            mine[name] = min(kept[name], room)
            kept[name] -= mine[name]
            room -= mine[name]
        aged = row if day is None else _moved(row, day, as_of, buckets)
        yield aged._replace(open=amount, disputed=mine["disputed"], planned=mine["planned"], promised=mine["promised"])


def _moved(row: AgedItem, day: int, as_of: dt.date, buckets: Buckets) -> AgedItem:
    due_on = dt.date.fromordinal(day)
    return row._replace(due_on=due_on, days=as_of.toordinal() - day, bucket=buckets.name_of(due_on, as_of))


def _credits(view: View) -> Iterator[AgedItem]:
    for credit in view.credits:
        yield AgedItem(
            view.account, credit.currency, credit.id, credit.id, credit.kind, None, None, None, ON_ACCOUNT,
            -credit.remaining,
        )  # fmt: skip


def _text(minor: int, currency: Currency) -> str:
    return str(Money(minor, currency).amount)
