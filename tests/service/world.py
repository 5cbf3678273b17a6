"""What the tests of the service stand on: a small world of customers, and a picture of all that a store holds."""

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs

from receivables import (
    Allocation,
    Choice,
    Contact,
    CreditLimit,
    CreditNote,
    CreditPolicy,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Installment,
    Invoice,
    MemoryStore,
    Money,
    Order,
    Payment,
    PaymentMethod,
    PolicyBook,
    Receipt,
    Receivables,
    Schedule,
    TakenOverItem,
    TaxPart,
)
from receivables.codec import digest, encode
from receivables.documents.application import CreditApplication, Reference, ReferenceAnswer
from receivables.documents.assignment import Assignment
from receivables.documents.authority import ApprovalRequest
from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.documents.credit import DraftInvoice
from receivables.documents.dispute import Dispute
from receivables.documents.erasure import ErasedText, ErasureEntry, ErasureRecord
from receivables.documents.exchange import ExchangeRate
from receivables.documents.limitation import Suspension
from receivables.documents.loss import SpecificAllowance
from receivables.documents.payment import Designation
from receivables.documents.payment_method import Mandate
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.placement import CommissionTerms, Placement
from receivables.documents.promise import Promise
from receivables.documents.request import ContactsRequest, PromiseRequest
from receivables.documents.risk import ClassOverride, DeclaredFigures, ExternalScore
from receivables.facts.dunning import NoticeCancelled, NoticeQueued, NoticeSending, NoticeSent
from receivables.plans import (
    bureau_commands,
    cash_commands,
    collector_commands,
    commands,
    credit_commands,
    loss_commands,
    payment_method_commands,
    payment_plan_commands,
    request_commands,
    risk_commands,
)
from receivables.plans.application_commands import (
    AcceptOffer,
    AnswerReference,
    CloseApplication,
    DecideApplication,
    SubmitApplication,
    SupplementApplication,
)
from receivables.plans.authority_commands import (
    GrantApproval,
    NoteAttempt,
    RefuseApproval,
    RequestApproval,
    WithdrawApproval,
)
from receivables.plans.commands import Command
from receivables.plans.erasure_commands import ReplayErasure, RequestErasure
from receivables.policies.appropriation import OLDEST_FIRST
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.bureau import BureauPolicy, BureauRules
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.retention import GERMANY
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.tax_relief import UK_VAT
from receivables.testing import FixedClock, RecordingNotifier

TODAY = dt.date(2026, 3, 2)
EUR, USD = Currency.of("EUR"), Currency.of("USD")

LADDER = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=5,
    steps=(
        DunningStep(name="first", days_after_due=7),
        DunningStep(name="second", days_after_due=14),
        DunningStep(name="final", days_after_due=28, channel="letter"),
    ),
)
CREDIT = CreditPolicy(id="standard", version=1)
STRICT = DunningPolicy(
    id="strict",
    version=1,
    steps=(
        DunningStep(
            name="call",
            days_after_due=3,
            fee=FeeRule.flat("call", Money.of(10, "EUR")),
            claims_interest=True,
        ),
        DunningStep(name="court", days_after_due=6, needs_approval=True),
    ),
    interest=InterestTerms.fixed("9"),
)
"""For the customers of the segment ``strict``."""

RISK = Scorecard(
    id="trade",
    version=1,
    factors=(
        Factor(feature="days_late", code="pays_late", missing=60, bins=(Bin(below=1_000, points=60), Bin(points=0))),
    ),
    classes=(RiskClass(name="A", least=50), RiskClass(name="D")),
)

REGISTER = BureauPolicy(
    id="register",
    version=1,
    bureau="register",
    rules=(BureauRules(valid_from=dt.date(2020, 1, 1), days_overdue=30),),
)

OPEN = AuthorityPolicy(id="open", version=1)
"""A matrix that governs nothing."""

MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(Role(name="clerk", persons=("ann",)), Role(name="lead", persons=("bob",))),
    rules=tuple(AuthorityRule(kind=kind, role="lead", up_to=Money.of(9000, "EUR")) for kind in ("limit", "refund")),
)
"""For the customers of the segment ``governed``."""

BOOK = PolicyBook.of(
    OPEN,
    MATRIX,
    LADDER,
    CREDIT,
    STRICT,
    SettlementPolicy(id="standard", version=1),
    OLDEST_FIRST,
    UK_VAT,
    GERMANY,
    RISK,
    REGISTER,
    choices=(
        Choice(kind="authority", policy="open"),
        Choice(kind="authority", policy="matrix", segment="governed"),
        Choice(kind="dunning", policy="standard"),
        Choice(kind="dunning", policy="strict", segment="strict"),
    ),
)


def eur(amount: Any) -> Money:
    return Money.of(amount, "EUR")


def day(offset: int) -> dt.date:
    """So many days after `TODAY`."""
    return TODAY + dt.timedelta(days=offset)


def picture(store: MemoryStore) -> dict[str, Any]:
    """All that a store holds, down to plain dicts, so that a change in place is seen as well."""
    return {
        "accounts": list(store._ids),
        "heads": {
            id: {
                "version": head.version,
                "wake_on": head.wake_on,
                "facts": [encode(fact) for fact in head.facts],
                "state": None if head.state is None else attrs.asdict(head.state),
            }
            for id, head in store._heads.items()
        },
        "claims": dict(store._claims),
        "links": {key: list(members) for key, members in store._links.items()},
        "receipts": {key: attrs.asdict(receipt) for key, receipt in store._receipts.items()},
    }


def all_facts(store: MemoryStore) -> dict[str, tuple[Any, ...]]:
    return {id: store.facts(id) for id in store.accounts("", 10_000)}


def of_kind(store: MemoryStore, account: str, *kinds: type) -> list[Any]:
    return [fact for fact in store.facts(account) if isinstance(fact, kinds)]


def life_of(store: MemoryStore, account: str, notice: str) -> list[str]:
    """What became of a notice, as the names of its facts."""
    names = []
    for fact in store.facts(account):
        subject = fact.notice.key if isinstance(fact, NoticeQueued) else getattr(fact, "notice", None)
        if subject == notice:
            names.append(type(fact).__name__.removeprefix("Notice").lower())
    return names


class World:
    """A service on a memory store, with short ways to say the usual things; keys are made from what is said."""

    def __init__(self, *, policies: PolicyBook = BOOK, store: Any = None, notifier: Any = None, **more: Any) -> None:
        self.store: Any = MemoryStore() if store is None else store
        self.notifier: Any = RecordingNotifier() if notifier is None else notifier
        self.clock = FixedClock.on(TODAY)
        self.policies = policies
        self.more = more
        self.restart()

    def restart(self, **more: Any) -> Receivables:
        """A fresh service on the same ports, as after a crash of the host."""
        ports = {"store": self.store, "notifier": self.notifier, "clock": self.clock, "policies": self.policies}
        self.app = Receivables(**{**ports, **self.more, **more})
        return self.app

    def at(self, when: dt.date | int, hour: int = 6) -> "World":
        moment = when if isinstance(when, dt.date) else day(when)
        self.clock.instant = dt.datetime.combine(moment, dt.time(hour), dt.UTC)
        return self

    @property
    def today(self) -> dt.date:
        return self.clock.instant.date()

    def open(self, id: str = "ACME", **more: Any) -> Receipt:
        customer = Customer(id=id, **more)
        return self.app.open_account(customer, key=f"open {customer.account}")

    def invoice(self, number: str, amount: Any, due: int, account: str = "ACME", **more: Any) -> Receipt:
        money = amount if isinstance(amount, Money) else eur(amount)
        due_on = day(due)
        issued_on = more.pop("issued_on", min(self.today, due_on))
        invoice = Invoice.due(number=number, account=account, issued_on=issued_on, total=money, due_on=due_on, **more)
        return self.app.issue_invoice(invoice, key=f"issue {account} {number}")

    def pay(self, id: str, amount: Any, account: str = "ACME", *, on: int | None = None, **more: Any) -> Receipt:
        money = amount if isinstance(amount, Money) else eur(amount)
        value_date = self.today if on is None else day(on)
        payment = Payment(id=id, account=account, amount=money, value_date=value_date, **more)
        return self.app.receive_payment(payment, key=f"pay {id}")

    def apply(self, source: str, item: str, amount: Any, account: str = "ACME") -> Receipt:
        money = amount if isinstance(amount, Money) else eur(amount)
        return self.app.apply(account, source, item, money, key=f"apply {source} {item} {money}")

    def settle(self, item: str, amount: Any, account: str = "ACME") -> Receipt:
        """A payment of today, applied."""
        self.pay(f"P {item} {amount}", amount, account)
        return self.apply(f"P {item} {amount}", item, amount, account)

    def card(self, token: str, account: str = "ACME", **more: Any) -> Receipt:
        method = PaymentMethod(token=token, **more)
        return self.app.add_payment_method(account, method, on=self.today, key=f"card {token}")

    def mandate(self, id: str, account: str = "ACME", **more: Any) -> Receipt:
        fields = {"bank_account": "DE** **** 3000", "signed_on": self.today, **more}
        return self.app.sign_mandate(Mandate(id=id, account=account, **fields), key=f"mandate {id}")

    def limit(self, amount: Any, account: str = "ACME") -> Receipt:
        money = None if amount is None else eur(amount)
        limit = CreditLimit(account=account, currency=EUR, amount=money, valid_from=self.today)
        return self.app.set_limit(limit, key=f"limit {account} {amount} {self.today}")

    def order(self, id: str, amount: Any, account: str = "ACME") -> Receipt:
        order = Order(id=id, account=account, amount=eur(amount), placed_on=self.today)
        return self.app.reserve(order, key=f"order {account} {id}")

    def hold(self, id: str, account: str = "ACME", **more: Any) -> Receipt:
        hold = Hold(id=id, account=account, placed_on=self.today, reason="asked to wait", **more)
        return self.app.place_hold(hold, key=f"hold {id}")

    def dispute(self, id: str, item: str, amount: Any = None, account: str = "ACME", **more: Any) -> Receipt:
        money = amount if isinstance(amount, Money) or amount is None else eur(amount)
        fields = {"reason": "quality", "opened_on": self.today, **more}
        return self.app.open_dispute(
            Dispute(id=id, account=account, item=item, amount=money, **fields), key=f"dispute {id}", by="ann"
        )

    def promise(self, id: str, item: str, amount: Any, pay_by: int, account: str = "ACME", **more: Any) -> Receipt:
        approver = more.pop("approver", None)
        fields = {"made_on": self.today, "pay_by": day(pay_by), "items": (item,), **more}
        promise = Promise(id=id, account=account, amount=eur(amount), **fields)
        return self.app.make_promise(promise, approver=approver, key=f"promise {id}", by="ann")

    def agree(self, id: str, items: str, *installments: tuple[int, Any], account: str = "ACME", **more: Any) -> Receipt:
        """A payment plan: items in one text, and day and amount of each installment."""
        approver = more.pop("approver", None)
        plan = payment_plan(id, items, *installments, account=account, **{"agreed_on": self.today, **more})
        return self.app.agree_plan(plan, approver=approver, key=f"agree {id}", by="ann")

    def exposure(self, account: str = "ACME") -> int:
        return CREDIT.standing(self.app.view(account, self.today), "EUR").exposure // 100

    def run(self, *, all_accounts: bool = False) -> list[Any]:
        return list(self.app.run_dunning(self.today, all_accounts=all_accounts))

    def deliver(self) -> list[Any]:
        return list(self.app.deliver())

    def facts(self, *kinds: type, account: str = "ACME") -> list[Any]:
        return of_kind(self.store, account, *kinds)

    def queued(self, account: str = "ACME") -> list[Any]:
        return [fact.notice for fact in self.facts(NoticeQueued, account=account)]

    def life(self, notice: str, account: str = "ACME") -> list[str]:
        return life_of(self.store, account, notice)


class LosesAnswers:
    """A notifier that never hears what became of a letter."""

    honors_keys = True

    def send(self, notice: Any) -> Any:
        raise ConnectionError("no answer")


CALL = digest(("STRICT", f"INV-S/call/{day(-5)}"))
"""The letter of the furnished world whose outcome is unknown, with its fee and its interest."""

FEE, INTEREST = (f"INV-S/call/{day(-5)}/{kind}" for kind in ("fee", "interest"))

COURT = digest(("STRICT", f"INV-P/court/{day(-10)}"))
"""The letter of the furnished world that waits for approval."""


def furnished(**more: Any) -> World:
    """Six accounts, two days after `TODAY`: one of everything on the first, a letter of every standing on the
    one that is dunned strictly, and two that were merged.
    """
    world = World(**more)
    _strict(world)
    contact = Contact(purpose="dunning", channel="email", reference="contact-17")
    world.open("ACME", contacts=(contact,))
    world.open("BETA")
    world.open("ACME", company="DE01")
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", 20)
    world.invoice("INV-USD", Money.of("80", "USD"), 5)
    world.invoice("INV-B", "500", 20, "BETA")
    world.dispute("D-1", "INV-B", "100", "BETA")
    world.promise("PTP-1", "INV-B", "200", 10, "BETA")
    world.pay("P-D", "60", "BETA")
    designated = (Designation(item="INV-B", amount=eur(30)),)
    world.pay("P-C", "30", "BETA", method="card", status="pending", designated=designated)
    world.invoice("INV-K", "120", 20, "BETA")
    world.invoice("INV-L", "60", 20, "BETA")
    world.agree("PP-1", "INV-K", (30, "60"), (60, "60"), account="BETA")
    world.agree("PP-2", "INV-L", (0, "30"), (30, "30"), account="BETA")
    waits = Schedule(installments=(Installment(amount=eur("70"), baseline="delivery"),))
    undated = Invoice(number="INV-W", account="ACME", issued_on=TODAY, total=eur("70"), schedule=waits)
    world.app.issue_invoice(undated, key="issue INV-W")
    world.pay("P-1", "500", bank_line="line-1")
    world.pay("P-USD", Money.of("80", "USD"))
    world.pay("P-B", "500", "BETA")
    world.apply("P-1", "INV-2", "100")
    note = CreditNote(number="CN-1", account="ACME", issued_on=TODAY, total=eur("20"))
    world.app.issue_credit_note(note, key="note CN-1")
    world.card("tok_1")
    world.mandate("M-1")
    world.limit("10000")
    world.order("SO-1", "2000")
    world.order("SO-2", "9000")
    world.order("SO-3", "50")
    world.app.release_order("ACME", "SO-3", on=TODAY, key="cancel SO-3")
    draft = DraftInvoice(id="DRAFT-1", account="ACME", amount=eur(30), drafted_on=TODAY)
    world.app.record_draft(draft, key="draft DRAFT-1")
    world.app.publish(LADDER, key="publish")
    _merged(world)
    _governed(world)
    _lost(world)
    _outward(world)
    world.at(2).run()
    world.hold("H-1", item="INV-2")
    world.app.suspend_limitation(suspension("S-1", "INV-1"), key="suspend S-1")
    world.app.request_arrangement(promise_request("R-1"), key="request R-1", by="portal")
    world.app.override_class(class_override("O-1"), by="ann", approver="bob", key="override O-1")
    return world


def _lost(world: World) -> None:
    """A customer whose only invoice, with its tax, was written off long after it was due, and who pays a little now."""
    world.open("LOST")
    parts = (TaxPart(percent=Decimal(20), net=eur(500), tax=eur(100)),)
    schedule = Schedule.single(eur(600), day(-270))
    invoice = Invoice(
        number="INV-LOST", account="LOST", issued_on=day(-300), total=eur(600), taxes=parts, schedule=schedule
    )
    world.app.issue_invoice(invoice, key="issue INV-LOST")
    world.app.set_allowance(allowance("SA-1", None, "LOST"), on=TODAY, key="set SA-1")
    world.app.write_off("LOST", "INV-LOST", "insolvent", on=TODAY, key="lost", by="ann", approver="bob")
    world.pay("P-LOST", "60", "LOST")


def _outward(world: World) -> None:
    """A customer of whom a bureau was told, and an agency has something, with a contact and what is next."""
    world.open("OUT", segment="quiet")
    for number, amount in (("INV-X", "300"), ("INV-Y", "100"), ("INV-Z", "80")):
        world.invoice(number, amount, -40, "OUT")
    world.app.report_debt("OUT", ["INV-X"], key="report INV-X", by="ann", approver="bob")
    world.app.place_debt(placement("PL-1", "INV-Y"), key="place INV-Y", by="ann", approver="bob")
    world.pay("P-OUT", "120", "OUT")
    world.apply("P-OUT", "INV-X", "100", "OUT")
    world.app.log_contact(contact("C-1"), next_action=action("A-1"), key="contact C-1", by="ann")
    world.app.assign_collector(Assignment(account="OUT", starts_on=TODAY, collector="ann"), key="assign OUT", by="lead")


def placement(id: str, *items: str) -> Placement:
    """Items with an agency, for a fifth of what it collects."""
    terms = CommissionTerms(percent=Decimal(20))
    return Placement(id=id, account="OUT", agency="inkasso", items=items, placed_on=TODAY, terms=terms)


def contact(id: str) -> LoggedContact:
    """A call that nobody answered."""
    return LoggedContact(id=id, account="OUT", on=TODAY, channel="phone", outcome="no_answer")


def action(id: str) -> NextAction:
    """Call again in nine days."""
    return NextAction(id=id, account="OUT", kind="call", planned_on=TODAY, due_on=day(9), owner="ann")


def allowance(id: str, item: str | None, account: str = "ACME") -> SpecificAllowance:
    """Half of what is open."""
    return SpecificAllowance(id=id, account=account, item=item, percent=Decimal(50), code="insolvent")


def payment_plan(id: str, items: str, *installments: tuple[int, Any], **more: Any) -> PaymentPlan:
    """A payment plan: items in one text, and for each installment its day after `TODAY` and its amount."""
    parts = tuple(PlanInstallment(due_on=day(due), amount=eur(amount)) for due, amount in installments)
    fields = {"account": "ACME", "agreed_on": TODAY, **more}
    return PaymentPlan(id=id, items=tuple(items.split()), installments=parts, **fields)


def class_override(id: str) -> ClassOverride:
    """Class D, whatever the score says."""
    return ClassOverride(id=id, account="ACME", risk_class="D", starts_on=TODAY, reason="a strike at the plant")


def external_score(id: str) -> ExternalScore:
    """What an agency says."""
    return ExternalScore(id=id, account="ACME", name="agency", value=Decimal("2.5"), source="an agency", on=TODAY)


def declared_figures(id: str) -> DeclaredFigures:
    """The sales of a year."""
    return DeclaredFigures(
        id=id,
        account="ACME",
        year_end=dt.date(2025, 12, 31),
        declared_on=TODAY,
        source="accounts",
        sales=eur(900_000),
    )


def promise_request(id: str) -> PromiseRequest:
    """May INV-1 be paid in part next week? No policy says so, so a person has to."""
    return PromiseRequest(id=id, account="ACME", items=("INV-1",), amount=eur(300), pay_by=day(9))


def suspension(id: str, item: str) -> Suspension:
    """Negotiations about an item, from `TODAY` on."""
    return Suspension(
        id=id, account="ACME", items=(item,), kind="negotiations", starts_on=TODAY, reason="the goods came late"
    )


def _merged(world: World) -> None:
    """Two customers that were made one."""
    world.open("ONE")
    world.open("TWO")
    world.invoice("INV-ONE", "60", 20, "ONE")
    world.invoice("INV-TWO", "40", 20, "TWO")
    world.app.merge_accounts("ONE", "TWO", reason="one customer", by="ann", approver="bob", key="merge ONE TWO")


def _governed(world: World) -> None:
    """A customer of whom not everybody may do everything, with a request for approval that waits, and two applications."""
    world.open("GOV", segment="governed")
    world.pay("P-G", "100", "GOV")
    world.app.request_approval(approval("A-1"), by="ann", key="approval A-1")
    for id, currency in (("CA-1", "EUR"), ("CA-2", "USD")):
        world.app.submit_application(application(id, currency), key=f"application {id}", by="portal")
    world.restart(policies=attrs.evolve(BOOK, policies=(), choices=())).decide_application(
        "GOV", "CA-2", outcome="approved", reason="known", by="ann", key="decide CA-2"
    )
    world.restart()


def application(id: str, currency: str = "EUR") -> CreditApplication:
    """May 5,000 be owed?"""
    bank = Reference(id="bank", kind="bank", contact="contact-9")
    amount = Money.of(5000, currency)
    return CreditApplication(id=id, account="GOV", applied_on=TODAY, amount=amount, references=(bank,))


def approval(id: str) -> ApprovalRequest:
    """May 50.00 be given back?"""
    return ApprovalRequest(id=id, account="GOV", kind="refund", subject="P-G", amount=eur(50))


def _strict(world: World) -> None:
    """A letter that may have gone out, with charges, a part of which was waived; and one that waits for approval."""
    world.open("STRICT", segment="strict")
    world.invoice("INV-S", "700", -5, "STRICT")
    item = TakenOverItem(
        id="INV-P",
        account="STRICT",
        issued_on=day(-40),
        due_on=day(-10),
        open=eur(900),
        step="call",
        stepped_on=day(-6),
    )
    world.app.take_over(item, on=TODAY, key="take over INV-P")
    world.run()
    notifier, world.notifier = world.notifier, LosesAnswers()
    list(world.restart().deliver())
    world.notifier = notifier
    world.restart()
    world.app.waive_charge("STRICT", FEE, amount=eur(4), reason="regular", by="ann", approver="bob", key=f"waive {FEE}")


def one_of_each() -> dict[type[Command], Command]:
    """A command of every type that the furnished world accepts."""
    acme = "ACME"
    made = [
        commands.OpenAccount(key="k", customer=Customer(id="NEW", group="G")),
        commands.OpenGroup(key="k", group="G"),
        commands.ChangeCustomer(key="k", customer=Customer(id=acme, segment="retail"), on=TODAY),
        commands.IssueInvoice(
            key="k",
            invoice=Invoice.due(
                number="INV-9", account=acme, issued_on=TODAY, total=eur(500), due_on=day(30), order="SO-1"
            ),
        ),
        commands.IssueCreditNote(
            key="k",
            credit_note=CreditNote(number="CN-9", account=acme, issued_on=TODAY, total=eur(40), against="INV-1"),
        ),
        commands.TakeOver(
            key="k",
            on=TODAY,
            item=TakenOverItem(
                id="OLD-7",
                account=acme,
                issued_on=day(-60),
                due_on=day(-30),
                open=eur(80),
                step="first",
                stepped_on=day(-20),
            ),
        ),
        commands.DateInstallment(key="k", of=acme, item="INV-W", due_on=day(14)),
        commands.ReceivePayment(
            key="k",
            payment=Payment(id="P-9", account=acme, amount=eur(10), value_date=TODAY, bank_line="line-9"),
        ),
        commands.Apply(key="k", of=acme, allocation=Allocation(source="P-1", item="INV-1", amount=eur(50))),
        commands.Unapply(key="k", of=acme, allocation="apply P-1 INV-2 100.00 EUR#1"),
        credit_commands.SetLimit(
            key="k", limit=CreditLimit(account=acme, currency=EUR, amount=eur(20_000), valid_from=TODAY)
        ),
        credit_commands.ReserveOrder(key="k", order=Order(id="SO-9", account=acme, amount=eur(100), placed_on=TODAY)),
        credit_commands.WithdrawLimit(key="k", of=acme, currency="EUR", on=day(2)),
        credit_commands.ReleaseHeldOrder(
            key="k", of=acme, order="SO-2", reason="paid by wire today", by="ann", approver="bob"
        ),
        credit_commands.DeliverOrder(key="k", of=acme, order="SO-1", amount=eur(1200), on=TODAY),
        credit_commands.ReleaseOrder(key="k", of=acme, order="SO-1", on=TODAY),
        credit_commands.ReopenOrder(key="k", of=acme, order="SO-3", on=day(1)),
        credit_commands.RecordDraft(
            key="k", draft=DraftInvoice(id="DRAFT-9", account=acme, amount=eur(500), drafted_on=TODAY, order="SO-1")
        ),
        credit_commands.DropDraft(key="k", of=acme, draft="DRAFT-1", on=day(1)),
        commands.PlaceHold(key="k", hold=Hold(id="H-9", account=acme, placed_on=TODAY, reason="dispute")),
        commands.ReleaseHold(key="k", of=acme, hold="H-1", on=day(3)),
        commands.ExtendDue(
            key="k", of=acme, item="INV-1", due_on=day(30), on=TODAY, reason="she waits", by="ann", approver="bob"
        ),
        payment_method_commands.AddPaymentMethod(key="k", of=acme, method=PaymentMethod(token="tok_9"), on=TODAY),
        payment_method_commands.RemovePaymentMethod(key="k", of=acme, method="tok_1", on=TODAY),
        payment_method_commands.PreferPaymentMethod(key="k", of=acme, method="M-1", on=TODAY),
        payment_method_commands.SignMandate(
            key="k", mandate=Mandate(id="M-9", account=acme, bank_account="DE** **** 3000", signed_on=TODAY)
        ),
        payment_method_commands.RevokeMandate(key="k", of=acme, mandate="M-1", on=TODAY),
        commands.PublishPolicy(key="k", policy=CREDIT),
        commands.ApproveNotice(key="k", of="STRICT", notice=COURT, by="ann"),
        commands.RejectNotice(key="k", of="STRICT", notice=COURT, reason="she called", by="ann"),
        commands.RecordOutcome(key="k", of="STRICT", notice=CALL, outcome="sent", by="ann"),
        commands.MigrateLadders(
            key="k", of="STRICT", policy="standard", version=1, steps=(("call", "first"),), by="ann"
        ),
        commands.WaiveCharge(key="k", of="STRICT", charge=FEE, reason="regular", by="ann", approver="bob"),
        loss_commands.WriteOff(key="k", of=acme, item="INV-1", code="insolvent", on=TODAY, by="ann", approver="bob"),
        loss_commands.ReverseWriteOff(key="k", of="LOST", write_off="lost#1", reason="he is there", by="ann"),
        loss_commands.Recover(key="k", of="LOST", source="P-LOST", item="INV-LOST"),
        loss_commands.SetAllowance(key="k", allowance=allowance("SA-9", "INV-1"), on=TODAY),
        loss_commands.ReleaseAllowance(key="k", of="LOST", allowance="SA-1", on=TODAY),
        loss_commands.ClaimRelief(key="k", of="LOST", item="INV-LOST", on=TODAY),
        loss_commands.BarRelief(key="k", of="LOST", item="INV-LOST", cause="sold", on=TODAY),
        commands.ReverseCharge(key="k", of="STRICT", charge=INTEREST, reason="wrong", by="ann", approver="bob"),
        commands.ReinstateCharge(
            key="k",
            of="STRICT",
            charge=FEE,
            reason="again late",
            by="ann",
            approver="bob",
        ),
        cash_commands.ConfirmPayment(key="k", of="BETA", payment="P-C", on=TODAY),
        cash_commands.FailPayment(key="k", of="BETA", payment="P-C", code="declined", on=TODAY),
        cash_commands.ReturnPayment(key="k", of=acme, payment="P-1", kind="returned", code="AC04", on=TODAY),
        cash_commands.Settle(key="k", of="BETA", source="P-D", items=("INV-B",)),
        cash_commands.Appropriate(key="k", of="BETA", source="P-D"),
        cash_commands.Refund(key="k", of="BETA", source="P-D", amount=eur(20), on=TODAY),
        cash_commands.Convert(
            key="k",
            of="BETA",
            source="P-D",
            amount=eur(20),
            rate=ExchangeRate.of("EUR", "USD", "1.0850", on=TODAY, source="ECB"),
            on=TODAY,
        ),
        cash_commands.Transfer(key="k", of="BETA", source="P-D", amount=eur(20), to=acme, on=TODAY),
        commands.OpenDispute(
            key="k",
            dispute=Dispute(id="D-9", account=acme, item="INV-1", reason="price", opened_on=TODAY, amount=eur(200)),
        ),
        commands.ResolveDispute(key="k", of="BETA", dispute="D-1", outcome="rejected", on=TODAY, by="ann"),
        commands.MakePromise(
            key="k",
            promise=Promise(id="PTP-9", account=acme, items=("INV-1",), amount=eur(300), made_on=TODAY, pay_by=day(9)),
        ),
        commands.WithdrawPromise(key="k", of="BETA", promise="PTP-1", on=TODAY, reason="wrong customer"),
        payment_plan_commands.AgreePlan(key="k", plan=payment_plan("PP-9", "INV-1", (30, 400), (60, 600))),
        payment_plan_commands.ReinstatePlan(
            key="k",
            of="BETA",
            plan="PP-2",
            catch_up_by=day(9),
            reason="she was ill",
            on=day(2),
            by="ann",
            approver="bob",
        ),
        payment_plan_commands.CancelPlan(key="k", of="BETA", plan="PP-1", on=day(2), reason="wrong customer"),
        commands.ClaimInterest(key="k", of="STRICT", item="INV-P", until=TODAY, by="ann"),
        collector_commands.AssignCollector(
            key="k", assignment=Assignment(account=acme, starts_on=TODAY, collector="ann")
        ),
        collector_commands.HandOver(key="k", of="OUT", person="ann", to="bob", on=day(2), by="lead"),
        collector_commands.LogContact(key="k", contact=contact("C-9"), next_action=action("A-9"), does="A-1", by="ann"),
        collector_commands.PlanAction(key="k", action=action("A-9"), by="ann"),
        collector_commands.MoveAction(key="k", of="OUT", action="A-1", due_on=day(20), by="ann"),
        collector_commands.EndAction(key="k", of="OUT", action="A-1", outcome="dropped", on=day(2), by="ann"),
        bureau_commands.ReportDebt(key="k", of="OUT", items=("INV-Z",), by="ann", approver="bob"),
        bureau_commands.UpdateReport(key="k", of="OUT", report="report INV-X#1", by="ann"),
        bureau_commands.WithdrawReport(
            key="k", of="OUT", report="report INV-X#1", code="agreed", by="ann", approver="bob"
        ),
        bureau_commands.PlaceDebt(key="k", placement=placement("PL-9", "INV-Z"), by="ann", approver="bob"),
        bureau_commands.RecallDebt(key="k", of="OUT", placement="PL-1", on=day(2), reason="she pays", by="ann"),
        bureau_commands.ClosePlacement(
            key="k", of="OUT", placement="PL-1", outcome="uncollectable", on=day(2), by="ann"
        ),
        bureau_commands.NoteCollection(key="k", of="OUT", placement="PL-1", payment="P-OUT", by="ann"),
        risk_commands.ScoreCustomer(key="k", of=acme),
        risk_commands.RecordExternalScore(key="k", external=external_score("X-9")),
        risk_commands.DeclareFigures(key="k", figures=declared_figures("F-9")),
        risk_commands.OverrideClass(key="k", override=class_override("O-9"), by="ann", approver="bob"),
        risk_commands.WithdrawOverride(key="k", of=acme, override="O-1", on=day(2), reason="it is over", by="ann"),
        commands.MergeAccounts(
            key="k",
            of=acme,
            absorbed="BETA",
            limits=(CreditLimit(account=acme, currency=EUR, amount=eur(12_000), valid_from=day(2)),),
            reason="one customer",
            by="ann",
            approver="bob",
        ),
        commands.SplitAccount(
            key="k", of="ONE", to="BETA", documents=("INV-ONE",), reason="the shop", by="ann", approver="bob"
        ),
        commands.SeparateAccounts(
            key="k", of="ONE", absorbed="TWO", reason="two customers after all", by="ann", approver="bob"
        ),
        request_commands.RequestArrangement(key="k", request=promise_request("R-9"), by="portal"),
        request_commands.RequestContacts(
            key="k",
            request=ContactsRequest(
                id="R-10",
                account=acme,
                contacts=(Contact(purpose="dunning", channel="letter", reference="address-4"),),
            ),
            by="portal",
        ),
        request_commands.AnswerRequest(key="k", of=acme, request="R-1", accept=True, reason="she called", by="ann"),
        SubmitApplication(key="k", application=application("CA-9", "GBP"), by="portal"),
        SupplementApplication(
            key="k", of="GOV", application="CA-1", references=(Reference(id="x", kind="agency", contact="y"),)
        ),
        AnswerReference(
            key="k", of="GOV", application="CA-1", answer=ReferenceAnswer(reference="bank", answered_on=TODAY)
        ),
        DecideApplication(
            key="k", of="GOV", application="CA-1", outcome="approved", reason="known", by="ann", approver="bob"
        ),
        AcceptOffer(key="k", of="GOV", application="CA-2", by="portal"),
        CloseApplication(key="k", of="GOV", application="CA-2", outcome="declined", reason="no need"),
        RequestApproval(key="k", approval=approval("A-9"), by="ann"),
        GrantApproval(key="k", of="GOV", approval="A-1", by="bob"),
        RefuseApproval(key="k", of="GOV", approval="A-1", reason="too much", by="bob"),
        WithdrawApproval(key="k", of="GOV", approval="A-1", reason="she paid", by="ann"),
        NoteAttempt(
            key="k", of="GOV", kind="refund", subject="P-G", code="self_approval", person="ann", approver="ann"
        ),
        RequestErasure(key="k", of=acme, erasure="E-1", legal_claims=("INV-1",)),
        ReplayErasure(
            key="k",
            entry=ErasureEntry(
                erasure="E-0",
                account=acme,
                records=(ErasureRecord(kind="payment", id="P-0", dated=TODAY, ground="erased"),),
                texts=(ErasedText(log=acme, position=1, digest="ab" * 32),),
            ),
        ),
        commands.AcknowledgeDebt(key="k", of=acme, on=TODAY, evidence="her letter", items=("INV-1",)),
        commands.RecordDemand(key="k", of=acme, on=TODAY, evidence="signed for"),
        commands.SuspendLimitation(key="k", suspension=suspension("S-9", "INV-2")),
        commands.ResumeLimitation(key="k", of=acme, suspension="S-1", on=day(1)),
    ]
    return {type(command): command for command in made}


__all__ = [
    "BOOK",
    "CREDIT",
    "EUR",
    "LADDER",
    "TODAY",
    "USD",
    "NoticeCancelled",
    "NoticeQueued",
    "NoticeSending",
    "NoticeSent",
    "World",
    "all_facts",
    "day",
    "eur",
    "furnished",
    "life_of",
    "of_kind",
    "one_of_each",
    "payment_plan",
    "picture",
]
