"""One fact per tag, with every field set, as the golden files keep them.

``PYTHONPATH=src python -m tests.codec.samples`` writes the files that are missing. Where a fact got a field, it moves the
file of the former shape to ``golden/earlier``, and that one must be read for ever: facts like it stand in the databases
of others. A field that is taken away or changes its meaning needs a new tag and an upcaster instead.
"""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from receivables import (
    Allocation,
    Contact,
    CreditLimit,
    CreditNote,
    Currency,
    Customer,
    DocumentLink,
    Hold,
    Invoice,
    InvoiceLine,
    Money,
    Notice,
    NoticeLine,
    Order,
    Payment,
    PaymentMethod,
    PaymentTerms,
    Reason,
    Remittance,
    TakenOverItem,
    TaxPart,
    codec,
)
from receivables.documents import charge as charges
from receivables.documents import due_steps, payment_days
from receivables.documents.application import (
    ApplicationDecision,
    CreditApplication,
    CreditOffer,
    Paper,
    Reference,
    ReferenceAnswer,
)
from receivables.documents.assignment import Assignment
from receivables.documents.authority import ApprovalRequest
from receivables.documents.bureau import BureauReport
from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.documents.credit import DraftInvoice
from receivables.documents.credit_record import CreditRecord, ExposurePart
from receivables.documents.discount_tax import TaxShare
from receivables.documents.dispute import Dispute
from receivables.documents.due_rules import DueRule
from receivables.documents.erasure import ErasedText, ErasureRecord
from receivables.documents.exchange import Conversion, ExchangeRate
from receivables.documents.limitation import Suspension
from receivables.documents.loss import SpecificAllowance
from receivables.documents.notice import PolicyRef
from receivables.documents.payment import Designation
from receivables.documents.payment_method import Mandate
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.placement import CommissionStep, CommissionTerms, Placement
from receivables.documents.promise import Promise
from receivables.documents.request import PlanRequest
from receivables.documents.risk import (
    ClassOverride,
    DeclaredFigures,
    EarlyWarning,
    Evidence,
    ExternalScore,
    RiskScore,
    ScoreInput,
    ScoreReason,
)
from receivables.documents.settlement import Deduction, SettlementPart
from receivables.documents.shares import Share
from receivables.documents.terms_parts import Part
from receivables.facts import (
    application,
    assignment,
    authority,
    bureau,
    cash,
    charge,
    contact_log,
    credit,
    customer,
    dispute,
    dunning,
    erasure,
    invoice,
    limitation,
    loss,
    merge,
    payment_method,
    payment_plan,
    placement,
    policy,
    promise,
    request,
    risk,
)
from receivables.facts.fact import Fact
from receivables.values.dates import Roll

GOLDEN = Path(__file__).parent / "golden"
EARLIER = GOLDEN / "earlier"

EUR = Currency.of("EUR")
DAY = dt.date(2026, 1, 5)
TIMES: dict[str, Any] = {
    "effective_on": DAY,
    "recorded_at": dt.datetime(2026, 1, 6, 9, 30, 15, 250_000, tzinfo=dt.timezone(dt.timedelta(hours=-8))),
    "by": "user-17",
}
POLICY = PolicyRef(id="standard", version=3, digest="9f" * 32)
REASONS = (
    Reason(code="overdue", days=31),
    Reason(code="limit_exceeded", amount=Money.of("1000.00", "EUR"), retryable=False),
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


CUSTOMER = Customer(
    id="ACME",
    company="DE01",
    group="HOLDING",
    segment="retail",
    zone="Asia/Tokyo",
    language="ja",
    contacts=(Contact(purpose="dunning", channel="email", reference="contact-17"),),
    tags=frozenset({"vip", "export"}),
)

STEPS = (
    due_steps.Days(count=30),
    due_steps.Weeks(count=-1),
    due_steps.Months(count=2),
    due_steps.BusinessDays(count=3),
    due_steps.EndOf(unit=due_steps.Unit.QUARTER),
    due_steps.StartOf(),
    due_steps.DayOfMonth(day=10, months_ahead=1),
    payment_days.PaymentDay(days=(5, 20), most_days=90),
    payment_days.Closing(day=25),
    payment_days.CutOff(day=25),
    payment_days.Bands(
        bands=(payment_days.Band(through=15, day=31), payment_days.Band(through=31, day=15, months_ahead=1))
    ),
    payment_days.PeriodStart(following=True),
    due_steps.Weekday(weekday=4),
    due_steps.Postponed(table=((dt.date(2026, 12, 25), dt.date(2026, 12, 28)),)),
    due_steps.BusinessDay(roll=Roll.MODIFIED_FOLLOWING),
    due_steps.OnDate(date=dt.date(2026, 6, 30)),
)
"""Every step that needs nothing from the host, ending on a given date."""

TERMS = PaymentTerms(
    parts=(
        Part(share=Share.percent("33.5"), due=DueRule(steps=STEPS), name="first"),
        Part(due=DueRule(steps=(due_steps.Days(count=10),), baseline="delivery")),
    )
).with_discount("2.5", due_steps.Days(count=10), grace_days=3)

INVOICE = Invoice(
    number="INV-1",
    account="DE01:ACME",
    issued_on=DAY,
    total=eur("1200.00"),
    terms=TERMS,
    lines=(InvoiceLine(net=eur("1000.00"), tax=eur("200.00"), tax_percent=Decimal("20.0"), description="Grüße & <b>"),),
    taxes=(TaxPart(percent=Decimal("20.0"), net=eur("1000.00"), tax=eur("200.00")),),
    order="SO-1",
    references=("PO 4711", "契約"),
    links=(DocumentLink(uri="s3://invoices/1.pdf", sha256="ab" * 32),),
    book_rate=ExchangeRate.of("EUR", "USD", "1.0850", on=DAY, source="ECB"),
)

CHARGE = charges.Charge(
    id="INV-1/1/first/interest",
    item="INV-1/1",
    document="INV-1",
    kind="interest",
    amount=eur("6.21"),
    because="9 % from 2026-02-05",
    tax=eur("0.99"),
    until=dt.date(2026, 2, 25),
    segments=(
        charges.ChargeSegment(
            first_day=dt.date(2026, 2, 5),
            last_day=dt.date(2026, 2, 25),
            days=21,
            principal=eur("1200.00"),
            rate_percent=Decimal("9.0"),
            amount=Decimal("6.2137"),
            because="the contract",
        ),
    ),
)

NOTICE = Notice(
    key="3c" * 32,
    account="DE01:ACME",
    customer="ACME",
    currency=EUR,
    channel="email",
    language="ja",
    template="final",
    as_of=dt.date(2026, 7, 7),
    lines=(
        NoticeLine(
            item="INV-1/1",
            document="INV-1",
            amount=eur("402.00"),
            due_on=dt.date(2026, 6, 30),
            ladder_from=dt.date(2026, 6, 30),
            step="first",
            policy=POLICY,
            times=2,
            pay_by=dt.date(2026, 7, 14),
            effects=("hold",),
            charges=(CHARGE,),
        ),
        NoticeLine(
            item="INV-2",
            document="INV-2",
            amount=eur("5.00"),
            due_on=dt.date(2026, 7, 1),
            ladder_from=dt.date(2026, 7, 1),
        ),
    ),
    recipient="contact-17",
    audience="staff",
    retracts="4d" * 32,
)

BOOK_RATE = ExchangeRate.of("EUR", "USD", "1.0850", on=DAY, source="ECB")

ORDER = Order(
    id="SO-1",
    account="DE01:ACME",
    amount=eur("2000.00"),
    placed_on=DAY,
    deliver_on=dt.date(2026, 9, 1),
    kind="spare parts",
    terms="net 60",
)

DECIDED_ON = CreditRecord(
    currency=EUR,
    limit=eur("10000.00"),
    origin="own",
    limit_from=dt.date(2026, 1, 1),
    exposure=eur("6200.00"),
    parts=(
        ExposurePart(component="open", amount=eur("6500.00")),
        ExposurePart(component="unapplied", amount=eur("-300.00")),
    ),
    group="HOLDING",
    group_limit=eur("50000.00"),
    group_exposure=eur("41000.00"),
    rates=(ExchangeRate.of("EUR", "USD", "1.0850", on=DAY, source="ECB"),),
    overrode=REASONS,
    approver="bob",
    because="paid by wire today",
)

LOST_TAXES = (TaxPart(percent=Decimal(20), net=eur("100.00"), tax=eur("20.00")),)

ERASURE_RECORD = ErasureRecord(
    kind="invoice", id="INV-1", dated=DAY, ground="retention", until=dt.date(2036, 12, 31), law="10 years, house rule"
)
ERASED_TEXT = ErasedText(log="DE01:ACME", position=7, digest="ab" * 32)

SAMPLES: dict[str, Fact] = {
    "account.opened/1": customer.AccountOpened(customer=CUSTOMER, **TIMES),
    "customer.changed/1": customer.CustomerChanged(customer=CUSTOMER, **TIMES),
    "group.opened/1": customer.GroupOpened(group="HOLDING", **TIMES),
    "policy.published/1": policy.PolicyPublished(policy=POLICY, settings='{"id":"standard"}', **TIMES),
    "invoice.issued/1": invoice.InvoiceIssued(invoice=INVOICE, **TIMES),
    "credit_note.issued/1": invoice.CreditNoteIssued(
        credit_note=CreditNote(
            number="CN-1",
            account="DE01:ACME",
            issued_on=DAY,
            total=eur("120.00"),
            against="INV-1",
            reason="the second box was dented",
            lines=(InvoiceLine(net=eur("100.00"), tax=eur("20.00")),),
            taxes=(TaxPart(percent=Decimal(20), net=eur("100.00"), tax=eur("20.00")),),
            references=("RMA-7",),
            links=(DocumentLink(uri="s3://notes/1.pdf", sha256="cd" * 32),),
            book_rate=BOOK_RATE,
        ),
        **TIMES,
    ),
    "installment.dated/1": invoice.InstallmentDated(item="INV-1/2", due_on=dt.date(2026, 2, 4), **TIMES),
    "due_date.extended/1": invoice.DueDateExtended(
        item="INV-1/1", due_on=dt.date(2026, 4, 30), approver="bob", reason="Ann waits for her grant", **TIMES
    ),
    "item.taken_over/1": invoice.ItemTakenOver(
        item=TakenOverItem(
            id="OLD-7",
            account="DE01:ACME",
            issued_on=DAY,
            due_on=dt.date(2026, 2, 4),
            open=eur("80.00"),
            step="first",
            stepped_on=dt.date(2026, 2, 11),
            book_rate=BOOK_RATE,
        ),
        **TIMES,
    ),
    "payment.received/1": cash.PaymentReceived(
        payment=Payment(
            id="PAY-1",
            account="DE01:ACME",
            amount=Money(1_234_567_890_123, Currency("BTC", 8)),
            value_date=DAY,
            booked_on=dt.date(2026, 1, 6),
            method="direct_debit",
            payer="payer-3",
            payer_account="DE89370400440532013000",
            remittance=Remittance(
                references=("INV-1",),
                text="thanks, Ann",
                deductions=(Deduction(amount=eur("80.00"), code="short_delivery", item="INV-1", text="two boxes"),),
            ),
            bank_line="DE89/2026-01-05/17",
            status="pending",
            designated=(Designation(item="INV-1/1", amount=Money(1, Currency("BTC", 8))),),
            conditional_until=dt.date(2026, 3, 5),
            stored_method="tok_17",
            book_rate=ExchangeRate.of(Currency("BTC", 8), "EUR", "61234.5", on=DAY, source="bank"),
        ),
        **TIMES,
    ),
    "allocation.made/1": cash.AllocationMade(
        id="k#1",
        allocation=Allocation(source="PAY-1", item="INV-1/1", amount=eur("402.00"), rule="oldest due first"),
        settlement="settle 1",
        **TIMES,
    ),
    "allocation.undone/1": cash.AllocationUndone(allocation="k#1", **TIMES),
    "charge.raised/1": charge.ChargeRaised(charge=CHARGE, **TIMES),
    "charge.reversed/1": charge.ChargeReversed(
        charge=CHARGE.id, amount=eur("6.21"), reason="the step was annulled", approver="bob", **TIMES
    ),
    "charge.waived/1": charge.ChargeWaived(
        charge=CHARGE.id, amount=eur("6.21"), reason="Ann asked", approver="bob", plan="PP-1", **TIMES
    ),
    "charge.reinstated/1": charge.ChargeReinstated(
        charge=CHARGE.id, amount=eur("6.21"), reason="Ann did not pay", approver="bob", plan="PP-1", **TIMES
    ),
    "limit.set/1": credit.LimitSet(
        limit=CreditLimit(
            account="DE01:ACME",
            currency=EUR,
            amount=eur("10000.00"),
            valid_from=DAY,
            valid_to=dt.date(2026, 12, 31),
            review_on=dt.date(2026, 11, 30),
            kind="temporary",
            maker="ann",
            approver="bob",
        ),
        **TIMES,
    ),
    "limit.withdrawn/1": credit.LimitWithdrawn(currency=EUR, kind="temporary", approver="bob", **TIMES),
    "order.reserved/1": credit.OrderReserved(order=ORDER, policy=POLICY, reasons=REASONS, record=DECIDED_ON, **TIMES),
    "order.held/1": credit.OrderHeld(order=ORDER, policy=POLICY, reasons=REASONS, record=DECIDED_ON, **TIMES),
    "order.refused/1": credit.OrderRefused(order=ORDER, policy=POLICY, reasons=REASONS, record=DECIDED_ON, **TIMES),
    "order.delivered/1": credit.OrderDelivered(order="SO-1", amount=eur("1200.00"), **TIMES),
    "order.reopened/1": credit.OrderReopened(order="SO-1", amount=eur("800.00"), **TIMES),
    "order.restored/1": credit.OrderRestored(
        order="SO-1", amount=eur("1200.00"), credit_note="CN-1", invoice="INV-1", **TIMES
    ),
    "invoice.drafted/1": credit.InvoiceDrafted(
        draft=DraftInvoice(id="DRAFT-1", account="DE01:ACME", amount=eur("550.00"), drafted_on=DAY, order="SO-1"),
        **TIMES,
    ),
    "draft.dropped/1": credit.DraftDropped(draft="DRAFT-1", invoice="INV-1", **TIMES),
    "order.released/1": credit.OrderReleased(
        order="SO-1", amount=eur("1200.00"), invoice="INV-1", closes=True, **TIMES
    ),
    "hold.placed/1": credit.HoldPlaced(
        hold=Hold(
            id="H-1",
            account="DE01:ACME",
            placed_on=DAY,
            reason="goods came back",
            kind="deferment",
            stops=frozenset({"dunning", "interest", "reporting"}),
            item="INV-1/1",
            amount=eur("400.00"),
            until=dt.date(2026, 3, 31),
            until_settled="INV-1/1",
            approver="bob",
            code="goods",
        ),
        **TIMES,
    ),
    "hold.released/1": credit.HoldReleased(hold="H-1", **TIMES),
    "notice.queued/1": dunning.NoticeQueued(notice=NOTICE, approval=True, **TIMES),
    "notice.sending/1": dunning.NoticeSending(notice=NOTICE.key, **TIMES),
    "notice.sent/1": dunning.NoticeSent(notice=NOTICE.key, receipt="smtp-1", **TIMES),
    "notice.failed/1": dunning.NoticeFailed(notice=NOTICE.key, reason="550 mailbox full", retry=True, **TIMES),
    "notice.cancelled/1": dunning.NoticeCancelled(notice=NOTICE.key, reason="settled", **TIMES),
    "notice.approved/1": dunning.NoticeApproved(notice=NOTICE.key, **TIMES),
    "notice.rejected/1": dunning.NoticeRejected(notice=NOTICE.key, reason="Ann knows them", **TIMES),
    "steps.annulled/1": dunning.StepsAnnulled(notice=NOTICE.key, items=("INV-1/1",), reason="paid before", **TIMES),
    "ladder.migrated/1": dunning.LadderMigrated(item="INV-1/1", policy=POLICY, step="first", **TIMES),
    "payment.settled/1": cash.PaymentSettled(payment="PAY-1", **TIMES),
    "payment.failed/1": cash.PaymentFailed(payment="PAY-1", code="declined", reason="the card has expired", **TIMES),
    "payment.returned/1": cash.PaymentReturned(
        payment="PAY-1", kind="returned", code="AC04", bank_line="line 7", **TIMES
    ),
    "difference.settled/1": cash.DifferenceSettled(
        id="settle 1#2",
        source="PAY-1",
        part=SettlementPart(
            kind="discount_earned",
            amount=eur("24.00"),
            reason="discount_earned",
            item="INV-1/1",
            taxes=(TaxShare(percent=Decimal(20), amount=eur("4.00")),),
            text="2/10",
        ),
        settlement="settle 1",
        **TIMES,
    ),
    "difference.undone/1": cash.DifferenceUndone(difference="settle 1#2", **TIMES),
    "refund.made/1": cash.RefundMade(
        id="refund 1#1", source="PAY-1", amount=eur("10.00"), reference="SEPA 17", book_rate=BOOK_RATE, **TIMES
    ),
    "credit.converted/1": cash.CreditConverted(
        id="convert 1#1",
        conversion=Conversion.by(
            ExchangeRate.of("EUR", "USD", "1.0850", on=DAY, source="ECB"), "PAY-1", eur("100.00"), on=DAY
        ),
        kind="payment",
        **TIMES,
    ),
    "credit.transferred/1": cash.CreditTransferred(
        id="transfer 1#1", source="PAY-1", amount=eur("10.00"), to="BETA", **TIMES
    ),
    "credit.arrived/1": cash.CreditArrived(
        id="transfer 1#1",
        source="PAY-1",
        amount=eur("10.00"),
        came_from="ACME",
        kind="payment",
        book=Money.of("10.85", "USD"),
        specified=True,
        **TIMES,
    ),
    "dispute.opened/1": dispute.DisputeOpened(
        dispute=Dispute(
            id="D-1",
            account="ACME",
            item="INV-1",
            reason="quality",
            opened_on=DAY,
            amount=eur("1200.00"),
            line="B",
            note="three boxes were wet",
        ),
        items=("INV-1/1", "INV-1/2"),
        amount=eur("1200.00"),
        **TIMES,
    ),
    "dispute.resolved/1": dispute.DisputeResolved(
        dispute="D-1", outcome="credited", amount=eur("480.00"), credit_note="CN-2", reason="seen", **TIMES
    ),
    "promise.made/1": promise.PromiseMade(
        promise=Promise(
            id="PTP-1",
            account="ACME",
            amount=eur("2500.00"),
            made_on=DAY,
            pay_by=dt.date(2026, 1, 17),
            items=("INV-1/1",),
            calendar="TARGET",
            tolerance_days=2,
            tolerance_percent=Decimal("2.5"),
            note="after the fair",
        ),
        items=("INV-1/1",),
        last_day=dt.date(2026, 1, 21),
        approver="user-18",
        **TIMES,
    ),
    "promise.withdrawn/1": promise.PromiseWithdrawn(promise="PTP-1", reason="another customer", **TIMES),
    "request.made/1": request.RequestMade(
        request=PlanRequest(
            id="R-1",
            account="ACME",
            items=("INV-1/1", "INV-2"),
            count=3,
            first_on=dt.date(2026, 1, 31),
            every_months=2,
            first=eur("100.00"),
            note="after the fair",
        ),
        outcome="referred",
        reasons=REASONS,
        policy=POLICY,
        **TIMES,
    ),
    "request.answered/1": request.RequestAnswered(
        request="R-1", accepted=True, reason="she called", approver="user-18", **TIMES
    ),
    "plan.agreed/1": payment_plan.PlanAgreed(
        plan=PaymentPlan(
            id="PP-1",
            account="ACME",
            items=("INV-1/1", CHARGE.id),
            agreed_on=DAY,
            installments=(
                PlanInstallment(due_on=dt.date(2026, 2, 2), amount=eur("202.00")),
                PlanInstallment(due_on=dt.date(2026, 3, 2), amount=eur("200.00")),
            ),
            grace_days=3,
            waives=(CHARGE.id,),
            note="after the harvest",
        ),
        settled=eur("0.50"),
        approver="bob",
        waived=(eur("1.25"),),
        **TIMES,
    ),
    "plan.reinstated/1": payment_plan.PlanReinstated(
        plan="PP-1", catch_up_by=dt.date(2026, 3, 16), approver="bob", reason="Ann was ill", **TIMES
    ),
    "plan.cancelled/1": payment_plan.PlanCancelled(plan="PP-1", reason="Ann moved", **TIMES),
    "payment_method.added/1": payment_method.PaymentMethodAdded(
        method=PaymentMethod(token="tok_1", brand="visa", last_four="4242", expires=dt.date(2027, 5, 31)), **TIMES
    ),
    "payment_method.removed/1": payment_method.PaymentMethodRemoved(method="tok_1", **TIMES),
    "payment_method.preferred/1": payment_method.PaymentMethodPreferred(method="tok_1", **TIMES),
    "mandate.signed/1": payment_method.MandateSigned(
        mandate=Mandate(
            id="M-1",
            account="DE01:ACME",
            bank_account="DE** **** 3000",
            signed_on=DAY,
            scheme="b2b",
            use="one_off",
            last_used_on=dt.date(2026, 1, 6),
        ),
        **TIMES,
    ),
    "mandate.revoked/1": payment_method.MandateRevoked(mandate="M-1", **TIMES),
    "debt.acknowledged/1": limitation.DebtAcknowledged(
        id="k#1", items=("INV-1/1", "INV-1/2"), evidence="her letter of 5 January", **TIMES
    ),
    "demand.received/1": limitation.DemandReceived(id="k#1", items=("INV-1/1",), evidence="signed for by Ann", **TIMES),
    "limitation.suspended/1": limitation.LimitationSuspended(
        suspension=Suspension(
            id="S-1",
            account="DE01:ACME",
            items=("INV-1/1", "INV-1/2"),
            kind="negotiations",
            starts_on=DAY,
            until=dt.date(2026, 6, 30),
            reason="Ann says that the second box was dented",
        ),
        **TIMES,
    ),
    "limitation.resumed/1": limitation.LimitationResumed(suspension="S-1", **TIMES),
    "approval.requested/1": authority.ApprovalRequested(
        approval=ApprovalRequest(
            id="A-1",
            account="DE01:ACME",
            kind="write_off",
            subject="INV-1/1",
            amount=eur("3000.00"),
            note="Ann has moved abroad",
        ),
        lapses_on=dt.date(2026, 1, 19),
        policy=POLICY,
        **TIMES,
    ),
    "approval.granted/1": authority.ApprovalGranted(
        approval="A-1", left=1, total=eur("3600.00"), policy=POLICY, **TIMES
    ),
    "approval.refused/1": authority.ApprovalRefused(approval="A-1", reason="Ann can pay", **TIMES),
    "approval.withdrawn/1": authority.ApprovalWithdrawn(approval="A-1", reason="Ann paid", **TIMES),
    "authority.used/1": authority.AuthorityUsed(
        kind="write_off",
        subject="INV-1/1",
        amount=eur("3000.00"),
        total=eur("3600.00"),
        role="manager",
        up_to=eur("10000.00"),
        window_days=30,
        approvers=("user-18", "user-19"),
        approval="A-1",
        policy=POLICY,
        **TIMES,
    ),
    "attempt.refused/1": authority.AttemptRefused(
        kind="write_off",
        subject="INV-1/1",
        amount=eur("3000.00"),
        person="user-20",
        approver="user-18",
        code="no_authority",
        **TIMES,
    ),
    "item.written_off/1": loss.WrittenOff(
        id="k#1",
        item="INV-1/1",
        amount=eur("120.00"),
        code="insolvent",
        allowance_used=eur("50.00"),
        relief=eur("20.00"),
        taxes=LOST_TAXES,
        note="Ann says that the court has no assets",
        approver="user-18",
        policy=POLICY,
        **TIMES,
    ),
    "write_off.reversed/1": loss.WriteOffReversed(
        id="k#2",
        write_off="k#1",
        item="INV-1/1",
        amount=eur("120.00"),
        allowance_used=eur("50.00"),
        relief=eur("20.00"),
        taxes=LOST_TAXES,
        reason="Ann meant another one",
        approver="user-18",
        **TIMES,
    ),
    "loss.recovered/1": loss.Recovered(
        id="k#1",
        item="INV-1/1",
        source="P-1",
        amount=eur("120.00"),
        settlement="k",
        allowance_credited=eur("50.00"),
        relief=eur("20.00"),
        taxes=LOST_TAXES,
        **TIMES,
    ),
    "allowance.set/1": loss.SpecificAllowanceSet(
        allowance=SpecificAllowance(
            id="SA-1",
            account="DE01:ACME",
            code="insolvent",
            item="INV-1/1",
            percent=Decimal("62.5"),
            note="Ann heard it from the court",
        ),
        approver="user-18",
        **TIMES,
    ),
    "allowance.released/1": loss.SpecificAllowanceReleased(allowance="SA-1", **TIMES),
    "tax_relief.claimed/1": loss.ReliefClaimed(
        id="k#1",
        item="INV-1/1",
        amount=eur("20.00"),
        unpaid=eur("120.00"),
        taxes=LOST_TAXES,
        supplied_on=DAY,
        due_on=dt.date(2026, 2, 4),
        regime=POLICY,
        **TIMES,
    ),
    "tax_relief.repaid/1": loss.ReliefRepaid(
        id="INV-1/1/relief/1",
        item="INV-1/1",
        amount=eur("20.00"),
        taxes=LOST_TAXES,
        cause="recovered",
        **TIMES,
    ),
    "tax_relief.barred/1": loss.ReliefBarred(
        item="INV-1/1", cause="sold", relief=eur("20.00"), note="Ann sold it to an agency", **TIMES
    ),
    "application.submitted/1": application.ApplicationSubmitted(
        application=CreditApplication(
            id="CA-1",
            account="DE01:ACME",
            applied_on=DAY,
            amount=eur("20000.00"),
            terms=PaymentTerms.net(45),
            references=(Reference(id="REF-1", kind="supplier", contact="contact-40"),),
            papers=(
                Paper(
                    kind="annual_accounts",
                    link=DocumentLink(uri="s3://papers/1.pdf", sha256="ab" * 32),
                    dated_on=dt.date(2025, 12, 31),
                ),
            ),
            note="Ann takes over the shop",
        ),
        lapses_on=dt.date(2026, 3, 6),
        policy=POLICY,
        **TIMES,
    ),
    "application.supplemented/1": application.ApplicationSupplemented(
        application="CA-1",
        references=(Reference(id="REF-2", kind="bank", contact="contact-41"),),
        papers=(Paper(kind="register", link=DocumentLink(uri="s3://papers/2.pdf", sha256="cd" * 32), dated_on=DAY),),
        **TIMES,
    ),
    "reference.answered/1": application.ReferenceAnswered(
        application="CA-1",
        answer=ReferenceAnswer(
            reference="REF-1",
            answered_on=DAY,
            known_since=dt.date(2019, 5, 1),
            highest=eur("15000.00"),
            days_late=4,
            warns=True,
            note="Ann always pays in the end",
        ),
        **TIMES,
    ),
    "application.decided/1": application.ApplicationDecided(
        application="CA-1",
        decision=ApplicationDecision(
            outcome="reduced",
            recommended="referred",
            reasons=REASONS,
            missing=("annual_accounts",),
            offer=CreditOffer(
                limit=eur("12000.00"),
                valid_until=dt.date(2026, 2, 4),
                terms=PaymentTerms.net(30),
                review_on=dt.date(2027, 1, 5),
            ),
            score=RiskScore(
                points=540,
                risk_class="C",
                scorecard=POLICY,
                reasons=(ScoreReason(code="pays_late", feature="days_late", value=1840, points_lost=60),),
                inputs=(ScoreInput(name="days_late", value=1840),),
            ),
        ),
        policy=POLICY,
        approver="user-18",
        approval="A-1",
        reason="Ann has a new partner",
        **TIMES,
    ),
    "offer.accepted/1": application.OfferAccepted(application="CA-1", **TIMES),
    "application.closed/1": application.ApplicationClosed(
        application="CA-1", outcome="declined", reason="Ann pays at once", **TIMES
    ),
    "erasure.requested/1": erasure.ErasureRequested(erasure="E-1", legal_claims=("INV-1",), **TIMES),
    "erasure.answered/1": erasure.ErasureAnswered(
        erasure="E-1", records=(ERASURE_RECORD,), texts=(ERASED_TEXT,), policy=POLICY, **TIMES
    ),
    "erasure.replayed/1": erasure.ErasureReplayed(
        erasure="E-1", records=(ERASURE_RECORD,), texts=(ERASED_TEXT,), **TIMES
    ),
    "account.absorbed/1": merge.AccountAbsorbed(
        account="DE01:ACME2", approver="user-18", reason="Ann moved to the new firm", **TIMES
    ),
    "account.merged/1": merge.AccountMerged(into="DE01:ACME", **TIMES),
    "account.separated/1": merge.AccountSeparated(
        account="DE01:ACME2", approver="user-18", reason="Ann has two firms", **TIMES
    ),
    "account.restored/1": merge.AccountRestored(separated_from="DE01:ACME", **TIMES),
    "documents.handed_over/1": merge.DocumentsHandedOver(
        documents=("INV-8", "INV-9"),
        credits=("P-8",),
        to="DE01:ACME2",
        approver="user-18",
        reason="Ann kept the shop",
        **TIMES,
    ),
    "documents.taken_on/1": merge.DocumentsTakenOn(
        documents=("INV-8", "INV-9"), credits=("P-8",), came_from="DE01:ACME", **TIMES
    ),
    "customer.scored/1": risk.CustomerScored(
        score=RiskScore(
            points=540,
            risk_class="C",
            scorecard=POLICY,
            reasons=(ScoreReason(code="pays_late", feature="days_late", value=1840, points_lost=60),),
            inputs=(ScoreInput(name="days_late", value=1840), ScoreInput(name="external:agency", value=None)),
        ),
        **TIMES,
    ),
    "external_score.received/1": risk.ExternalScoreReceived(
        external=ExternalScore(
            id="X-1",
            account="DE01:ACME",
            name="agency",
            value=Decimal("2.50"),
            source="an agency",
            on=DAY,
            valid_until=dt.date(2026, 7, 5),
            reference="report 17",
        ),
        **TIMES,
    ),
    "figures.declared/1": risk.FiguresDeclared(
        figures=DeclaredFigures(
            id="F-1",
            account="DE01:ACME",
            year_end=dt.date(2025, 12, 31),
            declared_on=DAY,
            source="annual accounts",
            audited=True,
            total_assets=eur("500000.00"),
            total_liabilities=eur("300000.00"),
            working_capital=eur("-20000.00"),
            retained_earnings=eur("40000.00"),
            ebit=eur("30000.00"),
            sales=eur("900000.00"),
            market_equity=eur("250000.00"),
            book_equity=eur("200000.00"),
            founded_on=dt.date(2011, 4, 1),
            employees=12,
        ),
        **TIMES,
    ),
    "risk_class.overridden/1": risk.ClassOverridden(
        override=ClassOverride(
            id="O-1",
            account="DE01:ACME",
            risk_class="D",
            starts_on=DAY,
            until=dt.date(2026, 6, 30),
            reason="Ann told us of a strike",
        ),
        approver="user-18",
        **TIMES,
    ),
    "override.withdrawn/1": risk.OverrideWithdrawn(override="O-1", reason="Ann says that it is over", **TIMES),
    "warning.raised/1": risk.WarningRaised(
        warning=EarlyWarning(
            kind="promise_after_promise",
            period="2026-01",
            evidence=(
                Evidence(about="promise", subject="PTP-1", on=DAY, amount=eur("400.00"), days=9),
                Evidence(about="item", subject="INV-1/1", on=DAY),
            ),
        ),
        policy=POLICY,
        **TIMES,
    ),
    "collector.assigned/1": assignment.CollectorAssigned(
        assignment=Assignment(
            account="DE01:ACME",
            starts_on=DAY,
            collector="user-18",
            team="north",
            handed_over_from="user-17",
            reason="Ann left",
        ),
        **TIMES,
    ),
    "contact.logged/1": contact_log.ContactLogged(
        contact=LoggedContact(
            id="C-1",
            account="DE01:ACME",
            on=DAY,
            channel="phone",
            outcome="promised",
            items=("INV-1/1",),
            promise="PTP-1",
            inbound=True,
            person="contact-17",
            note="Ann was friendly",
        ),
        **TIMES,
    ),
    "action.planned/1": contact_log.ActionPlanned(
        action=NextAction(
            id="A-1",
            account="DE01:ACME",
            kind="callback",
            planned_on=DAY,
            due_on=dt.date(2026, 1, 12),
            owner="user-17",
            items=("INV-1/1",),
            contact="C-1",
            note="after Ann's holidays",
        ),
        **TIMES,
    ),
    "action.moved/1": contact_log.ActionMoved(
        action="A-1", due_on=dt.date(2026, 1, 19), owner="user-18", handed_over_from="user-17", **TIMES
    ),
    "action.done/1": contact_log.ActionDone(
        action="A-1", outcome="done", contact="C-2", note="Ann called herself", **TIMES
    ),
    "debt.reported/1": bureau.DebtReported(
        report=BureauReport(
            id="B-1",
            account="DE01:ACME",
            bureau="trade register",
            items=("INV-1/1", "INV-1/2"),
            balance=eur("3000.00"),
            reported_on=DAY,
            owed_since=dt.date(2025, 8, 1),
            code="82",
        ),
        policy=POLICY,
        approver="user-18",
        **TIMES,
    ),
    "report.updated/1": bureau.ReportUpdated(report="B-1", kind="balance", balance=eur("1800.00"), code="83", **TIMES),
    "report.withdrawn/1": bureau.ReportWithdrawn(
        report="B-1", code="false", approver="user-18", note="Ann was right", **TIMES
    ),
    "debt.placed/1": placement.DebtPlaced(
        placement=Placement(
            id="PL-1",
            account="DE01:ACME",
            agency="inkasso-4",
            items=("INV-1/1",),
            placed_on=DAY,
            terms=CommissionTerms(
                percent=Decimal("17.5"),
                direct_percent=Decimal(5),
                steps=(CommissionStep(above=eur("1000.00"), percent=Decimal(10)),),
            ),
            kind="lawyer",
            reference="file 26/118",
            note="Ann moved",
        ),
        amount=eur("1200.00"),
        approver="user-18",
        **TIMES,
    ),
    "debt.recalled/1": placement.DebtRecalled(
        placement="PL-1", items=("INV-1/1",), reason="Ann pays in person", **TIMES
    ),
    "placement.closed/1": placement.PlacementClosed(placement="PL-1", outcome="uncollectable", **TIMES),
    "agency.collected/1": placement.AgencyCollected(placement="PL-1", payment="P-1", **TIMES),
}


def written(fact: Fact) -> bytes:
    """A fact as its golden file has it."""
    return (json.dumps(codec.encode(fact), indent=1, ensure_ascii=False) + "\n").encode()


def file_of(tag: str) -> Path:
    """The golden file of a tag."""
    return GOLDEN / f"{tag.replace('/', '-')}.json"


def keep(path: Path) -> None:
    """Move the file of a former shape to where all former shapes are kept."""
    EARLIER.mkdir(exist_ok=True)
    number = len(list(EARLIER.glob(f"{path.stem}.*.json"))) + 1
    path.rename(EARLIER / f"{path.stem}.{number}.json")


if __name__ == "__main__":
    for tag, fact in SAMPLES.items():
        path, text = file_of(tag), written(fact)
        if path.exists() and path.read_bytes() != text:
            keep(path)
        path.write_bytes(text)
