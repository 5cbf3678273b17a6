"""What follows from a command, committed together with it.

A named table of pure functions ``(account, policies, context) -> facts`` runs after every command until nothing more
follows. Each looks at what is true, not at what was asked, so it gives nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from receivables.facts.credit import OrderReserved
from receivables.facts.fact import Fact
from receivables.plans.credit import decide
from receivables.plans.dunning import cancel_settled
from receivables.plans.plan import Context
from receivables.policies.book import PolicyBook
from receivables.state.account import Account, fold

MOST_ROUNDS = 8


def recheck_held_orders(account: Account, policies: PolicyBook, context: Context) -> Sequence[Fact]:
    """The held order that came first and fits now is reserved, one per round, so that each sees the one before.

    An order of a group member waits until it is asked for again: it needs the accounts of the whole group.
    """
    if not any(entry.status == "held" for entry in account.credit.orders):
        return ()
    view = account.view(context.today)
    if view.customer is None or view.customer.group is not None or policies.credit_for(view.customer) is None:
        return ()
    for held in view.orders:
        if held.status == "held":
            _, fact = decide(view, held.order, context)
            if isinstance(fact, OrderReserved):
                return (fact,)
    return ()


TABLE: Mapping[str, Callable[[Account, PolicyBook, Context], Sequence[Fact]]] = {
    "cancel notices on which nothing is open": cancel_settled,
    "reserve held orders that fit now": recheck_held_orders,
}


def consequences(account: Account, context: Context) -> tuple[tuple[Fact, ...], Account]:
    """All that follows on an account, and the account with it."""
    found: list[Fact] = []
    for _ in range(MOST_ROUNDS):
        new = [fact for follow in TABLE.values() for fact in follow(account, context.policies, context)]
        if not new:
            break
        found.extend(new)
        account = fold(new, account)
    return tuple(found), account
