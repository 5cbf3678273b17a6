"""What a person can do about a notice that the machine cannot finish: unknown, failed for good, rejected."""

import datetime as dt

import pytest

from receivables import (
    Customer,
    DunningPolicy,
    DunningStep,
    FeeRule,
    Invoice,
    MemoryStore,
    Money,
    NotSent,
    PolicyBook,
    Receivables,
    Sent,
)
from receivables.errors import InvalidValue, UnknownId
from receivables.testing import FixedClock

TODAY = dt.date(2026, 2, 11)


class Mailbox:
    """A notifier that answers what the test says next, and never looks at keys."""

    honors_keys = False

    def __init__(self):
        self.answers = []
        self.sent = []

    def send(self, notice):
        answer = self.answers.pop(0) if self.answers else Sent()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sent):
            self.sent.append(notice)
        return answer


def world(*, needs_approval=False):
    step = DunningStep(
        name="first", days_after_due=7, needs_approval=needs_approval, fee=FeeRule.flat("first", Money.of(5, "EUR"))
    )
    mailbox = Mailbox()
    app = Receivables(
        store=MemoryStore(),
        notifier=mailbox,
        clock=FixedClock.on(TODAY),
        policies=PolicyBook.of(DunningPolicy(id="standard", version=1, steps=(step,))),
    )
    app.open_account(Customer(id="ACME"), key="open")
    invoice = Invoice.due(
        number="INV-1",
        account="ACME",
        issued_on=dt.date(2026, 1, 5),
        total=Money.of(1200, "EUR"),
        due_on=dt.date(2026, 2, 4),
    )
    app.issue_invoice(invoice, key="INV-1")
    return app, mailbox


def run(app):
    return [notice.key for result in app.run_dunning(TODAY) for notice in result.notices]


def balance(app):
    return app.view("ACME", TODAY).balance("EUR")


def test_a_notice_that_failed_for_good_is_decided_anew_when_a_person_says_so_and_charged_once():
    app, mailbox = world()
    (failed,) = run(app)
    mailbox.answers = [NotSent(reason="no such mailbox")]
    assert [result.outcome for result in app.deliver()] == ["failed"]
    assert (run(app), balance(app)) == ([], Money.of(1200, "EUR"))
    assert app.record_outcome("ACME", failed, "retry", by="ann", key="again").outcome == "cancelled"
    (again,) = run(app)
    assert again != failed
    assert [result.outcome for result in app.deliver()] == ["sent"]
    assert balance(app) == Money.of(1205, "EUR")


def test_a_notice_that_was_rejected_is_decided_anew_when_a_person_says_so():
    app, mailbox = world(needs_approval=True)
    (proposed,) = run(app)
    app.reject_notice("ACME", proposed, reason="call first", by="ann", key="no")
    assert (run(app), list(app.deliver())) == ([], [])
    app.record_outcome("ACME", proposed, "retry", by="ann", key="again")
    (second,) = run(app)
    app.approve_notice("ACME", second, by="bob", key="yes")
    assert [result.outcome for result in app.deliver()] == ["sent"]
    assert [notice.key for notice in mailbox.sent] == [second]


@pytest.mark.parametrize(("outcome", "sent", "owed"), [("sent", True, 1205), ("failed", False, 1200)])
def test_a_person_clears_an_unknown_outcome(outcome, sent, owed):
    app, mailbox = world()
    (key,) = run(app)
    mailbox.answers = [TimeoutError("no answer")]
    assert [result.outcome for result in app.deliver()] == ["unknown"]
    assert [result.outcome for result in app.deliver()] == ["waiting"]
    app.record_outcome("ACME", key, outcome, by="ann", key="found out")
    ladder = app.view("ACME", TODAY).ladder_of["INV-1"]
    assert (ladder.step == "first") == sent
    assert balance(app) == Money.of(owed, "EUR")


def test_a_failed_notice_cannot_be_said_to_have_gone_out_because_its_charges_were_taken_back():
    app, mailbox = world()
    (key,) = run(app)
    mailbox.answers = [NotSent(reason="no such mailbox")]
    list(app.deliver())
    with pytest.raises(InvalidValue, match="'sent'"):
        app.record_outcome("ACME", key, "sent", by="ann", key="wrong")


def test_a_notice_that_went_out_needs_nobody():
    app, _ = world()
    (key,) = run(app)
    list(app.deliver())
    with pytest.raises(UnknownId):
        app.record_outcome("ACME", key, "retry", by="ann", key="again")


def test_the_plan_lists_skipped_items_and_a_preview_records_nothing():
    app, _ = world()
    before = app.account("ACME")
    (notice,) = app.preview("ACME", TODAY)
    assert notice.demanded == Money.of(1205, "EUR")
    assert [row["reason"] for row in app.dunning_plan("ACME", TODAY).rows()] == ["step_due"]
    assert app.account("ACME") == before
