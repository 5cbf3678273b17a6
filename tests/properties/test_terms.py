"""What holds for all payment terms: exact sums, round trips, dates that do not run backward, no hidden environment."""

import datetime as dt
import decimal
import os
import pickle
import time
from decimal import Decimal

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from receivables.documents.discounts import (
    Discount,
    DiscountBase,
    DiscountRules,
    PartPayments,
    cost_of_forgoing,
    settle,
)
from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import (
    BusinessDay,
    BusinessDays,
    DayOfMonth,
    Days,
    EndOf,
    HostRule,
    Months,
    OnDate,
    Postponed,
    StartOf,
    Step,
    Unit,
    Weekday,
    Weeks,
)
from receivables.documents.payment_days import Band, Bands, Closing, CutOff, PaymentDay, PeriodStart
from receivables.documents.schedule import Schedule
from receivables.documents.shares import Division, Excess, LastPart, Share
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.documents.terms_reading import Dialect
from receivables.errors import CurrencyMismatch, InvalidValue, NotUnderstood, ReceivablesError
from receivables.values.dates import FixedCalendar, MonthClamp, Roll
from receivables.values.money import Money, Rounding

pytestmark = pytest.mark.own_decimals

dates = st.dates(min_value=dt.date(2019, 1, 1), max_value=dt.date(2040, 12, 31))
days_of_month = st.integers(1, 31)
day_lists = st.sets(days_of_month, min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
flags = st.booleans()
words = st.sampled_from(["weekends", "DE", "US-NY"])
percents = st.decimals(0, 100, places=2)

# Rules under which a later invoice never falls due earlier.
monotone = st.one_of(
    st.builds(Days, count=st.integers(-90, 400)),
    st.builds(Days, count=st.integers(1, 400), inclusive=st.just(True)),
    st.builds(Weeks, count=st.integers(-10, 50)),
    st.builds(Months, count=st.integers(-12, 24), clamp=st.sampled_from([MonthClamp.CLAMP, MonthClamp.STICK])),
    st.builds(BusinessDays, count=st.integers(0, 30), calendar=words),
    st.builds(EndOf, unit=st.sampled_from(Unit)),
    st.builds(StartOf, unit=st.sampled_from(Unit)),
    st.builds(DayOfMonth, day=days_of_month, months_ahead=st.integers(0, 3)),
    st.builds(PaymentDay, days=day_lists, backward=flags, strict=flags),
    st.builds(PaymentDay, days=day_lists, calendar=words),
    st.builds(Closing, day=days_of_month),
    st.builds(CutOff, day=days_of_month),
    st.builds(PeriodStart, days=day_lists, following=flags),
    st.builds(Weekday, weekday=st.integers(0, 6), backward=flags, strict=flags),
    st.builds(OnDate, date=dates),
    st.builds(BusinessDay, roll=st.sampled_from(Roll), calendar=words),
)
bands = st.sets(days_of_month, max_size=3).flatmap(
    lambda edges: st.tuples(
        *(st.builds(Band, through=st.just(edge), day=days_of_month, months_ahead=st.integers(0, 2)) for edge in sorted(edges | {31}))
    )
)  # fmt: skip
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12).map(lambda t: f"x {t}")
others = st.one_of(
    st.builds(Months, count=st.integers(-12, 24), clamp=st.just(MonthClamp.SPILL)),
    st.builds(PaymentDay, days=day_lists, strict=flags, most_days=st.integers(0, 90)),
    st.builds(Bands, bands=bands),
    st.builds(Postponed, table=dates.map(lambda day: ((day, day + dt.timedelta(3)),))),
    st.builds(HostRule, name=names),
)
steps = st.one_of(monotone, others)
baselines = st.sampled_from(["invoice", "receipt", "delivery", "advance", "letter of credit", "bill_of_lading"])
rules = st.builds(DueRule, baseline=baselines, steps=st.lists(steps, max_size=4).map(tuple))
discounts = st.one_of(
    st.builds(Discount, percent=percents, due=rules, grace_days=st.integers(0, 9), base=st.sampled_from(DiscountBase)),
    st.builds(Discount, amount=st.integers(1, 9999).map(lambda minor: Money.from_minor(minor, "EUR")), due=rules),
)


def share_lists() -> st.SearchStrategy[list[Share]]:
    """Shares that can add up."""
    heads = st.lists(
        st.one_of(
            st.decimals(0, 20, places=2).map(Share.percent),
            st.decimals(0, 20, places=2).map(Share.percent_of_net),
            percents.map(Share.percent_of_rest),
            st.integers(1, 9999).map(lambda minor: Share.fixed(Money.from_minor(minor, "EUR"))),
        ),
        max_size=4,
    )
    tails = st.one_of(
        st.just([Share.balance()]), st.lists(st.integers(1, 9).map(Share.weighted), min_size=1, max_size=5)
    )
    return st.builds(lambda head, tail: [*head, *tail], heads, tails)


def percent_lists() -> st.SearchStrategy[list[Share]]:
    """Percentages that reach 100 without a balance."""
    cuts = st.lists(st.integers(0, 10_000), max_size=6).map(sorted)
    return cuts.map(
        lambda edges: [
            Share.percent(Decimal(after - before).scaleb(-2))
            for before, after in zip([0, *edges], [*edges, 10_000], strict=True)
        ]
    )


divisions = st.builds(
    Division,
    excess=st.sampled_from(Excess),
    last=st.just(LastPart.RESIDUAL),
    remainder=st.sampled_from(["first", "last"]),
    rounding=st.sampled_from(Rounding),
    step=st.sampled_from([1, 5, 100]),
)


@st.composite
def all_terms(draw: st.DrawFn) -> PaymentTerms:
    """Any terms."""
    shares = draw(st.one_of(share_lists(), percent_lists()))
    part_names = draw(
        st.lists(st.none() | names, min_size=len(shares), max_size=len(shares), unique_by=lambda n: n or object())
    )
    parts = tuple(
        Part(share=share, due=draw(rules), discounts=tuple(draw(st.lists(discounts, max_size=2))), name=name)
        for share, name in zip(shares, part_names, strict=True)
    )  # fmt: skip
    return PaymentTerms(parts=parts, sequential=draw(flags), division=draw(divisions))


CALENDARS = {"DE": FixedCalendar(holidays={dt.date(2026, 5, 14)}), "US-NY": FixedCalendar(weekend={4, 5, 6})}
EVERYWHERE = {"calendars": CALENDARS}
totals = st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "KWD"]))


# Notation


@given(all_terms())
def test_the_notation_is_read_back_as_the_same_terms(terms: PaymentTerms) -> None:
    assert PaymentTerms.parse(str(terms)) == terms
    assert pickle.loads(pickle.dumps(terms)) == terms


@given(rules)
def test_a_single_rule_is_read_back_as_the_same_rule(rule: DueRule) -> None:
    terms = PaymentTerms(parts=(Part(due=rule),))
    assert PaymentTerms.parse(str(terms)) == terms


@given(st.text(max_size=60), st.sampled_from(Dialect))
def test_any_text_is_read_or_refused(text: str, dialect: Dialect) -> None:
    try:
        terms = PaymentTerms.parse(text, dialect)
    except ReceivablesError as error:
        place = error.position if isinstance(error, NotUnderstood) else 0
    else:
        place, again = 0, PaymentTerms.parse(str(terms))
        assert again == terms
    assert 0 <= place <= len(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "2/10",
                "net",
                "30",
                "days",
                "EOM",
                "then",
                ",",
                ";",
                "%",
                "30",
                "balance",
                "until",
                "ROG",
                "next",
                "5",
                "on",
                "grace",
            ]
        ),
        max_size=9,
    )
)
def test_any_heap_of_words_is_read_or_refused(heap: list[str]) -> None:
    text = " ".join(heap)
    try:
        terms = PaymentTerms.parse(text)
    except ReceivablesError:
        return
    assert PaymentTerms.parse(str(terms)) == terms


# Sums


@given(st.one_of(share_lists(), percent_lists()), divisions, totals, st.integers(0, 10**9))
def test_installments_add_up_to_the_total(
    shares: list[Share], division: Division, total: tuple[int, str], net: int
) -> None:
    amount, largest = Money.from_minor(*total), attrs.evolve(division, remainder="largest")
    for how in (division, largest) if any(share.takes_rest for share in shares) else (division,):
        terms = PaymentTerms(parts=tuple(Part(share=share) for share in shares), division=how)
        try:
            schedule = terms.resolve(dt.date(2026, 1, 31), amount, net=Money.from_minor(net, total[1]))
        except InvalidValue:
            assert how.excess is Excess.REFUSE
        except CurrencyMismatch:
            assert total[1] != "EUR"
        else:
            assert schedule.total == amount


@given(percent_lists(), divisions, totals)
def test_a_credit_note_is_the_mirror_image(shares: list[Share], division: Division, total: tuple[int, str]) -> None:
    assume(division.rounding not in (Rounding.FLOOR, Rounding.CEILING))
    terms = PaymentTerms(parts=tuple(Part(share=share) for share in shares), division=division)
    amount, day = Money.from_minor(*total), dt.date(2026, 1, 31)
    plus, minus = (terms.resolve(day, money).installments for money in (amount, -amount))
    assert [part.amount for part in plus] == [-part.amount for part in minus]


@given(percent_lists(), totals)
def test_only_the_part_with_the_remainder_is_further_than_a_unit_from_its_share(
    shares: list[Share], total: tuple[int, str]
) -> None:
    amount = abs(Money.from_minor(*total))
    parts = amount.split([share.value or 0 for share in shares])
    terms = PaymentTerms(parts=tuple(Part(share=share) for share in shares))
    resolved = terms.resolve(dt.date(2026, 1, 31), amount).installments
    assume(len(resolved) == len(shares) and all(part.minor > len(parts) for part in parts))
    for share, part in list(zip(shares, resolved, strict=True))[:-1]:
        exact = amount.minor * (share.value or Decimal(0)) / 100
        assert abs(part.amount.minor - exact) < 1


# Dates


@given(st.lists(monotone, max_size=4), dates, dates)
def test_a_later_invoice_is_never_due_earlier(chain: list[Step], first: dt.date, second: dt.date) -> None:
    terms = PaymentTerms.of(*chain)
    amount = Money.of(1, "EUR")
    early, late = sorted((first, second))
    due = [terms.resolve(day, amount, **EVERYWHERE).due_dates[0] for day in (early, late)]
    assert due[0] <= due[1]  # type: ignore[operator]


@given(st.integers(0, 400), dates)
def test_net_days_are_never_due_before_the_invoice(days: int, issued_on: dt.date) -> None:
    terms, amount = PaymentTerms.net(days), Money.of(1, "EUR")
    slow = PaymentTerms.of(Days(count=days), Days(count=0))
    assert terms.resolve(issued_on, amount) == slow.resolve(issued_on, amount)
    assert terms.resolve(issued_on, amount).due_dates == (issued_on + dt.timedelta(days),)


@given(st.integers(1, 12), st.integers(1, 12), dates)
def test_months_count_from_the_anchor_and_not_from_the_part_before(count: int, gap: int, issued_on: dt.date) -> None:
    terms = PaymentTerms.installments(count, every=Months(count=gap))
    due = terms.resolve(issued_on, Money.of(100, "EUR")).due_dates
    alone = [
        PaymentTerms.of(Months(count=gap * n)).resolve(issued_on, Money.of(1, "EUR")).due_dates[0]
        for n in range(1, count + 1)
    ]
    assert list(due) == alone


# Discounts

payments = st.integers(0, 120_000)


@given(payments, dates, percents, st.integers(0, 500), st.sampled_from(PartPayments), flags, flags)
def test_a_payment_is_explained_without_a_rest(
    paid: int, on: dt.date, percent: Decimal, tolerance: int, part: PartPayments, late: bool, unclaimed: bool
) -> None:
    terms = PaymentTerms.net(30).with_discount(percent, Days(count=10), grace_days=3)
    installment = terms.resolve(dt.date(2030, 1, 1), Money.of(1000, "EUR")).installments[0]
    assume(not installment.discounts or installment.discounts[0].amount < installment.amount)
    limit = Money.from_minor(tolerance, "EUR")
    how = DiscountRules(part_payments=part, tolerance=limit, late_allowed=late, unclaimed_granted=unclaimed)
    money = Money.from_minor(paid, "EUR")
    outcome = settle(installment, money, on, rules=how)
    explained = money + outcome.discount + outcome.tolerance + outcome.open - outcome.left_on_payment
    assert explained == installment.amount
    assert abs(outcome.tolerance) <= limit
    assert not outcome.open.is_negative
    assert not outcome.discount.is_negative


# The environment


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("precision", [2, 50])
def test_no_time_zone_and_no_decimal_context_changes_an_answer(zone: str, precision: int) -> None:
    def answer() -> tuple[Schedule, str, Decimal]:
        terms = PaymentTerms.parse("33.33%: 2.125/10 net 30; 33.33%: EOM; balance: 1 month then EOM")
        schedule = terms.resolve(dt.date(2028, 1, 31), Money.of("98765432.19", "EUR"))
        return schedule, str(terms), cost_of_forgoing("2.125", 20, compounded=True, places=6)

    expected, before = answer(), os.environ.get("TZ")
    traps = [decimal.Inexact, decimal.Rounded]
    try:
        os.environ["TZ"] = zone
        time.tzset()
        with decimal.localcontext(decimal.Context(prec=precision, rounding=decimal.ROUND_UP, traps=traps)):
            assert answer() == expected
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
