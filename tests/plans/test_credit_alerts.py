"""Alerts about limits: one when a share is passed, one when that is over, in turns."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import EUR, World, day, eur

from receivables import CreditLimit, CreditPolicy, Money, Order, PolicyBook
from receivables.documents.exchange import ExchangeRate
from receivables.facts.dunning import NoticeCancelled, NoticeQueued
from receivables.plans.credit_alerts import CROSSED
from receivables.plans.credit_commands import ReserveOrder
from receivables.policies.book import Choice

POLICY = CreditPolicy(id="standard", version=1, alert_percents=(80, 100))


def new_world(policy: CreditPolicy = POLICY, **more: object) -> World:
    """A limit of 1,000.00."""
    world = World(policies=PolicyBook.of(policy), **more)
    world.open()
    world.limit("1000")
    return world


@pytest.fixture
def world() -> World:
    return new_world()


def told(world: World) -> list[tuple[str, str]]:
    """What went out to staff, in order: what, and of which share."""
    list(world.app.deliver())
    return [
        (notice.template.rpartition("_")[2], notice.lines[0].step)
        for notice in world.notifier.notices
        if notice.audience == "staff"
    ]


def test_a_share_that_is_passed_is_told_once(world):
    world.invoice("A", "800", 20)
    assert told(world) == []
    world.invoice("B", "0.01", 20)
    assert told(world) == [("crossed", "EUR/80")]
    world.invoice("C", "10", 20)
    world.at(1).run(all_accounts=True)
    assert told(world) == [("crossed", "EUR/80")]


def test_that_it_is_over_is_told_once_and_that_it_is_passed_again_too(world):
    world.invoice("A", "1001", 20)
    assert told(world) == [("crossed", "EUR/80"), ("crossed", "EUR/100")]
    world.pay("P", "100")
    assert told(world)[2:] == [("cleared", "EUR/100")]
    world.pay("P2", "500")
    assert told(world)[3:] == [("cleared", "EUR/80")]
    world.invoice("B", "500", 20)
    assert told(world)[4:] == [("crossed", "EUR/80")]


def test_an_alert_that_waits_is_taken_back_when_it_is_not_so_any_more(world):
    world.invoice("A", "900", 20)
    world.pay("P", "900")
    assert [fact.reason for fact in world.facts(NoticeCancelled)] == ["not so any more"]
    assert told(world) == []
    world.invoice("B", "900", 20)
    assert told(world) == [("crossed", "EUR/80")]


def test_the_alert_says_what_is_used(world):
    world.invoice("A", "900", 20)
    (notice,) = [fact.notice for fact in world.facts(NoticeQueued)]
    assert (notice.audience, notice.channel, notice.template) == ("staff", "staff", CROSSED)
    assert (notice.lines[0].item, notice.lines[0].amount) == ("ACME", eur(900))


def test_an_increase_that_lapses_is_told_of_by_the_run_of_that_day_and_not_before(world):
    more = CreditLimit(
        account="ACME", currency=EUR, amount=eur(500), valid_from=day(0), valid_to=day(5), kind="temporary"
    )
    world.app.set_limit(more, key="more")
    world.invoice("A", "900", 20)
    for offset in range(1, 6):
        world.at(offset).run()
    assert told(world) == []
    world.at(6).run()
    assert told(world) == [("crossed", "EUR/80")]


def test_an_order_that_comes_within_the_horizon_is_told_of_on_that_day():
    world = new_world(CreditPolicy(id="standard", version=1, alert_percents=(80,), horizon_days=10))
    order = Order(id="O", account="ACME", amount=eur(900), placed_on=day(0), deliver_on=day(30))
    assert world.app.reserve(order, key="O").outcome == "approved"
    for offset in (1, 19):
        world.at(offset).run()
    assert told(world) == []
    world.at(20).run()
    assert told(world) == [("crossed", "EUR/80")]


def test_where_only_overdue_amounts_count_the_day_after_the_due_date_tells():
    policy = CreditPolicy(id="standard", version=1, alert_percents=(80,), counts=frozenset({"overdue"}))
    world = new_world(policy)
    world.invoice("A", "900", 3)
    world.at(3).run()
    assert told(world) == []
    world.at(4).run()
    assert told(world) == [("crossed", "EUR/80")]


def test_without_a_rate_nothing_is_said_and_with_one_all_currencies_count():
    policy = CreditPolicy(id="standard", version=1, alert_percents=(80,), limit_currency=EUR)
    world = new_world(policy)
    world.invoice("A", eur(500), 20)
    world.invoice("B", Money.of(500, "USD"), 20)
    assert told(world) == []
    world.restart(rates=[ExchangeRate.of("USD", "EUR", "0.9", on=day(0), source="ECB")])
    list(world.app.rewake(day(0)))
    assert told(world) == [("crossed", "EUR/80")]


def test_without_shares_nothing_is_told():
    world = new_world(CreditPolicy(id="standard", version=1))
    world.invoice("A", "5000", 20)
    assert told(world) == []


def test_what_was_told_is_cleared_though_the_limit_and_what_was_used_of_it_are_both_gone(world):
    world.order("A", "900")
    assert told(world) == [("crossed", "EUR/80")]
    world.app.withdraw_limit("ACME", "EUR", on=day(5), key="w")
    world.at(5)
    world.app.release_order("ACME", "A", on=day(5), key="r")
    assert told(world)[1:] == [("cleared", "EUR/80")]


def test_a_whole_that_is_below_is_told_of_once_whatever_was_told_of_its_parts_at_the_same_instant():
    world = new_world(CreditPolicy(id="standard", version=1, alert_percents=(80,)))
    world.open("BETA")
    world.limit("100", "BETA")
    world.order("A", "900")
    world.order("B", "90", "BETA")
    assert told(world) == [("crossed", "EUR/80"), ("crossed", "EUR/80")]
    whole = CreditLimit(account="ACME", currency=EUR, amount=eur(5000), valid_from=day(0))
    merged = {"reason": "one", "by": "ann", "approver": "bob"}
    world.app.merge_accounts("ACME", "BETA", **merged, limits=(whole,), key="merge")
    assert told(world)[2:] == [("cleared", "EUR/80")]
    world.run(all_accounts=True)
    assert told(world)[3:] == []
    world.app.separate_accounts("ACME", "BETA", **merged, key="apart")
    world.order("C", "4000")
    world.app.release_order("ACME", "C", on=day(0), key="cancel C")
    world.order("D", "4000")
    assert told(world)[3:] == [("crossed", "EUR/80")]


def test_an_alert_after_a_separation_is_another_one_than_what_was_taken_back_while_two_were_one(world):
    world.open("BETA")
    world.limit("100", "BETA")
    world.order("A", "900")
    world.order("B", "90", "BETA")
    told(world)
    world.app.release_order("ACME", "A", on=day(0), key="cancel A")
    assert told(world)[2:] == [("cleared", "EUR/80")]
    whole = CreditLimit(account="ACME", currency=EUR, amount=eur(1000), valid_from=day(0))
    merged = {"reason": "one", "by": "ann", "approver": "bob"}
    world.app.merge_accounts("ACME", "BETA", **merged, limits=(whole,), key="merge")
    world.order("C", "900")
    world.app.release_order("ACME", "C", on=day(0), key="cancel C")
    world.app.separate_accounts("ACME", "BETA", **merged, key="apart")
    world.order("D", "900")
    assert told(world)[3:] == [("crossed", "EUR/80")]
    keys = [fact.notice.key for fact in world.facts(NoticeQueued)]
    assert len(set(keys)) == len(keys) == 4


def test_days_that_no_calendar_has_are_no_days_on_which_to_look():
    far = 10**9
    policy = CreditPolicy(
        id="standard",
        version=1,
        alert_percents=(80,),
        horizon_days=far,
        overdue_margin_days=far,
        returned_payment_days=far,
        promise_days=far,
        counts=frozenset({"overdue", "ordered"}),
    )
    world = new_world(policy)
    order = Order(id="O", account="ACME", amount=eur(5000), placed_on=day(0), deliver_on=day(9).max)
    assert world.app.reserve(order, key="O").outcome == "held"
    world.invoice("I", "10", 3)
    world.agree("PP", "I", (5, "10"))
    world.pay("P", "10")
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=day(0), key="back")
    assert all(each.error is None for each in world.at(9).run(all_accounts=True))


# Groups ---------------------------------------------------------------------------------------------------------


def group_world(policy: CreditPolicy = POLICY, *more: object) -> World:
    """NORTH and SOUTH without a bound of their own, together 1,000.00."""
    world = World(policies=PolicyBook.of(policy, *more))
    world.app.open_group("G", key="group")
    for id in ("NORTH", "SOUTH"):
        world.open(id, group="G")
        world.limit(None, id)
    world.limit("1000", "group:G")
    return world


def of_group(world: World) -> list[tuple[str, str]]:
    """What went out about the limit of the group, in order."""
    list(world.app.deliver())
    notices = [notice for notice in world.notifier.notices if notice.account == "group:G"]
    return [(notice.template.rpartition("_")[2], notice.lines[0].step) for notice in notices]


def test_a_share_of_the_groups_limit_is_told_once_whichever_member_passes_it():
    world = group_world()
    world.order("N", "700", "NORTH")
    assert of_group(world) == []
    world.order("S", "101", "SOUTH")
    assert of_group(world) == [("crossed", "EUR/80")]
    world.order("S2", "10", "SOUTH")
    world.order("N2", "10", "NORTH")
    world.at(1).run(all_accounts=True)
    assert of_group(world) == [("crossed", "EUR/80")]
    assert told(world) == of_group(world)


def test_that_the_group_is_below_again_is_told_by_the_run_of_the_day_or_the_next_decision_about_an_order():
    world = group_world()
    world.order("N", "900", "NORTH")
    assert of_group(world) == [("crossed", "EUR/80")]
    world.app.release_order("NORTH", "N", on=day(0), key="cancel")
    assert of_group(world)[1:] == []
    world.run()
    assert of_group(world)[1:] == [("cleared", "EUR/80")]
    world.app.reopen_order("NORTH", "N", on=day(0), key="reopen")
    assert of_group(world)[2:] == [("crossed", "EUR/80")]
    world.pay("P", "500", "SOUTH")
    world.order("S", "1", "SOUTH")
    assert of_group(world)[3:] == [("cleared", "EUR/80")]


def test_an_invoice_of_a_member_that_passes_a_share_is_told_of_by_the_run_of_the_day():
    world = group_world()
    world.invoice("N", "500", 20, "NORTH")
    world.invoice("S", "400", 20, "SOUTH")
    assert of_group(world) == []
    world.run()
    assert of_group(world) == [("crossed", "EUR/80")]
    world.run()
    world.at(1).run(all_accounts=True)
    assert of_group(world) == [("crossed", "EUR/80")]


def test_a_group_whose_limit_expires_is_told_of_on_the_day_after():
    world = group_world()
    short = CreditLimit(account="group:G", currency=EUR, amount=eur(2000), valid_from=day(0), valid_to=day(2))
    world.app.set_limit(short, key="short")
    world.order("N", "10", "NORTH")
    world.at(2).run()
    assert of_group(world) == []
    world.at(3).run()
    assert of_group(world) == [("crossed", "EUR/80"), ("crossed", "EUR/100")]


def test_a_command_about_the_group_itself_says_nothing_because_it_does_not_know_the_members():
    world = group_world()
    world.order("N", "900", "NORTH")
    world.limit("5000", "group:G")
    assert of_group(world) == [("crossed", "EUR/80")]
    assert world.store._heads["group:G"].wake_on == day(0)
    world.run()
    assert of_group(world)[1:] == [("cleared", "EUR/80")]


def test_a_group_that_nobody_watches_sleeps():
    world = group_world(attrs.evolve(POLICY, alert_percents=()))
    world.order("N", "900", "NORTH")
    assert world.store._heads["group:G"].wake_on is None


def test_an_alert_about_the_group_that_waits_is_taken_back_when_it_is_not_so_any_more():
    world = group_world()
    world.order("N", "900", "NORTH")
    world.app.release_order("NORTH", "N", on=day(0), key="cancel")
    world.order("S", "1", "SOUTH")
    assert [fact.reason for fact in world.facts(NoticeCancelled, account="group:G")] == ["not so any more"]
    assert of_group(world) == []


def test_an_order_that_a_person_lets_go_tells_of_the_group():
    world = group_world()
    assert world.order("N", "1100", "NORTH").outcome == "held"
    assert of_group(world) == []
    world.app.release_held_order("NORTH", "N", reason="known", by="ann", approver="bob", key="go")
    assert of_group(world) == [("crossed", "EUR/80"), ("crossed", "EUR/100")]
    (notice,) = {each.notice.lines[0].amount for each in world.facts(NoticeQueued, account="group:G")}
    assert notice == eur(1100)


def test_orders_of_a_batch_tell_of_the_group_once():
    world = group_world()
    orders = [Order(id=f"O{at}", account="NORTH", amount=eur(450), placed_on=day(0)) for at in range(2)]
    results = list(world.app.record([ReserveOrder(order=order, key=order.id) for order in orders]))
    assert [result.unwrap().outcome for result in results] == ["approved", "approved"]
    assert of_group(world) == [("crossed", "EUR/80")]


def test_the_group_is_watched_by_the_policy_that_the_book_gives_for_its_account():
    own = CreditPolicy(id="groups", version=1, alert_percents=(50,))
    choices = (Choice(kind="credit", policy="groups", customer="group:G"), Choice(kind="credit", policy="standard"))
    world = World(policies=PolicyBook.of(POLICY, own, choices=choices))
    world.app.open_group("G", key="group")
    world.open("NORTH", group="G")
    world.limit("1000", "NORTH")
    world.limit("1000", "group:G")
    world.order("N", "600", "NORTH")
    assert told(world) == [("crossed", "EUR/50")]
    world.order("N2", "300", "NORTH")
    assert told(world)[1:] == [("crossed", "EUR/80")]
    assert of_group(world) == [("crossed", "EUR/50")]


def test_a_group_without_an_account_or_without_a_limit_is_not_told_of():
    world = World(policies=PolicyBook.of(attrs.evolve(POLICY, no_limit="approve")))
    world.open("NORTH", group="G")
    world.order("N", "600", "NORTH")
    world.app.open_group("G", key="group")
    world.order("N2", "600", "NORTH")
    world.limit("100", "group:G")
    assert told(world) == []
    world.order("N3", "1", "NORTH")
    assert told(world) == [("crossed", "EUR/80"), ("crossed", "EUR/100")]


STEPS = st.lists(st.tuples(st.sampled_from(("invoice", "pay", "deliver", "limit")), st.integers(1, 1500)), max_size=12)


@settings(max_examples=30)
@given(STEPS)
def test_what_is_told_of_a_share_alternates_and_ends_with_the_truth(steps):
    world = new_world()
    for at, (kind, amount) in enumerate(steps):
        world.at(at // 3)
        if kind == "invoice":
            world.invoice(f"I{at}", amount, 90)
        elif kind == "pay":
            world.pay(f"P{at}", amount)
        elif kind == "limit":
            limit = CreditLimit(account="ACME", currency=EUR, amount=eur(amount), valid_from=world.today)
            world.app.set_limit(limit, key=f"limit {at}")
        else:
            world.deliver()
    found = told(world)
    for percent in (80, 100):
        own = [word for word, subject in found if subject == f"EUR/{percent}"]
        assert own == [("crossed", "cleared")[at % 2] for at in range(len(own))]
        standing = POLICY.standing(world.app.view("ACME", world.today), "EUR")
        above = 100 * standing.exposure > percent * standing.limit
        assert above == (len(own) % 2 == 1)


MEMBER_STEPS = st.lists(
    st.tuples(
        st.sampled_from(("order", "invoice", "pay", "cancel", "limit", "deliver", "run")),
        st.sampled_from(("NORTH", "SOUTH")),
        st.integers(1, 900),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(MEMBER_STEPS, st.booleans())
def test_what_is_told_of_a_group_alternates_and_is_the_truth_after_each_run(steps, all_accounts):
    world = group_world()
    for at, (kind, member, amount) in enumerate(steps):
        world.at(at // 3)
        if kind == "order":
            world.order(f"O{at}", amount, member)
        elif kind == "invoice":
            world.invoice(f"I{at}", amount, 90, member)
        elif kind == "pay":
            world.pay(f"P{at}", amount, member)
        elif kind == "limit":
            world.limit(amount, "group:G")
        elif kind == "deliver":
            world.deliver()
        elif kind == "run":
            world.run(all_accounts=all_accounts)
            check_group(world)
        else:
            for each in world.app.view(member, world.today).orders:
                world.app.release_order(member, each.order.id, on=world.today, key=f"cancel {at} {each.order.id}")
    world.run(all_accounts=all_accounts)
    check_group(world)


def check_group(world: World) -> None:
    """That staff was told in turns, and that the last word is what plain sums say."""
    found = of_group(world)
    used = sum(POLICY.exposure(world.app.view(id, world.today), EUR).total() for id in ("NORTH", "SOUTH"))
    limit = POLICY.granted(attrs.evolve(world.app.view("group:G", world.today), customer=None), EUR).limit
    for percent in (80, 100):
        own = [word for word, subject in found if subject == f"EUR/{percent}"]
        assert own == [("crossed", "cleared")[at % 2] for at in range(len(own))]
        assert (100 * used > percent * limit) == (len(own) % 2 == 1)


def test_what_a_group_uses_in_another_currency_counts_with_a_rate_and_without_one_nothing_is_said():
    world = group_world(attrs.evolve(POLICY, limit_currency=EUR))
    world.invoice("N", Money.of(500, "USD"), 20, "NORTH")
    world.invoice("S", "500", 20, "SOUTH")
    world.run(all_accounts=True)
    assert of_group(world) == []
    world.restart(rates=[ExchangeRate.of("USD", "EUR", "0.9", on=day(0), source="ECB")])
    world.run(all_accounts=True)
    assert of_group(world) == [("crossed", "EUR/80")]
