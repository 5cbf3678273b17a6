"""When a claim is to be given up, what the loss is charged to, and where a recovery goes.

1. A policy *proposes*: each rule names what an item must be like, all of it: overdue so long, open at most so much, barred by
   law, under a hold of a certain code, or cheaper to give up than to pursue. The first rule that fits gives the reason.
2. What is disputed, promised or in a plan is not proposed, and neither is what a payment on its way is for; it is listed
   with what keeps it back.
3. Nothing is written off by a policy: a person does that, with the authority that the matrix asks for.
4. A loss is charged to what was set aside for the item itself, and the rest is an expense; or to the allowance as a whole, as
   ASC 326-20-35-8 has it. What of it comes back as tax is charged to neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Final, final

from attrs import frozen

from receivables.documents.loss import CHARGES, RECOVERIES
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.authority import AuthorityPolicy
from receivables.policies.limitation import LimitationPolicy, barred_items
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money

CODES: Final = {
    "overdue": "overdue for as long as the rule asks",
    "small": "open is no more than the rule asks",
    "barred": "the claim has lapsed by law",
    "held": "a hold of the code that the rule names is in force",
    "uneconomic": "open is no more than what collecting it would cost",
}
"""Why something is proposed to be written off."""

BLOCKED: Final = {"payment": "pending", "dispute": "disputed", "plan": "planned", "promise": "promised"}
"""What keeps an item back -> the code with which its proposal waits. A hold does not: often it is the reason."""


@final
@frozen(kw_only=True)
class WriteOffRule:
    """What an item must be like to be given up, and the code that the write-off then has. Everything that is given must hold.

    ``at_most`` and ``cost`` are per currency; an item in another currency does not fit. ``hold_codes`` are codes of holds, such
    as the host's for an insolvency.

    >>> WriteOffRule(code="small", days_overdue=180, at_most=(Money.of(25, "EUR"),)).days_overdue
    180

    Errors: `InvalidValue` for a rule that asks for nothing, or an amount given twice in a currency.
    """

    code: str
    days_overdue: int | None = None
    at_most: tuple[Money, ...] = ()
    barred: bool = False
    hold_codes: tuple[str, ...] = ()
    cost: tuple[Money, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("rule.code", self.code)
        if self.days_overdue is not None:
            checks.whole("rule.days_overdue", self.days_overdue, least=0)
        checks.instance("rule.barred", self.barred, bool, "true or false")
        checks.sequence("rule.hold_codes", self.hold_codes, str, "texts")
        _check_amounts("rule.at_most", self.at_most)
        _check_amounts("rule.cost", self.cost)
        if self.days_overdue is None and not (self.at_most or self.barred or self.hold_codes or self.cost):
            raise InvalidValue("rule.days_overdue", None, "must be given, or something else that the rule asks for")


def _check_amounts(field: str, amounts: tuple[Money, ...]) -> None:
    checks.sequence(field, amounts, Money, "money")
    currencies = [amount.currency for amount in amounts]
    for amount in amounts:
        if amount.minor <= 0:
            raise InvalidValue(field, str(amount), "must be more than zero")
        if currencies.count(amount.currency) > 1:
            raise InvalidValue(field, str(amount), "must be given once in a currency")


@final
@frozen(kw_only=True)
class WriteOffPolicy:
    """What is proposed to be written off, and where losses and recoveries go.

    ``charge`` is ``specific``, what was set aside for the item itself, or ``allowance``, the allowance as a whole.
    ``recovery`` is ``income`` or ``allowance``.

    >>> policy = WriteOffPolicy(id="losses", version=1, rules=(WriteOffRule(code="barred", barred=True),))
    >>> policy.charge, policy.recovery
    ('specific', 'income')
    """

    id: str
    version: int
    rules: tuple[WriteOffRule, ...] = ()
    charge: str = "specific"
    recovery: str = "income"

    def __attrs_post_init__(self) -> None:
        checks.text("write_off.id", self.id)
        checks.whole("write_off.version", self.version, least=1)
        checks.sequence("write_off.rules", self.rules, WriteOffRule, "rules")
        checks.one_of("write_off.charge", self.charge, CHARGES)
        checks.one_of("write_off.recovery", self.recovery, RECOVERIES)

    def used(self, bearing: Money, specific: Money) -> Money:
        """What of a loss, less the tax that comes back, is charged to the allowance.

        >>> eur = lambda amount: Money.of(amount, "EUR")
        >>> str(WriteOffPolicy(id="losses", version=1).used(eur(3000), eur(2500)))
        '2500.00 EUR'
        >>> str(WriteOffPolicy(id="losses", version=1, charge="allowance").used(eur(3000), eur(2500)))
        '3000.00 EUR'

        Errors: `CurrencyMismatch`.
        """
        if bearing.currency != specific.currency:
            raise CurrencyMismatch(bearing, specific)
        return bearing if self.charge == "allowance" else min(bearing, specific)


@final
@frozen(kw_only=True)
class WriteOffProposal:
    """An item that fits a rule: what is open of it, why it is proposed, what keeps it back, and who may decide.

    ``roles`` are those of the authority matrix whose amount covers it, by itself and without what was done before; ``blocked``
    is why it must wait, if anything keeps it back.
    """

    item: str
    document: str
    amount: Money
    days_overdue: int
    code: str
    reasons: tuple[Reason, ...]
    blocked: Reason | None = None
    roles: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """The proposal as a plain dict."""
        return {
            "item": self.item,
            "amount": str(self.amount.amount),
            "currency": self.amount.currency.code,
            "days overdue": self.days_overdue,
            "code": self.code,
            "reasons": "; ".join(str(reason) for reason in self.reasons),
            "blocked": None if self.blocked is None else str(self.blocked),
            "roles": ", ".join(self.roles),
        }


def propose_write_offs(
    account: Account,
    view: View,
    policy: WriteOffPolicy,
    *,
    limitation: LimitationPolicy | None = None,
    authority: AuthorityPolicy | None = None,
) -> tuple[WriteOffProposal, ...]:
    """The open items that fit a rule of the policy on the day of the view, in the order of their due dates.

    >>> import datetime as dt
    >>> from receivables import Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("19.90", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> rule = WriteOffRule(code="small", days_overdue=180, at_most=(Money.of(25, "EUR"),))
    >>> policy = WriteOffPolicy(id="losses", version=1, rules=(rule,))
    >>> found = propose_write_offs(account, account.view(dt.date(2026, 8, 31)), policy)
    >>> [(each.item, each.code, [reason.code for reason in each.reasons]) for each in found]
    [('INV-1', 'small', ['overdue', 'small'])]

    Whether a claim has lapsed is asked of ``limitation``; without it no rule that asks for that fits.
    """
    lapsed = barred_items(account, view, limitation) if limitation is not None else frozenset[str]()
    found: list[WriteOffProposal] = []
    for book in view.books:
        for item in book.items:
            fit = _fitting(view, item, policy.rules, lapsed)
            if fit is not None:
                found.append(_proposal(view, item, *fit, authority))
    return tuple(sorted(found, key=lambda each: (-each.days_overdue, each.item)))


def _fitting(
    view: View, item: Item, rules: Iterable[WriteOffRule], lapsed: Set[str]
) -> tuple[WriteOffRule, tuple[Reason, ...]] | None:
    for rule in rules:
        reasons = tuple(_asked(view, item, rule, lapsed))
        if all(reason is not None for reason in reasons):
            return rule, tuple(reason for reason in reasons if reason is not None)
    return None


def _asked(view: View, item: Item, rule: WriteOffRule, lapsed: Set[str]) -> Iterator[Reason | None]:
    """The reason of each thing that a rule asks for; ``None`` for one that does not hold."""
    open_, overdue = view.open(item.id), _overdue(view, item)
    if rule.days_overdue is not None:
        yield Reason(code="overdue", days=overdue, retryable=False) if overdue >= max(1, rule.days_overdue) else None
    if rule.at_most:
        yield _within(open_, rule.at_most, "small")
    if rule.barred:
        yield Reason(code="barred", retryable=False) if item.id in lapsed else None
    if rule.hold_codes:
        codes = {hold.code for hold in view.holds if hold.covers(item.id, item.document)}
        yield Reason(code="held", retryable=False) if codes & set(rule.hold_codes) else None
    if rule.cost:
        yield _within(open_, rule.cost, "uneconomic")


def _within(open_: Money, amounts: Sequence[Money], code: str) -> Reason | None:
    """The reason, with the bound, where what is open is within that of its currency."""
    for amount in amounts:
        if amount.currency == open_.currency and open_.minor <= amount.minor:
            return Reason(code=code, amount=amount, retryable=False)
    return None


def _overdue(view: View, item: Item) -> int:
    return (view.as_of - item.due_on).days if item.due_on is not None else 0


def _proposal(
    view: View, item: Item, rule: WriteOffRule, reasons: tuple[Reason, ...], authority: AuthorityPolicy | None
) -> WriteOffProposal:
    amount = view.open(item.id)
    kept = [each for each in view.withheld_of.get(item.id, ()) if each.kind in BLOCKED]
    blocked = Reason(code=BLOCKED[kept[0].kind], amount=Money(kept[0].amount, item.currency)) if kept else None
    return WriteOffProposal(
        item=item.id,
        document=item.document,
        amount=amount,
        days_overdue=_overdue(view, item),
        code=rule.code,
        reasons=reasons,
        blocked=blocked,
        roles=_roles(authority, amount),
    )


def _roles(authority: AuthorityPolicy | None, amount: Money) -> tuple[str, ...]:
    """The roles that may write off so much, in the order of the matrix."""
    if authority is None:
        return ()
    rules = (rule for rule in authority.rules if rule.kind == "write_off" and rule.covers(amount))
    return tuple(dict.fromkeys(rule.role for rule in rules))
