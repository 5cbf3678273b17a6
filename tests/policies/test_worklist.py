"""The settings of the worklist: what is refused, and how reasons are ranked."""

import pytest
from tests.service.world import eur

from receivables import Money, PolicyBook
from receivables.codec import read_settings, settings_text
from receivables.errors import InvalidValue, WrongType
from receivables.policies.worklist import ACTIONS, CODES, CONTACTS, KEYS, PLAIN, WorklistPolicy, WorkReason
from receivables.reports.worklist import ORDER


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"order": ("points", "size")}, r"worklist\.order\[1\]"),
        ({"order": ("age", "age")}, r"worklist\.order: must name each once"),
        ({"points": (("hunger", 3),)}, r"worklist\.points\[0\]"),
        ({"points": (("order_held", -1),)}, r"worklist\.points\[0\]"),
        ({"points": (("order_held", 1), ("order_held", 2))}, r"worklist\.points: must name each once"),
        ({"points": (("order_held",),)}, r"worklist\.points\[0\]: must be a pair"),
        ({"actions": (("order_held", "dance"),)}, r"worklist\.actions\[0\]"),
        ({"ignored": frozenset({"hunger"})}, r"worklist\.ignored"),
        ({"worth": (eur(0),)}, r"worklist\.worth\[0\]: must be more than zero"),
        ({"big_overdue": (eur(-1),)}, r"worklist\.big_overdue\[0\]: must not be negative"),
        ({"unapplied_from": (eur(1), eur(2))}, r"worklist\.unapplied_from: must give each currency once"),
        ({"dispute_days": -1}, r"worklist\.dispute_days"),
        ({"version": 0}, r"worklist\.version"),
    ],
)
def test_settings_that_nobody_can_mean_are_refused(wrong, error):
    with pytest.raises(InvalidValue, match=error):
        WorklistPolicy(**{"id": "desk", "version": 1, **wrong})


@pytest.mark.parametrize("wrong", [{"ignored": ("order_held",)}, {"order": "points"}, {"wants_collector": 1}])
def test_settings_of_another_type_are_refused(wrong):
    with pytest.raises(WrongType):
        WorklistPolicy(**{"id": "desk", "version": 1, **wrong})


def test_settings_are_read_back_as_they_were_published():
    policy = WorklistPolicy(
        id="desk",
        version=2,
        order=("urgency", "worth"),
        points=(("order_held", 90),),
        actions=(("big_overdue", "send"),),
        ignored=frozenset({"unapplied_cash"}),
        big_overdue=(eur(5000),),
        worth=(eur(100), Money.of(16_000, "JPY")),
    )
    assert read_settings(settings_text(policy)) == policy
    assert PolicyBook.of(policy).policies == (policy,)


def test_reasons_are_ranked_by_points_then_by_their_place_in_the_table():
    codes = ("unapplied_cash", "order_held", "ladder_finished", "promise_broken")
    ranked = PLAIN.ranked(WorkReason(code=code, subject="X") for code in codes)
    assert [each.code for each in ranked] == ["promise_broken", "ladder_finished", "order_held", "unapplied_cash"]
    heavier = WorklistPolicy(id="desk", version=1, points=(("unapplied_cash", 99),))
    assert heavier.ranked(ranked)[0].code == "unapplied_cash"
    assert heavier.next_action(heavier.ranked(ranked))[0] == "apply_cash"


def test_a_reason_may_ask_for_another_action_than_its_code():
    planned = WorkReason(code="next_action_due", subject="A-1", asks="escalate")
    assert PLAIN.next_action(PLAIN.ranked([planned]))[0] == "escalate"


def test_every_action_and_key_of_the_tables_is_known():
    assert {row.action for row in CODES.values()} <= set(ACTIONS)
    assert set(ACTIONS) >= CONTACTS
    assert set(ORDER) == set(KEYS)
