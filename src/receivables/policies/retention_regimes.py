"""The law of retention of some countries: how long papers are kept there, from when, and since when the law says so.

1. A row is the law of one country on the days on which it was in force: an older or newer law is never guessed. Where a
   new law left older documents to the old one, both periods stand in the row (`RetentionRule.since`).
2. A kind of document of which the law does not speak, or not clearly, has no rule: nothing of it is erased until the host
   makes one.
3. Where a period runs from the last entry in the books, or from when a transaction is complete, the end of the fiscal year
   stands for it: the date of a document does not say more.

The rows are for businesses that sell goods and services. Longer periods are not here: land and buildings, banks and insurers,
customs, one-stop shops, a fiscal year of other than twelve months, or a tax that is not assessed yet. Each row says where
its statute was read, and where only somebody's account of it, in copies of different age: a change of the last years may be
missing. They are inputs of a computation, not legal advice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.erasure import KINDS
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.retention import GERMANY, RetentionPolicy, RetentionRule
from receivables.values import checks

_CALENDAR: Final = (12, 31)


@final
@frozen(kw_only=True)
class RetentionRegime:
    """The law of retention of a country while it was in force: its rules, where they stand, and what is doubtful of them.

    A regime of your own is made the same way. ``source`` says where the rules were read: the statute itself, or somebody's
    account of it.

    >>> rule = RetentionRule(kind="invoice", years=5, law="s. 1", start="from_end_of_fiscal_year")
    >>> regime = RetentionRegime(id="XX", name="Nowhere", rules=(rule,), source="the statute", valid_from=dt.date(2020, 1, 1))
    >>> regime.policy(fiscal_year_ends=(3, 31)).rule("invoice").last_day(dt.date(2026, 4, 1))
    datetime.date(2032, 3, 31)

    Errors: `WrongType`, `InvalidValue`.
    """

    id: str
    name: str
    rules: tuple[RetentionRule, ...]
    source: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    notes: str = ""

    def __attrs_post_init__(self) -> None:
        for name in ("id", "name", "source"):
            checks.text(f"regime.{name}", getattr(self, name))
        checks.text("regime.notes", self.notes, empty=True)
        checks.sequence("regime.rules", self.rules, RetentionRule, "rules")
        checks.day("regime.valid_from", self.valid_from)
        checks.optional_day("regime.valid_to", self.valid_to)
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidValue("regime.valid_to", self.valid_to.isoformat(), f"must not be before {self.valid_from}")
        self.policy()  # refuses two rules for the same documents

    def covers(self, on: dt.date) -> bool:
        """Whether the law was in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def policy(self, fiscal_year_ends: tuple[int, int] = _CALENDAR) -> RetentionPolicy:
        """Its rules as a policy, for a business whose fiscal year ends on this month and day."""
        rules = tuple(attrs.evolve(rule, fiscal_year_ends=fiscal_year_ends) for rule in self.rules)
        return RetentionPolicy(id=f"{self.id.lower()}-{self.valid_from.year}", version=1, rules=rules)


def _same(
    years: int, start: str, law: str, *, kinds: tuple[str, ...] = KINDS, since: dt.date | None = None
) -> tuple[RetentionRule, ...]:
    """The same period for some kinds of documents."""
    return tuple(RetentionRule(kind=kind, years=years, law=law, start=start, since=since) for kind in kinds)


_BOOKED: Final = ("invoice", "payment", "booking")
_TRADED: Final = (*_BOOKED, "order")
_WRITTEN: Final = ("application", "mandate", "correspondence")

_HGB_OLD: Final = "HGB § 257(1)4, (4), (5); AO § 147(1)4, (3), (4) before 2025: ten years"
_BE_OLD: Final = "Code TVA art. 60(4); CIR 92 art. 315 before 2023: seven years"
_BE_NEW: Final = "Code TVA art. 60(4); CIR 92 art. 315: ten years"

_ALL: Final = (
    RetentionRegime(
        id="DE",
        name="Germany, before 2025",
        rules=(
            RetentionRule(kind="invoice", years=10, law="UStG § 14b(1) before 2025: ten years"),
            *_same(10, "from_end_of_year", _HGB_OLD, kinds=("payment", "booking")),
            *(rule for rule in GERMANY.rules if rule.years == 6),
        ),
        source="accounts of the change by publishers and tax advisers",
        valid_from=dt.date(2004, 1, 1),
        valid_to=dt.date(2024, 12, 31),
        notes="The ten years of HGB and AO are older than those of the UStG, with which the row begins.",
    ),
    RetentionRegime(
        id="DE",
        name="Germany",
        rules=GERMANY.rules,
        source="accounts of the change by publishers and tax advisers",
        valid_from=dt.date(2025, 1, 1),
        notes="The rules of `GERMANY`. Shorter for whatever had not lapsed on 1 January 2025 (Viertes "
        "Bürokratieentlastungsgesetz of 2024), so older documents need no rule of their own: vouchers of 2014 had lapsed the day "
        "before. Banks, insurers and securities firms had ten years for a year longer.",
    ),
    RetentionRegime(
        id="AT",
        name="Austria",
        rules=_same(7, "from_year_of_fiscal_year_end", "BAO § 132(1); UGB § 212: seven years"),
        source="the statute; the guidance of the Federal Ministry of Finance",
        valid_from=dt.date(2007, 1, 1),
        notes="The BAO counts from the end of the calendar year in which a fiscal year ends, the UGB from that of the entry or "
        "letter: the later day is given. Business papers other than letters and vouchers are kept where they matter for a "
        "tax. Longer while a proceeding is pending; land up to 22 years (UStG § 18(10)).",
    ),
    RetentionRegime(
        id="CH",
        name="Switzerland",
        rules=_same(10, "from_later_year_end", "OR art. 958f(1); MWSTG art. 70(2), 42(6): ten years"),
        source="the statute, but for MWSTG art. 42(6), whose ten years are as accounts give them",
        valid_from=dt.date(2013, 1, 1),
        notes="OR: from the end of the fiscal year, books and vouchers; letters since 2013 only where they are a voucher. MWSTG: "
        "business papers as well, until ten years after the end of the tax period, here the calendar year. The later day "
        "is given for all. A business that is not liable to VAT may keep letters for less. Land: 20 years (art. 70(3)).",
    ),
    RetentionRegime(
        id="FR",
        name="France",
        rules=_same(10, "from_end_of_fiscal_year", "Code de commerce L123-22: ten years", kinds=_TRADED),
        source="the statute; that it counts from the end of the fiscal year, accounts only",
        valid_from=dt.date(2003, 1, 4),
        notes="Orders are among the supporting papers (pièces justificatives). Letters, mandates and applications have no rule: LPF "
        "L102 B keeps what the tax administration may ask for during six years from its date, a bill of 2025 would make it "
        "ten, accounts differ on whether letters are meant, and five years are often named for them, which is the "
        "limitation of claims (L110-4) and no duty. Contracts by electronic means with consumers have a rule of their own.",
    ),
    RetentionRegime(
        id="GB",
        name="United Kingdom, companies",
        rules=(
            *_same(
                6,
                "from_end_of_fiscal_year",
                "Finance Act 1998 sch. 18 para. 21; VAT Notice 700/21: six years",
                kinds=_TRADED,
            ),
            *_same(6, "from_document", "VATA 1994 sch. 11 para. 6; VAT Notice 700/21: six years", kinds=_WRITTEN),
        ),
        source="the statutes, FA 1998 as enacted; manuals of HMRC (CH15200, VATREC3032); accounts for the rest",
        valid_from=dt.date(2009, 4, 1),
        notes="VAT counts from the date of each document, corporation tax from the end of the period of the return: the later one "
        "is given for vouchers and contracts. Companies Act 2006 s. 388 has three years (private) or six (public) from when "
        "a record was made, which is never later. A sole trader's years run from a 31 January (TMA 1970 s. 12B) and may end "
        "later: not counted here. HMRC may allow less, for letters as little as a year; an open enquiry takes longer.",
    ),
    RetentionRegime(
        id="IE",
        name="Ireland",
        rules=(
            *_same(
                6,
                "from_end_of_fiscal_year",
                "Companies Act 2014 s. 285; TCA 1997 s. 886; VATCA 2010 s. 84: six years",
                kinds=_TRADED,
            ),
            *_same(6, "from_document", "VATCA 2010 s. 84(3): six years", kinds=_WRITTEN),
        ),
        source="the statute",
        valid_from=dt.date(2015, 6, 1),
        notes="Tax counts from the latest transaction that a paper relates to, which may be later than the paper: an inquiry or a "
        "claim, an appeal and land take longer.",
    ),
    RetentionRegime(
        id="NL",
        name="Netherlands",
        rules=_same(7, "from_end_of_fiscal_year", "AWR art. 52(4); BW 2:10(3): seven years"),
        source="the decree on tax administration of 2017, no. 20; that it counts from the end of the fiscal year, accounts only",
        valid_from=dt.date(2018, 1, 1),
        notes="The AWR names no first day: a paper's period begins when it is no longer current, for a contract when it has "
        "ended, which the date of the paper does not say. The seven years are older than the row. Papers that are no basic "
        "data may by agreement be kept for less; land takes ten years.",
    ),
    RetentionRegime(
        id="BE",
        name="Belgium, before 2023",
        rules=_same(7, "from_later_year_end", _BE_OLD),
        source="accounts by institutes of accountants and an archive",
        valid_from=dt.date(2014, 5, 9),
        valid_to=dt.date(2022, 12, 31),
        notes="As for Belgium today, with seven years for all. The row begins with book III of the code of economic law.",
    ),
    RetentionRegime(
        id="BE",
        name="Belgium",
        rules=(
            *_same(7, "from_later_year_end", _BE_OLD),
            *_same(10, "from_later_year_end", _BE_NEW, since=dt.date(2022, 1, 1)),
        ),
        source="accounts by institutes of accountants, which name the Act of 20 November 2022 and circular 2023/C/58",
        valid_from=dt.date(2023, 1, 1),
        notes="Ten years for VAT that fell due from 2023 on, and for income tax from the tax year 2023 on, which is the fiscal year "
        "2022: documents dated from 2022 on have ten here, older ones keep seven. A fiscal year that ended within 2022 may "
        "have begun with seven. Book-keeping law still has seven (CEL art. III.86, III.88), and three for papers that prove "
        "nothing to others. Buildings: 15 or 25 years.",
    ),
    RetentionRegime(
        id="IT",
        name="Italy",
        rules=_same(10, "from_end_of_fiscal_year", "Codice civile art. 2220: ten years"),
        source="the statute",
        valid_from=dt.date(1942, 4, 21),
        notes="Counts from the last entry, for invoices and letters too; doubtful for closing entries that are made after the end "
        "of the fiscal year. Longer until an assessment of tax is final (DPR 600/1973 art. 22).",
    ),
    RetentionRegime(
        id="ES",
        name="Spain",
        rules=_same(6, "from_end_of_fiscal_year", "Código de Comercio art. 30(1): six years"),
        source="the statute, as accounts cite it",
        valid_from=dt.date(1990, 1, 1),
        notes="Counts from the last entry in the books, for letters and vouchers too; that this is the end of the fiscal year is "
        "what advisers say. Tax law has four years and more where losses or an asset are carried on.",
    ),
    RetentionRegime(
        id="SE",
        name="Sweden",
        rules=_same(
            7, "from_year_of_fiscal_year_end", "Bokföringslagen (1999:1078) ch. 7 s. 2: seven years", kinds=_BOOKED
        ),
        source="the statute as accounts cite it; the guidance of the Tax Agency",
        valid_from=dt.date(2011, 1, 1),
        notes="Ten years before 2011. Orders, letters and mandates are kept where they are accounting information, which the person "
        "who chooses decides: no rule is given.",
    ),
)

RETENTION_REGIMES: Final[Mapping[str, tuple[RetentionRegime, ...]]] = {
    id: tuple(each for each in _ALL if each.id == id) for id in dict.fromkeys(each.id for each in _ALL)
}
"""The laws of each country, the oldest first.

Not here: the United States, where no general duty has a period (IRC s. 6001: as long as it may matter for a tax), what the IRS
advises runs from when a return was filed, which no document says, with seven years where a bad debt is claimed, and states differ.
"""


def retention_regime(country: str, on: dt.date) -> RetentionRegime:
    """The law of a country that is in force on a day.

    >>> retention_regime("BE", dt.date(2026, 1, 1)).valid_from
    datetime.date(2023, 1, 1)

    Errors: `UnknownId`, `InvalidValue` where no row speaks of the day.
    """
    checks.day("on", on)
    if country not in RETENTION_REGIMES:
        raise UnknownId("retention regime", country, f"there are {', '.join(RETENTION_REGIMES)}")
    found = [each for each in RETENTION_REGIMES[country] if each.covers(on)]
    if not found:
        first = RETENTION_REGIMES[country][0].valid_from
        raise InvalidValue("on", on.isoformat(), f"must not be before {first}, where what is known of {country} begins")
    return found[0]


def retention_policy(country: str, on: dt.date, *, fiscal_year_ends: tuple[int, int] = _CALENDAR) -> RetentionPolicy:
    """The law of a country that is in force on a day as a policy, for a fiscal year that ends on this month and day.

    An invoice of March 2022 and one of 2021, in Belgium, which went from seven years to ten:

    >>> policy = retention_policy("BE", dt.date(2026, 1, 1))
    >>> for dated in (dt.date(2021, 3, 1), dt.date(2022, 3, 1)):
    ...     print(policy.rule("invoice", dated).last_day(dated))
    2028-12-31
    2032-12-31

    Errors: `UnknownId`, `WrongType`, `InvalidValue`.
    """
    return retention_regime(country, on).policy(fiscal_year_ends)
