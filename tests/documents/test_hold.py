"""Holds: what kind, on what, what they stop by default, and which ones collide."""

import copy
import datetime as dt
import pickle

import pytest
from hypothesis import given

from receivables import Hold, Money
from receivables.codec import digest
from receivables.documents.hold import STOPS, STOPS_OF
from receivables.errors import InvalidValue, WrongType
from receivables.plans.commands import PlaceHold
from receivables.testing import strategies

DAY = dt.date(2026, 3, 2)
EARLIER = DAY - dt.timedelta(days=1)
HOLD = {"id": "H", "account": "A", "placed_on": DAY, "reason": "goods came back"}
TEN = Money.of(10, "EUR")


@pytest.mark.parametrize(
    ("id", "first"),
    [
        ("H", "H"),
        ("H again 1", "H"),
        ("H again 12", "H"),
        ("H again and again", "H again and again"),
        ("H again and again again 1", "H again and again"),
        (" again 1", " again 1"),
    ],
)
def test_a_hold_that_was_placed_again_tells_its_first_id(id, first):
    assert Hold(**{**HOLD, "id": id}).first_id == first


def on(day: int) -> dt.date:
    return dt.date(2026, 3, day)


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"id": " "}, InvalidValue, "hold.id"),
        ({"account": 5}, WrongType, "hold.account"),
        ({"placed_on": None}, WrongType, "hold.placed_on"),
        ({"reason": ""}, InvalidValue, "hold.reason"),
        ({"kind": "pause"}, InvalidValue, "hold.kind"),
        ({"kind": None}, WrongType, "hold.kind"),
        ({"item": ""}, InvalidValue, "hold.item"),
        ({"document": ""}, InvalidValue, "hold.document"),
        ({"document": "INV", "item": "INV/1"}, InvalidValue, "hold.document"),
        ({"approver": ""}, InvalidValue, "hold.approver"),
        ({"code": 7}, WrongType, "hold.code"),
        ({"until": EARLIER}, InvalidValue, "hold.until"),
        ({"until": "2026-12-31"}, WrongType, "hold.until"),
        ({"stops": {"dunning"}}, WrongType, "hold.stops"),
        ({"stops": frozenset()}, InvalidValue, "hold.stops"),
        ({"stops": frozenset({"dunning", "sleep"})}, InvalidValue, "hold.stops"),
        ({"stops": frozenset({"dunning", 5})}, InvalidValue, "hold.stops"),
        ({"amount": TEN}, InvalidValue, "hold.amount"),
        ({"amount": TEN, "document": "INV"}, InvalidValue, "hold.amount"),
        ({"amount": Money.of(0, "EUR"), "item": "INV"}, InvalidValue, "hold.amount"),
        ({"amount": 10, "item": "INV"}, WrongType, "hold.amount"),
        ({"amount": TEN, "item": "INV", "kind": "do_not_contact"}, InvalidValue, "hold.stops"),
    ],
)
def test_a_hold_that_cannot_be_is_refused_by_field(changes, error, named):
    with pytest.raises(error) as caught:
        Hold(**{**HOLD, **changes})
    assert caught.value.field == named


def test_each_kind_stops_what_its_row_says_unless_the_host_says_otherwise():
    assert {kind: set(Hold(**HOLD, kind=kind).stops) for kind in STOPS_OF} == {
        "hold": {"dunning", "credit"},
        "deferment": {"dunning", "interest"},
        "hardship": {"dunning", "interest", "reporting"},
        "do_not_contact": {"dunning", "contact"},
        "placement": {"dunning", "contact"},
    }
    assert Hold(**HOLD, kind="hardship", stops=STOPS).stops == STOPS
    assert Hold(**HOLD, until=DAY).until == DAY


def test_what_a_hold_is_on():
    whole, invoice, item = Hold(**HOLD), Hold(**HOLD, document="INV"), Hold(**HOLD, item="INV/1")
    part = Hold(**HOLD, item="INV/1", amount=TEN)
    pairs = [("INV/1", "INV"), ("INV/2", "INV"), ("INV/1/first/fee", "INV"), ("OTHER", "OTHER")]
    assert [[hold.covers(*pair) for pair in pairs] for hold in (whole, invoice, item, part)] == [
        [True, True, True, True],
        [True, True, True, False],
        [True, False, False, False],
        [True, False, False, False],
    ]
    assert [hold.is_general for hold in (whole, invoice, item, part)] == [True, False, False, False]
    assert [hold.stops_all("dunning") for hold in (whole, invoice, item, part)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("changes", "collide"),
    [
        ({}, True),
        ({"placed_on": on(10)}, True),
        ({"placed_on": on(11)}, False),
        ({"placed_on": on(1), "until": on(2)}, True),
        ({"placed_on": on(1), "until": on(1)}, False),
        ({"kind": "deferment"}, False),
        ({"item": None}, False),
        ({"item": None, "document": "INV"}, False),
        ({"item": "INV/2"}, False),
        ({"amount": TEN}, False),
        ({"stops": frozenset({"reporting"})}, False),
        ({"stops": frozenset({"reporting", "credit"})}, True),
    ],
)
def test_two_holds_collide_by_kind_scope_what_they_stop_and_days(changes, collide):
    first = Hold(**HOLD, item="INV/1", until=on(10))
    other = Hold(**{**HOLD, "id": "I", "item": "INV/1", **changes})
    assert first.overlaps(other) is collide
    assert other.overlaps(first) is collide


def test_the_digest_of_a_request_is_what_it_was_before_holds_had_kinds():
    hold = Hold(id="H-1", account="ACME", placed_on=DAY, reason="x")
    assert digest(PlaceHold(hold=hold, key="k")) == "f86482c52e3525e5b86232ee9879f585b977adc1016292a37675b1f625109c89"
    hold = Hold(
        id="H-1", account="ACME", placed_on=DAY, reason="x", stops=frozenset({"dunning"}), item="INV-1", until=on(31)
    )
    assert digest(PlaceHold(hold=hold, key="k")) == "fc3330fb217f7851b3faa23e2bb2fdd6079b5c4fa5b67e9e84347c3193ffd647"


def test_another_kind_of_hold_is_another_request():
    kinds = {digest(Hold(**HOLD, kind=kind)) for kind in STOPS_OF}
    assert len(kinds) == len(STOPS_OF)
    assert digest(Hold(**HOLD, kind="deferment", stops=STOPS_OF["hold"])) not in kinds


@given(strategies.holds())
def test_a_hold_survives_pickling_and_deep_copies(hold):
    for again in (pickle.loads(pickle.dumps(hold)), copy.deepcopy(hold)):
        assert again == hold
        assert hash(again) == hash(hold)
