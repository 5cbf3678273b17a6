import copy
import csv
import datetime as dt
import decimal
import pickle
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import InvalidValue, ReceivablesError, WrongType
from receivables.values.rates import Rate, RateSegment, RateTable

BASE = [("2024-01-01", "3.62"), ("2024-07-01", "3.37"), ("2025-01-01", "2.27"), ("2025-07-01", "1.27")]
DAY = dt.timedelta(days=1)


def table(rows, name="German base rate", source="Deutsche Bundesbank"):
    return RateTable.from_rows(rows, name=name, source=source)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


percents = st.decimals(-5, 30, places=2)
starts = st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)), min_size=1, max_size=12, unique=True)
tables = starts.flatmap(
    lambda days: st.lists(percents, min_size=len(days), max_size=len(days)).map(
        lambda rates: table(list(zip(days, rates, strict=True)))
    )
)


# Looking up


def test_a_rate_holds_from_its_first_day_to_the_day_before_the_next():
    base = table(BASE)
    assert base.at(day("2024-01-01")) == base.at(day("2024-06-30")) == Decimal("3.62")
    assert base.at(day("2024-07-01")) == Decimal("3.37")
    assert base.at(day("2039-12-31")) == Decimal("1.27")
    assert (base.valid_from, base.valid_until) == (day("2024-01-01"), None)


def test_rates_may_be_negative():
    base = table([("2012-01-01", "0.12"), ("2013-01-01", "-0.13"), ("2016-07-01", "-0.88")])
    assert base.at(day("2016-12-31")) == Decimal("-0.88")


def test_a_day_without_a_rate_is_refused_and_never_guessed():
    base = table([("2024-01-01", "2024-06-30", "3.62"), ("2024-07-01", "2024-12-31", "3.37")])
    assert base.valid_until == day("2024-12-31")
    assert base.at(day("2024-12-31")) == Decimal("3.37")
    with pytest.raises(InvalidValue, match="must not be before 2024-01-01, the first day of German base rate"):
        base.at(day("2023-12-31"))
    with pytest.raises(InvalidValue, match="must not be after 2024-12-31, the last day of German base rate"):
        base.at(day("2025-01-01"))
    for start, end in (("2023-12-31", "2024-02-01"), ("2024-12-01", "2025-01-02"), ("2025-01-01", "2025-01-02")):
        with pytest.raises(InvalidValue, match="day"):
            base.segments(day(start), day(end))
    assert base.segments(day("2024-12-01"), day("2025-01-01"))


@pytest.mark.parametrize("wrong", ["2024-01-01", dt.datetime(2024, 1, 1), None, 20240101])
def test_a_day_is_a_date_without_a_time(wrong):
    base = table(BASE)
    for look_up in (base.at, lambda d: base.segments(d, day("2024-02-01")), lambda d: base.segments(d, d)):
        with pytest.raises(WrongType):
            look_up(wrong)


# Segments


def test_a_period_is_cut_where_the_rate_changes():
    assert table(BASE).segments(day("2024-06-21"), day("2025-02-01")) == (
        RateSegment(day("2024-06-21"), day("2024-07-01"), Decimal("3.62")),
        RateSegment(day("2024-07-01"), day("2025-01-01"), Decimal("3.37")),
        RateSegment(day("2025-01-01"), day("2025-02-01"), Decimal("2.27")),
    )


def test_a_row_that_does_not_change_the_rate_makes_no_segment():
    base = table([("2024-01-01", "0.5"), ("2024-02-01", "0.50"), ("2024-03-01", "0.75"), ("2024-04-01", "0.5")])
    assert len(base.rates) == 4
    assert base.segments(day("2024-01-10"), day("2024-04-10")) == (
        RateSegment(day("2024-01-10"), day("2024-03-01"), Decimal("0.5")),
        RateSegment(day("2024-03-01"), day("2024-04-01"), Decimal("0.75")),
        RateSegment(day("2024-04-01"), day("2024-04-10"), Decimal("0.5")),
    )


def test_an_empty_period_has_no_segments_and_a_period_does_not_run_backward():
    base = table(BASE)
    assert base.segments(day("2024-06-21"), day("2024-06-21")) == ()
    with pytest.raises(InvalidValue, match="end: must not be before the start 2024-06-21"):
        base.segments(day("2024-06-21"), day("2024-06-20"))


@given(tables, st.integers(0, 3000), st.integers(1, 400))
def test_segments_cover_each_day_once_with_the_rate_of_that_day(rates, offset, length):
    start = rates.valid_from + offset * DAY
    end = start + length * DAY
    segments = rates.segments(start, end)
    assert (segments[0].start, segments[-1].end) == (start, end)
    assert all(left.end == right.start for left, right in pairwise(segments))
    assert all(left.percent != right.percent for left, right in pairwise(segments))
    for segment in segments:
        days = [segment.start + n * DAY for n in range((segment.end - segment.start).days)]
        assert {rates.at(each) for each in days} == {segment.percent}


@given(tables)
def test_the_rate_of_a_day_is_that_of_the_last_row_before_it(rates):
    for rate in rates.rates:
        for each in (rate.valid_from, rate.valid_from + DAY):
            assert (
                rates.at(each)
                == max((r for r in rates.rates if r.valid_from <= each), key=lambda r: r.valid_from).percent
            )


# Making a table


@given(st.permutations(BASE))
def test_rows_come_in_any_order(rows):
    assert table(rows) == table(BASE)


def test_rows_are_read_from_dates_text_decimals_ints_and_rates():
    rate = Rate(valid_from=day("2024-01-01"), percent=Decimal(5))
    for row in (("2024-01-01", "5"), [day("2024-01-01"), Decimal(5)], ("2024-01-01", None, 5), rate):
        assert table([row]).rates == (rate,)


def test_a_table_does_not_depend_on_the_decimal_context():
    with decimal.localcontext(prec=1, traps=[decimal.Inexact, decimal.Rounded]):
        assert table([("2024-01-01", "12.345")]).at(day("2024-01-01")) == Decimal("12.345")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("2024-01-01", "2024-05-31", 1), ("2024-07-01", 2)], "must begin on 2024-06-01 (a gap), got '2024-07-01'"),
        ([("2024-07-01", 2), ("2024-01-01", "2024-07-01", 1)], "must begin on 2024-07-02 (an overlap)"),
        ([("2024-01-01", 1), ("2024-01-01", 2)], "must begin after 2024-01-01 (an overlap"),
        ([("2024-01-01", 1), ("2024-01-01", 1)], "must begin after 2024-01-01 (an overlap"),
    ],
)
def test_gaps_and_overlaps_are_refused_and_named(rows, message):
    with pytest.raises(InvalidValue) as caught:
        table(rows)
    assert caught.value.field == "rates.rates[1]"
    assert message in str(caught.value)


def test_a_table_that_is_made_by_hand_must_be_in_order():
    rates = tuple(Rate(valid_from=day(text), percent=Decimal(1)) for text in ("2024-07-01", "2024-01-01"))
    with pytest.raises(InvalidValue, match="out of order"):
        RateTable(name="x", source="y", rates=rates)


def test_an_empty_table_is_refused():
    with pytest.raises(InvalidValue, match="must hold a rate"):
        table([])


@pytest.mark.parametrize(
    ("row", "error", "field"),
    [
        ("2024-01-01", WrongType, "rows[0]"),
        (5, WrongType, "rows[0]"),
        (("2024-01-01",), InvalidValue, "rows[0]"),
        (("2024-01-01", None, 5, 5), InvalidValue, "rows[0]"),
        (("2024-01-01", 3.62), WrongType, "rows[0].percent"),
        (("2024-01-01", True), WrongType, "rows[0].percent"),
        (("2024-01-01", "3,62"), InvalidValue, "rows[0].percent"),
        (("2024-01-01", "3.62 %"), InvalidValue, "rows[0].percent"),
        (("2024-01-01", ""), InvalidValue, "rows[0].percent"),
        (("2024-01-01", "1e2"), InvalidValue, "rows[0].percent"),
        (("2024-01-01", Decimal("NaN")), InvalidValue, "rate.percent"),
        (("20240101", 5), InvalidValue, "rows[0].valid_from"),
        (("2024-W01-1", 5), InvalidValue, "rows[0].valid_from"),
        (("2024-02-30", 5), InvalidValue, "rows[0].valid_from"),
        (("01/02/2024", 5), InvalidValue, "rows[0].valid_from"),
        ((dt.datetime(2024, 1, 1), 5), WrongType, "rows[0].valid_from"),
        (("2024-01-01", "later", 5), InvalidValue, "rows[0].valid_until"),
        (("2024-01-02", "2024-01-01", 5), InvalidValue, "rate.valid_until"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_place(row, error, field):
    with pytest.raises(error) as caught:
        table([row])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"name": ""}, "rates.name"),
        ({"name": None}, "rates.name"),
        ({"source": " "}, "rates.source"),
        ({"rates": []}, "rates.rates"),
        ({"rates": (1,)}, "rates.rates[0]"),
    ],
)
def test_a_table_names_itself_and_its_source(settings, field):
    rates = (Rate(valid_from=day("2024-01-01"), percent=Decimal(1)),)
    with pytest.raises(ReceivablesError) as caught:
        RateTable(**({"name": "x", "source": "y", "rates": rates} | settings))
    assert caught.value.field == field


@pytest.mark.parametrize("percent", ["5", 5, 5.0, None])
def test_a_rate_is_a_decimal(percent):
    with pytest.raises(WrongType, match="rate.percent"):
        Rate(valid_from=day("2024-01-01"), percent=percent)


def test_a_table_is_frozen_hashable_and_survives_pickling_and_copying():
    base = table(BASE)
    with pytest.raises(AttributeError):
        base.name = "other"
    assert pickle.loads(pickle.dumps(base)) == copy.deepcopy(base) == base
    assert hash(copy.deepcopy(base)) == hash(base)


# The published tables, which stand beside the repository


@pytest.mark.parametrize(
    ("name", "column", "day_and_percent"),
    [
        ("de_basiszinssatz.csv", "rate_percent", ("2024-03-01", "3.62")),
        ("de_basiszinssatz.csv", "rate_percent", ("2009-03-01", "1.62")),
        ("eu_ecb_mro_2019_2025.csv", "rate_percent", ("2024-01-01", "4.5")),
        ("eu_ecb_mro_2019_2025.csv", "rate_percent", ("2025-07-01", "2.15")),
        ("uk_boe_bank_rate_since_1997.csv", "rate_percent", ("2023-12-31", "5.25")),
        ("uk_boe_bank_rate_since_1997.csv", "rate_percent", ("2025-06-30", "4.25")),
        ("fr_taux_interet_legal_2021_2026.csv", "professionnels_percent", ("2024-09-30", "4.92")),
        ("fr_taux_interet_legal_2021_2026.csv", "default_penalty_L441_10_percent", ("2024-07-01", "14.25")),
    ],
)
def test_published_tables_are_read_as_they_are(shared_data, name, column, day_and_percent):
    with shared_data(f"rates/{name}").open(newline="", encoding="utf-8") as file:
        rows = [(row["effective_from"], row[column]) for row in csv.DictReader(file)]
    rates = table(rows, name=name, source="published")
    assert len(rates.rates) == len(rows)
    assert rates == table(reversed(rows), name=name, source="published")
    looked_up, percent = day_and_percent
    assert rates.at(day(looked_up)) == Decimal(percent)
    assert rates.segments(rates.valid_from, day("2026-12-31"))[-1].percent == rates.rates[-1].percent
