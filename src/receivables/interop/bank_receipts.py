"""What a bank line does to payments that are recorded: it confirms one that was announced, or takes one back.

**One payment, whatever its stage.** A pending line makes a payment under the identity that the line will have when it is
booked. The booked line with that identity confirms it. Banks move the day between the two: then the payment is the one of
the same own account and amount, with the same bank reference or end-to-end id, at most `NEAR` away; the booked line is
claimed by the confirmation, so that a second file with it finds it known.

**Which payment came back.** What the return cites decides: the end-to-end id, the bank's reference of the first line, the
mandate. The account that the money came from decides only where the return cites nothing, and a payer's name never. In
each case the amount must be the same and one payment alone must be left. The amount by itself says nothing. Whatever is not
sure is a case for a person, with the payments that it may be about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Final, final

from attrs import frozen

from receivables.documents.payment import Payment
from receivables.documents.reason import Reason
from receivables.facts.cash import CreditTransferred, PaymentFailed, PaymentReceived, PaymentReturned, PaymentSettled
from receivables.facts.fact import Fact
from receivables.interop.bank import BankLine
from receivables.plans.cash_commands import ConfirmPayment, ReturnPayment
from receivables.policies.matching_aliases import payer_key
from receivables.values import checks
from receivables.values.money import Money

NEAR: Final = dt.timedelta(days=10)
"""So far the value date of a booked line may be from that of the line that announced it."""

NO_CODE: Final = "not_specified"
"""The code of a return for which the bank gives none."""

CASES: Final = (
    ("own_money", "a credit: money of our own that came back"),
    ("nothing_cited", "the return says nothing of what it takes back"),
    ("no_payment_found", "no payment that was there agrees with what it says"),
    ("payer_name_only", "the name of the payer agrees, and nothing else"),
    ("cited_unknown", "the payer is known, and what the return cites is not"),
    ("other_amount", "the payment that is cited has another amount"),
    ("returned_before", "the payment that is cited went back before"),
    ("several_payments", "more than one payment agrees"),
    ("divided", "a part of the payment was moved on"),
)
"""Why a return is a case for a person, and what it says, in order of precedence."""


@final
@frozen(kw_only=True)
class KnownPayment:
    """A payment as it was recorded, its status, and where its money stands now: a transfer moves it to another credit.

    ``amount`` is what stands there; it is less than the payment's where only a part was moved on. ``since`` is the day on
    which the money was there.
    """

    payment: Payment
    account: str
    credit: str
    amount: Money
    status: str
    since: dt.date


def known_payments(facts: Iterable[Fact]) -> tuple[KnownPayment, ...]:
    """The payments among the facts of some accounts, each with what became of it; of each account the facts in log order.

    >>> import datetime as dt
    >>> paid = Payment(id="P-1", account="suspense", amount=Money.of(50, "EUR"), value_date=dt.date(2026, 2, 20))
    >>> times = {"effective_on": dt.date(2026, 2, 20), "recorded_at": dt.datetime(2026, 2, 21, tzinfo=dt.UTC)}
    >>> moved = CreditTransferred(id="t#1", source="P-1", amount=paid.amount, to="ACME", **times)
    >>> [(each.payment.id, each.account, each.credit) for each in known_payments([PaymentReceived(payment=paid, **times), moved])]
    [('P-1', 'ACME', 't#1')]
    """
    given = list(facts)
    moves: dict[str, list[CreditTransferred]] = {}
    fates: dict[str, tuple[str, dt.date]] = {}
    for fact in given:
        if isinstance(fact, CreditTransferred):
            moves.setdefault(fact.source, []).append(fact)
        elif isinstance(fact, PaymentSettled | PaymentFailed | PaymentReturned):
            fates[fact.payment] = (_STATUS[type(fact)], fact.effective_on)
    received = (fact.payment for fact in given if isinstance(fact, PaymentReceived))
    return tuple(_known(payment, moves, fates) for payment in received)


_STATUS: Final[Mapping[type, str]] = {
    PaymentSettled: "settled",
    PaymentFailed: "failed",
    PaymentReturned: "returned",
}


def _known(
    payment: Payment, moves: Mapping[str, list[CreditTransferred]], fates: Mapping[str, tuple[str, dt.date]]
) -> KnownPayment:
    """Follow a payment to where all of it is; where it was divided it stays at the place of the division."""
    account, credit, amount = payment.account, payment.id, payment.amount
    status, since = fates.get(credit, (payment.status, payment.value_date))
    while credit in moves:
        if [each.amount for each in moves[credit]] != [amount]:
            gone = Money.total((each.amount for each in moves[credit]), amount.currency)
            amount -= gone
            break
        move = moves[credit][0]
        account, credit = move.to, move.id
        status, since = fates.get(credit, (status, since))
    return KnownPayment(payment=payment, account=account, credit=credit, amount=amount, status=status, since=since)


# Announced and booked -----------------------------------------------------------------------------------------------------


def same_payment(line: BankLine, known: Iterable[KnownPayment]) -> KnownPayment | None:
    """The recorded payment that a line is another stage of, or the same again; by identity, else as the module says."""
    found = [each for each in known if each.payment.bank_line is not None]
    for each in found:
        if each.payment.bank_line == line.payment_identity:
            return each
    near = (each for each in found if _is_near(line, each) and each.payment.amount == line.amount)
    alike = [each for each in near if _shares_name(line, each)]
    return min(alike, key=lambda each: each.payment.id, default=None)


def _is_near(line: BankLine, each: KnownPayment) -> bool:
    return line.day is not None and abs(line.day - each.payment.value_date) <= NEAR


def _shares_name(line: BankLine, each: KnownPayment) -> bool:
    """Whether both are of one own account and have a bank reference or an end-to-end id in common."""
    if not (each.payment.bank_line or "").startswith(f"{line.account}|"):
        return False
    by_bank = line.bank_reference is not None and line.bank_reference == _bank_reference(each.payment)
    return by_bank or (line.end_to_end_id is not None and line.end_to_end_id in each.payment.remittance.references)


def confirming(line: BankLine, known: Iterable[KnownPayment], *, by: str | None = None) -> ConfirmPayment | None:
    """The command by which a booked line confirms the payment that was announced; ``None`` where none was.

    The day is that of the line, but not before the one for which the payment was announced.
    """
    if line.kind != "payment" or line.day is None:
        return None
    found = same_payment(line, (each for each in known if each.status in {"pending", "unknown"}))
    if found is None:
        return None
    moved = found.payment.bank_line != line.identity
    return ConfirmPayment(
        of=found.account,
        payment=found.credit,
        on=max(line.day, found.payment.value_date),
        bank_line=line.identity if moved else None,
        key=f"confirm {line.identity}",
        by=by,
    )


# Returned ---------------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class Returning:
    """What a returned line is about: the command that records it, or a case for a person.

    ``reasons`` say what agrees: ``end_to_end_id``, ``bank_reference``, ``mandate``, ``payer_account``, ``payer_name``.
    Without a command the last of them says why not, as in `CASES`. ``found`` are the payments that it may be about.
    """

    line: BankLine
    command: ReturnPayment | None
    reasons: tuple[Reason, ...]
    found: tuple[KnownPayment, ...] = ()

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        what = f"return of {self.command.payment}" if self.command else "for a person"
        return f"{self.line.identity}: {what} ({because})"


def returning(line: BankLine, known: Iterable[KnownPayment], *, by: str | None = None) -> Returning:
    """Find the payment that a returned line takes back.

    >>> paid = Payment(id="P-1", account="ACME", amount=Money.of(50, "EUR"), value_date=dt.date(2026, 2, 20))
    >>> known = KnownPayment(payment=paid, account="ACME", credit="P-1", amount=paid.amount, status="settled",
    ...                      since=paid.value_date)
    >>> line = BankLine(key="DE02|2026-02-25|50.00 EUR|debit|REF9", path="Ntry[1]", account="DE02", returned=True,
    ...                 amount=paid.amount, direction="debit", value_date=dt.date(2026, 2, 25))
    >>> print(returning(line, [known]))
    DE02|2026-02-25|50.00 EUR|debit|REF9|1: for a person (nothing_cited)

    It counts from the day of the line, and claims the line. ``reversed`` is what the bank takes back on the day of the
    payment itself, without a reason for a return: it never was. Money that a card scheme takes is a ``chargeback``.

    Errors: `WrongType`; `InvalidValue` for a line that is no return.
    """
    checks.instance("returning.line", line, BankLine, "a bank line")
    checks.one_of("returning.line.kind", line.kind, ("return",))
    if line.direction == "credit":
        return _case(line, (), "own_money")
    there = [each for each in known if line.day is None or each.payment.value_date <= line.day]
    pool, cited = there, []
    for code, agrees in _EVIDENCE.items():
        if narrowed := [each for each in pool if agrees(line, each)]:
            pool = narrowed
            cited.append(code)
    if not cited:
        anything = _cites(line) or line.counterparty_account or line.counterparty_name
        return _case(line, (), "no_payment_found" if anything else "nothing_cited")
    return _judged(line, pool, cited, by)


def _judged(line: BankLine, pool: list[KnownPayment], cited: list[str], by: str | None) -> Returning:
    """The one payment that agrees with all that is cited, or why there is none."""
    if cited == ["payer_name"]:
        return _case(line, pool, *cited, "payer_name_only")
    if not _DECIDING.intersection(cited) and _cites(line):
        return _case(line, pool, *cited, "cited_unknown")
    same = [each for each in pool if each.payment.amount == line.amount]
    standing = [each for each in same if each.status == "settled"]
    against = _against(same, standing)
    if against is not None:
        return _case(line, same or pool, *cited, against)
    return Returning(line=line, command=_return(line, standing[0], by), reasons=_reasons(cited), found=(standing[0],))


def _against(same: list[KnownPayment], standing: list[KnownPayment]) -> str | None:
    if not same:
        return "other_amount"
    if not standing:
        return "returned_before" if any(each.status == "returned" for each in same) else "no_payment_found"
    if len(standing) > 1:
        return "several_payments"
    return None if standing[0].amount == standing[0].payment.amount else "divided"


def _return(line: BankLine, found: KnownPayment, by: str | None) -> ReturnPayment:
    assert line.day is not None, "a line without a day is of the kind undated"
    return ReturnPayment(
        of=found.account,
        payment=found.credit,
        kind=_kind(line, found),
        code=line.return_reason or NO_CODE,
        on=max(line.day, found.since),
        bank_line=line.identity,
        key=f"return {line.identity}",
        by=by,
    )


def _kind(line: BankLine, found: KnownPayment) -> str:
    if line.reversal and not line.returned and line.return_reason is None and line.day == found.payment.value_date:
        return "reversed"
    return "chargeback" if found.payment.method == "card" else "returned"


def _case(line: BankLine, found: Iterable[KnownPayment], *codes: str) -> Returning:
    return Returning(line=line, command=None, reasons=_reasons(codes), found=tuple(found))


def _reasons(codes: Iterable[str]) -> tuple[Reason, ...]:
    return tuple(Reason(code=code) for code in codes)


def _cites(line: BankLine) -> bool:
    """Whether it says in any way which payment it means."""
    return bool(line.cited)


def _by_end_to_end_id(line: BankLine, each: KnownPayment) -> bool:
    return line.end_to_end_id is not None and line.end_to_end_id in each.payment.remittance.references


def _by_bank_reference(line: BankLine, each: KnownPayment) -> bool:
    """What the bank calls the first line, given as any of the references of the return."""
    mine = _bank_reference(each.payment)
    said = (line.bank_reference, line.transaction_id, line.instruction_id, *line.references)
    return mine is not None and mine in said


def _by_mandate(line: BankLine, each: KnownPayment) -> bool:
    return line.mandate_id is not None and line.mandate_id in each.payment.remittance.references


def _by_payer_account(line: BankLine, each: KnownPayment) -> bool:
    return line.counterparty_account is not None and line.counterparty_account == each.payment.payer_account


def _by_payer_name(line: BankLine, each: KnownPayment) -> bool:
    name, payer = line.counterparty_name, each.payment.payer
    return bool(name and payer) and payer_key(name or "") == payer_key(payer or "") != ""


_EVIDENCE: Final[Mapping[str, Callable[[BankLine, KnownPayment], bool]]] = {
    "end_to_end_id": _by_end_to_end_id,
    "bank_reference": _by_bank_reference,
    "mandate": _by_mandate,
    "payer_account": _by_payer_account,
    "payer_name": _by_payer_name,
}
"""By what a payment is found, the strongest first; each looks among those that the ones before it left."""

_DECIDING: Final = frozenset({"end_to_end_id", "bank_reference", "mandate"})


def _bank_reference(payment: Payment) -> str | None:
    """The bank's reference in the identity of a line; a sum of the words is none."""
    parts = (payment.bank_line or "").rsplit("|", 2)
    return parts[1] if len(parts) == 3 and parts[1] and not parts[1].startswith("~") else None


__all__ = ["KnownPayment", "Returning", "confirming", "known_payments", "returning", "same_payment"]
