"""What the memory store is beyond the contract: the whole log, and one step at a time between threads."""

import datetime as dt
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import MemoryStore, Store, fold
from receivables.ports import Append, Commit
from receivables.testing.contracts import opened, paid


def commit(store, *facts):
    loaded = store.load(["A"])["A"]
    state = fold(facts, *([loaded.snapshot] if loaded.snapshot else []))
    return Commit(append=Append(account="A", expected=loaded.version, facts=facts, wake_on=None, state=state))


def test_it_is_a_store():
    assert isinstance(MemoryStore(), Store)


def test_it_gives_the_whole_log():
    store = MemoryStore()
    facts = (opened("A"), paid("A", "P-1"), paid("A", "P-2"))
    store.commit(commit(store, facts[0]))
    store.commit(commit(store, *facts[1:]))
    assert store.facts("A") == facts
    assert store.facts("B") == ()


def test_its_state_is_the_fold_of_its_log():
    store = MemoryStore()
    for n in range(5):
        store.commit(commit(store, opened("A") if not n else paid("A", f"P-{n}")))
    assert store.load(["A"])["A"].snapshot == fold(store.facts("A"))


def test_a_reader_never_sees_half_a_commit():
    """The version, the facts and the state of an account move together."""
    store = MemoryStore()
    store.commit(commit(store, opened("A")))
    torn, done = [], threading.Event()

    def read():
        while not done.is_set():
            loaded = store.load(["A"])["A"]
            if loaded.snapshot.length != loaded.version:
                torn.append(loaded)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(300):
        store.commit(commit(store, paid("A", f"P-{n}a"), paid("A", f"P-{n}b")))
    done.set()
    reader.join()
    assert torn == []
    assert store.load(["A"])["A"].version == 601


def test_its_transaction_lets_errors_through():
    with pytest.raises(KeyError, match="host"), MemoryStore().transaction():
        raise KeyError("host")


DAY = dt.date(2026, 2, 11)
alarms = st.lists(st.tuples(st.sampled_from("ABCDE"), st.none() | st.integers(-3, 3)), max_size=30)


@given(alarms, st.integers(-4, 4), st.sampled_from(" ABCDE"), st.integers(0, 6))
def test_who_is_due_is_what_a_look_at_every_account_finds(set_to, today, after, limit):
    """The index by wake day moves with every commit: forward, backward, to sleep and back."""
    store, wakes = MemoryStore(), {}
    for id, days in set_to:
        wakes[id] = days
        wake_on = None if days is None else DAY + dt.timedelta(days=days)
        store.commit(Commit(append=Append(account=id, expected=0, facts=(), wake_on=wake_on, state=fold(()))))
    expected = sorted(id for id, days in wakes.items() if days is not None and days <= today and id > after)
    assert store.due(DAY + dt.timedelta(days=today), after, limit) == expected[:limit]


def test_a_page_of_due_accounts_does_not_look_at_those_that_sleep():
    """Of 2,000 accounts three are due: the ids that are compared are counted."""
    compared = 0

    class Id(str):
        __slots__ = ()

        def __lt__(self, other):
            nonlocal compared
            compared += 1
            return str.__lt__(self, other)

    store = MemoryStore()
    for number in range(2000):
        wake_on = DAY if number in (7, 800, 1999) else DAY + dt.timedelta(days=1 + number % 300)
        append = Append(account=Id(f"{number:04}"), expected=0, facts=(), wake_on=wake_on, state=fold(()))
        store.commit(Commit(append=append))
    compared = 0
    assert store.due(DAY, "", 10) == ["0007", "0800", "1999"]
    assert compared < 20
