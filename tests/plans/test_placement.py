"""Debts with agencies: letters stop, all else goes on, a commission is due on what was collected and on nothing else."""

from decimal import Decimal

import attrs
import pytest
from tests.service.world import BOOK, LADDER, World, day, eur

from receivables import Money
from receivables.documents.placement import CommissionStep, CommissionTerms, Placement
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, NotAuthorized, UnknownId
from receivables.facts.credit import HoldReleased
from receivables.policies.authority import AuthorityPolicy
from receivables.reports.aging import aging
from receivables.reports.placements import placement_report

TERMS = CommissionTerms(percent=Decimal(20), direct_percent=Decimal(5))


@pytest.fixture
def world():
    return dunned()


def dunned(**more):
    """Two items whose first letter went out."""
    policies = tuple(attrs.evolve(LADDER, **more) if each is LADDER else each for each in BOOK.policies)
    world = World(policies=attrs.evolve(BOOK, policies=policies))
    world.open()
    world.invoice("INV-1", "1000", -7)
    world.invoice("INV-2", "500", -7)
    world.run()
    world.deliver()
    return world


def place(world, *items, id="PL-1", terms=TERMS, on=None, **more):
    placed_on = world.today if on is None else day(on)
    placement = Placement(id=id, account="ACME", agency="inkasso", items=items, placed_on=placed_on, terms=terms)
    return world.app.place_debt(placement, key=f"place {id}", **{"by": "ann", "approver": "bob", **more})


def recall(world, *items, id="PL-1"):
    return world.app.recall_debt("ACME", id, items, on=world.today, reason="she pays", key=f"recall {id} {items}")


def state(world, on=None):
    (found,) = world.app.view("ACME", world.today if on is None else day(on)).placements
    return found


def steps(world):
    return [(line.item, line.step) for notice in world.queued() for line in notice.claimed if notice.retracts is None]


def test_letters_stop_while_an_item_is_placed_and_all_else_goes_on(world):
    place(world, "INV-1")
    world.at(30).run()
    assert steps(world)[2:] == [("INV-2", "second")]
    view = world.app.view("ACME", day(30))
    assert view.balance("EUR") == eur(1500)
    assert aging(view).total("EUR").open == eur(1500)
    assert [hold.kind for hold in view.stopping("dunning", "INV-1")] == ["placement"]
    assert not view.stopping("interest", "INV-1")
    assert not view.stopping("credit", "INV-1")


def test_a_recalled_item_goes_on_where_its_ladder_stood(world):
    place(world, "INV-1", "INV-2")
    world.at(30).run()
    assert world.app.view("ACME", day(30)).ladder_of["INV-1"].step == "first"
    assert recall(world, "INV-1").outcome == "recalled"
    world.run()
    assert steps(world)[2:] == [("INV-1", "second")]
    assert state(world).items == ("INV-2",)
    assert state(world).status == "placed"


@pytest.mark.parametrize(("pauses", "after"), [(False, 0), (True, 7)])
def test_the_days_with_an_agency_do_not_count_where_the_clock_pauses(pauses, after):
    """Seven days are left to the second step when it is placed; they are left when it comes back."""
    world = dunned(pauses=pauses, minimum_gap_days=0)
    place(world, "INV-1", "INV-2")
    world.at(40)
    recall(world)
    taken = next(offset for offset in range(20) if _second(world.at(40 + offset)))
    assert taken == after


def _second(world):
    world.run()
    return ("INV-1", "second") in steps(world)


def test_what_came_in_is_split_by_the_way_it_took_and_gives_the_commission(world):
    place(world, "INV-1")
    world.settle("INV-2", 100)
    world.settle("INV-1", 200)
    world.pay("P-A", 300)
    world.apply("P-A", "INV-1", 300)
    world.app.note_collection("ACME", "PL-1", "P-A", key="note", by="ann")
    found = state(world)
    assert (found.through_agency, found.direct, found.commission) == (eur(300), eur(200), eur(70))
    (line,) = placement_report([world.app.view("ACME", world.today)]).lines
    assert line.open == eur(500)
    (agency,) = placement_report([world.app.view("ACME", world.today)]).by_agency()
    assert (agency["collected"], agency["commission"], agency["open"]) == ("500.00", "70.00", "500.00")


def test_a_payment_that_comes_back_takes_its_commission_back(world):
    place(world, "INV-1")
    world.settle("INV-1", 200)
    assert state(world).commission == eur(10)
    world.at(3).app.return_payment("ACME", "P INV-1 200", "returned", "AC04", on=day(3), key="back")
    assert (state(world, 2).commission, state(world, 3).commission) == (eur(10), eur(0))


def test_before_it_was_placed_and_after_it_came_back_nothing_is_due(world):
    world.settle("INV-1", 100)
    world.at(1)
    place(world, "INV-1")
    world.at(5)
    recall(world)
    world.at(6).settle("INV-1", 300)
    assert state(world).collected == eur(0)
    world.pay("P-LATE", 50)
    world.apply("P-LATE", "INV-1", 50)
    world.app.note_collection("ACME", "PL-1", "P-LATE", key="note")
    assert state(world).through_agency == eur(50)


def test_an_item_that_is_settled_releases_its_hold_and_can_be_recalled_all_the_same(world):
    place(world, "INV-1")
    world.settle("INV-1", 1000)
    assert not world.app.view("ACME", world.today).holds
    assert recall(world).outcome == "recalled"
    assert state(world).status == "recalled"


def settled_and_back(world, between=lambda: None):
    """The money on an item goes back on the day after it came; something may happen between."""
    world.at(1).settle("INV-1", 1000)
    between()
    world.at(2).app.unapply("ACME", "apply P INV-1 1000 INV-1 1000.00 EUR#1", key="back")


def held(world):
    return [hold.id for hold in world.app.view("ACME", world.today).holds]


def test_what_is_recalled_is_dunned_again_though_its_hold_was_placed_again_meanwhile(world):
    place(world, "INV-1", "INV-2")
    settled_and_back(world)
    assert held(world) == ["PL-1/INV-2", "PL-1/INV-1 again 1"]
    recall(world.at(30), "INV-1")
    assert held(world) == ["PL-1/INV-2"]
    world.run()
    assert steps(world)[2:] == [("INV-1", "second")]


def test_what_is_recalled_for_a_day_before_its_hold_was_placed_again_is_free_from_that_day_on(world):
    place(world, "INV-1")
    settled_and_back(world)
    world.app.recall_debt("ACME", "PL-1", (), on=day(1), reason="she pays", by="ann", key="recall")
    assert held(world) == []
    released = world.facts(HoldReleased)[-1]
    assert (released.hold, released.effective_on, released.by) == ("PL-1/INV-1 again 1", day(2), "ann")


def close(world):
    return world.app.close_placement("ACME", "PL-1", "uncollectable", on=world.today, key="close")


@pytest.mark.parametrize(("end", "left"), [(lambda world: recall(world, "INV-1"), ["PL-1/INV-2"]), (close, [])])
def test_what_is_with_no_agency_any_more_is_not_held_again_when_its_money_goes_back(world, end, left):
    place(world, "INV-1", "INV-2")
    settled_and_back(world, lambda: end(world))
    assert held(world) == left


def test_what_is_with_another_agency_now_has_the_hold_of_that_one_alone_though_its_money_went_back(world):
    place(world, "INV-1")
    settled_and_back(world, lambda: recall(world))
    place(world, "INV-1", id="PL-2")
    assert held(world) == ["PL-2/INV-1"]


def test_an_agency_that_is_done_gives_the_items_back(world):
    place(world, "INV-1")
    world.at(9).app.close_placement("ACME", "PL-1", "uncollectable", on=day(9), key="close", by="ann")
    found = state(world)
    assert (found.status, found.outcome, found.ended_on, found.items) == ("closed", "uncollectable", day(9), ())
    assert not world.app.view("ACME", day(9)).holds
    for again in (
        lambda: recall(world),
        lambda: world.app.close_placement("ACME", "PL-1", "settled", on=day(9), key="2"),
    ):
        with pytest.raises(UnknownId):
            again()


def test_a_person_can_place_a_hold_of_another_kind_on_what_is_placed(world):
    place(world, "INV-1")
    world.hold("H-1", item="INV-1")
    assert {hold.kind for hold in world.app.view("ACME", world.today).holds} == {"hold", "placement"}


@pytest.mark.parametrize(
    ("items", "more", "error"),
    [
        (("INV-9",), {}, UnknownId),
        (("INV-1", "INV-USD"), {}, CurrencyMismatch),
        (("INV-USD",), {"terms": CommissionTerms(percent=Decimal(1), steps=(CommissionStep(above=eur(9), percent=Decimal(2)),))}, CurrencyMismatch),
        (("INV-1",), {"on": 1}, InvalidValue),
        (("INV-1",), {"approver": "ann"}, InvalidValue),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_refused_and_leaves_nothing(world, items, more, error):
    world.invoice("INV-USD", Money.of(10, "USD"), -7)
    before = world.store.facts("ACME")
    with pytest.raises(error):
        place(world, *items, **more)
    assert world.store.facts("ACME") == before


def test_an_item_is_placed_once_and_an_id_is_used_once(world):
    place(world, "INV-1")
    with pytest.raises(InvalidValue):
        place(world, "INV-1", id="PL-2")
    with pytest.raises(ClaimTaken):
        world.app.place_debt(
            Placement(id="PL-1", account="ACME", agency="x", items=("INV-2",), placed_on=world.today, terms=TERMS),
            key="k",
        )
    recall(world)
    assert place(world, "INV-1", id="PL-2").outcome == "placed"


def test_a_payment_is_noted_once_and_has_to_be_there(world):
    place(world, "INV-1")
    world.pay("P-A", 300)
    world.app.note_collection("ACME", "PL-1", "P-A", key="note")
    with pytest.raises(InvalidValue):
        world.app.note_collection("ACME", "PL-1", "P-A", key="again")
    for placement, payment in (("PL-9", "P-A"), ("PL-1", "P-9")):
        with pytest.raises(UnknownId):
            world.app.note_collection("ACME", placement, payment, key="other")


def test_a_matrix_says_who_may_place(world):
    world.open("GOV", segment="governed")
    matrix = next(each for each in BOOK.policies if isinstance(each, AuthorityPolicy) and each.id == "matrix")
    rule = attrs.evolve(matrix.rules[0], kind="bureau", up_to=eur(100))
    governed = attrs.evolve(matrix, rules=(*matrix.rules, rule))
    policies = tuple(governed if each is matrix else each for each in BOOK.policies)
    world.restart(policies=attrs.evolve(BOOK, policies=policies))
    world.invoice("INV-G", "500", -40, "GOV")
    placement = Placement(id="PL-G", account="GOV", agency="x", items=("INV-G",), placed_on=world.today, terms=TERMS)
    with pytest.raises(NotAuthorized):
        world.app.place_debt(placement, key="k", by="ann", approver="bob")


def test_items_of_a_merged_customer_stay_placed(world):
    place(world, "INV-1")
    world.open("BETA")
    world.app.merge_accounts("BETA", "ACME", reason="one", by="ann", approver="bob", key="merge")
    world.app.recall_debt("BETA", "PL-1", on=world.today, reason="ours", key="recall")
    world.app.separate_accounts("BETA", "ACME", reason="two", by="ann", approver="bob", key="apart")
    assert state(world).status == "recalled"
    assert not world.app.view("ACME", world.today).holds


def test_what_is_not_placed_is_not_recalled_and_nothing_is_before_its_day(world):
    place(world, "INV-1")
    with pytest.raises(UnknownId, match="placed item: 'INV-2'"):
        recall(world, "INV-2")
    with pytest.raises(InvalidValue, match="must not be before 2026-03-02, got '2026-03-01'"):
        world.app.recall_debt("ACME", "PL-1", (), on=day(-1), reason="she pays", key="early")
    assert state(world).status == "placed"
