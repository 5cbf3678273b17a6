"""Rates from experience: paid is not lost, lost is lost from whatever bucket, and recovered is not."""

from fractions import Fraction

import pytest
from tests.service.world import World, day, eur

from receivables.errors import InvalidValue, WrongType
from receivables.policies.provision import Roll, flow_rates, loss_rate
from receivables.reports.loss_rates import lost_of_buckets, rolls


@pytest.fixture
def world():
    """Three invoices of 100.00, 10 days overdue on the first day: one is paid, one lost by half, one recovered."""
    world = World()
    world.open()
    for number in ("PAID", "LOST", "BACK"):
        world.invoice(number, "100", -10)
    world.at(20)
    world.settle("PAID", "100")
    world.app.write_off("ACME", "LOST", "insolvent", amount=eur(50), on=day(20), key="1")
    world.app.write_off("ACME", "BACK", "insolvent", on=day(20), key="2")
    world.at(50)
    world.pay("P-9", "80")
    world.app.recover("ACME", "P-9", "BACK", key="3")
    return world


def test_what_was_lost_of_a_bucket_is_what_was_not_recovered(world):
    account = world.app.account("ACME")
    assert lost_of_buckets(account, "EUR", day(0), day(30))[1] == Roll(30_000, 15_000)
    assert lost_of_buckets(account, "EUR", day(0), day(60))[1] == Roll(30_000, 7_000)
    assert loss_rate(eur(70), eur(300)) == Fraction(7, 30)


def test_what_was_lost_before_is_not_lost_again(world):
    account = world.app.account("ACME")
    assert lost_of_buckets(account, "EUR", day(21), day(60)) == (
        Roll(0, 0),
        Roll(0, 0),
        Roll(5_000, 0),
        Roll(0, 0),
        Roll(0, 0),
    )


def test_other_currencies_are_left_out(world):
    assert set(lost_of_buckets(world.app.account("ACME"), "USD", day(0), day(60))) == {Roll(0, 0)}


def test_what_grows_older_or_is_written_off_rolls_on(world):
    found = rolls([world.app.account("ACME")], "EUR", [day(0), day(30), day(60), day(90), day(120)])
    assert found[1] == (Roll(30_000, 20_000), Roll(0, 0), Roll(0, 0), Roll(0, 0))
    assert found[2] == (Roll(0, 0), Roll(5_000, 5_000), Roll(0, 0), Roll(0, 0))
    assert found[4] == (Roll(0, 0), Roll(0, 0), Roll(0, 0), Roll(5_000, 0))
    assert flow_rates(found)[1:] == (Fraction(0),) * 4


def test_the_oldest_bucket_rolls_on_into_the_loss_only():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -200)
    world.at(20)
    world.app.write_off("ACME", "INV-1", "insolvent", amount=eur(30), on=day(20), key="1")
    assert rolls(world.app.account("ACME"), "EUR", [day(0), day(30)])[4] == (Roll(10_000, 3_000),)


@pytest.mark.parametrize("days", [[], [0], [1, 1], [2, 1]])
def test_days_that_do_not_rise_are_refused(world, days):
    with pytest.raises(InvalidValue, match="two or more that rise"):
        rolls(world.app.account("ACME"), "EUR", [day(offset) for offset in days])


def test_a_period_that_is_over_before_it_begins_is_refused(world):
    with pytest.raises(InvalidValue, match="must be after"):
        lost_of_buckets(world.app.account("ACME"), "EUR", day(1), day(1))


def test_what_goes_to_the_account_of_another_customer_was_not_paid():
    world = World()
    for id in ("A", "B"):
        world.open(id)
        world.invoice(f"INV-{id}", "400", -10, id)
    world.at(5).app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge")
    world.at(30).app.write_off("A", "INV-B", "insolvent", on=day(30), key="lost")
    accounts = [world.app.account(id, own=True) for id in ("A", "B")]
    assert rolls(accounts, "EUR", (day(0), day(29)))[1] == (Roll(800_00, 800_00),)
    assert lost_of_buckets(accounts, "EUR", day(0), day(30))[1] == Roll(800_00, 400_00)


def test_days_that_are_none_are_refused(world):
    with pytest.raises(WrongType, match=r"loss_rates.days\[1\]"):
        rolls(world.app.account("ACME"), "EUR", (day(0), None))
