"""A day at the bank: from the bytes of bank files to settled items, with what became of every line.

    python examples/bank_day.py [FILE ...] [--no-clerk] [--seed N] [--quiet]

Each file is camt.052, camt.053, camt.054, MT940 or MT942. Without a file the example makes two camt.053 statements of its
own, seeded: payments in full, less the discount, short by cents, of several invoices, under an unknown name, announced and
booked the day after, in both files, and one that comes back.

A bank file of yours holds no invoices. For its lines open ones are **made up here**: a customer for each payer that the bank
names, and an invoice of the amount of the line for each line that cites a reference with a digit in it. Lines without one
have no invoice, and their money is what nobody can place.

What the run does with a line:

1. A booked credit is matched. What may be posted is received on the account of its debtor and settled in the same commit;
   the rest is received in the suspense account.
2. An announced credit is a pending payment. Where nothing but the missing money speaks against posting, it is kept for the
   items. The booked line confirms it.
3. A return takes back the payment that it cites, and the items are open again; one that cites nothing sure is listed.
4. A person (here: a rule that takes the first proposal for a known debtor) decides about the suspense account; what is decided is
   transferred and settled in their name.

The same line in another file is known, and changes nothing; so is the same file. The exit code is 0 where every line has
an end and the money on accounts and items is what the bank booked; 1 where not.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import attrs

from receivables import Customer, Invoice, MemoryStore, Money, Payment, PaymentTerms, PolicyBook, Receivables
from receivables.documents.payment import Designation
from receivables.errors import ReceivablesError
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    DifferenceSettled,
    DifferenceUndone,
    PaymentReturned,
)
from receivables.facts.fact import Fact
from receivables.interop import camt, mt940
from receivables.interop.bank import SUSPENSE, BankFile, BankLine, announced, payments
from receivables.interop.bank_receipts import KnownPayment, confirming, known_payments, returning, same_payment
from receivables.plans.commands import ReceivePayment
from receivables.plans.posting import posting
from receivables.policies.matching import propose
from receivables.policies.matching_aliases import Relation
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_proposals import Proposal
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance
from receivables.testing import FixedClock, RecordingNotifier

SMALL = tuple(Money.of(1, code) for code in ("EUR", "CHF", "USD", "GBP"))
MATCHING = MatchingPolicy(id="bank", version=1, tolerances=SMALL, tolerance_percent=None)
SETTLEMENT = SettlementPolicy(id="bank", version=1, tolerance=Tolerance(amount=SMALL))
DAY = dt.timedelta(days=1)
CLERK = "clerk"


@attrs.define
class Outcome:
    """What became of one line, or of an entry that could not be read."""

    path: str
    amount: Money | None
    kind: str
    words: str = ""
    payment: str | None = None


class BankDay:
    """The accounts, and the run over one bank file after another."""

    def __init__(self, today: dt.date, invoices: Sequence[Invoice] = (), relations: Sequence[Relation] = ()) -> None:
        self.today, self.relations = today, tuple(relations)
        self.store = MemoryStore()
        self.app = Receivables(
            store=self.store,
            notifier=RecordingNotifier(),
            clock=FixedClock.on(today),
            policies=PolicyBook.of(SETTLEMENT),
        )
        for id in sorted({SUSPENSE, *(each.account for each in invoices)}):
            self.app.open_account(Customer(id=id), key=f"open {id}")
        for invoice in invoices:
            self.app.issue_invoice(invoice, key=f"issue {invoice.number}")
        self.index = MatchIndex.of(())
        self.lines: dict[str, BankLine] = {}
        self.refused: set[str] = set()

    def run(self, file: BankFile, *, clerk: bool = True) -> list[Outcome]:
        """Take in one file: an outcome for each of its lines and each entry that was not read, in this order."""
        self.refresh()
        self.lines.update((line.identity, line) for line in file.lines)
        found = {at: self.listed(line) for at, line in enumerate(file.lines)}
        for kind, take in (("pending", self.announce), ("payment", self.receive), ("return", self.take_back)):
            known = self.known()
            for at, line in enumerate(file.lines):
                if line.kind == kind:
                    found[at] = self.safely(take, line, known)
        if clerk:
            self.decide(list(found.values()))
        lost = [Outcome(each.path, None, "not read", str(each)) for each in file.problems if each.lost]
        return [found[at] for at in sorted(found)] + lost

    def refresh(self) -> None:
        """Look at what is open now."""
        views = [self.app.view(id, self.today) for id in self.app.accounts() if id != SUSPENSE]
        self.index = MatchIndex.of(views, relations=self.relations)

    def known(self) -> tuple[KnownPayment, ...]:
        """The payments that are recorded; a host asks its store for those of the bank's own account and of late."""
        return known_payments(self.facts())

    def facts(self) -> Iterator[Fact]:
        """All that was recorded."""
        for id in self.app.accounts():
            yield from self.store.facts(id)

    def listed(self, line: BankLine) -> Outcome:
        """A line that is no money from a customer, as what it is."""
        return Outcome(line.path, line.amount, line.kind, line.text)

    def safely(self, take: object, line: BankLine, known: tuple[KnownPayment, ...]) -> Outcome:
        """A line that the engine refuses stops none of the others: it is listed with the reason."""
        try:
            return take(line, known)  # type: ignore[operator, no-any-return]
        except ReceivablesError as error:
            self.refused.add(line.identity)
            return Outcome(line.path, line.amount, "refused", str(error))

    # Money that comes

    def announce(self, line: BankLine, known: tuple[KnownPayment, ...]) -> Outcome:
        """A pending payment, kept for the items where only the money is missing."""
        made = announced([line])
        if not made:
            return self.listed(line)
        if self.is_claimed(line.payment_identity) or same_payment(line, known):
            return Outcome(line.path, line.amount, "known")
        best = propose(made[0], self.index, MATCHING).best
        payment = made[0]
        if best is not None and [reason.code for reason in best.against] == ["not_settled"]:
            meant = tuple(Designation(item=each.item, amount=each.amount) for each in best.allocations)
            payment = attrs.evolve(payment, account=best.account, designated=meant)
            self.index = self.index.after(best.account, best.allocations)
        self.app.receive_payment(payment, key=f"receive {payment.id}")
        return Outcome(line.path, line.amount, "announced", f"on {payment.account}", payment.id)

    def receive(self, line: BankLine, known: tuple[KnownPayment, ...]) -> Outcome:
        """A payment that was announced is confirmed, one that is new is received; what may be posted is posted."""
        confirmation = None if self.is_claimed(line.identity) and not self.is_pending(line) else confirming(line, known)
        if confirmation is not None:
            self.app.execute(confirmation)
            self.refresh()
            there = next(each for each in known if each.credit == confirmation.payment)
            payment = attrs.evolve(there.payment, status="settled", designated=())
            posted = propose(payment, self.index, MATCHING).posting
            posted = posted if self.post(payment, posted) else None
            return Outcome(line.path, line.amount, "confirmed", self.told(posted, payment), payment.id)
        if self.is_claimed(line.identity):
            return Outcome(line.path, line.amount, "known")
        (payment,) = payments([line])
        posted = propose(payment, self.index, MATCHING).posting
        if posted is None:
            self.app.receive_payment(payment, key=f"receive {payment.id}")
            return Outcome(line.path, line.amount, "in suspense", payment.remittance.text, payment.id)
        payment = attrs.evolve(payment, account=posted.account)
        if self.post(payment, posted, ReceivePayment(payment=payment, key=f"receive {payment.id}")):
            return Outcome(line.path, line.amount, "posted", self.told(posted, payment), payment.id)
        return Outcome(line.path, line.amount, "on account", self.told(None, payment), payment.id)

    def post(self, payment: Payment, proposal: Proposal | None, *first: ReceivePayment, by: str | None = None) -> bool:
        """Record a proposal in one commit with what comes before it; false where the settlement was refused."""
        commands = posting(proposal, payment, key=f"match {payment.id}", by=by) if proposal is not None else ()
        receipts = [result.unwrap() for result in self.app.record([*first, *commands])]
        refused = any(receipt.outcome == "refused" for receipt in receipts)
        if proposal is not None and not refused:
            self.index = self.index.after(proposal.account, (*proposal.credits, *proposal.allocations))
        return not refused

    def is_claimed(self, identity: str) -> bool:
        """Whether a bank line is recorded."""
        return bool(self.store.find("bank_line", identity))

    def is_pending(self, line: BankLine) -> bool:
        """Whether the payment of a line is announced and not there."""
        accounts = self.store.find("bank_line", line.payment_identity)
        return any(self.app.account(id).cash.status_of(line.payment_identity) == "pending" for id in accounts)

    def told(self, proposal: Proposal | None, payment: Payment) -> str:
        """Where the money is."""
        return f"on {payment.account}" if proposal is None else f"{proposal.account}: {', '.join(proposal.items)}"

    # Money that goes back

    def take_back(self, line: BankLine, known: tuple[KnownPayment, ...]) -> Outcome:
        """The payment that a return cites is taken back; else the line is listed for a person."""
        if self.is_claimed(line.identity):
            return Outcome(line.path, line.amount, "known")
        answer = returning(line, known)
        because = ", ".join(map(str, answer.reasons))
        if answer.command is None:
            return Outcome(line.path, line.amount, "return to clear", because)
        self.app.execute(answer.command)
        return Outcome(line.path, line.amount, "returned", f"{answer.command.of}: {because}")

    # A person

    def decide(self, outcomes: Iterable[Outcome]) -> None:
        """The person looks at what is in suspense, and takes the first proposal for a debtor that is known."""
        self.refresh()
        waiting = {credit.id: credit for credit in self.app.view(SUSPENSE, self.today).credits}
        told = {each.payment: each for each in outcomes if each.payment is not None}
        for each in self.known():
            if each.payment.id not in waiting or each.status != "settled":
                continue
            best = propose(each.payment, self.index, MATCHING, left=each.amount).best
            if best is not None and "unknown_debtor" not in {reason.code for reason in best.reasons}:
                settled = self.post(each.payment, best, by=CLERK)
                if each.payment.id in told:
                    told[each.payment.id].kind = "transferred" if settled else "on account"
                    told[each.payment.id].words = f"{self.told(best, each.payment)}, decided by {CLERK}"

    # What it comes to

    def conserved(self) -> list[tuple[str, int, int]]:
        """Per currency: what the lines book and take back, and what is on items, on account and in suspense, in minor units.

        The one is of the lines alone, each once; of the returns those count that were recorded. A surplus that the
        creditor kept is with the items.
        """
        facts = list(self.facts())
        undone = {fact.allocation for fact in facts if isinstance(fact, AllocationUndone)}
        undone |= {fact.difference for fact in facts if isinstance(fact, DifferenceUndone)}
        returned = {fact.bank_line for fact in facts if isinstance(fact, PaymentReturned)}
        booked: Counter[str] = Counter()
        stands: Counter[str] = Counter()
        for identity, line in self.lines.items():
            if line.kind == "payment" and identity not in self.refused:
                booked[line.amount.currency.code] += line.amount.minor
            elif identity in returned:
                booked[line.amount.currency.code] -= line.amount.minor
        for fact in facts:
            if isinstance(fact, AllocationMade) and fact.id not in undone:
                stands[fact.allocation.amount.currency.code] += fact.allocation.amount.minor
            elif isinstance(fact, DifferenceSettled) and fact.part.item is None and fact.id not in undone:
                stands[fact.part.amount.currency.code] -= fact.part.amount.minor
        for id in self.app.accounts():
            for credit in self.app.view(id, self.today).credits:
                stands[credit.currency.code] += credit.remaining
        return [(code, booked[code], stands[code]) for code in sorted({*booked, *stands})]


# Reading --------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> BankFile:
    """The bytes of a bank file, by the reader that they are for."""
    return camt.read(data) if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else mt940.read(data)


def made_up(files: Iterable[BankFile]) -> tuple[list[Invoice], list[Relation]]:
    """Open invoices for the lines of a real file, and who pays for whom; see the top of this module."""
    customers: dict[str, str] = {}
    invoices: dict[str, Invoice] = {}
    for line in (line for file in files for line in file.lines):
        payer = line.counterparty_account or line.counterparty_name
        number = next((word for word in (*line.cited, *line.text.split()) if _is_number(word)), None)
        if line.day is None or line.direction != "credit" or line.amount.is_zero or payer is None or number is None:
            continue
        account = customers.setdefault(payer, f"C-{len(customers) + 1:03d}")
        issued = line.day - 20 * DAY
        terms = PaymentTerms.parse("net 30")
        made = Invoice(number=number, account=account, issued_on=issued, total=line.amount, terms=terms)
        invoices.setdefault(number, made)
    return list(invoices.values()), [Relation(payer=payer, account=id) for payer, id in customers.items()]


def _is_number(word: str) -> bool:
    return 4 <= len(word) <= 35 and any(char.isdigit() for char in word) and word.isascii()


# The built-in files -----------------------------------------------------------------------------------------------------

OWN = "DE02120300000000202051"
MONDAY = dt.date(2026, 3, 2)
CUSTOMERS = {"ACME": "Acme GmbH", "BETA": "Beta Handels AG", "CANE": "Cane & Sons"}


def built_in(seed: int) -> tuple[list[bytes], list[Invoice], list[Relation]]:
    """Two statements, and the invoices that they pay, in amounts by the dice."""
    dice = random.Random(seed)
    invoices = []
    for at in range(10):
        total = Money(dice.randint(5_000, 500_000), Money.of(1, "EUR").currency)
        account = list(CUSTOMERS)[at % 3]
        terms = PaymentTerms.parse("2/14 net 30" if at == 1 else "net 30")
        issued = MONDAY - 10 * DAY
        invoices.append(Invoice(number=f"INV-{2001 + at}", account=account, issued_on=issued, total=total, terms=terms))
    owed = [each.total for each in invoices]

    def paid(at: int, minor: int, text: str, more: str = "", **status: str) -> str:
        return entry(minor, CUSTOMERS[invoices[at].account], text, f"P{seed}-{at}", more, **status)

    def whole(at: int) -> int:
        return owed[at].minor

    both = paid(5, whole(5), "INV-2006")
    first = (
        paid(0, whole(0), "Invoice INV-2001"),
        paid(1, whole(1) - owed[1].times(Decimal("0.02")).minor, "INV-2002 less 2 %"),
        paid(2, whole(2) - 3, "INV-2003"),
        paid(3, whole(3) + whole(6), "INV-2004 INV-2007"),
        paid(4, whole(4), "INV-2005", status="PDNG"),
        entry(whole(7), "Beta Handels AG", "with thanks", f"P{seed}-7"),
        entry(12_345, "Somebody", "for the garden", f"P{seed}-x"),
        both,
        entry(9_900, "Landlord", "rent March", f"P{seed}-r", direction="DBIT"),
    )
    gone = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    second = (
        both,
        paid(4, whole(4), "INV-2005"),
        entry(
            whole(0), "Acme GmbH", "", f"R{seed}-0", gone, direction="DBIT", end_to_end=f"E-P{seed}-0", day=MONDAY + DAY
        ),
        entry(4_200, "Nobody", "", f"R{seed}-y", gone, direction="DBIT", end_to_end="E-UNKNOWN-1", day=MONDAY + DAY),
        paid(8, whole(8) // 2, "INV-2009 first half"),
        '<Ntry><Amt Ccy="EUR">1.000,00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>',
    )
    relations = [Relation(payer=name, account=id) for id, name in CUSTOMERS.items()]
    return [document(first), document(second)], invoices, relations


def entry(
    minor: int,
    name: str,
    text: str,
    reference: str,
    more: str = "",
    *,
    direction: str = "CRDT",
    status: str = "BOOK",
    end_to_end: str = "",
    day: dt.date = MONDAY,
) -> str:
    """One entry of a statement, as a bank writes it."""
    party = "Dbtr" if direction == "CRDT" or more else "Cdtr"
    name = name.replace("&", "&amp;")
    return f"""<Ntry><Amt Ccy="EUR">{minor // 100}.{minor % 100:02d}</Amt><CdtDbtInd>{direction}</CdtDbtInd>
      <Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>
      <AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
      <Refs><EndToEndId>{end_to_end or "E-" + reference}</EndToEndId></Refs>
      <RltdPties><{party}><Pty><Nm>{name}</Nm></Pty></{party}></RltdPties>
      <RmtInf><Ustrd>{text}</Ustrd></RmtInf>{more}</TxDtls></NtryDtls></Ntry>"""


def document(entries: Iterable[str]) -> bytes:
    """A camt.053 statement."""
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>
      <Acct><Id><IBAN>{OWN}</IBAN></Id></Acct>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


# The program ----------------------------------------------------------------------------------------------------------


def prepared(contents: Sequence[bytes], seed: int) -> tuple[BankDay, list[BankFile]]:
    """The accounts and the files: those that were given, or the built-in ones."""
    if contents:
        files = [read(data) for data in contents]
        invoices, relations = made_up(files)
    else:
        contents, invoices, relations = built_in(seed)
        files = [read(data) for data in contents]
    days = [line.day for file in files for line in file.lines if line.day is not None]
    return BankDay(max(days, default=MONDAY), invoices, relations), files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the files, then run them again, and say what became of every line."""
    parser = argparse.ArgumentParser(description="What becomes of the lines of bank files.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--no-clerk", action="store_true", help="leave what is in suspense there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="print the sums alone")
    options = parser.parse_args(arguments)
    absent = [path for path in options.files if not path.is_file()]
    if absent:
        print(f"absent: {', '.join(path.name for path in absent)}")
        return 0
    try:
        day, files = prepared([path.read_bytes() for path in options.files], options.seed)
    except ReceivablesError as error:
        print(f"not a bank file: {error}")
        return 0
    if options.files:
        print("The invoices are made up from the lines: a bank file holds none.")
    ends: Counter[str] = Counter()
    entries = 0
    for number, file in enumerate(files, 1):
        entries += len(file.lines) + sum(each.lost for each in file.problems)
        for outcome in day.run(file, clerk=not options.no_clerk):
            ends[outcome.kind] += 1
            if not options.quiet:
                print(
                    f"{number}  {outcome.kind:<15} {'' if outcome.amount is None else str(outcome.amount):>14}  {outcome.path}  {outcome.words}"
                )
    good = [entries == ends.total(), *(booked == stands for _, booked, stands in day.conserved())]
    print(f"lines in {entries}, out {ends.total()}: " + ", ".join(f"{ends[kind]} {kind}" for kind in sorted(ends)))
    for code, booked, stands in day.conserved():
        print(
            f"{code}: {Money(booked, Money.zero(code).currency)} booked, {Money(stands, Money.zero(code).currency)} stand"
        )
    before = {id: day.store.facts(id) for id in day.app.accounts()}
    for file in files:
        day.run(file, clerk=not options.no_clerk)
    same = before == {id: day.store.facts(id) for id in day.app.accounts()}
    print("the same files again: " + ("nothing changed" if same else "CHANGED"))
    return 0 if all(good) and same else 1


if __name__ == "__main__":
    sys.exit(main())
