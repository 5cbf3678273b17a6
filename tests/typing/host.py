"""What a host's own code looks like to a type checker; checked by mypy and by pyright, never run.

``assert_type`` says what a checker must see. A line with an ignore is a mistake that a checker must find: an ignore that
nothing needs is an error of its own.
"""

import datetime as dt
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import assert_type

import receivables as r
from receivables.facts.fact import Fact
from receivables.policies.credit import CreditDecision
from receivables.ports import Commit, Delivery, Loaded
from receivables.stores.memory import MemoryStore

DAY = dt.date(2026, 3, 2)


class Clock:
    """A clock of the host."""

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


class Letters:
    """A notifier of the host."""

    @property
    def honors_keys(self) -> bool:
        return True

    def send(self, notice: r.Notice) -> Delivery:
        assert_type(notice.key, str)
        return r.Sent(receipt=notice.key) if notice.channel == "letter" else r.NotSent(reason="no such channel")


class Rows:
    """A store of the host: whatever has the methods of the port is one."""

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        return {id: Loaded() for id in accounts}

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        return ()

    def commit(self, commit: Commit) -> None:
        for append in commit.appends:
            assert_type(append.facts, tuple[Fact, ...])

    def receipt(self, key: str) -> r.Receipt | None:
        return None

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        return ()

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        return ()

    def find(self, namespace: str, key: str) -> Sequence[str]:
        return ()

    def in_transaction(self) -> bool:
        return False


def values() -> None:
    """Amounts, dates and terms keep their types."""
    money = r.Money.of("12.34", "EUR")
    assert_type(money, r.Money)
    assert_type(money + money, r.Money)
    assert_type(money.split((1, 1, 1)), tuple[r.Money, ...])
    assert_type(money.minor, int)
    assert_type(money < r.Money.zero("EUR"), bool)
    money + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    terms = r.PaymentTerms.parse("2/10 net 30")
    assert_type(terms, r.PaymentTerms)
    r.Customer(id="ACME").id = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    r.Payment(id="P-1", account="ACME", amount=12, value_date=DAY)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def script(rows: Sequence[tuple[str, str]]) -> r.Aging:
    """The ten-line use, without a store."""
    customer = r.Customer(id="ACME")
    invoices = [
        r.Invoice.due(number=number, account="ACME", issued_on=DAY, total=r.Money.of(total, "EUR"), due_on=DAY)
        for number, total in rows
    ]
    account = r.Account.of(customer, invoices=invoices)
    view = account.view(DAY)
    assert_type(view, r.View)
    assert_type(view.customer, r.Customer | None)
    report = r.aging(view)
    assert_type(report.rows(), list[dict[str, object]])
    return report


def embedded(policies: r.PolicyBook) -> None:
    """A host with its own ports, and what the service answers."""
    app = r.Receivables(store=Rows(), notifier=Letters(), clock=Clock(), policies=policies)
    receipt = app.open_account(r.Customer(id="ACME"), key="open ACME", by="ann")
    assert_type(receipt, r.Receipt)
    assert_type(receipt.approved, bool)
    order = r.Order(id="SO-1", account="ACME", amount=r.Money.of(10, "EUR"), placed_on=DAY)
    assert_type(app.reserve(order, key="order 1"), r.Receipt)
    app.reserve(order)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    for result in app.run_dunning(DAY):
        assert_type(result, r.RunResult)
        assert_type(result.notices, tuple[r.Notice, ...])
    assert_type(app.deliver(), Iterator[r.DeliveryResult])
    assert_type(app.account("ACME"), r.Account)
    standing = r.CreditPolicy(id="standard", version=1).standing(app.view("ACME", DAY), "EUR")
    decision = standing.check(r.Money.of(10, "EUR"))
    assert_type(decision, CreditDecision)
    assert_type(decision.outcome, r.CreditOutcome)
    assert_type(decision.reasons, tuple[r.Reason, ...])


async def awaited(app: r.AsyncReceivables) -> None:
    """The async service answers the same, awaited."""
    asked: Awaitable[r.Receipt] = app.open_account(r.Customer(id="ACME"), key="open ACME")
    assert_type(await asked, r.Receipt)
    async for result in app.run_dunning(DAY):
        assert_type(result.error, r.ReceivablesError | None)


def ports() -> tuple[r.Store, r.Notifier, r.Clock]:
    """What the library ships and what a host writes are ports alike."""
    stores: list[r.Store] = [MemoryStore(), Rows()]
    store: r.Store = Clock()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    return stores[0] if len(stores) == 2 else store, Letters(), Clock()
