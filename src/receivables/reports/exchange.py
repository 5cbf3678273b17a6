"""Realized exchange differences: what each use of an item or a credit released of its carrying amount, and for what.

1. Money on an item in a foreign currency releases a share of the item's carrying amount, and a share of the credit's. What
   the credit gave up less what the item gave up is the gain, or below zero the loss. A credit note is a credit too.
2. A bank fee and tax withheld came with the payment and count by its rate: a cost, and no part of the exchange
   difference. A discount, a tolerance or a write-off is less revenue: it counts for what the item carried. A rest that was
   settled as an exchange difference brings nothing: all that it carried is lost.
3. A credit that is refunded or converted into the book currency releases its share against what that came to by the rate
   of the day. A conversion out of the book currency, or between two others, passes its carrying amount on.
4. Where a document came without a rate the difference is not known: the row says so by its reason, and no total has it.

The totals are up to a date; those of a period are the difference between its two ends. See
`receivables.state.carrying` for the order in which shares are released.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, final

from attrs import field, frozen

from receivables.documents.exchange import Carrying, ExchangeRate
from receivables.documents.reason import Reason
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.state.carrying import Carried, CarriedBooks, carried_on
from receivables.state.cash import AllocationEntry, Reduction, Use
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

METHOD: Final = "each use releases its share of the carrying amount, the last one what is left"

EXCHANGE_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("item_rate_missing", "the item was recorded without a rate, so what it stands for is not known"),
    ("credit_rate_missing", "the credit was recorded without a rate, so what it stands for is not known"),
    ("refund_rate_missing", "the refund was recorded without a rate, so what went out is not known"),
)
"""The reasons why a difference is not known, in order of precedence."""

BY_PAYMENT: Final = frozenset({"bank_fee", "withheld_tax"})
"""The parts of a settlement that count by the rate of the payment that they came with."""


@final
@frozen(kw_only=True)
class ExchangeLine:
    """One use of an item or a credit: what it released of the carrying amount, and the value for which.

    ``kind`` is ``allocation``, the kind of a part that was settled without money, ``refund``, ``conversion``, ``transfer``,
    or the kind of a surplus that was kept. Without an ``item`` the carrying amount is that of the credit.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> line = ExchangeLine(kind="allocation", id="a1", on=dt.date(2026, 3, 2), source="P-1", item="INV-1",
    ...                     amount=Money.of("100", "USD"), released=eur("92"), value=eur("95"))
    >>> str(line.difference)
    '3.00 EUR'
    """

    kind: str
    id: str
    on: dt.date
    source: str | None
    item: str | None
    amount: Money
    released: Money | None
    value: Money | None
    reason: Reason | None = None

    @property
    def difference(self) -> Money | None:
        """The gain, or below zero the loss: an item is worth what it brings, a credit costs what it comes to."""
        if self.released is None or self.value is None:
            return None
        return self.value - self.released if self.item is not None else self.released - self.value

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "on": self.on.isoformat(),
            "kind": self.kind,
            "id": self.id,
            "credit": self.source,
            "item": self.item,
            "amount": str(self.amount),
            "released": _text(self.released),
            "value": _text(self.value),
            "difference": _text(self.difference),
            "reason": None if self.reason is None else str(self.reason),
        }


@final
@frozen(kw_only=True)
class CarryingLine:
    """An item or a credit in a foreign currency: what it arose with, what is left, and by which rate it stands.

    ``side`` is ``item`` or ``credit``. Without a carrying amount ``reason`` says why. A credit that was converted or
    came from another account has no rate of its own.
    """

    side: str
    id: str
    open: Money
    original: Carrying | None
    remaining: Carrying | None
    rate: ExchangeRate | None
    reason: Reason | None = None

    @property
    def released(self) -> Money | None:
        """What all its uses released: original and remaining differ by this, always."""
        if self.original is None or self.remaining is None:
            return None
        return self.original.book - self.remaining.book

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "side": self.side,
            "id": self.id,
            "open": str(self.open),
            "original": _text(self.original and self.original.book),
            "released": _text(self.released),
            "remaining": _text(self.remaining and self.remaining.book),
            "rate": None if self.rate is None else str(self.rate),
            "reason": None if self.reason is None else str(self.reason),
        }


@final
@frozen(kw_only=True)
class ExchangeResult:
    """The realized differences of an account up to a date, and the carrying amounts that are left.

    ``currency`` is the book currency; ``None`` where no document names a rate: then there is nothing to report.
    ``carryings`` has the items and credits in a foreign currency, closed ones too.
    """

    account: str
    as_of: dt.date
    known_at: dt.datetime | None
    currency: Currency | None
    lines: tuple[ExchangeLine, ...] = field(repr=False)
    carryings: tuple[CarryingLine, ...] = field(repr=False)
    method: str = METHOD

    @property
    def gain(self) -> Money | None:
        """The sum of the gains."""
        return self._sum(each.minor for each in self._differences() if each.minor > 0)

    @property
    def loss(self) -> Money | None:
        """The sum of the losses, above zero."""
        return self._sum(-each.minor for each in self._differences() if each.minor < 0)

    @property
    def difference(self) -> Money | None:
        """Gains less losses."""
        return self._sum(each.minor for each in self._differences())

    @property
    def open(self) -> tuple[CarryingLine, ...]:
        """The items and credits of which something is left."""
        return tuple(each for each in self.carryings if not each.open.is_zero)

    @property
    def unknown(self) -> tuple[ExchangeLine, ...]:
        """The lines whose difference is not known; in no total."""
        return tuple(each for each in self.lines if each.difference is None)

    def value_of(self, kind: str) -> Money | None:
        """What the lines of a kind came to in the book currency: what bank fees cost, say."""
        return self._sum(each.value.minor for each in self.lines if each.kind == kind and each.value is not None)

    def carrying(self, id: str, side: str = "item") -> CarryingLine | None:
        """The carrying amount of an item, or of a credit."""
        return next((each for each in self.carryings if (each.side, each.id) == (side, id)), None)

    def _differences(self) -> Iterator[Money]:
        return (each.difference for each in self.lines if each.difference is not None)

    def _sum(self, minors: Iterable[int]) -> Money | None:
        return None if self.currency is None else Money(sum(minors), self.currency)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per line, in the order of the days."""
        return [line.row() for line in self.lines]

    def remaining(self) -> list[dict[str, object]]:
        """One plain dict per item and credit of which something is left."""
        return [line.row() for line in self.open]

    @property
    def title(self) -> str:
        """What it is, in words."""
        known = "" if self.known_at is None else f", as known at {self.known_at.isoformat()}"
        return f"realized exchange differences of {self.account} in {self.currency} as of {self.as_of}{known}"

    def __str__(self) -> str:
        if self.currency is None:
            return f"exchange differences of {self.account} as of {self.as_of}: no document names a rate"
        total = f"gain {self.gain}, loss {self.loss}, not known: {len(self.unknown)}"
        lines = text_table(self.rows(), "nothing realized")
        return f"{self.title}\n{lines}\n{total}\n{self.method}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def exchange_result(
    account: Account,
    as_of: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    zone: dt.tzinfo = dt.UTC,
) -> ExchangeResult:
    """What was gained and lost by exchange rates up to a date, as known at an instant.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> rates = [ExchangeRate.of("EUR", "USD", rate, on=dt.date(2026, 2, 2), source="ECB") for rate in ("1.10", "1.08")]
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 2, 2), book_rate=rates[0],
    ...                       total=Money.of("300", "USD"), due_on=dt.date(2026, 3, 4))
    >>> payment = Payment(id="P-1", account="ACME", amount=Money.of("100", "USD"), value_date=dt.date(2026, 3, 2),
    ...                   book_rate=rates[1])
    >>> paid = Allocation(source="P-1", item="INV-1", amount=Money.of("100", "USD"))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[payment], allocations=[paid])
    >>> result = exchange_result(account, dt.date(2026, 3, 31))
    >>> [(str(line.released), str(line.value), str(line.difference)) for line in result.lines]
    [('90.91 EUR', '92.59 EUR', '1.68 EUR')]
    >>> str(result.carrying("INV-1").remaining.book)
    '181.82 EUR'

    An account that was merged counts with what it had on the date. Raises `CurrencyMismatch` where its documents name rates to
    several book currencies: plans refuse that.
    """
    checks.day("exchange.as_of", as_of)
    until = known_until(known_at, zone)
    had = joined_on(account, as_of, until)
    books = carried_on(had, as_of, until)
    rates = {each.use: each.rate for each in had.exchange.refund_rates}
    found = [
        *(_allocated(each, books) for each in books.allocations),
        *(_settled(each, books) for each in books.differences),
        *(_used(each, books, rates) for each in books.uses),
    ]
    lines = sorted((line for line in found if line is not None), key=lambda line: line.on)
    return ExchangeResult(
        account=account.id,
        as_of=as_of,
        known_at=until,
        currency=books.currency,
        lines=tuple(lines),
        carryings=tuple(_carryings(books)),
    )


def _allocated(entry: AllocationEntry, books: CarriedBooks) -> ExchangeLine | None:
    """Money on an item in a foreign currency: the share of the item for the share of the credit."""
    item, credit = books.items.get(entry.item), books.credits.get(entry.source)
    if item is None:
        return None
    released, value = item.released.get(entry.id), credit and credit.released.get(entry.id)
    missing = _first((released is None, "item_rate_missing"), (value is None, "credit_rate_missing"))
    return _line("allocation", entry.id, entry, item, released, value, missing)


def _settled(entry: Reduction, books: CarriedBooks) -> ExchangeLine | None:
    """A part of an item that was closed without money: by the rate of the payment, or for what the item carried."""
    item = books.items.get(entry.item)
    if item is None or entry.id is None:
        return None
    credit = books.credits.get(entry.source or "")
    released = value = item.released.get(entry.id)
    if entry.kind in BY_PAYMENT:
        value = credit and credit.share(entry.amount)
    elif entry.kind == "exchange_difference":
        value = 0
    missing = _first((released is None, "item_rate_missing"), (value is None, "credit_rate_missing"))
    return _line(entry.kind, entry.id, entry, item, released, value, missing)


def _used(use: Use, books: CarriedBooks, rates: Mapping[str, ExchangeRate]) -> ExchangeLine | None:
    """What was used of a credit elsewhere: the share of the credit for what it came to."""
    credit, became = books.credits.get(use.source), books.credits.get(use.id)
    foreign = [each for each in (credit, became) if each is not None and each.currency != books.currency]
    if credit is None or not foreign:
        return None
    released = value = credit.released.get(use.id)
    code = "credit_rate_missing"
    if use.kind == "conversion":
        value = became and became.book
    elif use.kind == "refund":
        value, code = _refunded(use, credit, rates.get(use.id)), "refund_rate_missing"
    missing = _first((released is None, "credit_rate_missing"), (value is None, code))
    return _line(use.kind, use.id, use, credit, released, value, missing)


def _refunded(use: Use, credit: Carried, rate: ExchangeRate | None) -> int | None:
    """What went out in the book currency, by the rate of the refund."""
    if rate is None or not rate.is_between(credit.currency, credit.book_currency):
        return None
    return rate.convert(Money(use.amount, credit.currency)).minor


def _line(
    kind: str,
    id: str,
    entry: AllocationEntry | Reduction | Use,
    of: Carried,
    released: int | None,
    value: int | None,
    missing: str | None,
) -> ExchangeLine:
    return ExchangeLine(
        kind=kind,
        id=id,
        on=entry.effective_on,
        source=entry.source,
        item=None if isinstance(entry, Use) else entry.item,
        amount=Money(entry.amount, of.currency),
        released=None if released is None else Money(released, of.book_currency),
        value=None if value is None else Money(value, of.book_currency),
        reason=None if missing is None else Reason(code=missing, retryable=False),
    )


def _first(*checked: tuple[bool, str]) -> str | None:
    """The first code whose condition holds."""
    return next((code for holds, code in checked if holds), None)


def _carryings(books: CarriedBooks) -> Iterator[CarryingLine]:
    """The items and credits in a foreign currency, with what is left of them."""
    for side, found in (("item", books.items), ("credit", books.credits)):
        for each in found.values():
            if each.there and each.currency != books.currency:
                yield CarryingLine(
                    side=side,
                    id=each.id,
                    open=Money(max(0, each.left), each.currency),
                    original=each.original,
                    remaining=each.remaining,
                    rate=each.rate,
                    reason=Reason(code=f"{side}_rate_missing", retryable=False) if each.book is None else None,
                )


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount.amount)
