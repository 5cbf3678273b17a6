"""Reconciliation: part payments, write-offs, overpayments, credit notes, currencies, orders of appropriation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.cases.reading import money, plain
from tests.cases.unsupported import Unsupported

from receivables import (
    Account,
    CreditNote,
    Customer,
    Invoice,
    MemoryStore,
    Payment,
    PolicyBook,
    Receivables,
)
from receivables.documents.exchange import ExchangeRate
from receivables.documents.settlement import SettledItem, Settlement, SettlementPart, Tender
from receivables.policies.appropriation import (
    BGB_367,
    BGB_497,
    AppropriationOrder,
    Debt,
    Placement,
    Source,
    appropriate,
    appropriate_all,
    left_open,
)
from receivables.policies.settlement import SettlementItem, SettlementPolicy
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.money import Money

Case = dict[str, Any]
Input = Mapping[str, Any]

TODAY = dt.date(2026, 3, 2)


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic."""
    topic = case["topic"]
    if topic not in _TOPICS:
        raise Unsupported(f"the topic {topic} is not mapped yet")
    return _TOPICS[topic](case["input"])


def _items(opens: Sequence[str | Money]) -> list[SettlementItem]:
    amounts = [each if isinstance(each, Money) else money(each) for each in opens]
    return [SettlementItem(item=str(at), open=amount) for at, amount in enumerate(amounts, start=1)]


def _settle(opens: Sequence[str | Money], paid: str | Money, **settings: Any) -> Settlement:
    """One payment on items in their order."""
    policy = SettlementPolicy(id="case", version=1, **settings)
    tender = Tender(paid=paid if isinstance(paid, Money) else money(paid), paid_on=TODAY)
    return policy.settle(_items(opens), tender)


def _state(is_closed: bool) -> str:
    return "paid" if is_closed else "open"


# Topics -----------------------------------------------------------------------------------------------------------------

_PARTIAL = {"disallow": "refuse", "allow": "open", "write_off": "write_off"}
_REFUSALS = {"part_payment_refused": "partial not allowed"}


def _partial(given: Input) -> dict[str, Any]:
    if "events" in given:
        return _chain(given)
    if "instalments" in given:
        return _installments(given)
    settlement = _settle([given["invoice"]], given["payment"], short=_PARTIAL[given["policy"]])
    refused = [_REFUSALS[reason.code] for reason in settlement.reasons if reason.code in _REFUSALS]
    if refused:
        return {"error": refused[0]}
    return {
        "allocated": plain(settlement.applied),
        "write_off": plain(settlement.of_kind("write_off")),
        "open": plain(settlement.open),
    }


def _chain(given: Input) -> dict[str, Any]:
    """Payments one after the other on one item."""
    open, balances = money(given["receivable"]), []
    for event in given["events"]:
        open = _settle([open], event.removeprefix("-")).open
        balances.append(plain(open))
    return {"balances": balances}


def _installments(given: Input) -> dict[str, Any]:
    """Payments on what is open of the installments; one that is told to write off the rest does so."""
    opens = [money(part) for part in given["instalments"]]
    credits: list[Money] = []
    for text in given["payments"]:
        short = "write_off" if "write-off" in text else "open"
        settlement = _settle(opens, re.match(r"[\d.]+", text)[0], short=short)
        credits += [each.cash for each in settlement.items if each.cash.is_positive]
        credits += [part.amount for part in settlement.parts if part.settles]
        opens = [rest for each in settlement.items if (rest := settlement.open_of(each.item)).is_positive]
    return {"reconciled_credits": [plain(each) for each in sorted(credits)], "invoice_state": _state(not opens)}


def _batch(given: Input) -> dict[str, Any]:
    """One payment for several invoices."""
    if "payment" not in given:
        raise Unsupported("payments arrive, the library makes none; one for each invoice is settled like any other")
    way = "write_off" if given["difference"] == "write off" else "open"
    surplus = "write_off" if given["difference"] == "write off" else "on_account"
    settlement = _settle(given["invoices"], given["payment"], short=way, surplus=surplus)
    return {
        "open_foreign": plain(settlement.open),
        "overpaid": plain(settlement.on_account),
        "write_off": plain(settlement.of_kind("write_off")),
    }


def _overpayment(given: Input) -> dict[str, Any]:
    settlement = _settle([given["invoice"]], given["payment"], surplus="write_off")
    return {
        "write_off": plain(settlement.of_kind("write_off")),
        "receivable": plain(settlement.open),
        "invoice_state": _state(settlement.is_closed),
    }


def _multi(given: Input) -> dict[str, Any]:
    """Credit notes first, the smallest amount to pay first; then what a person decided explains the rest."""
    debts = [Debt(item=str(each["id"]), open=money(each["to_pay"])) for each in given["invoices"]]
    notes = [Source("credit memo", money(amount), "credit_note") for amount in given["credit_memos"]]
    payments = [Source(f"payment {at}", money(amount)) for at, amount in enumerate(given["payments"], start=1)]
    order = AppropriationOrder(id="smallest", version=1, among=("smallest",))
    placements = appropriate_all([*payments, *notes], debts, order, on=TODAY)
    settlement = _told(given["invoices"], placements)
    return {
        "allocations": [[each.source, each.item, plain(each.amount)] for each in placements],
        "open_after": {each.item: plain(settlement.open_of(each.item)) for each in settlement.items},
    }


def _told(invoices: Sequence[Input], placements: Sequence[Placement]) -> Settlement:
    """What was placed, and the discount and write-off of each invoice that were decided."""
    items = []
    for each in invoices:
        cash = Money.total((p.amount for p in placements if p.item == str(each["id"])), "EUR")
        items.append(SettledItem(item=str(each["id"]), open=money(each["open"]), cash=cash))
    parts = [
        SettlementPart(kind=kind, item=str(each["id"]), amount=money(each[key]), reason="decided")
        for each in invoices
        for key, kind in (("discount", "discount_earned"), ("write_off", "write_off"))
        if key in each
    ]
    return Settlement.explained(Money.total((p.amount for p in placements), "EUR"), TODAY, items, parts)


def _fx(given: Input) -> dict[str, Any]:
    """A credit note in euros is converted, recorded, and what it became is applied to the invoice in francs."""
    app = Receivables(
        store=MemoryStore(), notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook()
    )
    app.open_account(Customer(id="A"), key="open")
    total = money(given["invoice_chf"], "CHF")
    app.issue_invoice(Invoice.due(number="I", account="A", issued_on=TODAY, total=total, due_on=TODAY), key="I")
    note = CreditNote(number="CN", account="A", issued_on=TODAY, total=money(given["credit_memo_eur"]))
    app.issue_credit_note(note, key="CN")
    rate = ExchangeRate.of("EUR", "CHF", given["rate_chf_per_eur"], on=TODAY, source="agreed")
    (credit,) = app.convert("A", "CN", note.total, rate, on=TODAY, key="convert").ids
    app.apply("A", credit, "I", money(given["allocate_chf"], "CHF"), key="apply")
    return {"open_chf": plain(app.view("A", TODAY).open("I"))}


def _credit_memo(given: Input) -> dict[str, Any]:
    """A credit note against its invoice, recorded: no payment is needed."""
    app = Receivables(
        store=MemoryStore(), notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook()
    )
    app.open_account(Customer(id="A"), key="open")
    app.issue_invoice(_invoice(given["invoice"]), key="I")
    note = CreditNote(number="CN", account="A", issued_on=TODAY, total=money(given["credit_memo"]), against="I")
    app.issue_credit_note(note, key="CN")
    return {"open": plain(app.view("A", TODAY).open("I"))}


def _zero(given: Input) -> dict[str, Any]:
    """Nothing to pay: closed from its issue on."""
    view = Account.of(Customer(id="A"), invoices=[_invoice(given["invoice_total"])]).view(TODAY)
    return {"invoice_state": _state("I" in view.closed)}


def _invoice(total: str) -> Invoice:
    return Invoice.due(number="I", account="A", issued_on=TODAY, total=money(total), due_on=TODAY)


def _validation(given: Input) -> dict[str, Any]:
    return {"open": plain(_settle(given["documents"], "1").open)}


_KINDS = {"costs": "fee", "interest": "interest", "principal": "principal", "costs_and_interest": "interest"}


def _order(given: Input) -> dict[str, Any]:
    """A part payment under the order of the law that is meant."""
    debts = [
        Debt(item=name, kind=kind, open=money(given[name]), parent=None if kind == "principal" else "principal")
        for name, kind in _KINDS.items()
        if name in given
    ]
    law = BGB_497 if "consumer" in given.get("debt", "") else BGB_367
    placements = appropriate(money(given["payment"]), debts, law, on=TODAY)
    return {debt.item: plain(debt.open) for debt in left_open(debts, placements)}


def _refund(given: Input) -> dict[str, Any]:
    """What was paid is given back, payment by payment, until the amount of the refund is reached."""
    app = Receivables(
        store=MemoryStore(), notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook()
    )
    app.open_account(Customer(id="A"), key="open")
    left = -money(given["payment_out"])
    for at, amount in enumerate(given["payments_in"]):
        payment = Payment(id=f"P{at}", account="A", amount=money(amount), value_date=TODAY)
        app.receive_payment(payment, key=payment.id)
        back = min(left, payment.amount)
        app.refund("A", payment.id, back, on=TODAY, key=f"refund {at}")
        left -= back
    view = app.view("A", TODAY)
    return {"allocated": not view.credits, "open": plain(view.balance("EUR") + left)}


def _compensation(given: Input) -> dict[str, Any]:
    """What the creditor owes the customer is set off by a payment of the method netting, and never by itself."""
    if given["allow_compensation"]:
        raise Unsupported("only that nothing is set off by itself was asked")
    invoice = Invoice.due(number="S", account="A", issued_on=TODAY, total=money(given["sales_invoice"]), due_on=TODAY)
    view = Account.of(Customer(id="A"), invoices=[invoice]).view(TODAY)
    return {"compensated": plain(invoice.total - view.balance("EUR"))}


_TOPICS: dict[str, Callable[[Input], dict[str, Any]]] = {
    "refund": _refund,
    "compensation": _compensation,
    "partial": _partial,
    "batch": _batch,
    "overpayment": _overpayment,
    "multi": _multi,
    "fx": _fx,
    "credit_memo": _credit_memo,
    "zero": _zero,
    "validation": _validation,
    "order": _order,
}
