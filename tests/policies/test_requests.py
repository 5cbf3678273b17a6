"""Each reason of an answer, with the case that brings it about, and what would be accepted instead."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import Contact, Customer, Money
from receivables.documents.hold import Hold
from receivables.documents.payment import Designation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.request import ContactsRequest, DefermentRequest, PlanRequest, PromiseRequest
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.arrangements import CODES, ArrangementPolicy
from receivables.policies.requests import answer, terms_of

POLICY = ArrangementPolicy(
    id="portal",
    version=1,
    most_amounts=(eur(2000), Money.of(2000, "USD")),
    longest_deferment_days=30,
    most_installments=6,
    longest_plan_days=200,
    least_installments=(eur(50),),
)
EMAIL = Contact(purpose="dunning", channel="email", reference="contact-17")
POST = Contact(purpose="billing", channel="letter", reference="address-4")


@pytest.fixture
def world():
    """A customer with 1,000 due ten days ago, 300 due in twenty days, and 80 dollars."""
    world = World()
    world.open("ACME", contacts=(EMAIL,), language="de")
    world.open("OTHER")
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20, issued_on=day(-20))
    world.invoice("INV-USD", Money.of("80", "USD"), -5)
    world.invoice("INV-X", "500", -5, "OTHER")
    return world


def promise(amount=100, pay_by=7, items=("INV-1",), **more):
    money = amount if isinstance(amount, Money) else eur(amount)
    return PromiseRequest(id="R", account="ACME", amount=money, pay_by=day(pay_by), items=items, **more)


def defer(item="INV-1", until=7):
    return DefermentRequest(id="R", account="ACME", item=item, until=day(until))


def plan(count=3, first_on=7, items=("INV-1",), **more):
    return PlanRequest(id="R", account="ACME", items=items, count=count, first_on=day(first_on), **more)


def asked(world, request, barred=(), **settings):
    policy = attrs.evolve(POLICY, **settings)
    return answer(world.app.view("ACME", world.today), request, policy, barred=frozenset(barred))


def nothing(world):
    """As it is."""


def break_promise(world, item="INV-1"):
    """One promise of thirty days ago, over and not kept."""
    world.at(-9).promise("OLD", item, "10", -5)
    world.at(0)


def agree(world):
    parts = tuple(PlanInstallment(due_on=day(at * 10), amount=eur(500)) for at in (1, 2))
    plan = PaymentPlan(id="PP", account="ACME", items=("INV-1",), agreed_on=TODAY, installments=parts)
    world.app.agree_plan(plan, key="PP")


def default(world):
    agree(world)
    world.at(15)


def announce(world):
    meant = (Designation(item="INV-1", amount=eur(400)),)
    world.pay("P", "400", status="pending", designated=meant)


def defer_once(world):
    """A deferment that was asked for, accepted, and is over."""
    policies = attrs.evolve(world.policies, policies=(*world.policies.policies, POLICY))
    world.restart(policies=policies)
    receipt = world.app.request_arrangement(attrs.evolve(defer(until=3), id="R-0"), key="R-0")
    assert receipt.outcome == "accepted"
    world.at(5)


def place(world, **fields):
    hold = Hold(id="H", account="ACME", placed_on=TODAY, kind="deferment", reason="asked", until=day(20), **fields)
    world.app.place_hold(hold, key="H")


NO_CONTACTS = ContactsRequest(id="R", account="ACME", contacts=())
CASES = {
    "a closed item": (lambda w: w.settle("INV-1", 1000), promise(), {}, "nothing_open"),
    "an item of another customer": (nothing, promise(items=("INV-X",)), {}, "nothing_open"),
    "an item that never was": (nothing, plan(items=("INV-1", "INV-0")), {}, "nothing_open"),
    "a disputed item": (lambda w: w.dispute("D", "INV-1"), promise(), {}, "nothing_open"),
    "nothing open in the currency": (nothing, promise(Money.of(5, "GBP"), items=()), {}, "nothing_open"),
    "a plan over two currencies": (nothing, plan(items=("INV-1", "INV-USD")), {}, "currency_differs"),
    "dollars on a euro item": (nothing, promise(Money.of(5, "USD")), {}, "currency_differs"),
    "a first installment in dollars": (nothing, plan(first=Money.of(5, "USD")), {}, "currency_differs"),
    "yesterday": (nothing, promise(pay_by=-1), {}, "day_over (1 days)"),
    "a deferment until yesterday": (nothing, defer(until=-1), {}, "day_over (1 days)"),
    "an item in a plan": (agree, promise(), {}, "arranged"),
    "a plan on what is promised": (lambda w: w.promise("P", "INV-1", 10, 5), plan(), {}, "arranged"),
    "a deferment of what is promised": (lambda w: w.promise("P", "INV-1", 10, 5), defer(), {}, "arranged"),
    "a deferment of what is deferred": (lambda w: place(w, item="INV-1"), defer(), {}, "arranged"),
    "a deferment under one on the invoice": (lambda w: place(w, document="INV-1"), defer(), {}, "arranged"),
    "more than is open": (nothing, promise(1001), {}, "above_open (1.00 EUR)"),
    "more than is not promised": (
        lambda w: w.promise("P", "INV-1", 400, 5),
        promise(601),
        {"most_open_promises": 2},
        "above_open (1.00 EUR)",
    ),
    "more than is not on its way": (announce, promise(601), {}, "above_open (1.00 EUR)"),
    "a plan on money that is on its way": (announce, plan(), {}, "arranged"),
    "no promises": (nothing, promise(), {"longest_promise_days": 0}, "not_offered"),
    "no deferments": (nothing, defer(), {"longest_deferment_days": 0}, "not_offered"),
    "no plans": (nothing, plan(), {"most_installments": 0}, "not_offered"),
    "a promise in fifteen days": (nothing, promise(pay_by=15), {}, "too_long (14 days)"),
    "a deferment of overdue money": (nothing, defer(until=31), {}, "too_long (30 days)"),
    "a deferment of what is due in twenty days": (nothing, defer("INV-2", 51), {}, "too_long (50 days)"),
    "a plan of too many days": (nothing, plan(6, every_months=2), {}, "too_long (200 days)"),
    "seven installments": (nothing, plan(7), {"longest_plan_days": 400}, "too_many_parts"),
    "a first installment in 32 days": (nothing, plan(first_on=32), {}, "first_too_late (31 days)"),
    "a first installment of too little": (
        nothing,
        plan(first=eur(99)),
        {"first_least_percent": Decimal(10)},
        "first_too_small (100.00 EUR)",
    ),
    "installments of 49.99": (nothing, plan(3, first=eur("900.01")), {}, "part_too_small (50.00 EUR)"),
    "a second promise": (lambda w: w.promise("P", "INV-2", 10, 5), promise(), {}, "too_many_promises"),
    "one promise that was not kept": (lambda w: break_promise(w, "INV-2"), promise(), {}, "too_many_not_kept"),
    "a promise after one that was not kept": (break_promise, promise(), {"most_not_kept": 1}, "not_kept"),
    "after a plan in default": (default, promise(pay_by=20), {}, "too_many_not_kept"),
    "a deferment after a deferment": (defer_once, defer(until=9), {}, "deferred_before"),
    "an item disputed in part": (
        lambda w: w.dispute("D", "INV-1", 400),
        promise(),
        {"disputed_excluded": True},
        "disputed (400.00 EUR)",
    ),
    "a barred claim": (nothing, promise(), {"barred": ("INV-1",)}, "barred"),
    "more than goes without a person": (
        nothing,
        promise(),
        {"most_amounts": (eur(99),)},
        "above_authority (99.00 EUR)",
    ),
    "more than goes without a person with what is promised": (
        lambda w: w.promise("P", "INV-1", 400, 5),
        plan(2, items=("INV-2",)),
        {"most_amounts": (eur(699),)},
        "above_authority (699.00 EUR)",
    ),
    "more than goes without a person with what is deferred": (
        lambda w: place(w, item="INV-1"),
        plan(2, items=("INV-2",)),
        {"most_amounts": (eur(1299),)},
        "above_authority (1299.00 EUR)",
    ),
    "more than goes without a person with what is planned": (
        agree,
        promise(items=("INV-2",)),
        {"most_amounts": (eur(1099),)},
        "above_authority (1099.00 EUR)",
    ),
    "a currency without authority": (
        nothing,
        promise(Money.of(5, "USD"), items=()),
        {"most_amounts": (eur(99),)},
        "above_authority (0.00 USD)",
    ),
    "no contact at all": (nothing, NO_CONTACTS, {"contact_changes": frozenset({"dunning"})}, "no_contact_left"),
    "another contact for letters": (
        nothing,
        ContactsRequest(id="R", account="ACME", contacts=(EMAIL, POST)),
        {"contact_changes": frozenset({"dunning", "language"})},
        "contact_change",
    ),
    "another language": (
        nothing,
        ContactsRequest(id="R", account="ACME", contacts=(EMAIL,), language="fr"),
        {"contact_changes": frozenset({"dunning"})},
        "contact_change",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_bound_is_one_reason(world, case):
    happens, request, settings, reason = CASES[case]
    happens(world)
    found = asked(world, request, **settings)
    assert list(map(str, found.reasons)) == [reason]
    code = found.reasons[0].code
    assert found.outcome == ("refused" if CODES[code].leads_to == "policy" else CODES[code].leads_to)
    assert found.terms is None


def test_every_code_that_a_view_can_give_has_its_case():
    told = {reason.partition(" ")[0] for _, _, _, reason in CASES.values()}
    assert CODES.keys() - told == {"later_entry", "no_policy"}


def test_all_reasons_are_given_in_the_order_of_precedence(world):
    break_promise(world)
    found = asked(world, promise(1500, pay_by=30), barred=("INV-1",), most_amounts=())
    codes = [each.code for each in found.reasons]
    assert codes == ["above_open", "too_long", "too_many_not_kept", "not_kept", "barred", "above_authority"]
    assert codes == [code for code in CODES if code in codes]
    assert found.outcome == "refused"
    assert found.instead is None  # for what is barred, nothing is accepted


def test_without_a_policy_a_person_answers(world):
    view = world.app.view("ACME", TODAY)
    for request in (promise(), defer(), plan(), NO_CONTACTS):
        found = answer(view, request, None)
        assert (found.outcome, found.terms, found.instead) == ("referred", None, None)
        assert [each.code for each in found.reasons] == ["no_policy"]


def test_a_promise_in_the_bounds_is_made_with_the_tolerance_of_the_policy(world):
    found = asked(world, promise(1000, note="Friday"), promise_tolerance_days=2, promise_tolerance_percent=Decimal(1))
    assert found.accepted
    assert (found.terms.made_on, found.terms.pay_by, found.terms.tolerance_days) == (TODAY, day(7), 2)
    assert found.terms.note == "Friday"


def test_a_promise_without_items_names_all_that_is_open_in_the_currency_and_not_in_a_plan(world):
    assert asked(world, promise(1300, items=())).terms.items == ("INV-1", "INV-2")
    agree(world)
    assert asked(world, promise(300, items=())).terms.items == ("INV-2",)


def test_an_invoice_is_deferred_by_its_number_with_its_charges_and_an_item_by_its_id(world):
    assert asked(world, defer()).terms.item == "INV-1"
    assert asked(world, defer()).terms.stops == {"dunning", "interest"}
    assert asked(world, defer(), defers_interest=False).terms.stops == {"dunning"}


def test_a_plan_is_paid_in_equal_parts_with_the_odd_cents_first(world):
    parts = asked(world, plan(3)).terms.installments
    assert [str(each.amount) for each in parts] == ["333.34 EUR", "333.33 EUR", "333.33 EUR"]
    assert [each.due_on for each in parts] == [dt.date(2026, 3, 9), dt.date(2026, 4, 9), dt.date(2026, 5, 9)]


def test_a_first_installment_of_all_is_a_plan_of_one(world):
    (part,) = asked(world, plan(3, first=eur(1200))).terms.installments
    assert part.amount == eur(1000)


def test_a_plan_leaves_out_what_is_disputed(world):
    world.dispute("D", "INV-1", 400)
    assert asked(world, plan(2)).terms.total == eur(600)


@pytest.mark.parametrize(
    ("request_", "settings", "instead"),
    [
        (promise(1200, pay_by=20), {}, {"amount": eur(1000), "pay_by": day(14)}),
        (defer(until=60), {}, {"until": day(30)}),
        (plan(8, first_on=60), {}, {"count": 6, "first_on": day(31)}),
        (plan(6), {"least_installments": (eur(300),)}, {"count": 3}),
        (plan(3, first=eur(1)), {"first_least_percent": Decimal(50)}, {"first": eur(500), "count": 3}),
        (plan(6, every_months=3), {}, {"count": 3}),
    ],
)
def test_a_refusal_says_what_is_accepted_instead(world, request_, settings, instead):
    found = asked(world, request_, **settings)
    assert found.outcome == "refused"
    assert found.instead.request == attrs.evolve(request_, **instead)
    assert found.instead.accepted


def test_a_bound_that_the_policy_hands_on_is_referred(world):
    found = asked(world, promise(pay_by=15), refers=frozenset({"too_long"}))
    assert str(found) == "referred: too_long (14 days)"
    assert [str(each) for each in found.shown] == ["too_long (14 days)"]


def test_contacts_within_the_bounds_are_the_customer_as_it_shall_be(world):
    request = ContactsRequest(id="R", account="ACME", contacts=(EMAIL, POST), language="fr")
    found = asked(world, request, contact_changes=frozenset({"billing", "language"}))
    assert found.terms == Customer(id="ACME", contacts=(EMAIL, POST), language="fr")


def test_the_order_of_contacts_of_one_purpose_is_a_change(world):
    phone = Contact(purpose="dunning", channel="email", reference="contact-18")
    policy = {"contact_changes": frozenset({"billing"})}
    assert asked(world, ContactsRequest(id="R", account="ACME", contacts=(POST, EMAIL)), **policy).accepted
    assert not asked(world, ContactsRequest(id="R", account="ACME", contacts=(phone, EMAIL)), **policy).accepted


def test_the_view_of_another_account_is_misuse(world):
    with pytest.raises(InvalidValue, match="'ACME'"):
        answer(world.app.view("OTHER", TODAY), promise(), POLICY)


def test_there_are_no_terms_about_what_is_not_open(world):
    with pytest.raises(UnknownId, match="INV-0"):
        terms_of(world.app.view("ACME", TODAY), promise(items=("INV-0",)), POLICY)


def test_other_contacts_need_a_customer_to_have_them(world):
    request = ContactsRequest(id="R", account="ACME", contacts=(EMAIL,))
    before = world.app.account("ACME").view(day(-1))
    with pytest.raises(UnknownId, match="ACME"):
        answer(before, request, POLICY)
