"""Settings of the worklist: why an account needs a person, how much each reason counts, and what to do about it next.

1. A reason has a code, what it is about, and points. All reasons of an account stand on its line; the points add up.
2. What to do next is what the reason with the most points asks for, of two the one that comes first in `WORK_REASONS`.
   While a hold stops contact nobody is called or written to: then the first reason that asks for something else decides.
3. Points order a list and take nothing off it. Only a code that the policy ignores does, and the list says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, final

import attrs
from attrs import frozen

from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

ACTIONS: Final[Mapping[str, str]] = {
    "call": "reach the customer and ask for the money",
    "send": "see that a letter reaches the customer",
    "approve": "answer what waits for a yes or no",
    "settle": "settle a dispute, or what a payment is",
    "escalate": "hand it to whoever may sue or demand all at once",
    "place": "place it with an agency or a lawyer",
    "write_off": "write it off",
    "apply_cash": "apply the money, or give it back",
    "review": "look at the limit, the class or the settings",
    "report": "tell a credit bureau",
    "assign": "give the account to a collector",
}
"""What a person can do next, with what it means."""

CONTACTS: Final = frozenset({"call", "send"})
"""The actions that a hold on contact stops."""

KEYS: Final = ("points", "urgency", "worth", "age", "reasons", "account")
"""The names by which a list can be ordered, each the most pressing first."""


class WorkCode(NamedTuple):
    """Why an account needs a person: the code, what it says, the figures with it, its points and what it asks for."""

    code: str
    says: str
    figure: str
    points: int
    action: str


WORK_REASONS: Final = (
    WorkCode("claim_lapses", "a claim lapses soon", "what is open of it, days left", 100, "escalate"),
    WorkCode("plan_defaulted", "a payment plan is in default", "what is left, days since", 80, "escalate"),
    WorkCode("promise_broken", "nothing came of what was promised", "what is left, days since", 70, "call"),
    WorkCode("next_action_due", "something that was planned is to be done", "days since", 60, "call"),
    WorkCode("ladder_finished", "the last dunning step was sent, and it is not paid", "what is free", 60, "place"),
    WorkCode("order_held", "an order is held", "the order, days since", 60, "approve"),
    WorkCode("promise_partly_kept", "only a part came of what was promised", "what is left, days since", 50, "call"),
    WorkCode("approval_waits", "somebody asked for an approval", "the amount, days left", 50, "approve"),
    WorkCode("request_waits", "the customer asked for something", "days since", 50, "approve"),
    WorkCode("big_overdue", "a large amount is overdue", "what is overdue, days of the oldest", 50, "call"),
    WorkCode("application_waits", "an application for credit is to be decided", "", 45, "approve"),
    WorkCode("notice_unknown", "nobody knows whether a letter went out", "what it demands, days since", 40, "send"),
    WorkCode("notice_failed", "a letter could not be delivered", "what it demands, days since", 40, "send"),
    WorkCode("notice_waits", "a letter waits for approval", "what it demands, days since", 40, "approve"),
    WorkCode("dispute_over_age", "a dispute is open for long", "what is disputed, days since", 40, "settle"),
    WorkCode("early_warning", "a pattern that often comes before a loss was found", "", 40, "call"),
    WorkCode("risk_class_worsened", "the customer moved to a worse class", "days since", 40, "review"),
    WorkCode("payment_undecided", "an announced payment neither came nor failed", "the amount, days since", 30, "settle"),
    WorkCode("bureau_owed", "a credit bureau is to be told of a change", "what is owed, days left", 40, "report"),
    WorkCode("limit_expired", "the credit limit ended and was not renewed", "the limit, days since", 30, "review"),
    WorkCode("claim_barred", "a claim has lapsed", "what is open of it, days since", 30, "write_off"),
    WorkCode("dunning_stuck", "dunning cannot go on: a policy, a step or a contact is missing", "what is free", 30, "review"),
    WorkCode("unapplied_cash", "money or a credit note is on account", "the amount", 25, "apply_cash"),
    WorkCode("notice_rejected", "a person stopped a letter, and nothing follows it", "what it demands, days since", 20, "call"),
    WorkCode("write_off_proposed", "the policy proposes to write something off", "the amount", 20, "write_off"),
    WorkCode("limit_review", "the credit limit is to be reviewed", "the limit, days since", 15, "review"),
    WorkCode("no_collector", "nobody looks after what is overdue", "what is overdue", 10, "assign"),
)  # fmt: skip
"""Every reason, the one that says most of itself first."""

CODES: Final[Mapping[str, WorkCode]] = {row.code: row for row in WORK_REASONS}
URGENCY: Final[Mapping[str, int]] = {row.code: at for at, row in enumerate(WORK_REASONS)}


@final
@frozen(kw_only=True, weakref_slot=False)
class WorkReason:
    """One reason why an account needs a person: what it is about (``subject``), the figures, and its points.

    ``asks`` is what it asks for where that is another action than that of its code.

    >>> print(WorkReason(code="promise_broken", subject="PTP-1", amount=Money.of(300, "EUR"), days=4, points=70))
    promise_broken PTP-1 (300.00 EUR, 4 days)
    """

    code: str
    subject: str
    amount: Money | None = None
    days: int | None = None
    points: int = 0
    asks: str | None = None

    @property
    def figures(self) -> Reason:
        """The code with its figures, as decisions carry it."""
        return Reason(code=self.code, amount=self.amount, days=self.days)

    def __str__(self) -> str:
        code, _, rest = str(self.figures).partition(" ")
        return " ".join(part for part in (code, self.subject, rest) if part)


@final
@frozen(kw_only=True)
class WorklistPolicy:
    """What makes an account need a person, how much each reason counts, and the order of the list.

    ``order`` are names of `KEYS`, compared one after the other; the account decides last. ``points`` and ``actions`` say for
    a code what counts instead of the default. ``ignored`` codes are no reason. ``big_overdue`` are amounts by currency: an
    account that owes more than that, overdue and kept back by nothing, is a reason by itself. ``unapplied_from``: less than
    that on account is none. ``worth`` are amounts of equal worth, by which amounts of several currencies compare; without
    one a currency counts by its main unit. ``wants_collector`` says that every account with something overdue has one.

    Units: days since a dispute was opened or a payment announced, since a class changed or a warning was raised, and until
    a limit is to be reviewed.

    >>> policy = WorklistPolicy(id="desk", version=1, points=(("order_held", 90),), actions=(("big_overdue", "send"),))
    >>> policy.points_of("order_held"), policy.action_of("big_overdue"), policy.points_of("limit_review")
    (90, 'send', 15)

    Errors: `InvalidValue` for a code, an action or a key that is not known, or one given twice.
    """

    id: str
    version: int
    order: tuple[str, ...] = ("points", "worth", "age")
    points: tuple[tuple[str, int], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    ignored: frozenset[str] = frozenset()
    big_overdue: tuple[Money, ...] = ()
    unapplied_from: tuple[Money, ...] = ()
    worth: tuple[Money, ...] = ()
    dispute_days: int = 30
    payment_days: int = 5
    risk_days: int = 30
    review_days: int = 0
    wants_collector: bool = False

    def __attrs_post_init__(self) -> None:
        checks.text("worklist.id", self.id)
        checks.whole("worklist.version", self.version, least=1)
        for name in ("dispute_days", "payment_days", "risk_days", "review_days"):
            checks.whole(f"worklist.{name}", getattr(self, name), least=0, most=36_500)
        checks.instance("worklist.wants_collector", self.wants_collector, bool, "true or false")
        checks.instance("worklist.ignored", self.ignored, frozenset, "a frozenset of codes")
        for code in self.ignored:
            checks.one_of("worklist.ignored", code, tuple(CODES))
        _check_names("worklist.order", self.order, KEYS)
        _check_codes(self)
        for name in ("big_overdue", "unapplied_from", "worth"):
            _check_amounts(f"worklist.{name}", getattr(self, name), least=int(name == "worth"))

    def points_of(self, code: str) -> int:
        """What a reason counts."""
        return self._points[code]

    def action_of(self, code: str) -> str:
        """What a code asks for."""
        return self._actions[code]

    def asked_by(self, reason: WorkReason) -> str:
        """What a reason asks for."""
        return reason.asks or self._actions[reason.code]

    def amount_worth(self, amounts: Iterable[Money]) -> Fraction:
        """What amounts of several currencies are worth together, to compare accounts by.

        >>> policy = WorklistPolicy(id="desk", version=1, worth=(Money.of(100, "EUR"), Money.of(16_000, "JPY")))
        >>> policy.amount_worth([Money.of(150, "EUR"), Money.of(8_000, "JPY"), Money.of(7, "USD")])
        Fraction(9, 1)
        """
        units = self._units
        return sum(
            (Fraction(each.minor, units.get(each.currency.code, 10**each.currency.exponent)) for each in amounts),
            Fraction(),
        )

    def ranked(self, reasons: Iterable[WorkReason]) -> tuple[WorkReason, ...]:
        """The reasons that are not ignored with their points, the one that counts most first."""
        found = [
            attrs.evolve(each, points=self.points_of(each.code)) for each in reasons if each.code not in self.ignored
        ]
        return tuple(sorted(found, key=lambda each: (-each.points, URGENCY[each.code], each.subject)))

    def next_action(self, reasons: Sequence[WorkReason], may_contact: bool = True) -> tuple[str, WorkReason]:
        """What to do next, and the reason that asks for it; ``reasons`` are ranked, and there is at least one.

        >>> policy = WorklistPolicy(id="desk", version=1)
        >>> found = policy.ranked([WorkReason(code=code, subject="X") for code in ("unapplied_cash", "promise_broken")])
        >>> [policy.next_action(found, may)[0] for may in (True, False)]
        ['call', 'apply_cash']
        """
        allowed = [each for each in reasons if may_contact or self.asked_by(each) not in CONTACTS]
        first = (allowed or reasons)[0]
        return (self.asked_by(first) if allowed else "review"), first

    @cached_property
    def _points(self) -> Mapping[str, int]:
        return {row.code: row.points for row in WORK_REASONS} | dict(self.points)

    @cached_property
    def _actions(self) -> Mapping[str, str]:
        return {row.code: row.action for row in WORK_REASONS} | dict(self.actions)

    @cached_property
    def _units(self) -> Mapping[str, int]:
        return {each.currency.code: each.minor for each in self.worth}


def least_of(amounts: Iterable[Money], amount: Money) -> Money | None:
    """The bound of an amount's currency, or ``None``."""
    return next((each for each in amounts if each.currency == amount.currency), None)


def _check_codes(policy: WorklistPolicy) -> None:
    for name in ("points", "actions"):
        pairs = getattr(policy, name)
        checks.sequence(f"worklist.{name}", pairs, tuple, "pairs")
        for at, pair in enumerate(pairs):
            if len(pair) != 2:
                raise InvalidValue(f"worklist.{name}[{at}]", pair, "must be a pair")
        _check_names(f"worklist.{name}", tuple(code for code, _ in pairs), tuple(CODES))
    for at, (_, points) in enumerate(policy.points):
        checks.whole(f"worklist.points[{at}]", points, least=0)
    for at, (_, action) in enumerate(policy.actions):
        checks.one_of(f"worklist.actions[{at}]", action, tuple(ACTIONS))


def _check_names(field: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    checks.sequence(field, names, str, "texts")
    for at, name in enumerate(names):
        checks.one_of(f"{field}[{at}]", name, known)
    if len(set(names)) != len(names):
        raise InvalidValue(field, list(names), "must name each once")


def _check_amounts(field: str, amounts: tuple[Money, ...], least: int) -> None:
    checks.sequence(field, amounts, Money, "amounts")
    for at, each in enumerate(amounts):
        if each.minor < least:
            raise InvalidValue(
                f"{field}[{at}]", str(each), "must be more than zero" if least else "must not be negative"
            )
    codes = [each.currency.code for each in amounts]
    if len(set(codes)) != len(codes):
        raise InvalidValue(field, codes, "must give each currency once")


PLAIN: Final = WorklistPolicy(id="plain", version=1)
"""What counts where nothing is chosen."""
