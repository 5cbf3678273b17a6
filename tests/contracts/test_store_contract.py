"""The memory store holds to the contract, and each planted fault is caught by it.

Every test of the contract catches at least one of the faults: one that catches none could not fail.
"""

import datetime as dt
from functools import cache

import attrs
import pytest

from receivables import MemoryStore
from receivables.errors import ClaimTaken, StaleAccount
from receivables.ports import Loaded
from receivables.testing.contracts import StoreContract

TESTS = [name for name in vars(StoreContract) if name.startswith("test_")]


class TestMemoryStore(StoreContract):
    def make_store(self):
        return MemoryStore()


class LosesAnAppend(MemoryStore):
    """The second append of an account never arrives."""

    def _write(self, commit):
        if self.load([commit.append.account])[commit.append.account].version:
            commit = attrs.evolve(commit, append=attrs.evolve(commit.append, facts=()))
        super()._write(commit)


class LosesTheLastFact(MemoryStore):
    """Keeps the facts and not the state, and gives back one too few."""

    def _loaded(self, id):
        head = self._heads.get(id)
        return Loaded() if head is None else Loaded(facts=tuple(head.facts[:-1]), version=head.version)


class Reorders(MemoryStore):
    """Gives the facts in the order of their texts, as a query without an order would."""

    def _loaded(self, id):
        head = self._heads.get(id)
        return Loaded() if head is None else Loaded(facts=tuple(sorted(head.facts, key=str)), version=head.version)


class MixesAccounts(MemoryStore):
    """Gives the facts of all accounts."""

    def _loaded(self, id):
        head = self._heads.get(id)
        facts = tuple(fact for each in self._heads.values() for fact in each.facts)
        return Loaded() if head is None else Loaded(facts=facts, version=head.version)


class ForgetsUnknown(MemoryStore):
    """Leaves out of a load what it does not know."""

    def load(self, accounts):
        return {id: loaded for id, loaded in super().load(accounts).items() if loaded.version}


class HandsOutItsOwn(MemoryStore):
    """Hands out an object that it goes on changing."""

    def _loaded(self, id):
        loaded = super()._loaded(id)
        handed = self.__dict__.setdefault("handed", {}).setdefault(id, loaded)
        for name in ("snapshot", "facts", "version"):
            object.__setattr__(handed, name, getattr(loaded, name))
        return handed


class HandsOutItsFacts(MemoryStore):
    """Hands out the very list to which it goes on appending."""

    def _loaded(self, id):
        head = self._heads.get(id)
        return Loaded() if head is None else Loaded(facts=head.facts, version=head.version)


class HandsOutItsHistory(MemoryStore):
    """Hands out the very list to which it goes on appending, where all of it was asked for."""

    def history(self, account, after, limit):
        head = self._heads.get(account)
        whole = head is not None and after == 0 and limit >= len(head.facts)
        return head.facts if whole else super().history(account, after, limit)


class CountsCommits(MemoryStore):
    """Takes the number of commits for the version."""

    def _write(self, commit):
        super()._write(commit)
        head = self._heads[commit.append.account]
        head.version += 1 - len(commit.append.facts)


class AcceptsStale(MemoryStore):
    """Never looks at the expected version of what it appends to."""

    def _check(self, commit):
        actual = self.load([commit.append.account])[commit.append.account].version
        super()._check(attrs.evolve(commit, append=attrs.evolve(commit.append, expected=actual)))


class AcceptsStaleWithoutFacts(MemoryStore):
    """Thinks that a commit without facts changes nothing."""

    def _check(self, commit):
        if commit.append.facts:
            super()._check(commit)


class LosesFurtherAccounts(MemoryStore):
    """Writes the first append only."""

    def _write(self, commit):
        super()._write(attrs.evolve(commit, also=()))


class ClaimsForFurtherAccounts(MemoryStore):
    """Takes the last append for the one to which claims and links belong."""

    def _write(self, commit):
        super()._write(attrs.evolve(commit, append=commit.appends[-1], also=commit.appends[:-1]))


class AcceptsStaleFurtherAccounts(MemoryStore):
    """Checks the first append only."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, also=()))


class ForgetsEmptyFurtherAccounts(MemoryStore):
    """Thinks that a further append without facts needs no look."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, also=tuple(each for each in commit.also if each.facts)))


class IgnoresGuards(MemoryStore):
    """Does not look whether a guarded account moved."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, guards=()))


class DoesNotAdvanceGuards(MemoryStore):
    """Checks the guards and leaves their versions alone."""

    def _write(self, commit):
        super()._write(attrs.evolve(commit, guards=()))


class ClearsGuarded(MemoryStore):
    """Overwrites the guarded account's row where it should only count up."""

    def _write(self, commit):
        super()._write(commit)
        for guard in commit.guards:
            self._wake(guard.account, None)


class GuardsOnlyTheKnown(MemoryStore):
    """An update of no row moves nothing: guards on accounts that nobody opened do not hold."""

    def _write(self, commit):
        known = tuple(guard for guard in commit.guards if guard.account in self._heads)
        super()._write(attrs.evolve(commit, guards=known))


class IgnoresClaims(MemoryStore):
    """Writes claims over each other."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, claims=()))


class ClaimsByKeyOnly(MemoryStore):
    """Forgets the namespace of a claim."""

    def _check(self, commit):
        super()._check(commit)
        taken = {key for _, key in self._claims}
        for claim in commit.claims:
            if claim.key in taken:
                raise ClaimTaken(claim.namespace, claim.key, "?")


class UpsertsClaims(MemoryStore):
    """Does not see a claim that is there twice in the same commit."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, claims=tuple(dict.fromkeys(commit.claims))))


class OneLinkOnly(MemoryStore):
    """Takes a link for a claim without an error: the last one has it."""

    def _write(self, commit):
        for link in commit.links:
            self._links.pop((link.namespace, link.key), None)
        super()._write(commit)


class LinksUnsorted(MemoryStore):
    """Gives the members in the order in which they came."""

    def find(self, namespace, key):
        return self._links.get((namespace, key), []) and list(reversed(super().find(namespace, key)))


class ForgetsReceipts(MemoryStore):
    """Keeps no receipt."""

    def _write(self, commit):
        super()._write(attrs.evolve(commit, receipts=()))


class TrimsReceipts(MemoryStore):
    """Has no column for the reasons."""

    def receipt(self, key):
        found = super().receipt(key)
        return found and attrs.evolve(found, reasons=())


class OverwritesReceipts(MemoryStore):
    """Replaces the receipt of a key."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, receipts=()))


class KeepsTheLastReceipt(MemoryStore):
    """Does not see a key that is there twice in the same commit."""

    def _check(self, commit):
        super()._check(attrs.evolve(commit, receipts=tuple({each.key: each for each in commit.receipts}.values())))


class WritesBeforeItChecks(MemoryStore):
    """Finds out too late."""

    def commit(self, commit):
        self._write(commit)
        loaded = self.load([commit.append.account])[commit.append.account]
        if loaded.version != commit.append.expected + len(commit.append.facts):
            raise StaleAccount(commit.append.account, commit.append.expected, loaded.version)


class WritesTheReceiptFirst(MemoryStore):
    """Keeps the receipts of commits that it refuses."""

    def _check(self, commit):
        try:
            super()._check(commit)
        except Exception:
            for receipt in commit.receipts:
                self._receipts.setdefault(receipt.key, receipt)
            raise


class StaysBroken(MemoryStore):
    """After a refusal every commit fails, as in a transaction that a database has aborted."""

    broken = False

    def _check(self, commit):
        if self.broken:
            raise ClaimTaken("transaction", "aborted", "?")
        try:
            super()._check(commit)
        except Exception:
            self.broken = True
            raise


class NeverWakes(MemoryStore):
    """Keeps no days of attention."""

    def due(self, day, after, limit):
        return []


class WakesADayLate(MemoryStore):
    """Compares with less-than."""

    def due(self, day, after, limit):
        return super().due(day - dt.timedelta(days=1), after, limit)


class WakesEverybody(MemoryStore):
    """Takes no day for every day."""

    def due(self, day, after, limit):
        found = {id for id, head in self._heads.items() if head.wake_on is None and id > after}
        return sorted(found.union(super().due(day, after, limit)))[:limit]


class KeepsTheDay(MemoryStore):
    """Changes the day of attention only together with facts."""

    def _write(self, commit):
        if commit.append.facts:
            super()._write(commit)


class RepeatsPages(MemoryStore):
    """Begins a page at the last id of the one before."""

    def accounts(self, after, limit):
        return [id for id in self._ids if id >= after][:limit]


class PagesByLength(MemoryStore):
    """Compares ids in one order and sorts them in another, as a database with a collation can."""

    def due(self, day, after, limit):
        found = [id for id in super().due(day, "", len(self._ids)) if id > after]
        return sorted(found, key=lambda id: (id.lower(), id))[:limit]


class BeginsHistoryLate(MemoryStore):
    """Takes ``after`` for the position of the first fact, counted from one, and so leaves one out."""

    def history(self, account, after, limit):
        return super().history(account, after + 1, limit) if after else super().history(account, after, limit)


class CountsGuardsInHistory(MemoryStore):
    """Numbers facts by the version, which a guard moves too."""

    def history(self, account, after, limit):
        head = self._heads.get(account)
        skipped = head.version - len(head.facts) if head and after > 1 else 0
        return super().history(account, max(after - skipped, 0), limit)


class HistoryOfEverybody(MemoryStore):
    """Forgets whose log was asked for."""

    def history(self, account, after, limit):
        facts = [fact for head in self._heads.values() for fact in head.facts]
        return tuple(facts[after : after + limit])


class NoTransactions(MemoryStore):
    """Does not say whether a transaction is open."""

    def in_transaction(self):
        return None


class KeepsWhatWasErased(MemoryStore):
    """Ignores erasures."""

    def _write(self, commit):
        super()._write(attrs.evolve(commit, erasures=()))


class ErasesFirst(MemoryStore):
    """Erases before it looks whether the commit can be."""

    def _check(self, commit):
        for erasure in commit.erasures:
            self._erase(erasure)
        super()._check(commit)


class ErasesEverywhere(MemoryStore):
    """Forgets of which account it was asked to erase something."""

    def _erase(self, erasure):
        for account in self._heads:
            super()._erase(attrs.evolve(erasure, account=account))


FAULTS = [each for each in MemoryStore.__subclasses__() if each.__module__ == __name__]


@cache
def caught(store):
    """The tests of the contract that a store fails."""

    class Contract(StoreContract):
        def make_store(self):
            return store()

    failed = []
    for name in TESTS:
        try:
            getattr(Contract(), name)()
        except Exception:
            failed.append(name)
    return failed


def test_the_reference_fails_nothing():
    assert caught(MemoryStore) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_caught(fault):
    assert caught(fault)


@pytest.mark.parametrize("name", TESTS)
def test_every_test_of_the_contract_catches_something(name):
    assert [fault.__name__ for fault in FAULTS if name in caught(fault)]


def test_a_test_that_is_only_about_the_fault_catches_it():
    """Not only by accident, through the test of everything together."""
    everything = {"test_the_service_records_on_it_what_it_records_in_memory"}
    by_accident = [fault.__name__ for fault in FAULTS if not set(caught(fault)) - everything]
    assert by_accident == []


def test_an_adapter_without_a_store_is_told_so():
    with pytest.raises(NotImplementedError):
        StoreContract().make_store()
