"""Orders on days that are not today: billed and given up earlier and later than it is said, beside plain sums of each day."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import EUR, World, day

from receivables import CreditPolicy, Money, Order, PolicyBook
from receivables.errors import UnknownId

POLICY = CreditPolicy(id="standard", version=1, no_limit="approve")
FIRST, LAST = 0, 14
ORDERED = 1_000

deeds = st.lists(
    st.tuples(st.sampled_from(("invoice", "invoice", "cancel", "next day")), st.integers(-3, 6), st.integers(1, 1_200)),
    max_size=8,
)


class Clerk:
    """One order: what was billed of it on which day, from which day the rest is given up, and all that is owed."""

    def __init__(self) -> None:
        self.billed: list[tuple[int, int]] = []
        self.owed: list[tuple[int, int]] = []
        self.cancelled: int | None = None

    def bill(self, on: int, amount: int) -> None:
        """An invoice takes what it bills out of the order, where there is still something on its day."""
        self.owed.append((on, amount))
        if self.cancelled is None or on < self.cancelled:
            self.billed.append((on, min(amount, ORDERED - sum(each for _, each in self.billed))))

    def exposure(self, on: int) -> int:
        owed = sum(amount for since, amount in self.owed if since <= on)
        if self.cancelled is not None and self.cancelled <= on:
            return owed
        return owed + ORDERED - sum(amount for since, amount in self.billed if since <= on)


@settings(max_examples=150, deadline=None)
@given(deeds)
def test_what_is_billed_and_given_up_on_other_days_counts_once_on_every_day(steps):
    world, clerk, today = World(policies=PolicyBook.of(POLICY)), Clerk(), FIRST
    world.open()
    world.app.reserve(Order(id="O", account="ACME", amount=Money(ORDERED, EUR), placed_on=day(FIRST)), key="O")
    for at, (deed, shift, amount) in enumerate(steps):
        on = max(FIRST, today + shift)
        if deed == "next day":
            today += 1
            world.at(today)
        elif deed == "invoice":
            world.invoice(f"I{at}", Money(amount, EUR), 60, order="O", issued_on=day(on))
            clerk.bill(on, amount)
        else:
            try:
                world.app.release_order("ACME", "O", on=day(on), key=f"cancel {at}")
            except UnknownId:
                continue
            clerk.cancelled = on
        for each in range(FIRST, LAST):
            assert POLICY.exposure(world.app.view("ACME", day(each)), EUR).total() == clerk.exposure(each), day(each)
