"""Kinds `dataset_*` on the CRM export, read by the importer and measured by definitions of `engines.metrics`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.measured import AnyMeasured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Count, Median, Metric, MetricSet, Ratio
from salesmgmt.imports import DealMapping, read_deals
from salesmgmt.pipeline import Ageing, Deal
from salesmgmt.pipeline.metrics import DEAL_FACTS, METRICS
from tests.cases.case import Adapter, Case, Unsupported, day
from tests.imports.conftest import MAPPING, PIPELINE

FOLDER = Path(os.environ.get("SALESMGMT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "crm"
FILE = "sales_pipeline.csv"
MORE = (
    Metric(id="lost_cycle_days", facts="deal", aggregate=Median("cycle_days", where="status == 'lost'")),
    Metric(id="closed_cycle_days", facts="deal", aggregate=Median("cycle_days", where="status != 'open'")),
    Metric(id="deals", facts="deal", aggregate=Count()),
    Metric(
        id="prospect_to_engage", facts="deal", aggregate=Ratio(Count("opened_at is not missing"), Count())
    ),
    Metric(
        id="engage_to_closed",
        facts="deal",
        aggregate=Ratio(Count("status != 'open'"), Count("opened_at is not missing")),
    ),
    Metric(
        id="engage_to_won",
        facts="deal",
        aggregate=Ratio(Count("status == 'won'"), Count("opened_at is not missing")),
    ),
)
FIGURES = MetricSet((*METRICS, *MORE)).compile(DEAL_FACTS, currency="USD")
KEYS = {"sales_agent": "owner", "product": "product", "account": "account"}


@cache
def _deals() -> tuple[Deal, ...]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pipeline.toml").write_text(PIPELINE, encoding="utf-8")
        (Path(folder) / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        mapping = DealMapping.load(Path(folder) / "mapping.toml")
        return read_deals(
            FOLDER / FILE, mapping, at=datetime(2026, 1, 1, tzinfo=UTC), by=Actor("cases")
        ).deals


def deals(case: Case) -> tuple[Deal, ...]:
    """The deals of the data set that a case names; unsupported when it is another one, or not at hand."""
    if case.given.take("dataset") != "maven_crm" or case.given.take("file", FILE) != FILE:
        raise Unsupported("another data set")
    if not (FOLDER / FILE).exists():
        raise Unsupported("the data set is not at hand")
    checksum = case.given.take("sha256", None)
    if checksum not in {None, hashlib.sha256((FOLDER / FILE).read_bytes()).hexdigest()}:
        raise Unsupported("another edition of the data set")
    return _deals()


def _plain(figure: AnyMeasured) -> Any:
    value = figure.value
    return value.amount if isinstance(value, Money) else value


def win_rate(case: Case) -> dict[str, Any]:
    figures = FIGURES.measure(deals(case))
    return {
        "rows": _plain(figures["deals"]),
        "won": _plain(figures["deals_won"]),
        "lost": _plain(figures["deals_lost"]),
        "win_rate": _plain(figures["win_rate"]),
    }


def cycle_days(case: Case) -> dict[str, Any]:
    figures = FIGURES.measure(deals(case))
    return {
        "median_days": {name: _plain(figures[f"{name}_cycle_days"]) for name in ("won", "lost", "closed")}
    }


def _quarters(first: date, last: date) -> dict[str, Period]:
    return {
        f"{year}Q{quarter}": Period.quarter(year, quarter)
        for year in range(first.year, last.year + 1)
        for quarter in range(1, 5)
    }


def won_by_quarter(case: Case) -> dict[str, Any]:
    closed = [deal for deal in deals(case) if deal.closed_on is not None]
    days = [deal.closed_on for deal in closed if deal.closed_on is not None]
    values = {}
    for name, period in _quarters(min(days), max(days)).items():
        within = [deal for deal in closed if deal.closed_on is not None and deal.closed_on in period]
        values[name] = _plain(FIGURES.measure(within)["won_value"])
    return {"won_value": values}


def win_rate_by(case: Case) -> dict[str, Any]:
    key = case.when.choice("by", KEYS)
    rates = {
        group: figure.value
        for group, figure in FIGURES.by(deals(case), key)["win_rate"].items()
        if figure.value is not None
    }
    best, worst = max(rates, key=lambda group: rates[group]), min(rates, key=lambda group: rates[group])
    return {
        "groups": len(rates),
        "best": {"group": best, "win_rate": rates[best]},
        "worst": {"group": worst, "win_rate": rates[worst]},
    }


def velocity(case: Case) -> dict[str, Any]:
    name = case.when.take("quarter")
    period = Period.quarter(int(name[:4]), int(name[-1]))
    within = [deal for deal in deals(case) if deal.closed_on is not None and deal.closed_on in period]
    return {"per_day": _plain(FIGURES.measure(within)["sales_velocity"])}


def funnel(case: Case) -> dict[str, Any]:
    figures = FIGURES.measure(deals(case))
    return {
        name: _plain(figures[name]) for name in ("prospect_to_engage", "engage_to_closed", "engage_to_won")
    }


def age_buckets(case: Case) -> dict[str, Any]:
    as_of = day(case.when.take("as_of"))
    stage = case.when.choice("stage", {"Prospecting": "prospecting", "Engaging": "engaging"})
    ages = Ageing(tuple(int(limit) for limit in case.when.take("limits")))
    counts = Counter(
        ages.bucket((as_of - deal.opened_at.date()).days)
        for deal in deals(case)
        if deal.stage == stage and deal.opened_at is not None
    )
    return {"counts": {label: counts[label] for label in ages.labels}}


ADAPTERS: dict[str, Adapter] = {
    "dataset_win_rate": win_rate,
    "dataset_cycle_days": cycle_days,
    "dataset_won_by_quarter": won_by_quarter,
    "dataset_win_rate_by": win_rate_by,
    "dataset_velocity": velocity,
    "dataset_funnel": funnel,
    "dataset_age_buckets": age_buckets,
}
