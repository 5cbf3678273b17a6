"""A moved account is `StaleAccount`: the host's without a transaction of our own, tried again with one, so many times."""

import sys
import threading
from contextlib import contextmanager, suppress

import pytest
from tests.service.world import EUR, TODAY, World, day, eur, picture

from receivables import CreditLimit, Customer, MemoryStore, Order
from receivables.errors import InvalidValue, OverApplied, ReceivablesError, StaleAccount
from receivables.facts.credit import OrderHeld, OrderReserved
from receivables.plans import commands, credit_commands


class Moving:
    """A memory store on which another writer is faster than the first so many commits of ours."""

    def __init__(self, times, account="ACME", write=None):
        self.inner = MemoryStore()
        self.left = 0
        self.times, self.account, self.write = times, account, write
        self.commits = 0

    def start(self):
        self.left = self.times

    def commit(self, commit):
        if self.left:
            self.left -= 1
            writer = World(store=self.inner)
            (self.write or (lambda w: w.pay(f"other-{self.left}", "1", self.account)))(writer)
        self.commits += 1
        self.inner.commit(commit)

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Transactions:
    """Counts the transactions of the host: how many began, how many ended well."""

    def __init__(self):
        self.begun = self.kept = self.open = 0

    @contextmanager
    def __call__(self):
        self.begun += 1
        self.open += 1
        try:
            yield
            self.kept += 1
        finally:
            self.open -= 1


def moving(times, **more):
    store = Moving(times, **more)
    world = World(store=store)
    world.open()
    world.open("BETA")
    world.limit("1000")
    world.invoice("INV-1", "500", 20)
    store.commits = 0
    return world, store


def test_without_a_transaction_the_host_gets_the_error_after_one_attempt():
    world, store = moving(1)
    store.start()
    with pytest.raises(StaleAccount, match=r"'ACME' is at version 4, expected 3") as raised:
        world.pay("P-1", "10")
    assert (raised.value.account, raised.value.expected, raised.value.actual) == ("ACME", 3, 4)
    assert store.commits == 1
    assert store.receipt("pay P-1") is None


def test_without_a_transaction_a_batch_says_so_for_each_command_and_goes_on():
    world, store = moving(1)
    store.start()
    payments = [
        commands.ReceivePayment(
            key=f"{n}", payment=commands.Payment(id=f"P-{n}", account=account, amount=eur(1), value_date=TODAY)
        )
        for n, account in enumerate(["ACME", "ACME", "BETA"])
    ]
    results = list(world.app.record(payments))
    assert [type(result.error) for result in results] == [StaleAccount, StaleAccount, type(None)]
    assert store.commits == 2  # nobody tried again behind the host's back
    assert store.receipt("0") is store.receipt("1") is None


@pytest.mark.parametrize("tries", [1, 2, 5])
@pytest.mark.parametrize("short", [0, 1])
def test_with_a_transaction_it_is_tried_so_many_times_each_in_one_of_its_own(tries, short):
    moves = tries - 1 + short
    world, store = moving(moves)
    transactions = Transactions()
    world.restart(transaction=transactions, tries=tries)
    store.start()
    if short:
        with pytest.raises(StaleAccount):
            world.pay("P-1", "10")
        assert store.receipt("pay P-1") is None
    else:
        assert world.pay("P-1", "10").outcome == "recorded"
    assert store.commits == tries
    assert transactions.begun == tries
    assert transactions.kept == 1 - short
    assert transactions.open == 0


def test_a_refusal_is_not_tried_again():
    world, _ = moving(0)
    transactions = Transactions()
    world.restart(transaction=transactions)
    world.pay("P-1", "10")
    begun = transactions.begun
    with pytest.raises(OverApplied):
        world.apply("P-1", "INV-1", "11")
    assert transactions.begun == begun + 1
    assert transactions.kept == transactions.begun  # a refusal has written nothing: there is nothing to roll back


def test_a_new_try_decides_anew_on_what_is_there_now():
    """Between the first decision and its commit somebody took what was left of the limit."""
    world, store = moving(1, write=lambda other: other.order("SO-other", "400"))
    world.restart(transaction=Transactions())
    store.start()
    receipt = world.order("SO-1", "400")
    assert receipt.outcome == "held"
    assert str(receipt) == "held: limit_exceeded (300.00 EUR)"
    assert world.exposure() == 900


def test_a_stale_error_of_the_hosts_own_commit_is_tried_again_as_well():
    """Optimistic stores find out when the transaction ends."""
    world, _ = moving(0)
    ends = []

    @contextmanager
    def transaction():
        yield
        ends.append(picture(world.store.inner))
        if len(ends) == 1:
            raise StaleAccount("ACME", 3, 4)

    world.restart(transaction=transaction)
    assert world.pay("P-1", "10").ids == ("P-1",)
    assert len(ends) == 2


@pytest.mark.parametrize("work", ["run", "deliver", "rewake"])
def test_a_moved_account_is_a_result_of_the_run_and_stops_nobody(work):
    world, store = moving(0)
    world.invoice("INV-B", "500", -20, "BETA")
    world.invoice("INV-A", "500", -20)
    if work == "deliver":
        world.run()
    store.times = 1
    store.start()
    if work == "run":
        results = world.run()
        assert [type(result.error) for result in results] == [StaleAccount, type(None)]
    elif work == "deliver":
        results = world.deliver()
        assert [result.outcome for result in results] == ["error", "sent"]
        assert results[0].notice == world.queued()[0].key
        assert "expected" in results[0].detail
    else:
        results = list(world.app.rewake(day(0)))
        assert [result.ok for result in results] == [False, True]


@pytest.mark.parametrize("work", ["run", "deliver", "rewake"])
def test_a_run_with_transactions_outlives_a_faster_writer(work):
    world, store = moving(3)
    world.invoice("INV-A", "500", -20)
    world.restart(transaction=Transactions())
    if work == "deliver":
        world.run()
    store.start()
    if work == "run":
        assert [len(result.notices) for result in world.run()] == [1]
    elif work == "deliver":
        assert [result.outcome for result in world.deliver()] == ["sent"]
    else:
        assert all(result.ok for result in world.app.rewake(TODAY))


# Groups


def grouped(store=None, **more):
    world = World(store=store, **more)
    world.app.open_group("G", key="open G")
    for name in ("A", "B"):
        world.open(name, group="G")
        world.limit(None, name)
    world.limit("1000", "group:G")
    return world


def test_a_reservation_moves_the_version_of_the_group():
    world = grouped()
    before = world.store.load(["group:G"])["group:G"].version
    world.order("SO-1", "100", "A")
    loaded = world.store.load(["group:G"])["group:G"]
    assert loaded.version == before + 1
    assert len(world.store.facts("group:G")) == 2  # opened, limit: a guard writes no fact


def test_a_member_who_was_faster_forces_a_new_decision():
    store = Moving(1, write=lambda other: other.order("SO-B", "700", "B"))
    world = grouped(store)
    world.restart(transaction=Transactions())
    store.start()
    receipt = world.order("SO-A", "700", "A")
    assert str(receipt) == "held: group_limit_exceeded (400.00 EUR)"


def test_without_a_transaction_the_moved_group_is_the_hosts_error():
    store = Moving(1, write=lambda other: other.order("SO-B", "700", "B"))
    world = grouped(store)
    store.start()
    with pytest.raises(StaleAccount, match="'group:G'"):
        world.order("SO-A", "700", "A")
    assert [type(fact) for fact in store.facts("A")[-1:]] != [OrderReserved]


def test_a_lowered_group_limit_forces_a_new_decision():
    store = Moving(1, write=lambda other: other.limit("100", "group:G"))
    world = grouped(store)
    world.restart(transaction=Transactions())
    store.start()
    assert world.order("SO-A", "700", "A").outcome == "held"


def test_orders_of_the_same_batch_count_against_the_group():
    world = grouped()
    orders = [
        credit_commands.ReserveOrder(key=f"{n}", order=Order(id=f"{n}", account="A", amount=eur(600), placed_on=TODAY))
        for n in range(2)
    ]
    assert [result.receipt.outcome for result in world.app.record(orders)] == ["approved", "held"]


@pytest.mark.parametrize("on", [0, 5])
@pytest.mark.parametrize("group", [None, "H"])
def test_a_change_of_group_counts_from_its_day_and_does_not_stall_orders(group, on):
    """Until the change takes effect the old group's limit counts, and from then on the new one's."""
    world = grouped(transaction=Transactions())
    world.app.open_group("H", key="open H")
    world.limit("50", "group:H")
    world.app.change_customer(Customer(id="A", group=group), on=day(on), key="change")
    receipt = world.order("SO-1", "700", "A")
    wanted = "approved" if on > 0 or group is None else "held"
    assert receipt.outcome == wanted
    second = world.order("SO-2", "700", "A")
    assert second.outcome == ("approved" if on == 0 and group is None else "held")


def test_a_member_who_left_no_longer_uses_the_groups_limit():
    world = grouped()
    world.order("SO-1", "700", "A")
    assert world.order("SO-2", "700", "B").outcome == "held"
    world.app.change_customer(Customer(id="A"), on=TODAY, key="leave")
    assert world.order("SO-3", "700", "B").outcome == "approved"


def test_the_group_that_nobody_opened_limits_nothing():
    world = World()
    world.open("A", group="NONE")
    world.limit("1000", "A")
    assert world.order("SO-1", "700", "A").outcome == "approved"
    assert world.order("SO-2", "700", "A").outcome == "held"


# Threads


def race(*jobs):
    """Run the jobs at once, each in a thread; what they raised comes back."""
    barrier = threading.Barrier(len(jobs))
    raised = []

    def work(job):
        barrier.wait()
        try:
            job()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    return raised


def persist(act):
    """As a host's queue does: the same request, with the same key, until it is answered."""
    while True:
        try:
            return act()
        except StaleAccount:
            continue


def crowd(world, names):
    """A thread for each name, each placing two orders; gives the answers by order."""
    answers = {}

    def ask(id, size, name):
        answers[id] = persist(lambda: world.order(id, size, name))

    def job(n, name):
        for size in (300, 150):
            ask(f"SO-{n}-{size}", size, name)

    assert race(*(lambda n=n, name=name: job(n, name) for n, name in enumerate(names))) == []
    return answers


def reserved(world, names):
    return [fact for name in sorted(set(names)) for fact in world.facts(OrderReserved, account=name)]


@pytest.mark.parametrize("mode", ["transaction", "no transaction"])
@pytest.mark.parametrize("common", ["own limit", "group limit"])
def test_eight_threads_never_exceed_a_limit_and_record_each_order_once(common, mode):
    for _ in range(25):
        world = World(**({"transaction": MemoryStore().transaction} if mode == "transaction" else {}))
        names = ["A"] * 8 if common == "own limit" else ["A", "B", "C", "D"] * 2
        if common == "group limit":
            world.app.open_group("G", key="open G")
            world.limit("1000", "group:G")
        for name in sorted(set(names)):
            world.open(name, group="G" if common == "group limit" else None)
            world.limit("1000" if common == "own limit" else None, name)
        answers = crowd(world, names)
        facts = reserved(world, names)
        held = [fact for name in set(names) for fact in world.facts(OrderHeld, account=name)]
        used = sum(fact.order.amount.minor for fact in facts)
        assert 100_000 - 15_000 < used <= 100_000  # never exceeded, and none of the room was wasted
        assert len({fact.order.id for fact in facts}) == len(facts)
        assert {fact.order.id for fact in facts} == {id for id, receipt in answers.items() if receipt.approved}
        assert len(facts) + len(held) == 16


def test_the_crowd_would_exceed_a_limit_that_no_version_guards():
    class Careless(MemoryStore):
        def _check(self, commit):
            pass

    def used():
        world = World(store=Careless())
        world.open("A")
        world.limit("1000", "A")
        crowd(world, ["A"] * 8)
        return sum(fact.order.amount.minor for fact in reserved(world, ["A"]))

    assert any(used() > 100_000 for _ in range(50))


def test_eight_threads_with_one_request_record_it_once():
    for _ in range(25):
        world = World()
        world.open()
        receipts = []
        raised = race(*([lambda w=world, r=receipts: r.append(persist(lambda: w.pay("P-1", "10")))] * 8))
        assert raised == []
        assert len(set(receipts)) == 1
        assert len(world.store.facts("ACME")) == 2


def test_a_credit_is_used_once_by_two_at_the_same_time():
    """S19.5: a credit of 300 and two invoices of 300."""
    for _ in range(25):
        world = World()
        world.open()
        world.pay("P-1", "300")
        world.invoice("INV-1", "300", 10)
        world.invoice("INV-2", "300", 10)
        raised = race(*(lambda n=n, w=world: persist(lambda: w.apply("P-1", f"INV-{n}", "300")) for n in (1, 2)))
        assert [type(error) for error in raised] == [OverApplied]
        assert world.app.view("ACME", TODAY).open_total("EUR") == eur(300)


def test_one_invoice_number_is_given_once_between_accounts():
    for _ in range(25):
        world = World()
        for n in range(8):
            world.open(f"C-{n}")
        raised = race(*(lambda n=n, w=world: persist(lambda: w.invoice("INV-1", "10", 5, f"C-{n}")) for n in range(8)))
        assert len(raised) == 7
        assert all(isinstance(error, ReceivablesError) for error in raised)
        assert sum(len(world.store.facts(f"C-{n}")) for n in range(8)) == 9


def test_a_limit_is_none_or_an_amount_and_zero_is_zero():
    world = World()
    world.open()
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(0), valid_from=TODAY)
    world.app.set_limit(limit, key="zero")
    assert world.order("SO-1", "0.01").outcome == "held"
    world.limit(None)
    assert world.order("SO-2", "1000000").outcome == "approved"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["load", "receipt", "commit"])
@pytest.mark.parametrize("what", ["payment", "part of a payment", "order"])
def test_the_same_request_made_at_the_same_time_gives_the_same_receipt(what, method, when):
    """Whatever port call the other one slips in at."""

    class Twin:
        def __init__(self):
            self.inner, self.slip = MemoryStore(), None

        def __getattr__(self, name):
            found = getattr(self.inner, name)
            if name != method or self.slip is None:
                return found

            def slipped(*args):
                slip, self.slip = self.slip, None
                if when == "before" and slip:
                    slip()
                answer = found(*args)
                if when == "after" and slip:
                    slip()
                return answer

            return slipped

    store = Twin()
    world = World(store=store, transaction=Transactions())
    world.open()
    world.limit("1000")
    world.invoice("INV-1", "500", 20)
    world.pay("P-0", "100")

    def act(world):
        if what == "payment":
            return world.pay("P-1", "10")
        return world.order("SO-1", "10") if what == "order" else world.apply("P-0", "INV-1", "10")

    theirs = []
    store.slip = lambda: theirs.append(act(World(store=store.inner)))
    assert act(world) == theirs[0]
    assert len(store.facts("ACME")) == 5


def test_nothing_is_read_outside_of_the_transactions_that_the_service_begins():
    """On some connections a mere read begins a transaction, which would then stay open and stop the delivery."""
    depth, outside = [0], []

    class Watched(MemoryStore):
        def __getattribute__(self, name):
            if name in ("load", "commit", "receipt", "due", "accounts", "find", "history") and depth[0] != 1:
                outside.append((name, depth[0]))
            return super().__getattribute__(name)

    @contextmanager
    def transaction():
        depth[0] += 1
        yield
        depth[0] -= 1

    store = Watched()
    world = World(store=store)
    world.open("ACME")
    world.invoice("INV-1", "10", -8, "ACME")
    outside.clear()
    app = world.restart(transaction=transaction)
    app.open_account(Customer(id="BETA"), key="beta")
    assert [len(result.notices) for result in app.run_dunning(day(0))] == [1]
    assert [result.outcome for result in app.deliver()] == ["sent"]
    list(app.rewake(day(0)))
    list(app.accounts()), list(app.history("ACME")), app.view("ACME", day(0)), app.dunning_plan("ACME", day(0))
    assert outside == []


def test_a_transaction_that_swallows_what_goes_wrong_in_it_is_an_error_of_the_host():
    """Otherwise nobody would hear that nothing was recorded."""
    world, store = moving(99)
    world.restart(transaction=lambda: suppress(StaleAccount))
    store.start()
    with pytest.raises(InvalidValue, match=r"receivables\.transaction: must let through what went wrong in it"):
        world.pay("P-1", "10")
    assert store.receipt("pay P-1") is None
