"""The same key with the same request gives the first receipt again; with another request it is `KeyReused`."""

import attrs
import pytest
from tests.service.world import CREDIT, LADDER, TODAY, World, day, eur, furnished, one_of_each, picture

from receivables import Hold
from receivables.errors import ClaimTaken, KeyReused, OverApplied, UnknownId
from receivables.plans import commands, credit_commands
from receivables.plans.table import PLANS
from receivables.testing import FixedClock

KINDS = list(one_of_each())


def test_there_is_an_example_of_every_command():
    assert set(KINDS) == set(PLANS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_request_made_again_gives_the_first_receipt_and_moves_nothing(kind):
    world = furnished()
    first = world.app.execute(one_of_each()[kind])
    before = picture(world.store)
    world.at(20)
    assert world.app.execute(one_of_each()[kind]) == first
    assert world.restart().execute(one_of_each()[kind]) == first
    assert first.recorded_at.date() == day(2)
    assert picture(world.store) == before


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_key_of_every_command_is_its_own(kind):
    """A second request under the key is refused, whatever it is: another document, or another kind of request."""
    world = furnished()
    world.app.execute(one_of_each()[kind])
    before = picture(world.store)
    others = [command for other, command in one_of_each().items() if other is not kind]
    others.append(attrs.evolve(one_of_each()[kind], by="somebody"))
    for command in others:
        with pytest.raises(KeyReused, match="'k'"):
            world.app.execute(command)
    assert picture(world.store) == before


def test_a_refused_request_does_not_use_up_its_key():
    world = furnished()
    with pytest.raises(OverApplied):
        world.app.apply("ACME", "P-1", "INV-1", eur(900), key="k")
    assert world.app.apply("ACME", "P-1", "INV-1", eur(400), key="k").ids == ("k#1",)


def test_a_refusal_is_decided_anew_each_time():
    """An error is no receipt: what was wrong may be right by now."""
    world = World()
    with pytest.raises(UnknownId):
        world.pay("P-1", "10")
    world.open()
    assert world.pay("P-1", "10").outcome == "recorded"


def test_a_held_order_asked_for_again_is_answered_as_at_first():
    """Retrying a request must not slip it past the answer it got: the receipt is of the first decision."""
    world = World()
    world.open()
    world.limit("100")
    first = world.order("SO-1", "500")
    assert first.outcome == "held"
    world.limit("1000")
    assert world.order("SO-1", "500") == first


def test_personal_text_is_no_part_of_the_request():
    """Digests leave it out, because the hash of a short text can be guessed."""
    world = furnished()
    hold = Hold(id="H-7", account="ACME", placed_on=TODAY, reason="goods came back")
    first = world.app.place_hold(hold, key="k")
    assert world.app.place_hold(attrs.evolve(hold, reason="wrong goods"), key="k") == first


def test_a_policy_published_again_under_another_key_is_known():
    world = furnished()
    facts = world.store.facts(commands.CATALOG)
    receipt = world.app.publish(LADDER, key="again")
    assert receipt.outcome == "known"
    assert world.store.facts(commands.CATALOG) == facts


def test_policies_of_two_kinds_may_share_an_id():
    world = furnished()
    assert world.app.publish(CREDIT, key="credit").outcome == "recorded"
    assert world.app.publish(CREDIT, key="credit again").outcome == "known"
    with pytest.raises(ClaimTaken):
        world.app.publish(attrs.evolve(CREDIT, exceeded="refuse"), key="changed")


# Batches


def pay(key, id, account="ACME", amount="10", **more):
    payment = commands.Payment(id=id, account=account, amount=eur(amount), value_date=TODAY, **more)
    return commands.ReceivePayment(key=key, payment=payment)


def apply(key, source, item, amount, account="ACME"):
    allocation = commands.Allocation(source=source, item=item, amount=eur(amount))
    return commands.Apply(key=key, of=account, allocation=allocation)


def said(results):
    return [type(result.error).__name__ if result.error else result.receipt.outcome for result in results]


def test_a_refused_command_of_a_batch_leaves_no_trace_and_stops_none():
    batch = [
        pay("1", "P-8"),
        apply("2", "P-8", "INV-1", "11"),
        pay("3", "P-8"),
        apply("4", "P-8", "INV-1", "10"),
        pay("5", "P-9", account="NOBODY"),
        apply("6", "P-8", "INV-1", "1"),
        pay("7", "P-9", account="BETA"),
    ]
    world, clean = furnished(), furnished()
    results = list(world.app.record(batch))
    assert said(results) == [
        "recorded",
        "OverApplied",
        "ClaimTaken",
        "recorded",
        "UnknownId",
        "OverApplied",
        "recorded",
    ]
    assert [result.account for result in results] == [command.account for command in batch]
    list(clean.app.record([batch[0], batch[3], batch[6]]))
    assert picture(world.store) == picture(clean.store)


@pytest.mark.parametrize("transaction", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    "taken",
    [{"id": "P-B"}, {"id": "P-9", "bank_line": "line-B"}],
    ids=["a payment id of another account", "a bank line of another account"],
)
def test_what_only_the_store_can_see_refuses_one_command_of_a_batch(taken, at, transaction):
    world, clean = furnished(), furnished()
    if transaction:
        world.restart(transaction=world.store.transaction)
    for each in (world, clean):
        each.pay("P-B2", "5", "BETA", bank_line="line-B")
    good = [pay("1", "P-7"), apply("2", "P-7", "INV-1", "10")]
    batch = [*good[:at], pay("bad", **taken), *good[at:]]
    results = list(world.app.record(batch))
    wanted = ["recorded", "recorded"]
    wanted.insert(at, "ClaimTaken")
    assert said(results) == wanted
    assert results[at].error.holder == "BETA"
    list(clean.app.record(good))
    assert picture(world.store) == picture(clean.store)


def test_a_bank_line_twice_in_one_batch_is_one_payment():
    world = furnished()
    results = list(world.app.record([pay("1", "P-7", bank_line="new"), pay("2", "P-8", bank_line="new")]))
    assert said(results) == ["recorded", "ClaimTaken"]
    assert world.store.receipt("2") is None
    assert not any("P-8" in repr(fact) for fact in world.store.facts("ACME"))


def test_the_same_request_twice_in_one_batch_is_recorded_once():
    world = furnished()
    before = len(world.store.facts("ACME"))
    first, second, third = world.app.record([pay("1", "P-8"), pay("1", "P-8"), pay("1", "P-9")])
    assert first.receipt == second.receipt
    assert isinstance(third.error, KeyReused)
    assert len(world.store.facts("ACME")) == before + 1


def test_a_key_used_for_two_accounts_of_one_batch_is_refused_the_second_time():
    world = furnished()
    results = list(world.app.record([pay("1", "P-8"), pay("1", "P-8", account="BETA")]))
    assert said(results) == ["recorded", "KeyReused"]


def test_a_batch_made_again_gives_its_receipts_and_its_errors_again():
    world = furnished()
    batch = [pay("1", "P-8"), apply("2", "P-8", "INV-1", "11"), apply("3", "P-8", "INV-1", "10")]
    first = list(world.app.record(batch))
    before = picture(world.store)
    again = list(world.app.record(batch))
    assert [result.receipt for result in again] == [result.receipt for result in first]
    assert said(again) == ["recorded", "OverApplied", "recorded"]
    assert picture(world.store) == before


def test_the_rest_of_a_batch_that_was_cut_off_is_recorded_the_second_time():
    world, whole = furnished(), furnished()
    batch = [pay(str(n), f"P-1{n}", account=("ACME", "BETA")[n % 2]) for n in range(6)]
    taken = world.app.record(batch)
    assert said([next(taken), next(taken)]) == ["recorded", "recorded"]
    taken.close()
    assert said(world.app.record(batch)) == ["recorded"] * 6
    list(whole.app.record(batch))
    assert picture(world.store) == picture(whole.store)


def test_neighbors_of_one_account_share_a_commit():
    """The number of commits is what a host pays for in its database."""
    world = furnished()
    commits = []
    commit = world.store.commit
    world.store.commit = lambda each: (commits.append(each), commit(each))
    list(world.app.record([pay("1", "P-7"), pay("2", "P-8"), pay("3", "P-9", account="BETA")]))
    assert [len(each.receipts) for each in commits] == [2, 1]


def test_a_batch_may_come_from_a_generator_and_may_be_empty():
    world = furnished()
    assert said(world.app.record(pay(str(n), f"P-1{n}") for n in range(3))) == ["recorded"] * 3
    assert list(world.app.record([])) == []


def test_an_account_may_be_opened_filled_and_granted_an_order_in_one_batch():
    """A customer who joins a group in the same batch is checked against the group's limit, and it does not stall."""
    world = World()
    world.app.open_group("G", key="group")
    world.limit("1000", "group:G")
    customer = commands.Customer(id="NEW", group="G")
    limit = commands.CreditLimit(account="NEW", currency=eur(0).currency, amount=None, valid_from=TODAY)
    batch = [
        commands.OpenAccount(key="1", customer=customer),
        credit_commands.SetLimit(key="2", limit=limit),
        credit_commands.ReserveOrder(
            key="3", order=commands.Order(id="SO-1", account="NEW", amount=eur(600), placed_on=TODAY)
        ),
        credit_commands.ReserveOrder(
            key="4", order=commands.Order(id="SO-2", account="NEW", amount=eur(600), placed_on=TODAY)
        ),
    ]
    results = list(world.app.record(batch))
    assert said(results) == ["recorded", "recorded", "approved", "held"]
    assert [reason.code for reason in results[3].receipt.reasons] == ["group_limit_exceeded"]


def test_a_clock_that_stands_still_records_all_the_same():
    world = furnished()
    assert isinstance(world.clock, FixedClock)
    for n in range(5):
        world.pay(f"P-2{n}", "1")
    recorded = [fact.recorded_at for fact in world.store.facts("ACME")]
    assert recorded == sorted(recorded)
