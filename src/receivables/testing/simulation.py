"""One company, several workers, one store, and everything that can go wrong between them: drawn from a seed.

The real flows (`receivables.flows`) are driven by hand: each stops before every call of a port, and a seeded scheduler says
who goes on. Before, during and after a call something may happen (`FAULTS`). A worker that crashes forgets everything and
begins its piece of work anew, with the same key, as a host does that repeats a request. The `Auditor` looks at every
answer and every commit.

What happens at a step depends on the seed and the number of the step alone, so a run can be repeated with a piece of work
or a fault left out: that is how `receivables.testing.simulate` finds the shortest trace of a failure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, final

from attrs import evolve, field, frozen

from receivables import flows
from receivables.errors import InvalidValue, KeyReused, ReceivablesError, StaleAccount
from receivables.flows import Result, Setting
from receivables.loading import Atomic, Call, Emit, Flow, atomic, call
from receivables.testing.auditor import Auditor
from receivables.testing.books import Violation
from receivables.testing.probes import ACCOUNTS, NAMES, probe
from receivables.testing.simulated_ports import Host, Post, Watch, in_memory
from receivables.testing.simulated_work import GROUP, POLICIES, Work, opening, script

FAULTS: Mapping[str, str] = {
    "crash before": "the worker dies before a call",
    "crash after": "the worker dies after a call: what it asked for has happened",
    "lost reply": "the call happens, and an error comes back",
    "lost call": "the call does not happen, and an error comes back",
    "twice": "the call arrives a second time",
    "stale": "a read gives what it gave an earlier time",
    "same work": "a second worker begins the same piece of work, with the same key",
    "clock forward": "the clock jumps two days forward",
    "clock back": "the clock jumps five hours back",
}
"""What can go wrong, by name."""

CHANCE, CHANCE_OF_WRITES = 0.03, 0.2
"""How often something goes wrong at a step, and at one that writes or sends."""

FORWARD, BACK = dt.timedelta(days=2), dt.timedelta(hours=5)

MOST_TRIES = 8
MOST_STEPS = 20_000

WRITES = ("commit", "send")
READS = ("load", "receipt", "due")
"""The reads that may be answered as they were an earlier time, though never older than what the reader saw already: a
database whose replica lags gives that, and what they are used for is checked by the commit."""


QUESTIONS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("load", (ACCOUNTS,)),
    ("due", (dt.date(2026, 3, 1), "", 1_000)),
    *(("find", (one, other)) for one in NAMES for other in (*NAMES, "3")),
    *(("history", (id, after, limit)) for id in ACCOUNTS for after, limit in ((2, 3), (0, 1_000))),
    ("in_transaction", ()),
)
"""What is asked after a probe."""


class Crash(BaseException):
    """The worker is gone."""


class Unanswered(ConnectionError):
    """The call may have happened or not."""


@final
@frozen(kw_only=True)
class Choices:
    """A run: its seed, how long it is, and what is left out of it; ``order`` is another order of the same steps."""

    seed: int
    order: int = 0
    length: int = 30
    workers: int = 3
    faults: frozenset[str] = frozenset(FAULTS)
    without_work: frozenset[int] = frozenset()
    without_faults: frozenset[int] = frozenset()


@final
class Worker:
    """Somebody at a piece of work."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.work: Work | None = None
        self.steps: Generator[Call, Any, Any] | None = None
        self.answer: tuple[Any, BaseException | None] = (None, None)
        self.tries = 0
        self.seen = 0
        """How many commits there were when it last read: what it reads later is not older."""


@final
@frozen(kw_only=True)
class Outcome:
    """What became of a run: the violation, or none, how many calls there were, and the trace."""

    choices: Choices
    violation: Violation | None
    calls: int
    trace: tuple[str, ...] = field(repr=False)
    happened: frozenset[int] = field(default=frozenset(), repr=False)
    """The steps at which something went wrong."""

    @property
    def ok(self) -> bool:
        """Whether every rule held."""
        return self.violation is None


def simulate(choices: Choices, make_host: Callable[[], Host] = in_memory) -> Outcome:
    """Run one simulation; a rule that does not hold is in the outcome, any other exception comes through.

    >>> simulate(Choices(seed=1, length=5)).ok
    True
    """
    company = Company(choices, make_host())
    violation = None
    try:
        company.run()
    except Violation as found:
        violation = found
    return Outcome(
        choices=choices,
        violation=violation,
        calls=company.calls,
        trace=tuple(company.trace),
        happened=frozenset(company.happened),
    )


@final
class Company:
    """Workers, ports, a scheduler and an auditor."""

    def __init__(self, choices: Choices, host: Host) -> None:
        self.choices, self.host = choices, host
        self.trace: list[str] = []
        self.calls = 0
        self.happened: set[int] = set()
        self.auditor = Auditor(POLICIES)
        self._setting = Setting(policies=POLICIES)
        self._order = Random(f"{choices.seed}/order/{choices.order}")
        self._post = Post(Random(f"{choices.seed}/post"))
        self._watch = Watch()
        self._ports: dict[str, Any] = {"store": host.store, "notifier": self._post, "clock": self._watch}
        self._earlier: dict[tuple[str, Any], list[tuple[int, Any]]] = {}
        self._commits = 0
        self._workers = [Worker(number) for number in range(choices.workers)]
        self._faulty = False

    def run(self) -> None:
        """The opening without faults, the script with them, and then in peace until nothing is left to do."""
        for work in opening():
            self._alone(work)
        self.trace.clear()
        self._faulty = True
        works = [each for each in script(self.choices.seed, self.choices.length) if self._wanted(each)]
        self._together(works)
        self._faulty = False
        self._close()

    def _wanted(self, work: Work) -> bool:
        return work.number not in self.choices.without_work

    # The scheduler

    def _alone(self, work: Work) -> None:
        worker = Worker(len(self._workers))
        self._begin(worker, work)
        while worker.work is not None:
            self._go(worker)

    def _together(self, works: Sequence[Work]) -> None:
        waiting = list(works)
        while waiting or any(worker.work for worker in self._workers):
            worker = self._order.choice(self._workers)
            if worker.work is None:
                if not waiting:
                    continue
                self._begin(worker, waiting.pop(0))
            else:
                self._go(worker)

    def _begin(self, worker: Worker, work: Work) -> None:
        if work.days:
            self._watch.instant += dt.timedelta(days=work.days)
            self._say(worker, f"{work}: it is {self._watch.instant:%Y-%m-%d %H:%M}")
            return
        self._say(worker, f"begins {work}")
        worker.work, worker.tries = work, 0
        self._start(worker)

    def _start(self, worker: Worker) -> None:
        assert worker.work is not None
        worker.tries += 1
        worker.seen = 0
        worker.answer = (None, None)
        worker.steps = self._steps(self._flow(worker.work))

    def _flow(self, work: Work) -> Generator[Any, Any, Any]:
        if work.commands:
            return flows.record(self._setting, work.commands)
        if work.job == "run":
            return flows.run_day(self._setting, self._today)
        return flows.deliver_all(self._setting) if work.job == "deliver" else self._probes(work)

    def _probes(self, work: Work) -> Flow[None]:
        """A few commits that no flow makes, and what is there afterwards; a refusal is no news to a probe."""
        dice = Random(f"{self.choices.seed}/probe/{work.number}")
        for _ in range(dice.randint(1, 4)):
            commit = probe(dice, self.auditor.books, self._watch.now())
            with suppress(ReceivablesError):
                yield from atomic(partial(call, "store", "commit", commit))
            for method, args in QUESTIONS:
                yield from call("store", method, *args)

    @property
    def _today(self) -> dt.date:
        return self._watch.instant.date()

    def _go(self, worker: Worker) -> None:
        """One step of a worker: the call before which it stopped, and on to the next."""
        assert worker.steps is not None
        try:
            answer, error = worker.answer
            step = worker.steps.throw(error) if error is not None else worker.steps.send(answer)
            worker.answer = self._called(worker, step)
        except StopIteration as stop:
            self._finished(worker, stop.value)
        except Crash:
            self._crashed(worker)
        except ReceivablesError as error:
            self._say(worker, f"gives up: {error}")
            self._again(worker)
        except Unanswered:
            self._say(worker, "does not know")
            self._again(worker)

    def _crashed(self, worker: Worker) -> None:
        self._say(worker, "crashes")
        self._again(worker)

    def _again(self, worker: Worker) -> None:
        """Begin the piece of work anew, a bounded number of times: a host repeats what it has no answer to."""
        if worker.steps is not None:
            worker.steps.close()
        if worker.tries >= MOST_TRIES:
            worker.work = None
        else:
            self._start(worker)

    def _finished(self, worker: Worker, value: Any) -> None:
        work = worker.work
        assert work is not None
        if not work.commands:
            self._say(worker, "has done the job")
        else:
            for result in value:
                self._say(worker, f"is answered: {result.receipt or result.error}")
                self._answered(result)
            if any(isinstance(result.error, StaleAccount | KeyReused) for result in value):
                self._again(worker)  # another was faster, or the key was answered to a worker that is gone
                return
        worker.work = None

    def _answered(self, result: Result) -> None:
        if result.receipt is not None:
            self.auditor.answered(result.receipt)
            if self._order.random() < 0.2:
                self.auditor.remember(result.account, self._today - dt.timedelta(days=self._order.randint(0, 9)))

    # A flow, driven by hand

    def _steps(self, flow: Generator[Any, Any, Any]) -> Generator[Call, Any, Any]:
        """What a flow calls, one after the other; the flow within a transaction too, where that can be interleaved."""
        answer: Any = None
        error: BaseException | None = None
        while True:
            try:
                step = flow.throw(error) if error is not None else flow.send(answer)
            except StopIteration as stop:
                return stop.value
            answer = error = None
            if isinstance(step, Emit):
                continue
            try:
                if isinstance(step, Atomic):
                    answer = yield from self._atomic(step.start)
                else:
                    answer = yield step
            except (Exception, Crash) as raised:
                error = raised

    def _atomic(self, start: Callable[[], Flow[Any]]) -> Generator[Call, Any, Any]:
        """A flow within a transaction: call by call on a store that has none, at once on one that has."""
        if self.host.transaction is None:
            return (yield from self._steps(start()))
        return (yield Call("transaction", "whole", (start,)))

    # The calls of the ports, and what goes wrong with them

    def _called(self, worker: Worker, step: Call) -> tuple[Any, BaseException | None]:
        if step.port == "transaction":
            return self._transacted(worker, step.args[0])
        try:
            return self._performed(worker, step), None
        except (ReceivablesError, Unanswered) as error:
            return None, error

    def _transacted(self, worker: Worker, start: Callable[[], Flow[Any]]) -> tuple[Any, BaseException | None]:
        """A whole transaction; what was committed in it counts for the auditor when it is over."""
        assert self.host.transaction is not None
        before, self._pending = self._pending, []
        try:
            with self.host.transaction():
                value = self._driven(worker, start())
        except (ReceivablesError, Unanswered) as error:
            return None, error
        else:
            for commit in self._pending:
                self.auditor.accepted(commit)
            return value, None
        finally:
            self._pending = before

    _pending: list[Any] | None = None

    def _driven(self, worker: Worker, flow: Flow[Any]) -> Any:
        steps = self._steps(flow)
        answer: tuple[Any, BaseException | None] = (None, None)
        while True:
            try:
                step = steps.throw(answer[1]) if answer[1] is not None else steps.send(answer[0])
            except StopIteration as stop:
                return stop.value
            try:
                answer = self._performed(worker, step), None
            except (ReceivablesError, Unanswered) as error:
                answer = None, error

    def _performed(self, worker: Worker, step: Call) -> Any:
        self.calls += 1
        if self.calls > MOST_STEPS:
            raise InvalidValue("simulation.calls", self.calls, "does not come to an end")
        fault = self._fault(worker, step)
        self._say(worker, f"{step.port}.{step.method}{'' if not fault else f' [{fault}]'}")
        if fault == "crash before":
            raise Crash
        if fault == "lost call":
            raise Unanswered
        if fault == "stale":
            worker.seen, answer = self._stale(worker, step)[0]
            return answer
        answer = self._perform(step)
        worker.seen = self._commits
        if fault == "twice":
            self._repeat(step)
        if fault == "crash after":
            raise Crash
        if fault == "lost reply":
            raise Unanswered
        if fault == "same work":
            self._double(worker)
        return answer

    def _stale(self, worker: Worker, step: Call) -> list[tuple[int, Any]]:
        """What a read gave before the last commit, and not before the worker's last read."""
        found = self._earlier.get((step.method, step.args), ()) if step.port == "store" else ()
        return [(commits, answer) for commits, answer in found if worker.seen <= commits < self._commits]

    def _fault(self, worker: Worker, step: Call) -> str:
        """What goes wrong at this step: most often nothing."""
        if not self._faulty or self.calls in self.choices.without_faults:
            return ""
        dice = Random(f"{self.choices.seed}/fault/{self.calls}")
        if dice.random() >= (CHANCE_OF_WRITES if step.method in WRITES else CHANCE):
            return ""
        possible = [fault for fault in FAULTS if fault in self.choices.faults and self._can(fault, worker, step)]
        if not possible:
            return ""
        fault = dice.choice(possible)
        self.happened.add(self.calls)
        if fault.startswith("clock"):
            self._watch.instant += FORWARD if fault == "clock forward" else -BACK
        return fault

    def _can(self, fault: str, worker: Worker, step: Call) -> bool:
        """Whether it can happen to this call."""
        if fault == "stale":
            return step.method in READS and bool(self._stale(worker, step))
        if fault == "clock back":  # further behind than a day, a clock is one that was wrong before
            return self._watch.latest - self._watch.instant < flows.SET_BACK - BACK
        if fault in ("lost reply", "lost call"):
            return step.port == "notifier" or (step.port == "store" and step.method == "commit")
        if fault == "twice":
            return step.method in ("commit", "send") and (step.method == "commit" or self._post.honors_keys)
        return True

    def _perform(self, step: Call) -> Any:
        if step.method == "commit":
            return self._committed(step)
        found = getattr(self._ports[step.port], step.method)
        sent = len(self._post.letters)
        answer = found(*step.args) if callable(found) else found
        if step.port == "store":
            if self._pending is None or not self._pending:
                self.auditor.read(step.method, step.args, answer)
            self._earlier.setdefault((step.method, step.args), []).append((self._commits, answer))
        elif len(self._post.letters) > sent:
            self.auditor.letter(self._post.letters[-1], once=self._sends_again())
        return answer

    def _sends_again(self) -> bool:
        """Whether a key may go out twice: no policy of the simulation says so."""
        return False

    def _committed(self, step: Call) -> None:
        (commit,) = step.args
        try:
            self.host.store.commit(commit)
        except ReceivablesError as error:
            if not self._pending:  # within a transaction that has written already, the books are behind
                self.auditor.refused(commit, error)
            raise
        except Exception as error:
            raise Violation("commit", f"the store fell over: {type(error).__name__}: {error}") from error
        self._commits += 1
        if self._pending is None:
            self.auditor.accepted(commit)
        else:
            self._pending.append(commit)

    def _repeat(self, step: Call) -> None:
        """The call a second time; nobody waits for the answer."""
        try:
            self._perform(step)
        except ReceivablesError:
            return

    def _double(self, worker: Worker) -> None:
        idle = [each for each in self._workers if each.work is None]
        if idle and worker.work is not None:
            self._say(idle[0], f"begins {worker.work} as well")
            idle[0].work, idle[0].tries = worker.work, 0
            self._start(idle[0])

    # The end

    def _close(self) -> None:
        """What is left to do is done in peace, and everything is looked at."""
        for work in script(self.choices.seed, self.choices.length):
            left = [command for command in work.commands if command.key not in self.auditor.acknowledged]
            if left and self._wanted(work):
                self._alone(evolve(work, commands=tuple(left)))
        self._watch.instant = max(self._watch.instant, self._watch.latest) + dt.timedelta(days=1)
        day = self._today
        store = self.host.store
        self.auditor.check_awake(self._watch.now(), day, store.due(day, "", 1_000))
        for job in ("run", "deliver", "deliver", "run"):
            self._alone(Work(number=0, who="job", text=f"{job} at the end", job=job))
        self.auditor.check_done(self._watch.now(), day)
        self.auditor.check_past()
        self.auditor.check_rebuilt()
        asked: list[tuple[str, tuple[Any, ...]]] = [("find", ("group", GROUP)), ("find", ("group", "nobody knows"))]
        for after in ("", *self.auditor.books.logs):
            asked += [("accounts", (after, limit)) for limit in (1, 1_000)]
            asked += [
                ("due", (each, after, 2)) for each in (day - dt.timedelta(days=1), day, day + dt.timedelta(days=9))
            ]
        for method, args in asked:
            self.auditor.read(method, args, getattr(store, method)(*args))
        for id, log in self.auditor.books.logs.items():
            self.auditor.read("load", ((id,),), store.load((id,)))
            for read in range(0, len(log) + 1, 7):
                self.auditor.read("history", (id, read, 7), store.history(id, read, 7))
        for key in self.auditor.books.receipts:
            self.auditor.read("receipt", (key,), store.receipt(key))

    def _say(self, worker: Worker, what: str) -> None:
        self.trace.append(f"{self.calls:5} worker {worker.number} {what}")
