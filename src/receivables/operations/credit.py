"""Operations on credit: limits, orders that reserve them, holds."""

from __future__ import annotations

import datetime as dt

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.hold import Hold
from receivables.operations.execute import Executing, R
from receivables.plans import commands


class CreditOperations(Executing[R]):
    """Operations on credit: limits, orders that reserve them, holds."""

    def set_limit(self, limit: CreditLimit, *, key: str, by: str | None = None) -> R:
        """Set a credit limit, on a customer's account or on a group's."""
        return self.execute(commands.SetLimit(limit=limit, key=key, by=by))

    def reserve(self, order: Order, *, key: str, by: str | None = None) -> R:
        """Check an order, and reserve its amount where it is approved; the receipt has outcome and reasons."""
        return self.execute(commands.ReserveOrder(order=order, key=key, by=by))

    def release_order(self, account: str, order: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Cancel what is left of an order."""
        return self.execute(commands.ReleaseOrder(of=account, order=order, on=on, key=key, by=by))

    def place_hold(self, hold: Hold, *, key: str, by: str | None = None) -> R:
        """Stop what the hold names: dunning, contact, interest, credit, reporting; on the account or on less of it."""
        return self.execute(commands.PlaceHold(hold=hold, key=key, by=by))

    def release_hold(self, account: str, hold: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Lift a hold from a day on."""
        return self.execute(commands.ReleaseHold(of=account, hold=hold, on=on, key=key, by=by))
