"""What holds after every case that was written down: nothing follows twice, and no day is slept through."""

import datetime as dt

import pytest
from tests.plans import told
from tests.plans.cases import NAMES
from tests.service.world import all_facts

from receivables.codec import encode
from receivables.plans.consequences import consequences
from receivables.plans.plan import Context


@pytest.fixture
def lived(monkeypatch):
    """The worlds that a case leads to, as its last deed leaves them."""
    seen = {}
    tell = told.told

    def remembered(world, deed):
        seen[id(world)] = world
        return tell(world, deed)

    def live(name):
        seen.clear()
        told.page(name)
        return list(seen.values())

    monkeypatch.setattr(told, "told", remembered)
    return live


def follows(world, id):
    """What follows on an account by what is recorded; the members of a group are not at hand."""
    account = world.app.account(id)
    now = max(world.clock.instant, account.known_at or world.clock.instant)
    rates, calendars = world.more.get("rates", ()), world.more.get("calendars", {})
    context = Context(policies=world.policies, now=now, today=now.date(), rates=tuple(rates), calendars=calendars)
    return consequences(account, context)[0]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_follows_from_a_case_follows_once(lived, name):
    for world in lived(name):
        world.run(all_accounts=True)
        found = {id: follows(world, id) for id in world.app.accounts() if not id.startswith("catalog")}
        assert not any(found.values())


def recorded_by_daily_runs(world, *, all_accounts):
    """All that is recorded once every day of two weeks was run and its letters were sent."""
    first = world.today
    for offset in range(1, 15):
        world.at(first + dt.timedelta(days=offset)).run(all_accounts=all_accounts)
        world.deliver()
    return {id: [encode(fact) for fact in facts] for id, facts in all_facts(world.store).items()}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_account_wakes_by_itself_on_every_day_on_which_something_happens(lived, name):
    for one, other in zip(lived(name), lived(name), strict=True):
        awake = recorded_by_daily_runs(one, all_accounts=False)
        assert awake == recorded_by_daily_runs(other, all_accounts=True)
