"""What stops the dunning of an item, or of the whole account for a while: holds, kept-back amounts, letters enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from receivables.documents.hold import Hold
from receivables.policies.dunning_codes import WITHHELD
from receivables.state.view import Book, View

Kept = tuple[int | None, int | None]
"""The code of an item where nothing of it is left to dun, and the day, as an ordinal, on which that may change."""


class Stops(NamedTuple):
    """The holds that stop dunning: on the whole account, on invoices and on items, by what they name."""

    general: tuple[Hold, ...]
    by_document: Mapping[str, tuple[Hold, ...]]
    by_item: Mapping[str, tuple[Hold, ...]]

    def on(self, item: str, document: str) -> Hold | None:
        """The hold that stops the dunning of an item longest, or ``None``."""
        found = self.general
        if self.by_item and item in self.by_item:
            found += self.by_item[item]
        if self.by_document and document in self.by_document:
            found += self.by_document[document]
        if len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda hold: hold.until or dt.date.max)

    def touched(self, book: Book, overdue: int, kept: Set[str]) -> Sequence[int]:
        """The overdue positions that a hold is on, or of which something is kept back."""
        if self.general:
            return range(overdue)
        items, documents = kept | self.by_item.keys(), self.by_document
        first = book.items[:overdue]
        if not documents:
            return [at for at, item in enumerate(first) if item.id in items]
        return [at for at, item in enumerate(first) if item.id in items or item.document in documents]


NO_STOPS = Stops((), {}, {})


def stops_of(view: View) -> Stops | None:
    """The holds that stop dunning on the date of a view; those on a part of an item keep it back instead."""
    holds = [hold for hold in view.holds if hold.stops_all("dunning")]
    if not holds:
        return None
    by_document: dict[str, tuple[Hold, ...]] = {}
    by_item: dict[str, tuple[Hold, ...]] = {}
    for hold in holds:
        if hold.document is not None:
            by_document[hold.document] = (*by_document.get(hold.document, ()), hold)
        elif hold.item is not None:
            by_item[hold.item] = (*by_item.get(hold.item, ()), hold)
    return Stops(tuple([hold for hold in holds if hold.is_general]), by_document, by_item)


def kept_back(view: View) -> Mapping[str, Kept]:
    """For each item of which something is kept back: the code where all of it is, and the day after the first end."""
    found: dict[str, Kept] = {}
    for item, parts in view.withheld_of.items():
        book, at = view.places[item]
        whole = sum(part.amount for part in parts) >= book.open[at]
        ends = [part.until.toordinal() + 1 for part in parts if part.until is not None]
        found[item] = (WITHHELD[parts[0].kind] if whole else None, min(ends, default=None))
    return found


def quiet_until(
    view: View, gap_days: int, cap: int | None, window_days: int, *, logged: bool = False, more: int = 0
) -> int:
    """The first day, as an ordinal, on which the customer may get another letter; to take one back does not count.

    ``logged`` contacts count as letters do, where they approached the customer. So many ``more`` letters go out on the
    day of the view.
    """
    days = [contact.on.toordinal() for contact in view.contacts if contact.counts] if logged else []
    days += [
        state.notice.as_of.toordinal()
        for state in view.notices
        if state.notice.audience == "customer"
        and state.notice.retracts is None
        and state.status not in ("cancelled", "rejected", "failed")
    ]
    days += [view.as_of.toordinal()] * more
    days.sort()
    if not days:
        return 0
    after_gap = days[-1] + gap_days
    if cap is None or len(days) < cap:
        return after_gap
    return max(after_gap, days[-cap] + window_days)
