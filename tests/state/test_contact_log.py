"""Contacts and actions on a date: by their days, moved as often as wanted, and over once."""

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, at, on

from receivables import fold
from receivables.state.contact_log import ActionState


def contact(id, day, known=None):
    logged = SAMPLES["contact.logged/1"]
    return attrs.evolve(logged, contact=attrs.evolve(logged.contact, id=id, on=on(day)), **at(day, known))


PLANNED = SAMPLES["action.planned/1"].action
CALL = attrs.evolve(PLANNED, planned_on=DAY, due_on=on(5), owner="ann")
WRITE = attrs.evolve(CALL, id="A-2", kind="write", owner=None)


def planned(action, day=0):
    return attrs.evolve(SAMPLES["action.planned/1"], action=action, **at(day))


def moved(day, to, owner, id="A-1"):
    return attrs.evolve(SAMPLES["action.moved/1"], action=id, due_on=on(to), owner=owner, **at(day))


def ended(day, outcome="done", id="A-1"):
    return attrs.evolve(SAMPLES["action.done/1"], action=id, outcome=outcome, **at(day))


def actions(*facts, day, known=None):
    return fold(facts).contact_log.states(on(day), None if known is None else at(known)["recorded_at"])


def test_the_contacts_stand_by_their_days_whenever_they_were_logged():
    log = fold([contact("C-2", 4), contact("C-1", 2, known=5), contact("C-3", 4)]).contact_log
    assert [each.id for each in log.on(on(9), None)] == ["C-1", "C-2", "C-3"]
    assert [each.id for each in log.on(on(3), None)] == ["C-1"]
    assert [each.id for each in log.on(on(9), at(4)["recorded_at"])] == ["C-2", "C-3"]
    assert fold([]).contact_log.on(on(9), None) == ()


def test_an_action_is_open_with_its_own_day_and_owner():
    assert actions(planned(CALL), planned(WRITE), day=9) == (
        ActionState(CALL, on(5), "ann"),
        ActionState(WRITE, on(5), None),
    )
    assert [each.is_open for each in actions(planned(CALL), day=9)] == [True]
    assert actions(planned(CALL, 3), day=2) == ()


def test_where_it_was_moved_to_last_counts_since_that_day():
    facts = (planned(CALL), planned(WRITE), moved(2, 8, "bob"), moved(4, 9, None), moved(6, 7, "eve", id="A-2"))
    call = [actions(*facts, day=day)[0] for day in (1, 2, 3, 4)]
    assert [(each.due_on, each.owner) for each in call] == [
        (on(5), "ann"),
        (on(8), "bob"),
        (on(8), "bob"),
        (on(9), None),
    ]
    assert actions(*facts, day=9)[1] == ActionState(WRITE, on(7), "eve")
    assert actions(*facts, day=9, known=3)[0] == ActionState(CALL, on(8), "bob")


def test_it_is_over_on_the_day_on_which_it_was_done_or_dropped_and_keeps_its_last_owner():
    facts = (planned(CALL), planned(WRITE), moved(2, 8, "bob"), ended(6, "dropped"))
    before, after = actions(*facts, day=5)[0], actions(*facts, day=6)[0]
    assert (before.status, before.ended_on) == ("open", None)
    assert after == ActionState(CALL, on(8), "bob", "dropped", on(6))
    assert not after.is_open
    assert actions(*facts, day=6)[1].is_open
    assert actions(*facts, day=9, known=5)[0].is_open
