"""Whole plausible histories of an account: what a careful clerk could have recorded, event by event.

Nothing is over-applied, over-disputed or over-promised, what is taken back was made before, and the instants rise. Much is
recorded some days late. `receivables.testing.strategies.histories` hands them out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.credit import LIMIT_KINDS, DraftInvoice, Order
from receivables.documents.dispute import OUTCOMES, REASONS, Dispute
from receivables.documents.hold import STOPS, STOPS_OF, Hold
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.limitation import SUSPENSIONS, Suspension
from receivables.documents.notice import Notice, NoticeLine, PolicyRef
from receivables.documents.payment import Allocation, Payment
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.credit import (
    DraftDropped,
    HoldPlaced,
    HoldReleased,
    InvoiceDrafted,
    LimitSet,
    LimitWithdrawn,
    OrderDelivered,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReserved,
)
from receivables.facts.customer import AccountOpened, CustomerChanged
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.fact import Fact
from receivables.facts.invoice import CreditNoteIssued, DueDateExtended, InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.facts.limitation import DebtAcknowledged, LimitationResumed, LimitationSuspended
from receivables.facts.loss import Recovered, WriteOffReversed, WrittenOff
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.testing.documents import CURRENCIES, FIRST_DAY, credit_limits, customers, schedules
from receivables.values.currencies import Currency
from receivables.values.money import Money


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
        self.drafted: list[str] = []
        self.held: list[str] = []
        self.waiting: dict[str, str] = {}
        self.taken: dict[str, int] = {}
        self.contested: dict[str, tuple[str, int, dt.date]] = {}
        self.promised: dict[str, tuple[str, int, dt.date]] = {}
        self.suspended: dict[str, str] = {}
        self.planned: dict[str, str] = {}
        self.lost: dict[str, tuple[str, int, dt.date]] = {}
        self.record(AccountOpened, customer=draw(customers(account)))

    def record(self, kind: type[Fact], /, effective_on: dt.date | None = None, **fields: Any) -> None:
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

    def free(self, item: str) -> int:
        """What is open of an item and in no dispute or promise, in minor units."""
        bound = (*self.contested.values(), *self.promised.values())
        return self.left[item] - sum(minor for about, minor, _ in bound if about == item)

    def free_items(self) -> list[str]:
        """The items of which something is open and in no dispute or promise."""
        return [id for id in self.items if self.free(id) > 0]

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
    story.taken[item] = story.taken.get(item, 0) + minor


def _unapply(story: _Story) -> None:
    id = story.one(list(story.made))
    if id is not None:
        made = story.made.pop(id)
        story.record(AllocationUndone, made.effective_on, allocation=id)
        story.left[made.allocation.source] += made.allocation.amount.minor
        story.left[made.allocation.item] += made.allocation.amount.minor
        story.taken[made.allocation.item] -= made.allocation.amount.minor


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


def _deliver_order(story: _Story) -> None:
    order = story.one(list(story.reserved))
    if order is not None:
        left = story.reserved[order]
        amount = Money(story.draw(st.integers(1, left.minor)), left.currency)
        story.record(OrderDelivered, order=order, amount=amount)


def _draft(story: _Story) -> None:
    """A draft, of an order or by itself; now and then one is thrown away."""
    drops: bool = story.draw(st.booleans())
    if drops and story.drafted:
        story.record(DraftDropped, draft=story.drafted.pop())
        return
    order = story.one(list(story.reserved)) if story.draw(st.booleans()) else None
    amount = story.amount() if order is None else story.reserved[order]
    draft = DraftInvoice(id=story.name("D"), account=story.account, amount=amount, drafted_on=story.day, order=order)
    story.record(InvoiceDrafted, draft=draft)
    story.drafted.append(draft.id)


def _withdraw_limit(story: _Story) -> None:
    kind, currency = story.draw(st.sampled_from(LIMIT_KINDS)), story.draw(st.sampled_from(CURRENCIES))
    story.record(LimitWithdrawn, currency=currency, kind=kind)


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


def _dispute(story: _Story) -> None:
    item = story.one(story.free_items())
    if item is None:
        return
    currency, since, _ = story.items[item]
    minor, opened_on = story.draw(st.integers(1, story.free(item))), max(since, story.late())
    dispute = Dispute(
        id=story.name("D"),
        account=story.account,
        item=item,
        reason=story.draw(st.sampled_from(REASONS)),
        opened_on=opened_on,
    )
    story.record(DisputeOpened, opened_on, dispute=dispute, items=(item,), amount=Money(minor, currency))
    story.contested[dispute.id] = (item, minor, opened_on)


def _resolve(story: _Story) -> None:
    id = story.one(list(story.contested))
    if id is None:
        return
    item, left, opened_on = story.contested.pop(id)
    minor = story.draw(st.integers(1, left))
    story.record(
        DisputeResolved,
        max(opened_on, story.late()),
        dispute=id,
        outcome=story.draw(st.sampled_from(OUTCOMES)),
        amount=Money(minor, story.items[item][0]),
    )
    if minor < left:
        story.contested[id] = (item, left - minor, opened_on)


def _promise(story: _Story) -> None:
    item = story.one(story.free_items())
    if item is None:
        return
    currency, since, _ = story.items[item]
    minor, made_on = story.draw(st.integers(1, story.free(item))), max(since, story.late())
    pay_by = story.day + dt.timedelta(days=story.draw(st.integers(0, 20)))
    promise = Promise(
        id=story.name("PTP"),
        account=story.account,
        amount=Money(minor, currency),
        made_on=made_on,
        pay_by=pay_by,
        tolerance_days=story.draw(st.integers(0, 3)),
    )
    last_day = pay_by + dt.timedelta(days=promise.tolerance_days)
    story.record(PromiseMade, made_on, promise=promise, items=(item,), last_day=last_day)
    story.promised[promise.id] = (item, minor, made_on)


def _withdraw(story: _Story) -> None:
    id = story.one(list(story.promised))
    if id is not None:
        _, _, made_on = story.promised.pop(id)
        story.record(PromiseWithdrawn, max(made_on, story.late()), promise=id, reason="another took its place")


def _agree(story: _Story) -> None:
    item = story.one([id for id in story.items if story.left[id] > 0 and id not in story.planned])
    if item is None:
        return
    money = Money(story.left[item], story.items[item][0])
    parts = [part for part in money.split([1] * story.draw(st.integers(1, 3))) if part.minor]
    days = [story.day + dt.timedelta(days=7 * at) for at in range(len(parts))]
    plan = PaymentPlan(
        id=story.name("PP"),
        account=story.account,
        items=(item,),
        agreed_on=story.day,
        installments=tuple(PlanInstallment(due_on=on, amount=part) for on, part in zip(days, parts, strict=True)),
        grace_days=story.draw(st.integers(0, 3)),
    )
    story.record(PlanAgreed, plan=plan, settled=Money(story.taken.get(item, 0), money.currency))
    story.planned[item] = plan.id


def _give_up(story: _Story) -> None:
    item = story.one(list(story.planned))
    if item is not None:
        story.record(PlanCancelled, plan=story.planned.pop(item), reason="they went to another bank")


def _acknowledge(story: _Story) -> None:
    item = story.one(list(story.items))
    if item is not None:
        on = max(story.items[item][1], story.late())
        story.record(DebtAcknowledged, on, id=story.name("ACK"), items=(item,), evidence="a letter")


def _suspend(story: _Story) -> None:
    item = story.one([id for id in story.items if id not in story.suspended])
    if item is not None:
        suspension = Suspension(
            id=story.name("S"),
            account=story.account,
            items=(item,),
            kind=story.draw(st.sampled_from(SUSPENSIONS)),
            starts_on=max(story.items[item][1], story.late()),
            reason="they talk",
        )
        story.record(LimitationSuspended, suspension.starts_on, suspension=suspension)
        story.suspended[item] = suspension.id


def _resume(story: _Story) -> None:
    item = story.one(list(story.suspended))
    if item is not None:
        story.record(LimitationResumed, story.day, suspension=story.suspended.pop(item))


def _lose(story: _Story) -> None:
    """Give an item up, or a part of it; a part of what was given up is a mistake now and then."""
    item = story.one([id for id in story.items if story.left[id] > 0])
    if item is None:
        return
    currency, since, _ = story.items[item]
    minor, on, id = story.draw(st.integers(1, story.left[item])), max(since, story.late()), story.name("W")
    nothing = Money.zero(currency)
    fields: dict[str, Any] = {"item": item, "allowance_used": nothing, "relief": nothing}
    story.record(WrittenOff, on, id=id, amount=Money(minor, currency), code="insolvent", **fields)
    wrong = story.draw(st.sampled_from((0, 0, 0, minor)))
    if wrong:
        amount = Money(wrong, currency)
        story.record(
            WriteOffReversed, on, id=story.name("WR"), write_off=id, amount=amount, reason="the wrong one", **fields
        )
    else:
        story.left[item] -= minor
        story.lost[id] = (item, minor, on)


def _recover(story: _Story) -> None:
    """Money for what was given up: as much of it is settled as is taken back."""
    lost = story.one([id for id, (_, minor, _) in story.lost.items() if minor])
    if lost is None:
        return
    item, there, since = story.lost[lost]
    currency = story.items[item][0]
    source = story.one([id for id, (money, _) in story.credits.items() if money == currency and story.left[id]])
    if source is None:
        return
    minor, on, settlement = story.draw(st.integers(1, min(there, story.left[source]))), story.day, story.name("R")
    nothing, amount = Money.zero(currency), Money(minor, currency)
    story.record(
        Recovered,
        on,
        id=f"{settlement}#1",
        item=item,
        source=source,
        amount=amount,
        settlement=settlement,
        allowance_credited=nothing,
        relief=nothing,
    )
    allocation = Allocation(source=source, item=item, amount=amount)
    story.record(AllocationMade, on, id=f"{settlement}#2", allocation=allocation, settlement=settlement)
    story.left[source] -= minor
    story.taken[item] = story.taken.get(item, 0) + minor
    story.lost[lost] = (item, there - minor, since)


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
    _withdraw_limit,
    _order,
    _deliver_order,
    _draft,
    _release,
    _hold,
    _extend,
    _lift,
    _notice,
    _deliver,
    _deliver,
    _change,
    _dispute,
    _dispute,
    _resolve,
    _promise,
    _promise,
    _withdraw,
    _agree,
    _give_up,
    _acknowledge,
    _suspend,
    _resume,
    _lose,
    _recover,
)
"""What can happen next in a history; common things stand more than once."""
