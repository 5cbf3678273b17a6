"""What follows from a command, committed together with it.

A named table of pure functions ``(account, policies, context) -> facts`` runs after every command until nothing more
follows. Each looks at what is true, not at what was asked, so it gives nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from receivables.documents.customer import group_account_id
from receivables.facts.fact import Fact
from receivables.plans.alerts import alert_staff
from receivables.plans.annulment import annul_false_steps
from receivables.plans.charges import correct_interest
from receivables.plans.credit import recheck
from receivables.plans.credit_alerts import alert_on_limits
from receivables.plans.delivery import release_settled_holds
from receivables.plans.dunning import cancel_settled
from receivables.plans.loss import owe_relief_back
from receivables.plans.payment_plan import follow_plans
from receivables.plans.plan import Context
from receivables.policies.book import PolicyBook
from receivables.state.account import Account, fold

MOST_ROUNDS = 8


def recheck_held_orders(account: Account, policies: PolicyBook, context: Context) -> Sequence[Fact]:
    """The held orders that fit now are reserved, in the order in which they came, each on what the one before left.

    An order of a group member needs the accounts of the whole group: it waits for a command, or the run of a day, that has
    them.
    """
    if not any(entry.status == "held" for entry in account.credit.orders):
        return ()
    view = context.view(account)
    customer = view.customer
    if customer is None or policies.credit_for(customer) is None:
        return ()
    if customer.group is not None and group_account_id(customer.group) not in context.relatives:
        return ()
    held = [each.order for each in view.orders if each.status == "held"]
    return tuple(recheck(account, context, held))


TABLE: Mapping[str, Callable[[Account, PolicyBook, Context], Sequence[Fact]]] = {
    "waive what payment plans waive while they are kept, and owe it again": follow_plans,
    "cancel notices on which nothing is open": cancel_settled,
    "annul steps that were false by what is known now": annul_false_steps,
    "take back interest that had not accrued by what is known now": correct_interest,
    "owe tax back that was claimed on what is not lost any more": owe_relief_back,
    "release holds whose item is settled": release_settled_holds,
    "reserve held orders that fit now": recheck_held_orders,
    "tell staff what needs a person": alert_staff,
    "tell staff of limits that are used beyond a share": alert_on_limits,
}


def consequences(account: Account, context: Context) -> tuple[tuple[Fact, ...], Account]:
    """All that follows on an account, and the account with it; one that is part of another has nothing of its own."""
    if account.merges.into() is not None:
        return (), account
    found: list[Fact] = []
    for _ in range(MOST_ROUNDS):
        before = len(found)
        for follow in TABLE.values():
            new = follow(account, context.policies, context)
            if new:
                found.extend(new)
                account = fold(new, account)
        if len(found) == before:
            break
    return tuple(found), account
