"""What the texts for plain-text ledgers have in common: order, amounts, names of accounts, and balances to be checked.

Nothing that a person wrote comes into them: an entry has words of ours, ids and codes. An id keeps its characters where the
program takes them, and is written so that it can be read back where it does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import final

from attrs import frozen

from receivables.reports.journal import JournalEntry, Posting
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LedgerBalance:
    """What an account has to show at the end of a day, without the accounts below it; the program checks it.

    >>> str(LedgerBalance(account="Assets:Receivable", on=dt.date(2026, 3, 31), amount=Money.of("1200", "EUR")).amount)
    '1200.00 EUR'
    """

    account: str
    on: dt.date
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.text("balance.account", self.account)
        checks.day("balance.on", self.on)
        checks.instance("balance.amount", self.amount, Money, "money")


def in_order(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    """The entries by the day on which they are posted; of one day as they came."""
    return sorted(entries, key=lambda entry: entry.on)


def name_of(entry: JournalEntry, posting: Posting, by_customer: Collection[str]) -> str:
    """The account of a posting, one below it for the customer where that is wanted."""
    if posting.account not in by_customer:
        return posting.account
    return f"{posting.account}:{customer_part(entry.account)}"


def customer_part(customer: str) -> str:
    """The id of a customer's account as the last part of a name; no two ids have the same.

    >>> customer_part("ACME"), customer_part("DE01:acme 7")
    ('C-ACME', 'C-DE01-3a-acme-20-7')
    """
    return "C-" + "".join(each if each.isascii() and each.isalnum() else f"-{ord(each):x}-" for each in customer)


def accounts_in(entries: Iterable[JournalEntry], by_customer: Collection[str]) -> Iterator[str]:
    """Every account that the entries use, once, by name."""
    found = {name_of(entry, posting, by_customer) for entry in entries for posting in entry.postings}
    return iter(sorted(found))


def currencies_in(entries: Iterable[JournalEntry]) -> Iterator[Currency]:
    """Every currency that the entries use, once, by code."""
    found = {posting.currency for entry in entries for posting in entry.postings}
    return iter(sorted(found, key=lambda currency: currency.code))


def digits(minor: int, exponent: int) -> str:
    """An amount in minor units as a plain number: neither an exponent nor a separator of thousands.

    >>> digits(-120050, 2), digits(7, 3), digits(7, 0)
    ('-1200.50', '0.007', '7')
    """
    text = str(abs(minor)).rjust(exponent + 1, "0")
    whole = f"{text[:-exponent]}.{text[-exponent:]}" if exponent else text
    return f"-{whole}" if minor < 0 else whole
