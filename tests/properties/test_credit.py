"""The credit check against its rules written out, on numbers and histories that chance made."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from receivables import CreditOutcome, CreditPolicy, Currency, Money, Reason, fold
from receivables.policies.credit import GroupStanding, limit_on
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
    if group is not None and group.limit is not None and group.exposure + amount > group.limit:
        found.append(("group_limit_exceeded", group.exposure + amount - group.limit))
    codes = {code for code, _ in found}
    refused = (policy.exceeded == "refuse" and codes & {"limit_exceeded", "group_limit_exceeded"}) or (
        policy.no_limit == "refuse" and "no_limit" in codes
    )
    if found:
        return ("refused" if refused else "held"), found
    if (
        limit is not None
        and policy.warn_percent is not None
        and 100 * (exposure + amount) > policy.warn_percent * limit
    ):
        return "warned", [("near_limit", limit - exposure - amount)]
    return "approved", []


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


def limit_of(view: View, currency: Currency) -> int | None:
    limit, _ = limit_on(view.limits, currency, view.as_of)
    return limit.minor if isinstance(limit, Money) else None


def exposure_of(policy: CreditPolicy, view: View, currency: Currency) -> int:
    used = view.open_total(currency).minor
    if policy.count_orders:
        used += sum(order.reserved for order in view.orders if order.order.amount.currency == currency)
    return used - (view.on_account(currency).minor if policy.less_on_account else 0)


def blocks_of(policy: CreditPolicy, view: View, currency: Currency):
    if [hold for hold in view.holds if hold.item is None and "credit" in hold.stops]:
        yield Reason(code="hold")
    bases = [limit for limit in view.limits if limit.kind == "base" and limit.currency == currency]
    if not bases and policy.no_limit != "approve":
        yield Reason(code="no_limit")
    newest = max(enumerate(bases), key=lambda pair: (pair[1].valid_from, pair[0]), default=(0, None))[1]
    if newest is not None and newest.valid_to is not None and newest.valid_to < view.as_of:
        yield Reason(code="limit_expired", days=(view.as_of - newest.valid_to).days)
    overdue = [(view.as_of - item.due_on).days for book in view.books for item in book.items if item.due_on]
    if policy.hold_overdue_days is not None and max(overdue, default=0) > policy.hold_overdue_days:
        yield Reason(code="overdue", days=max(overdue))


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
