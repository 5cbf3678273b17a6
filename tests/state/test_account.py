"""Accounts from plain documents: what they give, and every way to ask for one that cannot be."""

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from tests.state import days
from tests.state.days import on
from tests.state.test_merge import absorbed, items, logs, merged, separated
from tests.state.test_viewing_dunning import letter, sent

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
    fold,
)
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, ReceivablesError, UnknownId, WrongType
from receivables.facts.cash import PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.merge import AccountMerged, AccountRestored
from receivables.state.account import compose, joined_on, known_until

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
    ("an allocation from nothing", {"allocations": [applied(source="Q")]}, UnknownId),
    ("an allocation to nothing", {"allocations": [applied(item="J")]}, UnknownId),
    ("more than the payment", {"invoices": [invoice(amount=eur(500))], "allocations": [applied(101)]}, OverApplied),
    ("more than the item", {"payments": [payment(amount=eur(500))], "allocations": [applied(101)]}, OverApplied),
    (
        "more than the payment in two parts",
        {"invoices": [invoice(), invoice("J")], "allocations": [applied(60), applied(60, item="J")]},
        OverApplied,
    ),
    (
        "more than the item from two sides",
        {"credit_notes": [note()], "allocations": [applied(60), applied(60, "CN")]},
        OverApplied,
    ),
    ("an amount of another currency", {"allocations": [applied(Money.of(1, "USD"))]}, CurrencyMismatch),
    (
        "a payment of another currency",
        {"payments": [payment(amount=Money.of(100, "USD"))], "allocations": [applied(1)]},
        CurrencyMismatch,
    ),
    (
        "an item of another currency",
        {"invoices": [invoice(amount=Money.of(100, "USD"))], "allocations": [applied(1)]},
        CurrencyMismatch,
    ),
    ("an invoice of another account", {"invoices": [invoice(account="OTHER")]}, InvalidValue),
    ("a payment of another account", {"payments": [payment(account="OTHER")]}, InvalidValue),
    ("a credit note of another account", {"credit_notes": [note(account="OTHER")]}, InvalidValue),
    ("an invoice twice", {"invoices": [invoice(), invoice()]}, InvalidValue),
    ("a payment twice", {"payments": [payment(), payment()]}, InvalidValue),
    ("a credit note twice", {"credit_notes": [note(), note()]}, InvalidValue),
    ("a payment and a credit note of one name", {"credit_notes": [note("P")]}, InvalidValue),
    ("a text for an invoice", {"invoices": ["I"]}, WrongType),
    ("nothing for a payment", {"payments": [None]}, WrongType),
    ("a text for a limit", {"limits": ["10"]}, WrongType),
]


SAID = {
    "an allocation from nothing": "unknown credit: 'Q'",
    "an allocation to nothing": "unknown item: 'J'",
    "more than the payment": "credit 'P': 101.00 EUR asked, 100.00 EUR available",
    "more than the item": "item 'I': 101.00 EUR asked, 100.00 EUR available",
    "more than the payment in two parts": "credit 'P': 120.00 EUR asked, 100.00 EUR available",
    "more than the item from two sides": "item 'I': 120.00 EUR asked, 100.00 EUR available",
    "an amount of another currency": "currencies differ: 1.00 USD and EUR",
    "a payment of another currency": "currencies differ: 1.00 EUR and USD",
    "an item of another currency": "currencies differ: 1.00 EUR and USD",
    "an invoice of another account": "account.invoices[0]: must be of account 'ACME', got 'OTHER'",
    "a payment of another account": "account.payments[0]: must be of account 'ACME', got 'OTHER'",
    "a credit note of another account": "account.credit_notes[0]: must be of account 'ACME', got 'OTHER'",
    "an invoice twice": "account.items: must not be given twice, got 'I'",
    "a payment twice": "account.credits: must not be given twice, got 'P'",
    "a credit note twice": "account.credits: must not be given twice, got 'CN'",
    "a payment and a credit note of one name": "account.credits: must not be given twice, got 'P'",
    "a text for an invoice": "account.invoices[0]: must be a Invoice, got 'I' (str)",
    "nothing for a payment": "account.payments[0]: must be a Payment, got None (NoneType)",
    "a text for a limit": "account.limits[0]: must be a CreditLimit, got '10' (str)",
}
"""What each is refused with: it names the field and shows the value."""


@pytest.mark.parametrize(("name", "documents", "error"), MISUSE, ids=[case[0] for case in MISUSE])
def test_documents_that_do_not_go_together_are_refused_and_shown(name, documents, error):
    with pytest.raises(error) as caught:
        Account.of(ACME, **{"invoices": [invoice()], "payments": [payment()], **documents})
    assert isinstance(caught.value, ReceivablesError)
    assert str(caught.value) == SAID[name]


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
    ("documents", "said"),
    [
        ({"customer": "ACME"}, "account.customer: must be a customer, got 'ACME' (str)"),
        ({"customer": None}, "account.customer: must be a customer, got None (NoneType)"),
        (
            {"customer": ACME, "allocations": ["P to I"]},
            "account.allocations: must be an allocation, got 'P to I' (str)",
        ),
    ],
)
def test_what_is_no_customer_or_no_allocation_is_refused_with_a_typed_error(documents, said):
    with pytest.raises(WrongType) as caught:
        Account.of(**documents)
    assert str(caught.value) == said


def test_a_payment_among_the_invoices_is_refused():
    with pytest.raises(WrongType):
        Account.of(ACME, invoices=[payment()])


def test_an_account_says_so_where_it_is_not_opened():
    assert Account().id == ""
    assert Account().view(DAY).customer is None


# What a fold says of itself -------------------------------------------------------------------------------------------


def at(day: int, known: int | None = None) -> dict[str, object]:
    """Effective so many days after `DAY`, recorded then or on another day."""
    start = dt.datetime.combine(DAY, dt.time(8), dt.UTC)
    recorded = start + dt.timedelta(days=day if known is None else known)
    return {"effective_on": DAY + dt.timedelta(days=day), "recorded_at": recorded}


def test_an_account_says_how_long_its_log_is_and_when_the_latest_fact_was_recorded():
    opened = AccountOpened(customer=ACME, **at(0))
    late = PaymentReceived(payment=payment(), **at(1, known=7))
    early = InvoiceIssued(invoice=invoice(), **at(3))
    assert (Account().length, Account().known_at) == (0, None)
    account = fold([opened, late, early])
    assert (account.length, account.known_at) == (3, late.recorded_at)
    assert fold([early], fold([opened, late])) == account
    assert fold([], account) == account
    assert fold([late], fold([opened])).known_at == late.recorded_at


def test_what_is_no_fact_is_refused_and_shown():
    opened = AccountOpened(customer=ACME, **at(0))
    merged = AccountMerged(into="OTHER", **at(1))
    whole = compose(fold([opened, merged]), {"ACME": fold([opened, merged])})
    for account in (Account(), fold([opened]), whole):
        with pytest.raises(WrongType) as caught:
            fold([opened, "paid"], account)
        assert str(caught.value) == "fold.facts: must be a fact, got 'paid' (str)"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"as_of": "2026-01-05"}, WrongType, "view.as_of: must be a date without a time, got '2026-01-05' (str)"),
        ({"as_of": DAY, "known_at": "now"}, WrongType, "view.known_at: must be a date without a time, got 'now' (str)"),
        (
            {"as_of": DAY, "known_at": dt.datetime(2026, 1, 5)},
            InvalidValue,
            "view.known_at: must have a zone, got datetime.datetime(2026, 1, 5, 0, 0)",
        ),
    ],
)
def test_a_view_of_no_date_or_no_instant_is_refused_and_shown(asked, error, said):
    with pytest.raises(error) as caught:
        Account.of(ACME).view(**asked)
    assert str(caught.value) == said


def test_a_day_on_which_something_is_known_ends_at_midnight_of_the_zone_and_a_repeated_hour_counts_in_full():
    berlin = ZoneInfo("Europe/Berlin")
    assert known_until(None, berlin) is None
    assert known_until(dt.date(2026, 7, 1), berlin) == dt.datetime(2026, 7, 1, 21, 59, 59, 999_999, dt.UTC)
    assert known_until(dt.date(2026, 7, 1), dt.UTC) == dt.datetime(2026, 7, 1, 23, 59, 59, 999_999, dt.UTC)
    instant = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    assert known_until(instant, dt.UTC).isoformat() == "2026-10-25T00:30:00+00:00"
    twice = ZoneInfo("America/Sao_Paulo")  # went back from midnight to eleven in the evening
    assert known_until(dt.date(2018, 2, 17), twice).isoformat() == "2018-02-18T02:59:59.999999+00:00"
    assert known_until(dt.date(2018, 2, 16), twice).isoformat() == "2018-02-17T01:59:59.999999+00:00"


# Of several accounts -----------------------------------------------------------------------------------------------------


def test_a_view_of_a_merged_account_has_what_was_joined_on_the_day():
    known = logs(A=[absorbed("B", 5)], B=[merged("A", 5)])
    root, part = (compose(known[id], known) for id in "AB")
    assert [items(root, day) for day in (4, 5)] == [["I-A"], ["I-A", "I-B"]]
    views = [part.view(on(day)) for day in (4, 5)]
    assert [(view.merged_into, len(view.books), view.customer.id) for view in views] == [(None, 1, "B"), ("A", 0, "B")]
    shown = [[item.id for item in joined_on(part, on(day), None).ledger.items] for day in (4, 5)]
    assert shown == [["I-B"], []]
    assert known["A"].view(on(4)) == root.view(on(4))


def test_a_letter_on_items_of_two_accounts_moves_in_each_what_it_has():
    both = (letter("L", "first", "I-A", "I-B", day=6), sent("L", 7))
    known = logs(
        A=[absorbed("B", 5), *both, separated("B", 9)],
        B=[merged("A", 5), *both, AccountRestored(separated_from="A", **days.at(9))],
    )
    ladders = {id: [sorted(compose(known[id], known).view(on(day)).ladder_of) for day in (8, 9)] for id in "AB"}
    assert ladders == {"A": [["I-A", "I-B"], ["I-A"]], "B": [[], ["I-B"]]}
