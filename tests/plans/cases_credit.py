"""Cases of credit: limits that meet, groups, orders from the first check to the last delivery, alerts, applications."""

import attrs
from tests.plans.test_application import BANK, DESK, SIZE, figures
from tests.plans.told import at, case, comes_to, having
from tests.policies.test_applications import paper
from tests.service.world import EUR, TODAY, World, class_override, day, eur

from receivables import (
    CreditLimit,
    CreditNote,
    CreditPolicy,
    Hold,
    Invoice,
    Money,
    Order,
    PaymentTerms,
    Schedule,
)
from receivables.documents.application import CreditApplication, Reference, ReferenceAnswer
from receivables.documents.authority import ApprovalRequest
from receivables.documents.credit import DraftInvoice
from receivables.documents.exchange import ExchangeRate
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.credit import SubLimit
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.limits import LimitDefault

ROLES = (
    Role(name="clerk", persons=("ann",)),
    Role(name="lead", persons=("bob",)),
    Role(name="board", persons=("dora", "emil")),
)
MATRIX = AuthorityPolicy(
    id="open",
    version=2,
    roles=ROLES,
    rules=tuple(
        rule
        for kind in ("limit", "order_release")
        for rule in (
            AuthorityRule(kind=kind, role="clerk", up_to=eur(1000)),
            AuthorityRule(kind=kind, role="lead", up_to=eur(5000)),
            AuthorityRule(kind=kind, role="board"),
        )
    ),
)


def credit(**more: object) -> CreditPolicy:
    return CreditPolicy(id="standard", version=1, **more)


def opened(*policies: object, **more: object) -> World:
    world = having(*(policies or (credit(),)), **more)
    world.open()
    return world


def limited(world: World, amount: object, since: int = 0, until: int | None = None, **more: object):
    """A limit, in euro where nothing else is said."""
    account, by, approver = more.pop("account", "ACME"), more.pop("by", None), more.pop("approver", None)
    money = amount if isinstance(amount, Money) or amount is None else eur(amount)
    fields = {"currency": money.currency if money is not None else EUR, "valid_from": day(since), **more}
    limit = CreditLimit(account=account, amount=money, valid_to=None if until is None else day(until), **fields)
    return world.app.set_limit(limit, by=by, approver=approver, key=f"{limit} {by} {approver}")


def ordered(world: World, id: str, amount: object, account: str = "ACME", **more: object):
    money = amount if isinstance(amount, Money) else eur(amount)
    order = Order(id=id, account=account, amount=money, **{"placed_on": world.today, **more})
    return world.app.reserve(order, by="ann", key=f"{order} {world.today}")


def new_key(world: World) -> str:
    """Another one each time."""
    return f"request {len(world.store._receipts)}"


def let_go(world: World, id: str, by: str = "ann", approver: str | None = "bob", account: str = "ACME"):
    key = f"let go {id} {by} {approver}"
    return world.app.release_held_order(account, id, reason="an old friend", by=by, approver=approver, key=key)


# Limits ---------------------------------------------------------------------------------------------------------------


@case
def of_two_limits_of_a_kind_it_is_clear_which_holds_on_every_day():
    world = opened()
    return comes_to(
        world,
        lambda: limited(world, 100, 10, 40),
        lambda: limited(world, 200, 20, 39),
        lambda: limited(world, 200, 20, 40),
        lambda: limited(world, 300, 0, 30),
        lambda: limited(world, 300, 0, 40),
        lambda: limited(world, 400, 9, 41),
        lambda: limited(world, 500, 41, 50),
        lambda: limited(world, 600, 10),
        lambda: limited(world, 700, 30, 35),
        lambda: limited(world, 20, 25, 30, kind="insured"),
        lambda: limited(world, 30, 24, 31, kind="insured"),
        lambda: limited(world, 20, 25, 30, kind="temporary"),
        lambda: limited(world, 30, 26, 29, kind="temporary"),
        lambda: limited(world, Money.of(5, "USD"), 25, 26),
    )


@case
def a_policy_can_ask_that_a_limit_is_over_before_the_next_begins():
    world = opened(credit(overlaps="refuse"))
    return comes_to(
        world,
        lambda: limited(world, 100, 10, 40),
        lambda: limited(world, 200, 40),
        lambda: limited(world, 200, 0, 10),
        lambda: limited(world, 200, 0, 9),
        lambda: limited(world, 300, 41),
        lambda: limited(world, 400, 90),
        lambda: limited(world, 10, 90, kind="insured"),
        lambda: limited(world, 20, 95, kind="insured"),
        lambda: limited(world, 20, 95, kind="temporary"),
        lambda: world.app.withdraw_limit("ACME", "EUR", on=TODAY, key="w"),
        lambda: limited(world, 400, 90),
    )


@case
def a_limit_is_reviewed_while_it_holds():
    world = opened()
    return comes_to(
        world,
        lambda: limited(world, 100, 10, 40, review_on=day(9)),
        lambda: limited(world, 100, 10, 40, review_on=day(41)),
        lambda: limited(world, 100, 10, 40, review_on=day(40)),
        lambda: limited(world, 100, 41, review_on=day(41)),
    )


@case
def a_limit_takes_the_authority_for_what_it_comes_to_on_its_highest_day():
    default = LimitDefault(currency=EUR, amount=eur(900))
    world = opened(MATRIX, credit(defaults=(default,)))
    return comes_to(
        world,
        lambda: limited(world, 100, 0, 9, kind="temporary", by="ann"),
        lambda: limited(world, 1, 9, 20, kind="temporary", by="ann"),
        lambda: limited(world, 1, 9, 20, kind="temporary", by="ann", approver="bob"),
        lambda: limited(world, 4999, 0, 8, by="ann", approver="bob"),
        lambda: limited(world, 4900, 0, 8, by="ann", approver="bob"),
        lambda: limited(world, None, 30, kind="insured", by="ann", approver="bob"),
        lambda: limited(world, None, 30, kind="insured", by="ann", approver="dora"),
        lambda: limited(world, 900, 40, kind="insured", by="ann"),
        lambda: limited(world, 1000, 21, by="ann"),
        lambda: limited(world, None, 50, 60, kind="temporary", by="ann", approver="bob"),
        lambda: limited(world, None, 50, 60, kind="temporary", by="ann", approver="dora"),
        lambda: limited(world, 500, 45, 49, by="ann"),
        lambda: limited(world, 500, 45, 50, by="ann", approver="bob"),
        lambda: limited(world, 10, 60, maker="ann"),
        lambda: limited(world, 10, 61, maker="ann"),
        lambda: limited(world, 2000, 62, maker="ann", approver="bob"),
        lambda: world.app.withdraw_limit("ACME", "EUR", on=TODAY, by="ann", approver="bob", key="w"),
        lambda: world.app.withdraw_limit("ACME", "EUR", on=TODAY, by="ann", approver="dora", key="w2"),
    )


# Orders ---------------------------------------------------------------------------------------------------------------


@case
def an_order_is_decided_once_and_anew_while_it_is_held():
    world = opened()
    limited(world, 1000)
    return comes_to(
        world,
        lambda: ordered(world, "A", 1000),
        lambda: ordered(world, "A", 1000, kind="again"),
        lambda: ordered(world, "B", "0.01"),
        lambda: ordered(world, "C", 5, placed_on=day(1)),
        at(world, 2, lambda: ordered(world, "B", "0.01", placed_on=TODAY)),
        lambda: ordered(world, "B", "0.02", placed_on=TODAY),
        lambda: world.app.release_order("ACME", "A", on=day(2), key="r"),
        lambda: ordered(world, "B", "0.01", placed_on=TODAY, kind="once more"),
    )


@case
def a_held_order_is_let_go_by_two_against_the_reasons_that_hold_it():
    world = opened(credit(hold_overdue_days=5))
    limited(world, 1000)
    world.invoice("I", 100, -4)
    ordered(world, "A", 950)
    ordered(world, "B", 900)
    return comes_to(
        world,
        lambda: let_go(world, "B"),
        lambda: let_go(world, "A", approver=None),
        lambda: let_go(world, "A", approver="ann"),
        at(world, 2, lambda: let_go(world, "A")),
        lambda: let_go(world, "A", "cid"),
    )


@case
def what_is_at_stake_is_the_shortfall_or_the_order():
    world = opened(MATRIX, credit(hold_overdue_days=5))
    limited(world, 1000, by="ann")
    hold = Hold(id="H", account="ACME", placed_on=TODAY, reason="wait", stops=frozenset({"credit"}), until=day(3))
    for id, amount in (("A", 2000), ("B", 2001), ("C", 3000)):
        ordered(world, id, amount)
    return comes_to(
        world,
        lambda: let_go(world, "A", approver=None),
        lambda: let_go(world, "B", approver=None),
        lambda: let_go(world, "B", by="bob", approver=None),
        lambda: world.app.place_hold(hold, key="H"),
        lambda: let_go(world, "C"),
        lambda: world.app.deliver_order("ACME", "C", eur(2500), on=TODAY, key="deliver C"),
        lambda: let_go(world, "C"),
        lambda: let_go(world, "C", approver="dora"),
    )


@case
def a_held_order_is_freed_when_what_stops_it_is_over():
    policy = credit(
        returned_payment_days=3,
        broken_promises=1,
        promise_days=6,
        risk_classes=(("D", "hold"),),
        counts=frozenset({"overdue", "ordered"}),
    )
    world = opened(policy)
    limited(world, 1000)
    world.invoice("I", 50, 40)
    world.pay("P", 10)
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=TODAY, key="back")
    ordered(world, "A", 100)
    override = attrs.evolve(class_override("O"), account="ACME", risk_class="D", starts_on=day(3), until=day(5))
    return comes_to(
        world,
        at(world, 3, lambda: world.run(all_accounts=True)),
        lambda: world.app.override_class(override, by="ann", approver="bob", key="O"),
        at(world, 4, lambda: world.run(all_accounts=True)),
        lambda: world.promise("PTP", "I", 50, 5),
        at(world, 6, lambda: world.run(all_accounts=True)),
        at(world, 11, lambda: world.run(all_accounts=True)),
        at(world, 12, lambda: world.run(all_accounts=True)),
        at(world, 13, lambda: world.run(all_accounts=True)),
    )


@case
def a_held_order_is_freed_by_a_day_on_which_less_counts():
    world = opened(credit(counts=frozenset({"open", "ordered"}), overdue_margin_days=2))
    limited(world, 100)
    world.invoice("I", 60, 3)
    hold = Hold(id="H", account="ACME", placed_on=TODAY, reason="wait", stops=frozenset({"credit"}), until=day(1))
    world.app.place_hold(hold, key="H")
    return comes_to(
        world,
        lambda: ordered(world, "A", 60),
        lambda: ordered(world, "B", 40),
        at(world, 1, lambda: world.run(all_accounts=True)),
        at(world, 2, lambda: world.run(all_accounts=True)),
        at(world, 5, lambda: world.run(all_accounts=True)),
        at(world, 6, lambda: world.run(all_accounts=True)),
    )


@case
def an_order_counts_the_same_along_the_chain_until_what_is_left_is_given_up():
    world = opened()
    limited(world, 1000)
    ordered(world, "A", 1000)
    ordered(world, "B", 500)
    app = world.app

    def draft(id: str, amount: object, on: int = 0, order: str | None = "A"):
        money = amount if isinstance(amount, Money) else eur(amount)
        drafted = DraftInvoice(id=id, account="ACME", amount=money, drafted_on=day(on), order=order)
        return world.app.record_draft(drafted, key=f"{drafted}")

    def delivered(order: str, amount: object, on: int = 0):
        money = amount if isinstance(amount, Money) else eur(amount)
        return app.deliver_order("ACME", order, money, on=day(on), by="ann", key=f"deliver {order} {amount} {on}")

    def invoiced(number: str, amount: object, **more: object):
        schedule = Schedule.single(eur(amount), day(30))
        invoice = Invoice(number=number, account="ACME", issued_on=TODAY, total=eur(amount), schedule=schedule, **more)
        return app.issue_invoice(invoice, key=number)

    def noted(number: str, amount: object, against: str | None, restores: bool = True):
        note = CreditNote(number=number, account="ACME", issued_on=TODAY, total=eur(amount), against=against)
        return app.issue_credit_note(note, restores=restores, by="ann", key=number)

    return comes_to(
        world,
        lambda: delivered("A", Money.of(5, "USD")),
        lambda: delivered("A", "1000.01"),
        lambda: delivered("A", -1),
        lambda: delivered("A", 600, -1),
        lambda: delivered("A", 600, 1),
        lambda: delivered("A", 600),
        lambda: delivered("B", 100),
        lambda: draft("D-1", 700, 1),
        lambda: draft("D-1", Money.of(5, "USD")),
        lambda: draft("D-1", 700),
        lambda: draft("D-1", 5, order=None),
        lambda: draft("D-2", 5, order="Z"),
        lambda: app.drop_draft("ACME", "D-1", on=day(-1), key="drop 0"),
        lambda: app.drop_draft("ACME", "D-9", on=TODAY, key="drop 1"),
        lambda: invoiced("INV-1", 650, order="A", references=("D-1",)),
        lambda: app.drop_draft("ACME", "D-1", on=TODAY, key="drop 2"),
        lambda: noted("CN-1", 50, "INV-9"),
        lambda: noted("CN-2", 50, "INV-1"),
        lambda: noted("CN-3", 700, "INV-1"),
        lambda: app.release_order("ACME", "A", on=TODAY, by="ann", key="release A"),
        lambda: app.reopen_order("ACME", "A", on=day(-1), key="reopen 0"),
        lambda: app.reopen_order("ACME", "A", on=day(1), key="reopen 1"),
        lambda: app.reopen_order("ACME", "A", on=TODAY, by="ann", key="reopen 2"),
        lambda: app.reopen_order("ACME", "A", on=TODAY, key="reopen 3"),
        lambda: delivered("B", 400),
        lambda: app.release_order("ACME", "B", on=TODAY, key="release B"),
    )


# Groups, rates and alerts ---------------------------------------------------------------------------------------------


@case
def the_limit_of_a_group_is_used_by_all_and_staff_is_told_on_its_account():
    world = having(credit(inherit_group=True, alert_percents=(80, 100)))
    world.app.open_group("G", key="group")
    for id in ("NORTH", "SOUTH"):
        world.open(id, group="G", language="de")
    limited(world, 1000, account="group:G")
    return comes_to(
        world,
        lambda: ordered(world, "N", 800, "NORTH"),
        lambda: ordered(world, "S", "0.01", "SOUTH"),
        lambda: ordered(world, "S-2", 200, "SOUTH"),
        world.deliver,
        lambda: let_go(world, "S-2", account="SOUTH"),
        lambda: ordered(world, "N-2", 5, "NORTH"),
        lambda: world.app.release_order("SOUTH", "S-2", on=TODAY, key="cancel"),
        at(world, 1, lambda: world.run(all_accounts=True)),
        lambda: world.app.reopen_order("SOUTH", "S-2", on=day(1), key="reopen"),
        world.deliver,
        lambda: world.app.release_order("NORTH", "N", on=day(1), key="cancel N"),
        at(world, 2, lambda: world.run(all_accounts=True)),
    )


@case
def what_is_used_of_a_limit_is_told_and_told_when_it_is_over():
    world = having(credit(alert_percents=(50, 90)))
    world.open(language="de")
    limited(world, 1000)
    limited(world, 1000, 0, 4, kind="temporary")
    limited(world, Money.of(10, "USD"))
    return comes_to(
        world,
        lambda: ordered(world, "A", 1000),
        lambda: ordered(world, "B", "0.01"),
        world.deliver,
        lambda: world.app.release_order("ACME", "B", on=TODAY, key="cancel"),
        at(world, 5, lambda: world.run(all_accounts=True)),
        lambda: world.pay("P", 500),
        lambda: world.app.release_order("ACME", "A", on=day(5), key="cancel A"),
        lambda: ordered(world, "U", Money.of("9.01", "USD")),
    )


@case
def what_is_owed_in_another_currency_counts_by_a_rate_that_is_young_enough():
    policy = credit(limit_currency=EUR, exchange=ExchangePolicy(id="young", version=1, max_age_days=3))
    policy = attrs.evolve(policy, sub_limits=(SubLimit(component="ordered", amount=Money.of(800, "USD")),))
    world = opened(policy)
    limited(world, 1000)
    rates = [ExchangeRate.of("USD", "EUR", "0.9", on=day(-4), source="ECB")]

    def later(*more: ExchangeRate):
        world.restart(rates=[*rates, *more])
        return ordered(world, "U", Money.of(900, "USD"))

    return comes_to(
        world,
        lambda: ordered(world, "U", Money.of(900, "USD")),
        later,
        lambda: later(ExchangeRate.of("USD", "EUR", "0.8", on=day(-3), source="ECB")),
        lambda: ordered(world, "V", Money.of(400, "USD")),
        lambda: let_go(world, "V"),
        lambda: ordered(world, "C", Money.of(1, "CHF")),
    )


# Applications ---------------------------------------------------------------------------------------------------------


def applicant(*policies: object) -> World:
    world = having(DESK, SIZE, *policies)
    world.open("NEW")
    return world


def applied(world: World, id: str = "CA-1", amount: object = 20_000, **more: object):
    money = amount if isinstance(amount, Money) else eur(amount)
    declared = more.pop("declared", None)
    fields = {"applied_on": world.today, "references": (BANK,), "papers": (paper(),), "terms": PaymentTerms.net(30)}
    application = CreditApplication(id=id, account="NEW", amount=money, **{**fields, **more})
    return world.app.submit_application(application, figures=declared, by="portal", key=new_key(world))


def asked(world: World, reference: str = "bank", on: int = 0, id: str = "CA-1", **more: object):
    answer = ReferenceAnswer(reference=reference, answered_on=day(on), **more)
    return world.app.answer_reference("NEW", id, answer, by="ann", key=new_key(world))


def decided(world: World, id: str = "CA-1", by: str = "ann", **more: object):
    return world.app.decide_application("NEW", id, by=by, key=new_key(world), **more)


def accepted(world: World, id: str = "CA-1"):
    return world.app.accept_offer("NEW", id, by="portal", key=new_key(world))


def closed(world: World, id: str, outcome: str):
    return world.app.close_application("NEW", id, outcome, reason="no need", by="portal", key=new_key(world))


@case
def an_application_is_decided_on_what_it_takes_and_its_offer_sets_the_limit():
    world = applicant()
    other = Reference(id="agency", kind="agency", contact="contact-2")

    def added(**more: object):
        return world.app.supplement_application("NEW", "CA-1", by="portal", key=new_key(world), **more)

    return comes_to(
        world,
        lambda: applied(world, applied_on=day(1)),
        lambda: applied(world),
        lambda: applied(world),
        lambda: applied(world, "CA-1", 5),
        lambda: applied(world, "CA-2", 5),
        lambda: applied(world, "CA-3", Money.of(5, "USD"), declared=figures(3)),
        lambda: decided(world),
        lambda: added(references=(BANK,)),
        lambda: added(references=(other,), papers=(paper(),)),
        lambda: asked(world, "friend"),
        lambda: asked(world, on=-1),
        lambda: asked(world, on=1),
        lambda: asked(world, highest=eur(90)),
        lambda: decided(world, limit=eur(5), outcome="refused"),
        lambda: decided(world, outcome="approved", limit=eur("10000.01")),
        lambda: decided(world, outcome="approved", limit=eur("20000.01"), reason="she is good"),
        lambda: decided(world, outcome="approved", limit=Money.of(5, "USD"), reason="she is good"),
        lambda: decided(world, outcome="refused"),
        lambda: decided(world, outcome="referred"),
        lambda: decided(world),
        at(world, 30, lambda: accepted(world)),
        lambda: accepted(world),
        lambda: closed(world, "CA-1", "withdrawn"),
    )


@case
def an_application_ends_by_a_word_of_the_applicant_by_a_person_or_by_itself():
    world = applicant()
    for id, currency in (("CA-1", "EUR"), ("CA-2", "USD"), ("CA-3", "GBP"), ("CA-4", "CHF"), ("CA-5", "SEK")):
        applied(world, id, Money.of(5000, currency))
    good = {"outcome": "approved", "reason": "known"}
    return comes_to(
        world,
        lambda: closed(world, "CA-1", "declined"),
        lambda: decided(world, "CA-1", outcome="referred"),
        lambda: closed(world, "CA-1", "withdrawn"),
        lambda: closed(world, "CA-1", "declined"),
        lambda: decided(world, "CA-1", **good),
        lambda: decided(world, "CA-2", **good, terms=PaymentTerms.net(10)),
        lambda: asked(world, id="CA-2"),
        lambda: closed(world, "CA-2", "declined"),
        lambda: accepted(world, "CA-2"),
        lambda: decided(world, "CA-3", **good, limit=Money.of(4000, "GBP")),
        lambda: limited(world, Money.of(10, "GBP"), account="NEW", kind="insured"),
        lambda: limited(world, Money.of(10, "USD"), account="NEW"),
        at(world, 1, lambda: accepted(world, "CA-3")),
        lambda: decided(world, "CA-4", **good, limit=Money.of(1, "CHF")),
        at(world, 2, lambda: limited(world, Money.of(10, "CHF"), 2, account="NEW")),
        lambda: accepted(world, "CA-4"),
        lambda: closed(world, "CA-4", "withdrawn"),
        lambda: applied(world, "CA-6", 100),
        lambda: decided(world, "CA-6", outcome="refused", reason="late"),
        lambda: closed(world, "CA-6", "withdrawn"),
        at(world, 60, lambda: closed(world, "CA-5", "declined")),
        at(world, 61, lambda: closed(world, "CA-5", "withdrawn")),
    )


@case
def an_offer_takes_the_authority_for_its_limit_or_a_request_that_was_granted():
    world = applicant(MATRIX)
    applied(world, declared=figures(10))
    asked(world)
    approval = ApprovalRequest(id="A", account="NEW", kind="limit", subject="CA-1", amount=eur(20_000))
    return comes_to(
        world,
        lambda: decided(world),
        lambda: decided(world, approver="bob"),
        lambda: decided(world, approver="dora", by="dora"),
        lambda: world.app.request_approval(approval, by="ann", key="ask"),
        lambda: decided(world, approval="A"),
        lambda: world.app.grant_approval("NEW", "A", by="emil", key="grant"),
        lambda: decided(world, approval="A"),
        lambda: accepted(world),
    )


@case
def without_a_policy_for_applications_a_person_decides():
    world = having()
    world.open("NEW")
    applied(world)
    return comes_to(
        world,
        lambda: decided(world),
        lambda: decided(world, outcome="approved"),
        lambda: decided(world, outcome="approved", reason="known"),
        lambda: accepted(world),
    )
