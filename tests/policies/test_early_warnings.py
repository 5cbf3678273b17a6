"""Early warnings: each pattern at its threshold, one short of it, and turned off; each with its evidence."""

import attrs
import pytest
from tests.service.world import EUR, World, day, eur

from receivables import CreditLimit
from receivables.documents.risk import WARNINGS
from receivables.errors import InvalidValue, WrongType
from receivables.policies.early_warnings import DETECTORS, MOST_EVIDENCE, WarningPolicy, early_warnings

POLICY = WarningPolicy(id="trade", version=1)


def found(world, at, policy=POLICY):
    """The warnings of a day: kind -> (about, subject) of the evidence."""
    account = world.app.account("ACME")
    warnings = early_warnings(account, account.view(day(at)), policy)
    return {each.kind: [(one.about, one.subject) for one in each.evidence] for each in warnings}


@pytest.fixture
def world():
    opened = World()
    opened.open()
    return opened


def test_there_is_one_detector_for_each_kind():
    assert tuple(DETECTORS) == WARNINGS


def test_an_account_without_anything_gives_no_warning(world):
    assert found(world, 0) == {}


def test_promise_after_promise(world):
    for number in (1, 2):
        world.invoice(f"INV-{number}", 100, 20)
        world.promise(f"PTP-{number}", f"INV-{number}", 100, 5 * number)
    assert found(world, 10) == {}
    assert found(world, 11) == {"promise_after_promise": [("promise", "PTP-1"), ("promise", "PTP-2")]}
    assert found(world, 11, attrs.evolve(POLICY, broken_promises=3)) == {}
    assert found(world, 11, attrs.evolve(POLICY, broken_promises=None)) == {}


def returned(world, number, on):
    world.at(on).pay(f"P-{number}", 50)
    world.app.return_payment("ACME", f"P-{number}", kind="returned", code="AC04", on=day(on), key=f"b{number}")


def test_returned_payments(world):
    returned(world, 1, 1)
    assert found(world, 1) == {}
    returned(world, 2, 2)
    assert found(world, 2) == {"returned_payments": [("payment", "P-1"), ("payment", "P-2")]}


def test_what_lies_before_the_window_is_no_pattern(world):
    returned(world, 1, 0)
    returned(world, 2, 364)
    assert list(found(world, 364)) == ["returned_payments"]
    assert found(world, 365) == {}


def test_short_pay_habit(world):
    for number in range(4):
        world.invoice(f"INV-{number}", 100, 20)
        world.settle(f"INV-{number}", 100 if number == 3 else 90)
        if number < 2:
            assert found(world, 1) == {}
    assert found(world, 1) == {"short_pay_habit": [("item", f"INV-{number}") for number in range(3)]}
    for number in range(4, 8):
        world.invoice(f"INV-{number}", 100, 20)
        world.settle(f"INV-{number}", 100)
    assert found(world, 1) == {}  # three of eight are no habit


def test_dispute_to_delay(world):
    for number in (1, 2, 3):
        world.invoice(f"INV-{number}", 100, 0)
    world.at(5)
    for number in (1, 2):
        world.dispute(f"D-{number}", f"INV-{number}")
        world.app.resolve_dispute("ACME", f"D-{number}", "rejected", on=day(5), key=f"over {number}", by="ann")
    assert found(world, 5) == {"dispute_to_delay": [("dispute", "D-1"), ("dispute", "D-2")]}


def test_disputes_before_the_due_date_delay_nothing(world):
    for number in (1, 2):
        world.invoice(f"INV-{number}", 100, 0)
        world.dispute(f"D-{number}", f"INV-{number}")
        world.app.resolve_dispute("ACME", f"D-{number}", "rejected", on=day(0), key=f"over {number}", by="ann")
    assert found(world, 5) == {}


def test_a_burst_of_orders_while_something_is_overdue(world):
    world.limit(1_000_000)
    world.order("SO-0", 1300)  # 1,300 in 180 days are about 101 in 14
    world.at(60).invoice("INV-1", 100, 65)
    world.at(70)
    for number in (1, 2):
        world.order(f"SO-{number}", 120)
    assert found(world, 70) == {}
    world.order("SO-3", 120)
    assert found(world, 70) == {"order_burst": [("order", f"SO-{number}") for number in (1, 2, 3)]}
    assert found(world, 65) == {}  # due today is not overdue, and the orders were not there
    world.settle("INV-1", 100)
    assert found(world, 70) == {}


def test_orders_of_a_new_customer_are_no_burst(world):
    world.limit(1_000_000)
    world.invoice("INV-1", 100, -5)
    for number in range(5):
        world.order(f"SO-{number}", 500)
    assert found(world, 0) == {}


def test_utilization_up_and_payments_slower(world):
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(1000), valid_from=day(0))
    world.app.set_limit(limit, key="limit")
    world.invoice("INV-1", 100, 10)
    world.at(10).settle("INV-1", 100)
    world.at(95).invoice("INV-2", 100, 100)
    world.at(115).settle("INV-2", 100)
    world.invoice("INV-3", 890, 150)
    assert found(world, 115) == {}
    world.invoice("INV-4", 10, 150)
    evidence = found(world, 115)["utilization_and_slower"]
    assert evidence == [("item", "INV-2"), ("utilization", "EUR"), ("utilization", "EUR")]
    assert found(world, 115, attrs.evolve(POLICY, slower_days=16)) == {}
    assert found(world, 115, attrs.evolve(POLICY, rise_percent=91)) == {}


def test_who_pays_what_is_new_and_leaves_what_is_old(world):
    world.invoice("OLD", 900, 0)
    for number, due in ((1, 10), (2, 15)):
        world.invoice(f"NEW-{number}", 50, due)
        world.at(due).settle(f"NEW-{number}", 50)
    assert found(world, 29) == {}
    assert found(world, 30) == {"selective_payment": [("item", "NEW-1"), ("item", "NEW-2"), ("item", "OLD")]}


def test_who_contests_what_is_old_is_no_chooser(world):
    world.invoice("OLD", 900, 0)
    world.dispute("D-1", "OLD")
    for number, due in ((1, 10), (2, 15)):
        world.invoice(f"NEW-{number}", 50, due)
        world.at(due).settle(f"NEW-{number}", 50)
    assert found(world, 60) == {}


def test_who_orders_and_never_paid(world):
    world.invoice("INV-1", 100, 0)
    world.invoice("INV-2", 100, 1)
    assert found(world, 30) == {}
    assert found(world, 31) == {"never_paid": [("item", "INV-1"), ("item", "INV-2")]}
    world.settle("INV-1", 10)
    assert found(world, 31) == {}


def test_who_pays_only_after_letters():
    world = World()
    world.open()
    for number in (1, 2, 3):
        world.invoice(f"INV-{number}", 100, 0)
    for at in (8, 16):
        world.at(at).run(), world.deliver()
    world.at(20)
    for number in (1, 2):
        world.settle(f"INV-{number}", 100)
    assert found(world, 20) == {}
    world.settle("INV-3", 100)
    assert found(world, 20) == {"pays_under_pressure": [("item", f"INV-{number}") for number in (1, 2, 3)]}


def test_a_pattern_without_a_threshold_is_not_looked_for(world):
    for number in (1, 2, 3):
        world.invoice(f"INV-{number}", 100, 0)
    world.invoice("OLD", 900, 0)
    for at in (8, 16):
        world.at(at).run(), world.deliver()
    world.at(20)
    for number in (1, 2, 3):
        world.settle(f"INV-{number}", 100)
    for number in (4, 5):
        world.invoice(f"INV-{number}", 50, 20)
        world.settle(f"INV-{number}", 50)
    assert {"pays_under_pressure", "selective_payment"} <= found(world, 30).keys()
    off = attrs.evolve(POLICY, selective_days=None, pressure_letters=None)
    assert not {"pays_under_pressure", "selective_payment"} & found(world, 30, off).keys()


def test_evidence_is_bounded_and_the_latest_is_kept(world):
    for number in range(MOST_EVIDENCE + 5):
        returned(world, f"{number:02d}", number)
    evidence = found(world, 30)["returned_payments"]
    assert len(evidence) == MOST_EVIDENCE
    assert evidence[-1] == ("payment", f"P-{MOST_EVIDENCE + 4:02d}")


def test_periods_are_months_or_several():
    months = [attrs.evolve(POLICY, period_months=count).period(day(0)) for count in (1, 2, 3, 6, 12)]
    assert months == ["2026-03", "2026-03", "2026-01", "2026-01", "2026-01"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"broken_promises": 0}, InvalidValue),
        ({"period_months": 13}, InvalidValue),
        ({"compare_days": None}, WrongType),
        ({"returned_payments": 1.5}, WrongType),
        ({"behavior": None}, WrongType),
    ],
)
def test_thresholds_that_cannot_be_are_refused(changes, error):
    with pytest.raises(error):
        attrs.evolve(POLICY, **changes)
