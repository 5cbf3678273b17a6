"""What stops an order whatever its amount: the reasons that are read from the account alone.

Each condition looks at the view and gives its reason or none; which are asked is a matter of the policy's settings. They
stand in the table `CONDITIONS` in their order of precedence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from receivables.documents.reason import Reason
from receivables.policies.credit_codes import CAN_CHANGE
from receivables.policies.credit_rules import CreditRules
from receivables.policies.exposure import Exposure, overdue_days
from receivables.policies.limits import Granted
from receivables.state.view import View
from receivables.values.money import Money


class Looked(NamedTuple):
    """What a condition looks at."""

    view: View
    granted: Granted
    exposure: Exposure
    rate_reason: Reason | None = None
    group_unset: bool = False


Found = tuple[int | None, Money | None]
"""The figure that goes with a reason: days, or an amount."""

_NONE: Found = (None, None)


def blocks(looked: Looked, settings: CreditRules) -> Iterator[Reason]:
    """The reasons that hold, in order of precedence.

    >>> import datetime as dt
    >>> from receivables import Account, CreditPolicy, Currency, Customer, Hold, fold
    >>> from receivables.facts.credit import HoldPlaced
    >>> from receivables.policies.exposure import exposure_on
    >>> day = dt.date(2026, 3, 2)
    >>> hold = Hold(id="H", account="ACME", placed_on=day, reason="asked for accounts")
    >>> placed = HoldPlaced(hold=hold, effective_on=day, recorded_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    >>> view = fold([placed], Account.of(Customer(id="ACME"))).view(day)
    >>> looked = Looked(view, Granted(limit=None, origin="none"), exposure_on(view, Currency.of("EUR")))
    >>> [str(reason) for reason in blocks(looked, CreditPolicy(id="standard", version=1))]
    ['hold', 'no_limit']
    """
    for code, condition in CONDITIONS.items():
        found = condition(looked, settings)
        if found is not None:
            yield Reason(code=code, days=found[0], amount=found[1], retryable=CAN_CHANGE[code])


def _hold(looked: Looked, settings: CreditRules) -> Found | None:
    return _NONE if looked.view.holds and looked.view.stopping("credit") else None


def _no_limit(looked: Looked, settings: CreditRules) -> Found | None:
    return _NONE if looked.granted.origin == "none" else None


def _no_group_limit(looked: Looked, settings: CreditRules) -> Found | None:
    return _NONE if looked.group_unset else None


def _limit_expired(looked: Looked, settings: CreditRules) -> Found | None:
    return _since(looked, looked.granted.expired_on)


def _review_overdue(looked: Looked, settings: CreditRules) -> Found | None:
    review_on = looked.granted.review_on
    return _since(looked, review_on) if review_on is not None and review_on < looked.view.as_of else None


def _since(looked: Looked, day: dt.date | None) -> Found | None:
    return None if day is None else ((looked.view.as_of - day).days, None)


def _rate(code: str) -> Callable[[Looked, CreditRules], Found | None]:
    def found(looked: Looked, settings: CreditRules) -> Found | None:
        reason = looked.rate_reason
        return (reason.days, None) if reason is not None and reason.code == code else None

    return found


def _risk_class(looked: Looked, settings: CreditRules) -> Found | None:
    return _NONE if answer_to_class(looked.view, settings) is not None else None


def answer_to_class(view: View, settings: CreditRules) -> str | None:
    """What the policy answers to the risk class of a customer; ``None`` where it names no such class."""
    return dict(settings.risk_classes).get(view.risk.risk_class or "") if settings.risk_classes else None


def _dunning_step(looked: Looked, settings: CreditRules) -> Found | None:
    """One step is enough, on an item that is open and whose dunning nothing stops."""
    view = looked.view
    reached = (each.item for each in view.ladders if each.step in settings.stop_steps and each.item not in view.closed)
    return _NONE if settings.stop_steps and any(_is_dunned(view, item) for item in reached) else None


def _is_dunned(view: View, item: str) -> bool:
    return item in view.places and not view.stopping("dunning", item) and view.free(item).minor > 0


def _returned_payment(looked: Looked, settings: CreditRules) -> Found | None:
    if settings.returned_payment_days is None or not looked.view.returned:
        return None
    days = (looked.view.as_of - max(on for _, on in looked.view.returned)).days
    return (days, None) if days <= settings.returned_payment_days else None


def _broken_promise(looked: Looked, settings: CreditRules) -> Found | None:
    if settings.broken_promises is None:
        return None
    today = looked.view.as_of
    broken = [each for each in looked.view.promises if each.status in ("broken", "partly_kept")]
    days = [(today - each.decided_on).days for each in broken if each.decided_on is not None]
    recent = [count for count in days if count <= settings.promise_days]
    return (min(recent), None) if len(recent) >= settings.broken_promises else None


def _overdue(looked: Looked, settings: CreditRules) -> Found | None:
    if settings.hold_overdue_days is None:
        return None
    days = overdue_days(looked.view)
    return (days, None) if days > settings.hold_overdue_days else None


def _overdue_share(looked: Looked, settings: CreditRules) -> Found | None:
    """More than so many percent of what is open, disputed or not: the share itself is no breach."""
    if settings.overdue_share_percent is None:
        return None
    used = looked.exposure
    overdue, owed = used.of("overdue"), used.of("open") + used.of("overdue") + used.of("disputed")
    exceeds = 100 * overdue > settings.overdue_share_percent * owed
    return (None, Money(overdue, used.currency)) if exceeds else None


CONDITIONS: Mapping[str, Callable[[Looked, CreditRules], Found | None]] = {
    "hold": _hold,
    "no_limit": _no_limit,
    "no_group_limit": _no_group_limit,
    "limit_expired": _limit_expired,
    "review_overdue": _review_overdue,
    "rate_missing": _rate("rate_missing"),
    "rate_stale": _rate("rate_stale"),
    "risk_class": _risk_class,
    "dunning_step": _dunning_step,
    "returned_payment": _returned_payment,
    "broken_promise": _broken_promise,
    "overdue": _overdue,
    "overdue_share": _overdue_share,
}
"""Code -> what it looks for, in order of precedence."""
