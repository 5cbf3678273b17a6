"""The journal beside what one would write by hand for it, in the same process.

    python benchmarks/journal.py [--invoices N] [--per-account N] [--rounds N]

Logs of accounts whose invoices have two lines with tax and are each paid by one payment that is applied, one in ten with a
cash discount: four facts of ten move no money. The floor does the same by a chain of ifs over the same facts: accounts that
are written into it, tuples of day, key and postings, and a dict of open items to take a discount back from. It checks
nothing, knows one currency, no periods, no other account, no later segment, and takes nothing back. Both come to the same
balances, which is checked. Each figure is the best of several rounds, ours and the floor's in turn; only the ratio says
something. The texts are measured apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from time import perf_counter
from typing import Any

from receivables import Allocation, Currency, Customer, Invoice, InvoiceLine, Money, Payment, Schedule
from receivables.documents.discount_tax import TaxShare
from receivables.documents.settlement import SettlementPart
from receivables.facts.cash import AllocationMade, DifferenceSettled, PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.facts.invoice import DueDateExtended, InvoiceIssued
from receivables.interop.beancount_text import beancount_text
from receivables.interop.hledger_text import hledger_text
from receivables.policies.accounts import AccountMap, AccountRule
from receivables.reports.journal import JournalEntry, entries

FIRST = dt.date(2026, 1, 5)
KNOWN = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
EUR = Currency.of("EUR")
TWENTY = Decimal(20)
ACCOUNTS = AccountMap.standard(
    AccountRule(role="tax", code="20", account="Liabilities:Tax:Full"),
    AccountRule(role="receivable", segment="public", account="Assets:Receivable:Public"),
)

Floor = tuple[dt.date, str, tuple[tuple[str, int], ...]]
"""The floor's entry: day, key, account and amount of each posting."""


def ledger(invoices: int, per_account: int) -> list[list[Fact]]:
    dice = random.Random(7)
    logs: list[list[Fact]] = []
    for account in range(-(-invoices // per_account)):
        id = f"C{account:06d}"
        log: list[Fact] = [AccountOpened(customer=Customer(id=id), effective_on=FIRST, recorded_at=KNOWN)]
        for at in range(min(per_account, invoices - account * per_account)):
            log.extend(_paid(dice, id, f"{id}-{at}", FIRST + dt.timedelta(days=dice.randrange(300))))
        logs.append(log)
    return logs


def _paid(dice: random.Random, account: str, number: str, on: dt.date) -> Sequence[Fact]:
    nets = [5 * dice.randrange(100, 10_000) for _ in range(2)]
    lines = tuple(InvoiceLine(net=Money(net, EUR), tax=Money(net // 5, EUR), tax_percent=TWENTY) for net in nets)
    total, due = Money(sum(nets) * 6 // 5, EUR), on + dt.timedelta(days=30)
    bill = Invoice(
        number=number, account=account, issued_on=on, total=total, lines=lines, schedule=Schedule.single(total, due)
    )
    short = Money(6 * dice.randrange(1, 20) if dice.randrange(10) == 0 else 0, EUR)
    paid = Payment(id=f"P{number}", account=account, amount=total - short, value_date=due)
    part = Allocation(source=paid.id, item=number, amount=paid.amount)
    then, now = {"effective_on": on, "recorded_at": KNOWN}, {"effective_on": due, "recorded_at": KNOWN}
    facts: list[Fact] = [
        InvoiceIssued(invoice=bill, **then),
        DueDateExtended(item=number, due_on=due, approver="bob", reason="", **then),
        DueDateExtended(item=number, due_on=due, approver="bob", reason="", **then),
        PaymentReceived(payment=paid, **now),
        AllocationMade(id=f"a{number}", allocation=part, **now),
    ]
    if short.minor:
        taxes = (TaxShare(percent=TWENTY, amount=Money(short.minor // 6, EUR)),)
        kept = SettlementPart(kind="discount_earned", item=number, amount=short, reason="earned", taxes=taxes)
        facts.append(DifferenceSettled(id=f"d{number}", source=paid.id, part=kept, settlement="s", **now))
    return facts


def by_hand(logs: list[list[Fact]]) -> list[Floor]:
    found: list[Floor] = []
    add = found.append
    for log in logs:
        id, open_ = "", {}
        for ordinal, fact in enumerate(log, 1):
            kind = type(fact)
            if kind is InvoiceIssued:
                bill: Any = fact.invoice  # type: ignore[attr-defined]
                total = bill.total.minor
                net = tax = 0
                for line in bill.lines:
                    net += line.net.minor
                    tax += line.tax.minor
                open_[bill.number] = total
                postings: tuple[tuple[str, int], ...] = (
                    ("Assets:Receivable", total),
                    ("Income:Sales", -net),
                    ("Liabilities:Tax:Full", -tax),
                )
            elif kind is PaymentReceived:
                minor = fact.payment.amount.minor  # type: ignore[attr-defined]
                postings = (("Assets:Bank", minor), ("Liabilities:Unapplied", -minor))
            elif kind is AllocationMade:
                part: Any = fact.allocation  # type: ignore[attr-defined]
                minor = part.amount.minor
                open_[part.item] -= minor
                postings = (("Liabilities:Unapplied", minor), ("Assets:Receivable", -minor))
            elif kind is DifferenceSettled:
                kept: Any = fact.part  # type: ignore[attr-defined]
                minor, tax = kept.amount.minor, sum(share.amount.minor for share in kept.taxes)
                open_[kept.item] -= minor
                postings = (
                    ("Assets:Receivable", -minor),
                    ("Expenses:Discounts", minor - tax),
                    ("Liabilities:Tax:Full", tax),
                )
            elif kind is AccountOpened:
                id = fact.customer.account  # type: ignore[attr-defined]
                continue
            else:
                continue
            add((fact.effective_on, f"{id}/{ordinal}", postings))
    return found


def ours(logs: list[list[Fact]]) -> list[JournalEntry]:
    return [entry for log in logs for entry in entries(log, ACCOUNTS)]


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The best time of each, in turn; what was made is thrown away before the next."""
    times = [float("inf")] * len(works)
    for _ in range(rounds):
        for at, work in enumerate(works):
            gc.collect()
            gc.disable()
            began = perf_counter()
            made = work()
            times[at] = min(times[at], perf_counter() - began)
            gc.enable()
            del made
    return times


def check(logs: list[list[Fact]]) -> int:
    """That both come to the same balances; gives the number of entries."""
    mine, floor = ours(logs), by_hand(logs)
    sums: dict[str, int] = {}
    for entry in mine:
        for each in entry.postings:
            sums[each.account] = sums.get(each.account, 0) + each.minor
    for _, _, postings in floor:
        for account, minor in postings:
            sums[account] = sums.get(account, 0) - minor
    assert len(mine) == len(floor), (len(mine), len(floor))
    assert not any(sums.values()), sums
    return len(mine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--invoices", type=int, default=50_000)
    parser.add_argument("--per-account", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    logs = ledger(asked.invoices, asked.per_account)
    facts, count = sum(map(len, logs)), check(logs)
    print(f"{facts:,} facts of {len(logs):,} accounts, {count:,} entries")
    mine, floor = best(asked.rounds, lambda: ours(logs), lambda: by_hand(logs))
    print(
        f"journal    {count / mine:>10,.0f} entries/s  {mine / count * 1e6:5.2f} µs each  {mine / floor:5.1f} x the floor"
    )
    print(f"by hand    {count / floor:>10,.0f} entries/s  {floor / count * 1e6:5.2f} µs each")
    made = ours(logs)
    for name, text in (("beancount", beancount_text), ("hledger", hledger_text)):
        (took,) = best(max(1, asked.rounds // 2), lambda text=text: text(made))  # type: ignore[misc]
        print(f"{name:<10} {count / took:>10,.0f} entries/s  {took / count * 1e6:5.2f} µs each")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
