"""Plans about payment methods: what is kept must be good on its day, and is known once.

A token and the id of a mandate are claimed, so no two customers have the same. One that was dropped is not kept again: the
provider gives a new token, the customer signs a new mandate.
"""

from __future__ import annotations

import datetime as dt

from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.payment_method import (
    MandateRevoked,
    MandateSigned,
    PaymentMethodAdded,
    PaymentMethodPreferred,
    PaymentMethodRemoved,
)
from receivables.plans.payment_method_commands import (
    AddPaymentMethod,
    PreferPaymentMethod,
    RemovePaymentMethod,
    RevokeMandate,
    SignMandate,
)
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.state.account import Account
from receivables.state.payment_method import MethodEntry

NAMESPACE = "payment_method"
"""Where tokens and ids of mandates are claimed."""


def add_payment_method(account: Account, command: AddPaymentMethod, context: Context) -> Plan:
    """A card that is good on the day from which it is kept."""
    method = command.method
    _check_new(account, command.account, method.token)
    if method.expires is not None and method.expires < command.on:
        raise InvalidValue("command.method.expires", method.expires.isoformat(), f"must not be before {command.on}")
    fact = PaymentMethodAdded(method=method, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), claims=(Claim(NAMESPACE, method.token),), ids=(method.token,))


def sign_mandate(account: Account, command: SignMandate, context: Context) -> Plan:
    """A mandate that was signed by today, and has not lapsed by then; effective on the day of the signature."""
    mandate = command.mandate
    _check_new(account, command.account, mandate.id)
    if mandate.signed_on > context.today:
        raise InvalidValue("mandate.signed_on", mandate.signed_on.isoformat(), f"must not be after {context.today}")
    if mandate.lapses_on <= context.today:
        raise InvalidValue("mandate.lapses_on", mandate.lapses_on.isoformat(), f"must be after {context.today}")
    fact = MandateSigned(mandate=mandate, effective_on=mandate.signed_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), claims=(Claim(NAMESPACE, mandate.id),), ids=(mandate.id,))


def remove_payment_method(account: Account, command: RemovePaymentMethod, context: Context) -> Plan:
    """A card dropped from a day on, not before it was kept."""
    entry = _kept(account, command.account, command.method)
    if entry.card is None:
        raise InvalidValue("command.method", command.method, "must be a card: a mandate is revoked")
    _check_on(entry, command.on)
    fact = PaymentMethodRemoved(method=entry.id, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(entry.id,))


def revoke_mandate(account: Account, command: RevokeMandate, context: Context) -> Plan:
    """A mandate revoked from a day on, not before it was signed."""
    entry = _kept(account, command.account, command.mandate)
    if entry.mandate is None:
        raise InvalidValue("command.mandate", command.mandate, "must be a mandate: a card is removed")
    _check_on(entry, command.on)
    fact = MandateRevoked(mandate=entry.id, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(entry.id,))


def prefer_payment_method(account: Account, command: PreferPaymentMethod, context: Context) -> Plan:
    """A method that comes first from a day on, and can be used on it."""
    entry = _kept(account, command.account, command.method)
    _check_on(entry, command.on)
    states = account.payment_methods.states(command.on, None)
    status = next(each.status for each in states if each.id == entry.id)
    if status != "usable":
        raise InvalidValue("command.method", command.method, f"must be usable on {command.on}, and is {status}")
    fact = PaymentMethodPreferred(method=entry.id, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(entry.id,))


def _check_new(account: Account, id: str, method: str) -> None:
    opened(account, id)
    if any(entry.id == method for entry in account.payment_methods.methods):
        raise ClaimTaken(NAMESPACE, method, account.id)


def _kept(account: Account, id: str, method: str) -> MethodEntry:
    """The method of this id, as long as nobody dropped it, on whichever day."""
    opened(account, id)
    ended = {each.method for each in account.payment_methods.endings}
    for entry in account.payment_methods.methods:
        if entry.id == method and method not in ended:
            return entry
    raise UnknownId("payment method", method)


def _check_on(entry: MethodEntry, on: dt.date) -> None:
    if on < entry.effective_on:
        raise InvalidValue("command.on", on.isoformat(), f"must not be before {entry.effective_on}")
