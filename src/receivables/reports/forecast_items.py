"""What of the open items is expected when: each part of an item by what was agreed about it, or by how its customer pays.

Of an open item so much as

- an announced payment is meant for comes on its day;
- a payment that is pending is meant for comes some days after its value date, and never before tomorrow;
- is promised comes on the day of the promise as likely as the customer keeps promises, and else as if it were open after it;
- a payment plan that performs covers is paid as if each installment were an item of its own, due on its day;
- is disputed is no cash, or comes as it would otherwise, so many days later: as the policy says;
- is left is paid as the customer pays.

Parts of one customer that come by the same rule and the same day stand as one amount: they are paid together or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_behavior import SCALE, Curves, Spread, spread
from receivables.state.account import Account
from receivables.state.view import View
from receivables.state.withheld import Withheld
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_days
from receivables.values.money import Money, exact

SOURCES: Final = ("announced", "payment", "promise", "plan", "dispute", "behavior")
"""By what something is expected; ``behavior`` is the customer's own."""


@final
@frozen(kw_only=True)
class AnnouncedPayment:
    """So much of an item that a payment on its way is meant for, with the day on which it is to be there.

    >>> AnnouncedPayment(account="ACME", item="INV-1", amount=Money.of(100, "EUR"), on=dt.date(2026, 3, 2)).item
    'INV-1'
    """

    account: str
    item: str
    amount: Money
    on: dt.date

    def __attrs_post_init__(self) -> None:
        checks.text("announced.account", self.account)
        checks.text("announced.item", self.item)
        checks.instance("announced.amount", self.amount, Money, "money")
        checks.day("announced.on", self.on)
        if self.amount.minor <= 0:
            raise InvalidValue("announced.amount", str(self.amount), "must be more than zero")


def announced_payments(account: Account, view: View) -> Iterator[AnnouncedPayment]:
    """The payments that were known with a value date after that of a view, and what they are meant for.

    A view has what is true on its date, so it does not show them.
    """
    as_of, known_at = view.as_of, view.known_at
    currencies = {item.id: item.currency for item in account.ledger.items}
    over = {fate.payment for fate in account.cash.fates if known_at is None or fate.recorded_at <= known_at}
    for each in account.cash.reservations:
        known = known_at is None or each.recorded_at <= known_at
        if known and each.effective_on > as_of and each.payment not in over and each.item in currencies:
            amount = Money(each.amount, currencies[each.item])
            yield AnnouncedPayment(account=view.account, item=each.item, amount=amount, on=each.effective_on)


class Portion(NamedTuple):
    """So much of a customer's debt, in minor units, that is paid at once, and when.

    ``open_after[n]`` is the part of `SCALE` that is still open ``n`` days after the date of the forecast. Of what is open at
    its end ``never`` is never paid, and of ``unknown`` nobody knows.
    """

    account: str
    currency: Currency
    source: str
    on: dt.date
    amount: int
    open_after: Sequence[int]
    never: int
    unknown: int = 0


class Parts(NamedTuple):
    """A view in parts: what is expected, and what is no cash (disputed) or cannot be said (undefined), by currency."""

    portions: tuple[Portion, ...]
    disputed: Mapping[Currency, int]
    undefined: Mapping[Currency, int]


_Group = tuple[Currency, str, dt.date, str]
"""Currency, source, the day that decides, and the arrangement, where it matters which."""


def portions_of(
    view: View, curves: Curves, policy: ForecastPolicy, days: int, announced: Iterable[AnnouncedPayment] = ()
) -> Parts:
    """The open items of a view in parts, each with when it is paid within so many days."""
    groups: dict[_Group, int] = {}
    for group, minor in _groups(view, policy, announced):
        groups[group] = groups.get(group, 0) + minor
    outlook = _Outlook(view, curves, policy, days)
    disputed = {each[0]: minor for each, minor in groups.items() if each[1] == "excluded"}
    undefined = {each[0]: minor for each, minor in groups.items() if each[1] == "undated"}
    portions = []
    for (currency, source, on, id), minor in groups.items():
        if source not in ("excluded", "undated"):
            open_after, never, unknown = outlook.of(source, on, id)
            portions.append(Portion(view.account, currency, source, on, minor, open_after, never, unknown))
    return Parts(tuple(portions), disputed, undefined)


# Which parts there are --------------------------------------------------------------------------------------------------


def _groups(view: View, policy: ForecastPolicy, announced: Iterable[AnnouncedPayment]) -> Iterator[tuple[_Group, int]]:
    """The parts of each open item; together they are what is open of it."""
    coming: dict[str, list[AnnouncedPayment]] = {}
    for each in announced:
        coming.setdefault(each.item, []).append(each)
    for book in view.books:
        for item, due, open_ in zip(book.items, book.due, book.open, strict=True):
            due_on = dt.date.fromordinal(due)
            if not view.withheld and not coming and item.due_on is not None:
                yield (book.currency, "behavior", due_on, ""), open_
                continue
            rest = open_
            for group, minor in _agreed(view, item.id, due_on, policy, coming.get(item.id, ())):
                taken = min(minor, rest)
                rest -= taken
                if taken:
                    yield (book.currency, *group), taken
            if rest:
                left = ("behavior", due_on) if item.due_on is not None else ("undated", dt.date.min)
                yield (book.currency, *left, ""), rest


def _agreed(
    view: View, item: str, due_on: dt.date, policy: ForecastPolicy, coming: Iterable[AnnouncedPayment]
) -> Iterator[tuple[tuple[str, dt.date, str], int]]:
    """What is agreed about an item, in the order in which it counts."""
    for each in coming:
        yield ("announced", each.on, ""), each.amount.minor
    for part in view.withheld_of.get(item, ()):
        if part.kind == "plan":
            yield from _installments(view, item, part)
        elif part.kind in _AGREED:
            source, on = _AGREED[part.kind](view, part, due_on, policy)
            yield (source, on, part.id if part.kind == "promise" else ""), part.amount


def _pending(view: View, part: Withheld, due_on: dt.date, policy: ForecastPolicy) -> tuple[str, dt.date]:
    return "payment", add_days(part.since, policy.pending_days)


def _disputed(view: View, part: Withheld, due_on: dt.date, policy: ForecastPolicy) -> tuple[str, dt.date]:
    return ("excluded", dt.date.min) if policy.disputed == "excluded" else ("dispute", due_on)


def _promised(view: View, part: Withheld, due_on: dt.date, policy: ForecastPolicy) -> tuple[str, dt.date]:
    return "promise", due_on


_AGREED: Final = {"payment": _pending, "dispute": _disputed, "promise": _promised}
"""Kind of an arrangement -> by what its part is expected, and the day that decides; a held part is paid as any other."""


def _installments(view: View, item: str, part: Withheld) -> Iterator[tuple[tuple[str, dt.date, str], int]]:
    """What a plan covers, by its installments; what ages by none of them is left to the due date of the item."""
    left = part.amount
    for each in view.replanned_of.get(item, ()):
        taken = min(each.amount, left)
        left -= taken
        yield ("plan", dt.date.fromordinal(each.plan_due), ""), taken


# When they are paid -----------------------------------------------------------------------------------------------------


class _Outlook:
    """When the parts of one view are paid, by their source."""

    def __init__(self, view: View, curves: Curves, policy: ForecastPolicy, days: int) -> None:
        self._view, self._curves, self._policy, self._days = view, curves, policy, days
        self._segment = view.customer.segment if view.customer is not None else ""
        self._promises = {state.promise.id: state for state in view.promises}

    def of(self, source: str, on: dt.date, id: str) -> tuple[Sequence[int], int, int]:
        """What is open after each day, what never comes, and of how much nobody knows."""
        if source in ("announced", "payment"):
            return _on_day(self._offset(on), self._days), 0, 0
        if source == "promise":
            return self._promise(on, id)
        delay = self._policy.dispute_delay_days if source == "dispute" else 0
        return self._by_behavior(on, delay)

    def _offset(self, day: dt.date) -> int:
        """The days from the date of the forecast to a day, which is tomorrow at the earliest."""
        return max(1, (day - self._view.as_of).days)

    def _by_behavior(self, due_on: dt.date, delay: int) -> tuple[Sequence[int], int, int]:
        """As the customer pays, from after a delay on."""
        later = min(delay, self._days)
        found = self._spread(due_on, self._view.as_of, self._days - later)
        if found is not None:
            return [*[SCALE] * later, *found.open_after], found.never, 0
        if self._policy.without_history == "due_date" and due_on > self._view.as_of:
            return _on_day(self._offset(due_on) + delay, self._days), 0, 0
        return [SCALE] * (self._days + 1), 0, SCALE

    def _spread(self, due_on: dt.date, open_on: dt.date, days: int) -> Spread | None:
        hazards = self._curves.hazards(self._segment, self._view.account, due_on)
        return None if hazards is None else spread(hazards, (open_on - due_on).days, days)

    def _promise(self, due_on: dt.date, id: str) -> tuple[Sequence[int], int, int]:
        """Kept on its day; or broken, and then paid as what is open after its last day."""
        state = self._promises[id]
        kept = self._kept()
        open_after = [each * kept // SCALE for each in _on_day(self._offset(state.promise.pay_by), self._days)]
        last = max(self._offset(state.last_day), 0)
        rest = SCALE - kept
        found = self._spread(due_on, add_days(self._view.as_of, last), max(0, self._days - last))
        if found is None:
            return [each + rest for each in open_after], 0, rest
        broken = [*[SCALE] * min(last, self._days + 1), *found.open_after][: self._days + 1]
        return (
            [one + other * rest // SCALE for one, other in zip(open_after, broken, strict=True)],
            found.never * rest // SCALE,
            0,
        )

    def _kept(self) -> int:
        """How likely the customer keeps a promise: what was decided, beside what the policy believes of anybody."""
        decided = [state.status for state in self._view.promises if state.status in ("kept", "partly_kept", "broken")]
        strength = self._policy.promise_strength
        believed = strength * exact("forecast_policy.promise_kept_percent", self._policy.promise_kept_percent) / 100
        share = Fraction(decided.count("kept") + believed) / (len(decided) + strength)
        return SCALE * share.numerator // share.denominator


def _on_day(offset: int, days: int) -> Sequence[int]:
    """All of it open before a day, and nothing from it on."""
    return [SCALE] * min(offset, days + 1) + [0] * max(0, days + 1 - offset)
