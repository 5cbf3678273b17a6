"""Cases of dunning: channels and attempts, what a person decides, bureaus, limitation, customers made one and two, replay."""

import attrs
from tests.plans.cases_credit import new_key
from tests.plans.cases_money import TOLERANT
from tests.plans.test_charges import Scripted
from tests.plans.test_replay import catalog_of
from tests.plans.told import at, case, comes_to, days, having
from tests.service.world import EUR, TODAY, World, day, eur

from receivables import Contact, CreditLimit, DunningPolicy, DunningStep, Hold, Money
from receivables.documents.limitation import Suspension
from receivables.documents.payment import Designation
from receivables.plans.delivery import retry_from
from receivables.plans.replay import replay_all
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.bureau import BureauPolicy, BureauRules
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime
from receivables.ports import NotSent

BOUNCED, BUSY = NotSent(reason="unknown address", retry=False), NotSent(reason="busy", retry=True)
LOST = ConnectionError("no answer")
FEE = FeeRule.flat("reminder", eur(5))
REACHED = tuple(
    Contact(purpose="dunning", channel=channel, reference=f"{channel}-1") for channel in ("email", "letter", "sms")
)
MANY = DunningPolicy(
    id="standard",
    version=1,
    steps=(
        DunningStep(
            name="one",
            days_after_due=5,
            fallbacks=("letter", "phone", "sms"),
            most_attempts=2,
            retry_minutes=(30, 60),
            fee=FEE,
            claims_interest=True,
            pay_within_days=7,
            effects=frozenset({"hold", "escalate"}),
        ),
        DunningStep(name="two", days_after_due=9, needs_approval=True, template="harsh"),
    ),
    interest=InterestTerms.fixed("10"),
)
BY = {"reason": "because", "by": "ann", "approver": "bob"}


def dunned(*answers: object, policy: DunningPolicy = MANY, contacts: tuple[Contact, ...] = REACHED) -> World:
    """INV-1 over 3,650.00, due today: a day of interest is 1.00."""
    world = having(policy, notifier=Scripted(*answers))
    world.at(-30).open(contacts=contacts, language="fr")
    world.invoice("INV-1", 3650, 0)
    return world


def hour(world: World, offset: int, hour_: int, deed: object):
    return lambda: world.at(offset, hour_) and deed()


def letter(world: World, at: int = -1) -> str:
    """The key of the last letter to the customer, or of another one."""
    return [notice.key for notice in world.queued() if notice.audience == "customer"][at]


def outcome(world: World, said: str, by: str = "ann", at: int = -1, **more: object):
    return world.app.record_outcome("ACME", letter(world, at), said, by=by, key=new_key(world), **more)


# Channels and attempts ------------------------------------------------------------------------------------------------


@case
def a_letter_is_tried_as_often_as_its_step_says_then_on_the_next_channel_it_has():
    world = dunned(BUSY, BUSY, BUSY, BOUNCED, BOUNCED)
    return comes_to(
        world,
        at(world, 5, world.run),
        world.deliver,
        lambda: str(retry_from(world.app.account("ACME"), world.queued()[0], world.policies)),
        hour(world, 5, 6, world.deliver),
        hour(world, 5, 7, world.deliver),
        hour(world, 5, 8, world.deliver),
        hour(world, 5, 9, world.deliver),
        hour(world, 5, 10, world.deliver),
        at(world, 6, world.run),
    )


@case
def a_letter_that_went_out_on_another_channel_has_its_effects_once():
    world = dunned(BOUNCED)

    def unapplied(amount: object):
        return world.app.unapply("ACME", f"apply P INV-1 {amount} INV-1 {eur(amount)}#1", key=new_key(world))

    return comes_to(
        world,
        at(world, 5, world.run),
        world.deliver,
        world.deliver,
        lambda: world.settle("INV-1", 3649),
        at(world, 6, lambda: world.settle("INV-1", 1)),
        lambda: unapplied(1),
        lambda: world.app.apply("ACME", "P INV-1 1", "INV-1", eur(1), key="once more"),
        at(world, 7, lambda: world.app.unapply("ACME", "once more#1", key="back again")),
    )


@case
def a_person_says_what_became_of_a_letter_and_whether_a_harsh_one_goes_out():
    world = dunned(LOST)
    days(world, 5, 5)
    return comes_to(
        world,
        lambda: outcome(world, "sent", by="dunning"),
        lambda: outcome(world, "retry", detail="try again"),
        lambda: outcome(world, "sent"),
        world.deliver,
        hour(world, 5, 7, world.deliver),
        at(world, 9, world.run),
        world.deliver,
        lambda: world.app.approve_notice("ACME", letter(world), by="dunning", key=new_key(world)),
        lambda: world.app.reject_notice("ACME", letter(world), reason="wait", by="ann", key=new_key(world)),
        lambda: world.app.approve_notice("ACME", letter(world), by="ann", key=new_key(world)),
        lambda: outcome(world, "sent"),
        at(world, 10, lambda: outcome(world, "retry")),
        world.run,
        lambda: world.app.approve_notice("ACME", letter(world), by="ann", key=new_key(world)),
        world.deliver,
        lambda: outcome(world, "retry"),
    )


@case
def a_letter_that_failed_by_the_word_of_a_person_charges_nothing():
    world = dunned(LOST, contacts=REACHED[:1])
    days(world, 5, 5)
    return comes_to(
        world,
        lambda: outcome(world, "failed", detail="the server was down"),
        lambda: outcome(world, "retry", by="bob"),
        at(world, 6, world.run),
        world.deliver,
    )


@case
def a_letter_waits_is_taken_back_or_goes_out_as_the_account_is_when_it_is_sent():
    world = dunned()
    world.invoice("INV-2", 100, 4)
    silent = {"placed_on": day(5), "reason": "asked", "stops": frozenset({"contact"})}
    app = world.app
    return comes_to(
        world,
        at(world, 5, world.run),
        lambda: app.place_hold(Hold(id="H-1", account="ACME", item="INV-2", until=day(6), **silent), key="H-1"),
        world.deliver,
        lambda: app.place_hold(Hold(id="H-2", account="ACME", item="INV-1", **silent), key="H-2"),
        at(world, 7, world.deliver),
        lambda: app.release_hold("ACME", "H-2", on=day(7), key="over"),
        lambda: world.settle("INV-2", 40),
        world.deliver,
        world.deliver,
        at(world, 9, world.run),
        lambda: world.settle("INV-2", 60),
        lambda: world.settle("INV-1", 3650),
    )


@case
def a_ladder_is_moved_with_the_names_that_its_steps_have_there():
    world = dunned(policy=MANY)
    other = attrs.evolve(MANY, version=2, steps=(attrs.evolve(MANY.steps[0], name="mild", template="mild"),))
    world.invoice("INV-2", 100, 20)
    days(world, 5, 5)
    world.policies = attrs.evolve(world.policies, policies=(*world.policies.policies, other))
    world.restart()

    def moved(version: int, *steps: tuple[str, str], **more: object):
        return world.app.migrate_ladders("ACME", "standard", version, steps=steps, by="ann", key=new_key(world), **more)

    return comes_to(
        world,
        lambda: moved(3),
        lambda: moved(2),
        lambda: moved(2, ("one", "none")),
        lambda: moved(2, ("one", "mild"), items=("INV-2",)),
        lambda: moved(2, ("one", "mild"), items=("INV-1", "INV-9")),
        lambda: moved(2, ("one", "mild"), items=("INV-1",)),
        lambda: moved(2, ("one", "mild")),
        at(world, 6, lambda: moved(1, ("mild", "one"))),
        at(world, 9, world.run),
    )


# What becomes known late, and what a letter lacks ---------------------------------------------------------------------


@case
def a_letter_is_taken_back_where_something_began_before_it_and_became_known_after():
    world = dunned()
    world.invoice("INV-2", 100, 0)
    world.invoice("INV-3", 200, 0)
    world.invoice("INV-4", 300, 0)
    days(world, 1, 6)
    silent = {"reason": "asked", "stops": frozenset({"dunning"})}
    app = world.app

    def held(id: str, since: int, **more: object):
        return app.place_hold(Hold(id=id, account="ACME", placed_on=day(since), **silent, **more), by="ann", key=id)

    def extended(item: str, on: int, until: int):
        fields = {"due_on": day(until), "on": day(on), "reason": "she waits", "by": "ann", "approver": "bob"}
        return app.extend_due("ACME", item, key=f"extend {item} {on}", **fields)

    return comes_to(
        world,
        lambda: held("H-1", 5, document="INV-3"),
        lambda: held("H-2", 4, document="INV-2"),
        lambda: extended("INV-3", 5, 40),
        lambda: extended("INV-4", 4, 5),
        lambda: world.dispute("D", "INV-4", 300, opened_on=day(5)),
        lambda: world.dispute("D-2", "INV-1", 3649, opened_on=day(3)),
        lambda: world.dispute("D-3", "INV-1", 1, opened_on=day(4)),
        at(world, 7, world.deliver),
    )


@case
def a_step_that_followed_one_that_was_false_is_taken_back_with_it():
    world = dunned(policy=attrs.evolve(MANY, steps=(MANY.steps[0], attrs.evolve(MANY.steps[1], needs_approval=False))))
    world.invoice("INV-2", 100, 0)
    days(world, 1, 9)
    world.pay("P", 100, on=4)
    world.pay("Q", 100, on=8)
    return comes_to(
        world,
        lambda: world.apply("P", "INV-2", 100),
        lambda: world.app.unapply("ACME", "apply P INV-2 100.00 EUR#1", key="undo"),
        lambda: world.apply("Q", "INV-2", 100),
        world.run,
    )


@case
def a_letter_that_waits_claims_no_interest_that_was_claimed_otherwise_or_has_not_accrued():
    world = dunned()
    app = world.app
    return comes_to(
        world,
        at(world, 5, world.run),
        lambda: app.claim_interest("ACME", "INV-1", until=day(2), by="ann", key="claim"),
        world.deliver,
        lambda: world.pay("P", 1825, on=3),
        lambda: world.apply("P", "INV-1", 1825),
        world.deliver,
        world.deliver,
    )


@case
def a_letter_goes_out_without_a_fee_that_has_no_amount_in_its_currency_and_no_run_goes_back():
    world = dunned(contacts=())
    world.invoice("INV-USD", Money.of(80, "USD"), 0)
    return comes_to(
        world,
        at(world, 5, world.run),
        lambda: world.app.run_dunning(day(4), all_accounts=True),
        world.deliver,
    )


# Bureaus --------------------------------------------------------------------------------------------------------------


@case
def a_bureau_is_told_what_may_be_told_and_then_all_that_is_owed_to_it():
    register = BureauPolicy(
        id="register",
        version=1,
        bureau="trade register",
        rules=(BureauRules(valid_from=day(0), days_overdue=30, minimums=(eur(100),), update_days=9, closing_days=4),),
    )
    world = having(register)
    world.at(-60).open()
    world.invoice("INV-1", 300, -10)
    world.invoice("INV-2", 60, -29)
    world.invoice("INV-USD", Money.of(80, "USD"), -45)

    def report(*items: str):
        return world.app.report_debt("ACME", items, by="ann", approver="bob", key=new_key(world))

    def told(id: str, by: str = "ann"):
        return world.app.update_report("ACME", id, by=by, key=new_key(world))

    def withdrawn(id: str, code: str):
        return world.app.withdraw_report(
            "ACME", id, code, note="she said", by="ann", approver="bob", key=new_key(world)
        )

    return comes_to(
        world,
        at(world, -1, report),
        at(world, 0, lambda: report("INV-9")),
        lambda: report("INV-USD", "INV-2"),
        lambda: report("INV-USD", "INV-USD"),
        at(world, 1, report),
        at(world, 20, report),
        lambda: told("request 8#9"),
        lambda: told("request 8#1"),
        at(world, 21, lambda: world.settle("INV-1", 100)),
        lambda: world.dispute("D", "INV-1", 50),
        world.deliver,
        at(world, 22, lambda: told("request 8#1")),
        lambda: world.settle("INV-2", 60),
        lambda: world.app.resolve_dispute("ACME", "D", "rejected", on=day(22), by="ann", key="over"),
        at(world, 23, lambda: told("request 8#1", by="bob")),
        at(world, 24, lambda: world.settle("INV-1", 200)),
        lambda: told("request 8#1"),
        lambda: world.dispute("D-USD", "INV-USD", opened_on=day(0)),
        lambda: told("request 6#1"),
        lambda: withdrawn("request 8#9", "agreed"),
        lambda: withdrawn("request 6#1", "agreed"),
        lambda: withdrawn("request 6#1", "agreed"),
    )


# Limitation -----------------------------------------------------------------------------------------------------------


@case
def a_claim_lapses_unless_something_sets_its_period_going_anew():
    claims = LimitationPolicy(
        id="claims",
        version=1,
        regime=limitation_regime("AT"),
        warn_days_before=(30, 7),
        barred_stops=frozenset({"dunning"}),
    )
    world = having(claims)
    world.at(-1100).open()
    world.invoice("INV-1", 300, -1080)
    world.invoice("INV-2", 60, -1050)
    world.at(0)
    app = world.app

    def suspended(id: str, start: int, until: int | None, *items: str, **more: object):
        end = None if until is None else day(until)
        fields = {"kind": "agreement", "reason": "a standstill", "starts_on": day(start), "until": end, **more}
        return app.suspend_limitation(
            Suspension(id=id, account="ACME", items=items, **fields), by="ann", key=new_key(world)
        )

    def resumed(id: str, on: int):
        return app.resume_limitation("ACME", id, on=day(on), by="ann", key=new_key(world))

    def owned(*items: str, on: int = 0):
        return app.acknowledge_debt("ACME", *items, on=day(on), evidence="a letter", by="ann", key=new_key(world))

    def demanded(*items: str, on: int = 0):
        return app.record_demand("ACME", *items, on=day(on), evidence="signed for", by="ann", key=new_key(world))

    return comes_to(
        world,
        lambda: world.run(all_accounts=True),
        lambda: suspended("S-1", 5, 9, "INV-1", "INV-2"),
        lambda: suspended("S-1", 50, 90, "INV-1"),
        lambda: suspended("S-2", 9, None, "INV-1"),
        lambda: suspended("S-2", 3, 5, "INV-2"),
        lambda: suspended("S-2", 3, 4, "INV-2"),
        lambda: suspended("S-3", 10, None, "INV-1"),
        lambda: suspended("S-4", 20, 30, "INV-1"),
        lambda: suspended("S-4", 0, 1, "INV-9"),
        lambda: resumed("S-3", 9),
        lambda: resumed("S-1", 11),
        lambda: resumed("S-1", 4),
        lambda: resumed("S-1", 10),
        lambda: resumed("S-1", 10),
        lambda: resumed("S-3", 20),
        lambda: suspended("S-4", 20, 30, "INV-1"),
        lambda: owned("INV-9"),
        lambda: owned("INV-1", on=1),
        lambda: owned("INV-1", "INV-2", on=-1051 - 30),
        lambda: owned("INV-2"),
        lambda: owned(on=-1100),
        demanded,
        at(world, 9, lambda: world.run(all_accounts=True)),
        at(world, 17, lambda: world.run(all_accounts=True)),
        at(world, 80, lambda: world.run(all_accounts=True)),
        owned,
    )


# Customers made one and two -------------------------------------------------------------------------------------------


@case
def accounts_are_made_one_with_the_limits_of_the_whole_and_apart_when_nothing_concerns_both():
    matrix = AuthorityPolicy(
        id="open",
        version=2,
        roles=(Role(name="clerk", persons=("ann",)), Role(name="lead", persons=("bob", "ben"))),
        rules=(
            AuthorityRule(kind="merge", role="lead"),
            AuthorityRule(kind="limit", role="lead", up_to=eur(1000)),
        ),
    )
    world = having(matrix, TOLERANT)
    for id in ("A", "B", "C"):
        world.open(id)
        world.invoice(f"INV-{id}", 100, -3, id)
        world.pay(f"P-{id}", "99.50", id)
    world.app.open_group("G", key="group")

    def limit(amount: object, account: str = "A", **more: object) -> CreditLimit:
        fields = {"currency": EUR, "valid_from": TODAY, **more}
        return CreditLimit(account=account, amount=eur(amount), **fields)

    def merge(of: str, absorbed: str, *limits: CreditLimit, **more: object):
        return world.app.merge_accounts(of, absorbed, limits=limits, key=new_key(world), **{**BY, **more})

    def separate(of: str, absorbed: str, **more: object):
        return world.app.separate_accounts(of, absorbed, key=new_key(world), **{**BY, **more})

    return comes_to(
        world,
        lambda: merge("A", "B", limit(1001)),
        lambda: merge("A", "B", limit(1000), approver="cid"),
        lambda: merge("A", "B", limit(1000, "B")),
        lambda: merge("A", "B", limit(1000, kind="temporary")),
        lambda: merge("A", "B", limit(1000, valid_from=day(1))),
        lambda: merge("A", "group:G"),
        lambda: merge("A", "A"),
        lambda: merge("A", "B", limit(1000)),
        lambda: merge("C", "B"),
        lambda: merge("C", "A"),
        lambda: merge("C", "A", limit(900, "C")),
        lambda: world.app.settle("C", "P-C", ("INV-B",), key="settle"),
        lambda: world.promise("PTP", "INV-A", 50, 9, "C", items=("INV-A", "INV-C")),
        at(world, 5, world.run),
        lambda: separate("C", "B"),
        lambda: separate("C", "A", approver="cid"),
        lambda: separate("C", "A"),
        world.deliver,
        lambda: world.app.unapply("C", "settle#1", key="back"),
        lambda: world.app.withdraw_promise("C", "PTP", on=day(5), reason="wrong", key="wrong"),
        lambda: separate("C", "A"),
        lambda: separate("C", "A"),
    )


@case
def whole_invoices_go_with_what_settles_them_alone():
    world = having(TOLERANT)
    for id in ("A", "B", "C"):
        world.open(id)
    for number, amount in (("INV-1", 100), ("INV-2", 200), ("INV-3", 300)):
        world.invoice(number, amount, -8, "A")
    world.invoice("INV-C", 5, 9, "C")
    for source, amount in (("P-1", 60), ("P-2", 90), ("P-3", 50)):
        world.pay(source, amount, "A")
    world.apply("P-1", "INV-1", 60, "A")
    world.apply("P-2", "INV-2", 40, "A")
    world.apply("P-3", "INV-3", 20, "A")
    world.apply("P-3", "INV-2", 30, "A")
    world.pay("P-4", 30, "A", status="pending", method="card", designated=(Designation(item="INV-1", amount=eur(30)),))
    world.agree("PP", "INV-2 INV-3", (10, 410), account="A")

    def split(*documents: str, of: str = "A", to: str = "B", **more: object):
        return world.app.split_account(of, documents, to, key=new_key(world), **{**BY, **more})

    return comes_to(
        world,
        split,
        lambda: split("INV-1", "INV-1"),
        lambda: split("INV-9"),
        lambda: split("INV-1", to="A"),
        lambda: split("INV-1", to="Z"),
        lambda: split("INV-1", approver="ann"),
        lambda: split("INV-1"),
        lambda: world.app.fail_payment("A", "P-4", "declined", on=TODAY, key="failed"),
        lambda: split("INV-1"),
        lambda: split("INV-1"),
        lambda: split("INV-1", of="B", to="C"),
        lambda: split("INV-2"),
        lambda: split("INV-2", "INV-3"),
        lambda: world.app.refund("A", "P-2", eur(50), on=TODAY, key="refund"),
        lambda: world.app.merge_accounts("C", "B", key="merge", **BY),
        lambda: split("INV-2", "INV-3"),
        lambda: split("INV-2", "INV-3", to="C"),
    )


# Replay ---------------------------------------------------------------------------------------------------------------


@case
def what_policies_decided_is_made_again_from_the_log_and_the_catalog():
    world = having(MANY, TOLERANT)
    world.open()
    world.invoice("INV-1", 1000, 0)
    world.invoice("INV-2", 500, 9)
    world.limit(1700)
    world.order("A", 200)
    world.order("B", 100)
    days(world, 1, 8)
    world.pay("P", 1499)
    app = world.app
    app.settle("ACME", "P", ("INV-1", "INV-2"), key="settle")
    app.claim_interest("ACME", "INV-1", until=day(8), key="claim")
    app.score_customer("ACME", key="score")
    world.order("C", 9000)
    app.release_held_order("ACME", "C", key="let", **BY)
    app.return_payment("ACME", "P", "returned", "AM04", on=day(8), fee=eur(3), key="returned")
    catalog = catalog_of(world)
    without = [fact for fact in catalog if type(fact).__name__ != "PolicyPublished" or fact.policy.id != "trade"]
    log = list(app.history("ACME"))
    return [
        *(str(each) for each in replay_all("ACME", log, catalog, policies=world.policies)),
        "-- without the scorecard",
        *(str(each) for each in replay_all("ACME", log, without) if each.outcome != "same"),
        "-- without a catalog",
        *(str(each) for each in replay_all("ACME", log, [])),
    ]
