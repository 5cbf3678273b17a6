"""Losses hold together whatever is recorded in whatever order: on every day, as known at every instant."""

import contextlib
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from receivables import (
    CreditNote,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    Remittance,
    TaxPart,
    fold,
)
from receivables.documents.loss import SpecificAllowance, between, difference, shared, tax_of
from receivables.documents.schedule import Schedule
from receivables.errors import ReceivablesError
from receivables.facts.cash import AllocationMade, AllocationUndone, DifferenceUndone, PaymentReceived
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.facts.loss import Recovered, ReliefBarred, ReliefClaimed, ReliefRepaid, WriteOffReversed, WrittenOff
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.provision import LossRates, ProvisionPolicy, Roll, flow_rates
from receivables.policies.tax_relief import UK_VAT, Supply, lost_by_supply, relief_positions, unpaid_by_supply
from receivables.reports.aging import aging
from receivables.reports.losses import loss_report
from receivables.reports.provision import allowance_movement, provision
from receivables.testing import FixedClock, RecordingNotifier

START = dt.date(2025, 1, 6)
ITEMS = ("I-1", "I-2", "I-3")
CREDITS = ("P-1", "P-2", "P-3", "CN-1")


def eur(minor: int) -> Money:
    return Money(minor, Money.zero("EUR").currency)


class Clerk:
    """Does what it is told, as far as the library lets it; the clock goes on between the deeds."""

    def __init__(self, recovery: str, charge: str) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock.on(START)
        losses = WriteOffPolicy(id="losses", version=1, recovery=recovery, charge=charge)
        self.app = Receivables(
            store=self.store, notifier=RecordingNotifier(), clock=self.clock, policies=PolicyBook.of(UK_VAT, losses)
        )
        self.app.open_account(Customer(id="A"), key="open")
        self.done = 0

    @property
    def today(self) -> dt.date:
        return self.clock.now().date()

    def day(self, late: int) -> dt.date:
        return self.today - dt.timedelta(days=late)

    def do(self, deed: str, item: str, credit: str, minor: int, late: int, wait: int) -> None:
        self.clock.instant += dt.timedelta(days=wait, seconds=1)
        self.done += 1
        with contextlib.suppress(ReceivablesError):
            getattr(self, deed)(item, credit, eur(minor), self.day(late), key=f"k{self.done}")

    def issue(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        tax = amount.times(Decimal("0.2"))
        parts = (TaxPart(percent=Decimal(20), net=amount, tax=tax),)
        total = amount + tax
        schedule = Schedule.single(total, day + dt.timedelta(days=14))
        invoice = Invoice(number=item, account="A", issued_on=day, total=total, taxes=parts, schedule=schedule)
        self.app.issue_invoice(invoice, key=key)

    def receive(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        if credit == "CN-1":
            note = CreditNote(number=credit, account="A", issued_on=day, total=amount)
            self.app.issue_credit_note(note, key=key)
        else:
            told = Remittance(references=(item,)) if credit == "P-1" else Remittance()
            self.app.receive_payment(
                Payment(id=credit, account="A", amount=amount, value_date=day, remittance=told), key=key
            )

    def apply(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        self.app.apply("A", credit, item, amount, key=key)

    def unapply(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        made = [each for each in self.app.account("A").cash.in_force() if each.item == item]
        if made:
            self.app.unapply("A", made[-1].id, key=key)

    def send_back(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        self.app.return_payment("A", credit, "returned", "no_funds", on=day, key=key)

    def write_off(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        part = amount if amount.minor % 2 else None
        self.app.write_off("A", item, "insolvent", amount=part, on=day, key=key)

    def reverse(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        entries = [each for each in self.app.account("A").losses.write_offs if each.item == item]
        if entries:
            part = amount if amount.minor % 2 else None
            self.app.reverse_write_off("A", entries[-1].id, reason="wrong", amount=part, key=key)

    def recover(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        self.app.recover("A", credit, item, amount=amount if amount.minor % 2 else None, key=key)

    def set_aside(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        fixed = amount.minor % 2 == 0
        allowance = SpecificAllowance(
            id=f"SA {item}",
            account="A",
            item=item,
            code="insolvent",
            amount=amount if fixed else None,
            percent=None if fixed else Decimal(amount.minor % 101),
        )
        self.app.set_allowance(allowance, on=day, key=key)

    def claim(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        self.app.claim_relief("A", item, on=self.today, key=key)

    def bar(self, item: str, credit: str, amount: Money, day: dt.date, key: str) -> None:
        self.app.bar_relief("A", item, "sold", on=self.today, key=key)


DEEDS = (
    *("issue", "issue", "receive", "receive", "apply", "apply", "unapply", "send_back"),
    *("write_off", "write_off", "write_off", "recover", "recover", "recover", "reverse"),
    *("set_aside", "claim", "claim", "bar"),
)

Step = tuple[str, str, str, int, int, int]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.sampled_from(ITEMS),
        st.sampled_from(CREDITS),
        st.integers(1, 400),
        st.integers(0, 12),
        st.sampled_from((0, 1, 5, 40, 200)),
    ),
    max_size=30,
)


@st.composite
def clerks(draw: Any) -> Clerk:
    """A clerk after some work, with all items and credits there from the start."""
    clerk = Clerk(draw(st.sampled_from(("income", "allowance"))), draw(st.sampled_from(("specific", "allowance"))))
    for item in ITEMS:
        clerk.do("issue", item, "", draw(st.integers(100, 400)), 0, 0)
    for credit in CREDITS:
        clerk.do("receive", ITEMS[0], credit, draw(st.integers(50, 400)), 0, 3)
    for step in draw(STEPS):
        clerk.do(*step)
    return clerk


def seen(facts: Any, as_of: dt.date, known_at: dt.datetime) -> list[Any]:
    return [fact for fact in facts if fact.effective_on <= as_of and fact.recorded_at <= known_at]


def by_facts(facts: list[Any]) -> dict[str, dict[str, int]]:
    """What each item came to, by the facts alone: invoiced, paid, credited, written off."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    kinds = {f.payment.id: "paid" for f in facts if isinstance(f, PaymentReceived)}
    kinds |= {f.credit_note.number: "credited" for f in facts if isinstance(f, CreditNoteIssued)}
    gone = {f.allocation for f in facts if isinstance(f, AllocationUndone)}
    gone |= {f.difference for f in facts if isinstance(f, DifferenceUndone)}
    for fact in facts:
        match fact:
            case InvoiceIssued():
                found[fact.invoice.number]["invoiced"] += fact.invoice.total.minor
            case AllocationMade() if fact.id not in gone:
                found[fact.allocation.item][kinds[fact.allocation.source]] += fact.allocation.amount.minor
            case WrittenOff():
                found[fact.item]["written off"] += fact.amount.minor
            case WriteOffReversed():
                found[fact.item]["written off"] -= fact.amount.minor
            case Recovered() if fact.id not in gone:
                found[fact.item]["written off"] -= fact.amount.minor
    return found


@given(clerks(), st.data())
def test_open_and_written_off_and_paid_and_credited_are_what_was_invoiced(clerk, data):
    account, facts = clerk.app.account("A"), clerk.store.facts("A")
    as_of = START + dt.timedelta(days=data.draw(st.integers(-5, (clerk.today - START).days + 5)))
    known_at = data.draw(st.sampled_from([fact.recorded_at for fact in facts]))
    view = account.view(as_of, known_at)
    found = by_facts(seen(facts, as_of, known_at))
    for item, sums in found.items():
        open_ = view.open(item).minor if item in view.places else 0
        assert open_ >= 0
        assert open_ + sums["written off"] + sums["paid"] + sums["credited"] == sums["invoiced"]
        assert sums["written off"] == (view.loss_of[item].left if item in view.loss_of else 0)
    for loss in view.losses:
        assert 0 <= loss.recovered <= loss.written_off
        assert view.status(loss.item) in ("open", "written_off" if loss.left else "settled")
    assert fold(facts) == account


@given(clerks())
def test_no_open_amount_falls_below_zero_on_any_day(clerk):
    account = clerk.app.account("A")
    days = {fact.effective_on for fact in clerk.store.facts("A")}
    for day in days:
        for book in account.view(day).books:
            assert min(book.open) > 0


@given(clerks(), st.data())
def test_every_report_reads_the_same_losses(clerk, data):
    account = clerk.app.account("A")
    as_of = START + dt.timedelta(days=data.draw(st.integers(0, (clerk.today - START).days)))
    report, view = loss_report(account, as_of), account.view(as_of)
    assert {line.item: line.left.minor for line in report.lines} == {loss.item: loss.left for loss in view.losses}
    policy = ProvisionPolicy(id="m", version=1, rates=(LossRates.of(1, 2, 5, 10, 50),))
    found = provision(view, policy)
    assert found.open("EUR") == aging(view).total("EUR").open
    assert all(line.balance.minor >= 0 for line in found.lines)
    assert all(Money.zero("EUR") <= line.allowance <= line.open for line in found.specifics)


@given(clerks(), st.data())
def test_an_allowance_rolls_forward_from_day_to_day(clerk, data):
    account = clerk.app.account("A")
    span = st.integers(0, (clerk.today - START).days)
    days = sorted(START + dt.timedelta(days=data.draw(span)) for _ in range(3))
    closings = [eur(data.draw(st.integers(-50, 500))) for _ in days]

    def moved(one: int, other: int) -> Any:
        return allowance_movement(
            account,
            "EUR",
            opening=closings[one],
            closing=closings[other],
            since=days[one],
            until=days[other],
        )

    whole, parts = moved(0, 2), (moved(0, 1), moved(1, 2))
    for figure in ("expense", "used", "recovered"):
        assert getattr(whole, figure) == getattr(parts[0], figure) + getattr(parts[1], figure)


@given(clerks())
def test_what_a_loss_is_charged_to_adds_up_to_it(clerk):
    for fact in clerk.store.facts("A"):
        match fact:
            case WrittenOff() | WriteOffReversed():
                parts = (fact.allowance_used, fact.relief, fact.expense)
            case Recovered():
                parts = (fact.allowance_credited, fact.relief, fact.income)
            case _:
                continue
        assert all(part.minor >= 0 for part in parts)
        assert sum(part.net.minor + part.tax.minor for part in fact.taxes) in (
            fact.amount.minor,
            -fact.amount.minor,
        )


@given(clerks())
def test_tax_that_was_claimed_is_never_more_than_what_is_lost_bears(clerk):
    account = clerk.app.account("A")
    for position in relief_positions(account, UK_VAT, dt.date.max):
        assert position.claimable.minor >= 0
        assert position.lost <= position.unpaid
        assert difference(position.taxes, position.taxes) == ()
    pending: dict[str, int] = defaultdict(int)
    gone = {fact.difference for fact in clerk.store.facts("A") if isinstance(fact, DifferenceUndone)}
    for fact in clerk.store.facts("A"):
        match fact:
            case WrittenOff():
                pending[fact.item] += fact.relief.minor
            case WriteOffReversed() | ReliefBarred():
                pending[fact.item] -= fact.relief.minor
            case Recovered() if fact.id not in gone:
                pending[fact.item] -= fact.relief.minor
            case ReliefClaimed() | ReliefRepaid():
                tax = tax_of(fact.taxes, fact.amount)
                assert tax == fact.amount
    assert all(minor >= 0 for minor in pending.values())


RATES = st.lists(
    st.tuples(st.sampled_from((0, 5, 7, 19, 20)), st.integers(0, 9_999), st.integers(0, 2_000)), min_size=1, max_size=4
)


@given(RATES, st.lists(st.integers(0, 5_000), min_size=1, max_size=6))
def test_the_parts_of_several_losses_are_those_of_their_sum(rates, amounts):
    parts = [TaxPart(percent=Decimal(percent), net=eur(net), tax=eur(tax)) for percent, net, tax in rates]
    total, before = eur(0), eur(0)
    pieces: list[TaxPart] = []
    for minor in amounts:
        pieces.extend(between(parts, before, before + eur(minor)))
        before += eur(minor)
    total = tax_of(pieces, total)
    assert total == tax_of(shared(parts, before), total)
    if any(net + tax for _, net, tax in rates):
        assert sum(piece.net.minor + piece.tax.minor for piece in pieces) == before.minor


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=6),
    st.integers(0, 3_000),
)
def test_money_is_shared_out_among_supplies_to_the_cent(rows, rest):
    supplies = [Supply(f"S{at}", START + dt.timedelta(days=day), amount) for at, (day, amount, _) in enumerate(rows)]
    specified = {f"S{at}": min(told, amount) for at, (_, amount, told) in enumerate(rows)}
    unpaid = unpaid_by_supply(supplies, specified, rest)
    owed = sum(each.amount for each in supplies) - sum(specified.values())
    assert sum(unpaid.values()) == max(0, owed - rest)
    lost = lost_by_supply(unpaid, specified)
    assert all(0 <= lost[id] <= unpaid[id] for id in unpaid)
    assert sum(lost.values()) == min(sum(specified.values()), sum(unpaid.values()))


@given(st.lists(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=4), max_size=5))
def test_an_older_bucket_loses_no_less_than_a_younger_one(rolls):
    rates = flow_rates([[Roll(*each) for each in bucket] for bucket in rolls])
    known = [rate for rate in rates if rate is not None]
    assert known == sorted(known)
    assert all(0 <= rate <= 1 for rate in known)
