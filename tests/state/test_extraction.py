"""Documents that went to another account: what goes with them, what stays, and what both show."""

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import at, instant, on

from receivables import Allocation, CreditLimit, Currency, Customer, Hold, Invoice, Money, Order, Payment, fold
from receivables.documents.notice import PolicyRef
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import HoldPlaced, HoldReleased, LimitSet, OrderReserved
from receivables.facts.customer import AccountOpened
from receivables.facts.dunning import NoticeQueued, NoticeSent
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.merge import AccountAbsorbed, AccountMerged, DocumentsHandedOver, DocumentsTakenOn
from receivables.state.account import compose, joined_on
from receivables.state.extraction import held, moved

EUR = Currency.of("EUR")


def billed(number):
    total = Money(100, EUR)
    invoice = Invoice.due(number=number, account="A", issued_on=on(0), total=total, due_on=on(30))
    return InvoiceIssued(invoice=invoice, **at(0))


def paid(id):
    return PaymentReceived(payment=Payment(id=id, account="A", amount=Money(100, EUR), value_date=on(0)), **at(0))


def applied(id, source, item):
    made = Allocation(source=source, item=item, amount=Money(40, EUR))
    return AllocationMade(id=id, allocation=made, **at(1))


def hold(id, **more):
    return HoldPlaced(hold=Hold(id=id, account="A", placed_on=on(1), reason="asked", **more), **at(1))


def letter(key, *items):
    notice = SAMPLES["notice.queued/1"].notice
    lines = tuple(attrs.evolve(notice.lines[0], item=item, document=item, charges=()) for item in items)
    sent = NoticeSent(notice=key, receipt="r", **at(2))
    queued = NoticeQueued(
        notice=attrs.evolve(notice, key=key, lines=lines, audience="customer", retracts=None), approval=False, **at(1)
    )
    return [queued, sent]


def order(id):
    document = Order(id=id, account="A", amount=Money(5, EUR), placed_on=on(0))
    return OrderReserved(order=document, policy=PolicyRef(id="p", version=1, digest="0" * 64), **at(0))


LOG = [
    AccountOpened(customer=Customer(id="A"), **at(0)),
    LimitSet(limit=CreditLimit(account="A", currency=EUR, amount=Money(9, EUR), valid_from=on(0)), **at(0)),
    billed("GOES"),
    billed("STAYS"),
    paid("P-GOES"),
    paid("P-STAYS"),
    applied("a", "P-GOES", "GOES"),
    applied("b", "P-STAYS", "STAYS"),
    hold("H-GOES", item="GOES"),
    HoldReleased(hold="H-GOES", **at(3)),
    hold("H-STAYS", document="STAYS"),
    hold("H-ALL"),
    *letter("L-GOES", "GOES"),
    *letter("L-STAYS", "STAYS"),
    *letter("L-BOTH", "GOES", "STAYS"),
    order("SO"),
]
WENT = {"documents": ("GOES",), "credits": ("P-GOES",)}
FROM = fold([*LOG, DocumentsHandedOver(**WENT, to="B", approver="bob", reason="her shop", **at(4, known=6))])
OTHER = [AccountOpened(customer=Customer(id="B"), **at(0)), billed("OWN")]
TO = fold([*OTHER, DocumentsTakenOn(**WENT, came_from="A", **at(4, known=6))])
KNOWN = {"A": FROM, "B": TO}


def has(account):
    return {
        "items": {item.id for item in account.ledger.items},
        "credits": {credit.id for credit in account.cash.credits},
        "allocations": {entry.id for entry in account.cash.allocations},
        "holds": {entry.hold.id for entry in account.credit.holds},
        "liftings": {entry.hold for entry in account.credit.liftings},
        "letters": {entry.notice.key for entry in account.dunning.notices},
        "sent": {entry.notice for entry in account.dunning.events},
        "orders": {entry.order.id for entry in account.credit.orders},
        "limits": len(account.credit.limits),
    }


def test_before_documents_went_both_accounts_have_their_own():
    assert has(held(FROM, KNOWN, on(3), None)) == has(fold(LOG))
    assert has(held(FROM, KNOWN, on(9), instant(5))) == has(fold(LOG))
    assert has(held(TO, KNOWN, on(3), None)) == has(fold(OTHER))
    assert has(held(TO, KNOWN, on(9), instant(5))) == has(fold(OTHER))


def test_what_went_is_left_out_where_it_was_with_all_that_is_about_it_alone():
    assert has(held(FROM, KNOWN, on(4), None)) == {
        "items": {"STAYS"},
        "credits": {"P-STAYS"},
        "allocations": {"b"},
        "holds": {"H-STAYS", "H-ALL"},
        "liftings": set(),
        "letters": {"L-STAYS", "L-BOTH"},
        "sent": {"L-STAYS", "L-BOTH"},
        "orders": {"SO"},
        "limits": 1,
    }


def test_what_came_is_read_from_there_with_what_it_has_in_common_with_others():
    assert has(held(TO, KNOWN, on(4), None)) == {
        "items": {"OWN", "GOES"},
        "credits": {"P-GOES"},
        "allocations": {"a"},
        "holds": {"H-GOES"},
        "liftings": {"H-GOES"},
        "letters": {"L-GOES", "L-BOTH"},
        "sent": {"L-GOES", "L-BOTH"},
        "orders": set(),
        "limits": 0,
    }


def test_what_came_from_an_account_that_is_not_within_reach_is_not_there():
    assert held(TO, {"B": TO}, on(9), None) is TO


def test_an_account_that_never_gave_or_took_anything_is_itself():
    alone = fold(LOG)
    assert held(alone, {"A": alone}, on(9), None) is alone


def test_what_goes_with_documents_is_told_from_what_is_about_others_as_well():
    gone, both = moved(FROM, FROM.merges.handed_over)
    assert gone == {
        ("document", "GOES"),
        ("item", "GOES"),
        ("credit", "P-GOES"),
        ("allocation", "a"),
        ("hold", "H-GOES"),
        ("notice", "L-GOES"),
    }
    assert both == {("notice", "L-BOTH")}


def test_a_payment_alone_goes_without_the_documents_that_stay():
    gone, both = moved(FROM, [attrs.evolve(FROM.merges.handed_over[0], documents=())])
    assert (gone, both) == ({("credit", "P-GOES")}, {("allocation", "a")})


def test_what_two_accounts_show_in_common_counts_once_where_they_are_joined_later():
    root = fold([AccountAbsorbed(account="B", approver="bob", reason="one", **at(8))], FROM)
    part = fold([AccountMerged(into="A", **at(8))], TO)
    whole = compose(root, {"A": root, "B": part})
    shown = joined_on(whole, on(9), None)
    assert sorted(entry.notice.key for entry in shown.dunning.notices) == ["L-BOTH", "L-GOES", "L-STAYS"]
    assert sorted(item.id for item in shown.ledger.items) == ["GOES", "OWN", "STAYS"]
    assert has(joined_on(whole, on(5), None)) == has(held(FROM, KNOWN, on(4), None))
