"""What a closing posts that no fact says: the allowance that a provision requires, and open items at the rates of the day.

Neither is in the log, because neither happened: both are estimates as of a day, made anew at the next closing. The key of
such an entry is that of the closing, so that a closing is posted once.
"""

from __future__ import annotations

import datetime as dt

from receivables.documents.customer import Customer
from receivables.errors import CurrencyMismatch
from receivables.policies.accounts import AccountMap
from receivables.reports.journal import JournalEntry, Posting
from receivables.reports.revaluation import RevaluationReport
from receivables.values import checks
from receivables.values.money import Money


def allowance_entries(
    required: Money,
    standing: Money,
    accounts: AccountMap,
    *,
    on: dt.date,
    recorded_at: dt.datetime,
    company: str = "",
) -> tuple[JournalEntry, ...]:
    """What brings the allowance to what a `receivables.reports.provision.Provision` requires; nothing where it stands there.

    ``standing`` is the balance of the account as the journal has it, ``-journal.balance("allowance", currency)``: what
    write-offs used of it is gone from there already.

    >>> eur, known = (lambda amount: Money.of(amount, "EUR")), dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC)
    >>> (entry,) = allowance_entries(eur(3380), eur(1880), AccountMap.standard(), on=dt.date(2026, 6, 30), recorded_at=known)
    >>> entry.key, [(each.account, str(each.amount)) for each in entry.postings]
    ('closing/2026-06-30/allowance EUR', [('Expenses:Bad-Debts', '1500.00 EUR'), ('Assets:Allowance', '-1500.00 EUR')])

    Errors: `CurrencyMismatch`.
    """
    if required.currency != standing.currency:
        raise CurrencyMismatch(required, standing)
    return _closed("allowance", ("provision", "allowance"), required - standing, accounts, on, recorded_at, company)


def revaluation_entries(
    report: RevaluationReport, accounts: AccountMap, *, recorded_at: dt.datetime, company: str = ""
) -> tuple[JournalEntry, ...]:
    """What is not realized at a closing, and the same taken back on the day after it: a payment realizes all of it.

    Gains and losses go to ``unrealized``, or where there is no such account to those that are realized.

    Errors: `WrongType`.
    """
    checks.instance("closing.report", report, RevaluationReport, "a revaluation")
    amount, what = report.unrealized, f"revaluation of {report.account}"
    if amount is None:
        return ()
    gained = "unrealized_gain" if amount.is_positive else "unrealized_loss"
    roles, next_day = ("exchange", gained), report.as_of + dt.timedelta(days=1)
    made = _closed(what, roles, amount, accounts, report.as_of, recorded_at, company)
    return (*made, *_closed(f"{what} taken back", roles, -amount, accounts, next_day, recorded_at, company))


def _closed(
    what: str,
    roles: tuple[str, str],
    amount: Money,
    accounts: AccountMap,
    on: dt.date,
    recorded_at: dt.datetime,
    company: str,
) -> tuple[JournalEntry, ...]:
    """A debit of the first and a credit of the second, or the other way round below zero."""
    checks.day("closing.on", on)
    checks.instant("closing.recorded_at", recorded_at)
    if amount.is_zero:
        return ()
    of = Customer(id="closing", company=company)
    names = [accounts.account(role, of, "", amount.currency.code) for role in roles]
    postings = (
        Posting(names[0], amount.currency, amount.minor),
        Posting(names[1], amount.currency, -amount.minor),
    )
    entry = JournalEntry(
        account="closing",
        ordinal=0,
        line=0,
        on=on,
        effective_on=on,
        recorded_at=recorded_at,
        fact="closing/1",
        references=(("closing", f"{what} {amount.currency}"),),
        postings=postings,
    )
    return (entry,)
