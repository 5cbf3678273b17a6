"""What each hold stops and what it does not, told day by day: a table over scopes and what is stopped."""

import attrs
import pytest
from tests.service.world import CREDIT, EUR, World, day, eur

from receivables import Choice, CreditLimit, DunningPolicy, DunningStep, Hold, Money, PolicyBook
from receivables.documents.hold import STOPS, STOPS_OF
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.charge import ChargeRaised
from receivables.facts.dunning import NoticeCancelled, StepsAnnulled
from receivables.plans.charges import accrued
from receivables.plans.invoice import item_of
from receivables.plans.wake import wake_on
from receivables.policies.interest import InterestTerms
from receivables.reports.aging import aging
from receivables.state.account import fold

POLICY = DunningPolicy(
    id="standard",
    version=1,
    steps=(
        DunningStep(name="one", days_after_due=7, effects=frozenset({"escalate"})),
        DunningStep(name="two", days_after_due=14),
    ),
    interest=InterestTerms.fixed("10"),
)
BOOK = PolicyBook.of(POLICY, CREDIT, choices=(Choice(kind="dunning", policy="standard"),))
SCOPES = {
    "customer": {},
    "invoice": {"document": "INV-1"},
    "item": {"item": "INV-1"},
    "amount": {"item": "INV-1", "amount": eur(365)},
}


def owing():
    """INV-1 over 3,650.00 and INV-2 over 730.00, due on day 0; a limit of 10,000.00."""
    world = World(policies=BOOK)
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    world.invoice("INV-2", 730, 0)
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(10_000), valid_from=day(-30))
    world.app.set_limit(limit, key="limit")
    return world


def place(world, id="H-1", *, on=None, until=None, **more):
    placed_on = world.today if on is None else day(on)
    hold = Hold(
        id=id, account="ACME", placed_on=placed_on, reason="asked", until=None if until is None else day(until), **more
    )
    return world.app.place_hold(hold, key=f"place {id}", by="ann")


def lived(world, first, last):
    for offset in range(first, last + 1):
        world.at(offset)
        assert not [result.error for result in world.run() if result.error]
        world.deliver()
    return world


def letters(world):
    """The letters that went out to the customer, with the items and amounts that they claim."""
    sent = [n for n in world.notifier.notices if n.audience == "customer"]
    return [(n.template, {line.item: line.amount.minor // 100 for line in n.claimed}) for n in sent]


def reasons(world):
    view = world.app.view("ACME", world.today)
    return {row["item"]: row["reason"] for row in POLICY.plan(view).rows()}


# What stops what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "scope"),
    [(what, scope) for what in sorted(STOPS) for scope in SCOPES if (what, scope) != ("contact", "amount")],
)
def test_a_hold_stops_what_it_names_on_what_it_is_on_and_nothing_else(what, scope):
    """One hold from day 1 to day 20 that stops one thing; everything is looked at on day 10."""
    world = owing().at(1)
    place(world, until=20, stops=frozenset({what}), **SCOPES[scope])
    lived(world, 7, 10)
    claimed = {"INV-1": 3650, "INV-2": 730}
    if what == "dunning":
        claimed = {
            "customer": {},
            "invoice": {"INV-2": 730},
            "item": {"INV-2": 730},
            "amount": {"INV-1": 3285, "INV-2": 730},
        }[scope]
    queued = [n for n in world.queued() if n.audience == "customer"]
    assert [{line.item: line.amount.minor // 100 for line in n.claimed} for n in queued] == (
        [claimed] if claimed else []
    )
    assert len(letters(world)) == (0 if what == "contact" else len(queued))
    assert world.order("SO-1", 100).outcome == ("held" if (what, scope) == ("credit", "customer") else "approved")
    view = world.app.view("ACME", world.today)
    named = {item for item in view.places if view.stopping("reporting", item)}
    on = {"INV-1", "INV-2"} if scope == "customer" else {"INV-1"}
    assert named == (on if what == "reporting" else set())
    free = {"customer": (0, 0), "amount": (900, 200)}.get(scope, (0, 200)) if what == "interest" else (1000, 200)
    assert (interest(world, "INV-1"), interest(world, "INV-2")) == free
    assert {view.item(item).due_on for item in view.places} == {day(0)}
    assert aging([view]).total("EUR").buckets["1-30"] == eur(4380)


def interest(world, item):
    """What has accrued on an item by today, in minor units."""
    account = fold(world.store.facts("ACME"))
    accrual = accrued(account, item_of(account, item), POLICY, world.today)
    return 0 if accrual is None else accrual.total.minor


@pytest.mark.parametrize("kind", sorted(STOPS_OF))
def test_the_default_of_each_kind(kind):
    world = owing().at(1)
    place(world, kind=kind, until=20)
    lived(world, 7, 10)
    view = world.app.view("ACME", world.today)
    assert {what for what in STOPS if view.stopping(what)} == STOPS_OF[kind]
    assert letters(world) == []
    assert set(reasons(world).values()) == {"held"}


def test_it_stops_from_its_first_day_to_its_last_and_not_beside_them():
    world = owing().at(0)
    place(world, on=5, until=8)
    held = {}
    for offset in range(4, 10):
        held[offset] = bool(world.at(offset).app.view("ACME", world.today).stopping("dunning"))
    assert held == {4: False, 5: True, 6: True, 7: True, 8: True, 9: False}
    lived(world, 4, 9)
    assert letters(world) == [("one", {"INV-1": 3650, "INV-2": 730})]
    assert [n.as_of for n in world.queued() if n.audience == "customer"] == [day(9)]


def test_a_hold_on_an_invoice_covers_what_is_raised_on_it_later():
    world = owing().at(3)
    place(world, document="INV-1", kind="hardship")
    world.app.claim_interest("ACME", "INV-2", until=day(3), key="claim 2", by="ann")
    other = owing().at(3)
    other.app.claim_interest("ACME", "INV-1", until=day(3), key="claim", by="ann")
    place(other, document="INV-1", kind="hardship")
    (charge,) = [fact.charge.id for fact in other.facts(ChargeRaised)]
    assert other.app.view("ACME", day(3)).stopping("reporting", charge)
    (charge,) = [fact.charge.id for fact in world.facts(ChargeRaised)]
    assert not world.app.view("ACME", day(3)).stopping("reporting", charge)


def test_what_is_asked_of_a_view_must_be_something_that_a_hold_can_stop():
    view = owing().app.view("ACME", day(0))
    with pytest.raises(InvalidValue, match="must be one of"):
        view.stopping("aging")
    with pytest.raises(UnknownId):
        view.stopping("dunning", "INV-9")


# A part of an item ---------------------------------------------------------------------------------------------------


def test_a_held_part_is_kept_back_the_rest_is_dunned_and_after_the_end_all_is():
    world = owing().at(1)
    place(world, item="INV-1", amount=eur(3000), until=12)
    lived(world, 2, 14)
    assert letters(world) == [("one", {"INV-1": 650, "INV-2": 730}), ("two", {"INV-1": 3650, "INV-2": 730})]


def test_a_part_that_is_all_that_is_open_is_held_and_says_when_to_look_again():
    world = owing().at(1)
    place(world, item="INV-1", amount=eur(3000), until=12)
    world.settle("INV-1", 650)
    world.at(9)
    assert reasons(world)["INV-1"] == "held"
    assert POLICY.plan(world.app.view("ACME", day(9))).look_on <= day(13)
    lived(world, 9, 13)
    assert ("one", {"INV-1": 3000}) in letters(world)


def test_a_dispute_comes_before_a_hold_on_a_part_and_both_keep_back_no_more_than_is_open():
    world = owing().at(1)
    world.dispute("D-1", "INV-1", 2000)
    place(world, item="INV-1", amount=eur(3000))
    parts = world.app.view("ACME", day(1)).withheld_of["INV-1"]
    assert [(part.kind, part.amount) for part in parts] == [("dispute", 200_000), ("hold", 165_000)]


# Contact -------------------------------------------------------------------------------------------------------------


def test_letters_that_were_queued_wait_for_the_end_of_it():
    world = owing().at(7)
    world.run()
    place(world, kind="do_not_contact", stops=frozenset({"contact"}), until=9)
    assert world.deliver() == []
    assert world.life(world.queued()[0].key) == ["queued"]
    lived(world, 8, 10)
    assert letters(world) == [("one", {"INV-1": 3650, "INV-2": 730})]


def test_alerts_to_staff_go_out_under_it():
    world = lived(owing(), 1, 6).at(7)
    world.run()
    world.deliver()
    place(world, kind="do_not_contact")
    assert {result.outcome for result in world.deliver()} == {"sent"}
    assert [n.template for n in world.notifier.notices if n.audience == "staff"] == ["escalate"] * 2


def test_a_retraction_waits_for_the_release():
    world = lived(owing(), 1, 7)
    world.at(8)
    place(world, kind="do_not_contact")
    world.pay("P", 3650, on=3)
    world.apply("P", "INV-1", 3650)
    assert [fact.items for fact in world.facts(StepsAnnulled)] == [("INV-1",)]
    lived(world, 8, 12)
    assert [name for name, _ in letters(world)] == ["one"]
    world.app.release_hold("ACME", "H-1", on=day(13), key="release")
    lived(world, 13, 13)
    assert [n.template for n in world.notifier.notices if n.retracts] == ["retraction"]


def test_a_letter_whose_outcome_is_unknown_is_not_tried_again_under_it():
    class Silent:
        honors_keys = True
        asked = 0

        def send(self, notice):
            self.asked += 1
            raise ConnectionError("no answer")

    world = World(policies=BOOK, notifier=Silent())
    world.at(-30).open()
    world.invoice("INV-1", 100, 0)
    world.at(7).run()
    assert [result.outcome for result in world.deliver()] == ["unknown"]
    place(world, kind="do_not_contact", document="INV-1")
    for offset in range(7, 12):
        world.at(offset).deliver()
    assert world.notifier.asked == 1


def test_on_less_than_the_account_only_letters_that_name_it_wait():
    world = owing()
    world.invoice("INV-3", Money.of(50, "USD"), 0)
    world.at(7).run()
    place(world, item="INV-2", kind="do_not_contact", stops=frozenset({"contact"}))
    told = {result.outcome: result.detail for result in world.deliver()}
    assert told == {"waiting": "hold 'H-1' stops contact", "sent": told["sent"]}
    assert letters(world) == [("one", {"INV-3": 50})]
    other = owing().at(7)
    place(other, item="INV-2", kind="do_not_contact")
    other.run()
    assert [result.outcome for result in other.deliver()] == ["sent"]
    assert letters(other) == [("one", {"INV-1": 3650})]


def test_the_account_sleeps_while_its_letters_wait_and_wakes_when_they_can_go():
    world = owing().at(7)
    world.run()
    place(world, kind="do_not_contact", stops=frozenset({"contact"}), until=11)
    account = fold(world.store.facts("ACME"))
    assert wake_on(account, BOOK, day(7)) == day(12)
    world.app.release_hold("ACME", "H-1", on=day(9), key="release")
    assert wake_on(fold(world.store.facts("ACME")), BOOK, day(7)) == day(9)


# Late knowledge ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "false"),
    [
        ({"on": 6}, ("INV-1", "INV-2")),
        ({"on": 7}, ()),
        ({"on": 6, "document": "INV-1"}, ("INV-1",)),
        ({"on": 6, "item": "INV-2"}, ("INV-2",)),
        ({"on": 6, "item": "INV-1", "amount": eur(3650)}, ("INV-1",)),
        ({"on": 6, "item": "INV-1", "amount": eur("3649.99")}, ()),
        ({"on": 6, "kind": "hardship", "stops": frozenset({"interest"})}, ()),
        ({"on": 6, "item": "INV-1", "kind": "deferment"}, ("INV-1",)),
    ],
)
def test_a_letter_of_a_day_after_a_hold_that_became_known_late_is_taken_back(more, false):
    world = lived(owing(), 1, 7)
    world.at(9)
    place(world, **more)
    assert tuple(item for fact in world.facts(StepsAnnulled) for item in fact.items) == false


# Placed and released -------------------------------------------------------------------------------------------------


def test_a_hold_that_is_released_on_the_day_on_which_it_was_placed_changes_nothing_after():
    plain, held = owing(), owing()
    held.at(3)
    place(held, kind="hardship")
    held.app.release_hold("ACME", "H-1", on=day(3), key="release")
    assert letters(lived(held, 4, 20)) == letters(lived(plain, 4, 20))
    views = [attrs.evolve(world.app.view("ACME", day(20)), pauses=(), notices=()) for world in (plain, held)]
    assert views[0] == views[1]
    assert held.app.view("ACME", day(20)).paused_days("INV-1", day(0).toordinal(), day(20).toordinal()) == 0
    assert interest(held, "INV-1") == interest(plain, "INV-1") == 2000


# A charge beside it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", ["hold on the invoice", "hold on the charge", "dispute", "hold on all of it"])
def test_a_letter_does_not_name_a_charge_that_is_stopped_and_goes_out_at_once(stopped):
    world = owing().at(3)
    world.app.claim_interest("ACME", "INV-1", until=day(3), key="claim", by="ann")
    charge = world.facts(ChargeRaised)[0].charge
    if stopped == "dispute":
        world.dispute("D-1", charge.id)
    elif stopped == "hold on the invoice":
        place(world, document="INV-1", kind="hardship")
    else:
        place(world, item=charge.id, amount=charge.amount if stopped == "hold on all of it" else None)
    world.at(7).run()
    world.deliver()
    sent = [n for n in world.notifier.notices if n.audience == "customer"]
    assert [{line.item for line in n.lines} for n in sent] == [
        {"INV-2"} if stopped == "hold on the invoice" else {"INV-1", "INV-2"}
    ]
    assert world.facts(NoticeCancelled) == []
