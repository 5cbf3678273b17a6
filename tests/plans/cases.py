"""What commands come to in cases that the furnished world does not have: each has a name, and its page is read by people.

``PYTHONPATH=src python -m tests.plans.cases`` writes ``cases.txt`` anew.
"""

from pathlib import Path

from tests.plans import cases_arrangements, cases_credit, cases_dunning, cases_money, cases_risk
from tests.plans.told import CASES, page

WRITTEN = Path(__file__).with_name("cases.txt")
NAMES = tuple(CASES)
OF = (cases_arrangements, cases_credit, cases_dunning, cases_money, cases_risk)
"""Where they are."""

if __name__ == "__main__":
    WRITTEN.write_text("\n".join(line for name in sorted(NAMES) for line in page(name)) + "\n", encoding="utf-8")
