"""What the journal remembers of one log while it walks through it: which account each thing was booked to, and how.

An item and a credit keep the accounts that they were booked to first, so that what takes them off comes to the same ones
even where the customer went to another segment since. What can be taken back is remembered with its lines, by its id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import final

from attrs import define, field

from receivables.documents.customer import Customer
from receivables.facts.fact import Fact
from receivables.policies.accounts import AccountMap
from receivables.reports import journal_exchange as exchange
from receivables.reports.journal_exchange import BookAmounts, ForeignUse, Holding, parted
from receivables.values.currencies import Currency
from receivables.values.money import Money

Line = tuple[str, Currency, int]
"""An account, a currency and so much in minor units: a debit above zero, a credit below."""

Weights = tuple[tuple[str, int], ...]
"""Accounts with the part of an amount that each has."""


@final
@define(eq=False)
class BookedItem:
    """An item: the control account that it stands on, and what of it is open in the books."""

    id: str
    document: str
    account: str
    currency: Currency
    open: int
    kind: str = "invoice"
    holding: Holding | None = None
    income: Weights = ()
    """What a charge was: its income and its tax."""
    given_back: int = 0
    """So much of a charge that was reversed or waived."""


@final
@define(eq=False)
class BookedCredit:
    """A credit: the account that it stands on, where its money came in, and what became of it."""

    id: str
    account: str
    currency: Currency
    amount: int
    status: str = "settled"
    cash: str = ""
    holding: Holding | None = None


@final
@define(eq=False)
class Made:
    """What one thing came to, so that it can be taken back: its lines, what it took off an item, and its foreign side."""

    lines: Sequence[Line]
    item: BookedItem | None = None
    minor: int = 0
    use: ForeignUse | None = None


@final
@define(eq=False)
class Books:
    """All that was booked of one log so far."""

    accounts: AccountMap
    others: Mapping[str, Sequence[Fact]]
    account: str = ""
    customers: list[tuple[dt.date, Customer]] = field(factory=list)
    items: dict[str, BookedItem] = field(factory=dict)
    credits: dict[str, BookedCredit] = field(factory=dict)
    made: dict[str, Made] = field(factory=dict)
    codes: dict[str, str] = field(factory=dict)
    """Why each write-off was made."""
    moved: dict[tuple[dt.date, str, Currency], int] = field(factory=dict)
    """What is to be posted in the book currency for the fact at hand, by day and account."""
    book: Currency | None = None
    count: int = 0
    names: dict[tuple[str, str, str], str] = field(factory=dict)

    def name(self, role: str, day: dt.date, code: str, currency: Currency) -> str:
        """The account for a role on a day, by what is known of the customer."""
        if len(self.customers) > 1:
            return self.accounts.account(role, self._customer(day), code, currency.code)
        key = (role, code, currency.code)
        if (known := self.names.get(key)) is None:
            known = self.names[key] = self.accounts.account(role, self._customer(day), code, currency.code)
        return known

    def know(self, day: dt.date, customer: Customer) -> None:
        """The customer as it is from a day on."""
        self.account = self.account or customer.account
        self.customers.append((day, customer))
        self.names.clear()

    def _customer(self, day: dt.date) -> Customer | None:
        """As in a view: the version that took effect last, and of one day the one recorded last."""
        found: tuple[dt.date, Customer] | None = None
        for each in self.customers:
            if each[0] <= day and (found is None or each[0] >= found[0]):
                found = each
        found = found or (self.customers[0] if self.customers else None)
        return None if found is None else found[1]

    # What it stands for in the book currency ---------------------------------------------------------------------------

    def held(self, amount: Money, book: Money | None) -> Holding | None:
        """An item or a credit with what it is carried at, where that is known."""
        if book is None:
            return None
        self.book = self.book or book.currency
        return Holding(amount.minor, book.currency, book.minor)

    def exchanged(self, day: dt.date, currency: Currency, minor: int) -> Line:
        """The other side of an amount in a currency, where its value stands in another."""
        return (self.name("exchange", day, "", currency), currency, minor)

    def use(
        self,
        fact: Fact,
        kind: str,
        minor: int,
        *,
        item: Holding | None = None,
        credit: Holding | None = None,
        payer: Holding | None = None,
        contra: Weights = (),
        value: int | None = None,
    ) -> ForeignUse:
        """Let an item or a credit, one of which has a value in the books, give up its share of what it is carried at."""
        holding = item or credit
        assert holding is not None
        roles = ("exchange_gain", "exchange_loss", "exchange")
        names = [self.name(role, fact.effective_on, "", holding.book) for role in roles]
        use = ForeignUse(
            kind=kind,
            amount=minor,
            start=fact.effective_on,
            order=(fact.effective_on, fact.recorded_at, minor > 0, kind != "allocation", self.count),
            contra=contra,
            value=value,
            item=item,
            credit=credit,
            payer=payer,
            accounts=(names[0], names[1], names[2]),
        )
        if payer is not None:
            payer.priced.append(use)
        self._post(exchange.added(use), holding.book)
        return use

    def _post(self, moved: BookAmounts, book: Currency) -> None:
        for (day, account), minor in moved.items():
            place = (day, account, book)
            self.moved[place] = self.moved.get(place, 0) + minor

    # What takes off and what is taken back -----------------------------------------------------------------------------

    def reduce(
        self,
        fact: Fact,
        id: str,
        item: BookedItem,
        minor: int,
        kind: str,
        contra: Weights,
        source: str | None = None,
    ) -> list[Line]:
        """So much of an item closed without money, for what it is to the accounts of ``contra``; below zero it comes back.

        Of an item in a foreign currency that is what the item carried, or what it came to by the rate of its ``source``.
        """
        payer = self.credits[source].holding if source in self.credits else None
        currency, day = item.currency, fact.effective_on
        lines: list[Line] = [(item.account, currency, -minor)]
        use = None
        if item.holding is None:
            sign = 1 if minor > 0 else -1
            lines += [(account, currency, sign * part) for account, part in contra]
        else:
            lines.append(self.exchanged(day, currency, minor))
            use = self.use(fact, kind, minor, item=item.holding, payer=payer, contra=contra)
        item.open -= minor
        self.made[id] = Made(lines, item, minor, use)
        return lines

    def undo(self, id: str, day: dt.date) -> list[Line]:
        """Take back what was made under an id, from a day on; nothing where that is not known, or was taken back before."""
        made = self.made.pop(id, None)
        if made is None:
            return []
        if made.item is not None:
            made.item.open += made.minor
        if made.use is not None:
            holding = next(made.use.holdings)
            self._post(exchange.ended(made.use, day), holding.book)
        return [(account, currency, -minor) for account, currency, minor in made.lines]

    def taken(self) -> dict[tuple[dt.date, str, Currency], int]:
        """What was moved in the book currency since it was last asked."""
        moved, self.moved = self.moved, {}
        return moved


def weighted(pairs: Iterable[tuple[str, int]]) -> Weights:
    """Accounts with their parts: one part for each account, and none of nothing."""
    found: dict[str, int] = {}
    for account, minor in pairs:
        found[account] = found.get(account, 0) + minor
    return tuple((account, minor) for account, minor in found.items() if minor)


def part_of(whole: Weights, before: int, after: int) -> Weights:
    """The parts between two sums of a whole that was given back bit by bit: all bits together are the whole.

    >>> part_of((("fee", 1261), ("tax", 239)), 0, 500), part_of((("fee", 1261), ("tax", 239)), 500, 1500)
    ((('fee', 420), ('tax', 80)), (('fee', 841), ('tax', 159)))
    """
    low, high = parted(before, whole), parted(after, whole)
    return tuple((account, high[account] - low[account]) for account in high)
