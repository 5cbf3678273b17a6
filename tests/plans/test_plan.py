"""What a plan may look at: views are worked out once, and only the last few are kept."""

import datetime as dt

from receivables import Account, Customer, PolicyBook
from receivables.plans.plan import VIEWS, Context

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def context() -> Context:
    return Context(policies=PolicyBook(), now=NOW, today=NOW.date())


def test_a_view_is_worked_out_once():
    account, looked = Account.of(Customer(id="A")), context()
    first = looked.view(account)
    assert looked.view(account, NOW.date()) is first
    assert first == account.view(NOW.date())


def test_another_day_and_another_account_have_views_of_their_own():
    one, other, looked = Account.of(Customer(id="A")), Account.of(Customer(id="B")), context()
    assert looked.view(one).account == "A"
    assert looked.view(other).account == "B"
    assert looked.view(one, dt.date(2026, 3, 3)).as_of == dt.date(2026, 3, 3)


def test_a_batch_keeps_only_the_last_few():
    looked = context()
    for number in range(50):
        assert looked.view(Account.of(Customer(id=f"C{number}"))).account == f"C{number}"
    assert len(looked.seen) == VIEWS
