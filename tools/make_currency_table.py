"""Write src/receivables/values/currency_table.py from the iso4217 package and a list of withdrawn codes.

Run it from the root of the repository after an update of the package:

    python tools/make_currency_table.py

The package carries list one of ISO 4217 (the codes in use). Withdrawn codes come from list three, which gives the
month of withdrawal and no minor units; those are the ones that list one gave while the code was in use. Codes without
minor units (gold, the testing code, "no currency") are left out: nobody bills in them, and a host can make its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import iso4217

TARGET = Path(__file__).parent.parent / "src" / "receivables" / "values" / "currency_table.py"

Row = tuple[str, str, int, str]

# code, numeric code, month of withdrawal. Source: ISO 4217 list three, codes that had a numeric code and were
# withdrawn in 1990 or later. A month that list three gives as a range is its end.
WITHDRAWN = """
ADP 020 2003-07   AFA 004 2003-01   ANG 532 2025-03   AON 024 2000-02   AOR 982 2000-02   ARA 032 1992-01
ATS 040 2002-03   AZM 031 2005-12   BAD 070 1997-07   BEF 056 2002-03   BGL 100 2003-11   BGN 975 2026-01
BRE 076 1993-03   BRN 076 1990-03   BRR 987 1994-07   BYB 112 2001-01   BYR 974 2017-01   CHC 948 2004-11
CSD 891 2006-10   CSK 200 1993-03   CUC 931 2021-06   CYP 196 2008-01   DDM 278 1990-09   DEM 276 2002-03
ECS 218 2000-09   ECV 983 2000-09   EEK 233 2011-01   ESB 995 1994-12   ESP 724 2002-03   FIM 246 2002-03
FRF 250 2002-03   GEK 268 1995-10   GHC 288 2008-01   GHP 939 2007-06   GRD 300 2002-03   GWP 624 1997-05
HRD 191 1995-01   HRK 191 2023-01   IEP 372 2002-03   ITL 380 2002-03   LTL 440 2014-12   LTT 440 1993-07
LUF 442 2002-03   LVL 428 2014-01   LVR 428 1994-12   MGF 450 2004-12   MRO 478 2017-12   MTL 470 2008-01
MZM 508 2006-06   NLG 528 2002-03   PEI 604 1991-07   PLZ 616 1997-01   PTE 620 2002-03   ROL 642 2005-06
RUR 810 2004-01   SDD 736 2007-07   SIT 705 2007-01   SKK 703 2009-01   SLL 694 2023-12   SRG 740 2003-12
STD 678 2017-12   TJR 762 2001-04   TMM 795 2009-01   TPE 626 2002-11   TRL 792 2005-12   UAK 804 1996-09
USS 998 2014-03   YDD 720 1991-09   VEB 862 2008-01   VEF 937 2018-08   XEU 954 1999-01   YUM 891 2003-07
YUN 890 1995-11   ZAL 991 1995-03   ZMK 894 2012-12   ZRN 180 1999-06   ZRZ 180 1994-02   ZWD 716 2008-08
ZWL 932 2024-09   ZWN 942 2006-09   ZWR 935 2009-06
"""

# Withdrawn codes without decimals; all others had two. Source: ISO 4217 list one of the years of their use, as kept
# in the minor-unit tables of the Java platform (java.util.Currency) and of Unicode CLDR for the pesetas and liras.
WITHOUT_DECIMALS = frozenset(["ADP", "BEF", "BYB", "BYR", "ESP", "GRD", "ITL", "LUF", "MGF", "PTE", "TPE", "TRL"])

HEADER = '''"""The currencies of ISO 4217: written by tools/make_currency_table.py, not by hand.

Rows are code, numeric code, decimals, and the month of withdrawal, which is empty while the code is in use.
Source: ISO 4217 list one as published on {published}, list three for the withdrawn codes.
"""

from typing import Final

PUBLISHED: Final = "{published}"

ROWS: Final[tuple[tuple[str, str, int, str], ...]] = (
'''


def current() -> Iterable[Row]:
    for code, entry in iso4217.raw_table.items():
        if code and entry["CcyMnrUnts"].isdigit():
            yield code, f"{entry['CcyNbr']:03d}", int(entry["CcyMnrUnts"]), ""


def withdrawn() -> Iterable[Row]:
    words = WITHDRAWN.split()
    for code, numeric, month in zip(words[::3], words[1::3], words[2::3], strict=True):
        yield code, numeric, 0 if code in WITHOUT_DECIMALS else 2, month


def table() -> str:
    """The text of the module; a code that is in use again is not listed as withdrawn."""
    in_use = {row[0]: row for row in current()}
    rows = {row[0]: row for row in withdrawn()} | in_use
    lines = (
        f'    ("{code}", "{numeric}", {decimals}, "{month}"),\n'
        for code, numeric, decimals, month in (rows[code] for code in sorted(rows))
    )
    return HEADER.format(published=iso4217.__published__.isoformat()) + "".join(lines) + ")\n"


if __name__ == "__main__":
    TARGET.write_text(table(), encoding="utf-8")
