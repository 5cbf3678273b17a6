"""Cases of risk and of what is seldom: classes, warnings, agencies, cards and mandates, orders of burden."""

import datetime as dt
from decimal import Decimal

import attrs
from tests.plans.cases_credit import credit, limited, new_key, ordered
from tests.plans.cases_money import LADDER
from tests.plans.told import at, case, comes_to, days, having
from tests.service.world import (
    EUR,
    TODAY,
    LosesAnswers,
    class_override,
    day,
    declared_figures,
    eur,
    external_score,
)

from receivables import Money, PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.documents.placement import CommissionTerms, Placement
from receivables.documents.request import PlanRequest, PromiseRequest
from receivables.plans.risk_commands import score_commands
from receivables.policies.appropriation import AppropriationOrder
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.early_warnings import WarningPolicy
from receivables.policies.windows import SendWindow

BY = {"by": "ann", "approver": "bob"}


@case
def a_customer_is_scored_by_how_it_pays_and_staff_is_told_when_its_class_changes():
    world = having(WarningPolicy(id="trade", version=1))
    world.open(language="it")
    world.app.open_group("G", key="group")
    world.invoice("INV-1", 100, 0)

    def scored(always: bool = False):
        return world.app.score_customer("ACME", always=always, by="night", key=new_key(world))

    def overridden(id: str, start: int, until: int | None, risk_class: str = "D", **more: object):
        fields = {"starts_on": day(start), "until": None if until is None else day(until), "risk_class": risk_class}
        override = attrs.evolve(class_override(id), **fields)
        return world.app.override_class(override, key=new_key(world), **{**BY, **more})

    def withdrawn(id: str, on: int):
        return world.app.withdraw_override("ACME", id, on=day(on), reason="over", by="ann", key=new_key(world))

    def all_scored():
        return [
            each.receipt or str(each.error) for each in world.app.record(score_commands(world.app.accounts(), day(42)))
        ]

    return comes_to(
        world,
        scored,
        scored,
        lambda: scored(always=True),
        lambda: overridden("O-1", 1, 3, "Z"),
        lambda: overridden("O-1", 1, 3, approver=None),
        lambda: overridden("O-1", 1, 3),
        lambda: overridden("O-1", 1, 3),
        at(world, 1, world.run),
        world.deliver,
        lambda: withdrawn("O-1", 0),
        lambda: withdrawn("O-1", 4),
        lambda: withdrawn("O-9", 1),
        at(world, 2, lambda: withdrawn("O-1", 2)),
        lambda: withdrawn("O-1", 2),
        at(world, 40, lambda: world.settle("INV-1", 100)),
        at(world, 41, scored),
        world.deliver,
        at(world, 42, all_scored),
    )


@case
def a_warning_is_raised_once_in_its_period_with_what_it_rests_on():
    world = having(WarningPolicy(id="trade", version=1))
    world.open()
    world.limit(1000)
    world.at(-40)
    for number in range(4):
        world.invoice(f"INV-{number}", 100 + number, -30 + number)
    for number in range(3):
        world.at(-20 + number).pay(f"P-{number}", 100 + number, method="direct_debit")
        world.apply(f"P-{number}", f"INV-{number}", 100 + number)
        world.app.return_payment("ACME", f"P-{number}", "returned", "AM04", on=world.today, key=f"back {number}")
    world.promise("PTP", "INV-3", 103, -15)
    return comes_to(
        world,
        at(world, 0, lambda: world.app.score_customer("ACME", key="score")),
        lambda: world.app.score_customer("ACME", key="again"),
        world.deliver,
        at(world, 1, lambda: world.app.score_customer("ACME", key="later")),
    )


@case
def scores_of_others_and_figures_are_of_a_day_that_is_over():
    world = having()
    world.open()
    external, figures = external_score("X"), declared_figures("F")
    return comes_to(
        world,
        lambda: world.app.record_external_score(attrs.evolve(external, on=day(1)), key="x0"),
        lambda: world.app.record_external_score(external, key="x1"),
        lambda: world.app.record_external_score(external, by="ann", key="x2"),
        lambda: world.app.declare_figures(attrs.evolve(figures, declared_on=day(1)), key="f0"),
        lambda: world.app.declare_figures(figures, by="ann", key="f1"),
        lambda: world.app.declare_figures(figures, key="f2"),
    )


@case
def what_is_with_an_agency_is_not_dunned_until_it_is_ours_again():
    world = having()
    world.open()
    for number, amount in (("INV-1", 1000), ("INV-2", 500), ("INV-USD", Money.of(9, "USD"))):
        world.invoice(number, amount, -7)
    world.pay("P", 100)
    terms = CommissionTerms(percent=Decimal(20))

    def placed(id: str, *items: str, on: int = 0, **more: object):
        placement = Placement(id=id, account="ACME", agency="inkasso", items=items, placed_on=day(on), terms=terms)
        return world.app.place_debt(placement, key=new_key(world), **{**BY, **more})

    def recalled(id: str, *items: str, on: int = 0):
        return world.app.recall_debt("ACME", id, items, on=day(on), reason="she pays", by="ann", key=new_key(world))

    def closed(id: str, on: int):
        return world.app.close_placement("ACME", id, "uncollectable", on=day(on), by="ann", key=new_key(world))

    def noted(id: str, payment: str):
        return world.app.note_collection("ACME", id, payment, by="ann", key=new_key(world))

    return comes_to(
        world,
        lambda: placed("PL-1", "INV-9"),
        lambda: placed("PL-1", "INV-1", "INV-USD"),
        lambda: placed("PL-1", "INV-1", on=1),
        lambda: placed("PL-1", "INV-1", "INV-2"),
        lambda: placed("PL-1", "INV-USD"),
        lambda: placed("PL-2", "INV-2"),
        world.run,
        lambda: recalled("PL-1", "INV-USD"),
        at(world, 1, lambda: recalled("PL-1", "INV-2", on=-1)),
        lambda: recalled("PL-1", "INV-2", on=2),
        lambda: recalled("PL-1", "INV-2", "INV-2", on=1),
        lambda: placed("PL-2", "INV-2", on=1),
        lambda: noted("PL-9", "P"),
        lambda: noted("PL-1", "Q"),
        lambda: noted("PL-1", "P"),
        lambda: noted("PL-2", "P"),
        lambda: closed("PL-1", 2),
        lambda: closed("PL-1", 1),
        lambda: closed("PL-1", 1),
        lambda: world.settle("INV-2", 500),
        lambda: recalled("PL-2", on=1),
    )


@case
def cards_and_mandates_are_kept_preferred_and_dropped_from_a_day_on():
    world = having()
    world.open()
    app = world.app

    def carded(token: str, on: int = 0, **more: object):
        return app.add_payment_method(
            "ACME", PaymentMethod(token=token, **more), on=day(on), by="ann", key=new_key(world)
        )

    def signed(id: str, on: int = 0, **more: object):
        mandate = Mandate(id=id, account="ACME", bank_account="DE** **** 3000", signed_on=day(on), **more)
        return app.sign_mandate(mandate, by="ann", key=new_key(world))

    return comes_to(
        world,
        lambda: carded("tok", expires=day(-1)),
        lambda: carded("tok", expires=day(9)),
        lambda: carded("tok"),
        lambda: signed("M-0", 1),
        lambda: signed("M-0", -1200),
        lambda: signed("M", -3),
        lambda: signed("tok"),
        lambda: app.remove_payment_method("ACME", "M", on=TODAY, key="r0"),
        lambda: app.revoke_mandate("ACME", "tok", on=TODAY, key="r1"),
        lambda: app.revoke_mandate("ACME", "M", on=day(-4), key="r2"),
        lambda: app.remove_payment_method("ACME", "tok", on=day(-1), key="r3"),
        lambda: app.prefer_payment_method("ACME", "tok", on=day(10), key="p0"),
        lambda: app.prefer_payment_method("ACME", "tok", on=day(9), by="ann", key="p1"),
        lambda: app.prefer_payment_method("ACME", "M", on=day(-4), key="p2"),
        lambda: app.revoke_mandate("ACME", "M", on=day(2), by="ann", key="r4"),
        lambda: app.revoke_mandate("ACME", "M", on=day(3), key="r5"),
        lambda: app.prefer_payment_method("ACME", "M", on=TODAY, key="p3"),
        lambda: app.remove_payment_method("ACME", "tok", on=TODAY, by="ann", key="r6"),
    )


@case
def the_share_of_a_limit_is_watched_by_what_is_delivered_soon_and_overdue():
    policy = credit(alert_percents=(50,), horizon_days=10, counts=frozenset({"overdue", "ordered"}), limit_currency=EUR)
    world = having(policy)
    world.open()
    limited(world, 100)
    limited(world, 20, 0, 30, kind="temporary")
    return comes_to(
        world,
        lambda: ordered(world, "A", 40, deliver_on=day(12)),
        at(world, 1, world.run),
        lambda: world.invoice("I", 30, 3, issued_on=day(1)),
        at(world, 2, world.run),
        at(world, 4, world.run),
        world.deliver,
        lambda: world.app.release_order("ACME", "A", on=day(4), key="cancel"),
    )


@case
def a_letter_whose_outcome_is_unknown_is_asked_for_again_only_while_it_is_true():
    ladder = attrs.evolve(LADDER, window=SendWindow(opens=dt.time(7), closes=dt.time(19)))
    world = having(ladder, notifier=LosesAnswers())
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    return comes_to(
        world,
        at(world, 10, world.run),
        world.deliver,
        lambda: world.at(10, 8) and world.deliver(),
        lambda: world.settle("INV-1", 50),
        world.deliver,
        lambda: world.at(10, 9) and world.deliver(),
        lambda: world.settle("INV-1", 3600),
        world.deliver,
    )


@case
def money_is_placed_first_on_what_bears_most():
    order = AppropriationOrder(id="burden", version=1, among=("most_burdensome", "oldest_due"))
    world = having(LADDER, order)
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    world.invoice("INV-2", 50, 4)
    days(world, 1, 12)
    world.pay("P", 3660, on=11)
    return comes_to(
        world,
        lambda: world.app.appropriate("ACME", "P", by="ann", key="place"),
        lambda: world.app.appropriate("ACME", "P", key="again"),
    )


@case
def what_a_customer_asks_for_beyond_the_authority_of_the_desk_goes_to_a_person():
    desk = ArrangementPolicy(
        id="desk", version=1, most_amounts=(eur(9000),), longest_promise_days=30, most_installments=3
    )
    matrix = AuthorityPolicy(
        id="open",
        version=2,
        roles=(Role(name="lead", persons=("bob",)),),
        rules=(AuthorityRule(kind="plan", role="lead"),),
    )
    world = having(desk, matrix)
    world.open()
    world.invoice("INV-1", 600, 0)

    def asked(request: object):
        return world.app.request_arrangement(request, by="portal", key=request.id)

    return comes_to(
        world,
        lambda: asked(PlanRequest(id="R-1", account="ACME", items=("INV-1",), count=2, first_on=day(5))),
        lambda: asked(PromiseRequest(id="R-2", account="ACME", items=("INV-1",), amount=eur(600), pay_by=day(5))),
    )
