"""Interest under holds and extensions: exact days, whole and in part, simple and compounded; claims made before stay."""

import attrs
import pytest
from tests.plans.test_charges import POLICY, STEPS
from tests.service.world import World, day, eur

from receivables import Hold, PolicyBook
from receivables.facts.charge import ChargeRaised, ChargeReversed
from receivables.plans.charges import accrued
from receivables.plans.relief import relief_of
from receivables.policies.balances import FreeDays
from receivables.policies.interest import Compounding, CountedDays, InterestTerms
from receivables.state.account import fold
from receivables.values.daycounts import DayCount

QUIET = attrs.evolve(
    POLICY, steps=tuple(attrs.evolve(step, days_after_due=step.days_after_due + 500) for step in STEPS)
)


def owing(policy=QUIET, amount=3650):
    """INV-1 over 3,650.00, due on day 0: a day of interest is 1.00 while it is simple."""
    world = World(policies=PolicyBook.of(policy))
    world.at(-30).open()
    world.invoice("INV-1", amount, 0)
    return world


def place(world, first, last, *, kind="deferment", **more):
    id = f"H {first} {last} {kind} {more}"
    hold = Hold(
        id=id,
        account="ACME",
        placed_on=day(first),
        until=None if last is None else day(last),
        reason="asked to wait",
        kind=kind,
        **more,
    )
    world.app.place_hold(hold, key=id, by="ann")
    return id


def extend(world, to, on):
    key = f"extend {to} {on}"
    world.app.extend_due("ACME", "INV-1", day(to), on=day(on), reason="they asked", by="ann", approver="bob", key=key)


def interest(world, until, policy=QUIET):
    account = fold(world.store.facts("ACME"))
    found = accrued(account, account.ledger.items[0], policy, day(until))
    return None if found is None else found.total


@pytest.mark.parametrize(
    ("holds", "days"),
    [
        ([], 40),
        ([(11, 20)], 30),
        ([(11, 11)], 39),
        ([(-20, 20)], 20),
        ([(-20, 0)], 40),
        ([(31, 90)], 30),
        ([(41, 90)], 40),
        ([(31, None)], 30),
        ([(11, 20), (26, 30)], 25),
    ],
)
def test_a_day_under_a_hold_on_interest_bears_none_and_every_other_day_does(holds, days):
    world = owing()
    for first, last in holds:
        place(world, first, last)
    assert interest(world, 40) == eur(days)


@pytest.mark.parametrize("scope", [{}, {"item": "INV-1"}, {"document": "INV-1"}])
@pytest.mark.parametrize("kind", ["deferment", "hardship"])
def test_the_scope_and_the_kind_of_what_spares_it(scope, kind):
    world = owing()
    world.invoice("INV-2", 10, 0)
    place(world, 11, 20, kind=kind, **scope)
    assert interest(world, 40) == eur(30)


def test_what_stops_dunning_alone_or_is_on_another_item_spares_no_interest():
    world = owing()
    world.invoice("INV-2", 10, 0)
    place(world, 11, 20, kind="hold")
    place(world, 11, 20, item="INV-2")
    place(world, 11, 20, document="INV-2")
    place(world, 11, 20, kind="do_not_contact")
    assert interest(world, 40) == eur(40)


def test_an_amount_is_spared_interest_and_the_rest_bears_it():
    world = owing()
    place(world, 11, 20, item="INV-1", amount=eur(730))
    assert interest(world, 40) == eur(38)
    world.at(15).pay("P", 3285, on=15)
    world.apply("P", "INV-1", 3285)
    assert interest(world, 40) == eur(16)  # ten days at 1.00, five at 0.80, five of which all is held, twenty at 0.10


def test_two_holds_on_one_day_spare_it_once():
    world = owing()
    place(world, 11, 20)
    place(world, 15, 25, kind="hardship")
    assert interest(world, 40) == eur(25)


def test_a_hold_that_is_released_spares_the_days_before_its_release():
    world = owing()
    id = place(world, 11, 30)
    world.at(16).app.release_hold("ACME", id, on=day(16), key="release")
    assert interest(world, 40) == eur(35)
    other = place(world, 16, 30)
    world.app.release_hold("ACME", other, on=day(16), key="release too")
    assert interest(world, 40) == eur(35)


@pytest.mark.parametrize("counted", list(CountedDays))
@pytest.mark.parametrize("day_count", [DayCount.ACT_365F, DayCount.THIRTY_E_360, DayCount.ACT_ACT_ISDA])
def test_free_days_and_the_days_beside_them_are_all_days_whatever_the_day_count(counted, day_count):
    terms = InterestTerms(id="x", rate=POLICY.interest.rate, day_count=day_count, counted=counted)
    policy = attrs.evolve(QUIET, interest=terms)
    world = owing(policy)
    account = fold(world.store.facts("ACME"))
    whole = accrued(account, account.ledger.items[0], policy, day(90)).exact
    place(world, 20, 50)
    parts = [accrued(fold(world.store.facts("ACME")), account.ledger.items[0], policy, day(90)).exact]
    other = owing(policy)
    place(other, -5, 19)
    place(other, 51, 200)
    parts.append(accrued(fold(other.store.facts("ACME")), account.ledger.items[0], policy, day(90)).exact)
    assert sum(parts) == whole


def test_compounding_adds_what_accrued_and_free_days_add_nothing_to_it():
    """36,500 at 10 %, compounded after 30 days: 300.00 is added, a day after that is 100.82 for ten days."""
    terms = InterestTerms(id="x", rate=POLICY.interest.rate, compounding=Compounding.EVERY_30_DAYS)
    policy = attrs.evolve(QUIET, interest=terms)
    world = owing(policy, 36_500)
    assert interest(world, 60, policy) == eur("602.47")
    place(world, 41, 50)
    assert interest(world, 60, policy) == eur("501.64")
    early = owing(policy, 36_500)
    place(early, 1, 30)
    assert interest(early, 60, policy) == eur(300)


@pytest.mark.parametrize(
    ("extensions", "days"),
    [
        ([(20, -5)], 20),  # granted before it fell due: due on the new day, as if it had never been another
        ([(20, 0)], 20),
        ([(20, 10)], 29),  # granted when nine days had accrued: those stay, and it bears again after the new date
        ([(20, 1)], 20),
        ([(20, -5), (30, 15)], 10),
        ([(20, 10), (30, 18)], 19),
        ([(20, 10), (30, 25)], 23),
        ([(50, 10)], 9),
    ],
)
def test_the_days_from_an_extension_to_the_new_date_bear_none(extensions, days):
    world = owing()
    for to, on in extensions:
        world.at(on)
        extend(world, to, on)
    assert interest(world, 40) == (eur(days) if days else None)


def test_a_hold_inside_the_extended_days_takes_out_nothing_more():
    world = owing().at(10)
    extend(world, 20, 10)
    place(world, 15, 25)
    assert interest(world, 40) == eur(24)


def test_the_due_date_that_interest_counts_from():
    world = owing()
    account = fold(world.store.facts("ACME"))
    assert relief_of(account, account.ledger.items[0]) == (day(0), ())
    world.at(10)
    extend(world, 20, 10)
    account = fold(world.store.facts("ACME"))
    assert relief_of(account, account.ledger.items[0]) == (day(0), (FreeDays(day(10), day(20)),))


# What was claimed ------------------------------------------------------------------------------------------------------


def claimed(world, until):
    """What is claimed by the morning of a day; what is told after it, is told an hour later."""
    world.at(until, 5).app.claim_interest("ACME", "INV-1", until=day(until), key=f"claim {until}", by="ann")
    world.at(until)
    return sum(fact.charge.amount.minor for fact in world.facts(ChargeRaised)) // 100


def test_a_claim_that_was_made_before_a_hold_became_known_stays_and_is_made_up_for_by_the_next():
    world = owing()
    assert claimed(world, 20) == 20
    place(world, 11, 30)
    world.pay("P", "0.01", on=19)  # has it worked out anew
    world.apply("P", "INV-1", "0.01")
    assert world.facts(ChargeReversed) == []
    assert claimed(world, 36) == 20  # 16 had accrued
    assert claimed(world, 45) == 25


def test_a_claim_that_was_made_before_an_extension_stays():
    world = owing()
    assert claimed(world, 20) == 20
    extend(world, 30, 11)
    assert world.facts(ChargeReversed) == []
    assert claimed(world, 50) == 30


def test_a_claim_that_knew_of_the_hold_is_corrected_on_the_days_that_it_counted():
    world = owing()
    place(world, 11, 20)
    assert claimed(world, 40) == 30
    world.pay("P", 1825, on=30)
    world.apply("P", "INV-1", 1825)
    assert [fact.amount for fact in world.facts(ChargeReversed)] == [eur(5)]
