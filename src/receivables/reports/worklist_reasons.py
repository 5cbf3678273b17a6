"""Where the worklist reads that an account needs a person: one function per subject, each a look at the view.

What waits for a person is a reason for as long as it does. What went wrong (a promise, a plan, a letter) is one while it
concerns something that is open and that nothing newer keeps back: a new promise on the same item silences the broken one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from receivables.documents.customer import Customer
from receivables.policies.book import PolicyBook
from receivables.policies.bureau import owed_to_bureau
from receivables.policies.dunning import DunningPolicy, plan_dunning
from receivables.policies.dunning_codes import CODES, FINISHED, NO_CONTACT, NO_POLICY, STEP_GONE
from receivables.policies.limitation import barred_items, reached_limitations
from receivables.policies.losses import propose_write_offs
from receivables.policies.strategy import oldest_days, overdue_of
from receivables.policies.worklist import WorklistPolicy, WorkReason, least_of
from receivables.reports.limits import limit_list
from receivables.state.account import Account
from receivables.state.view import NoticeState, View
from receivables.values.money import Money

Source = Callable[[Account, View, PolicyBook, WorklistPolicy], Iterator[WorkReason]]

_NOTICES: Final = {
    "proposed": "notice_waits",
    "sending": "notice_unknown",
    "failed": "notice_failed",
    "rejected": "notice_rejected",
}
_STUCK: Final = {
    FINISHED: "ladder_finished",
    NO_POLICY: "dunning_stuck",
    STEP_GONE: "dunning_stuck",
    NO_CONTACT: "dunning_stuck",
}
_LIMITS: Final = {
    "expired": "limit_expired",
    "review_overdue": "limit_review",
    "due_for_review": "limit_review",
}
_ASKS: Final = {
    "call": "call",
    "callback": "call",
    "visit": "call",
    "write": "send",
    "review": "review",
    "escalate": "escalate",
    "other": "call",
}
"""What a planned action of a kind is for the worklist."""


def reasons_of(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Every reason why an account needs a person on the date of a view, those that a policy ignores too."""
    for source in SOURCES:
        yield from source(account, view, policies, policy)


def _since(view: View, day: dt.date | None) -> int | None:
    return (view.as_of - day).days if day is not None else None


def _free(view: View, items: Iterable[str]) -> Money | None:
    """What is open of items and kept back by nothing; ``None`` where that is nothing."""
    found = [view.free(item) for item in dict.fromkeys(items) if item in view.places]
    first = [each for each in found if each.minor > 0]
    return (
        Money.total((each for each in first if each.currency == first[0].currency), first[0].currency)
        if first
        else None
    )


def _promises(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for state in view.promises:
        left = _free(view, state.items) if state.status in ("broken", "partly_kept") else None
        if left is not None:
            yield WorkReason(
                code=f"promise_{state.status}",
                subject=state.promise.id,
                amount=left,
                days=_since(view, state.last_day),
            )


def _plans(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for state in view.payment_plans:
        left = _free(view, state.plan.items) if state.status == "defaulted" else None
        if left is not None:
            yield WorkReason(code="plan_defaulted", subject=state.plan.id, amount=left, days=_since(view, state.since))


def _disputes(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Disputes that are old enough, while they keep something back."""
    parts = {part.id: part for part in view.withheld if part.kind == "dispute"}
    for state in view.disputes:
        dispute, days = state.dispute, (view.as_of - state.dispute.opened_on).days
        if state.status == "open" and dispute.id in parts and days >= policy.dispute_days:
            kept = [part for part in view.withheld if part.kind == "dispute" and part.id == dispute.id]
            currency = view.item(kept[0].item).currency
            amount = Money(sum(part.amount for part in kept), currency)
            yield WorkReason(code="dispute_over_age", subject=dispute.id, amount=amount, days=days)


def _payments(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Payments that were announced some days ago and neither came nor failed."""
    since = {entry.id: entry.effective_on for entry in account.cash.credits}
    for each in view.pending:
        days = (view.as_of - since.get(each.id, view.as_of)).days
        if days >= policy.payment_days:
            amount = Money(each.remaining, each.currency)
            yield WorkReason(code="payment_undecided", subject=each.id, amount=amount, days=days)


def _unapplied(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """What is on account, credit by credit, where it comes to enough in its currency."""
    for currency in dict.fromkeys(credit.currency for credit in view.credits):
        total = view.on_account(currency)
        least = least_of(policy.unapplied_from, total)
        if least is None or total.minor >= least.minor:
            for each in view.credits:
                if each.currency == currency:
                    yield WorkReason(code="unapplied_cash", subject=each.id, amount=Money(each.remaining, currency))


def _notices(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Letters that a person has to look at, while something of what they claim is open; a retraction always."""
    for state in view.notices:
        code = _NOTICES.get(state.status)
        if code is not None and state.notice.audience == "customer" and _concerns(view, state):
            amount = state.notice.demanded if state.notice.lines else None
            yield WorkReason(code=code, subject=state.notice.key, amount=amount, days=_since(view, state.queued_on))


def _concerns(view: View, state: NoticeState) -> bool:
    if state.notice.retracts is not None or state.status == "sending":
        return True
    return any(line.item in view.places and line.item not in state.annulled for line in state.notice.claimed)


def _approvals(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for state in view.approvals:
        if state.waits:
            days = (state.lapses_on - view.as_of).days
            yield WorkReason(code="approval_waits", subject=state.approval.id, amount=state.approval.amount, days=days)


def _requests(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for state in view.requests:
        if state.waits:
            yield WorkReason(code="request_waits", subject=state.request.id, days=_since(view, state.asked_on))


def _applications(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for state in view.applications:
        if state.waits:
            yield WorkReason(code="application_waits", subject=state.application.id)


def _orders(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    for held in view.orders:
        if held.status == "held":
            yield WorkReason(
                code="order_held",
                subject=held.order.id,
                amount=held.order.amount,
                days=_since(view, held.decided_on),
            )


def _limits(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Limits that ended, or are to be reviewed within the days of the policy."""
    for line in limit_list([view], within_days=policy.review_days).lines:
        code = _LIMITS.get(line.status)
        if code is not None and not (line.status == "expired" and line.limit.kind == "temporary"):
            days = -line.days if line.days is not None else None
            subject = f"{line.limit.currency}/{line.limit.kind}"
            yield WorkReason(code=code, subject=subject, amount=line.limit.amount, days=days)


def _risk(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """A move to a worse class, and early warnings, of the last days."""
    last = view.risk.changes[-1] if view.risk.changes else None
    if last is not None and last.before is not None and last.after is not None:
        days = (view.as_of - last.on).days
        if days <= policy.risk_days and _is_worse(last.before, last.after, view, policies):
            yield WorkReason(code="risk_class_worsened", subject=f"{last.before}>{last.after}", days=days)
    since = view.as_of - dt.timedelta(days=min(policy.risk_days, view.as_of.toordinal() - 1))
    for entry in account.risk.warnings:
        if entry.seen(view.as_of, view.known_at) and entry.effective_on >= since:
            warning = entry.warning
            yield WorkReason(
                code="early_warning",
                subject=f"{warning.kind}/{warning.period}",
                days=_since(view, entry.effective_on),
            )


def _is_worse(before: str, after: str, view: View, policies: PolicyBook) -> bool:
    """Whether a class is worse than another; what the scorecard cannot compare, a person does."""
    card = policies.scorecard_for(view.customer) if view.customer is not None else None
    ranks = (card.rank(before), card.rank(after)) if card is not None else (None, None)
    return ranks[0] is None or ranks[1] is None or ranks[1] > ranks[0]


def _claims(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Claims that lapse soon, by the warnings of the limitation policy, and those that have lapsed."""
    law = policies.limitation_for(view.customer) if view.customer is not None else None
    if law is None:
        return
    for item, found in reached_limitations(account, view, law):
        if found.days_left is None:
            continue
        if found.status == "barred":
            yield WorkReason(code="claim_barred", subject=item.id, amount=view.open(item.id), days=-found.days_left)
        elif law.warning(found) is not None:
            yield WorkReason(code="claim_lapses", subject=item.id, amount=view.open(item.id), days=found.days_left)


def _overdue(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """What is overdue and large, and what is overdue and nobody's."""
    for amount in overdue_of(view):
        least = least_of(policy.big_overdue, amount)
        if least is not None and amount.minor >= least.minor:
            code = amount.currency.code
            yield WorkReason(code="big_overdue", subject=code, amount=amount, days=oldest_days(view))


def _dunning(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """Items whose ladder is finished, or cannot go on; nothing where no dunning policy is chosen."""
    customer = view.customer
    if customer is None or not view.books or not _duns(customer, view, policies):
        return
    by_invoice, lapsed = _by_invoice(customer, view, policies), _lapsed(account, view, policies)
    plan = plan_dunning(view, policies.dunning_for(customer), policies.dunning, by_invoice, lapsed)
    for part in plan.books:
        if not _STUCK.keys().isdisjoint(part.codes):
            for at, code in enumerate(part.codes):
                if code in _STUCK and part.free(at, view) > 0:
                    item = part.book.items[at].id
                    amount = Money(part.free(at, view), part.book.currency)
                    subject = item if code == FINISHED else f"{item}: {CODES[code][0]}"
                    yield WorkReason(code=_STUCK[code], subject=subject, amount=amount)


def _duns(customer: Customer, view: View, policies: PolicyBook) -> bool:
    return bool(view.ladders) or policies.dunning_for(customer) is not None


def _by_invoice(customer: Customer, view: View, policies: PolicyBook) -> Mapping[str, DunningPolicy | None]:
    documents = {item.document for book in view.books for item in book.items} if policies.by_invoice else set()
    return {each: policies.dunning_for(customer, each) for each in policies.by_invoice & documents}


def _lapsed(account: Account, view: View, policies: PolicyBook) -> frozenset[str]:
    """The items that are not dunned any more because their claims have lapsed."""
    law = policies.limitation_for(view.customer) if view.customer is not None else None
    return barred_items(account, view, law) if law is not None and "dunning" in law.barred_stops else frozenset()


def _actions(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """What was planned to be done by now, and is not done."""
    for state in view.actions:
        if state.is_open and state.due_on <= view.as_of:
            yield WorkReason(
                code="next_action_due",
                subject=state.action.id,
                days=_since(view, state.due_on),
                asks=_ASKS[state.action.kind],
            )


def _bureau(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """What bureaus have to be told."""
    rules = policies.bureau_for(view.customer) if view.bureau and view.customer is not None else None
    for owed in owed_to_bureau(account, view, rules) if rules is not None else ():
        days = (owed.due_by - view.as_of).days
        yield WorkReason(code="bureau_owed", subject=f"{owed.report.id}/{owed.kind}", amount=owed.balance, days=days)


def _losses(account: Account, view: View, policies: PolicyBook, policy: WorklistPolicy) -> Iterator[WorkReason]:
    """What the write-off policy proposes."""
    rules = policies.write_off_for(view.customer) if view.customer is not None else None
    if rules is not None:
        law = policies.limitation_for(view.customer) if view.customer is not None else None
        for proposal in propose_write_offs(account, view, rules, limitation=law):
            yield WorkReason(code="write_off_proposed", subject=proposal.item, amount=proposal.amount)


SOURCES: Final[tuple[Source, ...]] = (
    _promises,
    _plans,
    _disputes,
    _payments,
    _unapplied,
    _notices,
    _approvals,
    _requests,
    _applications,
    _orders,
    _limits,
    _risk,
    _claims,
    _overdue,
    _dunning,
    _losses,
    _actions,
    _bureau,
)
"""Where reasons are read."""
