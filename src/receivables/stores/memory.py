"""The embedded default: a store in memory, and the reference for every adapter.

It keeps for each account its facts and the account folded from them. A lock makes a commit all or nothing between
threads; what it gives out is immutable.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import merge
from itertools import islice
from threading import RLock
from typing import final

from receivables.errors import ClaimTaken, KeyReused, StaleAccount
from receivables.facts.fact import Fact
from receivables.plans.plan import Erasure
from receivables.ports import Append, Commit, Loaded, Receipt
from receivables.state.account import Account, fold
from receivables.stores.bodies import erased, fact_texts
from receivables.stores.chain import START, Head, Linked, linked


class _Head:
    """What is kept of one account."""

    __slots__ = ("chain", "facts", "state", "version", "wake_on")

    def __init__(self) -> None:
        self.version = 0
        self.facts: list[Fact] = []
        self.state: Account | None = None
        self.wake_on: dt.date | None = None
        self.chain: list[Linked] = []

    def linked(self, id: str) -> list[Linked]:
        """The chain, as far as somebody asked for it: it is worked out when it is looked at."""
        after = len(self.chain)
        start = Head(account=id, length=after, link=self.chain[-1].link if after else START)
        self.chain.extend(linked(id, (fact_texts(fact)[1] for fact in self.facts[after:]), start))
        return self.chain

    def erase(self, position: int) -> None:
        """The fact at a place without what a person wrote."""
        if 0 < position <= len(self.facts):
            self.facts[position - 1] = erased(self.facts[position - 1])


class _Alarms:
    """Who wakes when: the ids by their day, in order, so that a page of those who are due costs nothing for the others."""

    __slots__ = ("_by_day", "_days")

    def __init__(self) -> None:
        self._by_day: dict[dt.date, list[str]] = {}
        self._days: list[dt.date] = []

    def move(self, id: str, before: dt.date | None, after: dt.date | None) -> None:
        """Set an alarm anew; `None` is a sleeper."""
        if before == after:
            return
        if before is not None:
            ids = self._by_day[before]
            del ids[bisect_left(ids, id)]
            if not ids:
                del self._by_day[before], self._days[bisect_left(self._days, before)]
        if after is not None:
            if after not in self._by_day:
                self._by_day[after] = []
                insort(self._days, after)
            insort(self._by_day[after], id)

    def due(self, day: dt.date, after: str, limit: int) -> list[str]:
        """The first ids greater than ``after`` that wake on or before a day."""
        lists = [self._by_day[each] for each in self._days[: bisect_right(self._days, day)]]
        return list(islice(merge(*(_greater(ids, after, limit) for ids in lists)), limit))


def _greater(ids: list[str], after: str, limit: int) -> list[str]:
    start = bisect_right(ids, after)
    return ids[start : start + limit]


@final
class MemoryStore:
    """Facts in memory, for scripts and tests; gone with the process.

    ``transaction`` is a context manager for the service: it rolls back nothing, because a commit here is one step.

    >>> store = MemoryStore()
    >>> store.load(["ACME"])["ACME"].version
    0
    """

    def __init__(self) -> None:
        self._heads: dict[str, _Head] = {}
        self._ids: list[str] = []
        self._alarms = _Alarms()
        self._claims: dict[tuple[str, str], str] = {}
        self._links: dict[tuple[str, str], list[str]] = {}
        self._receipts: dict[str, Receipt] = {}
        self._lock = RLock()

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """See `receivables.ports.Store.load`: the whole account is the snapshot."""
        with self._lock:
            return {id: self._loaded(id) for id in accounts}

    def _loaded(self, id: str) -> Loaded:
        head = self._heads.get(id)
        return Loaded() if head is None else Loaded(snapshot=head.state, version=head.version)

    def facts(self, account: str) -> tuple[Fact, ...]:
        """Every fact of an account, in log order."""
        with self._lock:
            head = self._heads.get(account)
            return tuple(head.facts) if head else ()

    def commit(self, commit: Commit) -> None:
        """See `receivables.ports.Store.commit`: every check stands before the first write."""
        with self._lock:
            self._check(commit)
            self._write(commit)

    def _check(self, commit: Commit) -> None:
        asked = [(append.account, append.expected) for append in commit.appends]
        asked += [(guard.account, guard.expected) for guard in commit.guards]
        for id, expected in sorted(asked):
            head = self._heads.get(id)
            actual = head.version if head else 0
            if actual != expected:
                raise StaleAccount(id, expected, actual)
        answered: set[str] = set()
        for receipt in commit.receipts:
            if receipt.key in self._receipts or receipt.key in answered:
                raise KeyReused(receipt.key)
            answered.add(receipt.key)
        claimed: set[tuple[str, str]] = set()
        for claim in commit.claims:
            key = (claim.namespace, claim.key)
            if key in self._claims or key in claimed:
                raise ClaimTaken(claim.namespace, claim.key, self._claims.get(key, commit.append.account))
            claimed.add(key)

    def _write(self, commit: Commit) -> None:
        first = commit.append.account
        for append in commit.appends:
            self._append(append)
        for guard in commit.guards:
            self._head(guard.account).version += 1
        for claim in commit.claims:
            self._claims[claim.namespace, claim.key] = first
        for erasure in commit.erasures:
            self._erase(erasure)
        for link in commit.links:
            members = self._links.setdefault((link.namespace, link.key), [])
            if first not in members:
                insort(members, first)
        for receipt in commit.receipts:
            self._receipts[receipt.key] = receipt

    def _append(self, append: Append) -> None:
        head = self._head(append.account)
        head.facts.extend(append.facts)
        head.version += len(append.facts)
        head.state = append.state
        self._wake(append.account, append.wake_on)

    def _erase(self, erasure: Erasure) -> None:
        """The account is folded anew: what was erased must not stay in the snapshot."""
        head = self._heads[erasure.account]
        for position in erasure.positions:
            head.erase(position)
        head.state = fold(head.facts)

    def _wake(self, id: str, wake_on: dt.date | None) -> None:
        head = self._heads[id]
        self._alarms.move(id, head.wake_on, wake_on)
        head.wake_on = wake_on

    def _head(self, id: str) -> _Head:
        head = self._heads.get(id)
        if head is None:
            head = self._heads[id] = _Head()
            insort(self._ids, id)
        return head

    def receipt(self, key: str) -> Receipt | None:
        """See `receivables.ports.Store.receipt`."""
        return self._receipts.get(key)

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.due`."""
        with self._lock:
            return self._alarms.due(day, after, limit)

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.accounts`."""
        with self._lock:
            return _greater(self._ids, after, limit)

    def find(self, namespace: str, key: str) -> Sequence[str]:
        """See `receivables.ports.Store.find`."""
        with self._lock:
            claimed = self._claims.get((namespace, key))
            return sorted({*self._links.get((namespace, key), ()), *([claimed] if claimed else ())})

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """See `receivables.ports.Store.history`."""
        with self._lock:
            head = self._heads.get(account)
            return tuple(head.facts[after : after + limit]) if head else ()

    def head(self, account: str) -> Head:
        """Where the hash chain of an account ends; see `receivables.stores.chain`."""
        with self._lock:
            rows = self._linked(account)
            return Head(account=account, length=len(rows), link=rows[-1].link if rows else START)

    def heads(self, after: str, limit: int) -> Sequence[Head]:
        """At most ``limit`` heads of the chains of all accounts, in the order of the ids, greater than ``after``."""
        return [self.head(id) for id in self.accounts(after, limit)]

    def export(self, account: str, after: int, limit: int) -> Sequence[Linked]:
        """At most ``limit`` rows of one account's chain after its first ``after`` ones: no personal text is in them."""
        with self._lock:
            return tuple(self._linked(account)[after : after + limit])

    def _linked(self, account: str) -> list[Linked]:
        head = self._heads.get(account)
        return head.linked(account) if head else []

    def in_transaction(self) -> bool:
        """Never: a commit here is one step."""
        return False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction for the service; there is nothing to begin or to end."""
        yield
