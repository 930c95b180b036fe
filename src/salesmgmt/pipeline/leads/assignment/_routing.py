"""Which team a lead goes to: its own, that of its territory, or one of those whose filter holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from salesmgmt.pipeline.leads.assignment._filters import Answer
from salesmgmt.pipeline.leads.assignment.outcome import LeftReason
from salesmgmt.pipeline.leads.lead import Lead


@attrs.frozen
class Route:
    """Where a lead goes.

    Attributes:
        team: number of the team.
        others: the teams that it may go to when that one has no room.
    """

    team: int
    others: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class RoutePlan:
    """What routing needs to know of a policy.

    Attributes:
        is_one_team: whether the policy is one team without a name, which takes every lead.
        numbers: the number of each team, by id.
        territories: of each territory in order: the bit of its condition, and the number of its team.
        filters: of each team in order: the bit of its filter.
    """

    is_one_team: bool
    numbers: Mapping[str, int]
    territories: tuple[tuple[int, int], ...]
    filters: tuple[int, ...]


class Router:
    """Sends the leads of one batch to teams, in proportion to their weights where several want a lead.

    Args:
        plan: what stands in the policy.
        weights: of each team; one of weight 0 gets no lead by its filter.
        counts: leads that each team has been given already.
    """

    __slots__ = ("_counts", "_plan", "_wanting", "_weights")

    def __init__(self, plan: RoutePlan, weights: Sequence[int], counts: Sequence[int]) -> None:
        self._plan = plan
        self._weights = tuple(weights)
        self._counts = list(counts)
        self._wanting: dict[int, tuple[int, ...]] = {}

    def route(self, lead: Lead, answer: Answer) -> Route | LeftReason:
        """Return where a lead goes, or why nowhere."""
        plan = self._plan
        if plan.is_one_team:
            return Route(0)
        if lead.team:
            number = plan.numbers.get(lead.team)
            return LeftReason.UNKNOWN_TEAM if number is None else self._sent(number, ())
        if plan.territories:
            return self._by_territory(answer)
        wanting = self._wanting.get(answer.holds)
        if wanting is None:
            wanting = tuple(
                number
                for number, bit in enumerate(plan.filters)
                if answer.holds & bit and self._weights[number]
            )
            self._wanting[answer.holds] = wanting
        if not wanting:
            return LeftReason.NO_TEAM
        return self._sent(min(wanting, key=self._behind), wanting)

    def _by_territory(self, answer: Answer) -> Route | LeftReason:
        for bit, number in self._plan.territories:
            if answer.undecided & bit:
                return LeftReason.UNDECIDED
            if answer.holds & bit:
                return self._sent(number, ())
        return LeftReason.NO_TERRITORY

    def _sent(self, number: int, others: tuple[int, ...]) -> Route:
        self._counts[number] += 1
        return Route(number, others)

    def _behind(self, number: int) -> tuple[float, int]:
        """The divisor method of Webster (1832): the quotient of two whole numbers, rounded once, is no matter of luck."""
        return (2 * self._counts[number] + 1) / self._weights[number], number
