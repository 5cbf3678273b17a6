"""What a customer sees of its own account: every arrangement in its column, on its day, and nothing that is internal."""

import datetime as dt

import pytest
from tests.service.world import EUR, TODAY, World, day, eur, furnished

from receivables import Contact, Customer, Hold, Money
from receivables.documents.payment import Designation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.errors import UnknownId
from receivables.reports.payment_options import payment_choices
from receivables.reports.portal import contact_preferences, due_when, statement_of
from receivables.state.account import Account


@pytest.fixture
def world():
    world = World()
    world.open("ACME", language="de")
    for number, due in (("INV-1", -10), ("INV-2", 20), ("INV-3", -30)):
        world.invoice(number, "900", due, issued_on=day(-40))
    return world


def seen(world, on=0):
    return world.app.view("ACME", day(on))


def item(world, id, on=0):
    return next(each for each in statement_of(seen(world, on)).items if each.item == id)


def due(world, on=0):
    return [(each.day, str(each.amount), each.because, each.items) for each in due_when(seen(world, on)).lines]


def plan(world, *, first=10, items=("INV-3",), grace=0, total=900):
    parts = tuple(PlanInstallment(due_on=day(first * at), amount=eur(total // 3)) for at in (1, 2, 3))
    agreed = PaymentPlan(
        id="PP", account="ACME", items=items, agreed_on=world.today, installments=parts, grace_days=grace
    )
    world.app.agree_plan(agreed, key="PP")


def hold(world, id="H", **fields):
    placed = Hold(id=id, account="ACME", placed_on=world.today, reason="ill since May", **fields)
    world.app.place_hold(placed, key=id)


def test_an_item_shows_its_dates_what_is_left_of_it_and_how_long_it_is_overdue(world):
    world.settle("INV-1", "400")
    found = item(world, "INV-1")
    assert (found.document_on, found.due_on, found.days_overdue) == (day(-40), day(-10), 10)
    assert (found.original, found.open) == (eur(900), eur(500))
    assert item(world, "INV-2").days_overdue == 0


def test_what_came_from_another_system_has_no_original(world):
    view = furnished().app.view("STRICT", TODAY)
    originals = {each.item: each.original for each in statement_of(view).items}
    assert originals["INV-P"] is None
    assert originals["INV-S"] == eur(700)


def test_disputed_promised_and_planned_amounts_stand_in_their_columns_with_their_last_days(world):
    world.dispute("D", "INV-1", "200")
    world.promise("P", "INV-1", "300", 7)
    plan(world)
    one, three = item(world, "INV-1"), item(world, "INV-3")
    assert (one.disputed, one.promised, one.promised_until) == (eur(200), eur(300), day(7))
    assert (three.planned, three.planned_until, three.days_overdue) == (eur(900), day(10), 0)
    assert (three.disputed, three.promised, three.promised_until) == (eur(0), eur(0), None)


def test_a_deferment_is_shown_and_a_hold_that_the_customer_did_not_ask_for_is_not(world):
    hold(world, "H-1", kind="deferment", item="INV-1", until=day(15))
    hold(world, "H-2", kind="hold", item="INV-3", until=day(15))
    hold(world, "H-3", kind="deferment", item="INV-2", amount=eur(100), until=day(25))
    assert (item(world, "INV-1").deferred, item(world, "INV-1").deferred_until) == (eur(900), day(15))
    assert (item(world, "INV-2").deferred, item(world, "INV-2").deferred_until) == (eur(100), day(25))
    assert (item(world, "INV-3").deferred, item(world, "INV-3").deferred_until) == (eur(0), None)


def test_money_on_its_way_is_shown_and_not_asked_for_again(world):
    meant = (Designation(item="INV-1", amount=eur(900)), Designation(item="INV-2", amount=eur(100)))
    world.pay("P", "1000", status="pending", designated=meant)
    assert (item(world, "INV-1").coming, item(world, "INV-2").coming) == (eur(900), eur(100))
    assert (day(20), "100.00 EUR", "coming", ("INV-2",)) in due(world)
    payable = {each.item: each.amount for each in payment_choices(seen(world)).items}
    assert payable == {"INV-2": eur(800), "INV-3": eur(900)}


def test_money_on_its_way_pays_the_first_installment_of_a_plan(world):
    plan(world)
    meant = (Designation(item="INV-3", amount=eur(400)),)
    world.pay("P", "400", status="pending", designated=meant)
    assert [line for line in due(world) if line[3] == ("INV-3",)] == [
        (day(10), "300.00 EUR", "coming", ("INV-3",)),
        (day(20), "100.00 EUR", "coming", ("INV-3",)),
        (day(20), "200.00 EUR", "plan", ("INV-3",)),
        (day(30), "300.00 EUR", "plan", ("INV-3",)),
    ]
    assert item(world, "INV-3").days_overdue == 0


def test_totals_stand_per_currency_with_what_is_on_account(world):
    world.invoice("INV-USD", Money.of("80", "USD"), -5)
    world.dispute("D", "INV-1", "200")
    world.pay("P-1", "150")
    eur_total, usd_total = statement_of(seen(world)).totals
    assert (eur_total.open, eur_total.overdue, eur_total.disputed) == (eur(2700), eur(1800), eur(200))
    assert (eur_total.on_account, eur_total.balance) == (eur(150), eur(2550))
    assert usd_total.overdue == Money.of(80, "USD")


def test_charges_are_items_of_their_own_kind():
    statement = statement_of(furnished().app.view("STRICT", TODAY))
    kinds = {each.item: each.kind for each in statement.items}
    assert {"fee", "interest", "invoice"} == set(kinds.values())
    charged = [each.open for each in statement.items if each.kind != "invoice"]
    assert statement.totals[0].charges == Money.total(charged, "EUR") > eur(0)


def test_nothing_internal_and_nothing_personal_is_in_it(world):
    hold(world, kind="hardship", item="INV-1")
    world.dispute("D", "INV-3", "200", note="her sister says so")
    world.at(8).run()
    world.deliver()
    view = seen(world, 8)
    shown = f"{statement_of(view)!r}{statement_of(view).rows()}{due_when(view)!r}{contact_preferences(view)!r}"
    for secret in ("ill since May", "her sister", "hardship", "standard", "first", "step", "ladder"):
        assert secret not in shown


def test_a_row_is_plain_data_and_the_text_leaves_empty_columns_out(world):
    row = statement_of(seen(world)).rows()[0]
    assert {type(value) for value in row.values()} <= {str, int, dt.date, type(None)}
    assert (row["promised"], "promised" in str(statement_of(seen(world)))) == (None, False)
    world.promise("P", "INV-1", "300", 7)
    assert "promised until" in str(statement_of(seen(world)))
    assert "&" not in statement_of(seen(world))._repr_html_()


def test_an_account_with_nothing_open_says_so(world):
    view = Account().view(TODAY)
    assert "nothing open" in str(statement_of(view))
    assert "nothing due" in str(due_when(view))
    assert statement_of(view).rows() == due_when(view).rows() == []


def test_what_is_due_follows_due_dates_promises_plans_and_deferments(world):
    world.dispute("D", "INV-1", "200")
    world.promise("P", "INV-1", "300", 7)
    plan(world)
    hold(world, kind="deferment", item="INV-2", until=day(40))
    assert due(world) == [
        (day(-10), "400.00 EUR", "due", ("INV-1",)),
        (day(7), "300.00 EUR", "promise", ("INV-1",)),
        (day(10), "300.00 EUR", "plan", ("INV-3",)),
        (day(20), "300.00 EUR", "plan", ("INV-3",)),
        (day(30), "300.00 EUR", "plan", ("INV-3",)),
        (day(40), "900.00 EUR", "deferment", ("INV-2",)),
    ]
    assert due_when(seen(world)).due_by(day(10), EUR) == eur(1000)


def test_an_installment_in_its_grace_is_overdue_and_a_default_is_due_from_the_origin(world):
    plan(world, grace=5)
    (missed, *_), found = [line for line in due_when(seen(world, 12)).lines if line.because == "plan"], due(world, 16)
    assert (missed.day, missed.days_overdue, missed.arrangement) == (day(10), 2, "PP")
    assert (day(-30), "900.00 EUR", "due", ("INV-3",)) in found


def test_what_is_disputed_of_an_item_in_a_plan_is_no_part_of_the_installments(world):
    world.dispute("D", "INV-3", "300")
    plan(world, items=("INV-3", "INV-1"), total=1500)
    assert [line for line in due(world) if line[2] == "plan"] == [
        (day(10), "500.00 EUR", "plan", ("INV-3",)),
        (day(20), "500.00 EUR", "plan", ("INV-3", "INV-1")),
        (day(30), "500.00 EUR", "plan", ("INV-1",)),
    ]
    assert {id: item(world, id).days_overdue for id in ("INV-1", "INV-3")} == {"INV-1": 0, "INV-3": 30}


def test_a_deferment_never_makes_anything_due_before_its_due_date(world):
    hold(world, kind="deferment", item="INV-2", until=day(5))
    assert (day(20), "900.00 EUR", "deferment", ("INV-2",)) in due(world)


def test_a_deferment_without_an_end_has_no_day(world):
    hold(world, kind="deferment", item="INV-1")
    assert due(world)[-1] == (None, "900.00 EUR", "deferment", ("INV-1",))


def test_what_waits_for_its_date_comes_last_and_is_not_overdue():
    view = furnished().app.view("ACME", day(100))
    line = due_when(view).lines[-1]
    assert (line.day, line.items, line.days_overdue) == (None, ("INV-W",), 0)


def test_contacts_are_shown_by_purpose_and_channel_with_a_wish_not_to_be_written_to(world):
    contact = Contact(purpose="billing", channel="email", reference="contact-3")
    world.open("BETA", contacts=(contact,), language="fr")
    found = contact_preferences(world.app.view("BETA", TODAY))
    assert (found.language, found.do_not_contact, found.do_not_contact_until) == ("fr", False, None)
    assert found.rows() == [{"purpose": "billing", "channel": "email", "reference": "contact-3"}]
    hold(world, kind="do_not_contact", until=day(30))
    asked = contact_preferences(seen(world))
    assert (asked.do_not_contact, asked.do_not_contact_until) == (True, day(30))


def test_an_account_that_was_never_opened_has_no_contacts():
    with pytest.raises(UnknownId):
        contact_preferences(Account().view(TODAY))


def test_contacts_can_be_looked_at():
    shown = contact_preferences(Account.of(Customer(id="ACME", language="de")).view(day(0)))
    assert str(shown) == "contacts of ACME in de\nno contacts"
    assert shown._repr_html_().startswith("<table><caption>Contacts of ACME in de")
