"""Win and loss by competitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from salesmgmt.core.exact import divide
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.status import StageKind


@attrs.frozen(kw_only=True)
class CompetitorRecord:
    """How deals ended in which one competitor took part.

    Attributes:
        competitor: its name.
        won: deals that we won.
        lost: deals that we lost, to whomever.
        lost_to: deals that we lost to this competitor.
        undecided: deals that are open; they count in no rate.
        win_rate: deals won, of those won or lost; flag `no_closed_deals`.
        head_to_head: deals won, of those won or lost to this competitor; flag `no_closed_deals`.
        value_win_rate: amounts won, of those won or lost; flags `no_closed_deals`, `mixed_currencies` and
            `not_positive_value`; `n` counts the decided deals with an amount, `coverage` is their share.
    """

    competitor: str
    won: int
    lost: int
    lost_to: int
    undecided: int
    win_rate: Measured[Percent]
    head_to_head: Measured[Percent]
    value_win_rate: Measured[Percent]


def competition(deals: Iterable[Deal]) -> Mapping[str, CompetitorRecord]:
    """Say against whom deals are won and lost.

    A competitor took part in a deal when it stands among its competitors, or the deal was lost to it. Which deals belong to the
    question is for the caller to say: for a quarter, those that were closed in it.

    Args:
        deals: the deals, each once.

    Returns:
        The records by competitor, in the order of their names.

    >>> from datetime import UTC, datetime
    >>> import attrs
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind, competition
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> won = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="won",
    ...     status=StageKind.WON, category=ForecastCategory.CLOSED, probability=Estimate(Percent(100)),
    ...     opened_at=at, stage_since=at, competitors=("Bolt",),
    ... )
    >>> lost = attrs.evolve(won, id="d-2", status=StageKind.LOST, lost_to="Bolt")
    >>> record = competition([won, lost])["Bolt"]
    >>> str(record.win_rate.value), record.win_rate.n
    ('50%', 2)
    """  # fmt: skip
    met: dict[str, list[Deal]] = {}
    for deal in deals:
        for name in {*deal.competitors, *([deal.lost_to] if deal.lost_to else ())}:
            met.setdefault(name, []).append(deal)
    return {name: _record(name, met[name]) for name in sorted(met)}


def _record(name: str, deals: list[Deal]) -> CompetitorRecord:
    won = [deal for deal in deals if deal.status is StageKind.WON]
    lost = [deal for deal in deals if deal.status is StageKind.LOST]
    lost_to = sum(deal.lost_to == name for deal in lost)
    return CompetitorRecord(
        competitor=name,
        won=len(won),
        lost=len(lost),
        lost_to=lost_to,
        undecided=len(deals) - len(won) - len(lost),
        win_rate=_rate(len(won), len(won) + len(lost)),
        head_to_head=_rate(len(won), len(won) + lost_to),
        value_win_rate=_value_rate(won, lost),
    )


def _rate(won: int, decided: int) -> Measured[Percent]:
    if not decided:
        return Measured(None, flag="no_closed_deals")
    return Measured(Percent(divide(Decimal(100 * won), Decimal(decided))), n=decided)


def _value_rate(won: list[Deal], lost: list[Deal]) -> Measured[Percent]:
    decided = len(won) + len(lost)
    if not decided:
        return Measured(None, flag="no_closed_deals")
    amounts = [deal.amount for deal in (*won, *lost) if deal.amount is not None]
    coverage, n = divide(Decimal(len(amounts)), Decimal(decided)), len(amounts)
    currencies = {amount.currency for amount in amounts}
    if len(currencies) > 1:
        return Measured(None, flag="mixed_currencies", n=n, coverage=coverage)
    total = Money.total(amounts, *currencies) if amounts else None
    # A part of the whole is a share only where none of them lies below nothing.
    if total is None or total.amount <= 0 or min(amount.amount for amount in amounts) < 0:
        return Measured(None, flag="not_positive_value", n=n, coverage=coverage)
    gained = Money.total((deal.amount for deal in won if deal.amount is not None), total.currency)
    return Measured(Percent((gained * 100) / total), n=n, coverage=coverage)
