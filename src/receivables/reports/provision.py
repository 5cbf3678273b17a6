"""What has to be set aside for losses: the matrix on an aging, the claims that have an allowance of their own, the movement.

An item with a specific allowance is in no bucket of the matrix, so nothing is set aside for it twice. Buckets are by the
original due dates: a payment plan makes no debt younger. What is on account lowers nothing: it is not applied yet.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import final

from attrs import field, frozen

from receivables.codec import policy_ref
from receivables.documents.notice import PolicyRef
from receivables.errors import InvalidValue
from receivables.policies.provision import AllowanceMovement, ProvisionPolicy, expense, in_percent
from receivables.reports.aging import aging
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.state.view import View, each_view
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class ProvisionLine:
    """One bucket of one segment and currency: what is open and in the matrix, the rate, and what is set aside."""

    segment: str | None
    bucket: str
    balance: Money
    rate: Fraction
    allowance: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict; the rate is in percent, rounded to four places."""
        return {
            "segment": self.segment or "all others",
            "bucket": self.bucket,
            "currency": self.balance.currency.code,
            "balance": str(self.balance.amount),
            "rate": str(in_percent(self.rate)),
            "allowance": str(self.allowance.amount),
        }


@final
@frozen(kw_only=True)
class SpecificLine:
    """An allowance for claims by themselves: the items, what is open of them, and what is set aside."""

    account: str
    id: str
    items: tuple[str, ...]
    code: str
    open: Money
    allowance: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "allowance of": self.id,
            "items": ", ".join(self.items),
            "code": self.code,
            "currency": self.open.currency.code,
            "open": str(self.open.amount),
            "allowance": str(self.allowance.amount),
        }


@final
@frozen(kw_only=True)
class Provision:
    """What has to be set aside on a date, as known at an instant, by a matrix; per currency, never added."""

    as_of: dt.date | None
    known_at: dt.datetime | None
    policy: PolicyRef
    lines: tuple[ProvisionLine, ...] = field(repr=False)
    specifics: tuple[SpecificLine, ...] = field(repr=False)
    because: str = ""
    """Why and by how much the rates differ from experience, where they do."""

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies that occur, by code."""
        found = {line.balance.currency for line in self.lines} | {line.open.currency for line in self.specifics}
        return tuple(sorted(found, key=lambda currency: currency.code))

    def matrix(self, currency: str | Currency) -> Money:
        """What the buckets come to."""
        wanted = _currency(currency)
        return Money.total((each.allowance for each in self.lines if each.allowance.currency == wanted), wanted)

    def specific(self, currency: str | Currency) -> Money:
        """What is set aside for claims by themselves."""
        wanted = _currency(currency)
        return Money.total((each.allowance for each in self.specifics if each.allowance.currency == wanted), wanted)

    def required(self, currency: str | Currency) -> Money:
        """All that has to be set aside."""
        return self.matrix(currency) + self.specific(currency)

    def open(self, currency: str | Currency) -> Money:
        """What is open, in the matrix or not: the open total of the aging."""
        wanted = _currency(currency)
        parts = [each.balance for each in self.lines] + [each.open for each in self.specifics]
        return Money.total((each for each in parts if each.currency == wanted), wanted)

    def expense(self, existing: Money) -> Money:
        """What has to be added to an allowance that is there; one that is overdrawn is below zero."""
        return expense(self.required(existing.currency), existing)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per bucket, segment and currency."""
        return [line.row() for line in self.lines]

    def specific_rows(self) -> list[dict[str, object]]:
        """One plain dict per allowance for claims by themselves."""
        return [line.row() for line in self.specifics]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"provision as of {self.as_of} by {self.policy.id}/{self.policy.version}"

    def __str__(self) -> str:
        sums = [
            f"{currency.code}: matrix {self.matrix(currency)}, specific {self.specific(currency)}, "
            f"required {self.required(currency)}"
            for currency in self.currencies
        ]
        specific = [text_table(self.specific_rows())] if self.specifics else []
        because = [self.because] if self.because else []
        return "\n".join([self.title, text_table(self.rows(), "nothing open"), *specific, *sums, *because])

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def provision(views: View | Iterable[View], policy: ProvisionPolicy) -> Provision:
    """What has to be set aside for the accounts whose views are given; all views must be of one date.

    >>> from receivables import Account, Customer, Invoice, Money
    >>> from receivables.policies.provision import LossRates
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("4000", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> matrix = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
    >>> found = provision(account.view(dt.date(2026, 2, 11)), matrix)
    >>> str(found.required("EUR")), str(found.expense(Money.of(100, "EUR")))
    ('80.00 EUR', '-20.00 EUR')

    Raises `InvalidValue` for views of different dates.
    """
    checks.instance("provision.policy", policy, ProvisionPolicy, "a provision policy")
    sums: dict[tuple[str | None, Currency], list[int]] = {}
    specifics: list[SpecificLine] = []
    first: View | None = None
    for view in each_view("provision.views", views):
        if first is None:
            first = view
        elif view.as_of != first.as_of or view.known_at != first.known_at:
            raise InvalidValue("provision.views", view.as_of.isoformat(), f"must all be of {first.as_of}")
        _add(sums, view, policy)
        specifics.extend(_specifics(view))
    names = aging([], edges=policy.edges).buckets
    forward = policy.forward
    return Provision(
        as_of=first.as_of if first else None,
        known_at=first.known_at if first else None,
        policy=policy_ref(policy),
        lines=tuple(_lines(sums, names, policy)),
        specifics=tuple(specifics),
        because="" if forward is None else f"rates times {forward.factor}: {forward.reason} ({forward.source})",
    )


def _add(sums: dict[tuple[str | None, Currency], list[int]], view: View, policy: ProvisionPolicy) -> None:
    """What is open of a view by bucket, less the items that have an allowance of their own."""
    segment = policy.segment_of(view.customer.segment if view.customer is not None else None)
    found = aging(view, edges=policy.edges, by="origin")
    for currency in found.currencies:
        amounts = sums.setdefault((segment, currency), [0] * (len(policy.edges) + 2))
        for at, amount in enumerate(found.total(currency).amounts):
            amounts[at] += amount.minor
    today = view.as_of.toordinal()
    for item in (item for each in view.allowances for item in each.items):
        book, at = view.places[item]
        late = today - book.due[at]
        bucket = 1 + bisect_left(policy.edges, late) if late > 0 else 0
        sums[segment, book.currency][bucket] -= book.open[at]


def _specifics(view: View) -> Iterator[SpecificLine]:
    for each in view.allowances:
        yield SpecificLine(
            account=view.account,
            id=each.allowance.id,
            items=each.items,
            code=each.allowance.code,
            open=Money(each.open, each.currency),
            allowance=Money(each.amount, each.currency),
        )


def _lines(
    sums: Mapping[tuple[str | None, Currency], list[int]], names: tuple[str, ...], policy: ProvisionPolicy
) -> Iterator[ProvisionLine]:
    for segment, currency in sorted(sums, key=lambda key: (key[1].code, key[0] or "")):
        balances = [Money(minor, currency) for minor in sums[segment, currency]]
        allowances = policy.allowances(balances, segment)
        for name, balance, rate, allowance in zip(names, balances, policy.rates_of(segment), allowances, strict=True):
            yield ProvisionLine(segment=segment, bucket=name, balance=balance, rate=rate, allowance=allowance)


def _currency(currency: str | Currency) -> Currency:
    return Currency.of(currency) if isinstance(currency, str) else currency


# What became of an allowance --------------------------------------------------------------------------------------------


def allowance_movement(
    accounts: Account | Iterable[Account],
    currency: str | Currency,
    *,
    opening: Money,
    closing: Money,
    since: dt.date,
    until: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> AllowanceMovement:
    """How an allowance went from one closing to the next: what write-offs used of it, what recoveries gave back, the expense.

    After the day ``since`` and up to ``until``; ``closing`` is what a `Provision` of that day requires. What was a mistake
    counts on the day of its write-off, a recovery that came back on that day.

    Raises `CurrencyMismatch`.
    """
    wanted, known = _currency(currency), known_until(known_at, zone)
    used = recovered = 0
    for account in (accounts,) if isinstance(accounts, Account) else accounts:
        had = joined_on(account, until, known)
        losses, cash = had.losses, had.cash
        mine = {item.id for item in had.ledger.items if item.currency == wanted}
        undone = {entry.allocation: entry for entry in cash.undoings if entry.seen(until, known)}
        for sign, entries in ((1, losses.write_offs), (-1, losses.reversals)):
            seen = (each for each in entries if each.item in mine and each.seen(until, known))
            used += sum(sign * each.allowance_used for each in seen if each.effective_on > since)
        for each in losses.recoveries:
            if each.item in mine and each.seen(until, known):
                recovered += each.allowance_credited if each.effective_on > since else 0
                back = undone.get(each.id)
                if back is not None and max(back.effective_on, each.effective_on) > since:
                    recovered -= each.allowance_credited
    return AllowanceMovement.between(
        opening=opening, closing=closing, used=Money(used, wanted), recovered=Money(recovered, wanted)
    )
