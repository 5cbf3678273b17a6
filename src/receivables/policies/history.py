"""How a customer behaved, as it was known on a date: what was paid when, what is overdue, what was promised and contested.

Rules:

1. A `History` is an account as it was known: what came later, or became known later, is not in it. So a feature cannot leak
   from the future, whoever writes it.
2. What is recent counts for more. A weight halves with each half-life and falls evenly in between, so it is exact: with 90
   days the payment of today counts 1, that of 45 days ago 3/4, of 90 days ago 1/2, of 180 days ago 1/4.
3. Currencies are never added. A mean is taken in each, weighted by amounts; the means are weighted by how many items.
4. Money that is overdue and still open counts as late by the days so far: who never pays does not look better than who pays
   late. Days in a dispute that was not turned down do not count, and a charge is no item.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.state.account import Account
from receivables.state.dispute import DisputeState
from receivables.state.invoice import Item
from receivables.state.knowledge import as_known
from receivables.state.promise import PromiseState
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency

HALVINGS: Final = 40
"""After so many half-lives nothing is left of a weight."""

TURNED_DOWN: Final = frozenset({"rejected", "withdrawn"})
"""How a dispute ends that had no ground."""


@final
@frozen(kw_only=True)
class BehaviorTerms:
    """Over which time behavior is looked at: ``window_days`` back, halving every ``half_life_days`` (``None``: no decay).

    The trend compares the last ``trend_days`` with as many before. A payment is late beyond ``grace_days``, and counts as
    at most ``most_days`` late. An item is short paid where its first payment leaves more than ``short_percent`` of it.

    >>> BehaviorTerms(half_life_days=60).window_days
    365
    """

    window_days: int = 365
    half_life_days: int | None = 90
    trend_days: int = 90
    grace_days: int = 0
    most_days: int = 365
    short_percent: int = 2

    def __attrs_post_init__(self) -> None:
        for name in ("window_days", "trend_days", "most_days"):
            checks.whole(f"behavior.{name}", getattr(self, name), least=1, most=36_500)
        if self.half_life_days is not None:
            checks.whole("behavior.half_life_days", self.half_life_days, least=1, most=36_500)
        checks.whole("behavior.grace_days", self.grace_days, least=0)
        checks.whole("behavior.short_percent", self.short_percent, least=0, most=100)

    def weight(self, age: int) -> int:
        """What something of so many days ago counts, as a whole number; only ratios of weights mean anything.

        >>> terms = BehaviorTerms(half_life_days=90)
        >>> [Fraction(terms.weight(age), terms.weight(0)) for age in (0, 45, 90, 180)]
        [Fraction(1, 1), Fraction(3, 4), Fraction(1, 2), Fraction(1, 4)]
        """
        if self.half_life_days is None:
            return 1
        halvings, rest = divmod(max(0, age), self.half_life_days)
        return (2 * self.half_life_days - rest) << (HALVINGS - halvings) if halvings <= HALVINGS else 0


class Paid(NamedTuple):
    """So much of an item, in minor units, that was paid on a day (an ordinal), or is open and overdue on it.

    ``days`` are those after the day ``due``, below zero where it came early; days in a dispute that stood are left out.
    """

    item: str
    currency: Currency
    amount: int
    on: int
    days: int
    due: int


class Short(NamedTuple):
    """An item whose first payment left so much of it without a word."""

    item: str
    currency: Currency
    on: int
    left: int


@final
@frozen(kw_only=True)
class History:
    """A customer as it was known on a date: the account without anything later, its view, and the terms to look at it by."""

    account: Account
    view: View
    terms: BehaviorTerms = BehaviorTerms()

    @cached_property
    def today(self) -> int:
        """The date as an ordinal."""
        return self.view.as_of.toordinal()

    @cached_property
    def items(self) -> Mapping[str, tuple[Item, int]]:
        """The invoice items that have a due date, each with the ordinal of it; an extension counts."""
        later = self.account.ledger.due_dates(dt.date.max, None)
        dated = (
            (item, later.get(item.id, item.due_on)) for item in self.account.ledger.items if item.kind == "invoice"
        )
        return {item.id: (item, due.toordinal()) for item, due in dated if due is not None}

    @cached_property
    def paid(self) -> tuple[Paid, ...]:
        """What payments settled, by the day on which the money was there; what went back is not in it."""
        payments = {
            credit.id: credit.effective_on.toordinal() for credit in self.account.cash.credits if _money(credit.kind)
        }
        found = []
        for made in self.account.cash.in_force():
            item, due = self.items.get(made.item, (None, 0))
            on = payments.get(made.source)
            if item is not None and on is not None:
                found.append(Paid(item.id, item.currency, made.amount, on, self._late(item.id, due, on), due))
        return tuple(found)

    @cached_property
    def overdue(self) -> tuple[Paid, ...]:
        """What is open after its due date and not disputed, late by the days so far."""
        found = []
        for book in self.view.books:
            for item, due, left in zip(book.items, book.due, book.open, strict=True):
                if due < self.today and item.id in self.items:
                    rest = left - self.view.disputed(item.id).minor if self.view.disputes else left
                    if rest > 0:
                        days = self._late(item.id, due, self.today)
                        found.append(Paid(item.id, book.currency, rest, self.today, days, due))
        return tuple(found)

    @cached_property
    def recent(self) -> tuple[Paid, ...]:
        """What was paid in the window, and what is overdue."""
        return (*(each for each in self.paid if self.within(each.on)), *self.overdue)

    @cached_property
    def short(self) -> tuple[Short, ...]:
        """The items of the window that were short paid without a credit note, a dispute that stood, or a plan."""
        return tuple(self._short())

    @property
    def promises(self) -> tuple[PromiseState, ...]:
        """The promises of the window that were kept or not."""
        decided = ("kept", "partly_kept", "broken")
        return tuple(
            state
            for state in self.view.promises
            if state.status in decided and state.decided_on is not None and self.within(state.decided_on.toordinal())
        )

    @property
    def disputes(self) -> tuple[DisputeState, ...]:
        """The disputes that were opened in the window."""
        return tuple(state for state in self.view.disputes if self.within(state.dispute.opened_on.toordinal()))

    @property
    def delays(self) -> tuple[DisputeState, ...]:
        """The disputes of the window that were opened after the due date and had no ground."""
        return tuple(each for each in self.disputes if each.status in TURNED_DOWN and self._after_due(each))

    @property
    def returned(self) -> tuple[tuple[str, dt.date], ...]:
        """The payments that went back in the window, with the day; a booking that was a mistake is not one."""
        fates = self.account.cash.fates
        gone = ((each.payment, each.effective_on) for each in fates if each.status in ("returned", "chargeback"))
        return tuple(each for each in gone if self.within(each[1].toordinal()))

    @cached_property
    def letters(self) -> Mapping[str, tuple[dt.date, ...]]:
        """The days of the letters that went out and stand, by the item that they claimed."""
        found: dict[str, tuple[dt.date, ...]] = {}
        for state in self.view.notices:
            notice = state.notice
            if state.status == "sent" and notice.audience == "customer" and notice.retracts is None:
                for line in notice.claimed:
                    if line.item not in state.annulled:
                        found[line.item] = (*found.get(line.item, ()), state.queued_on)
        return found

    def within(self, on: int) -> bool:
        """Whether a day lies in the window."""
        return self.today - self.terms.window_days < on <= self.today

    def mean_days_late(self, paid: Iterable[Paid], *, decayed: bool = True) -> Fraction | None:
        """The mean of the days late, weighted by amounts and by time; early is zero days late."""
        most = self.terms.most_days
        weight = self.terms.weight if decayed else (lambda age: 1)
        return mean(
            (each.currency, each.amount * weight(self.today - each.on), min(most, max(0, each.days))) for each in paid
        )

    def between(self, first: int, last: int) -> tuple[Paid, ...]:
        """What was paid after so many days ago up to so many days ago; what is overdue is of today."""
        return tuple(each for each in self.recent if first > self.today - each.on >= last)

    def _late(self, item: str, due: int, on: int) -> int:
        """The days from the due date to a day, less those of disputes that were not turned down."""
        if on <= due or not self.view.disputes:
            return on - due
        mine = [state for state in self.view.disputes if item in state.items]
        if not mine or any(state.status in TURNED_DOWN for state in mine):
            return on - due
        return on - due - self.view.paused_days(item, due, on, frozenset({"dispute"}))

    def _after_due(self, state: DisputeState) -> bool:
        dues = [self.items[item][1] for item in state.items if item in self.items]
        return bool(dues) and state.dispute.opened_on.toordinal() > max(dues)

    def _short(self) -> Iterator[Short]:
        spared = {item for state in self.view.payment_plans for item in state.plan.items}
        stands = _contested(self.view.disputes)
        given = _given(self.account)
        for id, payments in _by_item(self.paid).items():
            item, _ = self.items[id]
            first = min(each.on for each in payments)
            asked = item.amount - given.get(id, 0) - stands.get(id, 0)
            left = asked - sum(each.amount for each in payments if each.on == first)
            if id not in spared and self.within(first) and left * 100 > asked * self.terms.short_percent:
                yield Short(id, item.currency, first, left)


def history(
    account: Account,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    terms: BehaviorTerms = BehaviorTerms(),
) -> History:
    """The history of a customer up to a date, as known at an instant; ``None`` is all that is recorded.

    >>> from receivables import Allocation, Customer, Invoice, Money, Payment
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(1200, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> payment = Payment(id="P-1", account="ACME", amount=Money.of(1200, "EUR"), value_date=dt.date(2026, 2, 20))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[payment], allocations=[
    ...     Allocation(source="P-1", item="INV-1", amount=Money.of(1200, "EUR"))])
    >>> [(each.item, each.days) for each in history(account, dt.date(2026, 2, 27)).paid]
    [('INV-1', 16)]
    >>> [(each.item, each.days) for each in history(account, dt.date(2026, 2, 19)).overdue]
    [('INV-1', 15)]
    """
    return history_of(account, account.view(as_of, known_at), terms)


def history_of(account: Account, view: View, terms: BehaviorTerms = BehaviorTerms()) -> History:
    """As `history`, where the view of the account is at hand."""
    return History(account=as_known(account, view.as_of, view.known_at), view=view, terms=terms)


# How numbers are made ---------------------------------------------------------------------------------------------------


def mean(rows: Iterable[tuple[Currency, int, int | Fraction]]) -> Fraction | None:
    """The weighted mean in each currency, and of these the mean by how many rows each has; ``None`` where nothing counts.

    >>> eur, usd = Currency.of("EUR"), Currency.of("USD")
    >>> mean([(eur, 300, 10), (eur, 100, 30), (usd, 7, 0)])
    Fraction(10, 1)
    """
    sums: dict[str, tuple[int, int, int | Fraction]] = {}
    for currency, weight, value in rows:
        count, weights, total = sums.get(currency.code, (0, 0, 0))
        sums[currency.code] = (count + 1, weights + weight, total + weight * value)
    counted = [(count, Fraction(total) / weights) for count, weights, total in sums.values() if weights]
    rows_in_all = sum(count for count, _ in counted)
    return sum((count * value for count, value in counted), Fraction(0)) / rows_in_all if rows_in_all else None


def _money(kind: str) -> bool:
    return kind == "payment"


def _by_item(paid: Iterable[Paid]) -> Mapping[str, tuple[Paid, ...]]:
    found: dict[str, list[Paid]] = {}
    for each in paid:
        found.setdefault(each.item, []).append(each)
    return {item: tuple(payments) for item, payments in found.items()}


def _given(account: Account) -> Mapping[str, int]:
    """What was taken off each item without money: credit notes, discounts, write-offs."""
    money = {credit.id for credit in account.cash.credits if _money(credit.kind)}
    found: dict[str, int] = {}
    for made in account.cash.in_force():
        if made.source not in money:
            found[made.item] = found.get(made.item, 0) + made.amount
    for reduction in account.cash.reductions_on(dt.date.max, None):
        found[reduction.item] = found.get(reduction.item, 0) + reduction.amount
    return found


def _contested(disputes: Iterable[DisputeState]) -> Mapping[str, int]:
    """What is in dispute of each item and was not turned down; what was credited is taken off already."""
    found: dict[str, int] = {}
    for state in disputes:
        if state.status == "open":
            for item in state.items:
                found[item] = found.get(item, 0) + state.left
    return found
