"""Payment methods: kept once, good on their day, dropped from a day on, and derived from then on."""

import datetime as dt

import pytest
from tests.service.world import TODAY, World, day

from receivables.documents.payment import PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.errors import CardNumberRefused, ClaimTaken, InvalidValue, UnknownId
from receivables.state.payment_method import LIFE


def opened():
    world = World()
    world.open()
    return world


def states(world, as_of=None, known_at=None):
    view = world.app.account("ACME").view(as_of or world.today, known_at)
    return {each.id: each.status for each in view.payment_methods}


def method(world, id, as_of=None):
    view = world.app.account("ACME").view(as_of or world.today)
    return next(each for each in view.payment_methods if each.id == id)


def debit(world, id, mandate, on, amount=10, **more):
    world.pay(id, amount, on=on, method="direct_debit", stored_method=mandate, **more)


def years(count):
    return TODAY.replace(year=TODAY.year + count)


def test_a_card_can_be_used_until_it_expires():
    world = opened()
    world.card("tok_1", brand="visa", last_four="4242", expires=day(30))
    assert (states(world, day(30)), states(world, day(31))) == ({"tok_1": "usable"}, {"tok_1": "expired"})
    assert method(world, "tok_1").card.last_four == "4242"
    assert (method(world, "tok_1").kind, method(world, "tok_1").sequence) == ("card", None)


def test_a_card_that_expired_is_not_kept():
    world = opened()
    world.card("today", expires=TODAY)
    with pytest.raises(
        InvalidValue, match=r"command\.method\.expires: must not be before 2026-03-02, got '2026-03-01'"
    ):
        world.card("tok_1", expires=day(-1))
    assert states(world) == {"today": "usable"}


def test_no_card_number_gets_in():
    world = opened()
    with pytest.raises(CardNumberRefused):
        world.card("4111 1111 1111 1111")


def test_a_token_is_kept_once_and_for_one_customer():
    world = opened()
    world.open("BETA")
    world.card("tok_1")
    world.mandate("M-1")
    for again in (
        lambda: world.app.add_payment_method("ACME", PaymentMethod(token="M-1"), on=TODAY, key="k1"),
        lambda: world.app.add_payment_method("BETA", PaymentMethod(token="tok_1"), on=TODAY, key="k2"),
        lambda: world.app.sign_mandate(
            Mandate(id="tok_1", account="BETA", bank_account="b-1", signed_on=TODAY), key="k3"
        ),
    ):
        with pytest.raises(ClaimTaken, match="payment_method '.*' exists already in account 'ACME'"):
            again()
    world.app.remove_payment_method("ACME", "tok_1", on=TODAY, key="remove")
    with pytest.raises(ClaimTaken):
        world.app.add_payment_method("ACME", PaymentMethod(token="tok_1"), on=TODAY, key="k4")


def test_what_is_dropped_is_dropped_from_its_day_on_and_once():
    world = opened()
    world.card("tok_1")
    world.mandate("M-1")
    world.app.remove_payment_method("ACME", "tok_1", on=day(5), key="remove")
    world.app.revoke_mandate("ACME", "M-1", on=day(6), key="revoke")
    assert states(world, day(4)) == {"tok_1": "usable", "M-1": "usable"}
    assert states(world, day(5)) == {"tok_1": "removed", "M-1": "usable"}
    assert states(world, day(6)) == {"tok_1": "removed", "M-1": "revoked"}
    assert method(world, "M-1", day(6)).ended_on == day(6)
    with pytest.raises(UnknownId, match="unknown payment method: 'tok_1'"):
        world.app.remove_payment_method("ACME", "tok_1", on=day(7), key="again")
    with pytest.raises(UnknownId, match="unknown payment method: 'M-1'"):
        world.app.revoke_mandate("ACME", "M-1", on=day(7), key="again too")


def test_a_card_is_removed_and_a_mandate_revoked_and_neither_before_it_was_there():
    world = opened()
    world.card("tok_1")
    world.mandate("M-1")
    with pytest.raises(InvalidValue, match="must be a card: a mandate is revoked, got 'M-1'"):
        world.app.remove_payment_method("ACME", "M-1", on=TODAY, key="k1")
    with pytest.raises(InvalidValue, match="must be a mandate: a card is removed, got 'tok_1'"):
        world.app.revoke_mandate("ACME", "tok_1", on=TODAY, key="k2")
    with pytest.raises(InvalidValue, match=r"command\.on: must not be before 2026-03-02"):
        world.app.revoke_mandate("ACME", "M-1", on=day(-1), key="k3")
    with pytest.raises(UnknownId, match="unknown account"):
        world.app.remove_payment_method("NOBODY", "tok_1", on=TODAY, key="k4")


def test_a_mandate_is_signed_by_today_and_has_not_lapsed():
    world = opened()
    with pytest.raises(InvalidValue, match=r"mandate\.signed_on: must not be after 2026-03-02, got '2026-03-03'"):
        world.mandate("M-1", signed_on=day(1))
    with pytest.raises(InvalidValue, match=r"mandate\.lapses_on: must be after 2026-03-02, got '2026-03-02'"):
        world.mandate("M-1", signed_on=years(-3))
    world.mandate("M-1", signed_on=years(-5), last_used_on=years(-1))
    assert (method(world, "M-1").status, method(world, "M-1").sequence) == ("usable", "recurring")


def test_a_mandate_lapses_36_months_after_the_last_collection_even_one_that_came_back():
    world = opened()
    world.mandate("M-1")
    assert (states(world, years(3) - dt.timedelta(days=1)), states(world, years(3))) == (
        {"M-1": "usable"},
        {"M-1": "lapsed"},
    )
    debit(world, "P-1", "M-1", 40)
    world.at(45).app.return_payment("ACME", "P-1", "returned", "AM04", on=day(45), key="back")
    state = method(world, "M-1", day(50))
    assert (state.last_used_on, state.lapses_on) == (day(40), day(40).replace(year=2029))
    assert state.status_on(day(40).replace(year=2029)) == "lapsed"


def test_a_mandate_that_lapsed_is_not_good_again_by_being_used():
    world = opened()
    world.mandate("M-1")
    world.at(years(4))
    world.pay("P-1", 10, method="direct_debit", stored_method="M-1")
    assert states(world) == {"M-1": "lapsed"}


def test_the_first_collection_is_the_first_until_money_moved():
    world = opened()
    world.mandate("M-1")
    debit(world, "P-1", "M-1", 5, status="pending")
    world.at(6)
    assert method(world, "M-1").sequence == "recurring"
    world.app.fail_payment("ACME", "P-1", "AM04", on=day(6), key="failed")
    assert method(world, "M-1").sequence == "first"
    debit(world, "P-2", "M-1", 6)
    assert method(world, "M-1").sequence == "recurring"
    world.at(9).app.return_payment("ACME", "P-2", "returned", "AM04", on=day(9), key="back")
    assert method(world, "M-1").sequence == "recurring"


def test_a_mandate_for_one_collection_is_used_up_by_it():
    world = opened()
    world.mandate("M-1", use="one_off")
    assert (states(world), method(world, "M-1").sequence) == ({"M-1": "usable"}, "one_off")
    debit(world, "P-1", "M-1", 5, status="pending")
    world.at(6)
    assert states(world) == {"M-1": "used"}
    world.app.fail_payment("ACME", "P-1", "AM04", on=day(6), key="failed")
    assert states(world) == {"M-1": "usable"}
    assert states(world, day(5)) == {"M-1": "used"}


def test_the_preferred_method_comes_first_as_long_as_it_can_be_used():
    world = opened()
    world.card("tok_1")
    world.card("tok_2", expires=day(30))
    world.mandate("M-1")

    def order(as_of):
        view = world.app.account("ACME").view(as_of)
        assert sum(each.preferred for each in view.payment_methods) == 1
        assert view.payment_methods[0].preferred
        return [each.id for each in view.payment_methods]

    assert order(TODAY) == ["tok_1", "tok_2", "M-1"]
    world.app.prefer_payment_method("ACME", "tok_2", on=day(3), key="prefer")
    assert order(day(2)) == ["tok_1", "tok_2", "M-1"]
    assert order(day(3)) == ["tok_2", "tok_1", "M-1"]
    assert order(day(31)) == ["tok_1", "tok_2", "M-1"]
    world.app.prefer_payment_method("ACME", "M-1", on=day(4), key="prefer again")
    assert order(day(4)) == ["M-1", "tok_1", "tok_2"]
    world.app.revoke_mandate("ACME", "M-1", on=day(5), key="revoke")
    assert order(day(5)) == ["tok_1", "tok_2", "M-1"]


def test_what_cannot_be_used_cannot_be_preferred():
    world = opened()
    world.card("tok_1", expires=day(5))
    with pytest.raises(
        InvalidValue, match=r"command\.method: must be usable on 2026-03-08, and is expired, got 'tok_1'"
    ):
        world.app.prefer_payment_method("ACME", "tok_1", on=day(6), key="prefer")
    with pytest.raises(UnknownId):
        world.app.prefer_payment_method("ACME", "tok_9", on=TODAY, key="prefer 9")


def test_what_becomes_known_later_changes_no_earlier_answer():
    world = opened()
    world.mandate("M-1")
    world.at(10).app.revoke_mandate("ACME", "M-1", on=day(2), key="revoke")
    assert states(world, day(5), day(9)) == {"M-1": "usable"}
    assert states(world, day(5)) == {"M-1": "revoked"}


def test_every_move_from_day_to_day_is_in_the_table_of_lives():
    world = opened()
    world.card("tok_1", expires=day(20))
    world.card("tok_2")
    world.mandate("M-1", use="one_off")
    world.mandate("M-2")
    debit(world, "P-1", "M-1", 5, status="pending")
    world.at(8).app.fail_payment("ACME", "P-1", "AM04", on=day(8), key="failed")
    world.app.remove_payment_method("ACME", "tok_1", on=day(25), key="r1")
    world.app.remove_payment_method("ACME", "tok_2", on=day(15), key="r2")
    world.app.revoke_mandate("ACME", "M-2", on=day(15), key="r3")
    account = world.app.account("ACME")
    moves = set()
    before = {}
    for offset in range(1500):
        now = {each.id: each.status for each in account.view(day(offset)).payment_methods}
        moves |= {(before[id], status) for id, status in now.items() if before.get(id, status) != status}
        before = now
    assert moves <= {(one, other) for one, others in LIFE.items() for other in others}
    assert {("usable", "used"), ("used", "usable"), ("usable", "expired"), ("expired", "removed")} <= moves
    assert {("usable", "lapsed"), ("usable", "removed"), ("usable", "revoked")} <= moves
