"""Limits that are set and withdrawn, and held orders that a person lets go."""

import datetime as dt

import pytest
from tests.service.world import BOOK, EUR, TODAY, World, day, eur

from receivables import CreditLimit, CreditPolicy, Customer, Hold, Money, Order, Payment, PolicyBook
from receivables.documents.authority import ApprovalRequest
from receivables.documents.credit import DraftInvoice
from receivables.documents.exchange import ExchangeRate
from receivables.errors import ClaimTaken, InvalidValue, NotAuthorized, RateUnavailable, UnknownId
from receivables.facts.authority import AuthorityUsed
from receivables.facts.credit import LimitSet, OrderHeld, OrderReserved
from receivables.plans.commands import ReceivePayment
from receivables.plans.credit_commands import ReserveOrder
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.credit import SubLimit
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.limits import LimitDefault

ROLES = (Role(name="clerk", persons=("ann",)), Role(name="manager", persons=("bob",)))


def matrix(kind: str, *, up_to: int) -> AuthorityPolicy:
    """A clerk up to an amount, a manager without a bound."""
    rules = (AuthorityRule(kind=kind, role="clerk", up_to=eur(up_to)), AuthorityRule(kind=kind, role="manager"))
    return AuthorityPolicy(id="authority", version=1, roles=ROLES, rules=rules)


def new_world(*policies: object, **credit: object) -> World:
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1, **credit), *policies))
    world.open()
    return world


def limit(amount: int | None, since: int = 0, until: int | None = None, **more: object) -> CreditLimit:
    money = None if amount is None else eur(amount)
    end = None if until is None else day(until)
    return CreditLimit(account="ACME", currency=EUR, amount=money, valid_from=day(since), valid_to=end, **more)


def put(world: World, found: CreditLimit, **more: object) -> None:
    world.app.set_limit(found, key=f"{found}", **more)


def nothing_is_recorded(world: World, error: type[Exception], deed) -> Exception:
    facts = world.store.facts("ACME")
    with pytest.raises(error) as caught:
        deed()
    assert world.store.facts("ACME") == facts
    return caught.value


# Limits that contradict -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("review", [-1, 31])
def test_a_review_outside_the_days_of_the_limit_is_refused(review):
    world = new_world()
    found = limit(100, since=0, until=30, review_on=day(review))
    error = nothing_is_recorded(world, InvalidValue, lambda: put(world, found))
    assert error.field == "limit.review_on"


def test_a_limit_that_ends_within_the_days_of_an_earlier_one_is_refused_because_that_does_not_come_back():
    world = new_world()
    put(world, limit(100, since=0, until=300))
    error = nothing_is_recorded(world, InvalidValue, lambda: put(world, limit(200, since=10, until=20)))
    assert error.field == "limit.valid_to"
    put(world, limit(200, since=10, until=300))
    put(world, limit(300, since=20))


def test_of_two_limits_with_ends_the_one_within_the_other_is_refused_whichever_was_set_first():
    world = new_world()
    put(world, limit(100, since=50, until=100))
    error = nothing_is_recorded(world, InvalidValue, lambda: put(world, limit(200, since=0, until=200)))
    assert error.field == "limit.valid_to"
    put(world, limit(120, since=50))
    put(world, limit(200, since=0, until=200))


def test_an_open_end_is_replaced_and_increases_may_overlap():
    world = new_world()
    put(world, limit(100))
    put(world, limit(200, since=10, until=20))
    put(world, limit(50, since=1, until=9, kind="temporary"))
    put(world, limit(60, since=2, until=5, kind="temporary"))
    assert world.app.view("ACME", day(3)).limits[-1].amount == eur(60)


def test_a_policy_can_refuse_every_overlap_of_one_kind():
    world = new_world(overlaps="refuse")
    put(world, limit(100, until=30))
    error = nothing_is_recorded(world, InvalidValue, lambda: put(world, limit(200, since=30)))
    assert error.field == "limit.valid_from"
    put(world, limit(200, since=31))
    put(world, limit(20, since=5, kind="insured"))


def test_who_approves_a_limit_did_not_ask_for_it():
    world = new_world()
    nothing_is_recorded(world, InvalidValue, lambda: put(world, limit(100), by="ann", approver="ann"))
    put(world, limit(100), by="ann", approver="bob")


def test_a_limit_takes_the_authority_for_its_amount():
    world = new_world(matrix("limit", up_to=1_000))
    put(world, limit(1_000), by="ann")
    nothing_is_recorded(world, NotAuthorized, lambda: put(world, limit(1_001, since=1), by="ann"))
    nothing_is_recorded(world, NotAuthorized, lambda: put(world, limit(None, since=1), by="ann"))
    nothing_is_recorded(world, NotAuthorized, lambda: put(world, limit(100, since=2)))
    put(world, limit(2_000, since=1, maker="ann", approver="bob"))
    used = world.facts(AuthorityUsed)
    assert [(fact.kind, fact.amount, fact.approvers) for fact in used] == [
        ("limit", eur(1_000), ()),
        ("limit", eur(2_000), ("bob",)),
    ]


def test_an_increase_takes_the_authority_for_what_it_comes_to_with_what_is_inherited():
    world = new_world(matrix("limit", up_to=1_000), defaults=(LimitDefault(currency=EUR, amount=eur(800)),))
    put(world, limit(200, until=9, kind="temporary"), by="ann")
    nothing_is_recorded(world, NotAuthorized, lambda: put(world, limit(1, until=9, kind="temporary"), by="ann"))
    put(world, limit(1_000, since=10), by="ann")
    unlimited = new_world(matrix("limit", up_to=1_000), defaults=(LimitDefault(currency=EUR, amount=None),))
    nothing_is_recorded(unlimited, NotAuthorized, lambda: put(unlimited, limit(1, kind="temporary"), by="ann"))


# Limits that are withdrawn --------------------------------------------------------------------------------------

DEFAULT = LimitDefault(currency=EUR, amount=eur(300))


def test_zero_is_for_this_customer_and_a_limit_that_is_withdrawn_inherits_again():
    world = new_world(defaults=(DEFAULT,))
    assert world.order("A", "300").outcome == "approved"
    world.limit("0")
    assert world.order("B", "1").outcome == "held"
    world.app.withdraw_limit("ACME", "EUR", on=TODAY, key="inherit again")
    assert world.order("C", "1").outcome == "held"
    assert world.app.view("ACME", TODAY).limits == ()
    world.app.release_order("ACME", "A", on=TODAY, key="cancel")
    assert {order.order.id: order.status for order in world.app.view("ACME", TODAY).orders} == {
        "B": "reserved",
        "C": "reserved",
    }


def test_a_limit_that_is_set_after_the_withdrawal_counts():
    world = new_world()
    world.limit("100")
    world.app.withdraw_limit("ACME", "EUR", on=TODAY, key="w")
    world.limit("50")
    assert [found.amount for found in world.app.view("ACME", TODAY).limits] == [eur(50)]


def test_a_withdrawal_holds_from_its_day_on():
    world = new_world()
    world.limit("100")
    world.app.withdraw_limit("ACME", "EUR", on=day(5), key="w")
    assert len(world.app.view("ACME", day(4)).limits) == 1
    assert world.app.view("ACME", day(5)).limits == ()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"currency": "USD"}, UnknownId),
        ({"kind": "insured"}, UnknownId),
        ({"kind": "whole"}, InvalidValue),
        ({"on": day(-1)}, InvalidValue),
    ],
)
def test_a_withdrawal_of_what_is_not_there_or_of_yesterday_is_refused(fields, error):
    world = new_world()
    world.limit("100")
    asked = {"currency": "EUR", "on": TODAY, **fields}
    nothing_is_recorded(world, error, lambda: world.app.withdraw_limit("ACME", **asked, key="w"))


# Held orders that a person lets go ------------------------------------------------------------------------------


def let_go(world: World, order: str = "A", **more: object):
    asked = {"reason": "paid by wire today", "by": "ann", "approver": "bob", **more}
    return world.app.release_held_order("ACME", order, key=f"let go {order} {asked}", **asked)


def test_a_held_order_is_let_go_with_the_reasons_that_held_it():
    world = new_world()
    world.limit("1000")
    assert world.order("A", "1500").outcome == "held"
    receipt = let_go(world)
    assert (receipt.outcome, [str(each) for each in receipt.reasons]) == ("released", ["limit_exceeded (500.00 EUR)"])
    (fact,) = world.facts(OrderReserved)
    assert (fact.record.approver, fact.record.because, fact.record.overrode) == (
        "bob",
        "paid by wire today",
        receipt.reasons,
    )
    assert world.exposure() == 1500


def test_it_is_let_go_once():
    world = new_world()
    world.limit("10")
    world.order("A", "20")
    let_go(world)
    nothing_is_recorded(world, UnknownId, lambda: let_go(world, reason="again"))
    world.pay("P", "1000")
    assert len(world.facts(OrderReserved)) == 1


def test_without_a_policy_somebody_else_must_agree():
    world = new_world()
    world.limit("10")
    world.order("A", "20")
    for approver in (None, "ann"):
        nothing_is_recorded(world, InvalidValue, lambda who=approver: let_go(world, approver=who))


def test_with_a_policy_the_authority_is_for_the_shortfall():
    world = new_world(matrix("order_release", up_to=500))
    world.limit("1000")
    world.order("A", "1500")
    world.order("B", "1501")
    assert let_go(world, approver=None).outcome == "released"
    nothing_is_recorded(world, NotAuthorized, lambda: let_go(world, "B", approver=None))
    assert let_go(world, "B").outcome == "released"
    assert [fact.amount for fact in world.facts(AuthorityUsed)] == [eur(500), eur("2001")]


def test_where_no_limit_is_short_the_authority_is_for_the_order():
    world = new_world(matrix("order_release", up_to=100))
    world.limit("1000")
    hold = Hold(id="H", account="ACME", placed_on=TODAY, reason="stop", stops=frozenset({"credit"}))
    world.app.place_hold(hold, key="H")
    world.order("A", "101")
    nothing_is_recorded(world, NotAuthorized, lambda: let_go(world, approver=None))
    let_go(world)
    assert world.facts(AuthorityUsed)[0].amount == eur(101)


def test_one_more_reason_never_takes_less_authority():
    world = new_world(matrix("order_release", up_to=100), hold_overdue_days=5)
    world.limit("1000")
    world.invoice("I", "1", -20)
    assert str(world.order("A", "1000")) == "held: overdue (20 days), limit_exceeded (1.00 EUR)"
    nothing_is_recorded(world, NotAuthorized, lambda: let_go(world, approver=None))
    let_go(world)
    assert world.facts(AuthorityUsed)[0].amount == eur(1000)


def test_shortfalls_in_two_currencies_are_compared_in_that_of_the_limit():
    world = World(
        policies=PolicyBook.of(
            CreditPolicy(
                id="standard",
                version=1,
                limit_currency=EUR,
                sub_limits=(SubLimit(component="ordered", amount=Money.of(10, "USD")),),
            ),
            matrix("order_release", up_to=80),
        ),
        rates=[ExchangeRate.of("USD", "EUR", "0.9", on=TODAY, source="ECB")],
    )
    world.open()
    world.limit("10")
    receipt = dollars(world, "A", 100)
    assert str(receipt) == "held: limit_exceeded (80.00 EUR), ordered_sub_limit (90.00 USD)"
    nothing_is_recorded(world, NotAuthorized, lambda: let_go(world, approver=None))
    let_go(world)
    assert world.facts(AuthorityUsed)[0].amount == eur(81)


def test_an_order_that_fits_by_now_takes_no_authority():
    world = new_world(matrix("order_release", up_to=1), returned_payment_days=3)
    world.limit("1000")
    world.pay("P", "10")
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=TODAY, key="back")
    assert world.order("A", "100").outcome == "held"
    world.at(4)
    assert let_go(world, approver=None).outcome == "approved"
    assert world.facts(AuthorityUsed) == []
    assert world.facts(OrderReserved)[0].record.overrode == ()


def test_what_time_alone_frees_is_freed_by_the_run_of_the_day():
    world = new_world(returned_payment_days=3)
    world.limit("1000")
    world.pay("P", "10")
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=TODAY, key="back")
    world.order("A", "100")
    for offset in (1, 2, 3):
        world.at(offset).run()
    assert world.facts(OrderReserved) == []
    world.at(4).run()
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]
    world.at(5).run()
    assert len(world.facts(OrderReserved)) == 1


# Groups ---------------------------------------------------------------------------------------------------------


def group_world() -> World:
    """NORTH and SOUTH without a bound of their own, together 1,000.00, of which NORTH uses 900.00."""
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1, inherit_group=True)))
    world.app.open_group("G", key="group")
    for id in ("NORTH", "SOUTH"):
        world.open(id, group="G")
    world.limit("1000", "group:G")
    world.order("N", "900", "NORTH")
    return world


def test_a_member_inherits_the_limit_of_the_group_where_the_policy_says_so():
    world = group_world()
    assert world.order("S", "100", "SOUTH").outcome == "approved"
    assert str(world.order("S2", "1", "SOUTH")) == "held: group_limit_exceeded (1.00 EUR)"


def test_a_held_order_of_a_member_is_freed_by_the_run_of_the_day_when_another_member_paid():
    world = group_world()
    assert world.order("S", "200", "SOUTH").outcome == "held"
    world.pay("P", "100", "NORTH")
    assert len(world.facts(OrderReserved, account="SOUTH")) == 0
    version = world.store.load(["group:G"])["group:G"].version
    world.at(1).run()
    assert [fact.order.id for fact in world.facts(OrderReserved, account="SOUTH")] == ["S"]
    assert world.store.load(["group:G"])["group:G"].version == version + 1
    world.at(2).run()
    assert len(world.facts(OrderReserved, account="SOUTH")) == 1


def test_of_two_members_that_wait_for_the_same_room_one_gets_it():
    world = group_world()
    world.order("S", "200", "SOUTH")
    world.order("N2", "200", "NORTH")
    world.pay("P", "100", "NORTH")
    world.at(1).run()
    freed = [fact for id in ("NORTH", "SOUTH") for fact in world.facts(OrderReserved, account=id)]
    assert sorted(fact.order.id for fact in freed) == ["N", "N2"]


def test_an_order_that_a_batch_frees_guards_the_group_though_its_command_that_looks_at_the_group_is_refused():
    world = group_world()
    world.order("S", "200", "SOUTH")
    world.pay("P", "100", "NORTH")
    version = world.store.load(["group:G"])["group:G"].version
    paid = Payment(id="Q", account="SOUTH", amount=eur("0.01"), value_date=TODAY)
    other = Order(id="S", account="SOUTH", amount=eur(1), placed_on=TODAY)
    results = list(world.app.record([ReceivePayment(payment=paid, key="Q"), ReserveOrder(order=other, key="other S")]))
    assert [type(each.error) for each in results] == [type(None), ClaimTaken]
    assert [fact.order.id for fact in world.facts(OrderReserved, account="SOUTH")] == ["S"]
    assert world.store.load(["group:G"])["group:G"].version == version + 1


def test_a_run_over_all_accounts_gives_the_same():
    results = []
    for everywhere in (False, True):
        world = group_world()
        world.order("S", "200", "SOUTH")
        world.pay("P", "100", "NORTH")
        world.at(1).run(all_accounts=everywhere)
        results.append([world.store.facts(id) for id in ("NORTH", "SOUTH", "group:G")])
    assert results[0] == results[1]


def test_an_opened_group_without_a_limit_is_answered_as_the_policy_answers_a_missing_limit():
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1)))
    world.app.open_group("G", key="group")
    world.open("NORTH", group="G")
    world.limit(None, "NORTH")
    assert str(world.order("N", "1", "NORTH")) == "held: no_group_limit"


def test_a_group_is_in_no_group_its_own_or_another():
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1)))
    world.app.open_group("G", key="group")
    for group in ("G", "H"):
        with pytest.raises(InvalidValue, match=r"customer\.group"):
            world.open("group:K", group=group)
        with pytest.raises(InvalidValue, match=r"customer\.group"):
            world.app.change_customer(Customer(id="group:G", group=group), on=TODAY, key=f"join {group}")
    assert [len(world.store.facts(id)) for id in ("group:G", "group:K")] == [1, 0]


# Rates ----------------------------------------------------------------------------------------------------------


def rate(value: str, on: dt.date) -> ExchangeRate:
    return ExchangeRate.of("USD", "EUR", value, on=on, source="ECB")


def dollar_world() -> World:
    policy = CreditPolicy(
        id="standard",
        version=1,
        limit_currency=EUR,
        exchange=ExchangePolicy(id="daily", version=1, max_age_days=2),
    )
    world = World(policies=PolicyBook.of(policy), rates=[rate("0.90", TODAY)])
    world.open()
    world.limit("1000")
    return world


def dollars(world: World, id: str, amount: int):
    order = Order(id=id, account="ACME", amount=Money.of(amount, "USD"), placed_on=world.today)
    return world.app.reserve(order, key=id)


def test_an_order_in_another_currency_counts_by_the_rate_and_the_record_keeps_it():
    world = dollar_world()
    assert dollars(world, "A", 1_000).outcome == "approved"
    assert str(dollars(world, "B", 112)) == "held: limit_exceeded (0.80 EUR)"
    assert dollars(world, "C", 111).outcome == "approved"
    assert world.facts(OrderReserved)[0].record.rates == (rate("0.90", TODAY),)
    assert world.facts(OrderHeld)[0].record.exposure == eur(900)


def test_a_rate_that_is_missing_or_too_old_refuses_and_records_nothing():
    world = dollar_world()
    world.at(3)
    error = nothing_is_recorded(world, RateUnavailable, lambda: dollars(world, "A", 10))
    assert (error.code, error.age_days, error.currencies) == ("rate_stale", 3, ("USD", "EUR"))
    world.restart(rates=[])
    assert nothing_is_recorded(world, RateUnavailable, lambda: dollars(world, "B", 10)).code == "rate_missing"
    assert world.order("E", "1000").outcome == "approved"


def test_a_limit_that_only_the_rate_exceeded_is_a_warning():
    world = dollar_world()
    dollars(world, "A", 1_000)
    world.at(1).restart(rates=[rate("1.05", day(1))])
    receipt = dollars(world, "B", 10)
    assert (receipt.outcome, [str(each) for each in receipt.reasons]) == ("warned", ["rate_breach (60.50 EUR)"])
    assert world.order("C", "1000").outcome == "held"


def test_the_rates_of_a_service_are_checked():
    with pytest.raises(Exception, match=r"receivables\.rates"):
        World(policies=BOOK, rates=["0.9"])


def test_a_limit_set_by_a_service_keeps_who_recorded_it():
    world = new_world()
    put(world, limit(100), by="ann")
    assert [fact.by for fact in world.facts(LimitSet)] == ["ann"]
    assert world.app.account("ACME").credit.limits[0].by == "ann"


def test_held_orders_that_need_a_rate_wait_for_it_and_keep_back_no_other():
    world = dollar_world()
    assert dollars(world, "USD", 1_200).outcome == "held"
    assert world.order("EUR", "1010").outcome == "held"
    world.restart(rates=[])
    world.pay("P", "200")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["EUR"]


def test_without_a_credit_policy_no_order_is_decided_and_held_ones_wait():
    world = new_world()
    put(world, limit(100))
    assert world.order("A", "120").outcome == "held"
    world.restart(policies=PolicyBook())
    error = nothing_is_recorded(world, UnknownId, lambda: world.order("B", "10"))
    assert (error.kind, error.id) == ("credit policy for account", "ACME")
    world.pay("P", "50")
    assert world.facts(OrderReserved) == []
    world.restart(policies=PolicyBook.of(CreditPolicy(id="standard", version=1)))
    world.pay("P-2", "1")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]


@pytest.mark.parametrize(("paid", "outcome"), [("499.99", "released"), ("500", "approved")])
def test_a_held_order_that_is_delivered_has_nothing_left_that_could_exceed_the_limit_by_itself(paid, outcome):
    world = new_world(returned_payment_days=3)
    world.limit("1000")
    world.pay("P", "1")
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=TODAY, key="back")
    world.order("A", "1500")
    world.app.deliver_order("ACME", "A", eur(1500), on=TODAY, key="all of it")
    world.pay("Q", paid)
    world.at(4)
    receipt = let_go(world)
    assert receipt.outcome == outcome
    short = [reason.amount for reason in receipt.reasons if reason.code == "limit_exceeded"]
    assert short == ([eur("0.01")] if outcome == "released" else [])


def test_the_whole_order_is_at_stake_where_a_hold_stops_it_for_what_is_delivered_may_come_back():
    """A draft that is dropped and a delivery that is credited are reserved again, and nobody is asked then."""
    world = new_world(matrix("order_release", up_to=100))
    world.limit("1000")
    hold = Hold(id="H", account="ACME", placed_on=TODAY, reason="stop", stops=frozenset({"credit"}))
    world.app.place_hold(hold, key="H")
    world.order("A", "100")
    world.app.deliver_order("ACME", "A", eur(100), on=TODAY, key="all of it")
    assert let_go(world, approver=None).outcome == "released"
    assert [fact.amount for fact in world.facts(AuthorityUsed)] == [eur(100)]


def test_a_draft_and_a_cancellation_of_a_later_day_take_nothing_off_what_is_at_stake():
    world = new_world(matrix("order_release", up_to=99))
    world.limit("1000")
    hold = Hold(id="H", account="ACME", placed_on=TODAY, reason="stop", stops=frozenset({"credit"}))
    world.app.place_hold(hold, key="H")
    world.order("A", "100")
    draft = DraftInvoice(id="D", account="ACME", amount=eur(99), drafted_on=TODAY, order="A")
    world.app.record_draft(draft, key="D", by="ann")
    with pytest.raises(NotAuthorized, match=r"of 100.00 EUR"):
        let_go(world, approver=None)
    world.app.release_order("ACME", "A", on=day(9), key="given up later")
    world.app.drop_draft("ACME", "D", on=TODAY, key="drop")
    with pytest.raises(NotAuthorized, match=r"of 100.00 EUR"):
        let_go(world, approver=None)


def test_an_increase_counts_on_a_base_that_is_withdrawn_only_later():
    world = new_world(matrix("limit", up_to=5000))
    world.app.set_limit(limit(5000), by="ann", key="base")
    world.app.withdraw_limit("ACME", "EUR", on=day(30), by="bob", key="withdraw")
    with pytest.raises(NotAuthorized, match=r"of 10000.00 EUR"):
        world.app.set_limit(limit(5000, 0, 29, kind="temporary"), by="ann", key="while it is there")
    world.app.set_limit(limit(5000, 30, 60, kind="temporary"), by="ann", key="when it is gone")


def test_an_approval_to_withdraw_a_limit_is_none_to_set_one_without_a_bound():
    world = new_world(matrix("limit", up_to=5000))
    world.app.set_limit(limit(5000), by="ann", key="base")
    asked = ApprovalRequest(id="A-1", account="ACME", kind="limit", subject="withdraw EUR/base", note="bad news")
    world.app.request_approval(asked, by="ann", key="ask")
    world.app.grant_approval("ACME", "A-1", by="bob", key="grant")
    with pytest.raises(InvalidValue, match="must be for subject 'EUR/base', and is for 'withdraw EUR/base'"):
        world.app.set_limit(limit(None), by="ann", approval="A-1", key="unlimited")
    world.app.withdraw_limit("ACME", "EUR", on=TODAY, by="ann", approval="A-1", key="withdraw")
