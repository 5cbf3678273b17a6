"""Postings: what the commands record is what the proposal said, to the cent, and nothing of a human is taken back."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from tests.properties.test_matching import NAMES, POLICY, RELATIONS, TODAY, cases

from receivables import Customer, MemoryStore, Money, PolicyBook, Receivables, Remittance
from receivables.documents.payment import Payment
from receivables.facts.cash import AllocationMade, AllocationUndone, CreditTransferred, DifferenceSettled
from receivables.plans.posting import posting
from receivables.policies.matching import propose
from receivables.policies.matching_index import MatchIndex
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance
from receivables.testing import FixedClock, RecordingNotifier

SETTLEMENT = SettlementPolicy(
    id="standard", version=1, tolerance=Tolerance(amount=(Money.of("0.05", "EUR"),), percent=Decimal(1))
)
"""What `POLICY` of matching takes for explained, settlement closes."""


def service(ledger, payment):
    """A service with the ledger, and the payment on the account where it stands."""
    store = MemoryStore()
    app = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        policies=PolicyBook.of(SETTLEMENT),
        clock=FixedClock.on(TODAY),
    )
    for name in (*NAMES, "SUSPENSE"):
        app.open_account(Customer(id=name), key=f"open {name}")
    for mine in ledger:
        for each in mine:
            app.issue_invoice(each, key=f"issue {each.account} {each.number}")
    app.receive_payment(payment, key="pay")
    return app, store


def index(app):
    return MatchIndex.of([app.view(name, TODAY) for name in NAMES], relations=RELATIONS)


def made(store, kind):
    return [fact for name in (*NAMES, "SUSPENSE") for fact in store.facts(name) if isinstance(fact, kind)]


def distinct(ledger):
    """The ledger with every number once: an invoice number is claimed."""
    seen: set[str] = set()
    found = []
    for mine in ledger:
        found.append([each for each in mine if each.number not in seen])
        seen.update(each.number for each in mine)
    return found


@st.composite
def named(draw):
    """A ledger, and a payment of one of its customers that names some of its invoices and pays them, but for some cents."""
    ledger, payment = draw(cases())
    ledger = distinct(ledger)
    mine = [[each for each in invoices if each.total.currency.code == "EUR"] for invoices in ledger]
    owners = [invoices for invoices in mine if invoices]
    assume(owners)
    invoices = draw(st.sampled_from(owners))
    chosen = draw(st.lists(st.sampled_from(invoices), min_size=1, max_size=3, unique_by=lambda each: each.number))
    total = Money.total((each.total for each in chosen), "EUR")
    amount = total + Money(draw(st.sampled_from((0, 0, -1, -5, 3))), total.currency)
    paid = attrs.evolve(
        payment,
        account=draw(st.sampled_from((chosen[0].account, "SUSPENSE"))),
        payer=f"Payer {chosen[0].account}",
        amount=amount if amount.is_positive else total,
        remittance=Remittance(references=tuple(each.number for each in chosen)),
    )
    return ledger, paid


def posted(case):
    """A service and what matching posts of a payment; other cases are not looked at."""
    ledger, payment = distinct(case[0]), case[1]
    app, store = service(ledger, payment)
    found = propose(payment, index(app), POLICY).posting
    assume(found is not None)
    event(f"{found.kind} of {len(found.allocations)}")
    return app, store, found, payment


@pytest.mark.own_decimals
@given(named())
def test_what_is_recorded_is_what_the_proposal_said(case):
    app, store, found, payment = posted(case)
    for command in posting(found, payment, key="match"):
        assert app.execute(command).outcome in {"recorded", "transferred", "settled"}
    recorded = [fact.allocation for fact in made(store, AllocationMade)]
    assert sorted((each.item, each.amount) for each in recorded) == sorted(
        (each.item, each.amount) for each in found.allocations
    )
    view = app.view(found.account, TODAY)
    assert all(item in view.closed for item in found.items)
    closed = Money.total((fact.part.amount for fact in made(store, DifferenceSettled)), "EUR")
    surplus = view.on_account("EUR")
    assert found.difference == surplus - closed


@given(cases(), st.data())
def test_no_cent_is_lost_whatever_a_person_decides(case, data):
    ledger, payment = distinct(case[0]), case[1]
    app, store = service(ledger, payment)
    proposals = propose(payment, index(app), POLICY).proposals
    assume(proposals)
    chosen = data.draw(st.sampled_from(proposals))
    for command in posting(chosen, payment, key="match", by="clerk"):
        app.execute(command)
    used = Money.total((fact.allocation.amount for fact in made(store, AllocationMade)), "EUR")
    on_account = Money.total((app.view(name, TODAY).on_account("EUR") for name in (*NAMES, "SUSPENSE")), "EUR")
    assert used + on_account == payment.amount
    assert all(fact.by == "clerk" for fact in made(store, (AllocationMade, CreditTransferred)))


@given(named())
def test_posted_twice_is_recorded_once(case):
    app, store, found, payment = posted(case)
    commands = posting(found, payment, key="match")
    first = [app.execute(command) for command in commands]
    facts = {name: store.facts(name) for name in (*NAMES, "SUSPENSE")}
    assert [app.execute(command).ids for command in posting(found, payment, key="match")] == [r.ids for r in first]
    assert {name: store.facts(name) for name in (*NAMES, "SUSPENSE")} == facts


@given(cases(), st.data())
def test_a_run_never_undoes_what_a_human_allocated(case, data):
    ledger, payment = distinct(case[0]), case[1]
    app, store = service(ledger, payment)
    items = [each for mine in ledger for each in mine if each.total.currency.code == "EUR"]
    assume(items)
    each = data.draw(st.sampled_from(items))
    part = Money(data.draw(st.integers(1, each.total.minor)), each.total.currency)
    hand = Payment(id="H", account=each.account, amount=part, value_date=TODAY - dt.timedelta(days=1))
    app.receive_payment(hand, key="hand")
    app.apply(each.account, "H", each.number, part, key="by hand", by="clerk")
    found = propose(payment, index(app), POLICY).posting
    event("posted" if found else "not posted")
    for command in posting(found, payment, key="match") if found else ():
        app.execute(command)
    kept = [fact for fact in made(store, AllocationMade) if fact.allocation.source == "H"]
    assert [fact.allocation.amount for fact in kept] == [part]
    assert made(store, AllocationUndone) == []
