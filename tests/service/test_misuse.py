"""What a host does wrong is a typed error that shows the value, and the store is what it was before."""

import datetime as dt
import pickle
from decimal import Decimal

import pytest
from tests.service.world import EUR, LADDER, TODAY, USD, World, day, eur, furnished, one_of_each, picture

from receivables import (
    Contact,
    CreditLimit,
    CreditNote,
    Customer,
    Hold,
    Invoice,
    InvoiceLine,
    Money,
    Order,
    Payment,
    PaymentTerms,
    Remittance,
    Schedule,
    TakenOverItem,
)
from receivables.errors import (
    CardNumberRefused,
    ClaimTaken,
    CurrencyMismatch,
    InvalidValue,
    KeyReused,
    OverApplied,
    ReceivablesError,
    UnknownId,
    WrongType,
)
from receivables.testing import FixedClock

CARD = "4111 1111 1111 1111"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def invoice(**changes):
    values = {
        "number": "NEW-1",
        "account": "ACME",
        "issued_on": TODAY,
        "total": eur(100),
        "terms": PaymentTerms.net(30),
    }
    return Invoice(**{**values, **changes})


def payment(**changes):
    return Payment(**{"id": "P-9", "account": "ACME", "amount": eur(100), "value_date": TODAY, **changes})


def note(**changes):
    return CreditNote(**{"number": "CN-9", "account": "ACME", "issued_on": TODAY, "total": eur(10), **changes})


def order(**changes):
    return Order(**{"id": "SO-9", "account": "ACME", "amount": eur(100), "placed_on": TODAY, **changes})


def hold(**changes):
    return Hold(**{"id": "H-9", "account": "ACME", "placed_on": TODAY, "reason": "dispute", **changes})


def limit(**changes):
    return CreditLimit(**{"account": "ACME", "currency": EUR, "amount": eur(100), "valid_from": TODAY, **changes})


def item(**changes):
    values = {"id": "OLD-9", "account": "ACME", "issued_on": day(-60), "due_on": day(-30), "open": eur(5)}
    return TakenOverItem(**{**values, **changes})


def issue(app, **changes):
    app.issue_invoice(invoice(**changes), key="k")


def pay(app, **changes):
    app.receive_payment(payment(**changes), key="k")


def credit(app, **changes):
    app.issue_credit_note(note(**changes), key="k")


def reserve(app, **changes):
    app.reserve(order(**changes), key="k")


def apply(app, source, item, amount, account="ACME"):
    app.apply(account, source, item, amount, key="k")


MISUSE = {
    # floats, bools, NaN and excess decimals where money or numbers belong
    "a float as a total": (lambda app: issue(app, total=12.5), WrongType, "12.5 (float)"),
    "a float as money": (lambda app: issue(app, total=Money.of(12.5, "EUR")), WrongType, "12.5 (float)"),
    "a bool as money": (lambda app: pay(app, amount=Money.of(True, "EUR")), WrongType, "True (bool)"),
    "NaN as money": (lambda app: pay(app, amount=Money.of(Decimal("NaN"), "EUR")), InvalidValue, "NaN"),
    "infinity as money": (lambda app: pay(app, amount=Money.of(Decimal("Infinity"), "EUR")), InvalidValue, "Infinity"),
    "NaN as text": (lambda app: pay(app, amount=Money.of("nan", "EUR")), ReceivablesError, "nan"),
    "excess decimals": (lambda app: pay(app, amount=Money.of("0.001", "EUR")), InvalidValue, "0.001"),
    "yen with decimals": (lambda app: pay(app, amount=Money.of("5.5", "JPY")), InvalidValue, "5.5"),
    "an int as money": (lambda app: apply(app, "P-1", "INV-1", 100), WrongType, "100 (int)"),
    "a bool as a limit": (lambda app: app.set_limit(limit(amount=False), key="k"), WrongType, "False (bool)"),
    "a negative limit": (lambda app: app.set_limit(limit(amount=eur(-1)), key="k"), InvalidValue, "-1.00 EUR"),
    "a payment of nothing": (lambda app: pay(app, amount=eur(0)), InvalidValue, "0.00 EUR"),
    "a payment below zero": (lambda app: pay(app, amount=eur(-5)), InvalidValue, "-5.00 EUR"),
    "an order of nothing": (lambda app: reserve(app, amount=eur(0)), InvalidValue, "0.00 EUR"),
    "a negative invoice": (lambda app: issue(app, total=eur(-1)), InvalidValue, "-1.00 EUR"),
    "a credit note of nothing": (lambda app: credit(app, total=eur(0)), InvalidValue, "0.00 EUR"),
    "nothing applied": (lambda app: apply(app, "P-1", "INV-1", eur(0)), InvalidValue, "0.00 EUR"),
    "a negative application": (lambda app: apply(app, "P-1", "INV-1", eur(-5)), InvalidValue, "-5.00 EUR"),
    # datetimes and texts where dates belong
    "a datetime as issue date": (lambda app: issue(app, issued_on=NOON), WrongType, "(datetime)"),
    "a datetime as value date": (lambda app: pay(app, value_date=NOON), WrongType, "(datetime)"),
    "a text as value date": (lambda app: pay(app, value_date="2026-03-02"), WrongType, "'2026-03-02' (str)"),
    "a datetime as order date": (lambda app: reserve(app, placed_on=NOON), WrongType, "(datetime)"),
    "a datetime as hold date": (lambda app: app.place_hold(hold(placed_on=NOON), key="k"), WrongType, "(datetime)"),
    "a datetime as end of a hold": (lambda app: app.place_hold(hold(until=NOON), key="k"), WrongType, "(datetime)"),
    "a datetime as limit date": (lambda app: app.set_limit(limit(valid_from=NOON), key="k"), WrongType, "(datetime)"),
    "a datetime as due date": (
        lambda app: app.date_installment("ACME", "INV-W", NOON, key="k"),
        WrongType,
        "(datetime)",
    ),
    "a datetime as day of a change": (
        lambda app: app.change_customer(Customer(id="ACME"), on=NOON, key="k"),
        WrongType,
        "(datetime)",
    ),
    "a datetime as day of a release": (
        lambda app: app.release_order("ACME", "SO-1", on=NOON, key="k"),
        WrongType,
        "(datetime)",
    ),
    "a datetime to lift a hold": (
        lambda app: app.release_hold("ACME", "H-1", on=NOON, key="k"),
        WrongType,
        "(datetime)",
    ),
    "a datetime to take over on": (lambda app: app.take_over(item(), on=NOON, key="k"), WrongType, "(datetime)"),
    "a run of a datetime": (lambda app: list(app.run_dunning(NOON)), WrongType, "(datetime)"),
    "a run of a text": (lambda app: list(app.run_dunning("2026-03-02")), WrongType, "'2026-03-02' (str)"),
    "rewake on a datetime": (lambda app: list(app.rewake(NOON)), WrongType, "(datetime)"),
    "a view of a datetime": (lambda app: app.view("ACME", NOON), WrongType, "(datetime)"),
    "a view known at a naive instant": (
        lambda app: app.view("ACME", TODAY, dt.datetime(2026, 3, 2)),
        InvalidValue,
        "datetime.datetime(2026, 3, 2, 0, 0)",
    ),
    # documents of the wrong kind
    "a dict as an invoice": (lambda app: app.issue_invoice({"number": "1"}, key="k"), WrongType, "{'number': '1'}"),
    "a payment as an invoice": (lambda app: app.issue_invoice(payment(), key="k"), WrongType, "(Payment)"),
    "a text as a command": (lambda app: app.execute("pay"), WrongType, "'pay' (str)"),
    "a text in a batch": (lambda app: list(app.record(["pay"])), WrongType, "'pay' (str)"),
    "a book as a policy": (lambda app: app.publish("standard", key="k"), WrongType, "'standard' (str)"),
    "a set of stops that is a list": (
        lambda app: app.place_hold(hold(stops=["dunning"]), key="k"),
        WrongType,
        "['dunning'] (list)",
    ),
    "a stop that nobody knows": (
        lambda app: app.place_hold(hold(stops=frozenset({"mail"})), key="k"),
        InvalidValue,
        "['mail']",
    ),
    "a tag that is no text": (
        lambda app: app.open_account(Customer(id="NEW", tags=frozenset({5})), key="k"),
        WrongType,
        "5 (int)",
    ),
    # keys
    "a key that is no text": (lambda app: app.receive_payment(payment(), key=5), WrongType, "5 (int)"),
    "no key": (lambda app: app.receive_payment(payment(), key=None), WrongType, "None (NoneType)"),
    "a blank key": (lambda app: app.receive_payment(payment(), key=" "), InvalidValue, "' '"),
    "a person that is no text": (lambda app: app.receive_payment(payment(), key="k", by=7), WrongType, "7 (int)"),
    "a key used for another request": (
        lambda app: app.receive_payment(payment(), key="pay P-1"),
        KeyReused,
        "'pay P-1'",
    ),
    "a key used on another account": (
        lambda app: app.receive_payment(payment(account="BETA"), key="pay P-1"),
        KeyReused,
        "'pay P-1'",
    ),
    "a key used for another kind of request": (lambda app: app.reserve(order(), key="pay P-1"), KeyReused, "'pay P-1'"),
    # currencies
    "a schedule in another currency": (
        lambda app: issue(app, terms=None, schedule=Schedule.single(Money.of(100, "USD"), day(30))),
        CurrencyMismatch,
        "100.00 USD and 100.00 EUR",
    ),
    "a line in another currency": (
        lambda app: issue(app, lines=(InvoiceLine(net=Money.of(100, "USD"), tax=Money.of(0, "USD")),)),
        CurrencyMismatch,
        "100.00 USD and 100.00 EUR",
    ),
    "a limit in another currency": (
        lambda app: app.set_limit(limit(currency=USD), key="k"),
        CurrencyMismatch,
        "100.00 EUR and USD",
    ),
    "euros on a dollar item": (
        lambda app: apply(app, "P-1", "INV-USD", eur(5)),
        CurrencyMismatch,
        "5.00 EUR and USD",
    ),
    "dollars on a euro item": (
        lambda app: apply(app, "P-USD", "INV-1", Money.of(5, "USD")),
        CurrencyMismatch,
        "5.00 USD and EUR",
    ),
    "euros out of a dollar payment": (
        lambda app: apply(app, "P-USD", "INV-1", eur(5)),
        CurrencyMismatch,
        "5.00 EUR and USD",
    ),
    "a dollar credit note on a euro invoice": (
        lambda app: credit(app, total=Money.of(5, "USD"), against="INV-1"),
        CurrencyMismatch,
        "5.00 USD and 1000.00 EUR",
    ),
    "a dollar invoice on a euro order": (
        lambda app: issue(app, total=Money.of(5, "USD"), order="SO-1"),
        CurrencyMismatch,
        "5.00 USD and 2000.00 EUR",
    ),
    # what is not there
    "an invoice on an unknown account": (lambda app: issue(app, account="NOBODY"), UnknownId, "'NOBODY'"),
    "a payment on an unknown account": (lambda app: pay(app, account="NOBODY"), UnknownId, "'NOBODY'"),
    "a credit note on an unknown account": (lambda app: credit(app, account="NOBODY"), UnknownId, "'NOBODY'"),
    "an order on an unknown account": (lambda app: reserve(app, account="NOBODY"), UnknownId, "'NOBODY'"),
    "a hold on an unknown account": (
        lambda app: app.place_hold(hold(account="NOBODY"), key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "a limit on an unknown account": (
        lambda app: app.set_limit(limit(account="NOBODY"), key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "a limit on a group that is not open": (
        lambda app: app.set_limit(limit(account="group:G"), key="k"),
        UnknownId,
        "'group:G'",
    ),
    "a change of an unknown customer": (
        lambda app: app.change_customer(Customer(id="NOBODY"), on=TODAY, key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "an application on an unknown account": (
        lambda app: apply(app, "P-1", "INV-1", eur(1), "NOBODY"),
        UnknownId,
        "'NOBODY'",
    ),
    "an item taken over by an unknown account": (
        lambda app: app.take_over(item(account="NOBODY"), on=TODAY, key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "an item of an unknown account to date": (
        lambda app: app.date_installment("NOBODY", "INV-W", TODAY, key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "an allocation of an unknown account": (
        lambda app: app.unapply("NOBODY", "a", key="k"),
        UnknownId,
        "'NOBODY'",
    ),
    "the view of an unknown account": (lambda app: app.view("NOBODY", TODAY), UnknownId, "'NOBODY'"),
    "an unknown account": (lambda app: app.account("NOBODY"), UnknownId, "'NOBODY'"),
    "an application to an unknown item": (lambda app: apply(app, "P-1", "INV-0", eur(1)), UnknownId, "'INV-0'"),
    "an application of an unknown credit": (lambda app: apply(app, "P-0", "INV-1", eur(1)), UnknownId, "'P-0'"),
    "a credit note against an unknown invoice": (lambda app: credit(app, against="INV-0"), UnknownId, "'INV-0'"),
    "a hold on an unknown item": (lambda app: app.place_hold(hold(item="INV-0"), key="k"), UnknownId, "'INV-0'"),
    "the due date of an unknown item": (
        lambda app: app.date_installment("ACME", "INV-0", TODAY, key="k"),
        UnknownId,
        "'INV-0'",
    ),
    "an unknown allocation": (lambda app: app.unapply("ACME", "a-0", key="k"), UnknownId, "'a-0'"),
    "the release of an unknown order": (
        lambda app: app.release_order("ACME", "SO-0", on=TODAY, key="k"),
        UnknownId,
        "'SO-0'",
    ),
    "the release of an unknown hold": (
        lambda app: app.release_hold("ACME", "H-0", on=TODAY, key="k"),
        UnknownId,
        "'H-0'",
    ),
    "the account of an account id that is no text": (lambda app: app.account(None), WrongType, "None"),
    # of another account
    "another account's payment": (lambda app: apply(app, "P-B", "INV-1", eur(1)), UnknownId, "'P-B'"),
    "another account's item": (lambda app: apply(app, "P-1", "INV-B", eur(1)), UnknownId, "'INV-B'"),
    "a credit note against another account's invoice": (lambda app: credit(app, against="INV-B"), UnknownId, "'INV-B'"),
    "another account's order": (
        lambda app: app.release_order("BETA", "SO-1", on=TODAY, key="k"),
        UnknownId,
        "'SO-1'",
    ),
    # too much
    "more than the item has open": (lambda app: apply(app, "P-1", "INV-2", eur(201)), OverApplied, "200.00 EUR"),
    "more than the payment has left": (lambda app: apply(app, "P-1", "INV-1", eur(401)), OverApplied, "400.00 EUR"),
    # twice
    "an invoice number twice": (lambda app: issue(app, number="INV-1"), ClaimTaken, "'INV-1'"),
    "an invoice number of another account": (
        lambda app: issue(app, number="INV-1", account="BETA"),
        ClaimTaken,
        "'ACME'",
    ),
    "an invoice with the id of an item": (
        lambda app: app.take_over(item(id="INV-1"), on=TODAY, key="k"),
        ClaimTaken,
        "'INV-1'",
    ),
    "an item taken over with another account's number": (
        lambda app: app.take_over(item(id="INV-1", account="BETA"), on=TODAY, key="k"),
        ClaimTaken,
        "'ACME'",
    ),
    "a payment id twice": (lambda app: pay(app, id="P-1"), ClaimTaken, "'P-1'"),
    "a payment id of another account": (lambda app: pay(app, id="P-1", account="BETA"), ClaimTaken, "'ACME'"),
    "a bank line twice": (lambda app: pay(app, bank_line="line-1"), ClaimTaken, "'line-1'"),
    "a bank line on another account": (
        lambda app: pay(app, account="BETA", bank_line="line-1"),
        ClaimTaken,
        "'line-1'",
    ),
    "a credit note number twice": (lambda app: credit(app, number="CN-1"), ClaimTaken, "'CN-1'"),
    "a credit note with the id of a payment": (lambda app: credit(app, number="P-1"), ClaimTaken, "'P-1'"),
    "an order twice": (lambda app: reserve(app, id="SO-1"), ClaimTaken, "'SO-1'"),
    "a hold twice": (lambda app: app.place_hold(hold(id="H-1"), key="k"), ClaimTaken, "'H-1'"),
    "an account twice": (lambda app: app.open_account(Customer(id="ACME"), key="k"), ClaimTaken, "'ACME'"),
    "a policy version with other settings": (
        lambda app: app.publish(type(LADDER)(id="standard", version=1, steps=LADDER.steps[:1]), key="k"),
        ClaimTaken,
        "'standard/1'",
    ),
    # dates that cannot be
    "an order of tomorrow": (lambda app: reserve(app, placed_on=day(3)), InvalidValue, "'2026-03-05'"),
    "a hold lifted before it was placed": (
        lambda app: app.release_hold("ACME", "H-1", on=day(1), key="k"),
        InvalidValue,
        "'2026-03-03'",
    ),
    "an item taken over before it was issued": (
        lambda app: app.take_over(item(issued_on=TODAY, due_on=TODAY), on=day(-1), key="k"),
        InvalidValue,
        "'2026-03-01'",
    ),
    "a due date for an item that has one": (
        lambda app: app.date_installment("ACME", "INV-1", TODAY, key="k"),
        InvalidValue,
        "'INV-1'",
    ),
    "a limit that ends before it begins": (
        lambda app: app.set_limit(limit(valid_to=day(-1)), key="k"),
        InvalidValue,
        "'2026-03-01'",
    ),
    "a maker who approves": (
        lambda app: app.set_limit(limit(maker="ann", approver="ann"), key="k"),
        InvalidValue,
        "'ann'",
    ),
    # card numbers
    "a card number in a remittance": (
        lambda app: pay(app, remittance=Remittance(text=f"card {CARD}")),
        CardNumberRefused,
        "1111",
    ),
    "a card number as payer": (lambda app: pay(app, payer=CARD), CardNumberRefused, "1111"),
    "a card number as reference": (
        lambda app: pay(app, remittance=Remittance(references=(CARD,))),
        CardNumberRefused,
        "1111",
    ),
    "a card number as bank line": (lambda app: pay(app, bank_line=CARD), CardNumberRefused, "1111"),
    "a card number as reason of a hold": (
        lambda app: app.place_hold(hold(reason=CARD), key="k"),
        CardNumberRefused,
        "1111",
    ),
    "a card number as reason of a note": (lambda app: credit(app, reason=CARD), CardNumberRefused, "1111"),
    "a card number on a line": (
        lambda app: issue(app, lines=(InvoiceLine(net=eur(100), tax=eur(0), description=CARD),)),
        CardNumberRefused,
        "1111",
    ),
    "a card number as key": (lambda app: app.receive_payment(payment(), key=CARD), CardNumberRefused, "1111"),
    "a card number as person": (
        lambda app: app.receive_payment(payment(), key="k", by=CARD),
        CardNumberRefused,
        "1111",
    ),
    "a card number as contact": (
        lambda app: app.change_customer(
            Customer(id="ACME", contacts=(Contact(purpose="dunning", channel="email", reference=CARD),)),
            on=TODAY,
            key="k",
        ),
        CardNumberRefused,
        "1111",
    ),
    "a card number as tag": (
        lambda app: app.change_customer(Customer(id="ACME", tags=frozenset({CARD})), on=TODAY, key="k"),
        CardNumberRefused,
        "1111",
    ),
}


@pytest.fixture(scope="module")
def stored():
    """The furnished world's store, pickled apart from its lock: each misuse gets a copy of its own."""
    return pickle.dumps({key: value for key, value in vars(furnished().store).items() if key != "_lock"})


@pytest.fixture
def world(stored):
    world = World().at(2)
    vars(world.store).update(pickle.loads(stored))
    return world


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_a_typed_error_that_shows_the_value_and_leaves_nothing(world, name):
    act, error, shown = MISUSE[name]
    before = picture(world.store)
    with pytest.raises(error) as raised:
        act(world.app)
    assert shown in str(raised.value)
    assert "\n" not in str(raised.value)
    assert picture(world.store) == before


@pytest.mark.parametrize("name", [name for name in MISUSE if name.startswith("a card number")])
def test_a_refused_card_number_is_not_shown(world, name):
    with pytest.raises(CardNumberRefused) as raised:
        MISUSE[name][0](world.app)
    assert CARD not in str(raised.value)
    assert CARD not in repr(raised.value.args)
    assert CARD.replace(" ", "") not in repr(raised.value.args)


def test_the_picture_shows_a_change_in_place(world):
    """The comparison above would see a write that goes around `commit`."""
    before = picture(world.store)
    object.__setattr__(world.store._heads["ACME"].facts[0], "by", "somebody")
    assert picture(world.store) != before


def test_the_furnished_world_takes_what_is_right(world):
    """The misuse above fails for what is wrong with it, not for the world it stands in."""
    app = world.app
    app.issue_invoice(invoice(), key="k1")
    app.receive_payment(payment(), key="k2")
    app.issue_credit_note(note(against="INV-1"), key="k3")
    app.reserve(order(), key="k4")
    app.place_hold(hold(item="INV-1"), key="k5")
    app.set_limit(limit(maker="ann", approver="bob"), key="k6")
    app.take_over(item(), on=TODAY, key="k7")
    app.date_installment("ACME", "INV-W", day(4), key="k8")
    app.apply("ACME", "P-1", "INV-2", eur(200), key="k9")
    app.apply("ACME", "P-1", "INV-1", eur(200), key="k10")


def test_the_same_number_in_another_company_is_another_invoice(world):
    receipt = world.app.issue_invoice(invoice(number="INV-1", account="DE01:ACME"), key="k")
    assert receipt.ids == ("INV-1",)
    assert world.store.find("invoice", "DE01/INV-1") == ["DE01:ACME"]


def test_what_was_taken_back_once_is_not_taken_back_twice(world):
    made = "apply P-1 INV-2 100.00 EUR#1"
    world.app.unapply("ACME", made, key="first")
    before = picture(world.store)
    with pytest.raises(UnknownId, match="allocation in force"):
        world.app.unapply("ACME", made, key="second")
    assert picture(world.store) == before


@pytest.mark.parametrize("on", [-1, 2, 9])
@pytest.mark.parametrize("id", ["SO-1", "SO-2"])
def test_an_order_is_released_once_whenever_the_release_takes_effect(world, id, on):
    world.app.release_order("ACME", id, on=day(on), key="first")
    before = picture(world.store)
    with pytest.raises(UnknownId, match=id):
        world.app.release_order("ACME", id, on=day(on), key="second")
    assert picture(world.store) == before


@pytest.mark.parametrize("on", [2, 9])
def test_a_hold_is_lifted_once_whenever_the_lifting_takes_effect(world, on):
    world.app.release_hold("ACME", "H-1", on=day(on), key="first")
    before = picture(world.store)
    with pytest.raises(UnknownId, match="H-1"):
        world.app.release_hold("ACME", "H-1", on=day(on), key="second")
    assert picture(world.store) == before


def test_a_backward_run_is_refused_and_leaves_nothing(world):
    before = picture(world.store)
    refused = {each.account: each.error for each in world.app.run_dunning(day(1), all_accounts=True) if each.error}
    assert refused.keys() == {"ACME", "BETA", "OUT"}
    for error in refused.values():
        assert isinstance(error, InvalidValue)
        assert "'2026-03-03'" in str(error)
    assert picture(world.store) == before


def test_a_clock_without_a_zone_is_refused_before_anything_is_recorded():
    """A naive instant would be read in the zone of the machine."""
    for act in (
        lambda app: app.open_account(Customer(id="ACME"), key="k"),
        lambda app: list(app.deliver()),
    ):
        world = World()
        world.clock.instant = dt.datetime(2026, 3, 2, 6)
        before = picture(world.store)
        with pytest.raises(InvalidValue, match="zone"):
            act(world.app)
        assert picture(world.store) == before


def test_a_run_by_a_clock_without_a_zone_is_refused(world):
    world.clock.instant = dt.datetime(2026, 3, 4, 6)
    before = picture(world.store)
    results = list(world.app.run_dunning(day(2), all_accounts=True))
    merged = {result.account for result in results if world.app.account(result.account).id != result.account}
    assert {type(result.error) for result in results if result.account not in merged} == {InvalidValue}
    assert picture(world.store) == before


@pytest.mark.parametrize("kind", list(one_of_each()), ids=lambda kind: kind.__name__)
def test_one_of_each_command_is_taken(world, kind):
    """What the other tests of the service stand on: the furnished world takes a command of every type."""
    before = picture(world.store)
    world.app.execute(one_of_each()[kind])
    assert picture(world.store) != before


def test_the_wrong_arguments_of_the_service_itself_are_refused():
    for wrong in ({"policies": None}, {"zone": "UTC"}, {"tries": 0}, {"tries": True}):
        with pytest.raises((WrongType, InvalidValue)):
            World(**wrong) if "policies" not in wrong else World().restart(**wrong)


def test_the_day_of_an_order_is_the_creditors_day():
    """At 23:30 in UTC it is tomorrow in Tokyo and today in Los Angeles."""
    late = FixedClock(dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC))
    for hours, tomorrow_is_fine in ((9, True), (-8, False)):
        world = World(zone=dt.timezone(dt.timedelta(hours=hours)))
        world.open()
        world.limit(None)
        world.clock.instant = late.instant
        if tomorrow_is_fine:
            assert world.app.reserve(order(placed_on=day(1)), key="k").approved
        else:
            with pytest.raises(InvalidValue, match="placed_on"):
                world.app.reserve(order(placed_on=day(1)), key="k")
