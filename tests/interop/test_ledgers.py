"""Two programs read the journal, find nothing wrong with it, and come to the same balances as the library.

``beancount`` comes with the group of packages for tests, ``hledger`` from the distribution; without one, its tests skip.
"""

import csv
import datetime as dt
import json
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from importlib.util import find_spec

import attrs
import pytest
from tests.reports.stories import ACCOUNTS, EUR, JPY, USD, Story

from receivables import Allocation, Customer, Invoice, Money, Payment, fold
from receivables.errors import InvalidValue
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.invoice import InvoiceIssued
from receivables.interop.beancount_text import beancount_text
from receivables.interop.hledger_text import hledger_text
from receivables.interop.ledger_text import LedgerBalance, customer_part, digits
from receivables.policies.accounts import AccountMap, AccountRule
from receivables.policies.periods import Periods
from receivables.reports.exchange import exchange_result
from receivables.reports.journal import Journal, entries, journal
from receivables.values.currencies import Currency

HISTORIES = 1_000
STANDARD = AccountMap.standard()
BY_CUSTOMER = ACCOUNTS.names("receivable") | ACCOUNTS.names("unapplied")
BEANCOUNT = """
import collections, json, sys
from beancount import loader
from beancount.core import data
found, errors, _ = loader.load_file(sys.argv[1])
for error in errors[:5]:
    print(error.source, error.message, file=sys.stderr)
balances = []
for until in sys.argv[2:]:
    sums = collections.Counter()
    for each in data.filter_txns(found):
        if str(each.date) <= until:
            for posting in each.postings:
                sums[posting.account, posting.units.currency] += posting.units.number
    balances.append([[*place, str(number)] for place, number in sums.items()])
print(json.dumps(balances))
sys.exit(bool(errors))
"""
"""What ``bean-check`` does, and the balance of each account at the end of some days from the same reading."""


def beancount(text, tmp_path, *days):
    """Refused by beancount, or the balance of each account at the end of each day."""
    if find_spec("beancount") is None:
        pytest.skip("beancount is not installed")
    path = tmp_path / "journal.beancount"
    path.write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", BEANCOUNT, path, *map(str, days)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return [balanced(rows) for rows in json.loads(ran.stdout)]


def hledger(text, tmp_path, *days):
    """Refused by hledger, or the balance of each account at the end of each day."""
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed")
    path = tmp_path / "journal.hledger"
    path.write_text(text, encoding="utf-8")
    # Names are UTF-8 whatever the machine speaks.
    run = {"capture_output": True, "encoding": "utf-8", "env": {"LC_ALL": "C.UTF-8"}}
    checked = subprocess.run([program, "-f", path, "check", "--strict", "ordereddates"], check=False, **run)
    assert checked.returncode == 0, checked.stderr
    found = []
    for day in days:
        end = [] if day == dt.date.max else ["-e", str(day + dt.timedelta(days=1))]
        shown = ["balance", "-N", "--flat", "--layout=bare", "-O", "csv"]
        ran = subprocess.run([program, "-f", path, *shown, *end], check=False, **run)
        assert ran.returncode == 0, ran.stderr
        found.append(balanced(list(csv.reader(ran.stdout.splitlines()))[1:]))
    return found


def balanced(rows):
    return {(account, code): Decimal(number) for account, code, number in rows if Decimal(number)}


BOTH = pytest.mark.parametrize(("program", "text"), [(beancount, beancount_text), (hledger, hledger_text)])


def plain(balances):
    return {(account, currency.code): money.amount for (account, currency), money in balances.items()}


# 1,000 random histories -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told():
    """Logs of a thousand customers, two by two, in which all that moves money happens."""
    logs = {}
    for seed in range(HISTORIES // 2):
        logs |= Story(random.Random(seed), names=(f"A{seed}", f"B {seed}")).tell(24).facts
    return logs


@pytest.fixture(scope="module")
def books(told):
    return {name: journal(facts, ACCOUNTS) for name, facts in told.items()}


def expected(told, books):
    """The balances as the reports show them; of what no report has, what the journal says."""
    wanted = plain(Journal.together(books.values()).balances())
    for name, facts in told.items():
        result = exchange_result(fold(facts), dt.date.max)
        if result.currency is not None:
            gain, loss = (books[name].balance(role, EUR) for role in ("exchange_gain", "exchange_loss"))
            assert (-gain, loss) == (result.gain, result.loss)
    return {place: amount for place, amount in wanted.items() if place[0] not in BY_CUSTOMER}


def check_customers(found, told):
    """Control account less what is on account, of every customer in every currency, is the balance of its view."""
    sums = defaultdict(Decimal)
    for (account, code), number in found.items():
        name, _, part = account.rpartition(":")
        if name in BY_CUSTOMER:
            role = "owed" if name in ACCOUNTS.names("receivable") else "unapplied"
            sums[part, role, code] += number
    for name, facts in told.items():
        view, part = fold(facts).view(dt.date.max), customer_part(name)
        for currency in (EUR, USD, JPY):
            assert sums.pop((part, "owed", currency.code), 0) == view.open_total(currency).amount
            assert sums.pop((part, "unapplied", currency.code), 0) == -view.on_account(currency).amount
    assert not sums


@BOTH
def test_a_thousand_random_histories_come_to_what_the_views_show(program, text, told, books, tmp_path):
    entries = Journal.together(books.values()).entries
    (found,) = program(text(entries, by_customer=BY_CUSTOMER), tmp_path, dt.date.max)
    check_customers(found, told)
    others = {place: number for place, number in found.items() if place[0].rpartition(":")[0] not in BY_CUSTOMER}
    assert others == expected(told, books)
    assert not [account for account, _ in found if account == "Assets:Transfers"]


# Both published ledgers -----------------------------------------------------------------------------------------------


def log_of(account, documents):
    """A log: its invoices, and for each that was paid the payment and its allocation."""
    known = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    yield AccountOpened(customer=Customer(id=account), effective_on=documents[0].issued_on, recorded_at=known)
    for each in documents:
        yield InvoiceIssued(invoice=each, effective_on=each.issued_on, recorded_at=known)


def paid_on(invoice, day):
    known, id = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), f"P {invoice.number}"
    paid = Payment(id=id, account=invoice.account, amount=invoice.total, value_date=day)
    yield PaymentReceived(payment=paid, effective_on=day, recorded_at=known)
    part = Allocation(source=id, item=invoice.number, amount=invoice.total)
    on = max(day, invoice.issued_on)
    yield AllocationMade(id=f"a {id}", allocation=part, effective_on=on, recorded_at=known)


def ledger_ibm(path):
    def day(text):
        month, day, year = map(int, text.split("/"))
        return dt.date(year, month, day)

    documents = defaultdict(list)
    settled = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        invoice = Invoice.due(
            number=row["invoiceNumber"],
            account=row["customerID"],
            issued_on=day(row["InvoiceDate"]),
            total=Money.of(row["InvoiceAmount"], "USD"),
            due_on=day(row["DueDate"]),
        )
        documents[invoice.account].append(invoice)
        settled[invoice.number] = day(row["SettledDate"])
    for account, mine in documents.items():
        money = [fact for each in mine for fact in paid_on(each, settled[each.number])]
        yield journal([*log_of(account, mine), *money], STANDARD)


@BOTH
def test_a_published_ledger_comes_to_its_own_figures(program, text, shared_data, tmp_path):
    made = Journal.together(ledger_ibm(shared_data("ledger_ibm/invoices.csv")))
    truth = json.loads(shared_data("ledger_ibm/truth.json").read_text(encoding="utf-8"))["asof"]
    days = [dt.date.fromisoformat(day) for day in truth]
    for as_of, found in zip(days, program(text(made.entries), tmp_path, *days), strict=True):
        assert found["Assets:Receivable", "USD"] == Decimal(str(truth[str(as_of)]["total"]["open_total"]))
        assert found == plain(made.balances(as_of))


def ledger_distributor(path):
    documents = defaultdict(dict)
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        invoice = Invoice.due(
            number=row["doc_id"],
            account=f"{row['business_code']}:{row['cust_number']}",
            issued_on=dt.date.fromisoformat(row["posting_date"]),
            total=Money.of(row["amount"], row["currency"]),
            due_on=dt.date.fromisoformat(row["due_in_date"]),
        )
        documents[invoice.account][invoice.number] = invoice
    for account, mine in documents.items():
        yield journal(log_of(account, list(mine.values())), STANDARD)


@BOTH
def test_a_published_ledger_in_two_currencies_comes_to_its_own_totals(program, text, shared_data, tmp_path):
    made = Journal.together(ledger_distributor(shared_data("ledger_distributor/open_invoices.csv")))
    truth = json.loads(shared_data("ledger_distributor/truth.json").read_text(encoding="utf-8"))
    days = [dt.date.fromisoformat(day) for day in truth]
    for as_of, found in zip(days, program(text(made.entries), tmp_path, *days), strict=True):
        for code, total in truth[str(as_of)]["totals"].items():
            assert found["Assets:Receivable", code] == Decimal(total["open"])


# What each program is strict about --------------------------------------------------------------------------------------

DAY = dt.date(2026, 1, 5)


def bill(number, amount, account="ACME"):
    total = amount if isinstance(amount, Money) else Money.of(amount, "EUR")
    return Invoice.due(number=number, account=account, issued_on=DAY, total=total, due_on=DAY)


def posted(*documents, account="ACME", accounts=STANDARD, **more):
    return list(entries(log_of(account, list(documents)), accounts, **more))


@BOTH
def test_an_id_with_any_characters_is_read(program, text, tmp_path):
    odd = 'a "b", c; d|e: 50 % [2026-01-01] \\ ü\nf '
    (found,) = program(text(posted(bill(odd, 10, odd), account=odd)), tmp_path, dt.date.max)
    assert found["Assets:Receivable", "EUR"] == 10
    (found,) = program(text(posted(bill(odd, 10, odd), account=odd), by_customer={"Income:Sales"}), tmp_path, DAY)
    assert found[f"Income:Sales:{customer_part(odd)}", "EUR"] == -10


@BOTH
@pytest.mark.parametrize("currency", [Currency("BTC", 8), Currency("JPY", 0), Currency("KWD", 3), Currency("X1", 2)])
def test_every_number_of_decimals_is_read(program, text, currency, tmp_path):
    (found,) = program(text(posted(bill("I", Money(1234567, currency)))), tmp_path, dt.date.max)
    assert found["Assets:Receivable", currency.code] == Money(1234567, currency).amount


@BOTH
def test_a_balance_is_checked(program, text, tmp_path):
    def checked(amount):
        asserted = LedgerBalance(account="Assets:Receivable", on=DAY, amount=Money.of(amount, "EUR"))
        return program(text(posted(bill("I", 10)), balances=[asserted]), tmp_path, DAY)

    assert checked(10)
    with pytest.raises(AssertionError, match="(?i)balance"):
        checked(11)


@BOTH
def test_what_is_moved_out_of_a_closed_period_is_read(program, text, tmp_path):
    moved = posted(bill("I", 10), periods=Periods.closed(dt.date(2026, 1, 31)))
    found = program(text(moved), tmp_path, dt.date(2026, 1, 31), dt.date(2026, 2, 1))
    assert [each.get(("Assets:Receivable", "EUR"), 0) for each in found] == [0, 10]


def test_a_second_text_goes_on_after_the_first(tmp_path):
    log = list(log_of("ACME", [bill("I", 10), bill("J", 5)]))
    first, second = list(entries(log[:2], STANDARD)), list(entries(log, STANDARD, after=2))
    opened = {each.account for entry in first for each in entry.postings}
    text = beancount_text(first) + beancount_text(second, opened=opened)
    (found,) = beancount(text, tmp_path, dt.date.max)
    assert found["Assets:Receivable", "EUR"] == 15


@pytest.mark.parametrize("name", ["1200", "Assets", "assets:Bank", "Assets:bank", "Assets:Bank account", "Assets:B_nk"])
def test_beancount_gets_no_name_that_it_does_not_take(name):
    accounts = AccountMap.standard(AccountRule(role="receivable", account=name))
    with pytest.raises(InvalidValue, match=r"beancount\.account"):
        beancount_text(posted(bill("I", 10), accounts=accounts))


def test_beancount_gets_no_currency_that_it_does_not_take():
    with pytest.raises(InvalidValue, match=r"beancount\.currency"):
        beancount_text(posted(bill("I", Money(1, Currency("1INCH", 2)))))


@pytest.mark.parametrize("name", ["(1200)", "[1200]", "=1200"])
def test_hledger_gets_no_name_that_it_takes_for_something_else(name):
    accounts = AccountMap.standard(AccountRule(role="receivable", account=name))
    with pytest.raises(InvalidValue, match=r"hledger\.account"):
        hledger_text(posted(bill("I", 10), accounts=accounts))


def test_a_chart_of_numbers_is_read_by_hledger(tmp_path):
    accounts = AccountMap.standard(AccountRule(role="receivable", account="1200 Debtors"))
    (found,) = hledger(hledger_text(posted(bill("I", 10), accounts=accounts)), tmp_path, dt.date.max)
    assert found["1200 Debtors", "EUR"] == 10


def test_no_text_that_a_person_wrote_comes_into_a_ledger(told):
    secret = "call Mrs Miller"
    written = 0
    for name, facts in list(told.items())[:50]:
        known = [attrs.evolve(fact, reason=secret) if hasattr(fact, "reason") else fact for fact in facts]
        written += sum(hasattr(fact, "reason") for fact in facts)
        made = list(entries(known, ACCOUNTS))
        assert secret not in beancount_text(made) + hledger_text(made), name
    assert written


def test_parts_of_names_differ_where_ids_do():
    names = ["ACME", "acme", "A-CME", "A-2d-CME", "A CME", "A20CME", "Ä"]
    assert len({customer_part(name) for name in names}) == len(names)
    assert digits(-5, 2) == "-0.05"
