"""Plans about holds: placed on an account, an invoice, an item or a part of one, and released before their end.

Two holds of one kind that a person places on the same thing, and that stop the same on the same day, would say twice who
agreed and until when: the later is refused. What a step of the ladder holds is beside that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from receivables.documents.hold import Hold
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.plans.commands import PlaceHold, ReleaseHold
from receivables.plans.invoice import item_of
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.state.account import Account
from receivables.values.money import Money


def place_hold(account: Account, command: PlaceHold, context: Context) -> Plan:
    """A hold on what is there and open, which is not over yet, and which no other hold of its kind is."""
    hold = command.hold
    opened(account, command.account)
    if any(entry.hold.id == hold.id for entry in account.credit.holds):
        raise ClaimTaken("hold", hold.id, account.id)
    _check_scope(account, hold)
    if hold.until is not None and hold.until < context.today:
        raise InvalidValue("hold.until", hold.until.isoformat(), f"must not be before today, {context.today}")
    check_approver(command.by, hold.approver, "hold.approver")
    for other in _placed_by_persons(account):
        if hold.overlaps(other):
            end = f"until {other.until}" if other.until is not None else "without an end"
            raise InvalidValue("hold.id", hold.id, f"must not overlap {other.id!r}, from {other.placed_on} {end}")
    fact = HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(hold.id,))


def _check_scope(account: Account, hold: Hold) -> None:
    if hold.document is not None and all(item.document != hold.document for item in account.ledger.items):
        raise UnknownId("invoice", hold.document)
    if hold.item is None:
        return
    item = item_of(account, hold.item)
    if hold.amount is None:
        return
    open_ = Money(account.cash.open_of(item.id, item.amount), item.currency)
    if hold.amount.currency != open_.currency:
        raise CurrencyMismatch(hold.amount, open_)
    if hold.amount.minor > open_.minor:
        raise OverApplied("item", item.id, hold.amount, open_)


def _placed_by_persons(account: Account) -> Iterator[Hold]:
    """The holds that persons placed, each with the last day on which it is in force; those that never were left out."""
    by_dunning = {entry.hold.id for entry in account.credit.holds if entry.by == "dunning"}
    for hold, end in account.credit.stretches(dt.date.max, None):
        if hold.id not in by_dunning and (end is None or hold.placed_on < end):
            yield attrs.evolve(hold, until=end - dt.timedelta(days=1)) if end is not None else hold


def release_hold(account: Account, command: ReleaseHold, context: Context) -> Plan:
    """A hold lifted from a day on."""
    opened(account, command.account)
    lifted = {entry.hold for entry in account.credit.liftings}
    placed = {entry.hold.id: entry for entry in account.credit.holds if entry.hold.id not in lifted}
    if command.hold not in placed:
        raise UnknownId("hold in force", command.hold)
    if command.on < placed[command.hold].effective_on:
        raise InvalidValue("command.on", command.on.isoformat(), "must not be before the hold was placed")
    fact = HoldReleased(hold=command.hold, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(command.hold,))
