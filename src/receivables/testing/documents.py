"""Hypothesis strategies of values, documents and policies; `receivables.testing.strategies` has them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.charge import CHARGE_KINDS, Charge, ChargeSegment
from receivables.documents.credit import LIMIT_KINDS, CreditLimit, Order
from receivables.documents.customer import PURPOSES, Contact, Customer
from receivables.documents.discount_tax import TaxShare
from receivables.documents.dispute import REASONS, Dispute
from receivables.documents.exchange import Conversion, ExchangeRate
from receivables.documents.hold import STOPS, STOPS_OF, Hold
from receivables.documents.invoice import CreditNote, DocumentLink, Invoice, InvoiceLine, TakenOverItem, TaxPart
from receivables.documents.limitation import SUSPENSIONS, Suspension
from receivables.documents.notice import Notice, NoticeLine, PolicyRef
from receivables.documents.payment import METHODS, STATUSES, Allocation, Designation, Payment, PaymentMethod, Remittance
from receivables.documents.payment_method import SCHEMES, USES, Mandate
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.documents.reason import Reason
from receivables.documents.request import ContactsRequest, DefermentRequest, PlanRequest, PromiseRequest, Request
from receivables.documents.schedule import Installment, Schedule
from receivables.documents.settlement import OF_SURPLUS, PART_KINDS, STAYS_OPEN, Deduction, SettlementPart
from receivables.documents.terms import PaymentTerms
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


def book_rates(currency: Currency) -> SearchStrategy[ExchangeRate | None]:
    """Rates between a currency and Swiss francs, the one book currency, or none."""
    if currency.code == "CHF":
        return st.none()
    rates = st.decimals(Decimal("0.0001"), Decimal(1_000), places=4)
    return st.none() | st.builds(
        ExchangeRate, base=st.just(currency), quote=st.just(Currency.of("CHF")), rate=rates, on=days(), source=ids()
    )


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
        book_rate=draw(book_rates(currency)),
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


@st.composite
def payments(draw: DrawFn, account: str | None = None) -> Payment:
    """Payments of every method, some of them announced and meant for items."""
    amount, value_date = draw(amounts()), draw(days())
    status = draw(st.sampled_from(STATUSES))
    meant = () if status == "settled" else draw(st.sampled_from([(), (Designation(item="INV-1", amount=amount),)]))
    return Payment(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        amount=amount,
        value_date=value_date,
        booked_on=draw(st.none() | days()),
        method=draw(st.sampled_from(METHODS)),
        payer=draw(st.none() | ids()),
        payer_account=draw(st.none() | ids()),
        remittance=Remittance(
            references=tuple(draw(st.lists(ids(), max_size=3))),
            text=draw(texts() | st.just("")),
            deductions=tuple(draw(st.lists(deductions(), max_size=1))),
        ),
        bank_line=draw(st.none() | ids()),
        status=status,
        designated=meant,
        conditional_until=draw(st.none() | st.integers(0, 90).map(lambda count: value_date + dt.timedelta(days=count))),
        stored_method=draw(st.none() | ids()),
        book_rate=draw(book_rates(amount.currency)),
    )


def payment_methods() -> SearchStrategy[PaymentMethod]:
    """Tokens of cards that expire or do not."""
    return st.builds(
        PaymentMethod,
        token=ids(),
        brand=st.sampled_from(("", "visa", "paypal")),
        last_four=st.sampled_from(("", "4242", "0005")),
        expires=st.none() | days(),
    )


@st.composite
def mandates(draw: DrawFn) -> Mandate:
    """Mandates of both schemes, for one collection or many, some of them used before."""
    signed_on = draw(days())
    return Mandate(
        id=draw(ids()),
        account=draw(ids()),
        bank_account=draw(st.sampled_from(("DE** **** 3000", "bank-account-17"))),
        signed_on=signed_on,
        scheme=draw(st.sampled_from(SCHEMES)),
        use=draw(st.sampled_from(USES)),
        last_used_on=draw(st.sampled_from((None, signed_on))),
    )


def deductions() -> SearchStrategy[Deduction]:
    """What a remittance says was kept back."""
    return st.builds(Deduction, amount=amounts(), code=ids(), item=st.none() | ids(), text=texts() | st.just(""))


@st.composite
def settlement_parts(draw: DrawFn) -> SettlementPart:
    """Parts of a difference on an item."""
    amount = draw(amounts())
    taxes = draw(
        st.sampled_from([(), (TaxShare(percent=Decimal(20), amount=Money(amount.minor // 6, amount.currency)),)])
    )
    kind = draw(st.sampled_from(sorted(PART_KINDS.keys() - OF_SURPLUS)))
    return SettlementPart(
        kind=kind,
        amount=amount,
        reason=draw(ids()),
        item=draw(ids()),
        settles=False if kind in STAYS_OPEN else draw(st.booleans()),
        taxes=taxes,
        text=draw(texts() | st.just("")),
    )


@st.composite
def conversions(draw: DrawFn) -> Conversion:
    """Credits that became dollars, at a rate that leaves something."""
    before = draw(amounts(Currency.of("EUR"), least=1_000))
    rate = ExchangeRate.of(
        before.currency, "USD", draw(st.sampled_from(("1", "1.0850", "0.5"))), on=draw(days()), source="ECB"
    )
    return Conversion.by(rate, draw(ids()), before, on=draw(days()))


def allocations() -> SearchStrategy[Allocation]:
    """Allocations of anything to anything."""
    return st.builds(Allocation, source=ids(), item=ids(), amount=amounts(), rule=st.none() | ids())


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
    """Holds of every kind on an account, an invoice, an item or a part of one, with and without an end."""
    placed_on = draw(days())
    scope = draw(st.sampled_from(("account", "document", "item", "amount")))
    part = scope == "amount"
    return Hold(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        placed_on=placed_on,
        reason=draw(texts().filter(lambda text: bool(text.strip()))),
        kind=draw(st.sampled_from(sorted(STOPS_OF))),
        stops=draw(st.frozensets(st.sampled_from(sorted(STOPS - {"contact"} if part else STOPS)), min_size=1)),
        item=draw(ids()) if scope in ("item", "amount") else None,
        document=draw(ids()) if scope == "document" else None,
        amount=draw(amounts()) if part else None,
        until=draw(st.none() | st.integers(0, 90).map(lambda count: placed_on + dt.timedelta(days=count))),
        until_settled=draw(st.none() | ids()),
        approver=draw(st.none() | ids()),
        code=draw(st.none() | ids()),
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


def disputes(account: str | None = None) -> SearchStrategy[Dispute]:
    """Disputes about a part of an item, or all of it."""
    return st.builds(
        Dispute,
        id=ids(),
        account=ids() if account is None else st.just(account),
        item=ids(),
        reason=st.sampled_from(REASONS),
        opened_on=days(),
        amount=amounts(),
        line=st.none() | ids(),
        note=texts() | st.just(""),
    )


def payment_plans() -> SearchStrategy[PaymentPlan]:
    """Payment plans of one to four installments, with and without grace and charges that are waived."""
    return st.builds(
        _payment_plan,
        id=ids(),
        account=ids(),
        items=st.lists(ids(), min_size=2, max_size=4, unique=True),
        agreed_on=days(),
        gaps=st.lists(st.integers(1, 40), min_size=1, max_size=4),
        amount=amounts(),
        grace_days=st.integers(0, 10),
        waived=st.integers(0, 1),
        note=texts(),
    )


def _payment_plan(
    *, items: Sequence[str], agreed_on: dt.date, gaps: Sequence[int], amount: Money, waived: int, **fields: Any
) -> PaymentPlan:
    """A plan whose installments are due after gaps of so many days."""
    installments = [
        PlanInstallment(due_on=agreed_on + dt.timedelta(days=sum(gaps[: at + 1])), amount=amount)
        for at in range(len(gaps))
    ]
    return PaymentPlan(
        items=tuple(items),
        waives=tuple(items[:waived]),
        agreed_on=agreed_on,
        installments=tuple(installments),
        **fields,
    )


@st.composite
def promises(draw: DrawFn, account: str | None = None) -> Promise:
    """Promises to pay within three months, with tolerance or without."""
    made_on = draw(days())
    return Promise(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        amount=draw(amounts()),
        made_on=made_on,
        pay_by=made_on + dt.timedelta(days=draw(st.integers(0, 90))),
        items=tuple(draw(st.lists(ids(), max_size=3, unique=True))),
        calendar=draw(st.none() | ids()),
        tolerance_days=draw(st.integers(0, 5)),
        tolerance_percent=Decimal(draw(st.integers(0, 40))) / 4,
        note=draw(texts() | st.just("")),
    )


@st.composite
def requests(draw: DrawFn, account: str | None = None) -> Request:
    """What customers ask for by themselves, of every kind."""
    head: dict[str, Any] = {
        "id": draw(ids()),
        "account": draw(ids()) if account is None else account,
        "note": draw(texts() | st.just("")),
    }
    items = tuple(draw(st.lists(ids(), min_size=1, max_size=3, unique=True)))
    match draw(st.sampled_from(("promise", "deferment", "plan", "contacts"))):
        case "promise":
            return PromiseRequest(amount=draw(amounts()), pay_by=draw(days()), items=items, **head)
        case "deferment":
            return DefermentRequest(item=items[0], until=draw(days()), **head)
        case "plan":
            count, months, first = draw(st.integers(1, 24)), draw(st.integers(1, 12)), draw(st.none() | amounts())
            return PlanRequest(
                items=items, count=count, first_on=draw(days()), every_months=months, first=first, **head
            )
        case _:
            contacts = tuple(draw(customers()).contacts)
            return ContactsRequest(contacts=contacts, language=draw(st.none() | st.sampled_from(("de", "fr"))), **head)


@st.composite
def suspensions(draw: DrawFn, account: str | None = None) -> Suspension:
    """Suspensions of every kind, with and without an end."""
    starts_on = draw(days())
    return Suspension(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        items=tuple(draw(st.lists(ids(), min_size=1, max_size=3, unique=True))),
        kind=draw(st.sampled_from(SUSPENSIONS)),
        starts_on=starts_on,
        until=draw(st.none() | st.integers(0, 400).map(lambda count: starts_on + dt.timedelta(days=count))),
        reason=draw(texts().filter(lambda text: bool(text.strip()))),
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
