"""How long papers are kept in some countries: last days, changes of law, fiscal years, and what is not known."""

import datetime as dt

import attrs
import pytest

from receivables import Customer
from receivables.documents.erasure import KINDS
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.policies.book import PolicyBook
from receivables.policies.retention import GERMANY, RetentionRule
from receivables.policies.retention_regimes import (
    RETENTION_REGIMES,
    RetentionRegime,
    retention_policy,
    retention_regime,
)

TODAY = dt.date(2026, 6, 1)
ROWS = [pytest.param(each, id=f"{each.id}-{each.valid_from}") for rows in RETENTION_REGIMES.values() for each in rows]


def day(text):
    return dt.date.fromisoformat(text)


def last_day(country, kind, dated, *, on=TODAY, ends=(12, 31)):
    rule = retention_policy(country, on, fiscal_year_ends=ends).rule(kind, day(dated))
    return rule and str(rule.last_day(day(dated)))


@pytest.mark.parametrize(
    ("country", "invoice", "letter"),
    [
        ("DE", "2032-12-31", "2030-12-31"),
        ("AT", "2031-12-31", "2031-12-31"),
        ("CH", "2034-12-31", "2034-12-31"),
        ("FR", "2034-12-31", None),
        ("GB", "2030-12-31", "2030-02-28"),
        ("IE", "2030-12-31", "2030-02-28"),
        ("NL", "2031-12-31", "2031-12-31"),
        ("BE", "2034-12-31", "2034-12-31"),
        ("IT", "2034-12-31", "2034-12-31"),
        ("ES", "2030-12-31", "2030-12-31"),
        ("SE", "2031-12-31", None),
    ],
)
def test_papers_of_a_leap_day_are_kept_until_the_last_day_of_the_law(country, invoice, letter):
    assert last_day(country, "invoice", "2024-02-29") == invoice
    assert last_day(country, "correspondence", "2024-02-29") == letter


def test_the_countries_above_are_all_that_there_are():
    assert list(RETENTION_REGIMES) == ["DE", "AT", "CH", "FR", "GB", "IE", "NL", "BE", "IT", "ES", "SE"]


@pytest.mark.parametrize(
    ("country", "before", "after"),
    [
        ("DE", "2032-12-31", "2032-12-31"),
        ("AT", "2031-12-31", "2032-12-31"),
        ("CH", "2034-12-31", "2035-06-30"),
        ("FR", "2034-06-30", "2035-06-30"),
        ("GB", "2030-06-30", "2031-06-30"),
        ("IE", "2030-06-30", "2031-06-30"),
        ("NL", "2031-06-30", "2032-06-30"),
        ("BE", "2034-12-31", "2035-06-30"),
        ("IT", "2034-06-30", "2035-06-30"),
        ("ES", "2030-06-30", "2031-06-30"),
        ("SE", "2031-12-31", "2032-12-31"),
    ],
)
def test_a_fiscal_year_that_ends_in_june_moves_the_last_day_as_the_law_says(country, before, after):
    assert last_day(country, "invoice", "2024-06-30", ends=(6, 30)) == before
    assert last_day(country, "invoice", "2024-07-01", ends=(6, 30)) == after


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        ("2015-12-31", "2022-12-31"),
        ("2021-12-31", "2028-12-31"),
        ("2022-01-01", "2032-12-31"),
        ("2023-01-01", "2033-12-31"),
    ],
)
def test_belgium_keeps_documents_from_2022_on_for_ten_years_and_older_ones_for_seven(dated, expected):
    assert [last_day("BE", kind, dated) for kind in KINDS] == [expected] * len(KINDS)


def test_belgium_had_seven_years_for_all_until_the_end_of_2022():
    assert last_day("BE", "invoice", "2022-03-01", on=day("2022-12-31")) == "2029-12-31"
    assert last_day("BE", "invoice", "2022-03-01", on=day("2023-01-01")) == "2032-12-31"


def test_the_law_that_is_named_is_that_of_the_date_of_the_document():
    policy = retention_policy("BE", TODAY)
    assert policy.rule("invoice", day("2021-12-31")).law.endswith("before 2023: seven years")
    assert policy.rule("invoice", day("2022-01-01")).law.endswith("ten years")
    assert policy.rule("invoice") == policy.rule("invoice", TODAY)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("invoice", "2030-12-31", "2028-12-31"),
        ("payment", "2030-12-31", "2028-12-31"),
        ("booking", "2030-12-31", "2028-12-31"),
        ("order", "2026-12-31", "2026-12-31"),
        ("application", "2026-12-31", "2026-12-31"),
        ("mandate", "2026-12-31", "2026-12-31"),
        ("correspondence", "2026-12-31", "2026-12-31"),
    ],
)
def test_germany_went_from_ten_years_to_eight_for_vouchers_in_2025(kind, before, after):
    assert last_day("DE", kind, "2020-05-01", on=day("2024-12-31")) == before
    assert last_day("DE", kind, "2020-05-01", on=day("2025-01-01")) == after


def test_what_lapsed_under_the_old_german_law_has_lapsed_under_the_new_one():
    """A shorter period for whatever has not lapsed needs no rule for older documents: none comes back to life."""
    for kind in KINDS:
        for year in range(1990, 2015):
            old = last_day("DE", kind, f"{year}-12-31", on=day("2024-12-31"))
            new = last_day("DE", kind, f"{year}-12-31", on=day("2025-01-01"))
            assert new <= old < "2025-01-01"


def test_germany_today_is_the_preset():
    assert retention_policy("DE", TODAY).rules == GERMANY.rules


def test_vouchers_are_kept_from_the_later_of_two_year_ends_in_switzerland():
    assert last_day("CH", "invoice", "2024-03-01", ends=(6, 30)) == "2034-12-31"
    assert last_day("CH", "invoice", "2024-09-01", ends=(6, 30)) == "2035-06-30"


def test_a_kind_of_which_the_law_does_not_speak_clearly_has_no_rule():
    missing = {
        country: [kind for kind in KINDS if retention_policy(country, TODAY).rule(kind) is None]
        for country in RETENTION_REGIMES
    }
    written = ["application", "mandate", "correspondence"]
    assert {country: kinds for country, kinds in missing.items() if kinds} == {"FR": written, "SE": ["order", *written]}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_its_law_its_source_and_what_is_doubtful(row):
    assert row.notes
    assert row.source
    assert row.rules
    assert {rule.law.endswith(" years") for rule in row.rules} == {True}
    assert {rule.kind for rule in row.rules} >= {"invoice", "payment", "booking"}


@pytest.mark.parametrize("country", RETENTION_REGIMES)
def test_each_law_of_a_country_begins_on_the_day_after_the_one_before_and_the_last_is_open(country):
    *former, newest = RETENTION_REGIMES[country]
    assert newest.valid_to is None
    assert [each.valid_to for each in former] == [
        each.valid_from - dt.timedelta(days=1) for each in RETENTION_REGIMES[country][1:]
    ]


@pytest.mark.parametrize("country", RETENTION_REGIMES)
def test_a_day_before_what_is_known_is_refused_and_the_first_day_is_not(country):
    first = RETENTION_REGIMES[country][0].valid_from
    assert retention_regime(country, first).covers(first)
    with pytest.raises(InvalidValue, match=f"must not be before {first}"):
        retention_policy(country, first - dt.timedelta(days=1))


def test_a_country_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UnknownId, match=r"unknown retention regime: 'US', there are DE, AT, CH"):
        retention_policy("US", TODAY)


def test_each_law_is_a_policy_of_its_own_in_a_book():
    policies = [row.policy() for rows in RETENTION_REGIMES.values() for row in rows]
    assert len({policy.id for policy in policies}) == len(policies)
    for policy in policies:
        assert PolicyBook.of(policy).retention_for(Customer(id="C")) == policy


def test_a_law_that_ends_before_it_begins_is_refused():
    row = RETENTION_REGIMES["BE"][0]
    with pytest.raises(InvalidValue, match=r"regime.valid_to: must not be before 2014-05-09"):
        attrs.evolve(row, valid_to=day("2014-05-08"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"id": " "}, InvalidValue),
        ({"name": ""}, InvalidValue),
        ({"source": ""}, InvalidValue),
        ({"notes": None}, WrongType),
        ({"rules": GERMANY.rules[0]}, WrongType),
        ({"rules": ("x",)}, WrongType),
        ({"rules": (RetentionRule(kind="invoice", years=1, law="s. 1"),) * 2}, InvalidValue),
        ({"valid_from": "2020-01-01"}, WrongType),
        ({"valid_to": dt.datetime(2030, 1, 1)}, WrongType),
    ],
)
def test_a_regime_that_cannot_be_is_refused(change, error):
    fields = {
        "id": "XX",
        "name": "Nowhere",
        "rules": (RetentionRule(kind="invoice", years=1, law="s. 1"),),
        "source": "the statute",
        "valid_from": day("2020-01-01"),
    }
    assert RetentionRegime(**fields).policy().id == "xx-2020"
    with pytest.raises(error):
        RetentionRegime(**{**fields, **change})
