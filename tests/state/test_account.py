"""Accounts from plain documents: what they give, and every way to ask for one that cannot be."""

import datetime as dt

import attrs
import pytest

from receivables import (
    Account,
    Allocation,
    CreditLimit,
    CreditNote,
    Currency,
    Customer,
    Installment,
    Invoice,
    Money,
    Payment,
    Schedule,
)
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, ReceivablesError, UnknownId, WrongType

DAY = dt.date(2026, 1, 5)
ACME = Customer(id="ACME")


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def invoice(number: str = "I", amount: Money | None = None, day: dt.date = DAY, account: str = "ACME") -> Invoice:
    total = eur(100) if amount is None else amount
    return Invoice.due(number=number, account=account, issued_on=day, total=total, due_on=day + dt.timedelta(days=30))


def payment(id: str = "P", amount: Money | None = None, day: dt.date = DAY, account: str = "ACME") -> Payment:
    return Payment(id=id, account=account, amount=eur(100) if amount is None else amount, value_date=day)


def note(number: str = "CN", amount: int = 100, account: str = "ACME", against: str | None = None) -> CreditNote:
    return CreditNote(number=number, account=account, issued_on=DAY, total=eur(amount), against=against)


def limit(account: str = "ACME") -> CreditLimit:
    return CreditLimit(account=account, currency=Currency.of("EUR"), amount=eur(1), valid_from=DAY)


def applied(amount: str | int | Money = 100, source: str = "P", item: str = "I") -> Allocation:
    return Allocation(source=source, item=item, amount=amount if isinstance(amount, Money) else eur(amount))


# What they give -------------------------------------------------------------------------------------------------


def test_an_account_of_a_customer_alone_has_nothing():
    account = Account.of(Customer(id="ACME", company="DE"))
    view = account.view(DAY)
    assert (account.id, view.account) == ("DE:ACME", "DE:ACME")
    assert view.customer == Customer(id="ACME", company="DE")
    assert (view.books, view.credits, view.orders, view.limits, view.holds, view.closed) == (
        (),
        (),
        (),
        (),
        (),
        frozenset(),
    )
    assert view.balance("EUR") == eur(0)
    assert view.currencies == ()


def test_only_the_allocations_that_are_given_are_applied_the_rest_is_on_account():
    account = Account.of(ACME, invoices=[invoice()], payments=[payment()], credit_notes=[note(against="I")])
    assert account.view(DAY).open("I") == eur(100)
    assert account.view(DAY).on_account("EUR") == eur(200)
    account = Account.of(
        ACME,
        invoices=[invoice()],
        payments=[payment()],
        credit_notes=[note()],
        allocations=[applied(60), applied(40, "CN")],
    )
    assert "I" in account.view(DAY).closed
    assert account.view(DAY).on_account("EUR") == eur(100)


def test_an_allocation_takes_effect_on_the_later_of_its_two_days():
    early, late = DAY, DAY + dt.timedelta(days=10)
    for item_day, paid_day in ((early, late), (late, early), (late, late)):
        account = Account.of(
            ACME, invoices=[invoice(day=item_day)], payments=[payment(day=paid_day)], allocations=[applied()]
        )
        before = account.view(late - dt.timedelta(days=1))
        assert "I" not in before.closed
        assert "I" in account.view(late).closed


def test_each_document_is_known_on_its_own_date():
    account = Account.of(ACME, invoices=[invoice()], payments=[payment(day=DAY + dt.timedelta(days=9))])
    assert account.view(DAY, DAY).open_total("EUR") == eur(100)
    assert account.view(DAY, DAY - dt.timedelta(days=1)).open_total("EUR") == eur(0)
    assert account.view(DAY + dt.timedelta(days=9), DAY).on_account("EUR") == eur(0)


def test_documents_may_come_from_any_iterable_and_in_any_order():
    invoices = [invoice(str(number), eur(number)) for number in range(1, 6)]
    one, other = Account.of(ACME, invoices=iter(invoices)), Account.of(ACME, invoices=reversed(invoices))
    assert one.view(DAY).books == other.view(DAY).books


def test_parts_that_take_back_are_credits_and_not_negative_items():
    parts = Schedule(installments=(Installment(amount=eur(120), due_on=DAY), Installment(amount=eur(-20), due_on=DAY)))
    account = Account.of(ACME, invoices=[attrs.evolve(invoice(), schedule=parts)])
    view = account.view(DAY)
    assert view.open("I/1") == eur(120)
    assert (view.credit("I/2").kind, view.credit("I/2").remaining) == ("invoice_part", eur(20).minor)
    assert view.balance("EUR") == eur(100)


def test_an_invoice_of_nothing_is_closed_from_its_first_day():
    view = Account.of(ACME, invoices=[invoice(amount=eur(0))]).view(DAY)
    assert view.closed == {"I"}
    assert view.books == ()


def test_items_stand_by_currency_and_due_date():
    later = DAY + dt.timedelta(days=1)
    account = Account.of(
        ACME, invoices=[invoice("C", day=later), invoice("B"), invoice("A", Money.of(1, "JPY")), invoice("A2")]
    )
    view = account.view(later)
    assert [[item.id for item in book.items] for book in view.books] == [["A2", "B", "C"], ["A"]]
    assert [currency.code for currency in view.currencies] == ["EUR", "JPY"]
    assert view.books[0].running == (0, 100_00, 200_00, 300_00)


# Questions to a view --------------------------------------------------------------------------------------------


def test_a_closed_item_is_as_unknown_as_one_that_never_was():
    account = Account.of(ACME, invoices=[invoice()], payments=[payment()], allocations=[applied()])
    view = account.view(DAY)
    for id, hint in (("I", "it is closed"), ("J", None)):
        for look in (view.open, view.item):
            with pytest.raises(UnknownId) as caught:
                look(id)
            assert (caught.value.kind, caught.value.id, caught.value.hint) == ("open item", id, hint)
    with pytest.raises(UnknownId) as caught:
        view.credit("P")
    assert (caught.value.kind, caught.value.id) == ("open credit", "P")


def test_an_item_keeps_its_original_amount_and_dates():
    account = Account.of(ACME, invoices=[invoice()], payments=[payment(amount=eur(30))], allocations=[applied(30)])
    item = account.view(DAY).item("I")
    assert item.original == eur(100)
    assert (item.document, item.document_on, item.due_on) == ("I", DAY, DAY + dt.timedelta(days=30))
    assert account.view(DAY).open("I") == eur(70)


def test_totals_of_a_currency_that_does_not_occur_are_nothing():
    view = Account.of(ACME, invoices=[invoice()]).view(DAY)
    assert view.open_total("USD") == view.on_account("USD") == Money.of(0, "USD")
    assert view.open_total(Currency.of("EUR")) == eur(100)
    with pytest.raises(UnknownId):
        view.balance("EURO")


def test_a_long_view_does_not_print_the_closed_items():
    account = Account.of(ACME, invoices=[invoice("HIDDEN", amount=eur(0))])
    assert "HIDDEN" not in repr(account.view(DAY))


# Misuse ---------------------------------------------------------------------------------------------------------

MISUSE = [
    ("an allocation from nothing", {"allocations": [applied(source="Q")]}, UnknownId, "Q"),
    ("an allocation to nothing", {"allocations": [applied(item="J")]}, UnknownId, "J"),
    (
        "more than the payment",
        {"invoices": [invoice(amount=eur(500))], "allocations": [applied(101)]},
        OverApplied,
        "P",
    ),
    ("more than the item", {"payments": [payment(amount=eur(500))], "allocations": [applied(101)]}, OverApplied, "I"),
    (
        "more than the payment in two parts",
        {"invoices": [invoice(), invoice("J")], "allocations": [applied(60), applied(60, item="J")]},
        OverApplied,
        "P",
    ),
    (
        "more than the item from two sides",
        {"credit_notes": [note()], "allocations": [applied(60), applied(60, "CN")]},
        OverApplied,
        "I",
    ),
    ("an amount of another currency", {"allocations": [applied(Money.of(1, "USD"))]}, CurrencyMismatch, None),
    (
        "a payment of another currency",
        {"payments": [payment(amount=Money.of(100, "USD"))], "allocations": [applied(1)]},
        CurrencyMismatch,
        None,
    ),
    (
        "an item of another currency",
        {"invoices": [invoice(amount=Money.of(100, "USD"))], "allocations": [applied(1)]},
        CurrencyMismatch,
        None,
    ),
    ("an invoice of another account", {"invoices": [invoice(account="OTHER")]}, InvalidValue, "OTHER"),
    ("a payment of another account", {"payments": [payment(account="OTHER")]}, InvalidValue, "OTHER"),
    ("a credit note of another account", {"credit_notes": [note(account="OTHER")]}, InvalidValue, "OTHER"),
    ("an invoice twice", {"invoices": [invoice(), invoice()]}, InvalidValue, "I"),
    ("a payment twice", {"payments": [payment(), payment()]}, InvalidValue, "P"),
    ("a credit note twice", {"credit_notes": [note(), note()]}, InvalidValue, "CN"),
    ("a payment and a credit note of one name", {"credit_notes": [note("P")]}, InvalidValue, "P"),
    ("a text for an invoice", {"invoices": ["I"]}, WrongType, None),
    ("nothing for a payment", {"payments": [None]}, WrongType, None),
    ("a text for a limit", {"limits": ["10"]}, WrongType, None),
]


@pytest.mark.parametrize(
    ("documents", "error", "shown"), [case[1:] for case in MISUSE], ids=[case[0] for case in MISUSE]
)
def test_documents_that_do_not_go_together_are_refused_and_shown(documents, error, shown):
    with pytest.raises(error) as caught:
        Account.of(ACME, **{"invoices": [invoice()], "payments": [payment()], **documents})
    assert isinstance(caught.value, ReceivablesError)
    if shown is not None:
        assert shown in str(caught.value)


def test_over_application_says_what_was_asked_and_what_is_there():
    with pytest.raises(OverApplied) as caught:
        Account.of(ACME, invoices=[invoice()], payments=[payment(amount=eur(500))], allocations=[applied(101)])
    assert (caught.value.asked, caught.value.available) == (eur(101), eur(100))


def test_a_limit_of_another_account_is_refused():
    with pytest.raises(InvalidValue):
        Account.of(ACME, limits=[limit("OTHER")])


def test_a_payment_may_have_the_number_of_an_invoice_as_it_may_through_the_service():
    account = Account.of(ACME, invoices=[invoice("1")], payments=[payment("1")], allocations=[applied(100, "1", "1")])
    assert account.view(DAY).balance("EUR") == eur(0)


def test_an_invoice_with_the_number_of_an_installment_of_another_is_refused():
    halves = Schedule.of([(eur(50), DAY), (eur(50), DAY)])
    with pytest.raises(InvalidValue):
        Account.of(ACME, invoices=[attrs.evolve(invoice("A"), schedule=halves), invoice("A/1", eur(50))])


def test_a_payment_with_the_id_of_a_part_that_takes_back_is_refused():
    parts = Schedule.of([(eur(120), DAY), (eur(-20), DAY)])
    with pytest.raises(InvalidValue):
        Account.of(ACME, invoices=[attrs.evolve(invoice("A"), schedule=parts)], payments=[payment("A/2")])


@pytest.mark.parametrize(
    "documents", [{"customer": "ACME"}, {"customer": None}, {"customer": ACME, "allocations": ["P to I"]}]
)
def test_what_is_no_customer_or_no_allocation_is_refused_with_a_typed_error(documents):
    with pytest.raises(WrongType):
        Account.of(**documents)


def test_a_payment_among_the_invoices_is_refused():
    with pytest.raises(WrongType):
        Account.of(ACME, invoices=[payment()])


def test_an_account_says_so_where_it_is_not_opened():
    assert Account().id == ""
    assert Account().view(DAY).customer is None
