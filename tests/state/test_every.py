"""What becomes of a fact in the columns of an account: what it says is kept under the same name, and what is added is written here."""

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.codec.samples import SAMPLES

from receivables import Currency, InvoiceLine, Money, TaxPart
from receivables.documents.exchange import ExchangeRate
from receivables.facts.fact import Fact
from receivables.state.account import TABLES

DAY = dt.date(2026, 1, 9)
"""When they take effect: another day than any document has."""
EUR, USD, BTC = Currency.of("EUR"), Currency.of("USD"), Currency("BTC", 8)
RATE = ExchangeRate.of("EUR", "USD", "1.0850", on=dt.date(2026, 1, 5), source="ECB")
PAID_BY = ExchangeRate.of(BTC, "EUR", "61234.5", on=dt.date(2026, 1, 5), source="bank")
INTEREST = "INV-1/1/first/interest"
ISSUED = dt.date(2026, 1, 5)


def part(number: int, amount: int, due_on: dt.date | None) -> dict[str, Any]:
    item = {"id": f"INV-1/{number}", "document": "INV-1", "currency": EUR, "amount": amount, "document_on": ISSUED}
    return {**item, "due_on": due_on, "kind": "invoice"}


def carried(side: str, id: str, amount: int, rate: ExchangeRate | None = RATE, currency: Currency = USD) -> Any:
    return {side: id, "amount": amount, "currency": currency, "rate": rate}


def less(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "source": None, "settlement": None, **more}


ADDED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "account.opened/1": {"profile.entries": [{"account": "DE01:ACME"}]},
    "customer.changed/1": {"profile.entries": [{"account": "DE01:ACME"}]},
    "group.opened/1": {"profile.entries": [{"account": "group:HOLDING", "customer": None}]},
    "invoice.issued/1": {
        "ledger.items": [part(1, 40200, dt.date(2026, 6, 30)), part(2, 79800, None)],
        "exchange.carried": [carried("item", "INV-1/1", 43617), carried("item", "INV-1/2", 86583)],
        "losses.taxed": [{"document": "INV-1"}],
    },
    "credit_note.issued/1": {
        "cash.credits": [{"id": "CN-1", "kind": "credit_note", "currency": EUR, "amount": 12000, "status": "settled"}],
        "exchange.carried": [carried("credit", "CN-1", 13020)],
    },
    "installment.dated/1": {"ledger.datings": [{"extension": False}]},
    "due_date.extended/1": {"ledger.datings": [{"extension": True}]},
    "item.taken_over/1": {
        "ledger.items": [
            {"document": "OLD-7", "currency": EUR, "amount": 8000, "document_on": ISSUED, "kind": "invoice"}
        ],
        "exchange.carried": [carried("item", "OLD-7", 8680)],
        "dunning.steps": [{"item": "OLD-7", "ladder_from": dt.date(2026, 2, 4)}],
    },
    "payment.received/1": {
        "cash.credits": [{"kind": "payment", "currency": BTC}],
        "cash.reservations": [{"payment": "PAY-1", "item": "INV-1/1", "amount": 1}],
        "exchange.carried": [carried("credit", "PAY-1", 75_598_147_468, PAID_BY, EUR)],
        "payment_methods.collections": [{"payment": "PAY-1", "method": "tok_17", "items": ("INV-1/1",)}],
        "losses.remitted": [{"payment": "PAY-1"}],
    },
    "plan.agreed/1": {"payment_plans.agreed": [{"waived": (125,)}]},
    "charge.raised/1": {"ledger.items": [{"currency": EUR, "document_on": DAY, "due_on": DAY}]},
    "charge.reversed/1": {"cash.reductions": [less("reversed", id=None, item=INTEREST)]},
    "charge.waived/1": {"cash.reductions": [less("waived", id=None, item=INTEREST)]},
    "charge.reinstated/1": {
        "cash.reductions": [less("waived", id=None, item=INTEREST, amount=-621)],
        "payment_plans.waivers": [{"amount": -621}],
    },
    "order.reserved/1": {"credit.orders": [{"status": "reserved"}]},
    "order.held/1": {"credit.orders": [{"status": "held"}]},
    "order.refused/1": {"credit.orders": [{"status": "refused"}]},
    "order.delivered/1": {"credit.moves": [{"kind": "delivered", "closes": False, "invoice": None}]},
    "order.reopened/1": {"credit.moves": [{"kind": "reopened", "closes": False, "invoice": None}]},
    "order.restored/1": {"credit.moves": [{"kind": "restored", "closes": False}]},
    "order.released/1": {"credit.moves": [{"kind": "invoiced"}]},
    "notice.sending/1": {"dunning.events": [{"status": "sending"}]},
    "notice.sent/1": {"dunning.events": [{"status": "sent"}]},
    "notice.failed/1": {"dunning.events": [{"status": "queued"}]},
    "notice.cancelled/1": {"dunning.events": [{"status": "cancelled"}]},
    "notice.approved/1": {"dunning.events": [{"status": "queued"}]},
    "notice.rejected/1": {"dunning.events": [{"status": "rejected"}]},
    "payment.settled/1": {
        "cash.fates": [{"status": "settled"}],
        "payment_methods.fates": [{"status": "settled", "code": None}],
    },
    "payment.failed/1": {"cash.fates": [{"status": "failed"}], "payment_methods.fates": [{"status": "failed"}]},
    "payment.returned/1": {"cash.fates": [{"status": "returned"}], "payment_methods.fates": [{"status": "returned"}]},
    "difference.undone/1": {"cash.undoings": [{"allocation": "settle 1#2"}]},
    "refund.made/1": {
        "cash.uses": [{"kind": "refund"}],
        "exchange.refund_rates": [{"use": "refund 1#1", "rate": RATE}],
    },
    "credit.converted/1": {
        "cash.uses": [{"amount": 10000, "kind": "conversion"}],
        "cash.credits": [{"currency": USD, "amount": 10850, "status": "settled"}],
    },
    "credit.transferred/1": {"cash.uses": [{"kind": "transfer"}]},
    "credit.arrived/1": {
        "cash.credits": [{"currency": EUR, "status": "settled"}],
        "exchange.carried": [carried("credit", "transfer 1#1", 1085, None)],
        "losses.remitted": [{"payment": "transfer 1#1"}],
    },
    "payment_method.added/1": {"payment_methods.methods": [{"id": "tok_1", "mandate": None}]},
    "payment_method.removed/1": {"payment_methods.endings": [{"status": "removed"}]},
    "mandate.signed/1": {"payment_methods.methods": [{"card": None}]},
    "mandate.revoked/1": {"payment_methods.endings": [{"method": "M-1", "status": "revoked"}]},
    "debt.acknowledged/1": {
        "limitation.interruptions": [{"item": f"INV-1/{number}", "kind": "acknowledgment"} for number in (1, 2)]
    },
    "demand.received/1": {"limitation.interruptions": [{"item": "INV-1/1", "kind": "demand"}]},
    "approval.granted/1": {"authority.decisions": [{"kind": "granted"}]},
    "approval.refused/1": {"authority.decisions": [{"kind": "refused", "left": 0}]},
    "approval.withdrawn/1": {"authority.decisions": [{"kind": "withdrawn", "left": 0}]},
    "item.written_off/1": {"cash.reductions": [less("written_off")]},
    "write_off.reversed/1": {"cash.reductions": [less("written_off", amount=-12000)]},
    "loss.recovered/1": {"cash.reductions": [{"amount": -12000, "kind": "recovered"}]},
    "offer.accepted/1": {"applications.closings": [{"outcome": "accepted"}]},
    "erasure.answered/1": {"erasures.answers": [{"logs": ("DE01:ACME",)}]},
    "erasure.replayed/1": {"erasures.answers": [{"logs": ("DE01:ACME",)}]},
    "account.absorbed/1": {"merges.absorptions": [{"joined": True}]},
    "account.separated/1": {"merges.absorptions": [{"joined": False}]},
    "account.restored/1": {"merges.mergers": [{"into": None}]},
    "report.withdrawn/1": {"bureau.changes": [{"kind": "withdrawn", "balance": 0}]},
}
"""Tag -> column -> what each of its entries says that the fact does not, or says under another name."""

ELSEWHERE = {
    ("invoice.issued/1", "ledger.discounts"): ("item", "installment", "lines"),  # see test_invoice
    ("payment_method.added/1", "payment_methods.methods"): ("card",),
}
"""What is checked elsewhere, or is the document itself."""


def entries(fact: Fact) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for slice_, table in TABLES.items():
        for column, entries_of in table.get(type(fact), ()):
            found.setdefault(f"{slice_}.{column}", []).extend(entries_of(fact))
    return found


def fields(it: Any) -> dict[str, Any]:
    return {each.name: getattr(it, each.name) for each in attrs.fields(type(it))}


def says(fact: Fact) -> dict[str, Any]:
    """What a fact says, and the documents in it, by name; amounts in minor units."""
    documents = [each for each in fields(fact).values() if attrs.has(type(each)) and not isinstance(each, Money)]
    said: dict[str, Any] = {}
    for each in (*documents, fact):
        said |= fields(each)
    return said


def kept(value: Any, given: Any) -> bool:
    return value == given or (isinstance(given, Money) and value == given.minor)


@pytest.mark.parametrize("tag", SAMPLES)
def test_an_entry_keeps_what_its_fact_says_and_adds_what_is_written_here(tag):
    fact = attrs.evolve(SAMPLES[tag], effective_on=DAY)
    said, added = says(fact), {}
    for column, found in entries(fact).items():
        for entry in found:
            more = {name: value for name, value in fields(entry).items() if not kept(value, said.get(name, ...))}
            for name in ELSEWHERE.get((tag, column), ()):
                more.pop(name)
            if more:
                added.setdefault(column, []).append(more)
            assert (entry.effective_on, entry.recorded_at) == (DAY, fact.recorded_at)
    assert added == ADDED.get(tag, {})


def test_every_fact_has_an_entry():
    assert not [tag for tag, fact in SAMPLES.items() if not any(entries(fact).values())]


# What most facts do not say ------------------------------------------------------------------------------------------


def columns(tag: str, **changes: Any) -> dict[str, int]:
    """In which columns a fact like the sample has how many entries."""
    return {column: len(found) for column, found in entries(attrs.evolve(SAMPLES[tag], **changes)).items() if found}


def payment(**changes: Any) -> dict[str, int]:
    received = SAMPLES["payment.received/1"].payment
    plain = {"designated": (), "stored_method": None, "book_rate": None, "status": "settled"}
    bare = attrs.evolve(received.remittance, references=())
    changed = attrs.evolve(received, **{**plain, "remittance": bare, "conditional_until": None, **changes})
    return columns("payment.received/1", payment=changed)


def test_a_payment_has_an_entry_for_each_thing_that_it_says():
    received = SAMPLES["payment.received/1"].payment
    assert payment() == {"cash.credits": 1}
    assert payment(remittance=received.remittance) == {"cash.credits": 1, "losses.remitted": 1}
    assert payment(designated=received.designated, status="pending") == {
        "cash.credits": 1,
        "cash.reservations": 1,
        "losses.remitted": 1,
    }
    assert payment(stored_method="tok_1") == {"cash.credits": 1, "payment_methods.collections": 1}
    assert payment(book_rate=PAID_BY) == {"cash.credits": 1, "exchange.carried": 1}


def test_an_invoice_has_its_tax_where_its_lines_or_its_taxes_say_it():
    invoice = SAMPLES["invoice.issued/1"].invoice
    line = InvoiceLine(net=Money.of(1000, "EUR"), tax=Money.of(200, "EUR"), tax_percent=Decimal(20))
    tax = TaxPart(percent=Decimal(20), net=Money.of(1000, "EUR"), tax=Money.of(200, "EUR"))
    for lines, taxes, count in (((), (), 0), ((line,), (), 1), ((), (tax,), 1)):
        changed = attrs.evolve(invoice, lines=lines, taxes=taxes)
        assert columns("invoice.issued/1", invoice=changed).get("losses.taxed", 0) == count


def test_what_arrived_without_a_rate_or_said_nothing_has_only_its_credit():
    assert columns("credit.arrived/1", book=None, specified=False) == {"cash.credits": 1}
    assert columns("credit.arrived/1", book=None) == {"cash.credits": 1, "losses.remitted": 1}
    assert columns("credit.arrived/1", specified=False) == {"cash.credits": 1, "exchange.carried": 1}
    assert columns("refund.made/1", book_rate=None) == {"cash.uses": 1}
    note = attrs.evolve(SAMPLES["credit_note.issued/1"].credit_note, book_rate=None)
    assert columns("credit_note.issued/1", credit_note=note) == {"cash.credits": 1}


def test_a_surplus_that_is_kept_is_a_use_of_the_credit_and_no_reduction():
    kept_by_us = attrs.evolve(
        SAMPLES["difference.settled/1"].part,
        item=None,
        kind="tolerance",
        amount=Money.of("-0.02", "EUR"),
        reason="tolerance",
        taxes=(),
    )
    found = entries(attrs.evolve(SAMPLES["difference.settled/1"], part=kept_by_us))
    assert found["cash.reductions"] == []
    (use,) = found["cash.uses"]
    assert (use.id, use.source, use.amount, use.kind) == ("settle 1#2", "PAY-1", 2, "tolerance")


def test_a_waiver_is_of_a_plan_only_where_it_names_one():
    assert columns("charge.waived/1", plan=None) == {"cash.reductions": 1}
    assert columns("charge.reinstated/1", plan=None) == {"cash.reductions": 1}


def test_an_item_of_another_system_has_a_step_only_where_both_name_and_day_are_known():
    item = SAMPLES["item.taken_over/1"].item
    assert "dunning.steps" in columns("item.taken_over/1")
    bare = attrs.evolve(item, step=None, stepped_on=None, book_rate=None)
    assert columns("item.taken_over/1", item=bare) == {"ledger.items": 1}


def test_a_letter_that_is_not_to_be_tried_again_has_failed():
    (event,) = entries(attrs.evolve(SAMPLES["notice.failed/1"], retry=False))["dunning.events"]
    assert event.status == "failed"


def test_what_is_given_up_of_an_order_is_cancelled():
    (move,) = entries(attrs.evolve(SAMPLES["order.released/1"], invoice=None))["credit.moves"]
    assert (move.kind, move.closes, move.invoice) == ("cancelled", True, None)


def test_an_erasure_names_each_log_once():
    text = SAMPLES["erasure.answered/1"].texts[0]
    texts = (text, attrs.evolve(text, log="BETA"), attrs.evolve(text, position=9))
    (answer,) = entries(attrs.evolve(SAMPLES["erasure.answered/1"], texts=texts))["erasures.answers"]
    assert answer.logs == ("DE01:ACME", "BETA")
