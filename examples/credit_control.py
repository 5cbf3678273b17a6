"""A quarter of credit control: orders, deliveries, invoices and payments of some customers, checked every day by plain sums.

    python examples/credit_control.py                        20 customers, 60 days
    python examples/credit_control.py --customers 5 --days 30 --seed 7

Some customers stand alone, the others belong to a group with a limit in common. Every day orders come in, approved ones are
delivered in parts and invoiced, invoices are paid, some orders are cancelled; every day is run and delivered.

Beside the engine a clerk keeps what is owed and ordered as plain numbers, without asking it. After each day, for every customer:

1. the exposure of the engine is the clerk's sum, to the cent;
2. no limit is exceeded, neither an own one nor that of a group, and no held order would fit;
3. every order was reserved at most once;
4. staff was told of a limit that is used to four fifths, and that it is so no more, in turns.

The exit status is 1 if anything does not hold.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from receivables import (
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Order,
    Payment,
    PolicyBook,
    Receivables,
)
from receivables.facts.credit import OrderReserved
from receivables.reports.utilization import utilization
from receivables.testing import FixedClock, RecordingNotifier

EUR = Currency.of("EUR")
FIRST = dt.date(2026, 1, 5)
POLICY = CreditPolicy(id="standard", version=1, inherit_group=True, alert_percents=(80,))


class Limits(NamedTuple):
    """Who may owe how much, in cents: customers and groups."""

    own: dict[str, int]
    groups: dict[str, int]
    group_of: dict[str, str]


class Clerk:
    """What is owed and ordered, by customer, in cents; and what is left of each order that was approved."""

    def __init__(self) -> None:
        self.owed: Counter[str] = Counter()
        self.left: dict[tuple[str, str], int] = {}
        self.held: dict[tuple[str, str], int] = {}
        self.undelivered: Counter[tuple[str, str]] = Counter()
        self.invoices: dict[str, tuple[str, int]] = {}

    def exposure(self, account: str) -> int:
        """What a customer uses."""
        return self.owed[account] + sum(left for (id, _), left in self.left.items() if id == account)


class World:
    """The engine, the clerk, and the day."""

    def __init__(self, customers: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock = FixedClock.on(FIRST)
        self.notifier = RecordingNotifier()
        self.app = Receivables(
            store=MemoryStore(), notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(POLICY)
        )
        self.clerk = Clerk()
        self.limits = Limits({}, {}, {})
        self.numbers = iter(range(1, 10**9))
        self.counts: Counter[str] = Counter()
        for at in range(customers):
            self._open(f"C{at:03}", f"G{at // 8}" if at % 2 else None)

    def _open(self, id: str, group: str | None) -> None:
        if group is not None and group not in self.limits.groups:
            self.app.open_group(group, key=f"open {group}")
            self.limits.groups[group] = self._limit(f"group:{group}", 3_000_000)
        self.app.open_account(Customer(id=id, group=group, segment="group" if group else "alone"), key=f"open {id}")
        if group is not None:
            self.limits.group_of[id] = group
        if group is None or self.random.random() < 0.5:
            self.limits.own[id] = self._limit(id, 1_000_000)

    def _limit(self, account: str, minor: int) -> int:
        limit = CreditLimit(account=account, currency=EUR, amount=Money(minor, EUR), valid_from=FIRST)
        self.app.set_limit(limit, key=f"limit {account}")
        return minor

    @property
    def today(self) -> dt.date:
        return self.clock.instant.date()

    def order(self, account: str) -> None:
        """An order comes in."""
        id, minor = f"SO-{next(self.numbers)}", self.random.randint(10_000, 500_000)
        order = Order(id=id, account=account, amount=Money(minor, EUR), placed_on=self.today)
        receipt = self.app.reserve(order, key=id)
        self.counts[receipt.outcome] += 1
        into = self.clerk.left if receipt.approved else self.clerk.held
        into[account, id] = minor
        self.clerk.undelivered[account, id] = minor

    def deliver(self, account: str, id: str) -> None:
        """A part of an approved order is delivered, and now and then invoiced at once."""
        key = (account, id)
        room = self.clerk.undelivered[key]
        if not room:
            return
        minor, number = self.random.randint(1, room), next(self.numbers)
        money = Money(minor, EUR)
        self.app.deliver_order(account, id, money, on=self.today, key=f"deliver {number}")
        self.clerk.undelivered[key] -= minor
        invoice = Invoice.due(
            number=f"INV-{number}",
            account=account,
            issued_on=self.today,
            total=money,
            due_on=self.today + dt.timedelta(days=30),
            order=id,
        )
        self.app.issue_invoice(invoice, key=invoice.number)
        self.clerk.left[key] -= minor
        self.clerk.owed[account] += minor
        self.clerk.invoices[invoice.number] = (account, minor)
        if not self.clerk.left[key]:
            del self.clerk.left[key]

    def cancel(self, account: str, id: str) -> None:
        """What is left of an order is given up."""
        self.app.release_order(account, id, on=self.today, key=f"cancel {id}")
        self.clerk.left.pop((account, id), None)
        self.clerk.held.pop((account, id), None)

    def pay(self, invoice: str) -> None:
        """An invoice is paid in full."""
        account, minor = self.clerk.invoices.pop(invoice)
        payment = Payment(id=f"P {invoice}", account=account, amount=Money(minor, EUR), value_date=self.today)
        self.app.receive_payment(payment, key=payment.id)
        self.app.apply(account, payment.id, invoice, payment.amount, key=f"apply {invoice}")
        self.clerk.owed[account] -= minor

    def live(self, day: dt.date) -> None:
        """One day: what happens, the run, and what goes out."""
        self.clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)
        for account in sorted({*self.limits.own, *self.limits.group_of}):
            if self.random.random() < 0.4:
                self.order(account)
        for account, id in list(self.clerk.left):
            if (chance := self.random.random()) < 0.3:
                self.deliver(account, id)
            elif chance < 0.33:
                self.cancel(account, id)
        for invoice in list(self.clerk.invoices):
            if self.random.random() < 0.1:
                self.pay(invoice)
        for result in self.app.run_dunning(day):
            if result.error is not None:
                raise result.error
        list(self.app.deliver())
        self._hear_of_freed_orders(day)

    def _hear_of_freed_orders(self, day: dt.date) -> None:
        """The clerk is told which orders were freed, as the warehouse would be."""
        for account, id in list(self.clerk.held):
            status = {each.order.id: each.status for each in self.app.view(account, day).orders}
            if status.get(id) == "reserved":
                self.clerk.left[account, id] = self.clerk.held.pop((account, id))
                self.counts["freed"] += 1

    # Checks ------------------------------------------------------------------------------------------------------------

    def faults(self) -> Iterator[str]:
        """What does not hold today."""
        accounts = sorted({*self.limits.own, *self.limits.group_of})
        used = {id: self.clerk.exposure(id) for id in accounts}
        together: Counter[str] = Counter()
        for id, group in self.limits.group_of.items():
            together[group] += used[id]
        for id in accounts:
            found = POLICY.standing(self.app.view(id, self.today), EUR).exposure
            if found != used[id]:
                yield f"{self.today} {id}: the exposure is {found}, and the clerk has {used[id]}"
            if id in self.limits.own and used[id] > self.limits.own[id]:
                yield f"{self.today} {id}: the limit is exceeded, {used[id]}"
            yield from self._twice(id)
            yield from self._told(id, used[id])
        for group, limit in self.limits.groups.items():
            if together[group] > limit:
                yield f"{self.today} {group}: the limit of the group is exceeded, {together[group]}"
        for (id, order), minor in self.clerk.held.items():
            rooms = [self.limits.own[id] - used[id]] if id in self.limits.own else []
            if id in self.limits.group_of:
                group = self.limits.group_of[id]
                rooms.append(self.limits.groups[group] - together[group])
            if id not in self.limits.group_of and minor <= min(rooms):
                yield f"{self.today} {id}: {order} over {minor} is held, and would fit"

    def _twice(self, id: str) -> Iterator[str]:
        reserved = Counter(fact.order.id for fact in self.app.history(id) if isinstance(fact, OrderReserved))
        yield from (f"{id}: {order} was reserved {count} times" for order, count in reserved.items() if count > 1)

    def _told(self, id: str, used: int) -> Iterator[str]:
        words = [each.template.rpartition("_")[2] for each in self.notifier.notices if each.account == id]
        if words != [("crossed", "cleared")[at % 2] for at in range(len(words))]:
            yield f"{id}: staff was told {words}"
        limit = self.limits.own.get(id)
        if limit is not None and (len(words) % 2 == 1) != (100 * used > 80 * limit):
            yield f"{self.today} {id}: {used} of {limit} is used, and staff was told {words[-1:]}"


def simulate(customers: int, days: int, seed: int) -> tuple[World, list[str]]:
    """The days, and what did not hold."""
    world, faults = World(customers, seed), list[str]()
    for offset in range(days):
        world.live(FIRST + dt.timedelta(days=offset))
        faults.extend(world.faults())
    return world, faults


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=20)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    world, faults = simulate(given.customers, given.days, given.seed)
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(world.counts.items())))
    views = [world.app.view(id, world.today) for id in sorted({*world.limits.own, *world.limits.group_of})]
    by_segment = defaultdict(list)
    for line in utilization(views, world.app.policies).grouped("segment").lines:
        by_segment[line.of].append(line)
    for segment, lines in by_segment.items():
        for line in lines:
            print(
                f"{segment}: {line.accounts} customers use {Money(line.exposure, EUR)}, {line.over} above their limit"
            )
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(faults)} faults in {given.days} days")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
