"""What functions give and refuse: a call of each with arguments that it takes, then one argument after the other exchanged.

``PYTHONPATH=src python -m tests.refusals.calls`` writes ``calls.txt`` anew; it is read as the files of `every` are.
"""

import datetime as dt
import inspect
import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.refusals.every import TRIED, Answer, words

from receivables import Currency, Money, PaymentTerms
from receivables.documents import customer, date_formulas, loss, payment_method, shares, terms_reading
from receivables.documents.due_steps import Days
from receivables.documents.loss import TaxPart
from receivables.documents.schedule import Schedule, read_percent
from receivables.documents.shares import Share
from receivables.errors import ReceivablesError
from receivables.values import dates, money, references
from receivables.values.currencies import iso_currency
from receivables.values.dates import ClosedPeriods, FixedCalendar, JointCalendar, MonthClamp, Roll
from receivables.values.daycounts import DayCount
from receivables.values.money import Rounding
from receivables.values.rates import Rate, RateTable

WRITTEN = Path(__file__).with_name("calls.txt")
EUR = Currency.of("EUR")
FIVE = Money.of(5, "EUR")
FEB_28, LEAP, DEC_31 = dt.date(2026, 2, 28), dt.date(2028, 2, 29), dt.date(2026, 12, 31)
ROWS = (("2024-01-01", "3.62"), ("2024-07-01", "3.37"))
RATES = RateTable.from_rows(ROWS, name="base", source="the bank")
WEEK = FixedCalendar()
CLOSED = ClosedPeriods(periods=(((12, 24), (1, 2)),))
TAXES = (
    TaxPart(percent=Decimal(19), net=Money.of(100, "EUR"), tax=Money.of(19, "EUR")),
    TaxPart(percent=Decimal(7), net=Money.of(100, "EUR"), tax=Money.of(7, "EUR")),
)


class Closed:
    """A host's calendar without any business day."""

    def is_business_day(self, day, /):
        return False

    def __repr__(self):
        return "a calendar without a business day"


DAYS = {f"{day:%d %b %Y}": day for day in (FEB_28, LEAP, DEC_31, dt.date(2026, 12, 23), dt.date(2026, 8, 1))}
ROUNDINGS = {each.name: each for each in Rounding}
PERCENTS = {each: each for each in ("2", "0", "-1", "100", "100.5", "1e1", "2,5", "NaN", " 2 ", "0.00001")}
TEXTS = {
    each: each
    for each in (
        "4111111111111111",
        "378282246310005",
        "4111111111111112",
        "5500 0000 0000 0004",
        "6011-0009-9013-9424",
        "30569309025904",
        "call 4111 1111 1111 1111 now",
        "RF18539007547034",
        "RF18 5390 0754 7034",
        "rf18539007547034",
        "RF19539007547034",
        "DE89370400440532013000",
        "DE88370400440532013000",
        "529900T8BM49AURSDO55",
        "529900T8BM49AURSDO56",
        "GROUP:x",
        "DE01:ACME",
        "0",
        "12",
        "A1B2",
        "a-b c",
    )
}
NUMBERS = {repr(each): each for each in (7, -7, 10, 999, 1000, Fraction(1, 3), Fraction(5, 2), Fraction(-5, 2), 1e400)}
AMOUNTS = {each: each for each in ("1.50", "1.505", "-0.01", "1e2", "1,50", "1_0", " 1", "٣", "abc", ".5", "5.", "+5")}
MONIES = {str(each): each for each in (Money.of("0.01", "EUR"), Money.of("99.99", "EUR"), Money.of(3, "JPY"))}
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "Money": (Money, {"minor": 5, "currency": EUR}, {}),
    "Money.of": (
        Money.of,
        {"amount": "1.50", "currency": "EUR"},
        {**AMOUNTS, "JPY": "JPY", "eur": "eur", "KWD": "KWD"},
    ),
    "Money.zero": (Money.zero, {"currency": "EUR"}, {"eur": "eur"}),
    "Money.total": (Money.total, {"amounts": (FIVE, FIVE), "currency": "EUR"}, {"USD": "USD"}),
    "Money.from_minor": (Money.from_minor, {"minor": 5, "currency": "EUR"}, NUMBERS),
    "Money.from_minor with a rounding": (
        Money.from_minor,
        {"minor": Fraction(5, 2), "currency": "EUR", "rounding": Rounding.HALF_EVEN},
        {**NUMBERS, **ROUNDINGS},
    ),
    "Money + x": (lambda other: FIVE + other, {"other": FIVE}, {}),
    "x + Money": (lambda other: other + FIVE, {"other": FIVE}, {}),
    "Money - x": (lambda other: FIVE - other, {"other": FIVE}, {}),
    "Money * x": (lambda other: FIVE * other, {"other": 2}, NUMBERS),
    "x * Money": (lambda other: other * FIVE, {"other": 2}, NUMBERS),
    "Money < x": (lambda other: operator.lt(FIVE, other), {"other": FIVE}, MONIES),
    "Money <= x": (lambda other: operator.le(FIVE, other), {"other": FIVE}, MONIES),
    "Money > x": (lambda other: operator.gt(FIVE, other), {"other": FIVE}, MONIES),
    "Money >= x": (lambda other: operator.ge(FIVE, other), {"other": FIVE}, MONIES),
    "Money == x": (lambda other: other == FIVE, {"other": FIVE}, MONIES),
    "Money.ratio": (FIVE.ratio, {"other": FIVE}, MONIES),
    "Money.times": (
        FIVE.times,
        {"factor": Fraction(1, 3), "rounding": Rounding.HALF_UP, "step": 1},
        {**NUMBERS, **ROUNDINGS},
    ),
    "Money.rounded": (Money.of("5.02", "EUR").rounded, {"step": 5, "rounding": Rounding.HALF_UP}, ROUNDINGS),
    "Money.split": (
        Money.of("10.01", "EUR").split,
        {"weights": (1, 2)},
        {
            "thirds": (1, 1, 1),
            "(0, 0)": (0, 0),
            "(1, -1)": (1, -1),
            "fractions": (Fraction(1, 3), Decimal("0.5")),
            "(0, 1)": (0, 1),
        },
    ),
    "str of Money": (
        lambda minor, currency: str(Money(minor, Currency.of(currency))),
        {"minor": -5, "currency": "EUR"},
        {"KWD": "KWD", "JPY": "JPY"},
    ),
    "exact": (lambda value: money.exact("field", value), {"value": 2}, {**NUMBERS, **AMOUNTS}),
    "Rounding.whole": (
        lambda value, rounding: rounding.whole(value),
        {"value": Fraction(5, 2), "rounding": Rounding.HALF_UP},
        {**NUMBERS, **ROUNDINGS},
    ),
    "Rounding.quotient": (
        lambda dividend, divisor, rounding: rounding.quotient(dividend, divisor),
        {"dividend": -5, "divisor": 2, "rounding": Rounding.HALF_UP},
        {**ROUNDINGS, "-2": -2, "7": 7, "-3": -3},
    ),
    "Currency.of": (Currency.of, {"code": "EUR"}, {"eur": "eur", "XXX": "XXX", "DEM": "DEM"}),
    "iso_currency": (iso_currency, {"code": "EUR"}, {"eur": "eur", "978": "978", "JPY": "JPY"}),
    "add_days": (dates.add_days, {"day": FEB_28, "days": 1}, {**DAYS, "far": 10**7, "-far": -(10**7)}),
    "add_months": (
        dates.add_months,
        {"anchor": dt.date(2026, 1, 31), "months": 1, "clamp": MonthClamp.CLAMP},
        {**DAYS, **{each.name: each for each in MonthClamp}, "-1": -1, "-12": -12, "far": 10**6},
    ),
    "roll": (
        dates.roll,
        {"day": dt.date(2026, 5, 31), "convention": Roll.FOLLOWING, "calendar": WEEK},
        {**DAYS, **{r.name: r for r in Roll}},
    ),
    "roll where all is closed": (
        dates.roll,
        {"day": dt.date(2026, 5, 31), "convention": Roll.FOLLOWING, "calendar": Closed()},
        {r.name: r for r in Roll},
    ),
    "add_business_days": (dates.add_business_days, {"day": FEB_28, "days": 3, "calendar": WEEK}, DAYS),
    "on_day": (dates.on_day, {"day": FEB_28, "number": 30}, DAYS),
    "next_on_day": (dates.next_on_day, {"day": FEB_28, "numbers": (10, 31), "strict": False}, {**DAYS, "(28,)": (28,)}),
    "previous_on_day": (
        dates.previous_on_day,
        {"day": FEB_28, "numbers": (10, 31), "strict": False},
        {**DAYS, "(28,)": (28,)},
    ),
    "next_weekday": (
        dates.next_weekday,
        {"day": FEB_28, "weekday": 5, "strict": False},
        {**DAYS, "6": 6, "7": 7, "4": 4},
    ),
    "previous_weekday": (
        dates.previous_weekday,
        {"day": FEB_28, "weekday": 5, "strict": False},
        {**DAYS, "6": 6, "7": 7, "4": 4},
    ),
    **{
        name: (getattr(dates, name), {"day": FEB_28}, DAYS)
        for name in (
            "end_of_month",
            "start_of_month",
            "end_of_quarter",
            "start_of_quarter",
            "end_of_year",
            "start_of_year",
            "end_of_week",
            "start_of_week",
            "is_end_of_month",
        )
    },
    "FixedCalendar": (WEEK.is_business_day, {"day": FEB_28}, DAYS),
    "ClosedPeriods": (
        CLOSED.is_business_day,
        {"day": FEB_28},
        {**DAYS, "2 Jan": dt.date(2026, 1, 2), "3 Jan": dt.date(2026, 1, 3)},
    ),
    "JointCalendar": (JointCalendar(members=(WEEK, CLOSED)).is_business_day, {"day": FEB_28}, DAYS),
    **{
        f"{each.name} {name}": (getattr(each, name), {"start": dt.date(2026, 1, 31), "end": LEAP}, DAYS)
        for each in DayCount
        for name in ("days", "fraction")
    },
    "RateTable.from_rows": (
        RateTable.from_rows,
        {"rows": ROWS, "name": "base", "source": "the bank"},
        {
            "one too many": (("2024-01-01", "3.62", "2024-06-30", "x"),),
            "one too few": (("2024-01-01",),),
            "text": ("2024-01-01",),
            "twice": ROWS + ROWS,
            "backwards": ROWS[::-1],
            "no date": (("1 Jan", "3"),),
            "float": (("2024-01-01", 3.5),),
            "NaN": (("2024-01-01", "NaN"),),
            "no percent": (("2024-01-01", "3 %"),),
            "gap": (("2024-01-01", "3.62", "2024-06-30"), ("2024-09-01", "3")),
            "overlap": (("2024-01-01", "3.62", "2024-07-01"), ROWS[1]),
            "rates": RATES.rates,
            "ends": (("2024-01-01", "3.62", "2024-06-30"),),
            "ends before": (("2024-01-01", "3", "2023-01-01"),),
            "a day": ((dt.date(2024, 1, 1), Decimal("3.62")),),
            "a number": ((20240101, "3"),),
            "a time": ((dt.datetime(2024, 1, 1), "3"),),
            "whole": (("2024-01-01", 3),),
            "true": (("2024-01-01", True),),
        },
    ),
    "RateTable.at": (RATES.at, {"day": dt.date(2024, 7, 1)}, {"the day before": dt.date(2024, 6, 30)}),
    "RateTable.at after its end": (
        RateTable(name="b", source="s", rates=(Rate(valid_from=FEB_28, percent=Decimal(1), valid_until=DEC_31),)).at,
        {"day": FEB_28},
        DAYS,
    ),
    "RateTable.segments": (
        RATES.segments,
        {"start": dt.date(2024, 6, 1), "end": dt.date(2024, 8, 1)},
        {"1 Jul": dt.date(2024, 7, 1), "30 Jun": dt.date(2024, 6, 30)},
    ),
    **{
        f"references.{name}": (getattr(references, name), {arg: text}, TEXTS)
        for name, arg, text in (
            ("luhn_valid", "number", "79927398713"),
            ("luhn_check_digit", "body", "7992739871"),
            ("card_network", "number", "4111111111111111"),
            ("find_card_number", "text", "no card"),
            ("creditor_reference", "body", "539007547034"),
            ("creditor_reference_check_digits", "body", "539007547034"),
            ("is_creditor_reference", "text", "x"),
            ("normalized_creditor_reference", "text", "RF18539007547034"),
            ("grouped", "reference", "RF18539007547034"),
            ("is_iban", "text", "x"),
            ("lei", "body", "529900T8BM49AURSDO"),
            ("is_lei", "text", "x"),
            ("compact", "reference", "a-b"),
        )
    },
    "references.iban": (
        references.iban,
        {"country": "DE", "bban": "370400440532013000"},
        {**TEXTS, "de": "de", "GB": "GB"},
    ),
    "references.mask": (
        references.mask,
        {"card": "4111111111111111", "first": 6, "last": 4},
        {**TEXTS, "6": 6, "7": 7, "4": 4},
    ),
    "references.mask_cards": (
        references.mask_cards,
        {"text": "4111 1111 1111 1111", "first": 6, "last": 4},
        {**TEXTS, "6": 6, "7": 7, "4": 4},
    ),
    "account_id": (customer.account_id, {"customer": "ACME", "company": "DE01"}, TEXTS),
    "group_account_id": (customer.group_account_id, {"group": "G"}, TEXTS),
    "group_of": (customer.group_of, {"account": "ACME"}, {**TEXTS, "its own": customer.group_account_id("G")}),
    "read_percent": (lambda value: read_percent("field", value), {"value": "2"}, PERCENTS),
    **{
        f"Share.{name}": (getattr(Share, name), {"value": "33.5"}, PERCENTS)
        for name in ("percent", "percent_of_net", "percent_of_rest")
    },
    "Share.fixed": (Share.fixed, {"amount": FIVE}, MONIES),
    "Share.weighted": (Share.weighted, {"weight": 1}, {}),
    "apportion": (
        lambda total, parts: list(map(str, shares.apportion(parts, total))),
        {"total": Money.of("100.01", "EUR"), "parts": (Share.percent(30), Share.balance())},
        {
            **MONIES,
            "weights": (Share.weighted(1), Share.weighted(2)),
            "too much": (Share.fixed(Money.of(200, "EUR")), Share.balance()),
            "60 and 60": (Share.percent(60), Share.percent(60)),
            "30": (Share.percent(30),),
            "two balances": (Share.balance(),) * 2,
            "in USD": (Share.fixed(Money.of(1, "USD")), Share.balance()),
            "nothing": (),
            "of the rest": (Share.percent(50), Share.percent_of_rest(50), Share.balance()),
        },
    ),
    "Schedule.single": (Schedule.single, {"amount": FIVE, "due_on": FEB_28}, MONIES),
    "Schedule.of": (
        Schedule.of,
        {"parts": ((FIVE, FEB_28), (FIVE, LEAP))},
        {"backwards": ((FIVE, LEAP), (FIVE, FEB_28))},
    ),
    "read_formula": (
        date_formulas.read_formula,
        {"text": "1M+CM"},
        {
            each: each
            for each in (
                "30D",
                "-1W",
                "2Q",
                "1Y",
                "CW",
                "CQ",
                "CY",
                "D10",
                "WD3",
                "WD8",
                "D32",
                "1X",
                "+",
                "1M+",
                "1M-1D",
                "1m",
                "0D",
            )
        },
    ),
    "masked_iban": (payment_method.masked_iban, {"iban": "DE89370400440532013000"}, TEXTS),
    "lapse_after": (payment_method.lapse_after, {"used_on": FEB_28}, DAYS),
    "loss.shared": (
        loss.shared,
        {"parts": TAXES, "amount": Money.of(113, "EUR")},
        {**MONIES, "all": Money.of(226, "EUR"), "more": Money.of(227, "EUR")},
    ),
    "loss.between": (
        loss.between,
        {"parts": TAXES, "before": Money.of(100, "EUR"), "after": Money.of(10, "EUR")},
        {**MONIES, "all": Money.of(226, "EUR"), "the same": Money.of(100, "EUR")},
    ),
    "loss.difference": (loss.difference, {"more": TAXES, "less": TAXES[:1]}, {"both": TAXES, "the other": TAXES[1:]}),
    "check_percent": (
        lambda value, most: loss.check_percent("field", value, most),
        {"value": Decimal(5), "most": 100},
        {"0": Decimal(0), "101": Decimal(101)},
    ),
    "PaymentTerms.net": (lambda days: str(PaymentTerms.net(days)), {"days": 30}, {}),
    "PaymentTerms.end_of_month": (
        lambda days, months: str(PaymentTerms.end_of_month(days, months=months)),
        {"days": 30, "months": 0},
        {},
    ),
    "PaymentTerms.proximo": (
        lambda day, months, cut_off: str(PaymentTerms.proximo(day, months=months, cut_off=cut_off)),
        {"day": 10, "months": 1, "cut_off": None},
        {},
    ),
    "PaymentTerms.closing": (
        lambda day, months, pay_day: str(PaymentTerms.closing(day, months=months, pay_day=pay_day)),
        {"day": 25, "months": 1, "pay_day": 31},
        {},
    ),
    "PaymentTerms.installments": (
        lambda count, every, first: str(PaymentTerms.installments(count, every=every, first=first)),
        {"count": 3, "every": Days(count=30), "first": 1},
        {},
    ),
    "PaymentTerms.parse": (
        lambda text: str(PaymentTerms.parse(text)),
        {"text": "2/10 net 30"},
        {
            each: each
            for each in (
                "net 30",
                "net",
                "net x",
                "net 30 days EOM",
                "30 days end of month",
                "2/10",
                "2/10 net",
                "2/10,1/20 net 60",
                "2/10-60X",
                "2% 10 net 30",
                "101/10 net 30",
                "2/40 net 30",
                "COD",
                "CIA",
                "immediate",
                "30% net 10; net 30",
                "30% net 10; 70% net 30",
                "60% net 10; 60% net 30",
                "400.00 EUR net 10; balance net 30",
                "weight 1 net 30; weight 2 net 60",
                "; net 30",
                "net 30;",
                "net 30 [",
                "net 30 [x]",
                "net 30 EOM cutoff 25",
                "net 30 cutoff 32",
                "net 30 from delivery",
                "net 30 from",
                "10 prox",
                "net 30 ROG",
                "2/10 net 30 on net",
                "2/10 net 30 grace 3",
                "in sequence: 50% net 10; 50% net 20",
                "'first' 50% net 10; 50% net 20",
                "nonsense",
                "net 30 net 60",
                "2/10 2/10 net 30",
                "-5 days",
                "net 99999",
                "net 30 then",
                "end of month then 10 days",
                "on 2026-06-30",
                "on 2026-06-31",
                "then",
                "2/10 net 30 EOM",
                "1/10 EOM net 60",
            )
        },
    ),
    "read_days": (
        terms_reading.read_days,
        {"text": "5, 20"},
        {each: each for each in ("5", "0", "32", "20, 5", "5,", "x", "5 and 20", "5, 5", "31")},
    ),
}


def answers(name: str) -> Iterator[tuple[Answer, Any]]:
    """The call as it is, then each argument of it with everything that is tried."""
    call, arguments, more = CALLS[name]
    yield answered(call, arguments, "", "as it is", None)
    for argument in arguments:
        for label, value in {**TRIED, **more}.items():
            yield answered(call, {**arguments, argument: value}, argument, label, value)


def answered(call: Callable[..., Any], arguments: dict[str, Any], *asked: Any) -> tuple[Answer, Any]:
    """What a call gives, or the error."""
    argument, label, value = asked
    bound = inspect.signature(call).bind_partial()
    for name, given in arguments.items():
        bound.arguments[name] = given
    try:
        return Answer(argument, value, label, None), call(*bound.args, **bound.kwargs)
    except Exception as error:
        return Answer(argument, value, label, error), None


def short(given: Any) -> str:
    """A result in one line that can be read."""
    text = str(given)
    return text if len(text) <= 200 else f"{text[:120]} and so on, {len(text)} characters"


def page(name: str) -> list[str]:
    """What the file has of a call; what most values are answered stands last, without the values."""
    by_argument: dict[str, dict[str, list[str]]] = {}
    for answer, given in answers(name):
        if answer.error is not None and not isinstance(answer.error, ReceivablesError):
            continue  # of another type than is annotated: that is for the type checker
        said = words(answer) if answer.error is not None else f"= {short(given)}"
        by_argument.setdefault(answer.field, {}).setdefault(said, []).append(answer.label)
    lines = [f"[{name}]"]
    for argument, said in by_argument.items():
        most = max(said, key=lambda each: len(said[each]))
        lines += [
            f"{argument} <- {'  '.join(said[each])}: {each}" for each in said if each != most or len(said[each]) == 1
        ]
        lines += [f"{argument} <- the rest: {most}"] if len(said[most]) > 1 else []
    return [*lines, ""]


if __name__ == "__main__":
    WRITTEN.write_text("\n".join(line for name in CALLS for line in page(name)) + "\n", encoding="utf-8")
