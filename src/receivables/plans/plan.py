"""What a plan is: the facts to record, what they claim, whom they guard, and what is answered.

A plan is made from an account, the policies and a command, by a pure function. It is decided in full before anything is
recorded; a command that cannot be is a typed error and leaves nothing behind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import final

from attrs import field, frozen

from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.fact import Fact
from receivables.policies.book import PolicyBook
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values.dates import BusinessCalendar

VIEWS = 4
"""How many views are kept at hand while a command is decided."""


@final
@frozen
class Claim:
    """A key that only one account can have: an invoice number, a bank line, a notice."""

    namespace: str
    key: str


@final
@frozen
class Link:
    """A key under which an account can be found, together with others: the members of a group."""

    namespace: str
    key: str


@final
@frozen(kw_only=True)
class Erasure:
    """Facts whose personal texts are to be erased for ever, by their places in the log of an account, from 1 on.

    Everything else of them stays. A place that has no personal text, or no fact, is left alone.
    """

    account: str
    positions: tuple[int, ...]


@final
@frozen(kw_only=True)
class Plan:
    """What a command comes to. ``ids`` names what it created; ``guards`` are accounts that must not move meanwhile.

    ``others`` are facts for further accounts, by the ids under which the command asked for them; all are committed
    together.
    """

    facts: tuple[Fact, ...] = ()
    others: Mapping[str, tuple[Fact, ...]] = field(factory=dict)
    claims: tuple[Claim, ...] = ()
    links: tuple[Link, ...] = ()
    guards: tuple[str, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    outcome: str = "recorded"
    reasons: tuple[Reason, ...] = ()
    ids: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class Context:
    """What a plan may look at besides the account: policies, the instant, the day, and relatives of the account.

    ``today`` is the date of ``now`` in the creditor's zone. ``relatives`` are further accounts where the
    command needs them, by id: those of the customer's group and its members, or those that the command names.
    ``rates`` are the exchange rates that the host knows, with date and source.
    """

    policies: PolicyBook
    now: dt.datetime
    today: dt.date
    relatives: Mapping[str, Account] = field(factory=dict)
    calendars: Mapping[str, BusinessCalendar] = field(factory=dict)
    rates: tuple[ExchangeRate, ...] = ()
    logs: Mapping[str, tuple[Fact, ...]] = field(factory=dict, repr=False)
    """The logs of the account and its parts, for a command that reads them."""
    seen: dict[tuple[int, dt.date], tuple[Account, View]] = field(factory=dict, eq=False, repr=False)
    """The views that were worked out already: a command and what follows from it look at the same account many times."""
    kin: dict[str, tuple[Account, View]] = field(factory=dict, eq=False, repr=False)
    """The views of relatives that were worked out already, by id."""

    def view(self, account: Account, day: dt.date | None = None) -> View:
        """The account on a day, today where none is said, by all that is recorded; worked out once.

        The last few are kept: a batch goes through as many accounts as it has commands.
        """
        key = (id(account), day or self.today)
        found = self.seen.get(key)
        if found is None:
            while len(self.seen) >= VIEWS:
                del self.seen[next(iter(self.seen))]
            found = self.seen[key] = account, account.view(key[1])
        return found[1]

    def relative(self, other: str) -> View:
        """A relative today, by all that is recorded; a group is looked at as often as it has orders that wait."""
        account = self.relatives[other]
        found = self.kin.get(other)
        if found is None or found[0] is not account:
            found = self.kin[other] = account, account.view(self.today)
        return found[1]


def opened(account: Account, id: str) -> Account:
    """The account, or `UnknownId` where it was never opened."""
    if not account.profile.entries:
        raise UnknownId("account", id)
    return account


def check_approver(by: str | None, approver: str | None, field: str = "command.approver") -> None:
    """That who asks is named, and is not the one who approves, where somebody does: maker is never checker."""
    if approver is None:
        return
    if by is None:
        raise InvalidValue("command.by", by, "must name the person who asks")
    if by == approver:
        raise InvalidValue(field, approver, "must be another person than the one who asks")
