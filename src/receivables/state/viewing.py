"""How the view of an account is worked out; what it has is in `receivables.state.view`.

Each slice of the account gives its part. Entries of one day do not depend on each other's order: amounts are sums. Where
one entry follows another (the decisions about an order, the events of a notice) the later one in the log counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate
from typing import Protocol

import attrs

from receivables.documents.customer import Customer
from receivables.documents.hold import Hold
from receivables.documents.notice import Notice
from receivables.state.application import Applications
from receivables.state.arrangements import arranged
from receivables.state.assignment import Collectors
from receivables.state.authority import Authority
from receivables.state.bureau import BureauLog
from receivables.state.cash import Cash
from receivables.state.contact_log import ContactLog
from receivables.state.credit import Credit, OrderEntry
from receivables.state.customer import Profile, ProfileEntry
from receivables.state.dispute import Disputes
from receivables.state.dunning import Dunning, Migration
from receivables.state.erasure import Erasures
from receivables.state.invoice import Item, Ledger
from receivables.state.loss import AllowanceState, Losses
from receivables.state.orders import OrderParts
from receivables.state.payment_method import PaymentMethods
from receivables.state.payment_plan import PaymentPlans
from receivables.state.placement import PlacementLog
from receivables.state.promise import Promises
from receivables.state.request import Requests
from receivables.state.risk import Risk
from receivables.state.view import Book, Ladder, NoticeState, OpenCredit, OpenOrder, View
from receivables.state.withheld import Pause
from receivables.values import checks
from receivables.values.currencies import Currency


class _Slices(Protocol):
    """What a view is built from: the slices of an account."""

    @property
    def id(self) -> str: ...
    @property
    def profile(self) -> Profile: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cash(self) -> Cash: ...
    @property
    def credit(self) -> Credit: ...
    @property
    def dunning(self) -> Dunning: ...
    @property
    def disputes(self) -> Disputes: ...
    @property
    def promises(self) -> Promises: ...
    @property
    def losses(self) -> Losses: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def payment_plans(self) -> PaymentPlans: ...
    @property
    def authority(self) -> Authority: ...
    @property
    def applications(self) -> Applications: ...
    @property
    def payment_methods(self) -> PaymentMethods: ...
    @property
    def risk(self) -> Risk: ...
    @property
    def collectors(self) -> Collectors: ...
    @property
    def contact_log(self) -> ContactLog: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def bureau(self) -> BureauLog: ...
    @property
    def placements(self) -> PlacementLog: ...


def build_view(account: _Slices, as_of: dt.date, known_at: dt.datetime | None) -> View:
    """Work out the view of an account; see `Account.view`."""
    checks.day("view.as_of", as_of)
    applied, used = _allocated(account.cash, as_of, known_at)
    ladders, notices, last_notice_on = _dunning(account.dunning, as_of, known_at)
    laddered = {ladder.item for ladder in ladders} | {raised.charge.id for raised in account.ledger.charges}
    books, closed = _books(account.ledger, applied, laddered, as_of, known_at)
    agreed = arranged(account, as_of, known_at)
    stretches = tuple(account.credit.stretches(as_of, known_at))
    return View(
        account=account.id,
        as_of=as_of,
        known_at=known_at,
        customer=_customer(account.profile, as_of, known_at),
        books=books,
        credits=_credits(account.cash, used, as_of, known_at),
        pending=_pending(account.cash, as_of, known_at),
        returned=_returned(account.cash, as_of, known_at),
        orders=_orders(account.credit, as_of, known_at),
        limits=account.credit.limits_on(as_of, known_at),
        drafts=account.credit.drafts_on(as_of, known_at),
        approved_rates=account.credit.approved_rates(as_of, known_at),
        holds=tuple([hold for hold, end in stretches if end is None or as_of < end]),
        pauses=(*_pauses(stretches, account.ledger, as_of, known_at), *agreed.pauses),
        disputes=agreed.disputes,
        promises=agreed.promises,
        payment_plans=agreed.payment_plans,
        replanned=agreed.replanned,
        withheld=agreed.withheld,
        requests=account.requests.states(as_of, known_at),
        payment_methods=account.payment_methods.states(as_of, known_at),
        losses=account.losses.states(account.ledger.items, account.cash, as_of, known_at),
        allowances=_allowances(account.losses, books, as_of, known_at),
        risk=account.risk.state(as_of, known_at),
        approvals=account.authority.states(as_of, known_at),
        applications=account.applications.states(as_of, known_at),
        authority_used=account.authority.used(as_of, known_at),
        attempts=account.authority.tried(as_of, known_at),
        assignment=account.collectors.on(as_of, known_at),
        contacts=account.contact_log.on(as_of, known_at),
        erasure=account.erasures.state(as_of, known_at),
        actions=account.contact_log.states(as_of, known_at),
        bureau=account.bureau.states(as_of, known_at),
        placements=account.placements.states(account.cash, as_of, known_at),
        ladders=ladders,
        notices=notices,
        closed=closed,
        last_notice_on=last_notice_on,
        discounts=tuple(entry for entry in account.ledger.discounts if entry.seen(as_of, known_at)),
    )


def _customer(profile: Profile, as_of: dt.date, known_at: dt.datetime | None) -> Customer | None:
    """The customer as of a date: the version that took effect last, and of one day the one recorded last."""
    chosen: ProfileEntry | None = None
    for entry in profile.entries:
        if entry.seen(as_of, known_at) and (chosen is None or entry.effective_on >= chosen.effective_on):
            chosen = entry
    return chosen.customer if chosen else None


def _allocated(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> tuple[dict[str, int], dict[str, int]]:
    """How much was applied to each item and used of each credit."""
    applied: dict[str, int] = {}
    used: dict[str, int] = {}
    for reduction in cash.reductions_on(as_of, known_at):
        applied[reduction.item] = applied.get(reduction.item, 0) + reduction.amount
    if not cash.allocations and not cash.uses:
        return applied, used
    undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
    for use in cash.uses:
        if use.id not in undone and use.seen(as_of, known_at):
            used[use.source] = used.get(use.source, 0) + use.amount
    for entry in cash.allocations:
        if entry.id not in undone and entry.seen(as_of, known_at):
            applied[entry.item] = applied.get(entry.item, 0) + entry.amount
            used[entry.source] = used.get(entry.source, 0) + entry.amount
    return applied, used


def _books(
    ledger: Ledger, applied: Mapping[str, int], laddered: Set[str], as_of: dt.date, known_at: dt.datetime | None
) -> tuple[tuple[Book, ...], frozenset[str]]:
    rows: dict[Currency, list[tuple[int, str, int, Item]]] = {}
    closed = []
    for item in _dated(ledger, as_of, known_at):
        if item.effective_on > as_of or (known_at is not None and item.recorded_at > known_at):
            continue
        rest = item.amount - applied.get(item.id, 0)
        if rest:
            due = (item.due_on or item.document_on).toordinal()
            row = (due, item.id, rest, item)
            if (column := rows.get(item.currency)) is None:
                column = rows[item.currency] = []
            column.append(row)
        else:
            closed.append(item.id)
    books = tuple(_book(currency, rows[currency], laddered) for currency in sorted(rows, key=lambda each: each.code))
    return books, frozenset(closed)


def _allowances(
    losses: Losses, books: Iterable[Book], as_of: dt.date, known_at: dt.datetime | None
) -> tuple[AllowanceState, ...]:
    if not losses.allowances:
        return ()
    open_ = {item.id: (book.currency, book.open[at]) for book in books for at, item in enumerate(book.items)}
    return losses.allowances_on(open_, as_of, known_at)


def _dated(ledger: Ledger, as_of: dt.date, known_at: dt.datetime | None) -> Iterable[Item]:
    """The items, with the due dates that became known later."""
    if not ledger.datings:
        return ledger.items
    dates = ledger.due_dates(as_of, known_at)
    return [attrs.evolve(item, due_on=dates[item.id]) if item.id in dates else item for item in ledger.items]


def _book(currency: Currency, rows: list[tuple[int, str, int, Item]], laddered: Set[str]) -> Book:
    rows.sort()
    due, _, open_, items = zip(*rows, strict=True)
    undated = any(item.due_on is None for item in items)
    on = (
        tuple([at for at, item in enumerate(items) if item.id in laddered or item.kind != "invoice"])
        if laddered
        else ()
    )
    return Book(currency, items, due, open_, tuple(accumulate(open_, initial=0)), undated, on)


def _credits(
    cash: Cash, used: Mapping[str, int], as_of: dt.date, known_at: dt.datetime | None
) -> tuple[OpenCredit, ...]:
    statuses = cash.statuses(as_of, known_at)
    return tuple(
        OpenCredit(entry.id, entry.kind, entry.currency, entry.amount - used.get(entry.id, 0))
        for entry in cash.credits
        if entry.seen(as_of, known_at)
        and entry.amount > used.get(entry.id, 0)
        and (not statuses or statuses.get(entry.id, "settled") == "settled")
    )


def _pending(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> tuple[OpenCredit, ...]:
    """The payments of which nobody knows yet that they are there."""
    statuses = cash.statuses(as_of, known_at)
    return tuple(
        OpenCredit(entry.id, entry.kind, entry.currency, entry.amount)
        for entry in cash.credits
        if statuses.get(entry.id) in ("pending", "unknown") and entry.seen(as_of, known_at)
    )


def _returned(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> tuple[tuple[str, dt.date], ...]:
    """The payments that came back or were charged back; one that was booked by mistake says nothing."""
    return tuple(
        (fate.payment, fate.effective_on)
        for fate in cash.fates
        if fate.status in ("returned", "chargeback") and fate.seen(as_of, known_at)
    )


def _orders(credit: Credit, as_of: dt.date, known_at: dt.datetime | None) -> tuple[OpenOrder, ...]:
    """The orders that still count: reserved ones with what is left of them, and held ones."""
    if not credit.orders:
        return ()
    decided: dict[str, OrderEntry] = {e.order.id: e for e in credit.orders if e.seen(as_of, known_at)}
    moves: dict[str, list[tuple[str, int, bool]]] = {}
    for entry in credit.moves:
        if entry.seen(as_of, known_at):
            moves.setdefault(entry.order, []).append((entry.kind, entry.amount, entry.closes))
    drafted: dict[tuple[str | None, Currency], int] = {}
    for draft in credit.drafts_on(as_of, known_at):
        key = (draft.order, draft.amount.currency)
        drafted[key] = drafted.get(key, 0) + draft.amount.minor
    found = (
        _open_order(each, moves.get(id, ()), drafted.get((id, each.order.amount.currency), 0))
        for id, each in decided.items()
    )
    return tuple(order for order in found if order is not None)


_COUNTS: Mapping[str, Callable[[OrderParts], bool]] = {
    "reserved": lambda parts: parts.left > 0,
    "held": lambda parts: parts.left > 0,
    "refused": lambda parts: parts.delivered > 0,
}
"""Whether an order of a status still counts."""


def _open_order(entry: OrderEntry, moves: Iterable[tuple[str, int, bool]], drafted: int) -> OpenOrder | None:
    """An order with what of it counts; ``None`` where it is over.

    What was delivered counts whatever was decided: of a held order that was asked for again and refused too.
    """
    parts = OrderParts.of(entry.order.amount.minor, moves, drafted)
    if not _COUNTS[entry.status](parts):
        return None
    reserved = parts.delivered + (parts.ordered if entry.status == "reserved" else 0)
    return OpenOrder(
        entry.order, entry.status, entry.reasons, reserved, parts.delivered, entry.effective_on, entry.record
    )


def _pauses(
    stretches: Sequence[tuple[Hold, dt.date | None]], ledger: Ledger, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[Pause]:
    """The stretches of days in which a hold stopped dunning, those that are over and those that go on."""
    for hold, end in stretches:
        if hold.stops_all("dunning"):
            last = (as_of if end is None else min(as_of, end)).toordinal()
            for item in _paused(hold, ledger, as_of, known_at):
                yield Pause(item, hold.placed_on.toordinal(), last)


def _paused(hold: Hold, ledger: Ledger, as_of: dt.date, known_at: dt.datetime | None) -> Iterable[str | None]:
    """The item that a hold is on, the items of its document, or ``None`` for all."""
    if hold.document is None:
        return (hold.item,)
    return [item.id for item in ledger.items if item.document == hold.document and item.seen(as_of, known_at)]


def _dunning(
    dunning: Dunning, as_of: dt.date, known_at: dt.datetime | None
) -> tuple[tuple[Ladder, ...], tuple[NoticeState, ...], dt.date | None]:
    if not dunning.notices and not dunning.steps:
        return (), (), None
    last: dict[str, tuple[str, dt.date]] = {
        event.notice: (event.status, event.effective_on) for event in dunning.events if event.seen(as_of, known_at)
    }
    ladders = {
        entry.item: Ladder(entry.item, entry.ladder_from, entry.step, entry.stepped_on, None, None)
        for entry in dunning.steps
        if entry.seen(as_of, known_at)
    }
    annulled: dict[str, frozenset[str]] = {}
    for annulment in dunning.annulments:
        if annulment.seen(as_of, known_at):
            annulled[annulment.notice] = annulled.get(annulment.notice, frozenset()) | set(annulment.items)
    notices = []
    decided: dict[str, dt.datetime] = {}
    for entry in dunning.notices:
        if entry.seen(as_of, known_at):
            status, on = last.get(entry.notice.key, (entry.first_status, entry.effective_on))
            gone = annulled.get(entry.notice.key, frozenset())
            notices.append(NoticeState(entry.notice, status, entry.effective_on, gone))
            for item in _climb(ladders, entry.notice, status, on, gone):
                decided[item] = entry.recorded_at
    if dunning.migrations:
        _migrate(ladders, dunning, decided, as_of, known_at)
    letters = {
        entry.notice.key
        for entry in dunning.notices
        if entry.notice.audience == "customer" and entry.notice.retracts is None
    }
    sent = [on for key, (status, on) in last.items() if status == "sent" and key in letters]
    return tuple(ladders.values()), tuple(notices), max(sent, default=None)


def _migrate(
    ladders: dict[str, Ladder],
    dunning: Dunning,
    decided: Mapping[str, dt.datetime],
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> None:
    """Move ladders to the policy that they were migrated to; one whose letter was decided later has moved already.

    The step that it stood on then has the name that the migration gives. A step that a letter under way reached since, or
    that an annulment fell back to, keeps its own.
    """
    for each in dunning.migrations:
        ladder = ladders.get(each.item)
        if ladder is None or ladder.policy == each.policy or not each.seen(as_of, known_at):
            continue
        if decided.get(each.item, each.recorded_at) > each.recorded_at:
            continue
        step = each.step if ladder.step == _stood_on(dunning, each) else ladder.step
        ladders[each.item] = attrs.evolve(ladder, policy=each.policy, step=step)


def _stood_on(dunning: Dunning, migration: Migration) -> str | None:
    """The step on which an item stood when it was migrated, by the name that it had until then."""
    found: list[tuple[dt.datetime, int, str | None]] = []
    found += [(e.recorded_at, 0, e.step) for e in dunning.steps if e.item == migration.item]
    earlier = dunning.migrations[: dunning.migrations.index(migration)]
    found += [(e.recorded_at, 2, e.step) for e in earlier if e.item == migration.item]
    sent = {event.notice: event.recorded_at for event in dunning.events if event.status == "sent"}
    for entry in dunning.notices:
        for line in entry.notice.claimed if entry.notice.key in sent and entry.notice.retracts is None else ():
            if line.item == migration.item and entry.notice.audience == "customer":
                found.append((sent[entry.notice.key], 1, line.step))
    before = [each for each in found if each[0] <= migration.recorded_at]
    return max(before, key=lambda each: each[:2])[2] if before else None


def _climb(ladders: dict[str, Ladder], notice: Notice, status: str, on: dt.date, annulled: Set[str]) -> Iterator[str]:
    """Move the ladders of a notice's lines: up where it was sent, waiting where it was not yet.

    Gives the items whose ladder now has the policy of this notice. A letter that was cancelled moves none; where it was to
    replace one that had failed, the step is free to be taken anew.
    """
    if notice.audience != "customer" or notice.retracts is not None:
        return
    for line in notice.claimed:
        if line.item in annulled:
            continue
        before = ladders.get(line.item)
        if status == "cancelled":
            if before is not None and before.pending == "failed":
                ladders[line.item] = attrs.evolve(before, pending=None)
        elif status == "sent":
            ladders[line.item] = Ladder(
                line.item, line.ladder_from, line.step, on, line.policy, None, line.times, line.pay_by
            )
            yield line.item
        elif before is not None and before.ladder_from == line.ladder_from:
            ladders[line.item] = attrs.evolve(before, pending=status)
        else:
            ladders[line.item] = Ladder(line.item, line.ladder_from, None, None, line.policy, status)
            yield line.item
