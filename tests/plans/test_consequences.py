"""What follows from a command is worked out until nothing more follows, and a bounded number of times."""

import attrs
from tests.service.world import World

from receivables.facts.customer import CustomerChanged
from receivables.plans import consequences
from receivables.plans.consequences import MOST_ROUNDS


def test_what_never_comes_to_an_end_is_stopped_after_so_many_rounds(monkeypatch):
    """A consequence that contradicts itself, as two that undo each other would."""
    world = World()
    world.open()

    def rename(account, policies, context):
        customer = account.profile.entries[-1].customer
        other = attrs.evolve(customer, language="de" if customer.language != "de" else "fr")
        return (CustomerChanged(customer=other, effective_on=context.today, recorded_at=context.now),)

    monkeypatch.setattr(consequences, "TABLE", {"rename": rename})
    world.pay("P", "1")
    assert len(world.facts(CustomerChanged)) == MOST_ROUNDS
