"""Contacts and what is next: logged with their links, woken for, told once, over once."""

import attrs
import pytest
from tests.service.world import BOOK, LADDER, World, day

from receivables.codec import digest
from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.errors import CardNumberRefused, ClaimTaken, InvalidValue, UnknownId
from receivables.reports.portfolio import agenda
from receivables.state.contact_log import LIFE


@pytest.fixture
def world():
    world = World()
    world.open()
    world.invoice("INV-1", "100", 20)
    return world


def contact(id="C-1", outcome="reached", on=0, **more):
    return LoggedContact(id=id, account="ACME", on=day(on), channel="phone", outcome=outcome, **more)


def action(id="A-1", due=5, planned=0, **more):
    return NextAction(id=id, account="ACME", kind="callback", planned_on=day(planned), due_on=day(due), **more)


def log(world, logged, **more):
    return world.app.log_contact(logged, key=f"log {logged.id}", by="ann", **more)


def states(world, on=0):
    return [(s.action.id, s.status, s.due_on, s.owner) for s in world.app.view("ACME", day(on)).actions]


def alerts(world):
    return [notice.lines[0].step for notice in world.queued() if notice.template == "action_due"]


def test_a_contact_is_logged_with_what_is_next(world):
    receipt = log(world, contact(items=("INV-1",)), next_action=action(contact="C-1", owner="ann"))
    assert (receipt.outcome, receipt.ids) == ("logged", ("C-1", "A-1"))
    view = world.app.view("ACME", day(0))
    assert [each.id for each in view.contacts] == ["C-1"]
    assert states(world) == [("A-1", "open", day(5), "ann")]


def test_a_contact_that_ended_in_a_promise_names_it(world):
    world.promise("PTP-1", "INV-1", 100, 9)
    log(world, contact(outcome="promised", promise="PTP-1"))
    with pytest.raises(UnknownId):
        log(world, contact("C-2", outcome="promised", promise="PTP-9"))
    with pytest.raises(UnknownId):
        log(world, contact("C-3", outcome="disputed", dispute="D-9"))


@pytest.mark.parametrize(
    "more", [{"outcome": "promised"}, {"promise": "PTP-1"}, {"outcome": "disputed", "promise": "P"}]
)
def test_a_link_without_its_outcome_or_an_outcome_without_its_link_is_refused(more):
    with pytest.raises(InvalidValue):
        contact(**more)


def test_an_action_wakes_the_account_on_its_day_and_tells_staff_once(world):
    world.app.plan_action(action(due=9), key="plan", by="ann")
    assert "ACME" not in world.store.due(day(8), "", 10)
    assert "ACME" in world.store.due(day(9), "", 10)
    world.at(8).run()
    assert alerts(world) == []
    world.at(9).run()
    world.run()
    world.at(10).run()
    assert alerts(world) == [f"A-1/{day(9)}"]


def test_an_account_without_items_wakes_for_an_action_too():
    world = World()
    world.open()
    world.app.plan_action(action(due=3), key="plan", by="ann")
    assert "ACME" in world.store.due(day(3), "", 10)
    world.app.end_action("ACME", "A-1", on=day(0), key="end", by="ann")
    assert "ACME" not in world.store.due(day(100), "", 10)


def test_an_alert_that_waits_is_taken_back_when_the_action_is_done(world):
    world.app.plan_action(action(due=1), key="plan", by="ann")
    world.at(1).run()
    (key,) = [notice.key for notice in world.queued() if notice.template == "action_due"]
    world.app.end_action("ACME", "A-1", on=day(1), key="end", by="ann")
    assert world.life(key) == ["queued", "cancelled"]


def test_an_action_stands_on_the_agenda_until_it_is_done(world):
    world.app.plan_action(action(due=2), key="plan", by="ann")

    def shown(on):
        return [line.days for line in agenda([world.app.view("ACME", day(on))], BOOK).lines]

    assert [shown(on) for on in (1, 2, 30)] == [[], [0], [28]]
    world.at(40).app.log_contact(contact("C-2", on=40), does="A-1", key="log", by="ann")
    assert [shown(on) for on in (30, 39, 40)] == [[28], [37], []]


def test_a_moved_action_has_its_new_day_and_owner_from_then_on(world):
    world.app.plan_action(action(due=2, owner="ann"), key="plan", by="ann")
    world.at(1).app.move_action("ACME", "A-1", day(7), owner="bob", key="move", by="ann")
    assert states(world, 0) == [("A-1", "open", day(2), "ann")]
    assert states(world, 1) == [("A-1", "open", day(7), "bob")]


def test_an_action_is_over_once(world):
    world.app.plan_action(action(), key="plan", by="ann")
    world.app.end_action("ACME", "A-1", on=day(0), outcome="dropped", key="end", by="ann")
    assert states(world) == [("A-1", "dropped", day(5), None)]
    assert LIFE["dropped"] == frozenset()
    for again in (
        lambda: world.app.end_action("ACME", "A-1", on=day(0), key="end again", by="ann"),
        lambda: world.app.move_action("ACME", "A-1", day(9), key="move", by="ann"),
        lambda: log(world, contact(), does="A-1"),
    ):
        with pytest.raises(UnknownId):
            again()


@pytest.mark.parametrize(
    ("logged", "more", "error"),
    [
        (contact(on=1), {}, InvalidValue),
        (contact(items=("INV-9",)), {}, UnknownId),
        (contact(), {"does": "A-9"}, UnknownId),
        (contact(), {"next_action": action(contact="C-9")}, InvalidValue),
        (contact(), {"next_action": action(planned=1)}, InvalidValue),
        (contact(), {"next_action": attrs.evolve(action(), account="BETA")}, InvalidValue),
    ],
)
def test_a_contact_that_cannot_be_is_refused_and_leaves_nothing(world, logged, more, error):
    before = len(world.store.facts("ACME"))
    with pytest.raises(error):
        log(world, logged, **more)
    assert len(world.store.facts("ACME")) == before


def test_an_id_is_used_once(world):
    log(world, contact(), next_action=action())
    with pytest.raises(ClaimTaken):
        world.app.log_contact(contact(), key="other", by="ann")
    with pytest.raises(ClaimTaken):
        world.app.plan_action(action(), key="other", by="ann")


def test_a_note_holds_no_card_number_and_is_in_no_digest():
    with pytest.raises(CardNumberRefused):
        contact(note="4111 1111 1111 1111")
    assert digest(contact(note="she sounded ill")) == digest(contact(note="fine"))
    assert "ill" not in repr(contact(note="she sounded ill"))


def capped(**more):
    policy = attrs.evolve(LADDER, contact_cap=1, contact_window_days=7, **more)
    policies = tuple(policy if each is LADDER else each for each in BOOK.policies)
    world = World(policies=attrs.evolve(BOOK, policies=policies))
    world.open()
    world.invoice("INV-1", "100", 0)
    return world


@pytest.mark.parametrize(
    ("counts", "more", "letters"),
    [
        (False, {}, 1),
        (True, {}, 0),
        (True, {"inbound": True}, 1),
        (True, {"outcome": "wrong_number"}, 1),
    ],
)
def test_contacts_count_towards_the_cap_of_letters_only_where_the_policy_says_so(counts, more, letters):
    world = capped(contacts_count=counts).at(6)
    log(world, contact(on=6, **more))
    world.at(7).run()
    assert len(world.queued()) == letters
    world.at(13).run()
    assert len(world.queued()) == 1  # the window is over


def test_a_merged_customer_keeps_what_was_said(world):
    world.open("BETA")
    beta = LoggedContact(id="C-B", account="BETA", on=day(0), channel="visit", outcome="refused")
    world.app.log_contact(beta, key="beta", by="ann")
    log(world, contact())
    world.app.merge_accounts("ACME", "BETA", reason="one", by="ann", approver="bob", key="merge")
    assert {each.id for each in world.app.view("ACME", day(0)).contacts} == {"C-1", "C-B"}


def test_an_action_may_name_a_contact_that_was_logged_and_no_other(world):
    log(world, contact())
    with pytest.raises(UnknownId, match="contact: 'C-9'"):
        world.app.plan_action(action(contact="C-9"), key="plan")
    assert world.app.plan_action(action(contact="C-1"), key="plan").outcome == "planned"


def test_an_action_is_not_moved_to_a_day_that_is_over(world):
    world.app.plan_action(action(), key="plan")
    world.at(3)
    with pytest.raises(InvalidValue, match="must not be before today, 2026-03-05"):
        world.app.move_action("ACME", "A-1", due_on=day(2), key="move")
    world.app.move_action("ACME", "A-1", due_on=day(3), key="move")
    assert states(world, 3) == [("A-1", "open", day(3), None)]


def test_an_action_is_not_done_before_it_was_planned(world):
    world.at(3).app.plan_action(action(planned=2), key="plan")
    with pytest.raises(InvalidValue, match="must not be before 2026-03-04"):
        log(world, contact(on=1), does="A-1")
    log(world, contact(on=2), does="A-1")
    assert states(world, 3)[0][1] == "done"
