"""Several accounts as one: whose a fact is, by what it names, and what counts once."""

import datetime as dt

import attrs
import pytest
from tests.codec.samples import SAMPLES

from receivables.documents.customer import Customer
from receivables.errors import WrongType
from receivables.facts.customer import AccountOpened
from receivables.facts.merge import AccountAbsorbed, AccountMerged
from receivables.state.account import TABLES, Account, compose, fold, routed
from receivables.state.composition import APART, OWN, SUBJECTS, defined, mentioned, things

DAY = next(iter(SAMPLES.values())).effective_on
NOW = next(iter(SAMPLES.values())).recorded_at
KINDS = {kind for fact in SAMPLES.values() for kind, _ in defined(fold([fact]))}
"""Every kind of thing that facts bring."""


def alone(fact):
    """Whether a fact is the root's, whatever it names."""
    places = [(name, column) for name, table in TABLES.items() for column, _ in table.get(type(fact), ())]
    return all(name in APART or (name, column) in OWN for name, column in places)


def addressed(fact):
    return any(isinstance(getattr(getattr(fact, each.name), "account", None), str) for each in attrs.fields(type(fact)))


@pytest.mark.parametrize("tag", SAMPLES)
def test_every_fact_names_a_thing_or_an_address_or_is_the_roots(tag):
    fact = SAMPLES[tag]
    assert alone(fact) or addressed(fact) or {kind for kind, _ in mentioned(fact)} & KINDS


def opened(id):
    return AccountOpened(customer=Customer(id=id), effective_on=DAY, recorded_at=NOW)


def whole(one, other):
    """Two accounts with these facts, the second one absorbed by the first."""
    times = {"effective_on": DAY, "recorded_at": NOW}
    root = fold([opened("ONE"), *one, AccountAbsorbed(account="TWO", approver="bob", reason="one", **times)])
    part = fold([opened("TWO"), *other, AccountMerged(into="ONE", **times)])
    return compose(root, {"ONE": root, "TWO": part})


@pytest.mark.parametrize("tag", SAMPLES)
def test_a_fact_about_what_a_part_has_goes_to_its_log_and_counts_once(tag):
    """The part has everything that the samples bring; what they say about it comes again, as if it were new."""
    account = whole([], SAMPLES.values())
    homes = routed(account, [SAMPLES[tag]])
    address_alone = tag in ("payment.received/1", "invoice.issued/1")
    assert set(homes) == ({"ONE"} if alone(SAMPLES[tag]) or address_alone else {"TWO"})


def test_a_fact_that_names_things_of_both_goes_to_both_and_counts_once():
    invoice, payment = SAMPLES["invoice.issued/1"], SAMPLES["payment.received/1"]
    made = SAMPLES["allocation.made/1"]
    item = next(name[1] for name in defined(fold([invoice])) if name[0] == "item")
    made = attrs.evolve(made, allocation=attrs.evolve(made.allocation, source=payment.payment.id, item=item))
    account = whole([invoice], [payment])
    assert set(routed(account, [made])) == {"ONE", "TWO"}
    after = fold([made], account)
    assert len(after.cash.allocations) == 1
    assert [len(part.cash.allocations) for part in after.parts] == [1, 1]


def test_two_equal_facts_of_one_account_count_twice():
    waived = SAMPLES["charge.waived/1"]
    account = whole([], [SAMPLES["charge.raised/1"], waived, waived])
    assert len(account.cash.reductions) == 2
    assert len(fold([waived], account).cash.reductions) == 3


def test_limits_and_the_customer_are_the_roots():
    account = whole([], [SAMPLES["limit.set/1"]])
    assert account.credit.limits == ()
    assert [entry.customer.id for entry in account.profile.entries] == ["ONE"]


def test_an_account_that_never_absorbed_another_is_itself():
    account = fold([opened("ONE")])
    assert compose(account, {}) is account
    assert account.own is account
    assert account.joined == (account,)
    assert Account().merges.alone


def test_what_is_no_fact_is_refused_by_several_accounts_as_by_one():
    for account in (fold([opened("ONE")]), whole([], [])):
        with pytest.raises(WrongType, match="a fact"):
            fold(["paid"], account)


# What counts once ----------------------------------------------------------------------------------------------------


def hold(id, item, day=0):
    placed = SAMPLES["hold.placed/1"]
    document = attrs.evolve(placed.hold, id=id, item=item, until_settled=None)
    return attrs.evolve(placed, hold=document, recorded_at=NOW + dt.timedelta(days=day))


def joined(*logs):
    """So many accounts as one, joined at `NOW`, with these facts recorded since."""
    ids = [f"PART-{at}" for at in range(len(logs))]
    times = {"effective_on": DAY, "recorded_at": NOW}
    absorbed = [AccountAbsorbed(account=id, approver="bob", reason="one", **times) for id in ids[1:]]
    known = {id: fold([opened(id), *log]) for id, log in zip(ids, logs, strict=True)}
    known[ids[0]] = fold([opened(ids[0]), *absorbed, *logs[0]])
    return compose(known[ids[0]], known)


@pytest.mark.parametrize("counts", [(1, 1), (2, 1), (1, 2), (3, 0), (0, 2), (2, 3, 1), (1, 1, 1), (2, 0, 2)])
def test_what_stands_in_several_logs_counts_as_often_as_in_the_one_that_has_it_most(counts):
    waived = SAMPLES["charge.waived/1"]
    account = joined(*([waived] * count for count in counts))
    assert len(account.cash.reductions) == max(counts)


def test_two_different_things_of_two_logs_both_count_by_the_time_of_their_recording():
    first, second, third = (hold(f"H-{at}", "I", day=at) for at in range(3))
    account = joined([first, third], [second])
    assert [entry.hold.id for entry in account.credit.holds] == ["H-0", "H-1", "H-2"]


# Whose a fact is -----------------------------------------------------------------------------------------------------


def homes(account, *facts):
    return {id: [type(fact).__name__ for fact in found] for id, found in routed(account, facts).items()}


def billed(number, account):
    invoice = SAMPLES["invoice.issued/1"]
    return attrs.evolve(invoice, invoice=attrs.evolve(invoice.invoice, number=number, account=account))


def test_what_a_fact_brings_is_its_parts_from_then_on():
    account = whole([billed("I-1", "ONE")], [billed("I-2", "TWO")])
    released = attrs.evolve(SAMPLES["hold.released/1"], hold="H-9")
    assert homes(account, hold("H-9", "I-2/1"), released) == {"TWO": ["HoldPlaced", "HoldReleased"]}
    assert homes(account, hold("H-9", "I-1/1"), released) == {"ONE": ["HoldPlaced", "HoldReleased"]}
    assert homes(account, released) == {"ONE": ["HoldReleased"]}  # nobody has it
    assert homes(account, hold("H-9", "I-2/1")) == {"TWO": ["HoldPlaced"]}
    assert homes(account, released) == {"ONE": ["HoldReleased"]}  # asking brings nothing


def test_what_concerns_two_parts_is_of_both_and_what_is_about_it_too():
    account = whole([billed("I-1", "ONE")], [billed("I-2", "TWO")])
    opened_ = attrs.evolve(SAMPLES["dispute.opened/1"], items=("I-1/1", "I-2/1"))
    over = SAMPLES["dispute.resolved/1"]
    assert homes(account, opened_, over) == {name: ["DisputeOpened", "DisputeResolved"] for name in ("ONE", "TWO")}


def test_an_invoice_and_a_payment_go_where_they_are_addressed_whatever_they_name():
    order = attrs.evolve(
        SAMPLES["order.reserved/1"], order=attrs.evolve(SAMPLES["order.reserved/1"].order, account="TWO")
    )
    account = whole([], [order])
    assert homes(account, billed("I-9", "ONE")) == {"ONE": ["InvoiceIssued"]}
    assert homes(account, billed("I-9", "TWO")) == {"TWO": ["InvoiceIssued"]}
    assert homes(account, billed("I-9", "NOBODY")) == {"ONE": ["InvoiceIssued"]}
    paid = SAMPLES["payment.received/1"]
    received = attrs.evolve(paid, payment=attrs.evolve(paid.payment, account="TWO"))
    assert homes(account, received, SAMPLES["payment.settled/1"]) == {"TWO": ["PaymentReceived", "PaymentSettled"]}


def test_each_thing_is_named_by_its_kind_and_id():
    invoice = SAMPLES["invoice.issued/1"]
    assert set(defined(fold([invoice]))) >= {("item", "INV-1/1"), ("item", "INV-1/2"), ("document", "INV-1")}
    assert set(mentioned(SAMPLES["charge.waived/1"])) >= {("item", CHARGE), ("plan", "PP-1")}
    assert ("credit", "PAY-1") in set(mentioned(SAMPLES["payment.returned/1"]))
    assert set(mentioned(SAMPLES["approval.requested/1"])) >= {(kind, "INV-1/1") for kind in SUBJECTS}
    assert ("notice", NOTICE) in set(mentioned(SAMPLES["steps.annulled/1"]))
    assert ("method", "tok_1") in set(defined(fold([SAMPLES["payment_method.added/1"]])))


CHARGE, NOTICE = SAMPLES["charge.waived/1"].charge, SAMPLES["steps.annulled/1"].notice


def test_an_account_knows_its_things_each_with_all_its_entries():
    found = things(fold([SAMPLES["hold.placed/1"], SAMPLES["invoice.issued/1"], SAMPLES["payment.received/1"]]))
    assert {name: len(entries) for name, entries in found.items()} == {
        ("item", "INV-1/1"): 1,
        ("item", "INV-1/2"): 1,
        ("hold", "H-1"): 1,
        ("credit", "PAY-1"): 1,
    }
    assert things(fold([SAMPLES["limit.set/1"], SAMPLES["account.opened/1"]])) == {}
