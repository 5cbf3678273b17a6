"""Dunning: one function per topic of the cases.

Cases that give ages and no dates are told from a due date of `DUE`. What an item went through in another system is taken
over with its step; what needs several runs goes through the service.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs
from tests.cases.reading import CURRENCY, day, money, plain
from tests.cases.unsupported import Unsupported

from receivables import (
    Account,
    Allocation,
    CreditNote,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Invoice,
    MemoryStore,
    Payment,
    PolicyBook,
    Receivables,
    TakenOverItem,
    fold,
)
from receivables.documents.exchange import ExchangeRate
from receivables.documents.schedule import Installment, Schedule
from receivables.facts.credit import HoldPlaced
from receivables.facts.dunning import NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.invoice import ItemTakenOver
from receivables.policies.conditions import AccountCondition
from receivables.policies.dunning import DunningPlan
from receivables.policies.fees import FeeRule, FeeTier, Tiering
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.dates import add_months
from receivables.values.money import Money

Case = dict[str, Any]
Input = Mapping[str, Any]


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic."""
    if case["topic"] not in _TOPICS:
        raise Unsupported(f"the topic {case['topic']} is not mapped yet")
    return _TOPICS[case["topic"]](case)


# Fees -------------------------------------------------------------------------------------------------------------------


def _fees(case: Case) -> dict[str, Any]:
    """The fee on the original claim, and what is then owed."""
    given = case["input"]
    currency = given.get("line_currency", CURRENCY)
    claim = money(given.get("original", given.get("remaining", "100.00")), currency)
    fee = _fee_rule(given, currency).fee(claim)
    owed = money(given["receivable"], currency) + fee.gross if "receivable" in given else claim + fee.gross
    return {"fee": plain(fee.gross), "receivable": plain(owed)}


def _fee_rule(given: Input, currency: str) -> FeeRule:
    """A fee is an amount, a record with a percentage, or ranges; beside it may stand a percentage and limits."""
    fee = given.get("fee", {})
    parts = fee if isinstance(fee, dict) else {"amount": fee, "percent": given.get("percent", "0")}
    return FeeRule(
        id="fee",
        fixed=(money(parts["amount"], given.get("fee_currency", currency)),) if "amount" in parts else (),
        percent=Decimal(parts.get("percent", "0")),
        tiers=tuple(_tier(each, currency) for each in given.get("ranges", ())),
        tiering=Tiering.SLICES if str(given.get("mode", "")).startswith("accumulated") else Tiering.WHOLE,
        minimum=_limit(given, "minimum", currency),
        maximum=_limit(given, "maximum", currency),
    )


def _tier(each: Input, currency: str) -> FeeTier:
    fixed = money(each.get("fee", "0"), currency)
    return FeeTier(above=money(each["from"], currency), fixed=fixed, percent=Decimal(each.get("percent", "0")))


def _limit(given: Input, name: str, currency: str) -> tuple[Money, ...]:
    return (money(given[name], currency),) if name in given else ()


# What the functions below stand on --------------------------------------------------------------------------------------

DUE = dt.date(2024, 1, 31)
CUSTOMER = Customer(id="A")
NOW = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def _after(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def _policy(*steps: DunningStep, **more: Any) -> DunningPolicy:
    return DunningPolicy(id="policy", version=1, steps=steps, **more)


def _step(days: int = 1, **more: Any) -> DunningStep:
    return DunningStep(name=more.pop("name", "1"), days_after_due=days, **more)


def _invoice(number: str, amount: Money, due_on: dt.date, issued_on: dt.date | None = None) -> Invoice:
    return Invoice.due(number=number, account="A", issued_on=issued_on or due_on, total=amount, due_on=due_on)


def _account(*invoices: Invoice) -> Account:
    return Account.of(CUSTOMER, invoices=invoices)


def _open(due_on: dt.date = DUE, amount: str = "100.00") -> Account:
    return _account(_invoice("I", money(amount), due_on))


def _stood_on(step: str, on: dt.date, due_on: dt.date) -> Account:
    """An item of another system that reached a step there."""
    item = TakenOverItem(
        id="I", account="A", issued_on=due_on, due_on=due_on, open=money("100"), step=step, stepped_on=on
    )
    return fold([ItemTakenOver(item=item, effective_on=due_on, recorded_at=NOW)], _account())


def _held(account: Account, until: dt.date | None) -> Account:
    hold = Hold(id="H", account="A", placed_on=dt.date(2000, 1, 1), reason="not now", until=until)
    return fold([HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=NOW)], account)


def _plan(account: Account, policy: DunningPolicy, on: dt.date) -> DunningPlan:
    return policy.plan(account.view(on))


def _hits(account: Account, policy: DunningPolicy, on: dt.date) -> bool:
    return bool(_plan(account, policy, on).included)


class _App:
    """A service with one account, that runs and sends on days."""

    def __init__(self, policy: DunningPolicy, *invoices: Invoice) -> None:
        self.clock, self.notifier = FixedClock(NOW), RecordingNotifier()
        self.app = Receivables(
            store=MemoryStore(), notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(policy)
        )
        self.app.open_account(CUSTOMER, key="open")
        for invoice in invoices:
            self.app.issue_invoice(invoice, key=invoice.number)

    def run(self, days: Iterable[dt.date]) -> list[int]:
        """How many letters went out in all after each of the days; raises what refuses a run."""
        counts = []
        for on in days:
            self.clock.instant = max(self.clock.instant, dt.datetime.combine(on, dt.time(6), dt.UTC))
            for result in self.app.run_dunning(on, all_accounts=True):
                if result.error is not None:
                    raise result.error
            list(self.app.deliver())
            counts.append(len(self.notifier.notices))
        return counts


# Escalation -------------------------------------------------------------------------------------------------------------


def _escalation(case: Case) -> dict[str, Any]:
    """Which step comes next; the cases of the topic differ in what they give."""
    given = case["input"]
    for key, answer_ in _ESCALATIONS.items():
        if key in given:
            return answer_(given)
    raise Unsupported(f"no escalation is said by {sorted(given)}")


def _next_level(given: Input) -> dict[str, Any]:
    """The numbered level that a look at the account gives; a level that was decided and not sent is a draft."""
    if isinstance(given["levels"], int):
        policy = _policy(
            *(_step(at, name=str(at)) for at in range(1, given["levels"] + 1)), repeat_last_days=1, repeat_most=99
        )
        (row,) = _plan(_stood_on(str(given["reminders_sent"]), _after(3), DUE), policy, _after(30)).rows()
        return {"next_level": int(str(row["step"]))}
    policy = _policy(*(_step(each["overdue_days"], name=str(each["level"])) for each in given["levels"]))
    before = given["before"] or {}
    if before.get("paid") or before.get("action") == "pay in full":
        account = _paid(_invoice("I", money("100"), DUE))
    elif before:
        account = _stood_on(str(before["level"]), _after(5), DUE)
    else:
        account = _open()
    rows = [row for row in _plan(account, policy, _after(given["days_overdue"])) if row["included"]]
    return {"level": int(str(rows[0]["step"])), "state": "draft"} if rows else {"dunning": None}


def _paid(invoice: Invoice) -> Account:
    payment = Payment(id="P", account="A", amount=invoice.total, value_date=invoice.issued_on)
    made = Allocation(source="P", item=invoice.number, amount=invoice.total)
    return Account.of(CUSTOMER, invoices=[invoice], payments=[payment], allocations=[made])


_DELAYS: dict[str, Callable[[int, int], DunningStep]] = {
    "due date": lambda at, days: _step(days, name=str(at)),
    "end of month of due date": lambda at, days: _step(days, name=str(at), month_end=True),
    "previous reminder": lambda at, days: DunningStep(name=str(at), days_after_notice=days),
}


def _three_runs(given: Input) -> dict[str, Any]:
    steps = (_DELAYS[each["from"]](at, each["delay"]) for at, each in enumerate(given["policy"]))
    months = [0 if run == "today" else int(run.removesuffix("M")) for run in given["runs"]]
    app = _App(_policy(*steps), _invoice("I", money("100"), add_months(DUE, -12)))
    return {"lines_after_each_run": app.run(add_months(DUE, count) for count in months)}


def _backward(given: Input) -> dict[str, Any]:
    runs = [day(run) for run in given["runs"]]
    app = _App(_policy(_step()), _invoice("I", money("100"), min(runs) - dt.timedelta(days=30)))
    return {"lines_after_each_run": app.run(runs)}


def _delay(given: Input) -> dict[str, Any]:
    policy = _policy(_step(given["delay"], month_end=given["mode"] == "end_of_month"))
    return {"hit": [_hits(_open(day(given["due"])), policy, day(run)) for run in given["run_dates"]]}


def _credit_memo(given: Input) -> dict[str, Any]:
    note = CreditNote(number="C", account="A", issued_on=DUE, total=money("100"))
    account = Account.of(CUSTOMER, credit_notes=[note])
    return {"reminder": _hits(account, _policy(_step()), _after(90))}


_ESCALATIONS: dict[str, Callable[[Input], dict[str, Any]]] = {
    "levels": _next_level,
    "policy": _three_runs,
    "runs": _backward,
    "delay": _delay,
    "document": _credit_memo,
}


# Days -------------------------------------------------------------------------------------------------------------------


def _grace(case: Case) -> dict[str, Any]:
    """Grace of a policy counts in days; grace that a person gives is a hold to its last day."""
    given = case["input"]
    if "grace" in given:
        policy = _policy(_step(), grace_days=int(given["grace"].removesuffix("D")))
        return {"reminder": _hits(_open(day(given["due"])), policy, day(given["run_date"]))}
    on = day(given["dunning_date"])
    until = given.get("grace_date", given.get("new_grace_date"))
    account = _open(on - dt.timedelta(days=given.get("days_overdue", 25)))
    hit = _hits(_held(account, day(until)) if until else account, _policy(_step(10)), on)
    return {"candidate_expired": not hit} if "new_grace_date" in given else {"candidate": hit}


def _gap(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "candidates" in given:
        return {"last_dunning_date": str(_last_dunning(given["candidates"]))}
    last = day(given["last_dunning"])
    account = _stood_on("1", last, last - dt.timedelta(days=60))
    policy = _policy(_step(1), _step(2, name="2"), minimum_gap_days=given["days_between_dunning"])
    return {"candidate": _hits(account, policy, day(given["run"]))}


def _last_dunning(candidates: list[Input]) -> dt.date | None:
    """Letters that went out are those that were processed; the log need not be in the order of the days."""
    account = _open(dt.date(2012, 1, 1))
    (notice,) = _App(_policy(_step()), _invoice("I", money("100"), DUE)).app.preview("A", _after(9))
    for at, each in enumerate(candidates):
        on = day(each["date"])
        times: dict[str, Any] = {"effective_on": on, "recorded_at": NOW}
        letter = attrs.evolve(notice, key=str(at), as_of=on)
        sent = [NoticeSending(notice=letter.key, **times), NoticeSent(notice=letter.key, **times)]
        account = fold([NoticeQueued(notice=letter, **times), *(sent if each["processed"] else [])], account)
    return account.view(dt.date(2020, 1, 1)).last_notice_on


def _threshold(case: Case) -> dict[str, Any]:
    given = case["input"]
    policy = _policy(_step(given["level"]["days_after_due"]))
    if given["level"].get("show_all_due"):
        return {"eligible": _is_listed(policy, given)}
    account = _open()
    if given.get("in_dispute"):
        account = _held(account, None)
    hit = _hits(account, policy, _after(given["days_overdue"]))
    return {"eligible": hit, "eligible_with_show_all_due": hit}


def _is_listed(policy: DunningPolicy, given: Input) -> bool:
    """Whether an item stands on the letter that another one causes, which has reached its level."""
    days, level = given["days_overdue"], given["level"]["days_after_due"]
    younger = _invoice("I", money("100"), _after(level - days))
    letters = _App(policy, younger, _invoice("J", money("100"), DUE)).app.preview("A", _after(level))
    return any(line.item == "I" for letter in letters for line in letter.lines)


def _schedule(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "balance" in given:
        return {"next": _plan(_paid(_invoice("I", money("100"), DUE)), _policy(_step()), DUE).look_on}
    if "before_due_days" in given:
        due_on = day(given["due"])
        account = _account(_invoice("I", money("100"), due_on, due_on - dt.timedelta(days=60)))
        return {"reminder": str(_plan(account, _policy(_step(-given["before_due_days"])), _early(due_on)).look_on)}
    last, found = day(given["last_reminder"]), []
    every = 7 * int(given["endless_every"].removesuffix("W"))
    policy = _policy(_step(), repeat_last_days=every, repeat_most=99)
    for _ in range(given["count"]):
        next_ = _plan(_stood_on("1", last, last - dt.timedelta(days=30)), policy, last).look_on
        assert next_ is not None
        last = next_
        found.append(str(last))
    return {"next": found}


def _early(due_on: dt.date) -> dt.date:
    """A day on which the invoice is there and nothing is to be done yet."""
    return due_on - dt.timedelta(days=59)


# Amounts and accounts ---------------------------------------------------------------------------------------------------


def _is_apart(ago: str, days: int) -> bool:
    """Whether the next letter goes out at noon, so long after the last one: letters are counted in days."""
    passed = sum((dt.timedelta(**{f"{unit}s": int(count)}) for count, unit in _AGO.findall(ago)), dt.timedelta())
    now = dt.datetime.combine(_after(30), dt.time(12))
    account = _stood_on("1", (now - passed).date(), DUE)
    policy = _policy(_step(), _step(2, name="2"), minimum_gap_days=days)
    return bool(_plan(account, policy, now.date()).included)


_AGO = re.compile(r"(\d+) (day|second)")


def _campaign(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "days_between_attempts" in given and "last_attempt_ago" in given:
        return {"process": [_is_apart(each, given["days_between_attempts"]) for each in given["last_attempt_ago"]]}
    on = day(given["on"])
    thresholds = given.get("thresholds") or given["threshold"]
    policy = _policy(_step(), minimums=tuple(money(amount, code) for code, amount in thresholds.items()))
    if "overdue" in given:
        due_on = on - dt.timedelta(days=1)
        invoices = [_invoice(code, money(amount, code), due_on) for code, amount in given["overdue"].items()]
    else:
        term = dt.timedelta(days=given["net_term_days"])
        invoices = [
            _invoice(str(at), money(each["amount"]), day(each["date"]) + term)
            for at, each in enumerate(given["invoices"])
        ]
    rows = _plan(_account(*invoices), policy, on).rows()
    asked: dict[str, Decimal] = {}
    for row in rows:
        if row["included"]:
            code = str(row["currency"])
            asked[code] = asked.get(code, Decimal(0)) + Decimal(str(row["open"]))
    if "overdue" in given:
        return {"request": asked}
    late = sum((Decimal(str(row["open"])) for row in rows if row["days_overdue"]), Decimal(0))
    return {"overdue_amount": late, "request": asked.get(CURRENCY), "attempt": 1}


def _account_state(case: Case) -> dict[str, Any]:
    """The state of an account is the step that its oldest item reached by daily runs."""
    given = case["input"]
    if "condition" in given:
        condition = AccountCondition(least_items=int(given["condition"].removeprefix("unpaid invoices >= ")))
        made = [_invoice(str(at), money("1"), DUE) for at in range(max(given["counts"]))]
        return {"result": [condition.holds(_account(*made[:count]).view(_after(1))) for count in given["counts"]]}
    issued, on = day(given["invoice_date"]), day(given["on"])
    policy = _policy(*(DunningStep(name=each["name"], days_after_invoice=each["days"]) for each in given["states"]))
    app = _App(policy, _invoice("I", money(given["balance"]), issued))
    app.run(issued + dt.timedelta(days=at) for at in range((on - issued).days + 1))
    if given.get("paid_all"):
        payment = Payment(id="P", account="A", amount=money(given["balance"]), value_date=on)
        app.app.receive_payment(payment, key="P")
        app.app.apply("A", "P", "I", payment.amount, key="apply")
    view = app.app.view("A", on)
    ladders = [view.ladder_of[item.id] for book in view.books for item in book.items if item.id in view.ladder_of]
    return {"state": ladders[0].step if ladders else "CLEAR"}


def _instalments(case: Case) -> dict[str, Any]:
    given = case["input"]
    parts = money("100").split([int(each["percent"]) for each in given["instalments"]])
    schedule = Schedule(
        installments=tuple(
            Installment(amount=part, due_on=_after(each["credit_days"]))
            for part, each in zip(parts, given["instalments"], strict=True)
        )
    )
    invoice = Invoice(number="I", account="A", issued_on=DUE, total=money("100"), schedule=schedule)
    rows = _plan(_account(invoice), _policy(_step()), _after(given["posted_days_ago"])).rows()
    return {"overdue_instalments": [at for at, row in enumerate(rows, 1) if row["included"]]}


def _resolution(case: Case) -> dict[str, Any]:
    """After a letter the item is settled: no row is left of it."""
    app = _App(_policy(_step(), _step(2, name="2")), _invoice("I", money("100"), DUE))
    app.run([_after(1)])
    if case["input"]["event"] == "payment in full":
        app.app.receive_payment(Payment(id="P", account="A", amount=money("100"), value_date=_after(1)), key="P")
        app.app.apply("A", "P", "I", money("100"), key="apply")
    else:
        note = CreditNote(number="C", account="A", issued_on=_after(1), total=money("100"), against="I")
        app.app.issue_credit_note(note, key="C")
    return {"dunning_status": "Unresolved" if app.app.dunning_plan("A", _after(2)).rows() else "Resolved"}


def _fx(case: Case) -> dict[str, Any]:
    """An item is dunned in its own currency; what that is in another one, a rate says."""
    given = case["input"]
    row = next(iter(_plan(_account(_invoice("I", money(given["open_eur"], "EUR"), DUE)), _policy(_step()), _after(1))))
    rate = ExchangeRate.of("EUR", "CHF", given["rate_chf_per_eur"], on=_after(1), source="the case")
    return {"open_chf": plain(rate.convert(money(str(row["dunnable"]), "EUR")))}


_TOPICS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "fees": _fees,
    "escalation": _escalation,
    "grace": _grace,
    "gap": _gap,
    "threshold": _threshold,
    "dispute": _threshold,
    "schedule": _schedule,
    "campaign": _campaign,
    "account_state": _account_state,
    "instalments": _instalments,
    "resolution": _resolution,
    "fx": _fx,
}
