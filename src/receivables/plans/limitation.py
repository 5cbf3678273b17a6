"""Plans about the limitation of claims: a debt acknowledged, a demand received, a period suspended and resumed.

What is recorded here moves the last day of a claim, so each is refused where it cannot be: in the future, before the item
was there, over another suspension of the same item. Whether the law gives it an effect is not asked: another regime may.

At the end stands which open items a claim that has lapsed keeps out of dunning and interest.
"""

from __future__ import annotations

import datetime as dt

from receivables.documents.limitation import Suspension
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.plans.commands import AcknowledgeDebt, RecordDemand, ResumeLimitation, SuspendLimitation
from receivables.plans.invoice import item_of
from receivables.plans.plan import Context, Plan, opened
from receivables.policies.book import PolicyBook
from receivables.policies.limitation import barred_items
from receivables.state.account import Account
from receivables.state.limitation import SuspensionEntry
from receivables.state.view import View


def acknowledge_debt(account: Account, command: AcknowledgeDebt, context: Context) -> Plan:
    """That the debtor owned to some items on a day, or to all that were open then."""
    return _interrupted(account, command, context, DebtAcknowledged)


def record_demand(account: Account, command: RecordDemand, context: Context) -> Plan:
    """That a written demand for some items, or for all that were open, reached the debtor on a day."""
    return _interrupted(account, command, context, DemandReceived)


def _interrupted(
    account: Account,
    command: AcknowledgeDebt | RecordDemand,
    context: Context,
    kind: type[DebtAcknowledged] | type[DemandReceived],
) -> Plan:
    opened(account, command.account)
    if command.on > context.today:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be after today, {context.today}")
    fact = kind(
        id=f"{command.key}#1",
        items=_items(account, command),
        evidence=command.evidence,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(fact.id,))


def _items(account: Account, command: AcknowledgeDebt | RecordDemand) -> tuple[str, ...]:
    """The items that were named, each older than the day; where none was named, all that were open on it."""
    for id in command.items:
        first = item_of(account, id).document_on
        if command.on < first:
            raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {id!r} of {first}")
    if command.items:
        return command.items
    found = tuple(item.id for book in account.view(command.on).books for item in book.items)
    if not found:
        raise UnknownId("open item on", command.on.isoformat())
    return found


def suspend_limitation(account: Account, command: SuspendLimitation, context: Context) -> Plan:
    """A suspension of some items from a day on, with or without an end."""
    asked = command.suspension
    opened(account, command.account)
    if any(entry.suspension.id == asked.id for entry in account.limitation.suspensions):
        raise ClaimTaken("suspension", asked.id, account.id)
    for item in asked.items:
        item_of(account, item)
    for entry in account.limitation.suspensions:
        _check_apart(asked, entry.suspension, _resumes_on(account, entry))
    fact = LimitationSuspended(suspension=asked, effective_on=asked.starts_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(asked.id,))


def _check_apart(asked: Suspension, other: Suspension, resumes_on: dt.date | None) -> None:
    """That two suspensions have no item in common, or no day."""
    common = set(asked.items) & set(other.items)
    before = asked.resumes_on is not None and asked.resumes_on <= other.starts_on
    after = resumes_on is not None and resumes_on <= asked.starts_on
    if common and not before and not after:
        rule = f"must not lie within suspension {other.id!r} of {min(common)!r}"
        raise InvalidValue("suspension.starts_on", asked.starts_on.isoformat(), rule)


def _resumes_on(account: Account, entry: SuspensionEntry) -> dt.date | None:
    """The first day that counts again after a suspension, by all that was recorded."""
    for each in account.limitation.resumptions:
        if each.suspension == entry.suspension.id:
            return each.effective_on
    return entry.suspension.resumes_on


def resume_limitation(account: Account, command: ResumeLimitation, context: Context) -> Plan:
    """A suspension ended from a day on; never before it began, nor after it would have ended by itself."""
    opened(account, command.account)
    ended = {each.suspension for each in account.limitation.resumptions}
    going = {each.suspension.id: each.suspension for each in account.limitation.suspensions}
    if command.suspension in ended or command.suspension not in going:
        raise UnknownId("suspension in force", command.suspension)
    suspension = going[command.suspension]
    if command.on < suspension.starts_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {suspension.starts_on}")
    if suspension.resumes_on is not None and command.on > suspension.resumes_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be after {suspension.resumes_on}")
    fact = LimitationResumed(suspension=suspension.id, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(suspension.id,))


def barred_from(what: str, account: Account, view: View, policies: PolicyBook) -> frozenset[str]:
    """The open items whose claims have lapsed, where the customer's policy keeps such out of ``what``.

    Nothing is stopped backward: by what was known then, a letter of an earlier day was right, and it stays.
    """
    policy = policies.limitation_for(view.customer) if view.customer is not None else None
    if policy is None or what not in policy.barred_stops:
        return frozenset()
    return barred_items(account, view, policy)
