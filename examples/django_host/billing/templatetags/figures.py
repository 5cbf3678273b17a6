"""Amounts, days and references as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django import template
from django.utils.formats import date_format

from receivables import Money
from receivables.values.references import grouped, is_creditor_reference

register = template.Library()


@register.filter
def money(amount: Money | None) -> str:
    """An amount with separators: 1,200.00 EUR, which does not break over two lines."""
    return "" if amount is None else f"{amount:,}".replace(" ", "\u00a0")


@register.filter
def day(value: dt.date | None) -> str:
    """A date in words: 8 June 2026."""
    return "not known yet" if value is None else date_format(value, "j\u00a0M\u00a0Y")


@register.filter
def called(items: str | Iterable[str], names: Mapping[str, str]) -> str:
    """Items as a person calls them, see `billing.words.names_of`."""
    return ", ".join(names.get(item, item) for item in ([items] if isinstance(items, str) else items))


@register.filter
def reference(text: str) -> str:
    """A reference in groups of four, where it is one that a bank checks."""
    return grouped(text) if is_creditor_reference(text) else text


@register.filter
def title_words(code: str) -> str:
    """A code as the beginning of a sentence: ``promise_broken`` is "Promise broken"."""
    return code.replace("_", " ").capitalize()
