"""A transfer that reads its two accounts before and after they are merged is decided anew.

Found by the simulator: the account that was read first was written in the state that it had before the merger, under the
version that it has after it.
"""

from tests.flows.test_interleaving import steps
from tests.service.world import BOOK, World, eur

from receivables import Customer, flows
from receivables.errors import StaleAccount
from receivables.flows import Setting
from receivables.plans.cash_commands import Transfer
from receivables.state.account import fold


def test_a_transfer_between_accounts_that_are_merged_meanwhile_is_stale():
    world = World()
    world.open()
    world.app.open_account(Customer(id="TWIN"), key="open TWIN")
    world.pay("P-1", "100")
    move = Transfer(key="move", of="ACME", source="P-1", amount=eur(40), to="TWIN", on=world.today)
    ports = {"store": world.store, "notifier": None, "clock": world.clock}
    worker = steps(flows.record(Setting(policies=BOOK), [move]), ports, retries=False)
    next(worker)  # before it reads ACME
    next(worker)  # and has read it
    world.app.merge_accounts("TWIN", "ACME", reason="one company", by="ann", approver="bob", key="merge")
    try:
        while True:
            next(worker)
    except StopIteration as stop:
        (result,) = stop.value
    assert isinstance(result.error, StaleAccount)
    for id in ("ACME", "TWIN"):
        assert world.store.load([id])[id].snapshot == fold(world.store.facts(id))
