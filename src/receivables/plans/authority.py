"""Plans about authority: whether a deed may be done, what is asked for before it, and how that is answered.

Plans of deeds call `authorize` before anything else. What it gives is recorded with the deed, so that the log says by whose
authority, under which rule of which version, and what was counted. A request that was granted is used by naming it with
the deed: once, by the one who asked, up to its amount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from receivables.codec import policy_ref
from receivables.documents.authority import DEEDS, check_amount
from receivables.documents.customer import Customer
from receivables.errors import ClaimTaken, InvalidValue, NotAuthorized, UnknownId
from receivables.facts.authority import (
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    AttemptRefused,
    AuthorityUsed,
)
from receivables.facts.fact import Fact
from receivables.plans.authority_commands import (
    GrantApproval,
    NoteAttempt,
    RefuseApproval,
    RequestApproval,
    WithdrawApproval,
)
from receivables.plans.commands import Command
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.policies.authority import Allowed, Approver, AuthorityPolicy, AuthorityRule
from receivables.policies.book import NO_POLICY
from receivables.state.account import Account
from receivables.state.authority import ApprovalState
from receivables.values import checks
from receivables.values.dates import add_days
from receivables.values.money import Money


def authorize(
    account: Account,
    command: Command,
    context: Context,
    kind: str,
    amount: Money | None,
    subject: str,
    also: Sequence[Approver] = (),
) -> tuple[Fact, ...]:
    """The facts to put before those of a deed: by whose authority it is done; none where no policy governs the kind.

    Who does it is ``command.by``; ``command.approver`` is a person who approves now, ``command.approval`` a request that was
    granted before, where the command has them; ``also`` are persons who approved the same deed elsewhere. Ann, who may
    write off 1,000.00 in 30 days, wrote off 600.00: the next 500.00 take the approval of somebody who may write off
    1,100.00.

    Errors: `NotAuthorized`; `InvalidValue` for an approval that is not good for this, and, where no policy governs the
    kind, for an approver who is the one who asks; `UnknownId` for an approval that is not there.
    """
    checks.one_of("authority.kind", kind, tuple(DEEDS))
    checks.text("authority.subject", subject)
    check_amount("authority.amount", amount)
    approver, approval = getattr(command, "approver", None), getattr(command, "approval", None)
    policy = authority_policy(account, context)
    if policy is None or not policy.governs(kind):
        check_approver(command.by, approver)
        return ()
    approvers = (*_approvers(account, command, context, kind, amount, subject), *also)
    allowed = _allowed(account, policy, command.by, approver, approvers, context, kind, amount, subject)
    fact = AuthorityUsed(
        kind=kind,
        subject=subject,
        amount=amount,
        total=allowed.total,
        role=allowed.rule.role,
        up_to=allowed.rule.up_to,
        window_days=allowed.rule.window_days,
        approvers=allowed.approvers,
        approval=approval,
        policy=policy_ref(policy),
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return (fact,)


def granted_by(account: Account, approval: str | None, context: Context) -> tuple[Approver, ...]:
    """The persons who granted a request, each on its day; nobody where none is named."""
    if approval is None:
        return ()
    return tuple(Approver(person, on) for person, on in _state(account, approval, context).granted)


def needs_approver(account: Account, context: Context, kind: str) -> bool:
    """Whether a second person is asked for by the plan itself, because no policy says who may do it alone."""
    policy = authority_policy(account, context)
    return policy is None or not policy.governs(kind)


def authority_policy(account: Account, context: Context) -> AuthorityPolicy | None:
    """The matrix that holds for an account; a group, which is no customer, has the one that is for all."""
    if not any(isinstance(each, AuthorityPolicy) for each in context.policies.policies):
        return None
    customer = context.view(account).customer
    return context.policies.authority_for(customer or Customer(id=account.id or "none"))


def _allowed(
    account: Account,
    policy: AuthorityPolicy,
    by: str | None,
    approver: str | None,
    approvers: Sequence[Approver],
    context: Context,
    kind: str,
    amount: Money | None,
    subject: str,
) -> Allowed:
    """The rule that allows it, or `NotAuthorized` with what is wanted."""
    done = tuple(account.authority.done())
    if by is None:
        raise NotAuthorized(kind, subject, by, approver, amount, amount, "no_person")
    if approver == by:
        raise NotAuthorized(kind, subject, by, approver, amount, amount, "self_approval")
    found = policy.allows(kind, amount, by=by, on=context.today, done=done, approvers=approvers)
    if found is None:
        total = policy.largest_total(kind, amount, by=by, on=context.today, done=done)
        wanted = policy.wanted(kind, amount, by=by, on=context.today, done=done)
        raise NotAuthorized(kind, subject, by, approver, amount, total, "no_authority", wanted)
    return found


def _approvers(
    account: Account, command: Command, context: Context, kind: str, amount: Money | None, subject: str
) -> tuple[Approver, ...]:
    """Who approves: the persons who granted the request that the command names, and the one whom it names itself."""
    approver, approval = getattr(command, "approver", None), getattr(command, "approval", None)
    found = [Approver(approver, context.today)] if approver is not None else []
    if approval is not None:
        _check_good(_state(account, approval, context), command.by, kind, amount, subject)
    return (*found, *granted_by(account, approval, context))


def _check_good(state: ApprovalState, by: str | None, kind: str, amount: Money | None, subject: str) -> None:
    """That a request was granted, and for this deed, of this person."""
    asked = state.approval
    if state.status != "granted":
        raise InvalidValue("command.approval", asked.id, f"must be granted and not be {state.status}")
    for name, wanted, found in (("kind", asked.kind, kind), ("subject", asked.subject, subject), ("by", state.by, by)):
        if wanted != found:
            raise InvalidValue("command.approval", asked.id, f"must be for {name} {found!r}, and is for {wanted!r}")
    if not _reaches(asked.amount, amount):
        raise InvalidValue("command.approval", asked.id, f"must be for {amount}, and is for {asked.amount}")


def _reaches(granted: Money | None, amount: Money | None) -> bool:
    """Whether what was granted is enough; a request without an amount was judged as one without a bound."""
    if granted is None or amount is None:
        return granted is None
    return granted.currency == amount.currency and amount.minor <= granted.minor


# What is asked for before --------------------------------------------------------------------------------------------


def request_approval(account: Account, command: RequestApproval, context: Context) -> Plan:
    """A request that waits for the persons whom the matrix wants, until its last day.

    Errors: `UnknownId` where no authority policy is chosen, `InvalidValue` for a kind that it does not govern, or of which
    nobody may do that much.
    """
    asked = command.approval
    opened(account, command.account)
    by = _person(command)
    if any(entry.approval.id == asked.id for entry in account.authority.approvals):
        raise ClaimTaken("approval", asked.id, account.id)
    policy = _governing(account, context, asked.kind)
    done = tuple(account.authority.done())
    wanted = policy.wanted(asked.kind, asked.amount, by=by, on=context.today, done=done)
    if not wanted:
        raise InvalidValue("approval.amount", str(asked.amount), f"must be what somebody may approve of {asked.kind}")
    fact = ApprovalRequested(
        approval=asked,
        lapses_on=add_days(context.today, policy.lapse_days),
        policy=policy_ref(policy),
        effective_on=context.today,
        recorded_at=context.now,
        by=by,
    )
    return Plan(facts=(fact,), outcome="waiting", ids=(asked.id,))


def grant_approval(account: Account, command: GrantApproval, context: Context) -> Plan:
    """The approval of one person; the outcome is ``granted``, or ``waiting`` where a rule wants another one.

    Errors: `NotAuthorized` for the one who asked, and for a person without the authority; `InvalidValue` for a request
    that does not wait, or that the person approved before.
    """
    state = _state(opened(account, command.account), command.approval, context)
    asked, person, maker = state.approval, _person(command), state.by or ""
    _check_status(state, "waiting")
    if person in (each for each, _ in state.granted):
        raise InvalidValue("command.by", person, f"must not have approved {asked.id!r} before")
    if person == maker:
        raise NotAuthorized(asked.kind, asked.subject, maker, person, asked.amount, asked.amount, "self_approval")
    policy = _governing(account, context, asked.kind)
    before = [Approver(each, on) for each, on in state.granted]
    left, total = _left(account, policy, state, before, Approver(person, context.today), context)
    fact = ApprovalGranted(
        approval=asked.id,
        left=left,
        total=total,
        policy=policy_ref(policy),
        effective_on=context.today,
        recorded_at=context.now,
        by=person,
    )
    return Plan(facts=(fact,), outcome="waiting" if left else "granted", ids=(asked.id,))


def _left(
    account: Account,
    policy: AuthorityPolicy,
    state: ApprovalState,
    before: Sequence[Approver],
    approver: Approver,
    context: Context,
) -> tuple[int, Money | None]:
    """How many approvals are wanted after this one, by the rule that is the nearest, and the sum that it judges."""
    asked, maker = state.approval, state.by or ""
    done = tuple(account.authority.done())

    def wanting(rule: AuthorityRule, approvers: Sequence[Approver]) -> int:
        return max(0, rule.wants - len(policy.counted(rule, maker, approvers)))

    rules = list(policy.covering(asked.kind, asked.amount, by=maker, on=context.today, done=done))
    helped = [
        (wanting(rule, [*before, approver]), total)
        for rule, total in rules
        if wanting(rule, [*before, approver]) < wanting(rule, before)
    ]
    if not helped:
        total = policy.largest_total(asked.kind, asked.amount, by=maker, on=context.today, done=done)
        wanted = tuple(dict.fromkeys(rule.role for rule, _ in rules))
        raise NotAuthorized(
            asked.kind, asked.subject, maker, approver.person, asked.amount, total, "no_authority", wanted
        )
    return min(helped, key=lambda each: each[0])


def refuse_approval(account: Account, command: RefuseApproval, context: Context) -> Plan:
    """A request that waits, or was granted and not used, refused by a person who has any authority for its kind."""
    state = _state(opened(account, command.account), command.approval, context)
    asked, person = state.approval, _person(command)
    _check_status(state, "waiting", "granted")
    if person == state.by:
        raise InvalidValue("command.by", person, "must be another person than the one who asks, who withdraws it")
    if not _governing(account, context, asked.kind).decides(asked.kind, person, context.today):
        raise NotAuthorized(asked.kind, asked.subject, state.by, person, asked.amount, asked.amount, "no_authority")
    fact = ApprovalRefused(
        approval=asked.id, reason=command.reason, effective_on=context.today, recorded_at=context.now, by=person
    )
    return Plan(facts=(fact,), outcome="refused", ids=(asked.id,))


def withdraw_approval(account: Account, command: WithdrawApproval, context: Context) -> Plan:
    """A request that waits, or was granted and not used, taken back by the one who asked."""
    state = _state(opened(account, command.account), command.approval, context)
    _check_status(state, "waiting", "granted")
    if _person(command) != state.by:
        raise InvalidValue("command.by", command.by, f"must be the one who asked, {state.by!r}")
    fact = ApprovalWithdrawn(
        approval=command.approval,
        reason=command.reason,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="withdrawn", ids=(command.approval,))


def note_attempt(account: Account, command: NoteAttempt, context: Context) -> Plan:
    """What was tried without authority, for the audit: the command that was refused itself left nothing behind."""
    opened(account, command.account)
    fact = AttemptRefused(
        kind=command.kind,
        subject=command.subject,
        amount=command.amount,
        person=command.person,
        approver=command.approver,
        code=command.code,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="noted")


def _governing(account: Account, context: Context, kind: str) -> AuthorityPolicy:
    policy = authority_policy(account, context)
    if policy is None:
        raise UnknownId("authority policy for account", account.id, NO_POLICY)
    if not policy.governs(kind):
        raise InvalidValue("approval.kind", kind, f"must be governed by {policy.id}/{policy.version}")
    return policy


def _state(account: Account, id: str, context: Context) -> ApprovalState:
    """A request by all that is recorded about it, whatever day the clock says; only lapsing goes by the day."""
    for state in account.authority.states(dt.date.max, None, context.today):
        if state.approval.id == id:
            return state
    raise UnknownId("approval", id)


def _check_status(state: ApprovalState, *wanted: str) -> None:
    if state.status not in wanted:
        raise InvalidValue(
            "command.approval", state.approval.id, f"must be {' or '.join(wanted)}, and is {state.status}"
        )


def _person(command: Command) -> str:
    if command.by is None:
        raise InvalidValue("command.by", None, "must name the person")
    return command.by
