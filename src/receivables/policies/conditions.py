"""Conditions on a whole account: how many items, how much, how old, which customers.

A step of a ladder can ask for them besides the age of its item: nobody is threatened over a single small invoice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import final

from attrs import frozen

from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class AccountCondition:
    """Holds where everything that it asks for is there.

    ``least_items``: so many overdue items. ``least_overdue``: in one of these currencies at least so much is overdue.
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
        overdue = [(book, bisect_left(book.due, today)) for book in view.books]
        oldest = min((book.due[0] for book, count in overdue if count), default=today)
        return (
            sum(count for _, count in overdue) >= self.least_items
            and today - oldest >= self.least_days
            and self.tags <= (view.customer.tags if view.customer else frozenset())
            and self._enough([Money(book.running[count], book.currency) for book, count in overdue])
        )

    def _enough(self, overdue: Sequence[Money]) -> bool:
        return not self.least_overdue or any(
            amount >= least for least in self.least_overdue for amount in overdue if amount.currency == least.currency
        )

    def look_on(self, view: View) -> int | None:
        """The day, as an ordinal, from which time alone can make it hold; ``None`` where a fact is needed.

        Time makes items overdue, and older.
        """
        today = view.as_of.toordinal()
        days = [book.due[0] + self.least_days for book in view.books]
        days += [book.due[at] + 1 for book in view.books if (at := bisect_left(book.due, today)) < len(book.due)]
        return min((day for day in days if day > today), default=None)
