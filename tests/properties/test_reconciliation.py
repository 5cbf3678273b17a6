"""Account reconciliation, whatever either side has: everything once, to the cent, and in any order."""

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Allocation, CreditNote, Customer, Invoice, Money, Payment
from receivables.reports.reconciliation import reconcile
from receivables.reports.reconciliation_rows import TheirItem

DAY = dt.date(2026, 1, 5)
LATER = dt.date(2026, 3, 1)
CURRENCIES = st.sampled_from(["EUR", "EUR", "JPY"])
NUMBERS = st.sampled_from(["INV-1", "INV-01", "INV-12", "12", "CN-1", "P-1", "P-12", "X/1", "1"])


def money(least: int, most: int) -> st.SearchStrategy[Money]:
    return st.builds(
        lambda minor, code: Money(minor * 50, Money.zero(code).currency), st.integers(least, most), CURRENCIES
    )


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    numbers = draw(st.lists(NUMBERS, unique=True, max_size=6))
    invoices, notes, payments, allocations = [], [], [], []
    for number in numbers:
        total = draw(money(1, 6))
        kind = draw(st.sampled_from(["invoice", "paid", "note", "payment"]))
        if kind == "note":
            notes.append(CreditNote(number=number, account="A", issued_on=DAY, total=total))
        elif kind == "payment":
            payments.append(Payment(id=number, account="A", amount=total, value_date=DAY))
        else:
            invoices.append(Invoice.due(number=number, account="A", issued_on=DAY, total=total, due_on=DAY))
        if kind == "paid":
            paid = Money(draw(st.integers(1, total.minor)), total.currency)
            payments.append(Payment(id=f"Q {number}", account="A", amount=paid, value_date=DAY))
            allocations.append(Allocation(source=f"Q {number}", item=number, amount=paid))
    return Account.of(
        Customer(id="A"), invoices=invoices, credit_notes=notes, payments=payments, allocations=allocations
    )


THEIRS = st.lists(
    st.builds(
        TheirItem,
        reference=st.one_of(NUMBERS, st.sampled_from(["inv 1", "no. 12", "Q INV-1", "?"])),
        amount=money(-6, 6),
        on=st.sampled_from([None, DAY]),
    ),
    max_size=8,
)


@given(account=accounts(), theirs=THEIRS)
def test_the_rows_add_up_to_the_difference_of_the_totals(account: Account, theirs: list[TheirItem]) -> None:
    view = account.view(LATER)
    report = reconcile(account, view, theirs)
    listed: Counter[str] = Counter()
    for each in theirs:
        listed[each.amount.currency.code] += each.amount.minor
    for code in ("EUR", "JPY"):
        total = report.total(code)
        assert total.ours == view.balance(code)
        assert total.theirs.minor == listed[code]
        rows = sum(row.difference.minor for row in report.lines if row.ours.currency.code == code)
        assert total.difference.minor == rows == sum(amount.minor for _, amount in total.by_status)


@given(account=accounts(), theirs=THEIRS)
def test_every_item_of_either_side_stands_in_one_row(account: Account, theirs: list[TheirItem]) -> None:
    view = account.view(LATER)
    report = reconcile(account, view, theirs)
    assert Counter(each.sort_key for row in report.lines for each in row.listed) == Counter(
        each.sort_key for each in theirs
    )
    ours = Counter(id for row in report.lines for id in row.ids)
    assert set(ours.values()) <= {1}
    assert set(ours) >= {*view.places, *(credit.id for credit in view.credits)}


@given(account=accounts(), theirs=THEIRS, data=st.data())
def test_the_order_of_the_list_does_not_matter(account: Account, theirs: list[TheirItem], data: st.DataObject) -> None:
    view = account.view(LATER)
    again = data.draw(st.permutations(theirs))
    assert reconcile(account, view, again) == reconcile(account, view, theirs)


@given(account=accounts())
def test_a_list_that_is_ours_is_agreed(account: Account) -> None:
    """Each number is that of one document only where zeros and letters tell it apart, so the list has our own ids."""
    view = account.view(LATER)
    items = [TheirItem(reference=id, amount=view.open(id)) for id in view.places]
    credits = [
        TheirItem(reference=credit.id, amount=Money(-credit.remaining, credit.currency)) for credit in view.credits
    ]
    report = reconcile(account, view, items + credits)
    assert report.is_agreed
    assert len(report.lines) == len(items) + len(credits)
