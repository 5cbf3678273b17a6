"""What a bank line does to recorded payments: one payment in every stage, and a return that is never guessed."""

import datetime as dt

import attrs
import pytest

from receivables import Customer, MemoryStore, Money, PolicyBook, Receivables
from receivables.documents.payment import Payment, Remittance
from receivables.errors import ClaimTaken, InvalidValue
from receivables.facts.cash import PaymentReceived
from receivables.interop.bank import SUSPENSE, BankLine, announced, payments
from receivables.interop.bank_receipts import NEAR, confirming, known_payments, returning, same_payment
from receivables.testing import FixedClock, RecordingNotifier

DAY = dt.date(2026, 2, 20)
TODAY = dt.date(2026, 3, 2)


def eur(amount):
    return Money.of(amount, "EUR")


def line(amount=50, reference="REF1", *, direction="credit", day=DAY, status="booked", **more):
    stage = "" if status == "booked" else f"{status}|"
    return BankLine(
        key=f"DE02|{day}|{eur(amount)}|{direction}|{stage}{reference}",
        path="Ntry[1]",
        account="DE02",
        amount=eur(amount),
        direction=direction,
        status=status,
        value_date=day,
        bank_reference=None if reference.startswith("~") else reference,
        **more,
    )


def back(amount=50, reference="REF9", **more):
    return line(amount, reference, direction="debit", day=DAY + dt.timedelta(days=5), returned=True, **more)


@pytest.fixture
def world():
    """A store with a suspense account and a customer."""
    store = MemoryStore()
    app = Receivables(store=store, notifier=RecordingNotifier(), policies=PolicyBook.of(), clock=FixedClock.on(TODAY))
    for id in (SUSPENSE, "ACME"):
        app.open_account(Customer(id=id), key=f"open {id}")
    return app, store


def known(store):
    return known_payments(fact for id in (SUSPENSE, "ACME") for fact in store.facts(id))


def received(app, *lines):
    for payment in payments(lines):
        app.receive_payment(payment, key=f"receive {payment.id}")


# Announced and booked -------------------------------------------------------------------------------------------------


def test_a_booked_line_confirms_the_payment_that_the_pending_one_announced(world):
    app, store = world
    (payment,) = announced([line(status="pending")])
    app.receive_payment(payment, key="announce")
    assert app.view(SUSPENSE, TODAY).credits == ()
    command = confirming(line(), known(store))
    assert command.bank_line is None
    assert app.execute(command).outcome == "settled"
    assert app.view(SUSPENSE, TODAY).on_account("EUR") == eur(50)
    assert confirming(line(), known(store)) is None


def test_without_any_reference_the_identity_alone_makes_them_one(world):
    app, store = world
    (payment,) = announced([line(reference="~1a2b", status="pending")])
    app.receive_payment(payment, key="announce")
    assert confirming(line(reference="~1a2b"), known(store)).payment == payment.id
    assert confirming(line(reference="~9999"), known(store)) is None


def test_a_booked_line_is_no_second_payment(world):
    app, _ = world
    app.receive_payment(*announced([line(status="pending")]), key="announce")
    (again,) = payments([line()])
    with pytest.raises(ClaimTaken):
        app.receive_payment(attrs.evolve(again, id="another"), key="again")


def test_a_line_that_was_moved_to_another_day_is_found_by_its_reference_and_claimed(world):
    app, store = world
    app.receive_payment(*announced([line(status="pending")]), key="announce")
    moved = line(day=DAY + dt.timedelta(days=2))
    command = confirming(moved, known(store))
    assert (command.bank_line, command.on) == (moved.identity, DAY + dt.timedelta(days=2))
    app.execute(command)
    assert store.find("bank_line", moved.identity) == [SUSPENSE]
    with pytest.raises(ClaimTaken):
        received(app, moved)


@pytest.mark.parametrize(
    "other",
    [
        line(day=DAY + NEAR + dt.timedelta(days=1)),
        line(51, day=DAY + dt.timedelta(days=1)),
        line(reference="REF2", day=DAY + dt.timedelta(days=1)),
        attrs.evolve(line(day=DAY + dt.timedelta(days=1)), account="DE99"),
        back(),
    ],
)
def test_another_line_confirms_nothing(world, other):
    app, store = world
    app.receive_payment(*announced([line(status="pending")]), key="announce")
    assert confirming(other, known(store)) is None


def test_a_confirmation_is_never_before_the_day_that_was_announced(world):
    app, store = world
    app.receive_payment(*announced([line(status="pending")]), key="announce")
    assert confirming(line(day=DAY - dt.timedelta(days=1)), known(store)).on == DAY


def test_an_announcement_that_comes_after_the_booking_is_recognized(world):
    app, store = world
    received(app, line(day=DAY + dt.timedelta(days=1)))
    assert same_payment(line(status="pending"), known(store)) is not None
    assert same_payment(line(status="pending", reference="REF2"), known(store)) is None


def test_only_credits_are_announced():
    odd = [line(status="info"), line(direction="debit", status="pending"), line(0, status="pending"), line()]
    assert announced(odd) == ()


# Returned ---------------------------------------------------------------------------------------------------------------

PAID = line(end_to_end_id="E-7", mandate_id="M-1", counterparty_account="NL01", counterparty_name="Acme GmbH")
TWIN = attrs.evolve(PAID, key=PAID.key.replace("REF1", "REF2"), bank_reference="REF2", end_to_end_id="E-8")


@pytest.mark.parametrize(
    ("cites", "code"),
    [
        ({"end_to_end_id": "E-7"}, "end_to_end_id"),
        ({"references": ("REF1",)}, "bank_reference"),
        ({"mandate_id": "M-1"}, "mandate"),
        ({"counterparty_account": "NL01"}, "payer_account"),
    ],
)
def test_a_return_takes_back_the_payment_that_it_cites(world, cites, code):
    app, store = world
    received(app, PAID, line(50, "OTHER"))
    answer = returning(back(return_reason="AC04", **cites), known(store))
    assert [reason.code for reason in answer.reasons] == [code]
    assert (answer.command.payment, answer.command.kind, answer.command.code) == (PAID.identity, "returned", "AC04")
    app.execute(answer.command)
    assert app.view(SUSPENSE, TODAY).on_account("EUR") == eur(50)
    assert app.view(SUSPENSE, DAY).on_account("EUR") == eur(100)


@pytest.mark.parametrize(
    ("returned", "code"),
    [
        (back(), "nothing_cited"),
        (back(end_to_end_id="E-9"), "no_payment_found"),
        (back(counterparty_name="ACME GMBH"), "payer_name_only"),
        (back(counterparty_account="NL01", end_to_end_id="E-9"), "cited_unknown"),
        (back(49, end_to_end_id="E-7"), "other_amount"),
        (back(mandate_id="M-1"), "several_payments"),
        (attrs.evolve(back(end_to_end_id="E-7"), direction="credit"), "own_money"),
        (attrs.evolve(back(end_to_end_id="E-7"), value_date=DAY - dt.timedelta(days=1)), "no_payment_found"),
    ],
)
def test_what_is_not_sure_is_a_case_for_a_person(world, returned, code):
    app, store = world
    received(app, PAID, TWIN)
    answer = returning(returned, known(store))
    assert answer.command is None
    assert answer.reasons[-1].code == code


def test_several_evidences_together_leave_one(world):
    app, store = world
    received(app, PAID, TWIN)
    answer = returning(back(mandate_id="M-1", end_to_end_id="E-8"), known(store))
    assert answer.command.payment == TWIN.identity


def test_a_second_return_of_a_payment_is_a_case_for_a_person(world):
    app, store = world
    received(app, PAID)
    app.execute(returning(back(end_to_end_id="E-7"), known(store)).command)
    again = returning(back(reference="REF10", end_to_end_id="E-7"), known(store))
    assert (again.command, again.reasons[-1].code) == (None, "returned_before")


def test_money_that_was_transferred_is_taken_back_where_it_went(world):
    app, store = world
    received(app, PAID)
    app.transfer(SUSPENSE, PAID.identity, eur(50), "ACME", on=DAY, key="t")
    command = returning(back(end_to_end_id="E-7"), known(store)).command
    assert (command.account, command.payment) == ("ACME", "t#1")
    app.execute(command)
    assert app.view("ACME", TODAY).credits == ()
    assert returning(back(reference="X", end_to_end_id="E-7"), known(store)).reasons[-1].code == "returned_before"


def test_a_payment_that_was_divided_is_a_case_for_a_person(world):
    app, store = world
    received(app, PAID)
    app.transfer(SUSPENSE, PAID.identity, eur(20), "ACME", on=DAY, key="t")
    answer = returning(back(end_to_end_id="E-7"), known(store))
    assert (answer.command, answer.reasons[-1].code) == (None, "divided")
    assert answer.found[0].amount == eur(30)


def test_a_reversal_on_the_day_of_the_payment_counts_as_if_it_had_never_been(world):
    app, store = world
    received(app, PAID)
    undone = attrs.evolve(back(end_to_end_id="E-7"), returned=False, reversal=True)
    assert returning(undone, known(store)).command.kind == "returned"
    assert returning(attrs.evolve(undone, value_date=DAY), known(store)).command.kind == "reversed"


def test_what_a_card_scheme_takes_is_a_chargeback():
    paid = Payment(
        id="P",
        account="ACME",
        amount=eur(50),
        value_date=DAY,
        method="card",
        remittance=Remittance(references=("E-7",)),
    )
    (there,) = known_payments(_received(paid))
    command = returning(back(end_to_end_id="E-7"), [there]).command
    assert (command.kind, command.code) == ("chargeback", "not_specified")


def _received(payment):
    return [PaymentReceived(payment=payment, effective_on=DAY, recorded_at=dt.datetime(2026, 2, 21, tzinfo=dt.UTC))]


def test_a_line_that_is_no_return_is_refused():
    with pytest.raises(InvalidValue, match=r"returning\.line\.kind"):
        returning(PAID, [])
