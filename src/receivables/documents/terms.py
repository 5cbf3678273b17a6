"""Payment terms: a definition that gives a `Schedule` for one invoice.

Terms say when and in which parts an invoice is to be paid and which discounts it offers. They hold no date of any
invoice and no holiday: `PaymentTerms.resolve` takes both, and the invoice stores the schedule that comes out. The order
of steps matters: "45 days, end of month" and "end of month, 45 days" are two terms.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Self, final

import attrs

from receivables.documents import date_formulas
from receivables.documents.discounts import Discount, DiscountBase
from receivables.documents.due_rules import ADVANCE, DELIVERY, INVOICE, KNOWN_AT_ISSUE, NO_DATES, DueRule
from receivables.documents.due_steps import DateRule, DayOfMonth, Days, EndOf, Given, Months, OnDate, Step
from receivables.documents.payment_days import Closing, CutOff
from receivables.documents.schedule import DiscountWindow, Installment, Schedule, read_percent
from receivables.documents.shares import PLAIN, Division, Share, apportion
from receivables.documents.terms_parts import Facts, Part, check_parts
from receivables.documents.terms_reading import Dialect, read_terms
from receivables.documents.terms_writing import write_terms
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.dates import BusinessCalendar, Roll, add_days
from receivables.values.money import Money

NO_CALENDARS: Mapping[str, BusinessCalendar] = MappingProxyType({})
NO_RULES: Mapping[str, DateRule] = MappingProxyType({})


@final
@attrs.frozen(kw_only=True)
class PaymentTerms:
    """When and in which parts an invoice is to be paid, and with which discounts.

    >>> terms = PaymentTerms.parse("2/10 net 30")
    >>> str(terms.resolve(dt.date(2026, 5, 4), Money.of("1200.00", "EUR")))
    '1200.00 EUR due 2026-06-03, less 24.00 EUR until 2026-05-14'

    In `sequential` terms each part counts from the date of the part before. Errors at construction, each naming its
    field: no part, percentages over 100, two balances, parts that cannot add up, a name twice.
    """

    parts: tuple[Part, ...] = (Part(),)
    sequential: bool = False
    division: Division = PLAIN

    def __attrs_post_init__(self) -> None:
        checks.sequence("terms.parts", self.parts, Part, "parts")
        checks.instance("terms.sequential", self.sequential, bool, "true or false")
        checks.instance("terms.division", self.division, Division, "a division")
        check_parts(self.parts, self.division)

    # Ways to say terms ----------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, *steps: Step, baseline: str = INVOICE) -> Self:
        """The whole amount by steps from a baseline.

        >>> due = PaymentTerms.of(Days(count=45), EndOf())
        >>> str(due)
        '45 days then EOM'
        """
        return cls(parts=(Part(due=DueRule(steps=steps, baseline=baseline)),))

    @classmethod
    def net(cls, days: int) -> Self:
        """The whole amount, so many days after the invoice date; 30 January 2028 plus 30 days is 29 February.

        Negative days are refused here, because they mostly are a slip; ``of(Days(count=-7))`` says them.
        """
        checks.whole("terms.days", days, least=0)
        return cls.of(Days(count=days))

    @classmethod
    def immediate(cls) -> Self:
        """The whole amount on the invoice date."""
        return cls()

    @classmethod
    def on(cls, date: dt.date) -> Self:
        """The whole amount on a given date, which may lie before the invoice date."""
        return cls.of(OnDate(date=date))

    @classmethod
    def end_of_month(cls, days: int = 0, *, months: int = 0) -> Self:
        """The end of the month, then so many months to their end, then so many days.

        >>> str(PaymentTerms.end_of_month(45).resolve(dt.date(2021, 9, 13), Money.of(1, "EUR")).due_dates[0])
        '2021-11-14'
        """
        ahead = (Months(count=months),) if months else ()
        after = (Days(count=days),) if days else ()
        return cls.of(*ahead, EndOf(), *after)

    @classmethod
    def proximo(cls, day: int, *, months: int = 1, cut_off: int | None = None) -> Self:
        """A day of the next month, or of a later one; after the cut-off day, one month more.

        >>> str(PaymentTerms.proximo(10, cut_off=25))
        'net 10 prox cutoff 25'
        """
        cut = () if cut_off is None else (CutOff(day=cut_off),)
        return cls.of(*cut, DayOfMonth(day=day, months_ahead=months))

    @classmethod
    def closing(cls, day: int, *, months: int = 1, pay_day: int = 31) -> Self:
        """Closed on a day of the month and paid on another, so many months later; 31 is the month end.

        >>> str(PaymentTerms.closing(25).resolve(dt.date(2024, 3, 26), Money.of(1, "JPY")).due_dates[0])
        '2024-05-31'
        """
        return cls.of(Closing(day=day), DayOfMonth(day=pay_day, months_ahead=months))

    @classmethod
    def cash_on_delivery(cls) -> Self:
        """The whole amount when the goods are delivered."""
        return cls.of(baseline=DELIVERY)

    @classmethod
    def cash_in_advance(cls) -> Self:
        """The whole amount at once, before anything is delivered."""
        return cls.of(baseline=ADVANCE)

    @classmethod
    def installments(cls, count: int, *, every: Months | Days, then: tuple[Step, ...] = (), first: int = 1) -> Self:
        """Equal parts at equal distances, each counted from the baseline, so that no month end slips.

        >>> thirds = PaymentTerms.installments(3, every=Months(count=1))
        >>> [str(day) for day in thirds.resolve(dt.date(2026, 1, 31), Money.of(100000, "JPY")).due_dates]
        ['2026-02-28', '2026-03-31', '2026-04-30']
        """
        checks.whole("terms.count", count, least=1)
        gaps = (attrs.evolve(every, count=every.count * ordinal) for ordinal in range(first, first + count))
        return cls(parts=tuple(Part(share=Share.weighted(1), due=DueRule(steps=(gap, *then))) for gap in gaps))

    @classmethod
    def parse(cls, text: str, dialect: Dialect = Dialect.TRADE) -> Self:
        """Terms from their notation; `str` writes it back.

        >>> str(PaymentTerms.parse("n/30")), str(PaymentTerms.parse("CM+1M+10D", Dialect.DATE_FORMULA))
        ('net 30', 'EOM then 1 month then 10 days')

        Errors: `NotUnderstood` points at the place.
        """
        reading = read_terms(text, dialect)
        return cls(parts=reading.parts, sequential=reading.sequential, division=reading.division)

    @staticmethod
    def first_of(*candidates: PaymentTerms | None) -> PaymentTerms:
        """The first terms that are there: of the order, of the customer, of the company."""
        for terms in candidates:
            if terms is not None:
                return terms
        raise InvalidValue("terms", candidates, "must be given by the order, the customer or the company")

    # Variations -----------------------------------------------------------------------------------------------------

    def with_discount(
        self, percent: Decimal | str | int, *steps: Step, grace_days: int = 0, base: DiscountBase = DiscountBase.GROSS
    ) -> Self:
        """The same terms with one more discount on every part, by steps from the part's own baseline.

        >>> str(PaymentTerms.net(60).with_discount(2, Days(count=10)).with_discount(1, Days(count=20)))
        '2/10, 1/20, net 60'
        """
        size = read_percent("discount.percent", percent)
        parts = []
        for part in self.parts:
            due = DueRule(steps=steps, baseline=part.due.baseline)
            discount = Discount(percent=size, due=due, grace_days=grace_days, base=base)
            parts.append(attrs.evolve(part, discounts=(*part.discounts, discount)))
        return attrs.evolve(self, parts=tuple(parts))

    def rolled(self, roll: Roll = Roll.FOLLOWING, calendar: str = "weekends") -> Self:
        """The same terms with every due date and every discount date moved off closed days."""
        return attrs.evolve(self, parts=tuple(_rolled(part, roll, calendar) for part in self.parts))

    # What they come to ----------------------------------------------------------------------------------------------

    def resolve(
        self,
        issued_on: dt.date,
        total: Money,
        *,
        net: Money | None = None,
        discountable: Money | None = None,
        dates: Mapping[str, dt.date] = NO_DATES,
        calendars: Mapping[str, BusinessCalendar] = NO_CALENDARS,
        rules: Mapping[str, DateRule] = NO_RULES,
    ) -> Schedule:
        """The dated installments of an invoice.

        `dates` are the baselines that are known (delivery, receipt); `calendars` and `rules` are those that steps name;
        `net` is the amount without tax, where a part or a discount is measured by it; `discountable` the amount of the
        lines that are not excluded from discounts, where some are. A part of zero is left out.

        >>> rog = PaymentTerms.parse("4/15 ROG")
        >>> rog.resolve(dt.date(2023, 7, 20), Money.of(1, "EUR")).awaited
        frozenset({'receipt'})
        """
        if dates is NO_DATES and (days := self.plain_days) is not None:
            checks.day("terms.issued_on", issued_on)
            return Schedule(installments=(Installment(amount=total, due_on=add_days(issued_on, days)),))
        return self._resolved(
            _facts(self, issued_on, (total, net, discountable), dates, Given(calendars=calendars, rules=rules))
        )

    def date_awaited(
        self,
        schedule: Schedule,
        issued_on: dt.date,
        *,
        dates: Mapping[str, dt.date],
        net: Money | None = None,
        discountable: Money | None = None,
        calendars: Mapping[str, BusinessCalendar] = NO_CALENDARS,
        rules: Mapping[str, DateRule] = NO_RULES,
    ) -> Schedule:
        """The schedule with the dates that are known now; the dates that it has already stay as they are.

        >>> rog, issued = PaymentTerms.parse("net 30 ROG"), dt.date(2026, 1, 5)
        >>> open = rog.resolve(issued, Money.of("100", "EUR"))
        >>> str(rog.date_awaited(open, issued, dates={"receipt": dt.date(2026, 1, 12)}))
        '100.00 EUR due 2026-02-11'
        """
        fresh = self.resolve(
            issued_on,
            schedule.total,
            net=net,
            discountable=discountable,
            dates=dates,
            calendars=calendars,
            rules=rules,
        )
        pairs = zip(schedule.installments, fresh.installments, strict=True)
        return Schedule(installments=tuple(_dated(old, new) for old, new in pairs))

    def explain(
        self,
        issued_on: dt.date,
        total: Money,
        *,
        net: Money | None = None,
        discountable: Money | None = None,
        dates: Mapping[str, dt.date] = NO_DATES,
        calendars: Mapping[str, BusinessCalendar] = NO_CALENDARS,
        rules: Mapping[str, DateRule] = NO_RULES,
    ) -> tuple[str, ...]:
        """How each date arose, one sentence per step.

        >>> for line in PaymentTerms.parse("45 days then EOM").explain(dt.date(2021, 9, 13), Money.of(1, "EUR")):
        ...     print(line)
        1.00 EUR is due:
        counted from the invoice date: 2021-09-13
        45 days later: 2021-10-28
        end of the month: 2021-10-31
        """
        facts = _facts(self, issued_on, (total, net, discountable), dates, Given(calendars=calendars, rules=rules))
        lines: list[str] = []
        previous: Installment | None = None
        for part, installment in self._installments(facts):
            lines += _explained(part, installment, facts, previous)
            previous = installment if self.sequential else None
        return tuple(lines)

    def write(self, dialect: Dialect = Dialect.TRADE) -> str:
        """The notation in a dialect; a date formula says a single due date without discounts and no more.

        >>> PaymentTerms.end_of_month(10).write(Dialect.DATE_FORMULA)
        'CM+10D'
        """
        if dialect is not Dialect.DATE_FORMULA:
            return str(self)
        if self != PaymentTerms.of(*self.parts[0].due.steps):
            raise InvalidValue("terms", str(self), "must be one due date, to be a date formula")
        return date_formulas.write_formula(self.parts[0].due.steps)

    def __str__(self) -> str:
        return write_terms(self.parts, sequential=self.sequential, division=self.division)

    @cached_property
    def plain_days(self) -> int | None:
        """The days of "net n" terms, or ``None`` where there is more to them: most invoices need no more."""
        if self != PaymentTerms.of(*self.parts[0].due.steps, baseline=self.parts[0].due.baseline):
            return None
        match self.parts[0].due:
            case DueRule(steps=(), baseline=baseline) if baseline in KNOWN_AT_ISSUE:
                return 0
            case DueRule(steps=(Days(count=count, inclusive=False),), baseline=baseline) if baseline in KNOWN_AT_ISSUE:
                return count
            case _:
                return None

    def _resolved(self, facts: Facts) -> Schedule:
        found = tuple(installment for _, installment in self._installments(facts))
        owed = tuple(installment for installment in found if installment.amount.minor)
        return Schedule(installments=owed or found[:1])

    def _installments(self, facts: Facts) -> Iterator[tuple[Part, Installment]]:
        shares = [part.share for part in self.parts]
        amounts = apportion(shares, facts.total, net=facts.net, division=facts.division)
        previous: Installment | None = None
        for part, amount in zip(self.parts, amounts, strict=True):
            installment = facts.installment(part, amount, previous)
            previous = installment if self.sequential else None
            yield part, installment


def _facts(
    terms: PaymentTerms,
    issued_on: dt.date,
    amounts: tuple[Money, Money | None, Money | None],
    dates: Mapping[str, dt.date],
    given: Given,
) -> Facts:
    checks.day("terms.issued_on", issued_on)
    total, net, discountable = amounts
    checks.instance("terms.total", total, Money, "money")
    if discountable is not None and abs(discountable) > abs(total):
        raise InvalidValue("terms.discountable", str(discountable), f"must not be more than the total of {total}")
    for name, date in dates.items():
        checks.day(f"terms.dates[{name!r}]", date)
    return Facts(
        issued_on=issued_on,
        total=total,
        net=net,
        discountable=discountable,
        dates=dates,
        given=given,
        division=terms.division,
    )


def _rolled(part: Part, roll: Roll, calendar: str) -> Part:
    discounts = (attrs.evolve(discount, due=discount.due.rolled(roll, calendar)) for discount in part.discounts)
    return attrs.evolve(part, due=part.due.rolled(roll, calendar), discounts=tuple(discounts))


def _dated(old: Installment, new: Installment) -> Installment:
    windows = _dated_windows(old.discounts, new.discounts)
    source = old if old.is_dated else new
    return attrs.evolve(old, discounts=windows, due_on=source.due_on, baseline=source.baseline)


def _dated_windows(old: tuple[DiscountWindow, ...], new: tuple[DiscountWindow, ...]) -> tuple[DiscountWindow, ...]:
    pairs = zip(old, new, strict=True)
    return tuple(before if before.until is not None else after for before, after in pairs)


def _explained(part: Part, installment: Installment, facts: Facts, previous: Installment | None) -> Iterator[str]:
    yield f"{'' if part.name is None else f'{part.name}: '}{installment.amount} is due:"
    yield from _walked(part.due, facts, previous)
    for discount in part.discounts:
        yield f"discount of {discount} until:"
        yield from _walked(discount.due, facts, previous)
        if discount.grace_days and (until := facts.until(discount.due, previous)) is not None:
            yield f"days of grace: {discount.grace_days}, to {add_days(until, discount.grace_days)}"


def _walked(rule: DueRule, facts: Facts, previous: Installment | None) -> Iterator[str]:
    start = facts.start(rule, previous)
    if start is None:
        yield f"not known before there is a date of '{facts.awaited(rule, previous)}'"
        return
    origin = f"the {rule.baseline} date" if previous is None else "the date of the part before"
    yield f"counted from {origin}: {start}"
    for step, day in rule.walk(start, facts.given):
        yield f"{step.words}: {day}"
