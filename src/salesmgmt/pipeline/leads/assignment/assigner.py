"""A compiled assignment policy: shares leads out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import require_aware
from salesmgmt.core.formula import Formula, Values, WhyNot
from salesmgmt.pipeline.leads.assignment._batch import Batch
from salesmgmt.pipeline.leads.assignment._plan import AssignmentPlan
from salesmgmt.pipeline.leads.assignment.load import Load
from salesmgmt.pipeline.leads.assignment.outcome import Distribution
from salesmgmt.pipeline.leads.assignment.policy import AssignmentPolicy
from salesmgmt.pipeline.leads.facts import lead_values
from salesmgmt.pipeline.leads.lead import Lead


class LeadGivenTwice(SalesError, ValueError):
    """A batch holds two states of one lead that do not say which is the later one.

    Attributes:
        lead: id of the lead.
    """

    code = "lead_given_twice"

    def __init__(self, lead: str) -> None:
        super().__init__(
            f"two different leads of one version have the id {lead}", hint="pass the state that is stored"
        )
        self.lead = lead


class NotAMember(SalesError, LookupError):
    """Somebody was asked about who is in no team of the policy.

    Attributes:
        person: who.
        team: the team, where one was named.
    """

    code = "not_a_member"

    def __init__(self, person: str, team: str) -> None:
        place = f"team {team}" if team else "the policy"
        super().__init__(
            f"{person} is not in {place}", hint="name a member, and the team where it has several"
        )
        self.person = person
        self.team = team


class Assigner:
    """A compiled `AssignmentPolicy`: immutable, thread-safe, and pickled as its policy.

    Made by `AssignmentPolicy.compile()`.

    Attributes:
        policy: the policy it was made from.
    """

    __slots__ = ("_plan", "policy")

    def __init__(self, policy: AssignmentPolicy) -> None:
        self.policy = policy
        self._plan = AssignmentPlan.of(policy.facts, policy.rules, policy.all_teams, policy.territories)

    def __reduce__(self) -> tuple[Any, ...]:
        return AssignmentPolicy.compile, (self.policy,)

    @property
    def plan(self) -> AssignmentPlan:
        """The conditions of the policy, numbered; for the report on fairness."""
        return self._plan

    def distribute(
        self,
        leads: Iterable[Lead],
        loads: Iterable[Load] = (),
        *,
        facts: Mapping[LeadId, Values] | None = None,
        at: datetime,
        forced: bool = False,
    ) -> Distribution:
        """Say who gets which lead, by the rules of the policy.

        Nothing is random: the same leads, in whatever order they come, and the same loads give the same answer. First
        each lead goes to a team; then each team gives the leads that somebody prefers to those who do, then the others.

        Args:
            leads: the leads; those with an owner, and those that are closed, are left alone. Of two states of one lead
                the later version counts.
            loads: what each member has been given so far; a member without one has been given nothing.
            facts: values of the declared facts by lead; what is absent counts as missing.
            at: when the leads are given out.
            forced: whether members get leads up to their capacity or daily quota, whatever they were given before.

        Raises:
            NotAnInstant, NaiveInstant: `at` is no instant with a time zone.
            LeadGivenTwice: two different leads have the same id and version.
            InvalidInput: a member of a team has two different loads, or was given fewer leads than none.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member
        >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
        >>> north = AssignmentPolicy(id="north", members=(Member(person="ada", takes="lead.country == 'DE'"),)).compile()
        >>> shared = north.distribute([Lead(id="l1", country="FR", created_at=now)], at=now)
        >>> [(left.lead, left.code.value, left.passed_over[0].wanted) for left in shared.left]
        [('l1', 'no_taker', "lead.country == 'DE'")]
        """
        require_aware(at, "at")
        batch = Batch(self._plan, loads, facts=facts or {}, at=at.astimezone(UTC), forced=forced)
        return batch.share(_latest(leads))

    def why_not(
        self, lead: Lead, person: PersonId, *, team: str = "", facts: Values | None = None
    ) -> WhyNot | None:
        """Return which part of a member's filter a lead does not meet, and what it has instead; `None` when it does.

        Args:
            lead: the lead.
            person: the member.
            team: the team; needed where the person is in several.
            facts: values of the declared facts.

        Raises:
            NotAMember: nobody of that name is in the team, or in any.
            EvaluationError: the filter has no answer for this lead.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member
        >>> north = AssignmentPolicy(id="north", members=(Member(person="ada", takes="lead.country == 'DE'"),)).compile()
        >>> lead = Lead(id="l1", country="FR", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> print(north.why_not(lead, "ada"))
        lead.country == 'DE': found 'FR'
        """
        for each in self.policy.all_teams:
            for member in each.members:
                if member.person == person and team in ("", each.id):
                    if not member.takes:
                        return None
                    condition = Formula.parse(member.takes, self._plan.schema)
                    return condition.why_not(lead_values(lead, facts))
        raise NotAMember(person, team)


def _latest(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    found: dict[str, Lead] = {}
    for lead in leads:
        known = found.get(lead.id)
        if known is None or known.version < lead.version:
            found[lead.id] = lead
        elif known.version == lead.version and known != lead:
            raise LeadGivenTwice(lead.id)
    return tuple(found.values())
