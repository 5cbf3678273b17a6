"""The commands as methods: one text for the sync and the async service.

`Operations` turns each method into a command and hands it to ``execute``, which gives a receipt in the one service and an
awaitable of a receipt in the other.
"""

from __future__ import annotations

from receivables.operations.applications import ApplicationOperations
from receivables.operations.arrangements import ArrangementOperations
from receivables.operations.authority import AuthorityOperations
from receivables.operations.bureau import BureauOperations
from receivables.operations.cash import CashOperations
from receivables.operations.collectors import CollectorOperations
from receivables.operations.credit import CreditOperations
from receivables.operations.documents import DocumentOperations
from receivables.operations.dunning import DunningOperations
from receivables.operations.erasure import ErasureOperations
from receivables.operations.execute import R
from receivables.operations.losses import LossOperations
from receivables.operations.risk import RiskOperations


class Operations(
    DocumentOperations[R],
    CashOperations[R],
    CreditOperations[R],
    DunningOperations[R],
    ArrangementOperations[R],
    AuthorityOperations[R],
    ApplicationOperations[R],
    RiskOperations[R],
    LossOperations[R],
    ErasureOperations[R],
    CollectorOperations[R],
    BureauOperations[R],
):
    """Everything that a host can ask to be recorded; each takes the caller's ``key`` and, if wanted, who asks (``by``).

    The same key with the same request gives the first receipt again; with another request it is `KeyReused`.
    """
