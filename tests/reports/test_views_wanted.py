"""Who forgets the view, and hands over the account, is told what was wanted."""

import datetime as dt
import re

import pytest

from receivables import Account, Customer, DunningPolicy, DunningStep, aging
from receivables.errors import WrongType
from receivables.policies.provision import LossRates, ProvisionPolicy
from receivables.reports.aging_detail import aging_detail
from receivables.reports.provision import provision
from receivables.reports.statement import statement
from receivables.state.view import VIEW_WANTED

DAY = dt.date(2026, 3, 2)
ACCOUNT = Account.of(Customer(id="ACME"))
LADDER = DunningPolicy(id="standard", version=1, steps=(DunningStep(name="reminder", days_after_due=7),))
MATRIX = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
READERS = {
    "aging": aging,
    "aging_detail": lambda views: list(aging_detail(views)),
    "provision": lambda views: provision(views, MATRIX),
    "a plan": LADDER.plan,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_an_account_is_no_view(read):
    with pytest.raises(WrongType, match=re.escape(VIEW_WANTED)):
        read(ACCOUNT)
    assert read(ACCOUNT.view(DAY)) is not None


@pytest.mark.parametrize("read", [aging, READERS["aging_detail"], READERS["provision"]])
def test_nor_is_one_of_several(read):
    with pytest.raises(WrongType, match=re.escape(VIEW_WANTED)):
        read([ACCOUNT.view(DAY), ACCOUNT])


def test_a_statement_wants_the_account_itself():
    with pytest.raises(WrongType, match=r"statement\.account"):
        statement(ACCOUNT.view(DAY), DAY, DAY)
