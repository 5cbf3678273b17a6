"""Plans about risk: score a customer and look for warnings, keep what others and itself say, override a class.

A score is always of today and of all that is recorded: what it was then can be worked out again from the log, and what it
looked at stands in its fact. It is decided here and nowhere stored but there; see `receivables.state.risk` for the class.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.codec import policy_ref
from receivables.documents.customer import Customer
from receivables.documents.reason import Reason
from receivables.documents.risk import RiskScore
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.fact import Fact
from receivables.facts.risk import (
    ClassOverridden,
    CustomerScored,
    ExternalScoreReceived,
    FiguresDeclared,
    OverrideWithdrawn,
    WarningRaised,
)
from receivables.plans.authority import authorize
from receivables.plans.plan import Context, Plan, opened
from receivables.plans.risk_commands import (
    DeclareFigures,
    OverrideClass,
    RecordExternalScore,
    ScoreCustomer,
    WithdrawOverride,
)
from receivables.policies.early_warnings import early_warnings
from receivables.policies.scoring import Score, score_account
from receivables.state.account import Account
from receivables.state.view import View

NO_SCORECARD = Reason(code="no_scorecard", retryable=False)
"""Nothing is chosen for the customer: a coded outcome, and not an error."""


def score_customer(account: Account, command: ScoreCustomer, context: Context) -> Plan:
    """The score of today, where it differs from the one that stands or is asked for, and the warnings that are new.

    The outcome is ``scored``, ``unchanged``, or ``not_scored`` where no scorecard is chosen; the reasons are those of the
    score. A warning of a kind is raised once in a period.
    """
    opened(account, command.account)
    view = context.view(account)
    customer = _customer(view)
    scorecard = context.policies.scorecard_for(customer)
    warnings = tuple(_warnings(account, view, customer, command, context))
    if scorecard is None:
        return Plan(facts=warnings, outcome="not_scored", reasons=(NO_SCORECARD,))
    found = kept(score_account(account, view, scorecard, context.policies.features))
    reasons = tuple(Reason(code=reason.code) for reason in found.reasons)
    if not command.always and _same(found, view.risk.score):
        return Plan(facts=warnings, outcome="unchanged", reasons=reasons)
    fact = CustomerScored(score=found, effective_on=context.today, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact, *warnings), outcome="scored", reasons=reasons)


def kept(score: Score) -> RiskScore:
    """A score as a fact keeps it: with all its inputs, and the scorecard by its digest."""
    return RiskScore(
        points=score.points,
        risk_class=score.risk_class,
        scorecard=policy_ref(score.scorecard),
        reasons=score.reasons,
        inputs=score.inputs,
    )


def _same(found: RiskScore, before: RiskScore | None) -> bool:
    """Whether it says what the one before said; inputs that moved within their bins are no news."""
    if before is None:
        return False
    return (found.points, found.codes, found.scorecard) == (before.points, before.codes, before.scorecard)


def _warnings(
    account: Account, view: View, customer: Customer, command: ScoreCustomer, context: Context
) -> Iterator[Fact]:
    policy = context.policies.warnings_for(customer)
    if policy is None:
        return
    raised = {(warning.kind, warning.period) for warning in view.risk.warnings}
    for warning in early_warnings(account, view, policy):
        if (warning.kind, warning.period) not in raised:
            yield WarningRaised(
                warning=warning,
                policy=policy_ref(policy),
                effective_on=context.today,
                recorded_at=context.now,
                by=command.by,
            )


def record_external_score(account: Account, command: RecordExternalScore, context: Context) -> Plan:
    """What somebody else says, from its day on; another one of the same name replaces it."""
    external = command.external
    opened(account, command.account)
    if any(entry.external.id == external.id for entry in account.risk.externals):
        raise ClaimTaken("external score", external.id, account.id)
    _check_past("external_score.on", external.on, context)
    fact = ExternalScoreReceived(external=external, effective_on=external.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(external.id,))


def declare_figures(account: Account, command: DeclareFigures, context: Context) -> Plan:
    """What a customer declares, from the day on which it does; those of the latest year count."""
    figures = command.figures
    opened(account, command.account)
    if any(entry.figures.id == figures.id for entry in account.risk.figures):
        raise ClaimTaken("figures", figures.id, account.id)
    _check_past("figures.declared_on", figures.declared_on, context)
    fact = FiguresDeclared(figures=figures, effective_on=figures.declared_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(figures.id,))


def override_class(account: Account, command: OverrideClass, context: Context) -> Plan:
    """A class from a day on, by one person and approved by another, or by an approval that was granted before.

    It is one of the classes of the scorecard, where one is chosen for the customer.
    """
    override = command.override
    opened(account, command.account)
    if any(entry.override.id == override.id for entry in account.risk.overrides):
        raise ClaimTaken("override", override.id, account.id)
    customer = _customer(context.view(account))
    scorecard = context.policies.scorecard_for(customer)
    if scorecard is not None and scorecard.rank(override.risk_class) is None:
        names = ", ".join(each.name for each in scorecard.classes)
        raise InvalidValue("override.risk_class", override.risk_class, f"must be one of {names}")
    used = authorize(account, command, context, "risk_class", None, override.id)
    if not used and command.approver is None:
        raise InvalidValue("command.approver", None, "must name another person than the one who asks")
    fact = ClassOverridden(
        override=override,
        approver=command.approver,
        effective_on=override.starts_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*used, fact), outcome="overridden", ids=(override.id,))


def withdraw_override(account: Account, command: WithdrawOverride, context: Context) -> Plan:
    """An override that no longer holds from a day on."""
    opened(account, command.account)
    gone = {entry.override for entry in account.risk.withdrawals}
    found = [entry for entry in account.risk.overrides if entry.override.id == command.override]
    if not found or command.override in gone:
        raise UnknownId("override", command.override)
    override = found[0].override
    if command.on < override.starts_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {override.starts_on}")
    if override.until is not None and command.on > override.until:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be after {override.until}, its last day")
    fact = OverrideWithdrawn(
        override=command.override,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="withdrawn", ids=(command.override,))


def _customer(view: View) -> Customer:
    """Whom it is about; the account of a group has nobody to score."""
    if view.customer is None:
        raise UnknownId("customer of account", view.account)
    return view.customer


def _check_past(field: str, day: dt.date, context: Context) -> None:
    if day > context.today:
        raise InvalidValue(field, day.isoformat(), f"must not be after today, {context.today}")
