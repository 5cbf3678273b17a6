"""S22: time zones, send windows and the hour that does not exist.

Due dates are dates in the creditor's zone; letters go out in the hours of the customer's. When a job runs is the host's
business: what is checked is that it does its work once, whatever the clocks do.
"""

import datetime as dt

import pytest

from receivables import (
    Customer,
    DunningPolicy,
    DunningStep,
    FixedCalendar,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
)
from receivables.errors import InvalidValue
from receivables.policies.windows import SendWindow
from receivables.testing import FixedClock, RecordingNotifier

LOS_ANGELES = dt.timezone(dt.timedelta(hours=-7), "PDT")
TOKYO = dt.timezone(dt.timedelta(hours=9), "JST")
DUE = dt.date(2026, 3, 31)
SAME_INSTANT = dt.datetime(2026, 3, 31, 16, 30, tzinfo=dt.UTC)
POLICY = DunningPolicy(id="standard", version=1, steps=(DunningStep(name="letter", days_after_due=1),))


def world(zone: dt.tzinfo, instant: dt.datetime) -> tuple[Receivables, FixedClock, MemoryStore]:
    """INV-22, issued in February by a seller in this zone; then the clock goes to the instant."""
    store, clock = MemoryStore(), FixedClock(dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC))
    service = Receivables(
        store=store, notifier=RecordingNotifier(), clock=clock, policies=PolicyBook.of(POLICY), zone=zone
    )
    service.open_account(Customer(id="ACME", zone="Asia/Tokyo"), key="open")
    invoice = Invoice.due(
        number="INV-22", account="ACME", issued_on=dt.date(2026, 2, 1), total=Money.of(10, "EUR"), due_on=DUE
    )
    service.issue_invoice(invoice, key="INV-22")
    clock.instant = instant
    return service, clock, store


@pytest.mark.parametrize("shown_in", [dt.UTC, LOS_ANGELES, TOKYO])
@pytest.mark.parametrize(("zone", "today"), [(LOS_ANGELES, DUE), (TOKYO, dt.date(2026, 4, 1))])
def test_which_day_it_is_depends_on_the_creditors_zone_and_not_on_how_the_clock_shows_it(zone, today, shown_in):
    service, _, _ = world(zone, SAME_INSTANT.astimezone(shown_in))
    receipt = service.open_account(Customer(id="LATER"), key="open LATER")
    assert receipt.recorded_at == SAME_INSTANT
    assert service.account("LATER").profile.entries[0].effective_on == today


def test_the_day_of_a_run_is_an_argument_and_the_clock_is_not_asked_for_it():
    service, clock, _ = world(LOS_ANGELES, SAME_INSTANT)
    assert not [notice for result in service.run_dunning(DUE, all_accounts=True) for notice in result.notices]
    clock.instant = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    assert not [notice for result in service.run_dunning(DUE, all_accounts=True) for notice in result.notices]
    (notice,) = [notice for result in service.run_dunning(DUE + dt.timedelta(days=1)) for notice in result.notices]
    assert notice.lines[0].due_on == DUE


def test_what_was_recorded_in_the_evening_is_known_on_that_day_in_the_creditors_zone():
    """17:30 in Los Angeles is the next day in Greenwich."""
    service, _, _ = world(LOS_ANGELES, dt.datetime(2026, 4, 1, 0, 30, tzinfo=dt.UTC))
    late = Invoice.due(number="LATE", account="ACME", issued_on=DUE, total=Money.of(5, "EUR"), due_on=DUE)
    service.issue_invoice(late, key="LATE")
    assert "LATE" in service.view("ACME", DUE, DUE).places
    assert "LATE" not in service.view("ACME", DUE, DUE - dt.timedelta(days=1)).places


class LosAngeles(dt.tzinfo):
    """The zone in 2026: on 8 March 02:00 becomes 03:00, on 1 November 02:00 becomes 01:00 again.

    A wall time in the missing hour is read with the offset from before the change, as PEP 495 has it: 02:30 is 10:30 UTC.
    """

    FORWARD, BACK = dt.datetime(2026, 3, 8, 2), dt.datetime(2026, 11, 1, 2)

    def utcoffset(self, moment):
        wall, hour = moment.replace(tzinfo=None), dt.timedelta(hours=1)
        begun = wall >= self.FORWARD + hour or (wall >= self.FORWARD and moment.fold)
        over = wall >= self.BACK or (wall >= self.BACK - hour and moment.fold)
        return dt.timedelta(hours=-7 if begun and not over else -8)

    def dst(self, moment):
        return self.utcoffset(moment) + dt.timedelta(hours=8)

    def tzname(self, moment):
        return "PDT" if self.dst(moment) else "PST"

    def fromutc(self, moment):
        """Exact in both hours: the default of the base class guesses from the wall time."""
        utc = moment.replace(tzinfo=None)
        summer = dt.datetime(2026, 3, 8, 10) <= utc < dt.datetime(2026, 11, 1, 9)
        wall = utc + dt.timedelta(hours=-7 if summer else -8)
        second = dt.datetime(2026, 11, 1, 9) <= utc < dt.datetime(2026, 11, 1, 10)
        return wall.replace(tzinfo=self, fold=int(second))


def test_the_zone_of_these_tests_is_the_real_one():
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        real = zoneinfo.ZoneInfo("America/Los_Angeles")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zones")
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for minutes in range(0, 365 * 24 * 60, 30):
        instant = first + dt.timedelta(minutes=minutes)
        ours, theirs = instant.astimezone(LosAngeles()), instant.astimezone(real)
        assert (ours.replace(tzinfo=None), ours.fold) == (theirs.replace(tzinfo=None), theirs.fold)
        assert ours.astimezone(dt.UTC) == instant


def test_a_job_that_runs_in_the_hour_that_comes_twice_does_its_work_once():
    zone, day = LosAngeles(), dt.date(2026, 11, 1)
    service, clock, store = world(zone, SAME_INSTANT)
    queued = []
    for fold in (0, 1):
        clock.instant = dt.datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=fold)
        queued += [notice for result in service.run_dunning(day) for notice in result.notices]
    assert len(queued) == 1
    assert store.facts("ACME")[-1].recorded_at == dt.datetime(2026, 11, 1, 8, 30, tzinfo=dt.UTC)


def test_what_is_recorded_in_the_second_hour_is_later_than_in_the_first_whatever_the_wall_clock_shows():
    zone, day = LosAngeles(), dt.date(2026, 11, 1)
    service, clock, store = world(zone, dt.datetime(2026, 11, 1, 1, 45, tzinfo=zone, fold=0))
    for number, minute, fold in (("FIRST", 45, 0), ("SECOND", 10, 1)):
        clock.instant = dt.datetime(2026, 11, 1, 1, minute, tzinfo=zone, fold=fold)
        invoice = Invoice.due(number=number, account="ACME", issued_on=day, total=Money.of(1, "EUR"), due_on=day)
        service.issue_invoice(invoice, key=number)
    first, second = store.facts("ACME")[-2:]
    assert second.recorded_at - first.recorded_at == dt.timedelta(minutes=25)
    assert "SECOND" not in service.view("ACME", day, first.recorded_at).places


def test_a_clock_without_a_zone_is_refused_before_anything_is_recorded():
    service, clock, store = world(LOS_ANGELES, SAME_INSTANT)
    facts = store.facts("ACME")
    clock.instant = dt.datetime(2026, 4, 1, 9)
    with pytest.raises(InvalidValue) as caught:
        service.open_account(Customer(id="LATER"), key="open LATER")
    assert caught.value.field == "clock.now"
    (result,) = service.run_dunning(DUE + dt.timedelta(days=1))
    assert isinstance(result.error, InvalidValue)
    assert store.facts("ACME") == facts


# Send windows: letters go out from 09:00 to 17:00, Monday to Friday, where the customer is ---------------------------

WINDOW = SendWindow(opens=dt.time(9), closes=dt.time(17))
OPENING = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)  # Thursday, 09:00 in Tokyo
SELLER = LosAngeles()
ZONES = {"Asia/Tokyo": TOKYO, "America/Los_Angeles": SELLER, "Europe/Lisbon": dt.timezone(dt.timedelta(hours=1))}


class Windows:
    """INV-22 and the job of 06:00 in Los Angeles, on the day after the due date, unless another is given."""

    def __init__(
        self, *, window=WINDOW, day=DUE + dt.timedelta(days=1), due=DUE, zone="Asia/Tokyo", at=dt.time(6), **more
    ):
        policy = DunningPolicy(
            id="standard", version=1, window=window, steps=(DunningStep(name="letter", days_after_due=1),)
        )
        self.store, self.notifier = MemoryStore(), RecordingNotifier()
        self.clock = FixedClock(dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC))
        self.app = Receivables(
            store=self.store,
            notifier=self.notifier,
            clock=self.clock,
            policies=PolicyBook.of(policy),
            zone=SELLER,
            zones=ZONES,
            **more,
        )
        self.app.open_account(Customer(id="ACME", zone=zone), key="open")
        invoice = Invoice.due(
            number="INV-22", account="ACME", issued_on=dt.date(2026, 2, 1), total=Money.of(10, "EUR"), due_on=due
        )
        self.app.issue_invoice(invoice, key="INV-22")
        self.clock.instant = dt.datetime.combine(day, at, SELLER)
        assert len([notice for result in self.app.run_dunning(day) for notice in result.notices]) == 1

    def deliver(self, instant=None):
        """What became of the notice at an instant: the outcome, and since when it may go out where it waits."""
        if instant is not None:
            self.clock.instant = instant
        ((outcome, detail),) = [(result.outcome, result.detail) for result in self.app.deliver()]
        return outcome, detail

    def sent_at(self, instant):
        """Whether it goes out at this instant and not a second before."""
        before = self.deliver(instant - dt.timedelta(seconds=1))
        return before[0] == "waiting" and self.deliver(instant)[0] == "sent"


def test_a_letter_waits_for_nine_oclock_where_the_customer_is():
    world = Windows()
    assert world.clock.instant == dt.datetime(2026, 4, 1, 13, tzinfo=dt.UTC)
    assert world.clock.instant.astimezone(TOKYO).hour == 22
    assert world.deliver() == ("waiting", f"not before {OPENING.isoformat()}")
    assert OPENING.astimezone(SELLER).replace(tzinfo=None) == dt.datetime(2026, 4, 1, 17)
    assert world.sent_at(OPENING)


def test_the_letter_is_still_one_day_overdue_when_it_goes_out():
    world = Windows()
    world.deliver(OPENING)
    (letter,) = world.notifier.notices
    assert (letter.as_of, letter.lines[0].due_on) == (DUE + dt.timedelta(days=1), DUE)
    view = world.app.view("ACME", letter.as_of)
    assert view.ladder_of["INV-22"].sent_on == letter.as_of  # it is 1 April in Los Angeles
    assert view.notices[0].status == "sent"


def test_waiting_records_nothing_and_the_account_stays_awake():
    world = Windows()
    before = world.store.facts("ACME")
    for hours in range(11):
        assert world.deliver(world.clock.instant + dt.timedelta(hours=min(hours, 1)))[0] == "waiting"
    assert world.store.facts("ACME") == before
    assert world.store.due(DUE + dt.timedelta(days=1), "", 10) == ["ACME"]


def test_what_is_paid_while_it_waits_is_cancelled():
    world = Windows()
    assert world.deliver()[0] == "waiting"
    world.clock.instant = dt.datetime(2026, 4, 1, 23, tzinfo=dt.UTC)
    payment = Payment(id="P", account="ACME", amount=Money.of(10, "EUR"), value_date=DUE + dt.timedelta(days=1))
    world.app.receive_payment(payment, key="P")
    world.app.apply("ACME", "P", "INV-22", payment.amount, key="apply P")
    world.clock.instant = OPENING
    assert list(world.app.deliver()) == []
    assert world.app.view("ACME", DUE + dt.timedelta(days=1)).notices[0].status == "cancelled"
    assert world.notifier.notices == []


@pytest.mark.parametrize(
    ("day", "opening"),
    [
        (dt.date(2026, 4, 2), dt.datetime(2026, 4, 3, 0, tzinfo=dt.UTC)),  # Thursday: Friday 09:00 in Tokyo
        (dt.date(2026, 4, 3), dt.datetime(2026, 4, 6, 0, tzinfo=dt.UTC)),  # Friday 22:00 in Tokyo: Monday
        (dt.date(2026, 4, 4), dt.datetime(2026, 4, 6, 0, tzinfo=dt.UTC)),
        (dt.date(2026, 4, 5), dt.datetime(2026, 4, 6, 0, tzinfo=dt.UTC)),
    ],
)
def test_over_the_weekend_it_waits_for_monday(day, opening):
    assert Windows(day=day, due=day - dt.timedelta(days=1)).sent_at(opening)


def test_a_holiday_where_the_customer_is_is_waited_out():
    calendar = FixedCalendar(holidays=frozenset({dt.date(2026, 4, 2)}))
    window = SendWindow(opens=dt.time(9), closes=dt.time(17), calendar="JP")
    assert Windows(window=window, calendars={"JP": calendar}).sent_at(OPENING + dt.timedelta(days=1))


def test_a_customer_who_moved_gets_it_by_the_zone_at_sending_and_the_dates_on_the_letter_stay():
    world = Windows()
    assert world.deliver()[0] == "waiting"
    day = DUE + dt.timedelta(days=1)
    world.app.change_customer(Customer(id="ACME", zone="Europe/Lisbon"), on=day, key="moved")
    assert world.deliver()[0] == "sent"  # 13:00 UTC is 14:00 in Lisbon
    (letter,) = world.notifier.notices
    assert (letter.as_of, letter.lines[0].due_on, letter.lines[0].ladder_from) == (day, DUE, DUE)


def test_a_zone_that_the_host_does_not_know_is_said_and_nothing_goes_out():
    world = Windows(zone="Mars/Olympus")
    outcome, detail = world.deliver()
    assert outcome == "error"
    assert "Mars/Olympus" in detail
    assert world.notifier.notices == []


def test_without_a_window_a_letter_goes_out_at_once():
    assert Windows(window=None, zone="Mars/Olympus").deliver()[0] == "sent"


# The hour that does not exist, and the one that comes twice ----------------------------------------------------------


def test_a_job_of_half_past_two_runs_once_on_the_day_without_that_hour():
    day = dt.date(2026, 3, 8)
    world = Windows(window=None, day=day, due=day - dt.timedelta(days=1), at=dt.time(2, 30))
    assert world.clock.instant.astimezone(dt.UTC) == dt.datetime(2026, 3, 8, 10, 30, tzinfo=dt.UTC)
    assert world.clock.instant.astimezone(dt.UTC).astimezone(SELLER).time() == dt.time(3, 30)
    assert world.deliver()[0] == "sent"
    world.clock.instant = dt.datetime(2026, 3, 8, 3, 30, tzinfo=SELLER)
    assert not [notice for result in world.app.run_dunning(day) for notice in result.notices]
    assert list(world.app.deliver()) == []


EVERY_DAY = frozenset(range(7))


def test_a_window_that_opens_in_the_missing_hour_opens_an_hour_later_on_the_clock():
    window = SendWindow(opens=dt.time(2, 30), closes=dt.time(4), weekdays=EVERY_DAY)
    midnight = dt.datetime(2026, 3, 8, 0, tzinfo=SELLER)
    opening = window.next_opening(midnight, SELLER)
    assert opening == dt.datetime(2026, 3, 8, 10, 30, tzinfo=dt.UTC)
    assert opening.astimezone(SELLER).time() == dt.time(3, 30)
    assert window.next_opening(dt.datetime(2026, 3, 8, 11, tzinfo=dt.UTC), SELLER) == dt.datetime(
        2026, 3, 9, 9, 30, tzinfo=dt.UTC
    )


def test_a_window_in_the_doubled_hour_opens_with_the_first_and_closes_with_the_second():
    window = SendWindow(opens=dt.time(1, 15), closes=dt.time(1, 45), weekdays=EVERY_DAY)
    midnight = dt.datetime(2026, 11, 1, 0, tzinfo=SELLER)
    assert window.next_opening(midnight, SELLER) == dt.datetime(2026, 11, 1, 8, 15, tzinfo=dt.UTC)
    between = dt.datetime(2026, 11, 1, 9, 44, tzinfo=dt.UTC)  # the second 01:44
    assert window.next_opening(between, SELLER) == between
    assert window.next_opening(between + dt.timedelta(minutes=1), SELLER) == dt.datetime(
        2026, 11, 2, 9, 15, tzinfo=dt.UTC
    )


def test_what_went_out_in_the_first_of_the_two_hours_does_not_go_out_in_the_second():
    day = dt.date(2026, 11, 1)
    window = SendWindow(opens=dt.time(1, 15), closes=dt.time(1, 45), weekdays=EVERY_DAY)
    world = Windows(
        window=window, day=day, due=day - dt.timedelta(days=1), zone="America/Los_Angeles", at=dt.time(0, 30)
    )
    first, second = (dt.datetime(2026, 11, 1, 1, 30, tzinfo=SELLER, fold=fold) for fold in (0, 1))
    assert world.deliver(first)[0] == "sent"
    world.clock.instant = second
    assert list(world.app.deliver()) == []
    assert len(world.notifier.notices) == 1


def test_a_clock_that_was_set_back_makes_no_letter_wait_that_has_no_window():
    world = Windows(window=None)
    assert world.deliver(world.clock.instant - dt.timedelta(hours=3))[0] == "sent"
