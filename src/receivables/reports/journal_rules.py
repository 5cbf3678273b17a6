"""What each fact is to the general ledger: the lines of its entry, or that it has none.

A rule gets the books as they are before the fact, and gives the lines that are effective on its day, debits above zero. What
it comes to in the book currency, for something in another, the books work out beside it. A fact that names what this log
does not have has lines for its own side only: the account ``transfer`` takes the place of the other, and the log of the
other account has the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

from receivables.documents.exchange import ExchangeRate
from receivables.documents.invoice import CreditNote, Invoice
from receivables.documents.settlement import DISCOUNTS, SettlementPart
from receivables.errors import UnknownId, WrongType
from receivables.facts import cash, charge, customer, invoice, loss, merge
from receivables.facts.fact import Fact
from receivables.policies.accounts import code_of
from receivables.reports.journal_books import BookedCredit, BookedItem, Books, Line, Made, Weights, part_of, weighted
from receivables.reports.journal_exchange import Holding, parted, refunded
from receivables.reports.journal_silent import NO_POSTING
from receivables.state.cash import LIFE
from receivables.values.currencies import Currency
from receivables.values.money import Money

PART_ROLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(DISCOUNTS, "discount"),
    "tolerance": "tolerance",
    "withheld_tax": "withheld_tax",
    "bank_fee": "bank_charge",
    "deduction": "write_off",
    "exchange_difference": "exchange_loss",
    "write_off": "write_off",
    "short_payment": "write_off",
    "overpayment": "tolerance",
}
"""Kind of a part of a settlement -> the role of the account that bears it."""


# Documents --------------------------------------------------------------------------------------------------------------


def _opened(books: Books, fact: Any) -> Sequence[Line]:
    books.know(fact.effective_on, fact.customer)
    return ()


def _group(books: Books, fact: Any) -> Sequence[Line]:
    books.account = books.account or f"group:{fact.group}"
    return ()


def _invoice(books: Books, fact: invoice.InvoiceIssued) -> Sequence[Line]:
    """What is owed, against revenue and tax; a part that takes back is on account."""
    document, day = fact.invoice, fact.effective_on
    currency, rate = document.total.currency, document.book_rate
    owed = books.name("receivable", day, "invoice", currency)
    lines: list[Line] = []
    items = document.items()
    books_of = repeat(None, len(items)) if rate is None else _books(document, rate)
    for (id, part), book in zip(items, books_of, strict=True):
        minor = part.amount.minor
        if minor >= 0:
            held = books.held(part.amount, book)
            books.items[id] = BookedItem(id, document.number, owed, currency, minor, holding=held)
            lines.append((owed, currency, minor))
        else:
            lines.append(_on_account(books, fact, id, "invoice_part", -part.amount, None if book is None else -book))
    owed_once = lines if len(lines) == 1 else _together(lines)
    return [*owed_once, *_income(books, day, "revenue", document, rate, -1)]


def _books(document: Invoice, rate: ExchangeRate) -> Iterator[Money]:
    """What each part stands for: the difference between what all up to it and all before it come to."""
    until, before = Money.zero(document.total.currency), 0
    for part in document.schedule.installments:
        until += part.amount
        book = rate.convert(until)
        yield Money(book.minor - before, book.currency)
        before = book.minor


def _income(
    books: Books, day: dt.date, role: str, document: Invoice | CreditNote, rate: ExchangeRate | None, sign: int
) -> Sequence[Line]:
    """The net amounts and the tax by rate, in the book currency where the document names a rate."""
    total = document.total
    shares = _shares(books, day, role, document)
    if rate is None:
        return [(account, total.currency, sign * minor) for account, minor in shares]
    book = rate.convert(total)
    other = books.name("exchange", day, "", total.currency)
    parts = parted(book.minor, shares).items()
    return [
        (other, total.currency, sign * total.minor),
        (books.name("exchange", day, "", book.currency), book.currency, -sign * book.minor),
        *((account, book.currency, sign * minor) for account, minor in parts),
    ]


def _shares(books: Books, day: dt.date, role: str, document: Invoice | CreditNote) -> Weights:
    currency = document.total.currency
    if not document.lines and not document.taxes:
        return ((books.name(role, day, "", currency), document.total.minor),)
    told = [(each.tax_percent, each.net.minor, each.tax.minor) for each in document.lines]
    told = told or [(each.percent, each.net.minor, each.tax.minor) for each in document.taxes]
    shares: list[tuple[str, int]] = []
    for percent, net, tax in told:
        code = code_of(percent)
        shares.append((books.name(role, day, code, currency), net))
        if tax:
            shares.append((books.name("tax", day, code, currency), tax))
    return weighted(shares)


def _credit_note(books: Books, fact: invoice.CreditNoteIssued) -> Sequence[Line]:
    """Less revenue and less tax, for what the customer has on account then."""
    note = fact.credit_note
    line = _on_account(books, fact, note.number, "credit_note", note.total, _valued(note.total, note.book_rate))
    return [*_income(books, fact.effective_on, "credit_note", note, note.book_rate, 1), line]


def _taken_over(books: Books, fact: invoice.ItemTakenOver) -> Sequence[Line]:
    """What another system had, as an opening balance."""
    taken, day = fact.item, fact.effective_on
    currency, book = taken.open.currency, _valued(taken.open, taken.book_rate)
    owed = books.name("receivable", day, "invoice", currency)
    held = books.held(taken.open, book)
    books.items[taken.id] = BookedItem(taken.id, taken.id, owed, currency, taken.open.minor, holding=held)
    line = (owed, currency, taken.open.minor)
    return [line, *_against(books, day, "opening", taken.open, book)]


def _against(books: Books, day: dt.date, role: str, amount: Money, book: Money | None) -> Sequence[Line]:
    """The other side of an amount that came: in the book currency where its value is known."""
    if book is None:
        return [(books.name(role, day, "", amount.currency), amount.currency, -amount.minor)]
    return [
        books.exchanged(day, amount.currency, -amount.minor),
        books.exchanged(day, book.currency, book.minor),
        (books.name(role, day, "", book.currency), book.currency, -book.minor),
    ]


# Charges ----------------------------------------------------------------------------------------------------------------


def _charge(books: Books, fact: charge.ChargeRaised) -> Sequence[Line]:
    raised, day = fact.charge, fact.effective_on
    minor, currency = raised.amount.minor, raised.amount.currency
    owed = books.name("receivable", day, raised.kind, currency)
    tax = 0 if raised.tax is None else raised.tax.minor
    income = ((books.name(raised.kind, day, "", currency), minor - tax), (books.name("tax", day, "", currency), tax))
    item = BookedItem(raised.id, raised.document, owed, currency, minor, raised.kind, income=weighted(income))
    books.items[raised.id] = item
    return [(owed, currency, minor), *((account, currency, -part) for account, part in item.income)]


def _charge_less(waived: bool, sign: int) -> Rule:
    """Less of a charge and of its tax, or again more; what was waived may have an account of its own."""

    def rule(books: Books, fact: Any) -> Sequence[Line]:
        item = books.items.get(fact.charge)
        if item is None:
            return ()
        before, minor = item.given_back, sign * fact.amount.minor
        item.given_back, item.open = before + minor, item.open - minor
        lost = part_of(item.income, before, item.given_back)
        if waived:
            lost = _waived(books, fact.effective_on, item, lost)
        lines = [(account, item.currency, part) for account, part in lost]
        return [*lines, (item.account, item.currency, -minor)]

    return rule


def _waived(books: Books, day: dt.date, item: BookedItem, lost: Weights) -> Weights:
    """The first part is the income, the rest the tax."""
    own = books.name(f"waived_{item.kind}", day, "", item.currency)
    if own == books.name(item.kind, day, "", item.currency):
        return lost
    return tuple((own if account == item.income[0][0] else account, minor) for account, minor in lost)


# Money ------------------------------------------------------------------------------------------------------------------


def _on_account(books: Books, fact: Any, id: str, kind: str, amount: Money, book: Money | None) -> Line:
    """A credit of the customer, on its account."""
    account = books.name("unapplied", fact.effective_on, kind, amount.currency)
    held = books.held(amount, book)
    books.credits[id] = BookedCredit(id, account, amount.currency, amount.minor, holding=held)
    return (account, amount.currency, -amount.minor)


def _payment(books: Books, fact: cash.PaymentReceived) -> Sequence[Line]:
    """Money on account, where it is there."""
    paid, day = fact.payment, fact.effective_on
    currency, minor = paid.amount.currency, paid.amount.minor
    line = _on_account(books, fact, paid.id, "payment", paid.amount, _valued(paid.amount, paid.book_rate))
    known = books.credits[paid.id]
    known.status, known.cash = paid.status, books.name("cash", day, paid.method, currency)
    return ((known.cash, currency, minor), line) if paid.status == "settled" else ()


def _fate(status: str | None) -> Rule:
    """What became of a payment: the money came, came not, or went back."""

    def rule(books: Books, fact: Any) -> Sequence[Line]:
        paid, now = books.credits.get(fact.payment), status or fact.kind
        if paid is None or now not in LIFE.get(paid.status, ()):
            return ()
        was, paid.status = paid.status, now
        if "settled" not in (was, now):
            return ()
        sign = 1 if now == "settled" else -1
        return ((paid.cash, paid.currency, sign * paid.amount), (paid.account, paid.currency, -sign * paid.amount))

    return rule


def _allocation(books: Books, fact: cash.AllocationMade) -> Sequence[Line]:
    """From what is on account to what is owed."""
    made, day = fact.allocation, fact.effective_on
    item, paid = books.items.get(made.item), books.credits.get(made.source)
    if item is None and paid is None:
        return ()
    currency, minor = made.amount.currency, made.amount.minor
    other = books.name("transfer", day, "", currency) if item is None or paid is None else ""
    lines = (
        (other if paid is None else paid.account, currency, minor),
        (other if item is None else item.account, currency, -minor),
    )
    owed, held = item and item.holding, paid and paid.holding
    use = books.use(fact, "allocation", minor, item=owed, credit=held) if owed or held else None
    if item is not None:
        item.open -= minor
    books.made[fact.id] = Made(lines, item, minor, use)
    return lines


def _undone(field: str) -> Rule:
    return lambda books, fact: books.undo(getattr(fact, field), fact.effective_on)


def _difference(books: Books, fact: cash.DifferenceSettled) -> Sequence[Line]:
    part = fact.part
    if part.item is None:
        return _kept(books, fact)
    item = books.items.get(part.item)
    if item is None:
        return ()
    contra = weighted(_borne(books, fact.effective_on, part))
    return books.reduce(fact, fact.id, item, part.amount.minor, part.kind, contra, fact.source)


def _borne(books: Books, day: dt.date, part: SettlementPart) -> Iterator[tuple[str, int]]:
    """The net amount, and the tax that it lowers by rate."""
    currency = part.amount.currency
    yield books.name(PART_ROLES[part.kind], day, part.kind, currency), part.net.minor
    for share in part.taxes:
        yield books.name("tax", day, code_of(share.percent), currency), share.amount.minor


def _kept(books: Books, fact: cash.DifferenceSettled) -> Sequence[Line]:
    """A surplus that was too small to give back."""
    paid, part, day = books.credits.get(fact.source), fact.part, fact.effective_on
    if paid is None:
        return ()
    minor, currency = -part.amount.minor, part.amount.currency
    role = PART_ROLES[part.kind]
    lines: list[Line] = [(paid.account, currency, minor)]
    use = None
    if paid.holding is None:
        lines.append((books.name(role, day, part.kind, currency), currency, -minor))
    else:
        contra = ((books.name(role, day, part.kind, paid.holding.book), 1),)
        lines.append(books.exchanged(day, currency, -minor))
        use = books.use(fact, part.kind, minor, credit=paid.holding, contra=contra)
    books.made[fact.id] = Made(lines, use=use)
    return lines


def _refund(books: Books, fact: cash.RefundMade) -> Sequence[Line]:
    """Money that goes back; what went out by its rate against what the credit was carried at is a gain or a loss."""
    paid, amount = books.credits.get(fact.source), fact.amount
    if paid is None:
        return ()
    if paid.holding is not None:
        value = refunded(amount, fact.book_rate, paid.holding.book)
        books.use(fact, "refund", amount.minor, credit=paid.holding, value=value)
    out = books.name("refund", fact.effective_on, "", amount.currency)
    return [(paid.account, amount.currency, amount.minor), (out, amount.currency, -amount.minor)]


def _conversion(books: Books, fact: cash.CreditConverted) -> Sequence[Line]:
    """A credit in another currency: it stands for what it was made of, or a gain or a loss is realized."""
    made, day = fact.conversion, fact.effective_on
    paid = books.credits.get(made.source)
    line = _on_account(books, fact, fact.id, fact.kind, made.after, None)
    if paid is None:
        return [books.exchanged(day, made.after.currency, made.after.minor), line]
    _convert(books, fact, paid)
    return [
        (paid.account, made.before.currency, made.before.minor),
        books.exchanged(day, made.before.currency, -made.before.minor),
        books.exchanged(day, made.after.currency, made.after.minor),
        line,
    ]


def _convert(books: Books, fact: cash.CreditConverted, paid: BookedCredit) -> None:
    """Pass the carrying amount on, or realize it where the credit is in the book currency now."""
    made, became = fact.conversion, books.credits[fact.id]
    if paid.holding is None:
        # In the book currency it stands for itself; in any other it is not known what it stands for.
        known = made.before if made.before.currency == books.book else None
        became.holding = books.held(made.after, known)
        return
    book = paid.holding.book
    value = made.after.minor if made.after.currency == book else None
    use = books.use(fact, "conversion", made.before.minor, credit=paid.holding, value=value)
    if value is None:
        became.holding = Holding(made.after.minor, book, origin=use)
        paid.holding.derived.append(became.holding)


def _sent(books: Books, fact: cash.CreditTransferred) -> Sequence[Line]:
    paid, amount = books.credits.get(fact.source), fact.amount
    if paid is None:
        return ()
    if paid.holding is not None:
        books.use(fact, "transfer", amount.minor, credit=paid.holding)
    other = books.name("transfer", fact.effective_on, "", amount.currency)
    return [(paid.account, amount.currency, amount.minor), (other, amount.currency, -amount.minor)]


def _arrived(books: Books, fact: cash.CreditArrived) -> Sequence[Line]:
    amount = fact.amount
    line = _on_account(books, fact, fact.id, fact.kind, amount, fact.book)
    return [(books.name("transfer", fact.effective_on, "", amount.currency), amount.currency, amount.minor), line]


# Losses -----------------------------------------------------------------------------------------------------------------


def _written_off(sign: int) -> Rule:
    """An item that is given up: the allowance, the tax that is to come back and the expense bear it."""

    def rule(books: Books, fact: Any) -> Sequence[Line]:
        item = books.items.get(fact.item)
        if item is None:
            return ()
        if sign > 0:
            books.codes[fact.id] = fact.code
        code = fact.code if sign > 0 else books.codes.get(fact.write_off, "")
        borne = (
            ("allowance", "", fact.allowance_used),
            ("tax_relief", "", fact.relief),
            ("write_off", code, fact.expense),
        )
        contra = _loss(books, fact, item, borne)
        return books.reduce(fact, fact.id, item, sign * fact.amount.minor, "written_off", contra)

    return rule


def _recovered(books: Books, fact: loss.Recovered) -> Sequence[Line]:
    """What was written off is owed again, for the allocation beside it."""
    item = books.items.get(fact.item)
    if item is None:
        return ()
    borne = (
        ("allowance", "", fact.allowance_credited),
        ("tax_relief", "", fact.relief),
        ("recovery", "", fact.income),
    )
    return books.reduce(fact, fact.id, item, -fact.amount.minor, "recovered", _loss(books, fact, item, borne))


def _loss(books: Books, fact: Any, item: BookedItem, borne: Iterable[tuple[str, str, Money]]) -> Weights:
    currency = item.currency if item.holding is None else item.holding.book
    return weighted((books.name(role, fact.effective_on, code, currency), part.minor) for role, code, part in borne)


def _relief(sign: int) -> Rule:
    """Tax on a bad debt: claimed from the tax office, or owed to it again."""

    def rule(books: Books, fact: Any) -> Sequence[Line]:
        item, day = books.items.get(fact.item), fact.effective_on
        if item is None:
            return ()
        currency = item.currency if item.holding is None else item.holding.book
        known = [(books.name("tax", day, code_of(part.percent), currency), part.tax.minor) for part in fact.taxes]
        rest = fact.amount.minor - sum(minor for _, minor in known)
        taxes = weighted((*known, (books.name("tax", day, "", currency), rest)))
        minor = fact.amount.minor
        if item.holding is not None:
            minor = item.holding.share(minor, day)
            taxes = tuple(parted(minor, taxes).items())
        pending = (books.name("tax_relief", day, "", currency), currency, -sign * minor)
        return [*((account, currency, sign * part) for account, part in taxes), pending]

    return rule


# Accounts ---------------------------------------------------------------------------------------------------------------


def _handed_over(books: Books, fact: merge.DocumentsHandedOver) -> Sequence[Line]:
    """What is open of invoices that are another customer's from now on."""
    lines = [_moved(books, fact.effective_on, item, -1) for item in _items_of(books, fact.documents)]
    return _together(line for both in lines for line in both)


def _taken_on(books: Books, fact: merge.DocumentsTakenOn) -> Sequence[Line]:
    """What was open of invoices that came from another customer, with all that was booked about them there."""
    source, day = _source(books, fact), fact.effective_on
    lines: list[Line] = []
    items = _items_of(source, fact.documents)
    for item in items:
        _renamed(source, item.account, books.name("receivable", day, item.kind, item.currency), item)
        books.items[item.id] = item
        lines.extend(_moved(books, day, item, 1))
    books.credits.update({id: source.credits[id] for id in fact.credits if id in source.credits})
    books.made.update({id: made for id, made in source.made.items() if made.item in items})
    return _together(lines)


def _source(books: Books, fact: merge.DocumentsTakenOn) -> Books:
    """The books of the account that documents came from, as they were before that.

    Raises `UnknownId` where its log was not given, or says nothing of it.
    """
    if fact.came_from not in books.others:
        raise UnknownId("log among the others of the journal", fact.came_from)
    found = Books(books.accounts, books.others, book=books.accounts.currency)
    for each in books.others[fact.came_from]:
        if isinstance(each, merge.DocumentsHandedOver) and (each.documents, each.recorded_at) == (
            fact.documents,
            fact.recorded_at,
        ):
            return found
        lines_of(found, each)
    raise UnknownId(f"handing over in the log of {fact.came_from!r}", ", ".join(fact.documents))


def _items_of(books: Books, documents: Iterable[str]) -> Sequence[BookedItem]:
    wanted = set(documents)
    return [item for item in books.items.values() if item.document in wanted]


def _moved(books: Books, day: dt.date, item: BookedItem, sign: int) -> Sequence[Line]:
    other = books.name("transfer", day, "", item.currency)
    return [(item.account, item.currency, sign * item.open), (other, item.currency, -sign * item.open)]


def _renamed(source: Books, before: str, after: str, item: BookedItem) -> None:
    """An item on the control account of its new customer, in what can be taken back of it as well."""
    item.account = after
    for made in source.made.values():
        if made.item is item:
            made.lines = [(after if line[0] == before else line[0], *line[1:]) for line in made.lines]


def _valued(amount: Money, rate: ExchangeRate | None) -> Money | None:
    return None if rate is None else rate.convert(amount)


def _together(lines: Iterable[Line]) -> list[Line]:
    """One line for each account and currency."""
    found: dict[tuple[str, Currency], int] = {}
    for account, currency, minor in lines:
        found[account, currency] = found.get((account, currency), 0) + minor
    return [(account, currency, minor) for (account, currency), minor in found.items()]


def lines_of(books: Books, fact: Fact) -> Sequence[Line]:
    """The lines of a fact on its day; raises `WrongType` for what is no fact of this library."""
    books.count += 1
    rule = RULES.get(type(fact))
    if rule is not None:
        return rule(books, fact)
    if type(fact) not in NO_POSTING:
        raise WrongType("journal.facts", fact, "a fact")
    return ()


Rule = Callable[[Books, Any], Sequence[Line]]

RULES: Final[Mapping[type, Rule]] = {
    customer.AccountOpened: _opened,
    customer.CustomerChanged: _opened,
    customer.GroupOpened: _group,
    invoice.InvoiceIssued: _invoice,
    invoice.CreditNoteIssued: _credit_note,
    invoice.ItemTakenOver: _taken_over,
    cash.PaymentReceived: _payment,
    cash.PaymentSettled: _fate("settled"),
    cash.PaymentFailed: _fate("failed"),
    cash.PaymentReturned: _fate(None),
    cash.AllocationMade: _allocation,
    cash.AllocationUndone: _undone("allocation"),
    cash.DifferenceSettled: _difference,
    cash.DifferenceUndone: _undone("difference"),
    cash.RefundMade: _refund,
    cash.CreditConverted: _conversion,
    cash.CreditTransferred: _sent,
    cash.CreditArrived: _arrived,
    charge.ChargeRaised: _charge,
    charge.ChargeReversed: _charge_less(waived=False, sign=1),
    charge.ChargeWaived: _charge_less(waived=True, sign=1),
    charge.ChargeReinstated: _charge_less(waived=True, sign=-1),
    loss.WrittenOff: _written_off(1),
    loss.WriteOffReversed: _written_off(-1),
    loss.Recovered: _recovered,
    loss.ReliefClaimed: _relief(1),
    loss.ReliefRepaid: _relief(-1),
    merge.DocumentsHandedOver: _handed_over,
    merge.DocumentsTakenOn: _taken_on,
}
"""Fact -> its lines."""
