"""When to collect what is due, and how: the next attempt after those that failed, or why there is none.

1. Nothing is executed here: the host collects, and records the payment with the method that it was made with.
2. The reason code decides: want of money is tried again after some days, a closed account never again with this mandate,
   a refund that the debtor asked for not before a person looked at it. A code that nobody knows is for a person.
3. A direct debit is announced before: the first attempt by a mandate comes no sooner than its notice allows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.documents.reason import Reason
from receivables.errors import InvalidValue, WrongType
from receivables.policies.collection_codes import RETURN_CODES, STOPS, THEN
from receivables.state.account import Account
from receivables.state.entry import Entry
from receivables.state.payment_method import Fate, MethodState
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import BusinessCalendar, Roll, add_days, roll
from receivables.values.money import Money

FAILED: Final = ("failed", "returned", "chargeback")
"""What counts as an attempt that came to nothing; what was ``reversed`` was booked by mistake and counts for nothing."""

WAITING: Final = ("pending", "unknown")
"""What may still come to something."""

OUTCOMES: Final = (*WAITING, "settled", *FAILED, "reversed")

LONGEST_WINDOW: Final = 3660
MOST_ATTEMPTS: Final = 100

_RETRYABLE: Final = {code: retryable for code, _, retryable in STOPS}


@final
@frozen(kw_only=True)
class CollectionPolicy:
    """How often, when and after which codes it is tried again to collect what is due.

    After the n-th failure the n-th of ``retry_days`` is waited, the last one again after that; ``most_attempts`` counts the
    first one too. ``notice_days`` is the notice before the first direct debit by a mandate, and before each where
    ``announces_retries``. No attempt comes more than ``window_days`` after the due date. ``codes`` gives (code, what it
    leads to) for codes of the host's own, such as those of its card provider, and for those that it judges otherwise.

    >>> CollectionPolicy(id="standard", version=1, codes=(("card_declined", "retry"),)).then("AC04")
    'change_method'

    Units: calendar days. Errors: `WrongType`, `InvalidValue`. Source of the 14 days: SEPA Direct Debit rulebooks, where
    the parties agreed nothing else.
    """

    id: str
    version: int
    notice_days: int = 14
    retry_days: tuple[int, ...] = (3, 5, 7)
    most_attempts: int = 4
    window_days: int = 90
    announces_retries: bool = False
    codes: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("collection.id", self.id)
        checks.whole("collection.version", self.version, least=1)
        checks.whole("collection.notice_days", self.notice_days, least=0, most=365)
        checks.sequence("collection.retry_days", self.retry_days, int, "whole numbers of days")
        for at, days in enumerate(self.retry_days):
            checks.whole(f"collection.retry_days[{at}]", days, least=1, most=365)
        checks.whole("collection.most_attempts", self.most_attempts, least=1, most=MOST_ATTEMPTS)
        if self.most_attempts > 1 and not self.retry_days:
            raise InvalidValue("collection.retry_days", (), f"must not be empty for {self.most_attempts} attempts")
        checks.whole("collection.window_days", self.window_days, least=0, most=LONGEST_WINDOW)
        checks.instance("collection.announces_retries", self.announces_retries, bool, "true or false")
        _check_codes(self.codes)

    def then(self, code: str | None) -> str | None:
        """What a reason code leads to; ``None`` for one that is not known."""
        if code is None:
            return None
        found = RETURN_CODES.get(code)
        return dict(self.codes).get(code) or (found.then if found is not None else None)

    def gap(self, failures: int) -> int:
        """The days to wait after so many failures."""
        return self.retry_days[min(failures, len(self.retry_days)) - 1]


def _check_codes(codes: object) -> None:
    if not isinstance(codes, tuple):
        raise WrongType("collection.codes", codes, "a tuple of pairs")
    for at, each in enumerate(codes):
        if not isinstance(each, tuple) or len(each) != 2:
            raise WrongType(f"collection.codes[{at}]", each, "a code and what it leads to")
        checks.text(f"collection.codes[{at}]", each[0])
        checks.one_of(f"collection.codes[{at}]", each[1], THEN)
    names = [each[0] for each in codes]
    if len(set(names)) != len(names):
        raise InvalidValue("collection.codes", names, "must name each code once")


@final
@frozen(kw_only=True)
class Due:
    """What is to be collected: how much, from which day on, and whether the debtor was told.

    ``announced_on`` is the day on which the debtor got the notice of the direct debit; ``is_last`` says that nothing will be
    collected with the mandate after it.
    """

    amount: Money
    on: dt.date
    announced_on: dt.date | None = None
    is_last: bool = False

    def __attrs_post_init__(self) -> None:
        checks.instance("due.amount", self.amount, Money, "money")
        checks.day("due.on", self.on)
        checks.optional_day("due.announced_on", self.announced_on)
        checks.instance("due.is_last", self.is_last, bool, "true or false")


@final
@frozen(kw_only=True)
class PastAttempt:
    """An attempt that was made: when, by which method, what became of it on which day, and the reason code."""

    on: dt.date
    method: str
    outcome: str
    code: str | None = None
    known_on: dt.date | None = None
    """When it came back, where that was later."""

    def __attrs_post_init__(self) -> None:
        checks.day("attempt.on", self.on)
        checks.text("attempt.method", self.method)
        checks.one_of("attempt.outcome", self.outcome, OUTCOMES)
        checks.optional_text("attempt.code", self.code)
        checks.optional_day("attempt.known_on", self.known_on)

    @property
    def ended_on(self) -> dt.date:
        """The day from which the wait for the next attempt counts."""
        return max(self.on, self.known_on or self.on)


class Skipped(NamedTuple):
    """A payment method that is not the one of the next attempt, and why."""

    method: str
    reason: Reason


@final
@frozen(kw_only=True)
class Attempt:
    """What to do next: collect so much on a day by a method; for the first direct debit, announce it by a day before.

    ``sequence`` is what the collection says of its place among those of its mandate: ``first``, ``recurring``, ``final`` or
    ``one_off``; ``None`` for a card.
    """

    on: dt.date
    method: str
    amount: Money
    number: int
    sequence: str | None = None
    announce_by: dt.date | None = None
    skipped: tuple[Skipped, ...] = ()

    def __str__(self) -> str:
        told = f", announced by {self.announce_by}" if self.announce_by is not None else ""
        return f"attempt {self.number}: {self.amount} on {self.on} by {self.method}{told}"


@final
@frozen(kw_only=True)
class Stop:
    """No next attempt, with the reason; ``code`` is the reason code of the bank, where that is why."""

    reason: Reason
    code: str | None = None
    skipped: tuple[Skipped, ...] = ()

    def __str__(self) -> str:
        skipped = "".join(f", {each.method}: {each.reason}" for each in self.skipped)
        return f"no attempt: {self.reason}{f' {self.code}' if self.code else ''}{skipped}"


def next_attempt(
    policy: CollectionPolicy,
    due: Due,
    methods: Iterable[MethodState],
    attempts: Iterable[PastAttempt],
    as_of: dt.date,
    *,
    calendar: BusinessCalendar | None = None,
) -> Attempt | Stop:
    """The next attempt to collect what is due, by the first method that can be used, or why there is none.

    >>> from receivables.documents.payment import PaymentMethod
    >>> card = MethodState("tok_1", PaymentMethod(token="tok_1", expires=dt.date(2026, 3, 31)), None, "usable",
    ...                    dt.date(2025, 1, 2), None, None, None, None)
    >>> policy, due = CollectionPolicy(id="standard", version=1), Due(amount=Money.of(50, "EUR"), on=dt.date(2026, 3, 20))
    >>> print(next_attempt(policy, due, [card], [], dt.date(2026, 3, 2)))
    attempt 1: 50.00 EUR on 2026-03-20 by tok_1
    >>> refused = [PastAttempt(on=dt.date(2026, 3, day), method="tok_1", outcome="failed", code="AM04") for day in (20, 24)]
    >>> print(next_attempt(policy, due, [card], refused[:1], dt.date(2026, 3, 20)))
    attempt 2: 50.00 EUR on 2026-03-23 by tok_1
    >>> print(next_attempt(policy, due, [card], refused, dt.date(2026, 4, 1)))
    no attempt: no_method, tok_1: card_expired

    ``methods`` stand in the order in which they are tried, as on the view. A ``calendar`` moves the day to the next one on
    which the bank works. The host records each attempt as a payment that is pending, so no second one is proposed meanwhile.
    """
    made = sorted(attempts, key=lambda each: (each.ended_on, each.on, each.method, each.outcome, each.code or ""))
    failures = [each for each in made if each.outcome in FAILED]
    stop = _stopped(policy, due, made, failures)
    if stop is not None:
        return stop
    skipped: list[Skipped] = []
    for method in methods:
        on = _day(policy, due, method, failures, as_of, calendar)
        why = _unusable(policy, due, method, failures, on)
        if why is None:
            return _attempt(policy, due, method, failures, on, tuple(skipped))
        skipped.append(Skipped(method.id, Reason(code=why, retryable=False)))
    late = any(each.reason.code == "too_late" for each in skipped)
    return _stop("window_over" if late else "no_method", skipped=tuple(skipped))


def _stop(reason: str, code: str | None = None, skipped: tuple[Skipped, ...] = ()) -> Stop:
    return Stop(reason=Reason(code=reason, retryable=_RETRYABLE[reason]), code=code, skipped=skipped)


def _stopped(
    policy: CollectionPolicy, due: Due, made: Sequence[PastAttempt], failures: Sequence[PastAttempt]
) -> Stop | None:
    """Why nothing is tried, whatever the method."""
    if any(each.outcome in WAITING for each in made):
        return _stop("attempt_pending")
    if due.amount.minor <= 0:
        return _stop("nothing_due")
    for each in failures:
        then = _then(policy, each)
        if then in (None, "stop"):
            return _stop("code_unknown" if then is None else "code_final", each.code)
    return _stop("attempts_used") if len(failures) >= policy.most_attempts else None


def _then(policy: CollectionPolicy, failure: PastAttempt) -> str | None:
    """What a failure leads to; one that the holder of a card contests is for a person, whatever its code."""
    return "stop" if failure.outcome == "chargeback" else policy.then(failure.code)


def _day(
    policy: CollectionPolicy,
    due: Due,
    method: MethodState,
    failures: Sequence[PastAttempt],
    as_of: dt.date,
    calendar: BusinessCalendar | None,
) -> dt.date:
    """The first day on which a method may be tried: due, after the wait, after the notice, and a day of the bank."""
    on = max(as_of, due.on)
    if failures and _then(policy, failures[-1]) == "retry":
        on = max(on, add_days(failures[-1].ended_on, policy.gap(len(failures))))
    if _is_announced(policy, method, failures):
        told = due.announced_on if due.announced_on is not None and not failures else as_of
        on = max(on, add_days(told, policy.notice_days))
    return on if calendar is None else roll(on, Roll.FOLLOWING, calendar)


def _is_announced(policy: CollectionPolicy, method: MethodState, failures: Sequence[PastAttempt]) -> bool:
    """Whether an attempt needs a notice of its own: a direct debit, the first by its mandate or each."""
    if method.kind == "card":
        return False
    return policy.announces_retries or all(each.method != method.id for each in failures)


def _unusable(
    policy: CollectionPolicy, due: Due, method: MethodState, failures: Sequence[PastAttempt], on: dt.date
) -> str | None:
    """Why a method is not tried on a day."""
    status = method.status_on(on)
    if status != "usable":
        return f"{method.kind}_{status}"
    if any(each.method == method.id and _then(policy, each) == "change_method" for each in failures):
        return "method_refused"
    return "too_late" if on > add_days(due.on, policy.window_days) else None


def _attempt(
    policy: CollectionPolicy,
    due: Due,
    method: MethodState,
    failures: Sequence[PastAttempt],
    on: dt.date,
    skipped: tuple[Skipped, ...],
) -> Attempt:
    told = due.announced_on is not None and not failures
    announced = _is_announced(policy, method, failures) and not told
    return Attempt(
        on=on,
        method=method.id,
        amount=due.amount,
        number=len(failures) + 1,
        sequence="final" if due.is_last and method.sequence == "recurring" else method.sequence,
        announce_by=add_days(on, -policy.notice_days) if announced else None,
        skipped=skipped,
    )


# From an account ----------------------------------------------------------------------------------------------------


def attempts_on(account: Account, view: View, item: str) -> tuple[PastAttempt, ...]:
    """The attempts to collect an item: the payments with a stored method that were meant for it, or applied to it.

    One that is announced for a later day counts as soon as it is recorded. One that was applied by mistake, and taken off
    again while its money was there, is no attempt for this item.
    """
    return tuple(_attempts(account, view, item))


def _attempts(account: Account, view: View, item: str) -> Iterator[PastAttempt]:
    known = account.payment_methods
    fates = known.fates_on(view.as_of, view.known_at)
    applied = _applied(account, view, item, fates)
    for each in known.collections:
        if _is_known(each, view) and (item in each.items or each.payment in applied):
            fate = fates.get(each.payment)
            yield PastAttempt(
                on=each.effective_on,
                method=each.method,
                outcome=fate.status if fate is not None else each.status,
                code=fate.code if fate is not None else None,
                known_on=fate.effective_on if fate is not None else None,
            )


def _applied(account: Account, view: View, item: str, fates: Mapping[str, Fate]) -> frozenset[str]:
    """The credits that were applied to an item, by what the view knows, and stayed there as long as they were money."""
    undoings = (each for each in account.cash.undoings if each.seen(view.as_of, view.known_at))
    undone = {each.allocation: each.recorded_at for each in undoings}
    return frozenset(
        made.source
        for made in account.cash.allocations
        if made.item == item
        and _is_known(made, view)
        and (made.id not in undone or _went_back(fates.get(made.source), undone[made.id]))
    )


def _is_known(entry: Entry, view: View) -> bool:
    return view.known_at is None or entry.recorded_at <= view.known_at


def _went_back(fate: Fate | None, undone_at: dt.datetime) -> bool:
    """Whether an allocation ended because its money went back."""
    return fate is not None and fate.status in FAILED and fate.recorded_at == undone_at


def next_collection(
    policy: CollectionPolicy,
    account: Account,
    view: View,
    item: str,
    *,
    announced_on: dt.date | None = None,
    is_last: bool = False,
    calendar: BusinessCalendar | None = None,
) -> Attempt | Stop:
    """The next attempt to collect an open item, by the methods and the payments of its account.

    It is about what is not disputed, planned, promised or on its way. Errors: `UnknownId` for an item that is not open,
    `InvalidValue` for one that waits for its due date.
    """
    due_on = view.item(item).due_on
    if due_on is None:
        raise InvalidValue("collection.item", item, "must have a due date")
    due = Due(amount=view.free(item), on=due_on, announced_on=announced_on, is_last=is_last)
    return next_attempt(
        policy, due, view.payment_methods, attempts_on(account, view, item), view.as_of, calendar=calendar
    )
