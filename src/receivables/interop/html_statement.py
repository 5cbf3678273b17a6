"""Statements as letters: HTML for screen and paper, and text for mail (the extra ``receivables[html]``: jinja2 and Babel).

Numbers and dates are written as Babel has them for the customer's language, the words come from
`receivables.interop.statement_texts`. All that a person wrote is escaped. A page is whole in itself: it loads nothing.

Names and addresses are the host's: they come in here, and are stored nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.interop.statement_templates import HTML, STYLE, TEXT
from receivables.interop.statement_texts import LANGUAGES, words
from receivables.reports.portal import StatementItem
from receivables.reports.statement import AccountStatement, StatementBalance
from receivables.reports.statement_lines import StatementLine
from receivables.reports.table import text_table
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

PAPERS: Final[Mapping[str, str]] = {"A4": "A4", "Letter": "letter"}
"""The papers that a statement is made for, and what a style sheet calls them."""

_DAY: Final = dt.timedelta(days=1)
_NOTES: Final = ("coming", "disputed", "promised", "planned")


@final
@frozen(kw_only=True)
class Sender:
    """Who sends it: a name, the lines under it, and how to pay, line by line.

    >>> Sender(name="Muster GmbH", lines=("Hauptstr. 1", "10115 Berlin"), payment=("IBAN DE02 1203 0000 0000 2020 51",)).name
    'Muster GmbH'
    """

    name: str
    lines: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("sender.name", self.name)
        for each in (*self.lines, *self.payment):
            checks.text("sender.lines", each)


@final
@frozen(kw_only=True)
class RenderedStatement:
    """A statement as a letter. ``language`` is that of its words, ``locale`` that of its numbers and dates.

    Where ``fell_back`` is true the customer's language, ``asked``, has no words here, and English stands for it.
    """

    html: str
    text: str
    language: str
    locale: str
    asked: str

    @property
    def fell_back(self) -> bool:
        """Whether English stands for a language that has no words here."""
        return self.asked.replace("-", "_").partition("_")[0].lower() != self.language


def render(
    statement: AccountStatement,
    sender: Sender,
    recipient: Sequence[str],
    *,
    language: str | None = None,
    paper: str = "A4",
    note: str = "",
) -> RenderedStatement:
    """A statement as HTML and as text; ``recipient`` are the lines of the address, ``note`` stands above the figures.

    ``language`` is a tag such as ``de`` or ``de-CH``; without it that of the statement counts.

    Errors: `InvalidValue` for another paper, and for a tag that is none; `ImportError` where the extra is not installed.
    """
    checks.one_of("statement.paper", paper, tuple(PAPERS))
    for line in recipient:
        checks.text("statement.recipient", line)
    checks.text("statement.note", note, empty=True)
    asked = statement.language if language is None else language
    form = _Form(asked)
    shown = {
        "statement": statement,
        "words": form.words,
        "kind": statement.kind,
        "account": statement.account,
        "merged_into": statement.merged_into,
        "first": form.date(statement.first),
        "last": form.date(statement.last),
        "sections": [_section(statement, balance, form) for balance in statement.balances],
        "sender": sender,
        "recipient": "\n".join(recipient),
        "note": note,
        "check": statement.digest[:16],
        "locale": form.name.replace("_", "-"),
        "direction": form.direction,
        "paper": PAPERS[paper],
    }
    pages, letters = _templates()
    return RenderedStatement(
        html=pages.render(shown),
        text=_one_blank(letters.render(shown)),
        language=form.language,
        locale=form.name,
        asked=asked,
    )


# What stands in the templates -------------------------------------------------------------------------------------------


def _section(statement: AccountStatement, balance: StatementBalance, form: _Form) -> dict[str, Any]:
    """One currency, all of it as text."""
    lines = list(_lines(statement, balance, form)) if statement.shows_lines else []
    items = list(_items(statement, balance, form)) if statement.shows_items else []
    strip = list(_strip(statement, balance, form)) if not balance.open.is_zero else []
    figures = list(_figures(statement, balance, form))
    label = form.words
    heads = {"date": "date", "text": "text", "amount": "amount", "balance": "balance"}
    return {
        "currency": form.currency(balance.currency),
        "figures": figures,
        "lines": lines,
        "items": items,
        "strip": strip,
        "figures_table": _aligned([(each["label"], each["amount"]) for each in figures]),
        "lines_table": _letter_table(
            [{label[head]: line[name] for name, head in heads.items()} for line in map(_with_note, lines)], 2
        ),
        "items_table": _letter_table([_item_row(item, label) for item in items], 3),
        "strip_table": _aligned([(each["label"], each["amount"]) for each in strip]),
    }


def _figures(statement: AccountStatement, balance: StatementBalance, form: _Form) -> Iterator[dict[str, str]]:
    """The figures of a currency, the balance first; what is nothing is left out, but for the balances."""
    owed = balance.closing.minor >= 0
    due = "closing_balance" if owed else "credit_balance"
    yield {
        "look": "main",
        "label": form.words[due],
        "amount": form.money(balance.closing if owed else -balance.closing),
    }
    shown: list[tuple[str, Money, str]] = []
    if statement.shows_lines:
        shown += [
            ("opening", balance.opening, ""),
            ("charged", balance.charged, ""),
            ("credited", balance.credited, ""),
        ]
    shown += [
        ("overdue", balance.overdue, "late"),
        ("disputed", balance.disputed, ""),
        ("on_account", balance.on_account, ""),
    ]
    for name, amount, look in shown:
        if name == "opening" or not amount.is_zero:
            yield {"look": look, "label": form.words[name], "amount": form.money(amount)}


def _lines(statement: AccountStatement, balance: StatementBalance, form: _Form) -> Iterator[dict[str, Any]]:
    """The movements, between the balance brought forward and the one at the end."""
    yield _end(statement.first - _DAY, "opening", balance.opening, form)
    for line, after in statement.running(balance.currency):
        yield {
            "date": form.date(line.date),
            "text": _line_text(line, form),
            "note": ", ".join(_line_notes(statement, line, form)),
            "amount": form.amount(line.money),
            "balance": form.amount(after),
            "end": False,
        }
    yield _end(statement.last, "closing", balance.closing, form)


def _end(day: dt.date, what: str, amount: Money, form: _Form) -> dict[str, Any]:
    shown = form.amount(amount)
    return {"date": form.date(day), "text": form.words[what], "note": "", "amount": "", "balance": shown, "end": True}


def _line_text(line: StatementLine, form: _Form) -> str:
    text = f"{form.words[line.code]} {line.item or line.id}"
    return f"{form.words['back']}: {text}" if line.back and line.code != "payment_returned" else text


def _line_notes(statement: AccountStatement, line: StatementLine, form: _Form) -> Iterator[str]:
    if line.applied and statement.kind == "activity":
        parts = (f"{item} {form.amount(Money(minor, line.currency))}" for item, minor in line.applied)
        yield f"{form.words['applied']} {'; '.join(parts)}"
    if line.earlier:
        yield form.words["earlier"]


def _items(statement: AccountStatement, balance: StatementBalance, form: _Form) -> Iterator[dict[str, Any]]:
    """The open items, and what is on account below zero."""
    for item in statement.items_in(balance.currency):
        yield {
            "text": f"{form.words[item.kind]} {item.item}",
            "notes": list(_item_notes(statement, item, form)),
            "date": form.date(item.document_on),
            "due": "" if item.due_on is None else form.date(item.due_on),
            "days": str(item.days_overdue or ""),
            "original": "" if item.original is None else form.amount(item.original),
            "open": form.amount(item.open),
        }
    for credit in statement.credits_in(balance.currency):
        amount = Money(-credit.remaining, credit.currency)
        text = f"{form.words['on_account']} {credit.id}"
        empty = dict.fromkeys(("date", "due", "days", "original"), "")
        yield {"text": text, "notes": [], **empty, "open": form.amount(amount)}


def _item_notes(statement: AccountStatement, item: StatementItem, form: _Form) -> Iterator[str]:
    reference = statement.reference(item.item)
    if reference not in (item.item, item.document):
        yield f"{form.words['reference']}: {reference}"
    for name in _NOTES:
        amount: Money = getattr(item, name)
        until: dt.date | None = getattr(item, f"{name}_until", None)
        if not amount.is_zero:
            day = f" {form.words['until']} {form.date(until)}" if until is not None else ""
            yield f"{form.words[name]}: {form.amount(amount)}{day}"


def _strip(statement: AccountStatement, balance: StatementBalance, form: _Form) -> Iterator[dict[str, str]]:
    for name, amount in statement.strip(balance.currency).buckets.items():
        label = form.words["current"] if name == "current" else f"{name} {form.words['days']}"
        yield {"label": label.replace("-", "–"), "amount": form.amount(amount)}


def _item_row(item: Mapping[str, Any], label: Mapping[str, str]) -> dict[str, str]:
    names = {"date": "date", "due": "due", "days": "days_overdue", "original": "original", "open": "open"}
    notes = f" ({'; '.join(item['notes'])})" if item["notes"] else ""
    return {
        label["document"]: _plain(item["text"] + notes),
        **{label[head]: item[name] for name, head in names.items()},
    }


def _with_note(line: Mapping[str, Any]) -> dict[str, Any]:
    note = f" ({line['note']})" if line["note"] else ""
    return {**line, "text": _plain(line["text"] + note)}


def _letter_table(rows: Sequence[dict[str, str]], figures: int) -> str:
    """A text table whose last columns are figures, however the language writes them."""
    names = list(rows[0])[-figures:] if rows else []
    wide = {name: max(len(each) for each in (name, *(row[name] for row in rows))) for name in names}
    padded = [{**row, **{name: row[name].rjust(wide[name]) for name in names}} for row in rows]
    heads = [{name.rjust(wide[name]) if name in wide else name: text for name, text in row.items()} for row in padded]
    return text_table(heads)


def _aligned(pairs: Sequence[tuple[str, str]]) -> str:
    """Labels to the left, amounts to the right."""
    wide, far = (max((len(pair[at]) for pair in pairs), default=0) for at in (0, 1))
    return "\n".join(f"{label.ljust(wide)}  {amount.rjust(far)}" for label, amount in pairs)


def _plain(text: str) -> str:
    """A text on one line: no line of a letter is anybody else's."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _one_blank(text: str) -> str:
    """At most one empty line after another."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept).strip() + "\n"


# How numbers and dates are written --------------------------------------------------------------------------------------


@final
class _Form:
    """How a language writes amounts and dates.

    Amounts are put together from their digits: the decimal context of the host has no say in them.
    """

    def __init__(self, asked: str) -> None:
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - an extra: only who asks for it needs it
        from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol  # noqa: PLC0415

        checks.text("statement.language", asked)
        tag = asked.replace("-", "_")
        self.language = tag.partition("_")[0].lower()
        if self.language not in LANGUAGES:
            self.language = tag = "en"
        try:
            self._locale = Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            raise InvalidValue("statement.language", asked, "must be a tag such as 'de' or 'de-CH'") from None
        self.name = str(self._locale)
        self.direction: str = self._locale.text_direction
        self.words = words(self.language)
        self._point = get_decimal_symbol(self._locale)
        self._minus = get_minus_sign_symbol(self._locale)
        self._group = get_group_symbol(self._locale)

    def date(self, day: dt.date) -> str:
        """A date, with the month as the language has it."""
        from babel.dates import format_date  # noqa: PLC0415

        return str(format_date(day, "medium", locale=self._locale))

    def amount(self, money: Money) -> str:
        """An amount without its currency."""
        places = money.currency.exponent
        digits = str(abs(money.minor)).rjust(places + 1, "0")
        whole, rest = (digits[:-places], digits[-places:]) if places else (digits, "")
        head = len(whole) % 3
        groups = [whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))]
        shown = self._group.join(group for group in groups if group) + (self._point + rest if rest else "")
        return f"{self._minus}{shown}" if money.minor < 0 else shown

    def money(self, money: Money) -> str:
        """An amount with the code of its currency."""
        return f"{self.amount(money)}\u00a0{money.currency.code}"

    def currency(self, currency: Currency) -> str:
        """The code of a currency, with its name where the language has one."""
        name = self._locale.currencies.get(currency.code)
        return f"{currency.code} – {name}" if name else currency.code


@lru_cache(maxsize=1)
def _templates() -> tuple[Any, Any]:
    """The compiled templates: of the page, which escapes all that is put into it, and of the text."""
    from jinja2 import DictLoader, Environment, StrictUndefined  # noqa: PLC0415

    options: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    loader = DictLoader({"page": HTML, "letter": TEXT})
    pages = Environment(autoescape=True, loader=loader, **options)
    pages.globals["style"] = _safe(STYLE)
    return pages.get_template("page"), Environment(autoescape=False, loader=loader, **options).get_template("letter")


def _safe(text: str) -> Any:
    """A text of our own, which is markup already."""
    from markupsafe import Markup  # noqa: PLC0415

    return Markup(text)
