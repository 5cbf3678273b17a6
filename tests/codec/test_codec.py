"""Stored facts: read back as they were, refused with their place where they cannot be, and named by stable digests."""

import copy
import datetime as dt
import importlib
import json
import pkgutil
from decimal import Decimal

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.codec.samples import EARLIER, GOLDEN, SAMPLES, TIMES, eur, file_of, written

from receivables import (
    Allocation,
    CreditNote,
    CreditPolicy,
    DunningPolicy,
    DunningStep,
    Hold,
    Invoice,
    InvoiceLine,
    Money,
    Payment,
    Remittance,
    codec,
    documents,
)
from receivables.documents.due_steps import Step
from receivables.errors import Undecodable, WrongType
from receivables.facts.cash import AllocationUndone
from receivables.facts.fact import Fact
from receivables.state import account
from receivables.testing import strategies
from receivables.values.erased import ERASED

KINDS = list(codec.TAGS.values())
TAGS = list(codec.TAGS)


# Round trips ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=TAGS)
@given(data=st.data())
def test_what_is_written_is_read_back(kind, data):
    fact = data.draw(strategies.facts_of(kind))
    text = json.dumps(codec.encode(fact))
    again = codec.decode(json.loads(text))
    assert again == fact
    assert type(again) is kind
    assert json.dumps(codec.encode(again)) == text


def test_every_kind_of_fact_has_a_tag_a_strategy_and_a_place_in_the_account():
    placed = {kind for table in account.TABLES.values() for kind in table}
    assert set(codec.TAGS.values()) == set(strategies.FACTS) == placed
    # By name: attrs makes each class twice, and the first may linger.
    assert {kind.__name__ for kind in placed} == {kind.__name__ for kind in Fact.__subclasses__()}
    assert len(set(codec.TAGS.values())) == len(codec.TAGS)


def test_every_field_of_a_fact_has_a_strategy():
    times = {field.name for field in attrs.fields(Fact)}
    for kind, fields in strategies.FACTS.items():
        assert {field.name for field in attrs.fields(kind)} == times | set(fields)


def test_reading_leaves_the_data_as_they_were():
    data = codec.encode(SAMPLES["invoice.issued/1"])
    before = copy.deepcopy(data)
    codec.decode(data)
    assert data == before


@pytest.mark.parametrize("stranger", ["fact", None, 5, eur("1.00")])
def test_what_is_no_fact_is_not_written(stranger):
    with pytest.raises(WrongType):
        codec.encode(stranger)


# Golden files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_a_stored_fact_is_read_for_ever(tag):
    assert codec.decode(json.loads(file_of(tag).read_bytes())) == SAMPLES[tag]


@pytest.mark.parametrize("tag", TAGS)
def test_a_fact_is_stored_byte_for_byte_as_ever(tag):
    assert written(SAMPLES[tag]) == file_of(tag).read_bytes()


def test_a_fact_in_a_former_shape_is_read_as_what_it_was():
    for path in sorted(EARLIER.glob("*.json")):
        stored = json.loads(path.read_bytes())
        fact = codec.decode(stored)
        again = codec.encode(fact)
        assert codec.decode(again) == fact
        assert {key: again[key] for key in stored if not isinstance(stored[key], dict)} == {
            key: stored[key] for key in stored if not isinstance(stored[key], dict)
        }, path.name


def test_there_is_a_golden_file_for_every_tag_and_for_nothing_else():
    assert sorted(GOLDEN.glob("*.json")) == sorted(file_of(tag) for tag in TAGS)
    assert set(SAMPLES) == set(TAGS)


@pytest.mark.parametrize("tag", TAGS)
def test_the_golden_facts_leave_no_field_at_its_default(tag):
    """Otherwise a field that is lost on the way would not be missed."""
    fact = SAMPLES[tag]
    for field in attrs.fields(type(fact)):
        assert getattr(fact, field.name) != field.default, field.name


# Steps of payment terms -----------------------------------------------------------------------------------------


def test_every_step_of_payment_terms_can_be_stored():
    modules = [
        importlib.import_module(f"{documents.__name__}.{found.name}")
        for found in pkgutil.iter_modules(documents.__path__)
    ]
    found = {
        each
        for module in modules
        for each in vars(module).values()
        if attrs.has(each) and {"apply", "words"} <= set(dir(each)) and not attrs.fields_dict(each).keys() & {"steps"}
    }
    assert found == set(codec.FAMILIES[Step])


# Refusals -------------------------------------------------------------------------------------------------------


def changed(tag: str, path: str, value: object) -> dict[str, object]:
    """A golden fact with one value replaced, or left out where it is `...`."""
    data = codec.encode(SAMPLES[tag])
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = data
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return data


PAYMENT, INVOICE, NOTICE = "payment.received/1", "invoice.issued/1", "notice.queued/1"

REFUSED = [
    (PAYMENT, "tag", "payment.received/2", "$.tag"),
    (PAYMENT, "tag", ..., "$.tag"),
    (PAYMENT, "tag", ["payment.received/1"], "$.tag"),
    (PAYMENT, "tag", {}, "$.tag"),
    (PAYMENT, "tag", None, "$.tag"),
    (PAYMENT, "payment", ..., "$"),
    (PAYMENT, "payment", None, "$.payment"),
    (PAYMENT, "payment", "PAY-1", "$.payment"),
    (PAYMENT, "payment", [], "$.payment"),
    (PAYMENT, "color", "red", "$.color"),
    (PAYMENT, "payment.color", "red", "$.payment.color"),
    (PAYMENT, "payment.amount", "12.34", "$.payment.amount"),
    (PAYMENT, "payment.amount.minor", "1234", "$.payment.amount.minor"),
    (PAYMENT, "payment.amount.minor", 12.34, "$.payment.amount.minor"),
    (PAYMENT, "payment.amount.minor", True, "$.payment.amount.minor"),
    (PAYMENT, "payment.amount.minor", -1, "$.payment"),
    (PAYMENT, "payment.amount.currency", "EUR", "$.payment.amount.currency"),
    (PAYMENT, "payment.amount.currency.code", "euro", "$.payment.amount.currency"),
    (PAYMENT, "payment.amount.currency.exponent", 19, "$.payment.amount.currency"),
    (PAYMENT, "payment.amount.currency.exponent", ..., "$.payment.amount.currency"),
    (PAYMENT, "payment.method", "barter", "$.payment"),
    (PAYMENT, "payment.value_date", "2026-02-30", "$.payment.value_date"),
    (PAYMENT, "payment.value_date", "20260105", "$.payment.value_date"),
    (PAYMENT, "payment.value_date", "2026-W02-1", "$.payment.value_date"),
    (PAYMENT, "payment.value_date", "2026-01-05T00:00:00", "$.payment.value_date"),
    (PAYMENT, "payment.value_date", "", "$.payment.value_date"),
    (PAYMENT, "payment.value_date", 20260105, "$.payment.value_date"),
    (PAYMENT, "payment.value_date", None, "$.payment.value_date"),
    (PAYMENT, "payment.booked_on", 5, "$.payment.booked_on"),
    (PAYMENT, "payment.remittance.references", "INV-1", "$.payment.remittance.references"),
    (PAYMENT, "payment.remittance.references.0", 7, "$.payment.remittance.references[0]"),
    (PAYMENT, "payment.remittance.text", None, "$.payment.remittance.text"),
    (PAYMENT, "effective_on", "yesterday", "$.effective_on"),
    (PAYMENT, "recorded_at", "2026-01-06T09:30:15", "$"),
    (PAYMENT, "recorded_at", "2026-01-06 at nine", "$.recorded_at"),
    (PAYMENT, "recorded_at", 1767688215, "$.recorded_at"),
    (PAYMENT, "by", 17, "$.by"),
    (INVOICE, "invoice.total.minor", 1, "$.invoice"),
    (INVOICE, "invoice.lines.0.tax_percent", 20, "$.invoice.lines[0].tax_percent"),
    (INVOICE, "invoice.lines.0.tax_percent", "twenty", "$.invoice.lines[0].tax_percent"),
    (INVOICE, "invoice.lines.0.tax_percent", "NaN", "$.invoice.lines[0].tax_percent"),
    (INVOICE, "invoice.lines.0", [], "$.invoice.lines[0]"),
    (INVOICE, "invoice.schedule.installments", [], "$.invoice.schedule"),
    (INVOICE, "invoice.schedule.installments.1.baseline", ..., "$.invoice.schedule.installments[1]"),
    (INVOICE, "invoice.terms.parts.0.due.steps.0.is", "Fortnights", "$.invoice.terms.parts[0].due.steps[0].is"),
    (INVOICE, "invoice.terms.parts.0.due.steps.0.is", ..., "$.invoice.terms.parts[0].due.steps[0].is"),
    (INVOICE, "invoice.terms.parts.0.due.steps.0.is", ["Days"], "$.invoice.terms.parts[0].due.steps[0].is"),
    (INVOICE, "invoice.terms.parts.0.due.steps.0", "30 days", "$.invoice.terms.parts[0].due.steps[0]"),
    (INVOICE, "invoice.terms.parts.0.due.steps.0", None, "$.invoice.terms.parts[0].due.steps[0]"),
    (
        INVOICE,
        "invoice.terms.parts.0.due.steps.13.table.0",
        ["2026-12-25"],
        "$.invoice.terms.parts[0].due.steps[13].table[0]",
    ),
    (INVOICE, "invoice.terms.parts.0.due.steps.13.table.0", "x", "$.invoice.terms.parts[0].due.steps[13].table[0]"),
    (INVOICE, "invoice.terms.parts.0.due.steps.4.unit", "century", "$.invoice.terms.parts[0].due.steps[4].unit"),
    (INVOICE, "invoice.terms.parts.0.due.steps.4.unit", [], "$.invoice.terms.parts[0].due.steps[4].unit"),
    (INVOICE, "invoice.terms.division.remainder", "middle", "$.invoice.terms.division.remainder"),
    (INVOICE, "invoice.terms.sequential", 1, "$.invoice.terms.sequential"),
    (NOTICE, "notice.lines.0.policy.version", "3", "$.notice.lines[0].policy.version"),
    (NOTICE, "notice.lines.0.policy", [], "$.notice.lines[0].policy"),
    ("hold.placed/1", "hold.stops", "dunning", "$.hold.stops"),
    ("hold.placed/1", "hold.stops", ["sleep"], "$.hold"),
    ("hold.placed/1", "hold.stops", [5], "$.hold.stops[0]"),
]


@pytest.mark.parametrize(("tag", "path", "value", "named"), REFUSED)
def test_data_that_cannot_be_are_refused_at_their_place(tag, path, value, named):
    with pytest.raises(Undecodable) as caught:
        codec.decode(changed(tag, path, value))
    assert caught.value.path == named
    assert str(caught.value).startswith(f"{named}: ")


@pytest.mark.parametrize("data", [None, [], "payment.received/1", 5, {}])
def test_data_that_are_no_tagged_dict_are_refused(data):
    with pytest.raises(Undecodable):
        codec.decode(data)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["", "0", "2026-01-05", "Days", "Money", "NaN", "-1", "9999-12-31", "∞"]),
    st.just([]),
    st.just({}),
    st.just([[{}]]),
    st.just({"is": []}),
    st.dictionaries(st.sampled_from(("is", "minor", "currency", "count")), st.integers(), max_size=3),
)


def places(data):
    """Every dict and list in plain data with each of its keys."""
    for key in list(data) if isinstance(data, dict) else range(len(data)):
        yield data, key
        if isinstance(data[key], dict | list):
            yield from places(data[key])


@given(st.data(), st.sampled_from(TAGS), JUNK)
@example(None, PAYMENT, {"is": []})
def test_no_damage_to_stored_data_gives_another_error_or_a_fact_that_cannot_be_stored(data, tag, junk):
    stored = codec.encode(SAMPLES[tag])
    found = list(places(stored))
    container, key = found[-1] if data is None else data.draw(st.sampled_from(found))
    container[key] = junk
    try:
        fact = codec.decode(stored)
    except Undecodable:
        return
    assert codec.decode(json.loads(json.dumps(codec.encode(fact)))) == fact


def test_a_card_number_that_got_into_the_store_is_refused_and_not_shown():
    with pytest.raises(Undecodable) as caught:
        codec.decode(changed(PAYMENT, "payment.remittance.text", "card 4111 1111 1111 1111"))
    assert "1111 1111" not in str(caught.value)


def test_an_older_shape_is_lifted_step_by_step(monkeypatch):
    lifts = {
        "allocation.undone/-1": lambda data: {**data, "tag": "allocation.undone/0", "what": data["which"]},
        "allocation.undone/0": lambda data: {
            "tag": "allocation.undone/1",
            **{key: data[key] for key in ("effective_on", "recorded_at")},
            "allocation": data["what"],
        },
    }
    monkeypatch.setattr(codec, "UPCASTERS", lifts)
    old = {
        "tag": "allocation.undone/-1",
        "which": "a7",
        "effective_on": "2026-01-05",
        "recorded_at": "2026-01-06T00:00Z",
    }
    assert codec.decode(old) == AllocationUndone(
        allocation="a7",
        effective_on=dt.date(2026, 1, 5),
        recorded_at=dt.datetime(2026, 1, 6, tzinfo=dt.UTC),
    )


# Digests --------------------------------------------------------------------------------------------------------

STANDARD = DunningPolicy(
    id="standard",
    version=3,
    minimum_gap_days=7,
    minimums=(eur("25.00"),),
    steps=(DunningStep(name="first", days_after_due=7), DunningStep(name="final", days_after_due=21, channel="letter")),
)


def test_digests_never_change():
    issued = SAMPLES["invoice.issued/1"]
    without_rate = attrs.evolve(issued, invoice=attrs.evolve(issued.invoice, book_rate=None))
    found = {
        "none": codec.digest(None),
        "date": codec.digest(dt.date(2026, 3, 1)),
        "money": codec.digest(eur("12.34")),
        "tuple": codec.digest(("a", 1, True, None)),
        "invoice": codec.digest(without_rate),  # a field that came later changes nothing where it is not used
        "policy": codec.digest(STANDARD),
        "credit policy": codec.digest(CreditPolicy(id="standard", version=1, hold_overdue_days=30)),
    }
    assert found == json.loads((GOLDEN.parent / "digests.json").read_text())


def test_a_field_that_a_later_version_adds_leaves_the_digests_of_what_does_not_use_it():
    """Otherwise an upgrade between two tries of one request is `KeyReused`, and a published policy is another one."""
    old = attrs.make_class("Settings", ["days"], frozen=True)
    new = attrs.make_class("Settings", {"days": attrs.field(), "channel": attrs.field(default=None)}, frozen=True)
    assert codec.digest(old(7)) == codec.digest(new(7))
    assert codec.digest(old(7)) != codec.digest(new(7, "letter"))


def payment(text: str) -> Payment:
    return Payment(
        id="P", account="A", amount=eur("1.00"), value_date=dt.date(2026, 1, 5), remittance=Remittance(text=text)
    )


def hold(reason: str) -> Hold:
    return Hold(id="H", account="A", placed_on=dt.date(2026, 1, 5), reason=reason)


def note(reason: str) -> CreditNote:
    return CreditNote(number="C", account="A", issued_on=dt.date(2026, 1, 5), total=eur("1.00"), reason=reason)


@pytest.mark.parametrize("make", [payment, hold, note])
def test_personal_text_is_stored_but_left_out_of_digests(make):
    one, other = make("Ann is ill"), make("Bob is late")
    assert one != other
    assert codec.digest(one) == codec.digest(other)


def test_what_a_mailer_said_is_left_out_of_digests_because_it_may_name_a_person():
    one, other = (attrs.evolve(SAMPLES["notice.failed/1"], reason=text) for text in ("550 ann@example.com", "full"))
    assert codec.digest(one) == codec.digest(other)
    assert codec.encode(one)["reason"] == "550 ann@example.com"


def test_personal_text_survives_storing():
    assert codec.encode(SAMPLES[PAYMENT])["payment"]["remittance"]["text"] == "thanks, Ann"


@given(strategies.invoices(), st.data())
def test_every_other_change_of_an_invoice_changes_its_digest(invoice, data):
    other = data.draw(strategies.invoices())
    same = without_free_text(invoice) == without_free_text(other)
    assert (codec.digest(invoice) == codec.digest(other)) == same


def without_free_text(invoice: Invoice) -> Invoice:
    """An invoice as digests see it: the descriptions of its lines are free text, and may be personal."""
    lines = tuple(attrs.evolve(line, description="") for line in invoice.lines)
    return attrs.evolve(invoice, lines=lines)


@pytest.mark.parametrize(
    ("one", "other"), [("20", "20.00"), ("20", "2E+1"), ("0", "-0"), ("0", "0.000"), ("0.10", "0.1")]
)
def test_equal_values_have_equal_digests_however_many_zeros_they_end_in(one, other):
    lines = [InvoiceLine(net=eur("1.00"), tax=eur("0.20"), tax_percent=Decimal(text)) for text in (one, other)]
    assert lines[0] == lines[1]
    assert codec.digest(lines[0]) == codec.digest(lines[1])


@pytest.mark.own_decimals
@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_digests_of_decimals_tell_numbers_apart(one, other):
    assert (codec.digest(one) == codec.digest(other)) == (one == other)
    assert codec.digest(one) == codec.digest(one.normalize() if len(one.as_tuple().digits) <= 28 else one)


def test_a_huge_decimal_is_digested_without_writing_out_its_zeros():
    assert codec.digest(Decimal("1E+999999")) != codec.digest(Decimal("1E+999998"))
    assert codec.digest(Decimal("NaN")) != codec.digest(Decimal("Infinity"))


@pytest.mark.parametrize("value", [5.0, b"x", object(), {"a": 1}, [1], {1}])
def test_what_has_no_plain_form_has_no_digest(value):
    with pytest.raises(Undecodable):
        codec.digest(value)


def test_amounts_of_two_currencies_or_of_two_signs_never_share_a_digest():
    digests = {
        codec.digest(money)
        for money in (eur("1.00"), eur("-1.00"), Money(100, eur("1.00").currency), Money.of(100, "JPY"))
    }
    assert len(digests) == 3


CHANGES = [
    {"id": "other"},
    {"version": 4},
    {"minimum_gap_days": 8},
    {"minimums": ()},
    {"steps": STANDARD.steps[:1]},
    {"steps": (attrs.evolve(STANDARD.steps[0], channel="sms"), STANDARD.steps[1])},
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_reference_of_a_policy_names_its_settings(change):
    other = attrs.evolve(STANDARD, **change)
    assert codec.policy_ref(other).digest != codec.policy_ref(STANDARD).digest
    assert codec.policy_ref(attrs.evolve(STANDARD)) == codec.policy_ref(STANDARD)
    assert (codec.policy_ref(other).id, codec.policy_ref(other).version) == (other.id, other.version)


def test_published_settings_are_canonical_text():
    text = codec.settings_text(STANDARD)
    assert json.loads(text)["steps"][1]["channel"] == "letter"
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_the_times_of_the_samples_are_not_in_utc():
    """So that the offset of an instant is stored as it was."""
    assert TIMES["recorded_at"].utcoffset() == dt.timedelta(hours=-8)
    assert codec.encode(SAMPLES["hold.released/1"])["recorded_at"].endswith("-08:00")


def test_an_allocation_reads_as_one_line_of_json():
    plain = codec.encode(SAMPLES["allocation.made/1"])["allocation"]
    assert plain == {
        "is": "Allocation",
        "source": "PAY-1",
        "item": "INV-1/1",
        "amount": {"is": "Money", "minor": 40200, "currency": {"is": "Currency", "code": "EUR", "exponent": 2}},
        "rule": "oldest due first",
    }
    made = Allocation(source="PAY-1", item="INV-1/1", amount=eur("402.00"), rule="oldest due first")
    assert made == SAMPLES["allocation.made/1"].allocation


@pytest.mark.parametrize("gone", [{"erased": True}, {"personal": "0"}])
def test_a_personal_text_that_is_gone_is_read_as_erased_and_written_as_such(gone):
    fact = codec.decode(changed(PAYMENT, "payment.remittance.text", gone))
    assert fact.payment.remittance.text is ERASED
    assert codec.encode(fact)["payment"]["remittance"]["text"] == {"erased": True}


@pytest.mark.parametrize("strange", [{"erased": False}, {"personal": 5}, {"erased": True, "was": "Ann"}, 5])
def test_what_is_neither_a_personal_text_nor_gone_is_refused_and_not_shown(strange):
    with pytest.raises(Undecodable) as caught:
        codec.decode(changed(PAYMENT, "payment.remittance.text", strange))
    assert (caught.value.path, caught.value.value) == ("$.payment.remittance.text", type(strange).__name__)


def test_a_field_of_a_type_that_nobody_can_read_is_a_mistake_of_who_wrote_the_class():
    @attrs.frozen
    class Odd:
        at: complex

    with pytest.raises(TypeError, match="no reader for <class 'complex'>"):
        codec.read(Odd, {"is": "Odd", "at": 1})
