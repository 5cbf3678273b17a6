"""The work of a simulated company: who asks for what, in which order; drawn from a seed and from nothing else.

A piece of work is a command of one of the people who share the ledger (sales, billing, the cashier, a collector, the
credit manager), a job (the run of the day, the delivery), or time that passes. What a piece is does not depend on what
became of the ones before, so that pieces can be left out of a failing run and the rest stays what it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import final

from attrs import frozen

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.customer import Customer, group_account_id
from receivables.documents.dispute import Dispute
from receivables.documents.hold import Hold
from receivables.documents.invoice import CreditNote, Invoice
from receivables.documents.payment import Payment
from receivables.documents.promise import Promise
from receivables.operations.all import Operations
from receivables.plans.commands import Command
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy
from receivables.policies.dunning import DunningPolicy
from receivables.policies.dunning_steps import DunningStep
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.values.currencies import Currency
from receivables.values.money import Money

BEGIN = dt.date(2026, 1, 5)
"""The first day, a Monday."""

EUR = Currency.of("EUR")
GROUP = "HOLDING"
CUSTOMERS = (Customer(id="A", group=GROUP), Customer(id="b", group=GROUP), Customer(id="C"), Customer(id="D"))
LIMIT, GROUP_LIMIT = 100_000, 150_000
"""What a customer and the group may owe, in cents."""

POLICIES = PolicyBook.of(
    DunningPolicy(
        id="simulated",
        version=1,
        minimum_gap_days=3,
        steps=(
            DunningStep(name="first", days_after_due=3),
            DunningStep(
                name="second",
                days_after_due=10,
                fee=FeeRule.flat("second", Money.of(15, "EUR")),
                claims_interest=True,
            ),
            DunningStep(name="final", days_after_due=20, channel="letter"),
        ),
        interest=InterestTerms.fixed("9"),
    ),
    CreditPolicy(id="simulated", version=1, alert_percents=(50, 100)),
)


class _Commands(Operations[Command]):
    """The operations of the service, each giving the command instead of executing it."""

    def execute(self, command: Command) -> Command:
        """The command."""
        return command


@final
@frozen(kw_only=True)
class Work:
    """One piece of work: who does it and what it is, in words, and commands in one commit, a job, or days that pass."""

    number: int
    who: str
    text: str
    commands: tuple[Command, ...] = ()
    job: str = ""
    days: int = 0

    def __str__(self) -> str:
        return f"{self.number:3} {self.who}: {self.text}"


def opening() -> tuple[Work, ...]:
    """How every simulation begins: the accounts are opened and have limits."""
    do = _Commands()
    commands: list[Command] = [do.open_group(GROUP, key="open the group")]
    commands += [do.open_account(each, key=f"open {each.id}") for each in CUSTOMERS]
    limits = {group_account_id(GROUP): GROUP_LIMIT, **{each.account: LIMIT for each in CUSTOMERS}}
    commands += [do.set_limit(_limit(id, minor, BEGIN), key=f"limit {id}") for id, minor in limits.items()]
    return tuple(
        Work(number=at, who="office", text=command.key, commands=(command,)) for at, command in enumerate(commands)
    )


def script(seed: int, length: int) -> tuple[Work, ...]:
    """So many pieces of work of a seed, after the `opening`.

    >>> [str(work) for work in script(7, 2)] == [str(work) for work in script(7, 5)][:2]
    True
    """
    start = len(opening())
    day, made = BEGIN, _Made()
    weights = _weights(seed)
    works: list[Work] = []
    for number in range(start, start + length):
        dice = Random(f"{seed}/work/{number}")
        (drawn,) = dice.choices(list(_DRAWS), weights=weights)
        work = _DRAWS[drawn][0](dice, number, day, made)
        day += dt.timedelta(days=work.days)
        works.append(work)
    return tuple(works)


def _weights(seed: int) -> list[float]:
    """How often each kind is drawn for a seed: every company has habits of its own, and leaves some things out."""
    habits = Random(f"{seed}/habits")
    return [weight * habits.choice((0, 1, 1, 1, 3)) + 0.01 for _, weight in _DRAWS.values()]


class _Made:
    """The ids that earlier pieces of a script would create, if nothing refuses them: account and id."""

    def __init__(self) -> None:
        self.items: list[tuple[str, str]] = []
        self.credits: list[tuple[str, str]] = []
        self.orders: list[tuple[str, str]] = []
        self.holds: list[tuple[str, str]] = []
        self.disputes: list[tuple[str, str]] = []
        self.promises: list[tuple[str, str]] = []
        self.amounts: dict[str, Money] = {}


Draw = Callable[[Random, int, dt.date, _Made], Work]


def _limit(account: str, minor: int, day: dt.date) -> CreditLimit:
    return CreditLimit(account=account, currency=EUR, amount=Money(minor, EUR), valid_from=day)


def _cents(dice: Random, least: int, most: int) -> Money:
    return Money(dice.randint(least, most), EUR)


def _paid_for(dice: Random, made: _Made, item: str, least: int, most: int) -> Money:
    """What is paid or placed for an item: as often the whole of it as anything."""
    whole = made.amounts.get(item)
    return whole if whole is not None and dice.random() < 0.5 else _cents(dice, least, most)


def _one(dice: Random, made: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """One that was made before, most often a late one; or one that nobody knows."""
    if not made:
        return dice.choice(CUSTOMERS).account, "nobody knows"
    return made[-1 - min(int(dice.expovariate(0.5)), len(made) - 1)]


def _account(dice: Random) -> str:
    """An account: most of the work is about the first."""
    return dice.choices(CUSTOMERS, weights=(5, 3, 2, 1))[0].account


def _asked(number: int, who: str, text: str, command: Command) -> Work:
    return Work(number=number, who=who, text=text, commands=(command,))


def _order(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, id = _account(dice), f"SO-{number}"
    order = Order(id=id, account=account, amount=_cents(dice, 10_000, 70_000), placed_on=day)
    made.orders.append((account, id))
    return _asked(number, "sales", f"order {id} of {account}, {order.amount}", DO.reserve(order, key=f"k{number}"))


def _cancel(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, order = _one(dice, made.orders)
    return _asked(number, "sales", f"cancel {order}", DO.release_order(account, order, on=day, key=f"k{number}"))


def _invoice(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, order = _one(dice, made.orders) if dice.random() < 0.5 else (_account(dice), "")
    id = f"INV-{number}"
    invoice = Invoice.due(
        number=id,
        account=account,
        issued_on=day - dt.timedelta(days=dice.randint(0, 20)),
        total=_cents(dice, 1_000, 60_000),
        due_on=day + dt.timedelta(days=dice.randint(-20, 14)),
        order=order if order.startswith("SO") else None,
    )
    made.items.append((account, id))
    made.amounts[id] = invoice.total
    text = f"invoice {id} of {account}, {invoice.total}, due {invoice.schedule.installments[0].due_on}"
    return _asked(number, "billing", text, DO.issue_invoice(invoice, key=f"k{number}"))


def _credit_note(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, item = _one(dice, made.items)
    id = f"CN-{number}"
    note = CreditNote(number=id, account=account, issued_on=day, total=_cents(dice, 500, 20_000), against=item)
    made.credits.append((account, id))
    return _asked(number, "billing", f"credit note {id} on {item}", DO.issue_credit_note(note, key=f"k{number}"))


def _payment(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, item = _one(dice, made.items)
    id = item if item != "nobody knows" and dice.random() < 0.1 else f"P-{number}"  # nothing says that it cannot be
    on = day - dt.timedelta(days=dice.choice((0, 0, 1, 5, 15)))
    line = f"line {number - dice.choice((0, 0, 0, 1))}"
    payment = Payment(
        id=id, account=account, amount=_paid_for(dice, made, item, 500, 60_000), value_date=on, bank_line=line
    )
    made.credits.append((account, id))
    text = f"payment {id} of {account}, {payment.amount} of {on}, bank {line}"
    return _asked(number, "cashier", text, DO.receive_payment(payment, key=f"k{number}"))


def _import(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account = _account(dice)
    works = []
    for at in range(dice.randint(2, 4)):
        id, line = f"P-{number}-{at}", f"line {number}-{dice.randint(0, 4)}"
        payment = Payment(id=id, account=account, amount=_cents(dice, 500, 20_000), value_date=day, bank_line=line)
        works.append(DO.receive_payment(payment, key=f"k{number}-{at}"))
        made.credits.append((account, id))
    text = f"{len(works)} payments of {account} in one file"
    return Work(number=number, who="cashier", text=text, commands=tuple(works))


def _probe(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    return Work(number=number, who="probe", text="what no flow asks for", job="probe")


def _apply(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, source = _one(dice, made.credits)
    items = [item for owner, item in made.items if owner == account] or ["nobody knows"]
    item = dice.choice(items[-3:])
    amount = _paid_for(dice, made, item, 100, 20_000)
    command = DO.apply(account, source, item, amount, key=f"k{number}")
    return _asked(number, "cashier", f"apply {amount} of {source} to {item}", command)


def _unapply(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, _ = _one(dice, made.credits)
    allocation = f"k{dice.randint(8, max(9, number))}#1"
    command = DO.unapply(account, allocation, key=f"k{number}")
    return _asked(number, "cashier", f"take back {allocation} of {account}", command)


def _return(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, payment = _one(dice, made.credits)
    command = DO.return_payment(account, payment, "returned", "AM04", on=day, key=f"k{number}")
    return _asked(number, "cashier", f"{payment} came back", command)


def _dispute(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, item = _one(dice, made.items)
    dispute = Dispute(id=f"D-{number}", account=account, item=item, reason="quality", opened_on=day)
    made.disputes.append((account, dispute.id))
    return _asked(number, "collector", f"dispute on {item}", DO.open_dispute(dispute, key=f"k{number}"))


def _reject(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, dispute = _one(dice, made.disputes)
    command = DO.resolve_dispute(account, dispute, outcome="rejected", on=day, reason="delivered", key=f"k{number}")
    return _asked(number, "collector", f"reject {dispute}", command)


def _promise(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, item = _one(dice, made.items)
    promise = Promise(
        id=f"PR-{number}",
        account=account,
        amount=_cents(dice, 500, 30_000),
        made_on=day,
        pay_by=day + dt.timedelta(days=dice.randint(0, 12)),
        items=(item,),
    )
    made.promises.append((account, promise.id))
    return _asked(number, "collector", f"promise on {item}", DO.make_promise(promise, key=f"k{number}"))


def _hold(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, id = _account(dice), f"H-{number}"
    until = day + dt.timedelta(days=dice.randint(0, 9)) if dice.random() < 0.7 else None
    hold = Hold(id=id, account=account, placed_on=day, reason="a look", until=until)
    made.holds.append((account, id))
    return _asked(number, "manager", f"hold {id} on {account} until {until}", DO.place_hold(hold, key=f"k{number}"))


def _unhold(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, hold = _one(dice, made.holds)
    return _asked(number, "manager", f"lift {hold}", DO.release_hold(account, hold, on=day, key=f"k{number}"))


def _transfer(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account, credit = _one(dice, made.credits)
    to, amount = _account(dice), _cents(dice, 100, 20_000)
    made.credits.append((to, f"k{number}#1"))
    command = DO.transfer(account, credit, amount, to, on=day, key=f"k{number}")
    return _asked(number, "cashier", f"move {amount} of {credit} from {account} to {to}", command)


def _merge(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    limits = (_limit("C", LIMIT, day),)
    merge = DO.merge_accounts("C", "D", reason="one company", by="ann", approver="bob", limits=limits, key=f"k{number}")
    return _asked(number, "manager", "D becomes part of C", merge)


def _separate(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    part = DO.separate_accounts("C", "D", reason="two companies", by="ann", approver="bob", key=f"k{number}")
    return _asked(number, "manager", "D is by itself again", part)


def _relimit(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    account = dice.choice([each.account for each in CUSTOMERS] + [group_account_id(GROUP)])
    limit = _limit(account, dice.randint(50_000, 150_000), day)
    return _asked(number, "manager", f"limit of {account} {limit.amount}", DO.set_limit(limit, key=f"k{number}"))


def _passing(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    days = dice.choice((1, 1, 2, 3, 6))
    return Work(number=number, who="time", text=f"{days} days pass", days=days)


def _run(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    return Work(number=number, who="job", text="the run of the day", job="run")


def _deliver(dice: Random, number: int, day: dt.date, made: _Made) -> Work:
    return Work(number=number, who="job", text="deliver", job="deliver")


DO = _Commands()

_DRAWS: Mapping[str, tuple[Draw, int]] = {
    "order": (_order, 14),
    "cancel": (_cancel, 3),
    "invoice": (_invoice, 14),
    "credit note": (_credit_note, 4),
    "payment": (_payment, 10),
    "import": (_import, 3),
    "apply": (_apply, 14),
    "unapply": (_unapply, 3),
    "return": (_return, 4),
    "dispute": (_dispute, 3),
    "reject": (_reject, 2),
    "promise": (_promise, 3),
    "hold": (_hold, 3),
    "lift": (_unhold, 2),
    "transfer": (_transfer, 3),
    "merge": (_merge, 1),
    "separate": (_separate, 1),
    "limit": (_relimit, 3),
    "days": (_passing, 8),
    "run": (_run, 10),
    "deliver": (_deliver, 10),
    "probe": (_probe, 6),
}
"""What is drawn, and how often."""
