"""S22: time zones.

Point 1 is checked here: due dates are dates in the creditor's zone. Send windows, the customer's zone and the hour that
does not exist (points 2 to 5) belong to delivery windows, which the engine does not have yet; that a job which runs
twice in the repeated hour does its work once is checked, because it is about the day and not about the clock.
"""

import datetime as dt

import pytest

from receivables import Customer, DunningPolicy, DunningStep, Invoice, MemoryStore, Money, PolicyBook, Receivables
from receivables.errors import InvalidValue
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
    """The zone on 1 November 2026: at 02:00 the clocks go back to 01:00, so 01:30 comes at 08:30 and at 09:30 UTC."""

    BACK = dt.datetime(2026, 11, 1, 2)

    def utcoffset(self, moment):
        wall = moment.replace(tzinfo=None)
        hour = dt.timedelta(hours=1)
        summer = wall < self.BACK - hour or (wall < self.BACK and not moment.fold)
        return dt.timedelta(hours=-7 if summer else -8)

    def dst(self, moment):
        return self.utcoffset(moment) + dt.timedelta(hours=8)

    def tzname(self, moment):
        return "PDT" if self.dst(moment) else "PST"


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
