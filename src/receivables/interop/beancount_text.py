"""The journal as text for beancount: ``open`` directives, transactions with metadata and a tag, and balances to be checked.

The text goes into a file that ``bean-check`` reads; the library opens none. Metadata carry the key of the entry and the ids
that it is about, the tag is that of the stored fact. What was moved out of a closed period says on which day it is effective.
"""

from __future__ import annotations

import datetime as dt
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

ROOTS: Final = ("Assets", "Liabilities", "Equity", "Income", "Expenses")

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def beancount_text(
    entries: Iterable[JournalEntry],
    *,
    opened: Collection[str] = (),
    by_customer: Collection[str] = (),
    balances: Iterable[LedgerBalance] = (),
) -> str:
    """The entries as a text of beancount.

    ``opened`` are the accounts that an earlier text has opened. The accounts in ``by_customer`` get one below them for each
    customer, such as those of ``accounts.names("receivable")``.

    >>> from receivables import Customer, Invoice, Money
    >>> from receivables.facts.customer import AccountOpened
    >>> from receivables.facts.invoice import InvoiceIssued
    >>> from receivables.policies.accounts import AccountMap
    >>> from receivables.reports.journal import entries
    >>> day, known = dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    >>> bill = Invoice.due(number="INV-1", account="ACME", issued_on=day, total=Money.of(1200, "EUR"), due_on=day)
    >>> log = [AccountOpened(customer=Customer(id="ACME"), effective_on=day, recorded_at=known),
    ...        InvoiceIssued(invoice=bill, effective_on=day, recorded_at=known)]
    >>> print(beancount_text(entries(log, AccountMap.standard())))
    2026-01-05 open Assets:Receivable
    2026-01-05 open Income:Sales
    <BLANKLINE>
    2026-01-05 * "ACME" "invoice issued INV-1" #invoice.issued
      key: "ACME/2/1"
      invoice: "INV-1"
      Assets:Receivable  1200.00 EUR
      Income:Sales  -1200.00 EUR
    <BLANKLINE>

    Errors: `InvalidValue` for an account or a currency that beancount does not take.
    """
    told, due = in_order(entries), tuple(balances)
    lines = [*_opened(told, due, opened, by_customer)]
    for entry in told:
        lines.extend(_transaction(entry, by_customer))
    return "\n".join([*lines, *_balances(due), *("" for _ in due[:1])])


def _opened(
    entries: Sequence[JournalEntry],
    balances: Sequence[LedgerBalance],
    opened: Collection[str],
    by_customer: Collection[str],
) -> Iterator[str]:
    """Each account on the day of the first entry; nothing is posted before."""
    for currency in currencies_in(entries):
        _check_currency(currency)
    days = [entry.on for entry in entries[:1]] + [each.on for each in balances]
    names = {*accounts_in(entries, by_customer), *(each.account for each in balances)}
    for name in sorted(names - {*opened}):
        _check_name(name)
        yield f"{min(days)} open {name}"
    yield ""


def _transaction(entry: JournalEntry, by_customer: Collection[str]) -> Iterator[str]:
    tag = entry.fact.partition("/")[0]
    yield f"{entry.on} * {_quoted(entry.account)} {_quoted(entry.text)} #{tag}"
    yield f"  key: {_quoted(entry.key)}"
    if entry.is_moved:
        yield f"  effective: {entry.effective_on}"
    for name, value in entry.references:
        yield f"  {name}: {_quoted(value)}"
    for each in entry.postings:
        amount = digits(each.minor, each.currency.exponent)
        yield f"  {name_of(entry, each, by_customer)}  {amount} {each.currency.code}"
    yield ""


def _balances(balances: Iterable[LedgerBalance]) -> Iterator[str]:
    """Beancount checks at the start of a day."""
    for each in balances:
        day, amount = each.on + dt.timedelta(days=1), each.amount
        yield f"{day} balance {each.account}  {digits(amount.minor, amount.currency.exponent)} {amount.currency.code}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _check_name(name: str) -> None:
    root, *parts = name.split(":")
    if root not in ROOTS or not parts or not all(_is_part(part) for part in parts):
        raise InvalidValue(
            "beancount.account",
            name,
            f"must be one of {', '.join(ROOTS)} and parts that begin with a capital or a digit",
        )


def _is_part(part: str) -> bool:
    first, rest = part[:1], part[1:]
    begins = first.isdecimal() or (first.isalpha() and first.isupper())
    return begins and all(each == "-" or each.isalpha() or each.isdecimal() for each in rest)


def _check_currency(currency: Currency) -> None:
    if not currency.code[0].isalpha():
        raise InvalidValue("beancount.currency", currency.code, "must begin with a letter")
