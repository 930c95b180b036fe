"""Whether leads were shared out fairly: by number, by worth, and by how long people waited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import attrs

from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.events import Event, require_aware
from salesmgmt.core.exact import CONTEXT, Number, exact
from salesmgmt.core.formula import Values
from salesmgmt.core.measured import Measured
from salesmgmt.engines.statistics import chi_square_p
from salesmgmt.pipeline.leads.assignment._plan import AssignmentPlan
from salesmgmt.pipeline.leads.assignment.assigner import Assigner
from salesmgmt.pipeline.leads.assignment.member import Member
from salesmgmt.pipeline.leads.events import LeadAssigned
from salesmgmt.pipeline.leads.lead import Lead

_FEWEST_EXPECTED = 5
"""Below it the chi-square distribution says little (Cochran 1954)."""
_Key: TypeAlias = tuple[int, int]


@attrs.frozen(kw_only=True)
class MemberShare:
    """What one member was given, and what would have been a fair share.

    Attributes:
        person: who.
        team: in which team.
        capacity: leads that the member takes in a period; `None` for no limit.
        leads: leads given.
        expected: a fair share: of each lead that the member could take by its filter, the part of the member's
            capacity in that of all who could (equal parts where somebody in the team has no limit).
        worth: what the given leads are worth together.
        expected_worth: the same of the fair share.
        longest_idle: the longest time without a new lead.

    >>> from datetime import timedelta
    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import MemberShare
    >>> share = MemberShare(person="ada", team="", capacity=30, leads=6, expected=Decimal(4), worth=Decimal(30),
    ...     expected_worth=Decimal(40), longest_idle=timedelta(hours=5))
    >>> share.ratio, share.worth_ratio
    (Decimal('1.5'), Decimal('0.75'))
    """

    person: PersonId
    team: str
    capacity: int | None
    leads: int
    expected: Decimal
    worth: Decimal
    expected_worth: Decimal
    longest_idle: timedelta

    @property
    def ratio(self) -> Decimal | None:
        """Leads given in relation to the fair share; `None` when there was nothing that the member could take."""
        return _ratio(Decimal(self.leads), self.expected)

    @property
    def worth_ratio(self) -> Decimal | None:
        """Worth of the given leads in relation to that of the fair share; far below `ratio` for one who gets the bad ones."""
        return _ratio(self.worth, self.expected_worth)


@attrs.frozen(kw_only=True)
class FairnessReport:
    """How fairly leads were shared out.

    Attributes:
        members: what each member was given, in the order of the policy.
        leads: leads that were given to them.
        others: leads that were given to somebody who is in no team of the policy.
        jain: index of fairness of the leads in relation to fair shares (Jain, Chiu & Hawe 1984): 1 when all are equal,
            1/n when one member of n has everything.
        jain_worth: the same by worth.
        gini: coefficient of inequality of the same ratios (Gini 1912): 0 when all are equal.
        p_value: how often chance alone, giving each lead to those who could take it by their shares, would make numbers
            that are at least as unequal (Pearson 1900); none when fewer than 5 leads are expected for somebody.
    """

    members: tuple[MemberShare, ...]
    leads: int
    others: int
    jain: Measured[Decimal]
    jain_worth: Measured[Decimal]
    gini: Measured[Decimal]
    p_value: Measured[float]


def fairness(
    assigner: Assigner,
    leads: Iterable[Lead],
    events: Iterable[Event],
    *,
    since: datetime,
    until: datetime,
    facts: Mapping[LeadId, Values] | None = None,
    worth: Mapping[LeadId, Number] | None = None,
) -> FairnessReport:
    """Report how fairly leads were shared out in a time.

    Args:
        assigner: the policy by which they were.
        leads: the leads that were; one that is not here counts as one that everybody could take, worth nothing.
        events: the events of that time; only `LeadAssigned` counts.
        since: where the time begins.
        until: where it ends, not included.
        facts: values of the declared facts by lead.
        worth: what each lead is worth, in any unit; by default the points of its score.

    Raises:
        NotAnInstant, NaiveInstant: a limit of the time is no instant with a time zone.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member, assign_all, fairness
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> north = AssignmentPolicy(id="north", members=(Member(person="ada"), Member(person="bo"))).compile()
    >>> leads = [Lead(id=f"l{n}", created_at=now) for n in range(3)]
    >>> leads, events = assign_all(leads, north.distribute(leads, at=now), at=now, by=Actor("crm"))
    >>> report = fairness(north, leads, events, since=now, until=now + timedelta(days=1))
    >>> [(share.person, share.leads, share.expected) for share in report.members], report.jain.value
    ([('ada', 2, Decimal('1.5')), ('bo', 1, Decimal('1.5'))], Decimal('0.9'))
    """
    require_aware(since, "since")
    require_aware(until, "until")
    known = {lead.key: lead for lead in leads}
    told = [event for event in events if isinstance(event, LeadAssigned) and since <= event.at < until]
    tally = _Tally(assigner.plan)
    asker = assigner.plan.conditions.asker()
    for event in told:
        lead = known.get(event.lead)
        holds = None if lead is None else asker.ask(lead, (facts or {}).get(event.lead)).holds
        tally.count(event, holds, _worth(event.lead, lead, worth))
    fair_leads, fair_worth = tally.fair_shares()
    members = tuple(tally.shares(fair_leads, fair_worth, since, until))
    numbers = [(Fraction(tally.leads(key)), fair) for key, fair in fair_leads.items() if fair]
    ratios = [found / fair for found, fair in numbers]
    worths = [Fraction(tally.worth(key)) / fair for key, fair in fair_worth.items() if fair]
    counted = sum(share.leads for share in members)
    return FairnessReport(
        members=members,
        leads=counted,
        others=len(told) - counted,
        jain=_jain(ratios, counted),
        jain_worth=_jain(worths, counted),
        gini=_gini(ratios, counted),
        p_value=_p_value(numbers, len(numbers) - tally.pools(), counted),
    )


class _Tally:
    """Counts what each member was given, and what each could have been given."""

    def __init__(self, plan: AssignmentPlan) -> None:
        self._plan = plan
        self._seats: dict[tuple[str, PersonId], _Key] = {
            (team.id, member.person): (number, place)
            for number, team in enumerate(plan.teams)
            for place, member in enumerate(team.members)
        }
        self._given: dict[_Key, list[datetime]] = {key: [] for key in self._seats.values()}
        self._worth: dict[_Key, list[Decimal]] = {key: [] for key in self._seats.values()}
        # Leads of one team with equal answers are spread together: their number, and what they are worth.
        self._alike: dict[tuple[int, int | None], list[Decimal]] = {}

    def count(self, event: LeadAssigned, holds: int | None, worth: Decimal) -> None:
        key = self._seats.get((event.team or "", event.owner))
        if key is None:
            return
        self._given[key].append(event.at)
        self._worth[key].append(worth)
        self._alike.setdefault((key[0], holds), []).append(worth)

    def takers(self, team: int, holds: int | None) -> list[tuple[_Key, int]]:
        """Return who could take such leads, with weights."""
        members = self._plan.teams[team].members
        needs = self._plan.takes[team]
        able = [
            (place, member)
            for place, member in enumerate(members)
            if _takes_leads(member) and (holds is None or holds & needs[place][0] == needs[place][0])
        ]
        is_open = any(member.capacity is None for _, member in able)
        return [((team, place), 1 if is_open else member.capacity or 0) for place, member in able]

    def leads(self, key: _Key) -> int:
        return len(self._given[key])

    def worth(self, key: _Key) -> Decimal:
        return sum(self._worth[key], Decimal(0))

    def fair_shares(self) -> tuple[dict[_Key, Fraction], dict[_Key, Fraction]]:
        """Return how many leads each could have expected, and their worth."""
        leads: dict[_Key, Fraction] = dict.fromkeys(self._given, Fraction(0))
        worth = dict(leads)
        for (team, holds), worths in self._alike.items():
            takers = self.takers(team, holds)
            total = sum(weight for _, weight in takers)
            together = sum(map(Fraction, worths), Fraction(0))
            for key, weight in takers:
                leads[key] += Fraction(len(worths) * weight, total)
                worth[key] += together * Fraction(weight, total)
        return leads, worth

    def shares(
        self, leads: Mapping[_Key, Fraction], worth: Mapping[_Key, Fraction], since: datetime, until: datetime
    ) -> Iterable[MemberShare]:
        for (team_id, person), key in self._seats.items():
            moments = [since, *sorted(self._given[key]), until]
            yield MemberShare(
                person=person,
                team=team_id,
                capacity=self._plan.teams[key[0]].members[key[1]].capacity,
                leads=self.leads(key),
                expected=_decimal(leads[key]),
                worth=self.worth(key),
                expected_worth=_decimal(worth[key]),
                longest_idle=max(later - earlier for earlier, later in pairwise(moments)),
            )

    def pools(self) -> int:
        """Return how many groups of members there are between which no lead could have been given otherwise."""
        pools: list[set[_Key]] = []
        for team, holds in self._alike:
            able = {key for key, _ in self.takers(team, holds)}
            if able:
                pools = [pool for pool in pools if pool.isdisjoint(able)] + [
                    able.union(*(pool for pool in pools if not pool.isdisjoint(able)))
                ]
        return len(pools)


def _takes_leads(member: Member) -> bool:
    return member.available and not member.opted_out and member.capacity != 0


def _worth(lead_id: LeadId, lead: Lead | None, worth: Mapping[LeadId, Number] | None) -> Decimal:
    if worth is not None:
        return exact(worth.get(lead_id, 0), "the worth of a lead")
    return Decimal(0 if lead is None or lead.score is None else lead.score.points)


def _decimal(value: Fraction) -> Decimal:
    return CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _ratio(value: Decimal, expected: Decimal) -> Decimal | None:
    return CONTEXT.divide(value, expected) if expected else None


def _jain(ratios: Sequence[Fraction], leads: int) -> Measured[Decimal]:
    """(sum x)^2 / (n sum x^2)."""
    squares = sum(each * each for each in ratios)
    if not squares:
        return Measured(None, flag="nothing_given", n=leads)
    if any(each < 0 for each in ratios):
        return Measured(None, flag="negative_worth", n=leads)
    return Measured(_decimal(sum(ratios, Fraction(0)) ** 2 / (len(ratios) * squares)), n=leads)


def _gini(ratios: Sequence[Fraction], leads: int) -> Measured[Decimal]:
    """Sum over the sorted ratios of (2i - n - 1) x_i / (n sum x), i from 1."""
    total = sum(ratios, Fraction(0))
    if not total:
        return Measured(None, flag="nothing_given", n=leads)
    n = len(ratios)
    spread = sum(((2 * i - n - 1) * each for i, each in enumerate(sorted(ratios), start=1)), Fraction(0))
    return Measured(_decimal(spread / (n * total)), n=leads)


def _p_value(numbers: Sequence[tuple[Fraction, Fraction]], df: int, leads: int) -> Measured[float]:
    if df < 1:
        return Measured(None, flag="no_choice", n=leads)
    if any(expected < _FEWEST_EXPECTED for _, expected in numbers):
        return Measured(None, flag="too_few_leads", n=leads)
    statistic = sum((found - expected) ** 2 / expected for found, expected in numbers)
    return Measured(chi_square_p(float(statistic), df), n=leads)
