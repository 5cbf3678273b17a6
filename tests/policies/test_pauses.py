"""The clock that stands still while a hold stops dunning: days under a hold do not count towards a step."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Customer, DunningPolicy, DunningStep, Hold, Invoice, Money, fold
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.state.view import Pause

DUE = dt.date(2026, 2, 4)
KNOWN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
POLICY = DunningPolicy(id="standard", version=1, pauses=True, steps=(DunningStep(name="first", days_after_due=7),))


def after(days):
    return DUE + dt.timedelta(days=days)


def held(*stretches):
    """An account with one invoice and holds: (from, released or None, until or None, item or None), in days after due."""
    invoice = Invoice.due(number="INV-1", account="ACME", issued_on=after(-30), total=Money.of(100, "EUR"), due_on=DUE)
    facts = []
    for at, (start, released, until, item) in enumerate(stretches):
        hold = Hold(
            id=f"h{at}",
            account="ACME",
            placed_on=after(start),
            reason="court",
            stops=frozenset({"dunning"}),
            item=item,
            until=None if until is None else after(until),
        )
        facts.append(HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=KNOWN))
        if released is not None:
            facts.append(HoldReleased(hold=hold.id, effective_on=after(released), recorded_at=KNOWN))
    return fold(facts, Account.of(Customer(id="ACME"), invoices=[invoice]))


def first_day(account, policy=POLICY):
    """The first day, counted from the due date, on which the step is due."""
    return next(day for day in range(-5, 200) if policy.plan(account.view(after(day))).included)


@pytest.mark.parametrize(
    ("stretches", "day"),
    [
        ((), 7),
        (((-1, 19, None, None),), 26),  # the story S02: 19 days under a hold, seven that count
        (((-20, -5, None, None),), 7),  # over before the due date
        (((2, None, 4, None),), 10),  # three days: the second, third and fourth
        (((2, 5, None, None),), 10),  # placed on the second, released on the fifth
        (((2, 5, None, None), (3, 9, None, None)), 14),  # overlapping holds count once
        (((2, 4, None, None), (6, 8, None, None)), 11),
        (((2, 5, None, "INV-1"),), 10),
        (((2, 5, None, "OTHER"),), 7),  # another item's
        (((7, 9, None, None),), 9),  # on the day that the step was reached
        (((30, 40, None, None),), 7),  # long after
    ],
)
def test_days_under_a_hold_do_not_count(stretches, day):
    assert first_day(held(*stretches)) == day


@pytest.mark.parametrize("stretches", [((2, 5, None, None),), ((-1, 19, None, None),)])
def test_without_pauses_the_clock_runs_on(stretches):
    runs_on = DunningPolicy(id="standard", version=1, steps=POLICY.steps)
    assert first_day(held(*stretches), runs_on) == max(7, stretches[0][1])


@given(
    st.lists(
        st.tuples(st.integers(-10, 40), st.integers(0, 30), st.sampled_from([None, "INV-1", "OTHER"])), max_size=4
    ),
    st.integers(-5, 80),
)
def test_the_plan_counts_the_days_one_by_one_and_never_looks_too_late(holds, day):
    account = held(*((start, None, start + length, item) for start, length, item in holds))
    under = [
        any(item in (None, "INV-1") and start <= each <= start + length for start, length, item in holds)
        for each in range(200)
    ]
    counted = sum(1 for each in range(day) if not under[each]) if day > 0 else 0
    due = day > 0 and not under[day] and counted >= 7
    plan = POLICY.plan(account.view(after(day)))
    assert bool(plan.included) == due
    if not due:
        following = next((d for d in range(max(day, 0) + 1, 199) if POLICY.plan(account.view(after(d))).included), None)
        assert following is None or (plan.look_on is not None and plan.look_on <= after(following))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5), st.integers(0, 30), st.integers(0, 30))
def test_paused_days_are_the_days_in_any_of_the_stretches(stretches, start, length):
    view = held().view(DUE)
    pauses = tuple(Pause(None, min(pair), max(pair)) for pair in stretches)
    days = {day for pause in pauses for day in range(pause.start, pause.end)} & set(range(start, start + length))
    assert attrs.evolve(view, pauses=pauses).paused_days("INV-1", start, start + length) == len(days)
