"""What moves the balance of an account between two dates: a line for each document, payment and correction.

1. A line is there where a day ends with something that the day before did not have. What is taken back is a second line on the
   day of that, never the first one made unseen; what was taken back on its own day was never there.
2. The lines of a day, one after the other, lead from the balance of the day before to that of the day.
3. Where accounts were merged or separated, or documents went and came, one line has what that brought or took on its day.

So what is applied to what is no line: it moves no balance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, final

from receivables.documents.settlement import DISCOUNTS
from receivables.state.account import Account, joined_on
from receivables.state.cash import Cash, CreditEntry
from receivables.state.invoice import Item
from receivables.state.viewing import build_view
from receivables.values.currencies import Currency
from receivables.values.money import Money

LINE_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("merged", "what accounts or documents brought or took that came or went"),
    ("taken_over", "an item that came from another system"),
    ("invoice", "an invoice, all its installments together"),
    ("fee", "a fee"),
    ("interest", "interest"),
    ("payment", "a payment whose money came"),
    ("payment_returned", "a payment whose money went back"),
    ("credit_note", "a credit note, or a part of an invoice that takes back"),
    ("credit", "a credit that a conversion made, or that came from another account"),
    ("discount", "a cash discount"),
    ("difference", "another part that was settled without money: a tolerance, tax withheld, a bank fee"),
    ("charge_correction", "a fee or interest that was reversed or waived, or is owed again"),
    ("written_off", "what was given up"),
    ("recovered", "what had been given up and was paid after all, which its payment takes away again"),
    ("refund", "a credit that was given back"),
    ("transfer", "a credit that went to another account"),
    ("conversion", "a credit that became one in another currency"),
    ("kept", "a surplus that was kept"),
    ("other", "what is none of these; nothing, for what the library itself recorded"),
)
"""What a line can be; the lines of a day stand in this order."""

_ORDER: Final[Mapping[str, int]] = {code: at for at, (code, _) in enumerate(LINE_CODES)}
_CREDITS: Final[Mapping[str, str]] = {
    "payment": "payment",
    "credit_note": "credit_note",
    "invoice_part": "credit_note",
}
_GIVEN_UP: Final = frozenset({"write_off", "written_off"})
_USES: Final = frozenset({"refund", "transfer", "conversion"})
_DAY: Final = dt.timedelta(days=1)

Span = tuple[dt.date, dt.date | None]
"""The first day on which something counts, and the first on which it does not any more."""


class StatementLine(NamedTuple):
    """One movement: below zero where the customer owes less by it; in minor units of ``currency``.

    ``id`` is the document, payment, allocation or difference, ``item`` the item that is reduced, ``back`` says that it takes
    back an earlier line. ``earlier`` is a movement of a day before the period that was not known when the statement before was
    made. ``applied`` has, of a credit, the items that it went to by the end of the period, each with its amount.
    """

    date: dt.date
    code: str
    id: str
    item: str | None
    currency: Currency
    amount: int
    back: bool = False
    earlier: bool = False
    applied: tuple[tuple[str, int], ...] = ()

    @property
    def money(self) -> Money:
        """The amount as money."""
        return Money(self.amount, self.currency)


class Moment(NamedTuple):
    """An end of a day, as known at an instant."""

    day: dt.date
    known_at: dt.datetime | None


def lines_between(account: Account, before: Moment, after: Moment) -> list[StatementLine]:
    """The lines that lead from the balance at one moment to that at a later one, by currency, day and kind.

    What became known of the days up to ``before`` comes first, each by its own day, and then what happened since.
    """
    found = [*_learned(account, before, after.known_at), *_happened(account, before.day, after)]
    return sorted(found, key=_in_order)


def _in_order(line: StatementLine) -> tuple[str, bool, dt.date, int, str, str]:
    return line.currency.code, not line.earlier, line.date, _ORDER[line.code], line.id, line.item or ""


def _learned(account: Account, before: Moment, known_at: dt.datetime | None) -> Iterator[StatementLine]:
    """What became known of a day and before it since an instant."""
    if before.known_at == known_at:
        return
    had = joined_on(account, before.day, known_at)
    knew, know = (_Movements(had, each) for each in (before.known_at, known_at))
    had_by_key = {movement.key: movement for movement in knew.all() if _there(movement.spans, before.day)}
    have_by_key = {movement.key: movement for movement in know.all() if _there(movement.spans, before.day)}
    sums: dict[Currency, int] = {}
    for key in {**had_by_key, **have_by_key}:
        if (key in had_by_key) != (key in have_by_key):
            line = _late_line(had_by_key.get(key), have_by_key.get(key), know, before.day)
            sums[line.currency] = sums.get(line.currency, 0) + line.amount
            yield line
    was = account.view(before.day, before.known_at)
    now = account.view(before.day, known_at)
    yield from _rest(account, before.day, _less(_balances(now), _balances(was), sums), earlier=True)


def _late_line(had: Movement | None, have: Movement | None, know: _Movements, day: dt.date) -> StatementLine:
    """A movement that is there by now and was not, or the other way round."""
    movement = have or had
    assert movement is not None
    if have is not None:
        return _line(movement, movement.spans[0][0], 1, know)._replace(earlier=True)
    gone_on = know.gone_on(movement.key) or day
    return _line(movement, min(gone_on, day), -1, know)._replace(earlier=True)


def _happened(account: Account, start: dt.date, after: Moment) -> Iterator[StatementLine]:
    """What happened since a day, stretch by stretch between the days on which the account came to be another whole."""
    known_at = after.known_at
    for first, last in _stretches(account, start, after.day):
        had = joined_on(account, last, known_at)
        movements = _Movements(had, known_at)
        yesterday = first - _DAY
        if not account.merges.alone:
            brought = _less(
                _balances(build_view(had, yesterday, known_at)), _balances(account.view(yesterday, known_at)), {}
            )
            for currency, minor in brought.items():
                if minor:
                    yield StatementLine(first, "merged", account.id, None, currency, minor)
        sums: dict[Currency, int] = {}
        for line in _lines(movements, first, last):
            sums[line.currency] = sums.get(line.currency, 0) + line.amount
            yield line
        began, ended = (_balances(build_view(had, day, known_at)) for day in (yesterday, last))
        yield from _rest(account, last, _less(ended, began, sums), earlier=False)


def _stretches(account: Account, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """The days after ``start`` up to ``end``, cut where accounts or documents came or went."""
    merges = account.merges
    parts = account.parts or (account,)
    turning = {
        entry.effective_on
        for each in (merges, *(part.merges for part in parts))
        for column in (each.absorptions, each.mergers, each.handed_over, each.taken_on)
        for entry in column
    }
    firsts = sorted({start + _DAY, *(day for day in turning if start < day <= end)})
    for first, following in zip(firsts, [*firsts[1:], end + _DAY], strict=True):
        yield first, following - _DAY


def _lines(movements: _Movements, first: dt.date, last: dt.date) -> Iterator[StatementLine]:
    for movement in movements.all():
        for since, until in movement.spans:
            if first <= since <= last:
                yield _line(movement, since, 1, movements)
            if until is not None and first <= until <= last:
                yield _line(movement, until, -1, movements)


def _line(movement: Movement, day: dt.date, sign: int, movements: _Movements) -> StatementLine:
    code = movement.code
    if sign < 0 and code == "payment":
        code = "payment_returned"
    return StatementLine(
        day, code, movement.id, movement.item, movement.currency, sign * movement.amount, back=sign < 0
    )


def _rest(account: Account, day: dt.date, left: Mapping[Currency, int], *, earlier: bool) -> Iterator[StatementLine]:
    """What no movement explains: what mergers brought where there are any."""
    code = "merged" if earlier and not account.merges.alone else "other"
    for currency, minor in left.items():
        if minor:
            yield StatementLine(day, code, account.id, None, currency, minor, earlier=earlier)


def _balances(view: Any) -> dict[Currency, int]:
    """Currency -> what is open less what is on account."""
    found = {book.currency: book.total for book in view.books}
    for credit in view.credits:
        found[credit.currency] = found.get(credit.currency, 0) - credit.remaining
    return found


def _less(
    after: Mapping[Currency, int], before: Mapping[Currency, int], sums: Mapping[Currency, int]
) -> dict[Currency, int]:
    """By how much the one is more than the other and what is explained, by currency."""
    return {
        currency: after.get(currency, 0) - before.get(currency, 0) - sums.get(currency, 0)
        for currency in {**before, **after, **sums}
    }


# What there is, and on which days ---------------------------------------------------------------------------------------


class Movement(NamedTuple):
    """Something that moves the balance on the days on which it counts."""

    key: tuple[str, str]
    code: str
    id: str
    item: str | None
    currency: Currency
    amount: int
    spans: tuple[Span, ...]


@final
class _Movements:
    """All that moves the balance of an account, as known at an instant."""

    def __init__(self, account: Account, known_at: dt.datetime | None) -> None:
        self._ledger, self._cash, self._known_at = account.ledger, account.cash, known_at
        self._currency = {item.id: item.currency for item in account.ledger.items}
        self._undone = self._undone_on()
        self._fates = self._fates_of()
        self._made = {use.id for use in account.cash.uses if use.kind == "conversion"}

    def all(self) -> Iterator[Movement]:
        """Every movement that counts on some day."""
        yield from self._items()
        yield from self._credits()
        yield from self._reductions()
        yield from self._uses()

    def gone_on(self, key: tuple[str, str]) -> dt.date | None:
        """The last day on which something stopped to count that does not any more."""
        ends = (until for each in self.all() if each.key == key for _, until in each.spans if until is not None)
        return max(ends, default=None)

    def _known(self, entry: Any) -> bool:
        return self._known_at is None or entry.recorded_at <= self._known_at

    def _undone_on(self) -> dict[str, dt.date]:
        """What was taken back, and since when."""
        found: dict[str, dt.date] = {}
        for each in self._cash.undoings:
            if self._known(each):
                found[each.allocation] = min(each.effective_on, found.get(each.allocation, dt.date.max))
        return found

    def _fates_of(self) -> dict[str, list[tuple[dt.date, str]]]:
        found: dict[str, list[tuple[dt.date, str]]] = {}
        for each in sorted(self._cash.fates, key=lambda fate: fate.effective_on):
            if self._known(each):
                found.setdefault(each.payment, []).append((each.effective_on, each.status))
        return found

    def _items(self) -> Iterator[Movement]:
        """Items; the installments of an invoice together."""
        whole: dict[tuple[str, dt.date, Currency], int] = {}
        for item in self._ledger.items:
            if not self._known(item):
                continue
            if item.kind == "invoice" and item.effective_on == item.document_on:
                place = (item.document, item.effective_on, item.currency)
                whole[place] = whole.get(place, 0) + item.amount
            else:
                yield _of_item(item)
        for (document, day, currency), minor in whole.items():
            yield Movement(("item", document), "invoice", document, None, currency, minor, ((day, None),))

    def _credits(self) -> Iterator[Movement]:
        for credit in self._cash.credits:
            if self._known(credit):
                spans = self._there(credit)
                if spans:
                    code = "credit" if credit.id in self._made else _CREDITS.get(credit.kind, "credit")
                    yield Movement(("credit", credit.id), code, credit.id, None, credit.currency, -credit.amount, spans)

    def _there(self, credit: CreditEntry) -> tuple[Span, ...]:
        """The days on which the money of a credit is there."""
        fates = self._fates.get(credit.id, ())
        if not fates:
            return ((credit.effective_on, None),) if credit.status == "settled" else ()
        days: dict[dt.date, str] = {credit.effective_on: credit.status}
        for day, status in fates:
            days[max(day, credit.effective_on)] = status
        return tuple(_spans((day, status == "settled") for day, status in sorted(days.items())))

    def _reductions(self) -> Iterator[Movement]:
        for at, each in enumerate(self._cash.reductions):
            if self._known(each) and each.item in self._currency:
                spans = self._in_force(each)
                if spans:
                    id = each.id or each.item
                    currency = self._currency[each.item]
                    yield Movement(
                        ("reduction", each.id or str(at)),
                        _reduction(each),
                        id,
                        each.item,
                        currency,
                        -each.amount,
                        spans,
                    )

    def _uses(self) -> Iterator[Movement]:
        """What credits were used for, while their money is there."""
        credits = {credit.id: credit for credit in self._cash.credits if self._known(credit)}
        for use in self._cash.uses:
            credit = credits.get(use.source)
            if credit is not None and self._known(use):
                spans = tuple(_both(self._in_force(use), self._there(credit)))
                if spans:
                    code = use.kind if use.kind in _USES else "kept"
                    yield Movement(("use", use.id), code, use.source, None, credit.currency, use.amount, spans)

    def _in_force(self, entry: Any) -> tuple[Span, ...]:
        """The days from which something counts until it is taken back."""
        until = self._undone.get(entry.id) if entry.id is not None else None
        if until is not None and until <= entry.effective_on:
            return ()
        return ((entry.effective_on, until),)


def _of_item(item: Item) -> Movement:
    code = "taken_over" if item.kind == "invoice" else item.kind
    span = (item.effective_on, None)
    on = item.document if item.document != item.id else None
    return Movement(("item", item.id), code, item.id, on, item.currency, item.amount, (span,))


def _reduction(each: Any) -> str:
    """The kind of line that a reduction is."""
    if each.kind in _GIVEN_UP:
        return "written_off"
    if each.kind == "recovered":
        return "recovered"
    if each.kind in DISCOUNTS:
        return "discount"
    return "difference" if each.id is not None else "charge_correction"


def _spans(changes: Iterable[tuple[dt.date, bool]]) -> Iterator[Span]:
    """The stretches in which something is so, from the days on which that changes.

    >>> a, b, c = (dt.date(2026, 1, day) for day in (1, 2, 3))
    >>> list(_spans([(a, True), (b, False), (c, True)])) == [(a, b), (c, None)]
    True
    """
    since: dt.date | None = None
    for day, is_so in changes:
        if is_so and since is None:
            since = day
        elif not is_so and since is not None:
            yield since, day
            since = None
    if since is not None:
        yield since, None


def _both(one: Iterable[Span], other: Iterable[Span]) -> Iterator[Span]:
    """The days that are in both.

    >>> a, b, c = (dt.date(2026, 1, day) for day in (1, 2, 3))
    >>> list(_both([(a, c)], [(b, None)])) == [(b, c)], list(_both([(a, b)], [(b, None)]))
    (True, [])
    """
    others = tuple(other)
    for start, end in one:
        for begin, until in others:
            since = max(start, begin)
            ends = [day for day in (end, until) if day is not None]
            last = min(ends, default=None)
            if last is None or since < last:
                yield since, last


def _there(spans: Iterable[Span], day: dt.date) -> bool:
    return any(since <= day and (until is None or day < until) for since, until in spans)


def applied_until(cash: Cash, day: dt.date, known_at: dt.datetime | None) -> dict[str, tuple[tuple[str, int], ...]]:
    """Credit -> the items that it went to by a day, each with its amount, as known at an instant."""
    undone = {each.allocation for each in cash.undoings if each.seen(day, known_at)}
    found: dict[str, dict[str, int]] = {}
    for made in cash.allocations:
        if made.id not in undone and made.seen(day, known_at):
            items = found.setdefault(made.source, {})
            items[made.item] = items.get(made.item, 0) + made.amount
    return {source: tuple(sorted(items.items())) for source, items in found.items()}
