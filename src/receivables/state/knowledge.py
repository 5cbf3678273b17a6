"""An account as it was known: what had happened by a date, as far as it was recorded by an instant, and nothing else.

Whoever works out a feature from it cannot look into the future by mistake: what came later is not there. A view answers most
questions; this is for those that need the history itself, payment by payment.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from receivables.state.account import TABLES, Account, joined_on


def as_known(account: Account, as_of: dt.date, known_at: dt.datetime | None = None) -> Account:
    """The account with the entries that were in effect on a date and known at an instant, and no others.

    >>> from receivables import Customer, Invoice, Money
    >>> invoices = [Invoice.due(number=number, account="ACME", issued_on=day, total=Money.of(100, "EUR"), due_on=day)
    ...             for number, day in (("INV-1", dt.date(2026, 1, 5)), ("INV-2", dt.date(2026, 3, 2)))]
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices)
    >>> [item.id for item in as_known(account, dt.date(2026, 2, 1)).ledger.items]
    ['INV-1']

    Of a merged account it is what was joined on the date. Of one that was part of another, nothing but who it is.
    """
    joined = joined_on(account, as_of, known_at)
    slices = {name: _seen(getattr(joined, name), as_of, known_at) for name in TABLES}
    return attrs.evolve(joined, parts=(), **slices)


def _seen(slice_: Any, as_of: dt.date, known_at: dt.datetime | None) -> Any:
    """A slice with the entries that were seen; the slice itself where that is all of them."""
    changed = {}
    for field in attrs.fields(type(slice_)):
        entries = getattr(slice_, field.name)
        seen = tuple([entry for entry in entries if entry.seen(as_of, known_at)])
        if len(seen) < len(entries):
            changed[field.name] = seen
    return attrs.evolve(slice_, **changed) if changed else slice_
