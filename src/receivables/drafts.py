"""What was decided, before it is committed: the facts of a batch by the log that they go to, and the appends they become.

Most accounts are one log. An account that absorbed others is several, and a plan may have facts for further accounts; all
go into one commit, and the versions of all are checked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

import attrs
from attrs import field, frozen

from receivables.errors import StaleAccount
from receivables.facts.fact import Fact
from receivables.loading import Whole
from receivables.plans.consequences import consequences
from receivables.plans.plan import Claim, Context, Erasure, Link, Plan
from receivables.plans.wake import wake_on
from receivables.ports import Append, Receipt
from receivables.state.account import Account, compose, fold, routed


@final
@frozen(kw_only=True)
class Draft:
    """What a batch has come to so far: the accounts with their new facts, and what goes with them.

    ``facts`` are by the log that they go to; ``relatives`` are the further accounts that have some.
    """

    account: Account
    facts: Mapping[str, tuple[Fact, ...]] = field(factory=dict)
    claims: tuple[Claim, ...] = ()
    links: tuple[Link, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    guards: tuple[str, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    relatives: Mapping[str, Account] = field(factory=dict)

    def extended(self, plan: Plan, done: Done, receipt: Receipt) -> Draft:
        """With what one more plan came to."""
        return Draft(
            account=done.account,
            facts=_both(self.facts, done.facts),
            claims=(*self.claims, *plan.claims),
            links=(*self.links, *plan.links),
            receipts=(*self.receipts, receipt),
            guards=tuple(dict.fromkeys((*self.guards, *plan.guards))),
            erasures=(*self.erasures, *plan.erasures),
            relatives={**self.relatives, **done.relatives},
        )


@final
@frozen(kw_only=True)
class Done:
    """What one plan comes to with its consequences: the facts by log, and the accounts with them."""

    account: Account
    facts: Mapping[str, tuple[Fact, ...]]
    relatives: Mapping[str, Account] = field(factory=dict)


def _both(one: Mapping[str, tuple[Fact, ...]], other: Mapping[str, tuple[Fact, ...]]) -> Mapping[str, tuple[Fact, ...]]:
    return {**one, **{id: (*one.get(id, ()), *facts) for id, facts in other.items()}}


def _by_log(id: str, account: Account, facts: tuple[Fact, ...]) -> Mapping[str, tuple[Fact, ...]]:
    """The facts of an account by the log that they go to: its own, where it absorbed no other."""
    return routed(account, facts) if account.parts else {id: facts}


def done_by(id: str, account: Account, plan: Plan, context: Context) -> Done:
    """The facts of a plan folded in, with what follows from them on each account."""
    found = _by_log(id, account, plan.facts)
    account = fold(plan.facts, account)
    relatives: dict[str, Account] = {}
    for other, facts in plan.others.items():
        before = context.relatives[other]
        assert before.id != id  # the plans refuse to deal with the account itself
        found = _both(found, _by_log(before.id, before, facts))
        relatives[other] = fold(facts, before)
    if relatives:
        wholes = [account, *relatives.values()]
        account = _rejoined(account, wholes)
        relatives = {other: _rejoined(each, wholes) for other, each in relatives.items()}
    more, after = consequences(account, context)
    found = _both(found, _by_log(id, account, more))
    context = attrs.evolve(context, relatives={**context.relatives, **relatives, id: after}) if relatives else context
    for other, joined in relatives.items():
        more, relatives[other] = consequences(joined, context)
        found = _both(found, _by_log(joined.id, joined, more))
    return Done(account=after, facts=found, relatives=relatives)


def _rejoined(account: Account, wholes: Iterable[Account]) -> Account:
    """The account with what became of all that it is, or now became, related to; of each the log that is the longest."""
    known: dict[str, Account] = {}
    for part in (part for whole in wholes for part in whole.parts or (whole,)):
        if part.id not in known or part.length > known[part.id].length:
            known[part.id] = part
    return compose(known[account.own.id], known)


def appends(context: Context, head: Whole, draft: Draft, relatives: Mapping[str, Whole], day: dt.date) -> list[Append]:
    """An append for each account that was read to decide, the head's first, so that all of their versions are checked.

    A part sleeps: the account that it is part of wakes for it.
    """
    answering = {head.id: draft.account, **{each.id: draft.relatives[id] for id, each in relatives.items()}}
    logs = dict(head.logs)
    versions = versions_of((head, *relatives.values()))
    for each in relatives.values():
        logs |= each.logs
    for account in answering.values():
        for part in account.parts or (account,):
            if part.length > logs[part.id or head.id].length:
                logs[part.id or head.id] = part
    return [
        Append(
            account=id,
            expected=versions[id],
            facts=draft.facts.get(id, ()),
            wake_on=wake_on(answering[id], context.policies, day, context.view) if id in answering else None,
            state=logs[id],
        )
        for id in (head.id, *(each for each in versions if each != head.id))
    ]


def versions_of(wholes: Iterable[Whole]) -> dict[str, int]:
    """The versions of all that was read; an account that was read twice and moved in between is `StaleAccount`.

    Two accounts are read one after the other. Where they were merged meanwhile, the second brings what the first was.
    """
    versions: dict[str, int] = {}
    for whole in wholes:
        for id, version in whole.versions.items():
            if versions.setdefault(id, version) != version:
                raise StaleAccount(id, versions[id], version)
    return versions
