"""Plans about charges: quoted with the notice, raised when it goes out, reversed when it did not, waived by a person.

A fee is charged once per item and step. An interest claim is the rounded total to date, less what was claimed before, so
no day is charged twice. What becomes known late is corrected by difference facts: a claim that has become too high is
reversed in part; one that could be higher is left to the next claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from receivables.documents.charge import Charge, ChargeSegment
from receivables.documents.notice import Notice
from receivables.documents.reason import Reason
from receivables.errors import OverApplied, UnknownId
from receivables.facts.cash import AllocationUndone
from receivables.facts.charge import ChargeRaised, ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.fact import Fact
from receivables.plans.authority import authorize
from receivables.plans.commands import ChargeCommand, ClaimInterest, ReinstateCharge, ReverseCharge, WaiveCharge
from receivables.plans.invoice import item_of
from receivables.plans.limitation import barred_from
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.plans.relief import relief_of
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.book import PolicyBook
from receivables.policies.dunning import DunningPolicy, Rung
from receivables.policies.fees import Fee
from receivables.policies.interest import Accrual, InterestSegment, accrue
from receivables.policies.interest_rates import as_decimal
from receivables.state.account import Account
from receivables.state.invoice import Item, RaisedCharge
from receivables.values.money import Money, Rounding

SEGMENT_PLACES = 4


def quote(
    account: Account, item: Item, rung: Rung, step_key: str, as_of: dt.date, disputed: Money | None = None
) -> tuple[Charge, ...]:
    """The charges of a step on an item, recorded nowhere: the fee, and the interest to date that was not claimed yet.

    What is disputed bears interest when the dispute turns out unfounded, and is not claimed before. A fee that has no amount
    in the currency of the item is not charged: nothing is converted without a rate, and the letter is not held up for it.
    """
    step, policy, _ = rung
    found = []
    if step.fee is not None and step.lacks(item.currency) is None:
        found.append(_fee_charge(item, step.fee.fee(item.original), step_key))
    if step.claims_interest:
        found.append(interest_to_claim(account, item, policy, step_key, as_of, disputed))
    return tuple(charge for charge in found if charge is not None)


def _fee_charge(item: Item, fee: Fee, step_key: str) -> Charge | None:
    if not fee.gross.minor:
        return None
    return Charge(
        id=f"{step_key}/fee",
        item=item.id,
        document=item.document,
        kind="fee",
        amount=fee.gross,
        because=str(fee),
        tax=fee.tax if fee.tax.minor else None,
    )


def interest_to_claim(
    account: Account, item: Item, policy: DunningPolicy, key: str, until: dt.date, disputed: Money | None = None
) -> Charge | None:
    """The interest of an item to a day less what was claimed before, or ``None`` where nothing is left to claim."""
    accrual = accrued(account, item, policy, until, disputed)
    if accrual is None:
        return None
    amount = accrual.total.minor - claimed(account, item.id)
    if amount <= 0:
        return None
    return Charge(
        id=f"{key}/interest",
        item=item.id,
        document=item.document,
        kind="interest",
        amount=Money(amount, item.currency),
        because=f"{accrual.total} to {until}, {Money(claimed(account, item.id), item.currency)} claimed before",
        until=until,
        segments=tuple(_segment(segment) for segment in accrual.segments),
    )


def accrued(
    account: Account,
    item: Item,
    policy: DunningPolicy,
    until: dt.date,
    less: Money | None = None,
    *,
    spared_at: dt.datetime | None = None,
) -> Accrual | None:
    """The interest of an item to a day, by what is recorded: payments by their value dates, credits as the policy says.

    ``less`` is left out from the first day, as what is disputed is where interest is claimed. Days that a hold or an
    extension spares bear none, by what was known of such at ``spared_at``: an instant, or ``None`` for today.
    """
    due_on, free = relief_of(account, item, spared_at)
    if policy.interest is None or due_on is None or until <= due_on:
        return None
    changes = list(_changes(account, item, policy))
    if less is not None and less.minor:
        changes.append(BalanceChange.credit(until, less, bore_interest=False, reference="disputed"))
    return accrue(BalanceHistory.of(item.original, *changes), policy.interest, due_on=due_on, until=until, free=free)


def _changes(account: Account, item: Item, policy: DunningPolicy) -> Iterator[BalanceChange]:
    """What made an item less, by its days. Money that was there and went back made it less from the one day to the other."""
    kinds = {credit.id: credit.kind for credit in account.cash.credits}
    undone = {entry.allocation: entry.effective_on for entry in account.cash.undoings}
    for made in account.cash.allocations:
        if made.item == item.id:
            amount, end = Money(made.amount, item.currency), undone.get(made.id)
            if kinds.get(made.source) == "payment":
                yield from _there(made.effective_on, end, amount, made.source)
            elif end is None:
                bore = policy.credits_bear_interest
                yield BalanceChange.credit(made.effective_on, amount, bore_interest=bore, reference=made.source)
    for part in account.cash.reductions:
        if part.item == item.id and part.id is not None:
            yield from _there(part.effective_on, undone.get(part.id), Money(part.amount, item.currency), part.kind)


def _there(day: dt.date, end: dt.date | None, amount: Money, reference: str) -> Iterator[BalanceChange]:
    """An amount that an item was less by from one day on, and where it was taken back to another; more where below zero."""
    if amount.is_negative:
        yield from _more(day, end, -amount, reference)
        return
    if end is None or day < end:
        yield BalanceChange.payment(day, amount, reference=reference)
    if end is not None and day < end:
        yield BalanceChange.charge(end, amount, reference=reference)


def _more(day: dt.date, end: dt.date | None, amount: Money, reference: str) -> Iterator[BalanceChange]:
    if end is None or day < end:
        yield BalanceChange.charge(day, amount, reference=reference)
    if end is not None and day < end:
        yield BalanceChange.payment(end, amount, reference=reference)


def claimed(account: Account, item: str) -> int:
    """What was claimed as interest on an item and not reversed, in minor units; what was waived stays claimed."""
    return sum(
        raised.charge.amount.minor - account.cash.reduced(raised.charge.id, "reversed")
        for raised in account.ledger.charges
        if raised.charge.item == item and raised.charge.kind == "interest"
    )


def _segment(segment: InterestSegment) -> ChargeSegment:
    places = SEGMENT_PLACES - segment.principal.currency.exponent
    whole = Rounding.HALF_UP.whole(segment.amount * 10**places) if places >= 0 else 0
    return ChargeSegment(
        first_day=segment.first_day,
        last_day=segment.last_day,
        days=segment.days,
        principal=segment.principal,
        rate_percent=as_decimal(segment.quote.percent),
        amount=Decimal(f"{whole}E-{SEGMENT_PLACES}"),
        because=str(segment.quote),
    )


def raised_with(account: Account, notice: Notice, context: Context) -> tuple[ChargeRaised, ...]:
    """The charges of a notice that begins to go out, dated by the run that quoted them; each is raised once."""
    there = {item.id for item in account.ledger.items}
    return tuple(
        ChargeRaised(charge=charge, effective_on=notice.as_of, recorded_at=context.now, by="dunning")
        for charge in notice.charges
        if charge.id not in there
    )


def reversed_for(account: Account, charges: Iterable[Charge], reason: str, context: Context) -> tuple[Fact, ...]:
    """The rest of these charges taken back, dated like the charge; what was paid on them is on account again."""
    wanted = {charge.id for charge in charges}
    found: list[Fact] = []
    for raised in account.ledger.charges:
        if raised.charge.id in wanted:
            found.extend(_reverse(account, raised, _left(account, raised), reason, context))
    return tuple(found)


def _left(account: Account, raised: RaisedCharge) -> int:
    """What can be taken back of a charge: what was neither reversed nor waived before."""
    return raised.charge.amount.minor - account.cash.reduced(raised.charge.id)


def claims_too_much(account: Account, notice: Notice, context: Context) -> bool:
    """Whether a letter that waits quotes interest that was claimed otherwise since, or has not accrued by what is known now."""
    there = {item.id for item in account.ledger.items}
    lapsed = barred_from("interest", account, context.view(account), context.policies) if notice.charges else ()
    for line in notice.claimed:
        policy = context.policies.dunning(line.policy.id, line.policy.version) if line.policy else None
        for charge in line.charges:
            if charge.kind != "interest" or charge.id in there or policy is None or charge.until is None:
                continue
            if line.item in lapsed:
                return True
            disputed = _disputed(account, line.item, context.today)
            accrual = accrued(account, item_of(account, line.item), policy, charge.until, disputed)
            if accrual is None or accrual.total.minor - claimed(account, line.item) < charge.amount.minor:
                return True
    return False


def _disputed(account: Account, item: str, day: dt.date) -> Money | None:
    """What is disputed of an item on a day; nothing where it is closed."""
    if not account.disputes.opened:
        return None
    view = account.view(day)
    return view.disputed(item) if item in view.places else None


def _reverse(account: Account, raised: RaisedCharge, minor: int, reason: str, context: Context) -> Iterable[Fact]:
    """So much of a charge taken back; where that much is not open any more, what was paid on it is freed first."""
    if minor <= 0:
        return
    charge = raised.charge
    open_ = account.cash.open_of(charge.id, charge.amount.minor)
    for made in reversed([made for made in account.cash.in_force() if made.item == charge.id]):
        if open_ < minor:
            open_ += made.amount
            yield AllocationUndone(
                allocation=made.id, effective_on=made.effective_on, recorded_at=context.now, by="dunning"
            )
    yield ChargeReversed(
        charge=charge.id,
        amount=Money(minor, charge.amount.currency),
        reason=reason,
        effective_on=raised.effective_on,
        recorded_at=context.now,
        by="dunning",
    )


def correct_interest(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: interest that was claimed and, by what is known now, had not accrued is taken back.

    It follows every commit, so it looks closely only at items for which that can be: an account can have thousands.
    """
    claims_of: dict[str, list[RaisedCharge]] = {}
    for raised in account.ledger.charges:
        if raised.charge.kind == "interest":
            claims_of.setdefault(raised.charge.item, []).append(raised)
    found: list[Fact] = []
    for item in _may_have_changed(account, claims_of) if claims_of else ():
        found.extend(_corrected(account, item, claims_of[item], policies, context))
    return tuple(found)


def _may_have_changed(account: Account, claims_of: Mapping[str, list[RaisedCharge]]) -> Iterable[str]:
    """The items whose interest to the day of the last claim may be another than when it was claimed.

    The due date moved, a credit came, or a payment of a day up to that one; or the claims are not all by letters of one
    version. A payment of a later day changes nothing of what had accrued before.
    """
    until = {item: max(each.charge.until or dt.date.max for each in claims) for item, claims in claims_of.items()}
    payments = {credit.id for credit in account.cash.credits if credit.kind == "payment"}
    moved = {entry.item for entry in account.ledger.datings}
    for made in account.cash.in_force():
        if made.source not in payments or made.effective_on <= until.get(made.item, dt.date.min):
            moved.add(made.item)
    moved.update(each.item for each in account.cash.differences())
    letters = {
        charge.id: line.policy
        for entry in account.dunning.notices
        for line in entry.notice.lines
        for charge in line.charges
    }
    for item, claims in claims_of.items():
        versions = {letters.get(each.charge.id) for each in claims}
        if item in moved or len(versions) > 1 or None in versions:
            yield item


def _corrected(
    account: Account, item_id: str, claims: list[RaisedCharge], policies: PolicyBook, context: Context
) -> Iterable[Fact]:
    policy = _policy_of(account, item_id, policies)
    until = max((each.charge.until for each in claims if each.charge.until is not None), default=None)
    if policy is None or policy.interest is None or until is None:
        return
    last = max(each.recorded_at for each in claims)  # what was claimed before days were spared stays claimed
    accrual = accrued(account, item_of(account, item_id), policy, until, spared_at=last)
    excess = claimed(account, item_id) - (accrual.total.minor if accrual is not None else 0)
    for raised in reversed(claims):
        part = min(excess, _left(account, raised))
        yield from _reverse(account, raised, part, "less had accrued", context)
        excess -= max(part, 0)


def _policy_of(account: Account, item: str, policies: PolicyBook) -> DunningPolicy | None:
    """The version by which interest on an item was claimed last; before any was, the one that would claim it.

    A later letter that claims none, of a version with other terms, does not make a claim wrong.
    """
    lines = [
        line
        for entry in reversed(account.dunning.notices)
        for line in entry.notice.claimed
        if line.item == item and line.policy is not None
    ]
    claiming = [line for line in lines if any(charge.kind == "interest" for charge in line.charges)]
    for line in claiming or lines:
        assert line.policy is not None  # only such lines were taken
        return policies.dunning(line.policy.id, line.policy.version)
    customer = account.profile.entries[-1].customer if account.profile.entries else None
    return policies.dunning_for(customer, item_of(account, item).document) if customer is not None else None


# What a person decides ------------------------------------------------------------------------------------------------


def waive_charge(account: Account, command: WaiveCharge, context: Context) -> Plan:
    """A charge, or a part of it, given up: with a reason, and an approver who is not the one who asks."""
    raised = _raised(opened(account, command.account), command.charge)
    open_ = account.cash.open_of(raised.charge.id, raised.charge.amount.minor)
    amount = _amount("charge", command, raised, open_)
    authority = authorize(account, command, context, "waiver", amount, raised.charge.id)
    decided = _decided(command, raised, ChargeWaived, amount, "waived", context)
    return attrs.evolve(decided, facts=(*authority, *decided.facts))


def reinstate_charge(account: Account, command: ReinstateCharge, context: Context) -> Plan:
    """What was waived of a charge, owed again: with a reason, and an approver who is not the one who asks.

    What a payment plan waives is not for a person to take back: it follows the plan.
    """
    raised = _raised(opened(account, command.account), command.charge)
    waived = account.cash.reduced(raised.charge.id, "waived") - account.payment_plans.waived(raised.charge.id)
    amount = _amount("waived charge", command, raised, waived)
    check_approver(command.by, command.approver)
    return _decided(command, raised, ChargeReinstated, amount, "reinstated", context)


def _amount(kind: str, command: ChargeCommand, raised: RaisedCharge, room: int) -> Money:
    """What is asked for, or all that there is; never more."""
    most = Money(room, raised.charge.amount.currency)
    amount = command.amount if command.amount is not None else most
    if amount > most or amount.minor <= 0:
        raise OverApplied(kind, raised.charge.id, amount, most)
    return amount


def _decided(
    command: ChargeCommand,
    raised: RaisedCharge,
    kind: type[ChargeWaived | ChargeReinstated],
    amount: Money,
    outcome: str,
    context: Context,
) -> Plan:
    fact = kind(
        charge=raised.charge.id,
        amount=amount,
        reason=command.reason,
        approver=command.approver,
        effective_on=max(raised.effective_on, context.today),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome=outcome, ids=(raised.charge.id,))


def reverse_charge(account: Account, command: ReverseCharge, context: Context) -> Plan:
    """A charge that was wrong, or a part of it, taken back: with a reason and another person as the approver."""
    raised = _raised(opened(account, command.account), command.charge)
    charge = raised.charge
    amount = _amount("charge", command, raised, charge.amount.minor - account.cash.reduced(charge.id))
    authority = authorize(account, command, context, "waiver", amount, charge.id)
    facts = tuple(
        attrs.evolve(fact, by=command.by, approver=command.approver) if isinstance(fact, ChargeReversed) else fact
        for fact in _reverse(account, raised, amount.minor, command.reason, context)
    )
    return Plan(facts=(*authority, *facts), outcome="reversed", ids=(charge.id,))


def claim_interest(account: Account, command: ClaimInterest, context: Context) -> Plan:
    """The interest of an item to a day, less what was claimed before, raised without a letter.

    Where the claim on the item has lapsed by that day or by today, nothing is claimed any more, with the code ``barred``.
    """
    item = item_of(opened(account, command.account), command.item)
    policy = _policy_of(account, item.id, context.policies)
    if policy is None or policy.interest is None:
        raise UnknownId("interest terms for item", item.id)
    view = account.view(max(command.until, context.today))
    if item.id in barred_from("interest", account, view, context.policies):
        return Plan(outcome="nothing to claim", reasons=(Reason(code="barred", retryable=False),))
    disputed = _disputed(account, item.id, command.until)
    charge = interest_to_claim(account, item, policy, f"{item.id}/{command.key}", command.until, disputed)
    if charge is None:
        return Plan(outcome="nothing to claim")
    fact = ChargeRaised(charge=charge, effective_on=command.until, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(charge.id,))


def _raised(account: Account, id: str) -> RaisedCharge:
    for raised in account.ledger.charges:
        if raised.charge.id == id:
            return raised
    raise UnknownId("charge", id)
