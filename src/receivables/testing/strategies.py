"""Hypothesis strategies: documents, facts, policies, and whole plausible histories of an account.

For the tests of a host and of adapters: a store that gives back what ``histories()`` gave it, a codec that reads what it
wrote of ``facts()``. It needs ``hypothesis``, which nothing else in the library imports.

``histories`` are what a careful clerk could have recorded: nothing is over-applied, what is undone was made before, and
the instants rise. ``facts`` are single facts of every kind, each valid by itself, that tell no story together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.credit import Order
from receivables.documents.dispute import OUTCOMES
from receivables.documents.hold import STOPS, STOPS_OF, Hold
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.notice import Notice, NoticeLine, PolicyRef
from receivables.documents.payment import Allocation, Payment
from receivables.documents.request import OUTCOMES as ANSWERS
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    CreditArrived,
    CreditConverted,
    CreditTransferred,
    DifferenceSettled,
    DifferenceUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentReturned,
    PaymentSettled,
    RefundMade,
)
from receivables.facts.charge import ChargeRaised, ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.credit import (
    HoldPlaced,
    HoldReleased,
    LimitSet,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReserved,
)
from receivables.facts.customer import AccountOpened, CustomerChanged, GroupOpened
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.dunning import (
    LadderMigrated,
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
    StepsAnnulled,
)
from receivables.facts.fact import Fact
from receivables.facts.invoice import (
    CreditNoteIssued,
    DueDateExtended,
    InstallmentDated,
    InvoiceIssued,
    ItemTakenOver,
)
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.facts.merge import AccountAbsorbed, AccountMerged, AccountRestored, AccountSeparated
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.facts.policy import PolicyPublished
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.testing.documents import (
    CURRENCIES,
    FIRST_DAY,
    TERMS,
    allocations,
    amounts,
    charges,
    conversions,
    credit_limits,
    credit_notes,
    credit_policies,
    currencies,
    customers,
    days,
    deductions,
    disputes,
    dunning_policies,
    holds,
    ids,
    instants,
    invoices,
    notices,
    orders,
    payment_plans,
    payments,
    policy_refs,
    promises,
    reasons,
    requests,
    schedules,
    settlement_parts,
    suspensions,
    taken_over_items,
    terms,
    texts,
)
from receivables.values.currencies import Currency
from receivables.values.money import Money

__all__ = [
    "CURRENCIES",
    "EVENTS",
    "FACTS",
    "FIRST_DAY",
    "TERMS",
    "allocations",
    "amounts",
    "charges",
    "conversions",
    "credit_limits",
    "credit_notes",
    "credit_policies",
    "currencies",
    "customers",
    "days",
    "deductions",
    "disputes",
    "dunning_policies",
    "facts",
    "facts_of",
    "histories",
    "holds",
    "ids",
    "instants",
    "invoices",
    "notices",
    "orders",
    "payment_plans",
    "payments",
    "policy_refs",
    "promises",
    "reasons",
    "requests",
    "schedules",
    "settlement_parts",
    "suspensions",
    "taken_over_items",
    "terms",
    "texts",
]

# Facts ----------------------------------------------------------------------------------------------------------

FACTS: dict[type[Fact], dict[str, Callable[[], SearchStrategy[Any]]]] = {
    AccountOpened: {"customer": customers},
    CustomerChanged: {"customer": customers},
    GroupOpened: {"group": ids},
    PolicyPublished: {"policy": policy_refs, "settings": texts},
    InvoiceIssued: {"invoice": invoices},
    CreditNoteIssued: {"credit_note": credit_notes},
    InstallmentDated: {"item": ids, "due_on": days},
    DueDateExtended: {"item": ids, "due_on": days, "approver": ids, "reason": texts},
    ItemTakenOver: {"item": taken_over_items},
    PaymentReceived: {"payment": payments},
    PaymentSettled: {"payment": ids},
    PaymentFailed: {"payment": ids, "code": ids, "reason": lambda: st.none() | texts()},
    PaymentReturned: {
        "payment": ids,
        "kind": lambda: st.sampled_from(("returned", "chargeback", "reversed")),
        "code": ids,
        "bank_line": lambda: st.none() | ids(),
    },
    AllocationMade: {"id": ids, "allocation": allocations, "settlement": lambda: st.none() | ids()},
    DifferenceSettled: {"id": ids, "source": ids, "part": settlement_parts, "settlement": ids},
    DifferenceUndone: {"difference": ids},
    RefundMade: {"id": ids, "source": ids, "amount": amounts, "reference": lambda: st.none() | ids()},
    CreditConverted: {
        "id": ids,
        "conversion": conversions,
        "kind": lambda: st.sampled_from(("payment", "credit_note")),
    },
    CreditTransferred: {"id": ids, "source": ids, "amount": amounts, "to": ids},
    CreditArrived: {"id": ids, "source": ids, "amount": amounts, "came_from": ids, "kind": lambda: st.just("payment")},
    AllocationUndone: {"allocation": ids},
    ChargeRaised: {"charge": charges},
    ChargeReversed: {"charge": ids, "amount": amounts, "reason": texts, "approver": lambda: st.none() | ids()},
    ChargeWaived: {
        "charge": ids,
        "amount": amounts,
        "reason": texts,
        "approver": ids,
        "plan": lambda: st.none() | ids(),
    },
    ChargeReinstated: {
        "charge": ids,
        "amount": amounts,
        "reason": texts,
        "approver": ids,
        "plan": lambda: st.none() | ids(),
    },
    LimitSet: {"limit": credit_limits},
    OrderReserved: {"order": orders, "policy": policy_refs, "reasons": lambda: st.lists(reasons(), max_size=2)},
    OrderHeld: {"order": orders, "policy": policy_refs, "reasons": lambda: st.lists(reasons(), max_size=2)},
    OrderRefused: {"order": orders, "policy": policy_refs, "reasons": lambda: st.lists(reasons(), max_size=2)},
    OrderReleased: {"order": ids, "amount": amounts, "invoice": lambda: st.none() | ids(), "closes": st.booleans},
    HoldPlaced: {"hold": holds},
    HoldReleased: {"hold": ids},
    NoticeQueued: {"notice": notices, "approval": st.booleans},
    NoticeSending: {"notice": ids},
    NoticeSent: {"notice": ids, "receipt": lambda: st.none() | ids()},
    NoticeFailed: {"notice": ids, "reason": texts, "retry": st.booleans},
    NoticeCancelled: {"notice": ids, "reason": texts},
    NoticeApproved: {"notice": ids},
    NoticeRejected: {"notice": ids, "reason": texts},
    StepsAnnulled: {"notice": ids, "items": lambda: st.lists(ids(), max_size=3), "reason": texts},
    DisputeOpened: {"dispute": disputes, "items": lambda: st.lists(ids(), max_size=3), "amount": amounts},
    DisputeResolved: {
        "dispute": ids,
        "outcome": lambda: st.sampled_from(OUTCOMES),
        "amount": amounts,
        "credit_note": lambda: st.none() | ids(),
        "reason": lambda: st.none() | texts(),
    },
    PromiseMade: {
        "promise": promises,
        "items": lambda: st.lists(ids(), max_size=3),
        "last_day": days,
        "approver": lambda: st.none() | ids(),
    },
    PromiseWithdrawn: {"promise": ids, "reason": texts},
    RequestMade: {
        "request": requests,
        "outcome": lambda: st.sampled_from(ANSWERS),
        "reasons": lambda: st.lists(reasons(), max_size=2),
        "policy": lambda: st.none() | policy_refs(),
    },
    RequestAnswered: {
        "request": ids,
        "accepted": st.booleans,
        "reason": texts,
        "approver": lambda: st.none() | ids(),
    },
    PlanAgreed: {
        "plan": payment_plans,
        "settled": lambda: amounts(least=0),
        "approver": lambda: st.none() | ids(),
    },
    PlanReinstated: {"plan": ids, "catch_up_by": days, "approver": ids, "reason": texts},
    PlanCancelled: {"plan": ids, "reason": texts},
    LadderMigrated: {"item": ids, "policy": policy_refs, "step": lambda: st.none() | ids()},
    DebtAcknowledged: {"id": ids, "items": lambda: st.lists(ids(), max_size=3), "evidence": texts},
    DemandReceived: {"id": ids, "items": lambda: st.lists(ids(), max_size=3), "evidence": texts},
    LimitationSuspended: {"suspension": suspensions},
    LimitationResumed: {"suspension": ids},
    AccountAbsorbed: {"account": ids, "approver": ids, "reason": texts},
    AccountMerged: {"into": ids},
    AccountSeparated: {"account": ids, "approver": ids, "reason": texts},
    AccountRestored: {"separated_from": ids},
}
"""Every kind of fact, with the strategy of each field beside the times and the person."""


def facts_of(kind: type[Fact]) -> SearchStrategy[Fact]:
    """Facts of one kind, each valid by itself."""
    fields = {name: make().map(_frozen) for name, make in FACTS[kind].items()}
    return st.builds(kind, effective_on=days(), recorded_at=instants(), by=st.none() | ids(), **fields)


def facts() -> SearchStrategy[Fact]:
    """Facts of every kind."""
    return st.sampled_from(list(FACTS)).flatmap(facts_of)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# Histories ------------------------------------------------------------------------------------------------------


def histories(account: str = "ACME", *, most: int = 30) -> SearchStrategy[tuple[Fact, ...]]:
    """Whole histories of one account, opened on `FIRST_DAY`, of at most about ``most`` events.

    Invoices, payments and credit notes are recorded up to ten days late; money is applied and taken back; orders, limits,
    holds and notices come and go. Allocations never exceed what the one side has left or the other has open.
    """
    return _histories(account, most)


@st.composite
def _histories(draw: DrawFn, account: str, most: int) -> tuple[Fact, ...]:
    story = _Story(draw, account)
    for event in draw(st.lists(st.sampled_from(EVENTS), max_size=most)):
        story.day += dt.timedelta(days=draw(st.sampled_from((0, 0, 1, 3, 10))))
        event(story)
    return tuple(story.facts)


class _Story:
    """What a history has come to while it is being told."""

    def __init__(self, draw: DrawFn, account: str) -> None:
        self.draw = draw
        self.account = account
        self.day = FIRST_DAY
        self.facts: list[Fact] = []
        self.items: dict[str, tuple[Currency, dt.date, dt.date | None]] = {}
        self.credits: dict[str, tuple[Currency, dt.date]] = {}
        self.left: dict[str, int] = {}
        self.made: dict[str, AllocationMade] = {}
        self.reserved: dict[str, Money] = {}
        self.held: list[str] = []
        self.waiting: dict[str, str] = {}
        self.record(AccountOpened, customer=draw(customers(account)))

    def record(self, kind: type[Fact], effective_on: dt.date | None = None, **fields: Any) -> None:
        """Add a fact; the instants rise."""
        now = dt.datetime.combine(self.day, dt.time(8), dt.UTC) + dt.timedelta(seconds=len(self.facts))
        self.facts.append(kind(effective_on=effective_on or self.day, recorded_at=now, **fields))

    def name(self, prefix: str) -> str:
        """An id that is new."""
        return f"{prefix}-{len(self.facts)}"

    def late(self) -> dt.date:
        """Today, or a day some days ago."""
        return self.day - dt.timedelta(days=self.draw(st.integers(0, 10)))

    def amount(self) -> Money:
        """An amount in one of the currencies, mostly small, so that sums meet."""
        return Money(self.draw(st.integers(1, 5_000)), self.draw(st.sampled_from(CURRENCIES)))

    def one(self, names: Sequence[str]) -> str | None:
        """One of the names, or ``None`` where there are none."""
        return self.draw(st.sampled_from(names)) if names else None


def _issue(story: _Story) -> None:
    total, day = story.amount(), story.late()
    number, schedule = story.name("INV"), story.draw(schedules(total, day))
    invoice = Invoice(number=number, account=story.account, issued_on=day, total=total, schedule=schedule)
    story.record(InvoiceIssued, day, invoice=invoice)
    for id, part in invoice.items():
        story.items[id] = (total.currency, day, part.due_on)
        story.left[id] = part.amount.minor


def _take_over(story: _Story) -> None:
    open_, issued_on, id = story.amount(), story.late(), story.name("OLD")
    due_on = issued_on + dt.timedelta(days=story.draw(st.integers(-60, 20)))
    step = story.draw(st.none() | st.sampled_from(("first", "second")))
    item = TakenOverItem(
        id=id,
        account=story.account,
        issued_on=issued_on,
        due_on=due_on,
        open=open_,
        step=step,
        stepped_on=None if step is None else story.late(),
    )
    story.record(ItemTakenOver, item=item)
    story.items[id], story.left[id] = (open_.currency, story.day, due_on), open_.minor


def _date(story: _Story) -> None:
    item = story.one([id for id, (_, _, due_on) in story.items.items() if due_on is None])
    if item is not None:
        due_on = story.day + dt.timedelta(days=story.draw(st.integers(-10, 30)))
        story.items[item] = (*story.items[item][:2], due_on)
        story.record(InstallmentDated, item=item, due_on=due_on)


def _pay(story: _Story) -> None:
    amount, day, id = story.amount(), story.late(), story.name("PAY")
    story.record(PaymentReceived, day, payment=Payment(id=id, account=story.account, amount=amount, value_date=day))
    story.credits[id], story.left[id] = (amount.currency, day), amount.minor


def _credit(story: _Story) -> None:
    total, day, number = story.amount(), story.late(), story.name("CN")
    note = CreditNote(number=number, account=story.account, issued_on=day, total=total)
    story.record(CreditNoteIssued, day, credit_note=note)
    story.credits[number], story.left[number] = (total.currency, day), total.minor


def _apply(story: _Story) -> None:
    source = story.one([id for id in story.credits if story.left[id]])
    if source is None:
        return
    currency, credited_on = story.credits[source]
    item = story.one([id for id, entry in story.items.items() if entry[0] == currency and story.left[id]])
    if item is None:
        return
    minor = story.draw(st.integers(1, min(story.left[source], story.left[item])))
    allocation = Allocation(source=source, item=item, amount=Money(minor, currency))
    id = story.name("A")
    story.record(AllocationMade, max(credited_on, story.items[item][1]), id=id, allocation=allocation)
    made = story.facts[-1]
    assert isinstance(made, AllocationMade)
    story.made[id] = made
    story.left[source] -= minor
    story.left[item] -= minor


def _unapply(story: _Story) -> None:
    id = story.one(list(story.made))
    if id is not None:
        made = story.made.pop(id)
        story.record(AllocationUndone, made.effective_on, allocation=id)
        story.left[made.allocation.source] += made.allocation.amount.minor
        story.left[made.allocation.item] += made.allocation.amount.minor


def _limit(story: _Story) -> None:
    limit = story.draw(credit_limits(story.account))
    story.record(LimitSet, limit.valid_from, limit=limit)


def _order(story: _Story) -> None:
    order = Order(id=story.name("SO"), account=story.account, amount=story.amount(), placed_on=story.late())
    kind = story.draw(st.sampled_from((OrderReserved, OrderHeld, OrderRefused)))
    story.record(kind, order.placed_on, order=order, policy=_REF, reasons=())
    if kind is OrderReserved:
        story.reserved[order.id] = order.amount


def _release(story: _Story) -> None:
    order = story.one(list(story.reserved))
    if order is not None:
        left = story.reserved.pop(order)
        amount = Money(story.draw(st.integers(1, left.minor)), left.currency)
        closes = story.draw(st.booleans())
        story.record(OrderReleased, order=order, amount=amount, closes=closes)
        if not closes and amount.minor < left.minor:
            story.reserved[order] = left - amount


def _hold(story: _Story) -> None:
    placed_on = story.late()
    until = story.draw(st.none() | st.integers(0, 40).map(lambda count: placed_on + dt.timedelta(days=count)))
    item = story.draw(st.none() | st.just(story.one(list(story.items))))
    scope = story.draw(st.sampled_from(("item", "document", "amount"))) if item is not None else ""
    amount = None
    if scope == "amount" and item is not None:
        amount = Money(story.draw(st.integers(1, 5_000)), story.items[item][0])
    hold = Hold(
        id=story.name("H"),
        account=story.account,
        placed_on=placed_on,
        reason="goods came back",
        kind=story.draw(st.sampled_from(sorted(STOPS_OF))),
        stops=story.draw(st.frozensets(st.sampled_from(sorted(STOPS - {"contact"})), min_size=1)),
        item=None if scope == "document" else item,
        document=item.split("/")[0] if scope == "document" and item is not None else None,
        amount=amount,
        until=until,
    )
    story.record(HoldPlaced, placed_on, hold=hold)
    story.held.append(hold.id)


def _extend(story: _Story) -> None:
    item = story.one([id for id, entry in story.items.items() if entry[2] is not None])
    if item is None:
        return
    currency, since, due_on = story.items[item]
    later = (due_on or story.day) + dt.timedelta(days=story.draw(st.integers(1, 40)))
    on = max(since, story.late())
    story.record(DueDateExtended, on, item=item, due_on=later, approver="bob", reason="they wait for a grant")
    story.items[item] = (currency, since, later)


def _lift(story: _Story) -> None:
    hold = story.one(story.held)
    if hold is not None:
        story.held.remove(hold)
        story.record(HoldReleased, hold=hold)


def _notice(story: _Story) -> None:
    overdue = [id for id, entry in story.items.items() if entry[2] and entry[2] < story.day and story.left[id]]
    item = story.one(overdue)
    if item is None:
        return
    currency, _, due_on = story.items[item]
    assert due_on is not None
    line = NoticeLine(
        item=item,
        document=item.partition("/")[0],
        amount=Money(story.left[item], currency),
        due_on=due_on,
        ladder_from=due_on,
        step=story.draw(st.sampled_from(("first", "second", "third", "final"))),
        policy=_REF,
    )
    notice = Notice(
        key=story.name("N"),
        account=story.account,
        customer=story.account,
        currency=currency,
        channel="email",
        language="en",
        template="first",
        as_of=story.day,
        lines=(line,),
    )
    story.record(NoticeQueued, notice=notice)
    story.waiting[notice.key] = "queued"


def _deliver(story: _Story) -> None:
    key = story.one(list(story.waiting))
    if key is None:
        return
    if story.waiting[key] == "queued":
        if story.draw(st.booleans()):
            story.record(NoticeSending, notice=key)
            story.waiting[key] = "sending"
        else:
            story.record(NoticeCancelled, notice=key, reason="settled")
            del story.waiting[key]
        return
    if story.draw(st.booleans()):
        story.record(NoticeSent, notice=key)
        del story.waiting[key]
        return
    retry = story.draw(st.booleans())
    story.record(NoticeFailed, notice=key, reason="mailbox full", retry=retry)
    if retry:
        story.waiting[key] = "queued"
    else:
        del story.waiting[key]


def _change(story: _Story) -> None:
    story.record(CustomerChanged, story.late(), customer=story.draw(customers(story.account)))


_REF = PolicyRef(id="standard", version=1, digest="0" * 64)

EVENTS: tuple[Callable[[_Story], None], ...] = (
    _issue,
    _issue,
    _pay,
    _pay,
    _apply,
    _apply,
    _apply,
    _unapply,
    _credit,
    _take_over,
    _date,
    _limit,
    _order,
    _release,
    _hold,
    _extend,
    _lift,
    _notice,
    _deliver,
    _deliver,
    _change,
)
"""What can happen next in a history; common things stand more than once."""
