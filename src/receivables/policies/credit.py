"""Credit policy: what counts against a limit, and what an order is answered.

The exposure is the sum of the components that the policy counts: what is open, disputed, delivered, ordered and drafted, less
what is on account. A limit of ``None`` is unlimited and a limit of zero is zero. Everything that does not depend on the order
is worked out once, as the `CreditStanding` of an account in a currency; an order is then one comparison.

The codes of the reasons stand in `receivables.policies.credit_codes`, in order of precedence. A decision lists all that
apply, and the worst answer of the policy to any of them is the answer to the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import final

from attrs import frozen

from receivables.documents.credit import Order
from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue
from receivables.policies.credit_check import group_standing_of, standing_of
from receivables.policies.credit_codes import ANSWERS, DEFAULT_ANSWERS, INSTEAD, RANK, RATE_CODES, TO_REASONS
from receivables.policies.credit_rules import GroupStanding
from receivables.policies.credit_standing import CreditDecision, CreditOutcome, CreditStanding
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.exposure import COUNTED, SIGNS, Exposure, currencies_of, exposure_of, exposure_on
from receivables.policies.exposure import overdue_days as oldest_overdue_days
from receivables.policies.limits import Granted, LimitDefault, granted_on, insured_on, limit_on
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

__all__ = [
    "ANSWERS",
    "CreditDecision",
    "CreditOutcome",
    "CreditPolicy",
    "CreditStanding",
    "GroupStanding",
    "SubLimit",
    "exposure_of",
    "limit_on",
    "oldest_overdue_days",
]

SUB_LIMITS = (*(component for component, sign in SIGNS.items() if sign > 0), "own_risk")
"""What can have a part of the limit of its own: a component, or what is not insured."""

_STOPS = ("hold", "refuse")
"""What can be answered where the use of a limit cannot be said: without a rate nothing is guessed, so nothing is let go."""

OVERLAPS = ("replace", "refuse")
"""What a limit does to another of its kind that holds on the same days."""

_DAILY = ExchangePolicy(id="daily", version=1)
_EXCEEDED = frozenset({"limit_exceeded", "group_limit_exceeded", *(f"{name}_sub_limit" for name in SUB_LIMITS)})
_UNSET = frozenset({"no_limit", "no_group_limit"})


@final
@frozen(kw_only=True)
class SubLimit:
    """How much of the exposure one component may be: a component of its own name, or ``own_risk``, what is not insured.

    >>> SubLimit(component="ordered", amount=Money.of(150, "EUR")).code
    'ordered_sub_limit'
    """

    component: str
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.one_of("sub_limit.component", self.component, SUB_LIMITS)
        checks.instance("sub_limit.amount", self.amount, Money, "money")
        if self.amount.minor < 0:
            raise InvalidValue("sub_limit.amount", str(self.amount), "must not be negative")

    @property
    def code(self) -> str:
        """The code of its breach."""
        return f"{self.component}_sub_limit"


@final
@frozen(kw_only=True)
class CreditPolicy:
    """How orders are checked against limits.

    What counts: ``counts`` names the components of the exposure; ``count_orders`` and ``less_on_account`` leave out all of
    orders, or what is on account. An item is overdue after ``overdue_margin_days``, an order counts from ``horizon_days``
    before its delivery. ``sub_limits`` are parts of the limit for components.

    Which limit: ``defaults`` for who has none of its own, ``inherit_group`` lets the limit of the group stand in for it,
    ``insured_raises`` makes it at least what is insured. ``limit_currency`` is the currency in which all exposure is
    limited, converted by rates as ``exchange`` takes them. ``overlaps`` says whether a limit replaces another of its kind
    on the days of both, or is refused.

    What stops an order: ``hold_overdue_days`` (an item overdue for more), ``overdue_share_percent`` (more of what is open is
    overdue), ``returned_payment_days`` (a payment came back within so many days), ``broken_promises`` (so many within
    ``promise_days``), ``stop_steps`` (names of dunning steps), ``risk_classes`` (pairs of a class and an answer), and
    ``agreed_terms`` (an order that asks for others). ``warn_percent``: an order that takes the exposure above this share of
    the limit is warned.

    Who is not checked: customers with one of ``excluded_tags``, orders of ``excluded_kinds``, orders below the amount of
    ``unchecked_below`` of their currency. A hold stops them all the same.

    What is answered: ``exceeded`` where a limit is exceeded, ``no_limit`` where none was ever set, and for any code what
    ``answers`` says, as pairs of a code and ``ignore``, ``warn``, ``hold`` or ``refuse``; a rate that is missing or too old is
    neither ignored nor warned of. A limit whose breach is ignored binds nothing and is not watched. What is said short of a
    breach, ``near_limit`` and ``rate_breach``, is answered no worse than the breach itself: anything else is `InvalidValue`,
    because a larger order would be answered better than a smaller one. ``alert_percents`` are the shares of the limit at which
    staff is told.

    >>> policy = CreditPolicy(id="standard", version=1, hold_overdue_days=30, answers=(("overdue", "refuse"),))
    >>> policy.answer("overdue"), policy.answer("limit_exceeded"), policy.answer("review_overdue")
    ('refuse', 'hold', 'warn')
    >>> CreditPolicy(id="odd", version=1, warn_percent=90, answers=(("near_limit", "refuse"),))
    Traceback (most recent call last):
    receivables.errors.InvalidValue: credit_policy.answers: must not be worse than 'limit_exceeded: hold', got 'near_limit: refuse'
    """

    id: str
    version: int
    hold_overdue_days: int | None = None
    warn_percent: int | None = None
    exceeded: str = "hold"
    no_limit: str = "hold"
    count_orders: bool = True
    less_on_account: bool = True
    counts: frozenset[str] = COUNTED
    overdue_margin_days: int = 0
    horizon_days: int | None = None
    sub_limits: tuple[SubLimit, ...] = ()
    defaults: tuple[LimitDefault, ...] = ()
    inherit_group: bool = False
    insured_raises: bool = False
    limit_currency: Currency | None = None
    exchange: ExchangePolicy | None = None
    overlaps: str = "replace"
    overdue_share_percent: int | None = None
    returned_payment_days: int | None = None
    broken_promises: int | None = None
    promise_days: int = 90
    stop_steps: frozenset[str] = frozenset()
    risk_classes: tuple[tuple[str, str], ...] = ()
    agreed_terms: tuple[str, ...] = ()
    excluded_tags: frozenset[str] = frozenset()
    excluded_kinds: frozenset[str] = frozenset()
    unchecked_below: tuple[Money, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    alert_percents: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("credit_policy.id", self.id)
        checks.whole("credit_policy.version", self.version, least=1)
        for name, least, most in _WHOLE:
            if getattr(self, name) is not None:
                checks.whole(f"credit_policy.{name}", getattr(self, name), least=least, most=most)
        for name, choices in _CHOICES:
            checks.one_of(f"credit_policy.{name}", getattr(self, name), choices)
        for name in ("count_orders", "less_on_account", "inherit_group", "insured_raises"):
            checks.instance(f"credit_policy.{name}", getattr(self, name), bool, "true or false")
        for name, kind, wanted in _SEQUENCES:
            checks.sequence(f"credit_policy.{name}", getattr(self, name), kind, wanted)
        for name in ("counts", "stop_steps", "excluded_tags", "excluded_kinds"):
            _check_names(f"credit_policy.{name}", getattr(self, name))
        _check_parts(self)
        _check_answers(self)

    @cached_property
    def counted(self) -> frozenset[str]:
        """The components that count."""
        left_out = set() if self.count_orders else {"ordered", "delivered", "draft"}
        return self.counts - left_out - (set() if self.less_on_account else {"unapplied"})

    @cached_property
    def _answers(self) -> Mapping[str, str]:
        given = dict.fromkeys(_EXCEEDED, self.exceeded)
        given |= dict.fromkeys(_UNSET, "ignore" if self.no_limit == "approve" else self.no_limit)
        return {**DEFAULT_ANSWERS, "risk_class": "hold", **given, **dict(self.answers)}

    def answer(self, code: str) -> str:
        """What is answered to a code: ``ignore``, ``warn``, ``hold`` or ``refuse``."""
        return self._answers[code]

    def leaves_out(self, order: Order) -> bool:
        """Whether an order is not checked, because of its kind or its amount."""
        amount = order.amount
        small = any(each.currency == amount.currency and amount.minor < each.minor for each in self.unchecked_below)
        return small or order.kind in self.excluded_kinds

    def exposure(self, view: View, currency: str | Currency) -> Exposure:
        """What an account uses in a currency, by component, the insured part included."""
        money = Currency.of(currency) if isinstance(currency, str) else currency
        used = exposure_on(view, money, margin_days=self.overdue_margin_days, horizon_days=self.horizon_days)
        return used.with_insured(insured_on(view.limits, money, view.as_of), self.counted)

    def granted(self, view: View, currency: Currency, group: GroupStanding | None = None) -> Granted:
        """The limit of an account in a currency, and where it comes from."""
        return granted_on(
            view.limits,
            currency,
            view.as_of,
            customer=view.customer,
            defaults=self.defaults,
            insured_raises=self.insured_raises,
            by_group=self.inherit_group and group is not None and not group.unset,
        )

    def exposures(self, view: View) -> tuple[Exposure, ...]:
        """What an account uses in each currency in which there is anything, by code."""
        money = sorted(currencies_of(view), key=lambda currency: currency.code)
        return tuple(self.exposure(view, currency) for currency in money)

    def limited_in(self, view: View) -> tuple[Currency, ...]:
        """The currencies in which the use of a limit can be told, by code: that of all limits, or each of the account."""
        if self.limit_currency is not None:
            return (self.limit_currency,)
        found = currencies_of(view) | {limit.currency for limit in view.limits}
        return tuple(sorted(found | {each.currency for each in self.defaults}, key=lambda currency: currency.code))

    @cached_property
    def parts(self) -> tuple[tuple[str, Money], ...]:
        """The parts of the limit: component and amount."""
        return tuple((each.component, each.amount) for each in self.sub_limits)

    @property
    def rate_policy(self) -> ExchangePolicy:
        """Which rates are taken: those of the day, where nothing else is said."""
        return self.exchange or _DAILY

    def standing(
        self,
        view: View,
        currency: str | Currency,
        group: GroupStanding | None = None,
        rates: Sequence[ExchangeRate] = (),
    ) -> CreditStanding:
        """The exposure, the limit and the blocks of an account in a currency; ``group`` adds the group's.

        >>> import datetime as dt
        >>> from receivables import Account, CreditLimit, Customer, Invoice
        >>> invoice = Invoice.due(number="1", account="ACME", issued_on=dt.date(2026, 1, 5),
        ...                       total=Money.of(6500, "EUR"), due_on=dt.date(2026, 2, 4))
        >>> limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(10_000, "EUR"),
        ...                     valid_from=dt.date(2026, 1, 1))
        >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], limits=[limit])
        >>> policy = CreditPolicy(id="standard", version=1)
        >>> standing = policy.standing(account.view(dt.date(2026, 1, 31)), "EUR")
        >>> print(standing.check(Money.of(3500, "EUR")))
        approved
        >>> print(standing.check(Money.of(4500, "EUR")))
        held: limit_exceeded (1000.00 EUR)
        """
        money = Currency.of(currency) if isinstance(currency, str) else currency
        return standing_of(self, view, money, group, rates)

    def group_standing(
        self,
        group: str,
        limits: View,
        members: Sequence[View],
        currency: Currency,
        rates: Sequence[ExchangeRate] = (),
    ) -> GroupStanding:
        """The common limit of a group and what all its members use; ``limits`` is the view of the group's own account."""
        return group_standing_of(self, group, limits, members, currency, rates)


_WHOLE: tuple[tuple[str, int, int | None], ...] = (
    ("hold_overdue_days", 0, None),
    ("warn_percent", 1, 100),
    ("overdue_margin_days", 0, None),
    ("horizon_days", 0, None),
    ("overdue_share_percent", 0, 100),
    ("returned_payment_days", 0, None),
    ("broken_promises", 1, None),
    ("promise_days", 0, None),
)
_CHOICES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("exceeded", ("hold", "refuse")),
    ("no_limit", ANSWERS),
    ("overlaps", OVERLAPS),
)
_SEQUENCES: tuple[tuple[str, type, str], ...] = (
    ("sub_limits", SubLimit, "sub-limits"),
    ("defaults", LimitDefault, "defaults"),
    ("risk_classes", tuple, "pairs of a class and an answer"),
    ("agreed_terms", str, "texts"),
    ("unchecked_below", Money, "amounts"),
    ("answers", tuple, "pairs of a code and an answer"),
    ("alert_percents", int, "whole numbers"),
)


def _check_names(field: str, names: object) -> None:
    checks.instance(field, names, frozenset, "a frozenset of texts")
    for name in names if isinstance(names, frozenset) else ():
        checks.text(field, name)


def _check_parts(policy: CreditPolicy) -> None:
    """The settings that have rules of their own."""
    for name in sorted(policy.counts):
        checks.one_of("credit_policy.counts", name, tuple(SIGNS))
    for at, (code, answer) in enumerate(_pairs("credit_policy.answers", policy.answers)):
        checks.one_of(f"credit_policy.answers[{at}]", code, frozenset(RANK) - {"not_checked", "risk_class"})
        checks.one_of(f"credit_policy.answers[{at}]", answer, _STOPS if code in RATE_CODES else TO_REASONS)
    for at, (risk_class, answer) in enumerate(_pairs("credit_policy.risk_classes", policy.risk_classes)):
        checks.text(f"credit_policy.risk_classes[{at}]", risk_class)
        checks.one_of(f"credit_policy.risk_classes[{at}]", answer, TO_REASONS)
    for percent in policy.alert_percents:
        checks.whole("credit_policy.alert_percents", percent, least=1)
    if list(policy.alert_percents) != sorted(set(policy.alert_percents)):
        raise InvalidValue("credit_policy.alert_percents", policy.alert_percents, "must rise")
    if policy.limit_currency is not None:
        checks.instance("credit_policy.limit_currency", policy.limit_currency, Currency, "a currency")
    if policy.exchange is not None:
        checks.instance("credit_policy.exchange", policy.exchange, ExchangePolicy, "an exchange policy")
    _check_once("credit_policy.sub_limits", [(each.component, each.amount.currency.code) for each in policy.sub_limits])
    _check_once("credit_policy.defaults", [(each.currency.code, each.segment) for each in policy.defaults])
    _check_once("credit_policy.unchecked_below", [each.currency.code for each in policy.unchecked_below])


def _check_answers(policy: CreditPolicy) -> None:
    """That nothing is answered worse than what is said in its place of a larger order.

    A share of the limit is watched only where the policy names one, rates move only what is converted, and an ignored limit is
    no bound.
    """
    said = {"near_limit": policy.warn_percent is not None, "rate_breach": policy.limit_currency is not None}
    for code, worse in INSTEAD:
        answers = policy.answer(code), policy.answer(worse)
        ignored = worse in _EXCEEDED and answers[1] == "ignore"
        if said[code] and said.get(worse, not ignored) and TO_REASONS.index(answers[0]) > TO_REASONS.index(answers[1]):
            wanted = f"must not be worse than {f'{worse}: {answers[1]}'!r}"
            raise InvalidValue("credit_policy.answers", f"{code}: {answers[0]}", wanted)


def _pairs(field: str, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    for at, pair in enumerate(pairs):
        if len(pair) != 2:
            raise InvalidValue(f"{field}[{at}]", pair, "must be a pair")
    _check_once(field, [name for name, _ in pairs])
    return pairs


def _check_once(field: str, keys: Sequence[object]) -> None:
    if len(set(keys)) != len(keys):
        raise InvalidValue(field, list(map(str, keys)), "must not name one twice")
