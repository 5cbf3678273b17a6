"""What holds for every hold and extension: days add up, the order of recording does not matter, what is undone is gone."""

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Customer, Hold, Installment, Invoice, Money, Schedule
from receivables.documents.hold import STOPS, STOPS_OF
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.invoice import DueDateExtended
from receivables.plans.relief import relief_of
from receivables.policies.balances import BalanceChange, BalanceHistory, FreeDays
from receivables.policies.interest import Compounding, InterestTerms, accrue
from receivables.policies.interest_rates import RateRule
from receivables.state.account import fold

DUE = dt.date(2026, 3, 2)
KNOWN = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
ITEMS = ("INV/1", "INV/2", "OTHER")
EUR = Money.zero("EUR").currency

numbers = st.integers(-20, 80)
lengths = st.integers(0, 40)


def day(offset: int) -> dt.date:
    return DUE + dt.timedelta(days=offset)


def issued() -> Account:
    parts = tuple(Installment(amount=Money(1000, EUR), due_on=day(offset)) for offset in (0, 20))
    invoices = [
        Invoice(
            number="INV", account="A", issued_on=day(-30), total=Money(2000, EUR), schedule=Schedule(installments=parts)
        ),
        Invoice.due(number="OTHER", account="A", issued_on=day(-30), total=Money(500, EUR), due_on=day(5)),
    ]
    return Account.of(Customer(id="A"), invoices=invoices)


ISSUED = issued()

scopes = st.one_of(
    st.just({}),
    st.sampled_from([{"document": "INV"}, {"document": "OTHER"}]),
    st.builds(lambda item: {"item": item}, st.sampled_from(ITEMS)),
    st.builds(
        lambda item, minor: {"item": item, "amount": Money(minor, EUR)}, st.sampled_from(ITEMS), st.integers(1, 1500)
    ),
)


@st.composite
def holds(draw, id: str) -> Hold:
    scope, start = draw(scopes), draw(numbers)
    return Hold(
        id=id,
        account="A",
        placed_on=day(start),
        reason="asked",
        kind=draw(st.sampled_from(sorted(STOPS_OF))),
        stops=draw(
            st.frozensets(st.sampled_from(sorted(STOPS - {"contact"} if "amount" in scope else STOPS)), min_size=1)
        ),
        until=draw(st.none() | lengths.map(lambda length: day(start + length))),
        **scope,
    )


extensions = st.builds(
    lambda item, to, before: DueDateExtended(
        item=item,
        due_on=day(to),
        approver="bob",
        reason="asked",
        effective_on=day(to - before),
        recorded_at=KNOWN,
    ),
    st.sampled_from(ITEMS),
    st.integers(21, 80),
    st.integers(0, 60),
)


@st.composite
def facts(draw) -> list:
    found = []
    for number in range(draw(st.integers(0, 4))):
        hold = draw(holds(f"H-{number}"))
        found.append(HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=KNOWN))
        if draw(st.booleans()):
            on = hold.placed_on + dt.timedelta(days=draw(lengths))
            found.append(HoldReleased(hold=hold.id, effective_on=on, recorded_at=KNOWN))
    found.extend(draw(st.lists(extensions, max_size=3)))
    return found


def told(account: Account, as_of: dt.date) -> dict:
    """All that a view says about holds and due dates, without the order in which it lists them."""
    view = account.view(as_of)
    start, end = day(-20).toordinal(), as_of.toordinal()
    return {
        "holds": {hold.id for hold in view.holds},
        "due": {item: view.item(item).due_on for item in ITEMS},
        "stopping": {
            (what, item): {h.id for h in view.stopping(what, item)} for what in STOPS for item in (None, *ITEMS)
        },
        "withheld": set(view.withheld),
        "paused": {item: view.paused_days(item, start, end) for item in ITEMS if end >= start},
        "free": {item: view.free(item) for item in ITEMS},
        "relief": {
            item.id: (relief.due_on, set(relief.free))
            for item in account.ledger.items
            for relief in [relief_of(account, item)]
        },
    }


@given(facts(), st.randoms(use_true_random=False), numbers)
def test_the_order_in_which_it_becomes_known_does_not_matter(facts, random, offset):
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert told(fold(facts, ISSUED), day(offset)) == told(fold(shuffled, ISSUED), day(offset))


@given(facts(), numbers, lengths, numbers)
def test_paused_days_and_what_is_free_are_never_negative_and_never_more_than_there_are(facts, start, length, offset):
    view = fold(facts, ISSUED).view(day(offset))
    first = day(start).toordinal()
    for item in ITEMS:
        assert 0 <= view.paused_days(item, first, first + length) <= length
        assert 0 <= view.free(item).minor <= view.open(item).minor


@given(facts(), st.data(), numbers)
def test_to_place_a_hold_and_release_it_the_same_day_changes_nothing(facts, data, offset):
    hold = data.draw(holds("NEW"))
    undone = [
        HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=KNOWN),
        HoldReleased(hold="NEW", effective_on=hold.placed_on, recorded_at=KNOWN),
    ]
    assert told(fold([*facts, *undone], ISSUED), day(offset)) == told(fold(facts, ISSUED), day(offset))


@given(facts(), numbers)
def test_a_due_date_never_moves_back_and_a_hold_never_moves_it(facts, offset):
    plain, held = ISSUED.view(day(offset)), fold(facts, ISSUED).view(day(offset))
    extended = {fact.item for fact in facts if isinstance(fact, DueDateExtended)}
    for item in ITEMS:
        assert held.item(item).due_on >= plain.item(item).due_on
        if item not in extended:
            assert held.item(item).due_on == plain.item(item).due_on
    assert held.open_total("EUR") == plain.open_total("EUR")


# Interest ------------------------------------------------------------------------------------------------------------

free_days = st.lists(
    st.builds(
        lambda start, length, amount: FreeDays(day(start), None if length is None else day(start + length), amount),
        numbers,
        st.none() | lengths,
        st.none() | st.integers(1, 200_000),
    ),
    max_size=4,
)
histories = st.lists(st.tuples(numbers, st.integers(1, 40_000)), max_size=3).map(
    lambda paid: BalanceHistory.of(
        Money(100_000, EUR), *(BalanceChange.payment(day(on), Money(minor, EUR)) for on, minor in paid)
    )
)
rules = st.decimals(0, 30, places=2).map(RateRule.fixed)


def exact(history, terms, until, free=()):
    return accrue(history, terms, due_on=DUE, until=day(until), free=free).exact


@given(histories, rules, free_days, st.integers(1, 60))
def test_interest_is_that_of_each_day_on_what_is_not_free_on_it(history, rule, free, until):
    terms = InterestTerms(id="x", rate=rule)
    total = Fraction(0)
    for offset in range(1, until + 1):
        principal = max(history.on(day(offset)).minor, 0)
        spared = [each.amount for each in free if each.covers(day(offset))]
        if None not in spared:
            bearing = BalanceHistory.of(Money(max(principal - sum(spared), 0), EUR))
            total += accrue(bearing, terms, due_on=DUE, until=day(1)).exact
    assert exact(history, terms, until, tuple(free)) == total


@given(histories, rules, free_days, st.integers(1, 200), st.sampled_from(Compounding))
def test_free_days_never_make_it_more_and_those_after_its_end_nothing_less(history, rule, free, until, compounding):
    terms = InterestTerms(id="x", rate=rule, compounding=compounding)
    plain = exact(history, terms, until)
    assert 0 <= exact(history, terms, until, tuple(free)) <= plain
    later = tuple(each._replace(first=day(until + 1), last=None) for each in free)
    assert exact(history, terms, until, later) == plain
    assert exact(history, terms, until, (FreeDays(day(-30)),)) == 0


@given(facts())
def test_what_spares_an_item_lies_in_days_that_are_there(facts):
    account = fold(facts, ISSUED)
    for item in account.ledger.items:
        relief = relief_of(account, item)
        assert relief.due_on is not None
        assert relief.due_on >= item.due_on
        assert all(each.last is None or each.first <= each.last for each in relief.free)
