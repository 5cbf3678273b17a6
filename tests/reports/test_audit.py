"""The audit report: who did what under which authority, and what stands out."""

import datetime as dt
import inspect
import re
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.codec.samples import SAMPLES
from tests.plans.test_authority import GOVERNED, ask, grant, refund
from tests.service.world import World, eur

from receivables import Hold
from receivables.documents.authority import DEEDS
from receivables.errors import InvalidValue, NotAuthorized
from receivables.facts.credit import HoldPlaced
from receivables.facts.dispute import DisputeResolved
from receivables.policies.authority import CODES
from receivables.reports import audit as module
from receivables.reports.audit import DEED_OF, FLAGS, audit
from receivables.testing.strategies import histories
from receivables.values.erased import ERASED


@pytest.fixture
def world():
    """A customer under the matrix with 3,000 on account: one refund with an approval, one tried without."""
    world = World(policies=GOVERNED)
    world.open()
    world.pay("P-1", 3000)
    ask(world, 500, id="A-1")
    grant(world, id="A-1")
    return world


def of(world, **more):
    return audit({"ACME": world.app.history("ACME")}, **more)


def test_a_deed_shows_who_did_it_who_agreed_and_by_which_rule(world):
    refund(world, 500, approval="A-1")
    used, made = of(world).lines[-2:]
    assert (used.deed, used.subject, used.amount, used.person) == ("authority.used/1", "P-1", eur(500), "ann")
    assert (made.deed, made.amount, made.person) == ("refund.made/1", eur(500), "ann")
    assert made.approvers == used.approvers != ()
    assert made.authority == used.authority
    assert re.fullmatch(r"\S+/\d+ \w+( up to .*)?", made.authority)


def test_the_authority_of_one_deed_is_not_that_of_the_next(world):
    refund(world, 500, approval="A-1")
    world.pay("P-2", 80)
    assert of(world).lines[-1].authority == ""


def test_an_authority_is_that_of_the_deed_of_its_kind_by_its_person():
    used = SAMPLES["authority.used/1"]
    made = next(fact for fact in SAMPLES.values() if DEED_OF.get(type(fact)) == used.kind)
    deed, other = (attrs.evolve(made, recorded_at=used.recorded_at, by=by) for by in (used.by, "somebody else"))
    hold = attrs.evolve(SAMPLES["hold.released/1"], recorded_at=used.recorded_at, by=used.by)
    lines = audit({"A": [used, hold, other, deed, deed]}).lines
    assert [bool(line.authority) for line in lines] == [True, False, False, True, False]


def test_who_tried_to_approve_its_own_is_named(world):
    with pytest.raises(NotAuthorized) as caught:
        refund(world, 900, by="ann", approver="ann")
    world.app.note_attempt("ACME", caught.value, key="noted", by="desk")
    (line,) = of(world).flagged("self_approval").lines
    assert (line.person, line.subject, line.amount, line.approvers) == ("ann", "P-1", eur(900), ())
    assert of(world).flagged("refused").lines == ()


def held(world):
    world = World()
    world.open()
    world.limit(100)
    world.order("SO-1", 600)
    return world


def test_an_order_that_was_let_through_is_an_override_with_what_it_was_based_on(world):
    world = held(world)
    world.app.release_held_order("ACME", "SO-1", approver="bob", reason="Ann wired it", by="ann", key="let")
    decided, released = [line for line in of(world).lines if line.deed.startswith("order.")]
    assert decided.flags == ("decision",)
    assert "limit_exceeded (500.00 EUR)" in decided.inputs
    assert released.flags[0] == "override"
    assert released.approvers == ("bob",)
    assert "limit 100.00 EUR (own)" in released.inputs
    assert released.policy == "standard/1"
    assert [line.subject for line in of(world).flagged("limit").lines] == ["EUR/base"]


def test_what_persons_wrote_is_left_out_unless_asked_for(world):
    world = held(world)
    world.app.release_held_order("ACME", "SO-1", approver="bob", reason="Ann wired it", by="ann", key="let")
    assert "Ann wired it" not in str(of(world).rows())
    assert of(world, personal=True).flagged("override").lines[0].notes == ("Ann wired it",)


def test_what_was_erased_says_so():
    fact = SAMPLES["dispute.resolved/1"]
    assert isinstance(fact, DisputeResolved)
    gone = DisputeResolved(
        dispute="D-1", outcome="rejected", amount=eur(1), reason=ERASED,
        effective_on=fact.effective_on, recorded_at=fact.recorded_at,
    )  # fmt: skip
    assert audit({"A": [gone]}, personal=True).lines[0].notes == ("[erased]",)


def placed(on, recorded, id="H-1"):
    return HoldPlaced(
        hold=Hold(id=id, account="ACME", placed_on=on, reason="x"), effective_on=on, recorded_at=recorded, by="bob"
    )


@pytest.mark.parametrize(("days", "flags"), [(0, ()), (5, ()), (6, ("backdated",)), (-9, ())])
def test_a_fact_is_backdated_where_it_was_recorded_more_days_after_its_day_than_asked(days, flags):
    recorded = dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC)
    report = audit({"ACME": [placed(recorded.date() - dt.timedelta(days=days), recorded)]}, backdated_days=5)
    assert report.lines[0].flags == flags
    assert report.lines[0].late_days == max(0, days)


def test_days_are_those_of_the_zone_of_the_creditor():
    recorded = dt.datetime(2026, 3, 12, 22, 30, tzinfo=dt.UTC)  # half past eleven in Berlin, half past seven in Tokyo
    logs = {"ACME": [placed(dt.date(2026, 3, 7), recorded)]}
    for zone, there in (("Europe/Berlin", True), ("Asia/Tokyo", False)):
        report = audit(logs, until=dt.date(2026, 3, 12), zone=ZoneInfo(zone))
        assert bool(report.lines) is there
    assert audit(logs, zone=ZoneInfo("Asia/Tokyo")).flagged("backdated").lines
    assert not audit(logs, zone=ZoneInfo("Europe/Berlin")).flagged("backdated").lines


def test_several_accounts_are_told_in_the_order_of_the_instants():
    at = [dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC) for day in (1, 2, 3)]
    logs = {
        "B": [placed(dt.date(2026, 3, 1), at[0], "H-1"), placed(dt.date(2026, 3, 3), at[2], "H-3")],
        "A": [placed(dt.date(2026, 3, 2), at[1], "H-2")],
    }
    report = audit(logs)
    assert [(line.account, line.number, line.subject) for line in report.lines] == [
        ("B", 1, "H-1"),
        ("A", 1, "H-2"),
        ("B", 2, "H-3"),
    ]
    assert report.title == "audit: 3 facts on 2 accounts"
    assert report.of_person("ann").lines == ()
    assert report.summary() == [{"person": "bob", "deed": "hold.placed/1", "times": 3, "flagged": 0}]
    assert "<caption>Audit: 3 facts on 2 accounts</caption>" in report._repr_html_()
    assert str(report).splitlines()[0] == report.title


@pytest.mark.parametrize("tag", sorted(SAMPLES))
def test_every_fact_says_what_it_is_about(tag):
    (line,) = audit({"A": [SAMPLES[tag]]}).lines
    assert line.deed == tag
    assert line.subject
    assert set(line.flags) <= set(FLAGS)


@pytest.mark.parametrize("tag", sorted(SAMPLES))
def test_no_personal_text_is_in_a_row_that_was_not_asked_for(tag):
    fact = SAMPLES[tag]
    notes = audit({"A": [fact]}, personal=True).lines[0].notes
    shown = str(audit({"A": [fact]}).rows())
    assert not [note for note in notes if note in shown]


def test_credits_that_are_handed_over_alone_are_what_it_is_about():
    handed = SAMPLES["documents.handed_over/1"]
    both, alone = (attrs.evolve(handed, documents=each, credits=("CN-1", "P-1")) for each in (("INV-1",), ()))
    assert [line.subject for line in audit({"A": [both, alone]}).lines] == ["INV-1", "CN-1, P-1"]


def test_a_deed_without_a_person_stands_out():
    limit = SAMPLES["limit.set/1"]
    named = audit({"A": [limit]}).lines[0]
    nobody = audit(
        {"A": [type(limit)(limit=limit.limit, effective_on=limit.effective_on, recorded_at=limit.recorded_at)]}
    )
    assert "nobody" not in named.flags
    assert "nobody" in nobody.lines[0].flags


def test_every_kind_of_deed_is_told_by_some_fact():
    assert set(DEED_OF.values()) == set(DEEDS)


def test_every_flag_can_be_given_and_a_refusal_has_the_codes_of_the_matrix():
    given = set(re.findall(r'yield "(\w+)"|^    \("(\w+)", _', inspect.getsource(module), re.MULTILINE))
    assert {one or other for one, other in given} | {"refused", "self_approval"} == set(FLAGS)
    assert "self_approval" in CODES


@pytest.mark.parametrize(
    "wrong", [{"backdated_days": -1}, {"since": dt.date(2026, 3, 2), "until": dt.date(2026, 3, 1)}]
)
def test_what_nobody_can_mean_is_refused(wrong):
    with pytest.raises(InvalidValue):
        audit({}, **wrong)


def test_a_flag_that_is_not_known_is_refused():
    with pytest.raises(InvalidValue, match=r"audit\.flags"):
        audit({}).flagged("hunger")


@given(histories(most=20), st.integers(0, 60), st.integers(0, 60))
def test_there_is_a_line_for_every_fact_and_periods_add_up_to_the_whole(history, one, other):
    start = history[0].recorded_at.date()
    first, second = (start + dt.timedelta(days=days) for days in sorted((one, other)))
    whole = audit({"ACME": history})
    parts = [
        audit({"ACME": history}, until=first).lines,
        audit({"ACME": history}, since=first + dt.timedelta(days=1), until=second).lines if first < second else (),
        audit({"ACME": history}, since=max(first, second) + dt.timedelta(days=1)).lines,
    ]
    assert len(whole.lines) == len(history)
    assert [line.number for line in whole.lines] == list(range(1, len(history) + 1))
    assert parts[0] + parts[1] + parts[2] == whole.lines
