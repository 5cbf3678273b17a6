"""Two requests at once, without threads: the calls of two flows on the ports, taken in every possible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from receivables.errors import StaleAccount
from receivables.loading import Atomic, Call, Flow

Ports = dict[str, Any]


class Task:
    """One flow that goes on by one port call at a time, and begins again where another was faster."""

    def __init__(self, start: Callable[[], Flow[Any]], ports: Ports) -> None:
        self._ports = ports
        self._start = start
        self._flow = start()
        self._answer: Any = None
        self._stack: list[tuple[Flow[Any], Callable[[], Flow[Any]]]] = []
        self.result: Any = None
        self.done = False
        self.tries = 1
        self._advance(None)

    def _advance(self, error: Exception | None) -> None:
        """Go to the next port call, or to the end."""
        while True:
            try:
                step = self._flow.throw(error) if error is not None else self._flow.send(self._answer)
            except StopIteration as stop:
                if not self._stack:
                    self.result, self.done = stop.value, True
                    return
                self._flow, _ = self._stack.pop()
                self._answer, error = stop.value, None
                continue
            if isinstance(step, Atomic):
                self._stack.append((self._flow, step.start))
                self._flow, self._answer, error = step.start(), None, None
                continue
            assert isinstance(step, Call)
            self._call = step
            return

    def step(self) -> None:
        """Make the port call that is next."""
        found = getattr(self._ports[self._call.port], self._call.method)
        error: Exception | None = None
        try:
            self._answer = found(*self._call.args) if callable(found) else found
        except StaleAccount:
            return self._begin_anew()
        except Exception as raised:
            error = raised
        try:
            self._advance(error)
        except StaleAccount:  # the flow itself saw that another was faster
            self._begin_anew()
        return None

    def _begin_anew(self) -> None:
        self.tries += 1
        self._flow, self._answer = self._stack[-1][1](), None
        self._advance(None)


def run(tasks: list[Task], order: Iterator[int]) -> None:
    """Take the tasks in this order, then each to its end."""
    for at in order:
        if not tasks[at].done:
            tasks[at].step()
    for task in tasks:
        while not task.done:
            task.step()


def orders(calls: int) -> Iterator[tuple[int, ...]]:
    """Every order in which two tasks of so many calls can take turns."""
    for places in combinations(range(2 * calls), calls):
        yield tuple(0 if at in places else 1 for at in range(2 * calls))
