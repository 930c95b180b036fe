"""Kinds `dataset_*` on the CRM export, read by the importer and measured by `pipeline.analytics` and `engines.metrics`."""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.formula import Value
from salesmgmt.core.measured import AnyMeasured
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.engines.metrics import Count, Median, Metric, MetricSet, Ratio
from salesmgmt.imports import DealImport, DealMapping, read_deals, read_keys
from salesmgmt.pipeline.analytics import Key, deal_ages, deal_velocity, win_loss
from salesmgmt.pipeline.analytics import win_rate as measured_rate
from salesmgmt.pipeline.deals import Deal
from salesmgmt.pipeline.metrics import DEAL_FACTS, METRICS
from tests.cases.case import Adapter, Case, Unsupported, day
from tests.imports.conftest import MAPPING, PIPELINE

FOLDER = Path(os.environ.get("SALESMGMT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "crm"
FILE = "sales_pipeline.csv"
MORE = (
    Metric(id="lost_cycle_days", facts="deal", aggregate=Median("cycle_days", where="status == 'lost'")),
    Metric(id="closed_cycle_days", facts="deal", aggregate=Median("cycle_days", where="status != 'open'")),
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
KEYS: dict[str, Key] = {"sales_agent": "owner", "product": "product", "account": "account"}
JOINED = {
    "manager": ("sales_teams.csv", "sales_agent", "manager", "owner"),
    "regional_office": ("sales_teams.csv", "sales_agent", "regional_office", "owner"),
    "series": ("products.csv", "product", "series", "product"),
    "sector": ("accounts.csv", "account", "sector", "account"),
    "office_location": ("accounts.csv", "account", "office_location", "account"),
}


def _import(products: Collection[str] | None = None) -> DealImport:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pipeline.toml").write_text(PIPELINE, encoding="utf-8")
        (Path(folder) / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        mapping = DealMapping.load(Path(folder) / "mapping.toml")
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return read_deals(FOLDER / FILE, mapping, at=at, by=Actor("cases"), products=products)


@cache
def export() -> tuple[Deal, ...]:
    return _import().deals


def deals(case: Case) -> tuple[Deal, ...]:
    """The deals of the data set that a case names; unsupported when it is another one, or not at hand."""
    if case.given.take("dataset") != "maven_crm" or case.given.take("file", FILE) != FILE:
        raise Unsupported("another data set")
    if not (FOLDER / FILE).exists():
        raise Unsupported("the data set is not at hand")
    checksum = case.given.take("sha256", None)
    if checksum not in {None, hashlib.sha256((FOLDER / FILE).read_bytes()).hexdigest()}:
        raise Unsupported("another edition of the data set")
    return export()


def _plain(figure: AnyMeasured) -> Any:
    value = figure.value
    return value.amount if isinstance(value, Money) else value


def win_rate(case: Case) -> dict[str, Any]:
    every = deals(case)
    rate = measured_rate(every, by="closed")
    return {
        "rows": len(every),
        "won": rate.won,
        "lost": rate.lost,
        "win_rate": rate.count.value,
        "value_win_rate": rate.value.value,
        "won_value": _plain(rate.won_value),
        "lower": measured_rate(every, by="created").lower.value,
        "upper": measured_rate(every, by="created").upper.value,
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
    every = deals(case)
    days = [deal.closed_on for deal in every if deal.closed_on is not None]
    found = {
        name: measured_rate(every, by="closed", period=period).won_value
        for name, period in _quarters(min(days), max(days)).items()
    }
    return {"won_value": {name: _plain(value) for name, value in found.items()}}


def win_rate_by(case: Case) -> dict[str, Any]:
    every = deals(case)
    key = case.when.choice("by", {**KEYS, **{column: _joined(*place) for column, place in JOINED.items()}})
    rates = {
        group: rate.count.value
        for group, rate in win_loss(every, key, by="closed").items()
        if rate.count.value is not None and group is not None
    }
    best, worst = max(rates, key=lambda group: rates[group]), min(rates, key=lambda group: rates[group])
    return {
        "groups": len(rates),
        "best": {"group": best, "win_rate": rates[best]},
        "worst": {"group": worst, "win_rate": rates[worst]},
        "rates": rates,
    }


def _joined(file: str, key: str, column: str, field: str) -> Callable[[Deal], Value | None]:
    """How a column of another file is read off a deal, by the key that the deal has of it."""
    with (FOLDER / file).open(encoding="utf-8", newline="") as opened:
        values = {row[key]: row[column] for row in csv.DictReader(opened)}
    return lambda deal: values.get(getattr(deal, field) or "")


def velocity(case: Case) -> dict[str, Any]:
    name = case.when.take("quarter")
    period = Period.quarter(int(name[:4]), int(name[-1]))
    figure = deal_velocity(deals(case), by="closed", period=period)
    return {"per_day": _plain(figure.per_day), "per_30_days": _plain(figure.per_30_days)}


def funnel(case: Case) -> dict[str, Any]:
    figures = FIGURES.measure(deals(case))
    return {
        name: _plain(figures[name]) for name in ("prospect_to_engage", "engage_to_closed", "engage_to_won")
    }


def age_buckets(case: Case) -> dict[str, Any]:
    stage = case.when.choice("stage", {"Prospecting": "prospecting", "Engaging": "engaging"})
    ages = deal_ages(
        [deal for deal in deals(case) if deal.stage == stage],
        as_of=day(case.when.take("as_of")),
        limits=[int(limit) for limit in case.when.take("limits")],
    )
    return {"counts": {bucket.label: bucket.count for bucket in ages.buckets}, "undated": ages.undated}


def quality(case: Case) -> dict[str, Any]:
    every = deals(case)
    found = _import(products=read_keys(FOLDER / "products.csv", "product"))
    absent = {
        "account": "account",
        "engage_date": "opened_at",
        "close_date": "closed_on",
        "close_value": "amount",
    }
    return {
        "rows": found.read,
        "rejected": len(found.rejects),
        "missing": {
            column: sum(getattr(deal, field) is None for deal in every) for column, field in absent.items()
        },
        **{
            f"missing_{column}": sum(getattr(deal, field) is None for deal in every)
            for column, field in absent.items()
        },
        "unknown_products": sum(one.count for one in found.unresolved if one.field == "product"),
    }


ADAPTERS: dict[str, Adapter] = {
    "dataset_win_rate": win_rate,
    "dataset_cycle_days": cycle_days,
    "dataset_won_by_quarter": won_by_quarter,
    "dataset_win_rate_by": win_rate_by,
    "dataset_velocity": velocity,
    "dataset_funnel": funnel,
    "dataset_age_buckets": age_buckets,
    "dataset_quality": quality,
}
