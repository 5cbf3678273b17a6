"""A bridge between two views of one date: what was learned since, fact by fact, that makes the one report into the other.

The report of 31 March was filed with what was known then; asked for today it says something else. Everything of that date
that was recorded in between is a row: what it changed in each bucket and on account. The rows add up to the difference,
bucket by bucket and per currency, always.

1. What was learned is put in one after the other, in the order in which it was recorded, and each row is what its report
   is then less what it was before. So a payment that came late first is on account, and its application moves it from there.
2. A row has a code of `BRIDGE_CODES`. What is applied of a payment that was learned counts as that payment, and an
   application that was taken back and made elsewhere as one correction: `Bridge.by_code` adds them up.
3. What was recorded and changed no amount of the date has no row: an order, a letter, the payment of a later day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.reports.aging import Aging, aging
from receivables.reports.aging_buckets import EDGES
from receivables.reports.bridge_learned import Codes, Figures, Group, Links, entries_of, figures, in_order, less
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

BRIDGE_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("merger", "accounts or documents that became part of this one, or went elsewhere"),
    ("late_invoice", "an invoice that was recorded late"),
    ("late_charge", "a fee or interest that was recorded late"),
    ("late_payment", "a payment that was recorded late, and what was applied of it"),
    ("late_credit_note", "a credit note that was recorded late, and what was applied of it"),
    ("late_credit", "a credit that came from elsewhere, and what was applied of it"),
    ("payment_returned", "money that went back or never came, and what had been applied of it"),
    ("re_application", "what had been applied to one item and belongs to another"),
    ("taken_back", "an application or a difference that was taken back"),
    ("application", "what was on account already, applied"),
    ("write_off", "what was given up, or was not after all"),
    ("recovery", "what had been given up, and was paid"),
    ("difference", "a discount, a tolerance or another part that was settled without money"),
    ("charge_correction", "a charge that was reversed, waived or reinstated"),
    ("credit_used", "a credit that was refunded, converted, transferred or kept"),
    ("due_date", "a due date that became known, or was extended"),
    ("payment_plan", "a payment plan that was agreed, given up or reinstated"),
    ("dispute", "a dispute that changed what a payment plan covers"),
    ("other", "what none of these is"),
)
"""What can have been learned."""


@final
@frozen(kw_only=True)
class BridgeRow:
    """One fact that was learned, or all of one code, and what it changed in one currency.

    ``buckets`` is youngest first. What is on account is above zero, as in an aging. ``id`` is that of what was recorded, where it
    has one; ``item`` and ``source`` are the item and the credit that it is about.
    """

    code: str
    currency: Currency
    buckets: tuple[int, ...]
    on_account: int
    id: str | None = None
    item: str | None = None
    source: str | None = None
    effective_on: dt.date | None = None
    recorded_at: dt.datetime | None = None

    @property
    def open(self) -> Money:
        """The change of what is open."""
        return Money(sum(self.buckets), self.currency)

    @property
    def balance(self) -> Money:
        """The change of the balance."""
        return Money(sum(self.buckets) - self.on_account, self.currency)

    def row(self, names: Iterable[str]) -> dict[str, object]:
        """The row as a plain dict, with the buckets by the names given."""
        amounts = {name: _text(minor, self.currency) for name, minor in zip(names, self.buckets, strict=True)}
        return {
            "code": self.code,
            "id": self.id,
            "item": self.item,
            "credit": self.source,
            "of": None if self.effective_on is None else self.effective_on.isoformat(),
            "recorded": None if self.recorded_at is None else self.recorded_at.isoformat(),
            "currency": self.currency.code,
            **amounts,
            "on account": _text(self.on_account, self.currency),
            "balance": str(self.balance.amount),
        }


@final
@frozen(kw_only=True)
class Bridge:
    """From the aging of a date as known at one instant to that as known at a later one."""

    account: str
    as_of: dt.date
    before: Aging
    after: Aging
    lines: tuple[BridgeRow, ...] = field(repr=False)

    def by_code(self) -> tuple[BridgeRow, ...]:
        """One row for each code and currency, in the order of the codes."""
        order = {code: at for at, (code, _) in enumerate(BRIDGE_CODES)}
        found: dict[tuple[str, Currency], Figures] = {}
        for line in self.lines:
            sums, on_account = found.get((line.code, line.currency), ((0,) * len(line.buckets), 0))
            added = tuple(map(int.__add__, sums, line.buckets))
            found[line.code, line.currency] = (added, on_account + line.on_account)
        places = sorted(found, key=lambda place: (order[place[0]], place[1].code))
        return tuple(
            BridgeRow(
                code=code, currency=currency, buckets=found[code, currency][0], on_account=found[code, currency][1]
            )
            for code, currency in places
        )

    def rows(self) -> list[dict[str, object]]:
        """One plain dict for each fact that was learned, in the order in which that was."""
        return [line.row(self.before.buckets) for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        before, after = (_instant(each.known_at) for each in (self.before, self.after))
        return f"aging of {self.account} as of {self.as_of}: from what was known at {before} to {after}"

    def _table(self) -> list[dict[str, object]]:
        """Where it begins, what was learned by code, and where it ends."""
        names = self.before.buckets
        shown = ("code", "currency", *names, "on account", "balance")
        lines = [*_ends("before", self.before), *self.by_code(), *_ends("after", self.after)]
        rows = (line.row(names) for line in sorted(lines, key=lambda line: line.currency.code))
        return [{name: row[name] for name in shown} for row in rows]

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self._table(), 'nothing open and nothing on account')}"

    def _repr_html_(self) -> str:
        return html_table(self._table(), headed(self.title))


def bridge(
    account: Account,
    as_of: dt.date,
    known_from: dt.date | dt.datetime,
    known_to: dt.date | dt.datetime | None = None,
    *,
    zone: dt.tzinfo = dt.UTC,
    edges: tuple[int, ...] = EDGES,
    by: str = "plan",
    unit: str = "days",
) -> Bridge:
    """What was learned about a date between two instants; ``known_to`` ``None`` means all that is recorded.

    A payment of 30 March that was recorded on 5 April is in no report of 31 March that was made before.

    >>> from receivables import Customer, Invoice, Payment, fold
    >>> from receivables.facts.cash import PaymentReceived
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 2, 18),
    ...                       total=Money.of("2000", "EUR"), due_on=dt.date(2026, 3, 20))
    >>> payment = Payment(id="P-1", account="ACME", amount=Money.of("1500", "EUR"), value_date=dt.date(2026, 3, 30))
    >>> late = PaymentReceived(payment=payment, effective_on=payment.value_date,
    ...                        recorded_at=dt.datetime(2026, 4, 5, tzinfo=dt.UTC))
    >>> account = fold([late], Account.of(Customer(id="ACME"), invoices=[invoice]))
    >>> print(bridge(account, dt.date(2026, 3, 31), dt.date(2026, 3, 31), dt.date(2026, 4, 20), edges=(30,)))
    aging of ACME as of 2026-03-31: from what was known at 2026-03-31 23:59 to 2026-04-20 23:59
    code          currency  current     1-30   30+  on account   balance
    before        EUR          0.00  2000.00  0.00        0.00   2000.00
    late_payment  EUR          0.00     0.00  0.00     1500.00  -1500.00
    after         EUR          0.00  2000.00  0.00     1500.00    500.00

    Raises `InvalidValue` for a first instant after the second, and for buckets that cannot be.
    """
    checks.instance("bridge.known_from", known_from, dt.date, "a date or an instant")
    start, end = known_until(known_from, zone), known_until(known_to, zone)
    assert start is not None
    if end is not None and end < start:
        raise InvalidValue("bridge.known_to", end.isoformat(), f"must not be before {start.isoformat()}")
    before, after = (aging(account.view(as_of, known), edges=edges, by=by, unit=unit) for known in (start, end))
    learned = tuple(_learned(account, before, start, end))
    whole = _moved(account, before, after, learned)
    return Bridge(account=account.id, as_of=as_of, before=before, after=after, lines=(*whole, *learned))


def _learned(account: Account, before: Aging, start: dt.datetime, end: dt.datetime | None) -> Iterator[BridgeRow]:
    """A row for each entry that was learned and changed something, in the order in which they were recorded."""
    as_of = before.as_of or dt.date.max
    had = joined_on(account, as_of, end)
    known = [each for each in entries_of(had) if each.entry.seen(as_of, end)]
    new = sorted((each for each in known if each.entry.recorded_at > start), key=in_order)
    links = Links(known)
    concerned = {links.of(each) for each in new}
    groups: dict[str, Group] = {group: Group(before) for group in concerned}
    for each in known:
        if each.entry.recorded_at <= start and (group := links.of(each)) in concerned:
            groups[group].add(each)
    code_of = Codes(had, new)
    for each in new:
        for currency, sums, on_account in groups[links.of(each)].learn(each):
            yield _row(code_of(each), currency, (sums, on_account), each.entry, code_of.undone(each.entry))


def _moved(account: Account, before: Aging, after: Aging, learned: Iterable[BridgeRow]) -> Iterator[BridgeRow]:
    """What is left of the difference: what came with other accounts, or went with them."""
    code = "other" if account.merges.alone else "merger"
    rest = less(figures(after), figures(before))
    for line in learned:
        rest = less(rest, {line.currency: (line.buckets, line.on_account)})
    return (
        BridgeRow(code=code, currency=currency, buckets=sums, on_account=on_account)
        for currency, (sums, on_account) in rest.items()
        if any(sums) or on_account
    )


def _row(code: str, currency: Currency, change: Figures, entry: Any, about: Any) -> BridgeRow:
    id = getattr(entry, "id", None) or getattr(entry, "allocation", None) or getattr(entry, "payment", None)
    return BridgeRow(
        code=code,
        currency=currency,
        buckets=change[0],
        on_account=change[1],
        id=id,
        item=getattr(about, "item", None),
        source=getattr(about, "source", None),
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
    )


def _ends(code: str, report: Aging) -> Iterator[BridgeRow]:
    for currency, (sums, on_account) in figures(report).items():
        yield BridgeRow(code=code, currency=currency, buckets=sums, on_account=on_account)


def _instant(known_at: dt.datetime | None) -> str:
    return "all that is recorded" if known_at is None else f"{known_at:%Y-%m-%d %H:%M}"


def _text(minor: int, currency: Currency) -> str:
    return str(Money(minor, currency).amount)
