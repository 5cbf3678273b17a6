"""The credit check against its rules written out, on numbers and histories that chance made."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from receivables import CreditOutcome, CreditPolicy, Currency, Money, Reason, fold
from receivables.policies.credit import GroupStanding, limit_on
from receivables.policies.credit_codes import CAN_CHANGE, RANK
from receivables.policies.exposure import exposure_on
from receivables.state.orders import MOVES, OrderParts
from receivables.state.view import View
from receivables.testing import strategies
from receivables.testing.strategies import FIRST_DAY

EUR = Currency.of("EUR")
SMALL = st.integers(-50, 200)


def written_out(
    policy: CreditPolicy,
    limit: int | None,
    exposure: int,
    blocks: list[Reason],
    group: GroupStanding | None,
    amount: int,
) -> tuple[str, list[tuple[str, int | None]]]:
    """The outcome and the reasons with their figures, rule by rule and without a short cut."""
    found = [(reason.code, None) for reason in blocks]
    if limit is not None and exposure + amount > limit:
        found.append(("limit_exceeded", exposure + amount - limit))
    elif (
        limit is not None
        and policy.warn_percent is not None
        and 100 * (exposure + amount) > policy.warn_percent * limit
    ):
        found.append(("near_limit", limit - exposure - amount))
    if group is not None and group.limit is not None and group.exposure + amount > group.limit:
        found.append(("group_limit_exceeded", group.exposure + amount - group.limit))
    found.sort(key=lambda each: RANK[each[0]])
    answers = {policy.answer(code) for code, _ in found}
    worst = next((each for each in ("refuse", "hold", "warn") if each in answers), "approve")
    return {"refuse": "refused", "hold": "held", "warn": "warned", "approve": "approved"}[worst], found


@given(st.data(), strategies.histories(), strategies.credit_policies(), st.integers(-10, 200), st.integers(0, 9_000))
def test_every_answer_is_what_the_rules_give_one_by_one(data, history, policy, day, amount):
    currency = data.draw(st.sampled_from(strategies.CURRENCIES))
    view = fold(history).view(FIRST_DAY + dt.timedelta(days=day))
    group = data.draw(
        st.none() | st.builds(GroupStanding, group=st.just("G"), limit=st.none() | SMALL.map(abs), exposure=SMALL)
    )
    standing = policy.standing(view, currency, group)
    blocks = list(blocks_of(policy, view, currency))
    assert list(standing.blocks) == blocks
    outcome, reasons = written_out(
        policy, limit_of(view, currency), exposure_of(policy, view, currency), blocks, group, amount
    )
    decision = standing.check(Money(amount, currency))
    assert decision.outcome.value == outcome
    assert decision.approved == (outcome in ("approved", "warned"))
    figures = [(reason.code, None if reason.amount is None else reason.amount.minor) for reason in decision.reasons]
    assert figures == reasons
    assert all(reason.retryable == CAN_CHANGE[reason.code] for reason in decision.reasons)


def limit_of(view: View, currency: Currency) -> int | None:
    limit, _ = limit_on(view.limits, currency, view.as_of)
    return limit.minor if isinstance(limit, Money) else None


def exposure_of(policy: CreditPolicy, view: View, currency: Currency) -> int:
    """The naive sum: every open item, every order, every draft and every credit, one by one."""
    used = sum(rest for book in view.books if book.currency == currency for rest in book.open)
    if policy.count_orders:
        used += sum(order.reserved for order in view.orders if order.order.amount.currency == currency)
        used += sum(draft.amount.minor for draft in view.drafts if draft.amount.currency == currency)
    return used - (view.on_account(currency).minor if policy.less_on_account else 0)


@given(strategies.histories(), st.integers(0, 200), st.integers(0, 20))
def test_the_components_are_what_looking_at_each_item_gives(history, day, margin):
    view = fold(history).view(FIRST_DAY + dt.timedelta(days=day))
    for currency in strategies.CURRENCIES:
        used = exposure_on(view, currency, margin_days=margin)
        assert (used.of("open"), used.of("overdue"), used.of("disputed")) == by_item(view, currency, margin)
        assert min(used.parts) >= 0


def by_item(view: View, currency: Currency, margin: int) -> tuple[int, int, int]:
    """What is open, overdue and disputed: each item by itself, what is disputed being overdue first."""
    sums = [0, 0, 0]
    for book in view.books:
        for item, rest in zip(book.items, book.open, strict=True) if book.currency == currency else ():
            planned = [each for each in view.replanned if each.item == item.id]
            parts = [(each.plan_due, each.amount) for each in planned]
            if item.due_on is not None:
                parts.append((item.due_on.toordinal(), rest - sum(each.amount for each in planned)))
            late = sum(amount for due, amount in parts if view.as_of.toordinal() - due > margin)
            disputed = sum(each.amount for each in view.withheld if (each.item, each.kind) == (item.id, "dispute"))
            overdue = max(0, late - disputed)
            for at, amount in enumerate((rest - overdue - disputed, overdue, disputed)):
                sums[at] += amount
    return tuple(sums)


@given(st.integers(1, 1_000), st.lists(st.tuples(st.sampled_from(MOVES), st.integers(1, 400)), max_size=8))
def test_the_parts_of_an_order_are_never_more_than_the_order_and_never_below_zero(amount, moves):
    """Whatever is said of it, in whatever order: nothing counts twice."""
    for drafted in (0, 50):
        parts = OrderParts.of(amount, [(kind, moved, False) for kind, moved in moves], drafted)
        assert min(parts[:5]) >= 0
        assert parts.left == max(0, amount - parts.invoiced - parts.cancelled)


def blocks_of(policy: CreditPolicy, view: View, currency: Currency):
    for code, figure in named_blocks(policy, view, currency):
        yield Reason(code=code, days=figure, retryable=CAN_CHANGE[code])


def named_blocks(policy: CreditPolicy, view: View, currency: Currency):
    if [hold for hold in view.holds if hold.item is None and hold.document is None and "credit" in hold.stops]:
        yield "hold", None
    bases = [limit for limit in view.limits if limit.kind == "base" and limit.currency == currency]
    if not bases and policy.no_limit != "approve":
        yield "no_limit", None
    newest = max(enumerate(bases), key=lambda pair: (pair[1].valid_from, pair[0]), default=(0, None))[1]
    if newest is not None and newest.valid_to is not None and newest.valid_to < view.as_of:
        yield "limit_expired", (view.as_of - newest.valid_to).days
    if newest is not None and newest.review_on is not None and newest.review_on < view.as_of:
        yield "review_overdue", (view.as_of - newest.review_on).days
    overdue = [
        view.as_of.toordinal() - view.aged_from(item.id) for book in view.books for item in book.items if item.due_on
    ]
    if policy.hold_overdue_days is not None and max(overdue, default=0) > policy.hold_overdue_days:
        yield "overdue", max(overdue)


@given(st.lists(strategies.credit_limits("A", EUR), max_size=6), strategies.days())
def test_the_limit_of_a_day_is_the_newest_base_and_the_increases_that_are_valid(limits, day):
    begun = [limit for limit in limits if limit.valid_from <= day]
    bases = [limit for limit in begun if limit.kind == "base"]
    found, expired_on = limit_on(tuple(limits), EUR, day)
    if not bases:
        assert not isinstance(found, Money | None)
        return
    newest = [limit for limit in bases if limit.valid_from == max(each.valid_from for each in bases)][-1]
    expired = newest.valid_to is not None and newest.valid_to < day
    assert expired_on == (newest.valid_to if expired else None)
    increases = [
        limit.amount
        for limit in begun
        if limit.kind == "temporary" and (limit.valid_to is None or day <= limit.valid_to)
    ]
    own = Money.zero(EUR) if expired else newest.amount
    if own is None or None in increases:
        assert found is None
    else:
        assert found == Money.total([own, *increases], EUR)


@given(
    strategies.histories(), strategies.credit_policies(), st.integers(0, 200), st.integers(0, 9_000), st.integers(1, 99)
)
def test_a_larger_order_is_never_answered_better(history, policy, day, amount, more):
    order = list(CreditOutcome)
    for currency in strategies.CURRENCIES:
        standing = policy.standing(fold(history).view(FIRST_DAY + dt.timedelta(days=day)), currency)
        smaller, larger = (standing.check(Money(minor, currency)).outcome for minor in (amount, amount + more))
        assert order.index(smaller) <= order.index(larger)
