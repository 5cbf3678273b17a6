"""Facts to dicts and back beside ``json.loads`` and ``json.dumps``, the floor of everything that is stored as JSON.

    python benchmarks/codec.py [--rounds N] [--json]

For three facts of a usual ledger and for the mix of them: ``decode`` checks everything, ``restore`` is the way of the
durable stores, ``read_fact`` is ``restore`` with the JSON and the personal column. Microseconds per fact, the best of several
rounds, ours and the floor's in turn. Only the ratio says something: machines differ.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from time import perf_counter
from typing import Any

from receivables.codec import decode, encode
from receivables.documents.invoice import Invoice, InvoiceLine
from receivables.documents.payment import Allocation, Payment, Remittance
from receivables.documents.terms import PaymentTerms
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.fact import Fact
from receivables.facts.invoice import InvoiceIssued
from receivables.stores.bodies import fact_texts, read_fact
from receivables.stores.chain import linked
from receivables.trusted import restore
from receivables.values.money import Money

COUNT = 600


def facts(count: int) -> dict[str, list[Fact]]:
    """Invoices with two lines, payments with a remittance, allocations."""
    invoices: list[Fact] = []
    payments: list[Fact] = []
    allocations: list[Fact] = []
    for number in range(count):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number % 300)
        times: dict[str, Any] = {
            "effective_on": day,
            "recorded_at": dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC),
        }
        line = InvoiceLine(
            net=Money(50_000 + number, _EUR), tax=Money(10_000, _EUR), tax_percent=Decimal(20), description="a repair"
        )
        total = Money(2 * (60_000 + number), _EUR)
        invoice = Invoice(
            number=f"INV-{number}", account="ACME", issued_on=day, total=total, terms=_TERMS, lines=(line, line)
        )
        payment = Payment(
            id=f"P-{number}", account="ACME", amount=total, value_date=day, remittance=Remittance(text=f"INV-{number}")
        )
        allocation = Allocation(source=payment.id, item=invoice.number, amount=total)
        invoices.append(InvoiceIssued(invoice=invoice, **times))
        payments.append(PaymentReceived(payment=payment, **times))
        allocations.append(AllocationMade(id=f"a{number}", allocation=allocation, **times))
    return {
        "invoice": invoices,
        "payment": payments,
        "allocation": allocations,
        "mix": invoices + payments + allocations,
    }


_EUR = Money.of(0, "EUR").currency
_TERMS = PaymentTerms.parse("2/10 net 30")


def per_item(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    began = perf_counter()
    for item in items:
        work(item)
    return (perf_counter() - began) / len(items) * 1e6


def chained(bodies: Sequence[str]) -> float:
    began = perf_counter()
    for _ in linked("ACME", bodies):
        pass
    return (perf_counter() - began) / len(bodies) * 1e6


def measure(log: Sequence[Fact], rounds: int) -> dict[str, float]:
    dicts = [encode(fact) for fact in log]
    texts = [json.dumps(each) for each in dicts]
    dicts = [json.loads(text) for text in texts]
    columns = [fact_texts(fact)[1:] for fact in log]
    works: dict[str, Callable[[], float]] = {
        "json.loads": lambda: per_item(json.loads, texts),
        "decode": lambda: per_item(decode, dicts),
        "restore": lambda: per_item(restore, dicts),
        "read_fact": lambda: per_item(lambda row: read_fact(*row), columns),
        "json.dumps": lambda: per_item(json.dumps, dicts),
        "encode": lambda: per_item(encode, log),
        "fact_texts": lambda: per_item(fact_texts, log),
        "link": lambda: chained([body for body, _ in columns]),
    }
    found = {name: work() for name, work in works.items()}
    for _ in range(rounds - 1):
        found = {name: min(found[name], work()) for name, work in works.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = {name: measure(log, args.rounds) for name, log in facts(COUNT).items()}
    if args.json:
        print(json.dumps(found, indent=1))
        return
    for name, figures in found.items():
        print(f"{name}, microseconds per fact, and times json.loads:")
        for what, micros in figures.items():
            print(f"  {what:<11}{micros:8.1f}{micros / figures['json.loads']:8.2f}")


if __name__ == "__main__":
    main()
