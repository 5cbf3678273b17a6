"""Payment plans: the closed form is what a day by day reading gives, knowledge comes in any order, totals never move."""

import datetime as dt
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import STRICT, World, all_facts, day, eur, picture

from receivables import Account, Choice, Customer, Invoice, Money, Payment, PolicyBook, aging, fold
from receivables.documents.payment import Allocation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.errors import ReceivablesError
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.charge import ChargeReinstated, ChargeWaived
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.state.payment_plan import LIFE, Cancellation, Movement, PaymentPlans, PlanEntry, Reinstatement

NOW = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


@st.composite
def plans(draw: st.DrawFn, items: tuple[str, ...] = ("INV-1",), total: int | None = None) -> PaymentPlan:
    """A plan of a few weeks, so that days, payments and deadlines meet."""
    count = draw(st.integers(1, 4))
    weights = draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    amounts = Money(total or 10 * sum(weights), eur(1).currency).split(weights)
    offsets = sorted(draw(st.sets(st.integers(0, 20), min_size=count, max_size=count)))
    return PaymentPlan(
        id="PP-1",
        account="ACME",
        items=items,
        agreed_on=day(0),
        grace_days=draw(st.integers(0, 3)),
        installments=tuple(
            PlanInstallment(due_on=day(offset), amount=amount)
            for offset, amount in zip(offsets, amounts, strict=True)
            if amount.minor
        ),
    )


def simulated(plan: PaymentPlan, money: Any, reinstated: Any, cancelled: int | None) -> list[str]:
    """The status on each day, read forward: what a clerk with a calendar would say."""
    last_days = [each.due_on + dt.timedelta(days=plan.grace_days) for each in plan.installments]
    amounts = [each.amount.minor for each in plan.installments]
    total, performs, start, done_since, found = sum(amounts), True, 0, None, []
    for offset in range(40):
        today, over = day(offset), cancelled is not None and cancelled < offset
        before = max(0, sum(amount for on, amount in money if on < offset))
        needed = sum(amount for amount, last in zip(amounts, last_days, strict=True) if last < today)
        if performs and not over and offset > start and before < needed:
            performs = False
        for on, catch_up in reinstated:
            if on == offset and not over:
                start = start if performs else offset
                performs = True
                last_days = [day(catch_up) if last < today else last for last in last_days]
        settled = sum(amount for on, amount in money if on <= offset) >= total
        done_since = (offset if done_since is None else done_since) if settled else None
        if performs and done_since is not None and (cancelled is None or done_since <= cancelled or offset < cancelled):
            found.append("completed")
        elif cancelled is not None and cancelled <= offset:
            found.append("cancelled")
        else:
            found.append("performing" if performs else "defaulted")
    return found


def read(plan: PaymentPlan, money: Any, reinstated: Any, cancelled: int | None) -> list[Any]:
    """The state on each day as the library works it out from the facts that are in effect."""
    slice_ = PaymentPlans(
        agreed=(PlanEntry(plan, 0, None, plan.agreed_on, NOW),),
        reinstatements=tuple(Reinstatement("PP-1", day(catch_up), day(on), LATER) for on, catch_up in reinstated),
        cancellations=() if cancelled is None else (Cancellation("PP-1", day(cancelled), LATER),),
    )
    moves = [Movement(day(on), "INV-1", amount, LATER) for on, amount in money]
    return [slice_.states(day(n), None, [each for each in moves if each.on <= day(n)])[0] for n in range(40)]


@given(
    plans(),
    st.lists(st.tuples(st.integers(0, 30), st.integers(-4, 12).map(lambda tens: 10 * tens)), max_size=6),
    st.lists(
        st.integers(1, 25).flatmap(lambda on: st.tuples(st.just(on), st.integers(on, 35))), max_size=2, unique=True
    ),
    st.none() | st.integers(0, 30),
)
def test_the_status_of_a_day_is_what_reading_day_by_day_gives(plan, money, reinstated, cancelled):
    reinstated = sorted(reinstated, key=lambda each: each[0])
    states = read(plan, money, reinstated, cancelled)
    statuses = [state.status for state in states]
    assert statuses == simulated(plan, money, reinstated, cancelled)
    for one, next_ in pairwise(statuses):
        assert next_ == one or next_ in LIFE[one]
    for offset, state in enumerate(states):
        assert sum(part.left for part in state.parts) == state.left
        if state.status in ("performing", "defaulted"):
            assert state.since <= day(offset)


@given(plans(), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12).map(lambda tens: 10 * tens)), max_size=5))
def test_the_day_that_is_foretold_is_the_day_of_the_default_if_nothing_more_is_paid(plan, money):
    for offset, state in enumerate(read(plan, money, (), None)):
        if state.performs:
            paid = [each for each in money if each[0] <= offset]
            after = read(plan, paid, (), None)
            first = next((n for n, each in enumerate(after) if each.status == "defaulted"), None)
            assert state.end == (None if first is None else day(first))


# Accounts ------------------------------------------------------------------------------------------------------------


def ledger(*dues: int) -> Account:
    """Invoices of 100.00 that are due so many days before the plan."""
    invoices = [
        Invoice.due(number=f"INV-{n}", account="ACME", issued_on=day(-100), total=eur(100), due_on=day(-due))
        for n, due in enumerate(dues, 1)
    ]
    return Account.of(Customer(id="ACME"), invoices=invoices)


def agreed(plan: PaymentPlan) -> PlanAgreed:
    return PlanAgreed(plan=plan, settled=eur(0), effective_on=plan.agreed_on, recorded_at=NOW)


def paid(number: int, item: str, minor: int, on: int, undone: int | None) -> list[Any]:
    """A payment on an item, which may come back; times are put in when it is known in which order it becomes known."""
    money = Money(minor, eur(1).currency)
    payment = Payment(id=f"P-{number}", account="ACME", amount=money, value_date=day(on))
    made = AllocationMade(
        id=f"A-{number}",
        allocation=Allocation(source=payment.id, item=item, amount=money),
        effective_on=day(on),
        recorded_at=NOW,
    )
    facts: list[Any] = [PaymentReceived(payment=payment, effective_on=day(on), recorded_at=NOW), made]
    if undone is not None:
        facts.append(AllocationUndone(allocation=made.id, effective_on=day(on + undone), recorded_at=NOW))
    return facts


@st.composite
def payments(draw: st.DrawFn, items: int) -> list[list[Any]]:
    """Payments that never take more than is open of an item."""
    left = {f"INV-{n}": 10_000 for n in range(1, items + 1)}
    found = []
    for number in range(draw(st.integers(0, 6))):
        item = draw(st.sampled_from(sorted(left)))
        if left[item]:
            minor = min(left[item], draw(st.integers(1, 10)) * 1_000)
            undone = draw(st.none() | st.none() | st.integers(0, 8))
            left[item] -= minor
            found.append(paid(number, item, minor, draw(st.integers(0, 25)), undone))
    return found


def recorded(groups: list[list[Any]], start: dt.datetime) -> list[Any]:
    """The facts in this order, each recorded an hour after the one before."""
    facts = [fact for group in groups for fact in group]
    return [attrs.evolve(fact, recorded_at=start + dt.timedelta(hours=n)) for n, fact in enumerate(facts)]


DUES = st.lists(st.integers(-30, 95), min_size=1, max_size=4)


@settings(max_examples=50)
@given(st.data(), DUES)
def test_payments_that_become_known_in_any_order_give_what_the_sorted_history_gives(data, dues):
    items = tuple(f"INV-{n}" for n in range(1, len(dues) + 1))
    plan = data.draw(plans(items, 10_000 * len(dues)))
    groups = data.draw(payments(len(dues)))
    base = fold([agreed(plan)], ledger(*dues))
    in_order = sorted(groups, key=lambda group: group[0].effective_on)
    one = fold(recorded(in_order, LATER), base)
    other = fold(recorded(data.draw(st.permutations(groups)), LATER), base)
    for offset in range(0, 40, 3):
        views = one.view(day(offset)), other.view(day(offset))
        assert views[0].payment_plans == views[1].payment_plans
        assert views[0].withheld == views[1].withheld
        assert views[0].replanned == views[1].replanned
        assert views[0].pauses == views[1].pauses


@settings(max_examples=50)
@given(st.data(), DUES)
def test_ageing_by_a_plan_moves_money_between_buckets_and_never_the_total(data, dues):
    covered = data.draw(st.integers(1, len(dues)))
    plan = data.draw(plans(tuple(f"INV-{n}" for n in range(1, covered + 1)), 10_000 * covered))
    facts: list[Any] = [agreed(plan), *recorded(data.draw(payments(len(dues))), LATER)]
    if data.draw(st.booleans()):
        on = data.draw(st.integers(1, 20))
        more = {"plan": "PP-1", "reason": "x", "effective_on": day(on), "recorded_at": LATER + dt.timedelta(days=9)}
        facts.append(
            PlanReinstated(catch_up_by=day(on + 5), approver="bob", **more)
            if data.draw(st.booleans())
            else PlanCancelled(**more)
        )
    account = fold(facts, ledger(*dues))
    for offset in range(0, 40, 3):
        view = account.view(day(offset))
        ours, origin = (aging(view, by=by).total("EUR") for by in ("plan", "origin"))
        assert ours.open == origin.open == view.open_total("EUR")
        assert ours.count == origin.count
        assert all(amount.minor >= 0 for amount in ours.amounts)
        assert all(count >= 0 for count in ours.items)
        (state,) = view.payment_plans
        kept = sum(part.amount for part in view.withheld)
        if not state.performs:
            assert ours == origin
            assert not kept
        else:
            open_ = sum(view.open(item).minor for item in plan.items if item in view.places)
            assert kept == min(open_, state.left) == sum(each.amount for each in view.replanned)


# The whole service ----------------------------------------------------------------------------------------------------

BOOK = PolicyBook.of(attrs.evolve(STRICT, pauses=True), choices=(Choice(kind="dunning", policy="strict"),))
FEE, INTEREST = (f"INV-1/call/{day(-5)}/{kind}" for kind in ("fee", "interest"))


def world_with_a_plan(grace_days: int) -> World:
    """An invoice with a letter that charged a fee and interest; a plan in three parts that waives the fee."""
    world = World(policies=BOOK)
    world.open()
    world.invoice("INV-1", "90", -5)
    world.run()
    world.deliver()
    plan = PaymentPlan(
        id="PP-1",
        account="ACME",
        items=("INV-1", FEE),
        agreed_on=world.today,
        installments=tuple(PlanInstallment(due_on=day(n), amount=eur(30)) for n in (3, 6, 9)),
        grace_days=grace_days,
        waives=(FEE,),
    )
    world.app.agree_plan(plan, key="agree", by="ann", approver="bob")
    return world


MOVES = st.lists(
    st.tuples(
        st.integers(0, 16),
        st.sampled_from(("pay", "pay", "pay", "pay late", "charge", "unapply", "reinstate", "cancel")),
        st.integers(0, 5),
    ),
    max_size=8,
)


def act(world: World, number: int, move: str, size: int) -> None:
    """What a person does on a day, as far as it is accepted."""
    key, app = f"move {number}", world.app
    try:
        if move in ("pay", "pay late"):
            on = world.today - dt.timedelta(days=size if move == "pay late" else 0)
            world.pay(key, "30", on=(on - day(0)).days)
            world.apply(key, "INV-1", "30")
        elif move == "charge":
            world.pay(key, "4")
            world.apply(key, FEE, "4")
        elif move == "unapply":
            made = list(world.app.account("ACME").cash.in_force())
            app.unapply("ACME", made[size % len(made)].id if made else "none", key=key)
        elif move == "reinstate":
            until = world.today + dt.timedelta(days=size)
            asked = {"on": world.today, "reason": "ill", "by": "ann", "approver": "bob", "key": key}
            app.reinstate_plan("ACME", "PP-1", catch_up_by=until, **asked)
        elif size == 0:
            app.cancel_plan("ACME", "PP-1", on=world.today, reason="moved", key=key)
    except ReceivablesError:
        pass


def waived_on(account: Account, on: dt.date) -> int:
    return account.view(on).open(FEE).minor if FEE in account.view(on).places else 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2), MOVES)
def test_every_day_is_run_once_and_what_is_waived_follows_the_plan(grace_days, moves):
    world, idle = world_with_a_plan(grace_days), world_with_a_plan(grace_days)
    for offset in range(20):
        for number, (on, move, size) in enumerate(moves):
            if on == offset:
                act(world.at(offset), number, move, size)
                act(idle.at(offset), number, move, size)
        world.at(offset).run(all_accounts=True)
        idle.at(offset).run()
        assert all_facts(world.store) == all_facts(idle.store), "an account that sleeps would have done something"
        before = picture(world.store)
        world.run(all_accounts=True)
        assert picture(world.store) == before
        _check_waiver(world)


def _check_waiver(world: World) -> None:
    """By all that is known today the fee was owed on no day on which the plan performed."""
    account = world.app.account("ACME")
    for offset in range((world.today - day(0)).days + 1):
        view = account.view(day(offset))
        state = account.view(world.today).payment_plans[0]
        performed = any(start <= day(offset) and (end is None or day(offset) < end) for start, end in state.stretches)
        assert (FEE in view.places) <= (not performed)
        assert all(amount >= 0 for book in view.books for amount in book.open)
    waivers = [fact for fact in world.facts(ChargeWaived, ChargeReinstated) if fact.plan == "PP-1"]
    assert waivers[0].amount == eur(10)
