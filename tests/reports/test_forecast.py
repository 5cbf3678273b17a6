"""Cash forecasts: by promises, plans, disputes, announcements and behavior, and every minor unit somewhere."""

import datetime as dt

import attrs
import pytest
from tests.service.world import World, day, eur

from receivables import Account, Customer, Installment, Invoice, Money, Payment, Schedule
from receivables.documents.payment import Designation
from receivables.errors import InvalidValue, WrongType
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast import CashForecast, forecast
from receivables.reports.forecast_behavior import Behavior, learn
from receivables.reports.forecast_history import PaymentRecord
from receivables.reports.forecast_items import AnnouncedPayment, announced_payments
from receivables.values.dates import FixedCalendar

POLICY = ForecastPolicy(id="cash", version=1)
EVERY_DAY = FixedCalendar(weekend=frozenset())
UNTIL = 60


def learned(days_late: int = 5, customer: str = "ACME") -> Behavior:
    """Six hundred invoices, due on all days of two years until today, all paid so many days late."""
    days = (day(0) - dt.timedelta(days=number) for number in range(days_late, 600 + days_late))
    return learn(
        (PaymentRecord(customer=customer, due_on=on, paid_on=on + dt.timedelta(days=days_late)) for on in days),
        as_of=day(0),
    )


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00 due in ten days; the customer pays five days late."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", 10)
    return world


def cash(world: World, policy: ForecastPolicy = POLICY, behavior: Behavior | None = None, **more) -> CashForecast:
    view = world.app.view("ACME", world.today)
    known = learned() if behavior is None else behavior
    return forecast(view, known, policy, day(UNTIL), **{"calendar": EVERY_DAY, **more})


def on_day(found: CashForecast, offset: int) -> Money:
    return next(line.expected for line in found.days if line.start == day(offset))


def mostly(money: Money, whole: str, percent: int = 95) -> bool:
    return eur(whole).minor * percent <= 100 * money.minor <= 100 * eur(whole).minor


def by_source(found: CashForecast) -> dict[str, Money]:
    return dict(found.total("EUR").by_source)


def test_cash_comes_when_the_customer_pays(world):
    found = cash(world)
    assert mostly(on_day(found, 15), "1000")
    assert set(by_source(found)) == {"behavior"}
    assert found.total("EUR").open == eur("1000")


def test_a_promise_is_cash_on_its_day_as_likely_as_promises_are_kept(world):
    """Half of it by what the policy believes of anybody; the other half as what is open after the last day."""
    world.promise("PTP", "INV-1", "400", 3)
    found = cash(world)
    assert on_day(found, 3) == eur("200")
    assert mostly(on_day(found, 15), "800")


def test_promises_that_were_kept_make_the_next_one_likelier(world):
    world.promise("PTP-1", "INV-1", "100", 1)
    world.at(1)
    world.settle("INV-1", "100")
    world.at(2)
    world.promise("PTP-2", "INV-1", "400", 6)
    found = cash(world)
    assert on_day(found, 6) == Money(40_000 * 2 // 3, eur(1).currency)


def test_a_plan_that_performs_is_paid_by_its_installments(world):
    world.agree("PP", "INV-1", (20, "600"), (40, "400"))
    found = cash(world)
    assert mostly(on_day(found, 25), "600")
    assert mostly(on_day(found, 45), "400")
    assert set(by_source(found)) == {"plan"}


def test_a_disputed_amount_is_no_cash_or_comes_later_as_the_policy_says(world):
    world.dispute("D", "INV-1", "300")
    found = cash(world)
    assert found.total("EUR").disputed == eur("300")
    assert mostly(on_day(found, 15), "700")
    delayed = cash(world, attrs.evolve(POLICY, disputed="delayed", dispute_delay_days=20))
    assert delayed.total("EUR").disputed == eur("0")
    assert mostly(on_day(delayed, 35), "300")
    assert delayed.total("EUR").open == eur("1000")


def test_a_delay_beyond_the_last_day_leaves_the_disputed_amount_for_later(world):
    world.dispute("D", "INV-1", "300")
    found = cash(world, attrs.evolve(POLICY, disputed="delayed", dispute_delay_days=500)).total("EUR")
    assert found.later + found.never >= eur("300")
    assert found.open == eur("1000")


def test_a_pending_payment_comes_some_days_after_its_value_date(world):
    world.pay("P", "250", status="pending", designated=(Designation(item="INV-1", amount=eur("250")),))
    found = cash(world, attrs.evolve(POLICY, pending_days=3))
    assert on_day(found, 3) == eur("250")
    world.at(5)
    assert on_day(cash(world, attrs.evolve(POLICY, pending_days=3)), 6) == eur("250")


def test_an_announced_payment_comes_on_its_day_and_is_not_expected_twice(world):
    announced = [AnnouncedPayment(account="ACME", item="INV-1", amount=eur("250"), on=day(7))]
    found = cash(world, announced=announced)
    assert on_day(found, 7) == eur("250")
    assert mostly(on_day(found, 15), "750")
    too_much = [attrs.evolve(announced[0], amount=eur("2000"))]
    assert on_day(cash(world, announced=too_much), 7) == eur("1000")


def test_payments_with_a_later_value_date_are_found_in_the_account():
    """As recorded with the value date in the future: the view of today does not show them."""
    invoice = Invoice.due(number="INV-1", account="ACME", issued_on=day(0), total=eur(1000), due_on=day(10))
    waits = Payment(
        id="P",
        account="ACME",
        amount=eur(250),
        value_date=day(4),
        status="pending",
        designated=(Designation(item="INV-1", amount=eur(250)),),
    )
    account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[waits])
    (found,) = announced_payments(account, account.view(day(0)))
    assert (found.item, found.amount, found.on) == ("INV-1", eur(250), day(4))
    assert list(announced_payments(account, account.view(day(4)))) == []
    assert list(announced_payments(account, account.view(day(0), day(0)))) == []


def test_what_comes_on_a_free_day_comes_on_the_next_business_day_or_after_the_last_day_later(world):
    weekends = FixedCalendar()
    found = cash(world, calendar=weekends)
    assert all(weekends.is_business_day(line.start) for line in found.days)
    assert mostly(Money.total((line.expected for line in found.days), "EUR"), "1000")
    announced = [AnnouncedPayment(account="ACME", item="INV-1", amount=eur("250"), on=day(5))]
    (saturday,) = {day(5).weekday()}
    assert saturday == 5
    view = world.app.view("ACME", day(0))
    cut = forecast(view, learned(), POLICY, day(6), announced=announced)
    assert cut.total("EUR").expected < eur("1")
    assert on_day(cash(world, calendar=weekends, announced=announced), 7) == eur("250")


def test_without_any_history_nothing_is_said_unless_the_policy_says_by_the_due_date(world):
    world.invoice("OLD", "70", -3)
    nothing = learn([], as_of=day(0))
    found = cash(world, behavior=nothing).total("EUR")
    assert (found.undefined, found.expected) == (eur("1070"), eur("0"))
    by_date = cash(world, attrs.evolve(POLICY, without_history="due_date"), nothing)
    assert on_day(by_date, 10) == eur("1000")
    assert by_date.total("EUR").undefined == eur("70")


def test_a_promise_without_any_history_leaves_the_rest_undefined(world):
    world.promise("PTP", "INV-1", "400", 3)
    found = cash(world, behavior=learn([], as_of=day(0))).total("EUR")
    assert (found.expected, found.undefined, found.open) == (eur("200"), eur("800"), eur("1000"))


def test_what_waits_for_its_due_date_is_undefined():
    parts = Schedule(
        installments=tuple(Installment(amount=eur(10), baseline=name) for name in ("delivery", "approval"))
    )
    invoices = [
        Invoice(number=f"I{n}", account="ACME", issued_on=day(-n), total=eur(20), schedule=parts) for n in (0, 1)
    ]
    view = Account.of(Customer(id="ACME"), invoices=invoices).view(day(0))
    assert forecast(view, learned(), POLICY, day(UNTIL)).total("EUR").undefined == eur(40)


def test_what_is_too_old_for_any_history_is_never_paid(world):
    world.invoice("OLD", "70", -400)
    assert cash(world).total("EUR").never >= eur("70")


def test_currencies_are_never_added_and_credits_stand_beside():
    usd = Money.of(500, "USD")
    invoices = [
        Invoice.due(number=f"I-{total.currency}", account="ACME", issued_on=day(0), total=total, due_on=day(10))
        for total in (eur(1000), usd)
    ]
    paid = Payment(id="P", account="ACME", amount=Money.of(30, "CHF"), value_date=day(0))
    view = Account.of(Customer(id="ACME"), invoices=invoices, payments=[paid]).view(day(0))
    found = forecast(view, learned(), POLICY, day(UNTIL))
    assert [total.currency.code for total in found.totals] == ["CHF", "EUR", "USD"]
    assert found.total("USD").open == usd
    assert (found.total("CHF").open.minor, found.total("CHF").on_account) == (0, Money.of(30, "CHF"))
    assert found.total("JPY").open == Money.zero("JPY")
    assert {line.currency.code for line in found.weeks} == {"EUR", "USD"}


def test_items_of_one_customer_due_on_one_day_come_together():
    """Ten invoices of one day are all paid or none: the band is as wide as that of one; of ten customers it is narrower."""

    def band(accounts: int) -> tuple[int, ...]:
        behavior = learned(5) + learned(20)
        views = [
            Account.of(
                Customer(id=f"C{n}"),
                invoices=[
                    Invoice.due(number=f"I{n}-{at}", account=f"C{n}", issued_on=day(0), total=eur(100), due_on=day(1))
                    for at in range(10 // accounts)
                ],
            ).view(day(0))
            for n in range(accounts)
        ]
        plain = attrs.evolve(POLICY, spread_percent=100, bands=(20, 50, 80))
        (first, *_) = forecast(views, behavior, plain, day(10), calendar=EVERY_DAY).weeks
        return tuple(money.minor for money in first.bands)

    together, apart = band(1), band(10)
    assert together[2] - together[0] == 100_000
    assert 0 < apart[2] - apart[0] < 50_000


@pytest.mark.parametrize("offset", [0, -1, 367])
def test_the_last_day_is_after_today_and_within_a_year(world, offset):
    view = world.app.view("ACME", day(0))
    with pytest.raises(InvalidValue, match=r"forecast\.until"):
        forecast(view, learned(), POLICY, day(offset))


def test_views_of_different_days_are_refused(world):
    views = [world.app.view("ACME", day(offset)) for offset in (0, 1)]
    with pytest.raises(InvalidValue, match=r"forecast\.views"):
        forecast(views, learned(), POLICY, day(UNTIL))


def test_a_forecast_never_uses_what_was_learned_after_its_view(world):
    view = world.app.view("ACME", day(-1))
    with pytest.raises(InvalidValue, match=r"behavior\.as_of"):
        forecast(view, learned(), POLICY, day(UNTIL))


def test_no_account_is_a_forecast_of_nothing():
    found = forecast([], learned(), POLICY, day(UNTIL))
    assert (found.as_of, found.rows(), found.totals) == (day(0), [], ())
    assert "nothing is expected" in str(found)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"amount": eur(0)}, InvalidValue),
        ({"amount": 5}, WrongType),
        ({"item": ""}, InvalidValue),
        ({"on": 5}, WrongType),
    ],
)
def test_an_announcement_that_cannot_be_is_refused(fields, error):
    announced = {"account": "ACME", "item": "INV-1", "amount": eur(1), "on": day(1), **fields}
    with pytest.raises(error, match="announced"):
        AnnouncedPayment(**announced)


def test_the_report_says_its_dates_its_method_and_its_policy(world):
    view = world.app.view("ACME", day(1), known_at=day(1))
    behavior = learn([], as_of=day(0), known_at=day(1))
    found = forecast(view, behavior, POLICY, day(UNTIL))
    assert (found.as_of, found.known_at, found.learned_as_of) == (day(1), view.known_at, day(0))
    assert "product-limit" in found.method
    assert str(found).startswith("cash forecast as of 2026-03-03, known at 2026-03-03T23:59:59.999999+00:00 until ")
    assert "cash/1" in found.title
    assert found._repr_html_().count("<table>") == 2
    assert list(cash(world).rows()[0]) == ["currency", "start", "end", "expected", "10 %", "50 %", "90 %"]
    assert len(cash(world).day_rows()) == UNTIL
    assert cash(world).total_rows()[0]["open"] == "1000.00"


def test_what_is_announced_of_an_item_counts_before_what_is_disputed_of_it(world):
    world.dispute("D", "INV-1", "300")
    announced = [AnnouncedPayment(account="ACME", item="INV-1", amount=eur("1000"), on=day(7))]
    found = cash(world, announced=announced)
    assert on_day(found, 7) == eur("1000")
    assert (found.total("EUR").disputed, found.total("EUR").open) == (eur(0), eur("1000"))


def test_what_is_held_back_by_a_hold_is_paid_as_any_other(world):
    free = cash(world)
    world.hold("H-1", item="INV-1", amount=eur("300"))
    assert [part.kind for part in world.app.view("ACME", world.today).withheld] == ["hold"]
    assert cash(world).total("EUR") == free.total("EUR")
