"""Roll rates: what became of each bucket of one date by a later one, item by item.

What was open in a bucket at the start is somewhere at the end: in a bucket of its own, paid, settled without money, or
written off. Nothing is lost, so every row of the matrix adds up to its bucket. The roll rate of a bucket is the part of it
that is in an older bucket at the end.

The tracked rate follows the items. The net rate, which many banks and the aging schedule of CECL use, looks at totals alone:
the next bucket at the end by the bucket at the start. It needs two dates as far apart as a bucket is wide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, final

import attrs
from attrs import field, frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.reports.aging_buckets import EDGES, Buckets
from receivables.reports.aging_detail import ON_ACCOUNT, AgedItem, aging_detail
from receivables.reports.metrics_value import Metric, added
from receivables.reports.metrics_window import GIVEN_UP
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

ENDS: Final = ("paid", "written_off", "settled")
"""What is not open any more: paid by money, given up, or settled by a credit note, a discount or in another way."""

METHODS: Final = ("tracked", "net")


@final
@frozen(kw_only=True)
class Rolls:
    """From the buckets of ``since`` to those of ``as_of``, in one currency; can be added up over accounts.

    ``moved`` has the amount of each pair of a bucket and what became of it, in minor units. ``ends`` has what is in each bucket
    at the end, whenever it came there.
    """

    currency: Currency
    since: dt.date
    as_of: dt.date
    known_at: dt.datetime | None
    edges: tuple[int, ...]
    unit: str
    moved: Mapping[tuple[str, str], int] = field(factory=dict, repr=False)
    ends: Mapping[str, int] = field(factory=dict, repr=False)

    @property
    def buckets(self) -> tuple[str, ...]:
        """The names of the buckets, youngest first."""
        return Buckets(edges=self.edges, unit=self.unit, by="origin").names

    def __add__(self, other: Rolls) -> Rolls:
        """What became of the buckets of both; both must be of one question."""
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        if attrs.evolve(self, moved={}, ends={}) != attrs.evolve(other, moved={}, ends={}):
            raise InvalidValue("rolls.as_of", other.as_of.isoformat(), f"must be of the same question as {self.as_of}")
        return attrs.evolve(self, moved=added(self.moved, other.moved), ends=added(self.ends, other.ends))

    def start(self, bucket: str) -> int:
        """What was in a bucket at the start, in minor units."""
        return sum(amount for (before, _), amount in self.moved.items() if before == bucket)

    def rate(self, bucket: str, method: str = "tracked") -> Metric:
        """How much of a bucket rolled on; the oldest one, which nothing leaves but what ends, rolls into itself.

        Raises `InvalidValue` for a bucket that there is not.
        """
        checks.one_of("rolls.bucket", bucket, self.buckets)
        checks.one_of("rolls.method", method, METHODS)
        at = self.buckets.index(bucket)
        older = self.buckets[at + 1 :] or (bucket,)
        if method == "net":
            rolled = self.ends.get(older[0], 0)
        else:
            rolled = sum(self.moved.get((bucket, after), 0) for after in older)
        return Metric(
            name=f"roll_rate {bucket}",
            method=method,
            unit="percent",
            numerator=rolled,
            denominator=self.start(bucket),
            factor=100,
            undefined="nothing_in_bucket",
            currency=self.currency,
            as_of=self.as_of,
            known_at=self.known_at,
            window_days=(self.as_of - self.since).days,
        )

    def rows(self) -> list[dict[str, object]]:
        """One plain dict for each bucket of the start, with what became of it."""
        return [self._row(bucket) for bucket in self.buckets]

    def _row(self, bucket: str) -> dict[str, object]:
        after = {name: self._text(self.moved.get((bucket, name), 0)) for name in (*self.buckets, *ENDS)}
        rates = {"rolled": self.rate(bucket).rounded(), "net": self.rate(bucket, "net").rounded()}
        return {"from": bucket, "open": self._text(self.start(bucket)), **after, **rates}

    def _text(self, minor: int) -> str:
        return str(Money(minor, self.currency).amount)

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"roll rates in {self.currency} from {self.since} to {self.as_of}, percent"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows())}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def rolls(
    accounts: Account | Iterable[Account],
    since: dt.date,
    as_of: dt.date,
    currency: str | Currency,
    *,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
    edges: tuple[int, ...] = EDGES,
    unit: str = "days",
) -> Rolls:
    """What became of each bucket by original due dates, for accounts in one currency.

    Of 1,000.00 that were overdue for 25 days, 400.00 were paid in the next 30, and the rest rolled on.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> day = lambda month, number: dt.date(2026, month, number)
    >>> invoice = Invoice.due(number="1", account="ACME", issued_on=day(1, 5), total=Money.of(1_000, "EUR"),
    ...                       due_on=day(2, 3))
    >>> payment = Payment(id="P", account="ACME", amount=Money.of(400, "EUR"), value_date=day(3, 14))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[payment],
    ...                      allocations=[Allocation(source="P", item="1", amount=Money.of(400, "EUR"))])
    >>> found = rolls(account, day(2, 28), day(3, 30), "EUR")
    >>> print(found.rate("1-30"), found.rate("31-60"), sep="; ")
    roll_rate 1-30 (tracked): 60.00 percent; roll_rate 31-60 (tracked): undefined, nothing_in_bucket

    Raises `InvalidValue` where the first date is not before the second.
    """
    buckets = Buckets(edges=edges, unit=unit, by="origin")
    checks.day("rolls.since", since)
    checks.day("rolls.as_of", as_of)
    if since >= as_of:
        raise InvalidValue("rolls.since", since.isoformat(), f"must be before {as_of}")
    until = known_until(known_at, zone)
    book = Currency.of(currency) if isinstance(currency, str) else currency
    moved: dict[tuple[str, str], int] = {}
    ends: dict[str, int] = {}
    for before, after, gone in _stretches(accounts, since, as_of, until, book, buckets):
        for row in after.values():
            ends[row.bucket] = ends.get(row.bucket, 0) + row.open
        for id, row in before.items():
            for place, amount in _became(row, after.get(id), gone.get(id, {})):
                moved[row.bucket, place] = moved.get((row.bucket, place), 0) + amount
    return Rolls(
        currency=book,
        since=since,
        as_of=as_of,
        known_at=until,
        edges=edges,
        unit=unit,
        moved=moved,
        ends=ends,
    )


_Stretch = tuple[dict[str, AgedItem], dict[str, AgedItem], dict[str, dict[str, int]]]
"""What was open before, what is open after, and what was taken off each item in between."""


def _stretches(
    accounts: Account | Iterable[Account],
    since: dt.date,
    as_of: dt.date,
    known_at: dt.datetime | None,
    currency: Currency,
    buckets: Buckets,
) -> Iterator[_Stretch]:
    """Account by account; those that were merged are one, as an item that goes from one to another is not settled."""
    joined: _Stretch = ({}, {}, {})
    for account in (accounts,) if isinstance(accounts, Account) else accounts:
        before, after = (_open(account, on, known_at, currency, buckets) for on in (since, as_of))
        gone = _taken_off(account, since, as_of, known_at)
        if account.merges.alone:
            yield before, after, gone
        else:
            joined[0].update(before)
            joined[1].update(after)
            joined[2].update(gone)
    yield joined


def _open(
    account: Account, on: dt.date, known_at: dt.datetime | None, currency: Currency, buckets: Buckets
) -> dict[str, AgedItem]:
    """The open items on a date by id."""
    rows = aging_detail(account.view(on, known_at), edges=buckets.edges, by=buckets.by, unit=buckets.unit)
    return {row.id: row for row in rows if row.currency == currency and row.bucket != ON_ACCOUNT}


def _taken_off(
    account: Account, since: dt.date, as_of: dt.date, known_at: dt.datetime | None
) -> dict[str, dict[str, int]]:
    """What was taken off each item between two dates, by `ENDS`."""
    cash = joined_on(account, as_of, known_at).cash
    payments = {credit.id for credit in cash.credits if credit.kind == "payment"}
    found: dict[str, dict[str, int]] = {}
    for sign, day in ((1, as_of), (-1, since)):
        undone = {each.allocation for each in cash.undoings if each.seen(day, known_at)}
        for made in cash.allocations:
            if made.id not in undone and made.seen(day, known_at):
                end = "paid" if made.source in payments else "settled"
                _count(found, made.item, end, sign * made.amount)
        for each in cash.reductions_on(day, known_at):
            _count(found, each.item, "written_off" if each.kind in GIVEN_UP else "settled", sign * each.amount)
    return found


def _count(found: dict[str, dict[str, int]], item: str, end: str, amount: int) -> None:
    of = found.setdefault(item, {})
    of[end] = of.get(end, 0) + amount


def _became(before: AgedItem, after: AgedItem | None, gone: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """What became of an item: what is open still, and what is not; what cannot be told was settled."""
    left = before.open
    if after is not None:
        yield after.bucket, min(left, after.open)
        left -= min(left, after.open)
    for end in ENDS:
        amount = left if end == ENDS[-1] else max(0, min(left, gone.get(end, 0)))
        if amount:
            yield end, amount
        left -= amount
