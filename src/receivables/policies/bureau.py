"""What may be told a credit bureau, and what has to be: rules with days of validity, decisions with coded reasons.

1. A debt is what is open of an item and what was given up of it: a write-off changes our books and not what is owed.
2. It may be reported when it is late enough, large enough, was warned of, and nothing speaks against it: no dispute, hold,
   plan, promise, or payment on its way.
3. What was reported has to be true. Another balance, a dispute, a payment in full owe an update within some days; a report
   that was false when it was made owes its withdrawal, and that comes before all else.
4. Days are counted from when the creditor knew: what is recorded late is owed from its recording on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, final

from attrs import field, frozen

from receivables.documents.bureau import BureauReport
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.policies.metro2 import account_status, status_of
from receivables.state.account import Account
from receivables.state.bureau import ReportState
from receivables.state.cash import AllocationEntry, Reduction
from receivables.state.dispute import DisputeEntry
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_days
from receivables.values.money import Money

CODES = (
    ("already_reported", "the bureau has it", False),
    ("not_overdue", "not overdue for as many days as it takes", True),
    ("disputed", "the customer contests it", True),
    ("held", "a hold stops reports", True),
    ("planned", "a payment plan covers it, and performs", True),
    ("promised", "the customer promised to pay it, and has time yet", True),
    ("payment_pending", "a payment of it is on its way", True),
    ("no_warning", "the letter that warns of it was not sent", True),
    ("warning_too_recent", "the days since the warning are not over", True),
    ("below_minimum", "what could be reported in this currency is below the minimum", True),
)
"""Why a debt is not reported, in order of precedence: code, what it says, whether that can change."""

_RETRYABLE = {code: retryable for code, _, retryable in CODES}

BLOCKS = {"dispute": "disputed", "plan": "planned", "promise": "promised", "payment": "payment_pending"}
"""What keeps an amount back -> the code with which it stops a report."""


@final
@frozen(kw_only=True)
class BureauRules:
    """The rules from a day on, until others begin.

    ``step`` is the step of the ladder that warns of the report, and ``waiting_days`` have to pass after its letter. ``update_days``,
    ``dispute_days``, ``closing_days`` and ``withdrawal_days`` are how long the creditor has to tell a bureau.
    """

    valid_from: dt.date
    days_overdue: int = 60
    minimums: tuple[Money, ...] = ()
    step: str | None = None
    waiting_days: int = 0
    update_days: int = 30
    dispute_days: int = 5
    closing_days: int = 30
    withdrawal_days: int = 0

    def __attrs_post_init__(self) -> None:
        checks.day("bureau_rules.valid_from", self.valid_from)
        checks.optional_text("bureau_rules.step", self.step)
        checks.whole("bureau_rules.days_overdue", self.days_overdue, least=1)
        for name in ("waiting_days", "update_days", "dispute_days", "closing_days", "withdrawal_days"):
            checks.whole(f"bureau_rules.{name}", getattr(self, name), least=0)
        checks.sequence("bureau_rules.minimums", self.minimums, Money, "money")
        currencies = [each.currency.code for each in self.minimums]
        if len(set(currencies)) != len(currencies):
            raise InvalidValue("bureau_rules.minimums", currencies, "must give each currency once")
        if self.waiting_days and self.step is None:
            raise InvalidValue("bureau_rules.waiting_days", self.waiting_days, "must be after a step")

    def minimum(self, currency: Currency) -> int:
        """The smallest sum that is reported in a currency, in minor units."""
        return next((each.minor for each in self.minimums if each.currency == currency), 1)

    def days_for(self, kind: str) -> int:
        """How many days the creditor has for what is owed to a bureau."""
        return {"withdrawal": self.withdrawal_days, "paid": self.closing_days, "balance": self.update_days}.get(
            kind, self.dispute_days
        )


@final
@frozen(kw_only=True)
class BureauPolicy:
    """What one bureau is told, by rules that each hold from a day on.

    >>> policy = BureauPolicy(id="register", version=1, bureau="trade register", rules=(
    ...     BureauRules(valid_from=dt.date(2020, 1, 1), days_overdue=60),
    ...     BureauRules(valid_from=dt.date(2026, 1, 1), days_overdue=90)))
    >>> [policy.on(day).days_overdue for day in (dt.date(2025, 12, 31), dt.date(2026, 1, 1))], policy.on(dt.date(2019, 1, 1))
    ([60, 90], None)
    """

    id: str
    version: int
    bureau: str
    rules: tuple[BureauRules, ...]

    def __attrs_post_init__(self) -> None:
        checks.text("bureau_policy.id", self.id)
        checks.whole("bureau_policy.version", self.version, least=1)
        checks.text("bureau_policy.bureau", self.bureau)
        checks.sequence("bureau_policy.rules", self.rules, BureauRules, "rules")
        days = [rules.valid_from for rules in self.rules]
        if not days or any(one >= other for one, other in pairwise(days)):
            raise InvalidValue("bureau_policy.rules", [str(day) for day in days], "must be some, each after the other")

    def on(self, day: dt.date) -> BureauRules | None:
        """The rules of a day; ``None`` before the first."""
        return next((rules for rules in reversed(self.rules) if rules.valid_from <= day), None)


# What is owed by the customer -----------------------------------------------------------------------------------------


class Debt(NamedTuple):
    """An item with all that is owed on it, in minor units: open, and given up; the day from which it is late."""

    item: str
    document: str
    currency: Currency
    amount: int
    due_on: dt.date | None
    lost: bool


def debts(account: Account, view: View) -> Iterator[Debt]:
    """The items on which something is owed on the date of a view, invoices only: a fee goes with what it is on."""
    due = account.ledger.due_dates(view.as_of, view.known_at)
    for item in account.ledger.items:
        if item.kind != "invoice" or not item.seen(view.as_of, view.known_at):
            continue
        loss = view.loss_of.get(item.id)
        left = loss.left if loss is not None else 0
        book, at = view.places.get(item.id, (None, 0))
        amount = left + (book.open[at] if book is not None else 0)
        if amount > 0:
            yield Debt(item.id, item.document, item.currency, amount, due.get(item.id, item.due_on), left > 0)


@final
@frozen(kw_only=True)
class DebtStanding:
    """One debt, and whether a bureau may be told: no reason speaks against it."""

    item: str
    amount: Money
    due_on: dt.date | None
    days_past_due: int
    code: str
    reasons: tuple[Reason, ...] = ()

    @property
    def reportable(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def standings(account: Account, view: View, policy: BureauPolicy) -> tuple[DebtStanding, ...]:
    """Every debt of an account, reportable or not, with all the reasons in order; none before the first rules.

    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(300, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> policy = BureauPolicy(id="register", version=1, bureau="register", rules=(
    ...     BureauRules(valid_from=dt.date(2020, 1, 1), days_overdue=60, minimums=(Money.of(100, "EUR"),)),))
    >>> for day in (dt.date(2026, 4, 4), dt.date(2026, 4, 5)):
    ...     standing, = standings(account, account.view(day), policy)
    ...     print(standing.days_past_due, standing.reportable, *standing.reasons)
    59 False not_overdue (59 days)
    60 True
    """
    rules = policy.on(view.as_of)
    if rules is None:
        return ()
    found = [_standing(account, view, rules, debt) for debt in debts(account, view)]
    sums: dict[Currency, int] = {}
    for standing in found:
        if standing.reportable:
            sums[standing.amount.currency] = sums.get(standing.amount.currency, 0) + standing.amount.minor
    return tuple(_of_size(standing, rules, sums) for standing in found)


def _standing(account: Account, view: View, rules: BureauRules, debt: Debt) -> DebtStanding:
    days = max(0, (view.as_of - debt.due_on).days) if debt.due_on is not None else 0
    return DebtStanding(
        item=debt.item,
        amount=Money(debt.amount, debt.currency),
        due_on=debt.due_on,
        days_past_due=days,
        code=_code(view, debt.item, debt.lost, days),
        reasons=tuple(
            Reason(code=code, days=shown, retryable=_RETRYABLE[code])
            for code, shown in _against(account, view, rules, debt, days)
        ),
    )


def _code(view: View, item: str, lost: bool, days: int) -> str:
    """The status code: lost, with a collector, or by its days."""
    if lost:
        return status_of("charged off")
    if any(item in state.items for state in view.placements):
        return status_of("collections")
    return account_status(days)


def _against(
    account: Account, view: View, rules: BureauRules, debt: Debt, days: int
) -> Iterator[tuple[str, int | None]]:
    """What speaks against a report, in the order of `CODES`, with the days that it is about."""
    if any(debt.item in state.report.items for state in view.bureau if state.stands):
        yield "already_reported", None
    if days < rules.days_overdue:
        yield "not_overdue", days
    kept = {BLOCKS[part.kind] for part in view.withheld_of.get(debt.item, ()) if part.kind in BLOCKS}
    if _is_disputed(view, debt.item):
        kept.add("disputed")
    if _is_held(view, debt):
        kept.add("held")
    yield from ((code, None) for code, _, _ in CODES if code in kept)
    yield from _warned(account, view, rules, debt.item)


def _is_disputed(view: View, item: str) -> bool:
    return any(state.status == "open" and item in state.items for state in view.disputes)


def _is_held(view: View, debt: Debt) -> bool:
    return any("reporting" in hold.stops and hold.covers(debt.item, debt.document) for hold in view.holds)


def _warned(account: Account, view: View, rules: BureauRules, item: str) -> Iterator[tuple[str, int | None]]:
    if rules.step is None:
        return
    warned_on = min(_letters(account, view, rules.step, item), default=None)
    if warned_on is None:
        yield "no_warning", None
    elif (view.as_of - warned_on).days < rules.waiting_days:
        yield "warning_too_recent", (view.as_of - warned_on).days


def _letters(account: Account, view: View, step: str, item: str) -> Iterator[dt.date]:
    """The days on which a letter with this step on an item went out, and was not annulled; elsewhere too."""
    sent = {e.notice: e.effective_on for e in account.dunning.events if e.status == "sent"}
    for state in view.notices:
        claims = any(line.item == item and line.step == step for line in state.notice.claimed)
        if claims and state.status == "sent" and item not in state.annulled and state.notice.retracts is None:
            yield sent[state.notice.key]
    for taken in account.dunning.steps:
        if taken.item == item and taken.step == step and taken.seen(view.as_of, view.known_at):
            yield taken.stepped_on


def _of_size(standing: DebtStanding, rules: BureauRules, sums: dict[Currency, int]) -> DebtStanding:
    """What is too little all together is not reported."""
    currency = standing.amount.currency
    if not standing.reportable or sums[currency] >= rules.minimum(currency):
        return standing
    small = Reason(code="below_minimum", amount=Money(sums[currency], currency), retryable=True)
    return DebtStanding(
        item=standing.item,
        amount=standing.amount,
        due_on=standing.due_on,
        days_past_due=standing.days_past_due,
        code=standing.code,
        reasons=(small,),
    )


# What is owed to the bureau -------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class Owed:
    """Something that a bureau has to be told: what, since when, until when, and what is owed on the debt now.

    ``kind`` is ``withdrawal`` or one of `receivables.documents.bureau.UPDATES`. ``cause`` says of a withdrawal what made the
    report false: ``disputed`` or ``paid`` on its day.
    """

    report: BureauReport = field(repr=False)
    kind: str
    since: dt.date
    due_by: dt.date
    balance: Money
    code: str
    cause: str = ""

    def is_late(self, day: dt.date) -> bool:
        """Whether the last day for it is over."""
        return day > self.due_by


def owed_to_bureau(account: Account, view: View, policy: BureauPolicy | None) -> tuple[Owed, ...]:
    """What bureaus have to be told of the reports that stand, by all that is known at the view's instant.

    Of a debt that was reported with 3,000.00 and on which 1,200.00 came in: an update to 1,800.00. Without a policy, or before
    its first rules, the days are those that `BureauRules` has by itself.
    """
    if not view.bureau:
        return ()
    rules = (policy.on(view.as_of) if policy is not None else None) or BureauRules(valid_from=dt.date.min)
    return tuple(each for state in view.bureau if state.stands for each in _owed(account, view, rules, state))


def _owed(account: Account, view: View, rules: BureauRules, state: ReportState) -> Iterator[Owed]:
    report = state.report
    moves = _moves(account, view, report.items)
    balance = sum(amount for _, _, amount in moves)
    code = _code_of(account, view, state, balance)

    def owed(kind: str, since: dt.date, cause: str = "") -> Owed:
        due_by = add_days(since, rules.days_for(kind))
        money = Money(balance, report.balance.currency)
        return Owed(report=report, kind=kind, since=since, due_by=due_by, balance=money, code=code, cause=cause)

    false = _false_since(account, view, report, moves)
    if false is not None:
        yield owed("withdrawal", false[1], false[0])
        return
    if balance != state.balance:
        since = _differs_since(moves, state)
        yield owed("balance" if balance else "paid", since)
    if balance and not state.disputed and (began := _disputed_since(account, view, report)) is not None:
        yield owed("disputed", max(began, report.reported_on))
    if balance and state.disputed and _disputed_since(account, view, report) is None:
        yield owed("dispute_over", _dispute_ended(view, report) or state.told_on)


Move = tuple[dt.date, dt.date, int]
"""The day on which a debt became more or less, the day on which that was known, and by how much."""


def _moves(account: Account, view: View, items: Sequence[str]) -> list[Move]:
    """How what is owed on some items moved until a view; what is given up moves nothing, what is recovered does."""
    wanted, cash = set(items), account.cash
    taken: dict[str | None, AllocationEntry | Reduction] = {}
    found: list[tuple[dt.date, dt.datetime, int]] = [
        (item.effective_on, item.recorded_at, item.amount)
        for item in account.ledger.items
        if item.id in wanted and item.seen(view.as_of, view.known_at)
    ]
    entries: tuple[AllocationEntry | Reduction, ...] = (
        *cash.allocations,
        *(each for each in cash.reductions if each.kind not in _NO_LESS_OWED),
    )
    for each in entries:
        if each.item in wanted and each.seen(view.as_of, view.known_at):
            taken[each.id] = each
            found.append((each.effective_on, each.recorded_at, -each.amount))
    for undone in cash.undoings:
        back = taken.get(undone.allocation)
        if back is not None and undone.seen(view.as_of, view.known_at):
            found.append((max(undone.effective_on, back.effective_on), undone.recorded_at, back.amount))
    return [(on, max(on, known.date()), amount) for on, known, amount in found]


_NO_LESS_OWED = frozenset({"written_off", "recovered"})
"""Reductions that are about our books alone: what is recovered is money, and its allocation counts."""


def _balance_on(moves: Iterable[Move], day: dt.date) -> int:
    """What was owed on a day, by all that is known now."""
    return sum(amount for on, _, amount in moves if on <= day)


def _differs_since(moves: Iterable[Move], state: ReportState) -> dt.date:
    """Since when the creditor knows that the balance is not the one that the bureau was told last."""
    known = [(day, amount) for _, day, amount in moves]
    level = sum(amount for day, amount in known if day <= state.told_on)
    since = None if level == state.balance else state.told_on
    for day in sorted({day for day, _ in known if day > state.told_on}):
        level += sum(amount for on, amount in known if on == day)
        since = None if level == state.balance else since or day
    return since or state.told_on


def _false_since(
    account: Account, view: View, report: BureauReport, moves: Sequence[Move]
) -> tuple[str, dt.date] | None:
    """Why a report was false on its own day by what is known now, and since when that is known; ``None`` where it was true.

    A dispute of the day itself counts as one that was there. A balance that was another one is corrected; only what should
    not have been reported at all is withdrawn.
    """
    day = report.reported_on
    for entry, state in zip(_opened(account, day, view), account.disputes.states(day, view.known_at), strict=True):
        if state.status == "open" and set(entry.items) & set(report.items):
            return "disputed", max(day, entry.recorded_at.date())
    if _balance_on(moves, day) <= 0:
        known = (known for on, known, _ in moves if on <= day)
        return "paid", max([day, *known])
    return None


def _opened(account: Account, day: dt.date, view: View) -> list[DisputeEntry]:
    """The disputes that were opened by a day, as known at the view's instant."""
    return [entry for entry in account.disputes.opened if entry.seen(day, view.known_at)]


def _disputed_since(account: Account, view: View, report: BureauReport) -> dt.date | None:
    """Since when a dispute about an item of a report is known that is open."""
    open_ = {state.dispute.id for state in view.disputes if state.status == "open"}
    days = [
        max(entry.effective_on, entry.recorded_at.date())
        for entry in account.disputes.opened
        if entry.dispute.id in open_ and set(entry.items) & set(report.items)
    ]
    return min(days, default=None)


def _dispute_ended(view: View, report: BureauReport) -> dt.date | None:
    """When the last dispute about an item of a report ended."""
    ends = (state.ended_on for state in view.disputes if set(state.items) & set(report.items))
    return max((end for end in ends if end is not None), default=None)


def _code_of(account: Account, view: View, state: ReportState, balance: int) -> str:
    """The status code of a report's debt now; once paid it says what it was before."""
    lost = any(view.loss_of[item].written_off for item in state.report.items if item in view.loss_of)
    placed = any(set(state.report.items) & set(each.placement.items) for each in view.placements)
    if balance <= 0:
        return status_of("paid charge-off" if lost else "paid collection" if placed else "paid")
    found = [
        _code(view, debt.item, debt.lost, max(0, (view.as_of - (debt.due_on or view.as_of)).days))
        for debt in debts(account, view)
        if debt.item in state.report.items
    ]
    return max(found, default=account_status(0))
