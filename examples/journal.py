"""The journal of a month for the general ledger, as text for beancount or hledger.

    python examples/journal.py                       March of a small company, as text for beancount
    python examples/journal.py --for hledger
    python examples/journal.py --check               what the control account has to be, beside what it is
    python examples/journal.py --after 6             only what was recorded after the first six facts of each account

March is told by commands: an invoice with tax in euro and one in dollars, a discount in the days of grace, money that nobody
could place at first, a direct debit that came back. The books were closed up to the end of February when a payment of that
month became known. The example stands for the host: it keeps the text, and how far each
account was posted. It exits with 1 where the journal and the views differ.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from receivables import (
    Customer,
    Invoice,
    InvoiceLine,
    MemoryStore,
    Money,
    Payment,
    PaymentTerms,
    PolicyBook,
    Receivables,
)
from receivables.documents.exchange import ExchangeRate
from receivables.interop.beancount_text import beancount_text
from receivables.interop.hledger_text import hledger_text
from receivables.interop.ledger_text import LedgerBalance
from receivables.policies.accounts import AccountMap, AccountRule
from receivables.policies.periods import Closing, Periods
from receivables.policies.settlement import SettlementPolicy
from receivables.reports.journal import Journal, journal
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.currencies import Currency

MONTH_END = dt.date(2026, 3, 31)
NAMES = ("ACME", "GLOBEX", "SUSPENSE")
CLOSED = Periods(closings=(Closing(until=dt.date(2026, 2, 28), since=dt.datetime(2026, 3, 4, 18, tzinfo=dt.UTC)),))
ACCOUNTS = AccountMap.standard(
    AccountRule(role="tax", code="20", account="Liabilities:Tax:Full"),
    AccountRule(role="cash", code="direct_debit", account="Assets:Direct-Debits"),
    AccountRule(role="unapplied", customer="SUSPENSE", account="Liabilities:Suspense"),
    currency=Currency.of("EUR"),
)
TEXTS = {"beancount": beancount_text, "hledger": hledger_text}


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def rate(figure: str, day: int) -> ExchangeRate:
    return ExchangeRate.of("EUR", "USD", figure, on=march(day), source="ECB")


def told() -> Receivables:
    """A service on which March has happened."""
    clock, store = FixedClock.on(march(2)), MemoryStore()
    policies = PolicyBook.of(SettlementPolicy(id="standard", version=1))
    app = Receivables(store=store, notifier=RecordingNotifier(), clock=clock, policies=policies)
    for name in NAMES:
        app.open_account(Customer(id=name), key=f"open {name}")
    line = InvoiceLine(net=eur(1000), tax=eur(200), tax_percent=Decimal(20))
    terms = PaymentTerms.parse("2/10 grace 2, net 30")
    for number, on in (("INV-1", march(2)), ("INV-2", march(2) - dt.timedelta(days=20))):
        bill = Invoice(number=number, account="ACME", issued_on=on, total=line.gross, lines=(line,), terms=terms)
        app.issue_invoice(bill, key=f"issue {number}")
    dollars = Invoice.due(
        number="INV-3",
        account="GLOBEX",
        issued_on=march(3),
        total=Money.of(300, "USD"),
        due_on=march(31),
        book_rate=rate("1.10", 3),
    )
    app.issue_invoice(dollars, key="issue INV-3")
    _money(app, clock)
    return app


def _money(app: Receivables, clock: FixedClock) -> None:
    """What came, went back and was found out late."""
    clock.instant = FixedClock.on(march(13)).now()
    pays = Payment(id="P-1", account="ACME", amount=eur(1176), value_date=march(13))
    app.receive_payment(pays, key="pay P-1")
    app.settle("ACME", "P-1", ("INV-1",), key="settle P-1")
    debit = Payment(id="P-2", account="ACME", amount=eur(1200), value_date=march(12), method="direct_debit")
    app.receive_payment(debit, key="pay P-2")
    app.apply("ACME", "P-2", "INV-2", eur(1200), key="apply P-2")
    clock.instant = FixedClock.on(march(20)).now()
    app.return_payment("ACME", "P-2", "returned", "AM04", on=march(19), key="return P-2")
    late = Payment(id="P-3", account="SUSPENSE", amount=eur(250), value_date=dt.date(2026, 2, 27))
    app.receive_payment(late, key="pay P-3")
    moved = app.transfer("SUSPENSE", "P-3", eur(250), "ACME", on=march(20), key="found P-3")
    app.apply("ACME", moved.ids[0], "INV-2", eur(250), key="apply P-3")
    part = Payment(
        id="P-4", account="GLOBEX", amount=Money.of(100, "USD"), value_date=march(18), book_rate=rate("1.08", 18)
    )
    app.receive_payment(part, key="pay P-4")
    app.apply("GLOBEX", "P-4", "INV-3", Money.of(100, "USD"), key="apply P-4")


def posted(app: Receivables, after: int = 0) -> Journal:
    return Journal.together(journal(app.history(name), ACCOUNTS, periods=CLOSED, after=after) for name in NAMES)


def differences(app: Receivables, made: Journal) -> Iterator[tuple[str, str, Money, Money]]:
    """Customer, currency, the balance of the view and that of the journal."""
    for name in NAMES:
        view = app.view(name, MONTH_END)
        for code in ("EUR", "USD"):
            roles = ("receivable", "unapplied")
            balances = (made.balance(role, code, MONTH_END, customer=name) for role in roles)
            yield name, code, view.balance(code), Money.total(balances, code)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--for", dest="program", choices=sorted(TEXTS), default="beancount")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--after", type=int, default=0)
    asked = parser.parse_args(arguments)
    app = told()
    if asked.check:
        rows = list(differences(app, posted(app)))
        for name, code, wanted, found in rows:
            print(
                f"{name:<9} {code}  view {wanted!s:>12}  journal {found!s:>12}  {'' if wanted == found else 'DIFFERS'}"
            )
        return int(any(wanted != found for *_, wanted, found in rows))
    owed = Money.total((app.view(name, MONTH_END).open_total("EUR") for name in NAMES), "EUR")
    balance = LedgerBalance(account="Assets:Receivable", on=MONTH_END, amount=owed)
    print(TEXTS[asked.program](posted(app, asked.after).entries, balances=() if asked.after else (balance,)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
