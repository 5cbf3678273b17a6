"""The logs of a small company over half a year: every fact that its commands and its days led to, to the last field.

``PYTHONPATH=src python -m tests.plans.logs`` writes ``logs.txt`` anew; it is read by people, as an accountant reads a journal.
"""

from functools import cache
from pathlib import Path

from tests.plans.every import written
from tests.policies.every import company
from tests.service.world import World, day, eur

from receivables import Contact
from receivables.errors import ReceivablesError

WRITTEN = Path(__file__).with_name("logs.txt")


@cache
def lived() -> World:
    """The company of the policies, and what came to light there later: money that had come before the letters went out."""
    world = company.__wrapped__()
    contact = Contact(purpose="dunning", channel="email", reference="contact-99")
    world.open("LATE", contacts=(contact,))
    world.invoice("INV-N", "400", 50, "LATE", issued_on=day(20))
    world.invoice("INV-O", "250", 55, "LATE", issued_on=day(20))
    world.limit("300", "LATE")
    world.order("SO-N", "200", "LATE")
    world.promise("PTP-N", "INV-O", "250", 70, "LATE")
    world.agree("PP-N", "INV-N", (70, "200"), (100, "200"), account="LATE")
    for after in (66, 75, 90):
        world.at(after).run()
        world.deliver()
    world.pay("P-N", "400", "LATE", on=49)
    world.apply("P-N", "INV-N", "400", "LATE")
    world.pay("P-S", "700", "STRICT", on=-9)
    world.apply("P-S", "INV-S", "700", "STRICT")
    world.at(95).run()
    world.deliver()
    world.app.return_payment("LATE", "P-N", "returned", "AM04", on=day(95), key="return P-N", fee=eur(3))
    world.at(110).run()
    world.deliver()
    world.at(1300).run(all_accounts=True)
    return world


def accounts() -> list[str]:
    return sorted(lived().store.accounts("", 10_000))


def page(account: str) -> list[str]:
    """What the file has of an account: when it is looked at again, each fact with the day on which it was recorded."""
    facts, head = lived().store.facts(account), lived().store._heads[account]
    return [
        f"[{account}]",
        f"wakes on {head.wake_on}",
        *(f"{fact.recorded_at:%Y-%m-%d} {written(fact)}" for fact in facts),
        "",
    ]


if __name__ == "__main__":
    try:
        WRITTEN.write_text("\n".join(line for each in accounts() for line in page(each)) + "\n", encoding="utf-8")
    except ReceivablesError as error:
        raise SystemExit(f"{error}") from error
