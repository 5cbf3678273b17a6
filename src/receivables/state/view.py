"""The flat view of an account on a date: what policies and reports read.

A view answers for one ``(as_of, known_at)``: it takes the entries that are in effect on ``as_of`` and were known at
``known_at``, and works out what is open. Facts that are added later do not change it for the same pair.

Open items stand in one `Book` per currency, as columns sorted by due date with running sums. Aging is then two look-ups
per bucket instead of a loop over the items, and what is due by a day is a slice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import final

import attrs
from attrs import frozen

from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import LoggedContact
from receivables.documents.credit import CreditLimit, DraftInvoice, Order
from receivables.documents.credit_record import CreditRecord
from receivables.documents.customer import Customer
from receivables.documents.exchange import ExchangeRate
from receivables.documents.hold import STOPS, Hold
from receivables.documents.notice import Notice, PolicyRef
from receivables.documents.reason import Reason
from receivables.errors import UnknownId, WrongType
from receivables.state.application import ApplicationState
from receivables.state.authority import ApprovalState, AttemptEntry, UseEntry
from receivables.state.bureau import ReportState
from receivables.state.contact_log import ActionState
from receivables.state.dispute import DisputeState
from receivables.state.erasure import ErasureState
from receivables.state.invoice import Discounted, Item
from receivables.state.loss import AllowanceState, LossState
from receivables.state.payment_method import MethodState
from receivables.state.payment_plan import PlanState, Replanned
from receivables.state.placement import PlacementState
from receivables.state.promise import PromiseState
from receivables.state.request import RequestState
from receivables.state.risk import NOTHING_KNOWN, RiskState
from receivables.state.withheld import PAUSING, Pause, Withheld
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

VIEW_WANTED = "a view, such as account.view(day) gives"
"""What a report or a policy says where it was given an account."""


def each_view(field: str, views: View | Iterable[View]) -> Iterator[View]:
    """The views one by one, where one is as good as many; anything else is `WrongType`."""
    if not isinstance(views, Iterable):
        views = (views,)
    for view in views:
        if not isinstance(view, View):
            raise WrongType(field, view, VIEW_WANTED)
        yield view


@final
@frozen(weakref_slot=False)
class Book:
    """The open items of one currency, sorted by due date and id; columns of equal length.

    ``undated`` says whether any waits for its due date, ``laddered`` which positions have a ladder or are charges. ``due`` holds ordinals of dates: the due date, or the document date of an item that has no due date yet. ``open`` holds
    minor units. ``running[i]`` is the sum of the first ``i`` open amounts.
    """

    currency: Currency
    items: tuple[Item, ...]
    due: tuple[int, ...]
    open: tuple[int, ...]
    running: tuple[int, ...]
    undated: bool = False
    laddered: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """The sum of the open amounts, in minor units."""
        return self.running[-1]


@final
@frozen(weakref_slot=False)
class OpenCredit:
    """A payment or credit note with what remains of it, in minor units."""

    id: str
    kind: str
    currency: Currency
    remaining: int


@final
@frozen(weakref_slot=False)
class OpenOrder:
    """An order that still counts: its status, and what of it counts in minor units.

    ``reserved`` is what is not drafted or invoiced yet, of a held or refused order only what was delivered all the same;
    ``delivered`` is the part of it that was delivered. ``record`` is what the last decision was based on.
    """

    order: Order
    status: str
    reasons: tuple[Reason, ...]
    reserved: int
    delivered: int = 0
    decided_on: dt.date | None = None
    record: CreditRecord | None = None

    @property
    def ordered(self) -> int:
        """What is reserved and not delivered yet."""
        return self.reserved - self.delivered


@final
@frozen(weakref_slot=False)
class Ladder:
    """How far the dunning of an item has come: the last step that was sent, and what is under way.

    ``pending`` is the status of a notice that holds the next step and has not gone out: ``proposed``, ``queued``,
    ``sending`` (which means that the outcome is unknown), ``failed`` or ``rejected``. ``times`` counts how often the last
    step was sent, ``pay_by`` is the day that its letter asked for.
    """

    item: str
    ladder_from: dt.date
    step: str | None
    sent_on: dt.date | None
    policy: PolicyRef | None
    pending: str | None
    times: int = 1
    pay_by: dt.date | None = None


@final
@frozen(weakref_slot=False)
class NoticeState:
    """A notice with its status, the day on which it was decided, and the items whose step on it was annulled."""

    notice: Notice
    status: str
    queued_on: dt.date
    annulled: frozenset[str] = frozenset()


@final
@frozen(kw_only=True)
class View:
    """One account on one date, as known at one instant: open items, credits, orders, limits, holds, ladders.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice, Money
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))
    >>> view.open("INV-1"), view.balance("EUR")
    (Money.of('1200.00', 'EUR'), Money.of('1200.00', 'EUR'))
    """

    account: str
    as_of: dt.date
    known_at: dt.datetime | None
    customer: Customer | None
    books: tuple[Book, ...]
    credits: tuple[OpenCredit, ...]
    orders: tuple[OpenOrder, ...]
    limits: tuple[CreditLimit, ...]
    holds: tuple[Hold, ...]
    ladders: tuple[Ladder, ...]
    notices: tuple[NoticeState, ...]
    closed: frozenset[str] = attrs.field(repr=False)
    """Ids of the items that exist on this date and have nothing open."""
    last_notice_on: dt.date | None = None
    """The day on which a notice last went out."""
    discounts: tuple[Discounted, ...] = ()
    """The items that offer a discount, open or closed, with their windows."""
    merged_into: str | None = None
    """The account that shows what was here, from when this one was merged into it."""
    pauses: tuple[Pause, ...] = ()
    """The stretches of days in which a hold or an arrangement stopped dunning."""
    disputes: tuple[DisputeState, ...] = ()
    """All disputes that were opened by this date, those that are over too."""
    promises: tuple[PromiseState, ...] = ()
    """All promises that were made by this date, each with its status."""
    payment_plans: tuple[PlanState, ...] = ()
    """All payment plans that were agreed by this date, each with its status."""
    replanned: tuple[Replanned, ...] = ()
    """What ages by a payment plan that performs, instead of by its own due date."""
    withheld: tuple[Withheld, ...] = ()
    """What arrangements keep back of the open items; at most what is open."""
    requests: tuple[RequestState, ...] = ()
    """All that the customer asked for by itself until this date, with the answers."""
    payment_methods: tuple[MethodState, ...] = ()
    """The cards and mandates that were kept by this date, each with its status; the preferred one is the first."""
    losses: tuple[LossState, ...] = ()
    """The items of which something was written off by this date, with what of that was recovered."""
    allowances: tuple[AllowanceState, ...] = ()
    """What is set aside on this date for claims by themselves, by what is open of them."""
    risk: RiskState = NOTHING_KNOWN
    """The risk class in force and why, outside scores, declared figures, early warnings."""

    drafts: tuple[DraftInvoice, ...] = ()
    """Invoices that are drafted and not issued."""
    pending: tuple[OpenCredit, ...] = ()
    """The payments that are on their way: recorded, and not known to be there."""
    returned: tuple[tuple[str, dt.date], ...] = ()
    """The payments that came back, each with the day on which it did."""
    approved_rates: tuple[ExchangeRate, ...] = ()
    """The rates by which the last order was approved that needed any."""

    approvals: tuple[ApprovalState, ...] = ()
    """All requests for approval that were made by this date, each with its status."""
    applications: tuple[ApplicationState, ...] = ()
    """All applications for credit that were made by this date, each with its status."""
    authority_used: tuple[UseEntry, ...] = ()
    """The deeds that took authority by this date, each with whose."""
    attempts: tuple[AttemptEntry, ...] = ()
    """What was tried without authority by this date, as far as the host has it noted."""

    assignment: Assignment | None = None
    """To whom the customer was given; ``None`` where the rules of the policy say it."""
    erasure: ErasureState | None = None
    """What was erased, and what only the law keeps; ``None`` where nobody asked for it."""
    contacts: tuple[LoggedContact, ...] = ()
    """All contacts until this date, by their days."""
    actions: tuple[ActionState, ...] = ()
    """What was planned to be done by this date, each with its status."""
    bureau: tuple[ReportState, ...] = ()
    """What credit bureaus were told by this date, each report as it stands."""
    placements: tuple[PlacementState, ...] = ()
    """What was placed with agencies and lawyers by this date, with what they collected."""

    @property
    def collector(self) -> str | None:
        """The collector to whom the customer was given by a person."""
        return self.assignment.collector if self.assignment is not None else None

    @property
    def team(self) -> str | None:
        """The team to which the customer was given by a person."""
        return self.assignment.team if self.assignment is not None else None

    @cached_property
    def places(self) -> Mapping[str, tuple[Book, int]]:
        """Where each open item stands: its book and its position."""
        return {item.id: (book, at) for book in self.books for at, item in enumerate(book.items)}

    @cached_property
    def ladder_of(self) -> Mapping[str, Ladder]:
        """The ladder of each item that has one."""
        return {ladder.item: ladder for ladder in self.ladders}

    @cached_property
    def withheld_of(self) -> Mapping[str, tuple[Withheld, ...]]:
        """What is kept back of each item, the arrangement that comes first at the head."""
        found: dict[str, tuple[Withheld, ...]] = {}
        for each in self.withheld:
            found[each.item] = (*found.get(each.item, ()), each)
        return found

    @cached_property
    def loss_of(self) -> Mapping[str, LossState]:
        """What was written off of each item of which something was."""
        return {each.item: each for each in self.losses}

    def status(self, id: str) -> str:
        """``open`` where something of an item is, else ``written_off`` where some of it was and is not recovered, else
        ``settled``: by payments, credit notes, or what else made it less. `UnknownId` where it is not there.
        """
        if id in self.places:
            return "open"
        if id not in self.closed:
            raise UnknownId("item", id)
        loss = self.loss_of.get(id)
        return "written_off" if loss is not None and loss.left else "settled"

    @cached_property
    def replanned_of(self) -> Mapping[str, tuple[Replanned, ...]]:
        """What of each item ages by a plan, the oldest installment at the head."""
        found: dict[str, tuple[Replanned, ...]] = {}
        for each in self.replanned:
            found[each.item] = (*found.get(each.item, ()), each)
        return found

    def aged_from(self, id: str) -> int:
        """The day, an ordinal, from which the oldest part of an open item ages: its due date, or that of an installment."""
        book, at = self._place(id)
        parts = self.replanned_of.get(id, ())
        rest = book.open[at] - sum(part.amount for part in parts)
        return min([part.plan_due for part in parts] + ([book.due[at]] if rest else []))

    def free(self, id: str) -> Money:
        """What is open of an item and not kept back by a dispute, a plan or a promise: what may be dunned."""
        return self.open(id) - Money(sum(each.amount for each in self.withheld_of.get(id, ())), self.item(id).currency)

    def disputed(self, id: str) -> Money:
        """What is disputed of an open item."""
        parts = (each.amount for each in self.withheld_of.get(id, ()) if each.kind == "dispute")
        return Money(sum(parts), self.item(id).currency)

    def stopping(self, what: str, item: str | None = None) -> tuple[Hold, ...]:
        """The holds in force that stop something for an open item, or a part of it; without one, for the whole account.

        ``what`` is one of `receivables.documents.hold.STOPS`. Raises `InvalidValue` for any other, `UnknownId` for an item
        that is not open.
        """
        checks.one_of("view.what", what, STOPS)
        document = self.item(item).document if item is not None else ""
        return tuple(
            hold
            for hold in self.holds
            if what in hold.stops and (hold.is_general if item is None else hold.covers(item, document))
        )

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies in which something is open or on account, by code."""
        found = {book.currency for book in self.books} | {credit.currency for credit in self.credits}
        return tuple(sorted(found, key=lambda currency: currency.code))

    def item(self, id: str) -> Item:
        """The open item of this id; `UnknownId` where it is closed or not there."""
        book, at = self._place(id)
        return book.items[at]

    def open(self, id: str) -> Money:
        """What is open of an item: zero is not said, a closed item is `UnknownId` like one that never was."""
        book, at = self._place(id)
        return Money(book.open[at], book.currency)

    def paused_days(self, item: str, start: int, end: int, causes: Set[str] = PAUSING) -> int:
        """How many days between two ordinals something stopped the dunning of an item; a day under two counts once."""
        stretches = sorted(
            (max(pause.start, start), min(pause.end, end))
            for pause in self.pauses
            if pause.item in (None, item) and pause.cause in causes
        )
        days, reached = 0, start
        for first, last in stretches:
            days += max(0, last - max(first, reached))
            reached = max(reached, last)
        return days

    def _place(self, id: str) -> tuple[Book, int]:
        try:
            return self.places[id]
        except KeyError:
            raise UnknownId("open item", id, "it is closed" if id in self.closed else None) from None

    def credit(self, id: str) -> OpenCredit:
        """The credit of this id with what remains of it; `UnknownId` where it is used up or not there."""
        for credit in self.credits:
            if credit.id == id:
                return credit
        raise UnknownId("open credit", id)

    def open_total(self, currency: str | Currency) -> Money:
        """The sum of the open items in a currency."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        return Money(sum(book.total for book in self.books if book.currency == wanted), wanted)

    def on_account(self, currency: str | Currency) -> Money:
        """What remains of the customer's payments and credit notes in a currency, as a positive amount."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        return Money(sum(credit.remaining for credit in self.credits if credit.currency == wanted), wanted)

    def balance(self, currency: str | Currency) -> Money:
        """What the customer owes in a currency: open items less what is on account."""
        return self.open_total(currency) - self.on_account(currency)
