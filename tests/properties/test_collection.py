"""Random days of collectors, bureaus and agencies: nothing is lost, nothing false is left untold, no commission is made up."""

import datetime as dt
from decimal import Decimal, localcontext
from fractions import Fraction

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import BOOK, REGISTER, World, day, eur

from receivables import Choice, Money, PolicyBook, fold
from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import NextAction
from receivables.documents.placement import CommissionTerms, Placement
from receivables.errors import InvalidValue, ReceivablesError
from receivables.plans.collector_commands import hand_over_commands
from receivables.policies.assignment import Absence, AssignmentPolicy, AssignmentRule
from receivables.policies.bureau import owed_to_bureau
from receivables.reports.lifecycle import lifecycle
from receivables.reports.portfolio import agenda, handover, portfolio
from receivables.testing.collection_documents import commission_terms
from receivables.testing.documents import FIRST_DAY
from receivables.testing.strategies import histories

PEOPLE = ("ann", "bob", "eve")
ACCOUNTS = ("ACME", "BETA", "ZETA")
TERMS = CommissionTerms(percent=Decimal(20))


# Portfolios -----------------------------------------------------------------------------------------------------------


def desk(rules):
    named = tuple(
        AssignmentRule(name=f"r{at}", letters=(first, "Z"), collector=who) for at, (first, who) in enumerate(rules)
    )
    return AssignmentPolicy(id="desk", version=1, rules=named)


def book(policy):
    choice = Choice(kind="assignment", policy="desk")
    return attrs.evolve(BOOK, policies=(*BOOK.policies, policy), choices=(*BOOK.choices, choice))


GIVEN = st.tuples(st.sampled_from(ACCOUNTS), st.integers(0, 20), st.none() | st.sampled_from(PEOPLE))
PLANNED = st.tuples(st.sampled_from(ACCOUNTS), st.integers(0, 20), st.none() | st.sampled_from(PEOPLE))
RULES = st.lists(st.tuples(st.sampled_from("ABZ"), st.sampled_from(PEOPLE)), max_size=2)


@settings(max_examples=40)
@given(rules=RULES, given_=st.lists(GIVEN, max_size=6), planned=st.lists(PLANNED, max_size=5), on=st.integers(0, 10))
def test_a_person_who_handed_everything_over_has_nothing_left_on_any_later_day(rules, given_, planned, on):
    policies = book(desk(rules))
    world = World(policies=policies)
    for account in ACCOUNTS:
        world.open(account)
    for at, (account, start, who) in enumerate(given_):
        assignment = Assignment(account=account, starts_on=day(start), collector=who)
        world.app.assign_collector(assignment, key=f"assign {at}", by="lead")
    for at, (account, due, owner) in enumerate(planned):
        action = NextAction(id=f"A-{at}", account=account, kind="call", planned_on=day(0), due_on=day(due), owner=owner)
        world.app.plan_action(action, key=f"plan {at}", by="lead")
    had = [s.action.id for id in ACCOUNTS for s in world.app.view(id, day(on)).actions if s.owner == "ann"]
    commands = list(hand_over_commands(ACCOUNTS, "ann", "joe", day(on), by="lead"))
    assert all(result.ok for result in world.app.record(commands))
    accounts = [world.app.account(id) for id in ACCOUNTS]
    for later in (on, 15, 21):
        views = [account.view(day(max(later, on))) for account in accounts]
        given_back = {a for a, start, who in given_ if who is None and start > on}
        left = handover(accounts, policies, "ann", day(max(later, on))).left
        assert {line.account for line in left if line.kind == "customer"} <= given_back
        assert not [line for line in left if line.kind == "action"]
        owners = {state.action.id: state.owner for view in views for state in view.actions}
        assert all(owners[id] == "joe" for id in had)
        assert len(portfolio(views, policies).lines) == len(ACCOUNTS)
        assert len(agenda(views, policies, within_days=60).lines) == len(planned)
    again = list(world.app.record(commands))
    assert [each.receipt for each in again] == [each.receipt for each in world.app.record(commands)]


ABSENCES = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE), st.integers(0, 20), st.integers(0, 5)),
    max_size=5,
)


@given(absences=ABSENCES, on=st.integers(0, 26))
def test_whoever_acts_is_there_and_a_circle_of_deputies_ends(absences, on):
    made = []
    for person, deputy, start, length in absences:
        try:
            away = Absence(person=person, deputy=deputy, starts_on=day(start), until=day(start + length))
            AssignmentPolicy(id="desk", version=1, absences=(*made, away))
        except InvalidValue:
            continue
        made.append(away)
    policy = AssignmentPolicy(id="desk", version=1, absences=tuple(made))
    for person in PEOPLE:
        acting = policy.acting(person, day(on))
        assert acting is None or not any(each.person == acting and each.on(day(on)) for each in made)


# Bureaus --------------------------------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("report", "pay", "back", "dispute", "end", "write_off", "recover", "tell", "withdraw")),
        st.integers(0, 4),
        st.integers(1, 150),
    ),
    max_size=14,
)


def _do(world, at, what, amount, back):
    """One event, if it can be; ``back`` days before today."""
    today, key = world.today, f"{what} {at}"
    on = today - dt.timedelta(days=back)
    try:
        match what:
            case "report":
                world.app.report_debt("ACME", ["INV-1"], key=key, by="ann", approver="bob")
            case "pay":
                world.pay(f"P-{at}", amount, on=(on - day(0)).days)
                world.apply(f"P-{at}", "INV-1", amount)
            case "back":
                made = list(world.app.account("ACME").cash.in_force())
                world.app.return_payment("ACME", made[0].source, "returned", "AC04", on=today, key=key)
            case "dispute":
                world.dispute(f"D-{at}", "INV-1", opened_on=on)
            case "end":
                open_ = [s.dispute.id for s in world.app.view("ACME", today).disputes if s.status == "open"]
                world.app.resolve_dispute("ACME", open_[0], "rejected", on=today, key=key, by="ann")
            case "write_off":
                world.app.write_off(
                    "ACME", "INV-1", "insolvent", amount=eur(amount), on=today, key=key, by="ann", approver="bob"
                )
            case "recover":
                world.pay(f"P-{at}", amount)
                world.app.recover("ACME", f"P-{at}", "INV-1", amount=eur(amount), key=key, by="ann")
            case "tell":
                world.app.update_report("ACME", _standing(world), key=key, by="ann")
            case "withdraw":
                world.app.withdraw_report("ACME", _standing(world), "other", key=key, by="ann", approver="bob")
    except (ReceivablesError, LookupError, StopIteration):
        return


def _standing(world):
    return next(state.report.id for state in world.app.view("ACME", world.today).bureau if state.stands)


def _debt(view):
    """What is owed on the item, another way: open and written off, from the view alone."""
    open_ = view.open("INV-1").minor if "INV-1" in view.places else 0
    return open_ + sum(loss.left for loss in view.losses)


@settings(max_examples=60)
@given(events=EVENTS)
def test_what_a_bureau_was_told_is_true_or_what_makes_it_so_is_owed(events):
    world = World()
    world.open()
    world.invoice("INV-1", "300", -40)
    for at, (what, back, amount) in enumerate(events, 1):
        world.at(at)
        _do(world, at, what, amount, back)
        account = world.app.account("ACME")
        view = account.view(world.today)
        owed = owed_to_bureau(account, view, REGISTER)
        assert sum(state.stands for state in view.bureau) <= 1
        for state in view.bureau:
            kinds = {each.kind for each in owed if each.report.id == state.report.id}
            if not state.stands:
                assert not kinds
                continue
            then = account.view(state.report.reported_on)
            false = _debt(then) <= 0 or any(each.status == "open" for each in then.disputes)
            disputed = any(each.status == "open" for each in view.disputes)
            assert ("withdrawal" in kinds) == false
            if not false:
                assert bool(kinds & {"balance", "paid"}) == (state.balance != _debt(view))
                assert ("paid" in kinds) == (state.balance != 0 == _debt(view))
                if _debt(view):
                    assert ("disputed" in kinds) == (disputed and not state.disputed)
                    assert ("dispute_over" in kinds) == (state.disputed and not disputed)
            assert all(each.balance.minor == _debt(view) for each in owed)
            assert all(state.report.reported_on <= each.since <= world.today for each in owed)


# Agencies -------------------------------------------------------------------------------------------------------------


@given(terms=commission_terms(), theirs=st.integers(0, 10**7), ours=st.integers(0, 10**7))
def test_a_commission_is_what_a_clerk_would_work_out_in_any_decimal_context(terms, theirs, ours):
    currency = terms.steps[0].above.currency if terms.steps else eur(1).currency
    with localcontext() as context:
        context.prec = 2
        found = terms.commission(Money(theirs, currency), Money(ours, currency))
    edges = [(0, terms.percent), *((step.above.minor, step.percent) for step in terms.steps)]
    stepped = theirs if terms.direct_percent is not None else theirs + ours
    due = Fraction(0) if terms.direct_percent is None else Fraction(terms.direct_percent) * ours
    for at, (edge, percent) in enumerate(edges):
        top = edges[at + 1][0] if at + 1 < len(edges) else None
        due += Fraction(percent) * max(0, (stepped if top is None else min(stepped, top)) - edge)
    assert abs(found.minor - due / 100) <= Fraction(1, 2)
    assert 0 <= found.minor <= theirs + ours


MOVES = st.lists(
    st.tuples(st.sampled_from(("place", "recall", "pay", "note", "back")), st.integers(1, 90)), max_size=14
)


@settings(max_examples=40)
@given(moves=MOVES)
def test_letters_are_stopped_while_an_item_is_placed_and_commission_is_on_what_stays(moves):
    world = World()
    world.open()
    world.invoice("INV-1", "300", -40)
    placed, direct, theirs = None, {}, set()
    for at, (what, amount) in enumerate(moves, 1):
        world.at(at)
        try:
            if what == "place":
                placement = Placement(
                    id=f"PL-{at}", account="ACME", agency="x", items=("INV-1",), placed_on=world.today, terms=TERMS
                )
                world.app.place_debt(placement, key=f"place {at}", by="ann", approver="bob")
                placed = f"PL-{at}"
            elif what == "recall" and placed:
                world.app.recall_debt("ACME", placed, on=world.today, reason="ours", key=f"recall {at}")
                placed = None
            elif what == "pay":
                world.settle("INV-1", amount)
                direct[f"P INV-1 {amount}"] = amount, placed
            elif what == "note" and placed and direct:
                world.app.note_collection("ACME", placed, min(direct), key=f"note {at}")
                theirs.add((min(direct), placed))
            elif what == "back" and direct:
                payment = max(direct)
                world.app.return_payment("ACME", payment, "returned", "AC04", on=world.today, key=f"back {at}")
                direct.pop(payment)
        except ReceivablesError:
            continue
        view = world.app.view("ACME", world.today)
        held = "INV-1" in view.places and any(h.kind == "placement" for h in view.stopping("dunning", "INV-1"))
        assert not held or placed
        noted = {payment for payment, _ in theirs}
        for state in view.placements:
            id = state.placement.id
            assert state.direct.minor == 100 * sum(
                each for payment, (each, to) in direct.items() if to == id and payment not in noted
            )
            assert state.through_agency.minor == 100 * sum(
                each for payment, (each, _) in direct.items() if (payment, id) in theirs
            )


# The life cycle -------------------------------------------------------------------------------------------------------


@given(facts=histories(most=25), cut=st.integers(1, 100))
def test_revenue_and_money_days_of_two_periods_add_up_and_groups_to_their_members(facts, cut):
    account = fold(facts)
    first, middle, last = FIRST_DAY, FIRST_DAY + dt.timedelta(days=cut), FIRST_DAY + dt.timedelta(days=400)
    known = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)

    def sums(since, until):
        found = lifecycle([account], PolicyBook.of(), since, until, known)
        return {line.currency: (line.revenue, line.paid, line.money_days) for line in found.lines}

    whole = sums(first, last)
    one, other = sums(first, middle), sums(middle + dt.timedelta(days=1), last)
    for currency, (revenue, _, _) in whole.items():
        zero = (0, 0, 0)
        assert other.get(currency, zero)[0] + one.get(currency, zero)[0] == revenue or _late(facts, middle)
    found = lifecycle([account, account], PolicyBook.of(), first, last)
    for line in found.grouped("segment").lines:
        members = [each for each in found.lines if (each.segment, each.currency) == (line.of, line.currency)]
        assert (line.revenue, line.customers) == (sum(each.revenue for each in members), len(members))


def _late(facts, middle):
    """Whether a document is dated before a day on which it came into effect only later: then the parts see it apart."""
    items = [item for item in fold(facts).ledger.items if item.document_on <= middle < item.effective_on]
    return bool(items)
