"""What is known at an instant is what the facts recorded by then say, whatever was recorded later, for facts of every kind."""

import datetime as dt
from functools import cache

import attrs
import pytest
from tests.plans.logs import lived
from tests.service.world import day, furnished, one_of_each

from receivables import Account, fold
from receivables.errors import ReceivablesError
from receivables.state.view import View

NOT_COMPARED = {"account", "known_at"}


@cache
def logs():
    """The logs of two companies: one lived half a year; in the other every command was executed, each on a day of its own."""
    world, refused = furnished(), []
    for after, command in enumerate(one_of_each().values(), start=3):
        world.at(after)
        try:
            world.app.execute(attrs.evolve(command, key=type(command).__name__))
        except ReceivablesError:
            refused.append(type(command).__name__)
    assert len(refused) < 30, refused  # what the commands before it took away
    found = {}
    for name, store in (("lived", lived().store), ("every command", world.store)):
        found |= {f"{name}: {id}": store.facts(id) for id in store.accounts("", 10_000)}
    return found


ACCOUNTS = ("ACME", "BETA", "GOV", "LOST", "ONE", "OUT", "STRICT", "TWO")


def columns(view: View):
    return {each.name: getattr(view, each.name) for each in attrs.fields(View) if each.name not in NOT_COMPARED}


@pytest.mark.parametrize("company", ["lived", "every command"])
@pytest.mark.parametrize("account", ACCOUNTS)
def test_what_was_known_at_an_instant_is_what_was_recorded_by_then(company, account):
    facts = logs()[f"{company}: {account}"]
    whole = fold(facts, Account())
    for instant in sorted({fact.recorded_at for fact in facts}):
        then = fold([fact for fact in facts if fact.recorded_at <= instant], Account())
        for as_of in (instant.date() - dt.timedelta(1), instant.date(), day(1500)):
            assert columns(whole.view(as_of, instant)) == columns(then.view(as_of, instant)), (instant, as_of)
            assert columns(then.view(as_of, instant)) == columns(then.view(as_of)), (instant, as_of)
