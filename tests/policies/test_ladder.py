"""The longer ladder, feature by feature and day by day; days count from the due date, a Wednesday."""

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from tests.policies.test_dunning import DUE, account, after, eur, held, invoice, noticed

from receivables import Customer, DunningPolicy, DunningStep, FixedCalendar, Money, fold
from receivables.documents.charge import Charge
from receivables.errors import InvalidValue, ReceivablesError, UnknownId, WrongType
from receivables.facts.charge import ChargeRaised
from receivables.facts.customer import CustomerChanged
from receivables.policies.conditions import AccountCondition
from receivables.policies.dunning import plan_dunning
from receivables.policies.windows import SendWindow

NOW = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)


def step(name="first", days=7, **more):
    return DunningStep(name=name, days_after_due=days, **more)


def policy(*steps, **more):
    return DunningPolicy(id="standard", version=1, steps=steps or (step(),), **more)


def rows(found, days, plan):
    return plan.plan(found.view(after(days))).rows()


def reason(found, days, plan):
    return rows(found, days, plan)[0]["reason"]


def first_day(found, plan, start=-30, end=200):
    """The first day on which a step is due, and that the plan never says to look later than that."""
    looks = []
    for days in range(start, end):
        planned = plan.plan(found.view(after(days)))
        looks.append(planned.look_on)
        if planned.included:
            assert all(look is not None and look <= after(days) for look in looks)
            return days
    return None


def sent(days, name="first", **more):
    return noticed(account(), days, name, **more)


# Triggers ---------------------------------------------------------------------------------------------------------
# The invoice is of 30 days before the due date, 4 February 2026.


@pytest.mark.parametrize(
    ("only", "more", "day"),
    [
        (step(days=1), {}, 1),
        (step(days=7), {}, 7),
        (step(days=7), {"exclusive": True}, 8),
        (step(days=7), {"grace_days": 3}, 10),
        (step(days=7), {"grace_days": 3, "exclusive": True}, 11),
        (step(days=-5), {"grace_days": 3, "exclusive": True}, -5),
        (step(days=0), {}, 0),
        (DunningStep(name="first", days_after_invoice=45), {}, 15),
        (DunningStep(name="first", days_after_invoice=45), {"grace_days": 2}, 17),
        (DunningStep(name="first", days_after_invoice=10), {}, 1),
        (DunningStep(name="first", days_after_invoice=0), {}, 1),
        (step(days=1, month_end=True), {}, 24),
        (step(days=24, month_end=True), {}, 24),
        (step(days=25, month_end=True), {}, 55),
        (step(days=1, month_end=True), {"exclusive": True}, 25),
        (step(days=0, month_end=True), {}, 24),
        (step(days=-10, month_end=True), {}, 1),
    ],
)
def test_the_first_step_is_reached_on_its_day(only, more, day):
    assert first_day(account(), policy(only, **more)) == day


@pytest.mark.parametrize(
    ("second", "more", "day"),
    [
        (DunningStep(name="second", days_after_notice=10), {}, 19),
        (DunningStep(name="second", days_after_notice=0), {}, 9),
        (DunningStep(name="second", days_after_notice=10), {"exclusive": True, "grace_days": 1}, 21),
        (DunningStep(name="second", days_after_notice=3), {"minimum_gap_days": 8}, 17),
        (DunningStep(name="second", days_after_notice=1, month_end=True), {}, 24),
        (DunningStep(name="second", days_after_pay_by=4), {}, 13),
        (DunningStep(name="second", days_after_invoice=60), {}, 30),
        (step("second", 20), {}, 20),
        (step("second", 8), {}, 9),
        (step("second", 8), {"minimum_gap_days": 3}, 12),
    ],
)
def test_the_second_step_is_reached_on_its_day_after_a_letter_of_the_ninth(second, more, day):
    assert first_day(sent(9), policy(step(), second, **more), start=9) == day


def test_the_day_that_a_letter_asked_to_be_paid_by_counts_where_it_gave_one():
    both = policy(step(), DunningStep(name="second", days_after_pay_by=2))
    letter = sent(9)
    (entry,) = letter.dunning.notices
    line = attrs.evolve(entry.notice.lines[0], pay_by=after(23))
    dated = attrs.evolve(entry, notice=attrs.evolve(entry.notice, lines=(line,)))
    found = attrs.evolve(letter, dunning=attrs.evolve(letter.dunning, notices=(dated,)))
    assert first_day(found, both, start=9) == 25


# Reminders --------------------------------------------------------------------------------------------------------

REMINDED = policy(step("early", -10), step("late", -2), step("first", 7))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-11, ("not_due", None)),
        (-10, ("step_due", "early")),
        (-3, ("step_due", "early")),
        (0, ("step_due", "early")),
        (1, ("step_not_reached", None)),
        (7, ("step_due", "first")),
    ],
)
def test_a_reminder_goes_out_up_to_the_due_date_and_is_then_passed_over(days, said):
    (row,) = rows(account(), days, REMINDED)
    assert (row["reason"], row["step"]) == said


def test_reminders_follow_each_other_and_the_first_step_follows_them():
    assert first_day(sent(-10, "early"), REMINDED, start=-10) == -2
    assert first_day(sent(-2, "late"), REMINDED, start=-2) == 7
    assert first_day(sent(-2, "late"), attrs.evolve(REMINDED, minimum_gap_days=12), start=-2) == 10


def test_after_its_last_reminder_an_item_that_is_not_due_wakes_nobody():
    only = policy(step("early", -10))
    plan = plan_dunning(sent(-10, "early").view(after(-3)), only, lambda id, version: only)
    assert ([row["reason"] for row in plan.rows()], plan.look_on) == (["not_due"], None)


@pytest.mark.parametrize("trigger", ["days_after_notice", "days_after_pay_by"])
def test_a_step_that_counts_from_a_reminder_that_never_went_out_counts_from_the_due_date(trigger):
    follows = policy(step("early", -10), step("nearly", -1), DunningStep(name="first", **{trigger: 15}))
    assert first_day(account(), follows, start=1) == 15
    assert reason(account(), 14, follows) == "step_not_reached"
    assert first_day(sent(-10, "early"), follows, start=1) == 5


@pytest.mark.parametrize(("until", "day"), [(-12, -10), (-5, -4), (0, 7), (9, 10)])
def test_a_hold_that_ends_after_the_due_date_passes_the_reminders_over(until, day):
    found = held(account(), until=after(until)) if until >= -3 else account()
    if until >= -3:
        assert first_day(found, REMINDED, start=-3) == day


# Repeats ----------------------------------------------------------------------------------------------------------

REPEATED = policy(step(), repeat_last_days=10, repeat_most=2)


@pytest.mark.parametrize(("times", "day"), [(1, 19), (2, 19), (3, None)])
def test_the_last_step_is_sent_again_at_its_distance_as_often_as_told(times, day):
    letter = sent(9)
    (entry,) = letter.dunning.notices
    line = attrs.evolve(entry.notice.lines[0], times=times)
    again = attrs.evolve(entry, notice=attrs.evolve(entry.notice, lines=(line,)))
    found = attrs.evolve(letter, dunning=attrs.evolve(letter.dunning, notices=(again,)))
    assert first_day(found, REPEATED, start=9) == day
    if day is None:
        assert reason(found, 100, REPEATED) == "ladder_finished"


# The account as a whole -------------------------------------------------------------------------------------------


def asks(**more):
    return policy(step(condition=AccountCondition(**more)))


@pytest.mark.parametrize(
    ("condition", "day"),
    [
        ({}, 7),
        ({"least_items": 1}, 7),
        ({"least_items": 2}, 11),
        ({"least_items": 3}, None),
        ({"least_overdue": (eur(100),)}, 7),
        ({"least_overdue": (eur("100.01"),)}, 11),
        ({"least_overdue": (Money.of(1, "JPY"), eur(200))}, 11),
        ({"least_overdue": (Money.of(1, "USD"),)}, None),
        ({"least_days": 12}, 12),
        ({"least_days": 3}, 7),
        ({"tags": frozenset({"vip"})}, None),
    ],
)
def test_a_step_waits_for_the_account(condition, day):
    found = account(invoice("I"), invoice("J", due=after(10)))
    assert first_day(found, asks(**condition)) == day
    if day is None:
        assert reason(found, 100, asks(**condition)) == "account_condition"


def test_tags_are_those_of_the_day():
    changed = CustomerChanged(
        customer=Customer(id="A", tags=frozenset({"vip", "x"})), effective_on=after(9), recorded_at=NOW
    )
    assert first_day(fold([changed], account()), asks(tags=frozenset({"vip"})), start=9) == 9


def test_fees_and_items_without_a_date_are_not_overdue_items():
    charge = Charge(id="I/first/fee", item="I", document="I", kind="fee", amount=eur(500), because="late")
    raised = ChargeRaised(charge=charge, effective_on=after(1), recorded_at=NOW)
    found = fold([raised], account(invoice("I"), invoice("W", due=None)))
    for condition in ({"least_items": 2}, {"least_overdue": (eur(150),)}, {"least_days": 20}):
        reasons = {row["item"]: row["reason"] for row in rows(found, 15, asks(**condition))}
        assert reasons["I"] == "account_condition"


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({"contact_gap_days": 5}, 14),
        ({"contact_gap_days": 20}, 29),
        ({"contact_cap": 1}, 39),
        ({"contact_cap": 1, "contact_window_days": 8}, 17),
        ({"contact_cap": 2}, 10),
        ({"contact_cap": 1, "contact_window_days": 8, "contact_gap_days": 12}, 21),
    ],
)
def test_a_customer_who_had_a_letter_on_the_ninth_is_left_alone(more, day):
    """The other item is due three days later: its own step is reached on the tenth."""
    found = noticed(account(invoice("I"), invoice("J", due=after(3))), 9)
    assert first_day(found, policy(**more), start=9) == day


@pytest.mark.parametrize("status", ["cancelled", "failed"])
def test_a_letter_that_did_not_go_out_is_no_contact(status):
    found = noticed(account(invoice("I"), invoice("J", due=after(3))), 9, status=status)
    planned = {row["item"]: row["reason"] for row in rows(found, 10, policy(contact_cap=1))}
    assert planned["J"] == "step_due"


# Versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", range(-9, 12))
def test_an_item_that_began_before_its_due_date_is_looked_at_by_its_own_version(days):
    """Even where the policy of today has no reminders and a later first step, or there is none at all."""
    pinned = attrs.evolve(REMINDED, steps=(step("early", -10), step("late", -2), step("first", 2)))
    found = sent(-10, "early")
    for own in (attrs.evolve(policy(step("first", 30)), version=2), None):
        planned = plan_dunning(found.view(after(days)), own, lambda id, version: pinned)
        (row,) = planned.rows()
        assert row["step"] == (
            {True: "late", False: None}[-2 <= days <= 0] if days <= 0 else "first" if days >= 2 else None
        )
        assert planned.look_on is not None
        assert planned.look_on <= after(max(days, -2 if days <= 0 else 2))


# What is refused --------------------------------------------------------------------------------------------------

BAD_STEPS = {
    "no trigger": {"days_after_due": None},
    "two triggers": {"days_after_notice": 3},
    "a trigger of half a day": {"days_after_due": 1.5},
    "true for a day": {"days_after_due": True},
    "a notice before the notice": {"days_after_due": None, "days_after_notice": -1},
    "a day before the invoice": {"days_after_due": None, "days_after_invoice": -1},
    "an empty name": {"name": " "},
    "an empty channel": {"channel": ""},
    "a list of channels": {"fallbacks": ["letter"]},
    "a channel that is no text": {"fallbacks": (1,)},
    "time to pay below zero": {"pay_within_days": -1},
    "an unknown effect": {"effects": frozenset({"sue"})},
    "a set of effects": {"effects": {"hold"}},
    "a fee that is an amount": {"fee": eur(5)},
    "interest that is a text": {"claims_interest": "yes"},
    "a condition that is a number": {"condition": 3},
    "approval that is a number": {"needs_approval": 1},
}


@pytest.mark.parametrize("bad", BAD_STEPS)
def test_a_step_that_cannot_be_is_refused(bad):
    with pytest.raises((InvalidValue, WrongType)):
        DunningStep(**{"name": "first", "days_after_due": 7, **BAD_STEPS[bad]})


BAD_POLICIES = {
    "no steps": {"steps": ()},
    "a list of steps": {"steps": [step()]},
    "two steps of one name": {"steps": (step(), step(days=8))},
    "steps that are not later": {"steps": (step(), step("second", 7))},
    "a first step after a notice": {"steps": (DunningStep(name="x", days_after_notice=1),)},
    "a first step after a day to pay": {"steps": (DunningStep(name="x", days_after_pay_by=1),)},
    "interest without terms": {"steps": (step(claims_interest=True),)},
    "interest that is a rate": {"interest": 9},
    "repeats without a distance": {"repeat_most": 1},
    "a distance without repeats": {"repeat_last_days": 1},
    "a distance of nothing": {"repeat_most": 1, "repeat_last_days": 0},
    "a gap below zero": {"minimum_gap_days": -1},
    "grace below zero": {"grace_days": -1},
    "a cap of nothing": {"contact_cap": 0},
    "a window of no days": {"contact_window_days": 0},
    "contacts below zero": {"contact_gap_days": -1},
    "a minimum for a currency twice": {"minimums": (eur(1), eur(2))},
    "a window that is a pair": {"window": (9, 17)},
    "exclusive that is a number": {"exclusive": 1},
    "version zero": {"version": 0},
    "an empty id": {"id": ""},
}


@pytest.mark.parametrize("bad", BAD_POLICIES)
def test_a_policy_that_cannot_be_is_refused(bad):
    with pytest.raises((InvalidValue, WrongType)):
        DunningPolicy(**{"id": "standard", "version": 1, "steps": (step(),), **BAD_POLICIES[bad]})


@pytest.mark.parametrize(
    "bad",
    [
        {"least_items": -1},
        {"least_days": "1"},
        {"least_overdue": eur(1)},
        {"least_overdue": (1,)},
        {"tags": {"vip"}},
    ],
)
def test_a_condition_that_cannot_be_is_refused(bad):
    with pytest.raises((InvalidValue, WrongType)):
        AccountCondition(**bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"opens": dt.time(17)},
        {"opens": "09:00"},
        {"opens": dt.time(9, tzinfo=dt.UTC)},
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"weekdays": {1}},
        {"calendar": ""},
    ],
)
def test_a_window_that_cannot_be_is_refused(bad):
    with pytest.raises((InvalidValue, WrongType)):
        SendWindow(**{"opens": dt.time(9), "closes": dt.time(17), **bad})


# Windows ----------------------------------------------------------------------------------------------------------

ALWAYS = frozenset(range(7))


def opening(zone, instant, opens, closes, **more):
    window = SendWindow(opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes), **more)
    start = dt.datetime.fromisoformat(instant)
    found = window.next_opening(start, ZoneInfo(zone))
    assert found >= start
    assert window.next_opening(found, ZoneInfo(zone)) == found
    return found.isoformat()[:16]


@pytest.mark.parametrize(
    ("zone", "instant", "opens", "closes", "found"),
    [
        # Los Angeles, 8 March 2026: 02:00 to 03:00 is missing.
        ("America/Los_Angeles", "2026-03-08T09:00+00:00", "02:30", "17:00", "2026-03-08T10:30"),
        ("America/Los_Angeles", "2026-03-08T09:00+00:00", "02:00", "02:30", "2026-03-08T10:00"),
        ("America/Los_Angeles", "2026-03-08T10:15+00:00", "02:00", "02:30", "2026-03-08T10:15"),
        ("America/Los_Angeles", "2026-03-08T10:30+00:00", "02:00", "02:30", "2026-03-09T09:00"),
        ("America/Los_Angeles", "2026-03-08T09:45+00:00", "01:00", "02:30", "2026-03-08T09:45"),
        ("America/Los_Angeles", "2026-03-08T10:00+00:00", "01:00", "02:00", "2026-03-09T08:00"),
        # 1 November 2026: 01:00 to 02:00 is there twice.
        ("America/Los_Angeles", "2026-11-01T07:00+00:00", "01:30", "17:00", "2026-11-01T08:30"),
        ("America/Los_Angeles", "2026-11-01T09:15+00:00", "00:30", "01:30", "2026-11-01T09:15"),
        ("America/Los_Angeles", "2026-11-01T09:30+00:00", "00:30", "01:30", "2026-11-02T08:30"),
        ("America/Los_Angeles", "2026-03-08T09:00+00:00", "02:00", "03:00", "2026-03-09T09:00"),
        # Lord Howe moves by half an hour: 4 October 2026, 02:00 to 02:30 is missing.
        ("Australia/Lord_Howe", "2026-10-03T15:00+00:00", "02:15", "09:00", "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-10-03T15:00+00:00", "02:00", "02:30", "2026-10-04T15:00"),
        ("Australia/Lord_Howe", "2026-04-04T14:00+00:00", "01:45", "09:00", "2026-04-04T14:45"),
        # Sao Paulo, 4 November 2018: the day begins at 01:00; 17 February 2018: 23:00 is there twice.
        ("America/Sao_Paulo", "2018-11-04T02:00+00:00", "00:00", "09:00", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-11-04T02:59+00:00", "00:00", "00:30", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-02-18T01:40+00:00", "22:00", "23:59", "2018-02-18T01:40"),
        ("America/Sao_Paulo", "2018-02-18T02:58+00:00", "22:00", "23:59", "2018-02-18T02:58"),
        ("America/Sao_Paulo", "2018-02-18T02:59+00:00", "22:00", "23:59", "2018-02-19T01:00"),
        # A customer whose day is another one than the creditor's.
        ("Pacific/Kiritimati", "2026-03-02T11:00+00:00", "09:00", "17:00", "2026-03-02T19:00"),
    ],
)
def test_an_hour_that_is_missing_or_double_opens_and_closes_the_window_once(zone, instant, opens, closes, found):
    assert opening(zone, instant, opens, closes, weekdays=ALWAYS) == found


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tokyo"])
@pytest.mark.parametrize(("opens", "closes"), [("02:00", "02:30"), ("01:45", "02:15"), ("00:00", "23:59")])
def test_every_day_of_a_year_has_one_window_and_what_it_gives_is_open(zone, opens, closes):
    start = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
    openings = {
        opening(zone, (start + dt.timedelta(hours=h)).isoformat(), opens, closes, weekdays=ALWAYS)[:10]
        for h in range(0, 24 * 366, 5)
    }
    assert len(openings) >= 364


def test_a_closed_day_of_the_calendar_is_passed_over_and_a_calendar_that_is_missing_is_said():
    window = SendWindow(opens=dt.time(9), closes=dt.time(17), calendar="de")
    friday = dt.datetime(2026, 4, 3, 10, tzinfo=dt.UTC)
    closed = FixedCalendar(weekend=frozenset({5, 6}), holidays=frozenset({dt.date(2026, 4, 3), dt.date(2026, 4, 6)}))
    assert window.next_opening(friday, dt.UTC, {"de": closed}) == dt.datetime(2026, 4, 7, 9, tzinfo=dt.UTC)
    with pytest.raises(UnknownId, match="calendar"):
        window.next_opening(friday, dt.UTC)

    class Never:
        def is_business_day(self, day):
            return False

    with pytest.raises(InvalidValue, match="400 days"):
        window.next_opening(friday, dt.UTC, {"de": Never()})
    with pytest.raises(ReceivablesError):
        window.next_opening(friday.replace(tzinfo=None), dt.UTC)


def test_the_due_date_of_these_tests_is_the_fourth_of_february():
    assert dt.date(2026, 2, 4) == DUE
