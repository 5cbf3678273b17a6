"""Fees by hand-checked figures: parts, tiers, limits, tax, and what is refused."""

from decimal import Decimal

import pytest

from receivables.errors import CurrencyMismatch, InvalidValue, ReceivablesError, WrongType
from receivables.policies.fees import FeeRule, FeeTier, Tiering
from receivables.values.money import Money, Rounding


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def tier(above: int, fixed: str, percent: str = "0", inclusive: bool = True) -> FeeTier:
    return FeeTier(above=eur(above), inclusive=inclusive, fixed=eur(fixed), percent=Decimal(percent))


SLICES = FeeRule(id="slices", tiers=(tier(0, "5", "1"), tier(1000, "10", "2")), tiering=Tiering.SLICES)


def test_a_percentage_is_of_the_original_claim():
    """The account owes 110.00 after a first fee; 15 % of it would be 16.50."""
    fee = FeeRule.of_percent("L2", "15").fee(eur(100))
    assert (fee.net, fee.gross + eur(110)) == (eur(15), eur(125))


def test_a_fixed_fee_is_that_of_the_currency_of_the_claim():
    rule = FeeRule.flat("L2", eur(5), Money.of("6.50", "USD"))
    assert rule.fee(Money.of(80, "USD")).net == Money.of("6.50", "USD")
    with pytest.raises(InvalidValue, match=r"fee\.fixed: must give an amount in JPY"):
        rule.fee(Money.of(80, "JPY"))


USD_TIERS = (FeeTier(above=Money.of(0, "USD"), fixed=eur(40)),)
BOTH = (eur(5), Money.of(6, "USD"))
COVERING = {
    "nothing": (FeeRule(id="r"), "EUR USD"),
    "a percentage": (FeeRule.of_percent("r", "1"), "EUR USD"),
    "one amount": (FeeRule.flat("r", eur(5)), "EUR"),
    "two amounts": (FeeRule.flat("r", *BOTH), "EUR USD"),
    "a minimum": (FeeRule(id="r", percent=Decimal(1), minimum=(eur(5),)), "EUR"),
    "a maximum": (FeeRule(id="r", percent=Decimal(1), maximum=(eur(5),)), "EUR"),
    "a legal cap": (FeeRule(id="r", fixed=BOTH, legal_cap=(eur(9),)), "EUR"),
    "tiers": (SLICES, "EUR"),
    "tiers in another currency": (FeeRule(id="r", tiers=USD_TIERS), "USD"),
    "tiers with a cap in theirs": (FeeRule(id="r", tiers=USD_TIERS, legal_cap=(eur(9),)), "USD"),
    "tiers with a cap in that of the claim": (FeeRule(id="r", tiers=USD_TIERS, legal_cap=(BOTH[1],)), ""),
}


@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize(("rule", "covered"), COVERING.values(), ids=COVERING)
def test_a_rule_covers_the_currencies_in_which_it_gives_a_fee(rule, covered, currency):
    claim = Money.of(100, currency)
    assert rule.covers(claim.currency) is (currency in covered.split())
    if not rule.covers(claim.currency):
        with pytest.raises((InvalidValue, CurrencyMismatch)):
            rule.fee(claim)
    else:
        assert rule.fee(claim).claim == claim


def test_slices_accumulate():
    fee = SLICES.fee(eur(1500))
    assert fee.net == eur(35)
    assert fee.because == (
        "from 0.00 EUR: 5.00 EUR + 1 % of 1000.00 EUR; from 1000.00 EUR: 10.00 EUR + 2 % of 500.00 EUR"
    )


def test_the_tier_of_the_amount_charges_all_of_it():
    whole = FeeRule(id="whole", tiers=SLICES.tiers)
    assert whole.fee(eur(1500)).net == eur(40)
    assert whole.fee(eur("999.99")).net == eur("15.00")
    assert whole.fee(eur("1000.00")).net == eur("30.00")


@pytest.mark.parametrize(("inclusive", "fee"), [(True, "10"), (False, "5")])
def test_the_edge_of_a_tier_is_a_setting(inclusive, fee):
    rule = FeeRule(id="edge", tiers=(tier(0, "5"), tier(1000, "10", inclusive=inclusive)))
    assert rule.fee(eur(1000)).net == eur(fee)


def test_a_claim_below_every_tier_has_no_fee():
    fee = FeeRule(id="late", tiers=(tier(50, "5"),)).fee(eur(49))
    assert (fee.net, fee.because) == (eur(0), "no fee")


@pytest.mark.parametrize(
    ("claim", "net", "limited"),
    [
        ("100", "8.00", "raised to the minimum 8.00 EUR"),
        ("1000", "15.00", ""),
        ("1700", "20.00", "lowered to the maximum 20.00 EUR"),
    ],
)
def test_limits_clamp_the_sum(claim, net, limited):
    rule = FeeRule(id="L1", fixed=(eur(5),), percent=Decimal(1), minimum=(eur(8),), maximum=(eur(20),))
    fee = rule.fee(eur(claim))
    assert (fee.net, fee.limited) == (eur(net), limited)


def test_the_legal_cap_has_the_last_word():
    rule = FeeRule(id="L3", fixed=(eur(60),), maximum=(eur(50),), legal_cap=(eur(40),), source="a law")
    assert str(rule.fee(eur(900))) == (
        "fee 40.00 EUR on 900.00 EUR: 60.00 EUR; lowered to the legal cap 40.00 EUR (L3, a law)"
    )


def test_a_limit_without_the_currency_of_the_claim_is_refused_and_not_lost():
    rule = FeeRule(id="L3", percent=Decimal(1), legal_cap=(eur(40),))
    with pytest.raises(InvalidValue, match=r"fee\.legal_cap: must give an amount in USD"):
        rule.fee(Money.of(9000, "USD"))


def test_tax_is_on_the_net_fee_and_the_gross_is_their_sum():
    fee = FeeRule(id="L1", fixed=(eur("12.34"),), tax_percent=Decimal(19)).fee(eur(100))
    assert (fee.net, fee.tax, fee.gross) == (eur("12.34"), eur("2.34"), eur("14.68"))
    assert fee.rows() == [
        {
            "currency": "EUR",
            "net": "12.34",
            "tax": "2.34",
            "gross": "14.68",
            "claim": "100.00 EUR",
            "because": "12.34 EUR",
            "rule": "L1",
            "source": "",
        }
    ]


def test_the_parts_are_summed_before_they_are_rounded():
    rule = FeeRule(id="L1", percent=Decimal("0.5"), tiers=(FeeTier(above=eur(0), percent=Decimal("0.5")),))
    assert rule.fee(eur("0.60")).net == eur("0.01")
    down = FeeRule(id="L1", percent=Decimal("0.5"), rounding=Rounding.DOWN, step=5)
    assert down.fee(eur("19.99")).net == eur("0.05")


def test_a_law_may_fix_its_sums_in_another_currency():
    zloty = FeeTier(above=Money.of(0, "PLN"), fixed=eur(40))
    assert FeeRule(id="PL", tiers=(zloty,)).fee(Money.of(100, "PLN")).net == eur(40)
    with pytest.raises(InvalidValue, match=r"fee\.tiers"):
        FeeRule(id="PL", tiers=(zloty,), percent=Decimal(1))
    with pytest.raises(CurrencyMismatch):
        FeeRule(id="PL", tiers=(zloty,)).fee(eur(100))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: FeeRule(id=""), "fee.id"),
        (lambda: FeeRule(id="f", percent=1.5), "fee.percent"),
        (lambda: FeeRule(id="f", percent=Decimal(-1)), "fee.percent"),
        (lambda: FeeRule(id="f", tax_percent=Decimal(-1)), "fee.tax_percent"),
        (lambda: FeeRule.of_percent("f", 1.5), "fee.percent"),
        (lambda: FeeRule.flat("f", eur(-1)), "fee.fixed[0]"),
        (lambda: FeeRule.flat("f", eur(1), eur(2)), "fee.fixed"),
        (lambda: FeeRule(id="f", fixed=[eur(1)]), "fee.fixed"),
        (lambda: FeeRule(id="f", minimum=(eur(5),), maximum=(eur(4),)), "fee.maximum"),
        (lambda: FeeRule(id="f", minimum=(eur(5),), legal_cap=(eur(4),)), "fee.legal_cap"),
        (lambda: FeeRule(id="f", tiering="slices"), "fee.tiering"),
        (lambda: FeeRule(id="f", step=0), "fee.step"),
        (lambda: FeeRule(id="f", tiers=(tier(10, "1"), tier(10, "2"))), "fee.tiers[1].above"),
        (lambda: FeeTier(above=eur(-1)), "tier.above"),
        (lambda: FeeTier(above=100), "tier.above"),
        (lambda: FeeTier(above=eur(1), fixed=eur(-1)), "tier.fixed"),
        (lambda: FeeTier(above=eur(1), fixed=Money.of(1, "USD"), percent=Decimal(1)), "tier.fixed"),
        (lambda: FeeRule(id="f").fee(eur(-1)), "claim"),
        (lambda: FeeRule(id="f").fee(1.5), "claim"),
    ],
)
def test_bad_settings_are_refused_and_name_the_field(make, field):
    with pytest.raises(ReceivablesError) as refused:
        make()
    assert isinstance(refused.value, InvalidValue | WrongType)
    assert refused.value.field == field


def test_tiers_have_one_currency():
    with pytest.raises(CurrencyMismatch):
        FeeRule(id="f", tiers=(tier(0, "1"), FeeTier(above=Money.of(10, "USD"))))
