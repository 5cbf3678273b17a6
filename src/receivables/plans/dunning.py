"""Plans about notices: the run of a day for one account, and what to check before a notice goes out.

One letter per customer, currency, channel and language lists every item that takes a step, and other overdue items for
information. Its key is the digest of the keys of its steps (item, step, ladder start): a run that is repeated, or made
by two workers, comes to the same key, and the store lets one have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set

import attrs

from receivables.codec import digest, policy_ref
from receivables.documents.customer import Customer
from receivables.documents.hold import Hold
from receivables.documents.notice import Notice, NoticeLine
from receivables.documents.reason import Reason
from receivables.errors import ErasedSubject, InvalidValue
from receivables.facts.dunning import NoticeCancelled, NoticeQueued
from receivables.facts.fact import Fact
from receivables.plans.charges import quote, reversed_for
from receivables.plans.limitation import barred_from
from receivables.plans.plan import Claim, Context, Plan
from receivables.policies.book import PolicyBook
from receivables.policies.dunning import BookPlan, DunningPlan, DunningPolicy, Rung, plan_dunning
from receivables.policies.dunning_codes import CHARGE, FINISHED, GAP, PENDING, QUIET, TOO_EARLY
from receivables.policies.dunning_letters import by_letter
from receivables.policies.dunning_stops import NO_STOPS, stops_of
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values.money import Money

_NONE: frozenset[str] = frozenset()

INFORMATIVE = frozenset({CHARGE, TOO_EARLY, GAP, FINISHED, PENDING, QUIET})
"""Codes of overdue items that a letter lists for information: they take no step, and nothing forbids to name them."""


def plan_for(view: View, policies: PolicyBook, account: Account | None = None) -> DunningPlan:
    """The dunning plan of an account by the policies that apply to it: every item, included or skipped.

    Which claims have lapsed is read from the account; without it none counts as barred.
    """
    customer = view.customer
    if customer is None:
        return plan_dunning(view, None, policies.dunning)
    chosen: Mapping[str, DunningPolicy | None] = {
        invoice: policies.dunning_for(customer, invoice)
        for invoice in policies.by_invoice
        if any(item.document == invoice for book in view.books for item in book.items)
    }
    barred = barred_from("dunning", account, view, policies) if account is not None else _NONE
    return plan_dunning(view, policies.dunning_for(customer), policies.dunning, chosen, barred)


def plan_run(account: Account, as_of: dt.date, context: Context) -> Plan:
    """The notices that an account gets on a day, as facts; nothing where nothing is due.

    A run dated before a notice of the account is `InvalidValue`: it would not see that step and take it again.
    """
    _check_forward(account, as_of)
    view = context.view(account, as_of)
    plan = plan_for(view, context.policies, account)
    if view.customer is None or not plan.included:
        return Plan(outcome="nothing due")
    lapsed = barred_from("interest", account, view, context.policies)
    notices = [
        (_claiming_none(notice, lapsed) if lapsed else notice, approval)
        for book in plan.books
        for notice, approval in _notices(account, view, book)
    ]
    facts = tuple(
        NoticeQueued(notice=notice, approval=approval, effective_on=as_of, recorded_at=context.now, by="dunning")
        for notice, approval in notices
    )
    claims = tuple(Claim("notice", notice.key) for notice, _ in notices)
    ids = tuple(notice.key for notice, _ in notices)
    return Plan(facts=facts, claims=claims, outcome="queued", ids=ids, reasons=tuple(_lacking(plan)))


def _lacking(plan: DunningPlan) -> Iterable[Reason]:
    """What the letters go out without, item by item, with the original amount of the item."""
    for book_plan in plan.books:
        book = book_plan.book
        for at, (step, _, _) in book_plan.steps.items():
            if (code := step.lacks(book.currency)) is not None:
                yield Reason(code=code, amount=book.items[at].original, retryable=False)


def _claiming_none(notice: Notice, lapsed: Set[str]) -> Notice:
    """The letter without interest on claims that have lapsed: what such a claim bore lapses with it."""
    return attrs.evolve(notice, lines=tuple(_plain(line) if line.item in lapsed else line for line in notice.lines))


def _plain(line: NoticeLine) -> NoticeLine:
    return attrs.evolve(line, charges=tuple(each for each in line.charges if each.kind != "interest"))


def _check_forward(account: Account, as_of: dt.date) -> None:
    last = max((entry.effective_on for entry in account.dunning.notices), default=as_of)
    if as_of < last:
        raise InvalidValue("run.as_of", as_of.isoformat(), f"must not be before the notice of {last}")


def _notices(account: Account, view: View, plan: BookPlan) -> Iterable[tuple[Notice, bool]]:
    """One letter per channel, for the steps of one currency; with each, whether a person must approve it.

    Steps that need approval get letters of their own, so that they hold up nothing else.
    """
    customer = view.customer
    assert customer is not None  # plan_run looked
    informative = _informative(view, plan)
    for (channel, approval), taken in by_letter(plan.steps, customer):
        yield _notice(account, view, customer, plan, channel, taken, informative), approval


def _informative(view: View, plan: BookPlan) -> list[int]:
    """The positions that a letter names for information; a charge that is held or kept back is left out like any item."""
    found = [at for at, code in enumerate(plan.codes) if code in INFORMATIVE]
    stops = stops_of(view)
    if stops is None and not view.withheld:
        return found
    items, stops = plan.book.items, stops or NO_STOPS
    return [at for at in found if plan.free(at, view) and stops.on(items[at].id, items[at].document) is None]


def _notice(
    account: Account,
    view: View,
    customer: Customer,
    plan: BookPlan,
    channel: str,
    taken: list[tuple[int, Rung]],
    informative: list[int],
) -> Notice:
    lines = [_line(account, view, plan, at, rung) for at, rung in taken]
    hardest = max((rung for _, rung in taken), key=lambda rung: rung[1].places[rung[0].name])[0]
    steps = sorted(line.key for line in lines)
    return Notice(
        key=_notice_key(view, steps),
        account=view.account,
        customer=customer.id,
        currency=plan.book.currency,
        channel=channel,
        language=customer.language,
        template=hardest.template,
        as_of=view.as_of,
        lines=(*lines, *(_line(account, view, plan, at, None) for at in informative)),
        recipient=customer.reach("dunning", channel),
    )


def _notice_key(view: View, steps: list[str]) -> str:
    """The digest of the steps; counted on where a letter with the same steps came to nothing before.

    It was cancelled before it went out, failed on its channel, or was annulled.
    """
    before = sum(
        1
        for state in view.notices
        if (state.annulled or state.status in ("cancelled", "failed"))
        and sorted(line.key for line in state.notice.claimed) == steps
    )
    return digest((view.account, *steps, *(("again", str(before)) if before else ())))


def _line(account: Account, view: View, plan: BookPlan, at: int, rung: Rung | None) -> NoticeLine:
    item = plan.book.items[at]
    due_on = item.due_on or item.document_on
    amount = Money(plan.free(at, view), plan.book.currency)
    if rung is None:
        return NoticeLine(item=item.id, document=item.document, amount=amount, due_on=due_on, ladder_from=due_on)
    step, policy, times = rung
    days = step.pay_within_days
    line = NoticeLine(
        item=item.id,
        document=item.document,
        amount=amount,
        due_on=due_on,
        ladder_from=due_on,
        step=step.name,
        policy=policy_ref(policy),
        times=times,
        pay_by=view.as_of + dt.timedelta(days=days) if days is not None else None,
        effects=tuple(sorted(step.effects)),
    )
    if step.fee is None and not step.claims_interest:
        return line
    return attrs.evolve(
        line, charges=quote(account, item, rung, _charge_key(account, line), view.as_of, view.disputed(item.id))
    )


def _charge_key(account: Account, line: NoticeLine) -> str:
    """The key of the step; counted on where the same step was charged before and the charge reversed."""
    keys = {raised.charge.id.rpartition("/")[0] for raised in account.ledger.charges}
    before = sum(1 for key in keys if key == line.key or key.startswith(f"{line.key}~"))
    return f"{line.key}~{before}" if before else line.key


def guard(view: View, notice: Notice, barred: Set[str] = _NONE) -> str | None:
    """Why a queued notice must not go out any more, or ``None``: the last look before it is sent.

    Only letters that claim something are looked at: a retraction and an alert to staff always go out.
    ``settled``: none of its steps has anything open. ``held``: a hold, a dispute or a promise came between, or the claim
    on one of its items has lapsed: those are ``barred``. ``changed``: an amount or a due date is another, so its content
    would be wrong, in a line that is there for information as well.
    """
    if notice.audience != "customer" or notice.retracts is not None:
        return None
    open_of = {line.item: view.places.get(line.item) for line in notice.lines}
    if not any(open_of[line.item] for line in notice.claimed):
        return "settled"
    if any(hold.stops_all("dunning") and _names(notice, hold) for hold in view.holds):
        return "held"
    if any(line.item in barred or (open_of[line.item] and not view.free(line.item).minor) for line in notice.lines):
        return "held"
    return None if all(_unchanged(view, line) for line in notice.lines) else "changed"


def restricted(view: View, notice: Notice) -> str | None:
    """``restricted`` for a letter to the customer that names a document which only the law keeps, see
    `receivables.policies.retention`; one that is open again may be named.

    Raises `ErasedSubject` where the document was erased.
    """
    if view.erasure is None or notice.audience != "customer":
        return None
    if view.erasure.restriction(line.document for line in notice.lines) == "erased":
        raise ErasedSubject(view.account, notice.key)
    closed = [line.document for line in notice.lines if line.item not in view.places]
    return "restricted" if view.erasure.restriction(closed) else None


def silenced(view: View, notice: Notice) -> Hold | None:
    """The hold for which a letter to the customer has to wait, a retraction as well, or ``None``.

    One on the whole account stops every letter, one on less those that name what it is on. Alerts to staff go out.
    """
    if notice.audience != "customer":
        return None
    return next((hold for hold in view.holds if "contact" in hold.stops and _names(notice, hold)), None)


def _names(notice: Notice, hold: Hold) -> bool:
    """Whether a letter names something that a hold is on, for information as well."""
    return hold.is_general or any(hold.covers(line.item, line.document) for line in notice.lines)


def _unchanged(view: View, line: NoticeLine) -> bool:
    """Whether the amount that may be dunned and the due date are those of the letter."""
    if line.item not in view.places:
        return False
    return view.free(line.item) == line.amount and view.item(line.item).due_on == line.ladder_from


def cancelled(account: Account, notice: Notice, reason: str, day: dt.date, context: Context) -> tuple[Fact, ...]:
    """A notice taken back before it went out, and with it what an attempt that failed had charged already."""
    fact = NoticeCancelled(notice=notice.key, reason=reason, effective_on=day, recorded_at=context.now)
    return (fact, *reversed_for(account, notice.charges, "the letter did not go out", context))


def cancel_settled(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: queued notices on which nothing is open any more are cancelled with the payment that did it."""
    if not account.dunning.notices or not (account.cash.allocations or account.cash.reductions):
        return ()
    view = context.view(account, max(context.today, account.dunning.notices[-1].effective_on))
    return tuple(
        fact
        for state in view.notices
        if state.status in ("proposed", "queued") and guard(view, state.notice) == "settled"
        for fact in cancelled(account, state.notice, "settled", view.as_of, context)
    )
