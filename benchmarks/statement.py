"""A statement of many lines beside a hand-written floor, in the same process.

    python benchmarks/statement.py [--lines 1000 10000] [--rounds N]

One account with a seeded history of half as many invoices as lines, each paid and applied, all in one year; the statement is of
that year. The floor adds up the same invoices and payments as tuples, sorted by day with a running balance: no views, no aging, no
open items. Only the ratio says something: machines differ. Each figure is the best of several rounds, in microseconds per line.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Callable, Sequence
from time import perf_counter

from receivables import Account, Allocation, Customer, Invoice, Money, Payment
from receivables.reports.statement import AccountStatement, statement

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)

Documents = tuple[list[Invoice], list[Payment], list[Allocation]]


def documents(lines: int) -> Documents:
    """Half as many invoices as lines, and a payment for each."""
    dice = random.Random(1)
    found: Documents = [], [], []
    for at in range(lines // 2):
        day, amount = FIRST + dt.timedelta(days=dice.randrange(300)), Money.of(dice.randrange(1, 9_000), "EUR")
        paid_on = day + dt.timedelta(days=dice.randrange(60))
        due_on = day + dt.timedelta(days=30)
        found[0].append(Invoice.due(number=f"I{at}", account="A", issued_on=day, total=amount, due_on=due_on))
        found[1].append(Payment(id=f"P{at}", account="A", amount=amount, value_date=paid_on))
        if at % 10:
            found[2].append(Allocation(source=f"P{at}", item=f"I{at}", amount=amount))
    return found


def floor(rows: Sequence[tuple[dt.date, str, int]]) -> list[tuple[dt.date, str, int, int]]:
    """Sorted by day, with a running balance."""
    balance, found = 0, []
    for day, id, minor in sorted(rows):
        balance += minor
        found.append((day, id, minor, balance))
    return found


def best(rounds: int, work: Callable[[], object]) -> float:
    """The seconds of the fastest of several rounds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def measure(lines: int, rounds: int) -> None:
    """Print what a statement of so many lines costs."""
    invoices, payments, allocations = documents(lines)
    account = Account.of(Customer(id="A"), invoices=invoices, payments=payments, allocations=allocations)
    plain = [(each.issued_on, each.number, each.total.minor) for each in invoices]
    plain += [(each.value_date, each.id, -each.amount.minor) for each in payments]
    found: AccountStatement = statement(account, FIRST, LAST)
    assert len(found.lines) == lines
    assert floor(plain)[-1][-1] == found.balance("EUR").closing.minor
    made, low = best(rounds, lambda: statement(account, FIRST, LAST)), best(rounds, lambda: floor(plain))
    rows, signed = best(rounds, found.rows), best(rounds, lambda: statement(account, FIRST, LAST).digest)
    print(
        f"{lines:>7,} lines: {made * 1e3:7.1f} ms, {made / lines * 1e6:5.2f} us per line, {made / low:5.1f} times the floor; ",
        end="",
    )
    print(f"rows {rows * 1e3:.1f} ms, with a digest {signed * 1e3:.1f} ms")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", nargs="+", type=int, default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for lines in options.lines:
        measure(lines, options.rounds)


if __name__ == "__main__":
    main()
