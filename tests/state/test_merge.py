"""Accounts that are parts of others: since when, as known when, and through how many; and documents that went over."""

import datetime as dt

import attrs
import pytest
from tests.state.days import at, instant, on

from receivables import Allocation, CreditLimit, Currency, Customer, Invoice, Money, Payment, fold
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import LimitSet
from receivables.facts.customer import AccountOpened
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.merge import (
    AccountAbsorbed,
    AccountMerged,
    AccountRestored,
    AccountSeparated,
    DocumentsHandedOver,
    DocumentsTakenOn,
)
from receivables.state.account import compose, joined_on, related_to, within_reach
from receivables.state.composition import reached, since

EUR = Currency.of("EUR")


def opened(id):
    return AccountOpened(customer=Customer(id=id), **at(0))


def billed(number, account, amount=100):
    invoice = Invoice.due(number=number, account=account, issued_on=on(0), total=Money(amount, EUR), due_on=on(30))
    return InvoiceIssued(invoice=invoice, **at(0))


def paid(id, account, amount=100):
    payment = Payment(id=id, account=account, amount=Money(amount, EUR), value_date=on(0))
    return PaymentReceived(payment=payment, **at(0))


def absorbed(account, day, known=None):
    return AccountAbsorbed(account=account, approver="bob", reason="one customer", **at(day, known))


def separated(account, day):
    return AccountSeparated(account=account, approver="bob", reason="two customers", **at(day))


def merged(into, day, known=None):
    return AccountMerged(into=into, **at(day, known))


def logs(**more):
    """Four accounts with an invoice and a payment each, and what happened to them."""
    return {id: fold([opened(id), billed(f"I-{id}", id), paid(f"P-{id}", id), *more.get(id, ())]) for id in "ABCD"}


CHAIN = {
    "A": [absorbed("B", 5)],
    "B": [absorbed("C", 3), merged("A", 5)],
    "C": [absorbed("D", 1), merged("B", 3)],
    "D": [merged("C", 1)],
}
"""D went into C, C into B, B into A."""


def whole(id, known):
    return compose(known[id], known)


def items(account, day, known=None):
    view = account.view(on(day), None if known is None else instant(known))
    return sorted(item.id for book in view.books for item in book.items)


# Since when ----------------------------------------------------------------------------------------------------------


def test_a_part_of_a_part_is_shown_by_the_root_from_the_day_on_which_all_are_joined():
    known = logs(**CHAIN)
    found = [items(whole("A", known), day) for day in (4, 5)]
    assert found == [["I-A"], ["I-A", "I-B", "I-C", "I-D"]]
    below = ["I-B", "I-C", "I-D"]
    assert [items(whole("B", known), day) for day in (2, 3, 4, 5)] == [["I-B"], below, below, []]


def test_of_what_is_part_of_another_only_the_name_of_that_is_left():
    known = logs(**CHAIN)
    views = [whole("D", known).view(on(day)) for day in (0, 1)]
    assert [view.merged_into for view in views] == [None, "C"]
    assert [len(view.books) for view in views] == [1, 0]
    assert [view.customer.id for view in views] == ["D", "D"]


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [("A", "B", 5), ("A", "D", 5), ("B", "C", 3), ("B", "D", 3), ("C", "D", 1), ("D", "C", 1), ("D", "A", 5)],
)
def test_two_parts_belong_together_since_the_latest_day_of_what_joins_them(one, other, day):
    known = logs(**CHAIN)
    assert since(known["A"], known, one, other) == on(day)
    assert whole("A", known).together_since(f"P-{one}", f"I-{other}") == on(day)


def test_what_one_part_has_was_always_together():
    known = logs(**CHAIN)
    assert since(known["A"], known, "C", "C") == dt.date.min
    assert whole("A", known).together_since("P-C", "I-C") == dt.date.min
    assert known["A"].together_since("P-A", "I-B") == dt.date.min  # an account alone
    assert whole("A", known).together_since("P-C", "none") == dt.date.min


def test_parts_on_two_sides_belong_together_since_both_are_joined():
    known = logs(A=[absorbed("B", 2), absorbed("C", 6)], B=[merged("A", 2)], C=[merged("A", 6)])
    assert since(known["A"], known, "B", "C") == on(6)
    assert since(known["A"], known, "A", "B") == on(2)


# Separated again -----------------------------------------------------------------------------------------------------

APART = {
    "A": [absorbed("B", 2), separated("B", 7)],
    "B": [merged("A", 2), AccountRestored(separated_from="A", **at(7))],
}


def test_an_account_that_was_separated_is_one_of_its_own_again_and_was_a_part_before():
    known = logs(**APART)
    assert [items(whole("A", known), day) for day in (1, 2, 6, 7)] == [["I-A"], ["I-A", "I-B"], ["I-A", "I-B"], ["I-A"]]
    assert [items(whole("B", known), day) for day in (1, 2, 6, 7)] == [["I-B"], [], [], ["I-B"]]
    assert [known["B"].merges.into(on(day)) for day in (1, 2, 6, 7)] == [None, "A", "A", None]
    assert [dict(known["A"].merges.joined(on(day))) for day in (1, 2, 7)] == [{}, {"B": on(2)}, {}]


def test_as_long_as_nobody_knew_of_a_merger_there_was_none():
    known = logs(A=[absorbed("B", 2, known=4)], B=[merged("A", 2, known=4)])
    assert items(whole("A", known), 9, known=3) == ["I-A"]
    assert items(whole("A", known), 9, known=4) == ["I-A", "I-B"]
    assert items(whole("B", known), 9, known=3) == ["I-B"]
    assert [account.id for account in reached(known["A"], known, on(9), instant(3))] == ["A"]


def test_what_is_not_within_reach_is_left_out():
    known = logs(**CHAIN)
    few = {id: known[id] for id in "ABD"}
    assert [account.id for account in reached(known["A"], few, on(9), None)] == ["A", "B"]
    assert [account.id for account in within_reach(known["A"], few)] == ["A", "B"]
    assert [account.id for account in within_reach(known["A"], known)] == ["A", "B", "C", "D"]


def test_each_relation_is_named_once():
    known = logs(**APART)
    assert related_to(known["A"]) == ("B",)
    assert related_to(known["B"]) == ()


# Together ------------------------------------------------------------------------------------------------------------


def test_the_whole_counts_all_facts_and_was_known_at_the_latest_of_them():
    known = logs(**CHAIN)
    account = whole("A", known)
    assert account.length == sum(each.length for each in known.values()) == 3 * 4 + 6
    assert account.known_at == instant(5)
    assert (known["D"].length, known["D"].known_at) == (4, instant(1))
    assert [part.id for part in account.joined] == ["A", "B", "C", "D"]
    assert account.own.length == 4
    assert fold([paid("P-9", "A")], account).known_at == instant(5)


def test_the_limit_of_the_whole_is_that_of_the_root():
    def limit(account, amount):
        document = CreditLimit(account=account, currency=EUR, amount=Money(amount, EUR), valid_from=on(0))
        return LimitSet(limit=document, **at(0))

    known = logs(A=[limit("A", 7), absorbed("B", 2)], B=[limit("B", 9), merged("A", 2)])
    assert [each.amount.minor for each in whole("A", known).view(on(5)).limits] == [7]
    assert [each.amount.minor for each in whole("B", known).view(on(1)).limits] == [9]


def test_one_fact_in_two_logs_counts_once_and_two_equal_ones_before_they_were_joined_twice():
    shared = AllocationMade(id="a", allocation=Allocation(source="P-A", item="I-B", amount=Money(40, EUR)), **at(6))
    known = logs(A=[absorbed("B", 2), shared], B=[merged("A", 2), shared])
    assert whole("A", known).view(on(9)).open("I-B") == Money(60, EUR)
    early = attrs.evolve(shared, **at(1))
    before = logs(A=[early, absorbed("B", 2)], B=[early, merged("A", 2)])
    assert len(whole("A", before).cash.allocations) == 2


def test_the_account_that_had_a_letter_on_a_day_is_the_part_that_was_not_joined_yet():
    known = logs(**CHAIN)
    account = whole("A", known)
    assert account.that_had("no letter", on(1)) is account
    assert known["A"].that_had("no letter", on(1)) is known["A"]


# Documents that went over --------------------------------------------------------------------------------------------


def handed_over(day, known=None):
    times = at(day, known)
    went = {"documents": ("I-A",), "credits": ("P-A",)}
    gone = DocumentsHandedOver(**went, to="B", approver="bob", reason="her shop", **times)
    return {"A": [gone], "B": [DocumentsTakenOn(**went, came_from="A", **times)]}


def test_what_went_over_is_shown_where_it_went_from_that_day_on():
    known = logs(**handed_over(4, known=6))
    views = {id: [whole(id, known).view(on(day)) for day in (3, 4)] for id in "AB"}
    credits = {id: [{credit.id for credit in view.credits} for view in found] for id, found in views.items()}
    assert [items(whole("A", known), day) for day in (3, 4)] == [["I-A"], []]
    assert [items(whole("B", known), day) for day in (3, 4)] == [["I-B"], ["I-A", "I-B"]]
    assert credits == {"A": [{"P-A"}, set()], "B": [{"P-B"}, {"P-A", "P-B"}]}
    assert items(whole("A", known), 9, known=5) == ["I-A"]
    assert items(whole("B", known), 9, known=5) == ["I-B"]


def test_what_is_applied_goes_along_and_what_stays_keeps_its_own():
    allocated = AllocationMade(id="a", allocation=Allocation(source="P-A", item="I-A", amount=Money(40, EUR)), **at(1))
    gone = handed_over(4)
    known = logs(A=[billed("I-2", "A"), paid("P-2", "A"), allocated, *gone["A"]], B=gone["B"])
    assert items(whole("A", known), 5) == ["I-2"]
    assert [credit.id for credit in whole("A", known).view(on(5)).credits] == ["P-2"]
    view = whole("B", known).view(on(5))
    assert (view.open("I-A"), view.credit("P-A").remaining) == (Money(60, EUR), 60)
    assert joined_on(whole("A", known), on(5), None).cash.allocations == ()
    assert len(joined_on(whole("A", known), on(3), None).cash.allocations) == 1
