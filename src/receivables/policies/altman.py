"""Altman's Z: how near to failure a company is, from the ratios of one balance sheet.

Three models: Z of 1968 for listed manufacturers, Z' for private firms (book instead of market equity), Z'' for others than
manufacturers (without sales). Each is a sum of coefficients and ratios, with two edges: below the first a company is in
distress, above the second it is safe, and between them nobody can tell.

    X1 working capital / total assets         X4 equity / total liabilities
    X2 retained earnings / total assets       X5 sales / total assets
    X3 earnings before interest and tax / total assets

Sources: Altman, Journal of Finance 23 (1968); Corporate Financial Distress (1983, 1993). The 1968 paper has 0.999 for X5,
most textbooks 1.0: `AltmanModel.with_last` makes the one from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.risk import DeclaredFigures
from receivables.errors import InvalidValue, WrongType
from receivables.values import checks
from receivables.values.money import Rounding

EQUITIES: Final = ("market_equity", "book_equity")


@final
@frozen(kw_only=True)
class AltmanModel:
    """Coefficients and edges of one variant; ``equity`` says which equity X4 is made of.

    >>> Z.coefficients[-1], Z.with_last("0.999").coefficients[-1]
    (Decimal('1.0'), Decimal('0.999'))

    Errors: `InvalidValue` for edges that are not in order, or without coefficients.
    """

    name: str
    coefficients: tuple[Decimal, ...]
    distress_below: Decimal
    safe_above: Decimal
    equity: str = "book_equity"
    constant: Decimal = Decimal(0)

    def __attrs_post_init__(self) -> None:
        checks.text("altman.name", self.name)
        checks.sequence("altman.coefficients", self.coefficients, Decimal, "Decimals")
        checks.one_of("altman.equity", self.equity, EQUITIES)
        for name in ("distress_below", "safe_above", "constant"):
            checks.instance(f"altman.{name}", getattr(self, name), Decimal, "a Decimal")
        if not 4 <= len(self.coefficients) <= 5:
            raise InvalidValue("altman.coefficients", len(self.coefficients), "must be four or five")
        if self.safe_above < self.distress_below:
            raise InvalidValue("altman.safe_above", self.safe_above, f"must not be below {self.distress_below}")

    def with_last(self, coefficient: str) -> AltmanModel:
        """The same model with another last coefficient."""
        return attrs.evolve(self, coefficients=(*self.coefficients[:-1], Decimal(coefficient)))

    def with_coefficients(self, *coefficients: str) -> AltmanModel:
        """The same model with other coefficients, where a source prints them otherwise."""
        return attrs.evolve(self, coefficients=tuple(map(Decimal, coefficients)))


def _model(name: str, coefficients: str, distress_below: str, safe_above: str, equity: str) -> AltmanModel:
    return AltmanModel(
        name=name,
        coefficients=tuple(map(Decimal, coefficients.split())),
        distress_below=Decimal(distress_below),
        safe_above=Decimal(safe_above),
        equity=equity,
    )


Z: Final = _model("z", "1.2 1.4 3.3 0.6 1.0", "1.81", "2.99", "market_equity")
"""Listed manufacturers, 1968."""

Z_PRIVATE: Final = _model("z_private", "0.717 0.847 3.107 0.420 0.998", "1.23", "2.90", "book_equity")
"""Z': private firms, 1983."""

Z_SERVICES: Final = _model("z_services", "6.56 3.26 6.72 1.05", "1.10", "2.60", "book_equity")
"""Z'': others than manufacturers, 1993."""

MODELS: Final = (Z, Z_PRIVATE, Z_SERVICES)


@final
@frozen(kw_only=True)
class AltmanScore:
    """The value of a model, exactly, with its zone: ``distress``, ``grey`` or ``safe``."""

    model: str
    z: Fraction
    zone: str

    @property
    def thousandths(self) -> int:
        """The value in thousandths, rounded half up: 2.169 is 2169."""
        return Rounding.HALF_UP.whole(self.z * 1000)

    def __str__(self) -> str:
        sign, (whole, rest) = "-" if self.thousandths < 0 else "", divmod(abs(self.thousandths), 1000)
        return f"{self.model} {sign}{whole}.{rest:03d} ({self.zone})"


def altman(ratios: Sequence[Decimal | Fraction | int], model: AltmanModel = Z) -> AltmanScore:
    """The value of a model for its ratios, X1 first. On an edge it is grey.

    >>> print(altman([Decimal(ratio) for ratio in "0.10 0.20 0.13 0.65 0.95".split()]))
    z 2.169 (grey)
    >>> print(altman([Decimal(ratio) for ratio in "0.10 0.20 0.13 0.65".split()], Z_SERVICES))
    z_services 2.864 (safe)

    Errors: `InvalidValue` for another number of ratios than the model has, `WrongType` for a float.
    """
    if len(ratios) != len(model.coefficients):
        raise InvalidValue("altman.ratios", len(ratios), f"must be {len(model.coefficients)} for {model.name}")
    z = Fraction(model.constant)
    for at, (coefficient, ratio) in enumerate(zip(model.coefficients, ratios, strict=True)):
        if isinstance(ratio, bool) or not isinstance(ratio, Decimal | Fraction | int):
            raise WrongType(f"altman.ratios[{at}]", ratio, "a Decimal, a Fraction or a whole number")
        z += Fraction(coefficient) * Fraction(ratio)
    return AltmanScore(model=model.name, z=z, zone=_zone(z, model))


def altman_of(figures: DeclaredFigures, model: AltmanModel = Z) -> AltmanScore | None:
    """The value of a model for declared figures; ``None`` where one is missing, or there is nothing to divide by.

    >>> import datetime as dt
    >>> from receivables.values.money import Money
    >>> usd = lambda amount: Money.of(amount, "USD")
    >>> figures = DeclaredFigures(
    ...     id="F-1", account="ACME", year_end=dt.date(2025, 12, 31), declared_on=dt.date(2026, 3, 2), source="accounts",
    ...     working_capital=usd("4.2"), total_assets=usd("3.5"), retained_earnings=usd("0.8"), ebit=usd("6.5"),
    ...     market_equity=usd(7), total_liabilities=usd(5), sales=usd("8.3"))
    >>> print(altman_of(figures, Z.with_last("0.999")), altman_of(figures, Z_PRIVATE))
    z 11.098 (safe) None
    """
    names = ("working_capital", "retained_earnings", "ebit", model.equity, "sales")[: len(model.coefficients)]
    tops = [figures.minor(name) for name in names]
    assets, debts = figures.minor("total_assets"), figures.minor("total_liabilities")
    bottoms = (assets, assets, assets, debts, assets)
    ratios = [Fraction(top, bottom) for top, bottom in zip(tops, bottoms, strict=False) if top is not None and bottom]
    return altman(ratios, model) if len(ratios) == len(names) else None


def _zone(z: Fraction, model: AltmanModel) -> str:
    if z < Fraction(model.distress_below):
        return "distress"
    return "safe" if z > Fraction(model.safe_above) else "grey"
