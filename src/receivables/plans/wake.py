"""When an account next needs attention: early is harmless, late is a defect.

The days are absolute: an account whose step was reached last week wakes on last week's day, which is due at once. An
account without a wake day sleeps until a fact, or a change of policy followed by ``rewake``, touches it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import attrs

from receivables.plans.alerts import next_alert_day
from receivables.plans.credit import next_free_day, watched_by
from receivables.plans.credit_alerts import next_limit_day
from receivables.plans.delivery import undelivered
from receivables.plans.dunning import plan_for, silenced
from receivables.policies.book import PolicyBook
from receivables.state.account import TABLES, Account
from receivables.state.view import View


def wake_on(
    account: Account, policies: PolicyBook, today: dt.date, look: Callable[[Account, dt.date], View] = Account.view
) -> dt.date | None:
    """The earliest of: a step reached, a notice undelivered, a hold over, a held order that may be free, something to tell staff, an
    arrangement over, a later fact in effect; ``None`` to sleep.

    An account that was merged sleeps: the one that it is part of wakes for it. ``look`` gives its view of a day, where one
    may be at hand.
    """
    if account.merges.into() is not None:
        return None
    if not _is_used(account) and watched_by(account, policies) is None:
        return None
    view = look(account, today)
    waiting = undelivered(view)
    days = [state.queued_on for state in waiting if silenced(view, state.notice) is None]
    if len(days) < len(waiting):
        days.extend(_holds_end(view, "contact"))
    look_on = plan_for(view, policies, account).look_on
    if look_on is not None:
        days.append(look_on)
    freed_on = next_free_day(view, policies)
    if freed_on is not None:
        days.append(freed_on)
    told_on = next_alert_day(account, view, policies)
    if told_on is not None:
        days.append(told_on)
    used_on = next_limit_day(account, view, policies)
    if used_on is not None:
        days.append(used_on)
    days.extend(_arrangements_end(view))
    days.extend(_effective_after(account, today))
    return min(days, default=None)


def _is_used(account: Account) -> bool:
    """Whether there is anything that days could change; a customer that was only opened has nothing."""
    used = account.ledger.items or account.dunning.notices or account.credit.orders or account.credit.drafts
    return bool(used or account.authority.approvals or account.risk.overrides or account.contact_log.actions)


def _holds_end(view: View, what: str) -> Iterator[dt.date]:
    """The days after holds that stop something: letters can go out then."""
    for hold in view.holds:
        if what in hold.stops and hold.until is not None and hold.until < dt.date.max:
            yield hold.until + dt.timedelta(days=1)


def _arrangements_end(view: View) -> Iterator[dt.date]:
    """The days from which something is not kept back any more, or a plan is in default: that has consequences of its own."""
    for part in view.withheld:
        if part.until is not None and part.until < dt.date.max:
            yield part.until + dt.timedelta(days=1)


def _effective_after(account: Account, today: dt.date) -> Iterator[dt.date]:
    """The days after today on which something that is recorded already comes into effect."""
    for slice_, columns in _COLUMNS:
        entries_of = getattr(account, slice_)
        for column in columns:
            for entry in getattr(entries_of, column):
                if entry.effective_on > today:
                    yield entry.effective_on


_COLUMNS = tuple(
    (slice_, tuple(column.name for column in attrs.fields(type(getattr(Account(), slice_))))) for slice_ in TABLES
)
"""The columns of every slice of an account, in order."""
