"""Plans about extensions: a later due date for an item, or for what is open of an invoice.

An extension is not a hold: from its day on the item is due later, for aging, dunning and credit alike, and another due
date is another ladder. Views of the days before show the old one. What it does to interest, `receivables.plans.relief`
says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from receivables.errors import InvalidValue
from receivables.facts.invoice import DueDateExtended
from receivables.plans.commands import ExtendDue
from receivables.plans.dispute import check_day, items_named
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.state.account import Account
from receivables.state.invoice import Item


def extend_due(account: Account, command: ExtendDue, context: Context) -> Plan:
    """The later due date of each open item that is named, from a day on that is not after today."""
    opened(account, command.account)
    items = _open_items(account, command)
    check_day("command.on", command.on, items, context)
    check_approver(command.by, command.approver)
    _check_due(account, command, items)
    _check_unplanned(account, items, context)
    facts = tuple(
        DueDateExtended(
            item=item.id,
            due_on=command.due_on,
            approver=command.approver,
            reason=command.reason,
            effective_on=command.on,
            recorded_at=context.now,
            by=command.by,
        )
        for item in items
    )
    return Plan(facts=facts, outcome="extended", ids=tuple(item.id for item in items))


def _open_items(account: Account, command: ExtendDue) -> Sequence[Item]:
    items = items_named(account, command.item)
    found = [item for item in items if account.cash.open_of(item.id, item.amount) > 0]
    if not found:
        raise InvalidValue("command.item", command.item, "must have something open")
    return found


def _check_due(account: Account, command: ExtendDue, items: Sequence[Item]) -> None:
    """That each has a due date, and gets a later one."""
    if command.due_on < command.on:
        raise InvalidValue("command.due_on", command.due_on.isoformat(), f"must not be before {command.on}")
    dates = account.ledger.due_dates(dt.date.max, None)
    for item in items:
        present = dates.get(item.id, item.due_on)
        if present is None:
            raise InvalidValue("command.item", item.id, "must have a due date to extend")
        if command.due_on <= present:
            raise InvalidValue(
                "command.due_on", command.due_on.isoformat(), f"must be later than {present}, when {item.id!r} is due"
            )


def _check_unplanned(account: Account, items: Sequence[Item], context: Context) -> None:
    withheld = context.view(account).withheld_of
    for item in items:
        for part in withheld.get(item.id, ()):
            if part.kind == "plan":
                raise InvalidValue("command.item", item.id, f"must not be in a payment plan, and is in {part.id!r}")
