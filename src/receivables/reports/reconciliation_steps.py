"""The codes of an account reconciliation: how an item stands, what may have made a difference, and what to do next.

What to do depends on whose list it is: a customer is asked and told, a ledger is posted to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LISTS: Final = ("customer", "ledger")
"""Whose list ours is compared with."""

STATUSES: Final[tuple[tuple[str, str], ...]] = (
    ("agreed", "open with both, in the same amount"),
    ("closed", "closed with both"),
    ("paid", "closed with us, open with them"),
    ("written_off", "given up by us as lost, open with them"),
    ("differing", "known to both, in different amounts"),
    ("missing_with_them", "open with us, and not on their list"),
    ("missing_with_us", "on their list, and not known to us"),
    ("repeated_by_them", "on their list once more"),
    ("repeated_by_us", "of the number and the amount of another document of ours"),
)
"""How an item stands, with what it says."""

GUESSES: Final[tuple[tuple[str, str], ...]] = (
    ("other_currency", "the other side has this number in another currency"),
    ("ambiguous", "the reference may be several documents of ours"),
    ("payment_pending", "so much is on its way"),
    ("credit_missing", "so much is disputed, and no credit note was issued"),
    ("discount", "the discount that was offered was kept back"),
    ("payment_on_account", "they took off a payment that we have on account"),
    ("credit_on_account", "they took off a credit that we have on account"),
    ("payment_not_booked", "they have not booked a payment that we applied"),
    ("credit_not_booked", "they have not booked a credit note that we applied"),
    ("transposed_digits", "two digits of the amount stand the other way round"),
    ("tax", "one side has the amount without tax"),
    ("tolerance", "too little for a letter"),
    ("they_owe_less", "they take off something that they do not name"),
    ("they_owe_more", "they have not taken off something, or added something"),
)
"""What may have made a difference, with what it says; the first that fits is given."""

STEPS: Final[tuple[tuple[str, str], ...]] = (
    ("none", "nothing to do"),
    ("send_copy", "send a copy"),
    ("explain_charge", "send the letter that claimed it, or waive it"),
    ("ask_remittance", "ask what the payment is for, or what was taken off"),
    ("ask_copy", "ask for a copy, and look whether another account has it"),
    ("book_payment", "look for the payment in the bank statements and book it, or ask for its proof"),
    ("judge_credit", "issue the credit note, or say why there is none"),
    ("issue_credit_note", "settle the dispute: issue the credit note, or reject it"),
    ("tell_payment", "tell by which payment it was closed"),
    ("tell_use", "tell what it was used for"),
    ("ask_recovery", "ask for the money: they own to what was given up as lost"),
    ("send_credit_note", "send a copy of the credit note"),
    ("send_statement", "send a statement of the item"),
    ("apply_payment", "apply the payment"),
    ("apply_credit", "apply the credit"),
    ("judge_discount", "grant the discount, or claim it"),
    ("write_off", "write the difference off"),
    ("compare_tax", "compare the tax of the document"),
    ("compare_currency", "compare the currency of the document"),
    ("correct_amount", "ask them to correct the amount"),
    ("ask_removal", "ask them to take it off the list"),
    ("ask_which", "ask which document is meant"),
    ("check_double", "look whether it was invoiced twice"),
    ("wait", "wait for the payment"),
    ("post_item", "post it to the ledger"),
    ("post_payment", "post the payment to the ledger"),
    ("post_credit", "post the credit note to the ledger"),
    ("find_posting", "find out what posted it to the ledger"),
    ("post_write_off", "post the write-off to the ledger"),
    ("reverse_posting", "reverse the second posting"),
    ("correct_posting", "correct the amount in the ledger"),
    ("compare_postings", "compare the postings of the item"),
)
"""What to do next, with its words."""

STATUS_WORDS: Final[Mapping[str, str]] = dict(STATUSES)
GUESS_WORDS: Final[Mapping[str, str]] = dict(GUESSES)
STEP_WORDS: Final[Mapping[str, str]] = dict(STEPS)

_BY_GUESS: Final[Mapping[str, Mapping[str, str]]] = {
    "customer": {
        "other_currency": "compare_currency",
        "ambiguous": "ask_which",
        "payment_pending": "wait",
        "credit_missing": "issue_credit_note",
        "discount": "judge_discount",
        "payment_on_account": "apply_payment",
        "credit_on_account": "apply_credit",
        "payment_not_booked": "tell_payment",
        "credit_not_booked": "send_credit_note",
        "transposed_digits": "correct_amount",
        "tax": "compare_tax",
        "tolerance": "write_off",
        "they_owe_less": "ask_remittance",
        "they_owe_more": "send_statement",
    },
    "ledger": {
        "payment_not_booked": "post_payment",
        "credit_not_booked": "post_credit",
        "transposed_digits": "correct_posting",
        "payment_on_account": "apply_payment",
        "credit_on_account": "apply_credit",
        "other_currency": "compare_currency",
    },
}

_BY_STATUS: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "customer": {
        ("paid", "payment"): "tell_use",
        ("paid", "credit_note"): "tell_use",
        ("paid", ""): "tell_payment",
        ("written_off", ""): "ask_recovery",
        ("missing_with_them", "fee"): "explain_charge",
        ("missing_with_them", "interest"): "explain_charge",
        ("missing_with_them", "payment"): "ask_remittance",
        ("missing_with_them", ""): "send_copy",
        ("missing_with_us", "payment"): "book_payment",
        ("missing_with_us", "credit_note"): "judge_credit",
        ("missing_with_us", ""): "ask_copy",
        ("repeated_by_them", ""): "ask_removal",
        ("repeated_by_us", ""): "check_double",
    },
    "ledger": {
        ("paid", "payment"): "compare_postings",
        ("paid", "credit_note"): "compare_postings",
        ("paid", ""): "post_payment",
        ("written_off", ""): "post_write_off",
        ("missing_with_them", ""): "post_item",
        ("missing_with_us", ""): "find_posting",
        ("repeated_by_them", ""): "reverse_posting",
        ("repeated_by_us", ""): "check_double",
        ("differing", ""): "compare_postings",
    },
}


def next_step(against: str, status: str, kind: str, guess: str | None) -> str:
    """What to do next about an item: by what may have made the difference, else by how it stands and what it is.

    >>> next_step("customer", "missing_with_them", "invoice", None), next_step("ledger", "differing", "invoice", "tax")
    ('send_copy', 'compare_postings')
    """
    by_guess, by_status = _BY_GUESS[against], _BY_STATUS[against]
    if guess is not None and guess in by_guess:
        return by_guess[guess]
    return by_status.get((status, kind)) or by_status.get((status, ""), "none")
