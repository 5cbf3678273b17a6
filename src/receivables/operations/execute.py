"""What every operation stands on: hand a command on, and get what the service answers."""

from __future__ import annotations

from typing import Generic, TypeVar

from receivables.plans.commands import Command

R = TypeVar("R")
"""What the service answers: a receipt in the one, an awaitable of a receipt in the other."""


class Executing(Generic[R]):
    """Something that executes commands."""

    def execute(self, command: Command) -> R:
        """Record one command, or raise the error that refuses it."""
        raise NotImplementedError
