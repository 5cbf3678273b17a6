"""The metrics of one or many accounts over a window: each with its method, its date and what was known.

Amounts are those of one currency. Receivables are the balance of the accounts, what is on account taken off, as the control
account says; ``net=False`` takes what is open instead. See `receivables.reports.metrics_sums` for what is sold, paid and
in a window, and `receivables.reports.metrics_formulas` for the formulas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final, final

import attrs
from attrs import frozen

from receivables.reports import metrics_formulas as formulas
from receivables.reports.metrics_sums import MetricSums, sums_of
from receivables.reports.metrics_value import Metric
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import Account
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import end_of_month
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class Metrics:
    """The metrics that some sums come to; ``largest`` customers make the top share.

    ``written_off`` is what was given up elsewhere, in books that the accounts do not know; it adds to their own.
    """

    sums: MetricSums
    net: bool = True
    largest: int = 10
    written_off: Money | None = None

    @cached_property
    def figures(self) -> tuple[Metric, ...]:
        """All metrics, in one order."""
        return tuple(_stamped(self.sums, _all(self)))

    @cached_property
    def _by_name(self) -> Mapping[str, Metric]:
        return {figure.name: figure for figure in self.figures}

    def __getitem__(self, name: str) -> Metric:
        """The metric of a name; `InvalidValue` for one that there is not."""
        checks.one_of("metrics.name", name, tuple(self._by_name))
        return self._by_name[name]

    @property
    def receivables(self) -> Money:
        """What is receivable at the end: the balance, or what is open."""
        return self.sums.money("closing" if self.net else "open")

    def rows(self, places: int = 2) -> list[dict[str, object]]:
        """One plain dict per metric; figures are decimal texts with so many decimals."""
        return [figure.row(places) for figure in self.figures]

    @property
    def title(self) -> str:
        """What it is, in words."""
        sums = self.sums
        known = "" if sums.known_at is None else f", as known at {sums.known_at:%Y-%m-%d %H:%M}"
        return f"metrics in {sums.currency} of {sums.window_days} days up to {sums.as_of}{known}"

    def _table(self) -> list[dict[str, object]]:
        shown = ("metric", "value", "unit", "method", "undefined")
        return [{name: row[name] for name in shown} for row in self.rows()]

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self._table())}"

    def _repr_html_(self) -> str:
        return html_table(self._table(), headed(self.title))


def metrics(
    accounts: Account | Iterable[Account],
    as_of: dt.date,
    currency: str | Currency,
    *,
    window_days: int = 90,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
    net: bool = True,
) -> Metrics:
    """The metrics of accounts over a window of days.

    3,000.00 were sold in 90 days, 2,000.00 are open, and 1,000.00 of them are overdue.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> day = lambda month, number: dt.date(2026, month, number)
    >>> invoices = [Invoice.due(number=str(at), account="ACME", issued_on=day(at, 5), total=Money.of(1_000, "EUR"),
    ...                         due_on=day(at + 1, 4)) for at in (1, 2, 3)]
    >>> payment = Payment(id="P", account="ACME", amount=Money.of(1_000, "EUR"), value_date=day(2, 14))
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices, payments=[payment],
    ...                      allocations=[Allocation(source="P", item="1", amount=Money.of(1_000, "EUR"))])
    >>> found = metrics(account, day(3, 31), "EUR")
    >>> print(found["dso"], found["best_possible_dso"], found["countback_dso"], sep="; ")
    dso (simple): 60.00 days; best_possible_dso (simple): 30.00 days; countback_dso (count-back by calendar months): 59.00 days
    >>> print(found["days_late"])
    days_late (weighted by amount, early as none): 10.00 days
    """
    found = sums_of(accounts, as_of, currency, window_days=window_days, known_at=known_at, zone=zone)
    return Metrics(sums=found, net=net)


def months_back(sums: MetricSums) -> Iterator[tuple[Money, int]]:
    """The sales of each calendar month with its days, latest first; the month of the date has its days up to it."""
    if not sums.months:
        return
    first, month = min(sums.months), sums.as_of.replace(day=1)
    while month >= first:
        days = sums.as_of.day if month == sums.as_of.replace(day=1) else end_of_month(month).day
        yield Money(sums.months.get(month, 0), sums.currency), days
        month = (month - dt.timedelta(days=1)).replace(day=1)


# The figures --------------------------------------------------------------------------------------------------------

_Ratio = tuple[str, str, str, str, str, int, str]
"""Name, method, unit, sum above, sum below, factor, and the reason where there is nothing below."""

_RATIOS: Final[tuple[_Ratio, ...]] = (
    ("days_to_pay", "weighted by amount", "days", "paid_days", "paid", 1, "nothing_paid"),
    ("days_to_pay_of_invoices", "mean of invoices", "days", "to_pay_days", "paid_count", 1, "nothing_paid"),
    ("days_late", "weighted by amount, early as none", "days", "paid_late_days", "paid_dated", 1, "nothing_paid"),
    ("days_late_of_invoices", "mean of invoices, early as none", "days", "late_days", "paid_dated_count", 1, "nothing_paid"),
    ("days_late_or_early", "mean of invoices, early below zero", "days", "signed_days", "paid_dated_count", 1, "nothing_paid"),
    ("percent_late", "count of invoices", "percent", "late_count", "paid_dated_count", 100, "nothing_paid"),
    ("promises_kept", "count", "percent", "promises_kept", "promises", 100, "no_promise_decided"),
    ("promises_kept_of_amount", "amount", "percent", "promised_paid", "promised", 100, "no_promise_decided"),
    ("dispute_days", "mean of disputes that ended", "days", "dispute_days", "disputes_ended", 1, "no_dispute_ended"),
    ("orders_held", "count of orders", "percent", "orders_held", "orders", 100, "no_order_decided"),
    ("orders_freed", "count of holds that ended", "percent", "orders_freed", "holds_ended", 100, "no_hold_ended"),
    ("days_held", "mean of holds that ended", "days", "held_days", "holds_ended", 1, "no_hold_ended"),
    ("days_stopped", "mean of holds on credit that ended", "days", "stopped_days", "stops_ended", 1, "no_stop_ended"),
)  # fmt: skip
"""The metrics that are the quotient of two sums."""


def _all(of: Metrics) -> Iterator[Metric]:
    sums, days, owed = of.sums, of.sums.window_days, of.receivables
    sales, current = sums.money("sales"), sums.money("current")
    began = sums.money("opening" if of.net else "open_before")
    yield formulas.dso(owed, sales, days)
    yield formulas.best_possible_dso(current, sales, days)
    yield formulas.average_days_delinquent(owed, current, sales, days)
    counted = formulas.countback_dso(owed, months_back(sums))
    yield attrs.evolve(counted, method="count-back by calendar months")
    yield formulas.collection_effectiveness(began, sales, owed, current)
    yield from _turnover(sales, began, owed, days)
    yield formulas.percent_current(current, sums.money("open"))
    yield from _overdue(sums)
    for name, method, unit, above, below, factor, undefined in _RATIOS:
        yield Metric(
            name=name,
            method=method,
            unit=unit,
            numerator=sums[above],
            denominator=sums[below],
            factor=factor,
            undefined=undefined,
        )
    elsewhere = Money.zero(sums.currency) if of.written_off is None else of.written_off
    yield formulas.bad_debt_ratio(elsewhere - sums.money("written_off"), sales)
    balances = [Money(minor, sums.currency) for minor in sums.balances.values()]
    yield formulas.top_share(balances, of.largest)
    yield formulas.herfindahl(balances)


def _turnover(sales: Money, began: Money, owed: Money, days: int) -> Iterator[Metric]:
    """Of the window, by the average of its two ends; not scaled up to a year."""
    average, sold = Fraction(began.minor + owed.minor, 2), sales.minor
    for figure in (formulas.turnover(sold, average), formulas.days_of_turnover(sold, average, days)):
        yield attrs.evolve(figure, method="average of both ends of the window")


def _overdue(sums: MetricSums) -> Iterator[Metric]:
    overdue = sums["open"] - sums["current"]
    yield Metric(
        name="days_overdue",
        method="weighted by open amount",
        unit="days",
        numerator=sums["overdue_days"],
        denominator=overdue,
        undefined="nothing_overdue",
    )
    yield Metric(
        name="oldest_days_overdue",
        method="item that is due longest",
        unit="days",
        numerator=sums.oldest or 0,
        denominator=int(sums.oldest is not None),
        undefined="nothing_open",
    )


def _stamped(sums: MetricSums, figures: Iterable[Metric]) -> Iterator[Metric]:
    """The figures with what was asked for."""
    for figure in figures:
        yield attrs.evolve(
            figure,
            currency=sums.currency,
            as_of=sums.as_of,
            known_at=sums.known_at,
            window_days=sums.window_days,
        )
