"""What one account adds to the sums of the metrics: its balances, what moved them, what was paid and decided in a window.

See `receivables.reports.metrics_sums` for what counts. The window begins after ``start``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final, final

from receivables.documents.settlement import DISCOUNTS
from receivables.reports.aging import aging
from receivables.reports.aging_detail import aging_detail
from receivables.reports.promises import promises_kept
from receivables.state.account import Account, joined_on
from receivables.state.cash import Reduction, Use
from receivables.state.credit import OrderEntry
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.state.viewing import build_view
from receivables.values.currencies import Currency

Figure = tuple[str, int]
"""The name of a sum, and so much more of it."""

GIVEN_UP: Final = frozenset({"write_off", "written_off"})
"""Kinds of reductions that give up what was owed: an item of which some was given up was not paid."""

USES: Final[Mapping[str, str]] = MappingProxyType(
    {"refund": "refunds", "transfer": "transfers", "conversion": "conversions"}
)
"""What a credit was used for -> the movement that it is; any other is a surplus that was kept."""

CREDITS: Final[Mapping[str, str]] = MappingProxyType(
    {"payment": "collections", "credit_note": "credit_notes", "invoice_part": "credit_notes"}
)
"""Kind of a credit -> the movement that it is."""

_DAY: Final = dt.timedelta(days=1)


@final
class Window:
    """One account over a window, in one currency."""

    def __init__(
        self, account: Account, start: dt.date, as_of: dt.date, known_at: dt.datetime | None, currency: Currency
    ) -> None:
        self.account, self.start, self.as_of, self.known_at, self.currency = account, start, as_of, known_at, currency
        self.view: View = account.view(as_of, known_at)
        self.had = joined_on(account, as_of, known_at)
        self.all_items = {item.id: item for item in self.had.ledger.items}
        self.items = [
            item for item in self.all_items.values() if item.currency == currency and item.seen(as_of, known_at)
        ]

    def figures(self) -> Iterator[Figure]:
        """All that it adds."""
        yield "accounts", 1
        yield from self._balances()
        yield from self._moved()
        yield from self._paid()
        yield from self._promised()
        yield from self._disputed()
        yield from self._ordered()
        yield from self._stopped()

    # Balances -------------------------------------------------------------------------------------------------------

    @cached_property
    def closing(self) -> int:
        """The balance at the end."""
        return self.view.balance(self.currency).minor

    @cached_property
    def before(self) -> View:
        """The account before the window."""
        return self.account.view(self.start, self.known_at)

    @cached_property
    def opening(self) -> int:
        """The balance before the window."""
        return self.before.balance(self.currency).minor

    def _balances(self) -> Iterator[Figure]:
        yield "opening", self.opening
        yield "open_before", self.before.open_total(self.currency).minor
        yield "closing", self.closing
        for _, currency, sums, _, _ in aging(self.view).lines:
            if currency == self.currency:
                yield "open", sum(sums)
                yield "current", sums[-1]
        yield "overdue_days", sum(open_ * days for open_, days in self.aged() if days > 0)

    def aged(self) -> Iterator[tuple[int, int]]:
        """What is open, with its days overdue; below zero it is not due."""
        if self.view.replanned:
            rows = aging_detail(self.view)
            yield from ((row.open, row.days) for row in rows if row.currency == self.currency and row.days is not None)
            return
        today = self.as_of.toordinal()
        for book in self.view.books:
            if book.currency == self.currency:
                yield from ((open_, today - due) for open_, due in zip(book.open, book.due, strict=True))

    def months(self) -> Iterator[tuple[dt.date, int]]:
        """The sales by the first day of their months."""
        for item in self.items:
            if item.kind == "invoice" and item.document_on <= self.as_of:
                yield item.document_on.replace(day=1), item.amount

    # What moved the balance -----------------------------------------------------------------------------------------

    def _moved(self) -> Iterator[Figure]:
        moved = [*self._new_items(), *self._new_credits(), *self._reduced(), *self._used()]
        yield from moved
        began = self.opening
        if not self.account.merges.alone:
            began = build_view(self.had, self.start, self.known_at).balance(self.currency).minor
            yield "merged", began - self.opening
        yield "other", self.closing - began - sum(amount for _, amount in moved)

    def _new_items(self) -> Iterator[Figure]:
        for item in self.items:
            if item.effective_on > self.start:
                sold = "sales" if item.document_on > self.start else "taken_over"
                yield sold if item.kind == "invoice" else "charges", item.amount

    def _new_credits(self) -> Iterator[Figure]:
        """Credits whose money came, and those whose money went back."""
        made = {use.id for use in self.had.cash.uses if use.kind == "conversion"}
        for credit in self.had.cash.credits:
            if credit.currency == self.currency:
                now, before = (credit.id in there for there in (self._there, self._there_before))
                if now and not before:
                    kind = "other_credits" if credit.id in made else CREDITS.get(credit.kind, "other_credits")
                    yield kind, -credit.amount
                elif before and not now:
                    yield "returned", credit.amount

    def _reduced(self) -> Iterator[Figure]:
        for each in self.had.cash.reductions:
            item = self.all_items.get(each.item)
            if item is not None and item.currency == self.currency:
                change = self._in_force(each, self.as_of) - self._in_force(each, self.start)
                if change:
                    yield _reduction(each), -change * each.amount

    def _used(self) -> Iterator[Figure]:
        for each in self.had.cash.uses:
            if each.source in self._there or each.source in self._there_before:
                now = self._in_force(each, self.as_of) and each.source in self._there
                before = self._in_force(each, self.start) and each.source in self._there_before
                if now != before:
                    yield USES.get(each.kind, "kept"), (now - before) * each.amount

    @cached_property
    def _there(self) -> frozenset[str]:
        return self._credits_on(self.as_of)

    @cached_property
    def _there_before(self) -> frozenset[str]:
        return self._credits_on(self.start)

    def _credits_on(self, day: dt.date) -> frozenset[str]:
        """The credits in the currency whose money is there on a day."""
        cash = self.had.cash
        statuses = cash.statuses(day, self.known_at)
        return frozenset(
            credit.id
            for credit in cash.credits
            if credit.currency == self.currency
            and credit.seen(day, self.known_at)
            and statuses.get(credit.id, "settled") == "settled"
        )

    @cached_property
    def _undone(self) -> Mapping[dt.date, frozenset[str]]:
        return {
            day: frozenset(each.allocation for each in self.had.cash.undoings if each.seen(day, self.known_at))
            for day in (self.start, self.as_of)
        }

    def _in_force(self, entry: Reduction | Use, day: dt.date) -> bool:
        return entry.seen(day, self.known_at) and entry.id not in self._undone[day]

    # What was paid --------------------------------------------------------------------------------------------------

    def _paid(self) -> Iterator[Figure]:
        due = self.had.ledger.due_dates(self.as_of, self.known_at)
        invoices = {item.id: item for item in self.items if item.kind == "invoice"}
        settled: dict[str, _Settled] = {}
        for on, id, amount, what in self._taken_off(invoices):
            settled.setdefault(id, _Settled()).add(on, amount, what)
            if what == "money" and on > self.start:
                item = invoices[id]
                yield from _amount_paid(item, amount, on, due.get(id, item.due_on))
        for id, each in settled.items():
            item = invoices[id]
            if each.pays(item.amount) and each.last > self.start:
                yield from _invoice_paid(item, each.last, due.get(id, item.due_on))

    def _taken_off(self, invoices: Mapping[str, Item]) -> Iterator[tuple[dt.date, str, int, str]]:
        """What was taken off invoices and is in force: day, item, amount, and whether by ``money``, ``given_up``, or else.

        Money for what had been written off is a recovery: it pays nothing that was still owed.
        """
        cash = self.had.cash
        payments = {credit.id for credit in cash.credits if credit.kind == "payment"}
        undone = self._undone[self.as_of]
        reductions = list(cash.reductions_on(self.as_of, self.known_at))
        recoveries = {each.settlement for each in reductions if each.kind == "recovered"}
        for made in cash.allocations:
            if made.item in invoices and made.id not in undone and made.seen(self.as_of, self.known_at):
                recovery = made.settlement is not None and made.settlement in recoveries
                what = "money" if made.source in payments and not recovery else "other"
                yield made.effective_on, made.item, made.amount, what
        for each in reductions:
            if each.item in invoices:
                yield each.effective_on, each.item, each.amount, "given_up" if each.kind in GIVEN_UP else "other"

    # What was promised, contested and ordered -------------------------------------------------------------------------

    def _promised(self) -> Iterator[Figure]:
        if not self.view.promises or self.start + _DAY > self.as_of:
            return
        for line in promises_kept(self.view, since=self.start + _DAY).lines:
            if line.paid.currency == self.currency:
                yield "promises", 1
                yield "promises_kept", int(line.status == "kept")
                yield "promised", line.paid.minor + line.missing.minor
                yield "promised_paid", line.paid.minor

    def _disputed(self) -> Iterator[Figure]:
        for state in self.view.disputes:
            item = self.all_items.get(state.items[0]) if state.items else None
            if item is None or item.currency != self.currency:
                continue
            if state.ended_on is None:
                yield "disputes_open", 1
            elif state.ended_on > self.start:
                yield "disputes_ended", 1
                yield "dispute_days", (state.ended_on - state.changes[0][0]).days

    def _ordered(self) -> Iterator[Figure]:
        decided: dict[str, list[OrderEntry]] = {}
        for entry in self.had.credit.orders:
            if entry.order.amount.currency == self.currency and entry.seen(self.as_of, self.known_at):
                decided.setdefault(entry.order.id, []).append(entry)
        closed = {
            each.order: each.effective_on
            for each in self.had.credit.moves
            if each.closes and each.seen(self.as_of, self.known_at)
        }
        for id, entries in decided.items():
            if entries[0].effective_on > self.start:
                yield "orders", 1
                yield "orders_held", int(entries[0].status == "held")
            yield from self._held(entries, closed.get(id))

    def _held(self, entries: list[OrderEntry], closed_on: dt.date | None) -> Iterator[Figure]:
        """How long an order was held: until it was decided otherwise, or closed."""
        held = next((at for at, entry in enumerate(entries) if entry.status == "held"), None)
        if held is None:
            return
        freed = next((entry for entry in entries[held:] if entry.status != "held"), None)
        ended_on = freed.effective_on if freed is not None else closed_on
        if ended_on is None:
            yield "orders_waiting", 1
        elif ended_on > self.start:
            yield "holds_ended", 1
            yield "orders_freed", int(freed is not None and freed.status == "reserved")
            yield "held_days", max(0, (ended_on - entries[held].effective_on).days)

    def _stopped(self) -> Iterator[Figure]:
        """The holds that stop the credit of the account or of an item, whatever the currency."""
        for hold, end in self.had.credit.stretches(self.as_of, self.known_at):
            if "credit" not in hold.stops:
                continue
            if hold.placed_on > self.start:
                yield "stops", 1
            if end is None or end > self.as_of:
                yield "stops_in_force", 1
            elif end > self.start:
                yield "stops_ended", 1
                yield "stopped_days", max(0, (end - hold.placed_on).days)


@final
class _Settled:
    """What was taken off one invoice so far."""

    __slots__ = ("given_up", "last", "money", "other")

    def __init__(self) -> None:
        self.money = self.given_up = self.other = 0
        self.last = dt.date.min

    def add(self, on: dt.date, amount: int, what: str) -> None:
        """So much more, on a day."""
        setattr(self, what, getattr(self, what) + amount)
        self.last = max(self.last, on) if amount > 0 else self.last

    def pays(self, owed: int) -> bool:
        """Whether nothing is open any more, and money did it."""
        return self.money + self.other >= owed and self.money > 0 and not self.given_up


def _amount_paid(item: Item, amount: int, on: dt.date, due_on: dt.date | None) -> Iterator[Figure]:
    yield "paid", amount
    yield "paid_days", amount * (on - item.document_on).days
    if due_on is not None:
        yield "paid_dated", amount
        yield "paid_late_days", amount * max(0, (on - due_on).days)


def _invoice_paid(item: Item, on: dt.date, due_on: dt.date | None) -> Iterator[Figure]:
    yield "paid_count", 1
    yield "to_pay_days", (on - item.document_on).days
    if due_on is not None:
        late = (on - due_on).days
        yield "paid_dated_count", 1
        yield "late_count", int(late > 0)
        yield "late_days", max(0, late)
        yield "signed_days", late


def _reduction(each: Reduction) -> str:
    """The movement that a reduction is."""
    if each.kind in GIVEN_UP or each.kind == "recovered":
        return "recovered" if each.kind == "recovered" else "written_off"
    if each.kind in DISCOUNTS:
        return "discounts"
    return "differences" if each.id is not None else "charge_corrections"
