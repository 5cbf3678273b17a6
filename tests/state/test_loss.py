"""What was written off, recovered and set aside on a date, and the tax relief that was claimed on it."""

from decimal import Decimal

import pytest
from tests.state.days import DAY, instant, on, stamp

from receivables import Currency, Money, TaxPart
from receivables.documents.loss import SpecificAllowance
from receivables.state.cash import AllocationEntry, Cash, Reduction, Undoing, Use
from receivables.state.invoice import Item
from receivables.state.loss import (
    AllowanceEntry,
    AllowanceRelease,
    AllowanceState,
    Losses,
    LossState,
    RecoveryEntry,
    ReliefBar,
    ReliefEntry,
    ReliefRepayment,
    Remitted,
    ReversalEntry,
    TaxedDocument,
    WriteOffEntry,
    least_from,
    losses_of,
    open_moves,
)

EUR, USD = Currency.of("EUR"), Currency.of("USD")


def item(id):
    return Item(id, f"doc-{id}", EUR, 1000, DAY, on(30), *stamp(0))


def lost(amount, day, id="w", item="I", code="insolvent", used=0, relief=0, known=None):
    return WriteOffEntry(id, item, amount, code, used, relief, *stamp(day, known))


def mistake(amount, day, id="v", item="I", used=0, relief=0):
    return ReversalEntry(id, "w", item, amount, used, relief, *stamp(day))


def recovered(id, relief, item="I"):
    return RecoveryEntry(id, item, "P", 10, 0, relief, *stamp(9))


def less(amount, day, kind="written_off", item="I", id=None):
    return Reduction(item, amount, kind, *stamp(day), id)


# What is lost --------------------------------------------------------------------------------------------------------


def states(losses, reductions, day=20, undoings=()):
    items = (item("I"), item("J"))
    return losses.states(items, Cash(reductions=reductions, undoings=undoings), on(day), None)


def test_what_is_lost_of_an_item_is_said_since_its_first_day_with_the_reason_of_the_last():
    losses = Losses(write_offs=(lost(300, 7, "w2", code="small"), lost(200, 4, known=9), lost(50, 5, "w3", "J")))
    reductions = (less(300, 7), less(200, 4), less(50, 5, item="J"), less(9, 3, "waived"), less(-40, 9, "recovered"))
    assert states(losses, reductions, 6) == (
        LossState("I", "doc-I", EUR, 200, 0, on(4), "insolvent"),
        LossState("J", "doc-J", EUR, 50, 0, on(5), "insolvent"),
    )
    (found, _) = states(losses, reductions, 9)
    assert found == LossState("I", "doc-I", EUR, 500, 40, on(4), "small")
    assert found.left == 460
    assert states(losses, reductions, 3) == ()
    assert Losses().states((item("I"),), Cash(reductions=reductions), on(9), None) == ()


def test_what_was_all_a_mistake_is_no_loss_and_a_recovery_that_was_taken_back_is_none():
    losses = Losses(write_offs=(lost(300, 4),))
    taken_back = (less(300, 4), less(-300, 6))
    assert [len(states(losses, taken_back, day)) for day in (5, 6)] == [1, 0]
    part = (less(300, 4), less(-300, 6, "recovered", id="k"))
    assert [each.left for day in (5, 6, 8) for each in states(losses, part, day, (Undoing("k", *stamp(8)),))] == [
        300,
        0,
        300,
    ]


# What is set aside ---------------------------------------------------------------------------------------------------


def allowance(id, item=None, day=0, percent=None, amount=None, known=None, currency=EUR):
    fixed = None if amount is None else Money(amount, currency)
    share = None if percent is None else Decimal(percent)
    document = SpecificAllowance(id=id, account="A", code="insolvent", item=item, percent=share, amount=fixed)
    return AllowanceEntry(document, *stamp(day, known))


def set_aside(losses, day=20, known=None, **open_):
    amounts = {item: (EUR, amount) if isinstance(amount, int) else amount for item, amount in open_.items()}
    found = losses.allowances_on(amounts, on(day), None if known is None else instant(known))
    return [(each.allowance.id, each.items, each.open, each.amount) for each in found]


def test_a_percentage_is_of_what_is_open_and_an_amount_at_most_that():
    assert set_aside(Losses(allowances=(allowance("S", "I", percent=50),)), I=301) == [("S", ("I",), 301, 151)]
    fixed = Losses(allowances=(allowance("S", "I", amount=200),))
    assert set_aside(fixed, I=300) == [("S", ("I",), 300, 200)]
    assert set_aside(fixed, I=150) == [("S", ("I",), 150, 150)]
    assert set_aside(fixed, J=150) == []


def test_one_for_all_that_is_owed_leaves_out_the_items_with_their_own():
    both = Losses(allowances=(allowance("ALL", percent=10), allowance("OWN", "I", percent=50)))
    assert set_aside(both, I=300, J=200, K=100) == [("ALL", ("J", "K"), 300, 30), ("OWN", ("I",), 300, 150)]
    apart = set_aside(Losses(allowances=(allowance("ALL", percent=10),)), I=300, K=(USD, 50))
    assert apart == [("ALL", ("I",), 300, 30), ("ALL", ("K",), 50, 5)]
    fixed = Losses(allowances=(allowance("ALL", amount=90),))
    assert set_aside(fixed, I=300, K=(USD, 50)) == [("ALL", ("I",), 300, 90)]


def test_an_allowance_counts_from_its_day_as_it_was_changed_last_until_it_is_released():
    changed = Losses(
        allowances=(allowance("S", "I", 2, 50), allowance("S", "I", 5, 80), allowance("S", "I", 4, 70, known=8)),
        releases=(AllowanceRelease("S", *stamp(9)), AllowanceRelease("T", *stamp(3))),
    )
    found = [[amount for *_, amount in set_aside(changed, day, I=100)] for day in (1, 2, 3, 4, 5, 8, 9)]
    assert found == [[], [50], [50], [70], [80], [80], []]
    assert set_aside(changed, 4, 7, I=100) == [("S", ("I",), 100, 50)]
    assert [each.allowance.percent for each in changed.in_force(on(5), None)] == [80]
    again = Losses(allowances=(*changed.allowances, allowance("S", "I", 12, 30)), releases=changed.releases)
    assert [amount for *_, amount in set_aside(again, 12, I=100)] == [30]


def test_of_two_for_all_that_is_owed_the_larger_holds_and_of_equal_ones_the_first():
    for small, large, holds in ((10, 20, "B"), (20, 10, "A"), (10, 10, "A")):
        two = Losses(allowances=(allowance("A", percent=small), allowance("B", percent=large)))
        assert [id for id, *_ in set_aside(two, I=100)] == [holds]
    own = Losses(allowances=(allowance("A", percent=10), allowance("B", percent=20), allowance("C", "J", percent=5)))
    assert [id for id, *_ in set_aside(own, I=100, J=100)] == ["B", "C"]


def test_in_each_currency_the_larger_one_holds():
    two = Losses(allowances=(allowance("A", percent=10), allowance("B", amount=50)))
    assert set_aside(two, I=100, K=(USD, 100)) == [("A", ("K",), 100, 10), ("B", ("I",), 100, 50)]


def left_of_fixed(*write_offs, reversals=(), entries=None, day=20, known=None, item="I"):
    losses = Losses(
        allowances=entries or (allowance("S", item, 2, amount=200),), write_offs=write_offs, reversals=reversals
    )
    (found,) = set_aside(losses, day, known, I=900, J=900) if item is None else set_aside(losses, day, known, I=900)
    return found[3]


def test_a_fixed_allowance_is_less_by_what_losses_used_of_it_since_it_was_set():
    assert left_of_fixed(lost(90, 5, used=60)) == 140
    assert left_of_fixed(lost(90, 5, used=60), lost(90, 6, "w2", used=50)) == 90
    assert left_of_fixed(lost(90, 5, used=260)) == 0
    assert left_of_fixed(lost(90, 1, used=60)) == 200  # before it was set
    assert left_of_fixed(lost(90, 5, used=60, item="J")) == 200
    assert left_of_fixed(lost(90, 5, used=60), reversals=(mistake(90, 7, used=60),)) == 200
    assert [left_of_fixed(lost(90, 5, used=60), day=day) for day in (4, 5)] == [200, 140]
    assert [left_of_fixed(lost(90, 5, used=60), known=day) for day in (4, 5)] == [200, 140]


def test_of_the_instant_in_which_it_was_set_what_was_used_came_after_it_and_of_a_change_before():
    assert left_of_fixed(lost(90, 2, used=60)) == 140
    changed = (allowance("S", "I", 2, amount=200), allowance("S", "I", 5, amount=120))
    assert left_of_fixed(lost(90, 5, used=60), entries=changed) == 120
    assert left_of_fixed(lost(90, 6, used=60), entries=changed) == 60


def test_one_for_all_that_is_owed_is_used_by_losses_of_items_without_their_own():
    own = (allowance("ALL", None, 2, amount=200), allowance("OWN", "J", 2, percent=50))
    losses = Losses(allowances=own, write_offs=(lost(90, 5, used=60), lost(90, 5, "w2", "J", used=70)))
    assert [(id, amount) for id, _, _, amount in set_aside(losses, I=900, J=100)] == [("ALL", 140), ("OWN", 50)]
    assert left_of_fixed(lost(90, 5, used=60, item="gone"), item=None) == 140


def test_the_state_of_an_allowance_says_its_currency():
    entry = allowance("S", "I", percent=50)
    assert Losses(allowances=(entry,)).allowances_on({"I": (EUR, 100)}, on(9), None) == (
        AllowanceState(entry.allowance, EUR, ("I",), 100, 50),
    )
    assert Losses().allowances_on({"I": (EUR, 100)}, on(9), None) == ()


# Tax relief ----------------------------------------------------------------------------------------------------------


def tax(net, amount, percent=20):
    return TaxPart(percent=Decimal(percent), net=Money(net, EUR), tax=Money(amount, EUR))


LOSSES = Losses(
    write_offs=(lost(600, 2, relief=100), lost(60, 3, "w2", relief=10), lost(60, 3, "w3", "J", relief=7)),
    reversals=(mistake(60, 4, relief=10), mistake(60, 4, "v2", "J", relief=1)),
    recoveries=(recovered("k", 20), recovered("l", 5), recovered("m", 2, "J")),
    relief_claims=(
        ReliefEntry("c", "I", 100, 600, (tax(500, 100),), *stamp(5)),
        ReliefEntry("d", "I", 10, 60, (tax(50, 10), tax(30, 0, 0)), *stamp(7)),
        ReliefEntry("e", "J", 7, 42, (tax(35, 7),), *stamp(5)),
    ),
    relief_repayments=(
        ReliefRepayment("r", "I", 20, "recovered", (tax(100, 20),), *stamp(9)),
        ReliefRepayment("s", "J", 1, "recovered", (tax(5, 1),), *stamp(9)),
    ),
    bars=(
        ReliefBar("I", "sold", 30, *stamp(8)),
        ReliefBar("I", "other", 0, *stamp(9)),
        ReliefBar("J", "expired", 3, *stamp(8)),
    ),
    taxed=(TaxedDocument("X", (tax(1, 1),), *stamp(0)), TaxedDocument("Y", (tax(2, 2),), *stamp(0))),
    remitted=(Remitted("P", *stamp(0)),),
)


def test_what_was_claimed_and_not_repaid_counts_by_its_days():
    assert [LOSSES.relief_of("I", on(day)) for day in (4, 5, 7, 9)] == [0, 100, 110, 90]
    assert [LOSSES.relief_of("I", on(20), instant(day)) for day in (4, 6, 8, 9)] == [0, 100, 110, 90]
    assert LOSSES.relief_of("K", on(20)) == 0


def test_what_was_claimed_by_rate_is_less_by_what_was_repaid_of_it():
    assert LOSSES.claimed_parts("I") == (tax(450, 90), tax(30, 0, 0))
    assert LOSSES.claimed_parts("J") == (tax(30, 6),)


def test_the_relief_that_is_counted_on_is_less_by_mistakes_recoveries_and_bars():
    assert LOSSES.pending_of("I", set()) == 100 + 10 - 10 - 20 - 5 - 30
    assert LOSSES.pending_of("I", {"k"}) == 100 + 10 - 10 - 5 - 30
    assert LOSSES.pending_of("J", {"k"}) == 7 - 1 - 2 - 3


def test_the_first_bar_counts_from_its_day():
    assert [LOSSES.barred_by("I", on(day)) for day in (7, 8, 9)] == [None, "sold", "sold"]
    assert [LOSSES.barred_by("I", on(20), instant(day)) for day in (7, 8)] == [None, "sold"]
    assert LOSSES.barred_by("K", on(20)) is None


def test_the_tax_of_a_document_is_that_of_its_own():
    assert [LOSSES.taxes_of(document) for document in "XYZ"] == [(tax(1, 1),), (tax(2, 2),), ()]


def test_what_was_made_of_a_payment_in_another_currency_is_for_the_same_things():
    uses = tuple(
        Use(id, source, 1, kind, *stamp(1))
        for id, source, kind in (
            ("c", "P", "conversion"),
            ("d", "c", "conversion"),
            ("r", "P", "refund"),
            ("x", "Q", "conversion"),
        )
    )
    assert LOSSES.specified(Cash(uses=uses)) == {"P", "c", "d"}


# Moves ---------------------------------------------------------------------------------------------------------------


def test_how_what_is_lost_of_an_item_moved():
    cash = Cash(
        reductions=(
            less(300, 4),
            less(-100, 6, "recovered", id="k"),
            less(-100, 6, "recovered", id="m"),
            less(7, 5, "waived"),
            less(9, 5, item="J"),
        ),
        undoings=(Undoing("k", *stamp(8)), Undoing("m", *stamp(2))),
    )
    assert losses_of(cash, "I") == [(on(4), 300), (on(6), -100), (on(6), -100), (on(6), 100), (on(8), 100)]
    assert open_moves(cash, "I") == [
        (on(4), -300),
        (on(5), -7),
        (on(6), -100),
        (on(6), 100),
        (on(6), 100),
        (on(8), -100),
    ]


def test_how_what_is_open_of_an_item_moved_by_money():
    made = tuple(AllocationEntry(id, "P", item, 50, *stamp(3)) for id, item in (("a", "I"), ("b", "I"), ("c", "J")))
    cash = Cash(allocations=made, undoings=(Undoing("b", *stamp(5)), Undoing("c", *stamp(5))))
    assert open_moves(cash, "I") == [(on(3), -50), (on(3), -50), (on(5), 50)]
    assert losses_of(cash, "I") == []


@pytest.mark.parametrize(("day", "least"), [(0, 0), (1, 4), (2, 4), (3, 4), (4, 4), (5, 9), (6, 9)])
def test_the_least_from_the_end_of_a_day_on(day, least):
    moves = [(on(1), 10), (on(2), 20), (on(3), -20), (on(4), -6), (on(5), 5)]
    assert least_from(moves, on(day)) == least
    assert least_from([], on(day)) == 0
