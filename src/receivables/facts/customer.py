"""Facts about who owes: accounts and groups opened, customers changed."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.customer import Customer
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class AccountOpened(Fact):
    """An account was opened for a customer."""

    customer: Customer


@final
@frozen(kw_only=True)
class CustomerChanged(Fact):
    """The customer moved to another group, segment, zone, language or contact, from a day on."""

    customer: Customer


@final
@frozen(kw_only=True)
class GroupOpened(Fact):
    """The common account of a group of customers was opened; it holds the group's limit."""

    group: str
