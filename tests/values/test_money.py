import contextlib
import copy
import decimal
import enum
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId, WrongType
from receivables.values.currencies import Currency
from receivables.values.money import MOST_DIGITS, Money, Rounding, exact

EUR, JPY, KWD, CHF = (Currency.of(code) for code in ("EUR", "JPY", "KWD", "CHF"))
BTC = Currency("BTC", 8)

# As strict and as small as a context can be: one digit, no exponent, every signal an exception.
HOSTILE = decimal.Context(
    prec=1,
    rounding=decimal.ROUND_UP,
    Emin=0,
    Emax=0,
    capitals=0,
    clamp=1,
    traps=[
        decimal.Inexact,
        decimal.Rounded,
        decimal.Subnormal,
        decimal.Overflow,
        decimal.Underflow,
        decimal.Clamped,
        decimal.InvalidOperation,
        decimal.DivisionByZero,
        decimal.FloatOperation,
    ],
)

currencies = st.sampled_from([EUR, JPY, KWD, CHF, BTC, Currency.of("CLF")])
minors = st.integers(min_value=-(10**20), max_value=10**20)
moneys = st.builds(Money, minors, currencies)
roundings = st.sampled_from(list(Rounding))
steps = st.sampled_from([1, 5, 10, 100])
weights = st.one_of(
    st.integers(0, 10**6),
    st.decimals(0, 1000, places=3),
    st.fractions(0, 1000, max_denominator=1000),
)
weight_lists = st.lists(weights, min_size=1, max_size=12).filter(any)


def euro(amount: str) -> Money:
    return Money.of(amount, "EUR")


# Ways in


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12.3", "EUR", 1230),
        ("12", "EUR", 1200),
        ("-0.01", "EUR", -1),
        ("+5", "EUR", 500),
        ("007.50", "EUR", 750),
        ("0", "EUR", 0),
        ("-0.00", "EUR", 0),
        ("100000", "JPY", 100000),
        ("1.234", "KWD", 1234),
        ("0.00000001", BTC, 1),
        (12, "EUR", 1200),
        (-12, "KWD", -12000),
        (Decimal("12.34"), "EUR", 1234),
        (Decimal("-12.3400"), "EUR", -1234),
        (Decimal("1.2E+3"), "EUR", 120000),
        (Decimal("-0"), "EUR", 0),
        (Decimal("0E+999999"), "EUR", 0),
        (Decimal("5E-2"), "CHF", 5),
    ],
)
def test_text_ints_and_decimals_are_read_exactly(amount, currency, minor):
    money = Money.of(amount, currency)
    assert money.minor == minor
    with decimal.localcontext(HOSTILE):
        assert Money.of(amount, currency) == money


@pytest.mark.parametrize(
    "amount",
    [1.5, 0.0, True, False, None, float("nan"), 1 + 0j, Fraction(1, 2), b"12", ["12"], enum.IntEnum("E", "A").A],
)
def test_an_amount_of_another_type_is_refused_and_shown(amount):
    with pytest.raises(WrongType) as caught:
        Money.of(amount, "EUR")
    assert caught.value.field == "amount"
    assert repr(amount) in str(caught.value)


@pytest.mark.parametrize(
    "amount",
    [
        *("", " ", "12.345", "12.340", "12.", ".5", "1e3", "1E-2", "NaN", "sNaN", "Infinity", "-inf"),
        *(" 12", "12 ", "12\n", "1 000", "1_000", "1,000", "12,34", "1'000", "--1", "+-1", "0x1F", "12.3.4"),
        *("١٢", "１２", "²", "−5", "12.34 EUR", "€12", "9" * (MOST_DIGITS + 1), "0." + "0" * 100),
        *(Decimal("12.345"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")),
        *(Decimal("1E+999999"), Decimal("1E-999999"), Decimal("1E+60"), Decimal("9" * 99), 10**MOST_DIGITS),
    ],
)
def test_an_amount_that_cannot_be_is_refused_and_shown(amount):
    with pytest.raises(InvalidValue) as caught:
        Money.of(amount, "EUR")
    assert caught.value.field == "amount"
    assert repr(amount) in str(caught.value)


def test_the_refusal_of_decimals_names_the_currency():
    with pytest.raises(InvalidValue, match="at most 0 decimals in JPY, got '1.5'"):
        Money.of("1.5", "JPY")


def test_a_currency_must_be_known_or_made():
    with pytest.raises(UnknownId):
        Money.of(1, "XYZ")
    for wrong in (None, 978, b"EUR"):
        with pytest.raises(WrongType):
            Money.of(1, wrong)
        with pytest.raises(WrongType):
            Money.zero(wrong)


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1), enum.IntEnum("E", "A").A])
def test_minor_units_are_plain_ints(minor):
    with pytest.raises(WrongType, match="money.minor"):
        Money(minor, EUR)


def test_a_constructed_amount_needs_a_currency_object():
    with pytest.raises(WrongType, match="money.currency"):
        Money(1, "EUR")


@given(moneys)
def test_what_is_written_reads_back(money):
    assert Money.of(money.amount, money.currency) == money
    assert Money.of(str(money).split()[0], money.currency) == money
    assert eval(repr(money)) == money


@given(moneys)
def test_the_amount_is_exact_in_any_context(money):
    with decimal.localcontext(HOSTILE):
        amount = money.amount
    assert Fraction(amount) == Fraction(money.minor, 10**money.currency.exponent)
    assert amount.as_tuple().exponent == -money.currency.exponent


def test_from_minor_rounds_what_was_summed_unrounded():
    assert Money.from_minor(Fraction(1, 2), "EUR") == euro("0.01")
    assert Money.from_minor(Fraction(5, 2), EUR, rounding=Rounding.HALF_EVEN) == euro("0.02")
    assert Money.from_minor(803, "CHF", step=5) == Money.of("8.05", "CHF")
    for wrong in (1.5, True, Decimal(1), "1"):
        with pytest.raises(WrongType, match="minor"):
            Money.from_minor(wrong, "EUR")


# Writing


def test_amounts_are_written_with_all_decimals_of_their_currency():
    assert str(euro("1234.5")) == "1234.50 EUR"
    assert str(euro("-0.05")) == "-0.05 EUR"
    assert str(Money.of(1234, "JPY")) == "1234 JPY"
    assert str(Money.of("0.001", "KWD")) == "0.001 KWD"
    assert repr(euro("1234.56")) == "Money.of('1234.56', 'EUR')"
    assert repr(Money(1, BTC)) == "Money.of('0.00000001', Currency('BTC', 8))"
    assert repr(Money(1, Currency("EUR", 4))) == "Money.of('0.0001', Currency('EUR', 4))"


def test_formats_group_align_and_fill():
    money = euro("-1234567.8")
    assert f"{money}" == "-1234567.80 EUR"
    assert f"{money:,}" == "-1,234,567.80 EUR"
    assert f"{money:>20,}" == "   -1,234,567.80 EUR"
    assert f"{money:*<20}" == "-1234567.80 EUR*****"
    assert f"{Money.of(1000000, 'JPY'):,}" == "1,000,000 JPY"
    assert f"{Money.of('0.5', 'KWD'):10}" == "0.500 KWD "


@pytest.mark.parametrize("spec", [".2f", "d", "n", ",,", "=20"])
def test_a_format_that_means_nothing_is_refused(spec):
    with pytest.raises(InvalidValue, match="format"):
        format(euro("1"), spec)


# Arithmetic


def test_amounts_add_subtract_and_multiply_by_whole_numbers():
    a, b = euro("179.99"), euro("69.99")
    assert a + b == euro("249.98")
    assert a + b - euro("249.98") == Money.zero("EUR")
    assert 3 * a == a * 3 == a + a + a
    assert -a == Money.zero("EUR") - a
    assert abs(-a) == +a == a


@given(minors, minors, minors, currencies)
def test_money_adds_like_whole_numbers(a, b, c, currency):
    x, y, z = (Money(minor, currency) for minor in (a, b, c))
    assert (x + y) + z == x + (y + z)
    assert x + y == y + x
    assert x - y == x + -y
    assert x - x == Money.zero(currency)
    assert (x + y).minor == a + b
    assert Money.total([x, y, z], currency) == x + y + z
    assert (x < y, x <= y, x > y, x >= y, x == y) == (a < b, a <= b, a > b, a >= b, a == b)


@pytest.mark.parametrize(
    "operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge, Money.ratio]
)
def test_currencies_never_mix(operation):
    left, right = euro("1"), Money.of(2, "USD")
    with pytest.raises(CurrencyMismatch) as caught:
        operation(left, right)
    assert (caught.value.left, caught.value.right) == (left, right)
    assert str(caught.value) == "currencies differ: 1.00 EUR and 2.00 USD"


@pytest.mark.parametrize(
    "operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge, Money.ratio]
)
@pytest.mark.parametrize("other", [0, 1, 1.0, Decimal(1), "1", None])
def test_money_and_numbers_never_mix(operation, other):
    with pytest.raises(WrongType):
        operation(euro("1"), other)


@pytest.mark.parametrize("other", [0, 1.5, Decimal(1), "1"])
def test_numbers_and_money_never_mix(other):
    with pytest.raises(TypeError):
        other + euro("1")
    with pytest.raises(TypeError):
        other - euro("1")


@pytest.mark.parametrize("factor", [1.5, True, Decimal(1), Fraction(1, 2), "2", None, euro("1")])
def test_a_product_with_anything_but_a_whole_number_is_refused(factor):
    with pytest.raises(WrongType, match="times"):
        euro("1") * factor


def test_a_sum_without_a_start_says_what_to_use():
    amounts = [euro("1"), euro("2")]
    with pytest.raises(WrongType, match="Money.total"):
        sum(amounts)
    assert sum(amounts, Money.zero("EUR")) == euro("3")


def test_a_total_needs_one_currency_and_nothing_but_money():
    assert Money.total([], "EUR") == Money.zero("EUR")
    assert Money.total((euro(str(n)) for n in range(4)), EUR) == euro("6")
    assert Money.total([Money(1, Currency("EUR", 2))], "EUR") == euro("0.01")
    with pytest.raises(CurrencyMismatch, match="EUR and 1.00 USD"):
        Money.total([Money.of(1, "USD")], "EUR")
    with pytest.raises(WrongType, match="total"):
        Money.total([1], "EUR")


def test_equality_is_by_value_and_zero_is_not_a_number():
    assert euro("1") == Money(100, Currency("EUR", 2))
    assert len({euro("1"), Money.of(1, "EUR"), Money.of(1, "USD")}) == 2
    assert Money.zero("EUR") != 0
    assert Money.zero("EUR") != Money.zero("USD")
    assert Money.zero("EUR") is not None


def test_the_sign_is_asked_by_name():
    for amount, answers in (("1", (False, True, False)), ("0", (True, False, False)), ("-1", (False, False, True))):
        money = euro(amount)
        assert (money.is_zero, money.is_positive, money.is_negative) == answers


def test_money_has_no_truth_value():
    with pytest.raises(WrongType, match="is_zero"):
        bool(euro("1"))
    with pytest.raises(TypeError):
        any([Money.zero("EUR")])


def test_money_is_frozen_and_survives_pickling_and_copying():
    money = euro("12.34")
    with pytest.raises(AttributeError):
        money.minor = 5
    with pytest.raises(AttributeError):
        money.other = 5
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(money, protocol)) == money
    assert copy.deepcopy(money) == copy.copy(money) == money
    assert hash(pickle.loads(pickle.dumps(money))) == hash(money)


def test_a_ratio_is_exact():
    assert euro("1").ratio(euro("3")) == Fraction(1, 3)
    assert euro("-1").ratio(euro("4")) == Fraction(-1, 4)
    with pytest.raises(InvalidValue, match="ratio"):
        euro("1").ratio(Money.zero("EUR"))


# Rounding

DECIMAL_NAMES = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
    Rounding.CEILING: decimal.ROUND_CEILING,
}


@pytest.mark.own_decimals
@given(st.integers(-(10**9), 10**9), st.integers(0, 4), roundings)
def test_rounding_agrees_with_the_decimal_module(digits, places, rounding):
    theirs = Decimal(digits).scaleb(-places).quantize(Decimal(1), rounding=DECIMAL_NAMES[rounding])
    assert rounding.whole(Fraction(digits, 10**places)) == int(theirs)
    assert rounding.quotient(digits, 10**places) == int(theirs)


@pytest.mark.parametrize(
    ("rounding", "whole"),
    [
        (Rounding.HALF_UP, [3, 2, 2, -2, -2, -3]),
        (Rounding.HALF_EVEN, [2, 2, 2, -2, -2, -2]),
        (Rounding.HALF_DOWN, [2, 2, 2, -2, -2, -2]),
        (Rounding.UP, [3, 3, 2, -2, -3, -3]),
        (Rounding.DOWN, [2, 2, 2, -2, -2, -2]),
        (Rounding.FLOOR, [2, 2, 2, -2, -3, -3]),
        (Rounding.CEILING, [3, 3, 2, -2, -2, -2]),
    ],
)
def test_each_rounding_does_what_its_name_says(rounding, whole):
    values = [Fraction(text) for text in ("2.5", "2.4", "2", "-2", "-2.4", "-2.5")]
    assert [rounding.whole(value) for value in values] == whole


def test_yen_are_whole_in_every_mode():
    interest = Fraction(3, 100) * Fraction(17, 365)
    assert Money.of(100_000, "JPY").times(interest) == Money.of(140, "JPY")
    assert Money.of(100_000, "JPY").times(interest, rounding=Rounding.DOWN) == Money.of(139, "JPY")


@pytest.mark.parametrize("factor", ["0.0512", Decimal("0.0512"), Fraction(512, 10_000), Decimal("5.12E-2")])
def test_a_factor_may_be_text_decimal_or_fraction(factor):
    with decimal.localcontext(HOSTILE):
        assert euro("1000.00").times(factor) == euro("51.20")


@pytest.mark.parametrize("factor", [0.1, True, None, b"1", euro("1")])
def test_a_factor_of_another_type_is_refused(factor):
    with pytest.raises(WrongType, match="factor"):
        euro("1").times(factor)


@pytest.mark.parametrize("factor", ["1/3", "5 %", "", "1e3", "1,5", "٣", Decimal("NaN"), Decimal("1E+999999")])
def test_a_factor_that_cannot_be_is_refused(factor):
    with pytest.raises(InvalidValue, match="factor"):
        euro("1").times(factor)


def test_steps_round_to_coins():
    assert Money.of("8.03", "CHF").rounded(5) == Money.of("8.05", "CHF")
    assert Money.of("8.02", "CHF").rounded(5) == Money.of("8.00", "CHF")
    assert Money.of("-8.03", "CHF").rounded(5) == Money.of("-8.05", "CHF")
    assert Money.of("8.01", "CHF").rounded(5, Rounding.UP) == Money.of("8.05", "CHF")
    assert Money.of("100.00", "CHF").times("0.077", step=5) == Money.of("7.70", "CHF")
    assert Money.of("12.99", "CHF").times(Fraction(1, 2), step=5, rounding=Rounding.DOWN) == Money.of("6.45", "CHF")


@given(moneys, st.fractions(-100, 100, max_denominator=10**6), steps, roundings)
def test_a_product_is_the_exact_one_rounded_once_in_any_context(money, factor, step, rounding):
    with decimal.localcontext(HOSTILE):
        product = money.times(factor, rounding=rounding, step=step)
    error = product.minor - money.minor * factor
    assert product.minor % step == 0
    assert abs(error) < step
    if rounding.value.startswith("half"):
        assert 2 * abs(error) <= step


@pytest.mark.parametrize(
    ("step", "error"), [(0, InvalidValue), (-5, InvalidValue), (True, WrongType), (1.0, WrongType), ("5", WrongType)]
)
def test_a_step_is_a_whole_number_from_one_on(step, error):
    money = euro("1")
    for call in (money.rounded, lambda step: money.times(2, step=step), lambda step: money.split([1], step=step)):
        with pytest.raises(error, match="step"):
            call(step)


def test_a_rounding_is_named():
    with pytest.raises(WrongType, match="rounding"):
        euro("1").times(2, rounding="half_up")
    assert pickle.loads(pickle.dumps(Rounding.FLOOR)) is Rounding.FLOOR


# Splitting: the minor-unit remainder of three installments

SPLITS = [
    ("100000", "JPY", (1, 1, 1), 1, ("33333", "33333", "33334")),
    ("100.000", "KWD", (1, 1, 1), 1, ("33.333", "33.333", "33.334")),
    ("5.47", "EUR", (Decimal("33.34"), Decimal("33.33"), Decimal("33.33")), 1, ("1.82", "1.82", "1.83")),
    ("30000.00", "EUR", (1, 1, 1), 1, ("10000.00", "10000.00", "10000.00")),
    (
        "30000.00",
        "EUR",
        (Decimal("33.334"), Decimal("33.333"), Decimal("33.333")),
        1,
        ("10000.20", "9999.90", "9999.90"),
    ),
    ("8.00", "CHF", (1, 1, 1), 5, ("2.65", "2.65", "2.70")),
    ("600.00", "EUR", (33, 33, 34), 1, ("198.00", "198.00", "204.00")),
    ("500.00", "EUR", (50, 450), 1, ("50.00", "450.00")),
]


@pytest.mark.parametrize(("total", "currency", "shares", "step", "parts"), SPLITS)
def test_installments_get_their_published_amounts_and_a_credit_note_mirrors_them(total, currency, shares, step, parts):
    money = Money.of(total, currency)
    expected = tuple(Money.of(part, currency) for part in parts)
    with decimal.localcontext(HOSTILE):
        assert money.split(shares, step=step) == expected
        assert (-money).split(shares, step=step) == tuple(-part for part in expected)


def test_the_remainder_goes_where_it_is_told():
    def split(amount, shares, remainder, step=1):
        return [part.minor for part in Money(amount, EUR).split(shares, remainder=remainder, step=step)]

    assert split(100, (1, 1, 1), "last") == [33, 33, 34]
    assert split(100, (1, 1, 1), "first") == [34, 33, 33]
    assert split(101, (1, 1, 1), "largest") == [34, 34, 33]
    assert split(100, (1, 2, 4), "largest") == [14, 29, 57]
    assert split(100, (1, 2, 4), "last") == [14, 28, 58]
    assert split(803, (1, 1, 1), "last", 5) == [265, 265, 273]
    assert split(803, (1, 1, 1), "first", 5) == [273, 265, 265]
    assert split(808, (1, 1, 1), "largest", 5) == [270, 270, 268]


def test_a_part_without_weight_gets_nothing_not_even_the_remainder():
    for remainder in ("last", "first", "largest"):
        parts = euro("1.00").split([0, 1, 1, 1, 0], remainder=remainder)
        assert parts[0].is_zero
        assert parts[4].is_zero
        assert Money.total(parts, "EUR") == euro("1.00")


def test_more_parts_than_cents_leave_no_part_negative():
    assert [part.minor for part in euro("0.02").split([1] * 4)] == [0, 0, 0, 2]
    assert [part.minor for part in euro("0.02").split([1] * 4, remainder="largest")] == [1, 1, 0, 0]


@given(moneys, weight_lists, st.sampled_from(["last", "first", "largest"]), steps)
def test_parts_always_add_up_and_stay_near_their_shares(money, shares, remainder, step):
    with decimal.localcontext(HOSTILE):
        parts = money.split(shares, remainder=remainder, step=step)
        mirror = (-money).split(iter(shares), remainder=remainder, step=step)
    assert Money.total(parts, money.currency) == money
    assert tuple(-part for part in mirror) == parts
    fractions = [Fraction(share) / sum(map(Fraction, shares)) * money.minor for share in shares]
    off = [abs(part.minor - fraction) >= step for part, fraction in zip(parts, fractions, strict=True)]
    assert sum(off) <= (0 if remainder == "largest" else 1)
    assert all(part.minor * money.minor >= 0 for part in parts)
    assert all(part.is_zero for part, share in zip(parts, shares, strict=True) if share == 0)


@given(moneys, weight_lists, steps)
def test_all_but_one_part_are_multiples_of_the_step(money, shares, step):
    assert sum(part.minor % step != 0 for part in money.split(shares, step=step)) <= 1


@pytest.mark.parametrize(
    ("shares", "error", "field"),
    [
        ([], InvalidValue, "weights"),
        ([0, 0], InvalidValue, "weights"),
        ([1, -1], InvalidValue, "weights[1]"),
        ([Decimal("-0.1")], InvalidValue, "weights[0]"),
        ([Decimal("NaN")], InvalidValue, "weights[0]"),
        ([1, 0.5], WrongType, "weights[1]"),
        ([True], WrongType, "weights[0]"),
        (["1"], WrongType, "weights[0]"),
        ([None], WrongType, "weights[0]"),
    ],
)
def test_weights_that_cannot_be_are_refused_by_place(shares, error, field):
    with pytest.raises(error) as caught:
        euro("1").split(shares)
    assert caught.value.field == field


def test_a_place_for_the_remainder_is_one_of_three():
    with pytest.raises(InvalidValue, match="remainder"):
        euro("1").split([1], remainder="middle")


# Exact numbers


def test_numbers_become_exact_fractions():
    assert exact("rate", "5.12") == Fraction(128, 25)
    assert exact("rate", Decimal("-1E+2")) == -100
    assert exact("rate", Fraction(1, 3)) == Fraction(1, 3)
    assert exact("rate", 7) == 7
    with pytest.raises(WrongType, match="rate"):
        exact("rate", 0.1)


@given(st.one_of(st.text(), st.integers(), st.decimals(), st.floats(), st.none(), st.booleans(), st.binary()))
def test_any_amount_at_all_gives_money_or_a_typed_error(amount):
    with decimal.localcontext(HOSTILE), contextlib.suppress(InvalidValue, WrongType):
        assert Fraction(Money.of(amount, "EUR").minor, 100) == Fraction(amount)
