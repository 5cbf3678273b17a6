"""Counters for a metrics system: what was decided, sent, matched and refused, as pure values that add.

1. A counter only grows. `Counters` of two periods, accounts or processes are added with ``+``; the order does not matter.
2. Two sources that are never added to each other: what operations answered in this process, and what stands in the log.
   Names of the log begin with ``receivables_log_``: counted over all facts they are right after a restart too.
3. Names and labels follow the conventions of Prometheus: base unit last, then ``_total``; a label has few values. No
   account, document or person is ever a label.

Nothing is kept or served here: the host hands `Counters.samples` to its own client, or serves `Counters.exposition`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, Protocol, final

from attrs import frozen

from receivables.codec import TAGS
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.facts.authority import AttemptRefused, AuthorityUsed
from receivables.facts.cash import AllocationMade
from receivables.facts.credit import HoldPlaced, HoldReleased, OrderHeld, OrderRefused, OrderReserved
from receivables.facts.dunning import (
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
    StepsAnnulled,
)
from receivables.facts.fact import Fact
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.policies.matching_proposals import Proposals
from receivables.reports.table import html_table, text_table

Labels = tuple[tuple[str, str], ...]

METRICS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "receivables_commands_total": (("outcome",), "commands by what they came to; an error is an outcome"),
    "receivables_command_reasons_total": (("outcome", "code"), "the coded reasons of those outcomes"),
    "receivables_failures_total": (("error",), "errors that commands, runs and deliveries came to, by type"),
    "receivables_run_accounts_total": (("outcome",), "accounts that the runs of days looked at"),
    "receivables_run_notices_total": (("channel", "audience"), "notices that the runs of days queued"),
    "receivables_deliveries_total": (("outcome",), "what became of notices that were to be delivered"),
    "receivables_matched_payments_total": (("outcome",), "payments by the best proposal for them"),
    "receivables_log_facts_total": (("fact",), "facts by their tags"),
    "receivables_log_orders_total": (("outcome",), "decisions about orders"),
    "receivables_log_order_reasons_total": (("outcome", "code"), "the coded reasons of those decisions"),
    "receivables_log_notices_total": (("event", "audience"), "notices by what happened to them"),
    "receivables_log_holds_total": (("event",), "holds that were placed and released"),
    "receivables_log_requests_total": (("outcome",), "what customers asked for, by the answer"),
    "receivables_log_authority_total": (("kind", "outcome"), "deeds that took authority, and attempts that were refused"),
    "receivables_log_allocations_total": (("by",), "money applied by a rule or by a person"),
}  # fmt: skip
"""Every counter: the names of its labels, and what it counts."""


_TAGS: Final = {kind: tag for tag, kind in TAGS.items()}


class Sample(NamedTuple):
    """One counter with its labels and how far it has come."""

    name: str
    labels: Labels
    value: int


class _Answer(Protocol):
    """What a command came to: a `receivables.Receipt` is one."""

    @property
    def outcome(self) -> str: ...
    @property
    def reasons(self) -> tuple[Reason, ...]: ...


class _Outcome(Protocol):
    """A `receivables.Result`."""

    @property
    def receipt(self) -> Any: ...
    @property
    def error(self) -> Exception | None: ...


class _Ran(Protocol):
    """A `receivables.RunResult`."""

    @property
    def notices(self) -> tuple[Any, ...]: ...
    @property
    def error(self) -> Exception | None: ...


class _Delivered(Protocol):
    """A `receivables.DeliveryResult`."""

    @property
    def outcome(self) -> str: ...


@final
@frozen(kw_only=True)
class Counters:
    """How far counters have come: samples by name and labels, each once, in order; zero is left out.

    >>> one = Counters.of([Sample("receivables_deliveries_total", (("outcome", "sent"),), 2)])
    >>> both = one + Counters.of([Sample("receivables_deliveries_total", (("outcome", "failed"),), 1)]) + one
    >>> both.value("receivables_deliveries_total", outcome="sent"), both.total("receivables_deliveries_total")
    (4, 5)
    >>> Counters() + one == one
    True
    """

    samples: tuple[Sample, ...] = ()

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Counters:
        """The sum of samples.

        Errors: `InvalidValue` for a name that is not in `METRICS`, for other labels than its own, for less than zero.
        """
        found: Counter[tuple[str, Labels]] = Counter()
        for name, labels, value in samples:
            if tuple(label for label, _ in labels) != METRICS.get(name, ((None,), ""))[0]:
                raise InvalidValue("counters.samples", f"{name}{dict(labels)}", "must be a counter with its labels")
            if value < 0:
                raise InvalidValue("counters.samples", value, "must not be negative")
            found[name, labels] += value
        return cls(samples=tuple(Sample(*key, value) for key, value in sorted(found.items()) if value))

    def __add__(self, other: Counters) -> Counters:
        if not isinstance(other, Counters):
            return NotImplemented
        return Counters.of((*self.samples, *other.samples))

    def since(self, earlier: Counters) -> Counters:
        """What was counted since: these less the earlier ones, which are part of them.

        Errors: `InvalidValue` where a counter has not grown from the earlier ones.
        """
        less = [sample._replace(value=-sample.value) for sample in earlier.samples]
        found: Counter[tuple[str, Labels]] = Counter()
        for name, labels, value in (*self.samples, *less):
            found[name, labels] += value
        return Counters.of(Sample(*key, value) for key, value in found.items())

    def value(self, name: str, **labels: str) -> int:
        """How far one counter has come."""
        return sum(each.value for each in self.samples if each.name == name and dict(each.labels) == labels)

    def total(self, name: str) -> int:
        """The sum over all labels of a name."""
        return sum(each.value for each in self.samples if each.name == name)

    @property
    def auto_post_rate(self) -> Fraction | None:
        """The share of matched payments that could be posted without a person; ``None`` where there were none."""
        payments = self.total("receivables_matched_payments_total")
        posted = self.value("receivables_matched_payments_total", outcome="posted")
        return Fraction(posted, payments) if payments else None

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per counter."""
        return [
            {"name": name, "labels": ", ".join(f"{label}={value}" for label, value in labels), "value": value}
            for name, labels, value in self.samples
        ]

    def exposition(self) -> str:
        r"""The counters as Prometheus reads them, text format 0.0.4; each name with what it counts.

        >>> print(Counters.of([Sample("receivables_failures_total", (("error", "a \"b\""),), 1)]).exposition(), end="")
        # HELP receivables_failures_total errors that commands, runs and deliveries came to, by type
        # TYPE receivables_failures_total counter
        receivables_failures_total{error="a \"b\""} 1
        """
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        last = None
        for name, labels, value in self.samples:
            if name != last:
                yield f"# HELP {name} {METRICS[name][1]}"
                yield f"# TYPE {name} counter"
            last = name
            shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
            yield f"{name}{{{shown}}} {value}"

    def __str__(self) -> str:
        return text_table(self.rows(), "nothing was counted")

    def _repr_html_(self) -> str:
        return html_table(self.rows(), "Counters")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _sample(name: str, *values: str) -> Sample:
    return Sample(name, tuple(zip(METRICS[name][0], values, strict=True)), 1)


# What operations answered -------------------------------------------------------------------------------------------------


def count_receipts(receipts: Iterable[_Answer]) -> Counters:
    """What commands came to; a receipt that was given a second time is counted a second time."""
    return Counters.of(sample for each in receipts for sample in _answered(each))


def _answered(answer: _Answer) -> Iterator[Sample]:
    yield _sample("receivables_commands_total", answer.outcome)
    for reason in answer.reasons:
        yield _sample("receivables_command_reasons_total", answer.outcome, reason.code)


def count_results(results: Iterable[_Outcome]) -> Counters:
    """What batches of commands came to, errors included."""
    return Counters.of(sample for each in results for sample in _resulted(each))


def _resulted(result: _Outcome) -> Iterator[Sample]:
    if result.error is None:
        yield from _answered(result.receipt)
        return
    yield _sample("receivables_commands_total", "error")
    yield _failure(result.error)


def _failure(error: Exception) -> Sample:
    return _sample("receivables_failures_total", type(error).__name__)


def count_runs(results: Iterable[_Ran]) -> Counters:
    """What the run of a day came to, account by account."""
    return Counters.of(sample for each in results for sample in _ran(each))


def _ran(result: _Ran) -> Iterator[Sample]:
    outcome = "error" if result.error is not None else "queued" if result.notices else "nothing"
    yield _sample("receivables_run_accounts_total", outcome)
    if result.error is not None:
        yield _failure(result.error)
    for notice in result.notices:
        yield _sample("receivables_run_notices_total", notice.channel, notice.audience)


def count_deliveries(results: Iterable[_Delivered]) -> Counters:
    """What became of the notices that were to be delivered: ``sent``, ``failed``, ``to_be_tried_again`` and so on."""
    return Counters.of(_sample("receivables_deliveries_total", each.outcome.replace(" ", "_")) for each in results)


def count_matches(proposals: Iterable[Proposals]) -> Counters:
    """Payments by what matching found: ``posted`` where the best may be posted, ``suggested``, ``nothing``, ``gave_up``."""
    return Counters.of(_sample("receivables_matched_payments_total", _matched(each)) for each in proposals)


def _matched(found: Proposals) -> str:
    if found.posting is not None:
        return "posted"
    if found.proposals:
        return "suggested"
    return "gave_up" if found.gave_up else "nothing"


# What stands in the log ---------------------------------------------------------------------------------------------------


def count_facts(
    facts: Iterable[Fact], *, since: dt.datetime | None = None, before: dt.datetime | None = None
) -> Counters:
    """What stands in a log, of all time or recorded from an instant on and before another: neighboring periods add up.

    What happened to a notice is counted by its audience where it was queued among these facts, else ``unknown``. An
    allocation that names a rule was made by a ``rule``, any other by a ``person``.

    >>> from receivables import Hold
    >>> day = dt.date(2026, 3, 2)
    >>> placed = HoldPlaced(hold=Hold(id="H-1", account="ACME", placed_on=day, reason="late"), effective_on=day,
    ...                     recorded_at=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC))
    >>> print(count_facts([placed]))
    name                         labels              value
    receivables_log_facts_total  fact=hold.placed/1      1
    receivables_log_holds_total  event=placed            1
    """
    audiences: dict[str, str] = {}
    found: Counter[tuple[str, Labels]] = Counter()
    for fact in facts:
        if isinstance(fact, NoticeQueued):
            audiences[fact.notice.key] = fact.notice.audience
        if (since is None or since <= fact.recorded_at) and (before is None or fact.recorded_at < before):
            found.update((name, labels) for name, labels, _ in _of_fact(fact, audiences))
    return Counters.of(Sample(*key, value) for key, value in found.items())


def _of_fact(fact: Fact, audiences: Mapping[str, str]) -> Iterator[Sample]:
    yield _sample("receivables_log_facts_total", _TAGS.get(type(fact), "unknown"))
    if type(fact) in _NOTICES:
        yield _of_notice(fact, audiences)
    more = _FACTS.get(type(fact))
    if more is not None:
        yield from more(fact)


def _of_notice(fact: Any, audiences: Mapping[str, str]) -> Sample:
    key = fact.notice.key if isinstance(fact, NoticeQueued) else fact.notice
    event = "retried" if isinstance(fact, NoticeFailed) and fact.retry else _NOTICES[type(fact)]
    return _sample("receivables_log_notices_total", event, audiences.get(key, "unknown"))


def _order(outcome: str) -> Callable[[Any], Sequence[Sample]]:
    def samples(fact: OrderReserved | OrderHeld | OrderRefused) -> Sequence[Sample]:
        reasons = [_sample("receivables_log_order_reasons_total", outcome, each.code) for each in fact.reasons]
        return [_sample("receivables_log_orders_total", outcome), *reasons]

    return samples


def _used(fact: AuthorityUsed) -> Sequence[Sample]:
    return [_sample("receivables_log_authority_total", fact.kind, "approved" if fact.approvers else "alone")]


def _refused(fact: AttemptRefused) -> Sequence[Sample]:
    return [_sample("receivables_log_authority_total", fact.kind, fact.code)]


def _applied(fact: AllocationMade) -> Sequence[Sample]:
    return [_sample("receivables_log_allocations_total", "rule" if fact.allocation.rule else "person")]


def _always(name: str, value: str) -> Callable[[Any], Sequence[Sample]]:
    return lambda fact: [_sample(name, value)]


def _asked(fact: RequestMade) -> Sequence[Sample]:
    return [_sample("receivables_log_requests_total", fact.outcome)]


def _said(fact: RequestAnswered) -> Sequence[Sample]:
    return [_sample("receivables_log_requests_total", "referred_accepted" if fact.accepted else "referred_refused")]


_NOTICES: Final[Mapping[type, str]] = {
    NoticeQueued: "queued",
    NoticeApproved: "approved",
    NoticeRejected: "rejected",
    NoticeSending: "sending",
    NoticeSent: "sent",
    NoticeFailed: "failed",
    NoticeCancelled: "cancelled",
    StepsAnnulled: "annulled",
}

_FACTS: Final[Mapping[type, Callable[[Any], Sequence[Sample]]]] = {
    OrderReserved: _order("reserved"),
    OrderHeld: _order("held"),
    OrderRefused: _order("refused"),
    HoldPlaced: _always("receivables_log_holds_total", "placed"),
    HoldReleased: _always("receivables_log_holds_total", "released"),
    RequestMade: _asked,
    RequestAnswered: _said,
    AuthorityUsed: _used,
    AttemptRefused: _refused,
    AllocationMade: _applied,
}
