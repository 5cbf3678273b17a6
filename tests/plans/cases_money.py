"""Cases of money: what arrives, settles, comes back, is charged, waived, lost and recovered, and by whose authority."""

import datetime as dt
from decimal import Decimal

import attrs
from tests.plans.told import at, case, comes_to, days, having
from tests.service.world import TODAY, World, allowance, day, eur

from receivables import (
    Allocation,
    CreditNote,
    DunningPolicy,
    DunningStep,
    Invoice,
    Money,
    PaymentTerms,
    Schedule,
    TaxPart,
)
from receivables.documents.authority import ApprovalRequest
from receivables.documents.exchange import ExchangeRate
from receivables.documents.payment import Designation
from receivables.documents.settlement import Deduction
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance
from receivables.policies.tax_relief import UK_VAT

BY = {"by": "ann", "approver": "bob", "reason": "because"}
LADDER = DunningPolicy(
    id="standard",
    version=1,
    steps=(
        DunningStep(name="one", days_after_due=10, fee=FeeRule.flat("fee", eur(15)), claims_interest=True),
        DunningStep(name="two", days_after_due=20, claims_interest=True),
    ),
    interest=InterestTerms.fixed("10"),
)
FEE, INTEREST = (f"INV-1/one/{TODAY}/{kind}" for kind in ("fee", "interest"))
TOLERANT = SettlementPolicy(id="standard", version=1, tolerance=Tolerance(amount=(eur(5),), percent=Decimal(1)))
GOVERNING = AuthorityPolicy(
    id="open",
    version=2,
    roles=(
        Role(name="clerk", persons=("ann",)),
        Role(name="lead", persons=("bob", "ben")),
        Role(name="board", persons=("dora", "emil")),
    ),
    rules=(
        AuthorityRule(kind="refund", role="clerk", up_to=eur(100)),
        AuthorityRule(kind="refund", role="lead", up_to=eur(1000)),
        AuthorityRule(kind="refund", role="board", approvals=2),
        AuthorityRule(kind="write_off", role="lead", up_to=eur(1000)),
        AuthorityRule(kind="merge", role="lead"),
    ),
    lapse_days=9,
    warn_days=2,
)


def charged(last: int = 10) -> World:
    """INV-1 over 3,650.00, due today: a day of interest is 1.00. The letter of day 10 had a fee of 15.00."""
    world = having(LADDER)
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    days(world, 1, last)
    return world


def paid(policy: SettlementPolicy = TOLERANT, terms: str = "2/10 net 30") -> World:
    """INV-4 over 1,200.00 with a discount of two percent for ten days, and INV-5 over 100.00."""
    world = having(policy)
    world.open()
    for number, total in (("INV-4", 1200), ("INV-5", 100)):
        invoice = Invoice(
            number=number, account="ACME", issued_on=TODAY, total=eur(total), terms=PaymentTerms.parse(terms)
        )
        world.app.issue_invoice(invoice, key=number)
    return world


def lost(*policies: object) -> World:
    """INV-L over 600.00, a sixth of it tax, due 270 days ago."""
    world = having(*policies)
    world.open()
    parts = (TaxPart(percent=Decimal(20), net=eur(500), tax=eur(100)),)
    schedule = Schedule.single(eur(600), day(-270))
    invoice = Invoice(
        number="INV-L", account="ACME", issued_on=day(-300), total=eur(600), taxes=parts, schedule=schedule
    )
    world.app.issue_invoice(invoice, key="INV-L")
    return world


def governed() -> World:
    world = having(GOVERNING)
    world.open()
    world.pay("P-1", 3000)
    return world


def ask(world: World, amount: object = 500, by: str = "ann", **more: object):
    fields = {"id": "A-1", "account": "ACME", "kind": "refund", "subject": "P-1", **more}
    approval = ApprovalRequest(amount=eur(amount), **fields)
    return world.app.request_approval(approval, by=by, key=f"ask {approval.id} {by}")


def refund(world: World, amount: object, by: str | None = "ann", source: str = "P-1", **more: object):
    key = f"refund {amount} {by} {source} {sorted(more.items())}"
    return world.app.refund("ACME", source, eur(amount), on=world.today, by=by, key=key, **more)


# Payments -------------------------------------------------------------------------------------------------------------


@case
def a_payment_is_meant_for_what_is_open_in_its_currency():
    world = World()
    world.open()
    world.invoice("INV-1", "100", 5)

    def announced(id: str, amount: Money):
        return world.pay(id, amount, status="pending", designated=(Designation(item="INV-1", amount=amount),))

    return comes_to(
        world,
        lambda: announced("P-1", Money.of(10, "USD")),
        lambda: announced("P-2", eur("100.01")),
        lambda: announced("P-3", eur(70)),
        lambda: announced("P-4", eur("30.01")),
        lambda: announced("P-5", eur(30)),
    )


@case
def a_payment_that_came_back_is_open_again_and_its_cost_is_a_fee_on_the_first_item():
    world = charged()
    world.pay("P", "1000", method="direct_debit")
    world.apply("P", FEE, "15")
    world.apply("P", "INV-1", "900")

    def back(kind: str = "returned", **more: object):
        return world.app.return_payment(
            "ACME", "P", kind, "AM04", on=world.today, key=f"{kind} {more}", by="ann", **more
        )

    return comes_to(
        world,
        lambda: back("reversed", fee=eur(3)),
        lambda: back(fee=Money.of(3, "USD")),
        lambda: back(fee=eur(3), bank_line="line-9"),
        lambda: back("chargeback"),
    )


@case
def a_mistake_of_ours_was_never_there_and_what_was_used_or_not_applied_has_no_fee():
    world = World()
    world.open()
    world.invoice("INV-1", "100", 5)
    world.pay("P", "90")
    world.apply("P", "INV-1", "40")
    world.pay("Q", "50")
    world.pay("R", "50")
    refund(world, 20, source="R", by=None)
    world.at(6)

    def back(id: str, kind: str, **more: object):
        return world.app.return_payment("ACME", id, kind, "MS03", on=day(6), key=f"back {id} {more}", **more)

    return comes_to(
        world,
        lambda: back("Q", "returned", fee=eur(3)),
        lambda: back("R", "returned"),
        lambda: back("P", "reversed"),
    )


# Settlements ----------------------------------------------------------------------------------------------------------


@case
def a_settlement_explains_what_is_short_and_undoes_it_with_the_money():
    world = paid()
    world.at(10).pay("P", "1172", on=9)
    world.pay("Q", "97")
    deduction = Deduction(amount=eur(80), code="short_delivery", item="INV-5", text="two boxes")
    settle = world.app.settle
    return comes_to(
        world,
        lambda: settle("ACME", "P", ("INV-4",), key="s1", by="ann"),
        lambda: settle("ACME", "Q", ("INV-5",), key="s2", by="ann"),
        lambda: world.app.unapply("ACME", "s1#1", key="undo", by="bob"),
        lambda: world.app.unapply("ACME", "s2#1", key="undo 2", by="bob"),
        lambda: world.pay("R", "20"),
        lambda: settle("ACME", "R", ("INV-5",), key="s3", deductions=(deduction,), by="ann"),
        lambda: world.app.return_payment("ACME", "R", "returned", "AM04", on=day(10), key="back", by="bob"),
    )


@case
def a_settlement_of_two_items_is_undone_item_by_item_and_with_the_last_money_as_a_whole():
    world = paid()
    world.at(12).pay("P", "1296")
    return comes_to(
        world,
        lambda: world.app.settle("ACME", "P", ("INV-4", "INV-5"), key="s", by="ann"),
        lambda: world.app.unapply("ACME", "s#2", key="undo 2"),
        lambda: world.app.unapply("ACME", "s#1", key="undo 1"),
    )


@case
def a_surplus_that_was_kept_goes_back_with_the_money():
    world = paid(attrs.evolve(TOLERANT, surplus="tolerance", tolerance=Tolerance(amount=(eur(5),))))
    world.pay("P", "102")
    world.pay("Q", "2")
    return comes_to(
        world,
        lambda: world.app.settle("ACME", "P", ("INV-5",), key="s", by="ann"),
        lambda: world.app.settle("ACME", "Q", ("INV-5",), key="t", by="ann"),
        lambda: world.app.return_payment("ACME", "P", "returned", "AM04", on=TODAY, key="back P"),
        lambda: world.app.return_payment("ACME", "Q", "returned", "AM04", on=TODAY, key="back Q"),
    )


@case
def a_settlement_is_refused_where_the_policy_refuses_a_part_or_the_money_would_go_elsewhere():
    world = paid(attrs.evolve(TOLERANT, short="refuse"))
    world.pay("P", "1176")
    world.pay("Q", "60")
    world.invoice("INV-USD", Money.of(9, "USD"), 5)

    def settle(source: str, *items: str, amount: object = None):
        expected = (Allocation(source=source, item=items[0], amount=eur(amount)),) if amount else ()
        return world.app.settle("ACME", source, items, key=f"{source} {items} {amount}", expected=expected)

    return comes_to(
        world,
        lambda: settle("Q", "INV-5"),
        lambda: settle("P", "INV-4", amount=1200),
        lambda: settle("P", "INV-USD"),
        lambda: settle("P", "INV-4", amount=1176),
        lambda: settle("P", "INV-5"),
    )


@case
def what_a_settlement_gives_up_takes_authority():
    world = having(GOVERNING, attrs.evolve(TOLERANT, tolerance=None, short="write_off"))
    world.open()
    world.invoice("INV-1", "100", 30)
    world.pay("P", "98")

    def settle(**more: object):
        return world.app.settle("ACME", "P", ("INV-1",), key=f"s {more}", by="ann", **more)

    return comes_to(world, settle, lambda: settle(approver="zoe"), lambda: settle(approver="bob"))


@case
def without_a_policy_nothing_is_settled_placed_decided_or_claimed():
    world = World(policies=attrs.evolve(World().policies, policies=(), choices=()))
    world.open()
    world.invoice("INV-1", "100", 5)
    world.pay("P", "100")
    return comes_to(
        world,
        lambda: world.app.settle("ACME", "P", ("INV-1",), key="s"),
        lambda: world.app.appropriate("ACME", "P", key="a"),
        lambda: world.order("SO-1", 5),
        lambda: world.app.claim_interest("ACME", "INV-1", day(9), key="i"),
        lambda: world.app.claim_relief("ACME", "INV-1", on=TODAY, key="c"),
        lambda: world.app.report_debt("ACME", key="r", by="ann", approver="bob"),
        lambda: world.app.score_customer("ACME", key="score"),
        lambda: ask(world),
        world.run,
    )


@case
def money_is_placed_where_the_debtor_says_and_goes_nowhere_where_nothing_is_owed():
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20)
    world.invoice("INV-USD", Money.of(5, "USD"), 1)
    world.pay("P", "200")
    world.pay("Q", "2000")
    world.pay("R", "1")
    place = world.app.appropriate
    return comes_to(
        world,
        lambda: place("ACME", "P", designated=("INV-USD",), key="a"),
        lambda: place("ACME", "P", designated=("INV-2",), key="b", by="ann"),
        lambda: place("ACME", "Q", key="c", by="ann"),
        lambda: place("ACME", "R", key="d"),
    )


@case
def a_credit_goes_elsewhere_only_as_far_as_it_is_there():
    world = World()
    for id in ("ACME", "BETA"):
        world.open(id)
    world.pay("P", "100", on=-5)
    rate = ExchangeRate.of("EUR", "USD", "1.10", on=TODAY, source="ECB")
    move, turn = world.app.transfer, world.app.convert
    return comes_to(
        world,
        lambda: refund(world, 0, source="P"),
        lambda: refund(world, "100.01", source="P"),
        lambda: move("ACME", "P", eur(10), "ACME", on=TODAY, key="t1"),
        lambda: move("ACME", "P", eur(10), "BETA", on=day(-6), key="t2"),
        lambda: move("ACME", "P", eur(10), "BETA", on=day(1), key="t3"),
        lambda: move("ACME", "P", eur(10), "BETA", on=day(-5), key="t4", by="ann"),
        lambda: turn("ACME", "P", eur(20), rate, on=TODAY, key="c", by="ann"),
        lambda: refund(world, 70, source="P", reference="back to him"),
        lambda: refund(world, "0.01", source="P"),
    )


@case
def what_money_in_another_currency_stands_for_in_the_books_goes_along():
    world = World()
    for id in ("ACME", "BETA", "GAMMA"):
        world.open(id)
    own = {"book_rate": ExchangeRate.of("USD", "EUR", "0.90", on=TODAY, source="ECB")}
    world.pay("P", Money.of(100, "USD"), **own)
    other = ExchangeRate.of("USD", "CHF", "0.95", on=TODAY, source="ECB")
    world.pay("G", Money.of(5, "USD"), "GAMMA", book_rate=other)
    move = world.app.transfer
    return comes_to(
        world,
        lambda: world.pay("Q", Money.of(1, "USD"), book_rate=other),
        lambda: move("ACME", "P", Money.of(40, "USD"), "GAMMA", on=TODAY, key="t1"),
        lambda: move("ACME", "P", Money.of(40, "USD"), "BETA", on=TODAY, key="t2"),
        lambda: world.app.merge_accounts("ACME", "GAMMA", reason="one", by="ann", approver="bob", key="m"),
    )


# Charges --------------------------------------------------------------------------------------------------------------


@case
def interest_that_had_not_accrued_is_taken_back_and_what_was_paid_on_it_is_freed():
    world = charged()
    world.pay("I", 10)
    world.apply("I", INTEREST, 8)
    world.apply("I", INTEREST, 2)
    world.pay("P", 1825, on=8)
    note = CreditNote(number="CN", account="ACME", issued_on=day(5), total=eur(365), against="INV-1")
    return comes_to(
        world,
        lambda: world.apply("P", "INV-1", 1825),
        lambda: world.app.issue_credit_note(note, key="CN"),
        lambda: world.app.unapply("ACME", "apply P INV-1 1825.00 EUR#1", key="undo"),
        lambda: days(world, 11, 20),
        lambda: list(map(str, world.app.preview("ACME", day(30)))),
    )


@case
def interest_is_claimed_once_for_each_day_and_not_on_what_is_disputed():
    world = charged()
    world.dispute("D", "INV-1", "1825")

    def claim(until: int, again: str = ""):
        return world.app.claim_interest("ACME", "INV-1", day(until), key=f"c{until}{again}", by="ann")

    return comes_to(
        world,
        lambda: claim(10),
        lambda: claim(20),
        lambda: claim(21),
        lambda: claim(40),
        at(world, 40, lambda: world.app.resolve_dispute("ACME", "D", "rejected", on=day(40), by="ann", key="r")),
        lambda: claim(40, " again"),
    )


@case
def no_interest_is_claimed_on_a_claim_that_is_barred():
    barring = LimitationPolicy(
        id="claims", version=1, regime=limitation_regime("AT"), barred_stops=frozenset({"interest"})
    )
    world = having(LADDER, barring)
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    late = dt.date(2029, 4, 1)
    world.at(late)
    return comes_to(
        world,
        lambda: world.app.claim_interest("ACME", "INV-1", late, key="late", by="ann"),
        lambda: world.app.claim_interest("ACME", "INV-1", day(9), key="early", by="ann"),
        lambda: world.run(all_accounts=True),
    )


@case
def charges_are_waived_reversed_and_owed_again_by_two_persons():
    world = charged()
    world.pay("F", 6)
    world.apply("F", FEE, 2)
    world.apply("F", FEE, 4)
    app = world.app
    return comes_to(
        world,
        lambda: app.waive_charge("ACME", FEE, amount=eur("9.01"), key="w1", **BY),
        lambda: app.waive_charge("ACME", FEE, key="w2", **{**BY, "approver": "ann"}),
        lambda: app.waive_charge("ACME", FEE, amount=eur(3), key="w3", **BY),
        lambda: app.reinstate_charge("ACME", FEE, amount=eur("3.01"), key="r1", **BY),
        lambda: app.reinstate_charge("ACME", FEE, amount=eur(1), key="r2", **BY),
        lambda: app.reverse_charge("ACME", FEE, amount=eur(7), key="v1", **BY),
        lambda: app.reverse_charge("ACME", FEE, key="v2", **BY),
        lambda: app.reverse_charge("ACME", FEE, key="v3", **BY),
        lambda: app.waive_charge("ACME", "INV-1", key="w4", **BY),
    )


# Losses ---------------------------------------------------------------------------------------------------------------


@case
def what_is_written_off_is_open_unkept_and_in_one_currency():
    world = lost(GOVERNING)
    parts = Schedule(
        installments=(
            Schedule.single(eur(60), day(5)).installments[0],
            Schedule.single(eur(40), day(9)).installments[0],
        )
    )
    world.app.issue_invoice(
        Invoice(number="INV-2", account="ACME", issued_on=TODAY, total=eur(100), schedule=parts), key="INV-2"
    )
    world.pay("C", 10, status="pending", designated=(Designation(item="INV-2/1", amount=eur(10)),))

    def off(item: str, key: str, **more: object):
        given = {"on": TODAY, "by": "ann", "approver": "bob", **more}
        return world.app.write_off("ACME", item, "insolvent", key=key, **given)

    return comes_to(
        world,
        lambda: off("INV-2", "w1", amount=eur(5)),
        lambda: off("INV-2/1", "w2", amount=Money.of(5, "USD")),
        lambda: off("INV-2/1", "w3", amount=eur("50.01")),
        lambda: off("INV-2", "w4", approver="zoe"),
        lambda: off("INV-2", "w5", note="nobody is there"),
        lambda: off("INV-L", "w6", amount=eur(60), on=day(-301)),
        lambda: off("INV-L", "w7", amount=eur(60), on=day(-3)),
    )


@case
def a_plan_about_what_is_written_off_is_cancelled():
    world = lost()
    world.invoice("INV-2", 80, 5)
    for id, item, amount in (("PP-1", "INV-L", 300), ("PP-2", "INV-2", 40)):
        world.agree(id, item, (5, amount), (9, amount))
    return comes_to(
        world, lambda: world.app.write_off("ACME", "INV-L", "insolvent", on=TODAY, key="w", by="ann", approver="bob")
    )


@case
def what_is_set_aside_for_a_customer_is_used_once_by_two_items():
    world = lost(WriteOffPolicy(id="losses", version=1, recovery="allowance"))
    world.invoice("INV-2", 200, -9)
    fixed = attrs.evolve(allowance("SA", None), percent=None, amount=eur(500))
    world.app.set_allowance(fixed, on=TODAY, key="SA")
    world.pay("P", 90)

    def off(item: str):
        return world.app.write_off("ACME", item, "insolvent", on=TODAY, key=f"off {item}", by="ann", approver="bob")

    return comes_to(
        world,
        lambda: off("INV-L"),
        lambda: off("INV-2"),
        lambda: world.app.recover("ACME", "P", "INV-L", amount=eur(60), key="rec", by="ann"),
        lambda: world.app.reverse_write_off(
            "ACME", "off INV-L#1", reason="wrong", amount=eur(240), by="ann", approver="bob", key="rev"
        ),
    )


@case
def allowances_are_one_for_each_and_in_the_currency_of_their_item():
    world = lost()
    world.invoice("INV-2", 80, 5)
    setting = world.app.set_allowance
    fixed = attrs.evolve(allowance("SA-2", "INV-2"), percent=None, amount=Money.of(5, "USD"))
    return comes_to(
        world,
        lambda: setting(allowance("SA-1", "INV-L"), on=day(-301), key="a"),
        lambda: setting(allowance("SA-1", "INV-L"), on=day(-300), key="b", by="ann", approver="bob"),
        lambda: setting(allowance("SA-1", "INV-2"), on=TODAY, key="c"),
        lambda: setting(allowance("SA-2", "INV-L"), on=TODAY, key="d"),
        lambda: setting(fixed, on=TODAY, key="e"),
        lambda: setting(attrs.evolve(allowance("SA-1", "INV-L"), percent=Decimal(70)), on=TODAY, key="f"),
        lambda: world.app.release_allowance("ACME", "SA-1", on=day(-1), key="g"),
        lambda: world.app.release_allowance("ACME", "SA-1", on=TODAY, key="h"),
        lambda: world.app.release_allowance("ACME", "SA-1", on=TODAY, key="i"),
    )


@case
def tax_is_claimed_back_in_its_time_and_owed_again_with_what_is_recovered():
    world = lost(UK_VAT)
    world.pay("P", 360)
    world.pay("U", Money.of(5, "USD"))

    def claim(key: str, on: dt.date = TODAY):
        return world.app.claim_relief("ACME", "INV-L", on=on, key=key, by="ann")

    def off(amount: object, on: dt.date = TODAY):
        given = {"amount": eur(amount), "on": on, "key": f"off {amount}", "by": "ann", "approver": "bob"}
        return world.app.write_off("ACME", "INV-L", "insolvent", **given)

    return comes_to(
        world,
        lambda: claim("c0"),
        lambda: off(450, day(-200)),
        lambda: claim("c1", day(-120)),
        lambda: claim("c2"),
        lambda: claim("c3"),
        lambda: world.app.recover("ACME", "U", "INV-L", key="r0"),
        lambda: world.app.recover("ACME", "P", "INV-L", amount=eur(120), key="r1", by="ann"),
        lambda: world.app.reverse_write_off(
            "ACME", "off 450#1", reason="wrong", amount=eur(30), by="ann", approver="bob", key="rev"
        ),
        lambda: world.app.bar_relief("ACME", "INV-L", cause="sold", on=TODAY, note="to a bank", key="bar", by="ann"),
        lambda: world.app.bar_relief("ACME", "INV-L", cause="sold", on=TODAY, key="bar again"),
        lambda: world.app.recover("ACME", "P", "INV-L", key="r2", by="ann"),
        lambda: world.app.recover("ACME", "P", "INV-L", key="r3", by="ann"),
    )


@case
def tax_on_a_bad_debt_is_claimed_too_late_after_its_years():
    world = lost(UK_VAT)
    world.app.write_off("ACME", "INV-L", "insolvent", on=TODAY, key="off", by="ann", approver="bob")
    late = dt.date(2031, 1, 1)
    world.at(late)
    return comes_to(world, lambda: world.app.claim_relief("ACME", "INV-L", on=late, key="late"))


# Authority ------------------------------------------------------------------------------------------------------------


@case
def a_request_is_granted_by_who_may_and_used_once_for_what_it_is_for():
    world = governed()
    grant = world.app.grant_approval
    return comes_to(
        world,
        lambda: ask(world),
        lambda: ask(world),
        lambda: ask(world, by="ben"),
        lambda: grant("ACME", "A-1", by="zoe", key="g0"),
        lambda: grant("ACME", "A-1", by="ann", key="g1"),
        lambda: refund(world, 500, approval="A-1"),
        lambda: grant("ACME", "A-1", by="bob", key="g2"),
        lambda: grant("ACME", "A-1", by="ben", key="g3"),
        lambda: refund(world, "500.01", approval="A-1"),
        lambda: refund(world, 500, by="zoe", approval="A-1"),
        lambda: refund(world, 450, approval="A-1"),
        lambda: refund(world, 50, approval="A-1"),
    )


@case
def two_of_the_board_grant_what_is_beyond_a_lead():
    world = governed()
    grant = world.app.grant_approval
    return comes_to(
        world,
        lambda: ask(world, 2000),
        lambda: grant("ACME", "A-1", by="dora", key="g1"),
        lambda: grant("ACME", "A-1", by="dora", key="g2"),
        lambda: grant("ACME", "A-1", by="bob", key="g3"),
        lambda: grant("ACME", "A-1", by="emil", key="g4"),
        lambda: refund(world, 2000, approval="A-1"),
    )


@case
def a_request_is_refused_withdrawn_or_lapses_and_staff_is_told_before():
    world = governed()
    for id in ("A-1", "A-2", "A-3"):
        ask(world, id=id)
    refuse, withdraw = world.app.refuse_approval, world.app.withdraw_approval
    return comes_to(
        world,
        lambda: refuse("ACME", "A-1", reason="no", by="ann", key="r1"),
        lambda: refuse("ACME", "A-1", reason="no", by="zoe", key="r2"),
        lambda: refuse("ACME", "A-1", reason="no", by="bob", key="r3"),
        lambda: withdraw("ACME", "A-2", reason="paid", by="bob", key="w1"),
        lambda: withdraw("ACME", "A-2", reason="paid", by="ann", key="w2"),
        lambda: withdraw("ACME", "A-2", reason="paid", by="ann", key="w3"),
        at(world, 6, world.run),
        at(world, 7, world.run),
        at(world, 9, world.run),
        at(world, 10, world.run),
        lambda: world.app.grant_approval("ACME", "A-3", by="bob", key="late"),
    )


@case
def a_request_is_made_for_what_is_governed_and_what_somebody_may():
    world = governed()
    return comes_to(
        world,
        lambda: ask(world, kind="plan"),
        lambda: ask(world, kind="write_off", amount=5000),
        lambda: ask(world, kind="write_off", amount=1000),
        lambda: refund(world, 1500, approver="bob"),
        lambda: refund(world, 100, by=None),
        lambda: refund(world, 100, approver="ann"),
        lambda: refund(world, 100),
        lambda: refund(world, 1),
    )
