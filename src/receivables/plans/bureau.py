"""Plans about credit bureaus: a debt reported by rule and with authority, what changed told, a report taken back.

What may not be reported is an answer with its reasons, and nothing is recorded. What is told of a report is all that is owed:
nobody picks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from receivables.codec import policy_ref
from receivables.documents.bureau import BureauReport
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.bureau import DebtReported, ReportUpdated, ReportWithdrawn
from receivables.facts.fact import Fact
from receivables.plans.authority import authorize
from receivables.plans.bureau_commands import ReportDebt, UpdateReport, WithdrawReport
from receivables.plans.plan import Context, Plan, opened
from receivables.policies.bureau import BureauPolicy, DebtStanding, owed_to_bureau, standings
from receivables.state.account import Account
from receivables.state.bureau import ReportState
from receivables.values.currencies import Currency
from receivables.values.money import Money

NO_POLICY = Reason(code="no_bureau_policy", retryable=False)
"""Nothing is chosen for the customer, or no rules hold yet."""

NOTHING_OWED = Reason(code="nothing_to_report", retryable=True)
"""No item of the account may be reported."""


def report_debt(account: Account, command: ReportDebt, context: Context) -> Plan:
    """A report for each currency, with the authority for its balance; ``not_reportable`` with the reasons, and no facts.

    Of items that are named each has to be reportable. Errors: `UnknownId` for an item on which nothing is owed.
    """
    opened(account, command.account)
    policy = _policy(account, context)
    view = context.view(account)
    if policy is None or policy.on(context.today) is None:
        return Plan(outcome="not_reportable", reasons=(NO_POLICY,))
    found = _chosen(command.items, standings(account, view, policy))
    against = tuple(reason for standing in found for reason in standing.reasons)
    if command.items and against:
        return Plan(outcome="not_reportable", reasons=against)
    wanted = [standing for standing in found if standing.reportable]
    if not wanted:
        return Plan(outcome="not_reportable", reasons=against or (NOTHING_OWED,))
    facts = tuple(_reported(account, command, context, policy, wanted))
    return Plan(facts=facts, outcome="reported", ids=tuple(f.report.id for f in facts if isinstance(f, DebtReported)))


def _chosen(items: Sequence[str], found: Sequence[DebtStanding]) -> Sequence[DebtStanding]:
    if not items:
        return found
    known = {standing.item: standing for standing in found}
    for item in items:
        if item not in known:
            raise UnknownId("debt", item)
    return [known[item] for item in dict.fromkeys(items)]


def _reported(
    account: Account, command: ReportDebt, context: Context, policy: BureauPolicy, wanted: Sequence[DebtStanding]
) -> Iterator[Fact]:
    by_currency: dict[Currency, list[DebtStanding]] = {}
    for standing in wanted:
        by_currency.setdefault(standing.amount.currency, []).append(standing)
    for ordinal, (currency, parts) in enumerate(by_currency.items(), 1):
        report = BureauReport(
            id=f"{command.key}#{ordinal}",
            account=account.id,
            bureau=policy.bureau,
            items=tuple(part.item for part in parts),
            balance=Money.total((part.amount for part in parts), currency),
            reported_on=context.today,
            owed_since=min(part.due_on for part in parts if part.due_on is not None),
            code=max(part.code for part in parts),
        )
        yield from authorize(account, command, context, "bureau", report.balance, account.id)
        yield DebtReported(
            report=report,
            policy=policy_ref(policy),
            approver=command.approver,
            effective_on=context.today,
            recorded_at=context.now,
            by=command.by,
        )


def update_report(account: Account, command: UpdateReport, context: Context) -> Plan:
    """All that a bureau has to be told of a report, told; ``nothing_owed`` where there is nothing.

    Errors: `UnknownId` for a report that does not stand, `InvalidValue` for one that has to be taken back.
    """
    state = _standing(opened(account, command.account), command.report, context)
    owed = [
        each
        for each in owed_to_bureau(account, context.view(account), _policy(account, context))
        if each.report.id == state.report.id
    ]
    if not owed:
        return Plan(outcome="nothing_owed")
    for each in owed:
        if each.kind == "withdrawal":
            raise InvalidValue("command.report", command.report, f"must be withdrawn, it was false: {each.cause}")
    facts = tuple(
        ReportUpdated(
            report=each.report.id,
            kind=each.kind,
            balance=each.balance,
            code=each.code,
            effective_on=context.today,
            recorded_at=context.now,
            by=command.by,
        )
        for each in owed
    )
    return Plan(facts=facts, outcome="updated", reasons=_kinds(each.kind for each in owed), ids=(command.report,))


def _kinds(kinds: Iterable[str]) -> tuple[Reason, ...]:
    return tuple(Reason(code=kind, retryable=False) for kind in kinds)


def withdraw_report(account: Account, command: WithdrawReport, context: Context) -> Plan:
    """A report taken back, with the authority for it."""
    state = _standing(opened(account, command.account), command.report, context)
    used = authorize(account, command, context, "bureau", state.report.balance, command.report)
    fact = ReportWithdrawn(
        report=command.report,
        code=command.code,
        note=command.note,
        approver=command.approver,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*used, fact), outcome="withdrawn", ids=(command.report,))


def _standing(account: Account, report: str, context: Context) -> ReportState:
    for state in context.view(account).bureau:
        if state.report.id == report and state.stands:
            return state
    raise UnknownId("report that stands", report)


def _policy(account: Account, context: Context) -> BureauPolicy | None:
    customer = context.view(account).customer
    return context.policies.bureau_for(customer) if customer is not None else None
