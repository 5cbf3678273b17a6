"""How long documents are kept: by money owed, legal claims, the law; and a period is never guessed."""

import datetime as dt

import attrs
import pytest
from tests.codec.samples import SAMPLES

from receivables import Account, Allocation, Customer, Invoice, Money, Payment, PaymentTerms
from receivables.codec import digest, policy_ref
from receivables.documents.erasure import GROUNDS, KINDS, ErasedText, ErasureRecord
from receivables.errors import InvalidValue, WrongType
from receivables.facts.charge import ChargeWaived
from receivables.facts.invoice import InvoiceIssued
from receivables.policies.retention import (
    GERMANY,
    STARTS,
    RetentionPolicy,
    RetentionRule,
    answer,
    holds_text,
    papers,
)
from receivables.stores.bodies import erased, fact_texts

DAY = dt.date(2026, 6, 1)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
TEN = RetentionPolicy.years("house", 10, law="house rule")


def eur(amount):
    return Money.of(amount, "EUR")


def issued(number, day):
    return Invoice(number=number, account="A", issued_on=day, total=eur(100), terms=PaymentTerms.net(30))


def fact_of(invoice):
    return InvoiceIssued(invoice=invoice, effective_on=invoice.issued_on, recorded_at=NOW)


def judged(invoice, payments=(), allocations=(), policy=TEN, on=DAY, legal=frozenset()):
    account = Account.of(Customer(id="A"), invoices=[invoice], payments=payments, allocations=allocations)
    ((_, record),) = answer(papers({"A": [fact_of(invoice)]}), account.view(on), policy, legal)
    return record.ground, record.until


def settled(day):
    payment = Payment(id="P", account="A", amount=eur(100), value_date=day)
    return {"payments": [payment], "allocations": [Allocation(source="P", item="I", amount=eur(100))]}


@pytest.mark.parametrize(
    ("day", "on", "expected"),
    [
        (dt.date(2015, 1, 1), dt.date(2025, 12, 31), "retention"),
        (dt.date(2015, 1, 1), dt.date(2026, 1, 1), "erased"),
        (dt.date(2015, 12, 31), dt.date(2025, 12, 31), "retention"),
        (dt.date(2015, 12, 31), dt.date(2026, 1, 1), "erased"),
    ],
)
def test_the_law_keeps_full_years_after_the_end_of_the_year(day, on, expected):
    assert judged(issued("I", day), on=on, **settled(day)) == (expected, dt.date(2025, 12, 31))


def test_money_that_is_owed_keeps_a_document_whatever_its_age():
    assert judged(issued("I", dt.date(1999, 1, 1)))[0] == "open_claim"
    part = {
        "payments": settled(DAY)["payments"],
        "allocations": [Allocation(source="P", item="I", amount=eur("99.99"))],
    }
    assert judged(issued("I", dt.date(1999, 1, 1)), **part)[0] == "open_claim"


def test_money_that_is_owed_to_the_customer_keeps_the_payment():
    payment = Payment(id="P", account="A", amount=eur(100), value_date=dt.date(1999, 1, 1))
    account = Account.of(Customer(id="A"), payments=[payment])
    received = SAMPLES["payment.received/1"].__class__(
        payment=payment, effective_on=payment.value_date, recorded_at=NOW
    )
    ((_, record),) = answer(papers({"A": [received]}), account.view(DAY), TEN)
    assert (record.kind, record.ground) == ("payment", "open_claim")


def test_a_legal_claim_keeps_a_document_after_its_time():
    day = dt.date(1999, 1, 1)
    assert judged(issued("I", day), legal=frozenset({"I"}), **settled(day))[0] == "legal_claim"


def test_without_a_rule_nothing_is_erased():
    day = dt.date(1999, 1, 1)
    policy = RetentionPolicy(id="p", version=1, rules=(RetentionRule(kind="payment", years=0, law="none"),))
    assert judged(issued("I", day), policy=policy, **settled(day)) == ("no_rule", None)


def test_a_text_about_something_open_is_kept_with_it():
    fact = ChargeWaived(
        charge="I/fee", amount=eur(5), reason="ill", approver="bob", effective_on=dt.date(1999, 1, 1), recorded_at=NOW
    )
    invoice = issued("I/fee", dt.date(1999, 1, 1))
    account = Account.of(Customer(id="A"), invoices=[invoice])
    ((_, record),) = answer(papers({"A": [fact]}), account.view(DAY), TEN)
    assert (record.kind, record.id, record.ground) == ("booking", "I/fee", "open_claim")


@pytest.mark.parametrize("tag", SAMPLES)
def test_every_fact_with_a_personal_text_is_a_document_with_an_id_and_none_after_its_erasure(tag):
    fact = SAMPLES[tag]
    has_text = fact_texts(fact)[2] is not None
    assert holds_text(fact) == has_text
    found = papers({"A": [fact]})
    assert [len(each.places) for each in found if each.places] == [1] * has_text
    for each in found:
        assert each.kind in KINDS
        assert each.id
        assert each.id != type(fact).__name__
    assert not holds_text(erased(fact))


def test_facts_of_one_document_are_answered_together():
    first, second = SAMPLES["dispute.opened/1"], SAMPLES["dispute.resolved/1"]
    dispute = first.dispute.id
    assert second.dispute == dispute
    (paper,) = papers({"A": [first, second]})
    assert (paper.id, [position for _, position, _ in paper.places]) == (dispute, [1, 2])


def test_germany_keeps_invoices_for_eight_years_and_letters_for_six():
    assert {rule.kind for rule in GERMANY.rules} == set(KINDS)
    assert judged(issued("I", dt.date(2017, 5, 1)), policy=GERMANY, **settled(DAY)) == ("erased", dt.date(2025, 12, 31))
    assert all(rule.law for rule in GERMANY.rules)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: RetentionRule(kind="letters", years=1, law="x"), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=-1, law="x"), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1.5, law="x"), WrongType),
        (lambda: RetentionRule(kind="invoice", years=1, law=" "), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", start="from_due"), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", since="2022"), WrongType),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=(13, 1)), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=(4, 31)), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=(0, 1)), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=(6, 0)), InvalidValue),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=(6,)), WrongType),
        (lambda: RetentionRule(kind="invoice", years=1, law="x", fiscal_year_ends=[6, 30]), WrongType),
        (lambda: RetentionPolicy(id="p", version=1, rules=(GERMANY.rules[0], GERMANY.rules[0])), InvalidValue),
        (lambda: ErasureRecord(kind="invoice", id="I", dated=DAY, ground="mood"), InvalidValue),
        (lambda: ErasedText(log="A", position=0, digest="ab" * 32), InvalidValue),
        (lambda: ErasedText(log="A", position=1, digest="AB" * 32), InvalidValue),
    ],
)
def test_what_cannot_be_is_refused(make, error):
    with pytest.raises(error):
        make()


@pytest.mark.parametrize("start", STARTS)
def test_the_last_possible_year_does_not_overflow(start):
    rule = RetentionRule(kind="invoice", years=100, law="x", start=start, fiscal_year_ends=(6, 30))
    assert rule.last_day(dt.date(9900, 7, 1)) == dt.date(9999, 12, 31)
    assert rule.last_day(dt.date(9999, 12, 31)) == dt.date(9999, 12, 31)
    assert STARTS[start]


@pytest.mark.parametrize(
    ("start", "dated", "ends", "expected"),
    [
        ("from_document", "2020-03-01", (12, 31), "2026-03-01"),
        ("from_document", "2020-02-29", (12, 31), "2026-02-28"),
        ("from_document", "2018-02-28", (12, 31), "2024-02-28"),
        ("from_end_of_year", "2020-02-29", (6, 30), "2026-12-31"),
        ("from_end_of_fiscal_year", "2020-12-31", (12, 31), "2026-12-31"),
        ("from_end_of_fiscal_year", "2020-04-05", (4, 5), "2026-04-05"),
        ("from_end_of_fiscal_year", "2020-04-06", (4, 5), "2027-04-05"),
        ("from_end_of_fiscal_year", "2018-02-28", (2, 29), "2024-02-29"),
        ("from_end_of_fiscal_year", "2020-02-29", (2, 29), "2026-02-28"),
        ("from_end_of_fiscal_year", "2020-02-29", (2, 28), "2027-02-28"),
        ("from_later_year_end", "2020-03-01", (3, 31), "2026-12-31"),
        ("from_later_year_end", "2020-04-01", (3, 31), "2027-03-31"),
        ("from_year_of_fiscal_year_end", "2020-03-31", (3, 31), "2026-12-31"),
        ("from_year_of_fiscal_year_end", "2020-04-01", (3, 31), "2027-12-31"),
    ],
)
def test_six_years_end_where_their_start_says(start, dated, ends, expected):
    rule = RetentionRule(kind="invoice", years=6, law="x", start=start, fiscal_year_ends=ends)
    assert str(rule.last_day(dt.date.fromisoformat(dated))) == expected


def test_a_new_period_leaves_documents_before_its_first_day_to_the_older_rule():
    old = RetentionRule(kind="invoice", years=7, law="old")
    new = RetentionRule(kind="invoice", years=10, law="new", since=dt.date(2016, 1, 1))
    for rules in ((old, new), (new, old)):
        policy = RetentionPolicy(id="p", version=1, rules=rules)
        assert judged(issued("I", dt.date(2015, 12, 31)), policy=policy, **settled(DAY))[1] == dt.date(2022, 12, 31)
        assert judged(issued("I", dt.date(2016, 1, 1)), policy=policy, **settled(DAY))[1] == dt.date(2026, 12, 31)
        assert policy.rule("invoice") == new


def test_a_document_from_before_the_first_rule_is_not_erased():
    rule = RetentionRule(kind="invoice", years=0, law="new", since=dt.date(2016, 1, 1))
    policy = RetentionPolicy(id="p", version=1, rules=(rule,))
    assert judged(issued("I", dt.date(2015, 12, 31)), policy=policy, **settled(DAY)) == ("no_rule", None)
    assert judged(issued("I", dt.date(2016, 1, 1)), policy=policy, **settled(DAY))[0] == "erased"


def test_rules_for_a_fiscal_year_leave_the_digest_of_others_as_it_was():
    rule = RetentionRule(kind="invoice", years=6, law="x")
    assert digest(rule) == digest(attrs.evolve(rule, start="from_end_of_year", since=None, fiscal_year_ends=(12, 31)))
    assert digest(rule) != digest(attrs.evolve(rule, fiscal_year_ends=(6, 30)))
    assert policy_ref(GERMANY).digest == "80689622f7ac3176cfc525d8bab920d2f50b7c17ea2bcc04ebbcd4c1f0699adb"


def test_every_ground_says_something():
    assert all(GROUNDS.values())
