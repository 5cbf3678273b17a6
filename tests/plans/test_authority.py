"""Deeds under an authority matrix: what is refused leaves nothing, what is done says by whose authority, an approval is used once."""

import attrs
import pytest
from tests.service.world import BOOK, EUR, TODAY, World, day, eur, payment_plan, picture

from receivables import Choice, CreditLimit, Currency, Money, PolicyBook
from receivables.codec import digest, policy_ref
from receivables.documents.authority import ApprovalRequest
from receivables.documents.request import PlanRequest
from receivables.errors import ClaimTaken, InvalidValue, NotAuthorized, UnknownId
from receivables.facts.authority import ApprovalGranted, AttemptRefused, AuthorityUsed
from receivables.facts.cash import RefundMade
from receivables.facts.charge import ChargeReversed, ChargeWaived
from receivables.plans.authority import authorize
from receivables.plans.cash_commands import Refund, Settle
from receivables.plans.plan import Context
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Deputy, Membership, Role
from receivables.policies.settlement import SettlementPolicy
from receivables.state.account import fold

KINDS = ("refund", "waiver", "transfer", "plan")
MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(
        Role(name="clerk", persons=("ann",)),
        Role(name="lead", persons=("bob", "ben")),
        Role(name="board", persons=("dora", "emil")),
    ),
    rules=(
        *(AuthorityRule(kind=kind, role="clerk", up_to=eur(100)) for kind in KINDS),
        *(AuthorityRule(kind=kind, role="lead", up_to=eur(1000)) for kind in KINDS),
        *(AuthorityRule(kind=kind, role="board", approvals=2) for kind in (*KINDS, "merge")),
        AuthorityRule(kind="merge", role="lead"),
        AuthorityRule(kind="limit", role="lead", up_to=eur(5000)),
    ),
)


def governed_by(*policies, choices=()):
    """The book of the other tests with these policies, and with no other matrix."""
    others = tuple(each for each in BOOK.policies if not isinstance(each, AuthorityPolicy))
    chosen = tuple(each for each in BOOK.choices if each.kind != "authority")
    return PolicyBook(policies=(*others, *policies), choices=(*chosen, *choices))


GOVERNED = governed_by(MATRIX)


@pytest.fixture
def world():
    """A customer with 3,000.00 on account, under the matrix."""
    world = World(policies=GOVERNED)
    world.open("ACME")
    world.pay("P-1", 3000)
    return world


def refund(world, amount, by="ann", **more):
    key = more.pop("key", f"refund {amount} {world.today} {len(world.facts(RefundMade))}")
    return world.app.refund("ACME", "P-1", eur(amount), on=world.today, by=by, key=key, **more)


def ask(world, amount=500, id="A-1", by="ann", kind="refund", subject="P-1"):
    money = None if amount is None else eur(amount)
    approval = ApprovalRequest(id=id, account="ACME", kind=kind, subject=subject, amount=money)
    return world.app.request_approval(approval, by=by, key=f"ask {id}")


def grant(world, by="bob", id="A-1"):
    return world.app.grant_approval("ACME", id, by=by, key=f"grant {id} {by} {world.today}")


def status(world, id="A-1", on=None):
    states = world.app.view("ACME", on or world.today).approvals
    return next(state.status for state in states if state.approval.id == id)


# A deed --------------------------------------------------------------------------------------------------------------


def test_a_deed_within_ones_own_authority_says_so_in_the_log(world):
    refund(world, 60)
    used, made = world.facts(AuthorityUsed, RefundMade)
    assert (used.kind, used.subject, used.amount, used.total) == ("refund", "P-1", eur(60), eur(60))
    assert (used.by, used.role, used.up_to, used.window_days) == ("ann", "clerk", eur(100), 30)
    assert (used.approvers, used.approval, used.policy) == ((), None, policy_ref(MATRIX))
    assert made.recorded_at == used.recorded_at


def test_a_split_deed_takes_the_approver_of_the_whole(world):
    """S23.3, with a refund: three times 60.00 within 30 days is 180.00, and Ann may do 100.00."""
    refund(world, 60)
    before = picture(world.store)
    with pytest.raises(NotAuthorized) as caught:
        refund(world, 60, key="second")
    assert (caught.value.amount, caught.value.total) == (eur(60), eur(120))
    assert caught.value.wanted == ("lead", "board")
    assert picture(world.store) == before
    refund(world, 60, approver="bob", key="second")
    assert world.facts(AuthorityUsed)[-1].approvers == ("bob",)
    world.at(31)
    refund(world, 60, key="after the window")
    assert world.facts(AuthorityUsed)[-1].total == eur(60)


@pytest.mark.parametrize(
    ("by", "approver", "code"),
    [
        (None, "bob", "no_person"),
        ("bob", "bob", "self_approval"),
        ("ann", "ann", "self_approval"),
        ("ann", "stranger", "no_authority"),
        ("stranger", None, "no_authority"),
        ("bob", "ann", "no_authority"),
        ("bob", "dora", "no_authority"),
    ],
)
def test_an_approver_without_authority_is_refused_and_nothing_is_recorded(world, by, approver, code):
    before = picture(world.store)
    with pytest.raises(NotAuthorized) as caught:
        refund(world, 1500, by=by, approver=approver)
    assert (caught.value.by, caught.value.approver, caught.value.code) == (by, approver, code)
    assert picture(world.store) == before


def test_the_sum_of_an_account_is_its_own(world):
    world.open("BETA")
    world.pay("P-B", 500, "BETA")
    refund(world, 100)
    world.app.refund("BETA", "P-B", eur(100), on=TODAY, by="ann", key="other account")
    assert world.facts(AuthorityUsed, account="BETA")[0].total == eur(100)


def test_a_settlement_that_gives_up_what_is_short_takes_the_authority_for_a_write_off():
    """A cent on 3,000.00 is no way round the matrix, and what was given up so counts with what is written off after it."""
    rules = (
        AuthorityRule(kind="write_off", role="clerk", up_to=eur(100)),
        AuthorityRule(kind="write_off", role="lead"),
    )
    matrix = attrs.evolve(MATRIX, rules=rules)
    world = World(policies=PolicyBook.of(matrix, SettlementPolicy(id="short", version=1, short="write_off")))
    world.open("ACME")
    for number, amount in (("INV-1", 3000), ("INV-2", 80)):
        world.invoice(number, amount, -10)
    world.pay("P-1", "0.01")
    before = picture(world.store)
    with pytest.raises(NotAuthorized) as caught:
        world.app.settle("ACME", "P-1", ("INV-1",), by="ann", key="settle")
    assert (caught.value.kind, caught.value.amount, caught.value.wanted) == ("write_off", eur("2999.99"), ("lead",))
    assert picture(world.store) == before
    assert world.app.settle("ACME", "P-1", ("INV-2",), by="ann", key="settle").outcome == "settled"
    assert world.facts(AuthorityUsed)[-1].amount == eur("79.99")
    with pytest.raises(NotAuthorized) as caught:
        world.app.write_off("ACME", "INV-1", "small", amount=eur(21), on=TODAY, by="ann", key="write off")
    assert caught.value.total == eur("100.99")


def short_world():
    """A world whose policy gives up all that is short; ann may 100.00 of it, bob the rest."""
    rules = (
        AuthorityRule(kind="write_off", role="clerk", up_to=eur(100)),
        AuthorityRule(kind="write_off", role="lead"),
    )
    matrix = attrs.evolve(MATRIX, rules=rules)
    world = World(policies=PolicyBook.of(matrix, SettlementPolicy(id="short", version=1, short="write_off")))
    world.open("ACME")
    world.invoice("INV-1", 3000, -10)
    world.pay("P-1", 2000)
    return world


@pytest.mark.parametrize(("approver", "code"), [("zoe", "no_authority"), ("ann", "self_approval")])
def test_what_a_settlement_gives_up_is_approved_by_somebody_with_authority_and_not_by_oneself(approver, code):
    world = short_world()
    with pytest.raises(NotAuthorized) as caught:
        world.app.settle("ACME", "P-1", ("INV-1",), by="ann", approver=approver, key="settle")
    assert caught.value.code == code
    assert world.app.settle("ACME", "P-1", ("INV-1",), by="ann", approver="bob", key="settle").outcome == "settled"
    used = world.facts(AuthorityUsed)[-1]
    assert (used.kind, used.amount, used.by, used.approvers) == ("write_off", eur(1000), "ann", ("bob",))


def test_what_a_settlement_gives_up_can_be_granted_before():
    world = short_world()
    asked = ApprovalRequest(id="A-1", account="ACME", kind="write_off", subject="P-1", amount=eur(1000))
    world.app.request_approval(asked, by="ann", key="ask")
    world.app.grant_approval("ACME", "A-1", by="bob", key="yes")
    assert world.app.settle("ACME", "P-1", ("INV-1",), by="ann", approval="A-1", key="settle").outcome == "settled"
    assert world.facts(AuthorityUsed)[-1].approval == "A-1"
    assert world.app.view("ACME", TODAY).approvals[0].status == "used"


def test_a_settlement_that_gives_nothing_up_leaves_what_was_granted_unused():
    world = short_world()
    world.pay("P-2", 1000)
    asked = ApprovalRequest(id="A-1", account="ACME", kind="write_off", subject="P-1", amount=eur(1000))
    world.app.request_approval(asked, by="ann", key="ask")
    world.app.grant_approval("ACME", "A-1", by="bob", key="yes")
    world.invoice("INV-2", 1000, -10)
    world.app.settle("ACME", "P-2", ("INV-2",), by="ann", approval="A-1", key="settle")
    assert world.facts(AuthorityUsed) == []
    assert world.app.view("ACME", TODAY).approvals[0].status == "granted"


def test_a_settlement_that_names_nobody_is_the_request_that_it_was_before_it_could():
    old = {"key": "k", "of": "ACME", "source": "P-1", "items": ("INV-1",), "by": "ann"}
    assert digest(Settle(**old)) == "afd16e9a69efaabbf4d132d590496c38c6b04073a45d5f771cdb920621f2cf85"
    assert digest(Settle(**old)) != digest(Settle(**old, approver="bob"))


def test_a_batch_counts_what_stands_before_in_the_batch(world):
    commands = [Refund(key=f"r{n}", of="ACME", source="P-1", amount=eur(40), on=TODAY, by="ann") for n in range(4)]
    results = list(world.app.record(commands))
    assert [result.ok for result in results] == [True, True, False, False]
    assert isinstance(results[2].error, NotAuthorized)


def test_a_repeated_command_uses_no_authority_again(world):
    first = refund(world, 100, key="k")
    assert refund(world, 100, key="k") == first
    assert len(world.facts(AuthorityUsed)) == 1


def test_without_a_matrix_two_persons_are_enough_and_nothing_is_recorded_of_it():
    world = World()
    world.open("ACME")
    world.pay("P-1", 3000)
    refund(world, 2000, by=None)
    refund(world, 500, by="ann", approver="bob")
    assert world.facts(AuthorityUsed) == []
    with pytest.raises(InvalidValue, match=r"another person"):
        refund(world, 100, by="ann", approver="ann")


def test_a_kind_that_the_matrix_does_not_govern_is_as_without_one(world):
    world.app.set_limit(CreditLimit(account="ACME", currency=EUR, amount=eur(1), valid_from=TODAY), key="l", by="bob")
    account, context = world_account(world)
    command = Refund(key="k", of="ACME", source="P-1", amount=eur(1), on=TODAY, by="ann")
    assert authorize(account, command, context, "bureau", None, "ACME") == ()
    with pytest.raises(InvalidValue, match=r"authority.kind"):
        authorize(account, command, context, "gift", None, "ACME")


def world_account(world):
    return fold(world.store.facts("ACME")), Context(policies=world.policies, now=world.clock.instant, today=world.today)


# Each deed that is wired -----------------------------------------------------------------------------------------------


def charged():
    """A world in which a letter with a fee of 10.00 went out; clerks may waive 5.00."""
    small = attrs.evolve(
        MATRIX,
        rules=(
            AuthorityRule(kind="waiver", role="clerk", up_to=eur(5)),
            AuthorityRule(kind="waiver", role="lead", up_to=eur(1000)),
        ),
    )
    world = World(policies=governed_by(small))
    world.open("ACME", segment="strict")
    world.invoice("INV-1", 700, -5)
    world.run()
    world.deliver()
    return world, f"INV-1/call/{day(-5)}/fee"


def test_a_waiver_is_governed_whatever_approver_is_named():
    world, fee = charged()
    world.app.waive_charge("ACME", fee, amount=eur(4), reason="regular", by="ann", approver="x", key="w1")
    with pytest.raises(NotAuthorized, match=r"2.00 EUR, 6.00 EUR in all"):
        world.app.waive_charge("ACME", fee, amount=eur(2), reason="regular", by="ann", approver="x", key="w2")
    world.app.waive_charge("ACME", fee, amount=eur(2), reason="regular", by="ann", approver="bob", key="w2")
    assert [type(each) for each in world.facts(AuthorityUsed, ChargeWaived)] == [AuthorityUsed, ChargeWaived] * 2


def test_a_reversal_counts_as_a_waiver_so_that_it_is_no_way_around_one():
    world, fee = charged()
    world.app.waive_charge("ACME", fee, amount=eur(4), reason="regular", by="ann", approver="x", key="w1")
    with pytest.raises(NotAuthorized):
        world.app.reverse_charge("ACME", fee, amount=eur(4), reason="wrong", by="ann", approver="x", key="w2")
    world.app.reverse_charge("ACME", fee, amount=eur(4), reason="wrong", by="ann", approver="bob", key="w2")
    assert world.facts(AuthorityUsed)[-1].total == eur(8)
    assert world.facts(ChargeReversed)[-1].approver == "bob"


def test_what_is_owed_again_takes_no_authority():
    world, fee = charged()
    world.app.waive_charge("ACME", fee, amount=eur(4), reason="regular", by="ann", approver="x", key="w1")
    world.app.reinstate_charge("ACME", fee, reason="late again", by="zoe", approver="x", key="r")
    assert len(world.facts(AuthorityUsed)) == 1


def test_money_that_goes_to_another_account_is_governed(world):
    world.open("BETA")
    with pytest.raises(NotAuthorized):
        world.app.transfer("ACME", "P-1", eur(101), "BETA", on=TODAY, by="ann", key="t")
    world.app.transfer("ACME", "P-1", eur(101), "BETA", on=TODAY, by="ann", approver="bob", key="t")
    assert world.facts(AuthorityUsed)[-1].kind == "transfer"


def test_a_plan_is_governed_and_what_it_waives_as_well():
    world, fee = charged()
    matrix = attrs.evolve(MATRIX, rules=(*world.policies.policies[-1].rules, AuthorityRule(kind="plan", role="clerk")))
    world.policies = governed_by(matrix)
    world.restart()
    arguments = ("PP", f"INV-1 {fee}", (30, 350), (60, 350))
    with pytest.raises(NotAuthorized, match=r"waiver"):
        world.agree(*arguments, waives=(fee,), approver="zoe")
    world.agree(*arguments, waives=(fee,), approver="bob")
    assert [(each.kind, each.subject) for each in world.facts(AuthorityUsed)] == [("plan", "PP"), ("waiver", "PP")]


def test_a_plan_in_default_performs_again_by_authority(world):
    world.invoice("INV-1", 150, 10)
    world.agree("PP", "INV-1", (10, 75), (40, 75), approver="bob")
    world.at(20).run()
    again = {"catch_up_by": day(25), "on": day(20), "reason": "ill", "by": "ann", "key": "again"}
    with pytest.raises(NotAuthorized):
        world.app.reinstate_plan("ACME", "PP", approver="zoe", **again)
    world.app.reinstate_plan("ACME", "PP", approver="ben", **again)
    assert world.facts(AuthorityUsed)[-1].total == eur(300)


def test_what_a_customer_asks_for_beyond_the_authority_of_the_portal_goes_to_a_person():
    portal = Role(name="portal", persons=("portal",))
    rules = (AuthorityRule(kind="plan", role="portal", up_to=eur(200)), AuthorityRule(kind="plan", role="lead"))
    matrix = attrs.evolve(MATRIX, roles=(*MATRIX.roles, portal), rules=rules)
    arranged = ArrangementPolicy(id="portal", version=1, most_amounts=(eur(9000),), most_installments=6)
    world = World(policies=governed_by(matrix, arranged))
    world.open("ACME")
    for number, amount in (("INV-1", 180), ("INV-2", 400)):
        world.invoice(number, amount, -3)

    def asked(id, item):
        request = PlanRequest(id=id, account="ACME", items=(item,), count=2, first_on=day(10))
        return world.app.request_arrangement(request, key=id, by="portal")

    assert asked("R-1", "INV-1").outcome == "accepted"
    referred = asked("R-2", "INV-2")
    assert (referred.outcome, [each.code for each in referred.reasons]) == ("referred", ["above_authority"])
    world.app.answer_request("ACME", "R-2", accept=True, reason="known", by="ann", approver="bob", key="yes")
    assert world.facts(AuthorityUsed)[-1].approvers == ("bob",)


def test_a_merger_takes_authority_for_itself_and_for_each_limit_of_the_whole(world):
    world.open("BETA")
    world.app.set_limit(CreditLimit(account="BETA", currency=EUR, amount=eur(9), valid_from=TODAY), key="l", by="bob")

    def merge(amount, **more):
        limits = (CreditLimit(account="ACME", currency=EUR, amount=eur(amount), valid_from=TODAY),)
        return world.app.merge_accounts("ACME", "BETA", limits=limits, reason="one", **more)

    with pytest.raises(NotAuthorized, match=r"merge 'merge BETA'"):
        merge(5000, by="ann", approver="zoe", key="m1")
    with pytest.raises(NotAuthorized, match=r"limit 'EUR/base' of 5001"):
        merge(5001, by="ann", approver="bob", key="m2")
    merge(5000, by="ann", approver="bob", key="m3")
    assert [(each.kind, each.amount) for each in world.facts(AuthorityUsed)][-2:] == [
        ("merge", None),
        ("limit", eur(5000)),
    ]
    with pytest.raises(NotAuthorized):
        world.app.separate_accounts("ACME", "BETA", reason="two", by="ann", approver="zoe", key="s")
    world.app.separate_accounts("ACME", "BETA", reason="two", by="ann", approver="ben", key="s")


def test_whole_invoices_go_to_another_account_by_authority(world):
    world.open("BETA")
    world.invoice("INV-1", 10, 5)
    with pytest.raises(NotAuthorized):
        world.app.split_account("ACME", ("INV-1",), "BETA", reason="shop", by="ann", approver="zoe", key="s")
    world.app.split_account("ACME", ("INV-1",), "BETA", reason="shop", by="ann", approver="bob", key="s")


def test_the_use_of_authority_stays_with_what_it_was_about_when_accounts_part(world):
    """The money that was refunded after the merger was Beta's: so was the deed, and Ann's sum on Beta has it."""
    world.open("BETA")
    world.pay("P-B", 500, "BETA")
    world.app.merge_accounts("ACME", "BETA", reason="one", by="ann", approver="bob", key="m")
    world.app.refund("ACME", "P-B", eur(80), on=TODAY, by="ann", key="r")
    assert [each.kind for each in world.facts(AuthorityUsed, account="BETA")] == ["merge", "refund"]
    with pytest.raises(NotAuthorized):
        refund(world, 80)
    world.app.separate_accounts("ACME", "BETA", reason="two", by="ann", approver="ben", key="s")
    refund(world, 80)
    with pytest.raises(NotAuthorized):
        world.app.refund("BETA", "P-B", eur(80), on=TODAY, by="ann", key="r2")


def test_the_account_of_a_group_has_the_matrix_that_is_for_all():
    public = Choice(kind="authority", policy="public", segment="public")
    general = Choice(kind="authority", policy="matrix")
    other = attrs.evolve(MATRIX, id="public")
    book = governed_by(MATRIX, other, choices=(public, general))
    world = World(policies=book)
    world.app.open_group("G", key="g")
    asked = ApprovalRequest(id="A", account="group:G", kind="limit", subject="group:G", amount=eur(5000))
    world.app.request_approval(asked, by="ann", key="ask")
    world.run()
    assert [each.notice.template for each in world.store.facts("group:G") if hasattr(each, "notice")] == [
        "approval_waits"
    ]


# A request -----------------------------------------------------------------------------------------------------------


def test_a_request_that_was_granted_lets_its_deed_be_done_once_and_up_to_its_amount(world):
    assert ask(world).outcome == "waiting"
    assert grant(world).outcome == "granted"
    with pytest.raises(InvalidValue, match=r"must be for 501.00 EUR, and is for 500.00 EUR"):
        refund(world, 501, approval="A-1")
    refund(world, 450, approval="A-1")
    assert status(world) == "used"
    used = world.facts(AuthorityUsed)[-1]
    assert (used.approvers, used.approval) == (("bob",), "A-1")
    with pytest.raises(InvalidValue, match=r"must be granted and not be used"):
        refund(world, 50, approval="A-1")


def test_two_persons_who_approve_one_after_the_other_are_two(world):
    ask(world, 2000)
    assert grant(world, "dora").outcome == "waiting"
    assert status(world) == "waiting"
    with pytest.raises(InvalidValue, match=r"must not have approved 'A-1' before"):
        world.app.grant_approval("ACME", "A-1", by="dora", key="again")
    assert grant(world, "emil").outcome == "granted"
    refund(world, 2000, approval="A-1")
    assert world.facts(AuthorityUsed)[-1].approvers == ("dora", "emil")
    assert [each.left for each in world.facts(ApprovalGranted)] == [1, 0]


def test_a_person_who_approves_now_completes_what_another_granted(world):
    ask(world, 2000)
    grant(world, "dora")
    with pytest.raises(InvalidValue, match=r"must be granted and not be waiting"):
        refund(world, 2000, approval="A-1", approver="emil")


def test_the_sum_is_judged_again_when_the_deed_is_done(world):
    """Bob approves 900.00 while nothing was done; 200.00 later it would come to 1,100.00, which is not his to approve."""
    ask(world, 900)
    grant(world)
    refund(world, 200, approver="bob")
    with pytest.raises(NotAuthorized, match=r"1100.00 EUR in all"):
        refund(world, 900, approval="A-1")
    assert status(world) == "granted"


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_only_the_one_who_asked_uses_an_approval(world, who):
    ask(world, by="ann")
    grant(world)
    if who == "ann":
        refund(world, 500, approval="A-1")
    else:
        with pytest.raises(InvalidValue, match=r"must be for by 'ben', and is for 'ann'"):
            refund(world, 500, by=who, approval="A-1")


def test_an_approval_is_for_its_kind_and_subject(world):
    world.pay("P-2", 600)
    world.open("BETA")
    ask(world)
    grant(world)
    with pytest.raises(InvalidValue, match=r"subject 'P-2', and is for 'P-1'"):
        world.app.refund("ACME", "P-2", eur(500), on=TODAY, by="ann", approval="A-1", key="k")
    with pytest.raises(InvalidValue, match=r"kind 'transfer', and is for 'refund'"):
        world.app.transfer("ACME", "P-1", eur(500), "BETA", on=TODAY, by="ann", approval="A-1", key="k")
    with pytest.raises(UnknownId, match=r"A-9"):
        refund(world, 500, approval="A-9")


@pytest.mark.parametrize("who", ["ann", "zoe", "dora"])
def test_a_request_is_granted_by_somebody_with_authority_who_did_not_ask(world, who):
    """Dora is of the board, whose rule asks for two: she is the first of them."""
    ask(world)
    before = picture(world.store)
    if who == "dora":
        assert grant(world, who).outcome == "waiting"
        return
    with pytest.raises(NotAuthorized) as caught:
        grant(world, who)
    assert caught.value.code == ("self_approval" if who == "ann" else "no_authority")
    assert picture(world.store) == before


def test_a_request_lapses_with_its_last_day(world):
    ask(world)
    grant(world)
    assert status(world, on=day(14)) == "granted"
    assert status(world, on=day(15)) == "lapsed"
    world.at(15)
    with pytest.raises(InvalidValue, match=r"must be granted and not be lapsed"):
        refund(world, 500, approval="A-1")
    ask(world, id="A-2")
    with pytest.raises(InvalidValue, match=r"must be waiting, and is lapsed"):
        grant(world)


def test_a_refusal_ends_it_even_after_it_was_granted(world):
    ask(world)
    grant(world)
    with pytest.raises(NotAuthorized):
        world.app.refuse_approval("ACME", "A-1", reason="no", by="zoe", key="no")
    with pytest.raises(InvalidValue, match=r"who withdraws it"):
        world.app.refuse_approval("ACME", "A-1", reason="no", by="ann", key="no")
    world.app.refuse_approval("ACME", "A-1", reason="no", by="ben", key="no")
    assert status(world) == "refused"
    with pytest.raises(InvalidValue, match=r"must be granted and not be refused"):
        refund(world, 500, approval="A-1")


def test_the_one_who_asked_takes_it_back(world):
    ask(world)
    with pytest.raises(InvalidValue, match=r"must be the one who asked, 'ann'"):
        world.app.withdraw_approval("ACME", "A-1", reason="paid", by="bob", key="w")
    world.app.withdraw_approval("ACME", "A-1", reason="paid", by="ann", key="w")
    assert status(world) == "withdrawn"


def use(world, by="ann"):
    refund(world, 500, by=by, approval="A-1", key="use")


def refuse(world):
    world.app.refuse_approval("ACME", "A-1", reason="no", by="ben", key="no")


def withdraw(world):
    world.app.withdraw_approval("ACME", "A-1", reason="paid", by="ann", key=f"back {world.today}")


@pytest.mark.parametrize(("end", "ended"), [(use, "used"), (refuse, "refused"), (withdraw, "withdrawn")])
def test_what_ended_a_request_ends_it_when_the_clock_is_set_back(world, end, ended):
    """What was done on the third day is known on the day before, and on that of the request."""
    ask(world)
    world.at(1)
    grant(world)
    end(world.at(3))
    for on in (2, 0):
        world.at(on)
        with pytest.raises(InvalidValue, match=rf"must be granted and not be {ended}"):
            refund(world, 500, approval="A-1", key=f"again {on}")
        with pytest.raises(InvalidValue, match=rf"must be waiting or granted, and is {ended}"):
            withdraw(world)


def test_a_request_that_was_granted_is_good_on_a_day_before_it_was_made_and_lapses_by_the_day_alone(world):
    world.at(3)
    ask(world)
    grant(world)
    world.at(18)
    with pytest.raises(InvalidValue, match=r"must be granted and not be lapsed"):
        use(world)
    world.at(0)
    with pytest.raises(InvalidValue, match=r"must be waiting, and is granted"):
        grant(world)
    use(world)
    assert status(world, on=day(3)) == "used"


def test_what_nobody_could_approve_is_not_asked_for(world):
    with pytest.raises(InvalidValue, match=r"approval.kind: must be governed by matrix/1, got 'bureau'"):
        ask(world, kind="bureau")
    with pytest.raises(InvalidValue, match=r"approval.amount"):
        ask(world, 5001, kind="limit", subject="ACME")
    ask(world)
    with pytest.raises(ClaimTaken):
        world.app.request_approval(
            ApprovalRequest(id="A-1", account="ACME", kind="refund", subject="x"), by="b", key="k"
        )
    with pytest.raises(UnknownId, match=r"'ACME'"):
        world.restart(policies=governed_by()).request_approval(
            ApprovalRequest(id="A-2", account="ACME", kind="refund", subject="x"), by="ann", key="k2"
        )


def test_what_was_known_of_a_request_on_a_day_stays_so(world):
    ask(world)
    first = world.clock.instant
    world.at(3)
    grant(world)
    view = world.app.view
    assert [each.status for each in view("ACME", day(3)).approvals] == ["granted"]
    assert [each.status for each in view("ACME", day(3), known_at=first).approvals] == ["waiting"]
    assert [each.status for each in view("ACME", day(2)).approvals] == ["waiting"]
    assert view("ACME", day(-1)).approvals == ()


# Alerts and attempts ---------------------------------------------------------------------------------------------------


def told(world):
    return [(each.template, each.lines[0].step) for each in world.notifier.notices]


def test_staff_is_told_of_a_request_that_waits_and_of_one_about_to_lapse(world):
    ask(world, 2000)
    world.deliver()
    assert told(world) == [("approval_waits", "A-1/0")]
    grant(world, "dora")
    world.deliver()
    assert told(world)[1:] == [("approval_waits", "A-1/1")]
    for offset in range(1, 14):
        world.at(offset).run()
        world.deliver()
    assert told(world)[2:] == [("approval_lapses", f"A-1/{day(14)}")]


def test_an_alert_of_a_request_that_was_answered_before_it_went_out_is_taken_back(world):
    ask(world)
    grant(world)
    world.deliver()
    assert told(world) == []


def test_an_alert_about_a_deed_without_an_amount_says_so(world):
    ask(world, None, kind="merge", subject="merge BETA")
    world.deliver()
    (notice,) = world.notifier.notices
    assert (notice.currency.code, notice.lines[0].item, notice.lines[0].document) == ("XXX", "merge BETA", "A-1")


def test_the_account_sleeps_again_when_nothing_waits(world):
    empty = World(policies=GOVERNED)
    empty.open("ACME")
    ask(empty, kind="merge", subject="merge BETA", amount=None)
    empty.deliver()
    assert list(empty.store.due(day(400), "", 10)) == ["ACME"]
    assert list(empty.store.due(day(10), "", 10)) == []
    empty.at(11).run()
    empty.deliver()
    empty.at(15).run()
    assert list(empty.store.due(day(400), "", 10)) == []


def test_an_attempt_that_was_refused_is_kept_where_the_host_wants_it(world):
    with pytest.raises(NotAuthorized) as caught:
        refund(world, 700, by="ann", approver="ann")
    assert world.facts(AttemptRefused) == []
    world.app.note_attempt("ACME", caught.value, key="note", by="desk")
    (fact,) = world.facts(AttemptRefused)
    assert (fact.kind, fact.subject, fact.amount, fact.person) == ("refund", "P-1", eur(700), "ann")
    assert (fact.approver, fact.code, fact.by) == ("ann", "self_approval", "desk")
    assert [each.code for each in world.app.view("ACME", TODAY).attempts] == ["self_approval"]


def test_a_self_approved_request_can_be_noted_too(world):
    ask(world, None, kind="merge", subject="merge BETA")
    with pytest.raises(NotAuthorized) as caught:
        grant(world, "ann")
    world.app.note_attempt("ACME", caught.value, key="note")
    assert world.facts(AttemptRefused)[0].amount is None


def test_an_amount_in_a_currency_without_a_rule_is_nobodys(world):
    world.pay("P-USD", Money.of(10, "USD"))
    for by, approver in (("ann", "bob"), ("bob", None)):
        with pytest.raises(NotAuthorized):
            world.app.refund(
                "ACME", "P-USD", Money.of(1, Currency.of("USD")), on=TODAY, by=by, approver=approver, key="usd"
            )


def test_nobody_grants_without_a_name_and_what_has_no_bound_covers_any_amount(world):
    with pytest.raises(InvalidValue, match=r"command.by: must name the person"):
        world.app.request_approval(
            ApprovalRequest(id="A-1", account="ACME", kind="refund", subject="P-1"), by=None, key="ask"
        )
    ask(world, None)
    grant(world, "dora")
    grant(world, "emil")
    refund(world, 2900, approval="A-1")
    assert world.facts(AuthorityUsed)[-1].approvers == ("dora", "emil")


def test_an_approval_of_an_amount_is_none_of_what_has_no_bound(world):
    world.open("BETA")
    ask(world, 900, kind="merge", subject="merge BETA")
    grant(world)
    with pytest.raises(InvalidValue, match=r"must be for None, and is for 900.00 EUR"):
        world.app.merge_accounts("ACME", "BETA", reason="one", by="ann", approver="zoe", approval="A-1", key="m")


# A limit is a level ----------------------------------------------------------------------------------------------------


def set_limit(world, amount, since=0, until=None, by="bob", **more):
    limit = CreditLimit(
        account="ACME",
        currency=EUR,
        amount=None if amount is None else eur(amount),
        valid_from=day(since),
        valid_to=None if until is None else day(until),
        **more,
    )
    world.app.set_limit(limit, by=by, key=f"{limit}")
    return world.facts(AuthorityUsed)[-1].amount


def test_a_limit_within_authority_may_be_set_again_and_again(world):
    assert [set_limit(world, amount, since=n) for n, amount in enumerate((5000, 4000, 5000))] == [
        eur(5000),
        eur(4000),
        eur(5000),
    ]
    with pytest.raises(NotAuthorized):
        set_limit(world, 5001, since=9)
    with pytest.raises(NotAuthorized):
        set_limit(world, None, since=9)


def test_an_increase_counts_with_the_base_and_the_other_increases_of_its_days(world):
    set_limit(world, 3000)
    assert set_limit(world, 1500, since=10, until=20, kind="temporary") == eur(4500)
    with pytest.raises(NotAuthorized, match=r"of 5500.00 EUR"):
        set_limit(world, 1000, since=1, until=10, kind="temporary")
    assert set_limit(world, 1000, since=1, until=9, kind="temporary") == eur(4000)


def test_a_base_counts_with_the_increases_of_the_days_on_which_it_holds(world):
    set_limit(world, 1000)
    set_limit(world, 2000, since=10, until=20, kind="temporary")
    with pytest.raises(NotAuthorized, match=r"of 6000.00 EUR"):
        set_limit(world, 4000, since=5)
    assert set_limit(world, 4000, since=21) == eur(4000)
    assert set_limit(world, 2500, since=2) == eur(4500)


def test_an_increase_on_what_has_no_bound_takes_a_rule_without_one(world):
    world.restart(policies=governed_by()).set_limit(
        CreditLimit(account="ACME", currency=EUR, amount=None, valid_from=TODAY), key="unlimited"
    )
    world.restart()
    with pytest.raises(NotAuthorized):
        set_limit(world, 1, since=1, until=2, kind="temporary")
    assert set_limit(world, 700, since=1, kind="insured") == eur(700)


def test_a_limit_that_names_somebody_else_as_its_maker_takes_the_authority_of_the_one_who_asks(world):
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(5000), valid_from=TODAY, maker="bob")
    with pytest.raises(NotAuthorized) as caught:
        world.app.set_limit(limit, by="ann", key="l")
    assert caught.value.by == "ann"


# On which day ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "may"), [(0, False), (1, True), (3, True), (4, False)])
@pytest.mark.parametrize("through", ["member", "deputy"])
def test_an_approver_has_the_roles_of_the_day_on_which_the_deed_is_done(through, on, may):
    """Carl leads, or stands in for Bob who does, from day 1 to day 3."""
    span = {"valid_from": day(1), "valid_to": day(3)}
    roles = [role for role in MATRIX.roles if role.name != "lead"]
    if through == "member":
        lead = Role(name="lead", persons=("ben",), members=(Membership(person="carl", **span),))
        matrix = attrs.evolve(MATRIX, roles=(*roles, lead))
    else:
        matrix = attrs.evolve(MATRIX, deputies=(Deputy(person="carl", stands_for="bob", **span),))
    world = World(policies=governed_by(matrix))
    world.open("ACME")
    world.pay("P-1", 3000)
    world.at(on)
    if may:
        refund(world, 500, approver="carl")
        assert world.facts(AuthorityUsed)[-1].approvers == ("carl",)
        return
    with pytest.raises(NotAuthorized, match="no_authority"):
        refund(world, 500, approver="carl")


@pytest.mark.parametrize(("on", "may"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_request_is_granted_by_the_roles_of_the_day_and_counts_later(on, may):
    deputy = Deputy(person="carl", stands_for="bob", valid_from=day(1), valid_to=day(3))
    world = World(policies=governed_by(attrs.evolve(MATRIX, deputies=(deputy,), lapse_days=30)))
    world.open("ACME")
    world.pay("P-1", 3000)
    ask(world)
    world.at(on)
    if not may:
        with pytest.raises(NotAuthorized):
            grant(world, "carl")
        return
    assert grant(world, "carl").outcome == "granted"
    world.at(20)
    refund(world, 500, approval="A-1")
    assert world.facts(AuthorityUsed)[-1].approvers == ("carl",)


def test_what_a_plan_waives_is_not_covered_by_the_request_that_was_granted_for_the_plan():
    """Ann may waive 5.00 and agree 100.00: the request is for the plan over 700.00, and Bob approves the waiver now."""
    world, fee = charged()
    waivers = world.policies.policies[-1].rules
    plans = (AuthorityRule(kind="plan", role="clerk", up_to=eur(100)), AuthorityRule(kind="plan", role="lead"))
    world.policies = governed_by(attrs.evolve(MATRIX, rules=(*waivers, *plans)))
    world.restart()
    ask(world, 700, kind="plan", subject="PP")
    grant(world)
    agreed = payment_plan("PP", f"INV-1 {fee}", (30, 350), (60, 350), waives=(fee,))
    world.app.agree_plan(agreed, approver="bob", approval="A-1", by="ann", key="agree")
    assert [(each.kind, each.approval) for each in world.facts(AuthorityUsed)] == [("plan", "A-1"), ("waiver", None)]
    assert status(world) == "used"


@pytest.mark.parametrize(("by", "wanted"), [("zoe", ("lead", "board")), ("dora", ("lead",))])
def test_who_may_not_grant_a_request_is_told_who_may(world, by, wanted):
    """Of a refund of 500.00 a lead approves, or two of the board; Dora, of the board, helps."""
    ask(world)
    if by == "dora":
        assert grant(world, by).outcome == "waiting"
        return
    with pytest.raises(NotAuthorized) as caught:
        grant(world, by)
    error = caught.value
    assert (error.kind, error.subject, error.by, error.approver) == ("refund", "P-1", "ann", "zoe")
    assert (error.amount, error.total, error.code, error.wanted) == (eur(500), eur(500), "no_authority", wanted)
