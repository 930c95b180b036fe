"""Who takes which leads, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from salesmgmt.core.definition import load_definition
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.formula import FactType
from salesmgmt.pipeline.leads.assignment.lint import findings
from salesmgmt.pipeline.leads.assignment.member import Member, Team, Territory
from salesmgmt.pipeline.leads.assignment.rules import AssignmentRules

if TYPE_CHECKING:
    from salesmgmt.pipeline.leads.assignment.assigner import Assigner


@attrs.frozen(kw_only=True)
class AssignmentPolicy:
    """Who takes which leads, as data: load it, then compile it once.

    Attributes:
        id: name of the policy.
        version: raised by its author with each change.
        facts: type of each further name that conditions use; custom fields are `lead.fields.<name>`.
        rules: how leads are shared out.
        members: the members, where there is one team without a name.
        teams: the teams, where there are several.
        territories: which leads belong to which team, the first whose condition holds; without any, a lead goes to
            one of the teams whose filter holds, so that in the end each has a share in proportion to the capacities
            of its members (where somebody has no limit: to their number).

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> policy = AssignmentPolicy(id="north", members=(Member(person="ada", capacity=1), Member(person="bo")))
    >>> leads = [Lead(id=id_, name="Ana", created_at=now) for id_ in ("l1", "l2", "l3")]
    >>> shared = policy.compile().distribute(leads, at=now)
    >>> [(given.lead, given.owner, given.reason.value) for given in shared.assignments]
    [('l1', 'ada', 'never_assigned'), ('l2', 'bo', 'never_assigned'), ('l3', 'bo', 'longest_idle')]
    """

    id: str
    version: int = 1
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    rules: AssignmentRules = attrs.field(factory=AssignmentRules)
    members: tuple[Member, ...] = ()
    teams: tuple[Team, ...] = ()
    territories: tuple[Territory, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> AssignmentPolicy:
        """Read a policy from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the policy cannot work; all findings are listed.
        """
        policy = load_definition(path, cls)
        refuse_errors(f"assignment policy {policy.id}", policy.lint())
        return policy

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint has to say about this policy."""
        return tuple(self.lint())

    @property
    def all_teams(self) -> tuple[Team, ...]:
        """The teams; the members of a policy of one team are the team whose id is empty."""
        return self.teams or (Team(id="", members=self.members),)

    def compile(self) -> Assigner:
        """Return the assigner of this policy; raises `InvalidDefinition` when it cannot work."""
        from salesmgmt.pipeline.leads.assignment.assigner import Assigner  # noqa: PLC0415 - it needs this class

        refuse_errors(f"assignment policy {self.id}", self.lint())
        return Assigner(self)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong or doubtful in this policy."""
        yield from findings(
            facts=self.facts,
            rules=self.rules,
            members=self.members,
            teams=self.teams,
            territories=self.territories,
        )
