"""Account reconciliation: each item of either side in one row, with why it may differ and what to do next."""

import csv
import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal

import pytest
from tests.service.world import EUR, FEE, INTEREST, TODAY, USD, World, day, eur, furnished

from receivables import (
    Account,
    CreditNote,
    Customer,
    DiscountWindow,
    Installment,
    Invoice,
    Money,
    Payment,
    Schedule,
)
from receivables.documents.payment import Designation
from receivables.errors import InvalidValue, WrongType
from receivables.reports import reconciliation
from receivables.reports.reconciliation import reconcile
from receivables.reports.reconciliation_guesses import are_transposed
from receivables.reports.reconciliation_rows import TheirItem
from receivables.reports.reconciliation_steps import (
    GUESS_WORDS,
    GUESSES,
    LISTS,
    STATUS_WORDS,
    STATUSES,
    STEP_WORDS,
    STEPS,
    next_step,
)


def invoice(number, amount, account="ACME", **more):
    total = amount if isinstance(amount, Money) else eur(amount)
    return Invoice.due(number=number, account=account, issued_on=TODAY, total=total, due_on=day(30), **more)


def of(*invoices, **more):
    return Account.of(Customer(id="ACME"), invoices=invoices, **more)


def listed(*items):
    """Their list, from (reference, amount) or (reference, amount, kind)."""
    return [
        TheirItem(
            reference=ref, amount=amount if isinstance(amount, Money) else eur(amount), kind=kind[0] if kind else None
        )
        for ref, amount, *kind in items
    ]


def compared(account, *items, **more):
    as_of = more.pop("as_of", day(60))
    return reconcile(account, account.view(as_of), listed(*items), **more)


def story(report):
    """Reference, status, guess and step of each row."""
    return [(row.reference, row.status, row.guess, row.step) for row in report.lines]


def only(report):
    (row,) = report.lines
    return row


# How they belong together -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference", ["INV-0147", "inv 147", "INV0147", "Invoice INV-0147 of 2 March", "0147", "147", "Rg. INV-147"]
)
def test_a_reference_is_found_whichever_way_it_is_written(reference):
    row = only(compared(of(invoice("INV-0147", 100)), (reference, 100)))
    assert (row.reference, row.status, row.step) == ("INV-0147", "agreed", "none")


def test_a_creditor_reference_stands_for_the_number_in_it():
    account = of(invoice("INV-539007547034", 100), invoice("INV-8", 100))
    report = compared(account, ("RF18 5390 0754 7034", 100), ("RF17 5390 0754 7034", 100))
    assert [(row.reference, row.status) for row in report.lines] == [
        ("INV-539007547034", "agreed"),
        ("INV-8", "missing_with_them"),
        ("RF17 5390 0754 7034", "missing_with_us"),
    ]


@pytest.mark.parametrize("reference", ["INV-1470", "INV-14", "47", "INV-0147-2"])
def test_a_part_of_a_number_is_another_number(reference):
    report = compared(of(invoice("INV-0147", 100)), (reference, 100))
    assert [row.status for row in report.lines] == ["missing_with_them", "missing_with_us"]


def test_signs_at_other_places_make_another_number():
    report = compared(of(invoice("18-14", 100)), ("1-814", 100))
    assert [row.status for row in report.lines] == ["missing_with_them", "missing_with_us"]


def test_equal_amounts_are_a_suggestion_and_never_a_match():
    report = compared(of(invoice("INV-1", 100)), ("4711", 100))
    assert [(row.status, row.suggestion) for row in report.lines] == [
        ("missing_with_them", "4711"),
        ("missing_with_us", "INV-1"),
    ]
    assert report.total("EUR").difference == eur(0)


def test_several_equal_amounts_are_suggested_by_their_day_or_not_at_all():
    account = of(invoice("INV-1", 100), invoice("INV-2", 100))
    items = [
        TheirItem(reference="X", amount=eur(100), on=TODAY),
        TheirItem(reference="Y", amount=eur(100), on=day(1)),
    ]
    report = reconcile(account, account.view(day(60)), items)
    assert [row.suggestion for row in report.lines] == [None] * 4
    one = of(invoice("INV-1", 100))
    report = reconcile(one, one.view(day(60)), items)
    assert [(row.reference, row.suggestion) for row in report.lines] == [("INV-1", "X"), ("X", "INV-1"), ("Y", None)]


def test_a_bare_number_that_may_be_two_documents_is_a_question():
    account = of(invoice("A-7", 100), invoice("B-7", 200))
    assert ("7", "missing_with_us", "ambiguous", "ask_which") in story(compared(account, ("7", 300)))
    assert ("B-7", "agreed", None, "none") in story(compared(account, ("7", 200)))


def test_a_bare_number_belongs_to_a_document_of_its_own_side():
    account = of(invoice("INV-7", 100))
    report = compared(account, ("7", -40))
    assert [row.status for row in report.lines] == ["missing_with_them", "missing_with_us"]
    assert only(compared(account, ("INV-7", 100), ("INV-7", -40))).theirs == eur(60)


def test_a_number_in_passing_is_no_reference():
    payments = [Payment(id="P-2", account="ACME", amount=eur(100), value_date=TODAY)]
    account = of(invoice("INV-2026", 40), payments=payments)
    for text in ("transfer of 2 March", "paid in March 2026 with 17", "2 of 3"):
        assert len(compared(account, (text, -90, "payment")).lines) == 3, text
    assert [row.status for row in compared(account, ("our no. 2", -100)).lines] == ["missing_with_them", "agreed"]


def test_the_same_number_in_another_currency_is_said_and_not_mixed():
    report = compared(of(invoice("INV-1", 100)), ("INV-1", Money.of(100, "USD")))
    assert story(report) == [
        ("INV-1", "missing_with_them", "other_currency", "compare_currency"),
        ("INV-1", "missing_with_us", "other_currency", "compare_currency"),
    ]
    assert (report.total(EUR).difference, report.total(USD).difference) == (eur(100), Money.of(-100, "USD"))


def test_installments_are_one_row_or_several_as_they_list_them():
    parts = (Installment(amount=eur(60), due_on=day(10)), Installment(amount=eur(40), due_on=day(40)))
    split = Invoice(
        number="INV-1", account="ACME", issued_on=TODAY, total=eur(100), schedule=Schedule(installments=parts)
    )
    ids = tuple(id for id, _ in split.items())
    assert only(compared(of(split), ("INV-1", 100))).ids == ids
    assert only(compared(of(split), ("INV-1", 60), ("INV-1", 40))).status == "agreed"
    apart = compared(of(split), (ids[0], 60))
    assert [(row.reference, row.status) for row in apart.lines] == [(ids[0], "agreed"), (ids[1], "missing_with_them")]
    both = compared(of(split), ("INV-1", 100), (ids[0], 60))
    assert [(row.reference, row.status) for row in both.lines] == [("INV-1", "agreed"), (ids[0], "repeated_by_them")]


# How they stand -----------------------------------------------------------------------------------------------------


def test_what_is_closed_with_us_and_open_with_them_names_what_closed_it():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 20)
    world.settle("INV-1", 100)
    account = world.app.account("ACME")
    row = only(compared(account, ("INV-1", 100)))
    assert (row.status, row.step, row.difference) == ("paid", "tell_payment", eur(-100))
    assert row.hint == f"P INV-1 100 of {TODAY}"
    assert f"P INV-1 100 of {TODAY}" in row.says
    assert only(compared(account, ("INV-1", 0))).status == "closed"
    assert compared(account).lines == ()


def test_credits_and_payments_on_account_are_rows_below_zero():
    payment = Payment(id="P-1", account="ACME", amount=eur(50), value_date=TODAY)
    note = CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur(20))
    account = of(payments=[payment], credit_notes=[note])
    report = compared(account, ("CN-1", -20), ("their transfer 9", -70, "payment"), ("GS-4", -5, "credit_note"))
    assert [(row.reference, row.status, row.step, row.difference) for row in report.lines] == [
        ("CN-1", "agreed", "none", eur(0)),
        ("P-1", "missing_with_them", "ask_remittance", eur(-50)),
        ("GS-4", "missing_with_us", "judge_credit", eur(5)),
        ("their transfer 9", "missing_with_us", "book_payment", eur(70)),
    ]
    assert report.total("EUR").difference == eur(25)


def test_charges_are_rows_of_their_own_beside_their_invoice():
    world = furnished()
    account = world.app.account("STRICT")
    report = reconcile(account, account.view(world.today), listed(("INV-S", 700), ("INV-P", 900)))
    found = {row.reference: (row.kind, row.status, row.step) for row in report.lines}
    assert found["INV-S"] == ("invoice", "agreed", "none")
    assert found[FEE] == ("fee", "missing_with_them", "explain_charge")
    assert found[INTEREST] == ("interest", "missing_with_them", "explain_charge")


def test_money_that_went_nowhere_or_is_not_there_yet_is_no_credit():
    payment = Payment(id="P-1", account="ACME", amount=eur(50), value_date=TODAY, status="pending")
    assert compared(of(payments=[payment])).lines == ()


def test_what_they_list_twice_counts_once_and_is_a_row_of_its_own():
    report = compared(of(invoice("INV-1", 100)), ("INV-1", 100), ("inv 1", 100), ("77", 5), ("77", 5))
    assert sorted(story(report)) == [
        ("77", "missing_with_us", None, "ask_copy"),
        ("77", "repeated_by_them", None, "ask_removal"),
        ("INV-1", "agreed", None, "none"),
        ("inv 1", "repeated_by_them", None, "ask_removal"),
    ]
    assert report.total("EUR").difference == eur(-110)


def test_what_stands_twice_with_us_is_pointed_at():
    account = of(invoice("INV-01", 100), invoice("INV-1", 100))
    row = next(row for row in compared(account, ("INV-1", 100)).lines if row.reference == "INV-01")
    assert (row.status, row.hint, row.step) == ("repeated_by_us", "INV-1", "check_double")
    none = compared(account)
    assert [row.status for row in none.lines] == ["missing_with_them", "repeated_by_us"]
    other = of(invoice("INV-01", 99), invoice("INV-1", 100))
    assert [row.status for row in compared(other).lines] == ["missing_with_them"] * 2


# Why they differ ----------------------------------------------------------------------------------------------------


def test_a_payment_that_they_took_off_and_we_have_on_account():
    payment = Payment(id="P-1", account="ACME", amount=eur(30), value_date=day(3))
    report = compared(of(invoice("INV-1", 100), payments=[payment]), ("INV-1", 70), ("P-1", 0))
    row = report.lines[0]
    assert (row.guess, row.hint, row.step) == ("payment_on_account", f"P-1 of {day(3)}", "apply_payment")
    missing = compared(of(invoice("INV-1", 30), payments=[payment]))
    assert story(missing)[0] == ("INV-1", "missing_with_them", "payment_on_account", "apply_payment")


def test_a_credit_note_that_they_took_off_and_we_have_on_account():
    note = CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur(30))
    report = compared(of(invoice("INV-1", 100), credit_notes=[note]), ("INV-1", 70))
    assert (report.lines[1].guess, report.lines[1].step) == ("credit_on_account", "apply_credit")


def test_two_payments_of_that_amount_are_no_evidence():
    payments = [Payment(id=f"P-{n}", account="ACME", amount=eur(30), value_date=day(3)) for n in (1, 2)]
    report = compared(of(invoice("INV-1", 100), payments=payments), ("INV-1", 70))
    assert report.lines[0].guess == "they_owe_less"


def test_payments_that_they_have_not_booked():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 20)
    world.settle("INV-1", 30)
    world.settle("INV-1", 25)
    world.app.issue_credit_note(
        CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur(10), against="INV-1"), key="CN-1"
    )
    account = world.app.account("ACME")
    found = {
        theirs: (row.guess, row.hint, row.step)
        for theirs in (65, 90, 45, 100)
        for row in compared(account, ("INV-1", theirs)).lines
        if row.reference == "INV-1"
    }
    assert found == {
        65: ("payment_not_booked", f"P INV-1 30 of {TODAY}", "tell_payment"),
        90: ("payment_not_booked", f"P INV-1 25 of {TODAY}, P INV-1 30 of {TODAY}", "tell_payment"),
        45: ("credit_not_booked", f"CN-1 of {TODAY}", "send_credit_note"),
        100: ("payment_not_booked", f"CN-1 of {TODAY}, P INV-1 25 of {TODAY}, P INV-1 30 of {TODAY}", "tell_payment"),
    }


def test_a_discount_a_dispute_and_money_on_its_way():
    window = DiscountWindow(until=day(14), percent=Decimal(2), amount=eur(2))
    discounted = Invoice(
        number="INV-1",
        account="ACME",
        issued_on=TODAY,
        total=eur(100),
        schedule=Schedule(installments=(Installment(amount=eur(100), due_on=day(30), discounts=(window,)),)),
    )
    row = only(compared(of(discounted), ("INV-1", 98)))
    assert (row.guess, row.step) == ("discount", "judge_discount")
    world = World()
    world.open()
    world.invoice("INV-2", 100, 20)
    world.dispute("D-1", "INV-2", "40")
    row = only(compared(world.app.account("ACME"), ("INV-2", 60)))
    assert (row.guess, row.hint, row.step) == ("credit_missing", "D-1", "issue_credit_note")
    world.invoice("INV-3", 100, 20)
    designated = (Designation(item="INV-3", amount=eur(70)),)
    world.pay("C-1", 70, status="pending", designated=designated)
    row = next(row for row in compared(world.app.account("ACME"), ("INV-3", 30)).lines if row.reference == "INV-3")
    assert (row.guess, row.hint, row.step) == ("payment_pending", "C-1", "wait")


def test_digits_the_other_way_round_tax_and_tolerance_are_told_apart():
    account = of(invoice("INV-1", "1254.00"))
    more = {"tolerances": [eur("0.50")], "tax_percents": [Decimal(19), Decimal(7)]}
    guesses = {
        theirs: only(compared(account, ("INV-1", theirs), **more)).guess
        for theirs in ("1245.00", "1053.78", "1492.26", "1253.50", "1253.49", "1300.00")
    }
    assert guesses == {
        "1245.00": "transposed_digits",
        "1053.78": "tax",
        "1492.26": "tax",
        "1253.50": "tolerance",
        "1253.49": "they_owe_less",
        "1300.00": "they_owe_more",
    }
    assert only(compared(account, ("INV-1", "1053.78"), **more)).hint == "19 %"


def test_a_difference_that_nine_divides_is_no_transposition_by_itself():
    assert (1254 - 1200) % 9 == 0
    assert not are_transposed(1254, 1200)
    assert not are_transposed(1254, 1254)
    assert not are_transposed(100, 10)
    assert not are_transposed(1234, 2143)


# The report ---------------------------------------------------------------------------------------------------------


def test_a_ledger_is_posted_to_where_a_customer_is_asked():
    account = of(invoice("INV-1", 100), invoice("INV-2", 50))
    report = compared(account, ("INV-1", 90), ("INV-9", 5), against="ledger")
    assert [row.step for row in report.lines] == ["compare_postings", "post_item", "find_posting"]
    assert str(report).startswith(f"reconciliation of ACME with the ledger as of {day(60)}\nreference")


def test_the_report_reads_as_a_table_and_as_rows():
    report = compared(of(invoice("INV-1", 100)), ("INV-1", 90))
    assert report.rows() == [
        {
            "reference": "INV-1",
            "kind": "invoice",
            "on": TODAY,
            "currency": "EUR",
            "ours": "100.00",
            "theirs": "90.00",
            "difference": "10.00",
            "status": "differing",
            "guess": "they_owe_less",
            "hint": None,
            "step": "ask_remittance",
            "suggestion": None,
        }
    ]
    assert report.totals()[0]["differing"] == "10.00"
    assert report._repr_html_().startswith("<table><caption>Reconciliation of ACME with the customer")
    assert str(compared(of())).endswith("nothing open with either")
    assert (report.is_agreed, len(report.to_do), len(report.having("differing"))) == (False, 1, 1)
    assert compared(of(invoice("INV-1", 100)), ("INV-1", 100)).is_agreed


def test_a_report_of_yesterday_does_not_know_todays_payment():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 20)
    world.at(1)
    world.pay("P-1", 100, on=0)
    world.apply("P-1", "INV-1", 100)
    account = world.app.account("ACME")
    asked = listed(("INV-1", 100))
    assert only(reconcile(account, account.view(TODAY, TODAY), asked)).status == "agreed"
    assert only(reconcile(account, account.view(TODAY), asked)).status == "paid"


def test_misuse_is_refused_with_the_value():
    account = of()
    view = account.view(TODAY)
    with pytest.raises(InvalidValue, match=r"reconcile\.view: must be of account 'ACME', got 'BETA'"):
        reconcile(account, Account.of(Customer(id="BETA")).view(TODAY), [])
    with pytest.raises(InvalidValue, match=r"reconcile\.against"):
        reconcile(account, view, [], against="bank")
    with pytest.raises(WrongType, match=r"reconcile\.theirs\[0\]"):
        reconcile(account, view, [("INV-1", 5)])
    with pytest.raises(InvalidValue, match=r"reconcile\.tolerances\[1\]"):
        reconcile(account, view, [], tolerances=[eur(1), eur(2)])
    with pytest.raises(
        InvalidValue, match=r"their_item\.amount: must not be above zero for a payment, got '5\.00 EUR'"
    ):
        TheirItem(reference="x", amount=eur(5), kind="payment")
    with pytest.raises(InvalidValue, match="their_item.kind"):
        TheirItem(reference="x", amount=eur(5), kind="order")
    with pytest.raises(InvalidValue, match=r"reconciliation\.status"):
        reconcile(account, view, []).having("lost")


def test_a_list_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(reconciliation, "MOST_LISTED", 2)
    account = of(invoice("INV-1", 100))
    assert len(compared(account, ("INV-1", 100), ("X", 1)).lines) == 2
    with pytest.raises(InvalidValue, match=r"reconcile\.theirs: must have at most 2 items, got 3"):
        compared(account, ("INV-1", 100), ("X", 1), ("Y", 1))


def test_every_status_and_guess_has_words_and_a_step_for_either_list():
    assert len(STATUS_WORDS) == len(STATUSES)
    assert len(GUESS_WORDS) == len(GUESSES)
    assert len(STEP_WORDS) == len(STEPS)
    kinds = ("invoice", "fee", "interest", "payment", "credit_note")
    steps = {
        next_step(against, status, kind, guess)
        for against in LISTS
        for status in STATUS_WORDS
        for kind in kinds
        for guess in (None, *GUESS_WORDS)
    }
    assert steps == set(STEP_WORDS)
    quiet = {s for s in STATUS_WORDS for a in LISTS if next_step(a, s, "invoice", None) == "none"}
    assert quiet <= {"agreed", "closed", "differing"}


# Real ledgers with damage that we made ------------------------------------------------------------------------------


def damaged(rng, items):
    """A list as it is, with damage at known places: (list, reference -> what was done)."""
    theirs, done = [], {}
    for reference, true in items:
        amount, roll = true, rng.random()
        if roll < 0.04:
            done[reference] = "removed"
            continue
        if roll < 0.08:
            done[reference] = "changed"
            amount = Money(true.minor + 100_000 + rng.randrange(7), amount.currency)
        elif roll < 0.12 and (swapped := transposed(true)) is not None:
            done[reference] = "transposed"
            amount = swapped
        theirs.append(TheirItem(reference=reference, amount=amount))
        if 0.12 <= roll < 0.16:
            done[reference] = "repeated"
            theirs.append(TheirItem(reference=f"no. {reference.lower()}", amount=amount))
        if 0.16 <= roll < 0.20:
            unknown = f"ZZ{reference}9X"
            done[unknown] = "unknown"
            theirs.append(TheirItem(reference=unknown, amount=Money(31 + rng.randrange(9), amount.currency)))
    rng.shuffle(theirs)
    return theirs, done


def transposed(amount):
    """The amount with the first two neighboring digits swapped that differ and leave no zero in front."""
    digits = str(amount.minor)
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1] and (at or digits[1] != "0"):
            return Money(int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]), amount.currency)
    return None


NAMED = {
    ("missing_with_them", None): "removed",
    ("differing", "they_owe_more"): "changed",
    ("differing", "transposed_digits"): "transposed",
    ("repeated_by_them", None): "repeated",
    ("missing_with_us", None): "unknown",
}


def distributor(find):
    with find("ledger_distributor/open_invoices.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            issued = dt.date.fromisoformat(row["posting_date"])
            yield row["cust_number"], row["doc_id"], Money.of(row["amount"], row["currency"]), issued


def ibm(find):
    with find("ledger_ibm/invoices.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            issued = dt.datetime.strptime(row["InvoiceDate"], "%m/%d/%Y").date()
            yield row["customerID"], row["invoiceNumber"], Money.of(row["InvoiceAmount"], "USD"), issued


@pytest.mark.parametrize("ledger", [distributor, ibm])
def test_every_damage_in_a_real_ledger_is_found_and_named_and_nothing_else(ledger, shared_data):
    """The list is the ledger itself, so all that differs is what we did to it."""
    customers = defaultdict(dict)
    for customer, number, amount, issued in ledger(shared_data):
        if amount.minor > 0:
            customers[customer].setdefault(number, (amount, issued))
    rng = random.Random(4)
    made, found = defaultdict(int), defaultdict(int)
    for customer, documents in customers.items():
        invoices = [
            Invoice.due(number=number, account=customer, issued_on=issued, total=amount, due_on=issued)
            for number, (amount, issued) in documents.items()
        ]
        account = Account.of(Customer(id=customer), invoices=invoices)
        theirs, done = damaged(rng, [(number, amount) for number, (amount, _) in documents.items()])
        report = reconcile(account, account.view(dt.date(2021, 1, 1)), theirs)
        named = {
            (row.hint or row.reference): NAMED[row.status, row.guess] for row in report.lines if row.status != "agreed"
        }
        assert named == done, customer
        for what in done.values():
            made[what] += 1
        for what in named.values():
            found[what] += 1
        for currency in report.currencies:
            rows = sum(row.difference.minor for row in report.lines if row.ours.currency == currency)
            ours = sum(amount.minor for amount, _ in documents.values() if amount.currency == currency)
            listed_ = sum(each.amount.minor for each in theirs if each.amount.currency == currency)
            assert rows == ours - listed_
    assert found == made
    assert all(made[what] > 40 for what in NAMED.values())
