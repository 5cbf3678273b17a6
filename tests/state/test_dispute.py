"""What is left of disputes, whatever order or log their parts come from."""

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import at, on

from receivables import Money, fold
from receivables.documents.dispute import OUTCOMES
from receivables.state.dispute import DisputeState


def test_the_end_of_a_dispute_that_is_not_in_the_log_changes_nothing():
    opened, resolved = SAMPLES["dispute.opened/1"], SAMPLES["dispute.resolved/1"]
    elsewhere = attrs.evolve(resolved, dispute="of another log")
    account = fold([opened, elsewhere])
    assert account.disputes.lefts() == {opened.dispute.id: opened.amount.minor}


def opened(amount=1000, id="D-1"):
    fact = SAMPLES["dispute.opened/1"]
    return attrs.evolve(fact, dispute=attrs.evolve(fact.dispute, id=id), amount=Money.of(amount, "EUR"), **at(1))


def resolved(amount, day, outcome="rejected", id="D-1", known=None):
    fact = SAMPLES["dispute.resolved/1"]
    return attrs.evolve(fact, dispute=id, amount=Money.of(amount, "EUR"), outcome=outcome, **at(day, known))


def states(*facts, day=20, known=None):
    return fold(facts).disputes.states(on(day), None if known is None else at(known)["recorded_at"])


def test_a_dispute_is_open_until_all_of_it_is_over_and_ends_as_its_last_part():
    fact = opened()
    facts = (fact, resolved(300, 4, "credited"), resolved(700, 7))
    first, part, over = (states(*facts, day=day)[0] for day in (3, 4, 7))
    same = {"dispute": fact.dispute, "items": fact.items, "amount": 100000}
    moves = ((on(1), 100000), (on(4), 70000), (on(7), 0))
    assert first == DisputeState(**same, left=100000, status="open", ended_on=None, changes=moves[:1])
    assert part == DisputeState(**same, left=70000, status="open", ended_on=None, changes=moves[:2])
    assert over == DisputeState(**same, left=0, status="rejected", ended_on=on(7), changes=moves)
    assert states(*facts, day=0) == ()
    assert states(*facts, day=9, known=6) == (part,)


def test_its_parts_count_by_their_days_whenever_they_became_known():
    (found,) = states(opened(), resolved(700, 7), resolved(300, 4, "credited", known=9))
    assert (found.status, found.ended_on) == ("rejected", on(7))
    assert [left for _, left in found.changes] == [100000, 70000, 0]


def test_of_one_day_the_outcomes_have_an_order_whichever_was_recorded_first():
    parts = [resolved(500, 4, outcome) for outcome in OUTCOMES[:2]]
    found = {states(opened(), *order)[0] for order in (parts, parts[::-1])}
    assert [each.status for each in found] == [OUTCOMES[1]]


def test_more_than_there_was_leaves_nothing():
    (found,) = states(opened(), resolved(1200, 4))
    assert (found.left, found.status) == (0, "rejected")


def test_two_disputes_are_apart():
    account = fold([opened(), opened(400, "D-2"), resolved(300, 4), resolved(400, 5, id="D-2")])
    assert account.disputes.lefts() == {"D-1": 70000, "D-2": 0}
    assert account.disputes.left_of(account.disputes.opened[0]) == 70000
    assert [each.status for each in account.disputes.states(on(9), None)] == ["open", "rejected"]
