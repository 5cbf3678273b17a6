"""How customers pay, learned: by hand-counted hazards, from what was known on a day and from nothing later."""

import datetime as dt
import pickle
from fractions import Fraction

import attrs
import pytest

from receivables.errors import InvalidValue, WrongType
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_behavior import END, SCALE, STARTS, Curves, learn, spread
from receivables.reports.forecast_history import PaymentRecord

MONDAY = dt.date(2026, 3, 2)
LAST = dt.date(2026, 6, 30)
POLICY = ForecastPolicy(id="cash", version=1)


def paid(late: int | None, customer: str = "ACME", due_on: dt.date = MONDAY, **more) -> PaymentRecord:
    """A record of an invoice that was paid so many days late, or is open."""
    paid_on = None if late is None else due_on + dt.timedelta(days=late)
    return PaymentRecord(customer=customer, due_on=due_on, paid_on=paid_on, **more)


def hazard(records, late: int, policy: ForecastPolicy = POLICY, **item) -> Fraction:
    """What is paid of an item on a day late, of what is still open before it."""
    hazards = Curves(learn(records, as_of=LAST), policy).hazards(
        item.get("segment", ""), item.get("customer", "ACME"), item.get("due_on", MONDAY)
    )
    return Fraction(hazards[STARTS.index(late)], SCALE)


def nearly(value: Fraction, expected: Fraction) -> bool:
    return abs(value - expected) < Fraction(1, 10**12)


def test_each_level_leans_on_the_one_above_by_its_strength():
    """Two of four paid on day 3. All: (2 + 0.01) / (4 + 1); then each level with the same four."""
    records = [paid(3), paid(3), paid(5), paid(9)]
    expected = Fraction(201, 100) / 5
    for strength in POLICY.strengths:
        expected = (2 + strength * expected) / (4 + strength)
    assert nearly(hazard(records, 3), expected)


def test_only_what_is_still_open_counts_below_the_line():
    """On day 5 two of four are left: (1 + 0.01) / (2 + 1) for all customers, asked of a customer that nobody knows."""
    records = [paid(3), paid(3), paid(5), paid(9)]
    above = Fraction(101, 100) / 3
    expected = (1 + POLICY.segment_strength * above) / (2 + POLICY.segment_strength)
    assert nearly(hazard(records, 5, customer="NOBODY"), expected)


def test_an_open_item_counts_for_the_days_that_it_has_been_open_and_no_further():
    open_five = paid(None, due_on=LAST - dt.timedelta(days=5), issued_on=MONDAY)
    everybody = attrs.evolve(POLICY, segment_strength=10**9)
    for late, there in ((5, 2), (6, 1)):
        expected = Fraction(1, 100) / (there + 1)
        assert abs(hazard([paid(9), open_five], late, everybody, customer="NOBODY") - expected) < Fraction(1, 10**6)


def test_a_part_of_the_month_has_its_own_history_and_a_weekday_in_it_too():
    tuesday, at_the_end = MONDAY + dt.timedelta(days=1), dt.date(2026, 3, 30)
    records = [paid(0) for _ in range(50)] + [paid(4, due_on=tuesday) for _ in range(50)]
    records += [paid(9, due_on=at_the_end) for _ in range(50)]
    assert hazard(records, 0, due_on=MONDAY) > Fraction(8, 10)
    assert hazard(records, 0, due_on=tuesday) < Fraction(2, 10)
    assert hazard(records, 0, due_on=at_the_end) < Fraction(1, 10)
    wednesday = MONDAY + dt.timedelta(days=2)  # of the same part of the month, and no Wednesday was seen
    assert Fraction(4, 10) < hazard(records, 0, due_on=wednesday) < Fraction(6, 10)


def test_a_customer_without_history_pays_as_its_segment_does():
    records = [paid(0, f"R{n}", segment="retail") for n in range(200)]
    records += [paid(20, f"P{n}", segment="public") for n in range(200)]
    assert hazard(records, 0, customer="NEW", segment="retail") > Fraction(9, 10)
    assert hazard(records, 0, customer="NEW", segment="public") < Fraction(1, 10)
    assert Fraction(4, 10) < hazard(records, 0, customer="NEW", segment="other") < Fraction(6, 10)


@pytest.mark.parametrize(
    ("record", "same_as"),
    [
        (paid(130), None),  # the payment is after the last day, and the due date before: open since
        (paid(3, recorded_at=dt.datetime(2026, 7, 1, 0, 0, 1, tzinfo=dt.UTC)), None),
        (paid(3, recorded_at=dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)), 3),
    ],
)
def test_what_was_not_known_counts_as_open(record, same_as):
    expected = learn([paid(same_as)], as_of=LAST, known_at=LAST)
    assert learn([record], as_of=LAST, known_at=LAST) == expected


def test_an_invoice_that_nobody_could_know_of_counts_for_nothing():
    due_on = LAST + dt.timedelta(days=1)
    nothing = learn([], as_of=LAST)
    assert learn([paid(5, due_on=due_on)], as_of=LAST) == nothing
    assert learn([paid(5, due_on=due_on, issued_on=due_on)], as_of=LAST) == nothing
    assert learn([paid(5, due_on=due_on, issued_on=LAST)], as_of=LAST).items == 1


def test_what_was_paid_before_a_day_can_be_left_out():
    since = MONDAY + dt.timedelta(days=4)
    assert learn([paid(3), paid(None)], as_of=LAST, since=since).items == 0
    assert learn([paid(4)], as_of=LAST, since=since).items == 1


def test_what_went_without_a_payment_was_open_until_its_day_and_paid_on_none():
    gone = learn([paid(3, by_payment=False)], as_of=LAST).by_key["all",]
    assert gone.paid == ()
    assert gone.left == ((STARTS.index(2), gone.weight),)


@pytest.mark.parametrize(("late", "first"), [(-200, -60), (-60, -60), (60, 60), (67, 61), (68, 68), (363, 334)])
def test_a_payment_counts_in_its_bin(late, first):
    ((at, _),) = learn([paid(late)], as_of=dt.date(2028, 1, 1)).by_key["all",].paid
    assert STARTS[at] == first


def test_what_is_paid_after_a_year_counts_as_never_paid():
    cell = learn([paid(END)], as_of=dt.date(2028, 1, 1)).by_key["all",]
    assert (cell.paid, cell.left[0][0]) == ((), len(STARTS) - 1)


def test_shares_of_an_item_weigh_as_shares():
    behavior = learn([paid(1, share=Fraction(1, 4)), paid(2, share=Fraction(3, 4))], as_of=LAST)
    assert behavior.items == 1


def test_parts_of_the_customers_learned_apart_say_together_what_all_say():
    records = [paid(n % 7, f"C{n % 3}", MONDAY + dt.timedelta(days=n)) for n in range(30)]
    parts = [learn([each for each in records if each.customer == f"C{n}"], as_of=LAST) for n in range(3)]
    assert parts[0] + parts[1] + parts[2] == learn(records, as_of=LAST) == learn(reversed(records), as_of=LAST)


def test_what_was_learned_on_different_days_is_not_added():
    with pytest.raises(InvalidValue, match="same dates"):
        learn([], as_of=LAST) + learn([], as_of=MONDAY)


def test_anything_but_records_is_refused():
    with pytest.raises(WrongType, match="payment record"):
        learn([("ACME", MONDAY, MONDAY)], as_of=LAST)


def test_nothing_learned_gives_no_hazards_and_no_basis():
    curves = Curves(learn([], as_of=LAST), POLICY)
    assert curves.hazards("", "ACME", MONDAY) is None
    assert curves.basis("", "ACME", MONDAY) == ()


def test_hazards_are_kept_for_all_and_for_the_customer_that_was_asked_for_last():
    records = [PaymentRecord(customer=f"C{n}", due_on=MONDAY, paid_on=MONDAY + dt.timedelta(days=n)) for n in range(9)]
    behavior = learn(records, as_of=LAST)
    curves = Curves(behavior, POLICY)
    for _ in range(2):
        for n in range(9):
            assert curves.hazards("", f"C{n}", MONDAY) == Curves(behavior, POLICY).hazards("", f"C{n}", MONDAY)
    kept = [key for keys in (*curves._kept, *curves._of_customer) for key in keys[2:3]]
    assert {key[1] for key in kept} == {"C8"}


def test_the_basis_says_how_many_items_each_level_saw_and_how_much_they_count():
    curves = Curves(learn([paid(1), paid(2), paid(2)], as_of=LAST), POLICY)
    found = {each.level: (each.about, each.items, each.counts_percent) for each in curves.basis("", "ACME", MONDAY)}
    assert found["customer"] == ("ACME", 3, 50)
    assert found["month_part"] == ("ACME, due from day 1 to 5", 3, 27)
    assert found["weekday"] == ("ACME, due from day 1 to 5, on Monday", 3, 27)


def test_the_last_part_of_the_month_goes_to_its_end():
    for number in (26, 31):
        curves = Curves(learn([paid(1, due_on=dt.date(2026, 3, number))], as_of=LAST), POLICY)
        *_, part, _ = curves.basis("", "ACME", dt.date(2026, 3, number))
        assert part.about == "ACME, due from day 26 to 31"


def test_what_is_open_never_grows_and_ends_where_the_bins_do():
    hazards = Curves(learn([paid(n) for n in (-3, 0, 2, 65, 150)], as_of=dt.date(2027, 6, 1)), POLICY).hazards(
        "", "ACME", MONDAY
    )
    for start in (-100, -61, -3, 0, 20, 60, 64, 130, 362, 363, 400):
        found = spread(hazards, start, 480)
        assert list(found.open_after) == sorted(found.open_after, reverse=True)
        assert found.open_after[0] == SCALE
        assert found.never == found.open_after[-1] > 0
        assert abs(spread(hazards, start, 10).never - found.never) < 1000
    assert spread(hazards, 400, 10).never == SCALE


def test_within_a_bin_of_days_the_same_amount_goes_on_each_day():
    """Half of what is open on day 60 goes in the week from day 61: a fourteenth on each of its days."""
    hazards = tuple(SCALE // 2 if start == 61 else 0 for start in STARTS)
    found = spread(hazards, 60, 7).open_after
    for days, left in enumerate(found):
        assert nearly(Fraction(left, SCALE), 1 - Fraction(days, 14))
    later = spread(hazards, 63, 4).open_after
    assert nearly(Fraction(later[1], SCALE), Fraction(10, 11))


def test_a_behavior_is_a_value_that_can_be_kept():
    behavior = learn([paid(1), paid(None)], as_of=LAST, known_at=LAST)
    assert pickle.loads(pickle.dumps(behavior)) == behavior
    assert hash(behavior) == hash(learn([paid(None), paid(1)], as_of=LAST, known_at=LAST))


def test_the_table_has_all_customers_segments_and_customers():
    behavior = learn([paid(1), paid(3), paid(-2), paid(None)], as_of=LAST)
    all_, _, customer = behavior.rows()
    assert (all_["level"], customer["about"]) == ("all", "ACME")
    assert (customer["items"], customer["paid"], customer["late percent"], customer["median days late"]) == (
        "4", "3", 66, 1,
    )  # fmt: skip
    assert learn([paid(None)], as_of=LAST).rows()[0]["late percent"] is None
    assert "payment behavior as of 2026-06-30: 4 items" in str(behavior)
    assert "<caption>Payment behavior as of 2026-06-30" in behavior._repr_html_()
    assert str(learn([], as_of=LAST, known_at=LAST)).endswith("0 items\nno payment was known")
