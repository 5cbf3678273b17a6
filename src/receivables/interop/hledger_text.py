"""The journal as text for hledger: ``commodity`` and ``account`` directives, transactions with tags, balances to be checked.

The text goes into a file that ``hledger check --strict`` reads; the library opens none. Tags carry the key of the entry and
the ids that it is about. What was moved out of a closed period has the day on which it is effective as its second date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from receivables.errors import InvalidValue
from receivables.interop.ledger_text import (
    LedgerBalance,
    accounts_in,
    currencies_in,
    digits,
    in_order,
    name_of,
)
from receivables.reports.journal import JournalEntry
from receivables.values.currencies import Currency

_SAFE: Final = frozenset("-_./:#@+() ")
_BEGINNINGS: Final = frozenset("([*!=@~")


def hledger_text(
    entries: Iterable[JournalEntry],
    *,
    by_customer: Collection[str] = (),
    balances: Iterable[LedgerBalance] = (),
) -> str:
    """The entries as a text of hledger.

    The accounts in ``by_customer`` get one below them for each customer, such as ``accounts.names("receivable")``.

    >>> import datetime as dt
    >>> from receivables import Customer, Invoice, Money
    >>> from receivables.facts.customer import AccountOpened
    >>> from receivables.facts.invoice import InvoiceIssued
    >>> from receivables.policies.accounts import AccountMap
    >>> from receivables.policies.periods import Periods
    >>> from receivables.reports.journal import entries
    >>> day, known = dt.date(2026, 1, 5), dt.datetime(2026, 2, 5, 8, tzinfo=dt.UTC)
    >>> bill = Invoice.due(number="INV-1", account="ACME", issued_on=day, total=Money.of(1200, "EUR"), due_on=day)
    >>> log = [AccountOpened(customer=Customer(id="ACME"), effective_on=day, recorded_at=known),
    ...        InvoiceIssued(invoice=bill, effective_on=day, recorded_at=known)]
    >>> print(hledger_text(entries(log, AccountMap.standard(), periods=Periods.closed(dt.date(2026, 1, 31)))))
    decimal-mark .
    commodity 1000.00 EUR
    account Assets:Receivable
    account Income:Sales
    <BLANKLINE>
    2026-02-01=2026-01-05 * ACME | invoice issued INV-1  ; key:ACME/2/1
        ; fact:invoice.issued
        ; invoice:INV-1
        Assets:Receivable  1200.00 EUR
        Income:Sales  -1200.00 EUR
    <BLANKLINE>

    In a tag, what would end it is written as ``%`` and the bytes of UTF-8. Errors: `InvalidValue` for an account that
    hledger does not take.
    """
    told, due = in_order(entries), tuple(balances)
    lines = [*_declared(told, due, by_customer)]
    for entry in told:
        lines.extend(_transaction(entry, by_customer))
    for each in sorted(due, key=lambda each: each.on):
        lines.extend(_assertion(each))
    return "\n".join(lines)


def _declared(
    entries: Sequence[JournalEntry], balances: Sequence[LedgerBalance], by_customer: Collection[str]
) -> Iterator[str]:
    yield "decimal-mark ."
    currencies = {*currencies_in(entries), *(each.amount.currency for each in balances)}
    for currency in sorted(currencies, key=lambda currency: currency.code):
        yield f"commodity 1000.{'0' * currency.exponent} {_commodity(currency)}"
    for name in sorted({*accounts_in(entries, by_customer), *(each.account for each in balances)}):
        if name[0] in _BEGINNINGS:
            raise InvalidValue("hledger.account", name, f"must not begin with {name[0]!r}")
        yield f"account {name}"
    yield ""


def _transaction(entry: JournalEntry, by_customer: Collection[str]) -> Iterator[str]:
    day = f"{entry.on}={entry.effective_on}" if entry.is_moved else f"{entry.on}"
    yield f"{day} * {_words(entry.account)} | {_words(entry.text)}  ; key:{_tagged(entry.key)}"
    yield f"    ; fact:{entry.fact.partition('/')[0]}"
    for name, value in entry.references:
        yield f"    ; {name}:{_tagged(value)}"
    for each in entry.postings:
        amount = digits(each.minor, each.currency.exponent)
        yield f"    {name_of(entry, each, by_customer)}  {amount} {_commodity(each.currency)}"
    yield ""


def _assertion(each: LedgerBalance) -> Iterator[str]:
    """Hledger checks with a posting; it stands after all others of its day."""
    zero, commodity = digits(0, each.amount.currency.exponent), _commodity(each.amount.currency)
    wanted = digits(each.amount.minor, each.amount.currency.exponent)
    yield f"{each.on} * balance"
    yield f"    {each.account}  {zero} {commodity} = {wanted} {commodity}"
    yield ""


def _commodity(currency: Currency) -> str:
    return currency.code if currency.code.isalpha() else f'"{currency.code}"'


def _words(text: str) -> str:
    """A description ends at a semicolon or a line; the tags have the id as it is."""
    return " ".join("".join(" " if each in ";|" or not each.isprintable() else each for each in text).split())


def _tagged(text: str) -> str:
    """A value of a tag ends at a comma or a line, and blanks around it are lost."""
    inner = text.strip(" ")
    before = text.index(inner) if inner else len(text)
    escaped = "".join(each if each.isalnum() or each in _SAFE else _escaped(each) for each in inner)
    return "%20" * before + escaped + "%20" * (len(text) - before - len(inner))


def _escaped(each: str) -> str:
    return "".join(f"%{byte:02X}" for byte in each.encode("utf-8"))
