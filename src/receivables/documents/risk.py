"""What is known or said of the risk of a customer: scores, outside scores, declared figures, overrides, early warnings.

A score keeps everything it was made of: the scorecard, every input as it was known, every reason. So it can be worked out
anew, and explained, long after the settings have changed. Nothing here is a float.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values import checks
from receivables.values.money import Money

THOUSANDTHS: Final = 3
"""How many decimals an outside score may have: features are whole thousandths of it."""

AMOUNTS: Final = (
    "total_assets",
    "total_liabilities",
    "working_capital",
    "retained_earnings",
    "ebit",
    "sales",
    "market_equity",
    "book_equity",
)
"""The figures of a balance sheet that a score may need; each may be left out."""

_NEVER_NEGATIVE: Final = ("total_assets", "total_liabilities", "sales", "market_equity")


# Scores -----------------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True, weakref_slot=False)
class ScoreInput:
    """One feature that a score looked at, as it was known: a whole number in the unit of the feature, or undefined."""

    name: str
    value: int | None


@final
@frozen(kw_only=True, weakref_slot=False)
class ScoreReason:
    """Why a score is not better: the code, the feature with its value, and the points that were lost by it."""

    code: str
    feature: str
    value: int | None
    points_lost: int

    def __str__(self) -> str:
        shown = "undefined" if self.value is None else str(self.value)
        return f"{self.code} (-{self.points_lost}: {self.feature} {shown})"


@final
@frozen(kw_only=True)
class RiskScore:
    """The points and the class of a customer on a day, by a scorecard, with the reasons by the points that they cost.

    >>> RiskScore(points=540, risk_class="C", scorecard=PolicyRef(id="trade", version=2, digest="9f" * 32),
    ...           reasons=(ScoreReason(code="pays_late", feature="days_late", value=1840, points_lost=60),)).codes
    ('pays_late',)
    """

    points: int
    risk_class: str
    scorecard: PolicyRef
    reasons: tuple[ScoreReason, ...] = ()
    inputs: tuple[ScoreInput, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, the one that cost most first."""
        return tuple(reason.code for reason in self.reasons)


# What others say --------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class ExternalScore:
    """What somebody else says of a customer on a day: an agency's index, a rating on a scale of numbers.

    ``name`` is how scorecards find it, as ``external:name``; ``source`` says who gave it and ``reference`` where it can be
    seen. A later one of the same name replaces it; after ``valid_until`` it is not looked at any more.

    >>> score = ExternalScore(id="X-1", account="ACME", name="agency", value=Decimal("2.5"), source="an agency",
    ...                       on=dt.date(2026, 3, 2))
    >>> score.thousandths
    2500

    Errors: `InvalidValue` for a value that is no number, or has more than three decimals.
    """

    id: str
    account: str
    name: str
    value: Decimal
    source: str
    on: dt.date
    valid_until: dt.date | None = None
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("id", "account", "name", "source"):
            checks.text(f"external_score.{name}", getattr(self, name))
        checks.day("external_score.on", self.on)
        checks.optional_day("external_score.valid_until", self.valid_until)
        checks.optional_text("external_score.reference", self.reference)
        if not isinstance(self.value, Decimal):
            raise WrongType("external_score.value", self.value, "a Decimal")
        if not self.value.is_finite() or abs(self.value.adjusted()) > 12:
            raise InvalidValue("external_score.value", self.value, "must be a number of a usual size")
        if (self.value.as_integer_ratio()[0] * 10**THOUSANDTHS) % self.value.as_integer_ratio()[1]:
            raise InvalidValue("external_score.value", self.value, f"must have at most {THOUSANDTHS} decimals")
        if self.valid_until is not None and self.valid_until < self.on:
            raise InvalidValue(
                "external_score.valid_until", self.valid_until.isoformat(), f"must not be before {self.on}"
            )

    @property
    def thousandths(self) -> int:
        """The value in thousandths, exactly."""
        top, bottom = self.value.as_integer_ratio()
        return top * 10**THOUSANDTHS // bottom


@final
@frozen(kw_only=True)
class DeclaredFigures:
    """What a customer or a prospect says of its own business: the figures of one balance sheet, with source and date.

    >>> figures = DeclaredFigures(id="F-1", account="ACME", year_end=dt.date(2025, 12, 31), source="annual accounts",
    ...                           declared_on=dt.date(2026, 3, 2), total_assets=Money.of(500_000, "EUR"))
    >>> figures.sales is None
    True

    Errors: `InvalidValue` where nothing is declared, a year has not ended, or a figure is negative that cannot be;
    `CurrencyMismatch`.
    """

    id: str
    account: str
    year_end: dt.date
    declared_on: dt.date
    source: str
    audited: bool = False
    total_assets: Money | None = None
    total_liabilities: Money | None = None
    working_capital: Money | None = None
    retained_earnings: Money | None = None
    ebit: Money | None = None
    sales: Money | None = None
    market_equity: Money | None = None
    book_equity: Money | None = None
    founded_on: dt.date | None = None
    employees: int | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("id", "account", "source"):
            checks.text(f"figures.{name}", getattr(self, name))
        checks.day("figures.year_end", self.year_end)
        checks.day("figures.declared_on", self.declared_on)
        checks.optional_day("figures.founded_on", self.founded_on)
        checks.instance("figures.audited", self.audited, bool, "true or false")
        if self.employees is not None:
            checks.whole("figures.employees", self.employees, least=0)
        if self.year_end > self.declared_on:
            raise InvalidValue("figures.year_end", self.year_end.isoformat(), f"must not be after {self.declared_on}")
        _check_amounts(self)

    def minor(self, name: str) -> int | None:
        """A figure in minor units, by its name; ``None`` where it was left out."""
        amount: Money | None = getattr(self, name)
        return None if amount is None else amount.minor


def _check_amounts(figures: DeclaredFigures) -> None:
    first: Money | None = None
    for name in AMOUNTS:
        amount = getattr(figures, name)
        if amount is None:
            continue
        checks.instance(f"figures.{name}", amount, Money, "money, or None where it is not declared")
        first = amount if first is None else first
        if amount.currency != first.currency:
            raise CurrencyMismatch(amount, first.currency.code)
        if amount.minor < 0 and name in _NEVER_NEGATIVE:
            raise InvalidValue(f"figures.{name}", str(amount), "must not be negative")
    if first is None and figures.founded_on is None and figures.employees is None:
        raise InvalidValue("figures", figures.id, "must declare something")


# What a person says -----------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class ClassOverride:
    """A risk class that a person gives, whatever the score says; it lapses by its last day, without a job.

    >>> ClassOverride(id="O-1", account="ACME", risk_class="D", starts_on=dt.date(2026, 3, 2), reason="strike at the plant",
    ...               until=dt.date(2026, 6, 30)).risk_class
    'D'
    """

    id: str
    account: str
    risk_class: str
    starts_on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    until: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("id", "account", "risk_class", "reason"):
            checks.text(f"override.{name}", getattr(self, name))
        checks.day("override.starts_on", self.starts_on)
        checks.optional_day("override.until", self.until)
        if self.until is not None and self.until < self.starts_on:
            raise InvalidValue("override.until", self.until.isoformat(), f"must not be before {self.starts_on}")


# Early warnings ---------------------------------------------------------------------------------------------------------

WARNINGS: Final = (
    "utilization_and_slower",
    "promise_after_promise",
    "order_burst",
    "returned_payments",
    "short_pay_habit",
    "dispute_to_delay",
    "selective_payment",
    "never_paid",
    "pays_under_pressure",
)
"""What an early warning can be about; the last three are patterns of somebody who can pay and does not."""


@final
@frozen(kw_only=True, weakref_slot=False)
class Evidence:
    """One thing that a warning rests on: what it is, when it happened, and how much or how late it was.

    ``about`` is ``item``, ``promise``, ``order``, ``dispute``, ``payment``, ``letter`` or ``utilization``; ``subject`` its id.
    """

    about: str
    subject: str
    on: dt.date
    amount: Money | None = None
    days: int | None = None

    def __str__(self) -> str:
        figures = [str(self.amount)] if self.amount is not None else []
        figures += [f"{self.days} days"] if self.days is not None else []
        return " ".join([self.about, self.subject, f"on {self.on}", *figures])


@final
@frozen(kw_only=True)
class EarlyWarning:
    """A pattern that often comes before a loss, with the evidence for it; ``period`` is the month or so that it counts for.

    >>> warning = EarlyWarning(kind="returned_payments", period="2026-03", evidence=(
    ...     Evidence(about="payment", subject="P-7", on=dt.date(2026, 3, 2), amount=Money.of(120, "EUR")),))
    >>> print(warning)
    returned_payments 2026-03: payment P-7 on 2026-03-02 120.00 EUR
    """

    kind: str
    period: str
    evidence: tuple[Evidence, ...]

    def __attrs_post_init__(self) -> None:
        checks.one_of("warning.kind", self.kind, WARNINGS)
        checks.text("warning.period", self.period)
        checks.sequence("warning.evidence", self.evidence, Evidence, "evidence")

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the evidence names."""
        return tuple(dict.fromkeys(each.subject for each in self.evidence if each.about == "item"))

    def __str__(self) -> str:
        return f"{self.kind} {self.period}: {', '.join(map(str, self.evidence))}"
