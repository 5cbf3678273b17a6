"""Approval, channels, effects, windows and migration, through the service."""

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from tests.plans.test_charges import Scripted
from tests.service.world import CREDIT, World, day, eur

from receivables import Contact, Customer, DunningPolicy, DunningStep, FixedCalendar, PolicyBook
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.credit import HoldPlaced
from receivables.facts.dunning import NoticeCancelled, NoticeSent
from receivables.plans.delivery import Delivered, may_retry, plan_outcome, plan_sending, retry_from
from receivables.plans.plan import Context
from receivables.policies.fees import FeeRule
from receivables.policies.windows import SendWindow
from receivables.ports import NotSent

BOUNCED = NotSent(reason="unknown address", retry=False)


def policy(*steps, **more):
    return DunningPolicy(id="standard", version=more.pop("version", 1), steps=steps, **more)


def step(name="one", days=5, **more):
    return DunningStep(name=name, days_after_due=days, **more)


def dunned(last, *policies, notifier=None, contacts=(), app=None, **customer):
    world = World(policies=PolicyBook.of(*policies), notifier=notifier, **(app or {}))
    world.at(-30).open(
        contacts=tuple(Contact(purpose="dunning", channel=c, reference=f"{c}-1") for c in contacts), **customer
    )
    world.invoice("INV-1", 100, 0)
    return lived(world, 1, last)


def lived(world, first, last):
    for offset in range(first, last + 1):
        world.at(offset)
        assert not [result.error for result in world.run() if result.error]
        world.deliver()
    return world


def sent(world):
    return [(n.template, n.channel, (n.as_of - day(0)).days) for n in world.notifier.notices]


def reason(world):
    rows = world.app.dunning_plan("ACME", world.today).rows()
    row = next(row for row in rows if row["item"] == "INV-1")
    return row["reason"]


# Approval ---------------------------------------------------------------------------------------------------------

PROPOSES = policy(step(needs_approval=True, fee=FeeRule.flat("f", eur(5))), step("two", 9))


def test_a_proposed_letter_waits_for_a_person_however_long():
    world = dunned(30, PROPOSES)
    (notice,) = world.queued()
    assert (sent(world), reason(world)) == ([], "notice_pending")
    with pytest.raises(InvalidValue):
        world.app.approve_notice("ACME", notice.key, by="dunning", key="a")
    world.app.approve_notice("ACME", notice.key, by="ann", key="a")
    lived(world, 30, 30)
    assert sent(world) == [("one", "email", 5)]
    assert world.app.view("ACME", day(30)).balance("EUR") == eur(105)
    lived(world, 31, 31)
    assert sent(world)[1:] == [("two", "email", 31)]
    with pytest.raises(UnknownId):
        world.app.approve_notice("ACME", notice.key, by="ann", key="again")


def test_a_rejected_letter_charges_nothing_and_its_item_says_why_it_stands():
    world = dunned(6, PROPOSES)
    world.app.reject_notice("ACME", world.queued()[0].key, reason="a friend", by="ann", key="r")
    lived(world, 7, 20)
    assert (sent(world), reason(world)) == ([], "notice_rejected")
    assert world.app.view("ACME", day(20)).balance("EUR") == eur(100)


def test_a_proposed_letter_on_which_nothing_is_open_is_cancelled():
    world = dunned(6, PROPOSES)
    world.settle("INV-1", 100)
    assert [fact.reason for fact in world.facts(NoticeCancelled)] == ["settled"]
    with pytest.raises(UnknownId):
        world.app.approve_notice("ACME", world.queued()[0].key, by="ann", key="a")


def test_an_approved_letter_whose_amount_changed_is_proposed_anew():
    world = dunned(6, PROPOSES)
    world.settle("INV-1", 40)
    world.app.approve_notice("ACME", world.queued()[0].key, by="ann", key="a")
    lived(world, 7, 8)
    assert sent(world) == []
    assert [notice.total for notice in world.queued()] == [eur(100), eur(60)]
    assert world.life(world.queued()[1].key) == ["queued"]
    assert reason(world) == "notice_pending"


def test_letters_that_need_approval_hold_up_nothing_else():
    mixed = policy(step(), step("two", 9, needs_approval=True))
    world = dunned(8, mixed)
    world.invoice("INV-2", 50, 4)
    lived(world, 9, 9)
    assert sent(world) == [("one", "email", 5), ("one", "email", 9)]
    assert len(world.queued()) == 3


# Channels ---------------------------------------------------------------------------------------------------------

CHANNELS = policy(step(fallbacks=("letter", "phone"), fee=FeeRule.flat("f", eur(5))), step("two", 9))


@pytest.mark.parametrize(
    ("contacts", "channel"),
    [((), "email"), (("email",), "email"), (("letter",), "letter"), (("phone", "letter"), "letter"), (("fax",), None)],
)
def test_the_first_channel_on_which_the_customer_can_be_reached_is_taken(contacts, channel):
    world = dunned(5, CHANNELS, contacts=contacts)
    assert sent(world) == ([("one", channel, 5)] if channel else [])
    assert reason(world) == ("step_not_reached" if channel else "no_contact")


def test_a_customer_who_can_be_reached_later_is_dunned_then():
    world = dunned(8, CHANNELS, contacts=("fax",))
    contact = Contact(purpose="dunning", channel="letter", reference="letter-1")
    world.app.change_customer(Customer(id="ACME", contacts=(contact,)), on=day(10), key="c")
    lived(world, 9, 10)
    assert sent(world) == [("one", "letter", 10)]


@pytest.mark.parametrize(("failures", "channel"), [(0, "email"), (1, "letter"), (2, "phone"), (3, None)])
def test_a_letter_that_fails_goes_out_on_the_next_channel_and_is_charged_once(failures, channel):
    world = dunned(7, CHANNELS, notifier=Scripted(*[BOUNCED] * failures))
    assert sent(world) == ([("one", channel, 5)] if channel else [])
    assert world.app.view("ACME", day(7)).balance("EUR") == eur(105 if channel else 100)
    assert reason(world) == ("step_not_reached" if channel else "notice_failed")
    assert len({n.key for n in world.queued()}) == len(world.queued()) == min(failures, 2) + 1


def test_a_fallback_that_was_cancelled_because_the_amount_changed_is_decided_anew():
    world = dunned(4, CHANNELS, notifier=Scripted(BOUNCED))
    world.at(5).run()
    next(world.app.deliver())
    world.settle("INV-1", 40)
    lived(world, 6, 8)
    assert [template for template, _, _ in sent(world)] == ["one"]


def test_an_alert_to_staff_never_goes_out_on_a_channel_of_the_customer():
    """The step has the name of its effect: the alert would be taken for the letter."""
    placed = policy(step("agency", fallbacks=("letter",), effects=frozenset({"agency"})))
    world = World(policies=PolicyBook.of(placed))
    world.at(-30).open(contacts=(Contact(purpose="dunning", channel="email", reference="e"),))
    world.invoice("INV-1", 100, 0)
    world.notifier = Scripted()
    world.restart()
    lived(world, 1, 5)
    world.notifier.answers = [BOUNCED]
    lived(world, 6, 10)
    assert [(n.audience, n.channel) for n in world.queued()] == [("customer", "email"), ("staff", "staff")]


# Effects ----------------------------------------------------------------------------------------------------------


def test_effects_follow_the_letter_that_was_sent_and_end_with_the_item():
    harsh = policy(step(effects=frozenset({"hold", "escalate", "report", "agency"})))
    world = dunned(4, harsh, CREDIT)
    world.limit(1000)
    world.at(5).run()
    assert world.app.view("ACME", day(5)).holds == ()
    world.deliver()
    lived(world, 6, 6)
    assert sorted(n.template for n in world.notifier.notices if n.audience == "staff") == [
        "agency",
        "escalate",
        "report",
    ]
    assert world.order("SO", 10).outcome == "held"
    world.settle("INV-1", "99.99")
    assert len(world.app.view("ACME", day(6)).holds) == 1
    world.settle("INV-1", "0.01")
    assert world.app.view("ACME", day(6)).holds == ()
    assert [order.status for order in world.app.view("ACME", day(6)).orders] == ["reserved"]


def test_a_letter_that_failed_has_no_effects():
    world = dunned(8, policy(step(effects=frozenset({"hold", "escalate"}))), notifier=Scripted(BOUNCED))
    assert world.app.view("ACME", day(8)).holds == ()
    assert [n.audience for n in world.queued()] == ["customer"]


# Unknown outcomes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "found"), [("sent", "step_not_reached"), ("failed", "notice_failed"), ("retry", "notice_pending")]
)
def test_a_person_says_what_became_of_a_letter(outcome, found):
    world = dunned(4, policy(step(), step("two", 30)))
    world.at(5).run()
    list(world.restart(notifier=Scripted(ConnectionError())).deliver())
    key = world.queued()[0].key
    with pytest.raises(InvalidValue):
        world.app.record_outcome("ACME", key, outcome, by=None, key="o")
    world.app.record_outcome("ACME", key, outcome, by="ann", key="o")
    assert reason(world) == found
    with pytest.raises((UnknownId, InvalidValue)):
        world.app.record_outcome("ACME", key, "sent", by="ann", key="p")


# Windows ----------------------------------------------------------------------------------------------------------

ZONES = {name: ZoneInfo(name) for name in ("America/Los_Angeles", "Asia/Tokyo", "UTC")}
WINDOW = SendWindow(opens=dt.time(9), closes=dt.time(17))


def test_the_window_is_that_of_the_zone_in_which_the_customer_is_when_it_is_sent():
    """5 March is a Thursday: 06:00 in London is 15:00 in Tokyo and night in Los Angeles."""
    world = dunned(2, policy(step(days=3), window=WINDOW), zone="America/Los_Angeles", app={"zones": ZONES})
    world.at(3).run()
    (result,) = world.deliver()
    assert (result.outcome, result.detail) == ("waiting", "not before 2026-03-05T17:00:00+00:00")
    world.app.change_customer(Customer(id="ACME", zone="Asia/Tokyo"), on=day(3), key="moved")
    assert [result.outcome for result in world.deliver()] == ["sent"]
    assert sent(world) == [("one", "email", 3)]


def test_a_letter_that_waits_for_its_window_is_guarded_when_it_opens():
    world = dunned(2, policy(step(days=3), window=WINDOW), zone="America/Los_Angeles", app={"zones": ZONES})
    world.at(3).run()
    world.deliver()
    world.settle("INV-1", 100)
    world.at(3, 20)
    assert (world.deliver(), sent(world)) == ([], [])


@pytest.mark.parametrize(
    ("window", "zone"),
    [(WINDOW, "Mars/Olympus"), (attrs.evolve(WINDOW, calendar="none"), "UTC")],
    ids=["an unknown zone", "an unknown calendar"],
)
def test_a_zone_or_calendar_that_nobody_gave_stops_nobody_else(window, zone):
    world = World(policies=PolicyBook.of(policy(step(), window=window)), zones=ZONES)
    world.at(-30)
    world.open("BAD", zone=zone)
    world.open("GOOD", zone="Asia/Tokyo")
    for id in ("BAD", "GOOD"):
        world.invoice(f"I-{id}", 100, -5, id)
    world.at(0)
    if window.calendar:
        world.restart(calendars={}, policies=PolicyBook.of(policy(step(), window=window)))
    assert len(world.run()) == 2
    outcomes = {result.account: result.outcome for result in world.deliver()}
    assert outcomes["BAD"] == "error"
    assert outcomes["GOOD"] == ("error" if window.calendar else "sent")
    calendars = {"none": FixedCalendar(weekend=frozenset({5, 6}), holidays=frozenset())}
    world.restart(calendars=calendars, zones={**ZONES, "Mars/Olympus": dt.timezone(dt.timedelta(hours=4))})
    world.at(0, 7)
    world.deliver()
    assert len(sent(world)) >= 1


# Migration --------------------------------------------------------------------------------------------------------

OLD = policy(step("L1", 5), step("L2", 10), step("L3", 15))
NEW = policy(step("first", 5), step("second", 8), step("third", 20), version=2)
NAMES = (("L1", "first"), ("L2", "second"), ("L3", "third"))


def migrated(world, names=NAMES):
    world.restart(policies=PolicyBook.of(OLD, NEW))
    list(world.app.rewake(world.today))
    world.app.migrate_ladders("ACME", "standard", 2, steps=names, key=f"m{world.today}", by="ann")


@pytest.mark.parametrize(
    ("moved", "letters"),
    [
        (4, [("first", 5), ("second", 8), ("third", 20)]),
        (6, [("L1", 5), ("second", 8), ("third", 20)]),
        (9, [("L1", 5), ("second", 9), ("third", 20)]),
        (11, [("L1", 5), ("L2", 10), ("third", 20)]),
        (16, [("L1", 5), ("L2", 10), ("L3", 15)]),
    ],
)
def test_a_ladder_that_was_moved_sends_nothing_again_and_leaves_nothing_out(moved, letters):
    world = dunned(moved - 1, OLD)
    migrated(world.at(moved))
    lived(world, moved, 40)
    assert [(name, at) for name, _, at in sent(world)] == letters


def test_a_letter_under_way_while_its_ladder_is_moved_is_not_sent_twice():
    world = dunned(9, OLD)
    world.at(10).run()
    migrated(world.at(10, 7), (*NAMES, ("L2", "L2"))[:2])
    world.at(10, 8).deliver()
    assert [name for name, _, _ in sent(world)] == ["L1", "L2"]
    assert reason(world) in ("step_unknown", "step_not_reached")
    migrated_again = world.app.migrate_ladders("ACME", "standard", 2, steps=NAMES, key="again", by="ann")
    assert migrated_again.outcome == "recorded"
    lived(world, 11, 30)
    assert len({(n.claimed[0].item, n.claimed[0].step) for n in world.notifier.notices}) == len(world.notifier.notices)


def test_a_moved_ladder_stays_moved_when_its_next_letter_is_cancelled():
    world = dunned(6, OLD)
    migrated(world.at(7))
    world.at(8).run()
    world.settle("INV-1", 40)
    world.deliver()
    lived(world, 9, 30)
    assert [(name, at) for name, _, at in sent(world)] == [("L1", 5), ("second", 8), ("third", 20)]
    assert len(world.facts(NoticeCancelled)) == 1


def test_a_step_that_is_annulled_after_the_move_is_sent_again_by_the_new_policy():
    world = dunned(11, OLD)
    same = attrs.evolve(OLD, version=2)
    world.restart(policies=PolicyBook.of(OLD, same))
    world.app.migrate_ladders("ACME", "standard", 2, key="m")
    world.at(12).pay("P", 100, on=9)
    made = world.apply("P", "INV-1", 100).ids[0]
    world.app.unapply("ACME", made, key="u")
    lived(world, 13, 30)
    letters = [(n.template, n.claimed[0].policy.version) for n in world.notifier.notices]
    assert letters == [("L1", 1), ("L2", 1), ("retraction", 1), ("L2", 2), ("L3", 2)]


def test_what_was_known_before_a_move_does_not_change_with_it():
    world = dunned(6, OLD)
    before = world.app.view("ACME", day(6), day(5))
    migrated(world.at(7))
    lived(world, 7, 12)
    assert world.app.view("ACME", day(6), day(5)) == before


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        ({"policy": "other"}, "dunning policy"),
        ({"version": 9}, "dunning policy"),
        ({"items": ("NONE",)}, "ladder of item"),
        ({"steps": ()}, "step"),
        ({"steps": (("L1", "gone"),)}, "step"),
    ],
)
def test_a_move_to_what_is_not_there_is_refused_whole(arguments, refused):
    world = dunned(6, OLD)
    world.restart(policies=PolicyBook.of(OLD, NEW))
    before = world.store.facts("ACME")
    command = {"policy": "standard", "version": 2, "steps": NAMES, **arguments}
    with pytest.raises(UnknownId, match=refused):
        world.app.migrate_ladders("ACME", command.pop("policy"), command.pop("version"), key="m", **command)
    assert world.store.facts("ACME") == before


def test_a_version_without_reminders_leaves_those_of_a_pinned_ladder_in_place():
    """The book has gone on; the item finishes on its own version, before its due date too, and on time after it."""
    reminded = policy(step("a", -5), step("b", -1), step("c", 2))
    world = World(policies=PolicyBook.of(reminded))
    world.at(-30).open()
    world.invoice("INV-1", 100, 0)
    lived(world, -10, -4)
    world.restart(policies=PolicyBook.of(reminded, policy(step("late", 30), version=2)))
    list(world.app.rewake(world.today))
    lived(world, -3, 10)
    assert [(name, at) for name, _, at in sent(world)] == [("a", -5), ("b", -1), ("c", 2)]
    assert [fact.effective_on for fact in world.facts(NoticeSent)] == [day(-5), day(-1), day(2)]


def test_a_hold_that_ended_with_a_payment_is_placed_again_when_the_money_goes_back_each_time():
    harsh = policy(step(effects=frozenset({"hold"})))
    world = dunned(6, harsh, CREDIT)
    world.limit(1000)
    (first,) = [hold.id for hold in world.app.view("ACME", day(6)).holds]
    for number in (1, 2):
        world.pay(f"P-{number}", 100, method="direct_debit")
        world.apply(f"P-{number}", "INV-1", 100)
        assert world.app.view("ACME", day(6)).holds == ()
        world.app.return_payment("ACME", f"P-{number}", "returned", "AM04", on=day(6), key=f"back {number}")
        assert [hold.id for hold in world.app.view("ACME", day(6)).holds] == [f"{first} again {number}"]
        assert world.order(f"SO-{number}", 10).outcome == "held"
    (again,) = world.app.view("ACME", day(6)).holds
    assert (again.until_settled, again.placed_on, again.stops) == ("INV-1", day(6), frozenset({"credit"}))


def test_a_hold_that_a_person_lifted_is_not_placed_again_when_money_goes_back():
    world = dunned(6, policy(step(effects=frozenset({"hold"}))))
    (hold,) = world.app.view("ACME", day(6)).holds
    world.app.release_hold("ACME", hold.id, on=day(6), by="ann", key="lift")
    world.pay("P", 100, method="direct_debit")
    world.apply("P", "INV-1", 100)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(6), key="back")
    assert world.app.view("ACME", day(6)).holds == ()


def test_a_hold_that_was_placed_again_can_be_lifted_by_a_person_and_does_not_come_back():
    world = dunned(6, policy(step(effects=frozenset({"hold"}))))
    settled_and_back(world, 1)
    (hold,) = world.app.view("ACME", day(6)).holds
    world.app.release_hold("ACME", hold.id, on=day(6), by="ann", key="lift")
    assert world.app.view("ACME", day(6)).holds == ()
    world.run(all_accounts=True)
    settled_and_back(world, 2)
    assert world.app.view("ACME", day(6)).holds == ()


def settled_and_back(world, number):
    world.pay(f"P-{number}", 100, method="direct_debit")
    world.apply(f"P-{number}", "INV-1", 100)
    world.app.return_payment("ACME", f"P-{number}", "returned", "AM04", on=day(6), key=f"back {number}")


def test_each_of_two_holds_that_persons_named_alike_is_placed_again():
    world = dunned(1, policy(step(days=90)))
    world.hold("call again on Monday", until_settled="INV-1")
    world.hold("call again on Friday", until_settled="INV-1", kind="hardship")
    settled_and_back(world.at(6), 1)
    again = [hold.id for hold in world.app.view("ACME", day(6)).holds]
    assert again == ["call again on Monday again 1", "call again on Friday again 1"]


# What the plans themselves say ------------------------------------------------------------------------------------


RETRIED = policy(step(most_attempts=3, retry_minutes=(30, 90), effects=frozenset({"hold"})), step("two", 30))
BUSY = NotSent(reason="busy", retry=True)


def queued(policy=RETRIED, **more):
    """The account, its letter that waits, and what a plan may look at."""
    world = dunned(4, policy, **more)
    world.at(5).run()
    return world, world.queued()[0]


def looked_at(world):
    context = Context(policies=world.policies, now=world.clock.instant, today=world.today)
    return world.app.account("ACME"), context


@pytest.mark.parametrize(
    ("deed", "outcome", "of"),
    [
        (lambda world: None, "sending", "notice"),
        (lambda world: world.hold("H", stops=frozenset({"contact"})), "waiting", "H"),
        (lambda world: world.invoice("INV-9", 5, 90), "sending", "notice"),
        (lambda world: world.settle("INV-1", 40), "cancelled", "notice"),
    ],
)
def test_a_plan_to_send_names_the_letter_or_the_hold_for_which_it_waits(deed, outcome, of):
    world, notice = queued()
    deed(world)
    account, context = looked_at(world)
    planned = plan_sending(account, notice, "queued", world.today, context)
    assert (planned.outcome, planned.ids) == (outcome, (notice.key if of == "notice" else of,))


def test_a_letter_that_may_be_out_and_is_not_right_any_more_waits_for_a_person_and_says_why():
    world, notice = queued()
    world.settle("INV-1", 40)
    account, context = looked_at(world)
    planned = plan_sending(account, notice, "sending", world.today, context)
    assert (planned.outcome, planned.facts) == ("waiting", ())
    assert [reason.code for reason in planned.reasons] == ["changed"]


@pytest.mark.parametrize(
    ("accepted", "retry", "outcome"),
    [(True, False, "sent"), (False, True, "to be tried again"), (False, False, "failed")],
)
@pytest.mark.parametrize("by", [None, "ann"])
def test_what_became_of_a_letter_is_recorded_by_whoever_says_so(accepted, retry, outcome, by):
    world, notice = queued()
    account, context = looked_at(world)
    said = Delivered(accepted=accepted, detail="word", retry=retry, by=by)
    planned = plan_outcome(account, notice, said, world.today, context)
    assert (planned.outcome, planned.ids) == (outcome, (notice.key,))
    first = planned.facts[0]
    assert (first.notice, first.by, first.effective_on) == (notice.key, by, world.today)
    assert (first.receipt if accepted else first.reason) == "word"
    assert [type(fact) for fact in planned.facts[1:]] == ([HoldPlaced] if accepted else [])


def test_after_each_attempt_that_failed_a_letter_waits_as_its_step_says():
    world, notice = queued(notifier=Scripted(BUSY, BUSY))
    assert retry_from(world.app.account("ACME"), notice, world.policies) is None
    waits = []
    for hour in (7, 9):
        world.at(5, hour).deliver()
        waits.append(retry_from(world.app.account("ACME"), notice, world.policies) - world.clock.instant)
    assert waits == [dt.timedelta(minutes=30), dt.timedelta(minutes=90)]
    world.at(5, 11).deliver()
    assert retry_from(world.app.account("ACME"), notice, world.policies) is None


def test_a_letter_whose_step_is_gone_waits_for_nothing_and_is_tried_as_often_as_the_channel_asks():
    world, notice = queued(notifier=Scripted(BUSY))
    world.at(5, 7).deliver()
    account = world.app.account("ACME")
    gone = PolicyBook.of(policy(step("other", 5), step("two", 30)))
    renamed = PolicyBook.of(policy(step("one", 5, template="other", retry_minutes=(30,), most_attempts=1)))
    for book in (gone, renamed, PolicyBook.of()):
        assert retry_from(account, notice, book) is None
        assert may_retry(account, notice, book)
    assert not may_retry(account, notice, PolicyBook.of(policy(step("one", 5, most_attempts=1))))
    assert may_retry(account, notice, PolicyBook.of(policy(step("one", 5, most_attempts=2))))
    world.notifier = Scripted()
    world.restart(policies=gone)
    assert [result.outcome for result in world.deliver()] == ["sent"]


def test_staff_is_told_of_a_step_without_what_the_letter_claims_or_brings_about():
    world = dunned(5, policy(step(effects=frozenset({"escalate", "hold"}), fee=FeeRule.flat("f", eur(5)))))
    letter, alert = world.queued()
    assert [(line.effects, len(line.charges)) for line in letter.lines] == [(("escalate", "hold"), 1)]
    assert [(line.effects, line.charges) for line in alert.lines] == [((), ())]
    assert (alert.template, alert.audience, alert.channel, alert.recipient) == ("escalate", "staff", "staff", None)
