"""Provisions: matrices on the balances of an aging, entries from one allowance to the next, rates, and a recovery."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.cases.reading import money, plain
from tests.cases.unsupported import Unsupported

from receivables import Account, Customer, Invoice, MemoryStore, Money, Payment, PolicyBook, Receivables
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.provision import LossRates, ProvisionPolicy, expense, in_percent, loss_rate
from receivables.reports.provision import provision
from receivables.testing import FixedClock, RecordingNotifier

Case = dict[str, Any]

TODAY = dt.date(2026, 6, 30)
WHOLE = 100
"""The cases round to whole units of the currency."""


def answer(case: Case) -> dict[str, Any]:
    """By topic."""
    topics = {"matrix": _matrix, "entry": _entry, "loss_rates": _loss_rates, "writeoff": _recovery}
    if case["topic"] not in topics:
        raise Unsupported(f"the topic {case['topic']} is not mapped")
    return topics[case["topic"]](case["input"])


def _matrix(given: dict[str, Any]) -> dict[str, Any]:
    """The balances as open items, one in each bucket, aged and provided for like those of any ledger."""
    buckets = given["matrix"]
    edges = tuple(30 * at for at in range(1, len(buckets) - 1))
    rates = LossRates(percents=tuple(Decimal(bucket["rate_percent"]) for bucket in buckets))
    policy = ProvisionPolicy(id="case", version=1, edges=edges, rates=(rates,), step=WHOLE)
    invoices = [_in_bucket(at, money(bucket["balance"])) for at, bucket in enumerate(buckets)]
    found = provision(Account.of(Customer(id="A"), invoices=invoices).view(TODAY), policy)
    answered = {
        "by_bucket": [plain(line.allowance) for line in found.lines],
        "allowance": plain(found.required("EUR")),
    }
    if "existing_allowance" in given:
        answered["expense"] = plain(found.expense(money(given["existing_allowance"])))
    return answered


def _in_bucket(at: int, amount: Money) -> Invoice:
    """An invoice that is not due yet, or so many times thirty days late less some."""
    due_on = TODAY + dt.timedelta(days=10 - 30 * at)
    issued_on = due_on - dt.timedelta(days=30)
    return Invoice.due(number=f"I-{at}", account="A", issued_on=issued_on, total=amount, due_on=due_on)


def _entry(given: dict[str, Any]) -> dict[str, Any]:
    return {"expense": plain(expense(money(given["required"]), money(given["existing"])))}


def _loss_rates(given: dict[str, Any]) -> dict[str, Any]:
    rate = loss_rate(money(given["write_offs"]), money(given["sales"]))
    return {"rate_percent": None if rate is None else str(in_percent(rate, places=2))}


def _recovery(given: dict[str, Any]) -> dict[str, Any]:
    """Something was written off before; so much of it is paid after all, and goes back to the allowance."""
    gross, back, existing = (money(given[name]) for name in ("gross", "recovered", "allowance"))
    store = MemoryStore()
    policy = WriteOffPolicy(id="case", version=1, charge="allowance", recovery="allowance")
    app = Receivables(
        store=store, notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook.of(policy)
    )
    app.open_account(Customer(id="A"), key="open")
    for number, total in (("OPEN", gross), ("LOST", back)):
        invoice = Invoice.due(number=number, account="A", issued_on=TODAY, total=total, due_on=TODAY)
        app.issue_invoice(invoice, key=number)
    app.write_off("A", "LOST", "untraceable", on=TODAY, key="lost")
    app.receive_payment(Payment(id="P", account="A", amount=back, value_date=TODAY), key="pay")
    cash = app.view("A", TODAY).on_account("EUR")
    app.recover("A", "P", "LOST", key="recover")
    credited = app.account("A").losses.recoveries[0].allowance_credited
    view = app.view("A", TODAY)
    return {
        "gross_after": plain(view.open_total("EUR")),
        "allowance_after": plain(existing + Money(credited, existing.currency)),
        "cash": plain(cash),
    }
