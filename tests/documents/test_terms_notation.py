"""The notations of the trade and the date formulas of ERP systems, in both directions."""

import datetime as dt

import pytest

from receivables.documents.date_formulas import read_formula, write_formula
from receivables.documents.due_steps import DayOfMonth, Days, EndOf, Months, Weekday
from receivables.documents.payment_days import PaymentDay
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_reading import Dialect, read_days, read_terms
from receivables.errors import InvalidValue, NotUnderstood, WrongType
from receivables.values.money import Money

D = dt.date
ISSUED = D(2026, 5, 4)

# (what people write, how the library writes it, when an invoice of 4 May 2026 falls due)
TRADE = [
    ("net 30", "net 30", D(2026, 6, 3)),
    ("Net 30 days", "net 30", D(2026, 6, 3)),
    ("net30", "net 30", D(2026, 6, 3)),
    ("n/30", "net 30", D(2026, 6, 3)),
    ("n30", "net 30", D(2026, 6, 3)),
    ("30 days", "net 30", D(2026, 6, 3)),
    ("30 days net", "net 30", D(2026, 6, 3)),
    ("30", "net 30", D(2026, 6, 3)),
    ("immediate", "immediate", ISSUED),
    ("due on receipt", "immediate", ISSUED),
    ("CIA", "CIA", ISSUED),
    ("cash in advance", "CIA", ISSUED),
    ("COD", "COD", None),
    ("immediate from receipt", "immediate from receipt", None),
    ("net 30 ROG", "net 30 ROG", None),
    ("net 30 from delivery", "net 30 from delivery", None),
    ("30 days after receipt of goods", "net 30 ROG", None),
    ("30 days from the invoice date", "net 30", D(2026, 6, 3)),
    ("net 30 from 'bill of lading'", "net 30 from 'bill of lading'", None),
    ("EOM", "EOM", D(2026, 5, 31)),
    ("30 EOM", "net 30 EOM", D(2026, 6, 30)),
    ("EOM + 30", "net 30 EOM", D(2026, 6, 30)),
    ("EOM then 30 days", "net 30 EOM", D(2026, 6, 30)),
    ("30 days end of month", "net 30 EOM", D(2026, 6, 30)),
    ("30 days then EOM", "30 days then EOM", D(2026, 6, 30)),
    ("45 days then EOM", "45 days then EOM", D(2026, 6, 30)),
    ("10 MFI", "net 10 prox", D(2026, 6, 10)),
    ("net 10th prox.", "net 10 prox", D(2026, 6, 10)),
    ("10th of next month", "net 10 prox", D(2026, 6, 10)),
    ("15th of the following month", "net 15 prox", D(2026, 6, 15)),
    ("due on the 20th of month following", "net 20 prox", D(2026, 6, 20)),
    ("2/10 net 20 of next month", "2/10 net 20 prox", D(2026, 6, 20)),
    ("end of next month", "net 31 prox", D(2026, 6, 30)),
    ("last day of the following month", "net 31 prox", D(2026, 6, 30)),
    ("payable within 30 days", "net 30", D(2026, 6, 3)),
    ("Payment due within 30 days of invoice date", "net 30", D(2026, 6, 3)),
    ("14 Tage netto", "net 14", D(2026, 5, 18)),
    ("netto 14 Tage", "net 14", D(2026, 5, 18)),
    ("zahlbar innerhalb von 14 Tagen", "net 14", D(2026, 5, 18)),
    ("zahlbar binnen 14 Tagen netto", "net 14", D(2026, 5, 18)),
    ("2 % Skonto 10 Tage, 30 Tage netto", "2/10 net 30", D(2026, 6, 3)),
    ("2% 10 days, 30 days net", "2/10 net 30", D(2026, 6, 3)),
    ("net 10 prox cutoff 3", "net 10 prox cutoff 3", D(2026, 7, 10)),
    ("10 EOM, 26th rule", "net 10 EOM cutoff 25", D(2026, 6, 10)),
    ("2/10 net 30", "2/10 net 30", D(2026, 6, 3)),
    ("2/10, n/30", "2/10 net 30", D(2026, 6, 3)),
    ("2%/10 net 30", "2/10 net 30", D(2026, 6, 3)),
    ("2% 10, net 30", "2/10 net 30", D(2026, 6, 3)),
    ("2% 10 days net 30 days", "2/10 net 30", D(2026, 6, 3)),
    ("2/10-60X", "2/70 net 90", D(2026, 8, 2)),
    ("2/10 - 60 extra, n/100", "2/70 net 100", D(2026, 8, 12)),
    ("2/10, 1/20, n/60", "2/10, 1/20, net 60", D(2026, 7, 3)),
    ("2/10", "2/10 net 30", D(2026, 6, 3)),
    ("2/10 EOM", "2/10 net 30 EOM", D(2026, 6, 30)),
    ("2/10 EOM, net 60", "2/10 EOM, net 60", D(2026, 7, 3)),
    ("2/10 prox", "2/10 prox, day 10 of month +1 then 20 days", D(2026, 6, 30)),
    ("3/10 EOM with 26th rule", "3/10 net 30 EOM cutoff 25", D(2026, 6, 30)),
    ("2/10 net 30 EOM", "2/10 net 30 EOM", D(2026, 6, 30)),
    ("2% until 10 days, net 30 EOM", "2% until 10 days, net 30 EOM", D(2026, 6, 30)),
    ("2% until immediate, net 30", "2% until immediate, net 30", D(2026, 6, 3)),
    ("2/10 on net, net 30", "2/10 on net, net 30", D(2026, 6, 3)),
    ("2/10 grace 2 net 30", "2/10 grace 2, net 30", D(2026, 6, 3)),
    ("2/10 COD", "2/10, COD", None),
    ("50 EUR until 10 days, net 30", "50.00 EUR until 10 days, net 30", D(2026, 6, 3)),
    ("2 months", "2 months", D(2026, 7, 4)),
    ("net 2 quarters", "6 months", D(2026, 11, 4)),
    ("1 year", "12 months", D(2027, 5, 4)),
    ("1 month spill then EOM", "1 month spill then EOM", D(2026, 6, 30)),
    ("2 weeks then next Friday", "2 weeks then next Friday", D(2026, 5, 22)),
    ("5 business days", "5 business days weekends", D(2026, 5, 11)),
    ("30 days inclusive", "30 days inclusive", D(2026, 6, 2)),
    ("end of quarter then 10 days", "EOQ then 10 days", D(2026, 7, 10)),
    ("start of month", "start of month", D(2026, 5, 1)),
    ("closing 25 then day 31 of next month", "closing 25 then day 31 of month +1", D(2026, 6, 30)),
    ("60 days then next 5,20 within 60 days", "60 days then next 5,20 within 60 days", D(2026, 6, 20)),
    ("period 1,16 then 10 days", "period 1,16 then 10 days", D(2026, 5, 11)),
    ("bands ..15:31 ..31:15+1M", "bands ..15:31 ..31:15+1M", D(2026, 5, 31)),
    ("on 2026-06-30", "on 2026-06-30", D(2026, 6, 30)),
    ("10 days then roll modified following", "10 days then roll modified following weekends", D(2026, 5, 14)),
    ("postponed 2026-05-04:2026-05-06", "postponed 2026-05-04:2026-05-06", D(2026, 5, 6)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "written", "due_on"), TRADE, ids=[row[0] for row in TRADE])
def test_the_trade_is_read_and_written_back(text: str, written: str, due_on: dt.date | None) -> None:
    terms = PaymentTerms.parse(text)
    assert str(terms) == written
    assert PaymentTerms.parse(written) == terms
    assert terms.resolve(ISSUED, Money.of(1000, "EUR"), net=Money.of(800, "EUR")).due_dates[-1] == due_on


PARTS = [
    "30%: immediate; balance: 1 month then EOM",
    "400.00 EUR: immediate; weight 33: net 30; weight 33: net 60; weight 34: net 90",
    "'deposit' 30% of net: CIA; 25% of rest: net 30; balance: 2/10 net 60",
    "in sequence: 50%: next 15,20; balance: next 5,10",
    "50%: net 30; 50%: net 60 [excess cap, last residual, remainder first, rounding up, step 5]",
]


@pytest.mark.parametrize("text", PARTS)
def test_parts_and_options_are_read_and_written_back(text: str) -> None:
    terms = PaymentTerms.parse(text)
    assert PaymentTerms.parse(str(terms)) == terms
    assert str(terms) == text.replace("last residual, ", "")


def test_colons_between_share_and_date_may_be_left_out() -> None:
    assert PaymentTerms.parse("30% immediate; balance net 30") == PaymentTerms.parse("30%: immediate; balance: net 30")


def test_one_phrase_has_two_readings_and_a_dialect_selects_one() -> None:
    for phrase in ("45 jours fin de mois", "45 days end of month", "45 FDM"):
        assert PaymentTerms.parse(phrase) == PaymentTerms.of(EndOf(), Days(count=45))
        assert PaymentTerms.parse(phrase, Dialect.DAYS_FIRST) == PaymentTerms.of(Days(count=45), EndOf())
    on_the_15th = PaymentTerms.parse("45 jours fin de mois le 15", Dialect.DAYS_FIRST)
    assert on_the_15th == PaymentTerms.of(Days(count=45), EndOf(), DayOfMonth(day=15, months_ahead=1))
    assert PaymentTerms.parse(str(on_the_15th)) == on_the_15th


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("net", 3),
        ("net thirty", 4),
        ("2/10 net 30 foo", 12),
        ("EOM foo", 4),
        ("net 30 then", 11),
        ("net 30 then bar", 12),
        ("30%: net 30; balance: soon", 22),
        ("on 2026-02-30", 3),
        ("postponed 2026-02-01:2026-02-30", 9),
        ("net 30 [step five]", 13),
        ("net 30 [color red]", 8),
        ("net 30; ", 8),
        ("2/10 until", 5),
        ("-", 0),
    ],
)
def test_a_text_that_is_not_understood_points_at_the_place(text: str, position: int) -> None:
    with pytest.raises(NotUnderstood) as caught:
        PaymentTerms.parse(text)
    assert caught.value.position == position
    assert caught.value.text == text


def test_only_texts_of_a_sane_length_are_read() -> None:
    with pytest.raises(NotUnderstood, match="at most 2000 characters"):
        PaymentTerms.parse("net 30" + " " * 2000)
    with pytest.raises(WrongType):
        PaymentTerms.parse(30)  # type: ignore[arg-type]
    with pytest.raises(WrongType):
        read_days(5)  # type: ignore[arg-type]


def test_terms_that_can_be_read_and_cannot_be_are_refused_with_the_field() -> None:
    for text, field in (("120%: net 1; balance: net 2", "share.percent"), ("next 40", "step.days")):
        with pytest.raises(InvalidValue) as caught:
            PaymentTerms.parse(text)
        assert caught.value.field == field


@pytest.mark.parametrize("text", ["5,10", "10-5", "5 10", "5 - 10", "5    10", " 10;5 "])
def test_days_of_the_month_are_read_from_free_text(text: str) -> None:
    assert read_days(text) == (5, 10)


@pytest.mark.parametrize("text", ["", "a", "5,a", "5.10", "512"])
def test_other_texts_are_no_days(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_days(text)


# Date formulas

FORMULAS = [
    ("CM+1M+10D", "CM+1M+10D", D(2026, 7, 10)),
    ("cq+1m-10d", "CQ+1M-10D", D(2026, 7, 20)),
    ("<1M+CM>", "1M+CM", D(2026, 6, 30)),
    ("30D", "30D", D(2026, 6, 3)),
    ("-1W", "-1W", D(2026, 4, 27)),
    ("2Q", "6M", D(2026, 11, 4)),
    ("1Y", "12M", D(2027, 5, 4)),
    ("D15", "D15", D(2026, 5, 15)),
    ("-D15", "-D15", D(2026, 4, 15)),
    ("D4", "D4", D(2026, 6, 4)),
    ("WD5", "WD5", D(2026, 5, 8)),
    ("-WD1", "-WD1", D(2026, 4, 27)),
    ("-CM", "-CM", D(2026, 5, 1)),
    ("CD", "0D", ISSUED),
    ("CW+CY", "CW+CY", D(2026, 12, 31)),
]


@pytest.mark.parametrize(("text", "written", "due_on"), FORMULAS, ids=[row[0] for row in FORMULAS])
def test_a_date_formula_is_read_from_left_to_right(text: str, written: str, due_on: dt.date) -> None:
    terms = PaymentTerms.parse(text, Dialect.DATE_FORMULA)
    assert terms.resolve(ISSUED, Money.of(1, "EUR")).due_dates == (due_on,)
    assert terms.write(Dialect.DATE_FORMULA) == written
    assert terms.write() == str(terms)
    assert PaymentTerms.parse(str(terms)) == terms


def test_a_weekday_formula_never_stays_where_it_is() -> None:
    """The vendor's own example: `-WD2` on Tuesday, 21 May 1996."""
    terms = PaymentTerms.parse("-WD2", Dialect.DATE_FORMULA)
    assert terms.resolve(D(1996, 5, 21), Money.of(1, "EUR")).due_dates == (D(1996, 5, 14),)


@pytest.mark.parametrize(("text", "position"), [("", 0), ("CM10D", 2), ("30", 0), ("30D+X", 3), ("<1M+>", 3), ("C", 0)])
def test_a_formula_that_is_not_understood_points_at_the_place(text: str, position: int) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_formula(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "step",
    [
        PaymentDay(days=(5, 10), strict=True),
        PaymentDay(days=(5,)),
        Weekday(weekday=1),
        Days(count=5, inclusive=True),
        DayOfMonth(day=5),
        Months(count=1, clamp=read_terms("1 month spill").parts[0].due.steps[0].clamp),  # type: ignore[attr-defined]
    ],
)
def test_a_step_that_formulas_cannot_say_is_refused(step: object) -> None:
    with pytest.raises(InvalidValue, match="must be steps that a date formula can say"):
        write_formula([step])  # type: ignore[list-item]
