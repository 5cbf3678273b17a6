"""Where an account stands, and what an order is answered there: everything that does not depend on the order is done once.

An order is then one comparison with the largest amount to which nothing is said. Only where it is more, or where the order
itself gives a reason, the reasons are worked out, and only when someone looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cached_property
from typing import final

from attrs import frozen

from receivables.documents.credit import Order
from receivables.documents.credit_record import CreditRecord, ExposurePart
from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.credit_codes import CAN_CHANGE, RANK, TO_REASONS
from receivables.policies.credit_rates import Bound, added
from receivables.policies.credit_rules import CreditRules, GroupStanding
from receivables.policies.exposure import Exposure
from receivables.policies.limits import Granted
from receivables.values.currencies import Currency
from receivables.values.money import Money


class CreditOutcome(Enum):
    """What an order is answered, from best to worst."""

    APPROVED = "approved"
    WARNED = "warned"
    HELD = "held"
    REFUSED = "refused"


_OUTCOME_OF = {
    "ignore": CreditOutcome.APPROVED,
    "warn": CreditOutcome.WARNED,
    "hold": CreditOutcome.HELD,
    "refuse": CreditOutcome.REFUSED,
}
_BLOCKING = frozenset({"hold", "refuse"})


@final
@frozen
class CreditDecision:
    """The answer to an order, with every reason; ``approved`` is true for a warning too.

    The reasons are worked out when someone looks: most orders are approved, and most decisions are only counted.

    >>> from receivables import CreditPolicy
    >>> standing = CreditStanding(policy=CreditPolicy(id="standard", version=1), account="ACME",
    ...                           currency=Currency.of("EUR"), limit=100_000, exposure=90_000, group=None, blocks=(),
    ...                           bounds=(Bound("limit_exceeded", Currency.of("EUR"), 100_000, 90_000),))
    >>> decision = standing.check(Money.of(150, "EUR"))
    >>> decision.approved, str(decision)
    (False, 'held: limit_exceeded (50.00 EUR)')
    """

    standing: CreditStanding
    amount: int | None
    """Minor units, or ``None`` where nothing speaks against it."""
    extra: tuple[Reason, ...] = ()
    """What the order itself gives reason to."""

    @property
    def approved(self) -> bool:
        """Whether the order may go ahead."""
        amount = self.amount
        if self.extra:
            return self.outcome in (CreditOutcome.APPROVED, CreditOutcome.WARNED)
        return amount is None or self.standing.allows(amount)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons, in order of precedence."""
        if self.amount is None:
            return self.extra
        return tuple(sorted((*self.standing.reasons(self.amount), *self.extra), key=_rank))

    @cached_property
    def outcome(self) -> CreditOutcome:
        """The answer."""
        return self.standing.outcome(self.reasons)

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        return f"{self.outcome.value}: {because}" if because else self.outcome.value


def _rank(reason: Reason) -> int:
    return RANK[reason.code]


@final
@frozen(kw_only=True)
class CreditStanding:
    """Where an account stands in a currency; everything about a decision that does not depend on the order.

    ``limit`` and ``exposure`` are minor units of ``limit_currency``, which is the currency of the order unless the policy
    names another; ``limit`` ``None`` is unlimited. ``used`` has the exposure by component, in the currency of the order.
    """

    policy: CreditRules
    account: str
    currency: Currency
    limit: int | None
    exposure: int
    group: GroupStanding | None
    blocks: tuple[Reason, ...]
    bounds: tuple[Bound, ...]
    granted: Granted | None = None
    used: tuple[Exposure, ...] = ()
    rates: tuple[ExchangeRate, ...] = ()
    covers: Currency | None = None
    risk_answer: str | None = None
    left_out: bool = False

    @property
    def limit_currency(self) -> Currency:
        """The currency of limit and exposure."""
        return self.currency if self.covers is None else self.covers

    @cached_property
    def free(self) -> int | None:
        """The largest amount to which nothing is said: ``None`` where there is no bound, below zero where there is none."""
        if self.blocks:
            return -1
        rooms = [bound.room for bound in self.bounds]
        watched = self._watched
        if watched is not None and self.policy.warn_percent is not None:
            rooms.append(watched.watch_room(self.policy.warn_percent))
        return min(rooms, default=None)

    @cached_property
    def bound(self) -> int | None:
        """The largest amount that is approved at all, with warnings or without.

        Where the policy stops at the share that it watches, orders are approved up to that. A policy answers nothing worse than
        what is said in its place of a larger order, so all up to the largest are.
        """
        if any(self.blocks_by(reason.code) for reason in self.blocks):
            return -1
        binding = [bound for bound in self.bounds if self.blocks_by(bound.code)]
        lenient = not self.blocks_by("rate_breach")
        rooms = [bound.room_then if lenient else bound.room for bound in binding]
        watched, percent = self._watched, self.policy.warn_percent
        if watched is not None and percent is not None and self.blocks_by("near_limit"):
            rooms.append(watched.watch_room(percent))
        return min(rooms, default=None)

    @property
    def _watched(self) -> Bound | None:
        watched = self.policy.warn_percent is not None and self.answer("near_limit") != "ignore"
        return next((bound for bound in self.bounds if bound.code == "limit_exceeded"), None) if watched else None

    def check(self, amount: Money) -> CreditDecision:
        """The answer to an order of this amount; reserves nothing. `InvalidValue` for a negative amount."""
        currency = self.currency
        if amount.currency is not currency and amount.currency != currency:
            raise CurrencyMismatch(amount, currency.code)
        minor, free = amount.minor, self.free
        if minor < 0:
            raise InvalidValue("order.amount", str(amount), "must not be negative")
        if free is None or minor <= free:
            return self.clear
        return CreditDecision(self, minor)

    def decide(self, order: Order) -> CreditDecision:
        """The answer to an order, with what the order itself gives reason to."""
        if self.left_out or self.policy.leaves_out(order):
            stops = tuple(reason for reason in self.blocks if reason.code == "hold")
            return CreditDecision(self, None, (Reason(code="not_checked", retryable=False), *stops))
        decision = self.check(order.amount)
        agreed = self.policy.agreed_terms
        if not order.terms or not agreed or order.terms in agreed or self.answer("terms_changed") == "ignore":
            return decision
        changed = Reason(code="terms_changed", retryable=CAN_CHANGE["terms_changed"])
        return CreditDecision(self, decision.amount, (changed,))

    @cached_property
    def clear(self) -> CreditDecision:
        """The answer to every order that nothing speaks against."""
        return CreditDecision(self, None)

    def allows(self, amount: int) -> bool:
        """Whether an order of so many minor units is approved, with a warning or without."""
        bound = self.bound
        return bound is None or amount <= bound

    def reasons(self, amount: int) -> tuple[Reason, ...]:
        """What speaks against an order of so many minor units, in order of precedence."""
        if self.free is None or amount <= self.free:
            return ()
        found = [*self.blocks, *(_exceeded(bound, amount) for bound in self.bounds if bound.shortfall(amount) > 0)]
        watched, percent = self._watched, self.policy.warn_percent
        if watched is not None and percent is not None and watched.watch_room(percent) < amount <= watched.room:
            found.append(_reason("near_limit", -watched.shortfall(amount), watched.currency))
        kept = (reason for reason in found if self.answer(reason.code) != "ignore")
        return tuple(sorted(kept, key=_rank))

    def answer(self, code: str) -> str:
        """What the policy answers to a code here."""
        if code == "risk_class" and self.risk_answer is not None:
            return self.risk_answer
        return self.policy.answer(code)

    def blocks_by(self, code: str) -> bool:
        """Whether a reason of this code stops an order here."""
        return self.answer(code) in _BLOCKING

    def largest(self, amounts: Sequence[Money]) -> Money:
        """The largest of some amounts; of several currencies the one that is most in that of the limit, converted to it."""
        money = self.limit_currency
        if len({each.currency for each in amounts}) == 1:
            return max(amounts)
        factor = next((bound.factor for bound in self.bounds if bound.currency == money), None)
        minor = (each.minor if each.currency == money else added(each.minor, factor) for each in amounts)
        return Money(max(minor), money)

    def outcome(self, reasons: Sequence[Reason]) -> CreditOutcome:
        """The answer that reasons come to: the worst of what the policy says to each."""
        given = {self.answer(reason.code) for reason in reasons}
        return _OUTCOME_OF[next((each for each in reversed(TO_REASONS) if each in given), "ignore")]

    def record(self, overrode: Sequence[Reason] = (), approver: str | None = None, because: str = "") -> CreditRecord:
        """What a decision here was based on, for its fact."""
        money, granted, group = self.limit_currency, self.granted, self.group
        return CreditRecord(
            currency=money,
            limit=None if self.limit is None else Money(self.limit, money),
            origin=granted.origin if granted is not None else "none",
            limit_from=granted.base.valid_from if granted is not None and granted.base is not None else None,
            exposure=Money(self.exposure, money),
            parts=tuple(_parts(self.used, self.policy.counted)),
            group=group.group if group is not None else None,
            group_limit=Money(group.limit, money) if group is not None and group.limit is not None else None,
            group_exposure=Money(group.exposure, money) if group is not None else None,
            rates=self.rates,
            overrode=tuple(overrode),
            approver=approver,
            because=because,
        )

    @property
    def headroom(self) -> int | None:
        """What is left of the limit, in its minor units, below zero where it is exceeded; ``None`` is unlimited."""
        return None if self.limit is None else self.limit - self.exposure

    @property
    def utilization_percent(self) -> int | None:
        """The exposure as a whole percentage of the limit, rounded down; ``None`` where there is no limit to divide by."""
        return self.exposure * 100 // self.limit if self.limit else None

    def rows(self) -> list[dict[str, object]]:
        """The standing as plain dicts."""
        limit = None if self.limit is None else str(Money(self.limit, self.limit_currency).amount)
        return [
            {
                "account": self.account,
                "currency": self.limit_currency.code,
                "limit": limit,
                "exposure": str(Money(self.exposure, self.limit_currency).amount),
                "utilization_percent": self.utilization_percent,
                "blocks": tuple(map(str, self.blocks)),
            }
        ]


def _exceeded(bound: Bound, amount: int) -> Reason:
    code = "rate_breach" if bound.by_rate_alone(amount) else bound.code
    return _reason(code, bound.shortfall(amount), bound.currency)


def _reason(code: str, minor: int, currency: Currency) -> Reason:
    return Reason(code=code, amount=Money(minor, currency), retryable=CAN_CHANGE[code])


def _parts(used: Iterable[Exposure], counted: frozenset[str]) -> Iterable[ExposurePart]:
    for each in used:
        for component, amount in each.signed():
            if component in counted:
                yield ExposurePart(component=component, amount=Money(amount, each.currency))
