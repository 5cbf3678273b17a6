"""A card or a mandate on a date: whether it can be used, what it was used for last, and which one comes first."""

import datetime as dt

import pytest
from tests.state.days import DAY, on, stamp

from receivables import PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.state.payment_method import (
    LIFE,
    Collection,
    Ending,
    Fate,
    MethodEntry,
    MethodState,
    PaymentMethods,
    Preference,
)

LAPSES = dt.date(2029, 3, 2)
ONE = dt.timedelta(days=1)
EXPIRES = dt.date(2026, 5, 31)


def card(token="tok", day=0, expires=EXPIRES):
    return MethodEntry(token, PaymentMethod(token=token, expires=expires), None, *stamp(day))


def mandate(id="M", day=0, **more):
    document = Mandate(id=id, account="A", bank_account="DE** **** 3000", signed_on=DAY, **more)
    return MethodEntry(id, None, document, *stamp(day))


def used(method, day, payment="P", known=None):
    return Collection(payment, method, "pending", (), *stamp(day, known))


def states(*methods, day=10, **columns):
    as_of = day if isinstance(day, dt.date) else on(day)
    return PaymentMethods(methods=methods, **columns).states(as_of, None)


def state(*methods, **more):
    (found,) = states(*methods, **more)
    return found


def test_a_card_says_nothing_of_sequences_and_lapses():
    entry = card()
    assert state(entry) == MethodState("tok", entry.card, None, "usable", DAY, None, None, None, None, True)
    assert state(entry).kind == "card"
    assert states(entry, day=-1) == ()
    assert PaymentMethods().states(DAY, None) == ()


def test_a_mandate_says_what_the_next_collection_is_and_when_it_lapses():
    entry = mandate()
    assert state(entry) == MethodState("M", None, entry.mandate, "usable", DAY, None, None, LAPSES, "first", True)
    assert state(entry).kind == "mandate"


def test_a_card_is_good_on_its_last_day():
    assert [state(card(), day=day).status for day in (EXPIRES, EXPIRES + ONE)] == ["usable", "expired"]
    assert state(card(expires=None), day=dt.date(2099, 1, 1)).status == "usable"


def test_a_mandate_lapses_on_the_day_that_ends_the_months_without_a_collection():
    assert [state(mandate(), day=day).status for day in (LAPSES - ONE, LAPSES)] == ["usable", "lapsed"]
    collected = {"collections": (used("M", 30),)}
    again = dt.date(2029, 4, 1)
    assert [state(mandate(), day=day, **collected).status for day in (LAPSES, again - ONE, again)] == [
        "usable",
        "usable",
        "lapsed",
    ]
    assert state(mandate(), **{**collected, "day": 40}).lapses_on == again


def test_what_is_collected_after_it_lapsed_does_not_revive_it():
    for day, lapses in ((LAPSES - ONE, dt.date(2032, 3, 1)), (LAPSES, LAPSES)):
        collected = Collection("P", "M", "settled", (), day, dt.datetime.combine(day, dt.time(8), dt.UTC))
        assert state(mandate(), day=dt.date(2030, 1, 1), collections=(collected,)).lapses_on == lapses


def test_an_earlier_use_that_becomes_known_late_does_not_shorten_it():
    both = (used("M", 30, "P-1"), used("M", 20, "P-2", known=40))
    found = state(mandate(), day=50, collections=both)
    assert (found.lapses_on, found.last_used_on) == (dt.date(2029, 4, 1), on(30))


def test_a_mandate_that_was_used_in_another_system_counts_from_then():
    found = state(mandate(last_used_on=on(5)))
    assert (found.last_used_on, found.lapses_on, found.sequence) == (on(5), dt.date(2029, 3, 7), "recurring")
    later = state(mandate(last_used_on=on(5)), collections=(used("M", 8),))
    assert (later.last_used_on, later.lapses_on) == (on(8), dt.date(2029, 3, 10))


def test_a_collection_that_came_to_nothing_was_a_use_without_money():
    failed = {"collections": (used("M", 3),), "fates": (Fate("P", "failed", "declined", *stamp(5)),)}
    before, after = state(mandate(), day=4, **failed), state(mandate(), day=5, **failed)
    assert (before.sequence, after.sequence) == ("recurring", "first")
    assert before.last_used_on == after.last_used_on == on(3)
    returned = {"collections": (used("M", 3),), "fates": (Fate("P", "returned", "AC04", *stamp(5)),)}
    assert state(mandate(), **returned).sequence == "recurring"


def test_a_mandate_for_one_collection_is_used_by_it_unless_that_came_to_nothing():
    entry, collected = mandate(use="one_off"), (used("M", 3),)
    found = [state(entry, day=day, collections=collected) for day in (2, 3)]
    assert [(each.status, each.sequence) for each in found] == [("usable", "one_off"), ("used", "one_off")]
    failed = (Fate("P", "failed", "declined", *stamp(5)),)
    assert state(entry, collections=collected, fates=failed).status == "usable"
    assert state(entry, day=LAPSES + 40 * ONE, collections=collected).status == "used"
    assert state(mandate(use="one_off", last_used_on=DAY)).status == "used"


def test_what_a_payment_with_another_method_did_says_nothing():
    found = state(mandate(), collections=(used("M-2", 3),))
    assert (found.last_used_on, found.sequence) == (None, "first")


@pytest.mark.parametrize("status", ["removed", "revoked"])
def test_a_method_is_ended_from_the_day_on_which_somebody_says_so(status):
    endings = (Ending("other", "removed", *stamp(1)), Ending("M", status, *stamp(4)), Ending("M", "removed", *stamp(6)))
    before, after = state(mandate(), day=3, endings=endings), state(mandate(), day=4, endings=endings)
    assert (before.status, before.ended_on) == ("usable", None)
    assert (after.status, after.ended_on, after.preferred) == (status, on(4), False)
    assert status in LIFE["usable"]


def test_the_last_fate_of_a_payment_counts_by_its_day():
    fates = (Fate("P", "returned", "AC04", *stamp(6)), Fate("P", "settled", None, *stamp(3, known=9)))
    slice_ = PaymentMethods(fates=fates)
    assert slice_.fates_on(on(9), None)["P"].status == "returned"
    assert slice_.fates_on(on(5), None)["P"].status == "settled"
    assert dict(slice_.fates_on(on(2), None)) == {}


# Which one comes first -----------------------------------------------------------------------------------------------


def order(*methods, **more):
    found = states(*methods, **more)
    assert [each.preferred for each in found][1:] == [False] * (len(found) - 1)
    return [each.id for each in found], found[0].preferred


THREE = (card("a"), mandate("b"), card("c", expires=None))


def test_the_oldest_that_can_be_used_comes_first_and_the_others_as_they_were_added():
    assert order(*THREE) == (["a", "b", "c"], True)
    assert order(*THREE, day=EXPIRES + ONE) == (["b", "a", "c"], True)


def test_the_one_that_was_named_last_comes_first_by_the_day_from_which_that_counts():
    named = (Preference("c", *stamp(3)), Preference("b", *stamp(6)), Preference("a", *stamp(4, known=8)))
    assert [order(*THREE, day=day, preferences=named)[0][0] for day in (2, 3, 4, 5, 6, 9)] == list("acaabb")
    assert order(*THREE, preferences=named)[0] == ["b", "a", "c"]


def test_one_that_was_named_and_cannot_be_used_leaves_the_place_to_the_oldest():
    named, gone = (Preference("b", *stamp(3)),), (Ending("b", "revoked", *stamp(5)),)
    assert order(*THREE, preferences=named, endings=gone) == (["a", "b", "c"], True)
    assert order(card("a"), day=EXPIRES + ONE) == (["a"], False)


# On a later day ------------------------------------------------------------------------------------------------------


def test_a_card_expires_and_a_mandate_lapses_by_its_date_if_nothing_happens_before():
    assert [state(card()).status_on(day) for day in (EXPIRES, EXPIRES + ONE)] == ["usable", "expired"]
    assert [state(mandate()).status_on(day) for day in (LAPSES - ONE, LAPSES)] == ["usable", "lapsed"]
    assert state(card(expires=None)).status_on(dt.date.max) == "usable"
    removed = state(card(), endings=(Ending("tok", "removed", *stamp(4)),))
    assert removed.status_on(EXPIRES + ONE) == "removed"
