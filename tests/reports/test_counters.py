"""Counters: what operations answered and what stands in the log, as values that add."""

import datetime as dt
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.codec.samples import SAMPLES
from tests.service.world import World, day, eur

from receivables import Invoice, Money, Order
from receivables.codec import TAGS
from receivables.errors import InvalidValue
from receivables.flows import RunResult
from receivables.plans.commands import IssueInvoice
from receivables.plans.credit_commands import ReserveOrder
from receivables.policies.matching_proposals import Proposal, Proposals
from receivables.reports.counters import (
    METRICS,
    Counters,
    Sample,
    count_deliveries,
    count_facts,
    count_matches,
    count_receipts,
    count_results,
    count_runs,
)
from receivables.testing.strategies import histories


@pytest.fixture
def world():
    """A limit of 1,000, one order that fits and one that does not, an overdue invoice, a hold."""
    world = World()
    world.open()
    world.limit(1000)
    world.invoice("INV-1", 300, due=-10)
    return world


def facts(world):
    """The log of the account."""
    return list(world.app.history("ACME"))


def test_commands_are_counted_by_what_they_came_to_and_why(world):
    receipts = [world.order("SO-1", 600), world.order("SO-2", 600)]
    counted = count_receipts(receipts)
    name = "receivables_commands_total"
    assert (counted.value(name, outcome="approved"), counted.value(name, outcome="held")) == (1, 1)
    assert counted.value("receivables_command_reasons_total", outcome="held", code="limit_exceeded") == 1


def test_errors_are_counted_by_their_type_and_never_by_their_text(world):
    invoice = Invoice.due(number="secret", account="NOBODY", issued_on=day(0), total=eur(1), due_on=day(9))
    counted = count_results(world.app.record([IssueInvoice(invoice=invoice, key="k")]))
    assert counted.value("receivables_failures_total", error="UnknownId") == 1
    assert counted.value("receivables_commands_total", outcome="error") == 1
    assert "NOBODY" not in counted.exposition()


def test_a_day_is_counted_account_by_account_and_notice_by_notice(world):
    world.open("IDLE")
    ran = world.run(all_accounts=True)
    counted = count_runs(ran) + count_deliveries(world.deliver())
    assert counted.value("receivables_run_accounts_total", outcome="queued") == 1
    assert counted.total("receivables_run_accounts_total") == len(ran)
    assert counted.value("receivables_run_notices_total", channel="email", audience="customer") == 1
    assert counted.value("receivables_deliveries_total", outcome="sent") == 1
    log = count_facts(facts(world))
    events = ("queued", "sending", "sent")
    assert [log.value("receivables_log_notices_total", event=each, audience="customer") for each in events] == [1, 1, 1]


def test_payments_are_counted_by_the_best_that_was_found():
    proposal = {
        "account": "A",
        "allocations": (),
        "difference": Money.zero("EUR"),
        "kind": "exact_amount",
        "points": 1,
        "reasons": (),
    }
    post, suggest = Proposal(**proposal, post=True), Proposal(**proposal)
    found = [
        Proposals(payment="1", proposals=(post, suggest)),
        Proposals(payment="2", proposals=(suggest,)),
        Proposals(payment="3"),
        Proposals(payment="4", gave_up=True),
    ]
    counted = count_matches(found)
    name = "receivables_matched_payments_total"
    assert [counted.value(name, outcome=each) for each in ("posted", "suggested", "nothing", "gave_up")] == [1] * 4
    assert counted.auto_post_rate == Fraction(1, 4)
    assert Counters().auto_post_rate is None


def test_the_log_says_of_orders_and_holds_what_operations_said(world):
    world.order("SO-1", 600)
    world.order("SO-2", 600)
    world.hold("H-1")
    log = count_facts(facts(world))
    assert log.value("receivables_log_orders_total", outcome="reserved") == 1
    assert log.value("receivables_log_order_reasons_total", outcome="held", code="limit_exceeded") == 1
    assert log.value("receivables_log_holds_total", event="placed") == 1
    assert log.value("receivables_log_facts_total", fact="invoice.issued/1") == 1
    assert log.total("receivables_log_facts_total") == len(facts(world))


def test_money_is_counted_by_whether_a_rule_or_a_person_applied_it(world):
    world.pay("P-1", 300)
    world.apply("P-1", "INV-1", 300)
    assert count_facts(facts(world)).value("receivables_log_allocations_total", by="person") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Sample("receivables_hunger_total", (), 1),
        Sample("receivables_failures_total", (("code", "x"),), 1),
        Sample("receivables_failures_total", (), 1),
        Sample("receivables_failures_total", (("error", "x"),), -1),
    ],
)
def test_what_is_no_counter_is_refused(wrong):
    with pytest.raises(InvalidValue, match=r"counters\.samples"):
        Counters.of([wrong])


def test_counters_that_went_back_are_refused():
    one = Counters.of([Sample("receivables_failures_total", (("error", "x"),), 1)])
    assert (one + one).since(one) == one
    with pytest.raises(InvalidValue, match="must not be negative"):
        one.since(one + one)


def test_names_follow_the_conventions():
    for name, (labels, says) in METRICS.items():
        assert name.startswith("receivables_")
        assert name.endswith("_total")
        assert name == name.lower()
        assert says
        assert not {"account", "customer", "person", "document", "id"} & set(labels)


LOGS = histories(most=20)


@given(LOGS, st.integers(0, 40), st.integers(0, 40))
def test_periods_of_a_log_add_up_to_the_whole_in_any_order(history, one, other):
    first, second = sorted((one, other))
    start = history[0].recorded_at
    cuts = [start + dt.timedelta(days=first), start + dt.timedelta(days=second)]
    parts = [
        count_facts(history, before=cuts[0]),
        count_facts(history, since=cuts[0], before=cuts[1]),
        count_facts(history, since=cuts[1]),
    ]
    whole = count_facts(history)
    assert parts[0] + parts[1] + parts[2] == whole == parts[2] + (parts[0] + parts[1])
    assert whole.since(parts[0]) == parts[1] + parts[2]
    assert whole.total("receivables_log_facts_total") == len(history)
    assert sum((Counters() for _ in parts), Counters()) == Counters()


@given(LOGS)
def test_labels_hold_no_id_of_the_log(history):
    shown = {text for sample in count_facts(history).samples for _, text in sample.labels}
    assert not {"ACME"} & shown
    assert {text for text in shown if "/" in text} <= set(TAGS)


def test_prometheus_reads_what_is_served(world):
    parser = pytest.importorskip("prometheus_client.parser")
    world.order("SO-1", 600)
    world.order("SO-2", 6000)
    counted = count_facts(facts(world)) + Counters.of(
        [Sample("receivables_failures_total", (("error", 'a "b" \\ \n'),), 3)]
    )
    families = list(parser.text_string_to_metric_families(counted.exposition()))
    read = {
        (sample.name, tuple(sample.labels.items()), sample.value) for family in families for sample in family.samples
    }
    assert read == {(name, labels, float(value)) for name, labels, value in counted.samples}
    assert {(family.name + "_total", family.documentation) for family in families} <= {
        (name, says) for name, (_, says) in METRICS.items()
    }


def test_a_client_that_collects_from_the_log_serves_the_same_figures(world):
    client = pytest.importorskip("prometheus_client")
    core = pytest.importorskip("prometheus_client.core")

    class FromLog:
        def collect(self):
            counted = count_facts(facts(world))
            for name in dict.fromkeys(sample.name for sample in counted.samples):
                labels, says = METRICS[name]
                family = core.CounterMetricFamily(name, says, labels=labels)
                for sample in counted.samples:
                    if sample.name == name:
                        family.add_metric([text for _, text in sample.labels], sample.value)
                yield family

    registry = client.CollectorRegistry()
    registry.register(FromLog())
    before = registry.get_sample_value("receivables_log_holds_total", {"event": "placed"})
    world.hold("H-1")
    assert (before, registry.get_sample_value("receivables_log_holds_total", {"event": "placed"})) == (None, 1.0)
    assert "receivables_log_holds_total" in client.generate_latest(registry).decode()


def test_rows_and_tables_show_each_counter(world):
    log = count_facts(facts(world))
    assert {"name": "receivables_log_facts_total", "labels": "fact=invoice.issued/1", "value": 1} in log.rows()
    assert str(Counters()) == "nothing was counted"
    assert "<caption>Counters</caption>" in log._repr_html_()


def test_counters_add_to_counters_alone():
    with pytest.raises(TypeError):
        Counters() + 1


def test_batches_are_counted_by_what_they_came_to_and_a_day_by_its_errors(world):
    order = Order(id="SO-1", account="ACME", amount=eur(600), placed_on=day(0))
    counted = count_results(world.app.record([ReserveOrder(order=order, key="order")]))
    assert counted.value("receivables_commands_total", outcome="approved") == 1
    assert counted.total("receivables_failures_total") == 0
    failed = RunResult(account="ACME", error=InvalidValue("x", 1, "must not be"))
    assert count_runs([failed]).value("receivables_run_accounts_total", outcome="error") == 1
    assert count_runs([failed]).value("receivables_failures_total", error="InvalidValue") == 1


def test_the_log_says_by_whose_authority_deeds_were_done_and_what_became_of_requests():
    tags = ("authority.used/1", "attempt.refused/1", "request.made/1", "request.answered/1")
    used, refused, asked, answered = (SAMPLES[tag] for tag in tags)
    told = [attrs.evolve(used, approvers=()), attrs.evolve(used, approvers=("bob",)), refused, asked]
    log = count_facts([*told, *(attrs.evolve(answered, accepted=each) for each in (True, False, False))])
    name = "receivables_log_authority_total"
    assert [log.value(name, kind=used.kind, outcome=each) for each in ("alone", "approved")] == [1, 1]
    assert log.value(name, kind=refused.kind, outcome=refused.code) == 1
    name = "receivables_log_requests_total"
    outcomes = (asked.outcome, "referred_accepted", "referred_refused")
    assert [log.value(name, outcome=each) for each in outcomes] == [1, 1, 2]
