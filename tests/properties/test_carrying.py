"""What holds for the carrying amounts of every history: each is released once, in the order of effective days."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

import attrs
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Allocation, Customer, Installment, Invoice, Money, Payment, Schedule, fold
from receivables.documents.exchange import ExchangeRate
from receivables.documents.settlement import SettlementPart
from receivables.facts.cash import AllocationMade, AllocationUndone, DifferenceSettled, DifferenceUndone, RefundMade
from receivables.facts.fact import Fact
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.exchange import ExchangeResult, exchange_result
from receivables.reports.revaluation import revalue
from receivables.values.currencies import Currency

FIRST = dt.date(2026, 3, 2)
KNOWN = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
END = dt.date(2026, 6, 30)

codes = st.sampled_from(["EUR", "JPY", "KWD", "USD"]).map(Currency.of)
pairs = st.tuples(codes, codes).filter(lambda pair: pair[0] != pair[1])
figures = st.decimals(Decimal("0.0001"), Decimal(10_000), places=4)
amounts = st.integers(1, 100_000)
offsets = st.integers(0, 20)


class History(NamedTuple):
    """An account with documents in a foreign currency, and what was done with them in the order of the log."""

    account: Account
    facts: tuple[Fact, ...]
    book: Currency

    def result(self, facts: tuple[Fact, ...] | None = None, as_of: dt.date = END) -> ExchangeResult:
        made = self.facts if facts is None else facts
        recorded = [attrs.evolve(fact, recorded_at=KNOWN + dt.timedelta(minutes=at)) for at, fact in enumerate(made)]
        return exchange_result(fold(recorded, self.account), as_of)


@st.composite
def histories(draw: st.DrawFn) -> History:
    foreign, book = draw(pairs)

    def rate() -> ExchangeRate:
        return ExchangeRate(base=foreign, quote=book, rate=draw(figures), on=FIRST, source="any")

    def money(minor: int) -> Money:
        return Money(minor, foreign)

    parts = draw(st.lists(amounts, min_size=1, max_size=3))
    invoice = Invoice(
        number="I",
        account="A",
        issued_on=FIRST,
        total=money(sum(parts)),
        schedule=Schedule(installments=tuple(Installment(amount=money(part), due_on=FIRST) for part in parts)),
        book_rate=rate(),
    )
    payments = [
        Payment(id=f"P{at}", account="A", amount=money(minor), value_date=FIRST, book_rate=rate())
        for at, minor in enumerate(draw(st.lists(amounts, min_size=1, max_size=3)))
    ]
    account = Account.of(Customer(id="A"), invoices=[invoice], payments=payments)
    room = {id: part.amount.minor for id, part in invoice.items()}
    left = {payment.id: payment.amount.minor for payment in payments}
    facts: list[Fact] = []
    for at in range(draw(st.integers(0, 8))):
        item, source = draw(st.sampled_from(sorted(room))), draw(st.sampled_from(sorted(left)))
        kind = draw(st.sampled_from(["allocation", "allocation", "discount_earned", "bank_fee", "refund"]))
        most = {"allocation": min(room[item], left[source]), "refund": left[source]}.get(kind, room[item])
        if most == 0:
            continue
        amount = money(draw(st.sampled_from([most, (most + 1) // 2, 1])))
        times = {"effective_on": FIRST + dt.timedelta(days=draw(offsets)), "recorded_at": KNOWN}
        id = f"k{at}"
        if kind == "allocation":
            made: Fact = AllocationMade(id=id, allocation=Allocation(source=source, item=item, amount=amount), **times)
        elif kind == "refund":
            made = RefundMade(id=id, source=source, amount=amount, book_rate=rate(), **times)
        else:
            part = SettlementPart(kind=kind, amount=amount, reason="agreed", item=item)
            made = DifferenceSettled(id=id, source=source, part=part, settlement="s", **times)
        room[item] -= amount.minor if kind != "refund" else 0
        left[source] -= amount.minor if kind in ("allocation", "refund") else 0
        facts.append(made)
        if kind != "refund" and draw(st.integers(0, 4)) == 0:
            undone = {"effective_on": times["effective_on"] + dt.timedelta(days=draw(offsets)), "recorded_at": KNOWN}
            if kind == "allocation":
                facts.append(AllocationUndone(allocation=id, **undone))
                left[source] += amount.minor
            else:
                facts.append(DifferenceUndone(difference=id, **undone))
            room[item] += amount.minor
    return History(account, tuple(facts), book)


def released(result: ExchangeResult, side: str, id: str) -> int:
    """What the lines of a result released of an item, or of a credit."""
    if side == "item":
        return sum(line.released.minor for line in result.lines if line.item == id)
    given_up = [line.value for line in result.lines if line.source == id and line.kind == "allocation"]
    given_up += [line.released for line in result.lines if line.source == id and line.item is None]
    return sum(amount.minor for amount in given_up)


@given(histories(), offsets)
def test_what_was_released_and_what_is_left_are_the_carrying_amount_on_every_day(history, offset):
    result = history.result(as_of=FIRST + dt.timedelta(days=offset))
    for each in result.carryings:
        assert each.released.minor == released(result, each.side, each.id)
        assert each.original.book.minor == each.released.minor + each.remaining.book.minor
        assert each.remaining.book.minor >= 0
        assert each.remaining.foreign == each.open
        if each.open.is_zero:
            assert each.remaining.book.is_zero


@given(histories())
def test_the_parts_of_an_invoice_stand_for_what_its_total_stands_for(history):
    carried = history.account.exchange.carried_items
    total = Money(sum(item.amount for item in history.account.ledger.items), history.account.ledger.items[0].currency)
    assert sum(each.amount for each in carried) == carried[0].rate.convert(total).minor


@given(histories())
def test_the_difference_is_what_the_books_say_before_and_after(history):
    """Items less credits: every gain adds to them, every cost and what went out is taken off."""
    result = history.result()
    sign = {"item": 1, "credit": -1}
    before = sum(sign[each.side] * each.original.book.minor for each in result.carryings)
    after = sum(sign[each.side] * each.remaining.book.minor for each in result.carryings)
    costs = sum(line.value.minor for line in result.lines if line.kind in ("discount_earned", "bank_fee"))
    paid_out = sum(line.value.minor for line in result.lines if line.kind == "refund")
    assert after == before + result.difference.minor - costs + paid_out
    assert result.difference == result.gain - result.loss


@given(histories(), st.data())
def test_what_becomes_known_late_gives_what_the_sorted_history_gives(history, data):
    late = tuple(data.draw(st.permutations(history.facts)))
    in_order = tuple(sorted(late, key=lambda fact: fact.effective_on))
    assert {line.id: line for line in history.result(late).lines} == {
        line.id: line for line in history.result(in_order).lines
    }
    assert history.result(late).carryings == history.result(in_order).carryings


@given(histories(), st.data())
def test_what_is_applied_and_taken_back_leaves_no_trace(history, data):
    before = history.result()
    open_ = {(each.side, each.id): each.open for each in before.open}
    pairs = [(item, source) for side, item in open_ if side == "item" for kind, source in open_ if kind == "credit"]
    if not pairs:
        return
    item, source = data.draw(st.sampled_from(pairs))
    amount = min(open_["item", item], open_["credit", source])
    day = FIRST + dt.timedelta(days=data.draw(offsets))
    made = AllocationMade(
        id="x",
        allocation=Allocation(source=source, item=item, amount=amount),
        effective_on=day,
        recorded_at=KNOWN,
    )
    undone = AllocationUndone(allocation="x", effective_on=day, recorded_at=KNOWN)
    assert history.result((*history.facts, made)).lines != before.lines
    assert history.result((*history.facts, made, undone)) == before


@given(histories(), figures)
def test_a_revaluation_is_the_value_less_what_is_carried_and_changes_nothing(history, figure):
    recorded = fold(history.facts, history.account)
    foreign = recorded.ledger.items[0].currency
    closing = ExchangeRate(base=foreign, quote=history.book, rate=figure, on=END, source="closing")
    report = revalue(recorded, END, [closing], ExchangePolicy(id="closing", version=1))
    for line in report.lines:
        assert line.revaluation.value == closing.convert(line.carried.open)
        sign = 1 if line.carried.side == "item" else -1
        gained = line.revaluation.value - line.carried.remaining.book
        assert line.unrealized.minor == sign * gained.minor
    assert [line.carried for line in report.lines] == list(exchange_result(recorded, END).open)
