"""Entries as an accountant would write them, and the accounts that they go to."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.service.world import TODAY, World, day, eur

from receivables import Customer, Invoice, InvoiceLine, Money, Payment, PaymentTerms, PolicyBook, codec, fold
from receivables.documents.charge import Charge
from receivables.documents.exchange import ExchangeRate
from receivables.documents.notice import PolicyRef
from receivables.documents.settlement import SettlementPart
from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId, WrongType
from receivables.facts import merge
from receivables.facts.cash import PaymentReceived
from receivables.facts.charge import ChargeRaised, ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.customer import GroupOpened
from receivables.facts.loss import Recovered, ReliefClaimed, WrittenOff
from receivables.policies.accounts import FALLBACKS, ROLES, AccountMap, AccountRule
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.periods import Closing, Periods
from receivables.policies.settlement import SettlementPolicy
from receivables.reports.exchange import exchange_result
from receivables.reports.journal import REFERENCES, Journal, journal
from receivables.reports.journal_closing import allowance_entries, revaluation_entries
from receivables.reports.journal_rules import RULES
from receivables.reports.journal_silent import NO_POSTING
from receivables.reports.revaluation import revalue

STANDARD = AccountMap.standard()
KNOWN = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
REGIME = PolicyRef(id="uk", version=1, digest="0" * 64)


def of(world, account="ACME", accounts=STANDARD, **more):
    return journal(world.store.facts(account), accounts, **more)


def last(made):
    """The postings of the last entry, by account."""
    return {each.account: str(each.amount) for each in made.entries[-1].postings}


def taxed(number, net, tax, percent=20, **more):
    line = InvoiceLine(net=eur(net), tax=eur(tax), tax_percent=Decimal(percent))
    fields = {"issued_on": TODAY, "terms": PaymentTerms.net(30), **more}
    return Invoice(number=number, account="ACME", total=line.gross, lines=(line,), **fields)


@pytest.fixture
def world():
    world = World()
    world.open()
    return world


# Every fact has its place ---------------------------------------------------------------------------------------------


def test_every_fact_is_posted_or_is_said_to_move_no_money():
    facts = set(codec.TAGS.values())
    assert facts - {*RULES, *NO_POSTING} == set(), "say in journal_rules or journal_silent what it is to the ledger"
    assert not {*RULES} & NO_POSTING
    assert {*RULES, *NO_POSTING} <= facts
    silent = {"AccountOpened", "CustomerChanged", "GroupOpened", "PaymentFailed"}
    assert {kind.__name__ for kind in {*RULES} - {*REFERENCES}} == silent
    assert {*REFERENCES} <= {*RULES}


def test_what_a_reference_names_is_no_text_of_a_person():
    for kind, paths in REFERENCES.items():
        for _, path in paths:
            owner = kind
            for name in path.split("."):
                field = attrs.fields_dict(attrs.resolve_types(owner))[name]
                assert not field.metadata.get("personal"), path
                owner = field.type


def test_what_is_no_fact_is_refused():
    with pytest.raises(WrongType, match=r"journal\.facts"):
        journal(["an invoice"], STANDARD)
    with pytest.raises(WrongType, match=r"journal\.accounts"):
        journal([], {"receivable": "1200"})


# Scenarios ------------------------------------------------------------------------------------------------------------


def test_s04_a_discount_in_grace_lowers_the_tax():
    world = World(policies=PolicyBook.of(SettlementPolicy(id="standard", version=1)))
    world.open()
    bill = taxed("INV-4", 1000, 200, terms=PaymentTerms.parse("2/10 grace 2, net 30"), issued_on=day(-11))
    world.app.issue_invoice(bill, key="issue")
    world.pay("P-1", "1176.00")
    world.app.settle("ACME", "P-1", ("INV-4",), key="settle")
    made = of(world)
    found = {account: str(money) for (account, _), money in made.balances().items()}
    assert found == {
        "Assets:Bank": "1176.00 EUR",
        "Expenses:Discounts": "20.00 EUR",
        "Income:Sales": "-1000.00 EUR",
        "Liabilities:Tax": "-196.00 EUR",
    }


def test_s19_overpayments_stand_on_account_and_pending_money_nowhere(world):
    world.invoice("INV-1", 90_000, 10)
    world.pay("P-1", 94_500)
    world.apply("P-1", "INV-1", 90_000)
    made = of(world)
    assert made.balance("unapplied", "EUR") == eur(-4_500)
    world.pay("P-2", 10_000, method="card", status="pending")
    assert of(world).entries == made.entries
    world.at(1)
    world.app.confirm_payment("ACME", "P-2", on=day(1), key="confirm")
    assert of(world).entries[-1].text == "payment settled P-2"
    assert last(of(world)) == {"Assets:Bank": "10000.00 EUR", "Liabilities:Unapplied": "-10000.00 EUR"}


def gbp(amount):
    return Money.of(amount, "GBP")


def test_s15_the_tax_of_a_bad_debt_waits_until_it_is_claimed(world):
    bill = Invoice.due(number="INV-15", account="ACME", issued_on=TODAY, total=gbp(6000), due_on=day(30))
    world.app.issue_invoice(bill, key="issue")
    log = [*world.store.facts("ACME")]
    times = {"effective_on": day(100), "recorded_at": KNOWN}
    lost = {"item": "INV-15", "amount": gbp(4500), "code": "insolvent", "allowance_used": gbp(0), "relief": gbp(750)}
    log.append(WrittenOff(id="w", **lost, **times))
    made = journal(log, STANDARD)
    assert last(made) == {
        "Assets:Receivable": "-4500.00 GBP",
        "Assets:Tax-Relief": "750.00 GBP",
        "Expenses:Bad-Debts": "3750.00 GBP",
    }
    claimed = {"unpaid": gbp(4500), "supplied_on": TODAY, "due_on": TODAY, "taxes": (), "regime": REGIME}
    log.append(ReliefClaimed(id="c", item="INV-15", amount=gbp(750), **claimed, **times))
    assert last(journal(log, STANDARD)) == {"Liabilities:Tax": "750.00 GBP", "Assets:Tax-Relief": "-750.00 GBP"}
    back = {"allowance_credited": gbp(0), "relief": gbp(150), "settlement": "s", "source": "P"}
    log.append(Recovered(id="r", item="INV-15", amount=gbp(900), **back, **times))
    assert last(journal(log, STANDARD)) == {
        "Assets:Receivable": "900.00 GBP",
        "Assets:Tax-Relief": "-150.00 GBP",
        "Expenses:Bad-Debts": "-750.00 GBP",
    }


def test_s23_what_was_set_aside_bears_the_loss(world):
    """3,380 are set aside on 30 June; a write-off of 3,000 leaves 380, and the profit as it was."""
    world.invoice("INV-1", 3000, -120)
    known = {"on": day(0), "recorded_at": KNOWN}
    closed = allowance_entries(eur(3380), eur(0), STANDARD, **known)
    lost = WrittenOff(
        id="w",
        item="INV-1",
        amount=eur(3000),
        code="insolvent",
        allowance_used=eur(3000),
        relief=eur(0),
        effective_on=day(15),
        recorded_at=KNOWN,
    )
    log = journal([*world.store.facts("ACME"), lost], STANDARD)
    made = Journal.together([log, attrs.evolve(log, entries=closed)])
    assert made.balance("write_off", "EUR", day(14)) == made.balance("write_off", "EUR") == eur(3380)
    assert made.balance("allowance", "EUR") == eur(-380)
    assert made.balance("receivable", "EUR") == eur(0)
    assert allowance_entries(eur(380), -made.balance("allowance", "EUR"), STANDARD, **known) == ()
    assert {entry.key for entry in closed} == {f"closing/{day(0)}/allowance EUR"}
    with pytest.raises(CurrencyMismatch):
        allowance_entries(eur(380), Money.of(0, "USD"), STANDARD, **known)


# Corrections ----------------------------------------------------------------------------------------------------------


def test_what_is_taken_back_goes_to_the_accounts_that_it_came_from(world):
    accounts = AccountMap.standard(AccountRule(role="receivable", segment="public", account="Assets:Public"))
    world.invoice("INV-1", 100, 10)
    world.pay("P-1", 60)
    world.apply("P-1", "INV-1", 60)
    world.app.change_customer(Customer(id="ACME", segment="public"), on=TODAY, key="change")
    world.invoice("INV-2", 40, 10)
    world.app.return_payment("ACME", "P-1", "returned", "AC04", on=TODAY, key="back")
    found = {account: str(money) for (account, _), money in of(world, accounts=accounts).balances().items()}
    assert found == {"Assets:Receivable": "100.00 EUR", "Assets:Public": "40.00 EUR", "Income:Sales": "-140.00 EUR"}


def test_a_return_is_posted_on_the_day_on_which_the_money_went(world):
    world.invoice("INV-1", 100, 10, issued_on=day(-20))
    world.pay("P-1", 100, on=-10)
    world.apply("P-1", "INV-1", 100)
    world.app.return_payment("ACME", "P-1", "returned", "AC04", on=day(-3), key="back")
    made = of(world)
    owed = [made.balance("receivable", "EUR", day(at)).minor for at in (-11, -10, -4, -3)]
    assert owed == [100_00, 0, 0, 100_00]
    assert [made.balance("cash", "EUR", day(at)).minor for at in (-10, -4, -3)] == [100_00, 100_00, 0]


def test_a_closed_period_stays_as_it_was_when_something_is_known_late(world):
    world.invoice("INV-1", 100, 10, issued_on=day(-20))
    closed = Periods(closings=(Closing(until=day(-2), since=dt.datetime.combine(TODAY, dt.time(7), dt.UTC)),))
    world.at(0, hour=8)
    world.pay("P-1", 100, on=-10)
    first, second = of(world, periods=closed).entries
    assert (first.on, first.is_moved) == (day(-20), False)
    assert (second.on, second.effective_on, second.is_moved) == (day(-1), day(-10), True)


def test_a_period_that_is_opened_again_takes_entries_again():
    def at(hour):
        return dt.datetime(2026, 4, 7, hour, tzinfo=dt.UTC)

    march, february = dt.date(2026, 3, 31), dt.date(2026, 2, 28)
    periods = Periods(closings=(Closing(until=march, since=at(8)), Closing(until=february, since=at(10))))
    days = [periods.posted_on(dt.date(2026, 3, 30), at(hour)) for hour in (7, 9, 11)]
    assert days == [dt.date(2026, 3, 30), dt.date(2026, 4, 1), dt.date(2026, 3, 30)]
    with pytest.raises(InvalidValue, match=r"periods\.closings"):
        Periods(closings=periods.closings[::-1])
    with pytest.raises(InvalidValue, match=r"closing\.until"):
        Closing(until=dt.date.max, since=at(8))


# Foreign currency -----------------------------------------------------------------------------------------------------


def usd(amount):
    return Money.of(amount, "USD")


def rate(figure, on=TODAY):
    return ExchangeRate.of("EUR", "USD", figure, on=on, source="ECB")


def test_a_late_payment_that_moves_a_share_by_a_cent_is_corrected_on_its_day(world):
    """Shares of 1.00 USD at 0.50 EUR: a payment of an earlier day takes the rounding of the other."""
    world.invoice("INV-1", usd("1.01"), 10, issued_on=day(-20), book_rate=rate("2"))
    for at, (id, on) in enumerate((("P-1", -5), ("P-2", -9), ("P-3", -12))):
        world.pay(id, usd("0.33"), on=on, book_rate=rate("2"))
        world.apply(id, "INV-1", usd("0.33"))
        made, result = of(world), exchange_result(world.app.account("ACME"), TODAY)
        gained = (-made.balance("exchange_gain", "EUR"), made.balance("exchange_loss", "EUR"))
        assert gained == (result.gain, result.loss), at
    days = {entry.line: entry.effective_on for entry in made.entries if entry.ordinal == made.entries[-1].ordinal}
    assert days[1] == day(-12)
    assert set(days.values()) > {day(-12)}


def test_revenue_of_a_foreign_invoice_is_in_the_books_and_a_gain_is_realized(world):
    world.invoice("INV-1", usd(300), 10, book_rate=rate("1.10"))
    assert last(of(world)) == {
        "Assets:Receivable": "300.00 USD",
        "Equity:Exchange": "272.73 EUR",
        "Income:Sales": "-272.73 EUR",
    }
    world.pay("P-1", usd(100), book_rate=rate("1.08"))
    world.apply("P-1", "INV-1", usd(100))
    made = of(world)
    assert last(made)["Income:Exchange-Gain"] == "-1.68 EUR"
    standing = made.balance("exchange", "EUR")
    carried = exchange_result(world.app.account("ACME"), TODAY).carrying("INV-1").remaining.book
    assert standing == carried + rate("1.08").convert(usd(100))


def test_a_rest_that_the_rate_of_a_conversion_made_is_a_loss_of_all_that_it_carried():
    """1,000.00 USD carried at 0.92; 915.00 EUR are 994.57 USD by that rate, and the rest of 5.43 USD carried 5.00 EUR."""
    figure = ExchangeRate.of("USD", "EUR", "0.92", on=TODAY, source="ECB")
    world = World(policies=PolicyBook.of(SettlementPolicy(id="fx", version=1, exchange_percent=Decimal(1))))
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=figure)
    world.pay("E", eur(915))
    made = world.app.convert("ACME", "E", eur(915), figure, on=TODAY, key="convert")
    assert world.app.settle("ACME", made.ids[0], ("INV-1",), key="settle").outcome == "settled"
    booked = of(world)
    assert booked.balance("exchange_loss", "EUR") == eur(5)
    assert booked.balance("receivable", "USD") == usd(0)


def test_a_balance_of_a_role_that_nobody_knows_is_refused(world):
    with pytest.raises(InvalidValue, match=r"accounts\.role.*'receivables'"):
        of(world).balance("receivables", "EUR")


def test_a_revaluation_is_taken_back_on_the_day_after(world):
    world.invoice("INV-1", usd(300), 10, book_rate=rate("1.10"))
    policy = ExchangePolicy(id="ECB", version=1)
    report = revalue(world.app.account("ACME"), TODAY, [rate("1.08")], policy)
    entries = revaluation_entries(report, STANDARD, recorded_at=KNOWN)
    assert [(entry.on, str(entry.postings[0].amount)) for entry in entries] == [
        (TODAY, "5.05 EUR"),
        (day(1), "-5.05 EUR"),
    ]
    assert len({entry.key for entry in entries}) == 2
    unknown = revalue(fold([]), TODAY, [], policy)
    assert revaluation_entries(unknown, STANDARD, recorded_at=KNOWN) == ()


# Several accounts -----------------------------------------------------------------------------------------------------


def both(world, others=True):
    logs = {id: world.store.facts(id) for id in ("ACME", "BETA")}
    return Journal.together(journal(log, STANDARD, others=logs if others else {}) for log in logs.values())


@pytest.fixture
def pair(world):
    world.open("BETA")
    world.invoice("INV-1", 100, 10)
    world.invoice("INV-2", 50, 10)
    world.invoice("INV-3", 70, 10, "BETA")
    world.pay("P-1", 40)
    world.apply("P-1", "INV-1", 30)
    world.pay("P-2", 25, "BETA")
    return world


def test_merging_posts_nothing_and_the_two_are_what_the_whole_owes(pair):
    before = both(pair)
    pair.app.merge_accounts("ACME", "BETA", reason="one", by="ann", approver="bob", key="merge")
    assert both(pair).entries == before.entries
    pair.apply("P-1", "INV-3", 10)
    made, view = both(pair), pair.app.view("ACME", TODAY)
    assert made.balance("receivable", "EUR") == view.open_total("EUR") == eur(180)
    assert made.balance("unapplied", "EUR") == -view.on_account("EUR") == eur(-25)
    assert made.balance("transfer", "EUR") == eur(0)
    assert made.balance("transfer", "EUR", customer="BETA") == eur(10)
    for each in pair.app.account("ACME").cash.in_force():
        pair.app.unapply("ACME", each.id, key=f"undo {each.id}")
    made, view = both(pair), pair.app.view("ACME", TODAY)
    assert made.balance("receivable", "EUR") == view.open_total("EUR") == eur(220)
    assert not made.balance("transfer", "EUR", customer="BETA").minor


def test_invoices_that_are_handed_over_are_moved_to_their_new_customer(pair):
    pair.app.split_account("ACME", ("INV-2",), "BETA", reason="theirs", by="ann", approver="bob", key="split")
    pair.pay("P-3", 45, "BETA")
    pair.apply("P-3", "INV-2", 45, "BETA")
    made = both(pair)
    for id in ("ACME", "BETA"):
        view = pair.app.view(id, TODAY)
        assert made.balance("receivable", "EUR", customer=id) == view.open_total("EUR")
        assert made.balance("unapplied", "EUR", customer=id) == -view.on_account("EUR")
    assert made.balance("transfer", "EUR") == eur(0)
    with pytest.raises(UnknownId, match="ACME"):
        both(pair, others=False)


def test_a_paid_invoice_goes_with_its_payment_which_can_come_back(pair):
    pair.apply("P-1", "INV-2", 10)
    pair.pay("P-4", 40)
    pair.apply("P-4", "INV-2", 40)
    for made in pair.app.account("ACME").cash.in_force():
        if made.source == "P-1":
            pair.app.unapply("ACME", made.id, key=f"undo {made.id}")
    pair.pay("P-5", 10)
    pair.apply("P-5", "INV-2", 10)
    pair.app.split_account("ACME", ("INV-2",), "BETA", reason="theirs", by="ann", approver="bob", key="split")
    pair.app.return_payment("BETA", "P-4", "returned", "AC04", on=TODAY, key="back")
    made = both(pair)
    for id in ("ACME", "BETA"):
        view = pair.app.view(id, TODAY)
        assert made.balance("receivable", "EUR", customer=id) == view.open_total("EUR"), id
        assert made.balance("unapplied", "EUR", customer=id) == -view.on_account("EUR"), id


def test_documents_of_a_log_that_says_nothing_of_them_are_refused():
    log = [merge.DocumentsTakenOn(documents=("I",), credits=(), came_from="A", effective_on=TODAY, recorded_at=KNOWN)]
    with pytest.raises(UnknownId, match="handing over"):
        journal(log, STANDARD, others={"A": []})


# The map --------------------------------------------------------------------------------------------------------------


def test_who_comes_before_what():
    rules = (
        AccountRule(role="tax", code="20", account="code"),
        AccountRule(role="tax", company="DE", account="company"),
        AccountRule(role="tax", company="DE", code="20", account="both"),
        AccountRule(role="tax", segment="public", account="segment"),
        AccountRule(role="tax", customer="ACME", account="customer"),
        AccountRule(role="tax", currency="USD", account="currency"),
    )
    accounts, one = AccountMap.standard(*rules), Customer(id="BETA", company="DE")
    assert [accounts.account("tax", one, code, "EUR") for code in ("20", "5")] == ["both", "company"]
    assert accounts.account("tax", Customer(id="BETA"), "20", "USD") == "code"
    assert accounts.account("tax", Customer(id="BETA"), "5", "USD") == "currency"
    assert accounts.account("tax", attrs.evolve(one, segment="public"), "20") == "segment"
    assert accounts.account("tax", Customer(id="ACME", company="DE", segment="public"), "20") == "customer"
    assert accounts.account("tax", None, "20") == "code"
    assert accounts.names("tax") >= {"code", "both", "Liabilities:Tax"}


def test_a_role_falls_back_where_it_has_no_account():
    for role, other in FALLBACKS.items():
        assert STANDARD.account(role, None) == ROLES[other][0]
        assert AccountMap.standard(AccountRule(role=role, account="own")).account(role, None) == "own"


@pytest.mark.parametrize("name", ["", " 1200", "12  00", "a;b", "a\nb", "a\tb"])
def test_a_name_that_no_chart_can_have_is_refused(name):
    with pytest.raises(InvalidValue, match=r"rule\.account"):
        AccountRule(role="tax", account=name)


def test_a_map_chooses_once_and_for_every_role():
    with pytest.raises(InvalidValue, match="every role"):
        AccountMap.of({"receivable": "1200"})
    rule = AccountRule(role="tax", code="20", account="1")
    with pytest.raises(InvalidValue, match="twice"):
        AccountMap.standard(rule, attrs.evolve(rule, account="2"))
    with pytest.raises(InvalidValue, match=r"rule\.role"):
        AccountRule(role="turnover", account="1")
    with pytest.raises(InvalidValue, match=r"accounts\.role"):
        STANDARD.account("turnover", None)


# As a report ----------------------------------------------------------------------------------------------------------


def test_a_journal_is_rows_text_and_a_table(world):
    world.invoice("INV-1", 100, 10)
    made = of(world)
    assert [row["debit"] or row["credit"] for row in made.rows()] == ["100.00", "100.00"]
    assert "invoice issued INV-1" in str(made)
    assert "<td>Assets:Receivable</td>" in made._repr_html_()
    assert str(journal([], STANDARD)) == "nothing to post"
    assert codec.TAGS[made.entries[0].fact].__name__ == "InvoiceIssued"


def test_a_charge_gives_its_tax_back_in_parts_that_add_up(world):
    accounts = AccountMap.standard(AccountRule(role="waived_fee", account="Expenses:Waived"))
    world.invoice("INV-1", 100, 10)
    raised = Charge(id="F", item="INV-1", document="INV-1", kind="fee", amount=eur(15), tax=eur("2.39"))
    times, less = {"effective_on": TODAY, "recorded_at": KNOWN}, {"charge": "F", "reason": "agreed", "approver": "bob"}
    log = [
        *world.store.facts("ACME"),
        ChargeRaised(charge=raised, **times),
        ChargeReversed(amount=eur(5), **less, **times),
        ChargeWaived(amount=eur(10), **less, **times),
    ]
    made = journal(log, accounts)
    found = {account: str(money) for (account, _), money in made.balances().items()}
    assert found == {
        "Assets:Receivable": "100.00 EUR",
        "Income:Sales": "-100.00 EUR",
        "Income:Fees": "-8.41 EUR",
        "Expenses:Waived": "8.41 EUR",
    }
    again = journal([*log, ChargeReinstated(amount=eur(10), **less, **times)], accounts)
    assert again.balance("waived_fee", "EUR") == eur(0)
    assert again.balance("waived_interest", "EUR") == again.balance("interest", "EUR")
    assert journal([*log[:1], *log[-2:]], accounts).entries == ()


# Of what is not in the log --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag", ["difference.settled/1", "loss.recovered/1", "tax_relief.claimed/1", "tax_relief.repaid/1"]
)
def test_a_fact_about_an_item_of_another_log_posts_nothing(tag):
    assert journal([SAMPLES[tag]], STANDARD).entries == ()


def test_a_surplus_of_a_payment_of_another_log_posts_nothing():
    settled = SAMPLES["difference.settled/1"]
    kept = SettlementPart(kind="tolerance", amount=eur("-0.03"), reason="surplus_kept")
    assert journal([attrs.evolve(settled, part=kept)], STANDARD).entries == ()


def test_money_of_a_group_is_posted_for_the_account_of_the_group():
    times = {"effective_on": TODAY, "recorded_at": KNOWN}
    paid = Payment(id="P", account="group:G", amount=eur(100), value_date=TODAY)
    (entry,) = journal([GroupOpened(group="G", **times), PaymentReceived(payment=paid, **times)], STANDARD).entries
    assert (entry.account, entry.key) == ("group:G", "group:G/2/1")
