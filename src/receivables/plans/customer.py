"""Plans about who owes: open an account or a group, change a customer, publish a policy."""

from __future__ import annotations

import json

from receivables.codec import policy_ref, settings_text
from receivables.documents.customer import Customer, group_account_id
from receivables.errors import ClaimTaken, InvalidValue
from receivables.facts.customer import AccountOpened, CustomerChanged, GroupOpened
from receivables.facts.policy import PolicyPublished
from receivables.plans.commands import ChangeCustomer, OpenAccount, OpenGroup, PublishPolicy
from receivables.plans.plan import Claim, Context, Link, Plan, opened
from receivables.state.account import Account


def open_account(account: Account, command: OpenAccount, context: Context) -> Plan:
    """A new account, which can be found under its group; an account that is open already is `ClaimTaken`."""
    _check_new(account, command.account)
    _check_group(command.customer)
    fact = AccountOpened(customer=command.customer, effective_on=context.today, recorded_at=context.now, by=command.by)
    claim = Claim("account", command.account)
    return Plan(facts=(fact,), claims=(claim,), links=_group_link(command.customer), ids=(command.account,))


def open_group(account: Account, command: OpenGroup, context: Context) -> Plan:
    """The common account of a group."""
    _check_new(account, command.account)
    fact = GroupOpened(group=command.group, effective_on=context.today, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), claims=(Claim("account", command.account),), ids=(command.account,))


def change_customer(account: Account, command: ChangeCustomer, context: Context) -> Plan:
    """The customer as it is from a day on; one that was merged is part of another, and is not changed any more."""
    opened(account, command.account)
    if account.id != command.account:
        raise InvalidValue("command.customer", command.account, f"must not be part of {account.id!r}")
    _check_group(command.customer)
    fact = CustomerChanged(customer=command.customer, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), links=_group_link(command.customer))


def publish_policy(account: Account, command: PublishPolicy, context: Context) -> Plan:
    """A version of a policy; the same version with other settings is refused, with the same it is recorded once.

    A dunning policy and a credit policy may share an id, as they may in the book.
    """
    ref, kind = policy_ref(command.policy), type(command.policy).__name__
    for entry in account.catalog.publications:
        if (entry.policy.id, entry.policy.version) == (ref.id, ref.version) and json.loads(entry.settings)[
            "is"
        ] == kind:
            if entry.policy == ref:
                return Plan(outcome="known", ids=(str(ref),))
            raise ClaimTaken("policy", str(ref), command.account)
    fact = PolicyPublished(
        policy=ref,
        settings=settings_text(command.policy),
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(str(ref),))


def _check_new(account: Account, id: str) -> None:
    if account.profile.entries:
        raise ClaimTaken("account", id, id)


def _check_group(customer: Customer) -> None:
    """That the account of a group is in no group, its own or another: groups have one level."""
    if customer.group is not None and customer.account.startswith(group_account_id("")):
        raise InvalidValue(
            "customer.group", customer.group, f"must not have the group account {customer.account!r} in it"
        )


def _group_link(customer: Customer) -> tuple[Link, ...]:
    return (Link("group", customer.group),) if customer.group else ()
