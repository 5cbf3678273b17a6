"""Utilization of groups: the common limit, what all members use of it, and what is left to each."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.world import EUR, TODAY, World, day, eur

from receivables import CreditLimit, CreditPolicy, Currency, Customer, Money, PolicyBook
from receivables.documents.exchange import ExchangeRate
from receivables.policies.book import Choice
from receivables.reports.group_utilization import GroupUtilization, group_utilization
from receivables.reports.utilization import utilization

POLICY = CreditPolicy(id="standard", version=1)
BOOK = PolicyBook.of(POLICY)
MEMBERS = ("NORTH", "SOUTH")


@pytest.fixture
def world() -> World:
    """NORTH may have 600.00 and SOUTH 900.00, together 1,000.00; EAST is in no group."""
    world = World(policies=BOOK)
    world.app.open_group("G", key="group")
    for id, amount in zip(MEMBERS, ("600", "900"), strict=True):
        world.open(id, group="G")
        world.limit(amount, id)
    world.open("EAST")
    world.limit("1000", "group:G")
    return world


def report(world: World, on: dt.date = TODAY, book: PolicyBook = BOOK, **more: object) -> GroupUtilization:
    known_at = more.pop("known_at", None)
    ids = ("EAST", "SOUTH", "group:G", "NORTH")
    return group_utilization([world.app.view(id, on, known_at) for id in ids], book, **more)


def test_a_line_has_the_limit_of_the_group_and_what_all_its_members_use(world):
    world.invoice("N", "500", 20, "NORTH")
    world.order("S", "200", "SOUTH")
    world.invoice("E", "5000", 20, "EAST")
    (line,) = report(world).lines
    assert (line.group, line.limit, line.exposure, line.headroom, line.percent) == ("G", 100_000, 70_000, 30_000, 70)
    assert not line.unset


def test_what_a_member_may_still_use_is_bounded_by_its_own_limit_and_by_that_of_all(world):
    world.invoice("N", "500", 20, "NORTH")
    world.order("S", "200", "SOUTH")
    (line,) = report(world).lines
    assert [(each.of, each.limit, each.exposure, each.room) for each in line.members] == [
        ("NORTH", 60_000, 50_000, 10_000),
        ("SOUTH", 90_000, 20_000, 30_000),
    ]
    world.invoice("N2", "400", 20, "NORTH")
    assert [each.room for each in report(world).lines[0].members] == [-30_000, -10_000]


def test_it_is_as_of_a_date_and_as_known_at_an_instant(world):
    world.invoice("N", "500", 20, "NORTH")
    world.at(3)
    world.invoice("S", "300", 20, "SOUTH", issued_on=day(1))
    assert [line.exposure for line in report(world, day(0)).lines] == [50_000]
    assert [line.exposure for line in report(world, day(3)).lines] == [80_000]
    assert [line.exposure for line in report(world, day(3), known_at=day(2)).lines] == [50_000]
    assert report(world, day(3)).as_of == day(3)


def test_who_left_the_group_uses_nothing_of_its_limit_from_that_day_on(world):
    world.invoice("N", "500", 20, "NORTH")
    world.app.change_customer(Customer(id="NORTH"), on=day(2), key="leave")
    assert [line.exposure for line in report(world, day(1)).lines] == [50_000]
    (line,) = report(world, day(2)).lines
    assert (line.exposure, [each.of for each in line.members]) == (0, ["SOUTH"])


def test_a_group_without_a_limit_says_so_and_one_without_an_account_or_a_policy_has_no_line(world):
    world.app.withdraw_limit("group:G", "EUR", on=day(0), key="withdraw")
    world.invoice("N", "500", 20, "NORTH")
    (line,) = report(world).lines
    assert (line.unset, line.limit, line.percent, line.exposure) == (True, None, None, 50_000)
    assert [each.room for each in line.members] == [10_000, 90_000]
    members = [world.app.view(id, day(0)) for id in MEMBERS]
    assert group_utilization(members, BOOK).lines == ()
    assert report(world, book=PolicyBook.of()).lines == ()


def test_an_account_that_is_not_open_yet_is_of_no_group(world):
    world.at(9).open("NEW", group="G")
    before = [world.app.view(id, TODAY) for id in ("NEW", "group:G", "NORTH", "SOUTH")]
    (line,) = group_utilization(before, BOOK).lines
    assert [each.of for each in line.members] == ["NORTH", "SOUTH"]


def test_what_counts_is_said_by_the_policy_of_the_group_and_the_own_limit_by_that_of_the_member(world):
    world.order("N", "100", "NORTH")
    counting = CreditPolicy(id="groups", version=1, count_orders=False)
    choices = (Choice(kind="credit", policy="groups", customer="group:G"), Choice(kind="credit", policy="standard"))
    (line,) = report(world, book=PolicyBook.of(POLICY, counting, choices=choices)).lines
    assert (line.exposure, [each.exposure for each in line.members]) == (0, [0, 0])
    inheriting = PolicyBook.of(attrs.evolve(POLICY, inherit_group=True))
    world.app.withdraw_limit("NORTH", "EUR", on=day(0), key="withdraw")
    (line,) = report(world, book=inheriting).lines
    assert [(each.limit, each.room) for each in line.members] == [(None, 90_000), (90_000, 90_000)]


def test_exposure_in_other_currencies_is_converted_or_not_guessed(world):
    world.invoice("N", Money.of(500, "USD"), 20, "NORTH")
    covering = PolicyBook.of(attrs.evolve(POLICY, limit_currency=EUR))
    assert report(world, book=covering).unpriced == (("G", "rate_missing"),)
    rate = ExchangeRate.of("USD", "EUR", "0.9", on=day(0), source="ECB")
    (line,) = report(world, book=covering, rates=[rate]).lines
    assert (line.exposure, [each.exposure for each in line.members]) == (45_000, [45_000, 0])
    lines = report(world).lines
    assert [(each.currency, each.limit, each.unset) for each in lines] == [
        (EUR, 100_000, False),
        (Currency.of("USD"), None, True),
    ]


def test_the_report_shows_itself_with_a_row_for_each_member(world):
    world.invoice("N", "500", 20, "NORTH")
    found = report(world)
    assert [(row["member"], row["limit"], row["headroom"]) for row in found.rows()] == [
        ("", "1000.00", "500.00"),
        ("NORTH", "600.00", "100.00"),
        ("SOUTH", "900.00", "500.00"),
    ]
    assert str(found).splitlines()[0] == f"utilization of groups on {day(0)}"
    assert found._repr_html_().startswith("<table><caption>Utilization of groups")
    assert str(group_utilization([], BOOK)).endswith("no group has an account")


def test_those_above_a_share(world):
    world.invoice("N", "800", 20, "NORTH")
    assert [len(report(world).above(percent).lines) for percent in (79, 80)] == [1, 0]


def test_the_sum_of_the_members_own_limits_is_another_figure(world):
    world.invoice("N", "500", 20, "NORTH")
    views = [world.app.view(id, day(0)) for id in MEMBERS]
    (sums,) = utilization(views, BOOK).grouped("group").lines
    assert (sums.limit, sums.exposure) == (150_000, report(world).lines[0].exposure)


AMOUNTS = st.integers(0, 2_000)


@given(
    st.lists(st.tuples(st.sampled_from("GH"), AMOUNTS, st.none() | AMOUNTS), max_size=6),
    st.none() | AMOUNTS,
    st.randoms(),
)
def test_the_figures_are_those_of_plain_sums_in_whatever_order_the_accounts_come(members, common, dice):
    world = World(policies=BOOK)
    for group in "GH":
        world.app.open_group(group, key=f"group {group}")
        limit = CreditLimit(
            account=f"group:{group}", currency=EUR, amount=None if common is None else eur(common), valid_from=day(0)
        )
        world.app.set_limit(limit, key=f"limit {group}")
    for at, (group, owed, own) in enumerate(members):
        world.open(f"M{at}", group=group)
        world.limit(own, f"M{at}")
        if owed:
            world.invoice(f"I{at}", owed, 20, f"M{at}")
    views = [world.app.view(id, day(0)) for id in ("group:G", "group:H", *(f"M{at}" for at in range(len(members))))]
    dice.shuffle(views)
    for line in group_utilization([*views, *views[:2]], BOOK).lines:
        mine = [(f"M{at}", owed, own) for at, (group, owed, own) in enumerate(members) if group == line.group]
        used = sum(owed for _, owed, _ in mine)
        assert (line.limit, line.exposure) == (None if common is None else common * 100, used * 100)
        for each, (id, owed, own) in zip(line.members, mine, strict=True):
            rooms = [] if own is None else [own - owed]
            rooms += [] if common is None else [common - used]
            assert (each.of, each.exposure, each.room) == (id, owed * 100, min(rooms) * 100 if rooms else None)
