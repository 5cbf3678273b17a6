"""What became of the buckets of one date: rolled on, paid, given up, or settled otherwise."""

import pickle

import pytest
from tests.service.world import World, day, eur

from receivables import CreditNote
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.reports.metrics_rolls import Rolls, rolls


@pytest.fixture
def world() -> World:
    """On day 0: 1,000.00 overdue for 10 days, 400.00 for 40, and 500.00 not due."""
    world = World()
    world.open()
    world.invoice("INV-1", 1000, -10)
    world.invoice("INV-2", 400, -40)
    world.invoice("INV-3", 500, 20)
    return world


def of(world: World, since: int = 0, as_of: int = 30, **more) -> Rolls:
    return rolls(world.app.account("ACME"), day(since), day(as_of), "EUR", **more)


def moved(found: Rolls) -> dict[tuple[str, str], int]:
    return {pair: minor // 100 for pair, minor in found.moved.items()}


def test_what_nobody_pays_rolls_on(world):
    assert moved(of(world.at(30))) == {("1-30", "31-60"): 1000, ("31-60", "61-90"): 400, ("current", "1-30"): 500}
    assert [of(world).rate(bucket).rounded(0) for bucket in ("current", "1-30", "31-60")] == ["100", "100", "100"]


def test_each_unit_that_does_not_roll_on_has_its_end(world):
    world.at(10).settle("INV-1", 300)
    note = CreditNote(number="CN", account="ACME", issued_on=day(11), total=eur(50), against="INV-1")
    world.at(11).app.issue_credit_note(note, key="CN")
    world.app.write_off("ACME", "INV-2", "insolvent", on=day(11), key="w", by="ann", approver="bob", amount=eur(100))
    world.at(30)
    assert moved(of(world)) == {
        ("1-30", "31-60"): 650,
        ("1-30", "paid"): 300,
        ("1-30", "settled"): 50,
        ("31-60", "61-90"): 300,
        ("31-60", "written_off"): 100,
        ("current", "1-30"): 500,
    }
    assert of(world).rate("1-30").rounded() == "65.00"


def test_an_item_that_is_settled_ends_with_all_that_was_open(world):
    world.at(10).settle("INV-1", 1000)
    assert moved(of(world.at(30))) == {("1-30", "paid"): 1000, ("31-60", "61-90"): 400, ("current", "1-30"): 500}


def test_the_net_rate_looks_at_totals_alone(world):
    """700.00 of the 1,000.00 in 1-30 rolled on; an invoice of day 5 that was due before day 0 makes 900.00 of them in 31-60."""
    world.at(10).settle("INV-1", 300)
    world.invoice("INV-4", 200, -5, issued_on=day(5))
    found = of(world.at(30))
    assert (found.rate("1-30", "net").rounded(), found.rate("1-30").rounded()) == ("90.00", "70.00")


def test_the_oldest_bucket_rolls_into_itself(world):
    found = rolls(world.app.account("ACME"), day(60), day(90), "EUR", edges=(30,))
    assert found.rate("30+").rounded(0) == "100"


def test_an_item_that_is_open_again_did_not_roll_from_where_it_was_not(world):
    made = world.at(1).settle("INV-1", 1000)
    assert made.ids
    world.at(12).app.return_payment("ACME", "P INV-1 1000", "returned", "AC04", on=day(12), key="back")
    found = of(world.at(30), since=5)
    assert found.start("1-30") == 0
    assert found.ends["31-60"] == 100_000
    assert found.rate("1-30").reason.code == "nothing_in_bucket"


def test_rolls_of_accounts_add_up(world):
    world.open("BETA")
    world.invoice("INV-B", 300, -10, account="BETA")
    accounts = [world.app.account(id) for id in ("ACME", "BETA")]
    one, other = (rolls(account, day(0), day(30), "EUR") for account in accounts)
    assert pickle.loads(pickle.dumps(one)) + other == other + one == rolls(accounts, day(0), day(30), "EUR")
    with pytest.raises(InvalidValue, match="same question"):
        _ = one + of(world, as_of=29)
    with pytest.raises(CurrencyMismatch):
        _ = one + rolls(accounts, day(0), day(30), "USD")


def test_a_rate_names_its_dates_and_its_method(world):
    rate = of(world, known_at=day(30)).rate("1-30")
    assert (rate.name, rate.method, rate.window_days, rate.as_of) == ("roll_rate 1-30", "tracked", 30, day(30))
    assert rate.known_at is not None
    assert (rate.numerator, rate.denominator) == (100_000, 100_000)


def test_it_reads_as_a_matrix(world):
    lines = str(of(world)).splitlines()
    assert lines[0] == "roll rates in EUR from 2026-03-02 to 2026-04-01, percent"
    assert lines[1].split()[:4] == ["from", "open", "current", "1-30"]
    assert lines[3].split()[:2] == ["1-30", "1000.00"]
    assert ">rolled</th>" in of(world)._repr_html_()


def test_what_cannot_be_asked_is_refused(world):
    with pytest.raises(InvalidValue, match="must be before"):
        of(world, since=30)
    with pytest.raises(InvalidValue):
        of(world).rate("0-30")
    with pytest.raises(InvalidValue):
        of(world).rate("1-30", "gross")


def test_what_goes_to_the_account_of_another_customer_was_not_settled():
    world = World()
    for id in ("A", "B"):
        world.open(id)
        world.invoice(f"INV-{id}", 400, -10, id)
    world.at(5).app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge")
    world.at(30)
    found = rolls([world.app.account(id, own=True) for id in ("A", "B")], day(0), day(30), "EUR")
    assert moved(found) == {("1-30", "31-60"): 800}


@pytest.mark.parametrize("wrong", ["2026-03-02", None, 5])
def test_a_date_that_is_none_is_refused(world, wrong):
    for since, as_of in ((wrong, day(0)), (day(0), wrong)):
        with pytest.raises(WrongType, match="rolls"):
            rolls(world.app.account("ACME"), since, as_of, "EUR")
