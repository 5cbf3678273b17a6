"""The table of plans: every command has one, and what is no command of ours is refused."""

from __future__ import annotations

from typing import final

import pytest
from attrs import frozen
from tests.service.world import World, picture

from receivables.errors import WrongType
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class Forgive(Command):
    """A command of the host's own, of which the engine knows nothing."""

    of: str


def test_a_command_that_no_plan_is_for_is_refused_and_nothing_is_recorded():
    world = World()
    world.open()
    before = picture(world.store)
    with pytest.raises(WrongType, match=r"command: must be a command, got Forgive\("):
        world.app.execute(Forgive(of="ACME", key="k"))
    assert picture(world.store) == before
