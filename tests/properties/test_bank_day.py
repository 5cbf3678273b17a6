"""Bank files from bytes to items: twice is once, the order of the files does not matter, and no cent is lost."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")

from examples.bank_day import MONDAY, SUSPENSE, BankDay, document, entry, read

from receivables import Currency, Invoice, Money, PaymentTerms
from receivables.policies.matching_aliases import Relation

TODAY = MONDAY + dt.timedelta(days=3)
NAMES = {"ACME": "Acme GmbH", "BETA": "Beta Handels AG"}
RELATIONS = [Relation(payer=name, account=id) for id, name in NAMES.items()]
RETURNED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
KINDS = ("whole", "cents", "part", "unnamed", "unknown payer", "announced", "announced and moved", "returned", "equal")


class Week(NamedTuple):
    """What is owed, and the entries of each file."""

    invoices: list[Invoice]
    files: list[list[str]]

    @property
    def contents(self) -> list[bytes]:
        return [document(each) for each in self.files]


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """For each invoice one thing that happens to it, told by some of three files; some by several."""
    invoices: list[Invoice] = []
    files: list[list[str]] = [[], [], []]
    for at in range(draw(st.integers(1, 5))):
        account = draw(st.sampled_from(sorted(NAMES)))
        # Amounts that no two invoices share, nor sums of some of them.
        minor = 10_000 * 2**at + draw(st.integers(0, 99)) * 10
        number, kind = f"INV-{3001 + at}", draw(st.sampled_from(KINDS))
        invoices.append(
            Invoice(
                number=number,
                account=account,
                issued_on=MONDAY - dt.timedelta(days=5),
                total=Money(minor, Currency.of("EUR")),
                terms=PaymentTerms.net(30),
            )
        )
        event(kind)
        for lines in _lines(kind, minor, NAMES[account], number, draw(st.sampled_from([f"B{at}", "NONREF"])), at):
            told_by = draw(st.sets(st.integers(0, 2), min_size=1))
            for file in told_by:
                files[file] += lines
    return Week(invoices, files)


def _lines(kind: str, minor: int, name: str, number: str, reference: str, at: int) -> list[list[str]]:
    """The entries that tell it; those of one list stand in one file."""
    own = f"E-{at}-{number}"

    def one(
        amount: int, text: str, payer: str = name, status: str = "BOOK", day: dt.date = MONDAY, nth: int = 0
    ) -> str:
        return entry(amount, payer, text, reference, status=status, end_to_end=f"{own}{nth or ''}", day=day)

    whole = one(minor, f"invoice {number}")
    later = MONDAY + dt.timedelta(days=2)
    back = entry(minor, name, "", "NONREF", RETURNED, direction="DBIT", end_to_end=own, day=later)
    told = {
        "whole": [[whole]],
        "cents": [[one(minor - 3, number)]],
        "part": [[one(minor // 2, number)]],
        "unnamed": [[one(minor + 7, "thanks")]],
        "unknown payer": [[one(minor, number, "Somebody")]],
        "announced": [[one(minor, number, status="PDNG")], [one(minor, number)]],
        "announced and moved": [[one(minor, number, status="PDNG")], [one(minor, number, day=later)]],
        "returned": [[whole], [back]],
        "equal": [[one(minor + 1, "gift"), one(minor + 1, "gift")]],
    }
    return told[kind]


def run(week: Week, order: Sequence[int], times: int = 1) -> BankDay:
    """The files in an order, without a person; what a return could not find before is tried again the next time."""
    day = BankDay(TODAY, week.invoices, RELATIONS)
    contents = week.contents
    for at in [*order] * times:
        outcomes = day.run(read(contents[at]), clerk=False)
        assert len(outcomes) == len(week.files[at])
    return day


def picture(day: BankDay) -> dict[str, object]:
    """What every account shows: open items, credits and what is kept back."""
    found = {}
    for id in (SUSPENSE, *NAMES):
        if id not in set(day.app.accounts()):
            continue
        view = day.app.view(id, TODAY)
        items = [(item.id, open_) for book in view.books for item, open_ in zip(book.items, book.open, strict=True)]
        credits = sorted((each.remaining, each.kind) for each in view.credits)
        found[id] = (items, credits, sorted((each.item, each.amount) for each in view.withheld), view.closed)
    return found


@given(weeks())
def test_the_same_files_again_change_nothing(week):
    day = run(week, (0, 1, 2), times=2)
    facts = {id: day.store.facts(id) for id in day.app.accounts()}
    for data in week.contents:
        assert {each.kind for each in day.run(read(data), clerk=False)} <= {"known"}
    assert {id: day.store.facts(id) for id in day.app.accounts()} == facts


@given(weeks(), st.permutations(range(3)))
def test_the_order_of_the_files_does_not_matter(week, order):
    assert picture(run(week, (0, 1, 2), times=2)) == picture(run(week, order, times=2))


@given(weeks(), st.permutations(range(3)), st.booleans())
def test_what_the_bank_booked_stands_on_items_on_account_or_in_suspense(week, order, clerk):
    day = run(week, order)
    if clerk:
        day.decide([])
    assert all(booked == stands for _, booked, stands in day.conserved())
    assert not day.refused
