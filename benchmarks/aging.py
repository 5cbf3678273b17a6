"""Aging beside hand-written floors, measured in the same process: the summary, every item, and a point in time from facts.

    python benchmarks/aging.py                   1,000,000 open items and 1,000,000 facts
    python benchmarks/aging.py --size 100000     fewer

* ``summary``: buckets and counts for each account and currency, from prepared views. The floor looks at each item of plain
  tuples and adds it up.
* ``detail``: a row for every open item, made and thrown away one after the other. The floor makes a plain tuple of the same
  figures for each item and adds up nothing.
* ``point in time``: from the facts of each account, streamed, to the aging of a date as known at an instant. The floor reads
  the same facts, keeps for each account a dict of what is open and when it is due, and adds that up.

Ours and the floor do the same work and are checked to agree. Only the ratio says something: machines differ. Each figure is the
best of several rounds, in turn.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator
from time import perf_counter

from run import PER_CUSTOMER, TODAY, best, floor_aging, floor_books, ledger

from receivables import View, aging, fold
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.fact import Fact
from receivables.facts.invoice import InvoiceIssued
from receivables.reports.aging_detail import aging_detail

KNOWN = dt.datetime(2026, 6, 30, 23, 59, tzinfo=dt.UTC)
NAMES = ("current", "1-30", "31-60", "61-90", "90+")

Row = tuple[object, ...]
Summary = dict[str, tuple[int, ...]]
"""Currency -> amounts per bucket, youngest first, and what is on account."""


def floor_detail(views: list[View]) -> Iterator[Row]:
    """A tuple for every item, by a chain of comparisons."""
    today = TODAY.toordinal()
    for view in views:
        for book in view.books:
            for item, due, open_ in zip(book.items, book.due, book.open, strict=True):
                days = today - due
                name = (
                    "current"
                    if days <= 0
                    else "1-30"
                    if days <= 30
                    else "31-60"
                    if days <= 60
                    else "61-90"
                    if days <= 90
                    else "90+"
                )
                yield (
                    view.account,
                    book.currency,
                    item.id,
                    item.document,
                    item.kind,
                    item.document_on,
                    item.due_on,
                    days,
                    name,
                    open_,
                    0,
                    0,
                    0,
                )


def floor_point_in_time(histories: Iterable[list[Fact]]) -> Summary:
    """What is open and on account by a date, as known at an instant: a dict of items and one of credits per account."""
    today = TODAY.toordinal()
    found: dict[str, list[int]] = {}
    for facts in histories:
        items: dict[str, list[object]] = {}
        credits: dict[str, list[object]] = {}
        for fact in facts:
            if fact.effective_on > TODAY or fact.recorded_at > KNOWN:
                continue
            if type(fact) is InvoiceIssued:
                for id, part in fact.invoice.items():
                    due = (part.due_on or fact.invoice.issued_on).toordinal()
                    items[id] = [part.amount.currency.code, part.amount.minor, due]
            elif type(fact) is PaymentReceived:
                amount = fact.payment.amount
                credits[fact.payment.id] = [amount.currency.code, amount.minor]
            elif type(fact) is AllocationMade:
                made = fact.allocation
                items[made.item][1] -= made.amount.minor  # type: ignore[operator]
                credits[made.source][1] -= made.amount.minor  # type: ignore[operator]
        _add_up(found, items, credits, today)
    return {code: tuple(sums) for code, sums in found.items()}


def _add_up(
    found: dict[str, list[int]], items: dict[str, list[object]], credits: dict[str, list[object]], today: int
) -> None:
    for code, open_, due in items.values():
        sums = found.setdefault(code, [0] * 6)  # type: ignore[arg-type]
        days = today - due  # type: ignore[operator]
        at = 0 if days <= 0 else 1 if days <= 30 else 2 if days <= 60 else 3 if days <= 90 else 4
        sums[at] += open_  # type: ignore[operator]
    for code, left in credits.values():
        found.setdefault(code, [0] * 6)[5] += left  # type: ignore[arg-type,operator]


def our_point_in_time(histories: Iterable[list[Fact]]) -> Summary:
    """Folded, looked at and aged, one account after the other; no account is kept."""
    report = aging(fold(facts).view(TODAY, KNOWN) for facts in histories)
    found = {}
    for currency in report.currencies:
        total = report.total(currency)
        found[currency.code] = (*(money.minor for money in total.amounts), total.on_account.minor)
    return found


def measure(size: int) -> list[tuple[str, int, float, float]]:
    """Name, how many, and seconds of ours and of the floor."""
    return [*measure_views(size), ("point in time", *measure_facts(size))]


def measure_views(size: int) -> Iterator[tuple[str, int, float, float]]:
    """The summary and the items, from prepared views."""
    rounds = 5 if size <= 100_000 else 3
    views = [fold(facts).view(TODAY) for facts in ledger(size // PER_CUSTOMER)]
    items = sum(len(book.items) for view in views for book in view.books)
    books, today = floor_books(views), TODAY.toordinal()
    assert [(line[0], line[2], line[3]) for line in aging(views).lines] == floor_aging(books, today)
    assert all(ours == floor for ours, floor in zip(aging_detail(views), floor_detail(views), strict=True))
    ours, floor = best(rounds, lambda: aging(views), lambda: floor_aging(books, today))
    yield "summary", items, ours, floor
    ours, floor = best(rounds, lambda: drain(aging_detail(views)), lambda: drain(floor_detail(views)))
    yield "detail", items, ours, floor


def drain(rows: Iterator[Row]) -> None:
    """Ask for every row and keep none."""
    deque(rows, maxlen=0)


def measure_facts(size: int) -> tuple[int, float, float]:
    """Facts in batches of customers, so that a million are never in memory at once; the making is not measured."""
    count, ours, floor = 0, 0.0, 0.0
    streamed = ledger(size // (PER_CUSTOMER + 15) + 1)
    while batch := [facts for _, facts in zip(range(500), streamed, strict=False)]:
        count += sum(map(len, batch))
        start = perf_counter()
        mine = our_point_in_time(batch)
        middle = perf_counter()
        theirs = floor_point_in_time(batch)
        end = perf_counter()
        assert mine == theirs
        ours, floor = ours + middle - start, floor + end - middle
        if count >= size:
            break
    return count, ours, floor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000)
    print(f"{'':16}{'number':>12}{'seconds':>10}{'us each':>10}{'floor us':>10}{'ratio':>8}")
    for name, count, ours, floor in measure(parser.parse_args().size):
        each, base = ours / count * 1e6, floor / count * 1e6
        print(f"{name:16}{count:>12,}{ours:>10.2f}{each:>10.3f}{base:>10.3f}{ours / floor:>8.2f}")


if __name__ == "__main__":
    main()
