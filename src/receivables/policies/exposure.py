"""Exposure: what would be lost if a customer paid nothing more, by component, in minor units.

1. No amount is in two components. What is disputed is in `disputed` alone, what was delivered is not `ordered` any more, and
   a draft takes what it bills out of its order. So the sum is the same along order, delivery, draft and invoice.
2. All is gross of tax, in the currency of the documents.
3. An item is overdue from the day after due date and margin on; until then it is open. What a payment plan covers is as
   overdue as its installments, while the plan performs.
4. An order that is to be delivered after the horizon does not count yet; what is delivered of it does.

Nothing is summed item by item: the view keeps running sums by due date, and only items that are disputed, planned or without a
due date are looked at one by one.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from operator import mul
from typing import Final, final

from attrs import frozen

from receivables.state.view import Book, OpenCredit, OpenOrder, View
from receivables.values.currencies import Currency
from receivables.values.money import Money

SIGNS: Final[Mapping[str, int]] = {
    "open": 1,
    "overdue": 1,
    "disputed": 1,
    "delivered": 1,
    "ordered": 1,
    "draft": 1,
    "pending": -1,
    "unapplied": -1,
    "insured": -1,
}
"""Component -> whether it adds to the exposure or takes from it."""

COMPONENTS: Final = tuple(SIGNS)
"""The components, in the order in which they are shown."""

ALL: Final = 2**62
"""The cover of an insurer who covers all."""

COUNTED: Final = frozenset(SIGNS) - {"pending", "insured"}
"""What counts where a policy does not say: all but payments on their way, which may fail, and the insured part."""


_PLACE: Final[Mapping[str, int]] = {component: at for at, component in enumerate(COMPONENTS)}


@lru_cache(maxsize=256)
def _weights(counts: frozenset[str]) -> tuple[int, ...]:
    """The sign of each component that counts, and zero for the others."""
    return tuple(sign if component in counts else 0 for component, sign in SIGNS.items())


@final
@frozen(weakref_slot=False)
class Exposure:
    """The components of one account in one currency, each at least zero, in minor units; `total` puts the signs.

    >>> used = Exposure(Currency.of("EUR"), (6_500_00, 0, 0, 1_200_00, 800_00, 0, 0, 1_000_00, 0))
    >>> used.total(), used.of("delivered"), str(used)
    (750000, 120000, 'open 6500.00, delivered 1200.00, ordered 800.00, unapplied -1000.00 EUR')
    """

    currency: Currency
    parts: tuple[int, ...]
    cover: int = 0
    """What an insurer would cover, whatever is used of it."""

    def of(self, component: str) -> int:
        """The amount of a component, without its sign."""
        return self.parts[_PLACE[component]]

    def total(self, counts: Set[str] = COUNTED) -> int:
        """The sum of the components that count, each with its sign."""
        return sum(map(mul, self.parts, _weights(frozenset(counts))))

    def signed(self) -> Iterator[tuple[str, int]]:
        """Each component that is not zero, with its signed amount."""
        for (component, sign), amount in zip(SIGNS.items(), self.parts, strict=True):
            if amount:
                yield component, sign * amount

    @property
    def uncovered(self) -> int:
        """How much more could be used before the cover of an insurer is: nothing where all of it is used."""
        return max(0, self.cover - self.parts[-1])

    def with_insured(self, cover: int | None, counts: Set[str] = COUNTED) -> Exposure:
        """With so much insured, ``None`` for all: never more than the rest of what counts."""
        if cover == 0:
            return self
        rest = max(0, self.total(counts - {"insured"}))
        insured = rest if cover is None else min(cover, rest)
        return Exposure(self.currency, (*self.parts[:-1], insured), ALL if cover is None else cover)

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {Money(amount, self.currency).amount}" for name, amount in self.signed())
        return f"{shown or '0'} {self.currency}"


def exposure_on(view: View, currency: Currency, *, margin_days: int = 0, horizon_days: int | None = None) -> Exposure:
    """The components of a view in a currency; nothing is insured yet.

    >>> from receivables import Account, Customer, Invoice
    >>> invoices = [Invoice.due(number=str(day), account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                         total=Money.of(100, "EUR"), due_on=dt.date(2026, 2, day)) for day in (4, 8, 20)]
    >>> view = Account.of(Customer(id="ACME"), invoices=invoices).view(dt.date(2026, 2, 10))
    >>> print(exposure_on(view, Currency.of("EUR")))
    open 100.00, overdue 200.00 EUR
    >>> print(exposure_on(view, Currency.of("EUR"), margin_days=3))
    open 200.00, overdue 100.00 EUR
    """
    book = next((each for each in view.books if each.currency == currency), None)
    overdue, disputed = _due_parts(view, book, view.as_of.toordinal() - margin_days) if book is not None else (0, 0)
    total = book.total if book is not None else 0
    delivered, ordered = _of_orders(view, currency, _horizon(view.as_of, horizon_days)) if view.orders else (0, 0)
    drafts = sum(each.amount.minor for each in view.drafts if each.amount.currency == currency) if view.drafts else 0
    pending, unapplied = _left(view.pending, currency), _left(view.credits, currency)
    return Exposure(
        currency,
        (total - overdue - disputed, overdue, disputed, delivered, ordered, drafts, pending, unapplied, 0),
    )


def _of_orders(view: View, currency: Currency, near: dt.date) -> tuple[int, int]:
    """What is delivered of the orders in a currency, and what is ordered of those that count already."""
    orders = [each for each in view.orders if each.reserved and each.order.amount.currency == currency]
    return sum(each.delivered for each in orders), sum(each.ordered for each in orders if _is_near(each, near))


def _left(credits: tuple[OpenCredit, ...], currency: Currency) -> int:
    return sum(credit.remaining for credit in credits if credit.currency == currency) if credits else 0


def exposure_of(view: View, currency: Currency, *, orders: bool = True, less_on_account: bool = True) -> int:
    """What an account uses of its credit in a currency, in minor units, with or without orders and unapplied cash."""
    out = {"ordered": orders, "delivered": orders, "draft": orders, "unapplied": less_on_account}
    return exposure_on(view, currency).total(COUNTED - {name for name, counts in out.items() if not counts})


def currencies_of(view: View) -> frozenset[Currency]:
    """The currencies in which anything counts."""
    found = {book.currency for book in view.books} | {order.order.amount.currency for order in view.orders}
    found |= {credit.currency for credit in view.credits} | {credit.currency for credit in view.pending}
    return frozenset(found | {draft.amount.currency for draft in view.drafts})


def overdue_days(view: View) -> int:
    """How many days the oldest dated open item is overdue, zero where none is: due today is not overdue.

    What a payment plan covers is as overdue as its oldest unpaid installment, while the plan performs.
    """
    today = view.as_of.toordinal()
    if view.replanned:
        days = [view.aged_from(item.id) for book in view.books for item in book.items if item.due_on]
        return max(0, today - min(days, default=today))
    return max(0, today - min((_first_due(book, today) for book in view.books), default=today))


def next_overdue_day(view: View, margin_days: int = 0) -> dt.date | None:
    """The next day on which something that is open becomes overdue, by its own due date or by that of a payment plan."""
    cut = view.as_of.toordinal() - margin_days
    days = [book.due[at] for book in view.books for at in (bisect_left(book.due, cut),) if at < len(book.due)]
    days += [part.plan_due for part in view.replanned if part.plan_due >= cut]
    last = dt.date.max.toordinal() - margin_days - 1
    found = [day + margin_days + 1 for day in days if day <= last]
    return dt.date.fromordinal(min(found)) if found else None


def _first_due(book: Book, today: int) -> int:
    if not book.undated:
        return book.due[0] if book.due else today
    return next((due for due, item in zip(book.due, book.items, strict=True) if item.due_on), today)


def _due_parts(view: View, book: Book, cut: int) -> tuple[int, int]:
    """What is overdue and not disputed, and what is disputed: due before the cut, an ordinal."""
    at = bisect_left(book.due, cut)
    overdue, disputed = book.running[at], 0
    if book.undated:
        overdue -= sum(rest for rest, item in zip(book.open[:at], book.items, strict=False) if item.due_on is None)
    for id in _special(view) if view.withheld or view.replanned else ():
        place = view.places.get(id)
        if place is not None and place[0] is book:
            position = place[1]
            was = book.open[position] if position < at and book.items[position].due_on is not None else 0
            late, contested = _split(view, book, position, cut)
            overdue += late - was
            disputed += contested
    return overdue, disputed


def _special(view: View) -> Set[str]:
    """The items that are not simply open or overdue: disputed, or aged by a payment plan."""
    return {part.item for part in view.withheld if part.kind == "dispute"} | {part.item for part in view.replanned}


def _split(view: View, book: Book, at: int, cut: int) -> tuple[int, int]:
    """What of an item is overdue and not disputed, and what is disputed; what is disputed is overdue first."""
    item, rest = book.items[at], book.open[at]
    planned = view.replanned_of.get(item.id, ())
    by_itself = rest - sum(part.amount for part in planned)
    late = by_itself if item.due_on is not None and book.due[at] < cut else 0
    late += sum(part.amount for part in planned if part.plan_due < cut)
    disputed = sum(part.amount for part in view.withheld_of.get(item.id, ()) if part.kind == "dispute")
    return max(0, late - disputed), disputed


def _horizon(day: dt.date, days: int | None) -> dt.date:
    return dt.date.max if days is None or (dt.date.max - day).days < days else day + dt.timedelta(days=days)


def _is_near(order: OpenOrder, last: dt.date) -> bool:
    return order.order.deliver_on is None or order.order.deliver_on <= last
