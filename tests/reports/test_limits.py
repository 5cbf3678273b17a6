"""Limits to look after, and the history of what was decided about them."""

import datetime as dt

import pytest

from receivables import Account, CreditLimit, Currency, Customer, Money, fold
from receivables.errors import InvalidValue
from receivables.facts.credit import LimitWithdrawn
from receivables.reports.limits import STATUSES, limit_history, limit_list

EUR = Currency.of("EUR")
DAY = dt.date(2026, 6, 30)


def limit(id: str = "A", *, since: int = 100, until: int | None = None, review: int | None = None, **more: object):
    def on(offset: int | None) -> dt.date | None:
        return None if offset is None else DAY + dt.timedelta(days=offset)

    fields = {"amount": Money.of(100, "EUR"), "currency": EUR, **more}
    return CreditLimit(
        account=id, valid_from=DAY - dt.timedelta(days=since), valid_to=on(until), review_on=on(review), **fields
    )


def listed(*limits: CreditLimit, within_days: int = 30) -> list[tuple[str, int | None]]:
    account = Account.of(Customer(id="A"), limits=limits)
    return [(line.status, line.days) for line in limit_list([account.view(DAY)], within_days=within_days).lines]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("in_force", None)),
        ({"until": -1}, ("expired", -1)),
        ({"until": 0}, ("expires", 0)),
        ({"until": 30}, ("expires", 30)),
        ({"until": 31}, ("in_force", 31)),
        ({"review": -1}, ("review_overdue", -1)),
        ({"review": 0}, ("due_for_review", 0)),
        ({"review": 30}, ("due_for_review", 30)),
        ({"review": 31, "until": 40}, ("in_force", 31)),
        ({"review": -5, "until": 5}, ("review_overdue", -5)),
        ({"review": 3, "until": 5}, ("expires", 5)),
        ({"review": -9, "until": -5}, ("expired", -5)),
    ],
)
def test_the_most_urgent_is_said(fields, expected):
    assert listed(limit(**fields)) == [expected]


def test_only_the_limit_that_counts_is_listed_and_it_says_that_it_renews():
    account = Account.of(Customer(id="A"), limits=[limit(since=100, until=-10), limit(since=5, review=300)])
    (line,) = limit_list([account.view(DAY)]).lines
    assert (line.renews, line.status, line.limit.valid_from) == (True, "in_force", DAY - dt.timedelta(days=5))
    assert limit_list([account.view(DAY)]).renewed().lines == (line,)
    assert limit_list([account.view(DAY - dt.timedelta(days=6))]).renewed().lines == ()


def test_increases_are_listed_until_they_are_long_over():
    assert listed(limit(), limit(since=50, until=-30, kind="temporary")) == [("expired", -30), ("in_force", None)]
    assert listed(limit(), limit(since=50, until=-31, kind="temporary")) == [("in_force", None)]


def test_the_list_of_a_manager_has_what_is_urgent_first():
    limits = [
        limit("A", review=5, approver="bob"),
        limit("B", until=-1, maker="bob"),
        limit("C", until=-2, maker="eve"),
    ]
    views = [Account.of(Customer(id=each.account), limits=[each]).view(DAY) for each in limits]
    found = limit_list([*views, Account.of(Customer(id="D"), limits=[limit("D")]).view(DAY)])
    assert [line.limit.account for line in found.lines] == ["C", "B", "A", "D"]
    assert [line.limit.account for line in found.due().lines] == ["C", "B", "A"]
    assert [line.limit.account for line in found.of_person("bob").lines] == ["B", "A"]
    statuses = [STATUSES.index(line.status) for line in found.lines]
    assert statuses == sorted(statuses)


def test_the_list_shows_itself_and_refuses_a_negative_window():
    found = limit_list([Account.of(Customer(id="A"), limits=[limit(until=3, maker="ann")]).view(DAY)])
    assert str(found).startswith("credit limits on 2026-06-30\naccount")
    assert found.rows()[0]["maker"] == "ann"
    assert found._repr_html_().startswith("<table><caption>Credit limits")
    assert str(limit_list([])).endswith("no limit was set")
    with pytest.raises(InvalidValue):
        limit_list([], within_days=-1)


def test_the_history_has_every_decision_as_it_was_known():
    now = dt.datetime.combine(DAY, dt.time(8), dt.UTC)
    account = Account.of(Customer(id="A"), limits=[limit(since=100), limit(since=50, amount=None)])
    account = fold([LimitWithdrawn(currency=EUR, approver="bob", by="ann", effective_on=DAY, recorded_at=now)], account)
    history = limit_history(account)
    assert [(row["deed"], row["amount"], row["by"]) for row in history.rows()] == [
        ("set", "100.00", None),
        ("set", None, None),
        ("withdrawn", None, "ann"),
    ]
    assert len(limit_history(account, now - dt.timedelta(seconds=1)).entries) == 2
    assert "withdrawn" in str(history)
    assert history._repr_html_().startswith("<table>")
