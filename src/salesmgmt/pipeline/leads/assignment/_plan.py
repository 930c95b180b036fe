"""What is worked out once for a policy: its conditions, numbered, and who needs which of them."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import attrs

from salesmgmt.core.clock import zone
from salesmgmt.core.formula import Formula, Schema, declare
from salesmgmt.pipeline.leads.assignment._filters import Conditions
from salesmgmt.pipeline.leads.assignment._routing import RoutePlan
from salesmgmt.pipeline.leads.assignment.member import Member, Team, Territory
from salesmgmt.pipeline.leads.assignment.rules import AssignmentRules
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA


@attrs.frozen(kw_only=True, eq=False)
class AssignmentPlan:
    """A policy, ready to be used.

    Attributes:
        rules: its rules.
        teams: its teams.
        schema: the names that its conditions may use.
        conditions: all of them, each once.
        routes: what routing needs.
        takes: of each team, by place: the bits that a lead needs to go to the member, and the filter in words.
        prefers: the same of the leads that a member prefers; of those who prefer any.
        clock: by which absences begin and end.
    """

    rules: AssignmentRules
    teams: tuple[Team, ...]
    schema: Schema
    conditions: Conditions
    routes: RoutePlan
    takes: tuple[Mapping[int, tuple[int, str]], ...]
    prefers: tuple[Mapping[int, tuple[int, str]], ...]
    clock: ZoneInfo

    @classmethod
    def of(
        cls,
        facts: Mapping[str, str],
        rules: AssignmentRules,
        teams: tuple[Team, ...],
        territories: tuple[Territory, ...],
    ) -> AssignmentPlan:
        """Number the conditions of a policy that is in order."""
        schema = declare(facts, LEAD_SCHEMA).schema
        texts = dict.fromkeys(
            [
                *(territory.when for territory in territories),
                *(team.takes for team in teams),
                *(
                    text
                    for team in teams
                    for member in team.members
                    for text in (member.takes, member.prefers)
                ),
            ]
        )
        bits = {text: 1 << number for number, text in enumerate(texts)}
        numbers = {team.id: number for number, team in enumerate(teams)}
        return cls(
            rules=rules,
            teams=teams,
            schema=schema,
            conditions=Conditions([Formula.parse(text, schema) if text else None for text in texts]),
            routes=RoutePlan(
                is_one_team=not teams[0].id,
                numbers=numbers,
                territories=tuple((bits[each.when], numbers[each.team]) for each in territories),
                filters=tuple(bits[team.takes] for team in teams),
            ),
            takes=tuple(
                {place: (bits[member.takes], member.takes) for place, member in enumerate(team.members)}
                for team in teams
            ),
            prefers=tuple(
                {
                    place: (bits[member.takes] | bits[member.prefers], _both(member))
                    for place, member in enumerate(team.members)
                    if member.prefers
                }
                for team in teams
            ),
            clock=zone(rules.time_zone),
        )


def _both(member: Member) -> str:
    return f"({member.takes}) and ({member.prefers})" if member.takes else member.prefers
