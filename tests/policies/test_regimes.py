"""The laws of late payment, by published figures; the rates of central banks are read from beside the repository."""

import csv
import datetime as dt
from decimal import Decimal
from itertools import pairwise

import attrs
import pytest
from tools import make_rate_data

from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId, WrongType
from receivables.policies.balances import BalanceHistory
from receivables.policies.interest import Compounding, accrue
from receivables.policies.interest_rates import percent_text
from receivables.policies.late_payment import LawVersion, Regime
from receivables.policies.regimes import (
    BANK_OF_ENGLAND,
    BUNDESBANK,
    ECB,
    FRENCH_LEGAL_RATE,
    NBP,
    REGIMES,
    US_TREASURY,
    regime,
)
from receivables.values.daycounts import DayCount
from receivables.values.money import Money
from receivables.values.rates import RateTable


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def table(name: str, *rows: tuple[str, ...]) -> RateTable:
    return RateTable.from_rows(rows, name=name, source="test")


FLAT = {name: table(name, ("1999-01-01", "2")) for name in (ECB, BUNDESBANK, BANK_OF_ENGLAND, NBP, US_TREASURY)}

FILES = {
    BUNDESBANK: ("rates/de_basiszinssatz.csv", "2025-12-31"),
    ECB: ("rates/eu_ecb_mro_2019_2025.csv", "2025-12-31"),
    BANK_OF_ENGLAND: ("rates/uk_boe_bank_rate_since_1997.csv", "2025-08-06"),
}


@pytest.fixture
def published(shared_data):
    """Reads a published table; its last rate holds until the day on which the file was made."""

    def read(name: str) -> RateTable:
        file, until = FILES[name]
        with shared_data(file).open(encoding="utf-8", newline="") as lines:
            rows = [(row["effective_from"], row["rate_percent"]) for row in csv.DictReader(lines)]
        found = RateTable.from_rows(rows, name=name, source=file)
        last = attrs.evolve(found.rates[-1], valid_until=day(until))
        return attrs.evolve(found, rates=(*found.rates[:-1], last))

    return read


# Rates on a day, against what was published


@pytest.mark.parametrize(
    ("id", "on", "percent"),
    [
        ("DE", "2023-01-01", "10.62"),
        ("DE", "2024-06-30", "12.62"),
        ("DE", "2024-07-01", "12.37"),
        ("DE", "2022-12-31", "8.12"),
        ("DE", "2009-01-01", "9.62"),
        ("DE-consumer", "2009-01-01", "6.62"),
        ("DE-consumer", "2025-01-01", "7.27"),
        ("EU", "2024-01-01", "12.5"),
        ("EU", "2025-12-31", "10.15"),
        ("FR", "2024-07-01", "14.25"),
        ("GB", "2024-01-01", "13.25"),
        ("GB", "2025-03-01", "12.75"),
        ("GB", "2009-06-30", "10"),
        ("NL", "2023-07-01", "12"),
        ("NL", "2024-07-01", "12.25"),
    ],
)
def test_the_rate_of_a_day_is_the_published_one(published, id, on, percent):
    law = regime(id)
    rule = law.terms(published(law.reference), arose_on=day(on)).rate
    assert percent_text(rule.on(day(on))) == percent


def test_the_french_penalty_is_the_published_one_in_every_half_year(shared_data, published):
    rule = regime("FR").terms(published(ECB), arose_on=day("2020-01-01")).rate
    with shared_data("rates/fr_taux_interet_legal_2021_2026.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["effective_from"] < "2026"]
    for row in rows:
        assert rule.on(day(row["effective_from"])) == Decimal(row["default_penalty_L441_10_percent"]), row["semester"]
    assert len(rows) == 10


def test_a_german_claim_over_a_change_of_the_base_rate(published):
    """10,000.00 from 1 November 2022 to 31 January 2023: 61 days at 8.12 % and 31 days at 10.62 %, less the first."""
    terms = regime("DE").terms(published(BUNDESBANK), arose_on=day("2022-10-01"))
    debt = BalanceHistory.of(Money.of(10_000, "EUR"))
    accrual = accrue(debt, terms, due_on=day("2022-10-31"), until=day("2023-01-31"))
    assert [(s.days, percent_text(s.quote.percent)) for s in accrual.segments] == [(61, "8.12"), (31, "10.62")]
    assert accrual.total == Money.of("225.90", "EUR")


def test_the_british_rate_does_not_move_and_the_directive_rate_does(published):
    starts = day("2025-02-28")
    until = day("2025-08-01")
    runs = {
        id: list(regime(id).terms(published(regime(id).reference), arose_on=starts).rate.runs(starts, until))
        for id in ("GB", "EU")
    }
    assert [percent_text(run.quote.percent) for run in runs["GB"]] == ["12.75"]
    assert [percent_text(run.quote.percent) for run in runs["EU"]] == ["11.15", "10.15"]


def test_a_stale_table_is_an_error(published):
    terms = regime("DE").terms(published(BUNDESBANK), arose_on=day("2025-10-01"))
    with pytest.raises(InvalidValue, match="Bundesbank Basiszinssatz ends on 2025-12-31"):
        accrue(BalanceHistory.of(Money.of(1, "EUR")), terms, due_on=day("2025-11-01"), until=day("2026-01-01"))


# Versions of a law


@pytest.mark.parametrize(
    ("id", "arose_on", "margin", "fixed_sum"),
    [
        ("DE", "2014-07-28", "8", None),
        ("DE", "2014-07-29", "9", "40"),
        ("EU", "2013-03-15", "7", None),
        ("EU", "2013-03-16", "8", "40"),
        ("NL", "2013-03-15", "7", None),
        ("NL", "2013-03-16", "8", "40"),
        ("FR", "2013-01-01", "10", "40"),
        ("DE-consumer", "2020-01-01", "5", None),
    ],
)
def test_the_version_is_that_of_the_day_on_which_the_obligation_arose(id, arose_on, margin, fixed_sum):
    law = regime(id)
    assert law.version(day(arose_on)).margin == Decimal(margin)
    fee = law.compensation(Money.of(100, "EUR"), arose_on=day(arose_on))
    assert (fee and fee.gross) == (fixed_sum and Money.of(fixed_sum, "EUR"))


def test_the_old_directive_read_the_rate_of_the_eve():
    """The rate fell on 1 July: 2 and 7 points by the old directive, 1 and 8 points by the new one."""
    rates = table(ECB, ("2000-01-01", "2"), ("2012-07-01", "1"))
    quotes = [
        regime("EU").terms(rates, arose_on=day(arose_on)).rate.quote(day("2012-08-01"))
        for arose_on in ("2012-05-01", "2014-05-01")
    ]
    assert [quote.percent for quote in quotes] == [2 + 7, 1 + 8]
    assert [str(quote.base_on) for quote in quotes] == ["2012-06-30", "2012-07-01"]


def test_an_old_obligation_keeps_its_margin_long_after_the_law_changed():
    terms = regime("DE").terms(FLAT[BUNDESBANK], arose_on=day("2010-05-01"))
    assert percent_text(terms.rate.on(day("2024-05-01"))) == "10"


@pytest.mark.parametrize("law", REGIMES.values(), ids=lambda law: law.id)
def test_versions_follow_each_other_without_gap_or_overlap(law):
    for earlier, later in pairwise(law.versions):
        assert earlier.valid_until + dt.timedelta(1) == later.valid_from
    assert law.versions[-1].valid_until is None
    with pytest.raises(InvalidValue, match=f"arose_on: must lie in a version of {law.id}"):
        law.version(law.versions[0].valid_from - dt.timedelta(1))


@pytest.mark.parametrize("law", REGIMES.values(), ids=lambda law: law.id)
def test_every_claim_names_its_law(law):
    arose_on = law.versions[-1].valid_from
    terms = law.terms(FLAT[law.reference], arose_on=arose_on)
    assert terms.id == law.id
    assert terms.source == law.versions[-1].source
    debt = BalanceHistory.of(Money.of(1_000, "EUR"))
    accrual = accrue(debt, terms, due_on=day("2024-01-31"), until=day("2024-03-01"))
    assert accrual.total.is_positive
    assert all(row["source"] == terms.source and law.reference in row["because"] for row in accrual.rows())
    assert law.versions[-1].source in str(law)
    assert [row["source"] for row in law.rows()] == [version.source for version in law.versions]


# Fixed sums


@pytest.mark.parametrize(
    ("debt", "fixed_sum"),
    [("999.99", "40"), ("1000.00", "70"), ("9999.99", "70"), ("10000.00", "100")],
)
def test_the_british_edges(debt, fixed_sum):
    fee = regime("GB").compensation(Money.of(debt, "GBP"), arose_on=day("2024-01-02"))
    assert fee.gross == Money.of(fixed_sum, "GBP")
    assert fee.source == "Late Payment Act 1998 s. 5A"


@pytest.mark.parametrize(
    ("debt", "fixed_sum"),
    [("5000.00", "40"), ("5000.01", "70"), ("49999.99", "70"), ("50000.00", "100")],
)
def test_the_polish_edges_and_their_other_currency(debt, fixed_sum):
    fee = regime("PL").compensation(Money.of(debt, "PLN"), arose_on=day("2024-01-02"))
    assert fee.gross == Money.of(fixed_sum, "EUR")


def test_a_fixed_sum_is_in_the_currency_of_its_law():
    with pytest.raises(CurrencyMismatch):
        regime("GB").compensation(Money.of(100, "EUR"), arose_on=day("2024-01-02"))
    with pytest.raises(InvalidValue, match="must give an amount in SEK"):
        regime("EU").compensation(Money.of(100, "SEK"), arose_on=day("2024-01-02"))


# How interest is counted


def test_dutch_interest_bears_interest_when_a_year_has_ended():
    terms = regime("NL").terms(table(ECB, ("1999-01-01", "0")), arose_on=day("2023-01-01"))
    debt = BalanceHistory.of(Money.of(1_000, "EUR"))
    assert accrue(debt, terms, due_on=day("2024-01-01"), until=day("2026-01-01")).total == Money.of("166.40", "EUR")


def test_federal_interest_is_fixed_compounded_and_ends_after_a_year():
    rates = table(US_TREASURY, ("2023-01-01", "2023-06-30", "6.5"))
    terms = regime("US-federal").terms(rates, arose_on=day("2023-02-01"))
    debt = BalanceHistory.of(Money.of(1_500, "USD"))
    found = {
        until: accrue(debt, terms, due_on=day("2023-04-01"), until=day(until))
        for until in ("2023-04-11", "2024-04-01", "2026-01-01")
    }
    assert found["2023-04-11"].total == Money.of("2.71", "USD")
    assert (terms.compounding, terms.day_count) == (Compounding.EVERY_30_DAYS, DayCount.ACT_360)
    assert found["2026-01-01"].exact == found["2024-04-01"].exact


def test_a_national_margin_replaces_that_of_the_directive():
    terms = regime("EU").terms(FLAT[ECB], arose_on=day("2024-01-01"), margin=Decimal("9.2"))
    assert percent_text(terms.rate.on(day("2024-02-01"))) == "11.2"


def test_a_french_contract_cannot_go_below_three_times_the_legal_rate():
    legal = table(FRENCH_LEGAL_RATE, ("2024-01-01", "5.07"), ("2024-07-01", "4.92"))
    terms = regime("FR").contract_terms("15", arose_on=day("2024-01-01"), floor_rates=legal)
    runs = terms.rate.runs(day("2024-06-01"), day("2024-08-01"))
    assert [percent_text(run.quote.percent) for run in runs] == ["15.21", "15"]
    with pytest.raises(WrongType, match="floor_rates"):
        regime("FR").contract_terms("15", arose_on=day("2024-01-01"))


def test_an_agreed_rate_is_counted_as_the_law_counts():
    terms = regime("NL").contract_terms("6", arose_on=day("2024-01-01"))
    assert (terms.compounding, percent_text(terms.rate.on(day("2024-02-01")))) == (Compounding.YEARLY, "6")


# What is refused


def test_the_table_of_another_bank_is_refused():
    with pytest.raises(InvalidValue, match=r"rates.name: must be 'Bundesbank Basiszinssatz' for DE"):
        regime("DE").terms(FLAT[ECB], arose_on=day("2024-01-01"))
    with pytest.raises(WrongType, match="rates"):
        regime("DE").terms(Decimal("3.62"), arose_on=day("2024-01-01"))


def test_an_unknown_regime_and_a_time_are_refused():
    with pytest.raises(UnknownId):
        regime("XX")
    with pytest.raises(WrongType):
        regime("DE").version(dt.datetime(2024, 1, 1))


def test_a_version_runs_forward_and_a_host_may_make_its_own_law():
    with pytest.raises(InvalidValue, match=r"version\.valid_until"):
        LawVersion(valid_from=day("2024-01-02"), valid_until=day("2024-01-01"), margin=Decimal(1), source="x")
    own = Regime(
        id="own",
        name="House rules",
        reference="house rate",
        versions=(LawVersion(valid_from=day("2024-01-01"), margin=Decimal(1), source="clause 3"),),
    )
    terms = own.terms(table("house rate", ("2024-01-01", "5")), arose_on=day("2024-02-01"))
    assert percent_text(terms.rate.on(day("2024-02-01"))) == "6"


# The tool that writes a table for a host


@pytest.fixture
def made(tmp_path, capsys):
    """Runs the tool on a CSV text; gives the exit status and what it printed."""

    def make(text: str, until: str = "2025-12-31") -> tuple[int, str, str]:
        file = tmp_path / "rates.csv"
        file.write_text(text, encoding="utf-8")
        status = make_rate_data.main([str(file), "--name", ECB, "--source", "ECB", "--until", until])
        return status, *capsys.readouterr()

    return make


def test_the_tool_sorts_leaves_out_repetitions_and_ends_the_table(made):
    status, text, _ = made("effective_from,rate_percent\n2025-06-11,2.15\n2024-01-01,4.50\n2024-03-01,4.50\n")
    namespace: dict[str, RateTable] = {}
    exec(text, namespace)  # the module is what the tool is for
    found = namespace["RATES"]
    assert status == 0
    assert [str(rate.valid_from) for rate in found.rates] == ["2024-01-01", "2025-06-11"]
    assert (found.name, found.valid_until) == (ECB, day("2025-12-31"))


def test_the_tool_refuses_what_is_no_table(made):
    status, text, error = made("effective_from,rate_percent\n2024-01-01,4.50\n2024-01-01,4.25\n")
    assert (status, text) == (1, "")
    assert "an overlap" in error
    with pytest.raises(SystemExit, match="no column"):
        made("date,value\n2024-01-01,1\n")
    with pytest.raises(SystemExit, match="before the last rate"):
        made("effective_from,rate_percent\n2024-01-01,4.50\n", until="2023-12-31")
