"""Every decision of a random story comes out again, by the settings of then and from the log alone."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import BOOK, CREDIT, LADDER, STRICT, World

from receivables.errors import ReceivablesError
from receivables.plans.commands import CATALOG
from receivables.plans.replay import replay_all
from receivables.policies.book import Choice, PolicyBook

EVENTS = ("invoice", "order", "order", "pay", "apply", "hold", "limit", "release", "dispute", "run", "run", "deliver")
STORIES = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 9), st.integers(0, 4)), max_size=30)


def tell(world, number, event, pick, days):
    """One event, some days after the last; what is refused did not happen."""
    at = (world.today - world.start).days + days
    world.at(at)
    amount = 50 * (pick + 1)
    items = [item.id for book in world.app.view("ACME", world.today).books for item in book.items]
    item = items[pick % len(items)] if items else None
    deeds = {
        "invoice": lambda: world.invoice(f"INV-{number}", amount, at - 3 + pick),
        "order": lambda: world.order(f"SO-{number}", amount),
        "pay": lambda: world.pay(f"P-{number}", amount),
        "apply": lambda: world.settle(item, amount) if item else None,
        "hold": lambda: world.hold(f"H-{number}", item=item) if item else None,
        "limit": lambda: world.limit(100 * (pick + 1)),
        "release": lambda: _release(world, number),
        "dispute": lambda: world.dispute(f"D-{number}", item) if item else None,
        "run": world.run,
        "deliver": world.deliver,
    }
    with contextlib.suppress(ReceivablesError):
        deeds[event]()


def _release(world, number):
    held = [each.order.id for each in world.app.view("ACME", world.today).orders if each.status == "held"]
    if held:
        world.app.release_held_order("ACME", held[0], approver="bob", reason="x", by="ann", key=f"let {number}")


@settings(max_examples=40, deadline=None)
@given(STORIES, st.sampled_from(("", "strict")))
def test_every_decision_is_the_same_again(story, segment):
    world = World()
    world.start = world.today
    world.open(segment=segment)
    world.limit(300)
    for at, policy in enumerate((LADDER, STRICT, CREDIT)):
        world.app.publish(policy, key=f"publish {at}")
    for number, (event, pick, days) in enumerate(story):
        tell(world, number, event, pick, days)
    log, catalog = list(world.app.history("ACME")), list(world.app.history(CATALOG))
    for found in replay_all("ACME", log, catalog, policies=BOOK):
        assert found.outcome in ("same", "by_person", "no_decision"), str(found)


def test_the_story_can_make_decisions_that_are_compared():
    world = World()
    world.start = world.today
    world.open(segment="strict")
    world.limit(300)
    world.app.publish(STRICT, key="s")
    world.app.publish(CREDIT, key="c")
    for number, step in enumerate(
        [
            ("invoice", 9, 0),
            ("order", 9, 0),
            ("apply", 9, 1),
            ("run", 0, 4),
            ("deliver", 0, 0),
            ("release", 0, 0),
            ("invoice", 2, 1),
            ("run", 0, 4),
        ]
    ):
        tell(world, number, *step)
    other = PolicyBook.of(*BOOK.policies, choices=(Choice(kind="dunning", policy="standard"),))
    for policies in (BOOK, other):
        found = list(
            replay_all("ACME", list(world.app.history("ACME")), list(world.app.history(CATALOG)), policies=policies)
        )
        assert {each.outcome for each in found} <= {"same", "by_person"}
        kinds = {type(each.fact).__name__ for each in found if each.outcome == "same"}
        assert {"OrderHeld", "OrderReserved", "NoticeQueued"} <= kinds
