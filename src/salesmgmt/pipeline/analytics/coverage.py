"""Whether there is enough in the pipeline for a quota."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money


@attrs.frozen(kw_only=True)
class PipelineCoverage:
    """How often the open pipeline covers a quota.

    Attributes:
        of_remaining: open / (quota - won): of what is left to win.
        of_quota: open / quota: of the whole.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import pipeline_coverage
    >>> coverage = pipeline_coverage(Money(600, "EUR"), Money(400, "EUR"), won=Money(200, "EUR"))
    >>> str(coverage.of_remaining.value), str(coverage.of_quota.value)
    ('3', '1.5')
    """

    of_remaining: Measured[Decimal]
    of_quota: Measured[Decimal]


def pipeline_coverage(open_pipeline: Money, quota: Money, *, won: Money | None = None) -> PipelineCoverage:
    """Work out how often an open pipeline covers a quota, and what is left of it.

    Args:
        open_pipeline: value of the open deals that may still close in time.
        quota: what is to be won.
        won: what has been won already; nothing by default.

    Returns:
        Both ratios; undefined with the flag `no_quota` when it is not above zero, the first one with `quota_met` when nothing is
        left to win.

    Raises:
        CurrencyMismatch: the amounts are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import pipeline_coverage
    >>> pipeline_coverage(Money(600, "EUR"), Money(400, "EUR"), won=Money(400, "EUR")).of_remaining.flag
    'quota_met'
    """
    left = quota if won is None else quota - won
    if quota.amount <= 0:
        return PipelineCoverage(
            of_remaining=_undefined("no_quota", "coverage_of_remaining"),
            of_quota=_undefined("no_quota", "coverage_of_quota"),
        )
    return PipelineCoverage(
        of_remaining=_undefined("quota_met", "coverage_of_remaining")
        if left.amount <= 0
        else Measured(open_pipeline / left, metric="coverage_of_remaining"),
        of_quota=Measured(open_pipeline / quota, metric="coverage_of_quota"),
    )


def forecast_coverage(forecast: Money, quota: Money) -> Measured[Decimal]:
    """Return which part of a quota a forecast reaches: forecast / quota.

    Undefined with the flag `no_quota` when the quota is not above zero.

    Raises:
        CurrencyMismatch: the amounts are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.analytics import forecast_coverage
    >>> str(forecast_coverage(Money(90, "EUR"), Money(120, "EUR")).value)
    '0.75'
    """
    if quota.amount <= 0:
        return _undefined("no_quota", "forecast_coverage")
    return Measured(forecast / quota, metric="forecast_coverage")


def _undefined(flag: str, metric: str) -> Measured[Decimal]:
    return Measured(None, flag, metric=metric)
