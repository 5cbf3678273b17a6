"""What stands in a statement: each movement by its kind, what is taken back, what was learned late, and what a merger brings."""

import datetime as dt

import pytest
from tests.service.world import World, day, eur

from receivables import Account, Allocation, CreditNote, Customer, Invoice, Money, Payment, fold
from receivables.documents.charge import Charge
from receivables.documents.schedule import Installment, Schedule
from receivables.documents.settlement import SettlementPart
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.cash import (
    AllocationUndone,
    DifferenceSettled,
    DifferenceUndone,
    PaymentReceived,
    PaymentReturned,
    RefundMade,
)
from receivables.facts.charge import ChargeRaised, ChargeWaived
from receivables.facts.customer import AccountOpened, GroupOpened
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.loss import Recovered, WrittenOff
from receivables.reports.statement import statement, statements
from receivables.values.references import creditor_reference

MARCH = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
FEE = Charge(id="F-1", item="INV-1", document="INV-1", kind="fee", amount=eur(10))


def on(month, number):
    return dt.date(2026, month, number)


def times(effective_on, recorded_on=None):
    return {
        "effective_on": effective_on,
        "recorded_at": dt.datetime.combine(recorded_on or effective_on, dt.time(12), dt.UTC),
    }


def invoice(number, issued_on, amount, currency="EUR"):
    total = Money.of(amount, currency)
    return Invoice.due(
        number=number, account="ACME", issued_on=issued_on, total=total, due_on=issued_on + dt.timedelta(days=30)
    )


def account(*facts, **documents):
    return fold(facts, Account.of(Customer(id="ACME"), **documents))


def shown(found, currency="EUR"):
    return [(line.date, line.code, line.id, line.amount, balance.minor) for line, balance in found.running(currency)]


def test_every_kind_of_movement_has_its_line():
    zero = eur(0)
    owes = account(
        ChargeRaised(charge=FEE, **times(on(3, 3))),
        ChargeWaived(charge="F-1", amount=eur(4), reason="goodwill", approver="ann", **times(on(3, 4))),
        WrittenOff(
            id="W-1",
            item="INV-1",
            amount=eur(30),
            code="insolvent",
            allowance_used=zero,
            relief=zero,
            **times(on(3, 9)),
        ),
        RefundMade(id="R-1", source="P-1", amount=eur(20), **times(on(3, 10))),
        invoices=[invoice("INV-1", on(3, 2), 100)],
        payments=[Payment(id="P-1", account="ACME", amount=eur(50), value_date=on(3, 5))],
        credit_notes=[CreditNote(number="CN-1", account="ACME", issued_on=on(3, 6), total=eur(5))],
    )
    assert shown(statement(owes, *MARCH)) == [
        (on(3, 2), "invoice", "INV-1", 10_000, 10_000),
        (on(3, 3), "fee", "F-1", 1_000, 11_000),
        (on(3, 4), "charge_correction", "F-1", -400, 10_600),
        (on(3, 5), "payment", "P-1", -5_000, 5_600),
        (on(3, 6), "credit_note", "CN-1", -500, 5_100),
        (on(3, 9), "written_off", "W-1", -3_000, 2_100),
        (on(3, 10), "refund", "P-1", 2_000, 4_100),
    ]


def test_the_installments_of_an_invoice_are_one_line_and_two_items():
    parts = tuple(Installment(amount=eur(50), due_on=day) for day in (on(3, 20), on(4, 20)))
    in_parts = Invoice(
        number="INV-1", account="ACME", issued_on=on(3, 2), total=eur(100), schedule=Schedule(installments=parts)
    )
    found = statement(account(invoices=[in_parts]), *MARCH)
    assert [(line.id, line.amount) for line in found.lines] == [("INV-1", 10_000)]
    assert [(item.item, item.days_overdue) for item in found.items] == [("INV-1/1", 11), ("INV-1/2", 0)]


def test_a_payment_that_went_back_is_two_lines_and_one_that_was_booked_by_mistake_is_none():
    payments = [Payment(id=id, account="ACME", amount=eur(50), value_date=on(3, 5)) for id in ("P-1", "P-2")]
    owes = account(
        PaymentReturned(payment="P-1", kind="returned", code="AC04", **times(on(3, 12))),
        PaymentReturned(payment="P-2", kind="reversed", code="ours", **times(on(3, 5), on(3, 12))),
        invoices=[invoice("INV-1", on(3, 2), 100)],
        payments=payments,
    )
    assert shown(statement(owes, *MARCH))[1:] == [
        (on(3, 5), "payment", "P-1", -5_000, 5_000),
        (on(3, 12), "payment_returned", "P-1", 5_000, 10_000),
    ]


def test_what_a_payment_was_applied_to_stands_on_its_line_in_an_activity_statement_alone():
    owes = account(
        AllocationUndone(allocation="a2", **times(on(3, 20))),
        invoices=[invoice("INV-1", on(3, 2), 100), invoice("INV-2", on(3, 3), 10)],
        payments=[Payment(id="P-1", account="ACME", amount=eur(50), value_date=on(3, 5))],
        allocations=[
            Allocation(source="P-1", item="INV-1", amount=eur(30)),
            Allocation(source="P-1", item="INV-2", amount=eur(10)),
        ],
    )
    applied = {kind: statement(owes, *MARCH, kind=kind).lines[2].applied for kind in ("activity", "balance_forward")}
    assert applied == {"activity": (("INV-1", 3_000),), "balance_forward": ()}
    assert statement(owes, on(3, 1), on(3, 19)).lines[2].applied == (("INV-1", 3_000), ("INV-2", 1_000))


def test_currencies_stand_apart():
    owes = account(invoices=[invoice("INV-1", on(3, 2), 100), invoice("INV-2", on(3, 3), 70, "JPY")])
    found = statement(owes, *MARCH)
    assert [str(each.closing) for each in found.balances] == ["100.00 EUR", "70 JPY"]
    assert [row["currency"] for row in found.totals()] == ["EUR", "JPY"]
    with pytest.raises(UnknownId, match="USD"):
        found.balance("USD")


def test_a_recovery_after_a_write_off_leaves_the_balance_where_it_was():
    zero = eur(0)
    owes = account(
        WrittenOff(
            id="W-1", item="INV-1", amount=eur(100), code="x", allowance_used=zero, relief=zero, **times(on(3, 9))
        ),
        invoices=[invoice("INV-1", on(2, 2), 100)],
    )
    facts = [
        PaymentReceived(payment=Payment(id="P", account="ACME", amount=eur(40), value_date=on(3, 15)), **times(on(3, 15))),
        Recovered(
            id="V-1", item="INV-1", source="P", amount=eur(40), allowance_credited=zero, relief=zero, settlement="s",
            **times(on(3, 15)),
        ),
    ]  # fmt: skip
    found = shown(statement(fold(facts, owes), *MARCH))
    assert [(code, minor) for _, code, _, minor, _ in found] == [
        ("written_off", -10_000),
        ("payment", -4_000),
        ("recovered", 4_000),
    ]


def test_what_was_learned_late_has_a_line_of_its_own_day_and_the_opening_is_what_was_on_paper():
    late = invoice("INV-0", on(2, 20), 70)
    owes = account(
        InvoiceIssued(invoice=late, **times(on(2, 20), on(3, 3))), invoices=[invoice("INV-1", on(2, 2), 100)]
    )
    known = on(3, 31)
    found = statement(owes, *MARCH, known, opened_at=on(2, 28))
    assert [(line.date, line.id, line.earlier) for line in found.lines] == [(on(2, 20), "INV-0", True)]
    assert (found.balance("EUR").opening, found.balance("EUR").closing) == (eur(100), eur(170))
    assert statement(owes, *MARCH, known).balance("EUR").opening == eur(170)


def test_a_reference_is_what_the_host_says_or_the_number_of_the_document():
    owes = account(invoices=[invoice("INV-1", on(3, 2), 100)])
    assert statement(owes, *MARCH).reference("INV-1") == "INV-1"
    made = statement(owes, *MARCH, reference=lambda item: creditor_reference(item.document.replace("-", "")))
    assert made.reference("INV-1").startswith("RF")
    assert made.digest != statement(owes, *MARCH).digest


def test_a_merger_hands_the_balance_over_on_its_day():
    world = World()
    for id, amount in (("A", "100"), ("B", "70")):
        world.open(id)
        world.invoice(f"INV-{id}", amount, 20, id)
    world.at(5)
    world.app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge")
    period = day(1), day(9)
    whole, part = (statement(world.app.account(id, own=True), *period) for id in ("A", "B"))
    assert [(line.date, line.code, line.amount) for line in whole.lines] == [(day(5), "merged", 7_000)]
    assert [(line.date, line.code, line.amount) for line in part.lines] == [(day(5), "merged", -7_000)]
    assert (whole.merged_into, part.merged_into) == (None, "A")
    assert str(whole.balance("EUR").closing) == "170.00 EUR"


def test_all_customers_leave_out_who_has_nothing_to_be_told():
    settled = account(
        invoices=[invoice("INV-1", on(1, 2), 100)],
        payments=[Payment(id="P", account="ACME", amount=eur(100), value_date=on(1, 5))],
        allocations=[Allocation(source="P", item="INV-1", amount=eur(100))],
    )
    owes = account(invoices=[invoice("INV-1", on(3, 2), 100)])
    assert [len(list(statements(group, *MARCH))) for group in ([settled, owes], [fold([])])] == [1, 0]
    assert len(list(statements([settled, owes], *MARCH, empty=True))) == 2
    asked = []
    list(statements([owes], *MARCH, on(3, 31), opened_at=asked.append))
    assert asked == ["ACME"]


def test_each_kind_has_the_rows_that_it_is_about():
    owes = account(invoices=[invoice("INV-1", on(3, 2), 100)])
    rows = {kind: statement(owes, *MARCH, kind=kind).rows() for kind in ("open_item", "balance_forward")}
    assert [row["document"] for row in rows["open_item"]] == ["INV-1"]
    assert [row["what"] for row in rows["balance_forward"]] == ["opening", "invoice", "closing"]
    assert "<caption>Movements" not in statement(owes, *MARCH, kind="open_item")._repr_html_()
    assert "<caption>Open items" in statement(owes, *MARCH)._repr_html_()
    assert "nothing is open" in str(statement(account(), *MARCH))


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"kind": "dunning"}, InvalidValue),
        ({"last": on(2, 28)}, InvalidValue),
        ({"known_at": on(3, 1), "opened_at": on(3, 2)}, InvalidValue),
    ],
)
def test_what_cannot_be_asked_is_refused(told, error):
    with pytest.raises(error):
        statement(account(), **{"first": MARCH[0], "last": MARCH[1], **told})


def test_an_account_of_which_nothing_was_known_has_no_statement():
    with pytest.raises(UnknownId):
        statement(fold([]), *MARCH)


def test_a_period_before_the_opening_is_told_to_the_customer_that_is_known_and_a_group_has_none():
    opened = AccountOpened(customer=Customer(id="ACME", language="de"), **times(on(4, 5)))
    older = InvoiceIssued(invoice=invoice("INV-1", on(3, 2), 100), **times(on(3, 2), on(4, 6)))
    owes = fold([opened, older])
    assert (statement(owes, *MARCH).language, statement(owes, *MARCH).balance("EUR").closing) == ("de", eur(100))
    with pytest.raises(UnknownId, match="ACME"):
        statement(owes, *MARCH, on(4, 4))
    with pytest.raises(UnknownId, match="group:G"):
        statement(fold([GroupOpened(group="G", **times(on(3, 1)))]), *MARCH)


def test_each_currency_has_its_own_lines_items_and_credits():
    owes = account(
        invoices=[invoice("INV-1", on(3, 2), 100), invoice("INV-2", on(3, 3), 70, "JPY")],
        payments=[
            Payment(id=id, account="ACME", amount=Money.of(amount, currency), value_date=on(3, 5))
            for id, amount, currency in (("P-1", 20, "EUR"), ("P-2", 30, "JPY"))
        ],
    )
    found = statement(owes, *MARCH)
    for currency, item, credit in (("EUR", "INV-1", "P-1"), ("JPY", "INV-2", "P-2")):
        assert [each.item for each in found.items_in(currency)] == [item]
        assert [each.id for each in found.credits_in(currency)] == [credit]
        assert [id for _, _, id, _, _ in shown(found, currency)] == [item, credit]
    with pytest.raises(UnknownId, match="USD"):
        found.items_in("USD")


def test_the_text_and_the_table_of_a_kind_have_what_it_is_about_and_the_totals():
    owes = account(invoices=[invoice("INV-1", on(3, 2), 100)])
    texts = {kind: str(statement(owes, *MARCH, kind=kind)) for kind in ("activity", "open_item", "balance_forward")}
    assert {
        kind: ("opening    " in text.partition("currency  opening")[0], "days overdue" in text)
        for kind, text in texts.items()
    } == {
        "activity": (True, True),
        "open_item": (False, True),
        "balance_forward": (True, False),
    }
    table = statement(owes, *MARCH, kind="balance_forward")._repr_html_()
    assert ("<caption>Movements" in table, "<caption>Open items" in table) == (True, False)


def test_a_payment_that_turns_out_to_have_failed_is_taken_back_on_its_own_day():
    owes = account(
        PaymentReturned(payment="P-1", kind="reversed", code="ours", **times(on(2, 20), on(3, 12))),
        PaymentReturned(payment="P-2", kind="returned", code="AC04", **times(on(2, 25), on(3, 12))),
        PaymentReturned(payment="P-3", kind="returned", code="AC04", **times(on(4, 2))),
        invoices=[invoice("INV-1", on(2, 2), 100)],
        payments=[
            Payment(id=id, account="ACME", amount=eur(amount), value_date=on(2, 20))
            for id, amount in (("P-1", 50), ("P-2", 30), ("P-3", 7))
        ],
    )
    found = statement(owes, *MARCH, on(3, 31), opened_at=on(2, 28))
    assert found.balance("EUR").opening == eur(13)
    assert [(line.date, line.id, line.amount, line.back, line.earlier) for line in found.lines] == [
        (on(2, 25), "P-2", 3_000, True, True),
        (on(2, 28), "P-1", 5_000, True, True),
    ]
    assert found.balance("EUR").closing == eur(93)


def test_a_merger_that_is_recorded_late_is_learned_as_one():
    world = World()
    for id, amount in (("A", "100"), ("B", "70")):
        world.open(id)
        world.invoice(f"INV-{id}", amount, 20, id)
    world.at(5)
    world.app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge")
    found = statement(world.app.account("A", own=True), day(6), day(9), day(9), opened_at=day(4))
    assert [(line.date, line.code, line.amount, line.earlier) for line in found.lines] == [
        (day(5), "merged", 7_000, True)
    ]
    assert (found.balance("EUR").opening, found.balance("EUR").closing) == (eur(100), eur(170))


def test_what_was_settled_without_money_counts_while_it_is_known_and_in_force():
    def part(id, kind, day, known=None, item="INV-1"):
        made = SettlementPart(item=item, kind=kind, amount=eur(5), reason="x")
        return DifferenceSettled(id=id, source="P", part=made, settlement="s", **times(day, known))

    owes = account(
        part("D-1", "discount_earned", on(3, 9)),
        part("D-2", "tolerance", on(3, 10)),
        part("D-3", "tolerance", on(3, 11), on(4, 1)),
        part("D-4", "tolerance", on(3, 12)),
        part("D-5", "tolerance", on(3, 13), item="elsewhere"),
        DifferenceUndone(difference="D-2", **times(on(3, 20))),
        DifferenceUndone(difference="D-4", **times(on(3, 12))),
        DifferenceUndone(difference="D-1", **times(on(3, 25), on(4, 1))),
        invoices=[invoice("INV-1", on(3, 2), 100)],
    )
    assert shown(statement(owes, *MARCH, on(3, 31)))[1:] == [
        (on(3, 9), "discount", "D-1", -500, 9_500),
        (on(3, 10), "difference", "D-2", -500, 9_000),
        (on(3, 20), "difference", "D-2", 500, 9_500),
    ]


def test_what_is_used_of_money_that_is_not_there_is_no_movement():
    owes = account(
        RefundMade(id="R-1", source="P-1", amount=eur(20), **times(on(3, 10))),
        RefundMade(id="R-2", source="elsewhere", amount=eur(20), **times(on(3, 10))),
        PaymentReturned(payment="P-1", kind="reversed", code="ours", **times(on(3, 5))),
        payments=[Payment(id="P-1", account="ACME", amount=eur(50), value_date=on(3, 5))],
    )
    assert statement(owes, *MARCH).lines == ()
