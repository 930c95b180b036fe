"""The category roll-up: what a team forecasts, along its hierarchy, as it is and as people judge it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from salesmgmt.core.entity import DealId, PersonId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.hierarchy import Hierarchy
from salesmgmt.pipeline.deals import Deal, StageKind
from salesmgmt.pipeline.forecast.adjustment import Adjustment
from salesmgmt.pipeline.forecast.category_amounts import (
    CUMULATIVE_LINES,
    SINGLE_LINES,
    CategoryAmounts,
    ForecastLine,
)

_FIRM = frozenset({ForecastLine.CLOSED, ForecastLine.CLOSED_ONLY})


@attrs.frozen(kw_only=True)
class AdjustedLine:
    """A line of somebody's forecast, as it is and as it is judged.

    Attributes:
        raw: what the deals say, of the whole team; nobody's judgement is in it.
        from_below: the own deals, and the judged lines of those directly below.
        amount: what counts for those above: a judgement on this line if there is one, else `from_below`.
        own: the person's own latest judgement; `None` without one.
        manager: the latest judgement of who stands above, which goes before the own one; `None` without one.
    """

    raw: Money
    from_below: Money
    amount: Money
    own: Adjustment | None = None
    manager: Adjustment | None = None


@attrs.frozen(kw_only=True)
class PersonForecast:
    """The forecast of one person and of all below.

    Attributes:
        person: who.
        own: the amounts of the person's own deals.
        team: those amounts and those of all below: the raw roll-up.
        lines: each line with the judgements on it.
        deals: how many deals are in `own`.
    """

    person: PersonId
    own: CategoryAmounts
    team: CategoryAmounts
    lines: Mapping[ForecastLine, AdjustedLine]
    deals: int


@attrs.frozen(kw_only=True)
class RollUp:
    """A category roll-up.

    Attributes:
        period: what it is about.
        as_of: which judgements count: those made until then.
        people: the forecast of everybody in the hierarchy, and of owners outside of it.
        unowned: amounts of deals without an owner; they are in nobody's forecast.
        undated: ids of open deals without an expected day: they are in no period.
        without_amount: ids of deals of the period without an amount: they count as nothing.
        disregarded: judgements on others than oneself and those directly below, as the hierarchy stands: of a manager who
            has moved on, say; and those on people who are not in it.
    """

    period: Period
    as_of: datetime
    people: Mapping[PersonId, PersonForecast]
    unowned: CategoryAmounts
    undated: tuple[DealId, ...]
    without_amount: tuple[DealId, ...]
    disregarded: tuple[Adjustment, ...] = ()


def roll_up(
    deals: Iterable[Deal],
    hierarchy: Hierarchy,
    *,
    period: Period,
    currency: str,
    as_of: datetime,
    adjustments: Iterable[Adjustment] = (),
) -> RollUp:
    """Roll a forecast up along a hierarchy.

    A won deal counts on the day on which it was closed, an open one on the day on which it is expected; a lost one counts nowhere.
    The lines are those of the collaborative forecast of Salesforce, single and cumulative.

    Args:
        deals: the deals, of any period.
        hierarchy: who stands above whom; see `salesmgmt.engines.hierarchy.hierarchy_on` for that of a day.
        period: what is forecast.
        currency: of all amounts; convert others first.
        as_of: the instant from which it is looked at.
        adjustments: judgements, in any order; those that are made later do not count.

    Raises:
        InvalidInput: an amount is in another currency, or what is won was adjusted; all are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.engines.hierarchy import Hierarchy
    >>> from salesmgmt.pipeline.forecast import Adjustment, ForecastLine, roll_up
    >>> now, team = datetime(2026, 3, 2, 9, tzinfo=UTC), Hierarchy({"ada": "chen", "bo": "chen"})
    >>> less = Adjustment(person="ada", line=ForecastLine.COMMIT_FORECAST, amount=Money(800, "EUR"), by="chen", at=now)
    >>> found = roll_up([], team, period=Period.quarter(2026, 1), currency="EUR", as_of=now, adjustments=[less])
    >>> line = found.people["chen"].lines[ForecastLine.COMMIT_FORECAST]
    >>> line.raw, line.amount
    (Money('0', 'EUR'), Money('800', 'EUR'))
    """
    require_aware(as_of, "as_of")
    own: dict[PersonId, CategoryAmounts] = {}
    counts: dict[PersonId, int] = {}
    nothing = CategoryAmounts.zero(currency)
    unowned = nothing
    undated: list[DealId] = []
    without: list[DealId] = []
    problems: list[Problem] = []
    for deal in deals:
        if deal.status is StageKind.LOST:
            continue
        day = deal.closed_on if deal.status is StageKind.WON else deal.expected_close
        if day is None:
            undated.append(DealId(deal.id))
        elif day not in period:
            continue
        elif deal.amount is None:
            without.append(DealId(deal.id))
        elif deal.amount.currency != currency:
            problems.append(
                Problem(f"deals[{shorten(deal.id)}].amount", "currency", deal.amount.currency, currency)
            )
        elif deal.owner is None:
            unowned = unowned.plus(deal.amount, deal.category)
        else:
            own[deal.owner] = own.get(deal.owner, nothing).plus(deal.amount, deal.category)
            counts[deal.owner] = counts.get(deal.owner, 0) + 1
    said = [one for one in adjustments if one.at <= as_of]
    spoken = _spoken(said, currency, problems)
    if problems:
        raise InvalidInput("the forecast", problems)
    people: dict[PersonId, PersonForecast] = {}
    outside = [person for person in own if person not in hierarchy.parents]
    for name in (*hierarchy.upwards, *outside):
        person = PersonId(name)
        below = [people[PersonId(child)] for child in hierarchy.children(name)]
        mine = own.get(person, nothing)
        people[person] = PersonForecast(
            person=person,
            own=mine,
            team=sum((child.team for child in below), start=mine),
            lines=_lines(person, hierarchy.parent(name), mine, below, spoken),
            deals=counts.get(person, 0),
        )
    return RollUp(
        period=period,
        as_of=as_of,
        people=FrozenMap(people),
        unowned=unowned,
        undated=tuple(undated),
        without_amount=tuple(without),
        disregarded=tuple(
            one
            for one in said
            if one.person not in people or one.by not in {one.person, hierarchy.parent(one.person)}
        ),
    )


def _lines(
    person: PersonId,
    manager: str | None,
    mine: CategoryAmounts,
    below: list[PersonForecast],
    spoken: Mapping[tuple[PersonId, ForecastLine, str], Adjustment],
) -> Mapping[ForecastLine, AdjustedLine]:
    lines: dict[ForecastLine, AdjustedLine] = {}
    for line in (*SINGLE_LINES, *CUMULATIVE_LINES):
        from_below = sum((child.lines[line].amount for child in below), start=mine.line(line))
        own = spoken.get((person, line, person))
        theirs = spoken.get((person, line, manager)) if manager is not None else None
        judged = theirs or own
        lines[line] = AdjustedLine(
            raw=sum((child.lines[line].raw for child in below), start=mine.line(line)),
            from_below=from_below,
            amount=from_below if judged is None or judged.amount is None else judged.amount,
            own=own,
            manager=theirs,
        )
    return FrozenMap(lines)


def _spoken(
    adjustments: Iterable[Adjustment], currency: str, problems: list[Problem]
) -> dict[tuple[PersonId, ForecastLine, str], Adjustment]:
    """The latest judgement by person, line and author; of two at one instant, the one that is given later."""
    latest: dict[tuple[PersonId, ForecastLine, str], Adjustment] = {}
    for place, one in enumerate(adjustments):
        where = f"adjustments[{place}]"
        if one.line in _FIRM:
            wanted = "a line that is not won yet"
            problems.append(Problem(f"{where}.line", "firm", one.line.value, wanted))
        if one.amount is not None and one.amount.currency != currency:
            problems.append(Problem(f"{where}.amount", "currency", one.amount.currency, currency))
        key = (one.person, one.line, one.by)
        if key not in latest or latest[key].at <= one.at:
            latest[key] = one
    return {key: one for key, one in latest.items() if one.amount is not None}
