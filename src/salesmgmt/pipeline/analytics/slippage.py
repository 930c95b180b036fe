"""What was due in a period and slipped out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.entity import DealId
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics._amounts import share, total_value
from salesmgmt.pipeline.deals import Deal, StageKind


@attrs.frozen(kw_only=True)
class Slippage:
    """What became of the deals that were due in a period.

    Attributes:
        due: open deals that were expected to close in the period, as they were at its start.
        slipped: those whose expected or actual close lies after the period now, or is not known any more.
        late: those that are open still, and were expected by now: nobody has moved their day.
        won: those that were won in time.
        lost: those that were lost in time.
        gone: those that are not there any more.
        due_value: what the due deals would bring, by their amounts at the start.
        rate: slipped value / due value, both by the amounts at the start.
        count_rate: slipped deals / due deals.

    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.pipeline.analytics import slippage
    >>> slippage({}, {}, Period.quarter(2026, 1)).rate
    Measured(None, flag='nothing_due', n=0, metric='slippage')
    """

    due: tuple[DealId, ...]
    slipped: tuple[DealId, ...]
    late: tuple[DealId, ...]
    won: tuple[DealId, ...]
    lost: tuple[DealId, ...]
    gone: tuple[DealId, ...]
    due_value: Measured[Money]
    rate: Measured[Decimal]
    count_rate: Measured[Decimal]


def slippage(before: Mapping[DealId, Deal], after: Mapping[DealId, Deal], period: Period) -> Slippage:
    """Measure how much of what was due in a period slipped out of it.

    Args:
        before: the deals as they were at the start of the period, by id: `snapshot(histories, at)` makes them from events.
        after: the same later on, at its end as a rule.
        period: the period.

    Returns:
        The figures; undefined with the flag `nothing_due`, `values_missing` or `mixed_currencies`.

    >>> import attrs
    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.pipeline.analytics import slippage
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
    >>> march = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(id="d-1", name="", pipeline="p", pipeline_version=1, pipeline_digest="", stage="new", status=StageKind.OPEN,
    ...             category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=march, stage_since=march,
    ...             amount=Money(900, "EUR"), expected_close=date(2026, 4, 10))
    >>> later = attrs.evolve(deal, expected_close=date(2026, 7, 1))
    >>> slippage({"d-1": deal}, {"d-1": later}, Period.quarter(2026, 2)).rate.value
    Decimal('1')
    """
    due = {id_: deal for id_, deal in before.items() if deal.is_open and _is_due(deal, period)}
    found: dict[str, list[DealId]] = {"slipped": [], "late": [], "won": [], "lost": [], "gone": []}
    for id_ in due:
        found[_became(after.get(id_), period)].append(id_)
    value = total_value(list(due.values()), "nothing_due")
    return Slippage(
        due=tuple(due),
        slipped=tuple(found["slipped"]),
        late=tuple(found["late"]),
        won=tuple(found["won"]),
        lost=tuple(found["lost"]),
        gone=tuple(found["gone"]),
        due_value=value,
        rate=_rate([due[id_] for id_ in found["slipped"]], value),
        count_rate=share(len(found["slipped"]), len(due), "nothing_due", "slippage_by_count"),
    )


def _is_due(deal: Deal, period: Period) -> bool:
    return deal.expected_close is not None and deal.expected_close in period


def _became(deal: Deal | None, period: Period) -> str:
    if deal is None:
        return "gone"
    if deal.status is StageKind.OPEN:
        day = deal.expected_close
        return "slipped" if day is None or day >= period.end else "late"
    if deal.closed_on is not None and deal.closed_on >= period.end:
        return "slipped"
    return "won" if deal.status is StageKind.WON else "lost"


def _rate(slipped: Sequence[Deal], due: Measured[Money]) -> Measured[Decimal]:
    if due.value is None or not due.value:
        flag = due.flag or "nothing_due"
        return Measured(None, flag, n=due.n, coverage=due.coverage, metric="slippage")
    moved = total_value(slipped, "nothing_slipped").or_else(Money.zero(due.value.currency))
    return Measured(moved / due.value, n=due.n, coverage=due.coverage, metric="slippage")
