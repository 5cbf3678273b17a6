"""Migration between classes and their distribution, over small portfolios."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.world import World, day, eur

from receivables import Account, Customer, Invoice, Money, fold
from receivables.documents.notice import PolicyRef
from receivables.documents.risk import RiskScore
from receivables.errors import InvalidValue
from receivables.facts.risk import CustomerScored
from receivables.reports.risk import UNSCORED, distribution, migration

REF = PolicyRef(id="trade", version=1, digest="9f" * 32)
DAYS = (dt.date(2026, 1, 31), dt.date(2026, 2, 28))
ABC = ["A", "B", "C"]


def account_of(id, *classes, segment="", owes=()):
    """A customer with its class from the first of January, of February and so on; ``None`` where it was not scored."""
    account = Account.of(
        Customer(id=id, segment=segment),
        invoices=[
            Invoice.due(
                number=f"I{at}", account=id, issued_on=dt.date(2026, 1, 1), total=each, due_on=dt.date(2026, 2, 1)
            )
            for at, each in enumerate(owes)
        ],
    )
    facts = [
        CustomerScored(
            score=RiskScore(points=0, risk_class=name, scorecard=REF),
            effective_on=dt.date(2026, month, 1),
            recorded_at=dt.datetime(2026, month, 1, tzinfo=dt.UTC),
        )
        for month, name in enumerate(classes, 1)
        if name is not None
    ]
    return fold(facts, account)


def pairs(accounts):
    return [tuple(account.view(each) for each in DAYS) for account in accounts]


def test_moves_are_counted_from_the_class_before_to_the_class_after():
    accounts = [
        account_of("1", "A", "C"),
        account_of("2", "A", "A"),
        account_of("3", "C", "B"),
        account_of("4", None, "B"),
    ]
    matrix = migration(pairs(accounts), ABC)
    assert (matrix.count("A", "C"), matrix.count("A", "A"), matrix.count(UNSCORED, "B")) == (1, 1, 1)
    assert (matrix.worse, matrix.better) == (1, 1)
    assert (matrix.share("A", "C"), matrix.share("B", "B")) == (Fraction(1, 2), None)


MOVES = st.lists(st.tuples(st.sampled_from([*ABC, None]), st.sampled_from([*ABC, None])), max_size=12)


@given(moves=MOVES)
def test_rows_are_those_before_and_columns_those_after_and_nobody_is_lost(moves):
    accounts = [account_of(str(at), *each) for at, each in enumerate(moves)]
    matrix = migration(pairs(accounts), ABC)
    after = [account.view(DAYS[1]).risk.risk_class or UNSCORED for account in accounts]
    before = [account.view(DAYS[0]).risk.risk_class or UNSCORED for account in accounts]
    for at, name in enumerate(matrix.classes):
        assert sum(matrix.counts[at]) == before.count(name)
        assert sum(row[at] for row in matrix.counts) == after.count(name)
    turned = migration([pair[::-1] for pair in pairs(accounts)], ABC)
    assert (turned.worse, turned.better) == (matrix.better, matrix.worse)


def test_a_report_of_last_month_can_be_had_again_as_it_was_known():
    """A score of January that became known in March is in the matrix of today, and not in that of then."""
    late = CustomerScored(
        score=RiskScore(points=0, risk_class="C", scorecard=REF),
        effective_on=dt.date(2026, 1, 15),
        recorded_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )
    account = fold([late], account_of("1", "A"))
    then = migration([tuple(account.view(each, DAYS[1]) for each in DAYS)], ABC)
    now = migration(pairs([account]), ABC)
    assert (then.count("A", "A"), now.count("C", "C")) == (1, 1)


def test_classes_that_are_not_named_and_pairs_of_two_accounts_are_refused():
    one, other = account_of("1", "A"), account_of("2", "Q")
    with pytest.raises(InvalidValue, match="'Q'"):
        migration(pairs([one, other]), ABC)
    with pytest.raises(InvalidValue, match="account '1' too"):
        migration([(one.view(DAYS[0]), other.view(DAYS[0]))], ABC)
    for wrong in (["A", "A"], ["A", UNSCORED]):
        with pytest.raises(InvalidValue, match="once"):
            migration([], wrong)
    with pytest.raises(InvalidValue, match="must be one of"):
        migration([], ABC).count("A", "Q")
    with pytest.raises(InvalidValue, match="'Q'"):
        distribution([other.view(DAYS[0])], ABC)


def test_customers_count_once_and_amounts_by_currency():
    accounts = [
        account_of("1", "A", segment="retail", owes=(eur(100), Money.of(7, "USD"))),
        account_of("2", "A", segment="retail", owes=(eur(50),)),
        account_of("3", "B", segment="public"),
        account_of("4"),
    ]
    found = distribution([account.view(DAYS[0]) for account in accounts], ABC)
    assert found.customers == (("A", "retail", 2), ("B", "public", 1), (UNSCORED, "", 1))
    assert (found.count("A"), found.count("A", "public"), found.count("C")) == (2, 0, 0)
    assert (found.open("A", "EUR"), found.open("A", "USD"), found.open("B", "EUR")) == (
        eur(150),
        Money.of(7, "USD"),
        eur(0),
    )
    assert [tuple(row.values()) for row in found.rows()] == [
        ("A", "retail", "EUR", 2, "150.00"),
        ("A", "retail", "USD", 1, "7.00"),
    ]


def test_groups_and_accounts_that_are_part_of_another_are_no_customers():
    world = World()
    world.app.open_group("HOLDING", key="group")
    for id in ("ONE", "TWO"):
        world.open(id)
        world.invoice(f"INV-{id}", 60, 20, id)
    world.app.merge_accounts("ONE", "TWO", reason="one customer", by="ann", approver="bob", key="merge")
    views = [world.app.account(id, own=True).view(day(1)) for id in ("group:HOLDING", "ONE", "TWO")]
    found = distribution(views, ABC)
    assert found.count(UNSCORED) == 1
    assert found.open(UNSCORED, "EUR") == eur(120)


def test_reports_can_be_read():
    account = account_of("1", "A", "<B>", owes=(eur(100),))
    matrix = migration(pairs([account]), ["A", "<B>"])
    assert str(matrix).splitlines()[0] == "migration of 1 customers: 1 worse, 0 better"
    assert "&lt;B&gt;" in matrix._repr_html_()
    found = distribution([account.view(DAYS[0])], ABC)
    assert "A" in str(found).splitlines()[2]
    assert "<caption>risk classes of 1 customers" in found._repr_html_()
