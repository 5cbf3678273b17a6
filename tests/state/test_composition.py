"""Several accounts as one: whose a fact is, by what it names, and what counts once."""

import attrs
import pytest
from tests.codec.samples import SAMPLES

from receivables.documents.customer import Customer
from receivables.errors import WrongType
from receivables.facts.customer import AccountOpened
from receivables.facts.merge import AccountAbsorbed, AccountMerged
from receivables.state.account import TABLES, Account, compose, fold, routed
from receivables.state.composition import APART, OWN, defined, mentioned

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
