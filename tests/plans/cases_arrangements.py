"""Cases of arrangements: disputes, promises, payment plans, holds, later due dates, requests and contacts."""

import attrs
from tests.plans.cases_money import FEE, charged
from tests.plans.told import at, case, comes_to, having
from tests.service.world import TODAY, World, contact, day, eur, payment_plan

from receivables import (
    Contact,
    CreditNote,
    Customer,
    FixedCalendar,
    Hold,
    Installment,
    Invoice,
    Money,
    Payment,
    Schedule,
)
from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import NextAction
from receivables.documents.dispute import Dispute
from receivables.documents.payment import Designation
from receivables.documents.promise import Promise
from receivables.documents.request import ContactsRequest, DefermentRequest, PlanRequest, PromiseRequest
from receivables.plans.collector_commands import hand_over_commands
from receivables.policies.arrangements import ArrangementPolicy

DESK = ArrangementPolicy(
    id="desk",
    version=1,
    most_amounts=(eur(9000),),
    longest_deferment_days=30,
    longest_promise_days=30,
    most_installments=3,
    alert_dispute_days=10,
    alert_payment_days=5,
)


def owing(*policies: object, **more: object) -> World:
    """INV-1 over 1,000.00 of which half is due on day 5 and half on day 9, INV-2 over 300.00, and 80.00 USD."""
    world = having(*policies, **more)
    world.open(contacts=(Contact(purpose="billing", channel="email", reference="contact-1"),))
    parts = (Installment(amount=eur(500), due_on=day(5)), Installment(amount=eur(500), due_on=day(9)))
    schedule = Schedule(installments=parts)
    world.app.issue_invoice(
        Invoice(number="INV-1", account="ACME", issued_on=TODAY, total=eur(1000), schedule=schedule), key="INV-1"
    )
    world.invoice("INV-2", 300, 9)
    world.invoice("INV-USD", Money.of(80, "USD"), 9)
    return world


# Disputes -------------------------------------------------------------------------------------------------------------


@case
def a_dispute_of_an_invoice_takes_its_items_in_the_order_of_their_due_dates():
    world = owing()
    app = world.app
    return comes_to(
        world,
        lambda: world.dispute("D-1", "INV-1", Money.of(5, "USD")),
        lambda: world.dispute("D-1", "INV-1", "1000.01"),
        lambda: world.dispute("D-1", "INV-1", 600),
        lambda: world.dispute("D-2", "INV-1/2", "400.01"),
        lambda: world.dispute("D-2", "INV-1/2"),
        lambda: world.dispute("D-3", "INV-1"),
        lambda: world.dispute("D-3", "INV-2", 5, opened_on=day(-1)),
        lambda: app.resolve_dispute("ACME", "D-1", "settled", amount=Money.of(5, "USD"), on=TODAY, by="ann", key="r1"),
        lambda: app.resolve_dispute("ACME", "D-1", "settled", amount=eur("600.01"), on=TODAY, by="ann", key="r2"),
        lambda: app.resolve_dispute("ACME", "D-1", "rejected", amount=eur(599), on=TODAY, by="ann", key="r3"),
        lambda: app.resolve_dispute("ACME", "D-1", "rejected", on=day(-1), by="ann", key="r4"),
        lambda: app.resolve_dispute("ACME", "D-1", "rejected", on=TODAY, reason="late", by="ann", key="r5"),
        lambda: app.resolve_dispute("ACME", "D-1", "rejected", on=TODAY, by="ann", key="r6"),
    )


@case
def a_credit_note_ends_the_part_of_a_dispute_that_it_reduces():
    world = owing()
    world.at(1).dispute("D-1", "INV-1/1", 200)

    def note(number: str, total: object, on: int, against: str = "INV-1"):
        issued = CreditNote(number=number, account="ACME", issued_on=day(on), total=eur(total), against=against)
        return world.app.issue_credit_note(issued, dispute="D-1", key=number, by="ann")

    return comes_to(
        world,
        lambda: note("CN-1", 50, 0),
        lambda: note("CN-2", 50, 1, "INV-2"),
        lambda: note("CN-3", 50, 1),
        lambda: note("CN-4", 700, 1),
        lambda: note("CN-5", 1, 1),
    )


@case
def staff_is_told_of_a_dispute_and_of_a_payment_that_nobody_decides():
    world = owing(DESK)
    world.dispute("D-1", "INV-1", 600)
    world.pay("P", 30, status="pending", designated=(Designation(item="INV-2", amount=eur(30)),))
    return comes_to(
        world,
        at(world, 4, lambda: world.run(all_accounts=True)),
        at(world, 5, lambda: world.run(all_accounts=True)),
        lambda: world.app.confirm_payment("ACME", "P", on=day(5), key="there"),
        at(world, 9, lambda: world.run(all_accounts=True)),
        at(world, 10, lambda: world.run(all_accounts=True)),
        world.deliver,
        lambda: world.app.resolve_dispute("ACME", "D-1", "rejected", on=day(10), by="ann", key="r"),
    )


# Promises -------------------------------------------------------------------------------------------------------------


@case
def a_promise_is_for_what_is_open_and_promised_to_nobody_else():
    world = owing(calendars={"bank": FixedCalendar()})

    def promise(id: str, amount: object, items: tuple[str, ...] = (), **more: object):
        money = amount if isinstance(amount, Money) else eur(amount)
        fields = {"id": id, "account": "ACME", "items": items, "amount": money, "made_on": TODAY, "pay_by": day(6)}
        approver = more.pop("approver", None)
        made = Promise(**{**fields, **more})
        return world.app.make_promise(made, approver=approver, by="ann", key=f"{id} {amount} {more} {approver}")

    return comes_to(
        world,
        lambda: promise("PTP-1", 5, ("INV-USD",)),
        lambda: promise("PTP-1", "500.01", ("INV-1/1",)),
        lambda: promise("PTP-1", 400, ("INV-1/1",), pay_by=day(12), calendar="moon"),
        lambda: promise("PTP-1", 400, ("INV-1/1",), pay_by=day(12), calendar="bank", tolerance_days=2),
        lambda: promise("PTP-2", "100.01", ("INV-1/1",)),
        lambda: promise("PTP-2", Money.of(80, "USD")),
        lambda: promise("PTP-3", Money.of(80, "CHF")),
        lambda: promise("PTP-3", 900),
        lambda: promise("PTP-4", 5, pay_by=day(-1), made_on=day(-1)),
        lambda: promise("PTP-2", 1),
    )


@case
def after_a_promise_that_was_not_kept_another_takes_an_approver():
    world = owing()
    world.promise("PTP-1", "INV-1/1", 300, 5)
    world.at(5).settle("INV-1/1", 100)
    world.at(6).run(all_accounts=True)
    return comes_to(
        world,
        lambda: world.promise("PTP-2", "INV-1/1", 300, 9),
        lambda: world.promise("PTP-2", "INV-1/1", 300, 9, approver="ann"),
        lambda: world.promise("PTP-2", "INV-1/1", 300, 9, approver="bob"),
        lambda: world.app.withdraw_promise("ACME", "PTP-1", on=day(6), reason="wrong", key="w1"),
        lambda: world.app.withdraw_promise("ACME", "PTP-2", on=day(5), reason="wrong", key="w2"),
        lambda: world.app.withdraw_promise("ACME", "PTP-2", on=day(6), reason="wrong", key="w3", by="ann"),
        lambda: world.app.withdraw_promise("ACME", "PTP-2", on=day(6), reason="wrong", key="w4"),
    )


# Payment plans --------------------------------------------------------------------------------------------------------


@case
def a_plan_adds_up_to_what_is_open_of_its_items_and_shares_them_with_nothing():
    world = owing()
    world.dispute("D", "INV-1/1")
    world.promise("PTP", "INV-2", 300, 9)

    def agree(items: str, *parts: tuple[int, object], **more: object):
        agreed = payment_plan(f"PP {items} {parts}", items, *parts, **more)
        return world.app.agree_plan(agreed, by="ann", key=f"{items} {parts}")

    return comes_to(
        world,
        lambda: agree("INV-1/1", (9, 500)),
        lambda: agree("INV-2", (9, 300)),
        lambda: agree("INV-USD", (9, 80)),
        lambda: agree("INV-1/2", (9, 300), (20, "200.01")),
        lambda: agree("INV-1/2", (9, 300), (20, 200), waives=("INV-1/2",)),
        lambda: agree("INV-1/2", (9, 300), (20, 200)),
        lambda: agree("INV-1/2", (10, 300), (20, 200)),
        lambda: world.promise("PTP-2", "INV-1/2", 100, 9),
        at(world, 30, lambda: agree("INV-USD", (20, 80), agreed_on=day(10))),
    )


@case
def what_a_plan_waives_is_owed_while_it_is_in_default_and_waived_again_after():
    world = charged()
    world.pay("F", 5)
    world.apply("F", FEE, 5)
    interest = FEE.replace("fee", "interest")
    plan = payment_plan(
        "PP", f"INV-1 {FEE} {interest}", (20, 1000), (40, 2650), agreed_on=day(11), waives=(FEE, interest)
    )
    world.at(11).pay("G", 9)
    return comes_to(
        world,
        lambda: world.app.agree_plan(plan, by="ann", key="none"),
        lambda: world.app.agree_plan(plan, by="ann", approver="bob", key="agree"),
        at(world, 21, world.run),
        lambda: world.apply("G", FEE, 4),
        lambda: world.app.reinstate_plan(
            "ACME", "PP", catch_up_by=day(24), on=day(20), reason="ill", by="ann", approver="bob", key="early"
        ),
        at(
            world,
            22,
            lambda: world.app.reinstate_plan(
                "ACME", "PP", catch_up_by=day(21), on=day(22), reason="ill", by="ann", approver="bob", key="over"
            ),
        ),
        lambda: world.app.reinstate_plan(
            "ACME", "PP", catch_up_by=day(24), on=day(22), reason="ill", by="ann", approver="bob", key="again"
        ),
        lambda: world.pay("P", 1000),
        lambda: world.apply("P", "INV-1", 1000),
        lambda: world.app.cancel_plan("ACME", "PP", on=day(23), reason="moved", key="late"),
        at(world, 30, lambda: world.app.cancel_plan("ACME", "PP", on=day(25), reason="moved", by="ann", key="off")),
        lambda: world.app.cancel_plan("ACME", "PP", on=day(30), reason="moved", key="again off"),
    )


@case
def money_that_becomes_known_late_shows_that_a_plan_was_not_in_default():
    world = charged()
    plan = payment_plan("PP", f"INV-1 {FEE}", (20, 1000), (40, 2650), agreed_on=day(10), waives=(FEE,))
    world.app.agree_plan(plan, by="ann", approver="bob", key="agree")
    world.at(21).run()
    world.pay("G", 9)
    world.apply("G", FEE, 9)
    world.at(23).pay("P", 1000, on=19)
    return comes_to(
        world,
        lambda: world.apply("P", "INV-1", 1000),
        lambda: world.app.unapply("ACME", "apply P INV-1 1000.00 EUR#1", key="undo"),
        at(world, 45, lambda: world.pay("Q", 3650, on=20)),
        lambda: world.apply("Q", "INV-1", 3650),
    )


# Holds and later due dates ----------------------------------------------------------------------------------------------


@case
def a_hold_is_on_what_is_open_and_on_nothing_that_another_of_its_kind_holds():
    world = owing()

    def hold(id: str, **more: object):
        placed = Hold(**{"id": id, "account": "ACME", "placed_on": TODAY, "reason": "wait", **more})
        return world.app.place_hold(placed, key=f"{id} {sorted(map(str, more.values()))}", by="ann")

    return comes_to(
        world,
        lambda: hold("H-0", until=day(-1), placed_on=day(-3)),
        lambda: hold("H-0", document="INV-9"),
        lambda: hold("H-0", item="INV-2", amount=Money.of(5, "USD")),
        lambda: hold("H-0", item="INV-2", amount=eur("300.01")),
        lambda: hold("H-1", item="INV-2", until=day(5)),
        lambda: hold("H-5", item="INV-2", amount=eur(300), until=day(5)),
        lambda: hold("H-2", item="INV-2", placed_on=day(5)),
        lambda: hold("H-2", item="INV-2", placed_on=day(6)),
        lambda: hold("H-3", item="INV-2", placed_on=day(9)),
        lambda: hold("H-4", document="INV-1", approver="ann"),
        lambda: hold("H-4", document="INV-1", approver="bob"),
        lambda: world.app.release_hold("ACME", "H-2", on=day(5), key="r1"),
        lambda: world.app.release_hold("ACME", "H-2", on=day(7), key="r2"),
        lambda: hold("H-3", item="INV-2", placed_on=day(7), until=day(8)),
    )


@case
def an_item_is_due_later_where_it_is_open_dated_and_in_no_plan():
    world = owing()
    waits = Schedule(installments=(Installment(amount=eur(70), baseline="delivery"),))
    world.app.issue_invoice(
        Invoice(number="INV-W", account="ACME", issued_on=TODAY, total=eur(70), schedule=waits), key="INV-W"
    )
    world.agree("PP", "INV-2", (9, 300))
    world.settle("INV-1/1", 500)

    def extend(item: str, to: int, on: int = 0, **more: object):
        given = {"reason": "she waits", "by": "ann", "approver": "bob", **more}
        return world.app.extend_due("ACME", item, day(to), on=day(on), key=f"{item} {to} {on} {more}", **given)

    return comes_to(
        world,
        lambda: extend("INV-1/1", 20),
        lambda: extend("INV-W", 20),
        lambda: extend("INV-2", 20),
        lambda: extend("INV-1", 9),
        lambda: extend("INV-1", 20, approver="ann"),
        lambda: extend("INV-1", 20),
        lambda: extend("INV-1/2", 20),
        lambda: extend("INV-1/2", 21),
        lambda: world.app.date_installment("ACME", "INV-2", day(30), key="d1"),
        lambda: world.app.date_installment("ACME", "INV-W", day(30), key="d2", by="ann"),
        lambda: world.app.date_installment("ACME", "INV-W", day(31), key="d3"),
    )


@case
def days_that_an_extension_or_a_hold_on_interest_spares_bear_none():
    world = charged(1)
    world.app.extend_due("ACME", "INV-1", day(10), on=day(1), reason="she waits", by="ann", approver="bob", key="e")
    spares = Hold(
        id="H",
        account="ACME",
        placed_on=day(15),
        until=day(18),
        reason="ours",
        stops=frozenset({"interest"}),
        item="INV-1",
    )
    half = Hold(
        id="H-2",
        account="ACME",
        placed_on=day(24),
        reason="ours",
        kind="deferment",
        stops=frozenset({"interest"}),
        item="INV-1",
        amount=eur(1825),
    )

    def claim(until: int):
        return world.app.claim_interest("ACME", "INV-1", day(until), key=f"c{until}", by="ann")

    return comes_to(
        world,
        at(world, 12, lambda: claim(12)),
        lambda: world.app.place_hold(spares, key="H"),
        lambda: world.app.place_hold(half, key="H-2"),
        at(world, 20, lambda: claim(20)),
        at(world, 30, lambda: claim(30)),
        lambda: world.app.release_hold("ACME", "H-2", on=day(26), key="off"),
        lambda: claim(31),
    )


# Requests -------------------------------------------------------------------------------------------------------------


@case
def what_a_customer_asks_for_is_answered_by_the_policy_and_recorded_as_a_clerk_would():
    world = owing(DESK)
    ask = world.app.request_arrangement

    def promise(id: str, amount: object, by: int):
        wanted = PromiseRequest(id=id, account="ACME", items=("INV-2",), amount=eur(amount), pay_by=day(by))
        return ask(wanted, key=f"{id} {amount}", by="portal")

    def plan(id: str, count: int):
        return ask(PlanRequest(id=id, account="ACME", items=("INV-1/1",), count=count, first_on=day(9)), key=id)

    def later(id: str, until: int):
        return ask(DefermentRequest(id=id, account="ACME", item="INV-1/2", until=day(until)), key=id, by="portal")

    return comes_to(
        world,
        lambda: promise("R-1", 301, 9),
        lambda: promise("R-2", 300, 31),
        lambda: promise("R-3", 300, 30),
        lambda: promise("R-3", 1, 30),
        lambda: plan("R-4", 4),
        lambda: plan("R-5", 3),
        lambda: later("R-6", 40),
        lambda: later("R-7", 39),
        lambda: later("R-8", 39),
    )


@case
def what_stands_in_the_way_later_or_takes_authority_goes_to_a_person():
    world = owing(attrs.evolve(DESK, refers=frozenset({"too_long"})))
    ask, answer = world.app.request_arrangement, world.app.answer_request
    later = Hold(id="H", account="ACME", placed_on=day(4), reason="wait", kind="deferment", item="INV-2")
    world.app.place_hold(later, key="H")
    moved = Contact(purpose="billing", channel="letter", reference="contact-2")
    return comes_to(
        world,
        lambda: ask(DefermentRequest(id="R-1", account="ACME", item="INV-2", until=day(9)), key="R-1"),
        lambda: ask(DefermentRequest(id="R-2", account="ACME", item="INV-1", until=day(90)), key="R-2"),
        lambda: world.app.request_contacts(
            ContactsRequest(id="R-3", account="ACME", contacts=(moved,), language="fr"), key="R-3", by="portal"
        ),
        lambda: answer("ACME", "R-1", accept=True, reason="yes", by="ann", approver="bob", key="a1"),
        lambda: answer("ACME", "R-2", accept=True, reason="yes", by="ann", approver="ann", key="a2"),
        lambda: answer("ACME", "R-2", accept=True, reason="yes", by="ann", approver="bob", key="a3"),
        lambda: answer("ACME", "R-2", accept=False, reason="no", by="ann", approver="bob", key="a4"),
        lambda: answer("ACME", "R-1", accept=False, reason="no", by="ann", approver="bob", key="a5"),
        lambda: answer("ACME", "R-3", accept=True, reason="yes", by="ann", approver="bob", key="a6"),
    )


# Contacts and actions ---------------------------------------------------------------------------------------------------


@case
def a_contact_is_logged_with_what_came_of_it_and_what_is_next():
    world = owing()
    world.promise("PTP", "INV-2", 100, 9)
    world.dispute("D", "INV-1/1")
    called = attrs.evolve(contact("C-1"), account="ACME")
    following = NextAction(id="A-1", account="ACME", kind="callback", planned_on=TODAY, due_on=day(2), contact="C-1")

    def log(made: object, key: str, **more: object):
        return world.app.log_contact(made, key=key, by="ann", **more)

    def kept(outcome: str, **more: object):
        return attrs.evolve(called, outcome=outcome, **more)

    return comes_to(
        world,
        lambda: log(kept("promised", promise="PTP-9"), "c0"),
        lambda: log(kept("disputed", dispute="D-9"), "c1"),
        lambda: log(attrs.evolve(called, on=day(1)), "c2"),
        lambda: log(attrs.evolve(called, items=("INV-9",)), "c3"),
        lambda: log(called, "c4", next_action=attrs.evolve(following, account="BETA")),
        lambda: log(called, "c5", next_action=attrs.evolve(following, contact="C-9")),
        lambda: log(called, "c6", does="A-1"),
        lambda: log(kept("promised", promise="PTP", items=("INV-2",), note="on Friday"), "c7", next_action=following),
        lambda: log(called, "c8"),
        lambda: log(kept("disputed", id="C-2", dispute="D"), "c9", does="A-1"),
        lambda: world.app.plan_action(attrs.evolve(following, id="A-2", contact="C-9"), key="p1"),
        lambda: world.app.plan_action(attrs.evolve(following, id="A-2", items=("INV-9",)), key="p2"),
        lambda: world.app.plan_action(attrs.evolve(following, id="A-1"), key="p3"),
        lambda: world.app.plan_action(attrs.evolve(following, id="A-2", items=("INV-2",)), key="p4", by="ann"),
        lambda: world.app.move_action("ACME", "A-2", due_on=day(-1), key="m1"),
        lambda: world.app.move_action("ACME", "A-2", due_on=day(3), owner="bob", key="m2", by="ann"),
        at(world, 2, lambda: world.run(all_accounts=True)),
        at(world, 3, lambda: world.run(all_accounts=True)),
        lambda: world.app.end_action("ACME", "A-2", outcome="done", on=day(-1), key="e1"),
        lambda: world.app.end_action("ACME", "A-2", outcome="done", on=day(4), key="e2"),
        lambda: world.app.end_action("ACME", "A-2", outcome="done", on=day(3), note="paid", key="e3", by="bob"),
        lambda: world.app.end_action("ACME", "A-2", outcome="done", on=day(3), key="e4"),
    )


@case
def what_a_collector_has_goes_to_another_with_what_begins_later():
    world = owing()
    world.open("BETA")
    assign = world.app.assign_collector
    assign(Assignment(account="ACME", starts_on=TODAY, collector="ann", team="north"), key="a1", by="lead")
    assign(Assignment(account="ACME", starts_on=day(9), collector="zoe"), key="a2", by="lead")
    assign(Assignment(account="ACME", starts_on=day(20), collector="ann", team="south"), key="a3", by="lead")
    for id, owner in (("A-1", "ann"), ("A-2", "zoe"), ("A-3", None)):
        action = NextAction(id=id, account="ACME", kind="call", planned_on=TODAY, due_on=day(2), owner=owner)
        world.app.plan_action(action, key=id)
    commands = hand_over_commands(["ACME", "BETA"], "ann", "bob", day(4), by="lead")
    return comes_to(world, *(lambda each=each: world.app.execute(each) for each in commands))


@case
def a_dispute_a_promise_and_a_plan_are_each_named_once():
    world = owing()
    world.dispute("D", "INV-2", 5)
    world.promise("PTP", "INV-1/1", 5, 9)
    again = Dispute(id="D", account="ACME", item="INV-2", reason="price", opened_on=TODAY, amount=eur(5))
    return comes_to(
        world,
        lambda: world.app.open_dispute(again, key="again"),
        lambda: world.app.make_promise(
            Promise(id="PTP", account="ACME", items=("INV-2",), amount=eur(5), made_on=TODAY, pay_by=day(9)), key="p"
        ),
        lambda: world.app.receive_payment(Payment(id="P", account="ACME", amount=eur(5), value_date=TODAY), key="P 1"),
        lambda: world.app.receive_payment(Payment(id="P", account="ACME", amount=eur(5), value_date=TODAY), key="P 2"),
        lambda: world.app.open_account(Customer(id="ACME"), key="open again"),
    )
