"""The first figures of an import, for people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from salesmgmt.core.exact import CONTEXT
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.engines.metrics import MetricSet
from salesmgmt.imports.report import DealImport
from salesmgmt.pipeline.metrics import DEAL_FACTS, METRICS

_SIX_PLACES = Rounding("half_up", "0.000001")


def summary(name: str, outcome: DealImport, currency: str) -> Iterator[str]:
    r"""Yield the lines that say what was read, what was left out and why, and what the deals come to.

    >>> from salesmgmt.imports import DealImport
    >>> from salesmgmt.imports.figures import summary
    >>> nothing = DealImport(read=0, deals=(), events=(), rejects=(), unresolved=(), unused_columns=())
    >>> print(*summary("deals.csv", nothing, "EUR"), sep="\n")
    deals.csv: 0 read, 0 taken, 0 rejected
    won 0, lost 0, win rate undefined (no_closed_deals), won value 0 EUR, median won cycle undefined (no_won_deals) days
    """
    yield f"{name}: {outcome.read:,} read, {len(outcome.deals):,} taken, {len(outcome.rejects):,} rejected"
    figures = MetricSet(METRICS).compile(DEAL_FACTS, currency=currency).measure(outcome.deals)

    def shown(metric: str) -> str:
        figure = figures[metric]
        match figure.value:
            case None:
                return f"undefined ({figure.flag})"
            case Money(amount=number) | Percent(ratio=number) | (Decimal() as number):
                return f"{_SIX_PLACES.apply(number).normalize(CONTEXT):,f}"

    yield (
        f"won {shown('deals_won')}, lost {shown('deals_lost')}, win rate {shown('win_rate')}, "
        f"won value {shown('won_value')} {currency}, median won cycle {shown('won_cycle_days')} days"
    )
    yield from (f"warning: {unresolved}" for unresolved in outcome.unresolved)
    if outcome.unused_columns:
        yield f"columns that the mapping does not use: {', '.join(outcome.unused_columns)}"
    for reject in outcome.rejects[:10]:
        column = f", column {reject.column}" if reject.column else ""
        yield f"rejected row {reject.row}{column}: {reject.reason}"
    if len(outcome.rejects) > 10:
        yield f"and {len(outcome.rejects) - 10} more"
