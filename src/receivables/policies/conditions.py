"""Conditions on a whole account: how many items, how much, how old, which customers.

A step of a ladder can ask for them besides the age of its item: nobody is threatened over a single small invoice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import final

from attrs import frozen

from receivables.state.view import Book, View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class AccountCondition:
    """Holds where everything that it asks for is there.

    ``least_items``: so many overdue items. ``least_overdue``: in one of these currencies at least so much is overdue.
    Fees and interest do not count: a claim must not push itself further.
    ``least_days``: the oldest item is overdue for so many days. ``tags``: the customer carries all of them.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))
    >>> AccountCondition(least_items=1, least_days=7).holds(view), AccountCondition(least_items=2).holds(view)
    (True, False)
    """

    least_items: int = 0
    least_overdue: tuple[Money, ...] = ()
    least_days: int = 0
    tags: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        checks.whole("condition.least_items", self.least_items, least=0)
        checks.sequence("condition.least_overdue", self.least_overdue, Money, "money")
        checks.whole("condition.least_days", self.least_days, least=0)
        checks.instance("condition.tags", self.tags, frozenset, "a frozenset of texts")

    def holds(self, view: View) -> bool:
        """Whether the account meets it on the date of the view."""
        today = view.as_of.toordinal()
        overdue = [(book.currency, due, open_) for book in view.books for due, open_ in _dated(book, today)]
        oldest = min((due for _, due, _ in overdue), default=today)
        return (
            len(overdue) >= self.least_items
            and today - oldest >= self.least_days
            and self.tags <= (view.customer.tags if view.customer else frozenset())
            and self._enough(overdue)
        )

    def _enough(self, overdue: Sequence[tuple[Currency, int, int]]) -> bool:
        return not self.least_overdue or any(
            sum(open_ for currency, _, open_ in overdue if currency == least.currency) >= least.minor
            for least in self.least_overdue
        )

    def look_on(self, view: View) -> int | None:
        """The day, as an ordinal, from which time alone can make it hold; ``None`` where a fact is needed.

        Time makes items overdue, and older.
        """
        today = view.as_of.toordinal()
        dues = [due for book in view.books for due, _ in _dated(book, dt.date.max.toordinal())]
        days = [day for due in dues for day in (due + self.least_days, due + 1)]
        return min((day for day in days if day > today), default=None)


def _dated(book: Book, before: int) -> Iterator[tuple[int, int]]:
    """Due date and open amount of what fell due before a day: fees, interest and items without a date do not count."""
    for item, due, open_ in zip(book.items, book.due, book.open, strict=True):
        if due >= before:
            return
        if item.kind == "invoice" and item.due_on is not None:
            yield due, open_
