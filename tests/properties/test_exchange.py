"""What holds for every exchange: the carrying amount is released once, and differences add up."""

import datetime as dt
import decimal
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from receivables.documents.exchange import Carrying, ExchangeRate
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding

ON = dt.date(2026, 3, 2)
codes = st.sampled_from(["EUR", "JPY", "KWD", "USD"]).map(Currency.of)
pairs = st.tuples(codes, codes).filter(lambda pair: pair[0] != pair[1])
rates = st.decimals(Decimal("0.000001"), Decimal(100_000), places=6)
roundings = st.sampled_from(Rounding)


def rate_of(foreign: Currency, book: Currency, rate: Decimal) -> ExchangeRate:
    return ExchangeRate(base=foreign, quote=book, rate=rate, on=ON, source="any")


@given(pairs, st.lists(st.integers(1, 100_000), min_size=1, max_size=6), st.integers(0, 10**9), st.data())
def test_what_is_released_adds_up_to_the_carrying_amount_and_the_differences_to_the_whole(pair, parts, book, data):
    foreign, own = pair
    carrying = original = Carrying(foreign=Money(sum(parts), foreign), book=Money(book, own))
    realized = []
    for part in parts:
        rate, rounding = rate_of(foreign, own, data.draw(rates)), data.draw(roundings)
        realized.append(carrying.settle(Money(part, foreign), rate, rounding=rounding))
        carrying = realized[-1].after
        assert carrying.book.minor >= 0
    assert (carrying.foreign.minor, carrying.book.minor) == (0, 0)
    assert Money.total((each.released for each in realized), own) == original.book
    received = Money.total((each.received for each in realized), own)
    assert Money.total((each.difference for each in realized), own) == received - original.book
    assert all(each.difference == each.gain - each.loss for each in realized)


@given(pairs, st.integers(1, 10**9), rates, roundings)
def test_settling_at_the_rate_of_the_item_in_one_part_realizes_nothing(pair, minor, rate, rounding):
    foreign, own = pair
    known = rate_of(foreign, own, rate)
    item = Carrying.by(Money(minor, foreign), known, rounding)
    assert item.settle(item.foreign, known, rounding=rounding).difference.is_zero
    assert item.revalue(known, rounding).difference.is_zero


@given(pairs, st.integers(-(10**9), 10**9), rates, st.integers(1, 6))
def test_a_conversion_is_within_half_a_minor_unit_whatever_the_context_of_the_host(pair, minor, rate, precision):
    foreign, own = pair
    known, amount = rate_of(foreign, own, rate), Money(minor, foreign)
    expected = known.convert(amount)
    with decimal.localcontext() as context:
        context.prec, context.rounding = precision, decimal.ROUND_UP
        assert known.convert(amount) == expected
    exact = minor * known.factor * 10**own.exponent / 10**foreign.exponent
    assert abs(expected.minor - exact) * 2 <= 1
