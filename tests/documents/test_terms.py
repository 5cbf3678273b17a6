"""Payment terms resolved to schedules: dates, amounts, awaited baselines, sequences, refusals."""

import copy
import datetime as dt
import pickle
from decimal import Decimal

import attrs
import pytest

from receivables.documents.discounts import Discount, DiscountBase
from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import Days, EndOf, HostRule, Months
from receivables.documents.schedule import DiscountWindow, Installment, Schedule
from receivables.documents.shares import Division, Excess, LastPart, Share, apportion_twice
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.documents.terms_reading import Dialect
from receivables.errors import CurrencyMismatch, InvalidValue, ReceivablesError, UnknownId, WrongType
from receivables.values.dates import FixedCalendar, Roll
from receivables.values.money import Money, Rounding

D = dt.date
ISSUED = D(2026, 5, 4)
TOTAL = Money.of("1200.00", "EUR")
NET = Money.of("1000.00", "EUR")
GERMAN = FixedCalendar(holidays={D(2026, 5, 14)})


def due(terms: PaymentTerms, issued_on: dt.date = ISSUED) -> list[dt.date | None]:
    return list(terms.resolve(issued_on, TOTAL).due_dates)


def amounts(terms: PaymentTerms, total: Money = TOTAL, net: Money | None = None) -> list[str]:
    return [str(part.amount.amount) for part in terms.resolve(ISSUED, total, net=net).installments]


def parts(*shares: Share) -> tuple[Part, ...]:
    return tuple(Part(share=share) for share in shares)


# Ways to say terms


def test_the_factories_say_what_their_names_say() -> None:
    assert due(PaymentTerms.net(30)) == [D(2026, 6, 3)]
    assert due(PaymentTerms.immediate()) == [ISSUED]
    assert due(PaymentTerms.on(D(2026, 1, 1))) == [D(2026, 1, 1)]
    assert due(PaymentTerms.end_of_month(10)) == [D(2026, 6, 10)]
    assert due(PaymentTerms.end_of_month(months=1)) == [D(2026, 6, 30)]
    assert due(PaymentTerms.proximo(10)) == [D(2026, 6, 10)]
    assert due(PaymentTerms.proximo(10, cut_off=3)) == [D(2026, 7, 10)]
    assert due(PaymentTerms.closing(25)) == [D(2026, 6, 30)]
    assert due(PaymentTerms.cash_in_advance()) == [ISSUED]
    assert due(PaymentTerms.cash_on_delivery()) == [None]
    assert due(PaymentTerms.installments(2, every=Days(count=10), first=0)) == [ISSUED, D(2026, 5, 14)]


def test_a_due_date_before_the_invoice_date_is_legal_but_negative_net_days_are_a_slip() -> None:
    assert due(PaymentTerms.of(Days(count=-7))) == [D(2026, 4, 27)]
    with pytest.raises(InvalidValue, match=r"terms\.days: must be at least 0, got -7"):
        PaymentTerms.net(-7)


def test_terms_are_values() -> None:
    terms = PaymentTerms.parse("2/10, 1/20, net 60")
    again = pickle.loads(pickle.dumps(terms))
    assert again == terms
    assert hash(again) == hash(terms)
    assert copy.deepcopy(terms) == terms
    assert terms.plain_days is None
    assert pickle.loads(pickle.dumps(PaymentTerms.net(30))).plain_days == 30
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        terms.sequential = True  # type: ignore[misc]


def test_the_first_terms_that_are_there_win() -> None:
    net30, net60 = PaymentTerms.net(30), PaymentTerms.net(60)
    assert PaymentTerms.first_of(None, net60, net30) is net60
    with pytest.raises(InvalidValue, match="must be given"):
        PaymentTerms.first_of(None, None)


# Dates


def test_terms_in_a_sequence_count_from_the_part_before() -> None:
    terms = PaymentTerms.parse("in sequence: 50%: next 15,20; balance: next 5,10")
    assert due(terms, D(2020, 1, 1)) == [D(2020, 1, 15), D(2020, 2, 5)]
    assert due(terms, D(2020, 1, 25)) == [D(2020, 2, 15), D(2020, 3, 5)]


def test_a_sequence_waits_as_a_whole_for_its_first_date() -> None:
    terms = PaymentTerms.parse("in sequence: 50%: net 10 ROG; balance: 2% until 5 days, 10 days")
    schedule = terms.resolve(ISSUED, TOTAL)
    assert schedule.due_dates == (None, None)
    assert schedule.awaited == {"receipt"}
    dated = terms.date_awaited(schedule, ISSUED, dates={"receipt": D(2026, 5, 20)})
    assert dated.due_dates == (D(2026, 5, 30), D(2026, 6, 9))
    assert dated.installments[1].discounts[0].until == D(2026, 6, 4)


def test_dates_that_are_known_stay_when_others_come() -> None:
    terms = PaymentTerms.parse("30%: 10 days then roll following DE; balance: net 30 ROG")
    schedule = terms.resolve(ISSUED, TOTAL, calendars={"DE": GERMAN})
    assert schedule.due_dates == (D(2026, 5, 15), None)
    assert schedule.final_due_on is None
    tomorrow = FixedCalendar()
    dated = terms.date_awaited(schedule, ISSUED, dates={"receipt": D(2026, 5, 6)}, calendars={"DE": tomorrow})
    assert dated.due_dates == (D(2026, 5, 15), D(2026, 6, 5))
    assert dated.final_due_on == D(2026, 6, 5)
    assert dated.total == TOTAL


def test_a_discount_can_wait_while_the_due_date_is_known() -> None:
    terms = PaymentTerms.parse("2% until 10 days from receipt, net 30")
    part = terms.resolve(ISSUED, TOTAL).installments[0]
    assert part.due_on == D(2026, 6, 3)
    assert part.discounts[0].until is None
    assert part.discounts[0].baseline == "receipt"


def test_a_host_gives_its_own_rules_and_calendars_by_name() -> None:
    terms = PaymentTerms.of(HostRule(name="fiscal end")).rolled(Roll.FOLLOWING, "DE")
    rules = {"fiscal end": lambda day: D(day.year, 5, 14)}
    schedule = terms.resolve(ISSUED, TOTAL, rules=rules, calendars={"DE": GERMAN})
    assert schedule.due_dates == (D(2026, 5, 15),)
    with pytest.raises(UnknownId):
        terms.resolve(ISSUED, TOTAL)


def test_rolling_moves_the_discount_as_well() -> None:
    terms = PaymentTerms.parse("2/10 net 30").rolled(Roll.FOLLOWING, "DE")
    part = terms.resolve(ISSUED, TOTAL, calendars={"DE": GERMAN}).installments[0]
    assert part.discounts[0].until == D(2026, 5, 15)


# Amounts


@pytest.mark.parametrize(
    ("total", "shares", "expected"),
    [
        (Money.of(100000, "JPY"), [Share.weighted(1)] * 3, ["33333", "33333", "33334"]),
        (Money.of(-100000, "JPY"), [Share.weighted(1)] * 3, ["-33333", "-33333", "-33334"]),
        (Money.of("100.000", "KWD"), [Share.weighted(1)] * 3, ["33.333", "33.333", "33.334"]),
        (
            Money.of("5.47", "EUR"),
            [Share.percent("33.34"), Share.percent("33.33"), Share.percent("33.33")],
            ["1.82", "1.82", "1.83"],
        ),
        (Money.of("102.30", "EUR"), [Share.percent(25)] * 4, ["25.58", "25.58", "25.58", "25.56"]),
        (Money.of("-102.30", "EUR"), [Share.percent(25)] * 4, ["-25.58", "-25.58", "-25.58", "-25.56"]),
        (Money.of("0.02", "EUR"), [Share.percent(25)] * 4, ["0.01", "0.01"]),
        (
            Money.of(1000, "EUR"),
            [Share.percent(50), Share.fixed(Money.of(50, "EUR")), Share.balance()],
            ["500.00", "50.00", "450.00"],
        ),
        (Money.of(1000, "EUR"), [Share.percent(100), Share.balance()], ["1000.00"]),
        (Money.of(1000, "EUR"), [Share.percent(30), Share.percent_of_rest(100)], ["300.00", "700.00"]),
        (Money.zero("EUR"), [Share.percent(50), Share.balance()], ["0.00"]),
    ],
)
def test_parts_add_up_whatever_the_decimals_and_the_sign(
    total: Money, shares: list[Share], expected: list[str]
) -> None:
    assert amounts(PaymentTerms(parts=parts(*shares)), total) == expected


def test_the_remainder_goes_where_it_is_told() -> None:
    third = Share.percent("33.33")
    shares = parts(Share.percent("33.34"), third, third)
    total = Money.of("10.00", "EUR")
    assert amounts(PaymentTerms(parts=shares), total) == ["3.33", "3.33", "3.34"]
    assert amounts(PaymentTerms(parts=shares, division=Division(remainder="first")), total) == ["3.34", "3.33", "3.33"]
    largest = PaymentTerms(parts=shares, division=Division(remainder="largest"))
    assert amounts(largest, total) == ["3.34", "3.33", "3.33"]
    deposit = parts(Share.percent(50), *[Share.weighted(1)] * 3)
    rest_by_largest = PaymentTerms(parts=deposit, division=Division(remainder="largest"))
    assert amounts(rest_by_largest, total) == ["5.00", "1.67", "1.67", "1.66"]


def test_cash_steps_leave_the_total_whole() -> None:
    thirds = PaymentTerms(parts=parts(*[Share.weighted(1)] * 3), division=Division(step=5))
    assert amounts(thirds, Money.of("8.00", "CHF")) == ["2.65", "2.65", "2.70"]


@pytest.mark.parametrize(
    ("excess", "expected"), [(Excess.CAP, ["700.00", "300.00"]), (Excess.NEGATIVE, ["700.00", "500.00", "-200.00"])]
)
def test_a_fixed_part_that_exceeds_what_is_left_is_capped_or_taken_back(excess: Excess, expected: list[str]) -> None:
    shares = parts(Share.percent(70), Share.fixed(Money.of(500, "EUR")), Share.percent(30))
    terms = PaymentTerms(parts=shares, division=Division(excess=excess))
    assert amounts(terms, Money.of(1000, "EUR")) == expected


def test_a_fixed_part_that_exceeds_what_is_left_is_refused_by_default() -> None:
    terms = PaymentTerms(parts=parts(Share.fixed(Money.of(500, "EUR")), Share.balance()))
    with pytest.raises(InvalidValue, match=r"terms\.parts: must not exceed the 40000 minor units"):
        terms.resolve(ISSUED, Money.of(400, "EUR"))
    over = PaymentTerms(parts=parts(Share.fixed(Money.of(500, "EUR")), Share.percent(70), Share.balance()))
    with pytest.raises(InvalidValue, match="70%"):
        over.resolve(ISSUED, Money.of(1000, "EUR"))


def test_two_currencies_both_add_up() -> None:
    shares = [Share.fixed(Money.of("100.00", "USD")), Share.percent(50), Share.balance()]
    total, other = Money.of("868.35", "USD"), Money.of(130253, "JPY")
    up = Division(step=5, rounding=Rounding.UP)
    dollars, yen = apportion_twice(shares, total, other, rate=Decimal("150.00"), division=up)
    assert [str(part.amount) for part in dollars] == ["100.00", "434.20", "334.15"]
    assert [str(part.amount) for part in yen] == ["15000", "65130", "50123"]
    nothing = apportion_twice([Share.balance()], Money.zero("USD"), Money.zero("EUR"))
    assert nothing == ((Money.zero("USD"),), (Money.zero("EUR"),))


def test_percentages_of_the_net_leave_the_tax_with_the_balance() -> None:
    shares = parts(Share.percent_of_net(10), Share.percent_of_net(40), Share.balance())
    assert amounts(PaymentTerms(parts=shares), Money.of(1100, "EUR"), NET) == ["100.00", "400.00", "600.00"]
    with pytest.raises(InvalidValue, match=r"terms\.net"):
        PaymentTerms(parts=shares).resolve(ISSUED, TOTAL)


def test_a_fixed_part_in_another_currency_is_refused() -> None:
    terms = PaymentTerms(parts=parts(Share.fixed(Money.of(1, "USD")), Share.balance()))
    with pytest.raises(CurrencyMismatch):
        terms.resolve(ISSUED, TOTAL)


# Discounts in the schedule


def test_the_schedule_freezes_dates_amounts_and_grace() -> None:
    terms = PaymentTerms.parse("2/10 grace 2, net 30")
    window = terms.resolve(ISSUED, TOTAL).installments[0].discounts[0]
    assert window == DiscountWindow(
        until=D(2026, 5, 14),
        percent=Decimal(2),
        amount=Money.of(24, "EUR"),
        grace_until=D(2026, 5, 16),
        base=TOTAL,
    )


def test_a_discount_on_the_net_leaves_the_tax_alone() -> None:
    terms = PaymentTerms.net(30).with_discount(10, Days(count=10), base=DiscountBase.NET)
    window = terms.resolve(ISSUED, TOTAL, net=NET).installments[0].discounts[0]
    assert window.amount == Money.of(100, "EUR")
    with pytest.raises(InvalidValue, match=r"terms\.net"):
        terms.resolve(ISSUED, TOTAL)


def test_zero_percent_is_no_discount_and_a_flat_one_is_at_most_the_part() -> None:
    assert not PaymentTerms.parse("0/10 net 30").resolve(ISSUED, TOTAL).installments[0].discounts
    flat = PaymentTerms.parse("50 EUR until 10 days, net 30")
    assert flat.resolve(ISSUED, TOTAL).installments[0].discounts[0].amount == Money.of(50, "EUR")
    assert flat.resolve(ISSUED, Money.of(20, "EUR")).installments[0].discounts[0].amount == Money.of(20, "EUR")
    assert flat.resolve(ISSUED, -TOTAL).installments[0].discounts[0].amount == Money.of(-50, "EUR")


# In words


def test_explain_gives_one_sentence_per_step() -> None:
    terms = PaymentTerms.parse("'deposit' 30%: 2/10 grace 3, net 30; balance: net 60 ROG")
    assert terms.explain(ISSUED, TOTAL) == (
        "deposit: 360.00 EUR is due:",
        "counted from the invoice date: 2026-05-04",
        "30 days later: 2026-06-03",
        "discount of 2% grace 3 until:",
        "counted from the invoice date: 2026-05-04",
        "10 days later: 2026-05-14",
        "days of grace: 3, to 2026-05-17",
        "840.00 EUR is due:",
        "not known before there is a date of 'receipt'",
    )
    waiting = PaymentTerms.parse("2/10 grace 3, net 30 ROG")
    assert waiting.explain(ISSUED, TOTAL)[-1] == "not known before there is a date of 'receipt'"
    sequence = PaymentTerms.parse("in sequence: 50%: net 10; balance: net 10")
    assert "counted from the date of the part before: 2026-05-14" in sequence.explain(ISSUED, TOTAL)


def test_a_schedule_reads_as_a_sentence() -> None:
    terms = PaymentTerms.parse("50%: 2/10 net 30; balance: net 60 ROG")
    assert str(terms.resolve(ISSUED, TOTAL)) == (
        "600.00 EUR due 2026-06-03, less 12.00 EUR until 2026-05-14; 600.00 EUR due when known: receipt"
    )


# Refusals

PERCENT = Share.percent


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: PaymentTerms(parts=()), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(PERCENT(60), PERCENT(60))), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(PERCENT(60), PERCENT(60), Share.balance())), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(PERCENT(50))), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(Share.balance(), Share.balance())), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(Share.balance(), Share.weighted(1))), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(Share.fixed(TOTAL))), "terms.parts"),
        (lambda: PaymentTerms(parts=(Part(),) * 1201), "terms.parts"),
        (lambda: PaymentTerms(parts=parts(PERCENT(100)), division=Division(last=LastPart.BALANCE)), "terms.parts"),
        (
            lambda: PaymentTerms(parts=(Part(share=PERCENT(50), name="a"), Part(share=PERCENT(50), name="a"))),
            "terms.parts",
        ),
        (
            lambda: PaymentTerms(
                parts=parts(Share.percent_of_rest(50), Share.percent_of_rest(100)),
                division=Division(remainder="largest"),
            ),
            "division.remainder",
        ),
        (lambda: PaymentTerms(parts=[Part()]), "terms.parts"),  # type: ignore[arg-type]
        (lambda: PaymentTerms(sequential=1), "terms.sequential"),  # type: ignore[arg-type]
        (lambda: Division(remainder="middle"), "division.remainder"),  # type: ignore[arg-type]
        (lambda: Division(step=0), "division.step"),
        (lambda: PERCENT(101), "share.percent"),
        (lambda: PERCENT("-1"), "share.percent"),
        (lambda: PERCENT("NaN"), "share.percent"),
        (lambda: PERCENT(Decimal("NaN")), "share.percent"),
        (lambda: PERCENT(0.5), "share.percent"),  # type: ignore[arg-type]
        (lambda: Share.fixed(-TOTAL), "share.amount"),
        (lambda: Share.weighted(0), "share.weight"),
        (lambda: attrs.evolve(PERCENT(5), weight=1), "share"),
        (lambda: Part(name="it's"), "part.name"),
        (lambda: Part(discounts=(Discount.of(1, Days(count=1)),) * 21), "part.discounts"),
        (lambda: Discount(percent=Decimal(1), amount=TOTAL, due=DueRule()), "discount.percent"),
        (lambda: Discount(percent=1, due=DueRule()), "discount.percent"),  # type: ignore[arg-type]
        (lambda: Discount(amount=-TOTAL, due=DueRule()), "discount.amount"),
        (lambda: Discount.of(1, grace_days=-1), "discount.grace_days"),
        (lambda: PaymentTerms.net(30).resolve(dt.datetime(2026, 1, 1), TOTAL), "terms.issued_on"),
        (lambda: PaymentTerms.parse("EOM").resolve(dt.datetime(2026, 1, 1), TOTAL), "terms.issued_on"),
        (lambda: PaymentTerms.parse("EOM").resolve(ISSUED, 5), "terms.total"),  # type: ignore[arg-type]
        (lambda: PaymentTerms.net(30).resolve(ISSUED, 5), "installment.amount"),  # type: ignore[arg-type]
        (lambda: PaymentTerms.parse("COD").resolve(ISSUED, TOTAL, dates={"delivery": None}), "terms.dates['delivery']"),  # type: ignore[dict-item]
        (lambda: PaymentTerms.net(30).resolve(D(9999, 12, 31), TOTAL), "date"),
        (lambda: PaymentTerms.installments(0, every=Months(count=1)), "terms.count"),
        (lambda: PaymentTerms.parse("2/10 net 30").write(Dialect.DATE_FORMULA), "terms"),
        (lambda: Schedule(installments=()), "schedule.installments"),
        (lambda: Schedule(installments=[]), "schedule.installments"),  # type: ignore[arg-type]
        (lambda: Installment(amount=TOTAL), "installment.due_on"),
        (lambda: Installment(amount=TOTAL, due_on=ISSUED, baseline="receipt"), "installment.due_on"),
        (lambda: Installment(amount=TOTAL, due_on=dt.datetime(2026, 1, 1)), "installment.due_on"),
        (lambda: Installment(amount=TOTAL, due_on=ISSUED, name=""), "installment.name"),
        (lambda: Installment(amount=TOTAL, due_on=ISSUED, discounts=(1,)), "installment.discounts[0]"),  # type: ignore[arg-type]
        (
            lambda: Installment(amount=NET, due_on=ISSUED, discounts=(DiscountWindow(until=ISSUED, amount=TOTAL),)),
            "installment.discounts",
        ),
        (lambda: DiscountWindow(amount=TOTAL), "discount.until"),
        (lambda: DiscountWindow(until=ISSUED, amount=TOTAL, grace_until=D(2026, 5, 3)), "discount.grace_until"),
        (lambda: DiscountWindow(baseline="receipt", amount=TOTAL, grace_until=ISSUED), "discount.grace_until"),
        (lambda: DiscountWindow(until=ISSUED, amount=TOTAL, percent=Decimal(101)), "discount.percent"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(make: object, field: str) -> None:
    with pytest.raises((InvalidValue, WrongType)) as caught:
        make()  # type: ignore[operator]
    assert caught.value.field == field


def test_a_schedule_has_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        Schedule.of([(TOTAL, ISSUED), (Money.of(1, "USD"), ISSUED)])
    with pytest.raises(CurrencyMismatch):
        DiscountWindow(until=ISSUED, amount=TOTAL, base=Money.of(1, "USD"))


def test_every_refusal_is_an_error_of_the_library() -> None:
    with pytest.raises(ReceivablesError):
        PaymentTerms.of(EndOf(), "30 days")  # type: ignore[arg-type]


def test_one_more_month_than_the_range_of_dates_is_refused() -> None:
    with pytest.raises(InvalidValue):
        PaymentTerms.of(Months(count=1)).resolve(D(9999, 12, 31), TOTAL)
