"""Why: a coded reason of a decision, with the figure that it is about.

A decision carries all its reasons, in the order of precedence of the policy that gave them.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.values.money import Money


@final
@frozen(kw_only=True)
class Reason:
    """One reason: its code, the amount or the days it is about, and whether waiting or paying can cure it.

    >>> str(Reason(code="limit_exceeded", amount=Money.of("1000", "EUR")))
    'limit_exceeded (1000.00 EUR)'
    """

    code: str
    amount: Money | None = None
    days: int | None = None
    retryable: bool = True

    def __str__(self) -> str:
        figures = [str(self.amount)] if self.amount is not None else []
        figures += [f"{self.days} days"] if self.days is not None else []
        return f"{self.code} ({', '.join(figures)})" if figures else self.code
