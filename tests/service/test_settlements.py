"""Settlements through the service: every part of a difference recorded, undone together, and placed by an order."""

from decimal import Decimal

import attrs
import pytest
from tests.service.world import BOOK, TODAY, World, day, eur, picture

from receivables import Allocation, DunningPolicy, DunningStep, Invoice, InvoiceLine, Money, PaymentTerms, PolicyBook
from receivables.documents.payment import Designation
from receivables.documents.settlement import Deduction
from receivables.errors import CurrencyMismatch, OverApplied, UnknownId
from receivables.facts.cash import AllocationMade, DifferenceSettled
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.policies.appropriation import BGB_367, AppropriationOrder
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance

POLICY = SettlementPolicy(
    id="EU",
    version=1,
    tolerance=Tolerance(amount=(eur(5),), percent=Decimal(1), yearly_cap=(eur(8),)),
)


def book(*policies: object) -> PolicyBook:
    others = [each for each in BOOK.policies if type(each) not in {type(policy) for policy in policies}]
    return attrs.evolve(BOOK, policies=(*others, *policies))


@pytest.fixture
def world() -> World:
    """INV-4 over 1,200.00, issued today, 2/10 net 30, of which 200.00 is tax at 20 %."""
    world = World(policies=book(POLICY, BGB_367))
    world.open()
    invoice = Invoice(
        number="INV-4",
        account="ACME",
        issued_on=TODAY,
        total=eur(1200),
        terms=PaymentTerms.parse("2/10 net 30"),
        lines=(InvoiceLine(net=eur(1000), tax=eur(200), tax_percent=Decimal(20)),),
    )
    world.app.issue_invoice(invoice, key="INV-4")
    return world


def paid(world: World, amount: object, on: int, id: str = "P", items: tuple[str, ...] = ("INV-4",), **more: object):
    world.at(max(on, (world.today - TODAY).days))
    world.pay(id, amount, on=on)
    return world.app.settle("ACME", id, items, key=f"settle {id}", **more)


def test_a_discount_in_time_closes_the_item_with_its_tax(world):
    receipt = paid(world, "1176", 10)
    assert receipt.outcome == "settled"
    assert "INV-4" in world.app.view("ACME", day(10)).closed
    (part,) = [fact.part for fact in world.facts(DifferenceSettled)]
    assert (part.kind, part.amount, part.tax) == ("discount_earned", eur(24), eur(4))
    (made,) = world.facts(AllocationMade)
    assert made.allocation.rule == "settlement EU/1"


def test_a_discount_taken_too_late_stays_open_and_is_disputed(world):
    receipt = paid(world, "1176", 11)
    assert receipt.outcome == "partly settled"
    view = world.app.view("ACME", day(11))
    assert (view.open("INV-4"), view.disputed("INV-4")) == (eur(24), eur(24))
    (opened,) = world.facts(DisputeOpened)
    assert opened.dispute.reason == "unearned_discount"
    assert opened.dispute.id in receipt.ids


def test_a_few_cents_are_let_go_until_the_cap_of_the_year(world):
    paid(world, "1195.50", 25)
    assert "INV-4" in world.app.view("ACME", day(25)).closed
    world.invoice("INV-5", "1000", 40)
    paid(world, "995.50", 26, "Q", ("INV-5",))
    assert world.app.view("ACME", day(26)).open("INV-5") == eur("4.50"), "4.50 and 4.50 are more than 8.00"


def test_a_stated_deduction_opens_a_dispute_with_its_code(world):
    deduction = Deduction(amount=eur(80), code="short_delivery", item="INV-4", text="two boxes")
    paid(world, "1120", 20, deductions=(deduction,))
    (state,) = world.app.view("ACME", day(20)).disputes
    assert (state.dispute.reason, state.left) == ("short_delivery", 8000)


def test_a_settlement_that_would_differ_from_what_is_expected_is_refused(world):
    def expected(amount):
        return (Allocation(source="P", item="INV-4", amount=eur(amount)),)

    receipt = paid(world, "1176", 10, expected=expected("1200"))
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("refused", ["not_as_expected"])
    assert world.app.view("ACME", day(10)).on_account("EUR") == eur("1176")
    again = world.app.settle("ACME", "P", ("INV-4",), key="again", expected=expected("1176"))
    assert again.outcome == "settled"


def test_what_is_paid_too_much_stays_on_account(world):
    paid(world, "1300", 20)
    view = world.app.view("ACME", day(20))
    assert (view.on_account("EUR"), view.balance("EUR")) == (eur(100), eur(-100))


def test_a_surplus_within_the_tolerance_is_kept_where_the_policy_says_so():
    world = World(policies=book(attrs.evolve(POLICY, surplus="tolerance")))
    world.open()
    world.invoice("INV-4", "1200", 30)
    paid(world, "1202", 20)
    assert world.app.view("ACME", day(20)).on_account("EUR") == eur(0)
    world.app.unapply("ACME", "settle P#1", key="undo")
    assert world.app.view("ACME", day(20)).on_account("EUR") == eur(1202)


def test_a_part_payment_is_refused_with_its_reason_where_the_policy_says_so():
    world = World(policies=book(attrs.evolve(POLICY, short="refuse")))
    world.open()
    world.invoice("INV-4", "1200", 30)
    world.pay("P", "10")
    before = picture(world.store)["heads"]
    receipt = world.app.settle("ACME", "P", ("INV-4",), key="settle")
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("refused", ["part_payment_refused"])
    assert picture(world.store)["heads"] == before
    assert world.app.view("ACME", TODAY).on_account("EUR") == eur(10)


def test_undo_takes_back_the_discount_with_the_money(world):
    before = world.app.view("ACME", day(12))
    receipt = paid(world, "1176", 10)
    world.at(12)
    world.app.unapply("ACME", receipt.ids[0], key="undo")
    after = world.app.view("ACME", day(12))
    assert after.open("INV-4") == before.open("INV-4") == eur(1200)
    assert after.on_account("EUR") == eur(1176)
    again = world.app.settle("ACME", "P", ("INV-4",), key="again")
    assert again.outcome == "settled"


def test_undo_takes_back_the_dispute_that_the_settlement_opened(world):
    receipt = paid(world, "1176", 11)
    world.app.unapply("ACME", receipt.ids[0], key="undo")
    view = world.app.view("ACME", day(11))
    assert (view.disputed("INV-4"), view.free("INV-4")) == (eur(0), eur(1200))
    assert view.disputes[0].status == "withdrawn"


def test_a_return_takes_back_the_whole_settlement(world):
    paid(world, "1176", 10)
    world.at(15)
    world.app.return_payment("ACME", "P", "returned", "AC04", on=day(15), key="back")
    view = world.app.view("ACME", day(15))
    assert (view.open("INV-4"), view.on_account("EUR")) == (eur(1200), eur(0))
    assert "INV-4" in world.app.view("ACME", day(14)).closed


@pytest.fixture
def two(world) -> World:
    """A over 600.00 and B over 2.00, settled by 600.00 at once: B is within the tolerance and got no money."""
    world.invoice("A", "600", 5)
    world.invoice("B", "2", 6)
    paid(world, "600", 0, items=("A", "B"))
    assert {"A", "B"} <= world.app.view("ACME", TODAY).closed
    return world


def test_a_return_takes_back_what_was_let_go_of_an_item_that_got_no_money(two):
    two.app.return_payment("ACME", "P", "returned", "MD06", on=TODAY, key="back")
    view = two.app.view("ACME", TODAY)
    assert [view.open(id) for id in ("A", "B")] == [eur(600), eur(2)]


def test_undo_of_the_last_money_of_a_settlement_takes_back_all_of_it(two):
    two.app.unapply("ACME", "settle P#1", key="undo")
    view = two.app.view("ACME", TODAY)
    assert [view.open(id) for id in ("A", "B")] == [eur(600), eur(2)]


def test_undo_of_one_of_several_leaves_what_was_let_go_of_the_others(world):
    world.invoice("A", "600", 5)
    world.invoice("B", "300", 6)
    world.invoice("C", "2", 7)
    paid(world, "900", 0, items=("A", "B", "C"))
    world.app.unapply("ACME", "settle P#1", key="undo")
    view = world.app.view("ACME", TODAY)
    assert view.open("A") == eur(600)
    assert {"B", "C"} <= view.closed


def test_undo_leaves_a_dispute_of_another_settlement_whose_key_begins_alike(world):
    world.pay("P", "500", on=0)
    world.app.settle("ACME", "P", ("INV-4",), key="one")
    world.pay("Q", "600", on=0)
    stated = (Deduction(amount=eur(80), code="short_delivery"),)
    world.app.settle("ACME", "Q", ("INV-4",), deductions=stated, key="one#1")
    assert world.facts(DisputeOpened)
    world.app.unapply("ACME", "one#1", key="undo")
    assert not world.facts(DisputeResolved)


def test_a_surplus_that_was_kept_goes_back_with_money_that_was_applied_to_nothing():
    world = World(policies=book(attrs.evolve(POLICY, surplus="tolerance")))
    world.open()
    world.invoice("A", "600", 5)
    world.settle("A", "600")
    paid(world, "1", 0, items=("A",))
    world.app.return_payment("ACME", "P", "returned", "MD06", on=TODAY, key="back")
    assert not list(world.app.account("ACME").cash.used_elsewhere())


def test_the_day_on_which_announced_money_was_there_decides_on_the_discount(world):
    world.pay("P", "1176", on=0, status="pending")
    world.at(11).app.confirm_payment("ACME", "P", on=day(11), key="there")
    world.app.settle("ACME", "P", ("INV-4",), key="settle")
    assert world.app.view("ACME", day(11)).open("INV-4") == eur(24)


def test_one_payment_settles_several_items_in_the_order_given(world):
    world.invoice("INV-5", "300", 30)
    paid(world, "1400", 20, items=("INV-5", "INV-4"))
    assert world.app.view("ACME", day(20)).open("INV-4") == eur(100)


def test_a_settlement_on_what_another_payment_is_on_its_way_for_leaves_that_alone(world):
    world.pay("C", "1200", method="card", status="pending", designated=(Designation(item="INV-4", amount=eur(1200)),))
    paid(world, "1200", 1)
    view = world.app.view("ACME", day(1))
    assert (view.open("INV-4"), view.on_account("EUR")) == (eur(1200), eur(1200))


def test_the_order_of_appropriation_places_costs_first_and_says_so():
    world = World(policies=book(POLICY, BGB_367))
    world.open(segment="strict")
    world.invoice("INV-1", "1000", -3)
    world.run()
    world.deliver()
    fee, interest = (f"INV-1/call/{day(-3)}/{kind}" for kind in ("fee", "interest"))
    world.pay("P", "500")
    receipt = world.app.appropriate("ACME", "P", key="place")
    assert receipt.outcome == "placed"
    rules = {fact.allocation.item: fact.allocation.rule for fact in world.facts(AllocationMade)}
    assert rules[fee] == "costs before interest (BGB s. 367(1))"
    assert rules[interest] == "interest before principal (BGB s. 367(1))"
    view = world.app.view("ACME", TODAY)
    assert view.on_account("EUR") == eur(0)
    assert {fee, interest} <= view.closed


def test_what_the_debtor_designated_is_placed_first():
    world = World(policies=book())
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20)
    world.pay("P", "300")
    world.app.appropriate("ACME", "P", designated=("INV-2",), key="place")
    (made,) = world.facts(AllocationMade)
    assert (made.allocation.item, made.allocation.rule) == ("INV-2", "designated by the debtor")


def test_what_cannot_be_is_refused_and_leaves_nothing(world):
    world.pay("P", "100")
    world.invoice("INV-USD", Money.of("80", "USD"), 5)
    before = picture(world.store)
    with pytest.raises(UnknownId, match="INV-9"):
        world.app.settle("ACME", "P", ("INV-9",), key="a")
    with pytest.raises(UnknownId, match="'Z'"):
        world.app.settle("ACME", "Z", ("INV-4",), key="b")
    with pytest.raises(CurrencyMismatch):
        world.app.settle("ACME", "P", ("INV-USD",), key="c")
    with pytest.raises(ValueError, match="item"):
        world.app.settle("ACME", "P", (), key="d")
    with pytest.raises(UnknownId, match="INV-9"):
        world.app.appropriate("ACME", "P", designated=("INV-9",), key="e")
    assert picture(world.store) == before
    world.app.refund("ACME", "P", eur(100), on=TODAY, key="gone")
    with pytest.raises(OverApplied, match="'P'"):
        world.app.settle("ACME", "P", ("INV-4",), key="f")


def test_without_a_policy_nothing_is_settled():
    others = tuple(each for each in BOOK.policies if not isinstance(each, SettlementPolicy | AppropriationOrder))
    world = World(policies=attrs.evolve(BOOK, policies=others))
    world.open()
    world.invoice("INV-1", "100", 3)
    world.pay("P", "100")
    with pytest.raises(UnknownId, match="settlement policy for account: .*, the policy book has none"):
        world.app.settle("ACME", "P", ("INV-1",), key="a")
    with pytest.raises(UnknownId, match="order of appropriation"):
        world.app.appropriate("ACME", "P", key="b")


def test_the_discount_day_is_the_banks_value_date(world):
    """Value date on the tenth day, imported four days later: earned."""
    world.at(14)
    world.pay("P", "1176", on=10)
    assert world.app.settle("ACME", "P", ("INV-4",), key="settle P").outcome == "settled"


def test_what_is_disputed_already_is_not_disputed_again_by_a_deduction(world):
    world.dispute("D", "INV-4", "1200")
    paid(world, "1100", 20, deductions=(Deduction(code="short_delivery", amount=eur(100)),))
    assert [fact.dispute.id for fact in world.facts(DisputeOpened)] == ["D"]
    assert world.app.view("ACME", day(20)).open("INV-4") == eur(100)


@pytest.mark.parametrize(("interest", "first"), [(InterestTerms.fixed("9"), "INV-1"), (None, "fee")])
def test_what_bears_interest_by_the_terms_of_the_customer_is_the_most_burdensome(interest, first):
    """Principal bears 9 percent and a fee nothing; where no terms claim any, neither does, and the smaller one is first."""
    step = DunningStep(name="one", days_after_due=5, fee=FeeRule.flat("fee", eur(10)))
    ladder = DunningPolicy(id="standard", version=1, steps=(step,), interest=interest)
    order = AppropriationOrder(id="burden", version=1, among=("most_burdensome", "smallest"))
    world = World(policies=PolicyBook.of(ladder, order))
    world.open()
    world.invoice("INV-1", "1000", -5)
    world.run()
    world.deliver()
    world.pay("P", "10")
    world.app.appropriate("ACME", "P", key="place")
    (made,) = world.facts(AllocationMade)
    assert made.allocation.item == (first if first == "INV-1" else f"INV-1/one/{day(-5)}/fee")
