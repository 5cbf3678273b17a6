"""Loss rates from experience: what became of what stood in each bucket of an aging, item by item.

Two methods. *Lost of a bucket*: what was written off, less what was recovered, of the items that stood in a bucket on a day,
up to another day. *Rolls*: what of a bucket stood in an older one a period later, or was written off; their product is the
share that is lost in the end (see `receivables.policies.provision.flow_rates`). Buckets are by the original due dates.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from receivables.errors import InvalidValue
from receivables.policies.provision import Roll
from receivables.reports.aging_buckets import EDGES
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency


class _Stand(NamedTuple):
    """An item on a day: its bucket, youngest first, what is open of it and what is lost of it, in minor units."""

    bucket: int
    open: int
    lost: int


_GONE = _Stand(0, 0, 0)
"""What was paid: nothing is open of it, and nothing lost."""


def lost_of_buckets(
    accounts: Account | Iterable[Account],
    currency: str | Currency,
    day: dt.date,
    until: dt.date,
    *,
    edges: tuple[int, ...] = EDGES,
    known_at: dt.datetime | None = None,
) -> tuple[Roll, ...]:
    """What stood in each bucket on a day, and what of it was lost by another day, youngest bucket first.

    >>> from receivables import Customer, Invoice, Money
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("100", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> lost_of_buckets(account, "EUR", dt.date(2026, 2, 28), dt.date(2026, 12, 31))[1]
    Roll(before=10000, after=0)

    Raises `InvalidValue` where the second day is not after the first.
    """
    checks.day("loss_rates.day", day)
    checks.day("loss_rates.until", until)
    if until <= day:
        raise InvalidValue("loss_rates.until", until.isoformat(), f"must be after {day}")
    sums = [[0, 0] for _ in range(len(edges) + 2)]
    for now, then in _together(accounts, (day, until), currency, edges, known_at):
        for item, stand in now.items():
            later = then.get(item, _GONE)
            sums[stand.bucket][0] += stand.open
            sums[stand.bucket][1] += max(0, min(stand.open, later.lost - stand.lost))
    return tuple(Roll(before, after) for before, after in sums)


def rolls(
    accounts: Account | Iterable[Account],
    currency: str | Currency,
    days: Sequence[dt.date],
    *,
    edges: tuple[int, ...] = EDGES,
    known_at: dt.datetime | None = None,
) -> tuple[tuple[Roll, ...], ...]:
    """For each bucket, youngest first, what of it rolled on from each of the days to the next; of the oldest, what was lost.

    What is written off of an item rolls on as well, from whatever bucket: it does not come in any more.

    Raises `InvalidValue` for fewer than two days, or days that do not rise.
    """
    for at, day in enumerate(days):
        checks.day(f"loss_rates.days[{at}]", day)
    if len(days) < 2 or any(later <= earlier for earlier, later in pairwise(days)):
        raise InvalidValue("loss_rates.days", [day.isoformat() for day in days], "must be two or more that rise")
    oldest = len(edges) + 1
    sums = [[[0, 0] for _ in days[1:]] for _ in range(oldest + 1)]
    for stands in _together(accounts, days, currency, edges, known_at):
        for at, (now, then) in enumerate(pairwise(stands)):
            for item, stand in now.items():
                sums[stand.bucket][at][0] += stand.open
                sums[stand.bucket][at][1] += _rolled(stand, then.get(item, _GONE), oldest)
    return tuple(tuple(Roll(before, after) for before, after in bucket) for bucket in sums)


def _rolled(stand: _Stand, later: _Stand, oldest: int) -> int:
    """What of an item went on to an older bucket, or was lost."""
    lost = max(0, later.lost - stand.lost)
    older = later.open if stand.bucket < later.bucket and stand.bucket < oldest else 0
    return min(stand.open, lost + older)


def _together(
    accounts: Account | Iterable[Account],
    days: Sequence[dt.date],
    currency: str | Currency,
    edges: tuple[int, ...],
    known_at: dt.datetime | None,
) -> Iterator[Sequence[dict[str, _Stand]]]:
    """How the items of each account stood on each day; of accounts that were merged as of one, as items went between them."""
    joined: list[dict[str, _Stand]] = [{} for _ in days]
    for account in (accounts,) if isinstance(accounts, Account) else accounts:
        stands = [_stands(account.view(day, known_at), currency, edges) for day in days]
        if account.merges.alone:
            yield stands
        else:
            for whole, part in zip(joined, stands, strict=True):
                whole.update(part)
    yield joined


def _stands(view: View, currency: str | Currency, edges: tuple[int, ...]) -> dict[str, _Stand]:
    """The items of a view in a currency, those too of which nothing is open and something is lost."""
    wanted = Currency.of(currency) if isinstance(currency, str) else currency
    found = {loss.item: _Stand(0, 0, loss.left) for loss in view.losses if loss.currency == wanted}
    for item, late, open_ in _open(view, wanted):
        bucket = 1 + bisect_left(edges, late) if late > 0 else 0
        lost = found[item].lost if item in found else 0
        found[item] = _Stand(bucket, open_, lost)
    return found


def _open(view: View, currency: Currency) -> Iterator[tuple[str, int, int]]:
    """Item, days overdue and open amount."""
    today = view.as_of.toordinal()
    for book in view.books:
        if book.currency == currency:
            for item, due, open_ in zip(book.items, book.due, book.open, strict=True):
                yield item.id, today - due, open_
