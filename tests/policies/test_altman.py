"""Altman's Z beyond the published cases: edges, missing figures, what is refused."""

import datetime as dt
from decimal import Decimal, localcontext
from fractions import Fraction

import attrs
import pytest

from receivables import Money
from receivables.documents.risk import DeclaredFigures
from receivables.errors import CardNumberRefused, CurrencyMismatch, InvalidValue, WrongType
from receivables.policies.altman import MODELS, Z_PRIVATE, Z_SERVICES, Z, altman, altman_of


def usd(amount):
    return Money.of(amount, "USD")


FIGURES = DeclaredFigures(
    id="F-1",
    account="ACME",
    year_end=dt.date(2025, 12, 31),
    declared_on=dt.date(2026, 3, 2),
    source="accounts",
    total_assets=usd(1000),
    total_liabilities=usd(500),
    working_capital=usd(-200),
    retained_earnings=usd(100),
    ebit=usd(50),
    sales=usd(1500),
    book_equity=usd(500),
)


@pytest.mark.own_decimals
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_value_on_an_edge_is_grey(model):
    """A constant alone makes any value: with ratios of zero it is the value."""
    none = [0] * len(model.coefficients)
    hair = Decimal("0.000000000001")
    zones = {}
    for name, value in (
        ("below", model.distress_below - hair),
        ("low", model.distress_below),
        ("high", model.safe_above),
        ("above", model.safe_above + hair),
    ):
        zones[name] = altman(none, attrs.evolve(model, constant=value)).zone
    assert zones == {"below": "distress", "low": "grey", "high": "grey", "above": "safe"}


def test_a_figure_that_is_missing_or_nothing_to_divide_by_is_undefined():
    assert altman_of(FIGURES, Z_PRIVATE) is not None
    assert altman_of(FIGURES, Z) is None  # no market equity
    for lost in ("ebit", "sales", "total_assets"):
        assert altman_of(attrs.evolve(FIGURES, **{lost: None}), Z_PRIVATE) is None
    assert altman_of(attrs.evolve(FIGURES, total_liabilities=usd(0)), Z_PRIVATE) is None
    assert altman_of(attrs.evolve(FIGURES, sales=None), Z_SERVICES) is not None


def test_the_value_does_not_depend_on_the_decimal_context_of_the_host():
    plain = altman_of(FIGURES, Z_PRIVATE)
    with localcontext() as context:
        context.prec = 2
        assert altman_of(FIGURES, Z_PRIVATE) == plain
    # 0.717 * -0.2 + 0.847 * 0.1 + 3.107 * 0.05 + 0.420 * 1 + 0.998 * 1.5
    assert plain.z == Fraction("2.01365")
    assert str(plain) == "z_private 2.014 (grey)"


def test_a_value_below_zero_is_shown_with_its_sign():
    broken = attrs.evolve(
        FIGURES, working_capital=usd(-1000), ebit=usd(-900), retained_earnings=usd(-900), sales=usd(0)
    )
    assert str(altman_of(broken, Z_PRIVATE)) == "z_private -3.856 (distress)"


def test_floats_and_the_wrong_number_of_ratios_are_refused():
    with pytest.raises(WrongType, match=r"ratios\[1\]"):
        altman([0, 0.5, 0, 0, 0])
    with pytest.raises(InvalidValue, match="must be 5"):
        altman([0, 0, 0, 0])
    with pytest.raises(InvalidValue, match="must not be below"):
        attrs.evolve(Z, safe_above=Decimal(1))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sales": Money.of(1, "EUR")}, CurrencyMismatch),
        ({"total_assets": usd(-1)}, InvalidValue),
        ({"year_end": dt.date(2026, 3, 3)}, InvalidValue),
        ({"employees": -1}, InvalidValue),
        ({"ebit": 5}, WrongType),
        ({"audited": "yes"}, WrongType),
        ({"source": "card 4111 1111 1111 1111"}, CardNumberRefused),
    ],
)
def test_figures_that_cannot_be_are_refused(changes, error):
    with pytest.raises(error):
        attrs.evolve(FIGURES, **changes)


def test_figures_that_declare_nothing_are_refused():
    with pytest.raises(InvalidValue, match="must declare something"):
        DeclaredFigures(
            id="F", account="A", year_end=dt.date(2025, 12, 31), declared_on=dt.date(2026, 1, 1), source="accounts"
        )


def test_a_model_takes_the_coefficients_of_another_source():
    printed = Z_SERVICES.with_coefficients("6.72", "3.26", "1.05", "6.56")
    assert printed == attrs.evolve(Z_SERVICES, coefficients=tuple(map(Decimal, ("6.72", "3.26", "1.05", "6.56"))))
    with pytest.raises(InvalidValue, match="must be four or five"):
        Z_SERVICES.with_coefficients("6.72", "3.26", "1.05")
