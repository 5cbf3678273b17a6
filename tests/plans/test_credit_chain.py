"""What becomes of an order: delivered, drafted, invoiced, cancelled, reopened, restored; counted once all along."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import TODAY, World, day, eur

from receivables import CreditNote, CreditPolicy, Invoice, Money, Order, PolicyBook
from receivables.documents.credit import DraftInvoice
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, ReceivablesError, UnknownId
from receivables.facts.credit import DraftDropped, OrderRestored

POLICY = CreditPolicy(id="standard", version=1)


@pytest.fixture
def world() -> World:
    """SO-1 over 2,000.00 is reserved of a limit of 3,000.00; SO-2 over 1,500.00 is held."""
    return new_world()


def new_world() -> World:
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.limit("3000")
    assert world.order("SO-1", "2000").outcome == "approved"
    assert world.order("SO-2", "1500").outcome == "held"
    return world


def deliver(world: World, amount: object, order: str = "SO-1", **more: object):
    asked = {"on": TODAY, **more}
    money = amount if isinstance(amount, Money) else eur(amount)
    return world.app.deliver_order(
        "ACME", order, money, **asked, key=f"deliver {order} {amount} {more} {len(facts(world))}"
    )


def draft(world: World, id: str, amount: object, order: str | None = "SO-1", **more: object):
    money = amount if isinstance(amount, Money) else eur(amount)
    made = DraftInvoice(id=id, account="ACME", amount=money, order=order, **{"drafted_on": TODAY, **more})
    return world.app.record_draft(made, key=f"draft {id}")


def cancel(world: World, order: str = "SO-1"):
    return world.app.release_order("ACME", order, on=TODAY, key=f"cancel {order} {len(facts(world))}")


def reopen(world: World, order: str = "SO-1", on: dt.date = TODAY):
    return world.app.reopen_order("ACME", order, on=on, key=f"reopen {order} {len(facts(world))}")


def facts(world: World) -> tuple:
    return world.store.facts("ACME")


def parts(world: World, on: int = 0) -> dict[str, int]:
    """The components in whole euros, after so many days."""
    used = POLICY.exposure(world.app.view("ACME", day(on)), "EUR")
    return {name: amount // 100 for name, amount in used.signed()}


def refused(world: World, error: type[ReceivablesError], deed) -> ReceivablesError:
    before = facts(world)
    with pytest.raises(error) as caught:
        deed()
    assert facts(world) == before
    return caught.value


def test_what_is_delivered_is_not_ordered_any_more_and_the_sum_is_the_same(world):
    deliver(world, 1200)
    assert parts(world) == {"delivered": 1200, "ordered": 800}
    world.invoice("INV-1", 1200, 30, order="SO-1")
    assert parts(world) == {"open": 1200, "ordered": 800}
    deliver(world, 800)
    world.invoice("INV-2", 800, 30, order="SO-1")
    assert parts(world) == {"open": 2000}


def test_a_draft_takes_from_what_was_delivered_first(world):
    deliver(world, 500)
    draft(world, "D", 700)
    assert parts(world) == {"ordered": 1300, "draft": 700}
    world.app.drop_draft("ACME", "D", on=TODAY, key="drop")
    assert parts(world) == {"delivered": 500, "ordered": 1500}


@pytest.mark.parametrize("references", [(), ("D",)])
def test_a_draft_is_over_when_its_invoice_is_issued_by_number_or_reference(world, references):
    draft(world, "D", 700)
    number = "INV-1" if references else "D"
    plain = Invoice.due(number=number, account="ACME", issued_on=TODAY, total=eur(700), due_on=day(30), order="SO-1")
    invoice = type(plain)(
        number=number,
        account="ACME",
        issued_on=TODAY,
        total=eur(700),
        schedule=plain.schedule,
        order="SO-1",
        references=references,
    )
    world.app.issue_invoice(invoice, key="issue")
    assert parts(world) == {"open": 700, "ordered": 1300}
    assert [(fact.draft, fact.invoice) for fact in world.facts(DraftDropped)] == [("D", number)]


def test_what_was_delivered_cannot_be_cancelled(world):
    cancel(world, "SO-2")
    deliver(world, 1200)
    cancel(world)
    assert parts(world) == {"delivered": 1200}
    refused(world, InvalidValue, lambda: cancel(world))
    world.invoice("INV-1", 1200, 30, order="SO-1")
    assert parts(world) == {"open": 1200}
    refused(world, UnknownId, lambda: cancel(world))


def test_a_held_order_that_is_delivered_all_the_same_counts_for_what_was_delivered(world):
    receipt = deliver(world, 400, "SO-2")
    assert [reason.code for reason in receipt.reasons] == ["limit_exceeded"]
    assert parts(world) == {"delivered": 400, "ordered": 2000}
    world.pay("P", 500)
    assert [order.status for order in world.app.view("ACME", TODAY).orders] == ["reserved", "reserved"]
    assert parts(world) == {"delivered": 400, "ordered": 3100, "unapplied": -500}


def test_what_was_cancelled_is_checked_anew_when_it_is_reopened(world):
    cancel(world)
    assert {each.order.id: each.status for each in world.app.view("ACME", TODAY).orders} == {"SO-2": "reserved"}
    assert str(reopen(world)) == "held: limit_exceeded (500.00 EUR)"
    assert parts(world) == {"ordered": 1500}
    cancel(world, "SO-2")
    assert parts(world) == {"ordered": 2000}


def test_of_an_order_that_was_delivered_in_part_only_the_cancelled_rest_is_reopened(world):
    deliver(world, 1200)
    world.pay("P", 1000)
    cancel(world)
    cancel(world, "SO-2")
    assert reopen(world).outcome == "approved"
    assert parts(world) == {"delivered": 1200, "ordered": 800, "unapplied": -1000}
    refused(world, UnknownId, lambda: reopen(world))


def test_a_refused_reopening_leaves_the_order_cancelled():
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1, exceeded="refuse")))
    world.open()
    world.limit("100")
    world.order("A", "100")
    cancel(world, "A")
    world.order("B", "100")
    assert reopen(world, "A").outcome == "refused"
    assert parts(world) == {"ordered": 100}
    cancel(world, "B")
    assert reopen(world, "A").outcome == "approved"


def test_a_credit_note_puts_back_what_its_invoice_billed(world):
    deliver(world, 1200)
    world.invoice("INV-1", 1200, 30, order="SO-1")
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(1200), against="INV-1")
    world.app.issue_credit_note(note, restores=True, key="CN")
    assert parts(world) == {"ordered": 2000}
    deliver(world, 2000)
    assert parts(world) == {"delivered": 2000}


def test_without_being_asked_a_credit_note_puts_nothing_back(world):
    world.invoice("INV-1", 2000, 30, order="SO-1")
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(2000), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    assert parts(world) == {"ordered": 1500}  # the room is for the order that was held


def test_a_credit_note_of_more_than_was_billed_puts_back_no_more(world):
    world.invoice("INV-1", 2300, 30, order="SO-1")
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(2300), against="INV-1")
    world.app.issue_credit_note(note, restores=True, key="CN")
    assert parts(world) == {"ordered": 2000}


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (lambda world: deliver(world, "2000.01"), OverApplied),
        (lambda world: deliver(world, 0), OverApplied),
        (lambda world: deliver(world, Money.of(1, "USD")), CurrencyMismatch),
        (lambda world: deliver(world, 1, on=day(-1)), InvalidValue),
        (lambda world: deliver(world, 1, on=day(1)), InvalidValue),
        (lambda world: deliver(world, 1, "SO-9"), UnknownId),
        (lambda world: draft(world, "D", 1, "SO-9"), UnknownId),
        (lambda world: draft(world, "D", Money.of(1, "USD")), CurrencyMismatch),
        (lambda world: draft(world, "D", 1, drafted_on=day(1)), InvalidValue),
        (lambda world: world.app.drop_draft("ACME", "D", on=TODAY, key="d"), UnknownId),
        (reopen, UnknownId),
        (lambda world: reopen(world, "SO-9"), UnknownId),
        (
            lambda world: world.app.issue_credit_note(
                CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(1)), restores=True, key="CN"
            ),
            InvalidValue,
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(world, deed, error):
    refused(world, error, lambda: deed(world))


def test_a_draft_has_an_id_of_its_own(world):
    draft(world, "D", 1)
    before = facts(world)
    with pytest.raises(ClaimTaken):
        world.app.record_draft(
            DraftInvoice(id="D", account="ACME", amount=eur(2), drafted_on=TODAY), key="another draft of this id"
        )
    assert facts(world) == before


# Along the whole chain ------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(("deliver", "draft", "issue", "drop", "credit")), st.integers(1, 900)), max_size=10
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_the_exposure_is_the_same_at_every_step_along_the_chain(steps):
    """Whatever is delivered, drafted, billed from drafts, thrown away or credited back: never more, never less."""
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.limit("3000")
    world.order("SO-1", "2000")
    drafts: list[tuple[str, int]] = []
    billed: list[tuple[str, int]] = []
    for at, (kind, amount) in enumerate(steps):
        left = 2000 - sum(each for _, each in drafts + billed)
        if kind == "deliver":
            entry = world.app.account("ACME").credit
            room = entry.parts_of(entry.orders[-1].order, TODAY, None).undelivered // 100
            if room and left:
                deliver(world, min(amount, room))
        elif kind == "draft" and left:
            draft(world, f"D{at}", min(amount, left))
            drafts.append((f"D{at}", min(amount, left)))
        elif kind == "issue" and drafts:
            id, much = drafts.pop()
            world.invoice(id, much, 30, order="SO-1")
            billed.append((id, much))
        elif kind == "drop" and drafts:
            world.app.drop_draft("ACME", drafts.pop()[0], on=TODAY, key=f"drop {at}")
        elif kind == "credit" and billed:
            id, much = billed.pop()
            note = CreditNote(number=f"C{at}", account="ACME", issued_on=TODAY, total=eur(much), against=id)
            world.app.issue_credit_note(note, restores=True, key=f"C{at}")
        assert world.exposure() == 2000


def test_what_was_delivered_of_a_held_order_counts_though_it_is_refused_when_asked_for_again():
    world = new_world()
    order = Order(id="B", account="ACME", amount=eur(50_000), placed_on=TODAY)
    assert world.app.reserve(order, key="B").outcome == "held"
    before = world.exposure()
    world.app.deliver_order("ACME", "B", eur(50), on=TODAY, key="deliver B")
    world.restart(policies=PolicyBook.of(CreditPolicy(id="standard", version=2, exceeded="refuse")))
    assert world.app.reserve(order, key="B again").outcome == "refused"
    assert world.exposure() == before + 50
    world.invoice("I-B", "50", 20, order="B")
    assert world.exposure() == before + 50
    assert [each.order.id for each in world.app.view("ACME", TODAY).orders if each.order.id == "B"] == []


def test_two_credit_notes_against_one_invoice_put_back_together_what_it_billed(world):
    assert (
        world.app.reserve(Order(id="T", account="ACME", amount=eur(1000), placed_on=TODAY), key="T").outcome
        == "approved"
    )
    for number in ("T1", "T2"):
        world.invoice(number, "500", 20, order="T")
    for number in ("C1", "C2"):
        note = CreditNote(number=number, account="ACME", issued_on=TODAY, total=eur(400), against="T1")
        world.app.issue_credit_note(note, restores=True, key=number)
    assert [fact.amount for fact in world.facts(OrderRestored)] == [eur(400), eur(100)]


def test_an_invoice_takes_out_of_its_order_what_is_given_up_on_a_later_day_only(world):
    world.app.release_order("ACME", "SO-1", on=day(5), key="later")
    assert world.exposure() == 2000
    world.invoice("I-1", "1500", 20, order="SO-1")
    assert parts(world) == {"open": 1500, "ordered": 500}
    assert parts(world, 5) == {"open": 1500}
    world.at(6).invoice("I-2", "100", 20, order="SO-1", issued_on=day(3))
    assert [sum(parts(world, on).values()) for on in (2, 3, 4, 5)] == [2000, 2000, 2000, 1600]


def test_what_is_billed_of_an_order_on_a_later_day_counts_until_then(world):
    world.invoice("I-1", "500", 20, order="SO-1", issued_on=day(3))
    world.invoice("I-2", "1500", 20, order="SO-1")
    assert [parts(world, on) for on in (0, 2, 3)] == [{"open": 1500, "ordered": 500}] * 2 + [{"open": 2000}]


def test_a_held_order_that_is_billed_in_full_on_several_days_is_over_on_the_last_of_them(world):
    world.invoice("I-1", "500", 20, order="SO-2", issued_on=day(3))
    world.invoice("I-2", "1000", 20, order="SO-2")
    held = [
        [each.order.id for each in world.app.view("ACME", day(on)).orders if each.status == "held"] for on in (0, 3)
    ]
    assert held == [["SO-2"], []]


def test_what_a_credit_note_of_a_later_day_puts_back_is_given_up_from_that_day_on(world):
    world.invoice("INV-1", 2000, 30, order="SO-1")
    note = CreditNote(number="CN", account="ACME", issued_on=day(3), total=eur(2000), against="INV-1")
    world.app.issue_credit_note(note, restores=True, key="CN")
    refused(world, UnknownId, lambda: cancel(world))
    world.at(3)
    assert parts(world, 3)["ordered"] == 2000
    cancel(world)
    assert parts(world, 3) == {"ordered": 1500}  # the room is for the order that was held


def test_what_one_credit_note_put_back_no_other_one_puts_back_again(world):
    world.invoice("INV-1", 2000, 30, order="SO-1")
    for number in ("C1", "C2"):
        note = CreditNote(number=number, account="ACME", issued_on=TODAY, total=eur(2000), against="INV-1")
        world.app.issue_credit_note(note, restores=True, key=number)
    assert [(fact.credit_note, fact.amount) for fact in world.facts(OrderRestored)] == [("C1", eur(2000))]


def test_an_order_is_reopened_from_the_day_on_which_it_was_cancelled_itself():
    world = World()
    world.open()
    world.limit("1000")
    for order in ("A", "B"):
        world.order(order, "100")
    for on, order in ((1, "A"), (3, "B")):
        world.at(on).app.release_order("ACME", order, on=day(on), key=f"cancel {order}")
    with pytest.raises(InvalidValue, match=f"must not be before {day(1)}"):
        world.app.reopen_order("ACME", "A", on=day(0), key="too early")
    assert world.app.reopen_order("ACME", "A", on=day(2), key="reopen A").outcome == "approved"
    with pytest.raises(InvalidValue, match=f"must not be before {day(3)}"):
        world.app.reopen_order("ACME", "B", on=day(2), key="reopen B")
