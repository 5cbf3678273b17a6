"""What follows from a command commits with it, once, and never loops."""

import pytest
from tests.service.world import EUR, TODAY, NoticeCancelled, NoticeQueued, World, day, eur, of_kind

from receivables import CreditLimit, CreditNote, CreditPolicy, Money, Payment, PolicyBook
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import OrderHeld, OrderReleased, OrderReserved
from receivables.plans.commands import ReceivePayment
from receivables.plans.consequences import consequences
from receivables.plans.credit_commands import ReleaseOrder
from receivables.plans.plan import Context


class Commits:
    """Wraps a store and keeps what every commit brought."""

    def __init__(self, store):
        self.store, self.commits = store, []
        self.inner = store.commit
        store.commit = self

    def __call__(self, commit):
        self.commits.append(commit)
        self.inner(commit)

    @property
    def last(self):
        return [type(fact).__name__ for fact in self.commits[-1].append.facts]


def dunned(**more):
    world = World(**more)
    world.open()
    world.invoice("INV-1", "100", -7)
    world.pay("P-1", "1000")
    world.run()
    assert len(world.queued()) == 1
    return world


def test_the_payment_that_settles_a_queued_notice_cancels_it_in_the_same_commit():
    world = dunned()
    commits = Commits(world.store)
    world.apply("P-1", "INV-1", "100")
    assert commits.last == ["AllocationMade", "NoticeCancelled"]
    (cancelled,) = world.facts(NoticeCancelled)
    assert (cancelled.notice, cancelled.reason) == (world.queued()[0].key, "settled")
    assert world.deliver() == []
    assert world.notifier.notices == []


def test_a_credit_note_that_settles_a_queued_notice_cancels_it():
    world = dunned()
    commits = Commits(world.store)
    note = CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur(120), against="INV-1")
    world.app.issue_credit_note(note, key="note")
    assert commits.last == ["CreditNoteIssued", "AllocationMade", "NoticeCancelled"]


def test_a_part_payment_leaves_the_notice_to_the_guard():
    world = dunned()
    commits = Commits(world.store)
    world.apply("P-1", "INV-1", "40")
    assert commits.last == ["AllocationMade"]


def test_a_notice_of_two_items_is_cancelled_when_the_last_is_settled():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -7)
    world.invoice("INV-2", "50", -8)
    world.pay("P-1", "1000")
    world.run()
    world.apply("P-1", "INV-1", "100")
    assert world.facts(NoticeCancelled) == []
    world.apply("P-1", "INV-2", "50")
    assert len(world.facts(NoticeCancelled)) == 1


def test_only_the_settled_one_of_two_notices_is_cancelled():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -7)
    world.invoice("INV-USD", Money.of(100, "USD"), -7)
    world.pay("P-1", "1000")
    world.run()
    assert [str(notice.currency) for notice in world.queued()] == ["EUR", "USD"]
    world.apply("P-1", "INV-1", "100")
    assert [fact.notice for fact in world.facts(NoticeCancelled)] == [world.queued()[0].key]
    assert [result.outcome for result in world.deliver()] == ["sent"]


def test_an_item_that_is_open_again_is_dunned_again_with_a_letter_of_its_own():
    world = dunned()
    made = world.apply("P-1", "INV-1", "100")
    world.app.unapply("ACME", made.ids[0], key="unapply")
    world.run()
    first, second = world.queued()
    assert first.key != second.key
    assert first.claimed == second.claimed
    assert [result.outcome for result in world.deliver()] == ["sent"]
    assert [notice.key for notice in world.notifier.notices] == [second.key]


def test_a_notice_on_its_way_is_not_cancelled_by_a_payment():
    """It may have gone out; to say that it was taken back would be a lie."""

    class Breaks:
        honors_keys = True

        def send(self, notice):
            raise TimeoutError

    world = dunned(notifier=Breaks())
    assert [result.outcome for result in world.deliver()] == ["unknown"]
    world.apply("P-1", "INV-1", "100")
    assert world.facts(NoticeCancelled) == []


# Orders


def ordered():
    """S05: 6,500 open, limit 10,000; A for 2,000 and B for 2,500."""
    world = World()
    world.open()
    world.limit("10000")
    world.invoice("INV-0", "6500", 30)
    assert world.order("A", "2000").outcome == "approved"
    second = world.order("B", "2500")
    assert str(second) == "held: limit_exceeded (1000.00 EUR)"
    return world


def test_s05_whichever_order_comes_second_is_held_with_the_shortfall():
    world = World()
    world.open()
    world.limit("10000")
    world.invoice("INV-0", "6500", 30)
    assert world.order("B", "2500").outcome == "approved"
    assert str(world.order("A", "2000")) == "held: limit_exceeded (1000.00 EUR)"


def test_s05_the_chain_from_order_to_invoice_keeps_the_exposure():
    world = ordered()
    assert world.exposure() == 8500
    world.invoice("INV-A", "1200", 30, order="A")
    assert world.exposure() == 8500
    view = world.app.view("ACME", TODAY)
    assert view.open_total("EUR") == eur(7700)
    assert {order.order.id: order.reserved for order in view.orders} == {"A": 80_000, "B": 0}


def test_s05_a_payment_frees_the_held_order_once_in_its_own_commit():
    world = ordered()
    world.invoice("INV-A", "1200", 30, order="A")
    commits = Commits(world.store)
    world.pay("P-1", "1000")
    assert commits.last == ["PaymentReceived", "OrderReserved"]
    assert world.exposure() == 10_000
    (freed,) = [fact for fact in world.facts(OrderReserved) if fact.order.id == "B"]
    assert freed.reasons == ()
    world.pay("P-2", "1")
    world.limit("20000")
    assert len([fact for fact in world.facts(OrderReserved) if fact.order.id == "B"]) == 1


def test_s05_cancelling_frees_only_what_was_not_invoiced():
    world = ordered()
    world.invoice("INV-A", "1200", 30, order="A")
    world.pay("P-1", "1000")
    world.app.release_order("ACME", "A", on=TODAY, key="cancel A")
    (released,) = [fact for fact in world.facts(OrderReleased) if fact.closes]
    assert released.amount == eur(800)
    assert world.exposure() == 9200


def test_a_cent_less_than_the_shortfall_frees_nothing():
    world = ordered()
    world.pay("P-1", "999.99")
    assert world.exposure() == 7500  # 8,500 less what was paid, whole euros
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]
    world.pay("P-2", "0.01")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A", "B"]


@pytest.mark.parametrize("frees", ["payment", "limit", "cancellation", "credit note"])
def test_what_makes_room_frees_the_held_order_in_its_own_commit(frees):
    world = ordered()
    commits = Commits(world.store)
    if frees == "payment":
        world.pay("P-1", "1000")
    elif frees == "limit":
        world.limit("11000")
    elif frees == "cancellation":
        world.app.release_order("ACME", "A", on=TODAY, key="cancel")
    else:
        note = CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur(1000), against="INV-0")
        world.app.issue_credit_note(note, key="note")
    assert commits.last[-1] == "OrderReserved"
    assert len(commits.commits) == 1


def test_the_lifting_of_a_credit_hold_frees_the_held_order():
    world = World()
    world.open()
    world.limit("10000")
    world.hold("H-1")
    assert str(world.order("A", "100")) == "held: hold"
    world.app.release_hold("ACME", "H-1", on=TODAY, key="lift")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]


def test_an_order_that_was_held_reserves_nothing_before_the_day_that_freed_it():
    """In no view of the past is more approved than the limit allowed."""
    world = ordered()
    world.at(5).pay("P-1", "1000")
    for offset, reserved in ((0, 200_000), (4, 200_000), (5, 450_000)):
        view = world.app.view("ACME", day(offset))
        assert sum(order.reserved for order in view.orders) == reserved


def test_held_orders_are_freed_first_come_first_served_as_far_as_they_fit():
    world = World()
    world.open()
    world.limit("0")
    for id, size in (("big", "900"), ("small", "300"), ("middle", "600"), ("tiny", "100")):
        assert world.order(id, size).outcome == "held"
    world.limit("1000")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["big", "tiny"]


def test_one_payment_frees_every_held_order_that_fits_however_many():
    world = World()
    world.open()
    world.limit("0")
    for n in range(40):
        world.order(f"SO-{n}", "10")
    world.limit("395")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == [f"SO-{n}" for n in range(39)]
    assert world.exposure() == 390


def test_a_cancelled_held_order_is_never_freed():
    world = ordered()
    world.app.release_order("ACME", "B", on=TODAY, key="cancel B")
    world.limit(None)
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]


def test_a_refused_order_is_never_freed():
    world = World()
    world.open()
    world.limit("0")
    refusing = CreditPolicy(id="standard", version=2, exceeded="refuse")
    world.policies = PolicyBook.of(refusing)
    world.restart()
    assert world.order("A", "10").outcome == "refused"
    world.limit(None)
    assert world.facts(OrderReserved) == []


def test_a_lapsed_increase_takes_no_reservation_back_and_frees_none():
    world = World()
    world.open()
    world.limit("100")
    limit = CreditLimit(
        account="ACME", currency=EUR, amount=eur(50), valid_from=TODAY, valid_to=day(1), kind="temporary"
    )
    world.app.set_limit(limit, key="increase")
    assert world.order("A", "150").outcome == "approved"
    world.at(2)
    assert world.order("B", "1").outcome == "held"
    assert world.exposure() == 150


def test_consequences_follow_each_command_of_a_batch():
    """The order that the first payment frees is there when the third command asks."""
    world = ordered()
    commits = Commits(world.store)
    results = list(
        world.app.record(
            [
                payment("P-1", "1000"),
                payment("P-2", "1"),
                release("B"),
            ]
        )
    )
    assert all(result.ok for result in results)
    assert commits.last == ["PaymentReceived", "OrderReserved", "PaymentReceived", "OrderReleased"]
    assert [fact.amount for fact in world.facts(OrderReleased)] == [eur(2500)]


def payment(id, amount):
    return ReceivePayment(key=id, payment=Payment(id=id, account="ACME", amount=eur(amount), value_date=TODAY))


def release(order):
    return ReleaseOrder(key=f"release {order}", of="ACME", order=order, on=TODAY)


def test_what_follows_has_followed_when_it_is_asked_again():
    """The table reaches a fixed point: after any command nothing more would follow."""
    world = ordered()
    world.pay("P-1", "1000")
    context = Context(policies=world.policies, now=world.clock.now(), today=TODAY)
    more, _ = consequences(world.app.account("ACME"), context)
    assert more == ()


def test_a_refused_command_has_no_consequences():
    world = ordered()
    before = world.store.facts("ACME")
    with pytest.raises(LookupError):
        world.app.apply("ACME", "P-0", "INV-0", eur(1000), key="k")
    assert world.store.facts("ACME") == before


def test_s19_overpayments_in_a_row_stay_on_account():
    world = World()
    world.open()
    for number in ("INV-1", "INV-2"):
        world.invoice(number, "90000", 30)
    world.pay("P-1", "94500")
    world.apply("P-1", "INV-1", "90000")
    assert world.app.view("ACME", TODAY).on_account("EUR") == eur(4500)
    world.apply("P-1", "INV-2", "4500")
    assert world.app.view("ACME", TODAY).open("INV-2") == eur(85_500)
    world.pay("P-2", "94500")
    world.apply("P-2", "INV-2", "85500")
    view = world.app.view("ACME", TODAY)
    assert view.on_account("EUR") == eur(9000)
    assert view.balance("EUR") == eur(-9000)
    assert of_kind(world.store, "ACME", PaymentReceived, AllocationMade, NoticeQueued, OrderHeld)
