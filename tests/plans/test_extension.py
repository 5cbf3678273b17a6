"""Extensions: another due date is another ladder, from its day on; which ones are refused; what becomes known late."""

import attrs
import pytest
from tests.service.test_holds import BOOK, POLICY, letters, lived, owing, reasons
from tests.service.world import World, day, eur, picture

from receivables import Contact, Installment, Invoice, PolicyBook, Schedule
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.dunning import NoticeCancelled, StepsAnnulled
from receivables.facts.invoice import DueDateExtended
from receivables.policies.dunning_steps import DunningStep
from receivables.reports.aging import aging
from receivables.state.account import fold
from receivables.testing import RecordingNotifier


def extend(world, to, on=None, item="INV-1", by="ann", approver="bob"):
    on = world.today if on is None else day(on)
    key = f"extend {item} {to} {on}"
    return world.app.extend_due("ACME", item, day(to), on=on, reason="they asked", by=by, approver=approver, key=key)


def due(world, as_of, item="INV-1"):
    return (world.app.view("ACME", day(as_of)).item(item).due_on - day(0)).days


def in_parts():
    """INV-9 over two installments of 100.00, due on days 0 and 30, and one that waits for the delivery."""
    world = World(policies=BOOK)
    world.at(-30).open()
    parts = (
        Installment(amount=eur(100), due_on=day(0)),
        Installment(amount=eur(100), due_on=day(30)),
        Installment(amount=eur(100), baseline="delivery"),
    )
    invoice = Invoice(
        number="INV-9",
        account="ACME",
        issued_on=day(-30),
        total=eur(300),
        schedule=Schedule(installments=parts),
    )
    world.app.issue_invoice(invoice, key="issue")
    return world


def refused(world, error, match, *args, **more):
    before = picture(world.store)
    with pytest.raises(error, match=match):
        extend(world, *args, **more)
    assert picture(world.store) == before


# What it does --------------------------------------------------------------------------------------------------------


def test_views_from_its_day_on_show_the_new_date_and_views_before_the_old_one():
    world = owing().at(10)
    extend(world, 40)
    assert [due(world, offset) for offset in (-1, 9, 10, 11, 40, 90)] == [0, 0, 40, 40, 40, 40]
    assert world.store.facts("ACME")[-1].reason == "they asked"
    report = {offset: aging([world.app.view("ACME", day(offset))]).total("EUR").buckets for offset in (9, 10, 45)}
    assert [buckets["current"] for buckets in report.values()] == [eur(0), eur(3650), eur(0)]
    assert report[45]["1-30"] == eur(3650)


def test_another_due_date_is_another_ladder():
    world = lived(owing(), 1, 9).at(10)
    extend(world, 40)
    assert reasons(world) == {"INV-1": "not_due", "INV-2": "step_not_reached"}
    lived(world, 10, 54)
    assert letters(world) == [
        ("one", {"INV-1": 3650, "INV-2": 730}),
        ("two", {"INV-2": 730}),
        ("one", {"INV-1": 3650}),
        ("two", {"INV-1": 3650}),
    ]
    sent = [n.as_of for n in world.notifier.notices if n.audience == "customer"]
    assert sent == [day(7), day(14), day(47), day(54)]


def test_a_letter_that_waits_is_decided_anew():
    world = lived(owing(), 1, 6).at(7)
    world.run()
    extend(world, 40)
    world.deliver()
    assert [fact.reason for fact in world.facts(NoticeCancelled)] == ["changed"]
    world.deliver()
    assert letters(world) == [("one", {"INV-2": 730})]


def test_credit_looks_at_the_new_date():
    world = owing()
    world.policies = PolicyBook.of(
        POLICY,
        attrs.evolve(BOOK.credit_for(world.app.account("ACME").profile.entries[0].customer), hold_overdue_days=5),
    )
    world.restart()
    world.at(10)
    assert world.order("SO-1", 10).outcome == "held"
    extend(world, 40, item="INV-1")
    extend(world, 41, item="INV-2")
    assert world.order("SO-2", 10).outcome == "approved"


def test_an_invoice_gives_the_date_to_all_that_is_open_of_it():
    world = in_parts()
    world.app.date_installment("ACME", "INV-9/3", due_on=day(20), key="delivered")
    world.settle("INV-9/1", 100)
    assert extend(world, 60, on=-30, item="INV-9").ids == ("INV-9/2", "INV-9/3")
    assert [due(world, 0, f"INV-9/{part}") for part in (2, 3)] == [60, 60]


def test_it_can_be_extended_again_and_the_latest_date_counts_in_whatever_order_they_become_known():
    first, second = (day(40), day(10)), (day(60), day(8))
    dates = []
    for order in ((first, second), (second, first)):
        facts = [
            DueDateExtended(
                item="INV-1", due_on=to, approver="bob", reason="x", effective_on=on, recorded_at=owing().clock.now()
            )
            for to, on in order
        ]
        account = fold(facts, fold(owing().store.facts("ACME")))
        dates.append([account.view(day(offset)).item("INV-1").due_on for offset in (7, 8, 10, 50)])
    assert dates[0] == dates[1] == [day(0), day(60), day(60), day(60)]


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "error", "match"),
    [
        ({"to": 0}, InvalidValue, "must not be before 2026-03-07"),
        ({"to": 0, "on": -3}, InvalidValue, "must be later than 2026-03-02, when 'INV-1' is due"),
        ({"to": 40, "on": 6}, InvalidValue, "must not be after today"),
        ({"to": 40, "on": -31}, InvalidValue, "must not be before 2026-01-31"),
        ({"to": 40, "by": "bob"}, InvalidValue, "another person"),
        ({"to": 40, "item": "INV-7"}, UnknownId, "INV-7"),
    ],
)
def test_a_date_that_is_none_later_and_a_day_that_cannot_be_are_refused(args, error, match):
    world = owing().at(5)
    refused(world, error, match, **args)


def test_what_is_settled_undated_or_later_already_is_refused():
    world = in_parts()
    refused(world, InvalidValue, "'INV-9/2' is due", 20, item="INV-9")
    refused(world, InvalidValue, "must have a due date to extend", 20, item="INV-9/3")
    world.settle("INV-9/1", 100)
    refused(world, InvalidValue, r"^command\.item: must have something open, got 'INV-9/1'$", 20, item="INV-9/1")


def test_what_a_payment_plan_covers_is_refused_and_what_is_disputed_or_promised_is_not():
    planned = owing().at(1)
    planned.agree("PP-1", "INV-1", (10, 1825), (40, 1825))
    refused(planned, InvalidValue, "must not be in a payment plan, and is in 'PP-1'", 60)
    world = owing()
    world.at(1).dispute("D-1", "INV-1", 100)
    world.promise("PTP-1", "INV-2", 100, 9)
    assert extend(world, 40).ids == ("INV-1",)
    assert extend(world, 40, item="INV-2").ids == ("INV-2",)


def test_the_extension_must_be_later_than_the_last_one():
    world = owing().at(5)
    extend(world, 40)
    refused(world, InvalidValue, "must be later than 2026-04-11", 40, on=4)
    assert extend(world, 41).outcome == "extended"


# Late knowledge ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "on", "false"),
    [
        (40, -5, ["one", "two"]),
        (40, 6, ["one", "two"]),
        (40, 7, ["two"]),  # letters are what makes people call
        (40, 13, ["two"]),
        (40, 14, []),
        (8, 3, ["one", "two"]),  # due again on day 8, and "two" stood on "one"
        (6, 3, []),
    ],
)
def test_a_letter_about_what_was_not_due_by_then_is_taken_back(to, on, false):
    world = lived(owing(), 1, 16)
    extend(world, to, on=on)
    found = {fact.notice: fact.items for fact in world.facts(StepsAnnulled)}
    names = [n.template for n in world.queued() if n.key in found]
    assert names == false
    assert set(found.values()) <= {("INV-1",)}


def test_a_reminder_before_the_old_date_is_left_as_it_was():
    reminding = attrs.evolve(POLICY, steps=(DunningStep(name="soon", days_after_due=-3), *POLICY.steps))
    world = World(policies=PolicyBook.of(reminding), notifier=RecordingNotifier())
    world.at(-30).open(contacts=(Contact(purpose="dunning", channel="email", reference="c"),))
    world.invoice("INV-1", 100, 0)
    lived(world, -4, -1)
    assert [name for name, _ in letters(world)] == ["soon"]
    extend(world, 40, on=-10)
    assert world.facts(StepsAnnulled) == []
