"""Promises and disputes, holds and payments in any order: what is kept back adds up, and late knowledge changes nothing else."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from receivables import Allocation, CreditNote, Customer, DunningPolicy, DunningStep, Hold, Invoice, Money, Payment
from receivables.documents.dispute import OUTCOMES, Dispute
from receivables.documents.promise import Promise
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.customer import AccountOpened
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.fact import Fact
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.state.account import Account, fold
from receivables.state.dispute import LIFE as LIFE_OF_DISPUTES
from receivables.state.promise import LIFE as LIFE_OF_PROMISES
from receivables.state.view import View
from receivables.testing import strategies

FIRST = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 6, 1, 6, tzinfo=dt.UTC)
DAYS = 10
AMOUNTS = {"INV-1": 1000, "INV-2": 600, "INV-3": 1}
ITEMS = tuple(AMOUNTS)
EUR = Money.of(0, "EUR").currency
LADDER = DunningPolicy(
    id="standard",
    version=1,
    pauses=True,
    steps=(DunningStep(name="first", days_after_due=3), DunningStep(name="second", days_after_notice=5)),
)


def day(offset: int) -> dt.date:
    return FIRST + dt.timedelta(days=offset)


def known(facts: list[Any]) -> tuple[Any, ...]:
    """The facts as if recorded in this order, one a minute."""
    return tuple(attrs.evolve(fact, recorded_at=NOW + dt.timedelta(minutes=at)) for at, fact in enumerate(facts))


BASE: tuple[Any, ...] = (
    AccountOpened(customer=Customer(id="ACME"), effective_on=day(-30), recorded_at=NOW),
    *(
        InvoiceIssued(
            invoice=Invoice.due(
                number=number, account="ACME", issued_on=day(-30), total=Money(minor, EUR), due_on=day(-at)
            ),
            effective_on=day(-30),
            recorded_at=NOW,
        )
        for at, (number, minor) in enumerate(AMOUNTS.items())
    ),
)
offsets = st.integers(0, DAYS)


@st.composite
def stories(draw: st.DrawFn, returns: bool = True) -> list[Any]:
    """What happened to three invoices, each fact with the day on which it was so, as it becomes known: in any order.

    With ``returns`` what was applied can go back on a later day, as a direct debit does; otherwise it is corrected at most.
    What refers to another fact becomes known after it: a payment before what it was applied to, a promise before its end.
    """
    room = dict(AMOUNTS)
    kinds = [draw(st.sampled_from(sorted(EVENTS))) for _ in range(draw(st.integers(0, 9)))]
    chains = [EVENTS[kind](draw, number, room) for number, kind in enumerate(kinds)]
    order = draw(st.permutations([at for at, chain in enumerate(chains) for _ in chain]))
    following = [iter(chain) for chain in chains]
    facts = [next(following[at]) for at in order]
    return facts if returns else [_corrected(fact, facts) for fact in facts]


def _corrected(fact: Any, facts: list[Any]) -> Any:
    """What was undone later as if it had never been."""
    if not isinstance(fact, AllocationUndone):
        return fact
    made = {each.id: each.effective_on for each in facts if isinstance(each, AllocationMade)}
    return attrs.evolve(fact, effective_on=made[fact.allocation])


def _settle(draw: st.DrawFn, number: int, room: dict[str, int], kind: str = "payment") -> list[Any]:
    """A payment or a credit note on one item, which may be taken back."""
    item, on = draw(st.sampled_from(ITEMS)), draw(offsets)
    minor = draw(st.integers(0, room[item]))
    if not minor:
        return []
    amount, times = Money(minor, EUR), {"effective_on": day(on), "recorded_at": NOW}
    source = f"{draw(st.sampled_from('AZ'))}{number}"
    made = AllocationMade(id=f"on {source}", allocation=Allocation(source=source, item=item, amount=amount), **times)
    facts: list[Any] = [_credit(source, amount, day(on), kind), made]
    back = None
    if draw(st.integers(0, 4)) == 0:
        back = on if draw(st.booleans()) else draw(st.integers(on, DAYS))
        facts.append(AllocationUndone(allocation=made.id, effective_on=day(back), recorded_at=NOW))
    if back != on:
        room[item] -= minor  # what went back on a later day was there until then
    return facts


def _credit(source: str, amount: Money, on: dt.date, kind: str) -> Fact:
    times = {"effective_on": on, "recorded_at": NOW}
    if kind == "payment":
        payment = Payment(id=source, account="ACME", amount=amount, value_date=on)
        return PaymentReceived(payment=payment, **times)
    note = CreditNote(number=source, account="ACME", issued_on=on, total=amount)
    return CreditNoteIssued(credit_note=note, **times)


def _note(draw: st.DrawFn, number: int, room: dict[str, int]) -> list[Any]:
    return _settle(draw, number, room, "credit_note")


def _promise(draw: st.DrawFn, number: int, room: dict[str, int]) -> list[Any]:
    items = tuple(sorted(draw(st.sets(st.sampled_from(ITEMS), min_size=1))))
    made_on = draw(offsets)
    pay_by = made_on + draw(st.integers(0, 5))
    promise = Promise(
        id=f"{draw(st.sampled_from('AZ'))}{number}",
        account="ACME",
        amount=Money(draw(st.integers(1, sum(AMOUNTS[item] for item in items))), EUR),
        made_on=day(made_on),
        pay_by=day(pay_by),
        items=items,
        tolerance_days=draw(st.integers(0, 2)),
        tolerance_percent=draw(st.sampled_from((0, 0, 10)).map(Decimal)),
    )
    last_day = day(pay_by + promise.tolerance_days)
    facts: list[Any] = [
        PromiseMade(promise=promise, items=items, last_day=last_day, effective_on=day(made_on), recorded_at=NOW)
    ]
    if draw(st.integers(0, 4)) == 0:
        on = day(draw(st.integers(made_on, pay_by)))
        facts.append(PromiseWithdrawn(promise=promise.id, reason="a mistake", effective_on=on, recorded_at=NOW))
    return facts


def _dispute(draw: st.DrawFn, number: int, room: dict[str, int]) -> list[Any]:
    items = tuple(sorted(draw(st.sets(st.sampled_from(ITEMS), min_size=1))))
    opened_on, left = draw(offsets), draw(st.integers(1, sum(AMOUNTS[item] for item in items)))
    dispute = Dispute(id=f"D{number}", account="ACME", item=items[0], reason="quality", opened_on=day(opened_on))
    amount = Money(left, EUR)
    facts: list[Any] = [
        DisputeOpened(dispute=dispute, items=items, amount=amount, effective_on=day(opened_on), recorded_at=NOW)
    ]
    for _ in range(draw(st.integers(0, 2))):
        minor = draw(st.integers(1, left)) if left else 0
        if minor:
            left -= minor
            on = day(draw(st.integers(opened_on, DAYS)))
            outcome = draw(st.sampled_from(OUTCOMES))
            facts.append(
                DisputeResolved(
                    dispute=dispute.id, outcome=outcome, amount=Money(minor, EUR), effective_on=on, recorded_at=NOW
                )
            )
    return facts


def _hold(draw: st.DrawFn, number: int, room: dict[str, int]) -> list[Any]:
    item, placed_on = draw(st.sampled_from((None, *ITEMS))), draw(offsets)
    amount = Money(draw(st.integers(1, 800)), EUR) if item is not None and draw(st.booleans()) else None
    until = draw(st.none() | st.integers(placed_on, DAYS))
    hold = Hold(
        id=f"H{number}",
        account="ACME",
        placed_on=day(placed_on),
        reason="they look",
        stops=frozenset({"dunning"}),
        item=item,
        amount=amount,
        until=None if until is None else day(until),
    )
    facts: list[Any] = [HoldPlaced(hold=hold, effective_on=day(placed_on), recorded_at=NOW)]
    if draw(st.booleans()):
        on = day(draw(st.integers(placed_on, DAYS)))
        facts.append(HoldReleased(hold=hold.id, effective_on=on, recorded_at=NOW))
    return facts


EVENTS = {"settle": _settle, "settle more": _settle, "note": _note, "promise": _promise, "promise more": _promise}
EVENTS |= {"dispute": _dispute, "hold": _hold}


def by_day(facts: Any) -> list[Any]:
    return sorted(facts, key=lambda fact: fact.effective_on)


def told(view: View) -> dict[str, Any]:
    """What a view says, without the instants and the order in which it was recorded."""
    return {
        "open": [
            (item.id, due, rest)
            for book in view.books
            for item, due, rest in zip(book.items, book.due, book.open, strict=True)
        ],
        "closed": view.closed,
        "credits": {(credit.id, credit.remaining) for credit in view.credits},
        "holds": {hold.id for hold in view.holds},
        "withheld": view.withheld,
        "paused": {item: paused(view, item) for item in ITEMS},
        "disputes": {
            each.dispute.id: (each.left, each.status, each.ended_on, dict(each.changes)) for each in view.disputes
        },
        "promises": {
            each.promise.id: (each.status, each.paid, each.left, each.decided_on, dict(each.changes))
            for each in view.promises
        },
        "dunning": [(row["item"], row["reason"], row["dunnable"]) for row in LADDER.plan(view).rows()],
    }


def paused(view: View, item: str) -> set[int]:
    """The days, as ordinals, on which the clock of an item stood still."""
    return {on for pause in view.pauses if pause.item in (None, item) for on in range(pause.start, pause.end)}


# Any order of knowledge -----------------------------------------------------------------------------------------------


@given(st.data(), stories())
def test_any_order_of_knowledge_gives_the_view_that_the_sorted_history_gives(data, story):
    shuffled = known([*BASE, *story])
    cut = data.draw(st.integers(len(BASE), len(shuffled)))
    account, plain = fold(shuffled), fold(known([*BASE, *by_day(shuffled[len(BASE) : cut])]))
    as_of = day(data.draw(st.integers(-1, DAYS + 6)))
    assert told(account.view(as_of, shuffled[cut - 1].recorded_at)) == told(plain.view(as_of))


@given(st.data(), stories())
def test_what_becomes_known_later_changes_no_answer_that_was_given(data, story):
    facts = known([*BASE, *story])
    cut = data.draw(st.integers(len(BASE), len(facts)))
    as_of = day(data.draw(st.integers(-1, DAYS + 6)))
    known_at = facts[cut - 1].recorded_at
    assert fold(facts).view(as_of, known_at) == fold(facts[:cut]).view(as_of, known_at)


@given(st.permutations(("A", "B")), st.permutations(("P", "Q")))
def test_payments_of_one_day_are_shared_out_in_one_order_whichever_is_known_first(items, promises):
    """P is on INV-1 and INV-2 and takes the payment on INV-1; if it took the other one, Q on INV-1 would be kept."""
    paid = {"A": ("INV-1", 100), "B": ("INV-2", 100)}
    covers = {"P": ("INV-1", "INV-2"), "Q": ("INV-1",)}
    made = {
        id: PromiseMade(
            promise=Promise(
                id=id, account="ACME", amount=Money(100, EUR), made_on=day(0), pay_by=day(3), items=covers[id]
            ),
            items=covers[id],
            last_day=day(3),
            effective_on=day(0),
            recorded_at=NOW,
        )
        for id in promises
    }
    facts: list[Any] = list(made.values())
    for source in items:
        item, minor = paid[source]
        amount = Money(minor, EUR)
        facts.append(_credit(source, amount, day(1), "payment"))
        allocation = Allocation(source=source, item=item, amount=amount)
        facts.append(AllocationMade(id=source, allocation=allocation, effective_on=day(1), recorded_at=NOW))
    states = fold(known([*BASE, *facts])).view(day(4)).promises
    assert {state.promise.id: state.status for state in states} == {"P": "kept", "Q": "broken"}


# What is kept back ------------------------------------------------------------------------------------------------------


def assert_adds_up(view: View) -> None:
    assert set(view.withheld_of) <= set(view.places)
    for id in view.places:
        parts = view.withheld_of.get(id, ())
        kept = Money(sum(part.amount for part in parts), view.open(id).currency)
        assert view.free(id) + kept == view.open(id)
        assert view.free(id).minor >= 0
        assert view.disputed(id) <= kept
        assert all(part.amount > 0 for part in parts)
        assert len({(part.kind, part.id) for part in parts}) == len(parts)
    for currency in view.currencies:
        mine = [part.amount for part in view.withheld if view.item(part.item).currency == currency]
        assert sum(mine) <= view.open_total(currency).minor


@given(stories(), st.integers(-1, DAYS + 6))
def test_what_is_kept_back_and_what_is_free_are_what_is_open(story, offset):
    view = fold(known([*BASE, *story])).view(day(offset))
    assert_adds_up(view)
    for kind, states in (("dispute", view.disputes), ("promise", view.promises)):
        left = {state.dispute.id if kind == "dispute" else state.promise.id: state.left for state in states}
        for id, most in left.items():
            assert sum(part.amount for part in view.withheld if (part.kind, part.id) == (kind, id)) <= most


@given(strategies.histories(), st.integers(-15, 200))
def test_what_is_kept_back_adds_up_in_whole_histories(history, offset):
    assert_adds_up(fold(history).view(strategies.FIRST_DAY + dt.timedelta(days=offset)))


@given(stories(returns=False))
def test_the_clock_stands_still_on_the_days_on_which_nothing_could_be_dunned_and_on_no_other(story):
    """A day by day reading: a view for each day, and a look whether all that was open was held or kept back."""
    account = fold(known([*BASE, *story]))
    stood: dict[str, set[int]] = {item: set() for item in ITEMS}
    first = FIRST.toordinal()
    for offset in range(DAYS + 7):
        view, today = account.view(day(offset)), day(offset).toordinal()
        for item in view.places:
            assert {on for on in paused(view, item) if on < today} == stood[item]
            assert view.paused_days(item, first, today) == len(stood[item])
            if _held(view, item) or not view.free(item).minor:
                stood[item].add(today)


def _held(view: View, item: str) -> bool:
    return any(hold.stops_all("dunning") for hold in view.stopping("dunning", item))


# Promises ---------------------------------------------------------------------------------------------------------------


def judged(story: Any, last: int) -> dict[str, tuple[str, int]]:
    """Status and paid of each promise as a clerk with a calendar says it, going from day to day."""
    undone = {fact.allocation: fact.effective_on for fact in story if isinstance(fact, AllocationUndone)}
    payments = {fact.payment.id for fact in story if isinstance(fact, PaymentReceived)}
    today = day(last)
    applied = [
        (fact.effective_on, fact.allocation.source in payments, fact.id, fact.allocation)
        for fact in story
        if isinstance(fact, AllocationMade) and not undone.get(fact.id, dt.date.max) <= today
    ]
    withdrawn = {fact.promise: fact.effective_on for fact in story if isinstance(fact, PromiseWithdrawn)}
    made = sorted(
        (fact for fact in story if isinstance(fact, PromiseMade) and fact.effective_on <= today),
        key=lambda fact: (fact.last_day, fact.effective_on, fact.promise.id),
    )
    owed: dict[str, int] = {}
    paid = {fact.promise.id: 0 for fact in made}
    for offset in range(last + 1):
        for fact in made:
            if fact.effective_on == day(offset):
                before = sum(
                    each.amount.minor for on, _, _, each in applied if on < day(offset) and each.item in fact.items
                )
                owed[fact.promise.id] = sum(AMOUNTS[item] for item in fact.items) - before
        for on, by_payment, _, each in sorted(applied, key=lambda row: row[:3]):
            rest = each.amount.minor
            for fact in made if on == day(offset) else ():
                id = fact.promise.id
                ends = min(
                    fact.last_day, withdrawn.get(id, fact.last_day) if withdrawn.get(id, today) <= today else today
                )
                if each.item not in fact.items or not fact.effective_on <= on <= ends:
                    continue
                if by_payment:
                    taken = min(rest, fact.promise.amount.minor - paid[id])
                    paid[id] += taken
                    rest -= taken
                else:
                    owed[id] -= rest
    return {
        fact.promise.id: (
            _said(fact, owed[fact.promise.id], paid[fact.promise.id], withdrawn, today),
            paid[fact.promise.id],
        )
        for fact in made
    }


def _said(fact: PromiseMade, owed: int, paid: int, withdrawn: dict[str, dt.date], today: dt.date) -> str:
    promised = fact.promise.amount.minor
    enough = min(owed, -(-promised * (100 - int(fact.promise.tolerance_percent)) // 100))
    if owed <= 0:
        return "kept" if paid else "lapsed"
    if paid >= enough:
        return "kept"
    if withdrawn.get(fact.promise.id, dt.date.max) <= today:
        return "withdrawn"
    if today <= fact.last_day:
        return "open"
    return "partly_kept" if paid else "broken"


@given(stories())
def test_a_promise_is_what_reading_day_by_day_says_of_it(story):
    account = fold(known([*BASE, *story]))
    for offset in range(DAYS + 12):
        states = account.view(day(offset)).promises
        assert {state.promise.id: (state.status, state.paid) for state in states} == judged(story, offset)
        assert all(state.status in LIFE_OF_PROMISES for state in states)
        assert all((state.left > 0) <= (state.status == "open") for state in states)
        assert all((state.decided_on is None) == (state.status == "open") for state in states)


@given(stories())
def test_money_is_counted_for_one_promise_only(story):
    paid = sum(fact.payment.amount.minor for fact in story if isinstance(fact, PaymentReceived))
    states = fold(known([*BASE, *story])).view(day(DAYS + 12)).promises
    assert sum(state.paid for state in states) <= paid
    assert all(0 <= state.paid <= state.promise.amount.minor for state in states)


# Lives ------------------------------------------------------------------------------------------------------------------


def statuses(account: Account, as_of: dt.date, known_at: dt.datetime | None = None) -> dict[tuple[str, str], str]:
    view = account.view(as_of, known_at)
    found = {("promise", state.promise.id): state.status for state in view.promises}
    return found | {("dispute", state.dispute.id): state.status for state in view.disputes}


LIVES = {"promise": LIFE_OF_PROMISES, "dispute": LIFE_OF_DISPUTES}


@given(stories())
def test_lives_go_from_day_to_day_as_their_tables_say(story):
    account = fold(known([*BASE, *story]))
    for one, next_ in pairwise(statuses(account, day(offset)) for offset in range(DAYS + 12)):
        for (kind, id), status in one.items():
            then = next_[kind, id]
            assert then == status or then in LIVES[kind][status], (kind, id, status, then)


@given(stories())
def test_a_dispute_that_is_over_stays_over_whatever_becomes_known(story):
    facts = known([*BASE, *story])
    account = fold(facts)
    for one, next_ in pairwise(statuses(account, day(DAYS + 12), fact.recorded_at) for fact in facts):
        over = {about for about, status in one.items() if about[0] == "dispute" and status != "open"}
        assert all(next_[about] != "open" for about in over)
