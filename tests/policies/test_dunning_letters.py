"""Letters of one run count for one another: the strongest step first, and what finds no room waits and says so."""

from itertools import pairwise

import attrs
import pytest
from tests.policies.test_dunning import after, invoice, noticed
from tests.policies.test_ladder import policy, rows, step
from tests.service.world import BOOK, LADDER, World, day

from receivables import Account, Customer, Money, PolicyBook
from receivables.plans.dunning import plan_for
from receivables.policies.dunning import plan_dunning

CHF = Money.of(100, "CHF")
BY_MAIL = (step(), step("second", 14, channel="letter"), step("final", 28, channel="letter", needs_approval=True))


def account(*invoices):
    return Account.of(Customer(id="A"), invoices=invoices)


def reasons(found, days, plan):
    return {row["item"]: row["reason"] for row in rows(found, days, plan)}


@pytest.mark.parametrize(
    ("pace", "waits"),
    [
        ({}, False),
        ({"contact_gap_days": 1}, True),
        ({"contact_cap": 1}, True),
        ({"contact_cap": 2}, False),
        ({"contact_cap": 2, "contact_gap_days": 3}, True),
    ],
)
def test_two_currencies_are_two_letters_of_which_a_pace_may_allow_one(pace, waits):
    found = account(invoice("E"), invoice("C", CHF))
    seen = sorted(reasons(found, 7, policy(**pace)).values())
    assert seen == (["contact_limit", "step_due"] if waits else ["step_due", "step_due"])


def test_one_letter_is_one_however_many_items_are_in_it():
    found = account(invoice("I"), invoice("J"), invoice("K"))
    assert set(reasons(found, 7, policy(contact_cap=1, contact_gap_days=9)).values()) == {"step_due"}


@pytest.mark.parametrize(("strong", "weak"), [("E", "C"), ("C", "E")])
def test_the_strongest_step_goes_first_whatever_its_currency(strong, weak):
    amounts = {"E": None, "C": CHF}
    found = noticed(account(*(invoice(name, amount) for name, amount in amounts.items())), 7, item=strong)
    plan = policy(step(), step("second", 14), contact_gap_days=5)
    assert reasons(found, 14, plan) == {strong: "step_due", weak: "contact_limit"}


def test_two_channels_of_one_currency_are_two_letters_and_the_first_names_what_waits():
    world = World(policies=PolicyBook.of(policy(step(), step("second", 14, channel="letter"), contact_gap_days=5)))
    world.open()
    world.invoice("OLD", 100, 0)
    world.at(7).run()
    world.deliver()
    world.invoice("NEW", 50, 7)
    world.at(14).run()
    world.deliver()
    assert [(each.channel, [line.item for line in each.claimed]) for each in world.queued()[1:]] == [
        ("letter", ["OLD"])
    ]
    assert [(line.item, line.step) for line in world.queued()[1].lines] == [("OLD", "second"), ("NEW", None)]
    for days in range(15, 20):
        world.at(days).run()
    assert [(each.as_of, each.claimed[0].item) for each in world.queued()[2:]] == [(day(19), "NEW")]


def test_a_letter_that_waits_for_approval_takes_the_room_of_another():
    found = noticed(account(invoice("I"), invoice("J", due=after(14))), 14, "second")
    plan = policy(*BY_MAIL, contact_cap=1, contact_window_days=7)
    assert reasons(found, 28, plan) == {"I": "step_due", "J": "contact_limit"}


def test_the_day_to_look_again_is_that_on_which_there_is_room():
    found = account(invoice("E"), invoice("C", CHF))
    planned = policy(contact_gap_days=5).plan(found.view(after(7)))
    (waiting,) = [each for each in planned.books if each.codes != planned.books[0].codes]
    assert waiting.steps == {}
    assert planned.look_on <= after(12)
    assert sum(row["included"] for row in planned.rows()) == planned.included == 1


def test_what_goes_out_without_a_pace_goes_first_and_takes_the_room():
    """The policy of E has no gap: its letter goes out in any case, so that of C, which asks for one, waits."""
    free, paced = policy(), attrs.evolve(policy(contact_gap_days=5), id="paced")
    for names in (("E", "C"), ("C", "E")):
        found = account(*(invoice(name, CHF if name == "C" else None) for name in names))
        planned = plan_dunning(found.view(after(7)), free, lambda id, version: None, {"C": paced})
        assert {row["item"]: row["reason"] for row in planned.rows()} == {"E": "step_due", "C": "contact_limit"}


def test_each_item_of_a_letter_that_goes_out_anyway_keeps_to_the_pace_of_its_own_policy():
    """I and J are in one letter, after one in another currency: that of I has no pace, and J has to wait."""
    free, paced = policy(), attrs.evolve(policy(contact_gap_days=5), id="paced")
    found = account(invoice("C", CHF), invoice("I"), invoice("J"))
    planned = plan_dunning(found.view(after(7)), free, lambda id, version: None, {"J": paced})
    assert {row["item"]: row["reason"] for row in planned.rows()} == {
        "C": "step_due",
        "I": "step_due",
        "J": "contact_limit",
    }


@pytest.mark.parametrize(("cap", "gap"), [(1, 0), (2, 0), (None, 3), (2, 2)])
def test_on_no_day_has_a_customer_more_letters_than_the_cap_or_nearer_than_the_gap(cap, gap):
    paced = attrs.evolve(LADDER, contact_cap=cap, contact_gap_days=gap, contact_window_days=4, minimum_gap_days=2)
    policies = tuple(paced if each is LADDER else each for each in BOOK.policies)
    world = World(policies=attrs.evolve(BOOK, policies=policies))
    world.open()
    for at, code in enumerate(("EUR", "CHF", "USD", "EUR", "CHF")):
        world.invoice(f"INV-{at}", Money.of(100, code), at)
    for days in range(75):
        world.at(days).run()
        world.deliver()
    sent = [notice.as_of for notice in world.queued()]
    assert all((later - earlier).days >= gap for earlier, later in pairwise(sent))
    assert cap is None or all((later - earlier).days >= 4 for earlier, later in zip(sent, sent[cap:], strict=False))
    steps = {(line.item, line.step) for notice in world.queued() for line in notice.claimed}
    assert len(steps) == 15  # none is lost: every item took its three steps


def test_the_run_queues_what_the_plan_says():
    paced = policy(contact_gap_days=5)
    world = World(policies=PolicyBook.of(paced))
    world.open()
    world.invoice("E", 100, 0)
    world.invoice("C", CHF, 0)
    view = world.at(7).app.view("ACME", day(7))
    said = {row["item"] for row in plan_for(view, world.policies).rows() if row["included"]}
    world.run()
    assert {line.item for notice in world.queued() for line in notice.claimed} == said == {"C"}
    assert "too recently, or too many" in plan_for(view, world.policies).explain("E")
