"""Replay: a recorded decision made again, by the settings that it names and by what was known before it.

1. The settings come from the catalog (`policy.published/1`), by id, version and digest: a version that is missing, or is
   another one by its digest, is an outcome with a code and never a fallback.
2. The inputs are the facts before the decision, and what its own fact keeps of rates and figures. The same code decides
   that decided then; nothing is recorded.
3. What cannot be known from this log alone (the members of a group, an account that was merged, what a payer told with a
   settlement) is an outcome with a code too.

It stands beside the plans because it is they that are made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, final

import attrs
from attrs import field, frozen

from receivables.codec import plain, policy_ref, read_settings
from receivables.documents.credit import Order
from receivables.documents.credit_record import CreditRecord
from receivables.documents.customer import group_account_id
from receivables.documents.notice import NoticeLine, PolicyRef
from receivables.errors import ReceivablesError
from receivables.facts.cash import AllocationMade, DifferenceSettled
from receivables.facts.charge import ChargeRaised
from receivables.facts.credit import OrderHeld, OrderRefused, OrderReopened, OrderReserved
from receivables.facts.dispute import DisputeOpened
from receivables.facts.dunning import NoticeFailed, NoticeQueued
from receivables.facts.fact import Fact
from receivables.facts.policy import PolicyPublished
from receivables.facts.risk import CustomerScored
from receivables.plans.cash_commands import Settle
from receivables.plans.charges import claim_interest
from receivables.plans.commands import ClaimInterest
from receivables.plans.credit import decide, decided_fact
from receivables.plans.delivery import Delivered, key_on, plan_outcome
from receivables.plans.dunning import plan_run
from receivables.plans.plan import Context
from receivables.plans.settlement import settled_by_policy
from receivables.policies.book import Choice, Policy, PolicyBook
from receivables.policies.credit import CreditDecision
from receivables.policies.scoring import Scorecard, score
from receivables.policies.settlement import SettlementPolicy
from receivables.state.account import Account, fold
from receivables.values import checks

OUTCOMES: Final[Mapping[str, str]] = {
    "same": "the decision is the one that was recorded",
    "differs": "another decision comes of it, or other figures",
    "policy_missing": "the version that decided is not in the catalog",
    "policy_differs": "the catalog has other settings under this id and version",
    "inputs_elsewhere": "it needs what does not stand in this log",
    "by_person": "no policy decided",
    "no_decision": "the fact is none of those that are decided",
}
"""What a replay can come to."""


class Difference(NamedTuple):
    """Where the two differ, as a path into the fact, with what was recorded and what comes of it now."""

    path: str
    recorded: object
    replayed: object


@final
@frozen(kw_only=True)
class Replayed:
    """What a replay came to; ``differences`` say where, ``missing`` names what was not there."""

    account: str
    fact: Fact = field(repr=False)
    outcome: str
    policies: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    missing: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per difference."""
        return [{"account": self.account, **each._asdict()} for each in self.differences]

    def __str__(self) -> str:
        by = f" by {', '.join(self.policies)}" if self.policies else ""
        lacks = f": {', '.join(self.missing)}" if self.missing else ""
        told = [f"  {each.path}: {each.recorded!r}, now {each.replayed!r}" for each in self.differences]
        return "\n".join([f"{type(self.fact).__name__}{by}: {self.outcome}{lacks}", *told])


class _Stop(Exception):
    """The replay cannot go on: the outcome, and what was not there."""

    def __init__(self, outcome: str, *missing: str) -> None:
        super().__init__(outcome, missing)
        self.outcome, self.missing = outcome, missing


@frozen
class _Case:
    """A decision in its log, with what it is replayed by."""

    account: str
    history: Sequence[Fact]
    at: int
    catalog: Mapping[tuple[str, int], tuple[PolicyPublished, ...]]
    policies: PolicyBook
    relatives: Mapping[str, Account]
    zone: dt.tzinfo

    @property
    def fact(self) -> Any:
        return self.history[self.at]

    def before(self, at: int | None = None) -> Account:
        """The account as it stood before the fact, or before another one."""
        account = fold(self.history[: self.at if at is None else at])
        if not account.merges.alone:
            raise _Stop("inputs_elsewhere", "merged accounts")
        return account

    def published(self, ref: PolicyRef) -> Policy:
        """The settings of a version, as they were published."""
        found = self.catalog.get((ref.id, ref.version), ())
        for each in found:
            if each.policy == ref:
                policy = read_settings(each.settings)
                if policy_ref(policy) == ref:
                    return policy
        raise _Stop("policy_differs" if found else "policy_missing", str(ref))

    def context(self, *named: Policy, choices: Iterable[Choice] = (), rates: Any = ()) -> Context:
        """What a plan may look at: the named policies, and those of the host that they do not replace."""
        now = self.fact.recorded_at
        return Context(
            policies=_book(self.policies, named, tuple(choices)),
            now=now,
            today=now.astimezone(self.zone).date(),
            relatives=self.relatives,
            rates=tuple(rates),
        )


def _book(host: PolicyBook, named: Sequence[Policy], choices: Sequence[Choice]) -> PolicyBook:
    """The host's policies and choices, the named ones in the place of those that they are."""
    own = {(type(each), each.id, each.version): each for each in (*host.policies, *named)}
    mine = {(each.kind, each.company, each.segment, each.customer, each.invoice) for each in choices}
    kept = [
        each
        for each in host.choices
        if (each.kind, each.company, each.segment, each.customer, each.invoice) not in mine
    ]
    return PolicyBook(policies=tuple(own.values()), choices=(*kept, *choices), features=host.features)


def replay(
    account: str,
    history: Sequence[Fact],
    at: int,
    catalog: Iterable[Fact],
    *,
    policies: PolicyBook | None = None,
    relatives: Mapping[str, Account] | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> Replayed:
    """The decision of the fact at a place in the log of an account, made again.

    ``history`` is the whole log, ``catalog`` the log of `receivables.plans.commands.CATALOG`. ``policies`` has what a
    decision does not name itself: the law of limitation, the ladder of items that had not started. ``relatives`` are the
    group's account and its members as they stood then, by id.

    >>> from receivables import CreditPolicy, MemoryStore, Receivables, Customer, Money, Order
    >>> from receivables.plans.commands import CATALOG
    >>> from receivables.testing import FixedClock, RecordingNotifier
    >>> day, policy = dt.date(2026, 3, 2), CreditPolicy(id="standard", version=1)
    >>> app = Receivables(store=MemoryStore(), notifier=RecordingNotifier(), policies=PolicyBook.of(policy),
    ...                   clock=FixedClock.on(day))
    >>> _ = app.publish(policy, key="publish"), app.open_account(Customer(id="ACME"), key="open")
    >>> _ = app.reserve(Order(id="SO-1", account="ACME", amount=Money.of(600, "EUR"), placed_on=day), key="order")
    >>> log = list(app.history("ACME"))
    >>> print(replay("ACME", log, len(log) - 1, app.history(CATALOG)))
    OrderHeld by standard/1: same

    Errors: `InvalidValue` for a place outside of the log.
    """
    checks.whole("replay.at", at, least=0, most=len(history) - 1)
    published: dict[tuple[str, int], tuple[PolicyPublished, ...]] = {}
    for each in catalog:
        if isinstance(each, PolicyPublished):
            key = (each.policy.id, each.policy.version)
            published[key] = (*published.get(key, ()), each)
    case = _Case(account, history, at, published, policies or PolicyBook(), relatives or {}, zone)
    made_again = _BY_FACT.get(type(case.fact))
    if made_again is None:
        return Replayed(account=account, fact=case.fact, outcome="no_decision")
    try:
        names, differences = made_again(case)
    except _Stop as stop:
        return Replayed(account=account, fact=case.fact, outcome=stop.outcome, missing=stop.missing)
    except ReceivablesError as error:
        names, differences = (), (Difference("$", "recorded", str(error)),)
    outcome = "differs" if differences else "same"
    return Replayed(account=account, fact=case.fact, outcome=outcome, policies=names, differences=differences)


def replay_all(account: str, history: Sequence[Fact], catalog: Iterable[Fact], **more: Any) -> Iterator[Replayed]:
    """Every decision of a log made again, in order; see `replay`."""
    known = tuple(catalog)
    for at, fact in enumerate(history):
        if type(fact) in _BY_FACT:
            yield replay(account, history, at, known, **more)


_Found = tuple[tuple[str, ...], tuple[Difference, ...]]


# Orders -----------------------------------------------------------------------------------------------------------------


def _order(case: _Case) -> _Found:
    """The decision about an order by the rates that its record keeps."""
    fact: OrderReserved | OrderHeld | OrderRefused = case.fact
    policy, record = case.published(fact.policy), fact.record
    before = case.before()
    customer = before.profile.entries[-1].customer if before.profile.entries else None
    if customer is not None and customer.group is not None and group_account_id(customer.group) not in case.relatives:
        raise _Stop("inputs_elsewhere", group_account_id(customer.group))
    context = case.context(
        policy, choices=_chosen("credit", policy, before), rates=record.rates if record is not None else ()
    )
    decision = _decision(case, before, fact.order, context)
    again = decided_fact(fact.order, decision, context, fact.by, on=fact.effective_on)
    if record is not None and record.overrode:
        return (str(fact.policy),), (
            *_differences("reasons", record.overrode, decision.reasons),
            *_differences("record", _plain_record(record), _plain_record(decision.standing.record())),
        )
    return (str(fact.policy),), _differences("", fact, again)


def _decision(case: _Case, before: Account, order: Order, context: Context) -> CreditDecision:
    """The answer on the account before the fact; about what was reopened on the account before that, for so much."""
    last = case.history[case.at - 1] if case.at else None
    if isinstance(last, OrderReopened) and last.order == order.id:
        return decide(case.before(case.at - 1), order, context, last.amount.minor)
    return decide(before, order, context)


def _plain_record(record: CreditRecord) -> CreditRecord:
    """The figures without what a person decided."""
    return attrs.evolve(record, overrode=(), approver=None, because="")


def _chosen(kind: str, policy: Policy, account: Account) -> tuple[Choice, ...]:
    """The choice of a policy for the customer of an account: the most specific one there is."""
    customer = account.profile.entries[-1].customer if account.profile.entries else None
    named = customer.id if customer is not None else None
    return (Choice(kind=kind, policy=policy.id, version=policy.version, customer=named),)


# Letters and charges ----------------------------------------------------------------------------------------------------


def _letter(case: _Case) -> _Found:
    return _letter_at(case, case.at)


def _letter_at(case: _Case, at: int) -> _Found:
    """A letter by the run that queued it, together with the others of that run; on the next channel by what failed."""
    fact = case.history[at]
    assert isinstance(fact, NoticeQueued)
    if fact.by != "dunning" or fact.notice.audience != "customer" or fact.notice.retracts is not None:
        raise _Stop("by_person" if fact.by not in (None, "dunning", "alerts") else "no_decision")
    if (failed := _failure_before(case, at, fact)) is not None:
        return _on_next_channel(case, at, fact, failed)
    start = at
    while start and _same_run(case.history[start - 1], fact):
        start -= 1
    before = case.before(start)
    named, choices = _ladder_policies(case, before, fact)
    context = attrs.evolve(case.context(*named, choices=choices), now=fact.recorded_at, seen={}, kin={})
    found = [each for each in plan_run(before, fact.notice.as_of, context).facts if isinstance(each, NoticeQueued)]
    again = next((each for each in found if each.notice.key == fact.notice.key), None)
    names = tuple(dict.fromkeys(f"{each.id}/{each.version}" for each in named))
    if again is None:
        return names, (Difference("notice", fact.notice.key, tuple(each.notice.key for each in found)),)
    return names, _differences("", fact, again)


def _failure_before(case: _Case, at: int, fact: NoticeQueued) -> NoticeFailed | None:
    """The failure for which a letter goes out on the next channel; ``None`` for one that a run queued."""
    failed = case.history[at - 1] if at else None
    if isinstance(failed, NoticeFailed) and fact.notice.key == key_on(failed.notice, fact.notice.channel):
        return failed
    return None


def _on_next_channel(case: _Case, at: int, fact: NoticeQueued, failed: NoticeFailed) -> _Found:
    """A letter on the next channel, by the failure of the one before it."""
    before = case.before(at - 1)
    notice = next(entry.notice for entry in before.dunning.notices if entry.notice.key == failed.notice)
    refs = dict.fromkeys(line.policy for line in notice.claimed if line.policy is not None)
    named = [case.published(ref) for ref in refs]
    delivered = Delivered(accepted=False, detail=failed.reason, by=failed.by)
    again = plan_outcome(before, notice, delivered, failed.effective_on, case.context(*named)).facts[-1]
    return tuple(f"{each.id}/{each.version}" for each in named), _differences("", fact, again)


def _same_run(earlier: Fact, fact: NoticeQueued) -> bool:
    return isinstance(earlier, NoticeQueued) and (earlier.recorded_at, earlier.by) == (fact.recorded_at, fact.by)


def _ladder_policies(case: _Case, before: Account, fact: NoticeQueued) -> tuple[list[Policy], list[Choice]]:
    """The versions that the items of a letter and of the ladders are on, and the choice of those that start with it."""
    view = before.view(fact.notice.as_of)
    refs = dict.fromkeys(line.policy for line in fact.notice.claimed if line.policy is not None)
    refs |= dict.fromkeys(ladder.policy for ladder in view.ladders if ladder.policy is not None)
    started = {ladder.item for ladder in view.ladders if ladder.policy is not None}
    fresh = [line for line in fact.notice.claimed if line.policy is not None and line.item not in started]
    return [case.published(ref) for ref in refs], list(_fresh_choices(fresh, fact.notice.customer))


def _fresh_choices(lines: Sequence[NoticeLine], customer: str) -> Iterator[Choice]:
    """That of the first line for the customer, and those of documents that start on another version."""
    first = lines[0].policy if lines else None
    if first is None:
        return
    yield Choice(kind="dunning", policy=first.id, version=first.version, customer=customer)
    other = {line.document: line.policy for line in lines if line.policy is not None and line.policy != first}
    for document, ref in other.items():
        yield Choice(kind="dunning", policy=ref.id, version=ref.version, invoice=document)


def _charge(case: _Case) -> _Found:
    """A fee or interest: with the letter that quoted it, or by the interest terms of the item."""
    fact: ChargeRaised = case.fact
    for at, each in enumerate(case.history):
        if isinstance(each, NoticeQueued) and fact.charge in each.notice.charges:
            return _letter_at(case, at)
    if fact.charge.kind != "interest" or fact.charge.until is None:
        raise _Stop("by_person")
    before, charge, until = case.before(), fact.charge, fact.charge.until
    refs = [
        line.policy for entry in before.dunning.notices for line in entry.notice.claimed if line.item == charge.item
    ]
    named = [case.published(ref) for ref in dict.fromkeys(ref for ref in refs if ref is not None)]
    key = charge.id.removeprefix(f"{charge.item}/").removesuffix("/interest")
    command = ClaimInterest(of=case.account, item=charge.item, until=until, key=key, by=fact.by)
    found = claim_interest(before, command, case.context(*named)).facts
    names = tuple(f"{each.id}/{each.version}" for each in named)
    return names, _differences("", fact, found[0]) if found else (Difference("charge", charge.id, None),)


# Settlements ------------------------------------------------------------------------------------------------------------

_TOLD: Final = frozenset({"withheld_tax", "bank_fee"})
"""Parts that follow from what the payer or the bank said with the payment; what they said beside that is disputed."""


def _settlement(case: _Case) -> _Found:
    """A settlement from its first fact: the money on each item, and every part that was closed without money."""
    fact: AllocationMade | DifferenceSettled = case.fact
    key = fact.settlement
    own = [(at, each) for at, each in enumerate(case.history) if getattr(each, "settlement", None) == key]
    made = [each for _, each in own if isinstance(each, AllocationMade)]
    parts = [each.part for _, each in own if isinstance(each, DifferenceSettled)]
    name = next((each.allocation.rule or "" for each in made), "")
    if key is None or not name.startswith("settlement ") or "/" not in name:
        raise _Stop("by_person")
    policy = _settlement_policy(case, name.removeprefix("settlement "))
    if any(part.kind in _TOLD for part in parts) or _disputes_what_was_told(case, key):
        raise _Stop("inputs_elsewhere", "what was told with the payment")
    items = tuple(dict.fromkeys([*(each.allocation.item for each in made), *(p.item for p in parts if p.item)]))
    before = case.before(own[0][0])
    source = next(each for each in before.cash.credits if each.id == made[0].allocation.source)
    command = Settle(of=case.account, source=source.id, items=items, key=key, by=fact.by)
    known = {item.id: item for item in before.ledger.items}
    context = case.context(policy, choices=_chosen("settlement", policy, before))
    again = settled_by_policy(before, source, [known[item] for item in items], command, context)
    cash = {each.item: each.cash for each in again.items if each.cash.minor}
    settled = tuple(part for part in again.parts if part.settles and part.amount.minor)
    return (f"{policy.id}/{policy.version}",), (
        *_differences("cash", {each.allocation.item: each.allocation.amount for each in made}, cash),
        *_differences("parts", tuple(parts), settled),
    )


def _disputes_what_was_told(case: _Case, settlement: str) -> bool:
    """Whether it opened a dispute about something else than a discount, which it finds by itself: a deduction say."""
    opened = (each.dispute for each in case.history if isinstance(each, DisputeOpened))
    reasons = {each.reason for each in opened if each.id.rpartition("#")[0] == settlement}
    return not reasons <= {"unearned_discount"}


def _settlement_policy(case: _Case, name: str) -> Policy:
    """The version of a settlement policy by its name; where the catalog has two of it, nobody knows which."""
    id, _, version = name.rpartition("/")
    found = {each.policy for each in case.catalog.get((id, int(version)), ())} if version.isdecimal() else set()
    read = [case.published(ref) for ref in found]
    settling = [each for each in read if isinstance(each, SettlementPolicy)]
    if len(settling) != 1:
        raise _Stop("policy_differs" if settling else "policy_missing", name)
    return settling[0]


# Scores -----------------------------------------------------------------------------------------------------------------


def _scored(case: _Case) -> _Found:
    """A score from the inputs that it keeps."""
    fact: CustomerScored = case.fact
    card = case.published(fact.score.scorecard)
    if not isinstance(card, Scorecard):
        raise _Stop("policy_differs", str(fact.score.scorecard))
    again = score({each.name: each.value for each in fact.score.inputs}, card)
    return (str(fact.score.scorecard),), (
        *_differences("points", fact.score.points, again.points),
        *_differences("risk_class", fact.score.risk_class, again.risk_class),
        *_differences("reasons", fact.score.reasons, again.reasons),
    )


_BY_FACT: Final[Mapping[type, Callable[[_Case], _Found]]] = {
    OrderReserved: _order,
    OrderHeld: _order,
    OrderRefused: _order,
    NoticeQueued: _letter,
    ChargeRaised: _charge,
    AllocationMade: _settlement,
    DifferenceSettled: _settlement,
    CustomerScored: _scored,
}


def _differences(path: str, recorded: Any, replayed: Any) -> tuple[Difference, ...]:
    """Where two values differ, part by part."""
    return tuple(_walk(path, _data(recorded), _data(replayed)))


def _data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _data(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_data(each) for each in value]
    return plain(value) if attrs.has(type(value)) else value


def _walk(path: str, one: Any, other: Any) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            yield from _walk(f"{path}.{key}" if path else str(key), one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _walk(f"{path}[{at}]", left, right)
    elif one != other:
        yield Difference(path, one, other)
