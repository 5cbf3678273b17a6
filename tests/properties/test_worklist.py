"""The worklist on random histories: complete, nobody on it without a reason, and the same in any order and parts.

What needs a person is said here a second time, from the statuses of the view and by plain loops.
"""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from receivables import PolicyBook, fold
from receivables.policies.strategy import oldest_days, overdue_of
from receivables.policies.worklist import KEYS, WORK_REASONS, WorklistPolicy
from receivables.reports.worklist import merged, place_of, work_of, worklist
from receivables.testing.documents import FIRST_DAY
from receivables.testing.strategies import histories

DAYS = st.integers(-2, 200).map(lambda count: FIRST_DAY + dt.timedelta(days=count))
DESK = WorklistPolicy(id="desk", version=1, dispute_days=5, payment_days=3)
BOOK = PolicyBook.of(DESK)
ORDERS = st.lists(st.sampled_from(KEYS), unique=True, max_size=4).map(tuple)


@st.composite
def desks(draw):
    """Some accounts, a history each."""
    return [fold(draw(histories(name, most=20))) for name in ("A", "B", "C", "D")[: draw(st.integers(1, 4))]]


def expected(view):
    """What is wrong or waits on an account, item by item."""

    def owed(items):
        return any(id in view.places and view.free(id).minor > 0 for id in items)

    found = set()
    for state in view.promises:
        if state.status in ("broken", "partly_kept") and owed(state.items):
            found.add(f"promise_{state.status}")
    for state in view.payment_plans:
        if state.status == "defaulted" and owed(state.plan.items):
            found.add("plan_defaulted")
    for part in view.withheld:
        opened = {each.dispute.id: each.dispute.opened_on for each in view.disputes if each.status == "open"}
        if part.kind == "dispute" and part.id in opened and (view.as_of - opened[part.id]).days >= 5:
            found.add("dispute_over_age")
    for state in view.notices:
        alive = [line for line in state.notice.claimed if line.item in view.places and line.item not in state.annulled]
        if state.notice.audience == "customer" and (alive or state.status == "sending" or state.notice.retracts):
            names = {"proposed": "waits", "sending": "unknown", "failed": "failed", "rejected": "rejected"}
            if state.status in names:
                found.add(f"notice_{names[state.status]}")
    if any(order.status == "held" for order in view.orders):
        found.add("order_held")
    if any(view.on_account(currency).minor > 0 for currency in view.currencies):
        found.add("unapplied_cash")
    if any(each.status == "waiting" for each in view.approvals):
        found.add("approval_waits")
    return found


CHECKED = {
    "promise_broken",
    "promise_partly_kept",
    "plan_defaulted",
    "dispute_over_age",
    "notice_waits",
    "notice_unknown",
    "notice_failed",
    "notice_rejected",
    "order_held",
    "unapplied_cash",
    "approval_waits",
}
"""The codes that the loop above can say."""


@given(desks(), DAYS, DAYS)
def test_an_account_is_on_the_list_where_there_is_a_reason_and_only_there(accounts, as_of, known_at):
    report = worklist(accounts, as_of, BOOK, known_at=known_at)
    for account in accounts:
        view = account.view(as_of, known_at)
        line = report.of(account.id)
        codes = set(line.codes) if line is not None else set()
        assert codes & CHECKED == expected(view)
        assert (line is None) == (not codes)
        assert line == work_of(account, view, BOOK)


@given(desks(), DAYS)
def test_the_points_are_those_of_the_reasons_and_the_action_is_asked_for_by_one_of_them(accounts, as_of):
    for line in worklist(accounts, as_of, BOOK).lines:
        assert line.points == sum(reason.points for reason in line.reasons)
        assert line.because in line.reasons
        assert line.action in {DESK.asked_by(line.because), "review"}
        ranked = [reason.points for reason in line.reasons]
        assert ranked == sorted(ranked, reverse=True)
        assert len({(reason.code, reason.subject) for reason in line.reasons}) == len(line.reasons)


@given(desks(), DAYS, ORDERS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_list_is_the_same_in_any_order_and_parts_and_its_top_is_the_top(accounts, as_of, order, dice, most):
    whole = worklist(accounts, as_of, BOOK, order=order)
    assert list(whole.lines) == sorted(whole.lines, key=lambda line: place_of(line, order))
    shuffled = dice.sample(accounts, len(accounts))
    assert worklist(shuffled, as_of, BOOK, order=order) == whole
    cut = dice.randint(0, len(accounts))
    parts = [worklist(part, as_of, BOOK, order=order) for part in (shuffled[:cut], shuffled[cut:])]
    assert merged(parts) == whole
    top = worklist(shuffled, as_of, BOOK, order=order, most=most)
    assert top.lines == whole.lines[:most] == whole.first(most).lines
    assert (top.found, top.counts, top.not_listed) == (whole.found, whole.counts, max(0, whole.found - most))


@given(
    desks(), DAYS, st.dictionaries(st.sampled_from(("ann", "bob", "cem")), st.integers(0, 2)), st.booleans(), st.data()
)
def test_nobody_gets_more_than_fits_and_nothing_gets_lost(accounts, as_of, capacity, share, data):
    people = st.none() | st.sampled_from(("ann", "bob", "zoe"))
    collectors = {account.id: data.draw(people) for account in accounts}
    whole = worklist(accounts, as_of, BOOK, collectors=lambda view: collectors[view.account])
    today = whole.within(capacity, share=share)
    listed = [line.account for line in today.lines]
    assert sorted([*listed, *(line.account for line in today.left_over)]) == sorted(
        line.account for line in whole.lines
    )
    for person, most in capacity.items():
        assert len(today.of_person(person)) <= most
    for line in today.lines:
        assert line.person == line.collector or (share and line.collector not in capacity)
    for line in today.left_over:
        if line.collector in capacity:
            assert len(today.of_person(line.collector)) == capacity[line.collector]
        elif share:
            assert sum(capacity.values()) == len(listed)
    assert today.within(capacity, share=share) == today


@given(histories(most=20), DAYS)
def test_a_list_as_known_then_never_changes_by_what_is_recorded_later(history, as_of):
    account = fold(history)
    for cut in range(0, len(history), 5):
        known = history[cut].recorded_at
        then = fold(history[: cut + 1])
        assert worklist([account], as_of, BOOK, known_at=known) == worklist([then], as_of, BOOK)


@given(histories(most=25), DAYS)
def test_what_is_overdue_is_what_a_loop_over_the_items_gives(history, as_of):
    view = fold(history).view(as_of)
    free, oldest = {}, 0
    for book in view.books:
        for item in book.items:
            left = view.free(item.id)
            if item.due_on is not None and item.due_on < as_of and left.minor > 0:
                free[book.currency.code] = free.get(book.currency.code, 0) + left.minor
                oldest = max(oldest, (as_of - item.due_on).days)
    assert {amount.currency.code: amount.minor for amount in overdue_of(view)} == free
    assert oldest_days(view) == oldest


def test_the_loop_speaks_of_codes_that_there_are():
    assert {row.code for row in WORK_REASONS} >= CHECKED
