"""Which account of the general ledger each part of an entry goes to.

An account map is a table of rules. Each names a *role*, what the account is for, and an account of the host's chart; it can
be narrowed to a company, a segment, a customer, a code (a tax rate, the way of a payment, the kind of a charge) and a
currency. The most specific rule counts: who before what, and of those a customer before a segment before a company, a code
before a currency. Every role needs a rule for all, so that nothing is left without an account on the day when it is posted.

Accounts are names as the chart has them, ``1200`` or ``Assets:Receivable``; the writers of texts check what their program
takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final, Self, final

from attrs import frozen

from receivables.documents.customer import Customer
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency

ROLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "receivable": ("Assets:Receivable", "the control account: what customers owe; by kind of item"),
        "unapplied": ("Liabilities:Unapplied", "what is on account: payments, credit notes; by kind of credit"),
        "cash": ("Assets:Bank", "where money arrives; by way of payment"),
        "revenue": ("Income:Sales", "what was invoiced, without tax; by tax rate"),
        "tax": ("Liabilities:Tax", "tax on what was invoiced; by tax rate"),
        "discount": ("Expenses:Discounts", "cash discounts, without their tax; by kind"),
        "tolerance": ("Expenses:Differences", "too little to be worth a letter, or to be given back"),
        "bank_charge": ("Expenses:Bank-Charges", "what banks kept on the way"),
        "withheld_tax": ("Assets:Withheld-Tax", "tax that payers keep back for their tax office"),
        "fee": ("Income:Fees", "fees charged to customers, without tax"),
        "interest": ("Income:Interest", "interest charged to customers"),
        "write_off": ("Expenses:Bad-Debts", "what was given up as lost; by reason"),
        "allowance": ("Assets:Allowance", "what was set aside for losses, as a credit balance"),
        "tax_relief": ("Assets:Tax-Relief", "tax on bad debts that is to come back"),
        "exchange_gain": ("Income:Exchange-Gain", "gains by exchange rates that are realized"),
        "exchange_loss": ("Expenses:Exchange-Loss", "losses by exchange rates that are realized"),
        "exchange": (
            "Equity:Exchange",
            "the other side of amounts in a foreign currency, so that each currency balances",
        ),
        "opening": ("Equity:Opening", "the other side of items that came from another system"),
        "transfer": ("Assets:Transfers", "between two accounts of customers: empty when both sides are posted"),
    }
)
"""Role -> the account that `AccountMap.standard` gives it, and what it is for."""

FALLBACKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "refund": "cash",
        "credit_note": "revenue",
        "recovery": "write_off",
        "waived_fee": "fee",
        "waived_interest": "interest",
        "provision": "write_off",
        "unrealized_gain": "exchange_gain",
        "unrealized_loss": "exchange_loss",
    }
)
"""Roles that need no rule -> the role whose account they have then."""


@final
@frozen(kw_only=True)
class AccountRule:
    """The account for a role where each part that is given agrees; a part left out matches all.

    ``code`` is what the role is divided by: a tax rate as `code_of` writes it, a way of payment, a kind.

    >>> AccountRule(role="tax", code="20", account="Liabilities:Tax:Full").account
    'Liabilities:Tax:Full'

    Errors: `InvalidValue` for a role that is not one, and for a name that no chart can have.
    """

    role: str
    account: str
    company: str | None = None
    segment: str | None = None
    customer: str | None = None
    code: str | None = None
    currency: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.one_of("rule.role", self.role, (*ROLES, *FALLBACKS))
        checks.text("rule.account", self.account)
        if not _is_name(self.account):
            raise InvalidValue(
                "rule.account", self.account, "must be one line, without two blanks together or a semicolon"
            )
        for name in ("company", "segment"):
            if getattr(self, name) is not None:
                checks.text(f"rule.{name}", getattr(self, name), empty=True)
        for name in ("customer", "code", "currency"):
            checks.optional_text(f"rule.{name}", getattr(self, name))

    def matches(self, customer: Customer | None, code: str, currency: str) -> bool:
        """Whether every part that is given agrees; without a customer, only rules that name none do."""
        who = (None, None, None) if customer is None else (customer.company, customer.segment, customer.id)
        return (
            self.company in (None, who[0])
            and self.segment in (None, who[1])
            and self.customer in (None, who[2])
            and self.code in (None, code)
            and self.currency in (None, currency)
        )

    @property
    def rank(self) -> tuple[bool, ...]:
        """How specific it is."""
        given = (self.customer, self.segment, self.company, self.code, self.currency)
        return tuple(each is not None for each in given)


@final
@frozen(kw_only=True)
class AccountMap:
    """The accounts of a chart by role; frozen settings of `receivables.reports.journal`.

    ``currency`` is that of the books; without it, it is the one to which the first document of a log names a rate.

    >>> accounts = AccountMap.standard(
    ...     AccountRule(role="unapplied", customer="SUSPENSE", account="Liabilities:Suspense"),
    ...     AccountRule(role="cash", code="card", account="Assets:Card-Clearing"),
    ... )
    >>> accounts.account("cash", Customer(id="ACME"), "card", "EUR"), accounts.account("refund", Customer(id="ACME"))
    ('Assets:Card-Clearing', 'Assets:Bank')
    >>> accounts.account("unapplied", Customer(id="SUSPENSE"), "payment", "EUR")
    'Liabilities:Suspense'

    Errors: `InvalidValue` where a role has no rule for all, or two rules for the same.
    """

    rules: tuple[AccountRule, ...]
    currency: Currency | None = None

    def __attrs_post_init__(self) -> None:
        if self.currency is not None:
            checks.instance("accounts.currency", self.currency, Currency, "a currency")
        checks.sequence("accounts.rules", self.rules, AccountRule, "account rules")
        whom = [(r.role, r.company, r.segment, r.customer, r.code, r.currency) for r in self.rules]
        twice = [each for each in whom if whom.count(each) > 1]
        if twice:
            raise InvalidValue("accounts.rules", twice[0], "must not choose twice for the same")
        general = {rule.role for rule in self.rules if not any(rule.rank)}
        missing = [role for role in ROLES if role not in general]
        if missing:
            raise InvalidValue("accounts.rules", missing, "must have an account for all of every role")

    @classmethod
    def of(cls, accounts: Mapping[str, str], *rules: AccountRule, currency: Currency | None = None) -> Self:
        """A map from role -> account for all, and what is narrower.

        >>> AccountMap.of({"receivable": "1200"})
        Traceback (most recent call last):
        receivables.errors.InvalidValue: accounts.rules ['unapplied', 'cash', ...]: must have an account for all...
        """
        general = (AccountRule(role=role, account=account) for role, account in accounts.items())
        return cls(rules=(*general, *rules), currency=currency)

    @classmethod
    def standard(cls, *rules: AccountRule, currency: Currency | None = None) -> Self:
        """The names of `ROLES`, which beancount and hledger take, and what differs from them.

        >>> AccountMap.standard(AccountRule(role="receivable", account="1200")).account("receivable", None)
        '1200'
        """
        given = {rule.role for rule in rules if not any(rule.rank)}
        general = (AccountRule(role=role, account=name) for role, (name, _) in ROLES.items() if role not in given)
        return cls(rules=(*general, *rules), currency=currency)

    def account(self, role: str, customer: Customer | None, code: str = "", currency: str = "") -> str:
        """The account for a role; that of the role which it falls back to where it has no rule that matches."""
        found = [rule for rule in self._by_role.get(role, ()) if rule.matches(customer, code, currency)]
        if not found:
            checks.one_of("accounts.role", role, (*ROLES, *FALLBACKS))
            return self.account(FALLBACKS[role], customer, code, currency)
        return max(found, key=lambda rule: rule.rank).account

    def names(self, role: str) -> frozenset[str]:
        """All accounts that a role can have; those of the role that it falls back to, unless it has one for all.

        >>> sorted(AccountMap.standard().names("refund"))
        ['Assets:Bank']

        Errors: `InvalidValue` for a name that is no role.
        """
        checks.one_of("accounts.role", role, (*ROLES, *FALLBACKS))
        rules = self._by_role.get(role, ())
        found = frozenset(rule.account for rule in rules)
        alone = role not in FALLBACKS or any(not any(rule.rank) for rule in rules)
        return found if alone else found | self.names(FALLBACKS[role])

    @cached_property
    def _by_role(self) -> Mapping[str, tuple[AccountRule, ...]]:
        found: dict[str, tuple[AccountRule, ...]] = {}
        for rule in self.rules:
            found[rule.role] = (*found.get(rule.role, ()), rule)
        return found


@lru_cache(maxsize=256)
def code_of(percent: Decimal | None) -> str:
    """A tax rate as the code of a rule: without zeros at its end; empty where it is not known.

    >>> code_of(Decimal("20.00")), code_of(Decimal("7.5")), code_of(Decimal(0)), code_of(None)
    ('20', '7.5', '0', '')
    """
    if percent is None:
        return ""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_name(account: str) -> bool:
    lines: Iterable[str] = account.splitlines()
    return list(lines) == [account] and account == account.strip() and "  " not in account and not {*account} & {*";\t"}
