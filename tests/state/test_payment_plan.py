"""How a plan stands on a date: by value dates, with what was known, and never back in time."""

import datetime as dt

import attrs
import pytest
from tests.service.world import TODAY, day, payment_plan

from receivables import Money
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.state.payment_plan import (
    Cancellation,
    Movement,
    PaymentPlans,
    PlanEntry,
    PlanPart,
    PlanState,
    Reinstatement,
    Waiver,
    replanned,
)

AGREED = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
LATER = AGREED + dt.timedelta(days=1)
PLAN = payment_plan("PP-1", "INV-1 INV-2", (10, 100), (20, 100), (30, 100), grace_days=2)


def state(offset, *paid, plan=PLAN, settled=0, reinstated=(), cancelled=(), known_at=None):
    """The plan on a day, after payments of (day, amount in euros), each known a day after the plan."""
    moves = [each if isinstance(each, Movement) else pays(*each) for each in paid]
    slice_ = PaymentPlans(
        agreed=(PlanEntry(plan, settled, None, plan.agreed_on, AGREED),),
        reinstatements=tuple(Reinstatement(plan.id, day(until), day(on), LATER) for on, until in reinstated),
        cancellations=tuple(Cancellation(plan.id, day(on), LATER) for on in cancelled),
    )
    (found,) = slice_.states(day(offset), known_at, [each for each in moves if each.on <= day(offset)])
    return found


def pays(on, amount, item="INV-1", recorded_at=LATER, allocation=None):
    return Movement(day(on), item, amount * 100, recorded_at, allocation)


def stands(found: PlanState):
    return found.status, (found.since - TODAY).days


def test_a_payment_on_the_last_day_of_grace_is_in_time_and_one_on_the_next_day_is_not():
    assert stands(state(12)) == ("performing", 0)
    assert stands(state(13)) == ("defaulted", 13)
    assert stands(state(13, (12, 100))) == ("performing", 0)
    assert stands(state(13, (13, 100))) == ("defaulted", 13)


def test_a_late_payment_does_not_revive_it_not_even_of_all():
    assert stands(state(40, (14, 300))) == ("defaulted", 13)


def test_a_default_is_of_its_own_day_and_days_before_still_show_the_plan():
    assert [state(n).status for n in (0, 11, 12, 13, 14)] == ["performing"] * 3 + ["defaulted"] * 2


def test_what_is_paid_ahead_counts_for_the_installments_that_follow():
    assert stands(state(22, (5, 200))) == ("performing", 0)
    assert stands(state(33, (5, 200))) == ("defaulted", 33)
    assert [part.left for part in state(5, (5, 150)).parts] == [0, 50_00, 100_00]


def test_part_of_an_installment_is_not_enough():
    assert stands(state(13, (10, 99))) == ("defaulted", 13)


def test_it_is_completed_on_the_day_on_which_nothing_is_left():
    found = state(60, (10, 100), (15, 200, "INV-2"))
    assert stands(found) == ("completed", 15)
    assert (found.paid, found.left) == (300_00, 0)


def test_the_end_is_the_day_of_the_default_that_follows_if_nothing_more_comes():
    assert state(0).end == day(13)
    assert state(12, (12, 100)).end == day(23)
    assert state(9, (9, 300)).end == day(9)


def test_money_that_comes_back_after_the_last_day_is_a_default_of_the_day_after():
    returned = Movement(day(15), "INV-1", -100_00, LATER, "A-1")
    assert stands(state(15, pays(10, 100, allocation="A-1"), returned)) == ("performing", 0)
    assert stands(state(16, pays(10, 100, allocation="A-1"), returned)) == ("defaulted", 16)


def test_a_completed_plan_whose_money_comes_back_is_in_default():
    returned = Movement(day(50), "INV-1", -300_00, LATER, "A-1")
    paid = pays(10, 300, allocation="A-1")
    assert stands(state(49, paid, returned)) == ("completed", 10)
    assert stands(state(51, paid, returned)) == ("defaulted", 51)


# Reinstated and cancelled ----------------------------------------------------------------------------------------------


def test_a_reinstated_plan_performs_again_and_what_was_missed_has_a_day_of_its_own():
    found = state(16, reinstated=[(16, 25)])
    assert stands(found) == ("performing", 16)
    assert [part.last_day for part in found.parts] == [day(25), day(22), day(32)]
    assert found.stretches == ((day(0), day(13)), (day(16), None))
    assert stands(state(15, reinstated=[(16, 25)])) == ("defaulted", 13)


def test_the_installments_that_were_not_missed_stand():
    assert stands(state(23, reinstated=[(16, 25)])) == ("defaulted", 23)
    assert stands(state(23, (22, 100), reinstated=[(16, 25)])) == ("performing", 16)
    assert stands(state(26, (22, 100), reinstated=[(16, 25)])) == ("defaulted", 26)
    assert stands(state(26, (22, 100), (25, 100), reinstated=[(16, 25)])) == ("performing", 16)


def test_a_reinstatement_of_a_default_that_turns_out_false_changes_nothing():
    assert stands(state(20, (12, 100), reinstated=[(16, 25)])) == ("performing", 0)
    assert state(20, (12, 100), reinstated=[(16, 25)]).stretches == ((day(0), None),)


def test_a_cancelled_plan_stays_so_whatever_is_paid():
    assert stands(state(9, cancelled=[5])) == ("cancelled", 5)
    assert stands(state(40, (7, 300), cancelled=[5])) == ("cancelled", 5)
    assert stands(state(4, cancelled=[5])) == ("performing", 0)


def test_it_was_completed_where_all_was_there_before_it_was_cancelled():
    assert stands(state(40, (4, 300), cancelled=[5])) == ("completed", 4)


# What counts -----------------------------------------------------------------------------------------------------------


def test_what_was_known_when_it_was_agreed_does_not_count():
    earlier = AGREED - dt.timedelta(hours=1)
    assert state(10, pays(0, 50, recorded_at=earlier), settled=50_00).paid == 0


def test_of_what_was_recorded_in_the_same_instant_so_much_was_known_as_the_plan_says():
    before, after = pays(0, 50, recorded_at=AGREED), pays(0, 70, recorded_at=AGREED)
    assert state(10, before, after, settled=50_00).paid == 70_00
    assert state(10, before, after).paid == 120_00


def test_what_was_paid_before_it_and_becomes_known_later_makes_it_less_from_its_end():
    found = state(10, pays(-3, 150))
    assert (found.paid, found.left) == (0, 150_00)
    assert [part.left for part in found.parts] == [100_00, 50_00, 0]
    assert stands(state(13, pays(-3, 150))) == ("defaulted", 13)


def test_a_payment_from_before_it_that_comes_back_is_owed_beside_it():
    known = Movement(day(-3), "INV-1", 50_00, AGREED - dt.timedelta(days=1), "A-0")
    returned = Movement(day(8), "INV-1", -50_00, LATER, "A-0")
    found = state(12, known, returned, (10, 100), settled=50_00)
    assert (found.paid, found.left) == (100_00, 200_00)


def test_what_is_paid_on_a_charge_that_it_waives_is_no_installment():
    plan = payment_plan("PP-1", "INV-1 FEE", (10, 100), waives=("FEE",))
    assert state(5, (5, 100, "FEE"), plan=plan).paid == 0


# Ageing ----------------------------------------------------------------------------------------------------------------


def aged(plan: PaymentPlan, *paid, **rooms):
    found = replanned([state(10, *paid, plan=plan)], {item.replace("_", "-"): room for item, room in rooms.items()})
    return [(each.item, dt.date.fromordinal(each.plan_due), each.amount) for each in found]


def test_the_oldest_item_takes_the_first_installments():
    assert aged(PLAN, INV_1=150_00, INV_2=150_00) == [
        ("INV-1", day(10), 100_00),
        ("INV-1", day(20), 50_00),
        ("INV-2", day(20), 50_00),
        ("INV-2", day(30), 100_00),
    ]


def test_what_is_open_beyond_the_plan_keeps_its_own_date():
    assert sum(amount for _, _, amount in aged(PLAN, INV_1=250_00, INV_2=150_00)) == 300_00


def test_two_plans_on_one_item_never_move_more_than_is_open():
    one, two = state(5), state(5, plan=payment_plan("PP-2", "INV-1", (10, 200)))
    found = list(replanned([one, two], {"INV-1": 250_00, "INV-2": 0}))
    assert sum(each.amount for each in found) == 250_00


# All of a state ------------------------------------------------------------------------------------------------------


def test_a_plan_as_it_was_agreed_performs_with_all_its_installments_until_the_first_default():
    assert state(1) == PlanState(
        plan=PLAN,
        status="performing",
        since=TODAY,
        paid=0,
        left=300_00,
        parts=tuple(PlanPart(day(due), day(due + 2), 100_00, 100_00) for due in (10, 20, 30)),
        stretches=((TODAY, None),),
        end=day(13),
        changes=((TODAY, 300_00),),
    )
    assert state(1).performs


def test_what_was_left_is_said_from_which_day_on():
    found = state(15, (5, 130), (9, 20), (9, -20), (12, 200))
    assert found.changes == ((TODAY, 300_00), (day(5), 170_00), (day(12), 0))
    assert (found.paid, found.left) == (330_00, 0)
    assert state(15, (5, 130), (8, 40), (12, -40)).changes == (
        (TODAY, 300_00),
        (day(5), 170_00),
        (day(8), 130_00),
        (day(12), 170_00),
    )
    assert [part.left for part in state(10, (5, 130)).parts] == [0, 70_00, 100_00]


def test_a_plan_in_default_does_not_perform_and_says_where_its_stretch_ended():
    found = state(15)
    assert (found.stretches, found.end, found.performs) == (((TODAY, day(13)),), day(13), False)
    again = state(18, reinstated=((15, 18),))
    assert (again.stretches, again.end) == (((TODAY, day(13)), (day(15), None)), day(19))
    assert [(part.due_on, part.last_day) for part in again.parts] == [
        (day(10), day(18)),
        (day(20), day(22)),
        (day(30), day(32)),
    ]


def test_it_is_cancelled_from_its_day_on_and_ended_before_where_it_was_in_default():
    gone = state(11, cancelled=(8, 10))
    assert (*stands(gone), gone.end, gone.stretches) == ("cancelled", 8, day(8), ((TODAY, day(8)),))
    assert stands(state(7, cancelled=(8,))) == ("performing", 0)
    late = state(30, cancelled=(20,))
    assert (*stands(late), late.end) == ("cancelled", 20, day(13))
    assert [stands(state(30, (20, 300), cancelled=(on,)))[0] for on in (13, 19)] == ["cancelled", "cancelled"]


@pytest.mark.parametrize(("paid_on", "status"), [(8, "completed"), (9, "cancelled")])
def test_it_is_completed_where_the_rest_came_by_the_day_on_which_it_was_cancelled(paid_on, status):
    found = state(30, (paid_on, 300), cancelled=(8,))
    assert found.status == status


def test_a_reinstatement_after_a_plan_was_cancelled_counts_no_more():
    found = state(30, reinstated=((20, 25),), cancelled=(18,))
    assert found.stretches == ((TODAY, day(13)),)
    assert [part.last_day for part in found.parts] == [day(12), day(22), day(32)]


def test_what_is_known_decides_what_is_reinstated_and_cancelled():
    assert stands(state(16, reinstated=((15, 18),), known_at=AGREED)) == ("defaulted", 13)
    assert stands(state(16, reinstated=((15, 18),), known_at=LATER)) == ("performing", 15)
    assert stands(state(9, cancelled=(8,), known_at=AGREED)) == ("performing", 0)


def test_reinstatements_count_by_their_days_whenever_they_became_known():
    both = state(40, reinstated=((24, 30), (15, 18)))
    assert both.stretches == ((TODAY, day(13)), (day(15), day(19)), (day(24), day(31)))


def test_a_plan_is_completed_since_the_day_on_which_nothing_was_left_for_good():
    assert stands(state(30, (5, 300), (6, -50), (9, 50))) == ("completed", 9)
    assert stands(state(30, (0, 300))) == ("completed", 0)
    assert stands(state(30, (5, 300), (8, 10))) == ("completed", 5)


def test_one_that_is_completed_after_it_was_reinstated_is_so_since_then_at_the_earliest():
    found = state(30, (15, 300), reinstated=((15, 18),))
    assert (*stands(found), found.stretches) == ("completed", 15, ((TODAY, day(13)), (day(15), None)))


def test_an_installment_on_the_last_day_there_is_can_be_missed_by_nobody():
    never = attrs.evolve(
        payment_plan("PP-1", "INV-1", (10, 100)),
        installments=(PlanInstallment(due_on=dt.date.max, amount=Money.of(100, "EUR")),),
    )
    found = state(900, plan=never)
    assert (found.status, found.end, found.parts[0].last_day) == ("performing", None, dt.date.max)


def test_money_that_comes_back_on_the_last_day_is_missed_on_the_next():
    paid_and_back = ((5, 100), (12, -100))
    assert [stands(state(on, *paid_and_back)) for on in (12, 13)] == [("performing", 0), ("defaulted", 13)]


def test_what_a_plan_waives_of_a_charge_is_said_by_all_that_was_recorded():
    waivers = [Waiver("PP-1", id, amount, TODAY, AGREED) for id, amount in (("F", 500), ("G", 30), ("F", -200))]
    assert [PaymentPlans(waivers=tuple(waivers)).waived(id) for id in "FGH"] == [300, 30, 0]


def test_a_plan_is_not_there_before_it_was_agreed_or_known():
    slice_ = PaymentPlans(agreed=(PlanEntry(PLAN, 0, None, day(3), LATER),))
    assert [len(slice_.states(day(offset), None, ())) for offset in (2, 3)] == [0, 1]
    assert slice_.states(day(3), AGREED, ()) == ()


def test_the_rest_of_an_installment_goes_on_the_next_item_in_the_order_given():
    assert aged(PLAN, INV_2=150_00, INV_1=150_00) == [
        ("INV-2", day(10), 100_00),
        ("INV-2", day(20), 50_00),
        ("INV-1", day(20), 50_00),
        ("INV-1", day(30), 100_00),
    ]
    assert aged(PLAN, (5, 130), INV_1=70_00, INV_2=20_00) == [("INV-1", day(20), 70_00), ("INV-2", day(30), 20_00)]
    assert aged(PLAN, INV_1=0, INV_2=30_00) == [("INV-2", day(10), 30_00)]
    assert aged(PLAN, INV_3=30_00) == []
    assert list(replanned([state(15)], {"INV-1": 100_00})) == []  # in default
