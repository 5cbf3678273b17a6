"""Requests for approval on a date, and which deeds a matrix counts."""

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import at, instant, on

from receivables import Money, fold
from receivables.state.authority import ApprovalState


def test_a_deed_of_nobody_counts_for_nobody():
    used = SAMPLES["authority.used/1"]
    assert [each.by for each in fold([used]).authority.done()] == [used.by]
    assert list(fold([attrs.evolve(used, by=None)]).authority.done()) == []


ASKED = SAMPLES["approval.requested/1"]


def asked(id="A-1", lapses=20):
    return attrs.evolve(ASKED, approval=attrs.evolve(ASKED.approval, id=id), lapses_on=on(lapses), **at(0))


def granted(day, left, by="bob", id="A-1"):
    return attrs.evolve(SAMPLES["approval.granted/1"], approval=id, left=left, **{**at(day), "by": by})


def refused(day):
    return attrs.evolve(SAMPLES["approval.refused/1"], **at(day))


def withdrawn(day):
    return attrs.evolve(SAMPLES["approval.withdrawn/1"], **at(day))


def used(day, approval="A-1"):
    return attrs.evolve(SAMPLES["authority.used/1"], approval=approval, **at(day))


def states(*facts, day=10, known=None):
    return fold(facts).authority.states(on(day), None if known is None else instant(known))


def state(*facts, day=10):
    (found,) = states(*facts, day=day)
    return found


def test_a_request_waits_for_as_many_as_the_rule_wants():
    one = asked()
    assert state(one) == ApprovalState(one.approval, "waiting", "user-17", on(0), on(20), (), None)
    assert state(one).waits
    first = state(one, granted(2, 1))
    assert first == ApprovalState(one.approval, "waiting", "user-17", on(0), on(20), (("bob", on(2)),), 1)
    both = state(one, granted(2, 1), granted(4, 0, by="eve"))
    assert (both.status, both.granted, both.left) == ("granted", (("bob", on(2)), ("eve", on(4))), 0)
    assert (both.waits, both.is_open) == (False, True)
    assert [state(one, granted(2, 1), granted(4, 0), day=day).status for day in (3, 4)] == ["waiting", "granted"]
    assert states(one, day=-1) == ()
    assert state(one, granted(2, 0, by=None)).granted == (("", on(2)),)


def test_what_was_said_to_another_request_says_nothing_of_this_one():
    one, other = states(asked(), asked("A-2"), granted(2, 0, id="A-2"), used(4, "A-2"))
    assert (one.status, other.status) == ("waiting", "used")


def test_a_request_lapses_after_its_last_day_unless_it_ended_before():
    for said in ((), (granted(2, 1),), (granted(2, 0),)):
        assert [state(asked(), *said, day=day).status for day in (20, 21)][1] == "lapsed"
        assert state(asked(), *said, day=20).status != "lapsed"
    for end, status in ((refused(3), "refused"), (withdrawn(3), "withdrawn"), (used(3), "used")):
        found = state(asked(), granted(2, 0), end, day=30)
        assert (found.status, found.is_open) == (status, False)
        assert state(asked(), granted(2, 0), end, day=2).status == "granted"


def test_what_came_first_ends_it_and_a_deed_that_was_done_was_done():
    assert state(asked(), withdrawn(3), refused(4)).status == "withdrawn"
    assert state(asked(), refused(3), used(4)).status == "used"


def test_deeds_and_attempts_count_from_their_day():
    tried = attrs.evolve(SAMPLES["attempt.refused/1"], **at(5, known=7))
    log = fold([used(3), tried]).authority
    assert [(len(log.used(on(day), None)), len(log.tried(on(day), None))) for day in (2, 3, 5)] == [
        (0, 0),
        (1, 0),
        (1, 1),
    ]
    assert [len(log.tried(on(9), instant(day))) for day in (6, 7)] == [0, 1]
    assert [len(log.used(on(9), instant(day))) for day in (2, 3)] == [0, 1]
    (deed,) = log.done()
    assert (deed.kind, deed.by, deed.amount, deed.on) == ("write_off", "user-17", Money.of(3000, "EUR"), on(3))
