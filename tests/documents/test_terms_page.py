"""The table of common terms in the how-to: each notation, object and date is true."""

import datetime as dt
import re
from pathlib import Path

import pytest

from receivables.documents import due_steps, payment_days
from receivables.documents.due_rules import DueRule
from receivables.documents.shares import Share
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.documents.terms_reading import Dialect
from receivables.values.money import Money

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "payment-terms.md"
ROWS = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \| ([\d, -]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
NAMES = {
    **vars(due_steps),
    **vars(payment_days),
    "DueRule": DueRule,
    "Share": Share,
    "Part": Part,
    "Dialect": Dialect,
    "PaymentTerms": PaymentTerms,
    "dt": dt,
}
ISSUED, ARRIVED = dt.date(2026, 5, 4), dt.date(2026, 5, 11)


def test_there_are_thirty_terms() -> None:
    assert len(ROWS) == 30
    assert len({notation for _, notation, _, _ in ROWS}) == 30


@pytest.mark.parametrize(("notation", "code", "due"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_notation_the_object_and_the_date_agree(notation: str, code: str, due: str) -> None:
    terms = PaymentTerms.parse(notation)
    assert terms == eval(code, dict(NAMES))
    assert PaymentTerms.parse(str(terms)) == terms
    schedule = terms.resolve(ISSUED, Money.of(1200, "EUR"), dates={"delivery": ARRIVED, "receipt": ARRIVED})
    assert ", ".join(str(day) for day in schedule.due_dates) == due
