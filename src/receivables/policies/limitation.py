"""When a claim lapses: how its period runs, what sets it going anew, what suspends it, and what is stopped once it is barred.

Four rules. The day that starts a period is not counted: three years from 15 June end with 15 June. An interruption gives a
whole new period from its day, and never a shorter one; one that comes before the period began or after it ended does
nothing, unless the law lets it revive the claim. Days of a suspension that the law knows are not counted, each once.
Nothing is stored: the last day is worked out from the due date, what was recorded, and the part payments in force.

Where a law moves the last day from a Sunday or holiday to the next working day, the earlier day is given here.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final, final

from attrs import field, frozen

from receivables.documents.limitation import Interruption, Standstill
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.limitation_law import LimitationRegime, SuspensionRule
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import add_months, end_of_year

BARRED_STOPS: Final = frozenset({"dunning", "interest", "reporting"})
"""What a claim that is barred can be kept out of."""

_DAY = dt.timedelta(days=1)


@final
@frozen(kw_only=True)
class LimitationPolicy:
    """Which regime holds, how many days ahead the creditor is warned, and what a barred claim is kept out of.

    >>> from receivables.policies.limitation_regimes import limitation_regime
    >>> policy = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
    >>> policy.warn_days_before, sorted(policy.barred_stops)
    ((180, 60, 30), ['dunning', 'interest', 'reporting'])

    Errors: `WrongType`, and `InvalidValue` for warnings that do not come closer and closer.
    """

    id: str
    version: int
    regime: LimitationRegime
    warn_days_before: tuple[int, ...] = (180, 60, 30)
    barred_stops: frozenset[str] = BARRED_STOPS

    def __attrs_post_init__(self) -> None:
        checks.text("policy.id", self.id)
        checks.whole("policy.version", self.version, least=1)
        checks.instance("policy.regime", self.regime, LimitationRegime, "a LimitationRegime")
        checks.instance("policy.warn_days_before", self.warn_days_before, tuple, "a tuple of whole numbers")
        for at, days in enumerate(self.warn_days_before):
            checks.whole(f"policy.warn_days_before[{at}]", days, least=0)
        if list(self.warn_days_before) != sorted(set(self.warn_days_before), reverse=True):
            raise InvalidValue("policy.warn_days_before", self.warn_days_before, "must become smaller and smaller")
        checks.instance("policy.barred_stops", self.barred_stops, frozenset, "a frozenset of what is stopped")
        for stopped in self.barred_stops:
            checks.one_of("policy.barred_stops", stopped, BARRED_STOPS)

    def warning(self, found: Limitation) -> int | None:
        """The closest warning that was reached, in days before the end; ``None`` where it is not near, open or over.

        >>> from receivables.policies.limitation_regimes import limitation_regime
        >>> policy = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
        >>> policy.warning(limitation(policy.regime, dt.date(2023, 2, 4), as_of=dt.date(2026, 11, 2)))
        60
        """
        if found.status == "barred" or not found.fixed or found.days_left is None:
            return None
        return min((days for days in self.warn_days_before if found.days_left <= days), default=None)


# The period of one claim ------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class LimitationEvent:
    """One event in the story of a claim: what, when, whether it counted, and the last day after it.

    ``effect`` is ``counts``; or ``not_in_law``, ``before_start`` or ``too_late`` where it changed nothing.
    """

    on: dt.date
    event: str
    effect: str
    ends_on: dt.date
    until: dt.date | None = None


@final
@frozen(kw_only=True, weakref_slot=False)
class Limitation:
    """How the period of one claim stands on a day.

    ``ends_on`` is the last day on which it can be enforced, ``days_left`` the days from ``as_of`` to it: zero on that day,
    below zero once it is barred. With ``fixed`` false a suspension goes on without a known end, and ``ends_on`` is what it
    would be if that were over today. ``status`` is one of `receivables.state.limitation.LIFE`.
    """

    regime: LimitationRegime = field(repr=False)
    as_of: dt.date
    due_on: dt.date | None
    status: str
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    fixed: bool = True
    document_on: dt.date | None = None
    interruptions: tuple[Interruption, ...] = ()
    suspensions: tuple[Standstill, ...] = ()

    @property
    def days_left(self) -> int | None:
        """The days from ``as_of`` to the last day."""
        return None if self.ends_on is None else (self.ends_on - self.as_of).days

    def story(self) -> tuple[LimitationEvent, ...]:
        """The start of the period, and each event with what it changed, by date.

        >>> from receivables.policies.limitation_regimes import limitation_regime
        >>> paid = Interruption(on=dt.date(2027, 6, 1), kind="part_payment")
        >>> found = limitation(limitation_regime("DE"), dt.date(2026, 2, 4), [paid], as_of=dt.date(2028, 1, 3))
        >>> for event in found.story():
        ...     print(event.on, event.event, event.effect, event.ends_on)
        2026-12-31 start counts 2029-12-31
        2027-06-01 part_payment counts 2030-06-01
        """
        return tuple(_story(self))

    def rows(self) -> list[dict[str, object]]:
        """The story as plain dicts."""
        return [
            {"on": each.on, "until": each.until, "event": each.event, "effect": each.effect, "ends_on": each.ends_on}
            for each in self.story()
        ]

    def __str__(self) -> str:
        if self.ends_on is None:
            return f"{self.status} ({self.regime.id})"
        end = "ended" if self.status == "barred" else "ends" if self.fixed else "ends, if the suspension ended today,"
        return f"{self.status}, {end} on {self.ends_on} ({self.regime.id}, {self.regime.source})"


def limitation(
    regime: LimitationRegime,
    due_on: dt.date | None,
    interruptions: Iterable[Interruption] = (),
    suspensions: Iterable[Standstill] = (),
    as_of: dt.date | None = None,
    *,
    document_on: dt.date | None = None,
) -> Limitation:
    """How the period of a claim stands on a day; what happens after that day is left out.

    >>> from receivables.policies.limitation_regimes import limitation_regime
    >>> germany = limitation_regime("DE")
    >>> talks = Standstill(kind="negotiations", starts_on=dt.date(2029, 12, 1), resumes_on=dt.date(2029, 12, 11))
    >>> print(limitation(germany, dt.date(2026, 2, 4), suspensions=[talks], as_of=dt.date(2030, 1, 2)))
    running, ends on 2030-03-10 (DE, BGB s. 195, 199(1))

    Ten days of talks add ten days, and three months after the talks at the earliest. An undated claim, or one that the
    regime does not cover, has no last day. Errors: `WrongType`, `InvalidValue`.
    """
    checks.day("limitation.as_of", as_of)
    checks.optional_day("limitation.due_on", due_on)
    assert as_of is not None
    past = tuple(sorted(each for each in interruptions if each.on <= as_of))
    began = tuple(sorted((each for each in suspensions if each.starts_on <= as_of), key=_by_start))
    return _limitation(regime, due_on, document_on, past, began, as_of)


def _by_start(each: Standstill) -> tuple[dt.date, dt.date, str]:
    return each.starts_on, each.resumes_on or dt.date.max, each.kind


def _limitation(
    regime: LimitationRegime,
    due_on: dt.date | None,
    document_on: dt.date | None,
    interruptions: tuple[Interruption, ...],
    suspensions: tuple[Standstill, ...],
    as_of: dt.date,
) -> Limitation:
    if due_on is None or not regime.covers(due_on):
        status = "not_started" if due_on is None else "not_covered"
        return Limitation(regime=regime, as_of=as_of, due_on=due_on, status=status, document_on=document_on)
    start = regime.begins(due_on, document_on)
    stretches = _stretches(regime, suspensions, as_of)
    end = _last_day(regime, start, interruptions, stretches)
    now = [each for each in stretches if each.starts_on <= as_of < each.resumes_on and each.starts_on <= end]
    return Limitation(
        regime=regime,
        as_of=as_of,
        due_on=due_on,
        status=_status(start, end, as_of, bool(now)),
        starts_on=start,
        ends_on=end,
        fixed=not any(each.open for each in now),
        document_on=document_on,
        interruptions=interruptions,
        suspensions=suspensions,
    )


def _status(start: dt.date, end: dt.date, as_of: dt.date, suspended: bool) -> str:
    if as_of <= start:
        return "not_started"
    if as_of > end:
        return "barred"
    return "suspended" if suspended else "running"


@final
@frozen(weakref_slot=False)
class _Stretch:
    """A suspension that the law knows, with an end: tomorrow, where none is known."""

    starts_on: dt.date
    resumes_on: dt.date
    rule: SuspensionRule
    open: bool


def _stretches(regime: LimitationRegime, suspensions: Iterable[Standstill], as_of: dt.date) -> list[_Stretch]:
    tomorrow = _later(as_of, 1)
    return [
        _Stretch(each.starts_on, each.resumes_on or tomorrow, regime.rules[each.kind], each.resumes_on is None)
        for each in suspensions
        if each.kind in regime.rules and each.resumes_on != each.starts_on
    ]


def _last_day(
    regime: LimitationRegime, start: dt.date, interruptions: Iterable[Interruption], stretches: Sequence[_Stretch]
) -> dt.date:
    """The last day, after each interruption in turn; none makes it earlier."""
    end = _end_from(regime, start, stretches)
    for each in interruptions:
        if _effect(regime, each, start, end) == "counts":
            again = end_of_year(each.on) if regime.restarts_from_end_of_year else each.on
            end = max(end, _end_from(regime, again, stretches))
    return end


def _effect(regime: LimitationRegime, each: Interruption, start: dt.date, end: dt.date) -> str:
    """Whether an interruption counts; a demand never revives."""
    if each.kind not in regime.interrupted_by:
        return "not_in_law"
    if each.on <= start:
        return "before_start"
    revives = regime.revived_by_acknowledgment and each.kind != "demand"
    return "counts" if each.on <= end or revives else "too_late"


def _end_from(regime: LimitationRegime, start: dt.date, stretches: Sequence[_Stretch]) -> dt.date:
    """The last day of the period that counts from a day, without the days of suspensions that began before its end.

    Stretches are in the order of their first days. A day under two of them is left out once.
    """
    counted = _period_end(start, regime.period_months)
    reached, least = _later(start, 1), dt.date.min
    end = _rounded(regime, counted)
    for each in stretches:
        if each.starts_on > end:
            break
        if each.rule.stops:
            counted = _later(counted, max(0, (each.resumes_on - max(each.starts_on, reached)).days))
            reached = max(reached, each.resumes_on)
        least = max(least, _period_end(each.resumes_on - _DAY, each.rule.minimum_remainder_months))
        end = _rounded(regime, max(counted, least))
    return end


def _rounded(regime: LimitationRegime, day: dt.date) -> dt.date:
    return end_of_year(day) if regime.ends_with_year else day


@lru_cache(maxsize=4096)
def _period_end(start: dt.date, months: int) -> dt.date:
    """So many months from a day; the last day that there is, where the calendar ends before."""
    try:
        return add_months(start, months)
    except InvalidValue:
        return dt.date.max


def _later(day: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(max(1, min(day.toordinal() + days, dt.date.max.toordinal())))


def _story(found: Limitation) -> Iterator[LimitationEvent]:
    """Each event, with the last day as it was known from then on."""
    if found.starts_on is None:
        return
    regime, start = found.regime, found.starts_on
    end = _end_from(regime, start, ())
    yield LimitationEvent(on=start, event="start", effect="counts", ends_on=end)
    events: list[tuple[dt.date, int, Interruption | Standstill]] = [
        (each.starts_on, 0, each) for each in found.suspensions
    ]
    events += [(each.on, 1, each) for each in found.interruptions]
    past: list[Interruption] = []
    began: list[Standstill] = []
    for on, _, event in sorted(events, key=lambda each: each[:2]):
        before = end
        if isinstance(event, Interruption):
            past.append(event)
            effect, until = _effect(regime, event, start, before), None
        else:
            began.append(event)
            effect, until = _effect_of_standstill(regime, event, start, before), _until(event)
        end = _last_day(regime, start, past, _stretches(regime, began, found.as_of))
        yield LimitationEvent(on=on, event=event.kind, effect=effect, ends_on=end, until=until)


def _until(event: Standstill) -> dt.date | None:
    return None if event.resumes_on is None else event.resumes_on - _DAY


def _effect_of_standstill(regime: LimitationRegime, each: Standstill, start: dt.date, end: dt.date) -> str:
    if each.kind not in regime.rules:
        return "not_in_law"
    if each.resumes_on is not None and each.resumes_on <= _later(start, 1):
        return "before_start"
    return "counts" if each.starts_on <= end else "too_late"


# The claims of an account -------------------------------------------------------------------------------------------------


def limitation_of(account: Account, item_id: str, policy: LimitationPolicy, as_of: dt.date) -> Limitation:
    """How the period of one item stands on a day, whether it is open or not.

    >>> from receivables import Customer, Invoice, Money
    >>> from receivables.policies.limitation_regimes import limitation_regime
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> policy = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
    >>> print(limitation_of(Account.of(Customer(id="ACME"), invoices=[invoice]), "INV-1", policy, dt.date(2030, 1, 1)))
    barred, ended on 2029-12-31 (DE, BGB s. 195, 199(1))

    Errors: `UnknownId`.
    """
    checks.day("limitation.as_of", as_of)
    for item in account.ledger.items:
        if item.id == item_id:
            dated = [each.due_on for each in account.ledger.datings if each.item == item_id and each.seen(as_of, None)]
            due_on = dated[-1] if dated else item.due_on
            return _of_item(policy.regime, item, due_on, _Events.of(account, as_of, None), as_of)
    raise UnknownId("item", item_id)


def open_limitations(account: Account, view: View, policy: LimitationPolicy) -> Iterator[tuple[Item, int, Limitation]]:
    """Each open item of a view with what is open of it, in minor units, and how its period stands."""
    events = _Events.of(account, view.as_of, view.known_at)
    for book in view.books:
        for item, open_ in zip(book.items, book.open, strict=True):
            yield item, open_, _of_item(policy.regime, item, item.due_on, events, view.as_of)


def barred_items(account: Account, view: View, policy: LimitationPolicy) -> frozenset[str]:
    """The open items whose period is over. Items that are too young for that are not looked at."""
    old = list(_old_enough(view, policy.regime))
    if not old:
        return frozenset()
    events = _Events.of(account, view.as_of, view.known_at)
    ends = ((item.id, _fixed_end(policy.regime, item, events, view.as_of)) for item in old)
    return frozenset(id for id, end in ends if end is not None and end < view.as_of)


def _fixed_end(regime: LimitationRegime, item: Item, events: _Events, as_of: dt.date) -> dt.date | None:
    """The last day of an item, where there is one that does not move from day to day; in short where nothing happened."""
    if item.id in events.interruptions or item.id in events.suspensions:
        found = _of_item(regime, item, item.due_on, events, as_of)
        return found.ends_on if found.fixed else None
    if item.due_on is None or not regime.covers(item.due_on):
        return None
    return _rounded(regime, _period_end(regime.begins(item.due_on, item.document_on), regime.period_months))


def _old_enough(view: View, regime: LimitationRegime) -> Iterator[Item]:
    """The open items that fell due a whole period ago; every event only makes a period longer."""
    try:
        latest = add_months(view.as_of, -regime.period_months).toordinal() + 3  # a month end may be cut by three days
    except InvalidValue:
        return
    for book in view.books:
        at = len(book.due) if regime.start == "from_document" else bisect_right(book.due, latest)
        yield from book.items[:at]


def next_limitation_day(
    account: Account, policy: LimitationPolicy, after: dt.date, view: View | None = None
) -> dt.date | None:
    """The next day on which a warning is reached or a claim is barred for the first time; ``None`` where none will be.

    An item under a suspension without a known end has none before that is over. ``view`` is that of ``after``, where it is
    at hand. The oldest items are looked at first, and those that are too young to come before them not at all.
    """
    view = view or account.view(after)
    events = _Events.of(account, after, view.known_at)
    first: dt.date | None = None
    for book in view.books:
        for item in book.items:
            if first is not None and first_warning_day(item, policy) > first:
                if policy.regime.start == "from_document":
                    continue
                break
            end = _fixed_end(policy.regime, item, events, after)
            if end is not None:
                days = [day for day in _days_of(end, policy) if day > after]
                first = min([*days, first] if first is not None else days, default=None)
    return first


def first_warning_day(item: Item, policy: LimitationPolicy) -> dt.date:
    """A day before which no warning about an item can be reached: every event only makes a period longer."""
    start = item.document_on if item.due_on is None or policy.regime.start == "from_document" else item.due_on
    shortest = 28 * policy.regime.period_months - max(policy.warn_days_before, default=0)
    return _later(start, shortest)


def reached_limitations(account: Account, view: View, policy: LimitationPolicy) -> Iterator[tuple[Item, Limitation]]:
    """The open items that are old enough for a warning, with how their periods stand."""
    events: _Events | None = None
    for book in view.books:
        for item in book.items:
            if first_warning_day(item, policy) <= view.as_of:
                events = events or _Events.of(account, view.as_of, view.known_at)
                yield item, _of_item(policy.regime, item, item.due_on, events, view.as_of)


def _days_of(end: dt.date, policy: LimitationPolicy) -> Iterator[dt.date]:
    last = end.toordinal()
    for days in policy.warn_days_before:
        if last > days:
            yield dt.date.fromordinal(last - days)
    if end < dt.date.max:
        yield end + _DAY


@final
@frozen
class _Events:
    """What touches the periods of the items of an account on a day; empty where nothing was recorded or paid."""

    interruptions: Mapping[str, list[Interruption]]
    suspensions: Mapping[str, list[Standstill]]

    @classmethod
    def of(cls, account: Account, as_of: dt.date, known_at: dt.datetime | None) -> _Events:
        """The events that are in effect and known."""
        interruptions: dict[str, list[Interruption]] = {}
        for item, on in _part_payments(account, as_of, known_at):
            interruptions.setdefault(item, []).append(Interruption(on=on, kind="part_payment"))
        for entry in account.limitation.interruptions:
            if entry.seen(as_of, known_at):
                each = Interruption(on=entry.effective_on, kind=entry.kind)
                interruptions.setdefault(entry.item, []).append(each)
        return cls(interruptions, _suspensions(account, as_of, known_at))


def _suspensions(account: Account, as_of: dt.date, known_at: dt.datetime | None) -> dict[str, list[Standstill]]:
    found: dict[str, list[Standstill]] = {}
    recorded = account.limitation
    ended = {each.suspension: each.effective_on for each in recorded.resumptions if each.seen(as_of, known_at)}
    for entry in recorded.suspensions:
        if entry.seen(as_of, known_at):
            each = entry.suspension
            resumes_on = ended.get(each.id, each.resumes_on)
            for item in each.items:
                standstill = Standstill(kind=each.kind, starts_on=each.starts_on, resumes_on=resumes_on)
                found.setdefault(item, []).append(standstill)
    return found


def _part_payments(account: Account, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[tuple[str, dt.date]]:
    """Items with the days on which a payment was applied to them and left something open.

    A credit note is no part payment: it comes from the creditor. A day on which all was paid is none either, even where
    something is open again since.
    """
    if not account.cash.allocations:
        return
    found = _lessened(account, as_of, known_at)
    for item in account.ledger.items:
        left = item.amount
        for on, rows in groupby(sorted(found.get(item.id, ())), key=itemgetter(0)):
            same_day = list(rows)
            left -= sum(amount for _, amount, _ in same_day)
            if left > 0 and any(paid for _, _, paid in same_day):
                yield item.id, on


def _lessened(
    account: Account, as_of: dt.date, known_at: dt.datetime | None
) -> dict[str, list[tuple[dt.date, int, bool]]]:
    """What made each item less: the day, the minor units, and whether a payment did it."""
    cash = account.cash
    payments = {credit.id for credit in cash.credits if credit.kind == "payment"}
    undone = {each.allocation for each in cash.undoings if each.seen(as_of, known_at)}
    found: dict[str, list[tuple[dt.date, int, bool]]] = {}
    for entry in cash.allocations:
        if entry.id not in undone and entry.seen(as_of, known_at):
            row = (entry.effective_on, entry.amount, entry.source in payments)
            found.setdefault(entry.item, []).append(row)
    for each in cash.reductions_on(as_of, known_at):
        found.setdefault(each.item, []).append((each.effective_on, each.amount, False))
    return found


def _of_item(
    regime: LimitationRegime, item: Item, due_on: dt.date | None, events: _Events, as_of: dt.date
) -> Limitation:
    past = tuple(sorted(events.interruptions.get(item.id, ())))
    began = tuple(sorted(events.suspensions.get(item.id, ()), key=_by_start))
    return _limitation(regime, due_on, item.document_on, past, began, as_of)
