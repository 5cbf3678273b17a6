"""The operations, written once: generators of port calls.

A flow yields what it wants from the ports and gets the answers sent in. The sync and the async service and the simulator
drive the same text. `Call` is one call of a port; `Atomic` is a flow that must run within one transaction, and may be
run again from the start where the store said `StaleAccount`.

    record     load -> receipt? -> plan -> consequences -> commit
    run        load -> plan of the day -> commit
    deliver    (load -> guard -> commit sending) -> send -> (load -> commit outcome)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast, final

import attrs
from attrs import field, frozen

from receivables.codec import digest
from receivables.documents.customer import group_account_id
from receivables.documents.erasure import ErasureEntry
from receivables.documents.exchange import ExchangeRate
from receivables.documents.notice import Notice
from receivables.documents.reason import Reason
from receivables.drafts import Draft, appends, done_by, versions_of
from receivables.errors import (
    ClaimTaken,
    ErasurePending,
    KeyReused,
    OpenTransaction,
    ReceivablesError,
    StaleAccount,
    UnknownId,
    WrongType,
)
from receivables.facts.credit import OrderReserved
from receivables.facts.dunning import NoticeQueued
from receivables.facts.fact import Fact
from receivables.loading import Emit, Flow, Stream, Whole, atomic, call, completed, load, whole
from receivables.plans.commands import ChangeCustomer, Command, OpenAccount
from receivables.plans.credit import groups_of, guards_of, looks_at_group
from receivables.plans.delivery import (
    Delivered,
    plan_outcome,
    plan_sending,
    retry_from,
    step_of,
    waiting,
    window_of,
)
from receivables.plans.dunning import plan_run
from receivables.plans.erasure import pending
from receivables.plans.erasure_commands import ReplayErasure
from receivables.plans.plan import Context, Plan, opened
from receivables.plans.table import plan
from receivables.policies.book import PolicyBook
from receivables.ports import Commit, Delivery, Guard, NotSent, Receipt, Sent
from receivables.state.account import Account
from receivables.values import checks
from receivables.values.dates import BusinessCalendar
from receivables.values.references import mask_cards

PAGE = 500
"""How many account ids are asked for at once."""

SET_BACK = dt.timedelta(days=1)
"""A clock that is so far behind what is recorded was set back; one that is further behind was wrong before, and is right."""

RECORDING_TRIES = 5
"""How often the outcome of a delivery is tried to be recorded."""

T = TypeVar("T")


@final
@frozen(kw_only=True)
class Result:
    """What became of one command, or of one account in a run: a receipt, or the error that refused it.

    >>> result = Result(account="ACME", error=UnknownId("account", "ACME"))
    >>> result.ok, str(result.error)
    (False, "unknown account: 'ACME'")
    """

    account: str
    receipt: Receipt | None = None
    error: ReceivablesError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was recorded."""
        return self.error is None

    def unwrap(self) -> Receipt:
        """The receipt; raises the error where there is one."""
        if self.receipt is None:
            assert self.error is not None
            raise self.error
        return self.receipt


@final
@frozen(kw_only=True)
class RunResult:
    """What the run of a day came to for one account: the notices that were queued and what they lack, or the error."""

    account: str
    notices: tuple[Notice, ...] = ()
    error: ReceivablesError | None = None
    reasons: tuple[Reason, ...] = ()


@final
@frozen(kw_only=True)
class DeliveryResult:
    """What became of one notice, or the error of an account.

    ``sent``, ``failed``, ``to be tried again``, ``unknown``, ``cancelled``, ``waiting`` (for its window, the end of a hold or a person),
    ``done by another``, ``error``.
    """

    account: str
    notice: str
    outcome: str
    detail: str = ""


@final
@frozen(kw_only=True)
class Setting:
    """What every flow needs to know: policies, the creditor's zone, the zones, calendars and exchange rates of the host."""

    policies: PolicyBook
    zone: dt.tzinfo = field(default=dt.UTC)
    zones: Mapping[str, dt.tzinfo] = field(factory=dict)
    erasures: Mapping[str, tuple[ErasureEntry, ...]] = field(factory=dict)
    calendars: Mapping[str, BusinessCalendar] = field(factory=dict)
    rates: tuple[ExchangeRate, ...] = ()

    def day_of(self, now: dt.datetime) -> dt.date:
        """The date of an instant in the creditor's zone."""
        return now.astimezone(self.zone).date()


def _now() -> Flow[dt.datetime]:
    """The host's instant, asked when all is read: who waits for a read must not decide on the day on which it began.

    In UTC: Python compares two instants of one zone by the wall clock, which repeats an hour.
    """
    now = yield from call("clock", "now")
    checks.instant("clock.now", now)
    return cast(dt.datetime, now.astimezone(dt.UTC))


def _context(
    setting: Setting, now: dt.datetime, account: Account, relatives: Mapping[str, Account] | None = None
) -> Context:
    """What a plan may look at. The recording times of an account never go back, whichever server's clock is behind.

    Nor does the day for a clock that is `SET_BACK`: over midnight it would leave out the orders of "tomorrow", its group's too.
    """
    relatives = relatives or {}
    known = [each.known_at for each in (account, *relatives.values()) if each.known_at is not None]
    latest = max((now, *known))
    return Context(
        policies=setting.policies,
        now=latest,
        today=setting.day_of(latest if latest - now <= SET_BACK else now),
        relatives=relatives,
        calendars=setting.calendars,
        rates=setting.rates,
    )


def record(setting: Setting, commands: Sequence[Command]) -> Flow[tuple[Result, ...]]:
    """Commands for one account, in order, in one commit: each recorded or refused by itself, none stops the others.

    What only the store can see (a claim of another account) refuses the commit as a whole: then each command is tried
    by itself, so that the one at fault is named and the others are recorded.
    """
    if len(commands) == 1 or not any(command.ALONE for command in commands):
        try:
            return (yield from atomic(lambda: _record(setting, commands)))
        except (ClaimTaken, KeyReused) as error:
            if len(commands) == 1:
                return (Result(account=commands[0].account, error=error),)
        except ReceivablesError as error:  # `StaleAccount`: nothing was recorded; to try again is the host's business
            return tuple(Result(account=command.account, error=error) for command in commands)
    results: list[Result] = []
    for command in commands:
        results.extend((yield from record(setting, [command])))
    return tuple(results)


def _record(setting: Setting, commands: Sequence[Command]) -> Flow[tuple[Result, ...]]:
    """Load, look the keys up, decide, commit.

    The keys come after the account: who had the same request recorded before we loaded is found by its receipt, and who
    does it later has moved the version. The other way round, a request made twice at once would refuse itself.
    """
    head = yield from whole(commands[0].account)
    if not isinstance(commands[0], ReplayErasure):
        _check_erasures(setting, head)
    answered = yield from _answered(commands)
    if all(found is not None for found in answered):
        return tuple(found for found in answered if found is not None)
    relatives = yield from _relatives(head, commands)
    now = yield from _now()
    accounts = {other: each.account for other, each in relatives.items()}
    context = _context(setting, now, head.account, accounts)
    if any(command.READS_LOG for command in commands):
        context = attrs.evolve(context, logs=(yield from _logs(head)))
    draft = Draft(account=head.account)
    results: list[Result] = []
    for command, found in zip(commands, answered, strict=True):
        result, draft = (found, draft) if found is not None else _planned(head.id, command, draft, context)
        results.append(result)
    if draft.receipts:
        yield from _commit(head, draft, relatives, context, setting.day_of(now))
    return tuple(results)


def _check_erasures(setting: Setting, head: Whole) -> None:
    """That an account of a restored backup knows of every erasure, before anything else is recorded on it."""
    entries = [entry for id in head.versions for entry in setting.erasures.get(id, ())] if setting.erasures else ()
    if head.account.length and (missing := pending(head.account, entries)):
        raise ErasurePending(head.id, tuple(entry.erasure for entry in missing))


def _logs(head: Whole) -> Flow[Mapping[str, tuple[Fact, ...]]]:
    """The logs of an account and of its parts, as they were when it was loaded."""
    found: dict[str, tuple[Fact, ...]] = {}
    for id in head.versions:
        facts: list[Fact] = []
        while page := (yield from call("store", "history", id, len(facts), PAGE)):
            facts.extend(page)
        found[id] = tuple(facts)
    return found


def _answered(commands: Sequence[Command]) -> Flow[list[Result | None]]:
    """For each command the receipt that its key got before, or the error that the key was used for another request."""
    found: list[Result | None] = []
    for command in commands:
        receipt: Receipt | None = yield from call("store", "receipt", command.key)
        found.append(None if receipt is None else _replayed(command, receipt))
    return found


def _replayed(command: Command, receipt: Receipt) -> Result:
    if receipt.digest != digest(command):
        return Result(account=command.account, error=KeyReused(command.key))
    return Result(account=command.account, receipt=receipt)


def _planned(id: str, command: Command, draft: Draft, context: Context) -> tuple[Result, Draft]:
    """Decide one command on the account as the commands before it left it."""
    wanted = digest(command)
    for receipt in draft.receipts:
        if receipt.key == command.key:
            return _replayed(command, receipt), draft
    relatives = {**context.relatives, **draft.relatives, id: draft.account} if context.relatives else {}
    context = attrs.evolve(context, relatives=relatives)
    try:
        decided = plan(draft.account, command, context)
        done = done_by(id, draft.account, decided, context)
    except ReceivablesError as error:
        return Result(account=command.account, error=error), draft
    receipt = Receipt(
        key=command.key,
        digest=wanted,
        account=id,
        recorded_at=context.now,
        outcome=decided.outcome,
        reasons=decided.reasons,
        ids=decided.ids,
    )
    return Result(account=command.account, receipt=receipt), draft.extended(decided, done, receipt)


def _relatives(head: Whole, commands: Sequence[Command]) -> Flow[Mapping[str, Whole]]:
    """The further accounts that commands need: those that they name, and the customer's group."""
    found: dict[str, Whole] = {}
    for command in commands:
        for id in command.others:
            found[id] = yield from whole(id, as_it_stands=command.ALONE)
    if any(command.LOOKS_AT_GROUP for command in commands):
        found |= yield from _group(head, commands)
    return found


def _group(head: Whole, commands: Sequence[Command]) -> Flow[Mapping[str, Whole]]:
    """The accounts of the customer's group, the group's own first: its version is read before the members'.

    Of every group that the customer was, is or will be in: which one counts today, the plan finds out. A member that was
    merged into another stands there without anything: it is not followed, so nothing counts twice.
    """
    changed = [command.customer for command in commands if isinstance(command, OpenAccount | ChangeCustomer)]
    groups = groups_of(head.account, changed)
    if not groups:
        return {}
    common = yield from load([group_account_id(group) for group in groups])
    members: set[str] = set()
    for group in groups:
        members.update((yield from call("store", "find", "group", group)))
    others = yield from load(sorted(members - {head.id}))
    found: dict[str, Whole] = {}
    for id, loaded in {**common, **others}.items():
        found[id] = yield from completed(id, loaded, as_it_stands=True)
    return found


def _commit(head: Whole, draft: Draft, relatives: Mapping[str, Whole], context: Context, day: dt.date) -> Flow[None]:
    """The facts of the head and of the further accounts that have some, in one commit; ``day`` is that of the clock."""
    written = {id: relatives[id] for id in draft.relatives}
    first, *also = appends(context, head, draft, written, day)
    versions = versions_of((head, *relatives.values()))
    guarded = dict.fromkeys((*draft.guards, *_freed_in_group(draft.account, draft.facts, relatives, context)))
    guards = tuple(Guard(account=other, expected=versions.get(other, 0)) for other in guarded)
    commit = Commit(
        append=first,
        also=tuple(also),
        guards=guards,
        claims=draft.claims,
        links=draft.links,
        receipts=draft.receipts,
        erasures=draft.erasures,
    )
    yield from call("store", "commit", commit)


def _freed_in_group(
    account: Account, facts: Mapping[str, tuple[Fact, ...]], kin: Mapping[str, Whole], context: Context
) -> tuple[str, ...]:
    """The group that is guarded where an order was reserved, by whatever: a payment of a batch frees one too."""
    reserved = kin and any(isinstance(fact, OrderReserved) for each in facts.values() for fact in each)
    return guards_of(context.view(account).customer) if reserved else ()


def run_account(setting: Setting, id: str, as_of: dt.date) -> Flow[RunResult]:
    """The run of a day for one account, in one transaction."""
    return (yield from atomic(lambda: _run_account(setting, id, as_of)))


def preview(setting: Setting, id: str, as_of: dt.date) -> Flow[tuple[Notice, ...]]:
    """What the run of a day would queue for an account, charges included; nothing is recorded."""
    account = (yield from whole(id)).account
    context = _context(setting, (yield from _now()), account)
    facts = plan_run(opened(account, id), as_of, context).facts
    return tuple(fact.notice for fact in facts if isinstance(fact, NoticeQueued))


def _run_account(setting: Setting, id: str, as_of: dt.date) -> Flow[RunResult]:
    head = yield from whole(id, as_it_stands=True)
    if head.account.merges.into() is not None:
        return RunResult(account=id)  # its items are looked at with the account that it is part of
    kin = (yield from _group(head, ())) if looks_at_group(head.account, setting.policies) else {}
    relatives = {other: each.account for other, each in kin.items()}
    context = _context(setting, (yield from _now()), head.account, relatives)
    decided = plan_run(head.account, as_of, context)
    yield from _append(setting, head, decided, as_of, context, kin)
    queued = tuple(fact.notice for fact in decided.facts if isinstance(fact, NoticeQueued))
    return RunResult(account=id, notices=queued, reasons=decided.reasons)


def _append(
    setting: Setting,
    head: Whole,
    decided: Plan,
    as_of: dt.date,
    context: Context,
    kin: Mapping[str, Whole] | None = None,
) -> Flow[None]:
    """Commit what was decided without a command, what follows from it, and when the account is to be looked at next.

    Time alone can have consequences too: a hold that is over frees an order. One of a group member, for which ``kin`` was
    loaded, guards the group. They are of the clock's day: of a run ahead of it the account wakes again for that day's.
    """
    _check_erasures(setting, head)
    done = done_by(head.id, head.account, decided, context)
    draft = Draft(account=done.account, facts=done.facts)
    first, *also = appends(context, head, draft, {}, min(as_of, context.today))
    guarded = _freed_in_group(done.account, done.facts, kin or {}, context)
    versions = {id: version for each in (kin or {}).values() for id, version in each.versions.items()}
    guards = tuple(Guard(account=other, expected=versions.get(other, 0)) for other in guarded)
    commit = Commit(append=first, also=tuple(also), claims=decided.claims, guards=guards)
    yield from call("store", "commit", commit)


def rewake_account(setting: Setting, id: str, day: dt.date) -> Flow[Result]:
    """Work out anew when an account needs attention: after a change of policies, calendars or rates."""
    return (yield from atomic(lambda: _rewake(setting, id, day)))


def _rewake(setting: Setting, id: str, day: dt.date) -> Flow[Result]:
    head = yield from whole(id, as_it_stands=True)
    if head.account.merges.into() is None:
        yield from _append(setting, head, Plan(), day, _context(setting, (yield from _now()), head.account))
    return Result(account=id)


def deliver_account(setting: Setting, id: str) -> Flow[tuple[DeliveryResult, ...]]:
    """The notices of one account that wait, one after the other, each in three transactions."""
    if (yield from call("store", "in_transaction")):
        raise OpenTransaction
    states = yield from atomic(lambda: _waiting(setting, id))
    results: list[DeliveryResult] = []
    for notice, status in states:
        try:
            result = yield from _deliver(setting, id, notice, status)
        except OpenTransaction:
            raise
        except ReceivablesError as error:
            result = DeliveryResult(account=id, notice=notice.key, outcome="error", detail=str(error))
        results.append(result)
    return tuple(results)


def _waiting(setting: Setting, id: str) -> Flow[list[tuple[Notice, str]]]:
    now = yield from _now()
    account = (yield from whole(id)).account
    return [(state.notice, state.status) for state in waiting(account, setting.day_of(now))]


def _deliver(setting: Setting, id: str, notice: Notice, status: str) -> Flow[DeliveryResult]:
    """One notice: begin, send outside of any transaction, record what became of it."""
    honors_keys: bool = yield from call("notifier", "honors_keys")
    step = step_of(notice, setting.policies)
    if status == "sending" and not honors_keys and not (step is not None and step.send_again):
        detail = "the outcome is unknown and the notifier may send twice: a person has to look"
        return DeliveryResult(account=id, notice=notice.key, outcome="waiting", detail=detail)
    begun, why = yield from atomic(lambda: _begin(setting, id, notice, status))
    if begun != "sending":
        return DeliveryResult(account=id, notice=notice.key, outcome=begun, detail=why)
    if (yield from call("store", "in_transaction")):
        raise OpenTransaction  # a store that begins one by itself and leaves the commit to the host kept nothing yet
    try:
        delivery: Delivery = yield from call("notifier", "send", notice)
        if not isinstance(delivery, Sent | NotSent):
            raise WrongType("notifier.send", delivery, "Sent or NotSent")
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        return DeliveryResult(account=id, notice=notice.key, outcome="unknown", detail=detail)
    outcome = yield from _surely(lambda: _end(setting, id, notice, delivery))
    detail = delivery.reason if isinstance(delivery, NotSent) else delivery.receipt
    return DeliveryResult(account=id, notice=notice.key, outcome=outcome, detail=detail)


def _surely(start: Callable[[], Flow[T]]) -> Flow[T]:
    """Try again where another was faster, a bounded number of times: what was sent must be recorded as sent."""
    for _ in range(RECORDING_TRIES - 1):
        try:
            return (yield from atomic(start))
        except StaleAccount:
            continue
    return (yield from atomic(start))


def _begin(setting: Setting, id: str, notice: Notice, seen: str) -> Flow[tuple[str, str]]:
    """Begin an attempt on a notice that still has the status in which it was seen: otherwise another is at it.

    Gives the outcome, and where the notice has to wait for its window the instant from which it may go out.
    """
    head = yield from whole(id)
    now = yield from _now()
    account = head.account
    context = _context(setting, now, account)
    if _status_of(account, notice, context.today) != seen:
        return "done by another", ""
    decided = plan_sending(account, notice, seen, context.today, context)
    if decided.outcome == "waiting":
        return "waiting", _why(decided)
    if decided.outcome == "sending" and (opening := _opening(setting, account, notice, context)) > context.now:
        return "waiting", f"not before {opening.isoformat()}"
    yield from _append(setting, head, decided, setting.day_of(now), context)
    return decided.outcome, ""


def _why(decided: Plan) -> str:
    """Why a notice waits: the hold, or what came between while its outcome was unknown."""
    if decided.reasons:
        return f"the outcome is unknown and the letter is {decided.reasons[0].code} meanwhile: a person has to look"
    return f"hold {decided.ids[0]!r} stops contact"


def _status_of(account: Account, notice: Notice, day: dt.date) -> str | None:
    """Whether a notice is ``queued`` or ``sending``; ``None`` where it is neither any more."""
    return next((state.status for state in waiting(account, day) if state.notice.key == notice.key), None)


def _end(setting: Setting, id: str, notice: Notice, delivery: Delivery) -> Flow[str]:
    """Record what became of an attempt, unless another attempt under the same key was recorded first."""
    head = yield from whole(id)
    now = yield from _now()
    account = head.account
    context = _context(setting, now, account)
    if _status_of(account, notice, max(context.today, notice.as_of)) != "sending":
        return "done by another"
    decided = plan_outcome(account, notice, _delivered(delivery), context.today, context)
    yield from _append(setting, head, decided, setting.day_of(now), context)
    return decided.outcome


def _delivered(delivery: Delivery) -> Delivered:
    """The notifier's word; a card number that it let slip is masked, because nothing may be lost over it."""
    if isinstance(delivery, Sent):
        return Delivered(accepted=True, detail=mask_cards(delivery.receipt))
    return Delivered(accepted=False, detail=mask_cards(delivery.reason), retry=delivery.retry)


def _opening(setting: Setting, account: Account, notice: Notice, context: Context) -> dt.datetime:
    """When a notice may go out: now, after the wait that failed attempts ask for, and in the next opening of its window in
    the zone that the customer has today.
    """
    window = window_of(notice, context)
    customer = context.view(account).customer
    ready = max(context.now, retry_from(account, notice, setting.policies) or context.now)
    if window is None or notice.audience != "customer" or customer is None:
        return ready
    zone = setting.zones.get(customer.zone) or (dt.UTC if customer.zone == "UTC" else None)
    if zone is None:
        raise UnknownId("zone", customer.zone)
    return window.next_opening(ready, zone, setting.calendars)


def run_day(setting: Setting, as_of: dt.date) -> Stream:
    """The run of a day over the accounts that are due for attention, a result per account."""
    yield from _over(_due_pages(as_of), lambda id: run_account(setting, id, as_of), _run_refused)


def run_all(setting: Setting, as_of: dt.date) -> Stream:
    """The run of a day over all accounts: the same facts and notices as `run_day`, and slower."""
    yield from _over(_all_pages, lambda id: run_account(setting, id, as_of), _run_refused)


def deliver_all(setting: Setting) -> Stream:
    """The notices that wait on accounts that are due for attention, a result per notice."""
    if (yield from call("store", "in_transaction")):
        raise OpenTransaction  # before the first page: where the service begins transactions, that would begin one
    now = yield from _now()
    pages = _due_pages(setting.day_of(now))
    yield from _over(pages, lambda id: deliver_account(setting, id), _delivery_refused)


def rewake_all(setting: Setting, day: dt.date) -> Stream:
    """The day of attention worked out anew for every account."""
    yield from _over(_all_pages, lambda id: rewake_account(setting, id, day), _rewake_refused)


def history(id: str) -> Stream:
    """The facts of one account's own log, in log order, read page by page; `UnknownId` where it has none."""
    read = 0
    while page := (yield from call("store", "history", id, read, PAGE)):
        for fact in page:
            yield Emit(fact)
        read += len(page)
    if not read:
        raise UnknownId("account", id)


Pages = Callable[[str], Flow[Sequence[str]]]


def _due_pages(day: dt.date) -> Pages:
    return lambda after: call("store", "due", day, after, PAGE)


def _all_pages(after: str) -> Flow[Sequence[str]]:
    return call("store", "accounts", after, PAGE)


def _over(pages: Pages, work: Callable[[str], Flow[Any]], refused: Callable[[str, ReceivablesError], Any]) -> Stream:
    """Work on every account of the pages; an error is that account's result and stops nobody else."""
    after = ""
    while page := (yield from pages(after)):
        for id in page:
            try:
                found = yield from work(id)
            except OpenTransaction:
                raise
            except ReceivablesError as error:
                found = refused(id, error)
            for result in found if isinstance(found, tuple) else (found,):
                yield Emit(result)
        after = page[-1]


def _run_refused(id: str, error: ReceivablesError) -> RunResult:
    return RunResult(account=id, error=error)


def _delivery_refused(id: str, error: ReceivablesError) -> DeliveryResult:
    return DeliveryResult(account=id, notice="", outcome="error", detail=str(error))


def _rewake_refused(id: str, error: ReceivablesError) -> Result:
    return Result(account=id, error=error)
