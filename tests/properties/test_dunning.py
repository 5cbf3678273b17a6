"""The dunning plan against a reference that looks at one item at a time, on accounts that chance made."""

import copy
import datetime as dt
import pickle

import attrs
from hypothesis import given
from hypothesis import strategies as st

from receivables import (
    Allocation,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Installment,
    Invoice,
    Money,
    Notice,
    NoticeLine,
    Payment,
    Schedule,
    TakenOverItem,
    fold,
)
from receivables.documents.notice import PolicyRef
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.customer import AccountOpened
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.invoice import InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.policies.dunning import plan_dunning
from receivables.testing import strategies

TODAY = dt.date(2026, 6, 30)
NOW = dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC)
EUR, JPY = Currency.of("EUR"), Currency.of("JPY")
NAMES = ("first", "second", "third")
STATUSES = ("queued", "sending", "sent", "failed", "retried", "cancelled")


def day(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


@attrs.frozen(kw_only=True)
class Case:
    """One item as chance made it, and what happened to it; days are days ago."""

    id: str
    currency: Currency
    amount: int
    paid: int
    due: int | None
    taken: tuple[str, int] | None
    noticed: tuple[str, int, str, int] | None  # step, days ago, status, version of the policy
    redated: int | None
    hold: tuple[int | None, bool] | None  # ends in so many days, lifted


@attrs.frozen(kw_only=True)
class World:
    cases: tuple[Case, ...]
    account_hold: int | None  # ends in so many days, -1 without end
    policies: dict[int, DunningPolicy]
    policy: DunningPolicy | None
    chosen: dict[str, DunningPolicy | None]

    def pinned(self, id: str, version: int) -> DunningPolicy | None:
        return self.policies.get(version) if id == "standard" else None


@st.composite
def cases(draw, number: int) -> Case:
    due = draw(st.one_of(st.none(), st.integers(-10, 60)))
    amount = draw(st.integers(1, 400))
    overdue = due is not None and due > 0
    taken = draw(st.none() | st.tuples(st.sampled_from(("first", "second", "third", "gone")), st.integers(0, 40)))
    notices = st.tuples(
        st.sampled_from(NAMES),
        st.integers(0, (due or 1) - 1 if overdue else 0),
        st.sampled_from(STATUSES),
        st.integers(1, 3),
    )
    noticed = draw(st.none() | notices) if overdue else None
    taken = taken if due is not None and draw(st.booleans()) else None
    over = taken is None and noticed is not None and noticed[2] in ("sent", "cancelled")
    return Case(
        id=f"I{number:02}",
        currency=draw(st.sampled_from((EUR, EUR, JPY))),
        amount=amount,
        paid=draw(st.sampled_from((0, 0, 0, amount, amount // 2))),
        due=due,
        taken=taken,
        noticed=noticed,
        redated=draw(st.none() | st.integers(-5, 50)) if over else None,
        hold=draw(st.none() | st.tuples(st.none() | st.integers(0, 20), st.booleans())),
    )


@st.composite
def ladders(draw, version: int, minimums: tuple[Money, ...]) -> DunningPolicy:
    reached = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=3)))
    steps = tuple(DunningStep(name=name, days_after_due=at) for name, at in zip(NAMES, reached, strict=False))
    gap = draw(st.integers(0, 10))
    return DunningPolicy(id="standard", version=version, steps=steps, minimum_gap_days=gap, minimums=minimums)


@st.composite
def worlds(draw) -> World:
    """All policies share their minimums: whose minimum counts where they differ is a matter of its own."""
    minimums = tuple(draw(st.sampled_from(((), (Money(300, EUR),), (Money(300, EUR), Money(200, JPY))))))
    policies = {version: draw(ladders(version, minimums)) for version in draw(st.sets(st.integers(1, 3)))}
    policy = draw(st.sampled_from((None, *policies.values())))
    items = tuple(draw(cases(number)) for number in range(draw(st.integers(0, 8))))
    names = [case.id for case in items]
    chosen = {name: draw(st.sampled_from((None, *policies.values()))) for name in names if draw(st.integers(0, 4)) == 0}
    hold = draw(st.sampled_from((None, None, None, -1, 0, 9)))
    return World(cases=items, account_hold=hold, policies=policies, policy=policy, chosen=chosen)


# The account that the world comes to ----------------------------------------------------------------------------


def facts_of(world: World):
    times = {"effective_on": day(100), "recorded_at": NOW}
    yield AccountOpened(customer=Customer(id="A"), **times)
    for case in world.cases:
        yield from items_of(case, times)
        if case.paid:
            money = Money(case.paid, case.currency)
            payment = Payment(id=f"P{case.id}", account="A", amount=money, value_date=day(0))
            allocation = Allocation(source=payment.id, item=case.id, amount=money)
            yield PaymentReceived(payment=payment, effective_on=day(0), recorded_at=NOW)
            yield AllocationMade(id=f"a{case.id}", allocation=allocation, effective_on=day(0), recorded_at=NOW)
        if case.hold is not None:
            yield from holds_of(case.id, *case.hold)
    if world.account_hold is not None:
        yield from holds_of(None, None if world.account_hold < 0 else world.account_hold, False)


def items_of(case: Case, times):
    amount = Money(case.amount, case.currency)
    if case.taken is not None:
        step, stepped = case.taken
        item = TakenOverItem(
            id=case.id,
            account="A",
            issued_on=day(100),
            due_on=day(case.due),
            open=amount,
            step=step,
            stepped_on=day(stepped),
        )
        yield ItemTakenOver(item=item, **times)
    else:
        schedule = Schedule(installments=(Installment(amount=amount, baseline="delivery"),))
        invoice = Invoice(number=case.id, account="A", issued_on=day(100), total=amount, schedule=schedule)
        yield InvoiceIssued(invoice=invoice, **times)
        if case.due is not None:
            yield InstallmentDated(item=case.id, due_on=day(case.due), **times)
    if case.noticed is not None:
        yield from notices_of(case, amount)
    if case.redated is not None:
        yield InstallmentDated(item=case.id, due_on=day(case.redated), effective_on=day(0), recorded_at=NOW)


def notices_of(case: Case, amount: Money):
    step, ago, status, version = case.noticed
    line = NoticeLine(
        item=case.id,
        document=case.id,
        amount=amount,
        due_on=day(case.due),
        ladder_from=day(case.due),
        step=step,
        policy=PolicyRef(id="standard", version=version, digest="0" * 64),
    )
    notice = Notice(
        key=f"N{case.id}",
        account="A",
        customer="A",
        currency=case.currency,
        channel="email",
        language="en",
        template=step,
        as_of=day(ago),
        lines=(line,),
    )
    times = {"effective_on": day(ago), "recorded_at": NOW}
    yield NoticeQueued(notice=notice, **times)
    if status in ("sending", "sent", "failed", "retried"):
        yield NoticeSending(notice=notice.key, **times)
    if status == "sent":
        yield NoticeSent(notice=notice.key, **times)
    if status in ("failed", "retried"):
        yield NoticeFailed(notice=notice.key, reason="full", retry=status == "retried", **times)
    if status == "cancelled":
        yield NoticeCancelled(notice=notice.key, reason="settled", **times)


def holds_of(item: str | None, until: int | None, lifted: bool):
    end = None if until is None else day(-until)
    hold = Hold(
        id=f"H{item}", account="A", placed_on=day(3), reason="x", stops=frozenset({"dunning"}), item=item, until=end
    )
    yield HoldPlaced(hold=hold, effective_on=day(3), recorded_at=NOW)
    if lifted:
        yield HoldReleased(hold=hold.id, effective_on=day(0), recorded_at=NOW)


# The reference --------------------------------------------------------------------------------------------------


def expected(world: World, today: dt.date) -> dict[str, tuple[str, str | None, int | None]]:
    """Item -> (reason, step, version of its policy), one item after the other."""
    found = {case.id: judged(world, case, today) for case in world.cases if case.amount > case.paid}
    for currency in (EUR, JPY):
        due = [case for case in world.cases if case.currency == currency and found.get(case.id, ("",))[0] == "step_due"]
        wanted = next(
            (each.minor for policy in world.policies.values() for each in policy.minimums if each.currency == currency),
            0,
        )
        if sum(case.amount - case.paid for case in due) < wanted:
            found |= {case.id: ("below_minimum", None, None) for case in due}
    return found


def judged(world: World, case: Case, today: dt.date) -> tuple[str, str | None, int | None]:
    due = None if case.due is None else day(case.due)
    start = due
    if case.redated is not None:
        due = day(case.redated)
    step, sent_on, pending, version = story(case)
    policy = world.chosen.get(case.id, world.policy)
    if due != start:
        step, version = None, None
    if version is not None:
        policy = world.policies.get(version)
    if policy is None:
        return "policy_missing", None, None
    if due is None:
        return "undated", None, None
    overdue = (today - due).days
    if overdue <= 0:
        return "not_due", None, None
    if held(world, case, today):
        return "held", None, None
    if pending is not None:
        return ("notice_failed" if pending == "failed" else "notice_pending"), None, None
    return next_step(policy, step, sent_on, overdue, today)


def story(case: Case) -> tuple[str | None, dt.date | None, str | None, int | None]:
    """The last step that was sent, when, what is pending, and the version that the ladder is pinned to."""
    step, sent_on, pending, version = None, None, None, None
    if case.taken is not None:
        step, sent_on = case.taken[0], day(case.taken[1])
    if case.noticed is not None:
        name, ago, status, number = case.noticed
        if status == "sent":
            return name, day(ago), None, number
        if status != "cancelled":
            pending = status
            version = number if case.taken is None else None
    return step, sent_on, pending, version


def held(world: World, case: Case, today: dt.date) -> bool:
    ends = [] if case.hold is None or case.hold[1] else [case.hold[0]]
    if world.account_hold is not None:
        ends.append(None if world.account_hold < 0 else world.account_hold)
    return any(end is None or today <= day(-end) for end in ends)


def next_step(
    policy: DunningPolicy, last: str | None, sent_on: dt.date | None, overdue: int, today: dt.date
) -> tuple[str, str | None, int | None]:
    names = [step.name for step in policy.steps]
    place = 0
    if last is not None:
        if last not in names:
            return "step_unknown", None, None
        place = names.index(last) + 1
        if place == len(names):
            return "ladder_finished", None, None
    if overdue < policy.steps[place].days_after_due:
        return "step_not_reached", None, None
    if last is not None and sent_on is not None and (today - sent_on).days < policy.minimum_gap_days:
        return "minimum_gap", None, None
    return "step_due", names[place], policy.version


# The properties -------------------------------------------------------------------------------------------------


def planned(world: World, account, today: dt.date):
    return plan_dunning(account.view(today), world.policy, world.pinned, world.chosen)


def told(plan) -> dict[str, tuple[str, str | None, int | None]]:
    rows = plan.rows()
    assert len({row["item"] for row in rows}) == len(rows)
    return {
        row["item"]: (row["reason"], row["step"], int(row["policy"].split("/")[1]) if row["policy"] else None)
        for row in rows
    }


@given(worlds())
def test_the_plan_says_of_every_item_what_a_look_at_it_alone_says(world):
    plan = planned(world, fold(facts_of(world)), TODAY)
    assert told(plan) == expected(world, TODAY)
    assert plan.included == sum(1 for reason, _, _ in expected(world, TODAY).values() if reason == "step_due")


@given(worlds(), st.integers(1, 70))
def test_later_days_are_planned_by_the_same_rules(world, days):
    today = TODAY + dt.timedelta(days=days)
    assert told(planned(world, fold(facts_of(world)), today)) == expected(world, today)


@given(worlds())
def test_the_day_to_look_again_is_never_later_than_the_first_day_on_which_an_item_takes_a_step(world):
    account = fold(facts_of(world))
    look_on = planned(world, account, TODAY).look_on
    now = {item for item, told_ in expected(world, TODAY).items() if told_[0] == "step_due"}
    if now:
        assert look_on is not None
        assert look_on <= TODAY
    for days in range(1, 75):
        today = TODAY + dt.timedelta(days=days)
        if {item for item, told_ in expected(world, today).items() if told_[0] == "step_due"} - now:
            assert look_on is not None
            assert look_on <= today
            break


@given(worlds())
def test_every_row_adds_up_and_says_why(world):
    account = fold(facts_of(world))
    plan = planned(world, account, TODAY)
    left = {case.id: case.amount - case.paid for case in world.cases if case.amount > case.paid}
    for row in plan:
        assert Money.of(row["open"], row["currency"]).minor == left[row["item"]]
        assert row["included"] == (row["reason"] == "step_due") == (row["step"] is not None)
        assert row["says"]
        assert str(row["item"]) in plan.explain(row["item"])
    assert len(str(plan).splitlines()) == max(1, len(left))


@given(worlds())
def test_plans_and_policies_survive_pickling_and_deep_copies(world):
    plan = planned(world, fold(facts_of(world)), TODAY)
    rows = plan.rows()
    for again in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
        assert again.rows() == rows
        assert again.look_on == plan.look_on
    for policy in world.policies.values():
        assert pickle.loads(pickle.dumps(policy)) == policy
        assert hash(copy.deepcopy(policy)) == hash(policy)


@given(strategies.histories(), strategies.dunning_policies(), st.integers(0, 200))
def test_every_open_item_of_a_history_gets_exactly_one_row(history, policy, days):
    view = fold(history).view(strategies.FIRST_DAY + dt.timedelta(days=days))
    plan = policy.plan(view)
    assert [row["item"] for row in plan.rows()] == [item.id for book in view.books for item in book.items]
    assert all(row["days_overdue"] > 0 for row in plan.rows() if row["included"])
