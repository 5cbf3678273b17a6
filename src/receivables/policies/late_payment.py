"""The law of late payment as data: rates, margins, fixed sums and how interest is counted, with source and validity.

Three rules. Which version of a law holds depends on when the obligation arose, not on when somebody claims. The library
holds no reference rates: the host hands in a `RateTable` under the name that the regime asks for. What a statute
leaves open (the day count, mostly) is said in `notes`, and is a setting of the terms.

The regimes themselves stand in `receivables.policies.regimes`. They are inputs of a computation, not legal advice.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue, WrongType
from receivables.policies.fees import Fee, FeeRule
from receivables.policies.interest import Compounding, InterestTerms
from receivables.policies.interest_rates import Fixing, RateBound, RateRule, Reset
from receivables.values import checks
from receivables.values.daycounts import DayCount
from receivables.values.money import Money
from receivables.values.rates import RateTable


@final
@frozen(kw_only=True)
class LawVersion:
    """What a law gave for obligations that arose in a period; both days belong to it, ``None`` is "until now".

    ``reset`` is given where a version reads the reference rate on another day than the regime does now.
    Units: ``margin`` in percentage points over the reference rate. Errors: `WrongType`, `InvalidValue`.
    """

    valid_from: dt.date
    valid_until: dt.date | None = None
    margin: Decimal
    source: str
    compensation: FeeRule | None = None
    reset: Reset | None = None

    def __attrs_post_init__(self) -> None:
        checks.day("version.valid_from", self.valid_from)
        checks.optional_day("version.valid_until", self.valid_until)
        checks.instance("version.margin", self.margin, Decimal, "a Decimal")
        checks.text("version.source", self.source)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise InvalidValue("version.valid_until", str(self.valid_until), f"must not be before {self.valid_from}")

    def holds(self, day: dt.date) -> bool:
        """Whether an obligation that arose on a day comes under this version."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@final
@frozen(kw_only=True)
class Regime:
    """A law of late payment: how interest is counted, and its versions by date.

    >>> from receivables.policies.regimes import BUNDESBANK, regime
    >>> base = RateTable.from_rows([("2025-01-01", "2025-06-30", "2.27")], name=BUNDESBANK, source="Bundesbank")
    >>> germany = regime("DE")
    >>> terms = germany.terms(base, arose_on=dt.date(2025, 1, 15))
    >>> str(terms.rate.quote(dt.date(2025, 3, 1)))
    '11.27 %: Bundesbank Basiszinssatz 2.27 % from 2025-01-01 + 9 points'
    >>> germany.compensation(Money.of(100, "EUR"), arose_on=dt.date(2025, 1, 15)).gross
    Money.of('40.00', 'EUR')

    ``reference`` names the rate table that the host hands in. ``contract_floor`` is how many times the rate named by
    ``floor_reference`` an agreed rate must at least be. Errors: `WrongType`, `InvalidValue`.
    """

    id: str
    name: str
    reference: str
    versions: tuple[LawVersion, ...]
    reset: Reset = Reset.HALF_YEAR_START
    fixing: Fixing = Fixing.FLOATING
    compounding: Compounding = Compounding.NONE
    day_count: DayCount = DayCount.ACT_365F
    stops_after_months: int | None = None
    contract_floor: int | None = None
    floor_reference: str | None = None
    notes: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("regime.id", self.id)
        checks.text("regime.name", self.name)
        checks.text("regime.reference", self.reference)
        checks.sequence("regime.versions", self.versions, LawVersion, "LawVersion")

    def version(self, arose_on: dt.date) -> LawVersion:
        """The version for an obligation that arose on a day.

        >>> from receivables.policies.regimes import regime
        >>> [str(regime("DE").version(day).margin) for day in (dt.date(2014, 7, 28), dt.date(2014, 7, 29))]
        ['8', '9']

        Errors: `InvalidValue` where the table has none; an older law is never guessed.
        """
        checks.day("arose_on", arose_on)
        for version in self.versions:
            if version.holds(arose_on):
                return version
        raise InvalidValue("arose_on", str(arose_on), f"must lie in a version of {self.id}: {self._validity()}")

    def terms(self, rates: RateTable, *, arose_on: dt.date, margin: Decimal | None = None) -> InterestTerms:
        """The statutory interest on an obligation that arose on a day.

        ``margin`` replaces that of the table where a national law or a contract gives another. Errors: `InvalidValue`
        for a table of another name, or a day without a version of the law.
        """
        base, version = self._table("rates", rates, self.reference), self.version(arose_on)
        points = version.margin if margin is None else margin
        rate = RateRule(base=base, margin=points, reset=version.reset or self.reset, fixing=self.fixing)
        return self._terms(rate, version)

    def contract_terms(
        self, percent: Decimal | str | int, *, arose_on: dt.date, floor_rates: RateTable | None = None
    ) -> InterestTerms:
        """The interest of an agreed percentage, counted as the law counts, and not below its floor.

        >>> from receivables.policies.regimes import FRENCH_LEGAL_RATE, regime
        >>> legal = RateTable.from_rows([("2024-07-01", "4.92")], name=FRENCH_LEGAL_RATE, source="arrêté")
        >>> terms = regime("FR").contract_terms("10", arose_on=dt.date(2024, 7, 1), floor_rates=legal)
        >>> str(terms.rate.quote(dt.date(2024, 9, 1)))
        "14.76 %: agreed, raised to the floor (3 times Taux d'intérêt légal (professionnels))"

        Errors: `InvalidValue` where the law has a floor and its table is missing or of another name.
        """
        rate = RateRule.fixed(percent)
        if self.contract_floor is not None:
            floor = self._floor(self._table("floor_rates", floor_rates, self.floor_reference), self.contract_floor)
            rate = RateRule(base=rate.base, reset=self.reset, floor=floor)
        return self._terms(rate, self.version(arose_on))

    def compensation(self, debt: Money, *, arose_on: dt.date) -> Fee | None:
        """The fixed sum for the cost of recovery of one debt, with the tier and the law; ``None`` if there is none.

        >>> from receivables.policies.regimes import regime
        >>> print(regime("GB").compensation(Money.of("9999.99", "GBP"), arose_on=dt.date(2024, 1, 2)))
        fee 70.00 GBP on 9999.99 GBP: from 1000.00 GBP: 70.00 GBP (GB fixed sum, Late Payment Act 1998 s. 5A)

        ``debt`` is the claim with its tax. Errors: `CurrencyMismatch` for a debt in another currency than the law's.
        """
        rule = self.version(arose_on).compensation
        return None if rule is None else rule.fee(debt)

    def _terms(self, rate: RateRule, version: LawVersion) -> InterestTerms:
        return InterestTerms(
            id=self.id,
            source=version.source,
            rate=rate,
            day_count=self.day_count,
            compounding=self.compounding,
            stops_after_months=self.stops_after_months,
        )

    @staticmethod
    def _floor(rates: RateTable, times: int) -> RateBound:
        return RateBound(percent=rates, times=times, source=f"{times} times {rates.name}")

    def _table(self, field: str, rates: RateTable | None, name: str | None) -> RateTable:
        if not isinstance(rates, RateTable):
            raise WrongType(field, rates, f"the RateTable {name!r}")
        if rates.name != name:
            raise InvalidValue(f"{field}.name", rates.name, f"must be {name!r} for {self.id}")
        return rates

    def _validity(self) -> str:
        return ", ".join(f"{version.valid_from} to {version.valid_until or 'now'}" for version in self.versions)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per version of the law."""
        return [
            {
                "regime": self.id,
                "from": version.valid_from,
                "until": version.valid_until,
                "reference": self.reference,
                "margin_points": str(version.margin),
                "read_on": self.reset.value,
                "rate": self.fixing.value,
                "counted": f"{self.compounding.value}, {self.day_count.value}",
                "fixed_sum": version.compensation is not None,
                "source": version.source,
            }
            for version in self.versions
        ]

    def __str__(self) -> str:
        lines = [
            f"  from {version.valid_from} until {version.valid_until or 'now'}: + {version.margin} points, {version.source}"
            for version in self.versions
        ]
        how = f"{self.fixing.value}, {self.compounding.value}, {self.day_count.value}"
        return "\n".join([f"{self.id}, {self.name}: {self.reference}, {how}", *lines])
