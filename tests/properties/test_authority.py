"""Authority under any matrix and any sequence of deeds: splitting gains nothing, and a request lives by its table."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.plans.test_authority import governed_by
from tests.service.world import EUR, TODAY, World, eur

from receivables.documents.authority import ApprovalRequest, DeedDone
from receivables.errors import ReceivablesError
from receivables.facts.authority import AuthorityUsed
from receivables.facts.cash import RefundMade
from receivables.policies.authority import Approver, AuthorityPolicy, AuthorityRule, Role
from receivables.state.authority import LIFE
from receivables.testing.authority_documents import PEOPLE, authority_policies
from receivables.values.money import Money

MOST = 1000

deeds = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.integers(1, MOST),
        st.integers(0, 12),
        st.lists(st.sampled_from(PEOPLE), max_size=2),
    ),
    max_size=12,
)
"""Who, how much, how many days after the one before, who approves."""


def lived(matrix, wanted):
    """The deeds that a matrix let through, each with what it allowed, in order."""
    done, found, on = [], [], TODAY
    for by, minor, later, approvers in wanted:
        on += dt.timedelta(days=later)
        named = [Approver(person, on) for person in approvers]
        amount = Money(minor, EUR)
        allowed = matrix.allows("refund", amount, by=by, on=on, done=done, approvers=named)
        if allowed is not None:
            done.append(DeedDone(kind="refund", by=by, amount=amount, on=on))
            found.append((done[-1], allowed))
    return found


def members(matrix, role):
    return next(set(each.persons) for each in matrix.roles if each.name == role)


@given(matrix=authority_policies("refund", EUR, MOST), wanted=deeds)
def test_no_sequence_within_a_window_exceeds_what_its_rule_allows(matrix, wanted):
    """Counted anew, in the plainest way: all that the person did on the days of the window."""
    found = lived(matrix, wanted)
    for at, (last, allowed) in enumerate(found):
        bound, window = allowed.rule.up_to, allowed.rule.window_days
        mine = [each for each, _ in found[: at + 1] if each.by == last.by and (last.on - each.on).days <= window]
        assert allowed.total.minor == sum(each.amount.minor for each in mine)
        assert bound is None or allowed.total <= bound


@given(matrix=authority_policies("refund", EUR, MOST), wanted=deeds)
def test_who_does_it_alone_has_the_role_and_who_approves_is_another_with_it(matrix, wanted):
    for deed, allowed in lived(matrix, wanted):
        having = members(matrix, allowed.rule.role)
        if allowed.approvers:
            assert deed.by not in allowed.approvers
            assert set(allowed.approvers) <= having
            assert len(set(allowed.approvers)) >= max(1, allowed.rule.approvals)
        else:
            assert deed.by in having
            assert allowed.rule.approvals == 0


@given(
    matrix=authority_policies("refund", EUR, MOST),
    amount=st.integers(0, MOST),
    parts=st.integers(1, 5),
    by=st.sampled_from(PEOPLE),
)
def test_what_may_not_be_done_whole_may_not_be_done_in_parts_of_one_day(matrix, amount, parts, by):
    whole = matrix.allows("refund", Money(amount, EUR), by=by, on=TODAY)
    done = []
    for part in Money(amount, EUR).split([1] * parts):
        if matrix.allows("refund", part, by=by, on=TODAY, done=done) is None:
            break
        done.append(DeedDone(kind="refund", by=by, amount=part, on=TODAY))
    assert (len(done) == parts) == (whole is not None)


@given(
    matrix=authority_policies("refund", EUR, MOST),
    amount=st.integers(0, MOST),
    less=st.integers(0, MOST),
    by=st.sampled_from(PEOPLE),
    others=st.lists(st.sampled_from(PEOPLE), max_size=3),
)
def test_less_and_more_approvers_are_never_answered_worse(matrix, amount, less, by, others):
    named = [Approver(person, TODAY) for person in others]
    for at in range(len(named)):
        if matrix.allows("refund", Money(amount, EUR), by=by, on=TODAY, approvers=named[:at]) is not None:
            smaller = Money(min(amount, less), EUR)
            assert matrix.allows("refund", smaller, by=by, on=TODAY, approvers=named) is not None


# Requests, through the service ----------------------------------------------------------------------------------------

MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(Role(name="clerk", persons=("ann", "bob")), Role(name="board", persons=("bob", "carl", "dora"))),
    rules=(
        AuthorityRule(kind="refund", role="clerk", up_to=eur(5), window_days=7),
        AuthorityRule(kind="refund", role="clerk", up_to=eur(10), window_days=7, approvals=1),
        AuthorityRule(kind="refund", role="board", up_to=eur(50), window_days=7, approvals=2),
    ),
    lapse_days=5,
    warn_days=1,
)
IDS = ("A-1", "A-2", "A-3")


class Requests(RuleBasedStateMachine):
    """Any order of requests, answers, deeds and days: statuses move by the table, and each approval is used at most once."""

    @initialize()
    def begin(self):
        self.world = World(policies=governed_by(MATRIX))
        self.world.open("ACME")
        self.world.pay("P-1", 10_000)
        self.seen, self.count = {}, 0

    def try_(self, method, *arguments, **more):
        self.count += 1
        before = len(self.world.store.facts("ACME"))
        try:
            getattr(self.world.app, method)(*arguments, key=f"k{self.count}", **more)
        except ReceivablesError:
            assert len(self.world.store.facts("ACME")) == before

    @rule(id=st.sampled_from(IDS), amount=st.integers(1, 60), by=st.sampled_from(PEOPLE))
    def ask(self, id, amount, by):
        asked = ApprovalRequest(id=id, account="ACME", kind="refund", subject="P-1", amount=eur(amount))
        self.try_("request_approval", asked, by=by)

    @rule(id=st.sampled_from(IDS), by=st.sampled_from(PEOPLE))
    def grant(self, id, by):
        self.try_("grant_approval", "ACME", id, by=by)

    @rule(id=st.sampled_from(IDS), by=st.sampled_from(PEOPLE))
    def refuse(self, id, by):
        self.try_("refuse_approval", "ACME", id, reason="no", by=by)

    @rule(id=st.sampled_from(IDS), by=st.sampled_from(PEOPLE))
    def withdraw(self, id, by):
        self.try_("withdraw_approval", "ACME", id, reason="no", by=by)

    @rule(
        amount=st.integers(1, 60),
        by=st.sampled_from(PEOPLE),
        approval=st.none() | st.sampled_from(IDS),
        approver=st.none() | st.sampled_from(PEOPLE),
    )
    def do(self, amount, by, approval, approver):
        more = {"approval": approval, "approver": approver}
        self.try_("refund", "ACME", "P-1", eur(amount), on=self.world.today, by=by, **more)

    @rule(days=st.integers(1, 4))
    def wait(self, days):
        self.world.at(self.world.today + dt.timedelta(days=days)).run()

    @invariant()
    def statuses_move_by_the_table(self):
        for state in self.world.app.view("ACME", self.world.today).approvals:
            id, before = state.approval.id, self.seen.get(state.approval.id, "waiting")
            assert state.status in {before} | reachable(before)
            self.seen[id] = state.status

    @invariant()
    def each_deed_has_its_authority_and_each_approval_is_used_once(self):
        used = self.world.facts(AuthorityUsed)
        assert [each.amount for each in used] == [each.amount for each in self.world.facts(RefundMade)]
        approvals = [each.approval for each in used if each.approval is not None]
        assert len(set(approvals)) == len(approvals)
        assert all(each.by not in each.approvers for each in used)

    @invariant()
    def nobody_exceeds_alone_what_one_may_alone(self):
        alone = [each for each in self.world.facts(AuthorityUsed) if not each.approvers]
        for last in alone:
            mine = [
                each.amount.minor
                for each in alone
                if each.by == last.by and 0 <= (last.effective_on - each.effective_on).days <= 7
            ]
            assert last.by in {"ann", "bob"}
            assert sum(mine) <= 5_00


def reachable(status):
    found, waiting = set(), [status]
    while waiting:
        for each in LIFE[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found


Requests.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRequests = Requests.TestCase
