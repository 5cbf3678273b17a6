"""The settings of matching: how much each evidence counts, and what may be posted without a human.

Points rank proposals; they never replace the rule. Posted by itself is only what has all three: a whole token that names
the items, a debtor that is known, and an amount that is exact or explained. Whatever its points, an amount by itself is a
suggestion, and so is a tie.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import final

from attrs import fields, frozen

from receivables.documents.schedule import check_percent
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, exact

REFERENCES = ("reference", "creditor_reference", "bare_reference", "joined_reference", "cut_reference")
"""How the items were named."""

DEBTORS = ("account", "payer", "alias", "group", "unknown_debtor")
"""How the debtor was recognized."""

AMOUNTS = ("exact_amount", "discount", "tolerance", "deduction", "unearned_discount", "short_payment", "overpayment")
"""What the amount is to the items that were named."""

SEARCHES = ("subset_sum", "oldest_items", "statement_total")
"""How an amount was explained by items that nothing names."""


@final
@frozen(kw_only=True)
class MatchingPoints:
    """What each evidence counts. A set of items counts as its weakest reference does.

    >>> MatchingPoints(alias=25).alias
    25
    """

    reference: int = 60
    creditor_reference: int = 65
    bare_reference: int = 45
    joined_reference: int = 40
    cut_reference: int = 15
    account: int = 30
    payer: int = 30
    alias: int = 20
    group: int = 10
    unknown_debtor: int = 0
    exact_amount: int = 30
    discount: int = 25
    tolerance: int = 20
    deduction: int = 10
    unearned_discount: int = 5
    short_payment: int = 0
    overpayment: int = 0
    subset_sum: int = 15
    oldest_items: int = 12
    statement_total: int = 18
    amount_in_text: int = 3
    date_in_text: int = 3

    def __attrs_post_init__(self) -> None:
        for name, points in self.by_evidence.items():
            checks.whole(f"points.{name}", points, least=0, most=1000)

    @cached_property
    def by_evidence(self) -> Mapping[str, int]:
        """Evidence -> points."""
        return {field.name: getattr(self, field.name) for field in fields(MatchingPoints)}


@final
@frozen(kw_only=True)
class MatchingPolicy:
    """How payments are matched, and what may be posted by itself.

    ``threshold``: so many points a posting needs. ``margin``: by so many points it must be ahead of the next proposal,
    or it is a tie. ``references``, ``debtors`` and ``amounts`` name the evidence of each kind that may post.
    ``tolerances`` (one amount per currency) and ``tolerance_percent`` let a small difference go; where both are given
    the smaller one counts. ``shortest_reference`` is the least number of letters and digits of a number in free text,
    ``shortest_bare`` of one without its leading letters, ``shortest_joined`` of one that was put together from neighbors,
    ``shortest_cut`` of the beginning of one.
    ``late_discount`` takes a discount in its days of grace for earned.

    The bounds of the search: ``most_candidates`` items are looked at, ``most_items`` make up a set,
    ``most_steps`` are taken, ``most_proposals`` are given.

    >>> MatchingPolicy(id="standard", version=1, tolerances=(Money.of(5, "EUR"),), tolerance_percent=Decimal(1)).margin
    10
    """

    id: str
    version: int
    points: MatchingPoints = MatchingPoints()
    threshold: int = 100
    margin: int = 10
    references: frozenset[str] = frozenset({"reference", "creditor_reference", "bare_reference"})
    debtors: frozenset[str] = frozenset({"account", "payer", "alias"})
    amounts: frozenset[str] = frozenset({"exact_amount", "discount", "tolerance"})
    tolerances: tuple[Money, ...] = ()
    tolerance_percent: Decimal | None = None
    late_discount: bool = True
    shortest_reference: int = 3
    shortest_bare: int = 4
    shortest_joined: int = 6
    shortest_cut: int = 5
    most_items: int = 12
    most_candidates: int = 40
    most_steps: int = 1_000
    most_proposals: int = 5

    def __attrs_post_init__(self) -> None:
        checks.text("matching_policy.id", self.id)
        checks.whole("matching_policy.version", self.version, least=1)
        checks.instance("matching_policy.points", self.points, MatchingPoints, "matching points")
        for name, choices in (("references", REFERENCES), ("debtors", DEBTORS), ("amounts", AMOUNTS)):
            _check_names(f"matching_policy.{name}", getattr(self, name), choices)
        checks.sequence("matching_policy.tolerances", self.tolerances, Money, "amounts")
        for name, least, most in _BOUNDS:
            checks.whole(f"matching_policy.{name}", getattr(self, name), least=least, most=most)
        checks.instance("matching_policy.late_discount", self.late_discount, bool, "true or false")
        if self.tolerance_percent is not None:
            check_percent("matching_policy.tolerance_percent", self.tolerance_percent)
        if len(self._tolerance_of) != len(self.tolerances) or any(each.minor < 0 for each in self.tolerances):
            shown = [str(each) for each in self.tolerances]
            raise InvalidValue("matching_policy.tolerances", shown, "must be one amount per currency, none negative")

    def tolerance(self, currency: Currency, total: int) -> int:
        """The difference that is let go on so many minor units, in minor units, rounded down.

        >>> policy = MatchingPolicy(id="standard", version=1, tolerances=(Money.of(5, "EUR"),), tolerance_percent=Decimal(1))
        >>> policy.tolerance(Currency.of("EUR"), 1_200_00), policy.tolerance(Currency.of("EUR"), 200_00)
        (500, 200)
        """
        fixed, part = self._tolerance_of.get(currency), self._part
        if part is None:
            return fixed or 0
        share = total * part.numerator // part.denominator
        return share if fixed is None else min(fixed, share)

    @cached_property
    def _tolerance_of(self) -> Mapping[Currency, int]:
        return {each.currency: each.minor for each in self.tolerances}

    @cached_property
    def _part(self) -> Fraction | None:
        percent = self.tolerance_percent
        return None if percent is None else exact("matching_policy.tolerance_percent", percent) / 100


_BOUNDS = (
    ("threshold", 1, 10_000),
    ("margin", 1, 10_000),
    ("shortest_reference", 1, 100),
    ("shortest_bare", 1, 100),
    ("shortest_joined", 4, 100),
    ("shortest_cut", 4, 100),
    ("most_items", 2, 50),
    ("most_candidates", 2, 500),
    ("most_steps", 1, 1_000_000),
    ("most_proposals", 1, 50),
)
"""Field -> the least and the most that it may be. Without a margin of one point a tie would be posted."""


def _check_names(field: str, names: object, choices: tuple[str, ...]) -> None:
    checks.instance(field, names, frozenset, "a frozenset of names")
    if not isinstance(names, frozenset) or not names <= set(choices):
        raise InvalidValue(field, sorted(map(str, names)), "must be some of " + ", ".join(choices))  # type: ignore[call-overload]
