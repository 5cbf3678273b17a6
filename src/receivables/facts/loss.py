"""Facts about losses: claims written off and recovered, allowances for claims by themselves, tax relief on bad debts.

Each carries what a ledger needs to post it, so that nothing has to be worked out anew:

* a write-off of ``amount`` credits the receivable; it charges ``allowance_used`` to the allowance and ``relief`` to the tax
  that is to come back, and the rest, `WrittenOff.expense`, is an expense;
* a write-off that was a mistake is taken back by the same amounts with the other sign;
* a recovery of ``amount`` debits the receivable again, which the allocation beside it settles; it credits
  ``allowance_credited`` to the allowance and ``relief`` to the tax relief, and the rest, `Recovered.income`, is income;
* relief that is claimed moves ``amount`` from the tax relief to the tax office, relief that is repaid moves it back.

So the tax relief that is pending is what was written off as relief, less what was claimed and not repaid, less what was
recovered; where the right to it is lost, what is left of it is an expense. ``taxes`` is the net amount and tax at each rate; it is empty where the invoice does not say.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.invoice import TaxPart
from receivables.documents.loss import SpecificAllowance
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class WrittenOff(Fact):
    """So much of an item was given up as lost: it is not owed in the books any more, and was not paid.

    The claim itself stands: what comes in after all is a recovery. ``code`` is why.
    """

    id: str
    item: str
    amount: Money
    code: str
    allowance_used: Money
    relief: Money
    taxes: tuple[TaxPart, ...] = ()
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
    approver: str | None = None
    policy: PolicyRef | None = None

    @property
    def expense(self) -> Money:
        """What is neither covered by the allowance nor comes back as tax."""
        return self.amount - self.allowance_used - self.relief


@final
@frozen(kw_only=True)
class WriteOffReversed(Fact):
    """So much of a write-off was a mistake: it is owed again as if it had always been, from the day of the write-off."""

    id: str
    write_off: str
    item: str
    amount: Money
    allowance_used: Money
    relief: Money
    taxes: tuple[TaxPart, ...] = ()
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str | None = None

    @property
    def expense(self) -> Money:
        """What the write-off had cost, and does not any more."""
        return self.amount - self.allowance_used - self.relief


@final
@frozen(kw_only=True)
class Recovered(Fact):
    """So much of what was written off of an item was paid after all; an allocation of one ``settlement`` goes with it.

    Where that is taken back, `DifferenceUndone` takes this back by its ``id``, and it is written off again.
    """

    id: str
    item: str
    source: str
    amount: Money
    settlement: str
    allowance_credited: Money
    relief: Money
    taxes: tuple[TaxPart, ...] = ()

    @property
    def income(self) -> Money:
        """What goes neither to the allowance nor to the tax relief."""
        return self.amount - self.allowance_credited - self.relief


@final
@frozen(kw_only=True)
class SpecificAllowanceSet(Fact):
    """An allowance for an item or a customer by itself was set, or the one of this id was changed, from a day on."""

    allowance: SpecificAllowance
    approver: str | None = None


@final
@frozen(kw_only=True)
class SpecificAllowanceReleased(Fact):
    """An allowance for an item or a customer by itself is needed no more: a matrix covers it again."""

    allowance: str


@final
@frozen(kw_only=True)
class ReliefClaimed(Fact):
    """Tax on a bad debt was claimed back from the tax office: ``amount``, of ``unpaid`` gross.

    ``supplied_on`` and ``due_on`` are the dates from which the periods were counted, ``regime`` the rules that were applied.
    """

    id: str
    item: str
    amount: Money
    unpaid: Money
    taxes: tuple[TaxPart, ...]
    supplied_on: dt.date
    due_on: dt.date
    regime: PolicyRef


@final
@frozen(kw_only=True)
class ReliefRepaid(Fact):
    """Tax that was claimed back is owed to the tax office again.

    ``cause`` is ``recovered``, ``reversed``, or what took the right to it away (see `receivables.documents.loss.BARS`).
    """

    id: str
    item: str
    amount: Money
    taxes: tuple[TaxPart, ...]
    cause: str


@final
@frozen(kw_only=True)
class ReliefBarred(Fact):
    """There is no right to tax relief on an item any more, from this day on: the debt was sold, or is disputed again.

    ``relief`` was to come back as tax, and is an expense now. The claim against the customer stands as it was.
    """

    item: str
    cause: str
    relief: Money
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
