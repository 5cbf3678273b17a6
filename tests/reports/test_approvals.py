"""The lists about authority: what waits for whom, and what was done by whose."""

import pytest
from tests.plans.test_authority import GOVERNED, ask, grant, refund
from tests.service.world import TODAY, World, day, eur

from receivables.documents.authority import ApprovalRequest
from receivables.errors import InvalidValue, NotAuthorized, WrongType
from receivables.reports.approvals import authority_log, pending_approvals


@pytest.fixture
def world():
    """Two customers under the matrix; on the first three requests, one of which was answered."""
    world = World(policies=GOVERNED)
    for account in ("ACME", "BETA"):
        world.open(account)
        world.pay(f"P-{account}", 3000, account)
    world.pay("P-1", 3000)
    ask(world, 500, id="A-1")
    ask(world, 2000, id="A-2")
    ask(world, 300, id="A-3")
    grant(world, id="A-3")
    world.at(3)
    asked = ApprovalRequest(id="A-1", account="BETA", kind="merge", subject="ACME")
    world.app.request_approval(asked, by="bob", key="ask beta")
    return world


def views(world):
    return [world.app.view(account, world.today) for account in ("ACME", "BETA")]


def listed(world, **more):
    return [(line.account, line.state.approval.id) for line in pending_approvals(views(world), **more).lines]


def test_what_waits_on_any_account_is_listed_by_the_day_on_which_it_lapses(world):
    assert listed(world) == [("ACME", "A-1"), ("ACME", "A-2"), ("BETA", "A-1")]
    report = pending_approvals(views(world), GOVERNED)
    assert [(row["days_left"], row["roles"]) for row in report.rows()] == [
        (11, "lead, board"),
        (11, "board"),
        (14, "board, lead"),
    ]
    assert str(report).startswith("approvals that wait on 2026-03-05: 3\n")
    assert "<caption>Approvals that wait" in report._repr_html_()


@pytest.mark.parametrize(
    ("person", "wanted"),
    [
        ("ben", [("ACME", "A-1"), ("BETA", "A-1")]),
        ("bob", [("ACME", "A-1")]),
        ("dora", [("ACME", "A-1"), ("ACME", "A-2"), ("BETA", "A-1")]),
        ("ann", []),
        ("zoe", []),
    ],
)
def test_a_person_sees_what_it_may_approve_and_nothing_of_its_own(world, person, wanted):
    assert listed(world, policies=GOVERNED, person=person) == wanted


def test_who_approved_already_has_nothing_more_to_do(world):
    grant(world, "dora", id="A-2")
    assert ("ACME", "A-2") not in listed(world, policies=GOVERNED, person="dora")
    assert ("ACME", "A-2") in listed(world, policies=GOVERNED, person="emil")
    (row,) = [row for row in pending_approvals(views(world)).rows() if row["approval"] == "A-2"]
    assert row["approved_by"] == "dora"


def test_nothing_waits_on_the_day_after_the_last(world):
    assert pending_approvals([world.app.view("ACME", day(15))]).lines == ()
    assert str(pending_approvals([])) == "approvals that wait on None: 0\nnone waits"


def test_views_of_two_days_and_a_person_without_a_matrix_are_refused(world):
    with pytest.raises(InvalidValue, match=r"must be of one date"):
        pending_approvals([world.app.view("ACME", day(0)), world.app.view("ACME", day(1))])
    with pytest.raises(InvalidValue, match=r"pending_approvals.policies"):
        pending_approvals([], person="bob")


def test_the_log_has_what_was_done_and_what_was_tried(world):
    refund(world, 60)
    refund(world, 60, approver="bob")
    with pytest.raises(NotAuthorized) as caught:
        refund(world, 60, approver="ann", key="self")
    world.app.note_attempt("ACME", caught.value, key="note")
    report = authority_log(views(world), since=TODAY)
    assert [(row["outcome"], row["total"], row["approvers"], row["rule"]) for row in report.rows()] == [
        ("alone", "60.00", "", "matrix/1 clerk"),
        ("approved", "120.00", "bob", "matrix/1 lead"),
        ("self_approval", None, "ann", ""),
    ]
    assert {row["amount"] for row in report.rows()} == {str(eur(60).amount)}
    assert authority_log(views(world), since=day(4)).lines == ()
    assert "<caption>Authority used since" in report._repr_html_()
    with pytest.raises(WrongType):
        authority_log([], since="2026-01-01")
