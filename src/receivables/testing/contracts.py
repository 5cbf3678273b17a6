"""Contract tests for whoever writes a store: subclass `StoreContract` in a test module, and pytest collects it.

    class TestMyStore(StoreContract):
        def make_store(self):
            return MyStore(connection)

Each test says one rule of `receivables.ports`. They use nothing but the port, so they hold for any store; a store that
keeps facts through a codec is asked to give back what the memory store gives back.
"""

# ruff: noqa: D102 - the name of a test is the rule that it holds

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.customer import Customer
from receivables.documents.hold import Hold
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.payment import Payment
from receivables.documents.reason import Reason
from receivables.errors import ClaimTaken, KeyReused, ReceivablesError, StaleAccount
from receivables.facts.cash import PaymentReceived
from receivables.facts.charge import ChargeWaived
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.plans.plan import Claim, Erasure, Link
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy
from receivables.policies.dunning import DunningPolicy
from receivables.policies.dunning_steps import DunningStep
from receivables.ports import Append, Commit, Guard, Receipt, Store
from receivables.service import Receivables
from receivables.state.account import Account, fold
from receivables.stores.bodies import erased
from receivables.stores.memory import MemoryStore
from receivables.testing.recording import FixedClock, RecordingNotifier
from receivables.values.currencies import Currency
from receivables.values.money import Money

DAY = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=dt.UTC)


def opened(account: str) -> Fact:
    """The fact that opens an account."""
    return AccountOpened(customer=Customer(id=account), effective_on=DAY, recorded_at=NOW)


def paid(account: str, id: str, minor: int = 1000) -> Fact:
    """A payment of so many cents."""
    payment = Payment(id=id, account=account, amount=Money(minor, Currency.of("EUR")), value_date=DAY)
    return PaymentReceived(payment=payment, effective_on=DAY, recorded_at=NOW, by="importer")


def waived(account: str, reason: str) -> Fact:
    """Something about which a person wrote a reason."""
    fee = f"fee of {account}"
    amount = Money.of("5.00", "EUR")
    return ChargeWaived(
        charge=fee, amount=amount, reason=reason, approver="bob", effective_on=DAY, recorded_at=NOW, by="ann"
    )


def receipt(key: str, account: str = "A") -> Receipt:
    """A receipt with something in every field."""
    reasons = (Reason(code="limit_exceeded", amount=Money.of("-12.34", "EUR"), days=3, retryable=False),)
    return Receipt(
        key=key,
        digest=f"digest of {key}",
        account=account,
        recorded_at=NOW,
        outcome="held",
        reasons=reasons,
        ids=("SO-1", "SO-2"),
    )


class StoreContract:
    """The rules of the store port as tests; see the module."""

    def make_store(self) -> Store:
        """A store without any account."""
        raise NotImplementedError

    def reopened(self, store: Store) -> Store:
        """The same data through a new store, where there is such a thing: after a commit on a new connection, say."""
        return store

    # What is written is there, in order, and the version counts it

    def test_an_unknown_account_is_empty_at_version_zero(self) -> None:
        store = self.make_store()
        loaded = store.load(["A", "B"])
        assert set(loaded) == {"A", "B"}
        assert _account(store, "A") == Account()
        assert [loaded[id].version for id in ("A", "B")] == [0, 0]
        assert list(store.accounts("", 10)) == []
        assert list(store.due(DAY, "", 10)) == []
        assert list(store.find("group", "G")) == []

    def test_what_is_appended_is_loaded_in_the_order_of_the_log(self) -> None:
        store = self.make_store()
        first = _append(store, "A", opened("A"), paid("A", "P-2"), paid("A", "P-1"))
        then = _append(store, "A", paid("A", "P-3"), paid("A", "P-0"))
        assert first != then
        store = self.reopened(store)
        assert _account(store, "A") == then
        assert [credit.id for credit in _account(store, "A").cash.credits] == ["P-2", "P-1", "P-3", "P-0"]

    def test_the_version_counts_the_facts(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"), paid("A", "P-1"))
        assert _version(store, "A") == 2
        _append(store, "A", paid("A", "P-2"))
        assert _version(self.reopened(store), "A") == 3

    def test_accounts_are_kept_apart(self) -> None:
        store = self.make_store()
        one, other = _append(store, "A", opened("A")), _append(store, "B", opened("B"), paid("B", "P-1"))
        assert (_account(store, "A"), _account(store, "B")) == (one, other)
        assert (_version(store, "A"), _version(store, "B")) == (1, 2)

    def test_what_was_loaded_does_not_change_afterwards(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"))
        loaded = store.load(["A"])["A"]
        _append(store, "A", paid("A", "P-1"))
        assert store.load(["A"])["A"].version == 2
        assert loaded.version == 1
        assert fold(loaded.facts, loaded.snapshot or Account()) == fold([opened("A")])

    def test_what_was_read_of_a_history_does_not_change_afterwards(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"))
        read = store.history("A", 0, 10)
        _append(store, "A", paid("A", "P-1"))
        assert tuple(store.history("A", 0, 10)) == (opened("A"), paid("A", "P-1"))
        assert tuple(read) == (opened("A"),)

    def test_the_history_is_the_log_in_pages(self) -> None:
        store = self.make_store()
        facts = (opened("A"), paid("A", "P-2"), paid("A", "P-1"), paid("A", "P-4"), paid("A", "P-3"))
        _append(store, "A", *facts[:2])
        _append(store, "B", opened("B"))
        _append(store, "A", *facts[2:])
        store = self.reopened(store)
        assert tuple(store.history("A", 0, 100)) == facts
        assert tuple(store.history("B", 0, 100)) == (opened("B"),)
        assert tuple(store.history("C", 0, 100)) == ()
        for after in range(7):
            for limit in (1, 2, 5):
                assert tuple(store.history("A", after, limit)) == facts[after : after + limit], (after, limit)

    def test_a_guard_stands_in_no_history(self) -> None:
        store = self.make_store()
        _append(store, "G", opened("G"))
        store.commit(_commit(store, "A", opened("A"), guards=[Guard(account="G", expected=1)]))
        _append(store, "G", paid("G", "P-1"))
        store = self.reopened(store)
        assert _version(store, "G") == 3
        assert tuple(store.history("G", 0, 10)) == (opened("G"), paid("G", "P-1"))
        assert tuple(store.history("G", 1, 10)) == (paid("G", "P-1"),)
        assert tuple(store.history("G", 2, 10)) == ()

    # Versions and guards

    def test_a_version_that_moved_is_stale(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"))
        _append(store, "A", paid("A", "P-1"))
        for expected in (0, 1, 3):
            error = _refused(store, _commit(store, "A", paid("A", "P-2"), expected=expected))
            assert isinstance(error, StaleAccount), error
            assert (error.account, error.expected, error.actual) == ("A", expected, 2)

    def test_a_new_account_expects_version_zero(self) -> None:
        store = self.make_store()
        assert isinstance(_refused(store, _commit(store, "A", opened("A"), expected=1)), StaleAccount)

    def test_a_guard_moves_the_version_of_its_account_and_nothing_else(self) -> None:
        store = self.make_store()
        common = _append(store, "G", opened("G"), wake_on=DAY)
        store.commit(_commit(store, "A", opened("A"), guards=[Guard(account="G", expected=1)]))
        store = self.reopened(store)
        assert _version(store, "G") == 2
        assert _account(store, "G") == common
        assert list(store.due(DAY, "", 10)) == ["G"]

    def test_a_guard_that_moved_is_stale(self) -> None:
        store = self.make_store()
        _append(store, "G", opened("G"))
        store.commit(_commit(store, "A", opened("A"), guards=[Guard(account="G", expected=1)]))
        late = _commit(store, "B", opened("B"), guards=[Guard(account="G", expected=1)])
        error = _refused(store, late)
        assert isinstance(error, StaleAccount), error
        assert (error.account, error.expected, error.actual) == ("G", 1, 2)

    def test_a_guard_holds_on_an_account_that_nobody_opened(self) -> None:
        store = self.make_store()
        store.commit(_commit(store, "A", opened("A"), guards=[Guard(account="G", expected=0)]))
        assert isinstance(
            _refused(store, _commit(store, "B", opened("B"), guards=[Guard(account="G", expected=0)])), StaleAccount
        )

    def test_a_guarded_account_goes_on_from_its_new_version(self) -> None:
        store = self.make_store()
        _append(store, "G", opened("G"))
        store.commit(_commit(store, "A", opened("A"), guards=[Guard(account="G", expected=1)]))
        assert isinstance(_refused(store, _commit(store, "G", paid("G", "P-1"), expected=1)), StaleAccount)
        after = _append(store, "G", paid("G", "P-1"))
        assert _account(self.reopened(store), "G") == after
        assert _version(store, "G") == 3

    # Several accounts in one commit

    def test_facts_for_several_accounts_are_written_together(self) -> None:
        store = self.make_store()
        _append(store, "B", opened("B"))
        first = _commit(store, "A", opened("A"), claims=[Claim("invoice", "1")], links=[Link("group", "G")])
        other = _commit(store, "B", paid("B", "P-1"), paid("B", "P-2"), wake_on=DAY).append
        new = _commit(store, "C", opened("C")).append
        store.commit(evolve(first, also=(other, new)))
        store = self.reopened(store)
        assert [_account(store, id) for id in "ABC"] == [first.append.state, other.state, new.state]
        assert [_version(store, id) for id in "ABC"] == [1, 3, 1]
        assert list(store.accounts("", 10)) == ["A", "B", "C"]
        assert list(store.due(DAY, "", 10)) == ["B"]
        assert [list(store.find("invoice", "1")), list(store.find("group", "G"))] == [["A"], ["A"]]

    def test_a_version_of_a_further_account_that_moved_is_stale(self) -> None:
        store = self.make_store()
        _append(store, "B", opened("B"))
        for facts in ((paid("B", "P-1"),), ()):
            late = _commit(store, "B", *facts, expected=0, wake_on=DAY).append
            error = _refused(store, evolve(_commit(store, "A", opened("A"), wake_on=DAY), also=(late,)))
            assert isinstance(error, StaleAccount), error
            assert (error.account, error.expected, error.actual) == ("B", 0, 1)
            seen = self.reopened(store)
            assert [(_account(seen, id), _version(seen, id)) for id in "AB"] == [
                (Account(), 0),
                (fold([opened("B")]), 1),
            ]
            assert list(seen.due(DAY, "", 10)) == []

    # Erasures

    def test_an_erasure_takes_what_a_person_wrote_and_nothing_else(self) -> None:
        store = self.make_store()
        notes = [waived("A", f"Ann is ill {number}") for number in (1, 2, 3)]
        _append(store, "A", opened("A"), *notes)
        _append(store, "B", opened("B"), *notes)
        erasing = _commit(store, "A", paid("A", "P-1"))
        store.commit(evolve(erasing, erasures=(Erasure(account="A", positions=(1, 2, 4)),)))
        store = self.reopened(store)
        left = [opened("A"), erased(notes[0]), notes[1], erased(notes[2]), paid("A", "P-1")]
        assert list(store.history("A", 0, 10)) == left
        assert _account(store, "A") == fold(left)
        assert list(store.history("B", 0, 10)) == [opened("B"), *notes]
        assert _version(store, "A") == 5

    def test_a_refused_commit_erases_nothing(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"), waived("A", "Ann is ill"))
        erasing = _commit(store, "A", paid("A", "P-1"), expected=7)
        erasing = evolve(erasing, erasures=(Erasure(account="A", positions=(2,)),))
        assert isinstance(_refused(store, erasing), StaleAccount)
        assert list(self.reopened(store).history("A", 0, 10)) == [opened("A"), waived("A", "Ann is ill")]

    # Claims, links, receipts

    def test_a_claim_is_had_by_one_account(self) -> None:
        store = self.make_store()
        store.commit(_commit(store, "A", opened("A"), claims=[Claim("invoice", "1"), Claim("invoice", "2")]))
        for account in ("A", "B"):
            error = _refused(store, _commit(store, account, paid(account, "P-1"), claims=[Claim("invoice", "2")]))
            assert isinstance(error, ClaimTaken), error
            assert (error.namespace, error.key, error.holder) == ("invoice", "2", "A")
        store.commit(_commit(store, "B", opened("B"), claims=[Claim("payment", "1"), Claim("invoice", "3")]))
        store = self.reopened(store)
        assert [list(store.find("invoice", key)) for key in ("1", "2", "3", "4")] == [["A"], ["A"], ["B"], []]
        assert list(store.find("payment", "1")) == ["B"]

    def test_a_claim_twice_in_one_commit_is_refused(self) -> None:
        store = self.make_store()
        error = _refused(store, _commit(store, "A", opened("A"), claims=[Claim("line", "1"), Claim("line", "1")]))
        assert isinstance(error, ClaimTaken), error

    def test_a_link_is_had_by_many_in_the_order_of_their_ids(self) -> None:
        store = self.make_store()
        for account in ("C", "A", "B"):
            store.commit(_commit(store, account, opened(account), links=[Link("group", "G")]))
        store.commit(_commit(store, "A", paid("A", "P-1"), links=[Link("group", "G"), Link("group", "H")]))
        store = self.reopened(store)
        assert list(store.find("group", "G")) == ["A", "B", "C"]
        assert list(store.find("group", "H")) == ["A"]
        assert list(store.find("other", "G")) == []

    def test_a_receipt_is_given_back_whole(self) -> None:
        store = self.make_store()
        assert store.receipt("k") is None
        store.commit(_commit(store, "A", opened("A"), receipts=[receipt("k"), receipt("l")]))
        store = self.reopened(store)
        assert store.receipt("k") == receipt("k")
        assert store.receipt("l") == receipt("l")
        assert store.receipt("m") is None

    def test_a_key_that_has_a_receipt_is_refused_on_any_account(self) -> None:
        store = self.make_store()
        store.commit(_commit(store, "A", opened("A"), receipts=[receipt("k")]))
        for account in ("A", "B"):
            commit = _commit(store, account, paid(account, "P-1"), receipts=[receipt("new"), receipt("k", account)])
            error = _refused(store, commit)
            assert isinstance(error, KeyReused), error
            assert error.key == "k"
        assert store.receipt("k") == receipt("k")

    def test_a_key_twice_in_one_commit_is_refused(self) -> None:
        store = self.make_store()
        error = _refused(store, _commit(store, "A", opened("A"), receipts=[receipt("k"), receipt("k")]))
        assert isinstance(error, KeyReused), error

    # All or nothing

    def test_a_refused_commit_leaves_nothing_whichever_part_is_wrong(self) -> None:
        store = self.make_store()
        good = {"claims": [Claim("invoice", "1")], "receipts": [receipt("k", "G")], "links": [Link("group", "G")]}
        before = _append(store, "G", opened("G"), wake_on=DAY)
        store.commit(_commit(store, "G", paid("G", "P-1"), wake_on=DAY, **good))  # type: ignore[arg-type]
        before = _account(store, "G")
        fresh = {"claims": [Claim("invoice", "2")], "receipts": [receipt("l")], "links": [Link("group", "H")]}
        guard = Guard(account="G", expected=2)
        for wrong in (
            {"expected": 7},
            {"guards": [guard, Guard(account="Z", expected=7)]},
            {"claims": [Claim("invoice", "2"), Claim("invoice", "1")]},
            {"receipts": [receipt("l"), receipt("k")]},
        ):
            parts = {"guards": [guard], **fresh, **wrong}
            commit = _commit(store, "A", opened("A"), paid("A", "P-1"), wake_on=DAY, **parts)  # type: ignore[arg-type]
            assert _refused(store, commit), wrong
            seen = self.reopened(store)
            assert (_account(seen, "A"), _version(seen, "A")) == (Account(), 0), wrong
            assert (_account(seen, "G"), _version(seen, "G")) == (before, 2), wrong
            assert list(seen.accounts("", 10)) == list(seen.due(DAY, "", 10)) == ["G"], wrong
            assert [list(seen.find("invoice", "2")), list(seen.find("group", "H"))] == [[], []], wrong
            assert seen.receipt("l") is None, wrong

    def test_a_store_works_on_after_a_refusal(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"))
        assert _refused(store, _commit(store, "A", paid("A", "P-1"), expected=0))
        after = _append(store, "A", paid("A", "P-1"))
        assert _account(self.reopened(store), "A") == after

    # Days of attention and pages

    def test_an_account_is_due_from_its_day_on_and_sleeps_without_one(self) -> None:
        store = self.make_store()
        _append(store, "A", opened("A"), wake_on=DAY)
        _append(store, "B", opened("B"), wake_on=None)
        _append(store, "C", opened("C"), wake_on=DAY + dt.timedelta(days=1))
        store = self.reopened(store)
        found = [list(store.due(DAY + dt.timedelta(days=days), "", 10)) for days in (-1, 0, 1, 400)]
        assert found == [[], ["A"], ["A", "C"], ["A", "C"]]

    def test_a_commit_without_facts_sets_the_day_and_leaves_the_version(self) -> None:
        store = self.make_store()
        state = _append(store, "A", opened("A"), wake_on=DAY)
        store.commit(_commit(store, "A", wake_on=None))
        assert list(store.due(DAY, "", 10)) == []
        store.commit(_commit(store, "A", wake_on=DAY))
        store = self.reopened(store)
        assert list(store.due(DAY, "", 10)) == ["A"]
        assert (_account(store, "A"), _version(store, "A")) == (state, 1)
        assert isinstance(_refused(store, _commit(store, "A", expected=0, wake_on=None)), StaleAccount)

    def test_pages_give_every_account_once_in_the_order_of_the_ids(self) -> None:
        store = self.make_store()
        ids = ["b", "a-1", "DE01:B", "é", "a", "B", "10", "9", "z z", "日本"]
        for id in ids:
            _append(store, id, opened(id), wake_on=DAY)
        store = self.reopened(store)
        for pages in (store.accounts, lambda after, limit: store.due(DAY, after, limit)):
            whole = list(pages("", 100))
            assert sorted(whole) == sorted(ids)
            for size in (1, 3):
                taken: list[str] = []
                while page := list(pages(taken[-1] if taken else "", size)):
                    assert len(page) <= size
                    taken += page
                    assert len(taken) <= len(ids)
                assert taken == whole

    def test_it_says_whether_the_host_has_a_transaction_open(self) -> None:
        store = self.make_store()
        assert _in_transaction(store) in (True, False)
        assert isinstance(store, Store)

    # Everything together

    def test_the_service_records_on_it_what_it_records_in_memory(self) -> None:
        store, reference = self.make_store(), MemoryStore()
        delivers = not _in_transaction(store)
        for each in (store, reference):
            _a_day(each, delivers)
        store = self.reopened(store)
        ids = list(reference.accounts("", 100))
        assert list(store.accounts("", 100)) == ids
        for id in ids:
            assert _account(store, id) == _account(reference, id), id
            assert _version(store, id) == _version(reference, id), id
        for days in range(40):
            day = DAY + dt.timedelta(days=days)
            assert list(store.due(day, "", 100)) == list(reference.due(day, "", 100))
        for key in ("open A", "order 2", "pay"):
            assert store.receipt(key) == reference.receipt(key)


def _account(store: Store, id: str) -> Account:
    loaded = store.load([id])[id]
    return fold(loaded.facts, loaded.snapshot or Account())


def _version(store: Store, id: str) -> int:
    return store.load([id])[id].version


def _commit(
    store: Store,
    account: str,
    *facts: Fact,
    expected: int | None = None,
    wake_on: dt.date | None = None,
    guards: Sequence[Guard] = (),
    claims: Sequence[Claim] = (),
    links: Sequence[Link] = (),
    receipts: Sequence[Receipt] = (),
) -> Commit:
    """A commit at the version that the store is at, or at another."""
    append = Append(
        account=account,
        expected=_version(store, account) if expected is None else expected,
        facts=facts,
        wake_on=wake_on,
        state=fold(facts, _account(store, account)),
    )
    return Commit(
        append=append, guards=tuple(guards), claims=tuple(claims), links=tuple(links), receipts=tuple(receipts)
    )


def _append(store: Store, account: str, *facts: Fact, wake_on: dt.date | None = None) -> Account:
    """Append facts; gives the account as it must be then."""
    commit = _commit(store, account, *facts, wake_on=wake_on)
    store.commit(commit)
    return commit.append.state


def _refused(store: Store, commit: Commit) -> ReceivablesError | None:
    """The error of a commit, or ``None`` where the store took it."""
    try:
        store.commit(commit)
    except ReceivablesError as error:
        return error
    return None


def _in_transaction(store: Store) -> object:
    answer: object = store.in_transaction
    return answer() if callable(answer) else answer


def _a_day(store: Store, delivers: bool) -> None:
    """A day with most kinds of facts in it, recorded by the service."""
    step = DunningStep(name="first", days_after_due=7)
    policies = PolicyBook.of(
        DunningPolicy(id="standard", version=1, steps=(step,)), CreditPolicy(id="standard", version=1)
    )
    app = Receivables(store=store, notifier=RecordingNotifier(), clock=FixedClock(NOW), policies=policies)
    eur = Currency.of("EUR")
    app.open_group("G", key="open G")
    app.open_account(Customer(id="A", group="G", tags=frozenset({"vip", "net"})), key="open A")
    app.open_account(Customer(id="B", company="DE01", group="G"), key="open B")
    for number, days in (("INV-1", -9), ("INV-2", 9)):
        due_on = DAY + dt.timedelta(days=days)
        issued_on = due_on - dt.timedelta(days=30)
        invoice = Invoice.due(
            number=number, account="A", issued_on=issued_on, total=Money.of("119.99", eur), due_on=due_on
        )
        app.issue_invoice(invoice, key=number)
    note = CreditNote(
        number="CN-1", account="A", issued_on=DAY, total=Money.of(5, eur), against="INV-2", reason="broken"
    )
    app.issue_credit_note(note, key="note")
    app.receive_payment(
        Payment(id="P-1", account="A", amount=Money.of(40, eur), value_date=DAY, bank_line="line 1"), key="pay"
    )
    made = app.apply("A", "P-1", "INV-1", Money.of(10, eur), key="apply")
    app.unapply("A", made.ids[0], key="unapply")
    taken = TakenOverItem(
        id="OLD-1",
        account="DE01:B",
        issued_on=DAY - dt.timedelta(days=60),
        due_on=DAY - dt.timedelta(days=30),
        open=Money.of(7, eur),
        step="first",
        stepped_on=DAY,
    )
    app.take_over(taken, on=DAY, key="take over")
    app.set_limit(CreditLimit(account="A", currency=eur, amount=None, valid_from=DAY), key="limit A")
    app.set_limit(
        CreditLimit(account="group:G", currency=eur, amount=Money.of(900, eur), valid_from=DAY), key="limit G"
    )
    for number, size in (("1", 300), ("2", 3000)):
        order = Order(id=number, account="A", amount=Money.of(size, eur), placed_on=DAY)
        app.reserve(order, key=f"order {number}")
    app.release_order("A", "1", on=DAY, key="cancel 1")
    app.place_hold(Hold(id="H-1", account="DE01:B", placed_on=DAY, reason="dispute", item="OLD-1"), key="hold")
    app.release_hold("DE01:B", "H-1", on=DAY + dt.timedelta(days=3), key="lift")
    app.publish(policies.policies[0], key="publish")
    list(app.run_dunning(DAY))
    if delivers:
        list(app.deliver())
