"""Random logs of two customers in which everything that moves money happens, for the tests of the journal.

What a clerk records is plausible: nothing is used twice, and what is taken back was made before. Much is recorded late, in
three currencies, with and without rates to the books in euro, and money goes from one customer to the other.
"""

import datetime as dt
from decimal import Decimal

from receivables import (
    Allocation,
    CreditNote,
    Customer,
    Installment,
    Invoice,
    InvoiceLine,
    Money,
    Payment,
    Schedule,
    TakenOverItem,
    TaxPart,
)
from receivables.documents.charge import Charge
from receivables.documents.discount_tax import TaxShare
from receivables.documents.exchange import Conversion, ExchangeRate
from receivables.documents.loss import SpecificAllowance
from receivables.documents.notice import PolicyRef
from receivables.documents.payment import METHODS
from receivables.documents.settlement import SettlementPart
from receivables.facts import cash, charge, invoice, loss
from receivables.facts.customer import AccountOpened, CustomerChanged
from receivables.facts.invoice import DueDateExtended
from receivables.policies.accounts import AccountMap, AccountRule
from receivables.values.currencies import Currency

FIRST = dt.date(2026, 1, 5)
EUR, USD, JPY = (Currency.of(code) for code in ("EUR", "USD", "JPY"))
UNIT = {EUR: Decimal(1), USD: Decimal("1.0850"), JPY: Decimal("161.3")}
REF = PolicyRef(id="standard", version=1, digest="0" * 64)

ACCOUNTS = AccountMap.standard(
    AccountRule(role="receivable", segment="public", account="Assets:Receivable:Public"),
    AccountRule(role="receivable", code="interest", account="Assets:Receivable:Interest"),
    AccountRule(role="unapplied", code="credit_note", account="Liabilities:Credit-Notes"),
    AccountRule(role="cash", code="card", account="Assets:Card-Clearing"),
    AccountRule(role="tax", code="20", account="Liabilities:Tax:Full"),
    AccountRule(role="tax", code="5", account="Liabilities:Tax:Reduced"),
    AccountRule(role="revenue", currency="JPY", account="Income:Sales:Japan"),
    AccountRule(role="waived_fee", account="Expenses:Waived"),
    currency=EUR,
)


class Story:
    """Two logs that grow; ``dice`` is a `random.Random`, or one that hypothesis drives."""

    def __init__(self, dice, names=("A", "B"), known=False):
        self.dice = dice
        self.names = names
        self.day = FIRST
        self.count = 0
        self.facts = {name: [] for name in names}
        self.items = {}
        self.credits = {}
        self.made = {}
        self.parts = {}
        self.kept = {}
        self.charges = {}
        self.lost = {}
        self.recovered = {}
        self.relief = {}
        for name in names:
            self.record(name, AccountOpened, customer=Customer(id=name))
        self.known = known

    def tell(self, most):
        for _ in range(most):
            self.day += dt.timedelta(days=self.dice.choice((0, 0, 0, 1, 3)))
            self.dice.choice(EVENTS)(self)
        return self

    def record(self, name, fact, on=None, /, **fields):
        self.count += 1
        now = dt.datetime.combine(self.day, dt.time(8), dt.UTC) + dt.timedelta(seconds=self.count)
        self.facts[name].append(fact(effective_on=on or self.day, recorded_at=now, **fields))

    def id(self, prefix):
        return f"{prefix}{self.count}"

    def late(self):
        return self.day - dt.timedelta(days=self.dice.randint(0, 10))

    def money(self):
        return Money(self.dice.randint(1, 20_000), self.dice.choice((EUR, EUR, EUR, USD, USD, JPY)))

    def rate(self, currency, on):
        """A rate to the books that moves about, for three documents in four, or for all where it is always ``known``."""
        if currency == EUR or (not self.known and self.dice.randint(0, 3) == 0):
            return None
        return self.any_rate(currency, on)

    def any_rate(self, currency, on):
        moved = UNIT[currency] * self.dice.randint(90, 110) / 100
        return ExchangeRate(base=EUR, quote=currency, rate=moved, on=on, source="ECB")

    def one(self, names):
        names = sorted(names)
        return self.dice.choice(names) if names else None

    def usable(self, *kinds):
        return [
            id
            for id, each in self.credits.items()
            if each["left"] > 0 and each["status"] == "settled" and (not kinds or each["kind"] in kinds)
        ]

    def add_item(self, id, name, amount, on, booked, taxes=()):
        self.items[id] = {
            "of": name,
            "cur": amount.currency,
            "on": on,
            "open": amount.minor,
            "booked": booked,
            "taxes": taxes,
        }

    def add_credit(self, id, name, amount, on, kind, status="settled", known=False):
        self.credits[id] = {
            "of": name,
            "cur": amount.currency,
            "on": on,
            "left": amount.minor,
            "amount": amount.minor,
            "kind": kind,
            "status": status,
            "moved": False,
            "known": known,
        }


def parts_of(story, total):
    """The parts of an invoice; now and then one that takes back."""
    if story.dice.randint(0, 4) == 0:
        extra = Money(story.dice.randint(1, 500), total.currency)
        return [total + extra, -extra]
    pieces = total.split([1] * story.dice.choice((1, 1, 1, 2, 3)))
    return [piece for piece in pieces if piece.minor] or [total]


def lines_of(story, total):
    """Lines at 20 %, 5 % and without a rate that is known; the tax is what it is."""
    if story.dice.randint(0, 1):
        return ()
    gross = [each for each in total.split([3, 1]) if each.minor]
    percents = [Decimal("20.0"), story.dice.choice((Decimal(5), Decimal(0), None))]
    taxes = [
        Money(each.minor * int(percent or 0) // (100 + int(percent or 0)), total.currency)
        for each, percent in zip(gross, percents, strict=False)
    ]
    return tuple(
        InvoiceLine(net=each - tax, tax=tax, tax_percent=percent)
        for each, tax, percent in zip(gross, taxes, percents, strict=False)
    )


def issue(story):
    name, total, on = story.dice.choice(story.names), story.money(), story.late()
    number, rate = story.id("INV"), story.rate(total.currency, on)
    schedule = Schedule(
        installments=tuple(
            Installment(amount=part, due_on=on + dt.timedelta(days=30)) for part in parts_of(story, total)
        )
    )
    bill = Invoice(
        number=number,
        account=name,
        issued_on=on,
        total=total,
        schedule=schedule,
        lines=lines_of(story, total),
        book_rate=rate,
    )
    story.record(name, invoice.InvoiceIssued, on, invoice=bill)
    for id, part in bill.items():
        if part.amount.minor >= 0:
            story.add_item(id, name, part.amount, on, rate is not None, bill.lines)
        else:
            story.add_credit(id, name, -part.amount, on, "invoice_part", known=rate is not None)


def take_over(story):
    name, open_, on = story.dice.choice(story.names), story.money(), story.late()
    rate, id = story.rate(open_.currency, on), story.id("OLD")
    item = TakenOverItem(id=id, account=name, issued_on=on, due_on=on, open=open_, book_rate=rate)
    story.record(name, invoice.ItemTakenOver, on, item=item)
    story.add_item(id, name, open_, on, rate is not None)


def credit_note(story):
    name, total, on = story.dice.choice(story.names), story.money(), story.late()
    number, rate = story.id("CN"), story.rate(total.currency, on)
    lines = lines_of(story, total)
    taxes = ()
    if lines and all(line.tax_percent is not None for line in lines) and story.dice.randint(0, 1):
        taxes = tuple(TaxPart(percent=line.tax_percent, net=line.net, tax=line.tax) for line in lines)
        lines = ()
    note = CreditNote(number=number, account=name, issued_on=on, total=total, lines=lines, taxes=taxes, book_rate=rate)
    story.record(name, invoice.CreditNoteIssued, on, credit_note=note)
    story.add_credit(number, name, total, on, "credit_note", known=rate is not None)


def pay(story):
    name, amount, on = story.dice.choice(story.names), story.money(), story.late()
    id, rate = story.id("P"), story.rate(amount.currency, on)
    status = story.dice.choice(("settled", "settled", "settled", "pending", "unknown"))
    paid = Payment(
        id=id,
        account=name,
        amount=amount,
        value_date=on,
        status=status,
        method=story.dice.choice(METHODS),
        book_rate=rate,
    )
    story.record(name, cash.PaymentReceived, on, payment=paid)
    story.add_credit(id, name, amount, on, "payment", status, known=rate is not None)


def decide(story):
    id = story.one([id for id, each in story.credits.items() if each["status"] in ("pending", "unknown")])
    if id is None:
        return
    known = story.credits[id]
    on = max(known["on"], story.late())
    if story.dice.randint(0, 2):
        story.record(known["of"], cash.PaymentSettled, on, payment=id)
        known.update(status="settled", on=on)
    else:
        story.record(known["of"], cash.PaymentFailed, on, payment=id, code="declined")
        known.update(status="failed", left=0)


def apply(story):
    source = story.one(story.usable())
    if source is None:
        return None
    known = story.credits[source]
    mine = [id for id, each in story.items.items() if each["of"] == known["of"] and each["cur"] == known["cur"]]
    item = story.one([id for id in mine if story.items[id]["open"] > 0])
    if item is None:
        return None
    most = min(known["left"], story.items[item]["open"])
    minor = most if story.dice.randint(0, 2) == 0 else story.dice.randint(1, most)
    return allocate(story, source, item, minor)


def allocate(story, source, item, minor):
    known, owed = story.credits[source], story.items[item]
    on, id = max(known["on"], owed["on"]), story.id("a")
    part = Allocation(source=source, item=item, amount=Money(minor, known["cur"]))
    story.record(known["of"], cash.AllocationMade, on, id=id, allocation=part)
    story.made[id] = (source, item, minor, on)
    known["left"] -= minor
    owed["open"] -= minor
    return id


def unapply(story):
    id = story.one(story.made)
    if id is not None:
        undo(story, id, story.made[id][3])


def undo(story, id, on):
    source, item, minor, made_on = story.made.pop(id)
    story.record(story.credits[source]["of"], cash.AllocationUndone, max(on, made_on), allocation=id)
    story.credits[source]["left"] += minor
    story.items[item]["open"] += minor


def settle(story):
    """Money on an item, and a part of it that is closed without."""
    allocation = apply(story)
    if allocation is None:
        return
    source, item, _, on = story.made[allocation]
    owed = story.items[item]
    if owed["open"] <= 0:
        return
    kinds = ("discount_earned", "discount_in_grace", "tolerance", "withheld_tax", "bank_fee", "write_off")
    # The report about exchange differences knows only those of items in a foreign currency.
    kind = story.dice.choice(kinds if owed["cur"] == EUR else (*kinds, "exchange_difference"))
    amount = Money(story.dice.randint(1, owed["open"]), owed["cur"])
    taxes = ()
    if kind.startswith("discount") and story.dice.randint(0, 1):
        taxes = (TaxShare(percent=Decimal(20), amount=Money(amount.minor // 6, amount.currency)),)
    id = story.id("d")
    part = SettlementPart(kind=kind, amount=amount, reason="agreed", item=item, taxes=taxes)
    story.record(owed["of"], cash.DifferenceSettled, on, id=id, source=source, part=part, settlement=allocation)
    story.parts[id] = (source, item, amount.minor, on)
    owed["open"] -= amount.minor


def reopen(story):
    id = story.one(story.parts)
    if id is not None:
        reopened(story, id, story.parts[id][3] + dt.timedelta(days=story.dice.choice((0, 0, 4))))


def reopened(story, id, on):
    _, item, minor, made_on = story.parts.pop(id)
    story.record(story.items[item]["of"], cash.DifferenceUndone, max(on, made_on), difference=id)
    story.items[item]["open"] += minor


def keep(story):
    """A surplus that is too small to give back."""
    source = story.one(story.usable("payment"))
    if source is None:
        return
    known = story.credits[source]
    minor, id = story.dice.randint(1, known["left"]), story.id("k")
    part = SettlementPart(
        kind=story.dice.choice(("tolerance", "write_off")), amount=Money(-minor, known["cur"]), reason="surplus_kept"
    )
    story.record(known["of"], cash.DifferenceSettled, known["on"], id=id, source=source, part=part, settlement=id)
    story.kept[id] = (source, minor, known["on"])
    known["left"] -= minor


def give_back(story):
    """A payment that went back, with all that was done with it."""
    ids = [id for id, each in story.credits.items() if each["kind"] == "payment" and each["status"] == "settled"]
    id = story.one([id for id in ids if not story.credits[id]["moved"] and id.startswith("P")])
    if id is None:
        return
    known = story.credits[id]
    kind = story.dice.choice(("returned", "chargeback", "reversed"))
    on = known["on"] if kind == "reversed" else max(known["on"], story.late())
    story.record(known["of"], cash.PaymentReturned, on, payment=id, kind=kind, code="AC04")
    for made in [made for made, each in story.made.items() if each[0] == id]:
        undo(story, made, on)
    for part in [part for part, each in story.parts.items() if each[0] == id]:
        reopened(story, part, on)
    for made in [made for made, each in story.recovered.items() if each[0] == id]:
        _, recovered_on = story.recovered.pop(made)
        story.record(known["of"], cash.AllocationUndone, max(on, recovered_on), allocation=f"{made}a")
        story.record(known["of"], cash.DifferenceUndone, max(on, recovered_on), difference=made)
    for part in [part for part, each in story.kept.items() if each[0] == id]:
        _, _, kept_on = story.kept.pop(part)
        story.record(known["of"], cash.DifferenceUndone, max(on, kept_on), difference=part)
    known.update(status=kind, left=0)


def elsewhere(story, *kinds):
    source = story.one(story.usable(*kinds))
    if source is None:
        return None
    known = story.credits[source]
    minor = story.dice.choice((known["left"], story.dice.randint(1, known["left"])))
    known["left"] -= minor
    known["moved"] = True
    return source, known, Money(minor, known["cur"])


def refund(story):
    found = elsewhere(story)
    if found is not None:
        source, known, amount = found
        on = max(known["on"], story.late())
        story.record(
            known["of"],
            cash.RefundMade,
            on,
            id=story.id("r"),
            source=source,
            amount=amount,
            book_rate=story.rate(amount.currency, on),
        )


def convert(story):
    found = elsewhere(story)
    if found is None:
        return
    source, known, amount = found
    on, id = max(known["on"], story.late()), story.id("c")
    to = story.dice.choice([each for each in (EUR, USD, JPY) if each != amount.currency])
    between = UNIT[to] / UNIT[amount.currency]
    rate = ExchangeRate(
        base=amount.currency,
        quote=to,
        rate=round(between * story.dice.randint(90, 110) / 100, 6),
        on=on,
        source="bank",
    )
    if not rate.convert(amount).is_positive:
        known["left"] += amount.minor
        return
    made = Conversion.by(rate, source, amount, on=on)
    story.record(known["of"], cash.CreditConverted, on, id=id, conversion=made, kind=known["kind"])
    story.add_credit(id, known["of"], made.after, on, known["kind"])


def transfer(story):
    found = elsewhere(story)
    if found is None or len(story.names) < 2:
        return
    source, known, amount = found
    other = next(name for name in story.names if name != known["of"])
    id, on = story.id("t"), known["on"]
    book = None
    if amount.currency != EUR and (story.known or story.dice.randint(0, 1)):
        book = story.any_rate(amount.currency, on).convert(amount)
    sent = {"id": id, "source": source, "amount": amount}
    story.record(known["of"], cash.CreditTransferred, on, to=other, **sent)
    story.record(other, cash.CreditArrived, on, came_from=known["of"], kind=known["kind"], book=book, **sent)
    story.add_credit(id, other, amount, on, known["kind"], known=book is not None)


def raise_charge(story):
    item = story.one([id for id, each in story.items.items() if each["cur"] == EUR and id not in story.charges])
    if item is None:
        return
    kind, amount = story.dice.choice(("fee", "interest")), Money(story.dice.randint(1, 5_000), EUR)
    id, on = story.id("f"), max(story.items[item]["on"], story.late())
    tax = Money(amount.minor // 6, EUR) if kind == "fee" and story.dice.randint(0, 1) else None
    raised = Charge(id=id, item=item, document=item, kind=kind, amount=amount, tax=tax)
    story.record(story.items[item]["of"], charge.ChargeRaised, on, charge=raised)
    story.add_item(id, story.items[item]["of"], amount, on, False)
    story.charges[id] = 0


def charge_less(story):
    id = story.one([id for id in story.charges if story.items[id]["open"] > 0])
    if id is None:
        return
    owed = story.items[id]
    on = max(owed["on"], story.late())
    minor = story.dice.randint(1, owed["open"])
    fields = {"charge": id, "amount": Money(minor, EUR), "reason": "a plan", "approver": "bob"}
    if story.dice.randint(0, 1):
        story.record(owed["of"], charge.ChargeReversed, on, **fields)
        owed["open"] -= minor
        return
    story.record(owed["of"], charge.ChargeWaived, on, **fields)
    owed["open"] -= minor
    if story.dice.randint(0, 1):
        again = story.dice.randint(1, minor)
        story.record(
            owed["of"],
            charge.ChargeReinstated,
            max(on, story.day),
            charge=id,
            amount=Money(again, EUR),
            reason="the plan",
            approver="bob",
        )
        owed["open"] += again


def write_off(story):
    item = story.one([id for id, each in story.items.items() if each["open"] > 0])
    if item is None:
        return
    owed = story.items[item]
    amount = Money(story.dice.choice((owed["open"], story.dice.randint(1, owed["open"]))), owed["cur"])
    used = Money(story.dice.randint(0, amount.minor), amount.currency)
    relief = Money(story.dice.randint(0, amount.minor - used.minor), amount.currency)
    id, on = story.id("w"), max(owed["on"], story.late())
    story.record(
        owed["of"],
        loss.WrittenOff,
        on,
        id=id,
        item=item,
        amount=amount,
        code=story.dice.choice(("insolvent", "small")),
        allowance_used=used,
        relief=relief,
    )
    owed["open"] -= amount.minor
    story.lost[id] = [item, amount, used, relief, on]


def lost_again(story):
    """A write-off that was a mistake, in full."""
    id = story.one(story.lost)
    if id is None:
        return
    item, amount, used, relief, on = story.lost.pop(id)
    story.record(
        story.items[item]["of"],
        loss.WriteOffReversed,
        on,
        id=story.id("v"),
        write_off=id,
        item=item,
        amount=amount,
        allowance_used=used,
        relief=relief,
        reason="a mistake",
    )
    story.items[item]["open"] += amount.minor


def recover(story):
    """So much of what was lost is paid after all; the money settles it at once."""
    id = story.one(story.lost)
    if id is None:
        return
    item, amount, _, _, on = story.lost[id]
    owed = story.items[item]
    mine = [each for each in story.usable("payment") if story.credits[each]["of"] == owed["of"]]
    source = story.one([each for each in mine if story.credits[each]["cur"] == owed["cur"]])
    if source is None:
        return
    del story.lost[id]
    minor = min(amount.minor, story.credits[source]["left"])
    day, made = max(on, story.credits[source]["on"], owed["on"]), story.id("R")
    zero = Money(0, amount.currency)
    story.record(
        owed["of"],
        loss.Recovered,
        day,
        id=made,
        item=item,
        source=source,
        amount=Money(minor, amount.currency),
        settlement=made,
        allowance_credited=Money(minor // 3, amount.currency),
        relief=zero,
    )
    part = Allocation(source=source, item=item, amount=Money(minor, owed["cur"]))
    story.record(owed["of"], cash.AllocationMade, day, id=f"{made}a", allocation=part, settlement=made)
    story.credits[source]["left"] -= minor
    story.recovered[made] = (source, day)


def claim_relief(story):
    id = story.one([id for id, each in story.lost.items() if each[3].minor])
    if id is None:
        return
    item, _, _, relief, _ = story.lost[id]
    made = story.id("T")
    fields = {"id": made, "item": item, "amount": relief}
    net = Money(5 * relief.minor, relief.currency)
    taxes = (TaxPart(percent=Decimal(20), net=net, tax=relief),)
    story.record(
        story.items[item]["of"],
        loss.ReliefClaimed,
        unpaid=net,
        taxes=taxes,
        supplied_on=FIRST,
        due_on=FIRST,
        regime=REF,
        **fields,
    )
    if story.dice.randint(0, 1):
        fields["id"] = f"{made}b"
        story.record(story.items[item]["of"], loss.ReliefRepaid, taxes=taxes, cause="recovered", **fields)


def change(story):
    name = story.dice.choice(story.names)
    customer = Customer(id=name, segment=story.dice.choice(("", "public")))
    story.record(name, CustomerChanged, story.late(), customer=customer)


def no_money(story):
    item = story.one(story.items)
    if item is not None:
        name = story.items[item]["of"]
        allowance = SpecificAllowance(id=story.id("s"), account=name, item=item, code="small", percent=Decimal(50))
        story.record(name, loss.SpecificAllowanceSet, allowance=allowance)
        story.record(name, DueDateExtended, item=item, due_on=story.day, approver="bob", reason="asked")


EVENTS = (
    *(issue, issue, issue, pay, pay, pay, pay, apply, apply, apply, settle, settle),
    *(take_over, credit_note, decide, decide, unapply, unapply, reopen, keep, give_back, refund, convert, transfer),
    *(raise_charge, charge_less, write_off, lost_again, recover, claim_relief, change, no_money),
)
