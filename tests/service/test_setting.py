"""An engine with other policies or other exchange rates: another one on the same ports, and the first as it was."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from tests.service.world import BOOK, EUR, TODAY, World, day, eur

from receivables import AsyncReceivables, CreditPolicy, Customer, Money, Order, PolicyBook
from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue, RateUnavailable, StaleAccount, WrongType

IN_EUROS = CreditPolicy(id="standard", version=1, limit_currency=EUR)
DAILY = ExchangeRate.of("USD", "EUR", "0.9", on=TODAY, source="ECB")


def dollars(id):
    return Order(id=id, account="ACME", amount=Money.of(100, "USD"), placed_on=TODAY)


@pytest.fixture
def world():
    world = World(policies=PolicyBook.of(IN_EUROS))
    world.open()
    world.limit("1000")
    world.invoice("INV-1", "100", -7)
    return world


def awaited(world, **more):
    ports = {"store": world.store, "notifier": world.notifier, "clock": world.clock, "policies": world.policies}
    return AsyncReceivables(**{**ports, **more})


def test_with_other_rates_the_engine_decides_what_it_could_not_and_the_first_one_still_cannot(world):
    other = world.app.with_rates([DAILY])
    with pytest.raises(RateUnavailable):
        world.app.reserve(dollars("SO-1"), key="SO-1")
    assert other.reserve(dollars("SO-1"), key="SO-1").outcome == "approved"
    with pytest.raises(WrongType, match=r"receivables\.rates"):
        world.app.with_rates(["0.9"])


def test_with_other_policies_the_engine_duns_by_them_and_the_first_one_does_not(world):
    other = world.app.with_policies(BOOK)
    assert (world.app.policies, other.policies) == (world.policies, BOOK)
    assert [len(app.preview("ACME", TODAY)) for app in (world.app, other)] == [0, 1]
    with pytest.raises(WrongType, match=r"receivables\.policies"):
        world.app.with_policies("standard")


def test_the_awaited_engine_is_another_one_with_other_policies_and_rates_too(world):
    app = awaited(world)
    rated, dunning = app.with_rates([DAILY]), app.with_policies(BOOK)
    assert (app.policies, dunning.policies) == (world.policies, BOOK)

    async def live():
        with pytest.raises(RateUnavailable):
            await app.reserve(dollars("SO-1"), key="SO-1")
        assert (await rated.reserve(dollars("SO-1"), key="SO-1")).outcome == "approved"
        assert [len(await each.preview("ACME", TODAY)) for each in (app, dunning)] == [0, 1]

    asyncio.run(live())


def test_the_awaited_engine_shows_the_plan_the_preview_and_the_accounts_of_the_plain_one(world):
    world.open("BETA")
    world.policies = BOOK
    plain, app = world.restart(), awaited(world)

    async def live():
        assert [id async for id in app.accounts()] == list(plain.accounts()) == ["ACME", "BETA"]
        assert (await app.dunning_plan("ACME", TODAY)).rows() == plain.dunning_plan("ACME", TODAY).rows()
        (letter,) = await app.preview("ACME", TODAY)
        assert (letter,) == plain.preview("ACME", TODAY)
        assert letter.total == eur(100)

    asyncio.run(live())
    assert world.queued() == []


def test_what_is_only_read_is_read_in_a_transaction_of_its_own_that_is_over(world):
    log = []

    @asynccontextmanager
    async def transaction():
        log.append("begin")
        yield
        log.append("end")

    app = awaited(world, transaction=transaction)

    async def live():
        assert [id async for id in app.accounts()] == ["ACME"]
        assert (await app.view("ACME", day(0))).balance("EUR") == eur(100)

    asyncio.run(live())
    assert log == ["begin", "end"] * (len(log) // 2)
    assert len(log) >= 4


def test_an_awaited_transaction_that_swallows_what_goes_wrong_in_it_is_an_error_of_the_host(world):
    @asynccontextmanager
    async def transaction():
        with suppress(StaleAccount):
            yield

    def moved(commit):
        raise StaleAccount("ACME", 3, 4)

    async def live():
        world.store.commit = moved
        await awaited(world, transaction=transaction).open_account(Customer(id="BETA"), key="open")

    with pytest.raises(InvalidValue, match=r"receivables\.transaction: must let through what went wrong in it"):
        asyncio.run(live())
    assert world.store.receipt("open") is None
