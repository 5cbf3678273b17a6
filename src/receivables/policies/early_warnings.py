"""Early warnings: patterns that often come before a loss, each found by a threshold and shown with its evidence.

A warning is no judgment: it names the items, promises, orders and payments that it rests on, so that a person can look. Each
threshold of a `WarningPolicy` may be ``None``, which turns its pattern off. The last three are patterns of somebody who can pay and
does not: who pays what is new and leaves what is old, who orders and never paid, who pays only after several letters.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.documents.credit import Order
from receivables.documents.risk import EarlyWarning, Evidence
from receivables.policies.behavior import FEATURES, utilizations
from receivables.policies.history import BehaviorTerms, History, Paid, history, history_of
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money

MOST_EVIDENCE: Final = 10
"""So many things a warning names at most, the latest ones."""


@final
@frozen(kw_only=True)
class WarningPolicy:
    """From where on a pattern is worth a warning; ``behavior`` says over which time. Without a threshold it is off.

    ``utilization_percent`` is that of the limit now, which rose by ``rise_percent`` points in ``compare_days`` while
    payments came ``slower_days`` later than in the days before. ``broken_promises``, ``returned_payments`` and
    ``delaying_disputes`` are counted in the window. ``burst_percent``: the orders of the last ``burst_days``, at least
    ``burst_orders``, against as many days of the ``burst_base_days`` before, while something is overdue.
    ``short_items`` items were short paid, and they are ``short_percent`` of those paid.
    ``selective_days``: something undisputed is overdue so long while ``selective_items`` that fell due later were paid.
    ``never_paid_days``: ``never_paid_items`` are overdue so long, and nothing was ever paid.
    ``pressure_letters``: ``pressure_items`` were paid only after so many letters, more than were paid with fewer.

    One warning of a kind is raised in a period of ``period_months``.

    >>> WarningPolicy(id="trade", version=1, returned_payments=None).broken_promises
    2
    """

    id: str
    version: int
    behavior: BehaviorTerms = BehaviorTerms()
    period_months: int = 1
    utilization_percent: int | None = 90
    rise_percent: int = 20
    compare_days: int = 60
    slower_days: int = 5
    broken_promises: int | None = 2
    burst_percent: int | None = 300
    burst_days: int = 14
    burst_base_days: int = 180
    burst_orders: int = 3
    returned_payments: int | None = 2
    short_items: int | None = 3
    short_percent: int = 50
    delaying_disputes: int | None = 2
    selective_days: int | None = 30
    selective_items: int = 2
    never_paid_days: int | None = 30
    never_paid_items: int = 2
    pressure_letters: int | None = 2
    pressure_items: int = 3

    def __attrs_post_init__(self) -> None:
        checks.text("warning_policy.id", self.id)
        checks.instance("warning_policy.behavior", self.behavior, BehaviorTerms, "terms of behavior")
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None or name not in _MAY_BE_OFF:
                checks.whole(f"warning_policy.{name}", value, least=1, most=36_500)
        checks.whole("warning_policy.period_months", self.period_months, least=1, most=12)

    def period(self, day: dt.date) -> str:
        """The first month of the period that a day lies in.

        >>> WarningPolicy(id="trade", version=1, period_months=3).period(dt.date(2026, 6, 30))
        '2026-04'
        """
        return f"{day.year}-{(day.month - 1) // self.period_months * self.period_months + 1:02d}"


_MAY_BE_OFF: Final = (
    "utilization_percent",
    "broken_promises",
    "burst_percent",
    "returned_payments",
    "short_items",
    "delaying_disputes",
    "selective_days",
    "never_paid_days",
    "pressure_letters",
)
_COUNTS: Final = (
    "version",
    "rise_percent",
    "compare_days",
    "slower_days",
    "burst_days",
    "burst_base_days",
    "burst_orders",
    "short_percent",
    "selective_items",
    "never_paid_items",
    "pressure_items",
    *_MAY_BE_OFF,
)


class Look(NamedTuple):
    """What is looked at: the history, the policy, and the account, whose past may have to be looked at too."""

    now: History
    policy: WarningPolicy
    account: Account


def early_warnings(account: Account, view: View, policy: WarningPolicy) -> tuple[EarlyWarning, ...]:
    """The warnings of an account on the date of a view, by what was known; in the order of their kinds.

    >>> from receivables import Customer, Invoice
    >>> invoices = [Invoice.due(number=number, account="ACME", issued_on=dt.date(2026, 1, 5), total=Money.of(500, "EUR"),
    ...                         due_on=dt.date(2026, 1, day)) for number, day in (("INV-1", 19), ("INV-2", 26))]
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices)
    >>> policy = WarningPolicy(id="trade", version=1)
    >>> for warning in early_warnings(account, account.view(dt.date(2026, 3, 2)), policy):
    ...     print(warning)
    never_paid 2026-03: item INV-1 on 2026-01-19 500.00 EUR 42 days, item INV-2 on 2026-01-26 500.00 EUR 35 days
    >>> early_warnings(account, account.view(dt.date(2026, 2, 20)), policy)
    ()
    """
    look = Look(history_of(account, view, policy.behavior), policy, account)
    period = policy.period(view.as_of)
    found = ((kind, tuple(detect(look))) for kind, detect in DETECTORS.items())
    return tuple(
        EarlyWarning(kind=kind, period=period, evidence=evidence[-MOST_EVIDENCE:])
        for kind, evidence in found
        if evidence
    )


# One after the other ----------------------------------------------------------------------------------------------------


def _utilization_and_slower(look: Look) -> Iterator[Evidence]:
    policy, now = look.policy, look.now
    trend = FEATURES["lateness_trend"].compute(now) if policy.utilization_percent is not None else None
    if trend is None or trend < policy.slower_days * 100 or policy.utilization_percent is None:
        return
    day = now.view.as_of - dt.timedelta(days=policy.compare_days)
    before = history(look.account, day, now.view.known_at, policy.behavior)
    earlier = {used.currency: (used, share) for used, share in utilizations(before.view)}
    for used, share in utilizations(now.view):
        was, lower = earlier.get(used.currency, (Money(0, used.currency), 0))
        if share >= policy.utilization_percent * 10 and share - lower >= policy.rise_percent * 10:
            yield from _late(now.recent)
            yield Evidence(about="utilization", subject=used.currency.code, on=day, amount=was)
            yield Evidence(about="utilization", subject=used.currency.code, on=now.view.as_of, amount=used)


def _promise_after_promise(look: Look) -> Iterable[Evidence]:
    broken = [state for state in look.now.promises if state.status != "kept"]
    found = [
        Evidence(about="promise", subject=state.promise.id, on=state.last_day, amount=state.promise.amount)
        for state in broken
    ]
    return _enough(found, look.policy.broken_promises)


def _order_burst(look: Look) -> Iterable[Evidence]:
    """The orders of the last days, where they are many times the usual and something is overdue."""
    policy, now = look.policy, look.now
    if policy.burst_percent is None or not now.overdue:
        return ()
    placed = {entry.order.id: entry.order for entry in now.account.credit.orders}.values()
    late = [order for order in placed if _age(now, order) < policy.burst_days]
    before = [order for order in placed if 0 <= _age(now, order) - policy.burst_days < policy.burst_base_days]
    rising = [each for each in late if _bursts(each.amount.currency.code, late, before, policy)]
    found = [Evidence(about="order", subject=o.id, on=o.placed_on, amount=o.amount) for o in rising]
    return _enough(found, policy.burst_orders)


def _bursts(currency: str, late: Iterable[Order], before: Iterable[Order], policy: WarningPolicy) -> bool:
    now = sum(order.amount.minor for order in late if order.amount.currency.code == currency)
    usual = sum(order.amount.minor for order in before if order.amount.currency.code == currency)
    percent = policy.burst_percent or 0
    return usual > 0 and now * policy.burst_base_days * 100 >= usual * policy.burst_days * percent


def _returned_payments(look: Look) -> Iterable[Evidence]:
    amounts = {credit.id: Money(credit.amount, credit.currency) for credit in look.now.account.cash.credits}
    found = [Evidence(about="payment", subject=id, on=on, amount=amounts.get(id)) for id, on in look.now.returned]
    return _enough(found, look.policy.returned_payments)


def _short_pay_habit(look: Look) -> Iterable[Evidence]:
    short, paid = look.now.short, FEATURES["paid_items"].compute(look.now) or 0
    if len(short) * 100 < look.policy.short_percent * paid:
        return ()
    found = [
        Evidence(about="item", subject=each.item, on=_day(each.on), amount=Money(each.left, each.currency))
        for each in short
    ]
    return _enough(found, look.policy.short_items)


def _dispute_to_delay(look: Look) -> Iterable[Evidence]:
    found = [
        Evidence(about="dispute", subject=state.dispute.id, on=state.dispute.opened_on, amount=state.dispute.amount)
        for state in look.now.delays
    ]
    return _enough(found, look.policy.delaying_disputes)


def _selective_payment(look: Look) -> Iterator[Evidence]:
    """What is old and open, and what was paid since although it fell due later."""
    policy, now = look.policy, look.now
    if policy.selective_days is None:
        return
    left = [each for each in now.overdue if each.days >= policy.selective_days]
    oldest = min((each.due for each in left), default=None)
    if oldest is None:
        return
    partly = {each.item for each in left}
    chosen = {
        each.item: each for each in now.paid if each.item not in partly and each.due > oldest and each.on > oldest
    }
    if len(chosen) >= policy.selective_items:
        yield from (_item(each) for each in sorted(chosen.values(), key=_by_day)[-MOST_EVIDENCE // 2 :])
        yield from (_item(each, overdue=True) for each in sorted(left, key=_by_day)[-MOST_EVIDENCE // 2 :])


def _never_paid(look: Look) -> Iterable[Evidence]:
    policy, now = look.policy, look.now
    if policy.never_paid_days is None or now.paid:
        return ()
    left = [each for each in now.overdue if each.days >= policy.never_paid_days]
    return _enough([_item(each, overdue=True) for each in sorted(left, key=_by_day)], policy.never_paid_items)


def _pays_under_pressure(look: Look) -> Iterable[Evidence]:
    """The items that were paid only after so many letters, where they are more than the others."""
    policy, now = look.policy, look.now
    if policy.pressure_letters is None:
        return ()
    paid = {each.item: each for each in sorted(now.paid, key=_by_day) if now.within(each.on)}
    sent = Counter({item: sum(day.toordinal() <= paid[item].on for day in now.letters.get(item, ())) for item in paid})
    pressed = [each for item, each in paid.items() if sent[item] >= policy.pressure_letters]
    if 2 * len(pressed) <= len(paid):
        return ()
    return _enough([_item(each) for each in pressed], policy.pressure_items)


Detect = Callable[[Look], Iterable[Evidence]]

DETECTORS: Final[Mapping[str, Detect]] = {
    "utilization_and_slower": _utilization_and_slower,
    "promise_after_promise": _promise_after_promise,
    "order_burst": _order_burst,
    "returned_payments": _returned_payments,
    "short_pay_habit": _short_pay_habit,
    "dispute_to_delay": _dispute_to_delay,
    "selective_payment": _selective_payment,
    "never_paid": _never_paid,
    "pays_under_pressure": _pays_under_pressure,
}
"""Kind of a warning -> what finds it, as evidence: without any there is no warning."""


def _enough(found: Sequence[Evidence], least: int | None) -> Sequence[Evidence]:
    """The evidence, earliest first, where there is enough of it."""
    return sorted(found, key=lambda each: (each.on, each.subject)) if least is not None and len(found) >= least else ()


def _late(paid: Iterable[Paid]) -> Iterator[Evidence]:
    """The latest of what came late."""
    late = sorted((each for each in paid if each.days > 0), key=_by_day)
    yield from (_item(each) for each in late[-MOST_EVIDENCE // 2 :])


def _item(paid: Paid, *, overdue: bool = False) -> Evidence:
    """A payment of an item on its day, or what is open of one since its due date."""
    on = _day(paid.due if overdue else paid.on)
    return Evidence(about="item", subject=paid.item, on=on, amount=Money(paid.amount, paid.currency), days=paid.days)


def _by_day(paid: Paid) -> tuple[int, int, str]:
    return paid.on, -paid.days, paid.item


def _age(now: History, order: Order) -> int:
    return now.today - order.placed_on.toordinal()


def _day(ordinal: int) -> dt.date:
    return dt.date.fromordinal(ordinal)
