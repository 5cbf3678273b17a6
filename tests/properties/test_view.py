"""Views: what was answered stays answered, applications leave no trace when they are undone, nothing goes below zero."""

import copy
import datetime as dt
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Allocation, Customer, Invoice, Money, Payment, PolicyBook, fold
from receivables.errors import InvalidValue, OverApplied, UnknownId, WrongType
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued, ItemTakenOver
from receivables.facts.loss import Recovered, WriteOffReversed, WrittenOff
from receivables.plans.commands import Apply, Unapply
from receivables.plans.plan import Context
from receivables.plans.table import plan
from receivables.testing import strategies
from receivables.testing.strategies import FIRST_DAY

LATE = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
CONTEXT = Context(policies=PolicyBook(), now=LATE, today=LATE.date())

_TEN = Money.of(10, "EUR")
_TIMES = {"effective_on": dt.date(2026, 2, 2), "recorded_at": LATE}
ALWAYS = (
    InvoiceIssued(
        invoice=Invoice.due(
            number="LAST", account="ACME", issued_on=dt.date(2026, 2, 2), total=_TEN, due_on=dt.date(2026, 2, 2)
        ),
        **_TIMES,
    ),
    PaymentReceived(payment=Payment(id="LAST", account="ACME", amount=_TEN, value_date=dt.date(2026, 2, 2)), **_TIMES),
)
"""One item and one payment, so that there is always something to apply."""


def some_day(data) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=data.draw(st.integers(-15, 200)))


@given(st.data(), strategies.histories())
def test_what_is_recorded_later_never_changes_an_answer(data, history):
    cut = data.draw(st.integers(1, len(history)))
    known_at = history[cut - 1].recorded_at
    as_of = some_day(data)
    assert fold(history).view(as_of, known_at) == fold(history[:cut]).view(as_of, known_at)


@given(st.data(), strategies.histories(most=10), st.lists(strategies.facts(), min_size=1, max_size=4))
def test_not_even_nonsense_that_is_recorded_later_changes_an_answer(data, history, strangers):
    account, as_of, known_at = fold(history), some_day(data), history[-1].recorded_at
    later = [attrs.evolve(stranger, recorded_at=LATE) for stranger in strangers]
    assert fold(later, account).view(as_of, known_at) == account.view(as_of, known_at)


@given(st.data(), strategies.histories())
def test_what_takes_effect_later_never_changes_an_answer(data, history):
    as_of = some_day(data)
    seen = [fact for fact in history if fact.effective_on <= as_of or isinstance(fact, AccountOpened)]
    assert fold(history).view(as_of) == fold(seen).view(as_of)


@given(st.data(), strategies.histories())
def test_applying_and_taking_back_restores_every_view(data, history):
    account = fold([*history, *ALWAYS])
    today = account.view(LATE.date())
    pairs = [
        (credit, book, at)
        for credit in today.credits
        for book in today.books
        for at in range(len(book.items))
        if credit.currency == book.currency
    ]
    credit, book, at = data.draw(st.sampled_from(pairs))
    minor = data.draw(st.integers(1, min(credit.remaining, book.open[at])))
    allocation = Allocation(source=credit.id, item=book.items[at].id, amount=Money(minor, book.currency))
    applied = fold(plan(account, Apply(key="k", of=account.id, allocation=allocation), CONTEXT).facts, account)
    restored = fold(plan(applied, Unapply(key="u", of=account.id, allocation="k#1"), CONTEXT).facts, applied)
    assert applied.view(LATE.date()) != today
    for as_of in (LATE.date(), some_day(data), some_day(data)):
        assert restored.view(as_of) == account.view(as_of)
    with pytest.raises(UnknownId):
        plan(restored, Unapply(key="v", of=account.id, allocation="k#1"), CONTEXT)


@given(st.data(), strategies.histories())
def test_open_amounts_stay_between_nothing_and_the_original(data, history):
    known_at = data.draw(st.none() | st.sampled_from([fact.recorded_at for fact in history]))
    view = fold(history).view(some_day(data), known_at)
    for book in view.books:
        assert all(0 < open_ <= item.amount for open_, item in zip(book.open, book.items, strict=True))
        assert list(book.due) == sorted(book.due)
        assert book.total == sum(book.open)
    assert all(credit.remaining > 0 for credit in view.credits)
    assert view.closed.isdisjoint(view.places)


@given(st.data(), strategies.histories())
def test_the_balance_is_what_was_invoiced_less_what_was_received_whatever_was_applied(data, history):
    as_of = some_day(data)
    view = fold(history).view(as_of)
    for currency in strategies.CURRENCIES:
        owed = 0
        for fact in history:
            if fact.effective_on <= as_of:
                match fact:
                    case InvoiceIssued(invoice=invoice):
                        owed += invoice.total.minor if invoice.currency == currency else 0
                    case ItemTakenOver(item=item):
                        owed += item.open.minor if item.open.currency == currency else 0
                    case PaymentReceived(payment=payment):
                        owed -= payment.amount.minor if payment.amount.currency == currency else 0
                    case CreditNoteIssued(credit_note=note):
                        owed -= note.total.minor if note.total.currency == currency else 0
                    case WrittenOff(amount=lost):
                        owed -= lost.minor if lost.currency == currency else 0
                    case WriteOffReversed(amount=back) | Recovered(amount=back):
                        owed += back.minor if back.currency == currency else 0
        assert view.balance(currency).minor == owed
        assert view.open_total(currency) - view.on_account(currency) == view.balance(currency.code)


@given(st.data(), strategies.histories())
def test_the_allocations_in_force_explain_what_is_open_and_what_is_left(data, history):
    as_of = some_day(data)
    view = fold(history).view(as_of)
    undone = {fact.allocation for fact in history if isinstance(fact, AllocationUndone) and fact.effective_on <= as_of}
    made = [fact for fact in history if isinstance(fact, AllocationMade) and fact.effective_on <= as_of]
    force = [fact.allocation for fact in made if fact.id not in undone]
    for book in view.books:
        for item, open_ in zip(book.items, book.open, strict=True):
            lost = view.loss_of[item.id].left if item.id in view.loss_of else 0
            assert item.amount - open_ == sum(each.amount.minor for each in force if each.item == item.id) + lost
    for credit in view.credits:
        received = next(entry.amount for entry in fold(history).cash.credits if entry.id == credit.id)
        assert received - credit.remaining == sum(each.amount.minor for each in force if each.source == credit.id)


MOVES = st.lists(
    st.tuples(st.sampled_from(("apply", "undo")), st.integers(0, 2), st.integers(0, 2), st.integers(1, 900)),
    max_size=25,
)


@given(MOVES)
def test_no_sequence_of_plans_takes_more_than_there_is(moves):
    day = dt.date(2026, 1, 5)
    eur = lambda minor: Money.from_minor(minor, "EUR")  # noqa: E731
    invoices = [Invoice.due(number=f"I{n}", account="A", issued_on=day, total=eur(500), due_on=day) for n in range(3)]
    payments = [Payment(id=f"P{n}", account="A", amount=eur(700), value_date=day) for n in range(3)]
    account = Account.of(Customer(id="A"), invoices=invoices, payments=payments)
    for number, (move, source, item, minor) in enumerate(moves):
        view = account.view(day)
        allocation = Allocation(source=f"P{source}", item=f"I{item}", amount=eur(minor))
        if move == "apply":
            command = Apply(key=f"k{number}", of="A", allocation=allocation)
            room = min(
                view.open(f"I{item}").minor if f"I{item}" in view.places else 0,
                next((credit.remaining for credit in view.credits if credit.id == f"P{source}"), 0),
            )
            if minor > room:
                with pytest.raises(OverApplied) as caught:
                    plan(account, command, CONTEXT)
                assert caught.value.asked == eur(minor)
                continue
        else:
            undone = {entry.allocation for entry in account.cash.undoings}
            force = [entry.id for entry in account.cash.allocations if entry.id not in undone]
            if not force:
                continue
            command = Unapply(key=f"u{number}", of="A", allocation=force[minor % len(force)])
        account = fold(plan(account, command, CONTEXT).facts, account)
        view = account.view(day)
        assert view.balance("EUR") == eur(3 * 500 - 3 * 700)
        assert all(0 < open_ <= 500 for book in view.books for open_ in book.open)


@given(strategies.histories(most=15), st.booleans())
def test_views_survive_pickling_and_deep_copies_even_after_they_were_asked(history, asked):
    view = fold(history).view(FIRST_DAY + dt.timedelta(days=60))
    if asked:
        assert len(view.places) == sum(len(book.items) for book in view.books)
        assert len(view.ladder_of) == len(view.ladders)
    for again in (pickle.loads(pickle.dumps(view)), copy.deepcopy(view)):
        assert again == view
        assert hash(again) == hash(view)
        assert again.places == view.places


# Known at a date ------------------------------------------------------------------------------------------------


def known_from(recorded_at: dt.datetime) -> Account:
    """An account on which one payment was recorded at an instant."""
    day = dt.date(2018, 2, 1)
    payment = Payment(id="P", account="A", amount=Money.of(1, "EUR"), value_date=day)
    account = Account.of(Customer(id="A"))
    return fold([PaymentReceived(payment=payment, effective_on=day, recorded_at=recorded_at)], account)


@given(st.integers(-12, 14), st.integers(0, 24 * 3600 - 1))
def test_a_known_date_means_the_end_of_that_day_in_the_creditors_zone(hours, second):
    zone = dt.timezone(dt.timedelta(hours=hours))
    recorded = dt.datetime(2018, 3, 5, tzinfo=zone) + dt.timedelta(seconds=second)
    account = known_from(recorded.astimezone(dt.UTC))
    as_of = dt.date(2018, 3, 9)
    assert account.view(as_of, dt.date(2018, 3, 5), zone=zone).credits
    assert not account.view(as_of, dt.date(2018, 3, 4), zone=zone).credits


def test_the_last_microsecond_of_the_day_is_known_and_midnight_is_not():
    as_of = dt.date(2018, 3, 9)
    last = dt.datetime(2018, 3, 5, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    assert known_from(last).view(as_of, dt.date(2018, 3, 5)).credits
    assert not known_from(last + dt.timedelta(microseconds=1)).view(as_of, dt.date(2018, 3, 5)).credits


def test_an_instant_is_known_from_itself_on():
    instant = dt.datetime(2018, 3, 5, 12, tzinfo=dt.UTC)
    account = known_from(instant)
    assert account.view(dt.date(2018, 3, 9), instant).credits
    assert not account.view(dt.date(2018, 3, 9), instant - dt.timedelta(microseconds=1)).credits


class SaoPaulo(dt.tzinfo):
    """The zone on the night of 17 February 2018: at midnight the clocks went back to 23:00, an hour came twice."""

    BACK = dt.datetime(2018, 2, 18)

    def utcoffset(self, moment):
        assert moment is not None
        wall = moment.replace(tzinfo=None)
        summer = wall < self.BACK - dt.timedelta(hours=1) or (wall < self.BACK and not moment.fold)
        return dt.timedelta(hours=-2 if summer else -3)

    def dst(self, moment):
        return self.utcoffset(moment) + dt.timedelta(hours=3)

    def tzname(self, moment):
        return "-02" if self.dst(moment) else "-03"


def test_a_day_that_has_an_hour_twice_ends_after_the_second_one():
    recorded = dt.datetime(2018, 2, 18, 2, 30, tzinfo=dt.UTC)  # 23:30 of the 17th for the second time
    assert recorded < dt.datetime(2018, 2, 18, 3, tzinfo=dt.UTC)
    assert known_from(recorded).view(dt.date(2018, 3, 1), dt.date(2018, 2, 17), zone=SaoPaulo()).credits


def test_the_hour_that_comes_twice_is_told_apart_by_time_and_not_by_the_wall_clock():
    zone = SaoPaulo()
    recorded = dt.datetime(2018, 2, 17, 23, 10, tzinfo=zone, fold=1)  # 02:10 UTC
    known_at = dt.datetime(2018, 2, 17, 23, 30, tzinfo=zone, fold=0)  # 01:30 UTC
    assert not known_from(recorded).view(dt.date(2018, 3, 1), known_at).credits


@pytest.mark.parametrize(
    ("as_of", "known_at", "error"),
    [
        (dt.datetime(2026, 1, 1), None, WrongType),
        ("2026-01-01", None, WrongType),
        (None, None, WrongType),
        (dt.date(2026, 1, 1), dt.datetime(2026, 1, 1), InvalidValue),
        (dt.date(2026, 1, 1), "2026-01-01", WrongType),
        (dt.date(2026, 1, 1), 5, WrongType),
    ],
)
def test_dates_that_are_none_are_refused(as_of, known_at, error):
    with pytest.raises(error):
        Account.of(Customer(id="A")).view(as_of, known_at)
