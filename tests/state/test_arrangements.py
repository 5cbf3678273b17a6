"""What was agreed with a customer, in a view: what it keeps back and until when, as money comes and goes."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.service.world import payment_plan
from tests.state.days import DAY, at, instant, on

from receivables import Account, Allocation, Hold, Invoice, Money, Payment, fold
from receivables.documents.dispute import Dispute
from receivables.documents.payment import Designation
from receivables.documents.promise import Promise
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentSettled,
)
from receivables.facts.charge import ChargeReversed
from receivables.facts.credit import HoldPlaced
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.invoice import DueDateExtended, InvoiceIssued
from receivables.facts.loss import WrittenOff
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.state.withheld import Withheld


def eur(minor):
    return Money.of(Decimal(minor) / 100, "EUR")


def billed(number="I", amount=1000, due=30, day=0):
    invoice = Invoice.due(number=number, account="A", issued_on=on(day), total=eur(amount), due_on=on(due))
    return InvoiceIssued(invoice=invoice, **at(day))


def paid(amount, day, id="P", item="I", known=None):
    payment = Payment(id=id, account="A", amount=eur(amount), value_date=on(day))
    made = Allocation(source=id, item=item, amount=eur(amount))
    return [
        PaymentReceived(payment=payment, **at(day, known)),
        AllocationMade(id=f"a{id}", allocation=made, **at(day, known)),
    ]


def back(day, id="P", known=None):
    return AllocationUndone(allocation=f"a{id}", **at(day, known))


def disputed(amount, day=1, items=("I",), id="D"):
    dispute = Dispute(id=id, account="A", item=items[0], reason="quality", opened_on=on(day), amount=eur(amount))
    return DisputeOpened(dispute=dispute, items=items, amount=eur(amount), **at(day))


def resolved(amount, day, outcome="rejected"):
    return DisputeResolved(dispute="D", outcome=outcome, amount=eur(amount), reason="seen", **at(day))


def promised(amount, day=1, last=9, items=("I",), id="R"):
    last_day = last if isinstance(last, dt.date) else on(last)
    promise = Promise(id=id, account="A", amount=eur(amount), made_on=on(day), pay_by=last_day, items=items)
    return PromiseMade(promise=promise, items=items, last_day=last_day, approver=None, **at(day))


def planned(*installments, items="I", day=1, settled=0, **more):
    parts = [(due, Decimal(amount) / 100) for due, amount in installments]
    plan = payment_plan("PP", items, *parts, account="A", agreed_on=on(day), **more)
    return PlanAgreed(plan=plan, settled=eur(settled), approver=None, **at(day))


def view(*facts, day=20, known=None):
    flat = [fact for each in facts for fact in (each if isinstance(each, list) else [each])]
    return fold(flat, Account()).view(on(day), None if known is None else instant(known))


def kept(*facts, day, known=None):
    return [(each.kind, each.item, each.amount) for each in view(*facts, day=day, known=known).withheld]


def pauses(*facts, day=20):
    first = DAY.toordinal()
    return [(each.item, each.start - first, each.end - first, each.cause) for each in view(*facts, day=day).pauses]


# Disputes ------------------------------------------------------------------------------------------------------------


def test_a_dispute_keeps_back_what_is_left_of_it_until_it_is_over():
    facts = (billed(), disputed(600), resolved(200, 4), resolved(400, 7))
    assert [kept(*facts, day=day) for day in (0, 1, 4, 6, 7)] == [
        [],
        [("dispute", "I", 600)],
        [("dispute", "I", 400)],
        [("dispute", "I", 400)],
        [],
    ]
    assert view(*facts, day=5).withheld == (Withheld("I", "dispute", "D", 400, on(1), None),)


def test_what_is_paid_is_not_kept_back_as_well():
    facts = (billed(), disputed(600), paid(700, 3))
    assert [kept(*facts, day=day) for day in (2, 3)] == [[("dispute", "I", 600)], [("dispute", "I", 300)]]
    assert kept(*facts, back(5), day=5) == [("dispute", "I", 600)]
    assert kept(*facts, day=3, known=2) == [("dispute", "I", 600)]


def test_money_that_was_there_before_the_item_counts_from_the_day_of_the_item():
    facts = (billed(day=2), paid(1000, 0), disputed(600, day=4))
    assert kept(*facts, day=5) == []
    assert pauses(*facts) == []


def test_an_item_that_is_not_there_yet_keeps_nothing():
    assert kept(disputed(600), billed(day=4), day=3) == []
    assert kept(disputed(600), billed(day=4), day=4) == [("dispute", "I", 600)]


def test_the_items_are_taken_by_the_due_dates_that_they_have_on_the_day():
    later = DueDateExtended(item="I", due_on=on(60), approver="bob", reason="asked", **at(5))
    facts = (billed(due=30), billed("J", due=40), disputed(1200, items=("I", "J")), later)
    assert [kept(*facts, day=day) for day in (4, 5)] == [
        [("dispute", "I", 1000), ("dispute", "J", 200)],
        [("dispute", "J", 1000), ("dispute", "I", 200)],
    ]


# Promises ------------------------------------------------------------------------------------------------------------


def test_a_promise_keeps_back_over_its_last_day():
    facts = (billed(), promised(1000))
    assert [len(kept(*facts, day=day)) for day in (0, 1, 9, 10)] == [0, 1, 1, 0]
    assert view(*facts, day=2).withheld == (Withheld("I", "promise", "R", 1000, on(1), on(9)),)
    assert pauses(*facts) == [("I", 1, 10, "promise")]


def test_a_promise_by_the_last_day_there_is_keeps_back_without_an_end():
    facts = (billed(), promised(1000, last=dt.date.max))
    assert view(*facts, day=2).withheld == (Withheld("I", "promise", "R", 1000, on(1), None),)


def test_a_promise_that_is_kept_keeps_back_up_to_the_day_on_which_it_is():
    facts = (billed(), promised(400), paid(400, 5))
    assert [kept(*facts, day=day) for day in (4, 5)] == [[("promise", "I", 400)], []]
    whole = (billed(), promised(1000), paid(400, 3), paid(600, 5, "Q"))
    assert pauses(*whole) == [("I", 1, 3, "promise"), ("I", 3, 5, "promise")]


def test_a_promise_that_is_withdrawn_or_lapses_keeps_nothing_back_from_that_day_on():
    gone = PromiseWithdrawn(promise="R", reason="wrong", **at(5))
    facts = (billed(), promised(1000), gone)
    assert [kept(*facts, day=day) for day in (4, 5)] == [[("promise", "I", 1000)], []]
    assert pauses(*facts) == [("I", 1, 5, "promise")]
    lost = WrittenOff(
        id="w", item="I", amount=eur(1000), code="small", allowance_used=eur(0), relief=eur(0), taxes=(), **at(5)
    )
    lapsed = (billed(), promised(1000), lost)
    assert [state.status for state in view(*lapsed, day=6).promises] == ["lapsed"]
    assert pauses(*lapsed) == [("I", 1, 5, "promise")]


def test_what_was_broken_kept_back_until_its_last_day_and_a_part_the_rest():
    broken = view(billed(), promised(1000), paid(300, 4), day=20)
    assert [state.status for state in broken.promises] == ["partly_kept"]
    assert pauses(billed(), promised(1000), paid(300, 4)) == [("I", 1, 4, "promise"), ("I", 4, 10, "promise")]


def test_of_one_day_payments_are_shared_out_by_their_ids_whenever_they_became_known():
    one, other = promised(500, id="R1", items=("I",)), promised(300, id="R2", last=12)
    early, late = paid(300, 4, "PA", known=7), paid(500, 4, "PB")
    found = view(billed(), one, other, late, early, day=20)
    assert [(state.promise.id, state.status, state.paid) for state in found.promises] == [
        ("R1", "kept", 500),
        ("R2", "kept", 300),
    ]


def test_what_a_credit_note_or_a_loss_took_off_is_no_payment_towards_a_promise():
    lost = WrittenOff(
        id="w", item="I", amount=eur(400), code="small", allowance_used=eur(0), relief=eur(0), taxes=(), **at(5)
    )
    (state,) = view(billed(), promised(400), lost, day=20).promises
    assert (state.status, state.paid) == ("broken", 0)
    (noted,) = view(billed(), promised(400), attrs.evolve(paid(400, 5)[1]), day=20).promises  # of no payment
    assert (noted.status, noted.paid) == ("broken", 0)


# Payment plans -------------------------------------------------------------------------------------------------------

PLAN = planned((10, 500), (20, 500))


def plan(*facts, day=40):
    (state,) = view(*facts, day=day).payment_plans
    return state.status, state.paid, state.left


def test_a_plan_keeps_back_what_is_left_of_it_while_it_performs():
    facts = (billed(), PLAN, paid(500, 8))
    assert [kept(*facts, day=day) for day in (0, 1, 8, 20, 21)] == [
        [],
        [("plan", "I", 1000)],
        [("plan", "I", 500)],
        [("plan", "I", 500)],
        [],
    ]
    assert view(*facts, day=9).withheld == (Withheld("I", "plan", "PP", 500, on(1), on(20)),)
    assert pauses(*facts, day=40) == [("I", 1, 8, "plan"), ("I", 8, 21, "plan")]


def test_each_stretch_of_a_plan_keeps_back_what_was_left_then():
    again = PlanReinstated(plan="PP", catch_up_by=on(18), approver="bob", reason="ill", **at(14))
    facts = (billed(), PLAN, paid(200, 5), again, paid(300, 16, "Q"))
    assert pauses(*facts, day=40) == [
        ("I", 1, 5, "plan"),
        ("I", 5, 11, "plan"),
        ("I", 14, 16, "plan"),
        ("I", 16, 21, "plan"),
    ]
    assert [kept(*facts, day=day) for day in (10, 11, 14, 16)] == [
        [("plan", "I", 800)],
        [],
        [("plan", "I", 800)],
        [("plan", "I", 500)],
    ]


def test_a_plan_that_is_cancelled_keeps_nothing_back_from_that_day_on():
    gone = PlanCancelled(plan="PP", reason="moved", **at(6))
    assert [len(kept(billed(), PLAN, gone, day=day)) for day in (5, 6)] == [1, 0]
    assert pauses(billed(), PLAN, gone) == [("I", 1, 6, "plan")]


def test_money_from_before_a_plan_that_goes_back_is_owed_beside_it():
    before = (billed(), paid(300, 0), planned((10, 700), settled=300))
    assert plan(*before, day=9) == ("performing", 0, 700)
    assert plan(*before, back(5), day=9) == ("performing", 0, 700)
    assert plan(*before, back(5), paid(700, 8, "Q"), day=9) == ("completed", 700, 0)


def test_money_on_a_plan_that_goes_back_is_missing_from_its_day_on():
    facts = (billed(), PLAN, paid(500, 8), back(15))
    assert [plan(*facts, day=day)[:2] for day in (14, 15, 16)] == [
        ("performing", 500),
        ("performing", 0),
        ("defaulted", 0),
    ]
    early = (billed(), PLAN, paid(500, 8), back(3, known=9))  # never before the money came
    assert [plan(*early, day=day)[1] for day in (7, 8)] == [0, 0]


def test_what_is_written_off_was_not_paid_and_keeps_no_plan():
    lost = WrittenOff(
        id="w", item="I", amount=eur(500), code="small", allowance_used=eur(0), relief=eur(0), taxes=(), **at(5)
    )
    reversed_ = ChargeReversed(charge="I", amount=eur(500), reason="wrong", approver="bob", **at(5))
    assert plan(billed(), PLAN, lost, day=11)[:2] == ("defaulted", 0)
    assert plan(billed(), PLAN, reversed_, day=11)[:2] == ("performing", 500)


def test_what_is_disputed_does_not_age_by_a_plan():
    facts = (billed(), PLAN, disputed(300, day=2))
    found = [(each.item, dt.date.fromordinal(each.plan_due), each.amount) for each in view(*facts, day=5).replanned]
    assert found == [("I", on(10), 500), ("I", on(20), 200)]
    assert view(billed(), disputed(300), day=5).replanned == ()


# Money on its way ----------------------------------------------------------------------------------------------------


def on_its_way(amount, day, id="P"):
    meant = (Designation(item="I", amount=eur(amount)),)
    payment = Payment(
        id=id, account="A", amount=eur(amount), value_date=on(day), status="pending", method="card", designated=meant
    )
    return PaymentReceived(payment=payment, **at(day))


@pytest.mark.parametrize(
    "end", [PaymentSettled(payment="P", **at(6)), PaymentFailed(payment="P", code="declined", **at(6))]
)
def test_money_on_its_way_keeps_back_until_it_is_decided(end):
    facts = (billed(), on_its_way(400, 2), end)
    assert [kept(*facts, day=day) for day in (1, 2, 5, 6)] == [[], [("payment", "I", 400)], [("payment", "I", 400)], []]
    other = attrs.evolve(end, payment="Q")
    assert kept(billed(), on_its_way(400, 2), other, day=9) == [("payment", "I", 400)]
    assert kept(*facts, day=9, known=5) == [("payment", "I", 400)]


def test_the_earliest_word_about_a_payment_ends_what_it_keeps_back():
    words = [PaymentSettled(payment="P", **at(8)), PaymentFailed(payment="P", code="declined", **at(5, known=9))]
    facts = (billed(), on_its_way(1000, 2), *words)
    assert pauses(*facts) == [("I", 2, 5, "payment")]


# Holds on a part -----------------------------------------------------------------------------------------------------


def test_a_hold_on_a_part_keeps_it_back_up_to_its_last_day_where_it_stops_dunning():
    def part(**more):
        hold = Hold(
            id="H", account="A", placed_on=on(2), reason="asked", item="I", amount=eur(400), until=on(6), **more
        )
        return HoldPlaced(hold=hold, **at(2))

    assert [kept(billed(), part(), day=day) for day in (1, 2, 6, 7)] == [
        [],
        [("hold", "I", 400)],
        [("hold", "I", 400)],
        [],
    ]
    assert kept(billed(), part(stops=frozenset({"interest"})), day=3) == []
    assert kept(billed(), part(stops=frozenset({"dunning"})), day=3) == [("hold", "I", 400)]
