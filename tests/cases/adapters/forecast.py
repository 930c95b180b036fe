"""Kinds of `forecast_metrics` about forecasts: `forecast_rollup`, `weighted_pipeline`, `pipeline_distribution`."""

from __future__ import annotations

from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, ForecastCategory, StageKind
from salesmgmt.pipeline.forecast import CategoryAmounts, Chance, distribution, weigh
from tests.cases.adapters.forecast_metrics import STATUSES, deal, money
from tests.cases.case import Adapter, Case, Keys, Unsupported


def rollup(case: Case) -> dict[str, Any]:
    amounts = CategoryAmounts.zero("USD")
    given = case.given.inner("amounts")
    for category in ForecastCategory:
        amounts = amounts.plus(money(given.take(category.value, 0)), category)
    return {
        "single": {line.value: amount.amount for line, amount in amounts.single.items()},
        "cumulative": {line.value: amount.amount for line, amount in amounts.cumulative.items()},
    }


def _entries(case: Case) -> list[Keys]:
    return [Keys(entry, f"deals[{place}]") for place, entry in enumerate(case.given.take("deals"))]


def _done(entries: list[Keys]) -> None:
    if unread := [key for entry in entries for key in entry.unread()]:
        raise Unsupported(f"not read: {', '.join(unread)}")


def weighted(case: Case) -> dict[str, Any]:
    entries = _entries(case)
    periods: dict[str, str | None] = {}
    deals: list[Deal] = []
    for place, entry in enumerate(entries):
        deals.append(deal(entry, place))
        periods[deals[-1].id] = entry.take("period", None)
    _done(entries)
    found = weigh(deals, currency="USD")
    by_status = {StageKind.OPEN: found.weighted, StageKind.WON: found.won, StageKind.LOST: Money.zero("USD")}
    return {
        "weighted": found.weighted.amount,
        "parts": [part.weighted.amount for part in found.parts],
        "value_total": found.total.amount,
        "by_period": {key: sums.amount for key, sums in found.by(lambda one: periods[one.id]).items()},
        "by_stage": {key: sums.amount for key, sums in found.by(lambda one: one.stage).items()},
        "by_status": {status.value: sums.amount for status, sums in by_status.items()},
    }


def chances(case: Case) -> dict[str, Any]:
    entries = _entries(case)
    given = []
    for entry in entries:
        # What is closed is no longer a chance.
        is_open = entry.choice("status", STATUSES, "open") is StageKind.OPEN
        for about in ("stage", "period"):
            entry.take(about, None)
        name = "probability" if "probability" in entry else "percent"
        figure = entry.number(name)
        share = Percent.of_ratio(figure) if name == "probability" else Percent(figure)
        chance = Chance(money(entry.take("value")), share)
        given += [chance] if is_open else []
    _done(entries)
    found = distribution(given, currency="USD")
    return {
        "mean": found.mean.amount,
        "variance": found.variance,
        "sd": found.sd.amount,
        "p_all": found.all_come,
        "p_none": found.none_comes,
    }


ADAPTERS: dict[str, Adapter] = {
    "forecast_rollup": rollup,
    "weighted_pipeline": weighted,
    "pipeline_distribution": chances,
}
