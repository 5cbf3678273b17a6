"""A hypothesis state machine that drives a store beside the memory store, and compares them after every step.

    TestMyStore = store_machine(MyHost).TestCase

``MyHost`` is called for each example and gives something with ``store()``, which gives the store, also after a restart,
and ``close()``. Commits are drawn at will: right and wrong versions, guards, claims, links and receipts that collide,
facts of every kind, further accounts. Both stores must take the same ones and refuse the others with the same error. How
many examples and steps: ``TestMyStore.settings``, as with any machine of hypothesis.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from receivables.documents.reason import Reason
from receivables.errors import ReceivablesError, StaleAccount
from receivables.facts.fact import Fact
from receivables.plans.plan import Claim, Link
from receivables.ports import Append, Commit, Guard, Loaded, Receipt, Store
from receivables.state.account import Account, fold
from receivables.stores.memory import MemoryStore
from receivables.testing.contracts import paid
from receivables.testing.strategies import facts as any_fact
from receivables.values.money import Money

ACCOUNTS = ("A", "B", "é", "group:G")
KEYS = ("1", "2", "x'; --", "日本")
DAY = dt.date(2026, 3, 2)


class StoreHost(Protocol):
    """What opens the connections of a store for one example."""

    def store(self) -> Store:
        """The store on the data of this example; called again after a restart."""
        ...

    def close(self) -> None:
        """The end of the example."""
        ...


ids = st.sampled_from(ACCOUNTS)
keys = st.sampled_from(KEYS)
namespaces = st.sampled_from(("invoice", "group"))
days = st.none() | st.integers(-3, 3).map(lambda days: DAY + dt.timedelta(days=days))
facts = st.lists(any_fact() | st.builds(paid, ids, keys), max_size=2).map(tuple)
shifts = st.sampled_from((0, 0, 0, 0, 0, 1, -1))
reasons = st.lists(st.builds(Reason, code=keys, amount=st.none() | st.just(Money.of("1.10", "EUR"))), max_size=2)


def _receipt(key: str, account: str, reasons: Sequence[Reason]) -> Receipt:
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    return Receipt(
        key=key,
        digest=f"{key} {account}",
        account=account,
        recorded_at=at,
        outcome="held",
        reasons=tuple(reasons),
        ids=(key,),
    )


def _few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


parts = st.fixed_dictionaries(
    {
        "claims": _few(st.builds(Claim, namespaces, keys)),
        "links": _few(st.builds(Link, namespaces, keys)),
        "receipts": _few(st.builds(_receipt, keys, ids, reasons)),
    }
)
appends = st.lists(st.tuples(ids, facts, days, shifts), min_size=1, max_size=3, unique_by=lambda each: each[0])
guards = st.lists(st.tuples(ids, shifts), max_size=2)


def store_machine(make_host: Callable[[], StoreHost]) -> type[RuleBasedStateMachine]:
    """The machine for a store; ``TestCase`` of it is what pytest or unittest collects."""

    class StoreMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.host = make_host()
            self.store = self.host.store()
            self.memory = MemoryStore()

        def teardown(self) -> None:
            self.host.close()

        @rule(appends=appends, guards=guards, parts=parts)
        def commit(
            self,
            appends: list[tuple[str, tuple[Fact, ...], dt.date | None, int]],
            guards: list[tuple[str, int]],
            parts: dict[str, Any],
        ) -> None:
            first, *also = [self._append(*each) for each in appends]
            guarded = tuple(Guard(account=id, expected=self._version(id) + shift) for id, shift in guards)
            asked = Commit(append=first, also=tuple(also), guards=guarded, **parts)
            read = {id: (self.store.load([id])[id], self.store.history(id, 0, 1000)) for id in ACCOUNTS}
            before = {id: _frozen(*each) for id, each in read.items()}
            assert refusal(self.store, asked) == refusal(self.memory, asked)
            assert {id: _frozen(*each) for id, each in read.items()} == before, "what was read before has changed"

        def _append(self, id: str, facts: tuple[Fact, ...], wake_on: dt.date | None, shift: int) -> Append:
            state = fold(facts, account(self.memory, id))
            return Append(account=id, expected=self._version(id) + shift, facts=facts, wake_on=wake_on, state=state)

        def _version(self, id: str) -> int:
            return self.memory.load([id])[id].version

        @rule()
        def restart(self) -> None:
            self.store = self.host.store()

        @invariant()
        def both_hold_the_same(self) -> None:
            assert picture(self.store) == picture(self.memory)

        @rule(id=ids, after=st.integers(0, 5), limit=st.integers(1, 3))
        def a_page_of_history(self, id: str, after: int, limit: int) -> None:
            found, wanted = (tuple(store.history(id, after, limit)) for store in (self.store, self.memory))
            assert found == wanted

    return StoreMachine


def account(store: Store, id: str) -> Account:
    """The account as a store gives it."""
    loaded = store.load([id])[id]
    return fold(loaded.facts, loaded.snapshot or Account())


def refusal(store: Store, commit: Commit) -> tuple[str, tuple[Any, ...]] | None:
    """The error with which a store refused a commit, and what it says.

    Of several versions that moved the first in the order of the ids is named; of two that were expected of one account
    either may be.
    """
    try:
        store.commit(commit)
    except StaleAccount as error:
        return "StaleAccount", (error.account, error.actual)
    except ReceivablesError as error:
        return type(error).__name__, error.args
    return None


def picture(store: Store) -> dict[str, Any]:
    """All that a store can be asked for."""
    return {
        "accounts": list(store.accounts("", 100)),
        "loaded": {id: (each.version, fold(each.facts, each.snapshot or Account())) for id, each in _loaded(store)},
        "history": {id: tuple(store.history(id, 0, 1000)) for id in ACCOUNTS},
        "page of it": {id: tuple(store.history(id, 2, 2)) for id in ACCOUNTS},
        "due": [list(store.due(DAY + dt.timedelta(days=days), "", 100)) for days in (-4, 0, 4)],
        "pages": [list(store.due(DAY, id, 1)) + list(store.accounts(id, 2)) for id in ("", *ACCOUNTS)],
        "found": {(space, key): list(store.find(space, key)) for space in ("invoice", "group") for key in KEYS},
        "receipts": {key: store.receipt(key) for key in KEYS},
    }


def _frozen(loaded: Loaded, history: Sequence[Fact]) -> tuple[Any, ...]:
    return loaded.version, tuple(loaded.facts), loaded.snapshot, tuple(history)


def _loaded(store: Store) -> Any:
    return store.load(ACCOUNTS).items()
