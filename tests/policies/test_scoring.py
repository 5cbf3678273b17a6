"""Scorecards: points by bins, reasons by the points that they cost, classes by edges."""

import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Customer, PolicyBook, codec
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.policies.behavior import CustomFeature
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard, score

LATE = Factor(
    feature="days_late",
    code="pays_late",
    missing=30,
    bins=(Bin(below=500, points=80), Bin(below=1500, points=50), Bin(points=0, code="pays_very_late")),
)
BACK = Factor(feature="returned_payments", code="money_went_back", bins=(Bin(below=1, points=40), Bin(points=0)))
WORST = Factor(feature="worst_days_late", code="was_late_once", bins=(Bin(below=60, points=20), Bin(points=10)))
CLASSES = (RiskClass(name="A", least=600), RiskClass(name="B", least=540), RiskClass(name="C"))
CARD = Scorecard(id="trade", version=1, base=500, factors=(LATE, BACK, WORST), classes=CLASSES)
GOOD = {"days_late": 0, "returned_payments": 0, "worst_days_late": 0}


def scored(**values):
    return score({**GOOD, **values}, CARD)


def test_who_loses_nothing_has_no_reason():
    found = scored()
    assert (found.points, found.risk_class, found.reasons) == (640, "A", ())


def test_reasons_stand_by_the_points_that_they_cost_and_equal_ones_in_the_order_of_the_factors():
    found = scored(days_late=700, returned_payments=2, worst_days_late=60)
    assert [(each.code, each.points_lost) for each in found.reasons] == [
        ("money_went_back", 40),
        ("pays_late", 30),
        ("was_late_once", 10),
    ]
    tied = Scorecard(
        id="t", version=1, factors=(WORST, attrs.evolve(WORST, feature="letters", code="b")), classes=CLASSES
    )
    assert [each.code for each in score({"worst_days_late": 90, "letters": 90}, tied).reasons] == ["was_late_once", "b"]


def test_a_bound_belongs_to_the_next_bin_and_a_bin_may_have_a_reason_of_its_own():
    codes = {value: [each.code for each in scored(days_late=value).reasons] for value in (499, 500, 1499, 1500)}
    assert codes == {499: [], 500: ["pays_late"], 1499: ["pays_late"], 1500: ["pays_very_late"]}


def test_what_is_undefined_has_points_and_a_reason_of_its_own():
    (reason,) = scored(days_late=None).reasons
    assert (reason.code, reason.value, reason.points_lost) == ("not_known", None, 50)


def test_an_edge_belongs_to_the_better_class():
    edges = [CARD.class_of(points) for points in (600, 599, 540, 539, -10_000)]
    assert edges == ["A", "B", "B", "C", "C"]


def test_a_score_keeps_every_input_and_explains_every_point():
    found = scored(days_late=700, returned_payments=None)
    assert {each.name: each.value for each in found.inputs} == {**GOOD, "days_late": 700, "returned_payments": None}
    assert CARD.base + sum(row["points"] for row in found.rows()) == found.points
    assert sum(row["points_lost"] for row in found.rows()) == sum(each.points_lost for each in found.reasons)


def test_a_feature_that_is_left_out_is_an_error_and_not_undefined():
    with pytest.raises(UnknownId, match="returned_payments"):
        score({"days_late": 0, "worst_days_late": 0}, CARD)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Factor(feature="x", code="x", bins=()), "no bound"),
        (lambda: Factor(feature="x", code="x", bins=(Bin(below=1, points=0),)), "no bound"),
        (lambda: Factor(feature="x", code="x", bins=(Bin(points=0), Bin(points=1))), "must rise"),
        (
            lambda: Factor(feature="x", code="x", bins=(Bin(below=5, points=0), Bin(below=5, points=1), Bin(points=2))),
            "rise",
        ),
        (lambda: attrs.evolve(CARD, factors=(LATE, LATE)), "feature twice"),
        (lambda: attrs.evolve(CARD, classes=()), "all that are left"),
        (lambda: attrs.evolve(CARD, classes=CLASSES[:2]), "all that are left"),
        (lambda: attrs.evolve(CARD, classes=(CLASSES[1], CLASSES[0], CLASSES[2])), "must fall"),
        (lambda: attrs.evolve(CARD, classes=(CLASSES[0], RiskClass(name="A"))), "class twice"),
        (lambda: attrs.evolve(CARD, version=0), "at least 1"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(make, words):
    with pytest.raises(InvalidValue, match=words):
        make()


@pytest.mark.parametrize("wrong", [1.5, True, "40"])
def test_points_are_whole_numbers(wrong):
    with pytest.raises(WrongType):
        Bin(points=wrong)


@given(value=st.none() | st.integers(), other=st.none() | st.integers())
def test_points_depend_on_the_bin_alone_and_lost_points_are_never_below_zero(value, other):
    found = LATE.reason(value)
    assert 0 <= found.points_lost <= LATE.most
    assert LATE.points(value) == LATE.most - found.points_lost
    if value is not None and other is not None and LATE.bin_of(value) == LATE.bin_of(other):
        assert LATE.points(value) == LATE.points(other)


def test_a_scorecard_survives_the_codec_and_pickling_with_the_same_digest():
    again = codec.read_settings(codec.settings_text(CARD))
    assert again == CARD
    assert codec.policy_ref(again) == codec.policy_ref(CARD)
    assert pickle.loads(pickle.dumps(CARD)) == CARD


# In the book ------------------------------------------------------------------------------------------------------------


def open_items(history):
    return len(history.view.places)


OWN = CustomFeature(name="host:open_items", compute=open_items)
ASKS = attrs.evolve(CARD, factors=(Factor(feature=OWN.name, code="many", bins=(Bin(points=0),)),))


def test_a_book_refuses_a_scorecard_that_looks_at_what_nobody_can_work_out():
    with pytest.raises(InvalidValue, match="host:open_items"):
        PolicyBook.of(ASKS)
    assert PolicyBook.of(ASKS, features=(OWN,)).scorecard_for(Customer(id="ACME")) == ASKS


def test_a_host_cannot_take_a_name_of_the_library_or_one_name_twice():
    for name in ("days_late", "external:agency"):
        with pytest.raises(InvalidValue, match="of the library"):
            CustomFeature(name=name, compute=open_items)
    with pytest.raises(InvalidValue, match="twice"):
        PolicyBook.of(features=(OWN, OWN))
    with pytest.raises(WrongType):
        CustomFeature(name="host:x", compute=5)


def test_no_scorecard_is_no_scorecard():
    assert PolicyBook.of().scorecard_for(Customer(id="ACME")) is None
