"""What the memory store is beyond the contract: the whole log, and one step at a time between threads."""

import threading

import pytest

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
