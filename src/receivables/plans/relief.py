"""From when an item bears interest, and on which days it bears none: by holds that stop interest, and by extensions.

1. An item that is extended before it is overdue is due on the new date, as if it had never had another.
2. One that is extended later stays due from the old date: what accrued until then is owed. The days from the extension to
   the new date bear nothing.
3. A hold that stops interest takes out its own days, the first and the last included, on all of the item or on a part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from receivables.policies.balances import FreeDays
from receivables.state.account import Account
from receivables.state.invoice import Dating, Item

_DAY = dt.timedelta(days=1)


class Relief(NamedTuple):
    """The due date from which an item bears interest, and the days on which it bears none."""

    due_on: dt.date | None
    free: tuple[FreeDays, ...] = ()


def relief_of(account: Account, item: Item, known_at: dt.datetime | None = None) -> Relief:
    """What spares an item interest, by the holds and extensions that were known at an instant."""
    if not account.ledger.datings and not account.credit.holds:
        return Relief(item.due_on)
    due_on, free = _extended(account, item, known_at)
    return Relief(due_on, (*free, *_held(account, item, known_at)))


def _extended(account: Account, item: Item, known_at: dt.datetime | None) -> tuple[dt.date | None, list[FreeDays]]:
    own = [entry for entry in account.ledger.datings if entry.item == item.id]
    dated = [entry.due_on for entry in own if not entry.extension]
    starts_on = dated[-1] if dated else item.due_on
    present, free = starts_on, list[FreeDays]()
    for entry in _in_effect_order(own, known_at):
        if present is None or starts_on is None or entry.due_on <= present:
            continue
        if entry.effective_on <= present == starts_on:
            starts_on = entry.due_on
        else:
            free.append(FreeDays(max(entry.effective_on, present + _DAY), entry.due_on))
        present = entry.due_on
    return starts_on, free


def _in_effect_order(datings: Iterable[Dating], known_at: dt.datetime | None) -> list[Dating]:
    found = [entry for entry in datings if entry.extension and entry.seen(dt.date.max, known_at)]
    return sorted(found, key=lambda entry: (entry.effective_on, entry.due_on))


def _held(account: Account, item: Item, known_at: dt.datetime | None) -> Iterator[FreeDays]:
    for hold, end in account.credit.stretches(dt.date.max, known_at):
        if "interest" in hold.stops and hold.covers(item.id, item.document) and (end is None or hold.placed_on < end):
            last = end - _DAY if end is not None else None
            yield FreeDays(hold.placed_on, last, hold.amount.minor if hold.amount is not None else None)
