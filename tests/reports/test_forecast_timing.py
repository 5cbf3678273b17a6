"""When one item is paid: after today, on business days, and with the reason where nobody can say."""

import datetime as dt
from fractions import Fraction

import pytest
from tests.service.world import World, day, eur

from receivables import Account, Customer, Installment, Invoice, Schedule
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.forecast import FORECAST_CODES, ForecastPolicy
from receivables.reports.forecast_behavior import Behavior, learn
from receivables.reports.forecast_history import PaymentRecord
from receivables.reports.forecast_timing import late_probability, timing
from receivables.values.dates import FixedCalendar

MONDAY = dt.date(2026, 3, 2)
POLICY = ForecastPolicy(id="cash", version=1)
EVERY_DAY = FixedCalendar(weekend=frozenset())


def on(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


def learned(*days_late: int, as_of: dt.date = MONDAY) -> Behavior:
    """A customer that paid three hundred invoices, due on all days, so many days late in turn."""
    first = as_of - dt.timedelta(days=365)
    return learn(
        (
            PaymentRecord(customer="ACME", due_on=due_on, paid_on=due_on + dt.timedelta(days=late))
            for number in range(300)
            for due_on, late in [(first + dt.timedelta(days=number), days_late[number % len(days_late)])]
        ),
        as_of=as_of,
    )


def asked(behavior: Behavior, due: int, as_of: int = 0, calendar=EVERY_DAY):
    return timing(behavior, POLICY, customer="ACME", due_on=on(due), as_of=on(as_of), calendar=calendar)


def test_an_item_is_expected_when_the_customer_pays():
    found = asked(learned(5), 10)
    assert found.expected_on == on(15)
    assert found.paid_by(on(14)) < Fraction(1, 10) < Fraction(9, 10) < found.paid_by(on(15))


def test_an_item_that_is_late_cannot_be_paid_before_today():
    """Paid 5 or 20 days late; one that is 10 days late is paid 20 days late."""
    behavior = learned(5, 20)
    assert asked(behavior, 0).expected_on in (on(5), on(20))
    late = asked(behavior, 0, as_of=10)
    assert (late.quantile(10), late.expected_on, late.paid_by(on(10))) == (on(20), on(20), 0)


@pytest.mark.parametrize(
    ("due", "holidays", "expected"), [(6, (), 11), (7, (), 14), (7, (14,), 15), (6, (11,), 14), (8, (14,), 15)]
)
def test_what_would_come_on_a_free_day_comes_on_the_next_business_day(due, holidays, expected):
    """Five days after Sunday the 6th day is Friday the 11th; after Monday the 7th it is Saturday."""
    calendar = FixedCalendar(holidays=frozenset(map(on, holidays)))
    found = asked(learned(5), due, calendar=calendar)
    assert found.expected_on == on(expected)
    assert found.paid_by(on(expected - 1)) < Fraction(1, 10) < Fraction(9, 10) < found.paid_by(on(expected))


def test_quantiles_rise_and_one_that_never_comes_is_none():
    found = asked(learned(5), 10)
    days = [found.quantile(percent) for percent in (1, 10, 50, 90, 99)]
    assert days == sorted(days)
    beyond = asked(learned(5), -400)
    assert (beyond.never, beyond.expected_on, beyond.quantile(1)) == (1, None, None)
    with pytest.raises(InvalidValue, match=r"timing\.percent"):
        found.quantile(100)


def test_an_item_due_long_after_today_is_not_paid_earlier_than_anybody_paid():
    found = asked(learned(-200), 100)
    assert found.paid_by(on(39)) == 0
    assert found.expected_on == on(40)


def test_nothing_learned_is_undefined():
    assert asked(learn([], as_of=MONDAY), 10) is None


# Late or not ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def view():
    """Items due ten days ago, today and in ten days; one without a due date; one that is paid."""
    parts = Schedule(installments=(Installment(amount=eur(10), baseline="delivery"),))
    invoices = [
        *(
            Invoice.due(number=f"I{due}", account="ACME", issued_on=on(-30), total=eur(100), due_on=on(due))
            for due in (-10, 0, 10)
        ),
        Invoice(number="WAITS", account="ACME", issued_on=on(-30), total=eur(10), schedule=parts),
        Invoice.due(number="NOTHING", account="ACME", issued_on=on(-30), total=eur(0), due_on=on(0)),
    ]
    return Account.of(Customer(id="ACME"), invoices=invoices).view(MONDAY)


def late(view, item: str, behavior: Behavior, **more):
    return late_probability(view, item, behavior, POLICY, calendar=EVERY_DAY, **more)


def test_more_days_late_than_there_are_in_the_calendar_are_only_those_that_never_pay(view):
    found, far = (late(view, "I10", learned(2), days=days) for days in (10_000, 10**8))
    assert found.probability == far.probability
    assert 0 < far.probability < 1


def test_how_likely_an_item_is_late_is_the_share_of_what_was_late(view):
    found = late(view, "I10", learned(0, 0, 0, 4))
    assert abs(found.probability - Fraction(1, 4)) < Fraction(8, 100)
    assert found.reasons == ()
    assert [each.level for each in found.basis][:3] == ["all", "segment", "customer"]
    assert late(view, "I10", learned(0, 0, 0, 4), days=4).probability < Fraction(2, 100)


def test_more_days_are_never_more_likely(view):
    behavior = learned(0, 1, 3, 7, 15, 40)
    found = [late(view, "I10", behavior, days=days).probability for days in range(60)]
    assert found == sorted(found, reverse=True)


def test_an_item_that_is_open_at_the_end_of_its_day_is_late(view):
    for item, days in (("I0", 0), ("I-10", 10), ("I-10", 3)):
        found = late(view, item, learned(0), days=days)
        assert (found.probability, [each.code for each in found.reasons]) == (1, ["already_late"])
    assert late(view, "I-10", learned(0), days=11).probability < 1


@pytest.mark.parametrize(("item", "code"), [("NOTHING", "closed"), ("WAITS", "no_due_date"), ("I10", "no_history")])
def test_what_nobody_can_say_is_undefined_and_says_why(view, item, code):
    found = late(view, item, learn([], as_of=MONDAY))
    assert (found.probability, [each.code for each in found.reasons]) == (None, [code])
    assert "undefined" in str(found)
    assert code in {each for each, _ in FORECAST_CODES}


def test_an_item_that_is_not_there_is_misuse(view):
    with pytest.raises(UnknownId, match="NONE"):
        late(view, "NONE", learned(0))


def test_a_past_view_is_not_judged_by_what_became_known_later():
    world = World()
    world.open()
    world.invoice("INV-1", "100", 30)
    then = world.app.view("ACME", day(0), known_at=day(0))
    for behavior in (
        learn([], as_of=day(1), known_at=day(0)),
        learn([], as_of=day(0), known_at=day(1)),
        learn([], as_of=day(0)),
    ):
        with pytest.raises(InvalidValue, match="must not be after"):
            late_probability(then, "INV-1", behavior, POLICY)
    assert late_probability(then, "INV-1", learn([], as_of=day(0), known_at=day(0)), POLICY).probability is None


def test_the_table_has_the_history_behind_the_figure(view):
    found = late(view, "I10", learned(0, 0, 0, 4))
    assert str(found).splitlines()[0] == "I10 paid more than 0 days late, as of 2026-03-02: 19.5 %"
    assert found.rows()[2]["about"] == "ACME"
    assert "ACME" in found._repr_html_()
    assert (found.as_of, found.known_at, "product-limit" in found.method) == (MONDAY, None, True)
