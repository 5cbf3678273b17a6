"""Forecasting cash beside hand-written floors, in the same process.

    python benchmarks/forecast.py [--sizes 10000 100000] [--rounds N]

The ledger is seeded: 50 open items per customer in one currency, due within the next 90 days or up to 60 days overdue; each
customer has a history of 100 payments. Learning's floor counts days late per customer, in a dictionary of dictionaries. The
forecast's floor gives each open item the customer's average days late and adds it up by day: no bands, no probabilities, no
regard to what is late already. Only the ratio says something: machines differ. Each figure is the best of several rounds, in
microseconds per record or open item.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from time import perf_counter

from receivables import Account, Customer, Invoice, Money, View
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast import forecast
from receivables.reports.forecast_behavior import learn
from receivables.reports.forecast_history import PaymentRecord

PER_CUSTOMER, PAID = 50, 100
TODAY = dt.date(2026, 6, 30)
UNTIL = TODAY + dt.timedelta(days=90)
POLICY = ForecastPolicy(id="cash", version=1)


def ledger(size: int) -> tuple[list[View], list[PaymentRecord]]:
    """Views with so many open items in all, and the history of their customers."""
    dice = random.Random(1)
    views, records = [], []
    for number in range(size // PER_CUSTOMER):
        customer, usual = f"C{number}", dice.randrange(-5, 25)
        invoices = [
            Invoice.due(
                number=f"{customer}-{at}",
                account=customer,
                issued_on=TODAY - dt.timedelta(days=90),
                total=Money.of(dice.randrange(1, 100_000), "EUR"),
                due_on=TODAY + dt.timedelta(days=dice.randrange(-60, 90)),
            )
            for at in range(PER_CUSTOMER)
        ]
        views.append(Account.of(Customer(id=customer), invoices=invoices).view(TODAY))
        for _ in range(PAID):
            due_on = TODAY - dt.timedelta(days=dice.randrange(90, 400))
            paid_on = due_on + dt.timedelta(days=usual + dice.randrange(8))
            records.append(PaymentRecord(customer=customer, due_on=due_on, paid_on=paid_on))
    return views, records


def counted(records: Sequence[PaymentRecord]) -> dict[str, dict[int, int]]:
    """By hand: days late per customer."""
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for record in records:
        if record.paid_on is not None and record.paid_on <= TODAY:
            found[record.customer][(record.paid_on - record.due_on).days] += 1
    return found


def added(views: Sequence[View], average: dict[str, int]) -> dict[int, int]:
    """By hand: each open item on its due date and the customer's average days late, summed by day."""
    tomorrow = TODAY.toordinal() + 1
    found: dict[int, int] = defaultdict(int)
    for view in views:
        late = average[view.account]
        for book in view.books:
            for due, minor in zip(book.due, book.open, strict=True):
                found[max(tomorrow, due + late)] += minor
    return found


def best(rounds: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return min(times)


def measure(size: int, rounds: int) -> None:
    """Print a line for learning and one for forecasting."""
    views, records = ledger(size)
    behavior = learn(records, as_of=TODAY)
    average = {who: sum(day * n for day, n in days.items()) // PAID for who, days in counted(records).items()}
    for name, count, ours, floor in (
        ("learn", len(records), lambda: learn(records, as_of=TODAY), lambda: counted(records)),
        ("forecast", size, lambda: forecast(views, behavior, POLICY, UNTIL), lambda: added(views, average)),
    ):
        one, other = (1e6 * best(rounds, work) / count for work in (ours, floor))
        print(f"{size:>10,}  {name:<8} {one:>8.2f}  {other:>13.3f}  {one / other:>6.1f}")


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    print("open items  what      us each  floor us each   ratio")
    for size in options.sizes:
        measure(size, options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
