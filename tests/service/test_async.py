"""`AsyncReceivables` records what `Receivables` records, on plain ports and on ports that are awaited."""

import asyncio
from contextlib import asynccontextmanager

import attrs
import pytest
from tests.service.world import BOOK, TODAY, World, day, eur, furnished, one_of_each, picture

from receivables import AsyncReceivables, Customer, MemoryStore, Order, Receivables
from receivables.errors import ClaimTaken, KeyReused, OpenTransaction, StaleAccount, UnknownId, WrongType
from receivables.plans.commands import ReceivePayment
from receivables.testing import FixedClock, RecordingNotifier


class Awaited:
    """A port whose methods are coroutines, and give way before they answer."""

    honors_keys = True

    def __init__(self, port):
        self.port = port

    def __getattr__(self, name):
        async def called(*args):
            await asyncio.sleep(0)
            return getattr(self.port, name)(*args)

        return called


PORTS = {"plain": lambda port: port, "awaited": Awaited}


def service(world, wrap, **more):
    ports = {"store": wrap(world.store), "notifier": wrap(world.notifier), "clock": world.clock}
    return AsyncReceivables(**ports, policies=BOOK, **more)


async def taken(stream):
    return [each async for each in stream]


def numbered():
    """One of each command under keys of their own, and some that are refused."""
    commands = list(one_of_each().values())
    first = [attrs.evolve(each, key=f"k{n}") for n, each in enumerate(commands)]
    return [*first, *(attrs.evolve(each, key=f"again {n}") for n, each in enumerate(commands))]


@pytest.mark.parametrize("wrap", PORTS)
def test_the_same_commands_and_days_give_the_same_facts(wrap):
    plain, other = furnished(), furnished()
    app = service(other, PORTS[wrap])

    async def live():
        recorded = await taken(app.record(numbered()))
        days = []
        for offset in range(3, 40, 4):
            other.at(offset)
            days.append(await taken(app.run_dunning(day(offset))))
            days.append(await taken(app.deliver()))
        days.append(await taken(app.run_dunning(day(40), all_accounts=True)))
        days.append(await taken(app.rewake(day(40))))
        return recorded, days

    recorded, days = asyncio.run(live())
    wanted = list(plain.app.record(numbered()))
    assert [(each.account, each.receipt, str(each.error)) for each in recorded] == [
        (each.account, each.receipt, str(each.error)) for each in wanted
    ]
    assert any(each.ok for each in wanted)
    assert not all(each.ok for each in wanted)
    for offset in range(3, 40, 4):
        plain.at(offset)
        assert plain.run() == days.pop(0)
        assert plain.deliver() == days.pop(0)
    assert list(plain.app.run_dunning(day(40), all_accounts=True)) == days.pop(0)
    assert list(plain.app.rewake(day(40))) == days.pop(0)
    assert picture(plain.store) == picture(other.store)
    assert plain.notifier.notices == other.notifier.notices
    assert len(plain.notifier.notices) > 1


@pytest.mark.parametrize("wrap", PORTS)
def test_each_command_as_a_method_gives_its_receipt_or_its_error(wrap):
    world = furnished()
    app = service(world, PORTS[wrap])
    command = one_of_each()[ReceivePayment]

    async def live():
        first = await app.receive_payment(command.payment, key="k")
        assert await app.receive_payment(command.payment, key="k") == first
        assert (await app.view("ACME", TODAY)).as_of == TODAY
        assert (await app.account("ACME")).id == "ACME"
        before = picture(world.store)
        with pytest.raises(ClaimTaken):
            await app.receive_payment(command.payment, key="other")
        with pytest.raises(KeyReused):
            await app.release_order("ACME", "SO-1", on=TODAY, key="k")
        with pytest.raises(UnknownId):
            await app.account("NOBODY")
        with pytest.raises(WrongType):
            await app.execute("pay")
        with pytest.raises(WrongType):
            app.run_dunning("2026-03-02")
        with pytest.raises(WrongType):
            app.rewake(None)
        assert picture(world.store) == before

    asyncio.run(live())


def test_a_stream_is_given_result_by_result_and_may_be_left():
    world = World()
    for name in ("A", "B"):
        world.open(name)
        world.invoice(f"INV-{name}", "10", -7, name)

    async def live():
        stream = service(world, Awaited).run_dunning(TODAY)
        async for result in stream:
            assert result.account == "A"
            break
        await stream.aclose()

    asyncio.run(live())
    assert [len(world.queued(name)) for name in ("A", "B")] == [1, 0]


@pytest.mark.parametrize("tries", [1, 3])
def test_a_moved_account_is_tried_again_in_a_transaction_of_its_own(tries):
    begun = []

    @asynccontextmanager
    async def transaction():
        begun.append(1)
        await asyncio.sleep(0)
        yield

    class Stale(MemoryStore):
        def commit(self, commit):
            raise StaleAccount(commit.append.account, 0, 1)

    world = World(store=Stale())
    app = service(world, Awaited, transaction=transaction, tries=tries)
    with pytest.raises(StaleAccount):
        asyncio.run(open_account(app))
    assert len(begun) == tries


async def open_account(app):
    return await app.open_account(Customer(id="ACME"), key="k")


def test_many_at_once_never_exceed_a_limit():
    """Tasks that give way at every port call, as on a real connection."""

    @asynccontextmanager
    async def transaction():
        yield

    world = World()
    world.open()
    world.limit("1000")
    app = service(world, Awaited, transaction=transaction, tries=50)

    async def live():
        orders = [Order(id=f"SO-{n}", account="ACME", amount=eur(300), placed_on=TODAY) for n in range(8)]
        return await asyncio.gather(*(app.reserve(each, key=each.id) for each in orders))

    receipts = asyncio.run(live())
    assert sum(receipt.approved for receipt in receipts) == 3
    assert world.exposure() == 900


def test_delivery_inside_an_open_transaction_is_refused():
    world = World()
    world.open()
    world.invoice("INV-1", "10", -7)
    world.run()
    world.store.in_transaction = lambda: True
    with pytest.raises(OpenTransaction):
        asyncio.run(taken(service(world, Awaited).deliver()))
    assert world.notifier.notices == []


def test_a_canceled_task_leaves_the_outcome_unknown_and_the_next_run_clears_it():
    """What a timeout around a delivery does: the notice may have gone out."""

    class Hangs(RecordingNotifier):
        async def send(self, notice):
            super().send(notice)
            await asyncio.sleep(60)

    world = World(notifier=Hangs())
    world.open()
    world.invoice("INV-1", "10", -7)
    world.run()

    async def live():
        await asyncio.wait_for(taken(service(world, lambda port: port).deliver()), timeout=0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(live())
    key = world.queued()[0].key
    assert world.life(key) == ["queued", "sending"]
    world.notifier = RecordingNotifier()
    world.restart()
    assert [result.outcome for result in world.deliver()] == ["sent"]


def test_a_coroutine_notifier_on_the_plain_service_sends_nothing_and_says_so():
    class Coroutine:
        honors_keys = True

        def send(self, notice):
            return FixedClock  # stands for a coroutine that nobody awaits: no `Sent`, no `NotSent`

    world = World(notifier=Coroutine())
    world.open()
    world.invoice("INV-1", "10", -7)
    world.run()
    (result,) = world.deliver()
    assert (result.outcome, "must be Sent or NotSent" in result.detail) == ("unknown", True)


def test_both_services_offer_the_same():
    def public(kind):
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(Receivables) == public(AsyncReceivables)
