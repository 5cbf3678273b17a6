"""What is true: an account, folded from its facts.

``fold`` runs in log order and never refuses; rules live in plans. It only sorts each fact into the columns that the
tables of the subjects name (see `receivables.state.entry`), so ``fold(a + b) == fold(fold(a), b)``. What is open, who
is held and how far a ladder has come is the business of ``account.view(as_of, known_at)``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, final

import attrs
from attrs import frozen

from receivables.documents.credit import CreditLimit
from receivables.documents.customer import Customer
from receivables.documents.invoice import CreditNote, Invoice
from receivables.documents.payment import Allocation, Payment
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, UnknownId, WrongType
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import LimitSet
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.state import (
    application,
    assignment,
    authority,
    bureau,
    cash,
    contact_log,
    credit,
    customer,
    dispute,
    dunning,
    erasure,
    exchange,
    invoice,
    limitation,
    loss,
    merge,
    payment_method,
    payment_plan,
    placement,
    policy,
    promise,
    request,
    risk,
)
from receivables.state.application import Applications
from receivables.state.assignment import Collectors
from receivables.state.authority import Authority
from receivables.state.bureau import BureauLog
from receivables.state.cash import Cash, CreditEntry
from receivables.state.composition import Homes, reached, since, together
from receivables.state.contact_log import ContactLog
from receivables.state.credit import Credit
from receivables.state.customer import Profile
from receivables.state.dispute import Disputes
from receivables.state.dunning import Dunning
from receivables.state.entry import Placement
from receivables.state.erasure import Erasures
from receivables.state.exchange import Exchange
from receivables.state.extraction import held
from receivables.state.invoice import Item, Ledger
from receivables.state.limitation import LimitationEvents
from receivables.state.loss import Losses
from receivables.state.merge import Merges
from receivables.state.payment_method import PaymentMethods
from receivables.state.payment_plan import PaymentPlans
from receivables.state.placement import PlacementLog
from receivables.state.policy import Catalog
from receivables.state.promise import Promises
from receivables.state.request import Requests
from receivables.state.risk import Risk
from receivables.state.view import View
from receivables.state.viewing import build_view
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

TABLES: Mapping[str, Mapping[type, tuple[Placement, ...]]] = {
    "profile": customer.TABLE,
    "ledger": invoice.TABLE,
    "cash": cash.TABLE,
    "exchange": exchange.TABLE,
    "credit": credit.TABLE,
    "dunning": dunning.TABLE,
    "catalog": policy.TABLE,
    "disputes": dispute.TABLE,
    "promises": promise.TABLE,
    "payment_plans": payment_plan.TABLE,
    "requests": request.TABLE,
    "payment_methods": payment_method.TABLE,
    "limitation": limitation.TABLE,
    "risk": risk.TABLE,
    "authority": authority.TABLE,
    "applications": application.TABLE,
    "losses": loss.TABLE,
    "collectors": assignment.TABLE,
    "contact_log": contact_log.TABLE,
    "bureau": bureau.TABLE,
    "placements": placement.TABLE,
    "erasures": erasure.TABLE,
    "merges": merge.TABLE,
}
"""Slice of the account -> fact type -> the columns that it adds to."""


@final
@frozen(kw_only=True)
class Account:
    """One customer in one company: everything that was recorded, as dated entries.

    The ten-line use needs no store: ``Account.of`` takes plain documents, ``view`` answers for a date.

    >>> terms_due = dt.date(2026, 2, 4)
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=terms_due)
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> account.view(dt.date(2026, 2, 11)).balance("EUR")
    Money.of('1200.00', 'EUR')
    """

    length: int = 0
    known_at: dt.datetime | None = None
    """When the latest of its facts was recorded: nothing is recorded before that any more."""
    profile: Profile = Profile()
    ledger: Ledger = Ledger()
    cash: Cash = Cash()
    exchange: Exchange = Exchange()
    credit: Credit = Credit()
    dunning: Dunning = Dunning()
    catalog: Catalog = Catalog()
    disputes: Disputes = Disputes()
    promises: Promises = Promises()
    payment_plans: PaymentPlans = PaymentPlans()
    requests: Requests = Requests()
    payment_methods: PaymentMethods = PaymentMethods()
    limitation: LimitationEvents = LimitationEvents()
    authority: Authority = Authority()
    applications: Applications = Applications()
    losses: Losses = Losses()
    risk: Risk = Risk()
    collectors: Collectors = Collectors()
    contact_log: ContactLog = ContactLog()
    bureau: BureauLog = BureauLog()
    placements: PlacementLog = PlacementLog()
    erasures: Erasures = Erasures()

    merges: Merges = Merges()
    parts: tuple[Account, ...] = attrs.field(default=(), repr=False)
    """Where it absorbed others: itself alone, and each that is or was a part of it."""

    @property
    def own(self) -> Account:
        """The account without what it absorbed: what stands in its own log."""
        return self.parts[0] if self.parts else self

    @property
    def joined(self) -> tuple[Account, ...]:
        """The account by itself, and each that is a part of it now."""
        return _held_by(self.own, {part.id: part for part in self.parts}, dt.date.max, None)

    @cached_property
    def _homes(self) -> Homes:
        """Which part has what; read and never added to."""
        return Homes(self.joined)

    def together_since(self, credit: str, item: str) -> dt.date:
        """Since when a credit and an item are of one account: no allocation of the one on the other is dated before."""
        if not self.parts:
            return dt.date.min
        one, other = self._homes.of(("credit", credit)), self._homes.of(("item", item))
        known = {part.id: part for part in self.parts}
        return since(self.own, known, one[0], other[0]) if one and other else dt.date.min

    def that_had(self, notice: str, day: dt.date) -> Account:
        """The account that had a notice on a day: a part by itself, where it was joined only later."""
        known = {part.id: part for part in self.parts}
        homes = self._homes.of(("notice", notice)) if self.parts else ()
        shown = {part.id for part in reached(self.own, known, day, None)}
        return self if not homes or homes[0] in shown else compose(known[homes[0]], known)

    @property
    def id(self) -> str:
        """The id of the account, or an empty text before it was opened."""
        entries = self.profile.entries
        return entries[0].account if entries else ""

    def view(
        self,
        as_of: dt.date,
        known_at: dt.date | dt.datetime | None = None,
        *,
        zone: dt.tzinfo = dt.UTC,
    ) -> View:
        """The account on a date, as known at an instant.

        ``known_at`` ``None`` means all that is recorded. A date means the end of that day in ``zone``, the creditor's
        zone: what was recorded at 23:59 there was known, what was recorded at midnight was not.

        >>> account = Account.of(Customer(id="ACME"))
        >>> account.view(dt.date(2026, 3, 31), dt.date(2026, 4, 6)).known_at.isoformat()
        '2026-04-06T23:59:59.999999+00:00'
        """
        until = known_until(known_at, zone)
        return build_view(self, as_of, until) if self.merges.alone else _view_of_parts(self, as_of, until)

    @classmethod
    def of(
        cls,
        customer: Customer,
        *,
        invoices: Iterable[Invoice] = (),
        credit_notes: Iterable[CreditNote] = (),
        payments: Iterable[Payment] = (),
        allocations: Iterable[Allocation] = (),
        limits: Iterable[CreditLimit] = (),
    ) -> Account:
        """An account from plain documents, without a store; it applies only the allocations that it is given.

        What is not allocated is on account. Each document counts as known on its own date.

        Raises `UnknownId` for an allocation of something that is not there, `OverApplied` where it is more than the
        source has or the item has open, `InvalidValue` for a document of another account or a number used twice.
        """
        checks.instance("account.customer", customer, Customer, "a customer")
        facts = [
            _fact_of(document)
            for name, documents, kind in (
                ("invoices", invoices, Invoice),
                ("credit_notes", credit_notes, CreditNote),
                ("payments", payments, Payment),
                ("limits", limits, CreditLimit),
            )
            for document in _checked(name, documents, kind, customer.account)
        ]
        opened = AccountOpened(customer=customer, effective_on=dt.date.min, recorded_at=_start_of(dt.date.min))
        account = fold([opened, *facts])
        _check_ids("items", (item.id for item in account.ledger.items))
        _check_ids("credits", (credit.id for credit in account.cash.credits))
        made = [_made(account, ordinal, each) for ordinal, each in enumerate(allocations, 1)]
        account = fold(made, account)
        _check_applied(account)
        return account


def known_until(known_at: dt.date | dt.datetime | None, zone: dt.tzinfo) -> dt.datetime | None:
    """The instant up to which something is known, in UTC: a date means the end of that day in a zone.

    Where the clock shows the last hour twice, the day ends with the second. In UTC because two instants of one zone are
    compared by the clock on the wall.
    """
    if known_at is None:
        return None
    if isinstance(known_at, dt.datetime):
        checks.instant("view.known_at", known_at)
        return known_at.astimezone(dt.UTC)
    checks.day("view.known_at", known_at)
    return dt.datetime.combine(known_at, dt.time.max, zone).replace(fold=1).astimezone(dt.UTC)


def _columns_by_fact() -> dict[type, tuple[tuple[tuple[str, str], Any], ...]]:
    """The tables of all slices, turned round: fact type -> ((slice, column), entries of the fact)."""
    places: dict[type, tuple[tuple[tuple[str, str], Any], ...]] = {}
    for slice_, table in TABLES.items():
        for kind, placements in table.items():
            found = tuple(((slice_, column), entries_of) for column, entries_of in placements)
            places[kind] = places.get(kind, ()) + found
    return places


_PLACES = _columns_by_fact()


def fold(facts: Iterable[Fact], account: Account = Account()) -> Account:
    """Add facts to an account, in log order: ``fold(a + b) == fold(b, fold(a))``.

    >>> opened = AccountOpened(customer=Customer(id="ACME"), effective_on=dt.date(2026, 1, 5),
    ...                        recorded_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    >>> fold([opened]).id, fold([opened]) == fold([opened], fold([]))
    ('ACME', True)

    Never refuses a fact; something that is no fact of this library is a `WrongType`.
    """
    if account.parts:
        return _fold_parts(facts, account)
    columns: dict[tuple[str, str], list[Any]] = {}
    places = _PLACES
    count, latest = account.length, account.known_at
    for fact in facts:
        try:
            found = places[type(fact)]
        except KeyError:
            raise WrongType("fold.facts", fact, "a fact") from None
        for place, entries_of in found:
            entries = entries_of(fact)
            if not entries:
                continue  # most facts have nothing for most of their places: a discount, a rate, a reservation
            column = columns.get(place)
            if column is None:
                column = columns[place] = list(getattr(getattr(account, place[0]), place[1]))
            column.extend(entries)
        recorded = fact.recorded_at
        if recorded is not latest and (latest is None or recorded > latest):
            latest = recorded
        count += 1
    return attrs.evolve(_with_columns(account, columns), length=count, known_at=latest)


def compose(root: Account, known: Mapping[str, Account]) -> Account:
    """An account with all that it absorbed or took on; ``known`` has by id, each alone, whatever is or was of it.

    An account that never had to do with another is given back as it is.
    """
    if root.merges.alone:
        return root
    whole = together(_held_by(root, known, dt.date.max, None))
    return attrs.evolve(whole, parts=within_reach(root, known))


def _held_by(
    root: Account, known: Mapping[str, Account], as_of: dt.date, known_at: dt.datetime | None
) -> tuple[Account, ...]:
    """The account and its parts on a date, each with what it held then: documents may have gone and come."""
    return tuple(held(part, known, as_of, known_at) for part in reached(root, known, as_of, known_at))


def within_reach(root: Account, known: Mapping[str, Account]) -> tuple[Account, ...]:
    """The account and, as far as they are known, those that it is or was related to, directly or through others."""
    found = {root.id: root}
    for part in (waiting := [root]):
        for id in related_to(part):
            if id in known and id not in found:
                found[id] = known[id]
                waiting.append(known[id])
    return tuple(found.values())


def related_to(account: Account) -> tuple[str, ...]:
    """The ids of the accounts that were ever a part of this one directly, and of those from which documents came."""
    ids = [each.account for each in account.merges.absorptions] + [each.came_from for each in account.merges.taken_on]
    return tuple(dict.fromkeys(ids))


def routed(account: Account, facts: Iterable[Fact]) -> Mapping[str, tuple[Fact, ...]]:
    """The facts by the part whose log they belong to; see `receivables.state.composition`."""
    homes = Homes(account.joined)
    found: dict[str, tuple[Fact, ...]] = {}
    for fact in facts:
        places = _PLACES.get(type(fact))
        if places is None:
            raise WrongType("fold.facts", fact, "a fact")
        entries = [(*place, entry) for place, entries_of in places for entry in entries_of(fact)]
        for id in homes.placed(fact, entries):
            found[id] = (*found.get(id, ()), fact)
    return found


def _fold_parts(facts: Iterable[Fact], account: Account) -> Account:
    """Each fact into the part that it belongs to, and the whole anew."""
    known = {part.id: part for part in account.parts}
    for id, own in routed(account, facts).items():
        known[id] = fold(own, known[id])
    return compose(known[account.own.id], known)


def joined_on(account: Account, as_of: dt.date, known_at: dt.datetime | None) -> Account:
    """The account with what it had on a date, as known at an instant: before a merger itself alone, after it all."""
    if account.merges.alone:
        return account
    if account.merges.into(as_of, known_at) is not None:
        return Account(profile=account.profile)
    known = {part.id: part for part in account.parts}
    return together(_held_by(account.own, known, as_of, known_at))


def _view_of_parts(account: Account, as_of: dt.date, known_at: dt.datetime | None) -> View:
    """The view of what was joined on the date, as known at the instant; of what is part of another, nothing is left."""
    into = account.merges.into(as_of, known_at)
    if into is not None:
        return attrs.evolve(build_view(Account(profile=account.profile), as_of, known_at), merged_into=into)
    joined = joined_on(account, as_of, known_at)
    items = {item.id for item in joined.ledger.items}
    view = build_view(joined, as_of, known_at)
    return attrs.evolve(view, ladders=tuple(each for each in view.ladders if each.item in items))


def _with_columns(account: Account, columns: Mapping[tuple[str, str], list[Any]]) -> Account:
    changed: dict[str, dict[str, tuple[Any, ...]]] = {}
    for (slice_, column), entries in columns.items():
        changed.setdefault(slice_, {})[column] = tuple(entries)
    slices: dict[str, Any] = {
        slice_: attrs.evolve(getattr(account, slice_), **fields) for slice_, fields in changed.items()
    }
    return attrs.evolve(account, **slices)


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, dt.UTC)


def _fact_of(document: Invoice | CreditNote | Payment | CreditLimit) -> Fact:
    """The fact that a plain document stands for, known on its own date."""
    match document:
        case Invoice(issued_on=day):
            return InvoiceIssued(invoice=document, effective_on=day, recorded_at=_start_of(day))
        case CreditNote(issued_on=day):
            return CreditNoteIssued(credit_note=document, effective_on=day, recorded_at=_start_of(day))
        case Payment(value_date=day):
            return PaymentReceived(payment=document, effective_on=day, recorded_at=_start_of(day))
        case limit:
            day = limit.valid_from
            return LimitSet(limit=limit, effective_on=day, recorded_at=_start_of(day))


def _checked(name: str, documents: Iterable[Any], kind: type, account: str) -> Iterator[Any]:
    """The documents of one kind, each of this account."""
    for at, document in enumerate(documents):
        checks.instance(f"account.{name}[{at}]", document, kind, f"a {kind.__name__}")
        if document.account != account:
            raise InvalidValue(f"account.{name}[{at}]", document.account, f"must be of account {account!r}")
        yield document


def _check_ids(name: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise InvalidValue(f"account.{name}", id, "must not be given twice")
        seen.add(id)


def _made(account: Account, ordinal: int, allocation: Allocation) -> AllocationMade:
    """An allocation as a fact, effective on the later of the dates of its two sides."""
    checks.instance("account.allocations", allocation, Allocation, "an allocation")
    source = next((entry for entry in account.cash.credits if entry.id == allocation.source), None)
    item = next((entry for entry in account.ledger.items if entry.id == allocation.item), None)
    if source is None:
        raise UnknownId("credit", allocation.source)
    if item is None:
        raise UnknownId("item", allocation.item)
    _check_currency(allocation.amount, source.currency)
    _check_currency(allocation.amount, item.currency)
    day = max(source.effective_on, item.effective_on)
    return AllocationMade(id=f"a{ordinal}", allocation=allocation, effective_on=day, recorded_at=_start_of(day))


def _check_currency(amount: Money, currency: Currency) -> None:
    if amount.currency != currency:
        raise CurrencyMismatch(amount, currency.code)


def _check_applied(account: Account) -> None:
    """That no source gave more than it has and no item took more than it had open."""
    sides: tuple[tuple[str, tuple[CreditEntry | Item, ...], str], ...] = (
        ("credit", account.cash.credits, "source"),
        ("item", account.ledger.items, "item"),
    )
    for kind, entries, side in sides:
        asked: dict[str, int] = {}
        for made in account.cash.allocations:
            id = getattr(made, side)
            asked[id] = asked.get(id, 0) + made.amount
        for entry in entries:
            if asked.get(entry.id, 0) > entry.amount:
                amount, wanted = Money(entry.amount, entry.currency), Money(asked[entry.id], entry.currency)
                raise OverApplied(kind, entry.id, wanted, amount)
