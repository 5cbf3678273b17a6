"""Utilization: what is used of limits, by whom and over time, and who has room."""

import datetime as dt

import attrs
import pytest

from receivables import Account, CreditLimit, CreditPolicy, Currency, Customer, Hold, Invoice, Money, PolicyBook, fold
from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue
from receivables.facts.credit import HoldPlaced, LimitSet
from receivables.policies.exposure import COMPONENTS
from receivables.reports.utilization import utilization, utilization_over

EUR, USD = Currency.of("EUR"), Currency.of("USD")
DAY = dt.date(2026, 3, 2)
POLICY = CreditPolicy(id="standard", version=1)
BOOK = PolicyBook.of(POLICY)


def at(instant: dt.date) -> dt.datetime:
    return dt.datetime.combine(instant, dt.time(8), dt.UTC)


def money(amount: object, currency: str = "EUR") -> Money:
    return Money.of(amount, currency)


def limit(id: str, amount: object | None) -> CreditLimit:
    found = None if amount is None else money(amount)
    return CreditLimit(account=id, currency=EUR, amount=found, valid_from=DAY)


def account(
    id: str, owed: object, granted: object | None = 1000, *, currency: str = "EUR", **customer: object
) -> Account:
    total = money(owed, currency)
    invoice = Invoice.due(number=id, account=id, issued_on=DAY, total=total, due_on=DAY)
    limits = [] if granted == "none" else [limit(id, granted)]
    return Account.of(Customer(id=id, **customer), invoices=[invoice] if total.minor else [], limits=limits)


def views(*accounts: Account):
    return [each.view(DAY) for each in accounts]


FOUR = views(
    account("A", 950, segment="retail", group="G"),
    account("B", 200, segment="retail"),
    account("C", 1200, segment="public", group="G"),
    account("D", 10, None, segment="public"),
)


def test_a_line_says_limit_use_room_and_by_what():
    line = utilization(FOUR, BOOK).lines[0]
    assert (line.of, line.limit, line.exposure, line.headroom, line.percent) == ("A", 100_000, 95_000, 5_000, 95)
    assert line.parts == {"open": 95_000}
    row = line.row()
    assert (row["open"], row["ordered"], row["headroom"]) == ("950.00", "0.00", "50.00")


def test_the_components_of_a_line_add_up_to_its_exposure():
    for line in utilization(FOUR, BOOK).lines:
        assert sum(line.parts.values()) == line.exposure
        assert set(line.parts) <= set(COMPONENTS)


@pytest.mark.parametrize("by", ["company", "group", "segment", "risk_class"])
def test_the_sums_by_anything_add_up_to_the_accounts(by):
    found = utilization(FOUR, BOOK)
    grouped = found.grouped(by)
    assert sum(line.exposure for line in grouped.lines) == sum(line.exposure for line in found.lines)
    assert sum(line.accounts for line in grouped.lines) == 4
    assert sum(line.over for line in grouped.lines) == 1


def test_a_sum_with_somebody_without_a_bound_has_none():
    lines = {line.of: line for line in utilization(FOUR, BOOK).grouped("segment").lines}
    assert (lines["retail"].limit, lines["retail"].percent) == (200_000, 57)
    assert (lines["public"].limit, lines["public"].percent, lines["public"].unlimited) == (None, None, 1)


def test_what_was_grouped_is_not_grouped_again():
    with pytest.raises(InvalidValue):
        utilization(FOUR, BOOK).grouped("segment").grouped("group")
    with pytest.raises(InvalidValue):
        utilization(FOUR, BOOK).grouped("color")


def test_those_above_a_share_come_with_the_most_used_first():
    zero = account("Z", 1, 0)
    found = utilization([*FOUR, zero.view(DAY)], BOOK)
    assert [line.of for line in found.above(94).lines] == ["Z", "C", "A"]
    assert [line.of for line in found.above(95).lines] == ["Z", "C"]


def test_those_with_room_come_from_the_other_end_and_nobody_whose_orders_are_stopped():
    stop = Hold(id="H", account="S", placed_on=DAY, reason="stop")
    stopped = fold([HoldPlaced(hold=stop, effective_on=DAY, recorded_at=at(DAY))], account("S", 0))
    unset = account("N", 0, "none")
    found = utilization([*FOUR, stopped.view(DAY), unset.view(DAY), account("E", 0).view(DAY)], BOOK)
    assert [line.of for line in found.with_room().lines] == ["E", "B", "A"]
    assert [line.of for line in found.with_room(least=money(800)).lines] == ["E", "B"]
    assert [line.of for line in found.with_room(most_percent=19).lines] == ["E"]
    assert found.with_room(least=money(1, "USD")).lines == ()


def test_accounts_without_a_policy_or_without_a_rate_are_not_guessed():
    covering = PolicyBook.of(attrs.evolve(POLICY, limit_currency=EUR))
    foreign = views(account("U", 100, currency="USD"), account("A", 10))
    found = utilization(foreign, covering)
    assert ([line.of for line in found.lines], found.unpriced) == (["A"], (("U", "rate_missing"),))
    rate = ExchangeRate.of("USD", "EUR", "0.9", on=DAY, source="ECB")
    assert [line.exposure for line in utilization(foreign, covering, [rate]).lines] == [9_000, 1_000]
    assert utilization(foreign, PolicyBook.of()).lines == ()


def test_the_report_shows_itself():
    found = utilization(FOUR[:1], BOOK)
    assert str(found).splitlines()[0] == "utilization by account on 2026-03-02"
    assert found._repr_html_().startswith("<table><caption>Utilization by account")
    assert str(utilization([], BOOK)).endswith("no limit and nothing owed")


# Over time ------------------------------------------------------------------------------------------------------


def test_a_series_has_each_date_as_known_at_one_instant_or_each_at_its_own():
    days = [DAY + dt.timedelta(days=count) for count in range(3)]
    late = LimitSet(limit=limit("A", 2000), effective_on=DAY, recorded_at=at(days[1]))
    found = fold([late], account("A", 500))
    by_now = utilization_over(found, BOOK, "EUR", days)
    assert [point.percent for point in by_now.points] == [25, 25, 25]
    by_then = utilization_over(found, BOOK, "EUR", days, as_known_then=True)
    assert [point.percent for point in by_then.points] == [50, 25, 25]
    fixed = utilization_over(found, BOOK, EUR, days, known_at=DAY)
    assert [point.percent for point in fixed.points] == [50, 50, 50]
    assert fixed.points[0].known_at == dt.datetime.combine(DAY, dt.time.max, dt.UTC)


def test_the_peak_is_the_first_of_the_highest():
    days = [DAY - dt.timedelta(days=1), DAY, DAY + dt.timedelta(days=1)]
    found = utilization_over(account("A", 500), BOOK, "EUR", days)
    assert found.peak is not None
    assert (found.peak.as_of, [row["exposure"] for row in found.rows()]) == (DAY, ["0.00", "500.00", "500.00"])
    assert utilization_over(account("A", 500), BOOK, "EUR", []).peak is None
    assert "500.00" in str(found)
    assert found._repr_html_().startswith("<table>")


def test_dates_without_a_policy_or_a_rate_have_no_point():
    assert utilization_over(account("A", 5), PolicyBook.of(), "EUR", [DAY]).points == ()
    covering = PolicyBook.of(attrs.evolve(POLICY, limit_currency=EUR))
    assert utilization_over(account("U", 5, currency="USD"), covering, "EUR", [DAY]).points == ()
