"""Hypothesis strategies: documents, facts, policies, and whole plausible histories of an account.

For the tests of a host and of adapters: a store that gives back what ``histories()`` gave it, a codec that reads what it
wrote of ``facts()``. It needs ``hypothesis``, which nothing else in the library imports.

``histories`` are what a careful clerk could have recorded: nothing is over-applied, what is undone was made before, and
the instants rise. ``facts`` are single facts of every kind, each valid by itself, that tell no story together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.charge import CHARGE_KINDS, Charge, ChargeSegment
from receivables.documents.credit import LIMIT_KINDS, STOPS, CreditLimit, Hold, Order
from receivables.documents.customer import PURPOSES, Contact, Customer
from receivables.documents.invoice import CreditNote, DocumentLink, Invoice, InvoiceLine, TakenOverItem, TaxPart
from receivables.documents.notice import Notice, NoticeLine, PolicyRef
from receivables.documents.payment import METHODS, Allocation, Payment, Remittance
from receivables.documents.reason import Reason
from receivables.documents.schedule import Installment, Schedule
from receivables.documents.terms import PaymentTerms
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
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
from receivables.facts.invoice import CreditNoteIssued, InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.facts.policy import PolicyPublished
from receivables.policies.credit import ANSWERS, CreditPolicy
from receivables.policies.dunning import DunningPolicy
from receivables.policies.dunning_steps import DunningStep
from receivables.values.currencies import Currency
from receivables.values.money import Money
from receivables.values.references import find_card_number

FIRST_DAY = dt.date(2026, 1, 1)
"""The first day of a history, and the middle of the days that single documents have."""

CURRENCIES = (Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD"))
"""Two, no and three decimals."""

TERMS = (
    "net 30",
    "2/10 net 30",
    "45 days then EOM",
    "net 10 prox cutoff 25",
    "next 5,20 within 60 days",
    "30%: immediate; balance: net 30",
    "4/15 ROG",
    "COD",
)
"""Notations of payment terms, of one part and of several, with and without a date to wait for."""

# Values ---------------------------------------------------------------------------------------------------------


def ids() -> SearchStrategy[str]:
    """Ids and numbers as real systems have them: short, with signs and letters of all kinds."""
    letters = "ABXYabxyäß中0123456789-/._ "
    return st.text(letters, min_size=1, max_size=8).filter(lambda text: bool(text.strip()))


def texts() -> SearchStrategy[str]:
    """Free text without card numbers, possibly empty."""
    return st.text(max_size=20).filter(lambda text: find_card_number(text) is None)


def days() -> SearchStrategy[dt.date]:
    """Days within two years of `FIRST_DAY`."""
    reach = dt.timedelta(days=730)
    return st.dates(FIRST_DAY - reach, FIRST_DAY + reach)


def instants() -> SearchStrategy[dt.datetime]:
    """Instants within two years of `FIRST_DAY`, in zones from -12:00 to +14:00."""
    zones = st.integers(-12 * 4, 14 * 4).map(lambda quarters: dt.timezone(dt.timedelta(minutes=15 * quarters)))
    reach = dt.timedelta(days=730)
    middle = dt.datetime.combine(FIRST_DAY, dt.time())
    return st.datetimes(middle - reach, middle + reach, timezones=zones)


def currencies() -> SearchStrategy[Currency]:
    """A few currencies of ISO 4217, and one that a host made."""
    return st.sampled_from((*CURRENCIES, Currency("BTC", 8)))


def amounts(currency: Currency | None = None, *, least: int = 1, most: int = 10_000_000_00) -> SearchStrategy[Money]:
    """Amounts from ``least`` to ``most`` minor units, in one currency or in any."""
    minors = st.integers(least, most)
    if currency is not None:
        return minors.map(lambda minor: Money(minor, currency))
    return st.builds(Money, minors, currencies())


# Documents ------------------------------------------------------------------------------------------------------


def customers(id: str | None = None) -> SearchStrategy[Customer]:
    """Customers, with the given id in no company, or with any."""
    contacts = st.builds(
        Contact, purpose=st.sampled_from(PURPOSES), channel=st.sampled_from(("email", "letter")), reference=ids()
    )
    return st.builds(
        Customer,
        id=ids() if id is None else st.just(id),
        company=st.one_of(st.just(""), ids()) if id is None else st.just(""),
        group=st.none() | ids(),
        segment=st.sampled_from(("", "retail", "public")),
        zone=st.sampled_from(("UTC", "Asia/Tokyo")),
        language=st.sampled_from(("en", "de", "ja")),
        contacts=st.lists(contacts, max_size=3).map(tuple),
        tags=st.frozensets(ids(), max_size=3),
    )


def terms() -> SearchStrategy[PaymentTerms]:
    """Payment terms of many kinds, by their notation."""
    return st.sampled_from(TERMS).map(PaymentTerms.parse)


@st.composite
def schedules(draw: DrawFn, total: Money, issued_on: dt.date) -> Schedule:
    """Schedules of a total: one to four installments, some of which wait for their date."""
    parts = total.split([1] * draw(st.integers(1, 4)))
    offsets = draw(st.lists(st.integers(-30, 120) | st.none(), min_size=len(parts), max_size=len(parts)))
    found = []
    for part, offset in zip(parts, offsets, strict=True):
        due_on = None if offset is None else issued_on + dt.timedelta(days=offset)
        found.append(Installment(amount=part, due_on=due_on, baseline="delivery" if due_on is None else None))
    return Schedule(installments=tuple(found))


@st.composite
def invoices(draw: DrawFn, account: str | None = None, *, number: str | None = None) -> Invoice:
    """Invoices, with lines and taxes that add up, by terms or by a schedule."""
    currency, issued_on = draw(currencies()), draw(days())
    pairs = draw(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**7)), min_size=1, max_size=3))
    nets = [(Money(net, currency), Money(tax, currency)) for net, tax in pairs]
    total = Money.total((part for pair in nets for part in pair), currency)
    lines = tuple(
        InvoiceLine(net=net, tax=tax, description=draw(texts()), discountable=draw(st.booleans())) for net, tax in nets
    )
    taxes = tuple(TaxPart(percent=Decimal(at), net=net, tax=tax) for at, (net, tax) in enumerate(nets))
    by_terms = draw(st.booleans())
    return Invoice(
        number=draw(ids()) if number is None else number,
        account=draw(ids()) if account is None else account,
        issued_on=issued_on,
        total=total,
        lines=draw(st.sampled_from(((), lines))),
        taxes=draw(st.sampled_from(((), taxes))),
        order=draw(st.none() | ids()),
        references=tuple(draw(st.lists(ids(), max_size=2))),
        links=draw(st.sampled_from(((), (DocumentLink(uri="s3://invoices/1.pdf", sha256="0f" * 32),)))),
        **({"terms": draw(terms())} if by_terms else {"schedule": draw(schedules(total, issued_on))}),
    )


def credit_notes(account: str | None = None) -> SearchStrategy[CreditNote]:
    """Credit notes, against an invoice or not."""
    return st.builds(
        CreditNote,
        number=ids(),
        account=ids() if account is None else st.just(account),
        issued_on=days(),
        total=amounts(),
        against=st.none() | ids(),
        reason=texts(),
    )


def payments(account: str | None = None) -> SearchStrategy[Payment]:
    """Payments by every method, with a remittance."""
    remittances = st.builds(Remittance, references=st.lists(ids(), max_size=3).map(tuple), text=texts())
    return st.builds(
        Payment,
        id=ids(),
        account=ids() if account is None else st.just(account),
        amount=amounts(),
        value_date=days(),
        booked_on=st.none() | days(),
        method=st.sampled_from(METHODS),
        payer=st.none() | ids(),
        remittance=remittances,
        bank_line=st.none() | ids(),
    )


def allocations() -> SearchStrategy[Allocation]:
    """Allocations of anything to anything."""
    return st.builds(Allocation, source=ids(), item=ids(), amount=amounts())


@st.composite
def taken_over_items(draw: DrawFn, account: str | None = None, *, steps: Sequence[str] = ("first",)) -> TakenOverItem:
    """Items of another system, some with one of these steps behind them."""
    issued_on = draw(days())
    due_on = issued_on + dt.timedelta(days=draw(st.integers(0, 60)))
    step = draw(st.none() | st.sampled_from(steps))
    return TakenOverItem(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        issued_on=issued_on,
        due_on=due_on,
        open=draw(amounts()),
        step=step,
        stepped_on=None if step is None else due_on + dt.timedelta(days=draw(st.integers(1, 30))),
    )


@st.composite
def credit_limits(draw: DrawFn, account: str | None = None, currency: Currency | None = None) -> CreditLimit:
    """Limits of every kind: none, zero and more, with and without an end."""
    money = draw(currencies()) if currency is None else currency
    start = draw(days())
    return CreditLimit(
        account=draw(ids()) if account is None else account,
        currency=money,
        amount=draw(st.none() | amounts(money, least=0)),
        valid_from=start,
        valid_to=draw(st.none() | st.integers(0, 400).map(lambda count: start + dt.timedelta(days=count))),
        review_on=draw(st.none() | days()),
        kind=draw(st.sampled_from(LIMIT_KINDS)),
        maker=draw(st.none() | st.just("ann")),
        approver=draw(st.none() | st.just("bob")),
    )


def orders(account: str | None = None) -> SearchStrategy[Order]:
    """Orders."""
    account_ids = ids() if account is None else st.just(account)
    return st.builds(Order, id=ids(), account=account_ids, amount=amounts(), placed_on=days())


@st.composite
def holds(draw: DrawFn, account: str | None = None) -> Hold:
    """Holds on an account or an item, with and without an end."""
    placed_on = draw(days())
    return Hold(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        placed_on=placed_on,
        reason=draw(texts().filter(lambda text: bool(text.strip()))),
        stops=draw(st.frozensets(st.sampled_from(sorted(STOPS)), min_size=1)),
        item=draw(st.none() | ids()),
        until=draw(st.none() | st.integers(0, 90).map(lambda count: placed_on + dt.timedelta(days=count))),
        until_settled=draw(st.none() | ids()),
    )


def reasons() -> SearchStrategy[Reason]:
    """Coded reasons, with and without figures."""
    return st.builds(
        Reason,
        code=st.sampled_from(("limit_exceeded", "overdue", "hold")),
        amount=st.none() | amounts(),
        days=st.none() | st.integers(0, 400),
        retryable=st.booleans(),
    )


def policy_refs() -> SearchStrategy[PolicyRef]:
    """References of policies."""
    digests = st.text("0123456789abcdef", min_size=64, max_size=64)
    return st.builds(PolicyRef, id=ids(), version=st.integers(1, 9), digest=digests)


@st.composite
def charges(draw: DrawFn, currency: Currency | None = None) -> Charge:
    """Fees and interest claims, with the segments that explain them."""
    money = draw(currencies()) if currency is None else currency
    segments = st.builds(
        ChargeSegment,
        first_day=days(),
        last_day=days(),
        days=st.integers(1, 90),
        principal=amounts(money),
        rate_percent=st.decimals(-1, 20, places=2),
        amount=st.decimals(0, 1_000, places=4),
        because=texts(),
    )
    return Charge(
        id=draw(ids()),
        item=draw(ids()),
        document=draw(ids()),
        kind=draw(st.sampled_from(CHARGE_KINDS)),
        amount=draw(amounts(money)),
        because=draw(texts()),
        tax=draw(st.none() | amounts(money)),
        until=draw(st.none() | days()),
        segments=tuple(draw(st.lists(segments, max_size=2))),
    )


@st.composite
def notices(draw: DrawFn) -> Notice:
    """Notices of one currency; lines without a step are information."""
    currency = draw(currencies())
    lines = st.builds(
        NoticeLine,
        item=ids(),
        document=ids(),
        amount=amounts(currency),
        due_on=days(),
        ladder_from=days(),
        step=st.none() | st.sampled_from(("first", "final")),
        policy=st.none() | policy_refs(),
        times=st.integers(1, 3),
        pay_by=st.none() | days(),
        effects=st.lists(ids(), max_size=2).map(tuple),
        charges=st.lists(charges(currency), max_size=1).map(tuple),
    )
    return Notice(
        key=draw(ids()),
        account=draw(ids()),
        customer=draw(ids()),
        currency=currency,
        channel=draw(st.sampled_from(("email", "letter"))),
        language=draw(st.sampled_from(("en", "de"))),
        template=draw(ids()),
        as_of=draw(days()),
        lines=tuple(draw(st.lists(lines, max_size=3))),
        recipient=draw(st.none() | ids()),
        audience=draw(st.sampled_from(("customer", "staff"))),
        retracts=draw(st.none() | ids()),
    )


# Policies -------------------------------------------------------------------------------------------------------


@st.composite
def dunning_policies(draw: DrawFn, id: str = "standard", version: int = 1) -> DunningPolicy:
    """Ladders of one to four steps, with gaps and minimums."""
    reached = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=4)))
    channels = draw(st.lists(st.sampled_from(("email", "letter")), min_size=len(reached), max_size=len(reached)))
    steps = [
        DunningStep(name=name, days_after_due=day, channel=channel)
        for name, day, channel in zip(("first", "second", "third", "final"), reached, channels, strict=False)
    ]
    minimums = [Money(draw(st.integers(0, 3_000)), currency) for currency in draw(st.sets(st.sampled_from(CURRENCIES)))]
    return DunningPolicy(
        id=id,
        version=version,
        steps=tuple(steps),
        minimum_gap_days=draw(st.integers(0, 14)),
        minimums=tuple(sorted(minimums, key=lambda minimum: minimum.currency.code)),
    )


def credit_policies(id: str = "standard", version: int = 1) -> SearchStrategy[CreditPolicy]:
    """Credit policies of every combination."""
    return st.builds(
        CreditPolicy,
        id=st.just(id),
        version=st.just(version),
        hold_overdue_days=st.none() | st.integers(0, 90),
        warn_percent=st.none() | st.integers(1, 100),
        exceeded=st.sampled_from(("hold", "refuse")),
        no_limit=st.sampled_from(ANSWERS),
        count_orders=st.booleans(),
        less_on_account=st.booleans(),
    )


# Facts ----------------------------------------------------------------------------------------------------------

FACTS: dict[type[Fact], dict[str, Callable[[], SearchStrategy[Any]]]] = {
    AccountOpened: {"customer": customers},
    CustomerChanged: {"customer": customers},
    GroupOpened: {"group": ids},
    PolicyPublished: {"policy": policy_refs, "settings": texts},
    InvoiceIssued: {"invoice": invoices},
    CreditNoteIssued: {"credit_note": credit_notes},
    InstallmentDated: {"item": ids, "due_on": days},
    ItemTakenOver: {"item": taken_over_items},
    PaymentReceived: {"payment": payments},
    AllocationMade: {"id": ids, "allocation": allocations},
    AllocationUndone: {"allocation": ids},
    ChargeRaised: {"charge": charges},
    ChargeReversed: {"charge": ids, "amount": amounts, "reason": texts, "approver": lambda: st.none() | ids()},
    ChargeWaived: {"charge": ids, "amount": amounts, "reason": texts, "approver": ids},
    ChargeReinstated: {"charge": ids, "amount": amounts, "reason": texts, "approver": ids},
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
    LadderMigrated: {"item": ids, "policy": policy_refs, "step": lambda: st.none() | ids()},
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
    hold = Hold(
        id=story.name("H"),
        account=story.account,
        placed_on=placed_on,
        reason="goods came back",
        stops=story.draw(st.frozensets(st.sampled_from(sorted(STOPS)), min_size=1)),
        item=story.draw(st.none() | st.just(story.one(list(story.items)))),
        until=until,
    )
    story.record(HoldPlaced, placed_on, hold=hold)
    story.held.append(hold.id)


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
    _lift,
    _notice,
    _deliver,
    _deliver,
    _change,
)
"""What can happen next in a history; common things stand more than once."""
