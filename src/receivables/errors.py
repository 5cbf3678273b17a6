"""The errors of the library: one root, few leaves.

Exceptions are for misuse and conflict; business answers (held, refused, skipped) are values with coded reasons.
A message is one line in lower case, names the field and shows the value. Every value is an attribute as well. A card
number in a value is masked, in the message and in the attribute: what an error says ends up in logs.
Each leaf also subclasses the builtin that it resembles, so ``except ValueError`` keeps working in a host.
"""

from __future__ import annotations

from typing import Any

from receivables.check_digits import hide_cards

LONGEST_SHOWN = 200
"""How much of a value a message shows; all of it is in the attribute."""


class ReceivablesError(Exception):
    """The root of every error that this library raises.

    >>> raise InvalidValue("amount", "4111 1111 1111 1111", "must be a number")
    Traceback (most recent call last):
    receivables.errors.InvalidValue: amount: must be a number, got '411111******1111'
    """

    def __init__(self, *said: object) -> None:
        super().__init__(*map(_without_cards, said))

    def __repr__(self) -> str:
        return hide_cards(super().__repr__())


class InvalidValue(ReceivablesError, ValueError):
    """A value that has the right type and cannot be right.

    >>> raise InvalidValue("invoice.total", "-5", "must not be negative")
    Traceback (most recent call last):
    receivables.errors.InvalidValue: invoice.total: must not be negative, got '-5'
    """

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(field, value, rule)
        self.field, self.value, self.rule = field, _without_cards(value), rule

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}, got {_shown(self.value)}"


class WrongType(ReceivablesError, TypeError):
    """A value of a type that the field does not take: a float for an amount, a datetime for a date.

    >>> raise WrongType("payment.value_date", 5, "a date")
    Traceback (most recent call last):
    receivables.errors.WrongType: payment.value_date: must be a date, got 5 (int)
    """

    def __init__(self, field: str, value: object, wanted: str) -> None:
        super().__init__(field, value, wanted)
        self.field, self.value, self.wanted = field, _without_cards(value), wanted

    def __str__(self) -> str:
        return f"{self.field}: must be {self.wanted}, got {_shown(self.value)} ({type(self.value).__name__})"


class CurrencyMismatch(ReceivablesError, ValueError):
    """Two amounts of different currencies where one currency is needed; carries both."""

    def __init__(self, left: object, right: object) -> None:
        super().__init__(left, right)
        self.left, self.right = left, right

    def __str__(self) -> str:
        return f"currencies differ: {self.left} and {self.right}"


class NotUnderstood(ReceivablesError, ValueError):
    """A text that could not be read; points at the place where reading stopped."""

    def __init__(self, text: str, position: int, expected: str) -> None:
        super().__init__(text, position, expected)
        self.text, self.position, self.expected = hide_cards(text), position, expected

    def __str__(self) -> str:
        return f"expected {self.expected} at position {self.position} of {self.text!r}"


class CardNumberRefused(ReceivablesError, ValueError):
    """A text that holds a payment card number; the number is shown masked and stored nowhere."""

    def __init__(self, field: str, masked: str) -> None:
        super().__init__(field, masked)
        self.field, self.masked = field, masked

    def __str__(self) -> str:
        return f"{self.field}: holds a card number, got {self.masked}"


class UnknownId(ReceivablesError, LookupError):
    """An account, item, payment, order or policy that is not there; ``hint`` says why, or what may have been meant.

    >>> raise UnknownId("currency", "eur", "write 'EUR'")
    Traceback (most recent call last):
    receivables.errors.UnknownId: unknown currency: 'eur', write 'EUR'
    """

    def __init__(self, kind: str, id: object, hint: str | None = None) -> None:
        super().__init__(kind, id, hint)
        self.kind, self.id, self.hint = kind, _without_cards(id), hint

    def __str__(self) -> str:
        said = f"unknown {self.kind}: {self.id!r}"
        return f"{said}, {self.hint}" if self.hint else said


class ClaimTaken(ReceivablesError, ValueError):
    """A claimed (namespace, key) that somebody has already: a duplicate invoice number, a bank line booked before."""

    def __init__(self, namespace: str, key: str, holder: str) -> None:
        super().__init__(namespace, key, holder)
        self.namespace, self.key, self.holder = namespace, key, holder

    def __str__(self) -> str:
        return f"{self.namespace} {self.key!r} exists already in account {self.holder!r}"


class OverApplied(ReceivablesError, ValueError):
    """More money applied than the source has left or the item has open; carries what was asked and what is there."""

    def __init__(self, kind: str, id: str, asked: object, available: object) -> None:
        super().__init__(kind, id, asked, available)
        self.kind, self.id, self.asked, self.available = kind, id, asked, available

    def __str__(self) -> str:
        return f"{self.kind} {self.id!r}: {self.asked} asked, {self.available} available"


class NotJoinable(ReceivablesError, ValueError):
    """Two accounts that cannot be merged, or not be separated again; names everything that stands in the way."""

    def __init__(self, deed: str, account: str, other: str, obstacles: tuple[str, ...]) -> None:
        super().__init__(deed, account, other, obstacles)
        self.deed, self.account, self.other, self.obstacles = deed, account, other, obstacles

    def __str__(self) -> str:
        return f"cannot {self.deed} {self.account!r} and {self.other!r}, in the way: {self.obstacles}"


class NotAuthorized(ReceivablesError, ValueError):
    """A deed for which neither who asks nor who approves has the authority; ``wanted`` are the roles that would.

    ``total`` is what the same person did of the kind within the window, this included. It is no ``PermissionError``: that is
    an ``OSError``, which hosts catch to try again.
    """

    def __init__(
        self,
        kind: str,
        subject: str,
        by: str | None,
        approver: str | None,
        amount: object,
        total: object,
        code: str,
        wanted: tuple[str, ...] = (),
    ) -> None:
        super().__init__(kind, subject, by, approver, amount, total, code, wanted)
        self.kind, self.subject, self.by, self.approver = kind, subject, by, approver
        self.amount, self.total, self.code, self.wanted = amount, total, code, wanted

    def __str__(self) -> str:
        how_much = f" of {self.amount}, {self.total} in all" if self.amount is not None else ""
        who = f"{self.by!r} asks, {self.approver!r} approves"
        return f"no authority for {self.kind} {self.subject!r}{how_much} ({self.code}): {who}, wanted {self.wanted}"


class RateUnavailable(ReceivablesError, LookupError):
    """No exchange rate by which something can be decided: none is known, or the last one is too old."""

    def __init__(self, code: str, currencies: tuple[str, ...], on: object, age_days: int | None = None) -> None:
        super().__init__(code, currencies, on, age_days)
        self.code, self.currencies, self.on, self.age_days = code, currencies, on, age_days

    def __str__(self) -> str:
        age = "" if self.age_days is None else f", the last is {self.age_days} days old"
        return f"{self.code}: no rate between {self.currencies} on {self.on}{age}"


class KeyReused(ReceivablesError, ValueError):
    """A command key that was used before for another request: one that differs in any field, a date for example."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"key {self.key!r} was used before for another request; what is repeated must be the same in every field"


class StaleAccount(ReceivablesError, RuntimeError):
    """The account moved between load and commit: load again and decide anew."""

    def __init__(self, account: str, expected: int, actual: int) -> None:
        super().__init__(account, expected, actual)
        self.account, self.expected, self.actual = account, expected, actual

    def __str__(self) -> str:
        return f"account {self.account!r} is at version {self.actual}, expected {self.expected}"


class OpenTransaction(ReceivablesError, RuntimeError):
    """Delivery was asked for inside a transaction that the host has open: a mail cannot be rolled back."""

    def __str__(self) -> str:
        return "delivery needs transactions of its own: commit or roll back the open one first"


class NoTransaction(ReceivablesError, RuntimeError):
    """A durable store was asked to commit where no transaction is open: half a commit could stay behind."""

    def __str__(self) -> str:
        return "a commit needs a transaction of the host's: begin one first"


class ErasedSubject(ReceivablesError, ValueError):
    """A letter about something whose personal data was erased on request: there is nothing lawful to send it with."""

    def __init__(self, account: str, notice: str) -> None:
        super().__init__(account, notice)
        self.account, self.notice = account, notice

    def __str__(self) -> str:
        return f"account {self.account!r}: what notice {self.notice!r} is about was erased"


class ErasurePending(ReceivablesError, RuntimeError):
    """An account of a restored backup that does not know of erasures yet: they are done again before anything else."""

    def __init__(self, account: str, erasures: tuple[str, ...]) -> None:
        super().__init__(account, erasures)
        self.account, self.erasures = account, erasures

    def __str__(self) -> str:
        return f"account {self.account!r} comes from a backup: replay erasures {self.erasures} first"


class Undecodable(ReceivablesError, ValueError):
    """Stored data that cannot be read; names the path in the data, such as ``$.invoice.lines[2].net``."""

    def __init__(self, path: str, value: Any, rule: str) -> None:
        super().__init__(path, value, rule)
        self.path, self.value, self.rule = path, _without_cards(value), rule

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}, got {_shown(self.value)}"


def _without_cards(value: object) -> object:
    return hide_cards(value) if isinstance(value, str) else value


def _shown(value: object) -> str:
    text = repr(value)
    # Masked before it is cut, with a margin: half a card number would not be found.
    shown = hide_cards(text[: 4 * LONGEST_SHOWN])[:LONGEST_SHOWN]
    return shown if len(text) <= LONGEST_SHOWN else f"{shown}..."
