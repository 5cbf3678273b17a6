"""Facts and settings to plain dicts and back, and digests of them.

A fact becomes a dict with a stable ``tag`` such as ``invoice.issued/1`` and one entry per field: dates as ISO texts,
decimals as texts, money as minor units with its currency, tuples as lists, documents as dicts. The tag, not the class
name, is what is stored, so classes may move. A newer shape gets a newer tag and an upcaster from dict to dict.

Digests are taken over the canonical JSON of the plain form. Fields marked ``personal`` (free text) are left out of
them, because a hash of a short text can be guessed. One that was erased is written as ``{"erased": true}``, and read as
`receivables.values.erased.ERASED`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, cast

import attrs

from receivables.documents import due_rules, due_steps
from receivables.documents.notice import PolicyRef
from receivables.errors import ReceivablesError, Undecodable, WrongType
from receivables.facts import (
    application,
    assignment,
    authority,
    bureau,
    cash,
    charge,
    contact_log,
    credit,
    customer,
    dispute,
    dunning,
    erasure,
    invoice,
    limitation,
    loss,
    merge,
    payment_method,
    payment_plan,
    placement,
    policy,
    promise,
    request,
    risk,
)
from receivables.facts.fact import Fact
from receivables.policies.book import Policy
from receivables.values.erased import ERASED, Erased

T = TypeVar("T")
Plain = dict[str, Any]

TAGS: Mapping[str, type[Fact]] = {
    "account.opened/1": customer.AccountOpened,
    "customer.changed/1": customer.CustomerChanged,
    "group.opened/1": customer.GroupOpened,
    "policy.published/1": policy.PolicyPublished,
    "invoice.issued/1": invoice.InvoiceIssued,
    "credit_note.issued/1": invoice.CreditNoteIssued,
    "installment.dated/1": invoice.InstallmentDated,
    "due_date.extended/1": invoice.DueDateExtended,
    "item.taken_over/1": invoice.ItemTakenOver,
    "payment.received/1": cash.PaymentReceived,
    "allocation.made/1": cash.AllocationMade,
    "allocation.undone/1": cash.AllocationUndone,
    "payment.settled/1": cash.PaymentSettled,
    "payment.failed/1": cash.PaymentFailed,
    "payment.returned/1": cash.PaymentReturned,
    "difference.settled/1": cash.DifferenceSettled,
    "difference.undone/1": cash.DifferenceUndone,
    "refund.made/1": cash.RefundMade,
    "credit.converted/1": cash.CreditConverted,
    "credit.transferred/1": cash.CreditTransferred,
    "credit.arrived/1": cash.CreditArrived,
    "charge.raised/1": charge.ChargeRaised,
    "charge.reversed/1": charge.ChargeReversed,
    "charge.waived/1": charge.ChargeWaived,
    "charge.reinstated/1": charge.ChargeReinstated,
    "limit.set/1": credit.LimitSet,
    "limit.withdrawn/1": credit.LimitWithdrawn,
    "order.reserved/1": credit.OrderReserved,
    "order.held/1": credit.OrderHeld,
    "order.refused/1": credit.OrderRefused,
    "order.released/1": credit.OrderReleased,
    "order.delivered/1": credit.OrderDelivered,
    "order.reopened/1": credit.OrderReopened,
    "order.restored/1": credit.OrderRestored,
    "invoice.drafted/1": credit.InvoiceDrafted,
    "draft.dropped/1": credit.DraftDropped,
    "hold.placed/1": credit.HoldPlaced,
    "hold.released/1": credit.HoldReleased,
    "notice.queued/1": dunning.NoticeQueued,
    "notice.sending/1": dunning.NoticeSending,
    "notice.sent/1": dunning.NoticeSent,
    "notice.failed/1": dunning.NoticeFailed,
    "notice.cancelled/1": dunning.NoticeCancelled,
    "notice.approved/1": dunning.NoticeApproved,
    "notice.rejected/1": dunning.NoticeRejected,
    "steps.annulled/1": dunning.StepsAnnulled,
    "ladder.migrated/1": dunning.LadderMigrated,
    "dispute.opened/1": dispute.DisputeOpened,
    "dispute.resolved/1": dispute.DisputeResolved,
    "promise.made/1": promise.PromiseMade,
    "promise.withdrawn/1": promise.PromiseWithdrawn,
    "plan.agreed/1": payment_plan.PlanAgreed,
    "plan.reinstated/1": payment_plan.PlanReinstated,
    "plan.cancelled/1": payment_plan.PlanCancelled,
    "request.made/1": request.RequestMade,
    "request.answered/1": request.RequestAnswered,
    "payment_method.added/1": payment_method.PaymentMethodAdded,
    "payment_method.removed/1": payment_method.PaymentMethodRemoved,
    "payment_method.preferred/1": payment_method.PaymentMethodPreferred,
    "mandate.signed/1": payment_method.MandateSigned,
    "mandate.revoked/1": payment_method.MandateRevoked,
    "debt.acknowledged/1": limitation.DebtAcknowledged,
    "demand.received/1": limitation.DemandReceived,
    "limitation.suspended/1": limitation.LimitationSuspended,
    "limitation.resumed/1": limitation.LimitationResumed,
    "approval.requested/1": authority.ApprovalRequested,
    "approval.granted/1": authority.ApprovalGranted,
    "approval.refused/1": authority.ApprovalRefused,
    "approval.withdrawn/1": authority.ApprovalWithdrawn,
    "authority.used/1": authority.AuthorityUsed,
    "attempt.refused/1": authority.AttemptRefused,
    "item.written_off/1": loss.WrittenOff,
    "write_off.reversed/1": loss.WriteOffReversed,
    "loss.recovered/1": loss.Recovered,
    "allowance.set/1": loss.SpecificAllowanceSet,
    "allowance.released/1": loss.SpecificAllowanceReleased,
    "tax_relief.claimed/1": loss.ReliefClaimed,
    "tax_relief.repaid/1": loss.ReliefRepaid,
    "tax_relief.barred/1": loss.ReliefBarred,
    "application.submitted/1": application.ApplicationSubmitted,
    "application.supplemented/1": application.ApplicationSupplemented,
    "reference.answered/1": application.ReferenceAnswered,
    "application.decided/1": application.ApplicationDecided,
    "offer.accepted/1": application.OfferAccepted,
    "application.closed/1": application.ApplicationClosed,
    "erasure.requested/1": erasure.ErasureRequested,
    "erasure.answered/1": erasure.ErasureAnswered,
    "erasure.replayed/1": erasure.ErasureReplayed,
    "account.absorbed/1": merge.AccountAbsorbed,
    "account.merged/1": merge.AccountMerged,
    "account.separated/1": merge.AccountSeparated,
    "account.restored/1": merge.AccountRestored,
    "documents.handed_over/1": merge.DocumentsHandedOver,
    "documents.taken_on/1": merge.DocumentsTakenOn,
    "customer.scored/1": risk.CustomerScored,
    "external_score.received/1": risk.ExternalScoreReceived,
    "figures.declared/1": risk.FiguresDeclared,
    "risk_class.overridden/1": risk.ClassOverridden,
    "override.withdrawn/1": risk.OverrideWithdrawn,
    "warning.raised/1": risk.WarningRaised,
    "collector.assigned/1": assignment.CollectorAssigned,
    "contact.logged/1": contact_log.ContactLogged,
    "action.planned/1": contact_log.ActionPlanned,
    "action.moved/1": contact_log.ActionMoved,
    "action.done/1": contact_log.ActionDone,
    "debt.reported/1": bureau.DebtReported,
    "report.updated/1": bureau.ReportUpdated,
    "report.withdrawn/1": bureau.ReportWithdrawn,
    "debt.placed/1": placement.DebtPlaced,
    "debt.recalled/1": placement.DebtRecalled,
    "placement.closed/1": placement.PlacementClosed,
    "agency.collected/1": placement.AgencyCollected,
}
"""Stored tag -> fact. A tag is never given to another fact and never taken away."""

UPCASTERS: Mapping[str, Callable[[Plain], Plain]] = {}
"""Older tag -> function that gives the dict of the next tag. Empty while every fact is in its first shape."""

FAMILIES: Mapping[type, tuple[type, ...]] = {due_steps.Step: due_rules.STEPS}
"""Protocol that a field is annotated with -> the classes that are stored for it, told apart by ``is``."""

_TAG_OF = {kind: tag for tag, kind in TAGS.items()}


def encode(fact: Fact) -> Plain:
    """A fact as a plain dict, ready for JSON.

    >>> fact = cash.AllocationUndone(allocation="a1", effective_on=dt.date(2026, 3, 1),
    ...                              recorded_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    >>> encode(fact)["tag"], encode(fact)["effective_on"]
    ('allocation.undone/1', '2026-03-01')
    """
    tag = _TAG_OF.get(type(fact))
    if tag is None:
        raise WrongType("codec.fact", fact, "a fact")
    return {"tag": tag, **_plain_fields(fact, personal=True)}


def decode(data: Plain) -> Fact:
    """The fact of a plain dict; ``decode(encode(fact)) == fact``.

    Raises `Undecodable` with the path in the data for an unknown tag, a missing or unknown field, or a bad value.
    """
    tag = _tag(data)
    while tag in UPCASTERS:
        data = UPCASTERS[tag](data)
        tag = _tag(data)
    kind = TAGS.get(tag)
    if kind is None:
        raise Undecodable("$.tag", tag, "must be a known tag")
    return cast(Fact, _object(kind, {key: value for key, value in data.items() if key != "tag"}, "$"))


def _tag(data: Any) -> str:
    if not isinstance(data, dict):
        raise Undecodable("$", data, "must be a fact as a dict")
    tag = data.get("tag")
    if not isinstance(tag, str):
        raise Undecodable("$.tag", tag, "must be a known tag")
    return tag


def digest(value: Any) -> str:
    """The SHA-256 of the canonical JSON of a value, personal text left out; 64 hexadecimal digits.

    Equal values have equal digests: 20 and 20.00 percent are one request.
    A field at its default is left out, so that a field which a later version adds changes no digest; a default is
    therefore never changed.

    >>> digest(dt.date(2026, 3, 1)) == digest(dt.date(2026, 3, 1))
    True
    """
    text = json.dumps(_plain(value, personal=False), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@lru_cache(maxsize=256)
def policy_ref(policy: Policy) -> PolicyRef:
    """How facts name a policy: id, version and digest of its settings."""
    return PolicyRef(id=policy.id, version=policy.version, digest=digest(policy))


def settings_text(policy: Policy) -> str:
    """The settings of a policy as canonical JSON text, as ``policy.published/1`` keeps them."""
    return json.dumps(_plain(policy, personal=True), sort_keys=True, separators=(",", ":"))


def read_settings(text: str) -> Policy:
    """The policy of a settings text, for replay; ``read_settings(settings_text(policy)) == policy``.

    Raises `Undecodable` with the path in the data.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Undecodable("$", f"a text of {len(text)}", "must be JSON") from None
    return cast(Policy, _reader(Policy)(data, "$"))


def plain(value: Any) -> Plain:
    """A document or another frozen value as a plain dict, ready for JSON; ``read(type(value), plain(value)) == value``."""
    return cast(Plain, _plain(value, personal=True))


def read(kind: type[T], data: Any) -> T:
    """The value of a class from its plain dict; raises `Undecodable` with the path in the data."""
    return cast(T, _reader(kind)(data, "$"))


def _plain(value: Any, *, personal: bool) -> Any:
    """The plain form of a value."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return {"erased": True} if type(value) is Erased else value
        case dt.date() | dt.time():
            return value.isoformat()
        case Decimal():
            return str(value) if personal else _canonical(value)
        case Enum():
            return value.value
        case tuple():
            return [_plain(each, personal=personal) for each in value]
        case frozenset():
            return sorted(_plain(each, personal=personal) for each in value)
    if attrs.has(type(value)):
        return {"is": type(value).__name__, **_plain_fields(value, personal=personal)}
    raise Undecodable("$", value, "has no plain form")


def _canonical(value: Decimal) -> str:
    """The same text for equal numbers, whatever zeros they end in; of the length of its digits, not of its size."""
    sign, digits, exponent = value.as_tuple()
    written = "".join(map(str, digits))
    kept = written.rstrip("0")
    if not isinstance(exponent, int):
        return str(value)
    return f"{'-' if sign else ''}{kept}E{exponent + len(written) - len(kept)}" if kept else "0"


def _plain_fields(value: Any, *, personal: bool) -> Plain:
    return {
        field.name: _plain(getattr(value, field.name), personal=personal)
        for field in attrs.fields(type(value))
        if personal or not (field.metadata.get("personal") or _is_default(getattr(value, field.name), _default(field)))
    }


def _default(field: attrs.Attribute[Any]) -> Any:
    """The default of a field; one that depends on other fields names in its metadata what digests leave out."""
    return field.metadata.get("default", field.default)


def _is_default(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _object(kind: type, data: Any, path: str) -> Any:
    """An attrs object from a dict, field by field, with the path in every error."""
    if not isinstance(data, dict):
        raise Undecodable(path, data, f"must be a {kind.__name__} as a dict")
    readers = _readers(kind)
    given = {key: value for key, value in data.items() if key != "is"}
    for name in given.keys() - readers.keys():
        raise Undecodable(f"{path}.{name}", given[name], "is not a known field")
    values = {name: readers[name](value, f"{path}.{name}") for name, value in given.items()}
    try:
        return kind(**values)
    except (ReceivablesError, TypeError) as error:
        raise Undecodable(path, data.get("is", kind.__name__), str(error)) from error


Reader = Callable[[Any, str], Any]


@lru_cache(maxsize=256)
def _readers(kind: type) -> Mapping[str, Reader]:
    """How to read each field of a class, from its annotations."""
    hints = typing.get_type_hints(kind)
    return {field.name: _reader_of(field, hints[field.name]) for field in attrs.fields(kind)}


def is_gone(value: Any) -> bool:
    """Whether a personal text was erased: written as such, or its place in a body was left without a text."""
    return (
        type(value) is dict and len(value) == 1 and (value.get("erased") is True or type(value.get("personal")) is str)
    )


def _reader_of(field: attrs.Attribute[Any], hint: Any) -> Reader:
    """How to read a field; a personal text may be gone, and is shown in no error."""
    inner = _reader(hint)
    if not field.metadata.get("personal"):
        return inner

    def read(value: Any, path: str) -> Any:
        if is_gone(value):
            return ERASED
        try:
            return inner(value, path)
        except Undecodable as error:
            raise Undecodable(path, type(value).__name__, error.rule) from None

    return read


def _reader(hint: Any) -> Reader:
    """How to read a value of an annotated type."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(args)
    if origin is tuple:
        return _tuple_reader(args)
    if origin is frozenset:
        inner = _reader(args[0])
        return lambda value, path: frozenset(_each(inner, value, path))
    if origin is typing.Literal:
        return _checked(lambda value: args[args.index(value)], "one of " + ", ".join(map(repr, args)))
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint in FAMILIES:
        return _union_reader(FAMILIES[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _checked(hint, f"a {hint.__name__}")
    if isinstance(hint, type) and attrs.has(hint):
        return lambda value, path: _object(hint, value, path)
    raise TypeError(f"no reader for {hint!r}")


def _union_reader(args: tuple[Any, ...]) -> Reader:
    """``None`` where it is allowed; among several classes the ``is`` of the dict decides."""
    classes = {arg.__name__: arg for arg in args if isinstance(arg, type) and attrs.has(arg)}
    others = [_reader(arg) for arg in args if arg is not type(None) and arg not in classes.values()]

    def read(value: Any, path: str) -> Any:
        if value is None and type(None) in args:
            return None
        if isinstance(value, dict) and classes:
            return _object(_member(classes, value.get("is"), path), value, path)
        if not others:
            raise Undecodable(path, value, "must be a dict")
        return others[0](value, path)

    return read


def _member(classes: Mapping[str, type], name: Any, path: str) -> type:
    """The class that a dict names; where there is one class only, nothing is left to tell apart."""
    if len(classes) == 1:
        return next(iter(classes.values()))
    if not isinstance(name, str) or name not in classes:
        raise Undecodable(f"{path}.is", name, "must be one of " + ", ".join(sorted(classes)))
    return classes[name]


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    if len(args) == 2 and args[1] is Ellipsis:
        inner = _reader(args[0])
        return lambda value, path: tuple(_each(inner, value, path))
    readers = [_reader(arg) for arg in args]

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list) or len(value) != len(readers):
            raise Undecodable(path, value, f"must be a list of {len(readers)}")
        return tuple(
            reader(each, f"{path}[{at}]") for at, (reader, each) in enumerate(zip(readers, value, strict=True))
        )

    return read


def _each(reader: Reader, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Undecodable(path, value, "must be a list")
    return [reader(each, f"{path}[{at}]") for at, each in enumerate(value)]


def _checked(convert: Callable[[Any], Any], wanted: str, *kinds: type) -> Reader:
    def read(value: Any, path: str) -> Any:
        if kinds and type(value) not in kinds:
            raise Undecodable(path, value, f"must be {wanted}")
        try:
            return convert(value)
        except (ValueError, TypeError, InvalidOperation):
            raise Undecodable(path, value, f"must be {wanted}") from None

    return read


@lru_cache(maxsize=4096)
def _date(text: str) -> dt.date:
    """A date as `isoformat` writes it; Python would take ``20260301`` and ``2026-W09-7`` too."""
    day = dt.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


def finite(text: str) -> Decimal:
    """A decimal number: Python would take ``NaN`` and ``Infinity`` too, which are no amounts and equal nothing."""
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


_SIMPLE: Mapping[Any, Reader] = {
    str: _checked(str, "text", str),
    int: _checked(int, "a whole number", int),
    bool: _checked(bool, "true or false", bool),
    Decimal: _checked(finite, "a decimal number as text", str),
    dt.date: _checked(_date, "a date as YYYY-MM-DD", str),
    dt.time: _checked(dt.time.fromisoformat, "a time of day as HH:MM:SS", str),
    dt.datetime: _checked(dt.datetime.fromisoformat, "an instant with its offset", str),
}
