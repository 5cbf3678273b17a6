"""What the metrics are made of: sums over accounts, as of a date, that can be added up.

``part + part`` is the sums of both, whatever accounts each was made from; so a host that maps accounts over many machines
adds up what comes back, and a figure of all customers is never an average of averages. All are whole minor units, days and
counts.

1. A window of 90 days up to 31 March is the days from 1 January on: what happened on its last day is in it, what happened
   on the day before its first is in the balance that it opens with.
2. Sales are invoices by their document date, with tax, as they stand in the receivables. A credit note takes nothing away
   from the sales: it is a movement of its own.
3. An invoice is paid when nothing of it is open and money did it; the day is that on which the last of it was settled. What
   was settled by credit notes alone, and what was written off in part, is not paid. Amounts count on the day on which they
   were applied: the later of the value date and the document date.
4. ``opening`` plus all movements is ``closing``, the balance of the account, always. Where an account was merged in
   between, what that brought is a movement too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, final

import attrs
from attrs import field, frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.reports.metrics_value import added
from receivables.reports.metrics_window import Window
from receivables.state.account import Account, known_until
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_days
from receivables.values.money import Money

MOVEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sales": "invoices of the window",
        "taken_over": "items of before the window that came into the account in it",
        "charges": "fees and interest",
        "collections": "payments whose money came, less than zero",
        "returned": "payments whose money went back",
        "credit_notes": "credit notes and parts of invoices that take back, less than zero",
        "other_credits": "credits that a conversion made, less than zero",
        "discounts": "cash discounts, less than zero",
        "written_off": "what was given up, less than zero",
        "recovered": "what had been given up and was paid after all, which its payment takes away again",
        "differences": "other parts that were settled without money, less than zero",
        "charge_corrections": "charges that were reversed or waived, less than zero",
        "refunds": "credits that were given back",
        "transfers": "credits that went to another account",
        "conversions": "credits that became credits in another currency",
        "kept": "surpluses that were kept",
        "merged": "what accounts and documents brought or took that came or went",
        "other": "what is none of these; nothing, for what the library itself recorded",
    }
)
"""What makes the balance of the end out of that of the beginning, in this order."""

FIGURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts": "accounts that were looked at",
        "opening": "balance before the window",
        "open_before": "open items before the window",
        "closing": "balance at its end",
        "open": "open items at its end",
        "current": "of these, what is not due",
        "overdue_days": "what is overdue, each unit times its days",
        "paid_count": "invoices that were paid",
        "paid_dated_count": "of these, those with a due date",
        "late_count": "of these, those paid after their due date",
        "late_days": "days late of each, early as none",
        "signed_days": "days late of each, early below zero",
        "to_pay_days": "days from the document to the last of it, of each that was paid",
        "paid": "amounts that payments settled of invoices",
        "paid_dated": "of these, those with a due date",
        "paid_days": "each unit times its days from the document",
        "paid_late_days": "each unit times its days late, early as none",
        "promises": "promises that were kept, kept in part or broken",
        "promises_kept": "of these, those kept",
        "promised": "what was promised in them",
        "promised_paid": "of that, what came in time",
        "disputes_ended": "disputes that ended",
        "dispute_days": "days of each, from its first to its last",
        "disputes_open": "disputes that are not over",
        "orders": "orders that were decided for the first time",
        "orders_held": "of these, those held",
        "holds_ended": "orders that were held and decided anew, or closed",
        "orders_freed": "of these, those approved",
        "held_days": "days for which each of them was held",
        "orders_waiting": "orders that are held",
        "stops": "holds that were placed and stop credit, in whatever currency",
        "stops_in_force": "such holds that are in force",
        "stops_ended": "such holds that ended",
        "stopped_days": "days for which each of them was in force",
        **MOVEMENTS,
    }
)
"""Name of a sum -> what it adds up; amounts are minor units."""


@final
@frozen(kw_only=True)
class MetricSums:
    """The sums of some accounts in one currency; ``figures`` has those of `FIGURES` that are not zero.

    ``months`` has the sales of each calendar month by its first day, ``balances`` the balance of each account that has one,
    ``oldest`` the days of the item that is overdue longest, below zero where none is.
    """

    currency: Currency
    as_of: dt.date
    known_at: dt.datetime | None
    window_days: int
    figures: Mapping[str, int] = field(factory=dict)
    months: Mapping[dt.date, int] = field(factory=dict, repr=False)
    balances: Mapping[str, int] = field(factory=dict, repr=False)
    oldest: int | None = None

    def __getitem__(self, name: str) -> int:
        """The sum of a name; `InvalidValue` for one that is not in `FIGURES`."""
        checks.one_of("metrics.figure", name, tuple(FIGURES))
        return self.figures.get(name, 0)

    def __add__(self, other: MetricSums) -> MetricSums:
        """The sums of the accounts of both; both must be of one question."""
        running = _Running(self)
        running.add(other)
        return running.sums()

    def money(self, name: str) -> Money:
        """A sum as money."""
        return Money(self[name], self.currency)

    def roll_forward(self) -> tuple[tuple[str, Money], ...]:
        """From the balance before the window to that at its end, by what moved it; what did not is left out."""
        moved = [(name, self.money(name)) for name in MOVEMENTS if self[name]]
        return (("opening", self.money("opening")), *moved, ("closing", self.money("closing")))


def sums_of(
    accounts: Account | Iterable[Account],
    as_of: dt.date,
    currency: str | Currency,
    *,
    window_days: int = 90,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> MetricSums:
    """The sums of accounts over a window of days, one account after the other.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> day = lambda month, number: dt.date(2026, month, number)
    >>> invoices = [Invoice.due(number=str(at), account="ACME", issued_on=day(at, 5), total=Money.of(1_000, "EUR"),
    ...                         due_on=day(at + 1, 4)) for at in (1, 2, 3)]
    >>> payment = Payment(id="P", account="ACME", amount=Money.of(1_000, "EUR"), value_date=day(2, 14))
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices, payments=[payment],
    ...                      allocations=[Allocation(source="P", item="1", amount=Money.of(1_000, "EUR"))])
    >>> sums = sums_of(account, day(3, 31), "EUR")
    >>> sums.roll_forward()[1:]
    (('sales', Money.of('3000.00', 'EUR')), ('collections', Money.of('-1000.00', 'EUR')), ('closing', Money.of('2000.00', 'EUR')))
    >>> sums["paid_count"], sums["late_days"], sums + sums_of([], day(3, 31), "EUR") == sums
    (1, 10, True)
    """
    checks.day("metrics.as_of", as_of)
    checks.whole("metrics.window_days", window_days, least=1)
    unit = Currency.of(currency) if isinstance(currency, str) else currency
    until = known_until(known_at, zone)
    running = _Running(MetricSums(currency=unit, as_of=as_of, known_at=until, window_days=window_days))
    start = add_days(as_of, -window_days)
    for account in (accounts,) if isinstance(accounts, Account) else accounts:
        running.look_at(Window(account, start, as_of, until, unit))
    return running.sums()


@final
class _Running:
    """Sums that grow while accounts pass."""

    def __init__(self, sums: MetricSums) -> None:
        self._of = sums
        self.figures, self.months, self.balances = dict(sums.figures), dict(sums.months), dict(sums.balances)
        self._oldest = sums.oldest

    def look_at(self, window: Window) -> None:
        """What one account adds."""
        for name, amount in window.figures():
            self.figures[name] = self.figures.get(name, 0) + amount
        for month, minor in window.months():
            self.months[month] = self.months.get(month, 0) + minor
        self.balances[window.account.id] = self.balances.get(window.account.id, 0) + window.closing
        self._overdue(max((days for _, days in window.aged()), default=None))

    def _overdue(self, days: int | None) -> None:
        if days is not None:
            self._oldest = days if self._oldest is None else max(days, self._oldest)

    def add(self, other: MetricSums) -> None:
        """All of the other sums."""
        mine = self._of
        if mine.currency != other.currency:
            raise CurrencyMismatch(mine.currency, other.currency)
        asked = (mine.as_of, mine.known_at, mine.window_days)
        if asked != (other.as_of, other.known_at, other.window_days):
            raise InvalidValue("metrics.sums", other.as_of.isoformat(), f"must be of the same question as {mine.as_of}")
        self.figures = added(self.figures, other.figures)
        self.balances = added(self.balances, other.balances)
        self.months = added(self.months, other.months)
        self._overdue(other.oldest)

    def sums(self) -> MetricSums:
        """What it has come to; what is zero is left out, so that equal sums are equal."""
        return attrs.evolve(
            self._of,
            figures={name: self.figures[name] for name in FIGURES if self.figures.get(name)},
            months={month: minor for month, minor in sorted(self.months.items()) if minor},
            balances={account: minor for account, minor in sorted(self.balances.items()) if minor},
            oldest=self._oldest,
        )
