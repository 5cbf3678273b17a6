"""Claims that have lapsed: no step, no interest, letters that wait are taken back, and nothing is changed backward."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, World, eur

from receivables import Choice
from receivables.documents.limitation import Suspension
from receivables.facts.charge import ChargeRaised
from receivables.facts.dunning import NoticeCancelled, StepsAnnulled
from receivables.policies.limitation import LimitationPolicy, barred_items
from receivables.policies.limitation_regimes import limitation_regime

LAST = dt.date(2025, 12, 31)
"""The last day on which a claim of 2022 can be enforced in Germany."""

CLAIMS = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
DUE = -1200
"""2022-11-18."""


def world_with(policy: LimitationPolicy = CLAIMS, segment: str = "") -> World:
    """INV-OLD, that lapses with the year 2025, and INV-NEW, both over 1,000.00 and overdue in that December."""
    choices = (*BOOK.choices, Choice(kind="limitation", policy="claims"))
    world = World(policies=attrs.evolve(BOOK, policies=(*BOOK.policies, policy), choices=choices))
    world.at(dt.date(2022, 10, 1)).open(segment=segment)
    world.invoice("INV-OLD", "1000", DUE)
    world.invoice("INV-NEW", "1000", -100)
    return world


def reasons(world: World, day: dt.date) -> dict[str, str]:
    return {row["item"]: row["reason"] for row in world.app.dunning_plan("ACME", day).rows()}


def claimed(world: World) -> list[list[str]]:
    return [[line.item for line in letter.claimed] for letter in world.queued() if letter.audience == "customer"]


def test_on_its_last_day_a_claim_is_dunned_and_on_the_next_it_is_not():
    world = world_with()
    assert reasons(world, LAST) == {"INV-OLD": "step_due", "INV-NEW": "step_due"}
    assert reasons(world, LAST + dt.timedelta(days=1)) == {"INV-OLD": "barred", "INV-NEW": "step_due"}


def test_the_run_leaves_it_out_and_says_why():
    world = world_with().at(LAST + dt.timedelta(days=1))
    assert [[line.item for line in letter.claimed] for letter in world.app.preview("ACME", world.today)] == [
        ["INV-NEW"]
    ]
    world.run()
    assert claimed(world) == [["INV-NEW"]]
    assert [line.item for line in world.queued()[0].lines] == ["INV-NEW"]
    story = world.app.dunning_plan("ACME", world.today).explain("INV-OLD")
    assert story.endswith("the claim has lapsed")


def test_without_a_policy_or_where_it_does_not_say_so_a_claim_that_lapsed_is_dunned():
    world = world_with(attrs.evolve(CLAIMS, barred_stops=frozenset({"interest", "reporting"})))
    assert reasons(world, LAST + dt.timedelta(days=1))["INV-OLD"] == "step_due"
    world.policies = BOOK
    world.restart()
    assert reasons(world, LAST + dt.timedelta(days=1))["INV-OLD"] == "step_due"


def test_it_comes_before_what_is_arranged_and_after_what_is_not_due():
    world = world_with().at(LAST)
    world.dispute("D", "INV-OLD")
    world.hold("H", item="INV-OLD")
    assert reasons(world, LAST)["INV-OLD"] == "disputed"
    assert reasons(world, LAST + dt.timedelta(days=1))["INV-OLD"] == "barred"


def test_a_letter_that_waits_when_the_claim_lapses_is_taken_back_and_decided_anew():
    world = world_with().at(LAST)
    world.run()
    assert claimed(world) == [["INV-OLD", "INV-NEW"]]
    world.at(LAST + dt.timedelta(days=1))
    world.deliver()
    (gone,) = [fact for fact in world.facts(NoticeCancelled) if fact.reason == "held"]
    assert gone.notice == world.queued()[0].key
    world.deliver()
    sent = [notice for notice in world.notifier.notices if notice.audience == "customer"]
    assert [[line.item for line in letter.lines] for letter in sent] == [["INV-NEW"]]


def test_a_letter_that_went_out_before_stays():
    world = world_with().at(LAST)
    world.run()
    world.deliver()
    world.at(LAST + dt.timedelta(days=40)).run()
    assert world.facts(StepsAnnulled) == []
    assert world.app.view("ACME", world.today).ladder_of["INV-OLD"].step == "first"


def test_no_account_sleeps_over_a_letter_for_a_claim_that_lapsed():
    """The run over the accounts that are due gives what the run over all gives, day after day over the end."""
    worlds = [world_with(), world_with()]
    for offset in range(-2, 12):
        for world in worlds:
            world.at(LAST + dt.timedelta(days=offset)).run(all_accounts=world is worlds[1])
            world.deliver()
        assert worlds[0].store.facts("ACME") == worlds[1].store.facts("ACME")


# Interest ---------------------------------------------------------------------------------------------------------


def test_no_interest_is_claimed_on_a_claim_that_lapsed_not_even_for_the_days_before():
    world = world_with(segment="strict").at(LAST)
    assert world.app.claim_interest("ACME", "INV-OLD", LAST, key="before").ids
    world.at(LAST + dt.timedelta(days=1))
    for until in (LAST, world.today):
        receipt = world.app.claim_interest("ACME", "INV-OLD", until, key=f"after {until}")
        assert (receipt.outcome, [str(each) for each in receipt.reasons]) == ("nothing to claim", ["barred"])
    assert [fact.charge.item for fact in world.facts(ChargeRaised)] == ["INV-OLD"]


def test_what_was_claimed_before_stays_claimed():
    world = world_with(segment="strict").at(LAST)
    (charge,) = world.app.claim_interest("ACME", "INV-OLD", LAST, key="before").ids
    before = world.app.view("ACME", LAST).open(charge)
    world.at(LAST + dt.timedelta(days=1)).invoice("INV-X", "1", 400)
    assert world.app.view("ACME", world.today).open(charge) == before


@pytest.fixture
def mild() -> World:
    """A policy under which a claim that lapsed is dunned, and bears no interest."""
    return world_with(attrs.evolve(CLAIMS, barred_stops=frozenset({"interest"})), "strict")


def test_where_it_stops_interest_alone_the_letter_goes_out_without(mild):
    mild.at(LAST + dt.timedelta(days=1)).run()
    kinds = {line.item: [charge.kind for charge in line.charges] for line in mild.queued()[0].claimed}
    assert kinds == {"INV-OLD": ["fee"], "INV-NEW": ["fee", "interest"]}


def test_a_letter_that_waits_with_interest_is_decided_anew_when_the_claim_lapses(mild):
    mild.at(LAST).run()
    mild.at(LAST + dt.timedelta(days=1))
    mild.deliver()
    assert "changed" in [fact.reason for fact in mild.facts(NoticeCancelled)]
    mild.deliver()
    raised = [(fact.charge.item, fact.charge.kind) for fact in mild.facts(ChargeRaised)]
    assert sorted(raised) == [("INV-NEW", "fee"), ("INV-NEW", "interest"), ("INV-OLD", "fee")]


# What becomes known late --------------------------------------------------------------------------------------------


def test_an_acknowledgment_known_late_lets_the_ladder_go_on_from_today_and_invents_no_step():
    """Owned to on 1 December, recorded on 1 March: for two months nothing was sent, and nothing is made up for."""
    world = world_with()
    for offset in (1, 10, 20, 50):
        world.at(LAST + dt.timedelta(days=offset)).run()
        world.deliver()
    assert {item for items in claimed(world) for item in items} == {"INV-NEW"}
    before = reasons_known(world, dt.date(2026, 2, 1))
    world.at(dt.date(2026, 3, 1))
    world.app.acknowledge_debt("ACME", "INV-OLD", on=dt.date(2025, 12, 1), evidence="a letter", key="owned")
    assert reasons_known(world, dt.date(2026, 2, 1)) == before == {"INV-OLD": True, "INV-NEW": False}
    assert reasons(world, world.today)["INV-OLD"] == "step_due"
    world.run()
    letters = [letter for letter in world.queued() if letter.audience == "customer"]
    taken = [(letter.as_of, line.step) for letter in letters for line in letter.claimed if line.item == "INV-OLD"]
    assert taken == [(dt.date(2026, 3, 1), "first")]


def reasons_known(world: World, day: dt.date) -> dict[str, bool]:
    """Which items were barred on a day by what was known on it."""
    account = world.app.account("ACME")
    view = account.view(day, day)
    barred = barred_items(account, view, CLAIMS)
    return {item.id: item.id in barred for book in view.books for item in book.items}


def test_a_suspension_without_an_end_keeps_a_claim_alive_and_its_end_known_late_bars_it_from_then_on():
    world = world_with().at(dt.date(2025, 12, 1))
    talks = Suspension(
        id="S", account="ACME", items=("INV-OLD",), kind="negotiations", starts_on=world.today, reason="they talk"
    )
    world.app.suspend_limitation(talks, key="talks")
    world.at(dt.date(2026, 6, 1)).run()
    world.deliver()
    assert ["INV-OLD", "INV-NEW"] in claimed(world)
    world.at(dt.date(2026, 6, 10))
    world.app.resume_limitation("ACME", "S", on=dt.date(2025, 12, 11), key="over")
    assert reasons(world, world.today)["INV-OLD"] == "barred"
    assert world.facts(StepsAnnulled) == []


def test_a_payment_that_came_back_bars_what_it_had_kept_alive():
    world = world_with().at(dt.date(2025, 3, 1))
    world.settle("INV-OLD", "100")
    assert reasons(world, LAST + dt.timedelta(days=1))["INV-OLD"] == "step_due"
    world.at(LAST + dt.timedelta(days=1))
    world.app.unapply("ACME", "apply P INV-OLD 100 INV-OLD 100.00 EUR#1", key="returned")
    assert reasons(world, world.today)["INV-OLD"] == "barred"


def test_fees_that_are_on_it_stay_charges():
    world = world_with(segment="strict").at(LAST)
    world.app.claim_interest("ACME", "INV-OLD", LAST, key="before")
    assert sorted(reasons(world, LAST + dt.timedelta(days=1)).values()) == ["barred", "charge", "step_due"]
    assert world.app.view("ACME", LAST).open("INV-OLD") == eur(1000)
