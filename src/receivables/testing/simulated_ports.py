"""The ports of a simulated company: a post office that says no at times, a clock that jumps, a store with its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random
from typing import Any, final

from attrs import frozen

from receivables.documents.notice import Notice
from receivables.ports import Delivery, NotSent, Sent, Store
from receivables.stores.memory import MemoryStore
from receivables.testing.simulated_work import BEGIN


@final
class Post:
    """A notifier that sends a key once, or each time it is asked, and at times says no."""

    def __init__(self, dice: Random) -> None:
        self.honors_keys = dice.random() < 0.7
        self.letters: list[str] = []
        self._dice = dice

    def send(self, notice: Notice) -> Delivery:
        """Send, or say why not."""
        drawn = self._dice.random()
        if drawn < 0.1:
            return NotSent(reason="try again later", retry=True)
        if drawn < 0.15:
            return NotSent(reason="no such address")
        if not (self.honors_keys and notice.key in self.letters):
            self.letters.append(notice.key)
        return Sent(receipt=f"letter {len(self.letters)}")


@final
class Watch:
    """A clock that goes on a second with every look, and jumps when it is told to."""

    def __init__(self) -> None:
        self.instant = self.latest = dt.datetime.combine(BEGIN, dt.time(9), dt.UTC)

    def now(self) -> dt.datetime:
        """The instant."""
        self.instant += dt.timedelta(seconds=1)
        self.latest = max(self.latest, self.instant)
        return self.instant


@final
@frozen(kw_only=True)
class Host:
    """A store to be simulated on; ``transaction``, where it needs one, gives the context manager of the host's.

    With a transaction the steps within it are not interleaved: the store has one connection.
    """

    store: Store
    transaction: Callable[[], AbstractContextManager[Any]] | None = None


def in_memory() -> Host:
    """A host with the memory store."""
    return Host(store=MemoryStore())
