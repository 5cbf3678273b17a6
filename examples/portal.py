"""A customer portal without its pages: what a customer sees of its account, and how what it asks for is answered.

    python examples/portal.py                                   a morning in the portal of a small company
    python examples/portal.py --json                            the same data for a page to render
    python examples/portal.py --promise INV2002 650.00 2026-06-19
    python examples/portal.py --defer INV2003 2026-07-31
    python examples/portal.py --plan 4 2026-06-30 INV2001 INV2003

The example stands for the host: it knows who is logged in, and asks the library for that account and no other. With a
request it prints the answer that the portal would show beside the reasons that the creditor's people see, and what the
account comes to. It exits with 0 where the request was accepted or waits for a person, with 1 where it was refused.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import Any

from receivables import (
    Contact,
    Customer,
    DiscountWindow,
    Installment,
    Invoice,
    MemoryStore,
    Money,
    PolicyBook,
    Receipt,
    Receivables,
    ReceivablesError,
    Schedule,
)
from receivables.documents.dispute import Dispute
from receivables.documents.request import ArrangementRequest, DefermentRequest, PlanRequest, PromiseRequest
from receivables.policies.arrangements import SHOWN, ArrangementPolicy, shown
from receivables.policies.requests import answer
from receivables.reports.payment_options import PaymentOption, payment_choices
from receivables.reports.portal import contact_preferences, due_when, statement_of
from receivables.testing import FixedClock, RecordingNotifier

TODAY = dt.date(2026, 6, 8)
ACCOUNT = "ACME"
OTHER = "RIVAL"

POLICY = ArrangementPolicy(
    id="portal",
    version=1,
    most_amounts=(Money.of(3000, "EUR"),),
    longest_promise_days=14,
    longest_deferment_days=30,
    most_installments=6,
    longest_plan_days=184,
    least_installments=(Money.of(100, "EUR"),),
    plan_grace_days=3,
)

OPTIONS = (
    PaymentOption(method="transfer", currencies=("EUR",), account="DE89 3704 0044 0532 0130 00", payee="Blau GmbH"),
    PaymentOption(method="card"),
)


def seeded() -> Receivables:
    """A company with two customers, one of which is logged in."""
    app = Receivables(
        store=MemoryStore(), notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook.of(POLICY)
    )
    mail = Contact(purpose="billing", channel="email", reference="contact-17")
    app.open_account(Customer(id=ACCOUNT, contacts=(mail,)), key="open ACME")
    app.open_account(Customer(id=OTHER), key="open RIVAL")
    for number, account, issued, due, total in (
        ("INV2001", ACCOUNT, -50, -20, "1200.00"),
        ("INV2002", ACCOUNT, -40, -10, "650.00"),
        ("INV2003", ACCOUNT, -33, -3, "480.00"),
        ("INV9001", OTHER, -40, -10, "7000.00"),
    ):
        invoice = Invoice.due(
            number=number, account=account, issued_on=_day(issued), total=Money.of(total, "EUR"), due_on=_day(due)
        )
        app.issue_invoice(invoice, key=f"issue {number}")
    window = DiscountWindow(until=_day(6), amount=Money.of("18.00", "EUR"))
    part = Installment(amount=Money.of("900.00", "EUR"), due_on=_day(22), discounts=(window,))
    invoice = Invoice(
        number="INV-2004",
        account=ACCOUNT,
        issued_on=_day(-8),
        total=part.amount,
        schedule=Schedule(installments=(part,)),
    )
    app.issue_invoice(invoice, key="issue INV-2004")
    dispute = Dispute(
        id="D-1",
        account=ACCOUNT,
        item="INV2001",
        reason="quality",
        opened_on=_day(-15),
        amount=Money.of("200.00", "EUR"),
    )
    app.open_dispute(dispute, key="D-1")
    return app


def _day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def as_data(app: Receivables) -> dict[str, Any]:
    """All that a page needs of the account of who is logged in."""
    view = app.view(ACCOUNT, TODAY)
    return {
        "statement": statement_of(view).rows(),
        "totals": [total.row() for total in statement_of(view).totals],
        "due": due_when(view).rows(),
        "pay": payment_choices(view, options=OPTIONS).rows(),
        "contacts": contact_preferences(view).rows(),
        "requests": [
            {"id": each.request.id, "kind": each.request.kind, "status": each.status, "says": said(each.reasons)}
            for each in view.requests
        ],
    }


def as_text(app: Receivables) -> str:
    """The same as text."""
    view = app.view(ACCOUNT, TODAY)
    return "\n\n".join(map(str, (statement_of(view), due_when(view), payment_choices(view, options=OPTIONS))))


def said(reasons: Any) -> list[str]:
    """The reasons in the words for the customer, with their figures."""
    found = []
    for reason in shown(reasons):
        figures = [f"{reason.days} days"] if reason.days is not None else []
        figures += [str(reason.amount)] if reason.amount is not None else []
        found.append(f"{SHOWN[reason.code]} ({', '.join(figures)})" if figures else SHOWN[reason.code])
    return found


def ask(app: Receivables, request: ArrangementRequest) -> tuple[Receipt, str]:
    """Record what the customer asks for; the answer in words, with what would be accepted instead."""
    before = answer(app.view(ACCOUNT, TODAY), request, POLICY)
    receipt = app.request_arrangement(request, key=f"portal {request.id}", by="portal")
    lines = [f"the customer reads: {receipt.outcome}", *(f"  {each}" for each in said(receipt.reasons))]
    if before.instead is not None:
        lines.append(f"  we would agree to: {in_words(before.instead.request)}")
    lines.append(f"our people read: {', '.join(map(str, receipt.reasons)) or 'within the bounds'}")
    return receipt, "\n".join(lines)


def in_words(request: Any) -> str:
    """What is asked for, as one line."""
    match request:
        case PromiseRequest():
            return f"{request.amount} by {request.pay_by}"
        case DefermentRequest():
            return f"{request.item} until {request.until}"
        case _:
            return f"{request.count} installments from {request.first_on}"


def requested(args: argparse.Namespace) -> ArrangementRequest | None:
    """The request of the command line, if there is one."""
    if args.promise:
        item, amount, day = args.promise
        money = Money.of(amount, "EUR")
        return PromiseRequest(id="R-1", account=ACCOUNT, items=(item,), amount=money, pay_by=_read_day(day))
    if args.defer:
        item, day = args.defer
        return DefermentRequest(id="R-1", account=ACCOUNT, item=item, until=_read_day(day))
    if args.plan:
        if len(args.plan) < 3:
            raise ValueError("--plan needs a number of installments, a day and at least one item")
        count, day, *items = args.plan
        return PlanRequest(id="R-1", account=ACCOUNT, items=tuple(items), count=int(count), first_on=_read_day(day))
    return None


def _read_day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def main(argv: list[str] | None = None) -> int:
    """Run; 0 where the request was accepted or waits, 1 where it was refused, 2 where nobody can mean it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asks = parser.add_mutually_exclusive_group()
    asks.add_argument("--promise", nargs=3, metavar=("ITEM", "AMOUNT", "DAY"))
    asks.add_argument("--defer", nargs=2, metavar=("ITEM", "DAY"))
    asks.add_argument("--plan", nargs="+", metavar="COUNT DAY ITEM")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    args = parser.parse_args(argv)
    app = seeded()
    try:
        request = requested(args)
        receipt, words = ask(app, request) if request is not None else (None, None)
    except (ReceivablesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if words is not None and not args.json:
        print(words, end="\n\n")
    print(json.dumps(as_data(app), default=str, indent=1) if args.json else as_text(app))
    return 1 if receipt is not None and receipt.outcome == "refused" else 0


if __name__ == "__main__":
    sys.exit(main())
