"""Credit checks beside the arithmetic that one would write by hand, in the same process.

    python benchmarks/credit.py [--checks N] [--members N] [--rounds N]

Three things are measured apart, for accounts of 10 to 10,000 open items: the view (what is open, by due date), the standing
on it (limit, exposure by component, what stops every order), and the check of an order on the standing. Then the same for
one member of a group: the standing of the group on the views of all its members, an order on it, and a reservation through
the service, which loads and folds every member anew.

Each floor does the same work for its one case on plain tuples and ints: it sorts and sums what is open, finds what is overdue
in the running sums, compares with the limit, and names the reason. It knows one currency and no holds, promises or rates, and
checks nothing. Each figure is processor time, the best of several rounds, ours and the floor's in turn. Only the ratio says
something.
"""

from __future__ import annotations

import argparse
import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from time import process_time

from receivables import (
    Account,
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
from receivables.documents.payment import Allocation
from receivables.plans.commands import IssueInvoice
from receivables.testing import FixedClock, RecordingNotifier

EUR = Currency.of("EUR")
TODAY = dt.date(2026, 6, 30)
POLICY = CreditPolicy(id="standard", version=1, hold_overdue_days=60, warn_percent=90)
LIMIT = 11_000_000
SIZES = (10, 100, 1_000, 10_000)

Work = Callable[[], object]
Plain = tuple[list[tuple[int, int]], dict[int, int], int]
"""Items as due date and amount, what was paid on some, and the limit: what the floors work on."""


def due_of(at: int) -> dt.date:
    return TODAY + dt.timedelta(days=at * 7 % 90 - 40)


def account(id: str, count: int, group: str | None = None) -> Account:
    """An account of so many open items, a tenth of them paid in part."""
    invoices = [
        Invoice.due(
            number=f"{id}/{at}",
            account=id,
            issued_on=TODAY - dt.timedelta(days=90),
            total=amount(at),
            due_on=due_of(at),
        )
        for at in range(count)
    ]
    paid = [(at, Money(amount(at).minor // 3, EUR)) for at in range(0, count, 10)]
    payments = [Payment(id=f"P{id}/{at}", account=id, amount=much, value_date=TODAY) for at, much in paid]
    allocations = [Allocation(source=f"P{id}/{at}", item=f"{id}/{at}", amount=much) for at, much in paid]
    limit = CreditLimit(account=id, currency=EUR, amount=Money(LIMIT * count, EUR), valid_from=TODAY)
    customer = Customer(id=id, group=group)
    return Account.of(customer, invoices=invoices, payments=payments, allocations=allocations, limits=[limit])


def amount(at: int) -> Money:
    return Money(10_000 + at * 37 % 900_000, EUR)


def plain(count: int) -> Plain:
    items = [(due_of(at).toordinal(), amount(at).minor) for at in range(count)]
    return items, {at: amount(at).minor // 3 for at in range(0, count, 10)}, LIMIT * count


def view_by_hand(given: Plain) -> tuple[list[int], list[int]]:
    """The open amounts by due date, with running sums."""
    items, paid, _ = given
    rows = sorted((due, much - paid.get(at, 0)) for at, (due, much) in enumerate(items) if much > paid.get(at, 0))
    return [due for due, _ in rows], list(accumulate((rest for _, rest in rows), initial=0))


Standing = tuple[int, int, int, int]
"""Open and overdue, the limit, and the largest amount to which nothing is said."""


def standing_by_hand(due: Sequence[int], running: Sequence[int], limit: int) -> Standing:
    today = TODAY.toordinal()
    overdue = running[bisect_left(due, today)]
    late = today - due[0] > 60 if due else False
    used = running[-1]
    return used - overdue, overdue, limit, -1 if late else limit * 90 // 100 - used


def check_by_hand(standing: Standing, orders: Sequence[int]) -> int:
    """How many orders are approved; the reason is named for the others."""
    open_, overdue, limit, free = standing
    approved, reasons = 0, []
    for minor in orders:
        if minor <= free:
            approved += 1
        elif (short := open_ + overdue + minor - limit) > 0:
            reasons.append(("limit_exceeded", short))
        else:
            approved += 1
            reasons.append(("near_limit", -short))
    return approved


def best(rounds: int, *works: Work) -> list[float]:
    """The best time of each in seconds, taken in turn."""
    times = [float("inf")] * len(works)
    for _ in range(rounds):
        for at, work in enumerate(works):
            started = process_time()
            work()
            times[at] = min(times[at], process_time() - started)
    return times


def line(name: str, ours: float, floor: float, count: int, unit: str) -> None:
    each, by_hand = ours / count * 1e6, floor / count * 1e6
    print(f"{name:<38}{each:>12.3f}{by_hand:>12.3f}{each / by_hand:>8.1f}  us per {unit}")


def again(times: int, work: Work) -> Work:
    """The work so many times over: what takes less than a millisecond is not measured alone."""

    def many() -> None:
        for _ in range(times):
            work()

    return many


def measure_account(count: int, checks: int, rounds: int) -> None:
    mine, given = account("A", count), plain(count)
    view, (due, running) = mine.view(TODAY), view_by_hand(given)
    times = max(1, 2_000 // count)
    ours, floor = best(rounds, again(times, lambda: mine.view(TODAY)), again(times, lambda: view_by_hand(given)))
    line(f"view of {count} open items", ours / times, floor / times, count, "item")
    ours, floor = best(
        rounds,
        again(200, lambda: POLICY.standing(view, EUR)),
        again(200, lambda: standing_by_hand(due, running, given[2])),
    )
    line("  standing on the view", ours, floor, 200, "standing")
    standing, by_hand = POLICY.standing(view, EUR), standing_by_hand(due, running, given[2])
    room = standing.bound or 0
    amounts = [room * (at % 110) // 100 for at in range(checks)]
    asked = [Money(each, EUR) for each in amounts]
    if sum(standing.check(each).approved for each in asked) != check_by_hand(by_hand, amounts):
        raise SystemExit("the floor does other work")
    ours, floor = best(
        rounds,
        lambda: sum(standing.check(each).approved for each in asked),
        lambda: check_by_hand(by_hand, amounts),
    )
    line("  check of an order on the standing", ours, floor, checks, "check")
    print(f"  {checks / ours:>36,.0f} checks per second")


def measure_group(members: int, checks: int, rounds: int) -> None:
    accounts = [account(f"M{at:04}", 10, "G") for at in range(members)]
    views = tuple(each.view(TODAY) for each in accounts)
    limits = [CreditLimit(account="group:G", currency=EUR, amount=Money(LIMIT * members, EUR), valid_from=TODAY)]
    common = Account.of(Customer(id="group:G"), limits=limits).view(TODAY)
    totals = [view_by_hand(plain(10)) for _ in accounts]

    def by_hand() -> int:
        return LIMIT * members - sum(running[-1] for _, running in totals)

    group = POLICY.group_standing("G", common, views, EUR)
    if group is None or group.limit is None or group.limit - group.exposure != by_hand():
        raise SystemExit("the floor does other work")
    ours, floor = best(rounds, lambda: POLICY.group_standing("G", common, views, EUR), again(10, by_hand))
    line(f"group of {members} members on their views", ours, floor / 10, members, "member")
    standing = POLICY.standing(views[0], EUR, group)
    asked = [Money(10_000 + at, EUR) for at in range(checks)]
    free = standing.free or 0
    ours, floor = best(
        rounds,
        lambda: sum(standing.check(each).approved for each in asked),
        lambda: sum(each.minor <= free for each in asked),
    )
    line("  check of an order on the standing", ours, floor, checks, "check")


def measure_service(members: int, rounds: int) -> None:
    """A reservation by one member, everything included: every member is loaded, folded and looked at."""
    store = MemoryStore()
    app = Receivables(
        store=store, notifier=RecordingNotifier(), clock=FixedClock.on(TODAY), policies=PolicyBook.of(POLICY)
    )
    app.open_group("G", key="group")
    common = CreditLimit(account="group:G", currency=EUR, amount=Money(LIMIT * members, EUR), valid_from=TODAY)
    app.set_limit(common, key="common")
    for at in range(members):
        id = f"M{at:04}"
        app.open_account(Customer(id=id, group="G"), key=f"open {id}")
        own = CreditLimit(account=id, currency=EUR, amount=None, valid_from=TODAY)
        app.set_limit(own, key=f"limit {id}")
        due = TODAY + dt.timedelta(days=30)
        invoices = (
            Invoice.due(number=f"{id}/{no}", account=id, issued_on=TODAY, total=amount(no), due_on=due)
            for no in range(10)
        )
        for result in app.record(IssueInvoice(invoice=each, key=each.number) for each in invoices):
            result.unwrap()
    numbers = iter(range(10_000))

    def reserve() -> None:
        number = f"O{next(numbers)}"
        order = Order(id=number, account="M0000", amount=Money(100, EUR), placed_on=TODAY)
        if not app.reserve(order, key=number).approved:
            raise SystemExit("an order that fits was not approved")

    balances = [[amount(no).minor for no in range(10)] for _ in range(members)]
    ours, floor = best(rounds, reserve, lambda: LIMIT * members - sum(map(sum, balances)))
    line(f"reservation in a group of {members}", ours, floor, members, "member")
    print(f"  {1 / ours:>36,.1f} reservations per second")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checks", type=int, default=20_000)
    parser.add_argument("--members", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"{'':<38}{'ours':>12}{'by hand':>12}{'ratio':>8}")
    for count in SIZES:
        measure_account(count, given.checks, given.rounds)
    measure_group(given.members, given.checks, given.rounds)
    measure_service(given.members, given.rounds)


if __name__ == "__main__":
    main()
