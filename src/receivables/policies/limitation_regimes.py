"""The regimes of limitation: one row for each law, with its source, its validity and what is doubtful about it.

The rows are for the price of goods and services. Shorter or longer periods for rent, transport, insurance, building work,
judgments and claims of knowledge are not here: make a regime of your own. The law of the European Union has no period for
such claims; the law of the contract decides. A suit is listed as a suspension everywhere, also where the law lets the
whole period begin anew after it: the earlier day is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from receivables.errors import UnknownId
from receivables.policies.limitation_law import LimitationRegime, SuspensionRule

_DEMANDED: Final = frozenset({"acknowledgment", "part_payment", "demand"})

_AGREEMENT: Final = SuspensionRule(kind="agreement")
_MEDIATION: Final = SuspensionRule(kind="mediation")
_PROCEEDINGS: Final = SuspensionRule(kind="proceedings")

_ALL: Final = (
    LimitationRegime(
        id="DE",
        name="Germany",
        years=3,
        start="from_end_of_year",
        suspended_by=(
            SuspensionRule(kind="negotiations", minimum_remainder_months=3),
            _MEDIATION,
            _AGREEMENT,
            _PROCEEDINGS,
        ),
        source="BGB s. 195, 199(1)",
        valid_from=dt.date(2002, 1, 1),
        notes="Counts from the end of the year in which the claim arose and the creditor knew of it, which for an invoice is "
        "that of the due date. After an interruption the period counts from that day, not from the end of the year "
        "(s. 212). Negotiations: s. 203; a suit: s. 204, and six months after its end belong to the suspension; an "
        "agreement not to claim: s. 205. A defense (s. 214): an acknowledgment afterwards revives nothing, a waiver is "
        "another contract.",
    ),
    LimitationRegime(
        id="AT",
        name="Austria, claims of a business",
        years=3,
        suspended_by=(
            SuspensionRule(kind="negotiations", stops=False),
            _MEDIATION,
            SuspensionRule(kind="agreement", stops=False),
            _PROCEEDINGS,
        ),
        source="ABGB s. 1486 no. 1, 1497",
        valid_from=dt.date(1917, 1, 1),
        notes="Negotiations keep the period from ending; the claim is then to be brought within a fitting time, which no "
        "law puts in days: none is counted here. Mediation: ZivMediatG s. 22.",
    ),
    LimitationRegime(
        id="CH",
        name="Switzerland, the general period",
        years=10,
        suspended_by=(_AGREEMENT, _PROCEEDINGS),
        source="OR art. 127, 130, 135, 137",
        valid_from=dt.date(1912, 1, 1),
        notes="Talks and mediation suspend only where that was agreed in writing (art. 134(1) no. 8, since 2020): record it as "
        "an agreement. A "
        "waiver of the defense (art. 141) is an agreement too.",
    ),
    LimitationRegime(
        id="CH-5",
        name="Switzerland, crafts, retail, food, rent and periodical claims",
        years=5,
        suspended_by=(_AGREEMENT, _PROCEEDINGS),
        source="OR art. 128, 130, 135, 137",
        valid_from=dt.date(1912, 1, 1),
        notes="Which sales are retail is for the person who chooses. A claim acknowledged by a deed, or judged, then takes "
        "ten years (art. 137(2)); five are counted here.",
    ),
    LimitationRegime(
        id="GB",
        name="England and Wales, simple contracts",
        years=6,
        suspended_by=(_AGREEMENT, _PROCEEDINGS),
        source="Limitation Act 1980 s. 5, 29, 30",
        valid_from=dt.date(1981, 5, 1),
        notes="An acknowledgment is in writing and signed (s. 30). Once barred, none revives it (s. 29(7)). Negotiations do "
        "not suspend; a standstill agreement does as it says. Northern Ireland has the same period in an order of its "
        "own (1989). The remedy is barred, the debt stays.",
    ),
    LimitationRegime(
        id="GB-SCT",
        name="Scotland",
        years=5,
        suspended_by=(_PROCEEDINGS,),
        extinguishes=True,
        source="Prescription and Limitation (Scotland) Act 1973 s. 6, 9, 10",
        valid_from=dt.date(1976, 7, 25),
        notes="The obligation itself ends. A relevant acknowledgment is performance towards it, or a clear written "
        "admission (s. 10). Parties may since 2022 agree to a longer period once, by at most a year (s. 13): not "
        "counted here.",
    ),
    LimitationRegime(
        id="IE",
        name="Ireland, simple contracts",
        years=6,
        suspended_by=(_AGREEMENT, _PROCEEDINGS),
        source="Statute of Limitations 1957 s. 11(1), 56, 58, 65",
        valid_from=dt.date(1959, 1, 1),
        notes="An acknowledgment is in writing and signed (s. 58). Doubtful: the Act does not say, as the English one does, "
        "that an acknowledgment after the end revives nothing; it is not counted here.",
    ),
    LimitationRegime(
        id="FR",
        name="France, obligations of merchants",
        years=5,
        suspended_by=(
            SuspensionRule(kind="mediation", minimum_remainder_months=6),
            _AGREEMENT,
            _PROCEEDINGS,
        ),
        source="Code de commerce L110-4, Code civil 2231, 2238, 2240",
        valid_from=dt.date(2008, 6, 19),
        notes="Mere negotiations do not suspend. The right is not extinct for the judge until it is pleaded (2247), and what "
        "was paid cannot be claimed back (2249). Twenty years after the right arose it ends in any case, with exceptions "
        "(2232): not counted here.",
    ),
    LimitationRegime(
        id="FR-consumer",
        name="France, against consumers",
        years=2,
        suspended_by=(SuspensionRule(kind="mediation", minimum_remainder_months=6), _PROCEEDINGS),
        source="Code de la consommation L218-2 (L137-2 before July 2016), Code civil 2238, 2240",
        valid_from=dt.date(2008, 6, 19),
        notes="The parties cannot change it (L218-1). The judge may raise it.",
    ),
    LimitationRegime(
        id="NL",
        name="Netherlands, contractual claims",
        years=5,
        interrupted_by=_DEMANDED,
        suspended_by=(_PROCEEDINGS,),
        source="BW 3:307, 3:317, 3:318, 3:319",
        valid_from=dt.date(1992, 1, 1),
        notes="A demand interrupts where it reserves the right without doubt (3:317). Consumer sales have two years (7:28). "
        "Doubtful: by case law of 2021 a mediation across borders has the effect of an interruption; it is not counted "
        "here.",
    ),
    LimitationRegime(
        id="IT",
        name="Italy, the ordinary period",
        years=10,
        interrupted_by=_DEMANDED,
        suspended_by=(_PROCEEDINGS,),
        source="Codice civile 2946, 2943, 2944, 2945",
        valid_from=dt.date(1942, 4, 21),
        notes="Periodical claims take five years (2948). The parties cannot change a period (2936). A demand in writing that "
        "puts the debtor in default interrupts (2943(4)). It has to be pleaded (2938).",
    ),
    LimitationRegime(
        id="ES",
        name="Spain, personal actions",
        years=5,
        interrupted_by=_DEMANDED,
        suspended_by=(_PROCEEDINGS,),
        source="Código civil 1964(2), 1969, 1973",
        valid_from=dt.date(2015, 10, 7),
        notes="Claims from before 7 October 2015 come under a rule of transition. Merchants have three years against those who "
        "are none (1967 no. 4). Catalonia and Navarre have laws of their own. Any demand out of court interrupts (1973).",
    ),
    LimitationRegime(
        id="PL",
        name="Poland, claims of a business",
        years=3,
        ends_with_year=True,
        suspended_by=(_MEDIATION, _PROCEEDINGS),
        source="Kodeks cywilny art. 118, 120, 121, 123, 124",
        valid_from=dt.date(2018, 7, 9),
        notes="Mediation and a call to settle suspend since 30 June 2022; before, they interrupted. Against a consumer the "
        "judge looks at it unasked (art. 117(2^1)). The parties cannot change a period (art. 119).",
    ),
    LimitationRegime(
        id="PL-sale",
        name="Poland, sales of a business",
        years=2,
        ends_with_year=True,
        suspended_by=(_MEDIATION, _PROCEEDINGS),
        source="Kodeks cywilny art. 554, 118, 123, 124",
        valid_from=dt.date(2018, 7, 9),
        notes="Services have two years as well (art. 751), which the person who chooses decides. As for PL otherwise.",
    ),
    LimitationRegime(
        id="SE",
        name="Sweden, the general period",
        years=10,
        start="from_document",
        interrupted_by=_DEMANDED,
        suspended_by=(_PROCEEDINGS,),
        source="Preskriptionslag (1981:130) s. 2, 5, 6, 8",
        valid_from=dt.date(1982, 1, 1),
        notes="Counts from when the claim arose, not from the due date; here from the date of the document, which may be "
        "later than the contract. The creditor loses the right to claim, and may still set it off (s. 10).",
    ),
    LimitationRegime(
        id="SE-consumer",
        name="Sweden, goods and services to consumers",
        years=3,
        start="from_document",
        interrupted_by=_DEMANDED,
        suspended_by=(_PROCEEDINGS,),
        source="Preskriptionslag (1981:130) s. 2(2), 5, 6, 8",
        valid_from=dt.date(1982, 1, 1),
        notes="Counts as SE does. Nothing to the disadvantage of the consumer can be agreed (s. 12).",
    ),
)

LIMITATION_REGIMES: Final[Mapping[str, LimitationRegime]] = {each.id: each for each in _ALL}
"""Every regime by its id."""


def limitation_regime(id: str) -> LimitationRegime:
    """A regime by its id.

    >>> print(limitation_regime("PL"))
    PL, Poland, claims of a business: 3 years, to the end of the year, from due, Kodeks cywilny art. 118, 120, 121, 123, 124

    Errors: `UnknownId`.
    """
    if id not in LIMITATION_REGIMES:
        raise UnknownId("limitation regime", id)
    return LIMITATION_REGIMES[id]
