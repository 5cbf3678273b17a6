"""The buckets of an aging: edges in days or in calendar months, counted from the due date or from the document's.

Due today is not overdue: by due date the first bucket is ``current``, and the next begins a day later. By document date
every item has an age, so there is no ``current``, and the first bucket begins with the document's own day.

Months are calendar months back from the date of the report. On 15 January what was due on 15 December or later is at most
one month overdue; on 31 March the month goes back to the last day of February.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.state.view import Book
from receivables.values import checks
from receivables.values.dates import add_months

EDGES = (30, 60, 90)

BY = ("plan", "origin", "document")
"""What ages: by the installments of a plan that performs, everything by its own due date, or by the document's date."""

UNITS = ("days", "months")
"""What an edge counts."""

MOST = {"days": 3_650_000, "months": 1_200}
"""The largest edge of each unit."""


@final
@frozen(kw_only=True)
class Buckets:
    """Edges, what they count, and from which date.

    >>> Buckets(edges=(15, 45)).names, Buckets(edges=(30, 60), by="document").names
    (('current', '1-15', '16-45', '45+'), ('0-30', '31-60', '60+'))
    >>> Buckets(edges=(1, 2), unit="months").names
    ('current', '0-1 months', '1-2 months', '2+ months')

    Errors: `InvalidValue` for edges that do not rise, for another unit or date.
    """

    edges: tuple[int, ...] = EDGES
    by: str = "plan"
    unit: str = "days"

    def __attrs_post_init__(self) -> None:
        checks.one_of("aging.by", self.by, BY)
        checks.one_of("aging.unit", self.unit, UNITS)
        checks.sequence("aging.edges", self.edges, int, "whole numbers")
        for edge in self.edges:
            checks.whole("aging.edges", edge, least=1, most=MOST[self.unit])
        if not self.edges or any(later <= earlier for earlier, later in pairwise(self.edges)):
            raise InvalidValue("aging.edges", self.edges, "must be at least one, each greater than the one before")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the buckets, youngest first."""
        first = () if self.by == "document" else ("current",)
        starts = (0, *self.edges) if self.unit == "months" else (1 if first else 0, *(edge + 1 for edge in self.edges))
        between = [f"{start}-{edge}" for start, edge in zip(starts, self.edges, strict=False)]
        last = " months" if self.unit == "months" else ""
        return (*first, *(f"{name}{last}" for name in (*between, f"{self.edges[-1]}+")))

    def cuts(self, as_of: dt.date) -> list[int]:
        """The first day of each bucket but the oldest, as ordinals, oldest first.

        >>> [str(dt.date.fromordinal(cut)) for cut in Buckets(edges=(1, 2), unit="months").cuts(dt.date(2026, 3, 31))]
        ['2026-01-31', '2026-02-28', '2026-03-31']
        """
        today = as_of.toordinal()
        back = [today - edge if self.unit == "days" else _months_back(as_of, edge) for edge in reversed(self.edges)]
        return back if self.by == "document" else [*back, today]

    def name_of(self, day: dt.date, as_of: dt.date) -> str:
        """The bucket of what ages from a day.

        >>> buckets = Buckets()
        >>> [buckets.name_of(dt.date(2026, 3, day), dt.date(2026, 3, 31)) for day in (31, 30, 1)]
        ['current', '1-30', '1-30']
        """
        return self.names[-1 - bisect_right(self.cuts(as_of), day.toordinal())]


def _months_back(as_of: dt.date, months: int) -> int:
    """The same day so many months before, as an ordinal; nothing is older than the first day that there is."""
    if (as_of.year - 1) * 12 + as_of.month - 1 < months:
        return 0
    return add_months(as_of, -months).toordinal()


def by_document(book: Book) -> Book:
    """The same open items in the order of their document dates, so that the columns can be cut by them."""
    rows = sorted(
        (item.document_on.toordinal(), item.id, open_, item) for item, open_ in zip(book.items, book.open, strict=True)
    )
    day, _, open_, items = zip(*rows, strict=True)
    return Book(book.currency, items, day, open_, tuple(accumulate(open_, initial=0)))
