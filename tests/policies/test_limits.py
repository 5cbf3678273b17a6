"""Which limit holds: own, inherited, increased, insured."""

import datetime as dt

import pytest

from receivables import CreditLimit, Currency, Customer, Money
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.policies.limits import LimitDefault, granted_on

EUR = Currency.of("EUR")
TODAY = dt.date(2026, 6, 30)
RETAIL = Customer(id="A", segment="retail")


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


def limit(amount: int | None, *, since: int = 100, lasts: int | None = None, kind: str = "base") -> CreditLimit:
    start = TODAY - dt.timedelta(days=since)
    end = None if lasts is None else start + dt.timedelta(days=lasts)
    money = None if amount is None else eur(amount)
    return CreditLimit(account="A", currency=EUR, amount=money, valid_from=start, valid_to=end, kind=kind)


def default(amount: int | None, segment: str | None = None) -> LimitDefault:
    return LimitDefault(currency=EUR, amount=None if amount is None else eur(amount), segment=segment)


def granted(*limits: CreditLimit, **more: object):
    found = granted_on(limits, EUR, TODAY, **{"customer": RETAIL, **more})
    return found.origin, None if found.limit is None else found.limit // 100


DEFAULTS = (default(1000), default(3000, "retail"), default(7000, "public"))


def test_an_own_limit_comes_first_and_zero_is_one():
    assert granted(limit(5000), defaults=DEFAULTS) == ("own", 5000)
    assert granted(limit(0), defaults=DEFAULTS) == ("own", 0)
    assert granted(limit(None), defaults=DEFAULTS) == ("own", None)


def test_an_expired_own_limit_inherits_nothing():
    assert granted(limit(5000, since=50, lasts=10), defaults=DEFAULTS) == ("own", 0)


def test_the_segment_comes_before_the_company():
    assert granted(defaults=DEFAULTS) == ("segment", 3000)
    assert granted(defaults=DEFAULTS, customer=Customer(id="A")) == ("company", 1000)
    assert granted(defaults=DEFAULTS[1:], customer=Customer(id="A")) == ("none", None)


def test_the_group_comes_before_the_defaults():
    assert granted(defaults=DEFAULTS, by_group=True) == ("group", None)


def test_a_default_can_be_unlimited_or_zero():
    assert granted(defaults=(default(None),)) == ("company", None)
    assert granted(defaults=(default(0),)) == ("company", 0)


def test_an_increase_adds_to_what_is_inherited_and_is_no_limit_by_itself():
    more = limit(50, since=1, kind="temporary")
    assert granted(more, defaults=DEFAULTS) == ("segment", 3050)
    assert granted(more) == ("none", None)
    assert granted(limit(None, since=1, kind="temporary"), defaults=DEFAULTS) == ("segment", None)


@pytest.mark.parametrize(
    ("limits", "raises", "amount", "own_risk"),
    [
        ([limit(50), limit(25, kind="insured")], True, 50, 25),
        ([limit(50), limit(80, kind="insured")], True, 80, 0),
        ([limit(50), limit(80, kind="insured")], False, 50, 0),
        ([limit(50), limit(None, kind="insured")], True, None, 0),
        ([limit(50), limit(80, since=9, lasts=8, kind="insured")], True, 50, 50),
        ([limit(None), limit(80, kind="insured")], True, None, None),
        ([limit(50), limit(10, since=20, kind="insured"), limit(30, since=10, kind="insured")], True, 50, 20),
    ],
)
def test_what_is_above_the_insured_part_is_the_own_risk(limits, raises, amount, own_risk):
    found = granted_on(tuple(limits), EUR, TODAY, insured_raises=raises)
    shown = [None if each is None else each // 100 for each in (found.limit, found.own_risk)]
    assert shown == [amount, own_risk]


def test_what_is_insured_raises_neither_an_expired_limit_nor_none():
    insured = limit(80, kind="insured")
    assert granted(limit(50, since=20, lasts=5), insured, insured_raises=True) == ("own", 0)
    assert granted(insured, insured_raises=True) == ("none", None)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"currency": "EUR"}, WrongType),
        ({"amount": eur(-1)}, InvalidValue),
        ({"amount": Money.of(1, "USD")}, CurrencyMismatch),
        ({"amount": 5}, WrongType),
        ({"segment": 5}, WrongType),
    ],
)
def test_a_default_that_cannot_be_is_refused_by_field(fields, error):
    with pytest.raises(error):
        LimitDefault(**{"currency": EUR, "amount": eur(1), **fields})
