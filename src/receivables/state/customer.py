"""The profile slice: who the account belongs to, as dated entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.customer import Customer, group_account_id
from receivables.facts.customer import AccountOpened, CustomerChanged, GroupOpened
from receivables.state.entry import Entry, Placement


@final
@frozen(weakref_slot=False)
class ProfileEntry(Entry):
    """The customer as it became known; ``None`` on the account of a group, which has no customer of its own."""

    account: str
    customer: Customer | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Profile:
    """Every version of the customer, in log order."""

    entries: tuple[ProfileEntry, ...] = ()


def _customer(fact: Any) -> Iterable[ProfileEntry]:
    return (ProfileEntry(fact.customer.account, fact.customer, fact.effective_on, fact.recorded_at),)


def _group(fact: GroupOpened) -> Iterable[ProfileEntry]:
    return (ProfileEntry(group_account_id(fact.group), None, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    AccountOpened: (("entries", _customer),),
    CustomerChanged: (("entries", _customer),),
    GroupOpened: (("entries", _group),),
}
