"""How far the dunning of an item has come: by letters, steps of another system, annulments and migrations, day by day."""

import datetime as dt

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import at, instant, on

from receivables import fold
from receivables.documents.notice import PolicyRef
from receivables.facts.dunning import (
    LadderMigrated,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeSending,
    NoticeSent,
    StepsAnnulled,
)
from receivables.facts.invoice import ItemTakenOver
from receivables.state.view import Ladder

OLD = PolicyRef(id="old", version=1, digest="0" * 64)
NEW = PolicyRef(id="new", version=1, digest="1" * 64)
NEWER = PolicyRef(id="newer", version=1, digest="2" * 64)
FROM = dt.date(2026, 2, 2)
PAY_BY = dt.date(2026, 4, 1)


def letter(key, step, *items, policy=OLD, ladder_from=FROM, day=0, times=1, **more):
    notice = SAMPLES["notice.queued/1"].notice
    lines = tuple(
        attrs.evolve(
            notice.lines[0],
            item=item,
            step=step,
            policy=policy,
            ladder_from=ladder_from,
            times=times,
            pay_by=PAY_BY,
            charges=(),
        )
        for item in items
    )
    fields = {"audience": "customer", "retracts": None, **more}
    return NoticeQueued(notice=attrs.evolve(notice, key=key, lines=lines, **fields), approval=False, **at(day))


def sent(key, day, known=None, hour=8):
    return NoticeSent(notice=key, receipt="r", **at(day, known, hour))


def cancelled(key, day):
    return NoticeCancelled(notice=key, reason="settled", **at(day))


def failed(key, day):
    return NoticeFailed(notice=key, reason="no such box", **at(day))


def taken(item="I", step="call"):
    took = SAMPLES["item.taken_over/1"]
    stepped = None if step is None else on(-3)
    old = attrs.evolve(took.item, id=item, due_on=FROM, issued_on=FROM, step=step, stepped_on=stepped, book_rate=None)
    return ItemTakenOver(item=old, **at(0))


def annulled(key, *items, day):
    return StepsAnnulled(notice=key, items=items, reason="paid before", **at(day))


def migrated(item, step, day, policy=NEW, hour=8):
    return LadderMigrated(item=item, policy=policy, step=step, **at(day, hour=hour))


def ladder(*facts, day=20, known=None, item="I"):
    return fold(facts).view(on(day), None if known is None else instant(known)).ladder_of.get(item)


def reached(step, day, policy=OLD, **more):
    return Ladder("I", FROM, step, on(day), policy, None, 1, PAY_BY, **more)


# Letters -------------------------------------------------------------------------------------------------------------


def test_a_letter_holds_the_next_step_until_it_went_out_and_then_it_is_reached():
    facts = (letter("a", "first", "I"), NoticeSending(notice="a", **at(2)), sent("a", 3))
    assert [ladder(*facts, day=day) for day in (0, 2, 3)] == [
        Ladder("I", FROM, None, None, OLD, "queued"),
        Ladder("I", FROM, None, None, OLD, "sending"),
        reached("first", 3),
    ]


def test_the_next_letter_leaves_the_step_as_it_is_while_it_waits():
    facts = (letter("a", "first", "I"), sent("a", 3), letter("b", "second", "I", day=5, times=2), sent("b", 7))
    waits = attrs.evolve(reached("first", 3), pending="queued")
    assert [ladder(*facts, day=day) for day in (4, 5)] == [reached("first", 3), waits]
    after = ladder(*facts, day=7)
    assert (after.step, after.sent_on, after.times, after.pending) == ("second", on(7), 2, None)


def test_a_ladder_that_starts_anew_has_no_step_while_its_letter_waits():
    anew = letter("b", "first", "I", day=5, ladder_from=on(4))
    found = ladder(letter("a", "second", "I"), sent("a", 3), anew)
    assert found == Ladder("I", on(4), None, None, OLD, "queued")


def test_a_letter_that_was_cancelled_moves_nothing_and_frees_what_had_failed():
    first = (letter("a", "first", "I"), sent("a", 3))
    again = letter("b", "second", "I", day=5)
    assert ladder(*first, again, failed("b", 6)).pending == "failed"
    freed = ladder(*first, again, failed("b", 6), letter("c", "second", "I", day=7), cancelled("c", 8))
    assert freed == reached("first", 3)
    untouched = ladder(*first, again, letter("c", "second", "I", day=7), cancelled("c", 8))
    assert untouched.pending == "queued"
    assert ladder(letter("a", "first", "I"), cancelled("a", 2)) is None


def test_a_letter_to_somebody_else_or_one_that_takes_back_moves_nothing():
    assert ladder(letter("a", "first", "I", audience="staff"), sent("a", 3)) is None
    assert ladder(letter("a", "first", "I", retracts="b"), sent("a", 3)) is None


def test_the_last_letter_of_an_account_is_one_to_the_customer_that_went_out():
    facts = [
        letter("a", "first", "I"),
        sent("a", 3),
        letter("b", "first", "J", day=4, audience="staff"),
        sent("b", 5),
        letter("c", "first", "I", day=6, retracts="a"),
        sent("c", 7),
        letter("d", "second", "J", day=8),
        sent("d", 9),
        letter("e", "third", "J", day=10),
        failed("e", 11),
    ]
    found = [fold(facts).view(on(day)).last_notice_on for day in (2, 3, 5, 7, 8, 9, 11)]
    assert found == [None, on(3), on(3), on(3), on(3), on(9), on(9)]


# Steps of another system ---------------------------------------------------------------------------------------------


def test_the_step_of_another_system_stands_from_the_day_on_which_it_was_taken_over():
    assert ladder(taken(), day=-1) is None
    assert ladder(taken(), day=0) == Ladder("I", FROM, "call", on(-3), None, None)
    assert ladder(taken(step=None)) is None
    after = ladder(taken(), letter("a", "first", "I", day=1), sent("a", 2))
    assert after == reached("first", 2)


# Annulled ------------------------------------------------------------------------------------------------------------


def test_what_was_annulled_falls_back_to_the_step_before_from_that_day_on():
    two = (letter("a", "first", "I", "J"), sent("a", 1), letter("b", "second", "I", "J", day=3), sent("b", 4))
    facts = (*two, annulled("b", "I", day=6))
    assert [ladder(*facts, day=day).step for day in (5, 6)] == ["second", "first"]
    assert ladder(*facts).sent_on == on(1)
    assert ladder(*facts, item="J").step == "second"
    both = (*facts, annulled("b", "J", day=8))
    assert [ladder(*both, item="J", day=day).step for day in (7, 8)] == ["second", "first"]
    assert ladder(*both).step == "first"  # the one does not undo the other
    view = fold(both).view(on(9))
    assert [state.annulled for state in view.notices] == [frozenset(), frozenset({"I", "J"})]
    assert ladder(*facts, day=9, known=5).step == "second"


# Migrated ------------------------------------------------------------------------------------------------------------

FIRST = (letter("a", "first", "I", "J"), sent("a", 1))


def test_a_ladder_that_is_migrated_goes_on_with_the_other_policy_and_its_name_for_the_step():
    facts = (*FIRST, migrated("I", "uno", 5))
    assert [ladder(*facts, day=day) for day in (4, 5)] == [reached("first", 1), reached("uno", 1, NEW)]
    assert ladder(*facts, item="J").policy == OLD
    assert ladder(*facts, day=9, known=4) == reached("first", 1)
    assert ladder(migrated("K", "uno", 5), *FIRST, item="K") is None


def test_a_step_of_another_system_is_migrated_too():
    assert ladder(taken(), migrated("I", "uno", 5)) == Ladder("I", FROM, "uno", on(-3), NEW, None)


def test_what_a_letter_under_way_reached_since_keeps_its_own_name():
    under_way = (*FIRST, letter("b", "second", "I", day=3), migrated("I", "uno", 5), sent("b", 7))
    assert [(ladder(*under_way, day=day).step, ladder(*under_way, day=day).policy) for day in (5, 7)] == [
        ("uno", NEW),
        ("second", NEW),
    ]


def test_a_letter_that_went_out_in_the_very_instant_stands_before_the_migration():
    facts = (*FIRST, letter("b", "second", "I", day=3), sent("b", 5), migrated("I", "dos", 5))
    assert ladder(*facts).step == "dos"
    later = (*FIRST, letter("b", "second", "I", day=3), sent("b", 5, hour=9), migrated("I", "dos", 5))
    assert ladder(*later).step == "second"


def test_a_letter_that_was_decided_after_the_migration_has_its_own_policy():
    facts = (*FIRST, migrated("I", "uno", 5), letter("b", "zwei", "I", day=6, policy=NEWER), sent("b", 7))
    assert ladder(*facts) == reached("zwei", 7, NEWER)
    assert ladder(*facts, day=6) == attrs.evolve(reached("uno", 1, NEW), pending="queued")


def test_an_annulment_after_a_migration_falls_back_to_a_step_with_its_own_name():
    two = (*FIRST, letter("b", "second", "I", day=3), sent("b", 4), migrated("I", "dos", 5))
    assert ladder(*two).step == "dos"
    back = ladder(*two, annulled("b", "I", day=6))
    assert (back.step, back.policy) == ("first", NEW)


def test_migrations_follow_each_other_by_the_names_that_they_give():
    twice = (*FIRST, migrated("I", "uno", 5), migrated("I", "ein", 7, NEWER))
    assert [(ladder(*twice, day=day).step, ladder(*twice, day=day).policy) for day in (5, 6, 7)] == [
        ("uno", NEW),
        ("uno", NEW),
        ("ein", NEWER),
    ]


def test_a_migration_of_a_ladder_without_a_step_gives_only_the_policy():
    facts = (letter("a", "first", "I"), migrated("I", None, 2))
    assert ladder(*facts) == Ladder("I", FROM, None, None, NEW, "queued")


def test_of_one_instant_a_letter_comes_after_the_step_of_another_system_and_a_migration_after_a_letter():
    took = taken()
    instantly = [letter("a", "first", "I"), sent("a", 0)]
    assert [each.recorded_at for each in instantly] == [took.recorded_at] * 2
    assert ladder(took, *instantly, migrated("I", "uno", 3)).step == "uno"
    both = (*FIRST, letter("b", "second", "I", day=3), sent("b", 5), migrated("I", "dos", 5))
    assert ladder(*both, migrated("I", "zwei", 7, NEWER)).step == "zwei"
    own = (letter("a", "first", "I"), sent("a", 5), migrated("I", "uno", 5), migrated("I", "ein", 5, NEWER))
    assert ladder(*own).step == "ein"
