"""One rung of a dunning ladder: when it is reached, what goes out and how, and what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import pairwise
from typing import Any, final

from attrs import frozen

from receivables.documents.customer import Customer
from receivables.errors import InvalidValue
from receivables.policies.conditions import AccountCondition
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.windows import SendWindow
from receivables.state.view import Ladder
from receivables.state.withheld import PAUSING
from receivables.values import checks
from receivables.values.currencies import Currency

EFFECTS = frozenset({"hold", "escalate", "report", "agency"})
TRIGGERS = ("days_after_due", "days_after_invoice", "days_after_notice", "days_after_pay_by")


@final
@frozen(kw_only=True)
class DunningStep:
    """One rung: when it is reached, which template goes out on which channel, and what follows.

    Exactly one of the four ``days_after_...`` says when; ``month_end`` moves that day to the end of its month. Zero or
    fewer days after the due date is a reminder. ``fallbacks`` are the channels to try where the customer has no contact
    for the first, or where it failed. ``pay_within_days`` is the time that the letter gives. ``effects`` happen when the
    letter was sent: ``hold`` stops further orders until the item is settled; ``escalate``, ``report`` and ``agency`` tell
    the creditor's own people. ``send_again`` lets a letter whose outcome is unknown go out a second time by a notifier
    that does not honor keys; without it a person is asked. ``fee`` is charged on the original amount of the item, ``claims_interest`` claims the
    interest to date less what was claimed before.

    >>> DunningStep(name="first", days_after_due=7).template
    'first'
    >>> DunningStep(name="reminder", days_after_due=-3).is_reminder
    True
    """

    name: str
    days_after_due: int | None = None
    days_after_invoice: int | None = None
    days_after_notice: int | None = None
    days_after_pay_by: int | None = None
    month_end: bool = False
    channel: str = "email"
    fallbacks: tuple[str, ...] = ()
    template: str = ""
    pay_within_days: int | None = None
    needs_approval: bool = False
    send_again: bool = False
    most_attempts: int | None = None
    retry_minutes: tuple[int, ...] = ()
    effects: frozenset[str] = frozenset()
    condition: AccountCondition | None = None
    fee: FeeRule | None = None
    claims_interest: bool = False

    def __attrs_post_init__(self) -> None:
        checks.text("step.name", self.name)
        checks.text("step.channel", self.channel)
        checks.sequence("step.fallbacks", self.fallbacks, str, "texts")
        if not self.template:
            object.__setattr__(self, "template", self.name)
        checks.text("step.template", self.template)
        _check_trigger(self)
        if self.pay_within_days is not None:
            checks.whole("step.pay_within_days", self.pay_within_days, least=0)
        checks.instance("step.effects", self.effects, frozenset, "a frozenset of effects")
        if self.effects - EFFECTS:
            raise InvalidValue("step.effects", sorted(self.effects), "must be some of " + ", ".join(sorted(EFFECTS)))
        checks.instance("step.needs_approval", self.needs_approval, bool, "true or false")
        checks.instance("step.send_again", self.send_again, bool, "true or false")
        _check_retries(self)
        if self.fee is not None:
            checks.instance("step.fee", self.fee, FeeRule, "a fee rule")
        checks.instance("step.claims_interest", self.claims_interest, bool, "true or false")
        if self.condition is not None:
            checks.instance("step.condition", self.condition, AccountCondition, "an account condition")

    def wait_after(self, failures: int) -> dt.timedelta:
        """How long to wait after so many failed attempts on a channel.

        >>> step = DunningStep(name="first", days_after_due=7, retry_minutes=(5, 60))
        >>> [step.wait_after(failures).seconds // 60 for failures in (0, 1, 2, 3)]
        [0, 5, 60, 60]
        """
        if not failures or not self.retry_minutes:
            return dt.timedelta(0)
        return dt.timedelta(minutes=self.retry_minutes[min(failures, len(self.retry_minutes)) - 1])

    @property
    def is_reminder(self) -> bool:
        """Whether it goes out before the item is overdue; what moves to the end of a month does not."""
        return self.days_after_due is not None and self.days_after_due <= 0 and not self.month_end

    @property
    def follows_notice(self) -> bool:
        """Whether it counts from the letter before it."""
        return self.days_after_notice is not None or self.days_after_pay_by is not None

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels in the order in which they are tried."""
        return (self.channel, *self.fallbacks)

    def lacks(self, currency: Currency) -> str | None:
        """``fee_currency`` where the fee has no amount for items in a currency: the letter goes out without it."""
        return "fee_currency" if self.fee is not None and not self.fee.covers(currency) else None

    def channel_for(self, customer: Customer, but_not: Collection[str] = ()) -> str | None:
        """The first channel on which the customer can be reached; any, where the host keeps all contacts itself."""
        left = [channel for channel in self.channels if channel not in but_not]
        if not customer.contacts:
            return left[0] if left else None
        return next((channel for channel in left if customer.reach("dunning", channel) is not None), None)


MOST_RETRY_MINUTES = 60 * 24 * 31


def _check_retries(step: DunningStep) -> None:
    if step.most_attempts is not None:
        checks.whole("step.most_attempts", step.most_attempts, least=1)
    checks.sequence("step.retry_minutes", step.retry_minutes, int, "whole numbers of minutes")
    for minutes in step.retry_minutes:
        checks.whole("step.retry_minutes", minutes, least=0, most=MOST_RETRY_MINUTES)


def _check_trigger(step: DunningStep) -> None:
    given = [name for name in TRIGGERS if getattr(step, name) is not None]
    if len(given) != 1:
        raise InvalidValue("step.days_after_due", given, "must be exactly one of " + ", ".join(TRIGGERS))
    least = None if given[0] == "days_after_due" else 0
    checks.whole(f"step.{given[0]}", getattr(step, given[0]), least=least)


def last_notice(step: DunningStep, ladder: Ladder | None) -> dt.date | None:
    """The day that a step counts from after a letter: the letter's, or the one that it asked to be paid by."""
    if ladder is None or ladder.sent_on is None:
        return None
    return ladder.sent_on if step.days_after_notice is not None else ladder.pay_by or ladder.sent_on


def check_steps(steps: tuple[DunningStep, ...]) -> None:
    """That a ladder has steps, each with a name of its own, which are reached later and later."""
    names = [step.name for step in steps]
    if not steps:
        raise InvalidValue("dunning_policy.steps", steps, "must have at least one step")
    if len(set(names)) != len(names):
        raise InvalidValue("dunning_policy.steps", names, "must give each step a name of its own")
    if steps[0].days_after_due is None and steps[0].days_after_invoice is None:
        raise InvalidValue(
            "dunning_policy.steps", names[0], "must begin with a step that counts from the due or invoice date"
        )
    days = [step.days_after_due for step in steps if step.days_after_due is not None]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise InvalidValue("dunning_policy.steps", days, "must be reached later and later")


def check_pace(policy: Any) -> None:
    """The settings of a ladder about how often, each of which may be anything before it is checked."""
    for name in ("grace_days", "contact_gap_days", "repeat_most"):
        checks.whole(f"dunning_policy.{name}", getattr(policy, name), least=0)
    checks.whole("dunning_policy.contact_window_days", policy.contact_window_days, least=1)
    for name in ("contact_cap", "repeat_last_days"):
        if getattr(policy, name) is not None:
            checks.whole(f"dunning_policy.{name}", getattr(policy, name), least=1)
    for name in ("exclusive", "pauses", "credits_bear_interest"):
        checks.instance(f"dunning_policy.{name}", getattr(policy, name), bool, "true or false")
    if policy.interest is not None:
        checks.instance("dunning_policy.interest", policy.interest, InterestTerms, "interest terms")
    elif any(step.claims_interest for step in policy.steps):
        raise InvalidValue("dunning_policy.interest", None, "must be given where a step claims interest")
    if policy.window is not None:
        checks.instance("dunning_policy.window", policy.window, SendWindow, "a send window")
    checks.instance("dunning_policy.pauses_for", policy.pauses_for, frozenset, "a frozenset of kinds")
    if policy.pauses_for - PAUSING:
        names = sorted(map(str, policy.pauses_for))
        raise InvalidValue("dunning_policy.pauses_for", names, "must name some of " + ", ".join(sorted(PAUSING)))
    if bool(policy.repeat_most) != (policy.repeat_last_days is not None):
        raise InvalidValue("dunning_policy.repeat_most", policy.repeat_most, "must be given with repeat_last_days")
