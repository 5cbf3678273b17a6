"""From a proposal to commands: what is recorded is what was proposed, by whom it was decided, and nothing else."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables import (
    Allocation,
    CreditNote,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PaymentTerms,
    PolicyBook,
    Receivables,
    Remittance,
)
from receivables.documents.payment import Designation
from receivables.documents.reason import Reason
from receivables.documents.settlement import Deduction
from receivables.errors import InvalidValue
from receivables.facts.cash import AllocationMade, DifferenceSettled
from receivables.plans.cash_commands import Settle, Transfer
from receivables.plans.commands import Apply
from receivables.plans.posting import posting
from receivables.policies.matching import propose
from receivables.policies.matching_aliases import Relation
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_proposals import Proposal
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance
from receivables.testing import FixedClock, RecordingNotifier

TODAY = dt.date(2026, 3, 2)


def eur(amount):
    return Money.of(amount, "EUR")


POLICY = MatchingPolicy(id="standard", version=1, tolerances=(eur(5),), tolerance_percent=Decimal(3))
SETTLEMENT = SettlementPolicy(id="standard", version=1, tolerance=Tolerance(amount=(eur(5),), percent=Decimal(3)))


class Desk:
    """A service with one customer, and what becomes of a payment on it."""

    def __init__(self, *invoices):
        self.store = MemoryStore()
        book = PolicyBook.of(SETTLEMENT)
        clock = FixedClock.on(TODAY)
        self.app = Receivables(store=self.store, notifier=RecordingNotifier(), policies=book, clock=clock)
        for id in ("ACME", "SUSPENSE"):
            self.app.open_account(Customer(id=id), key=f"open {id}")
        for number, amount, terms in invoices:
            invoice = Invoice(
                number=number,
                account="ACME",
                issued_on=TODAY - dt.timedelta(days=5),
                total=eur(amount),
                terms=PaymentTerms.parse(terms),
            )
            self.app.issue_invoice(invoice, key=f"issue {number}")

    def index(self):
        relations = [Relation(payer="DE89370400440532013000", account="ACME")]
        return MatchIndex.of([self.app.view("ACME", TODAY)], relations=relations)

    def paid(self, amount, text, account="SUSPENSE"):
        payment = Payment(
            id="P",
            account=account,
            amount=eur(amount),
            value_date=TODAY,
            payer="A. Clerk",
            payer_account="DE89 3704 0044 0532 0130 00",
            remittance=Remittance(text=text),
        )
        self.app.receive_payment(payment, key="pay")
        return payment

    def record(self, commands):
        return [self.app.execute(command).outcome for command in commands]

    def allocations(self):
        facts = [fact.allocation for fact in self.store.facts("ACME") if isinstance(fact, AllocationMade)]
        return [(each.source, each.item, str(each.amount.amount)) for each in facts]

    def differences(self):
        facts = [fact.part for fact in self.store.facts("ACME") if isinstance(fact, DifferenceSettled)]
        return [(each.kind, each.item, str(each.amount.amount)) for each in facts]


def test_money_in_another_account_is_moved_there_and_settles():
    desk = Desk(("INV-100", 100, "net 30"))
    payment = desk.paid(100, "INV-100")
    commands = posting(propose(payment, desk.index(), POLICY).posting, payment, key="m")
    assert [type(each) for each in commands] == [Transfer, Settle]
    assert desk.record(commands) == ["transferred", "settled"]
    assert desk.allocations() == [("m/transfer#1", "INV-100", "100.00")]
    assert desk.app.view("SUSPENSE", TODAY).credits == ()


def test_money_on_the_account_of_the_debtor_settles_where_it_is():
    desk = Desk(("INV-100", 100, "net 30"))
    payment = desk.paid(100, "INV-100", account="ACME")
    (command,) = posting(propose(payment, desk.index(), POLICY).posting, payment, key="m")
    assert (type(command), command.source, command.items) == (Settle, "P", ("INV-100",))


def test_a_discount_taken_on_one_of_two_invoices_is_granted_on_that_one_alone():
    """398.00 for 100.00 and 300.00 at two percent each: 2.00 were taken on the first, nothing on the second."""
    desk = Desk(("INV-100", 100, "2/14 net 30"), ("INV-300", 300, "2/14 net 30"))
    payment = desk.paid(398, "INV-100 INV-300")
    found = propose(payment, desk.index(), POLICY).posting
    assert (found.kind, found.discounted) == ("discount", ("INV-100",))
    commands = posting(found, payment, key="m")
    assert [type(each) for each in commands] == [Transfer, Apply, Settle]
    desk.record(commands)
    assert sorted(desk.allocations()) == [("m/transfer#1", "INV-100", "98.00"), ("m/transfer#1", "INV-300", "300.00")]
    assert desk.differences() == [("discount_earned", "INV-100", "2.00")]
    assert desk.app.view("ACME", TODAY).on_account("EUR") == eur(0)


def test_what_is_nearer_to_the_discount_than_to_the_whole_is_taken_for_the_discount():
    """98.50 for 100.00 less two percent: fifty cents too much, not one and a half too little."""
    desk = Desk(("INV-100", 100, "2/14 net 30"))
    payment = desk.paid("98.50", "INV-100")
    found = propose(payment, desk.index(), POLICY).posting
    assert (found.kind, [str(each.amount) for each in found.allocations]) == ("discount", ["98.00 EUR"])
    desk.record(posting(found, payment, key="m"))
    assert desk.allocations() == [("m/transfer#1", "INV-100", "98.00")]
    assert desk.app.view("ACME", TODAY).on_account("EUR") == eur("0.50")


def test_what_is_missing_besides_a_discount_is_let_go_of_all_the_items_together():
    """394.00 for 100.00 less two percent and 300.00: the other 4.00 are within the tolerance."""
    desk = Desk(("INV-100", 100, "2/14 net 30"), ("INV-300", 300, "net 30"))
    payment = desk.paid(394, "INV-100 INV-300")
    found = propose(payment, desk.index(), POLICY).posting
    assert (found.kind, found.discounted, found.difference) == ("discount", ("INV-100",), eur(-6))
    commands = posting(found, payment, key="m")
    assert desk.record(commands) == ["transferred", "settled"]
    assert sorted(desk.allocations()) == [("m/transfer#1", "INV-100", "98.00"), ("m/transfer#1", "INV-300", "296.00")]
    assert desk.differences() == [("discount_earned", "INV-100", "2.00"), ("tolerance", "INV-300", "4.00")]
    assert desk.app.view("ACME", TODAY).closed == {"INV-100", "INV-300"}


def test_credit_notes_that_the_payer_took_off_are_applied_before_the_money():
    desk = Desk(("INV-100", 100, "net 30"))
    note = CreditNote(number="CN-7777", account="ACME", issued_on=TODAY, total=eur(30))
    desk.app.issue_credit_note(note, key="note")
    payment = desk.paid(70, "INV-100 less CN-7777")
    commands = posting(propose(payment, desk.index(), POLICY).posting, payment, key="m")
    assert [type(each) for each in commands] == [Transfer, Apply, Settle]
    desk.record(commands)
    assert desk.allocations() == [("CN-7777", "INV-100", "30.00"), ("m/transfer#1", "INV-100", "70.00")]
    assert desk.app.view("ACME", TODAY).closed == {"INV-100"}


def test_a_suggestion_is_posted_by_a_person_alone_and_in_their_name():
    desk = Desk(("INV-100", 100, "net 30"))
    payment = desk.paid(100, "thanks")
    (suggestion,) = propose(payment, desk.index(), POLICY).proposals
    with pytest.raises(InvalidValue, match="must name who decided on what is not posted by itself \\(no_reference"):
        posting(suggestion, payment, key="m")
    commands = posting(suggestion, payment, key="m", by="ann")
    assert {command.by for command in commands} == {"ann"}
    assert desk.record(commands) == ["transferred", "settled"]


def test_a_proposal_for_another_payment_is_refused():
    desk = Desk(("INV-100", 100, "net 30"))
    payment = desk.paid(100, "INV-100")
    found = propose(payment, desk.index(), POLICY).posting
    other = Payment(id="Q", account="SUSPENSE", amount=eur(100), value_date=TODAY)
    with pytest.raises(InvalidValue, match="must be the payment of the proposal, 'P'"):
        posting(found, other, key="m")


def test_what_was_recorded_since_the_proposal_refuses_the_settlement():
    """A payment that is announced for later days is in no view of today, and is not run over."""
    desk = Desk(("INV-100", 100, "net 30"))
    payment = desk.paid(100, "INV-100", account="ACME")
    found = propose(payment, desk.index(), POLICY).posting
    announced = Payment(
        id="A",
        account="ACME",
        amount=eur(60),
        value_date=TODAY + dt.timedelta(days=3),
        status="pending",
        designated=(Designation(item="INV-100", amount=eur(60)),),
    )
    desk.app.receive_payment(announced, key="announce")
    (command,) = posting(found, payment, key="m")
    receipt = desk.app.execute(command)
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("refused", ["not_as_expected"])
    assert desk.allocations() == []
    meant = MatchIndex.of([desk.app.view("ACME", TODAY)], reserved=[("ACME", announced.designated[0])])
    assert propose(payment, meant, POLICY).posting is None


def test_a_policy_that_places_the_money_otherwise_records_nothing():
    """Matching takes the whole for paid; a settlement policy that grants what was not claimed would keep two euro back."""
    desk = Desk(("INV-100", 100, "2/14 net 30"))
    granting = SettlementPolicy(id="generous", version=1, unclaimed_granted=True)
    desk.app = desk.app.with_policies(PolicyBook.of(granting))
    payment = desk.paid(100, "INV-100", account="ACME")
    assert desk.record(posting(propose(payment, desk.index(), POLICY).posting, payment, key="m")) == ["refused"]
    assert desk.app.view("ACME", TODAY).on_account("EUR") == eur(100)


def test_what_a_payment_on_its_way_is_meant_for_is_left_to_it_without_being_handed_in():
    desk = Desk(("INV-100", 100, "net 30"))
    announced = Payment(
        id="A",
        account="ACME",
        amount=eur(60),
        value_date=TODAY,
        status="pending",
        designated=(Designation(item="INV-100", amount=eur(60)),),
    )
    desk.app.receive_payment(announced, key="announce")
    payment = desk.paid(100, "INV-100")
    assert propose(payment, desk.index(), POLICY).posting is None
    assert desk.index().open("ACME", "INV-100") == eur(40)
    rest = desk.index()
    desk.app.fail_payment("ACME", "A", "AC04", on=TODAY, key="fail")
    assert rest.open("ACME", "INV-100") == eur(40)
    assert propose(payment, desk.index(), POLICY).posting.kind == "exact_amount"


def test_credit_notes_alone_are_applied_and_nothing_is_settled():
    """A person takes only what the payer set off, and leaves the money on account."""
    payment = Payment(id="P", account="ACME", amount=eur(5), value_date=TODAY)
    taken = Allocation(source="CN-1", item="INV-1", amount=eur(100))
    found = Proposal(
        account="ACME", allocations=(), difference=eur(0), kind="exact_amount", points=9, reasons=(), credits=(taken,)
    )
    (command,) = posting(found, payment, key="m", by="ann")
    assert (type(command), command.allocation.source, command.allocation.item) == (Apply, "CN-1", "INV-1")


def test_what_the_payer_says_was_kept_back_goes_along_for_the_items_that_are_settled_and_for_none():
    """INV-300 is paid in full beside the discounted INV-100: what is said of INV-300 explains nothing of what is short."""
    stated = [
        Deduction(amount=eur(n), code="freight", item=item) for n, item in ((1, "INV-100"), (2, None), (4, "INV-300"))
    ]
    remittance = Remittance(deductions=tuple(stated))
    payment = Payment(id="P", account="ACME", amount=eur(398), value_date=TODAY, remittance=remittance)
    parts = tuple(Allocation(source="P", item=item, amount=eur(n)) for item, n in (("INV-100", 98), ("INV-300", 300)))
    found = Proposal(
        account="ACME",
        allocations=parts,
        difference=eur(-2),
        kind="discount",
        points=99,
        reasons=(Reason(code="discount", amount=eur(2)),),
        discounted=("INV-100",),
        post=True,
    )
    applied, settled = posting(found, payment, key="m", by="ann")
    assert applied.allocation == Allocation(source="P", item="INV-300", amount=eur(300), rule="matched")
    assert (settled.items, settled.deductions) == (("INV-100",), tuple(stated[:2]))
    assert (settled.expected, settled.source, settled.by) == (parts[:1], "P", "ann")
    assert [each.key for each in (applied, settled)] == ["m/apply 1", "m/settle"]


@pytest.mark.parametrize(("left", "moved"), [(None, 100), (30, 30)])
def test_what_is_left_of_a_payment_elsewhere_is_moved_as_of_its_value_date(left, moved):
    earlier = TODAY - dt.timedelta(days=3)
    payment = Payment(id="P", account="SUSPENSE", amount=eur(100), value_date=earlier)
    part = Allocation(source="P", item="INV-1", amount=eur(30))
    found = Proposal(
        account="ACME", allocations=(part,), difference=eur(0), kind="exact_amount", points=9, reasons=(), post=False
    )
    transfer, settled = posting(found, payment, key="m", by="ann", left=None if left is None else eur(left))
    assert (transfer.account, transfer.to, transfer.amount, transfer.on) == ("SUSPENSE", "ACME", eur(moved), earlier)
    assert (transfer.key, transfer.by, settled.source) == ("m/transfer", "ann", "m/transfer#1")
    assert settled.expected == (), "a person decided, and the settlement policy explains it as any payment"
