"""The regimes of late payment: one row for each law, with its source, its versions by date and its fixed sums.

A change of a law is a new `LawVersion`; the old one gets its last day, because obligations that arose under it stay
under it. Where a law changed together with the date of another fact than the obligation (a long-term contract, a
delivery), the host gives that date as ``arose_on``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from receivables.errors import UnknownId
from receivables.policies.fees import FeeRule, FeeTier
from receivables.policies.interest import Compounding
from receivables.policies.interest_rates import Fixing, Reset
from receivables.policies.late_payment import LawVersion, Regime
from receivables.values.daycounts import DayCount
from receivables.values.money import Money

# The reference rates that the regimes ask for, by name. A table handed in must carry the name: a rate of another bank is
# refused, instead of giving a plausible wrong claim.
ECB: Final = "ECB main refinancing"
BUNDESBANK: Final = "Bundesbank Basiszinssatz"
BANK_OF_ENGLAND: Final = "Bank of England official Bank Rate"
FRENCH_LEGAL_RATE: Final = "Taux d'intérêt légal (professionnels)"
NBP: Final = "NBP reference rate"
US_TREASURY: Final = "US Treasury prompt payment rate"

DIRECTIVE: Final = "Directive 2011/7/EU"
OLD_DIRECTIVE: Final = "Directive 2000/35/EC art. 3(1)(d)"


def _eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


# Fixed sums for the cost of recovery ------------------------------------------------------------------------------------

EU_SUM: Final = FeeRule.flat("EU fixed sum", _eur(40), source=f"{DIRECTIVE} art. 6")
DE_SUM: Final = FeeRule.flat("DE fixed sum", _eur(40), source="BGB s. 288(5)")
FR_SUM: Final = FeeRule.flat("FR fixed sum", _eur(40), source="Code de commerce L441-10 II, D441-5")
NL_SUM: Final = FeeRule.flat("NL fixed sum", _eur(40), source="BW 6:96(4)")

GB_SUM: Final = FeeRule(
    id="GB fixed sum",
    source="Late Payment Act 1998 s. 5A",
    tiers=(
        FeeTier(above=Money.of(0, "GBP"), fixed=Money.of(40, "GBP")),
        FeeTier(above=Money.of(1_000, "GBP"), fixed=Money.of(70, "GBP")),
        FeeTier(above=Money.of(10_000, "GBP"), fixed=Money.of(100, "GBP")),
    ),
)

# The edges lie differently: 5,000 PLN is still in the lowest tier, 50,000 PLN already in the highest.
PL_SUM: Final = FeeRule(
    id="PL fixed sum",
    source="Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 10(1)",
    tiers=(
        FeeTier(above=Money.of(0, "PLN"), fixed=_eur(40)),
        FeeTier(above=Money.of(5_000, "PLN"), inclusive=False, fixed=_eur(70)),
        FeeTier(above=Money.of(50_000, "PLN"), fixed=_eur(100)),
    ),
)
PL_SUM_2016: Final = FeeRule(
    id="PL fixed sum",
    source="Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 10(1), as of 2016",
    tiers=(FeeTier(above=Money.of(0, "PLN"), fixed=_eur(40)),),
)


# The laws -----------------------------------------------------------------------------------------------------------

_ALL: Final = (
    Regime(
        id="EU",
        name="European Union, the minimum of the directive",
        reference=ECB,
        versions=(
            LawVersion(
                valid_from=dt.date(2002, 8, 8),
                valid_until=dt.date(2013, 3, 15),
                margin=Decimal(7),
                source=OLD_DIRECTIVE,
                reset=Reset.HALF_YEAR_EVE,
            ),
            LawVersion(
                valid_from=dt.date(2013, 3, 16),
                margin=Decimal(8),
                source=f"{DIRECTIVE} art. 2(6), 2(7), 3, 6",
                compensation=EU_SUM,
            ),
        ),
        notes="A member state may give more than 8 points: pass its margin. Outside of the euro the reference rate is "
        "that of the national central bank. The directive names no day count.",
    ),
    Regime(
        id="DE",
        name="Germany, between businesses",
        reference=BUNDESBANK,
        versions=(
            LawVersion(
                valid_from=dt.date(2002, 1, 1),
                valid_until=dt.date(2014, 7, 28),
                margin=Decimal(8),
                source="BGB s. 288(2) as of 2002",
            ),
            LawVersion(
                valid_from=dt.date(2014, 7, 29),
                margin=Decimal(9),
                source="BGB s. 288(2), EGBGB art. 229 s. 34",
                compensation=DE_SUM,
            ),
        ),
        reset=Reset.DAILY,
        notes="The base rate (BGB s. 247) changes on 1 January and 1 July. In a continuing obligation from before "
        "29 July 2014, what is supplied after 30 June 2016 comes under the newer version: give that day. Default may "
        "begin later than the day after the due date (BGB s. 286). The law names no day count; 365 is customary.",
    ),
    Regime(
        id="DE-consumer",
        name="Germany, where a consumer is party",
        reference=BUNDESBANK,
        versions=(LawVersion(valid_from=dt.date(2002, 1, 1), margin=Decimal(5), source="BGB s. 288(1)"),),
        reset=Reset.DAILY,
        notes="No fixed sum. Default of a consumer mostly needs a reminder, or a notice on the invoice (BGB s. 286(3)).",
    ),
    Regime(
        id="FR",
        name="France, between professionals",
        reference=ECB,
        versions=(
            LawVersion(
                valid_from=dt.date(2013, 1, 1),
                margin=Decimal(10),
                source="Code de commerce L441-10 II (L441-6 before 2019)",
                compensation=FR_SUM,
            ),
        ),
        contract_floor=3,
        floor_reference=FRENCH_LEGAL_RATE,
        notes="The parties may agree another rate, not below three times the legal rate.",
    ),
    Regime(
        id="GB",
        name="United Kingdom, commercial debts",
        reference=BANK_OF_ENGLAND,
        versions=(
            LawVersion(
                valid_from=dt.date(2002, 8, 7),
                margin=Decimal(8),
                source="Late Payment of Commercial Debts (Interest) Act 1998, SI 2002/1675",
                compensation=GB_SUM,
            ),
        ),
        reset=Reset.HALF_YEAR_EVE,
        fixing=Fixing.AT_DEFAULT,
        notes="The rate of the half-year in which interest begins stays until payment. Since 2013 reasonable costs "
        "above the fixed sum may be claimed as well.",
    ),
    Regime(
        id="NL",
        name="Netherlands, commercial agreements",
        reference=ECB,
        versions=(
            LawVersion(
                valid_from=dt.date(2002, 12, 1),
                valid_until=dt.date(2013, 3, 15),
                margin=Decimal(7),
                source="BW 6:119a, 6:120(2) as of 2002",
            ),
            LawVersion(
                valid_from=dt.date(2013, 3, 16),
                margin=Decimal(8),
                source="BW 6:119a, 6:120(2)",
                compensation=NL_SUM,
            ),
        ),
        reset=Reset.HALF_YEAR_EVE,
        compounding=Compounding.YEARLY,
        day_count=DayCount.ACT_ACT_YEAR,
        notes="Each time a year of default has ended, its interest is added to the debt (BW 6:119a(3)).",
    ),
    Regime(
        id="PL",
        name="Poland, commercial transactions",
        reference=NBP,
        versions=(
            LawVersion(
                valid_from=dt.date(2016, 1, 1),
                valid_until=dt.date(2019, 12, 31),
                margin=Decimal(8),
                source="Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 4(3), as of 2016",
                compensation=PL_SUM_2016,
            ),
            LawVersion(
                valid_from=dt.date(2020, 1, 1),
                margin=Decimal(10),
                source="Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 4(3)(b)",
                compensation=PL_SUM,
            ),
        ),
        notes="8 points where the debtor is a public health care body: pass that margin. The fixed sum is converted to "
        "PLN at the average rate of the NBP of the last working day of the month before the debt fell due.",
    ),
    Regime(
        id="US-federal",
        name="United States, agencies of the federal government",
        reference=US_TREASURY,
        versions=(
            LawVersion(
                valid_from=dt.date(1999, 10, 29),
                margin=Decimal(0),
                source="31 USC 3902, 3907(b); 5 CFR 1315.10, 1315.17",
            ),
        ),
        reset=Reset.DAILY,
        fixing=Fixing.AT_DEFAULT,
        compounding=Compounding.EVERY_30_DAYS,
        day_count=DayCount.ACT_360,
        stops_after_months=12,
        notes="A penalty below 1.00 USD is not owed.",
    ),
)

REGIMES: Final[Mapping[str, Regime]] = {each.id: each for each in _ALL}


def regime(id: str) -> Regime:
    """A regime by its id.

    >>> print(regime("PL"))
    PL, Poland, commercial transactions: NBP reference rate, floating, simple, ACT/365F
      from 2016-01-01 until 2019-12-31: + 8 points, Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 4(3), as of 2016
      from 2020-01-01 until now: + 10 points, Act of 8 March 2013 (Dz.U. 2013 poz. 403) art. 4(3)(b)

    Errors: `UnknownId`.
    """
    if id not in REGIMES:
        raise UnknownId("regime", id)
    return REGIMES[id]
