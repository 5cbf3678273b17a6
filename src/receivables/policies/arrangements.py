"""What a customer may arrange alone: the bounds within which a request is accepted, and the codes of the answers.

1. A request within all bounds is accepted, one beyond a bound is refused, or handed to a person where the policy says so.
2. What a person alone may decide is never accepted: a claim that is barred, an amount above the authority of the policy, a
   promise after one that was not kept.
3. The customer is shown a code and words of its own: that a claim is barred, or how much goes without a person, is the
   creditor's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, final

import attrs
from attrs import frozen

from receivables.documents.customer import PURPOSES
from receivables.documents.due_steps import MOST_DAYS
from receivables.documents.reason import Reason
from receivables.documents.schedule import check_percent
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


class Code(NamedTuple):
    """What a reason of an answer says, what it leads to, and what the customer is shown of it.

    ``leads_to`` is ``refused``, ``referred`` or ``policy``: then it is refused unless the policy names it in ``refers``.
    """

    says: str
    leads_to: str
    shown_as: str
    figure: bool = True
    """Whether the customer sees the amount or the days."""
    retryable: bool = True


CODES: Final[Mapping[str, Code]] = {
    "nothing_open": Code("nothing is open that it could be about", "refused", "nothing_open", retryable=False),
    "currency_differs": Code("an item is in another currency", "refused", "currency_differs", retryable=False),
    "day_over": Code("a day that is asked for is over", "refused", "day_over", retryable=False),
    "arranged": Code("another arrangement covers an item", "refused", "arranged"),
    "above_open": Code(
        "more than is open, not disputed, not promised and not on its way: so much too much", "refused", "above_open"
    ),
    "not_offered": Code("the policy does not offer it", "policy", "not_offered", retryable=False),
    "too_long": Code("later than the policy allows, which is so many days from now", "policy", "too_long"),
    "too_many_parts": Code("more installments than the policy allows", "policy", "too_many_parts"),
    "first_too_late": Code("the first installment is later than so many days from now", "policy", "first_too_late"),
    "first_too_small": Code("the first installment is less than so much", "policy", "first_too_small"),
    "part_too_small": Code("an installment is less than so much", "policy", "part_too_small"),
    "too_many_promises": Code("as many promises are open as the policy allows", "policy", "too_many_promises"),
    "too_many_not_kept": Code("more promises and plans were not kept than the policy allows", "policy", "not_kept"),
    "deferred_before": Code("an item was deferred as often as the policy allows", "policy", "deferred_before"),
    "disputed": Code("an item is disputed: so much of it", "policy", "disputed"),
    "no_contact_left": Code("no contact would be left", "refused", "no_contact_left", retryable=False),
    "not_kept": Code("the last promise on an item was not kept: another needs a person", "referred", "not_kept"),
    "barred": Code("the claim on an item is barred", "referred", "needs_person", figure=False),
    "above_authority": Code(
        "with what is arranged already more than goes without a person", "referred", "needs_person", figure=False
    ),
    "contact_change": Code("a contact that is not changed without a person", "referred", "needs_person", figure=False),
    "later_entry": Code("something recorded for a later day is in the way", "referred", "needs_person", figure=False),
    "no_policy": Code("no policy says what may be arranged", "referred", "needs_person", figure=False),
}
"""Code of a reason -> what it says and leads to, in order of precedence."""

SHOWN: Final[Mapping[str, str]] = {
    "nothing_open": "There is nothing open that this could be about.",
    "currency_differs": "Please ask for each currency on its own.",
    "day_over": "That day is over.",
    "arranged": "Something else has been arranged for this already.",
    "above_open": "That is more than is open.",
    "not_offered": "We do not offer that.",
    "too_long": "That is later than we can agree to.",
    "too_many_parts": "Those are more installments than we can agree to.",
    "first_too_late": "The first installment has to come sooner.",
    "first_too_small": "The first installment has to be larger.",
    "part_too_small": "The installments have to be larger.",
    "too_many_promises": "Another promise has to be kept first.",
    "not_kept": "An earlier arrangement was not kept.",
    "deferred_before": "This was deferred before.",
    "disputed": "You have objected to this; let us clear that up first.",
    "no_contact_left": "We need at least one way to reach you.",
    "needs_person": "One of us will look at this and come back to you.",
}
"""What the customer is shown -> a wording that a host may put in its own words and languages."""

REFERABLE: Final = frozenset(code for code, row in CODES.items() if row.leads_to == "policy")
"""The codes of which the policy says whether they are refused or handed to a person."""

CONTACT_CHANGES: Final = frozenset({*PURPOSES, "language"})
"""What a customer could change of how it is reached."""

_COUNTS: Final = (
    "longest_promise_days",
    "most_open_promises",
    "most_not_kept",
    "promise_tolerance_days",
    "longest_deferment_days",
    "most_deferments",
    "most_installments",
    "longest_plan_days",
    "first_within_days",
    "plan_grace_days",
)


@final
@frozen(kw_only=True)
class ArrangementPolicy:
    """The bounds of what a customer may arrange alone. A kind whose longest days or installments are zero is not offered.

    ``most_amounts`` is the most that may stand arranged without a person in each currency, with what is promised,
    planned and deferred already; in a currency that is not named, nothing may. ``most_not_kept`` counts the promises
    that were not kept and the plans in default. Days count from the day of the request, those of a deferment from the
    due date where that is later. ``promise_calendar``, ``promise_tolerance_days`` and ``promise_tolerance_percent``
    are what an accepted promise gets, ``plan_grace_days`` an accepted plan. ``defers_interest`` says whether a
    deferred item bears no interest meanwhile. ``disputed_excluded`` leaves whole items out of which a part is
    disputed. ``first_least_percent`` is of the whole plan. ``contact_changes`` may be made without a person. What goes
    beyond a bound whose code is in ``refers`` is handed to a person. ``alert_dispute_days`` is the age at which staff
    is told of an open dispute, ``alert_payment_days`` of a payment that was announced and neither came nor failed.

    >>> policy = ArrangementPolicy(id="portal", version=1, most_amounts=(Money.of("5000", "EUR"),),
    ...                            longest_promise_days=21, refers=frozenset({"too_long"}))
    >>> policy.answers_with("too_long"), policy.answers_with("above_open")
    ('referred', 'refused')

    Errors: `InvalidValue` for a bound below zero or of more than a century of days, a code that the policy has no say in, a currency given twice.
    """

    id: str
    version: int
    most_amounts: tuple[Money, ...] = ()
    longest_promise_days: int = 14
    most_open_promises: int = 1
    most_not_kept: int = 0
    promise_calendar: str | None = None
    promise_tolerance_days: int = 0
    promise_tolerance_percent: Decimal = Decimal(0)
    longest_deferment_days: int = 0
    most_deferments: int = 1
    defers_interest: bool = True
    most_installments: int = 0
    longest_plan_days: int = 366
    first_within_days: int = 31
    first_least_percent: Decimal = Decimal(0)
    least_installments: tuple[Money, ...] = ()
    plan_grace_days: int = 0
    disputed_excluded: bool = False
    contact_changes: frozenset[str] = frozenset()
    refers: frozenset[str] = frozenset()
    alert_dispute_days: int | None = None
    alert_payment_days: int | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("arrangement_policy.id", self.id)
        checks.whole("arrangement_policy.version", self.version, least=1)
        for name in _COUNTS:
            checks.whole(f"arrangement_policy.{name}", getattr(self, name), least=0, most=MOST_DAYS)
        for name in ("most_amounts", "least_installments"):
            _check_amounts(f"arrangement_policy.{name}", getattr(self, name))
        for name in ("promise_tolerance_percent", "first_least_percent"):
            check_percent(f"arrangement_policy.{name}", getattr(self, name))
        if self.promise_tolerance_percent == 100:
            raise InvalidValue("arrangement_policy.promise_tolerance_percent", "100", "must be below 100")
        for name in ("defers_interest", "disputed_excluded"):
            checks.instance(f"arrangement_policy.{name}", getattr(self, name), bool, "true or false")
        checks.optional_text("arrangement_policy.promise_calendar", self.promise_calendar)
        _check_names("arrangement_policy.contact_changes", self.contact_changes, CONTACT_CHANGES)
        _check_names("arrangement_policy.refers", self.refers, REFERABLE)
        for name in ("alert_dispute_days", "alert_payment_days"):
            if getattr(self, name) is not None:
                checks.whole(f"arrangement_policy.{name}", getattr(self, name), least=0, most=MOST_DAYS)

    def answers_with(self, code: str) -> str:
        """Whether a reason leads to a refusal or to a person."""
        leads_to = CODES[code].leads_to
        if leads_to != "policy":
            return leads_to
        return "referred" if code in self.refers else "refused"

    def most_amount(self, currency: Currency) -> int:
        """The most that is accepted without a person, in minor units."""
        return _in(self.most_amounts, currency)

    def least_installment(self, currency: Currency) -> int:
        """The smallest installment of a plan, in minor units; never nothing."""
        return max(1, _in(self.least_installments, currency))


def shown(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons as the customer is shown them: each once, without figures that are the creditor's business.

    >>> found = shown((Reason(code="barred"), Reason(code="above_authority", amount=Money.of("12000", "EUR"))))
    >>> [str(each) for each in found], SHOWN[found[0].code]
    (['needs_person'], 'One of us will look at this and come back to you.')
    """
    found: dict[str, Reason] = {}
    for each in reasons:
        row = CODES.get(each.code, CODES["no_policy"])
        plain = each if row.figure else Reason(code=each.code, retryable=each.retryable)
        found.setdefault(row.shown_as, attrs.evolve(plain, code=row.shown_as))
    return tuple(found.values())


def _in(amounts: Iterable[Money], currency: Currency) -> int:
    return next((each.minor for each in amounts if each.currency == currency), 0)


def _check_amounts(field: str, amounts: object) -> None:
    checks.sequence(field, amounts, Money, "amounts of money")
    found = [each for each in amounts if isinstance(each, Money)] if isinstance(amounts, tuple) else []
    for each in found:
        if each.minor < 0:
            raise InvalidValue(field, str(each), "must not be negative")
    if len({each.currency for each in found}) != len(found):
        raise InvalidValue(field, [str(each) for each in found], "must name each currency once")


def _check_names(field: str, value: object, names: frozenset[str]) -> None:
    checks.instance(field, value, frozenset, "a frozenset of texts")
    if isinstance(value, frozenset) and (wrong := sorted(map(str, value - names))):
        raise InvalidValue(field, wrong[0], "must be one of " + ", ".join(sorted(names)))
