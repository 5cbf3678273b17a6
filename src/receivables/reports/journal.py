"""The journal: every fact of a log as balanced double entries, through a map of accounts.

1. A fact gives an entry on its effective day, so that the control account of every day is what the view of that day shows:
   ``receivable`` has the open items, ``unapplied`` what is on account. Facts that move no money give none; see
   `receivables.reports.journal_rules` for the table.
2. Every entry balances in every currency. Of an item in a foreign currency with a rate of the books, revenue, tax, discounts
   and losses are in the book currency; the account ``exchange`` has the other side of both.
3. A correction takes back what it corrects, to the same accounts. Nothing that was posted changes.
4. An entry has a key: account, ordinal of the fact in the log, and line. The log only grows, so a ledger goes on after the
   last ordinal that it has, and the same entry is never posted twice under another key.
5. What is effective in a closed period is posted on the first open day, and keeps the day on which it is effective.
6. Each log is posted by itself. Merging two customers posts nothing: together the two are what the whole owes. Documents that
   are handed over to another customer are moved, through ``transfer``, which is empty when both logs are posted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self, final

from attrs import field, frozen

from receivables import codec
from receivables.facts import cash, charge, invoice, loss, merge
from receivables.facts.fact import Fact
from receivables.policies.accounts import AccountMap
from receivables.policies.periods import Periods
from receivables.reports.journal_books import Books, Line
from receivables.reports.journal_rules import lines_of
from receivables.reports.table import html_table, text_table
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

_TAG_OF: Final = {kind: tag for tag, kind in codec.TAGS.items()}

OPEN: Final = Periods()
"""Nothing is closed."""

REFERENCES: Final[Mapping[type, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        invoice.InvoiceIssued: (("invoice", "invoice.number"),),
        invoice.CreditNoteIssued: (("credit_note", "credit_note.number"), ("invoice", "credit_note.against")),
        invoice.ItemTakenOver: (("item", "item.id"),),
        cash.PaymentReceived: (("payment", "payment.id"),),
        cash.PaymentSettled: (("payment", "payment"),),
        cash.PaymentReturned: (("payment", "payment"), ("code", "code")),
        cash.AllocationMade: (
            ("allocation", "id"),
            ("credit", "allocation.source"),
            ("item", "allocation.item"),
        ),
        cash.AllocationUndone: (("allocation", "allocation"),),
        cash.DifferenceSettled: (
            ("difference", "id"),
            ("credit", "source"),
            ("item", "part.item"),
            ("code", "part.reason"),
        ),
        cash.DifferenceUndone: (("difference", "difference"),),
        cash.RefundMade: (("refund", "id"), ("credit", "source")),
        cash.CreditConverted: (("conversion", "id"), ("credit", "conversion.source")),
        cash.CreditTransferred: (("transfer", "id"), ("credit", "source"), ("customer", "to")),
        cash.CreditArrived: (("transfer", "id"), ("customer", "came_from")),
        charge.ChargeRaised: (("charge", "charge.id"), ("item", "charge.item")),
        charge.ChargeReversed: (("charge", "charge"),),
        charge.ChargeWaived: (("charge", "charge"),),
        charge.ChargeReinstated: (("charge", "charge"),),
        loss.WrittenOff: (("write_off", "id"), ("item", "item"), ("code", "code")),
        loss.WriteOffReversed: (("write_off", "write_off"), ("item", "item")),
        loss.Recovered: (("recovery", "id"), ("item", "item"), ("credit", "source")),
        loss.ReliefClaimed: (("relief", "id"), ("item", "item")),
        loss.ReliefRepaid: (("relief", "id"), ("item", "item"), ("code", "cause")),
        merge.DocumentsHandedOver: (("customer", "to"),),
        merge.DocumentsTakenOn: (("customer", "came_from"),),
    }
)
"""Fact -> what its entry refers to: names of ids and codes, never a text that a person wrote."""

_GETTERS: Final[Mapping[type, tuple[tuple[str, Callable[[Any], Any]], ...]]] = {
    kind: tuple((name, attrgetter(path)) for name, path in paths) for kind, paths in REFERENCES.items()
}


@final
class Posting(NamedTuple):
    """So much on one account of the general ledger, in minor units: a debit above zero, a credit below.

    >>> str(Posting("Assets:Receivable", Currency.of("EUR"), 120000).amount)
    '1200.00 EUR'
    """

    account: str
    currency: Currency
    minor: int

    @property
    def amount(self) -> Money:
        """The amount, with its sign."""
        return Money(self.minor, self.currency)


@final
@frozen(kw_only=True, weakref_slot=False)
class JournalEntry:
    """A balanced entry: what a fact is to the general ledger on one day.

    ``account`` and ``ordinal`` say which fact of which log, ``line`` which entry of it: a late fact can move a cent of an
    earlier day. ``on`` is the day on which it is posted, ``effective_on`` the one on which it is true. ``fact`` is the stored
    tag, ``references`` are ids.
    """

    account: str
    ordinal: int
    line: int
    on: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime
    fact: str
    references: tuple[tuple[str, str], ...]
    postings: tuple[Posting, ...]

    @property
    def key(self) -> str:
        """What makes posting it idempotent: ``account/ordinal/line``; of a closing, its day and what it is about."""
        if not self.ordinal:
            return f"{self.account}/{self.effective_on}/{self.references[0][1]}"
        return f"{self.account}/{self.ordinal}/{self.line}"

    @property
    def is_moved(self) -> bool:
        """Whether its own day was closed."""
        return self.on != self.effective_on

    @property
    def text(self) -> str:
        """What happened, in words, with the first thing that it is about."""
        words = self.fact.partition("/")[0].replace(".", " ").replace("_", " ")
        return f"{words} {self.references[0][1]}" if self.references else words

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per posting."""
        head = {"entry": self.key, "on": self.on.isoformat(), "effective_on": self.effective_on.isoformat()}
        return [
            {
                **head,
                "text": self.text,
                "account": each.account,
                "debit": str(each.amount.amount) if each.minor > 0 else None,
                "credit": str(-each.amount.amount) if each.minor < 0 else None,
                "currency": each.currency.code,
            }
            for each in self.postings
        ]

    def __str__(self) -> str:
        return text_table(self.rows())

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Entry {self.key}")


@final
@frozen(kw_only=True)
class Journal:
    """The entries of one log or of several, in the order of the logs."""

    accounts: AccountMap = field(repr=False)
    entries: tuple[JournalEntry, ...] = field(repr=False)

    @classmethod
    def together(cls, journals: Iterable[Journal]) -> Self:
        """Several journals of one chart as one.

        >>> standard = AccountMap.standard()
        >>> Journal.together([journal([], standard), journal([], standard)]).entries
        ()
        """
        told = list(journals)
        return cls(accounts=told[0].accounts, entries=tuple(entry for each in told for entry in each.entries))

    def balances(
        self, as_of: dt.date | None = None, *, effective: bool = False, customer: str | None = None
    ) -> Mapping[tuple[str, Currency], Money]:
        """The balance of each account and currency at the end of a day, a debit above zero; those that are zero left out.

        By the day of posting, or by the one on which things were ``effective``; of all logs, or of a ``customer``.
        """
        sums: dict[tuple[str, Currency], int] = {}
        for entry in self.entries:
            day = entry.effective_on if effective else entry.on
            if (as_of is None or day <= as_of) and customer in (None, entry.account):
                for each in entry.postings:
                    place = (each.account, each.currency)
                    sums[place] = sums.get(place, 0) + each.minor
        return {place: Money(minor, place[1]) for place, minor in sorted(sums.items(), key=_named) if minor}

    def balance(
        self,
        role: str,
        currency: str | Currency,
        as_of: dt.date | None = None,
        *,
        effective: bool = False,
        customer: str | None = None,
    ) -> Money:
        """The balance of all accounts of a role in a currency; a debit above zero."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        names = self.accounts.names(role)
        found = self.balances(as_of, effective=effective, customer=customer)
        return Money.total(
            (money for (account, of), money in found.items() if account in names and of == wanted), wanted
        )

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per posting, in the order of the entries."""
        return [row for entry in self.entries for row in entry.rows()]

    def __str__(self) -> str:
        return text_table(self.rows(), "nothing to post")

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"journal of {len(self.entries)} entries")


def journal(
    facts: Iterable[Fact],
    accounts: AccountMap,
    *,
    periods: Periods = OPEN,
    after: int = 0,
    others: Mapping[str, Sequence[Fact]] = MappingProxyType({}),
) -> Journal:
    """The journal of one log, as ``app.history(id)`` or ``store.history`` give it: all of it, from its first fact.

    ``after`` leaves out the entries of so many facts, which were posted before. ``others`` are the logs of the accounts from
    which documents came.

    >>> from receivables import Customer, Invoice, Payment
    >>> from receivables.facts.customer import AccountOpened
    >>> eur, day = (lambda amount: Money.of(amount, "EUR")), (lambda month, day: dt.date(2026, month, day))
    >>> known = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    >>> bill = Invoice.due(number="INV-1", account="ACME", issued_on=day(1, 5), total=eur(1200), due_on=day(2, 4))
    >>> log = [AccountOpened(customer=Customer(id="ACME"), effective_on=day(1, 5), recorded_at=known),
    ...        invoice.InvoiceIssued(invoice=bill, effective_on=day(1, 5), recorded_at=known),
    ...        cash.PaymentReceived(payment=Payment(id="P-1", account="ACME", amount=eur(500), value_date=day(2, 20)),
    ...                             effective_on=day(2, 20), recorded_at=known)]
    >>> made = journal(log, AccountMap.standard(), periods=Periods.closed(day(1, 31)))
    >>> for row in made.rows():
    ...     print(row["entry"], row["on"], row["text"], row["account"], row["debit"], row["credit"])
    ACME/2/1 2026-02-01 invoice issued INV-1 Assets:Receivable 1200.00 None
    ACME/2/1 2026-02-01 invoice issued INV-1 Income:Sales None 1200.00
    ACME/3/1 2026-02-20 payment received P-1 Assets:Bank 500.00 None
    ACME/3/1 2026-02-20 payment received P-1 Liabilities:Unapplied None 500.00
    >>> str(made.balance("receivable", "EUR", day(1, 31), effective=True)), made.entries[0].is_moved
    ('1200.00 EUR', True)
    >>> [entry.key for entry in journal(log, AccountMap.standard(), after=2).entries]
    ['ACME/3/1']

    Raises `WrongType` for what is no fact, `UnknownId` where documents came from an account whose log is not given.
    """
    made = entries(facts, accounts, periods=periods, after=after, others=others)
    return Journal(accounts=accounts, entries=tuple(made))


def entries(
    facts: Iterable[Fact],
    accounts: AccountMap,
    *,
    periods: Periods = OPEN,
    after: int = 0,
    others: Mapping[str, Sequence[Fact]] = MappingProxyType({}),
) -> Iterator[JournalEntry]:
    """The entries of `journal`, one by one."""
    checks.instance("journal.accounts", accounts, AccountMap, "an account map")
    checks.instance("journal.periods", periods, Periods, "periods")
    checks.whole("journal.after", after, least=0)
    books = Books(accounts, others, book=accounts.currency)
    for ordinal, fact in enumerate(facts, 1):
        lines = lines_of(books, fact)
        moved = books.taken() if books.moved else None
        if ordinal <= after:
            continue
        if moved is not None:
            days = _by_day(fact.effective_on, lines, moved).items()
            told = ((day, found) for day, found in days if any(minor for *_, minor in found))
            for line, (day, found) in enumerate(told, 1):
                yield _entry(books.account, ordinal, line, fact, day, found, periods)
        elif lines and any(minor for *_, minor in lines):
            yield _entry(books.account, ordinal, 1, fact, fact.effective_on, lines, periods)


def _by_day(
    day: dt.date, lines: Iterable[Line], moved: Mapping[tuple[dt.date, str, Currency], int]
) -> Mapping[dt.date, Sequence[Line]]:
    """The lines of the day of the fact, then those of other days, one for each account and currency."""
    days: dict[dt.date, dict[tuple[str, Currency], int]] = {day: {}}
    told = [(day, *line) for line in lines]
    told += [(on, account, currency, minor) for (on, account, currency), minor in sorted(moved.items(), key=_first)]
    for on, account, currency, minor in told:
        found = days.setdefault(on, {})
        found[account, currency] = found.get((account, currency), 0) + minor
    return {on: [(*place, minor) for place, minor in found.items()] for on, found in days.items()}


def _entry(
    account: str, ordinal: int, line: int, fact: Fact, day: dt.date, lines: Iterable[Line], periods: Periods
) -> JournalEntry:
    kind, recorded_at = type(fact), fact.recorded_at
    postings = tuple([Posting(*each) for each in lines if each[2]])
    _check_balance(postings)
    return JournalEntry(
        account=account,
        ordinal=ordinal,
        line=line,
        on=periods.posted_on(day, recorded_at) if periods.closings else day,
        effective_on=day,
        recorded_at=recorded_at,
        fact=_TAG_OF[kind],
        references=tuple([(name, value) for name, get in _GETTERS[kind] if (value := get(fact)) is not None]),
        postings=postings,
    )


def _check_balance(postings: Sequence[Posting]) -> None:
    """What holds of every entry, whatever the fact said: debits are credits, in each currency."""
    currency, total = postings[0].currency, 0
    for each in postings:
        if each.currency is not currency:
            break
        total += each.minor
    else:
        assert not total, f"an entry that does not balance: {postings}"
        return
    sums: dict[Currency, int] = {}
    for each in postings:
        sums[each.currency] = sums.get(each.currency, 0) + each.minor
    assert not any(sums.values()), f"an entry that does not balance: {postings}"


def _first(moved: tuple[tuple[dt.date, str, Currency], int]) -> tuple[dt.date, str, str]:
    (day, account, currency), _ = moved
    return day, account, currency.code


def _named(place: tuple[tuple[str, Currency], int]) -> tuple[str, str]:
    (account, currency), _ = place
    return account, currency.code
