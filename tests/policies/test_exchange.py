"""Exchange by hand-checked figures: conversions over 0, 2 and 3 decimals, realized differences, and which rate counts."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables.documents.exchange import Carrying, Conversion, ExchangeRate, Realized, Revaluation
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.policies.exchange import RATE_CODES, ExchangePolicy
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding

D = dt.date
MONDAY = D(2026, 3, 2)
EUR, USD = Currency.of("EUR"), Currency.of("USD")


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def usd(amount: str | int) -> Money:
    return Money.of(amount, "USD")


def rate(text: str, on: dt.date = MONDAY, base: str = "EUR", quote: str = "USD", source: str = "ECB") -> ExchangeRate:
    return ExchangeRate.of(base, quote, text, on=on, source=source)


@pytest.mark.parametrize(
    ("base", "quote", "text", "before", "after"),
    [
        ("EUR", "USD", "1.0850", "100.00 EUR", "108.50 USD"),
        ("EUR", "USD", "1.0850", "108.50 USD", "100.00 EUR"),
        ("USD", "JPY", "151.37", "1.00 USD", "151 JPY"),
        ("USD", "JPY", "151.37", "100000 JPY", "660.63 USD"),
        ("KWD", "EUR", "3.0123", "10.005 KWD", "30.14 EUR"),
        ("KWD", "EUR", "3.0123", "30.14 EUR", "10.006 KWD"),
        ("JPY", "KWD", "0.002042", "1500 JPY", "3.063 KWD"),
    ],
)
def test_an_amount_is_converted_in_either_direction_over_the_decimals_of_both(base, quote, text, before, after):
    amount, currency = before.split()
    assert str(rate(text, base=base, quote=quote).convert(Money.of(amount, currency))) == after


def test_the_rounding_of_a_conversion_is_named():
    third = rate("3")
    assert [str(third.convert(usd("100.00"), mode)) for mode in (Rounding.UP, Rounding.DOWN)] == [
        "33.34 EUR",
        "33.33 EUR",
    ]


def test_a_conversion_says_how_much_became_how_much_and_cannot_say_otherwise():
    conversion = Conversion.by(rate("1.0850"), "P-1", usd("108.50"), on=MONDAY)
    assert (conversion.source, conversion.before, conversion.after) == ("P-1", usd("108.50"), eur(100))
    with pytest.raises(InvalidValue) as caught:
        Conversion(source="P-1", before=usd("108.50"), after=eur("100.01"), rate=rate("1.0850"), on=MONDAY)
    assert caught.value.field == "conversion.after"


# What is realized

ITEM = Carrying(foreign=usd(1000), book=eur("920.00"))


def test_a_payment_in_full_releases_the_whole_carrying_amount():
    paid = ITEM.settle(usd(1000), rate("1.0850"))
    assert (paid.received, paid.released, paid.gain, paid.loss) == (eur("921.66"), eur(920), eur("1.66"), eur(0))
    assert paid.after == Carrying(foreign=usd(0), book=eur(0))
    worse = ITEM.settle(usd(1000), rate("1.10"))
    assert (worse.gain, worse.loss, worse.difference) == (eur(0), eur("10.91"), eur("-10.91"))


def test_the_last_part_releases_what_is_left():
    carrying, released = Carrying(foreign=usd(100), book=eur("100.00")), []
    for part in (usd("33.33"), usd("33.33"), usd("33.34")):
        realized = carrying.settle(part, rate("1"))
        released.append(realized.released)
        carrying = realized.after
    assert released == [eur("33.33"), eur("33.33"), eur("33.34")]
    assert carrying.book == eur(0)


def test_a_carrying_amount_of_a_cent_is_released_once():
    carrying, released = Carrying(foreign=Money.of(3, "JPY"), book=eur("0.01")), []
    for _ in range(3):
        realized = carrying.settle_for(Money.of(1, "JPY"), eur("0.01"))
        released.append(realized.released)
        carrying = realized.after
    assert Money.total(released, "EUR") == eur("0.01")


def test_a_bank_fee_is_no_part_of_the_exchange_difference():
    with_fee = ITEM.settle(usd(1000), rate("1.0850"), bank_fee=eur("6.66"))
    assert with_fee.difference == ITEM.settle(usd(1000), rate("1.0850")).difference
    assert with_fee.on_bank == eur(915)
    assert ITEM.settle(usd(1000), rate("1.0850")).on_bank == eur("921.66")


def test_two_carrying_amounts_meet_where_a_credit_pays_an_item():
    """A credit of 400 USD that stands for 360.00 EUR on an item of which 400 USD stand for 368.00 EUR: a loss of 8.00."""
    credit = Carrying(foreign=usd(400), book=eur(360))
    used = credit.settle_for(usd(400), eur(368))
    realized = ITEM.settle_for(usd(400), credit.book)
    assert (used.released, realized.released, realized.loss) == (eur(360), eur(368), eur(8))


def test_a_revaluation_leaves_the_carrying_amount_alone():
    closing = ITEM.revalue(rate("1.10", D(2026, 3, 31)))
    assert (closing.value, closing.difference) == (eur("909.09"), eur("-10.91"))
    assert closing.carrying is ITEM
    assert ITEM.settle(usd(1000), rate("1.0850")).gain == eur("1.66")


def test_an_item_is_carried_by_the_rate_of_its_day():
    assert Carrying.by(usd(1000), rate("1.0870")).book == eur("919.96")


# Which rate counts

RATES = (
    rate("1.08", D(2026, 2, 27)),
    rate("1.09", D(2026, 2, 26)),
    rate("1.50", D(2026, 3, 3)),
    rate("0.97", MONDAY, quote="CHF"),
    rate("1.20", MONDAY, source="a blog"),
)


def found(days: int, *sources: str, on: dt.date = MONDAY, rates=RATES):
    policy = ExchangePolicy(id="own", version=1, max_age_days=days, sources=sources)
    return policy.rate(rates, USD, EUR, on)


def test_the_last_rate_before_the_day_counts_and_never_one_of_a_later_day():
    assert found(3, "ECB").rate.rate == Decimal("1.08")
    assert found(0, "ECB", on=D(2026, 3, 3)).rate.rate == Decimal("1.50")


def test_a_rate_that_is_too_old_is_a_reason_and_so_is_none_at_all():
    assert str(found(2, "ECB").reason) == "rate_stale (3 days)"
    assert str(found(9, "ECB", on=D(2026, 2, 25)).reason) == "rate_missing"
    assert {found(2, "ECB").reason.code, found(9, rates=()).reason.code} == {code for code, _ in RATE_CODES}


def test_whose_rates_are_taken_is_a_setting():
    assert found(3).rate.source == "a blog"
    assert found(3, "ECB", "BoE").rate.source == "ECB"


def test_without_a_rate_nothing_is_converted():
    policy = ExchangePolicy(id="own", version=1)
    converted = policy.convert("P-1", usd(5), Currency.of("JPY"), RATES, MONDAY)
    assert (converted.conversion, converted.reason.code) == (None, "rate_missing")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: rate("0"), InvalidValue),
        (lambda: rate("-1"), InvalidValue),
        (lambda: rate("1", quote="EUR"), InvalidValue),
        (lambda: rate(1.085), WrongType),
        (lambda: rate("1.085").convert(Money.of(1, "CHF")), CurrencyMismatch),
        (lambda: ITEM.settle(usd("1000.01"), rate("1")), InvalidValue),
        (lambda: ITEM.settle(usd(0), rate("1")), InvalidValue),
        (lambda: ITEM.settle(eur(1), rate("1")), CurrencyMismatch),
        (lambda: ITEM.settle_for(usd(1), usd(1)), CurrencyMismatch),
        (lambda: ITEM.settle_for(usd(1), eur(1), bank_fee=eur(2)), InvalidValue),
        (lambda: Carrying(foreign=usd(0), book=eur(1)), InvalidValue),
        (lambda: Carrying(foreign=usd(-1), book=eur(1)), InvalidValue),
        (lambda: Conversion.by(rate("1.085"), "P-1", eur(0), on=MONDAY), InvalidValue),
        (lambda: Realized(part=usd(-1), released=eur(1), received=eur(1), after=ITEM), InvalidValue),
        (lambda: Realized(part=usd(1), released=usd(1), received=eur(1), after=ITEM), CurrencyMismatch),
        (lambda: Revaluation(carrying=ITEM, rate=rate("1"), value=usd(1)), CurrencyMismatch),
        (lambda: Realized(part=eur(1), released=eur(1), received=eur(1), after=ITEM), CurrencyMismatch),
    ],
)
def test_misuse_is_refused(call, error):
    with pytest.raises(error):
        call()
