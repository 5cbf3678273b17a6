"""Matching: what is proposed, what may be posted by itself, and the reason against it where it may not."""

import datetime as dt
import itertools
from decimal import Decimal

import attrs
import pytest

from receivables import (
    Account,
    Allocation,
    CreditNote,
    Customer,
    DiscountWindow,
    Installment,
    Invoice,
    Money,
    Payment,
    PaymentTerms,
    Remittance,
    Schedule,
    View,
    fold,
)
from receivables.documents.charge import Charge
from receivables.documents.payment import Designation
from receivables.documents.settlement import Deduction
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, UnknownId, WrongType
from receivables.facts.charge import ChargeRaised
from receivables.policies.matching import AGAINST, propose
from receivables.policies.matching_aliases import Alias, Relation, suggest_aliases, suggest_relations
from receivables.policies.matching_index import BLOCK, MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_proposals import Proposals
from receivables.state.withheld import Withheld
from receivables.values.references import creditor_reference

ISSUED = dt.date(2026, 1, 5)
DUE = dt.date(2026, 2, 4)
TODAY = dt.date(2026, 2, 11)
POLICY = MatchingPolicy(id="standard", version=1)
TOLERANT = attrs.evolve(POLICY, tolerances=(Money.of(5, "EUR"),), tolerance_percent=Decimal(1))


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def invoice(number: str, amount: str | int | Money = 100, due: dt.date = DUE, account: str = "ACME") -> Invoice:
    total = amount if isinstance(amount, Money) else eur(amount)
    return Invoice.due(number=number, account=account, issued_on=ISSUED, total=total, due_on=due)


def view(
    *invoices: Invoice, account: str = "ACME", group: str | None = None, notes: tuple[CreditNote, ...] = ()
) -> View:
    return Account.of(Customer(id=account, group=group), invoices=invoices, credit_notes=notes).view(TODAY)


def paid(
    amount: str | int,
    text: str = "",
    *references: str,
    account: str = "ACME",
    payer: str | None = None,
    on: dt.date = TODAY,
) -> Payment:
    return Payment(
        id="P",
        account=account,
        amount=eur(amount),
        value_date=on,
        payer=payer,
        remittance=Remittance(references=references, text=text),
    )


def parts(found: Proposals) -> list[tuple[str, str]]:
    """What the best proposal pays."""
    assert found.best is not None
    return [(each.item, str(each.amount.amount)) for each in found.best.allocations]


def against(found: Proposals) -> list[str]:
    """Why the best proposal is not posted."""
    assert found.best is not None
    return [reason.code for reason in found.best.against]


def because(found: Proposals) -> list[str]:
    assert found.best is not None
    return [reason.code for reason in found.best.reasons]


# What is posted by itself -----------------------------------------------------------------------------------------


def test_a_whole_reference_the_debtor_and_the_exact_amount_are_posted():
    found = propose(paid(100, "INV-1814 thanks"), view(invoice("INV-1814"), invoice("INV-14")), POLICY)
    assert found.posting is not None
    assert parts(found) == [("INV-1814", "100.00")]
    assert because(found) == ["reference", "account", "exact_amount"]
    assert (found.posting.kind, str(found.posting.difference)) == ("exact_amount", "0.00 EUR")


def test_a_structured_reference_may_be_short():
    assert propose(paid(100, "", "7"), view(invoice("7")), POLICY).posting
    assert not propose(paid(100, "7 boxes"), view(invoice("7")), POLICY).posting


def test_a_creditor_reference_is_posted_with_and_without_blanks():
    reference = creditor_reference("539007547034")
    for text in (reference, f"RF {reference}", " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))):
        found = propose(paid(100, text), view(invoice("539007547034")), POLICY)
        assert found.posting, text
        assert because(found)[0] == "creditor_reference"


def test_several_invoices_in_one_payment_are_posted_together():
    items = view(invoice("INV-11", 10), invoice("INV-12", 20), invoice("INV-13", 30), invoice("INV-14", 40))
    found = propose(paid(60, "INV-11, INV-12,INV-13"), items, POLICY)
    assert found.posting
    assert parts(found) == [("INV-11", "10.00"), ("INV-12", "20.00"), ("INV-13", "30.00")]


def test_the_installments_of_an_invoice_are_paid_from_the_oldest_on():
    schedule = Schedule.of(
        [(eur(40), DUE), (eur(40), DUE + dt.timedelta(days=30)), (eur(20), DUE + dt.timedelta(days=60))]
    )
    plan = Invoice(number="INV-60", account="ACME", issued_on=ISSUED, total=eur(100), schedule=schedule)
    assert parts(propose(paid(40, "INV-60"), view(plan), POLICY)) == [("INV-60/1", "40.00")]
    assert parts(propose(paid(80, "INV-60"), view(plan), POLICY)) == [("INV-60/1", "40.00"), ("INV-60/2", "40.00")]
    assert parts(propose(paid(20, "INV-60/3"), view(plan), POLICY)) == [("INV-60/3", "20.00")]
    for amount, text in ((40, "INV-60"), (80, "INV-60"), (100, "INV-60"), (20, "INV-60/3")):
        assert propose(paid(amount, text), view(plan), POLICY).posting


def test_who_names_an_invoice_may_mean_it_without_its_fees():
    opened = Account.of(Customer(id="ACME"), invoices=[invoice("INV-61")])
    fee = Charge(id="F-1", item="INV-61", document="INV-61", kind="fee", amount=eur(5))
    raised = ChargeRaised(charge=fee, effective_on=DUE, recorded_at=dt.datetime(2026, 2, 5, tzinfo=dt.UTC))
    items = fold([raised], opened).view(TODAY)
    assert parts(propose(paid(100, "INV-61"), items, POLICY)) == [("INV-61", "100.00")]
    assert dict(parts(propose(paid(105, "INV-61"), items, POLICY))) == {"INV-61": "100.00", "F-1": "5.00"}


def test_credit_notes_that_the_payer_takes_off_are_used_first_on_the_smallest_item():
    note = CreditNote(number="CN-77", account="ACME", issued_on=ISSUED, total=eur(50))
    items = view(invoice("INV-71", 30), invoice("INV-72", 100), notes=(note,))
    found = propose(paid(80, "INV-71 INV-72 less CN-77"), items, POLICY)
    assert found.posting
    assert [(each.source, each.item, str(each.amount.amount)) for each in found.posting.credits] == [
        ("CN-77", "INV-71", "30.00"),
        ("CN-77", "INV-72", "20.00"),
    ]
    assert parts(found) == [("INV-72", "80.00")]
    assert "credit_note" in because(found)
    after = MatchIndex.of([items]).after("ACME", (*found.posting.credits, *found.posting.allocations))
    assert propose(paid(80, "INV-71 INV-72 less CN-77"), after, POLICY).posting is None


def test_a_credit_note_that_does_not_explain_the_amount_is_left_alone():
    note = CreditNote(number="CN-77", account="ACME", issued_on=ISSUED, total=eur(50))
    items = view(invoice("INV-71", 30), invoice("INV-72", 100), notes=(note,))
    found = propose(paid(130, "INV-71 INV-72 less CN-77"), items, POLICY)
    assert (found.best.credits, "credit_note" in because(found)) == ((), False)
    assert parts(found) == [("INV-71", "30.00"), ("INV-72", "100.00")]


def test_a_payment_that_names_a_credit_note_alone_names_nothing_to_pay():
    note = CreditNote(number="CN-77", account="ACME", issued_on=ISSUED, total=eur(50))
    found = propose(paid(50, "CN-77"), view(invoice("INV-71", 30), notes=(note,)), POLICY)
    assert found.proposals == ()


def test_who_names_several_invoices_may_mean_the_oldest_installment_of_each():
    schedule = Schedule.of([(eur(40), DUE), (eur(60), DUE + dt.timedelta(days=30))])
    plan = Invoice(number="INV-60", account="ACME", issued_on=ISSUED, total=eur(100), schedule=schedule)
    found = propose(paid(70, "INV-60 INV-61"), view(plan, invoice("INV-61", 30)), POLICY)
    assert sorted(parts(found)) == [("INV-60/1", "40.00"), ("INV-61", "30.00")]
    assert found.posting


# The difference ---------------------------------------------------------------------------------------------------

TWO_TEN = Invoice(
    number="INV-4",
    account="ACME",
    issued_on=dt.date(2026, 5, 4),
    total=eur(1200),
    terms=PaymentTerms.parse("2/10 net 30"),
)


def in_may() -> View:
    return Account.of(Customer(id="ACME"), invoices=[TWO_TEN]).view(dt.date(2026, 5, 31))


def test_a_discount_in_time_is_explained_and_posted():
    found = propose(paid(1176, "INV-4", on=dt.date(2026, 5, 14)), in_may(), POLICY)
    assert found.posting
    assert parts(found) == [("INV-4", "1176.00")]
    assert (found.posting.kind, str(found.posting.difference)) == ("discount", "-24.00 EUR")
    assert "discount (24.00 EUR)" in map(str, found.posting.reasons)


def test_a_discount_after_its_last_day_is_named_and_left_to_a_human():
    found = propose(paid(1176, "INV-4", on=dt.date(2026, 5, 15)), in_may(), POLICY)
    assert found.best is not None
    assert (found.best.kind, found.best.post) == ("unearned_discount", False)
    assert "amount_unexplained" in against(found)
    lenient = attrs.evolve(POLICY, amounts=POLICY.amounts | {"unearned_discount"}, threshold=90)
    assert propose(paid(1176, "INV-4", on=dt.date(2026, 5, 15)), in_may(), lenient).posting


def test_a_discount_in_its_days_of_grace_counts_where_the_policy_takes_it():
    window = DiscountWindow(until=DUE, grace_until=TODAY, amount=eur(2))
    part = Installment(amount=eur(100), due_on=DUE, discounts=(window,))
    graced = Invoice(
        number="INV-5", account="ACME", issued_on=ISSUED, total=eur(100), schedule=Schedule(installments=(part,))
    )
    assert propose(paid(98, "INV-5"), view(graced), POLICY).posting
    assert not propose(paid(98, "INV-5"), view(graced), attrs.evolve(POLICY, late_discount=False)).posting


def test_a_discount_may_be_taken_on_some_of_the_invoices():
    window = DiscountWindow(until=TODAY, amount=eur(3))
    part = Installment(amount=eur(100), due_on=DUE, discounts=(window,))
    one = Invoice(
        number="INV-51", account="ACME", issued_on=ISSUED, total=eur(100), schedule=Schedule(installments=(part,))
    )
    found = propose(paid(197, "INV-51 INV-52"), view(one, invoice("INV-52")), POLICY)
    assert found.posting
    assert parts(found) == [("INV-51", "97.00"), ("INV-52", "100.00")]


def test_an_item_that_offers_no_discount_is_short_by_the_same_amount():
    found = propose(paid(98, "INV-7"), view(invoice("INV-7")), POLICY)
    assert (found.best.kind, found.best.post) == ("short_payment", False)
    assert parts(found) == [("INV-7", "98.00")]


@pytest.mark.parametrize(
    ("amount", "kind", "post"),
    [
        ("1195.00", "tolerance", True),
        ("1194.99", "short_payment", False),
        ("1205.00", "tolerance", True),
        ("1205.01", "overpayment", False),
    ],
)
def test_a_difference_within_the_tolerance_is_posted_and_a_cent_more_is_not(amount, kind, post):
    found = propose(paid(amount, "INV-8"), view(invoice("INV-8", 1200)), TOLERANT)
    assert (found.best.kind, found.best.post) == (kind, post)


def test_what_is_paid_over_the_items_stays_on_the_payment():
    found = propose(paid("104.50", "INV-8"), view(invoice("INV-8", 100)), TOLERANT)
    assert parts(found) == [("INV-8", "100.00")]
    assert str(found.best.difference) == "4.50 EUR"


def test_a_short_payment_fills_the_items_from_the_oldest_on():
    items = view(invoice("INV-32", 50, due=DUE + dt.timedelta(days=1)), invoice("INV-31", 50))
    assert parts(propose(paid(70, "INV-31 INV-32"), items, POLICY)) == [("INV-31", "50.00"), ("INV-32", "20.00")]


# What is only suggested -------------------------------------------------------------------------------------------


def test_an_amount_by_itself_is_never_posted():
    for policy in (POLICY, attrs.evolve(POLICY, threshold=1)):
        found = propose(paid(100), view(invoice("INV-1")), policy)
        assert parts(found) == [("INV-1", "100.00")]
        assert against(found)[0] == "no_reference"


def test_two_items_that_are_alike_are_a_tie():
    found = propose(paid(100), view(invoice("INV-1"), invoice("INV-2")), POLICY)
    assert [each.items for each in found.proposals] == [("INV-1",), ("INV-2",)]
    assert all("tie" in [reason.code for reason in each.against] for each in found.proposals)


def test_the_same_number_in_two_accounts_is_a_tie_until_the_debtor_is_known():
    both = [view(invoice("INV-9")), view(invoice("INV-9", account="BETA"), account="BETA")]
    careless = attrs.evolve(POLICY, debtors=frozenset({"account", "unknown_debtor"}), threshold=90)
    found = propose(paid(100, "INV-9", account="SUSPENSE"), both, careless)
    assert against(found) == ["tie"]
    found = propose(paid(100, "INV-9", account="BETA"), both, careless)
    assert found.posting.account == "BETA"


def test_an_unknown_payer_leaves_it_to_a_human():
    found = propose(paid(100, "INV-1", account="SUSPENSE", payer="Somebody"), view(invoice("INV-1")), POLICY)
    assert against(found) == ["unknown_debtor", "below_threshold"]


def test_a_payer_that_belongs_to_another_account_leaves_it_to_a_human():
    index = MatchIndex.of(
        [view(invoice("INV-1")), view(account="BETA")], relations=[Relation(payer="Beta Ltd", account="BETA")]
    )
    found = propose(paid(100, "INV-1", account="SUSPENSE", payer="BETA LTD."), index, POLICY)
    assert against(found) == ["other_debtor", "below_threshold"]


@pytest.mark.parametrize(
    ("text", "code"), [("INV-2026-00 147", "joined_reference"), ("payment INV-2026-001", "cut_reference")]
)
def test_traces_of_a_number_are_suggested(text, code):
    found = propose(paid(100, text), view(invoice("INV-2026-00147")), POLICY)
    assert because(found)[0] == code
    assert "weak_reference" in against(found)


def test_a_trace_is_not_read_out_of_a_token_that_is_a_whole_number():
    """The tokens 100 and 234 are two invoices here, and not the third one of which they would be the halves."""
    items = view(invoice("100", 10), invoice("234", 20), invoice("100234", 30))
    assert parts(propose(paid(30, "100 234"), items, POLICY)) == [("100", "10.00"), ("234", "20.00")]


def test_a_disputed_item_is_suggested_with_the_reason():
    items = view(invoice("INV-1"))
    kept = Withheld("INV-1", "dispute", "D-1", 2_000, ISSUED, None)
    assert against(propose(paid(100, "INV-1"), attrs.evolve(items, withheld=(kept,)), POLICY)) == ["disputed"]
    promised = attrs.evolve(kept, kind="promise")
    assert propose(paid(100, "INV-1"), attrs.evolve(items, withheld=(promised,)), POLICY).posting


def test_an_item_in_another_currency_is_passed_over():
    found = propose(paid(100, "INV-1"), view(invoice("INV-1", Money.of(100, "USD"))), POLICY)
    assert found.proposals == ()
    assert [(each.item, each.reason.code) for each in found.passed_over] == [("INV-1", "other_currency")]


def test_a_settled_item_is_named_and_not_paid_again():
    items = view(invoice("INV-1"), invoice("INV-2", 70))
    index = MatchIndex.of([items])
    first = propose(paid(100, "INV-1"), index, POLICY)
    again = propose(paid(100, "INV-1"), index.after("ACME", first.posting.allocations), POLICY)
    assert again.proposals == ()
    assert [(each.item, each.reason.code) for each in again.passed_over] == [("INV-1", "settled")]
    closed = attrs.evolve(items, closed=frozenset({"INV-0"}))
    assert [each.item for each in propose(paid(100, "INV-0"), closed, POLICY).passed_over] == ["INV-0"]


def test_what_a_pending_payment_is_meant_for_is_not_paid_twice():
    """S19: a card payment of 10,000.00 is pending on INV-3; the same amount by transfer finds nothing to pay."""
    items = view(invoice("INV-3", 10_000), invoice("INV-4", 500))
    meant = [("ACME", Designation(item="INV-3", amount=eur(10_000)))]
    found = propose(paid(10_000, "INV-3"), MatchIndex.of([items], reserved=meant), POLICY)
    assert found.proposals == ()
    assert [(each.item, each.reason.code) for each in found.passed_over] == [("INV-3", "reserved")]
    half = [("ACME", Designation(item="INV-3", amount=eur(4_000)))]
    assert propose(paid(6_000, "INV-3"), MatchIndex.of([items], reserved=half), POLICY).posting


def test_a_pending_payment_for_what_is_not_open_reserves_nothing():
    meant = [("ACME", Designation(item="INV-9", amount=eur(40)))]
    assert propose(paid(100, "INV-1"), MatchIndex.of([view(invoice("INV-1"))], reserved=meant), POLICY).posting


def test_a_number_is_not_read_from_a_token_that_is_divided_otherwise():
    items = view(invoice("18-1499"))
    assert parts(propose(paid(100, "181499", account="SUSPENSE"), items, POLICY)) == [("18-1499", "100.00")]
    assert propose(paid(70, "1-81499"), items, POLICY).proposals == ()


def test_an_item_that_is_named_twice_is_named_by_the_stronger_of_both():
    found = propose(paid(100, "INV-1814 or 1814"), view(invoice("INV-1814")), POLICY)
    assert because(found)[0] == "reference"
    assert found.posting


def test_a_text_that_may_begin_too_many_numbers_names_none_of_them():
    numbers = [f"INV-2026000{at}" for at in range(1, 7)]
    few, many = (view(*[invoice(each, at) for at, each in enumerate(some, 10)]) for some in (numbers[:5], numbers))
    assert because(propose(paid(12, "thanks INV-2026000", account="SUSPENSE"), few, POLICY))[0] == "cut_reference"
    assert "cut_reference" not in because(propose(paid(12, "thanks INV-2026000"), many, POLICY))


def test_money_that_is_not_there_yet_is_not_posted():
    waiting = attrs.evolve(paid(100, "INV-1"), status="pending")
    assert against(propose(waiting, view(invoice("INV-1")), POLICY)) == ["not_settled"]


def test_what_the_payer_says_to_have_kept_back_explains_the_difference_and_is_left_to_a_human():
    kept = Deduction(amount=eur(30), code="damaged")
    said = Remittance(text="INV-1", deductions=(kept,))
    found = propose(attrs.evolve(paid(70), remittance=said), view(invoice("INV-1")), POLICY)
    assert (found.best.kind, against(found)) == ("deduction", ["amount_unexplained"])


def test_a_payment_of_more_than_it_names_may_be_for_others_too():
    items = view(invoice("INV-1", 100), invoice("INV-2", 35), invoice("INV-3", 12))
    found = propose(paid(135, "INV-1"), items, POLICY)
    assert [each.items for each in found.proposals] == [("INV-1", "INV-2"), ("INV-1",)]
    assert found.posting is None


def test_a_payment_of_less_than_it_names_may_be_for_some_of_it():
    items = view(invoice("INV-1", 100), invoice("INV-2", 35))
    found = propose(paid(35, "INV-1 and INV-2"), items, POLICY)
    assert ("INV-2",) in [each.items for each in found.proposals]
    assert found.posting is None


# The debtor -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payer", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", "Acme, Inc", "ACME INC."])
def test_a_payer_is_known_by_iban_or_name_however_written(payer):
    relations = [
        Relation(payer="DE89370400440532013000", account="ACME"),
        Relation(payer="Acme Inc", account="ACME"),
    ]
    index = MatchIndex.of([view(invoice("INV-1"))], relations=relations)
    found = propose(paid(100, "INV-1", account="SUSPENSE", payer=payer), index, POLICY)
    assert found.posting
    assert "payer" in because(found)


def test_the_account_that_the_money_came_from_counts_before_the_name_of_the_payer():
    both = [view(invoice("INV-1")), view(invoice("INV-2", 50, account="BETA"), account="BETA")]
    relations = [Relation(payer="DE89370400440532013000", account="BETA"), Relation(payer="Acme", account="ACME")]
    index = MatchIndex.of(both, relations=relations)
    payment = paid(100, "INV-1", account="SUSPENSE", payer="Acme")
    assert propose(payment, index, POLICY).posting
    known = attrs.evolve(payment, payer_account="DE89370400440532013000")
    assert "other_debtor" in against(propose(known, index, POLICY))
    stranger = attrs.evolve(payment, payer_account="NL91ABNA0417164300")
    assert propose(stranger, index, POLICY).posting


def test_an_alias_needs_all_its_words():
    index = MatchIndex.of([view(invoice("INV-1"))], aliases=[Alias(words=("riverside", "canteen"), account="ACME")])
    assert propose(paid(100, "canteen Riverside INV-1", account="SUSPENSE"), index, POLICY).posting
    for one in ("canteen", "riverside"):
        assert not propose(paid(100, f"{one} INV-1", account="SUSPENSE"), index, POLICY).posting


def test_a_payment_that_names_two_accounts_of_the_debtor_is_not_posted_on_one_of_them():
    both = [view(invoice("INV-1")), view(invoice("INV-2", 50, account="DE02:ACME"), account="DE02:ACME")]
    relations = [Relation(payer="Acme", account=name) for name in ("ACME", "DE02:ACME")]
    index = MatchIndex.of(both, relations=relations)
    found = propose(paid(100, "INV-1 INV-2", account="SUSPENSE", payer="Acme"), index, POLICY)
    assert against(found) == ["names_more"]
    assert propose(paid(100, "INV-1 INV-3", account="SUSPENSE", payer="Acme"), index, POLICY).posting


def test_a_payer_and_an_alias_hold_letters_or_digits():
    with pytest.raises(InvalidValue, match="---"):
        Relation(payer="---", account="ACME")
    with pytest.raises(InvalidValue, match="&"):
        Alias(words=("canteen", "&"), account="ACME")


def test_a_member_of_the_group_is_weaker_than_the_debtor():
    both = [view(invoice("INV-1"), group="HOLDING"), view(account="BETA", group="HOLDING")]
    found = propose(paid(100, "INV-1", account="BETA"), both, POLICY)
    assert because(found) == ["reference", "group", "exact_amount"]
    assert "weak_debtor" in against(found)
    trusting = attrs.evolve(POLICY, debtors=POLICY.debtors | {"group"})
    assert propose(paid(100, "INV-1", account="BETA"), both, trusting).posting


def test_relations_are_suggested_for_a_payer_that_pays_for_one_account_only():
    confirmed = [(paid(1, payer="Acme"), "ACME"), (paid(2, payer="ACME"), "ACME"), (paid(3, payer="Beta"), "BETA")]
    assert suggest_relations(confirmed) == (Relation(payer="ACME", account="ACME"),)
    by_account = [(attrs.evolve(each, payer_account="NL91ABNA0417164300"), account) for each, account in confirmed[:2]]
    assert suggest_relations(by_account) == (Relation(payer="NL91ABNA0417164300", account="ACME"),)
    assert suggest_relations([*confirmed, (paid(4, payer="acme"), "BETA")]) == ()
    assert suggest_relations(confirmed, suggest_relations(confirmed)) == ()


def test_aliases_are_not_suggested_where_another_account_has_the_same_words():
    confirmed = [(paid(1, "canteen 3/26"), "ACME"), (paid(2, "canteen 4/26"), "ACME")]
    assert suggest_aliases(confirmed) == (Alias(words=("CANTEEN",), account="ACME"),)
    assert suggest_aliases([*confirmed, (paid(3, "school canteen"), "BETA")]) == ()
    assert suggest_aliases(confirmed, suggest_aliases(confirmed)) == ()


# Searches ---------------------------------------------------------------------------------------------------------


def test_the_whole_statement_is_suggested():
    found = propose(paid(135), view(invoice("INV-1", 100), invoice("INV-2", 35)), POLICY)
    assert because(found) == ["account", "statement_total"]
    assert parts(found) == [("INV-1", "100.00"), ("INV-2", "35.00")]


def test_the_oldest_items_are_suggested_before_any_set():
    late = DUE + dt.timedelta(days=9)
    items = view(invoice("INV-1", 10), invoice("INV-2", 20), invoice("INV-3", 30, due=late))
    found = propose(paid(30), items, POLICY)
    assert because(found) == ["account", "exact_amount"]
    found = propose(paid(30), view(invoice("INV-1", 10), invoice("INV-2", 20), invoice("INV-3", 7, due=late)), POLICY)
    assert because(found) == ["account", "oldest_items"]


def test_a_set_is_suggested_where_it_is_the_only_one():
    late = DUE + dt.timedelta(days=9)
    items = [invoice("INV-1", 10), invoice("INV-2", 25, due=late), invoice("INV-3", 31, due=late)]
    found = propose(paid(41), view(*items), POLICY)
    assert because(found) == ["account", "subset_sum"]
    assert parts(found) == [("INV-1", "10.00"), ("INV-3", "31.00")]
    assert propose(paid(41), view(*items, invoice("INV-4", 31, due=late)), POLICY).proposals == ()


def test_a_search_that_was_stopped_says_so():
    items = view(*[invoice(f"INV-{at:03d}", 2 * at) for at in range(10, 50)])
    found = propose(paid(301), items, attrs.evolve(POLICY, most_steps=50))
    assert (found.proposals, found.gave_up) == ((), True)
    assert "gave up" in str(found)


def test_one_item_less_its_discount_or_within_the_tolerance_is_suggested():
    assert because(propose(paid(1176, on=dt.date(2026, 5, 14)), in_may(), POLICY)) == ["account", "discount"]
    assert because(propose(paid(99), view(invoice("INV-1")), TOLERANT)) == ["account", "tolerance"]


def test_without_a_debtor_and_a_reference_every_item_of_that_amount_is_a_candidate():
    both = [view(invoice("INV-1")), view(invoice("INV-2", account="BETA"), account="BETA")]
    found = propose(paid(100, account="SUSPENSE"), both, POLICY)
    assert [each.account for each in found.proposals] == ["ACME", "BETA"]
    assert "unknown_debtor" in against(found)


def test_the_text_may_confirm_an_item_by_its_amount_and_its_day():
    plain = propose(paid(100, "INV-1"), view(invoice("INV-1")), POLICY).best
    told = propose(paid(100, "INV-1 of 5.1.2026, 100,00"), view(invoice("INV-1")), POLICY).best
    assert [reason.code for reason in told.reasons][-2:] == ["amount_in_text", "date_in_text"]
    assert told.points > plain.points


# The index --------------------------------------------------------------------------------------------------------


def test_a_posting_gives_a_new_index_and_leaves_the_old_one():
    index = MatchIndex.of([view(*[invoice(f"INV-{at:03d}", at + 1) for at in range(3 * BLOCK)])])
    made = Allocation(source="P", item="INV-100", amount=eur(100))
    after = index.after("ACME", [made])
    assert (str(index.open("ACME", "INV-100")), str(after.open("ACME", "INV-100"))) == ("101.00 EUR", "1.00 EUR")
    span = index.layout.spans[0]
    assert index.total(span) - after.total(span) == 10_000
    assert [open_ for _, open_ in after.oldest(span)].count(100) == 2
    assert parts(propose(paid(1, "INV-100"), after, POLICY)) == [("INV-100", "1.00")]
    assert sorted(after.layout.items[at].id for at in after.between(0, 100, 100)) == ["INV-000", "INV-100"]


def test_closed_items_are_passed_over():
    index = MatchIndex.of([view(*[invoice(f"INV-{at:03d}", 1) for at in range(3 * BLOCK)])])
    made = [Allocation(source="P", item=f"INV-{at:03d}", amount=eur(1)) for at in range(2 * BLOCK)]
    after = index.after("ACME", made)
    assert next(after.oldest(after.layout.spans[0]))[0] == 2 * BLOCK
    assert list(after.between(0, 100, 100)) == list(range(2 * BLOCK, 3 * BLOCK))
    assert parts(propose(paid(BLOCK), after, POLICY))[0] == ("INV-128", "1.00")


def test_a_closed_item_is_within_no_tolerance():
    generous = attrs.evolve(POLICY, tolerances=(eur(5),))
    index = MatchIndex.of([view(invoice("INV-1", 100), invoice("INV-2", 200))])
    after = index.after("ACME", [Allocation(source="P", item="INV-1", amount=eur(100))])
    assert propose(paid(3), after, generous).proposals == ()
    meant = [("ACME", Designation(item="INV-1", amount=eur(100)))]
    reserved = MatchIndex.of([view(invoice("INV-1", 100))], reserved=meant)
    assert propose(paid(3), reserved, generous).proposals == ()


def test_an_index_refuses_what_cannot_be():
    index = MatchIndex.of([view(invoice("INV-1"))])
    with pytest.raises(InvalidValue, match="ACME"):
        MatchIndex.of([view(), view()])
    with pytest.raises(UnknownId, match="INV-2"):
        index.after("ACME", [Allocation(source="P", item="INV-2", amount=eur(1))])
    with pytest.raises(OverApplied, match="101"):
        index.after("ACME", [Allocation(source="P", item="INV-1", amount=eur(101))])
    with pytest.raises(WrongType, match="a view"):
        MatchIndex.of(["ACME"])


def test_only_what_is_left_of_a_payment_is_proposed():
    items = view(invoice("INV-1", 100), invoice("INV-2", 35))
    assert parts(propose(paid(135, "INV-2"), items, POLICY, left=eur(35))) == [("INV-2", "35.00")]
    assert propose(paid(135, "INV-2"), items, POLICY, left=eur(0)).proposals == ()
    with pytest.raises(InvalidValue, match=r"136\.00"):
        propose(paid(135), items, POLICY, left=eur(136))
    with pytest.raises(CurrencyMismatch):
        propose(paid(135), items, POLICY, left=Money.of(1, "USD"))


# What it says -----------------------------------------------------------------------------------------------------


def test_proposals_show_every_allocation_and_every_reason():
    found = propose(paid(100), view(invoice("INV-1")), POLICY)
    assert found.rows() == [
        {
            "rank": 1,
            "account": "ACME",
            "source": "P",
            "item": "INV-1",
            "amount": "100.00",
            "currency": "EUR",
            "kind": "exact_amount",
            "points": 60,
            "post": False,
            "reasons": "account, exact_amount",
            "against": "no_reference, below_threshold",
        }
    ]
    assert "nothing found" in str(propose(paid(1), view(invoice("INV-1")), POLICY))


def test_the_reasons_against_stand_in_their_order_of_precedence():
    found = propose(paid(100, account="SUSPENSE"), view(invoice("INV-1"), invoice("INV-2")), POLICY)
    codes = against(found)
    assert codes == sorted(codes, key=AGAINST.index)
    assert len(codes) > 2


def test_accounts_in_any_order_give_the_same_proposals():
    views = [
        view(invoice("INV-1", account=name), invoice("INV-2", account=name), account=name) for name in ("C", "A", "B")
    ]
    answers = {str(propose(paid(100, account="X"), order, POLICY)) for order in itertools.permutations(views)}
    assert len(answers) == 1


def test_what_is_used_of_a_credit_note_must_be_there():
    note = CreditNote(number="CN-77", account="ACME", issued_on=ISSUED, total=eur(50))
    index = MatchIndex.of([view(invoice("INV-71", 100), notes=(note,))])
    used = index.after("ACME", [Allocation(source="CN-77", item="INV-71", amount=eur(30))])
    with pytest.raises(OverApplied, match="21"):
        used.after("ACME", [Allocation(source="CN-77", item="INV-71", amount=eur(21))])


def test_a_search_among_more_items_than_are_looked_at_says_so():
    items = view(*[invoice(f"INV-{at:03d}", 3 * at) for at in range(10, 30)])
    found = propose(paid(85), items, attrs.evolve(POLICY, most_candidates=5))
    assert (found.proposals, found.gave_up) == ((), True)
    assert not propose(paid(85), items, POLICY).gave_up


def test_a_payment_of_nobody_suggests_no_relation():
    assert suggest_relations([(paid(1), "ACME"), (paid(2), "ACME")]) == ()
