"""The façade: load, decide, commit, deliver; nothing clever. Sync and async, driven from the flows' one text.

Without ``transaction`` every commit happens inside whatever transaction the host has open, and a moved account is the
host's `StaleAccount`. With ``transaction``, a callable that gives a context manager, each operation runs in one of its
own and is tried again, a bounded number of times, where another was faster; what is only read, a page of who is due say,
is read in one too, so that none is left open on the connection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from copy import copy
from itertools import groupby
from typing import Any, TypeVar, final

import attrs

from receivables import flows
from receivables.documents.erasure import ErasureEntry
from receivables.documents.exchange import ExchangeRate
from receivables.documents.notice import Notice
from receivables.errors import InvalidValue, StaleAccount, UnknownId
from receivables.facts.fact import Fact
from receivables.flows import DeliveryResult, Result, RunResult, Setting
from receivables.loading import Atomic, Call, Emit, Flow, Stream, whole
from receivables.operations.all import Operations
from receivables.plans.commands import Command
from receivables.plans.dunning import plan_for
from receivables.policies.book import PolicyBook
from receivables.policies.dunning import DunningPlan
from receivables.ports import AsyncNotifier, AsyncStore, Clock, Notifier, Receipt, Store
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import BusinessCalendar

T = TypeVar("T")

TRIES = 8
"""How often an operation is tried in all where another was faster."""


def _setting(
    policies: PolicyBook,
    zone: dt.tzinfo,
    zones: Mapping[str, dt.tzinfo] | None,
    calendars: Mapping[str, BusinessCalendar] | None,
    tries: int,
    rates: Iterable[ExchangeRate],
    erasures: Iterable[ErasureEntry],
) -> Setting:
    checks.instance("receivables.policies", policies, PolicyBook, "a policy book")
    checks.instance("receivables.zone", zone, dt.tzinfo, "a tzinfo")
    checks.whole("receivables.tries", tries, least=1)
    return Setting(
        policies=policies,
        zone=zone,
        zones=dict(zones or {}),
        calendars=dict(calendars or {}),
        rates=_checked_rates(rates),
        erasures=_by_log(erasures),
    )


def _by_log(erasures: Iterable[ErasureEntry]) -> Mapping[str, tuple[ErasureEntry, ...]]:
    entries = tuple(erasures)
    checks.sequence("receivables.erasures", entries, ErasureEntry, "erasures of a list")
    found: dict[str, tuple[ErasureEntry, ...]] = {}
    for entry in entries:
        found[entry.account] = (*found.get(entry.account, ()), entry)
    return found


def _checked_rates(rates: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    known = tuple(rates)
    checks.sequence("receivables.rates", known, ExchangeRate, "exchange rates")
    return known


def _with_rates(setting: Setting, rates: Iterable[ExchangeRate]) -> Setting:
    return attrs.evolve(setting, rates=_checked_rates(rates))


def _with_policies(setting: Setting, policies: PolicyBook) -> Setting:
    checks.instance("receivables.policies", policies, PolicyBook, "a policy book")
    return attrs.evolve(setting, policies=policies)


def _by_account(commands: Iterable[Command]) -> list[list[Command]]:
    batch = list(commands)
    for at, command in enumerate(batch):
        checks.instance(f"commands[{at}]", command, Command, "a command")
    return [list(group) for _, group in groupby(batch, key=lambda command: command.account)]


def _known(account: Account, id: str) -> Account:
    if not account.length:
        raise UnknownId("account", id)
    return account


def _works_on_connection(step: Call) -> bool:
    """Whether a call reads or writes: to ask whether a transaction is open must not begin one."""
    return step.port == "store" and step.method != "in_transaction"


def _load_account(id: str, own: bool = False) -> Flow[Account]:
    checks.text("account", id)
    return (yield from whole(id, as_it_stands=own)).account


def _load_seen(
    id: str, as_of: dt.date, known_at: dt.date | dt.datetime | None, zone: dt.tzinfo
) -> Flow[tuple[Account, View]]:
    """The account that answered for an id on the date, as known at the instant, and its view."""
    account = _known((yield from _load_account(id, own=True)), id)
    while (view := account.view(as_of, known_at, zone=zone)).merged_into is not None:
        account = yield from _load_account(view.merged_into, own=True)
    return account, view


def _load_view(id: str, as_of: dt.date, known_at: dt.date | dt.datetime | None, zone: dt.tzinfo) -> Flow[View]:
    return (yield from _load_seen(id, as_of, known_at, zone))[1]


def _load_plan(id: str, as_of: dt.date, setting: flows.Setting) -> Flow[DunningPlan]:
    account, view = yield from _load_seen(id, as_of, None, setting.zone)
    return plan_for(view, setting.policies, account)


@final
class Receivables(Operations[Receipt]):
    """The engine on a store, a notifier and a clock of the host's, with the policies that apply.

    ``zone`` is the creditor's time zone: dates are dates there. ``zones`` and ``calendars`` give by name what customers'
    zones and send windows refer to. ``rates`` are the exchange rates that the host knows. ``erasures`` is
    the list of what was erased on request, where a backup was restored: an account that does not know of one takes no
    other command before it was replayed (`ErasurePending`).

    >>> from receivables import Customer, Invoice, Money, MemoryStore, PaymentTerms
    >>> from receivables.testing import FixedClock, RecordingNotifier
    >>> app = Receivables(store=MemoryStore(), notifier=RecordingNotifier(), policies=PolicyBook(),
    ...                   clock=FixedClock.on(dt.date(2026, 1, 5)))
    >>> _ = app.open_account(Customer(id="ACME"), key="open ACME")
    >>> invoice = Invoice(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                   total=Money.of("1200", "EUR"), terms=PaymentTerms.net(30))
    >>> app.issue_invoice(invoice, key="issue INV-1").ids
    ('INV-1',)
    >>> app.view("ACME", dt.date(2026, 2, 11)).balance("EUR")
    Money.of('1200.00', 'EUR')
    """

    def __init__(
        self,
        *,
        store: Store,
        notifier: Notifier,
        clock: Clock,
        policies: PolicyBook,
        zone: dt.tzinfo = dt.UTC,
        zones: Mapping[str, dt.tzinfo] | None = None,
        calendars: Mapping[str, BusinessCalendar] | None = None,
        transaction: Callable[[], AbstractContextManager[Any]] | None = None,
        tries: int = TRIES,
        rates: Iterable[ExchangeRate] = (),
        erasures: Iterable[ErasureEntry] = (),
    ) -> None:
        self._ports: dict[str, Any] = {"store": store, "notifier": notifier, "clock": clock}
        self._setting = _setting(policies, zone, zones, calendars, tries, rates, erasures)
        self._transaction = transaction
        self._tries = tries

    @property
    def policies(self) -> PolicyBook:
        """The policies that apply."""
        return self._setting.policies

    def with_policies(self, policies: PolicyBook) -> Receivables:
        """The same engine with another policy book; call `rewake` afterwards."""
        other = copy(self)
        other._setting = _with_policies(self._setting, policies)
        return other

    def with_rates(self, rates: Iterable[ExchangeRate]) -> Receivables:
        """The same engine with other exchange rates, by which exposure is held against limits in another currency."""
        other = copy(self)
        other._setting = _with_rates(self._setting, rates)
        return other

    def execute(self, command: Command) -> Receipt:
        """Record one command; raises the typed error that refuses it, with nothing recorded."""
        checks.instance("command", command, Command, "a command")
        return self._drive(flows.record(self._setting, [command]))[0].unwrap()

    def record(self, commands: Iterable[Command]) -> Iterator[Result]:
        """Many commands, a result for each, in order; neighbors of one account share a commit.

        A command that is refused gives its error and stops none of the others.
        """
        for group in _by_account(commands):
            yield from self._drive(flows.record(self._setting, group))

    def run_dunning(self, as_of: dt.date, *, all_accounts: bool = False) -> Iterator[RunResult]:
        """The dunning of a day, account by account: notices are queued, nothing is sent.

        Only accounts that are due for attention are loaded; ``all_accounts`` looks at every one, with the same result.
        A second run of the same day queues nothing.
        """
        checks.day("run.as_of", as_of)
        run = flows.run_all if all_accounts else flows.run_day
        return self._stream(run(self._setting, as_of))

    def dunning_plan(self, id: str, as_of: dt.date) -> DunningPlan:
        """Every open item of an account on a day, included or skipped, with the reason; ``explain(item)`` tells its story.

        Nothing is recorded.
        """
        return self._drive(_load_plan(id, as_of, self._setting))

    def preview(self, id: str, as_of: dt.date) -> tuple[Notice, ...]:
        """The notices that the run of a day would queue for an account, with their charges; nothing is recorded."""
        checks.day("preview.as_of", as_of)
        return self._drive(flows.preview(self._setting, id, as_of))

    def deliver(self) -> Iterator[DeliveryResult]:
        """Send the notices that wait, each in three transactions; refused inside an open one (`OpenTransaction`)."""
        return self._stream(flows.deliver_all(self._setting))

    def rewake(self, day: dt.date) -> Iterator[Result]:
        """Work out anew when every account needs attention: after a change of policies, calendars or rates."""
        checks.day("rewake.day", day)
        return self._stream(flows.rewake_all(self._setting, day))

    def account(self, id: str, *, own: bool = False) -> Account:
        """An account with everything recorded on it; `UnknownId` where there is none.

        The id of an account that was merged gives the account that it became part of; ``own`` gives what is left of the
        one that was merged, whose views before the merge show it as it was.
        """
        return _known(self._drive(_load_account(id, own)), id)

    def accounts(self) -> Iterator[str]:
        """The ids of all accounts, in order."""
        after = ""
        while page := self._perform(Call("store", "accounts", (after, flows.PAGE))):
            yield from page
            after = page[-1]

    def history(self, id: str) -> Iterator[Fact]:
        """Every fact of an account's own log, in log order, read page by page: its audit trail.

        An account that was merged keeps its log under its own id, and what concerns its documents is still added there;
        the log of the account that it became part of does not repeat it. `UnknownId`, at the first fact, where nothing
        was recorded.
        """
        checks.text("history.account", id)
        return self._stream(flows.history(id))

    def view(self, id: str, as_of: dt.date, known_at: dt.date | dt.datetime | None = None) -> View:
        """An account on a date, as known at an instant; see `Account.view`.

        An account that had been merged by then is shown as the account that it became part of.
        """
        return self._drive(_load_view(id, as_of, known_at, self._setting.zone))

    def _drive(self, flow: Flow[T], within: bool = False) -> T:
        """Answer what a flow yields until it returns; ``within`` a transaction that was begun for it."""
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                step = flow.throw(error) if error is not None else flow.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                return value
            answer, error = self._answered(step, within)

    def _stream(self, stream: Stream) -> Iterator[Any]:
        """As `_drive`, handing out what the stream emits."""
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                step = stream.throw(error) if error is not None else stream.send(answer)
            except StopIteration:
                return
            if isinstance(step, Emit):
                answer, error = None, None
                yield step.result
            else:
                answer, error = self._answered(step)

    def _answered(self, step: Call | Atomic, within: bool = False) -> tuple[Any, Exception | None]:
        try:
            return self._perform(step, within), None
        except Exception as error:
            return None, error

    def _perform(self, step: Call | Atomic, within: bool = False) -> Any:
        """A flow in a transaction, or one call; a call of the store too has a transaction, where we are to begin them."""
        if isinstance(step, Atomic):
            return self._transacted(step.start)
        if self._transaction is None or within or not _works_on_connection(step):
            return self._call(step)
        with self._transaction():
            return self._call(step)

    def _call(self, step: Call) -> Any:
        found = getattr(self._ports[step.port], step.method)
        return found(*step.args) if callable(found) else found

    def _transacted(self, start: Callable[[], Flow[Any]]) -> Any:
        if self._transaction is None:
            return self._drive(start())
        for left in reversed(range(self._tries)):
            try:
                with self._transaction():
                    return self._drive(start(), within=True)
            except StaleAccount:
                if not left:
                    raise
        raise InvalidValue("receivables.transaction", self._transaction, "must let through what went wrong in it")


@final
class AsyncReceivables(Operations[Awaitable[Receipt]]):
    """`Receivables` with coroutines, for a store and a notifier that are awaited; each may also be a plain one.

    >>> import asyncio
    >>> from receivables import Customer, MemoryStore
    >>> from receivables.testing import FixedClock, RecordingNotifier
    >>> app = AsyncReceivables(store=MemoryStore(), notifier=RecordingNotifier(), policies=PolicyBook(),
    ...                        clock=FixedClock.on(dt.date(2026, 1, 5)))
    >>> async def main():
    ...     return await app.open_account(Customer(id="ACME"), key="open ACME")
    >>> asyncio.run(main()).outcome
    'recorded'

    ``transaction`` gives an async context manager.
    """

    def __init__(
        self,
        *,
        store: AsyncStore | Store,
        notifier: AsyncNotifier | Notifier,
        clock: Clock,
        policies: PolicyBook,
        zone: dt.tzinfo = dt.UTC,
        zones: Mapping[str, dt.tzinfo] | None = None,
        calendars: Mapping[str, BusinessCalendar] | None = None,
        transaction: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
        tries: int = TRIES,
        rates: Iterable[ExchangeRate] = (),
        erasures: Iterable[ErasureEntry] = (),
    ) -> None:
        self._ports: dict[str, Any] = {"store": store, "notifier": notifier, "clock": clock}
        self._setting = _setting(policies, zone, zones, calendars, tries, rates, erasures)
        self._transaction = transaction
        self._tries = tries

    @property
    def policies(self) -> PolicyBook:
        """The policies that apply."""
        return self._setting.policies

    async def _execute(self, command: Command) -> Receipt:
        return (await self._drive(flows.record(self._setting, [command])))[0].unwrap()

    def execute(self, command: Command) -> Awaitable[Receipt]:
        """See `Receivables.execute`."""
        checks.instance("command", command, Command, "a command")
        return self._execute(command)

    async def record(self, commands: Iterable[Command]) -> AsyncIterator[Result]:
        """See `Receivables.record`."""
        for group in _by_account(commands):
            for result in await self._drive(flows.record(self._setting, group)):
                yield result

    def run_dunning(self, as_of: dt.date, *, all_accounts: bool = False) -> AsyncIterator[RunResult]:
        """See `Receivables.run_dunning`."""
        checks.day("run.as_of", as_of)
        run = flows.run_all if all_accounts else flows.run_day
        return self._stream(run(self._setting, as_of))

    async def dunning_plan(self, id: str, as_of: dt.date) -> DunningPlan:
        """See `Receivables.dunning_plan`."""
        return await self._drive(_load_plan(id, as_of, self._setting))

    async def preview(self, id: str, as_of: dt.date) -> tuple[Notice, ...]:
        """See `Receivables.preview`."""
        checks.day("preview.as_of", as_of)
        return await self._drive(flows.preview(self._setting, id, as_of))

    def deliver(self) -> AsyncIterator[DeliveryResult]:
        """See `Receivables.deliver`."""
        return self._stream(flows.deliver_all(self._setting))

    def rewake(self, day: dt.date) -> AsyncIterator[Result]:
        """See `Receivables.rewake`."""
        checks.day("rewake.day", day)
        return self._stream(flows.rewake_all(self._setting, day))

    def with_policies(self, policies: PolicyBook) -> AsyncReceivables:
        """See `Receivables.with_policies`."""
        other = copy(self)
        other._setting = _with_policies(self._setting, policies)
        return other

    def with_rates(self, rates: Iterable[ExchangeRate]) -> AsyncReceivables:
        """See `Receivables.with_rates`."""
        other = copy(self)
        other._setting = _with_rates(self._setting, rates)
        return other

    async def accounts(self) -> AsyncIterator[str]:
        """See `Receivables.accounts`."""
        after = ""
        while page := await self._perform(Call("store", "accounts", (after, flows.PAGE))):
            for id in page:
                yield id
            after = page[-1]

    async def account(self, id: str, *, own: bool = False) -> Account:
        """See `Receivables.account`."""
        return _known(await self._drive(_load_account(id, own)), id)

    def history(self, id: str) -> AsyncIterator[Fact]:
        """See `Receivables.history`."""
        checks.text("history.account", id)
        return self._stream(flows.history(id))

    async def view(self, id: str, as_of: dt.date, known_at: dt.date | dt.datetime | None = None) -> View:
        """See `Receivables.view`."""
        return await self._drive(_load_view(id, as_of, known_at, self._setting.zone))

    async def _drive(self, flow: Flow[T], within: bool = False) -> T:
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                step = flow.throw(error) if error is not None else flow.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                return value
            answer, error = await self._answered(step, within)

    async def _stream(self, stream: Stream) -> AsyncIterator[Any]:
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                step = stream.throw(error) if error is not None else stream.send(answer)
            except StopIteration:
                return
            if isinstance(step, Emit):
                answer, error = None, None
                yield step.result
            else:
                answer, error = await self._answered(step)

    async def _answered(self, step: Call | Atomic, within: bool = False) -> tuple[Any, Exception | None]:
        try:
            return await self._perform(step, within), None
        except Exception as error:
            return None, error

    async def _perform(self, step: Call | Atomic, within: bool = False) -> Any:
        if isinstance(step, Atomic):
            return await self._transacted(step.start)
        if self._transaction is None or within or not _works_on_connection(step):
            return await self._call(step)
        async with self._transaction():
            return await self._call(step)

    async def _call(self, step: Call) -> Any:
        found = getattr(self._ports[step.port], step.method)
        answer = found(*step.args) if callable(found) else found
        return await answer if isinstance(answer, Awaitable) else answer

    async def _transacted(self, start: Callable[[], Flow[Any]]) -> Any:
        if self._transaction is None:
            return await self._drive(start())
        for left in reversed(range(self._tries)):
            try:
                async with self._transaction():
                    return await self._drive(start(), within=True)
            except StaleAccount:
                if not left:
                    raise
        raise InvalidValue("receivables.transaction", self._transaction, "must let through what went wrong in it")
