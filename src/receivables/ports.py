"""The three small interfaces through which a host is reached: a store, a notifier, a clock.

The library opens nothing and commits nothing by itself. A `Store` keeps facts on a connection that the host opened and
inside the host's transaction; a `Notifier` sends; a `Clock` tells the time. `AsyncStore` and `AsyncNotifier` have the
same methods as coroutines.

What a store must hold to:

1. ``commit`` is all or nothing, and decided before its first lasting write: lock the accounts in key order, check every
   expected version, the receipts and the claims, then write.
2. The version of an account counts its facts and the times it was guarded. A moved version is `StaleAccount`, a claim that
   another has is `ClaimTaken`, a receipt key that is there already is `KeyReused`.
3. ``due`` and ``accounts`` give pages in the order of the ids, so that a run can commit between two pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol, final, runtime_checkable

from attrs import field, frozen

from receivables.documents.notice import Notice
from receivables.documents.reason import Reason
from receivables.facts.fact import Fact
from receivables.plans.plan import Claim, Erasure, Link
from receivables.state.account import Account


@final
@frozen(kw_only=True)
class Loaded:
    """What a store knows of an account: a snapshot or none, the facts after it, and the version.

    An account that the store does not know has no facts and version 0.
    """

    snapshot: Account | None = None
    facts: tuple[Fact, ...] = ()
    version: int = 0


@final
@frozen(kw_only=True)
class Receipt:
    """What a command came to, kept under its key: the same request gets it again.

    ``digest`` is the request's; ``outcome`` and ``reasons`` are the answer; ``ids`` names what was created.

    >>> receipt = Receipt(key="order 1", digest="ab" * 32, account="ACME", outcome="held", ids=("SO-1",),
    ...                   recorded_at=dt.datetime(2026, 2, 11, tzinfo=dt.UTC), reasons=(Reason(code="hold"),))
    >>> receipt.approved, str(receipt)
    (False, 'held: hold')
    """

    key: str
    digest: str
    account: str
    recorded_at: dt.datetime
    outcome: str
    reasons: tuple[Reason, ...] = ()
    ids: tuple[str, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether an order may go ahead."""
        return self.outcome in ("approved", "warned")

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        return f"{self.outcome}: {because}" if because else self.outcome


@final
@frozen(kw_only=True)
class Append:
    """Facts for one account, at the version that was read; ``wake_on`` is when it next needs attention.

    ``state`` is the account with the facts folded in: a store may keep it as a snapshot, or a row per item of it.
    Without facts only the wake day is set, and the version does not move.
    """

    account: str
    expected: int
    facts: tuple[Fact, ...]
    wake_on: dt.date | None
    state: Account = field(repr=False)


@final
@frozen(kw_only=True)
class Guard:
    """An account that must not have moved: the commit locks it and advances its version."""

    account: str
    expected: int


@final
@frozen(kw_only=True)
class Commit:
    """Everything that one decision writes, all or nothing.

    ``also`` are facts for further accounts, at most one append for each. Each claim and link belongs to the account of
    ``append``. ``erasures`` name facts that are there already, of accounts that the commit appends to.
    """

    append: Append
    also: tuple[Append, ...] = ()
    guards: tuple[Guard, ...] = ()
    claims: tuple[Claim, ...] = ()
    links: tuple[Link, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    erasures: tuple[Erasure, ...] = ()

    @property
    def appends(self) -> tuple[Append, ...]:
        """Every append of the commit, the first one first."""
        return (self.append, *self.also)


@runtime_checkable
class Store(Protocol):
    """Where facts are kept; see the rules at the top of this module."""

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """What is known of each of these accounts; an unknown id gives an empty `Loaded`."""
        ...

    def commit(self, commit: Commit) -> None:
        """Write all of it or nothing; raises `StaleAccount`, `ClaimTaken` or `KeyReused`."""
        ...

    def receipt(self, key: str) -> Receipt | None:
        """The receipt that a key was answered with."""
        ...

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """At most ``limit`` ids, in order, greater than ``after``, of accounts that wake on or before a day."""
        ...

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        """At most ``limit`` ids, in order, greater than ``after``, of all accounts that were written or guarded."""
        ...

    def find(self, namespace: str, key: str) -> Sequence[str]:
        """The ids of the accounts that claimed or linked a key, in order."""
        ...

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """At most ``limit`` facts of one account's log, in log order: those after its first ``after`` ones.

        A snapshot replaces nothing here: the log is the audit trail. Guards move the version and stand in no log. Each
        account has a log of its own, also one that was merged into another: logs are never joined here.
        """
        ...

    def in_transaction(self) -> bool:
        """Whether the host has a transaction open on the connection of this store."""
        ...


class AsyncStore(Protocol):
    """`Store` with coroutines."""

    def load(self, accounts: Sequence[str]) -> Awaitable[Mapping[str, Loaded]]:
        """See `Store.load`."""
        ...

    def commit(self, commit: Commit) -> Awaitable[None]:
        """See `Store.commit`."""
        ...

    def receipt(self, key: str) -> Awaitable[Receipt | None]:
        """See `Store.receipt`."""
        ...

    def due(self, day: dt.date, after: str, limit: int) -> Awaitable[Sequence[str]]:
        """See `Store.due`."""
        ...

    def accounts(self, after: str, limit: int) -> Awaitable[Sequence[str]]:
        """See `Store.accounts`."""
        ...

    def find(self, namespace: str, key: str) -> Awaitable[Sequence[str]]:
        """See `Store.find`."""
        ...

    def history(self, account: str, after: int, limit: int) -> Awaitable[Sequence[Fact]]:
        """See `Store.history`."""
        ...

    def in_transaction(self) -> Awaitable[bool]:
        """See `Store.in_transaction`."""
        ...


@final
@frozen(kw_only=True)
class Sent:
    """The notifier took the notice; ``receipt`` is its own reference, where it has one.

    >>> Sent(receipt="250 queued as 4F1").receipt
    '250 queued as 4F1'
    """

    receipt: str = ""


@final
@frozen(kw_only=True)
class NotSent:
    """The notice certainly did not go out; with ``retry`` another attempt may help.

    >>> NotSent(reason="421 try again later", retry=True).retry
    True
    """

    reason: str
    retry: bool = False


Delivery = Sent | NotSent


class Notifier(Protocol):
    """What sends a notice: an e-mail, a letter, a message.

    An exception means that nobody knows whether the notice went out. A notifier that ``honors_keys`` sends a key once
    however often it is asked, so an unknown outcome is cleared by asking again.
    """

    @property
    def honors_keys(self) -> bool:
        """Whether the same key is sent once only."""
        ...

    def send(self, notice: Notice) -> Delivery:
        """Send, and say what became of it."""
        ...


class AsyncNotifier(Protocol):
    """`Notifier` with a coroutine."""

    @property
    def honors_keys(self) -> bool:
        """Whether the same key is sent once only."""
        ...

    def send(self, notice: Notice) -> Awaitable[Delivery]:
        """See `Notifier.send`."""
        ...


class Clock(Protocol):
    """What tells the time: the core never asks the system."""

    def now(self) -> dt.datetime:
        """The instant, with its zone."""
        ...
