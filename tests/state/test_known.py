"""What is known at an instant is what the facts recorded by then say, whatever was recorded later, for facts of every kind."""

import datetime as dt
from functools import cache

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.plans.logs import lived
from tests.service.world import day, furnished, one_of_each

from receivables import Account, Currency, fold
from receivables.errors import ReceivablesError
from receivables.facts.fact import Fact
from receivables.state.account import TABLES, compose, joined_on
from receivables.state.carrying import carried_on
from receivables.state.composition import defined, mentioned
from receivables.state.view import View

NOT_COMPARED = {"account", "known_at"}
HOUR = dt.timedelta(hours=1)
LONG_AFTER = day(1500)
JOINS = tuple(TABLES["merges"])


@cache
def logs():
    """The logs of two companies: one lived half a year; in the other every command was executed, each on a day of its own.

    And one that has a fact of every kind, whatever they come to together.
    """
    world, refused = furnished(), []
    for after, command in enumerate(one_of_each().values(), start=3):
        world.at(after)
        try:
            world.app.execute(attrs.evolve(command, key=type(command).__name__))
        except ReceivablesError:
            refused.append(type(command).__name__)
    assert len(refused) < 30, refused  # what the commands before it took away
    found = {f"samples: {subject}": sampled(subject) for subject in SUBJECTS}
    for name, store in (("lived", lived().store), ("every command", world.store)):
        found |= {f"{name}: {id}": store.facts(id) for id in store.accounts("", 10_000)}
    return found


def about(fact):
    """What a fact is about, as its module says."""
    return type(fact).__module__.rpartition(".")[2]


SUBJECTS = sorted({about(fact) for fact in SAMPLES.values() if not isinstance(fact, JOINS)})
MONEY = ("account.opened/1", "invoice.issued/1", "payment.received/1", "allocation.made/1", "allocation.undone/1")


def sampled(*subjects):
    """A fact of every kind but those that join accounts, each an hour after the one before; or those about subjects, with
    an invoice and a payment.
    """
    start = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    letter = attrs.evolve(SAMPLES["notice.queued/1"].notice, audience="customer", retracts=None)
    rate = attrs.evolve(SAMPLES["payment.received/1"].payment.book_rate, quote=Currency.of("USD"))  # as all others
    paid = attrs.evolve(SAMPLES["payment.received/1"].payment, book_rate=rate)
    facts = SAMPLES | {
        "notice.queued/1": attrs.evolve(SAMPLES["notice.queued/1"], notice=letter),
        "payment.received/1": attrs.evolve(SAMPLES["payment.received/1"], payment=paid),
    }
    wanted = subjects or SUBJECTS
    kinds = [fact for tag, fact in facts.items() if about(fact) in wanted or (subjects and tag in MONEY)]
    return [attrs.evolve(fact, recorded_at=start + at * HOUR) for at, fact in enumerate(kinds)]


ACCOUNTS = ("ACME", "BETA", "GOV", "LOST", "ONE", "OUT", "STRICT", "TWO")
SAMPLED = [f"samples: {subject}" for subject in SUBJECTS]
LOGS = [*SAMPLED, *(f"{company}: {id}" for company in ("lived", "every command") for id in ACCOUNTS)]


def columns(account: Account, as_of: dt.date, instant: dt.datetime | None = None):
    """What the account is on a date, as known at an instant: its view, what it stands for in the books, tax relief."""
    view, had = account.view(as_of, instant), joined_on(account, as_of, instant)
    items = [item.id for item in had.ledger.items if item.seen(as_of, instant)]
    relief = [(had.losses.relief_of(id, as_of, instant), had.losses.barred_by(id, as_of, instant)) for id in items]
    shown = {each.name: getattr(view, each.name) for each in attrs.fields(View) if each.name not in NOT_COMPARED}
    return {**shown, "carried": carried_on(had, as_of, instant), "relief": relief}


@pytest.mark.parametrize("log", LOGS)
def test_what_was_known_at_an_instant_is_what_was_recorded_by_then(log):
    facts = logs()[log]
    whole, then = fold(facts, Account()), Account()
    for instant in sorted({fact.recorded_at for fact in facts}):
        then = fold([fact for fact in facts if fact.recorded_at == instant], then)
        assert columns(then, LONG_AFTER, instant) == columns(then, LONG_AFTER), instant
        for as_of in (instant.date(), LONG_AFTER):
            assert columns(whole, as_of, instant) == columns(then, as_of, instant), (instant, as_of)


def parted(facts: list[Fact], at: int) -> tuple[list[Fact], list[Fact]]:
    """A log without one of its facts and what builds on it; and these."""
    early, late, brought = facts[:at], [facts[at]], set(defined(fold([facts[at]])))
    for fact in facts[at + 1 :]:
        if brought & set(mentioned(fact)):
            late.append(fact)
            brought.update(defined(fold([fact])))
        else:
            early.append(fact)
    return early, late


@pytest.mark.parametrize("log", LOGS)
def test_each_thing_that_comes_to_light_last_is_not_known_before(log):
    """Whichever it is, and with all that builds on it; the days on which things happened stay as they are."""
    facts = [fact for fact in logs()[log] if not isinstance(fact, JOINS)]
    instant = max(fact.recorded_at for fact in facts)
    for at, fact in enumerate(facts):
        early, late = parted(facts, at)
        then = fold(early, Account())
        whole = fold([attrs.evolve(each, recorded_at=instant + at * HOUR) for at, each in enumerate(late, 1)], then)
        for as_of in {fact.effective_on, LONG_AFTER}:
            assert columns(whole, as_of, instant) == columns(then, as_of), (type(fact).__name__, as_of)


@pytest.mark.parametrize("company", ["lived", "every command"])
def test_accounts_that_were_joined_are_known_as_they_were(company):
    """Merged, separated, and with documents that went from one to the other."""
    ids = ("ONE", "TWO", "BETA", "ACME")

    def at(instant):
        known = {}
        for id in ids:
            facts = [fact for fact in logs()[f"{company}: {id}"] if instant is None or fact.recorded_at <= instant]
            known[id] = fold(facts, Account())
        return known

    known = at(None)
    joined = [fact.recorded_at for id in ids for fact in logs()[f"{company}: {id}"] if isinstance(fact, JOINS)]
    assert len(joined) > 1
    for instant in sorted({*joined, *(each - HOUR for each in joined)}):
        then = at(instant)
        for id in ids:
            now, before = compose(known[id], known), compose(then[id], then)
            for as_of in (instant.date() - dt.timedelta(1), instant.date(), LONG_AFTER):
                assert columns(now, as_of, instant) == columns(before, as_of), (id, instant, as_of)
