"""What a view answers: what is open and free of an item, from when it ages, what stops it, and what it does not know."""

import attrs
import pytest
from tests.service.world import payment_plan
from tests.state.days import DAY, at, on

from receivables import (
    Account,
    CreditNote,
    Currency,
    Customer,
    Hold,
    Installment,
    Invoice,
    Money,
    Payment,
    Schedule,
    fold,
)
from receivables.documents.dispute import Dispute
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.facts.credit import HoldPlaced
from receivables.facts.dispute import DisputeOpened
from receivables.facts.payment_plan import PlanAgreed
from receivables.state.view import Book, each_view


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


def invoice(number: str, amount: Money, due: int) -> Invoice:
    return Invoice.due(number=number, account="A", issued_on=DAY, total=amount, due_on=on(due))


def account(*facts: object, invoices: tuple = (), **more: object) -> Account:
    billed = invoices or (invoice("I", eur(300), 10), invoice("J", eur(50), 20))
    return fold(facts, Account.of(Customer(id="A"), invoices=billed, **more))


def disputed(item: str, amount: int) -> DisputeOpened:
    document = Dispute(id=f"D-{item}", account="A", item=item, amount=eur(amount), reason="quality", opened_on=DAY)
    return DisputeOpened(dispute=document, items=(item,), amount=eur(amount), **at())


def planned(items: str, *installments: tuple[int, int]) -> PlanAgreed:
    plan = payment_plan("PP", items, *installments, account="A", agreed_on=DAY)
    return PlanAgreed(plan=plan, settled=eur(0), approver=None, **at(1))


def held(**more: object) -> HoldPlaced:
    hold = Hold(id="-".join(map(str, more.values())) or "H", account="A", placed_on=DAY, reason="asked", **more)
    return HoldPlaced(hold=hold, **at())


def test_questions_about_an_empty_view_are_answered():
    view = fold([]).view(DAY)
    assert view.ladder_of == {}
    with pytest.raises(UnknownId):
        view.credit("P")


def test_a_credit_is_found_by_its_id_among_others():
    paid = [Payment(id=id, account="A", amount=eur(5), value_date=DAY) for id in ("P-1", "P-2")]
    view = Account.of(Customer(id="A"), payments=paid).view(DAY)
    assert [view.credit(id).id for id in ("P-2", "P-1")] == ["P-2", "P-1"]


def test_an_item_that_is_not_there_has_no_status():
    invoice = Invoice.due(number="I", account="A", issued_on=DAY, total=eur(5), due_on=DAY)
    view = Account.of(Customer(id="A"), invoices=[invoice]).view(DAY)
    assert view.status("I") == "open"
    with pytest.raises(UnknownId):
        view.status("J")


# What is free, and from when it ages ----------------------------------------------------------------------------------


def test_what_is_kept_back_of_an_item_is_not_free_and_what_is_disputed_is_said():
    view = account(disputed("I", 120), disputed("J", 50), planned("I", (30, 60), (60, 60))).view(on(5))
    assert [(each.kind, each.amount) for each in view.withheld_of["I"]] == [("dispute", 12000), ("plan", 12000)]
    assert (view.open("I"), view.free("I"), view.disputed("I")) == (eur(300), eur(60), eur(120))
    assert (view.free("J"), view.disputed("J")) == (eur(0), eur(50))
    bare = account().view(on(5))
    assert (bare.free("I"), bare.disputed("I")) == (eur(300), eur(0))


def test_an_item_ages_from_its_due_date_or_from_the_installments_that_take_its_place():
    assert account().view(on(5)).aged_from("I") == on(10).toordinal()
    whole = account(planned("I", (30, 100), (60, 200))).view(on(5))
    assert [(each.plan_due, each.amount) for each in whole.replanned_of["I"]] == [
        (on(30).toordinal(), 10000),
        (on(60).toordinal(), 20000),
    ]
    assert whole.aged_from("I") == on(30).toordinal()
    part = account(planned("I", (30, 100), (60, 199))).view(on(5))
    assert part.aged_from("I") == on(10).toordinal()
    earlier = account(planned("J", (15, 50)), planned("I", (5, 100), (60, 199))).view(on(2))
    assert earlier.aged_from("I") == on(5).toordinal()


# What stops it -------------------------------------------------------------------------------------------------------


def test_an_item_is_stopped_by_holds_on_it_on_its_document_and_on_all():
    parts = Schedule(
        installments=(Installment(amount=eur(10), due_on=on(9)), Installment(amount=eur(20), due_on=on(9)))
    )
    two = Invoice(number="K", account="A", issued_on=DAY, total=eur(30), schedule=parts)
    holds = (held(), held(item="K/1"), held(document="K"), held(document="I"), held(item="J"))
    view = account(*holds, invoices=(two, invoice("I", eur(300), 10), invoice("J", eur(50), 20))).view(on(3))
    stopped = {item: [hold.id for hold in view.stopping("dunning", item)] for item in ("K/1", "K/2", "I", "J", None)}
    assert stopped == {
        "K/1": ["H", "K/1", "K"],
        "K/2": ["H", "K"],
        "I": ["H", "I"],
        "J": ["H", "J"],
        None: ["H"],
    }
    assert view.stopping("interest", "I") == ()


def test_what_cannot_be_stopped_or_is_not_open_is_refused():
    view = account().view(on(3))
    with pytest.raises(InvalidValue, match="view.what: must be one of"):
        view.stopping("aging")
    with pytest.raises(UnknownId):
        view.stopping("dunning", "NO")


# What it does not know -------------------------------------------------------------------------------------------------


def test_a_closed_item_is_not_open_and_one_that_never_was_is_not_said_to_be_closed():
    paid = CreditNote(number="CN", account="A", issued_on=DAY, total=eur(50), against="J")
    nothing = Invoice.due(number="Z", account="A", issued_on=DAY, total=eur(0), due_on=on(9))
    view = account(invoices=(invoice("I", eur(300), 10), nothing), credit_notes=[paid]).view(on(3))
    assert [view.status(id) for id in ("I", "Z")] == ["open", "settled"]
    with pytest.raises(UnknownId, match="Z.*it is closed"):
        view.open("Z")
    with pytest.raises(UnknownId) as error:
        view.item("NO")
    assert "closed" not in str(error.value)


# Sums ------------------------------------------------------------------------------------------------------------------


def test_what_is_open_and_on_account_adds_up_by_currency():
    dollars = Money.of(7, "USD")
    paid = [
        Payment(id=f"P-{at}", account="A", amount=each, value_date=DAY)
        for at, each in enumerate((eur(30), eur(5), dollars))
    ]
    view = account(
        invoices=(invoice("I", eur(300), 10), invoice("J", eur(50), 20), invoice("K", dollars * 3, 1)), payments=paid
    ).view(on(3))
    assert (view.open_total("EUR"), view.on_account("EUR"), view.balance("EUR")) == (eur(350), eur(35), eur(315))
    assert (view.open_total(Currency.of("USD")), view.on_account(Currency.of("USD"))) == (dollars * 3, dollars)
    assert view.balance("GBP") == Money.of(0, "GBP")
    assert [each.code for each in view.currencies] == ["EUR", "USD"]
    assert [book.total for book in view.books] == [35000, 2100]


def test_a_currency_that_is_only_on_account_is_one_of_the_account():
    paid = Payment(id="P", account="A", amount=Money.of(7, "CHF"), value_date=DAY)
    view = account(payments=[paid]).view(on(3))
    assert [each.code for each in view.currencies] == ["CHF", "EUR"]


# Books -------------------------------------------------------------------------------------------------------------------


def test_a_book_stands_by_due_date_and_id_with_running_sums():
    waits = Schedule(installments=(Installment(amount=eur(7), baseline="delivery"),))
    undated = Invoice(number="W", account="A", issued_on=on(2), total=eur(7), schedule=waits)
    billed = (invoice("Z", eur(5), 10), invoice("I", eur(300), 10), invoice("J", eur(50), 4), undated)
    (book,) = account(invoices=billed).view(on(3)).books
    assert [item.id for item in book.items] == ["W", "J", "I", "Z"]
    assert book.due == tuple(on(day).toordinal() for day in (2, 4, 10, 10))
    assert (book.open, book.running) == ((700, 5000, 30000, 500), (0, 700, 5700, 35700, 36200))
    assert (book.undated, book.laddered, book.total) == (True, (), 36200)
    (early,) = account(invoices=billed).view(on(1)).books
    assert not early.undated
    assert attrs.astuple(early, recurse=False)[3:5] == ((5000, 30000, 500), (0, 5000, 35000, 35500))
    assert isinstance(early, Book)


# One or many -------------------------------------------------------------------------------------------------------------


def test_one_view_is_as_good_as_many_and_anything_else_is_refused():
    one, other = account().view(on(3)), account().view(on(4))
    assert list(each_view("views", one)) == [one]
    assert list(each_view("views", [one, other])) == [one, other]
    for wrong in ([one, "two"], account(), 7):
        with pytest.raises(WrongType, match="views: must be a view"):
            list(each_view("views", wrong))
