"""What staff is told about risk: that a customer moved to another class, and that an early warning was raised.

Both are read from facts that are there, so time alone brings nothing but the end of an override.
"""

from __future__ import annotations

from collections.abc import Iterator

from receivables.documents.notice import NoticeLine
from receivables.documents.risk import EarlyWarning
from receivables.state.risk import ClassChange
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

CODES = frozenset({"risk_class_changed", "early_warning"})
"""The templates of these alerts."""

Told = tuple[str, str, tuple[str, ...], tuple[NoticeLine, ...]]
"""An alert as a code, a subject, the items that it concerns, and lines of its own where it concerns none."""


def risk_alerts(view: View, nothing: Currency) -> Iterator[Told]:
    """The last move from one class to another, and every warning, once each.

    The subject of a move is its day with both classes, that of a warning its kind and period. ``nothing`` is the currency
    of a line without an amount.
    """
    for change in view.risk.changes[-1:]:
        if change.before is not None and change.after is not None:
            subject = f"{change.on}/{change.before}>{change.after}"
            yield "risk_class_changed", subject, (), (_of_change(view, change, subject, nothing),)
    for warning in view.risk.warnings:
        subject = f"{warning.kind}/{warning.period}"
        items = tuple(item for item in warning.items if item in view.places or item in view.closed)
        yield "early_warning", subject, items, () if items else tuple(_of_warning(warning, subject, nothing))


def _of_change(view: View, change: ClassChange, subject: str, nothing: Currency) -> NoticeLine:
    """What caused it: the account, and the override where it was one."""
    override = view.risk.override.id if change.cause == "override" and view.risk.override else change.cause
    return NoticeLine(
        item=view.account,
        document=override,
        amount=Money.zero(nothing),
        due_on=change.on,
        ladder_from=change.on,
        step=subject,
    )


def _of_warning(warning: EarlyWarning, subject: str, nothing: Currency) -> Iterator[NoticeLine]:
    """One line for each thing that it rests on."""
    first = next((each.amount.currency for each in warning.evidence if each.amount is not None), nothing)
    for each in warning.evidence:
        amount = each.amount if each.amount is not None and each.amount.currency == first else Money.zero(first)
        yield NoticeLine(
            item=each.subject, document=each.about, amount=amount, due_on=each.on, ladder_from=each.on, step=subject
        )
