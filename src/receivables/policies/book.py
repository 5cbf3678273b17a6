"""The policy book: which settings apply to whom; an immutable argument of the service.

It maps (kind, id, version) to a policy and chooses one for a company, segment, customer or invoice: the most specific
choice wins. A version that somebody is pinned to and that is not in the book is a coded outcome, never a fallback.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Self, final

from attrs import frozen

from receivables.documents.customer import Customer
from receivables.errors import InvalidValue
from receivables.policies.applications import ApplicationPolicy
from receivables.policies.appropriation import AppropriationOrder
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.assignment import AssignmentPolicy
from receivables.policies.authority import AuthorityPolicy
from receivables.policies.behavior import CustomFeature
from receivables.policies.bureau import BureauPolicy
from receivables.policies.collection import CollectionPolicy
from receivables.policies.credit import CreditPolicy
from receivables.policies.dunning import DunningPolicy
from receivables.policies.early_warnings import WarningPolicy
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.provision import ProvisionPolicy
from receivables.policies.retention import RetentionPolicy
from receivables.policies.scoring import Scorecard
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.strategy import StrategyPolicy
from receivables.policies.tax_relief import TaxReliefRegime
from receivables.policies.worklist import WorklistPolicy
from receivables.values import checks

Policy = (
    DunningPolicy
    | CreditPolicy
    | LimitationPolicy
    | MatchingPolicy
    | ArrangementPolicy
    | SettlementPolicy
    | AppropriationOrder
    | CollectionPolicy
    | AuthorityPolicy
    | ApplicationPolicy
    | WriteOffPolicy
    | ProvisionPolicy
    | TaxReliefRegime
    | Scorecard
    | WarningPolicy
    | StrategyPolicy
    | WorklistPolicy
    | AssignmentPolicy
    | BureauPolicy
    | RetentionPolicy
)

NO_POLICY = "the policy book has none for it"
"""What an error says where no policy of a kind was chosen for a customer."""

KINDS: Mapping[str, type] = {
    "dunning": DunningPolicy,
    "credit": CreditPolicy,
    "limitation": LimitationPolicy,
    "matching": MatchingPolicy,
    "arrangement": ArrangementPolicy,
    "settlement": SettlementPolicy,
    "appropriation": AppropriationOrder,
    "collection": CollectionPolicy,
    "authority": AuthorityPolicy,
    "application": ApplicationPolicy,
    "write_off": WriteOffPolicy,
    "provision": ProvisionPolicy,
    "tax_relief": TaxReliefRegime,
    "scorecard": Scorecard,
    "warning": WarningPolicy,
    "strategy": StrategyPolicy,
    "worklist": WorklistPolicy,
    "assignment": AssignmentPolicy,
    "bureau": BureauPolicy,
    "retention": RetentionPolicy,
}


@final
@frozen(kw_only=True)
class Choice:
    """Use a policy for everything that matches: each part that is given must agree, a part left out matches all.

    >>> Choice(kind="dunning", policy="gentle", segment="public").segment
    'public'
    """

    kind: str
    policy: str
    version: int | None = None
    company: str | None = None
    segment: str | None = None
    customer: str | None = None
    invoice: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.one_of("choice.kind", self.kind, tuple(KINDS))
        checks.text("choice.policy", self.policy)
        if self.version is not None:
            checks.whole("choice.version", self.version, least=1)
        checks.optional_text("choice.customer", self.customer)
        checks.optional_text("choice.invoice", self.invoice)
        for name, part in (("company", self.company), ("segment", self.segment)):
            if part is not None:
                checks.text(f"choice.{name}", part, empty=True)

    def matches(self, customer: Customer, invoice: str | None) -> bool:
        """Whether every part that is given agrees."""
        return (
            self.company in (None, customer.company)
            and self.segment in (None, customer.segment)
            and self.customer in (None, customer.id)
            and self.invoice in (None, invoice)
        )

    @property
    def rank(self) -> tuple[bool, bool, bool, bool]:
        """How specific it is: an invoice beats a customer, a customer a segment, a segment a company."""
        given = (self.invoice, self.customer, self.segment, self.company)
        return (given[0] is not None, given[1] is not None, given[2] is not None, given[3] is not None)


@final
@frozen(kw_only=True)
class PolicyBook:
    """An immutable set of policies and of the choices between them.

    With one policy of a kind no choice is needed: its newest version applies. ``features`` are the host's own functions, by
    the names under which scorecards look at them.

    >>> from receivables.policies.dunning import DunningPolicy
    >>> from receivables.policies.dunning_steps import DunningStep
    >>> step = DunningStep(name="first", days_after_due=7)
    >>> book = PolicyBook.of(DunningPolicy(id="standard", version=1, steps=(step,)))
    >>> book.dunning_for(Customer(id="ACME")).id
    'standard'
    """

    policies: tuple[Policy, ...] = ()
    choices: tuple[Choice, ...] = ()
    features: tuple[CustomFeature, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.instance("book.policies", self.policies, tuple, "a tuple of policies")
        for at, policy in enumerate(self.policies):
            checks.instance(f"book.policies[{at}]", policy, tuple(KINDS.values()), "a policy")
        checks.sequence("book.choices", self.choices, Choice, "choices")
        if len(self._by_version) != len(self.policies):
            names = [f"{policy.id}/{policy.version}" for policy in self.policies]
            raise InvalidValue("book.policies", names, "must not hold a version twice")
        who = [(c.kind, c.company, c.segment, c.customer, c.invoice) for c in self.choices]
        if len(set(who)) != len(who):
            raise InvalidValue("book.choices", [str(each) for each in who], "must not choose twice for the same")
        self._check_features()
        for choice in self.choices:
            if self._chosen(choice) is None:
                raise InvalidValue(
                    "book.choices", f"{choice.policy}/{choice.version}", "must name a policy of the book"
                )

    @classmethod
    def of(cls, *policies: Policy, choices: tuple[Choice, ...] = (), features: tuple[CustomFeature, ...] = ()) -> Self:
        """A book of these policies.

        >>> PolicyBook.of().policies
        ()
        """
        return cls(policies=policies, choices=choices, features=features)

    def _check_features(self) -> None:
        """That no name is given twice, and that every scorecard finds what it looks at."""
        checks.sequence("book.features", self.features, CustomFeature, "features")
        names = [each.name for each in self.features]
        if len(set(names)) != len(names):
            raise InvalidValue("book.features", names, "must not name a function twice")
        for policy in self.policies:
            if isinstance(policy, Scorecard) and (unknown := policy.unknown(self.features)):
                raise InvalidValue("book.features", list(unknown), f"must be given for scorecard {policy.id!r}")

    @cached_property
    def _by_version(self) -> Mapping[tuple[type, str, int], Policy]:
        return {(type(policy), policy.id, policy.version): policy for policy in self.policies}

    @cached_property
    def _newest(self) -> Mapping[tuple[type, str], Policy]:
        """The newest version of each policy id."""
        return {(type(policy), policy.id): policy for policy in sorted(self.policies, key=lambda each: each.version)}

    @cached_property
    def by_invoice(self) -> frozenset[str]:
        """The invoices that have a dunning choice of their own."""
        return frozenset(c.invoice for c in self.choices if c.kind == "dunning" and c.invoice is not None)

    def dunning(self, id: str, version: int) -> DunningPolicy | None:
        """This version of a dunning policy, or ``None``: there is no fallback."""
        found = self._by_version.get((DunningPolicy, id, version))
        return found if isinstance(found, DunningPolicy) else None

    def dunning_for(self, customer: Customer, invoice: str | None = None) -> DunningPolicy | None:
        """The dunning policy for a customer, or for one invoice of it; ``None`` where nothing is chosen."""
        found = self._choose("dunning", customer, invoice)
        return found if isinstance(found, DunningPolicy) else None

    def credit_for(self, customer: Customer) -> CreditPolicy | None:
        """The credit policy for a customer; ``None`` where nothing is chosen."""
        found = self._choose("credit", customer, None)
        return found if isinstance(found, CreditPolicy) else None

    def limitation_for(self, customer: Customer) -> LimitationPolicy | None:
        """The limitation policy for a customer; ``None`` where nothing is chosen: then no claim is watched or barred."""
        found = self._choose("limitation", customer, None)
        return found if isinstance(found, LimitationPolicy) else None

    def matching_for(self, customer: Customer) -> MatchingPolicy | None:
        """The matching policy for a customer, or by its company alone; ``None`` where nothing is chosen."""
        found = self._choose("matching", customer, None)
        return found if isinstance(found, MatchingPolicy) else None

    def arrangement_for(self, customer: Customer) -> ArrangementPolicy | None:
        """What a customer may arrange alone; ``None`` where nothing is chosen: then a person answers every request."""
        found = self._choose("arrangement", customer, None)
        return found if isinstance(found, ArrangementPolicy) else None

    def settlement_for(self, customer: Customer) -> SettlementPolicy | None:
        """How differences of a customer's payments are explained; ``None`` where nothing is chosen."""
        found = self._choose("settlement", customer, None)
        return found if isinstance(found, SettlementPolicy) else None

    def appropriation_for(self, customer: Customer) -> AppropriationOrder | None:
        """The order in which a customer's payments are placed; ``None`` where nothing is chosen."""
        found = self._choose("appropriation", customer, None)
        return found if isinstance(found, AppropriationOrder) else None

    def collection_for(self, customer: Customer) -> CollectionPolicy | None:
        """How to collect from a customer what is due; ``None`` where nothing is chosen."""
        found = self._choose("collection", customer, None)
        return found if isinstance(found, CollectionPolicy) else None

    def authority_for(self, customer: Customer) -> AuthorityPolicy | None:
        """Who may do what for a customer; ``None`` where nothing is chosen: then any two persons do."""
        found = self._choose("authority", customer, None)
        return found if isinstance(found, AuthorityPolicy) else None

    def write_off_for(self, customer: Customer) -> WriteOffPolicy | None:
        """What is proposed to be written off for a customer, and where its losses go; ``None`` where nothing is chosen."""
        found = self._choose("write_off", customer, None)
        return found if isinstance(found, WriteOffPolicy) else None

    def provision_for(self, customer: Customer) -> ProvisionPolicy | None:
        """The provision matrix for a customer, or for a company; ``None`` where nothing is chosen."""
        found = self._choose("provision", customer, None)
        return found if isinstance(found, ProvisionPolicy) else None

    def tax_relief_for(self, customer: Customer) -> TaxReliefRegime | None:
        """The rules of tax relief on bad debts for a customer; ``None`` where nothing is chosen: then there is none."""
        found = self._choose("tax_relief", customer, None)
        return found if isinstance(found, TaxReliefRegime) else None

    def scorecard_for(self, customer: Customer) -> Scorecard | None:
        """The scorecard for a customer; ``None`` where nothing is chosen: then it is not scored."""
        found = self._choose("scorecard", customer, None)
        return found if isinstance(found, Scorecard) else None

    def warnings_for(self, customer: Customer) -> WarningPolicy | None:
        """The thresholds of early warnings for a customer; ``None`` where nothing is chosen: then nobody is warned."""
        found = self._choose("warning", customer, None)
        return found if isinstance(found, WarningPolicy) else None

    def application_for(self, customer: Customer) -> ApplicationPolicy | None:
        """What an application for credit takes and gets; ``None`` where nothing is chosen: then a person decides."""
        found = self._choose("application", customer, None)
        return found if isinstance(found, ApplicationPolicy) else None

    def assignment_for(self, customer: Customer) -> AssignmentPolicy | None:
        """The rules by which a customer has a collector; ``None`` where nothing is chosen: then only what was recorded counts."""
        found = self._choose("assignment", customer, None)
        return found if isinstance(found, AssignmentPolicy) else None

    def retention_for(self, customer: Customer) -> RetentionPolicy | None:
        """How long documents of a customer are kept; ``None`` where nothing is chosen: then nothing is erased."""
        found = self._choose("retention", customer, None)
        return found if isinstance(found, RetentionPolicy) else None

    def bureau_for(self, customer: Customer) -> BureauPolicy | None:
        """What a bureau is told of a customer; ``None`` where nothing is chosen: then nothing is."""
        found = self._choose("bureau", customer, None)
        return found if isinstance(found, BureauPolicy) else None

    def strategy_for(self, customer: Customer) -> StrategyPolicy | None:
        """Which customers are treated how; ``None`` where nothing is chosen: then all are treated alike."""
        found = self._choose("strategy", customer, None)
        return found if isinstance(found, StrategyPolicy) else None

    def worklist_for(self, customer: Customer) -> WorklistPolicy | None:
        """What makes an account need a person; ``None`` where nothing is chosen: then the defaults do."""
        found = self._choose("worklist", customer, None)
        return found if isinstance(found, WorklistPolicy) else None

    @cached_property
    def _types(self) -> frozenset[type]:
        """The kinds that it has a policy of: most books leave most kinds out, and are asked on every command."""
        return frozenset(map(type, self.policies))

    def _choose(self, kind: str, customer: Customer, invoice: str | None) -> Policy | None:
        if KINDS[kind] not in self._types:
            return None
        found = [choice for choice in self.choices if choice.kind == kind and choice.matches(customer, invoice)]
        if found:
            return self._chosen(max(found, key=lambda choice: choice.rank))
        newest = [policy for (type_, _), policy in self._newest.items() if type_ is KINDS[kind]]
        return newest[0] if len(newest) == 1 else None

    def _chosen(self, choice: Choice) -> Policy | None:
        if choice.version is None:
            return self._newest.get((KINDS[choice.kind], choice.policy))
        return self._by_version.get((KINDS[choice.kind], choice.policy, choice.version))
