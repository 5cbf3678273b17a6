"""What an account reconciliation takes and gives: an item of their list, the rows, and what they add up to.

Amounts count for what is owed: what the customer owes is above zero, its payments and credits are below. The difference of
a row is our amount less theirs, and nothing stands in two rows, so the rows add up to the difference of the totals.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.reports.reconciliation_steps import GUESS_WORDS, STATUS_WORDS, STEP_WORDS, next_step
from receivables.reports.table import html_table, text_table
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

KINDS: Final = ("invoice", "credit_note", "payment")
"""What an item of their list can be."""

OPEN_ALIKE: Final = frozenset({"agreed", "closed"})
"""The statuses that need nothing."""


@final
@frozen(kw_only=True)
class TheirItem:
    """One open item of the customer's list, or of a ledger's: its reference, what is open, and its date where given.

    What they owe is above zero; a payment or credit note is below, as it stands in a statement. Without a ``kind`` the sign
    decides: below zero it is taken for a credit note.

    >>> TheirItem(reference="INV-1", amount=Money.of("1200", "EUR")).what
    'invoice'

    Errors: `InvalidValue` for a payment or credit note above zero.
    """

    reference: str
    amount: Money
    on: dt.date | None = None
    kind: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("their_item.reference", self.reference)
        checks.instance("their_item.amount", self.amount, Money, "money")
        checks.optional_day("their_item.on", self.on)
        if self.kind is not None:
            checks.one_of("their_item.kind", self.kind, KINDS)
            if self.kind != "invoice" and self.amount.minor > 0:
                raise InvalidValue("their_item.amount", str(self.amount), f"must not be above zero for a {self.kind}")

    @property
    def what(self) -> str:
        """Its kind as given, or by its sign."""
        return self.kind or ("credit_note" if self.amount.minor < 0 else "invoice")

    @property
    def sort_key(self) -> tuple[str, str, int, str, str]:
        """An order that does not depend on the list."""
        return (self.reference, self.amount.currency.code, self.amount.minor, str(self.on or ""), self.kind or "")


@final
@frozen(kw_only=True)
class ReconciliationRow:
    """One item as we have it and as they have it, with what may have made a difference and the next step.

    ``ids`` are ours, ``listed`` what they have. ``guess`` is a code of
    `receivables.reports.reconciliation_steps.GUESSES`; ``hint`` names what it is about, such as the payment with its date.
    ``suggestion`` names an item of the other side that has the same amount, and is only that: nothing was matched by it.
    """

    reference: str
    kind: str
    status: str
    ours: Money
    theirs: Money
    on: dt.date | None
    ids: tuple[str, ...] = ()
    listed: tuple[TheirItem, ...] = field(default=(), repr=False)
    guess: str | None = None
    hint: str | None = None
    suggestion: str | None = None
    against: str = "customer"

    @property
    def difference(self) -> Money:
        """Our amount less theirs."""
        return self.ours - self.theirs

    @property
    def step(self) -> str:
        """The code of what to do next."""
        return next_step(self.against, self.status, self.kind, self.guess)

    @property
    def says(self) -> str:
        """How it stands, why perhaps, and what to do, in words."""
        why = f"; {GUESS_WORDS[self.guess]}" if self.guess else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{STATUS_WORDS[self.status]}{why}{hint}: {STEP_WORDS[self.step]}"

    def row(self) -> dict[str, object]:
        """The row as a plain dict, amounts as decimal texts."""
        return {
            "reference": self.reference,
            "kind": self.kind,
            "on": self.on,
            "currency": self.ours.currency.code,
            "ours": str(self.ours.amount),
            "theirs": str(self.theirs.amount),
            "difference": str(self.difference.amount),
            "status": self.status,
            "guess": self.guess,
            "hint": self.hint,
            "step": self.step,
            "suggestion": self.suggestion,
        }


@final
@frozen(kw_only=True)
class ReconciliationTotal:
    """One currency: what is open with us and with them, and the difference by status."""

    currency: Currency
    ours: Money
    theirs: Money
    by_status: tuple[tuple[str, Money], ...]

    @property
    def difference(self) -> Money:
        """Our total less theirs; what the statuses add up to."""
        return self.ours - self.theirs

    def row(self) -> dict[str, object]:
        """The total as a plain dict; only statuses that make a difference are named."""
        sides = {name: str(getattr(self, name).amount) for name in ("ours", "theirs", "difference")}
        return {"currency": self.currency.code, **sides, **{name: str(each.amount) for name, each in self.by_status}}


@final
@frozen(kw_only=True)
class AccountReconciliation:
    """Our items of an account on a date against another list, each item of either side in one row."""

    account: str
    as_of: dt.date
    against: str
    lines: tuple[ReconciliationRow, ...] = field(repr=False)

    @property
    def is_agreed(self) -> bool:
        """Whether both sides have the same."""
        return all(line.status in OPEN_ALIKE for line in self.lines)

    @property
    def to_do(self) -> tuple[ReconciliationRow, ...]:
        """The rows that need something."""
        return tuple(line for line in self.lines if line.status not in OPEN_ALIKE)

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies that occur, by code."""
        return tuple(sorted({line.ours.currency for line in self.lines}, key=lambda currency: currency.code))

    def having(self, status: str) -> tuple[ReconciliationRow, ...]:
        """The rows of one status."""
        checks.one_of("reconciliation.status", status, frozenset(STATUS_WORDS))
        return tuple(line for line in self.lines if line.status == status)

    def total(self, currency: str | Currency) -> ReconciliationTotal:
        """What the rows of one currency add up to."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        mine = [line for line in self.lines if line.ours.currency == wanted]
        return ReconciliationTotal(
            currency=wanted,
            ours=Money.total((line.ours for line in mine), wanted),
            theirs=Money.total((line.theirs for line in mine), wanted),
            by_status=tuple(
                (status, Money.total((line.difference for line in mine if line.status == status), wanted))
                for status in STATUS_WORDS
                if status not in OPEN_ALIKE
            ),
        )

    def totals(self) -> list[dict[str, object]]:
        """One plain dict per currency."""
        return [self.total(currency).row() for currency in self.currencies]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per row."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"reconciliation of {self.account} with the {self.against} as of {self.as_of}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(_shown(self.lines), 'nothing open with either')}"

    def _repr_html_(self) -> str:
        return html_table(_shown(self.lines), self.title[0].upper() + self.title[1:])


_SHOWN: Final = ("reference", "currency", "ours", "theirs", "difference", "status", "guess", "step")


def _shown(lines: tuple[ReconciliationRow, ...]) -> list[dict[str, object]]:
    rows = (line.row() for line in lines)
    return [{name: row[name] for name in _SHOWN} for row in rows]
