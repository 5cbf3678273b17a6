"""Suspensions, interruptions and standstills: what is refused, and what a last day means."""

import datetime as dt

import pytest

from receivables.documents.limitation import Interruption, Standstill, Suspension
from receivables.errors import CardNumberRefused, InvalidValue, WrongType

DAY = dt.date(2026, 3, 2)
GOOD = {"id": "S-1", "account": "ACME", "items": ("INV-1",), "kind": "mediation", "starts_on": DAY, "reason": "talks"}


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"id": " "}, InvalidValue, "suspension.id"),
        ({"items": ()}, InvalidValue, "suspension.items"),
        ({"items": ("INV-1", "INV-1")}, InvalidValue, "suspension.items"),
        ({"items": ["INV-1"]}, WrongType, "suspension.items"),
        ({"items": ("INV-1", 5)}, WrongType, "suspension.items[1]"),
        ({"kind": "holiday"}, InvalidValue, "suspension.kind"),
        ({"starts_on": dt.datetime(2026, 3, 2)}, WrongType, "suspension.starts_on"),
        ({"until": dt.date(2026, 3, 1)}, InvalidValue, "suspension.until"),
        ({"reason": ""}, InvalidValue, "suspension.reason"),
        ({"reason": "card 4111 1111 1111 1111"}, CardNumberRefused, "suspension.reason"),
    ],
)
def test_a_suspension_that_cannot_be_is_refused(change, error, field):
    with pytest.raises(error) as caught:
        Suspension(**{**GOOD, **change})
    assert caught.value.field == field


def test_the_period_runs_again_on_the_day_after_the_last():
    assert Suspension(**GOOD, until=DAY).resumes_on == dt.date(2026, 3, 3)
    assert Suspension(**GOOD).resumes_on is None
    assert Suspension(**GOOD, until=dt.date.max).resumes_on is None


def test_interruptions_and_standstills_check_kind_and_days():
    with pytest.raises(InvalidValue, match=r"interruption\.kind"):
        Interruption(on=DAY, kind="a call")
    with pytest.raises(WrongType, match=r"interruption\.on"):
        Interruption(on="2026-03-02")
    with pytest.raises(InvalidValue, match=r"standstill\.kind"):
        Standstill(kind="holiday", starts_on=DAY)
    with pytest.raises(InvalidValue, match=r"standstill\.resumes_on"):
        Standstill(kind="mediation", starts_on=DAY, resumes_on=dt.date(2026, 3, 1))
